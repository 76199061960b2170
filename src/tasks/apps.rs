//! The apps that tasks use: names as in AndroidWorld, packages, where things are kept.

/// An app of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct App {
    /// AndroidWorld's name, which opens it too.
    pub name: &'static str,
    /// Its package.
    pub package: &'static str,
}

/// Broccoli.
pub(super) const BROCCOLI: App = App {
    name: "broccoli app",
    package: "com.flauschcode.broccoli",
};
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
/// Chrome.
pub(super) const CHROME: App = App {
    name: "chrome",
    package: "com.android.chrome",
};
/// Clipper.
pub(super) const CLIPPER: App = App {
    name: "clipper",
    package: "ca.zgrs.clipper",
};
/// Clock.
pub(super) const CLOCK: App = App {
    name: "clock",
    package: "com.google.android.deskclock",
};
/// Camera.
pub(super) const CAMERA: App = App {
    name: "camera",
    package: "com.android.camera2",
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
/// Phone.
pub(super) const DIALER: App = App {
    name: "dialer",
    package: "com.google.android.dialer",
};
/// Files.
pub(super) const FILES: App = App {
    name: "files",
    package: "com.google.android.documentsui",
};
/// Pro Expense.
pub(super) const EXPENSE: App = App {
    name: "pro expense",
    package: "com.arduia.expense",
};
/// Simple Gallery Pro.
pub(super) const GALLERY: App = App {
    name: "simple gallery pro",
    package: "com.simplemobiletools.gallery.pro",
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
/// Audio Recorder.
pub(super) const RECORDER: App = App {
    name: "audio recorder",
    package: "com.dimowner.audiorecorder",
};
/// OpenTracks.
pub(super) const TRACKS: App = App {
    name: "open tracks sports tracker",
    package: "de.dennisguse.opentracks",
};
/// OsmAnd.
pub(super) const OSMAND: App = App {
    name: "osmand",
    package: "net.osmand",
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

/// Tasks.org.
pub(super) const TODO: App = App {
    name: "tasks",
    package: "org.tasks",
};
/// VLC.
pub(super) const VLC: App = App {
    name: "vlc",
    package: "org.videolan.vlc",
};

/// All of them, in the order of their first-time set-up.
pub(super) const ALL: &[App] = &[
    RECORDER, CAMERA, CHROME, CLIPPER, CLOCK, CONTACTS, DIALER, EXPENSE, FILES, JOPLIN, MARKOR,
    TRACKS, OSMAND, BROCCOLI, RETRO, SETTINGS, CALENDAR, DRAW, GALLERY, MESSENGER, VLC, TODO,
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
