//! What widgets are described with: lengths, places, edges, how text looks, what fields take, drawn shapes.

use std::borrow::Cow;
use std::sync::Arc;

use super::color::Color;

/// Makes a message from what the user did.
pub type Handler<I, M> = Arc<dyn Fn(I) -> M + Send + Sync>;

/// A length along one axis. Fixed lengths are in dp (a screen is 411.43 dp wide).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Length {
    /// As large as the content.
    Wrap,
    /// All the parent offers.
    Fill,
    /// So many dp.
    Dp(f32),
    /// A share of what a row or column has left.
    Weight(f32),
}

/// A place along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// Left or top.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// Right or bottom.
    End,
    /// Rows and columns only: the remaining room goes between the children.
    Between,
}

/// Distances at the four edges, in dp.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Edges {
    /// Left.
    pub left: f32,
    /// Top.
    pub top: f32,
    /// Right.
    pub right: f32,
    /// Bottom.
    pub bottom: f32,
}

impl Edges {
    /// The same at every edge.
    pub const fn all(value: f32) -> Edges {
        Edges {
            left: value,
            top: value,
            right: value,
            bottom: value,
        }
    }

    /// `horizontal` left and right, `vertical` top and bottom.
    pub const fn symmetric(horizontal: f32, vertical: f32) -> Edges {
        Edges {
            left: horizontal,
            top: vertical,
            right: horizontal,
            bottom: vertical,
        }
    }
}

/// What is painted behind a widget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Background {
    /// Fill.
    pub color: Color,
    /// Corner radius in dp; anything above half of the shorter side gives a pill or a circle.
    pub radius: f32,
    /// Outline: width in dp and colour.
    pub border: Option<(f32, Color)>,
}

/// An axis of scrolling or stacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// From left to right.
    Horizontal,
    /// From top to bottom.
    Vertical,
}

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextStyle {
    /// Size in sp, which are dp here.
    pub size: f32,
    /// Colour.
    pub color: Color,
    /// Medium weight, for titles and buttons.
    pub bold: bool,
    /// Place of each line inside the widget.
    pub align: Align,
    /// Lines at most; 0 is without limit. Longer text ends in an ellipsis.
    pub max_lines: u16,
    /// A line through the text.
    pub struck: bool,
}

impl Default for TextStyle {
    fn default() -> TextStyle {
        TextStyle {
            size: 16.0,
            color: Color::TEXT,
            bold: false,
            align: Align::Start,
            max_lines: 0,
            struck: false,
        }
    }
}

/// What kind of text a field takes: decides which keyboard opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputKind {
    /// Letters.
    #[default]
    Text,
    /// Digits and a decimal point; other characters are refused.
    Number,
    /// A phone number.
    Phone,
    /// An address of e-mail.
    Email,
}

/// What the keyboard's action key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImeAction {
    /// Hides the keyboard.
    #[default]
    Done,
    /// Goes to the next field.
    Next,
    /// Searches.
    Search,
    /// Goes somewhere.
    Go,
    /// Sends.
    Send,
}

/// A text field. Its value is the activity's: typing sends `on_change` with the whole new text.
#[derive(Clone)]
pub struct Field<M> {
    /// The text.
    pub value: String,
    /// Shown when there is no text.
    pub hint: Cow<'static, str>,
    /// Kind of text.
    pub input: InputKind,
    /// Action key.
    pub action: ImeAction,
    /// ENTER makes a new line instead of performing the action.
    pub multiline: bool,
    /// Drawn and dumped as dots.
    pub password: bool,
    /// Look of the text.
    pub style: TextStyle,
    /// The new text after a change.
    pub on_change: Option<Handler<String, M>>,
    /// ENTER or the action key was pressed.
    pub on_enter: Option<M>,
}

/// The looks of a two-state widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToggleKind {
    /// A square with a tick.
    Checkbox,
    /// A sliding switch.
    Switch,
    /// A circle with a dot.
    Radio,
}

/// A free drawing in dp from the widget's top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A rectangle with round corners.
    Rectangle {
        /// Left, top, width, height.
        at: [f32; 4],
        /// Corner radius.
        radius: f32,
        /// Fill.
        color: Color,
    },
    /// A straight line.
    Line {
        /// From x, y to x, y.
        at: [f32; 4],
        /// Thickness.
        width: f32,
        /// Colour.
        color: Color,
    },
    /// A part of a ring, clockwise from the top.
    Arc {
        /// Centre x, centre y, radius.
        at: [f32; 3],
        /// Thickness.
        width: f32,
        /// Begin and sweep as parts of a full turn.
        turn: [f32; 2],
        /// Colour.
        color: Color,
    },
}
