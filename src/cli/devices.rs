//! `stepdroid devices`: the devices there are, and single operations on one of them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Context, Failure};
use crate::adb::{self, Adb, AdbError, ServerAddress};
use crate::domain::UiElement;
use crate::pixels;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
A device is named by its serial: `emulator-5554` or `R58M12ABCDE` goes through the adb server,
`127.0.0.1:5555` is reached directly without one, `usb:R58M12ABCDE` over the cable without one.

Examples:
  stepdroid devices                                        what the adb server knows
  stepdroid devices screenshot emulator-5554 --out a.png
  stepdroid devices tree 127.0.0.1:5555
";
const LIST_EXAMPLES: &str = "Example:\n  stepdroid devices list --json\n";
const CONNECT_EXAMPLES: &str = "Example:\n  stepdroid devices connect 192.168.1.20:5555\n";
const SCREENSHOT_EXAMPLES: &str =
    "Example:\n  stepdroid devices screenshot 127.0.0.1:5555 --out screen.png\n";
const TREE_EXAMPLES: &str = "Example:\n  stepdroid devices tree 127.0.0.1:5555 --json\n";
const TAP_EXAMPLES: &str = "Example:\n  stepdroid devices tap 127.0.0.1:5555 540 1200\n";

/// Arguments of `devices`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    operation: Option<Operation>,
}

#[derive(Debug, clap::Subcommand)]
enum Operation {
    /// List the devices of the adb server with their state (the default).
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Have the adb server connect to a device on the network.
    #[command(after_help = CONNECT_EXAMPLES)]
    Connect {
        /// HOST:PORT of the device.
        address: String,
    },
    /// Take a picture of the screen.
    #[command(after_help = SCREENSHOT_EXAMPLES)]
    Screenshot {
        /// Serial of the device.
        device: String,
        /// The PNG file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show the accessibility tree of the screen, as an agent sees it.
    #[command(after_help = TREE_EXAMPLES)]
    Tree {
        /// Serial of the device.
        device: String,
    },
    /// Tap a point.
    #[command(after_help = TAP_EXAMPLES)]
    Tap {
        /// Serial of the device.
        device: String,
        /// Pixels from the left.
        x: u16,
        /// Pixels from the top.
        y: u16,
    },
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.operation.unwrap_or(Operation::List) {
        Operation::List => list(context).await,
        Operation::Connect { address } => connect(&address, context).await,
        Operation::Screenshot { device, out } => screenshot(&device, &out, context).await,
        Operation::Tree { device } => tree(&device, context).await,
        Operation::Tap { device, x, y } => tap(&device, x, y, context).await,
    }
}

async fn list(context: &Context) -> Result<(), Failure> {
    let devices = match adb::list_devices().await {
        Ok(devices) => devices,
        // Without adb there are no devices behind it, which is an answer.
        Err(error @ (AdbError::Environment(_) | AdbError::Unreachable { .. })) => {
            context.output.note(&format!(
                "note: {error}; devices named HOST:PORT need no adb server"
            ));
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    context.output.result(&devices, |devices| {
        if devices.is_empty() {
            return "no devices; `stepdroid phone` starts a virtual one\n".into();
        }
        let width = devices.iter().map(|device| device.serial.len()).max();
        devices
            .iter()
            .map(|device| {
                let model = device.model.as_deref().unwrap_or("");
                let line = format!(
                    "{:width$}  {:12}  {model}",
                    device.serial,
                    device.state,
                    width = width.unwrap_or(0)
                );
                format!("{}\n", line.trim_end())
            })
            .collect()
    })
}

async fn connect(address: &str, context: &Context) -> Result<(), Failure> {
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

/// Reaches a device, with what to do when that fails.
pub(super) async fn open(serial: &str) -> Result<Adb, Failure> {
    adb::connect(serial).await.map_err(|error| {
        let lost = error.is_lost();
        let failure = Failure::from(error);
        if lost {
            failure.hint("`stepdroid devices` lists the devices there are")
        } else {
            failure
        }
    })
}

async fn screenshot(device: &str, out: &Path, context: &Context) -> Result<(), Failure> {
    let frame = open(device).await?.screencap().await?;
    let png = pixels::encode_png(&frame)
        .map_err(|error| Failure::missed(format!("device {device}: {error}")))?;
    tokio::fs::write(out, png)
        .await
        .map_err(|error| Failure::unwritable(out, &error))?;
    let line = json!({
        "serial": device,
        "file": out,
        "width": frame.width,
        "height": frame.height,
    });
    context.output.result(&line, |_| {
        format!("{} ({}x{})", out.display(), frame.width, frame.height)
    })
}

async fn tree(device: &str, context: &Context) -> Result<(), Failure> {
    let elements = open(device).await?.dump_hierarchy().await?;
    context.output.result(&elements, |elements| {
        elements
            .iter()
            .enumerate()
            .map(|(index, element)| element_line(index, element))
            .collect()
    })
}

fn element_line(index: usize, element: &UiElement) -> String {
    let mut line = format!("{index:3} ");
    if let Some(bounds) = element.bbox_pixels {
        let _ = write!(line, "{bounds} ");
    }
    let _ = write!(line, "{}", element.short_class());
    if !element.resource_entry().is_empty() {
        let _ = write!(line, " #{}", element.resource_entry());
    }
    if !element.label().is_empty() {
        let _ = write!(line, " {:?}", element.label());
    }
    let flags = [
        (element.is_clickable, "clickable"),
        (element.is_long_clickable, "long-clickable"),
        (element.is_editable, "editable"),
        (element.is_scrollable, "scrollable"),
        (element.is_checkable && !element.is_checked, "unchecked"),
        (element.is_checked, "checked"),
        (element.is_selected, "selected"),
        (element.is_focused, "focused"),
        (!element.is_enabled, "disabled"),
    ];
    for (_, flag) in flags.iter().filter(|(set, _)| *set) {
        let _ = write!(line, " {flag}");
    }
    line.push('\n');
    line
}

async fn tap(device: &str, x: u16, y: u16, context: &Context) -> Result<(), Failure> {
    let (x, y) = (i32::from(x), i32::from(y));
    let adb = open(device).await?;
    let screen = adb.screen_size().await?;
    if x >= screen.width || y >= screen.height {
        return Err(Failure::usage(format!(
            "{x},{y} is outside the screen of device {device}, which is {screen}"
        )));
    }
    adb.tap(x, y).await?;
    let line = json!({"serial": device, "x": x, "y": y});
    context
        .output
        .result(&line, |_| format!("tapped {device} at {x},{y}"))
}
