//! Layout: from a widget tree to a [`Scene`]. Lengths in dp become whole pixels once; a widget is measured
//! with the room that its parent offers and then placed.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::activity::Erased;
use super::attributes::{Align, Axis, Length, ToggleKind};
use super::font;
use super::scene::{Node, Scene, ScrollState};
use super::widget::{Kind, Widget};
use crate::domain::BoundingBox;

/// Room without an end, inside scrolling widgets.
const UNBOUNDED: i32 = i32::MAX / 4;

/// Lays out `root` in `bounds` (pixels). `offset_of` gives the scroll offset kept under a name; offsets
/// are clamped to what there is to scroll.
pub fn layout(
    root: Widget<Erased>,
    bounds: BoundingBox,
    density: f32,
    offset_of: &dyn Fn(&str) -> i32,
) -> Scene {
    let mut nodes = Vec::with_capacity(64);
    flatten(root, 0, true, true, &mut nodes);
    let memo = vec![Memo::default(); nodes.len()];
    let mut layout = Layout {
        scene: Scene {
            nodes,
            density,
            bounds,
        },
        memo,
        offset_of,
    };
    layout.place(0, bounds, bounds);
    layout.scene
}

/// Lays out `root` as large as it wants to be within `room` (pixels), at the place that `place` gives for
/// that size: dialogs, sheets and menus.
pub fn layout_floating(
    root: Widget<Erased>,
    room: (i32, i32),
    density: f32,
    offset_of: &dyn Fn(&str) -> i32,
    place: &dyn Fn((i32, i32)) -> BoundingBox,
) -> Scene {
    let mut nodes = Vec::with_capacity(32);
    flatten(root, 0, true, true, &mut nodes);
    let memo = vec![Memo::default(); nodes.len()];
    let mut layout = Layout {
        scene: Scene {
            nodes,
            density,
            bounds: BoundingBox::new(0, 0, room.0, room.1),
        },
        memo,
        offset_of,
    };
    let bounds = place(layout.measure(0, room.0, room.1));
    layout.scene.bounds = bounds;
    layout.place(0, bounds, bounds);
    layout.scene
}

fn flatten(
    mut widget: Widget<Erased>,
    parent: usize,
    enabled: bool,
    visible: bool,
    nodes: &mut Vec<Node>,
) {
    let children = match &mut widget.kind {
        Kind::Linear { children, .. }
        | Kind::Stack { children }
        | Kind::Scroll { children, .. } => std::mem::take(children),
        _ => Vec::new(),
    };
    let index = nodes.len();
    let enabled = enabled && widget.enabled;
    let visible = visible && widget.visible;
    widget.visible = visible;
    nodes.push(Node {
        widget,
        parent,
        end: index + 1,
        bounds: BoundingBox::new(0, 0, 0, 0),
        clip: BoundingBox::new(0, 0, 0, 0),
        placed: false,
        enabled,
        lines: Vec::new(),
        scroll: None,
    });
    for child in children {
        flatten(child, index, enabled, visible, nodes);
    }
    nodes[index].end = nodes.len();
}

/// Width and height in pixels.
type Pair = (i32, i32);

/// The last two answers of a measurement, which is all that nested rows ask again.
#[derive(Clone, Copy, Default)]
struct Memo {
    /// Room offered and size taken.
    answers: [Option<(Pair, Pair)>; 2],
}

struct Layout<'a> {
    scene: Scene,
    memo: Vec<Memo>,
    offset_of: &'a dyn Fn(&str) -> i32,
}

impl Layout<'_> {
    fn px(&self, dp: f32) -> i32 {
        (dp * self.scene.density).round() as i32
    }

    fn padding(&self, index: usize) -> [i32; 4] {
        let edges = self.scene.nodes[index].widget.padding;
        [edges.left, edges.top, edges.right, edges.bottom].map(|edge| self.px(edge))
    }

    fn margin(&self, index: usize) -> [i32; 4] {
        let edges = self.scene.nodes[index].widget.margin;
        [edges.left, edges.top, edges.right, edges.bottom].map(|edge| self.px(edge))
    }

    /// Sum of the margins, horizontal and vertical.
    fn margins(&self, index: usize) -> (i32, i32) {
        let [left, top, right, bottom] = self.margin(index);
        (left + right, top + bottom)
    }

    fn measure(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
        let asked = (width, height);
        for (question, answer) in self.memo[index].answers.iter().flatten() {
            if *question == asked {
                return *answer;
            }
        }
        let answer = self.measure_new(index, width, height);
        let answers = &mut self.memo[index].answers;
        answers[1] = answers[0];
        answers[0] = Some((asked, answer));
        answer
    }

    fn measure_new(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
        let widget = &self.scene.nodes[index].widget;
        let definite = |length: Length, room: i32| match length {
            Length::Dp(dp) => Some(self.px(dp)),
            Length::Fill | Length::Weight(_) if room < UNBOUNDED / 2 => Some(room.max(0)),
            _ => None,
        };
        let fixed = (
            definite(widget.width, width),
            definite(widget.height, height),
        );
        let min = widget.min.map(|dp| self.px(dp));
        if let (Some(width), Some(height)) = fixed {
            return (width.max(min[0]), height.max(min[1]));
        }
        let [left, top, right, bottom] = self.padding(index);
        let inner_width = (fixed.0.unwrap_or(width) - left - right).max(0);
        let inner_height = (fixed.1.unwrap_or(height) - top - bottom).max(0);
        let (content_width, content_height) = self.content(index, inner_width, inner_height);
        let natural = (content_width + left + right, content_height + top + bottom);
        (
            fixed
                .0
                .unwrap_or(natural.0.max(min[0]).min(width.max(0)))
                .max(min[0].min(width.max(0))),
            fixed
                .1
                .unwrap_or(natural.1.max(min[1]).min(height.max(0)))
                .max(min[1].min(height.max(0))),
        )
    }

    /// Natural size of what is inside a widget.
    fn content(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
        let density = self.scene.density;
        match &self.scene.nodes[index].widget.kind {
            Kind::Text { text, style } => {
                let size = style.size * density;
                let lines = font::break_lines(
                    text,
                    size,
                    style.bold,
                    width as f32,
                    usize::from(style.max_lines),
                );
                let widest = lines.iter().map(|line| line.width).fold(0.0, f32::max);
                (
                    (widest.ceil() as i32).min(width),
                    lines.len() as i32 * font::line_height(size),
                )
            }
            Kind::Icon { size, .. } => {
                let size = self.px(*size);
                (size, size)
            }
            Kind::Field(field) => {
                let size = field.style.size * density;
                let lines = if field.multiline {
                    font::break_lines(&field.value, size, field.style.bold, width as f32, 0).len()
                } else {
                    1
                };
                (
                    self.px(120.0).min(width),
                    lines as i32 * font::line_height(size),
                )
            }
            Kind::Toggle { kind, .. } => match kind {
                ToggleKind::Switch => (self.px(52.0), self.px(32.0)),
                ToggleKind::Checkbox | ToggleKind::Radio => (self.px(32.0), self.px(32.0)),
            },
            Kind::Slider { .. } => (self.px(200.0).min(width), self.px(48.0)),
            Kind::Canvas { .. } | Kind::Picture { .. } | Kind::Blank => (0, 0),
            Kind::Stack { .. } => {
                let mut sizes = Vec::new();
                for child in self.scene.children(index) {
                    let (horizontal, vertical) = self.margins(child);
                    let (w, h) = self.measure(child, width - horizontal, height - vertical);
                    let fills = self.fills(child);
                    sizes.push(((w + horizontal, fills.0), (h + vertical, fills.1)));
                }
                (
                    widest(sizes.iter().map(|size| size.0)),
                    widest(sizes.iter().map(|size| size.1)),
                )
            }
            Kind::Linear { axis, gap, .. } => {
                let (axis, gap) = (*axis, self.px(*gap));
                let children = self.scene.children(index);
                let sizes = self.linear_sizes(&children, axis, gap, (width, height));
                let gaps = gap * (children.len() as i32 - 1).max(0);
                let mut main = gaps;
                let mut crosses = Vec::with_capacity(children.len());
                for (&child, size) in children.iter().zip(&sizes) {
                    let margins = self.margins(child);
                    main += along(axis, *size) + along(axis, margins);
                    let fills = self.fills(child);
                    let fills = match axis {
                        Axis::Horizontal => fills.1,
                        Axis::Vertical => fills.0,
                    };
                    crosses.push((across(axis, *size) + across(axis, margins), fills));
                }
                pair(axis, main, widest(crosses.into_iter()))
            }
            Kind::Scroll { axis, gap, .. } => {
                let (axis, gap) = (*axis, self.px(*gap));
                let (main, cross) = self.scroll_extent(index, axis, gap, (width, height));
                pair(axis, main.min(along(axis, (width, height))), cross)
            }
        }
    }

    /// Whether a widget only takes what it is offered, horizontally and vertically.
    fn fills(&self, index: usize) -> (bool, bool) {
        let widget = &self.scene.nodes[index].widget;
        let fills = |length: Length| matches!(length, Length::Fill | Length::Weight(_));
        (fills(widget.width), fills(widget.height))
    }

    fn scroll_extent(
        &mut self,
        index: usize,
        axis: Axis,
        gap: i32,
        room: (i32, i32),
    ) -> (i32, i32) {
        let mut main = 0;
        let mut cross = 0;
        for (position, child) in self.scene.children(index).into_iter().enumerate() {
            let size = self.scroll_child(child, axis, room);
            let margins = self.margins(child);
            main += along(axis, size) + along(axis, margins) + if position > 0 { gap } else { 0 };
            cross = cross.max(across(axis, size) + across(axis, margins));
        }
        (main, cross)
    }

    /// Size of a child of a scrolling widget: unbounded along its axis.
    fn scroll_child(&mut self, child: usize, axis: Axis, room: (i32, i32)) -> (i32, i32) {
        let (horizontal, vertical) = self.margins(child);
        match axis {
            Axis::Vertical => self.measure(child, room.0 - horizontal, UNBOUNDED),
            Axis::Horizontal => self.measure(child, UNBOUNDED, room.1 - vertical),
        }
    }

    /// Sizes of the children of a row or column in `room`, weights included.
    fn linear_sizes(
        &mut self,
        children: &[usize],
        axis: Axis,
        gap: i32,
        room: (i32, i32),
    ) -> Vec<(i32, i32)> {
        let mut sizes = vec![(0, 0); children.len()];
        let mut left = along(axis, room) - gap * (children.len() as i32 - 1).max(0);
        let bounded = along(axis, room) < UNBOUNDED / 2;
        let mut weights = 0.0;
        for (&child, size) in children.iter().zip(&mut sizes) {
            let margins = self.margins(child);
            left -= along(axis, margins);
            if bounded && let Some(weight) = self.weight(child, axis) {
                weights += weight;
                continue;
            }
            let offered = pair(
                axis,
                left.max(0),
                across(axis, room) - across(axis, margins),
            );
            *size = self.measure(child, offered.0, offered.1);
            left -= along(axis, *size);
        }
        if weights > 0.0 {
            let share = left.max(0) as f32 / weights;
            let mut given = 0.0_f32;
            for (&child, size) in children.iter().zip(&mut sizes) {
                let Some(weight) = self.weight(child, axis) else {
                    continue;
                };
                // Ends are rounded, not widths, so that the shares add up to the room.
                let from = given.round();
                given += weight * share;
                let main = (given.round() - from) as i32;
                let margins = self.margins(child);
                let offered = pair(axis, main, across(axis, room) - across(axis, margins));
                let measured = self.measure(child, offered.0, offered.1);
                *size = pair(axis, main, across(axis, measured));
            }
        }
        sizes
    }

    fn weight(&self, index: usize, axis: Axis) -> Option<f32> {
        let widget = &self.scene.nodes[index].widget;
        let length = match axis {
            Axis::Horizontal => widget.width,
            Axis::Vertical => widget.height,
        };
        match length {
            Length::Weight(weight) => Some(weight.max(0.0)),
            _ => None,
        }
    }

    fn place(&mut self, index: usize, bounds: BoundingBox, clip: BoundingBox) {
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

    fn place_linear(
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

    fn place_scroll(
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

    fn break_text(&mut self, index: usize, width: i32) {
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

/// The size that a wrapping parent gets from its children's sizes: those that fill take part only when all
/// of them do, otherwise they would make every wrapping parent as large as its own parent.
fn widest(sizes: impl Iterator<Item = (i32, bool)> + Clone) -> i32 {
    let fixed = sizes
        .clone()
        .filter(|(_, fills)| !fills)
        .map(|(size, _)| size);
    fixed
        .max()
        .or_else(|| sizes.map(|(size, _)| size).max())
        .unwrap_or(0)
}

fn along(axis: Axis, size: (i32, i32)) -> i32 {
    match axis {
        Axis::Horizontal => size.0,
        Axis::Vertical => size.1,
    }
}

fn across(axis: Axis, size: (i32, i32)) -> i32 {
    match axis {
        Axis::Horizontal => size.1,
        Axis::Vertical => size.0,
    }
}

fn pair(axis: Axis, along: i32, across: i32) -> (i32, i32) {
    match axis {
        Axis::Horizontal => (along, across),
        Axis::Vertical => (across, along),
    }
}

fn slack(align: Align, free: i32) -> i32 {
    match align {
        Align::Start | Align::Between => 0,
        Align::Center => free / 2,
        Align::End => free,
    }
}
