//! `input`: touches, keys and text, as a person's. Uses the windows.

use super::keycodes;
use crate::phone::shell::{Shell, Streams};

const SOURCES: &[&str] = &[
    "touchscreen",
    "keyboard",
    "mouse",
    "touchpad",
    "trackball",
    "dpad",
    "gamepad",
    "joystick",
    "stylus",
    "touchnavigation",
    "rotaryencoder",
];

/// `input [SOURCE] [-d DISPLAY] tap|swipe|draganddrop|text|keyevent|keycombination|roll|press ...`
pub fn input(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    // An empty argument is what clients send for a duration that they do not give.
    let mut words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if words.first().is_some_and(|word| SOURCES.contains(word)) {
        words.remove(0);
    }
    if words.first() == Some(&"-d") {
        words.drain(..2.min(words.len()));
    }
    let Some((verb, rest)) = words.split_first() else {
        streams.complain("Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]");
        return 255;
    };
    let machine = shell.machine.clone();
    let outcome = match *verb {
        "text" => rest.first().map(|text| {
            let text = text.replace("%s", " ");
            let mut state = machine.lock();
            let state = &mut *state;
            machine.clock.advance_millis(100);
            state.windows.text(&mut state.system, &text);
        }),
        "keyevent" => key_events(shell, rest),
        "keycombination" => {
            let codes: Option<Vec<u32>> = numbers_skipped(rest)
                .iter()
                .map(|word| keycodes::parse(word))
                .collect();
            codes.filter(|codes| codes.len() >= 2).map(|codes| {
                let mut state = machine.lock();
                let state = &mut *state;
                machine.clock.advance_millis(100);
                state.windows.key_combination(&mut state.system, &codes);
            })
        }
        "tap" => coordinates(rest, 2).map(|at| {
            let mut state = machine.lock();
            let state = &mut *state;
            machine.clock.advance_millis(100);
            state.windows.tap(&mut state.system, at[0], at[1]);
        }),
        "swipe" | "draganddrop" => coordinates(rest, 4).map(|at| {
            let millis = rest.get(4).and_then(|word| word.parse::<u64>().ok());
            let millis = millis.unwrap_or(300).min(60_000);
            let mut guard = machine.lock();
            let state = &mut *guard;
            machine
                .clock
                .advance_millis(i64::try_from(millis).unwrap_or(300));
            state
                .windows
                .swipe(&mut state.system, (at[0], at[1]), (at[2], at[3]), millis);
        }),
        "press" | "roll" | "motionevent" => Some(()),
        other => {
            streams.complain(format!("Unknown command: {other}"));
            return 255;
        }
    };
    match outcome {
        Some(()) => 0,
        None => {
            streams.complain(format!("Error: Invalid arguments for command: {verb}"));
            streams.complain("Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]");
            255
        }
    }
}

fn coordinates(words: &[&str], count: usize) -> Option<Vec<i32>> {
    let found: Option<Vec<i32>> = words
        .iter()
        .take(count)
        .map(|word| {
            word.parse::<f64>()
                .ok()
                .filter(|at| at.abs() < 1e6)
                .map(|at| at as i32)
        })
        .collect();
    found.filter(|found| found.len() == count)
}

/// `-t MILLIS` in front of a combination.
fn numbers_skipped<'a>(words: &'a [&'a str]) -> &'a [&'a str] {
    match words.first() {
        Some(&"-t") => words.get(2..).unwrap_or_default(),
        _ => words,
    }
}

fn key_events(shell: &Shell, words: &[&str]) -> Option<()> {
    let long = words.contains(&"--longpress");
    let twice = words.contains(&"--doubletap");
    let names: Vec<&&str> = words.iter().filter(|word| !word.starts_with('-')).collect();
    if names.is_empty() {
        return None;
    }
    let machine = &shell.machine;
    for name in names {
        // A name that nobody knows is key 0, which does nothing.
        let Some(code) = keycodes::parse(name) else {
            continue;
        };
        let mut state = machine.lock();
        let state = &mut *state;
        machine.clock.advance_millis(100);
        match long {
            true => state.windows.key_long(&mut state.system, code),
            false => state.windows.key(&mut state.system, code),
        }
        if twice {
            state.windows.key(&mut state.system, code);
        }
    }
    Some(())
}
