//! The program as a user runs it.
#![allow(clippy::unwrap_used)]

mod commands;
mod evaluations;
mod models;
mod program;
