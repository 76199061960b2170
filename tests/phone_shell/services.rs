//! Android's own commands: activities, the screen, databases, providers, the log.

use crate::bench::Bench;

#[test]
fn activities_start_and_fail_as_am_says() {
    let bench = Bench::new();
    let started = bench.ok("am start -n com.android.settings/.Settings");
    assert_eq!(
        started,
        "Starting: Intent { cmp=com.android.settings/.Settings }\n"
    );
    let waited = bench.run("am start -W -n com.android.settings/.Settings");
    assert_eq!(waited.status, 0);
    assert!(
        waited.text().contains("Status: ok\n") && waited.text().ends_with("Complete\n"),
        "{}",
        waited.text()
    );
    let missing = bench.run("am start -n com.nope/.Main");
    assert_eq!(
        missing.error_text(),
        "Error type 3\nError: Activity class {com.nope/com.nope.Main} does not exist.\n"
    );
    assert_eq!(missing.status, 1);
    let unresolved = bench.run("am start -a no.such.ACTION -d x:y");
    assert!(
        unresolved
            .error_text()
            .contains("unable to resolve Intent { act=no.such.ACTION dat=x:y }")
    );
    assert!(
        bench
            .ok("monkey -p com.android.settings 1")
            .contains("Events injected: 1\n")
    );
    assert_eq!(bench.run("monkey -p com.nope 1").status, 252);
    assert_eq!(bench.run("am start -n nonsense").status, 255);
    bench.ok(
        "input keyevent KEYCODE_HOME; input swipe 540 1200 540 1200 1000; input text hello%sworld",
    );
    bench.ok("input keycombination 113 29 && input keyevent 67");
    assert_eq!(bench.run("input tap 1").status, 255);
}

#[test]
fn the_screen_is_captured_and_dumped() {
    let bench = Bench::new();
    let raw = bench.run("screencap").stdout;
    assert_eq!(raw.len(), 16 + 1080 * 2400 * 4);
    assert_eq!(
        raw[..16],
        [[0x38, 4, 0, 0], [0x60, 9, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]].concat()
    );
    let png = bench.run("screencap -p").stdout;
    let decoded = image::load_from_memory(&png).unwrap().to_rgba8();
    assert_eq!(decoded.as_raw().as_slice(), &raw[16..]);
    bench.ok("screencap -p /sdcard/s.png; screencap /sdcard/t.png");
    assert_eq!(bench.ok("cmp /sdcard/s.png /sdcard/t.png"), "");
    assert_eq!(
        bench.ok("uiautomator dump"),
        "UI hierchary dumped to: /sdcard/window_dump.xml\n"
    );
    let xml = bench.ok("cat /sdcard/window_dump.xml");
    assert!(
        xml.starts_with(
            "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\">"
        ),
        "{xml}"
    );
    let direct = bench.ok("uiautomator dump --compressed /dev/tty");
    assert!(direct.ends_with("UI hierchary dumped to: /dev/tty\n"));
    assert_eq!(bench.run("uiautomator dump /nope/x.xml").status, 1);
}

#[test]
fn databases_answer_as_the_tool_does() {
    let bench = Bench::new();
    let path = "/data/local/tmp/t.db";
    bench.ok(&format!("sqlite3 {path} \"CREATE TABLE t (a INTEGER, b TEXT, c REAL); INSERT INTO t VALUES (1, 'x|y', 2.0), (2, NULL, 0.5);\""));
    bench.table(&[
        (
            &format!("sqlite3 {path} 'SELECT * FROM t;'"),
            "1|x|y|2.0\n2||0.5\n",
            "",
            0,
        ),
        (
            &format!("sqlite3 -header -csv {path} 'SELECT a, c FROM t'"),
            "a,c\r\n1,2.0\r\n2,0.5\r\n",
            "",
            0,
        ),
        (
            &format!("sqlite3 -json {path} 'SELECT a, b FROM t'"),
            "[{\"a\":1,\"b\":\"x|y\"},\n{\"a\":2,\"b\":null}]\n",
            "",
            0,
        ),
        (
            &format!("echo 'SELECT count(*) FROM t;' | sqlite3 {path}"),
            "2\n",
            "",
            0,
        ),
        (&format!("sqlite3 {path} .tables"), "t\n", "", 0),
        (
            &format!("sqlite3 {path} 'SELECT * FROM u'"),
            "",
            "Error: no such table: u\n",
            1,
        ),
        (
            "sqlite3 /nope/x.db 'SELECT 1'",
            "",
            "Error: unable to open database \"/nope/x.db\": unable to open database file\n",
            1,
        ),
        (
            &format!("sqlite3 {path} 'DELETE FROM t; SELECT changes()'"),
            "2\n",
            "",
            0,
        ),
    ]);
    // The host's files are out of reach.
    let outside = std::env::temp_dir().join("stepdroid-outside.db");
    for sql in [
        format!("ATTACH '{}' AS x", outside.display()),
        format!("VACUUM INTO '{}'", outside.display()),
    ] {
        let refused = bench.run(&format!("sqlite3 {path} \"{sql}\""));
        assert_eq!(refused.status, 1, "{sql}");
        assert!(!outside.exists(), "{sql}");
    }
}

#[test]
fn contacts_are_seen_through_the_provider() {
    use stepdroid::phone::providers::contacts::{self, Contact, Labelled};
    let bench = Bench::new();
    let contact = Contact {
        given: "Ana".to_owned(),
        family: "da Silva".to_owned(),
        phones: vec![Labelled {
            value: "+1 555-010-0199".to_owned(),
            ..Labelled::default()
        }],
        ..Contact::default()
    };
    let id = {
        let state = bench.machine.lock();
        let id = contacts::save(&state.system, &contact).unwrap();
        let mut stored = contacts::get(&state.system, id).unwrap().unwrap();
        stored.id = 0;
        assert_eq!(stored, contact);
        id
    };
    let query = "content query --uri content://contacts/phones/ --projection display_name:number";
    assert_eq!(
        bench.ok(query),
        "Row: 0 display_name=Ana da Silva, number=+1 555-010-0199\n"
    );
    assert!(
        bench
            .ok("content query --uri content://com.android.contacts/contacts")
            .contains("display_name=Ana da Silva")
    );
    assert!(contacts::remove(&bench.machine.lock().system, id).unwrap());
    assert_eq!(bench.ok(query), "No result found.\n");
    contacts::save(&bench.machine.lock().system, &contact).unwrap();
    assert_eq!(
        bench.ok("pm clear com.android.providers.contacts"),
        "Success\n"
    );
    assert_eq!(bench.ok(query), "No result found.\n");
}

#[test]
fn the_log_takes_long_options() {
    let bench = Bench::new();
    bench.ok("log -t mark hello");
    assert_eq!(
        bench.ok("logcat -d --format=tag --buffer main mark:V '*:S'"),
        "--------- beginning of main\nI/mark: hello\n"
    );
    bench.ok("logcat --clear");
    assert!(!bench.ok("logcat -d").contains("hello"));
}

#[test]
fn the_power_service_says_that_the_screen_is_on() {
    assert!(
        Bench::new()
            .ok("dumpsys power")
            .contains("\n  mHoldingDisplaySuspendBlocker=true\n")
    );
}
