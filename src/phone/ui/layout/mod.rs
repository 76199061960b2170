//! Layout: from a widget tree to a [`Scene`]. Lengths in dp become whole pixels once; a widget is measured
//! with the room that its parent offers and then placed.

mod measure;
mod place;
#[cfg(test)]
mod tests;

use super::activity::Erased;
use super::attributes::Axis;
use super::scene::{Node, Scene};
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
