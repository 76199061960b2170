//! Where a served run's news come in and go out: to the terminal or the journal, to `status.json`, to systemd.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::notify::Notifier;
use super::status::{DeviceEvent, DeviceStatus, Disk, FILE, State, Status, Work, resident_bytes};
use crate::domain::{Event, Observer};
use crate::farm::{Farm, Member};
use crate::rollout::Stop;
use crate::store::{Counts, Store, free_bytes, now, size_of};
use crate::train::RunDirectory;

/// Time between two writes of the status.
const BEAT: Duration = Duration::from_secs(2);
/// Time between two looks at the size of the run: there may be many files.
const MEASURE: Duration = Duration::from_secs(60);

/// The desk; clones share it.
#[derive(Clone)]
pub(super) struct Desk(Arc<Inner>);

struct Inner {
    directory: PathBuf,
    store: Store,
    notifier: Notifier,
    shown: Observer,
    started: Instant,
    status: Mutex<Status>,
    /// The devices of the attempt; they end with its farm.
    members: Mutex<Vec<Weak<Member>>>,
    counted: Mutex<Counts>,
    measured: Mutex<Option<Instant>>,
    /// One writer at a time.
    writing: Mutex<()>,
    said: Mutex<String>,
}

impl Desk {
    /// Opens the desk of a run. `shown` hears of everything too.
    pub(super) fn open(run: &RunDirectory, notifier: &Notifier, shown: Observer) -> Desk {
        let status = Status {
            program_version: env!("CARGO_PKG_VERSION").into(),
            process: std::process::id(),
            run: run.path.display().to_string(),
            state: State::Starting,
            since: now(),
            reason: None,
            again_at: None,
            work: None,
            phase: None,
            number: None,
            rounds_done: 0,
            rounds: run.config.train.rounds,
            episodes: 0,
            judged: 0,
            devices: Vec::new(),
            disk: Disk {
                min_free: run.config.retention.min_free_bytes,
                ..Disk::default()
            },
            resident_bytes: None,
            started_at: now(),
            updated_at: now(),
            uptime_seconds: 0,
            note: String::new(),
        };
        Desk(Arc::new(Inner {
            directory: run.path.clone(),
            store: run.store.clone(),
            notifier: notifier.clone(),
            shown,
            started: Instant::now(),
            status: Mutex::new(status),
            members: Mutex::default(),
            counted: Mutex::default(),
            measured: Mutex::default(),
            writing: Mutex::default(),
            said: Mutex::default(),
        }))
    }

    /// Takes a run's events.
    pub(super) fn observer(&self) -> Observer {
        let desk = self.clone();
        Observer::new(move |event| {
            take(&mut held(&desk.0.status), event);
            if matches!(event, Event::Device { .. }) {
                // It may be the last that is heard of it.
                desk.look();
            }
            desk.0.shown.tell(event);
        })
    }

    /// From now on these devices are shown.
    pub(super) fn watch(&self, farm: &Farm) {
        let members = farm.members();
        *held(&self.0.members) = members.iter().map(Arc::downgrade).collect();
        held(&self.0.status).devices = members.iter().map(|member| standing(member)).collect();
    }

    /// Takes down how the devices stand. Of those that have ended with their farm the last word stays.
    pub(super) fn look(&self) {
        let members = held(&self.0.members).clone();
        // Looked at under the lock, so that an older look does not come after a newer one.
        let mut status = held(&self.0.status);
        for member in members.iter().filter_map(Weak::upgrade) {
            let mut device = standing(&member);
            let mut known = status.devices.iter_mut();
            if let Some(place) = known.find(|known| known.serial == device.serial) {
                device.event = place.event.take();
                *place = device;
            }
        }
    }

    /// The process is in another state; `why` says what it waits for and how long, or why it failed.
    pub(super) fn enter(&self, state: State, why: Option<(String, Duration)>) {
        {
            let mut status = held(&self.0.status);
            status.state = state;
            status.since = now();
            let until = |wait: &Duration| now() + wait.as_millis() as i64;
            status.again_at = match state {
                State::Waiting => why.as_ref().map(|(_, wait)| until(wait)),
                _ => None,
            };
            status.reason = why.map(|(reason, _)| reason);
            if state != State::Running {
                status.work = None;
            }
        }
        self.write();
    }

    /// Writes the status again and again, and gives signs of life, until it is aborted.
    pub(super) async fn beat(self, stop: Stop) {
        let watchdog = self.0.notifier.watchdog();
        let beat = watchdog.map_or(BEAT, |time| time.min(BEAT));
        let mut asked = false;
        loop {
            tokio::select! {
                () = tokio::time::sleep(beat) => {}
                () = stop.asked(), if !asked => {
                    asked = true;
                    self.enter(State::Stopping, None);
                }
            }
            if watchdog.is_some() {
                self.0.notifier.send("WATCHDOG=1");
            }
            let desk = self.clone();
            // The disk may be slow; a panic in there shows as a status that stands still.
            let _ = tokio::task::spawn_blocking(move || desk.write()).await;
        }
    }

    /// Writes the status now, as a whole, and tells systemd what is new. A status that can't be written is missed
    /// by those who read it, not by the run.
    pub(super) fn write(&self) {
        let _one = held(&self.0.writing);
        self.look();
        let counts = self.count();
        let free = free_bytes(&self.0.directory).ok();
        let size = self.size();
        let status = {
            let mut status = held(&self.0.status);
            if let Some(counts) = counts {
                status.rounds_done = counts.rounds_done;
                status.episodes = counts.episodes;
                status.judged = counts.judged;
            }
            status.disk.free = free.unwrap_or(status.disk.free);
            status.disk.run = size.unwrap_or(status.disk.run);
            status.resident_bytes = resident_bytes();
            status.updated_at = now();
            status.uptime_seconds = self.0.started.elapsed().as_secs();
            status.clone()
        };
        let line = line(&status);
        let mut said = held(&self.0.said);
        if *said != line {
            self.0.notifier.status(&line);
            *said = line;
        }
        let text = serde_json::to_string_pretty(&status).unwrap_or_default();
        if let Err(error) = replace(&self.0.directory.join(FILE), &text) {
            tracing::debug!(%error, "the status can't be written");
        }
    }

    /// How far the run is.
    fn count(&self) -> Option<Counts> {
        let mut counted = held(&self.0.counted);
        *counted = self.0.store.counts(&counted).ok()?;
        Some(*counted)
    }

    /// The size of the run, where it is time to look.
    fn size(&self) -> Option<u64> {
        let mut measured = held(&self.0.measured);
        let due = measured.is_none_or(|at| at.elapsed() >= MEASURE);
        due.then(|| {
            *measured = Some(Instant::now());
            size_of(&self.0.directory)
        })
    }
}

/// Replaces a file as a whole, also on a full disk: the new content goes into a copy that was left beside it the last
/// time, and has its room already.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let partial = path.with_extension("json.partial");
    let mut file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)?;
    std::fs::rename(&partial, path)?;
    // The room of what was replaced is free now, for the next one.
    std::fs::write(&partial, text)
}

/// What an event changes in the status.
fn take(status: &mut Status, event: &Event) {
    match event {
        Event::Began {
            what,
            unit,
            total,
            done,
        } => {
            status.work = Some(Work {
                what: what.clone(),
                unit: (*unit).to_owned(),
                done: *done,
                total: *total,
            });
        }
        Event::Advanced { done, .. } => {
            if let Some(work) = &mut status.work {
                work.done = *done;
            }
        }
        Event::Ended { summary } => {
            if !summary.is_empty() {
                status.note.clone_from(summary);
            }
        }
        Event::Episode { phase, number, .. } => {
            status.phase = Some(phase.name().to_owned());
            status.number = Some(*number);
        }
        Event::Device {
            serial,
            kind,
            detail,
        } => {
            let mut known = status.devices.iter_mut();
            if let Some(device) = known.find(|device| device.serial == *serial) {
                device.event = Some(DeviceEvent {
                    kind: (*kind).to_owned(),
                    at: now(),
                    detail: detail.clone(),
                });
            }
        }
        Event::Note(text) => status.note.clone_from(text),
        Event::Waiting { reason } => {
            if matches!(status.state, State::Starting | State::Running) {
                status.state = State::Waiting;
                status.since = now();
                status.reason = Some(reason.clone());
            }
        }
        Event::GoesOn => {
            // Who waits for the next attempt, or is to stop, is told so elsewhere.
            if status.state == State::Waiting && status.again_at.is_none() {
                status.state = State::Running;
                status.since = now();
                status.reason = None;
            }
        }
    }
}

/// How a device stands.
fn standing(member: &Member) -> DeviceStatus {
    DeviceStatus {
        serial: member.serial().to_owned(),
        standing: member.standing(),
        failures: member.failures(),
        event: None,
    }
}

/// The status in one line.
fn line(status: &Status) -> String {
    let mut line = status.state.name().to_owned();
    match (&status.reason, &status.work) {
        (Some(reason), _) => line.push_str(&format!(": {reason}")),
        (None, Some(work)) => line.push_str(&format!(
            ": {}, {} of {} {}",
            work.what, work.done, work.total, work.unit
        )),
        (None, None) => {}
    }
    line
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while one of the locks is held, and what they hold would be sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_replaced_as_a_whole_whatever_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        for text in ["first", "a longer one", "3"] {
            replace(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn events_change_the_status_and_devices_do_not_pile_up() {
        let text = r#"{"program_version": "1", "process": 1, "run": "r", "state": "running", "since": 0,
            "reason": null, "again_at": null, "work": null, "phase": null, "number": null, "rounds_done": 0,
            "rounds": 3, "episodes": 0, "judged": 0, "devices": [{"serial": "phone",
            "state": "absent", "reason": "it was not opened yet", "since": 0, "failures": 0, "event": null}], "disk": {"run": 0, "free": 0, "min_free": 0},
            "resident_bytes": null, "started_at": 0, "updated_at": 0, "uptime_seconds": 0, "note": ""}"#;
        let mut status: Status = serde_json::from_str(text).unwrap();
        take(
            &mut status,
            &Event::Began {
                what: "round 1 of 3".into(),
                unit: "episodes",
                total: 8,
                done: 0,
            },
        );
        for done in 1..=2 {
            take(
                &mut status,
                &Event::Advanced {
                    done,
                    detail: String::new(),
                },
            );
        }
        for kind in ["ready", "lost", "back"] {
            take(
                &mut status,
                &Event::Device {
                    serial: "phone".into(),
                    kind,
                    detail: String::new(),
                },
            );
        }
        assert_eq!(line(&status), "running: round 1 of 3, 2 of 8 episodes");
        let reason = "the disk is full".to_owned();
        take(&mut status, &Event::Waiting { reason });
        assert_eq!(line(&status), "waiting: the disk is full");
        take(&mut status, &Event::GoesOn);
        assert_eq!(line(&status), "running: round 1 of 3, 2 of 8 episodes");
        status.state = State::Stopping;
        for event in [
            Event::Waiting {
                reason: String::new(),
            },
            Event::GoesOn,
        ] {
            take(&mut status, &event);
            assert_eq!(status.state, State::Stopping);
        }
        assert_eq!(status.devices.len(), 1);
        let event = status.devices[0].event.clone();
        assert_eq!(event.map(|event| event.kind).as_deref(), Some("back"));
    }
}
