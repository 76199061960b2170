//! `grep`, `egrep`, `fgrep`. Regular expressions are the `regex` crate's, after translating what
//! POSIX writes differently. Uses the phone's files.

use regex::bytes::{Regex, RegexBuilder};

use super::flags::Flags;
use super::lines::open;
use crate::phone::shell::{Shell, Streams, pattern};
use crate::phone::system::{FileError, paths};

/// How a pattern is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grammar {
    /// Basic: `\(`, `\{`, `\|` are special, plain ones are not.
    Basic,
    /// Extended.
    Extended,
    /// No special characters.
    Fixed,
}

/// Compiles a POSIX pattern; the error is the text behind the tool's name.
pub fn compile(pattern: &str, grammar: Grammar, fold: bool, whole: &str) -> Result<Regex, String> {
    let translated = match grammar {
        Grammar::Fixed => Some(regex::escape(pattern)),
        Grammar::Basic => translate(pattern, true),
        Grammar::Extended => translate(pattern, false),
    };
    let Some(translated) = translated else {
        return Err(format!(
            "bad regex '{pattern}': brackets ([ ]) not balanced"
        ));
    };
    let translated = match whole {
        "line" => format!("^(?:{translated})$"),
        "word" => format!(r"\b(?:{translated})\b"),
        _ => translated,
    };
    RegexBuilder::new(&translated)
        .case_insensitive(fold)
        .unicode(true)
        .dot_matches_new_line(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|_| format!("bad regex '{pattern}'"))
}

/// Rewrites a POSIX pattern in the syntax of the `regex` crate; `None` for a bracket that does not
/// close.
fn translate(pattern: &str, basic: bool) -> Option<String> {
    let source: Vec<char> = pattern.chars().collect();
    let mut text = String::with_capacity(pattern.len());
    let mut at = 0;
    while at < source.len() {
        let character = source[at];
        at += 1;
        match character {
            '\\' => {
                let next = source.get(at).copied().unwrap_or('\\');
                at += 1;
                match next {
                    '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => text.push(next),
                    '<' | '>' => text.push_str(r"\b"),
                    'w' | 'W' | 's' | 'S' | 'd' | 'D' | 'b' | 'B' | 'n' | 'r' | 't' => {
                        text.push('\\');
                        text.push(next);
                    }
                    other => text.push_str(&regex::escape(&other.to_string())),
                }
            }
            '(' | ')' | '{' | '}' | '|' | '+' | '?' if basic => {
                text.push('\\');
                text.push(character);
            }
            '{' if !source.get(at).is_some_and(char::is_ascii_digit) => text.push_str(r"\{"),
            '*' if basic && (text.is_empty() || text.ends_with('(') || text == "^") => {
                text.push_str(r"\*");
            }
            '[' => {
                let end = bracket_end(&source, at)?;
                text.push('[');
                for inner in bracket(&source[at..end]) {
                    text.push_str(&inner);
                }
                text.push(']');
                at = end + 1;
            }
            other => text.push(other),
        }
    }
    Some(text)
}

/// Where the bracket that opens before `at` closes.
fn bracket_end(source: &[char], at: usize) -> Option<usize> {
    let mut end = at;
    if source.get(end) == Some(&'^') {
        end += 1;
    }
    if source.get(end) == Some(&']') {
        end += 1;
    }
    while *source.get(end)? != ']' {
        if source[end] == '[' && source.get(end + 1) == Some(&':') {
            end += 2;
            while *source.get(end)? != ']' {
                end += 1;
            }
        }
        end += 1;
    }
    Some(end)
}

/// The inside of a bracket, with everything escaped that POSIX takes literally.
fn bracket(inner: &[char]) -> Vec<String> {
    let mut parts = Vec::new();
    let mut at = 0;
    if inner.first() == Some(&'^') {
        parts.push("^".to_owned());
        at = 1;
    }
    while at < inner.len() {
        if inner[at] == '[' && inner.get(at + 1) == Some(&':') {
            let end = (at..inner.len())
                .find(|end| inner[*end] == ']')
                .unwrap_or(inner.len() - 1);
            parts.push(inner[at..=end].iter().collect());
            at = end + 1;
            continue;
        }
        let is_range = inner[at] == '-' && at > 0 && at + 1 < inner.len();
        match inner[at] {
            '-' if is_range => parts.push("-".to_owned()),
            '[' | ']' | '\\' | '^' | '-' | '&' | '~' => parts.push(format!("\\{}", inner[at])),
            other => parts.push(other.to_string()),
        }
        at += 1;
    }
    parts
}

/// `grep [-EFGiovqclLnrRwxsHhm] [-e PATTERN] [-A N] [-B N] [-C N] PATTERN [FILE...]`
pub fn grep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    search(shell, arguments, Grammar::Basic, streams)
}

/// `egrep`
pub fn egrep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    search(shell, arguments, Grammar::Extended, streams)
}

/// `fgrep`
pub fn fgrep(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    search(shell, arguments, Grammar::Fixed, streams)
}

fn search(shell: &mut Shell, arguments: &[String], grammar: Grammar, streams: &Streams) -> i32 {
    let known = "EFGIZabcHhilLnoqRrsvwxzm:A:B:C:e:f:M:S:";
    let mut flags = match Flags::parse("grep", arguments, known, streams) {
        Ok(flags) => flags,
        Err(_) => return 2,
    };
    let mut patterns: Vec<String> = flags
        .values('e')
        .flat_map(|text| text.split('\n'))
        .map(str::to_owned)
        .collect();
    for name in flags.values('f') {
        match open(shell, name, streams) {
            Ok(input) => {
                let text = String::from_utf8_lossy(&input.read_all()).into_owned();
                patterns.extend(text.lines().map(str::to_owned));
            }
            Err(error) => {
                streams.fail("grep", format!("{name}: {error}"));
                return 2;
            }
        }
    }
    if patterns.is_empty() && flags.value('f').is_none() {
        if flags.operands.is_empty() {
            streams.fail("grep", "no REGEX");
            return 2;
        }
        patterns.extend(flags.operands.remove(0).split('\n').map(str::to_owned));
    }
    let grammar = match (flags.has('F'), flags.has('E')) {
        (true, _) => Grammar::Fixed,
        (_, true) => Grammar::Extended,
        _ => grammar,
    };
    let whole = match (flags.has('x'), flags.has('w')) {
        (true, _) => "line",
        (_, true) => "word",
        _ => "",
    };
    let mut expressions = Vec::new();
    for pattern in &patterns {
        match compile(pattern, grammar, flags.has('i'), whole) {
            Ok(expression) => expressions.push(expression),
            Err(message) => {
                streams.fail("grep", message);
                return 2;
            }
        }
    }
    let recursive = flags.has('r') || flags.has('R');
    let mut names = flags.operands.clone();
    if names.is_empty() {
        names.push(if recursive { "." } else { "-" }.to_owned());
    }
    let mut files = Vec::new();
    for name in names {
        let path = shell.path(&name);
        match path {
            Ok(path) if recursive && shell.machine.files.is_dir(&path) => {
                for (found, metadata) in shell.walk(&path).unwrap_or_default() {
                    if !metadata.is_directory() {
                        let below = &found[path.trim_end_matches('/').len()..];
                        files.push(paths::child(
                            name.trim_end_matches('/'),
                            below.trim_start_matches('/'),
                        ));
                    }
                }
            }
            _ => files.push(name),
        }
    }
    let fits = |name: &str, option: &str| {
        let base = super::change::base_name(name);
        flags.long(option).any(|one| pattern::matches(one, base))
    };
    if recursive {
        files.retain(|name| {
            (flags.long("include").next().is_none() || fits(name, "include"))
                && !fits(name, "exclude")
        });
    }
    let titles = (files.len() > 1 || recursive || flags.has('H')) && !flags.has('h');
    let mut status = 1;
    let mut failed = false;
    for name in &files {
        let content = match open(shell, name, streams) {
            Ok(input) => input.read_all(),
            Err(error) => {
                if !flags.has('s') {
                    streams.fail("grep", format!("{name}: {error}"));
                }
                // A directory is read, and gives nothing.
                failed |= error != FileError::IsADirectory;
                continue;
            }
        };
        if report(&flags, &expressions, name, titles, &content, streams) {
            status = 0;
            if flags.has('q') {
                return 0;
            }
        }
    }
    if failed { 2 } else { status }
}

/// Prints the matches of one file; tells whether there were any.
fn report(
    flags: &Flags,
    expressions: &[Regex],
    name: &str,
    titles: bool,
    content: &[u8],
    streams: &Streams,
) -> bool {
    let number = |letter| {
        flags
            .value(letter)
            .and_then(|text| text.parse::<usize>().ok())
    };
    let around = number('C').unwrap_or(0);
    let (before, after) = (number('B').unwrap_or(around), number('A').unwrap_or(around));
    let most = number('m').unwrap_or(usize::MAX);
    let end = if flags.has('z') { 0 } else { b'\n' };
    let mut lines: Vec<&[u8]> = content.split(|byte| *byte == end).collect();
    let binary = !flags.has('a') && !flags.has('z') && content.contains(&0);
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    let shown_name = if name == "-" {
        "(standard input)"
    } else {
        name
    };
    let mut count = 0;
    let mut printed_to = 0;
    let mut text: Vec<u8> = Vec::new();
    let quiet = flags.has('q') || flags.has('c') || flags.has('l') || flags.has('L');
    let put = |text: &mut Vec<u8>, index: usize, line: &[u8], mark: char| {
        if titles {
            text.extend_from_slice(format!("{shown_name}{mark}").as_bytes());
        }
        if flags.has('n') {
            text.extend_from_slice(format!("{}{mark}", index + 1).as_bytes());
        }
        text.extend_from_slice(line);
        text.push(end);
    };
    let mut tail = 0;
    for (index, line) in lines.iter().enumerate() {
        let matched = expressions.iter().any(|one| one.is_match(line)) != flags.has('v');
        if !matched {
            if tail > 0 && !quiet {
                tail -= 1;
                put(&mut text, index, line, '-');
                printed_to = index + 1;
            }
            continue;
        }
        if count >= most {
            break;
        }
        count += 1;
        if quiet {
            continue;
        }
        if binary {
            text.extend_from_slice(format!("Binary file {shown_name} matches\n").as_bytes());
            break;
        }
        if flags.has('o') && !flags.has('v') {
            for one in expressions {
                for found in one.find_iter(line).filter(|found| !found.is_empty()) {
                    put(&mut text, index, found.as_bytes(), ':');
                }
            }
            continue;
        }
        let start = index.saturating_sub(before).max(printed_to);
        if (before > 0 || after > 0) && count > 1 && start > printed_to {
            text.extend_from_slice(b"--\n");
        }
        for (earlier, line) in lines.iter().enumerate().take(index).skip(start) {
            put(&mut text, earlier, line, '-');
        }
        put(&mut text, index, line, ':');
        printed_to = index + 1;
        tail = after;
    }
    streams.print(text);
    if !flags.has('q') {
        if flags.has('l') && count > 0 || flags.has('L') && count == 0 {
            streams.line(shown_name);
        } else if flags.has('c') {
            match titles {
                true => streams.line(format!("{shown_name}:{count}")),
                false => streams.line(count.to_string()),
            }
        }
    }
    if flags.has('L') {
        count == 0
    } else {
        count > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_patterns_mean_what_they_should() {
        for (pattern, grammar, text, expected) in [
            ("a+b", Grammar::Basic, "a+b", true),
            ("a+b", Grammar::Extended, "aab", true),
            (r"\(ab\)\{2\}", Grammar::Basic, "abab", true),
            ("(", Grammar::Basic, "f(x)", true),
            ("*x", Grammar::Basic, "*x", true),
            ("[[:digit:]]+", Grammar::Extended, "a7", true),
            ("[]]", Grammar::Basic, "]", true),
            ("[^a-c]", Grammar::Basic, "abc", false),
            ("a.c", Grammar::Fixed, "abc", false),
            ("x{", Grammar::Extended, "x{", true),
            (
                r"visible=true",
                Grammar::Extended,
                "userId=0 visible=true",
                true,
            ),
        ] {
            let found = compile(pattern, grammar, false, "").unwrap();
            assert_eq!(found.is_match(text.as_bytes()), expected, "{pattern}");
        }
        assert!(compile("(", Grammar::Extended, false, "").is_err());
    }
}
