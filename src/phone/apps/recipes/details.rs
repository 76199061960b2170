//! A recipe's page: all that is known of it, and what can be done with it.

use super::database::{self, Category, Recipe};
use super::look::{self, GREEN};
use super::{COOKING, FORM, about, recipe_in};
use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Color, Effects, Icon, Length, Screen, Widget, blank, column, icon,
    overflow_menu, row, scroll, stack, stretch, text,
};

/// What a touch means.
#[derive(Debug, Clone)]
pub enum Message {
    /// The arrow.
    Up,
    /// Marks as a favourite, or not.
    Favorite(bool),
    /// Opens the menu.
    Menu,
    /// Shares the recipe as text.
    Share,
    /// Shares the recipe as a file.
    ShareFile,
    /// Opens the form.
    Edit,
    /// Asks whether to delete the recipe.
    AskDelete,
    /// Deletes the recipe.
    Delete,
    /// Opens the assistant.
    Cook,
    /// Closes what is open in front.
    Dismiss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    Menu,
    Delete,
}

/// The activity.
pub struct RecipeDetails {
    id: i64,
    recipe: Recipe,
    categories: Vec<Category>,
    front: Option<Front>,
}

/// The lines of a text that say something.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The quantity that an ingredient begins with, and the rest.
fn quantity(line: &str) -> (&str, &str) {
    let end = line
        .find(|character: char| !character.is_ascii_digit() && !".,/- ".contains(character))
        .unwrap_or(line.len());
    let first = line.starts_with(|character: char| character.is_ascii_digit());
    line.split_at(if first { end } else { 0 })
}

impl RecipeDetails {
    fn reload(&mut self, system: &System) -> Result<bool, PhoneError> {
        self.categories = database::categories(system)?;
        let found = database::get(system, self.id)?;
        let known = found.is_some();
        self.recipe = found.unwrap_or_default();
        Ok(known)
    }

    fn share(&self) -> String {
        let recipe = &self.recipe;
        [
            &recipe.title,
            &recipe.description,
            &recipe.servings,
            &recipe.time,
            &recipe.ingredients,
            &recipe.directions,
        ]
        .into_iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n\n")
    }

    fn answer(&mut self, system: &System, message: Message) -> Result<Effects, PhoneError> {
        self.front = None;
        let none = Effects::none();
        let send = |mime: &str, words: String| {
            Intent::action("android.intent.action.SEND")
                .mime(mime)
                .text("android.intent.extra.TEXT", words)
        };
        Ok(match message {
            Message::Up => none.finish(),
            Message::Favorite(favorite) => {
                self.recipe.favorite = favorite;
                database::save(system, &self.recipe)?;
                none
            }
            Message::Menu => {
                self.front = Some(Front::Menu);
                none
            }
            Message::Share => none.start(send("text/plain", self.share())),
            Message::ShareFile => none.start(send("application/broccoli", self.share())),
            Message::Edit => none.start(about(FORM, self.id)),
            Message::AskDelete => {
                self.front = Some(Front::Delete);
                none
            }
            Message::Delete => {
                database::delete(system, self.id)?;
                none.toast("The recipe has been deleted.").finish()
            }
            Message::Cook => {
                let recipe = &self.recipe;
                if lines(&recipe.ingredients)
                    .chain(lines(&recipe.directions))
                    .count()
                    == 0
                {
                    none.toast("This recipe does not have any ingredients or directions yet.")
                } else {
                    none.start(about(COOKING, self.id))
                }
            }
            Message::Dismiss => none,
        })
    }

    fn top(&self) -> Widget<Message> {
        let like = if self.recipe.favorite {
            look::action(
                Icon::Star,
                "action_details_unlike",
                "Remove from favorites",
                Message::Favorite(false),
            )
        } else {
            look::action(
                Icon::StarOutline,
                "action_details_like",
                "Mark as favorite",
                Message::Favorite(true),
            )
        };
        stack(vec![
            blank()
                .id("backdrop")
                .class("android.widget.ImageView")
                .description("Recipe photo")
                .fill(),
            look::framed(
                "toolbar",
                vec![
                    look::start(Icon::Back, "Navigate up", Message::Up),
                    stretch(),
                    like,
                    look::more(Message::Menu),
                ],
            ),
        ])
        .id("toolbar_layout")
        .fill_width()
        .height(Length::Dp(56.0))
    }

    fn content(&self) -> Vec<Widget<Message>> {
        let recipe = &self.recipe;
        let mut content = vec![
            text(recipe.title.trim().to_owned())
                .id("details_title")
                .text_size(22.0)
                .fill_width(),
        ];
        let fact = |sign: Icon, label: &'static str, id: &'static str, words: &str| {
            row(vec![
                icon(sign, 20.0).description(label),
                text(words.to_owned()).id(id).text_size(15.0),
            ])
            .decoration()
            .gap(8.0)
            .width(Length::Wrap)
        };
        let mut facts = Vec::new();
        if !recipe.servings.is_empty() {
            let words = &recipe.servings;
            facts.push(fact(Icon::Person, "Servings", "details_servings", words));
        }
        if !recipe.time.is_empty() {
            facts.push(fact(
                Icon::Clock,
                "Time",
                "details_preparation_time",
                &recipe.time,
            ));
        }
        if !facts.is_empty() {
            content.push(row(facts).class("android.view.ViewGroup").gap(40.0));
        }
        let own = self
            .categories
            .iter()
            .filter(|one| recipe.categories.contains(&one.id));
        let names: Vec<&str> = own.map(|category| category.name.as_str()).collect();
        if !names.is_empty() {
            let names = names.join(", ");
            content.push(fact(Icon::Tag, "Categories", "details_categories", &names));
        }
        if !recipe.description.is_empty() {
            content.push(
                text(recipe.description.clone())
                    .id("details_description")
                    .fill_width(),
            );
        }
        if !recipe.source.is_empty() {
            content.push(fact(
                Icon::Globe,
                "Source",
                "details_source",
                &recipe.source,
            ));
        }
        let heading = |words: &'static str| {
            text(words)
                .text_size(18.0)
                .color(GREEN)
                .margin_edges(0.0, 4.0, 0.0, 0.0)
        };
        let ingredients: Vec<Widget<Message>> =
            lines(&recipe.ingredients).map(ingredient).collect();
        if !ingredients.is_empty() {
            content.push(heading("Ingredients"));
            content.push(column(ingredients).id("details_ingredients").gap(4.0));
        }
        let directions: Vec<Widget<Message>> = lines(&recipe.directions)
            .enumerate()
            .map(|(index, line)| direction(index + 1, line))
            .collect();
        if !directions.is_empty() {
            content.push(heading("Directions"));
            content.push(column(directions).id("details_directions").gap(4.0));
        }
        content.push(look::end());
        content
    }
}

fn ingredient(line: &str) -> Widget<Message> {
    let (quantity, rest) = quantity(line);
    let mut words = Vec::new();
    if !quantity.is_empty() {
        words.push(text(quantity.to_owned()).id("ingredient_quantity").bold());
    }
    words.push(
        text(rest.to_owned())
            .id("ingredient_text")
            .weight_width(1.0),
    );
    row(words)
        .class("android.view.ViewGroup")
        .cross(Align::Start)
        .gap(5.0)
}

fn direction(position: usize, line: &str) -> Widget<Message> {
    row(vec![
        text(position.to_string())
            .id("direction_position")
            .color(GREEN),
        text(line.to_owned()).id("direction_text").weight_width(1.0),
    ])
    .class("android.widget.RelativeLayout")
    .cross(Align::Start)
    .gap(10.0)
    .padding(5.0)
}

impl Activity for RecipeDetails {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> RecipeDetails {
        RecipeDetails {
            id: recipe_in(intent),
            recipe: Recipe::default(),
            categories: Vec::new(),
            front: None,
        }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Effects::unless_gone(self.reload(system))
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let root = column(vec![
            self.top(),
            stack(vec![
                scroll(self.content())
                    .id("scroll_view")
                    .gap(12.0)
                    .padding_edges(16.0, 16.0, 16.0, 0.0),
                look::floating(Icon::Play, "fab_cooking_assistant", "Cook", Message::Cook),
            ])
            .decoration()
            .fill_width()
            .weight_height(1.0),
        ])
        .class("android.view.ViewGroup")
        .background(Color::SURFACE)
        .fill();
        let window = self.front.map(|front| match front {
            Front::Menu => overflow_menu(
                [
                    ("Share", Message::Share),
                    ("Share as file", Message::ShareFile),
                    ("Edit", Message::Edit),
                    ("Delete", Message::AskDelete),
                ],
                Message::Dismiss,
            ),
            Front::Delete => look::question(
                "Delete this recipe?",
                "DELETE",
                Message::Delete,
                Message::Dismiss,
            ),
        });
        Screen::new(root).background(GREEN).overlay(window)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        Effects::or_toast(self.answer(system, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_stand_before_ingredients() {
        assert_eq!(quantity("1/2 cup of milk"), ("1/2 ", "cup of milk"));
        assert_eq!(quantity("salt, 2 pinches"), ("", "salt, 2 pinches"));
        assert_eq!(quantity("3"), ("3", ""));
    }
}
