//! The system's question about an app that does not respond. A window of the system, not an activity: whatever is
//! started, it stays in front. Uses the toolkit.

use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, Color, Effect, Effects, Length, Overlay, OverlayKind, Screen, button, column, text,
};

/// Package of the system's own windows.
pub const PACKAGE: &str = "android";
/// The window's class.
pub const CLASS: &str = "com.android.server.am.AppNotRespondingDialog";

/// The dialog.
pub struct NotResponding {
    package: String,
}

impl NotResponding {
    /// The question about a package.
    pub fn new(package: &str) -> NotResponding {
        NotResponding {
            package: package.to_owned(),
        }
    }
}

/// What its buttons send.
#[derive(Clone)]
pub enum Message {
    /// The app is stopped.
    Close,
    /// Nothing happens.
    Wait,
}

impl Activity for NotResponding {
    type Message = Message;

    fn create(_: &mut System, intent: &Intent) -> NotResponding {
        NotResponding::new(intent.get_text("package").unwrap_or_default())
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let manifest = system.packages.get(&self.package);
        let label = manifest.map_or(&self.package, |manifest| &manifest.label);
        let choice = |label: &'static str, id: &'static str, message: Message| {
            button(label)
                .id(id)
                .fill_width()
                .color(Color::TEXT)
                .on_tap(message)
        };
        let dialog = column(vec![
            text(format!("{label} isn't responding"))
                .id("android:id/alertTitle")
                .text_size(20.0)
                .fill_width()
                .margin_edges(24.0, 20.0, 24.0, 12.0),
            choice("Close app", "android:id/aerr_close", Message::Close),
            choice("Wait", "android:id/aerr_wait", Message::Wait),
        ])
        .id("android:id/parentPanel")
        .rounded(Color::SURFACE, 24.0)
        .width(Length::Dp(330.0));
        Screen::bare().overlay(Overlay::modal(OverlayKind::Dialog, dialog))
    }

    fn update(&mut self, _: &mut System, message: Message) -> Effects {
        let effects = match message {
            Message::Wait => Effects::none(),
            Message::Close => Effects::none().and(Effect::ForceStop(self.package.clone())),
        };
        effects.finish()
    }
}
