//! Markor's main screen: the pages Files, To-Do, QuickNote and More, their tool bar, and what touches do.

use super::browser::{self, Browser, Place};
use super::chooser::{Chooser, ChooserMessage};
use super::dialogs::{Dialog, Spinner};
use super::document::{self, EditorMessage, Pane};
use super::look;
use super::notebook::{self, NOTEBOOK, Sorting, clean_name, free_name, parent_of};
use super::overlays::Menu;
use super::search::Search;
use super::{INTRO, PACKAGE, SETTINGS, STORAGE, VERSION, may_use_files};
use crate::phone::apps::transfer::{Answer, Mode, Transfer};
use crate::phone::system::{Intent, PhoneError, Preferences, System, paths};
use crate::phone::ui::{Activity, Effects, Icon, Screen, column};

/// How long BACK is asked for again, in microseconds.
const EXIT_MICROS: i64 = 2_000_000;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Folders and notes.
    Files,
    /// The file of things to do.
    ToDo,
    /// The file for quick notes.
    QuickNote,
    /// Everything else.
    More,
}

impl Tab {
    /// All of them with label, id and sign.
    pub const ALL: [(Tab, &'static str, &'static str, Icon); 4] = [
        (Tab::Files, "Files", "nav_notebook", Icon::Folder),
        (Tab::ToDo, "To-Do", "nav_todo", Icon::Check),
        (Tab::QuickNote, "QuickNote", "nav_quicknote", Icon::Edit),
        (Tab::More, "More", "nav_more", Icon::Menu),
    ];

    /// Its place.
    pub fn index(self) -> usize {
        let found = Tab::ALL.iter().position(|entry| entry.0 == self);
        found.unwrap_or(0)
    }
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a page.
    Tab(usize),
    /// A row was touched.
    Tap(String),
    /// A row was pressed long.
    Hold(String),
    /// To the folder above.
    Up,
    /// Shows another list.
    Go(Place),
    /// Opens or closes a menu.
    Menu(Option<Menu>),
    /// Another order.
    Sort(Sorting),
    /// Opens the dialog for new files.
    Add,
    /// Typed there.
    Name(String),
    /// Typed there.
    Extension(String),
    /// Opens or closes one of its lists.
    Spinner(Option<Spinner>),
    /// Takes an entry of that list.
    Pick(usize),
    /// Makes the file.
    CreateFile,
    /// Makes the folder.
    CreateFolder,
    /// Marks the chosen entry, or no longer.
    Favourite,
    /// Asks for a new name.
    AskRename,
    /// Typed there.
    NewName(String),
    /// Takes it.
    Rename,
    /// Shows what is known of the chosen entry.
    Details,
    /// Whether it is among those that were opened lately.
    ListRecent(bool),
    /// Asks whether to delete.
    AskDelete,
    /// Deletes.
    Delete,
    /// Puts the chosen file's text on the clipboard.
    CopyText,
    /// Asks where to move or copy.
    AskTransfer(Mode),
    /// In that dialog.
    Chooser(ChooserMessage),
    /// Takes its folder.
    Choose,
    /// What to do with a name that exists, for all or for one.
    Conflict(Answer, bool),
    /// An icon on the home screen.
    Shortcut,
    /// Gives the chosen files to other apps.
    Share,
    /// Opens the search.
    Search,
    /// Typed there.
    Words(String),
    /// In the files' text too, or not.
    InContent(bool),
    /// Searches.
    Find,
    /// Opens what was found.
    Found(String),
    /// Opens a file that is no text all the same.
    OpenHere(String),
    /// Opens it in another app.
    OpenElsewhere,
    /// Closes the dialog.
    CloseDialog,
    /// On the editor of a page.
    Editor(EditorMessage),
    /// Files from elsewhere.
    Import,
    /// Opens the settings.
    Settings,
    /// What is new in this version.
    News,
    /// Leaves.
    Exit,
}

/// The main screen.
pub struct MainActivity {
    pub(super) tab: Tab,
    pub(super) browser: Browser,
    pub(super) todo: Pane,
    pub(super) quick_note: Pane,
    pub(super) menu: Option<Menu>,
    pub(super) dialog: Option<Dialog>,
    /// Until when BACK leaves, on the phone's uptime.
    pub(super) exit_until: i64,
    /// The introduction was shown since this started.
    pub(super) first: bool,
}

impl MainActivity {
    fn pane(&mut self) -> Option<&mut Pane> {
        match self.tab {
            Tab::ToDo => Some(&mut self.todo),
            Tab::QuickNote => Some(&mut self.quick_note),
            _ => None,
        }
    }

    /// The editor of the shown page.
    pub(super) fn shown_pane(&self) -> Option<&Pane> {
        match self.tab {
            Tab::ToDo => Some(&self.todo),
            Tab::QuickNote => Some(&self.quick_note),
            _ => None,
        }
    }

    fn leave_page(&mut self, system: &System) -> Result<(), PhoneError> {
        match self.pane() {
            Some(pane) => pane.editor.save(&system.files, false).map(|_| ()),
            None => Ok(()),
        }
    }

    fn enter_page(&mut self, system: &System) -> Result<(), PhoneError> {
        match self.pane() {
            Some(pane) => pane.editor.load(&system.files).map(|_| ()),
            None => {
                self.browser.reload(&system.files);
                Ok(())
            }
        }
    }

    fn open(&mut self, path: &str) -> Effects {
        let Some(item) = self.browser.item(path) else {
            return Effects::none();
        };
        if !item.is_text() {
            self.dialog = Some(Dialog::OpenWith(path.to_owned()));
            return Effects::none();
        }
        Effects::none().start(document::open(path))
    }

    fn tap(&mut self, system: &System, path: String) -> Effects {
        if !self.browser.chosen.is_empty() {
            self.browser.toggle(&path);
        } else if system.files.is_dir(&path) {
            self.browser.go(&system.files, Place::Folder(path));
        } else {
            return self.open(&path);
        }
        Effects::none()
    }

    fn list_recent(&mut self, system: &System, on: bool) -> Result<(), PhoneError> {
        if let Some(Dialog::Details(item, recent)) = &mut self.dialog {
            *recent = on;
            return browser::list_recent(&system.files, &item.path, on);
        }
        Ok(())
    }

    fn found(&mut self, system: &System, path: String) -> Effects {
        self.dialog = None;
        let files = &system.files;
        if files.is_dir(&path) {
            self.browser.go(files, Place::Folder(path));
            return Effects::none();
        }
        let folder = parent_of(&path).unwrap_or("/").to_owned();
        self.browser.go(files, Place::Folder(folder));
        self.open(&path)
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        let files = &system.files;
        if !matches!(message, Message::Menu(_)) {
            self.menu = None;
        }
        match message {
            Message::Tab(index) => {
                self.leave_page(system)?;
                self.browser.chosen.clear();
                self.tab = Tab::ALL.get(index).map_or(Tab::Files, |entry| entry.0);
                self.enter_page(system)?;
                return Ok(Effects::none().hide_keyboard());
            }
            Message::Tap(path) => return Ok(self.tap(system, path)),
            Message::Hold(path) => self.browser.toggle(&path),
            Message::Up => {
                self.browser.up(files);
            }
            Message::Go(place) => {
                if let Place::Folder(folder) = &place {
                    files
                        .make_dirs(folder)
                        .map_err(|error| PhoneError::file(folder, error))?;
                }
                self.browser.go(files, place);
            }
            Message::Menu(menu) => self.menu = menu,
            Message::Sort(sorting) => {
                self.browser.sorting = sorting;
                self.browser.reload(files);
                sorting.store(files)?;
            }
            Message::Add => return Ok(self.add(system)),
            Message::Name(_)
            | Message::Extension(_)
            | Message::Spinner(_)
            | Message::Pick(_)
            | Message::NewName(_)
            | Message::Words(_)
            | Message::InContent(_)
            | Message::Find
            | Message::Chooser(_) => self.fill(system, message),
            Message::CreateFile => return self.create_file(system),
            Message::CreateFolder => return self.create_folder(system),
            Message::Favourite => self.browser.mark(files)?,
            Message::AskRename => {
                let chosen = self.browser.chosen_items().first().copied().cloned();
                if let Some(item) = chosen {
                    self.dialog = Some(Dialog::Rename(item.path, item.name, false));
                    return Ok(Effects::none().focus("new_name"));
                }
            }
            Message::Rename => return self.rename(system),
            Message::Details => {
                let chosen = self.browser.chosen_items().first().copied().cloned();
                self.dialog = chosen.map(|item| {
                    let recent = browser::is_recent(files, &item.path);
                    Dialog::Details(item, recent)
                });
            }
            Message::ListRecent(on) => self.list_recent(system, on)?,
            Message::AskDelete => self.dialog = Some(Dialog::Delete(self.browser.chosen_paths())),
            Message::Delete => return self.delete(system),
            Message::CopyText => return self.copy_text(system),
            Message::AskTransfer(mode) => {
                let paths = self.browser.chosen_paths();
                let folder = self.browser.folder();
                self.dialog = Some(Dialog::Chooser(Chooser::new(files, mode, paths, folder)));
            }
            Message::Choose => {
                if let Some(Dialog::Chooser(chooser)) = self.dialog.take() {
                    let transfer =
                        Transfer::new(chooser.mode, chooser.paths, &chooser.folder, free_name);
                    return self.transfer(system, transfer, None);
                }
            }
            Message::Conflict(answer, for_all) => {
                if let Some(Dialog::Conflict(transfer)) = self.dialog.take() {
                    return self.transfer(system, transfer, Some((answer, for_all)));
                }
            }
            Message::Shortcut | Message::Share | Message::Import | Message::OpenElsewhere => {
                self.browser.chosen.clear();
                self.dialog = None;
                return Ok(Effects::none().toast("No app can perform this action."));
            }
            Message::Search => {
                self.dialog = Some(Dialog::Search(Search::new(self.browser.folder())));
                return Ok(Effects::none().focus("search_text"));
            }
            Message::Found(path) => return Ok(self.found(system, path)),
            Message::OpenHere(path) => {
                self.dialog = None;
                return Ok(Effects::none().start(document::open(&path)));
            }
            Message::CloseDialog => {
                self.dialog = None;
                self.browser.reload(files);
            }
            Message::Editor(message) => {
                if let Some(pane) = self.pane() {
                    return Ok(pane.update(system, message));
                }
            }
            Message::Settings => {
                return Ok(Effects::none().start(Intent::activity(PACKAGE, SETTINGS)));
            }
            Message::News => self.dialog = Some(Dialog::News),
            Message::Exit => return Ok(Effects::none().finish()),
        }
        Ok(Effects::none())
    }

    /// What is typed and chosen in dialogs.
    fn fill(&mut self, system: &System, message: Message) {
        let files = &system.files;
        match (&mut self.dialog, message) {
            (Some(Dialog::New(new)), Message::Name(text)) => new.name = clean_name(&text),
            (Some(Dialog::New(new)), Message::Extension(text)) => {
                new.extension = clean_name(&text);
            }
            (Some(Dialog::New(new)), Message::Spinner(open)) => new.open = open,
            (Some(Dialog::New(new)), Message::Pick(index)) => new.pick(index),
            (Some(Dialog::Rename(_, name, clash)), Message::NewName(text)) => {
                *name = clean_name(&text);
                *clash = false;
            }
            (Some(Dialog::Search(search)), Message::Words(text)) => search.words = text,
            (Some(Dialog::Search(search)), Message::InContent(on)) => search.content = on,
            (Some(Dialog::Search(search)), Message::Find) => search.run(files),
            (Some(Dialog::Chooser(chooser)), Message::Chooser(message)) => {
                chooser.update(files, message);
            }
            _ => {}
        }
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        MainActivity {
            tab: Tab::Files,
            browser: Browser::new(&system.files),
            todo: Pane::new(system, &paths::child(NOTEBOOK, "todo.md")),
            quick_note: Pane::new(system, &paths::child(NOTEBOOK, "quicknote.md")),
            menu: None,
            dialog: None,
            exit_until: 0,
            first: false,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        if !stored.flag("intro_shown", false) {
            self.first = true;
            return Effects::none().start(Intent::activity(PACKAGE, INTRO));
        }
        if !may_use_files(system) {
            return Effects::none().start(Intent::activity(PACKAGE, STORAGE));
        }
        let old = stored.number("version_shown", 0) != i64::from(VERSION);
        let ready = || -> Result<(), PhoneError> {
            if old {
                super::store_intro(system)?;
            }
            notebook::prepare(&system.files)
        };
        let ready = ready();
        if std::mem::take(&mut self.first) || old {
            self.dialog = Some(Dialog::News);
        }
        let entered = self.enter_page(system);
        Effects::or_toast(ready.and(entered))
    }

    fn on_pause(&mut self, system: &mut System) {
        // A full disk keeps the text on the screen; the next pause tries again.
        let _ = self.leave_page(system);
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        if self.tab != Tab::Files {
            return Effects::or_toast(self.answer(system, Message::Tab(0)));
        }
        if !self.browser.is_home() && self.browser.up(&system.files) {
            return Effects::none();
        }
        let now = system.clock.uptime_micros();
        if now < self.exit_until {
            self.exit_until = 0;
            return Effects::none().finish();
        }
        self.exit_until = now + EXIT_MICROS;
        Effects::none()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let root = column(vec![self.tool_bar(system), self.page(system), self.tabs()])
            .id("main__activity")
            .fill();
        let mut screen =
            look::screen(root).overlay(self.menu.map(|menu| menu.window(&self.browser)));
        for window in self.dialog.iter().flat_map(|dialog| dialog.windows(system)) {
            screen = screen.overlay(window);
        }
        for window in self
            .shown_pane()
            .into_iter()
            .flat_map(|pane| pane.windows(system))
        {
            screen = screen.overlay(window.map(&Message::Editor));
        }
        screen
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
