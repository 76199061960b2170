//! The loops and the graphs that move weights, on made-up gradients.

use stepdroid::onnx::optimizer::{
    Algorithm, OptimizedWeight, OptimizerOptions, Part, StepNumbers, WeightGroup, apply, graph,
    optimizer_graph,
};
use stepdroid::onnx::{ElementType, Tensor, TensorData};
use stepdroid::runtime::{Session, SessionOptions};

use crate::network::{CPU, algorithms, library, random};

const SHAPES: [(&str, &[usize]); 4] = [
    ("body.weight", &[17, 33]),
    ("body.bias", &[33]),
    ("head.weight", &[5, 3, 7]),
    ("scale", &[]),
];

/// Weights and moments in plain vectors.
#[derive(Clone)]
struct State {
    weights: Vec<Vec<f32>>,
    moments: Vec<[Vec<f32>; 2]>,
}

impl State {
    fn new(algorithm: Algorithm) -> State {
        let kept = algorithm.moments().len();
        let lengths = SHAPES.map(|(_, shape)| shape.iter().product::<usize>());
        State {
            weights: (0..4)
                .map(|number| random(lengths[number], number as u64, 1.0))
                .collect(),
            moments: lengths
                .map(|length| {
                    [0, 1].map(|moment| vec![0.0; if moment < kept { length } else { 0 }])
                })
                .to_vec(),
        }
    }

    fn native(
        &mut self,
        gradients: &[Vec<f32>],
        options: &OptimizerOptions,
        numbers: &StepNumbers,
        threads: usize,
    ) -> f64 {
        let settings = options.for_weights(&SHAPES).unwrap();
        let parts = self.weights.iter_mut().zip(&mut self.moments);
        let parts = parts.zip(gradients).zip(settings);
        let parts = parts.map(|(((weight, moments), gradient), settings)| {
            let [first, second] = moments;
            Part {
                weight,
                gradient,
                moments: [first, second],
                settings,
            }
        });
        apply(parts.collect(), options, numbers, threads)
    }

    /// The same by the graph; the norm and whether it was finite.
    fn graph(
        &mut self,
        session: &Session,
        gradients: &[Vec<f32>],
        algorithm: Algorithm,
        numbers: &StepNumbers,
    ) -> (f64, bool) {
        let mut inputs: Vec<(String, Tensor)> = [
            (graph::LEARNING_RATE, numbers.learning_rate),
            (graph::GRADIENT_SCALE, numbers.gradient_scale),
            (graph::MAX_NORM, numbers.max_norm),
            (graph::CORRECTIONS[0], numbers.corrections[0]),
            (graph::CORRECTIONS[1], numbers.corrections[1]),
        ]
        .map(|(name, value)| (name.to_owned(), Tensor::scalar(value)))
        .to_vec();
        let mut outputs = vec!["norm".to_owned(), "finite".to_owned()];
        for (number, (name, shape)) in SHAPES.iter().enumerate() {
            let mut both = |kind: &str, values: &[f32]| {
                inputs.push((format!("{kind}.{name}"), Tensor::f32(shape, values)));
                outputs.push(format!("new.{kind}.{name}"));
            };
            both("weight", &self.weights[number]);
            for (kind, moment) in algorithm.moments().iter().zip(&self.moments[number]) {
                both(kind, moment);
            }
            let gradient = Tensor::f32(shape, gradients[number].as_slice());
            inputs.push((format!("gradient.{name}"), gradient));
        }
        let inputs: Vec<(&str, &Tensor)> = inputs
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        let names: Vec<&str> = outputs.iter().map(String::as_str).collect();
        let mut results = session.run(&inputs, &names).unwrap().into_iter();
        let norm = results.next().unwrap().to_f64().unwrap()[0];
        let finite = results.next().unwrap().data == TensorData::Bool(vec![true]);
        for number in 0..SHAPES.len() {
            let mut take = || results.next().unwrap().to_f32().unwrap();
            self.weights[number] = take();
            for moment in 0..algorithm.moments().len() {
                self.moments[number][moment] = take();
            }
        }
        (norm, finite)
    }

    /// Largest difference, relative to the largest number that each tensor ever had: a single number
    /// that passes through zero has no relative precision of its own.
    fn difference(&self, other: &State, scales: &mut Vec<f32>) -> f64 {
        let all = |state: &State| -> Vec<Vec<f32>> {
            let moments = state.moments.iter().flatten().cloned();
            state.weights.iter().cloned().chain(moments).collect()
        };
        let mut largest = 0.0f64;
        scales.resize(3 * SHAPES.len(), 1e-30);
        for ((a, b), scale) in all(self).iter().zip(&all(other)).zip(scales) {
            *scale = a.iter().fold(*scale, |m, x| m.max(x.abs()));
            for (x, y) in a.iter().zip(b) {
                assert!(x.is_finite() && y.is_finite());
                largest = largest.max(f64::from((x - y).abs()) / f64::from(*scale));
            }
        }
        largest
    }
}

fn options(algorithm: Algorithm) -> OptimizerOptions {
    OptimizerOptions {
        algorithm,
        weight_decay: 0.05,
        max_norm: Some(3.0),
        groups: vec![WeightGroup {
            pattern: "^head".into(),
            learning_rate_scale: 0.25,
            weight_decay: Some(0.3),
        }],
    }
}

fn optimized() -> Vec<OptimizedWeight> {
    let weight = |(name, shape): (&str, &[usize])| OptimizedWeight {
        name: name.into(),
        shape: shape.to_vec(),
        gradient: ElementType::F32,
        rounded: None,
    };
    SHAPES.map(weight).to_vec()
}

#[test]
fn the_loop_and_the_graph_agree_over_many_steps() {
    for algorithm in algorithms() {
        let options = options(algorithm);
        let model = optimizer_graph(&optimized(), &options).unwrap();
        let session = Session::new(
            &library(),
            &CPU,
            "optimizer",
            &model,
            SessionOptions::default(),
        )
        .unwrap();
        let mut native = State::new(algorithm);
        let mut graph = native.clone();
        let start = native.clone();
        let (mut step, mut clipped, mut skipped) = (0, 0, 0);
        let mut scales = Vec::new();
        for round in 0..60u64 {
            // Short and long gradients, at a loss scale, and now and then one that is broken.
            let size = if round % 3 == 0 { 0.01 } else { 0.6 };
            let mut gradients: Vec<Vec<f32>> = (0..4)
                .map(|number| {
                    let length = native.weights[number].len();
                    random(length, 100 + 4 * round + number as u64, size * 1024.0)
                })
                .collect();
            if round % 10 == 7 {
                gradients[1][5] = [f32::NAN, f32::INFINITY][round as usize / 10 % 2];
            }
            let numbers = StepNumbers::new(&options, step + 1, 0.01, 1.0 / 1024.0);
            let before = native.clone();
            let norm = native.native(&gradients, &options, &numbers, 1);
            let (graph_norm, finite) = graph.graph(&session, &gradients, algorithm, &numbers);
            assert_eq!(finite, norm.is_finite());
            if finite {
                step += 1;
                clipped += u64::from(norm > 3.0);
                assert!((norm - graph_norm).abs() < 1e-6 * norm);
            } else {
                skipped += 1;
                assert_eq!(native.difference(&before, &mut scales), 0.0);
            }
            let difference = native.difference(&graph, &mut scales);
            assert!(difference < 1e-6, "{algorithm:?} step {step}: {difference}");
        }
        assert_eq!(skipped, 6);
        assert!(clipped > 10 && clipped < step);
        assert!(native.difference(&start, &mut scales) > 1e-2);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let length = 900_001;
    let gradient = random(length, 1, 0.1);
    let run = |threads: usize| {
        let mut weight = random(length, 2, 1.0);
        let (mut first, mut second) = (vec![0.0; length], vec![0.0; length]);
        let options = OptimizerOptions::default();
        let settings = options.for_weights(&[("w", &[length, 1])]).unwrap()[0];
        let norms: Vec<f64> = (1..4)
            .map(|step| {
                let numbers = StepNumbers::new(&options, step, 0.01, 1.0);
                let part = Part {
                    weight: &mut weight,
                    gradient: &gradient,
                    moments: [&mut first, &mut second],
                    settings,
                };
                apply(vec![part], &options, &numbers, threads)
            })
            .collect();
        (weight, first, second, norms)
    };
    let one = run(1);
    assert!(one == run(2) && one == run(3));
}
