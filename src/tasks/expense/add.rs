//! Entering expenses that the goal lists.

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::apps::EXPENSE;
use super::super::listing::Form;
use super::super::markor::notebook;
use super::super::screen::{Look, back, open};
use super::super::{Solution, Task, TaskError, init_stream, params, table};
use super::note::{self, Copying};
use super::row::Expense;
use super::rows::rows;
use crate::device::Device;
use crate::domain::{Action, Direction, Instance, Observation, Params, TaskSpec};

/// Parameters of the tasks that enter expenses.
#[derive(Serialize, Deserialize)]
pub(super) struct Given {
    pub row_objects: Vec<Expense>,
    pub noise_row_objects: Vec<Expense>,
    text_representation_type: Form,
}

/// Where the expenses are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Goal,
    /// In a note of Markor, among all others.
    Note,
}

pub(super) struct Add {
    spec: TaskSpec,
    count: usize,
    /// Other expenses.
    noise: usize,
    source: Source,
}

impl Add {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        Given::read(&self.spec, params)
    }
}

impl Given {
    /// Draws parameters for so many expenses among others.
    pub fn draw(count: usize, noise: usize, rng: &mut ChaCha8Rng) -> Given {
        let row_objects = super::distinct(rng, count, |_, _| true);
        let noise_row_objects = super::distinct(rng, noise, |_, candidate| {
            row_objects.iter().all(|row| row.name != candidate.name)
        });
        let text_representation_type = Form::random(rng);
        Given {
            row_objects,
            noise_row_objects,
            text_representation_type,
        }
    }

    /// Reads and examines the parameters.
    pub fn read(spec: &TaskSpec, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(spec, params)?;
        if given.row_objects.is_empty() {
            return Err(params::wrong(spec, "row_objects is empty"));
        }
        for row in &given.row_objects {
            let whole = row.name.is_some() && row.note.is_some() && row.category_name().is_some();
            if !whole || row.amount <= 0 {
                let reason = "an expense to add needs a name, a note, a category from 1 to 11 and an amount above 0";
                return Err(params::wrong(spec, reason));
            }
        }
        Ok(given)
    }
}

/// The list of a goal or a picture.
pub(super) fn listed(expenses: &[Expense], form: Form) -> String {
    let rows: Vec<_> = expenses.iter().map(Expense::listed).collect();
    form.list("Expense", &rows)
}

#[async_trait]
impl Task for Add {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        params::write(&Given::draw(self.count, self.noise, rng))
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        if self.source == Source::Note {
            return Ok(format!(
                "Open {} in Markor and enter its reimbursable expenses, and no others, into Pro Expense, leaving the word Reimbursable out of their notes.",
                note::NAME
            ));
        }
        let list = listed(&given.row_objects, given.text_representation_type);
        Ok(format!("Add to Pro Expense:\n{list}"))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let (targets, others) = (&given.row_objects, &given.noise_row_objects);
        let script = match self.source {
            Source::Goal => String::new(),
            Source::Note => note::script(targets, others, &mut init_stream(instance)),
        };
        table::begin_adding_after(device, &self.spec, instance, others, &script).await
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
        if self.source == Source::Goal {
            return table::teardown::<Expense>(device, &self.spec).await;
        }
        notebook::teardown(device, &self.spec, false).await?;
        table::clear::<Expense>(device).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        Ok(match self.source {
            Source::Goal => Box::new(Entering::new(given.row_objects)),
            Source::Note => Box::new(Copying::new()),
        })
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

impl Solution for Entering {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
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
        spec: TaskSpec {
            name,
            apps: &["pro expense"],
            complexity,
            difficulty,
            tags,
            params: &[
                "row_objects",
                "noise_row_objects",
                "text_representation_type",
            ],
        },
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

/// ExpenseAddMultipleFromMarkor.
pub(super) const FROM_MARKOR: Add = {
    let add = add(
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
    Add {
        spec: TaskSpec {
            apps: &["pro expense", "markor"],
            ..add.spec
        },
        noise: 100,
        source: Source::Note,
        ..add
    }
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
