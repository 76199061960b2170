//! The overview of recent tasks: cards side by side, and Clear all.

use std::borrow::Cow;

use crate::phone::apps;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Align, Color, Effect, Effects, Icon, Length, Screen, Widget, button, column,
    horizontal_list, icon, row, spacer, stack, stretch, text,
};

/// The overview's state: tasks from the newest on, with their packages.
pub struct Overview {
    tasks: Vec<(u32, Cow<'static, str>)>,
}

/// The overview of some tasks, newest first.
pub fn overview(tasks: Vec<(u32, Cow<'static, str>)>) -> Overview {
    Overview { tasks }
}

/// What is done in the overview.
#[derive(Clone)]
pub enum Message {
    /// Show a task.
    Show(u32),
    /// Close a task.
    Close(u32),
    /// Close all tasks.
    ClearAll,
    /// Nothing was chosen.
    Leave,
}

impl Overview {
    fn card(&self, system: &System, id: u32, package: &str) -> Widget<Message> {
        let app = apps::find(package);
        let label = apps::label(system, package);
        let color = app.map_or(Color::TEXT_SECONDARY, |app| app.color);
        let sign = app.map_or(Icon::Apps, |app| app.icon);
        let face = stack(vec![
            icon(sign, 72.0)
                .color(color)
                .place(Align::Center, Align::Center)
                .decoration(),
        ])
        .width(Length::Dp(250.0))
        .weight_height(1.0)
        .rounded(Color::SURFACE, 24.0)
        .id("snapshot")
        .description(label.clone())
        .on_tap(Message::Show(id))
        .on_swipe_up(Message::Close(id));
        let head = row(vec![
            icon(sign, 24.0)
                .color(Color::WHITE)
                .id("icon")
                .description(label.clone()),
            spacer(8.0),
            text(label).color(Color::WHITE).max_lines(1),
        ])
        .width(Length::Wrap)
        .height(Length::Dp(48.0));
        column(vec![head, face])
            .class("android.widget.FrameLayout")
            .width(Length::Dp(250.0))
            .height(Length::Fill)
            .cross(Align::Center)
            .margin_edges(12.0, 0.0, 12.0, 0.0)
    }
}

impl Activity for Overview {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Overview {
        overview(Vec::new())
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let content = if self.tasks.is_empty() {
            column(vec![
                stretch(),
                icon(Icon::Apps, 48.0).color(Color::WHITE).decoration(),
                text("No recent items").color(Color::WHITE).padding(16.0),
                stretch(),
            ])
            .cross(Align::Center)
            .fill()
            .on_tap(Message::Leave)
        } else {
            let mut cards = vec![spacer(68.0)];
            cards.extend(
                self.tasks
                    .iter()
                    .map(|(id, package)| self.card(system, *id, package)),
            );
            cards.push(spacer(68.0));
            column(vec![
                horizontal_list(cards).weight_height(1.0),
                button("Clear all")
                    .id("clear_all")
                    .color(Color::WHITE)
                    .rounded(Color::rgb(0x44_5A75), 24.0)
                    .on_tap(Message::ClearAll),
            ])
            .cross(Align::Center)
            .fill()
            .padding_symmetric(0.0, 24.0)
            .gap(24.0)
        };
        Screen::new(content.id("overview_panel")).background(Color::rgb(0x24_3B55))
    }

    fn update(&mut self, _system: &mut System, message: Message) -> Effects {
        match message {
            Message::Show(id) => Effects::none().and(Effect::ShowTask(id)),
            Message::Close(id) => {
                self.tasks.retain(|(task, _)| *task != id);
                let effects = Effects::none().and(Effect::CloseTask(id));
                if self.tasks.is_empty() {
                    effects.and(Effect::Home)
                } else {
                    effects
                }
            }
            Message::ClearAll => {
                let close = self.tasks.drain(..).map(|(id, _)| Effect::CloseTask(id));
                Effects(close.chain([Effect::Home]).collect())
            }
            Message::Leave => Effects::none().and(Effect::Home),
        }
    }
}
