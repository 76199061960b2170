//! `stepdroid serve` as a process: how it ends, goes on and waits, also for a disk that became full, and
//! that its memory does not grow.
#![allow(clippy::unwrap_used)]

mod full;
mod life;
mod memory;
mod program;
mod refused;
#[path = "../training_state/mod.rs"]
mod training_state;

// What the runs are made of.
#[path = "../small_run/mod.rs"]
mod small_run;
