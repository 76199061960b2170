//! What the tasks need of the rights of a device's shell, and why. Pure, but for the error's device.
//!
//! A task does without root where it is set up, solved and judged with what Android's user `shell` may, where its
//! goal and its check know no date, and where it neither needs nor deletes what somebody keeps on a phone: of files,
//! contacts, messages, alarms and apps' data there is no copy then, and no task without root may take them away.
//!
//! What the shell's user may is in the manifest of its package (AOSP, `frameworks/base/packages/Shell`):
//! `WRITE_SECURE_SETTINGS` (`settings put`), `CHANGE_WIFI_STATE`, `NETWORK_SETTINGS` and, from Android 12 on,
//! `BLUETOOTH_PRIVILEGED` (`svc`), `DUMP`, `REMOVE_TASKS` (`am stack remove`), `KILL_BACKGROUND_PROCESSES` (`am kill`),
//! `FORCE_STOP_PACKAGES`, `CLEAR_APP_USER_DATA` and `WRITE_CONTACTS` (which is why deleting would even succeed). Of
//! files it has the shared storage and `/data/local/tmp`; `/data/data` belongs to the apps' own users. `date` asks the
//! kernel for `CAP_SYS_TIME`, which is root's. The manifest also has `SET_TIME` and `SET_TIME_ZONE`: the clock of
//! somebody's phone is left alone all the same, as certificates, alarms and messages go by it.

use super::TaskError;
use crate::device::Device;
use crate::domain::TaskSpec;

/// Whom a device's shell runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// `root`.
    Root,
    /// Android's user `shell`, as on every phone that is sold.
    Shell,
}

/// The tasks that do without root.
const WITHOUT_ROOT: [&str; 18] = [
    "ClockStopWatchPausedVerify",
    "ClockStopWatchRunning",
    "ClockTimerEntry",
    "OpenAppTaskEval",
    "SystemBluetoothTurnOff",
    "SystemBluetoothTurnOffVerify",
    "SystemBluetoothTurnOn",
    "SystemBluetoothTurnOnVerify",
    "SystemBrightnessMax",
    "SystemBrightnessMaxVerify",
    "SystemBrightnessMin",
    "SystemBrightnessMinVerify",
    "SystemWifiTurnOff",
    "SystemWifiTurnOffVerify",
    "SystemWifiTurnOn",
    "SystemWifiTurnOnVerify",
    "TurnOffWifiAndTurnOnBluetooth",
    "TurnOnWifiAndOpenApp",
];

/// Why single tasks need root.
const TASKS: &[(&str, &str)] = &[
    (
        "AudioRecorderRecordAudio",
        "what it records stays in Audio Recorder's private database until that is put back",
    ),
    (
        "AudioRecorderRecordAudioWithFileName",
        "it deletes the recordings of Audio Recorder, and what it records stays in the app's private database",
    ),
    (
        "ContactsAddContact",
        "it deletes all contacts, of which there is no copy without root",
    ),
    (
        "ContactsNewContactDraft",
        "Contacts may keep its draft as a contact, until the app's private data is put back",
    ),
    (
        "OsmAndFavorite",
        "it deletes OsmAnd's favourites and their copies in the app's private data",
    ),
    (
        "OsmAndMarker",
        "it empties and reads OsmAnd's private database of markers",
    ),
    (
        "OsmAndTrack",
        "it deletes OsmAnd's tracks, of which there is no copy without root",
    ),
];

/// Why the other tasks with these apps need root.
const APPS: &[(&[&str], &str)] = &[
    (
        &["broccoli app"],
        "it empties, fills and reads Broccoli's private database",
    ),
    (
        &["broccoli app", "markor"],
        "it empties and reads Broccoli's private database, and deletes the notes in Documents/Markor",
    ),
    (
        &["broccoli app", "simple gallery pro"],
        "it empties and reads Broccoli's private database, and deletes the files of the shared storage",
    ),
    (
        &["camera"],
        "it deletes the files in Pictures and Movies, of which there is no copy without root",
    ),
    (
        &["chrome"],
        "it deletes the files of the shared storage, and clears Chrome's data",
    ),
    (
        &["clipper"],
        "it replaces what is on the clipboard, with apps whose first screens only a set-up with root passes",
    ),
    (
        &["files"],
        "it deletes the files of the shared storage, of which there is no copy without root",
    ),
    (&["joplin"], "it fills Joplin's private database with notes"),
    (
        &["markor"],
        "it deletes the notes in Documents/Markor, and puts Markor's private data back",
    ),
    (
        &["markor", "clipper"],
        "it deletes the notes in Documents/Markor and what is on the clipboard",
    ),
    (
        &["markor", "simple sms messenger"],
        "it deletes the notes in Documents/Markor, and all messages",
    ),
    (
        &["markor", "vlc"],
        "it deletes the notes in Documents/Markor and the files of the shared storage",
    ),
    (
        &["open tracks sports tracker"],
        "it fills OpenTracks' private database, for days that are counted from the date that it sets",
    ),
    (
        &["pro expense"],
        "it empties, fills and reads Pro Expense's private database",
    ),
    (
        &["pro expense", "markor"],
        "it empties and reads Pro Expense's private database, and deletes the notes in Documents/Markor",
    ),
    (
        &["pro expense", "simple gallery pro"],
        "it empties and reads Pro Expense's private database, and deletes the files of the shared storage",
    ),
    (
        &["retro music"],
        "it empties and reads Retro Music's private database, and deletes the files of the shared storage",
    ),
    (
        &["simple calendar pro"],
        "it fills or reads Simple Calendar's private database, for days that are counted from the date that it sets",
    ),
    (
        &["simple draw pro"],
        "it deletes the files of the shared storage, of which there is no copy without root",
    ),
    (
        &["simple gallery pro"],
        "it deletes the files of the shared storage, of which there is no copy without root",
    ),
    (
        &["simple gallery pro", "markor"],
        "it deletes the notes in Documents/Markor and the files of the shared storage",
    ),
    (
        &["simple sms messenger"],
        "it deletes all messages, of which there is no copy without root",
    ),
    (
        &["simple sms messenger", "clipper"],
        "it deletes all messages and what is on the clipboard",
    ),
    (
        &["tasks"],
        "it fills the private database of Tasks, for days that are counted from the date that it sets",
    ),
    (
        &["vlc"],
        "it empties and reads VLC's private database, and deletes the files in VLCVideos",
    ),
];

/// What is said of a task that nobody has looked at.
const UNKNOWN: &str = "nothing is known of what it deletes";

/// Why a task needs root; nothing where it does without.
pub(super) fn why_root(spec: &TaskSpec) -> Option<&'static str> {
    if WITHOUT_ROOT.contains(&spec.name) {
        return None;
    }
    let single = TASKS.iter().find(|(name, _)| *name == spec.name);
    let by_apps = APPS.iter().find(|(apps, _)| *apps == spec.apps);
    let found = single.map(|(_, why)| *why);
    found.or(by_apps.map(|(_, why)| *why)).or(Some(UNKNOWN))
}

/// Names shown of many.
const SHOWN: usize = 3;

const BECOME_ROOT: &str = "take an image that allows `adb root`";
const ALLOW: &str = "set devices.without_root = \"run\" (--without-root of `stepdroid tasks`)";

/// The error of a device without root. `tasks` are those that it was wanted for, where that is known; `allowed` says
/// whether tasks may go without root on it.
pub(super) fn refusal(device: &Device, tasks: &[String], allowed: bool) -> TaskError {
    let serial = device.serial();
    let needing = needing_root(tasks);
    let which = format!("`stepdroid devices setup {serial} --list-tasks` says what it can do");
    let reason = match (&needing[..], tasks.len(), allowed) {
        ([one], 1, _) => {
            let why = find(one).unwrap_or(UNKNOWN);
            format!(
                "{one} needs it: {why}; {BECOME_ROOT}, or take another task or device ({which})"
            )
        }
        ([], 0, _) => format!(
            "{BECOME_ROOT}, or {ALLOW} for the {} of {} tasks that do without ({which})",
            WITHOUT_ROOT.len(),
            super::catalogue().len()
        ),
        ([], count, _) => {
            let what = match count {
                1 => tasks[0].clone(),
                count => format!("the {count} tasks"),
            };
            format!("{what} can do without: {ALLOW} to allow it, or {BECOME_ROOT}")
        }
        (needing, count, _) => {
            let first = needing[..needing.len().min(SHOWN)].join(", ");
            let more = match needing.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let then = match allowed {
                true => String::new(),
                false => format!(" and {ALLOW}"),
            };
            format!(
                "{} of the {count} tasks need it ({first}{more}): leave these out (suite.tasks){then}, leave the device \
                 out, or {BECOME_ROOT}; {which}",
                needing.len()
            )
        }
    };
    TaskError::NoRoot {
        serial: serial.to_owned(),
        reason,
    }
}

/// Those of some tasks that need root; names that are not the catalogue's are among them.
pub(super) fn needing_root(tasks: &[String]) -> Vec<&str> {
    let needs = |name: &&str| find(name).is_some();
    tasks.iter().map(String::as_str).filter(needs).collect()
}

fn find(name: &str) -> Option<&'static str> {
    match super::find(name) {
        Ok(task) => why_root(task.spec()),
        Err(_) => Some(UNKNOWN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::catalogue;

    #[test]
    fn every_task_does_without_root_or_says_why_not() {
        let specs = || catalogue().iter().map(|task| task.spec());
        let without: Vec<&str> = specs()
            .filter(|spec| why_root(spec).is_none())
            .map(|spec| spec.name)
            .collect();
        assert_eq!(without.len(), WITHOUT_ROOT.len());
        let unknown = specs().filter(|spec| why_root(spec) == Some(UNKNOWN));
        assert_eq!(unknown.map(|spec| spec.name).collect::<Vec<_>>(), [""; 0]);
        // No line is about a task or apps that there are not.
        for (name, _) in TASKS {
            assert!(
                specs().any(|spec| spec.name == *name) && !without.contains(name),
                "{name}"
            );
        }
        for (apps, why) in APPS {
            assert!(specs().any(|spec| why_root(spec) == Some(*why)), "{apps:?}");
        }
    }

    #[test]
    fn what_is_unknown_needs_root() {
        let tasks = ["SystemWifiTurnOn", "MarkorCreateNote", "Nonesuch"].map(str::to_owned);
        assert_eq!(needing_root(&tasks), ["MarkorCreateNote", "Nonesuch"]);
    }
}
