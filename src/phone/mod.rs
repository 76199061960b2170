//! The virtual phone: a simulated Android behind a real ADB daemon. Uses floor 0 only; nothing
//! above knows it, except whoever starts one.
//!
//! `system` is what lasts (files, settings, packages), `window` what is on the screen, `ui` the
//! widgets that screens are made of, `apps` one file or folder per app.

pub mod apps;
pub mod system;
pub mod ui;
pub mod window;
