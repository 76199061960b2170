//! Settings (`com.android.settings`): pages of rows that change the system's real settings.
//!
//! `page` says what pages and rows are, `rows` which rows each page has, `view` draws them, `activity` answers
//! touches.

mod activity;
mod page;
mod rows;
mod view;

use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, activity as make};

use activity::Settings;
use page::Page;

/// Package of Settings.
pub const PACKAGE: &str = "com.android.settings";
/// The activity of pages that are opened from other pages.
const SUB_SETTINGS: &str = "com.android.settings.SubSettings";

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Settings",
    icon: Icon::Settings,
    color: Color::rgb(0x5F_6368),
    activities: &[
        ActivityEntry::new(
            "com.android.settings.Settings",
            make::<Settings<{ Page::Home as usize }>>,
        )
        .aliases(&["com.android.settings.homepage.SettingsHomepageActivity"])
        .launcher()
        .filters(&[Filter::action("android.settings.SETTINGS")]),
        ActivityEntry::new(SUB_SETTINGS, make::<Settings<{ Page::Home as usize }>>),
        ActivityEntry::new(
            "com.android.settings.Settings$NetworkProviderSettingsActivity",
            make::<Settings<{ Page::Internet as usize }>>,
        )
        .filters(&[
            Filter::action("android.settings.WIFI_SETTINGS"),
            Filter::action("android.settings.NETWORK_PROVIDER_SETTINGS"),
            Filter::action("android.net.wifi.PICK_WIFI_NETWORK"),
        ]),
        ActivityEntry::new(
            "com.android.settings.Settings$NetworkDashboardActivity",
            make::<Settings<{ Page::Network as usize }>>,
        )
        .filters(&[
            Filter::action("android.settings.WIRELESS_SETTINGS"),
            Filter::action("android.settings.AIRPLANE_MODE_SETTINGS"),
            Filter::action("android.settings.DATA_ROAMING_SETTINGS"),
        ]),
        ActivityEntry::new(
            "com.android.settings.Settings$ConnectedDeviceDashboardActivity",
            make::<Settings<{ Page::ConnectedDevices as usize }>>,
        )
        .filters(&[Filter::action(
            "com.android.settings.ADVANCED_CONNECTED_DEVICE_SETTINGS",
        )]),
        ActivityEntry::new(
            "com.android.settings.Settings$BluetoothSettingsActivity",
            make::<Settings<{ Page::ConnectedDevices as usize }>>,
        )
        .filters(&[Filter::action("android.settings.BLUETOOTH_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$BluetoothDashboardActivity",
            make::<Settings<{ Page::Bluetooth as usize }>>,
        )
        .filters(&[Filter::action(
            "com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS",
        )]),
        ActivityEntry::new(
            "com.android.settings.Settings$DisplaySettingsActivity",
            make::<Settings<{ Page::Display as usize }>>,
        )
        .filters(&[Filter::action("android.settings.DISPLAY_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$ManageApplicationsActivity",
            make::<Settings<{ Page::Apps as usize }>>,
        )
        .filters(&[
            Filter::action("android.settings.APPLICATION_SETTINGS"),
            Filter::action("android.settings.MANAGE_APPLICATIONS_SETTINGS"),
            Filter::action("android.settings.MANAGE_ALL_APPLICATIONS_SETTINGS"),
        ]),
        ActivityEntry::new(
            "com.android.settings.applications.InstalledAppDetails",
            make::<Settings<{ Page::AppInfo as usize }>>,
        )
        .filters(&[Filter::data(
            "android.settings.APPLICATION_DETAILS_SETTINGS",
            "package:",
        )]),
        ActivityEntry::new(
            "com.android.settings.Settings$AppManageExternalStorageActivity",
            make::<Settings<{ Page::AllFiles as usize }>>,
        )
        .filters(&[Filter::data(
            "android.settings.MANAGE_APP_ALL_FILES_ACCESS_PERMISSION",
            "package:",
        )]),
        ActivityEntry::new(
            "com.android.settings.Settings$PowerUsageSummaryActivity",
            make::<Settings<{ Page::Battery as usize }>>,
        )
        .filters(&[Filter::action("android.intent.action.POWER_USAGE_SUMMARY")]),
        ActivityEntry::new(
            "com.android.settings.Settings$StorageDashboardActivity",
            make::<Settings<{ Page::Storage as usize }>>,
        )
        .filters(&[Filter::action("android.settings.INTERNAL_STORAGE_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$SoundSettingsActivity",
            make::<Settings<{ Page::Sound as usize }>>,
        )
        .filters(&[Filter::action("android.settings.SOUND_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$DateTimeSettingsActivity",
            make::<Settings<{ Page::DateTime as usize }>>,
        )
        .filters(&[Filter::action("android.settings.DATE_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$MyDeviceInfoActivity",
            make::<Settings<{ Page::About as usize }>>,
        )
        .filters(&[Filter::action("android.settings.DEVICE_INFO_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$AccessibilitySettingsActivity",
            make::<Settings<{ Page::Accessibility as usize }>>,
        )
        .filters(&[Filter::action("android.settings.ACCESSIBILITY_SETTINGS")]),
        ActivityEntry::new(
            "com.android.settings.Settings$LocationSettingsActivity",
            make::<Settings<{ Page::Location as usize }>>,
        )
        .filters(&[Filter::action("android.settings.LOCATION_SOURCE_SETTINGS")]),
        ActivityEntry::new(
            "com.google.android.settings.intelligence.modules.search.SearchActivity",
            make::<Settings<{ Page::Search as usize }>>,
        )
        .filters(&[Filter::action("android.settings.APP_SEARCH_SETTINGS")]),
    ],
};
