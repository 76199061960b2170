//! AVDs on disk: made from a definition, without `avdmanager`; and the locks in their directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::definition::is_name;
use super::{Definition, EmulatorError, Sdk, process};

/// The directory that AVDs are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvdHome {
    directory: PathBuf,
}

impl AvdHome {
    /// Where the emulator looks for AVDs.
    ///
    /// # Errors
    /// When neither `ANDROID_AVD_HOME` nor a home directory is set.
    pub fn find() -> Result<AvdHome, EmulatorError> {
        AvdHome::find_in(&|name| std::env::var_os(name))
    }

    fn find_in(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<AvdHome, EmulatorError> {
        let named = |name: &str, below: &str| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            Some(PathBuf::from(value).join(below))
        };
        let directory = named("ANDROID_AVD_HOME", "")
            .or_else(|| named("ANDROID_USER_HOME", "avd"))
            .or_else(|| named("ANDROID_EMULATOR_HOME", "avd"))
            .or_else(|| named("HOME", ".android/avd"));
        directory
            .map(|directory| AvdHome { directory })
            .ok_or(EmulatorError::NoAvd {
                name: String::new(),
                home: PathBuf::from("~/.android/avd"),
                known: "HOME is not set".to_owned(),
            })
    }

    /// The one in a directory.
    pub fn at(directory: &Path) -> AvdHome {
        AvdHome {
            directory: directory.to_path_buf(),
        }
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The names of the AVDs, sorted.
    pub fn list(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| {
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".ini")
                    .map(str::to_owned)
            })
            .collect();
        names.sort();
        names
    }

    /// The directory of an AVD, as its `.ini` file says.
    ///
    /// # Errors
    /// [`EmulatorError::NoAvd`] when it is not there.
    pub fn avd(&self, name: &str) -> Result<PathBuf, EmulatorError> {
        let text = match is_name(name) {
            true => fs::read_to_string(self.directory.join(format!("{name}.ini"))).ok(),
            false => None,
        };
        let path = text.as_deref().and_then(|text| {
            let path = text
                .lines()
                .find_map(|line| line.trim().strip_prefix("path="))?;
            Some(PathBuf::from(path.trim()))
        });
        path.filter(|path| path.is_dir())
            .ok_or_else(|| EmulatorError::NoAvd {
                name: name.to_owned(),
                home: self.directory.clone(),
                known: match self.list() {
                    names if names.is_empty() => "none".to_owned(),
                    names => names.join(", "),
                },
            })
    }

    /// Makes an AVD; returns its directory. With `replace` one of the same name goes first, with all that is on it.
    ///
    /// # Errors
    /// When the image is not installed, an AVD of this name is there or in use, or files can't be written.
    pub fn create(
        &self,
        definition: &Definition,
        sdk: &Sdk,
        replace: bool,
    ) -> Result<PathBuf, EmulatorError> {
        sdk.image(&definition.name, &definition.image)?;
        let name = &definition.name;
        let directory = self.directory.join(format!("{name}.avd"));
        let pointer = self.directory.join(format!("{name}.ini"));
        if directory.exists() || pointer.exists() {
            if !replace {
                return Err(EmulatorError::AvdExists {
                    name: name.clone(),
                    home: self.directory.clone(),
                });
            }
            refuse_if_busy(name, &directory)?;
            for (path, removed) in [
                (&pointer, fs::remove_file(&pointer)),
                (&directory, fs::remove_dir_all(&directory)),
            ] {
                match removed {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(EmulatorError::file(path, "removing the old AVD", error));
                    }
                    _ => {}
                }
            }
        }
        let failed = |error| EmulatorError::file(&directory, "making the AVD", error);
        fs::create_dir_all(&directory).map_err(failed)?;
        // The emulator reads an absolute path.
        let absolute = directory.canonicalize().map_err(failed)?;
        fs::write(directory.join("config.ini"), definition.config_ini()).map_err(failed)?;
        let text = format!(
            "avd.ini.encoding=UTF-8\npath={}\npath.rel=avd/{name}.avd\ntarget=android-{}\n",
            absolute.display(),
            definition.image.api
        );
        // Last: from here on the emulator lists it.
        fs::write(&pointer, text)
            .map_err(|error| EmulatorError::file(&pointer, "making the AVD", error))?;
        Ok(absolute)
    }
}

/// An AVD that a living process writes to is not to be touched.
pub(super) fn refuse_if_busy(name: &str, directory: &Path) -> Result<(), EmulatorError> {
    let mut holders = locks(directory)
        .into_iter()
        .filter_map(|lock| holder(&lock));
    match holders.find(|pid| process::exists(*pid)) {
        Some(pid) => Err(EmulatorError::AvdBusy {
            name: name.to_owned(),
            pid,
        }),
        None => Ok(()),
    }
}

/// Removes the locks of processes that are gone, which an emulator may take for those of living ones. A lock that does
/// not say whose it is stays. Returns what was removed.
pub(super) fn remove_stale_locks(directory: &Path) -> Vec<PathBuf> {
    let stale = locks(directory)
        .into_iter()
        .filter(|lock| holder(lock).is_some_and(|pid| !process::exists(pid)));
    stale
        .filter(|lock| match lock.is_dir() {
            true => fs::remove_dir_all(lock).is_ok(),
            false => fs::remove_file(lock).is_ok(),
        })
        .collect()
}

fn locks(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "lock")
        })
        .collect()
}

/// The process whose number a lock holds: the lock is a file, or a directory with a file `pid`.
fn holder(lock: &Path) -> Option<i32> {
    let file = match lock.is_dir() {
        true => lock.join("pid"),
        false => lock.to_path_buf(),
    };
    // Numbers are short; anything else is no lock of an emulator.
    if fs::metadata(&file).ok()?.len() > 64 {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let number = text.trim_matches(|sign: char| sign == '\0' || sign.is_whitespace());
    number.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::BUILT_IN;
    use super::*;

    fn installed(root: &Path) -> Sdk {
        let image = root.join("system-images/android-33/google_apis/x86_64");
        fs::create_dir_all(root.join("emulator")).unwrap();
        fs::write(root.join("emulator/emulator"), "").unwrap();
        fs::create_dir_all(&image).unwrap();
        fs::write(image.join("system.img"), "").unwrap();
        Sdk::at(root).unwrap()
    }

    #[test]
    fn an_avd_is_made_from_its_definition() {
        let place = tempfile::tempdir().unwrap();
        let sdk = installed(place.path());
        let home = AvdHome::at(&place.path().join("avd"));
        let definition = Definition::parse(BUILT_IN, "built in").unwrap();
        let made = home.create(&definition, &sdk, false).unwrap();
        assert_eq!(home.list(), ["AndroidWorldAvd"]);
        assert_eq!(home.avd("AndroidWorldAvd").unwrap(), made);
        let config = fs::read_to_string(made.join("config.ini")).unwrap();
        for line in [
            "AvdId=AndroidWorldAvd",
            "hw.lcd.width=1080",
            "hw.lcd.height=2400",
            "hw.lcd.density=420",
            "hw.keyboard=yes",
            "disk.dataPartition.size=6144M",
            "image.sysdir.1=system-images/android-33/google_apis/x86_64/",
            "tag.id=google_apis",
        ] {
            assert!(
                config.lines().any(|other| other == line),
                "{line} in\n{config}"
            );
        }
        let again = home.create(&definition, &sdk, false).unwrap_err();
        assert!(again.to_string().contains("--force"), "{again}");
        fs::write(made.join("userdata-qemu.img"), "old").unwrap();
        home.create(&definition, &sdk, true).unwrap();
        assert!(!made.join("userdata-qemu.img").exists());
        // An AVD that somebody uses is left alone: this process, as it happens.
        fs::write(
            made.join("hardware-qemu.ini.lock"),
            std::process::id().to_string(),
        )
        .unwrap();
        let busy = home.create(&definition, &sdk, true).unwrap_err();
        assert!(matches!(busy, EmulatorError::AvdBusy { .. }), "{busy}");
        assert!(remove_stale_locks(&made).is_empty());
        // Nobody has this number.
        fs::write(made.join("hardware-qemu.ini.lock"), i32::MAX.to_string()).unwrap();
        fs::write(made.join("multiinstance.lock"), "").unwrap();
        assert_eq!(remove_stale_locks(&made).len(), 1);
    }

    #[test]
    fn what_is_missing_is_said_with_its_fix() {
        let place = tempfile::tempdir().unwrap();
        let sdk = installed(place.path());
        let home = AvdHome::at(&place.path().join("avd"));
        let mut definition = Definition::parse(BUILT_IN, "built in").unwrap();
        definition.image.api = 34;
        let error = home
            .create(&definition, &sdk, false)
            .unwrap_err()
            .to_string();
        let line = "sdkmanager \"system-images;android-34;google_apis;x86_64\"";
        assert!(error.contains(line), "{error}");
        for name in ["other", "../other", ""] {
            assert!(
                matches!(home.avd(name), Err(EmulatorError::NoAvd { .. })),
                "{name}"
            );
        }
    }

    #[test]
    fn avds_are_where_the_emulator_looks_for_them() {
        let look = |variables: &[(&str, &str)]| {
            AvdHome::find_in(&|name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| value.into())
            })
            .map(|home| home.directory)
        };
        let home = ("HOME", "/home/me");
        assert_eq!(look(&[home]).unwrap(), Path::new("/home/me/.android/avd"));
        assert_eq!(
            look(&[home, ("ANDROID_USER_HOME", "/u")]).unwrap(),
            Path::new("/u/avd")
        );
        assert_eq!(
            look(&[home, ("ANDROID_AVD_HOME", "/a")]).unwrap(),
            Path::new("/a")
        );
        assert!(look(&[]).is_err());
    }
}
