//! A small plan of scripted solutions on the devices of a configuration, and what became of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use stepdroid::config;
use stepdroid::domain::{Event, Observer, Outcome};
use stepdroid::emulator::{BUILT_IN, Definition, Record};
use stepdroid::farm::{Farm, Patience};
use stepdroid::rollout::{Actor, RolloutOptions, run_slots};
use stepdroid::store::{EpisodeRow, RoundKey};
use stepdroid::train::RunDirectory;

use crate::place::{Place, signal};

const SMALL: &str = r#"
[run]
name = "emulators"
seed = 5

[devices]
settle = "idle"
focus_pause_ms = 0
wait_ms = 0
deadline_ms = 5000

[devices.virtual]
count = 1
size = "360x800"
beside = true

[devices.emulators]
count = 2
reach = "direct"
patience_s = 120
needs_memory_mb = 64
needs_disk_mb = 64

[suite]
tasks = ["SystemWifiTurnOn", "SystemBluetoothTurnOff", "OpenAppTaskEval"]
"#;

/// One farm, its plan, and what was told of it.
pub struct Run {
    pub place: Place,
    pub avd: String,
    pub definition: PathBuf,
    told: Arc<Mutex<Vec<String>>>,
}

/// What does not happen in so many plans does not happen.
const MOST_PLANS: u64 = 50;

/// How a plan ended, or several one after another.
#[derive(Default)]
pub struct Ended {
    plans: u64,
    pub episodes: Vec<EpisodeRow>,
    pub told: String,
}

/// How many runs there were: a name that another had may still be held while that ends.
static RUNS: AtomicU64 = AtomicU64::new(0);

impl Run {
    pub fn new() -> Run {
        let place = Place::new();
        let definition = place.folder.path().join("small.toml");
        let text = BUILT_IN
            .replace("width = 1080", "width = 360")
            .replace("height = 2400", "height = 800");
        fs::write(&definition, text).unwrap();
        Run {
            // The register of devices is the user's: other tests' emulators must have other names.
            avd: format!(
                "farm-{}-{}",
                std::process::id(),
                RUNS.fetch_add(1, Ordering::Relaxed)
            ),
            definition,
            told: Arc::default(),
            place,
        }
    }

    pub fn config(&self, sets: &[&str]) -> config::TrainConfig {
        let place = &self.place;
        let of = |key: &str, path: &Path| format!("devices.emulators.{key}='{}'", path.display());
        let mut all = vec![
            of("sdk", place.sdk.root()),
            of("avd_home", place.home.directory()),
            of("state", place.state.path()),
            of("definition", &self.definition),
            format!("devices.emulators.avd='{}'", self.avd),
            format!("devices.emulators.first_port={}", place.port),
        ];
        all.extend(sets.iter().map(|set| (*set).to_owned()));
        let parsed = config::parse(SMALL, Path::new("small.toml"), &all);
        parsed.unwrap().config
    }

    /// The directory of an emulator's AVD, which is made where it is missing.
    pub fn avd(&self, number: u32) -> PathBuf {
        let name = format!("{}-{number}", self.avd);
        let home = &self.place.home;
        home.avd(&name).unwrap_or_else(|_| {
            let mut definition = Definition::read(&self.definition).unwrap();
            definition.name = name;
            home.create(&definition, &self.place.sdk, false).unwrap()
        })
    }

    pub fn record(&self, number: u32) -> Record {
        let name = format!("{}-{number}", self.avd);
        let mut records = self.place.state.records().into_iter();
        records.find(|record| record.avd == name).unwrap()
    }

    pub fn signal(&self, name: &str, number: u32) {
        for process in self.record(number).processes() {
            signal(name, process.pid);
        }
    }

    pub async fn farm(&self, config: &config::TrainConfig, observer: &Observer) -> Farm {
        let patience = Patience {
            first_wait: Duration::from_millis(50),
            grace: Duration::from_secs(300),
            ..Patience::default()
        };
        Farm::start(&config.devices, 5, "a test", patience, observer)
            .await
            .unwrap()
    }

    /// Runs the plan; `disturb` is called with the number of episodes that have ended.
    pub async fn plan(
        &self,
        sets: &[&str],
        disturb: impl Fn(&Run, usize) + Send + Sync + 'static,
    ) -> Ended {
        self.plans(sets, disturb, |_, _| true).await
    }

    /// Runs the plan, and the same again until what must have happened has: other devices may be through with a plan
    /// before the one that was disturbed is looked after.
    pub async fn plans(
        &self,
        sets: &[&str],
        disturb: impl Fn(&Run, usize) + Send + Sync + 'static,
        happened: impl Fn(&Run, &str) -> bool,
    ) -> Ended {
        let config = self.config(sets);
        let folder = self.place.folder.path().join("run");
        let run = RunDirectory::create(&folder, &config).unwrap();
        let told = self.told.clone();
        let telling = Observer::new(move |event| {
            if let Event::Device {
                serial,
                kind,
                detail,
            } = event
            {
                told.lock()
                    .unwrap()
                    .push(format!("{serial} {kind}: {detail}"));
            } else if let Event::Note(text) = event {
                told.lock().unwrap().push(text.clone());
            }
        });
        let farm = self.farm(&config, &telling).await;
        let suite = stepdroid::eval::suite(&config).unwrap();
        let slots = stepdroid::eval::plan(&config, &suite, 4);
        let ended = Arc::new(Mutex::new(0));
        let (events, mut episodes) = tokio::sync::mpsc::unbounded_channel();
        let observer = Observer::new(move |event| {
            if let Event::Episode { .. } = event {
                let mut ended = ended.lock().unwrap();
                *ended += 1;
                events.send(*ended).unwrap();
            }
        });
        let options = RolloutOptions {
            observer,
            ..RolloutOptions::new(Actor::Solution { noise: 0.0 }, 5, 0)
        };
        let mut ended = Ended::default();
        loop {
            let key = RoundKey::demonstrate(ended.plans);
            run.store.put_round(key, 0, "{}", &slots).unwrap();
            {
                let running = run_slots(&run.store, &farm, key, "solutions", &options);
                let mut running = std::pin::pin!(running);
                loop {
                    tokio::select! {
                        result = &mut running => break result.unwrap(),
                        Some(number) = episodes.recv() => disturb(self, number),
                    }
                }
            }
            ended.plans += 1;
            ended.episodes.extend(run.store.episodes(key).unwrap());
            ended.told = self.told.lock().unwrap().join("\n");
            if happened(self, &ended.told) {
                break;
            }
            assert!(ended.plans < MOST_PLANS, "{}", ended.told);
        }
        farm.stop().await;
        drop(farm);
        ended
    }
}

impl Ended {
    /// The plans have ended as they do without faults, but for at most so many lost trajectories.
    pub fn assert_whole(&self, what: &str, most_lost: usize) {
        let judged = self.episodes.iter().filter(|row| row.outcome.is_judged());
        let slots: BTreeSet<(u64, u32)> = judged
            .clone()
            .filter(|row| row.outcome == Outcome::Success { score: 1.0 })
            .map(|row| (row.key.number, row.slot))
            .collect();
        let wanted = 12 * usize::try_from(self.plans).unwrap();
        assert_eq!(judged.count(), wanted, "{what}: {}", self.told);
        assert_eq!(slots.len(), wanted, "{what}: {}", self.told);
        let lost = self.episodes.len() - wanted;
        let others = self.episodes.iter().filter(|row| !row.outcome.is_judged());
        let others: Vec<&Outcome> = others.map(|row| &row.outcome).collect();
        assert!(lost <= most_lost, "{what}: {others:?}\n{}", self.told);
    }
}
