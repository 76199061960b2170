//! The parameters of a question: what they are drawn from, what was drawn, and how rows are made
//! from them.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::super::{TaskError, params};
use super::moments;
use crate::domain::{Params, TaskSpec};

/// What a parameter is drawn from, and so what it is.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Values {
    /// Words. One that holds another parameter in braces holds its value.
    Texts(&'static [&'static str]),
    /// That many days from this one on.
    Days(Date, i8),
    /// Times: `17:30`, `5:30pm`, `5pm`.
    Times(&'static [&'static str]),
    /// Durations: `1.5 hours`, `45min`.
    Durations(&'static [&'static str]),
    /// Whole numbers.
    Numbers(&'static [i64]),
}

impl Values {
    /// All of them as texts; a value that stands there twice can be drawn twice.
    fn list(self) -> Vec<String> {
        match self {
            Values::Texts(all) | Values::Times(all) | Values::Durations(all) => {
                all.iter().map(|text| (*text).to_owned()).collect()
            }
            Values::Days(first, count) => first
                .series(jiff::Span::new().days(1))
                .take(usize::try_from(count).unwrap_or(0))
                .map(moments::written)
                .collect(),
            Values::Numbers(all) => all.iter().map(i64::to_string).collect(),
        }
    }

    /// Whether a text is such a value.
    fn has_form_of(self, text: &str) -> bool {
        match self {
            Values::Texts(_) => true,
            Values::Days(..) => moments::day(text).is_some(),
            Values::Times(_) => moments::clock(text).is_some(),
            Values::Durations(_) => moments::minutes(text).is_some(),
            Values::Numbers(_) => text.parse::<f64>().is_ok_and(f64::is_finite),
        }
    }
}

/// Draws a value for every parameter.
pub(super) fn generate(spec: &TaskSpec, all: &[Values], rng: &mut ChaCha8Rng) -> Params {
    let mut drawn = Params::new();
    for (name, values) in spec.params.iter().zip(all) {
        let value = match values {
            Values::Numbers(numbers) => numbers.choose(rng).map(|number| Value::from(*number)),
            _ => values.list().choose(rng).cloned().map(Value::from),
        };
        drawn.insert((*name).to_owned(), value.unwrap_or_default());
    }
    drawn
}

/// Refused attempts at rows that leave the answer alone.
const ATTEMPTS: usize = 10_000;

/// The parameters of an instance. Names are those of the task; a name that it does not have is an
/// error, as is one that is asked for as what it is not.
pub(in super::super) struct Given<'a> {
    spec: &'a TaskSpec,
    values: &'a [Values],
    drawn: HashMap<&'a str, String>,
    /// Values that are left for [`Given::redraw`].
    left: HashMap<&'a str, Vec<String>>,
    /// Everything random about the rows comes from here.
    pub rng: ChaCha8Rng,
}

impl<'a> Given<'a> {
    /// Reads the parameters of an instance, whoever made them.
    pub(super) fn read(
        spec: &'a TaskSpec,
        values: &'a [Values],
        params: &Params,
        rng: ChaCha8Rng,
    ) -> Result<Given<'a>, TaskError> {
        let mut drawn = HashMap::new();
        for (name, values) in spec.params.iter().zip(values) {
            let text = match (params.get(*name), values) {
                (Some(Value::String(text)), _) => text.clone(),
                (Some(Value::Number(number)), Values::Numbers(_)) => number.to_string(),
                _ => return Err(params::wrong(spec, format!("{name} is missing or no text"))),
            };
            if !values.has_form_of(&text) {
                let reason = format!("{name} cannot be {text:?}");
                return Err(params::wrong(spec, reason));
            }
            drawn.insert(*name, text);
        }
        Ok(Given {
            spec,
            values,
            drawn,
            left: HashMap::new(),
            rng,
        })
    }

    fn value(&self, name: &str) -> Result<&str, TaskError> {
        let value = self.drawn.get(name).map(String::as_str);
        value.ok_or_else(|| params::wrong(self.spec, format!("there is no {name}")))
    }

    fn value_as<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<T, TaskError> {
        let text = self.value(name)?;
        read(text).ok_or_else(|| params::wrong(self.spec, format!("{name} cannot be {text:?}")))
    }

    /// The words of a parameter, with what other parameters fill in.
    pub fn text(&self, name: &str) -> Result<String, TaskError> {
        self.value(name).map(|text| self.fill(text))
    }

    /// A day.
    pub fn day(&self, name: &str) -> Result<Date, TaskError> {
        self.value_as(name, moments::day)
    }

    /// A time.
    pub fn time(&self, name: &str) -> Result<Time, TaskError> {
        self.value_as(name, moments::clock)
    }

    /// A duration in minutes.
    pub fn minutes(&self, name: &str) -> Result<i64, TaskError> {
        self.value_as(name, moments::minutes)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<f64, TaskError> {
        self.value_as(name, |text| text.parse().ok())
    }

    /// Puts the parameters into a text that holds their names in braces.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let value = after
                .split_once('}')
                .and_then(|(name, after)| Some((self.drawn.get(name)?, after)));
            match value {
                Some((value, after)) => {
                    filled.push_str(value);
                    rest = after;
                }
                None => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        filled
    }

    /// A goal, whoever worded it, with every day in one of the ways in which goals name it.
    pub(super) fn reword(&mut self, goal: &str) -> String {
        let mut goal = goal.to_owned();
        for name in self.spec.params {
            if let Some(text) = self.drawn.get(name)
                && let Some(day) = moments::day(text)
            {
                goal = goal.replace(text.as_str(), &moments::reworded(day, &mut self.rng));
            }
        }
        goal
    }

    /// Draws parameters again, without replacement: neither their first value nor one that they had
    /// since comes again. The instance keeps its parameters; this is for one more row.
    fn redraw(&mut self, names: &[&'static str]) -> Result<(), TaskError> {
        for name in names {
            let first = self.value(name)?.to_owned();
            let place = self.spec.params.iter().position(|known| known == name);
            let values = place.and_then(|place| self.values.get(place));
            let left = self.left.entry(name).or_insert_with(|| {
                let mut all = values.map_or_else(Vec::new, |values| values.list());
                if let Some(place) = all.iter().position(|value| *value == first) {
                    all.remove(place);
                }
                all
            });
            if left.is_empty() {
                return Err(params::wrong(
                    self.spec,
                    format!("too few values of {name}"),
                ));
            }
            let place = rand::RngExt::random_range(&mut self.rng, 0..left.len());
            let value = left.swap_remove(place);
            self.drawn.insert(name, value);
        }
        Ok(())
    }

    /// As many rows as asked for; the parameters `again` are drawn anew for each but the first.
    pub fn several<R>(
        &mut self,
        count: usize,
        again: &[&'static str],
        make: impl Fn(&mut Self) -> Result<R, TaskError>,
    ) -> Result<Vec<R>, TaskError> {
        let mut rows = Vec::with_capacity(count);
        for number in 0..count {
            if number > 0 {
                self.redraw(again)?;
            }
            rows.push(make(self)?);
        }
        Ok(rows)
    }

    /// That many random rows, without those that would change the answer.
    pub(super) fn noise<R>(
        &mut self,
        count: usize,
        mut draw: impl FnMut(&mut ChaCha8Rng) -> R,
        excluded: impl Fn(&R) -> bool,
    ) -> Result<Vec<R>, TaskError> {
        let mut rows = Vec::with_capacity(count);
        let mut refused = 0;
        while rows.len() < count {
            let row = draw(&mut self.rng);
            if !excluded(&row) {
                rows.push(row);
                continue;
            }
            refused += 1;
            if refused >= ATTEMPTS {
                return Err(params::wrong(
                    self.spec,
                    "they leave no room for other rows",
                ));
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use serde_json::json;

    const SPEC: TaskSpec = TaskSpec {
        name: "Test",
        apps: &[],
        complexity: 1.0,
        difficulty: "easy",
        tags: &[],
        params: &["title", "person", "date", "time", "length", "count"],
    };
    const VALUES: &[Values] = &[
        Values::Texts(&["Tea with {person}", "Chess", "Walk"]),
        Values::Texts(&["Nia", "Olaf"]),
        Values::Days(jiff::civil::date(2023, 10, 30), 3),
        Values::Times(&["5pm"]),
        Values::Durations(&["45min"]),
        Values::Numbers(&[0, 0, 1]),
    ];

    fn given(params: &Params) -> Result<Given<'static>, TaskError> {
        Given::read(&SPEC, VALUES, params, stream(5, "test", 0))
    }

    fn params() -> Params {
        let params = json!({"title": "Tea with {person}", "person": "Nia", "date": "November 01 2023",
            "time": "5pm", "length": "45min", "count": 0, "seed": 3});
        params.as_object().cloned().unwrap()
    }

    #[test]
    fn parameters_are_what_their_values_are() {
        let mut given = given(&params()).unwrap();
        assert_eq!(given.text("title").unwrap(), "Tea with Nia");
        assert_eq!(given.fill("{no} {person}{"), "{no} Nia{");
        assert_eq!(given.day("date").unwrap().to_string(), "2023-11-01");
        assert_eq!(given.time("time").unwrap().hour(), 17);
        assert_eq!(given.minutes("length").unwrap(), 45);
        assert_eq!(given.number("count").unwrap(), 0.0);
        assert!(given.text("other").is_err() && given.day("title").is_err());
        let goal = given.reword("On November 01 2023 at 5pm, not on November 02 2023?");
        assert!(goal.starts_with("On November 01") && goal.ends_with("November 02 2023?"));
        for _ in 0..20 {
            let drawn = generate(&SPEC, VALUES, &mut given.rng);
            assert!(super::Given::read(&SPEC, VALUES, &drawn, stream(5, "test", 0)).is_ok());
        }
    }

    #[test]
    fn parameters_of_another_form_are_refused() {
        for (name, value) in [
            ("title", json!(3)),
            ("date", json!("tomorrow")),
            ("time", json!("late")),
            ("length", json!("long")),
            ("count", json!("many")),
        ] {
            let mut params = params();
            params.insert(name.to_owned(), value);
            assert!(given(&params).is_err(), "{name}");
        }
        let mut params = params();
        params.remove("person");
        assert!(given(&params).is_err());
    }

    #[test]
    fn values_drawn_again_are_never_the_same() {
        let mut given = given(&params()).unwrap();
        let mut seen = vec![given.text("title").unwrap()];
        for _ in 0..2 {
            given.redraw(&["title", "count"]).unwrap();
            seen.push(given.text("title").unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, ["Chess", "Tea with Nia", "Walk"]);
        assert!(given.redraw(&["title"]).is_err());
        // Zero stands in its list twice; it was drawn once before and both others since.
        assert_eq!(given.left["count"].len(), 0);
    }

    #[test]
    fn noise_leaves_out_what_is_excluded() {
        let mut given = given(&params()).unwrap();
        let draw = |rng: &mut ChaCha8Rng| rand::RngExt::random_range(rng, 0..10);
        let rows = given.noise(50, draw, |row| *row > 6).unwrap();
        assert!(rows.len() == 50 && rows.iter().all(|row| *row <= 6));
        assert!(given.noise(1, draw, |_| true).is_err());
    }
}
