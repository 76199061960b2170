//! `stepdroid eval`: a suite with a run's policy, with a bundle, or with the scripted solutions.

use std::path::{Path, PathBuf};

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::progress::show_run;
use super::train::provider;
use super::{Context, Failure};
use crate::config;
use crate::domain::statistics::wilson;
use crate::eval;
use crate::farm::{Farm, Patience};
use crate::policy::{Acting, Bundle, Service};
use crate::rollout::{Actor, RolloutOptions};
use crate::store::{Evaluation, RoundKey};
use crate::train::{RunDirectory, TrainError, load_checkpoint, newest_checkpoint};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The evaluation is stored in the run, or with --out in a run of its own, whose configuration may come
from --config. Every task runs on the first seeds of suite.eval_seeds.

Examples:
  stepdroid eval runs/first                          the newest weights of a run
  stepdroid eval runs/first --checkpoint 1 --episodes 20 --json
  stepdroid eval --policy my-policy --out runs/check --set suite.tasks='[\"SystemWifiTurnOn\"]'
  stepdroid eval --solutions --out runs/solutions    are phones, tasks and checkers sound?
";

/// Arguments of `eval`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory of a run.
    #[arg(value_name = "RUN", required_unless_present = "out")]
    run: Option<PathBuf>,
    /// Version of the weights, instead of the newest.
    #[arg(long, value_name = "VERSION", requires = "run")]
    checkpoint: Option<u64>,
    /// A policy bundle, instead of a run's weights.
    #[arg(long, value_name = "BUNDLE", conflicts_with = "checkpoint")]
    policy: Option<PathBuf>,
    /// Each task's scripted solution, instead of a policy.
    #[arg(long, conflicts_with_all = ["checkpoint", "policy"])]
    solutions: bool,
    /// Directory of a new run that holds this evaluation.
    #[arg(long, value_name = "DIR", conflicts_with = "run")]
    out: Option<PathBuf>,
    /// Configuration of the new run.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    config: Option<PathBuf>,
    /// Name of the evaluation.
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// Episodes of each task; the same as --set eval.episodes=N.
    #[arg(long, value_name = "N")]
    episodes: Option<u32>,
    /// A device by its serial, instead of the run's; may be given many times.
    #[arg(long = "device", value_name = "SERIAL")]
    devices: Vec<String>,
    /// Change a value, as in --set eval.temperature=0.5; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

/// What an evaluation came to.
#[derive(Debug, Serialize)]
struct Scores {
    label: String,
    policy_version: Option<u64>,
    #[serde(flatten)]
    all: Rate,
    by_task: Vec<TaskRate>,
}

#[derive(Debug, Serialize)]
struct TaskRate {
    task: String,
    #[serde(flatten)]
    rate: Rate,
}

#[derive(Debug, Default, Serialize)]
struct Rate {
    success: f64,
    low: f64,
    high: f64,
    successes: u64,
    episodes: u64,
}

impl Rate {
    fn of(successes: u64, episodes: u64) -> Rate {
        let proportion = wilson(successes, episodes);
        Rate {
            success: successes as f64 / episodes.max(1) as f64,
            low: proportion.low,
            high: proportion.high,
            successes,
            episodes,
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut sets = args.sets.clone();
    sets.extend(
        args.episodes
            .map(|episodes| format!("eval.episodes={episodes}")),
    );
    if !args.devices.is_empty() {
        let serials: Vec<String> = args.devices.iter().map(|s| format!("{s:?}")).collect();
        sets.push(format!("devices.serials=[{}]", serials.join(",")));
    }
    let directory = match (&args.run, &args.out) {
        (Some(path), _) => RunDirectory::resume(path, &sets)?,
        (None, Some(path)) => {
            if args.policy.is_none() && !args.solutions {
                return Err(Failure::usage(
                    "say who acts: --policy BUNDLE or --solutions (or name a run)",
                ));
            }
            let config = config::load(args.config.as_deref(), &sets)?.config;
            eval::suite(&config)?;
            RunDirectory::create(path, &config)?
        }
        (None, None) => return Err(Failure::usage("name a run, or a new directory with --out")),
    };
    let (actor, version) = actor(&args, &directory, context)?;
    let scores = evaluate(&args, &directory, actor, version, context).await?;
    context.output.result(&scores, table)
}

/// Who acts, and with which version of the weights.
fn actor(
    args: &Args,
    directory: &RunDirectory,
    context: &Context,
) -> Result<(Actor, Option<u64>), Failure> {
    if args.solutions {
        return Ok((Actor::Solution { noise: 0.0 }, None));
    }
    let bundle = match &args.policy {
        Some(path) => Bundle::load(path)?,
        None => run_bundle(args.checkpoint, &directory.path, directory)?,
    };
    let library = context.library()?;
    let provider = provider(&library, &directory.config)?;
    let acting = Acting::new(&library, &provider, &bundle.forward, 1)?;
    let actor = Actor::Policy {
        service: Service::start(acting),
        temperature: directory.config.eval.temperature,
    };
    Ok((actor, Some(bundle.version)))
}

fn run_bundle(
    version: Option<u64>,
    path: &Path,
    directory: &RunDirectory,
) -> Result<Bundle, Failure> {
    let store = &directory.store;
    let checkpoint = match version {
        None => newest_checkpoint(path, store)?,
        Some(version) => store
            .checkpoints()
            .map_err(TrainError::from)?
            .into_iter()
            .find(|checkpoint| checkpoint.policy_version == version)
            .ok_or_else(|| {
                Failure::usage(format!(
                    "{}: there is no checkpoint of version {version}; see {}/checkpoints",
                    path.display(),
                    path.display()
                ))
            })?,
    };
    Ok(load_checkpoint(path, &checkpoint)?)
}

async fn evaluate(
    args: &Args,
    directory: &RunDirectory,
    actor: Actor,
    version: Option<u64>,
    context: &Context,
) -> Result<Scores, Failure> {
    let (config, store) = (&directory.config, &directory.store);
    let suite = eval::suite(config)?;
    let number = store.next_evaluation()?;
    let label = args
        .label
        .clone()
        .unwrap_or_else(|| format!("evaluation {number}"));
    let observer = show_run(&context.output);
    let farm = tokio::select! {
        farm = Farm::start(&config.devices, config.run.seed, Patience::default(), &observer) => farm?,
        () = context.cancel.cancelled() => return Err(Failure::interrupted()),
    };
    let evaluation = Evaluation {
        number,
        label: label.clone(),
        suite: config.suite.name.clone(),
        policy_version: version.unwrap_or(0),
        temperature: config.eval.temperature,
        after_round: None,
    };
    let options = RolloutOptions {
        screenshots: config.eval.screenshots,
        samples: false,
        observer,
        stop: context.cancel.clone(),
        ..RolloutOptions::new(actor, config.run.seed, version.unwrap_or(0))
    };
    let slots = eval::plan(config, &suite, config.eval.episodes);
    eval::evaluate(store, &farm, &evaluation, &slots, &options).await?;
    let mut by_task = Vec::new();
    let (mut successes, mut judged) = (0, 0);
    let episodes = store.episodes(RoundKey::evaluate(number))?;
    for task in suite {
        let rewards: Vec<f64> = episodes
            .iter()
            .filter(|episode| episode.instance.task == task)
            .filter_map(|episode| episode.outcome.reward())
            .collect();
        let won = rewards.iter().filter(|reward| **reward >= 1.0).count() as u64;
        successes += won;
        judged += rewards.len() as u64;
        by_task.push(TaskRate {
            task,
            rate: Rate::of(won, rewards.len() as u64),
        });
    }
    Ok(Scores {
        label,
        policy_version: version,
        all: Rate::of(successes, judged),
        by_task,
    })
}

fn table(scores: &Scores) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_header(["task", "success", "95 %", "episodes"]);
    let mut row = |name: &str, rate: &Rate| {
        table.add_row([
            name.to_owned(),
            format!("{:.0} %", 100.0 * rate.success),
            format!("[{:.0}, {:.0}]", 100.0 * rate.low, 100.0 * rate.high),
            format!("{}/{}", rate.successes, rate.episodes),
        ]);
    };
    for task in &scores.by_task {
        row(&task.task, &task.rate);
    }
    row("all", &scores.all);
    for column in 1..4 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
