//! Emulators that this program owns, against a stand-in of Android's emulator.
#![allow(clippy::unwrap_used)]

mod faults;
mod life;
mod place;
mod program;
mod standin;
