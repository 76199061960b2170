//! `settings`, `svc`, `service`, `cmd`, `ime`, `wm`, `appops`: switches of the system. Uses the
//! machine.

use super::absent::is_gone;
use super::{activity, input, package};
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::{Namespace, Settings};

/// `settings [--user N] get|put|delete|list|reset NAMESPACE [KEY] [VALUE]`
pub fn settings(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    while let Some(at) = words
        .iter()
        .position(|word| *word == "--user" || *word == "--lineage")
    {
        words.drain(at..(at + 2).min(words.len()));
    }
    let bad = |message: String| {
        streams.complain(message);
        streams.complain("Settings provider (settings) commands:");
        255
    };
    let Some(name) = words.get(1) else {
        return bad("Invalid command: not enough arguments".to_owned());
    };
    let Some(namespace) = Namespace::parse(&name.to_lowercase()) else {
        return bad(format!("Invalid namespace '{name}'"));
    };
    let mut state = shell.machine.lock();
    let table: &mut Settings = &mut state.system.settings;
    match words[..] {
        ["get", _, key] => {
            streams.line(table.get(namespace, key).unwrap_or("null"));
            0
        }
        ["put", _, key, value, ..] => match table.put(namespace, key, value) {
            Ok(()) => 0,
            Err(error) => {
                streams.complain(format!(
                    "android.database.sqlite.SQLiteFullException: {error}"
                ));
                255
            }
        },
        ["delete", _, key] => match table.delete(namespace, key) {
            Ok(removed) => {
                streams.line(format!("Deleted {} rows", i32::from(removed)));
                0
            }
            Err(error) => {
                streams.complain(format!("android.database.sqlite.SQLiteException: {error}"));
                255
            }
        },
        ["list", _] => {
            for (key, value) in table.list(namespace) {
                streams.line(format!("{key}={value}"));
            }
            0
        }
        ["reset", ..] => 0,
        [verb, ..] => {
            let verb = verb.to_owned();
            drop(state);
            bad(format!("Invalid command: {verb}"))
        }
        [] => 255,
    }
}

/// Switches a radio by its global setting.
fn switch(shell: &Shell, key: &str, on: bool, streams: &Streams) -> i32 {
    let mut state = shell.machine.lock();
    let table = &mut state.system.settings;
    let airplane = table.get(Namespace::Global, "airplane_mode_on") == Some("1");
    // Wi-Fi that is switched on in airplane mode is remembered as 2.
    let value = match (on, airplane && key == "wifi_on") {
        (true, true) => "2",
        (true, false) => "1",
        (false, _) => "0",
    };
    match table.put(Namespace::Global, key, value) {
        Ok(()) => 0,
        Err(error) => streams.fail("svc", error),
    }
}

/// `svc wifi|bluetooth|data|nfc enable|disable`, `svc power ...`
pub fn svc(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [
            radio @ ("wifi" | "bluetooth" | "data" | "nfc"),
            state @ ("enable" | "disable"),
            ..,
        ] => {
            let key = match radio {
                "wifi" => "wifi_on",
                "bluetooth" => "bluetooth_on",
                "data" => "mobile_data",
                _ => "nfc_on",
            };
            switch(shell, key, state == "enable", streams)
        }
        ["power", "reboot", ..] => super::system::reboot(shell, &[], streams),
        ["power" | "usb", ..] => 0,
        [] | ["help", ..] => {
            streams.line("Available commands:\n    help     Show information about the subcommands\n    power    Control the power manager\n    data     Control mobile data connectivity\n    wifi     Control the Wi-Fi manager\n    usb      Control Usb state\n    nfc      Control NFC functions\n    bluetooth Control Bluetooth service");
            0
        }
        _ => {
            streams.complain(format!("svc: bad arguments: {}", words.join(" ")));
            1
        }
    }
}

const SERVICES: &[&str] = &[
    "activity",
    "activity_task",
    "alarm",
    "appops",
    "audio",
    "battery",
    "bluetooth_manager",
    "clipboard",
    "connectivity",
    "content",
    "display",
    "input",
    "input_method",
    "notification",
    "package",
    "phone",
    "power",
    "role",
    "settings",
    "statusbar",
    "telephony.registry",
    "uimode",
    "user",
    "wifi",
    "window",
];

/// `service list`, `service check NAME`, `service call NAME CODE [TYPE VALUE...]`
pub fn service(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["list"] => {
            streams.line(format!("Found {} services:", SERVICES.len()));
            for (index, name) in SERVICES.iter().enumerate() {
                streams.line(format!("{index}\t{name}: []"));
            }
            0
        }
        ["check", name] => {
            let found = if SERVICES.contains(&name) && !is_gone(&shell.machine, name) {
                "found"
            } else {
                "not found"
            };
            streams.line(format!("Service {name}: {found}"));
            0
        }
        ["call", name, _, ..] if !SERVICES.contains(&name) => {
            streams.complain(format!("service: Service {name} does not exist"));
            1
        }
        // setTimeZone.
        ["call", "alarm", "3", "s16", zone, ..] => {
            if shell.machine.clock.set_zone(zone) {
                let mut state = shell.machine.lock();
                state.system.properties.set("persist.sys.timezone", zone);
            }
            streams.line("Result: Parcel(00000000    '....')");
            0
        }
        ["call", _, _, ..] => {
            streams.line("Result: Parcel(00000000    '....')");
            0
        }
        _ => {
            streams.line("Usage: service [-h|-?]\n       service list\n       service check SERVICE\n       service call SERVICE CODE [i32 N | i64 N | f N | d N | s16 STR | null | fd f | nfd n | afd f ] ...");
            10
        }
    }
}

/// `cmd SERVICE ARGUMENTS...`
pub fn cmd(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some((name, rest)) = arguments.split_first() else {
        streams.complain("cmd: No service specified; use -l to list all running services. Use -w to start and wait for a service.");
        return 20;
    };
    let words: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (name.as_str(), &words[..]) {
        ("-l", _) => {
            streams.line("Currently running services:");
            for name in SERVICES {
                streams.line(format!("  {name}"));
            }
            0
        }
        ("package", _) => package::pm(shell, rest, streams),
        ("activity", _) => activity::am(shell, rest, streams),
        ("settings", _) => settings(shell, rest, streams),
        ("input", _) => input::input(shell, rest, streams),
        ("window", _) => wm(shell, rest, streams),
        ("content", _) => super::content::content(shell, rest, streams),
        ("role", _) => super::roles::role(shell, &words, streams),
        ("appops", _)
        | ("notification", _)
        | ("statusbar", _)
        | ("deviceidle", _)
        | ("jobscheduler", _) => 0,
        ("wifi", ["set-wifi-enabled", state, ..]) => {
            switch(shell, "wifi_on", *state == "enabled", streams)
        }
        ("wifi", ["status"]) => {
            let state = shell.machine.lock();
            let on = state
                .system
                .settings
                .get_integer(Namespace::Global, "wifi_on", 0)
                > 0;
            streams.line(format!(
                "Wifi is {}",
                if on { "enabled" } else { "disabled" }
            ));
            0
        }
        ("bluetooth_manager", [state @ ("enable" | "disable"), ..]) => {
            switch(shell, "bluetooth_on", *state == "enable", streams)
        }
        ("connectivity", ["airplane-mode"]) => {
            let state = shell.machine.lock();
            let on = state
                .system
                .settings
                .get(Namespace::Global, "airplane_mode_on")
                == Some("1");
            streams.line(if on { "enabled" } else { "disabled" });
            0
        }
        ("connectivity", ["airplane-mode", state, ..]) => {
            switch(shell, "airplane_mode_on", *state == "enable", streams)
        }
        ("uimode", ["night", value, ..]) => {
            let number = match *value {
                "yes" => "2",
                "no" => "1",
                _ => "0",
            };
            let mut state = shell.machine.lock();
            let put = state
                .system
                .settings
                .put(Namespace::Secure, "ui_night_mode", number);
            streams.line(format!("Night mode: {value}"));
            i32::from(put.is_err())
        }
        ("uimode", ["night"]) => {
            let state = shell.machine.lock();
            let yes = state
                .system
                .settings
                .get(Namespace::Secure, "ui_night_mode")
                == Some("2");
            streams.line(format!("Night mode: {}", if yes { "yes" } else { "no" }));
            0
        }
        ("alarm", ["set-timezone", zone]) => {
            service(
                shell,
                &["call", "alarm", "3", "s16", zone].map(str::to_owned),
                streams,
            );
            0
        }
        ("alarm", ["set-time", millis]) => match millis.parse::<i64>() {
            Ok(millis) => {
                shell.machine.clock.set_micros(millis.saturating_mul(1_000));
                0
            }
            Err(_) => streams.fail("cmd", format!("bad time '{millis}'")),
        },
        (name, _) if SERVICES.contains(&name) => 0,
        (name, _) => {
            streams.complain(format!("cmd: Can't find service: {name}"));
            20
        }
    }
}

/// `wm size|density|dismiss-keyguard|user-rotation ...`: the size is the screen's and stays, however it is turned.
pub fn wm(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut state = shell.machine.lock();
    match words[..] {
        ["size"] => streams.line(format!("Physical size: {}", state.system.screen)),
        ["density"] => streams.line(format!("Physical density: {}", state.system.density())),
        ["size" | "density", ..] | ["dismiss-keyguard"] => {}
        [
            "user-rotation" | "set-user-rotation" | "fixed-to-user-rotation",
            ..,
        ] => {
            let table = &mut state.system.settings;
            let put = match words[1..] {
                [] => {
                    let free =
                        table.get_integer(Namespace::System, "accelerometer_rotation", 0) != 0;
                    let turned = table.get_integer(Namespace::System, "user_rotation", 0);
                    streams.line(match free {
                        true => "free".to_owned(),
                        false => format!("lock {turned}"),
                    });
                    Ok(())
                }
                ["free"] => table.put(Namespace::System, "accelerometer_rotation", 1),
                ["lock", ref rest @ ..] => {
                    let known = |turned: &&&str| matches!(**turned, "0" | "1" | "2" | "3");
                    let turned = rest.first().filter(known).copied().unwrap_or("0");
                    table
                        .put(Namespace::System, "accelerometer_rotation", 0)
                        .and_then(|()| table.put(Namespace::System, "user_rotation", turned))
                }
                _ => Ok(()),
            };
            if let Err(error) = put {
                return streams.fail("wm", error);
            }
        }
        [] => {
            streams.complain("Window manager (window) commands:");
            return 255;
        }
        [other, ..] => {
            streams.complain(format!("Unknown command: {other}"));
            return 255;
        }
    }
    0
}

/// `ime list|set|enable|disable ID`
pub fn ime(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut state = shell.machine.lock();
    let table = &mut state.system.settings;
    match words[..] {
        ["list", ..] => {
            let list = table
                .get(Namespace::Secure, "enabled_input_methods")
                .unwrap_or("")
                .to_owned();
            for id in list.split(':') {
                streams.line(match words.contains(&"-s") {
                    true => id.to_owned(),
                    false => format!("{id}:\n  mId={id}"),
                });
            }
            0
        }
        ["set", id] => {
            let put = table.put(Namespace::Secure, "default_input_method", id);
            streams.line(format!("Input method {id} selected for user #0"));
            i32::from(put.is_err())
        }
        ["enable" | "disable", id] => {
            streams.line(format!("Input method {id}: now {}d for user #0", words[0]));
            0
        }
        ["reset"] => 0,
        _ => {
            streams.complain("Unknown command");
            255
        }
    }
}

/// `appops set|get PACKAGE OPERATION MODE`
pub fn appops(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let state = shell.machine.lock();
    match words[..] {
        ["set" | "get", name, ..] if !state.system.packages.contains(name) => {
            streams.complain(format!("Error: No UID for {name} in user 0"));
            255
        }
        ["get", ..] => {
            streams.line("No operations.");
            0
        }
        _ => 0,
    }
}
