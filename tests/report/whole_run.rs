//! A whole synthetic run in a store: the same one every time.

use std::path::Path;

use serde_json::json;
use stepdroid::domain::{
    Action, Direction, Frame, Instance, Outcome, RateEntry, Slot, StepRecord, Trajectory,
};
use stepdroid::pixels;
use stepdroid::store::{
    AfterLoss, Checkpoint, DeviceRow, EpisodeRecord, Evaluation, NewRun, RoundKey, RoundProgress,
    RoundState, Store, StoreOptions, UpdateRow, now,
};

pub const TASKS: [&str; 12] = [
    "SystemWifiTurnOn",
    "SystemWifiTurnOff",
    "SystemBluetoothTurnOn",
    "SystemBrightnessMax",
    "ClockStopWatchRunning",
    "ClockTimerEntry",
    "ContactsAddContact",
    "ContactsNewContactDraft",
    "MarkorCreateNote",
    "MarkorDeleteNote",
    "ExpenseAddSingle",
    "ExpenseDeleteSingle",
];
pub const SEEDS: u64 = 6;
pub const ROUNDS: u64 = 24;
const SIZE: (u32, u32) = (540, 1200);

/// A number in [0, 1) that depends on nothing but its input.
fn chance(a: u64, b: u64, c: u64) -> f64 {
    let mut bits = a
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(b.wrapping_mul(0xbf58_476d_1ce4_e5b9))
        .wrapping_add(c.wrapping_mul(0x94d0_49bb_1331_11eb));
    for shift in [30, 27, 31] {
        bits = (bits ^ (bits >> shift)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    }
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// How good the policy is at a task after `done` rounds.
fn skill(task: usize, done: u64) -> f64 {
    let ceiling = 1.0 - 0.06 * task as f64;
    let pace = 0.32 - 0.018 * task as f64;
    let start = 0.24 - 0.02 * task as f64;
    start + (ceiling - start) * (1.0 - (-pace * done as f64 * 0.6).exp())
}

/// A settings-like screen: a title bar, rows with switches, one of them marked.
fn screenshot(store: &Store, task: usize, step: usize) -> String {
    let (width, height) = SIZE;
    let mut rgba = vec![250_u8; (width * height * 4) as usize];
    let mut fill = |x: u32, y: u32, w: u32, h: u32, color: [u8; 3]| {
        for row in y..(y + h).min(height) {
            for column in x..(x + w).min(width) {
                let at = ((row * width + column) * 4) as usize;
                rgba[at..at + 3].copy_from_slice(&color);
            }
        }
    };
    let hue = (task * 19 % 120) as u8;
    fill(0, 0, width, 54, [hue, 70, 110]);
    fill(32, 96, 240, 34, [40, 44, 48]);
    for row in 0..8_u32 {
        let y = 190 + row * 118;
        fill(32, y, 52, 52, [hue + 60, 150, 170]);
        fill(
            108,
            y + 4,
            150 + (row * 47 + step as u32 * 31) % 150,
            18,
            [70, 74, 80],
        );
        fill(108, y + 32, 210, 12, [190, 194, 198]);
        let on = row as usize <= step;
        fill(
            432,
            y + 8,
            76,
            36,
            if on { [30, 140, 100] } else { [200, 204, 208] },
        );
    }
    let frame = Frame::new(width, height, rgba).unwrap();
    store
        .blobs()
        .put(&pixels::encode_png(&frame).unwrap())
        .unwrap()
}

fn steps(store: &Store, task: usize, success: bool, with_pictures: bool) -> Vec<StepRecord> {
    let picture = |step| with_pictures.then(|| screenshot(store, task, step));
    let step = |action: Action, note: &str, touch, at| StepRecord {
        action,
        executed: true,
        note: note.into(),
        sample: None,
        log_probability: -0.1 - 0.3 * at as f64,
        touch,
        screenshot: picture(at),
        anchor: None,
        progress: None,
    };
    let mut steps = vec![
        step(Action::open_app("Settings"), "Settings", None, 0),
        step(Action::click(4), "Network & internet", Some((230, 326)), 1),
        step(Action::scroll(Direction::Down), "the list", None, 2),
    ];
    if success {
        steps.push(step(
            Action::click(7),
            "</script><b>Wi-Fi</b>",
            Some((470, 562)),
            3,
        ));
        steps.push(step(
            Action::input_text(2, "Ana <Ruiz>"),
            "Name",
            Some((180, 680)),
            4,
        ));
    } else {
        let mut refused = step(Action::click(99), "no element 99", None, 3);
        refused.executed = false;
        steps.push(refused);
    }
    steps.push(step(Action::complete(), "", None, 5));
    steps
}

fn instance(task: usize, seed: u64) -> Instance {
    Instance {
        task: TASKS[task].into(),
        params: Default::default(),
        seed,
        goal: format!(
            "Do what {} asks, <em>number {seed}</em>, \"now\" & well.",
            TASKS[task]
        ),
        budget: 10,
        compat: Default::default(),
        state: serde_json::Value::Null,
    }
}

pub fn evaluate(store: &Store, number: u64, label: &str, after_round: Option<u64>) {
    let key = RoundKey::evaluate(number);
    let pairs: Vec<(usize, u64)> = (0..TASKS.len())
        .flat_map(|task| (0..SEEDS).map(move |seed| (task, seed)))
        .collect();
    let slots: Vec<Slot> = pairs
        .iter()
        .enumerate()
        .map(|(index, (task, seed))| Slot::plain(index as u32, TASKS[*task], 0, u64::MAX - seed))
        .collect();
    let evaluation = Evaluation {
        number,
        label: label.into(),
        suite: "virtual".into(),
        policy_version: number,
        temperature: 0.0,
        after_round,
    };
    store.put_evaluation(&evaluation, &slots).unwrap();
    let done = after_round.map_or(0, |round| round + 1);
    for (slot, (task, seed)) in pairs.into_iter().enumerate() {
        let success = chance(task as u64, seed, 7 + done / 20) < skill(task, done);
        let pictured = label != "round 12" && seed < 3;
        let record = |outcome| EpisodeRecord {
            key,
            slot: slot as u32,
            instance: instance(task, u64::MAX - seed),
            device: format!("phone-{}", slot % 4),
            policy_version: number,
            trajectory: Trajectory {
                steps: steps(store, task, success, pictured),
                outcome,
                answer: None,
            },
            started_at: now(),
            finished_at: now() + 754_000,
        };
        if slot == 5 {
            let cause = "device_lost".into();
            let lost = record(Outcome::Truncated { cause });
            store.finish_slot(&lost, AfterLoss::Requeue).unwrap();
        }
        let outcome = if success {
            Outcome::Success { score: 1.0 }
        } else {
            Outcome::Failure
        };
        store
            .finish_slot(&record(outcome), AfterLoss::Requeue)
            .unwrap();
    }
}

fn train_round(store: &Store, round: u64, smoothed: &mut [f64]) {
    let key = RoundKey::train(round);
    store.put_round(key, round, "{}", &[]).unwrap();
    let (mut solved, mut total, mut all) = (0, 0, 0);
    let rates: Vec<RateEntry> = (0..TASKS.len())
        .filter(|task| {
            round > 0 && !(round + *task as u64).is_multiple_of(3) || *task as u64 <= round + 4
        })
        .map(|task| {
            let judged = 8;
            let successes = (0..u64::from(judged))
                .filter(|copy| chance(task as u64 + 100, round, *copy) < skill(task, round) * 0.9)
                .count() as u32;
            let rate = f64::from(successes) / f64::from(judged);
            smoothed[task] = 0.6 * smoothed[task] + 0.4 * rate;
            (total, all) = (total + successes, all + judged);
            RateEntry {
                round,
                task: TASKS[task].into(),
                judged,
                successes,
                smoothed: smoothed[task],
            }
        })
        .collect();
    solved += smoothed.iter().filter(|rate| **rate > 0.6).count();
    let mut metrics: Vec<(String, f64)> = [
        ("success_rate", f64::from(total) / f64::from(all)),
        ("tasks_above_60", solved as f64),
        (
            "mastered_share",
            0.1 + 0.25 * (round as f64 / ROUNDS as f64),
        ),
        ("replaced_copies", (round * 2 % 19) as f64),
        ("dead_tasks", 12.0 / (round + 1) as f64),
        ("rows", 400.0 + 20.0 * chance(round, 1, 1)),
        ("infrastructure_losses", f64::from(u8::from(round == 9))),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into();
    if round == 9 {
        metrics.push(("lost.device_lost".into(), 1.0));
    }
    let updates: Vec<UpdateRow> = (0..4)
        .map(|optimizer_step| {
            let noise = chance(round, optimizer_step, 3);
            let values = json!({
                "loss": -0.02 * noise,
                "entropy": 2.4 - 0.06 * round as f64 + 0.1 * noise,
                "ratio": 1.0 + 0.01 * optimizer_step as f64,
                "clip_fraction": 0.08 + 0.05 * noise,
                "approximate_kl": 0.004 + 0.003 * noise,
                "gradient_norm": if round == 20 { None } else { Some(0.4 + 0.8 * noise) },
            });
            UpdateRow {
                optimizer_step,
                metrics: values.as_object().unwrap().clone(),
            }
        })
        .collect();
    let checkpoint = Checkpoint {
        policy_version: round + 1,
        round: Some(round),
        path: format!("checkpoints/{}", round + 1),
        hash: "0".repeat(64),
        bytes: 812_345,
        description_hash: String::new(),
    };
    let progress = RoundProgress {
        rates: &rates,
        metrics: &metrics,
        updates: &updates,
        checkpoint: Some(&checkpoint),
        ..RoundProgress::default()
    };
    store
        .advance_round(key, RoundState::Done, &progress)
        .unwrap();
}

/// A run with two evaluations, training between them, devices and their troubles.
pub fn whole_run(directory: &Path) -> Store {
    let run = NewRun {
        name: "virtual <demo>".into(),
        seed: 7,
        config: "[suite]\nheld_out = [\"ExpenseDeleteSingle\", \"MarkorDeleteNote\"]\n# <b>\n"
            .into(),
        program_version: "0.1.0".into(),
        suite_version: "one".into(),
    };
    let store = Store::create(directory, &run, &StoreOptions::default()).unwrap();
    for phone in 0..4 {
        let device = DeviceRow {
            serial: format!("phone-{phone}"),
            kind: "virtual".into(),
            info: json!({"model": "Pixel 6", "sdk": 33, "screen": "540x1200"}).to_string(),
        };
        store.put_device(&device).unwrap();
    }
    evaluate(&store, 0, "before", None);
    let mut smoothed = [0.0; TASKS.len()];
    for round in 0..ROUNDS {
        train_round(&store, round, &mut smoothed);
        if round == 11 {
            evaluate(&store, 1, "round 12", Some(round));
        }
    }
    store
        .put_device_event("phone-1", "lost", "no reply within 30 s <i>")
        .unwrap();
    store
        .put_device_event("phone-1", "back", "answers again")
        .unwrap();
    evaluate(&store, 2, "after", Some(ROUNDS - 1));
    store
}
