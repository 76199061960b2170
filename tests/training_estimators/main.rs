//! The estimators beside STEP's own, in training on virtual phones, and judges at HTTP endpoints
//! against a server that stands in for one.
#![allow(clippy::unwrap_used)]

mod judge_http;
mod rounds;
#[path = "../small_run/mod.rs"]
mod small_run;
mod stand_in;
#[path = "../small_run/trainer.rs"]
mod trainer;
