//! `stepdroid fault-proxy`: a proxy that does harm on purpose, until interrupted.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use super::{Context, Failure};
use crate::faultline::{FaultLine, LineEvent, LineFault, LinePlan};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Passes bytes between whoever connects and an ADB endpoint, a phone's port or an adb server, and delays, cuts, stalls,
throttles and garbles them as a file says. Prints one line once it listens, then one for each fault. What the file
may say is in docs/faults.md.

Examples:
  stepdroid fault-proxy --listen 127.0.0.1:6555 --to 127.0.0.1:5555 --faults android/faults/line.toml
  adb connect 127.0.0.1:6555                        the phone on port 5555, over that line
  stepdroid fault-proxy --to 127.0.0.1:5037 --faults android/faults/line.toml --seed 7 --json
";

/// Arguments of `fault-proxy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to listen; port 0 takes any free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The endpoint that connections are passed on to.
    #[arg(long, value_name = "HOST:PORT")]
    to: String,
    /// What shall be done to the line, and when (TOML).
    #[arg(long, value_name = "FILE")]
    faults: PathBuf,
    /// Seed of the random times, where the file names none.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let text = super::phone::read_faults(&args.faults)?;
    let plan = LinePlan::parse(&text)
        .map_err(|error| Failure::usage(format!("{}: {error}", args.faults.display())))?;
    let line = FaultLine::start(args.listen, &args.to, plan, args.seed)
        .await
        .map_err(|error| Failure::usage(error.to_string()))?;
    let mut events = line.events();
    let address = line.address();
    context.output.result(
        &json!({"listen": address.to_string(), "port": address.port(), "to": args.to}),
        |_| format!("{address} to {}", args.to),
    )?;
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = context.cancel.cancelled() => break,
        };
        match event {
            Ok(event) => print(&event, context)?,
            Err(RecvError::Lagged(missed)) => {
                context
                    .output
                    .note(&format!("{missed} faults came too fast to be printed"));
            }
            Err(RecvError::Closed) => break,
        }
    }
    let counts = line.counts();
    line.stop().await;
    let faults: u64 = counts.faults.values().sum();
    context.output.note(&format!(
        "{faults} faults on {} connections; {} bytes passed, {} bits flipped, {} connections refused, {} found nobody",
        counts.connections, counts.bytes, counts.flipped, counts.refused, counts.unreachable
    ));
    Ok(())
}

fn print(event: &LineEvent, context: &Context) -> Result<(), Failure> {
    let millis = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut value = json!({
        "at_ms": millis(event.at),
        "fault": event.fault.kind(),
        "connections": event.connections,
    });
    let mut words = String::new();
    match event.fault {
        LineFault::Delay { by, .. } => {
            value["by_ms"] = millis(by).into();
            words.push_str(&format!(" by {} ms", millis(by)));
        }
        LineFault::Throttle {
            bytes_per_second, ..
        } => {
            value["bytes_per_second"] = bytes_per_second.into();
            words.push_str(&format!(" to {bytes_per_second} bytes/s"));
        }
        _ => {}
    }
    let lasts = millis(event.fault.lasts());
    if lasts > 0 {
        value["lasts_ms"] = lasts.into();
        words.push_str(&format!(" for {lasts} ms"));
    }
    context.output.result(&value, |_| {
        format!(
            "{:>10.3} s  {}{words}, {} connections",
            event.at.as_secs_f64(),
            event.fault.kind(),
            event.connections
        )
    })
}
