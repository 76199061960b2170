//! Widgets as data. A screen is one tree of [`Widget`]s; layout, pixels, accessibility nodes and touch
//! targets are all made from it. Lengths, edges and styles are in [`super::attributes`], what only some widgets
//! have in `contents`; constructors are in [`super::build`], ready-made parts in [`super::parts`].
//!
//! `M` is the message type of the activity: what a widget sends when it is touched.

use std::borrow::Cow;
use std::sync::Arc;

use super::attributes::{
    Align, Axis, Background, Edges, Field, Handler, Length, Shape, TextStyle, ToggleKind,
};
use super::color::Color;
use super::icon::Icon;
use crate::domain::Frame;

/// What a widget is.
#[derive(Clone)]
pub enum Kind<M> {
    /// Children one after the other.
    Linear {
        /// Direction.
        axis: Axis,
        /// Children.
        children: Vec<Widget<M>>,
        /// Room between children in dp.
        gap: f32,
        /// Place of the children along the axis.
        main: Align,
        /// Place of the children across the axis.
        cross: Align,
    },
    /// Children on top of each other, the last one in front; each keeps its own place ([`Widget::place`]).
    Stack {
        /// Children, back to front.
        children: Vec<Widget<M>>,
    },
    /// Children one after the other in a view that scrolls. Its offset lives in the window under the widget's key.
    Scroll {
        /// Direction.
        axis: Axis,
        /// Children.
        children: Vec<Widget<M>>,
        /// Room between children in dp.
        gap: f32,
    },
    /// Text.
    Text {
        /// What it says.
        text: Cow<'static, str>,
        /// How it looks.
        style: TextStyle,
    },
    /// A drawn sign.
    Icon {
        /// Which.
        icon: Icon,
        /// Size in dp.
        size: f32,
        /// Colour.
        color: Color,
    },
    /// A text field.
    Field(Field<M>),
    /// A two-state widget.
    Toggle {
        /// Look.
        kind: ToggleKind,
        /// State.
        checked: bool,
        /// The new state after a tap; without it the widget only shows the state and taps go to its parent.
        on_toggle: Option<Handler<bool, M>>,
    },
    /// A seek bar.
    Slider {
        /// Place of the thumb from 0 to 1.
        value: f32,
        /// The new place after a tap or drag; exactly 0 and 1 at and beyond the ends.
        on_slide: Option<Handler<f32, M>>,
    },
    /// A free drawing.
    Canvas {
        /// What is drawn, back to front.
        shapes: Vec<Shape>,
    },
    /// A picture, scaled in proportion.
    Picture {
        /// What is shown.
        frame: Frame,
        /// Fills the whole box and loses what lies beyond its edges; else all of it is shown.
        cover: bool,
    },
    /// Nothing of its own (room, a line, a box).
    Blank,
}

/// One widget.
#[derive(Clone)]
pub struct Widget<M> {
    /// What it is.
    pub kind: Kind<M>,
    /// Accessibility class, e.g. `android.widget.TextView`.
    pub class: &'static str,
    /// Resource id: an entry name of the app (`fab`), or a full one (`android:id/title`).
    pub id: Option<Cow<'static, str>>,
    /// Content description.
    pub description: Option<Cow<'static, str>>,
    /// Text of the accessibility node instead of the shown one.
    pub spoken: Option<Cow<'static, str>>,
    /// Identity of a field's focus or a list's offset; default is the id, then the place in the tree.
    pub key: Option<Cow<'static, str>>,
    /// Width.
    pub width: Length,
    /// Height.
    pub height: Length,
    /// Smallest size in dp, width and height.
    pub min: [f32; 2],
    /// Room inside.
    pub padding: Edges,
    /// Room outside.
    pub margin: Edges,
    /// Place in a [`Kind::Stack`] parent, horizontal and vertical; across the axis of a row or column
    /// it overrides the parent's `cross` when set.
    pub place: Option<[Align; 2]>,
    /// Painted behind.
    pub background: Option<Background>,
    /// False: grey, and deaf to touches.
    pub enabled: bool,
    /// Selected, e.g. the current tab.
    pub selected: bool,
    /// Overrides of the derived flags of the node.
    pub clickable: Option<bool>,
    /// Override: checkable and checked.
    pub checked: Option<bool>,
    /// Override: focusable.
    pub focusable: Option<bool>,
    /// False: takes room, but is neither seen, touched nor in the tree.
    pub visible: bool,
    /// False: not in the accessibility tree (its children are).
    pub accessible: bool,
    /// Sent on a tap.
    pub on_tap: Option<M>,
    /// Sent on a long press.
    pub on_long_press: Option<M>,
    /// Sent when swiped to the left.
    pub on_swipe_left: Option<M>,
    /// Sent when swiped to the right.
    pub on_swipe_right: Option<M>,
    /// Sent when swiped up and nothing inside scrolled.
    pub on_swipe_up: Option<M>,
    /// Sent when swiped down and nothing inside scrolled.
    pub on_swipe_down: Option<M>,
    /// Sent with the way of a finger over it in dp from its top left corner: begin x, y and end x, y,
    /// which are the same after a tap. A widget that has it gets every touch, and nothing scrolls.
    pub on_drag: Option<Handler<[f32; 4], M>>,
}

impl<M> Widget<M> {
    /// A widget of a kind and accessibility class with nothing else set.
    pub fn new(kind: Kind<M>, class: &'static str) -> Widget<M> {
        Widget {
            kind,
            class,
            id: None,
            description: None,
            spoken: None,
            key: None,
            width: Length::Wrap,
            height: Length::Wrap,
            min: [0.0, 0.0],
            padding: Edges::default(),
            margin: Edges::default(),
            place: None,
            background: None,
            enabled: true,
            selected: false,
            clickable: None,
            checked: None,
            focusable: None,
            visible: true,
            accessible: true,
            on_tap: None,
            on_long_press: None,
            on_swipe_left: None,
            on_swipe_right: None,
            on_swipe_up: None,
            on_swipe_down: None,
            on_drag: None,
        }
    }

    /// Sets the resource id: `fab` becomes `<package>:id/fab`; one with a colon stays as it is.
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the accessibility class.
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Sets the content description.
    pub fn description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.description = Some(description.into()).filter(|words| !words.is_empty());
        self
    }

    /// Sets the node's text where it differs from the shown one.
    pub fn spoken(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.spoken = Some(text.into());
        self
    }

    /// Names the widget for focus and scrolling.
    pub fn key(mut self, key: impl Into<Cow<'static, str>>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the width.
    pub fn width(mut self, width: Length) -> Self {
        self.width = width;
        self
    }

    /// Sets the height.
    pub fn height(mut self, height: Length) -> Self {
        self.height = height;
        self
    }

    /// Sets width and height in dp.
    pub fn size(self, width: f32, height: f32) -> Self {
        self.width(Length::Dp(width)).height(Length::Dp(height))
    }

    /// As wide as the parent allows.
    pub fn fill_width(self) -> Self {
        self.width(Length::Fill)
    }

    /// As large as the parent allows.
    pub fn fill(self) -> Self {
        self.width(Length::Fill).height(Length::Fill)
    }

    /// A share of what a row leaves over.
    pub fn weight_width(self, weight: f32) -> Self {
        self.width(Length::Weight(weight))
    }

    /// A share of what a column leaves over.
    pub fn weight_height(self, weight: f32) -> Self {
        self.height(Length::Weight(weight))
    }

    /// Sets the smallest height in dp.
    pub fn min_height(mut self, height: f32) -> Self {
        self.min[1] = height;
        self
    }

    /// Sets the smallest width in dp.
    pub fn min_width(mut self, width: f32) -> Self {
        self.min[0] = width;
        self
    }

    /// Room inside, the same at every edge.
    pub fn padding(mut self, value: f32) -> Self {
        self.padding = Edges::all(value);
        self
    }

    /// Room inside, horizontal and vertical.
    pub fn padding_symmetric(mut self, horizontal: f32, vertical: f32) -> Self {
        self.padding = Edges::symmetric(horizontal, vertical);
        self
    }

    /// Room inside: left, top, right, bottom.
    pub fn padding_edges(mut self, left: f32, top: f32, right: f32, bottom: f32) -> Self {
        self.padding = Edges {
            left,
            top,
            right,
            bottom,
        };
        self
    }

    /// Room outside, the same at every edge.
    pub fn margin(mut self, value: f32) -> Self {
        self.margin = Edges::all(value);
        self
    }

    /// Room outside: left, top, right, bottom.
    pub fn margin_edges(mut self, left: f32, top: f32, right: f32, bottom: f32) -> Self {
        self.margin = Edges {
            left,
            top,
            right,
            bottom,
        };
        self
    }

    /// Place in a stack, or across the axis of a row or column.
    pub fn place(mut self, horizontal: Align, vertical: Align) -> Self {
        self.place = Some([horizontal, vertical]);
        self
    }

    /// Fills the background.
    pub fn background(self, color: Color) -> Self {
        self.rounded(color, 0.0)
    }

    /// Fills the background with round corners of `radius` dp.
    pub fn rounded(mut self, color: Color, radius: f32) -> Self {
        self.background = Some(Background {
            color,
            radius,
            border: self.background.and_then(|background| background.border),
        });
        self
    }

    /// Draws an outline around a (possibly transparent) rounded background.
    pub fn border(mut self, width: f32, color: Color) -> Self {
        let background = self.background.unwrap_or(Background {
            color: Color::WHITE.with_alpha(0),
            radius: 0.0,
            border: None,
        });
        self.background = Some(Background {
            border: Some((width, color)),
            ..background
        });
        self
    }

    /// Enables or disables.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// Marks as selected.
    pub fn selected(mut self, selected: bool) -> Self {
        self.selected = selected;
        self
    }

    /// Sets the clickable flag whatever the handlers are; a clickable widget without a message swallows taps.
    pub fn clickable(mut self, clickable: bool) -> Self {
        self.clickable = Some(clickable);
        self
    }

    /// Makes a node checkable and says whether it is checked (for drawn check marks and chips).
    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = Some(checked);
        self
    }

    /// Sets the focusable flag.
    pub fn focusable(mut self, focusable: bool) -> Self {
        self.focusable = Some(focusable);
        self
    }

    /// Shows it, or keeps only its room.
    pub fn visible(mut self, visible: bool) -> Self {
        self.visible = visible;
        self
    }

    /// Leaves this widget (not its children) out of the accessibility tree.
    pub fn decoration(mut self) -> Self {
        self.accessible = false;
        self
    }

    /// Sends a message on a tap.
    pub fn on_tap(mut self, message: M) -> Self {
        self.on_tap = Some(message);
        self
    }

    /// Sends a message on a long press.
    pub fn on_long_press(mut self, message: M) -> Self {
        self.on_long_press = Some(message);
        self
    }

    /// Sends a message when swiped to the left.
    pub fn on_swipe_left(mut self, message: M) -> Self {
        self.on_swipe_left = Some(message);
        self
    }

    /// Sends a message when swiped to the right.
    pub fn on_swipe_right(mut self, message: M) -> Self {
        self.on_swipe_right = Some(message);
        self
    }

    /// Sends a message when swiped up and nothing scrolled.
    pub fn on_swipe_up(mut self, message: M) -> Self {
        self.on_swipe_up = Some(message);
        self
    }

    /// Sends a message when swiped down and nothing scrolled.
    pub fn on_swipe_down(mut self, message: M) -> Self {
        self.on_swipe_down = Some(message);
        self
    }

    /// Sends the way of every finger over it.
    pub fn on_drag(mut self, make: impl Fn([f32; 4]) -> M + Send + Sync + 'static) -> Self {
        self.on_drag = Some(Arc::new(make));
        self
    }
}
