//! What only some widgets have: children and their arrangement, words, what a field takes, and what is sent
//! when a field, a switch or a slider changes. Nothing happens on other kinds.

use std::sync::Arc;

use super::attributes::{Align, Field, ImeAction, InputKind, TextStyle};
use super::color::Color;
use super::widget::{Kind, Widget};

impl<M> Widget<M> {
    /// The children of a row, column, stack or list.
    pub fn children(&self) -> &[Widget<M>] {
        match &self.kind {
            Kind::Linear { children, .. }
            | Kind::Stack { children }
            | Kind::Scroll { children, .. } => children,
            _ => &[],
        }
    }

    /// Adds a child to a row, column, stack or list; nothing happens on other kinds.
    pub fn child(mut self, child: Widget<M>) -> Self {
        match &mut self.kind {
            Kind::Linear { children, .. }
            | Kind::Stack { children }
            | Kind::Scroll { children, .. } => children.push(child),
            _ => {}
        }
        self
    }

    /// Room between the children of a row, column or list in dp.
    pub fn gap(mut self, value: f32) -> Self {
        match &mut self.kind {
            Kind::Linear { gap, .. } | Kind::Scroll { gap, .. } => *gap = value,
            _ => {}
        }
        self
    }

    /// Place of a row's or column's children along its axis.
    pub fn main(mut self, align: Align) -> Self {
        if let Kind::Linear { main, .. } = &mut self.kind {
            *main = align;
        }
        self
    }

    /// Place of a row's or column's children across its axis.
    pub fn cross(mut self, align: Align) -> Self {
        if let Kind::Linear { cross, .. } = &mut self.kind {
            *cross = align;
        }
        self
    }

    /// Changes how text looks, of a text or a field.
    pub fn style(mut self, change: impl FnOnce(&mut TextStyle)) -> Self {
        match &mut self.kind {
            Kind::Text { style, .. } => change(style),
            Kind::Field(field) => change(&mut field.style),
            _ => {}
        }
        self
    }

    /// Text size in sp.
    pub fn text_size(self, size: f32) -> Self {
        self.style(|style| style.size = size)
    }

    /// The size and colour of words that only explain.
    pub fn quiet(self, size: f32) -> Self {
        self.text_size(size).color(Color::TEXT_SECONDARY)
    }

    /// Colour of a text, field or icon.
    pub fn color(mut self, value: Color) -> Self {
        if let Kind::Icon { color, .. } = &mut self.kind {
            *color = value;
        }
        self.style(|style| style.color = value)
    }

    /// Medium weight.
    pub fn bold(self) -> Self {
        self.style(|style| style.bold = true)
    }

    /// Place of text lines.
    pub fn text_align(self, align: Align) -> Self {
        self.style(|style| style.align = align)
    }

    /// Lines at most.
    pub fn max_lines(self, lines: u16) -> Self {
        self.style(|style| style.max_lines = lines)
    }

    fn field(mut self, change: impl FnOnce(&mut Field<M>)) -> Self {
        if let Kind::Field(field) = &mut self.kind {
            change(field);
        }
        self
    }

    /// Kind of text of a field.
    pub fn input(self, input: InputKind) -> Self {
        self.field(|field| field.input = input)
    }

    /// Action key of a field.
    pub fn ime(self, action: ImeAction) -> Self {
        self.field(|field| field.action = action)
    }

    /// A field of several lines.
    pub fn multiline(self) -> Self {
        self.field(|field| field.multiline = true)
    }

    /// A field that hides its text.
    pub fn password(self) -> Self {
        self.field(|field| field.password = true)
    }

    /// Sent with the whole new text when a field changes.
    pub fn on_change(self, make: impl Fn(String) -> M + Send + Sync + 'static) -> Self {
        self.field(|field| field.on_change = Some(Arc::new(make)))
    }

    /// Sent when ENTER or the action key is pressed in a field of one line.
    pub fn on_enter(self, message: M) -> Self {
        self.field(|field| field.on_enter = Some(message))
    }

    /// Sent with the new state of a checkbox, switch or radio button.
    pub fn on_toggle(mut self, make: impl Fn(bool) -> M + Send + Sync + 'static) -> Self {
        if let Kind::Toggle { on_toggle, .. } = &mut self.kind {
            *on_toggle = Some(Arc::new(make));
        }
        self
    }

    /// Sent with the new place of a slider.
    pub fn on_slide(mut self, make: impl Fn(f32) -> M + Send + Sync + 'static) -> Self {
        if let Kind::Slider { on_slide, .. } = &mut self.kind {
            *on_slide = Some(Arc::new(make));
        }
        self
    }
}
