//! An adb server of a row's own, on a port of its own.
//!
//! What waits for a process gives its thread away first: the phone that `adb connect` waits for lives in the same
//! runtime, whose two threads could both be waiting otherwise.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::task::block_in_place;

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
        let mut connect = command(self.port, &self.home);
        connect.args(["connect", device]).stdout(Stdio::piped());
        let output = block_in_place(|| connect.output()).unwrap();
        // It ends with 0 where it could not connect, too.
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.starts_with("connected to"), "{said}");
        format!("127.0.0.1:{}/{device}", self.port)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        block_in_place(|| self.child.wait()).unwrap();
    }

    /// Has it do nothing any more.
    pub fn hang(&self) {
        let id = self.child.id().to_string();
        let mut stop = Command::new("kill");
        stop.args(["-STOP", &id]);
        assert!(block_in_place(|| stop.status()).unwrap().success());
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
        let mut end = command(self.port, &self.home);
        end.arg("kill-server");
        block_in_place(|| {
            let _ = self.child.wait();
            let _ = end.status();
        });
    }
}
