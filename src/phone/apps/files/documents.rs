//! Files as the app shows them: what a folder or a collection holds, in which order, and in which words.

use std::cmp::Ordering;

use super::root::Root;
use crate::phone::apps::entries::extension;
use crate::phone::providers::documents::VOLUME;
use crate::phone::providers::media::mime_type;
use crate::phone::system::{Files, Metadata, System, paths};
use crate::phone::ui::Icon;

/// Most files of a collection.
const MOST: usize = 500;
/// Most files that are called recent.
const MOST_RECENT: usize = 64;
/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// Files are recent for so long.
const RECENT: i64 = 45 * DAY;
/// Bytes from which on a file is large.
const LARGE: u64 = 10_000_000;

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
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

impl Document {
    fn new(path: String, found: &Metadata) -> Option<Document> {
        let (_, name) = paths::split(&path)?;
        Some(Document {
            name: name.to_owned(),
            folder: found.is_directory(),
            size: found.size,
            modified: found.modified_micros,
            path,
        })
    }

    /// What lies at a path.
    pub fn at(files: &Files, path: &str) -> Option<Document> {
        Document::new(path.to_owned(), &files.metadata(path).ok()?)
    }

    /// MIME type.
    pub fn mime(&self) -> &'static str {
        match self.folder {
            true => "vnd.android.document/directory",
            false => mime_type(&self.name),
        }
    }

    fn is(&self, family: &str) -> bool {
        self.mime().starts_with(family)
    }

    /// A text, a table, a page and the like.
    fn is_written(&self) -> bool {
        self.is("text/") || self.is("application/pdf")
    }

    /// Its sign.
    pub fn icon(&self) -> Icon {
        match self.mime().split('/').next() {
            _ if self.folder => Icon::Folder,
            Some("image") => Icon::Image,
            Some("audio") => Icon::Music,
            Some("video") => Icon::Video,
            _ => Icon::Document,
        }
    }

    /// The kind in words, e.g. `MP3 audio`.
    pub fn kind(&self) -> String {
        let word = match self.mime().split_once('/') {
            _ if self.folder => return "Folder".to_owned(),
            Some(("image", _)) => "image",
            Some(("audio", _)) => "audio",
            Some(("video", _)) => "video",
            Some((_, "zip")) => "archive",
            Some((_, "vnd.android.package-archive")) => "application",
            Some(("application", "octet-stream")) => "file",
            _ => "document",
        };
        match extension(&self.name) {
            "" => "File".to_owned(),
            ending => format!("{} {word}", ending.to_uppercase()),
        }
    }

    /// The line below the name: date, size, kind.
    pub fn about(&self, system: &System) -> String {
        let date = date_text(system, self.modified);
        match self.folder {
            true => date,
            false => format!("{date}, {}, {}", size_text(self.size), self.kind()),
        }
    }
}

/// A size as the rows write it.
pub fn size_text(bytes: u64) -> String {
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in ["kB", "MB", "GB"] {
        if value < 1000.0 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    match unit {
        "B" => format!("{bytes} B"),
        _ if value < 10.0 => format!("{value:.2} {unit}"),
        _ => format!("{value:.1} {unit}"),
    }
}

/// A date as the rows write it: the time today, else the day.
pub fn date_text(system: &System, micros: i64) -> String {
    let at = system.clock.at_micros(micros);
    let now = system.clock.now();
    let format = if at.date() == now.date() {
        "%-I:%M %p"
    } else if at.year() == now.year() {
        "%b %-d"
    } else {
        "%b %-d, %Y"
    };
    at.strftime(format).to_string()
}

/// What the chips above the list leave over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chip {
    /// Pictures.
    Images,
    /// Sounds.
    Audio,
    /// Films.
    Videos,
    /// Texts and the like.
    Documents,
    /// Ten megabytes and more.
    Large,
    /// Of the last seven days.
    Week,
}

impl Chip {
    /// All of them, with their labels.
    pub const ALL: [(Chip, &'static str); 6] = [
        (Chip::Images, "Images"),
        (Chip::Audio, "Audio"),
        (Chip::Videos, "Videos"),
        (Chip::Documents, "Documents"),
        (Chip::Large, "Large files"),
        (Chip::Week, "This week"),
    ];

    /// Whether a document has it.
    pub fn fits(self, document: &Document, now: i64) -> bool {
        match self {
            Chip::Images => document.is("image/"),
            Chip::Audio => document.is("audio/"),
            Chip::Videos => document.is("video/"),
            Chip::Documents => document.is_written(),
            Chip::Large => document.size >= LARGE,
            Chip::Week => document.modified > now - 7 * DAY,
        }
    }
}

/// An order, of [`Sorting::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorting(usize);

impl Sorting {
    /// The labels of the dialog, in its order.
    pub const ALL: [&'static str; 8] = [
        "File name (A to Z)",
        "File name (Z to A)",
        "Type (A to Z)",
        "Type (Z to A)",
        "Size (smallest first)",
        "Size (largest first)",
        "Modified (newest first)",
        "Modified (oldest first)",
    ];

    /// By name.
    pub const NAME: Sorting = Sorting(0);
    /// By date, the newest first.
    pub const NEWEST: Sorting = Sorting(6);

    /// The order with an index, or by name.
    pub fn from_index(index: i64) -> Sorting {
        let index = usize::try_from(index).unwrap_or(0);
        Sorting(if index < Sorting::ALL.len() { index } else { 0 })
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0
    }

    /// Sorts, folders first.
    pub fn sort(self, documents: &mut [Document]) {
        let name = |document: &Document| document.name.to_lowercase();
        documents.sort_by(|left, right| {
            let order = match self.0 / 2 {
                1 => left.kind().cmp(&right.kind()),
                2 => left.size.cmp(&right.size),
                3 => right.modified.cmp(&left.modified),
                _ => Ordering::Equal,
            };
            let order = order
                .then_with(|| name(left).cmp(&name(right)))
                .then_with(|| left.name.cmp(&right.name));
            let order = if self.0 % 2 == 1 {
                order.reverse()
            } else {
                order
            };
            right.folder.cmp(&left.folder).then(order)
        });
    }
}

/// A folder's documents; none when it cannot be read.
pub fn inside(files: &Files, folder: &str, hidden: bool) -> Vec<Document> {
    files
        .list(folder)
        .unwrap_or_default()
        .into_iter()
        .filter(|entry| hidden || !entry.name.starts_with('.'))
        .filter_map(|entry| Document::new(paths::child(folder, &entry.name), &entry.metadata))
        .collect()
}

/// All documents below a folder, but for what is hidden and what apps keep for themselves.
pub fn below(files: &Files, folder: &str) -> Vec<Document> {
    let apps = paths::child(VOLUME, "Android");
    files
        .walk(folder)
        .unwrap_or_default()
        .into_iter()
        .filter(|(path, _)| !paths::is_within(path, &apps) && !path.contains("/."))
        .filter_map(|(path, found)| Document::new(path, &found))
        .take(MOST)
        .collect()
}

/// The files of a collection.
pub fn collection(files: &Files, root: Root, now: i64) -> Vec<Document> {
    let mut found = below(files, VOLUME);
    found.retain(|document| {
        !document.folder
            && match root {
                Root::Images => document.is("image/"),
                Root::Videos => document.is("video/"),
                Root::Audio => document.is("audio/"),
                Root::Documents => document.is_written(),
                _ => document.modified > now - RECENT,
            }
    });
    if root == Root::Recent {
        Sorting::NEWEST.sort(&mut found);
        found.truncate(MOST_RECENT);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_sorted_in_every_way() {
        let document = |name: &str, folder: bool, size: u64, modified: i64| Document {
            path: format!("/{name}"),
            name: name.to_owned(),
            folder,
            size,
            modified,
        };
        let all = [
            document("b.mp3", false, 3, 1),
            document("A.pdf", false, 2, 2),
            document("z", true, 9, 0),
            document("c.mp3", false, 1, 3),
        ];
        let sorted = |index: i64| -> String {
            let mut all = all.to_vec();
            Sorting::from_index(index).sort(&mut all);
            let firsts = all.iter().filter_map(|one| one.name.chars().next());
            firsts.collect()
        };
        let orders: Vec<String> = (0..9).map(sorted).collect();
        assert_eq!(
            orders,
            [
                "zAbc", "zcbA", "zbcA", "zAcb", "zcAb", "zbAc", "zcAb", "zbAc", "zAbc"
            ]
        );
    }

    #[test]
    fn sizes_and_kinds_have_words() {
        assert_eq!(size_text(512), "512 B");
        assert_eq!(size_text(1_234), "1.23 kB");
        assert_eq!(size_text(12_345_678), "12.3 MB");
        let kind = |name: &str| {
            let document = Document {
                path: String::new(),
                name: name.to_owned(),
                folder: false,
                size: 0,
                modified: 0,
            };
            document.kind()
        };
        assert_eq!(kind("a.MP3"), "MP3 audio");
        assert_eq!(kind("a.pdf"), "PDF document");
        assert_eq!(kind("setup.exe"), "EXE file");
        assert_eq!(kind("a"), "File");
    }
}
