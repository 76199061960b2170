//! Clipper (`ca.zgrs.clipper`): a page without anything to do. While it is in front, broadcasts read and
//! write the clipboard through it.

use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, ActivityEntry, AppEntry, Color, Effects, Icon, LaunchMode, Screen, activity, column,
    text, toolbar,
};

struct Main;

impl Activity for Main {
    type Message = ();

    fn create(_system: &mut System, _intent: &Intent) -> Main {
        Main
    }

    fn view(&self, _system: &System) -> Screen<()> {
        Screen::new(column(vec![
            toolbar("Clipper", vec![]),
            text("The clipboard service runs. Broadcast clipper.get to read the clipboard and clipper.set to change it.")
                .fill_width()
                .padding(16.0),
        ]))
    }

    fn update(&mut self, _system: &mut System, _message: ()) -> Effects {
        Effects::none()
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: "ca.zgrs.clipper",
    label: "Clipper",
    icon: Icon::Copy,
    color: Color::rgb(0x45_5A64),
    activities: &[ActivityEntry {
        class: "ca.zgrs.clipper.Main",
        aliases: &[],
        launcher: true,
        filters: &[],
        mode: LaunchMode::SingleTop,
        create: activity::<Main>,
    }],
};
