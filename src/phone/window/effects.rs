//! What updates ask for: starting and finishing activities, focus, toasts; and who is in front.

use std::collections::{HashMap, VecDeque};

use super::editing::Cursor;
use super::task::{self, Found, Name, Running, StartError, Started, Task};
use super::{Focus, WindowManager};
use crate::phone::apps;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{Effect, Effects, ErasedActivity, Kind, LaunchMode};

/// How long a toast stays, in microseconds.
const TOAST_MICROS: i64 = 2_000_000;
/// Effects that one message may lead to; more would be a loop between activities.
const MAX_EFFECTS: usize = 256;

impl WindowManager {
    /// Applies effects of an activity, and those that they lead to.
    pub(super) fn apply(&mut self, system: &mut System, owner: u32, effects: Effects) {
        let mut queue: VecDeque<(u32, Effect)> = effects
            .0
            .into_iter()
            .map(|effect| (owner, effect))
            .collect();
        for _ in 0..MAX_EFFECTS {
            let Some((owner, effect)) = queue.pop_front() else {
                break;
            };
            let more = self.apply_one(system, owner, effect);
            if let Some((owner, effects)) = more {
                queue.extend(effects.0.into_iter().map(|effect| (owner, effect)));
            }
        }
    }

    fn apply_one(
        &mut self,
        system: &mut System,
        owner: u32,
        effect: Effect,
    ) -> Option<(u32, Effects)> {
        match effect {
            Effect::Start(intent) => self.start_from(system, owner, &intent, None),
            Effect::StartForResult(request, intent) => {
                self.start_from(system, owner, &intent, Some((owner, request)));
            }
            Effect::Finish(result) => return self.finish(system, owner, result),
            Effect::FinishTask => {
                self.tasks.retain(|task| {
                    task.home || !task.stack.iter().any(|running| running.id == owner)
                });
            }
            Effect::Toast(text) => {
                self.toast = Some((text, system.clock.uptime_micros() + TOAST_MICROS));
            }
            Effect::Copy(text) => system.clipboard = Some(text),
            Effect::Focus(field) => self.focus_field(system, owner, &field, Cursor::end_of),
            Effect::SelectAll(field) => self.focus_field(system, owner, &field, Cursor::all_of),
            Effect::HideKeyboard => {
                self.focus = None;
                self.keyboard_shown = false;
                self.selection_bar = false;
            }
            Effect::ScrollTo(name, offset) => self.scroll_to(system, owner, &name, offset),
            Effect::Home => self.go_home(system),
            Effect::ForceStop(package) => {
                self.stop_package(&package);
                self.ensure_home(system);
            }
            Effect::Recents => self.show_recents(system),
            Effect::ShowTask(id) => {
                self.panel = None;
                self.bring_to_front(system, id);
            }
            Effect::CloseTask(id) => self.tasks.retain(|task| task.id != id || task.home),
        }
        None
    }

    fn start_from(
        &mut self,
        system: &mut System,
        owner: u32,
        intent: &Intent,
        result_for: Option<(u32, u32)>,
    ) {
        let from_panel = self.panel.as_ref().is_some_and(|panel| panel.id == owner);
        if from_panel {
            self.panel = None;
        }
        let own_task = if intent.has_flag(Intent::NEW_TASK) || from_panel {
            None
        } else {
            self.tasks
                .iter()
                .find(|task| !task.home && task.stack.iter().any(|running| running.id == owner))
                .map(|task| task.id)
        };
        let started = match own_task {
            Some(id) => self.push(system, intent, id, result_for),
            None => self.launch(system, intent, result_for),
        };
        if let Err(error) = started {
            let text = match error {
                StartError::NoActivity(_) => "No app can perform this action.".to_owned(),
                StartError::NoComponent(_) => "App isn't installed.".to_owned(),
            };
            self.toast = Some((text, system.clock.uptime_micros() + TOAST_MICROS));
        }
    }

    /// Starts in the task of the activity's package, which comes to the front.
    pub(super) fn launch(
        &mut self,
        system: &mut System,
        intent: &Intent,
        result_for: Option<(u32, u32)>,
    ) -> Result<Started, StartError> {
        let found = task::resolve(system, intent)?;
        self.panel = None;
        let existing = self
            .tasks
            .iter()
            .position(|task| task.package == found.package);
        let Some(position) = existing else {
            let id = self.next_task;
            self.next_task += 1;
            let running = self.make(system, &found, intent, result_for);
            let component = self.shown_component(&found, intent);
            self.leave_front(system);
            self.tasks.push(Task {
                id,
                home: found.package == apps::launcher::PACKAGE,
                package: found.package,
                stack: vec![running],
                last_active: system.clock.now_micros(),
            });
            return Ok(Started {
                component,
                created: true,
                delivered: false,
            });
        };
        let id = self.tasks[position].id;
        self.bring_to_front(system, id);
        if intent.has_flag(Intent::CLEAR_TASK)
            && let Some(task) = self.tasks.last_mut()
        {
            task.stack.clear();
        } else if self.is_root_of(id, &found, intent) {
            return Ok(Started {
                component: self.shown_component(&found, intent),
                created: false,
                delivered: false,
            });
        }
        self.push(system, intent, id, result_for)
    }

    /// Whether a start only means to show a task again: the same intent that its first activity had.
    fn is_root_of(&self, task: u32, found: &Found, intent: &Intent) -> bool {
        let root = self
            .tasks
            .iter()
            .find(|candidate| candidate.id == task)
            .and_then(|task| task.stack.first());
        root.is_some_and(|root| {
            root.class == found.class
                && root.intent.data == intent.data
                && root.intent.mime == intent.mime
                && intent.extras.is_empty()
                && is_main(&root.intent)
                && is_main(intent)
        })
    }

    /// Starts on top of a task.
    fn push(
        &mut self,
        system: &mut System,
        intent: &Intent,
        task: u32,
        result_for: Option<(u32, u32)>,
    ) -> Result<Started, StartError> {
        let found = task::resolve(system, intent)?;
        let component = self.shown_component(&found, intent);
        let stack = self
            .tasks
            .iter_mut()
            .find(|candidate| candidate.id == task)
            .map(|task| &mut task.stack);
        let Some(stack) = stack else {
            return self.launch(system, intent, result_for);
        };
        let instance = stack
            .iter()
            .rposition(|running| running.class == found.class);
        let on_top = instance.is_some_and(|position| position + 1 == stack.len());
        let single_top =
            found.entry.mode == LaunchMode::SingleTop || intent.has_flag(Intent::SINGLE_TOP);
        let clear_top =
            found.entry.mode == LaunchMode::SingleTask || intent.has_flag(Intent::CLEAR_TOP);
        if let Some(position) = instance
            && (clear_top || (single_top && on_top))
        {
            stack.truncate(position + 1);
            if let Some(running) = stack.last_mut() {
                let id = running.id;
                let effects = running.activity.on_new_intent(system, intent);
                self.apply(system, id, effects);
            }
            return Ok(Started {
                component,
                created: false,
                delivered: true,
            });
        }
        self.leave_front(system);
        let running = self.make(system, &found, intent, result_for);
        if let Some(task) = self.tasks.iter_mut().find(|candidate| candidate.id == task) {
            task.stack.push(running);
        }
        Ok(Started {
            component,
            created: true,
            delivered: false,
        })
    }

    fn shown_component(&self, found: &Found, intent: &Intent) -> crate::phone::ui::Component {
        let class = intent
            .component
            .as_ref()
            .map_or(&*found.class, |(_, class)| class.as_str());
        crate::phone::ui::Component::new(&*found.package, class)
    }

    fn make(
        &mut self,
        system: &mut System,
        found: &Found,
        intent: &Intent,
        result_for: Option<(u32, u32)>,
    ) -> Running {
        let activity = (found.entry.create)(system, intent);
        let (package, class) = (found.package.clone(), found.class.clone());
        self.make_running(package, class, activity, intent.clone(), result_for)
    }

    pub(super) fn make_running(
        &mut self,
        package: Name,
        class: Name,
        activity: Box<dyn ErasedActivity>,
        intent: Intent,
        result_for: Option<(u32, u32)>,
    ) -> Running {
        let id = self.next_id;
        self.next_id += 1;
        Running {
            id,
            package,
            class,
            activity,
            intent,
            result_for,
            scrolls: HashMap::new(),
        }
    }

    fn finish(
        &mut self,
        system: &mut System,
        owner: u32,
        result: Option<Intent>,
    ) -> Option<(u32, Effects)> {
        if self.panel.as_ref().is_some_and(|panel| panel.id == owner) {
            self.panel = None;
            return None;
        }
        if self.dialog.take_if(|dialog| dialog.id == owner).is_some() {
            return None;
        }
        if self.resumed == Some(owner) {
            self.leave_front(system);
        }
        let mut finished = None;
        for task in &mut self.tasks {
            // The home screen cannot be finished.
            let position = task.stack.iter().position(|running| running.id == owner);
            if let Some(position) = position.filter(|_| !task.home) {
                finished = Some(task.stack.remove(position));
            }
        }
        self.tasks.retain(|task| !task.stack.is_empty());
        let (requester, request) = finished?.result_for?;
        let running = self.running_mut(requester)?;
        let effects = running.activity.on_result(system, request, result);
        Some((requester, effects))
    }

    /// Tells the activity in front that it leaves.
    pub(super) fn leave_front(&mut self, system: &mut System) {
        if let Some(id) = self.resumed.take()
            && let Some(running) = self.running_mut(id)
        {
            running.activity.on_pause(system);
        }
    }

    /// Tells activities who is in front now, until nothing changes any more.
    pub(super) fn settle(&mut self, system: &mut System) {
        for _ in 0..16 {
            self.ensure_home(system);
            let Some(front) = self.front().map(|running| running.id) else {
                return;
            };
            if self.resumed == Some(front) {
                return;
            }
            self.leave_front(system);
            self.resumed = Some(front);
            let now = system.clock.now_micros();
            if let Some(task) = self.tasks.last_mut() {
                task.last_active = now;
            }
            if let Some(running) = self.running_mut(front) {
                let effects = running.activity.on_resume(system);
                self.apply(system, front, effects);
            }
        }
    }

    pub(super) fn ensure_home(&mut self, system: &mut System) {
        if self.tasks.iter().any(|task| task.home) {
            return;
        }
        let Some((app, entry)) = apps::find(apps::launcher::PACKAGE)
            .and_then(|app| Some((app, app.activities.first()?)))
        else {
            return;
        };
        let found = Found::known(app, entry);
        let running = self.make(system, &found, &home_intent(), None);
        let id = self.next_task;
        self.next_task += 1;
        self.tasks.insert(
            0,
            Task {
                id,
                package: found.package,
                stack: vec![running],
                home: true,
                last_active: system.clock.now_micros(),
            },
        );
    }

    pub(super) fn stop_package(&mut self, package: &str) {
        for task in &mut self.tasks {
            task.stack.retain(|running| running.package != package);
        }
        self.tasks.retain(|task| !task.stack.is_empty());
    }

    pub(super) fn bring_to_front(&mut self, system: &mut System, id: u32) {
        if let Some(position) = self.tasks.iter().position(|task| task.id == id)
            && position + 1 < self.tasks.len()
        {
            self.leave_front(system);
            let task = self.tasks.remove(position);
            self.tasks.push(task);
        }
    }

    pub(super) fn go_home(&mut self, system: &mut System) {
        self.panel = None;
        self.keyboard_shown = false;
        self.selection_bar = false;
        self.ensure_home(system);
        let Some(id) = self.tasks.iter().find(|task| task.home).map(|task| task.id) else {
            return;
        };
        self.bring_to_front(system, id);
        let home = self.tasks.last_mut().and_then(|task| task.stack.last_mut());
        if let Some(running) = home {
            let owner = running.id;
            running.scrolls.clear();
            let effects = running.activity.on_new_intent(system, &home_intent());
            self.apply(system, owner, effects);
        }
    }

    pub(super) fn show_recents(&mut self, system: &mut System) {
        let tasks = self
            .tasks
            .iter()
            .rev()
            .filter(|task| task.is_recent())
            .map(|task| (task.id, task.package.clone()))
            .collect();
        self.leave_front(system);
        self.keyboard_shown = false;
        let overview = Box::new(apps::launcher::overview(tasks));
        let panel = self.make_running(
            Name::Borrowed(apps::launcher::PACKAGE),
            Name::Borrowed(apps::launcher::MAIN),
            overview,
            home_intent(),
            None,
        );
        self.panel = Some(panel);
    }

    /// Focuses a field of an activity's front window by name and opens the keyboard.
    pub(super) fn focus_field(
        &mut self,
        system: &System,
        owner: u32,
        field: &str,
        cursor: impl Fn(&str) -> Cursor,
    ) {
        let windows = self.compose(system);
        let found = windows
            .iter()
            .rev()
            .filter(|window| window.owner == super::compose::Owner::Activity(owner))
            .find_map(|window| {
                let index = window.scene.find_field(field)?;
                match &window.scene.nodes[index].widget.kind {
                    Kind::Field(content) => Some((window.layer, cursor(&content.value))),
                    _ => None,
                }
            });
        if let Some((layer, cursor)) = found {
            self.set_focus(Focus {
                activity: owner,
                layer,
                field: field.to_owned(),
                cursor,
            });
            self.keyboard_shown = true;
            self.keyboard = super::keyboard::Keyboard::default();
            self.reveal_focus = true;
        }
    }

    /// Focuses a field; that of another window comes back with its window.
    pub(super) fn set_focus(&mut self, focus: Focus) {
        if let Some(old) = self.focus.replace(focus)
            && let Some(new) = &self.focus
            && (old.activity, old.layer) != (new.activity, new.layer)
        {
            self.parked.push(old);
        }
    }

    fn scroll_to(&mut self, system: &System, owner: u32, name: &str, offset: f32) {
        let density = super::compose::Metrics::of(system).density;
        let pixels = (offset * density).clamp(0.0, 1e9) as i32;
        let windows = self.compose(system);
        let layer = windows
            .iter()
            .rev()
            .filter(|window| window.owner == super::compose::Owner::Activity(owner))
            .find(|window| window.scene.find(name).is_some())
            .map_or(0, |window| window.layer);
        if let Some(running) = self.running_mut(owner) {
            running.scrolls.insert((layer, name.to_owned()), pixels);
        }
    }
}

fn is_main(intent: &Intent) -> bool {
    intent
        .action
        .as_deref()
        .is_none_or(|action| action == Intent::MAIN)
}

fn home_intent() -> Intent {
    Intent {
        action: Some(Intent::MAIN.to_owned()),
        categories: vec!["android.intent.category.HOME".to_owned()],
        ..Intent::default()
    }
}
