//! The configuration as data. Its values and their meaning: `defaults.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    AdvantageKind, AugmentationKind, BotsConfig, CacheDrawKind, CalibrationKind, CriticalStepsKind,
    EmulatorDevices, GranularityKind, InstanceKind, JudgeConfig, LossAggregationKind,
    LossReweightKind, NegativesKind, OptimizerKind, RebootKind, ReplayKind, Retention, SamplerKind,
    SeedRange, SrSoftmaxConfig, TextMatchKind, UpdateModeKind, WithoutRootKind,
};

/// The whole effective configuration of a run, as `run.toml` holds it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainConfig {
    /// `[run]`
    pub run: Run,
    /// `[policy]`
    pub policy: PolicyConfig,
    /// `[devices]`
    pub devices: Devices,
    /// `[suite]`
    pub suite: Suite,
    /// `[pretrain]`
    pub pretrain: Pretrain,
    /// `[train]`
    pub train: Train,
    /// `[judge]`
    pub judge: JudgeConfig,
    /// `[eval]`
    pub eval: Evaluation,
    /// `[retention]`
    pub retention: Retention,
}

/// `[run]`: name and seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Name of the run; the last part of its directory.
    pub name: String,
    /// The seed of everything random.
    pub seed: u64,
    /// Where run directories live.
    pub out: String,
    /// Largest size of the database in bytes; 0 is no limit.
    pub max_database_bytes: u64,
}

/// `[policy]`: what chooses actions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyConfig {
    /// Kind of policy.
    pub kind: PolicyKind,
    /// Bundle to start from; empty makes a new one.
    pub bundle: String,
    /// Width of the transformer.
    pub width: u32,
    /// Layers.
    pub layers: u32,
    /// Attention heads.
    pub heads: u32,
    /// Width of the feed-forward part.
    pub feed_forward: u32,
    /// How far it looks back.
    pub context: ContextKind,
    /// Most past screens in its input, for a context of `episode`.
    pub past_screens: u32,
    /// ONNX Runtime's execution provider.
    pub provider: ProviderKind,
    /// Threads of a session; 0 leaves it to the machine.
    pub threads: u32,
}

/// `[devices]`: where episodes run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Devices {
    /// Serials; empty means virtual phones.
    pub serials: Vec<String>,
    /// adb servers (`HOST:PORT`) all of whose devices are used.
    pub servers: Vec<String>,
    /// Whether somebody's own phone is used without a record of how it was.
    pub without_record: bool,
    /// Which devices may be rebooted as a repair.
    pub reboot: RebootKind,
    /// What becomes of devices whose shell is not root.
    pub without_root: WithoutRootKind,
    /// When a screen counts as settled.
    pub settle: SettleKind,
    /// Equal looks wanted.
    pub settle_equal: u32,
    /// Time between looks, in milliseconds.
    pub settle_interval_ms: u64,
    /// A fixed pause, in milliseconds.
    pub settle_pause_ms: u64,
    /// When to go on anyway, in milliseconds.
    pub settle_deadline_ms: u64,
    /// Wait after the tap into a field and after clearing it, in milliseconds.
    pub focus_pause_ms: u64,
    /// Length of a `wait` action, in milliseconds.
    pub wait_ms: u64,
    /// Longest that a device may take to answer, in milliseconds.
    pub deadline_ms: u64,
    /// `[devices.channels]`
    pub channels: DeviceChannels,
    /// `[devices.virtual]`
    #[serde(rename = "virtual")]
    pub virtual_phones: VirtualDevices,
    /// `[devices.emulators]`
    pub emulators: EmulatorDevices,
}

/// `[devices.channels]`: how devices are seen and touched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeviceChannels {
    /// Channels for pictures: `auto`, or names with commas between them.
    pub picture: String,
    /// Channels for trees.
    pub tree: String,
    /// Channels for input.
    pub input: String,
    /// The jar of scrcpy's server; empty: not used.
    pub scrcpy_jar: String,
    /// The jar of uiautomator2's server; empty: not used.
    pub uiautomator2_jar: String,
    /// Whether AndroidWorld's accessibility forwarder is used.
    pub forwarder: bool,
    /// Ports of emulators' control services (gRPC), by serial.
    pub grpc: BTreeMap<String, u16>,
}

/// `[devices.virtual]`: virtual phones to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VirtualDevices {
    /// How many.
    pub count: u32,
    /// Screen size, `WIDTHxHEIGHT`.
    pub size: String,
    /// Whose clock they follow.
    pub clock: Clock,
    /// Whether they are started beside other devices too.
    pub beside: bool,
}

impl Devices {
    /// Whether virtual phones are started: where nothing else is configured, or beside it where that is asked for.
    pub fn starts_virtual_phones(&self) -> bool {
        let others =
            self.emulators.count > 0 || !self.serials.is_empty() || !self.servers.is_empty();
        self.virtual_phones.beside || !others
    }
}

/// `[suite]`: tasks and instance seeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suite {
    /// Name in the store and the report.
    pub name: String,
    /// Task names; empty means all.
    pub tasks: Vec<String>,
    /// Evaluated, never trained on.
    pub held_out: Vec<String>,
    /// Apps whose tasks are evaluated, never trained on.
    pub held_out_apps: Vec<String>,
    /// Instance seeds for demonstrations and training.
    pub train_seeds: SeedRange,
    /// Instance seeds for evaluation.
    pub eval_seeds: SeedRange,
    /// Where evaluations take their instance seeds from.
    pub instance_seeds: InstanceSeeds,
    /// The suite's seed, for instance seeds by AndroidWorld's rule.
    pub seed: u64,
    /// What becomes of the benchmark's known defects.
    pub compat: CompatKind,
}

/// `[pretrain]`: behaviour cloning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pretrain {
    /// Demonstrations of each task.
    pub demonstrations: u32,
    /// Demonstrations of single tasks.
    pub demonstrations_by_task: BTreeMap<String, u32>,
    /// Runs whose successful episodes are learnt from too.
    pub from: Vec<String>,
    /// Share of the demonstrations that cloning is judged on.
    pub validation: f64,
    /// Optimizer steps between two looks at them.
    pub check_every: u32,
    /// Looks without a better loss until cloning stops; 0 is off.
    pub patience: u32,
    /// Share of random actions mixed in.
    pub noise: f64,
    /// Most optimizer steps.
    pub steps: u32,
    /// Running mean of the loss at which cloning stops early; 0 is off.
    pub stop_loss: f64,
    /// Step samples in a minibatch.
    pub batch: u32,
    /// Learning rate.
    pub lr: f64,
    /// Steps over which the learning rate rises.
    pub warm_up: u32,
    /// Weight of the entropy bonus.
    pub entropy_coef: f64,
}

impl Pretrain {
    /// Demonstrations wanted of a task.
    pub fn demonstrations_of(&self, task: &str) -> u32 {
        self.demonstrations_by_task
            .get(task)
            .copied()
            .unwrap_or(self.demonstrations)
    }
}

/// `[train]`: STEP and its neighbours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Train {
    /// Name of the preset that filled in what is not said.
    pub preset: String,
    /// Rounds.
    pub rounds: u64,
    /// B.
    pub tasks_per_round: u32,
    /// N.
    pub group_size: u32,
    /// Which instances the copies of a task run on.
    pub instances: InstanceKind,
    /// Most steps of an episode; 0 leaves each task its budget.
    pub max_steps: u32,
    /// Sampler.
    pub sampler: SamplerKind,
    /// s0.
    pub sr_threshold: f64,
    /// k.
    pub sr_sharpness: f64,
    /// Copies that are never replaced.
    pub keep_copies: u32,
    /// How a replacement is drawn.
    pub cache_draw: CacheDrawKind,
    /// Rounds without a success until a task is only watched; 0 is off.
    pub dead_task_after: u32,
    /// Copies of a task that is only watched.
    pub monitor_copies: u32,
    /// `[train.sr_softmax]`
    pub sr_softmax: SrSoftmaxConfig,
    /// `[train.bots]`
    pub bots: BotsConfig,
    /// Advantage.
    pub advantage: AdvantageKind,
    /// What one sample is.
    pub granularity: GranularityKind,
    /// Discount of GiGPO's step part.
    pub gigpo_gamma: f64,
    /// Weight of GiGPO's step part.
    pub gigpo_weight: f64,
    /// Weight of TGRPO's step part.
    pub tgrpo_c1: f64,
    /// Weight of TGRPO's trajectory part.
    pub tgrpo_c2: f64,
    /// Augmentation.
    pub augmentation: AugmentationKind,
    /// Tasks up to this rate are augmented.
    pub low_sr: f64,
    /// G; 0 is half of `group_size`.
    pub aug_group: u32,
    /// Temperature of actions drawn again; 0 is that of the rollouts.
    pub aug_temperature: f64,
    /// Whether misses are pushed down.
    pub aug_negatives: NegativesKind,
    /// Whether steps of failed trajectories are judged too.
    pub aug_failed_runs: bool,
    /// Most states augmented in a round; 0 is no limit.
    pub max_aug_states_per_round: u32,
    /// When two texts match.
    pub text_match: TextMatchKind,
    /// Temperature of the rollouts.
    pub temperature: f64,
    /// How gradients move the weights.
    pub optimizer: OptimizerKind,
    /// The optimizer's learning rate.
    pub lr: f64,
    /// Share of it that is left in the last round.
    pub lr_final: f64,
    /// AdamW's first decay.
    pub beta1: f64,
    /// AdamW's second decay.
    pub beta2: f64,
    /// Decay of the velocity, for `sgd` and `extrap`.
    pub momentum: f64,
    /// Whether the velocity is looked ahead, for `sgd` and `extrap`.
    pub nesterov: bool,
    /// Share of the learning rate that `extrap` looks ahead.
    pub extrap_step: f64,
    /// Weight decay, times the learning rate.
    pub weight_decay: f64,
    /// Bound of the gradient's global norm.
    pub max_grad_norm: f64,
    /// Times that a round's samples are learnt from.
    pub epochs: u32,
    /// How samples become optimizer steps.
    pub update_mode: UpdateModeKind,
    /// Minibatches an epoch, for `parts`.
    pub parts: u32,
    /// Samples in a minibatch, for `chunked`.
    pub minibatch: u32,
    /// Most samples in one run of the gradient graph.
    pub micro_batch: u32,
    /// How terms are averaged.
    pub loss_agg: LossAggregationKind,
    /// Lower clip bound.
    pub clip_low: f64,
    /// Upper clip bound.
    pub clip_high: f64,
    /// Weight of the KL penalty.
    pub kl_coef: f64,
    /// Weight of the entropy bonus.
    pub entropy_coef: f64,
    /// Past successes that are learnt from again.
    pub replay: ReplayKind,
    /// Rounds back that replay reaches.
    pub replay_rounds: u64,
    /// Rows replayed in a round.
    pub replay_rows: u32,
    /// Share of the rows that `aes` draws uniformly.
    pub replay_exploration: f64,
    /// Weights of rows by how hard they are.
    pub loss_reweight: LossReweightKind,
    /// Losses this far apart differ by a factor of e in weight, for `ir_dro`.
    pub reweight_lambda: f64,
    /// What is learnt at critical steps of failed runs.
    pub critical_steps: CriticalStepsKind,
    /// Factor on what is learnt there.
    pub critical_coef: f64,
    /// beta of the loss of pairs, for `cso`.
    pub cso_beta: f64,
    /// Most branches run in a round, for `cso`.
    pub cso_branches: u32,
    /// Recoveries from mistakes of failed runs.
    pub calibration: CalibrationKind,
    /// Falls of a state's value above this are mistakes.
    pub calibration_fall: f64,
    /// Factor on the advantages of recoveries.
    pub calibration_coef: f64,
    /// Most recoveries run in a round.
    pub calibration_branches: u32,
    /// Rounds that episodes may be ahead of the updates.
    pub off_policy_rounds: u64,
    /// Rounds between checkpoints that are kept.
    pub checkpoint_every: u64,
    /// Rounds whose step samples are kept; 0 keeps all.
    pub keep_samples: u64,
}

impl Train {
    /// G of the augmentation with its default worked out: N/2 (STEP section 4 [P]), at least 2.
    pub fn effective_aug_group(&self) -> u32 {
        match self.aug_group {
            0 => (self.group_size / 2).max(2),
            group => group,
        }
    }

    /// The learning rate of a round: it falls in a line from `lr` to `lr * lr_final`.
    pub fn learning_rate(&self, round: u64) -> f64 {
        let last = self.rounds.saturating_sub(1).max(1) as f64;
        let way = (round as f64 / last).min(1.0);
        self.lr * (1.0 - way * (1.0 - self.lr_final))
    }

    /// Temperature of the augmentation with its default worked out.
    pub fn effective_aug_temperature(&self) -> f64 {
        if self.aug_temperature > 0.0 {
            self.aug_temperature
        } else {
            self.temperature
        }
    }
}

/// `[eval]`: evaluations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Episodes of each task.
    pub episodes: u32,
    /// 0 is greedy.
    pub temperature: f64,
    /// Whether there is an evaluation before training.
    pub before: bool,
    /// Rounds between evaluations; 0 is before and after only.
    pub every: u64,
    /// Episodes of each task whose screenshots are kept for the replay.
    pub screenshots: u32,
}

/// Declares an enum of a key's allowed values.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The value in TOML.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }
        }
    };
}
pub(super) use choice;

choice! {
    /// `policy.kind`
    PolicyKind {
        /// The small policy of this program.
        Compact = "compact",
    }
}
choice! {
    /// `policy.context`
    ContextKind {
        /// The screen of now, and the last actions in words.
        Screen = "screen",
        /// Every past screen of the episode too.
        Episode = "episode",
    }
}
choice! {
    /// `policy.provider`
    ProviderKind {
        /// The best there is.
        Auto = "auto",
        /// The processor.
        Cpu = "cpu",
        /// An NVIDIA card, or an error.
        Cuda = "cuda",
    }
}
choice! {
    /// `devices.settle`
    SettleKind {
        /// Until looks are equal.
        Stable = "stable",
        /// A fixed pause.
        Pause = "pause",
        /// Until the device says so.
        Idle = "idle",
    }
}
choice! {
    /// `suite.compat`
    CompatKind {
        /// Kept, so that scores can be compared with the benchmark's.
        AndroidWorld = "androidworld",
        /// Mended.
        Fixed = "fixed",
    }
}
choice! {
    /// `suite.instance_seeds`
    InstanceSeeds {
        /// The first of `suite.eval_seeds`, the same for every task.
        Range = "range",
        /// AndroidWorld's: made of the suite's seed, the task's name and the combination.
        AndroidWorld = "androidworld",
    }
}
choice! {
    /// `devices.virtual.clock`
    Clock {
        /// Advanced by what is done.
        Steps = "steps",
        /// The wall's.
        Real = "real",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_learning_rate_falls_to_its_share() {
        let sets = ["train.lr=0.1", "train.lr_final=0.2", "train.rounds=5"].map(String::from);
        let train = crate::config::load(None, &sets).unwrap().config.train;
        let rates: Vec<f64> = (0..6).map(|round| train.learning_rate(round)).collect();
        let expected = [0.1, 0.08, 0.06, 0.04, 0.02, 0.02];
        for (rate, expected) in rates.iter().zip(expected) {
            assert!((rate - expected).abs() < 1e-12, "{rates:?}");
        }
    }
}
