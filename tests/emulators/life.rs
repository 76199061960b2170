//! From a definition to several emulators of one state, and to their end.

use std::collections::HashSet;
use std::process::{Command, Stdio};

use stepdroid::adb::Adb;
use stepdroid::emulator::{Found, Instance, Stopped};
use stepdroid::farm::emulators::{ApkList, EmulatorsError, Reach, Renewal, ready};

use crate::place::{PATIENCE, Place, apk, signal};

async fn made_ready(instance: &mut Instance) -> Adb {
    ready(instance, Reach::Direct, PATIENCE).await.unwrap()
}

#[tokio::test]
async fn copies_of_a_saved_state_run_side_by_side_and_forget() {
    let place = Place::new();
    let mut first = place.launch(&place.writable()).await;
    let adb = made_ready(&mut first).await;
    adb.shell_ok("echo kept > /sdcard/mark").await.unwrap();
    let mut console = first.console().await.unwrap();
    assert!(console.snapshots().await.unwrap().is_empty());
    console.save_snapshot("A", "ready").await.unwrap();
    assert_eq!(console.snapshots().await.unwrap(), ["ready"]);
    adb.shell_ok("echo later > /sdcard/mark").await.unwrap();
    console.load_snapshot("A", "ready").await.unwrap();
    assert_eq!(adb.query("cat /sdcard/mark").await.unwrap().trim(), "kept");
    assert!(console.load_snapshot("A", "other").await.is_err());
    assert_eq!(first.stop().await.unwrap(), Stopped::Asked);
    place.assert_empty();

    let mut copies = Vec::new();
    for _ in 0..3 {
        copies.push(place.launch(&place.from("ready")).await);
    }
    let ports: HashSet<u16> = copies
        .iter()
        .flat_map(|copy| {
            [
                copy.record().console,
                copy.record().adb,
                copy.record().grpc.unwrap(),
            ]
        })
        .collect();
    assert_eq!(ports.len(), 9);
    for (number, copy) in copies.iter_mut().enumerate() {
        let adb = made_ready(copy).await;
        assert_eq!(adb.query("cat /sdcard/mark").await.unwrap().trim(), "kept");
        adb.shell_ok(&format!("echo {number} > /sdcard/mark"))
            .await
            .unwrap();
        let mut console = copy.console().await.unwrap();
        let refused = console
            .save_snapshot("A", "mine")
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains("read-only"), "{refused}");
        console.load_snapshot("A", "ready").await.unwrap();
        assert_eq!(adb.query("cat /sdcard/mark").await.unwrap().trim(), "kept");
    }
    let control = copies[0].control().await.unwrap().unwrap();
    assert!(control.is_booted().await.unwrap());
    let before = control.screenshot().await.unwrap();
    assert_eq!((before.width, before.height), (270, 600));
    control.touch(135, 1).await.unwrap();
    control.touch(135, 500).await.unwrap();
    control.lift(135, 500).await.unwrap();
    assert!(
        control.screenshot().await.unwrap() != before,
        "the shade was not pulled down"
    );
    control.press("GoHome").await.unwrap();
    for copy in copies {
        assert_eq!(copy.stop().await.unwrap(), Stopped::Asked);
    }
    place.assert_empty();
}

#[tokio::test]
async fn an_emulator_that_was_killed_is_seen_and_launched_again() {
    let place = Place::new();
    let mut owned = place.owned(
        place.options(),
        PATIENCE,
        Renewal {
            uses: 3,
            ..Renewal::default()
        },
    );
    owned.take().await.unwrap();
    let token = |owned: &stepdroid::farm::emulators::Owned| {
        owned.instance().unwrap().record().token.clone()
    };
    let first = token(&owned);
    owned.take().await.unwrap();
    assert_eq!(token(&owned), first);
    // The emulator itself, not what it started: that lives on, and must go too.
    let processes = owned.instance().unwrap().record().processes();
    assert!(processes.len() >= 2, "{processes:?}");
    let oldest = processes
        .iter()
        .min_by_key(|process| (process.started, process.pid))
        .unwrap();
    signal("-9", oldest.pid);
    while oldest.lives() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    owned.take().await.unwrap();
    let second = token(&owned);
    assert_ne!(second, first);
    assert!(processes.iter().all(|process| !process.lives()));
    // Its time has come after three uses.
    for _ in 0..2 {
        owned.take().await.unwrap();
        assert_eq!(token(&owned), second);
    }
    owned.take().await.unwrap();
    assert_ne!(token(&owned), second);
    assert_eq!(owned.stop().await.unwrap(), Some(Stopped::Asked));
    place.assert_empty();
}

/// Launches an emulator and is killed.
#[tokio::test]
#[ignore = "run by the test below, which kills it"]
async fn the_owner_that_is_killed() {
    if std::env::var_os("STEPDROID_TEST_OWNER").is_none() {
        return;
    }
    let place = Place::new();
    let mut instance = place.launch(&place.options()).await;
    made_ready(&mut instance).await;
    println!("state {}", place.state.path().display());
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn what_a_crash_of_ours_leaves_is_cleaned_up() {
    use std::io::BufRead;
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "life::the_owner_that_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env("STEPDROID_TEST_OWNER", "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(owner.stdout.take().unwrap()).lines();
    let state = lines
        .map(Result::unwrap)
        .find_map(|line| Some(line.split_once("state ")?.1.to_owned()))
        .unwrap();
    let state = stepdroid::emulator::StateDirectory::at(state.as_ref());
    let records = state.records();
    assert_eq!(records[0].found(), Found::Owned);
    assert!(
        Instance::clean(&state).await.is_empty(),
        "an emulator with an owner was touched"
    );
    owner.kill().unwrap();
    owner.wait().unwrap();
    assert_eq!(records[0].found(), Found::Orphan);
    let processes = records[0].processes();
    let cleaned = Instance::clean(&state).await;
    assert!(
        matches!(cleaned[..], [(_, Ok(Stopped::Asked))]),
        "{cleaned:?}"
    );
    assert!(processes.iter().all(|process| !process.lives()));
    assert!(state.records().is_empty());
    // The killed process could not remove it.
    std::fs::remove_dir_all(state.path().parent().unwrap()).unwrap();
}

#[tokio::test]
async fn apps_are_installed_from_files_with_the_right_hash() {
    let place = Place::new();
    let folder = place.folder.path().join("apks");
    std::fs::create_dir(&folder).unwrap();
    apk(&folder.join("good.apk"));
    std::fs::write(folder.join("text.apk"), "no archive").unwrap();
    let there = "[[app]]\npackage = \"net.gsantner.markor\"\nfile = \"never_looked_for.apk\"\n";
    let list = |line: &str| {
        let text = format!("{there}[[app]]\npackage = \"org.nowhere\"\n{line}\n");
        ApkList::parse(&text, "list").unwrap()
    };
    let mut instance = place.launch(&place.options()).await;
    let adb = made_ready(&mut instance).await;
    let done = list("file = \"good.apk\"")
        .install(&adb, &folder)
        .await
        .unwrap();
    assert_eq!(done, ["org.nowhere"]);
    let hash = "0".repeat(64);
    let other = list(&format!("file = \"good.apk\"\nsha256 = \"{hash}\""))
        .install(&adb, &folder)
        .await;
    assert!(
        matches!(other, Err(EmulatorsError::Hash { .. })),
        "{other:?}"
    );
    let missing = list("file = \"gone.apk\"").install(&adb, &folder).await;
    assert!(
        matches!(missing, Err(EmulatorsError::Missing { .. })),
        "{missing:?}"
    );
    let refused = list("file = \"text.apk\"")
        .install(&adb, &folder)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("INSTALL_PARSE_FAILED_NOT_APK"),
        "{refused}"
    );
    assert_eq!(adb.query("ls /data/local/tmp").await.unwrap().trim(), "");
    instance.stop().await.unwrap();
    place.assert_empty();
}
