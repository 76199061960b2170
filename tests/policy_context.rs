//! A policy that looks at the whole episode: what it is given when it acts is what is put together
//! from the stored steps, a decision does not depend on its neighbours, and its gradients agree with
//! finite differences.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use rand::RngExt;
use stepdroid::domain::BoundingBox;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::{Tensor, TensorData};
use stepdroid::policy::{
    Acting, Bundle, Candidate, Context, Learner, Lengths, Objective, Past, Row, Seen, Shape,
    StepSample, View, recall,
};
use stepdroid::runtime::{Chosen, Library};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};
const SHAPE: Shape = Shape {
    width: 32,
    layers: 2,
    heads: 2,
    hidden: 48,
};
const EPISODE: Context = Context::Episode { screens: 8 };

fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

fn bundle() -> Bundle {
    Bundle::looking_back(SHAPE, EPISODE, 4).unwrap()
}

/// The screen of a step of an episode, with more and fewer elements and with and without a picture.
fn view(episode: u64, step: u32, past: &[Past]) -> View {
    let mut random = stream(episode, "views", u64::from(step));
    let mut word = |length: usize| -> String {
        (0..length)
            .map(|_| char::from(random.random_range(b'a'..=b'z')))
            .collect()
    };
    let count = ((episode as usize + 1) * 7 + step as usize * 11) % 35;
    View {
        goal: format!("Write {} into episode {episode} and save it.", word(6)),
        past: past.iter().rev().take(3).cloned().collect(),
        candidates: (0..count)
            .map(|index| Candidate {
                index,
                label: word(8),
                field: String::new(),
                resource: word(4),
                class: "Button".into(),
                flags: (index * 7 % 512) as u16,
                bounds: BoundingBox::new(0, index as i32 * 20, 300, index as i32 * 20 + 18),
            })
            .collect(),
        package: word(9),
        title: String::new(),
        screen: (360, 800),
        step,
        budget: 20,
        picture: match step % 3 {
            0 => String::new(),
            _ => format!("{:02x}", step * 9 % 256).repeat(16 * 32),
        },
        earlier: Vec::new(),
    }
}

/// What was decided in an episode: the sample as acting had it, and the log-probability.
fn episode(acting: &Acting, number: u64, steps: u32) -> Vec<(StepSample, f64)> {
    let mut random = stream(number, "draws", 0);
    let (mut past, mut earlier): (Vec<Past>, Vec<Arc<Seen>>) = (Vec::new(), Vec::new());
    (0..steps)
        .map(|step| {
            let mut view = view(number, step, &past);
            view.earlier.clone_from(&earlier);
            let draws = std::array::from_fn(|_| random.random::<f64>());
            let decision = acting.decide(&[(&view, 0.8, draws)]).unwrap().remove(0);
            past.push(decision.sample.past());
            Seen::add(&mut earlier, &decision.sample);
            (decision.sample, decision.log_probability)
        })
        .collect()
}

fn stored(steps: &[(StepSample, f64)]) -> Vec<StepSample> {
    let read = |(sample, _): &(StepSample, f64)| StepSample::from_bytes(&sample.to_bytes());
    steps.iter().map(read).collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_past_is_put_together_from_the_steps_as_it_was_seen() {
    let library = library();
    let bundle = bundle();
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let learner = Learner::new(&library, &CPU, SHAPE, bundle.forward, 1).unwrap();
    let (mut all, mut recorded) = (Vec::new(), Vec::new());
    for number in 0..4 {
        let acted = episode(&acting, number, 12);
        let mut read = stored(&acted);
        // No step is stored with what came before it.
        assert!(read.iter().all(|sample| sample.view.earlier.is_empty()));
        recall(&[], &mut read);
        for ((sample, _), read) in acted.iter().zip(&read) {
            assert_eq!(sample, read);
            let tensors = |view| {
                let past = EPISODE.past_lengths(view);
                EPISODE
                    .inputs(
                        [view],
                        Lengths {
                            past,
                            ..Lengths::of(view)
                        },
                    )
                    .inputs
            };
            for ((name, one), (_, other)) in tensors(&sample.view).iter().zip(tensors(&read.view)) {
                assert_eq!(one.shape, other.shape, "{name}");
                assert_eq!(one.as_f32(), other.as_f32(), "{name}");
            }
        }
        recorded.extend(acted.iter().map(|(_, log_probability)| *log_probability));
        all.extend(read);
    }
    // In one batch, where short rows are padded to the longest.
    let again = learner
        .log_probabilities(&all.iter().collect::<Vec<_>>())
        .unwrap();
    for (place, (recorded, again)) in recorded.iter().zip(again).enumerate() {
        assert!(
            (recorded - again).abs() < 1e-4,
            "{place}: {recorded}, {again}"
        );
    }
}

#[test]
fn the_newest_screens_are_looked_at_and_nothing_else_is() {
    let library = library();
    let bundle = bundle();
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let steps = episode(&acting, 1, 12);
    let last = &steps[11].0;
    let with = |change: &dyn Fn(&mut Vec<Arc<Seen>>)| {
        let mut view = last.view.clone();
        change(&mut view.earlier);
        let found = acting.distributions(&[&view], &[1.0]).unwrap();
        found[0].of(&last.choices).to_bits()
    };
    let plain = with(&|_| {});
    // Eight of the eleven before are in the input.
    for place in 0..11 {
        let without = with(&|earlier| {
            earlier[place] = Arc::new(Seen::of(&steps[place].0));
        });
        assert_eq!(without, plain, "{place}");
        let mut other = steps[place].0.clone();
        other.view = view(7, place as u32, &[]);
        let changed = with(&|earlier| earlier[place] = Arc::new(Seen::of(&other)));
        assert_eq!(changed != plain, place >= 3, "{place}");
    }
    assert_ne!(with(&Vec::clear), plain);
}

#[test]
fn a_decision_does_not_depend_on_its_batch() {
    let library = library();
    let bundle = bundle();
    let one = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let views: Vec<View> = (0..5)
        .flat_map(|number| episode(&one, number, 9))
        .map(|(sample, _)| sample.view)
        .collect();
    let draws = |number: usize| {
        let mut random = stream(2, "draws", number as u64);
        std::array::from_fn(|_| random.random())
    };
    let decide = |acting: &Acting, numbers: &[usize]| -> Vec<(String, u64)> {
        let request = |number: &usize| (&views[*number], 0.7, draws(*number));
        let requests: Vec<_> = numbers.iter().map(request).collect();
        let decisions = acting.decide(&requests).unwrap().into_iter();
        decisions
            .map(|decision| {
                let choices = format!("{:?}", decision.sample.choices);
                (choices, decision.log_probability.to_bits())
            })
            .collect()
    };
    let alone: Vec<_> = (0..views.len())
        .flat_map(|number| decide(&one, &[number]))
        .collect();
    let mut random = stream(3, "batches", 0);
    for threads in [1, 2, 3] {
        let acting = Acting::new(&library, &CPU, &bundle.forward, threads).unwrap();
        assert!(acting.is_batched());
        for size in [2, 3, 5, 8, 16, 45] {
            let numbers: Vec<usize> = (0..size)
                .map(|_| random.random_range(0..views.len()))
                .collect();
            for (number, found) in numbers.iter().zip(decide(&acting, &numbers)) {
                assert_eq!(found, alone[*number], "{threads} threads, batch of {size}");
            }
        }
    }
}

#[test]
fn gradients_agree_with_finite_differences() {
    let library = library();
    let bundle = bundle();
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let mut samples: Vec<StepSample> = Vec::new();
    for number in 0..3 {
        let steps = episode(&acting, number, 6);
        samples.extend(steps.into_iter().map(|(sample, _)| sample));
    }
    let mut learner = Learner::new(&library, &CPU, SHAPE, bundle.forward, 1).unwrap();
    let rows: Vec<Row> = samples
        .iter()
        .map(|sample| Row {
            sample,
            weight: 1.0,
            advantage: 0.0,
            old_log_probability: 0.0,
            reference_log_probability: 0.0,
        })
        .collect();
    let (_, gradients) = learner
        .gradients(&rows, Objective::Clone { entropy: 0.0 })
        .unwrap();
    let references: Vec<&StepSample> = samples.iter().collect();
    let names: Vec<String> = learner
        .weights()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let of_past = ["embed.past_action.weight", "embed.past_step.weight"];
    assert!(
        of_past
            .iter()
            .all(|name| names.iter().any(|known| known == name))
    );
    for (place, name) in names.iter().enumerate() {
        let slope = gradients[place].as_f32().unwrap();
        let norm = slope
            .iter()
            .map(|value| f64::from(*value).powi(2))
            .sum::<f64>()
            .sqrt();
        assert!(norm.is_finite(), "{name}");
        if norm < 2e-2 {
            assert!(!of_past.contains(&name.as_str()), "{name}: {norm}");
            continue;
        }
        let step = (4e-3 / norm).min(2e-2);
        let loss = |sign: f64| {
            let mut weights: Vec<(String, Tensor)> = learner.weights().to_vec();
            if let TensorData::F32(values) = &mut weights[place].1.data {
                for (value, along) in values.iter_mut().zip(slope) {
                    *value += (sign * step * f64::from(*along) / norm) as f32;
                }
            }
            let values = learner.log_probabilities_under(&weights, &references);
            -values.unwrap().iter().sum::<f64>() / rows.len() as f64
        };
        let difference = (loss(1.0) - loss(-1.0)) / (2.0 * step);
        let apart = ((difference - norm) / norm).abs();
        assert!(apart < 3e-2, "{name}: {difference} against {norm}");
    }
}

#[test]
fn a_bundle_says_how_far_it_looks_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy");
    let bundle = bundle();
    bundle.save(&path).unwrap();
    assert_eq!(Bundle::load(&path).unwrap(), bundle);
    let file = path.join("policy.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("kind = \"episode\"\nscreens = 8"), "{text}");
    let other = text.replace("screens = 8", "screens = 9");
    std::fs::write(&file, other).unwrap();
    let said = Bundle::load(&path).unwrap_err().to_string();
    assert!(
        said.contains("policy.toml") && said.contains("8 past screens"),
        "{said}"
    );
    // One of before there was a choice.
    let screen = Bundle::new(SHAPE, 4).unwrap();
    screen.save(&path).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let old = text.replace("[context]\nkind = \"screen\"\n", "");
    assert_ne!(old, text);
    std::fs::write(&file, old).unwrap();
    assert_eq!(Bundle::load(&path).unwrap(), screen);
}
