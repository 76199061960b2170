//! `find`. Uses the phone's files and, for `-exec`, the shell.

use crate::phone::shell::{Shell, Streams, builtins, pattern};
use crate::phone::system::{FileKind, Metadata, paths};

/// One test or action of the expression.
#[derive(Debug, Clone, PartialEq)]
enum Term {
    Name {
        pattern: String,
        fold: bool,
    },
    Path {
        pattern: String,
        fold: bool,
    },
    Kind(char),
    Size {
        bytes: u64,
        unit: u64,
        order: std::cmp::Ordering,
    },
    Age {
        minutes: i64,
        order: std::cmp::Ordering,
    },
    Newer(i64),
    Empty,
    Permissions {
        bits: u32,
        /// `-`: all of them; `/`: any; none: just these.
        kind: Option<char>,
    },
    Quit,
    Format(String),
    Always(bool),
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
    Print {
        zero: bool,
    },
    Delete,
    Prune,
    Execute {
        words: Vec<String>,
        once: bool,
    },
}

struct Search<'a> {
    streams: &'a Streams,
    least: usize,
    most: usize,
    depth_first: bool,
    status: i32,
    gathered: Vec<String>,
    /// `-quit` was met.
    ended: bool,
}

/// `find [PATH...] [EXPRESSION]`
pub fn find(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let is_expression = |word: &String| word.starts_with('-') || word == "!" || word == "(";
    let paths_end = arguments
        .iter()
        .position(is_expression)
        .unwrap_or(arguments.len());
    let mut places: Vec<String> = arguments[..paths_end].to_vec();
    if places.is_empty() {
        places.push(".".to_owned());
    }
    let mut parser = Parser {
        shell,
        words: &arguments[paths_end..],
        at: 0,
        least: 0,
        most: usize::MAX,
        depth_first: false,
        acts: false,
    };
    let term = match parser.any() {
        Ok(term) if parser.at == parser.words.len() => term,
        Ok(_) => return streams.fail("find", format!("bad arg '{}'", parser.words[parser.at])),
        Err(message) => return streams.fail("find", message),
    };
    let term = match parser.acts {
        true => term,
        false => Term::And(vec![term, Term::Print { zero: false }]),
    };
    let mut search = Search {
        streams,
        least: parser.least,
        most: parser.most,
        depth_first: parser.depth_first,
        status: 0,
        gathered: Vec::new(),
        ended: false,
    };
    for place in places {
        let found = shell.path(&place).and_then(|path| {
            let metadata = shell.machine.files.metadata(&path)?;
            Ok((path, metadata))
        });
        match found {
            Ok((path, metadata)) => search.visit(shell, &place, &path, &metadata, 0, &term),
            Err(error) => search.status = streams.fail("find", format!("'{place}': {error}")),
        }
    }
    if !search.gathered.is_empty() {
        search.status |= run_once(shell, &term, &search.gathered, streams);
    }
    search.status
}

impl Search<'_> {
    fn visit(
        &mut self,
        shell: &mut Shell,
        shown: &str,
        path: &str,
        metadata: &Metadata,
        depth: usize,
        term: &Term,
    ) {
        if shell.is_cancelled() || self.ended {
            return;
        }
        let mut descend = metadata.is_directory() && depth < self.most;
        if !self.depth_first && depth >= self.least {
            descend &= !self.judge(shell, term, shown, path, metadata).pruned;
        }
        if descend {
            let entries = shell.entries(path).unwrap_or_else(|error| {
                self.status = self.streams.fail("find", format!("{shown}: {error}"));
                Vec::new()
            });
            for entry in entries {
                let shown = paths::child(shown, &entry.name);
                let path = paths::child(path, &entry.name);
                self.visit(shell, &shown, &path, &entry.metadata, depth + 1, term);
            }
        }
        if self.depth_first && depth >= self.least {
            self.judge(shell, term, shown, path, metadata);
        }
    }

    fn judge(
        &mut self,
        shell: &mut Shell,
        term: &Term,
        shown: &str,
        path: &str,
        metadata: &Metadata,
    ) -> Verdict {
        let mut pruned = false;
        let fold = |text: &str, fold: bool| match fold {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        let holds = match term {
            Term::Name {
                pattern,
                fold: folds,
            } => {
                let name = super::change::base_name(shown);
                pattern::matches(&fold(pattern, *folds), &fold(name, *folds))
            }
            Term::Path {
                pattern,
                fold: folds,
            } => pattern::matches(&fold(pattern, *folds), &fold(shown, *folds)),
            Term::Kind(kind) => match metadata.kind {
                FileKind::File => *kind == 'f',
                FileKind::Directory => *kind == 'd',
                FileKind::Link => *kind == 'l',
            },
            Term::Size { bytes, unit, order } => {
                metadata.size.div_ceil(*unit).cmp(&(bytes / unit)) == *order
            }
            Term::Age { minutes, order } => {
                let age =
                    (shell.machine.clock.now_micros() - metadata.modified_micros) / 60_000_000;
                age.cmp(minutes) == *order
            }
            Term::Newer(micros) => metadata.modified_micros > *micros,
            Term::Empty if metadata.is_directory() => {
                shell.entries(path).is_ok_and(|list| list.is_empty())
            }
            Term::Empty => metadata.size == 0,
            Term::Permissions { bits, kind } => match kind {
                Some('-') => metadata.mode & bits == *bits,
                Some(_) => *bits == 0 || metadata.mode & bits != 0,
                None => metadata.mode & 0o7777 == *bits,
            },
            Term::Quit => {
                self.ended = true;
                true
            }
            Term::Format(format) => {
                self.streams
                    .print(formatted(shell, format, shown, metadata));
                true
            }
            Term::Always(value) => *value,
            Term::Not(inner) => {
                let verdict = self.judge(shell, inner, shown, path, metadata);
                pruned |= verdict.pruned;
                !verdict.holds
            }
            Term::And(terms) => terms.iter().all(|term| {
                let verdict = self.judge(shell, term, shown, path, metadata);
                pruned |= verdict.pruned;
                verdict.holds
            }),
            Term::Or(terms) => terms.iter().any(|term| {
                let verdict = self.judge(shell, term, shown, path, metadata);
                pruned |= verdict.pruned;
                verdict.holds
            }),
            Term::Print { zero } => {
                self.streams
                    .print(format!("{shown}{}", if *zero { '\0' } else { '\n' }));
                true
            }
            Term::Delete => {
                let files = &shell.machine.files;
                let removed = shell
                    .may_change(path)
                    .and_then(|()| match metadata.is_directory() {
                        true => files.remove_dir(path),
                        false => files.remove_file(path),
                    });
                if let Err(error) = removed {
                    self.status = self.streams.fail("find", format!("{shown}: {error}"));
                }
                true
            }
            Term::Prune => {
                pruned = true;
                true
            }
            Term::Execute { once: true, .. } => {
                self.gathered.push(shown.to_owned());
                true
            }
            Term::Execute { words, .. } => {
                // One `{}` is replaced, the last.
                let mut words = words.clone();
                if let Some(place) = words.iter_mut().rfind(|word| word.as_str() == "{}") {
                    shown.clone_into(place);
                }
                builtins::run_words(shell, &words, self.streams) == 0
            }
        };
        Verdict { holds, pruned }
    }
}

/// What `-printf` prints.
fn formatted(shell: &Shell, format: &str, shown: &str, metadata: &Metadata) -> String {
    let format = crate::phone::shell::text::unescape(format);
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        match characters.next() {
            Some('p') => text.push_str(shown),
            Some('f') => text.push_str(super::change::base_name(shown)),
            Some('s') => text.push_str(&metadata.size.to_string()),
            Some('m') => text.push_str(&format!("{:o}", metadata.mode & 0o7777)),
            Some('i') => text.push_str(&metadata.inode.to_string()),
            Some('t') => text.push_str(&super::list::time_text(shell, metadata, true)),
            Some('T') if characters.as_str().starts_with('@') => {
                characters.next();
                text.push_str(&metadata.modified_seconds().to_string());
            }
            Some('%') => text.push('%'),
            Some(other) => text.extend(['%', other]),
            None => text.push('%'),
        }
    }
    text
}

struct Verdict {
    holds: bool,
    pruned: bool,
}

fn run_once(shell: &mut Shell, term: &Term, names: &[String], streams: &Streams) -> i32 {
    match term {
        Term::Execute { words, once: true } => {
            let mut line: Vec<String> =
                words.iter().filter(|word| *word != "{}").cloned().collect();
            line.extend_from_slice(names);
            builtins::run_words(shell, &line, streams)
        }
        Term::And(terms) | Term::Or(terms) => terms
            .iter()
            .map(|term| run_once(shell, term, names, streams))
            .fold(0, |status, one| status | one),
        Term::Not(inner) => run_once(shell, inner, names, streams),
        _ => 0,
    }
}

struct Parser<'a> {
    shell: &'a Shell,
    words: &'a [String],
    at: usize,
    least: usize,
    most: usize,
    depth_first: bool,
    acts: bool,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Term, String> {
        let mut terms = vec![self.all()?];
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            terms.push(self.all()?);
        }
        Ok(match terms.len() {
            1 => terms.remove(0),
            _ => Term::Or(terms),
        })
    }

    fn all(&mut self) -> Result<Term, String> {
        let mut terms = Vec::new();
        while let Some(word) = self.peek() {
            match word {
                "-o" | "-or" | ")" => break,
                "-a" | "-and" => self.at += 1,
                _ => terms.push(self.one()?),
            }
        }
        Ok(match terms.len() {
            0 => Term::Always(true),
            1 => terms.remove(0),
            _ => Term::And(terms),
        })
    }

    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn value(&mut self, name: &str) -> Result<String, String> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| format!("'{name}' needs 1 arg"))
    }

    fn number(&mut self, name: &str) -> Result<(i64, std::cmp::Ordering, String), String> {
        let text = self.value(name)?;
        let (order, digits) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
            (Some(rest), _) => (std::cmp::Ordering::Greater, rest),
            (_, Some(rest)) => (std::cmp::Ordering::Less, rest),
            _ => (std::cmp::Ordering::Equal, text.as_str()),
        };
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        let number = digits[..end]
            .parse()
            .map_err(|_| format!("bad number '{text}'"))?;
        Ok((number, order, digits[end..].to_owned()))
    }

    fn one(&mut self) -> Result<Term, String> {
        let word = self.value("expression")?;
        Ok(match word.as_str() {
            "!" | "-not" => Term::Not(Box::new(self.one()?)),
            "(" => {
                let inner = self.any()?;
                if self.value("(")? != ")" {
                    return Err("need )".to_owned());
                }
                inner
            }
            "-name" | "-iname" => Term::Name {
                pattern: self.value(&word)?.replace("[^", "[!"),
                fold: word == "-iname",
            },
            "-path" | "-ipath" | "-wholename" => Term::Path {
                pattern: self.value(&word)?.replace("[^", "[!"),
                fold: word == "-ipath",
            },
            "-type" => {
                let kind = self.value(&word)?;
                match kind.as_str() {
                    "f" | "d" | "l" | "b" | "c" | "p" | "s" => {
                        Term::Kind(kind.chars().next().unwrap_or('f'))
                    }
                    _ => return Err(format!("bad -type '{kind}'")),
                }
            }
            "-size" => {
                let (number, order, unit) = self.number(&word)?;
                let unit = match unit.as_str() {
                    "c" => 1,
                    "k" => 1 << 10,
                    "M" => 1 << 20,
                    "G" => 1 << 30,
                    _ => 512,
                };
                Term::Size {
                    bytes: u64::try_from(number).unwrap_or(0).saturating_mul(unit),
                    unit,
                    order,
                }
            }
            "-mtime" | "-atime" | "-ctime" => {
                let (days, order, _) = self.number(&word)?;
                Term::Age {
                    minutes: days.saturating_mul(24 * 60),
                    order,
                }
            }
            "-mmin" | "-amin" | "-cmin" => {
                let (minutes, order, _) = self.number(&word)?;
                Term::Age { minutes, order }
            }
            "-newer" => {
                let name = self.value(&word)?;
                let found = self
                    .shell
                    .path(&name)
                    .and_then(|path| self.shell.machine.files.metadata(&path))
                    .map_err(|error| format!("'{name}': {error}"))?;
                Term::Newer(found.modified_micros)
            }
            "-perm" => {
                let mode = self.value(&word)?;
                let plain = mode.trim_start_matches(['-', '/']);
                let bits = super::permissions::change_mode(0, plain, false);
                Term::Permissions {
                    bits: bits.ok_or_else(|| format!("bad mode '{mode}'"))?,
                    kind: mode
                        .chars()
                        .next()
                        .filter(|first| matches!(first, '-' | '/')),
                }
            }
            "-empty" => Term::Empty,
            "-true" => Term::Always(true),
            "-false" => Term::Always(false),
            "-mindepth" => {
                let (least, _, _) = self.number(&word)?;
                self.least = usize::try_from(least).unwrap_or(0);
                Term::Always(true)
            }
            "-maxdepth" => {
                let (most, _, _) = self.number(&word)?;
                self.most = usize::try_from(most).unwrap_or(0);
                Term::Always(true)
            }
            "-depth" => {
                self.depth_first = true;
                Term::Always(true)
            }
            "-xdev" | "-follow" | "-H" | "-L" | "-noleaf" => Term::Always(true),
            "-print" | "-print0" => {
                self.acts = true;
                Term::Print {
                    zero: word == "-print0",
                }
            }
            // What is deleted is printed too: it counts as a test.
            "-delete" => {
                self.depth_first = true;
                Term::Delete
            }
            "-prune" => Term::Prune,
            "-quit" => Term::Quit,
            "-printf" => {
                self.acts = true;
                Term::Format(self.value(&word)?)
            }
            "-exec" | "-execdir" | "-ok" => {
                self.acts = true;
                let mut words = Vec::new();
                loop {
                    match self.value(&word)?.as_str() {
                        ";" => break Term::Execute { words, once: false },
                        "+" if words.last().is_some_and(|last: &String| last == "{}") => {
                            break Term::Execute { words, once: true };
                        }
                        other => words.push(other.to_owned()),
                    }
                }
            }
            _ => return Err(format!("bad arg '{word}'")),
        })
    }
}
