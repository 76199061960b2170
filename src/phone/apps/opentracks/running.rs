//! The screen of the track that is recorded, and the one that follows when it was stopped.

use super::database::{self, Track};
use super::fields::{FieldMessage, Fields};
use super::format::{Units, elapsed};
use super::look::{GREEN, bottom_bar, quantity};
use super::pages::{self, Page};
use super::recording::Recording;
use super::{MARKERS, PACKAGE, RECORDED, RECORDING, STOPPED, track_of, track_screen};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Overlay, Screen, Widget, bar_action, column, icon,
    round_button, row, scroll, stack, stretch,
};

/// What a touch on the screen of a running recording means.
#[derive(Debug, Clone)]
pub enum RunningMessage {
    /// Shows a page.
    Page(Page),
    /// A tap on the round button.
    Tap,
    /// A long press on it.
    Stop,
    /// The list of markers.
    Markers,
    /// A button that only says something.
    Say(&'static str),
}

/// The screen of a running recording.
pub struct TrackRecording {
    page: Page,
    recording: Option<Recording>,
    units: Units,
}

impl Activity for TrackRecording {
    type Message = RunningMessage;

    fn create(_system: &mut System, _intent: &Intent) -> TrackRecording {
        TrackRecording {
            page: Page::Stats,
            recording: None,
            units: Units::default(),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.recording = Recording::current(&system.files);
        self.units = Units::load(&system.files);
        match self.recording {
            Some(_) => Effects::none(),
            None => Effects::none().finish(),
        }
    }

    fn view(&self, system: &System) -> Screen<RunningMessage> {
        let time = self
            .recording
            .map_or(0, |recording| recording.elapsed(system));
        let (distance, unit) = self.units.distance(0.0);
        let (speed, speed_unit) = self.units.rate(0.0, false);
        let item = |label: &'static str, value: String, unit: &'static str| {
            column(vec![
                pages::label(label).id("stats_description_main"),
                quantity("stats", value, unit),
            ])
            .decoration()
            .padding(16.0)
        };
        let content = match self.page {
            Page::Stats => scroll(vec![
                item("Total time", elapsed(time), ""),
                item("Distance", distance, unit),
                item("Moving time", elapsed(0), ""),
                item("Speed", speed, speed_unit),
            ]),
            other => pages::without_points(other),
        };
        let bar = bottom_bar(vec![
            bar_action(
                Icon::Globe,
                "track_detail_menu_show_on_map",
                "Show on map",
                RunningMessage::Say(pages::NO_MAP),
            ),
            bar_action(
                Icon::Flag,
                "track_detail_markers",
                "Markers",
                RunningMessage::Markers,
            ),
            stretch(),
        ]);
        let stop = round_button(Icon::Stop, "Stop", GREEN, RunningMessage::Tap)
            .id("track_recording_fab_action")
            .on_long_press(RunningMessage::Stop);
        let body = pages::tabbed(self.page, RunningMessage::Page, content, bar);
        Screen::new(
            stack(vec![body, stop])
                .class("android.view.ViewGroup")
                .fill(),
        )
    }

    fn update(&mut self, system: &mut System, message: RunningMessage) -> Effects {
        match message {
            RunningMessage::Page(page) => self.page = page,
            RunningMessage::Tap => return Effects::none().toast("Hold to stop"),
            RunningMessage::Say(words) => return Effects::none().toast(words),
            RunningMessage::Markers => {
                return Effects::none().start(Intent::activity(PACKAGE, MARKERS));
            }
            RunningMessage::Stop => {
                let Some(recording) = self.recording.take() else {
                    return Effects::none().finish();
                };
                return match recording.stop(system) {
                    Ok(()) => Effects::none()
                        .start(track_screen(STOPPED, recording.id))
                        .finish(),
                    Err(error) => Effects::none().toast(error.to_string()),
                };
            }
        }
        Effects::none()
    }
}

/// What a touch on the screen of a stopped recording means.
#[derive(Debug, Clone)]
pub enum StoppedMessage {
    /// On the fields.
    Field(FieldMessage),
    /// Stores them.
    Finish,
    /// Goes on recording.
    Resume,
    /// Whether to throw the track away.
    AskDiscard(bool),
    /// Throws it away.
    Discard,
}

/// The screen of a stopped recording.
pub struct TrackStopped {
    track: Option<Track>,
    fields: Fields,
    asking: bool,
    units: Units,
}

impl TrackStopped {
    fn answer(&mut self, system: &System, message: StoppedMessage) -> Result<Effects, PhoneError> {
        let Some(track) = &self.track else {
            return Ok(Effects::none().finish());
        };
        match message {
            StoppedMessage::Field(message) => self.fields.update(message),
            StoppedMessage::AskDiscard(ask) => self.asking = ask,
            StoppedMessage::Discard => {
                database::delete(system, &[track.id])?;
                return Ok(Effects::none().finish());
            }
            StoppedMessage::Finish => {
                self.fields.save(system, track.id)?;
                let next = track_screen(RECORDED, track.id);
                return Ok(Effects::none().start(next).finish());
            }
            StoppedMessage::Resume => {
                self.fields.save(system, track.id)?;
                Recording::go_on(system, track.id, track.total_time)?;
                let next = track_screen(RECORDING, track.id);
                return Ok(Effects::none().start(next).finish());
            }
        }
        Ok(Effects::none())
    }
}

impl Activity for TrackStopped {
    type Message = StoppedMessage;

    fn create(system: &mut System, intent: &Intent) -> TrackStopped {
        let track = database::get(system, track_of(intent)).ok().flatten();
        TrackStopped {
            fields: track.as_ref().map(Fields::of).unwrap_or_default(),
            track,
            asking: false,
            units: Units::load(&system.files),
        }
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        match self.track {
            Some(_) => Effects::none(),
            None => Effects::none().finish(),
        }
    }

    // What was recorded stays, under the name that it was given.
    fn on_back(&mut self, system: &mut System) -> Effects {
        self.update(system, StoppedMessage::Finish)
    }

    fn view(&self, _system: &System) -> Screen<StoppedMessage> {
        let Some(track) = &self.track else {
            return Screen::bare();
        };
        let (distance, unit) = self.units.distance(track.distance);
        let (speed, speed_unit) = self.units.rate(track.moving_speed(), false);
        let value = |id: &'static str, value: String, name: &'static str, unit: &'static str| {
            let mut parts = vec![pages::big(value).id(id)];
            if !unit.is_empty() {
                parts.push(pages::label(unit).id(name));
            }
            row(parts)
                .decoration()
                .gap(4.0)
                .cross(Align::End)
                .weight_width(1.0)
        };
        let sums = row(vec![
            value("time", elapsed(track.total_time), "", ""),
            value("distance", distance, "distance_unit", unit),
            value("speed", speed, "speed_unit", speed_unit),
        ])
        .class("android.view.ViewGroup");
        let sign = |sign, id, label, message| -> Widget<StoppedMessage> {
            icon(sign, 40.0)
                .id(id)
                .description(label)
                .padding(12.0)
                .on_tap(message)
        };
        let buttons = row(vec![
            sign(
                Icon::Delete,
                "discard_button",
                "Discard",
                StoppedMessage::AskDiscard(true),
            ),
            stretch(),
            sign(
                Icon::Play,
                "resume_button",
                "Resume",
                StoppedMessage::Resume,
            ),
            stretch(),
            sign(
                Icon::Check,
                "finish_button",
                "Finish",
                StoppedMessage::Finish,
            ),
        ])
        .padding(16.0);
        let fields = self.fields.view(StoppedMessage::Field);
        let question: Option<Overlay<StoppedMessage>> = self.asking.then(|| {
            pages::delete_question(StoppedMessage::Discard, StoppedMessage::AskDiscard(false))
        });
        Screen::new(
            column(vec![
                scroll(vec![
                    column(vec![fields, sums])
                        .decoration()
                        .gap(24.0)
                        .padding(16.0),
                ])
                .weight_height(1.0),
                buttons,
            ])
            .id("content_linear_layout")
            .fill(),
        )
        .overlay(self.fields.overlay(StoppedMessage::Field))
        .overlay(question)
    }

    fn update(&mut self, system: &mut System, message: StoppedMessage) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
