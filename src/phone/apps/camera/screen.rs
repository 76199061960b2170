//! The camera's screen.

use super::scene::Scene;
use super::{RECORD_PLACE, first_run, looks, store, store_place};
use crate::phone::apps::answering;
use crate::phone::providers::documents::uri_of;
use crate::phone::providers::media::mime_type;
use crate::phone::system::{Intent, PhoneError, Preferences, System, WIDTH_DP};
use crate::phone::ui::{Activity, Color, Effects, Screen, column, stack};

/// The name under which it starts with films.
pub const VIDEO_CLASS: &str = "com.android.camera.VideoCamera";
/// Action that starts it with films.
pub const FILM: &str = "android.media.action.VIDEO_CAMERA";
/// Request number of the system's question.
const PERMISSION: u32 = 1;
/// Height of the bar with the shutter in dp, at least.
const BAR: f32 = 120.0;

/// What the shutter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Pictures.
    Photo,
    /// Films.
    Video,
}

impl Mode {
    /// The mode that a start asks for.
    fn of(intent: &Intent) -> Mode {
        let named = intent.component.as_ref();
        let filming = named.is_some_and(|(_, class)| class == VIDEO_CLASS)
            || intent.action.as_deref() == Some(FILM);
        if filming { Mode::Video } else { Mode::Photo }
    }
}

/// A touch.
#[derive(Debug, Clone, Copy)]
pub enum Message {
    /// The shutter.
    Shutter,
    /// Opens the list of modes.
    Modes,
    /// A mode was chosen.
    Mode(Mode),
    /// Closes what is in front.
    Dismiss,
    /// Opens or closes the options.
    Options,
    /// The other camera.
    Turn,
    /// The flash on or off.
    Flash,
    /// The lines on or off.
    Lines,
    /// Shows what was taken last.
    ShowLast,
    /// Opens the settings.
    Settings,
    /// Places on or off.
    Tag,
    /// The first question is answered.
    Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Question,
    Modes,
    Settings,
}

/// The activity.
pub struct Camera {
    mode: Mode,
    front: Option<Front>,
    asked: bool,
    tagging: bool,
    options: bool,
    scene: Scene,
    flash: bool,
    lines: bool,
    /// Uptime in milliseconds when the film began.
    recording: Option<i64>,
    /// What was taken last.
    last: Option<String>,
}

impl Camera {
    /// Ends a film and keeps it.
    fn stop(&mut self, system: &System) -> Result<(), PhoneError> {
        if let Some(began) = self.recording.take() {
            let millis = system.clock.uptime_millis() - began;
            self.last = Some(store::film(system, self.scene, millis)?);
        }
        Ok(())
    }

    fn shoot(&mut self, system: &System) -> Result<(), PhoneError> {
        self.options = false;
        match self.mode {
            Mode::Photo => self.last = Some(store::picture(system, self.scene)?),
            Mode::Video if self.recording.is_some() => self.stop(system)?,
            Mode::Video => self.recording = Some(system.clock.uptime_millis()),
        }
        Ok(())
    }

    fn show_last(&self, system: &System) -> Effects {
        let none = Effects::none();
        let last = self.last.as_ref().filter(|path| system.files.exists(path));
        let Some(path) = last else {
            return none;
        };
        let intent = Intent::action(Intent::VIEW)
            .data(uri_of(path))
            .mime(mime_type(path));
        match answering(&intent).is_empty() {
            true => none.toast("No app can show this."),
            false => none.start(intent),
        }
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Shutter => self.shoot(system)?,
            Message::Modes if self.recording.is_none() => self.front = Some(Front::Modes),
            Message::Modes => {}
            Message::Mode(mode) => {
                self.mode = mode;
                self.front = None;
            }
            Message::Dismiss => self.front = None,
            Message::Options => self.options = true,
            Message::Turn => self.scene.front = !self.scene.front,
            Message::Flash => self.flash = !self.flash,
            Message::Lines => self.lines = !self.lines,
            Message::ShowLast => return Ok(self.show_last(system)),
            Message::Settings => self.front = Some(Front::Settings),
            Message::Tag => {
                self.tagging = !self.tagging;
                if self.front == Some(Front::Settings) {
                    store_place(system, self.tagging)?;
                }
            }
            Message::Next => {
                store_place(system, self.tagging)?;
                self.front = None;
            }
        }
        Ok(Effects::none())
    }
}

impl Activity for Camera {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> Camera {
        let stored = Preferences::load_default(&system.files, super::PACKAGE);
        Camera {
            mode: Mode::of(intent),
            front: None,
            asked: false,
            tagging: stored.text(RECORD_PLACE) != Some("off"),
            options: false,
            scene: Scene {
                front: false,
                moment: 0.5,
            },
            flash: false,
            lines: false,
            recording: None,
            last: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        if first_run::is_answered(system) {
            return Effects::none();
        }
        if !std::mem::replace(&mut self.asked, true)
            && let Some(question) = first_run::permission(system)
        {
            return Effects::none().start_for_result(PERMISSION, question);
        }
        self.front = Some(Front::Question);
        Effects::none()
    }

    fn on_new_intent(&mut self, _system: &mut System, intent: &Intent) -> Effects {
        if self.recording.is_none() {
            self.mode = Mode::of(intent);
        }
        Effects::none()
    }

    fn on_pause(&mut self, system: &mut System) {
        // A film ends with the screen that takes it.
        if let Err(error) = self.stop(system) {
            tracing::debug!(%error, "a film was not kept");
        }
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        if self.recording.is_none() {
            return Effects::none().finish();
        }
        Effects::or_toast(self.stop(system))
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let height = (WIDTH_DP * 4.0 / 3.0)
            .min(system.height_dp() - BAR)
            .max(BAR);
        let mut layers = vec![looks::preview(self.scene, self.lines, WIDTH_DP, height)];
        match self.recording {
            Some(began) => {
                let millis = system.clock.uptime_millis() - began;
                layers.push(looks::recording_time(millis));
            }
            None => layers.push(looks::options(
                self.options,
                self.scene.front,
                self.flash,
                self.lines,
            )),
        }
        let root = column(vec![
            stack(layers).id("camera_preview_layout").fill_width(),
            looks::bottom(self.mode, self.recording.is_some(), self.last.is_some()),
        ])
        .id("camera_app_root")
        .class("android.widget.FrameLayout")
        .fill()
        .on_swipe_right(Message::Modes);
        let front = self.front.map(|front| match front {
            Front::Question => first_run::question(self.tagging, Message::Tag, Message::Next),
            Front::Modes => looks::modes(),
            Front::Settings => looks::settings(self.tagging),
        });
        Screen::new(root).background(Color::BLACK).overlay(front)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
