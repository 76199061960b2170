//! A virtual phone that goes back to a kept state: nothing of what was done since shows anywhere.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};

const LOOK: &str = "date; settings get global wifi_on; settings get system screen_brightness; \
    getprop debug.tried; cat /sdcard/note.txt /sdcard/Download/old.txt 2>&1; ls -laR /sdcard; \
    stat -c '%y %a %U' /data/local/tmp; cat /proc/uptime; echo $RANDOM $RANDOM; \
    uiautomator dump /dev/tty; pm list packages -d";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_undoes_everything() {
    let phone = Phone::start(PhoneOptions {
        size: ScreenSize {
            width: 360,
            height: 800,
        },
        clock: ClockMode::Steps,
        ..PhoneOptions::default()
    })
    .await
    .unwrap();
    phone.shell("echo before > /sdcard/Download/old.txt; settings put global wifi_on 1");
    let kept = Arc::new(phone.snapshot().await.unwrap());
    phone.restore(&kept).await.unwrap();
    let before = phone.shell(LOOK);
    phone.shell(
        "settings put global wifi_on 0; settings put system screen_brightness 7; \
         setprop debug.tried yes; echo new > /sdcard/note.txt; rm /sdcard/Download/old.txt; \
         echo after_ > /sdcard/Download/old.txt; mkdir -p /sdcard/a/b; date 1015153423.00; \
         sleep 5; chmod 700 /data/local/tmp; echo $RANDOM; am start -n com.android.settings/.Settings; \
         input keyevent KEYCODE_HOME; pm disable-user com.android.chrome",
    );
    assert_ne!(phone.shell(LOOK).text(), before.text());
    for _ in 0..2 {
        phone.restore(&kept).await.unwrap();
        assert_eq!(phone.shell(LOOK).text(), before.text());
    }
}

/// Everything that the files show: names, modes, owners, times and contents.
const TREE: &str = "ls -laR /data /sdcard/ 2>&1; find /data /sdcard/ -type f -exec md5sum {} +; \
    find /data /sdcard/ -exec stat -c '%n %y %s %a %U %G' {} +";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_back_undoes_whatever_was_done_to_the_files() {
    let phone = Phone::start(PhoneOptions {
        clock: ClockMode::Steps,
        adb_root: true,
        ..PhoneOptions::default()
    })
    .await
    .unwrap();
    let database = "/data/data/com.arduia.expense/databases/accounting.db";
    phone.shell(
        "mkdir -p /sdcard/kept/one/two /sdcard/kept/empty /data/data/x.y/databases; \
         echo 1 > /sdcard/kept/1.txt; echo 2 > /sdcard/kept/one/2.txt; echo 3 > /sdcard/kept/one/two/3.txt; \
         sqlite3 /data/data/x.y/databases/a.db 'CREATE TABLE t (n); INSERT INTO t VALUES (1)'",
    );
    let kept = Arc::new(phone.snapshot().await.unwrap());
    phone.restore(&kept).await.unwrap();
    let before = phone.shell(TREE).text();
    assert!(before.contains("3.txt"), "{before}");
    let changes = [
        // Contents of the same length and time, names, kinds.
        "echo 9 > /sdcard/kept/1.txt; touch -d '2020-01-01' /sdcard/kept/1.txt",
        "rm /sdcard/kept/1.txt; mkdir /sdcard/kept/1.txt; echo 1 > /sdcard/kept/1.txt/1.txt",
        "rm -r /sdcard/kept/one; echo file > /sdcard/kept/one",
        "rm -r /sdcard/kept; mkdir /sdcard/kept",
        "rm -r /sdcard/kept; mkdir -p /sdcard/kept/one/two; echo 4 > /sdcard/kept/one/two/3.txt",
        // A directory moves, and another one takes its place.
        "mv /sdcard/kept/one /sdcard/kept/empty/; mv /sdcard/kept/empty/one/two /sdcard/kept/one",
        "mv /sdcard/kept /sdcard/Kept; mv /sdcard/Kept/one/two/3.txt /sdcard/Kept/one/2.txt",
        "mv /data/data/x.y /data/data/y.x; mkdir -p /data/data/x.y/databases",
        "mkdir -p /sdcard/new/below; cp -a /sdcard/kept /sdcard/new/below; mv /sdcard/new /sdcard/kept/one/",
        // Databases, through the tool and through an app; journals.
        "sqlite3 /data/data/x.y/databases/a.db 'UPDATE t SET n = 2'",
        "sqlite3 /data/data/x.y/databases/a.db 'PRAGMA journal_mode = WAL; INSERT INTO t VALUES (3)'",
        "sqlite3 /data/data/x.y/databases/b.db 'CREATE TABLE t (n)'; rm /data/data/x.y/databases/a.db",
        "chmod 600 /data/data/x.y; chown 1:1 /data/data/x.y/databases; touch /data/data/x.y/databases/a.db",
        "pm clear com.arduia.expense; settings put global wifi_on 0; rm -r /data/data/com.arduia.expense/*",
        "am start -n com.arduia.expense/.ui.MainActivity; input keyevent KEYCODE_HOME; cp -a /data/data /sdcard/",
        "(sleep 0.2; echo late > /sdcard/kept/late.txt) & echo early > /sdcard/kept/1.txt",
    ];
    for change in changes {
        phone.shell(change);
        assert_ne!(phone.shell(TREE).text(), before, "{change}");
        phone.shell("wait");
        phone.restore(&kept).await.unwrap();
        assert_eq!(phone.shell(TREE).text(), before, "{change}");
        // Looking may date what was never looked at; that goes back too.
        phone.restore(&kept).await.unwrap();
        assert_eq!(phone.shell(TREE).text(), before, "{change}");
    }
    // All of them after each other, and a later state in between.
    phone.shell(changes[3]);
    let later = Arc::new(phone.snapshot().await.unwrap());
    phone.shell(&format!("{}; rm -f {database}", changes[6]));
    phone.restore(&kept).await.unwrap();
    assert_eq!(phone.shell(TREE).text(), before);
    phone.restore(&later).await.unwrap();
    assert_ne!(phone.shell(TREE).text(), before);
    phone.restore(&kept).await.unwrap();
    assert_eq!(phone.shell(TREE).text(), before);
}
