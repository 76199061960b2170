//! Virtual phones of the program as a process.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::program::program;

/// `stepdroid phone`, stopped at the end.
pub struct RunningPhone {
    child: Child,
    /// What it said of each phone.
    pub lines: Vec<Value>,
}

impl RunningPhone {
    pub fn start(arguments: &[&str], count: usize) -> RunningPhone {
        let mut child = program()
            .args(["phone", "--json", "--size", "540x1200"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let lines = reader
            .lines()
            .take(count)
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect();
        RunningPhone { child, lines }
    }

    pub fn serial(&self) -> String {
        self.lines[0]["serial"].as_str().unwrap().to_owned()
    }

    pub fn interrupt(&mut self, signal: &str) -> i32 {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        let code = self.child.wait().unwrap().code().unwrap();
        let mut stderr = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{stderr}");
        code
    }
}

impl Drop for RunningPhone {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
