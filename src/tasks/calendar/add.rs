//! Adding one event: on a date, tomorrow, in two weeks, on a weekday, or again and again.

use async_trait::async_trait;
use jiff::civil::Date;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::{Solution, Task, TaskError, params, table};
use super::days::{self, MONTH, YEAR};
use super::event::Event;
use super::writing::Writing;
use crate::device::Device;
use crate::domain::{Instance, Params, TaskSpec};

/// How often an event comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Repeat {
    Daily,
    Weekly,
}

#[derive(Serialize, Deserialize)]
struct Given {
    year: i16,
    month: i8,
    day: i64,
    hour: i64,
    duration_mins: i64,
    event_title: String,
    event_description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day_of_week: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat_rule: Option<Repeat>,
    row_objects: Vec<Event>,
    noise_row_objects: Vec<Event>,
}

/// How the goal names the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Date,
    InTwoWeeks,
    Weekday,
    Tomorrow,
}

pub(super) struct Add {
    spec: TaskSpec,
    when: When,
    repeats: bool,
    /// Days of the month that are drawn from.
    days: (i64, i64),
}

/// Other events at most.
const NOISE: usize = 20;

impl Add {
    /// The parameters, the event to add and its day.
    fn read(&self, params: &Params) -> Result<(Given, Event, Date), TaskError> {
        let given: Given = params::read(&self.spec, params)?;
        let wrong = |reason: &str| params::wrong(&self.spec, reason);
        let [event] = &given.row_objects[..] else {
            return Err(wrong("row_objects must hold one event"));
        };
        let event = event.clone();
        let day = Date::new(
            given.year,
            given.month,
            i8::try_from(given.day).unwrap_or(0),
        )
        .map_err(|error| wrong(&error.to_string()))?;
        let agrees = days::day_of(event.start_ts) == day
            && i64::from(days::moment(event.start_ts).hour()) == given.hour
            && event.end_ts.checked_sub(event.start_ts) == given.duration_mins.checked_mul(60)
            && event.title == given.event_title
            && event.description == given.event_description;
        if !agrees {
            return Err(wrong(
                "row_objects is not the event of the other parameters",
            ));
        }
        if given.event_title.trim().is_empty() {
            return Err(wrong("event_title is empty"));
        }
        match (self.repeats, &given.repeat_rule) {
            (true, None) => return Err(wrong("repeat_rule is missing")),
            (false, Some(_)) => return Err(wrong("repeat_rule is for events that repeat")),
            _ => {}
        }
        Ok((given, event, day))
    }
}

#[async_trait]
impl Task for Add {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        let mut event = Event::random(rng, self.days.0, self.days.1);
        let repeat_rule = self.repeats.then(|| match rng.random() {
            true => Repeat::Daily,
            false => Repeat::Weekly,
        });
        let start = days::moment(event.start_ts);
        match repeat_rule {
            Some(Repeat::Daily) => event.repeat_interval = 86_400,
            Some(Repeat::Weekly) => {
                event.repeat_interval = 604_800;
                event.repeat_rule = 1 << start.weekday().to_monday_zero_offset();
            }
            None => {}
        }
        let count = rng.random_range(0..=NOISE);
        let mut noise_row_objects = Vec::with_capacity(count);
        while noise_row_objects.len() < count {
            let other = Event::random(rng, 1, 31);
            if other.title != event.title {
                noise_row_objects.push(other);
            }
        }
        params::write(&Given {
            year: YEAR,
            month: MONTH,
            day: i64::from(start.day()),
            hour: i64::from(start.hour()),
            duration_mins: event.minutes(),
            event_title: event.title.clone(),
            event_description: event.description.clone(),
            day_of_week: (self.when == When::Weekday).then(|| days::weekday(start.date())),
            repeat_rule,
            row_objects: vec![event],
            noise_row_objects,
        })
    }

    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let (given, _, day) = self.read(params)?;
        let when = match self.when {
            When::Date => format!("on {day}"),
            When::InTwoWeeks => "two weeks from today".to_owned(),
            When::Weekday => format!("this {}", days::weekday(day)),
            When::Tomorrow => "tomorrow".to_owned(),
        };
        let again = match given.repeat_rule {
            Some(Repeat::Daily) => " and repeating daily for ever",
            Some(Repeat::Weekly) => " and repeating weekly for ever",
            None => "",
        };
        Ok(format!(
            "In Simple Calendar Pro, add the event \"{}\" {when} at {}h, lasting {} mins{again}, described as \"{}\"",
            given.event_title, given.hour, given.duration_mins, given.event_description
        ))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let (given, ..) = self.read(&instance.params)?;
        let there = &given.noise_row_objects;
        table::begin_adding(device, &self.spec, instance, there, "").await
    }

    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError> {
        let (given, ..) = self.read(&instance.params)?;
        table::is_added(device, instance, &given.row_objects).await
    }

    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let (given, ..) = self.read(&instance.params)?;
        table::added_share(device, instance, &given.row_objects).await
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<Event>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        let (given, event, _) = self.read(&instance.params)?;
        let repetition = given.repeat_rule.map(|repeat| match repeat {
            Repeat::Daily => "Daily",
            Repeat::Weekly => "Weekly",
        });
        Ok(Box::new(Writing::new(event, repetition)))
    }
}

const fn add(
    name: &'static str,
    difficulty: &'static str,
    tags: &'static [&'static str],
    params: &'static [&'static str],
) -> Add {
    Add {
        spec: TaskSpec::new(
            name,
            &["simple calendar pro"],
            3.4,
            difficulty,
            tags,
            params,
        ),
        when: When::Date,
        repeats: false,
        days: (15, 31),
    }
}

const PARAMS: [&str; 9] = [
    "year",
    "month",
    "day",
    "hour",
    "duration_mins",
    "event_title",
    "event_description",
    "row_objects",
    "noise_row_objects",
];
const WITH_WEEKDAY: &[&str] = &and("day_of_week");
const WITH_REPETITION: &[&str] = &and("repeat_rule");

/// The parameters of all tasks here, and one more.
const fn and(more: &'static str) -> [&'static str; 10] {
    let mut all = [more; 10];
    let (given, _) = all.split_at_mut(PARAMS.len());
    given.copy_from_slice(&PARAMS);
    all
}

/// SimpleCalendarAddOneEvent.
pub(super) const ONE: Add = add(
    "SimpleCalendarAddOneEvent",
    "hard",
    &["data_entry", "complex_ui_understanding", "parameterized"],
    &PARAMS,
);
/// SimpleCalendarAddOneEventInTwoWeeks.
pub(super) const IN_TWO_WEEKS: Add = Add {
    when: When::InTwoWeeks,
    days: (29, 29),
    ..add(
        "SimpleCalendarAddOneEventInTwoWeeks",
        "medium",
        &["data_entry", "math_counting", "parameterized"],
        &PARAMS,
    )
};
/// SimpleCalendarAddOneEventRelativeDay.
pub(super) const RELATIVE_DAY: Add = Add {
    when: When::Weekday,
    days: (16, 21),
    ..add(
        "SimpleCalendarAddOneEventRelativeDay",
        "easy",
        &["data_entry", "parameterized"],
        WITH_WEEKDAY,
    )
};
/// SimpleCalendarAddOneEventTomorrow.
pub(super) const TOMORROW: Add = Add {
    when: When::Tomorrow,
    days: (16, 16),
    ..add(
        "SimpleCalendarAddOneEventTomorrow",
        "easy",
        &["data_entry", "parameterized"],
        &PARAMS,
    )
};
/// SimpleCalendarAddRepeatingEvent.
pub(super) const REPEATING: Add = Add {
    repeats: true,
    ..add(
        "SimpleCalendarAddRepeatingEvent",
        "easy",
        &["data_entry", "complex_ui_understanding", "parameterized"],
        WITH_REPETITION,
    )
};

#[cfg(test)]
mod tests {
    use super::super::super::instance;
    use super::*;

    #[test]
    fn goals_name_the_event_and_its_day() {
        let mut rules = Vec::new();
        for seed in 0..50 {
            for task in [&ONE, &IN_TWO_WEEKS, &RELATIVE_DAY, &TOMORROW, &REPEATING] {
                let instance = instance(task, seed).unwrap();
                let (given, event, day) = task.read(&instance.params).unwrap();
                assert!((task.days.0..=task.days.1).contains(&i64::from(day.day())));
                assert!(given.noise_row_objects.len() <= NOISE);
                let titles = given.noise_row_objects.iter().map(|noise| &noise.title);
                assert!(titles.clone().all(|title| *title != event.title));
                for text in [&event.title, &event.description] {
                    assert!(instance.goal.contains(text.as_str()), "{}", instance.goal);
                }
                assert!(instance.goal.split(' ').count() < 38, "{}", instance.goal);
                if let Some(rule) = given.repeat_rule {
                    rules.push(event.repeat_interval);
                    assert_eq!(rule == Repeat::Daily, event.repeat_rule == 0);
                }
            }
        }
        assert!(rules.contains(&86_400) && rules.contains(&604_800));
    }

    #[test]
    fn an_event_that_the_goal_does_not_describe_is_refused() {
        let mut instance = instance(&ONE, 4).unwrap();
        assert!(ONE.goal(&instance.params).is_ok());
        instance.params["row_objects"][0]["end_ts"] = 1.into();
        assert!(ONE.goal(&instance.params).is_err());
    }
}
