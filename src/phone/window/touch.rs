//! Touches: taps, long presses and drags find their widget in the laid-out windows.

use super::compose::{Metrics, Owner, Window};
use super::editing::{self, Cursor, Edit};
use super::floating::SelectionMessage;
use super::keyboard::KeyMessage;
use super::{Focus, WindowManager};
use crate::domain::Point;
use crate::phone::system::System;
use crate::phone::ui::font;
use crate::phone::ui::paint::slider_track;
use crate::phone::ui::scene::Node;
use crate::phone::ui::{Axis, Erased, Kind};

/// A finger that stays this long presses long, in milliseconds.
const LONG_PRESS: u64 = 500;
/// Way in dp below which a finger has not moved.
const SLOP: f32 = 8.0;

/// A message with its receiver.
type Sent = (Owner, Erased);

impl WindowManager {
    /// A tap at a pixel.
    pub fn tap(&mut self, system: &mut System, x: i32, y: i32) {
        self.tick(system);
        self.press(system, Point { x, y }, false);
        self.settle(system);
    }

    /// A long press at a pixel.
    pub fn long_press(&mut self, system: &mut System, x: i32, y: i32) {
        self.tick(system);
        self.press(system, Point { x, y }, true);
        self.settle(system);
    }

    /// A finger moved in a straight line in `millis`; without way it is a tap, or a long press from 500 ms.
    pub fn swipe(&mut self, system: &mut System, from: (i32, i32), to: (i32, i32), millis: u64) {
        self.tick(system);
        let from = Point {
            x: from.0,
            y: from.1,
        };
        let to = Point { x: to.0, y: to.1 };
        let slop = Metrics::of(system).px(SLOP);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        if dx.abs() <= slop && dy.abs() <= slop {
            self.press(system, from, millis >= LONG_PRESS);
        } else {
            self.drag(system, from, to);
        }
        self.settle(system);
    }

    /// The window that a touch at a point goes to, and whether it lies outside of that window's content.
    fn target(windows: &[Window], point: Point) -> Option<(&Window, bool)> {
        for window in windows.iter().rev() {
            let inside = window.scene.bounds.contains(point);
            match window.owner {
                Owner::Keyboard | Owner::Selection if inside => return Some((window, false)),
                Owner::Keyboard if window.backdrop_area.contains(point) => return None,
                Owner::Keyboard | Owner::Selection => {}
                // Only the front window of the activities is touched.
                Owner::Activity(_) => return Some((window, !inside)),
            }
        }
        None
    }

    fn press(&mut self, system: &mut System, point: Point, long: bool) {
        let windows = self.compose(system);
        let Some((window, outside)) = Self::target(&windows, point) else {
            return;
        };
        let owner = window.owner;
        if owner != Owner::Selection && owner != Owner::Keyboard {
            self.selection_bar = false;
        }
        if outside {
            let dismiss = (window.layer > 0)
                .then(|| window.on_dismiss.clone())
                .flatten();
            if let Some(message) = dismiss {
                self.deliver(system, (owner, message));
            }
            return;
        }
        let Some(index) = window.scene.touched(point) else {
            return;
        };
        let node = &window.scene.nodes[index];
        if !node.enabled {
            return;
        }
        if matches!(node.widget.kind, Kind::Field(_)) {
            self.touch_field(window, index, point, long);
            return;
        }
        if let Some(message) = dragged_over(node, [point, point], window.scene.density) {
            return self.deliver(system, (owner, message));
        }
        let message = long
            .then(|| node.widget.on_long_press.clone())
            .flatten()
            .or_else(|| tapped(node, point, window.scene.density));
        if let Some(message) = message {
            self.deliver(system, (owner, message));
        }
    }

    fn touch_field(&mut self, window: &Window, index: usize, point: Point, long: bool) {
        let Owner::Activity(activity) = window.owner else {
            return;
        };
        let node = &window.scene.nodes[index];
        let Kind::Field(field) = &node.widget.kind else {
            return;
        };
        let at = offset_at(node, point, window.scene.density);
        let cursor = if long && !field.value.is_empty() {
            Cursor::word_of(&field.value, at)
        } else {
            Cursor::at(at)
        };
        let name = window.scene.name(index).into_owned();
        let same = self
            .focus
            .as_ref()
            .is_some_and(|focus| focus.field == name && focus.activity == activity);
        if !same || !self.keyboard_shown {
            self.keyboard = super::keyboard::Keyboard::default();
        }
        self.set_focus(Focus {
            activity,
            layer: window.layer,
            field: name,
            cursor,
        });
        self.selection_bar = long;
        self.keyboard_shown = true;
        self.reveal_focus = true;
    }

    fn drag(&mut self, system: &mut System, from: Point, to: Point) {
        let metrics = Metrics::of(system);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        let vertical = dy.abs() >= dx.abs();
        let on_shade = self.panel.is_some();
        if vertical && dy > 0 && from.y < metrics.status && !on_shade {
            return self.show_shade(system);
        }
        if vertical && dy < 0 && from.y >= metrics.height - metrics.handle {
            let home = self.tasks.last().is_some_and(|task| task.home);
            // On the home screen a swipe from the handle opens the drawer like any other.
            if !home || self.panel.is_some() {
                return self.go_home(system);
            }
        }
        let edge = metrics.px(20.0);
        let inwards = (from.x < edge && dx > 0) || (from.x >= metrics.width - edge && dx < 0);
        if !vertical && inwards && dx.abs() > metrics.px(40.0) {
            return self.back(system);
        }
        let windows = self.compose(system);
        let start = Point {
            x: from.x.clamp(0, metrics.width - 1),
            y: from.y.clamp(0, metrics.height - 1),
        };
        let Some((window, outside)) = Self::target(&windows, start) else {
            return;
        };
        if window.owner == Owner::Keyboard || window.owner == Owner::Selection {
            return;
        }
        if outside && window.layer > 0 {
            if let Some(message) = window.on_dismiss.clone() {
                self.deliver(system, (window.owner, message));
            }
            return;
        }
        // A finger that starts on a system bar drags what lies next to it.
        let content = window.scene.bounds;
        let start = Point {
            x: start
                .x
                .clamp(content.x_min, (content.x_max - 1).max(content.x_min)),
            y: start
                .y
                .clamp(content.y_min, (content.y_max - 1).max(content.y_min)),
        };
        match drag_target(window, start, to, vertical, (dx, dy)) {
            Some(Dragged::Message(message)) => {
                let owner = window.owner;
                self.deliver(system, (owner, message));
            }
            Some(Dragged::Scroll(name, offset)) => {
                if let Owner::Activity(id) = window.owner {
                    let layer = window.layer;
                    if let Some(running) = self.running_mut(id) {
                        running.scrolls.insert((layer, name), offset);
                    }
                }
            }
            None => {}
        }
    }

    /// Gives a message to its receiver.
    pub(super) fn deliver(&mut self, system: &mut System, (owner, message): Sent) {
        match owner {
            Owner::Activity(id) => {
                if let Some(running) = self.running_mut(id) {
                    let effects = running.activity.update(system, &message);
                    self.apply(system, id, effects);
                }
            }
            Owner::Keyboard => {
                if let Some(key) = message.0.downcast_ref::<KeyMessage>() {
                    self.keyboard_key(system, key.clone());
                }
            }
            Owner::Selection => {
                if let Some(action) = message.0.downcast_ref::<SelectionMessage>() {
                    self.selection_action(system, *action);
                }
            }
        }
    }

    fn selection_action(&mut self, system: &mut System, action: SelectionMessage) {
        self.selection_bar = action == SelectionMessage::SelectAll;
        match action {
            SelectionMessage::SelectAll => self.edit(system, Edit::SelectAll),
            SelectionMessage::Copy => self.copy_selection(system),
            SelectionMessage::Cut => {
                self.copy_selection(system);
                self.edit(system, Edit::Insert(""));
            }
            SelectionMessage::Paste => self.paste(system),
        }
    }

    pub(super) fn copy_selection(&mut self, system: &mut System) {
        let Some((value, _, _)) = self.focused_value(system) else {
            return;
        };
        let selected = self.focus.as_ref().and_then(|focus| {
            let (low, high) = focus.cursor.within(&value).range();
            (low < high).then(|| value[low..high].to_owned())
        });
        if let Some(text) = selected {
            system.clipboard = Some(text);
        }
    }

    pub(super) fn paste(&mut self, system: &mut System) {
        if let Some(text) = system.clipboard.clone() {
            self.type_text(system, &text);
        }
    }
}

/// What a tap on a widget sends.
fn tapped(node: &Node, point: Point, density: f32) -> Option<Erased> {
    let widget = &node.widget;
    match &widget.kind {
        Kind::Toggle {
            checked, on_toggle, ..
        } => on_toggle
            .as_ref()
            .map(|toggle| toggle(!checked))
            .or_else(|| widget.on_tap.clone()),
        Kind::Slider { on_slide, .. } => on_slide
            .as_ref()
            .map(|slide| slide(slider_value(node, point.x, density))),
        _ => widget.on_tap.clone(),
    }
}

/// What a finger sends that goes over a widget which follows fingers.
fn dragged_over(node: &Node, way: [Point; 2], density: f32) -> Option<Erased> {
    let handler = node.widget.on_drag.as_ref()?;
    let bounds = node.bounds;
    let place = |point: Point| {
        let x = point.x.clamp(bounds.x_min, bounds.x_max.max(bounds.x_min));
        let y = point.y.clamp(bounds.y_min, bounds.y_max.max(bounds.y_min));
        let dp = |pixels: i32| pixels as f32 / density;
        [dp(x - bounds.x_min), dp(y - bounds.y_min)]
    };
    let ([from_x, from_y], [to_x, to_y]) = (place(way[0]), place(way[1]));
    Some(handler([from_x, from_y, to_x, to_y]))
}

/// Where a finger at a pixel column puts a slider's thumb: 0 and 1 at and beyond the ends of its track.
fn slider_value(node: &Node, x: i32, density: f32) -> f32 {
    let (low, high) = slider_track(node, density);
    ((x - low) as f32 / (high - low).max(1) as f32).clamp(0.0, 1.0)
}

enum Dragged {
    Message(Erased),
    /// A list's name and its new offset.
    Scroll(String, i32),
}

fn drag_target(
    window: &Window,
    start: Point,
    to: Point,
    vertical: bool,
    (dx, dy): (i32, i32),
) -> Option<Dragged> {
    let scene = &window.scene;
    let touched = scene.touched(start).map(|index| &scene.nodes[index]);
    if let Some(node) = touched.filter(|node| node.enabled)
        && let Some(message) = dragged_over(node, [start, to], scene.density)
    {
        return Some(Dragged::Message(message));
    }
    let slides = |node: &Node| {
        matches!(
            &node.widget.kind,
            Kind::Slider {
                on_slide: Some(_),
                ..
            }
        ) && node.enabled
    };
    if !vertical && let Some(index) = scene.wanted_at(start, &slides) {
        let node = &scene.nodes[index];
        if let Kind::Slider {
            on_slide: Some(slide),
            ..
        } = &node.widget.kind
        {
            return Some(Dragged::Message(slide(slider_value(
                node,
                to.x,
                scene.density,
            ))));
        }
    }
    let axis = if vertical {
        Axis::Vertical
    } else {
        Axis::Horizontal
    };
    // A finger that moves up shows what is further down.
    let delta = if vertical { -dy } else { -dx };
    let scrolls = |node: &Node| {
        node.scroll.is_some_and(|scroll| {
            let target = (scroll.offset + delta).clamp(0, scroll.max);
            scroll.axis == axis && target != scroll.offset
        })
    };
    let message_of = |node: &Node| {
        let widget = &node.widget;
        match (vertical, delta > 0) {
            (true, true) => widget.on_swipe_up.clone(),
            (true, false) => widget.on_swipe_down.clone(),
            (false, true) => widget.on_swipe_left.clone(),
            (false, false) => widget.on_swipe_right.clone(),
        }
    };
    // From the touched widget outwards; the first that scrolls this way or answers the swipe has it.
    let wanted = |node: &Node| scrolls(node) || (node.enabled && message_of(node).is_some());
    let index = scene.wanted_at(start, &wanted)?;
    let node = &scene.nodes[index];
    if scrolls(node) {
        let scroll = node.scroll?;
        let offset = (scroll.offset + delta).clamp(0, scroll.max);
        Some(Dragged::Scroll(scene.name(index).into_owned(), offset))
    } else {
        message_of(node).map(Dragged::Message)
    }
}

/// The byte offset in a field's value that is nearest to a point.
fn offset_at(node: &Node, point: Point, density: f32) -> usize {
    let Kind::Field(field) = &node.widget.kind else {
        return 0;
    };
    if field.value.is_empty() {
        return 0;
    }
    let padding = node.widget.padding;
    let size = field.style.size * density;
    let top = node.bounds.y_min + (padding.top * density).round() as i32;
    let row = if field.multiline {
        ((point.y - top) / font::line_height(size)).clamp(0, node.lines.len() as i32 - 1)
    } else {
        0
    };
    let Some(line) = node.lines.get(row as usize) else {
        return field.value.len();
    };
    let x = (point.x - node.bounds.x_min) as f32 - padding.left * density;
    let mut characters = 0;
    let mut pen = 0.0;
    for character in line.text.chars() {
        let step = font::width(character.encode_utf8(&mut [0; 4]), size, field.style.bold);
        if x < pen + step / 2.0 {
            break;
        }
        pen += step;
        characters += 1;
    }
    let rest = field.value.get(line.start..).unwrap_or("");
    let offset = rest
        .char_indices()
        .nth(characters)
        .map_or(field.value.len(), |(index, _)| line.start + index);
    // The end of a broken line is before its newline.
    let end = line.start + line.text.len();
    let limit = if field.password {
        field.value.len()
    } else {
        end
    };
    editing::floor_boundary(&field.value, offset.min(limit.max(line.start)))
}
