//! The first start: may the camera know the place, and should pictures carry it.

use crate::phone::apps::permissions;
use crate::phone::system::{Intent, Preferences, System};
use crate::phone::ui::{
    Align, Color, Icon, Overlay, OverlayKind, Widget, button, checkbox, column, icon, row, stretch,
    text,
};

use super::{PACKAGE, RECORD_PLACE};

/// The permission that it asks for.
pub const PLACE: &str = "android.permission.ACCESS_COARSE_LOCATION";

/// The system's question, unless it was answered with yes.
pub fn permission(system: &System) -> Option<Intent> {
    let known = system.packages.is_granted(PACKAGE, PLACE);
    (!known).then(|| permissions::request(PACKAGE, &[PLACE]))
}

/// Whether the app's own question was answered.
pub fn is_answered(system: &System) -> bool {
    let stored = Preferences::load_default(&system.files, PACKAGE);
    stored.text(RECORD_PLACE).is_some()
}

/// The app's own question.
pub fn question<M: Clone>(tagging: bool, toggle: M, next: M) -> Overlay<M> {
    let content: Widget<M> = column(vec![
        icon(Icon::Location, 72.0).color(Color::ACCENT),
        text("Remember photo locations?")
            .id("location_title")
            .text_size(22.0)
            .text_align(Align::Center)
            .fill_width(),
        row(vec![
            checkbox(tagging).id("check_box").decoration(),
            text("Add to each photo and video the place where it was taken. Other apps that can see them can see the place too.")
                .id("location_text")
                .weight_width(1.0),
        ])
        .id("check_box")
        .class("android.widget.CheckBox")
        .description("Remember photo locations")
        .checked(tagging)
        .gap(12.0)
        .on_tap(toggle),
        stretch(),
        row(vec![
            stretch(),
            button("NEXT").id("confirm_button").on_tap(next),
        ]),
    ])
    .id("location_dialog")
    .cross(Align::Center)
    .gap(24.0)
    .padding(28.0)
    .background(Color::SURFACE)
    .fill();
    Overlay::modal(OverlayKind::FullScreen, content)
}
