//! Devices and parameters that a task cannot work with: a typed error that says what is wrong, before
//! anything on the device is changed.

use serde_json::json;
use stepdroid::adb;
use stepdroid::device::{Device, DeviceOptions};
use stepdroid::phone::{Phone, PhoneOptions};
use stepdroid::tasks::{self, TaskError};

use super::harness::Bench;

#[test]
fn a_wrong_parameter_is_named() {
    let mut left_alone = Vec::new();
    let mut unnamed = Vec::new();
    for task in tasks::catalogue() {
        let spec = task.spec();
        let good = tasks::instance(*task, 1).unwrap().params;
        let refuse = |params| match tasks::instance_with(*task, params, 1) {
            Ok(_) => None,
            Err(TaskError::Params { task, reason }) if task == spec.name => Some(reason),
            Err(other) => panic!("{}: {other}", spec.name),
        };
        let mut more = good.clone();
        more.insert("nonsense".to_owned(), json!(1));
        let reason = refuse(more).unwrap_or_default();
        assert!(reason.contains("nonsense"), "{}: {reason}", spec.name);
        for name in good.keys() {
            let mut fewer = good.clone();
            fewer.remove(name);
            match refuse(fewer) {
                Some(reason) if reason.contains(name) => {}
                Some(reason) => unnamed.push(format!("{}.{name}: {reason}", spec.name)),
                None => left_alone.push(format!("{}.{name} missing", spec.name)),
            }
            let mut ill = good.clone();
            ill.insert(name.clone(), json!({"no": [{"such": "value"}]}));
            match refuse(ill) {
                Some(reason) if reason.contains(name) => {}
                Some(reason) => unnamed.push(format!("{}.{name}: {reason}", spec.name)),
                None => left_alone.push(format!("{}.{name} ill-typed", spec.name)),
            }
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
    println!("{left_alone:#?}");
    let ill = left_alone.iter().filter(|line| line.ends_with("ill-typed"));
    assert_eq!(ill.count(), 0, "{left_alone:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_without_root_is_told_and_left_alone() {
    let phone = Phone::start(PhoneOptions {
        // As one that is sold.
        properties: vec![("ro.debuggable".to_owned(), "0".to_owned())],
        ..PhoneOptions::default()
    })
    .await
    .unwrap();
    let adb = adb::connect(&phone.serial()).await.unwrap();
    let device = Device::open(adb, DeviceOptions::default()).await.unwrap();
    let look = "settings list global; settings list system; settings list secure";
    let before = phone.shell(look).text();
    let error = tasks::prepare(&device).await.unwrap_err().to_string();
    assert!(error.contains("adb root"), "{error}");
    for name in [
        "SystemWifiTurnOff",
        "ExpenseAddSingle",
        "RetroCreatePlaylist",
        "MarkorCreateNote",
    ] {
        let task = tasks::find(name).unwrap();
        let mut instance = tasks::instance(task, 1).unwrap();
        let error = task.init(&device, &mut instance).await.unwrap_err();
        assert!(matches!(error, TaskError::NoRoot { .. }), "{name}: {error}");
        assert!(error.to_string().contains("adb root"), "{name}: {error}");
    }
    assert_eq!(phone.shell(look).text(), before);
    phone.stop().await;
}

/// What a task's set-up would change.
const LOOK: &str = "settings list global; settings list system; settings list secure
find /storage/emulated/0 /data/data -type f | sort | grep -v cache
md5sum /data/data/com.arduia.expense/databases/* /data/data/org.videolan.vlc/app_db/*
md5sum /data/data/code.name.monkey.retromusic/databases/* /data/data/com.flauschcode.broccoli/databases/*";

/// The error of a set-up that changed nothing.
async fn refused(bench: &Bench, name: &str) -> TaskError {
    let task = tasks::find(name).unwrap();
    let mut instance = tasks::instance(task, 1).unwrap();
    let before = bench.shell(LOOK).await;
    let error = task.init(&bench.device, &mut instance).await.unwrap_err();
    assert_eq!(bench.shell(LOOK).await, before, "{name}: {error}");
    assert!(instance.state.is_null());
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_is_not_there_is_named() {
    let bench = Bench::new(1).await;
    for (script, name, package) in [
        (
            "pm disable-user com.arduia.expense",
            "ExpenseAddSingle",
            "com.arduia.expense",
        ),
        (
            "pm uninstall org.videolan.vlc",
            "VlcCreatePlaylist",
            "org.videolan.vlc",
        ),
        (
            "pm uninstall net.gsantner.markor",
            "MarkorCreateNote",
            "net.gsantner.markor",
        ),
    ] {
        bench.shell(script).await;
        let error = refused(&bench, name).await;
        assert!(matches!(error, TaskError::Setup { .. }), "{name}: {error}");
        let told = error.to_string();
        assert!(told.contains(package) && told.contains("install"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_version_is_told_before_anything_changes() {
    let bench = Bench::new(2).await;
    let snapshots = "/data/data/android_world/snapshots";
    for (task, file, change, words) in [
        (
            "ExpenseAddSingle",
            "com.arduia.expense/databases/accounting.db",
            "ALTER TABLE expense ADD COLUMN surprise TEXT",
            "surprise",
        ),
        (
            "ExpenseDeleteSingle",
            "com.arduia.expense/databases/accounting.db",
            "ALTER TABLE expense DROP COLUMN note",
            "note",
        ),
        (
            "RecipeAddSingleRecipe",
            "com.flauschcode.broccoli/databases/broccoli",
            "DROP TABLE recipes",
            "recipes",
        ),
        (
            "RetroCreatePlaylist",
            "code.name.monkey.retromusic/databases/playlist.db",
            "DROP TABLE SongEntity",
            "SongEntity",
        ),
        (
            "VlcCreatePlaylist",
            "org.videolan.vlc/app_db/vlc_media.db",
            "ALTER TABLE Playlist RENAME TO Lists",
            "Playlist",
        ),
    ] {
        let told = bench
            .shell(&format!("sqlite3 {snapshots}/{file} '{change}'"))
            .await;
        assert_eq!(told, "", "{change}");
        let error = refused(&bench, task).await;
        assert!(
            matches!(error, TaskError::Database { .. }),
            "{task}: {error}"
        );
        let text = error.to_string();
        assert!(text.contains(words) && text.contains("version"), "{text}");
    }
}
