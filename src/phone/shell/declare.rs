//! What gives variables, options and parameters: `export`, `readonly`, `typeset`, `local`, `unset`,
//! `set`, `umask`. Uses the shell's variables.

use super::interpreter::{Fault, NAME, Shell};
use super::streams::Streams;
use super::text::quoted;
use super::variables::{Letters, is_name};

/// `export`, `readonly`, `typeset`, `local`, `integer`
pub fn declare(
    shell: &mut Shell,
    kind: &str,
    arguments: &[String],
    streams: &Streams,
) -> Result<i32, Fault> {
    let (mut export, mut protect) = (kind == "export", kind == "readonly");
    let (mut integer, mut letters, mut list) = (kind == "integer", None, false);
    let mut global = false;
    let mut words = arguments;
    while let Some(flags) = words.first().and_then(|word| word.strip_prefix(['-', '+'])) {
        let on = words[0].starts_with('-');
        words = &words[1..];
        if flags == "-" {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'x' => export = on,
                'r' => protect = on,
                'i' => integer = on,
                'u' => letters = Some(Letters::Upper),
                'l' => letters = Some(Letters::Lower),
                'p' => list = true,
                'g' => global = true,
                _ => {}
            }
        }
    }
    if words.is_empty() {
        let shown = match kind {
            "export" => shell.environment(),
            "readonly" => shell.read_only_variables(),
            _ => shell.variables(),
        };
        let kind = if kind == "local" { "typeset" } else { kind };
        for (name, value) in shown {
            streams.line(match (kind, list) {
                (_, true) => format!("{kind} {name}={}", quoted(&value)),
                ("export" | "readonly", false) => name,
                _ => format!("{kind} {name}"),
            });
        }
        return Ok(0);
    }
    let local = matches!(kind, "local" | "typeset" | "integer") && !global;
    for word in words {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        if !is_name(name) {
            return Err(Fault::fatal(format!(
                "{kind}: {word}: is not an identifier"
            )));
        }
        if list {
            if let Some(value) = shell.variable(name) {
                streams.line(format!("typeset {name}={}", quoted(&value)));
            }
            continue;
        }
        if local {
            shell.make_local(name);
        }
        shell.declare(name);
        if integer {
            shell.set_integer(name, true);
        }
        if let Some(letters) = letters {
            shell.set_letters(name, letters);
        }
        match (value, shell.variable(name)) {
            (Some(value), _) => shell.assign_text(name, value)?,
            (None, Some(held)) if integer || letters.is_some() => shell.assign_text(name, &held)?,
            _ => {}
        }
        if export {
            shell.export(name);
        }
        if protect {
            shell.protect(name);
        }
    }
    Ok(0)
}

/// `unset [-fv] NAME...`
pub fn unset(shell: &mut Shell, arguments: &[String]) -> Result<i32, Fault> {
    let functions = arguments.first().is_some_and(|word| word == "-f");
    for name in arguments.iter().filter(|name| !name.starts_with('-')) {
        if functions {
            shell.functions.remove(name);
        } else if !shell.unset(name) {
            return Err(Fault::Fatal(format!("read-only: {name}"), 2));
        }
    }
    Ok(0)
}

/// `set [-+OPTIONS] [-o NAME] [-A ARRAY] [--] [PARAMETER...]`
pub fn set(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        for (name, value) in shell.variables() {
            streams.line(format!("{name}={}", quoted(&value)));
        }
        return 0;
    }
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let (on, flags) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            (Some("-"), _) => {
                shell.positional = words.cloned().collect();
                return 0;
            }
            (Some(flags), _) => (true, flags),
            (_, Some(flags)) => (false, flags),
            _ => {
                shell.positional = std::iter::once(word).chain(words).cloned().collect();
                return 0;
            }
        };
        for flag in flags.chars() {
            match flag {
                'o' => match words.next() {
                    Some(name) if !shell.options.set_name(name, on) => {
                        streams.complain(format!("{NAME}: set: {name}: bad option"));
                        return 1;
                    }
                    _ => {}
                },
                'A' => {
                    if let Some(name) = words.next().cloned() {
                        let values = words.cloned().collect();
                        shell.set_array(&name, values);
                    }
                    return 0;
                }
                _ => shell.options.set_letter(flag, on),
            }
        }
    }
    0
}

/// `umask [-S] [MASK]`
pub fn umask(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mask = shell.mask.unwrap_or(0);
    match arguments.first().map(String::as_str) {
        None => streams.line(format!("{mask:03o}")),
        Some("-S") => {
            let part = |shift: u32| {
                let bits = !mask >> shift;
                [(4, 'r'), (2, 'w'), (1, 'x')]
                    .into_iter()
                    .filter_map(|(bit, letter)| (bits & bit != 0).then_some(letter))
                    .collect::<String>()
            };
            streams.line(format!("u={},g={},o={}", part(6), part(3), part(0)));
        }
        Some(word) => match u32::from_str_radix(word, 8)
            .ok()
            .filter(|mask| *mask <= 0o777)
        {
            Some(mask) => shell.mask = Some(mask),
            None => {
                streams.complain(format!("{NAME}: umask: bad mask: {word}"));
                return 1;
            }
        },
    }
    0
}
