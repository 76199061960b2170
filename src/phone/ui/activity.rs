//! Activities in the Elm style: a state, a view that is a pure function of state and system, and an update
//! that takes a message. The window manager sees them with their message types erased.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use super::color::Color;
use super::effects::Effects;
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

    /// A new intent reached this activity, which was already in front (`LaunchMode::SingleTop`).
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
