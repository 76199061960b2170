//! The phone's command line, with output and exit code in Android's format. What mksh and toybox
//! answer is held by `phone_shell_corpus`.
#![allow(clippy::unwrap_used)]

mod apk_file;
mod bench;
mod benchmark;
mod language;
mod limits;
mod packages;
mod services;
mod turning;
