//! The order of the lists, as the app remembers it.

use super::database::{self, FIELDS, Order};
use crate::phone::system::{PhoneError, System};

/// The column.
pub const SORT: &str = "notes.sortOrder.field";
/// Whether the largest comes first.
pub const REVERSE: &str = "notes.sortOrder.reverse";
/// Whether open to-dos come first.
pub const OPEN_FIRST: &str = "uncompletedTodosOnTop";
/// Whether done to-dos are listed.
pub const SHOW_COMPLETED: &str = "showCompletedTodos";

/// Reads it.
///
/// # Errors
/// When the database cannot be read.
pub fn load(system: &System) -> Result<Order, PhoneError> {
    let flag = |key, default: bool| {
        let stored = database::setting(system, key)?;
        Ok::<_, PhoneError>(stored.map_or(default, |value| value == "1"))
    };
    let field = database::setting(system, SORT)?.unwrap_or_default();
    let known = FIELDS.iter().find(|(column, _)| *column == field);
    Ok(Order {
        field: known.unwrap_or(&FIELDS[0]).0,
        reverse: flag(REVERSE, true)?,
        open_first: flag(OPEN_FIRST, true)?,
        show_completed: flag(SHOW_COMPLETED, true)?,
    })
}
