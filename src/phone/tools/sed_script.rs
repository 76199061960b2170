//! The language of `sed`: reads a script into commands. Pure.

use regex::bytes::Regex;

use super::grep::{Grammar, compile};

/// Which line a command is for.
#[derive(Debug)]
pub enum Address {
    /// The line of this number.
    Line(usize),
    /// The last one.
    Last,
    /// Lines that fit; `None` takes the expression that was used last.
    Match(Option<Regex>),
    /// So many lines after the first of a range.
    Plus(usize),
}

/// `s///`.
#[derive(Debug)]
pub struct Substitution {
    /// What is replaced; `None` takes the expression that was used last.
    pub pattern: Option<Regex>,
    /// By what, with `&` and `\1`.
    pub replacement: Vec<u8>,
    /// All of them, from the `nth` on.
    pub everywhere: bool,
    /// Print the line when something was replaced.
    pub print: bool,
    /// The first one that is replaced.
    pub nth: usize,
    /// A file that takes the line when something was replaced.
    pub file: Option<String>,
}

/// What a command does.
#[derive(Debug)]
pub enum Action {
    /// `s`
    Substitute(Substitution),
    /// `y`
    Translate(Vec<(char, char)>),
    /// `a`, `i`, `c`
    Text(char, String),
    /// `w`, `r`
    File(char, String),
    /// `{`: where the block ends.
    Open(usize),
    /// `}` and labels.
    Nothing,
    /// `b`, `t`, `T`: where to go; `None` is the end.
    Branch(char, Option<usize>),
    /// Everything else is its letter.
    Letter(char),
}

/// One command with its lines.
#[derive(Debug)]
pub struct Command {
    /// The line, or the first of a range.
    pub from: Option<Address>,
    /// The last of a range.
    pub to: Option<Address>,
    /// `!`
    pub negated: bool,
    /// What it does.
    pub action: Action,
    /// Inside of its range; with the number of the last line where that is known.
    pub active: Option<Option<usize>>,
}

/// Reads a script; the error is the text behind the tool's name.
pub fn parse(script: &str, grammar: Grammar) -> Result<Vec<Command>, String> {
    let mut parser = Parser {
        script,
        source: script.chars().collect(),
        at: 0,
        grammar,
    };
    let mut commands: Vec<Command> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut labels: Vec<(String, usize)> = Vec::new();
    let mut branches: Vec<(usize, String)> = Vec::new();
    loop {
        parser.skip(|c| c.is_whitespace() || c == ';');
        if parser.at >= parser.source.len() {
            break;
        }
        if parser.peek() == Some('#') {
            parser.until(&['\n']);
            continue;
        }
        let from = parser.address()?;
        let mut to = None;
        if from.is_some() && parser.peek() == Some(',') {
            parser.at += 1;
            to = parser.address()?;
            if to.is_none() {
                return Err(parser.bad());
            }
        }
        parser.skip(|c| c == ' ');
        let negated = parser.peek() == Some('!');
        if negated {
            parser.skip(|c| c == '!' || c == ' ');
        }
        let name = parser.peek().ok_or_else(|| parser.bad())?;
        parser.at += 1;
        let action = match name {
            '{' => {
                open.push(commands.len());
                Action::Open(0)
            }
            '}' => {
                let start = open.pop().ok_or_else(|| parser.bad())?;
                commands[start].action = Action::Open(commands.len());
                Action::Nothing
            }
            ':' => {
                labels.push((parser.until(&[';', '\n']).trim().to_owned(), commands.len()));
                Action::Nothing
            }
            'b' | 't' | 'T' => {
                let label = parser.until(&[';', '\n', '}']).trim().to_owned();
                if !label.is_empty() {
                    branches.push((commands.len(), label));
                }
                Action::Branch(name, None)
            }
            's' => Action::Substitute(parser.substitution()?),
            'y' => {
                let separator = parser.taken()?;
                let (from, to) = (parser.part(separator)?, parser.part(separator)?);
                Action::Translate(from.chars().zip(to.chars()).collect())
            }
            'a' | 'i' | 'c' => Action::Text(name, parser.text()),
            'w' | 'r' => Action::File(name, parser.until(&['\n']).trim().to_owned()),
            'd' | 'D' | 'p' | 'P' | 'q' | '=' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | 'l' => {
                Action::Letter(name)
            }
            _ => return Err(parser.bad()),
        };
        commands.push(Command {
            from,
            to,
            negated,
            action,
            active: None,
        });
    }
    if !open.is_empty() {
        return Err(format!("no }} in '{script}'"));
    }
    for (place, wanted) in branches {
        let target = labels.iter().find(|(name, _)| *name == wanted);
        let Some((_, target)) = target else {
            return Err(format!("no :{wanted}"));
        };
        if let Action::Branch(_, to) = &mut commands[place].action {
            *to = Some(*target);
        }
    }
    Ok(commands)
}

struct Parser<'a> {
    script: &'a str,
    source: Vec<char>,
    at: usize,
    grammar: Grammar,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.source.get(self.at).copied()
    }

    fn taken(&mut self) -> Result<char, String> {
        let found = self.peek().ok_or_else(|| self.bad())?;
        self.at += 1;
        Ok(found)
    }

    fn bad(&self) -> String {
        let found = self.peek().unwrap_or(' ');
        format!("bad pattern '{}'@{} ({found})", self.script, self.at + 1)
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn until(&mut self, ends: &[char]) -> String {
        let start = self.at;
        self.skip(|c| !ends.contains(&c));
        self.source[start..self.at].iter().collect()
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        self.skip(|c| c.is_ascii_digit());
        let digits: String = self.source[start..self.at].iter().collect();
        digits.parse().ok()
    }

    fn expression(&self, pattern: &str, fold: bool) -> Result<Option<Regex>, String> {
        match pattern.is_empty() {
            true => Ok(None),
            false => compile(pattern, self.grammar, fold, "").map(Some),
        }
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some('+') => {
                self.at += 1;
                let count = self.number().ok_or_else(|| self.bad())?;
                Ok(Some(Address::Plus(count)))
            }
            Some(first @ ('/' | '\\')) => {
                self.at += 1;
                let separator = if first == '\\' { self.taken()? } else { first };
                let pattern = self.part(separator)?;
                let fold = self.peek() == Some('I');
                self.at += usize::from(fold);
                Ok(Some(Address::Match(self.expression(&pattern, fold)?)))
            }
            Some(digit) if digit.is_ascii_digit() => {
                let line = self.number().ok_or_else(|| self.bad())?;
                Ok(Some(Address::Line(line)))
            }
            _ => Ok(None),
        }
    }

    fn substitution(&mut self) -> Result<Substitution, String> {
        let separator = self.taken()?;
        let pattern = self.part(separator)?;
        let replacement = self.part(separator)?;
        let (mut everywhere, mut print, mut fold, mut nth, mut file) =
            (false, false, false, 1, None);
        while let Some(flag) = self.peek() {
            match flag {
                'g' => everywhere = true,
                'p' => print = true,
                'i' | 'I' => fold = true,
                '1'..='9' => {
                    nth = self.number().unwrap_or(1);
                    continue;
                }
                'w' => {
                    self.at += 1;
                    file = Some(self.until(&['\n']).trim().to_owned());
                    break;
                }
                _ => break,
            }
            self.at += 1;
        }
        Ok(Substitution {
            pattern: self.expression(&pattern, fold)?,
            replacement: replacement.into_bytes(),
            everywhere,
            print,
            nth,
            file,
        })
    }

    /// Reads up to the separator; an escaped separator stands for itself.
    fn part(&mut self, separator: char) -> Result<String, String> {
        let mut text = String::new();
        let mut bracket = false;
        while let Some(character) = self.peek() {
            self.at += 1;
            match character {
                _ if character == separator && !bracket => return Ok(text),
                '\\' if self.peek() == Some(separator) => {
                    text.push(separator);
                    self.at += 1;
                }
                '\\' => {
                    text.push('\\');
                    text.extend(self.peek());
                    self.at += 1;
                }
                '[' if !bracket => {
                    // A separator inside of brackets is one of their characters.
                    let rest = &self.source[self.at..];
                    let close = rest.iter().skip(1).position(|c| *c == ']');
                    bracket = close
                        .is_some_and(|close| rest[..=close].contains(&separator) && close < 32);
                    text.push('[');
                }
                ']' => {
                    bracket = false;
                    text.push(']');
                }
                other => text.push(other),
            }
        }
        Err(self.bad())
    }

    /// The text of `a`, `i` and `c`: to the end of the line, over lines with a backslash.
    fn text(&mut self) -> String {
        self.skip(|c| c == ' ' || c == '\t');
        if self.peek() == Some('\\') && self.source.get(self.at + 1) == Some(&'\n') {
            self.at += 2;
        }
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += 1;
            match character {
                '\n' => break,
                '\\' => {
                    match self.peek() {
                        Some('n') => text.push('\n'),
                        Some('t') => text.push('\t'),
                        other => text.extend(other),
                    }
                    self.at += 1;
                }
                other => text.push(other),
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_with_errors_are_refused() {
        for script in ["s/a", "k", "1,p", "{p", "p}", "b nowhere", "y/a/"] {
            assert!(parse(script, Grammar::Basic).is_err(), "{script}");
        }
        assert_eq!(
            parse("1d;$p\n/a/,/b/!s/x/y/g", Grammar::Basic)
                .unwrap()
                .len(),
            3
        );
    }
}
