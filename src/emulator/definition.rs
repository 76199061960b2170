//! What an AVD is to be: read from TOML, checked, and written as the AVD's `config.ini`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{EmulatorError, Image};

/// The definition that comes with this program, from `android/avd/androidworld.toml`.
pub const BUILT_IN: &str = include_str!("../../android/avd/androidworld.toml");

/// Longest definition that is read, in bytes.
const LONGEST: u64 = 1 << 20;

/// What an AVD is to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its name: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// Its system image.
    pub image: Image,
    /// Its hardware.
    pub device: Hardware,
    /// Further keys of `config.ini`.
    #[serde(default)]
    pub config: BTreeMap<String, String>,
}

/// The hardware of an AVD.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hardware {
    /// The SDK's name for the model.
    pub name: String,
    /// Who makes it.
    pub manufacturer: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Dots per inch.
    pub density: u32,
    /// Processor cores.
    pub cores: u32,
    /// Memory in megabytes.
    pub memory_mb: u32,
    /// Memory of an app's virtual machine in megabytes.
    pub heap_mb: u32,
    /// Size of the data partition in megabytes.
    pub data_mb: u32,
    /// Size of the SD card in megabytes; 0 for none.
    pub sd_card_mb: u32,
}

impl Definition {
    /// Reads a definition; `source` is what errors call it.
    ///
    /// # Errors
    /// [`EmulatorError::Definition`], with what is wrong.
    pub fn parse(text: &str, source: &str) -> Result<Definition, EmulatorError> {
        let wrong = |reason: String| EmulatorError::Definition {
            path: source.to_owned(),
            reason,
        };
        let definition: Definition =
            toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        definition.check().map_err(wrong)?;
        Ok(definition)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it can't be read or is none.
    pub fn read(path: &Path) -> Result<Definition, EmulatorError> {
        let size = fs::metadata(path)
            .map_err(|error| EmulatorError::file(path, "reading the definition", error))?;
        if size.len() > LONGEST {
            return Err(EmulatorError::Definition {
                path: path.display().to_string(),
                reason: format!("{} bytes are no AVD definition", size.len()),
            });
        }
        let text = fs::read_to_string(path)
            .map_err(|error| EmulatorError::file(path, "reading the definition", error))?;
        Definition::parse(&text, &path.display().to_string())
    }

    fn check(&self) -> Result<(), String> {
        if !is_name(&self.name) {
            return Err(format!(
                "name {:?} has other signs than letters, digits, '.', '_' and '-'",
                self.name
            ));
        }
        for (key, value) in [
            ("image.tag", &self.image.tag),
            ("image.abi", &self.image.abi),
        ] {
            if !is_name(value) {
                return Err(format!(
                    "{key} {value:?} is no name of a part of a system image"
                ));
            }
        }
        let device = &self.device;
        for (key, value, least, most) in [
            ("image.api", self.image.api, 21, 99),
            ("device.width", device.width, 100, 8192),
            ("device.height", device.height, 100, 8192),
            ("device.density", device.density, 72, 960),
            ("device.cores", device.cores, 1, 64),
            ("device.memory_mb", device.memory_mb, 1024, 65_536),
            ("device.heap_mb", device.heap_mb, 16, 4096),
            ("device.data_mb", device.data_mb, 2048, 262_144),
        ] {
            if !(least..=most).contains(&value) {
                return Err(format!("{key} = {value} is not between {least} and {most}"));
            }
        }
        if device.sd_card_mb != 0 && !(9..=131_072).contains(&device.sd_card_mb) {
            return Err(format!(
                "device.sd_card_mb = {} is neither 0 nor between 9 and 131072",
                device.sd_card_mb
            ));
        }
        let broken = |text: &str| text.contains(['\n', '\r']);
        let bad = self.config.iter().find(|(key, value)| {
            key.is_empty() || key.contains('=') || broken(key) || broken(value)
        });
        match bad {
            Some((key, _)) => Err(format!("config.{key:?} can't be a line of config.ini")),
            None => Ok(()),
        }
    }

    /// The AVD's `config.ini`.
    pub fn config_ini(&self) -> String {
        let device = &self.device;
        let mut keys: BTreeMap<String, String> = self.config.clone();
        let mut set = |key: &str, value: String| keys.insert(key.to_owned(), value);
        set("AvdId", self.name.clone());
        set("avd.ini.displayname", self.name.clone());
        set("avd.ini.encoding", "UTF-8".into());
        set("PlayStore.enabled", "false".into());
        set("abi.type", self.image.abi.clone());
        let processor = match &*self.image.abi {
            "arm64-v8a" => "arm64",
            other => other,
        };
        set("hw.cpu.arch", processor.into());
        set("hw.cpu.ncore", device.cores.to_string());
        set("hw.device.name", device.name.clone());
        set("hw.device.manufacturer", device.manufacturer.clone());
        set("hw.lcd.width", device.width.to_string());
        set("hw.lcd.height", device.height.to_string());
        set("hw.lcd.density", device.density.to_string());
        set("hw.ramSize", device.memory_mb.to_string());
        set("vm.heapSize", device.heap_mb.to_string());
        set("disk.dataPartition.size", format!("{}M", device.data_mb));
        set(
            "hw.sdCard",
            if device.sd_card_mb == 0 { "no" } else { "yes" }.into(),
        );
        if device.sd_card_mb != 0 {
            set("sdcard.size", format!("{}M", device.sd_card_mb));
        }
        set("image.sysdir.1", self.image.directory());
        set("tag.id", self.image.tag.clone());
        keys.iter()
            .map(|(key, value)| format!("{key}={value}\n"))
            .collect()
    }
}

/// Whether an AVD or a snapshot can have this name.
pub(super) fn is_name(text: &str) -> bool {
    let sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !text.is_empty() && text.len() <= 64 && !text.starts_with(['.', '-']) && text.bytes().all(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_that_make_no_sense_name_the_field() {
        for (from, to, word) in [
            ("name = \"AndroidWorldAvd\"", "name = \"../x\"", "name"),
            ("width = 1080", "width = 1", "device.width"),
            (
                "memory_mb = 2048",
                "memory_mb = 20480000",
                "device.memory_mb",
            ),
            ("tag = \"google_apis\"", "tag = \"a/b\"", "image.tag"),
            ("sd_card_mb = 512", "sd_card_mb = 3", "sd_card_mb"),
            ("cores = 4", "kernels = 4", "kernels"),
            ("\"hw.gps\" = \"yes\"", "\"hw.gps\" = \"a\\nb\"", "hw.gps"),
        ] {
            assert!(BUILT_IN.contains(from), "{from}");
            let error = Definition::parse(&BUILT_IN.replace(from, to), "x.toml")
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("x.toml: ") && error.contains(word),
                "{error}"
            );
        }
    }
}
