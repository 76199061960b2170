//! How a task begins and ends where the shell is not root, as scripts: its apps are closed as their owner would close
//! them, the clock and the apps' data stay as they are, and what it switched is switched back.

use super::apps::App;
use crate::adb::quote;

/// Printed by a script that went on without root.
pub(super) const BY_SHELL: &str = "by-shell";

/// Where the switches' states are kept as commands. The name is not one that a repair removes, so that what somebody
/// had set survives episodes that were cut off.
const KEPT: &str = "/data/local/tmp/before_tasks.sh";

/// Keeps how Wi-Fi, Bluetooth and the brightness are, unless that was kept before. The brightness has two settings, which
/// Android keeps equal.
fn keep_switches() -> String {
    format!(
        "if [ ! -f {KEPT} ]; then
{{ case \"$(settings get global wifi_on)\" in 0|3) echo svc wifi disable;; *) echo svc wifi enable;; esac
case \"$(settings get global bluetooth_on)\" in 0) echo svc bluetooth disable;; *) echo svc bluetooth enable;; esac
brightness=$(settings get system screen_brightness)
case \"$brightness\" in ''|*[!0-9]*) ;; *) echo settings put system screen_brightness $brightness;; esac
share=$(settings get system screen_brightness_float)
case \"$share\" in ''|null) echo 'settings delete system screen_brightness_float >/dev/null';;
*[!0-9.]*) ;; *) echo settings put system screen_brightness_float $share;; esac
}} > {KEPT}.part && mv {KEPT}.part {KEPT}
fi
"
    )
}

/// What a task begins with. An app is not stopped by force: that takes its alarms away (AOSP's alarm service forgets
/// those of a package that was), which ring for somebody. Out of the overview it starts at its first screen all the
/// same.
pub(super) fn begin(apps: impl Iterator<Item = App>, close_recents: &str) -> String {
    let (keep, kill) = (keep_switches(), kill(apps));
    format!("echo {BY_SHELL}\n{keep}{close_recents}{kill}")
}

/// What a task ends with.
pub(super) fn end(apps: impl Iterator<Item = App>, close_recents: &str) -> String {
    let kill = kill(apps);
    format!(
        "echo {BY_SHELL}\n{close_recents}{kill}if [ -f {KEPT} ]; then . {KEPT}; rm -f {KEPT}; fi\n"
    )
}

/// Ends what is left of apps in the background; what they do for somebody in the foreground goes on.
fn kill(apps: impl Iterator<Item = App>) -> String {
    apps.map(|app| format!("am kill {}\n", quote(app.package)))
        .collect()
}
