//! HTML Viewer (`com.android.htmlviewer`): shows the words of a page; scripts don't run in it.

use super::chrome;
use crate::phone::providers::documents::path_of;
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, ActivityEntry, AppEntry, Color, Effects, Filter, Icon, Screen, activity, column,
    list, text, toolbar,
};

/// The activity.
struct Viewer {
    lines: Vec<String>,
}

impl Activity for Viewer {
    type Message = ();

    fn create(system: &mut System, intent: &Intent) -> Viewer {
        let path = intent.data.as_deref().and_then(path_of);
        let html = path.and_then(|path| system.files.read_text(&path).ok());
        Viewer {
            lines: chrome::words(&html.unwrap_or_default()),
        }
    }

    fn view(&self, _system: &System) -> Screen<()> {
        let lines = self
            .lines
            .iter()
            .map(|line| text(line.clone()).fill_width());
        let page = list(lines.collect())
            .class("android.webkit.WebView")
            .gap(12.0)
            .padding(16.0)
            .weight_height(1.0);
        Screen::new(column(vec![toolbar("HTML Viewer", vec![]), page]).fill())
    }

    fn update(&mut self, _system: &mut System, (): ()) -> Effects {
        Effects::none()
    }
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: "com.android.htmlviewer",
    label: "HTML Viewer",
    icon: Icon::Document,
    color: Color::rgb(0x5A_6B7B),
    activities: &[ActivityEntry::new(
        "com.android.htmlviewer.HTMLViewerActivity",
        activity::<Viewer>,
    )
    .filters(&[Filter::mime(Intent::VIEW, "text/html")])],
};
