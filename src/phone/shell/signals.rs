//! Traps, signals and waiting: `trap`, `kill`, `wait`. Uses the processes that run on the phone.

use super::interpreter::{Fault, NAME, Shell};
use super::streams::Streams;
use super::text::quoted;
use crate::phone::tools::process;

/// Signals by number, as Linux has them.
const SIGNALS: &[&str] = &[
    "EXIT", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV",
    "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU",
    "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

/// The number of a signal that is given by number or name.
fn number_of(word: &str) -> Option<usize> {
    if let Ok(number) = word.parse::<usize>() {
        return (number < SIGNALS.len()).then_some(number);
    }
    let name = word.to_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    SIGNALS.iter().position(|one| *one == name)
}

impl Shell {
    /// Runs the command that `trap` set for something, if it did; the exit code stays.
    pub(super) fn run_trap(&mut self, name: &str, streams: &Streams) -> Result<(), Fault> {
        let Some(command) = self.traps.remove(name) else {
            return Ok(());
        };
        let status = self.status;
        let outcome = self.execute_nested(&command, streams);
        self.traps.entry(name.to_owned()).or_insert(command);
        outcome?;
        self.status = status;
        Ok(())
    }
}

/// `trap [COMMAND|-] [SIGNAL...]`
pub fn trap(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words = match arguments.first().map(String::as_str) {
        Some("--" | "-p") => &arguments[1..],
        _ => arguments,
    };
    let Some((command, names)) = words.split_first() else {
        for (name, command) in &shell.traps {
            streams.line(format!("trap -- {} {name}", quoted(command)));
        }
        return 0;
    };
    // `trap SIGNAL` alone puts it back.
    let resets = command == "-" || (names.is_empty() && number_of(command).is_some());
    let names = if names.is_empty() { words } else { names };
    let mut status = 0;
    for name in names {
        let name = match (name.as_str(), number_of(name)) {
            ("ERR" | "DEBUG", _) => name.clone(),
            (_, Some(number)) => SIGNALS[number].to_owned(),
            (_, None) => {
                streams.complain(format!("{NAME}: trap: bad signal '{name}'"));
                status = 1;
                continue;
            }
        };
        match resets {
            true => shell.traps.remove(&name),
            false => shell.traps.insert(name, command.clone()),
        };
    }
    status
}

/// `kill [-SIGNAL | -s SIGNAL] PROCESS...`, `kill -l [STATUS...]`
pub fn kill(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    let usage = || {
        streams.complain("usage:\tkill [-s signame | -signum | -signame] { job | pid | pgrp } ...");
        streams.complain("\tkill -l [exit_status ...]");
        Ok(1)
    };
    let mut signal = 15;
    let mut words = arguments;
    while let Some(flag) = words.first().and_then(|word| word.strip_prefix('-')) {
        words = &words[1..];
        match flag {
            "-" => break,
            "l" => return Ok(list(words, streams)),
            "s" | "n" => {
                let Some(found) = words.first().and_then(|word| number_of(word)) else {
                    return usage();
                };
                signal = found;
                words = &words[1..];
            }
            _ => match number_of(flag) {
                Some(found) => signal = found,
                None => {
                    streams.complain(format!("{NAME}: kill: bad signal '{flag}'"));
                    return Ok(1);
                }
            },
        }
    }
    if words.is_empty() {
        return usage();
    }
    let mut status = 0;
    for word in words {
        match word.parse::<u32>() {
            Ok(number) if number == shell.process => {
                if signal == 0 {
                    continue;
                }
                if signal != 9 && shell.traps.contains_key(SIGNALS[signal]) {
                    shell.run_trap(SIGNALS[signal], streams)?;
                    continue;
                }
                // A signal ends the shell without its trap for the end.
                shell.traps.remove("EXIT");
                return Err(Fault::Exit(128 + signal as i32));
            }
            Ok(number) if shell.background == Some(number) || shell.end_of(number).is_some() => {}
            Ok(number) => {
                if let Err(reason) = process::signal(shell, number, signal) {
                    streams.complain(format!("{NAME}: kill: {word}: {reason}"));
                    status = 1;
                }
            }
            Err(_) => {
                streams.complain(format!(
                    "{NAME}: kill: {word}: arguments must be jobs or process IDs"
                ));
                status = 1;
            }
        }
    }
    Ok(status)
}

fn list(words: &[String], streams: &Streams) -> i32 {
    if words.is_empty() {
        for (number, name) in SIGNALS.iter().enumerate().skip(1) {
            streams.line(format!("{number:2} {name}"));
        }
        return 0;
    }
    for word in words {
        match word.parse::<usize>() {
            Ok(status) => {
                let number = if status > 128 { status - 128 } else { status };
                streams.line(SIGNALS.get(number).copied().unwrap_or(word));
            }
            Err(_) => {
                streams.complain(format!("{NAME}: kill: bad number: {word}"));
                return 1;
            }
        }
    }
    0
}

/// `wait [PROCESS...]`
pub fn wait(shell: &Shell, arguments: &[String], streams: &Streams) -> i32 {
    streams.flush();
    shell.machine.wait_for_jobs(&shell.cancelled);
    match arguments.last().map(|word| word.parse::<u32>()) {
        None => 0,
        Some(Ok(process)) => shell.end_of(process).unwrap_or(127),
        Some(Err(_)) => 127,
    }
}
