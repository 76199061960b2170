//! Packages that are installed: known by what their APK says of itself, whatever is in it.

use std::io::Cursor;

use crate::apk_file::{self, Value, archive, manifest};
use crate::bench::Bench;
use stepdroid::phone::apk::{self, ApkError};
use stepdroid::phone::run_shell;

/// `adb install`: the bytes come in at standard input.
fn install(bench: &Bench, flags: &str, apk: &[u8]) -> String {
    let script = format!("cmd package install {flags} -S {}", apk.len());
    run_shell(&bench.machine, &script, apk).text()
}

fn small(label: Value, utf8: bool) -> Vec<u8> {
    let manifest = manifest("org.small.thing", label, utf8);
    let resources = apk_file::resources();
    archive(&[
        ("classes.dex", b"nothing"),
        ("resources.arsc", &resources),
        ("AndroidManifest.xml", &manifest),
    ])
}

#[test]
fn an_installed_package_is_known_started_stopped_and_removed() {
    let bench = Bench::new();
    let label = Value::Word(1, 0x7f01_0000);
    assert_eq!(install(&bench, "-g", &small(label, true)), "Success\n");
    assert_eq!(
        bench.ok("pm list packages -3 --show-versioncode small"),
        "package:org.small.thing versionCode:42\n"
    );
    assert!(bench.ok("pm path org.small.thing").ends_with("base.apk\n"));
    let dumped = bench.ok("dumpsys package org.small.thing");
    assert!(dumped.contains("versionName=4.2\n"), "{dumped}");
    assert!(dumped.contains("android.permission.CAMERA: granted=true"));
    bench.ok("appops set org.small.thing android:system_alert_window allow");
    let started = bench.ok("am start -W -n org.small.thing/.Main");
    assert!(started.contains("Activity: org.small.thing/.Main\n"));
    let window = bench.ok("dumpsys window | grep mCurrentFocus");
    assert!(window.contains("u0 org.small.thing/org.small.thing.Main}"));
    let seen = bench.ok("uiautomator dump /sdcard/d.xml >/dev/null; cat /sdcard/d.xml");
    assert!(seen.contains("text=\"Small thing\""), "{seen}");
    assert!(seen.contains("package=\"org.small.thing\""), "{seen}");
    let recents = bench.ok("dumpsys activity recents");
    assert!(recents.contains(":org.small.thing U=0"), "{recents}");
    bench.ok("am start -n org.small.thing/org.else.Other");
    assert_eq!(bench.run("am start -n org.small.thing/.None").status, 1);
    bench.ok("input keyevent KEYCODE_APP_SWITCH");
    let overview = bench.ok("uiautomator dump /sdcard/d.xml >/dev/null; cat /sdcard/d.xml");
    assert!(overview.contains("Small thing"), "{overview}");
    bench.ok("am force-stop org.small.thing");
    assert!(!bench.ok("dumpsys window").contains("org.small.thing"));
    bench.ok("monkey -p org.small.thing -c android.intent.category.LAUNCHER 1");
    assert_eq!(bench.ok("pm clear org.small.thing"), "Success\n");
    assert_eq!(bench.ok("pm uninstall org.small.thing"), "Success\n");
    assert_eq!(bench.run("am start -n org.small.thing/.Main").status, 1);
    assert_eq!(bench.run("pm clear org.small.thing").status, 1);
}

#[test]
fn a_file_or_a_session_installs_too() {
    let bench = Bench::new();
    let label = "Short name";
    let apk = small(Value::Text(label), false);
    let write = format!("cmd package install-write -S {} 1000 base.apk -", apk.len());
    bench.ok("cmd package install-create");
    run_shell(&bench.machine, &write, &apk);
    assert_eq!(bench.ok("pm list packages small"), "");
    assert_eq!(bench.ok("cmd package install-commit 1000"), "Success\n");
    assert!(bench.ok("pm list packages").contains("org.small.thing\n"));
    bench.ok("pm uninstall org.small.thing");
    run_shell(&bench.machine, "cat >/data/local/tmp/a.apk", &apk);
    assert_eq!(bench.ok("pm install -r /data/local/tmp/a.apk"), "Success\n");
    assert!(bench.ok("pm list packages").contains("org.small.thing\n"));
    // An app that the phone has keeps its own manifest.
    bench.ok("pm uninstall net.gsantner.markor");
    let manifest = manifest("net.gsantner.markor", Value::Text("X"), true);
    let apk = archive(&[("AndroidManifest.xml", &manifest)]);
    assert_eq!(install(&bench, "", &apk), "Success\n");
    bench.ok("am start -n net.gsantner.markor/.activity.MainActivity");
}

#[test]
fn the_benchmarks_own_packages_are_there_and_a_stub_installs_nothing() {
    let bench = Bench::new();
    let before = bench.ok("pm list packages");
    let stub = [&b"PK\x03\x04"[..], &[0; 200_000]].concat();
    assert_eq!(install(&bench, "-r -t -g", &stub), "Success\n");
    assert_eq!(bench.ok("pm list packages"), before);
    for (package, activity) in [
        ("com.example.androidworld", ".MainActivity"),
        (
            "com.google.androidenv.miniwob",
            "com.google.androidenv.miniwob.app.MainActivity",
        ),
    ] {
        assert!(before.contains(&format!("package:{package}\n")));
        assert_eq!(bench.ok(&format!("pm clear {package}")), "Success\n");
        bench.ok(&format!(
            "appops set {package} android:system_alert_window allow"
        ));
        let started = bench.ok(&format!("am start -W -n {package}/{activity}"));
        assert!(started.contains("Status: ok\n"), "{started}");
        bench.ok(&format!("am force-stop {package}"));
    }
}

#[test]
fn what_an_apk_says_is_read() {
    let apk = small(Value::Word(1, 0x7f01_0000), false);
    let found = apk::read(&mut Cursor::new(&apk)).unwrap();
    assert_eq!(found.package, "org.small.thing");
    assert_eq!(found.label, "Small thing");
    assert_eq!(found.launcher.as_deref(), Some("org.small.thing.Main"));
    assert_eq!(found.activities, ["org.else.Other", "org.small.thing.Main"]);
    assert_eq!(found.permissions, ["android.permission.CAMERA"]);
    assert_eq!(
        (found.version_code, found.version_name.as_str()),
        (42, "4.2")
    );
    // A label that cannot be found is no reason to fail.
    let apk = small(Value::Word(1, 0x7f09_0000), true);
    let found = apk::read(&mut Cursor::new(&apk)).unwrap();
    assert_eq!(found.label, "thing");
    for (bad, said) in [
        (&b"no archive"[..], "has no end"),
        (&archive(&[("a", b"b")]), "has no AndroidManifest.xml"),
        (
            &archive(&[("AndroidManifest.xml", b"<manifest/>")]),
            "a table is broken",
        ),
    ] {
        let error = apk::read(&mut Cursor::new(bad)).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    // Names become directories.
    for name in ["../../evil", "a", "a/b.c", "a..b", ".a", "1.a", "a.b\n"] {
        let manifest = manifest(name, Value::Text("X"), true);
        let apk = archive(&[("AndroidManifest.xml", &manifest)]);
        let error = apk::read(&mut Cursor::new(&apk)).unwrap_err();
        assert!(matches!(error, ApkError::Table(_)), "{name}: {error}");
    }
}

#[test]
fn broken_apks_are_errors() {
    for utf8 in [true, false] {
        let apk = small(Value::Word(1, 0x7f01_0000), utf8);
        for end in 0..apk.len() {
            assert!(apk::read(&mut Cursor::new(&apk[..end])).is_err(), "{end}");
        }
        for at in 0..apk.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = apk.clone();
                bytes[at] = value;
                // Neither a panic nor names without end, whatever it is.
                if let Ok(found) = apk::read(&mut Cursor::new(&bytes)) {
                    assert!(found.package.len() < 256 && found.label.len() < 256);
                }
            }
        }
    }
}

#[test]
fn a_phone_is_not_filled_with_packages() {
    let bench = Bench::new();
    let mut refused = 0;
    for number in 0..260 {
        let name: &'static str = format!("org.small.n{number}").leak();
        let manifest = manifest(name, Value::Text("X"), true);
        let said = install(&bench, "", &archive(&[("AndroidManifest.xml", &manifest)]));
        refused += usize::from(said.contains("INSTALL_FAILED_INSUFFICIENT_STORAGE"));
    }
    let count = bench.ok("pm list packages").lines().count();
    assert!(refused > 0 && count <= 256, "{refused} {count}");
}
