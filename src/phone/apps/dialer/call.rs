//! A call: it rings for two seconds, then somebody answers, until it is ended. Then it stands in the log.

use super::{keypad, number_in};
use crate::phone::apps::contacts::{format, look};
use crate::phone::providers::book::Book;
use crate::phone::providers::calls;
use crate::phone::system::{Intent, Namespace, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Screen, Widget, column, icon, row, spacer,
    stretch, text,
};

/// How long it rings, in milliseconds.
const RINGING: i64 = 2_000;

/// A touch.
#[derive(Debug, Clone, Copy)]
pub enum Message {
    /// Ends the call.
    End,
    /// The microphone on or off.
    Mute,
    /// The loudspeaker on or off.
    Speaker,
    /// The keypad open or closed.
    Keypad,
    /// A key of it.
    Key(char),
}

/// The screen.
pub struct InCall {
    number: String,
    name: String,
    person: i64,
    /// Uptime in milliseconds when it was dialled; none when there is no line.
    began: Option<i64>,
    /// It stands in the log.
    logged: bool,
    muted: bool,
    speaker: bool,
    keys: Option<String>,
}

impl InCall {
    fn new(system: &System, intent: &Intent) -> InCall {
        let number = keypad::plain(number_in(intent).unwrap_or(""));
        let book = Book::load(system).unwrap_or_default();
        let owner = book.owner(&number);
        let airplane = system
            .settings
            .get_integer(Namespace::Global, "airplane_mode_on", 0);
        let connected = !number.is_empty() && airplane == 0;
        InCall {
            name: match owner {
                Some(person) => person.name.clone(),
                None => format::shown(&number),
            },
            person: owner.map_or(0, |person| person.id),
            number,
            began: connected.then(|| system.clock.uptime_millis()),
            logged: false,
            muted: false,
            speaker: false,
            keys: None,
        }
    }

    /// Seconds since somebody answered.
    fn seconds(&self, system: &System) -> Option<i64> {
        let since = system.clock.uptime_millis() - self.began?;
        (since >= RINGING).then_some((since - RINGING) / 1_000)
    }

    fn end(&mut self, system: &System) -> Effects {
        let none = Effects::none().finish();
        if self.began.is_none() || std::mem::replace(&mut self.logged, true) {
            return none;
        }
        let seconds = self.seconds(system).unwrap_or(0);
        match calls::add(system, &self.number, calls::OUTGOING, seconds) {
            Ok(()) => none,
            Err(error) => none.toast(error.to_string()),
        }
    }

    fn switch(sign: Icon, label: &'static str, on: bool, message: Message) -> Widget<Message> {
        let color = match on {
            true => Color::ACCENT_PALE,
            false => Color::SURFACE_RAISED,
        };
        column(vec![
            icon(sign, 26.0)
                .color(Color::TEXT)
                .padding(15.0)
                .rounded(color, 28.0)
                .decoration(),
            text(label).text_size(13.0),
        ])
        .class("android.widget.CompoundButton")
        .description(label)
        .checked(on)
        .cross(Align::Center)
        .gap(6.0)
        .weight_width(1.0)
        .on_tap(message)
    }
}

impl Activity for InCall {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> InCall {
        InCall::new(system, intent)
    }

    fn on_resume(&mut self, _system: &mut System) -> Effects {
        match self.began {
            Some(_) => Effects::none(),
            None => Effects::none()
                .finish()
                .toast("Turn on the mobile network or turn off airplane mode to make a call."),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let state = match self.seconds(system) {
            None => "Calling…".to_owned(),
            Some(seconds) => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        };
        let mut parts = vec![
            spacer(32.0),
            text(state)
                .id("contactgrid_bottom_timer")
                .color(Color::TEXT_SECONDARY),
            text(self.name.clone())
                .id("contactgrid_contact_name")
                .text_size(30.0)
                .text_align(Align::Center)
                .max_lines(2),
        ];
        if self.name != format::shown(&self.number) {
            parts.push(
                text(format::shown(&self.number))
                    .id("contactgrid_forwardNumber")
                    .color(Color::TEXT_SECONDARY),
            );
        }
        match &self.keys {
            Some(typed) => parts.extend([
                text(typed.clone()).id("digits").text_size(24.0),
                stretch(),
                keypad::keys(Message::Key),
            ]),
            None => parts.extend([
                look::picture(self.person, &self.name, 120.0).id("contactgrid_avatar"),
                stretch(),
            ]),
        }
        parts.push(
            row(vec![
                InCall::switch(Icon::Microphone, "Mute", self.muted, Message::Mute),
                InCall::switch(Icon::Apps, "Keypad", self.keys.is_some(), Message::Keypad),
                InCall::switch(Icon::Volume, "Speaker", self.speaker, Message::Speaker),
            ])
            .id("incall_first_row"),
        );
        parts.push(
            icon(Icon::Phone, 32.0)
                .id("incall_end_call")
                .class("android.widget.ImageButton")
                .description("End call")
                .color(Color::WHITE)
                .padding(18.0)
                .rounded(Color::DANGER, 34.0)
                .on_tap(Message::End),
        );
        parts.push(spacer(24.0));
        let root = column(parts)
            .id("incall_contact_grid")
            .cross(Align::Center)
            .gap(14.0)
            .padding_symmetric(20.0, 0.0)
            .height(Length::Fill);
        Screen::new(root)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::End => return self.end(system),
            Message::Mute => self.muted = !self.muted,
            Message::Speaker => self.speaker = !self.speaker,
            Message::Keypad => {
                self.keys = match self.keys {
                    Some(_) => None,
                    None => Some(String::new()),
                };
            }
            Message::Key(sign) => {
                if let Some(keys) = &mut self.keys {
                    *keys = keypad::plain(&format!("{keys}{sign}"));
                }
            }
        }
        Effects::none()
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        // Without a window for calls that go on behind others, leaving one ends it.
        self.end(system)
    }
}
