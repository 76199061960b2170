//! Step samples of failed runs: the right action where a failed run left the way of a successful
//! one.

use super::TrainError;
use super::learning::{Drawn, RoundSamples, judged};
use super::resampling::scene;
use crate::learn::critical::{At, Run, forks};
use crate::learn::{CriticalSteps, Recipe, SampleSource, StepSample as Sample, SuccessRecord};
use crate::policy::{StepSample, recall};
use crate::store::Store;

/// The judged runs of a round with what was seen and chosen in them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Runs {
    /// The runs by slot.
    pub runs: Vec<Run>,
    /// Their step samples, `[runs][steps]`.
    pub samples: Vec<Vec<StepSample>>,
    /// Seeds of their instances.
    pub seeds: Vec<u64>,
}

impl Runs {
    /// The runs of a round whose step samples are all there, with the anchors that were stored with them.
    pub(super) fn of(store: &Store, round: u64) -> Result<Runs, TrainError> {
        let mut found = Runs::default();
        let (episodes, trajectories) = judged(store, round)?;
        for (episode, trajectory) in episodes.into_iter().zip(trajectories) {
            let mut samples = Vec::with_capacity(trajectory.step_tokens.len());
            let mut anchors = Vec::with_capacity(trajectory.step_tokens.len());
            for step in store.steps(episode.id, true)? {
                if let (Some(bytes), Some(anchor)) = (&step.sample, step.anchor) {
                    samples.push(StepSample::from_bytes(bytes)?);
                    anchors.push(anchor);
                }
            }
            if samples.len() != trajectory.step_tokens.len() {
                continue;
            }
            recall(&[], &mut samples);
            found.runs.push(Run {
                trajectory: trajectory.trajectory,
                task: trajectory.task,
                goal: episode.instance.goal,
                succeeded: trajectory.reward >= 1.0,
                anchors,
            });
            found.samples.push(samples);
            found.seeds.push(episode.instance.seed);
        }
        Ok(found)
    }

    /// What was seen and chosen in a step.
    pub(super) fn sample(&self, at: At) -> &StepSample {
        &self.samples[at.run][at.step]
    }

    /// Whether two steps, in equal states, did the same.
    pub(super) fn same(&self, recipe: &Recipe, one: At, other: At) -> bool {
        let view = &self.sample(one).view;
        let taken = self.sample(one).choices.action(view);
        let right = self.sample(other).choices.action(view);
        recipe.matcher.matches(&right, &taken, &scene(view))
    }
}

/// Adds the right action at each fork as a row with the advantage that a success of the task has
/// (STEP section 3), times the recipe's coefficient. The policy did not draw it: its old
/// log-probability is the one of now.
///
/// # Errors
/// When the store fails.
pub(super) fn add_forks(
    found: &mut RoundSamples,
    store: &Store,
    round: u64,
    recipe: &Recipe,
    record: &SuccessRecord,
) -> Result<(), TrainError> {
    let CriticalSteps::Fork { coefficient } = recipe.critical_steps else {
        return Ok(());
    };
    let runs = Runs::of(store, round)?;
    for fork in forks(&runs.runs, |one, other| runs.same(recipe, one, other)) {
        let run = &runs.runs[fork.failed.run];
        let failed = runs.sample(fork.failed);
        let source = SampleSource::Fork {
            trajectory: run.trajectory,
            step: fork.failed.step as u32,
        };
        let right = runs.sample(fork.right);
        // A bar may have changed between equal states; what can't be said there is not learnt.
        if !right.choices.fit(&right.view, &failed.view) {
            continue;
        }
        let sample = StepSample {
            choices: right.choices.clone(),
            ..failed.clone()
        };
        found.keep(source, sample);
        let rate = record.rate(&run.task).unwrap_or(0.0);
        found.add_row(source, &run.task, (1.0 - rate) * coefficient);
    }
    Ok(())
}

impl RoundSamples {
    /// Keeps what a row that nobody drew is about.
    pub(super) fn keep(&mut self, source: SampleSource, sample: StepSample) {
        let drawn = Drawn {
            sample,
            log_probability: 0.0,
        };
        self.drawn.insert(source, drawn);
    }

    /// Adds a row of its own; one without an advantage is left out.
    pub(super) fn add_row(&mut self, source: SampleSource, task: &str, advantage: f64) {
        if advantage != 0.0 {
            self.rows.push(Sample {
                source,
                task: task.to_owned(),
                advantage,
                weight: 1.0,
                tokens: 1,
                group: None,
            });
        }
    }
}
