//! Two processes, one of which sets a phone up or puts it back: the other keeps its hands off.

use std::path::Path;
use std::time::Duration;

use stepdroid::farm::Register;
use stepdroid::phone::{Fault, PlannedFault, Timing};

use super::stand::{Process, STATE, evaluation, is_as_before, phone, records, run};

/// Whether a process holds a device.
fn holds(state: &Path, process: u32, serial: &str) -> bool {
    let register = Register::at(&state.join("stepdroid/register"));
    let entry = register.entry(serial);
    entry.is_some_and(|entry| entry.held && entry.record.pid == process)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_a_run_drives_is_not_set_up() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let phone = phone(|_| {}).await;
    let serial = &*phone.serial();
    let out = state.join("run");
    let mut driver = Process::start(state, &evaluation(&out, "400", &[serial]));
    let id = driver.id();
    driver
        .until("the run has it", || holds(state, id, serial))
        .await;
    let by = format!("is used by process {id} (eval ");
    for operation in ["setup", "restore"] {
        let ran = run(state, &["devices", operation, serial]).await;
        ran.ends(3, &[&by, "stop that, or leave the device out"]);
    }
    assert_eq!(records(state), 0);
    for look in ["--dry-run", "--list-tasks"] {
        let ran = run(state, &["devices", "setup", serial, look]).await;
        ran.ends(0, &["116 tasks"]);
    }
    assert!(holds(state, id, serial));
    drop(driver);
    let setup = ["devices", "setup", serial, "--no-apps"];
    run(state, &setup).await.ends(0, &["changes made"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_being_set_up_is_not_driven() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    let phone = phone(|_| {}).await;
    let serial = &*phone.serial();
    let before = phone.shell(STATE).text();
    let settings = || {
        phone
            .shell("settings list global; settings list system")
            .text()
    };
    let unchanged = settings();
    // It is never through with its third setting.
    phone.plan_fault(PlannedFault {
        fault: Fault::Slow(Duration::from_secs(3600)),
        after: 2,
        service: "settings put".to_owned(),
        repeated: false,
        timing: Timing::Services,
    });
    let mut setup = Process::start(state, &["devices", "setup", serial, "--no-apps"]);
    let id = setup.id();
    setup
        .until("it changes something", || {
            holds(state, id, serial) && settings() != unchanged
        })
        .await;
    let by = format!("is used by process {id} (devices setup)");
    for words in [
        &["devices", "tap", serial, "1", "1"][..],
        &["devices", "restore", serial],
        &evaluation(&state.join("run"), "1", &[serial]),
    ] {
        run(state, words).await.ends(3, &[&by]);
    }
    drop(setup);
    phone.clear_faults();
    run(state, &["devices", "restore", serial])
        .await
        .ends(0, &["changes undone"]);
    is_as_before(&phone, &before);
}
