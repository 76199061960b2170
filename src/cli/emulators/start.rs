//! `stepdroid emulators start`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;

use super::super::{Context, Failure};
use super::apps;
use crate::emulator::{
    AvdHome, FIRST_PORT, Instance, LAST_PORT, LaunchOptions, Needs, Sdk, Start, StateDirectory,
};
use crate::farm::emulators::{Owned, Reach, Renewal, Starts};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
An emulator is ready when Android has booted, the package manager answers and the screen changes when the
notification shade is pulled down. Emulators run on after this command, until `stepdroid emulators stop`; with --hold
it waits until it is interrupted and then stops them. What happens on one is forgotten at its end, unless it is
--writable.

Examples:
  stepdroid emulators start AndroidWorldAvd --count 3 --snapshot ready
  stepdroid emulators start AndroidWorldAvd --writable --apks ~/apks    to set it up
  stepdroid emulators start AndroidWorldAvd --hold                      until Ctrl-C
";

/// Arguments of `emulators start`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The AVD.
    avd: String,
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=42))]
    count: u16,
    /// Start from a snapshot instead of a full boot.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Keep what happens on it; then there is only one of its AVD, and it can save snapshots.
    #[arg(long)]
    writable: bool,
    /// First console port, an even one; the others take every second one from there.
    #[arg(long, value_name = "P", default_value_t = FIRST_PORT, value_parser = clap::value_parser!(u16).range(5554..=i64::from(LAST_PORT)))]
    port: u16,
    /// Without the emulator's gRPC: screens then come over ADB, which is slower.
    #[arg(long)]
    no_grpc: bool,
    /// Show its window.
    #[arg(long)]
    window: bool,
    /// How it draws: swiftshader_indirect (no GPU needed), host, auto, off.
    #[arg(long, default_value = "swiftshader_indirect")]
    gpu: String,
    /// Memory of each in megabytes, if not the AVD's.
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1024..=65536))]
    memory: Option<u32>,
    /// Reach it at its own ADB port, without an adb server.
    #[arg(long)]
    direct: bool,
    /// Seconds that one may take to be ready.
    #[arg(long, value_name = "S", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=7200))]
    patience: u64,
    /// How many start at the same time; the others wait for their turn.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=42))]
    at_once: u16,
    /// Memory in megabytes that must be free before one starts; 0 does not look.
    #[arg(long, value_name = "MB", default_value_t = Needs::default().memory_mb)]
    needs_memory: u64,
    /// Disk in megabytes that must be free before one starts, where the AVDs are; 0 does not look.
    #[arg(long, value_name = "MB", default_value_t = Needs::default().disk_mb)]
    needs_disk: u64,
    /// Wait until interrupted, then stop them.
    #[arg(long)]
    hold: bool,
    #[command(flatten)]
    apps: apps::Choice,
    /// Options for the emulator itself, behind `--`.
    #[arg(last = true)]
    further: Vec<String>,
}

pub(super) async fn run(
    args: Args,
    state: &StateDirectory,
    context: &Context,
) -> Result<(), Failure> {
    if args.writable && args.count > 1 {
        return Err(Failure::usage(
            "one emulator of an AVD can be --writable; leave that out, or start one",
        ));
    }
    let apks = args.apps.list()?;
    let place = (Sdk::find()?, AvdHome::find()?, state.clone());
    for (record, result) in Instance::clean(state).await {
        match result {
            Ok(how) => tracing::info!(
                serial = record.serial(),
                ?how,
                "left behind by an earlier run"
            ),
            Err(error) => context.output.note(&format!("note: {error}")),
        }
    }
    let options = options(&args);
    let reach = if args.direct {
        Reach::Direct
    } else {
        Reach::Server
    };
    let needs = Needs {
        memory_mb: args.needs_memory,
        disk_mb: args.needs_disk,
        // The emulator's own options may ask for another way.
        acceleration: !args.further.iter().any(|word| word.contains("accel")),
    };
    let starts = Arc::new(Starts::new(usize::from(args.at_once), needs));
    let mut starting = JoinSet::new();
    for _ in 0..args.count {
        let patience = Duration::from_secs(args.patience);
        let renewal = Renewal::default();
        let mut owned = Owned::new(place.clone(), options.clone(), reach, patience, renewal)
            .with_starts(starts.clone());
        if let Some((list, folder)) = &apks {
            owned = owned.with_apks(list.clone(), folder.clone());
        }
        let cancel = context.cancel.clone();
        starting.spawn(async move {
            let ready = owned.take_unless(&cancel).await;
            ready.map(|ready| ready.and_then(|_| owned.release()))
        });
    }
    let mut started: Vec<Instance> = Vec::new();
    let mut failure = None;
    let what = format!("starting {} of {}", args.count, args.avd);
    let bar = context.output.progress(Some(u64::from(args.count)), &what);
    while let Some(result) = starting.join_next().await {
        bar.inc(1);
        let mut instance = match result {
            Ok(Ok(Some(instance))) => instance,
            Ok(Ok(None)) => continue,
            // The others go on.
            Ok(Err(error)) => {
                failure = Some(Failure::from(error));
                continue;
            }
            Err(error) => {
                failure = Some(Failure::missed(format!("a start broke off: {error}")));
                continue;
            }
        };
        if !args.hold {
            instance.keep()?;
        }
        let record = instance.record();
        let serial = reach.serial(&instance);
        let line = json!({
            "serial": serial, "console": record.console, "adb": record.adb, "grpc": record.grpc,
            "avd": record.avd, "log": record.log,
        });
        context
            .output
            .result(&line, |_| format!("{serial} ready"))?;
        started.push(instance);
    }
    bar.finish_and_clear();
    if args.hold && failure.is_none() {
        context.cancel.cancelled().await;
    }
    if args.hold || context.cancel.is_cancelled() {
        for instance in started {
            instance.stop().await?;
        }
    }
    failure.map_or(Ok(()), Err)
}

fn options(args: &Args) -> LaunchOptions {
    LaunchOptions {
        writable: args.writable,
        start: match &args.snapshot {
            Some(name) => Start::Snapshot(name.clone()),
            None => Start::Cold,
        },
        first_port: args.port,
        grpc: !args.no_grpc,
        window: args.window,
        gpu: args.gpu.clone(),
        memory_mb: args.memory,
        further: args.further.clone(),
        ..LaunchOptions::new(&args.avd)
    }
}
