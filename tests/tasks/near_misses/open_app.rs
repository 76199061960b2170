//! Near misses of opening an app.

use super::{NearMiss, Solved, half, script};

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    Some(match task {
        "OpenAppTaskEval" => vec![
            script("input keyevent KEYCODE_HOME"),
            script("am start -n net.gsantner.markor/.activity.MainActivity"),
        ],
        "TurnOnWifiAndOpenApp" => vec![
            half("svc wifi disable"),
            half("input keyevent KEYCODE_HOME"),
            script("svc wifi disable; input keyevent KEYCODE_HOME"),
        ],
        _ => return None,
    })
}
