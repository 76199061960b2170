//! The window manager: tasks, focus, touch, keys, and what is drawn. Uses the toolkit and the system.
//!
//! Everything visible is made anew from the activities' views whenever it is asked for, so what is
//! dumped, drawn and touched is always the system's present state.

mod compose;
mod editing;
mod effects;
mod floating;
mod keyboard;
mod keys;
mod layers;
mod picture;
mod report;
mod status;
mod system_windows;
mod task;
#[cfg(test)]
mod tests;
mod touch;

pub use layers::{FocusedField, Layer, LayerKind};
pub use status::{clock_text, is_on};
pub use task::{StartError, Started, describe};

use bytes::BytesMut;

use crate::domain::Frame;
use crate::phone::apps;
use crate::phone::system::{Intent, System};
use crate::phone::ui::Component;
use crate::phone::ui::canvas::Canvas;
use crate::phone::ui::dump::dump;
use crate::phone::ui::paint::{self, Command};

use compose::{Metrics, Owner};
use editing::Cursor;
use keyboard::Keyboard;
use task::{Running, Task};

/// The field that typing goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Focus {
    activity: u32,
    layer: usize,
    field: String,
    cursor: Cursor,
}

/// The windows of one phone.
pub struct WindowManager {
    /// Back to front; the last one is in front.
    tasks: Vec<Task>,
    /// What covers the tasks: the notification shade or the overview.
    panel: Option<Running>,
    /// The system's question, in front of everything.
    dialog: Option<Running>,
    /// Uptime in microseconds at which the bars of a crashed system UI are back.
    bars_back: Option<i64>,
    /// How often the system UI has crashed since the boot.
    system_ui_crashes: u32,
    /// How often an app has not responded since the boot, and what `dumpsys window lastanr` says of the last time.
    hangs: (u32, Option<String>),
    next_id: u32,
    next_task: u32,
    /// The activity that was told that it is in front.
    resumed: Option<u32>,
    /// The front window's focus.
    focus: Option<Focus>,
    /// The focus of windows that are not in front.
    parked: Vec<Focus>,
    keyboard_shown: bool,
    keyboard: Keyboard,
    selection_bar: bool,
    reveal_focus: bool,
    /// Message and the uptime in microseconds until which it is shown.
    toast: Option<(String, i64)>,
    picture: Option<(Vec<Command>, Frame)>,
}

impl WindowManager {
    /// A phone that shows its home screen.
    pub fn new(system: &mut System) -> WindowManager {
        let mut windows = WindowManager {
            tasks: Vec::new(),
            panel: None,
            dialog: None,
            bars_back: None,
            system_ui_crashes: 0,
            hangs: (0, None),
            next_id: 1,
            next_task: 1,
            resumed: None,
            focus: None,
            parked: Vec::new(),
            keyboard_shown: false,
            keyboard: Keyboard::default(),
            selection_bar: false,
            reveal_focus: false,
            toast: None,
            picture: None,
        };
        windows.ensure_home(system);
        windows.settle(system);
        windows
    }

    /// Starts an activity, as `am start` does from outside: in its package's task.
    ///
    /// # Errors
    /// [`StartError`] when no activity answers the intent.
    pub fn start(&mut self, system: &mut System, intent: &Intent) -> Result<Started, StartError> {
        let started = self.launch(system, intent, None)?;
        self.settle(system);
        Ok(started)
    }

    /// Closes all activities of a package without asking them (`am force-stop`, `pm clear`).
    pub fn force_stop(&mut self, system: &mut System, package: &str) {
        self.stop_package(package);
        if let Err(error) = apps::kill_services(system, package) {
            let now = system.clock.now_micros();
            let text = format!("services of {package}: {error}");
            system.log.write(now, 'W', "ActivityManager", &text);
        }
        self.ensure_home(system);
        self.settle(system);
    }

    /// Text typed into the focused field (`input text`); without one it goes nowhere.
    pub fn text(&mut self, system: &mut System, text: &str) {
        self.tick(system);
        self.type_text(system, text);
        self.settle(system);
    }

    /// The active window in uiautomator's XML; `compressed` leaves out layout nodes.
    pub fn dump_xml(&mut self, system: &mut System, compressed: bool) -> String {
        self.tick(system);
        let windows = self.compose(system);
        let active = windows
            .iter()
            .rfind(|window| matches!(window.owner, Owner::Activity(_)));
        let Some(window) = active else {
            return String::new();
        };
        let focused = self
            .focus
            .as_ref()
            .and_then(|focus| window.scene.find_field(&focus.field));
        dump(
            &window.scene,
            &window.package,
            window.frame,
            focused,
            compressed,
            system.rotation(),
        )
    }

    /// The screen. The same memory as before when nothing changed.
    pub fn render(&mut self, system: &mut System) -> Frame {
        self.tick(system);
        let windows = self.compose(system);
        let commands = self.picture(system, &windows);
        let metrics = Metrics::of(system);
        let (width, height) = (metrics.width as u32, metrics.height as u32);
        let last = self
            .picture
            .take()
            .filter(|(_, frame)| (frame.width, frame.height) == (width, height));
        let (damage, mut frame) = match last {
            Some((old, frame)) => (paint::difference(&old, &commands), frame),
            None => {
                let empty = vec![0; width as usize * height as usize * 4];
                let frame = Frame {
                    width,
                    height,
                    rgba: empty.into(),
                };
                (metrics.screen(), frame)
            }
        };
        if !damage.is_empty() {
            // Whoever still holds the last picture keeps it; otherwise its memory is drawn over.
            let mut bytes = BytesMut::from(std::mem::take(&mut frame.rgba));
            // Memory of this size is aligned for words by every allocator.
            if let Ok(pixels) = bytemuck::try_cast_slice_mut::<u8, u32>(&mut bytes)
                && let Some(mut canvas) = Canvas::new(pixels, metrics.width, metrics.height)
            {
                paint::draw(&commands, &mut canvas, damage);
            }
            frame.rgba = bytes.freeze();
        }
        self.picture = Some((commands, frame.clone()));
        frame
    }

    /// The activity that has the focus.
    pub fn focused(&self) -> Component {
        match self.front() {
            Some(running) if running.class == apps::systemui::SHADE => self
                .tasks
                .last()
                .and_then(|task| task.stack.last())
                .map_or_else(|| running.component(), Running::component),
            Some(running) => running.component(),
            None => Component::new(apps::launcher::PACKAGE, apps::launcher::MAIN),
        }
    }

    /// Whether an activity of this class is in any task, seen or not.
    pub fn holds(&self, class: &str) -> bool {
        let mut all = self.tasks.iter().flat_map(|task| &task.stack);
        all.any(|running| running.class == class)
    }

    /// Gives an intent to the activity of this class, in whichever task it is; nothing when there is none.
    pub fn hand_over(&mut self, system: &mut System, class: &str, intent: &Intent) {
        let mut all = self.tasks.iter_mut().flat_map(|task| &mut task.stack);
        if let Some(running) = all.find(|running| running.class == class) {
            let id = running.id;
            let effects = running.activity.on_new_intent(system, intent);
            self.apply(system, id, effects);
        }
        self.settle(system);
    }

    /// The name that `dumpsys window` shows in `mCurrentFocus=Window{hash u0 NAME}`.
    pub fn focused_window(&self) -> String {
        if let Some(name) = self.dialog_name() {
            return name;
        }
        match &self.panel {
            Some(panel) if panel.class == apps::systemui::SHADE => "NotificationShade".to_owned(),
            _ => self.focused().long(),
        }
    }

    /// Whether the keyboard is on the screen.
    pub fn keyboard_shown(&self) -> bool {
        self.keyboard_shown
    }

    /// What a toast says at the moment.
    pub fn toast(&self) -> Option<&str> {
        self.toast.as_ref().map(|(text, _)| text.as_str())
    }

    /// Removes a task (`am stack remove`); false when there is none with this id.
    pub fn remove_task(&mut self, system: &mut System, id: u32) -> bool {
        let before = self.tasks.len();
        self.tasks.retain(|task| task.id != id || task.home);
        let removed = self.tasks.len() < before;
        self.settle(system);
        removed
    }

    /// Lets time-dependent activities notice that the clock has moved on. Called by everything that looks
    /// at or touches the screen.
    pub fn tick(&mut self, system: &mut System) {
        self.settle(system);
        if let Some((_, until)) = &self.toast
            && system.clock.uptime_micros() >= *until
        {
            self.toast = None;
        }
        let Some(id) = self.front().map(|running| running.id) else {
            return;
        };
        if let Some(running) = self.running_mut(id) {
            let effects = running.activity.tick(system);
            self.apply(system, id, effects);
        }
        self.settle(system);
    }

    fn front(&self) -> Option<&Running> {
        self.panel
            .as_ref()
            .or_else(|| self.tasks.last().and_then(|task| task.stack.last()))
    }

    fn running_mut(&mut self, id: u32) -> Option<&mut Running> {
        self.panel
            .iter_mut()
            .chain(&mut self.dialog)
            .chain(self.tasks.iter_mut().flat_map(|task| task.stack.iter_mut()))
            .find(|running| running.id == id)
    }
}
