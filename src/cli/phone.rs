//! `stepdroid phone`: virtual phones that run until interrupted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::{Context, Failure};
use crate::domain::ScreenSize;
use crate::phone::{
    ClockMode, ConsoleOptions, Fault, FaultPlan, Phone, PhoneOptions, PlannedFault,
};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Prints one line for each phone once it listens. Every client of ADB can use it, for instance
`adb connect 127.0.0.1:5555`.

Examples:
  stepdroid phone                                   one phone on any free port
  stepdroid phone --count 4 --port 5555 --json      four phones, on ports 5555 to 5558
  stepdroid phone --clock steps --seed 7            repeatable: time passes only by what is done
  stepdroid phone --fault hang:screencap:3          the fourth screenshot never comes
  stepdroid phone --faults android/faults/phone.toml    misbehave as a file says (docs/faults.md)
  stepdroid phone --capacity 512M                   a phone that fills up soon
  stepdroid phone --sold                            without root, as a phone of one's own
  stepdroid phone --port 5555 --emulator            emulator-5554, for tools that want an emulator

With --emulator a phone has what the Python package android-env asks of an emulator, and so drives it:
  EmulatorLauncherConfig(adb_port=5555, emulator_console_port=5554, grpc_port=8554)
";

/// Arguments of `phone`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many phones.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    count: u16,
    /// Port of the first phone on 127.0.0.1; the others follow. 0 takes any free ones.
    #[arg(long, value_name = "P", default_value_t = 0)]
    port: u16,
    /// Size of the screen in pixels.
    #[arg(long, value_name = "WxH", default_value = "1080x2400", value_parser = parse_size)]
    size: ScreenSize,
    /// Seed of everything random on the first phone; the others count on from it.
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    /// How the clock moves: with this machine's time, or only by what is done on the phone.
    #[arg(long, value_name = "real|steps", default_value = "real", value_parser = parse_clock)]
    clock: ClockMode,
    /// Keep the phones' files below this directory, one folder for each; else they are temporary.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// As phones are sold: the shell is not root, `adb root` and `su` are refused, and nothing says that it is emulated.
    #[arg(long)]
    sold: bool,
    /// Bytes of each phone's storage, with K, M or G behind them for powers of 1024; what is written beyond them
    /// fails with "No space left on device". Unless said, those of the stock emulator image, 5.8G.
    #[arg(long, value_name = "SIZE", value_parser = parse_capacity)]
    capacity: Option<u64>,
    /// Pass for emulators: each phone has a console on the port below its own and the emulator's gRPC, the phones
    /// take every second port, and the ADB server is told of them.
    #[arg(long, requires = "port")]
    emulator: bool,
    /// Port of the first emulator's gRPC on 127.0.0.1; the others take every second one from there. 0 takes any
    /// free ones. Without it: the port of the console and 3000, as emulators have it.
    #[arg(long, value_name = "P", requires = "emulator")]
    grpc: Option<u16>,
    /// Port of the ADB server that is told of emulators; without one running, nobody is.
    #[arg(
        long,
        value_name = "P",
        env = "ANDROID_ADB_SERVER_PORT",
        default_value_t = 5037
    )]
    adb_server: u16,
    /// Misbehave: KIND[:SERVICE[:AFTER[:repeated]]] with a KIND of docs/faults.md such as hang, drop, slow=MS or
    /// no-idle, on services that contain SERVICE, after AFTER that worked; may be given many times.
    #[arg(long = "fault", value_name = "FAULT", value_parser = parse_fault)]
    planned: Vec<PlannedFault>,
    /// Misbehave as a file says, by services, by time or at random (TOML, see docs/faults.md).
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let step = if args.emulator { 2 } else { 1 };
    let last = u32::from(args.port) + (u32::from(args.count) - 1) * u32::from(step);
    if args.emulator && args.port < 2 {
        return Err(Failure::usage(
            "an emulator needs a --port of its own, such as 5555",
        ));
    }
    if args.port != 0 && last > u32::from(u16::MAX) {
        return Err(Failure::usage(format!(
            "{} phones from port {} on need ports up to {last}; take a lower --port",
            args.count, args.port
        )));
    }
    let plan = match &args.faults {
        Some(path) => FaultPlan::parse(&read_faults(path)?)
            .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?,
        None => FaultPlan::default(),
    };
    let mut phones = Vec::new();
    for position in 0..args.count {
        let port = match args.port {
            0 => 0,
            first => first + position * step,
        };
        let defaults = PhoneOptions::default();
        let seed = args.seed.wrapping_add(u64::from(position));
        let mut faults = args.planned.clone();
        faults.extend(plan.for_phone(seed, u64::from(position)));
        let options = PhoneOptions {
            port,
            console: match args.emulator {
                true => Some(console(port, args.adb_server)?),
                false => None,
            },
            control: match args.emulator {
                true => Some(grpc_port(port, args.grpc, position * step)?),
                false => None,
            },
            size: args.size,
            seed,
            clock: args.clock,
            root: args
                .root
                .as_ref()
                .map(|root| root.join(format!("phone-{position}"))),
            capacity: args.capacity.unwrap_or(defaults.capacity),
            properties: match args.sold {
                true => as_sold(),
                false => Vec::new(),
            },
            faults,
            ..defaults
        };
        let phone = tokio::select! {
            phone = Phone::start(options) => phone?,
            () = context.cancel.cancelled() => break,
        };
        let mut line = json!({"serial": phone.serial(), "port": phone.port()});
        let mut text = format!("{} port {}", phone.serial(), phone.port());
        if let (Some(console), Some(grpc)) = (phone.console_port(), phone.control_port()) {
            line["console"] = console.into();
            line["grpc"] = grpc.into();
            text.push_str(&format!(", emulator-{console} with gRPC on port {grpc}"));
        }
        context.output.result(&line, |_| text)?;
        phones.push(phone);
    }
    context.cancel.cancelled().await;
    for phone in phones {
        phone.stop().await;
    }
    // Connections end at their next turn and must be gone before the files are.
    tokio::time::sleep(Duration::from_millis(20)).await;
    Ok(())
}

/// Properties of a phone that is sold.
fn as_sold() -> Vec<(String, String)> {
    let properties = [
        ("ro.debuggable", "0"),
        ("ro.build.type", "user"),
        ("ro.kernel.qemu", ""),
        ("ro.boot.qemu", ""),
    ];
    properties
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// The text of a file of faults.
pub(super) fn read_faults(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        Failure::usage(format!(
            "{}: {error}; see docs/faults.md for what such a file holds",
            path.display()
        ))
    })
}

/// The console of an emulator whose ADB daemon listens on a port.
fn console(port: u16, server: u16) -> Result<ConsoleOptions, Failure> {
    let home = std::env::home_dir().ok_or_else(|| {
        Failure::usage("an emulator keeps its token in the home directory; set $HOME")
    })?;
    Ok(ConsoleOptions {
        port: port - 1,
        token: home.join(".emulator_console_auth_token"),
        server: Some(server),
    })
}

/// The port of an emulator's gRPC: 3000 above the console's, or a place in a row that was asked for.
fn grpc_port(port: u16, first: Option<u16>, place: u16) -> Result<u16, Failure> {
    let wanted = match first {
        Some(0) => Some(0),
        Some(first) => first.checked_add(place),
        None => (port - 1).checked_add(3_000),
    };
    wanted.ok_or_else(|| {
        Failure::usage(format!(
            "there is no port for the gRPC of the emulator on port {port}; take a lower --port, or --grpc 0"
        ))
    })
}

/// Least bytes of a phone's storage: its apps' databases and settings need some.
const LEAST_CAPACITY: u64 = 16 << 20;

fn parse_capacity(text: &str) -> Result<u64, String> {
    let (number, shift) = match text.char_indices().last() {
        Some((end, 'k' | 'K')) => (&text[..end], 10),
        Some((end, 'm' | 'M')) => (&text[..end], 20),
        Some((end, 'g' | 'G')) => (&text[..end], 30),
        _ => (text, 0),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "not a size; write 4G, 512M, 20000K or a number of bytes".to_owned())?;
    match number.checked_mul(1 << shift) {
        Some(bytes) if bytes >= LEAST_CAPACITY => Ok(bytes),
        Some(_) => Err("a phone needs 16M at least".to_owned()),
        None => Err("more bytes than can be counted".to_owned()),
    }
}

/// `WIDTHxHEIGHT` in pixels.
fn parse_size(text: &str) -> Result<ScreenSize, String> {
    let side = |part: &str| {
        part.parse()
            .ok()
            .filter(|side| (100..=16_384).contains(side))
    };
    text.split_once('x')
        .and_then(|(width, height)| {
            Some(ScreenSize {
                width: side(width)?,
                height: side(height)?,
            })
        })
        .ok_or_else(|| "write WIDTHxHEIGHT with sides from 100 to 16384, as in 540x1200".into())
}

fn parse_clock(text: &str) -> Result<ClockMode, String> {
    ClockMode::parse(text).ok_or_else(|| "write real or steps".into())
}

fn parse_fault(text: &str) -> Result<PlannedFault, String> {
    let mut parts = text.splitn(4, ':');
    let kind = parts.next().unwrap_or_default();
    let fault = Fault::parse(kind)
        .ok_or_else(|| format!("there is no fault {kind:?}; there are {}", Fault::names()))?;
    let service = parts.next().unwrap_or_default().to_owned();
    let after = match parts.next() {
        None | Some("") => 0,
        Some(text) => text
            .parse()
            .map_err(|_| format!("{text:?} is not a number of services"))?,
    };
    let repeated = match parts.next() {
        None => false,
        Some("repeated") => true,
        Some(other) => return Err(format!("{other:?}: only `repeated` may stand there")),
    };
    Ok(PlannedFault {
        fault,
        after,
        service,
        repeated,
        ..PlannedFault::now(fault)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(
            parse_size("540x1200"),
            Ok(ScreenSize {
                width: 540,
                height: 1200
            })
        );
        for wrong in [
            "",
            "540",
            "540x",
            "x1200",
            "540x99",
            "99999x99999",
            "-5x800",
        ] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn capacities() {
        assert_eq!(parse_capacity("4G"), Ok(4 << 30));
        assert_eq!(parse_capacity("20000k"), Ok(20_000 << 10));
        assert_eq!(parse_capacity("16777216"), Ok(16 << 20));
        for wrong in [
            "",
            "G",
            "4T",
            "-1G",
            "1.5G",
            "15M",
            "99999999999999999999",
            "18446744073709551615G",
        ] {
            assert!(parse_capacity(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn grpc_ports() {
        assert_eq!(grpc_port(5_555, None, 0).ok(), Some(8_554));
        assert_eq!(grpc_port(5_557, None, 2).ok(), Some(8_556));
        assert_eq!(grpc_port(5_557, Some(9_000), 2).ok(), Some(9_002));
        assert_eq!(grpc_port(5_557, Some(0), 2).ok(), Some(0));
        assert!(grpc_port(65_001, None, 0).is_err());
        assert!(grpc_port(5_557, Some(u16::MAX), 2).is_err());
    }

    #[test]
    fn faults() {
        let fault = parse_fault("slow=250:screencap:3:repeated");
        assert_eq!(
            fault,
            Ok(PlannedFault {
                fault: Fault::Slow(Duration::from_millis(250)),
                after: 3,
                service: "screencap".into(),
                repeated: true,
                ..PlannedFault::now(Fault::Hang)
            })
        );
        assert_eq!(parse_fault("hang"), Ok(PlannedFault::now(Fault::Hang)));
        for wrong in ["", "explode", "slow", "hang:x:y", "hang:x:1:sometimes"] {
            assert!(parse_fault(wrong).is_err(), "{wrong}");
        }
    }
}
