//! Constructors of widgets, each with the accessibility class that the real view has.

use std::borrow::Cow;

use super::attributes::{
    Align, Axis, Field, ImeAction, InputKind, Length, Shape, TextStyle, ToggleKind,
};
use super::color::Color;
use super::icon::Icon;
use super::widget::{Kind, Widget};
use crate::domain::Frame;

fn linear<M>(axis: Axis, children: Vec<Widget<M>>) -> Widget<M> {
    Widget::new(
        Kind::Linear {
            axis,
            children,
            gap: 0.0,
            main: Align::Start,
            cross: if axis == Axis::Horizontal {
                Align::Center
            } else {
                Align::Start
            },
        },
        "android.widget.LinearLayout",
    )
}

/// Children from top to bottom.
pub fn column<M>(children: Vec<Widget<M>>) -> Widget<M> {
    linear(Axis::Vertical, children).fill_width()
}

/// Children from left to right, centred vertically.
pub fn row<M>(children: Vec<Widget<M>>) -> Widget<M> {
    linear(Axis::Horizontal, children).fill_width()
}

/// Children on top of each other, the last in front.
pub fn stack<M>(children: Vec<Widget<M>>) -> Widget<M> {
    Widget::new(Kind::Stack { children }, "android.widget.FrameLayout")
}

/// A scrolling column (a RecyclerView), as large as the parent allows.
pub fn list<M>(children: Vec<Widget<M>>) -> Widget<M> {
    Widget::new(
        Kind::Scroll {
            axis: Axis::Vertical,
            children,
            gap: 0.0,
        },
        "androidx.recyclerview.widget.RecyclerView",
    )
    .fill()
}

/// A scrolling column that is a ScrollView.
pub fn scroll<M>(children: Vec<Widget<M>>) -> Widget<M> {
    list(children).class("android.widget.ScrollView")
}

/// A scrolling row (a HorizontalScrollView), as wide as the parent allows.
pub fn horizontal_list<M>(children: Vec<Widget<M>>) -> Widget<M> {
    Widget::new(
        Kind::Scroll {
            axis: Axis::Horizontal,
            children,
            gap: 0.0,
        },
        "android.widget.HorizontalScrollView",
    )
    .fill_width()
}

/// Text.
pub fn text<M>(text: impl Into<Cow<'static, str>>) -> Widget<M> {
    Widget::new(
        Kind::Text {
            text: text.into(),
            style: TextStyle::default(),
        },
        "android.widget.TextView",
    )
}

/// A flat button with a label in the accent colour. Give it `on_tap`.
pub fn button<M>(label: impl Into<Cow<'static, str>>) -> Widget<M> {
    text(label)
        .class("android.widget.Button")
        .text_size(14.0)
        .bold()
        .color(Color::ACCENT)
        .text_align(Align::Center)
        .max_lines(1)
        .padding_symmetric(16.0, 14.0)
        .min_height(48.0)
        .min_width(64.0)
        .clickable(true)
}

/// A filled button.
pub fn filled_button<M>(label: impl Into<Cow<'static, str>>) -> Widget<M> {
    button(label)
        .color(Color::WHITE)
        .rounded(Color::ACCENT, 24.0)
        .padding_symmetric(24.0, 14.0)
}

/// A drawn sign of `size` dp that only shows something.
pub fn icon<M>(icon: Icon, size: f32) -> Widget<M> {
    Widget::new(
        Kind::Icon {
            icon,
            size,
            color: Color::TEXT_SECONDARY,
        },
        "android.widget.ImageView",
    )
}

/// A sign to tap, 48 dp square, with its content description (an ImageButton).
pub fn icon_button<M>(icon_kind: Icon, description: impl Into<Cow<'static, str>>) -> Widget<M> {
    icon(icon_kind, 24.0)
        .class("android.widget.ImageButton")
        .description(description)
        .padding(12.0)
        .clickable(true)
}

/// A text field; give it `on_change` and, if focus is asked for by name, an id or key.
pub fn text_field<M>(value: impl Into<String>, hint: impl Into<Cow<'static, str>>) -> Widget<M> {
    Widget::new(
        Kind::Field(Field {
            value: value.into(),
            hint: hint.into(),
            input: InputKind::Text,
            action: ImeAction::Done,
            multiline: false,
            password: false,
            style: TextStyle::default(),
            on_change: None,
            on_enter: None,
        }),
        "android.widget.EditText",
    )
    .fill_width()
    .min_height(48.0)
    .padding_symmetric(4.0, 12.0)
}

fn toggle<M>(kind: ToggleKind, checked: bool, class: &'static str) -> Widget<M> {
    Widget::new(
        Kind::Toggle {
            kind,
            checked,
            on_toggle: None,
        },
        class,
    )
}

/// A check box; give it `on_toggle`, or let its row take the tap.
pub fn checkbox<M>(checked: bool) -> Widget<M> {
    toggle(ToggleKind::Checkbox, checked, "android.widget.CheckBox")
}

/// A switch; give it `on_toggle`, or let its row take the tap.
pub fn switch<M>(checked: bool) -> Widget<M> {
    toggle(ToggleKind::Switch, checked, "android.widget.Switch")
}

/// A radio button; give it `on_toggle`, or let its row take the tap.
pub fn radio<M>(checked: bool) -> Widget<M> {
    toggle(ToggleKind::Radio, checked, "android.widget.RadioButton")
}

/// A seek bar with `value` from 0 to 1; give it `on_slide`.
pub fn slider<M>(value: f32) -> Widget<M> {
    Widget::new(
        Kind::Slider {
            value: value.clamp(0.0, 1.0),
            on_slide: None,
        },
        "android.widget.SeekBar",
    )
    .fill_width()
    .height(Length::Dp(48.0))
}

/// A free drawing of `width` x `height` dp.
pub fn canvas<M>(width: f32, height: f32, shapes: Vec<Shape>) -> Widget<M> {
    Widget::new(Kind::Canvas { shapes }, "android.view.View").size(width, height)
}

/// A picture, scaled in proportion: all of it, or with `cover` as much as fills the box. Give it a size.
pub fn picture<M>(frame: Frame, cover: bool) -> Widget<M> {
    Widget::new(Kind::Picture { frame, cover }, "android.widget.ImageView")
}

/// A plain view: a coloured box, or a touch area.
pub fn blank<M>() -> Widget<M> {
    Widget::new(Kind::Blank, "android.view.View")
}

/// Fixed room of `size` dp in both directions, not in the tree.
pub fn spacer<M>(size: f32) -> Widget<M> {
    blank().size(size, size).decoration()
}

/// Room in a row or column that takes all that is left, not in the tree.
pub fn stretch<M>() -> Widget<M> {
    blank()
        .width(Length::Weight(1.0))
        .height(Length::Weight(1.0))
        .decoration()
}

/// A thin line across a column, not in the tree.
pub fn divider<M>() -> Widget<M> {
    blank()
        .fill_width()
        .height(Length::Dp(1.0))
        .background(Color::OUTLINE)
        .decoration()
}

/// A raised panel around a child.
pub fn card<M>(children: Vec<Widget<M>>) -> Widget<M> {
    column(children)
        .class("androidx.cardview.widget.CardView")
        .rounded(Color::SURFACE_RAISED, 12.0)
        .padding(16.0)
}
