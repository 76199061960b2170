//! Tools on whole files: `cat`, `head`, `tail`, `wc`, `tee`, `tac`, `nl`, `rev`, `cmp`. Uses the
//! phone's files.

use super::flags::Flags;
use crate::phone::shell::{Input, Shell, Streams, redirect_target};
use crate::phone::system::FileError;
use crate::phone::system::files::WriteMode;

/// Opens what a tool reads: `-` is standard input.
pub fn open(shell: &Shell, name: &str, streams: &Streams) -> Result<Input, FileError> {
    match name {
        "-" => {
            streams.flush();
            Ok(streams.input.clone())
        }
        "/dev/null" => Ok(Input::empty()),
        "/dev/zero" | "/dev/urandom" => Ok(Input::reader(shell.machine.noise(name == "/dev/zero"))),
        _ => {
            if let Some(text) = super::process::pseudo_file(shell, name) {
                return Ok(Input::bytes(text.into_bytes()));
            }
            let path = shell.path(name)?;
            Ok(Input::reader(shell.machine.files.open_read(&path)?))
        }
    }
}

/// Runs `work` on the bytes of each operand, or of standard input when there is none.
pub fn each_file(
    shell: &Shell,
    tool: &str,
    names: &[String],
    streams: &Streams,
    mut work: impl FnMut(&str, Vec<u8>),
) -> i32 {
    let standard = ["-".to_owned()];
    let names = if names.is_empty() {
        &standard[..]
    } else {
        names
    };
    let mut status = 0;
    for name in names {
        match open(shell, name, streams) {
            Ok(input) => work(name, input.read_all()),
            Err(error) => status = streams.fail(tool, format!("{name}: {error}")),
        }
    }
    status
}

/// The lines of a text, without newlines.
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
}

/// `cat [-etuv] [FILE...]`: streams, so that a client may feed it slowly.
pub fn cat(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse("cat", arguments, "etuv", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.is_empty() {
        flags.operands.push("-".to_owned());
    }
    let mut status = 0;
    let mut chunk = vec![0; 64 << 10];
    let visible = "etv".chars().any(|letter| flags.has(letter));
    for name in &flags.operands {
        let input = match open(shell, name, streams) {
            Ok(input) => input,
            Err(error) => {
                status = streams.fail("cat", format!("{name}: {error}"));
                continue;
            }
        };
        while !streams.output.is_closed() {
            if name == "-" {
                streams.flush();
            }
            match input.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) if visible => streams.print(shown(&chunk[..count], &flags)),
                Ok(count) if streams.output.try_write(&chunk[..count]).is_err() => {
                    return streams.fail("cat", "xwrite: No space left on device");
                }
                Ok(_) => {}
                Err(error) => {
                    status = streams.fail("cat", format!("{name}: {}", FileError::from(error)));
                    break;
                }
            }
        }
    }
    status
}

/// Bytes as `cat -v` shows them; `-t` shows tabs, `-e` the ends of lines.
fn shown(bytes: &[u8], flags: &Flags) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match *byte {
            b'\n' => {
                text.extend_from_slice(if flags.has('e') { b"$\n" } else { b"\n" });
            }
            b'\t' if !flags.has('t') => text.push(b'\t'),
            high @ 128.. => {
                text.extend_from_slice(b"M-");
                match high & 127 {
                    low @ (..32 | 127) => text.extend_from_slice(&[b'^', low ^ 64]),
                    low => text.push(low),
                }
            }
            low @ (..32 | 127) => text.extend_from_slice(&[b'^', low ^ 64]),
            plain => text.push(plain),
        }
    }
    text
}

/// Turns `-5` into `-n 5`, as `head` and `tail` take it.
fn number_option(arguments: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    let mut value = false;
    for word in arguments {
        let digits = word
            .strip_prefix('-')
            .filter(|digits| !value && !digits.is_empty());
        match digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(digits) => words.extend(["-n".to_owned(), digits.to_owned()]),
            None => words.push(word.clone()),
        }
        // The value of an option is no option.
        value = !value && matches!(word.as_str(), "-n" | "-c");
    }
    words
}

/// `head [-n LINES] [-c BYTES] [FILE...]`
pub fn head(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("head", &number_option(arguments), "qvn:c:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let mut limits = [Some(10), None];
    for (limit, letter) in limits.iter_mut().zip(['n', 'c']) {
        let Some(text) = flags.value(letter) else {
            continue;
        };
        match text.parse::<i64>() {
            Ok(number @ 0..) => *limit = usize::try_from(number).ok(),
            Ok(_) => {
                return streams.fail("head", format!("-{letter} < 0 (see \"head --help\")"));
            }
            Err(_) => return streams.fail("head", format!("not integer: {text}")),
        }
    }
    let [count, bytes] = limits;
    let titles = (flags.operands.len() > 1 && !flags.has('q')) || flags.has('v');
    let mut first = true;
    each_file(shell, "head", &flags.operands, streams, |name, content| {
        title(streams, titles, &mut first, name);
        let end = match bytes {
            Some(bytes) => bytes.min(content.len()),
            None => lines(&content)
                .iter()
                .take(count.unwrap_or(usize::MAX))
                .map(|line| line.len() + 1)
                .sum::<usize>()
                .min(content.len()),
        };
        streams.print(&content[..end]);
    })
}

/// `tail [-n LINES] [-c BYTES] [FILE...]`
pub fn tail(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("tail", &number_option(arguments), "fFn:c:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let titles = flags.operands.len() > 1;
    let mut first = true;
    each_file(shell, "tail", &flags.operands, streams, |name, content| {
        title(streams, titles, &mut first, name);
        let (text, bytes) = match flags.value('c') {
            Some(text) => (text, true),
            None => (flags.value('n').unwrap_or("10"), false),
        };
        let number = text
            .trim_start_matches(['+', '-'])
            .parse::<usize>()
            .unwrap_or(10);
        let starts: Vec<usize> = match bytes {
            true => (0..content.len()).collect(),
            false => {
                let mut at = 0;
                lines(&content)
                    .iter()
                    .map(|line| {
                        let start = at;
                        at += line.len() + 1;
                        start
                    })
                    .collect()
            }
        };
        let index = match text.starts_with('+') {
            true => number.saturating_sub(1),
            // No lines at all are every line to toybox.
            false if number == 0 && !bytes => 0,
            false => starts.len().saturating_sub(number),
        };
        let start = starts.get(index).copied().unwrap_or(content.len());
        streams.print(&content[start..]);
    })
}

fn title(streams: &Streams, titles: bool, first: &mut bool, name: &str) {
    if titles {
        let gap = if std::mem::replace(first, false) {
            ""
        } else {
            "\n"
        };
        streams.line(format!("{gap}==> {name} <=="));
    }
}

/// `wc [-lwcm] [FILE...]`
pub fn wc(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("wc", arguments, "Lcmwl", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let all = !"lwcm".chars().any(|letter| flags.has(letter));
    let columns = "lwcm".chars().filter(|letter| flags.has(*letter)).count();
    let padded = match flags.operands.len() {
        0 => columns != 1,
        count => count > 1,
    };
    let row = |counts: [usize; 4], name: &str| {
        let mut parts = Vec::new();
        for (letter, count) in ['l', 'w', 'c', 'm'].into_iter().zip(counts) {
            if flags.has(letter) || (all && letter != 'm') {
                parts.push(match padded {
                    true => format!("{count:>7}"),
                    false => count.to_string(),
                });
            }
        }
        let mut text = parts.join(" ");
        if name != "-" {
            text.push(' ');
            text.push_str(name);
        }
        streams.line(text);
    };
    let mut total = [0; 4];
    let status = each_file(shell, "wc", &flags.operands, streams, |name, content| {
        let text = String::from_utf8_lossy(&content);
        let counts = [
            content.iter().filter(|byte| **byte == b'\n').count(),
            text.split_whitespace().count(),
            content.len(),
            text.chars().count(),
        ];
        for (sum, count) in total.iter_mut().zip(counts) {
            *sum += count;
        }
        row(counts, name);
    });
    if flags.operands.len() > 1 {
        row(total, "total");
    }
    status
}

/// `tee [-a] [FILE...]`
pub fn tee(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("tee", arguments, "ai", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let mode = match flags.has('a') {
        true => WriteMode::Append,
        false => WriteMode::Truncate,
    };
    let mut status = 0;
    let mut outputs = vec![streams.output.clone()];
    for name in &flags.operands {
        match redirect_target(shell, name, mode, streams) {
            Ok(output) => outputs.push(output),
            Err(_) => {
                let error = shell
                    .path_to_change(name)
                    .and_then(|path| shell.machine.files.open_write(&path, WriteMode::Append))
                    .err()
                    .unwrap_or(FileError::Denied);
                status = streams.fail("tee", format!("{name}: {error}"));
            }
        }
    }
    let content = streams.input.read_all();
    for output in outputs {
        output.write(&content);
    }
    status
}

/// `tac [FILE...]`
pub fn tac(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    each_file(shell, "tac", arguments, streams, |_, content| {
        for line in content.split_inclusive(|byte| *byte == b'\n').rev() {
            streams.print(line);
        }
    })
}

/// `rev [FILE...]`
pub fn rev(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    each_file(shell, "rev", arguments, streams, |_, content| {
        for line in lines(&content) {
            streams.line(
                String::from_utf8_lossy(line)
                    .chars()
                    .rev()
                    .collect::<String>(),
            );
        }
    })
}

/// `nl [-b STYLE] [-s SEPARATOR] [-v FIRST] [-w WIDTH] [FILE...]`
pub fn nl(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("nl", arguments, "Eb:l:n:s:v:w:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let number_of = |letter, otherwise: usize| {
        let value = flags.value(letter).and_then(|text| text.parse().ok());
        value.unwrap_or(otherwise)
    };
    let width = number_of('w', 6).min(64);
    let separator = flags.value('s').unwrap_or("\t");
    let mut number = number_of('v', 1);
    each_file(shell, "nl", &flags.operands, streams, |_, content| {
        for line in lines(&content) {
            let line = String::from_utf8_lossy(line);
            if line.is_empty() && flags.value('b') != Some("a") {
                streams.line(" ".repeat(width + separator.len()));
            } else {
                streams.line(format!("{number:>width$}{separator}{line}"));
                number += 1;
            }
        }
    })
}

/// `cmp [-s] FILE1 FILE2`
pub fn cmp(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("cmp", arguments, "ls", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("cmp", 2, streams) {
        return status;
    }
    let mut contents = Vec::new();
    for name in &flags.operands[..2] {
        match open(shell, name, streams) {
            Ok(input) => contents.push(input.read_all()),
            Err(error) => {
                streams.fail("cmp", format!("{name}: {error}"));
                return 2;
            }
        }
    }
    let same = contents[0]
        .iter()
        .zip(&contents[1])
        .take_while(|(left, right)| left == right)
        .count();
    if contents[0] == contents[1] {
        return 0;
    }
    if flags.has('l') {
        let pairs = contents[0].iter().zip(&contents[1]).enumerate();
        for (at, (left, right)) in pairs.filter(|(_, (left, right))| left != right) {
            streams.line(format!("{} {left:o} {right:o}", at + 1));
        }
    }
    if !flags.has('s') {
        let names = &flags.operands;
        let shorter = contents[0].len().min(contents[1].len());
        if same == shorter {
            let name = if contents[0].len() == shorter {
                &names[0]
            } else {
                &names[1]
            };
            streams.complain(format!("cmp: EOF on {name}"));
        } else if !flags.has('l') {
            let line = contents[0][..same]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            streams.line(format!(
                "{} {} differ: char {}, line {line}",
                names[0],
                names[1],
                same + 1
            ));
        }
    }
    1
}
