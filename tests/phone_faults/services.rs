//! Faults that strike a service or a part of the system.

use std::sync::Arc;
use std::time::Duration;

use stepdroid::phone::{ClockMode, Fault, FaultPlan, PlannedFault};

use crate::client::{Client, is_silent, phone, with};

const LONG: Duration = Duration::from_secs(3_600);
const ONCE: Duration = Duration::ZERO;

#[tokio::test]
async fn services_hang_break_and_end_without_a_word() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(with("echo 1", Fault::NoExit));
    let answer = client.shell("echo 1").await.unwrap();
    assert_eq!((answer.text().as_str(), answer.status), ("1\n", None));
    phone.plan_fault(with("echo 2", Fault::Corrupt));
    assert_ne!(client.ask("exec:echo 2").await.unwrap(), b"2\n");
    phone.plan_fault(with("echo 3", Fault::Drop));
    assert_eq!(client.shell("echo 3").await, None);
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(with("echo 4", Fault::Hang));
    let hung = tokio::time::timeout(Duration::from_millis(300), client.shell("echo 4")).await;
    assert!(hung.is_err());
    // The connection and the other services are well.
    assert_eq!(client.run("echo 5").await, "5\n");
    phone.stop().await;
}

#[tokio::test]
async fn a_full_storage_says_so_in_the_tools_words() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    client.run("echo kept > /sdcard/kept").await;
    phone.plan_fault(with("echo", Fault::StorageFull(LONG)));
    let full = client.shell("echo new > /sdcard/new").await.unwrap();
    assert_ne!(full.status, Some(0));
    assert!(full.stderr.contains("No space left on device"), "{full:?}");
    let made = client.shell("mkdir /sdcard/directory").await.unwrap();
    assert!(made.stderr.contains("No space left on device"), "{made:?}");
    let copied = client.shell("cp /sdcard/kept /sdcard/other").await.unwrap();
    assert!(
        copied.stderr.contains("No space left on device"),
        "{copied:?}"
    );
    assert_eq!(client.run("cat /sdcard/kept").await, "kept\n");
    assert!(client.run("df /data").await.contains("100%"));
    phone.clear_faults();
    client.run("echo new > /sdcard/new").await;
    phone.stop().await;
}

#[tokio::test]
async fn a_dead_package_manager_cannot_be_found() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    assert!(client.run("pm list packages").await.contains("settings"));
    phone.plan_fault(with("pm", Fault::NoPackageManager(LONG)));
    for line in [
        "pm list packages",
        "cmd package list packages",
        "/system/bin/pm path android",
        "pm clear com.android.settings",
    ] {
        let answer = client.shell(line).await.unwrap();
        assert_eq!(answer.status, Some(20), "{line}");
        assert_eq!(
            answer.stderr, "cmd: Can't find service: package\n",
            "{line}"
        );
    }
    let words = "abb_exec:package\0list\0packages";
    let answer = client.ask(words).await.unwrap();
    assert_eq!(answer, b"cmd: Can't find service: package\n");
    let check = client.run("service check package").await;
    assert_eq!(check, "Service package: not found\n");
    let dump = client.shell("dumpsys package").await.unwrap();
    assert_eq!(dump.stderr, "Can't find service: package\n");
    // The rest of the system goes on.
    client.run("am force-stop com.android.settings").await;
    phone.clear_faults();
    client.run("pm list packages").await;
    phone.stop().await;
}

#[tokio::test]
async fn the_clock_jumps() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    let seconds =
        async |client: &mut Client| -> i64 { client.run("date +%s").await.trim().parse().unwrap() };
    let before = seconds(&mut client).await;
    phone.plan_fault(with("date", Fault::ClockJump(-86_400_000)));
    let after = seconds(&mut client).await;
    assert!(
        (before - 86_400..=before - 86_390).contains(&after),
        "{before} {after}"
    );
    phone.stop().await;
}

#[tokio::test]
async fn a_plan_with_a_seed_is_the_same_again() {
    let text = "seed = 11\n\
        [[fault]]\nkind = \"no-exit\"\nper_second = 0.5\nclock = \"phone\"\nservice = \"sleep\"\n\
        [[fault]]\nkind = \"no-idle\"\nmean_ms = 3000\nclock = \"phone\"\n\
        [[fault]]\nkind = \"no-exit\"\nservice = \"uiautomator\"\nafter_services = 3\n";
    let plan = FaultPlan::parse(text).unwrap();
    let mut runs = Vec::new();
    for faults in [
        plan.for_phone(0, 0),
        plan.for_phone(0, 0),
        plan.for_phone(0, 1),
    ] {
        let phone = phone(ClockMode::Steps, 1, faults).await;
        let mut client = Client::connect(&phone.serial()).await;
        let mut seen = String::new();
        for _ in 0..40 {
            let slept = client.shell("sleep 0.5").await.unwrap();
            let dumped = client.shell("uiautomator dump /dev/null").await.unwrap();
            seen.push(if slept.status.is_none() { 'x' } else { '.' });
            seen.push(if dumped.stderr.is_empty() { '.' } else { 'i' });
            seen.push(if dumped.status.is_none() { 'x' } else { '.' });
        }
        runs.push(seen);
        phone.stop().await;
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert!(runs[0].contains('i'), "{}", runs[0]);
    assert!(runs[0].matches('x').count() > 1, "{}", runs[0]);
    // The fourth dump is one of those that services bring.
    assert_eq!(&runs[0][11..12], "x");
}

#[tokio::test]
async fn a_plan_goes_on_when_the_phone_goes_back() {
    let text =
        "[[fault]]\nkind = \"no-exit\"\nafter_ms = 30000\nclock = \"phone\"\nservice = \"echo\"\n";
    let faults = FaultPlan::parse(text).unwrap().for_phone(0, 0);
    let phone = phone(ClockMode::Steps, 1, faults).await;
    let mut client = Client::connect(&phone.serial()).await;
    let kept = Arc::new(phone.snapshot().await.unwrap());
    let mut slept = 0;
    while client.shell("echo").await.unwrap().status.is_some() {
        client.run("sleep 10").await;
        slept += 1;
        phone.restore(&kept).await.unwrap();
        assert!(slept < 10, "it does not come");
    }
    assert!((2..=3).contains(&slept), "{slept}");
    phone.stop().await;
}

#[tokio::test]
async fn time_alone_brings_faults_too() {
    let text = "[[fault]]\nkind = \"offline\"\nlasts_ms = 200\nafter_ms = 300\n";
    let faults = FaultPlan::parse(text).unwrap().for_phone(0, 0);
    let phone = phone(ClockMode::Real, 1, faults).await;
    let mut client = Client::connect(&phone.serial()).await;
    // Nothing is asked of it, and yet it goes.
    while client.receive().await.is_some() {}
    let mut client = Client::connect(&phone.serial()).await;
    assert_eq!(client.run("echo back").await, "back\n");
    assert!(is_silent(&mut client, Duration::from_millis(300)).await);
    phone.stop().await;
}

#[tokio::test]
async fn one_use_is_one_use() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(PlannedFault {
        after: 1,
        ..with("uiautomator", Fault::NoIdle(ONCE))
    });
    let mut complaints = Vec::new();
    for _ in 0..3 {
        let answer = client.shell("uiautomator dump").await.unwrap();
        assert_eq!(answer.status, Some(0));
        complaints.push(answer.stderr);
    }
    assert_eq!(complaints, ["", "ERROR: could not get idle state.\n", ""]);
    phone.stop().await;
}
