//! Makes the changes of a plan, each after the record of it is on the disk.

use super::plan::{Plan, Step};
use super::record::{Change, Record, RecordFile};
use super::{SetupError, app_data, look};
use crate::adb::{Adb, quote};
use crate::device::Device;
use crate::tasks::setup as first;

/// Makes the changes of a plan; `tell` hears of each before it begins.
///
/// # Errors
/// When the device fails or refuses, or the record can't be written. What was changed until then is in the record.
pub async fn apply(
    device: &Device,
    plan: &Plan,
    record: &mut Record,
    file: &RecordFile,
    mut tell: impl FnMut(&Step),
) -> Result<(), SetupError> {
    if plan.steps.is_empty() {
        return Ok(());
    }
    for step in &plan.steps {
        record.add(step.change.clone());
    }
    file.write(record)?;
    for step in &plan.steps {
        tell(step);
        look::same(device.adb(), &record.device).await?;
        one(device, step, record, file).await?;
    }
    Ok(())
}

async fn one(
    device: &Device,
    step: &Step,
    record: &mut Record,
    file: &RecordFile,
) -> Result<(), SetupError> {
    let adb = device.adb();
    let source = || {
        let missing = || SetupError::Wish(format!("{} has no file", step.change.target()));
        step.source.as_deref().ok_or_else(missing)
    };
    match &step.change {
        Change::Setting {
            namespace, key, to, ..
        } => {
            let put = format!(
                "settings put {} {} {}",
                quote(namespace),
                quote(key),
                quote(to)
            );
            run(adb, &step.change, &put).await
        }
        Change::TimeZone { to, .. } => set_zone(adb, &step.change, to).await,
        Change::Clock { .. } => set_clock(adb, &step.change, first::INSTANT).await,
        Change::InputMethod { to, .. } => {
            let id = quote(to);
            run(
                adb,
                &step.change,
                &format!("ime enable {id} && ime set {id}"),
            )
            .await
        }
        Change::Package { package, .. } => {
            if let Some((apk, folder)) = step.apk.as_ref().zip(source()?.parent()) {
                apk.install(adb, folder).await?;
            }
            let found = look::Look::at(adb).await?.packages.get(package).copied();
            let Some(installed) = found else {
                return Err(SetupError::Step {
                    serial: adb.serial().to_owned(),
                    what: step.change.target(),
                    reason: "it says that it installed the APK, and has no such package; is the file another app's?"
                        .to_owned(),
                });
            };
            for change in &mut record.changes {
                if let Change::Package {
                    package: one,
                    version,
                    ..
                } = change
                    && one == package
                {
                    *version = installed;
                }
            }
            file.write(record)
        }
        Change::File { path, before, .. } => {
            if before.is_some() {
                let (path, copy) = (quote(path), quote(&copy_of_file(path)));
                // The first original stays.
                let keep = format!(
                    "[ -e {copy} ] || {{ mkdir -p {FILES} && cp -a {path} {copy}.part && mv {copy}.part {copy}; }}"
                );
                run(adb, &step.change, &keep).await?;
            }
            adb.push_file(source()?, path, 0o644).await?;
            Ok(())
        }
        Change::App { package, .. } => {
            let known = record.changes.iter().any(|change| {
                matches!(change, Change::App { package: one, kept: Some(_) } if one == package)
            });
            if !known {
                let whole = app_data::keep(adb, package).await?;
                for change in &mut record.changes {
                    if let Change::App { package: one, kept } = change
                        && one == package
                    {
                        *kept = Some(whole.clone());
                    }
                }
                file.write(record)?;
            }
            Ok(first::prepare_app(device, package).await?)
        }
        // The apps' set-up does these.
        Change::Role { .. } | Change::Text { .. } | Change::Folder { .. } => Ok(()),
    }
}

/// Where originals of files lie.
pub(super) const FILES: &str = "/data/local/tmp/stepdroid-originals";

/// The original of a file.
pub(super) fn copy_of_file(path: &str) -> String {
    format!("{FILES}/{}", path.replace('%', "%25").replace('/', "%2F"))
}

/// Runs a command that makes a change.
pub(super) async fn run(adb: &Adb, change: &Change, script: &str) -> Result<(), SetupError> {
    let output = adb.shell(script).await?;
    if output.exit_code == 0 {
        return Ok(());
    }
    let words = match output.stderr.is_empty() {
        true => &output.stdout,
        false => &output.stderr,
    };
    Err(SetupError::Step {
        serial: adb.serial().to_owned(),
        what: change.target(),
        reason: String::from_utf8_lossy(words).trim().to_owned(),
    })
}

/// Sets the time zone.
pub(super) async fn set_zone(adb: &Adb, change: &Change, zone: &str) -> Result<(), SetupError> {
    let set = format!("service call alarm 3 s16 {} >/dev/null", quote(zone));
    run(adb, change, &set).await
}

/// Sets the clock, in seconds of the Unix epoch.
pub(super) async fn set_clock(adb: &Adb, change: &Change, seconds: i64) -> Result<(), SetupError> {
    let time = jiff::Timestamp::from_second(seconds).map_err(|error| SetupError::Step {
        serial: adb.serial().to_owned(),
        what: change.target(),
        reason: error.to_string(),
    })?;
    let set = format!("date -u {} >/dev/null", time.strftime("%m%d%H%M%Y.%S"));
    run(adb, change, &set).await
}
