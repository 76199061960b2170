//! `stepdroid emulators`, as a user runs it.

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

use crate::place::{AVD, Place, apk};

fn program(place: &Place, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdroid"));
    command
        .env("ANDROID_HOME", place.sdk.root())
        .env("ANDROID_AVD_HOME", place.home.directory())
        .env("XDG_STATE_HOME", place.folder.path().join("xdg"))
        .args(words);
    if words[0] == "emulators" {
        command.arg("--state").arg(place.state.path());
    }
    command
}

fn json(place: &Place, words: &[&str]) -> Value {
    let output = program(place, words).arg("--json").assert().success();
    serde_json::from_slice(&output.get_output().stdout).unwrap()
}

#[test]
fn emulators_are_made_started_shown_and_stopped() {
    let place = Place::new();
    let port = place.port.to_string();
    assert_eq!(
        json(&place, &["emulators", "list"])["avds"],
        serde_json::json!([AVD])
    );
    program(&place, &["emulators", "create"]).assert().code(2);
    json(&place, &["emulators", "create", "--name", "second"]);
    let start = [
        "emulators",
        "start",
        AVD,
        "--direct",
        "--port",
        &port,
        "--patience",
        "120",
        "--needs-memory",
        "64",
        "--needs-disk",
        "64",
    ];
    let nobody = program(&place, &["emulators", "start", "nobody", "--direct"])
        .assert()
        .code(2);
    let told = String::from_utf8(nobody.get_output().stderr.clone()).unwrap();
    assert!(
        told.contains("second") && told.contains("emulators create"),
        "{told}"
    );

    let writable = json(&place, &[&start[..], &["--writable"]].concat());
    assert_eq!(writable["serial"], format!("127.0.0.1:{}", place.port + 1));
    let serial = format!("emulator-{port}");
    let status = json(&place, &["emulators", "status"]);
    assert_eq!(
        (&status[0]["serial"], &status[0]["state"]),
        (&serial.clone().into(), &"kept".into())
    );
    json(&place, &["emulators", "snapshot", "save", &serial, "ready"]);
    assert_eq!(
        json(&place, &["emulators", "snapshot", "list", &serial]),
        serde_json::json!(["ready"])
    );
    assert_eq!(json(&place, &["emulators", "clean"]), serde_json::json!([]));
    assert_eq!(
        json(&place, &["emulators", "stop", &serial])[0]["stopped"],
        "asked"
    );
    program(&place, &["emulators", "stop", &serial])
        .assert()
        .code(2);

    let words = [&start[..], &["--count", "2", "--snapshot", "ready"]].concat();
    let two = program(&place, &words).assert().success();
    assert_eq!(
        String::from_utf8_lossy(&two.get_output().stdout)
            .matches("ready")
            .count(),
        2
    );
    program(&place, &["emulators", "snapshot", "save", &serial, "again"])
        .assert()
        .code(2);
    assert_eq!(
        json(&place, &["emulators", "stop", "--all"])
            .as_array()
            .unwrap()
            .len(),
        2
    );
    place.assert_empty();
}

#[test]
fn apks_are_listed_with_their_hashes() {
    let place = Place::new();
    let folder = place.folder.path().join("apks");
    fs::create_dir(&folder).unwrap();
    apk(&folder.join("clipper.apk"));
    let folder = folder.to_str().unwrap();
    let found = program(&place, &["emulators", "apps", "--apks", folder])
        .assert()
        .code(1);
    let list = String::from_utf8(found.get_output().stdout.clone()).unwrap();
    assert!(
        list.contains("ca.zgrs.clipper") && list.contains("sha256"),
        "{list}"
    );
    let file = place.folder.path().join("mine.toml");
    fs::write(&file, list).unwrap();
    let words = [
        "emulators",
        "apps",
        "--apks",
        folder,
        "--apps",
        file.to_str().unwrap(),
    ];
    program(&place, &words).assert().success();
}

#[test]
fn the_doctor_finds_the_emulator() {
    let place = Place::new();
    let output = program(&place, &["doctor"]).arg("--json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let emulator = checks
        .iter()
        .find(|check| check["name"] == "emulator")
        .unwrap();
    assert_eq!(emulator["state"], "ok", "{emulator}");
    assert!(
        emulator["found"]
            .as_str()
            .unwrap()
            .contains("KVM (version 12)"),
        "{emulator}"
    );
}
