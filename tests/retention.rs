//! What goes and what stays when a run is cleared: checkpoints, screenshots that episodes share, step samples, pages of
//! the database.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use stepdroid::config::{self, ScreenshotAge, TrainConfig};
use stepdroid::domain::{Action, Instance, Observer, Outcome, Phase, Slot, StepRecord, Trajectory};
use stepdroid::rollout::Stop;
use stepdroid::store::{
    AfterLoss, Checkpoint, EpisodeRecord, Evaluation, RoundKey, RoundProgress, RoundState, Store,
    StoreError, StoreOptions, now, size_of,
};
use stepdroid::train::{Keep, RunDirectory, collect_garbage, disk};
use tempfile::TempDir;

const DAY: i64 = 24 * 60 * 60 * 1000;
const KEEP: Keep = Keep {
    checkpoints: None,
    screenshots: ScreenshotAge::All,
    samples: None,
    max_bytes: None,
};

fn settings(sets: &[&str]) -> TrainConfig {
    let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
    let text = "[suite]\ntasks = [\"SystemWifiTurnOn\"]\n";
    let loaded = config::parse(text, Path::new("a.toml"), &sets);
    loaded.unwrap().config
}

fn begin(config: &TrainConfig) -> (TempDir, RunDirectory) {
    let folder = tempfile::tempdir().unwrap();
    let run = RunDirectory::create(&folder.path().join("run"), config).unwrap();
    (folder, run)
}

/// A round of one episode that ended `days` ago, led to a state.
fn round(store: &Store, key: RoundKey, version: u64, days: i64, state: RoundState, seen: &[u8]) {
    let slots = [Slot::plain(0, "SystemWifiTurnOn", 0, 1)];
    match key.phase {
        Phase::Evaluate => {
            let evaluation = Evaluation {
                number: key.number,
                label: format!("{}", key.number),
                suite: "one".into(),
                policy_version: version,
                temperature: 0.0,
                after_round: None,
            };
            store.put_evaluation(&evaluation, &slots).unwrap();
        }
        _ => store.put_round(key, version, "{}", &slots).unwrap(),
    }
    let step = StepRecord {
        action: Action::complete(),
        executed: true,
        note: String::new(),
        sample: Some(vec![7; 60_000]),
        log_probability: -0.5,
        touch: None,
        screenshot: Some(store.blobs().put(seen).unwrap()),
        anchor: None,
        progress: None,
    };
    let large = StepRecord {
        sample: Some(vec![key.number as u8; 70_000]),
        ..step.clone()
    };
    let record = EpisodeRecord {
        key,
        slot: 0,
        instance: Instance {
            task: "SystemWifiTurnOn".into(),
            params: Default::default(),
            seed: 1,
            goal: "Turn wifi on.".into(),
            budget: 10,
            compat: Default::default(),
            state: serde_json::Value::Null,
        },
        device: "phone".into(),
        policy_version: version,
        trajectory: Trajectory {
            steps: vec![step, large],
            outcome: Outcome::Success { score: 1.0 },
            answer: None,
        },
        started_at: 0,
        finished_at: now() - days * DAY,
    };
    store.finish_slot(&record, AfterLoss::Requeue).unwrap();
    if state > RoundState::Planned {
        let progress = RoundProgress::default();
        store.advance_round(key, state, &progress).unwrap();
    }
}

fn checkpoint(run: &RunDirectory, version: u64) {
    let path = RunDirectory::checkpoint_path(version);
    std::fs::create_dir_all(run.path.join(&path)).unwrap();
    std::fs::write(run.path.join(&path).join("weights"), [1; 1000]).unwrap();
    let checkpoint = Checkpoint {
        policy_version: version,
        round: version.checked_sub(2),
        path,
        hash: String::new(),
        bytes: 1000,
        description_hash: String::new(),
    };
    run.store.put_checkpoint(&checkpoint).unwrap();
}

fn versions(run: &RunDirectory) -> BTreeSet<u64> {
    let there = |version: &u64| {
        let path = RunDirectory::checkpoint_path(*version);
        run.path.join(path).exists()
    };
    (1..=40).filter(there).collect()
}

fn clear(run: &RunDirectory, config: &TrainConfig, keep: &Keep) -> stepdroid::train::Collected {
    collect_garbage(&run.path, &run.store, config, keep, true).unwrap()
}

#[test]
fn the_first_the_best_the_needed_and_an_even_few_stay() {
    let config = settings(&[]);
    let (_folder, run) = begin(&config);
    for version in 1..=20 {
        checkpoint(&run, version);
    }
    // An evaluation that is not over, one that went well, and one that did not.
    for (number, version, rate) in [(0, 7, 0.9), (1, 12, 0.5), (2, 15, 0.0)] {
        let key = RoundKey::evaluate(number);
        let state = match version {
            15 => RoundState::Planned,
            _ => RoundState::Done,
        };
        round(&run.store, key, version, 0, state, b"seen");
        let metrics = [("success_rate".to_owned(), rate)];
        let progress = RoundProgress {
            metrics: &metrics,
            ..RoundProgress::default()
        };
        run.store.put_progress(key, &progress).unwrap();
    }
    let three = Keep {
        checkpoints: Some(3),
        ..KEEP
    };
    clear(&run, &config, &three);
    assert_eq!(versions(&run), BTreeSet::from([1, 7, 9, 15, 17, 20]));
    // As the run gets longer, of those that stayed some stay.
    for version in 21..=36 {
        checkpoint(&run, version);
    }
    clear(&run, &config, &three);
    assert_eq!(versions(&run), BTreeSet::from([1, 7, 15, 17, 33, 36]));
    let ahead = settings(&["train.off_policy_rounds=2"]);
    checkpoint(&run, 37);
    checkpoint(&run, 38);
    let none = Keep {
        checkpoints: Some(0),
        ..KEEP
    };
    clear(&run, &ahead, &none);
    assert_eq!(versions(&run), BTreeSet::from([1, 7, 15, 36, 37, 38]));
}

#[tokio::test]
async fn a_full_disk_lets_go_what_no_running_episode_can_need() {
    let config = settings(&[
        "retention.min_free_bytes=0",
        "retention.keep_checkpoints=1",
        "retention.keep_screenshots=none",
        // More goes than those two.
        "retention.max_bytes=1",
    ]);
    let (_folder, run) = begin(&config);
    for version in 1..=9 {
        checkpoint(&run, version);
    }
    round(
        &run.store,
        RoundKey::train(0),
        1,
        9,
        RoundState::Done,
        b"seen",
    );
    let blobs = || size_of(run.store.blobs().directory());
    let before = blobs();
    let log = run.path.join("log/stepdroid.log.1");
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    std::fs::write(&log, "old").unwrap();

    let mut attempts = 0;
    let disk = disk(&run, None, &Stop::new(), &Observer::default());
    let write = || {
        attempts += 1;
        std::future::ready(match attempts {
            1 => Err(StoreError::Full {
                path: run.path.clone(),
                doing: "storing an episode",
            }),
            _ => Ok(versions(&run)),
        })
    };
    // The next attempt finds them gone.
    assert_eq!(disk.keep(write).await.unwrap(), BTreeSet::from([1, 9]));
    assert_eq!(attempts, 2);
    assert!(!log.exists());
    let episodes = run.store.episodes(RoundKey::train(0)).unwrap();
    let steps = run.store.steps(episodes[0].id, true).unwrap();
    assert!(steps.iter().all(|step| step.sample.is_none()));
    // An episode that runs may have just seen the same.
    assert!(steps.iter().all(|step| step.screenshot.is_some()));
    assert_eq!(blobs(), before);
}

#[test]
fn old_screenshots_go_and_those_that_are_seen_again_stay() {
    let config = settings(&[]);
    let (_folder, run) = begin(&config);
    let store = &run.store;
    let seen = |number: u64, days, picture: &[u8]| {
        let key = RoundKey::train(number);
        round(store, key, 1, days, RoundState::Done, picture);
    };
    seen(0, 9, b"old");
    seen(1, 5, b"both");
    seen(2, 1, b"both");
    let blob = |bytes: &[u8]| {
        let hash = blake3::hash(bytes).to_hex().to_string();
        store.blobs().path(&hash).unwrap()
    };
    let torn = blob(b"old").with_file_name(".1.2.tmp");
    std::fs::write(&torn, "half").unwrap();
    let others = blob(b"old").with_file_name("notes.txt");
    std::fs::write(&others, "a person's").unwrap();
    let days = Keep {
        screenshots: ScreenshotAge::Days(3),
        ..KEEP
    };
    let looked = collect_garbage(&run.path, store, &config, &days, false).unwrap();
    assert!(blob(b"old").exists() && torn.exists());
    let gone = clear(&run, &config, &days);
    assert_eq!(gone.parts[1], looked.parts[1]);
    assert!(!blob(b"old").exists() && !torn.exists());
    assert!(blob(b"both").exists() && others.exists());
    let kept: Vec<usize> = store
        .screenshots()
        .unwrap()
        .iter()
        .map(|episode| episode.hashes.len())
        .collect();
    assert_eq!(kept, [2]);
    // Episodes keep their record.
    let episode = store.episodes(RoundKey::train(0)).unwrap().remove(0);
    assert_eq!(episode.steps, 2);
    let steps = store.steps(episode.id, true).unwrap();
    assert_eq!(steps[1].sample.as_ref().unwrap().len(), 70_000);
}

#[test]
fn samples_that_are_still_to_be_learnt_from_or_replayed_stay() {
    let with_sample = |run: &RunDirectory| -> Vec<u64> {
        let there = |number: &u64| {
            let episode = run.store.episodes(RoundKey::train(*number)).unwrap();
            let steps = run.store.steps(episode[0].id, true).unwrap();
            steps.iter().all(|step| step.sample.is_some())
        };
        (0..6).filter(there).collect()
    };
    let cases: [(&[&str], u64, &[u64]); 3] = [
        (&[], 0, &[4, 5]),
        (&[], 1, &[3, 4, 5]),
        (
            &["train.replay=success", "train.replay_rounds=2"],
            0,
            &[2, 3, 4, 5],
        ),
    ];
    for (sets, samples, left) in cases {
        let config = settings(sets);
        let (_folder, run) = begin(&config);
        for number in 0..6 {
            // Two rounds are not learnt from.
            let state = match number {
                4 => RoundState::Augmented,
                5 => RoundState::Planned,
                _ => RoundState::Done,
            };
            let key = RoundKey::train(number);
            round(&run.store, key, 1, 0, state, b"seen");
        }
        let keep = Keep {
            samples: Some(samples),
            ..KEEP
        };
        // What is in the log of changes moves into the database first.
        run.store.shrink().unwrap();
        let file = size_of(run.store.path());
        clear(&run, &config, &keep);
        assert_eq!(with_sample(&run), left, "{sets:?}");
        assert!(size_of(run.store.path()) < file, "pages were given back");
        // One small and one large sample a round, and the picture that all share.
        let blobs = size_of(run.store.blobs().directory());
        assert_eq!(blobs, left.len() as u64 * 70_000 + 4);
    }
}

#[test]
fn the_least_missed_goes_first_where_a_run_is_to_be_smaller() {
    let config = settings(&["train.keep_samples=0"]);
    let (_folder, run) = begin(&config);
    for number in 0..6 {
        let picture = vec![number as u8; 50_000];
        let key = RoundKey::train(number);
        round(
            &run.store,
            key,
            1,
            6 - number as i64,
            RoundState::Done,
            &picture,
        );
    }
    for version in 1..=7 {
        checkpoint(&run, version);
    }
    std::fs::create_dir(run.path.join("log")).unwrap();
    let log = |name: &str| run.path.join("log").join(name);
    std::fs::write(log("stepdroid.log"), [1; 100]).unwrap();
    std::fs::write(log("stepdroid.log.1"), vec![1; 30_000]).unwrap();
    let smaller = |by: u64| {
        let keep = Keep {
            max_bytes: Some(size_of(&run.path) - by),
            ..KEEP
        };
        let collected = clear(&run, &config, &keep);
        assert!(collected.fits, "{collected:?}");
    };
    let samples = || {
        let episode = run.store.episodes(RoundKey::train(0)).unwrap().remove(0);
        run.store.steps(episode.id, true).unwrap()[0]
            .sample
            .is_some()
    };
    // What is in the log of changes moves into the database first.
    run.store.shrink().unwrap();
    smaller(20_000);
    assert!(!log("stepdroid.log.1").exists() && log("stepdroid.log").exists());
    assert!(samples());
    smaller(200_000);
    assert!(!samples());
    assert_eq!(run.store.screenshots().unwrap().len(), 6);
    smaller(90_000);
    let left = run.store.screenshots().unwrap();
    assert_eq!(left.len(), 4, "the two oldest went");
    assert!(left[0].finished_at > now() - 5 * DAY);
    assert_eq!(versions(&run).len(), 7);
    let everything = Keep {
        max_bytes: Some(1),
        ..KEEP
    };
    assert!(!clear(&run, &config, &everything).fits);
    assert_eq!(versions(&run), BTreeSet::from([1, 7]));
}

#[test]
fn the_pages_of_a_database_of_before_are_given_back_too() {
    let config = settings(&[]);
    let (folder, run) = begin(&config);
    for number in 0..20 {
        let key = RoundKey::train(number);
        round(&run.store, key, 1, 0, RoundState::Done, b"seen");
    }
    let path = run.path.clone();
    drop(run);
    // As an older program made it.
    let database = rusqlite::Connection::open(path.join("run.sqlite")).unwrap();
    database
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM")
        .unwrap();
    drop(database);
    let store = Store::open(&path, &StoreOptions::default()).unwrap();
    let before = size_of(store.path());
    store.forget_samples(20).unwrap();
    assert_eq!(size_of(store.path()), before);
    assert!(store.shrink().unwrap() > 500_000);
    assert!(size_of(store.path()) < before / 2);
    // From then on page by page.
    drop(store);
    let run = RunDirectory::open(&path, &[]).unwrap();
    round(
        &run.store,
        RoundKey::train(20),
        1,
        0,
        RoundState::Done,
        b"seen",
    );
    run.store.forget_samples(21).unwrap();
    assert!(run.store.shrink().unwrap() > 0);
    assert_eq!(run.store.shrink().unwrap(), 0);
    drop(folder);
}
