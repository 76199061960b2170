//! Commands that change the shell itself, and the few that mksh has built in. Uses the shell.

use super::interpreter::{Fault, NAME, Shell};
use super::streams::Streams;
use super::{arithmetic, condition, expand, text};
use crate::phone::tools;

const NAMES: &[&str] = &[
    ".", ":", "[", "alias", "break", "builtin", "cd", "command", "continue", "echo", "eval",
    "exec", "exit", "export", "false", "let", "local", "print", "pwd", "read", "readonly",
    "return", "set", "shift", "source", "test", "time", "trap", "true", "type", "typeset",
    "ulimit", "umask", "unalias", "unset", "wait", "whence",
];

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
        ":" | "true" | "alias" | "unalias" | "trap" => Ok(0),
        "false" => Ok(1),
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
        "break" => Err(Fault::Break(levels(first))),
        "continue" => Err(Fault::Continue(levels(first))),
        "eval" => {
            let script = arguments.join(" ");
            shell.execute_text(&script, streams).map(|()| shell.status)
        }
        "." | "source" => source(shell, arguments, streams),
        "exec" => match arguments {
            [] => Ok(0),
            words => match shell.invoke(words, streams) {
                Ok(()) => Err(Fault::Exit(shell.status)),
                Err(fault) => Err(fault),
            },
        },
        "command" | "builtin" | "time" => command(shell, arguments, streams),
        "type" | "whence" => Ok(describe(shell, arguments, words[0] == "type", streams)),
        "export" | "readonly" | "local" | "typeset" => {
            declare(shell, &words[0], arguments, streams)
        }
        "unset" => {
            for name in arguments.iter().filter(|name| !name.starts_with('-')) {
                shell.unset(name);
            }
            Ok(0)
        }
        "set" => Ok(set(shell, arguments, streams)),
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
        "read" => Ok(read(shell, arguments, streams)),
        "umask" => {
            if arguments.is_empty() {
                streams.line("077");
            }
            Ok(0)
        }
        "ulimit" => {
            streams.line("unlimited");
            Ok(0)
        }
        "wait" => {
            streams.flush();
            shell.machine.wait_for_jobs(&shell.cancelled);
            Ok(0)
        }
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
        true => text::unescape_bytes(&joined),
        false => (joined.into_bytes(), false),
    };
    if newline && !stopped {
        bytes.push(b'\n');
    }
    write(streams, "echo", &bytes)
}

fn print(arguments: &[String], streams: &Streams) -> i32 {
    let raw = arguments.first().is_some_and(|word| word == "-r");
    let words = if raw { &arguments[1..] } else { arguments };
    let flags = if raw { "-E" } else { "-e" };
    let mut all = vec![flags.to_owned()];
    all.extend_from_slice(words);
    echo(&all, streams)
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

fn change_directory(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let target = arguments
        .iter()
        .find(|word| !word.starts_with('-') || *word == "-")
        .map_or("/", String::as_str);
    let target = match target {
        "-" => shell.variable("OLDPWD").unwrap_or_else(|| "/".to_owned()),
        other => other.to_owned(),
    };
    let found = shell.path(&target).and_then(|path| {
        let path = path.trim_end_matches('/').to_owned();
        let path = if path.is_empty() {
            "/".to_owned()
        } else {
            path
        };
        let metadata = shell.machine.files.metadata(&path)?;
        match metadata.is_directory() {
            true => Ok(path),
            false => Err(crate::phone::system::FileError::NotADirectory),
        }
    });
    match found {
        Ok(path) => {
            let old = std::mem::replace(&mut shell.directory, path);
            shell.set_variable("OLDPWD", &old);
            0
        }
        Err(error) => {
            streams.complain(format!("{NAME}: cd: {target}: {error}"));
            2
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
    match shell.execute_text(&script, streams) {
        Ok(()) => Ok(shell.status),
        Err(Fault::Return(status)) => Ok(status),
        Err(fault) => Err(fault),
    }
}

fn command(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    match arguments.first().map(String::as_str) {
        None => Ok(0),
        Some("-v" | "-V") => Ok(describe(shell, &arguments[1..], false, streams)),
        Some("-p") => command(shell, &arguments[1..], streams),
        Some(_) => match run(shell, arguments, streams) {
            Some(outcome) => outcome,
            None => shell.program(arguments, streams),
        },
    }
}

fn describe(shell: &Shell, names: &[String], long: bool, streams: &Streams) -> i32 {
    let mut status = 0;
    for name in names.iter().filter(|name| !name.starts_with('-')) {
        if shell.has_function(name) {
            streams.line(match long {
                true => format!("{name} is a function"),
                false => name.clone(),
            });
        } else if NAMES.contains(&name.as_str()) {
            streams.line(match long {
                true => format!("{name} is a shell builtin"),
                false => name.clone(),
            });
        } else if tools::find(name).is_some() {
            streams.line(match long {
                true => format!("{name} is /system/bin/{name}"),
                false => format!("/system/bin/{name}"),
            });
        } else {
            if long {
                streams.line(format!("{name} not found"));
            }
            status = 1;
        }
    }
    status
}

fn declare(
    shell: &mut Shell,
    kind: &str,
    arguments: &[String],
    streams: &Streams,
) -> Result<i32, Fault> {
    if arguments.is_empty() {
        for (name, value) in shell.environment() {
            streams.line(format!("{kind} {name}={value}"));
        }
    }
    for argument in arguments.iter().filter(|word| !word.starts_with('-')) {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (argument.as_str(), None),
        };
        if let Some(value) = value
            && !shell.set_variable(name, value)
        {
            return Err(Fault::Fatal(format!("read-only: {name}"), 2));
        }
        match kind {
            "export" => shell.export(name),
            "readonly" => shell.protect(name),
            _ => {}
        }
    }
    Ok(0)
}

fn set(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        for (name, value) in shell.variables() {
            streams.line(format!("{name}={value}"));
        }
        return 0;
    }
    for (at, word) in arguments.iter().enumerate() {
        let (on, flags) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            (Some("-"), _) => {
                shell.positional = arguments[at + 1..].to_vec();
                return 0;
            }
            (Some(flags), _) => (true, flags),
            (_, Some(flags)) => (false, flags),
            _ => {
                shell.positional = arguments[at..].to_vec();
                return 0;
            }
        };
        for flag in flags.chars() {
            match flag {
                'e' => shell.options.exit_on_error = on,
                'u' => shell.options.unset_is_error = on,
                'x' => shell.options.trace = on,
                // `-o NAME`: the name stays as it is.
                'o' => return 0,
                _ => {}
            }
        }
    }
    0
}

fn read(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let raw = arguments.iter().any(|word| word == "-r");
    let names: Vec<&String> = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .collect();
    streams.flush();
    let Some(line) = streams.input.read_line() else {
        return 1;
    };
    let line = String::from_utf8_lossy(&line).into_owned();
    let line = line.trim_end_matches('\n');
    let line = match raw {
        true => line.to_owned(),
        false => super::pattern::unescape(line),
    };
    let default = "REPLY".to_owned();
    let names = if names.is_empty() {
        vec![&default]
    } else {
        names
    };
    // Without separators the line is one word, blanks and all.
    let whole = shell.variable("IFS").is_some_and(|signs| signs.is_empty());
    let mut rest = match whole {
        true => line.as_str(),
        false => line.trim_matches([' ', '\t']),
    };
    for (index, name) in names.iter().enumerate() {
        let value = match rest.split_once([' ', '\t']) {
            Some((head, tail)) if !whole && index + 1 < names.len() => {
                rest = tail.trim_start_matches([' ', '\t']);
                head
            }
            _ => std::mem::take(&mut rest),
        };
        shell.set_variable(name, value);
    }
    0
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
