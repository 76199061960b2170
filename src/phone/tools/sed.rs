//! `sed`: the part of it that scripts on phones use. Uses the phone's files.

use regex::bytes::Regex;

use super::flags::Flags;
use super::grep::{Grammar, compile};
use super::lines::open;
use crate::phone::shell::{Shell, Streams};

#[derive(Debug)]
enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

#[derive(Debug)]
enum Action {
    Substitute {
        pattern: Regex,
        replacement: Vec<u8>,
        everywhere: bool,
        print: bool,
        nth: usize,
    },
    Delete,
    Print,
    Quit,
    Number,
    Text {
        kind: char,
        text: String,
    },
    Translate(Vec<(char, char)>),
}

#[derive(Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    active: bool,
}

/// `sed [-nEri] [-e SCRIPT] SCRIPT [FILE...]`
pub fn sed(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse("sed", arguments, "Ernisze:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let mut script: Vec<String> = flags.values('e').map(str::to_owned).collect();
    if script.is_empty() {
        if flags.operands.is_empty() {
            return streams.fail("sed", "no pattern");
        }
        script.push(flags.operands.remove(0));
    }
    let grammar = match flags.has('E') || flags.has('r') {
        true => Grammar::Extended,
        false => Grammar::Basic,
    };
    let mut commands = match parse(&script.join("\n"), grammar) {
        Ok(commands) => commands,
        Err(message) => return streams.fail("sed", message),
    };
    let names = match flags.operands.is_empty() {
        true => vec!["-".to_owned()],
        false => flags.operands.clone(),
    };
    let mut status = 0;
    for name in names {
        let content = match open(shell, &name, streams) {
            Ok(input) => input.read_all(),
            Err(error) => {
                status = streams.fail("sed", format!("{name}: {error}"));
                continue;
            }
        };
        let text = edit(&content, &mut commands, flags.has('n'));
        if !flags.has('i') {
            streams.print(text);
            continue;
        }
        let written = shell
            .path(&name)
            .and_then(|path| shell.machine.files.write(&path, text));
        if let Err(error) = written {
            status = streams.fail("sed", format!("{name}: {error}"));
        }
    }
    status
}

fn edit(content: &[u8], commands: &mut [Command], silent: bool) -> Vec<u8> {
    let ends_with_newline = content.last() == Some(&b'\n');
    let mut lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    if ends_with_newline || content.is_empty() {
        lines.pop();
    }
    let mut output = Vec::with_capacity(content.len());
    let total = lines.len();
    'lines: for (index, line) in lines.into_iter().enumerate() {
        let (number, last) = (index + 1, index + 1 == total);
        let newline: &[u8] = if last && !ends_with_newline {
            b""
        } else {
            b"\n"
        };
        let mut line = line.to_vec();
        let mut after = Vec::new();
        let mut quit = false;
        for command in commands.iter_mut() {
            if !command.applies(number, last, &line) {
                continue;
            }
            match &command.action {
                Action::Substitute {
                    pattern,
                    replacement,
                    everywhere,
                    print,
                    nth,
                } => {
                    let (new, changed) = substitute(&line, pattern, replacement, *everywhere, *nth);
                    line = new;
                    if changed && *print {
                        output.extend_from_slice(&line);
                        output.push(b'\n');
                    }
                }
                Action::Delete => {
                    output.extend_from_slice(&after);
                    continue 'lines;
                }
                Action::Print => {
                    output.extend_from_slice(&line);
                    output.push(b'\n');
                }
                Action::Number => output.extend_from_slice(format!("{number}\n").as_bytes()),
                Action::Quit => {
                    quit = true;
                    break;
                }
                Action::Text { kind: 'i', text } => {
                    output.extend_from_slice(text.as_bytes());
                    output.push(b'\n');
                }
                Action::Text { kind: 'c', text } => {
                    output.extend_from_slice(text.as_bytes());
                    output.push(b'\n');
                    continue 'lines;
                }
                Action::Text { text, .. } => {
                    after.extend_from_slice(text.as_bytes());
                    after.push(b'\n');
                }
                Action::Translate(pairs) => {
                    line = String::from_utf8_lossy(&line)
                        .chars()
                        .map(|character| {
                            let found = pairs.iter().find(|(from, _)| *from == character);
                            found.map_or(character, |(_, to)| *to)
                        })
                        .collect::<String>()
                        .into_bytes();
                }
            }
        }
        if !silent {
            output.extend_from_slice(&line);
            output.extend_from_slice(newline);
        }
        output.extend_from_slice(&after);
        if quit {
            break;
        }
    }
    output
}

impl Command {
    fn applies(&mut self, number: usize, last: bool, line: &[u8]) -> bool {
        let fits = |address: &Address| match address {
            Address::Line(wanted) => *wanted == number,
            Address::Last => last,
            Address::Match(pattern) => pattern.is_match(line),
        };
        let applies = match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => fits(from),
            (Some(from), Some(to)) => {
                if self.active {
                    self.active = match to {
                        Address::Line(end) => number < *end,
                        other => !fits(other),
                    };
                    true
                } else if fits(from) {
                    self.active = !matches!(to, Address::Line(end) if *end <= number);
                    true
                } else {
                    false
                }
            }
        };
        applies != self.negated
    }
}

fn substitute(
    line: &[u8],
    pattern: &Regex,
    replacement: &[u8],
    everywhere: bool,
    nth: usize,
) -> (Vec<u8>, bool) {
    let mut output = Vec::with_capacity(line.len());
    let (mut end, mut changed) = (0, false);
    for (index, found) in pattern.captures_iter(line).enumerate() {
        let Some(whole) = found.get(0) else { continue };
        if index + 1 < nth {
            continue;
        }
        output.extend_from_slice(&line[end..whole.start()]);
        let mut bytes = replacement.iter();
        while let Some(byte) = bytes.next() {
            let group = match byte {
                b'&' => Some(0),
                b'\\' => match bytes.next() {
                    Some(digit @ b'0'..=b'9') => Some(usize::from(digit - b'0')),
                    Some(b'n') => {
                        output.push(b'\n');
                        None
                    }
                    Some(b't') => {
                        output.push(b'\t');
                        None
                    }
                    Some(other) => {
                        output.push(*other);
                        None
                    }
                    None => None,
                },
                other => {
                    output.push(*other);
                    None
                }
            };
            if let Some(group) = group.and_then(|group| found.get(group)) {
                output.extend_from_slice(group.as_bytes());
            }
        }
        end = whole.end();
        changed = true;
        if !everywhere {
            break;
        }
    }
    output.extend_from_slice(&line[end..]);
    (output, changed)
}

fn parse(script: &str, grammar: Grammar) -> Result<Vec<Command>, String> {
    let source: Vec<char> = script.chars().collect();
    let mut commands = Vec::new();
    let mut at = 0;
    loop {
        while source
            .get(at)
            .is_some_and(|c| c.is_whitespace() || *c == ';')
        {
            at += 1;
        }
        if at >= source.len() {
            return Ok(commands);
        }
        let from = address(&source, &mut at, grammar)?;
        let mut to = None;
        if source.get(at) == Some(&',') {
            at += 1;
            to = address(&source, &mut at, grammar)?;
        }
        while source.get(at) == Some(&' ') {
            at += 1;
        }
        let negated = source.get(at) == Some(&'!');
        at += usize::from(negated);
        let Some(name) = source.get(at).copied() else {
            return Err("bad pattern".to_owned());
        };
        at += 1;
        let action = match name {
            's' => {
                let separator = *source.get(at).ok_or("bad pattern")?;
                at += 1;
                let pattern = part(&source, &mut at, separator)?;
                let replacement = part(&source, &mut at, separator)?;
                let (mut everywhere, mut print, mut fold, mut nth) = (false, false, false, 1);
                while let Some(flag) = source.get(at) {
                    match flag {
                        'g' => everywhere = true,
                        'p' => print = true,
                        'i' | 'I' => fold = true,
                        '1'..='9' => nth = *flag as usize - '0' as usize,
                        _ => break,
                    }
                    at += 1;
                }
                Action::Substitute {
                    pattern: compile(&pattern, grammar, fold, "")?,
                    replacement: replacement.into_bytes(),
                    everywhere,
                    print,
                    nth,
                }
            }
            'y' => {
                let separator = *source.get(at).ok_or("bad pattern")?;
                at += 1;
                let from = part(&source, &mut at, separator)?;
                let to = part(&source, &mut at, separator)?;
                Action::Translate(from.chars().zip(to.chars()).collect())
            }
            'd' => Action::Delete,
            'p' => Action::Print,
            'q' => Action::Quit,
            '=' => Action::Number,
            'a' | 'i' | 'c' => {
                let end = (at..source.len())
                    .find(|end| source[*end] == '\n')
                    .unwrap_or(source.len());
                let text: String = source[at..end].iter().collect();
                at = end;
                Action::Text {
                    kind: name,
                    text: text.trim_start_matches([' ', '\\']).to_owned(),
                }
            }
            other => return Err(format!("bad pattern '{script}'@{at} ({other})")),
        };
        commands.push(Command {
            from,
            to,
            negated,
            action,
            active: false,
        });
    }
}

fn address(source: &[char], at: &mut usize, grammar: Grammar) -> Result<Option<Address>, String> {
    match source.get(*at) {
        Some('$') => {
            *at += 1;
            Ok(Some(Address::Last))
        }
        Some('/') => {
            *at += 1;
            let pattern = part(source, at, '/')?;
            Ok(Some(Address::Match(compile(&pattern, grammar, false, "")?)))
        }
        Some(digit) if digit.is_ascii_digit() => {
            let digits: String = source[*at..]
                .iter()
                .take_while(|c| c.is_ascii_digit())
                .collect();
            *at += digits.len();
            digits
                .parse()
                .map(|line| Some(Address::Line(line)))
                .map_err(|_| "bad line".to_owned())
        }
        _ => Ok(None),
    }
}

/// Reads up to the separator; an escaped separator stands for itself.
fn part(source: &[char], at: &mut usize, separator: char) -> Result<String, String> {
    let mut text = String::new();
    while let Some(character) = source.get(*at).copied() {
        *at += 1;
        match character {
            _ if character == separator => return Ok(text),
            '\\' if source.get(*at) == Some(&separator) => {
                text.push(separator);
                *at += 1;
            }
            '\\' => {
                text.push('\\');
                text.extend(source.get(*at));
                *at += 1;
            }
            other => text.push(other),
        }
    }
    Err("unterminated pattern".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_edit_lines() {
        for (script, silent, expected) in [
            ("s/a/b/", false, "bxa\nyy\nlbst\n"),
            ("s/a/b/g;s|x|/|", false, "b/b\nyy\nlbst\n"),
            ("2d", false, "axa\nlast\n"),
            ("1,2d", false, "last\n"),
            ("/y/,$d", false, "axa\n"),
            ("$p", true, "last\n"),
            (r"s/\(a\)x/[\1&]/", false, "[aax]a\nyy\nlast\n"),
            ("/y/!d", false, "yy\n"),
            ("2q", false, "axa\nyy\n"),
            ("y/ax/AX/", false, "AXA\nyy\nlAst\n"),
        ] {
            let mut commands = parse(script, Grammar::Basic).unwrap();
            let text = edit(b"axa\nyy\nlast\n", &mut commands, silent);
            assert_eq!(String::from_utf8_lossy(&text), expected, "{script}");
        }
        assert!(parse("s/a", Grammar::Basic).is_err());
        assert!(parse("w", Grammar::Basic).is_err());
    }
}
