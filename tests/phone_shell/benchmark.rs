//! The forms of command that AndroidWorld sends.

use crate::bench::Bench;

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
