//! From laid-out windows to pixels: first a list of drawing commands, which can be compared with that of the
//! last picture, then the pixels of the part that differs.

use super::canvas::Canvas;
use super::color::Color;
use super::font;
use super::icon::Icon;
use super::scene::{Node, Scene};
use super::sign;
use super::widget::{Align, Kind, Shape, TextStyle, ToggleKind};
use crate::domain::{BoundingBox, Frame};
use crate::pixels;

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

    fn field(&mut self, style: TextStyle, empty: bool, multiline: bool, caret: Option<&Caret>) {
        let node = self.node;
        let inner = self.inner();
        let size = style.size * self.density;
        let height = font::line_height(size);
        if node.widget.background.is_none() && !multiline {
            let thick = self.px(if caret.is_some() { 2.0 } else { 1.0 }).max(1);
            let color = if caret.is_some() {
                Color::ACCENT
            } else {
                Color::TEXT_SECONDARY
            };
            let bounds = node.bounds;
            let bottom = bounds.y_max - self.px(4.0);
            self.fill(
                BoundingBox::new(bounds.x_min, bottom - thick, bounds.x_max, bottom),
                0.0,
                color,
            );
        }
        let style = TextStyle {
            color: if empty || !node.enabled {
                Color::TEXT_SECONDARY
            } else {
                style.color
            },
            ..style
        };
        // While it is edited, a line that is too long is shifted so that the cursor is seen.
        let place = caret.map(|caret| caret_place(node, caret.cursor, size, style.bold));
        let shift = place.map_or(0.0, |(_, x)| {
            if multiline {
                0.0
            } else {
                (x - inner.width() as f32 + self.density * 2.0).max(0.0)
            }
        });
        let mut top = inner.y_min;
        if !multiline {
            top += ((inner.height() - height) / 2).max(0);
        }
        if let Some(caret) = caret.filter(|caret| caret.cursor != caret.anchor && !empty) {
            let low = caret_place(node, caret.cursor.min(caret.anchor), size, style.bold);
            let high = caret_place(node, caret.cursor.max(caret.anchor), size, style.bold);
            for (row, line) in node.lines.iter().enumerate().take(high.0 + 1).skip(low.0) {
                let from = if row == low.0 { low.1 } else { 0.0 };
                let to = if row == high.0 { high.1 } else { line.width };
                let y = top + height * row as i32;
                let left = inner.x_min as f32 - shift;
                self.fill(
                    BoundingBox::new(
                        (left + from) as i32,
                        y,
                        (left + to).ceil() as i32,
                        y + height,
                    ),
                    0.0,
                    Color::ACCENT_PALE,
                );
            }
        }
        for (row, line) in node.lines.iter().enumerate() {
            let y = top + height * row as i32;
            self.line(&line.text, line.width, inner.x_min as f32 - shift, y, style);
        }
        if let Some((row, x)) = place {
            let y = top + height * row as i32;
            let x = inner.x_min + (x - shift).round() as i32;
            let thick = self.px(2.0).max(1);
            self.fill(
                BoundingBox::new(x, y, x + thick, y + height),
                0.0,
                Color::ACCENT,
            );
        }
    }

    fn picture(&mut self, frame: &Frame, cover: bool) {
        let inner = self.inner();
        let room = [f64::from(inner.width()), f64::from(inner.height())];
        let size = [f64::from(frame.width), f64::from(frame.height)];
        if room.iter().chain(&size).any(|length| *length < 1.0) {
            return;
        }
        let ratios = [room[0] / size[0], room[1] / size[1]];
        let (bounds, part) = if cover {
            let scale = ratios[0].max(ratios[1]);
            let [width, height] = [
                (room[0] / scale).min(size[0]),
                (room[1] / scale).min(size[1]),
            ];
            let [left, top] = [(size[0] - width) / 2.0, (size[1] - height) / 2.0];
            (inner, [left, top, width, height])
        } else {
            let scale = ratios[0].min(ratios[1]);
            let side = |length: f64| (length * scale).round().max(1.0) as i32;
            let bounds = centered(inner, side(size[0]), side(size[1]));
            (bounds, [0.0, 0.0, size[0], size[1]])
        };
        let frame = frame.clone();
        self.push(bounds, Draw::Picture { frame, part });
    }

    fn toggle(&mut self, kind: ToggleKind, checked: bool) {
        let inner = self.inner();
        let accent = self.tint(Color::ACCENT);
        let outline = self.tint(Color::TEXT_SECONDARY);
        match kind {
            ToggleKind::Switch => {
                let track = centered(inner, self.px(52.0), self.px(32.0));
                let radius = track.height() as f32 / 2.0;
                let side = self.px(if checked { 24.0 } else { 16.0 });
                let rim = (track.height() - side) / 2;
                let x = if checked {
                    track.x_max - rim - side
                } else {
                    track.x_min + rim
                };
                let y = track.y_min + rim;
                let thumb = BoundingBox::new(x, y, x + side, y + side);
                if checked {
                    self.fill(track, radius, accent);
                    self.fill(thumb, radius, Color::WHITE);
                } else {
                    self.fill(track, radius, Color::SURFACE_RAISED);
                    let width = self.density * 2.0;
                    self.push(
                        track,
                        Draw::Outline {
                            radius,
                            width,
                            color: outline,
                        },
                    );
                    self.fill(thumb, radius, outline);
                }
            }
            ToggleKind::Checkbox => {
                let square = centered(inner, self.px(18.0), self.px(18.0));
                let radius = 2.0 * self.density;
                if checked {
                    self.fill(square, radius, accent);
                    self.push(
                        square,
                        Draw::Icon {
                            icon: Icon::Check,
                            color: Color::WHITE,
                        },
                    );
                } else {
                    let width = 2.0 * self.density;
                    self.push(
                        square,
                        Draw::Outline {
                            radius,
                            width,
                            color: outline,
                        },
                    );
                }
            }
            ToggleKind::Radio => {
                let circle = centered(inner, self.px(20.0), self.px(20.0));
                let radius = circle.width() as f32 / 2.0;
                let width = 2.0 * self.density;
                let color = if checked { accent } else { outline };
                self.push(
                    circle,
                    Draw::Outline {
                        radius,
                        width,
                        color,
                    },
                );
                if checked {
                    let dot = centered(inner, self.px(10.0), self.px(10.0));
                    self.fill(dot, radius, accent);
                }
            }
        }
    }

    fn slider(&mut self, value: f32) {
        let track = slider_track(self.node, self.density);
        let middle = (self.node.bounds.y_min + self.node.bounds.y_max) / 2;
        let half = self.px(2.0).max(1);
        let x = track.0 + ((track.1 - track.0) as f32 * value).round() as i32;
        let accent = self.tint(Color::ACCENT);
        let bar = |from: i32, to: i32| BoundingBox::new(from, middle - half, to, middle + half);
        self.fill(bar(track.0, track.1), half as f32, Color::OUTLINE);
        self.fill(bar(track.0, x), half as f32, accent);
        let radius = self.px(10.0);
        let thumb = BoundingBox::new(x - radius, middle - radius, x + radius, middle + radius);
        self.fill(thumb, radius as f32, accent);
    }

    fn shape(&mut self, shape: &Shape) {
        let density = self.density;
        let origin = (self.node.bounds.x_min as f32, self.node.bounds.y_min as f32);
        let x = |dp: f32| origin.0 + dp * density;
        let y = |dp: f32| origin.1 + dp * density;
        match *shape {
            Shape::Rectangle { at, radius, color } => {
                let bounds = BoundingBox::new(
                    x(at[0]).round() as i32,
                    y(at[1]).round() as i32,
                    x(at[0] + at[2]).round() as i32,
                    y(at[1] + at[3]).round() as i32,
                );
                self.fill(bounds, radius * density, color);
            }
            Shape::Line { at, width, color } => {
                let (from, to) = ([x(at[0]), y(at[1])], [x(at[2]), y(at[3])]);
                let bounds = self.node.bounds;
                self.push(
                    bounds,
                    Draw::Line {
                        from,
                        to,
                        width: width * density,
                        color,
                    },
                );
            }
            Shape::Arc {
                at,
                width,
                turn,
                color,
            } => {
                let reach = (at[2] + width) * density;
                let center = (x(at[0]), y(at[1]));
                let bounds = BoundingBox::new(
                    (center.0 - reach).round() as i32,
                    (center.1 - reach).round() as i32,
                    (center.0 + reach).round() as i32,
                    (center.1 + reach).round() as i32,
                );
                self.push(
                    bounds,
                    Draw::Arc {
                        radius: at[2] * density,
                        width: width * density,
                        turn,
                        color,
                    },
                );
            }
        }
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

/// The part of the screen in which two pictures differ; empty when they are the same.
pub fn difference(old: &[Command], new: &[Command]) -> BoundingBox {
    let same_start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = (&old[same_start..], &new[same_start..]);
    let same_end = rest
        .0
        .iter()
        .rev()
        .zip(rest.1.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let changed_old = &rest.0[..rest.0.len() - same_end];
    let changed_new = &rest.1[..rest.1.len() - same_end];
    changed_old
        .iter()
        .chain(changed_new)
        .map(Command::area)
        .reduce(|a, b| {
            BoundingBox::new(
                a.x_min.min(b.x_min),
                a.y_min.min(b.y_min),
                a.x_max.max(b.x_max),
                a.y_max.max(b.y_max),
            )
        })
        .unwrap_or(BoundingBox::new(0, 0, 0, 0))
}

/// Draws the commands inside `damage`.
pub fn draw(commands: &[Command], canvas: &mut Canvas<'_>, damage: BoundingBox) {
    // What lies below the last opaque rectangle that covers all of the damage cannot be seen.
    let covers = |command: &Command| {
        matches!(command.draw, Draw::Fill { radius, color } if radius == 0.0 && color.alpha == 255)
            && command.area().intersection(&damage) == damage
    };
    let start = commands.iter().rposition(covers).unwrap_or(0);
    for command in &commands[start..] {
        let area = command.area().intersection(&damage);
        if area.is_empty() {
            continue;
        }
        canvas.set_clip(area);
        draw_one(command, canvas);
    }
}

fn draw_one(command: &Command, canvas: &mut Canvas<'_>) {
    let bounds = command.bounds;
    match &command.draw {
        Draw::Fill { radius, color } => canvas.fill_rounded(bounds, *radius, *color),
        Draw::Outline {
            radius,
            width,
            color,
        } => canvas.outline(bounds, *radius, *width, *color),
        Draw::Text {
            x,
            baseline,
            text,
            size,
            bold,
            color,
        } => font::each_glyph(text, *size, *bold, *x, *baseline, |mask, x, y| {
            canvas.mask(mask, x, y, *color);
        }),
        Draw::Picture { frame, part } => draw_picture(command, frame, *part, canvas),
        Draw::Icon { icon, color } => {
            let mask = sign::mask(*icon, bounds.width().min(bounds.height()));
            canvas.mask(&mask, bounds.x_min, bounds.y_min, *color);
        }
        Draw::Arc {
            radius,
            width,
            turn,
            color,
        } => {
            let center = [
                (bounds.x_min + bounds.x_max) as f32 / 2.0,
                (bounds.y_min + bounds.y_max) as f32 / 2.0,
            ];
            canvas.arc(center, *radius, *width, *turn, *color);
        }
        Draw::Line {
            from,
            to,
            width,
            color,
        } => canvas.line(*from, *to, *width, *color),
    }
}

/// Scales the visible part of a picture. It is always the same part, whatever is drawn of it, so that a
/// picture that is drawn piece by piece has no seams.
fn draw_picture(command: &Command, frame: &Frame, part: [f64; 4], canvas: &mut Canvas<'_>) {
    let (bounds, shown) = (command.bounds, command.area());
    let scale = [
        part[2] / f64::from(bounds.width()),
        part[3] / f64::from(bounds.height()),
    ];
    let left = part[0] + f64::from(shown.x_min - bounds.x_min) * scale[0];
    let top = part[1] + f64::from(shown.y_min - bounds.y_min) * scale[1];
    // Rounding must not lead out of the picture.
    let width = (f64::from(shown.width()) * scale[0]).min(f64::from(frame.width) - left);
    let height = (f64::from(shown.height()) * scale[1]).min(f64::from(frame.height) - top);
    let [across, down] = [shown.width(), shown.height()].map(i32::unsigned_abs);
    if let Ok(scaled) = pixels::resize_part(frame, [left, top, width, height], across, down) {
        canvas.picture(&scaled, shown.x_min, shown.y_min);
    }
}
