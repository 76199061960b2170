//! What trains a small run inside of a test: its configuration, the farm of its phones, and a trainer on the CPU.

use std::path::Path;

use stepdroid::config::{self, TrainConfig};
use stepdroid::domain::Observer;
use stepdroid::farm::{Farm, Patience};
use stepdroid::runtime::{Chosen, Library};
use stepdroid::train::{RunDirectory, Trainer};
use tokio_util::sync::CancellationToken;

pub const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

pub fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

/// A configuration's text with settings over it.
pub fn parsed(text: &str, sets: &[&str]) -> TrainConfig {
    let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
    let loaded = config::parse(text, Path::new("small.toml"), &sets);
    loaded.unwrap().config
}

pub async fn farm(config: &TrainConfig, patience: Patience, observer: &Observer) -> Farm {
    let (devices, seed) = (&config.devices, config.run.seed);
    let farm = Farm::start(devices, seed, "a test", patience, observer);
    farm.await.unwrap()
}

pub fn trainer(run: RunDirectory, observer: Observer) -> Trainer {
    let stop = CancellationToken::new();
    Trainer::new(run, library(), CPU, observer, stop).unwrap()
}
