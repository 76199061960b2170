//! What must be gone after a teardown: nothing is in the overview, and nothing that the next task would see
//! is in the apps.

use super::near_misses::{EVENTS, EXPENSES, LIBRARY, NOTES, RECIPES};

const TRACKS: &str = "/data/data/de.dennisguse.opentracks/databases/database.db";

const TO_DOS: &str = "/data/data/org.tasks/databases/database";

const JOPLIN: &str = "/data/data/net.cozic.joplin/databases/joplin.sqlite";

/// A script that prints whatever a task of these apps left.
pub fn script(apps: &[&str]) -> String {
    let mut script = "dumpsys activity recents | grep RecentTaskInfo\n".to_owned();
    for app in apps {
        script += &match *app {
            "pro expense" => format!("sqlite3 {EXPENSES} 'SELECT name FROM expense'\n"),
            "simple calendar pro" => format!("sqlite3 {EVENTS} 'SELECT title FROM events'\n"),
            "broccoli app" => format!("sqlite3 {RECIPES} 'SELECT title FROM recipes'\n"),
            "open tracks sports tracker" => {
                format!("sqlite3 {TRACKS} 'SELECT name FROM tracks'\n")
            }
            "osmand" => "grep -rl -e '<wpt' -e '<trk' /sdcard/Android/data/net.osmand\n".to_owned(),
            "retro music" => "find /sdcard -name '*.mp3' -o -name '*.m3u'\n".to_owned(),
            "tasks" => format!("sqlite3 {TO_DOS} 'SELECT title FROM tasks'\n"),
            "camera" => "find /sdcard/Pictures/ /sdcard/Movies/ -type f\n".to_owned(),
            "files" | "chrome" | "simple draw pro" => {
                "find /storage/emulated/0 -type f\n".to_owned()
            }
            "joplin" => {
                format!("sqlite3 {JOPLIN} 'SELECT title FROM folders; SELECT title FROM notes'\n")
            }
            "markor" => format!("ls {NOTES}\n"),
            "simple gallery pro" => "find /sdcard/DCIM /sdcard/Download -type f\n".to_owned(),
            "vlc" => {
                format!("sqlite3 {LIBRARY} 'SELECT name FROM Playlist'; ls /sdcard/VLCVideos\n")
            }
            _ => String::new(),
        };
    }
    script
}
