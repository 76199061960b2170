//! Tools on lines and their parts: `uniq`, `cut`, `tr`, `base64`. Uses the phone's files.

use super::flags::Flags;
use super::lines::{each_file, lines};
use crate::phone::shell::{Shell, Streams};

/// `uniq [-cdiu] [-f FIELDS] [-s CHARACTERS] [-w CHARACTERS] [FILE [OUTPUT]]`
pub fn uniq(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("uniq", arguments, "cdiuzf:s:w:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let number = |letter| {
        flags
            .value(letter)
            .and_then(|text| text.parse::<usize>().ok())
    };
    // What of a line is compared.
    let key = |line: &str| -> String {
        let mut rest = line;
        for _ in 0..number('f').unwrap_or(0) {
            if rest.is_empty() {
                break;
            }
            let blanks = rest.trim_start();
            let end = blanks.find(char::is_whitespace).unwrap_or(blanks.len());
            rest = &blanks[end..];
        }
        let characters = rest.chars().skip(number('s').unwrap_or(0));
        let kept: String = characters.take(number('w').unwrap_or(usize::MAX)).collect();
        if flags.has('i') {
            kept.to_lowercase()
        } else {
            kept
        }
    };
    let names: Vec<String> = flags.operands.iter().take(1).cloned().collect();
    let mut text = String::new();
    let status = each_file(shell, "uniq", &names, streams, |_, content| {
        let mut groups: Vec<(String, usize)> = Vec::new();
        for line in lines(&content) {
            let line = String::from_utf8_lossy(line).into_owned();
            match groups.last_mut() {
                Some((last, count)) if key(last) == key(&line) => *count += 1,
                _ => groups.push((line, 1)),
            }
        }
        for (line, count) in groups {
            if (flags.has('d') && count == 1) || (flags.has('u') && count > 1) {
                continue;
            }
            match flags.has('c') {
                true => text.push_str(&format!("{count:>7} {line}\n")),
                false => text.push_str(&format!("{line}\n")),
            }
        }
    });
    let Some(name) = flags.operands.get(1) else {
        streams.print(text);
        return status;
    };
    let written = shell
        .path_to_change(name)
        .and_then(|path| shell.machine.files.write(&path, text));
    match written {
        Ok(()) => status,
        Err(error) => streams.fail("uniq", format!("{name}: {error}")),
    }
}

/// Ranges of `cut`: `1,3-5,7-`.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    text.split(',')
        .map(|part| {
            let (from, to) = match part.split_once('-') {
                None => (part, part),
                Some((from, to)) => (from, to),
            };
            let from = if from.is_empty() {
                1
            } else {
                from.parse().ok()?
            };
            let to = if to.is_empty() {
                usize::MAX
            } else {
                to.parse().ok()?
            };
            (from >= 1 && to >= from).then_some((from, to))
        })
        .collect()
}

/// `cut -d SEPARATOR -f FIELDS`, `cut -c CHARACTERS`, `cut -b BYTES`
pub fn cut(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("cut", arguments, "snb:c:d:f:F:O:D", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let list = ['f', 'c', 'b', 'F']
        .into_iter()
        .find_map(|letter| flags.value(letter));
    let Some(list) = list else {
        return streams.fail("cut", "Needs -CFfcb (see \"cut --help\")");
    };
    let Some(wanted) = ranges(list) else {
        return streams.fail("cut", format!("bad list '{list}'"));
    };
    let within = |index: usize| {
        wanted
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&(index + 1)))
    };
    let separator = flags.value('d').unwrap_or("\t").to_owned();
    let blank = flags.value('F').is_some();
    let joint = flags
        .value('O')
        .unwrap_or(if blank { " " } else { &separator });
    each_file(shell, "cut", &flags.operands, streams, |_, content| {
        for line in lines(&content) {
            let line = String::from_utf8_lossy(line);
            if flags.value('f').is_none() && flags.value('F').is_none() {
                let kept: String = line
                    .chars()
                    .enumerate()
                    .filter(|(index, _)| within(*index))
                    .map(|(_, character)| character)
                    .collect();
                streams.line(kept);
                continue;
            }
            let fields: Vec<&str> = match blank {
                true => line.split_whitespace().collect(),
                false => line.split(separator.as_str()).collect(),
            };
            // `-D` takes the fields in the order in which they are asked for.
            let kept: Vec<&str> = match flags.has('D') {
                true => wanted
                    .iter()
                    .flat_map(|(from, to)| {
                        (*from..=(*to).min(fields.len())).map(|at| fields.get(at - 1))
                    })
                    .flatten()
                    .copied()
                    .collect(),
                false => fields
                    .into_iter()
                    .enumerate()
                    .filter(|(index, _)| within(*index))
                    .map(|(_, field)| field)
                    .collect(),
            };
            // A line without separators is one field.
            if kept.is_empty() && flags.has('s') && !line.contains(&separator) {
                continue;
            }
            streams.line(kept.join(joint));
        }
    })
}

/// The characters of a `tr` set: ranges, classes, escapes.
fn character_set(text: &str) -> Vec<char> {
    // Octal escapes need no leading zero here.
    let mut plain = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        plain.push(character);
        if character == '\\' {
            match characters.next() {
                Some(digit @ '1'..='7') => plain.extend(['0', digit]),
                Some(other) => plain.push(other),
                None => plain.push('\\'),
            }
        }
    }
    let text = crate::phone::shell::text::unescape(&plain);
    let source: Vec<char> = text.chars().collect();
    let mut set = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest: String = source[at..].iter().collect();
        let class = [
            ("[:upper:]", 'A'..='Z'),
            ("[:lower:]", 'a'..='z'),
            ("[:digit:]", '0'..='9'),
        ]
        .into_iter()
        .find(|(name, _)| rest.starts_with(name));
        if let Some((name, range)) = class {
            set.extend(range);
            at += name.len();
        } else if rest.starts_with("[:punct:]") {
            set.extend(('!'..='~').filter(char::is_ascii_punctuation));
            at += 9;
        } else if rest.starts_with("[:blank:]") {
            set.extend([' ', '\t']);
            at += 9;
        } else if rest.starts_with("[:space:]") {
            set.extend([' ', '\t', '\n', '\r', '\x0b', '\x0c']);
            at += 9;
        } else if rest.starts_with("[:alpha:]") || rest.starts_with("[:alnum:]") {
            set.extend(('A'..='Z').chain('a'..='z'));
            if rest.starts_with("[:alnum:]") {
                set.extend('0'..='9');
            }
            at += 9;
        } else if source.get(at + 1) == Some(&'-') && at + 2 < source.len() {
            set.extend(source[at]..=source[at + 2]);
            at += 3;
        } else {
            set.push(source[at]);
            at += 1;
        }
    }
    set
}

/// `tr [-cds] SET1 [SET2]`
pub fn tr(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("tr", arguments, "cCds", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("tr", 1, streams) {
        return status;
    }
    let from = character_set(&flags.operands[0]);
    let to = flags
        .operands
        .get(1)
        .map(|text| character_set(text))
        .unwrap_or_default();
    let complement = flags.has('c') || flags.has('C');
    let place = |character: char| {
        let found = from.iter().position(|one| *one == character);
        match complement {
            true => found.is_none().then_some(usize::MAX),
            false => found,
        }
    };
    let squeezed = if to.is_empty() { &from } else { &to };
    each_file(shell, "tr", &[], streams, |_, content| {
        let mut text = String::with_capacity(content.len());
        let mut last = None;
        for character in String::from_utf8_lossy(&content).chars() {
            let replaced = match place(character) {
                Some(_) if flags.has('d') => continue,
                Some(index) if !to.is_empty() => to[index.min(to.len() - 1)],
                _ => character,
            };
            if flags.has('s') && last == Some(replaced) && squeezed.contains(&replaced) {
                continue;
            }
            last = Some(replaced);
            text.push(replaced);
        }
        streams.print(text);
    })
    .max(i32::from(shell.is_cancelled()))
}

/// `base64 [-d] [-w COLUMNS] [FILE]`
pub fn base64(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let flags = match Flags::parse("base64", arguments, "diw:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let columns = flags
        .value('w')
        .and_then(|text| text.parse::<usize>().ok())
        .unwrap_or(76);
    each_file(shell, "base64", &flags.operands, streams, |_, content| {
        if flags.has('d') {
            let mut bytes = Vec::new();
            let (mut held, mut bits) = (0_u32, 0);
            for value in content
                .iter()
                .filter_map(|byte| LETTERS.iter().position(|one| one == byte))
            {
                held = (held << 6 | value as u32) & 0xff_ffff;
                bits += 6;
                if bits >= 8 {
                    bits -= 8;
                    bytes.push((held >> bits) as u8);
                }
            }
            streams.print(bytes);
            return;
        }
        let mut text = String::new();
        for chunk in content.chunks(3) {
            let word = chunk
                .iter()
                .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            for index in 0..4 {
                text.push(match index <= chunk.len() {
                    true => char::from(LETTERS[(word >> (18 - 6 * index)) as usize & 63]),
                    false => '=',
                });
            }
        }
        match columns {
            0 => streams.print(text),
            columns => {
                for line in text.as_bytes().chunks(columns) {
                    streams.line(String::from_utf8_lossy(line));
                }
            }
        }
    })
}
