//! The rows of expenses on the screen: on the first page and in the list of all.

use super::super::screen::Look;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// Position of its name in the observation.
    pub index: usize,
    /// Name.
    pub name: &'a str,
    /// Date as shown.
    pub date: &'a str,
    /// Amount as shown.
    pub amount: &'a str,
}

impl Row<'_> {
    /// Whether an expense would be shown as this row, as far as name and amount tell.
    pub fn shows(&self, name: &str, hundredths: i64) -> bool {
        self.name == name && self.amount == shown(hundredths)
    }
}

/// An amount as rows show it: no zeros after the point, commas between thousands.
fn shown(hundredths: i64) -> String {
    let mut text = (hundredths / 100).to_string();
    let mut place = text.len();
    while place > 3 {
        place -= 3;
        text.insert(place, ',');
    }
    match hundredths % 100 {
        0 => text,
        rest if rest % 10 == 0 => format!("{text}.{}", rest / 10),
        rest => format!("{text}.{rest:02}"),
    }
}

/// The rows from top to bottom: a name, then its date and its amount. Where the list ends in the
/// middle of a row, that row is left out.
pub(super) fn rows(look: Look<'_>) -> Vec<Row<'_>> {
    let mut found: Vec<Row> = Vec::new();
    let mut open: Option<Row> = None;
    for (index, element) in look.elements() {
        let text = look.text(index);
        match element.resource_entry() {
            "tv_name" => {
                open = Some(Row {
                    index,
                    name: text,
                    date: "",
                    amount: "",
                });
            }
            "tv_date" => {
                if let Some(row) = &mut open {
                    row.date = text;
                }
            }
            "tv_amount" => {
                if let Some(mut row) = open.take() {
                    row.amount = text;
                    found.push(row);
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_without_zeros() {
        assert_eq!(shown(12_000), "120");
        assert_eq!(shown(12_340), "123.4");
        assert_eq!(shown(12_305), "123.05");
        assert_eq!(shown(123_456_700), "1,234,567");
    }
}
