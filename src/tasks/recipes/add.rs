//! Entering recipes that the goal lists, a note in Markor, or a picture in the gallery.

use async_trait::async_trait;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::adding::{Reading, Source};
use super::super::apps::BROCCOLI;
use super::super::listing::Form;
use super::super::pools::distinct;
use super::super::screen::{Look, back, open};
use super::super::{Solution, Task, TaskError, init_stream, params, table};
use super::pool;
use super::row::Recipe;
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Observation, Params, TaskSpec};

#[derive(Serialize, Deserialize)]
struct Given {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prep_time: Option<String>,
    row_objects: Vec<Recipe>,
    noise_row_objects: Vec<Recipe>,
    text_representation_type: Form,
}

pub(super) struct Add {
    spec: TaskSpec,
    source: Source,
    /// They stand among others that take another time.
    by_time: bool,
    count: usize,
    noise: usize,
}

/// The note.
const NOTE: Source = Source::Note("recipes.txt");
/// The picture.
const PICTURE: Source = Source::Picture("recipes.jpg");

impl Add {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| params::wrong(&self.spec, reason);
        if given.row_objects.is_empty() {
            return Err(wrong("row_objects is empty"));
        }
        if given
            .row_objects
            .iter()
            .any(|row| row.title().trim().is_empty())
        {
            return Err(wrong("a recipe to add needs a title"));
        }
        if self.by_time {
            let time = given
                .prep_time
                .as_deref()
                .ok_or_else(|| wrong("prep_time is needed"))?;
            if given.row_objects.iter().any(|row| row.time() != time) {
                return Err(wrong("row_objects must take the time of prep_time"));
            }
        }
        Ok(given)
    }

    /// The list of a note or a picture; among others in an order that comes from the instance.
    fn list(&self, given: &Given, instance: &Instance) -> String {
        let mut rows: Vec<&Recipe> = given.row_objects.iter().collect();
        if self.by_time {
            rows.extend(&given.noise_row_objects);
            rows.shuffle(&mut init_stream(instance));
        }
        listed(
            rows,
            match self.source {
                Source::Picture(_) => Form::TextBlock,
                _ => given.text_representation_type,
            },
        )
    }
}

fn listed<'a>(recipes: impl IntoIterator<Item = &'a Recipe>, form: Form) -> String {
    let rows: Vec<_> = recipes
        .into_iter()
        .map(|recipe| recipe.listed().map(|(name, value)| (name, value.into())))
        .collect();
    form.list("Recipe", &rows)
}

#[async_trait]
impl Task for Add {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let time = pool::TIMES[rng.random_range(0..pool::TIMES.len())];
        let by_time = self.by_time;
        let wanted = |_: &[Recipe], row: &Recipe| !by_time || row.time() == time;
        let row_objects = distinct(Vec::new(), self.count, || Recipe::random(rng), wanted);
        let other = |_: &[Recipe], row: &Recipe| match &row_objects[..] {
            _ if by_time => row.time() != time,
            [target] => row.title != target.title,
            targets => !targets.contains(row),
        };
        let noise_row_objects = distinct(Vec::new(), self.noise, || Recipe::random(rng), other);
        params::write(&Given {
            prep_time: by_time.then(|| time.to_owned()),
            row_objects,
            noise_row_objects,
            text_representation_type: Form::random(rng),
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        Ok(match self.source {
            Source::Goal => {
                let list = listed(&given.row_objects, given.text_representation_type);
                format!("Enter in Broccoli:\n{list}")
            }
            Source::Note(name) if self.by_time => format!(
                "The note {name} in Markor lists recipes. Enter those with a preparation time of {} in Broccoli, and no others.",
                given.prep_time.as_deref().unwrap_or("")
            ),
            Source::Note(name) => {
                format!("Enter the recipes from the note {name} in Markor in Broccoli.")
            }
            Source::Picture(name) => format!(
                "The picture {name} in Simple Gallery Pro shows some recipes. Enter them in Broccoli."
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let (there, list) = (&given.noise_row_objects, self.list(&given, instance));
        self.source
            .begin(device, &self.spec, instance, there, &list)
            .await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let given = self.read(&instance.params)?;
        table::is_added(device, instance, &given.row_objects).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let given = self.read(&instance.params)?;
        table::added_share(device, instance, &given.row_objects).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        self.source.teardown::<Recipe>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        Ok(Box::new(Entering {
            read: self.source.reading(),
            left: given.row_objects.into_iter().rev().collect(),
            tries: [0; FIELDS.len()],
            saved: false,
        }))
    }
}

/// The fields that a list gives, in its order, which is that of the form.
const FIELDS: [&str; 6] = [
    "new_title",
    "new_description",
    "new_servings",
    "new_preparation_time",
    "new_ingredients",
    "new_directions",
];

/// A field is typed into this often before what it holds is taken as it is.
const TRIES: u8 = 2;

/// Looks at the list, where it is not in the goal, and enters the recipes one after the other.
struct Entering {
    read: Reading,
    /// Recipes to enter, the next one last.
    left: Vec<Recipe>,
    /// How often each field of the form in front was typed into; [`TRIES`] once it is right.
    tries: [u8; FIELDS.len()],
    /// The form was saved, until its recipe's page is seen.
    saved: bool,
}

impl Solution for Entering {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if let Some(action) = (self.read)(look) {
            return action;
        }
        if !look.shows(BROCCOLI) {
            return open(BROCCOLI);
        }
        let Some(recipe) = self.left.last().cloned() else {
            return Action::complete();
        };
        if look.id("button_save_recipe").is_some() {
            return self.fill(look, &recipe);
        }
        if look.id("details_title").is_some() {
            let title = look.text_of("details_title");
            if std::mem::take(&mut self.saved) && title == recipe.title().trim() {
                self.left.pop();
            }
            return match self.left.is_empty() {
                true => Action::complete(),
                false => back(),
            };
        }
        // A form that is left with changes asks.
        if let Some(stay) = look.tap_named("CANCEL") {
            return stay;
        }
        self.tries = [0; FIELDS.len()];
        self.saved = false;
        look.tap_id("fab_recipes").unwrap_or_else(back)
    }
}

impl Entering {
    /// The next action on the form, from its top to its bottom.
    fn fill(&mut self, look: Look, recipe: &Recipe) -> Action {
        let seen = |place: &usize| look.id(FIELDS[*place]).is_some();
        for (place, (_, wanted)) in recipe.listed().into_iter().enumerate() {
            if self.tries[place] >= TRIES {
                continue;
            }
            let Some(field) = look.id(FIELDS[place]) else {
                let above = (0..place).any(|place| seen(&place));
                let below = (place..FIELDS.len()).any(|place| seen(&place));
                return Action::scroll(match below && !above {
                    true => Direction::Up,
                    false => Direction::Down,
                });
            };
            // Typing may end with a new line where a field has several; a new form is empty.
            if wanted.is_empty() || look.text(field).trim_end() == wanted.trim_end() {
                self.tries[place] = TRIES;
                continue;
            }
            self.tries[place] += 1;
            return Action::input_text(field, wanted);
        }
        self.saved = true;
        look.tap_id("button_save_recipe").unwrap_or_else(back)
    }
}

const fn add(
    name: &'static str,
    complexity: f64,
    difficulty: &'static str,
    tags: &'static [&'static str],
) -> Add {
    Add {
        spec: TaskSpec::new(
            name,
            &["broccoli app"],
            complexity,
            difficulty,
            tags,
            &[
                "row_objects",
                "noise_row_objects",
                "text_representation_type",
            ],
        ),
        source: Source::Goal,
        by_time: false,
        count: 3,
        noise: 10,
    }
}

const WITH_MARKOR: &[&str] = &["broccoli app", "markor"];

/// RecipeAddSingleRecipe.
pub(super) const SINGLE: Add = Add {
    count: 1,
    ..add(
        "RecipeAddSingleRecipe",
        2.4,
        "easy",
        &["data_entry", "parameterized"],
    )
};
/// RecipeAddMultipleRecipes.
pub(super) const MULTIPLE: Add = add(
    "RecipeAddMultipleRecipes",
    6.0,
    "medium",
    &["data_entry", "parameterized"],
);
/// RecipeAddMultipleRecipesFromImage.
pub(super) const FROM_PICTURE: Add = {
    let mut task = add(
        "RecipeAddMultipleRecipesFromImage",
        6.0,
        "hard",
        &[
            "transcription",
            "screen_reading",
            "data_entry",
            "complex_ui_understanding",
            "parameterized",
        ],
    );
    task.spec.apps = &["broccoli app", "simple gallery pro"];
    task.source = PICTURE;
    task
};
/// RecipeAddMultipleRecipesFromMarkor.
pub(super) const FROM_NOTE: Add = {
    let mut task = add(
        "RecipeAddMultipleRecipesFromMarkor",
        6.0,
        "hard",
        &[
            "data_entry",
            "multi_app",
            "screen_reading",
            "memorization",
            "parameterized",
        ],
    );
    task.spec.apps = WITH_MARKOR;
    task.source = NOTE;
    task
};
/// RecipeAddMultipleRecipesFromMarkor2.
pub(super) const FROM_NOTE_BY_TIME: Add = {
    let mut task = add(
        "RecipeAddMultipleRecipesFromMarkor2",
        6.0,
        "hard",
        &[
            "parameterized",
            "screen_reading",
            "complex_ui_understanding",
            "repetition",
            "multi_app",
            "data_entry",
            "information_retrieval",
        ],
    );
    task.spec.apps = WITH_MARKOR;
    task.spec.params = &[
        "prep_time",
        "row_objects",
        "noise_row_objects",
        "text_representation_type",
    ];
    task.source = NOTE;
    task.by_time = true;
    task.noise = 40;
    task
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn goals_list_every_field_of_every_recipe() {
        let mut forms = Vec::new();
        for seed in 0..20 {
            let instance = instance(&MULTIPLE, seed).unwrap();
            let given = MULTIPLE.read(&instance.params).unwrap();
            assert_eq!(
                (given.row_objects.len(), given.noise_row_objects.len()),
                (3, 10)
            );
            for (_, value) in given.row_objects.iter().flat_map(Recipe::listed) {
                assert!(
                    !value.is_empty() && instance.goal.contains(value),
                    "{value}"
                );
            }
            forms.push(given.text_representation_type);
        }
        assert!(forms.contains(&Form::Csv) && forms.contains(&Form::TextBlock));
    }

    #[test]
    fn a_note_holds_the_wanted_recipes_among_others_of_another_time() {
        for seed in 0..20 {
            let instance = instance(&FROM_NOTE_BY_TIME, seed).unwrap();
            let given = FROM_NOTE_BY_TIME.read(&instance.params).unwrap();
            let time = given.prep_time.clone().unwrap();
            assert!(instance.goal.contains(&time));
            let note = FROM_NOTE_BY_TIME.list(&given, &instance);
            assert_eq!(given.noise_row_objects.len(), 40);
            assert!(given.noise_row_objects.iter().all(|row| row.time() != time));
            for row in given.row_objects.iter().chain(&given.noise_row_objects) {
                assert!(note.contains(row.directions()));
            }
            let mut params = instance.params;
            params["prep_time"] = "5 hrs".into();
            assert!(FROM_NOTE_BY_TIME.goal(&params).is_err());
        }
    }
}
