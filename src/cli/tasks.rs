//! `stepdroid tasks`: the catalogue, and the life of one instance on a device in single steps.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::{Context, Failure, devices};
use crate::device::{Device, DeviceOptions, Settle};
use crate::domain::{ActionType, Compat, Instance, Params};
use crate::eval::Goals;
use crate::tasks::{self, Task};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
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
pub(super) struct Args {
    #[command(subcommand)]
    operation: Operation,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
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
    },
    /// Put a device into the state that an instance starts from, and write the instance.
    #[command(after_help = INIT_EXAMPLES)]
    Init {
        /// Name of the task.
        name: String,
        #[command(flatten)]
        device: DeviceArg,
        #[command(flatten)]
        source: Source,
        /// The benchmark's known defects (docs/tasks.md): androidworld keeps them, fixed mends them.
        #[arg(long, value_name = "WHICH", default_value = "androidworld", value_parser = parse_compat)]
        compat: Compat,
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
        device: DeviceArg,
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
        device: DeviceArg,
        #[command(flatten)]
        instance: InstanceArg,
    },
}

#[derive(Debug, clap::Args)]
struct DeviceArg {
    /// Serial of the device.
    #[arg(long, value_name = "SERIAL", env = "ANDROID_SERIAL")]
    device: String,
}

#[derive(Debug, clap::Args)]
struct InstanceArg {
    /// The instance file that `init` wrote.
    #[arg(long, value_name = "FILE")]
    instance: PathBuf,
}

/// Where an instance's parameters come from.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Source {
    /// Seed that parameters, and whatever else is random, are drawn from.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Parameters as a JSON object, whoever generated them.
    #[arg(long, value_name = "JSON", value_parser = parse_params)]
    params: Option<Params>,
}

impl Source {
    fn instance(self, task: &dyn Task) -> Result<Instance, Failure> {
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

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.operation {
        Operation::List { app } => list(app.as_deref(), context),
        Operation::Show {
            name,
            source,
            cost,
            device,
        } => match device.filter(|_| cost) {
            Some(serial) => show_cost(&name, &serial, source, context).await,
            None => show(&name, source, context),
        },
        Operation::Init {
            name,
            device,
            source,
            compat,
            out,
        } => {
            let task = tasks::find(&name)?;
            let mut instance = source.instance(task)?;
            instance.compat = compat;
            init(task, instance, &device.device, &out, context).await
        }
        Operation::Check {
            device,
            instance,
            answer,
        } => {
            let (task, instance) = read(&instance.instance)?;
            let device = open(&device.device, false).await?;
            let score = task.check(&device, &instance, answer.as_deref()).await?;
            // Always JSON: other programs read this one.
            context.output.print(&json!({"score": score}).to_string())
        }
        Operation::Solve {
            device,
            instance,
            fast,
        } => {
            let (task, instance) = read(&instance.instance)?;
            let device = open(&device.device, fast).await?;
            solve(task, &instance, &device, context).await
        }
        Operation::Import { androidworld, out } => import(&androidworld, &out, context),
        Operation::Teardown { device, instance } => {
            let (task, instance) = read(&instance.instance)?;
            let device = open(&device.device, false).await?;
            task.teardown(&device, &instance).await?;
            let line = json!({"task": instance.task, "device": device.serial()});
            context.output.result(&line, |_| {
                format!("{} is put back after {}", device.serial(), instance.task)
            })
        }
    }
}

fn list(app: Option<&str>, context: &Context) -> Result<(), Failure> {
    let specs: Vec<_> = tasks::catalogue()
        .iter()
        .map(|task| task.spec())
        .filter(|spec| app.is_none_or(|app| spec.apps.contains(&app)))
        .collect();
    if let Some(app) = app.filter(|_| specs.is_empty()) {
        let mut apps: Vec<&str> = tasks::catalogue()
            .iter()
            .flat_map(|task| task.spec().apps.iter().copied())
            .collect();
        apps.sort_unstable();
        apps.dedup();
        return Err(Failure::usage(format!(
            "no task is about the app {app:?}; there are {}",
            apps.join(", ")
        )));
    }
    let value: Vec<_> = specs.iter().map(|spec| spec.listed()).collect();
    context.output.result(&value, |_| {
        let width = specs.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
        specs
            .iter()
            .map(|spec| {
                format!(
                    "{:width$}  {:6}  {:3} steps  {}\n",
                    spec.name,
                    spec.difficulty,
                    spec.budget(),
                    spec.apps.join(", ")
                )
            })
            .collect()
    })
}

fn import(checkout: &Path, out: &Path, context: &Context) -> Result<(), Failure> {
    let imported = Goals::import(checkout)?;
    let text = serde_json::to_string_pretty(&imported.goals)
        .map_err(|error| Failure::missed(format!("the goals are no JSON: {error}")))?;
    std::fs::write(out, text).map_err(|error| Failure::unwritable(out, &error))?;
    context.output.result(&imported, |imported| {
        let mut text = format!("{} tasks have the benchmark's wording\n", imported.tasks);
        for (what, names) in [
            (
                "their template is no text of parameters, so they keep the wording here",
                &imported.kept,
            ),
            (
                "their difficulty or tags are others in the checkout, which is another version of the benchmark",
                &imported.changed,
            ),
            ("not in the checkout", &imported.missing),
            ("in the checkout alone", &imported.unknown),
        ] {
            if !names.is_empty() {
                text.push_str(&format!("{what}: {}\n", names.join(", ")));
            }
        }
        text
    })
}

fn show(name: &str, source: Source, context: &Context) -> Result<(), Failure> {
    let instance = source.instance(tasks::find(name)?)?;
    context.output.result(&instance, |instance| {
        let mut text = format!(
            "{} with seed {}, at most {} steps\n{}\n",
            instance.task, instance.seed, instance.budget, instance.goal
        );
        for (name, value) in &instance.params {
            text.push_str(&format!("  {name} = {value}\n"));
        }
        text
    })
}

/// Goes through the life of an instance without an agent and counts the device's round trips.
async fn show_cost(
    name: &str,
    serial: &str,
    source: Source,
    context: &Context,
) -> Result<(), Failure> {
    let task = tasks::find(name)?;
    let mut instance = source.instance(task)?;
    let device = open(serial, false).await?;
    tasks::prepare(&device).await?;
    let mut before = device.adb().round_trips();
    let mut since = || {
        let now = device.adb().round_trips();
        now - std::mem::replace(&mut before, now)
    };
    task.init(&device, &mut instance).await?;
    let init = since();
    // An answer, as a question is not judged without one.
    let checked = task.check(&device, &instance, Some("nothing")).await;
    let check = since();
    // Whatever came of the check, the device is put back.
    task.teardown(&device, &instance).await?;
    let teardown = since();
    checked?;
    let line = json!({
        "task": instance.task,
        "device": device.serial(),
        "round_trips": {"init": init, "check": check, "teardown": teardown},
    });
    context.output.result(&line, |_| {
        format!(
            "{} asks {} {init} times to begin, {check} to judge, {teardown} to tear down",
            instance.task,
            device.serial()
        )
    })
}

async fn init(
    task: &dyn Task,
    mut instance: Instance,
    serial: &str,
    out: &Path,
    context: &Context,
) -> Result<(), Failure> {
    let device = open(serial, false).await?;
    tasks::prepare(&device).await?;
    task.init(&device, &mut instance).await?;
    let text = serde_json::to_string_pretty(&instance)
        .map_err(|error| Failure::missed(format!("the instance is no JSON: {error}")))?;
    tokio::fs::write(out, text)
        .await
        .map_err(|error| Failure::unwritable(out, &error))?;
    context
        .output
        .result(&instance, |instance| instance.goal.clone())
}

async fn solve(
    task: &dyn Task,
    instance: &Instance,
    device: &Device,
    context: &Context,
) -> Result<(), Failure> {
    let mut solution = task.solution(instance)?;
    let device = device.with_compat(instance.compat);
    // An episode begins at the home screen.
    device.home().await?;
    let mut answer = None;
    let mut steps = 0;
    let mut ended = false;
    while !ended && steps < instance.budget {
        let observation = device.observe(false).await?;
        let action = solution.next(&observation);
        tracing::info!(step = steps, action = %json!(action), "acting");
        let performed = device.perform(&action, &observation).await?;
        if !performed.executed {
            tracing::warn!(step = steps, "not carried out: {}", performed.note);
        }
        if action.action_type == ActionType::Answer {
            answer = action.text;
        }
        ended = action.action_type == ActionType::Status;
        steps += 1;
    }
    let line = json!({"task": instance.task, "steps": steps, "ended": ended, "answer": answer});
    context.output.result(&line, |_| {
        let end = if ended { "ended" } else { "did not end" };
        let mut text = format!("{} {end} after {steps} steps\n", instance.task);
        if let Some(answer) = &answer {
            text.push_str(&format!("answer: {answer}\n"));
        }
        text
    })?;
    if ended {
        return Ok(());
    }
    Err(Failure::missed(format!(
        "the solution of {} did not end within its budget of {} steps on device {}; was the device \
         initialised with this instance? -v shows each action",
        instance.task,
        instance.budget,
        device.serial()
    )))
}

/// The task and the instance of a file.
fn read(path: &Path) -> Result<(&'static dyn Task, Instance), Failure> {
    let wrong = |problem: String| {
        Failure::usage(format!(
            "{}: {problem}; `stepdroid tasks init` writes such a file",
            path.display()
        ))
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("the instance can't be read: {error}")))?;
    let instance: Instance =
        serde_json::from_str(&text).map_err(|error| wrong(format!("not an instance: {error}")))?;
    let task = tasks::find(&instance.task)
        .map_err(|error| Failure::from(error).context(path.display()))?;
    Ok((task, instance))
}

async fn open(serial: &str, fast: bool) -> Result<Device, Failure> {
    let mut options = DeviceOptions::default();
    if fast {
        options.settle = Settle::Idle;
        options.focus_pause = Duration::ZERO;
    }
    Ok(Device::open(devices::open(serial).await?, options).await?)
}
