//! An emulator's gRPC, driven by a client with messages of its own, and the accessibility forwarder, received by a
//! stand-in for the server of `android-env`.
#![allow(clippy::unwrap_used)]

mod client;
mod control;
mod forwarder;
mod hostile;
mod server;
mod wire;

use std::time::Duration;

use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};

/// How long anything may take here; reached only when it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A phone whose clock moves only by what is done, so that no tap becomes a long press on a slow machine.
async fn phone() -> Phone {
    let options = PhoneOptions {
        control: Some(0),
        clock: ClockMode::Steps,
        size: ScreenSize {
            width: 540,
            height: 1200,
        },
        ..PhoneOptions::default()
    };
    Phone::start(options).await.unwrap()
}

/// What a shell command prints; off the reactor.
async fn shell(phone: &Phone, script: &str) -> String {
    let (machine, script) = (phone.machine().clone(), script.to_owned());
    let run = move || stepdroid::phone::run_shell(&machine, &script, b"").text();
    tokio::task::spawn_blocking(run).await.unwrap()
}

async fn dump(phone: &Phone) -> String {
    shell(
        phone,
        "uiautomator dump /sdcard/d.xml > /dev/null; cat /sdcard/d.xml",
    )
    .await
}
