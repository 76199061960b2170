//! The sheet that asks for groups and order of the list: an activity of its own over the list.

use super::look::BLUE;
use super::order::{Key, Order};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Color, Effects, Icon, Length, Overlay, OverlayKind, Screen, Widget, column, icon,
    radio, row, scroll, stretch, switch, text,
};

/// What a touch means.
#[derive(Debug, Clone, Copy)]
pub enum Message {
    /// Shows the choices for groups, or for the order.
    Choices(Choices),
    /// Groups by this.
    Group(Key),
    /// Sorts by this.
    Sort(Key),
    /// Turns the groups around.
    TurnGroups,
    /// Turns the order around.
    TurnOrder,
    /// Turns the order of completed tasks around.
    TurnCompleted,
    /// Completed tasks at the bottom, or among the others.
    AtBottom(bool),
    /// BACK or a touch outside.
    Close,
}

/// The sheet's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choices {
    /// All settings.
    Main,
    /// What to group by.
    Group,
    /// What to sort by.
    Sort,
}

/// The activity.
pub struct SortSettings {
    order: Order,
    page: Choices,
}

impl SortSettings {
    fn change(
        &mut self,
        system: &System,
        change: impl FnOnce(&mut Order),
    ) -> Result<(), PhoneError> {
        change(&mut self.order);
        self.page = Choices::Main;
        self.order.save(system)
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        match message {
            Message::Choices(page) => self.page = page,
            Message::Group(key) => self.change(system, |order| order.group_by(key))?,
            Message::Sort(key) => self.change(system, |order| order.sort_by(key))?,
            Message::TurnGroups => self.change(system, |order| {
                order.group_ascending = !order.group_ascending;
            })?,
            Message::TurnOrder => self.change(system, |order| {
                order.sort_ascending = !order.sort_ascending;
            })?,
            Message::TurnCompleted => self.change(system, |order| {
                order.completed_ascending = !order.completed_ascending;
            })?,
            Message::AtBottom(on) => {
                self.change(system, |order| order.completed_at_bottom = on)?;
            }
            Message::Close => return Ok(self.leave()),
        }
        Ok(Effects::none())
    }

    /// Out of the choices, then out of the sheet.
    fn leave(&mut self) -> Effects {
        match std::mem::replace(&mut self.page, Choices::Main) {
            Choices::Main => Effects::none().finish(),
            _ => Effects::none(),
        }
    }

    fn main(&self) -> Vec<Widget<Message>> {
        let order = &self.order;
        let group = match order.group {
            Key::Nothing => None,
            _ => Some((order.group_ascending, Message::TurnGroups)),
        };
        let mut rows = vec![
            setting(
                Icon::List,
                "Grouping",
                order.group.label(),
                Some(Message::Choices(Choices::Group)),
                group,
            ),
            setting(
                Icon::Sort,
                "Sorting",
                order.sort.label(),
                Some(Message::Choices(Choices::Sort)),
                Some((order.sort_ascending, Message::TurnOrder)),
            ),
            setting(Icon::ArrowForward, "Subtasks", "My order", None, None),
            row(vec![
                text("Move completed tasks to bottom").weight_width(1.0),
                switch(order.completed_at_bottom).on_toggle(Message::AtBottom),
            ])
            .class("android.view.View")
            .min_height(56.0)
            .padding_symmetric(20.0, 4.0)
            .on_tap(Message::AtBottom(!order.completed_at_bottom)),
        ];
        if order.completed_at_bottom {
            rows.push(setting(
                Icon::Check,
                "Completed",
                "By completion time",
                None,
                Some((order.completed_ascending, Message::TurnCompleted)),
            ));
        }
        rows
    }

    fn choices(&self) -> Vec<Widget<Message>> {
        let choice = |key: Key, chosen: Key, message: Message| {
            row(vec![
                radio(key == chosen).decoration(),
                text(key.label()).weight_width(1.0),
            ])
            .class("android.view.View")
            .checked(key == chosen)
            .gap(16.0)
            .min_height(52.0)
            .padding_symmetric(20.0, 4.0)
            .on_tap(message)
        };
        match self.page {
            Choices::Main => self.main(),
            Choices::Group => Key::GROUPS
                .into_iter()
                .map(|key| choice(key, self.order.group, Message::Group(key)))
                .collect(),
            Choices::Sort => Key::SORTS
                .into_iter()
                .map(|key| choice(key, self.order.sort, Message::Sort(key)))
                .collect(),
        }
    }
}

/// A row with a value below its name, and the direction at its end.
fn setting(
    sign: Icon,
    name: &'static str,
    value: &'static str,
    message: Option<Message>,
    direction: Option<(bool, Message)>,
) -> Widget<Message> {
    let mut words = column(vec![text(name), text(value).quiet(14.0)])
        .class("android.view.View")
        .gap(2.0)
        .padding_symmetric(0.0, 8.0)
        .weight_width(1.0);
    if let Some(message) = message {
        words = words.on_tap(message);
    }
    let mut children = vec![icon(sign, 22.0).decoration(), words];
    if let Some((ascending, message)) = direction {
        let (sign, label) = match ascending {
            true => (Icon::ArrowUp, "Ascending"),
            false => (Icon::ArrowDown, "Descending"),
        };
        children.push(
            row(vec![
                icon(sign, 18.0).decoration(),
                text(label).text_size(14.0).color(BLUE),
            ])
            .class("android.view.View")
            .gap(4.0)
            .padding_symmetric(8.0, 12.0)
            .width(Length::Wrap)
            .on_tap(message),
        );
    }
    row(children)
        .decoration()
        .gap(16.0)
        .padding_symmetric(20.0, 2.0)
}

impl Activity for SortSettings {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> SortSettings {
        SortSettings {
            order: Order::load(system),
            page: Choices::Main,
        }
    }

    fn on_back(&mut self, _system: &mut System) -> Effects {
        self.leave()
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let mut content = vec![
            row(vec![
                stretch(),
                column(vec![])
                    .size(36.0, 4.0)
                    .rounded(Color::OUTLINE, 2.0)
                    .decoration(),
                stretch(),
            ])
            .decoration(),
        ];
        content.extend(self.choices());
        let sheet = scroll(content)
            .class("android.view.View")
            .height(Length::Wrap)
            .padding_symmetric(0.0, 12.0)
            .background(Color::SURFACE);
        Screen::bare().overlay(Overlay::new(
            OverlayKind::BottomSheet,
            sheet,
            Message::Close,
        ))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}
