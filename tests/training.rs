//! Training from end to end on real virtual phones, the real ONNX Runtime and a real database: a
//! small run, a run that was killed in the middle of a round, and a run whose phone misbehaves.
#![allow(clippy::unwrap_used)]

mod small_run;
#[path = "small_run/trainer.rs"]
mod trainer;

use std::future::ready;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use small_run::small_run;
use stepdroid::config::TrainConfig;
use stepdroid::domain::{Event, Observer, Outcome, Phase};
use stepdroid::farm::Patience;
use stepdroid::phone::{Fault, PlannedFault};
use stepdroid::policy::StepSample;
use stepdroid::rollout::{Actor, Disk, RolloutError, RolloutOptions, Stop, run_slots};
use stepdroid::store::{RoundKey, RoundState, SlotState, Store, StoreError, StoreOptions};
use stepdroid::train::{RunDirectory, compare_samplers, load_checkpoint, newest_checkpoint};
use trainer::{CPU, farm, library, parsed, trainer};

/// What this run has otherwise.
const OWN: &str = r#"
[suite]
tasks = ["SystemWifiTurnOn", "SystemBluetoothTurnOff", "ClockStopWatchRunning"]

[pretrain]
steps = 40

[train]
tasks_per_round = 3
group_size = 4
keep_samples = 0

[eval]
episodes = 2
"#;

fn small(sets: &[&str]) -> TrainConfig {
    parsed(&small_run(&[OWN]), sets)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_run_trains_and_its_record_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let config = small(&["train.kl_coef=0.01", "eval.every=1"]);
    let run = RunDirectory::create(&path, &config).unwrap();
    let store = run.store.clone();
    let farm = farm(&config, Patience::default(), &Observer::default()).await;
    let first = trainer(run, Observer::default());
    let outline = first.run(&farm).await.unwrap();
    assert_eq!(outline.rounds, 2);
    assert_eq!(outline.before.unwrap().judged, 6);
    assert_eq!(outline.after.judged, 6);

    let rounds = store.rounds(Phase::Train).unwrap();
    assert!(rounds.iter().all(|round| round.state == RoundState::Done));
    let labels: Vec<String> = store
        .evaluations()
        .unwrap()
        .into_iter()
        .map(|evaluation| evaluation.label)
        .collect();
    assert_eq!(labels, ["before", "round 1", "after"]);
    let checkpoints = store.checkpoints().unwrap();
    let versions: Vec<u64> = checkpoints.iter().map(|c| c.policy_version).collect();
    assert_eq!(versions, [1, 2, 3]);

    // What was recorded when acting is what the weights of then say now, from the stored samples.
    for round in 0..2 {
        let bundle = load_checkpoint(&path, &checkpoints[round as usize]).unwrap();
        let learner =
            stepdroid::policy::Learner::new(&library(), &CPU, bundle.shape, bundle.forward, 1)
                .unwrap();
        let mut compared = 0;
        for episode in store.episodes(RoundKey::train(round)).unwrap() {
            let steps = store.steps(episode.id, true).unwrap();
            let samples: Vec<StepSample> = steps
                .iter()
                .map(|step| StepSample::from_bytes(step.sample.as_ref().unwrap()).unwrap())
                .collect();
            let again = learner
                .log_probabilities(&samples.iter().collect::<Vec<_>>())
                .unwrap();
            for (step, again) in steps.iter().zip(again) {
                assert!((step.log_probability - again).abs() < 1e-4);
                compared += 1;
            }
        }
        assert!(compared >= 12, "{compared}");
    }
    let metrics = store.metrics(Phase::Train).unwrap();
    let value = |round: u64, name: &str| {
        metrics
            .iter()
            .find(|row| row.number == round && row.name == name)
            .and_then(|row| row.value)
    };
    assert_eq!(value(0, "judged"), Some(12.0));
    for round in 0..2 {
        assert!(value(round, "log_probability_gap").unwrap() < 1e-4);
        if value(round, "rows").unwrap() > 0.0 {
            assert!((value(round, "first_ratio").unwrap() - 1.0).abs() < 1e-3);
            assert!(value(round, "optimizer_steps").unwrap() > 0.0);
        }
    }
    // The same run again has nothing left to do.
    drop(first);
    drop(store);
    let run = RunDirectory::resume(&path, &[]).unwrap();
    let store = run.store.clone();
    let before = store.episodes(RoundKey::train(1)).unwrap();
    let again = trainer(run, Observer::default());
    assert_eq!(again.run(&farm).await.unwrap(), outline);
    assert_eq!(store.episodes(RoundKey::train(1)).unwrap(), before);
    // The replay of the run's own sampler is the plan that was run, slot by slot.
    let comparison = compare_samplers(&RunDirectory::read(&path).unwrap()).unwrap();
    assert_eq!(comparison.first_difference, None);
    assert!(comparison.matches_stored_plan);
    assert_eq!(comparison.samplers[0].rounds.len(), 2);
    assert_eq!(newest_checkpoint(&path, &store).unwrap().policy_version, 3);
}

fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(
            start.elapsed() < Duration::from_secs(240),
            "timed out: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_killed_run_goes_on_without_losing_or_repeating_an_episode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.toml");
    std::fs::write(&file, small_run(&[OWN])).unwrap();
    let path = folder.path().join("run");
    let program = env!("CARGO_BIN_EXE_stepdroid");
    let mut child = Command::new(program)
        .arg("train")
        .arg(&file)
        .arg("--out")
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let key = RoundKey::train(0);
    let reader = wait_for("a database", || {
        Store::read(&path, &StoreOptions::default()).ok()
    });
    // In the middle of the round: some episodes are stored, some are not.
    wait_for("some episodes", || {
        let done = reader.episodes(key).ok()?.len();
        assert!(child.try_wait().unwrap().is_none(), "the run ended early");
        (done >= 4).then_some(())
    });
    // SIGKILL, as `kill -9`.
    child.kill().unwrap();
    child.wait().unwrap();
    let finished = reader.episodes(key).unwrap();
    assert!(finished.len() < 12, "the round was over already");
    drop(reader);

    let output = Command::new(program)
        .args(["train", "--resume"])
        .arg(&path)
        .arg("--json")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let store = Store::read(&path, &StoreOptions::default()).unwrap();
    let after = store.episodes(key).unwrap();
    for episode in &finished {
        assert!(after.contains(episode), "slot {} was lost", episode.slot);
    }
    let mut slots: Vec<u32> = after
        .iter()
        .filter(|episode| episode.outcome.is_judged())
        .map(|episode| episode.slot)
        .collect();
    slots.sort_unstable();
    assert_eq!(slots, (0..12).collect::<Vec<_>>());
    assert!(
        store
            .rounds(Phase::Train)
            .unwrap()
            .iter()
            .all(|round| round.state == RoundState::Done)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_before_an_episode_begins_gives_the_slot_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let config = small(&[]);
    let run = RunDirectory::create(&folder.path().join("run"), &config).unwrap();
    let observer = Observer::default();
    let farm = farm(&config, Patience::default(), &observer).await;
    let key = RoundKey::demonstrate(0);
    let suite = stepdroid::eval::suite(&config).unwrap();
    let slots = stepdroid::eval::plan(&config, &suite, 4);
    run.store.put_round(key, 0, "{}", &slots).unwrap();
    // A write that never has room holds every device back, with its slot in hand.
    let stop = Stop::new();
    let disk = Disk::new(folder.path(), None, &stop, &observer);
    let waits = disk.clone();
    let (tries, mut tried) = tokio::sync::mpsc::unbounded_channel();
    let waiting = tokio::spawn(async move {
        let full = || {
            tries.send(()).unwrap();
            ready(Err::<(), _>(StoreError::Full {
                path: "run.sqlite".into(),
                doing: "a test",
            }))
        };
        waits.keep(full).await
    });
    // Its second attempt is part of the wait.
    for _ in 0..2 {
        tried.recv().await.unwrap();
    }
    let options = RolloutOptions {
        stop: stop.clone(),
        disk: disk.heeding(&stop),
        ..RolloutOptions::new(Actor::Solution { noise: 0.0 }, config.run.seed, 0)
    };
    let phones = farm.phones().len();
    let asks = async {
        let held = || {
            let slots = run.store.slots(key).unwrap();
            let leased = slots.iter().filter(|slot| slot.state == SlotState::Leased);
            leased.count()
        };
        while held() < phones {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.finish();
    };
    let running = run_slots(&run.store, &farm, key, "solutions", &options);
    let (ended, ()) = tokio::join!(running, asks);
    assert!(matches!(ended, Err(RolloutError::Interrupted)), "{ended:?}");
    waiting.await.unwrap().unwrap_err();
    for slot in run.store.slots(key).unwrap() {
        let found = (slot.state, slot.attempts, slot.device);
        assert_eq!(found, (SlotState::Open, 0, None));
    }
    farm.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_phone_costs_a_trajectory_and_counts_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let config = small(&[]);
    let run = RunDirectory::create(&folder.path().join("run"), &config).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = told.clone();
    let observer = Observer::new(move |event| {
        if let Event::Device { serial, kind, .. } = event {
            listener.lock().unwrap().push((serial.clone(), *kind));
        }
    });
    let farm = farm(&config, Patience::default(), &observer).await;
    let key = RoundKey::demonstrate(0);
    let suite = stepdroid::eval::suite(&config).unwrap();
    let slots = stepdroid::eval::plan(&config, &suite, 4);
    run.store.put_round(key, 0, "{}", &slots).unwrap();
    // The connection breaks in the middle of an episode, later without a word.
    farm.phones()[0].plan_fault(PlannedFault {
        service: "uiautomator".into(),
        after: 2,
        ..PlannedFault::now(Fault::Drop)
    });
    let options = RolloutOptions::new(Actor::Solution { noise: 0.0 }, config.run.seed, 0);
    run_slots(&run.store, &farm, key, "solutions", &options)
        .await
        .unwrap();
    let episodes = run.store.episodes(key).unwrap();
    let judged: Vec<_> = episodes
        .iter()
        .filter(|episode| episode.outcome.is_judged())
        .collect();
    assert_eq!(judged.len(), 12);
    assert!(
        judged
            .iter()
            .all(|episode| episode.outcome == Outcome::Success { score: 1.0 })
    );
    let lost: Vec<_> = episodes
        .iter()
        .filter(|episode| !episode.outcome.is_judged())
        .collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(lost[0].outcome.cause(), Some("device_lost"));
    let serial = farm.phones()[0].serial();
    let told: Vec<&str> = told
        .lock()
        .unwrap()
        .iter()
        .filter(|(whose, _)| *whose == serial)
        .map(|(_, kind)| *kind)
        .collect();
    assert_eq!(told, ["ready", "lost", "back"]);
}

fn program(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_stepdroid"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    (output.status.code().unwrap(), text)
}

#[test]
fn broken_runs_are_told_apart_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let name = path.to_str().unwrap();
    for command in [
        &["report", name][..],
        &["eval", name],
        &["train", "--resume", name],
    ] {
        let (code, text) = program(command);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("there is no run here"), "{text}");
    }
    drop(RunDirectory::create(&path, &small(&[])).unwrap());
    // A run that has nothing to act with yet.
    let (code, text) = program(&["eval", name]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no checkpoint"), "{text}");

    let database = path.join("run.sqlite");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&database, &bytes).unwrap();
    for command in [
        &["report", name][..],
        &["eval", name],
        &["train", "--resume", name],
    ] {
        let (code, text) = program(command);
        assert_eq!(code, 2, "{text}");
        assert!(text.contains("run.sqlite"), "{text}");
        assert!(text.contains("damaged"), "{text}");
    }
    assert_eq!(std::fs::read(&database).unwrap(), bytes);
}

#[test]
fn a_full_disk_stops_a_run_that_then_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.toml");
    std::fs::write(&file, small_run(&[OWN])).unwrap();
    let path = folder.path().join("run");
    let name = path.to_str().unwrap();
    let (code, text) = program(&[
        "train",
        file.to_str().unwrap(),
        "--out",
        name,
        "--set",
        "train.rounds=1",
        "--set",
        "run.max_database_bytes=250000",
        "--set",
        "retention.wait_for_room_s=0",
    ]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the disk is full"), "{text}");
    assert!(text.contains("train --resume"), "{text}");
    let stored = |path: &Path| {
        let store = Store::read(path, &StoreOptions::default()).unwrap();
        let mut episodes = store.episodes(RoundKey::demonstrate(0)).unwrap();
        episodes.extend(store.episodes(RoundKey::evaluate(0)).unwrap());
        episodes
    };
    let before = stored(&path);
    assert!(!before.is_empty());
    let (code, text) = program(&[
        "train",
        "--resume",
        name,
        "--set",
        "run.max_database_bytes=0",
        "--set",
        "train.rounds=1",
    ]);
    assert_eq!(code, 0, "{text}");
    let after = stored(&path);
    assert!(before.iter().all(|episode| after.contains(episode)));
}
