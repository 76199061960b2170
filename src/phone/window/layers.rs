//! The windows as an accessibility service sees them: laid-out trees with what belongs to each.

use super::WindowManager;
use super::compose::{Metrics, Owner, Window};
use super::editing::Cursor;
use super::status;
use super::task::Name;
use crate::domain::BoundingBox;
use crate::phone::system::System;
use crate::phone::ui::Kind;
use crate::phone::ui::layout::layout;
use crate::phone::ui::scene::Scene;

/// What a window is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayerKind {
    /// An app's.
    Application,
    /// The keyboard.
    InputMethod,
    /// The status bar, the notification shade.
    System,
}

/// The field with the input focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FocusedField {
    /// Its node in the scene.
    pub node: usize,
    /// Begin and end of the selected text in UTF-16 units, as Android counts.
    pub selection: (i64, i64),
}

/// One window on the screen.
pub struct Layer {
    /// Stays the same as long as the window is there.
    pub id: i32,
    /// What it is for.
    pub kind: LayerKind,
    /// Whose it is.
    pub package: Name,
    /// Full class name of its activity; empty for what is no activity.
    pub activity: Name,
    /// Its box, with the parts around the content.
    pub frame: BoundingBox,
    /// Its content.
    pub scene: Scene,
    /// The field that typing goes to, if it is in here.
    pub focus: Option<FocusedField>,
    /// Whether it is the window that touches and keys go to first.
    pub active: bool,
}

/// Numbers of the windows that are no activity's; those of activities begin behind them.
const STATUS_BAR: i32 = 1;
const KEYBOARD: i32 = 2;
const SELECTION: i32 = 3;
const FIRST_ACTIVITY: u32 = 16;
/// Most overlays of an activity that have a number of their own.
const LAYERS: u32 = 16;

impl WindowManager {
    /// The windows that accessibility services are told of, the lowest first: the front window of the
    /// activities, which takes all touches, then what floats above it.
    pub fn layers(&mut self, system: &mut System) -> Vec<Layer> {
        self.tick(system);
        let mut windows = self.compose(system);
        let front = windows
            .iter()
            .rposition(|window| matches!(window.owner, Owner::Activity(_)));
        windows.drain(..front.unwrap_or(0));
        let light = windows.first().is_some_and(|window| window.light_status);
        let mut layers: Vec<Layer> = windows
            .into_iter()
            .map(|window| self.layer(window))
            .collect();
        if !self.bars_are_gone(system) {
            layers.push(status_bar(system, light));
        }
        layers
    }

    fn layer(&mut self, window: Window) -> Layer {
        let (id, kind, activity) = match window.owner {
            Owner::Activity(id) => {
                let layer = u32::try_from(window.layer).unwrap_or(0).min(LAYERS - 1);
                let number = id
                    .saturating_mul(LAYERS)
                    .saturating_add(FIRST_ACTIVITY + layer);
                let kind = match &*window.package {
                    crate::phone::apps::systemui::PACKAGE => LayerKind::System,
                    _ => LayerKind::Application,
                };
                let class = self
                    .running_mut(id)
                    .map_or(Name::Borrowed(""), |running| running.class.clone());
                (i32::try_from(number).unwrap_or(i32::MAX), kind, class)
            }
            Owner::Keyboard => (KEYBOARD, LayerKind::InputMethod, Name::Borrowed("")),
            Owner::Selection => (SELECTION, LayerKind::Application, Name::Borrowed("")),
        };
        Layer {
            id,
            kind,
            package: window.package.clone(),
            activity,
            frame: window.frame,
            focus: self.focus_in(&window),
            active: matches!(window.owner, Owner::Activity(_)),
            scene: window.scene,
        }
    }

    fn focus_in(&self, window: &Window) -> Option<FocusedField> {
        let focus = self.focus.as_ref()?;
        if window.owner != Owner::Activity(focus.activity) || window.layer != focus.layer {
            return None;
        }
        let node = window.scene.find_field(&focus.field)?;
        let Kind::Field(field) = &window.scene.nodes[node].widget.kind else {
            return None;
        };
        Some(FocusedField {
            node,
            selection: selection(&field.value, focus.cursor),
        })
    }
}

fn selection(value: &str, cursor: Cursor) -> (i64, i64) {
    let units = |bytes: usize| {
        let before = value.char_indices().take_while(|(at, _)| *at < bytes);
        let count: usize = before.map(|(_, sign)| sign.len_utf16()).sum();
        i64::try_from(count).unwrap_or(i64::MAX)
    };
    let (one, other) = (units(cursor.anchor), units(cursor.at));
    (one.min(other), one.max(other))
}

fn status_bar(system: &System, light: bool) -> Layer {
    let metrics = Metrics::of(system);
    let frame = BoundingBox::new(0, 0, metrics.width, metrics.status);
    Layer {
        id: STATUS_BAR,
        kind: LayerKind::System,
        package: Name::Borrowed(crate::phone::apps::systemui::PACKAGE),
        activity: Name::Borrowed(""),
        frame,
        scene: layout(status::view(system, light), frame, metrics.density, &|_| 0),
        focus: None,
        active: false,
    }
}
