//! The command line: one file per command, and the only place where errors become text and exit
//! codes. May use every room.
//!
//! Results go to stdout, everything else to stderr. Every command gets a [`Context`]: where to print,
//! how to notice an interruption, where ONNX Runtime is.

mod compare_samplers;
mod completions;
mod config;
mod demo;
mod devices;
mod doctor;
mod emulators;
mod eval;
mod exit;
mod failure;
mod fault_proxy;
mod gc;
mod model;
mod output;
mod phone;
mod progress;
mod rates;
mod report;
mod reproduce;
mod run;
mod serve;
mod simulate_allocation;
mod tasks;
mod train;

pub use exit::ExitCode;
pub use failure::Failure;
pub use output::Output;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::runtime::Library;
use crate::telemetry;

const EXIT_CODES: &str = "\
Exit codes:
  0    it worked
  1    it ran, but missed what was asked
  2    the command line or a file it names is wrong
  3    this machine is not ready; `stepdroid doctor` says what is missing
  4    a device was lost
  130  interrupted

Examples:
  stepdroid doctor                    see whether this machine is ready
  stepdroid phone --count 2           start two virtual phones
  stepdroid tasks list                see what can be trained on
";

/// Trains phone agents: drives Android devices over ADB, acts with ONNX Runtime, learns with STEP.
#[derive(Debug, Parser)]
#[command(name = "stepdroid", version, after_help = EXIT_CODES, arg_required_else_help = true)]
pub struct Cli {
    /// Print results as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Say more on stderr; twice for everything. RUST_LOG has the last word.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// ONNX Runtime's shared library, instead of the one that is found.
    #[arg(long, global = true, value_name = "FILE")]
    onnxruntime: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job in minutes: demonstrations, cloning, STEP, before and after, a report.
    #[command(after_help = demo::EXAMPLES)]
    Demo(demo::Args),
    /// Train a policy, or go on with a run that was stopped.
    #[command(after_help = train::EXAMPLES)]
    Train(train::Args),
    /// Train for weeks: begin or go on with a run, wait for what heals, end in good order.
    #[command(after_help = serve::EXAMPLES)]
    Serve(serve::Args),
    /// Compare algorithms: arms on seeds with equal trajectories, with tests and a report.
    #[command(after_help = reproduce::EXAMPLES)]
    Reproduce(reproduce::Args),
    /// Evaluate a policy on a suite.
    #[command(after_help = eval::EXAMPLES)]
    Eval(eval::Args),
    /// Run one episode.
    #[command(after_help = run::EXAMPLES)]
    Run(run::Args),
    /// Write a run's report and print its table.
    #[command(after_help = report::EXAMPLES)]
    Report(report::Args),
    /// Show what a run takes on the disk, and remove what nothing needs any more.
    #[command(after_help = gc::EXAMPLES)]
    Gc(gc::Args),
    /// Show what a run believes of its tasks: success rates with their history.
    #[command(after_help = rates::EXAMPLES)]
    Rates(rates::Args),
    /// Show what each sampler would have planned in a recorded run, without a device.
    #[command(after_help = compare_samplers::EXAMPLES)]
    CompareSamplers(compare_samplers::Args),
    /// Show what a sampler spends trajectories on, over tasks with fixed success rates.
    #[command(after_help = simulate_allocation::EXAMPLES)]
    SimulateAllocation(simulate_allocation::Args),
    /// Start virtual phones and keep them until interrupted.
    #[command(after_help = phone::EXAMPLES)]
    Phone(phone::Args),
    /// Stand before an ADB endpoint and do harm to the line: delay, cut, stall, throttle, garble.
    #[command(after_help = fault_proxy::EXAMPLES)]
    FaultProxy(fault_proxy::Args),
    /// List devices, or do one thing on one of them.
    #[command(after_help = devices::EXAMPLES)]
    Devices(devices::Args),
    /// Make, start and stop Android emulators that stepdroid owns.
    #[command(after_help = emulators::EXAMPLES)]
    Emulators(emulators::Args),
    /// Check whether this machine is ready, with a fix for what is not.
    #[command(after_help = doctor::EXAMPLES)]
    Doctor(doctor::Args),
    /// List tasks, or set up, judge, solve and tear down one on a device.
    #[command(after_help = tasks::EXAMPLES)]
    Tasks(tasks::Args),
    /// Make, inspect and check policies and their gradient graphs.
    #[command(after_help = model::EXAMPLES)]
    Model(model::Args),
    /// Show the settings of a training run and where each came from.
    #[command(after_help = config::EXAMPLES)]
    Config(config::Args),
    /// Print a completion script for a shell.
    #[command(after_help = completions::EXAMPLES)]
    Completions(completions::Args),
}

impl Command {
    /// Whether an interrupted command ends by itself, in good order, once its token is cancelled.
    /// The others are dropped where they stand.
    fn ends_in_order(&self) -> bool {
        matches!(
            self,
            Command::Phone(_)
                | Command::FaultProxy(_)
                | Command::Demo(_)
                | Command::Train(_)
                | Command::Reproduce(_)
                | Command::Eval(_)
                | Command::Emulators(_)
        )
    }

    async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Command::Demo(args) => demo::run(args, context).await,
            Command::Train(args) => train::run(args, context).await,
            Command::Serve(args) => serve::run(args, context).await,
            Command::Reproduce(args) => reproduce::run(args, context).await,
            Command::Eval(args) => eval::run(args, context).await,
            Command::Run(args) => run::run(args, context).await,
            Command::Report(args) => report::run(&args, context),
            Command::Gc(args) => gc::run(&args, context),
            Command::Rates(args) => rates::run(&args, context),
            Command::CompareSamplers(args) => compare_samplers::run(&args, context),
            Command::SimulateAllocation(args) => simulate_allocation::run(args, context),
            Command::Phone(args) => phone::run(args, context).await,
            Command::FaultProxy(args) => fault_proxy::run(args, context).await,
            Command::Devices(args) => devices::run(args, context).await,
            Command::Emulators(args) => emulators::run(args, context).await,
            Command::Doctor(args) => doctor::run(args, context).await,
            Command::Tasks(args) => tasks::run(args, context).await,
            Command::Model(args) => model::run(args, context),
            Command::Config(args) => config::run(args, context),
            Command::Completions(args) => completions::run(args, context),
        }
    }
}

/// What every command gets.
#[derive(Debug)]
pub struct Context {
    /// Where results and progress go.
    pub output: Output,
    /// Cancelled by the first Ctrl-C or SIGTERM.
    pub cancel: CancellationToken,
    onnxruntime: Option<PathBuf>,
}

impl Context {
    /// ONNX Runtime: the library that `--onnxruntime` names, else the one that is found.
    ///
    /// # Errors
    /// Code 3 when there is none that can be used.
    pub fn library(&self) -> Result<Library, Failure> {
        Ok(Library::load(self.onnxruntime.as_deref())?)
    }
}

/// Runs the program and returns its exit code.
pub fn main() -> std::process::ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, the rest is misuse; a closed pipe changes neither.
            let _ = error.print();
            let code = if error.use_stderr() {
                ExitCode::Usage
            } else {
                ExitCode::Ok
            };
            return code.into();
        }
    };
    let output = Output::new(cli.json);
    telemetry::start(cli.verbose, output.log_writer());
    let context = Context {
        output,
        cancel: CancellationToken::new(),
        onnxruntime: cli.onnxruntime,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::environment(format!(
                "no threads or sockets are to be had from this machine: {error}"
            ));
            failure.report(&context.output);
            return failure.code.into();
        }
    };
    let result = runtime.block_on(supervise(cli.command, &context));
    // A thread that still blocks must not keep an interrupted program alive.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::Ok.into(),
        Err(failure) => {
            failure.report(&context.output);
            failure.code.into()
        }
    }
}

/// Runs a command until it ends or is interrupted.
async fn supervise(command: Command, context: &Context) -> Result<(), Failure> {
    // A service has signals of its own.
    if let Command::Serve(args) = command {
        return serve::run(args, context).await;
    }
    watch_interrupts(context)?;
    let ends_in_order = command.ends_in_order();
    let mut work = Box::pin(command.run(context));
    tokio::select! {
        result = &mut work => {
            return match result {
                Ok(()) if context.cancel.is_cancelled() => Err(Failure::interrupted()),
                result => result,
            };
        }
        () = context.cancel.cancelled() => {}
    }
    if ends_in_order && let Err(failure) = work.await {
        return Err(failure.interrupt());
    }
    Err(Failure::interrupted())
}

/// Cancels the token at the first interruption and ends the process at the second.
fn watch_interrupts(context: &Context) -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let listen = |kind: SignalKind| {
        signal(kind).map_err(|error| {
            Failure::environment(format!("interruptions can't be listened for: {error}"))
        })
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let cancel = context.cancel.clone();
    let output = context.output.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if cancel.is_cancelled() {
                std::process::exit(ExitCode::Interrupted.number());
            }
            output.note("stopping; once more to stop at once");
            cancel.cancel();
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    fn without_example(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        if !command
            .get_after_help()
            .is_some_and(|text| text.to_string().contains("stepdroid "))
        {
            found.push(path.clone());
        }
        for below in command.get_subcommands() {
            without_example(below, &path, found);
        }
    }

    #[test]
    fn every_command_shows_an_example() {
        let mut found = Vec::new();
        without_example(&Cli::command(), "", &mut found);
        assert!(found.is_empty(), "no example in the help of {found:?}");
    }
}
