//! How a conversation looks: tool bar, bubbles, the field, menus and dialogs.

use super::look::{ORANGE, RECEIVED, bar, contextual_bar, moment, picture};
use super::thread::{FIELD, Front, LIST, Message, Thread};
use crate::phone::providers::messages::{self, FAILED, SENT};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Length, Overlay, Widget, alert, bar_action, button, column, icon, list,
    overflow_button, overflow_menu, row, stretch, text, text_field,
};

/// Pause between messages from which on the time is shown again.
const PAUSE: i64 = 300_000;

impl Thread {
    /// The whole screen.
    pub(super) fn content(&self, system: &System) -> Widget<Message> {
        let mut rows = Vec::new();
        let mut shown: Option<i64> = None;
        let last_sent = self.all.iter().rposition(|one| one.kind == SENT);
        for (index, one) in self.all.iter().enumerate() {
            if shown.is_none_or(|shown| one.date.saturating_sub(shown) > PAUSE) {
                shown = Some(one.date);
                rows.push(
                    text(moment(system, one.date))
                        .id("thread_date_time")
                        .quiet(13.0)
                        .text_align(Align::Center)
                        .fill_width()
                        .padding(8.0),
                );
            }
            rows.push(self.bubble(one));
            if Some(index) == last_sent && index + 1 == self.all.len() {
                rows.push(
                    row(vec![
                        stretch(),
                        icon(Icon::Check, 18.0).id("thread_success").color(ORANGE),
                    ])
                    .decoration()
                    .padding_symmetric(20.0, 2.0),
                );
            }
            if one.kind == FAILED {
                rows.push(
                    text("Not sent. Touch to retry.")
                        .id("thread_error")
                        .text_size(13.0)
                        .color(Color::DANGER)
                        .text_align(Align::End)
                        .fill_width()
                        .padding_symmetric(20.0, 4.0)
                        .on_tap(Message::Tap(one.id)),
                );
            }
        }
        column(vec![
            self.top(),
            list(rows).id(LIST).weight_height(1.0),
            self.writing(),
        ])
        .id("thread_coordinator")
        .class("android.view.ViewGroup")
        .fill()
    }

    fn top(&self) -> Widget<Message> {
        if !self.chosen.is_empty() {
            let mut actions = Vec::new();
            if self.chosen.len() == 1 {
                actions.push(bar_action(
                    Icon::Copy,
                    "cab_copy_to_clipboard",
                    "Copy to clipboard",
                    Message::Copy,
                ));
                actions.push(bar_action(
                    Icon::Share,
                    "cab_share",
                    "Share",
                    Message::Share,
                ));
            }
            let delete = Message::Show(Front::Delete);
            actions.push(bar_action(Icon::Delete, "cab_delete", "Delete", delete));
            if self.chosen.len() == 1 {
                actions.push(bar_action(
                    Icon::Info,
                    "cab_properties",
                    "Properties",
                    Message::Show(Front::Properties),
                ));
            }
            actions.push(overflow_button(Message::Show(Front::Menu)));
            let (chosen, all) = (self.chosen.len(), self.all.len());
            return contextual_bar(chosen, all, Message::ChooseNone, actions);
        }
        let mut actions = Vec::new();
        if self.has_messages() {
            let delete = Message::Show(Front::DeleteThread);
            actions.push(bar_action(Icon::Delete, "delete", "Delete", delete));
        }
        actions.push(bar_action(
            Icon::Phone,
            "dial_number",
            "Dial number",
            Message::Dial,
        ));
        actions.push(overflow_button(Message::Show(Front::Menu)));
        let title = self.book.title(&self.address).to_owned();
        bar("thread_toolbar", title, Message::Up, actions)
    }

    fn bubble(&self, one: &messages::Message) -> Widget<Message> {
        let received = Thread::is_received(one);
        let chosen = self.chosen.contains(&one.id);
        let (color, ink) = match received {
            true => (RECEIVED, Color::TEXT),
            false => (ORANGE, Color::WHITE),
        };
        let body = text(one.body.clone())
            .id("thread_message_body")
            .color(ink)
            .padding_symmetric(14.0, 10.0)
            .rounded(color, 18.0)
            .on_tap(Message::Tap(one.id))
            .on_long_press(Message::Choose(one.id));
        // A long text leaves a margin on the other side.
        let long = one.body.chars().count() > 30 || one.body.contains('\n');
        let body = match long {
            true => body.width(Length::Dp(270.0)),
            false => body,
        };
        let mut children = Vec::new();
        match received {
            true => {
                let name = self.book.title(&self.address);
                children.push(picture(name, 32.0).id("thread_message_sender_photo"));
                children.push(body);
                children.push(stretch());
            }
            false => {
                children.push(stretch());
                children.push(body);
            }
        }
        let background = Color::chosen(chosen);
        row(vec![
            row(children)
                .id("thread_message_wrapper")
                .class("android.widget.RelativeLayout")
                .gap(8.0),
        ])
        .id("thread_message_holder")
        .class("android.view.ViewGroup")
        .key(format!("message {}", one.id))
        .background(background)
        .selected(chosen)
        .padding_symmetric(12.0, 4.0)
    }

    fn writing(&self) -> Widget<Message> {
        let ready = !self.typed.trim().is_empty();
        let color = match ready {
            true => ORANGE,
            false => Color::TEXT_DISABLED,
        };
        let send = button("SMS")
            .id("thread_send_message")
            .description("OK")
            .color(color)
            .enabled(ready);
        let send = match ready {
            true => send.on_tap(Message::Send),
            false => send.clickable(false),
        };
        row(vec![
            icon(Icon::Add, 24.0)
                .id("thread_add_attachment")
                .description("Attachment")
                .padding(12.0)
                .on_tap(Message::Say("There is nothing to attach")),
            column(vec![
                text_field(self.typed.clone(), "Type a message…")
                    .id(FIELD)
                    .multiline()
                    .on_change(Message::Typed),
            ])
            .decoration()
            .weight_width(1.0),
            send,
        ])
        .id("message_holder")
        .class("android.view.ViewGroup")
        .padding_symmetric(4.0, 4.0)
        .background(Color::SURFACE_RAISED)
    }

    fn menu(&self) -> Vec<(&'static str, Message)> {
        if !self.chosen.is_empty() {
            let mut items = Vec::new();
            if self.chosen.len() == 1 {
                items.push(("Forward", Message::Forward));
                items.push(("Select text", Message::Show(Front::Text)));
            }
            items.push(("Select all", Message::ChooseAll));
            return items;
        }
        let mut items = Vec::new();
        if self.has_messages() {
            items.push(("Archive", Message::Archive));
        }
        if self.book.owner(&self.address).is_none() {
            items.push(("Add number to contact", Message::AddContact));
        }
        if self.has_messages() {
            items.push(("Mark as Unread", Message::Unread));
        }
        items.push(("Select all", Message::ChooseAll));
        items
    }

    /// The menu or dialog in front.
    pub(super) fn overlay(&self, system: &System) -> Option<Overlay<Message>> {
        let question = |words: String, yes: Message| {
            alert("")
                .message(words)
                .positive("Yes", yes)
                .negative("No", Message::Dismiss)
        };
        let dialog = match self.front? {
            Front::Menu => return Some(overflow_menu(self.menu(), Message::Dismiss)),
            Front::Delete => {
                let words = match self.chosen.len() {
                    1 => "Delete this message?".to_owned(),
                    count => format!("Delete {count} messages?"),
                };
                question(words, Message::Delete)
            }
            Front::DeleteThread => question(
                "Delete all messages of this conversation?".to_owned(),
                Message::DeleteThread,
            ),
            Front::Properties => {
                let one = self.only()?;
                let side = match Thread::is_received(one) {
                    true => "Sender",
                    false => "Receiver",
                };
                let property = |label: &'static str, value: String| {
                    column(vec![
                        text(label).id("property_label").quiet(14.0),
                        text(value).id("property_value"),
                    ])
                    .padding_symmetric(0.0, 6.0)
                };
                alert("Message details")
                    .content(vec![
                        property(side, one.address.clone()),
                        property("Date", moment(system, one.date)),
                    ])
                    .positive("OK", Message::Dismiss)
            }
            Front::Text => alert("")
                .content(vec![
                    text(self.only()?.body.clone()).id("dialog_select_text_value"),
                ])
                .positive("OK", Message::Dismiss),
        };
        Some(dialog.overlay(Message::Dismiss))
    }
}
