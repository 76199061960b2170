//! APKs for a device: a list of files with their hashes, found in a folder that the user names, and installed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::EmulatorsError;
use crate::adb::{Adb, quote};

/// The list that comes with this program, from `android/apps.toml`: what AndroidWorld's tasks need beyond the image.
pub const BUILT_IN_APKS: &str = include_str!("../../../android/apps.toml");

/// Largest APK that is read, in bytes.
const LARGEST: u64 = 1 << 30;
/// How long the device may take to install one.
const INSTALL_SECONDS: u64 = 300;

/// A list of APKs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApkList {
    /// Each of them.
    #[serde(rename = "app")]
    pub apps: Vec<Apk>,
}

/// One APK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apk {
    /// The package that it installs.
    pub package: String,
    /// The file's name in the folder.
    pub file: String,
    /// The file's SHA-256 in hexadecimal; without it any file of that name is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Number of the version, where every build of it has the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// What was found of an APK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApkState {
    /// The APK.
    pub apk: Apk,
    /// The hash of the file, where there is one.
    pub found: Option<String>,
    /// What is wrong; nothing, where it can be installed.
    pub problem: Option<String>,
}

impl ApkList {
    /// Reads a list; `source` is what errors call it.
    ///
    /// # Errors
    /// [`EmulatorsError::List`], with what is wrong.
    pub fn parse(text: &str, source: &str) -> Result<ApkList, EmulatorsError> {
        let wrong = |reason: String| EmulatorsError::List {
            path: source.to_owned(),
            reason,
        };
        let list: ApkList = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        for (position, apk) in list.apps.iter().enumerate() {
            let named = |sign: u8| sign.is_ascii_alphanumeric() || matches!(sign, b'.' | b'_');
            if apk.package.is_empty() || !apk.package.bytes().all(named) {
                return Err(wrong(format!("{:?} is no name of a package", apk.package)));
            }
            if apk.file.is_empty() || apk.file.contains(['/', '\0']) || apk.file.starts_with('.') {
                return Err(wrong(format!(
                    "{:?} is no name of a file in a folder",
                    apk.file
                )));
            }
            let hexadecimal = |hash: &String| {
                hash.len() == 64 && hash.bytes().all(|sign| sign.is_ascii_hexdigit())
            };
            if !apk.sha256.as_ref().is_none_or(hexadecimal) {
                return Err(wrong(format!(
                    "the sha256 of {} is not 64 hexadecimal digits",
                    apk.file
                )));
            }
            if list.apps[..position]
                .iter()
                .any(|other| other.package == apk.package)
            {
                return Err(wrong(format!("{} is in it twice", apk.package)));
            }
        }
        Ok(list)
    }

    /// Looks for each APK in a folder. Reads the files; blocks.
    pub fn look(&self, folder: &Path) -> Vec<ApkState> {
        let look = |apk: &Apk| match apk.checked(folder) {
            Ok((_, hash)) => (Some(hash), None),
            Err(error) => {
                let found = match &error {
                    EmulatorsError::Hash { found, .. } => Some(found.clone()),
                    _ => None,
                };
                (found, Some(error.to_string()))
            }
        };
        let states = self.apps.iter().map(|apk| {
            let (found, problem) = look(apk);
            ApkState {
                apk: apk.clone(),
                found,
                problem,
            }
        });
        states.collect()
    }

    /// Installs the apps that a device lacks, after all files were checked; returns the packages that were installed.
    ///
    /// # Errors
    /// When an APK is missing or another one than listed (then nothing is installed), or the device refuses one.
    pub async fn install(&self, adb: &Adb, folder: &Path) -> Result<Vec<String>, EmulatorsError> {
        let there = adb.query("pm list packages").await?;
        let there: Vec<&str> = there
            .lines()
            .filter_map(|line| line.trim().strip_prefix("package:"))
            .collect();
        let lacking: Vec<&Apk> = self
            .apps
            .iter()
            .filter(|apk| !there.contains(&&*apk.package))
            .collect();
        for apk in &lacking {
            let (apk, folder) = ((*apk).clone(), folder.to_path_buf());
            let checked =
                tokio::task::spawn_blocking(move || apk.checked(&folder).map(|_| ())).await;
            checked.unwrap_or_else(|error| {
                Err(EmulatorsError::List {
                    path: "the folder of APKs".to_owned(),
                    reason: error.to_string(),
                })
            })?;
        }
        let mut installed = Vec::new();
        for apk in lacking {
            apk.install(adb, folder).await?;
            installed.push(apk.package.clone());
        }
        Ok(installed)
    }
}

impl Apk {
    /// The file and its hash, held against the list.
    pub(in crate::farm) fn checked(
        &self,
        folder: &Path,
    ) -> Result<(PathBuf, String), EmulatorsError> {
        let path = folder.join(&self.file);
        let missing = |reason: String| EmulatorsError::Missing {
            path: path.clone(),
            file: self.file.clone(),
            reason,
        };
        let mut file = File::open(&path).map_err(|error| missing(error.to_string()))?;
        let length = file
            .metadata()
            .map_err(|error| missing(error.to_string()))?
            .len();
        if length == 0 || length > LARGEST {
            return Err(missing(format!("a file of {length} bytes is no APK")));
        }
        let found = sha256(&mut file).map_err(|error| missing(error.to_string()))?;
        match &self.sha256 {
            Some(expected) if !expected.eq_ignore_ascii_case(&found) => Err(EmulatorsError::Hash {
                path,
                expected: expected.clone(),
                found,
            }),
            _ => Ok((path, found)),
        }
    }

    /// Installs it, or puts it in the place of the one that is there.
    pub(in crate::farm) async fn install(
        &self,
        adb: &Adb,
        folder: &Path,
    ) -> Result<(), EmulatorsError> {
        let remote = format!("/data/local/tmp/stepdroid-{}", self.file);
        adb.push_file(&folder.join(&self.file), &remote, 0o644)
            .await?;
        let deadlines = crate::adb::Deadlines {
            shell: std::time::Duration::from_secs(INSTALL_SECONDS),
            ..crate::adb::Deadlines::default()
        };
        let path = quote(&remote);
        // Replaced where it is there, with all permissions, test builds too.
        let answer = adb
            .with_deadlines(deadlines)
            .shell(&format!("pm install -r -g -t {path}; rm -f {path}"))
            .await?;
        let text = format!(
            "{}{}",
            answer.text(),
            String::from_utf8_lossy(&answer.stderr)
        );
        match text.lines().any(|line| line.trim() == "Success") {
            true => Ok(()),
            false => Err(EmulatorsError::Refused {
                serial: adb.serial().to_owned(),
                file: self.file.clone(),
                answer: text.trim().to_owned(),
            }),
        }
    }
}

/// SHA-256 of what is left to read, in hexadecimal.
pub(in crate::farm) fn sha256(file: &mut impl Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    let mut part = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        hash.update(&part[..read]);
    }
    let digits = hash.finalize();
    Ok(digits.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_held_against_the_list() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.apk"), "abc").unwrap();
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let list = |line: &str| {
            let text = format!("[[app]]\npackage = \"org.a\"\nfile = \"a.apk\"\n{line}\n");
            ApkList::parse(&text, "list")
                .unwrap()
                .look(folder.path())
                .remove(0)
        };
        assert_eq!(
            (list("").found.as_deref(), list("").problem),
            (Some(hash), None)
        );
        assert_eq!(
            list(&format!("sha256 = {:?}", hash.to_uppercase())).problem,
            None
        );
        let other = list(&format!("sha256 = {:?}", hash.replace("ba7", "ba8")));
        assert!(
            other.problem.is_some_and(|text| text.contains(hash)),
            "{:?}",
            other.found
        );
        std::fs::write(folder.path().join("a.apk"), "").unwrap();
        assert!(list("").problem.is_some());
    }

    #[test]
    fn lists_that_make_no_sense_are_refused() {
        assert!(
            ApkList::parse(BUILT_IN_APKS, "built in")
                .unwrap()
                .apps
                .len()
                > 10
        );
        let one = "[[app]]\npackage = \"org.a\"\nfile = \"a.apk\"\n";
        for text in [
            one.replace("a.apk", "../a.apk"),
            one.replace("org.a", "org a"),
            format!("{one}sha256 = \"12\"\n"),
            format!("{one}{one}"),
            format!("{one}colour = 1\n"),
        ] {
            assert!(ApkList::parse(&text, "list").is_err(), "{text}");
        }
    }
}
