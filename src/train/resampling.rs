//! Actions drawn again on the states of a round: the groups of the step-level augmentation (STEP
//! section 4), and of the one by a judge. No device is touched.

use std::collections::BTreeMap;

use rand::RngExt;

use super::TrainError;
use super::learning::{Collected, Drawn, RoundSamples, collect};
use super::passes::Passes;
use crate::config::TrainConfig;
use crate::domain::streams::stream;
use crate::learn::augmentation::{Alternative, Resampled};
use crate::learn::matching::UnitBox;
use crate::learn::{Recipe, SampleSource, Scene, SuccessRecord};
use crate::policy::{Acting, StepSample, View};
use crate::store::{ResampledRow, RoundKey, RoundState, Store};

/// States in one batch.
const RESAMPLE_BATCH: usize = 64;

/// Draws what the augmentation of a round that was rolled out asks for; `None` where that was stored
/// before. `record` has the round counted and none after it; `acting` has the weights that acted in the
/// round, and `passes` what they said of some of the states already.
///
/// # Errors
/// When the store or the engine fails, or a sample is gone.
pub(super) fn draw_again(
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
    acting: &Acting,
    passes: &Passes,
) -> Result<Option<Vec<ResampledRow>>, TrainError> {
    if store
        .round(RoundKey::train(round))?
        .is_some_and(|row| row.state >= RoundState::Augmented)
    {
        return Ok(None);
    }
    let mut rows = Vec::new();
    if recipe.augmentation.is_some() || (recipe.judged_steps.is_some() && recipe.judge.is_some()) {
        let seed = config.run.seed;
        let Collected { found, .. } = collect(store, round, recipe, record)?;
        let sources: Vec<SampleSource> = chosen(&found, (round, seed), recipe, record)
            .into_iter()
            .map(|position| found.rows[position].source)
            .collect();
        let drawn = redraw(&found, &sources, (round, seed), recipe, acting, passes)?;
        rows = drawn.iter().map(resampled_row).collect();
    }
    Ok(Some(rows))
}

/// The rows of a round whose states are augmented, as positions, ascending.
pub(super) fn chosen(
    found: &RoundSamples,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    record: &SuccessRecord,
) -> Vec<usize> {
    let mut choice = stream(seed, "augmented states", round);
    let mut positions = match (&recipe.augmentation, &recipe.judged_steps) {
        (Some(augmentation), _) => augmentation.states(&found.rows, record, &mut choice),
        (None, Some(judged)) => judged.states(&found.rows, record, &mut choice),
        (None, None) => Vec::new(),
    };
    // A row whose state is not there can't be drawn for; there is none in a sound run.
    positions.retain(|position| found.drawn.contains_key(&found.rows[*position].source));
    positions
}

/// Actions of a group beside the one that was taken.
pub(super) fn others(recipe: &Recipe) -> u32 {
    let judged = || recipe.judged_steps.as_ref().map(|judged| &judged.groups);
    let groups = recipe.augmentation.as_ref().or_else(judged);
    groups.map_or(0, |groups| groups.group.saturating_sub(1))
}

/// The actions that were drawn again, as stored, each with what came before its step.
pub(super) fn drawn_before(
    store: &Store,
    round: u64,
    found: &RoundSamples,
) -> Result<BTreeMap<SampleSource, Drawn>, TrainError> {
    let mut drawn = BTreeMap::new();
    for row in store.resampled(round)? {
        let source = SampleSource::Resampled {
            trajectory: u64::from(row.slot),
            step: row.step,
            alternative: row.alternative,
        };
        let mut sample = StepSample::from_bytes(&row.sample)?;
        let step = SampleSource::Step {
            trajectory: source.trajectory(),
            step: source.step(),
        };
        if let Some(taken) = found.drawn.get(&step) {
            let earlier = &taken.sample.view.earlier;
            sample.view.earlier.clone_from(earlier);
        }
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

/// Puts the augmentation groups in place of the rows that they grow from. `drawn_again` are the actions
/// that were drawn.
pub(super) fn augment(
    found: &mut RoundSamples,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    record: &SuccessRecord,
    drawn_again: BTreeMap<SampleSource, Drawn>,
) -> Result<(), TrainError> {
    let Some(augmentation) = &recipe.augmentation else {
        return Ok(());
    };
    let chosen = chosen(found, (round, seed), recipe, record);
    let mut resampled = Vec::with_capacity(chosen.len());
    for position in &chosen {
        let source = &found.rows[*position].source;
        let Some(reference) = found.drawn.get(source) else {
            continue;
        };
        let view = &reference.sample.view;
        let scene = scene(view);
        let taken = reference.sample.choices.action(view);
        let alternatives = of_state(&drawn_again, *source, others(recipe), round)?
            .into_iter()
            .map(|drawn| Alternative {
                matches: recipe
                    .matcher
                    .matches(&taken, &drawn.sample.choices.action(view), &scene),
                tokens: 1,
            })
            .collect();
        resampled.push(Resampled {
            reference_matches: recipe.matcher.matches(&taken, &taken, &scene),
            alternatives,
        });
    }
    let augmented = augmentation.augment(std::mem::take(&mut found.rows), &chosen, &resampled)?;
    found.augmented_states = augmented.groups.len() as u32;
    found.groups_dropped = augmented.groups.iter().filter(|group| !group.kept).count() as u32;
    found.rows = augmented.samples;
    found.drawn.extend(drawn_again);
    Ok(())
}

/// The actions drawn again on the state of a step, in order.
///
/// # Errors
/// [`TrainError::NoSample`] where one is missing.
pub(super) fn of_state(
    drawn_again: &BTreeMap<SampleSource, Drawn>,
    source: SampleSource,
    others: u32,
    round: u64,
) -> Result<Vec<&Drawn>, TrainError> {
    (0..others)
        .map(|alternative| {
            drawn_again
                .get(&again(source, alternative))
                .ok_or(TrainError::NoSample {
                    round,
                    slot: source.trajectory() as u32,
                    step: source.step() as usize,
                })
        })
        .collect()
}

fn again(source: SampleSource, alternative: u32) -> SampleSource {
    SampleSource::Resampled {
        trajectory: source.trajectory(),
        step: source.step(),
        alternative,
    }
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

/// Draws actions again on the states of some rows, from streams of the run's seed and the round. The
/// policy is asked once about each state, and not at all where it was before.
pub(super) fn redraw(
    found: &RoundSamples,
    sources: &[SampleSource],
    (round, seed): (u64, u64),
    recipe: &Recipe,
    acting: &Acting,
    passes: &Passes,
) -> Result<BTreeMap<SampleSource, Drawn>, TrainError> {
    let wanted = recipe.augmentation_temperature as f32;
    // The likeliest choice counts as drawn at temperature 1.
    let temperature = if wanted > 0.0 { wanted } else { 1.0 };
    let mut random = stream(seed, "augmented actions", round);
    let mut drawn = BTreeMap::new();
    let known: Vec<(SampleSource, &View)> = sources
        .iter()
        .filter_map(|source| Some((*source, &found.drawn.get(source)?.sample.view)))
        .collect();
    for states in known.chunks(RESAMPLE_BATCH) {
        let pass = |source: &SampleSource| passes.of(source.trajectory(), source.step());
        let unknown = states.iter().filter(|(source, _)| pass(source).is_none());
        let views: Vec<&View> = unknown.map(|(_, view)| *view).collect();
        let said = acting.distributions(&views, &vec![wanted; views.len()])?;
        let mut said = said.iter();
        for (source, view) in states {
            let Some(distribution) = pass(source).or_else(|| said.next()) else {
                continue;
            };
            for alternative in 0..others(recipe) {
                let draws = std::array::from_fn(|_| random.random::<f64>());
                let choices = distribution.choose((wanted > 0.0).then_some(&draws));
                let log_probability = distribution.of(&choices);
                let sample = StepSample {
                    view: (*view).clone(),
                    choices,
                    temperature,
                    only_seen: None,
                };
                let one = Drawn {
                    sample,
                    log_probability,
                };
                drawn.insert(again(*source, alternative), one);
            }
        }
    }
    Ok(drawn)
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
