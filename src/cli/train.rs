//! `stepdroid train`: a run from its configuration, or the rest of one that was stopped.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::progress::show_run;
use super::report::{summary_table, write_report};
use super::{Context, Failure};
use crate::config::{self, ProviderKind, TrainConfig};
use crate::domain::{Event, Observer};
use crate::eval;
use crate::farm::{Farm, Patience, Purpose};
use crate::judge;
use crate::policy::PolicyError;
use crate::report;
use crate::rollout::Stop;
use crate::runtime::{Chosen, Library, Provider};
use crate::tasks;
use crate::telemetry::{self, Rotation};
use crate::train::{RunDirectory, TrainError, Trainer, first_bundle};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Without a configuration file, the defaults train on virtual phones. A run lives in its directory:
run.toml, run.sqlite, blobs/, checkpoints/, report/, log/. It can be stopped or killed at any moment.

Examples:
  stepdroid train train.toml --out runs/first       a new run
  stepdroid train --resume runs/first               go on where it stopped
  stepdroid train train.toml --set train.preset=t-grpo --set train.rounds=20
  stepdroid train --resume runs/first --set train.rounds=60   twenty more rounds
";

/// Arguments of `train`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Configuration file of a new run; with --resume the directory of the run.
    #[arg(value_name = "CONFIG|RUN")]
    path: Option<PathBuf>,
    /// Go on with a run that was stopped.
    #[arg(long)]
    resume: bool,
    /// Directory of a new run, instead of run.out/run.name.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    out: Option<PathBuf>,
    /// Change a value, as in --set train.rounds=20; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Where ONNX Runtime computes; the same as --set policy.provider=...
    #[arg(long, value_name = "auto|cpu|cuda")]
    provider: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut sets = args.sets;
    sets.extend(
        args.provider
            .map(|provider| format!("policy.provider={provider}")),
    );
    let run = if args.resume {
        let path = args.path.ok_or_else(|| {
            Failure::usage("name the run to go on with: stepdroid train --resume runs/NAME")
        })?;
        // `train CONFIG --resume` means the run that CONFIG names.
        if path.is_file() {
            let config = config::load(Some(&path), &sets)?.config;
            RunDirectory::resume_with(&run_path(&config), config)?
        } else {
            RunDirectory::resume(&path, &sets)?
        }
    } else {
        let config = config::load(args.path.as_deref(), &sets)?.config;
        let directory = args.out.unwrap_or_else(|| run_path(&config));
        create(&directory, &config, context)?
    };
    let trained = train(run, context).await?;
    context.output.result(&trained, summary_table)
}

/// Where a configuration says that its run lives.
pub(super) fn run_path(config: &TrainConfig) -> PathBuf {
    Path::new(&config.run.out).join(&config.run.name)
}

/// Begins a run once it is clear that it can begin: a configuration that can't be trained must not
/// leave a directory behind.
pub(super) fn create(
    directory: &Path,
    config: &TrainConfig,
    context: &Context,
) -> Result<RunDirectory, Failure> {
    check_names(config)?;
    judge::of(&config.judge)?;
    crate::eval::seeds_are_apart(config)?;
    // A policy that can't be used, or can't sample, is found out before a device is touched.
    first_bundle(&config.policy, config.run.seed).map_err(|error| match error {
        TrainError::Policy(PolicyError::Bundle(_)) => Failure::from(error).context("policy.bundle"),
        error => error.into(),
    })?;
    provider(&context.library()?, config)?;
    Ok(RunDirectory::create(directory, config)?)
}

/// Refuses names of tasks that are not in the catalogue, wherever a configuration has them, and a suite
/// that leaves nothing to train on.
fn check_names(config: &TrainConfig) -> Result<(), Failure> {
    let by_task = &config.pretrain.demonstrations_by_task;
    let (suite, bots) = (&config.suite, &config.train.bots);
    let named: [(&str, Vec<&String>); 4] = [
        ("suite.tasks", suite.tasks.iter().collect()),
        ("suite.held_out", suite.held_out.iter().collect()),
        ("pretrain.demonstrations_by_task", by_task.keys().collect()),
        ("train.bots.weak_rates", bots.weak_rates.keys().collect()),
    ];
    for (key, names) in named {
        for name in names {
            tasks::find(name).map_err(|error| Failure::from(error).context(key))?;
        }
    }
    crate::eval::training_suite(config)?;
    Ok(())
}

/// The execution provider that a configuration asks for.
pub(super) fn provider(library: &Library, config: &TrainConfig) -> Result<Chosen, Failure> {
    let wanted = match config.policy.provider {
        ProviderKind::Auto => Provider::Auto,
        ProviderKind::Cpu => Provider::Cpu,
        ProviderKind::Cuda => Provider::Cuda,
    };
    Ok(wanted.choose(library)?)
}

/// Trains a run to its end, with bars, a log file and a report; the report is also written when the
/// run stops early.
pub(super) async fn train(
    run: RunDirectory,
    context: &Context,
) -> Result<report::Summary, Failure> {
    let library = context.library()?;
    let provider = provider(&library, &run.config)?;
    // Before a device is touched; the trainer makes its own.
    judge::of(&run.config.judge)?;
    let shown = show_run(&context.output);
    if let Chosen::Cpu {
        instead_of_cuda: Some(_),
    } = &provider
    {
        tell(&shown, "no CUDA here: ONNX Runtime computes on the CPU");
    }
    // A run without a log file is still a run.
    let _log = telemetry::log_into(&run.path.join("log"), rotation(&run.config))
        .map_err(|error| tell(&shown, &error.to_string()))
        .ok();
    let (path, store) = (run.path.clone(), run.store.clone());
    let stop = Stop::from(context.cancel.clone());
    let farm = lay_out(&run, &shown, &stop, |_| ()).await?;
    let wait = Duration::from_secs(run.config.retention.wait_for_room_s);
    let outcome = pursue(run, &library, &provider, &shown, (&stop, Some(wait)), &farm).await;
    farm.stop().await;
    let written = write_report(&path, &store, &context.output);
    outcome?;
    written?;
    Ok(report::summarize(&store)?)
}

/// Prepares the devices of a run, which `seen` gets before; what happens to them is stored.
pub(super) async fn lay_out(
    run: &RunDirectory,
    shown: &Observer,
    stop: &Stop,
    seen: impl FnOnce(&Farm),
) -> Result<Farm, Failure> {
    let observer = with_device_events(run, shown.clone());
    let (devices, seed) = (&run.config.devices, run.config.run.seed);
    tell(shown, &describe_devices(&run.config));
    let what = format!("train {}", run.path.display());
    // What is held out is evaluated.
    let purpose = Purpose::of_tasks(what, eval::suite(&run.config)?);
    let opened = async {
        let farm = Farm::of(devices, seed, purpose, Patience::default(), &observer).await?;
        seen(&farm);
        farm.open().await?;
        Ok(farm)
    };
    tokio::select! {
        farm = opened => farm,
        () = stop.asked() => Err(Failure::interrupted()),
    }
}

/// Trains a run from its stored state to its end, or until it is to stop. Where its disk is full it waits for the given
/// time, `None` is as long as it takes.
pub(super) async fn pursue(
    run: RunDirectory,
    library: &Library,
    provider: &Chosen,
    shown: &Observer,
    (stop, wait): (&Stop, Option<Duration>),
    farm: &Farm,
) -> Result<(), Failure> {
    let observer = with_device_events(&run, shown.clone());
    let disk = crate::train::disk(&run, wait, stop, &observer);
    let trainer = Trainer::new(
        run,
        library.clone(),
        provider.clone(),
        observer,
        stop.clone(),
    )?;
    trainer.on(disk).run(farm).await?;
    Ok(())
}

/// How much of the log is kept.
pub(super) fn rotation(config: &TrainConfig) -> Rotation {
    Rotation {
        max_bytes: config.retention.log_bytes,
        files: config.retention.log_files,
    }
}

fn describe_devices(config: &TrainConfig) -> String {
    let devices = &config.devices;
    let mut parts = Vec::new();
    if devices.starts_virtual_phones() {
        parts.push(format!(
            "starting {} virtual phones of {}",
            devices.virtual_phones.count, devices.virtual_phones.size
        ));
    }
    match devices.emulators.count {
        0 => {}
        1 => parts.push("starting one emulator".to_owned()),
        count => parts.push(format!("starting {count} emulators")),
    }
    match devices.serials.len() {
        0 => {}
        1 => parts.push("preparing one device".to_owned()),
        count => parts.push(format!("preparing {count} devices")),
    }
    for server in &devices.servers {
        parts.push(format!("preparing the devices of the adb server {server}"));
    }
    parts.join(", ")
}

fn tell(observer: &Observer, text: &str) {
    observer.tell(&Event::Note(text.to_owned()));
}

/// Also stores what happens to devices.
fn with_device_events(run: &RunDirectory, shown: Observer) -> Observer {
    let store = run.store.clone();
    Observer::new(move |event| {
        if let Event::Device {
            serial,
            kind,
            detail,
        } = event
        {
            // A full disk shows where episodes are stored; a missing device event fails nothing.
            if let Err(error) = store.put_device_event(serial, kind, detail) {
                tracing::warn!("{error}");
            }
        }
        shown.tell(event);
    })
}
