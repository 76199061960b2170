//! How the questions are answered: by looking a note up in the search and reading it, or by counting the
//! boxes in the list of a notebook.

use std::collections::BTreeSet;

use super::super::Solution;
use super::super::answers::{Read, reader};
use super::super::apps::JOPLIN;
use super::super::screen::{Look, Scan, back, is_named, open};
use crate::domain::{Action, Direction};

/// How the box of a to-do is called before its title.
const TODO: &str = "to-do: ";

/// The page of the search: its field, and whether the title stands in it.
fn search_field(look: Look<'_>) -> Option<usize> {
    look.named("Clear")?;
    look.find(|element| element.is_editable)
}

/// The next step to the note of that title among the results of the search; `None` when it is listed.
fn look_up(look: Look<'_>, title: &str) -> Option<Action> {
    if !look.shows(JOPLIN) {
        return Some(open(JOPLIN));
    }
    if let Some(field) = search_field(look) {
        return match look.text(field) {
            "" => Some(Action::input_text(field, title)),
            words if words != title => look.tap_named("Clear"),
            _ if result(look, title).is_some() => None,
            _ => Some(Action::scroll(Direction::Down)),
        };
    }
    let search = look.tap_named("Search");
    Some(search.unwrap_or_else(back))
}

/// The row with that title below the field.
fn result(look: Look<'_>, title: &str) -> Option<usize> {
    look.find(|element| !element.is_editable && element.text.as_deref() == Some(title))
}

/// Says whether the note of that title has a box.
pub(super) fn is_todo(title: String) -> Box<dyn Solution> {
    reader(move |look| match look_up(look, &title) {
        Some(action) => Read::On(action),
        None => {
            let has_box = look.has(&format!("{TODO}{title}"));
            Read::Answer(if has_box { "True" } else { "False" }.to_owned())
        }
    })
}

/// Opens the note of that title and says what its text tells.
pub(super) fn read(
    title: String,
    mut tell: impl FnMut(&str) -> Option<String> + Send + 'static,
) -> Box<dyn Solution> {
    reader(move |look| {
        let opened = look.find(|element| element.is_editable && is_named(element, &title));
        if opened.is_some() && look.has("Back") && search_field(look).is_none() {
            let told = tell(&look.words().join("\n"));
            return match told {
                Some(answer) => Read::Answer(answer),
                None => Read::On(Action::scroll(Direction::Down)),
            };
        }
        Read::On(match look_up(look, &title) {
            Some(action) => action,
            None => result(look, &title).map_or_else(back, |row| look.tap(row)),
        })
    })
}

/// A word without the signs around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|sign: char| !sign.is_alphanumeric())
}

/// The words of a text without the signs around them.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().map(bare).collect()
}

/// The number beside a word for people.
pub(super) fn attendees(text: &str) -> Option<String> {
    const BEFORE: [&str; 6] = [
        "attendees",
        "participants",
        "headcount",
        "attendance",
        "present",
        "people",
    ];
    const AFTER: [&str; 4] = ["attendees", "participants", "people", "individuals"];
    let text = text.to_lowercase();
    let words = words(&text);
    let is_among = |place: Option<usize>, known: &[&str]| {
        place
            .and_then(|place| words.get(place))
            .is_some_and(|word| known.contains(word))
    };
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = || words.iter().enumerate().filter(|(_, word)| is_number(word));
    let after = numbers().find(|(place, _)| is_among(Some(place + 1), &AFTER));
    let before = || numbers().find(|(place, _)| is_among(place.checked_sub(1), &BEFORE));
    after
        .or_else(before)
        .map(|(_, number)| (*number).to_owned())
}

/// The amount and unit before an ingredient, the last one that a text tells: a recipe of the benchmark may have
/// the ingredient already, above the row that is asked for.
pub(super) fn quantity(text: &str, ingredient: &str) -> Option<String> {
    let text: Vec<&str> = text.split_whitespace().collect();
    let ingredient = words(ingredient);
    if ingredient.is_empty() {
        return None;
    }
    let last = text.len().checked_sub(ingredient.len())?;
    (0..=last).rev().find_map(|place| {
        let named = text.get(place..place + ingredient.len())?;
        let is_named = named
            .iter()
            .map(|word| bare(word))
            .eq(ingredient.iter().copied());
        is_named.then(|| amount(text.get(..place)?)).flatten()
    })
}

/// The amount and unit that words end with, an "of" after them or not.
fn amount(words: &[&str]) -> Option<String> {
    let words = words.strip_suffix(&["of"]).unwrap_or(words);
    let [before @ .., number, unit] = words else {
        return None;
    };
    let is_whole = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |word: &str| word.split(['/', '.', ',']).all(is_whole);
    let (number, unit) = (bare(number), bare(unit));
    if !is_number(number) || !unit.starts_with(char::is_alphabetic) {
        return None;
    }
    // "1 1/2 cups"; the number of a list's row has a point behind it.
    let whole = before
        .last()
        .filter(|word| is_whole(word) && number.contains('/'));
    let whole = whole.map(|whole| format!("{whole} "));
    Some(format!("{}{number} {unit}", whole.unwrap_or_default()))
}

/// Counts the boxes in a notebook from the top of its list to the end.
pub(super) fn count_todos(folder: String) -> Box<dyn Solution> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut scan = Scan::default();
    let mut before: Vec<String> = Vec::new();
    reader(move |look| {
        if !look.shows(JOPLIN) {
            return Read::On(open(JOPLIN));
        }
        // In the sidebar the notebook is tapped, or looked for further down.
        if look.has("New Notebook") {
            let row = look.find(|element| element.text.as_deref() == Some(&folder));
            return Read::On(row.map_or_else(|| scan.next(look), |row| look.tap(row)));
        }
        scan.restart();
        let Some(sidebar) = look.tap_named("Sidebar") else {
            return Read::On(back());
        };
        if look.words().first() != Some(&folder.as_str()) {
            return Read::On(sidebar);
        }
        let boxes = look.elements().filter_map(|(_, element)| {
            let name = element.content_description.as_deref()?;
            name.strip_prefix(TODO)
        });
        seen.extend(boxes.map(str::to_owned));
        let words = look.page();
        if words == before || ends(look) {
            return Read::Answer(seen.len().to_string());
        }
        before = words;
        Read::On(Action::scroll(Direction::Down))
    })
}

/// Whether the list ends above the bottom of the screen, where else another title would be.
fn ends(look: Look<'_>) -> bool {
    let titles = look
        .elements()
        .filter(|(index, _)| !look.text(*index).is_empty());
    let last = titles.map(|(index, _)| look.bounds(index).y_max).max();
    last.is_none_or(|last| last < look.screen().y_max / 10 * 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_people_are_told_from_other_numbers() {
        let told = |text| attendees(text).unwrap_or_default();
        assert_eq!(told("Attendees: 25\nThe next in room 7."), "25");
        assert_eq!(told("Started 10 minutes late. 40 attendees came."), "40");
        assert_eq!(told("Headcount: 5. Coffee was there for 12 of them."), "5");
        assert_eq!(told("Present: 15 people."), "15");
        assert_eq!(told("- Went over 3 plans\n- 30 individuals attended"), "30");
        assert_eq!(told("- 85 individuals were present\n"), "85");
        assert_eq!(told("- Attended by 60 participants\n"), "60");
        assert_eq!(attendees("Room 7 at 10"), None);
    }

    #[test]
    fn quantities_stand_before_the_ingredient() {
        let told = |text| quantity(text, "poppy seeds").unwrap();
        assert_eq!(told("Add 2 cups of poppy seeds."), "2 cups");
        assert_eq!(told("9 grams of salt\n1 cup of poppy seeds"), "1 cup");
        // Rows without an "of", and without a number of their own.
        let list = "Needed:\n- 2 cups of milk\n- 3/4 cup poppy seeds\n- 1/4 teaspoon salt\n\n\
                    Steps:\n1. Grind the poppy seeds.\n2. Wait.";
        assert_eq!(told(list), "3/4 cup");
        assert_eq!(told("- 1 1/2 cups poppy seeds"), "1 1/2 cups");
        assert_eq!(told("1. 1/2 cup poppy seeds\n2. salt"), "1/2 cup");
        assert_eq!(told("1. 2 cups poppy seeds"), "2 cups");
        assert_eq!(
            told("- 1/2 cup poppy seeds\n- 2 teaspoons poppy seeds"),
            "2 teaspoons"
        );
        for none in [
            "A lot of poppy seeds",
            "poppy seeds",
            "poppy",
            "of poppy seeds",
            "2 poppy seeds",
        ] {
            assert_eq!(quantity(none, "poppy seeds"), None, "{none}");
        }
        assert_eq!(quantity("2 cups", ""), None);
    }
}
