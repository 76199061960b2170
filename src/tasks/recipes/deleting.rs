//! The solution of the tasks that delete recipes: cards are opened, compared, and deleted from their page.

use super::super::Solution;
use super::super::apps::BROCCOLI;
use super::super::screen::{Look, Scan, back, open};
use super::cards::{cards, shows};
use super::row::Recipe;
use crate::domain::{Action, Direction, Observation};

/// A card on the list as it stood: the words on the screen, and the place among the cards.
type Seen = (Vec<String>, usize);

/// Deletes recipes one after the other. Which they are is known from the instance; there is no time to open
/// all recipes of the list to look for an ingredient or a copy.
pub(super) struct Deleting {
    /// What is to be deleted still.
    wanted: Vec<Recipe>,
    /// All of a recipe's page must agree, not only the title.
    exact: bool,
    /// Which of them was in front when the menu was opened.
    deleting: Option<usize>,
    /// The card that was opened last.
    opened: Option<Seen>,
    /// Cards of other recipes that look the same.
    rejected: Vec<Seen>,
    /// The screen whose last card may have others like it below.
    unfinished: Option<Vec<String>>,
    scan: Scan,
}

impl Deleting {
    /// Deletes these; with `exact`, only recipes that agree in everything.
    pub fn new(wanted: Vec<Recipe>, exact: bool) -> Deleting {
        Deleting {
            wanted,
            exact,
            deleting: None,
            opened: None,
            rejected: Vec::new(),
            unfinished: None,
            scan: Scan::default(),
        }
    }

    /// A card that may be wanted. Among those that look the same, copies stand behind what is older.
    fn card(&self, look: Look) -> Option<(Seen, usize)> {
        let words = look.page();
        let cards = cards(look);
        cards
            .iter()
            .enumerate()
            .rev()
            .filter(|(_, card)| {
                self.wanted.iter().any(|recipe| {
                    let alike = !self.exact || recipe.description() == card.description;
                    recipe.title() == card.title && alike
                })
            })
            .map(|(place, card)| ((words.clone(), place), card.index))
            .find(|(seen, _)| !self.rejected.contains(seen))
    }
}

impl Solution for Deleting {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if !look.shows(BROCCOLI) {
            self.scan.restart();
            return open(BROCCOLI);
        }
        // Question and menu do not say what they are about; that was seen on the page below.
        if let Some(confirm) = look.tap_named("DELETE") {
            return match self.deleting.take() {
                Some(place) => {
                    self.wanted.remove(place);
                    confirm
                }
                None => back(),
            };
        }
        if look.has("Share as file") {
            return match look.tap_named("Delete") {
                Some(delete) if self.deleting.is_some() => delete,
                _ => back(),
            };
        }
        if look.id("details_title").is_some() {
            let title = look.text_of("details_title");
            self.deleting = self.wanted.iter().position(|recipe| match self.exact {
                true => shows(look, recipe),
                false => recipe.title().trim() == title,
            });
            if self.deleting.is_some() {
                return look.tap_named("More options").unwrap_or_else(back);
            }
            self.rejected.extend(self.opened.take());
            return back();
        }
        self.deleting = None;
        if self.wanted.is_empty() {
            return Action::complete();
        }
        if let Some((seen, index)) = self.card(look) {
            let (words, place) = &seen;
            if self.exact
                && place + 1 == cards(look).len()
                && self.unfinished.as_ref() != Some(words)
            {
                // The end of the list is where this changes nothing.
                self.unfinished = Some(words.clone());
                return Action::scroll(Direction::Down);
            }
            self.opened = Some(seen);
            return look.tap(index);
        }
        match look.id("fab_recipes") {
            Some(_) => self.scan.next(look),
            None => back(),
        }
    }
}
