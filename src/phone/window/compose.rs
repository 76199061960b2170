//! From the activities' views to laid-out windows, back to front.

use super::keyboard::{self, KeyMessage};
use super::task::{Name, Running};
use super::{Focus, WindowManager};
use crate::domain::{BoundingBox, ScreenSize};
use crate::phone::system::{System, WIDTH_DP};
use crate::phone::ui::font;
use crate::phone::ui::layout::layout;
use crate::phone::ui::paint;
use crate::phone::ui::scene::{Node, Scene};
use crate::phone::ui::{Color, Erased, ImeAction, InputKind, Kind, Screen};

/// Who answers a window's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// An activity or panel by its id.
    Activity(u32),
    /// The keyboard.
    Keyboard,
    /// The floating bar over selected text.
    Selection,
}

/// One laid-out window.
pub(super) struct Window {
    pub owner: Owner,
    /// 0 is an activity's content, then its overlays.
    pub layer: usize,
    pub package: Name,
    pub scene: Scene,
    /// The window's own box, as its outermost node reports it.
    pub frame: BoundingBox,
    /// Drawn over everything below first.
    pub backdrop: Option<Color>,
    /// Where the backdrop goes.
    pub backdrop_area: BoundingBox,
    /// BACK and touches outside send this.
    pub on_dismiss: Option<Erased>,
    /// Light signs in the status bar.
    pub light_status: bool,
}

/// Sizes in pixels of the parts of the screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Metrics {
    pub width: i32,
    pub height: i32,
    /// Pixels per dp.
    pub density: f32,
    /// Height of the status bar.
    pub status: i32,
    /// Height of the area of the navigation handle.
    pub handle: i32,
}

impl Metrics {
    pub fn of(system: &System) -> Metrics {
        let ScreenSize { width, height } = system.size();
        let density = system.screen.width as f32 / WIDTH_DP;
        Metrics {
            width,
            height,
            density,
            // 132 and 63 pixels on a Pixel 6.
            status: (density * 50.286).round() as i32,
            handle: (density * 24.0).round() as i32,
        }
    }

    pub fn px(&self, dp: f32) -> i32 {
        (dp * self.density).round() as i32
    }

    pub fn screen(&self) -> BoundingBox {
        BoundingBox::new(0, 0, self.width, self.height)
    }
}

impl WindowManager {
    /// All windows of activities and panels, back to front, then keyboard and selection bar. The focus is that
    /// of the front window: a field keeps it while a menu or another activity is in front, but takes no
    /// typing then. It is dropped when its field is gone. Scrolls the focused field into view when that was
    /// asked for.
    pub(super) fn compose(&mut self, system: &System) -> Vec<Window> {
        let mut windows = self.lay_out(system);
        if self.change_focus(&windows) {
            windows = self.lay_out(system);
        }
        if std::mem::take(&mut self.reveal_focus) && self.reveal(&windows) {
            windows = self.lay_out(system);
        }
        windows
    }

    /// Makes the focus that of the front window; true when the keyboard went away with it.
    fn change_focus(&mut self, windows: &[Window]) -> bool {
        let front = windows
            .iter()
            .rfind(|window| matches!(window.owner, Owner::Activity(_)));
        let Some(Window {
            owner: Owner::Activity(activity),
            layer,
            scene,
            ..
        }) = front
        else {
            return false;
        };
        let is_front = |focus: &Focus| focus.activity == *activity && focus.layer == *layer;
        let mut changed = false;
        if let Some(other) = self.focus.take_if(|focus| !is_front(focus)) {
            self.parked.push(other);
            changed = true;
        }
        // Closed overlays and finished activities have no focus to come back to.
        let parked = std::mem::take(&mut self.parked);
        self.parked = parked
            .into_iter()
            .filter(|focus| match focus.activity == *activity {
                true => focus.layer <= *layer,
                false => self.running_mut(focus.activity).is_some(),
            })
            .collect();
        if self.focus.is_none()
            && let Some(position) = self.parked.iter().position(is_front)
        {
            self.focus = Some(self.parked.swap_remove(position));
        }
        if self
            .focus
            .take_if(|focus| scene.find_field(&focus.field).is_none())
            .is_some()
        {
            changed = true;
        }
        if changed {
            self.selection_bar = false;
        }
        if changed || self.focus.is_none() {
            return std::mem::take(&mut self.keyboard_shown);
        }
        false
    }

    /// Changes scroll offsets so that the focused field is seen; true when any changed.
    fn reveal(&mut self, windows: &[Window]) -> bool {
        let Some(focus) = &self.focus else {
            return false;
        };
        let Some(window) = windows.iter().find(|window| {
            window.owner == Owner::Activity(focus.activity) && window.layer == focus.layer
        }) else {
            return false;
        };
        let scene = &window.scene;
        let Some(field) = scene.find_field(&focus.field) else {
            return false;
        };
        let caret = caret_box(&scene.nodes[field], focus, scene.density);
        let outwards = scene.ancestors(field);
        let change = outwards
            .skip(1)
            .zip(scene.ancestors(field))
            .find_map(|(index, inside)| {
                let node = &scene.nodes[index];
                let scroll = node.scroll.filter(|scroll| scroll.max > 0)?;
                let room = node.bounds;
                // Outside of a list only its own children have a place.
                let wanted = match scene.nodes[field].bounds.is_empty() {
                    true => scene.nodes[inside].bounds,
                    false => caret,
                };
                // A field taller than the list keeps its place.
                let delta = if wanted.height() >= room.height() {
                    0
                } else if wanted.y_max > room.y_max {
                    wanted.y_max - room.y_max
                } else if wanted.y_min < room.y_min {
                    wanted.y_min - room.y_min
                } else {
                    0
                };
                Some((scene.name(index).into_owned(), scroll.offset + delta, delta))
            });
        match change {
            Some((name, offset, delta)) if delta != 0 => {
                let (id, layer) = (focus.activity, focus.layer);
                if let Some(running) = self.running_mut(id) {
                    running.scrolls.insert((layer, name), offset);
                }
                true
            }
            _ => false,
        }
    }

    fn lay_out(&self, system: &System) -> Vec<Window> {
        let metrics = Metrics::of(system);
        let keyboard_top = metrics.height - metrics.handle - metrics.px(keyboard::HEIGHT);
        let bottom = if self.keyboard_shown {
            keyboard_top
        } else {
            metrics.height - metrics.handle
        };
        let mut windows = Vec::new();
        for running in self.visible_activities(system) {
            self.add_screen(running.0, running.1, &metrics, bottom, &mut windows);
        }
        if self.keyboard_shown {
            let (input, action, multiline) = self.focused_field(&windows);
            let view = keyboard::view(self.keyboard, input, action, multiline);
            let view = view.map(&erase::<KeyMessage>);
            let bounds = BoundingBox::new(
                0,
                keyboard_top,
                metrics.width,
                metrics.height - metrics.handle,
            );
            windows.push(Window {
                owner: Owner::Keyboard,
                layer: 0,
                package: Name::Borrowed(keyboard::PACKAGE),
                scene: layout(view, bounds, metrics.density, &|_| 0),
                frame: bounds,
                backdrop: Some(Color::rgb(0xE6_EBF3)),
                backdrop_area: BoundingBox::new(0, keyboard_top, metrics.width, metrics.height),
                on_dismiss: None,
                light_status: false,
            });
        }
        if self.selection_bar {
            windows.extend(self.selection_window(&windows, &metrics));
        }
        windows
    }

    /// The activities that can be seen, the lowest first, and their screens: the top one, and while those
    /// above are bare dialogs, what is below them.
    fn visible_activities(&self, system: &System) -> Vec<(&Running, Screen<Erased>)> {
        let mut visible = Vec::new();
        let panel = self.panel.as_ref();
        let stacked = self
            .tasks
            .iter()
            .rev()
            .flat_map(|task| task.stack.iter().rev());
        let system_windows = self.dialog.iter().chain(panel);
        for running in system_windows.chain(stacked) {
            let screen = running.activity.view(system);
            let whole = screen.root.is_some();
            visible.push((running, screen));
            if whole {
                break;
            }
        }
        visible.reverse();
        visible
    }

    fn add_screen(
        &self,
        running: &Running,
        screen: Screen<Erased>,
        metrics: &Metrics,
        bottom: i32,
        windows: &mut Vec<Window>,
    ) {
        let owner = Owner::Activity(running.id);
        let top = if screen.edge_to_edge {
            0
        } else {
            metrics.status
        };
        let low = if screen.edge_to_edge && !self.keyboard_shown {
            metrics.height
        } else {
            bottom
        };
        let area = BoundingBox::new(0, top, metrics.width, low);
        let offsets = |layer: usize| {
            move |name: &str| {
                running
                    .scrolls
                    .get(&(layer, name.to_owned()))
                    .copied()
                    .unwrap_or(0)
            }
        };
        if let Some(root) = screen.root {
            windows.push(Window {
                owner,
                layer: 0,
                package: running.package.clone(),
                scene: layout(root, area, metrics.density, &offsets(0)),
                frame: metrics.screen(),
                backdrop: Some(screen.background),
                backdrop_area: metrics.screen(),
                on_dismiss: None,
                light_status: screen.light_status,
            });
        }
        let area = BoundingBox::new(0, metrics.status, metrics.width, bottom);
        for (position, overlay) in screen.overlays.into_iter().enumerate() {
            let layer = position + 1;
            let window = self.overlay_window(
                running,
                layer,
                overlay,
                metrics,
                area,
                &offsets(layer),
                windows,
            );
            windows.push(window);
        }
    }

    /// Kind of the focused field.
    fn focused_field(&self, windows: &[Window]) -> (InputKind, ImeAction, bool) {
        let found = self.focus.as_ref().and_then(|focus| {
            let window = windows.iter().find(|window| {
                window.owner == Owner::Activity(focus.activity) && window.layer == focus.layer
            })?;
            let index = window.scene.find_field(&focus.field)?;
            match &window.scene.nodes[index].widget.kind {
                Kind::Field(field) => Some((field.input, field.action, field.multiline)),
                _ => None,
            }
        });
        found.unwrap_or_default()
    }
}

/// What must be seen of a field while it is edited: all of it, or of several lines the one with the cursor.
fn caret_box(node: &Node, focus: &Focus, density: f32) -> BoundingBox {
    match &node.widget.kind {
        Kind::Field(field) if field.multiline => {
            let size = field.style.size * density;
            let height = font::line_height(size);
            let (row, _) = paint::caret_place(node, focus.cursor.at, size, field.style.bold);
            let padding = (node.widget.padding.top * density).round() as i32;
            let top = node.bounds.y_min + padding + row as i32 * height;
            BoundingBox::new(node.bounds.x_min, top, node.bounds.x_max, top + height)
        }
        _ => node.bounds,
    }
}

pub(super) fn erase<M: Send + Sync + 'static>(message: M) -> Erased {
    Erased(std::sync::Arc::new(message))
}
