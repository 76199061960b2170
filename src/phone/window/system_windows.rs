//! The system's own windows: the notification shade, the question about an app that does not respond, and a system
//! UI that crashes.

use std::time::Duration;

use super::WindowManager;
use super::task::Name;
use crate::phone::apps::{not_responding, systemui};
use crate::phone::system::{Intent, System};

impl WindowManager {
    /// Opens the notification shade; a system UI that is gone has none.
    pub(super) fn show_shade(&mut self, system: &mut System) {
        if self.bars_are_gone(system) {
            return;
        }
        self.leave_front(system);
        self.keyboard_shown = false;
        let shade = Box::new(systemui::shade());
        let panel = self.make_running(
            Name::Borrowed(systemui::PACKAGE),
            Name::Borrowed(systemui::SHADE),
            shade,
            Intent::default(),
            None,
        );
        self.panel = Some(panel);
    }

    /// Asks what to do with a package that does not respond. The question stays in front, whatever is started,
    /// until it is answered; a newer one takes its place.
    pub fn not_responding(&mut self, system: &mut System, package: &str) {
        self.keyboard_shown = false;
        let dialog = Box::new(not_responding::NotResponding::new(package));
        let intent = Intent::default().text("package", package);
        let dialog = self.make_running(
            Name::Borrowed(not_responding::PACKAGE),
            Name::Borrowed(not_responding::CLASS),
            dialog,
            intent,
            None,
        );
        self.dialog = Some(dialog);
        let now = system.clock.now_micros();
        let text = format!("ANR in {package}");
        system.log.write(now, 'E', "ActivityManager", &text);
    }

    /// The name of the dialog that is in front of everything, as `dumpsys window` shows it.
    pub(super) fn dialog_name(&self) -> Option<String> {
        let dialog = self.dialog.as_ref()?;
        let package = dialog.intent.get_text("package").unwrap_or_default();
        Some(format!("Application Not Responding: {package}"))
    }

    /// The system UI crashes: what it shows is gone, its bars for so long on the phone's clock.
    pub fn crash_system_ui(&mut self, system: &mut System, lasts: Duration) {
        if self
            .panel
            .as_ref()
            .is_some_and(|panel| panel.package == systemui::PACKAGE)
        {
            self.panel = None;
        }
        self.stop_package(systemui::PACKAGE);
        let lasts = i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX);
        let back = system.clock.uptime_micros().saturating_add(lasts);
        self.bars_back = Some(back);
        self.settle(system);
    }

    /// Whether the bars of the system UI are not there.
    pub(super) fn bars_are_gone(&self, system: &System) -> bool {
        self.bars_back
            .is_some_and(|back| system.clock.uptime_micros() < back)
    }
}
