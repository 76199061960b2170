//! The phone's operating system below the windows: files, settings, clock, packages, properties.
//! Uses `domain` only. Everything that lasts is in the phone's files.

pub mod access;
pub mod attributes;
mod case;
pub mod clock;
pub mod error;
pub mod files;
pub mod intent;
pub mod layout;
pub mod log;
pub mod packages;
pub mod paths;
pub mod preferences;
pub mod properties;
pub mod settings;

use std::path::Path;
use std::time::Duration;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rusqlite::{Connection, OpenFlags};

use crate::domain::{ScreenSize, streams};

pub use clock::{Clock, ClockMode, Moment};
pub use error::{FileError, PhoneError};
pub use files::{Entry, FileKind, Files, KnownFiles, Metadata, Touched};
pub use intent::{Extra, Intent};
pub use log::Log;
pub use packages::{Manifest, Packages, data_directory};
pub use preferences::{Preference, Preferences};
pub use properties::Properties;
pub use settings::{Namespace, Settings};

/// Everything of the phone but its windows. Fields are public and independent, so that an app can
/// hold one and change another.
#[derive(Debug)]
pub struct System {
    /// Real files below one host directory.
    pub files: Files,
    /// The settings provider.
    pub settings: Settings,
    /// The phone's clock.
    pub clock: Clock,
    /// The clipboard's text.
    pub clipboard: Option<String>,
    /// The package manager.
    pub packages: Packages,
    /// System properties.
    pub properties: Properties,
    /// The phone's random stream.
    pub random: ChaCha8Rng,
    /// Physical size of the screen, however it is turned.
    pub screen: ScreenSize,
    /// How the phone is held, in quarter turns to the left (an emulator's `rotate`).
    pub held: u8,
    /// The call that rings or goes on; what it says counts only while there is its screen.
    pub call: Option<Call>,
    /// The log.
    pub log: Log,
}

impl System {
    /// Boots a system on a host directory: what is there is kept, what is missing is created.
    pub fn boot(
        root: &Path,
        screen: ScreenSize,
        seed: u64,
        mode: ClockMode,
        manifests: Vec<Manifest>,
    ) -> Result<System, PhoneError> {
        let clock = Clock::new(mode);
        let files = Files::open(root, clock.clone()).map_err(|error| bad_root(root, &error))?;
        System::furnish(files, clock, screen, seed, manifests)
    }

    /// Becomes another phone of the same make: everything that was kept is gone, and what tells phones apart is
    /// another. The clock and the handles to it and to the files stay.
    ///
    /// # Errors
    /// When the files cannot be removed or made.
    pub fn replace(&mut self, manifests: Vec<Manifest>) -> Result<(), PhoneError> {
        let seed = self.random.random::<u64>();
        let root = self.files.root().to_path_buf();
        self.files
            .empty()
            .map_err(|error| bad_root(&root, &error))?;
        let (files, clock) = (self.files.clone(), self.clock.clone());
        *self = System::furnish(files, clock, self.screen, seed, manifests)?;
        Ok(())
    }

    fn furnish(
        files: Files,
        clock: Clock,
        screen: ScreenSize,
        seed: u64,
        manifests: Vec<Manifest>,
    ) -> Result<System, PhoneError> {
        let root = files.root().to_path_buf();
        let bad_root = |error: FileError| bad_root(&root, &error);
        let mut random = streams::stream(seed, "phone", 0);
        let identity = format!("{:016x}", random.random::<u64>());
        let settings = Settings::open(&files, &identity).map_err(bad_root)?;
        let mut packages = Packages::open(&files).map_err(bad_root)?;
        for manifest in manifests {
            packages.install(manifest).map_err(bad_root)?;
        }
        let serial = format!("STEP{:08X}", random.random::<u32>());
        let properties = Properties::new(&serial, density(screen));
        Ok(System {
            files,
            settings,
            clock,
            clipboard: None,
            packages,
            properties,
            random,
            screen,
            held: 0,
            call: None,
            log: Log::default(),
        })
    }

    /// Opens a SQLite database of the phone, creating it and its directory when missing. It
    /// cannot grow past the room that is left (`SQLITE_FULL`).
    pub fn database(&self, path: &str) -> Result<Connection, PhoneError> {
        open_database(&self.files, path)
    }

    /// Screen density in dots an inch: an app is always [`WIDTH_DP`] wide.
    pub fn density(&self) -> i64 {
        density(self.screen)
    }

    /// How the screen is turned, in quarter turns to the left: as `user_rotation` says, or as the phone is held
    /// where it turns by itself, which no phone does upside down.
    pub fn rotation(&self) -> u8 {
        let own = self
            .settings
            .get_integer(Namespace::System, "accelerometer_rotation", 0);
        match own {
            0 => {
                let turned = self
                    .settings
                    .get_integer(Namespace::System, "user_rotation", 0);
                u8::try_from(turned)
                    .ok()
                    .filter(|turned| *turned < 4)
                    .unwrap_or(0)
            }
            _ if self.held == 2 => 0,
            _ => self.held % 4,
        }
    }

    /// Size of the screen as it is turned.
    pub fn size(&self) -> ScreenSize {
        let ScreenSize { width, height } = self.screen;
        match self.rotation() % 2 {
            0 => self.screen,
            _ => ScreenSize {
                width: height,
                height: width,
            },
        }
    }

    /// Height of the screen in dp, as it is turned.
    pub fn height_dp(&self) -> f32 {
        self.size().height as f32 * WIDTH_DP / self.screen.width.max(1) as f32
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The other side's number.
    pub number: String,
    /// Whether the other side calls.
    pub incoming: bool,
    /// Whether somebody answered.
    pub answered: bool,
}

/// Width of every screen in dp.
pub const WIDTH_DP: f32 = 411.43;

/// Steps of SQLite's machine between two looks at how many there were.
const STEPS: i32 = 1_000_000;
/// So often an opened database is looked at before it gives up. Apps open theirs for every use and need
/// far less; a hostile one may hold a view that has no end.
const LOOKS: u32 = 20;

/// Most pages that SQLite can be told of.
const MOST_PAGES: i64 = 1 << 31;

/// [`System::database`] for whoever has only the files.
pub fn open_database(files: &Files, path: &str) -> Result<Connection, PhoneError> {
    if let Some((parent, _)) = paths::split(path) {
        files
            .make_dirs(parent)
            .map_err(|error| PhoneError::file(parent, error))?;
    }
    let host = files
        .host_path(path)
        .map_err(|error| PhoneError::file(path, error))?;
    let open = || -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&host, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        let mut looks = 0;
        let give_up = move || {
            looks += 1;
            looks >= LOOKS
        };
        connection.progress_handler(STEPS, Some(give_up))?;
        // The phone dies with its process; nobody needs its power cuts to be survived.
        connection.pragma_update(None, "synchronous", "OFF")?;
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let more = i64::try_from(files.free_bytes()).unwrap_or(i64::MAX) / page.max(512);
        connection.pragma_update(None, "max_page_count", (pages + more).clamp(1, MOST_PAGES))?;
        Ok(connection)
    };
    open().map_err(|error| PhoneError::database(path, error))
}

fn bad_root(root: &Path, error: &FileError) -> PhoneError {
    PhoneError::Root {
        path: root.display().to_string(),
        error: error.to_string(),
    }
}

fn density(screen: ScreenSize) -> i64 {
    (f64::from(screen.width) / f64::from(WIDTH_DP) * 160.0).round() as i64
}
