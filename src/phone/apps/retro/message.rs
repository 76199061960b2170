//! The pages of Retro Music, what can be in front of them, and what a touch means.

use super::deeds::Deed;
use super::library::Order;
use crate::phone::providers::songs::Song;

/// A page of the bar at the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// For you.
    Home,
    /// All songs.
    Songs,
    /// All albums.
    Albums,
    /// All artists.
    Artists,
    /// All playlists.
    Playlists,
}

/// A list that the first page leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Every song, the latest first.
    LastAdded,
    /// What was played.
    History,
    /// What was played often.
    MostPlayed,
}

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// One of the bar's.
    Tab(Tab),
    /// A playlist.
    Playlist(i64),
    /// An album.
    Album(i64),
    /// What an artist plays.
    Artist(i64),
    /// A list of the first page.
    List(Known),
    /// Songs with a word.
    Search,
    /// The settings.
    Settings,
    /// The playing queue.
    Queue,
    /// What is played, as large as the screen.
    Player,
}

/// A window in front of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Front {
    /// The three dots of the tool bar.
    Overflow,
    /// The orders of the list.
    Sort,
    /// The menu of a row.
    Row(usize),
    /// The question for the playlist that songs go to.
    AddTo(Vec<Song>),
    /// The question for the name of a new playlist.
    NewPlaylist(Vec<Song>, String),
    /// The question for another name.
    Rename(i64, String),
    /// Whether to delete playlists.
    DeletePlaylists(Vec<i64>),
    /// Whether to take songs out of a playlist.
    Remove(i64, Vec<Song>),
    /// Whether to delete files.
    DeleteSongs(Vec<Song>),
    /// What is known of a song.
    Details(Song),
}

/// A touch on the player.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Touch {
    /// Plays or pauses.
    Toggle,
    /// The next song.
    Next,
    /// The song before.
    Previous,
    /// To a part of the song.
    Seek(f32),
    /// In a random order, or not.
    Shuffle,
    /// What comes after the last song.
    Repeat,
    /// Into the favourites, or out of them.
    Favorite,
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens a page.
    Go(Page),
    /// To the page before.
    Up,
    /// A tap on a row.
    Tap(usize),
    /// A long press on a row.
    Hold(usize),
    /// Ends the selection.
    ChooseNone,
    /// Opens a window.
    Open(Front),
    /// Closes it.
    Dismiss,
    /// Does something with what the menu, the selection or the page is about.
    Do(Deed),
    /// Typed into the search or into a dialog.
    Typed(String),
    /// The dialog's button.
    Accept,
    /// The playlist that songs go to.
    Pick(i64),
    /// Asks for a new playlist's name.
    New,
    /// An order of the songs.
    Order(Order),
    /// On the player.
    Player(Touch),
    /// Moves a row up, or down.
    Shift(usize, bool),
    /// Only says something.
    Say(&'static str),
}
