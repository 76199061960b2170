//! What `stepdroid tasks` is given: its operations, the device and the instance of each. Uses `domain` and `tasks`.

use std::path::PathBuf;

use serde_json::json;

use super::super::Failure;
use crate::domain::{Compat, Instance, Params};
use crate::tasks::{self, Task};

/// Shown below the help.
pub(in crate::cli) const EXAMPLES: &str = "\
An instance goes through init, whatever an agent does, check, and teardown. `solve` plays the agent
with a script that acts through the screen alone.

Examples:
  stepdroid tasks list
  stepdroid tasks init SystemWifiTurnOn --device 127.0.0.1:5555 --seed 1 --out instance.json
  stepdroid tasks solve --device 127.0.0.1:5555 --instance instance.json --fast
  stepdroid tasks check --device 127.0.0.1:5555 --instance instance.json
  stepdroid tasks teardown --device 127.0.0.1:5555 --instance instance.json
";
const LIST_EXAMPLES: &str = "Example:\n  stepdroid tasks list --app clock --json\n";
const SHOW_EXAMPLES: &str = "\
Examples:
  stepdroid tasks show ClockTimerEntry --seed 3
  stepdroid tasks show ClockTimerEntry --seed 3 --cost --device 127.0.0.1:5555
";
const INIT_EXAMPLES: &str = "\
Examples:
  stepdroid tasks init SystemWifiTurnOn --device emulator-5554 --seed 1 --out instance.json
  stepdroid tasks init SystemWifiTurnOn --device R58M12ABCDE --without-root --seed 1 --out instance.json
  stepdroid tasks init ClockTimerEntry --device emulator-5554 --out instance.json \\
      --params '{\"hours\": 0, \"minutes\": 16, \"seconds\": 35}'
";
const CHECK_EXAMPLES: &str = "Example:\n  stepdroid tasks check --device emulator-5554 --instance instance.json --answer 42\n";
const SOLVE_EXAMPLES: &str =
    "Example:\n  stepdroid tasks solve --device 127.0.0.1:5555 --instance instance.json --fast\n";
const IMPORT_EXAMPLES: &str =
    "Example:\n  stepdroid tasks import --androidworld ~/android_world --out goals.json\n";
const TEARDOWN_EXAMPLES: &str =
    "Example:\n  stepdroid tasks teardown --device emulator-5554 --instance instance.json\n";

/// Arguments of `tasks`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    pub(super) operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Operation {
    /// List the tasks.
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only tasks of this app.
        #[arg(long, value_name = "NAME")]
        app: Option<String>,
    },
    /// Show one instance of a task with its goal.
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Name of the task.
        name: String,
        #[command(flatten)]
        source: Source,
        /// Count how often a device is asked for something; starts, judges and tears the instance down on it.
        #[arg(long, requires = "device")]
        cost: bool,
        /// Serial of the device to count on.
        #[arg(long, value_name = "SERIAL", requires = "cost")]
        device: Option<String>,
        /// Also on somebody's own phone that was never set up with `devices setup`.
        #[arg(long, requires = "cost")]
        without_record: bool,
        #[command(flatten)]
        root: RootArg,
    },
    /// Put a device into the state that an instance starts from, and write the instance.
    #[command(after_help = INIT_EXAMPLES)]
    Init {
        /// Name of the task.
        name: String,
        #[command(flatten)]
        device: ChangedArg,
        #[command(flatten)]
        source: Source,
        /// The benchmark's known defects (docs/tasks.md): androidworld keeps them, fixed mends them.
        #[arg(long, value_name = "WHICH", default_value = "androidworld", value_parser = parse_compat)]
        compat: Compat,
        #[command(flatten)]
        root: RootArg,
        /// The instance file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Judge an instance by the device's state alone; prints {"score": ...}.
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        #[command(flatten)]
        device: DeviceArg,
        #[command(flatten)]
        instance: InstanceArg,
        /// What the agent answered, for tasks that ask.
        #[arg(long, value_name = "TEXT")]
        answer: Option<String>,
    },
    /// Run the scripted solution of an instance through the screen.
    #[command(after_help = SOLVE_EXAMPLES)]
    Solve {
        #[command(flatten)]
        device: ChangedArg,
        #[command(flatten)]
        instance: InstanceArg,
        /// Believe the first look at the screen and type without waiting; for virtual phones.
        #[arg(long)]
        fast: bool,
    },
    /// Take over the benchmark's own wording of goals from a checkout of it.
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// Directory of the checkout.
        #[arg(long, value_name = "DIR")]
        androidworld: PathBuf,
        /// The file of goals to write, for `eval --goals`.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Put a device back after an instance.
    #[command(after_help = TEARDOWN_EXAMPLES)]
    Teardown {
        #[command(flatten)]
        device: ChangedArg,
        #[command(flatten)]
        instance: InstanceArg,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct DeviceArg {
    /// Serial of the device.
    #[arg(long, value_name = "SERIAL", env = "ANDROID_SERIAL")]
    pub(super) device: String,
}

/// A device that is changed.
#[derive(Debug, clap::Args)]
pub(super) struct ChangedArg {
    #[command(flatten)]
    pub(super) device: DeviceArg,
    /// Also where it is somebody's own phone that was never set up with `devices setup`.
    #[arg(long)]
    pub(super) without_record: bool,
}

/// A device on which tasks may go without root.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct RootArg {
    /// Take a device whose shell is not root too, for a task that does without (docs/devices.md): its clock and its
    /// apps' data are left as they are.
    #[arg(long)]
    pub(super) without_root: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct InstanceArg {
    /// The instance file that `init` wrote.
    #[arg(long, value_name = "FILE")]
    pub(super) instance: PathBuf,
}

/// Where an instance's parameters come from.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct Source {
    /// Seed that parameters, and whatever else is random, are drawn from.
    #[arg(long, value_name = "S")]
    pub(super) seed: Option<u64>,
    /// Parameters as a JSON object, whoever generated them.
    #[arg(long, value_name = "JSON", value_parser = parse_params)]
    pub(super) params: Option<Params>,
}

impl Source {
    pub(super) fn instance(self, task: &dyn Task) -> Result<Instance, Failure> {
        let seed = self.seed.unwrap_or(0);
        Ok(match self.params {
            Some(params) => tasks::instance_with(task, params, seed)?,
            None => tasks::instance(task, seed)?,
        })
    }
}

fn parse_compat(text: &str) -> Result<Compat, String> {
    serde_json::from_value(json!(text)).map_err(|_| "write androidworld or fixed".to_owned())
}

fn parse_params(text: &str) -> Result<Params, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object: {error}"))
}
