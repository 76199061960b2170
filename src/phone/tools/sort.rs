//! `sort`. Uses the phone's files.

use std::cmp::Ordering;

use super::flags::Flags;
use super::lines::{each_file, lines};
use crate::phone::shell::{Shell, Streams};

/// One key: from a field (and a character of it) to another, and how it is compared.
#[derive(Debug, Clone, Default)]
struct Key {
    from: (usize, usize),
    /// The last field, and its last character; 0 takes the field to its end.
    to: Option<(usize, usize)>,
    letters: String,
}

const MONTHS: &str = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";

/// `sort [-bcdfgMnrsuVx] [-k KEY] [-t SEPARATOR] [-o FILE] [FILE...]`
pub fn sort(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("sort", arguments, "bCcdfgiMmnrsuVxzk:t:o:T:S:", streams) {
        Ok(flags) => flags,
        Err(_) => return 2,
    };
    let global: String = "bdfgiMnrVx"
        .chars()
        .filter(|letter| flags.has(*letter))
        .collect();
    let mut keys = Vec::new();
    for text in flags.values('k') {
        match key(text, &global) {
            Some(key) => keys.push(key),
            None => {
                streams.fail("sort", format!("bad key '{text}'"));
                return 2;
            }
        }
    }
    if keys.is_empty() {
        keys.push(Key {
            from: (1, 1),
            to: None,
            letters: global.clone(),
        });
    }
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
    let separator = flags.value('t').and_then(|text| text.chars().next());
    let by_keys = |left: &String, right: &String| {
        keys.iter()
            .map(|key| compare(key, left, right, separator))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    // Lines that are alike by their keys go by everything.
    let order = |left: &String, right: &String| {
        by_keys(left, right).then_with(|| match flags.has('s') || flags.has('u') {
            true => Ordering::Equal,
            false if global.contains('r') => right.cmp(left),
            false => left.cmp(right),
        })
    };
    if flags.has('c') || flags.has('C') {
        let wrong = all.windows(2).position(|pair| {
            let order = order(&pair[0], &pair[1]);
            order.is_gt() || (flags.has('u') && order.is_eq())
        });
        return match wrong {
            None => 0,
            Some(at) => {
                let name = flags.operands.first().map_or("-", String::as_str);
                if flags.has('c') {
                    streams.fail("sort", format!("{name}: Check line {}", at + 2));
                }
                1
            }
        };
    }
    all.sort_by(order);
    if flags.has('u') {
        all.dedup_by(|next, kept| by_keys(kept, next).is_eq());
    }
    let mut text = all.join("\n");
    if !all.is_empty() {
        text.push('\n');
    }
    match flags.value('o') {
        None => streams.print(text),
        Some(name) => {
            let written = shell
                .path_to_change(name)
                .and_then(|path| shell.machine.files.write(&path, text));
            if let Err(error) = written {
                return streams.fail("sort", format!("{name}: {error}"));
            }
        }
    }
    0
}

/// Reads `FIELD[.CHARACTER][LETTERS][,FIELD[.CHARACTER][LETTERS]]`.
fn key(text: &str, global: &str) -> Option<Key> {
    let mut letters = String::new();
    let mut place = |text: &str| {
        let end = text
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(text.len());
        letters.push_str(&text[end..]);
        let (field, character) = text[..end].split_once('.').unwrap_or((&text[..end], "0"));
        Some((
            field.parse::<usize>().ok()?,
            character.parse::<usize>().ok()?,
        ))
    };
    let (from, to) = match text.split_once(',') {
        Some((from, to)) => (place(from)?, Some(place(to)?)),
        None => (place(text)?, None),
    };
    if from.0 == 0 {
        return None;
    }
    if letters.is_empty() {
        global.clone_into(&mut letters);
    }
    Some(Key {
        from: (from.0, from.1.max(1)),
        to,
        letters,
    })
}

/// The part of a line that a key compares.
fn part<'a>(key: &Key, line: &'a str, separator: Option<char>) -> &'a str {
    let starts = |field: usize| -> usize {
        let mut at = 0;
        for _ in 1..field {
            let rest = &line[at..];
            if rest.is_empty() {
                break;
            }
            at += match separator {
                Some(separator) => match rest.find(separator) {
                    Some(end) => end + separator.len_utf8(),
                    None => rest.len(),
                },
                // Blanks belong to the field behind them.
                None => {
                    let blanks = rest.len() - rest.trim_start().len();
                    let word = &rest[blanks..];
                    blanks + word.find(char::is_whitespace).unwrap_or(word.len())
                }
            };
        }
        at
    };
    let forward = |at: usize, count: usize| {
        let rest = &line[at..];
        at + rest
            .char_indices()
            .nth(count)
            .map_or(rest.len(), |(at, _)| at)
    };
    let start = forward(starts(key.from.0), key.from.1 - 1);
    let end = match key.to {
        None => line.len(),
        Some((field, 0)) => {
            let end = starts(field + 1);
            match separator {
                Some(separator) if line[..end].ends_with(separator) => end - separator.len_utf8(),
                _ => end,
            }
        }
        Some((field, character)) => forward(starts(field), character),
    };
    &line[start..end.max(start)]
}

fn compare(key: &Key, left: &str, right: &str, separator: Option<char>) -> Ordering {
    let has = |letter| key.letters.contains(letter);
    let text = |line| {
        let mut text = part(key, line, separator);
        if has('b') {
            text = text.trim_start();
        }
        let mut text = text.to_owned();
        if has('d') {
            text.retain(|c| c.is_alphanumeric() || c.is_whitespace());
        }
        if has('i') {
            text.retain(|c| !c.is_control());
        }
        if has('f') { text.to_uppercase() } else { text }
    };
    let (left, right) = (text(left), text(right));
    let order = if has('n') || has('g') {
        number(&left, has('g')).total_cmp(&number(&right, has('g')))
    } else if has('x') {
        let value = |text: &str| {
            let text = text.trim();
            i64::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).unwrap_or(0)
        };
        value(&left).cmp(&value(&right))
    } else if has('M') {
        let month = |text: &str| {
            let name: String = text.trim_start().chars().take(3).collect();
            MONTHS.find(&name.to_uppercase()).map_or(-1, |at| at as i32)
        };
        month(&left).cmp(&month(&right))
    } else if has('V') {
        versions(&left, &right)
    } else {
        left.cmp(&right)
    };
    if has('r') { order.reverse() } else { order }
}

fn number(text: &str, scientific: bool) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| {
            let exponent = scientific && matches!(c, 'e' | 'E');
            !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-') || exponent)
        })
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().unwrap_or(0.0)
}

/// Compares runs of digits by their value and everything else by its bytes.
fn versions(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left, right);
    loop {
        let digits = |text: &str| {
            text.find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len())
        };
        let (a, b) = (digits(left), digits(right));
        if a > 0 && b > 0 {
            let trimmed = |text: &str| text.trim_start_matches('0').to_owned();
            let (x, y) = (trimmed(&left[..a]), trimmed(&right[..b]));
            let order = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
            if order.is_ne() {
                return order;
            }
            (left, right) = (&left[a..], &right[b..]);
            continue;
        }
        let (mut one, mut other) = (left.chars(), right.chars());
        match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (first, second) if first != second => return first.cmp(&second),
            _ => (left, right) = (one.as_str(), other.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_take_their_part_of_a_line() {
        let taken =
            |text: &str, line, separator| part(&key(text, "").unwrap(), line, separator).to_owned();
        assert_eq!(taken("2", "a b c", None), " b c");
        assert_eq!(taken("2,2", "a b c", None), " b");
        assert_eq!(taken("2,2", "a:b:c", Some(':')), "b");
        assert_eq!(taken("1.2,1.3", "abcd", Some(':')), "bc");
        assert_eq!(taken("4", "a:b", Some(':')), "");
        assert!(key("0", "").is_none());
    }
}
