//! Whether a bundle acts and learns as it should.

use std::path::{Path, PathBuf};

use rand::RngExt;
use serde::Serialize;

use crate::cli::{Context, Failure};
use crate::domain::streams::stream;
use crate::domain::{BoundingBox, Frame, Observation, ScreenSize, UiElement};
use crate::onnx::{Tensor, TensorData};
use crate::policy::{
    Acting, Bundle, Choices, Kind, Learner, Objective, Row, Seen, StepSample, View,
};
use crate::runtime::{Chosen, Library, Provider};

/// Screens that are looked at.
const SCREENS: u64 = 8;
/// Largest difference between a log-probability when acting and when learning.
const LOG_PROBABILITY_TOLERANCE: f64 = 1e-3;
/// Largest relative difference between a gradient and the difference quotient; both are of 32 bits.
const GRADIENT_TOLERANCE: f64 = 2e-2;
/// By how much a difference quotient changes the loss on either side.
const LOSS_CHANGE: f64 = 5e-3;
/// Farthest that weights are moved for it, as a Euclidean distance.
const LONGEST_STEP: f64 = 3e-2;
/// A slope below this drowns in rounding.
const FLAT: f64 = 1e-2;
/// Weights that are moved alone, the steepest ones.
const SINGLE_WEIGHTS: usize = 3;

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    found: String,
}

#[derive(Debug, Serialize)]
struct Report {
    bundle: PathBuf,
    provider: &'static str,
    ok: bool,
    checks: Vec<Check>,
}

pub(super) fn run(path: &Path, provider: Provider, context: &Context) -> Result<(), Failure> {
    let bundle = Bundle::load(path)?;
    let library = context.library()?;
    let provider = provider.choose(&library)?;
    let named = |failure: Failure| failure.context(path.display());
    let checks = checks(&bundle, &library, &provider).map_err(named)?;
    let report = Report {
        bundle: path.to_owned(),
        provider: provider.name(),
        ok: checks.iter().all(|check| check.ok),
        checks,
    };
    context.output.result(&report, |report| {
        report
            .checks
            .iter()
            .map(|check| {
                let state = if check.ok { "ok" } else { "FAILED" };
                format!("{state:6} {:20} {}\n", check.name, check.found)
            })
            .collect()
    })?;
    if report.ok {
        return Ok(());
    }
    let failed: Vec<&str> = report
        .checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| check.name)
        .collect();
    Err(Failure::missed(format!(
        "{}: {} failed; these weights are not fit to act or learn with",
        path.display(),
        failed.join(", ")
    )))
}

fn checks(bundle: &Bundle, library: &Library, provider: &Chosen) -> Result<Vec<Check>, Failure> {
    let acting = Acting::new(library, provider, &bundle.forward, 1)?;
    let mut learner = Learner::new(library, provider, bundle.shape, bundle.forward.clone(), 1)?;
    Ok(vec![
        weights(&learner),
        probabilities(&acting)?,
        recomputed(&acting, &learner)?,
        gradient("gradient of cloning", &mut learner, false)?,
        gradient("gradient of STEP", &mut learner, true)?,
    ])
}

/// Every weight must be a number.
fn weights(learner: &Learner) -> Check {
    let broken = learner.weights().iter().find(|(_, tensor)| {
        tensor
            .as_f32()
            .is_none_or(|values| values.iter().any(|value| !value.is_finite()))
    });
    Check {
        name: "weights",
        ok: broken.is_none(),
        found: match broken {
            None => format!("{}, all finite", learner.parameters()),
            Some((name, _)) => format!("{name} holds what is not a finite number"),
        },
    }
}

/// The probabilities of the kinds of action must add up to one.
fn probabilities(acting: &Acting) -> Result<Check, Failure> {
    let views: Vec<View> = (0..SCREENS).map(|seed| screen(seed).0).collect();
    let temperatures = vec![1.0; views.len()];
    let distributions = acting.distributions(&views.iter().collect::<Vec<_>>(), &temperatures)?;
    let apart = largest(distributions.iter().map(|distribution| {
        // Without a target, the log-probability is that of the kind alone.
        let kinds = Kind::ALL.iter().map(|kind| Choices::of(*kind));
        1.0 - kinds.map(|kind| distribution.of(&kind).exp()).sum::<f64>()
    }));
    Ok(Check {
        name: "probabilities",
        ok: apart <= 1e-5,
        found: format!("sums differ from 1 by at most {apart:.1e}"),
    })
}

/// What is recomputed for learning must equal what was recorded when acting.
fn recomputed(acting: &Acting, learner: &Learner) -> Result<Check, Failure> {
    let mut draws = stream(1, "model check", 0);
    let mut decisions = Vec::new();
    for seed in 0..SCREENS {
        let (view, _) = screen(seed);
        let draw = std::array::from_fn(|_| draws.random::<f64>());
        decisions.extend(acting.decide(&[(&view, 1.0, draw)])?);
    }
    let samples: Vec<&StepSample> = decisions.iter().map(|decision| &decision.sample).collect();
    let again = learner.log_probabilities(&samples)?;
    let apart = largest(
        decisions
            .iter()
            .zip(&again)
            .map(|(decision, again)| decision.log_probability - again),
    );
    Ok(Check {
        name: "acting and learning",
        ok: apart <= LOG_PROBABILITY_TOLERANCE,
        found: format!("log-probabilities differ by at most {apart:.1e}"),
    })
}

/// The largest magnitude; not a number when one of them is not.
fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest: f64, value| {
        if largest.is_nan() || value.is_nan() {
            f64::NAN
        } else {
            largest.max(value.abs())
        }
    })
}

/// The gradients that the graph gives, against differences of losses that are computed here from
/// log-probabilities alone: along all weights together, and along a few of them.
fn gradient(name: &'static str, learner: &mut Learner, clipped: bool) -> Result<Check, Failure> {
    let samples: Vec<StepSample> = (0..SCREENS).map(|seed| screen(seed).1).collect();
    let references: Vec<&StepSample> = samples.iter().collect();
    let now = learner.log_probabilities(&references)?;
    let rows: Vec<Row> = samples
        .iter()
        .zip(&now)
        .enumerate()
        .map(|(position, (sample, now))| Row {
            sample,
            weight: 1.0,
            advantage: if position % 2 == 0 { 0.8 } else { -0.5 },
            // A little off, but within the clip bounds: the loss has no corner there.
            old_log_probability: *now as f32 + 0.05,
            reference_log_probability: 0.0,
        })
        .collect();
    let objective = if clipped {
        Objective::Ppo {
            clip_low: 0.2,
            clip_high: 0.2,
            entropy: 0.0,
            kl: 0.0,
        }
    } else {
        Objective::Clone { entropy: 0.0 }
    };
    let (_, gradients) = learner.gradients(&rows, objective)?;
    let loss = |weights: &[(String, Tensor)]| -> Result<f64, Failure> {
        let values = learner.log_probabilities_under(weights, &references)?;
        let total: f64 = values
            .iter()
            .zip(&rows)
            .map(|(value, row)| {
                if clipped {
                    let ratio = (value - f64::from(row.old_log_probability)).exp();
                    ratio * f64::from(row.advantage)
                } else {
                    *value
                }
            })
            .sum();
        Ok(-total / rows.len() as f64)
    };
    let slopes: Vec<Vec<f32>> = gradients
        .iter()
        .map(|gradient| gradient.as_f32().unwrap_or(&[]).to_vec())
        .collect();
    let norms: Vec<f64> = slopes.iter().map(|slope| norm(slope)).collect();
    let mut steepest: Vec<usize> = (0..norms.len()).collect();
    steepest.sort_by(|a, b| norms[*b].total_cmp(&norms[*a]));
    let (mut worst, mut compared) = (0.0, 0);
    let mut directions = vec![(0..norms.len()).collect::<Vec<_>>()];
    directions.extend(
        steepest
            .iter()
            .take(SINGLE_WEIGHTS)
            .map(|weight| vec![*weight]),
    );
    for moved in &directions {
        let slope = moved
            .iter()
            .map(|weight| norms[*weight] * norms[*weight])
            .sum::<f64>()
            .sqrt();
        if !slope.is_finite() {
            worst = f64::NAN;
            break;
        }
        if slope < FLAT {
            continue;
        }
        // Far enough for the difference to stand out of the rounding of 32 bits.
        let step = (LOSS_CHANGE / slope).min(LONGEST_STEP);
        let shifted = |sign: f64| -> Vec<(String, Tensor)> {
            let mut weights = learner.weights().to_vec();
            for weight in moved {
                if let TensorData::F32(values) = &mut weights[*weight].1.data {
                    for (value, along) in values.iter_mut().zip(&slopes[*weight]) {
                        *value += (sign * step * f64::from(*along) / slope) as f32;
                    }
                }
            }
            weights
        };
        let difference = (loss(&shifted(1.0))? - loss(&shifted(-1.0))?) / (2.0 * step);
        worst = largest([worst, (difference - slope) / slope].into_iter());
        compared += 1;
    }
    Ok(Check {
        name,
        // A loss that is flat in every direction can't be learnt from.
        ok: worst <= GRADIENT_TOLERANCE && compared > 0,
        found: format!(
            "{worst:.1e} of it off the difference of losses, in {compared} of {} directions",
            directions.len()
        ),
    })
}

fn norm(values: &[f32]) -> f64 {
    let squares = values
        .iter()
        .map(|value| f64::from(*value) * f64::from(*value));
    squares.sum::<f64>().sqrt()
}

/// A made-up form, and something that may be done on it.
fn screen(seed: u64) -> (View, StepSample) {
    let rows = ["Settings", "Name", "Company", "Save"];
    let elements = rows
        .iter()
        .enumerate()
        .map(|(position, label)| {
            let top = 100 * position as i32;
            let field = *label == "Name";
            UiElement {
                text: (!field).then(|| (*label).to_owned()),
                hint_text: field.then(|| (*label).to_owned()),
                is_editable: field,
                is_clickable: true,
                is_enabled: true,
                is_visible: true,
                class_name: Some("android.widget.TextView".into()),
                bbox_pixels: Some(BoundingBox::new(0, top, 360, top + 90)),
                ..UiElement::default()
            }
        })
        .collect();
    let observation = Observation {
        frame: Frame::new(36, 80, vec![(seed * 31) as u8; 36 * 80 * 4]),
        elements,
        screen: ScreenSize {
            width: 360,
            height: 800,
        },
        settled: true,
    };
    let goal = format!("Write the name Ada Lovelace {seed} into the form and save it.");
    let mut view = View::new(&goal, &[], &observation, seed as u32, 10);
    if !seed.is_multiple_of(2) {
        // For a policy that looks back.
        Seen::add(&mut view.earlier, &screen(seed - 1).1);
    }
    let mut choices = Choices::of(Kind::ALL[seed as usize % Kind::ALL.len()]);
    match choices.kind {
        Kind::Click | Kind::LongPress => choices.candidate = Some(seed as usize % rows.len()),
        Kind::InputText => {
            choices.candidate = Some(1);
            choices.span = Some((3, 4));
        }
        Kind::Scroll => choices.direction = Some(1),
        Kind::OpenApp => choices.app = Some(2),
        _ => {}
    }
    let sample = StepSample {
        view: view.clone(),
        choices,
        temperature: 1.0,
        only_seen: None,
    };
    (view, sample)
}
