//! `stepdroid emulators`: Android emulators that this program makes, starts and ends.

pub(super) mod apps;
mod snapshot;
mod start;

use std::fmt::Write;
use std::path::PathBuf;

use serde_json::json;

use super::{Context, Failure};
use crate::emulator::{AvdHome, BUILT_IN, Definition, Instance, Record, Sdk, StateDirectory};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Needs the Android SDK with its emulator (`stepdroid doctor` says whether it is there). The way to several emulators
with apps: make an AVD, install the apps on it and save a snapshot, then start as many copies as the machine bears.

Examples:
  stepdroid emulators create
  stepdroid emulators start AndroidWorldAvd --writable --apks ~/apks
  stepdroid emulators snapshot save emulator-5600 ready
  stepdroid emulators stop --all
  stepdroid emulators start AndroidWorldAvd --count 3 --snapshot ready
";
const LIST_EXAMPLES: &str = "Example:\n  stepdroid emulators list --json\n";
const CREATE_EXAMPLES: &str = "\
Examples:
  stepdroid emulators create                                 AndroidWorld's phone
  stepdroid emulators create --name second --from my-phone.toml
  stepdroid emulators create --print > my-phone.toml         a definition to change
";
const STOP_EXAMPLES: &str = "\
Examples:
  stepdroid emulators stop emulator-5600
  stepdroid emulators stop --all
";
const STATUS_EXAMPLES: &str = "Example:\n  stepdroid emulators status --json\n";
const CLEAN_EXAMPLES: &str = "Example:\n  stepdroid emulators clean\n";

/// Arguments of `emulators`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where records, locks and logs of emulators are; unless said, below the user's state directory
    /// (XDG_STATE_HOME, else ~/.local/state).
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// List the AVDs there are.
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Make an AVD from a definition.
    #[command(after_help = CREATE_EXAMPLES)]
    Create(CreateArgs),
    /// Start emulators of an AVD, and return when they are ready.
    #[command(after_help = start::EXAMPLES)]
    Start(start::Args),
    /// Stop emulators for certain.
    #[command(after_help = STOP_EXAMPLES)]
    Stop(StopArgs),
    /// Show the emulators that stepdroid started.
    #[command(after_help = STATUS_EXAMPLES)]
    Status,
    /// Stop emulators whose stepdroid was killed, and forget those that have ended.
    #[command(after_help = CLEAN_EXAMPLES)]
    Clean,
    /// Save and load states of an emulator.
    #[command(after_help = snapshot::EXAMPLES)]
    Snapshot(snapshot::Args),
    /// Show which APKs of the list are in a folder, with their hashes.
    #[command(after_help = apps::EXAMPLES)]
    Apps(apps::Args),
}

#[derive(Debug, clap::Args)]
struct CreateArgs {
    /// A definition, as `--print` shows one; AndroidWorld's phone unless said.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Another name than the definition's.
    #[arg(long)]
    name: Option<String>,
    /// Replace an AVD of this name and all that is on it.
    #[arg(long)]
    force: bool,
    /// Print the definition and make nothing.
    #[arg(long, conflicts_with_all = ["force", "name"])]
    print: bool,
}

#[derive(Debug, clap::Args)]
struct StopArgs {
    /// Serials, as `status` shows them.
    #[arg(
        value_name = "SERIAL",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    serials: Vec<String>,
    /// Every emulator that stepdroid started.
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let state = match &args.state {
        // An emulator has another working directory.
        Some(path) => StateDirectory::at(
            &std::path::absolute(path).map_err(|error| Failure::unwritable(path, &error))?,
        ),
        None => StateDirectory::find()?,
    };
    match args.operation {
        Operation::List => list(context),
        Operation::Create(args) => create(&args, context),
        Operation::Start(args) => start::run(args, &state, context).await,
        Operation::Stop(args) => stop(&args, &state, context).await,
        Operation::Status => status(&state, context),
        Operation::Clean => clean(&state, context).await,
        Operation::Snapshot(args) => snapshot::run(args, &state, context).await,
        Operation::Apps(args) => apps::run(&args, context),
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let home = AvdHome::find()?;
    let result = json!({"directory": home.directory(), "avds": home.list()});
    context.output.result(&result, |_| match home.list() {
        names if names.is_empty() => format!(
            "no AVDs in {}; `stepdroid emulators create` makes one\n",
            home.directory().display()
        ),
        names => names.iter().map(|name| format!("{name}\n")).collect(),
    })
}

fn create(args: &CreateArgs, context: &Context) -> Result<(), Failure> {
    let mut definition = match &args.from {
        Some(path) => Definition::read(path)?,
        None => Definition::parse(BUILT_IN, "the built-in definition")?,
    };
    if args.print {
        return match &args.from {
            // With its comments.
            None => context.output.result(&definition, |_| BUILT_IN.to_owned()),
            Some(path) => {
                let text = toml::to_string(&definition)
                    .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
                context.output.result(&definition, |_| text)
            }
        };
    }
    if let Some(name) = &args.name {
        definition.name.clone_from(name);
        // The name is checked again with the rest.
        let text =
            toml::to_string(&definition).map_err(|error| Failure::usage(error.to_string()))?;
        definition = Definition::parse(&text, "--name")?;
    }
    let (sdk, home) = (Sdk::find()?, AvdHome::find()?);
    let directory = home.create(&definition, &sdk, args.force)?;
    let result = json!({"avd": definition.name, "directory": directory});
    context.output.result(&result, |_| {
        format!(
            "{} in {}; start it with `stepdroid emulators start {}`\n",
            definition.name,
            directory.display(),
            definition.name
        )
    })
}

async fn stop(args: &StopArgs, state: &StateDirectory, context: &Context) -> Result<(), Failure> {
    let records = match args.all {
        true => state.records(),
        false => {
            let found = args.serials.iter().map(|serial| state.living(serial));
            found.collect::<Result<Vec<Record>, _>>()?
        }
    };
    let stopping: Vec<_> = records
        .into_iter()
        .map(|record| {
            let state = state.clone();
            tokio::spawn(async move {
                let serial = record.serial();
                (serial, Instance::found(&state, record).stop().await)
            })
        })
        .collect();
    let mut done = Vec::new();
    let mut failure = None;
    for task in stopping {
        // A panic is on stderr already.
        let Ok((serial, result)) = task.await else {
            continue;
        };
        match result {
            Ok(how) => done.push(json!({"serial": serial, "stopped": how})),
            Err(error) => failure = Some(error),
        }
    }
    context
        .output
        .result(&done, |done| lines(done, "stopped"))?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

async fn clean(state: &StateDirectory, context: &Context) -> Result<(), Failure> {
    let mut done = Vec::new();
    let mut failure = None;
    for (record, result) in Instance::clean(state).await {
        match result {
            Ok(how) => done.push(json!({"serial": record.serial(), "stopped": how})),
            Err(error) => failure = Some(error),
        }
    }
    context.output.result(&done, |done| match done.is_empty() {
        true => "nothing to clean\n".to_owned(),
        false => lines(done, "stopped"),
    })?;
    failure.map_or(Ok(()), |error| Err(error.into()))
}

fn lines(rows: &[serde_json::Value], key: &str) -> String {
    let word =
        |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| format!("{}  {}\n", word(row, "serial"), word(row, key)))
        .collect()
}

fn status(state: &StateDirectory, context: &Context) -> Result<(), Failure> {
    let rows: Vec<_> = state
        .records()
        .iter()
        .map(|record| {
            json!({
                "serial": record.serial(), "avd": record.avd, "state": record.found(), "read_only": record.read_only,
                "adb": record.adb, "grpc": record.grpc, "launched": record.launched, "log": record.log,
                "pids": record.processes().iter().map(|process| process.pid).collect::<Vec<_>>(),
            })
        })
        .collect();
    context.output.result(&rows, |rows| {
        let mut text = String::new();
        if rows.is_empty() {
            text.push_str("stepdroid has started no emulators\n");
        }
        for row in rows {
            let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "{}  {:7}  {}  {}",
                word("serial"),
                word("state"),
                word("avd"),
                word("log")
            );
        }
        text
    })
}
