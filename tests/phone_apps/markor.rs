//! Markor: what is made, written, renamed, moved and deleted on its screens are files of the notebook.

use super::driver::Phone;
use stepdroid::phone::apps::markor::NOTEBOOK;
use stepdroid::phone::providers::documents;
use stepdroid::phone::system::Intent;

const MARKOR: &str = "net.gsantner.markor";
const EDITOR: &str = "document__fragment__edit__highlighting_editor";
/// As tasks write it: the volume does not care about case.
const SHELL: &str = "/storage/emulated/0/Documents/Markor";

fn phone_with(files: &[(&str, &str)]) -> Phone {
    let mut phone = Phone::new();
    for (name, text) in files {
        let path = format!("{SHELL}/{name}");
        if let Some((folder, _)) = path.rsplit_once('/') {
            phone.system.files.make_dirs(folder).unwrap();
        }
        phone.system.files.write(&path, text).unwrap();
        phone.wait(60_000);
    }
    phone.open(MARKOR);
    phone
}

fn note(phone: &Phone, name: &str) -> Option<String> {
    phone.read(&format!("{SHELL}/{name}"))
}

/// The rows of the list in front, from top to bottom.
fn rows(phone: &mut Phone) -> Vec<String> {
    let nodes = phone.nodes().into_iter();
    let rows = nodes.filter(|node| node.id.ends_with("opoc_filesystem_item__root"));
    rows.map(|node| {
        assert!(node.clickable);
        node.description
    })
    .collect()
}

#[test]
fn the_first_start_leads_to_the_notebook() {
    let mut phone = Phone::fresh();
    phone.open(MARKOR);
    for title in ["Main View", "View", "Share -> Markor", "To-Do"] {
        assert!(phone.sees(title), "{}", phone.screen());
        phone.tap("NEXT");
    }
    assert!(phone.sees("QuickNote") && !phone.sees("NEXT"));
    phone.tap("done");
    phone.tap("android:id/button1");
    assert_eq!(phone.windows.focused().package, "com.android.settings");
    phone.back();
    assert!(phone.sees("EXIT"));
    phone.tap("OK");
    phone.tap("Allow access to manage all files");
    phone.back();
    assert!(phone.sees("Markor v2.10.9"));
    phone.tap("OK");
    assert_eq!(rows(&mut phone), ["Folder .. "]);
    assert!(phone.sees("empty_hint") && phone.sees("Markor"));
    assert_eq!(
        phone.names("/storage/emulated/0/Documents"),
        ["markor"].map(str::to_owned)
    );
    assert!(phone.names(SHELL).is_empty());
    phone.stop(MARKOR);
    phone.open(MARKOR);
    assert!(phone.sees("fab_add_new_item"));
}

#[test]
fn a_start_after_an_interrupted_first_start_shows_no_news() {
    let mut phone = Phone::fresh();
    phone.open(MARKOR);
    for button in ["NEXT", "NEXT", "NEXT", "NEXT", "DONE", "OK"] {
        phone.tap(button);
    }
    phone.tap("Allow access to manage all files");
    phone.stop("com.android.settings");
    phone.stop(MARKOR);
    phone.open(MARKOR);
    assert!(phone.sees("fab_add_new_item"), "{}", phone.screen());
}

#[test]
fn a_note_is_created_with_its_text() {
    let mut phone = phone_with(&[]);
    phone.tap("Create a new file or folder");
    assert!(phone.windows.keyboard_shown());
    assert_eq!(phone.node("new_file_dialog__name").hint, "my_note");
    assert_eq!(phone.node("new_file_dialog__ext").text, ".md");
    phone.write("shop/ping?");
    phone.tap("OK");
    assert_eq!(note(&phone, "shopping.md").as_deref(), Some(""));
    assert_eq!(
        phone.node("note__activity__text_note_title").text,
        "shopping"
    );
    assert!(!phone.node("Save").enabled);
    phone.fill(EDITOR, "Milk, eggs");
    phone.key(66);
    phone.write("bread");
    assert_eq!(note(&phone, "shopping.md").as_deref(), Some(""));
    phone.tap("Save");
    assert!(!phone.node("Save").enabled);
    assert_eq!(
        note(&phone, "shopping.md").as_deref(),
        Some("Milk, eggs\nbread")
    );
    phone.leave();
    assert_eq!(rows(&mut phone), ["Folder .. ", "File shopping.md "]);
}

#[test]
fn the_type_sets_the_extension_and_is_remembered() {
    let mut phone = phone_with(&[]);
    phone.tap("fab_add_new_item");
    phone.write("clip");
    phone.tap("new_file_dialog__type");
    phone.tap("Plain Text");
    assert_eq!(phone.node("new_file_dialog__ext").text, ".txt");
    phone.tap("android:id/button1");
    phone.leave();
    assert!(note(&phone, "clip.txt").is_some());
    phone.tap("fab_add_new_item");
    assert_eq!(phone.node("new_file_dialog__ext").text, ".txt");
    phone.write("merged");
    phone.tap("new_file_dialog__type");
    phone.tap("None");
    phone.tap("new_file_dialog__template");
    phone.tap("Checklist");
    phone.tap("android:id/button1");
    assert!(note(&phone, "merged").unwrap().contains("- [ ] "));
    phone.leave();
    // An empty name makes nothing; a name that exists is opened as it is.
    phone.tap("fab_add_new_item");
    phone.tap("android:id/button1");
    assert!(phone.sees("fab_add_new_item"));
    phone.tap("fab_add_new_item");
    phone.write("clip.txt");
    phone.tap("android:id/button1");
    assert!(phone.sees(EDITOR));
    phone.leave();
    assert_eq!(phone.names(SHELL), ["clip.txt", "merged"]);
}

#[test]
fn a_folder_is_created_opened_and_left() {
    let mut phone = phone_with(&[("a.md", "a")]);
    phone.tap("fab_add_new_item");
    phone.write("folder_20231015");
    phone.tap("FOLDER");
    assert!(
        phone
            .system
            .files
            .is_dir(&format!("{SHELL}/folder_20231015"))
    );
    assert_eq!(
        rows(&mut phone),
        ["Folder .. ", "Folder folder_20231015 ", "File a.md "]
    );
    phone.tap("Folder folder_20231015 ");
    assert!(phone.sees("> folder_20231015"));
    assert_eq!(rows(&mut phone), ["Folder .. "]);
    phone.tap("Folder .. ");
    phone.tap("Folder .. ");
    assert!(phone.sees("> Documents"));
    phone.tap("Folder markor ");
    assert!(phone.sees("Markor"));
    phone.back();
    assert!(phone.sees("Press 'Back' again to exit"));
    phone.back();
    assert!(phone.windows.focused().package.contains("launcher"));
}

#[test]
fn notes_are_deleted_after_a_question() {
    let mut phone = phone_with(&[("a.md", "a"), ("b.txt", "b"), ("c", "c"), ("d/e.md", "e")]);
    phone.long_press("File a.md ");
    assert_eq!(
        phone.node("Selected a.md ").class,
        "android.widget.LinearLayout"
    );
    assert!(!phone.sees("Go to") && phone.sees("Rename"));
    phone.tap("File c ");
    phone.tap("Folder d ");
    assert!(!phone.sees("Rename") && phone.sees("Selected d "));
    phone.tap("Delete");
    assert!(phone.sees("Confirm Delete"));
    phone.tap("CANCEL");
    assert_eq!(phone.names(SHELL).len(), 4);
    phone.tap("action_delete_selected_items");
    phone.tap("OK");
    assert_eq!(phone.names(SHELL), ["b.txt"]);
    assert_eq!(rows(&mut phone), ["Folder .. ", "File b.txt "]);
    phone.long_press("File b.txt ");
    phone.tap("Selected b.txt ");
    assert!(phone.sees("Go to"));
}

#[test]
fn the_question_before_deleting_fits_any_number_of_notes() {
    let names: Vec<String> = (10..19).map(|number| format!("{number}.md")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    let mut phone = phone_with(&files);
    phone.long_press("File 10.md ");
    for name in &names[1..] {
        phone.tap(&format!("File {name} "));
    }
    phone.tap("Delete");
    phone.tap("OK");
    assert!(phone.names(SHELL).is_empty());
}

#[test]
fn a_note_is_renamed_unless_the_name_is_taken() {
    let mut phone = phone_with(&[("old.md", "text"), ("other.md", "x")]);
    phone.long_press("File old.md ");
    phone.tap("Rename");
    assert_eq!(phone.node("new_name").text, "old.md");
    phone.replace("new_name", "OTHER.md");
    phone.tap("OK");
    assert!(!phone.node("android:id/button1").enabled);
    assert!(phone.node("dialog_message").text.contains("already exists"));
    phone.replace("new_name", "new.md");
    phone.tap("OK");
    assert_eq!(phone.names(SHELL), ["new.md", "other.md"]);
    assert_eq!(note(&phone, "new.md").as_deref(), Some("text"));
    phone.long_press("File new.md ");
    phone.tap("Rename");
    phone.replace("new_name", "New.md");
    phone.tap("OK");
    assert_eq!(phone.names(SHELL), ["New.md", "other.md"]);
}

#[test]
fn a_note_is_moved_through_the_folder_chooser() {
    let mut phone = phone_with(&[
        ("Work/note.md", "n"),
        ("Work/stays.md", "s"),
        ("Plans/other.md", "o"),
    ]);
    phone.tap("Folder Work ");
    phone.long_press("File note.md ");
    phone.tap("More options");
    phone.tap("Move");
    assert!(phone.sees("Move → Work"));
    assert_eq!(rows(&mut phone), ["Folder .. "]);
    phone.tap("Folder .. ");
    assert_eq!(
        rows(&mut phone),
        ["Folder .. ", "Folder Plans ", "Folder Work "]
    );
    phone.tap("Folder Plans ");
    phone.tap("SELECT THIS FOLDER");
    assert_eq!(rows(&mut phone), ["Folder .. ", "File stays.md "]);
    assert_eq!(
        phone.names(&format!("{SHELL}/Plans")),
        ["note.md", "other.md"]
    );
    assert_eq!(phone.names(&format!("{SHELL}/Work")), ["stays.md"]);
    phone.long_press("File stays.md ");
    phone.tap("More options");
    phone.tap("Copy");
    phone.tap("SELECT THIS FOLDER");
    assert_eq!(
        phone.names(&format!("{SHELL}/Work")),
        ["stays.md", "stays_1.md"]
    );
    phone.long_press("File stays.md ");
    phone.tap("File stays_1.md ");
    phone.tap("More options");
    phone.tap("Copy");
    phone.tap("ui__filesystem_dialog__home");
    phone.tap("SELECT THIS FOLDER");
    phone.long_press("File stays.md ");
    phone.tap("File stays_1.md ");
    phone.tap("More options");
    phone.tap("Move");
    phone.tap("ui__filesystem_dialog__home");
    phone.tap("SELECT THIS FOLDER");
    phone.tap("Skip");
    phone.tap("Keep both");
    assert_eq!(phone.names(&format!("{SHELL}/Work")), ["stays.md"]);
    assert!(note(&phone, "stays_1_1.md").is_some());
}

#[test]
fn a_note_is_edited_in_the_middle_and_at_its_end() {
    let mut phone = phone_with(&[("note.md", "old text\n")]);
    let before = phone
        .system
        .files
        .metadata(&format!("{SHELL}/note.md"))
        .unwrap();
    phone.wait(60_000);
    phone.tap("File note.md ");
    assert_eq!(phone.node(EDITOR).text, "old text\n");
    phone.back();
    // Reading leaves every time as it was.
    let after = phone
        .system
        .files
        .metadata(&format!("{SHELL}/note.md"))
        .unwrap();
    assert_eq!(before, after);
    phone.tap("File note.md ");
    let [left, top, ..] = phone.node(EDITOR).bounds;
    phone.windows.tap(&mut phone.system, left + 4, top + 30);
    phone.write("header");
    phone.key(66);
    phone.key(66);
    phone.leave();
    assert_eq!(
        note(&phone, "note.md").as_deref(),
        Some("header\n\nold text\n")
    );
    phone.tap("File note.md ");
    phone.fill(EDITOR, "footer");
    phone.home();
    assert_eq!(
        note(&phone, "note.md").as_deref(),
        Some("header\n\nold text\nfooter")
    );
    phone.open(MARKOR);
    phone.replace(EDITOR, "all new");
    phone.tap("Undo");
    assert!(phone.node(EDITOR).text.ends_with("footer"));
    phone.tap("Redo");
    phone.tap("Save");
    assert_eq!(note(&phone, "note.md").as_deref(), Some("all new"));
    let changed = phone
        .system
        .files
        .metadata(&format!("{SHELL}/note.md"))
        .unwrap();
    assert!(changed.modified_micros > before.modified_micros);
}

#[test]
fn the_view_mode_is_remembered_and_single_characters_need_the_save_button() {
    let mut phone = phone_with(&[("note.md", "# Title\nbody")]);
    phone.tap("File note.md ");
    phone.tap("View mode");
    assert!(phone.sees("document__fragment_view_webview") && phone.sees("Title"));
    phone.leave();
    phone.tap("File note.md ");
    phone.tap("Edit mode");
    phone.replace(EDITOR, "x");
    phone.leave();
    assert_eq!(note(&phone, "note.md").as_deref(), Some("# Title\nbody"));
    phone.tap("File note.md ");
    phone.replace(EDITOR, "x");
    phone.tap("Save");
    phone.leave();
    assert_eq!(note(&phone, "note.md").as_deref(), Some("x"));
}

#[test]
fn the_order_is_chosen_and_kept() {
    let mut phone = phone_with(&[("b.md", "1"), ("C.md", "333"), ("a.txt", "22"), ("z/x", "")]);
    assert_eq!(
        rows(&mut phone),
        [
            "Folder .. ",
            "Folder z ",
            "File a.txt ",
            "File b.md ",
            "File C.md "
        ]
    );
    phone.tap("Sort by");
    phone.tap("Date");
    let by_date = [
        "Folder .. ",
        "Folder z ",
        "File b.md ",
        "File C.md ",
        "File a.txt ",
    ];
    assert_eq!(rows(&mut phone), by_date);
    phone.tap("Sort by");
    phone.tap("Reverse order");
    phone.tap("Sort by");
    let marks = phone.nodes().into_iter().filter(|node| node.checked);
    assert_eq!(marks.count(), 3);
    phone.tap("Folder first");
    phone.stop(MARKOR);
    phone.open(MARKOR);
    assert_eq!(
        rows(&mut phone),
        [
            "Folder .. ",
            "Folder z ",
            "File a.txt ",
            "File C.md ",
            "File b.md "
        ]
    );
    // Another hand makes a file: it is seen when the list comes back.
    phone.home();
    phone
        .system
        .files
        .write(&format!("{SHELL}/.dot"), "")
        .unwrap();
    phone
        .system
        .files
        .write(&format!("{SHELL}/new.md"), "")
        .unwrap();
    phone.open(MARKOR);
    assert_eq!(rows(&mut phone)[1], "File new.md ");
}

#[test]
fn to_do_and_quick_note_are_files_once_something_was_written() {
    let mut phone = phone_with(&[]);
    phone.tap("To-Do");
    assert!(phone.node("nav_todo").selected);
    phone.tap("QuickNote");
    phone.fill(EDITOR, "remember");
    phone.hide_keyboard();
    assert!(phone.names(NOTEBOOK).is_empty());
    phone.tap("More");
    assert_eq!(note(&phone, "quicknote.md").as_deref(), Some("remember"));
    phone.tap("Files");
    assert_eq!(rows(&mut phone), ["Folder .. ", "File quicknote.md "]);
}

#[test]
fn files_are_found_by_name_and_text_and_copied_to_the_clipboard() {
    let mut phone = phone_with(&[
        ("deep/er/apple.md", "fruit"),
        ("pear.md", "like an apple"),
        ("plum.md", "x"),
    ]);
    phone.tap("Search");
    phone.write("apple");
    phone.tap("OK");
    assert!(phone.sees("pear.md") && !phone.sees("plum.md"));
    phone.tap("deep/er/apple.md");
    assert_eq!(phone.node(EDITOR).text, "fruit");
    phone.leave();
    assert!(phone.sees("> er"));
    phone.long_press("File apple.md ");
    phone.tap("More options");
    phone.tap("Clipboard");
    assert_eq!(phone.system.clipboard.as_deref(), Some("fruit"));
}

#[test]
fn documents_of_other_apps_are_edited() {
    let mut phone = Phone::new();
    let path = "/storage/emulated/0/Download/to do: 100%.txt";
    phone.system.files.write(path, "Water the ferns\n").unwrap();
    for data in [documents::uri_of(path), format!("file://{path}")] {
        phone.stop(MARKOR);
        let mut edit = Intent::action(Intent::EDIT).data(data).mime("text/plain");
        edit.package = Some(MARKOR.to_owned());
        phone.start(&edit);
        let shown = phone.screen();
        assert!(shown.contains("Water the ferns"), "{shown}");
    }
}
