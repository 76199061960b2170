//! Virtual phones that tasks are solved on, and the running of solutions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use stepdroid::adb;
use stepdroid::device::{Device, DeviceOptions, Settle, WithoutRoot};
use stepdroid::domain::{Action, ActionType, Compat, Instance, Observation, ScreenSize};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::tasks::{self, Task};

/// Phones at a time.
const PHONES: usize = 3;

/// What one run of a solution was like.
#[derive(Debug, Default)]
pub struct Run {
    /// Whether it said that it was done.
    pub done: bool,
    /// The last answer.
    pub answer: Option<String>,
    /// Every action, with the element that it means.
    pub trail: Vec<String>,
}

/// A virtual phone that is set up for tasks.
pub struct Bench {
    phone: Phone,
    pub device: Device,
}

impl Bench {
    pub async fn new(seed: u64) -> Bench {
        Bench::with(seed, |_| {}, WithoutRoot::Refuse).await
    }

    /// A phone that is sold, whose shell is not root, on which tasks may be run.
    pub async fn without_root(seed: u64) -> Bench {
        let sold = ("ro.debuggable".to_owned(), "0".to_owned());
        let sell = |options: &mut PhoneOptions| options.properties.push(sold);
        Bench::with(seed, sell, WithoutRoot::Run).await
    }

    async fn with(
        seed: u64,
        change: impl FnOnce(&mut PhoneOptions),
        without_root: WithoutRoot,
    ) -> Bench {
        let mut options = PhoneOptions {
            size: ScreenSize::parse("540x1200").unwrap(),
            clock: ClockMode::Steps,
            seed,
            ..PhoneOptions::default()
        };
        change(&mut options);
        let phone = Phone::start(options).await.unwrap();
        let adb = adb::connect(&phone.serial()).await.unwrap();
        let options = DeviceOptions {
            settle: Settle::Idle,
            focus_pause: Duration::ZERO,
            wait: Duration::from_millis(10),
            without_root,
            ..DeviceOptions::default()
        };
        let device = Device::open(adb, options).await.unwrap();
        tasks::prepare(&device).await.unwrap();
        Bench { phone, device }
    }

    /// Runs the solution of `solved` on the device, within its budget.
    pub async fn solve(&self, task: &dyn Task, solved: &Instance) -> Run {
        self.solve_watched(task, solved, |_, _, _| ()).await
    }

    /// As [`Bench::solve`]; `watch` sees every action with the screen and the step it was taken at.
    pub async fn solve_watched(
        &self,
        task: &dyn Task,
        solved: &Instance,
        mut watch: impl FnMut(&Action, &Observation, u32),
    ) -> Run {
        let mut solution = task.solution(solved).unwrap();
        let device = self.device.with_compat(solved.compat);
        let mut run = Run::default();
        device.home().await.unwrap();
        for step in 0..solved.budget {
            let observation = device.observe(false).await.unwrap();
            let action = solution.next(&observation);
            watch(&action, &observation, step);
            run.trail.push(told(&action, &observation));
            match action.action_type {
                ActionType::Status => {
                    run.done = true;
                    break;
                }
                ActionType::Answer => run.answer.clone_from(&action.text),
                _ => {}
            }
            let performed = device.perform(&action, &observation).await.unwrap();
            assert!(
                performed.executed,
                "{}: {}",
                action.to_json(),
                performed.note
            );
        }
        run
    }

    /// The score of the device's state and an answer.
    pub async fn score(&self, task: &dyn Task, instance: &Instance, answer: Option<&str>) -> f64 {
        task.check(&self.device, instance, answer).await.unwrap()
    }

    /// What a script prints, with both of its streams.
    pub async fn shell(&self, script: &str) -> String {
        self.device.adb().shell(script).await.unwrap().text()
    }

    /// What a script prints that runs as root, whether anybody may be root there.
    pub fn as_root(&self, script: &str) -> String {
        let machine = self.phone.machine();
        let was = machine.is_root();
        machine.set_root(true);
        let printed = self.phone.shell(script).text();
        machine.set_root(was);
        printed
    }
}

fn told(action: &Action, observation: &Observation) -> String {
    let index = action.index.map(|index| index as usize);
    let element = index.and_then(|index| observation.elements.get(index));
    let label = element.map(|found| format!(" [{} {}]", found.resource_entry(), found.label()));
    format!("{}{}", action.to_json(), label.unwrap_or_default())
}

/// A number from the environment.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whether the benchmark's defects are kept, or mended as `COMPAT=fixed` in the environment says.
pub fn compat() -> Compat {
    match std::env::var("COMPAT").as_deref() {
        Ok("fixed") => Compat::Fixed,
        _ => Compat::AndroidWorld,
    }
}

/// The tasks that were asked for.
pub fn chosen() -> impl Iterator<Item = &'static dyn Task> {
    let only = std::env::var("TASK").unwrap_or_default();
    let all = tasks::catalogue().iter().copied();
    all.filter(move |task| task.spec().name.contains(&only))
}

/// Looks at every chosen task on one of a few phones; returns what came out, by name.
pub fn on_phones<T: Send>(
    look: impl AsyncFn(&Bench, &'static dyn Task) -> T + Sync,
) -> BTreeMap<&'static str, T> {
    let queue: Mutex<VecDeque<_>> = Mutex::new(chosen().collect());
    let results = Mutex::new(BTreeMap::new());
    let work = async |seed| {
        let bench = Bench::new(seed).await;
        loop {
            let next = queue.lock().unwrap().pop_front();
            let Some(task) = next else { break };
            let result = look(&bench, task).await;
            results.lock().unwrap().insert(task.spec().name, result);
        }
    };
    std::thread::scope(|scope| {
        for seed in 0..PHONES as u64 {
            let work = &work;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(work(seed));
            });
        }
    });
    results.into_inner().unwrap()
}
