//! Ways of seeing and touching a device beside those that every Android has ([`crate::device`] has these): each is a
//! [`Channel`](crate::device::Channel) in a file of its own. Here they are gathered: which ones a device may be used
//! through, and in which order. May use `device`, `adb`, `emulator`, `wire`, `pixels` and `domain`.

mod emulator;
mod forwarder;
mod keys;
pub mod scrcpy;
pub mod uiautomator2;

pub use emulator::Emulator;
pub use forwarder::Forwarder;
use scrcpy::{Scrcpy, ScrcpyOptions};
use uiautomator2::Uiautomator2;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::adb::Adb;
use crate::device::measure::{self, Measured, Purpose};
use crate::device::{Channel, Channels, InputTool, Screencap, Uiautomator};

/// Calls of each channel that are measured, and how long they may take together.
const SAMPLES: usize = 4;
const MEASURING: Duration = Duration::from_secs(20);

/// Which channels a device is used through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChannelOptions {
    /// The jar of the scrcpy server, which is not part of this program.
    pub scrcpy_jar: Option<PathBuf>,
    /// The jar of uiautomator2's server, likewise.
    pub uiautomator2_jar: Option<PathBuf>,
    /// Whether the benchmark's accessibility forwarder is wanted, which is an app on the device.
    pub forwarder: bool,
    /// Port of the control service (gRPC) of the emulator that this device is. It is not guessed from the serial: no
    /// answer would tell that it is another one's.
    pub grpc_port: Option<u16>,
    /// Channels for pictures.
    pub picture: Choice,
    /// Channels for trees.
    pub tree: Choice,
    /// Channels for input.
    pub input: Choice,
}

/// Which channels, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Choice {
    /// All that are set up, the fastest first as measured.
    #[default]
    Auto,
    /// These by their names, in this order.
    Fixed(Vec<String>),
}

impl Choice {
    /// `auto`, or names with commas between them.
    pub fn parse(text: &str) -> Choice {
        match text.trim() {
            "" | "auto" => Choice::Auto,
            names => Choice::Fixed(
                names
                    .split(',')
                    .map(|name| name.trim().to_owned())
                    .collect(),
            ),
        }
    }
}

/// A choice that can't be.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no channel {name:?} for {purpose} here; there are {known}. Others need to be set up ([devices.channels]): \
     emulator-grpc and emulator-memory need the port of the emulator's gRPC, uiautomator2 and scrcpy the jar of their \
     server, forwarder needs to be wanted"
)]
pub struct ChoiceError {
    /// What was asked for.
    pub name: String,
    /// What for.
    pub purpose: &'static str,
    /// What is set up.
    pub known: String,
}

/// The channels that a device may be used through, for pictures, trees and input each; nothing is opened yet.
#[derive(Debug)]
pub struct Candidates {
    channels: [Vec<Arc<dyn Channel>>; 3],
    /// Whether there is anything to find out by measuring.
    auto: [bool; 3],
}

/// The channels of a device that are set up, as far as they are wanted. Without anything set up these are the ones
/// that every Android has. In each order the ones that need least come first.
///
/// # Errors
/// When a choice names a channel that does not exist or is not set up.
pub fn open(adb: &Adb, options: &ChannelOptions) -> Result<Candidates, ChoiceError> {
    let mut all: Vec<Arc<dyn Channel>> = vec![
        Arc::new(Screencap::raw(adb.clone())),
        Arc::new(Screencap::png(adb.clone())),
        Arc::new(Uiautomator::new(adb.clone())),
        Arc::new(InputTool::new(adb.clone())),
    ];
    if options.forwarder {
        all.push(Arc::new(Forwarder::new(adb.clone())));
    }
    if let Some(port) = options.grpc_port {
        all.push(Arc::new(Emulator::grpc(adb.clone(), port)));
        all.push(Arc::new(Emulator::memory(adb.clone(), port)));
    }
    if let Some(jar) = &options.scrcpy_jar {
        all.push(Arc::new(Scrcpy::new(adb.clone(), ScrcpyOptions::new(jar))));
    }
    if let Some(jar) = &options.uiautomator2_jar {
        all.push(Arc::new(Uiautomator2::new(adb.clone(), jar)));
    }
    let choose = |what: Purpose, choice: &Choice| {
        let fitting = all.iter().filter(|channel| what.fits(&***channel));
        let fitting: Vec<Arc<dyn Channel>> = fitting.cloned().collect();
        let Choice::Fixed(names) = choice else {
            return Ok(fitting);
        };
        let find = |name: &String| {
            let found = fitting.iter().find(|channel| channel.name() == name);
            found.cloned().ok_or_else(|| {
                let known: Vec<&str> = fitting.iter().map(|channel| channel.name()).collect();
                ChoiceError {
                    name: name.clone(),
                    purpose: match what {
                        Purpose::Picture => "pictures",
                        Purpose::Tree => "trees",
                        Purpose::Input => "input",
                    },
                    known: known.join(", "),
                }
            })
        };
        names.iter().map(find).collect()
    };
    let choices = [&options.picture, &options.tree, &options.input];
    let [picture, tree, input] = choices;
    Ok(Candidates {
        channels: [
            choose(Purpose::Picture, picture)?,
            choose(Purpose::Tree, tree)?,
            choose(Purpose::Input, input)?,
        ],
        auto: choices.map(|choice| *choice == Choice::Auto),
    })
}

impl Candidates {
    /// Their names, for pictures, trees and input.
    pub fn names(&self) -> [Vec<&'static str>; 3] {
        let names = |channels: &Vec<Arc<dyn Channel>>| {
            channels.iter().map(|channel| channel.name()).collect()
        };
        self.channels.each_ref().map(names)
    }

    /// The channels of one purpose.
    pub fn of(&self, what: Purpose) -> &[Arc<dyn Channel>] {
        let [picture, tree, input] = &self.channels;
        match what {
            Purpose::Picture => picture,
            Purpose::Tree => tree,
            Purpose::Input => input,
        }
    }

    /// Whether there is an order to find out by measuring.
    pub fn is_open(&self) -> bool {
        let several = self.channels.each_ref().map(|channels| channels.len() > 1);
        self.auto
            .iter()
            .zip(several)
            .any(|(auto, several)| *auto && several)
    }

    /// In the order in which they are given.
    pub fn ranked(self) -> Channels {
        let [picture, tree, input] = self.channels;
        Channels::ranked(picture, tree, input)
    }

    /// In the order of their speed where the choice is `auto` and there is one; chosen ones stay as they are, and are
    /// not measured.
    pub async fn measured(self) -> (Channels, Vec<Measured>) {
        let mut auto = self.auto.into_iter();
        let mut fixed = Vec::new();
        let wanted = self.channels.map(|channels| {
            let measure = auto.next().unwrap_or(false) && channels.len() > 1;
            fixed.push((!measure).then(|| channels.clone()));
            if measure { channels } else { Vec::new() }
        });
        let (orders, rows) = measure::orders(wanted, SAMPLES, MEASURING).await;
        let mut fixed = fixed.into_iter();
        let [picture, tree, input] = orders.map(|order| fixed.next().flatten().unwrap_or(order));
        (Channels::ranked(picture, tree, input), rows)
    }
}
