//! Retro Music's main activity: its pages, what is chosen, what is in front, and how it answers touches.
//! What is done with songs and playlists is in `deeds`.

use super::library::{self, Group, Order};
use super::message::{Front, Known, Message, Page, Tab, Touch};
use super::player::Player;
use super::playlists::{self, Playlist};
use super::{PACKAGE, PERMISSION, is_permitted, menus, queue, shell};
use crate::phone::providers::songs::Song;
use crate::phone::system::{Intent, PhoneError, Preference, Preferences, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// Preferences.
const POSITION: &str = "POSITION";
const ORDER: &str = "song_sort_order";

/// The activity.
pub struct MainActivity {
    /// The pages, the last one is shown; the first is one of the bar's.
    pages: Vec<Page>,
    /// All songs.
    pub library: Vec<Song>,
    /// All playlists.
    pub playlists: Vec<Playlist>,
    /// The songs of the page.
    pub shown: Vec<Song>,
    /// The search's words.
    pub words: String,
    /// Chosen rows, in the order in which they were chosen.
    pub chosen: Vec<usize>,
    /// Order of all songs.
    pub order: Order,
    /// What is played.
    pub player: Player,
    /// Whether the song that is played is a favourite.
    pub favorite: bool,
    /// What is in front.
    pub front: Option<Front>,
    /// Playlists that a file is asked for.
    pub saving: Vec<i64>,
}

impl MainActivity {
    /// The page that is shown.
    pub fn page(&self) -> Page {
        self.pages.last().copied().unwrap_or(Page::Tab(Tab::Home))
    }

    /// The tab below all pages.
    pub fn tab(&self) -> Tab {
        match self.pages.first() {
            Some(Page::Tab(tab)) => *tab,
            _ => Tab::Home,
        }
    }

    /// The albums or the artists.
    pub fn groups(&self, artists: bool) -> Vec<Group> {
        match artists {
            true => library::artists(&self.library),
            false => library::albums(&self.library),
        }
    }

    /// Looks for songs again.
    pub fn rescan(&mut self, system: &System) {
        self.library = library::load(&system.files, self.order);
    }

    /// Reads what the page shows.
    pub fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.chosen.clear();
        self.playlists = playlists::list(system)?;
        let of = |wanted: &dyn Fn(&Song) -> bool| -> Vec<Song> {
            let songs = self.library.iter();
            songs.filter(|song| wanted(song)).cloned().collect()
        };
        self.shown = match self.page() {
            Page::Tab(Tab::Songs) => self.library.clone(),
            Page::Tab(_) | Page::Settings | Page::Player => Vec::new(),
            Page::Playlist(id) => playlists::songs(system, id)?,
            Page::Album(id) => of(&|song| song.album_id == id),
            Page::Artist(id) => of(&|song| song.artist_id == id),
            Page::List(Known::LastAdded) => {
                let mut songs = self.library.clone();
                Order::Added.sort(&mut songs);
                songs
            }
            Page::List(known) => playlists::history(system, known == Known::MostPlayed)?,
            Page::Search => match self.words.trim().to_lowercase() {
                words if words.is_empty() => Vec::new(),
                words => of(&|song| {
                    [&song.title, &song.artist, &song.album]
                        .iter()
                        .any(|text| text.to_lowercase().contains(&words))
                }),
            },
            Page::Queue => self.player.queue.clone(),
        };
        self.favorite = match (self.favorites(), self.player.current()) {
            (Some(list), Some(song)) => {
                let songs = playlists::songs(system, list)?;
                songs.iter().any(|one| one.id == song.id)
            }
            _ => false,
        };
        Ok(())
    }

    /// The favourites' playlist.
    pub fn favorites(&self) -> Option<i64> {
        let found = self
            .playlists
            .iter()
            .find(|list| list.name == playlists::FAVORITES);
        found.map(|list| list.id)
    }

    /// Writes the queue and the place in it.
    pub fn keep_queue(&mut self, system: &System) -> Result<(), PhoneError> {
        queue::save(system, &self.player.queue, &self.player.original)?;
        self.keep_position(system)?;
        self.reload(system)
    }

    /// Writes the place in the queue.
    pub fn keep_position(&self, system: &System) -> Result<(), PhoneError> {
        let mut stored = Preferences::load_default(&system.files, PACKAGE);
        let position = i32::try_from(self.player.position).unwrap_or(0);
        stored.put(POSITION, Preference::Integer(position));
        stored.save(&system.files)
    }

    /// Notes that the current song is played.
    pub fn note_played(&self, system: &System) -> Result<(), PhoneError> {
        match self.player.current() {
            Some(song) if self.player.is_playing() => playlists::played(system, song),
            _ => Ok(()),
        }
    }

    /// Opens a page: a tab closes all others.
    pub fn go(&mut self, system: &System, page: Page) -> Result<(), PhoneError> {
        match page {
            Page::Tab(_) => self.pages = vec![page],
            // Nothing is played, nothing is shown.
            Page::Player if self.player.current().is_none() => {}
            Page::Queue => {
                self.pages.retain(|one| *one != Page::Player);
                self.pages.push(page);
            }
            page => {
                let same = |one: &Page| *one == page;
                self.pages.retain(|one| !same(one));
                self.pages.push(page);
            }
        }
        self.reload(system)
    }

    /// One step out; `false` when there is none.
    pub fn leave(&mut self, system: &System) -> Result<bool, PhoneError> {
        if !self.chosen.is_empty() {
            self.chosen.clear();
            return Ok(true);
        }
        if self.pages.len() > 1 {
            self.pages.pop();
        } else if self.tab() != Tab::Home {
            self.pages = vec![Page::Tab(Tab::Home)];
        } else {
            return Ok(false);
        }
        self.words.clear();
        self.reload(system)?;
        Ok(true)
    }

    fn tap(&mut self, system: &System, index: usize) -> Result<(), PhoneError> {
        let now = system.clock.uptime_micros();
        if !self.chosen.is_empty() {
            self.choose(index);
            return Ok(());
        }
        match self.page() {
            Page::Tab(Tab::Playlists) => {
                return match self.playlists.get(index).map(|list| list.id) {
                    Some(id) => self.go(system, Page::Playlist(id)),
                    None => Ok(()),
                };
            }
            Page::Queue => {
                self.player.play_from(index, now);
                self.keep_position(system)?;
            }
            page => {
                let Some(song) = self.shown.get(index).cloned() else {
                    return Ok(());
                };
                let (songs, index) = match page {
                    Page::Search => (vec![song], 0),
                    _ => (self.shown.clone(), index),
                };
                self.player.open(songs, index, true, now);
                self.keep_queue(system)?;
            }
        }
        self.note_played(system)
    }

    fn choose(&mut self, index: usize) {
        match self.chosen.iter().position(|one| *one == index) {
            Some(place) => {
                self.chosen.remove(place);
            }
            None => self.chosen.push(index),
        }
    }

    fn touch(&mut self, system: &mut System, touch: Touch) -> Result<(), PhoneError> {
        let now = system.clock.uptime_micros();
        match touch {
            Touch::Toggle => self.player.toggle(now),
            Touch::Next => self.player.next(now),
            Touch::Previous => self.player.previous(now),
            Touch::Seek(part) => self.player.seek(part, now),
            Touch::Shuffle => {
                self.player.toggle_shuffle(&mut system.random);
                return self.keep_queue(system);
            }
            Touch::Repeat => {
                self.player.repeat = self.player.repeat.next();
                return Ok(());
            }
            Touch::Favorite => return self.toggle_favorite(system),
        }
        self.keep_position(system)?;
        self.reload(system)?;
        match touch {
            Touch::Next | Touch::Previous => self.note_played(system),
            _ => Ok(()),
        }
    }

    fn toggle_favorite(&mut self, system: &System) -> Result<(), PhoneError> {
        let Some(song) = self.player.current().cloned() else {
            return Ok(());
        };
        let (list, _) = playlists::make(system, playlists::FAVORITES)?;
        match self.favorite {
            true => playlists::remove(system, list, &[song.id])?,
            false => playlists::add(system, list, &[song])?,
        }
        self.reload(system)
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        let none = Effects::none();
        // A menu is closed by whatever is touched in it.
        let front = match &message {
            Message::Typed(_) | Message::Accept | Message::Pick(_) | Message::New => None,
            _ => self.front.take(),
        };
        match message {
            Message::Go(page) => {
                self.words.clear();
                self.go(system, page)?;
                if page == Page::Search {
                    return Ok(none.focus(shell::SEARCH));
                }
                return Ok(none.hide_keyboard());
            }
            Message::Up => {
                self.leave(system)?;
                return Ok(none.hide_keyboard());
            }
            Message::Tap(index) => self.tap(system, index)?,
            Message::Hold(index) if self.page() != Page::Queue => self.choose(index),
            Message::Hold(_) => {}
            Message::ChooseNone => self.chosen.clear(),
            Message::Open(front) => self.front = Some(front),
            Message::Dismiss => return Ok(none.hide_keyboard()),
            Message::Do(deed) => return self.perform(system, deed, front),
            Message::Typed(text) => return self.typed(system, text),
            Message::Accept => return self.accept(system),
            Message::Pick(id) => return self.pick(system, id),
            Message::New => {
                let songs = match self.front.take() {
                    Some(Front::AddTo(songs)) => songs,
                    _ => Vec::new(),
                };
                self.front = Some(Front::NewPlaylist(songs, String::new()));
                return Ok(none.focus(super::dialogs::NAME));
            }
            Message::Order(order) => {
                self.order = order;
                Preferences::load_default(&system.files, PACKAGE)
                    .with(ORDER, order.name())
                    .save(&system.files)?;
                self.rescan(system);
                self.reload(system)?;
            }
            Message::Player(touch) => self.touch(system, touch)?,
            Message::Shift(index, down) => self.shift(system, index, down)?,
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    fn typed(&mut self, system: &System, text: String) -> Result<Effects, PhoneError> {
        match &mut self.front {
            Some(Front::NewPlaylist(_, name) | Front::Rename(_, name)) => *name = text,
            _ => {
                self.words = text;
                self.reload(system)?;
            }
        }
        Ok(Effects::none())
    }

    fn shift(&mut self, system: &System, index: usize, down: bool) -> Result<(), PhoneError> {
        match self.page() {
            Page::Queue => {
                self.player.shift(index, down);
                self.keep_queue(system)
            }
            Page::Playlist(id) => {
                let other = match down {
                    true => index + 1,
                    false => index.wrapping_sub(1),
                };
                if index >= self.shown.len() || other >= self.shown.len() {
                    return Ok(());
                }
                self.shown.swap(index, other);
                playlists::reorder(system, id, &self.shown)
            }
            _ => Ok(()),
        }
    }

    fn resume(&mut self, system: &System) -> Result<(), PhoneError> {
        self.rescan(system);
        if self.player.queue.is_empty() {
            let (songs, original) = queue::load(system)?;
            let stored = Preferences::load_default(&system.files, PACKAGE);
            let position = usize::try_from(stored.number(POSITION, 0)).unwrap_or(0);
            self.player = Player::stored(songs, original, position);
        }
        // What is chosen stays chosen while something else was in front.
        let chosen = std::mem::take(&mut self.chosen);
        self.reload(system)?;
        let count = match self.page() {
            Page::Tab(Tab::Playlists) => self.playlists.len(),
            _ => self.shown.len(),
        };
        self.chosen = chosen.into_iter().filter(|index| *index < count).collect();
        Ok(())
    }
}

impl Activity for MainActivity {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> MainActivity {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        MainActivity {
            pages: vec![Page::Tab(Tab::Home)],
            library: Vec::new(),
            playlists: Vec::new(),
            shown: Vec::new(),
            words: String::new(),
            chosen: Vec::new(),
            order: stored
                .text(ORDER)
                .and_then(Order::named)
                .unwrap_or(Order::Ascending),
            player: Player::default(),
            favorite: false,
            front: None,
            saving: Vec::new(),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if !is_permitted(system) {
            return Effects::none()
                .start(Intent::activity(PACKAGE, PERMISSION))
                .finish();
        }
        Effects::or_toast(self.resume(system))
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.leave(system).map(|left| match left {
            true => Effects::none(),
            false => Effects::none().finish(),
        }))
    }

    fn on_result(&mut self, system: &mut System, request: u32, result: Option<Intent>) -> Effects {
        Effects::or_toast(self.save_to(system, request, result))
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        if !self.player.tick(system.clock.uptime_micros()) {
            return Effects::none();
        }
        let kept = self
            .keep_position(system)
            .and_then(|()| self.note_played(system));
        Effects::or_toast(kept)
    }

    fn view(&self, system: &System) -> Screen<Message> {
        Screen::new(shell::view(self, system)).overlay(menus::front(self))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let result = self.answer(system, message);
        Effects::or_toast(result)
    }
}
