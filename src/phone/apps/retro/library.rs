//! The songs that the app knows: the media provider's, without the short ones; in an order, by albums and
//! by artists.

use crate::phone::providers::songs::{self, Song};
use crate::phone::system::Files;

/// Songs below this length are hidden, in milliseconds.
const SHORTEST: i64 = 20_000;

/// Orders of the list of songs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As the media provider has them.
    Default,
    /// By title.
    Ascending,
    /// By title, from Z to A.
    Descending,
    /// By artist.
    Artist,
    /// By album.
    Album,
    /// The latest year first.
    Year,
    /// The latest file first.
    Added,
    /// The file that was changed last first.
    Modified,
    /// By composer.
    Composer,
    /// By the album's artist.
    AlbumArtist,
}

impl Order {
    /// All, with their names.
    pub const ALL: [(Order, &'static str); 10] = [
        (Order::Default, "Default"),
        (Order::Ascending, "Ascending"),
        (Order::Descending, "Descending"),
        (Order::Artist, "Artist"),
        (Order::Album, "Album"),
        (Order::Year, "Year"),
        (Order::Added, "Date added"),
        (Order::Modified, "Date modified"),
        (Order::Composer, "Composer"),
        (Order::AlbumArtist, "Album Artist"),
    ];

    /// The order of that name.
    pub fn named(name: &str) -> Option<Order> {
        let found = Order::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(order, _)| *order)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let found = Order::ALL.iter().find(|(order, _)| *order == self);
        found.map_or("", |(_, name)| name)
    }

    /// Puts songs into it.
    pub fn sort(self, songs: &mut [Song]) {
        match self {
            Order::Default => {}
            Order::Ascending => songs.sort_by_cached_key(|song| song.title.to_lowercase()),
            Order::Descending => {
                songs.sort_by_cached_key(|song| std::cmp::Reverse(song.title.to_lowercase()));
            }
            Order::Artist => songs.sort_by_cached_key(|song| song.artist.to_lowercase()),
            Order::Album => songs.sort_by_cached_key(|song| song.album.to_lowercase()),
            Order::Year => songs.sort_by_key(|song| std::cmp::Reverse(song.year)),
            Order::Added | Order::Modified => {
                songs.sort_by_key(|song| std::cmp::Reverse(song.modified));
            }
            Order::Composer => songs.sort_by_cached_key(|song| song.composer.to_lowercase()),
            Order::AlbumArtist => {
                songs.sort_by_cached_key(|song| song.album_artist.to_lowercase());
            }
        }
    }
}

/// The songs in an order.
pub fn load(files: &Files, order: Order) -> Vec<Song> {
    let mut found = songs::songs(files);
    found.retain(|song| song.duration_millis >= SHORTEST);
    order.sort(&mut found);
    found
}

/// Songs that belong together: an album, or what an artist plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Number of the album or artist.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What is said of it.
    pub about: String,
}

/// The albums, by name.
pub fn albums(songs: &[Song]) -> Vec<Group> {
    groups(songs, |song| Group {
        id: song.album_id,
        name: song.album.clone(),
        about: song.artist.clone(),
    })
}

/// The artists, by name.
pub fn artists(songs: &[Song]) -> Vec<Group> {
    groups(songs, |song| Group {
        id: song.artist_id,
        name: song.artist.clone(),
        about: String::new(),
    })
}

fn groups(songs: &[Song], of: impl Fn(&Song) -> Group) -> Vec<Group> {
    let mut found: Vec<Group> = songs.iter().map(of).collect();
    found.sort_by_cached_key(|group| (group.name.to_lowercase(), group.id));
    found.dedup_by_key(|group| group.id);
    found
}
