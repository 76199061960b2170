//! `stepdroid devices`: the devices there are, single operations on one of them, and its set-up.

mod bench;
mod list;
mod operations;
mod restore;
mod setup;

use std::path::PathBuf;

use super::{Context, Failure};
use crate::adb::{self, Adb};
use crate::farm::{self, DeviceState, FarmError, Hold, Register, Standing};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
A device is named by its serial: `emulator-5554` or `R58M12ABCDE` goes through the adb server,
`127.0.0.1:5555` is reached directly without one, `usb:18d1:4ee7` over the cable without one (VENDOR:PRODUCT as lsusb
has them), `10.0.0.7:5037/R58M12ABCDE` through another machine's adb server.

Examples:
  stepdroid devices                                        the devices there are, and how each stands
  stepdroid devices screenshot emulator-5554 --out a.png
  stepdroid devices tree 127.0.0.1:5555
  stepdroid devices setup R58M12ABCDE --dry-run            what a set-up would change
";
const LIST_EXAMPLES: &str = "\
Shows the devices of the adb servers, those that a stepdroid process holds, emulators that stepdroid started, and those of
a configuration. States: absent, offline, unauthorized, preparing, ready, busy, quarantined.

Examples:
  stepdroid devices list --json
  stepdroid devices list --config train.toml --server 10.0.0.7:5037
";
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
    /// List the devices there are, with their state, its reason and its age (the default).
    #[command(after_help = LIST_EXAMPLES)]
    List(list::Args),
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
    /// Measure the ways of seeing and touching a device.
    #[command(after_help = bench::EXAMPLES)]
    Bench(bench::Args),
    /// Set a device up for tasks: shows what would change, keeps a record, can be undone.
    #[command(after_help = setup::EXAMPLES)]
    Setup(setup::Args),
    /// Undo what `setup` changed on a device.
    #[command(after_help = restore::EXAMPLES)]
    Restore(restore::Args),
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
    match args
        .operation
        .unwrap_or(Operation::List(list::Args::default()))
    {
        Operation::List(args) => list::list(args, context).await,
        Operation::Connect { address } => list::connect(&address, context).await,
        Operation::Screenshot { device, out } => {
            operations::screenshot(&device, &out, context).await
        }
        Operation::Tree { device } => operations::tree(&device, context).await,
        Operation::Bench(args) => bench::run(args, context).await,
        Operation::Setup(args) => setup::run(args, context).await,
        Operation::Restore(args) => restore::run(args, context).await,
        Operation::Tap { device, x, y } => operations::tap(&device, x, y, context).await,
    }
}

/// Takes a device for this process, so that no other one drives it meanwhile.
pub(super) async fn hold(serial: &str, purpose: &str) -> Result<Hold, Failure> {
    let register = Register::find()?;
    let (serial, purpose) = (serial.to_owned(), purpose.to_owned());
    let kind = farm::kind_of(&serial);
    // It waits for others a little.
    let held = tokio::task::spawn_blocking(move || {
        let hold = register.hold(&serial, kind, &purpose)?;
        hold.say(&Standing::now(DeviceState::Busy, purpose.as_str()), None);
        Ok::<_, FarmError>(hold)
    });
    let held = held.await.map_err(anyhow::Error::from)?;
    Ok(held?)
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
