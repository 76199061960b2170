//! Deleting recipes: those that the goal names, those with an ingredient, or one of two that are the same.

use async_trait::async_trait;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::pools::{distinct, pick};
use super::super::table::{self, Deleted};
use super::super::{Solution, Task, TaskError, params};
use super::deleting::Deleting;
use super::pool;
use super::row::Recipe;
use crate::device::Device;
use crate::domain::{Instance, Params, TaskSpec};

#[derive(Serialize, Deserialize)]
struct Given {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ingredient: Option<String>,
    row_objects: Vec<Recipe>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    noise_row_objects: Vec<Recipe>,
}

/// What is to be deleted, and what else is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// So many by their titles, among so many with other titles.
    Titles(usize, usize),
    /// Those whose directions name an ingredient.
    Ingredient,
    /// One of two that are the same.
    Duplicate(Others),
}

/// What is there beside two recipes that are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Some others.
    Any,
    /// Some others, and some with the same title.
    SameTitle,
    /// Many others, and some with the same title and description.
    SameDescription,
}

/// Targets and others where an ingredient decides.
const USERS: usize = 3;
const NOT_USERS: usize = 29;

/// The dish whose recipes stand first among many and look like duplicates.
const DECOY: usize = 0;

pub(super) struct Delete {
    spec: TaskSpec,
    wanted: Wanted,
}

impl Delete {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| Err(params::wrong(&self.spec, reason));
        let rows = &given.row_objects;
        if rows.iter().any(|row| row.title().trim().is_empty()) {
            return wrong("row_objects needs recipes with titles");
        }
        match self.wanted {
            // The benchmark has ingredients that no directions name; then nothing may be deleted.
            Wanted::Ingredient => {
                let Some(ingredient) = given.ingredient.as_deref() else {
                    return wrong("ingredient is needed");
                };
                if !rows.iter().all(|row| row.uses(ingredient)) {
                    return wrong("the directions of row_objects must name the ingredient");
                }
            }
            Wanted::Titles(..) if rows.is_empty() => return wrong("row_objects is empty"),
            Wanted::Titles(..) => {}
            Wanted::Duplicate(_) => {
                if !matches!(&rows[..], [one, other] if one == other) {
                    return wrong("row_objects must be the same recipe twice");
                }
            }
        }
        Ok(given)
    }
}

fn other_title(chosen: &[Recipe], candidate: &Recipe) -> bool {
    chosen.iter().all(|row| row.title != candidate.title)
}

/// Draws a recipe of a dish that fits.
fn of_dish(rng: &mut ChaCha8Rng, fits: impl Fn(usize) -> bool) -> Recipe {
    let dishes: Vec<usize> = (0..pool::DISHES.len()).filter(|dish| fits(*dish)).collect();
    let place = rng.random_range(0..dishes.len().max(1));
    Recipe::of_dish(dishes.get(place).copied().unwrap_or(DECOY), rng)
}

/// What is there beside two copies of a dish's recipe; no two of it are the same, so that there are no
/// other copies.
fn others(dish: usize, target: &Recipe, others: Others, rng: &mut ChaCha8Rng) -> Vec<Recipe> {
    let fits = |_: &[Recipe], row: &Recipe| row != target;
    let like_target = |rng: &mut ChaCha8Rng| Recipe {
        description: target.description.clone(),
        ..Recipe::of_dish(dish, rng)
    };
    match others {
        Others::Any => distinct(Vec::new(), 5, || Recipe::random(rng), fits),
        Others::SameTitle => {
            let all = distinct(Vec::new(), 6, || Recipe::random(rng), fits);
            distinct(all, 4, || Recipe::of_dish(dish, rng), fits)
        }
        Others::SameDescription => {
            let any = || of_dish(rng, |dish| dish != DECOY);
            let all = distinct(Vec::new(), 21, any, fits);
            let all = distinct(all, 3, || Recipe::of_dish(DECOY, rng), fits);
            distinct(all, 6, || like_target(rng), fits)
        }
    }
}

#[async_trait]
impl Task for Delete {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&match self.wanted {
            Wanted::Titles(count, noise) => {
                let draw = || Recipe::random(rng);
                let row_objects = distinct(Vec::new(), count, draw, other_title);
                let other = |chosen: &[Recipe], candidate: &Recipe| {
                    other_title(chosen, candidate) && other_title(&row_objects, candidate)
                };
                let noise_row_objects = distinct(Vec::new(), noise, || Recipe::random(rng), other);
                Given {
                    ingredient: None,
                    row_objects,
                    noise_row_objects,
                }
            }
            Wanted::Ingredient => {
                let ingredient = pick(&pool::INGREDIENTS, rng);
                let uses = |dish: usize| pool::DISHES[dish].1.to_lowercase().contains(&ingredient);
                let any = |_: &[Recipe], _: &Recipe| true;
                let not = |dish: usize| !uses(dish);
                Given {
                    row_objects: distinct(Vec::new(), USERS, || of_dish(rng, uses), any),
                    noise_row_objects: distinct(Vec::new(), NOT_USERS, || of_dish(rng, not), any),
                    ingredient: Some(ingredient),
                }
            }
            Wanted::Duplicate(kind) => {
                let dish = rng.random_range(0..pool::DISHES.len());
                let target = Recipe::of_dish(dish, rng);
                Given {
                    ingredient: None,
                    noise_row_objects: others(dish, &target, kind, rng),
                    row_objects: vec![target; 2],
                }
            }
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        Ok(match self.wanted {
            Wanted::Ingredient => format!(
                "Delete every recipe in Broccoli whose directions name {}.",
                given.ingredient.as_deref().unwrap_or("")
            ),
            Wanted::Duplicate(_) => "One recipe in Broccoli is there twice, the same in every detail. Delete one of the two copies and nothing else.".to_owned(),
            Wanted::Titles(..) => {
                let titles: Vec<String> = given
                    .row_objects
                    .iter()
                    .map(|row| format!("\"{}\"", row.title()))
                    .collect();
                match &titles[..] {
                    [title] => format!("Delete the recipe {title} from Broccoli."),
                    _ => format!("Delete these recipes from Broccoli: {}.", titles.join(", ")),
                }
            }
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let (stay, targets) = (&given.noise_row_objects, &given.row_objects);
        table::begin_deleting(device, &self.spec, instance, stay, targets).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        table::is_deleted::<Recipe>(
            device,
            instance,
            matches!(self.wanted, Wanted::Duplicate(_)),
        )
        .await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let deleted: Deleted<Recipe> = Deleted::read(device, instance).await?;
        match self.wanted {
            Wanted::Duplicate(_) => deleted.share_of_one(),
            _ => deleted.share_of_all(),
        }
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<Recipe>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let mut wanted = self.read(&instance.params)?.row_objects;
        let exact = matches!(self.wanted, Wanted::Duplicate(_));
        if exact {
            // One copy goes, the other stays.
            wanted.truncate(1);
        }
        Ok(Box::new(Deleting::new(wanted, exact)))
    }
}

const fn delete(
    name: &'static str,
    complexity: f64,
    difficulty: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
    wanted: Wanted,
) -> Delete {
    Delete {
        spec: TaskSpec::new(
            name,
            &["broccoli app"],
            complexity,
            difficulty,
            tags,
            params,
        ),
        wanted,
    }
}

const ROWS: &[&str] = &["row_objects"];
const ROWS_AND_NOISE: &[&str] = &["row_objects", "noise_row_objects"];

/// RecipeDeleteSingleRecipe.
pub(super) const SINGLE: Delete = delete(
    "RecipeDeleteSingleRecipe",
    1.0,
    "easy",
    &["data_edit", "search", "parameterized"],
    ROWS,
    Wanted::Titles(1, 0),
);
/// RecipeDeleteSingleWithRecipeWithNoise.
pub(super) const SINGLE_AMONG_MANY: Delete = delete(
    "RecipeDeleteSingleWithRecipeWithNoise",
    2.0,
    "easy",
    &["search", "screen_reading", "data_edit", "parameterized"],
    ROWS_AND_NOISE,
    Wanted::Titles(1, 29),
);
/// RecipeDeleteMultipleRecipes.
pub(super) const MULTIPLE: Delete = delete(
    "RecipeDeleteMultipleRecipes",
    2.4,
    "easy",
    &["data_edit", "parameterized"],
    ROWS,
    Wanted::Titles(3, 0),
);
/// RecipeDeleteMultipleRecipesWithNoise.
pub(super) const MULTIPLE_AMONG_MANY: Delete = delete(
    "RecipeDeleteMultipleRecipesWithNoise",
    3.4,
    "medium",
    &[
        "parameterized",
        "search",
        "complex_ui_understanding",
        "repetition",
    ],
    ROWS_AND_NOISE,
    Wanted::Titles(3, 29),
);
/// RecipeDeleteMultipleRecipesWithConstraint.
pub(super) const BY_INGREDIENT: Delete = delete(
    "RecipeDeleteMultipleRecipesWithConstraint",
    4.0,
    "hard",
    &["screen_reading", "repetition", "parameterized"],
    &["ingredient", "row_objects", "noise_row_objects"],
    Wanted::Ingredient,
);
/// RecipeDeleteDuplicateRecipes.
pub(super) const DUPLICATES: Delete = delete(
    "RecipeDeleteDuplicateRecipes",
    1.0,
    "easy",
    &[
        "search",
        "data_edit",
        "screen_reading",
        "repetition",
        "parameterized",
    ],
    ROWS_AND_NOISE,
    Wanted::Duplicate(Others::Any),
);
/// RecipeDeleteDuplicateRecipes2.
pub(super) const DUPLICATES_AMONG_VARIANTS: Delete = delete(
    "RecipeDeleteDuplicateRecipes2",
    2.4,
    "medium",
    &["repetition", "data_edit", "parameterized"],
    ROWS_AND_NOISE,
    Wanted::Duplicate(Others::SameTitle),
);
/// RecipeDeleteDuplicateRecipes3.
pub(super) const DUPLICATES_AMONG_MANY: Delete = delete(
    "RecipeDeleteDuplicateRecipes3",
    3.4,
    "medium",
    &["data_edit", "parameterized"],
    ROWS_AND_NOISE,
    Wanted::Duplicate(Others::SameDescription),
);

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    fn given(task: &Delete, seed: u64) -> Given {
        task.read(&instance(task, seed).unwrap().params).unwrap()
    }

    #[test]
    fn titles_differ_where_a_title_decides() {
        for seed in 0..20 {
            let given = given(&MULTIPLE_AMONG_MANY, seed);
            let all = given.row_objects.iter().chain(&given.noise_row_objects);
            let mut titles: Vec<&str> = all.map(Recipe::title).collect();
            titles.sort_unstable();
            titles.dedup();
            assert_eq!(titles.len(), 32);
        }
    }

    #[test]
    fn an_ingredient_is_in_the_targets_alone() {
        for seed in 0..100 {
            let given = given(&BY_INGREDIENT, seed);
            let ingredient = given.ingredient.unwrap();
            assert_eq!(
                (given.row_objects.len(), given.noise_row_objects.len()),
                (3, 29)
            );
            assert!(given.row_objects.iter().all(|row| row.uses(&ingredient)));
            assert!(
                !given
                    .noise_row_objects
                    .iter()
                    .any(|row| row.uses(&ingredient))
            );
        }
        let mut params = instance(&BY_INGREDIENT, 1).unwrap().params;
        params["row_objects"] = serde_json::json!([]);
        assert!(BY_INGREDIENT.goal(&params).is_ok());
    }

    #[test]
    fn one_recipe_alone_is_there_twice() {
        let tasks = [
            &DUPLICATES,
            &DUPLICATES_AMONG_VARIANTS,
            &DUPLICATES_AMONG_MANY,
        ];
        for (task, count) in tasks.into_iter().zip([5, 10, 30]) {
            for seed in 0..20 {
                let given = given(task, seed);
                let noise = &given.noise_row_objects;
                assert_eq!(noise.len(), count);
                assert_eq!(given.row_objects[0], given.row_objects[1]);
                assert!(!noise.contains(&given.row_objects[0]));
                let differs = |place: usize| !noise[..place].contains(&noise[place]);
                assert!((0..count).all(differs));
            }
        }
        let mut params = instance(&DUPLICATES, 4).unwrap().params;
        params["row_objects"][0]["servings"] = "9".into();
        assert!(DUPLICATES.goal(&params).is_err());
    }
}
