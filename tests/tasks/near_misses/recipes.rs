//! Near misses in Broccoli.

use super::{NearMiss, Solved, sql};

pub const RECIPES: &str = "/data/data/com.flauschcode.broccoli/databases/broccoli";

/// The recipe that came last, or was there first.
const LAST: &str = "recipeId = (SELECT max(recipeId) FROM recipes)";
const FIRST: &str = "recipeId = (SELECT min(recipeId) FROM recipes)";

pub fn near_misses(task: &str, _solved: &Solved<'_>) -> Option<Vec<NearMiss>> {
    let recipe = |statement: &str| sql(RECIPES, statement);
    let one_more = recipe("INSERT INTO recipes (title, favorite) VALUES ('One more', 0)");
    let first_gone = recipe(&format!("DELETE FROM recipes WHERE {FIRST}"));
    let changed =
        |what: &str, which: &str| recipe(&format!("UPDATE recipes SET {what} WHERE {which}"));
    Some(match task {
        name if name.starts_with("RecipeAdd") => vec![
            one_more,
            changed("servings = 'half a serving'", LAST),
            changed("directions = substr(directions, 1, 30)", LAST),
            first_gone,
            changed("favorite = 1", LAST),
            changed("description = NULL", LAST),
            changed("source = 'somewhere'", FIRST),
            recipe("DROP TABLE recipes"),
        ],
        "RecipeDeleteSingleRecipe" | "RecipeDeleteMultipleRecipes" => vec![
            one_more,
            recipe(
                "INSERT INTO recipes (title, imageName, description, servings, preparationTime, source, ingredients, directions, favorite) VALUES ('', '', '', '', '', '', '', '', 0)",
            ),
            recipe("DROP TABLE recipes"),
        ],
        name if name.starts_with("RecipeDelete") => vec![
            first_gone,
            changed("favorite = 1", FIRST),
            one_more,
            changed("ingredients = ingredients || ' '", FIRST),
            recipe(&format!("DELETE FROM recipes WHERE {LAST}")),
        ],
        _ => return None,
    })
}
