//! Options as toybox takes them: single letters, bundled, before or behind the operands. Pure.

use crate::phone::shell::Streams;

/// Long options that some tool takes; each tool looks at its own.
const LONG: &[&str] = &[
    "color",
    "exclude",
    "exclude-dir",
    "force",
    "full-time",
    "help",
    "include",
    "line-buffered",
    "parents",
    "preserve",
    "version",
];

/// The arguments of a tool, sorted out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Flags {
    letters: Vec<char>,
    values: Vec<(char, String)>,
    long: Vec<(String, String)>,
    /// What is no option.
    pub operands: Vec<String>,
}

impl Flags {
    /// Sorts out arguments. `known` lists the letters; one followed by `:` takes a value. The error
    /// is the exit code, after complaining.
    pub fn parse(
        tool: &str,
        arguments: &[String],
        known: &str,
        streams: &Streams,
    ) -> Result<Flags, i32> {
        let mut flags = Flags::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                flags.operands.extend(words.cloned());
                break;
            }
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                flags.operands.push(word.clone());
                continue;
            };
            if let Some(long) = letters.strip_prefix('-') {
                let (name, value) = long.split_once('=').unwrap_or((long, ""));
                if !LONG.contains(&name) {
                    streams.complain(format!(
                        "{tool}: Unknown option '{name}' (see \"{tool} --help\")"
                    ));
                    return Err(1);
                }
                // Some are only another name of a letter.
                match name {
                    "force" => flags.letters.push('f'),
                    "parents" => flags.letters.push('p'),
                    _ => flags.long.push((name.to_owned(), value.to_owned())),
                }
                continue;
            }
            let mut rest = letters.chars();
            while let Some(letter) = rest.next() {
                let place = known.find(letter).filter(|_| letter != ':');
                let Some(place) = place else {
                    streams.complain(format!(
                        "{tool}: Unknown option '{letter}' (see \"{tool} --help\")"
                    ));
                    return Err(1);
                };
                if known[place + letter.len_utf8()..].starts_with(':') {
                    let attached = rest.as_str();
                    let value = match attached {
                        "" => words.next().cloned(),
                        _ => Some(attached.to_owned()),
                    };
                    let Some(value) = value else {
                        streams.complain(format!(
                            "{tool}: Missing argument to -{letter} (see \"{tool} --help\")"
                        ));
                        return Err(1);
                    };
                    flags.values.push((letter, value));
                    break;
                }
                flags.letters.push(letter);
            }
        }
        Ok(flags)
    }

    /// Whether a letter was given.
    pub fn has(&self, letter: char) -> bool {
        self.letters.contains(&letter)
    }

    /// How often a letter was given.
    pub fn count(&self, letter: char) -> usize {
        self.letters
            .iter()
            .filter(|given| **given == letter)
            .count()
    }

    /// The last value of a letter.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.values(letter).last()
    }

    /// All values of a letter.
    pub fn values(&self, letter: char) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(move |(given, _)| *given == letter)
            .map(|(_, value)| value.as_str())
    }

    /// The values of a long option; empty ones where it had none.
    pub fn long(&self, name: &str) -> impl Iterator<Item = &str> {
        self.long
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// Complains when there are fewer operands than needed.
    pub fn need(&self, tool: &str, least: usize, streams: &Streams) -> Result<(), i32> {
        if self.operands.len() >= least {
            return Ok(());
        }
        let plural = if least == 1 { "" } else { "s" };
        streams.complain(format!(
            "{tool}: Needs {least} argument{plural} (see \"{tool} --help\")"
        ));
        Err(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::shell::{Input, Output};

    #[test]
    fn options_may_come_last_and_bundled() {
        let streams = Streams::new(Input::empty(), Output::null(), Output::null());
        let words =
            |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
        let flags = Flags::parse("ls", &words("dir -ll -au"), "lau", &streams).unwrap();
        assert_eq!((flags.count('l'), flags.has('u')), (2, true));
        assert_eq!(flags.operands, ["dir"]);
        let flags = Flags::parse("head", &words("-n5 -c 3 -- -x"), "n:c:", &streams).unwrap();
        assert_eq!((flags.value('n'), flags.value('c')), (Some("5"), Some("3")));
        assert_eq!(flags.operands, ["-x"]);
        assert_eq!(Flags::parse("ls", &words("-z"), "l", &streams), Err(1));
    }
}
