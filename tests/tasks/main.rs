//! Every task of the catalogue on virtual phones, over their ADB ports: the state it starts from, its
//! scripted solution, near misses, what a teardown leaves. `TASK` in the environment names the tasks to
//! look at by a part of their names, `SEEDS` how many instances of each, `COMPAT=fixed` mends the
//! benchmark's defects, and `TRAIL` prints every action.
#![allow(clippy::unwrap_used)]

mod bad_input;
mod bundles;
mod compat;
mod cost;
mod documented;
mod examine;
mod given;
mod harness;
mod leftovers;
mod near_misses;
mod pages;
mod prepared;
mod progress;
mod sayable;
mod without_root;
