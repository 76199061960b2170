//! The search: the words of a query, each the beginning of a word in the note, and the notes that hold all
//! of them, those with a word in the title first.

use super::database::{self, Note};
use crate::phone::system::{PhoneError, System};

/// Constants of the weighing (Okapi BM25): how soon more of a word no longer counts, and how much long
/// texts are held down.
const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;
/// Words of a query that are looked for.
const MOST_WORDS: usize = 32;

/// One note that was found, with what decides its place.
struct Found {
    note: Note,
    in_title: bool,
    weight: f64,
}

/// The words of a text, in small letters.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// The notes that a query finds, the best first.
///
/// # Errors
/// When the database cannot be read.
pub fn search(system: &System, query: &str) -> Result<Vec<Note>, PhoneError> {
    let query = query.to_lowercase();
    let terms: Vec<&str> = words(&query).take(MOST_WORDS).collect();
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let expression: Vec<String> = terms.iter().map(|term| format!("{term}*")).collect();
    let matching = database::matching(system, &expression.join(" "))?;
    Ok(ranked(&terms, matching))
}

fn ranked(terms: &[&str], matching: Vec<(Note, String, String)>) -> Vec<Note> {
    let hits = |term: &str, text: &str| words(text).filter(|word| word.starts_with(term)).count();
    let counted: Vec<(Vec<usize>, usize)> = matching
        .iter()
        .map(|(_, title, body)| {
            let of = |term: &&str| hits(term, title) + hits(term, body);
            let length = words(title).count() + words(body).count();
            (terms.iter().map(of).collect(), length)
        })
        .collect();
    let total: usize = counted.iter().map(|(_, length)| length).sum();
    let average = (total as f64 / counted.len().max(1) as f64).max(1.0);
    let mut found: Vec<Found> = matching
        .into_iter()
        .zip(counted)
        .map(|((note, title, _), (counts, length))| {
            let relative = 1.0 - LENGTH + LENGTH * length as f64 / average;
            let weigh = |count: &usize| {
                let count = *count as f64;
                count * (SATURATION + 1.0) / (count + SATURATION * relative)
            };
            Found {
                in_title: terms.iter().any(|term| hits(term, &title) > 0),
                weight: counts.iter().map(weigh).sum(),
                note,
            }
        })
        .collect();
    let is_done = |found: &Found| found.note.is_todo && found.note.completed > 0;
    found.sort_by(|a, b| {
        (b.in_title.cmp(&a.in_title))
            .then(b.weight.total_cmp(&a.weight))
            .then(is_done(a).cmp(&is_done(b)))
            .then(b.note.updated.cmp(&a.note.updated))
    });
    found.into_iter().map(|found| found.note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(title: &str, body: &str) -> (Note, String, String) {
        let note = Note {
            title: title.to_owned(),
            ..Note::default()
        };
        (note, title.to_lowercase(), body.to_lowercase())
    }

    #[test]
    fn titles_come_before_texts_and_short_texts_before_long_ones() {
        let matching = vec![
            note(
                "Plans",
                "Bake bread on Sunday, then rest for a long and quiet evening",
            ),
            note("Shopping", "Bread"),
            note("Bread rolls", "Flour and water"),
        ];
        let titles: Vec<String> = ranked(&["bread"], matching)
            .into_iter()
            .map(|note| note.title)
            .collect();
        assert_eq!(titles, ["Bread rolls", "Shopping", "Plans"]);
    }
}
