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
