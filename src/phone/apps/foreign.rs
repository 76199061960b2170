//! The screen of a package that was installed on this phone and cannot run on it: its name alone. And the packages
//! that belong to the benchmark's own set-up, which are there from the start.

use super::label;
use crate::phone::system::{Intent, Manifest, System};
use crate::phone::ui::{
    Activity, ActivityEntry, Effects, Screen, activity, column, stretch, toolbar,
};

struct Foreign {
    package: String,
}

impl Activity for Foreign {
    type Message = ();

    fn create(_system: &mut System, intent: &Intent) -> Foreign {
        let component = intent.component.as_ref().map(|(package, _)| package);
        let package = component.or(intent.package.as_ref());
        Foreign {
            package: package.cloned().unwrap_or_default(),
        }
    }

    fn view(&self, system: &System) -> Screen<()> {
        let bar = toolbar(label(system, &self.package), vec![]);
        Screen::new(column(vec![bar, stretch()]).fill())
    }

    fn update(&mut self, _system: &mut System, (): ()) -> Effects {
        Effects::none()
    }
}

/// The entry of all activities of such packages.
pub const ACTIVITY: ActivityEntry = ActivityEntry::new("", activity::<Foreign>);

/// What AndroidWorld installs besides the apps of its tasks, and starts.
pub fn benchmark() -> [Manifest; 2] {
    [
        Manifest::app(
            "com.example.androidworld",
            "AndroidWorld",
            "com.example.androidworld.MainActivity",
        )
        .permissions(["SYSTEM_ALERT_WINDOW"]),
        Manifest::app(
            "com.google.androidenv.miniwob",
            "MiniWoB",
            "com.google.androidenv.miniwob.app.MainActivity",
        )
        .permissions(["INTERNET"]),
    ]
}
