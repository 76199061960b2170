//! `stepdroid demo`: the main job on virtual phones, in minutes.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::report::{p_text, summary_table};
use super::train::{create, train};
use super::{Context, Failure};
use crate::config;
use crate::report::{Rate, Summary};

/// The demo's configuration: what differs from the defaults.
const CONFIG: &str = include_str!("demo.toml");
/// A gain with a p value from here on is no gain.
const SIGNIFICANT: f64 = 0.05;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Starts virtual phones, collects a few demonstrations, clones them into a small policy, trains it with
STEP, and evaluates it on instances it has never seen, before and after. Ends with code 1 when the
success did not rise significantly. The run directory is one like any other: `stepdroid report`,
`stepdroid eval` and `stepdroid train --resume` take it.

Examples:
  stepdroid demo
  stepdroid demo --seed 3 --out runs/demo-3 --json
  stepdroid demo --set train.preset=t-grpo --out runs/baseline
";

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Seed of everything random.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// Directory of the run; runs/demo-S (or the first free name after it) when it is not given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change a value of the configuration, as in --set train.rounds=10; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Where ONNX Runtime computes; the same as --set policy.provider=...
    #[arg(long, value_name = "auto|cpu|cuda")]
    provider: Option<String>,
}

/// What the demo prints at its end.
#[derive(Debug, Serialize)]
struct Verdict {
    tasks: u32,
    episodes: u32,
    before: Part,
    after: Part,
    rounds: u32,
    seconds: f64,
    p_value: f64,
    run: PathBuf,
    report: PathBuf,
}

/// A success rate with its 95 % interval.
#[derive(Debug, Serialize)]
struct Part {
    success: f64,
    low: f64,
    high: f64,
}

impl From<Rate> for Part {
    fn from(rate: Rate) -> Part {
        Part {
            success: rate.success,
            low: rate.low,
            high: rate.high,
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut sets = vec![format!("run.seed={}", args.seed)];
    sets.extend(
        args.provider
            .map(|provider| format!("policy.provider={provider}")),
    );
    sets.extend(args.sets);
    let config = config::parse(CONFIG, Path::new("the demo's configuration"), &sets)?.config;
    let directory = args.out.unwrap_or_else(|| free_directory(args.seed));
    let run = create(&directory, &config, context)?;
    context
        .output
        .note(&format!("run directory: {}", directory.display()));
    let summary = train(run, context).await?;
    conclude(&summary, &directory, context)
}

/// `runs/demo-S`, or the first of `runs/demo-S-2`, `-3`, … that is free.
fn free_directory(seed: u64) -> PathBuf {
    let first = PathBuf::from(format!("runs/demo-{seed}"));
    let others = (2..).map(|number| PathBuf::from(format!("runs/demo-{seed}-{number}")));
    std::iter::once(first.clone())
        .chain(others)
        .find(|path| !path.exists())
        .unwrap_or(first)
}

fn conclude(summary: &Summary, directory: &Path, context: &Context) -> Result<(), Failure> {
    let (Some(before), Some(after), Some(p_value)) =
        (summary.before, summary.after, summary.p_value)
    else {
        return Err(Failure::missed(
            "nothing was evaluated before and after training, so there is nothing to show",
        ));
    };
    let rise = after.success - before.success;
    let result = Verdict {
        tasks: summary.tasks,
        episodes: summary.episodes,
        before: before.into(),
        after: after.into(),
        rounds: summary.rounds,
        seconds: summary.seconds,
        p_value,
        run: directory.to_path_buf(),
        report: directory.join("report").join("index.html"),
    };
    context.output.result(&result, |result| {
        format!(
            "{}\nSuccess on unseen instances: {:.0} % before, {:.0} % after ({:+.0} points).",
            summary_table(summary),
            100.0 * result.before.success,
            100.0 * result.after.success,
            100.0 * rise
        )
    })?;
    if p_value < SIGNIFICANT && rise > 0.0 {
        return Ok(());
    }
    Err(Failure::missed(format!(
        "success did not rise significantly on unseen instances ({:+.1} points, p {})",
        100.0 * rise,
        p_text(p_value)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_a_valid_run_of_known_tasks() {
        let config = config::parse(CONFIG, Path::new("demo.toml"), &[])
            .unwrap()
            .config;
        let suite = crate::eval::training_suite(&config).unwrap();
        assert!(suite.len() >= 14);
        assert_eq!(suite.len(), config.suite.tasks.len());
        for task in config.pretrain.demonstrations_by_task.keys() {
            assert!(suite.contains(task), "{task}");
        }
        assert!(config.devices.virtual_phones.count >= 4);
        assert!(config.devices.serials.is_empty());
    }
}
