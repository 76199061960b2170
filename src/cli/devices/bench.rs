//! `stepdroid devices bench`: how long each way of seeing and touching a device takes.

use std::path::PathBuf;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;
use serde_json::json;

use super::super::{Context, Failure};
use super::{hold, open};
use crate::channels;
use crate::config;
use crate::device::measure::{Measured, Purpose, measure};
use crate::farm::{self, FarmError};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Every channel that is set up is used a few times: pictures, accessibility trees, and a key that does nothing. What a
run chooses by `auto` ([devices.channels]) is the fastest of these.

Examples:
  stepdroid devices bench 127.0.0.1:5555
  stepdroid devices bench R58M12ABCDE --set devices.channels.uiautomator2_jar=u2.jar --samples 20
  stepdroid devices bench emulator-5554 --grpc 8554 --json
";

/// Arguments of `devices bench`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Serial of the device.
    device: String,
    /// Calls of each channel.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    samples: u16,
    /// Longest time for all calls of one channel, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    longest: u64,
    /// Port of the emulator's control service (gRPC).
    #[arg(long, value_name = "P")]
    grpc: Option<u16>,
    /// A configuration whose [devices.channels] say what is set up.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Set a key of the configuration; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

/// A row of the table.
#[derive(Debug, Serialize)]
struct Row {
    what: &'static str,
    channel: &'static str,
    median_ms: Option<f64>,
    p90_ms: Option<f64>,
    bytes: Option<u64>,
    worked: usize,
    failures: usize,
    last_error: Option<String>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let config = config::load(args.config.as_deref(), &args.sets)?.config;
    let mut options = farm::channel_options(&config.devices, &args.device);
    options.grpc_port = args.grpc.or(options.grpc_port);
    let _hold = hold(&args.device, "devices bench").await?;
    let adb = open(&args.device).await?;
    let candidates = channels::open(&adb, &options).map_err(FarmError::from)?;
    let count: usize = Purpose::ALL
        .iter()
        .map(|what| candidates.of(*what).len())
        .sum();
    let bar = context.output.progress(Some(count as u64), "channels");
    let mut rows = Vec::new();
    for what in Purpose::ALL {
        for channel in candidates.of(what) {
            bar.set_message(channel.name());
            let longest = Duration::from_secs(args.longest);
            let measured = tokio::select! {
                measured = measure(channel, what, usize::from(args.samples), longest) => measured,
                () = context.cancel.cancelled() => return Err(Failure::interrupted()),
            };
            rows.push(row(measured));
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    let value = json!({"serial": args.device, "channels": rows});
    context.output.result(&value, |_| table(&rows))
}

fn name(what: Purpose) -> &'static str {
    match what {
        Purpose::Picture => "picture",
        Purpose::Tree => "tree",
        Purpose::Input => "input",
    }
}

fn row(measured: Measured) -> Row {
    let millis = |time: Option<Duration>| time.map(|time| time.as_secs_f64() * 1e3);
    Row {
        what: name(measured.what),
        channel: measured.channel,
        median_ms: millis(measured.median),
        p90_ms: millis(measured.p90),
        bytes: measured.bytes,
        worked: measured.worked,
        failures: measured.failures,
        last_error: measured.last_error,
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "for",
        "channel",
        "median ms",
        "9 of 10 ms",
        "worked",
        "failed",
        "why",
    ]);
    for position in 2..6 {
        if let Some(column) = table.column_mut(position) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let millis = |time: Option<f64>| time.map_or("-".to_owned(), |time| format!("{time:.1}"));
    for row in rows {
        table.add_row([
            row.what.to_owned(),
            row.channel.to_owned(),
            millis(row.median_ms),
            millis(row.p90_ms),
            row.worked.to_string(),
            row.failures.to_string(),
            row.last_error.clone().unwrap_or_default(),
        ]);
    }
    format!("{table}\n")
}
