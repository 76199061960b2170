//! The optimizers of the compact policy on the real ONNX Runtime: each moves the weights as its
//! formula says, and goes on after a checkpoint as if nothing had happened; and rows of pairs have
//! the gradient that they stand for.
#![allow(clippy::unwrap_used)]

use stepdroid::domain::{Action, BoundingBox, Observation, ScreenSize, UiElement};
use stepdroid::learn::preference::{pair_factor, pair_loss};
use stepdroid::policy::{
    Algorithm, Bundle, Choices, Learner, Objective, OptimizerSettings, Row, Shape, StepSample, View,
};
use stepdroid::runtime::{Chosen, Library};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};
const SHAPE: Shape = Shape {
    width: 16,
    layers: 1,
    heads: 2,
    hidden: 16,
};
const CLONE: Objective = Objective::Clone { entropy: 0.0 };

fn sample(number: usize) -> StepSample {
    let elements = (0..4)
        .map(|position| UiElement {
            text: Some(format!("row {position}")),
            is_clickable: true,
            is_enabled: true,
            is_visible: true,
            bbox_pixels: Some(BoundingBox::new(
                0,
                100 * position,
                360,
                100 * position + 90,
            )),
            ..UiElement::default()
        })
        .collect();
    let observation = Observation {
        frame: None,
        elements,
        screen: ScreenSize {
            width: 360,
            height: 800,
        },
        settled: true,
    };
    let view = View::new(&format!("Open row {number}."), &[], &observation, 0, 10);
    let choices = Choices::encode(&Action::click(number), &view, &observation).unwrap();
    StepSample {
        view,
        choices,
        temperature: 1.0,
        only_seen: None,
    }
}

fn learner(settings: OptimizerSettings) -> Learner {
    let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
    let bundle = Bundle::new(SHAPE, 7).unwrap();
    let mut learner = Learner::new(&library, &CPU, SHAPE, bundle.forward, 1).unwrap();
    learner.options = settings;
    learner
}

fn row(sample: &StepSample) -> Row<'_> {
    Row {
        sample,
        weight: 1.0,
        advantage: 0.0,
        old_log_probability: 0.0,
        reference_log_probability: 0.0,
    }
}

fn settings(momentum: f32, extrapolation: f32) -> OptimizerSettings {
    OptimizerSettings {
        algorithm: Algorithm::Sgd {
            momentum,
            nesterov: false,
        },
        weight_decay: 0.0,
        max_norm: 1e6,
        extrapolation,
    }
}

fn values(learner: &Learner) -> Vec<f32> {
    let weights = learner.weights().iter();
    weights
        .flat_map(|(_, tensor)| tensor.as_f32().unwrap().to_vec())
        .collect()
}

fn gradient(learner: &mut Learner, sample: &StepSample) -> Vec<f32> {
    let (_, gradients) = learner.gradients(&[row(sample)], CLONE).unwrap();
    gradients
        .iter()
        .flat_map(|tensor| tensor.as_f32().unwrap().to_vec())
        .collect()
}

fn close(one: &[f32], other: &[f32], tolerance: f32) {
    assert_eq!(one.len(), other.len());
    let gap = one.iter().zip(other).map(|(a, b)| (a - b).abs());
    let gap = gap.fold(0.0, f32::max);
    assert!(gap <= tolerance, "{gap}");
}

/// A learner whose weights are those of another, moved by some numbers.
fn moved(from: &Learner, by: &[f32]) -> Learner {
    let library = Library::load(None).unwrap();
    let mut forward = from.forward();
    let mut by = by.iter();
    for (name, tensor) in from.weights() {
        let values: Vec<f32> = tensor
            .as_f32()
            .unwrap()
            .iter()
            .zip(by.by_ref())
            .map(|(weight, step)| weight + step)
            .collect();
        let tensor = stepdroid::onnx::Tensor::f32(&tensor.shape, values);
        let initializers = &mut forward.graph_mut().initializer;
        let place = initializers
            .iter_mut()
            .find(|i| i.name.as_deref() == Some(name));
        *place.unwrap() = tensor.to_proto(name);
    }
    Learner::new(&library, &CPU, SHAPE, forward, 1).unwrap()
}

#[test]
fn an_extrapolated_step_takes_its_gradient_half_a_step_ahead() {
    let (rate, share) = (0.05f32, 0.5f32);
    let (first, second) = (sample(1), sample(2));
    let mut learner = learner(settings(0.0, share));
    let start = values(&learner);
    let along = gradient(&mut learner, &first);
    // Nothing is known before the first step: it is a plain one.
    learner.step(&[row(&first)], CLONE, rate).unwrap();
    let after: Vec<f32> = start
        .iter()
        .zip(&along)
        .map(|(w, g)| w - rate * g)
        .collect();
    close(&values(&learner), &after, 1e-6);
    // The second is taken from there, with the gradient of half a step further along the first.
    let ahead: Vec<f32> = along.iter().map(|g| -share * rate * g).collect();
    let there = gradient(&mut moved(&learner, &ahead), &second);
    let here = gradient(&mut learner, &second);
    learner.step(&[row(&second)], CLONE, rate).unwrap();
    let expected: Vec<f32> = after
        .iter()
        .zip(&there)
        .map(|(w, g)| w - rate * g)
        .collect();
    close(&values(&learner), &expected, 1e-6);
    let gap = here.iter().zip(&there).map(|(a, b)| (a - b).abs());
    assert!(
        gap.fold(0.0, f32::max) > 1e-4,
        "the test can't tell them apart"
    );
}

#[test]
fn every_optimizer_goes_on_after_a_checkpoint() {
    let library = Library::load(None).unwrap();
    let samples: Vec<StepSample> = (0..4).map(sample).collect();
    let folder = tempfile::tempdir().unwrap();
    for (name, settings) in [
        ("adamw", OptimizerSettings::default()),
        ("sgd", settings(0.0, 0.0)),
        ("momentum", settings(0.9, 0.0)),
        ("extrap", settings(0.9, 0.5)),
    ] {
        let mut learner = learner(settings);
        for sample in &samples[..2] {
            learner.step(&[row(sample)], CLONE, 0.01).unwrap();
        }
        let path = folder.path().join(name);
        let kept = Bundle::of(&learner, 2);
        kept.save(&path).unwrap();
        let loaded = Bundle::load(&path).unwrap();
        assert_eq!(loaded.optimizer, kept.optimizer, "{name}");
        let mut resumed = Learner::new(&library, &CPU, SHAPE, loaded.forward, 1).unwrap();
        resumed.options = settings;
        resumed.optimizer = loaded.optimizer.unwrap();
        assert_eq!(resumed.optimizer.steps, 2, "{name}");
        let mut forgetful = Learner::new(&library, &CPU, SHAPE, kept.forward.clone(), 1).unwrap();
        forgetful.options = settings;
        for sample in &samples[2..] {
            learner.step(&[row(sample)], CLONE, 0.01).unwrap();
            resumed.step(&[row(sample)], CLONE, 0.01).unwrap();
            forgetful.step(&[row(sample)], CLONE, 0.01).unwrap();
        }
        assert_eq!(values(&learner), values(&resumed), "{name}");
        // What was kept matters, where anything is.
        let same = values(&learner) == values(&forgetful);
        assert_eq!(same, name == "sgd", "{name}");
    }
}

#[test]
fn another_optimizer_begins_with_moments_of_its_own() {
    let one = sample(1);
    let mut learner = learner(OptimizerSettings::default());
    learner.step(&[row(&one)], CLONE, 1e-3).unwrap();
    assert_eq!(learner.optimizer.steps, 1);
    learner.options = settings(0.9, 0.5);
    learner.step(&[row(&one)], CLONE, 1e-2).unwrap();
    assert_eq!(learner.optimizer.steps, 1);
    let kinds: Vec<&str> = learner
        .optimizer
        .kinds
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(kinds, ["velocity", "previous"]);
    let previous = &learner.optimizer.kinds[1].1;
    assert!(previous.iter().flatten().any(|value| *value != 0.0));
}

#[test]
fn rows_of_a_pair_have_the_gradient_of_the_preference_loss() {
    let beta = 0.5;
    let mut learner = learner(OptimizerSettings::default());
    let (preferred, other) = (sample(1), {
        let mut other = sample(1);
        other.choices = sample(2).choices;
        other
    });
    let pair = [&preferred, &other];
    let now = learner.log_probabilities(&pair).unwrap();
    // As if the policy had moved since the reference: the margin is 0.7.
    let reference = [now[0] - 0.4, now[1] + 0.3];
    let margin = |now: &[f64]| (now[0] - reference[0]) - (now[1] - reference[1]);
    let factor = pair_factor(beta, margin(&now));
    let rows: Vec<Row<'_>> = [(0, factor), (1, -factor)]
        .into_iter()
        .map(|(place, advantage)| Row {
            advantage: advantage as f32,
            old_log_probability: now[place] as f32,
            ..row(pair[place])
        })
        .collect();
    let objective = Objective::Ppo {
        clip_low: 0.2,
        clip_high: 0.3,
        entropy: 0.0,
        kl: 0.0,
    };
    let (_, gradients) = learner.gradients(&rows, objective).unwrap();
    // The mean of the two rows is half of the pair's loss.
    let gradient: Vec<f64> = gradients
        .iter()
        .flat_map(|tensor| tensor.as_f32().unwrap().to_vec())
        .map(|value| 2.0 * f64::from(value))
        .collect();
    let loss_at = |by: &[f32]| {
        let there = moved(&learner, by).log_probabilities(&pair).unwrap();
        pair_loss(beta, margin(&there))
    };
    let length = |vector: &[f64]| vector.iter().map(|v| v * v).sum::<f64>().sqrt();
    let waves: Vec<f64> = (0..gradient.len())
        .map(|place| (place as f64).sin())
        .collect();
    for direction in [gradient.clone(), waves] {
        let scale = 0.01 / length(&direction);
        let step: Vec<f32> = direction.iter().map(|v| (v * scale) as f32).collect();
        let back: Vec<f32> = step.iter().map(|v| -v).collect();
        let measured = (loss_at(&step) - loss_at(&back)) / 0.02;
        let dot: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum();
        let expected = dot / length(&direction);
        let allowed = 0.02 * expected.abs() + 2e-4;
        assert!(
            (measured - expected).abs() < allowed,
            "{measured} {expected}"
        );
    }
    assert!(length(&gradient) > 0.01, "the test can't tell");
}
