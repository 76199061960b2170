//! A note's text as it is shown: lines of Markdown become blocks, marks of emphasis and links fall away.

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A heading of a level from 1 to 6.
    Heading(usize),
    /// A paragraph.
    Paragraph,
    /// An item of a list, with what stands before it.
    Item(String),
    /// A box to tick, ticked or not, and the number of its line.
    Box {
        /// Whether it is ticked.
        ticked: bool,
        /// Line of the text, from 0.
        line: usize,
    },
    /// Text as it was written.
    Code,
    /// A quotation.
    Quote,
    /// A line across.
    Rule,
}

/// A block of the shown text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
    /// How deep it lies in a list.
    pub depth: usize,
}

/// The blocks of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut code: Option<Vec<&str>> = None;
    // Whether the last line belongs to a block that the next plain line goes on with.
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        let plain = line.trim();
        if plain.starts_with("```") {
            match code.take() {
                Some(lines) => push(&mut blocks, Kind::Code, lines.join("\n"), 0),
                None => code = Some(Vec::new()),
            }
            open = false;
            continue;
        }
        if let Some(lines) = &mut code {
            lines.push(line);
            continue;
        }
        let depth = (line.len() - line.trim_start().len()) / 2;
        let (kind, rest) = kind_of(plain, number);
        match kind {
            None if plain.is_empty() => open = false,
            None => match blocks.last_mut() {
                Some(last) if open => {
                    last.text.push('\n');
                    last.text.push_str(&inline(plain));
                }
                _ => {
                    push(&mut blocks, Kind::Paragraph, inline(plain), 0);
                    open = true;
                }
            },
            Some(kind) => {
                open = matches!(kind, Kind::Item(_) | Kind::Quote);
                push(&mut blocks, kind, inline(rest), depth.min(8));
            }
        }
    }
    if let Some(lines) = code {
        push(&mut blocks, Kind::Code, lines.join("\n"), 0);
    }
    blocks
}

fn push(blocks: &mut Vec<Block>, kind: Kind, text: String, depth: usize) {
    blocks.push(Block { kind, text, depth });
}

/// What a line begins with, other than a paragraph, and the rest of it.
fn kind_of(line: &str, number: usize) -> (Option<Kind>, &str) {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&hashes)
        && let Some(title) = line[hashes..].strip_prefix(' ')
    {
        return (Some(Kind::Heading(hashes)), title.trim());
    }
    if line.len() >= 3
        && ["-", "*", "_"]
            .iter()
            .any(|mark| line.replace(mark, "").is_empty())
    {
        return (Some(Kind::Rule), "");
    }
    if let Some(quoted) = line.strip_prefix('>') {
        return (Some(Kind::Quote), quoted.trim());
    }
    let item = ["- ", "* ", "+ "]
        .iter()
        .find_map(|mark| line.strip_prefix(mark));
    if let Some(rest) = item {
        let rest = rest.trim_start();
        for (mark, ticked) in [("[ ] ", false), ("[x] ", true), ("[X] ", true)] {
            if let Some(rest) = rest.strip_prefix(mark) {
                let line = number;
                return (Some(Kind::Box { ticked, line }), rest);
            }
        }
        return (Some(Kind::Item("•".to_owned())), rest);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits)
        && let Some(rest) = line[digits..].strip_prefix(". ")
    {
        let number = format!("{}.", &line[..digits]);
        return (Some(Kind::Item(number)), rest);
    }
    (None, line)
}

/// A line without the marks of emphasis, code and links.
fn inline(line: &str) -> String {
    let line = line.replace("**", "").replace("__", "").replace('`', "");
    let mut plain = String::with_capacity(line.len());
    let mut rest = line.as_str();
    while let Some(start) = rest.find('[') {
        let link = rest[start + 1..]
            .split_once("](")
            .and_then(|(words, after)| {
                let (_, after) = after.split_once(')')?;
                Some((words, after))
            });
        match link {
            Some((words, after)) if !words.contains(['[', ']']) => {
                plain.push_str(&rest[..start]);
                plain.push_str(words);
                rest = after;
            }
            _ => {
                plain.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    plain.push_str(rest);
    without_stars(&plain)
}

/// Drops pairs of single stars around words; a lone star stays.
fn without_stars(line: &str) -> String {
    let mut parts = line.split('*');
    let mut plain = parts.next().unwrap_or("").to_owned();
    let rest: Vec<&str> = parts.collect();
    let paired = rest.len() / 2 * 2;
    for (index, part) in rest.iter().enumerate() {
        if index >= paired {
            plain.push('*');
        }
        plain.push_str(part);
    }
    plain
}

/// A text with the box in one of its lines ticked or not.
pub fn tick(text: &str, line: usize, ticked: bool) -> String {
    let change = |(number, current): (usize, &str)| {
        if number != line {
            return current.to_owned();
        }
        match ticked {
            true => current.replacen("[ ]", "[x]", 1),
            false => current.replacen("[x]", "[ ]", 1).replacen("[X]", "[ ]", 1),
        }
    };
    let lines: Vec<String> = text.split('\n').enumerate().map(change).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_blocks() {
        let text = "# Trip\nA *long* way\nto **Rome** (see [map](http://x/y))\n\n- tent\n- [x] stove\n1. go\n> far\n---\n```\na *b*\n```";
        let shown: Vec<(Kind, String)> = blocks(text)
            .into_iter()
            .map(|block| (block.kind, block.text))
            .collect();
        let expected = [
            (Kind::Heading(1), "Trip"),
            (Kind::Paragraph, "A long way\nto Rome (see map)"),
            (Kind::Item("•".to_owned()), "tent"),
            (
                Kind::Box {
                    ticked: true,
                    line: 5,
                },
                "stove",
            ),
            (Kind::Item("1.".to_owned()), "go"),
            (Kind::Quote, "far"),
            (Kind::Rule, ""),
            (Kind::Code, "a *b*"),
        ];
        assert_eq!(shown.len(), expected.len());
        for (got, wanted) in shown.iter().zip(&expected) {
            assert_eq!((&got.0, got.1.as_str()), (&wanted.0, wanted.1));
        }
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for line in [
            "3 * 4 = 12",
            "[draft] 2 cups",
            "#5 is next",
            "-5 degrees",
            "a (b) [c",
        ] {
            assert_eq!(blocks(line)[0].text, line);
        }
    }

    #[test]
    fn boxes_are_ticked_in_their_line() {
        let text = "x\n- [ ] a\n- [ ] b\n";
        let ticked = tick(text, 2, true);
        assert_eq!(ticked, "x\n- [ ] a\n- [x] b\n");
        assert_eq!(tick(&ticked, 2, false), text);
    }
}
