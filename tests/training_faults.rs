//! Phones that hang, drop their connections and reboot in the middle of a run: apart from time and the
//! attempts that were lost, the run is the one without faults, to the bit.
#![allow(clippy::unwrap_used)]

mod small_run;
#[path = "small_run/trainer.rs"]
mod trainer;
mod training_state;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use small_run::small_run;
use stepdroid::domain::{Event, Observer, Phase};
use stepdroid::farm::{Farm, Patience};
use stepdroid::phone::{Fault, PlannedFault};
use stepdroid::store::{RoundKey, Store, StoreOptions};
use stepdroid::train::RunDirectory;
use trainer::{farm, parsed, trainer};
use training_state::{assert_same, state};

/// What this run has otherwise.
const OWN: &str = r#"
[run]
seed = 12

[suite]
tasks = ["OpenAppTaskEval", "SystemWifiTurnOn", "ClockStopWatchRunning"]

[pretrain]
noise = 0.1

[train]
tasks_per_round = 3
group_size = 3
max_steps = 5
aug_group = 3
"#;

/// Trains a run on so many phones, which misbehave where that is wanted; returns how many lost
/// attempts its store knows.
async fn train(path: &Path, phones: u32, misbehave: bool) -> usize {
    // Short, so that a phone that hangs is soon noticed; where none does, nothing may count as lost.
    let deadline = if misbehave { 2000 } else { 30_000 };
    let stages = include_str!("small_run/stages.toml");
    let count = format!("devices.virtual.count={phones}");
    let deadline = format!("devices.deadline_ms={deadline}");
    let config = parsed(&small_run(&[stages, OWN]), &[&count, &deadline]);
    let run = RunDirectory::create(path, &config).unwrap();
    let patience = Patience {
        first_wait: Duration::from_millis(50),
        ..Patience::default()
    };
    let farm = Arc::new(farm(&config, patience, &Observer::default()).await);
    let finished = Arc::new(AtomicUsize::new(0));
    let observer = {
        let (farm, finished) = (Arc::downgrade(&farm), finished.clone());
        Observer::new(move |event| {
            let (Event::Episode { .. }, Some(farm)) = (event, farm.upgrade()) else {
                return;
            };
            let number = finished.fetch_add(1, Ordering::SeqCst);
            if misbehave {
                disturb(&farm, number);
            }
        })
    };
    trainer(run, observer).run(&farm).await.unwrap();
    let store = Store::read(path, &StoreOptions::default()).unwrap();
    let mut lost = 0;
    for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
        for round in store.rounds(phase).unwrap() {
            let episodes = store.episodes(round.key).unwrap();
            lost += episodes
                .iter()
                .filter(|found| !found.outcome.is_judged())
                .count();
        }
    }
    lost
}

/// What happens to which phone after so many episodes.
fn disturb(farm: &Farm, number: usize) {
    let phones = farm.phones();
    let phone = &phones[number % phones.len()];
    let plan = |fault, service: &str, after| {
        phone.plan_fault(PlannedFault {
            after,
            service: service.into(),
            ..PlannedFault::now(fault)
        });
    };
    match number {
        1 | 9 => plan(Fault::Drop, "uiautomator", 1),
        3 => plan(Fault::Hang, "screencap", 2),
        5 => plan(Fault::Drop, "shell", 0),
        7 | 16 => phone.reboot(),
        11 => plan(Fault::Hang, "am start", 0),
        13 => plan(Fault::Hang, "input", 1),
        18 => plan(Fault::Offline(Duration::from_millis(300)), "uiautomator", 1),
        20 => plan(Fault::Drop, "input", 0),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_that_fail_change_nothing_that_is_learnt() {
    let folder = tempfile::tempdir().unwrap();
    let (sound, faulty) = (folder.path().join("sound"), folder.path().join("faulty"));
    assert_eq!(train(&sound, 2, false).await, 0);
    let lost = train(&faulty, 3, true).await;
    assert!(lost >= 5, "only {lost} attempts were lost");
    assert_same(&state(&faulty), &state(&sound), "with faults");
    // The test would be empty if nothing were learnt.
    let store = Store::read(&sound, &StoreOptions::default()).unwrap();
    assert!(!store.updates(RoundKey::train(0)).unwrap().is_empty());
}
