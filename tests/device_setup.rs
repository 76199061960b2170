//! The set-up of a device over ADB, and its way back: it leaves no trace, also when it was cut off, and whatever it
//! refuses it refuses before anything is changed.
#![allow(clippy::unwrap_used)]

#[path = "phone_shell/apk_file.rs"]
mod apk_file;
#[path = "device_setup/consent.rs"]
mod consent;
#[path = "device_setup/holds.rs"]
mod holds;
#[path = "device_setup/root.rs"]
mod root;
#[path = "device_setup/stand.rs"]
mod stand;

use std::process::Stdio;
use std::time::Duration;

use stand::{STATE, is_as_before, phone, physical, program, records, run, sold};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault, Timing};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_up_and_its_way_back_leave_no_trace() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(|_| {}).await;
    let serial = &*phone.serial();
    let before = phone.shell(STATE).text();
    let setup = ["devices", "setup", serial, "--json"];
    let done = run(state.path(), &setup).await.ends(0, &[]).json();
    assert_eq!(done["applied"], true);
    assert!(done["changes"].as_array().unwrap().len() > 30, "{done}");
    assert_eq!(done["not_runnable"], serde_json::json!([]));
    let during = phone.shell(STATE).text();
    for line in [
        "window_animation_scale=0",
        "time_12_24=24",
        "hidden_api_policy=1",
    ] {
        assert!(during.contains(line) && !before.contains(line), "{line}");
    }
    assert!(!during.contains("/.one") || during.contains("/data/local/stepdroid/org.tasks"));
    let again = run(state.path(), &setup).await.ends(0, &[]).json();
    assert_eq!(
        again["changes"],
        serde_json::json!([]),
        "nothing is left to change"
    );
    let restore = ["devices", "restore", serial];
    run(state.path(), &restore)
        .await
        .ends(0, &["changes undone"]);
    is_as_before(&phone, &before);
    assert_eq!(records(state.path()), 0);
    run(state.path(), &restore)
        .await
        .ends(2, &["no record", "as before already"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_set_up_that_was_killed_is_undone() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(|_| {}).await;
    let serial = phone.serial();
    let before = phone.shell(STATE).text();
    let mut child = program(state.path(), &["devices", "setup", &serial])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let folder = state.path().join("stepdroid/devices");
    let kept = || {
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        texts.map(|text| text.matches("\"kept\": {").count()).max()
    };
    while kept().unwrap_or(0) < 3 {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    run(state.path(), &["devices", "restore", &serial])
        .await
        .ends(0, &["changes undone"]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_set_up_after_a_lost_connection_keeps_the_first_originals() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(|_| {}).await;
    let serial = &*phone.serial();
    let before = phone.shell(STATE).text();
    phone.plan_fault(PlannedFault {
        fault: Fault::Drop,
        after: 2,
        service: "stepdroid_ready".to_owned(),
        repeated: false,
        timing: Timing::Services,
    });
    run(state.path(), &["devices", "setup", serial])
        .await
        .ends(4, &[serial, "restore", ".json"]);
    run(state.path(), &["devices", "setup", serial])
        .await
        .ends(0, &["changes made"]);
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_room_is_left_alone_or_undone() {
    let state = tempfile::tempdir().unwrap();
    let small = phone(|options| options.capacity = 40 << 20).await;
    let before = small.shell(STATE).text();
    let serial = &*small.serial();
    run(state.path(), &["devices", "setup", serial])
        .await
        .ends(3, &["kB free", "--no-apps"]);
    is_as_before(&small, &before);
    run(state.path(), &["devices", "setup", serial, "--no-apps"])
        .await
        .ends(0, &[]);
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&small, &before);

    let phone = phone(|_| {}).await;
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    phone.plan_fault(PlannedFault {
        fault: Fault::StorageFull(Duration::from_secs(3600)),
        after: 2,
        service: "cp -a".to_owned(),
        repeated: false,
        timing: Timing::Services,
    });
    run(state.path(), &["devices", "setup", serial])
        .await
        .ends(1, &["No space left on device", "devices restore"]);
    phone.clear_faults();
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_is_of_its_device_only() {
    let state = tempfile::tempdir().unwrap();
    let record = state.path().join("first.json");
    let record = record.to_str().unwrap();
    let first = phone(|options| options.seed = 1).await;
    let quick = |serial: &str| -> Vec<String> {
        ["devices", "setup", serial, "--no-apps"]
            .map(str::to_owned)
            .to_vec()
    };
    let words = quick(&first.serial());
    let mut setup: Vec<&str> = words.iter().map(String::as_str).collect();
    setup.extend(["--record", record]);
    run(state.path(), &setup).await.ends(0, &[record]);
    let other = phone(|options| options.seed = 2).await;
    let before = other.shell(STATE).text();
    let serial = &*other.serial();
    let restore = ["devices", "restore", serial, "--record", record];
    run(state.path(), &restore)
        .await
        .ends(2, &["is a record of", "leave --record out"]);
    let setup = ["devices", "setup", serial, "--no-apps", "--record", record];
    run(state.path(), &setup).await.ends(2, &["is a record of"]);
    is_as_before(&other, &before);

    // The same address, another phone.
    let (port, serial) = (first.port(), first.serial());
    run(
        state.path(),
        &[
            "devices",
            "setup",
            &serial,
            "--no-apps",
            "--ime",
            "org.x/.Y",
        ],
    )
    .await
    .ends(2, &["org.x", "install it first"]);
    run(
        state.path(),
        &["devices", "restore", &serial, "--record", record],
    )
    .await
    .ends(0, &[]);
    run(state.path(), &["devices", "setup", &serial, "--no-apps"])
        .await
        .ends(0, &[]);
    first.stop().await;
    let swapped = loop {
        let options = PhoneOptions {
            port,
            seed: 3,
            clock: ClockMode::Steps,
            ..PhoneOptions::default()
        };
        match Phone::start(options).await {
            Ok(phone) => break phone,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    assert_eq!(swapped.serial(), serial);
    run(state.path(), &["devices", "restore", &serial])
        .await
        .ends(2, &["no record", "was another one"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_changes_hands_is_noticed() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(|_| {}).await;
    phone.plan_fault(PlannedFault {
        fault: Fault::Swapped,
        after: 8,
        service: "android_id".to_owned(),
        repeated: false,
        timing: Timing::Services,
    });
    let serial = &*phone.serial();
    run(state.path(), &["devices", "setup", serial])
        .await
        .ends(4, &[serial, "devices restore"]);
    // It can't be reached for a moment.
    let restored = loop {
        let ran = run(state.path(), &["devices", "restore", serial]).await;
        if ran.code != 4 {
            break ran;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    restored.ends(2, &["no record", "was another one"]);
    assert!(!phone.shell("ls /data/local").text().contains("stepdroid"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_without_root_gets_what_it_can_and_says_what_it_cannot() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(sold).await;
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    let done = run(state.path(), &["devices", "setup", serial, "--json"])
        .await
        .ends(0, &[])
        .json();
    let changes = done["changes"].as_array().unwrap();
    assert!(!changes.is_empty() && changes.iter().all(|change| change["needs_root"] == false));
    let skipped = done["skipped"].to_string();
    assert!(
        skipped.contains("first-time set-up") && skipped.contains("clock"),
        "{skipped}"
    );
    // What its image refuses is no advice.
    assert!(!skipped.contains("run `adb root`"), "{skipped}");
    let without_root = stepdroid::tasks::catalogue()
        .iter()
        .filter(|task| stepdroid::tasks::requirements(task.spec()).root.is_none())
        .count();
    assert_eq!(done["runnable_tasks"], without_root);
    let tasks = run(state.path(), &["devices", "setup", serial, "--list-tasks"]).await;
    let count = format!("{without_root} of 116 tasks can run");
    let why = "no root: it deletes the notes in Documents/Markor";
    assert!(!tasks.stdout.contains("run `adb root`"), "{}", tasks.stdout);
    tasks.ends(
        0,
        &[
            &count,
            "MarkorCreateNote",
            why,
            "which this one refuses",
            "devices.without_root",
        ],
    );
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_physical_phone_is_asked_about() {
    let state = tempfile::tempdir().unwrap();
    let phone = phone(physical).await;
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    let dry = ["devices", "setup", serial, "--dry-run"];
    let dry = run(state.path(), &dry)
        .await
        .ends(0, &["window_animation_scale", "Pixel 6", "none made"]);
    assert!(
        dry.stdout.contains("org.tasks") && dry.stdout.contains("116 of 116"),
        "{}",
        dry.stdout
    );
    assert_eq!(records(state.path()), 0);
    let setup = ["devices", "setup", serial, "--no-apps"];
    run(state.path(), &setup)
        .await
        .ends(2, &["physical phone", "--yes", "window_animation_scale"]);
    is_as_before(&phone, &before);
    let setup = ["devices", "setup", serial, "--no-apps", "--yes"];
    run(state.path(), &setup).await.ends(0, &["changes made"]);
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packages_are_installed_from_the_right_files_and_taken_away() {
    let state = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let manifest = apk_file::manifest(
        "org.small.thing",
        apk_file::Value::Word(1, 0x7f01_0000),
        true,
    );
    let resources = apk_file::resources();
    let apk = apk_file::archive(&[
        ("resources.arsc", &resources),
        ("AndroidManifest.xml", &manifest),
    ]);
    std::fs::write(folder.path().join("small.apk"), apk).unwrap();
    let list = folder.path().join("apps.toml");
    let app = "[[app]]\npackage = \"org.small.thing\"\nfile = \"small.apk\"\n";
    let phone = phone(|_| {}).await;
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    let (apks, apps) = (folder.path().to_str().unwrap(), list.to_str().unwrap());
    let setup = [
        "devices",
        "setup",
        serial,
        "--no-apps",
        "--apks",
        apks,
        "--apps",
        apps,
    ];
    std::fs::write(&list, format!("{app}sha256 = \"{}\"\n", "0".repeat(64))).unwrap();
    run(state.path(), &setup)
        .await
        .ends(2, &["SHA-256", "small.apk"]);
    is_as_before(&phone, &before);
    std::fs::write(&list, app).unwrap();
    run(state.path(), &setup)
        .await
        .ends(0, &["package org.small.thing"]);
    assert!(
        phone
            .shell("pm path org.small.thing")
            .text()
            .contains("base.apk")
    );
    run(state.path(), &["devices", "restore", serial])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_since_is_left_alone() {
    let state = tempfile::tempdir().unwrap();
    let local = state.path().join("new.txt");
    std::fs::write(&local, "new").unwrap();
    let phone = phone(|_| {}).await;
    phone.shell("echo old > /sdcard/old.txt; chmod 600 /sdcard/old.txt");
    let before = phone.shell(STATE).text();
    let serial = &*phone.serial();
    let place = |path: &str| format!("{}:{path}", local.display());
    let (old, new) = (place("/sdcard/old.txt"), place("/sdcard/new.txt"));
    let setup = [
        "devices",
        "setup",
        serial,
        "--no-apps",
        "--file",
        &old,
        "--file",
        &new,
    ];
    run(state.path(), &setup).await.ends(0, &[]);
    assert_eq!(
        phone.shell("cat /sdcard/old.txt /sdcard/new.txt").text(),
        "newnew"
    );
    phone.shell("echo mine > /sdcard/old.txt; settings put global window_animation_scale 0.5");
    let restore = ["devices", "restore", serial];
    run(state.path(), &restore).await.ends(
        1,
        &[
            "left alone",
            "/sdcard/old.txt",
            "changed since, to 0.5",
            "2 changes were left",
        ],
    );
    assert_eq!(
        phone
            .shell("cat /sdcard/old.txt; ls /sdcard/new.txt")
            .text(),
        "mine\n"
    );
    run(state.path(), &["devices", "restore", serial, "--force"])
        .await
        .ends(0, &[]);
    is_as_before(&phone, &before);
    assert_eq!(records(state.path()), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_is_not_there_is_named() {
    let state = tempfile::tempdir().unwrap();
    for operation in ["setup", "restore"] {
        let ran = run(state.path(), &["devices", operation, "127.0.0.1:1"]).await;
        ran.ends(4, &["127.0.0.1:1", "stepdroid devices"]);
    }
    assert_eq!(records(state.path()), 0);
}
