//! Settings (`com.android.settings`): pages of rows that change the system's real settings.
//!
//! `page` says what pages and rows are, `rows` which rows each page has, `view` draws them, `activity` answers
//! touches.

mod activity;
mod page;
mod rows;
mod view;

use crate::phone::ui::{
    ActivityEntry, AppEntry, Color, Filter, Icon, LaunchMode, activity as make,
};

use activity::Settings;
use page::Page;

/// Package of Settings.
pub const PACKAGE: &str = "com.android.settings";
/// The activity of pages that are opened from other pages.
const SUB_SETTINGS: &str = "com.android.settings.SubSettings";

const fn entry(
    class: &'static str,
    filters: &'static [Filter],
    create: fn(
        &mut crate::phone::system::System,
        &crate::phone::system::Intent,
    ) -> Box<dyn crate::phone::ui::ErasedActivity>,
) -> ActivityEntry {
    ActivityEntry {
        class,
        aliases: &[],
        launcher: false,
        filters,
        mode: LaunchMode::Standard,
        create,
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Settings",
    icon: Icon::Settings,
    color: Color::rgb(0x5F_6368),
    activities: &[
        ActivityEntry {
            class: "com.android.settings.Settings",
            aliases: &["com.android.settings.homepage.SettingsHomepageActivity"],
            launcher: true,
            filters: &[Filter::action("android.settings.SETTINGS")],
            mode: LaunchMode::Standard,
            create: make::<Settings<{ Page::Home as usize }>>,
        },
        entry(SUB_SETTINGS, &[], make::<Settings<{ Page::Home as usize }>>),
        entry(
            "com.android.settings.Settings$NetworkProviderSettingsActivity",
            &[
                Filter::action("android.settings.WIFI_SETTINGS"),
                Filter::action("android.settings.NETWORK_PROVIDER_SETTINGS"),
                Filter::action("android.net.wifi.PICK_WIFI_NETWORK"),
            ],
            make::<Settings<{ Page::Internet as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$NetworkDashboardActivity",
            &[
                Filter::action("android.settings.WIRELESS_SETTINGS"),
                Filter::action("android.settings.AIRPLANE_MODE_SETTINGS"),
                Filter::action("android.settings.DATA_ROAMING_SETTINGS"),
            ],
            make::<Settings<{ Page::Network as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$ConnectedDeviceDashboardActivity",
            &[Filter::action(
                "com.android.settings.ADVANCED_CONNECTED_DEVICE_SETTINGS",
            )],
            make::<Settings<{ Page::ConnectedDevices as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$BluetoothSettingsActivity",
            &[Filter::action("android.settings.BLUETOOTH_SETTINGS")],
            make::<Settings<{ Page::ConnectedDevices as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$BluetoothDashboardActivity",
            &[Filter::action(
                "com.android.settings.BLUETOOTH_DASHBOARD_SETTINGS",
            )],
            make::<Settings<{ Page::Bluetooth as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$DisplaySettingsActivity",
            &[Filter::action("android.settings.DISPLAY_SETTINGS")],
            make::<Settings<{ Page::Display as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$ManageApplicationsActivity",
            &[
                Filter::action("android.settings.APPLICATION_SETTINGS"),
                Filter::action("android.settings.MANAGE_APPLICATIONS_SETTINGS"),
                Filter::action("android.settings.MANAGE_ALL_APPLICATIONS_SETTINGS"),
            ],
            make::<Settings<{ Page::Apps as usize }>>,
        ),
        entry(
            "com.android.settings.applications.InstalledAppDetails",
            &[Filter::data(
                "android.settings.APPLICATION_DETAILS_SETTINGS",
                "package:",
            )],
            make::<Settings<{ Page::AppInfo as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$AppManageExternalStorageActivity",
            &[Filter::data(
                "android.settings.MANAGE_APP_ALL_FILES_ACCESS_PERMISSION",
                "package:",
            )],
            make::<Settings<{ Page::AllFiles as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$PowerUsageSummaryActivity",
            &[Filter::action("android.intent.action.POWER_USAGE_SUMMARY")],
            make::<Settings<{ Page::Battery as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$StorageDashboardActivity",
            &[Filter::action("android.settings.INTERNAL_STORAGE_SETTINGS")],
            make::<Settings<{ Page::Storage as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$SoundSettingsActivity",
            &[Filter::action("android.settings.SOUND_SETTINGS")],
            make::<Settings<{ Page::Sound as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$DateTimeSettingsActivity",
            &[Filter::action("android.settings.DATE_SETTINGS")],
            make::<Settings<{ Page::DateTime as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$MyDeviceInfoActivity",
            &[Filter::action("android.settings.DEVICE_INFO_SETTINGS")],
            make::<Settings<{ Page::About as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$AccessibilitySettingsActivity",
            &[Filter::action("android.settings.ACCESSIBILITY_SETTINGS")],
            make::<Settings<{ Page::Accessibility as usize }>>,
        ),
        entry(
            "com.android.settings.Settings$LocationSettingsActivity",
            &[Filter::action("android.settings.LOCATION_SOURCE_SETTINGS")],
            make::<Settings<{ Page::Location as usize }>>,
        ),
        entry(
            "com.google.android.settings.intelligence.modules.search.SearchActivity",
            &[Filter::action("android.settings.APP_SEARCH_SETTINGS")],
            make::<Settings<{ Page::Search as usize }>>,
        ),
    ],
};
