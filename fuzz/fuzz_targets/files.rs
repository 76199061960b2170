//! Any text as the files that a person writes: a configuration and the two kinds of fault plans are read or refused with
//! an error that can be printed.
//!
//! `make fuzz FUZZ=files`, with the nightly compiler and `cargo install cargo-fuzz`.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use stepdroid::config;
use stepdroid::faultline::LinePlan;
use stepdroid::phone::FaultPlan;

fuzz_target!(|text: &str| {
    if let Err(error) = config::parse(text, Path::new("small.toml"), &[]) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = FaultPlan::parse(text) {
        assert!(!error.to_string().is_empty());
    }
    if let Err(error) = LinePlan::parse(text) {
        assert!(!error.to_string().is_empty());
    }
});
