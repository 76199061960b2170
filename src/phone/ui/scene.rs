//! A laid-out window: the widgets of one tree in pre-order with their places on the screen. Pixels,
//! accessibility nodes and touch targets are all read from it, so they agree.

use std::borrow::Cow;

use super::activity::Erased;
use super::attributes::Axis;
use super::font::Line;
use super::widget::{Kind, Widget};
use crate::domain::{BoundingBox, Point};

/// One laid-out widget.
pub struct Node {
    /// The widget, without its children.
    pub widget: Widget<Erased>,
    /// Index of the parent; its own index for the root.
    pub parent: usize,
    /// Index after the last descendant.
    pub end: usize,
    /// Whole box in pixels, also where it is not visible.
    pub bounds: BoundingBox,
    /// The part of the screen that it may be seen in.
    pub clip: BoundingBox,
    /// Whether it has a place at all (rows far outside of a list's window have none).
    pub placed: bool,
    /// Enabled itself and by all its ancestors.
    pub enabled: bool,
    /// Broken text of texts and fields.
    pub lines: Vec<Line>,
    /// For scrolling widgets: offset and largest offset in pixels.
    pub scroll: Option<ScrollState>,
}

impl Node {
    /// The part that is on the screen; may be empty.
    pub fn visible_bounds(&self) -> BoundingBox {
        self.bounds.intersection(&self.clip)
    }

    /// Whether any pixel of it is on the screen.
    pub fn is_visible(&self) -> bool {
        self.placed && self.widget.visible && !self.visible_bounds().is_empty()
    }

    /// Whether it answers a tap, enabled or not.
    pub fn is_clickable(&self) -> bool {
        self.widget.clickable.unwrap_or_else(|| {
            self.widget.on_tap.is_some()
                || match &self.widget.kind {
                    Kind::Field(_) => true,
                    Kind::Toggle { on_toggle, .. } => on_toggle.is_some(),
                    Kind::Slider { .. } => false,
                    _ => false,
                }
        })
    }

    /// Whether a touch that begins here goes no further.
    pub fn takes_touch(&self) -> bool {
        self.is_clickable()
            || self.widget.on_long_press.is_some()
            || self.widget.on_drag.is_some()
            || matches!(self.widget.kind, Kind::Slider { .. })
    }

    /// Whether it answers a long press.
    pub fn is_long_clickable(&self) -> bool {
        self.widget.on_long_press.is_some() || matches!(self.widget.kind, Kind::Field(_))
    }

    /// Whether there is anything to scroll.
    pub fn is_scrollable(&self) -> bool {
        self.scroll.is_some_and(|scroll| scroll.max > 0)
    }

    /// `Some` with the state when it is checkable.
    pub fn checked(&self) -> Option<bool> {
        match self.widget.kind {
            Kind::Toggle { checked, .. } => Some(checked),
            _ => self.widget.checked,
        }
    }

    /// What the node's `text` says.
    pub fn text(&self) -> Cow<'_, str> {
        if let Some(spoken) = &self.widget.spoken {
            return Cow::Borrowed(spoken);
        }
        match &self.widget.kind {
            Kind::Text { text, .. } => Cow::Borrowed(text),
            Kind::Field(field) if field.value.is_empty() => Cow::Borrowed(&field.hint),
            Kind::Field(field) if field.password => {
                Cow::Owned("•".repeat(field.value.chars().count()))
            }
            Kind::Field(field) => Cow::Borrowed(&field.value),
            _ => Cow::Borrowed(""),
        }
    }
}

/// How far a list is scrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrollState {
    /// Direction.
    pub axis: Axis,
    /// Pixels that are scrolled out at the start.
    pub offset: i32,
    /// Largest offset; 0 when all fits.
    pub max: i32,
}

/// One laid-out tree.
pub struct Scene {
    /// Widgets, parents before children.
    pub nodes: Vec<Node>,
    /// Pixels per dp.
    pub density: f32,
    /// The window on the screen.
    pub bounds: BoundingBox,
}

impl Scene {
    /// The name that focus and scroll offsets are kept under: key, else id, else the place in the tree.
    pub fn name(&self, index: usize) -> Cow<'_, str> {
        let widget = &self.nodes[index].widget;
        match widget.key.as_ref().or(widget.id.as_ref()) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(format!("#{index}")),
        }
    }

    /// The first widget with a key, id or place.
    pub fn find(&self, name: &str) -> Option<usize> {
        if let Some(index) = name.strip_prefix('#') {
            return index
                .parse()
                .ok()
                .filter(|&index: &usize| index < self.nodes.len());
        }
        self.nodes.iter().position(|node| {
            let widget = &node.widget;
            widget.key.as_deref() == Some(name) || widget.id.as_deref() == Some(name)
        })
    }

    /// The first field with a name that is placed.
    pub fn find_field(&self, name: &str) -> Option<usize> {
        self.find(name)
            .filter(|&index| matches!(self.nodes[index].widget.kind, Kind::Field(_)))
    }

    /// Indices of the children of a node.
    pub fn children(&self, index: usize) -> Vec<usize> {
        let mut children = Vec::new();
        let mut next = index + 1;
        while next < self.nodes[index].end {
            children.push(next);
            next = self.nodes[next].end;
        }
        children
    }

    /// Ancestors of a node from itself to the root.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = Some(index);
        std::iter::from_fn(move || {
            let here = next?;
            let parent = self.nodes[here].parent;
            next = (parent != here).then_some(parent);
            Some(here)
        })
    }

    /// The front-most widget at a point that takes touches: children before parents, later siblings before
    /// earlier ones, as Android dispatches.
    pub fn touched(&self, point: Point) -> Option<usize> {
        self.deepest(0, point, &|node| node.takes_touch())
    }

    /// The front-most widget at a point that `wanted` accepts. A touch never passes through a widget that
    /// takes it to what lies behind, but its own ancestors are asked.
    pub fn wanted_at(&self, point: Point, wanted: &dyn Fn(&Node) -> bool) -> Option<usize> {
        let start = self.deepest(0, point, &|node| node.takes_touch() || wanted(node))?;
        self.ancestors(start)
            .find(|&index| wanted(&self.nodes[index]))
    }

    fn deepest(&self, index: usize, point: Point, wanted: &dyn Fn(&Node) -> bool) -> Option<usize> {
        let node = self.nodes.get(index)?;
        if !node.is_visible() || !node.visible_bounds().contains(point) {
            return None;
        }
        for child in self.children(index).into_iter().rev() {
            if let Some(found) = self.deepest(child, point, wanted) {
                return Some(found);
            }
        }
        wanted(node).then_some(index)
    }
}
