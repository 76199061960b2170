//! Runs a script of `sed` over the lines of a text. Pure.

use std::collections::BTreeMap;

use regex::bytes::Regex;

use super::sed_script::{Action, Address, Command, Substitution};
use crate::phone::shell::streams::MAX_BUFFERED;

/// The most commands that one run may take, so that a loop of branches ends.
const MAX_STEPS: usize = 2_000_000;

/// One text that is edited.
pub struct Editor<'a> {
    lines: Vec<&'a [u8]>,
    /// How many lines were read.
    read: usize,
    /// The last line has its newline.
    complete: bool,
    silent: bool,
    pattern: Vec<u8>,
    hold: Vec<u8>,
    /// What was printed.
    pub output: Vec<u8>,
    /// What comes after the line.
    after: Vec<u8>,
    /// What goes into files, by their name.
    pub files: BTreeMap<String, Vec<u8>>,
    last: Option<Regex>,
}

/// What follows a command.
enum Next {
    Command(usize),
    /// The end of the script.
    Cycle,
    /// The end of the script, without printing the line.
    Silently,
    /// From the start, with what is left of the line.
    Again,
    End,
    EndSilently,
}

impl<'a> Editor<'a> {
    /// An editor at the start of a text.
    pub fn new(content: &'a [u8], silent: bool) -> Editor<'a> {
        let complete = content.last() == Some(&b'\n');
        let mut lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
        if complete || content.is_empty() {
            lines.pop();
        }
        Editor {
            lines,
            read: 0,
            complete,
            silent,
            pattern: Vec::new(),
            hold: Vec::new(),
            output: Vec::new(),
            after: Vec::new(),
            files: BTreeMap::new(),
            last: None,
        }
    }

    /// Whether a script that doubles its text has gone too far.
    fn is_full(&self) -> bool {
        let held = [&self.pattern, &self.hold, &self.output, &self.after];
        held.iter().any(|text| text.len() > MAX_BUFFERED)
    }

    fn is_last(&self) -> bool {
        self.read >= self.lines.len()
    }

    /// Adds a line to the output. The last line may be without a newline until something follows.
    fn put(&mut self, line: &[u8]) {
        let open = self.output.last().is_some_and(|last| *last != b'\n');
        if open {
            self.output.push(b'\n');
        }
        self.output.extend_from_slice(line);
        if !self.is_last() || self.complete {
            self.output.push(b'\n');
        }
    }

    fn put_text(&mut self, text: &str) {
        if self.output.last().is_some_and(|last| *last != b'\n') {
            self.output.push(b'\n');
        }
        self.output.extend_from_slice(text.as_bytes());
        self.output.push(b'\n');
    }

    fn print(&mut self) {
        let line = std::mem::take(&mut self.pattern);
        self.put(&line);
        self.pattern = line;
    }

    /// Runs a script over all lines; `file` gives the content of one that the script reads.
    pub fn edit(&mut self, mut commands: Vec<Command>, file: &dyn Fn(&str) -> Vec<u8>) {
        let mut steps = 0;
        let mut again = false;
        while again || self.read < self.lines.len() {
            if !std::mem::take(&mut again) {
                self.pattern = self.lines[self.read].to_vec();
                self.read += 1;
            }
            let mut substituted = false;
            let mut next = Next::Command(0);
            while let Next::Command(at) = next {
                steps += 1;
                next = match commands.get_mut(at) {
                    None => Next::Cycle,
                    Some(_) if steps > MAX_STEPS || self.is_full() => Next::EndSilently,
                    Some(command) => match self.applies(command) {
                        true => self.act(command, at, &mut substituted, file),
                        false => match command.action {
                            Action::Open(end) => Next::Command(end + 1),
                            _ => Next::Command(at + 1),
                        },
                    },
                };
            }
            if !self.silent && matches!(next, Next::Cycle | Next::End) {
                self.print();
            }
            let after = std::mem::take(&mut self.after);
            self.output.extend_from_slice(&after);
            again = matches!(next, Next::Again);
            if matches!(next, Next::End | Next::EndSilently) {
                break;
            }
        }
    }

    fn fits(&mut self, address: &Address) -> bool {
        match address {
            Address::Line(wanted) => *wanted == self.read,
            Address::Last => self.is_last(),
            Address::Plus(_) => false,
            Address::Match(pattern) => {
                if let Some(pattern) = pattern {
                    self.last = Some(pattern.clone());
                }
                let last = self.last.as_ref();
                last.is_some_and(|pattern| pattern.is_match(&self.pattern))
            }
        }
    }

    fn applies(&mut self, command: &mut Command) -> bool {
        let applies = match (&command.from, &command.to) {
            (None, _) => true,
            (Some(from), None) => self.fits(from),
            (Some(from), Some(to)) => match command.active {
                Some(end) => {
                    let ends = match (end, to) {
                        (Some(end), _) => self.read >= end,
                        (None, to) => self.fits(to),
                    };
                    if ends {
                        command.active = None;
                    }
                    true
                }
                None => {
                    let begins = self.fits(from);
                    if begins {
                        let end = match to {
                            Address::Line(end) => Some(*end),
                            Address::Plus(count) => Some(self.read + count),
                            _ => None,
                        };
                        let over = end.is_some_and(|end| end <= self.read);
                        command.active = (!over).then_some(end);
                    }
                    begins
                }
            },
        };
        applies != command.negated
    }

    fn act(
        &mut self,
        command: &mut Command,
        at: usize,
        substituted: &mut bool,
        file: &dyn Fn(&str) -> Vec<u8>,
    ) -> Next {
        let following = Next::Command(at + 1);
        match &command.action {
            Action::Open(_) | Action::Nothing => {}
            Action::Substitute(one) => {
                let changed = self.substitute(one);
                *substituted |= changed;
                if changed && one.print {
                    self.print();
                }
                if let Some(name) = one.file.as_ref().filter(|_| changed) {
                    self.write(name.clone());
                }
            }
            Action::Translate(pairs) => {
                let text = String::from_utf8_lossy(&self.pattern);
                let text: String = text
                    .chars()
                    .map(|character| {
                        let found = pairs.iter().find(|(from, _)| *from == character);
                        found.map_or(character, |(_, to)| *to)
                    })
                    .collect();
                self.pattern = text.into_bytes();
            }
            Action::Text('i', text) => {
                let text = text.clone();
                self.put_text(&text);
            }
            Action::Text('c', text) => {
                // A range is changed as a whole, at its end.
                if command.to.is_none() || command.active.is_none() || command.negated {
                    let text = text.clone();
                    self.put_text(&text);
                }
                return Next::Silently;
            }
            Action::Text(_, text) => {
                self.after.extend_from_slice(text.as_bytes());
                self.after.push(b'\n');
            }
            Action::File('w', name) => self.write(name.clone()),
            Action::File(_, name) => {
                let text = file(name);
                self.after.extend_from_slice(&text);
            }
            Action::Branch(kind, target) => {
                let goes = match kind {
                    't' => std::mem::take(substituted),
                    'T' => !std::mem::take(substituted),
                    _ => true,
                };
                if goes {
                    return target.map_or(Next::Cycle, Next::Command);
                }
            }
            Action::Letter(letter) => return self.letter(*letter, following),
        }
        following
    }

    fn letter(&mut self, letter: char, following: Next) -> Next {
        match letter {
            'd' => return Next::Silently,
            'D' => {
                return match self.pattern.iter().position(|byte| *byte == b'\n') {
                    None => Next::Silently,
                    Some(end) => {
                        self.pattern.drain(..=end);
                        Next::Again
                    }
                };
            }
            'p' => self.print(),
            'P' => {
                let line = self.pattern.split(|byte| *byte == b'\n').next();
                let line = line.unwrap_or_default().to_vec();
                self.put(&line);
            }
            'q' => return Next::End,
            '=' => self.put_text(&self.read.to_string()),
            'l' => {
                let text = listed(&self.pattern);
                self.put_text(&text);
            }
            'n' | 'N' if self.is_last() => {
                return if letter == 'n' && self.silent {
                    Next::EndSilently
                } else {
                    Next::End
                };
            }
            'n' => {
                if !self.silent {
                    self.print();
                }
                let after = std::mem::take(&mut self.after);
                self.output.extend_from_slice(&after);
                self.pattern = self.lines[self.read].to_vec();
                self.read += 1;
            }
            'N' => {
                self.pattern.push(b'\n');
                self.pattern.extend_from_slice(self.lines[self.read]);
                self.read += 1;
            }
            'g' => self.pattern.clone_from(&self.hold),
            'G' => {
                self.pattern.push(b'\n');
                self.pattern.extend_from_slice(&self.hold);
            }
            'h' => self.hold.clone_from(&self.pattern),
            'H' => {
                self.hold.push(b'\n');
                self.hold.extend_from_slice(&self.pattern);
            }
            _ => std::mem::swap(&mut self.pattern, &mut self.hold),
        }
        following
    }

    fn write(&mut self, name: String) {
        let text = self.files.entry(name).or_default();
        text.extend_from_slice(&self.pattern);
        text.push(b'\n');
    }

    fn substitute(&mut self, one: &Substitution) -> bool {
        if let Some(pattern) = &one.pattern {
            self.last = Some(pattern.clone());
        }
        let Some(pattern) = self.last.clone() else {
            return false;
        };
        let line = std::mem::take(&mut self.pattern);
        let mut output = Vec::with_capacity(line.len());
        let (mut end, mut changed) = (0, false);
        for (index, found) in pattern.captures_iter(&line).enumerate() {
            let Some(whole) = found.get(0) else { continue };
            if index + 1 < one.nth {
                continue;
            }
            if output.len() > MAX_BUFFERED {
                break;
            }
            output.extend_from_slice(&line[end..whole.start()]);
            let mut bytes = one.replacement.iter();
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
                        other => {
                            output.extend(other);
                            None
                        }
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
            if !one.everywhere {
                break;
            }
        }
        output.extend_from_slice(&line[end..]);
        self.pattern = output;
        changed
    }
}

/// A line as `l` shows it.
fn listed(line: &[u8]) -> String {
    let mut text = String::new();
    for byte in line {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            32..127 => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\{other:03o}")),
        }
    }
    text.push('$');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::tools::grep::Grammar;
    use crate::phone::tools::sed_script::parse;

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
            (":a;N;$!ba;s/\\n/,/g", false, "axa,yy,last\n"),
            ("1!G;h;$!d", false, "last\nyy\naxa\n"),
            ("/y/{s/y/z/;p}", true, "zy\n"),
            (":a;ba", true, ""),
        ] {
            let commands = parse(script, Grammar::Basic).unwrap();
            let mut editor = Editor::new(b"axa\nyy\nlast\n", silent);
            editor.edit(commands, &|_| Vec::new());
            assert_eq!(
                String::from_utf8_lossy(&editor.output),
                expected,
                "{script}"
            );
        }
    }
}
