//! The virtual phone's apps, used through their screens: what is on them, and what they leave in files and
//! databases.
#![allow(clippy::unwrap_used)]

mod calendar;
mod clock;
mod contacts;
mod draw;
mod driver;
mod expense;
mod joplin;
mod markor;
mod messenger;
mod retro;
