//! Apps and their activities as a manifest lists them: names, the launcher, implicit intents, launch modes.

use super::activity::{Activity, ErasedActivity};
use super::color::Color;
use super::icon::Icon;
use super::intent::Component;
use crate::phone::system::{Intent, System};

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
