//! The configuration of a run: `train.toml`, presets, `--set key=value`, and where each value came
//! from. The defaults are one commented file ([`DEFAULTS`]) that is also the list of all keys.
//! Uses nothing of the house.

mod device_choices;
mod device_rules;
mod emulators;
mod experiment;
mod experiment_arm;
mod judge;
mod layers;
mod model;
mod presets;
mod retention;
mod sampling;
mod seeds;
mod train_choices;
mod updating;
mod validate;

pub use device_choices::{RebootKind, WithoutRootKind};
pub use emulators::{AvdKind, EmulatorDevices, ReachKind};
pub use experiment::{Experiment, ExperimentFile, Search, slug};
pub use experiment_arm::Arm;
pub use judge::JudgeConfig;
pub use layers::{Loaded, Origin, load, parse};
pub use model::{
    Clock, CompatKind, ContextKind, DeviceChannels, Devices, Evaluation, InstanceSeeds,
    PolicyConfig, PolicyKind, Pretrain, ProviderKind, Run, SettleKind, Suite, Train, TrainConfig,
    VirtualDevices,
};
pub use presets::{PRESETS, Preset};
pub use retention::{Retention, ScreenshotAge};
pub use sampling::{BotsConfig, SrSoftmaxConfig};
pub use seeds::SeedRange;
pub use train_choices::{
    AdvantageKind, AugmentationKind, CacheDrawKind, GranularityKind, InstanceKind, JudgeKind,
    LossAggregationKind, NegativesKind, SamplerKind, TextMatchKind, UpdateModeKind,
};
pub use updating::{
    CalibrationKind, CriticalStepsKind, LossReweightKind, OptimizerKind, ReplayKind,
};

use std::path::PathBuf;

/// The defaults as a commented TOML file: what `stepdroid config` prints.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Why a configuration can't be used. Every message names the place, the key and the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{}: can't read the configuration: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML.
    #[error("{at}: not valid TOML: {problem}")]
    Syntax {
        /// File and line.
        at: String,
        /// What the parser says.
        problem: String,
    },
    /// A key that does not exist.
    #[error("{at}: unknown key `{key}` in {table}; {hint}")]
    UnknownKey {
        /// Where it stands.
        at: String,
        /// The key.
        key: String,
        /// Its table, in words.
        table: String,
        /// The nearest known key, or all of them.
        hint: String,
    },
    /// A value of the wrong type, or one that is not allowed.
    #[error("{at}: `{key}`: {problem}")]
    Value {
        /// Where it stands.
        at: String,
        /// The key, with its table.
        key: String,
        /// What is wrong, and what is allowed.
        problem: String,
    },
    /// Values that do not fit together.
    #[error("`{key}` ({at}): {problem}")]
    Conflict {
        /// Where it stands.
        at: String,
        /// The key to change.
        key: String,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// An experiment that can't be run, or that would not be fair.
    #[error("{}: {problem}", path.display())]
    Experiment {
        /// Its file.
        path: PathBuf,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// `--set` without an equals sign.
    #[error("--set {text:?}: expected key=value, as in --set train.rounds=20")]
    Assignment {
        /// What was given.
        text: String,
    },
    /// The effective configuration can't be written.
    #[error("the configuration can't be written as TOML: {0}")]
    Write(String),
}
