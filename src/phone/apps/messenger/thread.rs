//! One conversation: its messages and the field for the next one. What is typed is kept as a draft.

use std::collections::BTreeSet;

use super::{NEW, NUMBER, PACKAGE, TEXT};
use crate::phone::providers::book::Book;
use crate::phone::providers::messages::{self, FAILED, INBOX, SENT};
use crate::phone::system::{Intent, Namespace, PhoneError, System};
use crate::phone::ui::{Activity, Effects, Screen};

/// The list of messages.
pub const LIST: &str = "thread_messages_list";
/// The field.
pub const FIELD: &str = "thread_type_message";

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Leaves the screen.
    Up,
    /// What is in the field.
    Typed(String),
    /// Sends it.
    Send,
    /// A message was tapped: chooses it while others are chosen, or tries again what failed.
    Tap(i64),
    /// Chooses a message, or not.
    Choose(i64),
    /// Ends the selection.
    ChooseNone,
    /// Chooses all.
    ChooseAll,
    /// Opens a menu or dialog.
    Show(Front),
    /// Closes it.
    Dismiss,
    /// Copies the chosen message.
    Copy,
    /// Hands the chosen message to another app.
    Share,
    /// Deletes what is chosen.
    Delete,
    /// Deletes the conversation.
    DeleteThread,
    /// Sends the chosen message to somebody.
    Forward,
    /// Puts the conversation away.
    Archive,
    /// Marks the conversation as unread and leaves.
    Unread,
    /// Calls the number.
    Dial,
    /// Makes a contact of the number.
    AddContact,
    /// Only says something.
    Say(&'static str),
}

/// What lies in front of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Front {
    /// The menu of the three dots.
    Menu,
    /// The question before messages are deleted.
    Delete,
    /// The question before the conversation is deleted.
    DeleteThread,
    /// What is known of a message.
    Properties,
    /// The text of a message.
    Text,
}

/// The activity.
pub struct Thread {
    /// The other side's number.
    pub(super) address: String,
    /// Row id, once there is a message.
    thread: Option<i64>,
    pub(super) book: Book,
    pub(super) all: Vec<messages::Message>,
    version: Option<(u64, i64, u64)>,
    pub(super) typed: String,
    /// An intent brought the text of the field, or it was typed: no draft replaces it.
    touched: bool,
    pub(super) chosen: BTreeSet<i64>,
    pub(super) front: Option<Front>,
}

impl Thread {
    fn reload(&mut self, system: &System) -> Result<(), PhoneError> {
        self.book = Book::load(system)?;
        self.thread = messages::find(system, &self.address)?;
        self.all.clear();
        if let Some(thread) = self.thread {
            messages::mark(system, thread, true)?;
            self.all = messages::messages(system, thread)?;
            if !self.touched {
                self.typed = messages::draft(system, thread)?.unwrap_or_default();
            }
        }
        self.touched = true;
        let known: BTreeSet<i64> = self.all.iter().map(|one| one.id).collect();
        self.chosen.retain(|id| known.contains(id));
        self.version = messages::version(system);
        Ok(())
    }

    /// The only chosen message.
    pub(super) fn only(&self) -> Option<&messages::Message> {
        let id = self.chosen.first().filter(|_| self.chosen.len() == 1)?;
        self.all.iter().find(|one| one.id == *id)
    }

    fn send(&mut self, system: &System) -> Result<Effects, PhoneError> {
        let body = self.typed.trim().to_owned();
        if body.is_empty() {
            return Ok(Effects::none());
        }
        let airplane = system
            .settings
            .get_integer(Namespace::Global, "airplane_mode_on", 0);
        let kind = if airplane == 0 { SENT } else { FAILED };
        messages::keep_draft(system, &self.address, "", PACKAGE)?;
        messages::add(system, &self.address, &body, kind, PACKAGE)?;
        self.typed.clear();
        self.reload(system)?;
        Ok(Effects::none().scroll_to(LIST, f32::MAX))
    }

    fn answer(&mut self, system: &mut System, message: Message) -> Result<Effects, PhoneError> {
        self.front = None;
        let none = Effects::none();
        match message {
            Message::Up => return Ok(none.finish()),
            Message::Typed(typed) => self.typed = typed,
            Message::Send => return self.send(system),
            Message::Tap(id) if self.chosen.is_empty() => {
                let found = self.all.iter().find(|one| one.id == id);
                if let Some(failed) = found.filter(|one| one.kind == FAILED) {
                    self.typed = failed.body.clone();
                    messages::delete(system, &[id])?;
                    self.reload(system)?;
                    return Ok(none.focus(FIELD));
                }
            }
            Message::Tap(id) | Message::Choose(id) => {
                if !self.chosen.remove(&id) {
                    self.chosen.insert(id);
                }
            }
            Message::ChooseNone => self.chosen.clear(),
            Message::ChooseAll => self.chosen = self.all.iter().map(|one| one.id).collect(),
            Message::Show(front) => self.front = Some(front),
            Message::Dismiss => {}
            Message::Copy | Message::Share | Message::Forward => {
                let Some(body) = self.only().map(|one| one.body.clone()) else {
                    return Ok(none);
                };
                self.chosen.clear();
                return Ok(match message {
                    Message::Copy => none.copy(body).toast("Value copied to clipboard"),
                    Message::Share => none.start(
                        Intent::action("android.intent.action.SEND")
                            .mime("text/plain")
                            .text("android.intent.extra.TEXT", body),
                    ),
                    _ => none.start(Intent::activity(PACKAGE, NEW).text(TEXT, body)),
                });
            }
            Message::Delete => {
                let chosen: Vec<i64> = std::mem::take(&mut self.chosen).into_iter().collect();
                messages::delete(system, &chosen)?;
                self.reload(system)?;
                if self.all.is_empty() && self.typed.is_empty() {
                    return Ok(none.finish());
                }
            }
            Message::DeleteThread => {
                if let Some(thread) = self.thread {
                    messages::delete_thread(system, thread)?;
                }
                self.typed.clear();
                return Ok(none.finish());
            }
            Message::Archive => {
                if let Some(thread) = self.thread {
                    messages::archive(system, thread, true)?;
                }
                return Ok(none.finish());
            }
            Message::Unread => {
                if let Some(thread) = self.thread {
                    messages::mark(system, thread, false)?;
                }
                return Ok(none.finish());
            }
            Message::Dial => return Ok(none.start(super::dial(&self.address))),
            Message::AddContact => return Ok(none.start(super::new_contact(&self.address))),
            Message::Say(words) => return Ok(none.toast(words)),
        }
        Ok(none)
    }

    /// Whether the other side has written or been written to.
    pub(super) fn has_messages(&self) -> bool {
        !self.all.is_empty()
    }

    /// Whether a message came from the other side.
    pub(super) fn is_received(one: &messages::Message) -> bool {
        one.kind == INBOX
    }
}

impl Activity for Thread {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> Thread {
        let typed = intent.get_text(TEXT).unwrap_or_default().to_owned();
        Thread {
            address: intent.get_text(NUMBER).unwrap_or_default().to_owned(),
            thread: None,
            book: Book::default(),
            all: Vec::new(),
            version: None,
            touched: !typed.is_empty(),
            typed,
            chosen: BTreeSet::new(),
            front: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match self.reload(system) {
            Ok(()) => Effects::none().scroll_to(LIST, f32::MAX),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    fn on_pause(&mut self, system: &mut System) {
        let draft = messages::keep_draft(system, &self.address, self.typed.trim(), PACKAGE);
        if let Err(error) = draft {
            tracing::debug!(%error, "a draft was not kept");
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        if self.chosen.is_empty() {
            return Effects::none().finish();
        }
        self.chosen.clear();
        Effects::none()
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        if messages::version(system) == self.version {
            return Effects::none();
        }
        let before = self.all.len();
        match self.reload(system) {
            Ok(()) if self.all.len() > before => Effects::none().scroll_to(LIST, f32::MAX),
            Ok(()) => Effects::none(),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        Screen::new(self.content(system)).overlay(self.overlay(system))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
