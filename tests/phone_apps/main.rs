//! The virtual phone's apps, used through their screens: what is on them, and what they leave in files and
//! databases.
#![allow(clippy::unwrap_used)]

mod calendar;
mod camera;
mod chrome;
mod clipper;
mod clock;
mod contacts;
mod dialer;
mod draw;
mod driver;
mod expense;
mod files;
mod gallery;
mod joplin;
mod markor;
mod messenger;
mod opentracks;
mod osmand;
mod recipes;
mod recorder;
mod retro;
mod todo;
mod vlc;
