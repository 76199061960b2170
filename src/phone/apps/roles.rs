//! The question who is the default SMS app, and who holds that role. The dialog belongs to the permission
//! controller; holders are kept in its `roles.xml`, as on a phone.

use crate::phone::apps;
use crate::phone::system::files::Files;
use crate::phone::system::{Intent, Namespace, PhoneError, System};
use crate::phone::ui::{
    Activity, Align, Effects, Icon, Screen, Widget, alert, column, icon, radio, row, text,
};

/// Action that apps ask with.
pub const REQUEST: &str = "android.app.role.action.REQUEST_ROLE";
/// Where holders are kept.
const ROLES: &str = "/data/misc_de/0/apexdata/com.android.permission/roles.xml";
const FOLDER: &str = "/data/misc_de/0/apexdata/com.android.permission";
/// What the role of the default SMS app brings with it.
const PERMISSIONS: [&str; 6] = [
    "android.permission.READ_SMS",
    "android.permission.SEND_SMS",
    "android.permission.RECEIVE_SMS",
    "android.permission.READ_CONTACTS",
    "android.permission.READ_PHONE_STATE",
    "android.permission.POST_NOTIFICATIONS",
];

/// The role of the default SMS app.
pub const SMS: &str = "android.app.role.SMS";
/// Who has it on a fresh phone.
const STOCK: &str = "com.google.android.apps.messaging";

fn document(package: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<roles version=\"3\">\n    \
         <role name=\"{SMS}\">\n        <holder name=\"{package}\" />\n    </role>\n</roles>\n"
    )
}

/// Writes the holders of a fresh phone down, where there are none.
///
/// # Errors
/// When they cannot be written down.
pub fn create(files: &Files) -> Result<(), PhoneError> {
    if files.exists(ROLES) {
        return Ok(());
    }
    let made = files.make_dirs(FOLDER);
    let written = made.and_then(|()| files.write(ROLES, document(STOCK)));
    written.map_err(|error| PhoneError::file(ROLES, error))
}

/// The default SMS app.
pub fn sms_app(system: &System) -> String {
    let stored = system.files.read_text(ROLES).unwrap_or_default();
    let holder = stored.split_once("<holder name=\"");
    let holder = holder.and_then(|(_, rest)| rest.split('"').next());
    holder.unwrap_or(STOCK).to_owned()
}

/// Whether a package is the default SMS app.
pub fn is_sms_app(system: &System, package: &str) -> bool {
    let stored = system.files.read_text(ROLES).unwrap_or_default();
    stored.contains(&format!("<holder name=\"{package}\""))
}

/// Makes a package the default SMS app.
///
/// # Errors
/// When it cannot be written down.
pub fn make_sms_app(system: &mut System, package: &str) -> Result<(), PhoneError> {
    let failed = |error| PhoneError::file(ROLES, error);
    system.files.make_dirs(FOLDER).map_err(failed)?;
    let written = system.files.write(ROLES, document(package));
    written.map_err(failed)?;
    system
        .settings
        .put(Namespace::Secure, "sms_default_application", package)
        .map_err(failed)?;
    for permission in PERMISSIONS {
        system.packages.grant(package, permission);
    }
    Ok(())
}

/// The intent that asks the user to make a package the default SMS app.
pub fn request(package: &str) -> Intent {
    Intent::action(REQUEST).text("package", package)
}

/// The dialog.
pub struct RequestRole {
    package: String,
    /// Whether the asking app is chosen, not the present one.
    chosen: bool,
}

/// What a touch means.
#[derive(Clone)]
pub enum Message {
    /// Chooses a row.
    Choose(bool),
    /// Makes the chosen app the default.
    Set,
    /// Leaves things as they are.
    Cancel,
}

impl RequestRole {
    fn choice(
        &self,
        label: &'static str,
        note: &'static str,
        sign: Icon,
        asking: bool,
    ) -> Widget<Message> {
        let mut words = vec![
            text(label)
                .id("com.android.permissioncontroller:id/title")
                .max_lines(1),
        ];
        if !note.is_empty() {
            words.push(
                text(note)
                    .id("com.android.permissioncontroller:id/subtitle")
                    .quiet(14.0),
            );
        }
        row(vec![
            radio(self.chosen == asking)
                .id("com.android.permissioncontroller:id/radio")
                .clickable(false),
            icon(sign, 32.0).id("com.android.permissioncontroller:id/icon"),
            column(words).weight_width(1.0),
        ])
        .gap(12.0)
        .min_height(56.0)
        .cross(Align::Center)
        .on_tap(Message::Choose(asking))
    }
}

impl Activity for RequestRole {
    type Message = Message;

    fn create(_system: &mut System, intent: &Intent) -> RequestRole {
        RequestRole {
            package: intent.get_text("package").unwrap_or_default().to_owned(),
            chosen: false,
        }
    }

    fn view(&self, _system: &System) -> Screen<Message> {
        let app = apps::find(&self.package);
        let label = app.map_or("", |app| app.label);
        let sign = app.map_or(Icon::Message, |app| app.icon);
        let dialog = alert(format!("Set {label} as your default SMS app?"))
            .content(vec![
                self.choice("Messages", "Current default", Icon::Message, false),
                self.choice(label, "", sign, true),
            ])
            .positive("Set as default", Message::Set)
            .ready(self.chosen)
            .negative("Cancel", Message::Cancel);
        Screen::bare().overlay(dialog.overlay(Message::Cancel))
    }

    fn update(&mut self, system: &mut System, message: Message) -> Effects {
        match message {
            Message::Choose(chosen) => {
                self.chosen = chosen;
                Effects::none()
            }
            Message::Cancel => Effects::none().finish(),
            Message::Set if !self.chosen || apps::find(&self.package).is_none() => {
                Effects::none().finish()
            }
            Message::Set => match make_sms_app(system, &self.package) {
                Ok(()) => Effects::none().finish(),
                Err(error) => Effects::none().toast(error.to_string()).finish(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ScreenSize;
    use crate::phone::system::{ClockMode, Manifest};

    #[test]
    fn the_role_is_kept_and_brings_permissions() {
        let root = tempfile::tempdir().unwrap();
        let screen = ScreenSize {
            width: 360,
            height: 800,
        };
        let manifest = Manifest::app("org.texts", "Texts", "org.texts.Main");
        let mut system =
            System::boot(root.path(), screen, 1, ClockMode::Steps, vec![manifest]).unwrap();
        assert!(!is_sms_app(&system, "org.texts"));
        make_sms_app(&mut system, "org.texts").unwrap();
        assert!(is_sms_app(&system, "org.texts") && !is_sms_app(&system, "org.text"));
        let setting = system
            .settings
            .get(Namespace::Secure, "sms_default_application");
        assert_eq!(setting, Some("org.texts"));
        assert!(system.packages.is_granted("org.texts", PERMISSIONS[0]));
    }
}
