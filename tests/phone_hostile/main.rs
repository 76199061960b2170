//! Hostile input to the virtual phone, over its ADB port and from the files its apps open: it never
//! panics, never touches a file of the host, stays within its bounds, and answers afterwards.
#![allow(clippy::unwrap_used)]

mod client;
mod databases;
mod files;
mod floods;
mod noise;
mod paths;
