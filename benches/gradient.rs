//! Whole training steps: what they cost in processor time and in memory.
//!
//! Without arguments: a decoder of 12 layers with and without recomputed blocks, as ratios. With
//! `step MODEL ...` one measurement as a line of JSON, for comparisons with other programs
//! (`make bench-gradient`). Each measurement is a process of its own, since the peak of memory is a
//! process's.
#![allow(clippy::unwrap_used)]

#[path = "../tests/gradients/decoder.rs"]
mod decoder;

use std::path::Path;
use std::process::Command;

use decoder::{Decoder, decoder, inputs, weights};
use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::{GradientOptions, Model, Recompute, Tensor, build_gradient, lora, select};
use stepdroid::runtime::{Chosen, Library, SessionOracle, TrainingOptions, TrainingSession};

const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};
/// Steps that are timed, after as many to warm up.
const STEPS: usize = 5;
const TWELVE_LAYERS: Decoder = Decoder {
    layers: 12,
    width: 256,
    heads: 8,
    vocabulary: 500,
    batch: 8,
    tokens: 128,
    symbolic: true,
};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    match arguments.first().map(String::as_str) {
        Some("step") => step(&arguments[1..]),
        Some("decoder") => of_decoder(&arguments[1]),
        _ => compare(),
    }
}

/// One measurement of a model file:
/// `MODEL --trainable REGEX [--lora REGEX] [--recompute auto] [--input NAME=8x64:LOW..HIGH]...`
fn step(arguments: &[String]) {
    let library = LoadedLibrary::new();
    let mut model = Model::read(Path::new(&arguments[0])).unwrap();
    let (mut patterns, mut recompute, mut inputs) = (Vec::new(), Recompute::None, Vec::new());
    for pair in arguments[1..].chunks(2) {
        let [flag, value] = pair else {
            panic!("{pair:?} is no flag with a value");
        };
        match flag.as_str() {
            "--trainable" => patterns.push(value.clone()),
            "--lora" => {
                let options = lora::LoraOptions {
                    targets: vec![value.clone()],
                    rank: 8,
                    alpha: 16.0,
                    seed: 1,
                };
                model = lora::add(&model, &options).unwrap().0;
                patterns.push("^lora\\.".into());
            }
            "--recompute" if value == "auto" => recompute = Recompute::Auto,
            "--recompute" => {}
            "--input" => inputs.push(input(value)),
            other => panic!("{other} is not known"),
        }
    }
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    let trainable = select::weights(&model, &patterns).unwrap();
    let trainable = trainable
        .into_iter()
        .filter(|weight| !weight.shape.is_empty());
    let trainable: Vec<String> = trainable.map(|weight| weight.name).collect();
    measure(&library, model, trainable, recompute, &inputs);
}

/// ONNX Runtime, and what the process takes with nothing but it.
struct LoadedLibrary {
    library: Library,
    memory: u64,
}

impl LoadedLibrary {
    fn new() -> Self {
        let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
        LoadedLibrary {
            library,
            memory: memory("VmRSS"),
        }
    }
}

/// Random whole numbers: `NAME=8x64:LOW..HIGH`.
fn input(text: &str) -> (String, Tensor) {
    let (name, rest) = text.split_once('=').unwrap();
    let (shape, range) = rest.split_once(':').unwrap();
    let (low, high) = range.split_once("..").unwrap();
    let shape: Vec<usize> = shape.split('x').map(|n| n.parse().unwrap()).collect();
    let (low, high): (i64, i64) = (low.parse().unwrap(), high.parse().unwrap());
    let mut draws = stream(1, "input", 0);
    let count = shape.iter().product();
    let values: Vec<i64> = (0..count).map(|_| draws.random_range(low..high)).collect();
    (name.to_owned(), Tensor::i64(&shape, values))
}

fn of_decoder(recompute: &str) {
    let library = LoadedLibrary::new();
    let model = decoder(TWELVE_LAYERS);
    let trainable = weights(&model);
    let recompute = match recompute {
        "auto" => Recompute::Auto,
        _ => Recompute::None,
    };
    let inputs: Vec<(String, Tensor)> = inputs(TWELVE_LAYERS)
        .into_iter()
        .map(|(name, tensor)| (name.to_owned(), tensor))
        .collect();
    measure(&library, model, trainable, recompute, &inputs);
}

/// Runs whole steps: forward, backward, clipping and AdamW.
fn measure(
    loaded: &LoadedLibrary,
    model: Model,
    trainable: Vec<String>,
    recompute: Recompute,
    inputs: &[(String, Tensor)],
) {
    let library = &loaded.library;
    let options = GradientOptions {
        loss: "loss".into(),
        trainable,
        recompute,
        ..Default::default()
    };
    let graph = build_gradient(&model, &options, &SessionOracle::new(library)).unwrap();
    drop(model);
    let (nodes, blocks) = (graph.model.graph().node.len(), graph.recomputed);
    let options = TrainingOptions::default();
    let mut session = TrainingSession::new(library, &CPU, "bench", graph, options, None).unwrap();
    let building = memory("VmHWM");
    // The peak so far is that of building and loading; what counts is that of training.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let inputs: Vec<(&str, &Tensor)> = inputs
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    let (mut times, mut gradient_times, mut optimizer_times) = (Vec::new(), Vec::new(), Vec::new());
    let mut loss = f64::NAN;
    for _ in 0..2 * STEPS {
        let start = processor_seconds();
        let outputs = session.accumulate(&inputs, 1.0).unwrap();
        let middle = processor_seconds();
        session.step(1e-5).unwrap();
        let end = processor_seconds();
        times.push(end - start);
        gradient_times.push(middle - start);
        optimizer_times.push(end - middle);
        loss = outputs[0].1.to_f64().unwrap()[0];
    }
    let least = |times: &[f64]| times[STEPS..].iter().copied().fold(f64::INFINITY, f64::min);
    let line = serde_json::json!({
        "step_seconds": least(&times),
        "gradient_seconds": least(&gradient_times),
        "optimizer_seconds": least(&optimizer_times),
        "memory_library_bytes": loaded.memory,
        "memory_building_bytes": building,
        "memory_before_bytes": before,
        "memory_peak_bytes": memory("VmHWM"),
        "nodes": nodes,
        "recomputed_blocks": blocks,
        "loss": loss,
    });
    println!("{line}");
}

/// Processor time of all threads of this process so far.
fn processor_seconds() -> f64 {
    // The kernel brings a thread's time up to date when the thread gives way, else at the next tick.
    std::thread::sleep(std::time::Duration::from_micros(1));
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds: u64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 * 1e-9
}

/// A number of bytes from the process's status.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

fn compare() {
    let run = |recompute: &str| -> serde_json::Value {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["decoder", recompute])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (mut memory, mut time) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (plain, saving) = (run("none"), run("auto"));
        let ratio = |key: &str| saving[key].as_f64().unwrap() / plain[key].as_f64().unwrap();
        assert_eq!(plain["loss"], saving["loss"]);
        memory.push(ratio("memory_peak_bytes"));
        time.push(ratio("step_seconds"));
    }
    println!("decoder of 12 layers, 8 x 128 tokens, recomputed blocks against none:");
    println!(
        "  peak memory of the process {:.2}, processor time {:.2}",
        median(memory),
        median(time)
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
