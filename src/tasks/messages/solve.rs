//! Scripts that reach the goals through the screen.

use crate::domain::Action;
use crate::tasks::Solution;
use crate::tasks::apps::MESSENGER;
use crate::tasks::clipboard::{BarButton, touch_bar};
use crate::tasks::screen::{Look, Scan, back, open, steps};

/// The field of a conversation, and its button.
const FIELD: &str = "thread_type_message";
const SEND: &str = "thread_send_message";

/// In a conversation: the button, once the field holds the text; then done.
fn send_now(look: Look, sent: &mut bool) -> Action {
    if *sent {
        return Action::complete();
    }
    *sent = true;
    look.tap_id(SEND).unwrap_or_else(back)
}

/// The row of somebody in the list of conversations.
fn row_of(look: Look, who: &str) -> Option<Action> {
    let row = look.find(|element| {
        element.resource_entry() == "conversation_address" && element.text.as_deref() == Some(who)
    });
    row.map(|row| look.tap(row))
}

/// Answers a number, or whoever wrote last.
pub(super) fn reply(number: Option<String>, message: String) -> Box<dyn Solution> {
    let mut sent = false;
    let mut scan = Scan::default();
    steps(move |look| {
        if !look.shows(MESSENGER) {
            return open(MESSENGER);
        }
        if let Some(field) = look.id(FIELD) {
            let right = number.as_ref().is_none_or(|number| look.has(number));
            return match look.text(field).trim() == message {
                _ if !right => back(),
                true => send_now(look, &mut sent),
                false if sent => Action::complete(),
                false => Action::input_text(field, &message),
            };
        }
        match &number {
            Some(number) => row_of(look, number).unwrap_or_else(|| scan.next(look)),
            // The newest is on top.
            None => look.tap_id("conversation_address").unwrap_or_else(back),
        }
    })
}

/// Writes to a number; without a message what is on the clipboard.
pub(super) fn send(number: String, message: Option<String>) -> Box<dyn Solution> {
    let mut sent = false;
    let mut pressed = false;
    steps(move |look| {
        if !look.shows(MESSENGER) {
            return open(MESSENGER);
        }
        if let Some(field) = look.id(FIELD) {
            let ready = look
                .id(SEND)
                .is_some_and(|button| look.element(button).is_enabled);
            if !look.has(&number) {
                return back();
            }
            return match &message {
                _ if sent => Action::complete(),
                Some(message) if look.text(field).trim() != message => {
                    Action::input_text(field, message)
                }
                None if !ready => {
                    pressed = !pressed;
                    match pressed {
                        true => Action::long_press(field),
                        false => touch_bar(look, field, BarButton::Paste),
                    }
                }
                _ => send_now(look, &mut sent),
            };
        }
        if let Some(field) = look.id("new_conversation_address") {
            return match look.text(field).trim() == number {
                true => look.tap_id("new_conversation_confirm").unwrap_or_else(back),
                false => Action::input_text(field, &number),
            };
        }
        look.tap_id("conversations_fab").unwrap_or_else(back)
    })
}

/// Hands a message of one conversation on to somebody.
pub(super) fn forward(from: String, message: String, to: String) -> Box<dyn Solution> {
    let mut sent = false;
    let mut handed_on = false;
    steps(move |look| {
        if let Some(item) = look.tap_named("Forward") {
            handed_on = true;
            return item;
        }
        if !look.shows(MESSENGER) {
            return open(MESSENGER);
        }
        if look.id("new_conversation_address").is_some() {
            let person = look.find(|element| {
                element.resource_entry() == "item_contact_name"
                    && element.text.as_deref() == Some(&*to)
            });
            return person.map_or_else(back, |person| look.tap(person));
        }
        if look.id("action_context_bar").is_some() {
            return look.tap_named("More options").unwrap_or_else(back);
        }
        if let Some(field) = look.id(FIELD) {
            let filled = look.text(field).trim() == message;
            if sent || filled && handed_on && look.has(&to) {
                return send_now(look, &mut sent);
            }
            let bubble = look.find(|element| {
                element.resource_entry() == "thread_message_body"
                    && element.text.as_deref() == Some(&*message)
            });
            return match bubble {
                Some(bubble) if look.has(&from) => Action::long_press(bubble),
                _ => back(),
            };
        }
        row_of(look, &from).unwrap_or_else(back)
    })
}
