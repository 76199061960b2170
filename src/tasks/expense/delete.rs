//! Deleting expenses: those that the goal names, or one of two that are the same.

use std::collections::BTreeSet;

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::apps::EXPENSE;
use super::super::pools::distinct;
use super::super::screen::{Look, Scan, back, open};
use super::super::table::{self, Deleted};
use super::super::{Solution, Task, TaskError, params};
use super::row::Expense;
use super::rows::{Row, rows};
use crate::device::Device;
use crate::domain::{Action, Instance, Observation, Params, TaskSpec};

#[derive(Serialize, Deserialize)]
struct Given {
    row_objects: Vec<Expense>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    noise_row_objects: Vec<Expense>,
}

pub(super) struct Delete {
    spec: TaskSpec,
    /// Different targets.
    count: usize,
    noise: usize,
    /// The one target is there twice, and one of the two must go.
    duplicates: bool,
    /// Other expenses that are nearly the target, besides the noise.
    variations: usize,
}

impl Delete {
    fn read(&self, params: &Params) -> Result<Given, TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let rows = &given.row_objects;
        if rows.is_empty() || rows.iter().any(|row| row.name().is_empty()) {
            return Err(params::wrong(
                &self.spec,
                "row_objects needs named expenses",
            ));
        }
        if self.duplicates && !matches!(&rows[..], [one, other] if one.is_copy_of(other)) {
            return Err(params::wrong(
                &self.spec,
                "row_objects must be the same expense twice",
            ));
        }
        Ok(given)
    }
}

#[async_trait]
impl Task for Delete {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let by_name = |chosen: &[Expense], candidate: &Expense| {
            chosen.iter().all(|row| row.name != candidate.name)
        };
        let mut row_objects = distinct(Vec::new(), self.count, || Expense::random(rng), by_name);
        let other = |chosen: &[Expense], candidate: &Expense| {
            // Near the duplicates the benchmark asks for other rows, not for other names.
            self.duplicates || (by_name(chosen, candidate) && by_name(&row_objects, candidate))
        };
        let draw = || Expense::random(rng);
        let mut noise_row_objects = distinct(Vec::new(), self.noise, draw, other);
        if self.duplicates {
            noise_row_objects.extend(variations(&row_objects, self.variations, rng));
            row_objects.extend_from_within(..);
        }
        params::write(&Given {
            row_objects,
            noise_row_objects,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.read(params)?;
        if self.duplicates {
            return Ok(
                "One expense in Pro Expense was entered twice. Delete one of the two copies."
                    .to_owned(),
            );
        }
        let names: Vec<String> = given
            .row_objects
            .iter()
            .map(|row| format!("\"{}\"", row.name()))
            .collect();
        Ok(match &names[..] {
            [name] => format!("Delete the expense {name} from Pro Expense."),
            _ => format!(
                "Delete these expenses from Pro Expense: {}.",
                names.join(", ")
            ),
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let given = self.read(&instance.params)?;
        let (stay, targets) = (&given.noise_row_objects, &given.row_objects);
        table::begin_deleting(device, &self.spec, instance, stay, targets).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        table::is_deleted::<Expense>(device, instance, self.duplicates).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let deleted: Deleted<Expense> = Deleted::read(device, instance).await?;
        match self.duplicates {
            true => deleted.share_of_one(),
            false => deleted.share_of_all(),
        }
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<Expense>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let given = self.read(&instance.params)?;
        let names = given.row_objects.iter().map(|row| row.name().to_owned());
        Ok(Box::new(Deleting {
            names: (!self.duplicates).then(|| names.collect()),
            gone: BTreeSet::new(),
            asked: None,
            scan: Scan::default(),
        }))
    }
}

/// Expenses that differ from a target in the amount, by a little, and in the date.
fn variations(targets: &[Expense], count: usize, rng: &mut ChaCha8Rng) -> Vec<Expense> {
    let steps = rand::seq::index::sample(rng, 950, count);
    let near = targets.iter().cycle().zip(steps);
    near.map(|(target, step)| {
        let date = Expense::random_date(rng);
        Expense {
            amount: target.amount + 50 + step as i64,
            created_date: date,
            modified_date: date,
            ..target.clone()
        }
    })
    .collect()
}

/// Deletes the rows with these names one after the other, or the first that is shown twice.
struct Deleting {
    /// Names to delete; `None` to look for two rows that are the same.
    names: Option<Vec<String>>,
    /// Names whose deletion was confirmed. A row that is shown is there all the same.
    gone: BTreeSet<String>,
    /// The name that the question before deleting is about.
    asked: Option<String>,
    scan: Scan,
}

impl Deleting {
    fn wants(&self, name: &str) -> bool {
        match &self.names {
            Some(names) => names.iter().any(|wanted| wanted == name),
            // The details show only one of the two; that there are two was seen on the list.
            None => self.gone.is_empty(),
        }
    }

    /// A row to delete among those that are shown.
    fn target<'a>(&self, shown: &[Row<'a>]) -> Option<Row<'a>> {
        let same = |a: &Row, b: &Row| (a.name, a.date, a.amount) == (b.name, b.date, b.amount);
        shown
            .iter()
            .enumerate()
            .find(|(position, row)| match &self.names {
                Some(_) => self.wants(row.name),
                None => shown[..*position].iter().any(|other| same(other, row)),
            })
            .map(|(_, row)| row.clone())
    }

    fn is_done(&self) -> bool {
        match &self.names {
            Some(names) => names.iter().all(|name| self.gone.contains(name)),
            None => !self.gone.is_empty(),
        }
    }
}

impl Solution for Deleting {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if !look.shows(EXPENSE) {
            self.scan.restart();
            return open(EXPENSE);
        }
        // The question before deleting does not say what; it was asked for the details seen before.
        if let Some(confirm) = look.id("btn_confirm") {
            return match self.asked.take() {
                Some(name) => {
                    self.gone.insert(name);
                    look.tap(confirm)
                }
                None => back(),
            };
        }
        self.asked = None;
        if look.id("tv_expense_detail").is_some() || look.id("btn_delete").is_some() {
            let name = look.text_of("tv_name_value").to_owned();
            return match look.tap_id("btn_delete") {
                Some(delete) if self.wants(&name) => {
                    self.asked = Some(name);
                    delete
                }
                _ => back(),
            };
        }
        let shown = rows(look);
        if let Some(row) = self.target(&shown) {
            self.gone.remove(row.name);
            return look.tap(row.index);
        }
        if self.is_done() {
            return Action::complete();
        }
        if let Some(more) = look.tap_id("btn_more_logs") {
            self.scan.restart();
            return more;
        }
        if look.id("rv_home").is_some() || look.id("rv_expense").is_some() {
            return self.scan.next(look);
        }
        back()
    }
}

const fn delete(
    name: &'static str,
    complexity: f64,
    difficulty: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
) -> Delete {
    Delete {
        spec: TaskSpec::new(name, &["pro expense"], complexity, difficulty, tags, params),
        count: 1,
        noise: 0,
        duplicates: false,
        variations: 0,
    }
}

const ROWS: &[&str] = &["row_objects"];
const ROWS_AND_NOISE: &[&str] = &["row_objects", "noise_row_objects"];

/// ExpenseDeleteSingle.
pub(super) const SINGLE: Delete = delete(
    "ExpenseDeleteSingle",
    1.0,
    "easy",
    &["screen_reading", "parameterized"],
    ROWS,
);
/// ExpenseDeleteMultiple.
pub(super) const MULTIPLE: Delete = Delete {
    count: 3,
    ..delete(
        "ExpenseDeleteMultiple",
        2.0,
        "easy",
        &["data_edit", "parameterized"],
        ROWS,
    )
};
/// ExpenseDeleteMultiple2.
pub(super) const AMONG_MANY: Delete = Delete {
    count: 3,
    noise: 50,
    ..delete(
        "ExpenseDeleteMultiple2",
        3.4,
        "hard",
        &["screen_reading", "parameterized"],
        ROWS_AND_NOISE,
    )
};
/// ExpenseDeleteDuplicates.
pub(super) const DUPLICATES: Delete = Delete {
    noise: 5,
    duplicates: true,
    ..delete(
        "ExpenseDeleteDuplicates",
        1.2,
        "medium",
        &["data_edit", "parameterized"],
        ROWS_AND_NOISE,
    )
};

/// ExpenseDeleteDuplicates2.
pub(super) const DUPLICATES_AMONG_MANY: Delete = Delete {
    noise: 37,
    duplicates: true,
    variations: 3,
    ..delete(
        "ExpenseDeleteDuplicates2",
        1.8,
        "medium",
        &["data_edit", "requires_setup", "parameterized"],
        ROWS_AND_NOISE,
    )
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn targets_and_noise_have_different_names() {
        for seed in 0..20 {
            let instance = instance(&AMONG_MANY, seed).unwrap();
            let given = AMONG_MANY.read(&instance.params).unwrap();
            let mut names: Vec<&str> = given
                .row_objects
                .iter()
                .chain(&given.noise_row_objects)
                .map(Expense::name)
                .collect();
            assert_eq!(names.len(), 53);
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), 53);
            for row in &given.row_objects {
                assert!(instance.goal.contains(row.name()));
            }
        }
    }

    #[test]
    fn duplicates_must_be_the_same() {
        let mut instance = instance(&DUPLICATES, 4).unwrap();
        assert!(DUPLICATES.goal(&instance.params).is_ok());
        instance.params["row_objects"][0]["amount"] = 1.into();
        assert!(DUPLICATES.goal(&instance.params).is_err());
    }
}
