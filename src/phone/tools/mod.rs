//! The programs in `/system/bin`: toybox's and Android's, one small file per family. Uses
//! `system`, `window`, `providers` through the shell that runs them.

pub mod absent;
pub mod activity;
pub mod android;
pub mod app_process;
mod appetite;
pub mod bytes;
pub mod change;
pub mod columns;
pub mod content;
pub mod copy;
pub mod database;
pub mod date;
pub mod diff;
pub mod disk;
pub mod dumpsys;
pub mod expr;
pub mod fields;
pub mod find;
pub mod flags;
pub mod grep;
pub mod hash;
pub mod input;
pub mod keycodes;
pub mod lines;
pub mod list;
pub mod package;
pub mod permissions;
pub mod process;
pub mod roles;
pub mod running;
pub mod sed;
pub mod sed_editor;
pub mod sed_script;
pub mod sort;
pub mod system;
pub mod words;

use super::shell::{Shell, Streams};

/// A program: the shell that runs it, its arguments without its name, its streams; returns the
/// exit code.
pub type Tool = fn(&mut Shell, &[String], &Streams) -> i32;

/// The program of a name.
pub fn find(name: &str) -> Option<Tool> {
    TOOLS
        .binary_search_by(|(known, _)| known.cmp(&name))
        .ok()
        .map(|index| TOOLS[index].1)
}

/// All programs, sorted by name.
pub const TOOLS: &[(&str, Tool)] = &[
    ("[", words::test),
    ("am", activity::am),
    ("app_process", app_process::app_process),
    ("appops", android::appops),
    ("base64", fields::base64),
    ("basename", words::basename),
    ("cat", lines::cat),
    ("chcon", permissions::chcon),
    ("chgrp", permissions::chgrp),
    ("chmod", permissions::chmod),
    ("chown", permissions::chown),
    ("cmd", android::cmd),
    ("cmp", lines::cmp),
    ("comm", columns::comm),
    ("content", content::content),
    ("cp", copy::cp),
    ("cut", fields::cut),
    ("date", date::date),
    ("dd", bytes::dd),
    ("df", disk::df),
    ("diff", diff::diff),
    ("dirname", words::dirname),
    ("dos2unix", columns::dos2unix),
    ("du", disk::du),
    ("dumpsys", dumpsys::dumpsys),
    ("echo", words::echo),
    ("egrep", grep::egrep),
    ("env", running::env),
    ("expand", columns::expand),
    ("expr", expr::expr),
    ("false", words::falsehood),
    ("fgrep", grep::fgrep),
    ("find", find::find),
    ("getenforce", permissions::getenforce),
    ("getprop", words::getprop),
    ("grep", grep::grep),
    ("head", lines::head),
    ("hostname", process::hostname),
    ("id", process::id),
    ("ime", android::ime),
    ("input", input::input),
    // There is no network here that it could close.
    ("iptables", words::roots_alone),
    ("kill", process::kill),
    ("killall", process::killall),
    ("ln", copy::ln),
    ("log", system::log),
    ("logcat", system::logcat),
    ("ls", list::ls),
    ("md5sum", hash::md5sum),
    ("mkdir", change::mkdir),
    ("mktemp", change::mktemp),
    ("monkey", activity::monkey),
    ("mount", disk::mount),
    ("mv", copy::mv),
    ("nc", system::nc),
    ("nice", running::wrapped),
    ("nl", lines::nl),
    ("nohup", running::wrapped),
    ("nproc", process::nproc),
    ("paste", columns::paste),
    ("pgrep", process::pgrep),
    ("pidof", process::pidof),
    ("pkill", process::pkill),
    ("pm", package::pm),
    ("printenv", running::printenv),
    ("printf", words::printf),
    ("ps", process::ps),
    ("pwd", words::pwd),
    ("readlink", permissions::readlink),
    ("realpath", permissions::realpath),
    ("reboot", system::reboot),
    ("restorecon", permissions::restorecon),
    ("rev", lines::rev),
    ("rm", change::rm),
    ("rmdir", change::rmdir),
    ("screencap", system::screencap),
    ("sed", sed::sed),
    ("seq", words::seq),
    ("service", android::service),
    ("setenforce", words::roots_alone),
    ("setprop", words::setprop),
    ("setsid", running::wrapped),
    ("settings", android::settings),
    ("sh", running::sh),
    ("sha224sum", hash::sha224sum),
    ("sha256sum", hash::sha256sum),
    ("sha384sum", hash::sha384sum),
    ("sha512sum", hash::sha512sum),
    ("sleep", running::sleep),
    ("sort", sort::sort),
    ("split", columns::split),
    ("sqlite3", database::sqlite3),
    ("start", words::roots_alone),
    ("stat", permissions::stat),
    ("stop", words::roots_alone),
    ("strings", columns::strings),
    ("su", running::su),
    ("svc", android::svc),
    ("sync", words::nothing),
    ("tac", lines::tac),
    ("tail", lines::tail),
    ("tee", lines::tee),
    ("test", words::test),
    ("timeout", running::timeout),
    ("touch", change::touch),
    ("toybox", words::toybox),
    ("tr", fields::tr),
    ("true", words::nothing),
    ("truncate", change::truncate),
    ("uiautomator", system::uiautomator),
    ("uname", process::uname),
    ("uniq", fields::uniq),
    ("unix2dos", columns::unix2dos),
    ("unlink", change::unlink),
    ("uptime", process::uptime),
    ("usleep", running::usleep),
    ("wc", lines::wc),
    ("which", running::which),
    ("whoami", process::whoami),
    ("wm", android::wm),
    ("xargs", running::xargs),
    ("xxd", bytes::xxd),
    ("yes", words::yes),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_sorted_and_found() {
        assert!(TOOLS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(find("ls").is_some());
        assert!(find("nope").is_none());
    }
}
