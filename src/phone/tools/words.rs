//! Tools on words and numbers: `printf`, `seq`, `basename`, `dirname`, `yes`, `getprop`,
//! `setprop`, `true`, `false`. Uses the shell and the properties.

use super::absent::booting_property;
use super::flags::Flags;
use crate::phone::shell::streams::MAX_BUFFERED;
use crate::phone::shell::{Shell, Streams, builtins, text};
use crate::phone::system::attributes;

/// `true`, `sync`, and other tools that have nothing to do here.
pub fn nothing(_: &mut Shell, _: &[String], _: &Streams) -> i32 {
    0
}

/// `start`, `stop`, `setenforce`, `iptables`: nothing here that they could change, and root's alone.
pub fn roots_alone(shell: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    if shell.user == attributes::ROOT {
        return 0;
    }
    streams.complain("Must be root");
    1
}

/// `false`
pub fn falsehood(_: &mut Shell, _: &[String], _: &Streams) -> i32 {
    1
}

/// `test` and `[` by their paths: the shell has them built in.
pub fn test(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let words: Vec<&String> = arguments.iter().filter(|word| *word != "]").collect();
    let words: Vec<String> = words.into_iter().cloned().collect();
    builtins::run_words(shell, &[vec!["test".to_owned()], words].concat(), streams)
}

/// `echo` and `pwd` by their paths, or behind `env` and `xargs`.
pub fn echo(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    // Toybox's own replaces escapes only when asked.
    let words = [&["echo".to_owned(), "-E".to_owned()], arguments].concat();
    builtins::run_words(shell, &words, streams)
}

/// `pwd`
pub fn pwd(shell: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.line(&shell.directory);
    0
}

/// `toybox [NAME ARGUMENTS...]`
pub fn toybox(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    match arguments.split_first() {
        None => {
            let names: Vec<&str> = super::TOOLS.iter().map(|(name, _)| *name).collect();
            streams.line(names.join(" "));
            0
        }
        Some((name, rest)) => match super::find(name) {
            Some(tool) => tool(shell, rest, streams),
            None => {
                streams.complain(format!(
                    "toybox: Unknown command {name} (see \"toybox --help\")"
                ));
                127
            }
        },
    }
}

/// Widest field of `printf`.
const MAX_WIDTH: usize = 1 << 16;

/// `printf FORMAT [ARGUMENT...]`
pub fn printf(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some((format, rest)) = arguments.split_first() else {
        streams.complain("printf: Needs 1 argument (see \"printf --help\")");
        return 1;
    };
    let mut status = 0;
    let mut rest = rest.iter();
    let mut output: Vec<u8> = Vec::new();
    loop {
        let before = rest.len();
        let mut characters = format.char_indices().peekable();
        let mut stopped = false;
        while let Some((at, character)) = characters.next() {
            if character == '\\' {
                let mut end = at + 1;
                if let Some((next, letter)) = characters.next() {
                    end = next + letter.len_utf8();
                    let digits = match letter {
                        '0'..='7' | 'x' => 3,
                        _ => 0,
                    };
                    for _ in 0..digits {
                        match characters.next_if(|(_, c)| c.is_ascii_hexdigit()) {
                            Some((next, letter)) => end = next + letter.len_utf8(),
                            None => break,
                        }
                    }
                }
                let escape = &format[at..end];
                let octal = escape.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
                let escape = match octal && !escape.starts_with("\\0") {
                    true => format!("\\0{}", &escape[1..]),
                    false => escape.to_owned(),
                };
                let (bytes, ends) = text::unescape_bytes(&escape, true);
                output.extend_from_slice(&bytes);
                stopped |= ends;
                if ends {
                    break;
                }
                continue;
            }
            if character != '%' {
                output.extend_from_slice(character.to_string().as_bytes());
                continue;
            }
            let mut specification = String::new();
            let mut kind = '%';
            for (_, letter) in characters.by_ref() {
                if "-+ #0123456789.".contains(letter) {
                    specification.push(letter);
                } else if letter == '*' {
                    specification.push_str(rest.next().map_or("0", String::as_str));
                } else {
                    kind = letter;
                    break;
                }
            }
            if kind == '%' {
                output.push(b'%');
                continue;
            }
            if !"sbcdiuxXofFeEgG".contains(kind) {
                streams.print(output);
                return streams.fail("printf", format!("bad %{kind}@{}", at + 2));
            }
            let argument = rest.next().map_or("", String::as_str);
            match convert(&specification, kind, argument) {
                Ok(bytes) => output.extend_from_slice(&bytes),
                Err(bytes) => {
                    output.extend_from_slice(&bytes);
                    streams.fail("printf", format!("bad %{kind} {argument}"));
                    status = 1;
                }
            }
        }
        let full = output.len() > MAX_BUFFERED;
        if stopped || full || rest.len() == 0 || rest.len() == before {
            break;
        }
    }
    streams.print(output);
    status
}

/// One conversion; the error carries what is printed although the argument was no number.
fn convert(specification: &str, kind: char, argument: &str) -> Result<Vec<u8>, Vec<u8>> {
    let left = specification.contains('-');
    let sign = specification.contains('+');
    let digits = specification.trim_start_matches(['-', '+', ' ', '#']);
    let zero = digits.starts_with('0') && !left;
    let (width, precision) = digits.split_once('.').unwrap_or((digits, ""));
    let width = width.parse::<usize>().unwrap_or(0).min(MAX_WIDTH);
    let precision = precision
        .parse::<usize>()
        .ok()
        .map(|value| value.min(MAX_WIDTH));
    let integer = || -> Result<i64, i64> {
        let text = argument.trim();
        if let Some(quoted) = text.strip_prefix(['\'', '"']) {
            return Ok(quoted.chars().next().map_or(0, |c| i64::from(u32::from(c))));
        }
        let (negative, magnitude) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.trim_start_matches('+')),
        };
        let value = match magnitude.strip_prefix("0x") {
            Some(hexadecimal) => i64::from_str_radix(hexadecimal, 16),
            None if magnitude.len() > 1 && magnitude.starts_with('0') => {
                i64::from_str_radix(magnitude, 8)
            }
            None if magnitude.is_empty() && text.is_empty() => Ok(0),
            None => magnitude.parse(),
        };
        value
            .map(|value| if negative { -value } else { value })
            .map_err(|_| 0)
    };
    let number = |show: &dyn Fn(i64) -> String| match integer() {
        Ok(value) => (show(value), false),
        Err(value) => (show(value), true),
    };
    let (body, bad) = match kind {
        's' => (
            argument
                .chars()
                .take(precision.unwrap_or(usize::MAX))
                .collect(),
            false,
        ),
        'b' => (text::unescape(argument), false),
        'c' => (argument.chars().next().unwrap_or('\0').to_string(), false),
        'd' | 'i' => number(&|value| match sign && value >= 0 {
            true => format!("+{value}"),
            false => value.to_string(),
        }),
        'u' => number(&|value| (value as u64).to_string()),
        'x' => number(&|value| format!("{value:x}")),
        'X' => number(&|value| format!("{value:X}")),
        'o' => number(&|value| format!("{value:o}")),
        'f' | 'F' | 'e' | 'E' | 'g' | 'G' => {
            let value = argument.trim().parse::<f64>();
            let plain = *value.as_ref().unwrap_or(&0.0);
            let shown = floating(plain, kind, precision.unwrap_or(6));
            (shown, value.is_err() && !argument.is_empty())
        }
        other => (format!("%{specification}{other}"), true),
    };
    let padding = width.saturating_sub(body.chars().count());
    let padded = match (left, zero && kind != 's') {
        (true, _) => body + &" ".repeat(padding),
        (_, true) => match body.strip_prefix('-') {
            Some(rest) => format!("-{}{rest}", "0".repeat(padding)),
            None => "0".repeat(padding) + &body,
        },
        _ => " ".repeat(padding) + &body,
    };
    if bad {
        Err(padded.into_bytes())
    } else {
        Ok(padded.into_bytes())
    }
}

/// A number as C's `%f`, `%e` and `%g` print it.
fn floating(value: f64, kind: char, precision: usize) -> String {
    let scientific = |digits: usize| {
        let text = format!("{value:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        (format!("{mantissa}e{sign}{:02}", exponent.abs()), exponent)
    };
    match kind.to_ascii_lowercase() {
        'e' => scientific(precision).0,
        'g' => {
            let digits = precision.max(1);
            let (text, exponent) = scientific(digits - 1);
            let short = |text: &str| match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text.to_owned(),
            };
            if exponent < -4 || exponent >= digits as i32 {
                let (mantissa, power) = text.split_once('e').unwrap_or((&text, "+00"));
                return format!("{}e{power}", short(mantissa));
            }
            let places = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
            short(&format!("{value:.places$}"))
        }
        _ => format!("{value:.precision$}"),
    }
}

/// `seq [-w] [-f FORMAT] [-s SEPARATOR] [FIRST [STEP]] LAST`
pub fn seq(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    const MOST: usize = 1_000_000;
    let (mut separator, mut equal, mut format) = ("\n".to_owned(), false, None);
    let mut texts: Vec<&str> = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-s" => separator = words.next().cloned().unwrap_or_default(),
            "-f" => format = words.next(),
            "-w" => equal = true,
            word => texts.push(word),
        }
    }
    let mut numbers = Vec::new();
    for text in &texts {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => numbers.push(number),
            _ => return streams.fail("seq", format!("bad number '{text}'")),
        }
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1.0, 1.0, last),
        [first, last] => (first, 1.0, last),
        [first, step, last] => (first, step, last),
        _ => {
            streams.complain("seq: Needs 1 argument (see \"seq --help\")");
            return 1;
        }
    };
    if step == 0.0 {
        return 0;
    }
    // As many places as the most exact of the numbers has.
    let places = texts
        .iter()
        .filter_map(|text| text.split_once('.').map(|(_, places)| places.len()))
        .max()
        .unwrap_or(0)
        .min(20);
    let show = |value: f64| match format.and_then(|format| format.split_once('%')) {
        Some((before, rest)) => {
            let end = rest
                .find(|c: char| c.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let kind = rest[end..].chars().next().unwrap_or('f');
            let bytes =
                convert(&rest[..end], kind, &value.to_string()).unwrap_or_else(|bytes| bytes);
            let after = rest[end..].get(kind.len_utf8()..).unwrap_or("");
            format!("{before}{}{after}", String::from_utf8_lossy(&bytes))
        }
        None => format!("{value:.places$}"),
    };
    let mut values: Vec<String> = Vec::new();
    let mut length = 0;
    for index in 0..MOST {
        let value = first + step * index as f64;
        let over = if step > 0.0 {
            value > last
        } else {
            value < last
        };
        if over || length > MAX_BUFFERED {
            break;
        }
        let shown = show(value);
        length += shown.len();
        values.push(shown);
    }
    if equal {
        let width = values.iter().map(String::len).max().unwrap_or(0).min(64);
        for value in &mut values {
            *value = match value.strip_prefix('-') {
                Some(rest) => format!("-{rest:0>width$}", width = width.saturating_sub(1)),
                None => format!("{value:0>width$}"),
            };
        }
    }
    if !values.is_empty() {
        streams.line(values.join(&separator));
    }
    0
}

/// `basename NAME [SUFFIX]`, `-s SUFFIX NAME...`
pub fn basename(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("basename", arguments, "as:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("basename", 1, streams) {
        return status;
    }
    let many = flags.has('a') || flags.value('s').is_some();
    let suffix = match many {
        true => flags.value('s').unwrap_or(""),
        false => flags.operands.get(1).map_or("", String::as_str),
    };
    let count = if many { flags.operands.len() } else { 1 };
    for name in &flags.operands[..count] {
        let base = super::change::base_name(name);
        let base = if base.is_empty() { "." } else { base };
        let short = base.strip_suffix(suffix).filter(|short| !short.is_empty());
        streams.line(short.unwrap_or(base));
    }
    0
}

/// `dirname PATH...`
pub fn dirname(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        streams.complain("dirname: Needs 1 argument (see \"dirname --help\")");
        return 1;
    }
    for name in arguments {
        let trimmed = name.trim_end_matches('/');
        let parent = trimmed
            .rsplit_once('/')
            .map(|(parent, _)| parent.trim_end_matches('/'));
        streams.line(match parent {
            Some("") => "/",
            Some(parent) => parent,
            None if trimmed.is_empty() && !name.is_empty() => "/",
            None => ".",
        });
    }
    0
}

/// `yes [TEXT]`
pub fn yes(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let line = match arguments.is_empty() {
        true => "y\n".to_owned(),
        false => arguments.join(" ") + "\n",
    };
    let chunk = line.repeat(8192 / line.len().max(1) + 1);
    while !streams.output.is_closed() && !shell.is_cancelled() {
        streams.print(&chunk);
    }
    0
}

/// `getprop [NAME [DEFAULT]]`
pub fn getprop(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let state = shell.machine.lock();
    let properties = &state.system.properties;
    match arguments.first() {
        None => {
            for (key, value) in properties.list() {
                let value = booting_property(&shell.machine, key).unwrap_or(value);
                streams.line(format!("[{key}]: [{value}]"));
            }
        }
        Some(name) => match (
            booting_property(&shell.machine, name).unwrap_or(properties.get(name)),
            arguments.get(1),
        ) {
            ("", Some(default)) => streams.line(default),
            (value, _) => streams.line(value),
        },
    }
    0
}

/// `setprop NAME VALUE`
pub fn setprop(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let [name, value] = arguments else {
        streams.complain("setprop: Needs 2 arguments (see \"setprop --help\")");
        return 1;
    };
    let user = shell.user;
    let mut state = shell.machine.lock();
    let allowed =
        user == attributes::ROOT || name.starts_with("debug.") || name.starts_with("log.");
    if allowed && state.system.properties.set(name, value) {
        return 0;
    }
    drop(state);
    streams.complain(format!("Failed to set property '{name}' to '{value}'."));
    streams.complain("See dmesg for error reason.");
    1
}
