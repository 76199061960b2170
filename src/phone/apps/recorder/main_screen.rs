//! The main screen: the recording that goes on, or the last one.

use super::dialogs::{Dialog, DialogMessage, NAME_FIELD};
use super::library::{self, Record};
use super::look::{BACKGROUND, DIM, LIGHT, PANEL, RED, dim, label, sign, summary};
use super::session::{Memory, Session};
use super::{MICROPHONE, PACKAGE, RECORDS, SETTINGS, WELCOME};
use crate::phone::apps::lengths::padded;
use crate::phone::apps::permissions;
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Length, Screen, Shape, Widget, canvas, column, icon_button,
    row, slider, stack, stretch,
};

/// The request for the microphone.
const ASK: u32 = 1;
/// Bars of the drawn sound.
const BARS: u8 = 40;

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Begins, pauses or goes on.
    Record,
    /// Ends the recording.
    Stop,
    /// Throws the recording away.
    Cancel,
    /// Plays the last recording, or pauses it.
    Play,
    /// Ends playing.
    StopPlaying,
    /// The menu of the last recording.
    Menu,
    /// The name of the last recording.
    Name,
    /// In a menu or dialog.
    Dialog(DialogMessage),
    /// Opens a screen of the app.
    Show(&'static str),
    /// A button that only says something.
    Say(&'static str),
}

/// The screen.
#[derive(Default)]
pub struct MainScreen {
    session: Option<Session>,
    active: Option<Record>,
    dialog: Option<Dialog>,
    /// When playing began, in milliseconds of the phone's uptime.
    playing: Option<i64>,
}

impl MainScreen {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        library::create(system)?;
        let memory = Memory::load(&system.files);
        self.session = memory.session();
        self.active = library::get(system, memory.active())?
            .filter(|record| system.files.is_file(&record.path));
        if self.active.is_none() {
            self.playing = None;
        }
        Ok(())
    }

    /// Milliseconds of the last recording that were played.
    fn played(&self, system: &System) -> i64 {
        let length = self
            .active
            .as_ref()
            .map_or(0, |record| record.duration / 1_000);
        let now = system.clock.uptime_millis();
        self.playing
            .map_or(0, |since| now.saturating_sub(since).clamp(0, length))
    }

    fn record(&mut self, system: &mut System) -> Result<Effects, PhoneError> {
        if !system.packages.is_granted(PACKAGE, MICROPHONE) {
            let ask = permissions::request(PACKAGE, &[MICROPHONE]);
            return Ok(Effects::none().start_for_result(ASK, ask));
        }
        self.playing = None;
        match &mut self.session {
            Some(session) => session.pause_or_go_on(system)?,
            None => self.session = Some(Session::begin(system)?),
        }
        Ok(Effects::none())
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Record => return self.record(system),
            Message::Stop => {
                if let Some(session) = self.session.take() {
                    session.stop(system)?;
                    self.reload(system)?;
                    if Memory::load(&system.files).asks_name() {
                        self.dialog = self
                            .active
                            .clone()
                            .map(|record| Dialog::rename(record, true));
                        return Ok(Effects::none().focus(NAME_FIELD));
                    }
                }
            }
            Message::Cancel => {
                if let Some(session) = self.session.take() {
                    session.cancel(system)?;
                    self.reload(system)?;
                }
            }
            Message::Play => {
                self.playing = match self.playing {
                    Some(_) => None,
                    None => Some(system.clock.uptime_millis()),
                };
            }
            Message::StopPlaying => self.playing = None,
            Message::Menu => self.dialog = self.active.clone().map(Dialog::Menu),
            Message::Name if self.session.is_none() => {
                self.dialog = self
                    .active
                    .clone()
                    .map(|record| Dialog::rename(record, false));
                return Ok(Effects::none().focus(NAME_FIELD));
            }
            Message::Name => {}
            Message::Dialog(message) => {
                let effects = Dialog::answer(&mut self.dialog, system, message)?;
                self.reload(system)?;
                return Ok(effects);
            }
            Message::Show(class) => {
                return Ok(Effects::none().start(Intent::activity(PACKAGE, class)));
            }
            Message::Say(words) => return Ok(Effects::none().toast(words)),
        }
        Ok(Effects::none())
    }

    fn bar(&self) -> Widget<Message> {
        let mut parts = vec![
            sign(
                Icon::ArrowDown,
                "btn_import",
                Message::Say("There is nothing to import"),
            ),
            label("Audio Recorder")
                .text_size(20.0)
                .text_align(Align::Center)
                .weight_width(1.0),
        ];
        if self.active.is_some() && self.session.is_none() {
            parts.push(sign(Icon::Share, "btn_share", Message::Menu));
        }
        row(parts)
            .id("toolbar")
            .height(Length::Dp(56.0))
            .padding_symmetric(4.0, 0.0)
    }

    fn wave(&self, system: &System) -> Widget<Message> {
        let shapes = (0..BARS).map(|bar| {
            let recorded = self.session.is_some() || self.active.is_some();
            // A phone without a microphone hears a little noise.
            let height = if recorded {
                f32::from(bar * 3 % 7 + 1) * 4.0
            } else {
                2.0
            };
            let x = f32::from(bar) * 10.0;
            Shape::Rectangle {
                at: [x, 110.0 - height, 4.0, height * 2.0],
                radius: 2.0,
                color: DIM,
            }
        });
        let id = if self.session.is_some() {
            "recording_view"
        } else {
            "record"
        };
        let mut layers = vec![
            canvas(400.0, 220.0, shapes.collect())
                .id(id)
                .place(Align::Center, Align::Center),
        ];
        if self.active.is_some() && self.session.is_none() {
            let is_playing = self.playing.is_some() && self.played(system) > 0;
            let kind = if is_playing { Icon::Pause } else { Icon::Play };
            let mut buttons = vec![sign(kind, "btn_play", Message::Play)];
            if self.playing.is_some() {
                buttons.push(sign(Icon::Stop, "btn_stop", Message::StopPlaying));
            }
            layers.push(
                row(buttons)
                    .decoration()
                    .width(Length::Wrap)
                    .gap(16.0)
                    .place(Align::Center, Align::End),
            );
        }
        stack(layers).fill_width().weight_height(1.0)
    }

    fn texts(&self, system: &System) -> Widget<Message> {
        let center = |widget: Widget<Message>| widget.text_align(Align::Center).fill_width();
        let (progress, name, about) = match (&self.session, &self.active) {
            (Some(session), _) => {
                let name = if session.is_paused() {
                    "Paused"
                } else {
                    "Recording…"
                };
                (session.elapsed(system), name.to_owned(), String::new())
            }
            (None, Some(record)) => (self.played(system), record.name.clone(), summary(record)),
            (None, None) => (0, String::new(), String::new()),
        };
        let mut parts =
            vec![center(label(padded(progress)).text_size(44.0).max_lines(1)).id("txt_progress")];
        if !name.is_empty() {
            parts.push(
                center(label(name).max_lines(1))
                    .id("txt_name")
                    .on_tap(Message::Name),
            );
        }
        if !about.is_empty() {
            parts.push(center(dim(about).max_lines(1)).id("txt_record_info"));
        }
        if let (None, Some(record)) = (&self.session, &self.active) {
            let length = record.duration / 1_000;
            parts.push(
                row(vec![
                    dim("00:00").id("txt_zero_time"),
                    stretch(),
                    dim(padded(length)).id("txt_duration"),
                ])
                .decoration(),
            );
            let share = self.played(system) as f32 / length.max(1) as f32;
            parts.push(slider(share).id("play_progress"));
        }
        column(parts)
            .decoration()
            .gap(8.0)
            .padding_symmetric(20.0, 8.0)
    }

    fn controls(&self) -> Widget<Message> {
        let round = |kind, id, message| {
            sign(kind, id, message)
                .rounded(PANEL, 36.0)
                .padding(20.0)
                .size(64.0, 64.0)
        };
        let kind = match &self.session {
            Some(session) if !session.is_paused() => Icon::Pause,
            _ => Icon::Record,
        };
        let record = round(kind, "btn_record", Message::Record)
            .rounded(RED, 36.0)
            .description("Recording: %s");
        let parts = match &self.session {
            Some(_) => vec![
                icon_button(Icon::Delete, "Delete")
                    .id("btn_record_delete")
                    .color(LIGHT)
                    .on_tap(Message::Cancel),
                record,
                round(Icon::Stop, "btn_record_stop", Message::Stop),
            ],
            None => vec![
                icon_button(Icon::Settings, "Settings")
                    .id("btn_settings")
                    .color(LIGHT)
                    .on_tap(Message::Show(SETTINGS)),
                record,
                sign(Icon::List, "btn_records_list", Message::Show(RECORDS)),
            ],
        };
        row(parts)
            .class("android.widget.FrameLayout")
            .main(Align::Between)
            .padding(20.0)
    }
}

impl Activity for MainScreen {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> MainScreen {
        MainScreen::default()
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match self.reload(system) {
            Ok(()) if Memory::load(&system.files).is_first_run() => Effects::none()
                .start(Intent::activity(PACKAGE, WELCOME))
                .finish(),
            Ok(()) => Effects::none(),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    fn on_result(&mut self, system: &mut System, _: u32, _: Option<Intent>) -> Effects {
        if system.packages.is_granted(PACKAGE, MICROPHONE) {
            return self.update(system, Message::Record);
        }
        Effects::none()
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        if let Some(record) = &self.active
            && self.playing.is_some()
            && self.played(system) >= record.duration / 1_000
        {
            self.playing = None;
        }
        Effects::none()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        Screen::new(
            column(vec![
                self.bar(),
                self.wave(system),
                self.texts(system),
                self.controls(),
            ])
            .fill(),
        )
        .background(BACKGROUND)
        .overlay(
            self.dialog
                .as_ref()
                .map(|dialog| dialog.overlay(Message::Dialog)),
        )
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
