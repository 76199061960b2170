//! The dialog of AppCompat: title (`alertTitle`), message (`android:id/message`), own content, and up to three
//! buttons (`android:id/button1` positive, `button2` negative, `button3` neutral).

use std::borrow::Cow;

use super::activity::{Overlay, OverlayKind};
use super::attributes::Length;
use super::build::{button, column, row, stack, stretch, text};
use super::color::Color;
use super::widget::Widget;

/// A dialog in the making; see [`alert`].
pub struct Alert<M> {
    title: Cow<'static, str>,
    message: Cow<'static, str>,
    content: Vec<Widget<M>>,
    positive: Option<(Cow<'static, str>, M)>,
    negative: Option<(Cow<'static, str>, M)>,
    neutral: Option<(Cow<'static, str>, M)>,
    ready: bool,
}

/// A dialog with a title, or with none where it is empty.
pub fn alert<M>(title: impl Into<Cow<'static, str>>) -> Alert<M> {
    Alert {
        title: title.into(),
        message: Cow::Borrowed(""),
        content: Vec::new(),
        positive: None,
        negative: None,
        neutral: None,
        ready: true,
    }
}

impl<M> Alert<M> {
    /// What it says; nothing where it is empty.
    pub fn message(mut self, words: impl Into<Cow<'static, str>>) -> Alert<M> {
        self.message = words.into();
        self
    }

    /// What it holds besides.
    pub fn content(mut self, widgets: Vec<Widget<M>>) -> Alert<M> {
        self.content = widgets;
        self
    }

    /// The button that agrees.
    pub fn positive(mut self, label: impl Into<Cow<'static, str>>, message: M) -> Alert<M> {
        self.positive = Some((label.into(), message));
        self
    }

    /// The button that refuses.
    pub fn negative(mut self, label: impl Into<Cow<'static, str>>, message: M) -> Alert<M> {
        self.negative = Some((label.into(), message));
        self
    }

    /// The button at the start.
    pub fn neutral(mut self, label: impl Into<Cow<'static, str>>, message: M) -> Alert<M> {
        self.neutral = Some((label.into(), message));
        self
    }

    /// Whether the positive button can be tapped.
    pub fn ready(mut self, ready: bool) -> Alert<M> {
        self.ready = ready;
        self
    }

    /// A window with it; `close` is sent by BACK and by a tap outside.
    pub fn overlay(self, close: M) -> Overlay<M> {
        Overlay::new(OverlayKind::Dialog, self.widget(), close)
    }

    /// A window with it that stays until one of its buttons is used.
    pub fn modal(self) -> Overlay<M> {
        Overlay::modal(OverlayKind::Dialog, self.widget())
    }

    /// Its content.
    pub fn widget(self) -> Widget<M> {
        let mut children = Vec::new();
        if !self.title.is_empty() {
            children.push(
                text(self.title)
                    .id("alertTitle")
                    .text_size(22.0)
                    .fill_width()
                    .margin_edges(24.0, 20.0, 24.0, 0.0),
            );
        }
        if !self.message.is_empty() {
            children.push(
                text(self.message)
                    .id("android:id/message")
                    .text_size(16.0)
                    .color(Color::TEXT_SECONDARY)
                    .fill_width()
                    .margin_edges(24.0, 16.0, 24.0, 0.0),
            );
        }
        if !self.content.is_empty() {
            children.push(
                stack(vec![column(self.content)])
                    .id("custom")
                    .fill_width()
                    .margin_edges(24.0, 12.0, 24.0, 0.0),
            );
        }
        let make = |(label, message), id: &'static str, enabled| {
            let color = if enabled {
                Color::ACCENT
            } else {
                Color::TEXT_DISABLED
            };
            button::<M>(label)
                .id(id)
                .color(color)
                .enabled(enabled)
                .on_tap(message)
        };
        let mut buttons = Vec::new();
        buttons.extend(self.neutral.map(|it| make(it, "android:id/button3", true)));
        buttons.push(stretch());
        buttons.extend(self.negative.map(|it| make(it, "android:id/button2", true)));
        let ready = self.ready;
        buttons.extend(
            self.positive
                .map(|it| make(it, "android:id/button1", ready)),
        );
        if buttons.len() > 1 {
            children.push(
                row(buttons)
                    .id("buttonPanel")
                    .class("android.widget.ScrollView")
                    .padding_symmetric(12.0, 8.0)
                    .margin_edges(0.0, 8.0, 0.0, 0.0),
            );
        }
        column(children)
            .id("parentPanel")
            .rounded(Color::SURFACE, 24.0)
            .width(Length::Dp(330.0))
    }
}
