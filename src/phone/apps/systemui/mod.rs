//! System UI (`com.android.systemui`): the notification shade with its tiles, and the brightness dialog.

mod brightness;
mod shade;

pub use shade::{Shade, put_global, shade};

use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity};

/// Package of the system UI.
pub const PACKAGE: &str = "com.android.systemui";
/// The shade's name; it is a window, not an activity.
pub const SHADE: &str = "NotificationShade";

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "System UI",
    icon: Icon::Settings,
    color: Color::TEXT_SECONDARY,
    activities: &[ActivityEntry::new(
        "com.android.systemui.settings.brightness.BrightnessDialog",
        activity::<brightness::BrightnessDialog>,
    )
    .aliases(&["com.android.systemui.settings.BrightnessDialog"])
    .filters(&[Filter::action(
        "com.android.intent.action.SHOW_BRIGHTNESS_DIALOG",
    )])
    .mode(LaunchMode::SingleTop)],
};

/// Place of the brightness slider's thumb, 0 to 1: what Settings shows as a percentage.
pub fn brightness_place(system: &crate::phone::system::System) -> f32 {
    brightness::place_of(brightness::level(system))
}
