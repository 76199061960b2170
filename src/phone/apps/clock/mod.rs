//! Clock (`com.google.android.deskclock`): alarms, world clock, timers, stopwatch, bedtime. What lasts is
//! in the app's preferences and in `alarms.db`.

mod alarm;
mod look;
mod stopwatch;
mod timer;
mod world;

use self::alarm::{AlarmMessage, Alarms};
use self::stopwatch::{Stopwatch, StopwatchMessage};
use self::timer::{Digits, TimerMessage, Timers};
use self::world::Cities;
use crate::phone::system::{Intent, PhoneError, Preference, Preferences, System};
use crate::phone::ui::parts;
use crate::phone::ui::{
    Activity, ActivityEntry, Align, AppEntry, Color, Effects, Filter, Icon, LaunchMode, Length,
    Overlay, OverlayKind, Screen, Widget, activity, column, icon, overflow_button, overflow_menu,
    row, stack, stretch, text,
};

/// The package.
pub const PACKAGE: &str = "com.google.android.deskclock";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Alarm,
    Clock,
    Timer,
    Stopwatch,
    Bedtime,
}

impl Tab {
    const ALL: [(Tab, &'static str, &'static str, Icon); 5] = [
        (Tab::Alarm, "Alarm", "tab_menu_alarm", Icon::Alarm),
        (Tab::Clock, "Clock", "tab_menu_clock", Icon::Clock),
        (Tab::Timer, "Timer", "tab_menu_timer", Icon::Timer),
        (
            Tab::Stopwatch,
            "Stopwatch",
            "tab_menu_stopwatch",
            Icon::Stopwatch,
        ),
        (
            Tab::Bedtime,
            "Bedtime",
            "tab_menu_bedtime",
            Icon::Notification,
        ),
    ];

    fn index(self) -> usize {
        Tab::ALL
            .iter()
            .position(|entry| entry.0 == self)
            .unwrap_or(0)
    }

    fn from_index(index: i64) -> Tab {
        usize::try_from(index)
            .ok()
            .and_then(|index| Tab::ALL.get(index))
            .map_or(Tab::Alarm, |entry| entry.0)
    }
}

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// Shows a page.
    Tab(usize),
    /// Opens or closes the menu.
    Menu(bool),
    /// An entry of the menu.
    MenuItem(&'static str),
    /// The page of alarms.
    Alarm(AlarmMessage),
    /// The pages of timers.
    Timer(TimerMessage),
    /// The stopwatch.
    Stopwatch(StopwatchMessage),
    /// Opens or closes the list of cities.
    Cities(bool),
    /// Shows or hides a city.
    City(usize),
    /// The button of the bedtime page.
    Bedtime,
}

struct DeskClock {
    tab: Tab,
    menu: bool,
    alarms: Alarms,
    cities: Cities,
    choosing_city: bool,
    timers: Timers,
    digits: Digits,
    adding_timer: bool,
    stopwatch: Stopwatch,
}

impl DeskClock {
    fn show(&mut self, system: &System, tab: Tab) -> Result<(), PhoneError> {
        self.tab = tab;
        let mut stored = Preferences::load_default(&system.files, PACKAGE);
        let index = i32::try_from(tab.index()).unwrap_or(0);
        stored.put("selected_tab", Preference::Integer(index));
        stored.save(&system.files)
    }

    fn timer(&mut self, system: &System, message: TimerMessage) -> Result<(), PhoneError> {
        let now = system.clock.uptime_millis();
        match message {
            TimerMessage::Digit(digit) => self.digits.push(digit),
            TimerMessage::DoubleZero => {
                self.digits.push(0);
                self.digits.push(0);
            }
            TimerMessage::Delete => self.digits.pop(),
            TimerMessage::Clear => self.digits.clear(),
            TimerMessage::Add => self.adding_timer = true,
            TimerMessage::CancelAdd => {
                self.adding_timer = false;
                self.digits.clear();
            }
            TimerMessage::Create => {
                self.timers.create(self.digits.millis(), now);
                self.digits.clear();
                self.adding_timer = false;
                return self.timers.store(&system.files, now);
            }
            other => {
                self.timers.update(other, now);
                return self.timers.store(&system.files, now);
            }
        }
        Ok(())
    }

    fn stopwatch(&mut self, system: &System, message: StopwatchMessage) -> Effects {
        let now = system.clock.uptime_millis();
        match message {
            StopwatchMessage::Toggle => self.stopwatch.toggle(now),
            StopwatchMessage::Reset => self.stopwatch.reset(),
            StopwatchMessage::Lap => self.stopwatch.lap(now),
            StopwatchMessage::Share => {
                let intent = Intent::action("android.intent.action.SEND")
                    .mime("text/plain")
                    .text("android.intent.extra.TEXT", self.stopwatch.summary(now));
                return Effects::none().start(intent);
            }
        }
        Effects::or_toast(
            self.stopwatch
                .store(&system.files, system.clock.now_millis()),
        )
    }

    fn top_bar(&self) -> Widget<Message> {
        row(vec![
            text(Tab::ALL[self.tab.index()].1)
                .id("action_bar_title")
                .text_size(22.0)
                .margin_edges(20.0, 0.0, 0.0, 0.0),
            stretch(),
            overflow_button(Message::Menu(true)).id("overflow_action_button"),
        ])
        .id("toolbar")
        .class("android.view.ViewGroup")
        .height(Length::Dp(64.0))
    }

    fn tabs(&self) -> Widget<Message> {
        let tabs = Tab::ALL
            .iter()
            .enumerate()
            .map(|(index, &(tab, label, id, sign))| {
                let current = tab == self.tab;
                let color = if current {
                    Color::TEXT
                } else {
                    Color::TEXT_SECONDARY
                };
                let mark = if current {
                    Color::ACCENT_PALE
                } else {
                    Color::ACCENT_PALE.with_alpha(0)
                };
                let sign = stack(vec![
                    icon(sign, 24.0)
                        .id("navigation_bar_item_icon_view")
                        .color(color)
                        .place(Align::Center, Align::Center),
                ])
                .id("navigation_bar_item_icon_container")
                .size(60.0, 32.0)
                .rounded(mark, 16.0);
                let label_id = if current {
                    "navigation_bar_item_large_label_view"
                } else {
                    "navigation_bar_item_small_label_view"
                };
                let words = text(label)
                    .id(label_id)
                    .text_size(12.0)
                    .color(color)
                    .max_lines(1);
                parts::tab(id, label, vec![sign, words], current, Message::Tab(index)).gap(4.0)
            })
            .collect();
        row(tabs)
            .id("navigation_bar")
            .class("android.widget.FrameLayout")
            .height(Length::Dp(80.0))
            .background(Color::SURFACE_RAISED)
    }

    fn page(&self, system: &System) -> Widget<Message> {
        let now = system.clock.uptime_millis();
        match self.tab {
            Tab::Alarm => self.alarms.view(system),
            Tab::Clock => self.cities.view(system),
            Tab::Timer if self.adding_timer || self.timers.is_empty() => {
                timer::setup_view(&self.digits, !self.timers.is_empty())
            }
            Tab::Timer => self.timers.view(now),
            Tab::Stopwatch => self.stopwatch.view(now),
            Tab::Bedtime => world::bedtime(),
        }
    }
}

impl Activity for DeskClock {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> DeskClock {
        let stored = Preferences::load_default(&system.files, PACKAGE);
        let tab = match intent.action.as_deref() {
            Some("android.intent.action.SHOW_ALARMS") => Tab::Alarm,
            Some("android.intent.action.SHOW_TIMERS") => Tab::Timer,
            _ => Tab::from_index(stored.number("selected_tab", 0)),
        };
        DeskClock {
            tab,
            menu: false,
            alarms: Alarms::default(),
            cities: Cities::load(&system.files),
            choosing_city: false,
            timers: Timers::load(&system.files),
            digits: Digits::default(),
            adding_timer: false,
            stopwatch: Stopwatch::load(&system.files),
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::or_toast(self.alarms.reload(system))
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let root = column(vec![
            self.top_bar(),
            stack(vec![self.page(system)])
                .id("desk_clock_pager")
                .class("android.view.ViewGroup")
                .fill_width()
                .weight_height(1.0),
            self.tabs(),
        ])
        .id("content")
        .class("android.view.ViewGroup")
        .fill();
        let items = [
            "Screen saver",
            "Settings",
            "Privacy policy",
            "Send feedback",
            "Help",
        ];
        let overflow = self.menu.then(|| {
            let entries = items.map(|label| (label, Message::MenuItem(label)));
            overflow_menu(entries, Message::Menu(false))
        });
        let cities = self.choosing_city.then(|| {
            Overlay::new(
                OverlayKind::FullScreen,
                self.cities.choice(),
                Message::Cities(false),
            )
        });
        let dialog = self.alarms.dialog.as_ref().map(|dialog| {
            Overlay::new(
                OverlayKind::Dialog,
                dialog.view(),
                Message::Alarm(AlarmMessage::Cancel),
            )
        });
        Screen::new(root)
            .overlay(overflow)
            .overlay(cities)
            .overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Tab(index) => {
                let tab = Tab::from_index(i64::try_from(index).unwrap_or(0));
                Effects::or_toast(self.show(system, tab))
            }
            Message::Menu(open) => {
                self.menu = open;
                Effects::none()
            }
            Message::MenuItem("Settings") => {
                self.menu = false;
                Effects::none().start(Intent::activity(
                    PACKAGE,
                    "com.android.deskclock.settings.SettingsActivity",
                ))
            }
            Message::MenuItem(_) => {
                self.menu = false;
                Effects::none()
            }
            Message::Alarm(message) => Effects::or_toast(self.alarms.update(system, message)),
            Message::Timer(message) => Effects::or_toast(self.timer(system, message)),
            Message::Stopwatch(message) => self.stopwatch(system, message),
            Message::Cities(open) => {
                self.choosing_city = open;
                Effects::none()
            }
            Message::City(index) => Effects::or_toast(self.cities.toggle(&system.files, index)),
            Message::Bedtime => Effects::none().toast("Bedtime needs a sleep schedule"),
        }
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Clock",
    icon: Icon::Clock,
    color: Color::rgb(0x3B_5BA9),
    activities: &[
        ActivityEntry::new("com.android.deskclock.DeskClock", activity::<DeskClock>)
            .launcher()
            .filters(&[
                Filter::action("android.intent.action.SHOW_ALARMS"),
                Filter::action("android.intent.action.SHOW_TIMERS"),
            ])
            .mode(LaunchMode::SingleTop),
        ActivityEntry::new(
            "com.android.deskclock.settings.SettingsActivity",
            activity::<world::ClockSettings>,
        ),
    ],
};
