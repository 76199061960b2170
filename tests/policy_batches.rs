//! What a policy says of a screen does not depend on which others are asked about with it, on their
//! order, on the number of threads, or on the room for longer ones: to the bit. What is learnt from does
//! not depend on how rows are put together either, but for rounding.
#![allow(clippy::unwrap_used)]

use rand::RngExt;
use stepdroid::domain::BoundingBox;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::lora::{self, LoraOptions};
use stepdroid::policy::{
    Acting, Bundle, Candidate, Learner, Lengths, Objective, Past, Request, Row, Service, Shape,
    StepSample, View, features,
};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

/// Screens of all sizes, from an empty one to more than the policy sees.
fn views(count: usize) -> Vec<View> {
    let mut random = stream(1, "views", 0);
    let mut word = |length: usize| -> String {
        (0..length)
            .map(|_| char::from(random.random_range(b'a'..=b'z')))
            .collect()
    };
    (0..count)
        .map(|number| View {
            goal: (0..number % 45).map(|_| word(5) + " ").collect(),
            past: (0..number % 4)
                .map(|kind| Past {
                    kind,
                    label: word(6),
                })
                .collect(),
            candidates: (0..(number * 3) % 36)
                .map(|index| Candidate {
                    index,
                    label: word(8),
                    field: if index % 5 == 0 {
                        word(4)
                    } else {
                        String::new()
                    },
                    resource: word(4),
                    class: "Button".into(),
                    flags: (index * 7 % 512) as u16,
                    bounds: BoundingBox::new(0, index as i32 * 20, 300, index as i32 * 20 + 18),
                })
                .collect(),
            package: word(9),
            title: String::new(),
            screen: (360, 800),
            step: number as u32 % 10,
            budget: 10,
            picture: match number % 3 {
                0 => String::new(),
                _ => format!("{:02x}", number * 5 % 256).repeat(16 * 32),
            },
            earlier: Vec::new(),
        })
        .collect()
}

fn draws(number: usize) -> [f64; 4] {
    let mut random = stream(2, "draws", number as u64);
    std::array::from_fn(|_| random.random())
}

/// What is decided for a view, to the bit.
fn decide(acting: &Acting, views: &[View], numbers: &[usize]) -> Vec<(String, u64)> {
    let requests: Vec<_> = numbers
        .iter()
        .map(|number| (&views[*number], 0.7, draws(*number)))
        .collect();
    let decisions = acting.decide(&requests).unwrap();
    decisions
        .iter()
        .map(|decision| {
            let choices = format!("{:?}", decision.sample.choices);
            (choices, decision.log_probability.to_bits())
        })
        .collect()
}

fn check(name: &str, acting: &Acting, views: &[View], alone: &[(String, u64)]) {
    let mut random = stream(3, "batches", 0);
    for size in [2, 3, 4, 5, 7, 8, 13, 16, 31, 48] {
        for _ in 0..3 {
            let numbers: Vec<usize> = (0..size)
                .map(|_| random.random_range(0..views.len()))
                .collect();
            let together = decide(acting, views, &numbers);
            for (number, found) in numbers.iter().zip(together) {
                assert_eq!(found, alone[*number], "{name}, batch of {size}");
            }
        }
    }
}

#[test]
fn a_decision_does_not_depend_on_its_batch() {
    let library = library();
    let views = views(48);
    let shapes = [
        ("tiny", (16, 1, 2, 16)),
        ("odd", (36, 2, 3, 50)),
        ("small", (64, 2, 4, 128)),
    ];
    for (name, (width, layers, heads, hidden)) in shapes {
        let shape = Shape {
            width,
            layers,
            heads,
            hidden,
        };
        let bundle = Bundle::new(shape, 4).unwrap();
        let options = LoraOptions {
            targets: vec!["feed".into()],
            rank: 2,
            alpha: 4.0,
            seed: 1,
        };
        let adapted = lora::add(&bundle.forward, &options).unwrap().0;
        for (kind, forward) in [("whole", &bundle.forward), ("adapted", &adapted)] {
            let one = Acting::new(&library, &CPU, forward, 1).unwrap();
            let alone: Vec<(String, u64)> = (0..views.len())
                .flat_map(|number| decide(&one, &views, &[number]))
                .collect();
            for threads in [1, 2, 3] {
                let acting = Acting::new(&library, &CPU, forward, threads).unwrap();
                let name = format!("{name}, {kind}, {threads} threads");
                check(&name, &acting, &views, &alone);
                // And it stays quick: rows are not computed one at a time.
                assert!(acting.is_batched(), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_at_the_service_is_answered_as_each_alone() {
    let library = library();
    let views = views(16);
    let bundle = Bundle::new(Shape::named("small").unwrap(), 4).unwrap();
    let one = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let service = Service::start(Acting::new(&library, &CPU, &bundle.forward, 2).unwrap());
    let mut asking = tokio::task::JoinSet::new();
    for (number, view) in views.iter().cloned().enumerate() {
        let service = service.clone();
        asking.spawn(async move {
            let mut found = Vec::new();
            for _ in 0..20 {
                let request = Request {
                    view: view.clone(),
                    temperature: 0.7,
                    draws: draws(number),
                };
                let decision = service.decide(request).await.unwrap();
                found.push(decision.log_probability.to_bits());
            }
            (number, found)
        });
    }
    while let Some(end) = asking.join_next().await {
        let (number, found) = end.unwrap();
        let (_, alone) = &decide(&one, &views, &[number])[0];
        assert!(found.iter().all(|bits| bits == alone), "phone {number}");
    }
}

#[test]
fn room_for_longer_views_changes_no_bit() {
    let library = library();
    let bundle = Bundle::new(Shape::named("small").unwrap(), 4).unwrap();
    let options = SessionOptions::default();
    let session = Session::new(&library, &CPU, "forward", &bundle.forward, options).unwrap();
    let mut rooms = std::collections::BTreeSet::new();
    for view in views(48) {
        let own = Lengths::of(&view);
        rooms.insert(own);
        let kinds = |lengths: Lengths| -> Vec<u32> {
            let batch = features([&view], lengths);
            let found = session
                .run(&batch.named(), &["kind", "direction", "app"])
                .unwrap();
            let values = found.iter().flat_map(|tensor| tensor.as_f32().unwrap());
            values.map(|value| value.to_bits()).collect()
        };
        assert_eq!(kinds(own), kinds(Lengths::FULL), "{own:?}");
    }
    // The views are of every length that there is.
    assert_eq!(rooms.len(), 6);
}

#[test]
fn rows_are_scored_in_their_order_however_they_are_put_together() {
    let library = library();
    let views = views(48);
    let bundle = Bundle::new(Shape::named("small").unwrap(), 4).unwrap();
    let acting = Acting::new(&library, &CPU, &bundle.forward, 1).unwrap();
    let mut learner =
        Learner::new(&library, &CPU, bundle.shape, bundle.forward.clone(), 1).unwrap();
    let requests: Vec<_> = (0..views.len())
        .map(|number| (&views[number], 0.7, draws(number)))
        .collect();
    let decisions = acting.decide(&requests).unwrap();
    let samples: Vec<&StepSample> = decisions.iter().map(|decision| &decision.sample).collect();
    let scored = learner.log_probabilities(&samples).unwrap();
    let rows: Vec<Row> = decisions
        .iter()
        .map(|decision| Row {
            sample: &decision.sample,
            weight: 1.0 + decision.sample.view.step as f32,
            advantage: 1.0,
            old_log_probability: decision.log_probability as f32,
            reference_log_probability: 0.0,
        })
        .collect();
    let objective = Objective::Ppo {
        clip_low: 0.2,
        clip_high: 0.2,
        entropy: 0.01,
        kl: 0.0,
    };
    let whole = learner.gradients(&rows, objective).unwrap().0;
    let portions: Vec<Vec<Row>> = rows.chunks(20).map(<[Row]>::to_vec).collect();
    let mut steps = learner.begin(objective).unwrap();
    let parts = steps.step(&portions, objective, 0.0).unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-4;
    assert!(near(parts.loss, whole.loss) && near(parts.entropy, whole.entropy));
    assert!(near(parts.ratio, 1.0));
    let stepped = steps.last_log_probabilities();
    assert_eq!(stepped.len(), rows.len());
    for (row, decision) in decisions.iter().enumerate() {
        let recorded = decision.log_probability;
        assert!(
            near(scored[row], recorded) && near(stepped[row], recorded),
            "row {row}"
        );
    }
}
