//! A full disk, users, hostile scripts, time and restarts.

use crate::bench::Bench;

#[test]
fn a_full_disk_is_told_and_nothing_half_done_stays() {
    let bench = Bench::with(|options| options.capacity = 8 << 20);
    bench.ok("echo small > /sdcard/small.txt");
    bench.table(&[
        (
            "yes | head -c 16000000 > /sdcard/big.txt",
            "",
            "head: write: No space left on device\n",
            1,
        ),
        (
            "echo more > /sdcard/more.txt",
            "",
            "/system/bin/sh: echo: No space left on device\n",
            1,
        ),
        (
            "settings put global full 1",
            "",
            "android.database.sqlite.SQLiteFullException: No space left on device\n",
            255,
        ),
        ("settings get global full", "null\n", "", 0),
    ]);
    bench.ok("rm -f /sdcard/big.txt");
    let database = bench.run(
        "sqlite3 /data/local/tmp/t.db \"CREATE TABLE t (b BLOB); INSERT INTO t VALUES (zeroblob(16000000));\"",
    );
    assert_eq!(database.status, 1);
    assert!(
        database.error_text().contains("full"),
        "{}",
        database.error_text()
    );
    assert_eq!(bench.ok("cat /sdcard/small.txt"), "small\n");
}

/// Bytes and entries below a directory of the host.
fn taken(directory: &std::path::Path) -> (u64, usize) {
    let (mut bytes, mut entries) = (0, 0);
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        entries += 1;
        bytes += metadata.len();
        if metadata.is_dir() {
            let (more, below) = taken(&entry.path());
            (bytes, entries) = (bytes + more, entries + below);
        }
    }
    (bytes, entries)
}

#[test]
fn nothing_grows_past_the_storage() {
    const CAPACITY: u64 = 12 << 20;
    let bench = Bench::with(|options| options.capacity = CAPACITY);
    let full = "No space left on device\n";
    bench.ok("head -c 3000000 /dev/urandom > /sdcard/seed.bin");
    for (script, said) in [
        (
            "cp /sdcard/seed.bin /sdcard/a; cp /sdcard/seed.bin /sdcard/b; cp /sdcard/seed.bin /sdcard/c; \
          cp /sdcard/seed.bin /sdcard/d",
            full,
        ),
        ("cat /dev/zero > /sdcard/zero", full),
        (
            "while true; do cat /sdcard/seed.bin >> /sdcard/more || break; done",
            full,
        ),
        ("cat /dev/zero | tee /sdcard/tee > /dev/null", full),
        ("truncate -s 60000000 /sdcard/cut", full),
        (
            "sqlite3 /data/local/tmp/a.db 'CREATE TABLE t (b); WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL \
          SELECT x + 1 FROM c) INSERT INTO t SELECT randomblob(9000) FROM c'",
            "full\n",
        ),
        (
            "sqlite3 /data/local/tmp/b.db 'PRAGMA page_size = 65536; PRAGMA max_page_count = 4000000; \
          CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(40000000))'",
            "full\n",
        ),
        (
            "sqlite3 :memory: 'CREATE TABLE t (b); INSERT INTO t VALUES (zeroblob(90000000))'",
            "full\n",
        ),
        (
            "sqlite3 /data/local/tmp/c.db 'CREATE TEMP TABLE t (b); INSERT INTO t VALUES (zeroblob(90000000))'",
            "full\n",
        ),
        (
            r#"sqlite3 /data/local/tmp/d.db "ATTACH '' AS x; CREATE TABLE x.t (b)""#,
            "not authorized\n",
        ),
        ("i=0; while mkdir /sdcard/dir$i; do i=$((i+1)); done", full),
    ] {
        let output = bench.run(script);
        let error = output.error_text();
        assert!(error.ends_with(said), "{script}: {error}");
        let (bytes, entries) = taken(bench.machine.files.root());
        assert!(
            bytes <= CAPACITY + (1 << 20),
            "{script}: {bytes} in {entries} entries"
        );
        bench.ok("cd /sdcard; rm -rf a b c d zero more tee cut dir*; rm -f /data/local/tmp/*.db*");
    }
    // A database is packed as before.
    bench.ok("sqlite3 /data/local/tmp/e.db 'CREATE TABLE t (b); DROP TABLE t; VACUUM'");
    bench.ok("echo room again > /sdcard/note.txt");
}

#[test]
fn the_storage_is_that_of_a_stock_image() {
    let bench = Bench::new();
    let line = bench.ok("df /data | tail -1");
    assert_eq!(line.split_whitespace().nth(1), Some("6094400"), "{line}");
}

#[test]
fn the_shell_user_may_not_look_into_data() {
    let bench = Bench::with(|options| options.adb_root = false);
    bench.table(&[
        ("whoami", "shell\n", "", 0),
        (
            "ls /data/data",
            "",
            "ls: /data/data: Permission denied\n",
            1,
        ),
        (
            "echo ok > /data/local/tmp/x; cat /data/local/tmp/x",
            "ok\n",
            "",
            0,
        ),
        ("su root whoami", "root\n", "", 0),
        ("su 0 ls -d /data/data", "/data/data\n", "", 0),
    ]);
}

#[test]
fn the_shell_user_is_refused_what_a_phone_refuses_it() {
    let bench = Bench::with(|options| options.adb_root = false);
    let denied = "Permission denied";
    for (script, says) in [
        ("date 1015153423.00", "Operation not permitted"),
        ("ls /data", denied),
        ("ls /data/local", denied),
        ("ls /data/data/org.tasks", denied),
        ("ls /data/data/*", denied),
        ("ls /data/user/0/org.tasks", denied),
        ("ls /data/media/0/DCIM", denied),
        ("find /data", denied),
        ("cat /data/data/../data/org.tasks/x", denied),
        ("rm -rf /data/data/org.tasks", denied),
        ("rm -rf /data/local/tmp", denied),
        ("cp -a /data/data/org.tasks /sdcard/copy", denied),
        ("mkdir /data/local/stepdroid", denied),
        ("mkdir -p /data/data/android_world/snapshots", denied),
        ("echo x > /system/bin/ls", denied),
        ("echo x > /data/local/x", denied),
        ("touch /vendor/x", denied),
        ("mv /system/bin /sdcard/bin", denied),
        ("echo x | tee /system/x", denied),
        ("dd if=/dev/zero of=/system/x bs=1 count=1", denied),
        ("restorecon -RD /data/data/org.tasks", denied),
        ("chmod 777 -R /data/data/org.tasks", denied),
        (
            "touch /data/local/tmp/x; chown 1000 /data/local/tmp/x",
            "Operation not permitted",
        ),
        ("kill 612", "Operation not permitted"),
        ("pkill system_server", "Operation not permitted"),
        ("killall system_server", "Operation not permitted"),
        ("stop", "Must be root"),
        ("setenforce 0", "Must be root"),
        ("setprop persist.sys.timezone UTC", "Failed to set property"),
        ("pm disable org.tasks", "SecurityException"),
        (
            "sqlite3 /data/data/org.tasks/databases/database .tables",
            "",
        ),
    ] {
        let output = bench.run(script);
        assert_ne!(output.status, 0, "{script}: {}", output.text());
        let said = output.error_text();
        assert!(said.contains(says), "{script}: {said}");
    }
    // What it does have: settings, radios, packages, providers, the shared storage, its own directory.
    bench.ok("settings put global window_animation_scale 0");
    bench.ok("svc wifi disable; svc bluetooth enable");
    bench.ok("am force-stop org.tasks; am kill org.tasks; pm list packages -e org.tasks");
    bench.ok("content query --uri content://sms; dumpsys activity recents");
    bench.ok("mkdir /sdcard/mine; echo x > /sdcard/mine/x; cat /sdcard/mine/x; rm -r /sdcard/mine");
    bench.ok("[ -d /data ] && [ -d /data/local/tmp ] && ls / /system /sdcard");
    let seen = bench.run("find / -path '/data/*'").text();
    assert!(seen.is_empty(), "{seen}");
}

#[test]
fn nobody_becomes_root_on_a_phone_that_is_sold() {
    let sold = ("ro.debuggable".to_owned(), "0".to_owned());
    let bench = Bench::with(|options| options.properties.push(sold));
    bench.table(&[
        ("whoami", "shell\n", "", 0),
        (
            "su 0 whoami",
            "",
            "/system/bin/sh: su: inaccessible or not found\n",
            127,
        ),
    ]);
}

#[test]
fn hostile_scripts_end_without_harm() {
    let bench = Bench::new();
    for script in [
        "(".repeat(10_000),
        "$(".repeat(10_000),
        "{ ".repeat(10_000),
        "`".repeat(10_001),
        "if true; then ".repeat(5_000),
        "f() { f; }; f".to_owned(),
        "x=$(echo $(echo $(echo deep)))".to_owned(),
        "echo {1..100000000} | wc -c".to_owned(),
        "\0\x01\u{7f}".to_owned(),
        "cat /../../../../etc/passwd".to_owned(),
        "echo x > ../../../../../../tmp/../../escape; cat /escape".to_owned(),
        format!("ls {}", "a/".repeat(5_000)),
        format!("ls {}", "a".repeat(300)),
        "rm -rf /".to_owned(),
        "seq 99999999 | tail -n 1".to_owned(),
        "printf %99999999d 1".to_owned(),
        "echo '. /data/local/tmp/again' > /data/local/tmp/again; . /data/local/tmp/again"
            .to_owned(),
        "f='eval \"$f\"'; eval \"$f\"".to_owned(),
        "seq 9 | sort -k 99999999999 | uniq -f 99999999999".to_owned(),
        "echo a | sed ':a;G;h;ba' | wc -c".to_owned(),
        "seq -f %65000f 1000000 | wc -c".to_owned(),
        "x=$(printf %5000d 1); [[ $x == *(?(0)|0)+(*)x ]]".to_owned(),
        format!("echo {}{} | wc -c", "{a,b}".repeat(20), "c".repeat(10_000)),
        format!("echo $(({}1))", "(".repeat(5_000)),
        format!("echo $(({}1))", "-".repeat(5_000)),
        "x=x; echo $((x))".to_owned(),
    ] {
        bench.run(&script);
    }
    assert_eq!(bench.ok("echo alive"), "alive\n");
}

#[test]
fn time_passes_by_what_is_done() {
    let bench = Bench::new();
    assert_eq!(
        bench.ok("date +%s; sleep 90; date +%s"),
        "1697384040\n1697384130\n"
    );
    bench.ok("echo x > /sdcard/f");
    assert_eq!(bench.ok("stat -c %Y /sdcard/f"), "1697384130\n");
    bench.ok("sqlite3 /data/local/tmp/t.db 'CREATE TABLE t (a)'");
    assert_eq!(bench.ok("stat -c %Y /data/local/tmp/t.db"), "1697384130\n");
}

#[test]
fn a_phone_keeps_its_files_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().to_path_buf();
    let bench = Bench::with(|options| options.root = Some(root.clone()));
    bench.ok("echo kept > /sdcard/kept.txt; settings put system screen_brightness 7");
    let identity = bench.ok("settings get secure android_id");
    drop(bench);
    let bench = Bench::with(|options| {
        options.root = Some(root);
        options.seed = 99;
    });
    assert_eq!(
        bench.ok("cat /sdcard/kept.txt; settings get system screen_brightness"),
        "kept\n7\n"
    );
    assert_eq!(bench.ok("settings get secure android_id"), identity);
}
