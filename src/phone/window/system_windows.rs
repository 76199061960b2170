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
        self.hangs.0 = self.hangs.0.saturating_add(1);
        self.hangs.1 = Some(format!(
            "  ANR time: {}\n  Application at fault: ActivityRecord{{{:x} u0 {package}}}\n  Reason: Input dispatching timed out\n",
            system.clock.now().strftime("%b %-d, %Y %-I:%M:%S %p"),
            0x5f2_a3c1_u32.wrapping_add(self.hangs.0)
        ));
        let now = system.clock.now_micros();
        let text = format!("ANR in {package}");
        system.log.write(now, 'E', "ActivityManager", &text);
    }

    /// What is known of the last time that an app did not respond.
    pub fn last_hang(&self) -> &str {
        self.hangs
            .1
            .as_deref()
            .unwrap_or("  <no ANR has occurred since boot>\n")
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
        self.system_ui_crashes = self.system_ui_crashes.saturating_add(1);
        self.settle(system);
    }

    /// The system UI's process; none while it is gone.
    pub fn system_ui_process(&self, system: &System) -> Option<u32> {
        const FIRST: u32 = 780;
        // Every new one has a new number, up to where the apps' begin.
        (!self.bars_are_gone(system)).then_some(FIRST + 13 * (self.system_ui_crashes % 16))
    }

    /// Whether the bars of the system UI are not there.
    pub(super) fn bars_are_gone(&self, system: &System) -> bool {
        self.bars_back
            .is_some_and(|back| system.clock.uptime_micros() < back)
    }
}
