//! Joplin: notes written, changed, found, moved and thrown away, and what the database then holds.

use super::driver::Phone;
use stepdroid::phone::apps::joplin::database;
use stepdroid::phone::system::Intent;

const JOPLIN: &str = "net.cozic.joplin";

/// The rows of a statement, their columns joined by bars.
fn rows(phone: &Phone, statement: &str) -> Vec<String> {
    let connection = phone.system.database(&database::DATABASE.path()).unwrap();
    let mut statement = connection.prepare(statement).unwrap();
    let count = statement.column_count();
    let found = statement.query_map([], |row| {
        let text = |index| match row.get_ref(index).unwrap() {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            value => value.as_str().unwrap().to_owned(),
        };
        let columns: Vec<String> = (0..count).map(text).collect();
        Ok(columns.join("|"))
    });
    found.unwrap().map(Result::unwrap).collect()
}

fn run(phone: &Phone, script: &str) {
    let connection = phone.system.database(&database::DATABASE.path()).unwrap();
    connection.execute_batch(script).unwrap();
}

/// Two notebooks with notes, as a client fills the tables.
fn filled() -> Phone {
    let mut phone = Phone::new();
    let mut script = String::new();
    for (id, title) in [("f1", "Work"), ("f2", "Home")] {
        script += &format!(
            "INSERT INTO folders (id, title, created_time, updated_time) VALUES ('{id}', '{title}', 5, 5);"
        );
    }
    let notes = [
        ("n1", "f1", "Plan", "# Plan\nCall **Ana** about bread", 0, 0),
        ("n2", "f1", "Send report", "", 1, 0),
        ("n3", "f1", "Pay rent", "by Friday", 1, 1),
        ("n4", "f2", "Bread", "Flour: 2 cups", 0, 0),
    ];
    for (id, parent, title, body, is_todo, done) in notes {
        script += &format!(
            "INSERT INTO notes (id, parent_id, title, body, created_time, updated_time, \
             user_created_time, user_updated_time, is_todo, todo_completed) \
             VALUES ('{id}', '{parent}', '{title}', '{body}', 7, 7, 7, 7, {is_todo}, {done});"
        );
        script += &format!(
            "INSERT INTO notes_normalized (id, parent_id, title, body) \
             VALUES ('{id}', '{parent}', lower('{title}'), '{body}');"
        );
    }
    run(&phone, &script);
    phone.open(JOPLIN);
    phone
}

/// The titles of the listed notes, from top to bottom.
fn listed(phone: &mut Phone) -> Vec<String> {
    const TITLES: [&str; 6] = [
        "Plan",
        "Send report",
        "Pay rent",
        "Bread",
        "Tea",
        "Plan - Copy",
    ];
    let nodes = phone.nodes().into_iter();
    nodes
        .map(|node| node.text)
        .filter(|text| TITLES.contains(&text.as_str()))
        .collect()
}

#[test]
fn the_first_start_makes_a_notebook_and_the_set_up_takes_it_away() {
    let mut phone = Phone::fresh();
    phone.open(JOPLIN);
    assert!(phone.sees("Welcome!") && phone.sees("1. Welcome to Joplin!"));
    run(
        &phone,
        "DELETE FROM folders; DELETE FROM notes; DELETE FROM notes_normalized",
    );
    phone.stop(JOPLIN);
    phone.open(JOPLIN);
    assert!(phone.sees("You currently have no notebooks.") && !phone.sees("Add new"));
    phone.tap("Create a notebook");
    phone.write("Garden");
    phone.tap("Save");
    assert!(phone.sees("Garden") && phone.sees("Add new"));
    assert_eq!(rows(&phone, "SELECT title FROM folders"), ["Garden"]);
}

#[test]
fn open_todos_come_first_and_only_todos_have_boxes() {
    let mut phone = filled();
    assert_eq!(listed(&mut phone), ["Send report", "Plan", "Pay rent"]);
    assert!(phone.node("to-do: Pay rent").checked && !phone.node("to-do: Send report").checked);
    assert!(!phone.sees("to-do: Plan"));
    phone.tap("to-do: Pay rent");
    assert_eq!(listed(&mut phone), ["Pay rent", "Send report", "Plan"]);
    assert_eq!(
        rows(
            &phone,
            "SELECT id FROM notes WHERE is_todo AND todo_completed = 0"
        ),
        ["n2", "n3"]
    );
    phone.tap("Sort notes by");
    phone.tap("✓ [ Uncompleted to-dos on top ]");
    phone.tap("Sort notes by");
    phone.tap("⚪ Title");
    phone.tap("Sort notes by");
    phone.tap("✓ [ Reverse sort order ]");
    assert_eq!(listed(&mut phone), ["Pay rent", "Plan", "Send report"]);
    // The order and the notebook are remembered.
    phone.tap("Sidebar");
    phone.tap("Home");
    assert_eq!(listed(&mut phone), ["Bread"]);
    phone.stop(JOPLIN);
    phone.open(JOPLIN);
    assert_eq!(listed(&mut phone), ["Bread"]);
    phone.tap("Sidebar");
    phone.tap("All notes");
    assert_eq!(
        listed(&mut phone),
        ["Bread", "Pay rent", "Plan", "Send report"]
    );
}

#[test]
fn the_search_finds_beginnings_of_words_titles_first() {
    let mut phone = filled();
    phone.tap("Search");
    phone.write("BRE");
    assert_eq!(listed(&mut phone), ["Bread", "Plan"]);
    phone.tap("Bread");
    assert!(phone.sees("Flour: 2 cups") && phone.sees("Add title"));
    phone.back();
    assert_eq!(listed(&mut phone), ["Bread", "Plan"]);
    phone.tap("Clear");
    phone.write("ana bread");
    assert_eq!(listed(&mut phone), ["Plan"]);
    phone.tap("Clear");
    phone.write("\"read* OR (");
    assert!(listed(&mut phone).is_empty());
    phone.tap("Back");
    assert_eq!(phone.node("Sort notes by").text, "");
}

#[test]
fn notes_are_written_changed_and_taken_back() {
    let mut phone = filled();
    phone.tap("Add new");
    phone.back();
    assert!(!phone.sees("New note"));
    phone.tap("Add new");
    phone.tap("New note");
    phone.back();
    phone.back();
    let count = "SELECT count(*) FROM notes";
    assert_eq!(rows(&phone, count), ["4"]);
    phone.tap("Add new");
    phone.tap("New to-do");
    phone.write("Tea");
    phone.fill("Add body", "green");
    phone.write(" and black");
    phone.tap("Undo");
    let stored =
        "SELECT parent_id, title, body, is_todo, todo_completed FROM notes WHERE title = 'Tea'";
    let first = rows(&phone, stored);
    phone.tap("Redo");
    assert_ne!(rows(&phone, stored), first);
    assert_eq!(rows(&phone, stored), ["f1|Tea|green and black|1|0"]);
    assert_eq!(
        rows(
            &phone,
            "SELECT count(*) FROM notes_fts WHERE notes_fts MATCH 'tea bla*'"
        ),
        ["1"]
    );
    phone.leave();
    assert!(phone.sees("green and black") && phone.sees("Edit"));
    phone.tap("Actions");
    phone.tap("Convert to note");
    assert_eq!(rows(&phone, stored), ["f1|Tea|green and black|0|0"]);
    phone.tap("Work");
    phone.tap("Home");
    assert_eq!(rows(&phone, stored), ["f2|Tea|green and black|0|0"]);
    phone.tap("Actions");
    phone.tap("Delete");
    assert!(!phone.sees("Tea"));
    phone.tap("Sidebar");
    phone.tap("Trash");
    phone.long_press("Tea");
    phone.tap("Restore");
    phone.tap("Sidebar");
    phone.tap("Home");
    assert_eq!(listed(&mut phone), ["Tea", "Bread"]);
}

#[test]
fn several_notes_are_moved_copied_and_removed_for_good() {
    let mut phone = filled();
    phone.long_press("Plan");
    phone.tap("Duplicate");
    assert_eq!(
        listed(&mut phone),
        ["Send report", "Plan - Copy", "Plan", "Pay rent"]
    );
    phone.long_press("Plan");
    phone.tap("Pay rent");
    phone.tap("Move to notebook...");
    phone.tap("Home");
    assert_eq!(
        rows(&phone, "SELECT id FROM notes WHERE parent_id = 'f2'"),
        ["n1", "n3", "n4"]
    );
    phone.long_press("Plan - Copy");
    phone.tap("Select all");
    phone.tap("Delete");
    assert!(listed(&mut phone).is_empty());
    phone.tap("Sidebar");
    phone.tap("Trash");
    phone.long_press("Plan - Copy");
    phone.tap("Delete");
    phone.tap("CANCEL");
    phone.tap("Delete");
    phone.tap("OK");
    assert_eq!(
        rows(&phone, "SELECT id FROM notes WHERE deleted_time > 0"),
        ["n2"]
    );
    // A notebook goes with its notes.
    phone.tap("Sidebar");
    phone.long_press("Home");
    phone.tap("DELETE");
    phone.tap("OK");
    assert_eq!(
        rows(&phone, "SELECT count(*) FROM notes WHERE deleted_time = 0"),
        ["0"]
    );
}

#[test]
fn a_shared_text_becomes_a_note_and_boxes_in_a_text_are_ticked() {
    let mut phone = filled();
    let share = Intent::action("android.intent.action.SEND")
        .mime("text/plain")
        .text("android.intent.extra.TEXT", "List\n- [ ] soap");
    phone.start(&share);
    phone.back();
    phone.back();
    phone.tap("Plan");
    phone.back();
    assert_eq!(
        rows(&phone, "SELECT parent_id, body FROM notes WHERE title = ''"),
        ["f1|List\n- [ ] soap"]
    );
    phone.tap("List");
    let tick = phone
        .nodes()
        .into_iter()
        .find(|node| node.class == "android.widget.CheckBox")
        .unwrap();
    let (x, y) = tick.centre();
    phone.windows.tap(&mut phone.system, x, y);
    assert_eq!(
        rows(&phone, "SELECT body FROM notes WHERE title = ''"),
        ["List\n- [x] soap"]
    );
}
