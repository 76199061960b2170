//! Broccoli's screens as solutions see them: the cards of the list, a recipe's page.

use super::super::screen::Look;
use super::row::Recipe;

/// One card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card<'a> {
    /// Position of its title in the observation.
    pub index: usize,
    /// Title.
    pub title: &'a str,
    /// Description.
    pub description: &'a str,
}

/// The cards from top to bottom whose title is to be seen.
pub(super) fn cards(look: Look<'_>) -> Vec<Card<'_>> {
    let mut found: Vec<Card> = Vec::new();
    for (index, element) in look.elements() {
        let text = look.text(index);
        match element.resource_entry() {
            "card_text_view_title" => found.push(Card {
                index,
                title: text,
                description: "",
            }),
            "card_text_view_description" => {
                let bounds = look.bounds(index);
                // Of a card whose title is above the edge of the list only this is to be seen.
                if let Some(card) = found.last_mut()
                    && card.description.is_empty()
                    && look.bounds(card.index).y_max <= bounds.y_min + bounds.height()
                {
                    card.description = text;
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether a recipe's page shows this recipe, as far as it is to be seen.
pub(super) fn shows(look: Look, recipe: &Recipe) -> bool {
    let says = |id: &str, wanted: &str| look.id(id).is_none_or(|index| look.text(index) == wanted);
    let [title, description, servings, time, ingredients, directions] =
        recipe.listed().map(|(_, value)| value);
    look.text_of("details_title") == title.trim()
        && says("details_description", description)
        && says("details_servings", servings)
        && says("details_preparation_time", time)
        && first_line(look, "ingredient_text", ingredients)
        && first_line(look, "direction_text", directions)
}

/// Whether a row is the first that says something of a text; quantities stand apart.
fn first_line(look: Look, id: &str, text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty());
    look.id(id)
        .is_none_or(|index| first.is_some_and(|first| first.ends_with(look.text(index))))
}
