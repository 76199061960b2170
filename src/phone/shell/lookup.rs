//! What a name is to the shell: `command`, `type`, `whence`, `alias`. Uses the tools' names.

use super::builtins;
use super::interpreter::{Fault, Shell};
use super::streams::Streams;
use super::text::quoted;
use crate::phone::tools;

const RESERVED: &[&str] = &[
    "!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "[[", "{", "}",
];

/// `command [-pvV] NAME...`, `builtin NAME...`, `time COMMAND...`
pub fn command(shell: &mut Shell, arguments: &[String], streams: &Streams) -> Result<i32, Fault> {
    match arguments.first().map(String::as_str) {
        None => Ok(0),
        Some("-v") => Ok(describe(shell, &arguments[1..], false, streams)),
        Some("-V") => Ok(describe(shell, &arguments[1..], true, streams)),
        Some("-p" | "--") => command(shell, &arguments[1..], streams),
        Some(_) => match builtins::run(shell, arguments, streams) {
            Some(outcome) => outcome,
            None => shell.program(arguments, streams),
        },
    }
}

/// Says what names are; with `long` in words, as `type` does.
pub fn describe(shell: &Shell, names: &[String], long: bool, streams: &Streams) -> i32 {
    let mut status = 0;
    for name in names.iter().filter(|name| !name.starts_with('-')) {
        let (short, words) = if let Some(value) = shell.aliases.get(name) {
            let value = quoted(value);
            (
                format!("alias {name}={value}"),
                format!("{name} is an alias for {value}"),
            )
        } else if RESERVED.contains(&name.as_str()) {
            (name.clone(), format!("{name} is a reserved word"))
        } else if shell.has_function(name) {
            (name.clone(), format!("{name} is a function"))
        } else if builtins::is_builtin(name) {
            (name.clone(), format!("{name} is a shell builtin"))
        } else if tools::find(name).is_some() {
            (
                format!("/system/bin/{name}"),
                format!("{name} is a tracked alias for /system/bin/{name}"),
            )
        } else {
            if long {
                streams.line(format!("{name} not found"));
            }
            status = 1;
            continue;
        };
        streams.line(if long { words } else { short });
    }
    status
}

/// `alias [NAME[=VALUE]...]`: kept and listed; commands of a script are not replaced.
pub fn alias(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        for (name, value) in &shell.aliases {
            streams.line(format!("{name}={}", quoted(value)));
        }
    }
    let mut status = 0;
    for argument in arguments.iter().filter(|word| !word.starts_with('-')) {
        match (argument.split_once('='), shell.aliases.get(argument)) {
            (Some((name, value)), _) => {
                shell.aliases.insert(name.to_owned(), value.to_owned());
            }
            (None, Some(value)) => streams.line(format!("{argument}={}", quoted(value))),
            (None, None) => {
                streams.line(format!("{argument} alias not found"));
                status = 1;
            }
        }
    }
    status
}
