//! The two forms of the optimizer, and sessions whose weights stay where they are.
#![allow(clippy::unwrap_used)]

mod network;
mod precision;
mod sharing;
mod training;
mod updates;
