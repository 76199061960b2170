//! The phone's shell: mksh's grammar over the phone's files and tools. `brush-parser` parses,
//! this room decides what it means. Uses `system`, `tools` and the machine.

mod access;
pub mod arithmetic;
pub mod builtins;
pub mod commands;
pub mod condition;
pub mod declare;
pub mod diagnose;
pub mod expand;
pub mod fields;
pub mod interpreter;
pub mod lookup;
pub mod options;
pub mod parameter;
pub mod pattern;
pub mod reading;
pub mod redirect;
pub mod signals;
pub mod simple;
pub mod streams;
pub mod syntax;
pub mod text;
pub mod variables;

pub use interpreter::Shell;
pub use redirect::open_write as redirect_target;
pub use streams::{Input, Output, Streams};
