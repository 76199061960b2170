//! `stepdroid run`: one episode, step by step.

use std::path::PathBuf;

use serde::Serialize;

use super::train::provider;
use super::{Context, ExitCode, Failure};
use crate::config;
use crate::domain::streams::stream;
use crate::domain::{Action, Event, Observer, Outcome};
use crate::env::{Agent, Demonstrator, EpisodeOptions, PolicyAgent, run_episode};
use crate::eval;
use crate::farm::{Farm, Patience, Purpose};
use crate::policy::{Acting, Bundle, Service};
use crate::tasks;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Without --device the episode runs on a virtual phone. Ends with code 1 when the task was not done.

Examples:
  stepdroid run SystemWifiTurnOn --solution
  stepdroid run ContactsAddContact --policy runs/first/checkpoints/000012 --seed 3
  stepdroid run ClockTimerEntry --solution --device emulator-5554 --json
";

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the task.
    #[arg(value_name = "TASK")]
    task: String,
    /// Seed of the instance.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// A policy bundle that acts.
    #[arg(
        long,
        value_name = "BUNDLE",
        conflicts_with = "solution",
        required_unless_present = "solution"
    )]
    policy: Option<PathBuf>,
    /// The task's scripted solution acts.
    #[arg(long)]
    solution: bool,
    /// Temperature of the policy's draws; 0 takes the likeliest action.
    #[arg(long, value_name = "T", default_value_t = 0.0)]
    temperature: f64,
    /// Serial of a device, instead of a virtual phone.
    #[arg(long, value_name = "SERIAL")]
    device: Option<String>,
    /// Change a value of [devices] or [suite], as in --set devices.settle=idle; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

/// What an episode came to.
#[derive(Debug, Serialize)]
struct Told {
    task: String,
    seed: u64,
    goal: String,
    device: String,
    outcome: Outcome,
    score: Option<f64>,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    action: Action,
    note: String,
    executed: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if !(0.0..=10.0).contains(&args.temperature) {
        return Err(Failure::usage("--temperature goes from 0 to 10"));
    }
    let task = tasks::find(&args.task)?;
    let mut instance = tasks::instance(task, args.seed)?;
    let mut sets = vec!["devices.virtual.count=1".to_owned()];
    if let Some(serial) = &args.device {
        sets.push(format!("devices.serials=[{serial:?}]"));
    } else {
        // The virtual phone's own wait for idle is enough.
        sets.extend(
            [
                "devices.settle=idle",
                "devices.focus_pause_ms=0",
                "devices.wait_ms=0",
            ]
            .map(str::to_owned),
        );
    }
    sets.extend(args.sets.iter().cloned());
    let config = config::load(None, &sets)?.config;
    instance.compat = eval::compat(&config);
    let draws = stream(args.seed, "act", 0);
    let mut agent: Box<dyn Agent> = match &args.policy {
        None => Box::new(Demonstrator::new(task.solution(&instance)?, 0.0, draws)),
        Some(path) => {
            let bundle = Bundle::load(path)?;
            let library = context.library()?;
            let provider = provider(&library, &config)?;
            let acting = Acting::new(&library, &provider, &bundle.forward, 1)?;
            Box::new(PolicyAgent::new(
                Service::start(acting),
                args.temperature,
                draws,
            ))
        }
    };
    let output = context.output.clone();
    let observer = Observer::new(move |event| {
        if let Event::Device {
            serial,
            kind: "lost",
            detail,
        } = event
        {
            output.note(&format!("device {serial} lost: {detail}"));
        }
    });
    let bar = context.output.progress(None, &instance.goal);
    let name = task.spec().name;
    let purpose = Purpose::of_tasks(format!("run {name}"), [name.to_owned()]);
    let farm = Farm::start(
        &config.devices,
        config.run.seed,
        purpose,
        Patience::default(),
        &observer,
    )
    .await?;
    let member = farm
        .members()
        .first()
        .ok_or_else(|| Failure::environment("there is no device"))?;
    let device = member.open().await?;
    let episode = run_episode(
        &device,
        task,
        instance,
        agent.as_mut(),
        &EpisodeOptions::default(),
    )
    .await;
    farm.stop().await;
    let episode = episode.map_err(anyhow::Error::from)?;
    bar.finish_and_clear();
    for remark in &episode.remarks {
        context.output.note(remark);
    }
    let outcome = episode.trajectory.outcome;
    let told = Told {
        task: episode.instance.task,
        seed: episode.instance.seed,
        goal: episode.instance.goal,
        device: member.serial().to_owned(),
        score: outcome.score(),
        outcome: outcome.clone(),
        steps: episode
            .trajectory
            .steps
            .into_iter()
            .map(|step| Step {
                action: step.action,
                note: step.note,
                executed: step.executed,
            })
            .collect(),
    };
    context.output.result(&told, text)?;
    match outcome {
        Outcome::Success { score } if score >= 1.0 => Ok(()),
        Outcome::Success { .. } | Outcome::Failure => Err(Failure::silent(ExitCode::Missed)),
        Outcome::Truncated { .. } => Err(Failure::silent(ExitCode::DeviceLost)),
        Outcome::Invalid { cause } => Err(Failure::environment(format!(
            "the episode could not be judged ({cause})"
        ))),
    }
}

fn text(told: &Told) -> String {
    let mut text = format!("{}\n", told.goal);
    for (number, step) in told.steps.iter().enumerate() {
        let note = if step.note.is_empty() {
            String::new()
        } else {
            format!("  # {}", step.note.replace('\n', " "))
        };
        text.push_str(&format!(
            "{:>3}  {}{note}\n",
            number + 1,
            step.action.to_json()
        ));
    }
    let score = told
        .score
        .map_or_else(|| "not judged".to_owned(), |score| format!("score {score}"));
    text.push_str(&format!("{}, {score}", told.outcome.name()));
    text
}
