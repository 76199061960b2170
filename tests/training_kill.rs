//! `kill -9` at many moments of runs of the real program, in every stage: each run, gone on with until
//! it is done, ends as the run that nobody disturbed, to the bit.
#![allow(clippy::unwrap_used)]

#[path = "training_state/mod.rs"]
mod training_state;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rand::RngExt;
use stepdroid::domain::Phase;
use stepdroid::domain::streams::stream;
use stepdroid::store::{RoundKey, RoundState, Store, StoreOptions};
use training_state::{assert_same, state};

const SMALL: &str = r#"
[run]
name = "small"
seed = 11

[policy]
width = 16
layers = 1
heads = 2
feed_forward = 16
provider = "cpu"

[devices]
settle = "idle"
focus_pause_ms = 0
wait_ms = 0

[devices.virtual]
count = 2
size = "360x800"

[suite]
tasks = ["SystemWifiTurnOn", "ClockStopWatchRunning"]

[pretrain]
demonstrations = 2
steps = 30

[train]
rounds = 2
tasks_per_round = 2
group_size = 3
max_steps = 4
temperature = 1.0
low_sr = 0.99
aug_group = 4
epochs = 2
keep_samples = 1

[eval]
episodes = 1
"#;

/// A moment to kill at.
#[derive(Debug, Clone, Copy)]
enum Moment {
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
}

fn demonstrations() -> RoundKey {
    RoundKey::demonstrate(0)
}

/// The moments of one run, in the order of its stages.
fn moments(run: usize) -> Vec<Moment> {
    let train = RoundKey::train;
    match run {
        0 => vec![
            Moment::File("run.lock"),
            Moment::Episodes(demonstrations(), 0),
            Moment::Episodes(demonstrations(), 2),
            Moment::File("checkpoints/000001.partial"),
            Moment::Episodes(RoundKey::evaluate(0), 1),
            Moment::Episodes(train(0), 0),
            Moment::State(0, RoundState::RolledOut),
            Moment::Updating(0),
            Moment::State(0, RoundState::Updated),
            Moment::Episodes(train(1), 3),
            Moment::Episodes(RoundKey::evaluate(1), 0),
        ],
        _ => vec![
            Moment::File("run.sqlite"),
            Moment::File("checkpoints/000001"),
            Moment::Episodes(train(0), 2),
            Moment::State(0, RoundState::Augmented),
            Moment::File("checkpoints/000002.partial"),
            Moment::Episodes(train(1), 0),
            Moment::After(900),
            Moment::State(1, RoundState::Augmented),
            Moment::File("checkpoints/000003"),
        ],
    }
}

fn spawn(file: &Path, run: &Path, phones: u32) -> Child {
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
    }
}

/// Runs until the moment, then kills; `true` where the run was over before.
fn kill_at(moment: Moment, delay: Duration, file: &Path, run: &Path, phones: u32) -> bool {
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
fn end(child: Child) -> bool {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    true
}

#[test]
fn every_killed_run_ends_as_the_one_that_nobody_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.toml");
    std::fs::write(&file, SMALL).unwrap();
    let undisturbed = folder.path().join("undisturbed");
    end(spawn(&file, &undisturbed, 2));
    let wanted = state(&undisturbed);
    let store = Store::read(&undisturbed, &StoreOptions::default()).unwrap();
    assert_eq!(store.rounds(Phase::Train).unwrap().len(), 2);
    // Something was learnt, and something was drawn again: else the stages would be empty.
    for round in 0..2 {
        let metrics = store.metrics(Phase::Train).unwrap();
        let value = |name: &str| {
            let row = metrics
                .iter()
                .find(|row| row.number == round && row.name == name);
            row.and_then(|row| row.value).unwrap()
        };
        assert!(value("optimizer_steps") > 0.0, "round {round}");
        assert!(value("augmented_states") > 0.0, "round {round}");
    }

    let mut random = stream(3, "kills", 0);
    let mut kills = 0;
    for number in 0..2 {
        let run = folder.path().join(format!("killed-{number}"));
        for moment in moments(number) {
            // Also a little later than what was seen, and with other numbers of phones.
            let delay = Duration::from_micros(random.random_range(0..15_000));
            let phones = random.random_range(1..=3);
            let over = kill_at(moment, delay, &file, &run, phones);
            assert!(!over, "run {number} was over before {moment:?}");
            kills += 1;
        }
        end(spawn(&file, &run, 2));
        assert_same(&state(&run), &wanted, &format!("run {number}"));
    }
    assert_eq!(kills, 20);
}
