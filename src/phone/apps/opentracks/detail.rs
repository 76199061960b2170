//! The screen of a recorded track.

use super::database::{self, Track};
use super::format::Units;
use super::look::bottom_bar;
use super::pages::{self, NO_MAP, Page};
use super::recording::Recording;
use super::{EDIT, MARKERS, PACKAGE, RECORDING, SETTINGS, track_of, track_screen};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Effects, Icon, Screen, bar_action, overflow_button, overflow_menu, stretch,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a page.
    Page(Page),
    /// Opens or closes the menu of the three dots.
    Menu(bool),
    /// The track's fields.
    Edit,
    /// Whether to delete the track.
    AskDelete(bool),
    /// Deletes it.
    Delete,
    /// Goes on recording it.
    Resume,
    /// Opens a screen of the app.
    Show(&'static str),
    /// A button that only says something.
    Say(&'static str),
}

/// The screen.
pub struct TrackRecorded {
    id: i64,
    track: Option<Track>,
    units: Units,
    page: Page,
    menu: bool,
    asking: bool,
}

impl TrackRecorded {
    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        self.menu = matches!(message, Message::Menu(true));
        match message {
            Message::Menu(_) => {}
            Message::Page(page) => self.page = page,
            Message::Edit => return Ok(Effects::none().start(track_screen(EDIT, self.id))),
            Message::AskDelete(ask) => self.asking = ask,
            Message::Delete => {
                database::delete(system, &[self.id])?;
                return Ok(Effects::none().finish());
            }
            Message::Resume => {
                let Some(track) = &self.track else {
                    return Ok(Effects::none().finish());
                };
                if Recording::current(&system.files).is_some() {
                    return Ok(Effects::none().toast("Another track is being recorded"));
                }
                Recording::go_on(system, self.id, track.total_time)?;
                return Ok(Effects::none()
                    .start(track_screen(RECORDING, self.id))
                    .finish());
            }
            Message::Show(class) => {
                return Ok(Effects::none().start(Intent::activity(PACKAGE, class)));
            }
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }
}

impl Activity for TrackRecorded {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> TrackRecorded {
        TrackRecorded {
            id: track_of(intent),
            track: None,
            units: Units::default(),
            page: Page::Stats,
            menu: false,
            asking: false,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.units = Units::load(&system.files);
        match database::get(system, self.id) {
            Ok(Some(track)) => {
                self.track = Some(track);
                Effects::none()
            }
            Ok(None) => Effects::none().finish(),
            Err(error) => Effects::none().toast(error.to_string()).finish(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let content = match (&self.track, self.page) {
            (Some(track), Page::Stats) => pages::stats(track, self.units),
            (_, page) => pages::without_points(page),
        };
        let bar = bottom_bar(vec![
            bar_action(
                Icon::Globe,
                "track_detail_menu_show_on_map",
                "Show on map",
                Message::Say(NO_MAP),
            ),
            bar_action(
                Icon::Share,
                "track_detail_share",
                "Share",
                Message::Say("No apps can perform this action"),
            ),
            bar_action(
                Icon::Flag,
                "track_detail_markers",
                "Markers",
                Message::Show(MARKERS),
            ),
            stretch(),
            overflow_button(Message::Menu(true)),
        ]);
        let menu = self.menu.then(|| {
            overflow_menu(
                vec![
                    ("Edit", Message::Edit),
                    ("Delete", Message::AskDelete(true)),
                    ("Resume track", Message::Resume),
                    ("Settings", Message::Show(SETTINGS)),
                ],
                Message::Menu(false),
            )
        });
        let question = self
            .asking
            .then(|| pages::delete_question(Message::Delete, Message::AskDelete(false)));
        Screen::new(pages::tabbed(self.page, Message::Page, content, bar))
            .overlay(menu)
            .overlay(question)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
