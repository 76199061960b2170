//! The tasks in Simple SMS Messenger on a virtual phone, over its ADB port: the state they start from,
//! their scripted solutions, near misses.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use stepdroid::adb;
use stepdroid::device::{Device, DeviceOptions, Settle};
use stepdroid::domain::{ActionType, Instance, ScreenSize};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::tasks::{self, Task};

const SEEDS: u64 = 6;
const DATABASE: &str = "/data/data/com.android.providers.telephony/databases/mmssms.db";

struct Bench {
    _phone: Phone,
    device: Device,
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

    /// Runs the solution of `solved`; whether it said that it was done, and what it did.
    async fn solve(&self, task: &dyn Task, solved: &Instance) -> (bool, Vec<String>) {
        let mut solution = task.solution(solved).unwrap();
        let mut trail = Vec::new();
        self.device.home().await.unwrap();
        for _ in 0..solved.budget {
            let observation = self.device.observe(false).await.unwrap();
            let action = solution.next(&observation);
            let label = action
                .index
                .and_then(|index| observation.elements.get(index as usize))
                .map(|element| format!(" [{} {}]", element.resource_entry(), element.label()));
            trail.push(format!("{}{}", action.to_json(), label.unwrap_or_default()));
            if action.action_type == ActionType::Status {
                return (true, trail);
            }
            self.device.perform(&action, &observation).await.unwrap();
        }
        (false, trail)
    }

    async fn score(&self, task: &dyn Task, instance: &Instance) -> f64 {
        task.check(&self.device, instance, None).await.unwrap()
    }

    async fn shell(&self, script: &str) {
        self.device.adb().shell_ok(script).await.unwrap();
    }
}

/// Scripts that spoil a success.
fn spoilers(task: &str) -> Vec<String> {
    let sql = |statement: &str| format!("sqlite3 {DATABASE} \"{statement}\"");
    let mut all = vec![
        sql("UPDATE sms SET body = 'Something else altogether' WHERE type = 2"),
        sql(
            "UPDATE sms SET address = '+15550000000' WHERE type = 2 AND _id = (SELECT max(_id) FROM sms)",
        ),
        sql("DELETE FROM sms WHERE type = 2"),
        // What the check reads is gone: the agent's doing.
        sql("DROP TABLE sms"),
    ];
    if task == "SimpleSmsResend" {
        all.push(
            "content insert --uri content://sms/sent --bind address:s:311 --bind body:s:Hello"
                .into(),
        );
    } else {
        all.push("input keyevent KEYCODE_HOME".to_owned());
        all.push(sql("UPDATE sms SET date = date - 400000 WHERE type = 2"));
    }
    all
}

async fn examine(bench: &Bench, task: &dyn Task) {
    let name = task.spec().name;
    let spoilers = spoilers(name);
    for seed in 0..SEEDS {
        let mut instance = tasks::instance(task, seed).unwrap();
        task.init(&bench.device, &mut instance).await.unwrap();
        let score = bench.score(task, &instance).await;
        assert_eq!(score, 0.0, "{name} seed {seed} at the start");
        let (done, trail) = bench.solve(task, &instance).await;
        let score = bench.score(task, &instance).await;
        let trail = trail.join("\n  ");
        assert!(done && score == 1.0, "{name} {seed}: {score}\n  {trail}");
        println!("{name} {seed}\n  {trail}");
        let spoiler = &spoilers[seed as usize % spoilers.len()];
        bench.shell(spoiler).await;
        let score = bench.score(task, &instance).await;
        assert_eq!(score, 0.0, "{name} seed {seed} after {spoiler}");
        task.teardown(&bench.device, &instance).await.unwrap();
    }
    let mut instance = tasks::instance(task, 0).unwrap();
    let other = tasks::instance(task, 1_000).unwrap();
    task.init(&bench.device, &mut instance).await.unwrap();
    bench.solve(task, &other).await;
    assert_eq!(
        bench.score(task, &instance).await,
        0.0,
        "{name}: another's goal"
    );
    task.teardown(&bench.device, &instance).await.unwrap();
}

async fn examine_named(name: &str) {
    let bench = Bench::new(1).await;
    examine(&bench, tasks::find(name).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_written_to() {
    examine_named("SimpleSmsSend").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_answered() {
    examine_named("SimpleSmsReply").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_text_is_answered() {
    examine_named("SimpleSmsReplyMostRecent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_sent_again() {
    examine_named("SimpleSmsResend").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clipboard_is_sent() {
    examine_named("SimpleSmsSendClipboardContent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_handed_on() {
    examine_named("SimpleSmsSendReceivedAddress").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_made_and_sent() {
    let bench = Bench::new(1).await;
    let task = tasks::find("MarkorCreateNoteAndSms").unwrap();
    for seed in 0..SEEDS {
        let mut instance = tasks::instance(task, seed).unwrap();
        task.init(&bench.device, &mut instance).await.unwrap();
        assert_eq!(bench.score(task, &instance).await, 0.0);
        let (done, trail) = bench.solve(task, &instance).await;
        let score = bench.score(task, &instance).await;
        assert!(done && score == 1.0, "{seed}: {score} {trail:#?}");
        bench.shell("input keyevent KEYCODE_HOME").await;
        assert_eq!(bench.score(task, &instance).await, 0.5);
        task.teardown(&bench.device, &instance).await.unwrap();
    }
}
