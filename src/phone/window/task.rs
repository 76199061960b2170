//! Tasks, the activities in them, and which activity answers an intent.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::phone::apps;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{ActivityEntry, AppEntry, Component, ErasedActivity};

/// A package or class: one that this phone comes with, or one that was installed on it.
pub type Name = Cow<'static, str>;

/// What a start led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The activity that answered, under the name that the intent used if it named one.
    pub component: Component,
    /// True when an activity was made; false when an existing task came to the front or an existing
    /// activity got the intent (`am start` then prints a warning).
    pub created: bool,
    /// Whether the intent was delivered to an instance that was already on top.
    pub delivered: bool,
}

/// Why nothing was started.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The component does not exist.
    #[error("activity class {{{0}}} does not exist")]
    NoComponent(String),
    /// No activity answers the intent.
    #[error("no activity found to handle {0}")]
    NoActivity(String),
}

/// An activity that exists.
pub(super) struct Running {
    /// Never used again, also not by a later instance.
    pub id: u32,
    pub package: Name,
    /// Full class name as the manifest has it.
    pub class: Name,
    pub activity: Box<dyn ErasedActivity>,
    /// What it was started with.
    pub intent: Intent,
    /// Who wants its result, and under which number.
    pub result_for: Option<(u32, u32)>,
    /// Scroll offsets in pixels by layer and name.
    pub scrolls: HashMap<(usize, String), i32>,
}

impl Running {
    pub fn component(&self) -> Component {
        Component::new(&*self.package, &*self.class)
    }
}

/// A task: activities on top of each other.
pub(super) struct Task {
    pub id: u32,
    /// Package of its first activity.
    pub package: Name,
    /// Bottom to top; never empty while the task is listed.
    pub stack: Vec<Running>,
    /// The home screen's task: always there, not in the recent tasks.
    pub home: bool,
    /// Micros of the phone's clock when it was last in front.
    pub last_active: i64,
}

impl Task {
    /// Whether it is one of the recent tasks: neither the home screen nor a dialog of the system.
    pub fn is_recent(&self) -> bool {
        !self.home && apps::find(&self.package).is_none_or(|app| app.main().is_some())
    }
}

/// The activity that answers an intent.
pub(super) struct Found {
    pub package: Name,
    pub class: Name,
    pub entry: &'static ActivityEntry,
}

impl Found {
    pub fn known(app: &'static AppEntry, entry: &'static ActivityEntry) -> Found {
        Found {
            package: Cow::Borrowed(app.package),
            class: Cow::Borrowed(entry.class),
            entry,
        }
    }

    /// An activity of a package that was installed and has no app here.
    fn foreign(package: &str, class: &str) -> Found {
        Found {
            package: Cow::Owned(package.to_owned()),
            class: Cow::Owned(class.to_owned()),
            entry: &apps::foreign::ACTIVITY,
        }
    }
}

/// Finds the activity for an intent.
///
/// # Errors
/// [`StartError`] when the component does not exist, or no filter matches.
pub(super) fn resolve(system: &System, intent: &Intent) -> Result<Found, StartError> {
    if let Some((package, class)) = &intent.component {
        let name = Component::new(package.clone(), class.clone());
        let found = match apps::find(package) {
            Some(app) => find_class(app, class).map(|entry| Found::known(app, entry)),
            None => system
                .packages
                .get(package)
                .filter(|manifest| manifest.activities.contains(class))
                .map(|_| Found::foreign(package, class)),
        };
        return found.ok_or_else(|| StartError::NoComponent(name.short()));
    }
    let has = |wanted: &str| intent.categories.iter().any(|category| category == wanted);
    let missing = || StartError::NoActivity(describe(intent));
    let named = intent.package.as_deref();
    if has("android.intent.category.HOME") {
        let launcher = apps::find(apps::launcher::PACKAGE)
            .filter(|app| named.is_none_or(|package| package == app.package));
        return launcher
            .and_then(|app| Some(Found::known(app, app.activities.first()?)))
            .ok_or_else(missing);
    }
    if has(Intent::LAUNCHER)
        || has("android.intent.category.INFO")
        || (named.is_some() && intent.action.is_none())
    {
        let main = |package: &str| match apps::find(package) {
            Some(app) => app.main().map(|entry| Found::known(app, entry)),
            None => {
                let class = system.packages.get(package)?.launcher.as_ref()?;
                Some(Found::foreign(package, class))
            }
        };
        return named.and_then(main).ok_or_else(missing);
    }
    let answering = apps::answering(intent);
    if answering.len() > 1 && apps::resolver::is_asked(intent) {
        return Ok(Found::known(&apps::resolver::APP, &apps::resolver::CHOOSER));
    }
    answering
        .first()
        .map(|(app, entry)| Found::known(app, entry))
        .ok_or_else(missing)
}

fn find_class(app: &'static AppEntry, class: &str) -> Option<&'static ActivityEntry> {
    app.activities
        .iter()
        .find(|activity| activity.class == class || activity.aliases.contains(&class))
}

/// An intent in Android's words: `Intent { act=... dat=... typ=... pkg=... cmp=... }`.
pub fn describe(intent: &Intent) -> String {
    let mut text = String::from("Intent {");
    let mut add = |name: &str, value: &str| {
        text.push_str(&format!(" {name}={value}"));
    };
    if let Some(action) = &intent.action {
        add("act", action);
    }
    if !intent.categories.is_empty() {
        add("cat", &format!("[{}]", intent.categories.join(",")));
    }
    if let Some(data) = &intent.data {
        add("dat", data);
    }
    if let Some(mime) = &intent.mime {
        add("typ", mime);
    }
    if intent.flags != 0 {
        add("flg", &format!("0x{:x}", intent.flags));
    }
    if let Some(package) = &intent.package {
        add("pkg", package);
    }
    if let Some((package, class)) = &intent.component {
        add(
            "cmp",
            &Component::new(package.clone(), class.clone()).short(),
        );
    }
    if !intent.extras.is_empty() {
        text.push_str(" (has extras)");
    }
    text.push_str(" }");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intents_are_described_as_android_does() {
        let intent = Intent::action(Intent::VIEW).data("nobody://");
        assert_eq!(
            describe(&intent),
            "Intent { act=android.intent.action.VIEW dat=nobody:// }"
        );
        let root = tempfile::tempdir().unwrap();
        let screen = crate::domain::ScreenSize {
            width: 360,
            height: 800,
        };
        let clock = crate::phone::system::ClockMode::Steps;
        let system = System::boot(root.path(), screen, 1, clock, Vec::new()).unwrap();
        let error = resolve(&system, &intent).err().unwrap();
        assert!(matches!(error, StartError::NoActivity(_)), "{error}");
        let missing = Intent::activity("no.such", "no.such.Main");
        assert_eq!(
            resolve(&system, &missing).err().unwrap().to_string(),
            "activity class {no.such/.Main} does not exist"
        );
    }
}
