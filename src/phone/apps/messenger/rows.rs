//! Rows of the list of conversations and of the search's results.

use super::conversations::Message;
use super::look::{ORANGE, day, picture};
use crate::phone::providers::messages::{self, Conversation};
use crate::phone::system::System;
use crate::phone::ui::{Align, Color, Icon, Widget, button, column, icon, row, stack, text};

/// A conversation.
pub fn conversation(
    one: &Conversation,
    title: &str,
    chosen: bool,
    pinned: bool,
    system: &System,
) -> Widget<Message> {
    let strong = |widget: Widget<Message>| match one.read {
        true => widget,
        false => widget.bold(),
    };
    let mut first = vec![
        strong(text(title.to_owned()))
            .id("conversation_address")
            .max_lines(1)
            .weight_width(1.0),
    ];
    if pinned {
        first.push(icon(Icon::Flag, 18.0).id("pin_indicator"));
    }
    let mut second = Vec::new();
    if one.draft {
        second.push(
            text("Draft")
                .id("draft_indicator")
                .text_size(14.0)
                .color(ORANGE)
                .margin_edges(0.0, 0.0, 6.0, 0.0),
        );
    }
    second.push(
        strong(text(one.snippet.replace('\n', " ")))
            .id("conversation_body_short")
            .quiet(14.0)
            .max_lines(1)
            .weight_width(1.0),
    );
    second.push(
        text(day(system, one.date))
            .id("conversation_date")
            .quiet(13.0),
    );
    let color = Color::chosen(chosen);
    stack(vec![
        row(vec![
            picture(title, 44.0).id("conversation_image"),
            column(vec![row(first).decoration(), row(second).decoration()])
                .decoration()
                .gap(4.0)
                .weight_width(1.0),
        ])
        .id("conversation_holder")
        .class("android.view.ViewGroup")
        .gap(14.0)
        .padding_symmetric(16.0, 12.0),
    ])
    .id("conversation_frame")
    .key(format!("conversation {}", one.thread))
    .fill_width()
    .background(color)
    .selected(chosen)
    .on_tap(Message::Open(one.thread))
    .on_long_press(Message::Choose(one.thread))
}

/// A message that was found.
pub fn found(one: &messages::Message, title: &str, system: &System) -> Widget<Message> {
    row(vec![
        picture(title, 40.0).id("search_result_image"),
        column(vec![
            text(title.to_owned())
                .id("search_result_title")
                .max_lines(1),
            text(one.body.replace('\n', " "))
                .id("search_result_snippet")
                .quiet(14.0)
                .max_lines(1),
        ])
        .decoration()
        .weight_width(1.0),
        text(day(system, one.date))
            .id("search_result_date")
            .quiet(13.0),
    ])
    .id("search_result_holder")
    .class("android.view.ViewGroup")
    .gap(14.0)
    .padding_symmetric(16.0, 10.0)
    .on_tap(Message::Found(one.address.clone()))
}

/// What is shown instead of a list without rows.
pub fn nothing(archived: bool) -> Widget<Message> {
    let mut children = vec![
        text(match archived {
            true => "No archived conversations have been found",
            false => "No stored conversations have been found",
        })
        .id("no_conversations_placeholder")
        .text_align(Align::Center)
        .fill_width()
        .padding(24.0),
    ];
    if !archived {
        children.push(
            button("Start a conversation")
                .id("no_conversations_placeholder_2")
                .class("android.widget.TextView")
                .fill_width()
                .on_tap(Message::New),
        );
    }
    column(children).decoration()
}
