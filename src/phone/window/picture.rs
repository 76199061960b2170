//! What is drawn for the windows: their backdrops and contents, the bars, a toast.

use super::WindowManager;
use super::compose::{Metrics, Owner, Window};
use super::status;
use crate::domain::BoundingBox;
use crate::phone::system::System;
use crate::phone::ui::layout::{layout, layout_floating};
use crate::phone::ui::paint::{self, Caret, Command};
use crate::phone::ui::{Color, Erased, Icon, Widget, icon, row, spacer, text};

impl WindowManager {
    /// What is drawn for the windows.
    pub(super) fn picture(&self, system: &System, windows: &[Window]) -> Vec<Command> {
        let metrics = Metrics::of(system);
        let mut commands = vec![Command::fill(metrics.screen(), Color::BLACK)];
        let bars_after = windows
            .iter()
            .rposition(|window| window.layer == 0 && matches!(window.owner, Owner::Activity(_)));
        for (position, window) in windows.iter().enumerate() {
            if let Some(color) = window.backdrop {
                commands.push(Command::fill(window.backdrop_area, color));
            }
            let caret = self.focus.as_ref().and_then(|focus| {
                let here =
                    window.owner == Owner::Activity(focus.activity) && window.layer == focus.layer;
                let node = here.then(|| window.scene.find_field(&focus.field))??;
                Some(Caret {
                    node,
                    cursor: focus.cursor.at,
                    anchor: focus.cursor.anchor,
                })
            });
            paint::commands(&window.scene, caret.as_ref(), &mut commands);
            if Some(position) == bars_after && !self.bars_are_gone(system) {
                let bar = layout(
                    status::view(system, window.light_status),
                    BoundingBox::new(0, 0, metrics.width, metrics.status),
                    metrics.density,
                    &|_| 0,
                );
                paint::commands(&bar, None, &mut commands);
            }
        }
        if !self.bars_are_gone(system) {
            status::handle(&metrics, windows, &mut commands);
        }
        if let Some((message, _)) = &self.toast {
            let toast: Widget<Erased> = row(vec![
                icon(Icon::Info, 20.0),
                spacer(8.0),
                text(message.clone()).text_size(14.0).max_lines(3),
            ])
            .width(crate::phone::ui::Length::Wrap)
            .rounded(Color::rgb(0xE4_E7EE), 24.0)
            .padding_symmetric(20.0, 12.0);
            let room = (metrics.width - metrics.px(64.0), metrics.px(120.0));
            let place = |(width, height): (i32, i32)| {
                let (x, y) = (
                    (metrics.width - width) / 2,
                    metrics.height - metrics.handle - metrics.px(64.0) - height,
                );
                BoundingBox::new(x, y, x + width, y + height)
            };
            let scene = layout_floating(toast, room, metrics.density, &|_| 0, &place);
            paint::commands(&scene, None, &mut commands);
        }
        commands
    }
}
