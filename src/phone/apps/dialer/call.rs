//! A call: one that is made rings for two seconds, then somebody answers; one that comes in rings until it is
//! answered, declined or given up. When it is ended, it stands in the log.

use super::{ACCEPT, CANCEL, INCOMING, keypad, number_in};
use crate::phone::apps::contacts::{format, look};
use crate::phone::providers::book::Book;
use crate::phone::providers::calls;
use crate::phone::system::{Call, Intent, Namespace, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Screen, Widget, column, icon, row, spacer,
    stretch, text,
};

/// How long it rings, in milliseconds.
const RINGING: i64 = 2_000;

/// A touch.
#[derive(Debug, Clone, Copy)]
pub enum Message {
    /// Ends the call, or declines it.
    End,
    /// Answers it.
    Answer,
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
    /// Whether the other side calls.
    incoming: bool,
    /// Uptime in milliseconds when it began to ring; none when there is no line.
    began: Option<i64>,
    /// Uptime in milliseconds when a call that came in was answered.
    answered: Option<i64>,
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
            incoming: intent.get_flag(INCOMING),
            answered: None,
            number,
            began: connected.then(|| system.clock.uptime_millis()),
            logged: false,
            muted: false,
            speaker: false,
            keys: None,
        }
    }

    /// Whether a call that comes in is not answered yet.
    fn rings(&self) -> bool {
        self.incoming && self.answered.is_none()
    }

    /// Tells the phone of the call.
    fn tell(&self, system: &mut System) {
        system.call = self.began.map(|_| Call {
            number: self.number.clone(),
            incoming: self.incoming,
            answered: !self.rings(),
        });
    }

    fn answer(&mut self, system: &mut System) -> Effects {
        if self.rings() {
            self.answered = Some(system.clock.uptime_millis());
            self.tell(system);
        }
        Effects::none()
    }

    /// Seconds since somebody answered.
    fn seconds(&self, system: &System) -> Option<i64> {
        if self.incoming {
            let since = system.clock.uptime_millis() - self.answered?;
            return Some(since / 1_000);
        }
        let since = system.clock.uptime_millis() - self.began?;
        (since >= RINGING).then_some((since - RINGING) / 1_000)
    }

    /// Ends it; `refused` by this side, if it rang.
    fn end(&mut self, system: &mut System, refused: bool) -> Effects {
        let none = Effects::none().finish();
        system.call = None;
        if self.began.is_none() || std::mem::replace(&mut self.logged, true) {
            return none;
        }
        let seconds = self.seconds(system).unwrap_or(0);
        let kind = match (self.incoming, self.rings(), refused) {
            (false, ..) => calls::OUTGOING,
            (true, false, _) => calls::INCOMING,
            (true, true, true) => calls::REJECTED,
            (true, true, false) => calls::MISSED,
        };
        match calls::add(system, &self.number, kind, seconds) {
            Ok(()) => none,
            Err(error) => none.toast(error.to_string()),
        }
    }

    /// The buttons of a call that rings.
    fn answers() -> Widget<Message> {
        let choice = |id: &str, label: &'static str, color: Color, message: Message| {
            let sign = icon(Icon::Phone, 32.0)
                .color(Color::WHITE)
                .padding(18.0)
                .rounded(color, 34.0)
                .decoration();
            column(vec![sign, text(label).text_size(13.0)])
                .class("android.widget.ImageButton")
                .id(id.to_owned())
                .description(label)
                .cross(Align::Center)
                .gap(6.0)
                .weight_width(1.0)
                .on_tap(message)
        };
        row(vec![
            choice("incoming_decline", "Decline", Color::DANGER, Message::End),
            choice(
                "incoming_answer",
                "Answer",
                Color::rgb(0x1E_8E3E),
                Message::Answer,
            ),
        ])
    }

    /// The buttons of a call that goes on.
    fn controls(&self) -> [Widget<Message>; 2] {
        let first = row(vec![
            InCall::switch(Icon::Microphone, "Mute", self.muted, Message::Mute),
            InCall::switch(Icon::Apps, "Keypad", self.keys.is_some(), Message::Keypad),
            InCall::switch(Icon::Volume, "Speaker", self.speaker, Message::Speaker),
        ])
        .id("incall_first_row");
        let end = icon(Icon::Phone, 32.0)
            .id("incall_end_call")
            .class("android.widget.ImageButton")
            .description("End call")
            .color(Color::WHITE)
            .padding(18.0)
            .rounded(Color::DANGER, 34.0)
            .on_tap(Message::End);
        [first, end]
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
        let call = InCall::new(system, intent);
        call.tell(system);
        call
    }

    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects {
        match intent.action.as_deref() {
            Some(CANCEL) => self.end(system, intent.get_flag(INCOMING)),
            Some(ACCEPT) => self.answer(system),
            _ => Effects::none(),
        }
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
            None if self.incoming => "Incoming call".to_owned(),
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
        if self.rings() {
            parts.push(InCall::answers());
        } else {
            parts.extend(self.controls());
        }
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
            Message::End => return self.end(system, true),
            Message::Answer => return self.answer(system),
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
        self.end(system, true)
    }
}
