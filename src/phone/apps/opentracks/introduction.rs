//! The two pages that the app's icon shows at first.

use super::{LIST, PACKAGE};
use crate::phone::system::{Files, Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Screen, column, floating_button, icon, stack, text,
};

const SHOW: &str = "introduction";

const PAGES: [(&str, &str, Icon); 2] = [
    (
        "OpenTracks",
        "OpenTracks records your sport and keeps it to itself: nothing leaves this device unless you share it.",
        Icon::Lock,
    ),
    (
        "Maps",
        "OpenTracks has no map of its own. To see your tracks on one, install OSMDashboard.",
        Icon::Globe,
    ),
];

/// Whether the pages were not seen yet.
pub fn is_wanted(files: &Files) -> bool {
    Preferences::load_default(files, PACKAGE).flag(SHOW, true)
}

/// Remembers that they were seen.
///
/// # Errors
/// When that cannot be written.
pub fn seen(files: &Files) -> Result<(), PhoneError> {
    Preferences::load_default(files, PACKAGE)
        .with(SHOW, false)
        .save(files)
}

/// A touch on the pages.
#[derive(Debug, Clone)]
pub enum Message {
    /// The next page, or the list.
    Next,
    /// The page before.
    Previous,
}

/// The screen.
pub struct Introduction {
    page: usize,
}

fn to_list() -> Effects {
    Effects::none()
        .start(Intent::activity(PACKAGE, LIST))
        .finish()
}

impl Activity for Introduction {
    type Message = Message;

    fn create(_system: &mut System, _intent: &Intent) -> Introduction {
        Introduction { page: 0 }
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        match is_wanted(&system.files) {
            true => Effects::none(),
            false => to_list(),
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let (title, words, sign) = PAGES[self.page.min(PAGES.len() - 1)];
        let page = column(vec![
            icon(sign, 96.0).decoration(),
            text(title).text_size(28.0).bold(),
            text(words).text_align(Align::Center).text_size(18.0),
        ])
        .class("android.widget.ScrollView")
        .cross(Align::Center)
        .main(Align::Center)
        .gap(24.0)
        .padding(32.0)
        .fill()
        .on_swipe_left(Message::Next)
        .on_swipe_right(Message::Previous);
        let next = floating_button(Icon::ArrowForward, "", Message::Next).id("next_button");
        Screen::new(
            stack(vec![
                stack(vec![page])
                    .id("introduction_view_pager")
                    .class("androidx.viewpager.widget.ViewPager")
                    .fill(),
                next,
            ])
            .class("android.widget.RelativeLayout")
            .fill(),
        )
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Previous => self.page = self.page.saturating_sub(1),
            Message::Next if self.page + 1 < PAGES.len() => self.page += 1,
            Message::Next => {
                return match seen(&system.files) {
                    Ok(()) => to_list(),
                    Err(error) => Effects::none().toast(error.to_string()),
                };
            }
        }
        Effects::none()
    }
}
