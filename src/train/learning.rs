//! From the finished episodes of a round to better weights: credits, step samples, augmentation,
//! minibatches (STEP sections 3 to 5).
//!
//! The compact policy makes one joint choice a step (kind, target, text), so that here a step is one
//! "token" of the paper's loss.

use std::collections::BTreeMap;

use rand::RngExt;

use super::TrainError;
use super::judging::{self, Asked};
use super::row_terms::{fresh_ratio, row_terms};
use crate::config::TrainConfig;
use crate::domain::streams::stream;
use crate::learn::augmentation::{Alternative, Resampled};
use crate::learn::matching::UnitBox;
use crate::learn::{
    JudgedTrajectory, Recipe, SampleSource, Scene, StepSample as Sample, SuccessRecord,
    step_samples,
};
use crate::onnx::Tensor;
use crate::policy::{Acting, Decision, Learner, Objective, Row, StepSample, View};
use crate::store::{
    EpisodeRow, ResampledRow, RoundKey, RoundProgress, RoundState, Store, UpdateRow,
};

/// Views in one batch of actions drawn again.
const RESAMPLE_BATCH: usize = 64;

/// What was seen and chosen, with the log-probability of the draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What was seen and chosen.
    pub sample: StepSample,
    /// Log-probability when it was drawn.
    pub log_probability: f64,
}

/// Everything that a round's update learns from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoundSamples {
    /// The rows in order.
    pub rows: Vec<Sample>,
    /// What each row's source is.
    pub drawn: BTreeMap<SampleSource, Drawn>,
    /// States that were augmented.
    pub augmented_states: u32,
    /// Groups that were dropped because all of their actions matched, or none.
    pub groups_dropped: u32,
    /// What a judge was asked.
    pub asked: Asked,
}

/// The step samples of a round that was rolled out. `record` has the round counted already
/// (section 3 [R]); `acting` draws the actions of the augmentation, from streams of the run's seed
/// and the round. They are stored with the round's state before anything is learnt from them; a round
/// that is gone on with takes them from there.
///
/// # Errors
/// When the store or the engine fails, or a sample is gone.
pub fn round_samples(
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
    acting: &Acting,
) -> Result<RoundSamples, TrainError> {
    let (episodes, mut trajectories) = judged(store, round)?;
    let asked = judging::complete(&mut trajectories, &episodes, store, round, recipe)?;
    let credits = recipe.advantage.credits(&trajectories, record);
    let mut rows = step_samples(&trajectories, &credits, recipe.granularity);
    if let Some(judged) = &recipe.judged_steps {
        rows.extend(judged.candidates(&trajectories, record));
        rows.sort_by_key(|row| row.source);
    }

    let mut drawn = BTreeMap::new();
    for episode in &episodes {
        let slot = u64::from(episode.slot);
        if !rows.iter().any(|row| row.source.trajectory() == slot) {
            continue;
        }
        for (step, record) in store.steps(episode.id, true)?.into_iter().enumerate() {
            let bytes = record.sample.ok_or(TrainError::NoSample {
                round,
                slot: episode.slot,
                step,
            })?;
            let source = SampleSource::Step {
                trajectory: slot,
                step: step as u32,
            };
            let sample = StepSample::from_bytes(&bytes)?;
            drawn.insert(
                source,
                Drawn {
                    sample,
                    log_probability: record.log_probability,
                },
            );
        }
    }
    let mut found = RoundSamples {
        rows,
        drawn,
        asked,
        ..RoundSamples::default()
    };
    let row = store.round(RoundKey::train(round))?;
    let drawn_again = match row.is_some_and(|row| row.state >= RoundState::Augmented) {
        true => Some(drawn_before(store, round)?),
        false => None,
    };
    let seed = config.run.seed;
    let rows = augment(
        &mut found,
        (round, seed),
        recipe,
        record,
        acting,
        drawn_again.as_ref(),
    )?;
    judging::augment(
        &mut found,
        &trajectories,
        store,
        (round, seed),
        recipe,
        record,
        acting,
    )?;
    if drawn_again.is_none() {
        let progress = RoundProgress {
            resampled: &rows,
            ..RoundProgress::default()
        };
        store.advance_round(RoundKey::train(round), RoundState::Augmented, &progress)?;
    }
    Ok(found)
}

/// The judged episodes of a round, and what learning sees of them before [`judging::complete`].
pub(super) fn judged(
    store: &Store,
    round: u64,
) -> Result<(Vec<EpisodeRow>, Vec<JudgedTrajectory>), TrainError> {
    let episodes: Vec<_> = store
        .episodes(RoundKey::train(round))?
        .into_iter()
        .filter(|episode| episode.outcome.is_judged())
        .collect();
    let trajectories = episodes
        .iter()
        .map(|episode| JudgedTrajectory {
            trajectory: u64::from(episode.slot),
            task: episode.instance.task.clone(),
            reward: episode.outcome.reward().unwrap_or(0.0),
            step_tokens: vec![1; episode.steps as usize],
            instance: serde_json::Value::Object(episode.instance.params.clone()).to_string(),
            ..JudgedTrajectory::default()
        })
        .collect();
    Ok((episodes, trajectories))
}

/// The actions that were drawn again before the round was interrupted.
fn drawn_before(store: &Store, round: u64) -> Result<BTreeMap<SampleSource, Drawn>, TrainError> {
    let mut drawn = BTreeMap::new();
    for row in store.resampled(round)? {
        let source = SampleSource::Resampled {
            trajectory: u64::from(row.slot),
            step: row.step,
            alternative: row.alternative,
        };
        let sample = StepSample::from_bytes(&row.sample)?;
        drawn.insert(
            source,
            Drawn {
                sample,
                log_probability: row.log_probability,
            },
        );
    }
    Ok(drawn)
}

/// Adds the augmentation groups. Their actions are those that were `drawn_before`, else drawn now and
/// returned, to be stored.
fn augment(
    found: &mut RoundSamples,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    record: &SuccessRecord,
    acting: &Acting,
    drawn_before: Option<&BTreeMap<SampleSource, Drawn>>,
) -> Result<Vec<ResampledRow>, TrainError> {
    let Some(augmentation) = &recipe.augmentation else {
        return Ok(Vec::new());
    };
    let mut choice = stream(seed, "augmented states", round);
    let chosen = augmentation.states(&found.rows, record, &mut choice);
    let others = augmentation.group.saturating_sub(1);
    let sources: Vec<SampleSource> = chosen
        .iter()
        .map(|position| found.rows[*position].source)
        .collect();
    let drawn_again = match drawn_before {
        Some(before) => before.clone(),
        None => drawn_now(found, &sources, others, (round, seed), recipe, acting)?,
    };
    let mut resampled = Vec::with_capacity(sources.len());
    for source in &sources {
        let Some(reference) = found.drawn.get(source) else {
            continue;
        };
        let view = &reference.sample.view;
        let scene = scene(view);
        let taken = reference.sample.choices.action(view);
        let mut alternatives = Vec::new();
        for alternative in 0..others {
            let again = SampleSource::Resampled {
                trajectory: source.trajectory(),
                step: source.step(),
                alternative,
            };
            let drawn = drawn_again.get(&again).ok_or(TrainError::NoSample {
                round,
                slot: source.trajectory() as u32,
                step: source.step() as usize,
            })?;
            let action = drawn.sample.choices.action(view);
            alternatives.push(Alternative {
                matches: recipe.matcher.matches(&taken, &action, &scene),
                tokens: 1,
            });
        }
        resampled.push(Resampled {
            reference_matches: recipe.matcher.matches(&taken, &taken, &scene),
            alternatives,
        });
    }
    let augmented = augmentation.augment(std::mem::take(&mut found.rows), &chosen, &resampled)?;
    found.augmented_states = augmented.groups.len() as u32;
    found.groups_dropped = augmented.groups.iter().filter(|group| !group.kept).count() as u32;
    found.rows = augmented.samples;
    let rows = match drawn_before {
        Some(_) => Vec::new(),
        None => drawn_again.iter().map(resampled_row).collect(),
    };
    found.drawn.extend(drawn_again);
    Ok(rows)
}

/// Draws `others` actions again on each of the states.
fn drawn_now(
    found: &RoundSamples,
    sources: &[SampleSource],
    others: u32,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    acting: &Acting,
) -> Result<BTreeMap<SampleSource, Drawn>, TrainError> {
    let decisions = redraw(found, sources, others, (round, seed), recipe, acting)?;
    let mut drawn = BTreeMap::new();
    for (source, decisions) in sources.iter().zip(decisions) {
        for (alternative, decision) in (0..others).zip(decisions) {
            drawn.insert(
                SampleSource::Resampled {
                    trajectory: source.trajectory(),
                    step: source.step(),
                    alternative,
                },
                Drawn {
                    sample: decision.sample,
                    log_probability: decision.log_probability,
                },
            );
        }
    }
    Ok(drawn)
}

fn resampled_row((source, drawn): (&SampleSource, &Drawn)) -> ResampledRow {
    ResampledRow {
        slot: source.trajectory() as u32,
        step: source.step(),
        alternative: match source {
            SampleSource::Resampled { alternative, .. } => *alternative,
            _ => 0,
        },
        log_probability: drawn.log_probability,
        sample: drawn.sample.to_bytes(),
    }
}

/// Draws `others` actions again on the states of some rows, from streams of the run's seed and the
/// round; none for a row whose state is not there. No device is touched.
pub(super) fn redraw(
    found: &RoundSamples,
    sources: &[SampleSource],
    others: u32,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    acting: &Acting,
) -> Result<Vec<Vec<Decision>>, TrainError> {
    let temperature = recipe.augmentation_temperature as f32;
    let mut random = stream(seed, "augmented actions", round);
    let mut requests: Vec<(&View, f32, [f64; 4])> = Vec::new();
    for reference in sources.iter().filter_map(|source| found.drawn.get(source)) {
        for _ in 0..others {
            let draws = std::array::from_fn(|_| random.random::<f64>());
            requests.push((&reference.sample.view, temperature, draws));
        }
    }
    let mut decisions = Vec::with_capacity(requests.len());
    for batch in requests.chunks(RESAMPLE_BATCH) {
        decisions.extend(acting.decide(batch)?);
    }
    let mut decisions = decisions.into_iter();
    let known = |source: &SampleSource| found.drawn.contains_key(source);
    Ok(sources
        .iter()
        .map(|source| match known(source) {
            true => decisions.by_ref().take(others as usize).collect(),
            false => Vec::new(),
        })
        .collect())
}

/// The screen of a view, as the matcher wants it: boxes by the index that actions count in.
pub(super) fn scene(view: &View) -> Scene {
    let (width, height) = (
        f64::from(view.screen.0.max(1)),
        f64::from(view.screen.1.max(1)),
    );
    let length = view
        .candidates
        .iter()
        .map(|candidate| candidate.index + 1)
        .max()
        .unwrap_or(0);
    let mut boxes = vec![None; length];
    for candidate in &view.candidates {
        let bounds = candidate.bounds;
        boxes[candidate.index] = Some(UnitBox {
            left: f64::from(bounds.x_min) / width,
            top: f64::from(bounds.y_min) / height,
            right: f64::from(bounds.x_max) / width,
            bottom: f64::from(bounds.y_max) / height,
        });
    }
    Scene {
        boxes,
        width,
        height,
    }
}

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
    // Before anything moves, what was recorded must be what the weights say now.
    let recomputed = learner.log_probabilities(&step_samples)?;
    let gap = (0..rows.len())
        .filter(|row| rows[*row].source.is_fresh())
        .map(|row| (recomputed[row] - drawn[row].log_probability).abs())
        .fold(0.0, f64::max);
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
