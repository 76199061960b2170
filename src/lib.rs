//! stepdroid: a trainer for phone agents.
//!
//! The house is built in floors; a room imports only from floors below its own (a test in `tests/floors.rs` holds this).
//!
//! | floor | rooms |
//! |---|---|
//! | 0 | [`domain`] (plain data and maths), [`wire`] (frames and messages as pure codecs) |
//! | 1 | [`adb`], [`phone`], [`faultline`], [`emulator`], [`pixels`], [`onnx`], [`runtime`], [`store`], [`config`], [`telemetry`] |
//! | 2 | [`device`], [`channels`], [`tasks`], [`policy`], [`learn`] |
//! | 3 | [`env`], [`rollout`], [`farm`], [`train`], [`eval`], [`judge`] |
//! | 4 | [`report`] |
//! | 5 | [`cli`] |

pub mod adb;
pub mod channels;
pub mod cli;
pub mod config;
pub mod device;
pub mod domain;
pub mod emulator;
pub mod env;
pub mod eval;
pub mod farm;
pub mod faultline;
pub mod judge;
pub mod learn;
pub mod onnx;
pub mod phone;
pub mod pixels;
pub mod policy;
pub mod report;
pub mod rollout;
pub mod runtime;
pub mod store;
pub mod tasks;
pub mod telemetry;
pub mod train;
pub mod wire;
