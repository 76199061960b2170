//! scrcpy's server 3.3.4, played: what `app_process` runs when a client has pushed its jar. It shows the screen as
//! H.264 on one socket and does what control messages on another say, until one of them closes or its shell does.
//! Nothing of it is there before it is started. Uses the machine, its own network and windows, `pixels` and `wire`.

mod control;
mod fingers;
mod options;
mod sockets;
mod video;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use options::{Level, Options};

use super::machine::Machine;
use super::shell::{Shell, Streams};
use crate::phone::system::files::Files;

/// One running server.
struct Server {
    machine: Arc<Machine>,
    options: Options,
    streams: Streams,
    /// The client has closed the shell's stream.
    cancelled: Arc<AtomicBool>,
    /// One of the sockets has ended.
    ended: AtomicBool,
    /// Width and height of the video, which touches have to name; 0 while there is none.
    size: AtomicU64,
}

impl Server {
    fn is_over(&self) -> bool {
        self.ended.load(Ordering::Relaxed) || self.cancelled.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    fn log(&self, level: Level, text: &str) {
        log(&self.streams, self.options.level, level, text);
    }

    fn size(&self) -> Option<(u32, u32)> {
        let size = self.size.load(Ordering::Relaxed);
        (size > 0).then_some(((size >> 32) as u32, size as u32))
    }

    fn set_size(&self, width: u32, height: u32) {
        let size = u64::from(width) << 32 | u64::from(height);
        self.size.store(size, Ordering::Relaxed);
    }
}

fn log(streams: &Streams, threshold: Level, level: Level, text: &str) {
    if level < threshold {
        return;
    }
    let line = format!("[server] {}: {text}", level.name());
    match level {
        Level::Warn | Level::Error => streams.complain(line),
        _ => streams.line(line),
    }
    streams.flush();
}

/// An exception that ends the program, with what a client sees of it; returns the exit code.
fn throw(streams: &Streams, class: &str, message: &str) -> i32 {
    log(streams, Level::Info, Level::Error, message);
    streams.complain(format!("{class}: {message}"));
    streams.complain("\tat com.genymobile.scrcpy.Server.main(Server.java:224)");
    1
}

/// Whether the jar is there: any file will do that is not empty.
pub fn has_jar(files: &Files, path: &str) -> bool {
    files.metadata(path).is_ok_and(|jar| jar.size > 0)
}

/// Runs the server to its end with the words after the class's name; returns the exit code.
pub fn main(shell: &mut Shell, jar: &str, words: &[String], streams: &Streams) -> i32 {
    let options = match Options::parse(words) {
        Ok(options) => options,
        Err(message) => return throw(streams, "java.lang.IllegalArgumentException", &message),
    };
    for key in &options.unknown {
        let text = format!("Unknown server option: {key}");
        log(streams, options.level, Level::Warn, &text);
    }
    let machine = shell.machine.clone();
    let (device, name) = device(&machine);
    log(streams, options.level, Level::Info, &device);
    if options.only_lists {
        return 0;
    }
    if options.cleanup {
        // The real one's second process does this at once too. Where it is gone already, all is well.
        let _ = machine.files.remove_file(jar);
    }
    // It waits more than it works: whoever keeps the phone's state need not wait for its end.
    let _aside = machine.step_aside();
    let server = Server {
        cancelled: shell.cancelled.clone(),
        machine,
        options,
        streams: streams.clone(),
        ended: AtomicBool::new(false),
        size: AtomicU64::new(0),
    };
    let sockets = match sockets::open(&server) {
        Ok(Some(sockets)) => sockets,
        Ok(None) => return 0,
        Err(message) => return throw(streams, "java.io.IOException", &message),
    };
    if server.options.device_meta && sockets.greet(&server, &name).is_err() {
        return 0;
    }
    let (resets, wanted) = mpsc::channel();
    std::thread::scope(|scope| {
        if let Some(socket) = &sockets.control {
            let server = &server;
            let started = std::thread::Builder::new()
                .name("phone-scrcpy".to_owned())
                .spawn_scoped(scope, move || {
                    control::obey(server, socket, &resets);
                    server.end();
                });
            if started.is_err() {
                server.end();
            }
        }
        match &sockets.video {
            Some(socket) => video::show(&server, socket, &wanted),
            None => sockets::watch(&server, sockets.audio.as_ref()),
        }
        server.end();
    });
    0
}

/// What the server says of the device when it starts, and the device's name.
fn device(machine: &Machine) -> (String, String) {
    let state = machine.look();
    let property = |name: &str| state.system.properties.get(name).to_owned();
    let model = property("ro.product.model");
    let text = format!(
        "Device: [{}] {} {model} (Android {})",
        property("ro.product.manufacturer"),
        property("ro.product.brand"),
        property("ro.build.version.release"),
    );
    (text, model)
}
