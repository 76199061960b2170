//! Running other commands, and waiting: `sh`, `su`, `env`, `xargs`, `timeout`, `sleep`, `nohup`,
//! `which`. Uses the shell.

use std::time::Duration;

use crate::phone::shell::options::Options;
use crate::phone::shell::{Shell, Streams, builtins};
use crate::phone::system::attributes;

/// `sleep SECONDS...`
pub fn sleep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        streams.complain("sleep: Needs 1 argument (see \"sleep --help\")");
        return 1;
    }
    let mut total = Duration::ZERO;
    for argument in arguments {
        match duration(argument) {
            Some(duration) => total = total.saturating_add(duration),
            None => return streams.fail("sleep", format!("Not a number '{argument}'")),
        }
    }
    streams.flush();
    if let Some(deadline) = shell.deadline {
        let left = deadline
            .saturating_sub(shell.machine.clock.now_micros())
            .max(0);
        total = total.min(Duration::from_micros(left.unsigned_abs()));
    }
    shell.machine.sleep(total, &shell.cancelled);
    0
}

/// `usleep MICROSECONDS`
pub fn usleep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    match arguments.first().map(|text| text.parse::<u64>()) {
        Some(Ok(micros)) => {
            streams.flush();
            shell
                .machine
                .sleep(Duration::from_micros(micros), &shell.cancelled);
            0
        }
        _ => streams.fail("usleep", "Needs 1 argument (see \"usleep --help\")"),
    }
}

fn duration(text: &str) -> Option<Duration> {
    let (digits, unit) = match text.chars().last()? {
        's' => (&text[..text.len() - 1], 1.0),
        'm' => (&text[..text.len() - 1], 60.0),
        'h' => (&text[..text.len() - 1], 3600.0),
        'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    let seconds = digits.parse::<f64>().ok()? * unit;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `sh [-OPTIONS] [-c SCRIPT [NAME]] [-s] [FILE] [ARGUMENT...]`
pub fn sh(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut options = Options::default();
    let (mut takes_script, mut takes_input) = (false, false);
    let mut words = arguments;
    while let Some(flags) = words.first().and_then(|word| word.strip_prefix(['-', '+'])) {
        let on = words[0].starts_with('-');
        words = &words[1..];
        if flags == "-" {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'c' => takes_script = true,
                's' => takes_input = true,
                'o' => {
                    if let Some((name, rest)) = words.split_first() {
                        options.set_name(name, on);
                        words = rest;
                    }
                }
                _ => options.set_letter(flag, on),
            }
        }
    }
    let mut name = None;
    let script = match words.split_first() {
        Some((script, rest)) if takes_script => {
            name = rest.first();
            words = rest.get(1..).unwrap_or_default();
            Some(script.clone())
        }
        Some((file, rest)) if !takes_input => {
            let found = shell
                .path(file)
                .and_then(|path| shell.machine.files.read_text(&path));
            match found {
                Ok(text) => {
                    name = Some(file);
                    words = rest;
                    Some(text)
                }
                Err(error) => {
                    streams.complain(format!("/system/bin/sh: can't open '{file}': {error}"));
                    return 127;
                }
            }
        }
        _ => None,
    };
    let process = shell.machine.next_process();
    shell.subshell(|shell| {
        // A new program has the environment, and nothing else of the shell that started it.
        shell.become_program(process, options);
        shell.positional = words.to_vec();
        if let Some(name) = name {
            name.clone_into(&mut shell.name);
        }
        match script {
            Some(script) => shell.run_text(&script, streams),
            None => run_input(shell, streams),
        }
    })
}

/// A shell that reads its script from standard input, complete command by complete command.
pub fn run_input(shell: &mut Shell, streams: &Streams) -> i32 {
    shell.subshell(|shell| {
        let mut held = String::new();
        loop {
            streams.flush();
            let line = streams.input.read_line();
            let ended = line.is_none();
            if let Some(line) = line {
                held.push_str(&String::from_utf8_lossy(&line).replace('\r', ""));
            }
            let open = !ended && is_open(&held);
            if open && held.len() < 1 << 20 {
                continue;
            }
            let script = std::mem::take(&mut held);
            if !script.trim().is_empty() {
                let before = shell.status;
                match shell.execute_text(&script, streams) {
                    Ok(()) => {}
                    Err(fault) => {
                        shell.status = before;
                        if let Some(status) = shell.conclude(fault, streams) {
                            return status;
                        }
                    }
                }
            }
            if ended || shell.is_cancelled() {
                return shell.end(streams);
            }
        }
    })
}

/// Whether a script waits for more lines: an open quote, block or a trailing backslash.
fn is_open(script: &str) -> bool {
    let words: Vec<&str> = script
        .split(|c: char| c.is_whitespace() || c == ';')
        .filter(|word| !word.is_empty())
        .collect();
    let count = |word: &str| words.iter().filter(|one| **one == word).count();
    let quotes = |quote: char| script.matches(quote).count() % 2 == 1;
    script.trim_end_matches('\n').ends_with('\\')
        || quotes('\'')
        || quotes('"')
        || count("if") > count("fi")
        || count("do") > count("done")
        || count("case") > count("esac")
        || count("{") > count("}")
}

/// `su [USER] [-c SCRIPT | COMMAND...]`: as on a userdebug image, only root and shell may.
pub fn su(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if shell.machine.is_sold() {
        streams.complain("/system/bin/sh: su: inaccessible or not found");
        return 127;
    }
    let mut words = arguments;
    let mut user = attributes::ROOT;
    if let Some(first) = words.first()
        && let Some(id) = attributes::user_id(first)
    {
        user = id;
        words = &words[1..];
    }
    shell.subshell(|shell| {
        shell.user = user;
        match words.first().map(String::as_str) {
            None => run_input(shell, streams),
            Some("-c" | "--command") => shell.run_text(&words[1..].join(" "), streams),
            Some(_) => builtins::run_words(shell, words, streams),
        }
    })
}

/// `env [-i] [NAME=VALUE...] [COMMAND...]`
pub fn env(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    shell.subshell(|shell| {
        let mut words = arguments;
        while let Some(word) = words.first() {
            words = &words[1..];
            match word.as_str() {
                "-i" | "-" => {
                    for (name, _) in shell.environment() {
                        shell.unset(&name);
                    }
                }
                "-u" => {
                    if let Some((name, rest)) = words.split_first() {
                        shell.unset(name);
                        words = rest;
                    }
                }
                "-0" | "--" => {}
                word => match word.split_once('=') {
                    Some((name, value)) => {
                        shell.set_variable(name, value);
                        shell.export(name);
                    }
                    None => {
                        words = &arguments[arguments.len() - words.len() - 1..];
                        break;
                    }
                },
            }
        }
        if words.is_empty() {
            for (name, value) in shell.environment() {
                streams.line(format!("{name}={value}"));
            }
            return 0;
        }
        run_program(shell, "env", words, streams)
    })
}

/// `printenv [NAME...]`
pub fn printenv(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let environment = shell.environment();
    let mut status = 0;
    for name in arguments.iter().filter(|word| !word.starts_with('-')) {
        match environment.iter().find(|(known, _)| known == name) {
            Some((_, value)) => streams.line(value),
            None => status = 1,
        }
    }
    if arguments.is_empty() {
        for (name, value) in environment {
            streams.line(format!("{name}={value}"));
        }
    }
    status
}

/// `xargs [-0rt] [-n COUNT] [COMMAND...]`: that of Android 13 has no `-I`.
pub fn xargs(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments;
    let (mut zero, mut no_run_if_empty) = (false, false);
    let (mut most, mut tells) = (usize::MAX, false);
    while let Some(flag) = words.first().filter(|word| word.starts_with('-')) {
        let value = || words.get(1).cloned().unwrap_or_default();
        match flag.as_str() {
            "-0" => zero = true,
            "-r" => no_run_if_empty = true,
            "-t" => tells = true,
            "-o" | "-p" => {}
            "-n" | "-P" | "-s" | "-L" => {
                if flag == "-n" || flag == "-L" {
                    most = value().parse().unwrap_or(1).max(1);
                }
                words = &words[1..];
            }
            other => {
                streams.complain(format!(
                    "xargs: Unknown option '{}' (see \"xargs --help\")",
                    &other[1..]
                ));
                return 1;
            }
        }
        words = words.get(1..).unwrap_or_default();
    }
    let command = match words.is_empty() {
        true => vec!["echo".to_owned()],
        false => words.to_vec(),
    };
    let text = String::from_utf8_lossy(&streams.input.read_all()).into_owned();
    let items: Vec<String> = match zero {
        true => text
            .split('\0')
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
        false => text.split_whitespace().map(str::to_owned).collect(),
    };
    if items.is_empty() && no_run_if_empty {
        return 0;
    }
    let chunks: Vec<&[String]> = match items.is_empty() {
        true => vec![&items[..]],
        false => items.chunks(most.min(items.len())).collect(),
    };
    let mut status = 0;
    for chunk in chunks {
        let line: Vec<String> = command.iter().chain(chunk).cloned().collect();
        if tells {
            streams.complain(format!("{} ", line.join(" ")));
        }
        match run_program(shell, "xargs", &line, streams) {
            0 => {}
            127 => return 127,
            _ => status = 123,
        }
    }
    status
}

/// Runs a program for another one: functions and builtins of the shell do not count.
fn run_program(shell: &mut Shell, tool: &str, words: &[String], streams: &Streams) -> i32 {
    let name = words.first().map_or("", String::as_str);
    if super::find(name).is_none() && !name.contains('/') {
        streams.fail(tool, format!("exec {name}: No such file or directory"));
        return 127;
    }
    let words = words.to_vec();
    shell.subshell(|shell| shell.program(&words, streams).unwrap_or(1))
}

/// `timeout SECONDS COMMAND...`: what sleeps beyond the time is ended.
pub fn timeout(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments;
    while let Some(flag) = words.first().filter(|word| word.starts_with('-')) {
        let takes = matches!(flag.as_str(), "-s" | "-k");
        words = words.get(1 + usize::from(takes)..).unwrap_or_default();
    }
    let time = words.first().and_then(|word| duration(word));
    let (Some(time), [_, command @ ..]) = (time, words) else {
        streams.fail("timeout", "Need 2 arguments (see \"timeout --help\")");
        return 125;
    };
    if command.is_empty() {
        streams.fail("timeout", "Need 2 arguments (see \"timeout --help\")");
        return 125;
    }
    let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    let end = shell.machine.clock.now_micros().saturating_add(micros);
    shell.subshell(|shell| {
        shell.deadline = Some(shell.deadline.map_or(end, |outer| outer.min(end)));
        let status = run_program(shell, "timeout", command, streams);
        match shell.machine.clock.now_micros() >= end && !time.is_zero() {
            true => 124,
            false => status,
        }
    })
}

/// `nohup COMMAND...`, `nice [-n LEVEL] COMMAND...`, `setsid COMMAND...`
pub fn wrapped(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut words = arguments;
    while let Some(flag) = words.first().filter(|word| word.starts_with('-')) {
        words = words
            .get(1 + usize::from(flag == "-n")..)
            .unwrap_or_default();
    }
    builtins::run_words(shell, words, streams)
}

/// `which [-a] NAME...`
pub fn which(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut status = 0;
    for name in arguments.iter().filter(|name| !name.starts_with('-')) {
        match super::find(name) {
            Some(_) => streams.line(format!("/system/bin/{name}")),
            None => status = 1,
        }
    }
    status
}
