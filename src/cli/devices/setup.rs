//! `stepdroid devices setup`: shows what would change on a device, asks where it is somebody's own, and changes it.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use super::super::emulators::apps::Choice;
use super::super::{Context, Failure};
use super::{hold, open};
use crate::adb::{Adb, AdbError};
use crate::device::{Device, DeviceOptions};
use crate::farm::emulators::{ApkList, BUILT_IN_APKS};
use crate::farm::setup::{
    self, Kind, Look, Plan, Record, RecordFile, Records, Row, Runnable, SetupError, Who, Wishes,
};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Looks first and shows each change with what for. A physical phone is asked about before it is changed, unless --yes
is given. How everything was is written down before it is changed, in a record that belongs to the device whatever its
address; `stepdroid devices restore` undoes it, also after a set-up that was cut off. Tasks themselves delete files and
data of apps: take a phone for them that holds nothing of value.

Examples:
  stepdroid devices setup emulator-5554
  stepdroid devices setup R58M12ABCDE --dry-run                 the changes, and the tasks that can't run, without doing
  stepdroid devices setup R58M12ABCDE --yes --apks ~/apks --apps my-apps.toml
  stepdroid devices setup R58M12ABCDE --list-tasks              which tasks can't run on it, and why
  stepdroid devices setup 127.0.0.1:5555 \\
      --file Liechtenstein_europe.obf:/storage/emulated/0/Android/data/net.osmand/files/Liechtenstein_europe.obf
";

/// Arguments of `devices setup`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Serial of the device.
    device: String,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show which tasks can't run on the device as it is, and change nothing.
    #[arg(long, conflicts_with = "dry_run")]
    list_tasks: bool,
    /// Change a physical phone without asking.
    #[arg(long)]
    yes: bool,
    /// Leave the apps and their data as they are.
    #[arg(long)]
    no_apps: bool,
    #[command(flatten)]
    choice: Choice,
    /// Choose this keyboard, as PACKAGE/CLASS; the present one stays installed.
    #[arg(long, value_name = "ID")]
    ime: Option<String>,
    /// Switch this accessibility service on, as PACKAGE/CLASS; those that are on stay on.
    #[arg(long, value_name = "ID")]
    accessibility: Option<String>,
    /// Put a file of this machine onto the device; may be given many times.
    #[arg(long = "file", value_name = "LOCAL:PATH", value_parser = parse_file)]
    files: Vec<(PathBuf, String)>,
    /// Most data of one app that is kept, in MB; more is refused.
    #[arg(long, value_name = "MB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    largest_app: u64,
    #[command(flatten)]
    record: RecordArg,
}

/// Where the record is.
#[derive(Debug, clap::Args)]
pub(super) struct RecordArg {
    /// The record's file, instead of the one below $XDG_STATE_HOME/stepdroid/devices (~/.local/state) that belongs to
    /// the device.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl RecordArg {
    /// The file of a device's record.
    pub(super) fn file(&self, look: &Look) -> Result<RecordFile, SetupError> {
        match &self.record {
            Some(path) => Ok(RecordFile::at(path)),
            None => Ok(Records::find()?.of(&look.identity)),
        }
    }
}

/// The record, if there is one, and it is the device's.
pub(super) fn read(file: &RecordFile, look: &Look) -> Result<Option<Record>, SetupError> {
    match file.read()? {
        Some(record) if record.device != look.identity => Err(SetupError::OtherDevice {
            path: file.path().to_path_buf(),
            recorded: record.device.to_string(),
            serial: look.serial.clone(),
            found: look.identity.to_string(),
        }),
        record => Ok(record),
    }
}

fn parse_file(text: &str) -> Result<(PathBuf, String), String> {
    match text.split_once(":/") {
        Some((local, path)) if !local.is_empty() && !path.is_empty() => {
            Ok((PathBuf::from(local), format!("/{path}")))
        }
        _ => Err("write LOCAL:PATH, with a PATH on the device that begins with /".to_owned()),
    }
}

/// Whether the device is not root now and may become it.
async fn may_become_root(adb: &Adb) -> Result<bool, AdbError> {
    let said = adb.query("id -u; getprop ro.debuggable").await?;
    let said: Vec<&str> = said.split_whitespace().collect();
    Ok(matches!(said[..], [user, "1"] if user != "0"))
}

/// Has the daemon run as root where it may. That lasts until the next boot, and is the first thing that is done on a
/// device: on somebody's own phone it is asked about as everything is.
async fn become_root(adb: &Adb, yes: bool) -> Result<(), Failure> {
    if !may_become_root(adb).await? {
        return Ok(());
    }
    let who = Who::at(adb).await?;
    if who.kind == Kind::Physical && !yes {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(format!(
                "device {} is a physical phone ({}) that may become root and is not, and nothing was changed on it; run `adb \
                 root` to see here what needs root, give --yes, or run it in a terminal, where it asks",
                adb.serial(),
                who.identity
            )));
        }
        let question = format!(
            "Run `adb root` on {}, which lasts until its next boot? [y/N] ",
            who.identity
        );
        if !confirmed(&question)? {
            return Err(Failure::missed("nothing was changed"));
        }
    }
    adb.become_root().await?;
    Ok(())
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let looks = args.dry_run || args.list_tasks;
    // From here on nobody else drives the device; a look needs no hold.
    let _hold = match looks {
        true => None,
        false => Some(hold(&args.device, "devices setup").await?),
    };
    let adb = open(&args.device).await?;
    let apks = args.choice.list()?;
    let known = match &apks {
        Some((list, _)) => list.clone(),
        None => ApkList::parse(BUILT_IN_APKS, "the built-in list of apps")?,
    };
    if !looks {
        become_root(&adb, args.yes).await?;
    } else if may_become_root(&adb).await? {
        // A look restarts no daemon, and so may show less than is done.
        context.output.note(&format!(
            "device {} is not root now and may become it: without --dry-run or --list-tasks, `adb root` is run first; run \
             it to see here what needs root",
            adb.serial()
        ));
    }
    if args.list_tasks {
        let look = Look::at(&adb).await?;
        let tasks = setup::runnable(&look, &known);
        let value = json!({"device": look, "tasks": tasks});
        return context
            .output
            .result(&value, |_| task_lines(&look, &tasks, true));
    }
    let device = Device::open(adb, DeviceOptions::default()).await?;
    let look = Look::at(device.adb()).await?;
    let file = args.record.file(&look)?;
    // From here on the record is this process's; a look needs no lock and makes no folder.
    let _lock = match args.dry_run {
        true => None,
        false => Some(file.lock()?),
    };
    let record = read(&file, &look)?;
    let wishes = Wishes {
        no_apps: args.no_apps,
        apks,
        input_method: args.ime,
        accessibility: args.accessibility,
        files: args.files,
        largest_app: args.largest_app << 10,
    };
    let looking = context.output.progress(None, "looking at the device");
    let plan = setup::plan(&device, &wishes, record.as_ref()).await;
    looking.finish_and_clear();
    let plan = plan?;
    let shown = Shown {
        plan: &plan,
        tasks: setup::runnable(&expected(&plan), &known),
        record: file.path(),
    };
    if args.dry_run {
        return shown.print(context, false);
    }
    if plan.steps.is_empty() {
        // That there is nothing to undo is worth a record too: runs ask for one on somebody's own phone.
        if record.is_none() {
            file.write(&Record::new(&plan.look.identity, &plan.look.serial))?;
        }
        return shown.print(context, false);
    }
    if plan.asks() && !args.yes {
        if !std::io::stdin().is_terminal() {
            shown.print(context, false)?;
            return Err(Failure::usage(format!(
                "device {} is a physical phone ({}) and nothing was changed on it; read the changes above and give --yes, or \
                 run it in a terminal, where it asks",
                plan.look.serial, plan.look.identity
            )));
        }
        context.output.note(&shown.text(false));
        if !confirmed(&format!("Change this on {}? [y/N] ", plan.look.identity))? {
            return Err(Failure::missed("nothing was changed"));
        }
    }
    let mut record = record.unwrap_or_else(|| Record::new(&plan.look.identity, &plan.look.serial));
    record.address.clone_from(&plan.look.serial);
    // Said before: an interruption leaves no time to say it.
    context.output.note(&format!(
        "record {}; `stepdroid devices restore {}` undoes what is changed, also when this is interrupted",
        file.path().display(),
        plan.look.serial
    ));
    let bar = context
        .output
        .progress(Some(plan.steps.len() as u64), "setting up");
    let mut begun = 0;
    let done = setup::apply(&device, &plan, &mut record, &file, |step| {
        bar.set_position(begun);
        bar.set_message(step.change.target());
        begun += 1;
    })
    .await;
    bar.finish_and_clear();
    done.map_err(|error| {
        Failure::from(error).hint(format!(
            "`stepdroid devices restore {}` undoes what was changed (record {})",
            plan.look.serial,
            file.path().display()
        ))
    })?;
    shown.print(context, true)
}

/// The device after the set-up, as far as tasks ask.
fn expected(plan: &Plan) -> Look {
    let mut look = plan.look.clone();
    for step in &plan.steps {
        if let Some(apk) = &step.apk {
            look.packages.insert(apk.package.clone(), apk.version);
        }
    }
    look
}

fn confirmed(question: &str) -> Result<bool, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::environment(format!("the terminal can't be used: {error}"))
    };
    let mut stderr = std::io::stderr();
    write!(stderr, "{question}").map_err(unreadable)?;
    stderr.flush().map_err(unreadable)?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(unreadable)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// What the user is shown.
struct Shown<'a> {
    plan: &'a Plan,
    tasks: Vec<Runnable>,
    record: &'a Path,
}

impl Shown<'_> {
    fn rows(&self) -> Vec<Row> {
        self.plan.steps.iter().map(setup::Step::row).collect()
    }

    fn print(&self, context: &Context, applied: bool) -> Result<(), Failure> {
        let (runnable, not): (Vec<_>, Vec<_>) =
            self.tasks.iter().partition(|task| task.reasons.is_empty());
        let value = json!({
            "device": self.plan.look,
            "changes": self.rows(),
            "skipped": self.plan.skipped,
            "applied": applied,
            "record": self.record,
            "runnable_tasks": runnable.len(),
            "not_runnable": not,
        });
        context.output.result(&value, |_| self.text(applied))
    }

    fn text(&self, applied: bool) -> String {
        let look = &self.plan.look;
        let kind = match look.kind {
            Kind::Emulator => "emulator",
            Kind::Physical => "physical phone",
        };
        let root = if look.root { "root" } else { "no root" };
        let mut text = format!("{}: {kind} {}, {root}\n", look.serial, look.identity);
        let rows = self.rows();
        match rows.len() {
            0 => text.push_str("nothing to change: it is set up\n"),
            number => {
                let mut table = Table::new();
                table
                    .load_style(UTF8_FULL_CONDENSED)
                    .set_content_arrangement(ContentArrangement::Dynamic)
                    .set_header(["what", "from", "to", "root", "why"]);
                for row in rows {
                    let root = if row.needs_root { "yes" } else { "" };
                    table.add_row([&*row.what, &*row.from, &*row.to, root, &*row.why]);
                }
                text.push_str(&format!("{table}\n"));
                text.push_str(&match applied {
                    true => format!(
                        "{number} changes made; `stepdroid devices restore {}` undoes them (record {})\n",
                        look.serial,
                        self.record.display()
                    ),
                    false => format!("{number} changes, none made yet\n"),
                });
            }
        }
        for skipped in &self.plan.skipped {
            text.push_str(&format!("not done: {}: {}\n", skipped.what, skipped.why));
        }
        text.push_str(&task_lines(look, &self.tasks, false));
        text
    }
}

/// The tasks that can't be run, each or by their reasons.
fn task_lines(look: &Look, tasks: &[Runnable], each: bool) -> String {
    let not: Vec<&Runnable> = tasks
        .iter()
        .filter(|task| !task.reasons.is_empty())
        .collect();
    let how = match look.root {
        true => "",
        false => " without root, where devices.without_root = \"run\"",
    };
    let mut text = format!(
        "{} of {} tasks can run on {}{how}\n",
        tasks.len() - not.len(),
        tasks.len(),
        look.serial
    );
    if each {
        let width = not.iter().map(|task| task.task.len()).max().unwrap_or(0);
        for task in not {
            text.push_str(&format!(
                "{:width$}  {}\n",
                task.task,
                task.reasons.join("; ")
            ));
        }
        for task in tasks {
            for remark in &task.remarks {
                text.push_str(&format!("remark: {}: {remark}\n", task.task));
            }
        }
        return text;
    }
    let mut reasons: Vec<(&String, usize)> = Vec::new();
    for reason in not.iter().flat_map(|task| &task.reasons) {
        match reasons.iter_mut().find(|(one, _)| *one == reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason, 1)),
        }
    }
    for (reason, count) in reasons {
        text.push_str(&format!("{count} tasks can't: {reason}\n"));
    }
    text
}
