//! Actions drawn again on the states of a round: the groups of the step-level augmentation (STEP
//! section 4). No device is touched.

use std::collections::BTreeMap;

use rand::RngExt;

use super::TrainError;
use super::learning::{Drawn, RoundSamples};
use crate::domain::streams::stream;
use crate::learn::augmentation::{Alternative, Resampled};
use crate::learn::matching::UnitBox;
use crate::learn::{Recipe, SampleSource, Scene, SuccessRecord};
use crate::policy::{Acting, Decision, StepSample, View};
use crate::store::{ResampledRow, Store};

/// Views in one batch of actions drawn again.
const RESAMPLE_BATCH: usize = 64;

/// The actions that were drawn again before the round was interrupted.
pub(super) fn drawn_before(
    store: &Store,
    round: u64,
) -> Result<BTreeMap<SampleSource, Drawn>, TrainError> {
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
pub(super) fn augment(
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
    let mut drawn_again = match drawn_before {
        Some(before) => before.clone(),
        None => drawn_now(found, &sources, others, (round, seed), recipe, acting)?,
    };
    // What was stored does not say what came before.
    for (source, again) in &mut drawn_again {
        let step = SampleSource::Step {
            trajectory: source.trajectory(),
            step: source.step(),
        };
        if let Some(reference) = found.drawn.get(&step) {
            let earlier = &reference.sample.view.earlier;
            again.sample.view.earlier.clone_from(earlier);
        }
    }
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
