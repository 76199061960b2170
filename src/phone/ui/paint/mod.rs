//! From laid-out windows to pixels: first a list of drawing commands, which can be compared with that of the
//! last picture, then the pixels of the part that differs.

mod controls;
mod drawing;

use super::attributes::{Align, TextStyle};
use super::color::Color;
use super::font;
use super::icon::Icon;
use super::scene::{Node, Scene};
use super::widget::Kind;
use crate::domain::{BoundingBox, Frame};

pub use drawing::{difference, draw};

/// Something to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Draw {
    /// A filled rectangle.
    Fill {
        /// Corner radius in pixels.
        radius: f32,
        /// Fill.
        color: Color,
    },
    /// The outline of a rectangle.
    Outline {
        /// Corner radius in pixels.
        radius: f32,
        /// Thickness in pixels.
        width: f32,
        /// Colour.
        color: Color,
    },
    /// A line of text.
    Text {
        /// Left edge.
        x: f32,
        /// Baseline.
        baseline: i32,
        /// What it says.
        text: String,
        /// Size in pixels.
        size: f32,
        /// Medium weight.
        bold: bool,
        /// Colour.
        color: Color,
    },
    /// A part of a picture in the box.
    Picture {
        /// The whole picture.
        frame: Frame,
        /// Left, top, width and height of the part, in pixels of the picture.
        part: [f64; 4],
    },
    /// A drawn sign in a square box.
    Icon {
        /// Which.
        icon: Icon,
        /// Colour.
        color: Color,
    },
    /// A part of a ring around the middle of the box.
    Arc {
        /// Radius in pixels.
        radius: f32,
        /// Thickness in pixels.
        width: f32,
        /// Begin and sweep as parts of a turn.
        turn: [f32; 2],
        /// Colour.
        color: Color,
    },
    /// A straight line.
    Line {
        /// From.
        from: [f32; 2],
        /// To.
        to: [f32; 2],
        /// Thickness in pixels.
        width: f32,
        /// Colour.
        color: Color,
    },
}

/// A drawing with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// What.
    pub draw: Draw,
    /// Its box; of a text, one that all its pixels lie in.
    pub bounds: BoundingBox,
    /// Where it may be seen.
    pub clip: BoundingBox,
}

impl Command {
    /// The pixels that it may change.
    pub fn area(&self) -> BoundingBox {
        self.bounds.intersection(&self.clip)
    }

    /// A filled rectangle.
    pub fn fill(bounds: BoundingBox, color: Color) -> Command {
        Command {
            draw: Draw::Fill { radius: 0.0, color },
            bounds,
            clip: bounds,
        }
    }
}

/// Which field is being edited, for the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caret {
    /// Index of the field in its scene.
    pub node: usize,
    /// Cursor as a byte offset in the field's value.
    pub cursor: usize,
    /// Other end of the selection; the cursor when nothing is selected.
    pub anchor: usize,
}

/// Adds the commands that draw a scene.
pub fn commands(scene: &Scene, caret: Option<&Caret>, out: &mut Vec<Command>) {
    let mut index = 0;
    while let Some(node) = scene.nodes.get(index) {
        if !node.is_visible() {
            // Children lie inside the clip of their parent, and rows that are not placed have no places.
            index = if node.placed && node.widget.visible && !node.bounds.is_empty() {
                node.end
            } else if node.placed && node.widget.visible {
                index + 1
            } else {
                node.end
            };
            continue;
        }
        let caret = caret.filter(|caret| caret.node == index);
        Painter {
            node,
            density: scene.density,
            out,
        }
        .paint(caret);
        index += 1;
    }
}

struct Painter<'a> {
    node: &'a Node,
    density: f32,
    out: &'a mut Vec<Command>,
}

impl Painter<'_> {
    fn push(&mut self, bounds: BoundingBox, draw: Draw) {
        let command = Command {
            draw,
            bounds,
            clip: self.node.visible_bounds(),
        };
        if !command.area().is_empty() {
            self.out.push(command);
        }
    }

    fn px(&self, dp: f32) -> i32 {
        (dp * self.density).round() as i32
    }

    /// The box inside the padding.
    fn inner(&self) -> BoundingBox {
        let edges = self.node.widget.padding;
        let bounds = self.node.bounds;
        BoundingBox::new(
            bounds.x_min + self.px(edges.left),
            bounds.y_min + self.px(edges.top),
            bounds.x_max - self.px(edges.right),
            bounds.y_max - self.px(edges.bottom),
        )
    }

    fn tint(&self, color: Color) -> Color {
        if self.node.enabled {
            color
        } else {
            Color::TEXT_DISABLED
        }
    }

    fn fill(&mut self, bounds: BoundingBox, radius: f32, color: Color) {
        if color.alpha > 0 {
            self.push(bounds, Draw::Fill { radius, color });
        }
    }

    fn paint(&mut self, caret: Option<&Caret>) {
        if let Some(background) = self.node.widget.background {
            let radius = background.radius * self.density;
            self.fill(self.node.bounds, radius, background.color);
            if let Some((width, color)) = background.border {
                let width = (width * self.density).max(1.0);
                self.push(
                    self.node.bounds,
                    Draw::Outline {
                        radius,
                        width,
                        color,
                    },
                );
            }
        }
        let node = self.node;
        match &node.widget.kind {
            Kind::Text { style, .. } => {
                let style = TextStyle {
                    color: self.tint(style.color),
                    ..*style
                };
                self.text(style);
            }
            Kind::Icon { icon, size, color } => {
                let bounds = centered(self.inner(), self.px(*size), self.px(*size));
                let color = self.tint(*color);
                if let Icon::Letter(letter) = icon {
                    self.letter(*letter, bounds, color);
                } else {
                    self.push(bounds, Draw::Icon { icon: *icon, color });
                }
            }
            Kind::Field(field) => {
                self.field(field.style, field.value.is_empty(), field.multiline, caret)
            }
            Kind::Toggle { kind, checked, .. } => self.toggle(*kind, *checked),
            Kind::Slider { value, .. } => self.slider(*value),
            Kind::Picture { frame, cover } => self.picture(frame, *cover),
            Kind::Canvas { shapes } => shapes.iter().for_each(|shape| self.shape(shape)),
            Kind::Linear { .. } | Kind::Stack { .. } | Kind::Scroll { .. } | Kind::Blank => {}
        }
    }

    fn text(&mut self, style: TextStyle) {
        let node = self.node;
        let inner = self.inner();
        let size = style.size * self.density;
        let height = font::line_height(size);
        // A text that is given more room than it needs stands in its middle when it is centred.
        let total = height * node.lines.len() as i32;
        let mut top = inner.y_min;
        if style.align == Align::Center {
            top += ((inner.height() - total) / 2).max(0);
        }
        for line in &node.lines {
            let free = inner.width() as f32 - line.width;
            let x = inner.x_min as f32
                + match style.align {
                    Align::Start | Align::Between => 0.0,
                    Align::Center => free / 2.0,
                    Align::End => free,
                };
            self.line(&line.text, line.width, x, top, style);
            top += height;
        }
    }

    fn line(&mut self, text: &str, width: f32, x: f32, top: i32, style: TextStyle) {
        if text.trim().is_empty() {
            return;
        }
        let size = style.size * self.density;
        let height = font::line_height(size);
        let bounds = BoundingBox::new(
            x.floor() as i32 - 1,
            top - 1,
            (x + width).ceil() as i32 + 2,
            top + height + 1,
        );
        self.push(
            bounds,
            Draw::Text {
                x,
                baseline: top + font::baseline(size).round() as i32,
                text: text.to_owned(),
                size,
                bold: style.bold,
                color: style.color,
            },
        );
        if style.struck {
            let middle = top + height / 2;
            let thick = self.px(1.0).max(1);
            self.fill(
                BoundingBox::new(x as i32, middle, (x + width) as i32, middle + thick),
                0.0,
                style.color,
            );
        }
    }

    fn letter(&mut self, letter: char, bounds: BoundingBox, color: Color) {
        let size = bounds.height() as f32 * 0.6 / self.density;
        let text = letter.to_string();
        let style = TextStyle {
            size,
            color,
            bold: true,
            ..TextStyle::default()
        };
        let width = font::width(&text, size * self.density, true);
        let x = bounds.x_min as f32 + (bounds.width() as f32 - width) / 2.0;
        let top = bounds.y_min + (bounds.height() - font::line_height(size * self.density)) / 2;
        self.line(&text, width, x, top, style);
    }
}

/// First and last pixel column that a slider's thumb can stand on.
pub fn slider_track(node: &Node, density: f32) -> (i32, i32) {
    let rim = (14.0 * density).round() as i32;
    let bounds = node.bounds;
    (
        bounds.x_min + rim,
        (bounds.x_max - rim).max(bounds.x_min + rim + 1),
    )
}

/// Line and x offset in pixels of a byte offset in a field's value.
pub fn caret_place(node: &Node, offset: usize, size: f32, bold: bool) -> (usize, f32) {
    let Kind::Field(field) = &node.widget.kind else {
        return (0, 0.0);
    };
    if field.value.is_empty() {
        return (0, 0.0);
    }
    let row = node
        .lines
        .iter()
        .rposition(|line| line.start <= offset)
        .unwrap_or(0);
    let Some(line) = node.lines.get(row) else {
        return (0, 0.0);
    };
    // Dots have another length than the characters that they hide.
    let characters = field
        .value
        .get(line.start..offset.min(field.value.len()))
        .map_or(0, |text| text.chars().count());
    let before: String = line.text.chars().take(characters).collect();
    (row, font::width(&before, size, bold))
}

fn centered(room: BoundingBox, width: i32, height: i32) -> BoundingBox {
    let x = room.x_min + (room.x_max - room.x_min - width) / 2;
    let y = room.y_min + (room.y_max - room.y_min - height) / 2;
    BoundingBox::new(x, y, x + width, y + height)
}
