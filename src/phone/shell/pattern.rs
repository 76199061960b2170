//! Shell patterns: `*`, `?`, `[...]` on names and on the phone's files. Uses the phone's files.

use super::interpreter::Shell;
use crate::phone::system::paths;

/// Whether a name fits a pattern. A backslash takes the next character literally.
pub fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    match has_group(&pattern) {
        true => {
            let mut budget = Budget {
                steps: 100_000,
                depth: 300,
            };
            matches_groups(&pattern, &name, &mut budget)
        }
        false => matches_chars(&pattern, &name),
    }
}

/// Whether there is `@(...)` or another group.
fn has_group(pattern: &[char]) -> bool {
    let escaped = |at: usize| at > 0 && pattern[at - 1] == '\\';
    (1..pattern.len())
        .any(|at| pattern[at] == '(' && "@?*+!".contains(pattern[at - 1]) && !escaped(at - 1))
}

/// How much trying a pattern with groups may take; one that needs more fits nothing.
struct Budget {
    steps: usize,
    depth: usize,
}

/// [`matches_chars`] with groups, by trying.
fn matches_groups(pattern: &[char], name: &[char], budget: &mut Budget) -> bool {
    if budget.steps == 0 || budget.depth == 0 {
        return false;
    }
    budget.steps -= 1;
    budget.depth -= 1;
    let fits = tried(pattern, name, budget);
    budget.depth += 1;
    fits
}

fn tried(mut pattern: &[char], mut name: &[char], budget: &mut Budget) -> bool {
    loop {
        let Some(first) = pattern.first().copied() else {
            return name.is_empty();
        };
        if let Some((alternatives, rest)) = group(pattern) {
            let one = |part: &[char], budget: &mut Budget| {
                alternatives
                    .iter()
                    .any(|one| matches_groups(one, part, budget))
            };
            let none = matches!(first, '?' | '*') && matches_groups(rest, name, budget);
            return none
                || (0..=name.len()).rev().any(|cut| {
                    let (head, tail) = name.split_at(cut);
                    match first {
                        '!' => !one(head, budget) && matches_groups(rest, tail, budget),
                        '@' | '?' => one(head, budget) && matches_groups(rest, tail, budget),
                        // One, then as many more as there are.
                        _ if cut == 0 => {
                            first == '+' && one(head, budget) && matches_groups(rest, tail, budget)
                        }
                        _ => {
                            let again = [&['*'][..], &pattern[1..]].concat();
                            one(head, budget) && matches_groups(&again, tail, budget)
                        }
                    }
                });
        }
        if first == '*' {
            return (0..=name.len()).any(|cut| matches_groups(&pattern[1..], &name[cut..], budget));
        }
        let Some(character) = name.first() else {
            return false;
        };
        let length = match first {
            '?' => Some(1),
            '[' => match class(pattern, *character) {
                Some((fits, length)) => fits.then_some(length),
                None => (*character == '[').then_some(1),
            },
            '\\' if pattern.len() > 1 => (pattern[1] == *character).then_some(2),
            literal => (literal == *character).then_some(1),
        };
        let Some(length) = length else {
            return false;
        };
        (pattern, name) = (&pattern[length..], &name[1..]);
    }
}

/// Reads `@(a|b)` at the start of a pattern: its alternatives, and what follows.
fn group(pattern: &[char]) -> Option<(Vec<&[char]>, &[char])> {
    if pattern.len() < 3 || !"@?*+!".contains(pattern[0]) || pattern[1] != '(' {
        return None;
    }
    let (mut depth, mut start, mut at) = (0, 2, 1);
    let mut alternatives = Vec::new();
    while at < pattern.len() {
        match pattern[at] {
            '\\' => at += 1,
            '(' => depth += 1,
            ')' if depth == 1 => {
                alternatives.push(&pattern[start..at]);
                return Some((alternatives, &pattern[at + 1..]));
            }
            ')' => depth -= 1,
            '|' if depth == 1 => {
                alternatives.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn matches_chars(pattern: &[char], name: &[char]) -> bool {
    // The usual two-pointer walk: on a mismatch the last star takes one character more.
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while position < name.len() {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at, position));
                at += 1;
                continue;
            }
            Some('?') => Some(at + 1),
            Some('[') => match class(&pattern[at..], name[position]) {
                Some((true, length)) => Some(at + length),
                Some((false, _)) => None,
                None => (name[position] == '[').then_some(at + 1),
            },
            Some('\\') if at + 1 < pattern.len() => {
                (pattern[at + 1] == name[position]).then_some(at + 2)
            }
            Some(literal) => (*literal == name[position]).then_some(at + 1),
            None => None,
        };
        match (step, star) {
            (Some(next), _) => {
                at = next;
                position += 1;
            }
            (None, Some((star_at, taken))) => {
                at = star_at + 1;
                position = taken + 1;
                star = Some((star_at, taken + 1));
            }
            (None, None) => return false,
        }
    }
    pattern[at..].iter().all(|left| *left == '*')
}

/// Reads `[...]` at the start of the pattern: whether it takes the character, and its length.
fn class(pattern: &[char], character: char) -> Option<(bool, usize)> {
    let mut at = 1;
    // mksh takes `^` as a character like others.
    let negated = pattern.get(at) == Some(&'!');
    if negated {
        at += 1;
    }
    let first = at;
    let mut found = false;
    loop {
        let mut low = *pattern.get(at)?;
        if low == ']' && at > first {
            return Some((found != negated, at + 1));
        }
        if low == '[' && pattern.get(at + 1) == Some(&':') {
            let end = (at + 2..pattern.len().saturating_sub(1))
                .find(|end| pattern[*end] == ':' && pattern[end + 1] == ']')?;
            let name: String = pattern[at + 2..end].iter().collect();
            found |= named_class(&name, character);
            at = end + 2;
            continue;
        }
        if low == '\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        at += 1;
        if pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|next| *next != ']') {
            let high = pattern[at + 1];
            found |= (low..=high).contains(&character);
            at += 2;
        } else {
            found |= low == character;
        }
    }
}

fn named_class(name: &str, character: char) -> bool {
    match name {
        "alpha" => character.is_alphabetic(),
        "digit" => character.is_ascii_digit(),
        "alnum" => character.is_alphanumeric(),
        "upper" => character.is_uppercase(),
        "lower" => character.is_lowercase(),
        "space" => character.is_whitespace(),
        "punct" => character.is_ascii_punctuation(),
        "xdigit" => character.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Whether the text holds an unquoted pattern character.
pub fn is_pattern(text: &str) -> bool {
    let mut escaped = false;
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    has_group(&text.chars().collect::<Vec<char>>())
}

/// Takes the backslashes out that [`escape`] put in.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\\' {
            plain.extend(characters.next());
        } else {
            plain.push(character);
        }
    }
    plain
}

/// Protects pattern characters with backslashes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]\\-^!@+(|)".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The paths that fit a pattern, sorted; empty when none does. Hidden names need their dot.
pub fn expand(shell: &Shell, directory: &str, pattern: &str) -> Vec<String> {
    let files = &shell.machine.files;
    let absolute = pattern.starts_with('/');
    let start = if absolute { "/" } else { directory };
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let mut found: Vec<(String, String)> =
        vec![(start.to_owned(), if absolute { "/" } else { "" }.to_owned())];
    for (index, part) in parts.iter().enumerate() {
        let last = index + 1 == parts.len();
        let mut next = Vec::new();
        for (place, shown) in &found {
            let show = |name: &str| match shown.as_str() {
                "" => name.to_owned(),
                _ => paths::child(shown, name),
            };
            if !is_pattern(part) {
                let name = unescape(part);
                if let Some(path) = paths::normalize(place, &name)
                    && files.exists(&path)
                {
                    next.push((path, show(&name)));
                }
                continue;
            }
            for entry in shell.entries(place).unwrap_or_default() {
                let hidden = entry.name.starts_with('.') && !part.starts_with('.');
                if hidden || !matches(part, &entry.name) {
                    continue;
                }
                let path = paths::child(place, &entry.name);
                if last || files.is_dir(&path) {
                    next.push((path, show(&entry.name)));
                }
            }
        }
        found = next;
    }
    let directories_only = pattern.ends_with('/') && !parts.is_empty();
    let mut names: Vec<String> = found
        .into_iter()
        .filter(|(path, _)| !directories_only || files.is_dir(path))
        .map(|(_, shown)| if directories_only { shown + "/" } else { shown })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (pattern, name, expected) in [
            ("*", "", true),
            ("*.md", "a.md", true),
            ("*.md", "a.mdx", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("[", "[", true),
            ("*a*b*c", "xaxbxbc", true),
            ("é?", "éé", true),
            ("@(a|b).txt", "b.txt", true),
            ("!(a|b)", "c", true),
            ("!(a|b)", "a", false),
            ("+(ab)c", "ababc", true),
            ("?(x)y", "y", true),
            ("*(a)", "", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
        assert!(is_pattern("a*"));
        assert!(!is_pattern("a\\*"));
        assert_eq!(unescape(&escape("a*[b]\\")), "a*[b]\\");
    }
}
