//! The player: shows the pictures of a video, one after the other as the phone's clock goes on.

use super::titles::clock_text;
use super::{TIPS, look, store_seen, was_seen};
use crate::domain::Frame;
use crate::phone::apps::entries::name_of;
use crate::phone::media::mp4::Video;
use crate::phone::providers::documents::place_of;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Screen, Widget, column, filled_button,
    icon_button, picture, row, slider, stack, text,
};
use crate::pixels;

/// How long the controls stay after a touch, in milliseconds.
const CONTROLS: i64 = 4_000;
/// Pixels of a picture.
const MOST_PIXELS: u64 = 1 << 20;
/// A video without pictures that could be shown is over after this time, in milliseconds.
const UNKNOWN_LENGTH: i64 = 1_000;

/// The activity.
pub struct VideoPlayer {
    paths: Vec<String>,
    place: usize,
    video: Option<Video>,
    /// The picture that is seen, and where it lies in the file.
    shown: Option<(u64, Frame)>,
    /// Where the video stood when it was last started or stopped, in milliseconds.
    position: i64,
    /// When it was started, on the clock of the uptime; `None` while it is stopped.
    started: Option<i64>,
    /// Until when the controls are seen, on the clock of the uptime.
    controls: i64,
    tips: bool,
}

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum PlayerMessage {
    /// Shows or hides the controls.
    Touch,
    /// Starts or stops.
    Toggle,
    /// To a part of the video, from 0 to 1.
    Seek(f32),
    /// Ten seconds back or on.
    Jump(i64),
    /// The hints were read.
    Understood,
    /// Leaves the player.
    Up,
}

impl VideoPlayer {
    fn now(system: &System) -> i64 {
        system.clock.uptime_millis()
    }

    fn length(&self) -> i64 {
        let length = self.video.as_ref().map(|video| video.duration_millis);
        length.unwrap_or(UNKNOWN_LENGTH)
    }

    fn at(&self, system: &System) -> i64 {
        let since = self
            .started
            .map_or(0, |started| Self::now(system) - started);
        (self.position + since).clamp(0, self.length())
    }

    fn path(&self) -> &str {
        self.paths.get(self.place).map_or("", String::as_str)
    }

    /// Opens the video whose turn it is.
    fn load(&mut self, system: &System) {
        self.video = Video::open(&system.files, self.path());
        self.shown = None;
        self.position = 0;
        self.started = (!self.tips).then(|| Self::now(system));
        self.controls = Self::now(system) + CONTROLS;
        self.look(system);
    }

    /// Reads the picture of now, unless it is the one that is seen already.
    fn look(&mut self, system: &System) {
        let Some(video) = &self.video else {
            return;
        };
        let number = video.picture_at(self.at(system));
        let place = video.place(number);
        if place.is_none() || place == self.shown.as_ref().map(|(place, _)| *place) {
            return;
        }
        let bytes = video.picture(&system.files, self.path(), number);
        let frame = bytes.and_then(|bytes| pixels::decode(&bytes, MOST_PIXELS).ok());
        self.shown = place.zip(frame);
    }

    fn seek(&mut self, system: &System, to: i64) {
        self.position = to.clamp(0, self.length());
        if self.started.is_some() {
            self.started = Some(Self::now(system));
        }
        self.controls = Self::now(system) + CONTROLS;
        self.look(system);
    }

    fn toggle(&mut self, system: &System) {
        self.position = self.at(system);
        self.started = match self.started {
            Some(_) => None,
            None => Some(Self::now(system)),
        };
        self.controls = Self::now(system) + CONTROLS;
    }

    /// The controls are seen after a touch and while the video stands.
    fn has_controls(&self, system: &System) -> bool {
        self.started.is_none() || Self::now(system) < self.controls
    }

    fn head(&self) -> Widget<PlayerMessage> {
        row(vec![
            icon_button(Icon::Back, "Back")
                .id("player_overlay_navmenu")
                .color(Color::WHITE)
                .on_tap(PlayerMessage::Up),
            text(name_of(self.path()).to_owned())
                .id("player_overlay_title")
                .color(Color::WHITE)
                .max_lines(1)
                .weight_width(1.0),
        ])
        .padding_edges(4.0, 32.0, 12.0, 8.0)
        .background(Color::BLACK.with_alpha(150))
    }

    fn foot(&self, system: &System) -> Widget<PlayerMessage> {
        let (at, length) = (self.at(system), self.length());
        let sign = |sign, label: &'static str, id: &'static str, message| {
            icon_button(sign, label)
                .class("android.widget.ImageView")
                .id(id)
                .color(Color::WHITE)
                .on_tap(message)
        };
        let toggle = match self.started {
            Some(_) => (Icon::Pause, "Pause"),
            None => (Icon::Play, "Play"),
        };
        let words =
            |id: &'static str, millis: i64| text(clock_text(millis)).id(id).color(Color::WHITE);
        let seek = slider(at as f32 / length.max(1) as f32)
            .id("player_overlay_seekbar")
            .on_slide(PlayerMessage::Seek);
        column(vec![
            row(vec![
                words("player_overlay_time", at).weight_width(1.0),
                words("player_overlay_length", length),
            ])
            .padding_symmetric(16.0, 0.0)
            .decoration(),
            seek,
            row(vec![
                sign(
                    Icon::Undo,
                    "Rewind",
                    "player_overlay_rewind",
                    PlayerMessage::Jump(-10_000),
                ),
                sign(
                    toggle.0,
                    toggle.1,
                    "player_overlay_play",
                    PlayerMessage::Toggle,
                ),
                sign(
                    Icon::Redo,
                    "Forward",
                    "player_overlay_forward",
                    PlayerMessage::Jump(10_000),
                ),
            ])
            .main(Align::Center)
            .gap(24.0)
            .decoration(),
        ])
        .id("progress_overlay")
        .padding_edges(8.0, 8.0, 8.0, 32.0)
        .background(Color::BLACK.with_alpha(150))
        .place(Align::Start, Align::End)
    }

    fn tips() -> Widget<PlayerMessage> {
        column(vec![
            text("Tap the video to see its controls, tap again to hide them.")
                .id("player_tips")
                .color(Color::WHITE)
                .text_align(Align::Center)
                .fill_width(),
            filled_button("Got it, dismiss")
                .id("next_button")
                .rounded(look::ORANGE, 24.0)
                .on_tap(PlayerMessage::Understood),
        ])
        .id("player_overlay_tips")
        .cross(Align::Center)
        .main(Align::Center)
        .gap(24.0)
        .padding(32.0)
        .fill()
        .background(Color::BLACK.with_alpha(190))
        .clickable(true)
    }
}

impl Activity for VideoPlayer {
    type Message = PlayerMessage;

    fn create(system: &mut System, intent: &Intent) -> VideoPlayer {
        let paths = match intent.get_text("paths") {
            Some(paths) => paths.split('\n').map(str::to_owned).collect(),
            None => vec![place_of(intent.data.as_deref().unwrap_or_default())],
        };
        let mut player = VideoPlayer {
            paths,
            place: 0,
            video: None,
            shown: None,
            position: 0,
            started: None,
            controls: 0,
            tips: !was_seen(system, TIPS),
        };
        player.load(system);
        player
    }

    fn view(&self, system: &System) -> Screen<PlayerMessage> {
        let surface = match &self.shown {
            Some((_, frame)) => picture(frame.clone(), false),
            None => stack(vec![]),
        };
        let surface = surface
            .class("android.view.View")
            .id("player_root")
            .fill()
            .on_tap(PlayerMessage::Touch);
        let mut layers = vec![surface];
        if self.tips {
            layers.push(Self::tips());
        } else if self.has_controls(system) {
            layers.push(self.head());
            layers.push(self.foot(system));
        }
        let root = stack(layers)
            .width(Length::Fill)
            .height(Length::Fill)
            .background(Color::BLACK);
        Screen::new(root).background(Color::BLACK).edge_to_edge()
    }

    fn update(&mut self, system: &mut System, message: PlayerMessage) -> Effects {
        match message {
            PlayerMessage::Touch if self.has_controls(system) => self.controls = 0,
            PlayerMessage::Touch => self.controls = Self::now(system) + CONTROLS,
            PlayerMessage::Toggle => self.toggle(system),
            PlayerMessage::Seek(part) => {
                let to = (f64::from(part) * self.length() as f64) as i64;
                self.seek(system, to);
            }
            PlayerMessage::Jump(millis) => self.seek(system, self.at(system) + millis),
            PlayerMessage::Understood => {
                self.tips = false;
                self.toggle(system);
                if let Err(error) = store_seen(system, TIPS) {
                    return Effects::none().toast(error.to_string());
                }
            }
            PlayerMessage::Up => return Effects::none().finish(),
        }
        Effects::none()
    }

    fn on_pause(&mut self, system: &mut System) {
        // A video that is left stands where it was.
        self.position = self.at(system);
        self.started = None;
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        if self.started.is_some() && self.at(system) >= self.length() {
            self.place += 1;
            if self.place >= self.paths.len() {
                return Effects::none().finish();
            }
            self.load(system);
        }
        self.look(system);
        Effects::none()
    }
}
