//! What is asked of a store round by round costs late in a run what it costs early: a run may have thousands of rounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::domain::{Action, Instance, Outcome, Slot, StepRecord, Trajectory};

const EPISODES: u32 = 3;
const STEPS: u32 = 4;

/// A run, and where it lies.
fn run() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let new_run = NewRun::default();
    let store = Store::create(folder.path(), &new_run, &StoreOptions::default()).unwrap();
    (folder, store)
}

fn step(round: u64, number: u32) -> StepRecord {
    StepRecord {
        action: Action::click(1),
        executed: true,
        note: String::new(),
        sample: Some(vec![7; 100]),
        log_probability: -1.0,
        touch: None,
        screenshot: Some(format!("screenshot {round} {number}")),
        anchor: None,
        progress: None,
    }
}

/// A whole round of training, which ended at a moment that is its number.
fn put_round(store: &Store, round: u64) {
    let key = RoundKey::train(round);
    let slots: Vec<Slot> = (0..EPISODES)
        .map(|slot| Slot::plain(slot, &format!("Task{slot}"), 0, round))
        .collect();
    // As long as a real one, which does not fit beside its row.
    store
        .put_round(key, round, &"x".repeat(9_000), &slots)
        .unwrap();
    for slot in slots {
        let record = EpisodeRecord {
            key,
            slot: slot.index,
            instance: Instance {
                task: slot.task,
                params: Default::default(),
                seed: round,
                goal: "goal".into(),
                budget: 10,
                compat: Default::default(),
                state: serde_json::Value::Null,
            },
            device: "phone".into(),
            policy_version: round,
            trajectory: Trajectory {
                steps: (0..STEPS).map(|number| step(round, number)).collect(),
                outcome: Outcome::Failure,
                answer: None,
            },
            started_at: 0,
            finished_at: round as i64,
        };
        store.finish_slot(&record, AfterLoss::Requeue).unwrap();
    }
    let metrics = [("success_rate".to_owned(), 0.5), ("rows".to_owned(), 1.0)];
    let progress = RoundProgress {
        metrics: &metrics,
        ..RoundProgress::default()
    };
    store
        .advance_round(key, RoundState::Done, &progress)
        .unwrap();
}

/// What some work comes to, and how many instructions of SQLite's machine it takes.
fn costly<T>(store: &Store, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> (T, u64) {
    let counted = Arc::new(AtomicU64::new(0));
    let count = counted.clone();
    let handler = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    let watch = |handler| store.connection().progress_handler(1, handler).unwrap();
    watch(Some(handler));
    let found = work(store).unwrap();
    watch(None);
    (found, counted.load(Ordering::Relaxed))
}

/// What is asked about the last of so many rounds, and its cost.
fn costs(rounds: u64) -> [(&'static str, u64); 6] {
    let (_folder, store) = run();
    for round in 0..rounds - 1 {
        put_round(&store, round);
        store.forget_samples(round + 1).unwrap();
        store.forget_screenshots(round as i64 + 1).unwrap();
    }
    let before = store.counts(&Counts::default()).unwrap();
    let last = RoundKey::train(rounds - 1);
    put_round(&store, last.number);
    let steps = (EPISODES * STEPS) as usize;

    let (row, round) = costly(&store, |store| store.round(last));
    assert_eq!(row.unwrap().key, last);
    let (values, metrics) = costly(&store, |store| store.metrics_of(last));
    assert_eq!(values.len(), 2);
    let (now, counts) = costly(&store, |store| store.counts(&before));
    assert_eq!(now, store.counts(&Counts::default()).unwrap());
    assert_eq!(
        (now.rounds_done, now.judged),
        (rounds, rounds * u64::from(EPISODES))
    );
    let (taken, space) = costly(&store, |store| store.space(rounds));
    assert_eq!(taken.old_samples, steps as u64 * 100);
    let (forgotten, samples) = costly(&store, |store| store.forget_samples(rounds));
    assert_eq!(forgotten, steps);
    let (forgotten, screenshots) = costly(&store, |store| store.forget_screenshots(rounds as i64));
    assert_eq!(forgotten, steps);
    [
        ("a round", round),
        ("its metrics", metrics),
        ("counts", counts),
        ("space of samples", space),
        ("samples to forget", samples),
        ("screenshots to forget", screenshots),
    ]
}

#[test]
fn a_round_late_in_a_run_costs_the_store_what_an_early_one_does() {
    let (early, late) = (costs(10), costs(200));
    let pairs = early.into_iter().zip(late);
    let both = pairs.map(|((what, early), (_, late))| (what, early, late));
    let dearer: Vec<_> = both
        .filter(|(_, early, late)| *late > early + early / 5)
        .collect();
    assert!(dearer.is_empty(), "{dearer:?}");
}
