//! Android emulators that this program starts and owns: finding the SDK, making AVDs, launching, console,
//! control service, snapshots, and an end that is certain. May use `domain` and `wire`. What needs ADB too (being
//! ready, apps) is in `farm`.
//!
//! An emulator is told from any other process by a token in its environment ([`Record`]), so that what a crash of
//! this program leaves behind is found later, and nothing else is ever killed.

mod avd;
mod console;
mod control;
mod definition;
mod error;
mod instance;
mod launch;
mod machine;
mod ports;
mod process;
mod record;
mod sdk;

pub use avd::AvdHome;
pub use console::Console;
pub use control::{Control, Placed, Shot, Stroke};
pub use definition::{BUILT_IN, Definition};
pub use error::{Cause, EmulatorError};
pub use instance::{Instance, Stopped};
pub use launch::{LaunchOptions, Start};
pub use machine::{Needs, acceleration_fix, available_memory_mb};
pub use ports::{FIRST_PORT, LAST_PORT};
pub use record::{Found, Record, StateDirectory};
pub use sdk::{Acceleration, Image, Sdk};
