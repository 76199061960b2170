//! A task that asks a question.

use async_trait::async_trait;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::screen::{Look, steps};
use super::super::table::{self, Row};
use super::super::{Solution, Task, TaskError, init_stream, params};
use super::{Expected, Given, Values, given};
use crate::device::Device;
use crate::domain::streams::stream;
use crate::domain::{Action, Instance, Params, TaskSpec};

/// What an app holds, and the answer to the question about it.
pub(in super::super) struct Facts<R> {
    /// All rows of the table; they are stored in a random order.
    pub rows: Vec<R>,
    /// The answer.
    pub expected: Expected,
}

/// A row that questions are about.
pub(in super::super) trait Subject: Row {
    /// How many others stand beside the rows of a question.
    const OTHERS: usize;

    /// Draws one that a question is not about; `about` is the first that it is about.
    fn other(rng: &mut ChaCha8Rng, about: Option<&Self>) -> Self;
}

/// The facts of a question: its rows, and others that are not excluded.
pub(in super::super) fn facts<R: Subject>(
    given: &mut Given<'_>,
    mut rows: Vec<R>,
    expected: Expected,
    excluded: impl Fn(&R) -> bool,
) -> Result<Facts<R>, TaskError> {
    let other = |rng: &mut ChaCha8Rng| R::other(rng, rows.first());
    let others = given.noise(R::OTHERS, other, excluded)?;
    rows.extend(others);
    Ok(Facts { rows, expected })
}

/// A question about the rows of an app; see [`question`].
pub(in super::super) struct Question<R> {
    spec: TaskSpec,
    values: &'static [Values],
    goal: &'static str,
    facts: fn(&mut Given<'_>) -> Result<Facts<R>, TaskError>,
    solution: fn(&Given<'_>) -> Result<Box<dyn Solution>, TaskError>,
}

/// A question. `values` belong to the parameters of `spec` in their order; `goal` holds parameters in
/// braces.
pub(in super::super) const fn question<R>(
    spec: TaskSpec,
    values: &'static [Values],
    goal: &'static str,
    facts: fn(&mut Given<'_>) -> Result<Facts<R>, TaskError>,
    solution: fn(&Given<'_>) -> Result<Box<dyn Solution>, TaskError>,
) -> Question<R> {
    assert!(spec.params.len() == values.len());
    Question {
        spec,
        values,
        goal,
        facts,
        solution,
    }
}

impl<R> Question<R> {
    fn given(&self, params: &Params, rng: ChaCha8Rng) -> Result<Given<'_>, TaskError> {
        Given::read(&self.spec, self.values, params, rng)
    }
}

/// Evidence of a question.
#[derive(Serialize, Deserialize)]
struct Asked {
    expected: Expected,
}

#[async_trait]
impl<R: Row> Task for Question<R> {
    fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    fn generate(&self, rng: &mut ChaCha8Rng) -> Params {
        given::generate(&self.spec, self.values, rng)
    }

    // With days as they were drawn; `init` words them anew.
    fn goal(&self, params: &Params) -> Result<String, TaskError> {
        let given = self.given(params, stream(0, "task goal", 0))?;
        Ok(given.fill(self.goal))
    }

    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError> {
        let mut given = self.given(&instance.params, init_stream(instance))?;
        let Facts { mut rows, expected } = (self.facts)(&mut given)?;
        rows.shuffle(&mut given.rng);
        table::fill_with(device, &self.spec, &rows).await?;
        let mut worded = self.given(&instance.params, given.rng)?;
        instance.goal = worded.reword(&instance.goal);
        params::keep(instance, &Asked { expected });
        Ok(())
    }

    // The phone's state says nothing; only an answer reaches the goal.
    async fn is_reached(&self, _device: &Device, _instance: &Instance) -> Result<bool, TaskError> {
        Ok(false)
    }

    async fn check(
        &self,
        _device: &Device,
        instance: &Instance,
        answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let Asked { expected } = params::evidence(instance)?;
        let right = answer.is_some_and(|answer| expected.is_met(answer, instance.compat));
        Ok(if right { 1.0 } else { 0.0 })
    }

    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        table::teardown::<R>(device, &self.spec).await
    }

    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError> {
        (self.solution)(&self.given(&instance.params, init_stream(instance))?)
    }
}

/// What a look at the screen leads to.
pub(in super::super) enum Read {
    /// The answer is not read yet; go on with this.
    On(Action),
    /// The answer.
    Answer(String),
}

/// A solution that acts until it has read the answer, says it, and ends.
pub(in super::super) fn reader(
    mut read: impl FnMut(Look<'_>) -> Read + Send + 'static,
) -> Box<dyn Solution> {
    let mut said = false;
    steps(move |look| {
        if said {
            return Action::complete();
        }
        match read(look) {
            Read::On(action) => action,
            Read::Answer(text) => {
                said = true;
                Action::answer(text)
            }
        }
    })
}
