//! The notification shade: brightness, quick settings tiles, no notifications.

use super::brightness;
use crate::phone::system::{FileError, Intent, Namespace, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Overlay, OverlayKind, Screen, Widget, blank,
    button, column, icon, icon_button, row, spacer, stretch, switch, text,
};
use crate::phone::window::{clock_text, is_on};

/// The shade's state.
pub struct Shade {
    internet: bool,
}

/// The shade, closed dialogs.
pub fn shade() -> Shade {
    Shade { internet: false }
}

/// What is done in the shade.
#[derive(Clone)]
pub enum Message {
    /// The slider moved.
    Brightness(f32),
    /// The Internet tile.
    Internet,
    /// The Internet dialog's Done.
    InternetDone,
    /// A global 0/1 setting.
    Global(&'static str, bool),
    /// A system 0/1 setting.
    System(&'static str, bool),
    /// Opens a settings page.
    Page(&'static str),
    /// Closes the shade.
    Close,
}

struct Tile {
    label: &'static str,
    state: String,
    sign: Icon,
    on: bool,
    message: Message,
    page: &'static str,
}

fn tile(tile: Tile) -> Widget<Message> {
    let (face, ink) = if tile.on {
        (Color::ACCENT_PALE, Color::TEXT)
    } else {
        (Color::SURFACE_RAISED, Color::TEXT_SECONDARY)
    };
    let description = format!("{},{}", tile.label, tile.state);
    let labels = column(vec![
        text(tile.label)
            .id("tile_label")
            .text_size(14.0)
            .bold()
            .color(ink)
            .max_lines(1),
        text(tile.state.clone())
            .id("app_label")
            .text_size(13.0)
            .color(ink)
            .max_lines(1),
    ])
    .weight_width(1.0)
    .height(Length::Wrap);
    row(vec![
        icon(tile.sign, 22.0).color(ink).decoration(),
        spacer(12.0),
        labels,
    ])
    .class("android.widget.Switch")
    .description(description)
    .spoken(if tile.on { "On" } else { "Off" })
    .checked(tile.on)
    .weight_width(1.0)
    .height(Length::Dp(72.0))
    .padding_symmetric(18.0, 0.0)
    .margin(4.0)
    .rounded(face, 28.0)
    .on_tap(tile.message)
    .on_long_press(Message::Page(tile.page))
}

fn state(on: bool) -> String {
    if on { "On" } else { "Off" }.to_owned()
}

impl Shade {
    fn tiles(system: &System) -> Vec<Widget<Message>> {
        let wifi = is_on(system, "wifi_on");
        let global = |label, sign, key, page| {
            let on = is_on(system, key);
            Tile {
                label,
                state: state(on),
                sign,
                on,
                message: Message::Global(key, !on),
                page,
            }
        };
        let rotate = system
            .settings
            .get_integer(Namespace::System, "accelerometer_rotation", 0)
            != 0;
        let tiles = vec![
            Tile {
                label: "Internet",
                state: if wifi { "AndroidWifi" } else { "T-Mobile" }.to_owned(),
                sign: Icon::Wifi,
                on: wifi,
                message: Message::Internet,
                page: "android.settings.WIFI_SETTINGS",
            },
            global(
                "Bluetooth",
                Icon::Bluetooth,
                "bluetooth_on",
                "android.settings.BLUETOOTH_SETTINGS",
            ),
            global(
                "Do Not Disturb",
                Icon::Notification,
                "zen_mode",
                "android.settings.SETTINGS",
            ),
            global(
                "Airplane mode",
                Icon::Airplane,
                "airplane_mode_on",
                "android.settings.AIRPLANE_MODE_SETTINGS",
            ),
            Tile {
                label: "Auto-rotate",
                state: state(rotate),
                sign: Icon::Refresh,
                on: rotate,
                message: Message::System("accelerometer_rotation", !rotate),
                page: "android.settings.DISPLAY_SETTINGS",
            },
            global(
                "Battery Saver",
                Icon::Battery,
                "low_power",
                "android.intent.action.POWER_USAGE_SUMMARY",
            ),
        ];
        let mut rows = Vec::new();
        let mut tiles = tiles.into_iter();
        while let Some(first) = tiles.next() {
            let mut line = vec![tile(first)];
            line.extend(tiles.next().map(tile));
            rows.push(row(line).decoration());
        }
        rows
    }

    fn internet_dialog(system: &System) -> Widget<Message> {
        let wifi = is_on(system, "wifi_on");
        let mut rows = vec![
            text("Internet")
                .id("internet_dialog_title")
                .text_size(22.0)
                .fill_width()
                .text_align(Align::Center),
            row(vec![
                text("Wi-Fi").text_size(18.0).weight_width(1.0),
                switch(wifi)
                    .id("wifi_toggle")
                    .description("Wi-Fi")
                    .on_toggle(|on| Message::Global("wifi_on", on)),
            ])
            .min_height(56.0),
        ];
        if wifi {
            rows.push(
                row(vec![
                    icon(Icon::Wifi, 22.0).decoration(),
                    spacer(16.0),
                    column(vec![
                        text("AndroidWifi").id("wifi_title"),
                        text("Connected").id("wifi_summary").quiet(14.0),
                    ]),
                ])
                .id("wifi_connected_layout")
                .min_height(64.0),
            );
        }
        rows.push(
            row(vec![
                button("Settings").on_tap(Message::Page("android.settings.WIFI_SETTINGS")),
                stretch(),
                button("Done")
                    .id("done_button")
                    .on_tap(Message::InternetDone),
            ])
            .margin_edges(0.0, 12.0, 0.0, 0.0),
        );
        column(rows)
            .id("internet_connectivity_dialog")
            .width(Length::Dp(340.0))
            .rounded(Color::SURFACE, 28.0)
            .padding(20.0)
    }
}

/// Writes a 0/1 setting with what follows from it: airplane mode switches the radios off.
pub fn put_global(system: &mut System, key: &str, on: bool) -> Result<(), FileError> {
    let settings = &mut system.settings;
    let airplane = settings.get_integer(Namespace::Global, "airplane_mode_on", 0) != 0;
    // Wi-Fi that is on in spite of airplane mode has a value of its own.
    let value = if key == "wifi_on" && on && airplane {
        2
    } else {
        i32::from(on)
    };
    settings.put(Namespace::Global, key, value)?;
    if key == "airplane_mode_on" {
        settings.put(Namespace::Global, "wifi_on", i32::from(!on))?;
        settings.put(Namespace::Global, "bluetooth_on", i32::from(!on))?;
    }
    Ok(())
}

impl Activity for Shade {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Shade {
        shade()
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let date = system.clock.now().strftime("%a, %b %-d").to_string();
        let head = row(vec![
            text(clock_text(system)).id("clock").text_size(22.0),
            spacer(12.0),
            text(date).id("date").text_size(14.0),
            stretch(),
            text("100%").id("battery_percentage").text_size(14.0),
        ])
        .id("split_shade_status_bar")
        .height(Length::Dp(56.0))
        .padding_symmetric(16.0, 0.0);
        let mut rows = vec![
            head,
            brightness::bar(system, Message::Brightness),
            spacer(8.0),
        ];
        rows.push(
            column(Self::tiles(system))
                .id("qs_pager")
                .class("androidx.viewpager.widget.ViewPager"),
        );
        rows.push(
            row(vec![
                stretch(),
                icon_button(Icon::Edit, "Edit order of settings.").id("android:id/edit"),
                icon_button(Icon::Settings, "Open settings.")
                    .id("settings_button_container")
                    .on_tap(Message::Page("android.settings.SETTINGS")),
                icon_button(Icon::Power, "Power menu").id("pm_lite"),
            ])
            .id("qs_footer_actions")
            .padding_symmetric(8.0, 4.0),
        );
        let panel = column(rows)
            .class("android.widget.ScrollView")
            .id("expanded_qs_scroll_view")
            .padding_symmetric(12.0, 0.0);
        let empty = text("No notifications")
            .id("no_notifications")
            .fill_width()
            .text_align(Align::Center)
            .color(Color::TEXT_SECONDARY)
            .padding(24.0);
        let rest = blank()
            .fill_width()
            .weight_height(1.0)
            .decoration()
            .on_tap(Message::Close);
        let root = column(vec![panel, empty, rest])
            .class("android.widget.FrameLayout")
            .id("notification_panel")
            .fill()
            .on_swipe_up(Message::Close);
        let dialog = self.internet.then(|| {
            Overlay::new(
                OverlayKind::Dialog,
                Self::internet_dialog(system),
                Message::InternetDone,
            )
        });
        Screen::new(root)
            .background(Color::rgb(0xF3_F4FA))
            .overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let done = match message {
            Message::Brightness(place) => brightness::store(system, place),
            Message::Global(key, on) => put_global(system, key, on),
            Message::System(key, on) => system.settings.put(Namespace::System, key, i32::from(on)),
            Message::Internet => {
                self.internet = true;
                Ok(())
            }
            Message::InternetDone => {
                self.internet = false;
                Ok(())
            }
            Message::Page(action) => {
                self.internet = false;
                return Effects::none().start(Intent::action(action).in_new_task());
            }
            Message::Close => return Effects::none().finish(),
        };
        Effects::or_toast(done)
    }
}
