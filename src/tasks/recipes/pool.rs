//! Words that recipes are made of. Our own; no check depends on them.

/// Titles, and directions that name what is used.
pub(super) const DISHES: [(&str, &str); 39] = [
    (
        "Almond Granola",
        "Stir oats, almonds and honey together and bake for twenty minutes. Let it cool, then add raisins.",
    ),
    (
        "Apple Crumble",
        "Fill a dish with sliced apples, cover with a crumb of butter, flour and brown sugar, and bake until crisp.",
    ),
    (
        "Avocado Toast",
        "Mash an avocado with lime juice, spread it on toasted rye bread and scatter chili flakes over it.",
    ),
    (
        "Baked Salmon",
        "Lay the salmon on a tray, brush it with mustard and dill, and bake for fifteen minutes.",
    ),
    (
        "Banana Pancakes",
        "Mash two bananas, whisk in eggs and a pinch of cinnamon, and fry small pancakes on both sides.",
    ),
    (
        "Barley Stew",
        "Simmer barley with carrots, turnips and bay leaves until the grains are tender.",
    ),
    (
        "Bean Chili",
        "Fry onions and cumin, add kidney beans and tomatoes, and let the pot bubble for half an hour.",
    ),
    (
        "Beet Salad",
        "Boil the beets, cut them in wedges and toss them with walnuts and goat cheese.",
    ),
    (
        "Berry Smoothie",
        "Blend blueberries, raspberries and yogurt until smooth and pour into tall glasses.",
    ),
    (
        "Broccoli Gratin",
        "Cover broccoli florets with cream and grated cheddar and bake until golden.",
    ),
    (
        "Butternut Soup",
        "Roast the butternut squash, blend it with vegetable stock and ginger, and warm it through.",
    ),
    (
        "Cabbage Rolls",
        "Wrap minced beef and rice in cabbage leaves and braise them slowly with paprika.",
    ),
    (
        "Caprese Plate",
        "Layer mozzarella with basil leaves and drizzle balsamic vinegar over the plate.",
    ),
    (
        "Cauliflower Curry",
        "Toast curry powder, add cauliflower and coconut milk, and cook until it is soft.",
    ),
    (
        "Chickpea Wraps",
        "Roast chickpeas with smoked salt, roll them in tortillas and add shredded lettuce.",
    ),
    (
        "Coconut Pudding",
        "Warm coconut cream with tapioca and palm sugar and chill it in small cups.",
    ),
    (
        "Corn Chowder",
        "Cook sweetcorn with diced potatoes and leeks, then crush half of it for a thick soup.",
    ),
    (
        "Couscous Bowl",
        "Soak the couscous, fork in apricots, mint and pistachios, and serve it lukewarm.",
    ),
    (
        "Cucumber Raita",
        "Grate a cucumber, squeeze it dry and fold it into thick curd with coriander.",
    ),
    (
        "Duck Noodles",
        "Sear the duck, slice it thin and lay it over egg noodles with hoisin sauce.",
    ),
    (
        "Eggplant Dip",
        "Char an eggplant over the flame, peel it and beat it with tahini and lemon juice.",
    ),
    (
        "Fig Focaccia",
        "Press figs and rosemary into the dough, pour olive oil over it and bake it hot.",
    ),
    (
        "Fish Tacos",
        "Fry the cod in batter and fill it into corn tortillas with red cabbage and mango.",
    ),
    (
        "Garlic Shrimp",
        "Sizzle garlic in a wide pan, add the shrimp and finish with parsley.",
    ),
    (
        "Gnocchi Bake",
        "Mix gnocchi with spinach and ricotta and bake until the top browns.",
    ),
    (
        "Lamb Skewers",
        "Thread the lamb onto sticks with zucchini, rub with oregano and grill.",
    ),
    (
        "Leek Quiche",
        "Line a tin with pastry, fill it with softened leeks, sour cream and nutmeg, and bake.",
    ),
    (
        "Lentil Dal",
        "Simmer red lentils with turmeric, then stir in mustard seeds fried in ghee.",
    ),
    (
        "Mushroom Risotto",
        "Stir arborio with mushrooms and white wine until creamy, and end with parmesan.",
    ),
    (
        "Orange Cake",
        "Beat orange zest into the batter with ground hazelnuts and bake for forty minutes.",
    ),
    (
        "Peanut Tofu",
        "Crisp the tofu in a pan, then coat it with peanut butter, soy sauce and scallions.",
    ),
    (
        "Pear Porridge",
        "Cook the oats in milk, and top the bowl with stewed pears and maple syrup.",
    ),
    (
        "Pesto Linguine",
        "Pound pine nuts for the pesto and toss it with linguine and a splash of water.",
    ),
    (
        "Plum Dumplings",
        "Wrap every plum in potato dough, boil gently and roll in poppy seeds.",
    ),
    (
        "Pork Ramen",
        "Simmer the broth with pork and seaweed, and ladle it over ramen noodles.",
    ),
    (
        "Pumpkin Bread",
        "Fold pumpkin puree and cloves into the dough and bake in a long tin.",
    ),
    (
        "Quinoa Peppers",
        "Stuff bell peppers with quinoa and feta and roast them until they wrinkle.",
    ),
    (
        "Sesame Chicken",
        "Toss the chicken in cornstarch, fry it and glaze it with sesame seeds.",
    ),
    (
        "Turkey Meatballs",
        "Roll ground turkey with breadcrumbs and sage and brown on all sides.",
    ),
];

/// What directions end with.
pub(super) const REMARKS: [&str; 3] = [
    "Serve it while it is hot.",
    "It keeps for two days in the fridge.",
    "Season it to your taste at the end.",
];

/// Descriptions.
pub(super) const DESCRIPTIONS: [&str; 3] = [
    "A simple dish for busy evenings.",
    "Good for sharing with friends, and easily doubled.",
    "A family favorite that never fails.",
];

/// For how many.
pub(super) const SERVINGS: [&str; 5] = [
    "1 serving",
    "2 servings",
    "3-4 servings",
    "6 servings",
    "8 servings",
];

/// How long it takes.
pub(super) const TIMES: [&str; 8] = [
    "10 mins", "20 mins", "30 mins", "45 mins", "1 hrs", "2 hrs", "3 hrs", "4 hrs",
];

/// Ingredients, which say as little as those of the benchmark.
pub(super) const AMOUNTS: [&str; 15] = [
    "see the directions",
    "whatever you have at home",
    "as much as you like",
    "choose by season",
    "the usual amounts",
    "depends on the appetite",
    "half of everything for a small meal",
    "as written below",
    "adjust to taste",
    "from the pantry",
    "a handful of each",
    "fresh or frozen",
    "to your liking",
    "measure by eye",
    "up to the cook",
];

/// Ingredients that the directions of some dish name, and that can be asked for.
pub(super) const INGREDIENTS: [&str; 118] = [
    "almonds",
    "honey",
    "raisins",
    "apples",
    "butter",
    "flour",
    "brown sugar",
    "avocado",
    "lime juice",
    "rye bread",
    "chili flakes",
    "salmon",
    "mustard",
    "dill",
    "bananas",
    "eggs",
    "cinnamon",
    "barley",
    "carrots",
    "turnips",
    "bay leaves",
    "onions",
    "cumin",
    "kidney beans",
    "tomatoes",
    "beets",
    "walnuts",
    "goat cheese",
    "blueberries",
    "raspberries",
    "yogurt",
    "broccoli",
    "cheddar",
    "butternut squash",
    "vegetable stock",
    "ginger",
    "minced beef",
    "rice",
    "cabbage",
    "paprika",
    "mozzarella",
    "basil",
    "balsamic vinegar",
    "curry powder",
    "cauliflower",
    "coconut milk",
    "chickpeas",
    "smoked salt",
    "tortillas",
    "lettuce",
    "coconut cream",
    "tapioca",
    "palm sugar",
    "sweetcorn",
    "potatoes",
    "leeks",
    "couscous",
    "apricots",
    "mint",
    "pistachios",
    "cucumber",
    "curd",
    "coriander",
    "duck",
    "egg noodles",
    "hoisin sauce",
    "eggplant",
    "tahini",
    "lemon juice",
    "figs",
    "rosemary",
    "olive oil",
    "cod",
    "corn tortillas",
    "red cabbage",
    "mango",
    "garlic",
    "shrimp",
    "parsley",
    "gnocchi",
    "spinach",
    "ricotta",
    "lamb",
    "zucchini",
    "oregano",
    "pastry",
    "sour cream",
    "nutmeg",
    "red lentils",
    "turmeric",
    "mustard seeds",
    "ghee",
    "arborio",
    "mushrooms",
    "white wine",
    "parmesan",
    "orange zest",
    "hazelnuts",
    "tofu",
    "peanut butter",
    "soy sauce",
    "scallions",
    "oats",
    "pears",
    "maple syrup",
    "pine nuts",
    "linguine",
    "plum",
    "poppy seeds",
    "pork",
    "seaweed",
    "pumpkin puree",
    "cloves",
    "quinoa",
    "feta",
    "cornstarch",
    "sesame seeds",
    "sage",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ingredient_is_a_word_of_some_directions_and_not_of_most() {
        for ingredient in INGREDIENTS {
            let users: Vec<String> = DISHES
                .iter()
                .map(|(_, directions)| directions.to_lowercase())
                .filter(|directions| directions.contains(ingredient))
                .collect();
            assert!(
                (1..=4).contains(&users.len()),
                "{ingredient}: {}",
                users.len()
            );
            for directions in users {
                let letter = |side: Option<char>| side.is_some_and(char::is_alphabetic);
                for (place, found) in directions.match_indices(ingredient) {
                    let before = directions[..place].chars().next_back();
                    let after = directions[place + found.len()..].chars().next();
                    assert!(
                        !letter(before) && !letter(after),
                        "{ingredient}: {directions}"
                    );
                }
            }
            assert!(REMARKS.iter().all(|words| !words.contains(ingredient)));
        }
        let mut sorted = INGREDIENTS;
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn words_can_be_typed_and_listed() {
        let mut titles = DISHES.map(|(title, _)| title);
        titles.sort_unstable();
        assert!(titles.windows(2).all(|pair| pair[0] != pair[1]));
        let dishes = DISHES
            .iter()
            .flat_map(|(title, directions)| [*title, *directions]);
        let others = [&REMARKS[..], &DESCRIPTIONS, &SERVINGS, &TIMES, &AMOUNTS].concat();
        for words in dishes.chain(others) {
            assert!(
                words.is_ascii() && !words.contains(['|', '\n', '"', '\'', ':']),
                "{words}"
            );
        }
    }
}
