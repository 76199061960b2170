//! Many phones behind bad lines, for a long time: nothing hangs, nothing leaks, every planned trajectory is judged once
//! and never by a fault, and the phones without faults work on as if there were none.
//!
//! `make soak` runs half an hour of it with 32 phones (SOAK_MINUTES, SOAK_PHONES). A test run has three minutes with
//! eight: phones, lines and whoever drives them are one process here, and 32 of them want two cores for themselves. How
//! fast it goes is asserted by `make soak` alone, which has the machine for itself.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use stepdroid::config;
use stepdroid::domain::arrivals::Arrivals;
use stepdroid::domain::streams::stream;
use stepdroid::domain::{Event, Observer, Outcome, ScreenSize, Slot};
use stepdroid::farm::{Farm, Patience};
use stepdroid::faultline::{FaultLine, LineFault, LinePlan};
use stepdroid::phone::{Fault, Phone, PhoneOptions, PlannedFault};
use stepdroid::rollout::{Actor, RolloutOptions, run_slots};
use stepdroid::store::{NewRun, RoundKey, SlotState, Store, StoreOptions, now};
use tokio::time::{sleep, timeout};

const SEED: u64 = 11;
/// Mean time between two faults of a phone that has them, in seconds, where SOAK_EVERY does not say another.
const MEAN: f64 = 20.0;
/// Slots of a plan for each phone. At the end of a plan phones wait for what others still hold, here as long as a few
/// episodes take: a fault lasts for seconds, and an episode of a virtual phone less than one. On real phones it is the
/// other way round, so that a plan here has more episodes.
const SLOTS: u32 = 40;
/// A plan that takes longer hangs, and a device that is not back after it.
const HANGS: Duration = Duration::from_secs(900);
/// By how much memory and open files may have grown: a twentieth. Less than a minute does not warm the memory up, so that
/// a test run only holds it to half.
const GROWTH: f64 = 1.05;
const EARLY_GROWTH: f64 = 1.5;
/// What phones without faults must do beside the others, of what they do where nothing has faults.
const SHARE: f64 = 0.9;
const TASKS: [&str; 3] = [
    "SystemWifiTurnOn",
    "OpenAppTaskEval",
    "ClockStopWatchRunning",
];

const CONFIG: &str = r#"
[run]
name = "soak"

[devices]
settle = "idle"
focus_pause_ms = 0
wait_ms = 0
deadline_ms = 10000
"#;

/// A phone and the line before it.
struct Place {
    phone: Phone,
    line: FaultLine,
}

/// What goes on.
#[derive(Default)]
struct State {
    /// Whether there are faults now.
    stormy: AtomicBool,
    struck: AtomicU64,
    /// What struck which phone when, in ms since the epoch.
    strikes: Mutex<Vec<(i64, String, String)>>,
    /// Devices that never have faults.
    well: Mutex<BTreeSet<String>>,
    /// Judged and lost episodes by device.
    episodes: Mutex<BTreeMap<String, (u64, u64)>>,
    /// What was lost, by cause.
    causes: Mutex<BTreeMap<String, u64>>,
    events: Mutex<BTreeMap<&'static str, u64>>,
    /// The last time that an episode ended, and the longest time between two.
    beat: Mutex<Option<(Instant, Duration)>>,
}

impl State {
    fn hear(&self, event: &Event) {
        match event {
            Event::Device { kind, .. } => {
                *self.events.lock().unwrap().entry(*kind).or_default() += 1;
            }
            Event::Episode {
                device, outcome, ..
            } => {
                let mut episodes = self.episodes.lock().unwrap();
                let (judged, lost) = episodes.entry(device.clone()).or_default();
                match outcome {
                    Outcome::Truncated { cause } | Outcome::Invalid { cause } => {
                        *lost += 1;
                        *self
                            .causes
                            .lock()
                            .unwrap()
                            .entry(cause.clone())
                            .or_default() += 1;
                    }
                    _ => *judged += 1,
                }
                let mut beat = self.beat.lock().unwrap();
                let (last, longest) = beat.unwrap_or((Instant::now(), Duration::ZERO));
                *beat = Some((Instant::now(), longest.max(last.elapsed())));
            }
            _ => {}
        }
    }

    /// What struck a phone last before a time.
    fn last_strikes(&self, serial: &str, before: i64) -> Vec<(i64, String)> {
        let strikes = self.strikes.lock().unwrap();
        let of_it = strikes
            .iter()
            .filter(|(when, of, _)| of == serial && *when <= before);
        of_it
            .rev()
            .take(4)
            .map(|(when, _, said)| (*when, said.clone()))
            .collect()
    }

    /// Judged and lost episodes of the phones without faults so far.
    fn of_the_well(&self) -> (u64, u64) {
        let (well, episodes) = (self.well.lock().unwrap(), self.episodes.lock().unwrap());
        let counts = episodes.iter().filter(|(serial, _)| well.contains(*serial));
        counts.fold((0, 0), |(judged, lost), (_, counts)| {
            (judged + counts.0, lost + counts.1)
        })
    }
}

/// One of the ways in which a phone or its line may fail; returns which.
fn strike(place: &Place, random: &mut ChaCha8Rng) -> String {
    let line = |fault: LineFault| {
        let said = format!("{fault:?}");
        place.line.strike(fault);
        said
    };
    let ms = |from: u64, to: u64, random: &mut ChaCha8Rng| {
        Duration::from_millis(random.random_range(from..to))
    };
    let lasts = ms(500, 6_000, random);
    let services = ["shell", "exec:", "screencap", "uiautomator", "input"];
    let service = services[random.random_range(0..services.len())];
    let fault = match random.random_range(0..23) {
        0 => return line(LineFault::Cut),
        1 => return line(LineFault::Down { lasts }),
        2 => return line(LineFault::HalfOpen { lasts }),
        3 => return line(LineFault::Stall { lasts }),
        4 => {
            return line(LineFault::Throttle {
                bytes_per_second: 200_000,
                lasts,
            });
        }
        5 => {
            return line(LineFault::Garbage {
                lasts: Duration::ZERO,
            });
        }
        6 => Fault::Hang,
        7 => Fault::Drop,
        8 => Fault::NoExit,
        9 => Fault::Slow(ms(50, 1_500, random)),
        10 => Fault::HalfScreenshot(lasts),
        11 => Fault::NoIdle(lasts),
        12 => Fault::NullRoot(lasts),
        13 => Fault::EmptyTree(lasts),
        14 => Fault::StorageFull(lasts),
        15 => Fault::NoPackageManager(lasts),
        16 => Fault::Offline(lasts),
        17 => Fault::Unauthorized(lasts),
        18 => Fault::NotResponding,
        19 => Fault::SystemUiNotResponding,
        20 => Fault::SystemUiCrash(lasts),
        21 => Fault::Reboot(lasts),
        _ => Fault::ClockJump(random.random_range(-7_200_000..7_200_000)),
    };
    let said = format!("{fault:?} of {service}");
    place.phone.plan_fault(PlannedFault {
        service: service.to_owned(),
        ..PlannedFault::now(fault)
    });
    said
}

/// Strikes a phone at random times while it is stormy.
async fn storm(place: Arc<Place>, number: u64, state: Arc<State>) {
    let mut random = stream(SEED, "soak faults", number);
    let mean = Duration::from_secs_f64(number_of("SOAK_EVERY", MEAN));
    let mut arrivals = Arrivals::new(SEED, "soak times", number, mean);
    loop {
        sleep(arrivals.next_gap()).await;
        if state.stormy.load(Ordering::SeqCst) {
            let said = strike(&place, &mut random);
            let (when, serial) = (now(), place.line.address().to_string());
            state.strikes.lock().unwrap().push((when, serial, said));
            state.struck.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Memory in KiB and open files of this process.
fn taken() -> (f64, f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let memory = line.unwrap().split_whitespace().nth(1).unwrap();
    let files = std::fs::read_dir("/proc/self/fd").unwrap().count();
    (memory.parse().unwrap(), files as f64)
}

/// Processor time of this process.
fn processor() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let field = |number: usize| -> f64 { fields.split(' ').nth(number).unwrap().parse().unwrap() };
    (field(11) + field(12)) / TICKS
}

/// What a time without faults, or with them, came to.
#[derive(Default)]
struct Spell {
    episodes: u64,
    seconds: f64,
    processor: f64,
}

struct Soak {
    farm: Farm,
    store: Store,
    state: Arc<State>,
    places: Vec<Arc<Place>>,
    plans: u64,
    trajectories: u64,
}

impl Soak {
    /// One plan to its end; every trajectory of it is judged once, and none by a fault.
    async fn plan(&mut self, spell: &mut Spell) {
        let key = RoundKey::demonstrate(self.plans);
        self.plans += 1;
        let slot = |index: u32| {
            let task = TASKS[index as usize % TASKS.len()];
            Slot::plain(index, task, index / TASKS.len() as u32, u64::from(index))
        };
        let slots: Vec<Slot> = (0..SLOTS * self.places.len() as u32).map(slot).collect();
        self.store.put_round(key, 0, "{}", &slots).unwrap();
        let state = self.state.clone();
        let options = RolloutOptions {
            attempts: u32::MAX,
            samples: false,
            observer: Observer::new(move |event| state.hear(event)),
            ..RolloutOptions::new(Actor::Solution { noise: 0.0 }, SEED, 0)
        };
        let (began, processor_before) = (Instant::now(), processor());
        let (before, _) = self.state.of_the_well();
        let running = run_slots(&self.store, &self.farm, key, "a plan", &options);
        timeout(HANGS, running)
            .await
            .expect("the plan hangs")
            .unwrap();
        spell.seconds += began.elapsed().as_secs_f64();
        spell.processor += processor() - processor_before;
        spell.episodes += self.state.of_the_well().0 - before;
        let found = self.store.slots(key).unwrap();
        assert!(found.iter().all(|slot| slot.state == SlotState::Done));
        let mut judged = vec![0; slots.len()];
        for episode in self.store.episodes(key).unwrap() {
            if episode.outcome.is_judged() {
                judged[episode.slot as usize] += 1;
                let success = episode.outcome.reward() == Some(1.0);
                let strikes = || {
                    self.state
                        .last_strikes(&episode.device, episode.finished_at)
                };
                assert!(
                    success,
                    "judged by a fault: {episode:?}; what struck the phone last: {:?}",
                    strikes()
                );
            }
        }
        assert!(judged.iter().all(|count| *count == 1), "{judged:?}");
        self.trajectories += slots.len() as u64;
    }

    /// Ends all faults, waits until every device is there, and says what the process takes then.
    async fn rest(&self) -> (f64, f64) {
        self.state.stormy.store(false, Ordering::SeqCst);
        for place in &self.places {
            place.phone.clear_faults();
            place.line.clear();
        }
        for member in self.farm.members() {
            let back = timeout(HANGS, member.ready()).await;
            back.unwrap_or_else(|_| panic!("{} is not back", member.serial()));
        }
        // What was dropped is closed in the background.
        sleep(Duration::from_secs(3)).await;
        taken()
    }
}

fn number_of(name: &str, default: f64) -> f64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect(name))
}

async fn start(phones: u64) -> (Soak, tokio::task::JoinSet<()>, tempfile::TempDir) {
    let state = Arc::new(State::default());
    let mut places = Vec::new();
    let mut storms = tokio::task::JoinSet::new();
    for number in 0..phones {
        let options = PhoneOptions {
            size: ScreenSize {
                width: 360,
                height: 800,
            },
            seed: SEED + number,
            ..PhoneOptions::default()
        };
        let phone = Phone::start(options).await.unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let line = FaultLine::start(any, &phone.serial(), LinePlan::default(), number).await;
        let place = Arc::new(Place {
            phone,
            line: line.unwrap(),
        });
        if number % 4 == 0 {
            let serial = place.line.address().to_string();
            state.well.lock().unwrap().insert(serial);
        } else {
            storms.spawn(storm(place.clone(), number, state.clone()));
        }
        places.push(place);
    }
    let serials: Vec<String> = places
        .iter()
        .map(|place| place.line.address().to_string())
        .collect();
    let sets = [format!("devices.serials={serials:?}")];
    let config = config::parse(CONFIG, Path::new("soak.toml"), &sets).unwrap();
    let patience = Patience {
        longest_wait: Duration::from_secs(4),
        failures: u32::MAX,
        grace: HANGS,
        ..Patience::default()
    };
    let heard = state.clone();
    let observer = Observer::new(move |event| heard.hear(event));
    let farm = Farm::start(&config.config.devices, SEED, "a soak", patience, &observer);
    let farm = farm.await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let new_run = NewRun {
        name: "soak".into(),
        seed: SEED,
        config: CONFIG.into(),
        program_version: "0".into(),
        suite_version: "0".into(),
    };
    let store = Store::create(folder.path(), &new_run, &StoreOptions::default()).unwrap();
    let soak = Soak {
        farm,
        store,
        state,
        places,
        plans: 0,
        trajectories: 0,
    };
    (soak, storms, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_phones_with_many_faults_for_a_long_time() {
    let minutes = number_of("SOAK_MINUTES", 3.0);
    let phones = number_of("SOAK_PHONES", 8.0) as u64;
    let is_alone = std::env::var_os("SOAK_MINUTES").is_some();
    let (began, length) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
    let (mut soak, _storms, _folder) = start(phones).await;

    // A quarter of the time warms everything up, with and without faults.
    let (mut calm, mut stormy) = (Spell::default(), Spell::default());
    soak.plan(&mut Spell::default()).await;
    soak.state.stormy.store(true, Ordering::SeqCst);
    while began.elapsed() < length / 4 {
        soak.plan(&mut Spell::default()).await;
    }
    let (memory, files) = soak.rest().await;

    // In turns, so that whatever else the machine does meanwhile strikes both.
    while began.elapsed() < length {
        soak.plan(&mut calm).await;
        soak.state.stormy.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            soak.plan(&mut stormy).await;
        }
        soak.rest().await;
    }
    let (memory_after, files_after) = soak.rest().await;

    let state = &soak.state;
    let (_, lost) = state.of_the_well();
    let rate = |spell: &Spell| spell.episodes as f64 / spell.seconds;
    let share = rate(&stormy) / rate(&calm);
    let longest = state
        .beat
        .lock()
        .unwrap()
        .map_or(0.0, |(_, it)| it.as_secs_f64());
    println!(
        "{phones} phones, {:.1} minutes, {} plans, {} trajectories, each judged once; {} faults\n\
         lost attempts: {:?}; of phones without faults: {lost}\n\
         events of devices: {:?}\n\
         memory {:.1} MiB, then {:.1} MiB; open files {files}, then {files_after}\n\
         phones without faults, episodes a second: {:.2} in {:.0} s without faults elsewhere, {:.2} in {:.0} s with \
         them ({:.0} %); processor {:.0} % and {:.0} %; longest time without the end of an episode {longest:.1} s",
        began.elapsed().as_secs_f64() / 60.0,
        soak.plans,
        soak.trajectories,
        state.struck.load(Ordering::SeqCst),
        state.causes.lock().unwrap(),
        state.events.lock().unwrap(),
        memory / 1024.0,
        memory_after / 1024.0,
        rate(&calm),
        calm.seconds,
        rate(&stormy),
        stormy.seconds,
        share * 100.0,
        calm.processor / calm.seconds * 100.0,
        stormy.processor / stormy.seconds * 100.0,
    );
    assert!(state.struck.load(Ordering::SeqCst) > 0);
    assert!(files_after <= files * GROWTH, "open files grew");
    let growth = if is_alone { GROWTH } else { EARLY_GROWTH };
    assert!(memory_after <= memory * growth, "memory grew");
    if is_alone {
        assert!(share >= SHARE, "phones without faults were held up");
    }
}
