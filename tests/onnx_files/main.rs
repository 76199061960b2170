//! Model files: nothing is lost by reading and writing, data in other files is found and nothing
//! else is, functions are put in the place of their calls, old operator sets are brought up to date.
#![allow(clippy::unwrap_used)]

mod engine;
mod files;
mod functions;
mod models;
mod upgrade;
