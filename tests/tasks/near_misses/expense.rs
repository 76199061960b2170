//! Near misses in Pro Expense.

use super::{NearMiss, Solved, sql};

pub const EXPENSES: &str = "/data/data/com.arduia.expense/databases/accounting.db";

/// The expense that came last, or was there first.
const LAST: &str = "expense_id = (SELECT max(expense_id) FROM expense)";
const FIRST: &str = "expense_id = (SELECT min(expense_id) FROM expense)";

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let expense = |statement: &str| sql(EXPENSES, statement);
    let one_more = expense(
        "INSERT INTO expense (name, amount, category, note, created_date, modified_date) VALUES ('One more', 5, 3, 'x', 1, 1)",
    );
    let first_gone = expense(&format!("DELETE FROM expense WHERE {FIRST}"));
    // A table that is gone is the agent's doing.
    let gone = expense("DROP TABLE expense");
    Some(match task {
        "ExpenseAddMultipleFromMarkor" => vec![
            one_more,
            expense(&format!(
                "UPDATE expense SET note = note || '. Reimbursable.' WHERE {LAST}"
            )),
            first_gone,
        ],
        name if name.starts_with("ExpenseAdd") => vec![
            one_more,
            expense(&format!(
                "UPDATE expense SET amount = amount + 1 WHERE {LAST}"
            )),
            first_gone,
            expense(&format!(
                "UPDATE expense SET note = 'Nothing like it' WHERE {LAST}"
            )),
            gone,
        ],
        "ExpenseDeleteSingle" | "ExpenseDeleteMultiple" => {
            vec![
                one_more,
                expense(
                    "INSERT INTO expense (name, amount, category, note, created_date, modified_date) VALUES ('', 0, 0, '', 0, 0)",
                ),
            ]
        }
        name if name.starts_with("ExpenseDelete") => vec![
            first_gone,
            expense(&format!("UPDATE expense SET name = 'x' WHERE {FIRST}")),
            one_more,
        ],
        _ => return None,
    })
}
