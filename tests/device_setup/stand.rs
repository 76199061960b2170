//! Phones that hold something of somebody's, and the program run on them.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};

/// What does not happen in this time does not happen.
const PATIENCE: Duration = Duration::from_secs(180);

/// Everything that a set-up may touch: settings, files with contents, modes and owners, packages, permissions, keyboard,
/// time zone.
pub const STATE: &str = "for n in global system secure; do echo $n; settings list $n; done; \
    find / -type f -exec sha256sum {} + 2>&1; find / -exec stat -c '%n %a %U %G' {} + 2>&1; \
    pm list packages --show-versioncode; dumpsys package | grep -E 'Package \\[|granted='; ime list -s; \
    getprop persist.sys.timezone";

/// What a user may have on a phone.
const OWN: &str = "echo mine > /data/data/net.gsantner.markor/mine.txt; chmod 640 /data/data/net.gsantner.markor/mine.txt; \
    mkdir -p /data/data/org.tasks/.hidden /storage/emulated/0/Android/data/org.videolan.vlc/files; \
    echo 1 > /data/data/org.tasks/.hidden/.one; echo 2 > /storage/emulated/0/Android/data/org.videolan.vlc/files/two; \
    pm grant com.dimowner.audiorecorder android.permission.READ_MEDIA_AUDIO; \
    settings put system screen_off_timeout 15000; settings put system time_12_24 12; \
    service call alarm 3 s16 Europe/Berlin";

pub async fn phone(change: impl FnOnce(&mut PhoneOptions)) -> Phone {
    let mut options = PhoneOptions {
        size: ScreenSize {
            width: 360,
            height: 800,
        },
        clock: ClockMode::Steps,
        ..PhoneOptions::default()
    };
    change(&mut options);
    let phone = Phone::start(options).await.unwrap();
    phone.shell(OWN);
    phone
}

/// A phone that does not say that it is emulated.
pub fn physical(options: &mut PhoneOptions) {
    for name in ["ro.kernel.qemu", "ro.boot.qemu"] {
        options.properties.push((name.to_owned(), String::new()));
    }
    let model = ("ro.product.model".to_owned(), "Pixel 6".to_owned());
    options.properties.push(model);
}

/// A phone that is sold: nobody becomes root on it.
pub fn sold(options: &mut PhoneOptions) {
    let sold = ("ro.debuggable".to_owned(), "0".to_owned());
    options.properties.push(sold);
}

pub fn program(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdroid"));
    command
        .args(arguments)
        .env("XDG_STATE_HOME", state)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// What came of a run.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// That it ended with a code and said something of everything.
    pub fn ends(self, code: i32, says: &[&str]) -> Ran {
        let all = format!("{}{}", self.stdout, self.stderr);
        assert_eq!(self.code, code, "{all}");
        for words in says {
            assert!(all.contains(words), "{words:?} is not in: {all}");
        }
        assert!(!all.contains("panicked"), "{all}");
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Runs the program, with its records below a folder.
pub async fn run(state: &Path, arguments: &[&str]) -> Ran {
    let mut command = program(state, arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program while it runs; it ends with the test.
pub struct Process(Child);

impl Process {
    pub fn start(state: &Path, arguments: &[&str]) -> Process {
        let mut command = program(state, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Process(command.spawn().unwrap())
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for a moment that must come while it runs.
    pub async fn until(&mut self, what: &str, moment: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !moment() {
            let ended = self.0.try_wait().unwrap();
            assert!(ended.is_none(), "it ended before: {what}");
            assert!(Instant::now() < end, "it never came: {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A long or short evaluation of the scripted solutions on devices.
pub fn evaluation<'a>(out: &'a Path, episodes: &'a str, devices: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["eval", "--solutions", "--tasks", "SystemWifiTurnOn"];
    words.extend(["--episodes", episodes, "--out", out.to_str().unwrap()]);
    for set in [
        "devices.settle=idle",
        "devices.focus_pause_ms=0",
        "devices.wait_ms=0",
    ] {
        words.extend(["--set", set]);
    }
    for device in devices {
        words.extend(["--device", *device]);
    }
    words
}

/// That a phone is as it was.
pub fn is_as_before(phone: &Phone, before: &str) {
    let after = phone.shell(STATE).text();
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (lines(before), lines(&after));
    let gone = before.iter().filter(|line| !after.contains(line));
    let new = after.iter().filter(|line| !before.contains(line));
    let gone = gone.map(|line| format!("- {line}\n"));
    let all: String = gone.chain(new.map(|line| format!("+ {line}\n"))).collect();
    assert!(all.is_empty(), "{all}");
}

pub fn records(state: &Path) -> usize {
    std::fs::read_dir(state.join("stepdroid/devices")).map_or(0, Iterator::count)
}
