//! Installed packages: manifests, user ids, permissions, data directories. Uses the files.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{FileError, PhoneError};
use super::files::Files;
use super::intent::short_component;

/// What a package declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// E.g. `com.android.settings`.
    pub package: String,
    /// The name under its icon.
    pub label: String,
    /// Full class name of the activity that the launcher starts; `None` for packages without one.
    pub launcher: Option<String>,
    /// Full class names of all activities.
    pub activities: Vec<String>,
    /// E.g. `2.10.9`.
    pub version_name: String,
    /// Number of the version.
    pub version_code: i64,
    /// Permissions asked for, e.g. `android.permission.READ_CONTACTS`.
    pub permissions: Vec<String>,
    /// Part of the system image (`pm list packages -3` leaves it out).
    pub system: bool,
}

impl Manifest {
    /// An app with a launcher activity (full class name).
    pub fn app(package: &str, label: &str, launcher: &str) -> Manifest {
        Manifest {
            package: package.to_owned(),
            label: label.to_owned(),
            launcher: Some(launcher.to_owned()),
            activities: vec![launcher.to_owned()],
            version_name: "1.0".to_owned(),
            version_code: 1,
            permissions: Vec::new(),
            system: false,
        }
    }

    /// A package of the system image without a launcher activity: a provider or a service.
    pub fn provider(package: &str, label: &str) -> Manifest {
        Manifest {
            package: package.to_owned(),
            label: label.to_owned(),
            launcher: None,
            activities: Vec::new(),
            version_name: "13".to_owned(),
            version_code: 33,
            permissions: Vec::new(),
            system: true,
        }
    }

    /// The same as part of the system image.
    pub fn system(mut self) -> Manifest {
        self.system = true;
        self
    }

    /// The same with a version.
    pub fn version(mut self, name: &str, code: i64) -> Manifest {
        self.version_name = name.to_owned();
        self.version_code = code;
        self
    }

    /// The same with further activities (full class names).
    pub fn activities<const N: usize>(mut self, activities: [&str; N]) -> Manifest {
        self.activities
            .extend(activities.into_iter().map(str::to_owned));
        self
    }

    /// The same asking for permissions (names without `android.permission.` are completed).
    pub fn permissions<const N: usize>(mut self, permissions: [&str; N]) -> Manifest {
        for permission in permissions {
            self.permissions.push(if permission.contains('.') {
                permission.to_owned()
            } else {
                format!("android.permission.{permission}")
            });
        }
        self
    }

    /// `package/class` of the launcher activity in Android's short form.
    pub fn launcher_component(&self) -> Option<String> {
        let class = self.launcher.as_ref()?;
        Some(short_component(&self.package, class))
    }
}

#[derive(Debug, Clone)]
struct Installed {
    manifest: Manifest,
    user: u32,
    granted: BTreeSet<String>,
    enabled: bool,
}

/// The package manager's state.
#[derive(Debug, Clone)]
pub struct Packages {
    files: Files,
    installed: BTreeMap<String, Installed>,
    /// What the install session that is open was sent.
    staged: Option<Manifest>,
    next_user: u32,
}

impl Packages {
    /// Packages of a fresh phone: those of the system that have no app of their own here.
    pub fn open(files: &Files) -> Result<Packages, FileError> {
        let mut packages = Packages {
            files: files.clone(),
            installed: BTreeMap::new(),
            staged: None,
            next_user: 10_060,
        };
        for (package, label) in PROVIDERS {
            packages.install(Manifest::provider(package, label))?;
        }
        Ok(packages)
    }

    /// Adds a package with its data directory; a second time replaces the manifest.
    pub fn install(&mut self, manifest: Manifest) -> Result<(), FileError> {
        let package = manifest.package.clone();
        let user = match (self.installed.get(&package), package.as_str()) {
            (Some(old), _) => old.user,
            (None, "com.google.android.providers.media.module") => {
                super::attributes::MEDIA_PROVIDER
            }
            (None, "android" | "com.android.settings") => super::attributes::SYSTEM,
            (None, "com.android.shell") => super::attributes::SHELL,
            (None, _) => {
                self.next_user += 1;
                if self.next_user == super::attributes::MEDIA_PROVIDER {
                    self.next_user += 1;
                }
                self.next_user
            }
        };
        self.files.set_app_user(&package, user);
        self.create_data(&package)?;
        let granted = match self.installed.remove(&package) {
            Some(old) => old.granted,
            None if manifest.system => manifest.permissions.iter().cloned().collect(),
            None => BTreeSet::new(),
        };
        self.installed.insert(
            package,
            Installed {
                manifest,
                user,
                granted,
                enabled: true,
            },
        );
        Ok(())
    }

    /// Removes a package that is not part of the system, with its data; tells whether it did.
    pub fn uninstall(&mut self, package: &str) -> Result<bool, FileError> {
        match self.installed.get(package) {
            Some(found) if !found.manifest.system => {}
            _ => return Ok(false),
        }
        self.installed.remove(package);
        self.files.remove_tree(&data_directory(package))?;
        Ok(true)
    }

    /// Keeps a manifest until the install session is committed or abandoned.
    pub fn stage(&mut self, manifest: Manifest) {
        self.staged = Some(manifest);
    }

    /// What was staged, which it then is no longer.
    pub fn take_staged(&mut self) -> Option<Manifest> {
        self.staged.take()
    }

    /// One package's manifest.
    pub fn get(&self, package: &str) -> Option<&Manifest> {
        self.installed.get(package).map(|found| &found.manifest)
    }

    /// Whether it is installed.
    pub fn contains(&self, package: &str) -> bool {
        self.installed.contains_key(package)
    }

    /// All manifests, sorted by package.
    pub fn list(&self) -> impl Iterator<Item = &Manifest> {
        self.installed.values().map(|found| &found.manifest)
    }

    /// The user id that owns the package's data.
    pub fn user(&self, package: &str) -> Option<u32> {
        self.installed.get(package).map(|found| found.user)
    }

    /// Whether the package is enabled (`pm enable`, `pm disable-user`).
    pub fn is_enabled(&self, package: &str) -> bool {
        self.installed
            .get(package)
            .is_some_and(|found| found.enabled)
    }

    /// Enables or disables a package; `false` when there is none.
    pub fn set_enabled(&mut self, package: &str, enabled: bool) -> bool {
        match self.installed.get_mut(package) {
            Some(found) => {
                found.enabled = enabled;
                true
            }
            None => false,
        }
    }

    /// Whether a permission was granted.
    pub fn is_granted(&self, package: &str, permission: &str) -> bool {
        self.installed
            .get(package)
            .is_some_and(|found| found.granted.contains(permission))
    }

    /// Permissions granted to a package, sorted.
    pub fn granted(&self, package: &str) -> Vec<String> {
        self.installed
            .get(package)
            .map(|found| found.granted.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Grants a permission; `false` when there is no such package.
    pub fn grant(&mut self, package: &str, permission: &str) -> bool {
        match self.installed.get_mut(package) {
            Some(found) => {
                found.granted.insert(permission.to_owned());
                true
            }
            None => false,
        }
    }

    /// Takes a permission back; `false` when there is no such package.
    pub fn revoke(&mut self, package: &str, permission: &str) -> bool {
        match self.installed.get_mut(package) {
            Some(found) => {
                found.granted.remove(permission);
                true
            }
            None => false,
        }
    }

    /// `pm clear`: empties the data directory and takes runtime permissions back. The app's
    /// windows are the window manager's to close.
    pub fn clear(&mut self, package: &str) -> Result<(), PhoneError> {
        let Some(found) = self.installed.get_mut(package) else {
            return Err(PhoneError::UnknownPackage(package.to_owned()));
        };
        if !found.manifest.system {
            found.granted.clear();
        }
        let directory = data_directory(package);
        for shared in [
            directory.clone(),
            format!("/storage/emulated/0/Android/data/{package}"),
        ] {
            if self.files.exists(&shared) {
                self.files
                    .remove_tree(&shared)
                    .map_err(|error| PhoneError::file(&shared, error))?;
            }
        }
        self.create_data(package)
            .map_err(|error| PhoneError::file(&directory, error))
    }

    fn create_data(&self, package: &str) -> Result<(), FileError> {
        let directory = data_directory(package);
        self.files.make_dirs(&format!("{directory}/cache"))?;
        self.files.make_dirs(&format!("{directory}/code_cache"))
    }
}

/// `/data/data/<package>`.
pub fn data_directory(package: &str) -> String {
    format!("/data/data/{package}")
}

const PROVIDERS: &[(&str, &str)] = &[
    ("android", "Android System"),
    ("com.android.providers.contacts", "Contacts Storage"),
    (
        "com.android.providers.telephony",
        "Phone and Messaging Storage",
    ),
    ("com.android.providers.settings", "Settings Storage"),
    ("com.android.providers.downloads", "Download Manager"),
    ("com.google.android.providers.media.module", "Media Storage"),
    ("com.android.systemui", "System UI"),
    ("com.android.shell", "Shell"),
    ("com.android.phone", "Phone Services"),
    ("com.google.android.inputmethod.latin", "Gboard"),
    (
        "com.google.android.permissioncontroller",
        "Permission controller",
    ),
    ("com.google.android.gms", "Google Play services"),
];
