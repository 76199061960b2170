//! Emulators that this program owns, against a stand-in of Android's emulator.
#![allow(clippy::unwrap_used)]

mod farm;
mod faults;
mod life;
mod place;
mod plan;
mod program;
mod standin;
mod ways;
