//! The compact policy on the real ONNX Runtime: what it recomputes equals what it recorded, its
//! gradients agree with finite differences, it learns, and its bundles survive a round trip.
#![allow(clippy::unwrap_used)]

use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::domain::{Action, BoundingBox, Frame, Observation, ScreenSize, UiElement};
use stepdroid::onnx::lora::{self, LoraOptions};
use stepdroid::policy::{
    Acting, Bundle, Choices, Learner, Objective, Row, Service, Shape, StepSample, View,
};
use stepdroid::runtime::{Chosen, Library};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

fn small() -> Shape {
    Shape {
        width: 32,
        layers: 1,
        heads: 2,
        hidden: 48,
    }
}

/// A screen with a name field among rows, and a goal that names who goes into it.
fn scene(seed: u64) -> (View, Observation, Action) {
    let mut rng = stream(seed, "scene", 0);
    let mut word = || -> String {
        let letters = "abcdefghijklmnopqrstuvwxyz".as_bytes();
        let length = rng.random_range(4..9);
        (0..length)
            .map(|_| letters[rng.random_range(0..letters.len())] as char)
            .collect()
    };
    let (first, last, other) = (word(), word(), word());
    let rows = ["Settings", "Name", "Company", &other];
    let elements = rows
        .iter()
        .enumerate()
        .map(|(position, label)| UiElement {
            text: (*label != "Name").then(|| (*label).to_owned()),
            hint_text: (*label == "Name").then(|| "Name".to_owned()),
            is_editable: *label == "Name",
            is_clickable: true,
            is_enabled: true,
            is_visible: true,
            class_name: Some("android.widget.TextView".into()),
            bbox_pixels: Some(BoundingBox::new(
                0,
                100 * position as i32,
                360,
                100 * position as i32 + 90,
            )),
            ..UiElement::default()
        })
        .collect();
    let observation = Observation {
        frame: Frame::new(36, 80, vec![(seed % 200) as u8; 36 * 80 * 4]),
        elements,
        screen: ScreenSize {
            width: 360,
            height: 800,
        },
        settled: true,
    };
    let goal = if seed.is_multiple_of(3) {
        format!("Open the row {other}.")
    } else {
        format!("Write the name {first} {last} into the form.")
    };
    let action = if seed.is_multiple_of(3) {
        Action::click(3)
    } else {
        Action::input_text(1, format!("{first} {last}"))
    };
    (
        View::new(&goal, &[], &observation, 0, 10),
        observation,
        action,
    )
}

fn demonstration(seed: u64) -> StepSample {
    let (view, observation, action) = scene(seed);
    let choices = Choices::encode(&action, &view, &observation).unwrap();
    StepSample {
        view,
        choices,
        temperature: 1.0,
        only_seen: None,
    }
}

fn learner(library: &Library, shape: Shape) -> Learner {
    let bundle = Bundle::new(shape, 7).unwrap();
    Learner::new(library, &CPU, shape, bundle.forward, 1).unwrap()
}

fn rows(samples: &[StepSample]) -> Vec<Row<'_>> {
    samples
        .iter()
        .map(|sample| Row {
            sample,
            weight: 1.0,
            advantage: 0.0,
            old_log_probability: 0.0,
            reference_log_probability: 0.0,
        })
        .collect()
}

#[tokio::test]
async fn recomputed_log_probabilities_equal_the_recorded_ones() {
    let library = library();
    let learner = learner(&library, small());
    let acting = Acting::new(&library, &CPU, &learner.forward(), 1).unwrap();
    let service = Service::start(acting);
    let mut recorded = Vec::new();
    let mut rng = stream(3, "draws", 0);
    for seed in 0..40 {
        let temperature = if seed % 2 == 0 { 0.7 } else { 1.0 };
        let request = stepdroid::policy::Request {
            view: scene(seed).0,
            temperature,
            draws: std::array::from_fn(|_| rng.random::<f64>()),
        };
        recorded.push(service.decide(request).await.unwrap());
    }
    let stored: Vec<StepSample> = recorded
        .iter()
        .map(|decision| StepSample::from_bytes(&decision.sample.to_bytes()).unwrap())
        .collect();
    let references: Vec<&StepSample> = stored.iter().collect();
    let again = learner.log_probabilities(&references).unwrap();
    let mut kinds = std::collections::HashSet::new();
    for (decision, recomputed) in recorded.iter().zip(again) {
        kinds.insert(decision.sample.choices.kind);
        assert!(
            (decision.log_probability - recomputed).abs() < 1e-4,
            "{decision:?} against {recomputed}"
        );
    }
    assert!(
        kinds.len() > 3,
        "the untrained policy draws many kinds of action"
    );
}

#[test]
fn gradients_agree_with_finite_differences() {
    let library = library();
    let shape = Shape {
        width: 8,
        layers: 1,
        heads: 2,
        hidden: 8,
    };
    let mut learner_now = learner(&library, shape);
    let samples: Vec<StepSample> = (0..6).map(demonstration).collect();
    let old = learner_now
        .log_probabilities(&samples.iter().collect::<Vec<_>>())
        .unwrap();
    let rows: Vec<Row> = samples
        .iter()
        .zip(&old)
        .enumerate()
        .map(|(position, (sample, old))| Row {
            sample,
            weight: 1.0,
            advantage: if position % 2 == 0 { 0.8 } else { -0.5 },
            old_log_probability: *old as f32 + 0.05,
            reference_log_probability: *old as f32 - 0.1,
        })
        .collect();
    for objective in [
        Objective::Clone { entropy: 0.01 },
        Objective::Ppo {
            clip_low: 0.2,
            clip_high: 0.3,
            entropy: 0.01,
            kl: 0.5,
        },
    ] {
        let (_, gradients) = learner_now.gradients(&rows, objective).unwrap();
        // A random direction over all weights at once: f32 leaves no room for single ones.
        let mut analytic = 0.0;
        let mut moved = [learner_now.forward(), learner_now.forward()];
        let mut rng = stream(5, "direction", 0);
        let step = 1e-4_f32;
        for ((name, weight), gradient) in learner_now.weights().iter().zip(&gradients) {
            let along = gradient.as_f32().unwrap();
            // Mostly along the gradient, so that the difference stands out of the rounding.
            let norm = along.iter().map(|g| g * g).sum::<f32>().sqrt().max(1e-6);
            let direction: Vec<f32> = along
                .iter()
                .map(|g| g / norm + 0.1 * rng.random_range(-1.0..1.0f32))
                .collect();
            analytic += direction
                .iter()
                .zip(along)
                .map(|(d, g)| f64::from(d * g))
                .sum::<f64>();
            for (model, sign) in moved.iter_mut().zip([1.0f32, -1.0]) {
                let mut tensor = weight.clone();
                if let stepdroid::onnx::TensorData::F32(values) = &mut tensor.data {
                    for (value, d) in values.iter_mut().zip(&direction) {
                        *value += sign * step * d;
                    }
                }
                let initializer = model
                    .graph_mut()
                    .initializer
                    .iter_mut()
                    .find(|tensor| tensor.name.as_deref() == Some(name))
                    .unwrap();
                *initializer = tensor.to_proto(name);
            }
        }
        let loss = |model| {
            let mut learner = Learner::new(&library, &CPU, shape, model, 1).unwrap();
            learner.gradients(&rows, objective).unwrap().0.loss
        };
        let [up, down] = moved;
        let numeric = (loss(up) - loss(down)) / (2.0 * f64::from(step));
        let error = (numeric - analytic).abs() / analytic.abs();
        assert!(
            error < 1e-3,
            "{objective:?}: rule {analytic}, finite difference {numeric}, error {error}"
        );
    }
}

#[test]
fn cloning_generalises_to_names_never_seen() {
    let library = library();
    let mut learner = learner(&library, small());
    let samples: Vec<StepSample> = (0..480).map(demonstration).collect();
    let mut rng = stream(9, "batches", 0);
    for _ in 0..350 {
        let batch: Vec<StepSample> = (0..32)
            .map(|_| samples[rng.random_range(0..samples.len())].clone())
            .collect();
        learner
            .step(&rows(&batch), Objective::Clone { entropy: 0.0 }, 3e-3)
            .unwrap();
    }
    let acting = Acting::new(&library, &CPU, &learner.forward(), 1).unwrap();
    let mut right = 0;
    for seed in 1000..1060 {
        let (view, _, action) = scene(seed);
        let decision = acting.decide(&[(&view, 0.0, [0.0; 4])]).unwrap().remove(0);
        right += u32::from(decision.action == action);
    }
    assert!(right >= 45, "{right} of 60 unseen scenes");
}

#[test]
fn an_advantage_makes_an_action_likelier() {
    let library = library();
    let mut learner = learner(&library, small());
    let samples: Vec<StepSample> = (0..8).map(demonstration).collect();
    let references: Vec<&StepSample> = samples.iter().collect();
    let before = learner.log_probabilities(&references).unwrap();
    let mut first = None;
    for _ in 0..5 {
        let rows: Vec<Row> = samples
            .iter()
            .zip(&before)
            .enumerate()
            .map(|(position, (sample, old))| Row {
                sample,
                weight: 1.0,
                advantage: if position < 4 { 1.0 } else { -1.0 },
                old_log_probability: *old as f32,
                reference_log_probability: 0.0,
            })
            .collect();
        let objective = Objective::Ppo {
            clip_low: 0.2,
            clip_high: 0.3,
            entropy: 0.0,
            kl: 0.0,
        };
        let metrics = learner.step(&rows, objective, 1e-3).unwrap();
        first.get_or_insert(metrics);
    }
    let first = first.unwrap();
    assert!(
        (first.ratio - 1.0).abs() < 1e-4,
        "nothing has changed at the first step: {first:?}"
    );
    assert!(first.clip_fraction.abs() < 1e-6 && first.approximate_kl.abs() < 1e-4);
    let after = learner.log_probabilities(&references).unwrap();
    let change =
        |range: std::ops::Range<usize>| range.map(|row| after[row] - before[row]).sum::<f64>();
    assert!(
        change(0..4) > 0.0 && change(4..8) < 0.0,
        "{before:?} to {after:?}"
    );
}

#[test]
fn bundles_round_trip_and_broken_ones_are_named() {
    let library = library();
    let mut learner = learner(&library, small());
    let samples: Vec<StepSample> = (0..8).map(demonstration).collect();
    learner
        .step(&rows(&samples), Objective::Clone { entropy: 0.0 }, 1e-3)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy");
    let bundle = Bundle::of(&learner, 3);
    bundle.save(&path).unwrap();
    bundle.save(&path).unwrap();
    let loaded = Bundle::load(&path).unwrap();
    assert_eq!(loaded, bundle);
    assert_eq!(loaded.optimizer.as_ref().unwrap().steps, 1);

    let forward = path.join("policy.onnx");
    let whole = std::fs::read(&forward).unwrap();
    std::fs::write(&forward, &whole[..whole.len() / 2]).unwrap();
    let error = Bundle::load(&path).unwrap_err().to_string();
    assert!(error.contains("policy.onnx"), "{error}");
    std::fs::write(&forward, &whole).unwrap();
    let mut weights = std::fs::read(path.join("weights.safetensors")).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    std::fs::write(path.join("weights.safetensors"), &weights).unwrap();
    assert!(
        Bundle::load(&path)
            .unwrap_err()
            .to_string()
            .contains("hash")
    );
    std::fs::write(path.join("policy.toml"), "kind = 7").unwrap();
    assert!(
        Bundle::load(&path)
            .unwrap_err()
            .to_string()
            .contains("policy.toml")
    );
    assert!(Bundle::load(&folder.path().join("nowhere")).is_err());
}

#[test]
fn a_policy_with_adapters_learns_these_alone() {
    let library = library();
    let base = Bundle::new(small(), 7).unwrap();
    let options = LoraOptions {
        targets: vec![".*".into()],
        rank: 2,
        alpha: 4.0,
        seed: 1,
    };
    let (forward, adapters) = lora::add(&base.forward, &options).unwrap();
    assert!(adapters.len() > 5);
    let bundle = Bundle { forward, ..base };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapted");
    bundle.save(&path).unwrap();
    let bundle = Bundle::load(&path).unwrap();
    let mut learner =
        Learner::new(&library, &CPU, bundle.shape, bundle.forward.clone(), 1).unwrap();
    assert_eq!(learner.weights().len(), 2 * adapters.len());
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let samples: Vec<StepSample> = (0..16).map(demonstration).collect();
    let objective = Objective::Clone { entropy: 0.0 };
    let losses: Vec<f64> = (0..30)
        .map(|_| learner.step(&rows(&samples), objective, 1e-2).unwrap().loss)
        .collect();
    assert!(losses[29] < 0.7 * losses[0], "{losses:?}");
    // The base is what it was.
    let learnt = learner.forward();
    let trained: Vec<&str> = learner
        .weights()
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let mut moved = 0;
    for tensor in &bundle.forward.graph().initializer {
        let name = tensor.name.as_deref().unwrap();
        let same = learnt.initializer(name).unwrap() == bundle.forward.initializer(name).unwrap();
        assert!(same || trained.contains(&name), "{name}");
        moved += usize::from(!same);
    }
    // Only what these screens have nothing for, such as a history, has no gradient.
    assert!(moved > trained.len() / 2, "{moved} of {}", trained.len());
    // A session that acts takes the new adapters, and so does a merged model.
    acting.update(learner.weights()).unwrap();
    let merged = lora::merge(&learnt).unwrap();
    let merged = Acting::new(&library, &CPU, &merged, 1).unwrap();
    let fresh = Acting::new(&library, &CPU, &learnt, 1).unwrap();
    for sample in &samples {
        let of = |acting: &Acting| {
            acting.distributions(&[&sample.view], &[1.0]).unwrap()[0].of(&sample.choices)
        };
        assert!((of(&acting) - of(&fresh)).abs() < 1e-6);
        assert!((of(&merged) - of(&fresh)).abs() < 1e-4);
    }
    // The optimizer's moments of the adapters survive, too.
    let kept = Bundle::of(&learner, 3);
    kept.save(&path).unwrap();
    assert_eq!(Bundle::load(&path).unwrap().optimizer, kept.optimizer);
}
