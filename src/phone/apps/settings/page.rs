//! The pages of Settings, and what a row on one of them is.

use crate::phone::system::{Namespace, System};
use crate::phone::ui::Icon;

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Page {
    Home,
    Network,
    Internet,
    NetworkPreferences,
    ConnectedDevices,
    ConnectionPreferences,
    Bluetooth,
    Apps,
    AppInfo,
    AllFiles,
    Notifications,
    Battery,
    Storage,
    Sound,
    Display,
    Wallpaper,
    Accessibility,
    Security,
    Privacy,
    Location,
    Safety,
    Passwords,
    Advanced,
    DateTime,
    About,
    Search,
}

impl Page {
    /// All pages, in the order of their numbers.
    pub const ALL: [Page; 26] = [
        Page::Home,
        Page::Network,
        Page::Internet,
        Page::NetworkPreferences,
        Page::ConnectedDevices,
        Page::ConnectionPreferences,
        Page::Bluetooth,
        Page::Apps,
        Page::AppInfo,
        Page::AllFiles,
        Page::Notifications,
        Page::Battery,
        Page::Storage,
        Page::Sound,
        Page::Display,
        Page::Wallpaper,
        Page::Accessibility,
        Page::Security,
        Page::Privacy,
        Page::Location,
        Page::Safety,
        Page::Passwords,
        Page::Advanced,
        Page::DateTime,
        Page::About,
        Page::Search,
    ];

    /// The page with a number.
    pub fn of(number: usize) -> Page {
        Page::ALL.get(number).copied().unwrap_or(Page::Home)
    }

    /// The title in its tool bar.
    pub fn title(self) -> &'static str {
        match self {
            Page::Home => "Settings",
            Page::Network => "Network & internet",
            Page::Internet => "Internet",
            Page::NetworkPreferences => "Network preferences",
            Page::ConnectedDevices => "Connected devices",
            Page::ConnectionPreferences => "Connection preferences",
            Page::Bluetooth => "Bluetooth",
            Page::Apps => "All apps",
            Page::AppInfo => "App info",
            Page::AllFiles => "All files access",
            Page::Notifications => "Notifications",
            Page::Battery => "Battery",
            Page::Storage => "Storage",
            Page::Sound => "Sound & vibration",
            Page::Display => "Display",
            Page::Wallpaper => "Wallpaper & style",
            Page::Accessibility => "Accessibility",
            Page::Security => "Security",
            Page::Privacy => "Privacy",
            Page::Location => "Location",
            Page::Safety => "Safety & emergency",
            Page::Passwords => "Passwords & accounts",
            Page::Advanced => "System",
            Page::DateTime => "Date & time",
            Page::About => "About emulated device",
            Page::Search => "Search settings",
        }
    }
}

/// A setting that is 0 or 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// Where.
    pub namespace: Namespace,
    /// Which.
    pub key: &'static str,
    /// Values for off and on.
    pub values: (i64, i64),
}

/// A setting that is 0 when off and 1 when on.
pub const fn flag(namespace: Namespace, key: &'static str) -> Flag {
    Flag {
        namespace,
        key,
        values: (0, 1),
    }
}

impl Flag {
    /// Whether it is on.
    pub fn is_on(self, system: &System) -> bool {
        let (off, on) = self.values;
        let value = system.settings.get_integer(self.namespace, self.key, off);
        // Wi-Fi has more than one value for on.
        value == on || (value != off && off == 0)
    }
}

/// What a row does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Nothing.
    Nothing,
    /// Opens a page.
    Open(Page),
    /// Opens the page of an app.
    App(&'static str),
    /// Switches a setting.
    Switch(Flag),
    /// Grants or takes the permission to manage all files.
    ManageFiles(String),
    /// Opens the brightness slider.
    Brightness,
    /// Opens the list of screen timeouts.
    Timeout,
    /// Opens the dialog that names the device.
    Rename,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Title.
    pub title: String,
    /// Second line.
    pub summary: String,
    /// Sign.
    pub icon: Option<Icon>,
    /// Touch.
    pub does: Does,
    /// Content description of the whole row.
    pub description: Option<String>,
    /// A heading of the rows below, or a footer: small, without a touch.
    pub heading: bool,
    /// The big switch on top of a page.
    pub main_switch: bool,
}

/// A row without an icon.
pub fn row(title: impl Into<String>, summary: impl Into<String>, does: Does) -> Row {
    Row {
        title: title.into(),
        summary: summary.into(),
        icon: None,
        does,
        description: None,
        heading: false,
        main_switch: false,
    }
}

/// A row that does nothing.
pub fn still(title: impl Into<String>, summary: impl Into<String>) -> Row {
    row(title, summary, Does::Nothing)
}

/// A row that opens a page.
pub fn link(title: impl Into<String>, summary: impl Into<String>, page: Page) -> Row {
    row(title, summary, Does::Open(page))
}

/// A row with a switch.
pub fn toggle(title: impl Into<String>, summary: impl Into<String>, flag: Flag) -> Row {
    row(title, summary, Does::Switch(flag))
}

/// The big switch on top of a page.
pub fn main_switch(title: &'static str, flag: Flag) -> Row {
    Row {
        main_switch: true,
        ..toggle(title, "", flag)
    }
}

/// A heading or footer.
pub fn heading(title: &str) -> Row {
    Row {
        heading: true,
        ..row(title, "", Does::Nothing)
    }
}

impl Row {
    /// The same with an icon.
    pub fn icon(self, icon: Icon) -> Row {
        Row {
            icon: Some(icon),
            ..self
        }
    }
}
