//! `stepdroid serve`: a run that goes on for weeks by itself. It begins the run or goes on with it, waits for what
//! time may heal, and ends in good order when it is asked to.

mod desk;
mod heal;
mod notify;
mod signals;
mod status;

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::report::{summary_table, write_report};
use super::train::{create, lay_out, provider, pursue, rotation, run_path};
use super::{Context, Failure};
use crate::config;
use crate::domain::{Event, Observer};
use crate::judge;
use crate::report;
use crate::rollout::Stop;
use crate::runtime::{Chosen, Library};
use crate::store::{Counts, DATABASE_NAME, Store, StoreOptions};
use crate::telemetry;
use crate::train::RunDirectory;
use desk::Desk;
use heal::{Waits, heals};
use notify::Notifier;
use signals::{Asked, Signals};
use status::State;

/// How long the last words take once everything was asked to end at once.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Goes on with the run that CONFIG names where there is one, else begins it. SIGTERM and Ctrl-C: nothing new begins,
episodes that run may end within --stop-within, and all is stored; once more stops at once. SIGHUP: the log file is
opened anew. What time may heal (no device, a full disk) is waited for. Exit code 0 when the run is done or was
terminated, 2 and 3 for what only people can mend. docs/serve.md has a systemd unit.

Examples:
  stepdroid serve train.toml                       begin, or go on
  stepdroid serve runs/first --set train.rounds=200
  stepdroid serve --status runs/first              how it is doing
";

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Configuration file, or directory of a run to go on with.
    #[arg(value_name = "CONFIG|RUN")]
    path: PathBuf,
    /// There must be a run already.
    #[arg(long)]
    resume: bool,
    /// There must be no run yet.
    #[arg(long, conflicts_with = "resume")]
    fresh: bool,
    /// Directory of the run, instead of run.out/run.name.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change a value, as in --set train.rounds=20; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Where ONNX Runtime computes; the same as --set policy.provider=...
    #[arg(long, value_name = "auto|cpu|cuda")]
    provider: Option<String>,
    /// Longest time that running episodes and updates get once the process is asked to stop.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    stop_within: u64,
    /// Failures in a row, without a judged episode in between, after which the process gives up; 0: never.
    #[arg(long, value_name = "N", default_value_t = 0)]
    retries: u32,
    /// Wait after the first failure; it doubles with each one, up to ten minutes.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    first_wait: u64,
    /// Show how a run that is served is doing.
    #[arg(long, conflicts_with_all = ["resume", "fresh"])]
    status: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if args.status {
        return status::show(&args.path, &context.output);
    }
    let notifier = Notifier::from_environment();
    let stop = Stop::new();
    let within = Duration::from_secs(args.stop_within);
    let signals = Signals::watch(&stop, within, &notifier, &context.output)?;
    let run = open(&args, context)?;
    let library = context.library()?;
    let provider = provider(&library, &run.config)?;
    judge::of(&run.config.judge)?;
    let log = telemetry::log_into(&run.path.join("log"), rotation(&run.config));
    if let Err(error) = &log {
        context.output.note(&error.to_string());
    }
    let desk = Desk::open(&run, &notifier, super::progress::show_run(&context.output));
    let beat = tokio::spawn(desk.clone().beat(stop.clone()));
    notifier.send("READY=1");
    tracing::info!(run = %run.path.display(), "serving");
    let ended = serve(&args, &run, library, provider, &desk, &stop).await;
    beat.abort();
    // Its last word must not come after ours; that it was cut short is no error.
    let _ = beat.await;
    let result = end(&run, ended, &signals, &desk, context);
    desk.write();
    result
}

/// Opens the run of the arguments, or begins it.
fn open(args: &Args, context: &Context) -> Result<RunDirectory, Failure> {
    let mut sets = args.sets.clone();
    let provider = args.provider.iter();
    sets.extend(provider.map(|provider| format!("policy.provider={provider}")));
    if args.path.is_dir() {
        if args.fresh {
            return Err(Failure::usage(format!(
                "{}: a new run begins from a configuration file; name that, or leave out --fresh",
                args.path.display()
            )));
        }
        return Ok(RunDirectory::resume(&args.path, &sets)?);
    }
    let config = config::load(Some(&args.path), &sets)?.config;
    let directory = args.out.clone().unwrap_or_else(|| run_path(&config));
    let begun = has_run(&directory)?;
    match (begun, args.resume) {
        (true, _) if args.fresh => Err(Failure::usage(format!(
            "{}: there is a run already; leave out --fresh to go on with it, or name another directory with --out",
            directory.display()
        ))),
        (true, _) => Ok(RunDirectory::resume_with(&directory, config)?),
        (false, true) => Err(Failure::usage(format!(
            "{}: there is no run yet; leave out --resume to begin it",
            directory.display()
        ))),
        (false, false) => create(&directory, &config, context),
    }
}

/// Whether a run was begun in a directory; one that was killed before its first row was not.
fn has_run(directory: &Path) -> Result<bool, Failure> {
    if !directory.join(DATABASE_NAME).is_file() {
        return Ok(false);
    }
    match Store::inspect(directory, &StoreOptions::default()) {
        Ok(_) => Ok(true),
        Err(crate::store::StoreError::Missing(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Leads the run to its end through whatever time heals.
async fn serve(
    args: &Args,
    run: &RunDirectory,
    library: Library,
    provider: Chosen,
    desk: &Desk,
    stop: &Stop,
) -> Result<(), Failure> {
    let shown = desk.observer();
    let mut waits = Waits::new(Duration::from_secs(args.first_wait));
    loop {
        desk.enter(State::Starting, None);
        let before = episodes(&run.store);
        let attempt = attempt(run, &library, &provider, desk, &shown, stop);
        let failure = match attempt.await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        if stop.is_asked() || !heals(&failure) {
            return Err(failure);
        }
        if episodes(&run.store) > before {
            waits.begin_anew();
        }
        let wait = waits.next();
        if args.retries > 0 && waits.failures() > args.retries {
            return Err(failure.hint(format!("given up after {} failures in a row", args.retries)));
        }
        let text = failure.text();
        tracing::warn!(seconds = wait.as_secs(), "{text}");
        shown.tell(&Event::Note(format!(
            "{text}; tried again in {} s",
            wait.as_secs()
        )));
        desk.enter(State::Waiting, Some((text, wait)));
        tokio::select! {
            () = stop.asked() => return Err(Failure::interrupted()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// From the stored state to the end of the run, or to the first failure.
async fn attempt(
    run: &RunDirectory,
    library: &Library,
    provider: &Chosen,
    desk: &Desk,
    shown: &Observer,
    stop: &Stop,
) -> Result<(), Failure> {
    // What the last attempt held is nobody's any more.
    run.store.release_leases()?;
    let work = async {
        let farm = lay_out(run, shown, stop, |farm| desk.watch(farm)).await?;
        desk.enter(State::Running, None);
        let outcome = pursue(run.clone(), library, provider, shown, (stop, None), &farm).await;
        desk.look();
        farm.stop().await;
        outcome
    };
    let overdue = async {
        stop.asked_at_once().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        result = work => result,
        // An update does not listen; it is done again, as after a kill.
        () = overdue => Err(Failure::interrupted()),
    }
}

/// Judged episodes of the run so far; only their growth matters.
fn episodes(store: &Store) -> u64 {
    let counts = store.counts(&Counts::default());
    counts.map_or(0, |counts| counts.judged)
}

/// The last words, and what the process ends with.
fn end(
    run: &RunDirectory,
    ended: Result<(), Failure>,
    signals: &Signals,
    desk: &Desk,
    context: &Context,
) -> Result<(), Failure> {
    let asked = signals.asked();
    let failure = match ended {
        Ok(()) => {
            desk.enter(State::Done, None);
            write_report(&run.path, &run.store, &context.output)?;
            return context
                .output
                .result(&report::summarize(&run.store)?, summary_table);
        }
        Err(failure) => failure,
    };
    // A report that can't be written is no reason to say anything else than what happened.
    if let Err(error) = write_report(&run.path, &run.store, &context.output) {
        tracing::warn!("{}", error.text());
    }
    let Some(asked) = asked else {
        tracing::error!("{}", failure.text());
        desk.enter(State::Failed, Some((failure.text(), Duration::ZERO)));
        return Err(failure);
    };
    tracing::info!("stopped");
    desk.enter(State::Stopped, None);
    if failure.code != super::ExitCode::Interrupted {
        failure.report(&context.output);
        if !heals(&failure) {
            return Err(failure);
        }
    }
    match asked {
        Asked::Terminate => Ok(()),
        Asked::Interrupt => Err(Failure::interrupted()),
    }
}
