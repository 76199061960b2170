//! How solutions open the page and play.

use std::vec::IntoIter;

use super::super::Solution;
use super::super::apps::{CHROME, FILES};
use super::super::screen::{Look, open, steps};
use super::{NAME, SUCCESS};
use crate::domain::pages::{self, Maze};
use crate::domain::{Action, BoundingBox, Direction};

/// The next action towards the page in Chrome; `None` when it is shown.
fn reach(look: Look) -> Option<Action> {
    if look.shows(CHROME) {
        let questions = ["Accept & continue", "No thanks"];
        return questions
            .into_iter()
            .find_map(|button| look.tap_named(button));
    }
    // The question with which app to open the page.
    if let Some(once) = look.named("Just once") {
        return match look.element(once).is_enabled {
            true => Some(look.tap(once)),
            false => look.tap_named("Chrome"),
        };
    }
    if !look.shows(FILES) {
        return Some(open(FILES));
    }
    let titled = |words: &str| {
        look.find(|element| {
            element.resource_entry() == "title" && element.text.as_deref() == Some(words)
        })
    };
    if look.id("roots_list").is_some() {
        return titled("Downloads").map(|index| look.tap(index));
    }
    if look.text_of("header_title") == "Files in Downloads" {
        return Some(match titled(NAME) {
            Some(index) => look.tap(index),
            None => Action::scroll(Direction::Down),
        });
    }
    Some(look.tap_named("Show roots").unwrap_or_else(|| open(FILES)))
}

/// Opens the page, plays until it is won, ends.
fn play(mut next: impl FnMut(Look<'_>) -> Action + Send + 'static) -> Box<dyn Solution> {
    steps(move |look| match reach(look) {
        Some(action) => action,
        None if look.has(SUCCESS) => Action::complete(),
        None => next(look),
    })
}

/// A tap on what has these words, or a wait for it.
fn press(look: Look, words: &str) -> Action {
    look.tap_named(words)
        .unwrap_or_else(|| Action::new(crate::domain::ActionType::Wait))
}

/// Reads the numbers and multiplies them.
pub(super) fn multiply(_seed: u32) -> Box<dyn Solution> {
    let mut numbers: Vec<u64> = Vec::new();
    play(move |look| {
        if look.has("Click Me") {
            let shown: Option<u64> = look
                .words()
                .into_iter()
                .find_map(|words| words.parse().ok());
            numbers.extend(shown);
            return press(look, "Click Me");
        }
        let product: u64 = numbers.iter().product();
        let field =
            look.find(|element| element.is_editable && element.resource_entry() != "url_bar");
        match field {
            Some(field) if look.text(field).trim() != product.to_string() => {
                Action::input_text(field, product.to_string())
            }
            _ => press(look, "Submit"),
        }
    })
}

/// Leads the X on the shortest way. Walls are only drawn, so they are known from the seed.
pub(super) fn maze(seed: u32) -> Box<dyn Solution> {
    let way = Maze::new(seed).way();
    let mut done = 0;
    let mut before: Option<BoundingBox> = None;
    play(move |look| {
        let place = look.named("X").map(|index| look.bounds(index));
        // A step counts when the X has moved.
        if before.is_some() && place != before {
            done += 1;
        }
        before = place;
        way.get(done)
            .map_or_else(Action::complete, |step| press(look, step.name()))
    })
}

/// Draws a line in each of the three colours, which are only drawn and so known from the seed.
pub(super) fn draw(seed: u32) -> Box<dyn Solution> {
    const LINES: [Direction; 3] = [Direction::Up, Direction::Left, Direction::Right];
    let mut acts: Option<IntoIter<Act>> = None;
    play(move |look| {
        let is_square = |bounds: BoundingBox| (bounds.width() - bounds.height()).abs() <= 4;
        let width = look.screen().width();
        let buttons: Vec<usize> = look
            .elements()
            .filter(|(index, element)| {
                element.short_class() == "Button"
                    && element.label().is_empty()
                    && is_square(look.bounds(*index))
                    && look.bounds(*index).width() < width / 8
            })
            .map(|(index, _)| index)
            .collect();
        let acts = acts.get_or_insert_with(|| {
            let colours = pages::colours(seed, buttons.len()).into_iter().zip(LINES);
            let acts = colours.flat_map(|(colour, line)| [Act::Colour(colour), Act::Line(line)]);
            acts.collect::<Vec<Act>>().into_iter()
        });
        match acts.next() {
            Some(Act::Colour(place)) => {
                let button = buttons.get(place);
                button.map_or_else(Action::complete, |button| Action::click(*button))
            }
            Some(Act::Line(direction)) => {
                let canvas = look.elements().find(|(index, _)| {
                    let bounds = look.bounds(*index);
                    is_square(bounds) && bounds.width() > width / 2
                });
                canvas.map_or_else(Action::complete, |(index, _)| Action {
                    index: i64::try_from(index).ok(),
                    ..Action::scroll(direction)
                })
            }
            None => press(look, "Submit"),
        }
    })
}

/// A step of drawing.
enum Act {
    /// Takes a colour, by its place among the buttons.
    Colour(usize),
    /// Draws a line from the middle of the canvas.
    Line(Direction),
}
