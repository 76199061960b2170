//! Finds out what a set-up would change on a device. Looks, and changes nothing.

use std::collections::BTreeSet;

use super::plan::{Plan, Skipped, Step, Wishes};
use super::record::{Change, Record};
use super::{Look, SetupError, app_data, look};
use crate::adb::{AdbError, quote};
use crate::device::Device;
use crate::farm::emulators::sha256;
use crate::tasks::setup::{self as first, FirstSetup};

/// Settings that only a set-up on purpose changes, as [`first::QUIET`].
const MORE: &[(&str, &str, &str, &str)] = &[
    (
        "system",
        "screen_off_timeout",
        "1800000",
        "the screen stays on for half an hour without a touch",
    ),
    ("global", "hidden_api_policy", "1", HIDDEN),
    ("global", "hidden_api_policy_p_apps", "1", HIDDEN),
    ("global", "hidden_api_policy_pre_p_apps", "1", HIDDEN),
];
const HIDDEN: &str = "as on the benchmark's phone: its tools may call what apps may not";

/// The time zone that tasks know.
const ZONE: &str = "UTC";
/// How long the clock is near enough to a task's day, in seconds.
const DAY: i64 = 24 * 60 * 60;
/// The role of the app for messages.
const SMS_ROLE: &str = "android.app.role.SMS";
/// Room that must be left on the device after the copies, in kB.
const RESERVE: u64 = 64 << 10;
/// Largest file that is put onto the device, in bytes; the APKs' limit too.
const LARGEST_FILE: u64 = 1 << 30;

/// Finds out what a set-up would change. `record` is of earlier set-ups, if there were any.
///
/// # Errors
/// When the device fails, or a wish can't be fulfilled: an APK is missing or is another one, a keyboard is not
/// installed, data of apps are too large to be kept.
pub async fn plan(
    device: &Device,
    wishes: &Wishes,
    record: Option<&Record>,
) -> Result<Plan, SetupError> {
    let look = Look::at(device.adb()).await?;
    let mut planner = Planner {
        device,
        wishes,
        record,
        steps: Vec::new(),
        skipped: Vec::new(),
        look,
    };
    let apps = planner.apps_to_set_up().await?;
    planner.settings(&apps).await?;
    planner.clock();
    planner.input_method().await?;
    planner.packages().await?;
    planner.files().await?;
    planner.apps(&apps).await?;
    Ok(Plan {
        look: planner.look,
        steps: planner.steps,
        skipped: planner.skipped,
    })
}

struct Planner<'a> {
    device: &'a Device,
    wishes: &'a Wishes,
    record: Option<&'a Record>,
    steps: Vec<Step>,
    skipped: Vec<Skipped>,
    look: Look,
}

impl Planner<'_> {
    fn skip(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.skipped.push(Skipped {
            what: what.into(),
            why: why.into(),
        });
    }

    /// Apps that are there, or will be, and were not set up yet.
    async fn apps_to_set_up(&mut self) -> Result<Vec<FirstSetup>, SetupError> {
        if self.wishes.no_apps {
            return Ok(Vec::new());
        }
        if !self.look.root {
            self.skip(
                "the first-time set-up of the apps",
                format!(
                    "its shell is not root, so that their data could not be kept; {}",
                    self.look.way_to_root()
                ),
            );
            return Ok(Vec::new());
        }
        let waiting: BTreeSet<&str> = first::waiting(self.device).await?.into_iter().collect();
        let listed = |package: &str| {
            let list = self.wishes.apks.as_ref().map(|(list, _)| list);
            list.is_some_and(|list| list.apps.iter().any(|apk| apk.package == package))
        };
        let mut apps = Vec::new();
        let mut missing = Vec::new();
        for app in first::first_setups() {
            if waiting.contains(app.package) {
                apps.push(app);
            } else if !self.look.packages.contains_key(app.package) {
                match listed(app.package) {
                    true => apps.push(app),
                    false => missing.push(app),
                }
            }
        }
        for app in missing {
            self.skip(
                format!("app {}", app.package),
                "it is not installed; --apks DIR installs it",
            );
        }
        Ok(apps)
    }

    async fn settings(&mut self, apps: &[FirstSetup]) -> Result<(), SetupError> {
        let quiet = first::QUIET.iter().chain(MORE);
        // Without the clock itself, its settings would only disturb.
        let clock = first::CLOCK.iter().filter(|_| self.look.root);
        let mut wanted: Vec<(String, String, String, String)> = quiet
            .chain(clock)
            .map(|(namespace, key, value, why)| {
                (
                    (*namespace).into(),
                    (*key).into(),
                    (*value).into(),
                    (*why).into(),
                )
            })
            .collect();
        for app in apps {
            if let Some((namespace, key)) = app.chosen {
                let why = format!("{} is the app that tasks use", app.name);
                wanted.push((namespace.into(), key.into(), app.package.into(), why));
            }
        }
        let mut names: Vec<(String, String)> = wanted
            .iter()
            .map(|(namespace, key, ..)| (namespace.clone(), key.clone()))
            .collect();
        let services = "enabled_accessibility_services";
        names.push(("secure".into(), services.into()));
        names.push(("secure".into(), "accessibility_enabled".into()));
        let mut values = look::settings(self.device.adb(), &names).await?;
        let on = values.pop().flatten();
        let enabled = values.pop().flatten();
        if let Some(service) = &self.wishes.accessibility {
            self.has_package_of(service, "accessibility service")?;
            let list = enabled.clone().unwrap_or_default();
            let all = match list.split(':').any(|one| one == service) {
                true => list,
                false if list.is_empty() => service.clone(),
                false => format!("{list}:{service}"),
            };
            let why = "asked for with --accessibility; those that were on stay on".to_owned();
            wanted.push(("secure".into(), services.into(), all, why.clone()));
            values.push(enabled);
            wanted.push((
                "secure".into(),
                "accessibility_enabled".into(),
                "1".into(),
                why,
            ));
            values.push(on);
        }
        for ((namespace, key, to, why), from) in wanted.into_iter().zip(values) {
            if from.as_ref() != Some(&to) {
                let change = Change::Setting {
                    namespace,
                    key,
                    from,
                    to,
                };
                self.steps.push(Step::new(change, why));
            }
        }
        Ok(())
    }

    fn clock(&mut self) {
        if !self.look.root {
            self.skip(
                "the clock and its time zone",
                format!("its shell is not root; {}", self.look.way_to_root()),
            );
            return;
        }
        if self.look.zone != ZONE {
            let change = Change::TimeZone {
                from: self.look.zone.clone(),
                to: ZONE.to_owned(),
            };
            self.steps
                .push(Step::new(change, "tasks name times of this zone"));
        }
        if !(first::INSTANT..first::INSTANT + DAY).contains(&self.look.now) {
            let change = Change::Clock {
                ahead: self.look.now - self.look.host_now,
            };
            self.steps
                .push(Step::new(change, "tasks are about a day of their own"));
        }
    }

    /// That the package of a component is installed.
    fn has_package_of(&self, component: &str, what: &str) -> Result<(), SetupError> {
        let package = component.split('/').next().unwrap_or_default();
        let shaped = component.split('/').count() == 2 && !component.contains([' ', ':', '\'']);
        if !shaped {
            return Err(SetupError::Wish(format!(
                "{component:?} is no {what}; write PACKAGE/CLASS"
            )));
        }
        if !self.look.packages.contains_key(package) {
            return Err(SetupError::Wish(format!(
                "device {} has no package {package} for the {what} {component}; install it first",
                self.look.serial
            )));
        }
        Ok(())
    }

    async fn input_method(&mut self) -> Result<(), SetupError> {
        let Some(wanted) = &self.wishes.input_method else {
            return Ok(());
        };
        self.has_package_of(wanted, "keyboard")?;
        let secure = |key: &str| ("secure".to_owned(), key.to_owned());
        let names = [
            secure("default_input_method"),
            secure("enabled_input_methods"),
        ];
        let values = look::settings(self.device.adb(), &names).await?;
        let [Some(from), enabled] = &values[..] else {
            return Err(SetupError::Wish(format!(
                "device {} has no chosen keyboard that could be put back; choose one on it first",
                self.look.serial
            )));
        };
        if from != wanted {
            let enabled = enabled.as_deref().unwrap_or_default();
            let change = Change::InputMethod {
                from: from.clone(),
                to: wanted.clone(),
                // An entry may have the subtypes behind it.
                was_enabled: enabled
                    .split(':')
                    .any(|one| one.split(';').next() == Some(wanted)),
            };
            self.steps.push(Step::new(
                change,
                "asked for with --ime; the other one stays installed",
            ));
        }
        Ok(())
    }

    async fn packages(&mut self) -> Result<(), SetupError> {
        let Some((list, folder)) = self.wishes.apks.clone() else {
            return Ok(());
        };
        for apk in list.apps {
            if let Some(there) = self.look.packages.get(&apk.package).copied() {
                if let (Some(there), Some(wanted)) = (there, apk.version)
                    && there != wanted
                {
                    self.skip(
                        format!("package {}", apk.package),
                        format!("version {there} is installed, not {wanted}; it is left as it is"),
                    );
                }
                continue;
            }
            let (file, place) = (apk.clone(), folder.clone());
            let checked = tokio::task::spawn_blocking(move || file.checked(&place)).await;
            let (path, _) = checked.map_err(|error| SetupError::Wish(error.to_string()))??;
            let change = Change::Package {
                package: apk.package.clone(),
                file: apk.file.clone(),
                version: None,
            };
            self.steps.push(Step {
                source: Some(path),
                apk: Some(apk),
                ..Step::new(change, "tasks use it")
            });
        }
        Ok(())
    }

    async fn files(&mut self) -> Result<(), SetupError> {
        for (local, path) in &self.wishes.files {
            let unreadable = |error: std::io::Error| {
                SetupError::Wish(format!("{}: can't be read: {error}", local.display()))
            };
            if !path.starts_with('/') || path.ends_with('/') {
                return Err(SetupError::Wish(format!(
                    "{path:?} is no path of a file on a device"
                )));
            }
            let source = local.clone();
            let hashed = tokio::task::spawn_blocking(move || {
                let mut file = std::fs::File::open(source)?;
                match file.metadata()?.len() > LARGEST_FILE {
                    true => Err(std::io::Error::other("it is too large")),
                    false => sha256(&mut file),
                }
            });
            let hash = hashed
                .await
                .map_err(std::io::Error::other)
                .and_then(|hash| hash);
            let hash = hash.map_err(unreadable)?;
            let before = app_data::hash_of(self.device.adb(), path).await?;
            if before.as_deref() != Some(&*hash) {
                let change = Change::File {
                    path: path.clone(),
                    sha256: hash,
                    before,
                };
                self.steps.push(Step {
                    source: Some(local.clone()),
                    detail: local.display().to_string(),
                    ..Step::new(change, "asked for with --file")
                });
            }
        }
        Ok(())
    }

    async fn apps(&mut self, apps: &[FirstSetup]) -> Result<(), SetupError> {
        if apps.is_empty() {
            return Ok(());
        }
        let adb = self.device.adb();
        // The folders first: they are gone last.
        let mut folders = vec![
            first::SNAPSHOT_ROOT.to_owned(),
            format!("{}/snapshots", first::SNAPSHOT_ROOT),
        ];
        folders.extend(
            apps.iter()
                .flat_map(|app| app.folders)
                .map(|path| (*path).to_owned()),
        );
        let look: String = folders
            .iter()
            .map(|path| format!("[ -e {0} ] || echo {0}\n", quote(path)))
            .collect();
        let missing = adb.query(&format!("{look}true")).await?;
        for path in missing
            .lines()
            .map(str::trim)
            .filter(|path| path.starts_with('/'))
        {
            let change = Change::Folder {
                path: path.to_owned(),
            };
            self.steps
                .push(Step::new(change, "the apps' set-up makes it"));
        }
        let from = match adb.read_file(first::MARKER).await {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(AdbError::NoFile { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let change = Change::Text {
            path: first::MARKER.to_owned(),
            from,
        };
        self.steps
            .push(Step::new(change, "says which apps are set up"));
        self.role(apps).await?;
        let kept = self.record.map_or(&[][..], |record| &record.changes);
        let is_kept = |package: &str| {
            kept.iter().any(|change| {
                matches!(change, Change::App { package: one, kept: Some(_) } if one == package)
            })
        };
        let new: Vec<&FirstSetup> = apps.iter().filter(|app| !is_kept(app.package)).collect();
        let sizes = app_data::sizes(adb, new.iter().map(|app| app.package)).await?;
        let limit = self.wishes.largest_app;
        let mut needed = 0;
        for (app, size) in new.iter().zip(&sizes) {
            if *size > limit {
                return Err(SetupError::TooLarge {
                    serial: self.look.serial.clone(),
                    package: app.package.to_owned(),
                    size: *size,
                    limit,
                });
            }
            needed += size;
        }
        if !new.is_empty() {
            let free = app_data::free(adb).await?;
            if free < needed + RESERVE {
                return Err(SetupError::NoRoom {
                    serial: self.look.serial.clone(),
                    free,
                    needed: needed + RESERVE,
                });
            }
        }
        for app in apps {
            let change = Change::App {
                package: app.package.to_owned(),
                kept: None,
            };
            let mut why =
                "its first screens are passed and a snapshot of its data is taken".to_owned();
            if !app.permissions.is_empty() {
                why.push_str(&format!("; may {}", app.permissions.join(", ")));
            }
            let size = new
                .iter()
                .zip(&sizes)
                .find(|(one, _)| one.package == app.package);
            let detail = match size {
                Some((_, size)) => format!("{size} kB of data, kept"),
                None => "data kept before".to_owned(),
            };
            self.steps.push(Step {
                detail,
                ..Step::new(change, why)
            });
        }
        Ok(())
    }

    /// Who sends messages now, where the device knows roles.
    async fn role(&mut self, apps: &[FirstSetup]) -> Result<(), SetupError> {
        let Some(app) = apps.iter().find(|app| app.chosen.is_some()) else {
            return Ok(());
        };
        let ask = format!("cmd role get-role-holders {SMS_ROLE}");
        let answer = self.device.adb().shell(&ask).await?;
        let text = answer.text();
        let holder = text.trim();
        // One name; a device that knows no roles says other things.
        let is_package = holder.contains('.') && !holder.contains(char::is_whitespace);
        if answer.exit_code == 0 && is_package && holder != app.package {
            let change = Change::Role {
                role: SMS_ROLE.to_owned(),
                from: holder.to_owned(),
            };
            let why = format!("{} is the app that tasks use", app.name);
            self.steps.push(Step::new(change, why));
        }
        Ok(())
    }
}
