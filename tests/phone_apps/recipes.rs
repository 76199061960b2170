//! Broccoli: recipes that are added, changed, found and deleted through its screens are rows of its database.

use super::driver::Phone;
use stepdroid::phone::apps::recipes::database::{self, Recipe};

const BROCCOLI: &str = "com.flauschcode.broccoli";

fn recipe(title: &str, description: &str) -> Recipe {
    Recipe {
        title: title.to_owned(),
        description: description.to_owned(),
        servings: "2 servings".to_owned(),
        time: "20 mins".to_owned(),
        ingredients: "2 lemons\nsalt".to_owned(),
        directions: "Squeeze the lemons.\n\nAdd salt.".to_owned(),
        ..Recipe::default()
    }
}

fn phone_with(recipes: &[Recipe]) -> Phone {
    let mut phone = Phone::new();
    for recipe in recipes {
        database::save(&phone.system, recipe).unwrap();
    }
    phone.open(BROCCOLI);
    phone
}

fn stored(phone: &Phone) -> Vec<Recipe> {
    database::list(&phone.system).unwrap()
}

fn titles(phone: &mut Phone) -> Vec<String> {
    let nodes = phone.nodes();
    let titles = nodes
        .into_iter()
        .filter(|node| node.id.ends_with("card_text_view_title"));
    titles.map(|node| node.text).collect()
}

#[test]
fn a_recipe_is_added_with_all_its_fields_and_shown() {
    let mut phone = phone_with(&[]);
    assert!(phone.sees("No recipes found."));
    phone.tap("fab_recipes");
    assert_eq!(phone.node("new_title").hint, "Title");
    phone.tap("SAVE");
    assert!(phone.sees("new_title"), "a title is needed");
    phone.fill("new_title", "Green Soup");
    // ENTER goes on to the next field that takes text, and makes a new line where there can be one.
    phone.key(66);
    phone.write("Warm");
    phone.key(66);
    phone.write("and quick");
    phone.hide_keyboard();
    for (field, words) in [
        ("new_source", "Grandmother"),
        ("new_servings", "3-4 servings"),
        ("new_preparation_time", "1 hrs"),
        ("new_ingredients", "peas"),
        ("new_directions", "Boil the peas. Blend."),
    ] {
        phone.fill(field, words);
        assert_eq!(phone.node(field).text, words);
        phone.hide_keyboard();
    }
    phone.tap("SAVE");
    assert_eq!(phone.node("details_title").text, "Green Soup");
    assert_eq!(phone.node("details_servings").text, "3-4 servings");
    assert_eq!(phone.node("details_preparation_time").text, "1 hrs");
    assert_eq!(phone.node("direction_text").text, "Boil the peas. Blend.");
    let focused = phone.windows.focused();
    assert!(focused.class.ends_with("details.RecipeDetailsActivity"));
    let rows = stored(&phone);
    assert_eq!(rows.len(), 1);
    let expected = Recipe {
        id: rows[0].id,
        title: "Green Soup".to_owned(),
        description: "Warm\nand quick".to_owned(),
        source: "Grandmother".to_owned(),
        servings: "3-4 servings".to_owned(),
        time: "1 hrs".to_owned(),
        ingredients: "peas".to_owned(),
        directions: "Boil the peas. Blend.".to_owned(),
        ..Recipe::default()
    };
    assert_eq!(rows[0], expected);
    phone.back();
    assert_eq!(titles(&mut phone), ["Green Soup"]);
    phone.back();
    assert!(!phone.sees("fab_recipes"));
}

#[test]
fn a_form_that_was_changed_asks_before_it_is_left() {
    let mut phone = phone_with(&[recipe("Lemonade", "")]);
    phone.tap("Lemonade");
    phone.tap("More options");
    phone.tap("Edit");
    phone.leave();
    assert!(phone.sees("details_title"), "nothing was changed");
    phone.tap("More options");
    phone.tap("Edit");
    phone.replace("new_title", "Juice");
    phone.leave();
    assert!(phone.sees("Discard changes?"));
    phone.tap("CANCEL");
    assert_eq!(phone.node("new_title").text, "Juice");
    phone.leave();
    phone.tap("DISCARD");
    assert_eq!(phone.node("details_title").text, "Lemonade");
    phone.tap("More options");
    phone.tap("Edit");
    phone.replace("new_title", "Juice");
    phone.tap("SAVE");
    assert_eq!(phone.node("details_title").text, "Juice");
    assert_eq!(stored(&phone)[0].title, "Juice");
    assert_eq!(stored(&phone).len(), 1);
}

#[test]
fn a_recipe_is_deleted_from_its_page() {
    let mut phone = phone_with(&[
        recipe("Tea", "one"),
        recipe("Tea", "two"),
        recipe("coffee", ""),
    ]);
    assert_eq!(titles(&mut phone), ["coffee", "Tea", "Tea"]);
    phone.tap("two");
    assert_eq!(phone.node("details_description").text, "two");
    assert_eq!(phone.node("ingredient_quantity").text, "2 ");
    phone.tap("More options");
    phone.tap("Delete");
    assert!(phone.sees("Delete this recipe?"));
    phone.tap("CANCEL");
    assert!(phone.sees("details_title"));
    phone.tap("More options");
    phone.tap("Delete");
    phone.tap("DELETE");
    assert_eq!(titles(&mut phone), ["coffee", "Tea"]);
    let left = stored(&phone);
    let left: Vec<&str> = left.iter().map(|row| row.description.as_str()).collect();
    assert_eq!(left, ["", "one"]);
}

#[test]
fn recipes_are_found_by_words_and_filtered() {
    let mut phone = phone_with(&[
        recipe("Apple pie", "with lemon"),
        recipe("Lemon tart", ""),
        recipe("Bread", "plain"),
    ]);
    phone.tap("action_search");
    phone.write("lemo");
    // The ingredients hold lemons, and are searched too; a hit in the title comes first.
    assert_eq!(titles(&mut phone), ["Lemon tart", "Apple pie", "Bread"]);
    phone.write("n");
    phone.replace("search_src_text", "plain");
    assert_eq!(titles(&mut phone), ["Bread"]);
    phone.tap("Clear query");
    assert_eq!(titles(&mut phone).len(), 3);
    phone.tap("Collapse");
    phone.tap("Bread");
    phone.tap("Mark as favorite");
    phone.back();
    phone.tap("spinner");
    phone.tap("Favorites");
    assert_eq!(titles(&mut phone), ["Bread"]);
    assert_eq!(phone.node("spinner").description, "Categories");
    phone.tap("Bread");
    phone.tap("Remove from favorites");
    phone.back();
    assert!(phone.sees("No recipes found."));
}

#[test]
fn categories_are_made_chosen_and_removed() {
    let mut phone = phone_with(&[recipe("Bread", "")]);
    phone.tap("Open navigation drawer");
    phone.tap("Categories");
    phone.tap("fab_categories");
    phone.write("Basics");
    phone.tap("SAVE");
    assert!(phone.sees("Basics"));
    phone.back();
    phone.tap("Bread");
    phone.tap("More options");
    phone.tap("Edit");
    phone.tap("new_categories");
    phone.tap("Basics");
    phone.tap("OK");
    phone.tap("SAVE");
    assert_eq!(phone.node("details_categories").text, "Basics");
    phone.back();
    phone.tap("spinner");
    phone.tap("Basics");
    assert_eq!(titles(&mut phone), ["Bread"]);
    phone.tap("Open navigation drawer");
    phone.tap("Categories");
    phone.tap("Basics");
    phone.tap("DELETE");
    assert!(phone.sees("delete_category_warning"));
    phone.tap("DELETE");
    assert!(phone.sees("categories_empty"));
    assert_eq!(stored(&phone)[0].categories, Vec::<i64>::new());
    assert_eq!(stored(&phone).len(), 1);
}

#[test]
fn rows_that_others_write_are_shown_after_a_restart() {
    let mut phone = phone_with(&[recipe("Bread", "")]);
    let connection = phone.system.database(&database::DATABASE.path()).unwrap();
    connection
        .execute(
            "INSERT INTO recipes (title, favorite, directions) VALUES ('Arepas', 0, NULL)",
            [],
        )
        .unwrap();
    let found: i64 = connection
        .query_row(
            "SELECT count(*) FROM recipes_fts WHERE recipes_fts MATCH 'arep*'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(found, 1);
    drop(connection);
    phone.stop(BROCCOLI);
    phone.open(BROCCOLI);
    assert_eq!(titles(&mut phone), ["Arepas", "Bread"]);
    phone.tap("Bread");
    phone.tap("Cook");
    assert_eq!(phone.node("cooking_assistant_text").text, "2 lemons\nsalt");
    phone.swipe("cooking_assistant_pager", -600, 0);
    assert_eq!(phone.node("cooking_assistant_title").text, "1");
    phone.tap("Cancel");
    assert!(phone.sees("details_title"));
}
