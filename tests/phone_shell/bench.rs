//! A phone, and running scripts on it.

use std::sync::Arc;

use stepdroid::phone::machine::Machine;
use stepdroid::phone::{self, ClockMode, PhoneOptions, Root, ShellOutput};

/// A phone without a daemon.
pub struct Bench {
    pub machine: Arc<Machine>,
    _root: Root,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut PhoneOptions)) -> Bench {
        let mut options = PhoneOptions {
            clock: ClockMode::Steps,
            ..PhoneOptions::default()
        };
        change(&mut options);
        let (machine, root) = phone::boot(&options).unwrap();
        Bench {
            machine,
            _root: root,
        }
    }

    pub fn run(&self, script: &str) -> ShellOutput {
        phone::run_shell(&self.machine, script, b"")
    }

    /// Standard output of a command that must succeed and complain about nothing.
    pub fn ok(&self, script: &str) -> String {
        let output = self.run(script);
        assert_eq!(output.error_text(), "", "{script}");
        assert_eq!(output.status, 0, "{script}: {}", output.text());
        output.text()
    }

    /// Runs a table of (script, standard output, standard error, exit code).
    pub fn table(&self, rows: &[(&str, &str, &str, i32)]) {
        for (script, stdout, stderr, status) in rows {
            let output = self.run(script);
            assert_eq!(output.text(), *stdout, "standard output of {script}");
            assert_eq!(output.error_text(), *stderr, "standard error of {script}");
            assert_eq!(output.status, *status, "exit code of {script}");
        }
    }
}
