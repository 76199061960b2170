//! Tools on lines and their parts: `sort`, `uniq`, `cut`, `tr`, `base64`. Uses the phone's files.

use super::flags::Flags;
use super::lines::{each_file, lines};
use crate::phone::shell::{Shell, Streams};

/// `sort [-runfcs] [-k KEY] [-t SEPARATOR] [-o FILE] [FILE...]`
pub fn sort(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("sort", arguments, "bcdfghinrsuVxzk:t:o:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let mut all: Vec<String> = Vec::new();
    let status = each_file(shell, "sort", &flags.operands, streams, |_, content| {
        all.extend(
            lines(&content)
                .into_iter()
                .map(|line| String::from_utf8_lossy(line).into_owned()),
        );
    });
    if status != 0 {
        return 2;
    }
    let separator = flags.value('t').map(str::to_owned);
    let field = flags.value('k').and_then(|key| {
        let digits: String = key.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let numeric = flags.has('n') || flags.value('k').is_some_and(|key| key.contains('n'));
    let key = |line: &str| -> String {
        let text = match (field, &separator) {
            (None, _) => line.to_owned(),
            (Some(field), Some(separator)) => line
                .split(separator.as_str())
                .skip(field.saturating_sub(1))
                .collect::<Vec<_>>()
                .join(separator),
            (Some(field), None) => line
                .split_whitespace()
                .skip(field.saturating_sub(1))
                .collect::<Vec<_>>()
                .join(" "),
        };
        if flags.has('f') {
            text.to_lowercase()
        } else {
            text
        }
    };
    let number = |text: &str| -> f64 {
        let text = text.trim_start();
        let end = text
            .char_indices()
            .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-')))
            .map_or(text.len(), |(at, _)| at);
        text[..end].parse().unwrap_or(0.0)
    };
    let order = |left: &String, right: &String| {
        let (left_key, right_key) = (key(left), key(right));
        let first = match numeric {
            true => number(&left_key).total_cmp(&number(&right_key)),
            false => left_key.cmp(&right_key),
        };
        first.then_with(|| match flags.has('s') || flags.has('u') {
            true => std::cmp::Ordering::Equal,
            false => left.cmp(right),
        })
    };
    all.sort_by(|left, right| match flags.has('r') {
        true => order(right, left),
        false => order(left, right),
    });
    if flags.has('u') {
        all.dedup_by(|left, right| order(left, right).is_eq());
    }
    let mut text = all.join("\n");
    if !all.is_empty() {
        text.push('\n');
    }
    match flags.value('o') {
        None => streams.print(text),
        Some(name) => {
            let written = shell
                .path(name)
                .and_then(|path| shell.machine.files.write(&path, text));
            if let Err(error) = written {
                return streams.fail("sort", format!("{name}: {error}"));
            }
        }
    }
    0
}

/// `uniq [-cdiu] [FILE]`
pub fn uniq(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("uniq", arguments, "cdiuz", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let names: Vec<String> = flags.operands.iter().take(1).cloned().collect();
    each_file(shell, "uniq", &names, streams, |_, content| {
        let mut groups: Vec<(String, usize)> = Vec::new();
        for line in lines(&content) {
            let line = String::from_utf8_lossy(line).into_owned();
            match groups.last_mut() {
                Some((last, count))
                    if *last == line
                        || (flags.has('i') && last.to_lowercase() == line.to_lowercase()) =>
                {
                    *count += 1;
                }
                _ => groups.push((line, 1)),
            }
        }
        for (line, count) in groups {
            if (flags.has('d') && count == 1) || (flags.has('u') && count > 1) {
                continue;
            }
            match flags.has('c') {
                true => streams.line(format!("{count:>7} {line}")),
                false => streams.line(line),
            }
        }
    })
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
        return streams.fail("cut", "no -bcCfF");
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
            let blank = flags.value('F').is_some();
            if !blank && !line.contains(&separator) {
                if !flags.has('s') {
                    streams.line(line);
                }
                continue;
            }
            let fields: Vec<&str> = match blank {
                true => line.split_whitespace().collect(),
                false => line.split(separator.as_str()).collect(),
            };
            let kept: Vec<&str> = fields
                .into_iter()
                .enumerate()
                .filter(|(index, _)| within(*index))
                .map(|(_, field)| field)
                .collect();
            streams.line(kept.join(if blank { " " } else { separator.as_str() }));
        }
    })
}

/// The characters of a `tr` set: ranges, classes, escapes.
fn character_set(text: &str) -> Vec<char> {
    let text = crate::phone::shell::text::unescape(text);
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
