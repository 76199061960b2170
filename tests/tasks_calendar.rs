//! The tasks in Simple Calendar Pro on a virtual phone, over its ADB port: the state each starts from, its
//! scripted solution, near misses.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use stepdroid::adb;
use stepdroid::device::{Device, DeviceOptions, Settle};
use stepdroid::domain::{ActionType, Instance, ScreenSize};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::tasks::{self, Task};

/// Instances of each task, unless the environment says how many.
const SEEDS: u64 = 4;

const EVENTS: &str = "/data/data/com.simplemobiletools.calendar.pro/databases/events.db";
/// The event that came last, or was there first.
const LAST: &str = "id = (SELECT max(id) FROM events)";
const FIRST: &str = "id = (SELECT min(id) FROM events)";

struct Bench {
    _phone: Phone,
    device: Device,
}

/// What one run of a solution was like.
#[derive(Default)]
struct Run {
    trail: Vec<String>,
    answer: Option<String>,
    done: bool,
}

impl Bench {
    async fn new(seed: u64) -> Bench {
        let phone = Phone::start(PhoneOptions {
            size: ScreenSize::parse("540x1200").unwrap(),
            clock: ClockMode::Steps,
            seed,
            ..PhoneOptions::default()
        })
        .await
        .unwrap();
        let adb = adb::connect(&phone.serial()).await.unwrap();
        let options = DeviceOptions {
            settle: Settle::Idle,
            focus_pause: Duration::ZERO,
            wait: Duration::from_millis(10),
            ..DeviceOptions::default()
        };
        let device = Device::open(adb, options).await.unwrap();
        tasks::prepare(&device).await.unwrap();
        Bench {
            _phone: phone,
            device,
        }
    }

    /// Runs the solution of `solved` on the device, within its budget.
    async fn solve(&self, task: &dyn Task, solved: &Instance) -> Run {
        let mut solution = task.solution(solved).unwrap();
        let mut run = Run::default();
        self.device.home().await.unwrap();
        for _ in 0..solved.budget {
            let observation = self.device.observe(false).await.unwrap();
            let action = solution.next(&observation);
            let label = action
                .index
                .and_then(|index| observation.elements.get(index as usize))
                .map(|element| format!(" [{} {}]", element.resource_entry(), element.label()));
            run.trail
                .push(format!("{}{}", action.to_json(), label.unwrap_or_default()));
            if action.action_type == ActionType::Answer {
                run.answer = action.text.clone();
            }
            if action.action_type == ActionType::Status {
                run.done = true;
                break;
            }
            let performed = self.device.perform(&action, &observation).await.unwrap();
            assert!(performed.executed, "{}", performed.note);
        }
        run
    }

    async fn sql(&self, statement: &str) -> String {
        let command = format!("sqlite3 {EVENTS} \"{statement}\"");
        self.device.adb().shell_ok(&command).await.unwrap()
    }
}

/// Statements that spoil a success a little.
fn spoilers(name: &str) -> Vec<String> {
    let insert = "INSERT INTO events SELECT NULL, start_ts + 1, end_ts, title, location, description, \
        reminder_1_minutes, reminder_2_minutes, reminder_3_minutes, reminder_1_type, reminder_2_type, \
        reminder_3_type, repeat_interval, repeat_rule, repeat_limit, repetition_exceptions, attendees, \
        import_id, time_zone, flags, event_type, parent_id, last_updated, source, availability, color, \
        type FROM events LIMIT 1";
    let mut spoilers = vec![insert.to_owned()];
    if name.contains("Add") {
        spoilers.extend([
            format!("UPDATE events SET start_ts = start_ts + 60 WHERE {LAST}"),
            format!("UPDATE events SET end_ts = end_ts + 60 WHERE {LAST}"),
            format!("UPDATE events SET repeat_interval = 5 WHERE {LAST}"),
            format!("UPDATE events SET description = 'Nothing like it' WHERE {LAST}"),
            format!("DELETE FROM events WHERE {LAST}"),
        ]);
    } else {
        spoilers.extend([
            format!("DELETE FROM events WHERE {FIRST}"),
            format!("UPDATE events SET color = 3 WHERE {FIRST}"),
        ]);
    }
    spoilers
}

async fn examine(bench: &Bench, task: &dyn Task) -> Vec<usize> {
    let name = task.spec().name;
    let mut steps = Vec::new();
    let seeds = std::env::var("SEEDS").ok();
    let seeds = seeds.and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(SEEDS) {
        let mut instance = tasks::instance(task, seed).unwrap();
        task.init(&bench.device, &mut instance).await.unwrap();
        let score = task.check(&bench.device, &instance, None).await.unwrap();
        assert_eq!(score, 0.0, "{name} seed {seed} at the start");
        let run = bench.solve(task, &instance).await;
        let answer = run.answer.as_deref();
        let score = task.check(&bench.device, &instance, answer).await.unwrap();
        assert!(
            run.done && score == 1.0,
            "{name} seed {seed}: score {score}, done {}: {}\n  {}",
            run.done,
            instance.goal,
            run.trail.join("\n  ")
        );
        if std::env::var("TRAIL").is_ok() {
            println!("{}\n    {}", instance.goal, run.trail.join("\n    "));
        }
        steps.push(run.trail.len());
        if run.answer.is_none() {
            let spoilers = spoilers(name);
            let statement = &spoilers[seed as usize % spoilers.len()];
            bench.sql(statement).await;
            let score = task.check(&bench.device, &instance, None).await.unwrap();
            assert_eq!(score, 0.0, "{name} seed {seed} after {statement}");
        }
        task.teardown(&bench.device, &instance).await.unwrap();
        assert_eq!(bench.sql("SELECT count(*) FROM events").await.trim(), "0");
    }
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn every_task_is_solved_through_the_screen_and_judged() {
    let only = std::env::var("TASK").unwrap_or_default();
    let bench = Bench::new(3).await;
    for task in tasks::catalogue() {
        let spec = task.spec();
        if spec.apps == ["simple calendar pro"] && spec.name.contains(&only) {
            let steps = examine(&bench, *task).await;
            println!("{:42} {:3} {steps:?}", spec.name, spec.budget());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_the_agent_destroyed_is_a_failure() {
    let bench = Bench::new(4).await;
    for name in ["SimpleCalendarAddOneEvent", "SimpleCalendarDeleteEvents"] {
        let task = tasks::find(name).unwrap();
        let mut instance = tasks::instance(task, 1).unwrap();
        task.init(&bench.device, &mut instance).await.unwrap();
        let clear = "pm clear com.simplemobiletools.calendar.pro";
        bench.device.adb().shell_ok(clear).await.unwrap();
        let score = task.check(&bench.device, &instance, None).await.unwrap();
        assert_eq!(score, 0.0, "{name}");
        task.teardown(&bench.device, &instance).await.unwrap();
    }
}
