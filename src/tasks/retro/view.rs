//! Retro Music's screens as solutions see them: the way to a list with the wanted songs chosen, and to a
//! playlist of them.

use super::super::apps::RETRO;
use super::super::screen::{Look, Scan, back, open};
use crate::domain::{Action, Direction};

/// Chooses songs in the list of all songs.
#[derive(Debug, Default)]
pub(super) struct Choosing {
    titles: Vec<String>,
    /// Whether the songs must be chosen in their order.
    ordered: bool,
    scan: Scan,
    /// What was read before the last scroll.
    before: Vec<String>,
}

impl Choosing {
    /// Songs in an order.
    pub fn in_order(titles: Vec<String>) -> Choosing {
        Choosing {
            titles,
            ordered: true,
            ..Choosing::default()
        }
    }

    /// Those of these songs that are in the list.
    pub fn those_of(titles: Vec<String>) -> Choosing {
        Choosing {
            titles,
            ..Choosing::default()
        }
    }

    /// The next action towards the choice, `None` when it is made.
    pub fn next(&mut self, look: Look) -> Option<Action> {
        if !look.shows(RETRO) {
            return Some(open(RETRO));
        }
        let chosen = look.text_of("selection_mode_number");
        let count: usize = match chosen.split(' ').next() {
            Some(number) if !number.is_empty() => number.parse().unwrap_or(0),
            _ => 0,
        };
        if count == 0 {
            let songs = look.id("action_song");
            if !songs.is_some_and(|tab| look.element(tab).is_selected) {
                return Some(match songs {
                    Some(tab) => look.tap(tab),
                    None => back(),
                });
            }
        }
        match self.ordered {
            true => self.next_in_order(look, count),
            false => self.next_of_all(look, count),
        }
    }

    fn next_in_order(&mut self, look: Look, count: usize) -> Option<Action> {
        if count > self.titles.len() {
            // Something else was chosen.
            return Some(look.tap_id("action_mode_close_button").unwrap_or_else(back));
        }
        let title = self.titles.get(count)?;
        Some(match row(look, title) {
            Some(row) => {
                self.scan.restart();
                take(row, count)
            }
            None => self.scan.next(look),
        })
    }

    /// Goes down the list once.
    fn next_of_all(&mut self, look: Look, count: usize) -> Option<Action> {
        let found = self.titles.iter().find_map(|title| {
            let row = row(look, title)?;
            (!look.element(row).is_selected).then_some(row)
        });
        if let Some(row) = found {
            return Some(take(row, count));
        }
        let words = look.page();
        if words == self.before && count > 0 {
            return None;
        }
        self.before = words;
        Some(Action::scroll(Direction::Down))
    }
}

/// The row of a song.
fn row(look: Look, title: &str) -> Option<usize> {
    let found = look.find(|element| {
        element.resource_entry() == "title" && element.text.as_deref() == Some(title)
    });
    found.map(|index| look.target(index))
}

/// The first song is chosen by a long press, the others by taps.
fn take(row: usize, count: usize) -> Action {
    match count {
        0 => Action::long_press(row),
        _ => Action::click(row),
    }
}

/// Makes a playlist of chosen songs.
#[derive(Debug)]
pub(super) struct Making {
    name: String,
    choosing: Choosing,
    /// Whether the playlist was made.
    made: bool,
}

impl Making {
    /// A playlist of that name.
    pub fn new(name: String, choosing: Choosing) -> Making {
        Making {
            name,
            choosing,
            made: false,
        }
    }

    /// The next action towards the playlist, `None` when it is made.
    pub fn next(&mut self, look: Look) -> Option<Action> {
        if self.made {
            return None;
        }
        if !look.shows(RETRO) {
            return Some(open(RETRO));
        }
        if let Some(field) = look.id("actionNewPlaylist") {
            if look.text(field) != self.name {
                return Some(Action::input_text(field, self.name.clone()));
            }
            let create = look.tap_named("Create");
            self.made = create.is_some();
            return Some(create.unwrap_or_else(back));
        }
        for entry in ["New playlist", "Add to playlist"] {
            if let Some(action) = look.tap_named(entry) {
                return Some(action);
            }
        }
        let action = self.choosing.next(look);
        Some(action.unwrap_or_else(|| look.tap_named("More options").unwrap_or_else(back)))
    }
}
