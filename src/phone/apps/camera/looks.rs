//! The parts of the camera's screen: preview, buttons, the list of modes.

use super::scene::Scene;
use super::screen::{Message, Mode};
use crate::phone::ui::{
    Align, Color, Icon, Length, Overlay, OverlayKind, Shape, Widget, canvas, column, icon,
    icon_button, row, spacer, stack, switch, text, up_arrow,
};

/// The preview, with lines in thirds when wanted.
pub fn preview(scene: Scene, lines: bool, width: f32, height: f32) -> Widget<Message> {
    let mut shapes = scene.shapes(width, height);
    if lines {
        let line = |at| Shape::Line {
            at,
            width: 1.0,
            color: Color::WHITE,
        };
        for third in [1.0 / 3.0, 2.0 / 3.0] {
            shapes.push(line([third * width, 0.0, third * width, height]));
            shapes.push(line([0.0, third * height, width, third * height]));
        }
    }
    canvas(width, height, shapes)
        .id("preview_content")
        .class("android.view.TextureView")
}

/// A sign over the preview.
fn sign(kind: Icon, id: &'static str, label: &'static str, message: Message) -> Widget<Message> {
    icon_button(kind, label)
        .id(id)
        .color(Color::WHITE)
        .on_tap(message)
}

/// The row of options over the preview, closed or open.
pub fn options(open: bool, front: bool, flash: bool, lines: bool) -> Widget<Message> {
    let content = match open {
        false => vec![sign(
            Icon::More,
            "mode_options_toggle",
            "Options",
            Message::Options,
        )],
        true => vec![
            sign(
                Icon::Apps,
                "grid_lines_toggle_button",
                if lines {
                    "Grid lines on"
                } else {
                    "Grid lines off"
                },
                Message::Lines,
            ),
            sign(
                Icon::Flashlight,
                "flash_toggle_button",
                if flash { "Flash on" } else { "Flash off" },
                Message::Flash,
            ),
            sign(
                Icon::Refresh,
                "camera_toggle_button",
                if front { "Front camera" } else { "Back camera" },
                Message::Turn,
            ),
        ],
    };
    row(content)
        .id("mode_options_overlay")
        .class("android.widget.FrameLayout")
        .width(Length::Wrap)
        .rounded(Color::BLACK.with_alpha(120), 24.0)
        .margin(12.0)
        .place(Align::End, Align::End)
}

/// The bar with the shutter.
pub fn bottom(mode: Mode, recording: bool, thumbnail: bool) -> Widget<Message> {
    let (kind, color) = match (mode, recording) {
        (Mode::Photo, _) => (Icon::Camera, Color::rgb(0x30_343C)),
        (Mode::Video, false) => (Icon::Video, Color::DANGER),
        (Mode::Video, true) => (Icon::Stop, Color::DANGER),
    };
    let shutter = icon(kind, 36.0)
        .id("shutter_button")
        .description("Shutter")
        .color(color)
        .padding(18.0)
        .rounded(Color::WHITE, 36.0)
        .on_tap(Message::Shutter);
    let last = match thumbnail {
        true => icon(Icon::Image, 28.0)
            .id("rounded_thumbnail_view")
            .class("android.view.View")
            .description("Photo taken, view it")
            .color(Color::WHITE)
            .padding(12.0)
            .border(1.0, Color::WHITE)
            .on_tap(Message::ShowLast),
        false => spacer(52.0),
    };
    row(vec![spacer(52.0), shutter, last])
        .id("bottom_bar")
        .class("android.widget.FrameLayout")
        .main(Align::Between)
        .padding_symmetric(36.0, 0.0)
        .weight_height(1.0)
        .background(Color::BLACK)
}

/// The modes, along the left edge.
pub fn modes() -> Overlay<Message> {
    let entry = |kind: Icon, label: &'static str, mode: Mode| {
        row(vec![
            icon(kind, 26.0).color(Color::WHITE).decoration(),
            text(label)
                .id("selector_text")
                .text_size(20.0)
                .color(Color::WHITE),
        ])
        .class("android.widget.FrameLayout")
        .description(label)
        .gap(20.0)
        .min_height(72.0)
        .padding_symmetric(24.0, 8.0)
        .on_tap(Message::Mode(mode))
    };
    let content = column(vec![
        spacer(72.0),
        entry(Icon::Camera, "Camera", Mode::Photo),
        entry(Icon::Video, "Video", Mode::Video),
        spacer(24.0),
        icon_button(Icon::Settings, "Settings")
            .id("settings_button")
            .color(Color::WHITE)
            .margin_edges(12.0, 0.0, 0.0, 0.0)
            .on_tap(Message::Settings),
    ])
    .id("mode_list_layout")
    .class("android.widget.FrameLayout")
    .background(Color::rgb(0x23_262C))
    .width(Length::Dp(300.0))
    .height(Length::Fill)
    .on_swipe_left(Message::Dismiss);
    Overlay::new(OverlayKind::Drawer, content, Message::Dismiss)
}

/// The page of settings.
pub fn settings(tagging: bool) -> Overlay<Message> {
    let content = column(vec![
        row(vec![
            up_arrow(Message::Dismiss),
            text("Settings").text_size(20.0),
        ])
        .class("android.view.ViewGroup")
        .height(Length::Dp(60.0)),
        row(vec![
            text("Save location")
                .id("android:id/title")
                .weight_width(1.0),
            switch(tagging).id("android:id/switch_widget"),
        ])
        .min_height(64.0)
        .padding_symmetric(20.0, 8.0)
        .on_tap(Message::Tag),
    ])
    .background(Color::SURFACE)
    .fill();
    Overlay::new(OverlayKind::FullScreen, content, Message::Dismiss)
}

/// How long a film takes already.
pub fn recording_time(millis: i64) -> Widget<Message> {
    let seconds = millis / 1_000;
    stack(vec![
        text(format!("{:02}:{:02}", seconds / 60, seconds % 60))
            .id("recording_time")
            .color(Color::WHITE)
            .text_size(18.0)
            .padding_symmetric(14.0, 6.0)
            .rounded(Color::DANGER, 16.0),
    ])
    .decoration()
    .margin(16.0)
    .place(Align::Center, Align::Start)
}
