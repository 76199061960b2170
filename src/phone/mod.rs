//! The virtual phone: a simulated Android behind a real ADB daemon. Uses floor 0 only; nothing
//! above knows it, except whoever starts one.
//!
//! `system` is what lasts (files, settings, packages), `media` reads media files, `apk` what packages say of themselves, `providers` is what
//! apps share, `window` what is on the screen, `ui` the widgets that screens are made of, `apps` one
//! file or folder per app.
//! `machine` holds them together, `snapshot` keeps a state to go back to; `shell` and `tools` are the command
//! line, `automator` and `scrcpy` what clients run on it, `daemon` the way in, `emulator` what an Android emulator has
//! besides.

pub mod apk;
pub mod apps;
pub mod automator;
pub mod changes;
pub mod daemon;
pub mod emulator;
pub mod faults;
pub mod machine;
pub mod media;
pub mod providers;
pub mod scrcpy;
pub mod screen;
pub mod shell;
pub mod snapshot;
pub mod system;
pub mod tools;
pub mod ui;
pub mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::domain::{Frame, ScreenSize};
use daemon::{Control, Daemon};
use emulator::{console, control, forwarder};
use machine::Machine;
use shell::{Input, Output, Shell, Streams};
use system::files::DEFAULT_CAPACITY;
use system::{Manifest, System};

pub use emulator::console::ConsoleOptions;
pub use faults::{Fault, FaultPlan, PlanClock, PlannedFault, Timing};
pub use snapshot::Snapshot;
pub use system::{ClockMode, PhoneError};

/// How long commands that are under way are waited for before a state is kept or put back.
const QUIET: Duration = Duration::from_secs(10);

/// How a phone is made.
#[derive(Debug, Clone)]
pub struct PhoneOptions {
    /// Port of the ADB daemon on 127.0.0.1; 0 takes any.
    pub port: u16,
    /// Size of the screen in pixels.
    pub size: ScreenSize,
    /// Seed of everything random on the phone.
    pub seed: u64,
    /// How its clock moves.
    pub clock: ClockMode,
    /// Host directory that holds the phone's files; a temporary one, removed at the end, when
    /// `None`.
    pub root: Option<PathBuf>,
    /// Whether the ADB daemon runs as root from the start, as after `adb root`.
    pub adb_root: bool,
    /// Bytes of the data partition. What a client writes beyond them fails with `No space left on device`.
    pub capacity: u64,
    /// System properties that are others than the image's, such as `ro.product.model`. With `ro.debuggable` of 0 the
    /// phone is one that is sold: nobody becomes root on it.
    pub properties: Vec<(String, String)>,
    /// How long a reboot takes.
    pub boot_time: Duration,
    /// Misbehaviour from the start.
    pub faults: Vec<PlannedFault>,
    /// An emulator's console beside the ADB daemon, if wanted.
    pub console: Option<ConsoleOptions>,
    /// Port of an emulator's control service (gRPC) on 127.0.0.1, if wanted; 0 takes any. With it comes the
    /// accessibility forwarder.
    pub control: Option<u16>,
}

impl Default for PhoneOptions {
    fn default() -> PhoneOptions {
        PhoneOptions {
            port: 0,
            size: ScreenSize {
                width: 1080,
                height: 2400,
            },
            seed: 0,
            clock: ClockMode::Real,
            root: None,
            adb_root: true,
            capacity: DEFAULT_CAPACITY,
            properties: Vec::new(),
            boot_time: Duration::from_millis(500),
            faults: Vec::new(),
            console: None,
            control: None,
        }
    }
}

/// A running phone. Dropping it stops it.
pub struct Phone {
    machine: Arc<Machine>,
    daemon: Arc<Daemon>,
    port: u16,
    console: Option<u16>,
    control: Option<u16>,
    stop: CancellationToken,
    /// Last, so that the files go after everything that uses them.
    _root: Root,
}

impl Phone {
    /// Boots a phone and listens; returns when it can be connected to.
    ///
    /// # Errors
    /// [`PhoneError`] when the port is taken or the root directory cannot be used.
    pub async fn start(options: PhoneOptions) -> Result<Phone, PhoneError> {
        if options.size.width < 100 || options.size.height < 100 {
            return Err(PhoneError::Options(format!(
                "a screen of {} is too small; take at least 100x100",
                options.size
            )));
        }
        let (listener, port) = listen(options.port).await?;
        let console = match &options.console {
            Some(wanted) => {
                let token = console::token(&wanted.token).map_err(|error| {
                    PhoneError::Options(format!("{}: {error}", wanted.token.display()))
                })?;
                Some((wanted.clone(), token, listen(wanted.port).await?))
            }
            None => None,
        };
        let service = match options.control {
            Some(wanted) => Some(listen(wanted).await?),
            None => None,
        };
        let stop = CancellationToken::new();
        let boot_time = options.boot_time;
        let (machine, root) = tokio::task::spawn_blocking(move || boot(&options))
            .await
            .map_err(|error| PhoneError::Options(format!("the phone did not boot: {error}")))??;
        let daemon = Daemon::start(machine.clone(), listener, boot_time, stop.clone());
        let mut console_port = None;
        if let Some((wanted, token, (listener, port_of_console))) = console {
            console_port = Some(port_of_console);
            if let Some(server) = wanted.server {
                let telling = console::announce(daemon.clone(), server, port, stop.clone());
                tokio::spawn(telling);
            }
            let serving = console::serve(machine.clone(), listener, wanted, token, stop.clone());
            tokio::spawn(serving);
        }
        let mut control_port = None;
        if let Some((listener, taken)) = service {
            control_port = Some(taken);
            tokio::spawn(control::serve(machine.clone(), listener, stop.clone()));
            tokio::spawn(forwarder::push::forward(machine.clone(), stop.clone()));
        }
        Ok(Phone {
            machine,
            daemon,
            port,
            console: console_port,
            control: control_port,
            stop,
            _root: root,
        })
    }

    /// `127.0.0.1:PORT`, the name under which it is connected to.
    pub fn serial(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The port of its ADB daemon.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The port of its console, if it has one.
    pub fn console_port(&self) -> Option<u16> {
        self.console
    }

    /// The port of its control service, if it has one.
    pub fn control_port(&self) -> Option<u16> {
        self.control
    }

    /// The machine, for whoever looks inside without ADB.
    pub fn machine(&self) -> &Arc<Machine> {
        &self.machine
    }

    /// Makes the phone misbehave.
    pub fn plan_fault(&self, fault: PlannedFault) {
        self.machine.faults.plan_fault(fault);
    }

    /// Makes the phone unreachable for a while, at once.
    pub fn go_offline(&self, duration: Duration) {
        self.daemon.control(Control::Offline(duration));
    }

    /// Ends all misbehaviour.
    pub fn clear_faults(&self) {
        self.machine.faults.clear();
    }

    /// Keeps the phone's state of now, to go back to.
    ///
    /// # Errors
    /// When a command works on for too long, or the host's disk is full.
    pub async fn snapshot(&self) -> Result<Snapshot, PhoneError> {
        let _quiet = self.quiet().await?;
        let machine = self.machine.clone();
        tokio::task::spawn_blocking(move || Snapshot::take(&machine))
            .await
            .map_err(|error| PhoneError::Options(format!("the snapshot failed: {error}")))?
    }

    /// Goes back to a state that was kept: what lasts is as it was then, and the home screen is
    /// shown. Connections and planned faults stay.
    ///
    /// # Errors
    /// As [`Phone::snapshot`].
    pub async fn restore(&self, snapshot: &Arc<Snapshot>) -> Result<(), PhoneError> {
        let _quiet = self.quiet().await?;
        let (machine, snapshot) = (self.machine.clone(), snapshot.clone());
        tokio::task::spawn_blocking(move || snapshot.restore(&machine))
            .await
            .map_err(|error| PhoneError::Options(format!("going back failed: {error}")))?
    }

    async fn quiet(&self) -> Result<tokio::sync::SemaphorePermit<'_>, PhoneError> {
        let quiet = self.daemon.quiet(QUIET).await;
        quiet.ok_or_else(|| {
            PhoneError::Options(format!(
                "a command has been at work for {} s; a state can only be kept or put back between commands",
                QUIET.as_secs()
            ))
        })
    }

    /// Reboots it: connections break, files stay.
    pub fn reboot(&self) {
        self.daemon.control(Control::Reboot);
    }

    /// The screen, drawn now. Blocks; not for the reactor.
    pub fn frame(&self) -> Frame {
        self.machine.screen.frame(&self.machine)
    }

    /// Runs a command line as `adb shell` would. Blocks; not for the reactor.
    pub fn shell(&self, script: &str) -> ShellOutput {
        run_shell(&self.machine, script, b"")
    }

    /// Ends all connections and stops listening.
    pub async fn stop(self) {
        self.stop.cancel();
        // Connections notice at their next turn; then the files can go.
        tokio::task::yield_now().await;
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Listens on a port of 127.0.0.1; returns it too, as 0 stands for any.
async fn listen(port: u16) -> Result<(TcpListener, u16), PhoneError> {
    let failed = |error| PhoneError::Listen { port, error };
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(failed)?;
    let taken = listener.local_addr().map_err(failed)?.port();
    Ok((listener, taken))
}

/// What a command printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellOutput {
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Exit code.
    pub status: i32,
}

impl ShellOutput {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// Runs a command line on a machine, without ADB.
pub fn run_shell(machine: &Arc<Machine>, script: &str, input: &[u8]) -> ShellOutput {
    let (output, stdout) = Output::buffer();
    let (error, stderr) = Output::buffer();
    let streams = Streams::new(Input::bytes(input.to_vec()), output, error);
    let mut shell = Shell::new(machine, &streams, Arc::default());
    let status = shell.run_text(script, &streams);
    ShellOutput {
        stdout: stdout.take(),
        stderr: stderr.take(),
        status,
    }
}

/// Boots a machine on its root directory, without a daemon.
pub fn boot(options: &PhoneOptions) -> Result<(Arc<Machine>, Root), PhoneError> {
    let root = match &options.root {
        Some(path) => Root::Given(path.clone()),
        None => Root::temporary()?,
    };
    let mut manifests = machine::manifests();
    if options.control.is_some() {
        let app = Manifest::provider(forwarder::PACKAGE, "Accessibility Forwarder");
        manifests.push(app);
    }
    let mut system = System::boot(
        root.path(),
        options.size,
        options.seed,
        options.clock,
        manifests,
    )?;
    for (key, value) in &options.properties {
        system.properties.preset(key, value);
    }
    if let Root::Temporary(_) = root {
        system.files.is_ours_alone();
    }
    providers::create(&system.files)?;
    apps::roles::create(&system.files)?;
    let sold = system.properties.get("ro.debuggable") == "0";
    let machine = Arc::new(Machine::new(system, options.adb_root && !sold));
    machine.files.set_capacity(options.capacity);
    for fault in &options.faults {
        machine.faults.plan_fault(fault.clone());
    }
    Ok((machine, root))
}

/// The host directory of a phone; a temporary one is removed when this is dropped.
#[derive(Debug)]
pub enum Root {
    /// Somebody else's, and it stays.
    Given(PathBuf),
    /// Ours.
    Temporary(PathBuf),
}

impl Root {
    fn temporary() -> Result<Root, PhoneError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!(
            "stepdroid-phone-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        // What a killed process of the same number left behind is of no use.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(|error| PhoneError::Root {
            path: path.display().to_string(),
            error: error.to_string(),
        })?;
        Ok(Root::Temporary(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        match self {
            Root::Given(path) | Root::Temporary(path) => path,
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if let Root::Temporary(path) = self {
            // What cannot be removed is left to the host's own cleaning.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
