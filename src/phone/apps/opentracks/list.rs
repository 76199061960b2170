//! The list of tracks: searching, choosing, deleting, starting to record.

use std::collections::BTreeSet;

use super::database::{self, Track, Which};
use super::format::Units;
use super::list_view;
use super::recording::Recording;
use super::{
    AGGREGATED, EDIT, HELP, MARKERS, NEARBY, PACKAGE, PERMISSIONS, RECORDED, RECORDING, SETTINGS,
    STOPPED, TRACKS, track_screen,
};
use crate::phone::apps::permissions;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// The request for permissions.
const ASK: u32 = 1;
/// The field for words to search.
pub const SEARCH_FIELD: &str = "search_src_text";

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Opens the field for words to search.
    Search,
    /// Typed into it.
    Words(String),
    /// ENTER in it.
    Find,
    /// The cross of the field.
    Clear,
    /// Opens or closes the menu of the three dots.
    Menu(bool),
    /// Opens a screen of the app.
    Show(&'static str),
    /// A touch on a track.
    Row(i64),
    /// A long press on a track.
    Choose(i64),
    /// Ends choosing.
    ChooseNone,
    /// Chooses all tracks of the list.
    ChooseAll,
    /// The chosen track's fields.
    Edit,
    /// Statistics of the chosen tracks.
    Aggregate,
    /// Whether to delete the chosen tracks.
    AskDelete(bool),
    /// Deletes them.
    Delete,
    /// The round button.
    Record,
    /// A long press on the round button.
    Stop,
    /// Starts or stops the sensors.
    Sensors,
    /// A button that only says something.
    Say(&'static str),
}

/// The screen.
#[derive(Default)]
pub struct TrackList {
    pub(super) tracks: Vec<Track>,
    pub(super) units: Units,
    /// The words that the list was searched for.
    pub(super) query: Option<String>,
    /// The open field for such words.
    pub(super) words: Option<String>,
    pub(super) chosen: BTreeSet<i64>,
    pub(super) menu: bool,
    pub(super) deleting: bool,
    pub(super) recording: Option<Recording>,
    pub(super) sensors: bool,
    asked: bool,
}

impl TrackList {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        let which = match &self.query {
            Some(words) => Which::Found(words.clone()),
            None => Which::All,
        };
        self.tracks = database::list(system, &which)?;
        self.units = Units::load(&system.files);
        self.recording = Recording::current(&system.files);
        let tracks = &self.tracks;
        self.chosen
            .retain(|id| tracks.iter().any(|track| track.id == *id));
        Ok(())
    }

    fn toggle(&mut self, id: i64) {
        if !self.chosen.remove(&id) {
            self.chosen.insert(id);
        }
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        self.menu = matches!(message, Message::Menu(true));
        match message {
            Message::Menu(_) => {}
            Message::Search => {
                self.words = Some(String::new());
                return Ok(Effects::none().focus(SEARCH_FIELD));
            }
            Message::Words(words) => self.words = Some(words),
            Message::Find => {
                let words = self.words.take().filter(|words| !words.trim().is_empty());
                match words {
                    Some(words) => {
                        self.query = Some(words);
                        self.reload(system)?;
                        return Ok(Effects::none().hide_keyboard().scroll_to("track_list", 0.0));
                    }
                    // Nothing is searched for without words.
                    None => self.words = Some(String::new()),
                }
            }
            Message::Clear => {
                let open = self.words.as_ref().is_some_and(|words| !words.is_empty());
                self.words = open.then(String::new);
            }
            Message::Show(class) => {
                return Ok(Effects::none().start(Intent::activity(PACKAGE, class)));
            }
            Message::Row(id) if !self.chosen.is_empty() => self.toggle(id),
            Message::Row(id) if self.recording.is_some_and(|recording| recording.id == id) => {
                return Ok(Effects::none().start(track_screen(RECORDING, id)));
            }
            Message::Row(id) => return Ok(Effects::none().start(track_screen(RECORDED, id))),
            Message::Choose(id) => self.toggle(id),
            Message::ChooseNone => self.chosen.clear(),
            Message::ChooseAll => self.chosen = self.tracks.iter().map(|track| track.id).collect(),
            Message::Edit => {
                if let Some(id) = self.chosen.pop_first() {
                    self.chosen.clear();
                    return Ok(Effects::none().start(track_screen(EDIT, id)));
                }
            }
            Message::Aggregate => {
                let ids: Vec<String> = self.chosen.iter().map(i64::to_string).collect();
                self.chosen.clear();
                let intent = Intent::activity(PACKAGE, AGGREGATED).text(TRACKS, ids.join(","));
                return Ok(Effects::none().start(intent));
            }
            Message::AskDelete(ask) => {
                let recording = self.recording.map(|recording| recording.id);
                if ask && recording.is_some_and(|id| self.chosen.contains(&id)) {
                    let words = "This track cannot be deleted as it is currently recorded.";
                    return Ok(Effects::none().toast(words));
                }
                self.deleting = ask;
            }
            Message::Delete => {
                self.deleting = false;
                let ids: Vec<i64> = std::mem::take(&mut self.chosen).into_iter().collect();
                database::delete(system, &ids)?;
                self.reload(system)?;
            }
            Message::Record if self.recording.is_some() => {
                return Ok(Effects::none().toast("Hold to stop"));
            }
            Message::Record => {
                let id = Recording::begin(system)?;
                return Ok(Effects::none().start(track_screen(RECORDING, id)));
            }
            Message::Stop => {
                if let Some(recording) = self.recording.take() {
                    recording.stop(system)?;
                    self.reload(system)?;
                    return Ok(Effects::none().start(track_screen(STOPPED, recording.id)));
                }
            }
            Message::Sensors => self.sensors = !self.sensors,
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }
}

impl Activity for TrackList {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> TrackList {
        TrackList::default()
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if let Err(error) = self.reload(system) {
            return Effects::none().toast(error.to_string());
        }
        let missing = PERMISSIONS
            .iter()
            .any(|permission| !system.packages.is_granted(PACKAGE, permission));
        if !missing || self.asked {
            return Effects::none();
        }
        self.asked = true;
        Effects::none().start_for_result(ASK, permissions::request(PACKAGE, &PERMISSIONS))
    }

    fn on_result(&mut self, system: &mut System, _: u32, _: Option<Intent>) -> Effects {
        if system.packages.is_granted(PACKAGE, NEARBY[0]) {
            return Effects::none();
        }
        Effects::none().toast(
            "OpenTracks requires permission to access your location as well as nearby devices.",
        )
    }

    fn on_new_intent(&mut self, system: &mut System, _intent: &Intent) -> Effects {
        self.query = None;
        Effects::or_toast(self.reload(system))
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        if !self.chosen.is_empty() {
            self.chosen.clear();
            return Effects::none();
        }
        self.words = None;
        if self.query.take().is_none() {
            return Effects::none().finish();
        }
        Effects::or_toast(self.reload(system))
    }

    fn view(&self, system: &System) -> Screen<Message> {
        list_view::screen(self, system)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

/// The entries of the menu of the three dots.
pub(super) fn menu_entries() -> Vec<(&'static str, Message)> {
    vec![
        ("Settings", Message::Show(SETTINGS)),
        ("Help", Message::Show(HELP)),
    ]
}

/// The screens that buttons of the list open.
pub(super) const MARKER_LIST: Message = Message::Show(MARKERS);
/// Statistics of all tracks.
pub(super) const STATISTICS: Message = Message::Show(AGGREGATED);
