//! Commands that change the shell itself, and the few that mksh has built in. Uses the shell.

use super::interpreter::{Fault, NAME, Shell};
use super::streams::Streams;
use super::{arithmetic, condition, declare, expand, lookup, reading, signals, text};
use crate::phone::system::{FileError, paths};

const NAMES: &[&str] = &[
    ".", ":", "[", "alias", "bg", "break", "builtin", "cd", "command", "continue", "echo", "eval",
    "exec", "exit", "export", "false", "fg", "getopts", "hash", "integer", "jobs", "kill", "let",
    "local", "print", "pwd", "read", "readonly", "return", "set", "shift", "source", "test",
    "times", "trap", "true", "type", "typeset", "ulimit", "umask", "unalias", "unset", "wait",
    "whence",
];

/// What `time` tells of a command: none takes any here.
pub const TIMES: &str = "    0m00.00s real     0m00.00s user     0m00.00s system";

/// Whether a command is one of the shell itself.
pub fn is_builtin(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether a command takes assignments as arguments.
pub fn declares(name: &str) -> bool {
    matches!(
        name,
        "export" | "integer" | "local" | "readonly" | "typeset"
    )
}

/// Whether assignments before the command stay, as POSIX has it for special builtins.
pub fn is_special(name: &str) -> bool {
    matches!(
        name,
        "." | ":" | "eval" | "exec" | "export" | "readonly" | "set" | "unset" | "typeset" | "local"
    )
}

/// Runs a builtin; `None` when the name is none.
pub fn run(shell: &mut Shell, words: &[String], streams: &Streams) -> Option<Result<i32, Fault>> {
    let arguments = &words[1..];
    let first = arguments.first().map(String::as_str);
    Some(match words[0].as_str() {
        ":" | "true" | "bg" | "fg" | "hash" | "jobs" => Ok(0),
        "false" => Ok(1),
        "alias" => Ok(lookup::alias(shell, arguments, streams)),
        "unalias" => {
            for name in arguments {
                shell.aliases.remove(name);
            }
            Ok(0)
        }
        "echo" => Ok(echo(arguments, streams)),
        "print" => Ok(print(arguments, streams)),
        "cd" => Ok(change_directory(shell, arguments, streams)),
        "pwd" => {
            streams.line(&shell.directory);
            Ok(0)
        }
        "test" => Ok(evaluate_test(shell, "test", arguments, streams)),
        "[" => Ok(match arguments.split_last() {
            Some((last, rest)) if last == "]" => evaluate_test(shell, "[", rest, streams),
            _ => {
                streams.complain(format!("{NAME}: [: missing ]"));
                2
            }
        }),
        "exit" => match number(shell, "exit", first) {
            Ok(status) => Err(Fault::Exit(status)),
            Err(fault) => Err(fault),
        },
        "return" => match number(shell, "return", first) {
            Ok(status) => Err(Fault::Return(status)),
            Err(fault) => Err(fault),
        },
        "break" | "continue" if shell.loops == 0 => {
            let name = &words[0];
            streams.complain(format!("{NAME}: {name}: can't {name}"));
            Ok(0)
        }
        "break" => Err(Fault::Break(levels(first))),
        "continue" => Err(Fault::Continue(levels(first))),
        "eval" => {
            let script = arguments.join(" ");
            shell.status = 0;
            shell
                .execute_nested(&script, streams)
                .map(|()| shell.status)
        }
        "." | "source" => source(shell, arguments, streams),
        "exec" => match arguments {
            [] => Ok(0),
            words => match shell.invoke(words, streams) {
                Ok(()) => Err(Fault::Exit(shell.status)),
                Err(fault) => Err(fault),
            },
        },
        "command" | "builtin" => lookup::command(shell, arguments, streams),
        "time" => {
            let outcome = lookup::command(shell, arguments, streams);
            streams.complain(TIMES);
            outcome
        }
        "type" => Ok(lookup::describe(shell, arguments, true, streams)),
        "whence" => {
            let long = first == Some("-v");
            Ok(lookup::describe(shell, arguments, long, streams))
        }
        "export" | "readonly" | "local" | "typeset" | "integer" => {
            declare::declare(shell, &words[0], arguments, streams)
        }
        "unset" => declare::unset(shell, arguments),
        "set" => Ok(declare::set(shell, arguments, streams)),
        "shift" => {
            let count = first.map_or(Some(1), |text| text.parse::<usize>().ok());
            match count {
                Some(count) if count <= shell.positional.len() => {
                    shell.positional.drain(..count);
                    Ok(0)
                }
                _ => Err(Fault::fatal("shift: nothing to shift".to_owned())),
            }
        }
        "let" => arguments
            .iter()
            .try_fold(0, |_, expression| arithmetic::evaluate(shell, expression))
            .map(|value| i32::from(value == 0)),
        "read" => reading::read(shell, arguments, streams),
        "getopts" => reading::getopts(shell, arguments, streams),
        "umask" => Ok(declare::umask(shell, arguments, streams)),
        "ulimit" => {
            // A limit is taken and not held; without one it is told.
            match arguments {
                [] => streams.line("unlimited"),
                [flag] if flag.starts_with('-') => streams.line("unlimited"),
                _ => {}
            }
            Ok(0)
        }
        "times" => {
            streams.line("0m00.00s 0m00.00s");
            streams.line("0m00.00s 0m00.00s");
            Ok(0)
        }
        "trap" => Ok(signals::trap(shell, arguments, streams)),
        "kill" => signals::kill(shell, arguments, streams),
        "wait" => Ok(signals::wait(shell, arguments, streams)),
        _ => return None,
    })
}

fn echo(arguments: &[String], streams: &Streams) -> i32 {
    let (mut newline, mut escapes, mut at) = (true, true, 0);
    while let Some(flags) = arguments.get(at).and_then(|word| word.strip_prefix('-')) {
        if flags.is_empty() || !flags.chars().all(|flag| matches!(flag, 'n' | 'e' | 'E')) {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        at += 1;
    }
    let joined = arguments[at..].join(" ");
    let (mut bytes, stopped) = match escapes {
        true => text::unescape_bytes(&joined, false),
        false => (joined.into_bytes(), false),
    };
    if newline && !stopped {
        bytes.push(b'\n');
    }
    write(streams, "echo", &bytes)
}

/// `print [-lnr] [-u DESCRIPTOR] [--] [WORD...]`
fn print(arguments: &[String], streams: &Streams) -> i32 {
    let (mut newline, mut raw, mut lines, mut descriptor) = (true, false, false, 1);
    let mut words = arguments;
    while let Some(flags) = words.first().and_then(|word| word.strip_prefix('-')) {
        if flags.is_empty() {
            break;
        }
        words = &words[1..];
        if flags == "-" {
            break;
        }
        let mut letters = flags.chars();
        while let Some(letter) = letters.next() {
            match letter {
                'n' => newline = false,
                'r' | 'R' => raw = true,
                'l' => lines = true,
                'u' => {
                    let attached = std::mem::replace(&mut letters, "".chars());
                    let value = match (attached.as_str(), words.split_first()) {
                        ("", Some((value, rest))) => {
                            words = rest;
                            value.as_str()
                        }
                        (attached, _) => attached,
                    };
                    descriptor = value.parse().unwrap_or(-1);
                }
                _ => {}
            }
        }
    }
    let output = streams.descriptor(descriptor).and_then(|one| one.output);
    let Some(output) = output else {
        streams.complain(format!(
            "{NAME}: print: -u: {descriptor}: bad file descriptor"
        ));
        return 1;
    };
    let joined = words.join(if lines { "\n" } else { " " });
    let (mut bytes, stopped) = match raw {
        true => (joined.into_bytes(), false),
        false => text::unescape_bytes(&joined, false),
    };
    if newline && !stopped {
        bytes.push(b'\n');
    }
    let streams = Streams {
        output,
        ..streams.clone()
    };
    write(&streams, "print", &bytes)
}

fn write(streams: &Streams, name: &str, bytes: &[u8]) -> i32 {
    match streams.output.try_write(bytes) {
        Ok(()) => 0,
        Err(error) if error.kind() == std::io::ErrorKind::StorageFull => {
            streams.complain(format!("{NAME}: {name}: No space left on device"));
            1
        }
        Err(_) => {
            streams.output.write(bytes);
            1
        }
    }
}

/// `cd [-LP] [DIRECTORY]`, `cd -`, `cd OLD NEW`
fn change_directory(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|word| !matches!(*word, "-L" | "-P" | "--"))
        .collect();
    let fail = |message: String| {
        streams.complain(format!("{NAME}: cd: {message}"));
        2
    };
    let (target, told) = match words[..] {
        [] => (
            shell.variable("HOME").unwrap_or_else(|| "/".to_owned()),
            false,
        ),
        ["-"] => match shell.variable("OLDPWD") {
            Some(old) => (old, true),
            None => return fail("no OLDPWD".to_owned()),
        },
        [target] => (target.to_owned(), false),
        [old, new] => match shell.directory.contains(old) {
            true => (shell.directory.replacen(old, new, 1), true),
            false => return fail("bad substitution".to_owned()),
        },
        _ => return fail("too many arguments".to_owned()),
    };
    let found = shell.path(&target).and_then(|path| {
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { "/" } else { path };
        match shell.machine.files.metadata(path)?.is_directory() {
            true => Ok(path.to_owned()),
            false => Err(FileError::NotADirectory),
        }
    });
    match found {
        Ok(path) => {
            if told {
                streams.line(&path);
            }
            let old = std::mem::replace(&mut shell.directory, path);
            shell.set_variable("OLDPWD", &old);
            0
        }
        Err(error) => {
            let full = match target.starts_with('/') {
                true => target,
                false => paths::child(&shell.directory, &target),
            };
            fail(format!("{full}: {error}"))
        }
    }
}

fn evaluate_test(shell: &Shell, name: &str, arguments: &[String], streams: &Streams) -> i32 {
    match condition::test(shell, arguments) {
        Ok(holds) => i32::from(!holds),
        Err(message) => {
            streams.complain(format!("{NAME}: {name}: {message}"));
            2
        }
    }
}

fn number(shell: &Shell, name: &str, word: Option<&str>) -> Result<i32, Fault> {
    match word {
        None => Ok(shell.status),
        Some(word) => match word.parse::<i64>() {
            Ok(number) => Ok((number & 0xff) as i32),
            Err(_) => Err(Fault::fatal(format!("{name}: bad number: {word}"))),
        },
    }
}

fn levels(word: Option<&str>) -> u32 {
    word.and_then(|word| word.parse().ok()).unwrap_or(1).max(1)
}

fn source(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    let Some(name) = arguments.first() else {
        return Err(Fault::fatal(".: missing argument".to_owned()));
    };
    let script = shell
        .path(name)
        .and_then(|path| shell.machine.files.read_text(&path))
        .map_err(|error| Fault::fatal(format!(".: {name}: {error}")))?;
    let saved = (arguments.len() > 1)
        .then(|| std::mem::replace(&mut shell.positional, arguments[1..].to_vec()));
    let outcome = shell.execute_nested(&script, streams);
    if let Some(saved) = saved {
        shell.positional = saved;
    }
    match outcome {
        Ok(()) => Ok(shell.status),
        Err(Fault::Return(status)) => Ok(status),
        Err(fault) => Err(fault),
    }
}

/// Expands and runs one line of words that are already split; for `xargs` and `find -exec`.
pub fn run_words(shell: &mut Shell, words: &[String], streams: &Streams) -> i32 {
    if words.is_empty() {
        return 0;
    }
    let words = words.to_vec();
    shell.subshell(|shell| match shell.invoke(&words, streams) {
        Ok(()) => shell.status,
        Err(Fault::Exit(status) | Fault::Return(status) | Fault::Fatal(_, status)) => status,
        Err(_) => 130,
    })
}

/// Quotes nothing and expands everything; for tools that take a shell word.
pub fn expand_word(shell: &mut Shell, word: &str, streams: &Streams) -> Option<String> {
    expand::text(shell, word, streams).ok()
}
