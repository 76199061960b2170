//! The notebook's files: listing and sorting folders, names, making and copying. Uses files and preferences.

use std::cmp::Ordering;

use super::PACKAGE;
use crate::phone::apps::entries;
use crate::phone::system::{Files, PhoneError, Preferences, System, paths};

pub use crate::phone::apps::entries::{
    clean_name, extension, is_name, is_within, name_of, parent_of, same, stem,
};

/// The notebook's folder.
pub const NOTEBOOK: &str = "/storage/emulated/0/Documents/markor";

/// What a folder is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Name, whatever its case.
    Name,
    /// Time of the last change, oldest first.
    Date,
    /// Bytes, smallest first.
    Size,
    /// MIME type.
    Mime,
}

impl Order {
    /// All of them with the labels of the menu and their names in the preferences.
    pub const ALL: [(Order, &'static str, &'static str); 4] = [
        (Order::Name, "Name", "NAME"),
        (Order::Date, "Date", "MTIME"),
        (Order::Size, "Size", "FILESIZE"),
        (Order::Mime, "MIME type", "MIMETYPE"),
    ];
}

/// How folders are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorting {
    /// Sorted by.
    pub order: Order,
    /// The other way round.
    pub reverse: bool,
    /// Folders before files.
    pub folders_first: bool,
    /// Names with a leading dot too.
    pub hidden: bool,
}

const SORT: &str = "pref_key__file_browser__sort_by_type";
const REVERSE: &str = "pref_key__file_browser__sort_reverse";
const FOLDERS: &str = "pref_key__filesystem_folder_first";
const HIDDEN: &str = "pref_key__show_dot_files_v2";

impl Sorting {
    /// What was chosen last.
    pub fn load(files: &Files) -> Sorting {
        let stored = Preferences::load_default(files, PACKAGE);
        let order = Order::ALL
            .iter()
            .find(|(_, _, name)| stored.text(SORT) == Some(name));
        Sorting {
            order: order.map_or(Order::Name, |entry| entry.0),
            reverse: stored.flag(REVERSE, false),
            folders_first: stored.flag(FOLDERS, true),
            hidden: stored.flag(HIDDEN, false),
        }
    }

    /// Remembers the choice.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn store(&self, files: &Files) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(files, PACKAGE);
        let name = Order::ALL.iter().find(|entry| entry.0 == self.order);
        stored.put(SORT, name.map_or("NAME", |entry| entry.2));
        stored.put(REVERSE, self.reverse);
        stored.put(FOLDERS, self.folders_first);
        stored.put(HIDDEN, self.hidden);
        stored.save(files)
    }

    fn compare(&self, left: &Item, right: &Item) -> Ordering {
        let name = |item: &Item| item.name.to_lowercase();
        let by_name = || {
            name(left)
                .cmp(&name(right))
                .then(left.name.cmp(&right.name))
        };
        let order = match self.order {
            Order::Name => by_name(),
            Order::Date => left.modified.cmp(&right.modified).then_with(by_name),
            Order::Size => left.size.cmp(&right.size).then_with(by_name),
            Order::Mime => left.mime().cmp(right.mime()).then_with(by_name),
        };
        let order = if self.reverse { order.reverse() } else { order };
        match (self.folders_first, left.folder, right.folder) {
            (true, true, false) => Ordering::Less,
            (true, false, true) => Ordering::Greater,
            _ => order,
        }
    }
}

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The phone's path.
    pub path: String,
    /// The last name of it.
    pub name: String,
    /// A folder.
    pub folder: bool,
    /// Bytes.
    pub size: u64,
    /// Last change, in microseconds of the Unix epoch.
    pub modified: i64,
}

impl Item {
    /// What lies at a path.
    pub fn at(files: &Files, path: &str) -> Option<Item> {
        let found = files.metadata(path).ok()?;
        let (_, name) = paths::split(path)?;
        Some(Item {
            path: path.to_owned(),
            name: name.to_owned(),
            folder: found.is_directory(),
            size: found.size,
            modified: found.modified_micros,
        })
    }

    /// MIME type by the name.
    pub fn mime(&self) -> &'static str {
        if self.folder {
            return "inode/directory";
        }
        match extension(&self.name).to_lowercase().as_str() {
            "md" | "markdown" => "text/markdown",
            "csv" => "text/csv",
            "html" | "htm" => "text/html",
            "png" => "image/png",
            "jpg" | "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "mp3" => "audio/mpeg",
            "m4a" => "audio/mp4",
            "mp4" => "video/mp4",
            "pdf" => "application/pdf",
            "zip" => "application/zip",
            _ => "text/plain",
        }
    }

    /// Whether the editor opens it without asking.
    pub fn is_text(&self) -> bool {
        !self.folder && self.mime().starts_with("text/")
    }
}

/// `name`, or with `_1`, `_2`... before the extension the first that the folder does not have.
pub fn free_name(files: &Files, folder: &str, name: &str) -> String {
    entries::free_name(files, folder, name, |stem, number| {
        format!("{stem}_{number}")
    })
}

/// Makes the notebook's folder when it is missing.
///
/// # Errors
/// When it cannot be made.
pub fn prepare(files: &Files) -> Result<(), PhoneError> {
    files
        .make_dirs(NOTEBOOK)
        .map_err(|error| PhoneError::file(NOTEBOOK, error))
}

/// A folder's entries as they are shown; empty when it cannot be read.
pub fn list(files: &Files, folder: &str, sorting: &Sorting) -> Vec<Item> {
    let mut items: Vec<Item> = files
        .list(folder)
        .unwrap_or_default()
        .into_iter()
        .filter(|entry| sorting.hidden || !entry.name.starts_with('.'))
        .map(|entry| Item {
            path: paths::child(folder, &entry.name),
            folder: files.is_dir(&paths::child(folder, &entry.name)),
            name: entry.name,
            size: entry.metadata.size,
            modified: entry.metadata.modified_micros,
        })
        .collect();
    items.sort_by(|left, right| sorting.compare(left, right));
    items
}

/// A date as the rows write it, e.g. `10/15/2023, 15:34`.
pub fn date_text(system: &System, micros: i64) -> String {
    let at = system.clock.at_micros(micros);
    at.strftime("%m/%d/%Y, %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_sorted_in_every_way() {
        let item = |name: &str, folder: bool, size: u64, modified: i64| Item {
            path: format!("/{name}"),
            name: name.to_owned(),
            folder,
            size,
            modified,
        };
        let items = [
            item("b.md", false, 3, 1),
            item("A.csv", false, 2, 2),
            item("z", true, 9, 0),
            item("c.md", false, 1, 2),
        ];
        let sorted = |order, reverse, folders_first| -> String {
            let sorting = Sorting {
                order,
                reverse,
                folders_first,
                hidden: false,
            };
            let mut items = items.to_vec();
            items.sort_by(|left, right| sorting.compare(left, right));
            items.iter().map(|item| &item.name[..1]).collect()
        };
        assert_eq!(sorted(Order::Name, false, true), "zAbc");
        assert_eq!(sorted(Order::Name, true, true), "zcbA");
        assert_eq!(sorted(Order::Date, false, true), "zbAc");
        assert_eq!(sorted(Order::Date, true, false), "cAbz");
        assert_eq!(sorted(Order::Size, false, false), "cAbz");
        assert_eq!(sorted(Order::Mime, false, true), "zAbc");
    }
}
