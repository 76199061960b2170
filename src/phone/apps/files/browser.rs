//! What the main screen and the picker have in common: the place that is shown, its documents, the way
//! between places, search, filters, order.

use std::collections::BTreeSet;

use super::PACKAGE;
use super::documents::{self, Chip, Document, Sorting};
use super::root::Root;
use crate::phone::apps::entries::{is_within, parent_of, same};
use crate::phone::providers::documents::VOLUME;
use crate::phone::system::{PhoneError, Preference, Preferences, System};
use crate::phone::ui::Effects;

/// A touch on either screen.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens the drawer of roots.
    Roots,
    /// Shows a root.
    Root(Root),
    /// Shows a folder.
    Folder(String),
    /// A document was tapped.
    Tap(String),
    /// A document was pressed long.
    Hold(String),
    /// Ends the selection.
    ChooseNone,
    /// A filter on or off.
    Chip(usize),
    /// List or grid.
    Turn,
    /// Opens the search.
    Search,
    /// The search's words.
    Words(String),
    /// Ends the search.
    LeaveSearch,
    /// Closes what is in front.
    Dismiss,
    /// Opens the menu of the three dots.
    Menu,
    /// An entry of it, or of the bar over a selection.
    Do(Deed),
    /// An order was chosen.
    Sort(usize),
    /// A name was typed.
    Name(String),
    /// A dialog's or the picker's positive button.
    Accept,
}

/// What menus offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Gives what is chosen to another app.
    Share,
    /// Asks whether to delete what is chosen.
    Delete,
    /// Opens what is chosen with an app to choose.
    OpenWith,
    /// Chooses all.
    ChooseAll,
    /// Copies what is chosen to a folder to choose.
    Copy,
    /// Moves it there.
    Move,
    /// Asks for another name.
    Rename,
    /// Shows what is known of it.
    Info,
    /// Asks for the order.
    Sort,
    /// Asks for a new folder's name.
    NewFolder,
    /// A window of its own, which a phone does not show.
    NewWindow,
    /// Names with a leading dot too, or not.
    Hidden,
}

/// Preference: where the last use ended.
const LAST_ROOT: &str = "last_root";
const LAST_FOLDER: &str = "last_folder";
const SORT: &str = "sort_order";
const HIDDEN: &str = "show_hidden_files";
/// Preference: list (1) or grid (2) of a root.
const MODE: &str = "rootViewMode-";

/// A root as the drawer shows it: with its name and the line below.
pub type RootRow = (Root, String, Option<String>);

/// The state.
pub struct Browser {
    /// The root that is shown.
    pub root: Root,
    /// The folder that is shown, if it is none of the collections.
    pub folder: Option<String>,
    /// What is listed.
    pub documents: Vec<Document>,
    /// Paths of what is chosen.
    pub chosen: BTreeSet<String>,
    /// The chosen order.
    pub sorting: Sorting,
    /// Cards instead of rows.
    pub grid: bool,
    /// Names with a leading dot too.
    pub hidden: bool,
    /// The filters that are on.
    pub chips: [bool; Chip::ALL.len()],
    /// The search's words while it is open.
    pub search: Option<String>,
    /// The drawer's rows while it is open.
    pub drawer: Option<Vec<RootRow>>,
    /// What the volume is called.
    pub volume: String,
}

impl Browser {
    /// Where the last use ended, at first the recent files.
    pub fn last(system: &System) -> Browser {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let root = stored.text(LAST_ROOT).and_then(Root::from_key);
        let folder = stored.text(LAST_FOLDER).map(str::to_owned);
        Browser::at(system, root.unwrap_or(Root::Recent), folder)
    }

    /// A root, and a folder in it.
    pub fn at(system: &System, root: Root, folder: Option<String>) -> Browser {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let mut browser = Browser {
            root,
            folder: None,
            documents: Vec::new(),
            chosen: BTreeSet::new(),
            sorting: Sorting::from_index(stored.number(SORT, 0)),
            grid: true,
            hidden: stored.flag(HIDDEN, false),
            chips: [false; Chip::ALL.len()],
            search: None,
            drawer: None,
            volume: Root::Storage.title(system),
        };
        browser.go(system, root, folder);
        browser
    }

    /// The folder of a path on the volume, with the root that leads to it.
    pub fn root_of(path: &str) -> Option<Root> {
        let downloads = Root::Downloads.folder()?;
        match path {
            _ if same(path, &downloads) => Some(Root::Downloads),
            _ if is_within(path, VOLUME) => Some(Root::Storage),
            _ => None,
        }
    }

    fn go(&mut self, system: &System, root: Root, folder: Option<String>) {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let mode = format!("{MODE}{}", root.key());
        self.root = root;
        self.grid = stored.number(&mode, 2) == 2;
        self.folder = root.folder().map(|top| match folder {
            Some(folder) if is_within(&folder, &top) => folder,
            _ => top,
        });
        self.chips = [false; Chip::ALL.len()];
        self.search = None;
        self.chosen.clear();
        self.reload(system);
    }

    /// Remembers the place.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn store(&self, system: &System) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(&system.files, PACKAGE);
        stored.put(LAST_ROOT, self.root.key());
        match &self.folder {
            Some(folder) => stored.put(LAST_FOLDER, folder.clone()),
            None => stored.remove(LAST_FOLDER),
        }
        let number = |value: usize| Preference::Integer(i32::try_from(value).unwrap_or(0));
        stored.put(SORT, number(self.sorting.index()));
        stored.put(HIDDEN, self.hidden);
        let mode = if self.grid { 2 } else { 1 };
        stored.put(format!("{MODE}{}", self.root.key()), number(mode));
        stored.save(&system.files)
    }

    /// Whether search or filters show what lies deeper too.
    pub fn is_filtered(&self) -> bool {
        self.chips.contains(&true) || self.search.as_ref().is_some_and(|words| !words.is_empty())
    }

    /// Whether a root itself is shown, not a folder in it.
    pub fn is_at_root(&self) -> bool {
        self.folder == self.root.folder()
    }

    /// Reads the documents again; a folder that is gone gives way to its root.
    pub fn reload(&mut self, system: &System) {
        let files = &system.files;
        if let Some(folder) = &self.folder
            && !files.is_dir(folder)
        {
            self.folder = self.root.folder();
        }
        let now = system.clock.now_micros();
        let mut found = match &self.folder {
            Some(folder) if self.is_filtered() => documents::below(files, folder),
            Some(folder) => documents::inside(files, folder, self.hidden),
            None => documents::collection(files, self.root, now),
        };
        let on = Chip::ALL.iter().zip(self.chips).filter(|(_, on)| *on);
        for ((chip, _), _) in on {
            found.retain(|document| !document.folder && chip.fits(document, now));
        }
        if let Some(words) = &self.search {
            let words = words.to_lowercase();
            found.retain(|document| document.name.to_lowercase().contains(&words));
        }
        // The recent ones come by date until another order is chosen.
        match self.root {
            Root::Recent if self.sorting == Sorting::NAME => Sorting::NEWEST.sort(&mut found),
            _ => self.sorting.sort(&mut found),
        }
        let known: BTreeSet<&String> = found.iter().map(|document| &document.path).collect();
        self.chosen.retain(|path| known.contains(path));
        self.documents = found;
    }

    /// Reads a folder again, which others may have changed.
    pub fn refresh(&mut self, system: &System) {
        if self.folder.is_some() && !self.is_filtered() {
            self.reload(system);
        }
    }

    /// The documents that are chosen, in the list's order.
    pub fn chosen_documents(&self) -> Vec<&Document> {
        let all = self.documents.iter();
        all.filter(|document| self.chosen.contains(&document.path))
            .collect()
    }

    /// The only one that is chosen.
    pub fn only_chosen(&self) -> Option<&Document> {
        match self.chosen_documents()[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Chooses a document, or not.
    pub fn toggle(&mut self, path: String) {
        if !self.chosen.remove(&path) {
            self.chosen.insert(path);
        }
    }

    /// What the folder above the list is called.
    pub fn folder_title(&self, folder: &str) -> String {
        match self.root.folder() {
            Some(top) if same(&top, folder) && self.root == Root::Storage => self.volume.clone(),
            Some(top) if same(&top, folder) => "Downloads".to_owned(),
            _ => crate::phone::apps::entries::name_of(folder).to_owned(),
        }
    }

    /// The folders from the root's to the shown one.
    pub fn way(&self) -> Vec<String> {
        let (Some(top), Some(folder)) = (self.root.folder(), &self.folder) else {
            return Vec::new();
        };
        let mut way = vec![folder.clone()];
        let mut here = folder.as_str();
        while !same(here, &top)
            && let Some(parent) = parent_of(here)
        {
            way.push(parent.to_owned());
            here = parent;
        }
        way.reverse();
        way
    }

    /// One step back: out of the search, to the folder above. False at a root.
    pub fn back(&mut self, system: &System) -> bool {
        if !self.chosen.is_empty() {
            self.chosen.clear();
        } else if self.search.is_some() || self.is_filtered() {
            self.search = None;
            self.chips = [false; Chip::ALL.len()];
            self.reload(system);
        } else {
            let way = self.way();
            let Some(above) = way.len().checked_sub(2).and_then(|index| way.get(index)) else {
                return false;
            };
            self.go(system, self.root, Some(above.clone()));
        }
        true
    }

    /// Answers what both screens have; `None` for the rest.
    pub fn update(&mut self, system: &System, message: &Message) -> Option<Effects> {
        let none = Effects::none();
        match message {
            Message::Roots => {
                self.drawer = Some(
                    Root::ALL
                        .into_iter()
                        .map(|root| (root, root.title(system), root.summary(system)))
                        .collect(),
                );
            }
            Message::Root(root) => {
                self.drawer = None;
                self.go(system, *root, None);
            }
            Message::Folder(folder) => self.go(system, self.root, Some(folder.clone())),
            Message::ChooseNone => self.chosen.clear(),
            Message::Chip(index) => {
                if let Some(on) = self.chips.get_mut(*index) {
                    *on = !*on;
                }
                self.reload(system);
            }
            Message::Turn => {
                self.grid = !self.grid;
                return Some(self.stored(system));
            }
            Message::Search => {
                self.search = Some(String::new());
                self.chosen.clear();
                return Some(none.focus("search_src_text"));
            }
            Message::Words(words) => {
                self.search = Some(words.clone());
                self.reload(system);
            }
            Message::LeaveSearch => {
                self.search = None;
                self.reload(system);
                return Some(none.hide_keyboard());
            }
            Message::Sort(index) => {
                self.sorting = Sorting::from_index(i64::try_from(*index).unwrap_or(0));
                self.reload(system);
                return Some(self.stored(system));
            }
            Message::Do(Deed::Hidden) => {
                self.hidden = !self.hidden;
                self.reload(system);
                return Some(self.stored(system));
            }
            _ => return None,
        }
        Some(none)
    }

    fn stored(&self, system: &System) -> Effects {
        Effects::or_toast(self.store(system))
    }
}
