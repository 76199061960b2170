//! What every task does before and after (catalogue: BASE-INIT, BASE-TEARDOWN): the date, the
//! snapshots of its apps, the list of recent apps. Shell scripts, so that a task sends few of them.

use std::fmt::Write;

use super::TaskError;
use super::apps::{self, App};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::TaskSpec;

/// Sun Oct 15 15:34:23 UTC 2023, as the benchmark sets it with `date` (catalogue section 2.5).
pub(super) const SET_TIME: &str = "settings put global auto_time 0
settings put global auto_time_zone 0
settings put system time_12_24 24
service call alarm 3 s16 UTC >/dev/null
date 1015153423.00 >/dev/null
";

/// Deletes every file of the shared storage; folders stay (CLEAR-INTERNAL).
/// toybox prints what it deletes.
pub(super) const CLEAR_INTERNAL: &str =
    "find /storage/emulated/0/ -mindepth 1 -type f -delete >/dev/null\n";

/// Deletes every file of the shared storage, and what the media provider still knows (CLEAR-STORAGE).
pub(super) const CLEAR_STORAGE: &str =
    "find /storage/emulated/0/ -mindepth 1 -type f -delete >/dev/null
content delete --uri content://media/external/downloads >/dev/null 2>&1
";

/// What is wrong with a device without root, and what to do.
pub(super) const NEEDS_ROOT: &str =
    "its shell is not root; run `adb root` on an image that allows it";

/// A snapshot that can't be restored is told with this word; the benchmark goes on without it.
const NOT_RESTORED: &str = "not-restored";

/// A shell that is not root is told with this word.
const NOT_ROOT: &str = "not-root";
/// An app that is not there is told with this word.
const NO_APP: &str = "no-app";

/// Looks whether the device can be set up, and goes no further when not.
fn look(spec: &TaskSpec) -> String {
    let mut script = format!("[ \"$(id -u)\" = 0 ] || {{ echo {NOT_ROOT}; exit 0; }}\n");
    for app in spec.apps.iter().filter_map(|name| App::named(name)) {
        let package = app.package;
        let _ = writeln!(
            script,
            "pm list packages -e {package} | grep -qx package:{package} || {{ echo {NO_APP} {package}; exit 0; }}"
        );
    }
    script
}

/// Closes every task of the overview, errors ignored.
const CLOSE_RECENTS: &str =
    "for id in $(dumpsys activity recents | grep -oE '\\bid=[0-9]+' | cut -d= -f2 | sort -u); do am stack remove $id >/dev/null 2>&1; done
true
";

/// Stops an app and puts its private data back to the snapshot.
fn restore(app: App) -> String {
    let package = quote(app.package);
    let (data, snapshot) = (quote(&app.data()), quote(&app.snapshot()));
    format!(
        "am force-stop {package}
if [ -d {snapshot} ]; then
rm -rf {data}/*
cp -a {snapshot}/. {data}/ && restorecon -RD {data} && chmod 777 -R {data} || echo {NOT_RESTORED} {package}
else echo {NOT_RESTORED} {package}; fi
"
    )
}

/// Copies an app's private data to its snapshot.
pub(super) fn save(app: App) -> String {
    let (data, snapshot) = (quote(&app.data()), quote(&app.snapshot()));
    format!(
        "rm -rf {snapshot}/*
if [ -d {data} ]; then mkdir -p {snapshot} && cp -a {data}/. {snapshot}/ || exit 1; fi
"
    )
}

/// Makes a file with a text and a line break after it, and its folder (MKFILE).
pub(super) fn make_file(folder: &str, name: &str, text: &str) -> String {
    let file = quote(&format!("{folder}/{name}"));
    let (folder, text) = (quote(folder), quote(text));
    format!("mkdir -p {folder} && printf '%s\\n' {text} > {file} || exit 1\n")
}

/// The apps with a snapshot; Clipper has nothing to put back.
fn apps(spec: &TaskSpec) -> impl Iterator<Item = App> {
    let all = spec.apps.iter().filter_map(|name| App::named(name));
    all.filter(|app| *app != apps::CLIPPER)
}

/// Runs BASE-INIT and a script of the task's own after it, all at once; returns what the latter
/// printed. The script's last command decides whether it succeeded.
pub(super) async fn init(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<String, TaskError> {
    let mut all = look(spec);
    all.push_str(SET_TIME);
    apps(spec).for_each(|app| all.push_str(&restore(app)));
    let _ = writeln!(all, "{script}");
    let output = run(device, &all).await?;
    heed(device, spec, output)
}

/// Whether the device can be set up, for a task that does without BASE-INIT.
pub(super) async fn can_set_up(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    let output = run(device, &look(spec)).await?;
    heed(device, spec, output).map(drop)
}

/// What a script printed, unless its look at the device ended it.
fn heed(device: &Device, spec: &TaskSpec, output: String) -> Result<String, TaskError> {
    let first = output.lines().next().unwrap_or("");
    if first == NOT_ROOT {
        return Err(TaskError::setup(device, NEEDS_ROOT));
    }
    match first.strip_prefix(NO_APP) {
        Some(package) => {
            let package = package.trim();
            let reason = format!(
                "{} needs {package}, which is not installed or not enabled; install it, or run `pm enable {package}`",
                spec.name
            );
            Err(TaskError::setup(device, reason))
        }
        None => Ok(output),
    }
}

/// Runs BASE-TEARDOWN, then a script of the task's own, errors of the latter ignored.
pub(super) async fn teardown(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<(), TaskError> {
    let mut all = String::new();
    apps(spec).for_each(|app| all.push_str(&restore(app)));
    let _ = writeln!(all, "{CLOSE_RECENTS}{script}\ntrue");
    run(device, &all).await.map(drop)
}

async fn run(device: &Device, script: &str) -> Result<String, TaskError> {
    let output = device.adb().shell_ok(script).await?;
    let mut rest = String::with_capacity(output.len());
    for line in output.split_inclusive('\n') {
        match line.strip_prefix(NOT_RESTORED) {
            Some(package) => tracing::warn!(
                serial = device.serial(),
                package = package.trim(),
                "there is no snapshot to restore"
            ),
            None => rest.push_str(line),
        }
    }
    Ok(rest)
}
