//! Emulators that fail, each in a way that is known of real ones: the error says what it is, and nothing is left.

use std::fs;
use std::time::Duration;

use stepdroid::emulator::{Cause, EmulatorError, Instance, Stopped};
use stepdroid::farm::emulators::{EmulatorsError, Reach, Renewal, ready};

use crate::place::{PATIENCE, Place};

#[tokio::test]
async fn each_failure_is_told_and_leaves_nothing() {
    let place = Place::new();
    fs::create_dir_all(place.avd().join("snapshots/broken")).unwrap();
    let soon = Duration::from_secs(4);
    for (fault, snapshot, patience, words) in [
        ("no-acceleration", "", PATIENCE, "kvm"),
        ("disk-full", "", PATIENCE, "disk is too full"),
        ("never-boots", "", soon, "not ready within 4 s"),
        ("frozen", "", soon, "not ready within 4 s"),
        ("no-screen", "", soon, "the screen can't be seen"),
        ("", "broken", PATIENCE, "could not load the snapshot"),
        ("", "absent", PATIENCE, "it is not there"),
    ] {
        place.fault(fault);
        let options = match snapshot {
            "" => place.options(),
            name => place.from(name),
        };
        let mut owned = place.owned(options, patience, Renewal::default());
        let error = owned.take().await.unwrap_err().to_string();
        assert!(error.contains(words), "{fault} {snapshot}: {error}");
        place.assert_empty();
    }
}

#[tokio::test]
async fn slow_ones_and_ones_without_grpc_screens_are_waited_for() {
    let place = Place::new();
    for fault in ["slow", "no-grpc-screen"] {
        place.fault(fault);
        let mut owned = place.owned(place.options(), PATIENCE, Renewal::default());
        owned.take().await.unwrap();
        owned.stop().await.unwrap();
    }
    let mut options = place.options();
    options.grpc = false;
    let mut owned = place.owned(options, PATIENCE, Renewal::default());
    owned.take().await.unwrap();
    assert_eq!(owned.instance().unwrap().record().grpc, None);
    owned.stop().await.unwrap();
    place.assert_empty();
}

#[tokio::test]
async fn ports_that_were_stolen_are_exchanged_for_others() {
    let place = Place::new();
    place.fault("port-stolen");
    let mut owned = place.owned(place.options(), PATIENCE, Renewal::default());
    owned.take().await.unwrap();
    assert!(owned.instance().unwrap().record().console > place.port);
    owned.stop().await.unwrap();
    place.assert_empty();
}

#[tokio::test]
async fn only_one_emulator_writes_to_an_avd() {
    let place = Place::new();
    let mut first = place.launch(&place.writable()).await;
    ready(&mut first, Reach::Direct, PATIENCE).await.unwrap();
    let second = Instance::launch(&place.sdk, &place.home, &place.state, &place.writable()).await;
    assert!(
        matches!(second, Err(EmulatorError::AvdBusy { .. })),
        "{second:?}"
    );
    // As seen by the emulator itself, where its lock does not say who holds it.
    fs::remove_file(place.avd().join("hardware-qemu.ini.lock")).unwrap();
    let mut owned = place.owned(place.writable(), PATIENCE, Renewal::default());
    let error = owned.take().await.unwrap_err();
    let told = matches!(
        &error,
        EmulatorsError::Emulator(EmulatorError::Ended {
            cause: Cause::AvdInUse,
            ..
        })
    );
    assert!(told, "{error}");
    first.check().unwrap();
    first.stop().await.unwrap();
    place.assert_empty();
}

#[tokio::test]
async fn one_that_ignores_everything_is_killed() {
    let place = Place::new();
    place.fault("stubborn");
    let mut instance = place.launch(&place.options()).await;
    ready(&mut instance, Reach::Direct, PATIENCE).await.unwrap();
    let grace = [Duration::from_millis(300); 2];
    assert_eq!(instance.stop_within(grace).await.unwrap(), Stopped::Killed);
    place.assert_empty();
}

#[tokio::test]
async fn another_emulator_at_the_port_is_noticed() {
    let place = Place::new();
    let mut instance = place.launch(&place.options()).await;
    let console = instance.record().console;
    let mut record = instance.record().clone();
    record.avd = "Another".into();
    ready(&mut instance, Reach::Direct, PATIENCE).await.unwrap();
    let error = Instance::found(&place.state, record)
        .console()
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("another emulator has the port") && error.contains(&console.to_string()),
        "{error}"
    );
    instance.stop().await.unwrap();
    place.assert_empty();
}
