//! The program as a user runs it.
#![allow(clippy::unwrap_used)]

mod allocation;
mod bundles;
mod commands;
mod evaluations;
mod faults;
mod models;
mod phone;
mod program;
#[path = "../recorded/mod.rs"]
mod recorded;
mod refused;
mod without_root;
