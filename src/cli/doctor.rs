//! `stepdroid doctor`: whether this machine is ready, and how to make it so.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::time::timeout;

use super::{Context, Failure};
use crate::adb::{self, ServerAddress};
use crate::emulator::{Acceleration, Needs, Sdk, acceleration_fix, available_memory_mb};
use crate::phone::{Phone, PhoneOptions};
use crate::runtime::{Chosen, Provider};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
Ends with code 3 when something is missing that every run needs. What only some runs need (adb,
a GPU, the emulator) is shown as a remark.

Examples:
  stepdroid doctor
  stepdroid doctor --json
  stepdroid doctor --onnxruntime /opt/onnxruntime/lib/libonnxruntime.so
";

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Free space that a run should have, in kibibytes: screenshots of some thousand steps.
const ENOUGH_DISK: u64 = 2 << 20;

/// Arguments of `doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory that runs are written to, for the disk check.
    #[arg(long, value_name = "DIR", default_value = ".")]
    directory: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// It works.
    Ok,
    /// Missing, but not every run needs it.
    Remark,
    /// Missing, and every run needs it.
    Missing,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    ready: bool,
    checks: Vec<Check>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Check {
        Check {
            name,
            state: State::Ok,
            found: found.into(),
            fix: None,
        }
    }

    fn remark(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Check {
        Check {
            name,
            state: State::Remark,
            found: found.into(),
            fix: Some(fix.into()),
        }
    }

    fn missing(name: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Check {
        Check {
            state: State::Missing,
            ..Check::remark(name, found, fix)
        }
    }
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let mut checks = runtime(context).await;
    checks.push(virtual_phone().await);
    checks.push(writable(&args.directory));
    checks.extend(free_space(&args.directory).await);
    checks.extend(adb().await);
    checks.push(emulator().await);
    let missing: Vec<&str> = checks
        .iter()
        .filter(|check| check.state == State::Missing)
        .map(|check| check.name)
        .collect();
    let failure = (!missing.is_empty()).then(|| {
        Failure::environment(format!(
            "this machine is not ready: {}; the fixes are above",
            missing.join(", ")
        ))
    });
    let report = Report {
        ready: failure.is_none(),
        checks,
    };
    context.output.result(&report, text)?;
    failure.map_or(Ok(()), Err)
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let state = match check.state {
            State::Ok => "ok",
            State::Remark => "remark",
            State::Missing => "MISSING",
        };
        text.push_str(&format!("{state:8} {:14} {}\n", check.name, check.found));
        if let Some(fix) = &check.fix {
            text.push_str(&format!("{:8} {:14} -> {fix}\n", "", ""));
        }
    }
    text
}

/// The library, and what it can compute on.
async fn runtime(context: &Context) -> Vec<Check> {
    let library = match context.library() {
        Ok(library) => library,
        Err(failure) => {
            let found = failure.text();
            let fix = "run `make setup`, or name the library with --onnxruntime or ORT_DYLIB_PATH";
            return vec![Check::missing("onnxruntime", found, fix)];
        }
    };
    let found = format!("{} at {}", library.version(), library.path().display());
    let mut checks = vec![Check::ok("onnxruntime", found)];
    // Trying a GPU may take seconds and blocks.
    let chosen = tokio::task::spawn_blocking(move || Provider::Auto.choose(&library)).await;
    checks.push(match chosen {
        Ok(Ok(Chosen::Cuda)) => Check::ok("providers", "cpu, cuda"),
        Ok(Ok(Chosen::Cpu { instead_of_cuda })) => {
            let reason = instead_of_cuda.unwrap_or_default();
            let reason = reason.lines().next().unwrap_or_default().to_owned();
            Check::remark(
                "providers",
                format!("cpu; not cuda: {reason}"),
                "none is needed on a machine without a GPU; else name a library that was built with CUDA",
            )
        }
        Ok(Err(error)) => Check::missing("providers", error.to_string(), "run `make setup`"),
        Err(error) => Check::missing("providers", error.to_string(), "run `make setup`"),
    });
    checks
}

/// Starts a virtual phone and talks to it, as the demo would.
async fn virtual_phone() -> Check {
    let name = "virtual phone";
    let start = Instant::now();
    let talk = async {
        let phone = Phone::start(PhoneOptions::default())
            .await
            .map_err(|error| error.to_string())?;
        let adb = adb::connect(&phone.serial())
            .await
            .map_err(|error| error.to_string())?;
        let size = adb.screen_size().await.map_err(|error| error.to_string())?;
        phone.stop().await;
        Ok::<_, String>(size)
    };
    match timeout(PATIENCE, talk).await {
        Ok(Ok(size)) => Check::ok(
            name,
            format!(
                "answers with a screen of {size} after {} ms",
                start.elapsed().as_millis()
            ),
        ),
        Ok(Err(problem)) => Check::missing(
            name,
            problem,
            "allow connections to 127.0.0.1, and writing to the temporary directory (TMPDIR)",
        ),
        Err(_) => Check::missing(
            name,
            format!("no answer within {} s", PATIENCE.as_secs()),
            "free the processor or the temporary directory's disk (TMPDIR)",
        ),
    }
}

/// Whether runs can be written.
fn writable(directory: &Path) -> Check {
    let name = "run directory";
    let probe = directory.join(format!(".stepdroid-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    // What could not be written need not be removed.
    let _ = std::fs::remove_file(&probe);
    match written {
        Ok(()) => Check::ok(name, format!("{} can be written", directory.display())),
        Err(error) => Check::missing(
            name,
            format!("{} can't be written: {error}", directory.display()),
            "run in a directory of your own, or choose another with run.directory",
        ),
    }
}

/// Free space as `df` says it; no remark where there is no `df`.
async fn free_space(directory: &Path) -> Option<Check> {
    let mut command = tokio::process::Command::new("df");
    command.arg("-Pk").arg(directory).stdin(Stdio::null());
    let output = timeout(PATIENCE, command.kill_on_drop(true).output())
        .await
        .ok()?
        .ok()?;
    let free = parse_df(&String::from_utf8_lossy(&output.stdout))?;
    let found = format!("{} MB free", free >> 10);
    Some(if free >= ENOUGH_DISK {
        Check::ok("disk", found)
    } else {
        Check::remark(
            "disk",
            found,
            format!(
                "screenshots of a long run need some {} MB",
                ENOUGH_DISK >> 10
            ),
        )
    })
}

/// Available kibibytes in the output of `df -Pk`.
fn parse_df(text: &str) -> Option<u64> {
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// The adb program, its server, and the devices behind it. None of them is started here.
async fn adb() -> Vec<Check> {
    let fix = "only devices behind an adb server need it: install Android's platform tools, so that \
               `adb` is on PATH";
    let program = adb::program();
    let mut command = tokio::process::Command::new(&program);
    command.arg("version").stdin(Stdio::null());
    let output = timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    let mut checks = vec![match output {
        Ok(Ok(output)) if output.status.success() => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Check::ok("adb", text.lines().next().unwrap_or_default())
        }
        Ok(Ok(output)) => Check::remark(
            "adb",
            format!(
                "`{} version` ended with {}",
                program.display(),
                output.status
            ),
            fix,
        ),
        Ok(Err(error)) => Check::remark("adb", format!("{}: {error}", program.display()), fix),
        Err(_) => Check::remark("adb", format!("{} hangs", program.display()), fix),
    }];
    checks.extend(server().await);
    checks
}

async fn server() -> Vec<Check> {
    let name = "adb server";
    let address = match ServerAddress::from_environment() {
        Ok(address) => address,
        Err(error) => {
            return vec![Check::remark(
                name,
                error.to_string(),
                "set it to a port, or unset it",
            )];
        }
    };
    let at = format!("{}:{}", address.host, address.port);
    let listening = timeout(
        PATIENCE,
        tokio::net::TcpStream::connect((address.host.as_str(), address.port)),
    );
    if !matches!(listening.await, Ok(Ok(_))) {
        let fix = "it is started when a device needs it; by hand with `adb start-server`";
        return vec![Check::remark(name, format!("none at {at}"), fix)];
    }
    match timeout(PATIENCE, adb::list_devices()).await {
        Ok(Ok(devices)) => {
            let mut checks = vec![Check::ok(
                name,
                format!("at {at} with {} devices", devices.len()),
            )];
            checks.extend(devices.iter().map(|device| {
                let found = format!("{} is {}", device.serial, device.state);
                match device.state.as_str() {
                    "device" => Check::ok("device", found),
                    "unauthorized" => Check::remark(
                        "device",
                        found,
                        "unlock it and allow USB debugging from this computer",
                    ),
                    state if state.starts_with("no permissions") => Check::remark(
                        "device",
                        found,
                        "install the udev rules for Android devices, or join the group plugdev",
                    ),
                    _ => Check::remark(
                        "device",
                        found,
                        "plug it in again, restart it, or `adb reconnect offline`",
                    ),
                }
            }));
            checks
        }
        Ok(Err(error)) => vec![Check::remark(
            name,
            error.to_string(),
            "restart it: `adb kill-server`, `adb start-server`",
        )],
        Err(_) => vec![Check::remark(
            name,
            format!("the one at {at} does not answer"),
            "restart it: `adb kill-server`, `adb start-server`",
        )],
    }
}

/// The emulator and the processor's help for it.
async fn emulator() -> Check {
    let name = "emulator";
    let sdk = match Sdk::find() {
        Ok(sdk) => sdk,
        Err(error) => {
            return Check::remark(
                name,
                "not installed",
                format!("only emulated phones need it: {error}"),
            );
        }
    };
    let program = sdk.emulator();
    match sdk.acceleration().await {
        Acceleration::Usable(words) => {
            let found = format!("{}: {words}{}", program.display(), room_for_emulators());
            Check::ok(name, found)
        }
        Acceleration::Unusable(words) => Check::remark(
            name,
            format!("{}, very slow: {words}", program.display()),
            acceleration_fix(Path::new("/dev/kvm")),
        ),
    }
}

/// How many emulators the memory of now bears.
fn room_for_emulators() -> String {
    match available_memory_mb() {
        Some(free) => {
            let most = free / Needs::default().memory_mb;
            format!("; {free} MB of memory are free, enough for {most} emulators")
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_read_from_df() {
        let text = "Filesystem     1024-blocks     Used Available Capacity Mounted on\n\
                    /dev/vda         263174212 18000000 245174212       7% /\n";
        assert_eq!(parse_df(text), Some(245_174_212));
        assert_eq!(parse_df("df: no such file"), None);
    }
}
