//! An SDK whose emulator is the stand-in, a home of AVDs and a state directory, all temporary.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use stepdroid::emulator::{
    AvdHome, BUILT_IN, Definition, Instance, LaunchOptions, Sdk, Start, StateDirectory,
};
use stepdroid::farm::emulators::{Owned, Reach, Renewal};
use tempfile::TempDir;

use crate::standin::FAULT_FILE;

/// More than any of this takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
pub const AVD: &str = "AndroidWorldAvd";

/// Tests run at the same time: each looks for ports in a place of its own.
static NEXT_PORT: AtomicU16 = AtomicU16::new(0);

pub struct Place {
    pub folder: TempDir,
    pub sdk: Sdk,
    pub home: AvdHome,
    pub state: StateDirectory,
    pub port: u16,
}

impl Place {
    /// With one AVD of a small screen.
    pub fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("sdk");
        let image = root.join("system-images/android-33/google_apis/x86_64");
        fs::create_dir_all(root.join("emulator")).unwrap();
        fs::create_dir_all(&image).unwrap();
        fs::write(image.join("system.img"), "").unwrap();
        // A link to a file that nobody writes: one that was just written may be busy when it is to be started.
        let script = Path::new(file!())
            .with_file_name("standin.sh")
            .canonicalize()
            .unwrap();
        std::os::unix::fs::symlink(script, root.join("emulator/emulator")).unwrap();
        let this = std::env::current_exe().unwrap();
        fs::write(root.join("emulator/executable"), this.to_str().unwrap()).unwrap();
        let place = Place {
            sdk: Sdk::at(&root).unwrap(),
            home: AvdHome::at(&folder.path().join("avd")),
            state: StateDirectory::at(&folder.path().join("state")),
            folder,
            port: 5600 + NEXT_PORT.fetch_add(8, Ordering::Relaxed) % 64,
        };
        let mut definition = Definition::parse(BUILT_IN, "built in").unwrap();
        (definition.device.width, definition.device.height) = (270, 600);
        place.home.create(&definition, &place.sdk, false).unwrap();
        place
    }

    pub fn avd(&self) -> std::path::PathBuf {
        self.home.avd(AVD).unwrap()
    }

    /// Makes the emulators that start from now on misbehave; an empty word ends that.
    pub fn fault(&self, word: &str) {
        fs::write(self.avd().join(FAULT_FILE), word).unwrap();
    }

    pub fn options(&self) -> LaunchOptions {
        LaunchOptions {
            first_port: self.port,
            ..LaunchOptions::new(AVD)
        }
    }

    pub fn writable(&self) -> LaunchOptions {
        LaunchOptions {
            writable: true,
            ..self.options()
        }
    }

    pub fn from(&self, snapshot: &str) -> LaunchOptions {
        LaunchOptions {
            start: Start::Snapshot(snapshot.to_owned()),
            ..self.options()
        }
    }

    pub async fn launch(&self, options: &LaunchOptions) -> Instance {
        Instance::launch(&self.sdk, &self.home, &self.state, options)
            .await
            .unwrap()
    }

    pub fn owned(&self, options: LaunchOptions, patience: Duration, renewal: Renewal) -> Owned {
        let place = (self.sdk.clone(), self.home.clone(), self.state.clone());
        Owned::new(place, options, Reach::Direct, patience, renewal)
    }

    /// Nothing runs, is recorded, or lies about.
    pub fn assert_empty(&self) {
        assert_eq!(self.state.records(), []);
        let left = fs::read_dir(self.state.path().join("temporary"));
        assert_eq!(left.map_or(0, Iterator::count), 0);
        let token = "STEPDROID_EMULATOR=";
        let ours = |environment: &[u8]| {
            let text = String::from_utf8_lossy(environment);
            text.contains(token) && text.contains(self.folder.path().to_str().unwrap())
        };
        let running = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
            fs::read(entry.path().join("environ")).is_ok_and(|environment| ours(&environment))
        });
        assert_eq!(running.count(), 0, "processes of emulators are left");
    }
}

impl Drop for Place {
    /// A test that failed leaves no emulators behind either.
    fn drop(&mut self) {
        for record in self.state.records() {
            for process in record.processes() {
                let _ = std::process::Command::new("kill")
                    .args(["-9", &process.pid.to_string()])
                    .status();
            }
        }
    }
}

/// Sends a signal by `kill`.
pub fn signal(name: &str, pid: i32) {
    let status = std::process::Command::new("kill")
        .args([name, &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// A zip archive, which is all that the virtual phone looks for in an APK.
pub fn apk(path: &Path) {
    fs::write(path, b"PK\x03\x04 nothing in it").unwrap();
}
