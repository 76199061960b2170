//! What an update asks the window manager for.

use std::fmt::Display;

use crate::phone::system::Intent;

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
