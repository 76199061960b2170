//! An adb server of a row's own, on a port of its own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The server; ended, with whatever was started in its place, when this is dropped.
pub struct Server {
    port: u16,
    home: tempfile::TempDir,
    child: Child,
}

impl Server {
    /// Starts one.
    pub fn start() -> Server {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let home = tempfile::tempdir().unwrap();
        let child = command(port, &home)
            .args(["nodaemon", "server"])
            .spawn()
            .expect("adb is needed: install it, or `make setup`");
        let server = Server { port, home, child };
        let end = Instant::now() + Duration::from_secs(20);
        // A command would start a server of its own where this one is not there yet.
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "no adb server came up");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Has it connect to a device; returns the serial that the device has through it.
    pub fn connect(&self, device: &str) -> String {
        assert!(self.run(&["connect", device]));
        format!("127.0.0.1:{}/{device}", self.port)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Has it do nothing any more.
    pub fn hang(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-STOP", &id]).status().unwrap();
        assert!(sent.success());
    }

    fn run(&self, words: &[&str]) -> bool {
        let status = command(self.port, &self.home).args(words).status();
        status.is_ok_and(|status| status.success())
    }
}

fn command(port: u16, home: &tempfile::TempDir) -> Command {
    let mut command = Command::new(stepdroid::adb::program());
    command
        .args(["-P", &port.to_string()])
        .env("HOME", home.path())
        .env("ADB_MDNS_AUTO_CONNECT", "0")
        .env_remove("ANDROID_SERIAL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead, or stopped; then another one may listen in its place.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.run(&["kill-server"]);
    }
}
