//! Expenses in a note of Markor: the file with all of them, and how a solution reads those that are
//! marked.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::super::Solution;
use super::super::listing::Form;
use super::super::markor::view;
use super::super::screen::{Look, Scan};
use super::add::Entering;
use super::row::{CATEGORIES, Expense};
use crate::domain::{Action, Observation};

/// The note's name.
pub(super) const NAME: &str = "my_expenses.txt";
/// What stands behind the note of an expense that is marked.
const MARK: &str = ". Reimbursable.";

/// The note: all expenses in a random order, some of them marked.
pub(super) fn text(marked: &[Expense], others: &[Expense], rng: &mut ChaCha8Rng) -> String {
    let mut all: Vec<Expense> = marked.to_vec();
    for expense in &mut all {
        expense.note = Some(format!("{}{MARK}", expense.note()));
    }
    all.extend_from_slice(others);
    all.shuffle(rng);
    let rows: Vec<_> = all.iter().map(Expense::listed).collect();
    Form::Csv.list("Expense", &rows)
}

/// The marked expenses of a note, without the mark.
fn marked(text: &str) -> Vec<Expense> {
    text.lines().filter_map(read).collect()
}

/// Reads `name|$12.5|category|note. Reimbursable.`
fn read(line: &str) -> Option<Expense> {
    let mut fields = line.split('|').map(str::trim);
    let (name, amount) = (fields.next()?, fields.next()?);
    let (category, note) = (fields.next()?, fields.next()?);
    let note = note.strip_suffix(MARK)?;
    let dollars: f64 = amount.strip_prefix('$')?.parse().ok()?;
    let place = CATEGORIES.iter().position(|known| *known == category)?;
    Some(Expense {
        expense_id: 0,
        name: Some(name.to_owned()),
        amount: (dollars * 100.0).round() as i64,
        category: i64::try_from(place).ok()? + 1,
        note: Some(note.to_owned()),
        created_date: 0,
        modified_date: 0,
    })
}

/// Reads the note, then enters what is marked in it.
pub(super) struct Copying {
    entering: Option<Entering>,
    scan: Scan,
}

impl Copying {
    pub fn new() -> Copying {
        Copying {
            entering: None,
            scan: Scan::default(),
        }
    }
}

impl Solution for Copying {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if self.entering.is_none()
            && let Some(editor) = view::editor(look, NAME)
        {
            self.entering = Some(Entering::new(marked(look.text(editor))));
        }
        match &mut self.entering {
            Some(entering) => entering.next(look),
            None => view::towards(look, &mut self.scan, NAME),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_expenses_are_read() {
        let text = "name|amount_dollars|category_name|note\nTea|$3.5|Food|For two. Reimbursable.\nSoap|$120.0|Others|Big one\nBus|$2.25|Transportation|Return. Reimbursable.";
        let found = marked(text);
        let plain: Vec<(&str, i64, i64, &str)> = found
            .iter()
            .map(|row| (row.name(), row.amount, row.category, row.note()))
            .collect();
        assert_eq!(
            plain,
            [("Tea", 350, 3, "For two"), ("Bus", 225, 7, "Return")]
        );
        for wrong in [
            "Tea|3.5|Food|x. Reimbursable.",
            "Tea|$3.5|Fod|x. Reimbursable.",
            "Tea",
        ] {
            assert!(marked(wrong).is_empty(), "{wrong}");
        }
    }
}
