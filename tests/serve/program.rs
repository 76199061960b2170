//! Starting the program as a service, and looking at it from outside.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const LONGEST: Duration = Duration::from_secs(240);

/// The program with what the tests' own surroundings would change taken out.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepdroid"));
    command
        .env_remove("RUST_LOG")
        .env_remove("NOTIFY_SOCKET")
        .env_remove("WATCHDOG_USEC")
        .stdin(Stdio::null());
    command
}

/// A process that serves `small.toml` of a folder into `run` beside it.
pub struct Service {
    child: Child,
    errors: PathBuf,
}

impl Service {
    pub fn start(folder: &Path, arguments: &[&str]) -> Service {
        Service::start_with(folder, arguments, |command| command)
    }

    pub fn start_with(
        folder: &Path,
        arguments: &[&str],
        more: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Service {
        let errors = folder.join("errors");
        let mut command = program();
        command
            .arg("serve")
            .arg(folder.join("small.toml"))
            .arg("--out")
            .arg(folder.join("run"))
            // How full the disk of this machine is must not matter.
            .args(["--set", "retention.min_free_bytes=0"])
            .args(arguments)
            .env("TMPDIR", folder)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&errors).unwrap());
        more(&mut command);
        Service {
            child: command.spawn().unwrap(),
            errors,
        }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a moment, which must come before the process ends.
    pub fn until(&mut self, moment: impl Fn() -> bool) {
        let since = Instant::now();
        while !moment() {
            let ended = self.child.try_wait().unwrap();
            // What it waited for may have come with the end.
            assert!(ended.is_none() || moment(), "{ended:?}: {}", self.said());
            assert!(since.elapsed() < LONGEST, "it never came: {}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn signal(&self, name: &str) {
        let mut command = Command::new("kill");
        command.args(["-s", name, &self.child.id().to_string()]);
        assert!(command.status().unwrap().success());
    }

    /// Waits for the end with a code.
    pub fn ends(mut self, code: i32) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if since.elapsed() > LONGEST {
                self.child.kill().unwrap();
                panic!("no end: {}", self.said());
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert_eq!(status.code(), Some(code), "{}", self.said());
        assert!(!self.said().contains("panicked"), "{}", self.said());
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap_or_default()
    }
}

/// What the run's `status.json` says.
pub fn status(run: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(run.join("status.json")).ok()?;
    // It is there as a whole or not at all.
    Some(serde_json::from_str(&text).unwrap())
}

/// `stepdroid gc` on a run.
pub fn gc(run: &Path, arguments: &[&str]) -> Output {
    program()
        .arg("gc")
        .arg(run)
        .args(arguments)
        .output()
        .unwrap()
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A virtual phone in a process of its own.
pub fn phone(port: u16) -> Child {
    program()
        .args(["phone", "--size", "360x800", "--clock", "steps", "--port"])
        .arg(port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
