//! A recipe: a row of the table `recipes`, how it is drawn, and how two are compared.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::super::columns;
use super::super::comparison::fuzzy;
use super::super::database::AppDatabase;
use super::super::table::Row;
use super::pool;

/// One row, with the names of its columns (catalogue section 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recipe {
    /// Row id; 0 for one that is not stored.
    #[serde(default)]
    pub recipe_id: i64,
    /// Title.
    #[serde(default = "nothing")]
    pub title: Option<String>,
    /// File of its picture.
    #[serde(default = "nothing")]
    pub image_name: Option<String>,
    /// Description.
    #[serde(default = "nothing")]
    pub description: Option<String>,
    /// For how many.
    #[serde(default = "nothing")]
    pub servings: Option<String>,
    /// How long it takes.
    #[serde(default = "nothing")]
    pub preparation_time: Option<String>,
    /// Where it is from.
    #[serde(default = "nothing")]
    pub source: Option<String>,
    /// Ingredients.
    #[serde(default = "nothing")]
    pub ingredients: Option<String>,
    /// Directions.
    #[serde(default = "nothing")]
    pub directions: Option<String>,
    /// 1 for a favourite.
    #[serde(default)]
    pub favorite: i64,
}

/// The empty text that columns without a value hold.
fn nothing() -> Option<String> {
    Some(String::new())
}

impl Recipe {
    /// Draws one (catalogue section 3.10).
    pub fn random(rng: &mut ChaCha8Rng) -> Recipe {
        Recipe::of_dish(rng.random_range(0..pool::DISHES.len()), rng)
    }

    /// Draws one of a dish of the pool.
    pub fn of_dish(dish: usize, rng: &mut ChaCha8Rng) -> Recipe {
        let (title, directions) = pool::DISHES[dish];
        let mut pick = |words: &[&'static str]| words.choose(rng).copied().unwrap_or_default();
        let filled = |words: &str| Some(words.to_owned());
        Recipe {
            recipe_id: 0,
            title: filled(title),
            image_name: nothing(),
            description: filled(pick(&pool::DESCRIPTIONS)),
            servings: filled(pick(&pool::SERVINGS)),
            preparation_time: filled(pick(&pool::TIMES)),
            source: nothing(),
            ingredients: filled(pick(&pool::AMOUNTS)),
            directions: Some(format!("{directions} {}", pick(&pool::REMARKS))),
            favorite: 0,
        }
    }

    /// Title, or nothing.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or("")
    }

    /// Description, or nothing.
    pub fn description(&self) -> &str {
        self.description.as_deref().unwrap_or("")
    }

    /// Preparation time, or nothing.
    pub fn time(&self) -> &str {
        self.preparation_time.as_deref().unwrap_or("")
    }

    /// Directions, or nothing.
    pub fn directions(&self) -> &str {
        self.directions.as_deref().unwrap_or("")
    }

    /// Whether the directions name an ingredient, in lower case as the benchmark looks for it.
    pub fn uses(&self, ingredient: &str) -> bool {
        self.directions().to_lowercase().contains(ingredient)
    }

    /// Names and values of what a goal lists, in the benchmark's order.
    pub fn listed(&self) -> [(&'static str, &str); 6] {
        [
            ("title", self.title()),
            ("description", self.description()),
            ("servings", self.servings.as_deref().unwrap_or("")),
            ("preparationTime", self.time()),
            ("ingredients", self.ingredients.as_deref().unwrap_or("")),
            ("directions", self.directions()),
        ]
    }
}

impl Row for Recipe {
    const DATABASE: AppDatabase = super::DATABASE;

    fn id(&self) -> i64 {
        self.recipe_id
    }

    // All words nearly alike; the picture does not matter.
    fn matches(reference: &Recipe, row: &Recipe) -> bool {
        let alike = |of: fn(&Recipe) -> &Option<String>| {
            fuzzy(of(reference).as_deref(), of(row).as_deref())
        };
        reference.favorite == row.favorite
            && alike(|recipe| &recipe.title)
            && alike(|recipe| &recipe.description)
            && alike(|recipe| &recipe.servings)
            && alike(|recipe| &recipe.preparation_time)
            && alike(|recipe| &recipe.source)
            && alike(|recipe| &recipe.ingredients)
            && alike(|recipe| &recipe.directions)
    }

    fn list(connection: &Connection) -> rusqlite::Result<Vec<Recipe>> {
        columns::list(connection, "recipes")
    }

    fn replace(connection: &Connection, rows: &[&Recipe]) -> rusqlite::Result<Vec<Recipe>> {
        columns::replace(connection, "recipes", "recipeId", rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn parameters_have_the_names_of_the_columns() {
        let recipe = Recipe::random(&mut stream(1, "test", 0));
        let json = serde_json::to_value(&recipe).unwrap();
        assert!(json["preparationTime"].is_string() && json["recipeId"].is_i64());
        assert_eq!(serde_json::from_value::<Recipe>(json).unwrap(), recipe);
        let short: Recipe = serde_json::from_str(r#"{"title": "Tea"}"#).unwrap();
        assert_eq!(short.source.as_deref(), Some(""));
    }

    #[test]
    fn rows_match_by_similar_words() {
        let reference = Recipe::random(&mut stream(1, "test", 0));
        let changed = |change: fn(&mut Recipe)| {
            let mut row = reference.clone();
            row.recipe_id = 7;
            change(&mut row);
            Recipe::matches(&reference, &row)
        };
        assert!(changed(|row| row.image_name = None));
        // Typing may end with a new line where a field has several.
        assert!(changed(|row| row
            .directions
            .iter_mut()
            .for_each(|words| words.push('\n'))));
        assert!(changed(|row| row
            .ingredients
            .iter_mut()
            .for_each(|words| words.push('\n'))));
        assert!(!changed(|row| row.favorite = 1));
        assert!(!changed(
            |row| row.servings = Some("12 servings or so".to_owned())
        ));
        assert!(!changed(|row| row.source = Some("me".to_owned())));
        assert!(!changed(|row| row.description = None));
    }
}
