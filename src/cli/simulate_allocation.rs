//! `stepdroid simulate-allocation`: what a sampler spends trajectories on, without a device.

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::{Context, Failure};
use crate::config::{self, SamplerKind};
use crate::learn::{Allocation, Recipe, Simulation, SuiteDraw};

/// Most tasks and rounds that are simulated: some seconds of work.
const MOST: u64 = 100_000;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Tasks have fixed success rates that follow Beta(.35, .5). A training of --rounds rounds on them is
repeated; all figures are means over its rounds without the warm-up, which are as many as one pass
through the suite takes: before that, most tasks are unknown and no sampler can do its work.

Examples:
  stepdroid simulate-allocation --tasks 128 --sampler uniform --seed 1
  stepdroid simulate-allocation --tasks 128 --sampler step --seed 1 --json | jq .mastered_share
  stepdroid simulate-allocation --tasks 40 --sampler step --seed 1 --set train.sr_threshold=0.4
";

/// Arguments of `simulate-allocation`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Tasks of the suite.
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = clap::value_parser!(u32).range(1..=MOST as i64))]
    tasks: u32,
    /// Sampler: uniform, step, sr_softmax or bots.
    #[arg(long, value_name = "NAME")]
    sampler: Option<String>,
    /// Seed of the suite and of all that is drawn.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Rounds of a training.
    #[arg(long, value_name = "R", default_value_t = 40, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    rounds: u64,
    /// Its first rounds, which are not counted; the default is one pass through the suite, and at most
    /// half of the rounds.
    #[arg(long, value_name = "ROUNDS")]
    warm_up: Option<u64>,
    /// Trainings on the same suite.
    #[arg(long, value_name = "COUNT", default_value_t = 16, value_parser = clap::value_parser!(u64).range(1..=1000))]
    repeats: u64,
    /// B; the same as --set train.tasks_per_round=B.
    #[arg(long, value_name = "B")]
    tasks_per_round: Option<u32>,
    /// N; the same as --set train.group_size=N.
    #[arg(long, value_name = "N")]
    group_size: Option<u32>,
    /// Draw each task's success rate by itself, instead of one from each of N equally likely parts of
    /// the distribution: suites then differ in how hard they are.
    #[arg(long)]
    independent: bool,
    /// Change a value of the configuration, as in --set train.sr_threshold=0.4; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

/// The result with what it was made from.
#[derive(Debug, Serialize)]
struct Simulated {
    sampler: &'static str,
    tasks: u32,
    seed: u64,
    tasks_per_round: u32,
    group_size: u32,
    rounds: u64,
    warm_up: u64,
    repeats: u64,
    independent: bool,
    #[serde(flatten)]
    allocation: Allocation,
}

pub(super) fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut sets = args.sets;
    sets.extend(args.sampler.map(|name| format!("train.sampler={name}")));
    let number = |key: &str, value: Option<u32>| value.map(|value| format!("train.{key}={value}"));
    sets.extend(number("tasks_per_round", args.tasks_per_round));
    sets.extend(number("group_size", args.group_size));
    sets.push(format!("train.rounds={}", args.rounds));
    let train = config::load(None, &sets)?.config.train;
    let passes = u64::from(args.tasks.div_ceil(train.tasks_per_round));
    let warm_up = args.warm_up.unwrap_or(passes.min(args.rounds / 2));
    if warm_up >= args.rounds {
        return Err(Failure::usage(format!(
            "--warm-up {warm_up} leaves none of {} rounds to count; give more --rounds",
            args.rounds
        )));
    }
    let trajectories = u64::from(train.tasks_per_round) * u64::from(train.group_size);
    let work = (trajectories + u64::from(args.tasks))
        .saturating_mul(args.rounds)
        .saturating_mul(args.repeats);
    if work > 10_000_000_000 {
        return Err(Failure::usage(format!(
            "{} trainings of {} rounds with {trajectories} trajectories over {} tasks are too much to \
             simulate; give fewer --repeats, --rounds or --tasks",
            args.repeats, args.rounds, args.tasks
        )));
    }
    let simulation = Simulation {
        tasks: args.tasks,
        seed: args.seed,
        rounds: args.rounds,
        warm_up,
        repeats: args.repeats,
        draw: if args.independent {
            SuiteDraw::Independent
        } else {
            SuiteDraw::Balanced
        },
    };
    let recipe = Recipe::of(&train);
    let allocation = simulation
        .run(recipe.sampler.as_ref(), train.group_size)
        .map_err(Failure::usage)?;
    let simulated = Simulated {
        sampler: SamplerKind::name(train.sampler),
        tasks: args.tasks,
        seed: args.seed,
        tasks_per_round: train.tasks_per_round,
        group_size: train.group_size,
        rounds: args.rounds,
        warm_up,
        repeats: args.repeats,
        independent: args.independent,
        allocation,
    };
    context.output.result(&simulated, text)
}

fn text(simulated: &Simulated) -> String {
    let found = &simulated.allocation;
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "fixed rate",
        "tasks",
        "smoothed rate",
        "copies a round",
        "of a task",
    ]);
    for (low, high) in [(0.8, 1.0), (0.6, 0.8), (0.4, 0.6), (0.2, 0.4), (0.0, 0.2)] {
        let inside: Vec<_> = found
            .allocation
            .iter()
            .filter(|task| (task.p > low || low == 0.0) && task.p <= high)
            .collect();
        let known: Vec<f64> = inside
            .iter()
            .filter_map(|task| task.smoothed_rate)
            .collect();
        let copies: f64 = inside.iter().map(|task| task.copies).sum();
        table.add_row([
            format!("{:.0} to {:.0} %", 100.0 * low, 100.0 * high),
            inside.len().to_string(),
            if known.is_empty() {
                "-".to_owned()
            } else {
                let mean = known.iter().sum::<f64>() / known.len() as f64;
                format!("{:.0} %", 100.0 * mean)
            },
            format!("{copies:.1}"),
            if inside.is_empty() {
                "-".to_owned()
            } else {
                format!("{:.2}", copies / inside.len() as f64)
            },
        ]);
    }
    for column in 1..5 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!(
        "{table}\n{}: {:.1} % of the successes from tasks above 80 %, {:.1} distinct tasks, {:.1} of {:.0} \
         trajectories succeed,\n{:.1} copies replaced from a cache of {:.1}. Means over {} rounds.",
        simulated.sampler,
        100.0 * found.mastered_share,
        found.distinct_tasks,
        found.successes,
        found.trajectories,
        found.replaced_copies,
        found.cache_size,
        found.counted_rounds,
    )
}
