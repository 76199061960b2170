//! What can be done with songs and playlists, from menus, selections and dialogs.

use super::main_screen::MainActivity;
use super::message::{Front, Page, Tab};
use super::playlists;
use super::words;
use crate::phone::providers::documents::path_of;
use crate::phone::providers::songs::Song;
use crate::phone::system::{Intent, PhoneError, System, paths};
use crate::phone::ui::Effects;

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Plays.
    Play,
    /// Plays in a random order.
    Shuffle,
    /// Puts behind the song that is played.
    PlayNext,
    /// Puts at the end of the queue.
    Enqueue,
    /// Asks for a playlist.
    AddToPlaylist,
    /// Puts the queue into a playlist.
    SaveQueue,
    /// Opens the album.
    GoToAlbum,
    /// Opens the artist.
    GoToArtist,
    /// Shows what is known.
    Details,
    /// Hands over to other apps.
    Share,
    /// Asks whether to delete files.
    DeleteSongs,
    /// Asks whether to take out of the playlist.
    Remove,
    /// Takes out of the queue.
    Unqueue,
    /// Empties the queue.
    ClearQueue,
    /// Asks for another name.
    Rename,
    /// Asks whether to delete playlists.
    DeletePlaylists,
    /// Asks for a file.
    Save,
    /// Chooses all rows.
    ChooseAll,
}

/// The request for one file.
const SAVE: u32 = 1;
/// The request for a folder of files.
const SAVE_ALL: u32 = 2;

/// What a deed is about.
#[derive(Debug, Default)]
struct Subject {
    songs: Vec<Song>,
    /// Rows of the page.
    rows: Vec<usize>,
    playlists: Vec<i64>,
}

impl MainActivity {
    fn subject(&self, system: &System, front: Option<Front>) -> Result<Subject, PhoneError> {
        let rows = match front {
            Some(Front::Row(index)) => vec![index],
            _ => self.chosen.clone(),
        };
        let mut subject = Subject::default();
        match self.page() {
            Page::Tab(Tab::Playlists) => {
                let lists = rows.iter().filter_map(|row| self.playlists.get(*row));
                subject.playlists = lists.map(|list| list.id).collect();
            }
            Page::Playlist(id) if rows.is_empty() => subject.playlists = vec![id],
            Page::Player => subject.songs = self.player.current().cloned().into_iter().collect(),
            _ if rows.is_empty() => subject.songs = self.shown.clone(),
            _ => {
                let songs = rows.iter().filter_map(|row| self.shown.get(*row));
                subject.songs = songs.cloned().collect();
            }
        }
        for list in &subject.playlists {
            subject.songs.extend(playlists::songs(system, *list)?);
        }
        subject.rows = rows;
        Ok(subject)
    }

    /// Does something; `front` is the menu that it was chosen from.
    pub fn perform(
        &mut self,
        system: &mut System,
        deed: Deed,
        front: Option<Front>,
    ) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        if deed == Deed::ChooseAll {
            let count = match self.page() {
                Page::Tab(Tab::Playlists) => self.playlists.len(),
                _ => self.shown.len(),
            };
            self.chosen = (0..count).collect();
            return Ok(none);
        }
        let subject = self.subject(system, front)?;
        self.chosen.clear();
        let now = system.clock.uptime_micros();
        let songs = subject.songs;
        match deed {
            Deed::Play => {
                self.player.open(songs, 0, true, now);
                self.keep_queue(system)?;
                self.note_played(system)?;
            }
            Deed::Shuffle => {
                let songs = match self.page() {
                    Page::Tab(_) => self.library.clone(),
                    _ => songs,
                };
                self.player.open_shuffled(songs, &mut system.random, now);
                self.keep_queue(system)?;
                self.note_played(system)?;
            }
            Deed::PlayNext | Deed::Enqueue => {
                match deed {
                    Deed::PlayNext => self.player.enqueue_next(&songs, now),
                    _ => self.player.enqueue(&songs, now),
                }
                self.keep_queue(system)?;
                return Ok(none.toast(words::queued(songs.len())));
            }
            Deed::AddToPlaylist => self.front = Some(Front::AddTo(songs)),
            Deed::SaveQueue => self.front = Some(Front::AddTo(self.player.queue.clone())),
            Deed::GoToAlbum => {
                if let Some(song) = songs.first() {
                    self.go(system, Page::Album(song.album_id))?;
                }
            }
            Deed::GoToArtist => {
                if let Some(song) = songs.first() {
                    self.go(system, Page::Artist(song.artist_id))?;
                }
            }
            Deed::Details => self.front = songs.into_iter().next().map(Front::Details),
            Deed::Share => {
                let send = Intent::action("android.intent.action.SEND").mime("audio/mpeg");
                return Ok(none.start(send));
            }
            Deed::DeleteSongs => self.front = Some(Front::DeleteSongs(songs)),
            Deed::Remove => {
                if let Page::Playlist(id) = self.page() {
                    self.front = Some(Front::Remove(id, songs));
                }
            }
            Deed::Unqueue => {
                if let [row] = subject.rows[..] {
                    self.player.remove(row, now);
                    self.keep_queue(system)?;
                }
            }
            Deed::ClearQueue => {
                self.player.clear();
                self.keep_queue(system)?;
                self.leave(system)?;
            }
            Deed::Rename => {
                let wanted = subject.playlists.first();
                let found = self.playlists.iter().find(|list| Some(&list.id) == wanted);
                if let Some(list) = found {
                    self.front = Some(Front::Rename(list.id, list.name.clone()));
                    return Ok(none.focus(super::dialogs::NAME));
                }
            }
            Deed::DeletePlaylists => {
                self.front = Some(Front::DeletePlaylists(subject.playlists));
            }
            Deed::Save => return Ok(self.ask_for_file(subject.playlists)),
            Deed::ChooseAll => {}
        }
        Ok(none)
    }

    fn ask_for_file(&mut self, lists: Vec<i64>) -> Effects {
        self.saving = lists;
        let none = Effects::none();
        let [id] = self.saving[..] else {
            let ask = Intent::action("android.intent.action.OPEN_DOCUMENT_TREE");
            return none.start_for_result(SAVE_ALL, ask);
        };
        let name = self.playlists.iter().find(|list| list.id == id);
        let ask = Intent::action("android.intent.action.CREATE_DOCUMENT")
            .mime("audio/mpegurl")
            .text(
                "android.intent.extra.TITLE",
                name.map_or("", |list| list.name.as_str()),
            );
        none.start_for_result(SAVE, ask)
    }

    /// Writes playlists to the place that was chosen.
    pub fn save_to(
        &mut self,
        system: &System,
        request: u32,
        result: Option<Intent>,
    ) -> Result<Effects, PhoneError> {
        let lists = std::mem::take(&mut self.saving);
        let none = Effects::none();
        let chosen = result.and_then(|result| path_of(result.data.as_deref()?));
        let Some(place) = chosen else {
            return Ok(none);
        };
        let mut last = String::new();
        for list in self
            .playlists
            .iter()
            .filter(|list| lists.contains(&list.id))
        {
            let path = match request {
                SAVE => place.clone(),
                _ => paths::child(&place, &format!("{}.m3u", list.name.replace('/', "_"))),
            };
            let text = playlists::as_file(&playlists::songs(system, list.id)?);
            system
                .files
                .write(&path, text)
                .map_err(|error| PhoneError::file(&path, error))?;
            last = path;
        }
        match last.rsplit('/').next() {
            Some(name) if !name.is_empty() => Ok(none.toast(format!("Saved playlist to {name}."))),
            _ => Ok(none),
        }
    }

    /// The playlist that songs go to was chosen.
    pub fn pick(&mut self, system: &System, id: i64) -> Result<Effects, PhoneError> {
        let Some(Front::AddTo(songs)) = self.front.take() else {
            return Ok(Effects::none());
        };
        let found = self.playlists.iter().find(|list| list.id == id);
        let name = found.map(|list| list.name.clone()).unwrap_or_default();
        playlists::add(system, id, &songs)?;
        self.reload(system)?;
        Ok(Effects::none().toast(added(songs.len(), &name)))
    }

    /// The button of the dialog.
    pub fn accept(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let none = Effects::none().hide_keyboard();
        match self.front.take() {
            Some(Front::NewPlaylist(songs, name)) if !name.is_empty() => {
                let (id, new) = playlists::make(system, &name)?;
                playlists::add(system, id, &songs)?;
                self.reload(system)?;
                let words = match (new, songs.len()) {
                    (true, 0) => format!("{name} created successfully"),
                    (_, count) => added(count, &name),
                };
                return Ok(none.toast(words));
            }
            Some(Front::Rename(id, name)) if !name.is_empty() => {
                playlists::rename(system, id, &name)?;
            }
            Some(Front::DeletePlaylists(ids)) => {
                playlists::delete(system, &ids)?;
                if matches!(self.page(), Page::Playlist(id) if ids.contains(&id)) {
                    self.leave(system)?;
                }
            }
            Some(Front::Remove(id, songs)) => {
                let ids: Vec<i64> = songs.iter().map(|song| song.id).collect();
                playlists::remove(system, id, &ids)?;
            }
            Some(Front::DeleteSongs(songs)) => {
                for song in songs {
                    // A file that is gone already is what was wanted.
                    let _ = system.files.remove_file(&song.path);
                }
                self.rescan(system);
            }
            _ => return Ok(none),
        }
        self.reload(system)?;
        Ok(none)
    }
}

fn added(count: usize, name: &str) -> String {
    format!("Added {count} song(s) to {name}")
}
