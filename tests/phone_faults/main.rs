//! Each fault of a phone, seen over TCP by a client that speaks packets.
#![allow(clippy::unwrap_used)]

mod away;
mod client;
mod screen;
mod services;
