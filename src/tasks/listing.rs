//! Lists of rows in goals and notes, in one of the benchmark's two forms (catalogue section 3.6).

use std::borrow::Cow;
use std::fmt::Write;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// How rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// A line for each, fields apart by `|`, and a line with the fields' names above.
    Csv,
    /// A block of lines for each.
    TextBlock,
}

impl Form {
    /// One or the other.
    pub fn random(rng: &mut ChaCha8Rng) -> Form {
        match rng.random() {
            true => Form::Csv,
            false => Form::TextBlock,
        }
    }

    /// A list of rows of a kind, each the names and values of its fields; the first names it in a block.
    pub fn list<const N: usize>(self, kind: &str, rows: &[[(&str, Cow<'_, str>); N]]) -> String {
        let mut text = String::new();
        if self == Form::Csv
            && let Some(first) = rows.first()
        {
            text.push_str(&first.each_ref().map(|(name, _)| *name).join("|"));
        }
        for row in rows {
            match self {
                Form::Csv => {
                    let values = row.each_ref().map(|(_, value)| value.as_ref());
                    let _ = write!(text, "\n{}", values.join("|"));
                }
                Form::TextBlock => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    for (place, (name, value)) in row.iter().enumerate() {
                        let _ = match place {
                            0 => writeln!(text, "{kind}: {value}"),
                            _ => writeln!(text, " {name}: {value}"),
                        };
                    }
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_listed_in_lines_or_blocks() {
        let rows = [("Tea", "hot"), ("Milk", "cold")]
            .map(|(name, note)| [("name", name.into()), ("note", note.into())]);
        assert_eq!(
            Form::Csv.list("Drink", &rows),
            "name|note\nTea|hot\nMilk|cold"
        );
        assert_eq!(
            Form::TextBlock.list("Drink", &rows),
            "Drink: Tea\n note: hot\n\nDrink: Milk\n note: cold\n"
        );
    }
}
