//! What every task does before and after (catalogue: BASE-INIT, BASE-TEARDOWN): the date, the
//! snapshots of its apps, the list of recent apps. Shell scripts, so that a task sends few of them.

use std::fmt::Write;

use super::TaskError;
use super::apps::{self, App};
use super::rights::{self, Rights};
use super::without_root::{self, BY_SHELL};
use crate::adb::quote;
use crate::device::{Device, WithoutRoot};
use crate::domain::TaskSpec;

/// Sun Oct 15 15:34:00 UTC 2023, as the benchmark sets it with `date` (catalogue section 2.5).
pub(super) const SET_TIME: &str = "settings put global auto_time 0
settings put global auto_time_zone 0
settings put system time_12_24 24
service call alarm 3 s16 UTC >/dev/null
date 1015153423.00 >/dev/null
";

/// A snapshot that can't be restored is told with this word; the benchmark goes on without it.
const NOT_RESTORED: &str = "not-restored";

/// A shell that is not root is told with this word.
const NOT_ROOT: &str = "not-root";
/// An app that is not there is told with this word.
const NO_APP: &str = "no-app";

/// Ends a script here where the shell is not root; [`heed`] makes an error of it.
pub(super) fn only_root() -> String {
    format!("[ \"$(id -u)\" = 0 ] || {{ echo {NOT_ROOT}; exit 0; }}\n")
}

/// Whether a script ended at [`only_root`].
pub(super) fn was_not_root(printed: &str) -> bool {
    printed.lines().next() == Some(NOT_ROOT)
}

/// One of two scripts, by whom the shell runs as; the first, where the task needs root.
fn by_rights(spec: &TaskSpec, root: String, shell: String) -> String {
    match rights::why_root(spec) {
        Some(_) => root,
        None => format!("if [ \"$(id -u)\" = 0 ]; then\n{root}else\n{shell}fi\n"),
    }
}

/// Looks whether the device can be set up, and goes no further when not.
fn look(device: &Device, spec: &TaskSpec) -> String {
    let goes_without = rights::why_root(spec).is_none() && may_go_without(device);
    let mut script = match goes_without {
        true => String::new(),
        false => only_root(),
    };
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

/// The apps with a snapshot; Clipper has nothing to put back.
fn apps(spec: &TaskSpec) -> impl Iterator<Item = App> {
    let all = spec.apps.iter().filter_map(|name| App::named(name));
    all.filter(|app| *app != apps::CLIPPER)
}

/// Whether tasks may be run on the device where its shell is not root.
pub(super) fn may_go_without(device: &Device) -> bool {
    device.options().without_root == WithoutRoot::Run
}

/// What a script printed, and whom it ran as.
pub(super) struct Ran {
    pub rights: Rights,
    pub printed: String,
}

/// Runs BASE-INIT and a script of the task's own after it, all at once; returns what the latter
/// printed. The script's last command decides whether it succeeded.
pub(super) async fn init(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<String, TaskError> {
    begin(device, spec, script).await.map(|ran| ran.printed)
}

/// As [`init`], for a task that does something else where the shell is not root.
pub(super) async fn begin(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<Ran, TaskError> {
    let mut root = SET_TIME.to_owned();
    apps(spec).for_each(|app| root.push_str(&restore(app)));
    let shell = without_root::begin(apps(spec), CLOSE_RECENTS);
    let look = look(device, spec);
    let all = format!("{look}{}{script}\n", by_rights(spec, root, shell));
    let ran = run(device, &all).await?;
    heed(device, spec, ran)
}

/// Whether the device can be set up, for a task that does without BASE-INIT.
pub(super) async fn can_set_up(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    let ran = run(device, &look(device, spec)).await?;
    heed(device, spec, ran).map(drop)
}

/// What a script printed, unless its look at the device ended it.
fn heed(device: &Device, spec: &TaskSpec, ran: Ran) -> Result<Ran, TaskError> {
    if was_not_root(&ran.printed) {
        let tasks = [spec.name.to_owned()];
        return Err(rights::refusal(device, &tasks, may_go_without(device)));
    }
    let first = ran.printed.lines().next().unwrap_or("");
    match first.strip_prefix(NO_APP) {
        Some(package) => {
            let package = package.trim();
            let reason = format!(
                "{} needs {package}, which is not installed or not enabled; install it, or run `pm enable {package}`",
                spec.name
            );
            Err(TaskError::setup(device, reason))
        }
        None => Ok(ran),
    }
}

/// Runs BASE-TEARDOWN, then a script of the task's own, errors of the latter ignored. A task that needs root deletes
/// nothing where there is none, here as in [`init`].
pub(super) async fn teardown(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<(), TaskError> {
    end(device, spec, script).await.map(drop)
}

/// As [`teardown`], for a task that does something else where the shell is not root.
pub(super) async fn end(
    device: &Device,
    spec: &TaskSpec,
    script: &str,
) -> Result<Rights, TaskError> {
    let mut all = match rights::why_root(spec) {
        Some(_) => only_root(),
        None => String::new(),
    };
    let mut root: String = apps(spec).map(restore).collect();
    root.push_str(CLOSE_RECENTS);
    let shell = without_root::end(apps(spec), CLOSE_RECENTS);
    all.push_str(&by_rights(spec, root, shell));
    let _ = writeln!(all, "{script}\ntrue");
    let ran = run(device, &all).await?;
    heed(device, spec, ran).map(|ran| ran.rights)
}

/// Closes what is open, and shows the home screen.
pub(super) async fn close_all(device: &Device) -> Result<(), TaskError> {
    device.home().await?;
    run(device, CLOSE_RECENTS).await.map(drop)
}

/// Whether an app is in front.
pub(super) async fn is_in_front(device: &Device, app: App) -> Result<bool, TaskError> {
    let top = device.adb().top_activity().await?;
    let package = top.as_deref().and_then(|top| top.split_once('/'));
    Ok(package.is_some_and(|(package, _)| package == app.package))
}

async fn run(device: &Device, script: &str) -> Result<Ran, TaskError> {
    let output = device.adb().shell_ok(script).await?;
    let mut ran = Ran {
        rights: Rights::Root,
        printed: String::with_capacity(output.len()),
    };
    for line in output.split_inclusive('\n') {
        if line.trim_end() == BY_SHELL {
            ran.rights = Rights::Shell;
            continue;
        }
        match line.strip_prefix(NOT_RESTORED) {
            Some(package) => tracing::warn!(
                serial = device.serial(),
                package = package.trim(),
                "there is no snapshot to restore"
            ),
            None => ran.printed.push_str(line),
        }
    }
    Ok(ran)
}
