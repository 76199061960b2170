//! Where widgets go in the boxes that they were given, and how their texts break there.

use std::borrow::Cow;

use super::{Layout, across, along, pair};
use crate::domain::BoundingBox;
use crate::phone::ui::attributes::{Align, Axis};
use crate::phone::ui::font;
use crate::phone::ui::scene::ScrollState;
use crate::phone::ui::widget::Kind;

impl Layout<'_> {
    pub(super) fn place(&mut self, index: usize, bounds: BoundingBox, clip: BoundingBox) {
        {
            let node = &mut self.scene.nodes[index];
            node.bounds = bounds;
            node.clip = clip;
            node.placed = true;
        }
        let [left, top, right, bottom] = self.padding(index);
        let inner = BoundingBox::new(
            bounds.x_min + left,
            bounds.y_min + top,
            (bounds.x_max - right).max(bounds.x_min + left),
            (bounds.y_max - bottom).max(bounds.y_min + top),
        );
        let room = (inner.width(), inner.height());
        match &self.scene.nodes[index].widget.kind {
            Kind::Text { .. } | Kind::Field(_) => self.break_text(index, room.0),
            Kind::Stack { .. } => {
                for child in self.scene.children(index) {
                    let [ml, mt, mr, mb] = self.margin(child);
                    let size = self.measure(child, room.0 - ml - mr, room.1 - mt - mb);
                    let [horizontal, vertical] =
                        self.scene.nodes[child].widget.place.unwrap_or_default();
                    let x = inner.x_min + ml + slack(horizontal, room.0 - ml - mr - size.0);
                    let y = inner.y_min + mt + slack(vertical, room.1 - mt - mb - size.1);
                    let child_bounds = BoundingBox::new(x, y, x + size.0, y + size.1);
                    self.place(child, child_bounds, clip.intersection(&bounds));
                }
            }
            Kind::Linear {
                axis,
                gap,
                main,
                cross,
                ..
            } => {
                let (axis, gap, main, cross) = (*axis, self.px(*gap), *main, *cross);
                self.place_linear(
                    index,
                    axis,
                    gap,
                    (main, cross),
                    inner,
                    clip.intersection(&bounds),
                );
            }
            Kind::Scroll { axis, gap, .. } => {
                let (axis, gap) = (*axis, self.px(*gap));
                self.place_scroll(index, axis, gap, inner, clip.intersection(&bounds));
            }
            _ => {}
        }
    }

    pub(super) fn place_linear(
        &mut self,
        index: usize,
        axis: Axis,
        gap: i32,
        (main, cross): (Align, Align),
        inner: BoundingBox,
        clip: BoundingBox,
    ) {
        let room = (inner.width(), inner.height());
        let children = self.scene.children(index);
        let sizes = self.linear_sizes(&children, axis, gap, room);
        let used: i32 = children
            .iter()
            .zip(&sizes)
            .map(|(&child, size)| along(axis, *size) + along(axis, self.margins(child)))
            .sum::<i32>()
            + gap * (children.len() as i32 - 1).max(0);
        let free = (along(axis, room) - used).max(0);
        let mut cursor = match main {
            Align::Between => 0,
            other => slack(other, free),
        };
        let between = if main == Align::Between && children.len() > 1 {
            free as f32 / (children.len() - 1) as f32
        } else {
            0.0
        };
        for (position, (&child, size)) in children.iter().zip(&sizes).enumerate() {
            let [ml, mt, mr, mb] = self.margin(child);
            let (before, after, cross_before, cross_after) = match axis {
                Axis::Horizontal => (ml, mr, mt, mb),
                Axis::Vertical => (mt, mb, ml, mr),
            };
            let place = self.scene.nodes[child].widget.place;
            let align = match (place, axis) {
                (Some([_, vertical]), Axis::Horizontal) => vertical,
                (Some([horizontal, _]), Axis::Vertical) => horizontal,
                (None, _) => cross,
            };
            let cross_free = across(axis, room) - cross_before - cross_after - across(axis, *size);
            let along_at = cursor + before + (between * position as f32).round() as i32;
            let across_at = cross_before + slack(align, cross_free);
            let (dx, dy) = pair(axis, along_at, across_at);
            let (x, y) = (inner.x_min + dx, inner.y_min + dy);
            self.place(child, BoundingBox::new(x, y, x + size.0, y + size.1), clip);
            cursor += before + along(axis, *size) + after + gap;
        }
    }

    pub(super) fn place_scroll(
        &mut self,
        index: usize,
        axis: Axis,
        gap: i32,
        inner: BoundingBox,
        clip: BoundingBox,
    ) {
        let room = (inner.width(), inner.height());
        let (extent, _) = self.scroll_extent(index, axis, gap, room);
        let max = (extent - along(axis, room)).max(0);
        let name: Cow<'_, str> = self.scene.name(index);
        let offset = (self.offset_of)(&name).clamp(0, max);
        self.scene.nodes[index].scroll = Some(ScrollState { axis, offset, max });
        let window = inner.intersection(&clip);
        let mut cursor = -offset;
        for child in self.scene.children(index) {
            let size = self.scroll_child(child, axis, room);
            let [ml, mt, mr, mb] = self.margin(child);
            let (before, after, cross_before) = match axis {
                Axis::Horizontal => (ml, mr, mt),
                Axis::Vertical => (mt, mb, ml),
            };
            let (dx, dy) = pair(axis, cursor + before, cross_before);
            let (x, y) = (inner.x_min + dx, inner.y_min + dy);
            let bounds = BoundingBox::new(x, y, x + size.0, y + size.1);
            cursor += before + along(axis, size) + after + gap;
            // Rows outside of the window are measured, for the list's length, but never placed.
            if bounds.intersection(&window).is_empty() {
                self.scene.nodes[child].bounds = bounds;
            } else {
                self.place(child, bounds, window);
            }
        }
    }

    pub(super) fn break_text(&mut self, index: usize, width: i32) {
        let density = self.scene.density;
        let node = &mut self.scene.nodes[index];
        node.lines = match &node.widget.kind {
            Kind::Text { text, style } => font::break_lines(
                text,
                style.size * density,
                style.bold,
                width as f32,
                usize::from(style.max_lines),
            ),
            Kind::Field(field) => {
                let text: Cow<'_, str> = if field.value.is_empty() {
                    Cow::Borrowed(&field.hint)
                } else if field.password {
                    Cow::Owned("•".repeat(field.value.chars().count()))
                } else {
                    Cow::Borrowed(&field.value)
                };
                let size = field.style.size * density;
                if field.multiline {
                    font::break_lines(&text, size, field.style.bold, width as f32, 0)
                } else {
                    let text = text.replace('\n', " ");
                    let width = font::width(&text, size, field.style.bold);
                    vec![font::Line {
                        text,
                        start: 0,
                        width,
                    }]
                }
            }
            _ => Vec::new(),
        };
    }
}

fn slack(align: Align, free: i32) -> i32 {
    match align {
        Align::Start | Align::Between => 0,
        Align::Center => free / 2,
        Align::End => free,
    }
}
