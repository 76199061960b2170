//! Component names, and how apps build and read intents (the type itself is the system's, as `am` has it).

use crate::phone::system::{Extra, Intent};

/// A package and one of its classes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Component {
    /// Package, e.g. `com.android.settings`.
    pub package: String,
    /// Full class name, e.g. `com.android.settings.Settings`.
    pub class: String,
}

impl Component {
    /// From package and full class name.
    pub fn new(package: impl Into<String>, class: impl Into<String>) -> Component {
        Component {
            package: package.into(),
            class: class.into(),
        }
    }

    /// Parses `package/class` or `package/.Class`; `None` without exactly one slash or with an empty part.
    pub fn parse(text: &str) -> Option<Component> {
        let (package, class) = text.split_once('/')?;
        if package.is_empty() || class.is_empty() || class.contains('/') {
            return None;
        }
        let class = if class.starts_with('.') {
            format!("{package}{class}")
        } else {
            class.to_string()
        };
        Some(Component::new(package, class))
    }

    /// `package/.Class` where the class begins with the package, else `package/class`.
    pub fn short(&self) -> String {
        match self.class.strip_prefix(self.package.as_str()) {
            Some(rest) if rest.starts_with('.') => format!("{}/{rest}", self.package),
            _ => self.long(),
        }
    }

    /// `package/full.class.Name`.
    pub fn long(&self) -> String {
        format!("{}/{}", self.package, self.class)
    }
}

impl Intent {
    /// `android.intent.action.MAIN`.
    pub const MAIN: &'static str = "android.intent.action.MAIN";
    /// `android.intent.action.VIEW`.
    pub const VIEW: &'static str = "android.intent.action.VIEW";
    /// `android.intent.action.EDIT`.
    pub const EDIT: &'static str = "android.intent.action.EDIT";
    /// `android.intent.action.INSERT`.
    pub const INSERT: &'static str = "android.intent.action.INSERT";
    /// `android.intent.category.LAUNCHER`.
    pub const LAUNCHER: &'static str = "android.intent.category.LAUNCHER";

    /// `FLAG_ACTIVITY_NEW_TASK`: into the package's own task.
    pub const NEW_TASK: u32 = 0x1000_0000;
    /// `FLAG_ACTIVITY_CLEAR_TASK`: that task is emptied first.
    pub const CLEAR_TASK: u32 = 0x0000_8000;
    /// `FLAG_ACTIVITY_CLEAR_TOP`: closes what is above an instance that exists.
    pub const CLEAR_TOP: u32 = 0x0400_0000;
    /// `FLAG_ACTIVITY_SINGLE_TOP`: an instance on top gets the intent.
    pub const SINGLE_TOP: u32 = 0x2000_0000;

    /// An intent for an activity: package and full class name.
    pub fn activity(package: impl Into<String>, class: impl Into<String>) -> Intent {
        Intent {
            component: Some((package.into(), class.into())),
            ..Intent::default()
        }
    }

    /// Sets the URI.
    pub fn data(mut self, data: impl Into<String>) -> Intent {
        self.data = Some(data.into());
        self
    }

    /// Sets the MIME type.
    pub fn mime(mut self, mime: impl Into<String>) -> Intent {
        self.mime = Some(mime.into());
        self
    }

    /// Adds a text extra.
    pub fn text(mut self, name: impl Into<String>, value: impl Into<String>) -> Intent {
        self.extras.insert(name.into(), Extra::Text(value.into()));
        self
    }

    /// Adds a number extra.
    pub fn number(mut self, name: impl Into<String>, value: i64) -> Intent {
        self.extras.insert(name.into(), Extra::Integer(value));
        self
    }

    /// Adds a flag extra.
    pub fn flag(mut self, name: impl Into<String>, value: bool) -> Intent {
        self.extras.insert(name.into(), Extra::Boolean(value));
        self
    }

    /// Starts in the package's own task.
    pub fn in_new_task(mut self) -> Intent {
        self.flags |= Intent::NEW_TASK;
        self
    }

    /// A text extra; other kinds of extras are not text.
    pub fn get_text(&self, name: &str) -> Option<&str> {
        match self.extras.get(name)? {
            Extra::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number extra.
    pub fn get_number(&self, name: &str) -> Option<i64> {
        match self.extras.get(name)? {
            Extra::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A flag extra; false when absent.
    pub fn get_flag(&self, name: &str) -> bool {
        self.extras.get(name) == Some(&Extra::Boolean(true))
    }

    /// Whether a flag bit is set.
    pub fn has_flag(&self, bit: u32) -> bool {
        self.flags & bit != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_names_have_a_short_and_a_long_form() {
        let short = Component::parse("com.android.settings/.Settings").unwrap();
        assert_eq!(short.class, "com.android.settings.Settings");
        assert_eq!(short.short(), "com.android.settings/.Settings");
        let clock =
            Component::parse("com.google.android.deskclock/com.android.deskclock.DeskClock")
                .unwrap();
        assert_eq!(clock.short(), clock.long());
        for bad in ["", "a", "a/", "/b", "a/b/c"] {
            assert_eq!(Component::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn extras_are_found_by_name_and_type() {
        let intent = Intent::action(Intent::INSERT)
            .text("name", "Ana")
            .number("n", 3)
            .flag("on", true);
        assert_eq!(intent.get_text("name"), Some("Ana"));
        assert_eq!(intent.get_text("n"), None);
        assert_eq!(intent.get_number("n"), Some(3));
        assert!(intent.get_flag("on") && !intent.get_flag("name"));
    }
}
