//! A fault at any moment of an episode costs the judgement at most, never the verdict: an episode whose steps are those
//! of the task's solution is a success, or was not judged.
//!
//! EVERY says how many of the phone's services lie between two moments that are tried; 1 tries all.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use stepdroid::adb;
use stepdroid::device::{Device, DeviceOptions, Settle};
use stepdroid::domain::streams::stream;
use stepdroid::domain::{Outcome, ScreenSize};
use stepdroid::env::{Demonstrator, EpisodeOptions, run_episode};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault, Snapshot};
use stepdroid::tasks;

const SHORT: Duration = Duration::from_millis(40);
/// For the next use only.
const ONCE: Duration = Duration::ZERO;
const LONG: Duration = Duration::from_secs(3_600);
/// Judged by the screen, by a setting, by a provider, by files, by an app's database.
const TASKS: [&str; 5] = [
    "ClockStopWatchRunning",
    "SystemWifiTurnOn",
    "ContactsAddContact",
    "FilesDeleteFile",
    "ExpenseDeleteSingle",
];
/// Not among them: a phone that itself says something wrong, which nobody can know.
const FAULTS: &[Fault] = &[
    Fault::NotResponding,
    Fault::SystemUiNotResponding,
    Fault::SystemUiCrash(SHORT),
    Fault::StorageFull(SHORT),
    Fault::StorageFull(LONG),
    Fault::NoPackageManager(SHORT),
    Fault::EmptyTree(SHORT),
    Fault::NullRoot(ONCE),
    Fault::NoIdle(ONCE),
    Fault::HalfScreenshot(ONCE),
    Fault::NoExit,
    Fault::Drop,
    Fault::ClockJump(7_200_000),
    Fault::Reboot(ONCE),
    Fault::Swapped,
];

struct Place {
    phone: Phone,
    ready: Arc<Snapshot>,
}

impl Place {
    async fn new() -> Place {
        let phone = Phone::start(PhoneOptions {
            size: ScreenSize {
                width: 360,
                height: 800,
            },
            clock: ClockMode::Steps,
            ..PhoneOptions::default()
        });
        let phone = phone.await.unwrap();
        tasks::prepare(&open(&phone).await).await.unwrap();
        let ready = Arc::new(phone.snapshot().await.unwrap());
        Place { phone, ready }
    }

    /// An episode with a fault after so many services; returns how it ended and whether the fault came.
    async fn episode(&self, task: &str, fault: Option<PlannedFault>) -> (Outcome, String) {
        self.phone.clear_faults();
        self.phone.restore(&self.ready).await.unwrap();
        let device = open(&self.phone).await;
        let task = tasks::find(task).unwrap();
        let instance = tasks::instance(task, 7).unwrap();
        let solution = task.solution(&instance).unwrap();
        let mut agent = Demonstrator::new(solution, 0.0, stream(7, "a fault", 0));
        if let Some(fault) = fault {
            self.phone.plan_fault(fault);
        }
        let options = EpisodeOptions::default();
        let episode = run_episode(&device, task, instance, &mut agent, &options);
        let episode = episode.await.unwrap();
        let steps: Vec<_> = episode
            .trajectory
            .steps
            .iter()
            .map(|step| &step.note)
            .collect();
        let said = format!("{steps:?} {:?}", episode.remarks);
        (episode.trajectory.outcome, said)
    }
}

async fn open(phone: &Phone) -> Device {
    // One that boots is not there yet.
    let mut tries = 0;
    let adb = loop {
        match adb::connect(&phone.serial()).await {
            Ok(adb) => break adb,
            Err(error) if tries == 100 => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
        tries += 1;
    };
    let options = DeviceOptions {
        settle: Settle::Idle,
        focus_pause: Duration::ZERO,
        wait: Duration::ZERO,
        ..DeviceOptions::default()
    };
    Device::open(adb, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_at_any_moment_turns_a_success_into_a_failure() {
    let every = std::env::var("EVERY").ok();
    let every: u64 = every.map_or(29, |every| every.parse().expect("EVERY"));
    let mut lost = 0;
    let mut wrong = Vec::new();
    let mut place = Place::new().await;
    for (number, task) in TASKS.into_iter().enumerate() {
        let (outcome, said) = place.episode(task, None).await;
        assert_eq!(outcome.reward(), Some(1.0), "{task}: {said}");
        for (kind, fault) in FAULTS.iter().enumerate() {
            // What stands over the screen between the last look and the judge's is tried at each moment.
            let every = match (number, fault) {
                (0, Fault::NotResponding) => 1,
                _ => every,
            };
            // Each fault at other moments, so that together they try all.
            let mut after = (number + kind) as u64 % every;
            loop {
                let planned = PlannedFault {
                    after,
                    ..PlannedFault::now(*fault)
                };
                let (outcome, said) = place.episode(task, Some(planned)).await;
                if outcome == Outcome::Failure {
                    wrong.push(format!("{task}, {fault:?} after {after} services: {said}"));
                }
                lost += u32::from(!outcome.is_judged());
                // The episode was over before.
                if place.phone.machine().faults.happened() == 0 {
                    break;
                }
                after += every;
                if fault.breaks_connections() {
                    place = Place::new().await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them: {wrong:#?}", wrong.len());
    // Faults do come.
    assert!(lost > 20, "{lost}");
}
