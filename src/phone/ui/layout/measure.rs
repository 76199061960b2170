//! How large a widget wants to be in the room that it is offered.

use super::{Layout, UNBOUNDED, across, along, pair};
use crate::phone::ui::attributes::{Axis, Length, ToggleKind};
use crate::phone::ui::font;
use crate::phone::ui::widget::Kind;

impl Layout<'_> {
    pub(super) fn measure(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
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

    pub(super) fn measure_new(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
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
    pub(super) fn content(&mut self, index: usize, width: i32, height: i32) -> (i32, i32) {
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
    pub(super) fn fills(&self, index: usize) -> (bool, bool) {
        let widget = &self.scene.nodes[index].widget;
        let fills = |length: Length| matches!(length, Length::Fill | Length::Weight(_));
        (fills(widget.width), fills(widget.height))
    }

    pub(super) fn scroll_extent(
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
    pub(super) fn scroll_child(
        &mut self,
        child: usize,
        axis: Axis,
        room: (i32, i32),
    ) -> (i32, i32) {
        let (horizontal, vertical) = self.margins(child);
        match axis {
            Axis::Vertical => self.measure(child, room.0 - horizontal, UNBOUNDED),
            Axis::Horizontal => self.measure(child, UNBOUNDED, room.1 - vertical),
        }
    }

    /// Sizes of the children of a row or column in `room`, weights included.
    pub(super) fn linear_sizes(
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

    pub(super) fn weight(&self, index: usize, axis: Axis) -> Option<f32> {
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
