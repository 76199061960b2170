//! The clock's quieter pages: world clock with its list of cities, bedtime, settings.

use jiff::tz::TimeZone;

use super::look::{button_row, round_button};
use super::{Message, PACKAGE};
use crate::phone::system::{Files, Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Screen, Widget, checkbox, column, filled_button, icon,
    list, row, scroll, stretch, text, toolbar_with_up,
};

const CITIES: [(&str, &str); 8] = [
    ("Berlin", "Europe/Berlin"),
    ("Lagos", "Africa/Lagos"),
    ("London", "Europe/London"),
    ("Mumbai", "Asia/Kolkata"),
    ("New York", "America/New_York"),
    ("São Paulo", "America/Sao_Paulo"),
    ("Sydney", "Australia/Sydney"),
    ("Tokyo", "Asia/Tokyo"),
];

/// The chosen cities, by their place in the list.
#[derive(Debug, Clone, Default)]
pub struct Cities(Vec<usize>);

impl Cities {
    /// Reads the cities from the app's preferences.
    pub fn load(files: &Files) -> Cities {
        let stored = Preferences::load_default(files, PACKAGE);
        let chosen = stored.set("cities");
        Cities(
            (0..CITIES.len())
                .filter(|&index| chosen.iter().any(|name| name == CITIES[index].0))
                .collect(),
        )
    }

    /// Shows or hides a city.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub fn toggle(&mut self, files: &Files, index: usize) -> Result<(), PhoneError> {
        if self.0.contains(&index) {
            self.0.retain(|&chosen| chosen != index);
        } else {
            self.0.push(index);
            self.0.sort_unstable();
        }
        let mut stored = Preferences::load_default(files, PACKAGE);
        let names: Vec<String> = self
            .0
            .iter()
            .filter_map(|&index| CITIES.get(index))
            .map(|city| city.0.to_owned())
            .collect();
        stored.put("cities", names);
        stored.save(files)
    }

    /// The page, without the bar and the tabs.
    pub fn view(&self, system: &System) -> Widget<Message> {
        let now = system.clock.now();
        let clock = |hour: i8, minute: i8| {
            system
                .settings
                .time_text(i64::from(hour), i64::from(minute))
        };
        let mut rows = vec![
            column(vec![
                text(clock(now.hour(), now.minute()))
                    .id("digital_clock")
                    .text_size(64.0),
                text(now.strftime("%a, %b %-d").to_string()).id("date"),
            ])
            .cross(Align::Center)
            .padding_symmetric(0.0, 24.0),
        ];
        for &index in &self.0 {
            let Some((name, zone)) = CITIES.get(index) else {
                continue;
            };
            let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
            let there = now.with_time_zone(zone);
            rows.push(
                row(vec![
                    text(*name).id("city_name").weight_width(1.0),
                    text(clock(there.hour(), there.minute()))
                        .id("digital_clock")
                        .text_size(28.0),
                ])
                .padding_symmetric(24.0, 14.0),
            );
        }
        let add = round_button(Icon::Globe, "Cities", Message::Cities(true)).id("fab");
        column(vec![
            list(rows).id("cities").weight_height(1.0),
            button_row(None, Some(add), None),
        ])
        .fill()
    }

    /// The page that chooses cities.
    pub fn choice(&self) -> Widget<Message> {
        let rows = CITIES
            .iter()
            .enumerate()
            .map(|(index, (name, _))| {
                row(vec![
                    checkbox(self.0.contains(&index)).id("city_onoff"),
                    text(*name).id("city_name"),
                ])
                .gap(12.0)
                .padding_symmetric(20.0, 10.0)
                .on_tap(Message::City(index))
            })
            .collect();
        column(vec![
            toolbar_with_up("Cities", Message::Cities(false), vec![]),
            list(rows).id("cities_list").weight_height(1.0),
        ])
        .fill()
        .background(Color::SURFACE)
    }
}

/// The bedtime page before it was set up.
pub fn bedtime() -> Widget<Message> {
    column(vec![
        stretch(),
        icon(Icon::Notification, 64.0).color(Color::ACCENT),
        text("Set a consistent bedtime for better sleep")
            .id("body")
            .text_size(18.0)
            .text_align(Align::Center),
        filled_button("Get started")
            .id("bedtime_onboarding_button")
            .on_tap(Message::Bedtime),
        stretch(),
    ])
    .cross(Align::Center)
    .gap(20.0)
    .padding(24.0)
    .fill()
}

/// The app's settings: a list of what can be looked at.
pub struct ClockSettings;

impl Activity for ClockSettings {
    type Message = ();

    fn create(_system: &mut System, _intent: &Intent) -> ClockSettings {
        ClockSettings
    }

    fn view(&self, _system: &System) -> Screen<()> {
        let entry = |title: &'static str, summary: &'static str| {
            column(vec![
                text(title).id("android:id/title"),
                text(summary).id("android:id/summary").quiet(14.0),
            ])
            .padding_symmetric(20.0, 12.0)
        };
        Screen::new(
            column(vec![
                toolbar_with_up("Settings", (), vec![]),
                scroll(vec![
                    entry("Style", "Digital"),
                    entry("Silence after", "10 minutes"),
                    entry("Snooze length", "10 minutes"),
                    entry("Timer sound", "Timer expired"),
                    entry("Start week on", "Sunday"),
                ])
                .weight_height(1.0),
            ])
            .fill(),
        )
    }

    fn update(&mut self, _system: &mut System, (): ()) -> Effects {
        Effects::none().finish()
    }
}
