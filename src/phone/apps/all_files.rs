//! Access to all files of the shared storage: a permission that only a page of Settings gives. Uses the
//! system's packages.

use crate::phone::system::{Intent, System};

/// The permission.
pub const PERMISSION: &str = "android.permission.MANAGE_EXTERNAL_STORAGE";

/// Action of the page that gives it.
pub const ACTION: &str = "android.settings.MANAGE_APP_ALL_FILES_ACCESS_PERMISSION";

/// Whether an app has it.
pub fn is_granted(system: &System, package: &str) -> bool {
    system.packages.is_granted(package, PERMISSION)
}

/// The intent that opens an app's page.
pub fn page(package: &str) -> Intent {
    Intent::action(ACTION).data(format!("package:{package}"))
}
