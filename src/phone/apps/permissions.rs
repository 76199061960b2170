//! Permission dialogs (`com.google.android.permissioncontroller`). An app that needs a permission starts
//! [`request`] for a result and asks `System::packages` again in `on_result`.

use crate::phone::apps::{self, roles};
use crate::phone::system::{Intent, System};
use crate::phone::ui::{
    Activity, ActivityEntry, Align, AppEntry, Color, Effects, Filter, Icon, Length, Overlay,
    OverlayKind, Screen, Widget, activity, button, column, icon, text,
};

/// Package of the dialogs.
const PACKAGE: &str = "com.google.android.permissioncontroller";
/// Action that apps ask with.
const REQUEST: &str = "android.content.pm.action.REQUEST_PERMISSIONS";

/// The app.
pub const APP: AppEntry = AppEntry {
    package: PACKAGE,
    label: "Permission controller",
    icon: Icon::Lock,
    color: Color::TEXT_SECONDARY,
    activities: &[
        ActivityEntry::new(
            "com.android.permissioncontroller.permission.ui.GrantPermissionsActivity",
            activity::<GrantPermissions>,
        )
        .filters(&[Filter::action(REQUEST)]),
        ActivityEntry::new(
            "com.android.permissioncontroller.role.ui.RequestRoleActivity",
            activity::<roles::RequestRole>,
        )
        .filters(&[Filter::action(roles::REQUEST)]),
    ],
};

/// The intent that asks the user to grant permissions (full names) to a package, one after the other.
pub fn request(package: &str, permissions: &[&str]) -> Intent {
    Intent::action(REQUEST)
        .text("package", package)
        .text("permissions", permissions.join(","))
}

struct GrantPermissions {
    package: String,
    /// Still to be asked, the next one first. What is granted meanwhile (`pm grant`) is passed over.
    permissions: Vec<String>,
}

#[derive(Clone)]
enum Message {
    Allow,
    Deny,
}

/// How the question ends, and whether it may be allowed only while the app is used.
fn words(permission: &str) -> (&'static str, bool) {
    let name = permission.rsplit('.').next().unwrap_or(permission);
    match name {
        "POST_NOTIFICATIONS" => ("send you notifications?", false),
        "ACCESS_FINE_LOCATION" | "ACCESS_COARSE_LOCATION" => {
            ("access this device’s location?", true)
        }
        "CAMERA" => ("take pictures and record video?", true),
        "RECORD_AUDIO" => ("record audio?", true),
        "READ_CONTACTS" | "WRITE_CONTACTS" => ("access your contacts?", false),
        "READ_CALENDAR" | "WRITE_CALENDAR" => ("access your calendar?", false),
        "READ_SMS" | "SEND_SMS" | "RECEIVE_SMS" => ("send and view SMS messages?", false),
        "CALL_PHONE" | "READ_PHONE_STATE" => ("make and manage phone calls?", false),
        "READ_CALL_LOG" => ("access your phone call logs?", false),
        "READ_MEDIA_AUDIO" => ("access music and audio on this device?", false),
        "BLUETOOTH_CONNECT" | "BLUETOOTH_SCAN" => (
            "find, connect to, and determine the relative position of nearby devices?",
            false,
        ),
        _ => ("access photos and videos on this device?", false),
    }
}

impl GrantPermissions {
    /// The permission that is asked for: the first that nobody has granted yet.
    fn asked(&self, system: &System) -> Option<&String> {
        let granted = |name: &str| system.packages.is_granted(&self.package, name);
        self.permissions.iter().find(|name| !granted(name))
    }

    /// Ends once there is nothing left to ask.
    fn end(&self, system: &System) -> Effects {
        match self.asked(system) {
            Some(_) => Effects::none(),
            None => Effects::none().finish(),
        }
    }

    fn dialog(&self, system: &System, permission: &str) -> Widget<Message> {
        let label = apps::label(system, &self.package);
        let (question, foreground) = words(permission);
        let choice = |id: &str, label: &'static str, message: Message| {
            button(label)
                .id(format!("com.android.permissioncontroller:id/{id}"))
                .fill_width()
                .rounded(Color::ACCENT_PALE, 14.0)
                .color(Color::TEXT)
                .on_tap(message)
        };
        let mut children = vec![
            icon(Icon::Lock, 24.0)
                .id("com.android.permissioncontroller:id/permission_icon")
                .color(Color::ACCENT),
            text(format!("Allow {label} to {question}"))
                .id("com.android.permissioncontroller:id/permission_message")
                .text_size(20.0)
                .text_align(Align::Center)
                .fill_width()
                .padding_symmetric(8.0, 12.0),
        ];
        if foreground {
            children.push(choice(
                "permission_allow_foreground_only_button",
                "While using the app",
                Message::Allow,
            ));
            children.push(choice(
                "permission_allow_one_time_button",
                "Only this time",
                Message::Allow,
            ));
        } else {
            children.push(choice("permission_allow_button", "Allow", Message::Allow));
        }
        children.push(choice(
            "permission_deny_button",
            "Don’t allow",
            Message::Deny,
        ));
        column(children)
            .id("com.android.permissioncontroller:id/grant_dialog")
            .cross(Align::Center)
            .gap(4.0)
            .width(Length::Dp(320.0))
            .padding(24.0)
            .rounded(Color::SURFACE, 28.0)
    }
}

impl Activity for GrantPermissions {
    type Message = Message;

    fn create(system: &mut System, intent: &Intent) -> GrantPermissions {
        let package = intent.get_text("package").unwrap_or_default().to_owned();
        let permissions = intent
            .get_text("permissions")
            .unwrap_or_default()
            .split(',')
            .filter(|permission| !permission.is_empty())
            .filter(|permission| !system.packages.is_granted(&package, permission))
            .map(str::to_owned)
            .collect();
        GrantPermissions {
            package,
            permissions,
        }
    }

    fn view(&self, system: &System) -> Screen<Message> {
        let dialog = self
            .asked(system)
            .map(|permission| Overlay::modal(OverlayKind::Dialog, self.dialog(system, permission)));
        Screen::bare().overlay(dialog)
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        let Some(asked) = self.asked(system).map(|name| words(name)) else {
            return Effects::none().finish();
        };
        // One answer is for the whole group, which is asked about in the same words.
        let (group, others): (Vec<String>, Vec<String>) = std::mem::take(&mut self.permissions)
            .into_iter()
            .partition(|name| words(name) == asked);
        self.permissions = others;
        if matches!(message, Message::Allow) {
            for permission in &group {
                system.packages.grant(&self.package, permission);
            }
        }
        self.end(system)
    }

    fn on_resume(&mut self, system: &mut System) -> Effects {
        self.end(system)
    }

    fn tick(&mut self, system: &mut System) -> Effects {
        self.end(system)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ScreenSize;
    use crate::phone::system::{ClockMode, Manifest};
    use crate::phone::window::WindowManager;

    #[test]
    fn permissions_are_asked_one_by_one_and_granted() {
        let root = tempfile::tempdir().unwrap();
        let screen = ScreenSize {
            width: 360,
            height: 800,
        };
        let manifest = Manifest::app("com.android.camera2", "Camera", "com.android.camera.Main")
            .permissions(["CAMERA", "RECORD_AUDIO"]);
        let mut system =
            System::boot(root.path(), screen, 1, ClockMode::Steps, vec![manifest]).unwrap();
        let mut windows = WindowManager::new(&mut system);
        let names = [
            "android.permission.CAMERA",
            "android.permission.RECORD_AUDIO",
        ];
        let asked = request("com.android.camera2", &names);
        windows.start(&mut system, &asked).unwrap();
        let tap = |label: &str, system: &mut System, windows: &mut WindowManager| {
            let xml = windows.dump_xml(system, false);
            let document = roxmltree::Document::parse(&xml).unwrap();
            let node = document
                .descendants()
                .find(|node| node.attribute("text") == Some(label));
            let bounds = node.unwrap().attribute("bounds").unwrap();
            let center = crate::domain::BoundingBox::parse_bounds(bounds)
                .unwrap()
                .center();
            windows.tap(system, center.x, center.y);
        };
        tap("While using the app", &mut system, &mut windows);
        tap("Don’t allow", &mut system, &mut windows);
        assert!(system.packages.is_granted("com.android.camera2", names[0]));
        assert!(!system.packages.is_granted("com.android.camera2", names[1]));
        assert!(windows.focused().package.contains("nexuslauncher"));
        // What is granted is not asked again, nor what is granted while it is asked.
        let again = request("com.android.camera2", &names[..1]);
        windows.start(&mut system, &again).unwrap();
        assert!(windows.focused().package.contains("nexuslauncher"));
        system.packages.revoke("com.android.camera2", names[0]);
        windows.start(&mut system, &asked).unwrap();
        assert!(windows.dump_xml(&mut system, false).contains("pictures"));
        system.packages.grant("com.android.camera2", names[0]);
        let xml = windows.dump_xml(&mut system, false);
        assert!(xml.contains("record audio?"), "{xml}");
        system.packages.grant("com.android.camera2", names[1]);
        windows.tick(&mut system);
        assert!(windows.focused().package.contains("nexuslauncher"));
    }
}
