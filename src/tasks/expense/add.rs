//! Entering expenses that the goal, a note in Markor or a picture in the gallery lists.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::adding::Source;
use super::super::apps::EXPENSE;
use super::super::listing::Form;
use super::super::pools::distinct;
use super::super::screen::{Look, back, open, steps};
use super::super::{Solution, Task, TaskError, init_stream, params, pictures, table};
use super::note::{self, Copying};
use super::row::Expense;
use super::rows::rows;
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Params, TaskSpec};

#[derive(Serialize, Deserialize)]
struct Given {
    row_objects: Vec<Expense>,
    noise_row_objects: Vec<Expense>,
    text_representation_type: Form,
}

pub(super) struct Add {
    spec: TaskSpec,
    count: usize,
    /// Other expenses.
    noise: usize,
    /// In a note they stand among all others.
    source: Source,
}

/// The picture that is meant.
const PICTURE: &str = "expenses.jpg";
/// Pictures of other expenses, all the same.
const OTHERS: usize = 10;

impl Add {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| Err(params::wrong(&self.spec, reason));
        if given.row_objects.is_empty() {
            return wrong("row_objects is empty");
        }
        for row in &given.row_objects {
            let whole = row.name.is_some() && row.note.is_some() && row.category_name().is_some();
            if !whole || row.amount <= 0 {
                return wrong(
                    "an expense to add needs a name, a note, a category from 1 to 11 and an amount above 0",
                );
            }
        }
        Ok(given)
    }
}

/// The list of a goal or a picture.
fn listed(expenses: &[Expense], form: Form) -> String {
    let rows: Vec<_> = expenses.iter().map(Expense::listed).collect();
    form.list("Expense", &rows)
}

/// Puts pictures of other expenses beside the one that is meant.
async fn push_others(device: &Device, others: &[Expense]) -> Result<(), TaskError> {
    let name = |number: usize| format!("{}/old_expenses_{number}.jpg", pictures::DCIM);
    let first = name(0);
    let frame = pictures::of_text(&listed(others, Form::TextBlock));
    pictures::push(device, &first, frame).await?;
    // The same picture under other names needs no way over the wire.
    let copy = |number| format!("cp {first} {} || exit 1\n", name(number));
    let script: String = (1..OTHERS).map(copy).collect();
    device.adb().shell_ok(&script).await?;
    Ok(())
}

#[async_trait]
impl Task for Add {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let any = |_: &[Expense], _: &Expense| true;
        let row_objects = distinct(Vec::new(), self.count, || Expense::random(rng), any);
        let other = |_: &[Expense], candidate: &Expense| {
            row_objects.iter().all(|row| row.name != candidate.name)
        };
        let noise_row_objects = distinct(Vec::new(), self.noise, || Expense::random(rng), other);
        params::write(&Given {
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
                format!("Add to Pro Expense:\n{list}")
            }
            Source::Note(name) => format!(
                "Open {name} in Markor and enter its reimbursable expenses, and no others, into Pro Expense, leaving the word Reimbursable out of their notes."
            ),
            Source::Picture(name) => format!(
                "The picture {name} in Simple Gallery Pro shows some expenses. Enter them into Pro Expense."
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let (targets, others) = (&given.row_objects, &given.noise_row_objects);
        let list = match self.source {
            Source::Note(_) => note::text(targets, others, &mut init_stream(instance)),
            _ => listed(targets, Form::TextBlock),
        };
        self.source
            .begin(device, &self.spec, instance, others, &list)
            .await?;
        match self.source {
            Source::Picture(_) => push_others(device, others).await,
            _ => Ok(()),
        }
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
        self.source.teardown::<Expense>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        if let Source::Note(_) = self.source {
            return Ok(Box::new(Copying::new()));
        }
        let mut reading = self.source.reading();
        let mut entering = Entering::new(given.row_objects);
        Ok(steps(move |look| {
            reading(look).unwrap_or_else(|| entering.next(look))
        }))
    }
}

/// Enters the expenses one after the other.
pub(super) struct Entering {
    expenses: Vec<Expense>,
    done: Vec<bool>,
    /// The expense whose form was saved last, until the form is seen to be gone.
    saving: Option<usize>,
    /// The expense whose category was touched, where the form does not show it.
    chosen: Option<usize>,
}

impl Entering {
    pub fn new(expenses: Vec<Expense>) -> Entering {
        Entering {
            done: vec![false; expenses.len()],
            expenses,
            saving: None,
            chosen: None,
        }
    }

    /// The next action.
    pub fn next(&mut self, look: Look) -> Action {
        if !look.shows(EXPENSE) {
            return open(EXPENSE);
        }
        let form = look.id("edt_amount").or_else(|| look.id("edt_name"));
        if form.is_none() {
            let shown = rows(look);
            // A new expense carries the date of now: where it is not among the latest, all of those are of
            // today too, or the form was left without storing it.
            let hidden = shown.iter().all(|row| row.date.starts_with("Today"));
            if let Some(saved) = self.saving.take() {
                self.done[saved] = hidden;
            }
            self.chosen = None;
            for (done, expense) in self.done.iter_mut().zip(&self.expenses) {
                *done |= shown
                    .iter()
                    .any(|row| row.shows(expense.name(), expense.amount));
            }
        }
        let Some(next) = self.done.iter().position(|done| !done) else {
            return Action::complete();
        };
        if form.is_some() {
            return self.fill(look, next);
        }
        self.saving = None;
        look.tap_id("fb_main_add").unwrap_or_else(back)
    }

    /// The next action on the form, from its top to its bottom.
    fn fill(&mut self, look: Look, next: usize) -> Action {
        let expense = self.expenses[next].clone();
        // An update of a stored expense is not what is wanted.
        if look.has("Update Data") || look.has("UPDATE") {
            return back();
        }
        let held = |id: &str, hint: &str| {
            let field = look.id(id)?;
            let text = look.text(field).trim();
            Some((field, if text == hint { "" } else { text }.to_owned()))
        };
        let amount = expense.amount_text();
        let fields = [
            ("edt_name", "Name", expense.name()),
            ("edt_amount", "Amount", &amount),
            ("edt_note", "Note", expense.note()),
        ];
        for (id, hint, wanted) in fields {
            if id == "edt_note"
                && let Some(action) = self.choose(look, next)
            {
                return action;
            }
            match held(id, hint) {
                Some((_, text)) if same(&text, wanted) => {}
                Some((field, _)) => return Action::input_text(field, wanted),
                None if id == "edt_note" => return Action::scroll(Direction::Down),
                None => return Action::scroll(Direction::Up),
            }
        }
        match look.tap_named("SAVE") {
            Some(save) => {
                self.saving = Some(next);
                save
            }
            // "Save and next" was turned on.
            None if look.has("NEXT") => look.tap_id("cv_lock").unwrap_or_else(back),
            None => Action::scroll(Direction::Down),
        }
    }

    /// The next action towards the category, or `None` when it is chosen.
    fn choose(&mut self, look: Look, next: usize) -> Option<Action> {
        let wanted = self.expenses[next].category_name()?;
        let touched = self.chosen == Some(next);
        let Some(card) = look.named(wanted) else {
            if touched {
                return None;
            }
            // The cards are a row that moves sideways, away from the middle of the screen.
            let place = |name: &str| CARDS.iter().position(|card| *card == name);
            let first = CARDS.iter().position(|card| look.has(card));
            let direction = if place(wanted) < first {
                Direction::Left
            } else {
                Direction::Right
            };
            return Some(Action::scroll_in(look.id("rv_category")?, direction));
        };
        let card = look.target(card);
        let element = look.element(card);
        if element.is_checked || (touched && !element.is_checkable) {
            return None;
        }
        self.chosen = Some(next);
        Some(Action::click(card))
    }
}

/// The categories as a new form shows them: the one that is chosen first, then the others.
const CARDS: [&str; 11] = [
    "Food",
    "Income",
    "Housing",
    "Social",
    "Entertainment",
    "Transportation",
    "Clothes",
    "Health Care",
    "Education",
    "Donation",
    "Others",
];

/// Whether a field holds a text; amounts may have lost zeros after the point.
fn same(held: &str, wanted: &str) -> bool {
    held == wanted
        || matches!(
            (held.parse::<f64>(), wanted.parse::<f64>()),
            (Ok(held), Ok(wanted)) if held == wanted
        )
}

const fn add(
    name: &'static str,
    complexity: f64,
    difficulty: &'static str,
    tags: &'static [&'static str],
    count: usize,
) -> Add {
    Add {
        spec: TaskSpec::new(
            name,
            &["pro expense"],
            complexity,
            difficulty,
            tags,
            &[
                "row_objects",
                "noise_row_objects",
                "text_representation_type",
            ],
        ),
        count,
        noise: 10,
        source: Source::Goal,
    }
}

/// ExpenseAddSingle.
pub(super) const SINGLE: Add = add(
    "ExpenseAddSingle",
    1.2,
    "easy",
    &["parameterized", "data_entry", "search"],
    1,
);
/// ExpenseAddMultiple.
pub(super) const MULTIPLE: Add = add(
    "ExpenseAddMultiple",
    6.0,
    "medium",
    &["data_entry", "parameterized"],
    3,
);

/// ExpenseAddMultipleFromGallery.
pub(super) const FROM_GALLERY: Add = {
    let mut task = add(
        "ExpenseAddMultipleFromGallery",
        6.0,
        "hard",
        &[
            "multi_app",
            "screen_reading",
            "data_entry",
            "information_retrieval",
            "parameterized",
        ],
        3,
    );
    task.spec.apps = &["pro expense", "simple gallery pro"];
    task.source = Source::Picture(PICTURE);
    task
};
/// ExpenseAddMultipleFromMarkor.
pub(super) const FROM_MARKOR: Add = {
    let mut task = add(
        "ExpenseAddMultipleFromMarkor",
        6.0,
        "hard",
        &[
            "transcription",
            "repetition",
            "multi_app",
            "data_entry",
            "memorization",
            "parameterized",
        ],
        2,
    );
    task.spec.apps = &["pro expense", "markor"];
    task.noise = 100;
    task.source = Source::Note(note::NAME);
    task
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn goals_list_the_expenses_in_both_forms() {
        let mut forms = Vec::new();
        for seed in 0..20 {
            let instance = instance(&MULTIPLE, seed).unwrap();
            let given = MULTIPLE.read(&instance.params).unwrap();
            assert_eq!(given.noise_row_objects.len(), MULTIPLE.noise);
            for row in &given.row_objects {
                let amount = format!("${}", row.amount_text());
                for text in [
                    row.name(),
                    row.note(),
                    row.category_name().unwrap(),
                    &amount,
                ] {
                    assert!(instance.goal.contains(text), "{text}: {}", instance.goal);
                }
                assert!(
                    given
                        .noise_row_objects
                        .iter()
                        .all(|noise| noise.name != row.name)
                );
            }
            forms.push(given.text_representation_type);
        }
        assert!(forms.contains(&Form::Csv) && forms.contains(&Form::TextBlock));
    }

    #[test]
    fn fields_are_compared_as_they_are_shown() {
        assert!(same("120", "120.0") && same("Fuel", "Fuel"));
        assert!(!same("12", "120.0") && !same("", "Fuel"));
    }
}
