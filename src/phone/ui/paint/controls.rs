//! The drawing commands of what is more than a box with words: fields, pictures, switches, sliders, shapes.

use super::{Caret, Draw, Painter, caret_place, centered, slider_track};
use crate::domain::{BoundingBox, Frame};
use crate::phone::ui::attributes::{Shape, TextStyle, ToggleKind};
use crate::phone::ui::color::Color;
use crate::phone::ui::font;
use crate::phone::ui::icon::Icon;

impl Painter<'_> {
    pub(super) fn field(
        &mut self,
        style: TextStyle,
        empty: bool,
        multiline: bool,
        caret: Option<&Caret>,
    ) {
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

    pub(super) fn picture(&mut self, frame: &Frame, cover: bool) {
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

    pub(super) fn toggle(&mut self, kind: ToggleKind, checked: bool) {
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

    pub(super) fn slider(&mut self, value: f32) {
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

    pub(super) fn shape(&mut self, shape: &Shape) {
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
