//! The Files page of Markor: a folder's rows, which of them are chosen, and the way between folders.

use std::collections::BTreeSet;

use super::PACKAGE;
use super::home::Message;
use super::notebook::{self, Item, NOTEBOOK, Sorting, name_of, parent_of, same};
use super::rows;
use crate::phone::system::{Files, PhoneError, Preferences, System};
use crate::phone::ui::{Align, Widget, stack, text};

/// A list that the page can show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(String),
    /// Files that were opened lately, the last one first.
    Recent,
    /// The same under the name of those opened often.
    Popular,
    /// Files and folders marked by the user.
    Favourites,
}

const RECENT: &str = "pref_key__recent_documents";
const FAVOURITES: &str = "pref_key__favourite_files";
/// How many opened files are remembered.
const REMEMBERED: usize = 20;

/// The page's state.
#[derive(Debug, Clone)]
pub struct Browser {
    /// What is shown.
    pub place: Place,
    /// The entries.
    pub items: Vec<Item>,
    /// Their order.
    pub sorting: Sorting,
    /// Paths of the chosen entries.
    pub chosen: BTreeSet<String>,
}

fn remembered(files: &Files, key: &str) -> Vec<String> {
    Preferences::load_default(files, PACKAGE).set(key).to_vec()
}

fn remember(files: &Files, key: &str, paths: Vec<String>) -> Result<(), PhoneError> {
    Preferences::load_default(files, PACKAGE)
        .with(key, paths)
        .save(files)
}

/// Puts a file first among those that were opened lately.
///
/// # Errors
/// When the preferences cannot be written.
pub fn opened(files: &Files, path: &str) -> Result<(), PhoneError> {
    list_recent(files, path, true)
}

/// Whether a file is among those that were opened lately.
pub fn is_recent(files: &Files, path: &str) -> bool {
    remembered(files, RECENT).iter().any(|other| other == path)
}

/// Puts a file first among those that were opened lately, or takes it from there.
///
/// # Errors
/// When the preferences cannot be written.
pub fn list_recent(files: &Files, path: &str, on: bool) -> Result<(), PhoneError> {
    let mut paths = remembered(files, RECENT);
    paths.retain(|other| other != path);
    if on {
        paths.insert(0, path.to_owned());
    }
    paths.truncate(REMEMBERED);
    remember(files, RECENT, paths)
}

impl Browser {
    /// The notebook's root.
    pub fn new(files: &Files) -> Browser {
        Browser {
            place: Place::Folder(NOTEBOOK.to_owned()),
            items: Vec::new(),
            sorting: Sorting::load(files),
            chosen: BTreeSet::new(),
        }
    }

    /// Reads the entries again; a folder that is gone gives way to the notebook.
    pub fn reload(&mut self, files: &Files) {
        if let Place::Folder(folder) = &self.place
            && !files.is_dir(folder)
        {
            self.place = Place::Folder(NOTEBOOK.to_owned());
        }
        self.items = match &self.place {
            Place::Folder(folder) => notebook::list(files, folder, &self.sorting),
            Place::Recent | Place::Popular => Browser::known(files, RECENT),
            Place::Favourites => Browser::known(files, FAVOURITES),
        };
        let known: BTreeSet<&String> = self.items.iter().map(|item| &item.path).collect();
        self.chosen.retain(|path| known.contains(path));
    }

    fn known(files: &Files, key: &str) -> Vec<Item> {
        let paths = remembered(files, key);
        paths
            .iter()
            .filter_map(|path| Item::at(files, path))
            .collect()
    }

    /// Shows another list.
    pub fn go(&mut self, files: &Files, place: Place) {
        self.place = place;
        self.chosen.clear();
        self.reload(files);
    }

    /// The folder in which new entries are made.
    pub fn folder(&self) -> &str {
        match &self.place {
            Place::Folder(folder) => folder,
            _ => NOTEBOOK,
        }
    }

    /// Whether the notebook's root is shown.
    pub fn is_home(&self) -> bool {
        matches!(&self.place, Place::Folder(folder) if same(folder, NOTEBOOK))
    }

    fn above(&self) -> Option<&str> {
        match &self.place {
            Place::Folder(folder) => parent_of(folder),
            _ => Some(NOTEBOOK),
        }
    }

    /// To the folder above, if there is one.
    pub fn up(&mut self, files: &Files) -> bool {
        let above = self.above().map(str::to_owned);
        if let Some(folder) = above {
            self.go(files, Place::Folder(folder));
            return true;
        }
        false
    }

    /// The tool bar's title.
    pub fn title(&self) -> String {
        match &self.place {
            _ if !self.chosen.is_empty() => String::new(),
            Place::Folder(_) if self.is_home() => "Markor".to_owned(),
            Place::Folder(folder) => format!("> {}", name_of(folder)),
            Place::Recent => "> Recently viewed documents".to_owned(),
            Place::Popular => "> Popular documents".to_owned(),
            Place::Favourites => "> Favourites".to_owned(),
        }
    }

    /// An entry by its path.
    pub fn item(&self, path: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.path == path)
    }

    /// The chosen entries in the order of the list.
    pub fn chosen_items(&self) -> Vec<&Item> {
        let items = self.items.iter();
        items
            .filter(|item| self.chosen.contains(&item.path))
            .collect()
    }

    /// The chosen paths in the order of the list.
    pub fn chosen_paths(&self) -> Vec<String> {
        let items = self.chosen_items();
        items.into_iter().map(|item| item.path.clone()).collect()
    }

    /// Chooses an entry, or not.
    pub fn toggle(&mut self, path: &str) {
        if !self.chosen.remove(path) && self.item(path).is_some() {
            self.chosen.insert(path.to_owned());
        }
    }

    /// Whether the first chosen entry is a favourite.
    pub fn is_favourite(&self, files: &Files) -> bool {
        let favourites = remembered(files, FAVOURITES);
        self.chosen.iter().any(|path| favourites.contains(path))
    }

    /// Marks the chosen entries as favourites, or no longer.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn mark(&mut self, files: &Files) -> Result<(), PhoneError> {
        let on = !self.is_favourite(files);
        let mut paths = remembered(files, FAVOURITES);
        paths.retain(|path| !self.chosen.contains(path));
        if on {
            paths.extend(self.chosen.iter().cloned());
        }
        self.chosen.clear();
        remember(files, FAVOURITES, paths)?;
        self.reload(files);
        Ok(())
    }

    /// The list.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let mut entries = Vec::with_capacity(self.items.len() + 1);
        if let Some(above) = self.above() {
            entries.push(rows::up(above, Message::Up));
        }
        entries.extend(self.items.iter().map(|item| {
            let date = notebook::date_text(system, item.modified);
            let chosen = self.chosen.contains(&item.path);
            rows::item(item, date, chosen, Message::Tap(item.path.clone()))
                .on_long_press(Message::Hold(item.path.clone()))
        }));
        let few = entries.len() < 2;
        let mut layers = vec![rows::folder(&self.title_key(), entries, 96.0)];
        if few {
            layers.push(
                text(r"¯\_(ツ)_/¯")
                    .id("empty_hint")
                    .quiet(24.0)
                    .place(Align::Center, Align::Center),
            );
        }
        stack(layers)
            .id("pull_to_refresh")
            .class("android.view.ViewGroup")
            .fill()
    }

    /// Under which name the list keeps its place.
    fn title_key(&self) -> String {
        match &self.place {
            Place::Folder(folder) => folder.clone(),
            other => format!("{other:?}"),
        }
    }
}
