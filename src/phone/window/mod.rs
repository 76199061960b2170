//! The window manager: tasks, focus, touch, keys, and what is drawn.
//!
//! Everything visible is made anew from the activities' views whenever it is asked for, so what is
//! dumped, drawn and touched is always the system's present state.

mod task;

pub use task::{StartError, Started};

use crate::domain::Frame;
use crate::phone::system::{Intent, System};
use crate::phone::ui::Component;

/// The windows of one phone.
pub struct WindowManager {}

impl WindowManager {
    /// A phone that shows its home screen.
    pub fn new(system: &mut System) -> WindowManager {
        let _ = system;
        WindowManager {}
    }

    /// Starts an activity, as `am start` does from outside: in its package's task.
    ///
    /// # Errors
    /// [`StartError`] when no activity answers the intent.
    pub fn start(&mut self, system: &mut System, intent: &Intent) -> Result<Started, StartError> {
        let _ = system;
        Err(StartError::NoActivity(format!("{intent:?}")))
    }

    /// Closes all activities of a package without asking them (`am force-stop`, `pm clear`).
    pub fn force_stop(&mut self, system: &mut System, package: &str) {
        let _ = (system, package);
    }

    /// A tap at a pixel.
    pub fn tap(&mut self, system: &mut System, x: i32, y: i32) {
        let _ = (system, x, y);
    }

    /// A finger moved in a straight line in `millis`; without way it is a tap, or a long press from 500 ms.
    pub fn swipe(&mut self, system: &mut System, from: (i32, i32), to: (i32, i32), millis: u64) {
        let _ = (system, from, to, millis);
    }

    /// A key event by Android's code.
    pub fn key(&mut self, system: &mut System, code: u32) {
        let _ = (system, code);
    }

    /// A long press of a key.
    pub fn key_long(&mut self, system: &mut System, code: u32) {
        self.key(system, code);
    }

    /// Keys pressed together (`input keycombination`).
    pub fn key_combination(&mut self, system: &mut System, codes: &[u32]) {
        let _ = (system, codes);
    }

    /// Text typed into the focused field; without one it goes nowhere.
    pub fn text(&mut self, system: &mut System, text: &str) {
        let _ = (system, text);
    }

    /// The active window in uiautomator's XML; `compressed` leaves out layout nodes.
    pub fn dump_xml(&mut self, system: &mut System, compressed: bool) -> String {
        let _ = (system, compressed);
        String::new()
    }

    /// The screen.
    pub fn render(&mut self, system: &mut System) -> Frame {
        let _ = &system;
        Frame {
            width: 0,
            height: 0,
            rgba: Vec::new().into(),
        }
    }

    /// The activity that has the focus.
    pub fn focused(&self) -> Component {
        Component::new("", "")
    }

    /// The name that `dumpsys window` shows in `mCurrentFocus=Window{hash u0 NAME}`.
    pub fn focused_window(&self) -> String {
        self.focused().long()
    }

    /// Whether the keyboard is on the screen.
    pub fn keyboard_shown(&self) -> bool {
        false
    }

    /// The text of `am stack list`.
    pub fn stack_list(&self, system: &System) -> String {
        let _ = system;
        String::new()
    }

    /// The text of `dumpsys activity recents`.
    pub fn recents(&self, system: &System) -> String {
        let _ = system;
        String::new()
    }

    /// The text of `dumpsys activity activities`.
    pub fn activities(&self, system: &System) -> String {
        let _ = system;
        String::new()
    }

    /// Removes a task (`am stack remove`); false when there is none with this id.
    pub fn remove_task(&mut self, system: &mut System, id: u32) -> bool {
        let _ = (system, id);
        false
    }
}
