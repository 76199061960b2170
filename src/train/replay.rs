//! Steps of past successes beside those of a round, from the store: replay.

use super::learning::{Drawn, RoundSamples, judged};
use super::{TrainError, judging};
use crate::config::TrainConfig;
use crate::domain::streams::stream;
use crate::learn::replay::gradient_proxy;
use crate::learn::{Recipe, SampleSource, StepSample as Sample, SuccessRecord, step_samples};
use crate::policy::{Learner, StepSample, recall};
use crate::store::Store;

/// Adds rows of earlier rounds' successes, as the recipe's replay says. Their advantages are what
/// the recipe's estimator gives them with the success rates of now, so that a task that has been
/// learnt since counts little; only positive ones are replayed. Steps whose sample was forgotten are
/// not in the buffer.
///
/// # Errors
/// When the store or the engine fails.
pub(super) fn add_replayed(
    found: &mut RoundSamples,
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
    learner: &Learner,
) -> Result<(), TrainError> {
    let Some(replay) = &recipe.replay else {
        return Ok(());
    };
    let mut buffer = Vec::new();
    for past in round.saturating_sub(replay.rounds)..round {
        past_successes(store, past, recipe, record, &mut buffer)?;
    }
    let samples: Vec<&StepSample> = buffer.iter().map(|(_, drawn)| &drawn.sample).collect();
    let norms: Vec<f64> = learner
        .log_probabilities(&samples)?
        .into_iter()
        .zip(&buffer)
        .map(|(now, (row, _))| gradient_proxy(row.advantage, &[now]))
        .collect();
    let mut random = stream(config.run.seed, "replay", round);
    for chosen in replay.draw(&norms, &mut random) {
        let (row, drawn) = &buffer[chosen.position];
        found.drawn.insert(row.source, drawn.clone());
        found.rows.push(Sample {
            weight: row.weight * chosen.weight,
            ..row.clone()
        });
    }
    Ok(())
}

/// The successful steps of one past round, by trajectory and step.
fn past_successes(
    store: &Store,
    round: u64,
    recipe: &Recipe,
    record: &SuccessRecord,
    buffer: &mut Vec<(Sample, Drawn)>,
) -> Result<(), TrainError> {
    let (episodes, mut trajectories) = judged(store, round)?;
    judging::complete(&mut trajectories, &episodes, store, round, recipe)?;
    let credits = recipe.advantage.credits(&trajectories, record);
    let rows = step_samples(&trajectories, &credits, recipe.granularity);
    for (episode, trajectory) in episodes.iter().zip(&trajectories) {
        let own =
            |row: &&Sample| row.source.trajectory() == trajectory.trajectory && row.advantage > 0.0;
        if trajectory.reward < 1.0 || !rows.iter().any(|row| own(&row)) {
            continue;
        }
        let steps = store.steps(episode.id, true)?;
        let mut samples = Vec::with_capacity(steps.len());
        for step in &steps {
            let sample = step.sample.as_deref().map(StepSample::from_bytes);
            samples.push(sample.transpose()?);
        }
        recall(&[], samples.iter_mut().flatten());
        for row in rows.iter().filter(own) {
            let step = row.source.step();
            let place = step as usize;
            let (Some(stored), Some(Some(sample))) = (steps.get(place), samples.get(place)) else {
                continue;
            };
            let source = SampleSource::Replayed {
                round,
                trajectory: trajectory.trajectory,
                step,
            };
            let drawn = Drawn {
                sample: sample.clone(),
                log_probability: stored.log_probability,
            };
            let row = Sample {
                source,
                ..row.clone()
            };
            buffer.push((row, drawn));
        }
    }
    Ok(())
}
