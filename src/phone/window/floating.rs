//! Windows that float over others: an activity's dialogs, sheets and menus, and the bar over selected text.

use super::WindowManager;
use super::compose::{Metrics, Owner, Window, erase};
use super::task::Running;
use crate::domain::BoundingBox;
use crate::phone::ui::layout::layout_floating;
use crate::phone::ui::{Color, Erased, Overlay, OverlayKind, Widget, button, row};

/// What the buttons over selected text do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SelectionMessage {
    Cut,
    Copy,
    Paste,
    SelectAll,
}

impl WindowManager {
    #[expect(
        clippy::too_many_arguments,
        reason = "one call site; a struct would only rename them"
    )]
    pub(super) fn overlay_window(
        &self,
        running: &Running,
        layer: usize,
        overlay: Overlay<Erased>,
        metrics: &Metrics,
        area: BoundingBox,
        offset_of: &dyn Fn(&str) -> i32,
        below: &[Window],
    ) -> Window {
        let owner = Owner::Activity(running.id);
        let rim = metrics.px(16.0);
        let (room_width, room_height) = (area.width(), area.height());
        let room = match overlay.kind {
            OverlayKind::BottomSheet => (room_width, room_height - rim),
            OverlayKind::Drawer => (room_width - metrics.px(56.0), room_height),
            OverlayKind::FullScreen => (room_width, room_height),
            _ => (room_width - 2 * rim, room_height - 2 * rim),
        };
        let anchor = match &overlay.kind {
            OverlayKind::Popup(name) => below
                .iter()
                .rev()
                .filter(|window| window.owner == owner)
                .find_map(|window| {
                    let index = window.scene.find(name)?;
                    Some(window.scene.nodes[index].visible_bounds())
                })
                .filter(|bounds| !bounds.is_empty()),
            _ => None,
        };
        let place = |(width, height): (i32, i32)| {
            let (x, y) = match &overlay.kind {
                OverlayKind::TopDialog => ((metrics.width - width) / 2, area.y_min + rim / 2),
                OverlayKind::BottomSheet => (0, area.y_max - height),
                OverlayKind::Drawer | OverlayKind::FullScreen => (0, area.y_min),
                OverlayKind::OverflowMenu => (
                    metrics.width - width - metrics.px(8.0),
                    area.y_min + metrics.px(8.0),
                ),
                OverlayKind::Popup(_) if anchor.is_some() => {
                    let anchor = anchor.unwrap_or(area);
                    let y = if anchor.y_max + height <= area.y_max {
                        anchor.y_max
                    } else if anchor.y_min - height >= area.y_min {
                        anchor.y_min - height
                    } else {
                        area.y_max - height
                    };
                    (anchor.x_min.min(metrics.width - width - rim).max(0), y)
                }
                OverlayKind::Dialog | OverlayKind::Popup(_) => (
                    (metrics.width - width) / 2,
                    area.y_min + (area.height() - height) / 2,
                ),
            };
            BoundingBox::new(x, y, x + width, y + height)
        };
        let scene = layout_floating(overlay.root, room, metrics.density, offset_of, &place);
        let dims = !matches!(
            overlay.kind,
            OverlayKind::Popup(_) | OverlayKind::OverflowMenu
        );
        Window {
            owner,
            layer,
            package: running.package.clone(),
            frame: scene.bounds,
            scene,
            backdrop: dims.then_some(Color::BLACK.with_alpha(0x70)),
            backdrop_area: metrics.screen(),
            on_dismiss: overlay.on_dismiss,
            light_status: dims,
        }
    }

    pub(super) fn selection_window(&self, windows: &[Window], metrics: &Metrics) -> Option<Window> {
        let focus = self.focus.as_ref()?;
        let window = windows.iter().find(|window| {
            window.owner == Owner::Activity(focus.activity) && window.layer == focus.layer
        })?;
        let field = window.scene.find_field(&focus.field)?;
        let anchor = window.scene.nodes[field].visible_bounds();
        let item = |label: &'static str, message: SelectionMessage| {
            button(label)
                .color(Color::TEXT)
                .padding_symmetric(12.0, 12.0)
                .min_width(40.0)
                .description(label)
                .on_tap(message)
        };
        let mut items = Vec::new();
        if focus.cursor.has_selection() {
            items.push(item("Cut", SelectionMessage::Cut));
            items.push(item("Copy", SelectionMessage::Copy));
        }
        items.push(item("Paste", SelectionMessage::Paste));
        items.push(item("Select all", SelectionMessage::SelectAll));
        let bar: Widget<SelectionMessage> = row(items)
            .width(crate::phone::ui::Length::Wrap)
            .rounded(Color::WHITE, 8.0)
            .border(1.0, Color::OUTLINE);
        let place = |(width, height): (i32, i32)| {
            let above = anchor.y_min - height - metrics.px(4.0);
            let y = if above >= metrics.status {
                above
            } else {
                (anchor.y_max + metrics.px(4.0)).min(metrics.height - metrics.handle - height)
            };
            let x = (metrics.width - width) / 2;
            BoundingBox::new(x, y, x + width, y + height)
        };
        let room = (metrics.width - metrics.px(16.0), metrics.height);
        let scene = layout_floating(
            bar.map(&erase::<SelectionMessage>),
            room,
            metrics.density,
            &|_| 0,
            &place,
        );
        Some(Window {
            owner: Owner::Selection,
            layer: 0,
            package: window.package.clone(),
            frame: scene.bounds,
            scene,
            backdrop: None,
            backdrop_area: metrics.screen(),
            on_dismiss: None,
            light_status: false,
        })
    }
}
