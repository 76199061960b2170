//! Parsers of what devices answer: pure functions, tested with the odd things that devices say.

pub mod bundle;
pub mod content;
pub mod devices;
pub mod dumpsys;
pub mod hierarchy;
pub mod listing;
pub mod screencap;
