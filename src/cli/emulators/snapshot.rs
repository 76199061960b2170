//! `stepdroid emulators snapshot`: states of an emulator, through its console.

use serde_json::json;

use super::super::{Context, Failure};
use crate::emulator::{Instance, StateDirectory};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Only an emulator that was started with --writable can save or delete.

Examples:
  stepdroid emulators snapshot list emulator-5600
  stepdroid emulators snapshot save emulator-5600 ready
  stepdroid emulators snapshot load emulator-5600 ready
";
const LIST_EXAMPLES: &str = "Example:\n  stepdroid emulators snapshot list emulator-5600 --json\n";
const SAVE_EXAMPLES: &str = "Example:\n  stepdroid emulators snapshot save emulator-5600 ready\n";
const LOAD_EXAMPLES: &str = "Example:\n  stepdroid emulators snapshot load emulator-5600 ready\n";
const DELETE_EXAMPLES: &str =
    "Example:\n  stepdroid emulators snapshot delete emulator-5600 ready\n";

/// Arguments of `emulators snapshot`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// List the snapshots of an emulator's AVD.
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Serial of the emulator.
        serial: String,
    },
    /// Save the state of now.
    #[command(after_help = SAVE_EXAMPLES)]
    Save(Named),
    /// Go back to a state.
    #[command(after_help = LOAD_EXAMPLES)]
    Load(Named),
    /// Remove a state.
    #[command(after_help = DELETE_EXAMPLES)]
    Delete(Named),
}

#[derive(Debug, clap::Args)]
struct Named {
    /// Serial of the emulator.
    serial: String,
    /// Name of the snapshot: letters, digits, `.`, `_` and `-`.
    name: String,
}

pub(super) async fn run(
    args: Args,
    state: &StateDirectory,
    context: &Context,
) -> Result<(), Failure> {
    let (named, verb) = match args.operation {
        Operation::List { serial } => {
            let instance = Instance::found(state, state.living(&serial)?);
            let names = instance.console().await?.snapshots().await?;
            return context
                .output
                .result(&names, |names| match names.is_empty() {
                    true => "no snapshots\n".to_owned(),
                    false => names.iter().map(|name| format!("{name}\n")).collect(),
                });
        }
        Operation::Save(named) => (named, "saved"),
        Operation::Load(named) => (named, "loaded"),
        Operation::Delete(named) => (named, "deleted"),
    };
    let record = state.living(&named.serial)?;
    let avd = record.avd.clone();
    if record.read_only && verb != "loaded" {
        return Err(Failure::usage(format!(
            "{} was not started with --writable: what happens on it is forgotten; stop the emulators of {avd} and start \
             one with --writable",
            named.serial
        )));
    }
    let mut console = Instance::found(state, record).console().await?;
    match verb {
        "saved" => console.save_snapshot(&avd, &named.name).await?,
        "loaded" => console.load_snapshot(&avd, &named.name).await?,
        _ => console.delete_snapshot(&avd, &named.name).await?,
    }
    let line = json!({"serial": named.serial, "avd": avd, "snapshot": named.name, "done": verb});
    context
        .output
        .result(&line, |_| format!("snapshot {} {verb}", named.name))
}
