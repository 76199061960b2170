//! The sheet with the lists and filters that Tasks.org can show.

use std::borrow::Cow;

use super::database::{DEFAULT_LIST, Task};
use super::dates;
use super::home::Message;
use crate::phone::system::System;
use crate::phone::ui::{Color, Icon, Length, Widget, divider, icon, icon_button, list, row, text};

/// Which tasks are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Due today or before.
    Today,
    /// Changed within a day.
    Recent,
    /// Those of the list that the app starts with.
    List,
    /// Those with these words in title or description.
    Search(String),
}

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

impl Filter {
    /// The title of the list.
    pub fn title(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Filter::All => "My Tasks",
            Filter::Today => "Today",
            Filter::Recent => "Recently modified",
            Filter::List => DEFAULT_LIST,
            Filter::Search(words) => return Cow::Owned(words.clone()),
        })
    }

    /// Whether it holds a task.
    pub fn holds(&self, task: &Task, system: &System) -> bool {
        match self {
            Filter::All => true,
            Filter::Today => task.due > 0 && dates::day(system, task.due) <= dates::today(system),
            Filter::Recent => task.modified > system.clock.now_millis().saturating_sub(DAY),
            Filter::List => task.list.as_deref() == Some(DEFAULT_LIST),
            Filter::Search(words) => {
                let words = words.to_lowercase();
                task.title.to_lowercase().contains(&words)
                    || task.notes.to_lowercase().contains(&words)
            }
        }
    }
}

/// The sheet's content.
pub fn view(tasks: &[Task], current: &Filter, system: &System) -> Widget<Message> {
    let filter = |sign: Icon, filter: Filter| {
        let now = system.clock.now_millis();
        let open = tasks
            .iter()
            .filter(|task| !task.is_completed() && task.start <= now)
            .filter(|task| filter.holds(task, system))
            .count();
        let chosen = filter == *current;
        let mut children = vec![
            icon(sign, 22.0).id("icon"),
            text(filter.title())
                .id("text")
                .class("android.widget.CheckedTextView")
                .checked(chosen)
                .weight_width(1.0),
        ];
        if open > 0 {
            children.push(text(open.to_string()).id("size").quiet(14.0));
        }
        entry(children)
            .background(Color::chosen(chosen))
            .on_tap(Message::Show(filter))
    };
    let plain = |sign: Icon, label: &'static str| {
        entry(vec![
            icon(sign, 22.0).id("icon"),
            text(label).id("text").weight_width(1.0),
        ])
        .on_tap(Message::Drawer(false))
    };
    list(vec![
        filter(Icon::List, Filter::All),
        header("Filters"),
        filter(Icon::Calendar, Filter::Today),
        filter(Icon::Refresh, Filter::Recent),
        header("Tags"),
        header("Places"),
        header("Local lists"),
        filter(Icon::List, Filter::List),
        divider(),
        plain(Icon::Settings, "Manage drawer"),
        plain(Icon::Settings, "Settings"),
        plain(Icon::Info, "Help & feedback"),
    ])
    .id("recycler_view")
    .height(Length::Wrap)
    .padding_symmetric(0.0, 12.0)
    .background(Color::SURFACE)
}

fn entry(children: Vec<Widget<Message>>) -> Widget<Message> {
    row(children)
        .id("row")
        .class("android.view.ViewGroup")
        .gap(20.0)
        .min_height(48.0)
        .padding_symmetric(20.0, 4.0)
}

fn header(words: &'static str) -> Widget<Message> {
    let add = icon_button(Icon::Add, "")
        .id("add_item")
        .class("android.widget.ImageView")
        .on_tap(Message::Drawer(false));
    row(vec![
        text(words)
            .id("text")
            .text_size(14.0)
            .bold()
            .color(Color::TEXT_SECONDARY)
            .weight_width(1.0),
        icon(Icon::Collapse, 20.0).id("chevron"),
        add,
    ])
    .id("subheader_row")
    .class("android.view.ViewGroup")
    .padding_edges(20.0, 0.0, 8.0, 0.0)
}
