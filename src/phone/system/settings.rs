//! The settings provider: three tables of text, kept in a file of the phone. Uses the files.

use std::collections::BTreeMap;

use super::error::FileError;
use super::files::Files;

/// The tables of the settings provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Namespace {
    /// The device's own: radios, animations, clock.
    Global,
    /// The user's taste: brightness, sounds.
    System,
    /// What apps may not write: input methods, services.
    Secure,
}

impl Namespace {
    /// All of them.
    pub const ALL: [Namespace; 3] = [Namespace::Global, Namespace::System, Namespace::Secure];

    /// The name that `settings` takes.
    pub fn name(self) -> &'static str {
        match self {
            Namespace::Global => "global",
            Namespace::System => "system",
            Namespace::Secure => "secure",
        }
    }

    /// The reverse of [`Namespace::name`].
    pub fn parse(name: &str) -> Option<Namespace> {
        Namespace::ALL
            .into_iter()
            .find(|namespace| namespace.name() == name)
    }

    fn path(self) -> String {
        format!("/data/system/users/0/settings_{}.json", self.name())
    }
}

/// The settings of the phone.
#[derive(Debug, Clone)]
pub struct Settings {
    files: Files,
    tables: BTreeMap<Namespace, BTreeMap<String, String>>,
}

impl Settings {
    /// Loads the settings, or starts with those of a fresh image. `identity` is the `android_id`.
    /// A table that cannot be read as ours starts afresh.
    pub fn open(files: &Files, identity: &str) -> Result<Settings, FileError> {
        let mut settings = Settings {
            files: files.clone(),
            tables: BTreeMap::new(),
        };
        for namespace in Namespace::ALL {
            let stored = files.read(&namespace.path()).ok();
            let table = match stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
                Some(table) => table,
                None => defaults(namespace, identity),
            };
            settings.tables.insert(namespace, table);
            settings.store(namespace)?;
        }
        Ok(settings)
    }

    /// One value.
    pub fn get(&self, namespace: Namespace, key: &str) -> Option<&str> {
        self.tables.get(&namespace)?.get(key).map(String::as_str)
    }

    /// One value as a number; `fallback` when missing or not a number.
    pub fn get_integer(&self, namespace: Namespace, key: &str, fallback: i64) -> i64 {
        self.get(namespace, key)
            .and_then(|value| value.trim().parse().ok())
            .unwrap_or(fallback)
    }

    /// Whether times of day are shown with 24 hours.
    pub fn is_24_hours(&self) -> bool {
        self.get(Namespace::System, "time_12_24") == Some("24")
    }

    /// A time of day as the phone shows it.
    pub fn time_text(&self, hour: i64, minute: i64) -> String {
        if self.is_24_hours() {
            return format!("{hour:02}:{minute:02}");
        }
        let half = if hour < 12 { "AM" } else { "PM" };
        let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
        format!("{hour}:{minute:02} {half}")
    }

    /// Sets one value.
    pub fn put(
        &mut self,
        namespace: Namespace,
        key: &str,
        value: impl ToString,
    ) -> Result<(), FileError> {
        let table = self.tables.entry(namespace).or_default();
        let old = table.insert(key.to_owned(), value.to_string());
        if old.as_deref() == self.get(namespace, key) {
            return Ok(());
        }
        let stored = self.store(namespace);
        if stored.is_err() {
            // What is not on disk did not happen.
            let table = self.tables.entry(namespace).or_default();
            match old {
                Some(old) => table.insert(key.to_owned(), old),
                None => table.remove(key),
            };
        }
        stored
    }

    /// Removes one value; tells whether there was one.
    pub fn delete(&mut self, namespace: Namespace, key: &str) -> Result<bool, FileError> {
        let removed = self
            .tables
            .entry(namespace)
            .or_default()
            .remove(key)
            .is_some();
        if removed {
            self.store(namespace)?;
        }
        Ok(removed)
    }

    /// All values of a table, sorted by key.
    pub fn list(&self, namespace: Namespace) -> impl Iterator<Item = (&str, &str)> {
        self.tables
            .get(&namespace)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    fn store(&self, namespace: Namespace) -> Result<(), FileError> {
        let table = self.tables.get(&namespace);
        let text = serde_json::to_vec_pretty(&table)
            .map_err(|error| FileError::Host(error.to_string()))?;
        self.files.write(&namespace.path(), text)
    }
}

fn defaults(namespace: Namespace, identity: &str) -> BTreeMap<String, String> {
    let fixed: &[(&str, &str)] = match namespace {
        Namespace::Global => &[
            ("adb_enabled", "1"),
            ("airplane_mode_on", "0"),
            ("airplane_mode_radios", "cell,bluetooth,uwb,wifi,wimax"),
            ("animator_duration_scale", "1.0"),
            ("auto_time", "1"),
            ("auto_time_zone", "1"),
            ("bluetooth_on", "1"),
            ("boot_count", "1"),
            ("development_settings_enabled", "1"),
            ("device_name", "sdk_gphone_x86_64"),
            ("device_provisioned", "1"),
            ("heads_up_notifications_enabled", "1"),
            ("mobile_data", "1"),
            ("mode_ringer", "2"),
            ("stay_on_while_plugged_in", "1"),
            ("transition_animation_scale", "1.0"),
            ("usb_mass_storage_enabled", "1"),
            ("wifi_on", "1"),
            ("wifi_scan_always_enabled", "0"),
            ("window_animation_scale", "1.0"),
            ("zen_mode", "0"),
        ],
        Namespace::System => &[
            ("accelerometer_rotation", "0"),
            ("dim_screen", "1"),
            ("dtmf_tone", "1"),
            ("font_scale", "1.0"),
            ("haptic_feedback_enabled", "1"),
            ("pointer_speed", "0"),
            ("screen_brightness", "102"),
            ("screen_brightness_mode", "0"),
            ("screen_off_timeout", "60000"),
            ("sound_effects_enabled", "1"),
            ("time_12_24", "24"),
            ("user_rotation", "0"),
            ("vibrate_when_ringing", "0"),
            ("volume_alarm", "6"),
            ("volume_music", "5"),
            ("volume_ring", "5"),
        ],
        Namespace::Secure => &[
            ("accessibility_enabled", "0"),
            (
                "default_input_method",
                "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
            ),
            (
                "enabled_input_methods",
                "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
            ),
            ("install_non_market_apps", "1"),
            ("location_mode", "3"),
            ("lockscreen.disabled", "1"),
            ("navigation_mode", "2"),
            ("show_ime_with_hard_keyboard", "1"),
            (
                "sms_default_application",
                "com.google.android.apps.messaging",
            ),
            ("ui_night_mode", "1"),
            ("user_setup_complete", "1"),
        ],
    };
    let mut table: BTreeMap<String, String> = fixed
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    if namespace == Namespace::Secure {
        table.insert("android_id".to_owned(), identity.to_owned());
    }
    table
}
