//! Activities in the Elm style: a state, a view that is a pure function of state and system, and an update
//! that takes a message. The window manager sees them with their message types erased.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use super::color::Color;
use super::icon::Icon;
use super::intent::Component;
use super::widget::Widget;
use crate::phone::system::{Intent, System};

/// One screen of an app. Its state is the implementing type; it is lost when the app is stopped, so
/// whatever must last is written to the [`System`] at once.
pub trait Activity: Send + Sized + 'static {
    /// What the widgets of [`Activity::view`] send.
    type Message: Clone + Send + Sync + 'static;

    /// Makes the state when the activity is started.
    fn create(system: &mut System, intent: &Intent) -> Self;

    /// What is on the screen now. Called for every dump and picture, so it should not read databases:
    /// load them into the state in [`Activity::on_resume`] and after changes.
    fn view(&self, system: &System) -> Screen<Self::Message>;

    /// Changes the state (and the system) after a message.
    fn update(&mut self, system: &mut System, message: Self::Message) -> Effects;

    /// BACK was pressed while no keyboard and no overlay was open. Finishes unless the activity wants otherwise.
    fn on_back(&mut self, system: &mut System) -> Effects {
        let _ = system;
        Effects::none().finish()
    }

    /// Came to the front: after creation, and whenever what covered it went away.
    fn on_resume(&mut self, system: &mut System) -> Effects {
        let _ = system;
        Effects::none()
    }

    /// Left the front: by BACK, HOME, another activity, or before it is closed. Not called on force-stop.
    fn on_pause(&mut self, system: &mut System) {
        let _ = system;
    }

    /// An activity that this one started for a result has finished.
    fn on_result(&mut self, system: &mut System, request: u32, result: Option<Intent>) -> Effects {
        let _ = (system, request, result);
        Effects::none()
    }

    /// A new intent reached this activity, which was already in front ([`LaunchMode::SingleTop`]).
    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects {
        let _ = (system, intent);
        Effects::none()
    }

    /// The phone's clock has moved on: called before every dump, picture and touch while in front.
    /// For state that changes with time; a view may simply read `system`'s clock.
    fn tick(&mut self, system: &mut System) -> Effects {
        let _ = system;
        Effects::none()
    }
}

/// What an activity shows: its content, and dialogs and menus in front of it.
#[derive(Clone)]
pub struct Screen<M> {
    /// The content. `None` makes the activity a bare dialog over the one below.
    pub root: Option<Widget<M>>,
    /// Windows in front of the content, the last one on top. Only that one is touched and dumped.
    pub overlays: Vec<Overlay<M>>,
    /// Colour behind the status bar and around the content.
    pub background: Color,
    /// Light signs in the status bar, for dark backgrounds.
    pub light_status: bool,
    /// Content reaches under the status bar and the navigation handle (it then pads itself).
    pub edge_to_edge: bool,
}

impl<M> Screen<M> {
    /// A screen with content on the surface colour.
    pub fn new(root: Widget<M>) -> Screen<M> {
        Screen {
            root: Some(root),
            overlays: Vec::new(),
            background: Color::SURFACE,
            light_status: false,
            edge_to_edge: false,
        }
    }

    /// Nothing but dialogs over the activity below.
    pub fn bare() -> Screen<M> {
        Screen {
            root: None,
            overlays: Vec::new(),
            background: Color::SURFACE,
            light_status: false,
            edge_to_edge: false,
        }
    }

    /// Puts a window in front, when there is one.
    pub fn overlay(mut self, overlay: impl Into<Option<Overlay<M>>>) -> Screen<M> {
        self.overlays.extend(overlay.into());
        self
    }

    /// Sets the colour around the content; signs in the status bar become light on dark colours.
    pub fn background(mut self, color: Color) -> Screen<M> {
        self.light_status =
            u32::from(color.red) * 3 + u32::from(color.green) * 6 + u32::from(color.blue) < 1300;
        self.background = color;
        self
    }

    /// Lets the content reach under the system bars.
    pub fn edge_to_edge(mut self) -> Screen<M> {
        self.edge_to_edge = true;
        self
    }
}

impl<M> From<Widget<M>> for Screen<M> {
    fn from(root: Widget<M>) -> Screen<M> {
        Screen::new(root)
    }
}

/// Where a window in front of the content stands.
#[derive(Debug, Clone, PartialEq)]
pub enum OverlayKind {
    /// In the middle, over a dimmed screen.
    Dialog,
    /// At the top, over a dimmed screen (the brightness slider).
    TopDialog,
    /// At the bottom, as wide as the screen, over a dimmed screen.
    BottomSheet,
    /// Below (or above) the widget with this id or key, or where it fits; the screen is not dimmed.
    Popup(Cow<'static, str>),
    /// At the top right, over the toolbar's overflow button; the screen is not dimmed.
    OverflowMenu,
    /// Along the left edge, as tall as the screen, over a dimmed screen.
    Drawer,
    /// The whole screen.
    FullScreen,
}

/// A window in front of an activity's content.
#[derive(Clone)]
pub struct Overlay<M> {
    /// Its content.
    pub root: Widget<M>,
    /// Its place.
    pub kind: OverlayKind,
    /// Sent by BACK and by a tap outside; without it both do nothing.
    pub on_dismiss: Option<M>,
}

impl<M> Overlay<M> {
    /// A window that BACK and a tap outside close by sending `on_dismiss`.
    pub fn new(kind: OverlayKind, root: Widget<M>, on_dismiss: M) -> Overlay<M> {
        Overlay {
            root,
            kind,
            on_dismiss: Some(on_dismiss),
        }
    }

    /// A window that stays until one of its buttons is used.
    pub fn modal(kind: OverlayKind, root: Widget<M>) -> Overlay<M> {
        Overlay {
            root,
            kind,
            on_dismiss: None,
        }
    }
}

/// One thing for the window manager to do after an update.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Start an activity.
    Start(Intent),
    /// Start an activity and give its result to `on_result`.
    StartForResult(u32, Intent),
    /// Close this activity, with a result for the one that asked for it.
    Finish(Option<Intent>),
    /// Close every activity of this task.
    FinishTask,
    /// Show a short message near the bottom for two seconds.
    Toast(String),
    /// Put text on the clipboard.
    Copy(String),
    /// Focus the field with this id or key and open the keyboard, with the cursor at the end.
    Focus(String),
    /// Focus the field with this id or key with all its text selected.
    SelectAll(String),
    /// Close the keyboard and take the focus away.
    HideKeyboard,
    /// Scroll the list with this id or key to an offset in dp (`f32::MAX` is the end).
    ScrollTo(String, f32),
    /// Go to the home screen.
    Home,
    /// Stop a package, as Settings does.
    ForceStop(String),
    /// Show the overview of recent tasks.
    Recents,
    /// Bring a task to the front (the overview does).
    ShowTask(u32),
    /// Close a task (the overview does).
    CloseTask(u32),
}

/// What an update asks for, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Effects(pub Vec<Effect>);

impl Effects {
    /// Nothing.
    pub fn none() -> Effects {
        Effects::default()
    }

    /// What an answer asks for. What goes wrong is said in a toast; the screen goes on showing what is stored.
    pub fn or_toast(answer: Result<impl Into<Effects>, impl Display>) -> Effects {
        match answer {
            Ok(effects) => effects.into(),
            Err(error) => Effects::none().toast(error.to_string()),
        }
    }

    /// For a screen about one thing: closes it when the thing is not there, or cannot be read.
    pub fn unless_gone(found: Result<bool, impl Display>) -> Effects {
        match found {
            Ok(true) => Effects::none(),
            Ok(false) => Effects::none().finish(),
            Err(error) => Effects::none().toast(error.to_string()).finish(),
        }
    }

    /// Adds any effect.
    pub fn and(mut self, effect: Effect) -> Effects {
        self.0.push(effect);
        self
    }

    /// Starts an activity.
    pub fn start(self, intent: Intent) -> Effects {
        self.and(Effect::Start(intent))
    }

    /// Starts an activity whose result comes back under `request`.
    pub fn start_for_result(self, request: u32, intent: Intent) -> Effects {
        self.and(Effect::StartForResult(request, intent))
    }

    /// Closes this activity.
    pub fn finish(self) -> Effects {
        self.and(Effect::Finish(None))
    }

    /// Closes this activity with a result.
    pub fn finish_with(self, result: Intent) -> Effects {
        self.and(Effect::Finish(Some(result)))
    }

    /// Shows a short message.
    pub fn toast(self, text: impl Into<String>) -> Effects {
        self.and(Effect::Toast(text.into()))
    }

    /// Sets the clipboard.
    pub fn copy(self, text: impl Into<String>) -> Effects {
        self.and(Effect::Copy(text.into()))
    }

    /// Focuses a field.
    pub fn focus(self, field: impl Into<String>) -> Effects {
        self.and(Effect::Focus(field.into()))
    }

    /// Closes the keyboard.
    pub fn hide_keyboard(self) -> Effects {
        self.and(Effect::HideKeyboard)
    }

    /// Scrolls a list.
    pub fn scroll_to(self, list: impl Into<String>, offset: f32) -> Effects {
        self.and(Effect::ScrollTo(list.into(), offset))
    }
}

impl From<()> for Effects {
    fn from((): ()) -> Effects {
        Effects::none()
    }
}

/// A message whose type only its activity knows.
#[derive(Clone)]
pub struct Erased(pub Arc<dyn Any + Send + Sync>);

impl Erased {
    fn new<M: Send + Sync + 'static>(message: M) -> Erased {
        Erased(Arc::new(message))
    }
}

/// An [`Activity`] as the window manager holds it.
pub trait ErasedActivity: Send {
    /// See [`Activity::view`].
    fn view(&self, system: &System) -> Screen<Erased>;
    /// See [`Activity::update`]; a message of another activity is ignored.
    fn update(&mut self, system: &mut System, message: &Erased) -> Effects;
    /// See [`Activity::on_back`].
    fn on_back(&mut self, system: &mut System) -> Effects;
    /// See [`Activity::on_resume`].
    fn on_resume(&mut self, system: &mut System) -> Effects;
    /// See [`Activity::on_pause`].
    fn on_pause(&mut self, system: &mut System);
    /// See [`Activity::on_result`].
    fn on_result(&mut self, system: &mut System, request: u32, result: Option<Intent>) -> Effects;
    /// See [`Activity::on_new_intent`].
    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects;
    /// See [`Activity::tick`].
    fn tick(&mut self, system: &mut System) -> Effects;
}

impl<A: Activity> ErasedActivity for A {
    fn view(&self, system: &System) -> Screen<Erased> {
        Activity::view(self, system).map(&Erased::new)
    }

    fn update(&mut self, system: &mut System, message: &Erased) -> Effects {
        match message.0.downcast_ref::<A::Message>() {
            Some(message) => Activity::update(self, system, message.clone()),
            None => Effects::none(),
        }
    }

    fn on_back(&mut self, system: &mut System) -> Effects {
        Activity::on_back(self, system)
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        Activity::on_resume(self, system)
    }

    fn on_pause(&mut self, system: &mut System) {
        Activity::on_pause(self, system);
    }

    fn on_result(&mut self, system: &mut System, request: u32, result: Option<Intent>) -> Effects {
        Activity::on_result(self, system, request, result)
    }

    fn on_new_intent(&mut self, system: &mut System, intent: &Intent) -> Effects {
        Activity::on_new_intent(self, system, intent)
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        Activity::tick(self, system)
    }
}

/// Makes an activity of type `A`: the `create` of an [`ActivityEntry`].
pub fn activity<A: Activity>(system: &mut System, intent: &Intent) -> Box<dyn ErasedActivity> {
    Box::new(A::create(system, intent))
}

/// How a start treats instances that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LaunchMode {
    /// A new instance on top.
    #[default]
    Standard,
    /// If one is on top of the task already, it gets `on_new_intent`.
    SingleTop,
    /// If one is in the task, everything above it is closed and it gets `on_new_intent`.
    SingleTask,
}

/// Which implicit intents an activity answers. An empty list or `None` accepts nothing but absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Action.
    pub action: &'static str,
    /// Beginning of the URI, e.g. `content://contacts/people`; `""` when the intent must have no URI.
    pub data: &'static str,
    /// MIME type; `""` when none is needed.
    pub mime: &'static str,
}

impl Filter {
    /// A filter on the action alone.
    pub const fn action(action: &'static str) -> Filter {
        Filter {
            action,
            data: "",
            mime: "",
        }
    }

    /// A filter on action and the beginning of the URI.
    pub const fn data(action: &'static str, data: &'static str) -> Filter {
        Filter {
            action,
            data,
            mime: "",
        }
    }

    /// A filter on action and MIME type.
    pub const fn mime(action: &'static str, mime: &'static str) -> Filter {
        Filter {
            action,
            data: "",
            mime,
        }
    }

    /// Whether an intent passes.
    pub fn accepts(&self, intent: &Intent) -> bool {
        let data = intent.data.as_deref().unwrap_or("");
        let mime = intent.mime.as_deref().unwrap_or("");
        // A filter with a type also takes a file or content of that type.
        let data_fits = if self.mime.is_empty() || !self.data.is_empty() {
            if self.data.is_empty() {
                data.is_empty()
            } else {
                data.starts_with(self.data)
            }
        } else {
            data.is_empty() || data.starts_with("content:") || data.starts_with("file:")
        };
        let mime_fits = match self.mime.strip_suffix('*') {
            Some(family) => mime.starts_with(family),
            None if self.mime.is_empty() => mime.is_empty() || !self.data.is_empty(),
            None => mime == self.mime,
        };
        intent.action.as_deref() == Some(self.action) && data_fits && mime_fits
    }
}

/// One activity of an app, as the manifest names it.
#[derive(Clone, Copy)]
pub struct ActivityEntry {
    /// Full class name.
    pub class: &'static str,
    /// Other class names that start it (activity-alias), which are shown as its own name.
    pub aliases: &'static [&'static str],
    /// In the launcher, and what [`Intent::launch`] starts.
    pub launcher: bool,
    /// Implicit intents.
    pub filters: &'static [Filter],
    /// Instances.
    pub mode: LaunchMode,
    /// Makes it: `activity::<TheType>`.
    pub create: fn(&mut System, &Intent) -> Box<dyn ErasedActivity>,
}

impl ActivityEntry {
    /// An activity that only its own app starts; `create` is `activity::<TheType>`.
    pub const fn new(
        class: &'static str,
        create: fn(&mut System, &Intent) -> Box<dyn ErasedActivity>,
    ) -> ActivityEntry {
        ActivityEntry {
            class,
            aliases: &[],
            launcher: false,
            filters: &[],
            mode: LaunchMode::Standard,
            create,
        }
    }

    /// Puts it in the launcher.
    pub const fn launcher(self) -> ActivityEntry {
        ActivityEntry {
            launcher: true,
            ..self
        }
    }

    /// Lets it be started by other names.
    pub const fn aliases(self, aliases: &'static [&'static str]) -> ActivityEntry {
        ActivityEntry { aliases, ..self }
    }

    /// Lets it answer implicit intents.
    pub const fn filters(self, filters: &'static [Filter]) -> ActivityEntry {
        ActivityEntry { filters, ..self }
    }

    /// How a start treats instances that exist.
    pub const fn mode(self, mode: LaunchMode) -> ActivityEntry {
        ActivityEntry { mode, ..self }
    }
}

/// One app.
#[derive(Clone, Copy)]
pub struct AppEntry {
    /// Package.
    pub package: &'static str,
    /// Name in the launcher.
    pub label: &'static str,
    /// Sign in the launcher.
    pub icon: Icon,
    /// Colour of the launcher icon.
    pub color: Color,
    /// Its activities; the first with `launcher` is the main one.
    pub activities: &'static [ActivityEntry],
}

impl AppEntry {
    /// The main activity.
    pub fn main(&self) -> Option<&ActivityEntry> {
        self.activities.iter().find(|activity| activity.launcher)
    }

    /// The component of one of its activities.
    pub fn component(&self, activity: &ActivityEntry) -> Component {
        Component::new(self.package, activity.class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_action_data_and_type() {
        let view = Filter::data(Intent::VIEW, "content://contacts/people");
        let insert = Filter::mime(Intent::INSERT, "vnd.android.cursor.dir/contact");
        let plain = Filter::action("android.settings.SETTINGS");
        let people = Intent::action(Intent::VIEW).data("content://contacts/people/");
        assert!(view.accepts(&people));
        assert!(!plain.accepts(&people));
        assert!(!view.accepts(&Intent::action(Intent::VIEW).data("http://")));
        let contact = Intent::action(Intent::INSERT)
            .mime("vnd.android.cursor.dir/contact")
            .text("name", "Ana");
        assert!(insert.accepts(&contact));
        assert!(!insert.accepts(&people));
        assert!(plain.accepts(&Intent::action("android.settings.SETTINGS")));
        let images = Filter::mime(Intent::VIEW, "image/*");
        let picture = Intent::action(Intent::VIEW)
            .data("content://media/1")
            .mime("image/png");
        assert!(images.accepts(&picture));
    }
}
