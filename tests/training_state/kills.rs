//! `kill -9` of the real program at chosen moments of a run.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use stepdroid::store::{RoundKey, RoundState, Store, StoreOptions};

/// A moment to kill at.
#[derive(Debug, Clone, Copy)]
pub enum Moment {
    /// So long after the start, in milliseconds.
    After(u64),
    /// A file or directory of the run is there.
    File(&'static str),
    /// A round is there with so many episodes.
    Episodes(RoundKey, usize),
    /// A round of training is this far.
    State(u64, RoundState),
    /// Another optimizer session is at work: the round is augmented, and a while has gone by.
    Updating(u64),
    /// A round has branches, so many of which have ended and one at least has not.
    Branches(u64, usize),
}

/// Starts the run, or goes on with it.
pub fn spawn(file: &Path, run: &Path, phones: u32) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdroid"));
    command.arg("train");
    // A run that was killed before it was one begins anew.
    match Store::inspect(run, &StoreOptions::default()) {
        Ok(_) => command.arg("--resume").arg(run),
        Err(_) => command.arg(file).arg("--out").arg(run),
    };
    command
        .args(["--set", &format!("devices.virtual.count={phones}")])
        // What killed phones leave behind goes with the test's own files.
        .env("TMPDIR", file.parent().unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn is_there(moment: Moment, run: &Path, since: Instant, seen: &mut Option<Instant>) -> bool {
    let reader = || Store::read(run, &StoreOptions::default()).ok();
    let state = |round: u64| {
        let store = reader()?;
        Some(store.round(RoundKey::train(round)).ok()??.state)
    };
    match moment {
        Moment::After(millis) => since.elapsed() >= Duration::from_millis(millis),
        Moment::File(name) => run.join(name).exists(),
        Moment::Episodes(key, count) => reader().is_some_and(|store| {
            let planned = store.round(key).is_ok_and(|round| round.is_some());
            planned && store.episodes(key).is_ok_and(|found| found.len() >= count)
        }),
        Moment::State(round, wanted) => state(round).is_some_and(|found| found >= wanted),
        Moment::Updating(round) => {
            if state(round).is_some_and(|found| found >= RoundState::Augmented) {
                let first = *seen.get_or_insert_with(Instant::now);
                return first.elapsed() >= Duration::from_millis(120);
            }
            false
        }
        Moment::Branches(round, ended) => {
            open_branches(run, round).is_some_and(|(over, open)| open > 0 && over >= ended)
        }
    }
}

/// How many branches of a round have ended, and how many have not.
pub fn open_branches(run: &Path, round: u64) -> Option<(usize, usize)> {
    let store = Store::read(run, &StoreOptions::default()).ok()?;
    let rows = store.branches(round).ok()?;
    let over = rows.iter().filter(|row| row.outcome.is_some()).count();
    Some((over, rows.len() - over))
}

/// Runs until the moment, then kills; `true` where the run was over before.
pub fn kill_at(moment: Moment, delay: Duration, file: &Path, run: &Path, phones: u32) -> bool {
    let mut child = spawn(file, run, phones);
    let (since, mut seen) = (Instant::now(), None);
    while !is_there(moment, run, since, &mut seen) {
        assert!(
            since.elapsed() < Duration::from_secs(240),
            "{moment:?} never came"
        );
        if child.try_wait().unwrap().is_some() {
            return end(child);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(delay);
    // SIGKILL, as `kill -9`.
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// Waits for the end, which must be a good one.
pub fn end(child: Child) -> bool {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    true
}
