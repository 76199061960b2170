//! Emulators as devices of a run: a small plan on three of them and a virtual phone, and the same plan while one of
//! them fails in a way that is known of real ones. Each fault costs at most one trajectory, the plan ends as it does
//! without, what is wrong is said, and nothing is left behind.

use std::collections::BTreeSet;
use std::fs;

use stepdroid::domain::{Action, Observer};
use stepdroid::emulator::Definition;
use stepdroid::farm::{Farm, Patience};

use crate::plan::Run;
use crate::standin::FAULT_FILE;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_emulators_and_a_phone_run_a_plan() {
    let run = Run::new();
    let ended = run.plan(&["devices.emulators.count=3"], |_, _| {}).await;
    ended.assert_whole("no fault", 0);
    let devices: BTreeSet<&str> = ended.episodes.iter().map(|row| &*row.device).collect();
    for number in 1..=3 {
        let name = format!("avd:{}#{number}", run.avd);
        assert!(devices.contains(&*name), "{name} in {devices:?}");
        // Where it is, is said beside its name.
        assert!(
            ended
                .told
                .contains(&format!("{name} ready: it is 127.0.0.1:")),
            "{}",
            ended.told
        );
        assert!(run.avd(number).join("snapshots/stepdroid").is_dir());
    }
    run.place.assert_empty();
}

/// A fault: its name, what the first emulator's AVD says from the start, settings, what happens after the first
/// episode, how many trajectories it may cost, and what is said of it.
type Fault = (
    &'static str,
    &'static str,
    &'static [&'static str],
    fn(&Run),
    usize,
    &'static str,
);

fn nothing(_: &Run) {}

fn lose_snapshot(run: &Run) {
    fs::remove_dir_all(run.avd(1).join("snapshots/stepdroid")).unwrap();
    run.signal("-9", 1);
}

fn lose_avd(run: &Run) {
    let pointer = format!("{}-1.ini", run.avd);
    fs::remove_file(run.place.home.directory().join(pointer)).unwrap();
    run.signal("-9", 1);
}

/// One that dies of its full disk, which then has no room for another start either.
fn fill_disk(run: &Run) {
    fs::write(run.avd(1).join(FAULT_FILE), "disk-full").unwrap();
    run.signal("-9", 1);
}

const FAULTS: [Fault; 13] = [
    ("killed", "", &[], |run| run.signal("-9", 1), 1, "ready"),
    ("frozen", "", &[], |run| run.signal("-STOP", 1), 1, "ready"),
    ("port stolen", "port-stolen", &[], nothing, 0, "ready"),
    ("snapshot gone", "", &[], lose_snapshot, 1, "ready"),
    ("AVD gone", "", &[], lose_avd, 1, "there is no AVD"),
    (
        "never boots",
        "never-boots",
        &["devices.emulators.patience_s=4"],
        nothing,
        0,
        "not ready within 4 s",
    ),
    (
        "disk full",
        "disk-full",
        &[],
        nothing,
        0,
        "disk is too full",
    ),
    ("disk filled up", "", &[], fill_disk, 1, "disk is too full"),
    (
        "no room to save",
        "no-room-to-save",
        &[],
        nothing,
        0,
        "is the disk full?",
    ),
    ("no KVM", "no-acceleration", &[], nothing, 0, "/dev/kvm"),
    (
        "no SDK",
        "",
        &["devices.emulators.sdk='/nowhere'"],
        nothing,
        0,
        "no emulators: no Android SDK",
    ),
    (
        "no memory",
        "",
        &["devices.emulators.needs_memory_mb=1000000000"],
        nothing,
        0,
        "an emulator needs 1000000000 MB",
    ),
    (
        "no disk",
        "",
        &["devices.emulators.needs_disk_mb=1000000000"],
        nothing,
        0,
        "an emulator needs 1000000000 MB",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_costs_at_most_a_trajectory_and_leaves_nothing() {
    // Four at a time: most of a fault is waited for.
    tokio::join!(
        every_fourth_fault(0),
        every_fourth_fault(1),
        every_fourth_fault(2),
        every_fourth_fault(3)
    );
}

async fn every_fourth_fault(first: usize) {
    let only = std::env::var("STEPDROID_TEST_FAULT").ok();
    let faults = FAULTS.into_iter().skip(first).step_by(4);
    for (name, word, sets, happens, most_lost, words) in faults {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let run = Run::new();
        fs::write(run.avd(1).join(FAULT_FILE), word).unwrap();
        // Two emulators, and one of them again.
        let again = ["killed", "port stolen", "snapshot gone"].contains(&name);
        let launches = |run: &Run| {
            let logs = fs::read_dir(run.place.state.path().join("logs"));
            logs.unwrap().count()
        };
        let ended = run
            .plans(
                sets,
                move |run, number| {
                    if number == 1 {
                        happens(run);
                    }
                },
                |run, told| told.contains(words) && (!again || launches(run) >= 3),
            )
            .await;
        ended.assert_whole(name, most_lost);
        run.place.assert_empty();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emulator_whose_display_stands_still_is_seen_by_screencap() {
    let run = Run::new();
    fs::write(run.avd(1).join(FAULT_FILE), "frozen-channels").unwrap();
    let config = run.config(&[
        "devices.emulators.count=1",
        "devices.virtual.beside=false",
        "devices.channels.picture='emulator-grpc,screencap'",
    ]);
    let farm = run.farm(&config, &Observer::default()).await;
    let device = farm.members()[0].open().await.unwrap();
    assert_eq!(device.channels().names()[0], "emulator-grpc");
    let mut seen = device.observe(true).await.unwrap();
    for app in ["settings", "contacts"].into_iter().cycle().take(12) {
        let action = Action::open_app(app);
        device.perform(&action, &seen).await.unwrap();
        seen = device.observe(true).await.unwrap();
        let (frame, shown) = (seen.frame.as_ref(), device.adb().screencap().await.unwrap());
        let pixels = frame.unwrap().rgba.iter().zip(&shown.rgba);
        let others = pixels.filter(|(one, other)| one != other).count();
        // The clock may have moved on between the two.
        assert!(others * 50 < shown.rgba.len(), "{others} differ in {app}");
    }
    assert_eq!(device.channels().names()[0], "screencap");
    farm.stop().await;
    run.place.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emulators_are_renewed_between_episodes() {
    let run = Run::new();
    let sets = [
        "devices.emulators.count=1",
        "devices.emulators.renew_uses=1",
    ];
    let ended = run.plan(&sets, |_, _| {}).await;
    ended.assert_whole("renewals", 0);
    let name = format!("avd:{}#1", run.avd);
    let uses = ended.episodes.iter().filter(|row| row.device == name);
    let logs = fs::read_dir(run.place.state.path().join("logs")).unwrap();
    // The first use is with what was started for it; every other one is with another emulator.
    assert!(logs.count() >= uses.count(), "{}", ended.told);
    run.place.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_one_avd_run_a_plan_without_keeping_states() {
    let run = Run::new();
    let mut definition = Definition::read(&run.definition).unwrap();
    definition.name.clone_from(&run.avd);
    let home = &run.place.home;
    let avd = home.create(&definition, &run.place.sdk, false).unwrap();
    let sets = [
        "devices.emulators.avds='shared'",
        "devices.emulators.definition=''",
        // It is not there: a full boot instead.
        "devices.emulators.snapshot='ready'",
    ];
    let ended = run.plan(&sets, |_, _| {}).await;
    ended.assert_whole("shared", 0);
    assert!(!avd.join("snapshots").exists());
    run.place.assert_empty();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_begins_with_what_the_one_before_kept() {
    let run = Run::new();
    let sets = ["devices.emulators.count=1", "devices.virtual.beside=false"];
    let config = run.config(&sets);
    for mark in ["first", "second"] {
        let farm = run.farm(&config, &Observer::default()).await;
        let device = farm.members()[0].open().await.unwrap();
        // What an episode of the run before left is not there.
        let listed = device.adb().query("ls /sdcard").await.unwrap();
        assert!(!listed.contains("mark"), "{listed}");
        let line = format!("echo {mark} > /sdcard/mark");
        device.adb().shell_ok(&line).await.unwrap();
        farm.stop().await;
        run.place.assert_empty();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_farm_that_is_dropped_leaves_no_emulators() {
    let run = Run::new();
    let config = run.config(&["devices.virtual.beside=false"]);
    let farm = run.farm(&config, &Observer::default()).await;
    assert_eq!(farm.phones().len(), 0);
    assert_eq!(run.place.state.records().len(), 2);
    drop(farm);
    run.place.assert_empty();
    // Without any other device, what is missing is an error.
    let config = run.config(&[
        "devices.virtual.beside=false",
        "devices.emulators.sdk='/nowhere'",
    ]);
    let observer = Observer::default();
    let failed = Farm::start(&config.devices, 5, "a test", Patience::default(), &observer).await;
    let error = failed.err().unwrap().to_string();
    assert!(
        error.contains("devices.emulators") && error.contains("sdkmanager"),
        "{error}"
    );
}
