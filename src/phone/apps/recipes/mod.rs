//! Broccoli (`com.flauschcode.broccoli`): recipes as cards in a list, a page and a form for each, and an
//! assistant for cooking. Recipes are rows of the database `broccoli`.

mod categories;
mod cooking;
pub mod database;
mod details;
mod drawer;
mod form;
mod list;
mod look;
mod search;

use crate::phone::system::{Intent, PhoneError, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Color, Icon, LaunchMode, activity};

/// The package.
pub const PACKAGE: &str = "com.flauschcode.broccoli";

const MAIN: &str = "com.flauschcode.broccoli.MainActivity";
const DETAILS: &str = "com.flauschcode.broccoli.recipe.details.RecipeDetailsActivity";
const FORM: &str = "com.flauschcode.broccoli.recipe.crud.CreateAndEditRecipeActivity";
const COOKING: &str = "com.flauschcode.broccoli.recipe.cooking.CookingAssistantActivity";

/// Extra of the intents between the screens: the row id of a recipe.
const RECIPE: &str = "com.flauschcode.broccoli.recipe.Recipe";

/// The recipe that an intent is about; 0 for none.
fn recipe_in(intent: &Intent) -> i64 {
    intent.get_number(RECIPE).unwrap_or(0)
}

/// The intent for a screen about a recipe.
fn about(class: &'static str, recipe: i64) -> Intent {
    Intent::activity(PACKAGE, class).number(RECIPE, recipe)
}

/// Leaves the app as after its first start: the database made.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    database::DATABASE.create(system)
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Broccoli",
    icon: Icon::Heart,
    color: Color::rgb(0x2E_7D32),
    activities: &[
        ActivityEntry::new(MAIN, activity::<list::MainActivity>)
            .launcher()
            .mode(LaunchMode::SingleTop),
        ActivityEntry::new(DETAILS, activity::<details::RecipeDetails>),
        ActivityEntry::new(FORM, activity::<form::RecipeForm>),
        ActivityEntry::new(COOKING, activity::<cooking::CookingAssistant>),
    ],
};
