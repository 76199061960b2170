//! The status bar and the navigation handle.

use super::compose::{Metrics, Window};
use crate::domain::BoundingBox;
use crate::phone::system::{Namespace, System};
use crate::phone::ui::paint::{Command, Draw};
use crate::phone::ui::{Color, Erased, Icon, Widget, icon, row, stretch, text};

/// Whether a 0/1 setting is on. Wi-Fi has further values for on.
pub fn is_on(system: &System, key: &str) -> bool {
    system.settings.get_integer(Namespace::Global, key, 0) != 0
}

/// The time as the status bar shows it.
pub fn clock_text(system: &System) -> String {
    let format = match system.settings.get(Namespace::System, "time_12_24") {
        Some("12") => "%-I:%M",
        _ => "%H:%M",
    };
    system.clock.now().strftime(format).to_string()
}

/// The bar's content.
pub fn view(system: &System, light: bool) -> Widget<Erased> {
    let color = if light {
        Color::WHITE
    } else {
        Color::rgb(0x3A_3D44)
    };
    let sign = |which: Icon, says: &'static str| {
        icon(which, 15.0)
            .color(color)
            .description(says)
            .margin_edges(3.0, 0.0, 2.0, 0.0)
    };
    let clock = text(clock_text(system)).id("clock");
    let mut children = vec![clock.text_size(14.0).bold().color(color), stretch()];
    if is_on(system, "bluetooth_on") {
        children.push(sign(Icon::Bluetooth, "Bluetooth on."));
    }
    if is_on(system, "wifi_on") {
        children.push(sign(Icon::Wifi, "Wifi signal full."));
    }
    if is_on(system, "airplane_mode_on") {
        children.push(sign(Icon::Airplane, "Airplane mode."));
    } else {
        children.push(sign(Icon::Signal, "Phone signal full."));
    }
    children.push(sign(Icon::Battery, "Battery 100 percent."));
    row(children).fill().padding_symmetric(24.0, 8.0)
}

/// The pill at the bottom edge.
pub(super) fn handle(metrics: &Metrics, windows: &[Window], commands: &mut Vec<Command>) {
    let light = windows.last().is_some_and(|window| window.light_status);
    let (width, height) = (metrics.px(108.0), metrics.px(4.0).max(2));
    let x = (metrics.width - width) / 2;
    let y = metrics.height - (metrics.handle + height) / 2;
    let bounds = BoundingBox::new(x, y, x + width, y + height);
    commands.push(Command {
        draw: Draw::Fill {
            radius: height as f32 / 2.0,
            color: if light {
                Color::WHITE
            } else {
                Color::rgb(0x3A_3D44)
            },
        },
        bounds,
        clip: bounds,
    });
}
