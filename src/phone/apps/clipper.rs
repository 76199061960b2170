//! Clipper (`ca.zgrs.clipper`): a page without anything to do. While it is in front, broadcasts read and
//! write the clipboard through it. It was built for an older Android, which the system says at its first
//! start, after a look at what the app may do.

use crate::phone::system::{Intent, PhoneError, Preferences, System};
use crate::phone::ui::{
    Activity, ActivityEntry, AppEntry, Color, Effects, Icon, LaunchMode, Screen, activity, alert,
    button, column, stretch, text,
};

const PACKAGE: &str = "ca.zgrs.clipper";
/// What is remembered of the first start.
const PREFERENCES: &str = "first_start";
const PASSED: &str = "passed";

/// Writes down that the first start is over.
///
/// # Errors
/// When a file cannot be written.
pub fn pass_first_run(system: &System) -> Result<(), PhoneError> {
    Preferences::load(&system.files, PACKAGE, PREFERENCES)
        .with(PASSED, true)
        .save(&system.files)
}

/// How far the first start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// What the app may do is shown.
    Review,
    /// The app is old.
    Warning,
    Passed,
}

struct Main {
    stage: Stage,
}

#[derive(Debug, Clone)]
enum Message {
    Leave,
    Continue,
    Accept,
}

impl Activity for Main {
    type Message = Message;

    fn create(system: &mut System, _intent: &Intent) -> Main {
        let stored = Preferences::load(&system.files, PACKAGE, PREFERENCES);
        Main {
            stage: match stored.flag(PASSED, false) {
                true => Stage::Passed,
                false => Stage::Review,
            },
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        if self.stage == Stage::Review {
            return review();
        }
        let line = |id: &'static str, words: &'static str| {
            text(words).id(id).fill_width().padding_symmetric(16.0, 8.0)
        };
        let page = column(vec![
            line("head", "The clipboard service is started."),
            line(
                "sub",
                "1. Broadcast clipper.set with the extra text to change the clipboard.\n2. Broadcast clipper.get to read it.",
            ),
        ])
        .fill();
        Screen::new(page).overlay((self.stage == Stage::Warning).then(|| {
            let words =
                "This app was built for an older version of Android and may not work properly.";
            alert("")
                .message(words)
                .positive("OK", Message::Accept)
                .overlay(Message::Accept)
        }))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Leave => return Effects::none().finish(),
            Message::Continue => self.stage = Stage::Warning,
            Message::Accept => {
                self.stage = Stage::Passed;
                if let Err(error) = pass_first_run(system) {
                    return Effects::none().toast(error.to_string());
                }
            }
        }
        Effects::none()
    }
}

/// The system's page before the first start of an app that asks for no permission itself.
fn review() -> Screen<Message> {
    let choice = |id: &'static str, label: &'static str, message: Message| {
        button(label).id(id).padding(12.0).on_tap(message)
    };
    Screen::new(
        column(vec![
            text("Choose what to allow Clipper to access")
                .id("com.android.permissioncontroller:id/permissions_message")
                .text_size(22.0)
                .fill_width(),
            text("No permissions required").fill_width(),
            stretch(),
            choice(
                "com.android.permissioncontroller:id/cancel_button",
                "Cancel",
                Message::Leave,
            ),
            choice(
                "com.android.permissioncontroller:id/continue_button",
                "Continue",
                Message::Continue,
            ),
        ])
        .gap(12.0)
        .padding(24.0)
        .fill(),
    )
}

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Clipper",
    icon: Icon::Copy,
    color: Color::rgb(0x45_5A64),
    activities: &[ActivityEntry::new("ca.zgrs.clipper.Main", activity::<Main>)
        .launcher()
        .mode(LaunchMode::SingleTop)],
};
