//! From a round's samples to better weights: minibatches, the objective's terms, optimizer steps (STEP
//! section 5).

use super::TrainError;
use super::judging::Asked;
use super::learning::{Drawn, RoundSamples};
use super::off_policy::Ratios;
use super::row_terms::{fresh_ratio, row_terms};
use crate::config::TrainConfig;
use crate::domain::streams::stream;
use crate::learn::{Recipe, SampleSource, StepSample as Sample};
use crate::onnx::Tensor;
use crate::policy::{Learner, Objective, Row, StepSample};
use crate::store::UpdateRow;

/// What an update did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateReport {
    /// One entry per optimizer step.
    pub updates: Vec<UpdateRow>,
    /// Named values of the whole update.
    pub metrics: Vec<(String, f64)>,
}

/// Updates the learner's weights on a round's samples. `reference` are the weights that the KL
/// penalty pulls towards; they are not looked at when its weight is 0. `progress` hears how many
/// optimizer steps are done, from 0, and how many there will be.
///
/// # Errors
/// When the engine fails.
pub fn update_policy(
    learner: &mut Learner,
    samples: &RoundSamples,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    reference: &[(String, Tensor)],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<UpdateReport, TrainError> {
    let bounds = &recipe.objective;
    let objective = Objective::Ppo {
        clip_low: bounds.clip_low as f32,
        clip_high: bounds.clip_high as f32,
        entropy: bounds.entropy_coef as f32,
        kl: bounds.kl_coef as f32,
    };
    // Rows whose state is not there any more can't be learnt from; they are none in a sound run.
    let rows: Vec<Sample> = samples
        .rows
        .iter()
        .filter(|row| samples.drawn.contains_key(&row.source))
        .cloned()
        .collect();
    let drawn: Vec<&Drawn> = rows
        .iter()
        .filter_map(|row| samples.drawn.get(&row.source))
        .collect();
    let step_samples: Vec<&StepSample> = drawn.iter().map(|drawn| &drawn.sample).collect();
    // Before anything moves, what was recorded must be what the weights say now, where they acted.
    let recomputed = learner.log_probabilities(&step_samples)?;
    let fresh = (0..rows.len())
        .filter(|row| rows[*row].source.is_fresh())
        .map(|row| (recomputed[row], drawn[row].log_probability));
    let ratios = Ratios::of(fresh.clone()).filter(|_| samples.age > 0);
    let gap = fresh.map(|(now, then)| (now - then).abs());
    let gap = gap.fold(0.0, f64::max);
    let old: Vec<f64> = (0..rows.len())
        .map(|row| match rows[row].source.was_drawn() {
            true => drawn[row].log_probability,
            false => recomputed[row],
        })
        .collect();
    let references = if bounds.kl_coef > 0.0 {
        learner.log_probabilities_under(reference, &step_samples)?
    } else {
        vec![0.0; rows.len()]
    };
    let mut random = stream(config.run.seed, "update", round);
    let steps = recipe.schedule.steps(&rows, &mut random);
    let mut report = UpdateReport::default();
    let mut sums = crate::policy::Metrics::default();
    let mut first_ratio = 1.0;
    progress(0, steps.len());
    let extrapolates = learner.options.extrapolates();
    let mut running = learner.begin(objective)?;
    for step in &steps {
        let terms = row_terms(step, &rows, &old, &step_samples, recipe, &mut running)?;
        let mut terms_left = terms.iter();
        let mut portions: Vec<Vec<Row<'_>>> = Vec::with_capacity(step.micro_batches.len());
        for batch in &step.micro_batches {
            let batch = batch.iter().zip(terms_left.by_ref());
            let rows = batch.map(|(row, term)| Row {
                sample: step_samples[row.sample],
                weight: (row.weight * term.factor) as f32,
                advantage: term.advantage as f32,
                old_log_probability: term.old_log_probability as f32,
                reference_log_probability: references[row.sample] as f32,
            });
            portions.push(rows.collect());
        }
        let metrics = running.step(
            &portions,
            objective,
            config.train.learning_rate(round) as f32,
        )?;
        if step.index == 0 {
            // Where the gradient is taken ahead of the weights, their own log-probabilities count.
            let order = step.micro_batches.iter().flatten();
            let now: Vec<f64> = match extrapolates {
                true => order.map(|row| recomputed[row.sample]).collect(),
                false => running.last_log_probabilities().to_vec(),
            };
            first_ratio = fresh_ratio(step, &rows, &now, &old).unwrap_or(1.0);
        }
        sums.loss += metrics.loss;
        sums.gradient_norm += metrics.gradient_norm;
        sums.entropy += metrics.entropy;
        sums.clip_fraction += metrics.clip_fraction;
        sums.approximate_kl += metrics.approximate_kl;
        sums.kl += metrics.kl;
        let mut named = serde_json::Map::new();
        if let Ok(serde_json::Value::Object(values)) = serde_json::to_value(metrics) {
            named.extend(values);
        }
        named.insert("epoch".into(), step.epoch.into());
        named.insert("rows".into(), step.rows().into());
        report.updates.push(UpdateRow {
            optimizer_step: step.index as u64,
            metrics: named,
        });
        progress(step.index + 1, steps.len());
    }
    running.finish()?;
    let count = steps.len().max(1) as f64;
    let count_of =
        |of: fn(&SampleSource) -> bool| rows.iter().filter(|row| of(&row.source)).count() as f64;
    report.metrics = [
        ("rows", rows.len() as f64),
        ("optimizer_steps", steps.len() as f64),
        ("augmented_states", f64::from(samples.augmented_states)),
        ("groups_dropped", f64::from(samples.groups_dropped)),
        (
            "replayed_rows",
            count_of(|s| matches!(s, SampleSource::Replayed { .. })),
        ),
        (
            "fork_rows",
            count_of(|s| matches!(s, SampleSource::Fork { .. })),
        ),
        ("pair_rows", count_of(|s| s.pair().is_some())),
        (
            "recovery_rows",
            count_of(|s| matches!(s, SampleSource::Recovery { .. })),
        ),
        ("first_ratio", first_ratio),
        ("log_probability_gap", gap),
        ("loss", sums.loss / count),
        ("gradient_norm", sums.gradient_norm / count),
        ("entropy", sums.entropy / count),
        ("clip_fraction", sums.clip_fraction / count),
        ("approximate_kl", sums.approximate_kl / count),
        ("kl", sums.kl / count),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    if steps.is_empty() {
        // Nothing was updated, so that there is nothing that these could be of: an entropy of 0 would
        // look like the end of exploration.
        let kept = [
            "rows",
            "optimizer_steps",
            "augmented_states",
            "groups_dropped",
            "replayed_rows",
            "fork_rows",
            "pair_rows",
            "recovery_rows",
            "log_probability_gap",
        ];
        report
            .metrics
            .retain(|(name, _)| kept.contains(&name.as_str()));
    }
    if config.train.off_policy_rounds > 0 {
        let age = ("policy_age".to_owned(), samples.age as f64);
        report.metrics.push(age);
    }
    if samples.age > 0 {
        // Other weights acted: that these say something else is no fault.
        report
            .metrics
            .retain(|(name, _)| name != "log_probability_gap");
    }
    let ratios = ratios.into_iter().flat_map(Ratios::named);
    report
        .metrics
        .extend(ratios.map(|(name, value)| (name.to_owned(), value)));
    if recipe.judge.is_some() {
        let Asked {
            questions,
            unanswered,
        } = samples.asked;
        report.metrics.extend([
            ("judge_questions".to_owned(), f64::from(questions)),
            ("judge_unanswered".to_owned(), f64::from(unanswered)),
        ]);
    }
    Ok(report)
}
