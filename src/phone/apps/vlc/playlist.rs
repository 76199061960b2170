//! What is in a playlist, in its order.

use super::database::{self, Video};
use super::look::{self, ORANGE};
use super::main_screen::play;
use super::titles::{clock_text, counted};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Color, Effects, Extra, Icon, Overlay, OverlayKind, Screen, Widget, bar_action,
    column, list, text, up_arrow,
};

/// The activity.
pub struct HeaderMediaList {
    playlist: i64,
    name: String,
    tracks: Vec<Video>,
    /// The place whose actions are in front.
    sheet: Option<usize>,
}

/// A touch on the screen.
#[derive(Debug, Clone)]
pub enum PlaylistMessage {
    /// Leaves the screen.
    Up,
    /// Plays from a place on.
    Play(usize),
    /// The actions of a place.
    More(usize),
    /// Takes a place out of the playlist.
    Remove(usize),
    /// Moves a place up or down.
    Swap(usize, usize),
    /// Closes the sheet.
    Close,
}

impl HeaderMediaList {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.tracks = database::tracks(system, self.playlist)?;
        Ok(())
    }

    fn answer(&mut self, system: &System, message: PlaylistMessage) -> Result<Effects, PhoneError> {
        self.sheet = None;
        match message {
            PlaylistMessage::Up => return Ok(Effects::none().finish()),
            PlaylistMessage::Play(place) => {
                let rest = self.tracks.iter().skip(place);
                let paths: Vec<String> = rest.map(|track| track.path.clone()).collect();
                return Ok(play(&paths));
            }
            PlaylistMessage::More(place) => self.sheet = Some(place),
            PlaylistMessage::Remove(place) => database::remove(system, self.playlist, place)?,
            PlaylistMessage::Swap(place, other) => {
                database::swap(system, self.playlist, place, other)?;
            }
            PlaylistMessage::Close => {}
        }
        self.reload(system)?;
        Ok(Effects::none())
    }

    fn options(&self, place: usize) -> Widget<PlaylistMessage> {
        let title = self.tracks.get(place).map_or("", |track| &track.title);
        let mut rows = vec![
            look::option(Icon::Play, "Play", PlaylistMessage::Play(place)),
            look::option(Icon::Delete, "Remove", PlaylistMessage::Remove(place)),
        ];
        if place > 0 {
            let message = PlaylistMessage::Swap(place, place - 1);
            rows.push(look::option(Icon::ArrowUp, "Move up", message));
        }
        if place + 1 < self.tracks.len() {
            let message = PlaylistMessage::Swap(place, place + 1);
            rows.push(look::option(Icon::ArrowDown, "Move down", message));
        }
        let heading = text(title.to_owned())
            .id("ctx_title")
            .bold()
            .padding_symmetric(20.0, 10.0);
        look::sheet(vec![heading, look::sheet_list(rows, "ctx_list", 320.0)])
    }
}

impl Activity for HeaderMediaList {
    type Message = PlaylistMessage;

    fn create(_system: &mut System, intent: &Intent) -> HeaderMediaList {
        HeaderMediaList {
            playlist: match intent.extras.get("playlist") {
                Some(Extra::Integer(id)) => *id,
                _ => 0,
            },
            name: intent.get_text("name").unwrap_or("").to_owned(),
            tracks: Vec::new(),
            sheet: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.reload(system))
    }

    fn view(&self, _system: &System) -> Screen<PlaylistMessage> {
        let length: i64 = self.tracks.iter().map(|track| track.duration).sum();
        let count = counted(self.tracks.len(), "track", "tracks");
        let header = column(vec![
            text(self.name.clone())
                .id("header_list_title")
                .text_size(20.0)
                .bold(),
            text(format!("{count} · {}", clock_text(length)))
                .id("duration")
                .quiet(14.0),
            bar_action(Icon::Play, "play_btn", "Play", PlaylistMessage::Play(0)).color(ORANGE),
        ])
        .padding_symmetric(16.0, 8.0);
        let rows = self
            .tracks
            .iter()
            .enumerate()
            .map(|(place, track)| {
                look::line(
                    if track.audio {
                        Icon::Music
                    } else {
                        Icon::Video
                    },
                    ("title", track.title.clone()),
                    ("subtitle", clock_text(track.duration)),
                    false,
                    Some(look::item_more(PlaylistMessage::More(place))),
                )
                .on_tap(PlaylistMessage::Play(place))
                .on_long_press(PlaylistMessage::More(place))
                .on_swipe_left(PlaylistMessage::Remove(place))
            })
            .collect();
        let bar = look::bar(Some(up_arrow(PlaylistMessage::Up)), "", vec![]);
        let root = column(vec![bar, header, list(rows).id("songs").weight_height(1.0)])
            .fill()
            .background(Color::SURFACE);
        let sheet = self.sheet.map(|place| {
            Overlay::new(
                OverlayKind::BottomSheet,
                self.options(place),
                PlaylistMessage::Close,
            )
        });
        Screen::new(root)
            .background(Color::SURFACE_RAISED)
            .overlay(sheet)
    }

    fn update(&mut self, system: &mut System, message: PlaylistMessage) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
