//! `reboot`, `logcat`, `log`, `screencap`, `uiautomator`, `nc`, `getevent`. Uses the machine.

use std::time::Duration;

use bytes::Bytes;

use super::flags::Flags;
use crate::phone::faults::Condition;
use crate::phone::screen::raw_header;
use crate::phone::shell::{Shell, Streams, redirect_target};
use crate::phone::system::files::WriteMode;
use crate::phone::system::paths;

/// `reboot`: takes effect when the daemon sees it.
pub fn reboot(shell: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.flush();
    shell.machine.request_reboot();
    0
}

/// `screencap [-p] [-d DISPLAY] [FILE]`: raw or PNG, to standard output or a file.
pub fn screencap(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("screencap", arguments, "phd:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let name = flags.operands.first();
    let as_png = flags.has('p') || name.is_some_and(|name| name.ends_with(".png"));
    let output = match name {
        None => streams.output.clone(),
        Some(name) => match redirect_target(shell, name, WriteMode::Truncate, streams) {
            Ok(output) => output,
            Err(_) => {
                streams.complain(format!(
                    "Error opening file: {name} (No such file or directory)"
                ));
                return 1;
            }
        },
    };
    let machine = shell.machine.clone();
    // Who is given half of it is told that all is well.
    let part = |whole: Bytes| machine.faults.picture(whole);
    let written = match as_png {
        true => match machine.screen.png(&machine) {
            Some(png) => output.try_write_shared(part(Bytes::from_owner(png))),
            None => return streams.fail("screencap", "Failed to encode the screen"),
        },
        false => {
            let frame = machine.screen.frame(&machine);
            output
                .try_write(&raw_header(&frame))
                .and_then(|()| output.try_write_shared(part(frame.rgba)))
        }
    };
    match written {
        Ok(()) => 0,
        Err(error) => {
            output.write(&[]);
            streams.fail("screencap", error)
        }
    }
}

/// A dump without nodes.
const EMPTY_TREE: &str =
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\" />";

/// `uiautomator dump [--compressed] [FILE]`
pub fn uiautomator(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.first() {
        Some(&"dump") => {}
        Some(&"events") => return 0,
        _ => {
            streams.complain("Usage: uiautomator <subcommand> [options]");
            return 1;
        }
    }
    let compressed = words.contains(&"--compressed");
    let name = words[1..].iter().find(|word| !word.starts_with('-'));
    let name = name.map_or("/sdcard/window_dump.xml", |name| *name);
    // The tool dies of the exception that it gets.
    if shell.machine.automation.is_held() {
        let text = "java.lang.IllegalStateException: UiAutomationService already registered!";
        let now = shell.machine.clock.now_micros();
        let mut state = shell.machine.lock();
        state.system.log.write(now, 'E', "AndroidRuntime", text);
        drop(state);
        streams.complain("Killed");
        return 137;
    }
    // These end the real tool's work too, with words on its error stream and exit code 0.
    let faults = &shell.machine.faults;
    if faults.meets(Condition::NoIdle) {
        streams.complain("ERROR: could not get idle state.");
        return 0;
    }
    if faults.meets(Condition::NullRoot) {
        streams.complain("ERROR: null root node returned by UiTestAutomationBridge.");
        return 0;
    }
    let xml = if faults.meets(Condition::EmptyTree) {
        EMPTY_TREE.to_owned()
    } else {
        let mut state = shell.machine.lock();
        let state = &mut *state;
        let fresh = state.windows.dump_xml(&mut state.system, compressed);
        shell.machine.faults.tree(fresh)
    };
    let written = redirect_target(shell, name, WriteMode::Truncate, streams)
        .map(|output| output.try_write(xml.as_bytes()));
    match written {
        Ok(Ok(())) => {
            let shown = match name.starts_with("/dev/") {
                true => name.to_owned(),
                false => shell
                    .path(name)
                    .ok()
                    .and_then(|path| paths::normalize("/", &path))
                    .filter(|_| !name.starts_with("/sdcard"))
                    .unwrap_or_else(|| name.to_owned()),
            };
            streams.line(format!("UI hierchary dumped to: {shown}"));
            0
        }
        _ => {
            streams.complain(format!("java.io.FileNotFoundException: {name}: open failed: ENOENT (No such file or directory)"));
            1
        }
    }
}

/// Long options of `logcat` as the short ones that mean the same.
fn short_options(arguments: &[String]) -> Vec<String> {
    let short = |name: &str| match name {
        "--clear" => Some("-c"),
        "--buffer" => Some("-b"),
        "--format" => Some("-v"),
        "--file" => Some("-f"),
        "--regex" => Some("-e"),
        "--max-count" => Some("-m"),
        _ => None,
    };
    let mut words = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        match short(name) {
            Some(letter) => {
                words.push(letter.to_owned());
                words.extend(value);
            }
            None => words.push(argument.clone()),
        }
    }
    words
}

/// `logcat [-d] [-c] [-b BUFFER] [-v FORMAT] [-t COUNT] [FILTER...]`
pub fn logcat(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let arguments = short_options(arguments);
    let flags = match Flags::parse("logcat", &arguments, "dcsgLDb:v:t:T:f:e:m:n:r:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.has('c') {
        shell.machine.lock().system.log.clear();
        return 0;
    }
    if flags.has('g') {
        streams.line("main: ring buffer is 256 KiB (0 B consumed, 0 B readable), max entry is 5120 B, max payload is 4068 B");
        return 0;
    }
    let format = flags.value('v').unwrap_or("threadtime").to_owned();
    let filters: Vec<(String, char)> = flags
        .operands
        .iter()
        .filter_map(|filter| {
            let (tag, priority) = filter.split_once(':').unwrap_or((filter, "V"));
            Some((tag.to_owned(), priority.chars().next()?))
        })
        .collect();
    let shown = |tag: &str, priority: char| {
        let order = |priority: char| "VDIWEFS".find(priority.to_ascii_uppercase()).unwrap_or(0);
        let rule = filters
            .iter()
            .find(|(name, _)| name == tag)
            .or_else(|| filters.iter().find(|(name, _)| name == "*"));
        match rule {
            Some((_, least)) => *least != 'S' && order(priority) >= order(*least),
            None => !flags.has('s'),
        }
    };
    let last = flags.value('t').and_then(|count| count.parse::<u64>().ok());
    let mut seen = match last {
        Some(count) => shell
            .machine
            .lock()
            .system
            .log
            .written()
            .saturating_sub(count),
        None => 0,
    };
    streams.print("--------- beginning of main\n");
    // A follower in a pipe would never end: there it prints what is known and stops.
    let follow =
        !flags.has('d') && last.is_none() && streams.output.is_same(&shell.terminal.output);
    loop {
        let mut text = String::new();
        {
            let state = shell.machine.lock();
            for line in state.system.log.since(seen) {
                if !shown(&line.tag, line.priority) {
                    continue;
                }
                let time = state.system.clock.at_micros(line.micros);
                let (priority, tag, body) = (line.priority, &line.tag, &line.text);
                text.push_str(&match format.as_str() {
                    "brief" => format!("{priority}/{tag}( 1000): {body}\n"),
                    "tag" => format!("{priority}/{tag}: {body}\n"),
                    "raw" => format!("{body}\n"),
                    "epoch" => format!(
                        "{:>16}.{:03}  1000  1000 {priority} {tag}: {body}\n",
                        line.micros.div_euclid(1_000_000),
                        line.micros.rem_euclid(1_000_000) / 1_000
                    ),
                    _ => format!(
                        "{}  1000  1000 {priority} {tag}: {body}\n",
                        time.strftime("%m-%d %H:%M:%S.%3f")
                    ),
                });
            }
            seen = state.system.log.written();
        }
        streams.print(text);
        if !follow || shell.is_cancelled() || streams.output.is_closed() {
            return 0;
        }
        streams.flush();
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// `log [-p PRIORITY] [-t TAG] TEXT...`
pub fn log(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("log", arguments, "p:t:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let priority = flags
        .value('p')
        .and_then(|text| text.chars().next())
        .unwrap_or('I');
    let tag = flags.value('t').unwrap_or("log");
    let mut state = shell.machine.lock();
    let now = state.system.clock.now_micros();
    let text = flags.operands.join(" ");
    state
        .system
        .log
        .write(now, priority.to_ascii_uppercase(), tag, &text);
    0
}

/// `nc HOST PORT` and `nc -l -p PORT` on the phone's own network, where `adb reverse` listens and
/// `adb forward` arrives.
pub fn nc(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("nc", arguments, "46ELUlnp:q:s:tuvw:W:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let port = |text: Option<&str>| text.and_then(|text| text.parse::<u16>().ok());
    streams.flush();
    if flags.has('l') || flags.has('L') {
        let wanted = flags
            .value('p')
            .or_else(|| flags.operands.first().map(String::as_str));
        let Some(port) = port(wanted) else {
            return streams.fail("nc", "bad port");
        };
        return match shell.machine.loopback.serve_once(
            &format!("tcp:{port}"),
            streams,
            &shell.cancelled,
        ) {
            Ok(()) => 0,
            Err(error) => streams.fail("nc", error),
        };
    }
    let Some(port) = port(flags.operands.get(1).map(String::as_str)) else {
        streams.complain("nc: Needs 2 arguments (see \"nc --help\")");
        return 1;
    };
    match shell
        .machine
        .loopback
        .talk(&format!("tcp:{port}"), streams, &shell.cancelled)
    {
        Ok(()) => 0,
        Err(error) => streams.fail("nc", error),
    }
}
