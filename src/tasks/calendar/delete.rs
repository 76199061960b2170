//! Deleting events: all of a day, or one among many.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Look, Scan, back};
use super::super::table::{self, Deleted};
use super::super::{Solution, Task, TaskError, params, pools};
use super::days::{self, MONTH, YEAR};
use super::event::Event;
use super::pages::{self, rows};
use crate::device::Device;
use crate::domain::{Action, Instance, Observation, Params, TaskSpec};

#[derive(Serialize, Deserialize)]
struct Given {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    year: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    month: Option<i8>,
    day: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day_of_week: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hour: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_title: Option<String>,
    /// The benchmark has it, and no use for it; so with the description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    duration_mins: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    event_description: Option<String>,
    row_objects: Vec<Event>,
    noise_row_objects: Vec<Event>,
}

/// How the goal says what to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named {
    /// All of a date.
    Date,
    /// All of the next day with a name.
    Weekday,
    /// One by date, hour and title.
    Title,
}

pub(super) struct Delete {
    spec: TaskSpec,
    named: Named,
    /// Targets.
    count: usize,
    /// Days of the month that are drawn from.
    days: (i64, i64),
}

const NOISE: usize = 20;

impl Delete {
    fn read(&self, params: &Params) -> Result<(Given, Date), TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| params::wrong(&self.spec, reason);
        let day = days::day(given.day).ok_or_else(|| wrong("day must be one of October 2023"))?;
        if given.row_objects.is_empty() {
            return Err(wrong("row_objects is empty"));
        }
        let elsewhere = |event: &Event| days::day_of(event.start_ts) != day;
        if given.row_objects.iter().any(elsewhere) {
            return Err(wrong(
                "row_objects must be on the day of the other parameters",
            ));
        }
        if self.named == Named::Title && (given.hour.is_none() || given.event_title.is_none()) {
            return Err(wrong("hour and event_title are needed"));
        }
        Ok((given, day))
    }
}

#[async_trait]
impl Task for Delete {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let day = rng.random_range(self.days.0..=self.days.1);
        let draw = || Event::random(rng, day, day);
        let row_objects = pools::distinct(Vec::new(), self.count, draw, |_, _| true);
        let mut noise_row_objects = Vec::with_capacity(NOISE);
        while noise_row_objects.len() < NOISE {
            let event = Event::random(rng, 1, 31);
            let apart = match self.named {
                Named::Title => row_objects
                    .iter()
                    .all(|row| row.title != event.title && row.start_ts != event.start_ts),
                _ => Some(days::day_of(event.start_ts)) != days::day(day),
            };
            if apart {
                noise_row_objects.push(event);
            }
        }
        let one = (self.named == Named::Title).then(|| row_objects[0].clone());
        params::write(&Given {
            year: Some(YEAR),
            month: Some(MONTH),
            day,
            day_of_week: match self.named {
                Named::Weekday => days::day(day).map(days::weekday),
                _ => None,
            },
            hour: one
                .as_ref()
                .map(|event| i64::from(days::moment(event.start_ts).hour())),
            event_title: one.as_ref().map(|event| event.title.clone()),
            duration_mins: one.as_ref().map(Event::minutes),
            event_description: one.map(|event| event.description),
            row_objects,
            noise_row_objects,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let (given, day) = self.read(params)?;
        let app = "Simple Calendar Pro";
        Ok(match self.named {
            Named::Date => format!("Delete every event of {day} from {app}."),
            Named::Weekday => {
                let weekday = days::weekday(day);
                format!("Delete every event of this {weekday} from {app}.")
            }
            Named::Title => {
                let (hour, title) = (
                    given.hour.unwrap_or_default(),
                    given.event_title.unwrap_or_default(),
                );
                format!("In {app}, delete the event \"{title}\" of {day} at {hour}h.")
            }
        })
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let (given, _) = self.read(&instance.params)?;
        let (stay, targets) = (&given.noise_row_objects, &given.row_objects);
        table::begin_deleting(device, &self.spec, instance, stay, targets).await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        table::is_deleted::<Event>(device, instance, false).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        Deleted::<Event>::read(device, instance)
            .await?
            .share_of_all()
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<Event>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (given, day) = self.read(&instance.params)?;
        let targets = given
            .row_objects
            .iter()
            .map(|event| {
                (
                    event.title.clone(),
                    pages::span(event.start_ts, event.end_ts),
                )
            })
            .collect();
        Ok(Box::new(Deleting {
            day,
            targets,
            chosen: BTreeSet::new(),
            confirmed: false,
            scan: Scan::default(),
        }))
    }
}

/// Opens the day, chooses the targets, deletes them together.
struct Deleting {
    day: Date,
    /// Titles and lines of times.
    targets: BTreeSet<(String, String)>,
    /// Those that were touched while choosing.
    chosen: BTreeSet<(String, String)>,
    confirmed: bool,
    scan: Scan,
}

impl Solution for Deleting {
    fn next(&mut self, observation: &Observation) -> Action {
        let look = Look::at(observation);
        if look.id("delete_event_description").is_some() {
            let all = self.chosen == self.targets;
            return match look.tap_id("button1") {
                Some(yes) if all => {
                    self.confirmed = true;
                    yes
                }
                _ => back(),
            };
        }
        let choosing = look.id("cab_delete");
        if choosing.is_none() {
            self.chosen.clear();
            if let Some(action) = pages::towards(look, self.day) {
                return action;
            }
        }
        let shown = rows(look);
        let next = shown
            .iter()
            .map(|row| (row, (row.title.to_owned(), row.time.to_owned())))
            .find(|(_, key)| self.targets.contains(key) && !self.chosen.contains(key));
        if let Some((row, key)) = next {
            self.confirmed = false;
            self.chosen.insert(key);
            return match choosing {
                Some(_) => Action::click(row.index),
                None => Action::long_press(row.index),
            };
        }
        match choosing {
            Some(delete) if self.chosen == self.targets => look.tap(delete),
            None if self.confirmed => Action::complete(),
            _ => self.scan.next(look),
        }
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
        spec: TaskSpec::new(
            name,
            &["simple calendar pro"],
            complexity,
            difficulty,
            tags,
            params,
        ),
        named: Named::Date,
        count: 1,
        days: (15, 31),
    }
}

/// SimpleCalendarDeleteEvents.
pub(super) const ON_DATE: Delete = Delete {
    count: 3,
    ..delete(
        "SimpleCalendarDeleteEvents",
        1.4,
        "easy",
        &["parameterized", "data_edit"],
        &["year", "month", "day", "row_objects", "noise_row_objects"],
    )
};
/// SimpleCalendarDeleteEventsOnRelativeDay.
pub(super) const ON_RELATIVE_DAY: Delete = Delete {
    named: Named::Weekday,
    count: 2,
    days: (16, 21),
    ..delete(
        "SimpleCalendarDeleteEventsOnRelativeDay",
        1.2,
        "medium",
        &["data_edit", "parameterized"],
        &[
            "year",
            "month",
            "day",
            "day_of_week",
            "row_objects",
            "noise_row_objects",
        ],
    )
};
/// SimpleCalendarDeleteOneEvent.
pub(super) const ONE: Delete = Delete {
    named: Named::Title,
    ..delete(
        "SimpleCalendarDeleteOneEvent",
        1.2,
        "easy",
        &["data_edit", "complex_ui_understanding", "parameterized"],
        &[
            "year",
            "month",
            "day",
            "hour",
            "duration_mins",
            "event_title",
            "event_description",
            "row_objects",
            "noise_row_objects",
        ],
    )
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn targets_are_apart_from_the_noise() {
        for seed in 0..50 {
            for task in [&ON_DATE, &ON_RELATIVE_DAY, &ONE] {
                let instance = instance(task, seed).unwrap();
                let (given, day) = task.read(&instance.params).unwrap();
                assert_eq!(given.row_objects.len(), task.count);
                assert_eq!(given.noise_row_objects.len(), NOISE);
                for noise in &given.noise_row_objects {
                    let title = &given.row_objects[0].title;
                    match task.named {
                        Named::Title => assert_ne!(&noise.title, title),
                        _ => assert_ne!(days::day_of(noise.start_ts), day),
                    }
                }
            }
        }
    }

    #[test]
    fn the_goal_says_what_to_delete() {
        let one = instance(&ONE, 4).unwrap();
        let (given, day) = ONE.read(&one.params).unwrap();
        assert!(one.goal.contains(&given.row_objects[0].title));
        assert!(one.goal.contains(&day.to_string()));
        let weekday = instance(&ON_RELATIVE_DAY, 4).unwrap();
        let (given, _) = ON_RELATIVE_DAY.read(&weekday.params).unwrap();
        assert!(weekday.goal.contains(&given.day_of_week.unwrap()));
    }
}
