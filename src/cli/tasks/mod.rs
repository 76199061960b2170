//! `stepdroid tasks`: the catalogue, and the life of one instance on a device in single steps.

mod arguments;

pub(super) use arguments::{Args, EXAMPLES};

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use arguments::{ChangedArg, DeviceArg, Operation, RootArg, Source};

use super::{Context, Failure, devices};
use crate::device::{Device, DeviceOptions, Settle, WithoutRoot};
use crate::domain::{ActionType, Instance};
use crate::eval::Goals;
use crate::farm::setup::Records;
use crate::farm::{self, Hold};
use crate::tasks::{self, Task};

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.operation {
        Operation::List { app } => list(app.as_deref(), context),
        Operation::Show {
            name,
            source,
            cost,
            device,
            root,
            without_record,
        } => match device.filter(|_| cost) {
            Some(device) => {
                let device = ChangedArg {
                    device: DeviceArg { device },
                    without_record,
                };
                show_cost(&name, &device, source, root, context).await
            }
            None => show(&name, source, context),
        },
        Operation::Init {
            name,
            device,
            source,
            compat,
            root,
            out,
        } => {
            let task = tasks::find(&name)?;
            let mut instance = source.instance(task)?;
            instance.compat = compat;
            init(task, instance, &device, root, &out, context).await
        }
        Operation::Check {
            device,
            instance,
            answer,
        } => {
            let (task, instance) = read(&instance.instance)?;
            let device = open(&device.device, Driven::default()).await?;
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
            // Whether it may go without root was said when it was initialised.
            let driven = Driven {
                fast,
                without_root: true,
            };
            let (_hold, device) = device.open("solve", &instance.task, driven).await?;
            tasks::fits(&device, task).await?;
            solve(task, &instance, &device, context).await
        }
        Operation::Import { androidworld, out } => import(&androidworld, &out, context),
        Operation::Teardown { device, instance } => {
            let (task, instance) = read(&instance.instance)?;
            let driven = Driven::default();
            let (_hold, device) = device.open("teardown", &instance.task, driven).await?;
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
    device: &ChangedArg,
    source: Source,
    root: RootArg,
    context: &Context,
) -> Result<(), Failure> {
    let task = tasks::find(name)?;
    let mut instance = source.instance(task)?;
    let (_hold, device) = device.open("show", name, root.into()).await?;
    tasks::prepare_for(&device, &[name.to_owned()]).await?;
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
    device: &ChangedArg,
    root: RootArg,
    out: &Path,
    context: &Context,
) -> Result<(), Failure> {
    let (_hold, device) = device.open("init", &instance.task, root.into()).await?;
    tasks::prepare_for(&device, std::slice::from_ref(&instance.task)).await?;
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

impl ChangedArg {
    /// Takes the device for this process while something is done on it, and opens it where that may be done.
    async fn open(
        &self,
        what: &str,
        task: &str,
        driven: Driven,
    ) -> Result<(Hold, Device), Failure> {
        let serial = &self.device.device;
        let hold = devices::hold(serial, &format!("tasks {what} {task}")).await?;
        let device = open(serial, driven).await?;
        if !self.without_record {
            farm::consent(device.adb(), &Records::find()?).await?;
        }
        Ok((hold, device))
    }
}

/// How a device is driven.
#[derive(Debug, Clone, Copy, Default)]
struct Driven {
    fast: bool,
    without_root: bool,
}

impl From<RootArg> for Driven {
    fn from(root: RootArg) -> Driven {
        Driven {
            fast: false,
            without_root: root.without_root,
        }
    }
}

async fn open(serial: &str, driven: Driven) -> Result<Device, Failure> {
    let mut options = DeviceOptions::default();
    if driven.fast {
        options.settle = Settle::Idle;
        options.focus_pause = Duration::ZERO;
    }
    if driven.without_root {
        options.without_root = WithoutRoot::Run;
    }
    Ok(Device::open(devices::open(serial).await?, options).await?)
}
