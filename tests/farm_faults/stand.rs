//! One row: two devices, a plan, a fault on one of them, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use stepdroid::config;
use stepdroid::domain::{Event, Observer, Outcome, Slot};
use stepdroid::farm::{Farm, Patience};
use stepdroid::rollout::{Actor, RolloutOptions, run_slots};
use stepdroid::store::{NewRun, RoundKey, Store, StoreOptions};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::device::{Foreign, Struck, Way};
use crate::rows::Row;

const SEED: u64 = 5;
/// Of the first plan, during which the fault strikes, and of the one after it.
const SLOTS: [u32; 2] = [12, 4];
/// Some succeed in so few steps, and some do not.
const MAX_STEPS: u32 = 4;
const TASKS: [&str; 4] = [
    "SystemWifiTurnOn",
    "OpenAppTaskEval",
    "ContactsAddContact",
    "ClockStopWatchRunning",
];
/// A row that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

const CONFIG: &str = r#"
[run]
name = "faults"

[devices]
settle = "idle"
focus_pause_ms = 0
wait_ms = 0
deadline_ms = 5000

[devices.virtual]
count = 2
size = "360x800"
"#;

/// Outcomes by round and slot.
pub type Outcomes = BTreeMap<(u64, u32), Outcome>;

/// What happened in a row, in order: on which device, and what.
type Log = Arc<Mutex<Vec<(String, What)>>>;

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// The word for it, and all that was said.
    Device(&'static str, String),
    Episode(Outcome),
}

/// What came of a row.
pub struct Ran {
    pub fault: &'static str,
    pub wrong: Vec<String>,
    seen: Vec<&'static str>,
    lost: Vec<String>,
    meanwhile: usize,
    took: Duration,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for word in &self.seen {
            match seen.last_mut() {
                Some((last, count)) if last == word => *count += 1,
                _ => seen.push((word, 1)),
            }
        }
        let seen: Vec<String> = seen
            .into_iter()
            .map(|(word, count)| match count {
                1 => word.to_owned(),
                _ => format!("{word} x{count}"),
            })
            .collect();
        let mark = if self.wrong.is_empty() { "" } else { " WRONG" };
        write!(
            f,
            "{:<28} {:>4} {:>5} {:>6.1}  {} ({}){mark}",
            self.fault,
            self.lost.len(),
            self.meanwhile,
            self.took.as_secs_f64(),
            seen.join(", "),
            self.lost.join(", "),
        )
    }
}

/// A device's event in a word.
fn word(kind: &'static str, detail: &str) -> &'static str {
    if kind != "repair" {
        return kind;
    }
    [
        ("reconnecting", "reconnect"),
        ("closing", "tidy"),
        ("the adb server", "server"),
        ("starting it anew", "restart"),
        ("rebooting", "reboot"),
    ]
    .into_iter()
    .find(|(begin, _)| detail.starts_with(begin))
    .map_or("repair", |(_, word)| word)
}

/// A farm, a store, and what is heard of them.
struct Stand {
    farm: Farm,
    store: Store,
    log: Log,
    heard: mpsc::UnboundedReceiver<(String, &'static str)>,
    observer: Observer,
    _folder: tempfile::TempDir,
}

impl Stand {
    /// Of devices by serial, or of two phones of the farm's own.
    async fn new(serials: &[&str]) -> Stand {
        let sets = [format!("devices.serials={serials:?}")];
        let config = config::parse(CONFIG, Path::new("faults.toml"), &sets).unwrap();
        let log = Log::default();
        let (tell, mut heard) = mpsc::unbounded_channel();
        let observer = {
            let log = log.clone();
            Observer::new(move |event| {
                let entry = match event {
                    Event::Device {
                        serial,
                        kind,
                        detail,
                    } => {
                        let word = word(kind, detail);
                        // Nobody may listen any more.
                        let _ = tell.send((serial.clone(), word));
                        (serial.clone(), What::Device(word, detail.clone()))
                    }
                    Event::Episode {
                        device, outcome, ..
                    } => (device.clone(), What::Episode(outcome.clone())),
                    _ => return,
                };
                log.lock().unwrap().push(entry);
            })
        };
        let patience = Patience {
            first_wait: Duration::from_millis(250),
            longest_wait: Duration::from_secs(1),
            failures: 1_000,
            grace: PATIENCE,
        };
        let farm = Farm::of(&config.config.devices, SEED, "a test", patience, &observer);
        let farm = farm.await.unwrap();
        for member in farm.members() {
            let open = timeout(PATIENCE, member.ready()).await;
            open.unwrap_or_else(|_| panic!("{}: {:?}", member.serial(), member.standing()));
        }
        // How long that takes, and how often it is tried, is no matter of the fault.
        log.lock().unwrap().clear();
        while heard.try_recv().is_ok() {}
        let folder = tempfile::tempdir().unwrap();
        let new_run = NewRun {
            name: "faults".into(),
            seed: SEED,
            config: CONFIG.into(),
            program_version: "0".into(),
            suite_version: "0".into(),
        };
        let store = Store::create(folder.path(), &new_run, &StoreOptions::default()).unwrap();
        for (number, count) in (0..).zip(SLOTS) {
            let slot = |index: u32| {
                let task = TASKS[index as usize % TASKS.len()];
                Slot::plain(index, task, index / TASKS.len() as u32, u64::from(index))
            };
            let slots: Vec<Slot> = (0..count).map(slot).collect();
            let key = RoundKey::demonstrate(number);
            store.put_round(key, 0, "{}", &slots).unwrap();
        }
        Stand {
            farm,
            store,
            log,
            heard,
            observer,
            _folder: folder,
        }
    }

    async fn plan(&self, number: u64) {
        let options = RolloutOptions {
            max_steps: Some(MAX_STEPS),
            observer: self.observer.clone(),
            ..RolloutOptions::new(Actor::Solution { noise: 0.0 }, SEED, 0)
        };
        let key = RoundKey::demonstrate(number);
        let running = run_slots(&self.store, &self.farm, key, "a plan", &options);
        timeout(PATIENCE, running)
            .await
            .expect("the plan hangs")
            .unwrap();
    }

    fn outcomes(&self) -> Outcomes {
        let mut outcomes = Outcomes::new();
        for number in 0..SLOTS.len() as u64 {
            for episode in self.store.episodes(RoundKey::demonstrate(number)).unwrap() {
                if episode.outcome.is_judged() {
                    let before = outcomes.insert((number, episode.slot), episode.outcome);
                    assert_eq!(before, None, "a slot was judged twice");
                }
            }
        }
        outcomes
    }
}

/// What the plans come to where nothing goes wrong.
pub async fn outcomes_without_faults() -> Outcomes {
    let stand = Stand::new(&[]).await;
    for number in 0..SLOTS.len() as u64 {
        stand.plan(number).await;
    }
    let outcomes = stand.outcomes();
    let successes = outcomes.values().filter(|it| it.reward() == Some(1.0));
    // The rates would say nothing if all were alike.
    let successes = successes.count();
    assert!(successes > 4 && successes < outcomes.len(), "{outcomes:?}");
    outcomes
}

/// Runs a row.
pub async fn run(row: &Row, expected: &Outcomes) -> Ran {
    let began = Instant::now();
    let well = Foreign::new(Way::Foreign, SEED + 20).await;
    let (mut stand, mut struck) = match row.way {
        Way::Ours => {
            let stand = Stand::new(&[]).await;
            let struck = Struck::of(&stand.farm);
            (stand, struck)
        }
        way => {
            let foreign = Foreign::new(way, SEED).await;
            let stand = Stand::new(&[foreign.serial(), well.serial()]).await;
            (stand, Struck::Foreign(Box::new(foreign)))
        }
    };
    let serial = struck.serial();
    struck.plan(row.blow);
    let mut heard = std::mem::replace(&mut stand.heard, mpsc::unbounded_channel().1);
    let harm = async {
        struck.strike(row.blow).await;
        let Some(until) = row.until else {
            return;
        };
        let ended = async {
            while let Some((device, word)) = heard.recv().await {
                if device == serial && word == until {
                    return;
                }
            }
        };
        let seen = timeout(PATIENCE, ended).await;
        // A row that lacks it says so.
        drop(seen);
        struck.heal(row.blow).await;
    };
    // The plan may be done by the other device before this one is back.
    let work = async {
        stand.plan(0).await;
        let mut members = stand.farm.members().iter();
        let member = members.find(|member| member.serial() == serial);
        timeout(PATIENCE, member.unwrap().ready()).await
    };
    let ((), back) = tokio::join!(harm, work);
    if back.is_ok() {
        stand.plan(1).await;
    }
    let log = stand.log.lock().unwrap().clone();
    let mut ran = judge(row, &serial, &log);
    if back.is_err() {
        ran.wrong.push("it is not back".to_owned());
    }
    if stand.outcomes() != *expected {
        ran.wrong
            .push("outcomes differ from those without the fault".to_owned());
    }
    ran.took = began.elapsed();
    ran
}

fn judge(row: &Row, serial: &str, log: &[(String, What)]) -> Ran {
    let mut seen = Vec::new();
    let mut lost = Vec::new();
    let (mut meanwhile, mut away) = (0, false);
    for (device, what) in log {
        match what {
            What::Device(word, _) if device == serial => {
                seen.push(*word);
                away = match *word {
                    "lost" => true,
                    "back" => false,
                    _ => away,
                };
            }
            What::Episode(Outcome::Truncated { cause } | Outcome::Invalid { cause }) => {
                lost.push(match device == serial {
                    true => cause.clone(),
                    false => format!("{cause} of the well device"),
                });
            }
            What::Episode(_) if device != serial && away => meanwhile += 1,
            _ => {}
        }
    }
    let mut wrong = Vec::new();
    let mut rest = seen.iter();
    for word in row.seen {
        if !rest.any(|found| found == word) {
            wrong.push(format!("no {word:?} where it belongs in {seen:?}"));
            break;
        }
    }
    let odd: Vec<_> = seen
        .iter()
        .filter(|word| !row.seen.contains(word) && !row.may.contains(word))
        .collect();
    if !odd.is_empty() {
        wrong.push(format!("{odd:?} should not be seen"));
    }
    let (least, most) = row.costs;
    if !(least..=most).contains(&lost.len()) {
        wrong.push(format!("{} trajectories were lost: {lost:?}", lost.len()));
    }
    if let Some(cause) = row.cause
        && lost.iter().any(|found| found != cause)
    {
        wrong.push(format!("lost to {lost:?} instead of {cause:?}"));
    }
    if row.until == Some("quarantined") && meanwhile == 0 {
        wrong.push("the other device did nothing meanwhile".to_owned());
    }
    if !wrong.is_empty() {
        let all = log
            .iter()
            .map(|(device, what)| format!("\n    {device}: {what:?}"));
        wrong.push(format!("what happened:{}", all.collect::<String>()));
    }
    Ran {
        fault: row.fault,
        wrong,
        seen,
        lost,
        meanwhile,
        took: Duration::ZERO,
    }
}
