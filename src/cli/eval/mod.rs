//! `stepdroid eval`: a suite with a run's policy, a bundle, the scripted solutions, a person or chance.

mod scores;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::progress::show_run;
use super::train::provider;
use super::{Context, Failure};
use crate::config::{self, TrainConfig, WithoutRootKind};
use crate::domain::{Phase, Slot};
use crate::env::Terminal;
use crate::eval::{self, Given, Goals, Official, Worded};
use crate::farm::{Farm, Patience, Purpose};
use crate::policy::{Acting, Bundle, Service};
use crate::rollout::{Actor, Drawn, InstanceSource, RolloutOptions, Stop};
use crate::store::{Evaluation, RoundKey, RoundState, Store};
use crate::train::{RunDirectory, TrainError, load_checkpoint, newest_checkpoint};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
The evaluation is stored in the run, or with --out in a run of its own, whose configuration may come
from --config. Every task runs on the first seeds of suite.eval_seeds; with --suite androidworld on the
benchmark's own seeds, and with --instances on what a file holds. What infrastructure ended is counted
apart and is in no rate.

Examples:
  stepdroid eval runs/first                          the newest weights of a run
  stepdroid eval runs/first --checkpoint 1 --episodes 20 --json
  stepdroid eval --policy my-policy --out runs/check --set suite.tasks='[\"SystemWifiTurnOn\"]'
  stepdroid eval --solutions --out runs/solutions    are phones, tasks and checkers sound?
  stepdroid eval --suite androidworld --combinations 2 --seed 30 --policy my-policy --out runs/aw
  stepdroid eval runs/aw --resume --policy my-policy --lines episodes.jsonl
  stepdroid eval --instances suite.jsonl --policy random --out runs/chance
  stepdroid eval --tasks ClockTimerEntry --policy human --device emulator-5554 --out runs/me
  stepdroid eval --androidworld-server http://127.0.0.1:5000 --device emulator-5554 \\
      --policy my-policy --out runs/official         the benchmark's own set-up and checkers
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
    /// A policy bundle, instead of a run's weights; or random, or human (typed at this terminal).
    #[arg(
        long,
        value_name = "BUNDLE|random|human",
        conflicts_with = "checkpoint"
    )]
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
    #[arg(long, value_name = "N", visible_alias = "combinations")]
    episodes: Option<u32>,
    /// A suite instead of the configured one: androidworld is every task on the benchmark's seeds, once
    /// unless --combinations says otherwise.
    #[arg(long, value_name = "NAME", value_parser = ["androidworld"])]
    suite: Option<String>,
    /// Tasks, separated by commas, instead of the configured ones.
    #[arg(long, value_name = "TASK,..", value_delimiter = ',')]
    tasks: Vec<String>,
    /// Seed of the suite: instance seeds are made of it by the benchmark's rule.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Instances to run, one JSON object per line with task, params, seed and goal.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["suite", "tasks", "seed", "episodes"])]
    instances: Option<PathBuf>,
    /// Wording of the goals, from `stepdroid tasks import`.
    #[arg(long, value_name = "FILE")]
    goals: Option<PathBuf>,
    /// Address of the benchmark's own server, which then sets up, judges and tears down; --device is the
    /// device that it uses.
    #[arg(long, value_name = "URL", requires = "devices", conflicts_with_all = ["instances", "goals"])]
    androidworld_server: Option<String>,
    /// Go on with the run's last evaluation where it was interrupted.
    #[arg(long, requires = "run")]
    resume: bool,
    /// Write one JSON object per episode into this file.
    #[arg(long, value_name = "FILE")]
    lines: Option<PathBuf>,
    /// A device by its serial, instead of the run's; may be given many times.
    #[arg(long = "device", value_name = "SERIAL")]
    devices: Vec<String>,
    /// Change a value, as in --set eval.temperature=0.5; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

/// What --policy says besides bundles.
const RANDOM: &str = "random";
const HUMAN: &str = "human";

impl Args {
    /// Values of the configuration that options stand for.
    fn sets(&self) -> Vec<String> {
        let mut sets = self.sets.clone();
        let list = |texts: &[String]| {
            let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
            format!("[{}]", texts.join(","))
        };
        if self.suite.is_some() {
            sets.push("suite.name=\"androidworld\"".to_owned());
            sets.push("suite.tasks=[]".to_owned());
        }
        if self.suite.is_some() || self.seed.is_some() {
            sets.push("suite.instance_seeds=\"androidworld\"".to_owned());
        }
        if self.suite.is_some() && self.episodes.is_none() {
            sets.push("eval.episodes=1".to_owned());
        }
        sets.extend(
            self.episodes
                .map(|number| format!("eval.episodes={number}")),
        );
        sets.extend(self.seed.map(|seed| format!("suite.seed={seed}")));
        if !self.tasks.is_empty() {
            sets.push(format!("suite.tasks={}", list(&self.tasks)));
        }
        if !self.devices.is_empty() {
            sets.push(format!("devices.serials={}", list(&self.devices)));
        }
        if self.is_policy(HUMAN) && self.devices.is_empty() {
            // A person looks at one phone at a time.
            sets.push("devices.virtual.count=1".to_owned());
        }
        sets
    }

    fn is_policy(&self, word: &str) -> bool {
        self.policy.as_deref() == Some(Path::new(word))
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let sets = args.sets();
    // What is wrong with the files is told before anything is made.
    let given = args.instances.as_deref().map(Given::read).transpose()?;
    let goals = args.goals.as_deref().map(Goals::read).transpose()?;
    let (directory, planned) = match (&args.run, &args.out) {
        (Some(path), _) => {
            let directory = RunDirectory::open(path, &sets)?;
            let planned = planned(&args, &directory.config, given, goals).await?;
            (directory, planned)
        }
        (None, Some(path)) => {
            if args.policy.is_none() && !args.solutions {
                return Err(Failure::usage(
                    "say who acts: --policy BUNDLE, --policy random, --policy human or --solutions (or name a run)",
                ));
            }
            let config = config::load(args.config.as_deref(), &sets)?.config;
            let planned = planned(&args, &config, given, goals).await?;
            (RunDirectory::create(path, &config)?, planned)
        }
        (None, None) => return Err(Failure::usage("name a run, or a new directory with --out")),
    };
    let (actor, version) = actor(&args, &directory, context)?;
    let evaluation = evaluation(&args, &directory, version)?;
    run_evaluation(&directory, &evaluation, &planned, actor, context).await?;
    let store = &directory.store;
    let episodes = store.episodes(RoundKey::evaluate(evaluation.number))?;
    if let Some(path) = &args.lines {
        scores::write(path, &episodes)?;
    }
    let scores = scores::Scores {
        label: evaluation.label,
        policy_version: version,
        summary: eval::summarise(&planned.tasks, &episodes),
    };
    context.output.result(&scores, scores::tables)
}

/// What is to be run.
struct Planned {
    tasks: Vec<String>,
    slots: Vec<Slot>,
    source: Arc<dyn InstanceSource>,
}

async fn planned(
    args: &Args,
    config: &TrainConfig,
    given: Option<Given>,
    goals: Option<Goals>,
) -> Result<Planned, Failure> {
    if args.androidworld_server.is_some() && config.devices.without_root == WithoutRootKind::Run {
        return Err(Failure::usage(
            "devices.without_root: the benchmark's own server sets the clock and the apps' data, which needs root; leave \
             it at \"refuse\"",
        ));
    }
    let (slots, source): (Vec<Slot>, Arc<dyn InstanceSource>) =
        match (&args.androidworld_server, given) {
            (Some(url), _) => {
                let (episodes, seed) = (config.eval.episodes, config.suite.seed);
                let official = Official::connect(url, episodes, seed, &config.suite.tasks).await?;
                (official.plan(), Arc::new(official))
            }
            (None, Some(source)) => {
                let slots = source.plan();
                match goals {
                    Some(goals) => (slots, Arc::new(Worded { source, goals })),
                    None => (slots, Arc::new(source)),
                }
            }
            (None, None) => {
                let slots = eval::plan(config, &eval::suite(config)?, config.eval.episodes);
                let source = Drawn;
                match goals {
                    Some(goals) => (slots, Arc::new(Worded { source, goals })),
                    None => (slots, Arc::new(source)),
                }
            }
        };
    let mut tasks: Vec<String> = Vec::new();
    for slot in &slots {
        if !tasks.contains(&slot.task) {
            tasks.push(slot.task.clone());
        }
    }
    if slots.is_empty() {
        return Err(Failure::usage(
            "there is nothing to evaluate: the suite has no task",
        ));
    }
    Ok(Planned {
        tasks,
        slots,
        source,
    })
}

/// The evaluation that is gone on with, or a new one.
fn evaluation(
    args: &Args,
    directory: &RunDirectory,
    version: Option<u64>,
) -> Result<Evaluation, Failure> {
    let (config, store) = (&directory.config, &directory.store);
    if args.resume {
        let found = unfinished(store)?.ok_or_else(|| {
            Failure::usage(format!(
                "{}: no evaluation was interrupted; leave --resume out to begin one",
                directory.path.display()
            ))
        })?;
        if found.policy_version != version.unwrap_or(0) {
            return Err(Failure::usage(format!(
                "{}: the evaluation {:?} was begun with version {} of the weights, not {}",
                directory.path.display(),
                found.label,
                found.policy_version,
                version.unwrap_or(0)
            )));
        }
        return Ok(found);
    }
    let number = store.next_evaluation()?;
    Ok(Evaluation {
        number,
        label: args
            .label
            .clone()
            .unwrap_or_else(|| format!("evaluation {number}")),
        suite: config.suite.name.clone(),
        policy_version: version.unwrap_or(0),
        temperature: config.eval.temperature,
        after_round: None,
    })
}

/// The newest evaluation, if it has not ended.
fn unfinished(store: &Store) -> Result<Option<Evaluation>, Failure> {
    let Some(newest) = store.evaluations()?.pop() else {
        return Ok(None);
    };
    let key = RoundKey {
        phase: Phase::Evaluate,
        number: newest.number,
    };
    let open = store
        .round(key)?
        .is_some_and(|round| round.state != RoundState::Done);
    Ok(open.then_some(newest))
}

async fn run_evaluation(
    directory: &RunDirectory,
    evaluation: &Evaluation,
    planned: &Planned,
    actor: Actor,
    context: &Context,
) -> Result<(), Failure> {
    let (config, store) = (&directory.config, &directory.store);
    let observer = show_run(&context.output);
    let what = format!("eval {}", directory.path.display());
    let purpose = Purpose::of_tasks(what, planned.tasks.iter().cloned());
    let farm = tokio::select! {
        farm = Farm::start(&config.devices, config.run.seed, purpose, Patience::default(), &observer) => farm?,
        () = context.cancel.cancelled() => return Err(Failure::interrupted()),
    };
    let stop = Stop::from(context.cancel.clone());
    let wait = Duration::from_secs(config.retention.wait_for_room_s);
    let options = RolloutOptions {
        source: planned.source.clone(),
        compat: eval::compat(config),
        screenshots: config.eval.screenshots,
        // What a person shows can be learnt from (pretrain.from).
        samples: matches!(actor, Actor::Human(_)),
        disk: crate::train::disk(directory, Some(wait), &stop, &observer),
        observer,
        stop,
        ..RolloutOptions::new(actor, config.run.seed, evaluation.policy_version)
    };
    let evaluated = eval::evaluate(store, &farm, evaluation, &planned.slots, &options).await;
    farm.stop().await;
    evaluated?;
    Ok(())
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
    if args.is_policy(RANDOM) {
        return Ok((Actor::Random, None));
    }
    if args.is_policy(HUMAN) {
        return Ok((Actor::Human(Terminal::standard()), None));
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
