//! Where the Android SDK is, and what its emulator can use of this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::EmulatorError;

/// How long a question to the emulator may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Directories that installers use, below the home directory.
const BELOW_HOME: [&str; 3] = ["Android/Sdk", "Android/sdk", "android-sdk"];
/// Directories that installers use, for everybody.
const FOR_ALL: [&str; 5] = [
    "/opt/android-sdk",
    "/opt/android/sdk",
    "/opt/android-sdk-linux",
    "/usr/lib/android-sdk",
    "/usr/local/lib/android/sdk",
];

/// An installed SDK with an emulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdk {
    root: PathBuf,
}

/// A system image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// API level.
    pub api: u32,
    /// Its kind: `default`, `google_apis`.
    pub tag: String,
    /// The processor: `x86_64`, `arm64-v8a`.
    pub abi: String,
}

impl Image {
    /// What `sdkmanager` calls it.
    pub fn package(&self) -> String {
        format!(
            "system-images;android-{};{};{}",
            self.api, self.tag, self.abi
        )
    }

    /// Its directory below the SDK's, with a slash at the end, as `config.ini` has it.
    pub fn directory(&self) -> String {
        format!(
            "system-images/android-{}/{}/{}/",
            self.api, self.tag, self.abi
        )
    }
}

/// Whether the emulator can use hardware virtualization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceleration {
    /// It can; with what.
    Usable(String),
    /// It can't; why.
    Unusable(String),
}

impl Sdk {
    /// The SDK that the environment names, else the one in a usual place, else the one whose emulator is on PATH.
    ///
    /// # Errors
    /// [`EmulatorError::NoSdk`], with where it was looked for.
    pub fn find() -> Result<Sdk, EmulatorError> {
        Sdk::find_in(&|name| std::env::var_os(name))
    }

    /// As [`Sdk::find`] in an environment.
    ///
    /// # Errors
    /// As there.
    pub fn find_in(variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Sdk, EmulatorError> {
        let mut looked = Vec::new();
        for name in ["ANDROID_HOME", "ANDROID_SDK_ROOT"] {
            let Some(root) = variable(name).filter(|value| !value.is_empty()) else {
                looked.push(format!("{name} is not set"));
                continue;
            };
            let root = PathBuf::from(root);
            match Sdk::at(&root) {
                Some(sdk) => return Ok(sdk),
                None => looked.push(format!(
                    "{name}: {} has no emulator/emulator",
                    root.display()
                )),
            }
        }
        let home = variable("HOME").map(PathBuf::from);
        let mut usual = home
            .iter()
            .flat_map(|home| BELOW_HOME.iter().map(move |below| home.join(below)))
            .chain(FOR_ALL.iter().map(PathBuf::from));
        if let Some(sdk) = usual.find_map(|root| Sdk::at(&root)) {
            return Ok(sdk);
        }
        looked.push("nor in the usual directories".to_owned());
        let path = variable("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path)
            .map(|folder| folder.join("emulator"))
            .filter_map(|program| program.canonicalize().ok())
            .filter_map(|program| Some(program.parent()?.parent()?.to_path_buf()))
            .find_map(|root| Sdk::at(&root));
        looked.push("nor on PATH".to_owned());
        on_path.ok_or(EmulatorError::NoSdk {
            looked: looked.join("; "),
        })
    }

    /// The SDK in a directory; `None` where there is no emulator in it.
    pub fn at(root: &Path) -> Option<Sdk> {
        let sdk = Sdk {
            root: root.to_path_buf(),
        };
        sdk.emulator().is_file().then_some(sdk)
    }

    /// Its directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The emulator's program.
    pub fn emulator(&self) -> PathBuf {
        self.root.join("emulator").join("emulator")
    }

    /// Where a system image is.
    ///
    /// # Errors
    /// [`EmulatorError::NoImage`] when it is not installed; `name` is the AVD that wants it.
    pub fn image(&self, name: &str, image: &Image) -> Result<PathBuf, EmulatorError> {
        let directory = self.root.join(image.directory());
        match directory.join("system.img").is_file() {
            true => Ok(directory),
            false => Err(EmulatorError::NoImage {
                name: name.to_owned(),
                directory,
                package: image.package(),
            }),
        }
    }

    /// Whether the emulator can use hardware virtualization, by its own word (`-accel-check`).
    pub async fn acceleration(&self) -> Acceleration {
        let mut command = tokio::process::Command::new(self.emulator());
        command
            .arg("-accel-check")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        match tokio::time::timeout(PATIENCE, command.output()).await {
            Ok(Ok(output)) => {
                let text = String::from_utf8_lossy(&output.stdout);
                acceleration(&text, output.status.success())
            }
            Ok(Err(error)) => {
                Acceleration::Unusable(format!("the emulator can't be started: {error}"))
            }
            Err(_) => Acceleration::Unusable(format!(
                "the emulator did not say within {} s",
                PATIENCE.as_secs()
            )),
        }
    }
}

/// The answer to `-accel-check`: `accel:`, a number that is 0 when all is well, the words, `accel`.
fn acceleration(text: &str, success: bool) -> Acceleration {
    let mut lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "accel:")
        .skip(1);
    let number = lines.next();
    let words: Vec<&str> = lines.take_while(|line| *line != "accel").collect();
    let words = words.join(" ");
    match number {
        Some("0") if success => Acceleration::Usable(words),
        Some(_) => Acceleration::Unusable(words),
        None => Acceleration::Unusable(
            "the emulator's answer to -accel-check is not understood".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sdk(root: &Path) {
        std::fs::create_dir_all(root.join("emulator")).unwrap();
        std::fs::write(root.join("emulator/emulator"), "").unwrap();
    }

    #[test]
    fn an_sdk_is_found_by_the_environment_then_in_usual_places_then_on_path() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        let [named, usual, on_path] =
            ["named", "home/Android/Sdk", "elsewhere"].map(|name| place.join(name));
        let look = |variables: &[(&str, PathBuf)]| {
            let found = Sdk::find_in(&|name| {
                let mut all = variables.iter();
                all.find(|(other, _)| *other == name)
                    .map(|(_, value)| value.clone().into())
            });
            found.map(|sdk| sdk.root().to_path_buf())
        };
        let all = [
            ("ANDROID_HOME", place.join("wrong")),
            ("ANDROID_SDK_ROOT", named.clone()),
            ("HOME", place.join("home")),
            ("PATH", on_path.join("emulator")),
        ];
        let message = look(&all).unwrap_err().to_string();
        assert!(
            message.contains("wrong has no emulator/emulator") && message.contains("sdkmanager"),
            "{message}"
        );
        sdk(&on_path);
        assert_eq!(look(&all).unwrap(), on_path);
        sdk(&usual);
        assert_eq!(look(&all).unwrap(), usual);
        sdk(&named);
        assert_eq!(look(&all).unwrap(), named);
    }

    #[test]
    fn the_answer_about_acceleration_is_read() {
        let well = "accel:\n0\nKVM (version 12) is installed and usable.\naccel\n";
        let words = "KVM (version 12) is installed and usable.".to_owned();
        assert_eq!(acceleration(well, true), Acceleration::Usable(words));
        let bad = "INFO | x\naccel:\n8\n/dev/kvm is not found: VT disabled in BIOS\naccel\n";
        assert!(
            matches!(acceleration(bad, false), Acceleration::Unusable(words) if words.contains("VT disabled"))
        );
        assert!(matches!(acceleration("", true), Acceleration::Unusable(_)));
    }
}
