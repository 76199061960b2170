//! Near misses in Settings.

use super::{NearMiss, Solved, half, script};

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    Some(match task {
        "TurnOffWifiAndTurnOnBluetooth" => {
            vec![half("svc bluetooth disable"), half("svc wifi enable")]
        }
        name if name.contains("WifiTurnOff") => vec![
            script("settings put global wifi_on 2"),
            script("svc wifi enable"),
        ],
        name if name.contains("WifiTurnOn") => vec![
            script("settings put global wifi_on 0"),
            script("svc wifi disable"),
        ],
        name if name.contains("BluetoothTurnOff") => vec![
            script("settings put global bluetooth_on 1"),
            script("svc bluetooth enable"),
        ],
        name if name.contains("BluetoothTurnOn") => vec![
            script("settings put global bluetooth_on 0"),
            script("svc bluetooth disable"),
        ],
        name if name.contains("BrightnessMax") => vec![
            script("settings put system screen_brightness 254"),
            script("settings put system screen_brightness 1"),
        ],
        name if name.contains("BrightnessMin") => vec![
            script("settings put system screen_brightness 2"),
            script("settings put system screen_brightness 255"),
        ],
        _ => return None,
    })
}
