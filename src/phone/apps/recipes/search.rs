//! The search for recipes: every word of the query must begin a word of title, description, source or
//! ingredients; directions are not searched.

use super::database::Recipe;

/// The words of a text, in lower case. `#` is part of a word.
fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric() && character != '#')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Where a recipe answers a query: the first column with a word of it; `None` where it does not.
fn answer(recipe: &Recipe, query: &[String]) -> Option<usize> {
    let columns = [
        &recipe.title,
        &recipe.description,
        &recipe.source,
        &recipe.ingredients,
    ]
    .map(|text| words(text));
    let column_of = |index: usize, wanted: &String| {
        let fits = |word: &String| match index + 1 == query.len() {
            true => word.starts_with(wanted.as_str()),
            false => word == wanted,
        };
        columns.iter().position(|column| column.iter().any(fits))
    };
    let found = query.iter().enumerate();
    let places: Option<Vec<usize>> = found.map(|(index, word)| column_of(index, word)).collect();
    places?.into_iter().min()
}

/// The recipes that answer a query, those with it in the title first; all without a query.
pub fn find<'a>(recipes: Vec<&'a Recipe>, query: &str) -> Vec<&'a Recipe> {
    if query.is_empty() {
        return recipes;
    }
    let query = words(query);
    if query.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, &Recipe)> = recipes
        .into_iter()
        .filter_map(|recipe| Some((answer(recipe, &query)?, recipe)))
        .collect();
    found.sort_by_key(|(column, _)| *column);
    found.into_iter().map(|(_, recipe)| recipe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_beginning_and_titles_first() {
        let recipe = |title: &str, ingredients: &str, directions: &str| Recipe {
            title: title.to_owned(),
            ingredients: ingredients.to_owned(),
            directions: directions.to_owned(),
            ..Recipe::default()
        };
        let all = [
            recipe("Apple Pie", "3 lemons", ""),
            recipe("Lemon Tart", "apples", ""),
            recipe("Toast", "bread", "lemon"),
        ];
        let titles = |query: &str| -> Vec<&str> {
            let found = find(all.iter().collect(), query);
            found
                .into_iter()
                .map(|recipe| recipe.title.as_str())
                .collect()
        };
        assert_eq!(titles("LEM"), ["Lemon Tart", "Apple Pie"]);
        assert_eq!(titles("apple pi"), ["Apple Pie"]);
        assert_eq!(titles("appl pie"), Vec::<&str>::new());
        assert_eq!(titles("emon"), Vec::<&str>::new());
        assert_eq!(titles("").len(), 3);
    }
}
