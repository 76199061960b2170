//! The four questions, what they are drawn from, and the notes that answer them.

use super::super::answers::{Expected, Question, Values, facts, question};
use super::row::Note;
use super::solve;
use crate::domain::TaskSpec;

/// To-dos in the notebook whose to-dos are counted.
const TODOS: usize = 3;

const APPS: &[&str] = &["joplin"];
const FOLDERS: Values = Values::Texts(&[
    "Tasks", "Personal", "Work", "School", "Home", "Projects", "Ideas", "Health", "Travel",
    "Finance",
]);
const TITLES: Values = Values::Texts(&[
    "Market list",
    "Agenda for Monday",
    "Garden chores",
    "Lake weekend",
    "Surprise for Emil",
    "Car service",
    "Library returns",
    "Bicycle parts",
    "Moving boxes",
    "Winter clothes",
]);
const BODIES: Values = Values::Texts(&[
    "Ask Nora first, she has done it before.",
    "Half of it can wait until the weekend.",
    "Keep the receipts in the envelope.",
    "Start early, it always takes longer.",
    "Everything else is in the blue folder.",
    "- compare two offers\n- decide together\n- write it down",
    "Call before ten, nobody answers later.",
    "The old notes about this are wrong.",
    "1. collect\n2. sort\n3. throw away",
    "Not more than an hour, and with music.",
]);

/// Whether the given note is a to-do.
pub(super) const IS_TODO: Question<Note> = question(
    TaskSpec {
        name: "NotesIsTodo",
        apps: APPS,
        complexity: 1.0,
        difficulty: "easy",
        tags: &["information_retrieval", "parameterized"],
        params: &["title", "is_todo", "body", "folder"],
    },
    &[TITLES, Values::Texts(&["True", "False"]), BODIES, FOLDERS],
    "Look up the note \"{title}\" in Joplin and find out whether it is kept as a to-do. Answer True or False.",
    |given| {
        let (title, folder) = (given.text("title")?, given.text("folder")?);
        let is_todo = given.text("is_todo")?;
        let note = Note::new(
            &folder,
            title.clone(),
            given.text("body")?,
            is_todo == "True",
        );
        facts(given, vec![note], Expected::Texts(vec![is_todo]), |noise| {
            noise.title == title
        })
    },
    |given| Ok(solve::is_todo(given.text("title")?)),
);

/// How many people attended a meeting.
pub(super) const ATTENDEES: Question<Note> = question(
    TaskSpec {
        name: "NotesMeetingAttendeeCount",
        apps: APPS,
        complexity: 1.0,
        difficulty: "easy",
        tags: &["search", "parameterized"],
        params: &["title", "attendee_count", "body"],
    },
    &[
        Values::Texts(&[
            "Harbour Planning Round",
            "Spring Budget Talk",
            "Solar Roof Workshop",
            "Customer Panel",
            "Library Advisory Board",
            "Night Shift Handover",
            "Regional Sales Call",
            "Festival Crew Briefing",
            "Clinic Staff Assembly",
            "Data Privacy Seminar",
            "Museum Friends Meetup",
            "Product Roadmap Review",
            "Fire Drill Debrief",
            "School Board Session",
            "Warehouse Safety Circle",
            "Open Source Breakfast",
            "Neighbourhood Forum",
            "Research Group Lunch",
            "Accessibility Audit Talk",
            "Volunteer Training Day",
        ]),
        Values::Numbers(&[
            5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100,
        ]),
        Values::Texts(&[
            "There were {attendee_count} attendees. The minutes follow next week.",
            "Attendees: {attendee_count}\nThe next round takes place in room 7.",
            "{attendee_count} people attended. Two offers were discussed and one was chosen.",
            "Long talk about the schedule, all {attendee_count} participants agreed in the end.",
            "# Summary\n- Participants: {attendee_count}\n- Duration: 90 minutes\n- Result: go on",
            "We counted {attendee_count} people in the room and ran out of chairs.",
            "Headcount: {attendee_count}. Coffee was there for 12 of them.",
            "Started 10 minutes late. {attendee_count} attendees signed the list.",
            "Only {attendee_count} participants came, less than the year before.",
            "**Attendees:** {attendee_count}\n\n**Open points:** 3",
            "Good mood, hard questions, {attendee_count} people until the very end.",
            "The hall was booked for two hours; {attendee_count} people attended.",
            "Decisions were put off. Attendance: {attendee_count}.",
            "1. Greeting\n2. Report for the {attendee_count} attendees\n3. Votes",
            "With {attendee_count} participants it was the largest meeting so far.",
            "Present: {attendee_count} people. Absent with excuse: the chair.",
            "A short one. {attendee_count} attendees and no questions.",
            "Two groups, {attendee_count} participants in all, one result.",
            "The video was seen by {attendee_count} people who attended from afar.",
        ]),
    ],
    "One of the notes in Joplin is about the meeting \"{title}\". How many people attended it? Answer with the number alone.",
    |given| {
        let title = given.text("title")?;
        let note = Note::new("Meeting Notes", title.clone(), given.text("body")?, false);
        let expected = Expected::number(given.number("attendee_count")?, None);
        facts(given, vec![note], expected, |noise| {
            noise.title.contains(&title)
        })
    },
    |given| Ok(solve::read(given.text("title")?, solve::attendees)),
);

/// How much of something a recipe asks for.
pub(super) const INGREDIENT: Question<Note> = question(
    TaskSpec {
        name: "NotesRecipeIngredientCount",
        apps: APPS,
        complexity: 1.0,
        difficulty: "easy",
        tags: &["search", "parameterized"],
        params: &["title", "ingredient_quantity", "ingredient", "body"],
    },
    &[
        Values::Texts(&[
            "Sunday Waffles",
            "Harvest Loaf",
            "Blueberry Muffins",
            "Green Curry",
            "Grandpa's Dumplings",
            "Berry Porridge",
            "Lemon Squares",
            "Chocolate Torte",
            "Tofu Bowl",
            "Breakfast Bars",
        ]),
        Values::Texts(&[
            "1 cup",
            "2 cups",
            "3 cups",
            "4 cups",
            "1 tablespoon",
            "2 tablespoons",
            "3 tablespoons",
            "1 teaspoon",
            "2 teaspoons",
            "5 grams",
        ]),
        Values::Texts(&[
            "rice flour",
            "chia seeds",
            "maple syrup",
            "peanut butter",
            "rolled oats",
            "coconut milk",
            "ground ginger",
            "brown sugar",
            "chopped walnuts",
            "cocoa powder",
            "sesame oil",
            "poppy seeds",
            "buckwheat",
            "dried cranberries",
        ]),
        Values::Texts(&[
            "Whisk three eggs, then fold in {ingredient_quantity} of {ingredient}.",
            "Mix {ingredient_quantity} of {ingredient} with 6 cups of water and let it rest.",
            "- {ingredient_quantity} of {ingredient}\n- 9 grams of salt\n- a little patience",
            "Warm the milk slowly. {ingredient_quantity} of {ingredient} go in at the end.",
            "You need {ingredient_quantity} of {ingredient}, two lemons and a large bowl.",
            "# What goes in\n1. {ingredient_quantity} of {ingredient}\n2. 7 spoons of yoghurt",
            "Stir in {ingredient_quantity} of {ingredient} until nothing sticks to the pan.",
            "Toast {ingredient_quantity} of {ingredient} without fat, then add the rest.",
            "Half an hour at low heat. Sprinkle with {ingredient_quantity} of {ingredient} before serving.",
            "Soak {ingredient_quantity} of {ingredient} over night, in the morning add 8 drops of vanilla.",
            "The secret are {ingredient_quantity} of {ingredient}, everything else is as usual.",
            "For four people use {ingredient_quantity} of {ingredient} and bake for 40 minutes.",
        ]),
    ],
    "One of the notes in Joplin is the recipe \"{title}\". What amount of {ingredient} goes into it? Answer with amount and unit, like 6 drops.",
    |given| {
        let title = given.text("title")?;
        let note = Note::new("Recipes", title.clone(), given.text("body")?, false);
        let expected = Expected::Texts(vec![given.text("ingredient_quantity")?]);
        facts(given, vec![note], expected, |noise| {
            noise.title.contains(&title)
        })
    },
    |given| {
        let ingredient = given.text("ingredient")?;
        let quantity = move |text: &str| solve::quantity(text, &ingredient);
        Ok(solve::read(given.text("title")?, quantity))
    },
);

/// How many to-dos are in a notebook.
pub(super) const TODO_COUNT: Question<Note> = question(
    TaskSpec {
        name: "NotesTodoItemCount",
        apps: APPS,
        complexity: 1.0,
        difficulty: "medium",
        tags: &["information_retrieval", "math_counting", "parameterized"],
        params: &["folder", "title", "body"],
    },
    &[FOLDERS, TITLES, BODIES],
    "Count the to-dos in the notebook {folder} in Joplin, done or not. Answer with the number alone.",
    |given| {
        let folder = given.text("folder")?;
        let todos = given.several(TODOS, &["title", "body"], |given| {
            let (title, body) = (given.text("title")?, given.text("body")?);
            Ok(Note::new(&folder, title, body, true))
        })?;
        let expected = Expected::number(TODOS as f64, None);
        facts(given, todos, expected, |noise| {
            noise.is_todo && noise.folder == folder
        })
    },
    |given| Ok(solve::count_todos(given.text("folder")?)),
);
