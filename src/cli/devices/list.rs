//! `stepdroid devices list` and `connect`: the devices there are, and how each stands.

use std::path::PathBuf;

use comfy_table::{ContentArrangement, Table, presets::UTF8_FULL_CONDENSED};
use serde_json::json;

use super::super::{Context, Failure};
use crate::adb::{AdbError, ServerAddress};
use crate::config;
use crate::farm::{self, DeviceState, Places, Register, Surveyed};

/// Where else to look.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Args {
    /// A configuration whose devices are looked for too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// An adb server whose devices are looked for too; may be given many times.
    #[arg(long, value_name = "HOST:PORT")]
    server: Vec<String>,
}

pub(super) async fn list(args: Args, context: &Context) -> Result<(), Failure> {
    let mut servers = args.server;
    let mut places = Places::default();
    if let Some(path) = &args.config {
        let devices = config::load(Some(path), &[])?.config.devices;
        places.serials = devices.serials;
        servers.extend(devices.servers);
    }
    for server in &servers {
        places.servers.push(ServerAddress::parse(server)?);
    }
    let bar = context.output.progress(None, "asking devices");
    let (devices, notes) = farm::survey(&places, &Register::find()?).await;
    bar.finish_and_clear();
    for error in notes {
        match error {
            // Without adb there are no devices behind it, which is an answer.
            AdbError::Environment(_) | AdbError::Unreachable { .. } => context.output.note(
                &format!("note: {error}; devices named HOST:PORT need no adb server"),
            ),
            error => return Err(error.into()),
        }
    }
    context.output.result(&devices, |devices| {
        if devices.is_empty() {
            return "no devices; `stepdroid phone` starts a virtual one\n".into();
        }
        table(devices)
    })
}

fn table(devices: &[Surveyed]) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["device", "state", "since", "kind", "model", "reason"]);
    for device in devices {
        let mut reason = device.standing.reason.clone();
        if let Some(holder) = &device.holder {
            let by = format!("held by {} ({})", holder.pid, holder.purpose);
            reason = match reason.is_empty() {
                true => by,
                false => format!("{reason}; {by}"),
            };
        }
        let since = match device.holder {
            Some(_) => age(device.standing.since),
            None => match device.standing.state {
                DeviceState::Quarantined | DeviceState::Refused => age(device.standing.since),
                _ => "now".to_owned(),
            },
        };
        table.add_row([
            device.serial.as_str(),
            device.standing.state.name(),
            &since,
            &device.kind,
            device.model.as_deref().unwrap_or(""),
            &reason,
        ]);
    }
    format!("{table}\n")
}

/// How long ago a time in milliseconds since 1970 was, in words.
fn age(since: i64) -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.as_millis() as i64);
    let seconds = (now - since).max(0) / 1000;
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

pub(super) async fn connect(address: &str, context: &Context) -> Result<(), Failure> {
    let is_address = address
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !is_address {
        return Err(Failure::usage(format!(
            "{address:?} is not an address; write HOST:PORT, as in 192.168.1.20:5555"
        )));
    }
    let answer = ServerAddress::from_environment()?
        .ask(&format!("host:connect:{address}"))
        .await?;
    // The server answers OKAY to a connection that failed, and says so in words only.
    if !answer.starts_with("connected") && !answer.starts_with("already connected") {
        return Err(AdbError::Unreachable {
            serial: address.to_owned(),
            reason: answer.trim().to_owned(),
        }
        .into());
    }
    let line = json!({"serial": address, "answer": answer.trim()});
    context.output.result(&line, |_| answer)
}
