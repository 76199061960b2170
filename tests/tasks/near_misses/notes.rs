//! Wrong answers to the questions about notes in Joplin.

use super::{NearMiss, Solved, answer};

pub fn near_misses(task: &str, solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let right = solved.answer.unwrap_or_default();
    Some(match task {
        "NotesIsTodo" => vec![
            answer(if right == "True" { "False" } else { "True" }),
            answer("It is a to-do"),
            answer(""),
        ],
        "NotesMeetingAttendeeCount" | "NotesTodoItemCount" => vec![
            answer(format!("{right}1")),
            answer(format!("{right} of them")),
            answer(format!("{right}, {right}")),
            answer("many"),
        ],
        "NotesRecipeIngredientCount" => vec![
            answer(right.split(' ').next().unwrap_or_default()),
            answer(format!("{right} or a little more")),
            answer(solved.text("ingredient")),
        ],
        _ => return None,
    })
}
