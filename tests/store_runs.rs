//! The store as a trainer uses it: plans, leases, episodes that count once, crashes, and databases
//! that can't be used.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use stepdroid::domain::{
    Action, Instance, Outcome, Phase, RateEntry, Slot, StepRecord, Trajectory,
};
use stepdroid::store::{
    AfterLoss, Checkpoint, DeviceRow, EpisodeRecord, Evaluation, NewRun, Refusals, RoundKey,
    RoundProgress, RoundState, SlotState, Store, StoreError, StoreOptions, UpdateRow,
};

fn new_run() -> NewRun {
    NewRun {
        name: "test".into(),
        seed: u64::MAX,
        config: "[run]\nname = \"test\"".into(),
        program_version: "0.1.0".into(),
        suite_version: "one".into(),
    }
}

fn create(directory: &Path) -> Store {
    Store::create(directory, &new_run(), &StoreOptions::default()).unwrap()
}

fn open(directory: &Path) -> Result<Store, StoreError> {
    Store::open(directory, &StoreOptions::default())
}

fn slots(count: u32) -> Vec<Slot> {
    (0..count)
        .map(|index| Slot::plain(index, "SystemWifiTurnOn", index, u64::from(index)))
        .collect()
}

fn episode(key: RoundKey, slot: u32, outcome: Outcome) -> EpisodeRecord {
    let step = StepRecord {
        action: Action::click(3),
        executed: true,
        note: "Wi-Fi".into(),
        sample: Some(vec![slot as u8; 40]),
        log_probability: -0.5,
        touch: Some((10, 20)),
        screenshot: None,
        anchor: Some("5eed".into()),
        progress: Some(0.5),
    };
    let last = StepRecord {
        action: Action::complete(),
        sample: Some(vec![7; 100_000]),
        touch: None,
        ..step.clone()
    };
    EpisodeRecord {
        key,
        slot,
        instance: Instance {
            task: "SystemWifiTurnOn".into(),
            params: serde_json::from_str(r#"{"on_or_off":"on"}"#).unwrap(),
            seed: 1 << 63,
            goal: "Turn wifi on.".into(),
            budget: 10,
            compat: Default::default(),
            state: serde_json::json!({"wifi": 0}),
        },
        device: "phone-1".into(),
        policy_version: 4,
        trajectory: Trajectory {
            steps: vec![step, last],
            outcome,
            answer: Some("yes".into()),
        },
        started_at: 5,
        finished_at: 6,
    }
}

fn lost() -> Outcome {
    Outcome::Truncated {
        cause: "device_lost".into(),
    }
}

const SUCCESS: Outcome = Outcome::Success { score: 1.0 };

#[test]
fn a_round_goes_from_plan_to_checkpoint() {
    let directory = tempfile::tempdir().unwrap();
    let store = create(directory.path());
    let key = RoundKey::train(0);
    store
        .put_round(key, 4, r#"{"sampler":"step"}"#, &slots(2))
        .unwrap();
    assert_eq!(store.unfinished_slots(key).unwrap().len(), 2);

    let leased = store.lease_slot(key, "phone-1").unwrap().unwrap();
    assert_eq!((leased.slot.index, leased.state), (0, SlotState::Leased));
    assert_eq!(
        store
            .lease_slot(key, "phone-2")
            .unwrap()
            .unwrap()
            .slot
            .index,
        1
    );
    assert_eq!(store.lease_slot(key, "phone-3").unwrap(), None);
    // Nothing had begun in it.
    store.release_slot(key, 1).unwrap();
    assert_eq!(store.slots(key).unwrap()[1].device, None);
    assert_eq!(
        store
            .lease_slot(key, "phone-2")
            .unwrap()
            .unwrap()
            .slot
            .index,
        1
    );

    let record = episode(key, 0, SUCCESS);
    let id = store.finish_slot(&record, AfterLoss::Requeue).unwrap();
    // The device of slot 1 is lost once: the slot opens again, and runs again.
    store
        .finish_slot(&episode(key, 1, lost()), AfterLoss::Requeue)
        .unwrap();
    let open = store.unfinished_slots(key).unwrap();
    assert_eq!(
        (open[0].slot.index, open[0].state, open[0].attempts),
        (1, SlotState::Open, 1)
    );
    // Who had it last is who lost it, whoever leased it and could not begin.
    let before = open[0].device.clone();
    assert!(before.is_some());
    store.lease_slot(key, "phone-3").unwrap().unwrap();
    store.release_slot(key, 1).unwrap();
    assert_eq!(store.slots(key).unwrap()[1].device, before);
    // A round with unfinished slots stays where it is.
    let early = store.advance_round(key, RoundState::RolledOut, &RoundProgress::default());
    assert!(
        matches!(early, Err(StoreError::WrongState { .. })),
        "{early:?}"
    );
    store
        .finish_slot(&episode(key, 1, Outcome::Failure), AfterLoss::Requeue)
        .unwrap();

    let episodes = store.episodes(key).unwrap();
    let outcomes: Vec<&str> = episodes.iter().map(|e| e.outcome.name()).collect();
    assert_eq!(outcomes, ["success", "truncated", "failure"]);
    assert_eq!(episodes[0].id, id);
    assert_eq!(episodes[0].instance, record.instance);
    assert_eq!(episodes[0].steps, 2);
    assert_eq!(episodes[1].outcome, lost());
    let steps = store.steps(id, true).unwrap();
    assert_eq!(steps, record.trajectory.steps);
    assert!(
        store
            .steps(id, false)
            .unwrap()
            .iter()
            .all(|step| step.sample.is_none())
    );

    let rates = [RateEntry {
        round: 0,
        task: "SystemWifiTurnOn".into(),
        judged: 2,
        successes: 1,
        smoothed: 0.5,
    }];
    let metrics = [("success_rate".to_string(), 0.5), ("loss".into(), f64::NAN)];
    let progress = RoundProgress {
        rates: &rates,
        metrics: &metrics,
        ..RoundProgress::default()
    };
    store
        .advance_round(key, RoundState::RolledOut, &progress)
        .unwrap();
    let again = store.advance_round(key, RoundState::RolledOut, &progress);
    assert!(
        matches!(again, Err(StoreError::WrongState { .. })),
        "{again:?}"
    );
    let update = UpdateRow {
        optimizer_step: 0,
        metrics: serde_json::from_str(r#"{"loss":-0.25,"rows":12}"#).unwrap(),
    };
    let checkpoint = Checkpoint {
        policy_version: 5,
        round: Some(0),
        path: "checkpoints/5".into(),
        hash: "ff".into(),
        bytes: 9,
        description_hash: String::new(),
    };
    let done = RoundProgress {
        updates: std::slice::from_ref(&update),
        checkpoint: Some(&checkpoint),
        ..RoundProgress::default()
    };
    store.advance_round(key, RoundState::Done, &done).unwrap();
    assert_eq!(
        store.rounds(Phase::Train).unwrap()[0].state,
        RoundState::Done
    );
    assert_eq!(store.success_rates().unwrap(), rates);
    assert_eq!(store.updates(key).unwrap(), [update]);
    assert_eq!(store.checkpoints().unwrap(), [checkpoint]);
    let values = store.metrics(Phase::Train).unwrap();
    assert_eq!((values[0].name.as_str(), values[0].value), ("loss", None));
    assert_eq!(values[1].value, Some(0.5));

    assert_eq!(store.forget_samples(1).unwrap(), 6);
    assert_eq!(store.steps(id, true).unwrap()[0].sample, None);
}

#[test]
fn a_slot_is_finished_once() {
    let directory = tempfile::tempdir().unwrap();
    let store = create(directory.path());
    let key = RoundKey::train(0);
    store.put_round(key, 0, "{}", &slots(2)).unwrap();
    store
        .finish_slot(&episode(key, 0, SUCCESS), AfterLoss::Requeue)
        .unwrap();
    for outcome in [SUCCESS, Outcome::Failure, lost()] {
        let again = store.finish_slot(&episode(key, 0, outcome), AfterLoss::Requeue);
        assert!(
            matches!(again, Err(StoreError::AlreadyFinished { .. })),
            "{again:?}"
        );
    }
    assert_eq!(store.episodes(key).unwrap().len(), 1);
    store
        .finish_slot(&episode(key, 1, lost()), AfterLoss::Abandon)
        .unwrap();
    let late = store.finish_slot(&episode(key, 1, SUCCESS), AfterLoss::Requeue);
    assert!(
        matches!(late, Err(StoreError::AlreadyFinished { .. })),
        "{late:?}"
    );
    let nowhere = store.finish_slot(&episode(key, 9, SUCCESS), AfterLoss::Requeue);
    assert!(
        matches!(nowhere, Err(StoreError::NotFound { .. })),
        "{nowhere:?}"
    );
    assert!(
        store.put_round(key, 0, "{}", &slots(1)).is_err(),
        "a plan is stored once"
    );
    assert!(store.unfinished_slots(key).unwrap().is_empty());
}

#[test]
fn evaluations_and_devices_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let store = create(directory.path());
    let evaluation = Evaluation {
        number: store.next_evaluation().unwrap(),
        label: "before".into(),
        suite: "virtual".into(),
        policy_version: 0,
        temperature: 0.0,
        after_round: None,
    };
    store.put_evaluation(&evaluation, &slots(3)).unwrap();
    assert!(store.put_evaluation(&evaluation, &slots(3)).is_err());
    assert_eq!(store.next_evaluation().unwrap(), 1);
    assert_eq!(store.evaluation("before").unwrap(), Some(evaluation));
    assert_eq!(store.evaluation("after").unwrap(), None);
    assert_eq!(
        store.unfinished_slots(RoundKey::evaluate(0)).unwrap().len(),
        3
    );

    let device = DeviceRow {
        serial: "127.0.0.1:5555".into(),
        kind: "virtual".into(),
        info: "{}".into(),
    };
    store.put_device(&device).unwrap();
    store.put_device(&device).unwrap();
    assert_eq!(store.devices().unwrap(), [device]);
    store
        .put_device_event("127.0.0.1:5555", "lost", "no answer")
        .unwrap();
    assert_eq!(store.device_events().unwrap()[0].kind, "lost");
}

/// The other process of [`no_episode_is_lost_or_doubled_by_kill_9`]; it ends by being killed.
#[test]
#[ignore = "started by another test"]
fn the_writer_that_is_killed() {
    let Some(directory) = std::env::var_os("STEPDROID_TEST_RUN") else {
        return;
    };
    let store = open(Path::new(&directory)).unwrap();
    let key = RoundKey::train(0);
    store.release_leases().unwrap();
    while let Some(slot) = store.lease_slot(key, "phone-1").unwrap() {
        let record = episode(key, slot.slot.index, SUCCESS);
        store.finish_slot(&record, AfterLoss::Requeue).unwrap();
        println!("finished {}", slot.slot.index);
        std::io::stdout().flush().unwrap();
    }
}

#[test]
fn no_episode_is_lost_or_doubled_by_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let key = RoundKey::train(0);
    let total = 60;
    create(directory.path())
        .put_round(key, 0, "{}", &slots(total))
        .unwrap();
    let mut reported = Vec::new();
    for kill_after in [1usize, 7, 3, usize::MAX] {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "the_writer_that_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .env("STEPDROID_TEST_RUN", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut seen = 0usize;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            // The test harness writes its own words on the same line.
            if let Some((_, slot)) = line.unwrap().split_once("finished ")
                && let Ok(slot) = slot.trim().parse::<u32>()
            {
                reported.push(slot);
                seen += 1;
            }
            if seen >= kill_after {
                child.kill().unwrap();
                break;
            }
        }
        child.wait().unwrap();
    }
    let store = open(directory.path()).unwrap();
    assert!(store.unfinished_slots(key).unwrap().is_empty());
    let episodes = store.episodes(key).unwrap();
    let finished: Vec<u32> = episodes.iter().map(|episode| episode.slot).collect();
    assert_eq!(
        finished,
        (0..total).collect::<Vec<_>>(),
        "each slot exactly once"
    );
    assert!(reported.len() >= 11 && reported.iter().all(|slot| finished.contains(slot)));
    for episode in &episodes {
        assert_eq!(store.steps(episode.id, true).unwrap().len(), 2);
    }
}

#[test]
fn a_crash_in_the_middle_of_an_episode_leaves_it_unfinished() {
    let directory = tempfile::tempdir().unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let key = RoundKey::train(3);
    let store = create(directory.path());
    store.put_round(key, 0, "{}", &slots(2)).unwrap();
    store.lease_slot(key, "phone-1").unwrap();
    store
        .finish_slot(&episode(key, 0, SUCCESS), AfterLoss::Requeue)
        .unwrap();
    store.lease_slot(key, "phone-1").unwrap();
    // What a killed process leaves: the database and its log, without a clean end.
    for name in ["run.sqlite", "run.sqlite-wal"] {
        fs::copy(directory.path().join(name), crashed.path().join(name)).unwrap();
    }
    let again = open(crashed.path()).unwrap();
    assert_eq!(again.release_leases().unwrap(), 1);
    let open = again.unfinished_slots(key).unwrap();
    assert_eq!(
        (open.len(), open[0].slot.index, open[0].state),
        (1, 1, SlotState::Open)
    );
    assert_eq!(again.run().unwrap().run, new_run());
}

#[test]
fn one_process_writes_and_others_read() {
    let directory = tempfile::tempdir().unwrap();
    let store = create(directory.path());
    let second = open(directory.path());
    assert!(matches!(second, Err(StoreError::Locked(_))), "{second:?}");
    let reader = Store::read(directory.path(), &StoreOptions::default()).unwrap();
    store
        .put_round(RoundKey::train(0), 0, "{}", &slots(1))
        .unwrap();
    assert_eq!(reader.rounds(Phase::Train).unwrap().len(), 1);
    let write = reader.put_round(RoundKey::train(1), 0, "{}", &slots(1));
    assert!(
        matches!(write, Err(StoreError::ReadOnly { .. })),
        "{write:?}"
    );
    drop(store);
    open(directory.path()).unwrap();
}

#[test]
fn a_run_is_begun_once() {
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(
        open(directory.path()),
        Err(StoreError::Missing(_))
    ));
    drop(create(directory.path()));
    let twice = Store::create(directory.path(), &new_run(), &StoreOptions::default());
    assert!(matches!(twice, Err(StoreError::Exists(_))), "{twice:?}");
}

#[test]
fn a_damaged_database_is_named_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = create(directory.path());
    store
        .put_round(RoundKey::train(0), 0, "{}", &slots(500))
        .unwrap();
    drop(store);
    let path = directory.path().join("run.sqlite");
    let sound = fs::read(&path).unwrap();
    let mut bad_page = sound.clone();
    let middle = sound.len() / 4096 / 2 * 4096;
    bad_page[middle..middle + 4096].fill(0xa5);
    for damaged in [
        b"not a database at all, but long enough to be looked at as one by whoever reads it\n"
            .repeat(60),
        sound[..sound.len() / 2].to_vec(),
        bad_page,
    ] {
        fs::write(&path, &damaged).unwrap();
        for result in [
            open(directory.path()),
            Store::read(directory.path(), &StoreOptions::default()),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
            let message = error.to_string();
            assert!(
                message.contains("run.sqlite") && message.contains(".recover"),
                "{message}"
            );
        }
        assert_eq!(fs::read(&path).unwrap(), damaged);
    }
}

#[test]
fn newer_and_foreign_databases_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(create(directory.path()));
    let path = directory.path().join("run.sqlite");
    let direct = rusqlite::Connection::open(&path).unwrap();
    direct.pragma_update(None, "user_version", 99).unwrap();
    drop(direct);
    let before = fs::read(&path).unwrap();
    let newer = open(directory.path());
    assert!(
        matches!(newer, Err(StoreError::Newer { found: 99, .. })),
        "{newer:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);

    let other = tempfile::tempdir().unwrap();
    let direct = rusqlite::Connection::open(other.path().join("run.sqlite")).unwrap();
    direct
        .execute_batch("CREATE TABLE cookies (id INTEGER)")
        .unwrap();
    drop(direct);
    assert!(matches!(open(other.path()), Err(StoreError::Foreign(_))));
}

#[test]
fn a_full_disk_loses_nothing_that_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let key = RoundKey::train(0);
    create(directory.path())
        .put_round(key, 0, "{}", &slots(200))
        .unwrap();
    let size = fs::metadata(directory.path().join("run.sqlite"))
        .unwrap()
        .len();
    let options = StoreOptions {
        max_bytes: Some(size + 40_000),
        ..StoreOptions::default()
    };
    let store = Store::open(directory.path(), &options).unwrap();
    let mut stored = 0u32;
    let error = loop {
        match store.finish_slot(&episode(key, stored, SUCCESS), AfterLoss::Requeue) {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
    assert!(error.to_string().contains("--resume"), "{error}");
    assert!(stored > 0);
    drop(store);
    // With room again, the run goes on where it was.
    let store = open(directory.path()).unwrap();
    assert_eq!(store.episodes(key).unwrap().len() as u32, stored);
    store
        .finish_slot(&episode(key, stored, SUCCESS), AfterLoss::Requeue)
        .unwrap();
}

#[test]
fn a_refused_write_leaves_nothing_and_is_made_once() {
    let directory = tempfile::tempdir().unwrap();
    let key = RoundKey::train(0);
    create(directory.path())
        .put_round(key, 0, "{}", &slots(1))
        .unwrap();
    let refusals = Refusals::default();
    let options = StoreOptions {
        refusals: Some(refusals.clone()),
        ..StoreOptions::default()
    };
    let store = Store::open(directory.path(), &options).unwrap();
    let leased = store.lease_slot(key, "phone-1").unwrap();
    let record = episode(key, 0, SUCCESS);
    // The blob first, then the row, each some times.
    for (doing, blobs) in [("writing a blob", 0), ("storing an episode", 1)] {
        refusals.plan(doing, 3);
        for _ in 0..3 {
            let error = store.finish_slot(&record, AfterLoss::Requeue).unwrap_err();
            assert_eq!(error.full_while(), Some(doing), "{error}");
            assert!(store.episodes(key).unwrap().is_empty());
            assert_eq!(store.slots(key).unwrap()[0], *leased.as_ref().unwrap());
            let loose = store.loose_blobs(i64::MIN, 0).unwrap();
            assert_eq!(loose.len(), blobs);
        }
        assert_eq!(refusals.left(doing), 0);
    }
    store.finish_slot(&record, AfterLoss::Requeue).unwrap();
    let again = store.finish_slot(&record, AfterLoss::Requeue);
    assert!(matches!(again, Err(StoreError::AlreadyFinished { .. })));
    let stored = store.episodes(key).unwrap();
    assert_eq!(stored.len(), 1);
    let steps = store.steps(stored[0].id, true).unwrap();
    assert_eq!(steps, record.trajectory.steps);
    assert!(store.loose_blobs(i64::MIN, 0).unwrap().is_empty());
}

#[test]
fn a_run_of_the_first_schema_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let schema = include_str!("../src/store/migrations/0001_first.sql");
    let direct = rusqlite::Connection::open(directory.path().join("run.sqlite")).unwrap();
    direct.execute_batch(schema).unwrap();
    direct
        .execute_batch(include_str!("fixtures/store_version_1.sql"))
        .unwrap();
    direct.pragma_update(None, "user_version", 1).unwrap();
    direct
        .pragma_update(None, "application_id", 0x7364_7264)
        .unwrap();
    drop(direct);

    let store = open(directory.path()).unwrap();
    assert_eq!(store.run().unwrap().run.seed, u64::MAX);
    assert_eq!(store.release_leases().unwrap(), 1);
    let rounds = store.rounds(Phase::Train).unwrap();
    assert_eq!(
        rounds.iter().map(|r| r.state).collect::<Vec<_>>(),
        [RoundState::Done, RoundState::Planned]
    );
    let episodes = store.episodes(RoundKey::train(0)).unwrap();
    assert_eq!(episodes[0].outcome, lost());
    assert_eq!(episodes[1].outcome, SUCCESS);
    assert_eq!(episodes[1].instance.params["on_or_off"], "on");
    let steps = store.steps(episodes[1].id, true).unwrap();
    assert_eq!(steps[0].action, Action::click(3));
    assert_eq!(steps[0].sample.as_deref(), Some(&[1u8, 2, 3][..]));
    assert!(
        store.unfinished_slots(RoundKey::train(1)).unwrap()[0]
            .slot
            .replaced
    );
}
