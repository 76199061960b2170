//! What must be gone after a teardown: nothing is in the overview, and nothing that the next task would see
//! is in the apps.

use super::near_misses::{EVENTS, EXPENSES, NOTES};

/// A script that prints whatever a task of these apps left.
pub fn script(apps: &[&str]) -> String {
    let mut script = "dumpsys activity recents | grep RecentTaskInfo\n".to_owned();
    for app in apps {
        script += &match *app {
            "pro expense" => format!("sqlite3 {EXPENSES} 'SELECT name FROM expense'\n"),
            "simple calendar pro" => format!("sqlite3 {EVENTS} 'SELECT title FROM events'\n"),
            "retro music" => "find /sdcard -name '*.mp3' -o -name '*.m3u'\n".to_owned(),
            "markor" => format!("ls {NOTES}\n"),
            _ => String::new(),
        };
    }
    script
}
