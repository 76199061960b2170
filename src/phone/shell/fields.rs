//! What an expanded word becomes: fields, split at the signs of `IFS`, and the alternatives of its
//! braces. Pure.

/// The most fields that braces of one word may make, and the most characters of all of them.
const MAX_ALTERNATIVES: usize = 4096;
const MAX_CHARACTERS: usize = 1 << 22;

/// One stretch of an expanded word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it says.
    pub text: String,
    /// Quoted text is neither split nor matched against files.
    pub quoted: bool,
}

/// Gathers parts into fields.
#[derive(Debug, Default)]
pub struct Fields {
    done: Vec<Vec<Part>>,
    open: Vec<Part>,
    /// A field is there even when it is empty, because of quotes.
    started: bool,
    /// Blanks ended the last field, so that one other sign after them ends none.
    after_blanks: bool,
    /// One text is wanted: nothing splits.
    pub joined: bool,
}

impl Fields {
    /// Gathers one text.
    pub fn joined() -> Fields {
        Fields {
            joined: true,
            ..Fields::default()
        }
    }

    /// Adds text as it is.
    pub fn literal(&mut self, text: &str, quoted: bool) {
        self.started |= quoted || !text.is_empty();
        self.after_blanks &= text.is_empty() && !quoted;
        self.open.push(Part {
            text: text.to_owned(),
            quoted,
        });
    }

    /// Adds what an expansion without quotes gave, split at `signs`.
    pub fn split(&mut self, text: &str, signs: &str) {
        if self.joined {
            self.literal(text, false);
            return;
        }
        let mut held = String::new();
        for character in text.chars() {
            if !signs.contains(character) {
                held.push(character);
                continue;
            }
            if !held.is_empty() {
                self.literal(&std::mem::take(&mut held), false);
            }
            if matches!(character, ' ' | '\t' | '\n') {
                self.after_blanks |= self.started;
                self.end_field();
            } else if std::mem::take(&mut self.after_blanks) {
                // The blanks before it ended the field already.
            } else {
                self.started = true;
                self.end_field();
            }
        }
        if !held.is_empty() {
            self.literal(&held, false);
        }
    }

    /// Ends the field that is open, if there is one.
    pub fn end_field(&mut self) {
        if self.started {
            self.done.push(std::mem::take(&mut self.open));
        }
        self.open.clear();
        self.started = false;
    }

    /// All fields.
    pub fn finish(mut self) -> Vec<Vec<Part>> {
        self.end_field();
        self.done
    }
}

/// `a{b,c}d` in unquoted text becomes `abd` and `acd`; a field without such braces is itself.
pub fn alternatives(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let has = |wanted: char| {
        parts
            .iter()
            .any(|part| !part.quoted && part.text.contains(wanted))
    };
    if !has('{') || !has(',') {
        return vec![parts];
    }
    let mut done = Vec::new();
    let mut waiting = vec![
        parts
            .iter()
            .flat_map(|part| part.text.chars().map(|character| (character, part.quoted)))
            .collect::<Vec<(char, bool)>>(),
    ];
    // An empty quoted part keeps a field that would else vanish.
    let quoted = parts.iter().any(|part| part.quoted);
    while let Some(field) = waiting.pop() {
        match first_braces(&field) {
            Some((open, commas, close))
                if waiting.len() + done.len() + commas.len() < MAX_ALTERNATIVES
                    && (waiting.len() + done.len() + commas.len()) * field.len()
                        < MAX_CHARACTERS =>
            {
                let mut ends = commas;
                ends.push(close);
                let mut start = open + 1;
                let mut made = Vec::new();
                for end in ends {
                    made.push([&field[..open], &field[start..end], &field[close + 1..]].concat());
                    start = end + 1;
                }
                waiting.extend(made.into_iter().rev());
            }
            _ => {
                let field = stretches(&field);
                if !field.is_empty() || quoted {
                    done.push(field);
                }
            }
        }
    }
    done
}

/// The first braces with a comma: where they open, their own commas, where they close.
fn first_braces(field: &[(char, bool)]) -> Option<(usize, Vec<usize>, usize)> {
    (0..field.len())
        .filter(|open| field[*open] == ('{', false))
        .find_map(|open| {
            let (mut depth, mut commas) = (0, Vec::new());
            for (at, sign) in field.iter().enumerate().skip(open) {
                match sign {
                    ('{', false) => depth += 1,
                    (',', false) if depth == 1 => commas.push(at),
                    ('}', false) => {
                        depth -= 1;
                        if depth == 0 {
                            return (!commas.is_empty()).then_some((open, commas, at));
                        }
                    }
                    _ => {}
                }
            }
            None
        })
}

fn stretches(field: &[(char, bool)]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (character, quoted) in field {
        match parts.last_mut() {
            Some(last) if last.quoted == *quoted => last.text.push(*character),
            _ => parts.push(Part {
                text: character.to_string(),
                quoted: *quoted,
            }),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, signs: &str) -> Vec<String> {
        let mut fields = Fields::default();
        fields.split(text, signs);
        texts(fields.finish())
    }

    fn texts(fields: Vec<Vec<Part>>) -> Vec<String> {
        fields
            .into_iter()
            .map(|parts| parts.into_iter().map(|part| part.text).collect())
            .collect()
    }

    #[test]
    fn signs_of_ifs_split_and_blanks_around_them_vanish() {
        assert_eq!(split("  a  b ", " \t\n"), ["a", "b"]);
        assert_eq!(split("a:b::c:", ":"), ["a", "b", "", "c"]);
        assert_eq!(split(" a , b,,c ", " ,"), ["a", "b", "", "c"]);
        assert_eq!(split("a b", ""), ["a b"]);
    }

    #[test]
    fn braces_make_alternatives() {
        let field = |text: &str, quoted| Part {
            text: text.to_owned(),
            quoted,
        };
        let made = |parts: Vec<Part>| texts(alternatives(parts));
        assert_eq!(
            made(vec![field("a{b,c{d,e}}f", false)]),
            ["abf", "acdf", "acef"]
        );
        assert_eq!(made(vec![field("{a}{b,c}", false)]), ["{a}b", "{a}c"]);
        assert_eq!(made(vec![field("{1..3}", false)]), ["{1..3}"]);
        assert_eq!(made(vec![field("{a,b}", true)]), ["{a,b}"]);
    }
}
