//! A run whose policy looks at the whole episode: it trains, what it recomputes is what it recorded,
//! and killed between drawing again and learning it ends as the run that nobody disturbed, to the bit.
#![allow(clippy::unwrap_used)]

mod small_run;
mod training_state;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use small_run::small_run;
use stepdroid::domain::Phase;
use stepdroid::policy::{Context, StepSample};
use stepdroid::store::{RoundKey, RoundState, Store, StoreOptions};
use stepdroid::train::{load_checkpoint, newest_checkpoint};
use training_state::{assert_same, state};

/// What this run has otherwise.
const OWN: &str = r#"
[policy]
layers = 2
context = "episode"
past_screens = 6

[suite]
tasks = ["SystemWifiTurnOn", "ClockStopWatchRunning"]

[pretrain]
noise = 0.3

[train]
max_steps = 8
"#;

fn spawn(file: &Path, run: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdroid"));
    command.arg("train");
    match run.exists() {
        true => command.arg("--resume").arg(run),
        false => command.arg(file).arg("--out").arg(run),
    };
    command
        .env("TMPDIR", file.parent().unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn end(child: Child) {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
}

/// Kills a run as soon as a round is that far.
fn kill_at(round: u64, wanted: RoundState, file: &Path, run: &Path) {
    let mut child = spawn(file, run);
    let since = Instant::now();
    loop {
        let store = Store::read(run, &StoreOptions::default()).ok();
        let found = store.and_then(|store| store.round(RoundKey::train(round)).ok()?);
        if found.is_some_and(|found| found.state >= wanted) {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(300), "{wanted:?}");
        assert!(
            child.try_wait().unwrap().is_none(),
            "over before {wanted:?}"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_run_with_a_long_context_trains_and_goes_on_to_the_bit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.toml");
    let stages = include_str!("small_run/stages.toml");
    std::fs::write(&file, small_run(&[stages, OWN])).unwrap();
    let whole = folder.path().join("whole");
    end(spawn(&file, &whole));
    let store = Store::read(&whole, &StoreOptions::default()).unwrap();
    let metrics = store.metrics(Phase::Train).unwrap();
    let value = |round: u64, name: &str| {
        let row = metrics
            .iter()
            .find(|row| row.number == round && row.name == name);
        row.and_then(|row| row.value).unwrap()
    };
    for round in 0..2 {
        assert!(value(round, "log_probability_gap") < 1e-4);
        assert!((value(round, "first_ratio") - 1.0).abs() < 1e-3);
        assert!(value(round, "optimizer_steps") > 0.0);
        assert!(value(round, "augmented_states") > 0.0);
    }
    let bundle = load_checkpoint(&whole, &newest_checkpoint(&whole, &store).unwrap()).unwrap();
    assert_eq!(bundle.context, Context::Episode { screens: 6 });
    // Mistakes on purpose are kept to be looked back at, in the demonstrations alone.
    let strayed = |key: RoundKey| {
        let episodes = store.episodes(key).unwrap().into_iter();
        episodes
            .flat_map(|episode| store.steps(episode.id, true).unwrap())
            .map(|step| StepSample::from_bytes(&step.sample.unwrap()).unwrap())
            .filter(|sample| sample.only_seen.is_some())
            .count()
    };
    assert!(strayed(RoundKey::demonstrate(0)) > 0);
    assert_eq!(strayed(RoundKey::train(0)), 0);

    let killed = folder.path().join("killed");
    kill_at(0, RoundState::RolledOut, &file, &killed);
    kill_at(0, RoundState::Augmented, &file, &killed);
    kill_at(1, RoundState::Augmented, &file, &killed);
    end(spawn(&file, &killed));
    assert_same(&state(&killed), &state(&whole), "the killed run");
}
