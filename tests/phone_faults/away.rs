//! Faults that take the phone away, or let nobody in.

use std::sync::Arc;
use std::time::Duration;

use stepdroid::phone::{ClockMode, Fault};
use stepdroid::wire::packet::Command;

use crate::client::{Client, is_silent, phone, with};

const LONG: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_phone_goes_offline_in_mid_command() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(with("echo", Fault::Offline(LONG)));
    assert_eq!(client.shell("echo 1").await, None);
    let mut refused = Client::hello(&phone.serial()).await;
    assert!(refused.receive().await.is_none());
    phone.clear_faults();
    let mut client = Client::connect(&phone.serial()).await;
    assert_eq!(client.run("echo 2").await, "2\n");
    phone.stop().await;
}

#[tokio::test]
async fn a_reboot_takes_its_time() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    client
        .run("am start -a android.settings.SETTINGS; echo kept > /sdcard/kept")
        .await;
    phone.plan_fault(with("input", Fault::Reboot(LONG)));
    assert_eq!(client.shell("input tap 1 1").await, None);
    let mut client = Client::connect(&phone.serial()).await;
    assert_eq!(client.run("getprop sys.boot_completed").await, "\n");
    assert_eq!(client.run("getprop init.svc.bootanim").await, "running\n");
    let early = client.shell("pm list packages").await.unwrap();
    assert_eq!(early.stderr, "cmd: Can't find service: package\n");
    let early = client.shell("am force-stop x").await.unwrap();
    assert_eq!(early.stderr, "cmd: Can't find service: activity\n");
    phone.clear_faults();
    assert_eq!(client.run("getprop sys.boot_completed").await, "1\n");
    assert_eq!(client.run("cat /sdcard/kept").await, "kept\n");
    assert!(client.tree().await.contains("nexuslauncher"));
    phone.stop().await;
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_asked_for_its_key() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(with("echo", Fault::Unauthorized(LONG)));
    assert_eq!(client.shell("echo 1").await, None);
    let mut client = Client::hello(&phone.serial()).await;
    let mut token = client.receive().await.unwrap();
    assert_eq!((token.command, token.arg0), (Command::Auth, 1));
    assert_eq!(token.payload.len(), 20);
    // A signature is answered with another token; before, nothing else is heard.
    for _ in 0..2 {
        client.send(Command::Open, 1, 0, b"shell:echo 1\0").await;
        client.send(Command::Auth, 2, 0, &[7; 256]).await;
        let next = client.receive().await.unwrap();
        assert_eq!((next.command, next.arg0), (Command::Auth, 1));
        assert_ne!(next.payload, token.payload);
        token = next;
    }
    // The key is shown to somebody, who says nothing.
    client
        .send(Command::Auth, 3, 0, b"QAAAA host@machine\0")
        .await;
    assert!(is_silent(&mut client, Duration::from_millis(200)).await);
    let mut other = Client::hello(&phone.serial()).await;
    assert_eq!(other.receive().await.unwrap().command, Command::Auth);
    // Now it is allowed.
    phone.clear_faults();
    assert_eq!(client.receive().await.unwrap().command, Command::Connect);
    assert_eq!(client.run("echo in").await, "in\n");
    other.send(Command::Auth, 2, 0, &[7; 256]).await;
    assert_eq!(other.receive().await.unwrap().command, Command::Connect);
    phone.stop().await;
}

#[tokio::test]
async fn another_phone_answers_at_the_address() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let address = phone.serial();
    let mut client = Client::connect(&address).await;
    let serial = client.run("getprop ro.serialno").await;
    let identity = client.run("settings get secure android_id").await;
    client
        .run("echo mine > /sdcard/mine; settings put global mine 1; setprop debug.mine 1")
        .await;
    client.run("am start -a android.settings.SETTINGS").await;
    let kept = Arc::new(phone.snapshot().await.unwrap());
    // A full storage is the old one's.
    phone.plan_fault(with("date", Fault::StorageFull(LONG)));
    client.run("date").await;
    phone.plan_fault(with("echo", Fault::Swapped));
    assert_eq!(client.shell("echo 1").await, None);
    let mut client = Client::connect(&address).await;
    let other = client.run("getprop ro.serialno").await;
    assert!(other.starts_with("STEP") && other != serial, "{other}");
    assert_ne!(client.run("settings get secure android_id").await, identity);
    assert_eq!(client.run("settings get global mine").await, "null\n");
    assert_eq!(client.run("getprop debug.mine").await, "\n");
    let gone = client.shell("cat /sdcard/mine").await.unwrap();
    assert!(gone.stderr.contains("No such file"), "{gone:?}");
    assert!(client.tree().await.contains("nexuslauncher"));
    // It is a whole phone.
    client.run("am start -a android.settings.SETTINGS").await;
    client
        .run("echo there > /sdcard/there; pm list packages")
        .await;
    assert_eq!(
        client.run("content query --uri content://sms/inbox").await,
        "No result found.\n"
    );
    // What was kept of the old one is whole.
    phone.restore(&kept).await.unwrap();
    assert_eq!(client.run("getprop ro.serialno").await, serial);
    assert_eq!(client.run("cat /sdcard/mine").await, "mine\n");
    let gone = client.shell("cat /sdcard/there").await.unwrap();
    assert!(gone.stderr.contains("No such file"), "{gone:?}");
    phone.stop().await;
}
