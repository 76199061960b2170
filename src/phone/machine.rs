//! The phone as one machine: system and windows under one lock, and what its processes share.
//! Uses `system`, `window`, `apps`.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rand::RngExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};

use super::apps;
use super::automator::Automation;
use super::changes::{Changes, Guard};
use super::daemon::Control;
use super::daemon::loopback::Loopback;
use super::emulator::forwarder::{self, Forwarder};
use super::faults::FaultSwitch;
use super::providers;
use super::screen::ScreenCache;
use super::system::{Clock, Files, Manifest, Namespace, PhoneError, System, attributes};
use super::ui::AppEntry;
use super::window::WindowManager;

/// Most commands that run in the background at one time.
const MAX_JOBS: usize = 32;
/// Most sessions that work at a time, each on a thread; fewer than the runtime has, which phones share
/// with the rest of the program.
pub const MAX_SESSIONS: usize = 384;
/// How often a server that ends sees whether it may.
const GLANCE: Duration = Duration::from_millis(5);

/// What the lock protects.
pub struct State {
    /// Files, settings, packages, clock.
    pub system: System,
    /// What is on the screen.
    pub windows: WindowManager,
}

/// One phone, shared by its ADB streams and shells.
pub struct Machine {
    state: Mutex<State>,
    /// The files, usable without the lock.
    pub files: Files,
    /// The clock, usable without the lock.
    pub clock: Clock,
    /// The last screenshot in its encodings.
    pub screen: ScreenCache,
    /// How the phone misbehaves.
    pub faults: FaultSwitch,
    /// The phone's own network.
    pub loopback: Loopback,
    /// What the accessibility forwarder was told.
    pub forwarder: Forwarder,
    /// Who holds the accessibility.
    pub automation: Automation,
    /// Tells whoever watches the screen when to look again.
    pub changes: Changes,
    /// Threads for sessions; who finds none waits.
    pub sessions: Arc<Semaphore>,
    servers: Arc<AtomicUsize>,
    root: AtomicBool,
    process: AtomicU32,
    jobs: Arc<AtomicUsize>,
    control: OnceLock<UnboundedSender<Control>>,
}

impl Machine {
    /// A booted machine that shows its home screen. `root`: the ADB daemon runs as root.
    pub fn new(mut system: System, root: bool) -> Machine {
        let windows = WindowManager::new(&mut system);
        Machine {
            files: system.files.clone(),
            clock: system.clock.clone(),
            faults: FaultSwitch::new(system.clock.clone()),
            state: Mutex::new(State { system, windows }),
            screen: ScreenCache::default(),
            loopback: Loopback::default(),
            forwarder: Forwarder::default(),
            automation: Automation::default(),
            changes: Changes::default(),
            sessions: Arc::new(Semaphore::new(MAX_SESSIONS)),
            servers: Arc::default(),
            root: AtomicBool::new(root),
            process: AtomicU32::new(4_000),
            jobs: Arc::default(),
            control: OnceLock::new(),
        }
    }

    /// System and windows, for as long as the guard lives. Never held while waiting for anything.
    pub fn lock(&self) -> Guard<'_, State> {
        self.changes.guard(self.look())
    }

    /// The same for whoever only looks at the screen, which is no reason for anybody to look again.
    pub fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the ADB daemon runs as root.
    pub fn is_root(&self) -> bool {
        self.root.load(Ordering::Relaxed)
    }

    /// `adb root`, `adb unroot`.
    pub fn set_root(&self, root: bool) {
        self.root.store(root, Ordering::Relaxed);
    }

    /// The user that new shells run as.
    pub fn shell_user(&self) -> u32 {
        match self.is_root() {
            true => attributes::ROOT,
            false => attributes::SHELL,
        }
    }

    /// Whether it passes for a phone that is sold: nobody becomes root on it.
    pub fn is_sold(&self) -> bool {
        self.look().system.properties.get("ro.debuggable") == "0"
    }

    /// The process id that the next one counts on from; setting it is for going back in time.
    pub(super) fn process_counter(&self) -> &AtomicU32 {
        &self.process
    }

    /// A new process id.
    pub fn next_process(&self) -> u32 {
        self.process.fetch_add(1, Ordering::Relaxed)
    }

    /// `$RANDOM`: 15 bits of the phone's random stream.
    pub fn random_number(&self) -> u16 {
        self.lock().system.random.random::<u16>() & 0x7fff
    }

    /// `/dev/zero` or `/dev/urandom`.
    pub fn noise(self: &Arc<Machine>, zero: bool) -> impl Read + Send + use<> {
        Noise {
            machine: (!zero).then(|| self.clone()),
        }
    }

    /// Runs something in the background; nothing when too much runs already.
    pub fn spawn_job(&self, work: impl FnOnce() + Send + 'static) {
        if self.jobs.fetch_add(1, Ordering::SeqCst) >= MAX_JOBS {
            self.jobs.fetch_sub(1, Ordering::SeqCst);
            return;
        }
        let jobs = self.jobs.clone();
        let spawned = std::thread::Builder::new()
            .name("phone-job".to_owned())
            .spawn(move || {
                work();
                jobs.fetch_sub(1, Ordering::SeqCst);
            });
        if spawned.is_err() {
            self.jobs.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Whether something runs in the background.
    pub fn has_jobs(&self) -> bool {
        self.jobs.load(Ordering::SeqCst) > 0
    }

    /// `wait`: until nothing runs in the background, or the client has gone.
    pub fn wait_for_jobs(&self, cancelled: &AtomicBool) {
        while self.jobs.load(Ordering::SeqCst) > 0 && !cancelled.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// A session that from now on only serves others does not count as one that works, until the guard is dropped,
    /// which waits for whoever keeps all of them waiting.
    pub fn step_aside(&self) -> Aside {
        self.sessions.add_permits(1);
        self.servers.fetch_add(1, Ordering::SeqCst);
        Aside {
            sessions: self.sessions.clone(),
            servers: self.servers.clone(),
        }
    }

    /// How many sessions have stepped aside.
    pub fn servers(&self) -> usize {
        self.servers.load(Ordering::SeqCst)
    }

    /// Lets `duration` pass: really under a real clock, on the phone's clock alone under `Steps`.
    /// Ends early when the client goes.
    pub fn sleep(&self, duration: Duration, cancelled: &AtomicBool) {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        if self.clock.mode() == super::system::ClockMode::Steps {
            self.clock.advance_micros(micros);
            return;
        }
        let end = std::time::Instant::now().checked_add(duration);
        while !cancelled.load(Ordering::Relaxed) {
            let left = match end {
                Some(end) => end.saturating_duration_since(std::time::Instant::now()),
                None => Duration::from_secs(1),
            };
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(Duration::from_millis(20)));
        }
    }

    /// Tells the machine where its daemon takes orders.
    pub fn set_control(&self, control: UnboundedSender<Control>) {
        // A machine has one daemon in its life.
        let _ = self.control.set(control);
    }

    /// Asks the daemon for a reboot.
    pub fn request_reboot(&self) {
        self.request(Control::Reboot);
    }

    /// Asks the daemon for something that concerns the whole phone.
    pub fn request(&self, wanted: Control) {
        if let Some(control) = self.control.get() {
            // A phone that is being stopped obeys nobody.
            let _ = control.send(wanted);
        }
    }

    /// Another phone of the same make is in its place: nothing of what was there, another serial number.
    ///
    /// # Errors
    /// When its files cannot be replaced.
    pub fn swap(&self) -> Result<(), PhoneError> {
        let mut state = self.lock();
        let state = &mut *state;
        self.faults.end_all();
        self.files.set_full(false);
        let mut wanted = manifests();
        let forwarder = state.system.packages.get(forwarder::PACKAGE).cloned();
        wanted.extend(forwarder);
        state.system.replace(wanted)?;
        providers::create(&state.system.files)?;
        apps::roles::create(&state.system.files)?;
        state.windows = WindowManager::new(&mut state.system);
        self.automation.end();
        self.loopback.clear();
        self.forwarder.forget();
        Ok(())
    }

    /// A reboot: windows and whatever is kept in memory are gone, files stay.
    pub fn reboot(&self) {
        let mut state = self.lock();
        let state = &mut *state;
        state.system.clipboard = None;
        state.system.log.clear();
        let boots = state
            .system
            .settings
            .get_integer(Namespace::Global, "boot_count", 0);
        // A full disk does not keep a phone from booting.
        let _ = state
            .system
            .settings
            .put(Namespace::Global, "boot_count", boots + 1);
        state.system.properties.booted(boots + 1);
        state.windows = WindowManager::new(&mut state.system);
        self.automation.end();
        self.loopback.clear();
        self.forwarder.forget();
    }
}

/// A session that does not count; see [`Machine::step_aside`].
pub struct Aside {
    sessions: Arc<Semaphore>,
    servers: Arc<AtomicUsize>,
}

impl Drop for Aside {
    fn drop(&mut self) {
        while let Err(TryAcquireError::NoPermits) =
            self.sessions.try_acquire().map(SemaphorePermit::forget)
        {
            std::thread::sleep(GLANCE);
        }
        self.servers.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Noise {
    machine: Option<Arc<Machine>>,
}

impl Read for Noise {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &self.machine {
            Some(machine) => machine.lock().system.random.fill(into),
            None => into.fill(0),
        }
        Ok(into.len())
    }
}

/// Manifests of the apps that this phone comes with.
pub fn manifests() -> Vec<Manifest> {
    let own = apps::registry().iter();
    own.map(manifest)
        .chain(apps::foreign::benchmark())
        .collect()
}

/// The manifest of an app of this phone.
pub fn manifest(app: &AppEntry) -> Manifest {
    let launcher = app.main().map(|activity| activity.class.to_owned());
    let activities = app
        .activities
        .iter()
        .flat_map(|activity| std::iter::once(&activity.class).chain(activity.aliases))
        .map(|class| (*class).to_owned())
        .collect();
    let system = ["com.android.", "com.google.android."]
        .iter()
        .any(|vendor| app.package.starts_with(vendor));
    Manifest {
        package: app.package.to_owned(),
        label: app.label.to_owned(),
        launcher,
        activities,
        version_name: "1.0".to_owned(),
        version_code: 1,
        permissions: Vec::new(),
        system,
    }
}
