//! Every kind of write of a run, refused some times as by a full disk: it is made again, once, and the run is as one
//! whose writes all worked.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::training_state::{assert_same, state};
use stepdroid::config;
use stepdroid::domain::{Event, Observer, Phase};
use stepdroid::farm::{Farm, Patience};
use stepdroid::rollout::{MayBeFull, Stop};
use stepdroid::runtime::{Chosen, Library};
use stepdroid::store::{Refusals, RoundKey, SlotState, Store, StoreOptions};
use stepdroid::train::{self, Outline, RunDirectory, TrainError, Trainer};

const BRANCHES: &str = r#"
[run]
name = "refused"
seed = 6

[policy]
width = 32
layers = 1
heads = 2
feed_forward = 48
provider = "cpu"

[devices]
settle = "idle"
focus_pause_ms = 0
wait_ms = 0

[devices.virtual]
count = 2
size = "360x800"

[suite]
tasks = ["SystemWifiTurnOn", "SystemBluetoothTurnOff"]

[pretrain]
demonstrations = 2
steps = 60

[train]
rounds = 2
tasks_per_round = 2
group_size = 4
max_steps = 5
temperature = 1.2
low_sr = 0.99
aug_group = 4
aug_temperature = 1.5
epochs = 2
critical_steps = "cso"
cso_branches = 2
calibration = "steca"
calibration_branches = 1
keep_samples = 1

[eval]
episodes = 1

[retention]
min_free_bytes = 0
"#;

/// What the writes of a run do.
const WRITES: [&str; 14] = [
    "storing the tasks",
    "storing a device",
    "storing a plan",
    "leasing a slot",
    "storing an episode",
    "writing a blob",
    "writing a checkpoint",
    "storing a round's progress",
    "storing a round's values",
    "storing a plan of branches",
    "storing a branch",
    "storing an evaluation",
    "forgetting old samples",
    "forgetting old branches",
];

/// Trains the run of a directory, which is begun where there is none, with the devices so many rounds ahead, and tells
/// `heard` of its events.
async fn train(
    (path, ahead): (&Path, u32),
    refusals: &Refusals,
    stop: &Stop,
    heard: impl Fn(&Event) + Send + Sync + 'static,
) -> Result<Outline, TrainError> {
    let sets = [format!("train.off_policy_rounds={ahead}")];
    let loaded = config::parse(BRANCHES, Path::new("refused.toml"), &sets);
    let config = loaded.unwrap().config;
    if !path.exists() {
        RunDirectory::create(path, &config).unwrap();
    }
    let options = StoreOptions {
        refusals: Some(refusals.clone()),
        ..StoreOptions::default()
    };
    let store = Store::open(path, &options).unwrap();
    store.release_leases().unwrap();
    let run = RunDirectory {
        path: path.to_path_buf(),
        config: config.clone(),
        store,
    };
    let observer = Observer::new(heard);
    let farm = Farm::start(&config.devices, 6, "a test", Patience::default(), &observer);
    let farm = farm.await.unwrap();
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let disk = train::disk(&run, None, stop, &observer).tried_every(Duration::from_millis(20));
    let cpu = Chosen::Cpu {
        instead_of_cuda: None,
    };
    let trainer = Trainer::new(run, library, cpu, observer, stop.clone()).unwrap();
    let outcome = trainer.on(disk).run(&farm).await;
    farm.stop().await;
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_write_is_made_again_and_the_run_is_the_same() {
    for ahead in [0, 1] {
        refuse_each_write(ahead).await;
    }
}

async fn refuse_each_write(ahead: u32) {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let none = Refusals::default();
    train((&one, ahead), &none, &Stop::new(), |_| {})
        .await
        .unwrap();

    let refusals = Refusals::default();
    for doing in WRITES {
        refusals.plan(doing, 3);
    }
    // Episodes hold their pictures until they are stored; then they are refused too.
    refusals.plan("writing a blob", 40);
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = said.clone();
    let hear = move |event: &Event| match event {
        Event::Waiting { reason } => heard.lock().unwrap().push(reason.clone()),
        Event::GoesOn => heard.lock().unwrap().push(String::new()),
        _ => {}
    };
    train((&other, ahead), &refusals, &Stop::new(), hear)
        .await
        .unwrap();
    for doing in WRITES {
        assert_eq!(refusals.left(doing), 0, "{doing}");
    }
    assert_same(&state(&other), &state(&one), "the run with refused writes");
    // Waits and their ends take turns, each said once.
    let said = said.lock().unwrap();
    assert!(said.len() > 16 && said.len() % 2 == 0, "{said:?}");
    for pair in said.chunks(2) {
        let [waits, goes_on] = pair else {
            panic!("{pair:?}");
        };
        assert!(
            waits.contains("the run waits for room") && goes_on.is_empty(),
            "{pair:?}"
        );
    }
    // No episode was written twice, no picture is missing, nothing torn is left.
    let store = Store::read(&other, &StoreOptions::default()).unwrap();
    for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
        for round in store.rounds(phase).unwrap() {
            let slots = store.slots(round.key).unwrap();
            assert_eq!(store.episodes(round.key).unwrap().len(), slots.len());
            assert!(slots.iter().all(|slot| slot.attempts == 1), "{slots:?}");
        }
    }
    let pictures = store.screenshots().unwrap();
    let hashes = pictures.iter().flat_map(|episode| &episode.hashes);
    let sizes = hashes.map(|hash| store.blobs().get(hash).unwrap().len());
    assert!(sizes.sum::<usize>() > 0);
    assert!(store.loose_blobs(i64::MIN, 0).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_the_wait_and_the_run_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let none = Refusals::default();
    train((&one, 0), &none, &Stop::new(), |_| {}).await.unwrap();
    for doing in ["storing an episode", "writing a checkpoint"] {
        let (refusals, stop) = (Refusals::default(), Stop::new());
        refusals.plan(doing, u32::MAX);
        let asked = stop.clone();
        let hear = move |event: &Event| {
            if let Event::Waiting { reason } = event {
                assert!(reason.contains(doing), "{reason}");
                asked.finish();
            }
        };
        let error = train((&other, 0), &refusals, &stop, hear)
            .await
            .unwrap_err();
        // Episodes end with the stop's own word.
        let word = error.full_while().unwrap_or("interrupted");
        assert!(["interrupted", doing].contains(&word), "{error}");
        let store = Store::read(&other, &StoreOptions::default()).unwrap();
        let slots = store.slots(RoundKey::demonstrate(0)).unwrap();
        assert!(slots.iter().all(|slot| slot.state != SlotState::Leased));
        assert!(!other.join("checkpoints/000001").exists());
    }
    train((&other, 0), &none, &Stop::new(), |_| {})
        .await
        .unwrap();
    assert_same(&state(&other), &state(&one), "the run that was stopped");
}
