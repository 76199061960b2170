//! Running the program and looking at what it did. Whatever is done to it, it never panics.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stepdroid");

/// The program with what the tests' own surroundings would change taken out, and a register of devices of its own.
pub fn program() -> Command {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let state = format!("state-{}-{number}", std::process::id());
    let mut command = Command::new(PROGRAM);
    command
        .env(
            "XDG_STATE_HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(state),
        )
        .env_remove("RUST_LOG")
        .env_remove("ANDROID_SERIAL")
        .env("ANDROID_ADB_SERVER_PORT", "1")
        .stdin(Stdio::null());
    command
}

/// Runs the program to its end, which must come.
pub fn end_of(command: Command) -> Ran {
    end_of_typing(command, "")
}

/// As [`end_of`], with lines on its standard input.
pub fn end_of_typing(command: Command, lines: &'static str) -> Ran {
    let mut command = assert_cmd::Command::from_std(command);
    command.timeout(Duration::from_secs(120)).write_stdin(lines);
    Ran::of(command.output().unwrap())
}

/// What came of a run.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Ran {
        let ran = Ran {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }

    /// The exit code must be this, and stderr must hold these texts.
    pub fn fails(self, code: i32, texts: &[&str]) -> Ran {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        for text in texts {
            assert!(
                self.stderr.contains(text),
                "{text:?} is missing in {:?}",
                self.stderr
            );
        }
        self
    }

    /// The exit code must be this, and these texts must be on one of the two streams.
    pub fn ends(self, code: i32, texts: &[&str]) -> Ran {
        assert_eq!(self.code, code, "{}{}", self.stdout, self.stderr);
        let said = format!("{}{}", self.stdout, self.stderr);
        for text in texts {
            assert!(said.contains(text), "{text:?} is missing in {said}");
        }
        self
    }

    pub fn works(self) -> Ran {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.stdout))
    }
}

pub fn run(arguments: &[&str]) -> Ran {
    run_with(arguments, &[])
}

/// As [`run`], with variables of the environment.
pub fn run_with(arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = program();
    command.args(arguments).envs(variables.iter().copied());
    end_of(command)
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
