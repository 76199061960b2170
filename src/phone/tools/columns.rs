//! Tools on lines of several files, and on the signs between them: `comm`, `paste`, `split`,
//! `expand`, `strings`, `dos2unix`, `unix2dos`. Uses the phone's files.

use super::flags::Flags;
use super::lines::{each_file, lines, open};
use crate::phone::shell::{Shell, Streams};

/// The most files that `split` makes: two letters.
const MAX_PARTS: usize = 26 * 26;

fn text_lines(
    shell: &Shell,
    tool: &str,
    names: &[String],
    streams: &Streams,
) -> Result<Vec<Vec<String>>, i32> {
    let mut contents = Vec::new();
    for name in names {
        let input = open(shell, name, streams)
            .map_err(|error| streams.fail(tool, format!("{name}: {error}")))?;
        let content = input.read_all();
        contents.push(
            lines(&content)
                .into_iter()
                .map(|line| String::from_utf8_lossy(line).into_owned())
                .collect(),
        );
    }
    Ok(contents)
}

/// `comm [-123] FILE1 FILE2`: both sorted.
pub fn comm(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("comm", arguments, "123", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("comm", 2, streams) {
        return status;
    }
    let contents = match text_lines(shell, "comm", &flags.operands[..2], streams) {
        Ok(contents) => contents,
        Err(status) => return status,
    };
    let put = |column: usize, line: &str| {
        let hidden = ['1', '2', '3'];
        if !flags.has(hidden[column]) {
            let tabs = hidden[..column]
                .iter()
                .filter(|one| !flags.has(**one))
                .count();
            streams.line(format!("{}{line}", "\t".repeat(tabs)));
        }
    };
    let (mut left, mut right) = (contents[0].iter().peekable(), contents[1].iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => return 0,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(one), Some(other)) => one.cmp(other),
        };
        let one = if order.is_le() { left.next() } else { None };
        let other = if order.is_ge() { right.next() } else { None };
        match (one, other) {
            (Some(line), Some(_)) => put(2, line),
            (Some(line), None) => put(0, line),
            (None, Some(line)) => put(1, line),
            (None, None) => return 0,
        }
    }
}

/// `paste [-s] [-d SIGNS] [FILE...]`
pub fn paste(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse("paste", arguments, "sd:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.is_empty() {
        flags.operands.push("-".to_owned());
    }
    let contents = match text_lines(shell, "paste", &flags.operands, streams) {
        Ok(contents) => contents,
        Err(status) => return status,
    };
    let signs = crate::phone::shell::text::unescape(flags.value('d').unwrap_or("\t"));
    let signs: Vec<char> = signs.chars().collect();
    let join = |row: &[&str]| {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            if at > 0 && !signs.is_empty() {
                line.push(signs[(at - 1) % signs.len()]);
            }
            line.push_str(cell);
        }
        streams.line(line);
    };
    if flags.has('s') {
        for content in &contents {
            let row: Vec<&str> = content.iter().map(String::as_str).collect();
            join(&row);
        }
        return 0;
    }
    let rows = contents.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..rows {
        let row: Vec<&str> = contents
            .iter()
            .map(|content| content.get(at).map_or("", String::as_str))
            .collect();
        join(&row);
    }
    0
}

/// `split [-l LINES] [-b BYTES] [FILE [PREFIX]]`
pub fn split(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("split", arguments, "a:b:l:n:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let number = |letter| {
        let value = flags
            .value(letter)
            .and_then(|text| text.parse::<usize>().ok());
        value.map(|number| number.max(1))
    };
    let name = flags.operands.first().map_or("-", String::as_str);
    let prefix = flags.operands.get(1).map_or("x", String::as_str);
    let content = match open(shell, name, streams) {
        Ok(input) => input.read_all(),
        Err(error) => return streams.fail("split", format!("{name}: {error}")),
    };
    let parts: Vec<Vec<u8>> = match number('b') {
        Some(bytes) => content.chunks(bytes).map(<[u8]>::to_vec).collect(),
        None => {
            let all: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
            all.chunks(number('l').unwrap_or(1000))
                .map(<[&[u8]]>::concat)
                .collect()
        }
    };
    if parts.len() > MAX_PARTS {
        return streams.fail("split", "name too long");
    }
    for (at, part) in parts.into_iter().enumerate() {
        let letter = |value: usize| char::from(b'a' + (value % 26) as u8);
        let target = format!("{prefix}{}{}", letter(at / 26), letter(at));
        let written = shell
            .path_to_change(&target)
            .and_then(|path| shell.machine.files.write(&path, part));
        if let Err(error) = written {
            return streams.fail("split", format!("{target}: {error}"));
        }
    }
    0
}

/// `expand [-t COLUMNS] [FILE...]`
pub fn expand(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("expand", arguments, "t:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let width = flags.value('t').and_then(|text| text.parse::<usize>().ok());
    let width = width.unwrap_or(8).clamp(1, 64);
    each_file(shell, "expand", &flags.operands, streams, |_, content| {
        let mut text = String::new();
        let mut column = 0;
        for character in String::from_utf8_lossy(&content).chars() {
            if character == '\t' {
                let blanks = width - column % width;
                text.push_str(&" ".repeat(blanks));
                column += blanks;
                continue;
            }
            column = if character == '\n' { 0 } else { column + 1 };
            text.push(character);
        }
        streams.print(text);
    })
}

/// `strings [-n LENGTH] [FILE...]`
pub fn strings(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("strings", arguments, "afn:t:o", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let least = flags.value('n').and_then(|text| text.parse::<usize>().ok());
    let least = least.unwrap_or(4);
    each_file(shell, "strings", &flags.operands, streams, |_, content| {
        let runs = content.split(|byte| !(32..127).contains(byte) && *byte != b'\t');
        for run in runs.filter(|run| run.len() >= least && !run.is_empty()) {
            streams.line(String::from_utf8_lossy(run));
        }
    })
}

/// `dos2unix [FILE...]`
pub fn dos2unix(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    line_ends(shell, "dos2unix", arguments, "\n", streams)
}

/// `unix2dos [FILE...]`
pub fn unix2dos(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    line_ends(shell, "unix2dos", arguments, "\r\n", streams)
}

fn line_ends(shell: &mut Shell, tool: &str, names: &[String], end: &str, streams: &Streams) -> i32 {
    let mut changed = Vec::new();
    let status = each_file(shell, tool, names, streams, |name, content| {
        let mut text = Vec::with_capacity(content.len());
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(line) => {
                    text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
                    text.extend_from_slice(end.as_bytes());
                }
                None => text.extend_from_slice(line),
            }
        }
        changed.push((name.to_owned(), text));
    });
    for (name, text) in changed {
        if name == "-" {
            streams.print(text);
            continue;
        }
        let written = shell
            .path_to_change(&name)
            .and_then(|path| shell.machine.files.write(&path, text));
        if let Err(error) = written {
            return streams.fail(tool, format!("{name}: {error}"));
        }
    }
    status
}
