//! Rules that no single type can hold: ranges of numbers, and keys that must fit together.

use super::layers::Loaded;
use super::{
    AdvantageKind, AugmentationKind, ConfigError, GranularityKind, JudgeKind, TrainConfig,
    device_rules, emulators, sampling, updating,
};

/// Checks a configuration; the first broken rule is the error.
pub fn check(loaded: &Loaded) -> Result<(), ConfigError> {
    let Some((key, problem)) = broken_rule(&loaded.config) else {
        return Ok(());
    };
    Err(ConfigError::Conflict {
        at: loaded.origin(key).to_string(),
        key: key.into(),
        problem,
    })
}

/// Numbers with their bounds: key, value, lowest, highest, whether the lowest itself is allowed.
pub(super) type Bounds<'a> = (&'a str, f64, f64, f64, bool);

fn broken_rule(config: &TrainConfig) -> Option<(&'static str, String)> {
    number_out_of_bounds(config)
        .or_else(|| misfit(config))
        .or_else(|| device_rules::broken_rule(&config.devices))
        .or_else(|| emulators::broken_rule(&config.devices.emulators))
        .or_else(|| updating::broken_rule(config))
        .or_else(|| sampling::broken_rule(&config.train))
        .or_else(|| judge_misfit(config))
}

fn number_out_of_bounds(config: &TrainConfig) -> Option<(&'static str, String)> {
    let (policy, pretrain, train, eval) = (
        &config.policy,
        &config.pretrain,
        &config.train,
        &config.eval,
    );
    let many = 1e6;
    let retention = &config.retention;
    let bounds: [Bounds<'static>; 57] = [
        ("policy.width", f64::from(policy.width), 8.0, 8192.0, true),
        ("policy.layers", f64::from(policy.layers), 1.0, 128.0, true),
        ("policy.heads", f64::from(policy.heads), 1.0, 128.0, true),
        (
            "policy.feed_forward",
            f64::from(policy.feed_forward),
            8.0,
            65536.0,
            true,
        ),
        (
            "policy.past_screens",
            f64::from(policy.past_screens),
            1.0,
            64.0,
            true,
        ),
        (
            "policy.threads",
            f64::from(policy.threads),
            0.0,
            1024.0,
            true,
        ),
        (
            "devices.deadline_ms",
            config.devices.deadline_ms as f64,
            1.0,
            many,
            true,
        ),
        (
            "devices.settle_equal",
            f64::from(config.devices.settle_equal),
            1.0,
            100.0,
            true,
        ),
        ("pretrain.noise", pretrain.noise, 0.0, 0.9, true),
        ("pretrain.validation", pretrain.validation, 0.0, 0.9, true),
        (
            "pretrain.check_every",
            f64::from(pretrain.check_every),
            1.0,
            many,
            true,
        ),
        ("pretrain.steps", f64::from(pretrain.steps), 0.0, many, true),
        ("pretrain.batch", f64::from(pretrain.batch), 1.0, many, true),
        ("pretrain.stop_loss", pretrain.stop_loss, 0.0, 100.0, true),
        ("pretrain.lr", pretrain.lr, 0.0, 1.0, false),
        (
            "pretrain.entropy_coef",
            pretrain.entropy_coef,
            0.0,
            10.0,
            true,
        ),
        ("train.rounds", train.rounds as f64, 0.0, many, true),
        (
            "train.tasks_per_round",
            f64::from(train.tasks_per_round),
            1.0,
            many,
            true,
        ),
        (
            "train.group_size",
            f64::from(train.group_size),
            1.0,
            many,
            true,
        ),
        ("train.sr_threshold", train.sr_threshold, 0.0, 1.0, false),
        ("train.sr_sharpness", train.sr_sharpness, 0.0, 1000.0, false),
        (
            "train.keep_copies",
            f64::from(train.keep_copies),
            1.0,
            many,
            true,
        ),
        (
            "train.monitor_copies",
            f64::from(train.monitor_copies),
            1.0,
            many,
            true,
        ),
        ("train.low_sr", train.low_sr, 0.0, 1.0, true),
        (
            "train.aug_group",
            f64::from(train.aug_group),
            0.0,
            1024.0,
            true,
        ),
        (
            "train.aug_temperature",
            train.aug_temperature,
            0.0,
            10.0,
            true,
        ),
        ("train.temperature", train.temperature, 0.0, 10.0, false),
        ("train.lr", train.lr, 0.0, 1.0, false),
        ("train.lr_final", train.lr_final, 0.0, 1.0, true),
        ("train.beta1", train.beta1, 0.0, 0.999_999, true),
        ("train.beta2", train.beta2, 0.0, 0.999_999_9, true),
        ("train.weight_decay", train.weight_decay, 0.0, 1.0, true),
        ("train.max_grad_norm", train.max_grad_norm, 0.0, many, false),
        ("train.epochs", f64::from(train.epochs), 1.0, 1000.0, true),
        ("train.parts", f64::from(train.parts), 1.0, many, true),
        (
            "train.minibatch",
            f64::from(train.minibatch),
            1.0,
            many,
            true,
        ),
        (
            "train.micro_batch",
            f64::from(train.micro_batch),
            1.0,
            many,
            true,
        ),
        ("train.clip_low", train.clip_low, 0.0, 1.0, false),
        ("train.clip_high", train.clip_high, 0.0, 100.0, false),
        ("train.kl_coef", train.kl_coef, 0.0, 100.0, true),
        ("train.entropy_coef", train.entropy_coef, 0.0, 10.0, true),
        (
            "train.checkpoint_every",
            train.checkpoint_every as f64,
            1.0,
            many,
            true,
        ),
        (
            "devices.virtual.count",
            f64::from(config.devices.virtual_phones.count),
            1.0,
            256.0,
            true,
        ),
        ("train.gigpo_gamma", train.gigpo_gamma, 0.0, 1.0, true),
        ("train.gigpo_weight", train.gigpo_weight, 0.0, 100.0, true),
        ("train.tgrpo_c1", train.tgrpo_c1, 0.0, 100.0, true),
        ("train.tgrpo_c2", train.tgrpo_c2, 0.0, 100.0, true),
        (
            "judge.timeout_seconds",
            config.judge.timeout_seconds as f64,
            1.0,
            3600.0,
            true,
        ),
        (
            "judge.retries",
            f64::from(config.judge.retries),
            0.0,
            10.0,
            true,
        ),
        (
            "judge.parallel",
            f64::from(config.judge.parallel),
            1.0,
            64.0,
            true,
        ),
        (
            "judge.max_tokens",
            f64::from(config.judge.max_tokens),
            16.0,
            65_536.0,
            true,
        ),
        ("eval.episodes", f64::from(eval.episodes), 1.0, many, true),
        (
            "retention.keep_checkpoints",
            f64::from(retention.keep_checkpoints),
            0.0,
            many,
            true,
        ),
        (
            "retention.wait_for_room_s",
            retention.wait_for_room_s as f64,
            0.0,
            1e9,
            true,
        ),
        (
            "retention.log_bytes",
            retention.log_bytes as f64,
            65_536.0,
            1e12,
            true,
        ),
        (
            "retention.log_files",
            f64::from(retention.log_files),
            0.0,
            1000.0,
            true,
        ),
        ("eval.temperature", eval.temperature, 0.0, 10.0, true),
    ];
    first_outside(bounds)
}

/// The first number outside its bounds.
pub(super) fn first_outside(
    bounds: impl IntoIterator<Item = Bounds<'static>>,
) -> Option<(&'static str, String)> {
    bounds
        .into_iter()
        .find_map(|(key, value, low, high, inclusive)| {
            let above = if inclusive { value >= low } else { value > low };
            (!above || value > high || value.is_nan()).then(|| {
                let from = if inclusive { "from" } else { "above" };
                (
                    key,
                    format!("{value} is out of bounds; allowed: {from} {low} to {high}"),
                )
            })
        })
}

fn misfit(config: &TrainConfig) -> Option<(&'static str, String)> {
    let train = &config.train;
    let suite = &config.suite;
    let rules: [(bool, &'static str, String); 13] = [
        (
            config.run.seed > i64::MAX as u64,
            "run.seed",
            "seeds go up to 9223372036854775807".into(),
        ),
        (
            config.run.name.is_empty()
                || config.run.name.starts_with('.')
                || config.run.name.contains(['/', '\\', '\0']),
            "run.name",
            format!(
                "{:?} can't name a directory; use letters, digits, - and _",
                config.run.name
            ),
        ),
        (
            !config.policy.width.is_multiple_of(config.policy.heads),
            "policy.heads",
            format!(
                "width {} does not divide into {} heads",
                config.policy.width, config.policy.heads
            ),
        ),
        (
            !is_size(&config.devices.virtual_phones.size),
            "devices.virtual.size",
            format!(
                "{:?} is not a screen size; write WIDTHxHEIGHT, as in \"540x1200\"",
                config.devices.virtual_phones.size
            ),
        ),
        (
            suite.train_seeds.overlaps(suite.eval_seeds),
            "suite.eval_seeds",
            format!(
                "{} overlaps train_seeds {}: an evaluation on trained instances proves nothing",
                suite.eval_seeds, suite.train_seeds
            ),
        ),
        (
            suite.eval_seeds.count() < u64::from(config.eval.episodes),
            "suite.eval_seeds",
            format!(
                "{} holds fewer seeds than the {} episodes of eval.episodes",
                suite.eval_seeds, config.eval.episodes
            ),
        ),
        (
            !suite.tasks.is_empty() && suite.tasks.iter().all(|task| suite.held_out.contains(task)),
            "suite.held_out",
            "no task is left to train on".into(),
        ),
        (
            train.keep_copies > train.group_size,
            "train.keep_copies",
            format!(
                "{} copies can't be kept of {} (train.group_size)",
                train.keep_copies, train.group_size
            ),
        ),
        (
            train.monitor_copies > train.group_size,
            "train.monitor_copies",
            format!(
                "{} copies can't be kept of {} (train.group_size)",
                train.monitor_copies, train.group_size
            ),
        ),
        (
            train.advantage == AdvantageKind::Grpo && train.group_size < 2,
            "train.group_size",
            "advantage \"grpo\" compares the copies of a task: it needs at least 2".into(),
        ),
        (
            train.augmentation == AugmentationKind::StepGrpo
                && train.advantage != AdvantageKind::SrWeighted,
            "train.augmentation",
            "\"step_grpo\" grows groups from the steps of successes; it needs advantage \
             \"sr_weighted\", or set augmentation = \"none\""
                .into(),
        ),
        (
            train.augmentation == AugmentationKind::StepGrpo
                && train.granularity != GranularityKind::Step,
            "train.augmentation",
            "\"step_grpo\" needs granularity \"step\", or set augmentation = \"none\"".into(),
        ),
        (
            train.augmentation == AugmentationKind::StepGrpo && train.aug_group == 1,
            "train.aug_group",
            "a group of 1 has nothing to compare; use 2 or more, or 0 for half of group_size"
                .into(),
        ),
    ];
    rules
        .into_iter()
        .find_map(|(broken, key, problem)| broken.then_some((key, problem)))
}

/// Estimators and judges that do not fit together.
fn judge_misfit(config: &TrainConfig) -> Option<(&'static str, String)> {
    let (train, judge) = (&config.train, &config.judge);
    let relative = matches!(train.advantage, AdvantageKind::Gigpo | AdvantageKind::Tgrpo);
    let name = train.advantage.name();
    let judged_steps = train.augmentation == AugmentationKind::Judge;
    let asks = train.advantage == AdvantageKind::Tgrpo || judged_steps;
    let http = judge.kind == JudgeKind::Http;
    let rules: [(bool, &'static str, String); 11] = [
        (
            relative && train.granularity != GranularityKind::Step,
            "train.granularity",
            format!("advantage {name:?} values each step by itself; it needs granularity \"step\""),
        ),
        (
            relative && train.group_size < 2,
            "train.group_size",
            format!("advantage {name:?} compares the copies of a task: it needs at least 2"),
        ),
        (
            judged_steps && train.advantage != AdvantageKind::SrWeighted,
            "train.augmentation",
            "\"judge\" grows groups from the steps of rare tasks; it needs advantage \
             \"sr_weighted\", or set augmentation = \"none\""
                .into(),
        ),
        (
            judged_steps && train.granularity != GranularityKind::Step,
            "train.augmentation",
            "\"judge\" needs granularity \"step\", or set augmentation = \"none\"".into(),
        ),
        (
            judged_steps && train.aug_group == 1,
            "train.aug_group",
            "a group of 1 has nothing to compare; use 2 or more, or 0 for half of group_size"
                .into(),
        ),
        (
            train.aug_failed_runs && !judged_steps,
            "train.aug_failed_runs",
            "only a judge can say what was good in a failed run; set augmentation = \"judge\", or \
             aug_failed_runs = false"
                .into(),
        ),
        (
            train.advantage == AdvantageKind::Tgrpo && judge.kind == JudgeKind::None,
            "judge.kind",
            "advantage \"tgrpo\" needs a judge of progress; set judge.kind = \"rules\" or \"http\", \
             or another advantage"
                .into(),
        ),
        (
            judged_steps && judge.kind == JudgeKind::None,
            "judge.kind",
            "augmentation \"judge\" needs a judge; set judge.kind = \"rules\" or \"http\", or \
             augmentation = \"step_grpo\""
                .into(),
        ),
        (
            asks && http && !judge.endpoint.starts_with("http://"),
            "judge.endpoint",
            format!(
                "{:?} is not an address that a judge can be asked at; write the base of its \
                 interface, as in \"http://localhost:8000/v1\" (plain HTTP only: for https, put a \
                 proxy on this machine in front), or set judge.kind = \"rules\"",
                judge.endpoint
            ),
        ),
        (
            asks && http && judge.model.trim().is_empty(),
            "judge.model",
            "an endpoint must be asked for a model; write its name, as the endpoint lists it under \
             /models"
                .into(),
        ),
        (
            !is_variable(&judge.api_key_env),
            "judge.api_key_env",
            "this is the name of an environment variable, not the key itself; write e.g. \
             \"JUDGE_API_KEY\""
                .into(),
        ),
    ];
    rules
        .into_iter()
        .find_map(|(broken, key, problem)| broken.then_some((key, problem)))
}

/// Whether this can name an environment variable; nothing may.
fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn is_size(text: &str) -> bool {
    let side = |part: &str| {
        part.parse::<u32>()
            .is_ok_and(|side| (64..=16_384).contains(&side))
    };
    text.split_once('x')
        .is_some_and(|(width, height)| side(width) && side(height))
}
