//! Debian's `adb` with a server of its own, and phones that it is connected to.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use stepdroid::phone::{Phone, PhoneOptions};

/// A private adb server and the phones it knows. One at a time: servers are heavy.
pub struct Bench {
    pub port: u16,
    pub home: tempfile::TempDir,
    pub runtime: tokio::runtime::Runtime,
    _alone: std::sync::MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Bench {
    pub fn new() -> Bench {
        let alone = ALONE
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let found = Command::new("adb").arg("version").output();
        assert!(
            found.is_ok_and(|output| output.status.success()),
            "this test needs Debian's adb on the PATH: apt-get install adb, or make setup"
        );
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Bench {
            port,
            home: tempfile::tempdir().unwrap(),
            runtime: tokio::runtime::Runtime::new().unwrap(),
            _alone: alone,
        }
    }

    pub fn phone(&self, change: impl FnOnce(&mut PhoneOptions)) -> Phone {
        let mut options = PhoneOptions::default();
        change(&mut options);
        self.runtime.block_on(Phone::start(options)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("adb");
        command
            .args(["-P", &self.port.to_string()])
            .args(arguments)
            .env("HOME", self.home.path())
            .env("ADB_MDNS_AUTO_CONNECT", "0")
            .env_remove("ANDROID_SERIAL")
            .stdin(Stdio::null());
        command
    }

    pub fn adb(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Standard output of a command that must succeed.
    pub fn ok(&self, arguments: &[&str]) -> String {
        let output = self.adb(arguments);
        assert!(
            output.status.success(),
            "adb {arguments:?}: {:?} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn connect(&self, phone: &Phone) -> Device<'_> {
        let text = self.ok(&["connect", &phone.serial()]);
        assert!(text.contains("connected to"), "{text}");
        Device {
            bench: self,
            serial: phone.serial(),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // Whatever happened, no server stays behind.
        let _ = self.command(&["kill-server"]).output();
    }
}

pub struct Device<'a> {
    pub bench: &'a Bench,
    pub serial: String,
}

impl Device<'_> {
    fn arguments<'b>(&'b self, arguments: &[&'b str]) -> Vec<&'b str> {
        [&["-s", self.serial.as_str()], arguments].concat()
    }

    pub fn adb(&self, arguments: &[&str]) -> Output {
        self.bench.adb(&self.arguments(arguments))
    }

    pub fn ok(&self, arguments: &[&str]) -> String {
        self.bench.ok(&self.arguments(arguments))
    }

    /// Runs a command with bytes on its standard input.
    pub fn feed(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .bench
            .command(&self.arguments(arguments))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    /// Waits until the device answers again after it went away.
    pub fn comes_back(&self) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let _ = self.bench.adb(&["connect", &self.serial]);
            let output = self.adb(&["shell", "getprop", "sys.boot_completed"]);
            if output.status.success() && output.stdout.starts_with(b"1") {
                return;
            }
            assert!(Instant::now() < end, "the phone did not come back");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
