//! The editor's screen, and what of it the main screen shares: actions, text field, preview, menus, dialogs.

use super::browser;
use super::editor::Editor;
use super::look;
use super::notebook::{self, Item, stem};
use super::text_actions::text_actions;
use crate::phone::providers::documents::place_of;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, Length, Overlay, OverlayKind, Screen, Widget, alert, bar_title,
    choice, column, menu, menu_check, menu_item, scroll, text, text_field, up_arrow,
};

/// Name of the extra that holds the file's path.
const PATH: &str = "path";
/// Id of the text field.
const FIELD: &str = "document__fragment__edit__highlighting_editor";
/// Height of tool bar, row of text actions and system bars together, in dp.
const AROUND: f32 = 60.0 + 48.0 + 75.0;

/// A touch on an editor.
#[derive(Debug, Clone)]
pub enum EditorMessage {
    /// The text after a change.
    Text(String),
    /// One step back.
    Undo,
    /// One step forward.
    Redo,
    /// Writes the file.
    Save,
    /// The formatted view, or the text field.
    Preview(bool),
    /// Opens or closes a menu.
    Menu(Option<EditorMenu>),
    /// Long lines are broken, or not.
    Wrap,
    /// Lists go on by themselves, or not.
    AutoFormat,
    /// Gives the text to other apps.
    Share,
    /// Shows what is known of the file.
    Info,
    /// Reads the file again.
    Reload,
    /// Opens the search for lines.
    Search,
    /// Opens search and replace.
    Replace,
    /// Typed into the search field.
    Find(String),
    /// Typed into the other field.
    With(String),
    /// Replaces all.
    ReplaceAll,
    /// Closes the dialog.
    Close,
    /// A button of the row of text actions.
    Format,
}

/// A menu of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditorMenu {
    /// The three dots.
    Overflow,
    /// Settings of the file.
    File,
    /// Ways to share.
    Share,
}

#[derive(Debug, Clone)]
enum EditorDialog {
    Info,
    Search(String),
    Replace(String, String),
}

/// An editor with its menus and dialogs.
#[derive(Debug, Clone)]
pub struct Pane {
    /// The text.
    pub editor: Editor,
    menu: Option<EditorMenu>,
    dialog: Option<EditorDialog>,
}

impl Pane {
    /// An editor of a file that is not read yet.
    pub fn new(system: &System, path: &str) -> Pane {
        Pane {
            editor: Editor::new(&system.files, path),
            menu: None,
            dialog: None,
        }
    }

    /// Answers a touch.
    pub fn update(&mut self, system: &System, message: EditorMessage) -> Effects {
        let files = &system.files;
        let none = Effects::none;
        if !matches!(
            message,
            EditorMessage::Text(_)
                | EditorMessage::Find(_)
                | EditorMessage::With(_)
                | EditorMessage::Menu(_)
        ) {
            self.menu = None;
        }
        match message {
            EditorMessage::Text(text) => self.editor.change(text),
            EditorMessage::Undo => self.editor.undo(),
            EditorMessage::Redo => self.editor.redo(),
            EditorMessage::Save => {
                return Effects::or_toast(self.editor.save(files, true).map(|_| none()));
            }
            EditorMessage::Preview(on) => {
                let shown = self.editor.show_preview(files, on);
                return Effects::or_toast(shown.map(|()| none().hide_keyboard()));
            }
            EditorMessage::Menu(menu) => self.menu = menu,
            EditorMessage::Wrap => self.editor.wrap = !self.editor.wrap,
            EditorMessage::AutoFormat => self.editor.auto_format = !self.editor.auto_format,
            EditorMessage::Share => {
                let intent = Intent::action("android.intent.action.SEND")
                    .mime("text/plain")
                    .text("android.intent.extra.TEXT", self.editor.text.clone());
                return none().start(intent);
            }
            EditorMessage::Info => self.dialog = Some(EditorDialog::Info),
            EditorMessage::Reload => {
                return Effects::or_toast(self.editor.load(files).map(|_| none()));
            }
            EditorMessage::Search => {
                self.dialog = Some(EditorDialog::Search(String::new()));
                return none().focus("search_text");
            }
            EditorMessage::Replace => {
                let words = match self.dialog.take() {
                    Some(EditorDialog::Search(words)) => words,
                    _ => String::new(),
                };
                self.dialog = Some(EditorDialog::Replace(words, String::new()));
            }
            EditorMessage::Find(text) => {
                if let Some(EditorDialog::Search(words) | EditorDialog::Replace(words, _)) =
                    &mut self.dialog
                {
                    *words = text;
                }
            }
            EditorMessage::With(text) => {
                if let Some(EditorDialog::Replace(_, with)) = &mut self.dialog {
                    *with = text;
                }
            }
            EditorMessage::ReplaceAll => {
                if let Some(EditorDialog::Replace(words, with)) = self.dialog.take()
                    && !words.is_empty()
                {
                    let text = self.editor.text.replace(&words, &with);
                    self.editor.change(text);
                }
            }
            EditorMessage::Close => self.dialog = None,
            EditorMessage::Format => return none().toast("Nothing is selected"),
        }
        none()
    }

    /// The tool bar's actions.
    pub fn actions(&self) -> Vec<Widget<EditorMessage>> {
        use EditorMessage::{Menu, Preview, Redo, Save, Search, Undo};
        let (undo, redo) = self.editor.history();
        let step = |sign, id, description, on: bool, message| {
            look::action(sign, id, description, message)
                .enabled(on)
                .color(if on {
                    look::ON_BAR
                } else {
                    look::ON_BAR.with_alpha(90)
                })
        };
        let mut actions = Vec::new();
        if self.editor.preview {
            actions.push(look::action(
                Icon::Edit,
                "action_edit",
                "Edit mode",
                Preview(false),
            ));
        } else {
            actions.push(step(Icon::Undo, "action_undo", "Undo", undo, Undo));
            actions.push(step(Icon::Redo, "action_redo", "Redo", redo, Redo));
            let changed = self.editor.is_changed();
            actions.push(step(Icon::Save, "action_save", "Save", changed, Save));
            actions.push(look::action(
                Icon::Eye,
                "action_preview",
                "View mode",
                Preview(true),
            ));
            actions.push(look::action(
                Icon::Search,
                "action_search",
                "Search",
                Search,
            ));
        }
        actions.push(look::overflow(Menu(Some(EditorMenu::Overflow))));
        actions
    }

    /// The text field with the row of text actions, or the formatted view. `around` is the height in dp
    /// of what else is on the screen.
    pub fn view(&self, system: &System, around: f32) -> Widget<EditorMessage> {
        if self.editor.preview {
            return self.preview();
        }
        let field = text_field(self.editor.text.clone(), "")
            .id(FIELD)
            .multiline()
            .text_size(17.0)
            .padding_symmetric(12.0, 8.0)
            // A tap anywhere below a short text goes to the field.
            .min_height((system.height_dp() - around).max(160.0))
            .on_change(EditorMessage::Text);
        let parent = scroll(vec![field])
            .id("document__fragment__edit__content_editor__scrolling_parent")
            .key(format!("text:{}", self.editor.path))
            .weight_height(1.0);
        column(vec![parent, text_actions(&self.editor.path)]).fill()
    }

    fn preview(&self) -> Widget<EditorMessage> {
        let lines = self.editor.text.lines().map(|line| {
            let level = line.bytes().take_while(|&byte| byte == b'#').count();
            match (level, line.get(level..)) {
                (1..=6, Some(rest)) if rest.starts_with(' ') => text(rest.trim().to_owned())
                    .text_size(26.0 - 2.0 * level as f32)
                    .bold(),
                _ if line.trim().is_empty() => text(" ").text_size(8.0).decoration(),
                _ => text(line.to_owned()),
            }
        });
        scroll(lines.collect())
            .class("android.webkit.WebView")
            .id("document__fragment_view_webview")
            .key(format!("view:{}", self.editor.path))
            .padding(16.0)
    }

    /// Menus and dialogs that are open.
    pub fn windows(&self, system: &System) -> Vec<Overlay<EditorMessage>> {
        let mut windows = Vec::new();
        if let Some(open) = self.menu {
            windows.push(Overlay::new(
                OverlayKind::OverflowMenu,
                menu(self.menu_items(open)),
                EditorMessage::Menu(None),
            ));
        }
        if let Some(dialog) = &self.dialog {
            windows.push(Overlay::new(
                OverlayKind::Dialog,
                self.dialog_view(dialog, system),
                EditorMessage::Close,
            ));
        }
        windows
    }

    fn menu_items(&self, open: EditorMenu) -> Vec<Widget<EditorMessage>> {
        let sub = |label, menu| menu_item(label, EditorMessage::Menu(Some(menu)));
        match open {
            EditorMenu::Overflow => vec![
                menu_item("View", EditorMessage::Preview(!self.editor.preview)),
                sub("File settings", EditorMenu::File),
                sub("Share", EditorMenu::Share),
                menu_item("Info", EditorMessage::Info),
                menu_item("Reload", EditorMessage::Reload),
            ],
            EditorMenu::File => vec![
                menu_check("Wrap words", self.editor.wrap, EditorMessage::Wrap),
                menu_check(
                    "Auto-format",
                    self.editor.auto_format,
                    EditorMessage::AutoFormat,
                ),
            ],
            EditorMenu::Share => vec![menu_item("Plain text", EditorMessage::Share)],
        }
    }

    fn dialog_view(&self, dialog: &EditorDialog, system: &System) -> Widget<EditorMessage> {
        let field = |value: &str, hint: &'static str, id: &'static str| {
            text_field(value.to_owned(), hint)
                .id(id)
                .rounded(Color::SURFACE_RAISED, 6.0)
                .padding_symmetric(10.0, 12.0)
        };
        match dialog {
            EditorDialog::Info => {
                let item = Item::at(&system.files, &self.editor.path);
                let modified = item.map_or_else(
                    || "never".to_owned(),
                    |item| notebook::date_text(system, item.modified),
                );
                let words = self.editor.text.split_whitespace().count();
                alert("Info").message(format!(
                        "{}\n\nLast modified: {modified}\nCharacters: {}\nWords: {words}\nLines: {}",
                        self.editor.path,
                        self.editor.text.chars().count(),
                        self.editor.text.split('\n').count(),
                    ))
                        .positive("OK", EditorMessage::Close)
                        .widget()
            }
            EditorDialog::Search(words) => {
                let wanted = words.to_lowercase();
                let lines = self.editor.text.lines();
                let found: Vec<_> = lines
                    .filter(|line| !line.trim().is_empty())
                    .filter(|line| line.to_lowercase().contains(&wanted))
                    .take(50)
                    .map(|line| choice(line.to_owned(), EditorMessage::Close).max_lines(2))
                    .collect();
                let height = 220.0_f32.min(44.0 * found.len().max(1) as f32);
                alert("Search")
                    .content(vec![
                        field(words, "Search", "search_text").on_change(EditorMessage::Find),
                        scroll(found)
                            .class("android.widget.ListView")
                            .height(Length::Dp(height)),
                    ])
                    .negative("CANCEL", EditorMessage::Close)
                    .neutral("SEARCH & REPLACE", EditorMessage::Replace)
                    .widget()
            }
            EditorDialog::Replace(words, with) => alert("Search & replace")
                .content(vec![
                    column(vec![
                        field(words, "Search for", "search_text").on_change(EditorMessage::Find),
                        field(with, "Replace with", "replace_text").on_change(EditorMessage::With),
                    ])
                    .gap(8.0),
                ])
                .positive("REPLACE ALL", EditorMessage::ReplaceAll)
                .negative("CANCEL", EditorMessage::Close)
                .widget(),
        }
    }
}

/// The intent that opens a file in the editor.
pub fn open(path: &str) -> Intent {
    Intent::activity(super::PACKAGE, super::DOCUMENT).text(PATH, path)
}

/// The screen of one file.
pub struct DocumentActivity {
    pane: Pane,
}

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum DocumentMessage {
    /// The arrow.
    Up,
    /// On the editor.
    Editor(EditorMessage),
}

impl Activity for DocumentActivity {
    type Message = DocumentMessage;

    fn create(system: &mut System, intent: &Intent) -> DocumentActivity {
        let path = intent
            .get_text(PATH)
            .map(str::to_owned)
            .or_else(|| intent.data.as_deref().map(place_of))
            .unwrap_or_default();
        DocumentActivity {
            pane: Pane::new(system, &path),
        }
    }

    fn view(&self, system: &System) -> Screen<DocumentMessage> {
        let path = &self.pane.editor.path;
        let arrow = up_arrow(DocumentMessage::Up).color(look::ON_BAR);
        let title = bar_title(stem(notebook::name_of(path)).to_owned())
            .id("note__activity__text_note_title");
        let actions = self.pane.actions();
        let actions = actions
            .into_iter()
            // Narrow, to leave the title some room.
            .map(|action| {
                action
                    .padding_symmetric(7.0, 12.0)
                    .map(&DocumentMessage::Editor)
            })
            .collect();
        let root = column(vec![
            look::bar(Some(arrow), title, actions),
            self.pane
                .view(system, AROUND)
                .map(&DocumentMessage::Editor)
                .weight_height(1.0),
        ])
        .fill();
        let mut screen = look::screen(root);
        for window in self.pane.windows(system) {
            screen = screen.overlay(window.map(&DocumentMessage::Editor));
        }
        screen
    }

    fn update(&mut self, system: &mut System, message: DocumentMessage) -> Effects {
        match message {
            DocumentMessage::Up => Effects::none().finish(),
            DocumentMessage::Editor(message) => self.pane.update(system, message),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match self.pane.editor.load(&system.files) {
            Ok(true) => Effects::or_toast(
                browser::opened(&system.files, &self.pane.editor.path).map(|()| Effects::none()),
            ),
            Ok(false) => Effects::none().toast("Could not open file").finish(),
            Err(error) => Effects::none().toast(error.to_string()).finish(),
        }
    }

    fn on_pause(&mut self, system: &mut System) {
        // A full disk keeps the text on the screen; the next pause tries again.
        let _ = self.pane.editor.save(&system.files, false);
    }
}
