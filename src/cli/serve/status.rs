//! How a served run is doing, as a file that others may read: `status.json` in the run's directory.

use std::path::Path;

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};
use serde::{Deserialize, Serialize};

use super::super::gc::size;
use super::super::{ExitCode, Failure, Output};
use crate::farm::Standing;
use crate::store::now;

/// Name of the file.
pub(super) const FILE: &str = "status.json";
/// Largest file that is read, in bytes.
const MOST: u64 = 4 << 20;

/// What the process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// Devices are being prepared.
    Starting,
    /// Episodes and updates.
    Running,
    /// Something failed that time may heal.
    Waiting,
    /// The end was asked for.
    Stopping,
    /// Ended because that was asked for.
    Stopped,
    /// The run is done.
    Done,
    /// Ended by something that people must mend.
    Failed,
}

impl State {
    /// The name in the file.
    pub(super) fn name(self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::Running => "running",
            State::Waiting => "waiting",
            State::Stopping => "stopping",
            State::Stopped => "stopped",
            State::Done => "done",
            State::Failed => "failed",
        }
    }

    /// Whether a process must be there.
    fn is_alive(self) -> bool {
        !matches!(self, State::Stopped | State::Done | State::Failed)
    }
}

/// The whole file. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Status {
    pub program_version: String,
    pub process: u32,
    pub run: String,
    pub state: State,
    /// Since when it is in this state.
    pub since: i64,
    /// Why it waits or failed.
    pub reason: Option<String>,
    /// When it tries again.
    pub again_at: Option<i64>,
    /// The piece of work that began last.
    pub work: Option<Work>,
    /// What the newest episode was for: `demonstrate`, `train`, `evaluate`.
    pub phase: Option<String>,
    /// Which round or evaluation it belongs to, from 0.
    pub number: Option<u64>,
    /// Rounds of training that are done, and how many there are to be.
    pub rounds_done: u64,
    pub rounds: u64,
    /// Episodes of the run, and those of them that were judged.
    pub episodes: u64,
    pub judged: u64,
    pub devices: Vec<DeviceStatus>,
    pub disk: Disk,
    /// Memory of the process, in bytes; nothing where the system does not say.
    pub resident_bytes: Option<u64>,
    pub started_at: i64,
    pub updated_at: i64,
    pub uptime_seconds: u64,
    /// The newest line for people.
    pub note: String,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Work {
    pub what: String,
    pub unit: String,
    pub done: u64,
    pub total: u64,
}

/// One device, as it stood when it was last looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DeviceStatus {
    pub serial: String,
    /// `state`, `reason`, `since`.
    #[serde(flatten)]
    pub standing: Standing,
    /// Failures in a row.
    pub failures: u32,
    /// What happened to it last.
    pub event: Option<DeviceEvent>,
}

/// Something that happened to a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct DeviceEvent {
    /// `ready`, `taken`, `refused`, `lost`, `repair`, `quarantined`, `back`.
    pub kind: String,
    pub at: i64,
    pub detail: String,
}

/// The disk, in bytes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Disk {
    pub run: u64,
    pub free: u64,
    pub min_free: u64,
}

/// Reads the status of a run and shows it. The exit code is 1 where nobody serves the run.
pub(super) fn show(directory: &Path, output: &Output) -> Result<(), Failure> {
    let path = directory.join(FILE);
    let unreadable = |problem: String| Failure::usage(format!("{}: {problem}", path.display()));
    let found = std::fs::metadata(&path).map_err(|error| {
        unreadable(format!(
            "{error}; the run was never served (`stepdroid serve`)"
        ))
    })?;
    if found.len() > MOST {
        return Err(unreadable("too large for a status".into()));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
    let mut status: Status = serde_json::from_str(&text)
        .map_err(|error| unreadable(format!("not a status of this program: {error}")))?;
    let alive = status.state.is_alive() && Path::new(&format!("/proc/{}", status.process)).exists();
    if status.state.is_alive() && !alive {
        status.reason = Some("the process ended without a word".into());
        status.state = State::Failed;
    }
    output.result(&status, table)?;
    match alive {
        true => Ok(()),
        false => Err(Failure::silent(ExitCode::Missed)),
    }
}

fn table(status: &Status) -> String {
    let ago = |at: i64| duration((now() - at).max(0) as u64 / 1000);
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let mut state = format!("{} for {}", status.state.name(), ago(status.since));
    if let Some(reason) = &status.reason {
        state.push_str(&format!(": {reason}"));
    }
    table.add_row(["state", &state]);
    if let Some(work) = &status.work {
        let text = format!(
            "{}: {} of {} {}",
            work.what, work.done, work.total, work.unit
        );
        table.add_row(["work", &text]);
    }
    let rounds = format!("{} of {} done", status.rounds_done, status.rounds);
    table.add_row(["rounds", &rounds]);
    let episodes = format!("{}, {} judged", status.episodes, status.judged);
    table.add_row(["episodes", &episodes]);
    for device in &status.devices {
        table.add_row([device.serial.as_str(), &device_line(device, ago)]);
    }
    let disk = format!(
        "{} used, {} free ({} wanted)",
        size(status.disk.run),
        size(status.disk.free),
        size(status.disk.min_free)
    );
    table.add_row(["disk", &disk]);
    if let Some(resident) = status.resident_bytes {
        table.add_row(["memory", &size(resident)]);
    }
    let process = format!(
        "{}, up {}, told {} ago",
        status.process,
        duration(status.uptime_seconds),
        ago(status.updated_at)
    );
    table.add_row(["process", &process]);
    format!("{}\n{table}", status.run)
}

/// How a device stands, in words.
fn device_line(device: &DeviceStatus, ago: impl Fn(i64) -> String) -> String {
    let standing = &device.standing;
    let mut line = format!("{} for {}", standing.state.name(), ago(standing.since));
    if !standing.reason.is_empty() {
        line.push_str(&format!(": {}", standing.reason));
    }
    match device.failures {
        0 => {}
        1 => line.push_str(", one failure"),
        failures => line.push_str(&format!(", {failures} failures in a row")),
    }
    if let Some(event) = &device.event {
        line.push_str(&format!("; {} {} ago", event.kind, ago(event.at)));
        // What it stands for already is not said again.
        if !event.detail.is_empty() && event.detail != standing.reason {
            line.push_str(&format!(": {}", event.detail));
        }
    }
    line
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// Memory of this process in bytes, as the system counts it.
pub(super) fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::farm::DeviceState;

    #[test]
    fn a_device_is_said_with_its_failures_and_its_last_event() {
        let text = r#"{"serial": "a:1", "state": "quarantined", "reason": "gone", "since": 0, "failures": 5,
            "event": {"kind": "lost", "at": 0, "detail": "gone"}}"#;
        let mut device: DeviceStatus = serde_json::from_str(text).unwrap();
        let line = |device: &DeviceStatus| device_line(device, |_| "9 s".to_owned());
        assert_eq!(
            line(&device),
            "quarantined for 9 s: gone, 5 failures in a row; lost 9 s ago"
        );
        device.failures = 0;
        device.standing = Standing::now(DeviceState::Ready, "");
        assert_eq!(line(&device), "ready for 9 s; lost 9 s ago: gone");
    }

    #[test]
    fn durations_are_short() {
        let found = [59, 61, 3700, 90_000].map(duration);
        assert_eq!(found, ["59 s", "1 min", "1 h 1 min", "1 d 1 h"]);
        assert!(resident_bytes().is_none_or(|bytes| bytes > 1 << 20));
    }
}
