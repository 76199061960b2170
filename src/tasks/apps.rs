//! The apps that tasks use: names as in AndroidWorld, packages, where things are kept.

/// An app of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct App {
    /// AndroidWorld's name, which opens it too.
    pub name: &'static str,
    /// Its package.
    pub package: &'static str,
}

/// Settings.
pub(super) const SETTINGS: App = App {
    name: "settings",
    package: "com.android.settings",
};
/// Simple Calendar Pro.
pub(super) const CALENDAR: App = App {
    name: "simple calendar pro",
    package: "com.simplemobiletools.calendar.pro",
};
/// Clock.
pub(super) const CLOCK: App = App {
    name: "clock",
    package: "com.google.android.deskclock",
};
/// Contacts.
pub(super) const CONTACTS: App = App {
    name: "contacts",
    package: "com.google.android.contacts",
};
/// Simple Draw Pro.
pub(super) const DRAW: App = App {
    name: "simple draw pro",
    package: "com.simplemobiletools.draw.pro",
};
/// Pro Expense.
pub(super) const EXPENSE: App = App {
    name: "pro expense",
    package: "com.arduia.expense",
};
/// Joplin.
pub(super) const JOPLIN: App = App {
    name: "joplin",
    package: "net.cozic.joplin",
};
/// Markor.
pub(super) const MARKOR: App = App {
    name: "markor",
    package: "net.gsantner.markor",
};
/// Retro Music.
pub(super) const RETRO: App = App {
    name: "retro music",
    package: "code.name.monkey.retromusic",
};
/// Simple SMS Messenger.
pub(super) const MESSENGER: App = App {
    name: "simple sms messenger",
    package: "com.simplemobiletools.smsmessenger",
};

/// All of them, in the order of their first-time set-up.
pub(super) const ALL: &[App] = &[
    CLOCK, CONTACTS, EXPENSE, JOPLIN, MARKOR, RETRO, SETTINGS, CALENDAR, DRAW, MESSENGER,
];

impl App {
    /// The app of AndroidWorld's name.
    pub fn named(name: &str) -> Option<App> {
        ALL.iter().copied().find(|app| app.name == name)
    }

    /// Its private directory.
    pub fn data(self) -> String {
        format!("/data/data/{}", self.package)
    }

    /// Where its snapshot lies.
    pub fn snapshot(self) -> String {
        format!("{}/{}", SNAPSHOTS, self.package)
    }
}

/// Directory of the snapshots (catalogue section 2.4).
pub(super) const SNAPSHOTS: &str = "/data/data/android_world/snapshots";
