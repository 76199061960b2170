//! The phone's command line: every form of command that AndroidWorld sends, and what scripts of
//! harnesses need, with output and exit code in Android's format.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use stepdroid::phone::machine::Machine;
use stepdroid::phone::{self, ClockMode, PhoneOptions, Root, ShellOutput};

struct Bench {
    machine: Arc<Machine>,
    _root: Root,
}

impl Bench {
    fn new() -> Bench {
        Bench::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut PhoneOptions)) -> Bench {
        let mut options = PhoneOptions {
            clock: ClockMode::Steps,
            ..PhoneOptions::default()
        };
        change(&mut options);
        let (machine, root) = phone::boot(&options).unwrap();
        Bench {
            machine,
            _root: root,
        }
    }

    fn run(&self, script: &str) -> ShellOutput {
        phone::run_shell(&self.machine, script, b"")
    }

    /// Standard output of a command that must succeed and complain about nothing.
    fn ok(&self, script: &str) -> String {
        let output = self.run(script);
        assert_eq!(output.error_text(), "", "{script}");
        assert_eq!(output.status, 0, "{script}: {}", output.text());
        output.text()
    }

    /// Runs a table of (script, standard output, standard error, exit code).
    fn table(&self, rows: &[(&str, &str, &str, i32)]) {
        for (script, stdout, stderr, status) in rows {
            let output = self.run(script);
            assert_eq!(output.text(), *stdout, "standard output of {script}");
            assert_eq!(output.error_text(), *stderr, "standard error of {script}");
            assert_eq!(output.status, *status, "exit code of {script}");
        }
    }
}

#[test]
fn the_language_is_mksh() {
    Bench::new().table(&[
        ("echo hello   world", "hello world\n", "", 0),
        (r#"echo 'a b' "c  d" e\ f"#, "a b c  d e f\n", "", 0),
        (r"echo 'don'\''t' 'it'", "don't it\n", "", 0),
        (r#"echo 'it'"'"'s'"#, "it's\n", "", 0),
        ("echo 'a\\tb'", "a\tb\n", "", 0),
        ("echo -n x", "x", "", 0),
        ("echo -E 'a\\tb'", "a\\tb\n", "", 0),
        ("x=1; echo $x ${x}2 ${y:-none} ${#x}", "1 12 none 1\n", "", 0),
        ("x='a  b'; echo $x \"$x\"", "a b a  b\n", "", 0),
        ("f=/sdcard/a.tar.gz; echo ${f##*/} ${f%.*} ${f%%.*} ${f#/}", "a.tar.gz /sdcard/a.tar /sdcard/a sdcard/a.tar.gz\n", "", 0),
        ("x=abcabc; echo ${x/b/X} ${x//b/X} ${x:1:2}", "aXcabc aXcaXc bc\n", "", 0),
        ("echo $((2 + 3 * 4)) $((7 % 3)) $((1 << 4))", "14 1 16\n", "", 0),
        ("i=0; while [ $i -lt 3 ]; do echo $i; i=$((i+1)); done", "0\n1\n2\n", "", 0),
        ("until true; do echo no; done; echo $?", "0\n", "", 0),
        ("for i in a 'b c'; do echo \"<$i>\"; done", "<a>\n<b c>\n", "", 0),
        ("for i in 1 2 3 4; do [ $i = 2 ] && continue; [ $i = 4 ] && break; echo $i; done", "1\n3\n", "", 0),
        ("if false; then echo a; elif true; then echo b; else echo c; fi", "b\n", "", 0),
        ("case foo.md in *.txt) echo t;; *.md|*.rst) echo m;; esac", "m\n", "", 0),
        ("f() { echo \"$1-$#\"; return 3; }; f x y; echo $?", "x-2\n3\n", "", 0),
        ("(cd /data; pwd); pwd", "/data\n/\n", "", 0),
        ("{ echo a; echo b; } | tail -n 1", "b\n", "", 0),
        ("echo a | cat | wc -l", "1\n", "", 0),
        ("true && echo yes || echo no", "yes\n", "", 0),
        ("false && echo yes || echo no", "no\n", "", 0),
        ("! true; echo $?", "1\n", "", 0),
        ("echo $(echo a; echo b) `echo c`", "a b c\n", "", 0),
        ("x=$(false); echo $?", "1\n", "", 0),
        ("false; echo $?; exit 7", "1\n", "", 7),
        ("exit 300", "", "", 44),
        ("echo {a,b}{1..2}", "a1 a2 b1 b2\n", "", 0),
        ("cat <<E\nhi $((1+1))\nE", "hi 2\n", "", 0),
        ("cat <<'E'\nhi $x\nE", "hi $x\n", "", 0),
        ("echo out; echo err >&2", "out\n", "err\n", 0),
        ("echo err >&2 2>/dev/null", "", "err\n", 0),
        ("{ echo err >&2; } 2>&1", "err\n", "", 0),
        ("ls /nope 2>&1 | cat", "ls: /nope: No such file or directory\n", "", 0),
        ("echo x >/dev/null", "", "", 0),
        ("echo tty >/dev/tty", "tty\n", "", 0),
        ("echo a b | while read x y; do echo $y $x; done", "b a\n", "", 0),
        (
            "x=1; printf ' a b\\nc\\n' | while IFS= read -r line; do x=2 echo \"[$line]$x\"; done",
            "[ a b]1\n[c]1\n",
            "",
            0,
        ),
        ("set -- a b c; shift; echo $1 $# \"$@\"", "b 2 b c\n", "", 0),
        ("set -e; false; echo no", "", "", 1),
        ("A=1 env | grep ^A=", "A=1\n", "", 0),
        ("[ 3 -gt 2 ] && [ a != b ] && [ -z '' ] && echo yes", "yes\n", "", 0),
        ("test -d /sdcard -a ! -f /sdcard; echo $?", "0\n", "", 0),
        ("[[ abc == a* ]] && echo m", "m\n", "", 0),
        ("echo /sys*em /nope*", "/system /nope*\n", "", 0),
        ("foo", "", "/system/bin/sh: foo: inaccessible or not found\n", 127),
        ("foo | cat; echo $?", "0\n", "/system/bin/sh: foo: inaccessible or not found\n", 0),
        ("/sdcard", "", "/system/bin/sh: /sdcard: can't execute: Is a directory\n", 126),
        ("touch /data/local/tmp/x; /data/local/tmp/x", "", "/system/bin/sh: /data/local/tmp/x: can't execute: Permission denied\n", 126),
        ("echo 'echo script $1' > /data/local/tmp/s; chmod 755 /data/local/tmp/s; /data/local/tmp/s a", "script a\n", "", 0),
        ("/system/bin/echo via path", "via path\n", "", 0),
        ("echo x > /nope/y", "", "/system/bin/sh: can't create /nope/y: No such file or directory\n", 1),
        ("cat < /nope", "", "/system/bin/sh: can't open /nope: No such file or directory\n", 1),
        ("fi", "", "/system/bin/sh: syntax error: unexpected 'fi'\n", 1),
        ("echo \"abc", "", "/system/bin/sh: no closing quote\n", 1),
        ("if true", "", "/system/bin/sh: syntax error: unmatched 'if'\n", 1),
        ("echo ${x?bad}", "", "/system/bin/sh: x: bad\n", 1),
        ("cd /nope", "", "/system/bin/sh: cd: /nope: No such file or directory\n", 2),
        ("[ a", "", "/system/bin/sh: [: missing ]\n", 2),
        ("echo $((1/0))", "", "/system/bin/sh: 1/0: zero divisor\n", 1),
    ]);
}

#[test]
fn toybox_tools_answer_as_on_a_phone() {
    let bench = Bench::new();
    bench.ok(
        "mkdir -p /sdcard/w/a; cd /sdcard/w; printf 'b 2\\na 10\\nc 1\\n' > t; echo hidden > .h",
    );
    bench.table(&[
        ("ls /sdcard/w", "a\nt\n", "", 0),
        ("ls -a /sdcard/w", ".\n..\n.h\na\nt\n", "", 0),
        ("ls -d /sdcard/w", "/sdcard/w\n", "", 0),
        ("ls -1 /nope", "", "ls: /nope: No such file or directory\n", 1),
        ("ls -Y", "", "ls: Unknown option 'Y' (see \"ls --help\")\n", 1),
        ("sort /sdcard/w/t", "a 10\nb 2\nc 1\n", "", 0),
        ("sort -k2 -n -r /sdcard/w/t", "a 10\nb 2\nc 1\n", "", 0),
        ("sort -k 2n /sdcard/w/t", "c 1\nb 2\na 10\n", "", 0),
        ("head -n 1 /sdcard/w/t; tail -1 /sdcard/w/t", "b 2\nc 1\n", "", 0),
        ("wc -l /sdcard/w/t", "3 /sdcard/w/t\n", "", 0),
        ("wc -c < /sdcard/w/t", "13\n", "", 0),
        ("cut -d ' ' -f 2 /sdcard/w/t", "2\n10\n1\n", "", 0),
        ("tr a-z A-Z < /sdcard/w/t", "B 2\nA 10\nC 1\n", "", 0),
        ("printf 'a\\na\\nb\\n' | uniq -c", "      2 a\n      1 b\n", "", 0),
        ("grep -c 1 /sdcard/w/t", "2\n", "", 0),
        ("grep -E '^(a|c)' /sdcard/w/t", "a 10\nc 1\n", "", 0),
        ("grep -iv B /sdcard/w/t", "a 10\nc 1\n", "", 0),
        ("grep -q zzz /sdcard/w/t; echo $?", "1\n", "", 0),
        ("grep x /nope", "", "grep: /nope: No such file or directory\n", 2),
        ("grep -n a /sdcard/w/t", "2:a 10\n", "", 0),
        ("sed 's/ /-/' /sdcard/w/t", "b-2\na-10\nc-1\n", "", 0),
        ("sed -n 2p /sdcard/w/t", "a 10\n", "", 0),
        ("echo -n abc | md5sum", "900150983cd24fb0d6963f7d28e17f72  -\n", "", 0),
        ("echo -n abc | sha256sum -b", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", "", 0),
        ("find /sdcard/w -type f -o -type d", "/sdcard/w\n/sdcard/w/.h\n/sdcard/w/a\n/sdcard/w/t\n", "", 0),
        ("find /sdcard/w -mindepth 1 -maxdepth 1 -name 't*'", "/sdcard/w/t\n", "", 0),
        ("find /nope", "", "find: '/nope': No such file or directory\n", 1),
        ("find /sdcard/w -name t -exec basename {} \\;", "t\n", "", 0),
        ("echo /sdcard/w/t | xargs wc -l", "3 /sdcard/w/t\n", "", 0),
        ("stat -c '%s %F %n' /sdcard/w/t", "13 regular file /sdcard/w/t\n", "", 0),
        ("stat /nope", "", "stat: '/nope': No such file or directory\n", 1),
        ("basename /a/b.txt .txt; dirname /a/b.txt", "b\n/a\n", "", 0),
        ("seq 3; seq -s , 2 2 6", "1\n2\n3\n2,4,6\n", "", 0),
        ("printf '%s-%03d\\n' a 7 b 8", "a-007\nb-008\n", "", 0),
        ("cp /sdcard/w/t /sdcard/w/u; cmp /sdcard/w/t /sdcard/w/u; mv /sdcard/w/u /sdcard/w/a; ls /sdcard/w/a", "u\n", "", 0),
        ("cp /nope /sdcard", "", "cp: bad '/nope': No such file or directory\n", 1),
        ("cp /sdcard/w /sdcard/v", "", "cp: Skipped dir '/sdcard/w'\n", 1),
        ("mv /nope /sdcard", "", "mv: bad '/nope': No such file or directory\n", 1),
        ("rm /nope", "", "rm: /nope: No such file or directory\n", 1),
        ("rm -f /nope", "", "", 0),
        ("rm /sdcard/w", "", "rm: /sdcard/w: is directory\n", 1),
        ("rmdir /sdcard/w", "", "rmdir: /sdcard/w: Directory not empty\n", 1),
        ("mkdir /sdcard/w", "", "mkdir: '/sdcard/w': File exists\n", 1),
        ("mkdir /x/y/z", "", "mkdir: '/x/y/z': No such file or directory\n", 1),
        ("touch /x/y", "", "touch: '/x/y': No such file or directory\n", 1),
        ("chmod 777 /nope", "", "chmod: /nope: No such file or directory\n", 1),
        ("cat /nope", "", "cat: /nope: No such file or directory\n", 1),
        ("readlink /sdcard; readlink -f /sdcard/w/t", "/storage/self/primary\n/storage/emulated/0/w/t\n", "", 0),
        ("which ls nope; command -v am", "/system/bin/ls\n/system/bin/am\n", "", 0),
        ("echo aGk= | base64 -d; echo hi | base64", "hiaGkK\n", "", 0),
        ("id -u; whoami; getenforce; uname", "0\nroot\nEnforcing\nLinux\n", "", 0),
        ("sleep x", "", "sleep: Not a number 'x'\n", 1),
        ("mkdir", "", "mkdir: Needs 1 argument (see \"mkdir --help\")\n", 1),
        ]);
    let long = bench.ok("touch -d '2023-11-28 23:17:43' /sdcard/w/1.txt; ls /sdcard/w -ll -au");
    assert!(long.starts_with("total "), "{long}");
    let row: Vec<&str> = long
        .lines()
        .find(|line| line.ends_with("1.txt"))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(
        row.join(" "),
        "-rw-rw---- 1 u0_a158 media_rw 0 2023-11-28 23:17:43.000000000 +0000 1.txt"
    );
    assert!(long.contains("drwxrws--- "), "{long}");
    assert!(
        bench
            .ok("ls -l /")
            .contains(" sdcard -> /storage/self/primary\n")
    );
}

/// The forms of `adb_vocabulary.txt`, in its order.
#[test]
fn every_form_of_the_benchmark_is_answered() {
    let bench = Bench::new();
    let exists = |test: &str, path: &str| {
        bench.ok(&format!(
            "\nif [ -{test} \"{path}\" ]; then\n    echo \"Exists\"\nelse\n    echo \"Does not exist\"\nfi\n"
        ))
    };
    assert_eq!(exists("d", "/storage/emulated/0/Download"), "Exists\n");
    assert_eq!(exists("d", "/data/data/com.nope"), "Does not exist\n");
    assert_eq!(bench.ok("whoami"), "root\n");
    bench.ok("am force-stop com.android.settings");
    bench.ok("mkdir -p /storage/emulated/0/Documents/Markor");
    bench.ok("echo 'it'\"'\"'s a note' > /storage/emulated/0/Documents/Markor/note.md");
    bench.ok("chmod 777 /storage/emulated/0/Documents/Markor/note.md");
    assert_eq!(
        exists("f", "/storage/emulated/0/Documents/Markor/note.md"),
        "Exists\n"
    );
    assert_eq!(
        bench.ok("ls -1 /storage/emulated/0/Documents/Markor"),
        "note.md\n"
    );
    assert_eq!(
        bench.ok("cat /sdcard/Documents/Markor/note.md"),
        "it's a note\n"
    );
    bench.ok("rm -r /storage/emulated/0/Documents/Markor/*");
    assert_eq!(bench.ok("ls /storage/emulated/0/Documents/Markor"), "");
    bench.ok("echo x > /sdcard/a.txt");
    bench.ok("find /storage/emulated/0/ -mindepth 1 -type f -delete");
    assert_eq!(bench.ok("find /storage/emulated/0/ -type f"), "");
    assert_eq!(
        bench.ok("find /storage/emulated/0/Documents -type f -o -type d"),
        "/storage/emulated/0/Documents\n/storage/emulated/0/Documents/Markor\n"
    );
    for setting in [
        "settings put global auto_time 0",
        "settings put global auto_time_zone 0",
        "settings put system time_12_24 24",
        "settings put global airplane_mode_on 0",
        "settings put global heads_up_notifications_enabled 0",
        "settings put system screen_brightness 255",
        "settings put system show_touches 1",
        "settings put system pointer_location 1",
        "settings put global policy_control immersive.full=*",
        "settings put secure enabled_accessibility_services com.google.androidenv.accessibilityforwarder/com.google.androidenv.accessibilityforwarder.AccessibilityForwarder",
        "settings put global no_proxy 10.0.2.2:8554",
    ] {
        assert_eq!(bench.ok(setting), "");
    }
    assert_eq!(
        bench.ok("settings get global policy_control"),
        "immersive.full=*\n"
    );
    assert_eq!(bench.ok("settings get system screen_brightness"), "255\n");
    assert_eq!(bench.ok("settings get global airplane_mode_on"), "0\n");
    assert_eq!(bench.ok("settings get global nothing_there"), "null\n");
    assert_eq!(
        bench.ok("settings delete global no_proxy"),
        "Deleted 1 rows\n"
    );
    assert!(bench.ok("settings list secure").contains("android_id="));
    assert_eq!(bench.run("settings get nowhere x").status, 255);
    assert!(
        bench
            .ok("service call alarm 3 s16 UTC")
            .starts_with("Result: Parcel(")
    );
    bench.ok("date 1015153423.00");
    assert_eq!(bench.ok("date"), "Sun Oct 15 15:34:00 UTC 2023\n");
    assert_eq!(bench.ok("date +%s"), "1697384040\n");
    assert!(
        bench
            .ok("dumpsys activity recents")
            .starts_with("ACTIVITY MANAGER RECENT TASKS")
    );
    // Snapshots: save, clear, restore.
    let package = "com.android.settings";
    let snapshot = format!("/data/data/android_world/snapshots/{package}");
    bench.ok(&format!("echo one > /data/data/{package}/file"));
    bench.ok(&format!("mkdir -p {snapshot}"));
    bench.ok(&format!("cp -a /data/data/{package}/. {snapshot}/"));
    bench.ok(&format!("rm -r /data/data/{package}/*"));
    bench.ok(&format!("cp -a {snapshot}/. /data/data/{package}/"));
    bench.ok(&format!("restorecon -RD /data/data/{package}"));
    bench.ok(&format!("chmod 777 -R /data/data/{package}"));
    assert_eq!(bench.ok(&format!("cat /data/data/{package}/file")), "one\n");
    assert!(
        bench
            .ok(&format!("ls -l /data/data/{package}"))
            .contains("-rwxrwxrwx 1 system system")
    );
    assert_eq!(bench.ok(&format!("pm clear {package}")), "Success\n");
    assert_eq!(
        exists("f", &format!("/data/data/{package}/file")),
        "Does not exist\n"
    );
    assert_eq!(bench.run("pm clear com.nope").text(), "Failed\n");
    bench.ok("content delete --uri content://media/external/downloads");
    assert_eq!(
        bench.ok("content query --uri content://sms/sent"),
        "No result found.\n"
    );
    assert_eq!(
        bench.ok("content query --uri content://sms/inbox"),
        "No result found.\n"
    );
    let messages = "/data/data/com.android.providers.telephony/databases/mmssms.db";
    bench.ok("content insert --uri content://sms/sent --bind address:s:+15550100 --bind 'body:s:Hello, World' --bind date:l:1697384040000");
    let sent = bench.ok("content query --uri content://sms/sent");
    assert!(
        sent.starts_with(
            "Row: 0 _id=1, thread_id=1, address=+15550100, person=NULL, date=1697384040000, "
        ),
        "{sent}"
    );
    assert!(
        sent.contains(", body=Hello, World, service_center=NULL, "),
        "{sent}"
    );
    bench.ok(&format!("sqlite3 {messages} \"DELETE FROM sms;\""));
    bench.ok(&format!("sqlite3 {messages} \"DELETE FROM threads;\""));
    assert_eq!(
        bench.ok("content query --uri content://sms/sent"),
        "No result found.\n"
    );
    assert_eq!(
        bench.ok("content query --uri content://contacts/phones/ --projection display_name:number"),
        "No result found.\n"
    );
    bench.ok("am start  -W -n com.android.settings/.Settings");
    let visible = bench.ok("am stack list | grep -E visible=true");
    assert!(
        visible.contains("ComponentInfo{com.android.settings/com.android.settings.Settings}"),
        "{visible}"
    );
    bench.ok("input keyevent KEYCODE_BACK");
    bench.ok("input tap 540 1200");
    for (radio, key) in [("wifi", "wifi_on"), ("bluetooth", "bluetooth_on")] {
        bench.ok(&format!("svc {radio} disable"));
        assert_eq!(bench.ok(&format!("settings get global {key}")), "0\n");
        bench.ok(&format!("svc {radio} enable"));
        assert_eq!(bench.ok(&format!("settings get global {key}")), "1\n");
    }
    let scanned = bench.ok(
        "am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d \"file:///sdcard/a.txt\"",
    );
    assert!(
        scanned.ends_with("Broadcast completed: result=0\n"),
        "{scanned}"
    );
    // The clipboard cannot be read while the clipper is not in front.
    assert!(
        bench
            .ok("am broadcast -a clipper.get")
            .ends_with("Broadcast completed: result=0\n")
    );
    bench.ok("am broadcast -a accessibility_forwarder.intent.action.SET_GRPC --ei \"port\" 1234 --es \"host\" 10.0.2.2 -n com.google.androidenv.accessibilityforwarder/.FlagsBroadcastReceiver");
    bench.ok("pm grant com.android.settings android.permission.POST_NOTIFICATIONS");
    let unknown = bench.run("pm grant com.nope android.permission.POST_NOTIFICATIONS");
    assert_eq!(unknown.status, 255);
    assert!(unknown.error_text().contains("Unknown package: com.nope"));
    let input = bench.ok("dumpsys input | grep logicalFrame");
    assert!(input.contains("logicalFrame=[0, 0, 1080, 2400], physicalFrame=[0, 0, 1080, 2400]"));
    assert!(
        bench
            .ok("dumpsys input")
            .contains("SurfaceOrientation: 0\n")
    );
    assert!(
        bench
            .ok("dumpsys window | grep mCurrentRotation")
            .contains("mCurrentRotation=ROTATION_0")
    );
    assert_eq!(bench.ok("wm size"), "Physical size: 1080x2400\n");
    assert_eq!(bench.ok("wm density"), "Physical density: 420\n");
    assert_eq!(
        bench.ok("getprop ro.build.version.sdk; getprop sys.boot_completed"),
        "33\n1\n"
    );
    assert!(
        bench
            .ok("pm list packages")
            .contains("package:com.android.settings\n")
    );
}

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
