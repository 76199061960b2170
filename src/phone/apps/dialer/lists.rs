//! The lists of the main screen: favourites, the log of calls, contacts, and what a search finds.

use super::screen::Message;
use crate::phone::apps::contacts::{format, look};
use crate::phone::providers::book::{Book, Person};
use crate::phone::providers::calls::{self, Call};
use crate::phone::system::System;
use crate::phone::ui::{
    Align, Color, Icon, Widget, button, column, icon, icon_button, list, row, text,
};

/// What is shown instead of an empty list.
pub fn nothing(words: &'static str, sign: Icon) -> Widget<Message> {
    column(vec![
        icon(sign, 88.0).id("empty_list_view_image"),
        text(words)
            .id("empty_list_view_message")
            .text_align(Align::Center)
            .fill_width(),
    ])
    .id("empty_list_view")
    .cross(Align::Center)
    .main(Align::Center)
    .gap(16.0)
    .padding(32.0)
    .fill()
}

fn small(words: String) -> Widget<Message> {
    text(words).quiet(14.0).max_lines(1)
}

fn person_row(person: &Person, message: Message) -> Widget<Message> {
    row(vec![
        look::picture(person.id, &person.name, 40.0).decoration(),
        text(person.name.clone())
            .id("contact_name")
            .max_lines(1)
            .weight_width(1.0),
    ])
    .id("click_target")
    .key(format!("person {}", person.id))
    .gap(18.0)
    .min_height(60.0)
    .padding_symmetric(20.0, 8.0)
    .on_tap(message)
}

/// The favourites, who are called with a tap.
pub fn favourites(book: &Book) -> Widget<Message> {
    let starred: Vec<Widget<Message>> = book
        .0
        .iter()
        .filter(|person| person.starred)
        .filter_map(|person| {
            let number = person.numbers.first()?;
            Some(person_row(person, Message::Call(number.clone())))
        })
        .collect();
    if starred.is_empty() {
        return nothing("No one is on your speed dial yet", Icon::StarOutline);
    }
    list(starred).id("speed_dial_recycler_view")
}

/// Everybody, whose card opens with a tap.
pub fn contacts(book: &Book) -> Widget<Message> {
    let mut rows = vec![
        row(vec![
            icon(Icon::Person, 24.0)
                .color(Color::ACCENT)
                .margin_edges(8.0, 0.0, 8.0, 0.0)
                .decoration(),
            text("Create new contact").color(Color::ACCENT),
        ])
        .id("add_contact_container")
        .gap(18.0)
        .min_height(60.0)
        .padding_symmetric(20.0, 8.0)
        .on_tap(Message::AddContact),
    ];
    let people = book.0.iter();
    rows.extend(people.map(|person| person_row(person, Message::Card(person.id))));
    list(rows).id("recycler_view")
}

/// Who fits the words, called with a tap.
pub fn found(book: &Book, words: &str) -> Widget<Message> {
    let mut rows = Vec::new();
    for person in book.matching(words) {
        for number in &person.numbers {
            rows.push(
                row(vec![
                    look::picture(person.id, &person.name, 40.0).decoration(),
                    column(vec![
                        text(person.name.clone()).id("primary").max_lines(1),
                        small(format::shown(number)).id("secondary"),
                    ])
                    .decoration()
                    .weight_width(1.0),
                ])
                .gap(18.0)
                .min_height(64.0)
                .padding_symmetric(20.0, 8.0)
                .on_tap(Message::Call(number.clone())),
            );
        }
    }
    if rows.is_empty() {
        return nothing("No results", Icon::Search);
    }
    list(rows).id("search_results")
}

/// When a call was, and which way it went.
fn about(system: &System, call: &Call) -> String {
    let at = system.clock.at_micros(call.date.saturating_mul(1_000));
    let now = system.clock.now();
    let time = at.strftime(match at.date() == now.date() {
        true => "%H:%M",
        false => "%b %-d",
    });
    let way = match call.kind {
        calls::OUTGOING => "Outgoing",
        calls::INCOMING => "Incoming",
        calls::REJECTED => "Declined",
        _ => "Missed",
    };
    format!("{way} • {time}")
}

/// The log of calls.
pub fn recents(calls: &[Call], book: &Book, open: Option<i64>, system: &System) -> Widget<Message> {
    if calls.is_empty() {
        return nothing("Your call log is empty", Icon::Phone);
    }
    let mut rows = Vec::new();
    for call in calls {
        let owner = book.owner(&call.number);
        let name = match owner {
            Some(person) => person.name.clone(),
            None => format::shown(&call.number),
        };
        let color = match call.kind {
            calls::MISSED => Color::DANGER,
            _ => Color::TEXT,
        };
        rows.push(
            row(vec![
                look::picture(owner.map_or(0, |person| person.id), &name, 40.0).decoration(),
                column(vec![
                    text(name.clone())
                        .id("primary_textview")
                        .color(color)
                        .max_lines(1),
                    small(about(system, call)).id("secondary_textview"),
                ])
                .decoration()
                .weight_width(1.0),
                icon_button(Icon::Phone, format!("Call {name}"))
                    .id("call_button")
                    .class("android.widget.ImageView")
                    .on_tap(Message::Call(call.number.clone())),
            ])
            .id("call_log_entry_root")
            .key(format!("call {}", call.id))
            .gap(18.0)
            .min_height(68.0)
            .padding_symmetric(20.0, 8.0)
            .on_tap(Message::Unfold(call.id)),
        );
        if open == Some(call.id) {
            let entry = |label: &'static str, id: &'static str, message: Message| {
                button(label).id(id).on_tap(message)
            };
            rows.push(
                row(vec![
                    entry(
                        "Message",
                        "send_message_action",
                        Message::Write(call.number.clone()),
                    ),
                    entry("Delete", "delete_action", Message::Forget(call.id)),
                ])
                .id("call_log_entry_actions")
                .padding_edges(70.0, 0.0, 16.0, 8.0),
            );
        }
    }
    list(rows).id("new_call_log_recycler_view")
}
