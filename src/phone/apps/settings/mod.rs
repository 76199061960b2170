//! Settings (`com.android.settings`): pages of rows that change the system's real settings.
//!
//! `page` says what pages and rows are, `rows` and `fixed` which rows each page has, `view` draws them, `activity` answers
//! touches.

mod activity;
mod fixed;
mod page;
mod rows;
mod view;

use crate::phone::apps::all_files;
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Filter, Icon, activity as create};

use activity::Settings;
use page::Page;

/// Package of Settings.
pub const PACKAGE: &str = "com.android.settings";
/// The activity of pages that are opened from other pages.
const SUB_SETTINGS: &str = "com.android.settings.SubSettings";

/// An activity that begins with a page.
const fn page<const P: usize>(class: &'static str) -> ActivityEntry {
    ActivityEntry::new(class, create::<Settings<P>>)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Settings",
    icon: Icon::Settings,
    color: Color::rgb(0x5F_6368),
    activities: &[
        page::<{ Page::Home as usize }>("com.android.settings.Settings")
            .aliases(&["com.android.settings.homepage.SettingsHomepageActivity"])
            .launcher()
            .filters(&[Filter::action("android.settings.SETTINGS")]),
        page::<{ Page::Home as usize }>(SUB_SETTINGS),
        page::<{ Page::Internet as usize }>(
            "com.android.settings.Settings$NetworkProviderSettingsActivity",
        )
        .filters(&[
            Filter::action("android.settings.WIFI_SETTINGS"),
            Filter::action("android.settings.NETWORK_PROVIDER_SETTINGS"),
            Filter::action("android.net.wifi.PICK_WIFI_NETWORK"),
        ]),
        page::<{ Page::Network as usize }>(
            "com.android.settings.Settings$NetworkDashboardActivity",
        )
        .filters(&[
            Filter::action("android.settings.WIRELESS_SETTINGS"),
            Filter::action("android.settings.AIRPLANE_MODE_SETTINGS"),
            Filter::action("android.settings.DATA_ROAMING_SETTINGS"),
        ]),
        page::<{ Page::ConnectedDevices as usize }>(
            "com.android.settings.Settings$ConnectedDeviceDashboardActivity",
        )
        .filters(&[Filter::action(
            "com.android.settings.ADVANCED_CONNECTED_DEVICE_SETTINGS",
        )]),
        page::<{ Page::ConnectedDevices as usize }>(
            "com.android.settings.Settings$BluetoothSettingsActivity",
        )
        .filters(&[Filter::action("android.settings.BLUETOOTH_SETTINGS")]),
        page::<{ Page::Bluetooth as usize }>(
            "com.android.settings.Settings$BluetoothDashboardActivity",
        )
        .filters(&[Filter::action(
            "com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS",
        )]),
        page::<{ Page::Display as usize }>("com.android.settings.Settings$DisplaySettingsActivity")
            .filters(&[Filter::action("android.settings.DISPLAY_SETTINGS")]),
        page::<{ Page::Apps as usize }>("com.android.settings.Settings$ManageApplicationsActivity")
            .filters(&[
                Filter::action("android.settings.APPLICATION_SETTINGS"),
                Filter::action("android.settings.MANAGE_APPLICATIONS_SETTINGS"),
                Filter::action("android.settings.MANAGE_ALL_APPLICATIONS_SETTINGS"),
            ]),
        page::<{ Page::AppInfo as usize }>("com.android.settings.applications.InstalledAppDetails")
            .filters(&[Filter::data(
                "android.settings.APPLICATION_DETAILS_SETTINGS",
                "package:",
            )]),
        page::<{ Page::AllFiles as usize }>(
            "com.android.settings.Settings$AppManageExternalStorageActivity",
        )
        .filters(&[Filter::data(all_files::ACTION, "package:")]),
        page::<{ Page::Battery as usize }>(
            "com.android.settings.Settings$PowerUsageSummaryActivity",
        )
        .filters(&[Filter::action("android.intent.action.POWER_USAGE_SUMMARY")]),
        page::<{ Page::Storage as usize }>(
            "com.android.settings.Settings$StorageDashboardActivity",
        )
        .filters(&[Filter::action("android.settings.INTERNAL_STORAGE_SETTINGS")]),
        page::<{ Page::Sound as usize }>("com.android.settings.Settings$SoundSettingsActivity")
            .filters(&[Filter::action("android.settings.SOUND_SETTINGS")]),
        page::<{ Page::DateTime as usize }>(
            "com.android.settings.Settings$DateTimeSettingsActivity",
        )
        .filters(&[Filter::action("android.settings.DATE_SETTINGS")]),
        page::<{ Page::About as usize }>("com.android.settings.Settings$MyDeviceInfoActivity")
            .filters(&[Filter::action("android.settings.DEVICE_INFO_SETTINGS")]),
        page::<{ Page::Accessibility as usize }>(
            "com.android.settings.Settings$AccessibilitySettingsActivity",
        )
        .filters(&[Filter::action("android.settings.ACCESSIBILITY_SETTINGS")]),
        page::<{ Page::Location as usize }>(
            "com.android.settings.Settings$LocationSettingsActivity",
        )
        .filters(&[Filter::action("android.settings.LOCATION_SOURCE_SETTINGS")]),
        page::<{ Page::Search as usize }>(
            "com.google.android.settings.intelligence.modules.search.SearchActivity",
        )
        .filters(&[Filter::action("android.settings.APP_SEARCH_SETTINGS")]),
    ],
};
