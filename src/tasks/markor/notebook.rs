//! The notebook's files on the device: scripts that make them, and what is there.

use std::fmt::Write;

use rand_chacha::ChaCha8Rng;

use super::super::comparison::fuzzy;
use super::super::paths::{self, CLEAR_STORAGE};
use super::super::{TaskError, base, metadata, names};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::{Compat, TaskSpec};

/// The notebook's folder, as the benchmark writes it; the volume does not tell capitals apart.
pub(super) const FOLDER: &str = "/storage/emulated/0/Documents/Markor";

/// The line that separates the parts of an answer.
const MARK: &str = "@@text@@\n";

/// Empties the notebook; with `storage`, the shared storage too.
fn clear(storage: bool) -> String {
    paths::clear(FOLDER) + if storage { CLEAR_STORAGE } else { "" }
}

/// What a task needs before it starts, as a script that grows.
#[derive(Debug)]
pub(in crate::tasks) struct Prepared {
    script: String,
}

impl Prepared {
    /// An empty notebook; with `storage`, no files on the shared storage at all.
    pub fn empty(storage: bool) -> Prepared {
        Prepared {
            script: format!("{}mkdir -p {FOLDER} || exit 1\n", clear(storage)),
        }
    }

    /// A directory anywhere, which an agent may have deleted.
    pub fn directory(mut self, path: &str) -> Prepared {
        let _ = writeln!(self.script, "mkdir -p {} || exit 1", quote(path));
        self
    }

    /// A file with a text and a line break after it (MKFILE).
    pub fn file(&mut self, folder: &str, name: &str, text: &str) {
        self.script
            .push_str(&paths::make_file(&path(folder), name, text));
    }

    /// Files with these names and random texts.
    pub fn noise(&mut self, folder: &str, names: &[String], rng: &mut ChaCha8Rng) {
        for name in names {
            self.file(folder, name, &names::characters(20, rng));
        }
    }

    /// A folder.
    pub fn folder(&mut self, name: &str) {
        let _ = writeln!(self.script, "mkdir -p {} || exit 1", quote(&path(name)));
    }

    /// Moves the device's clock.
    pub fn shift_clock(&mut self, minutes: i64) {
        let _ = writeln!(
            self.script,
            "date $(date -d @$(($(date +%s) + {})) +%m%d%H%M%y.%S) >/dev/null || exit 1",
            minutes * 60
        );
    }

    /// The script, to be run after BASE-INIT.
    pub fn into_script(self) -> String {
        self.script
    }

    /// Runs BASE-INIT and the script.
    pub async fn run(self, device: &Device, spec: &TaskSpec) -> Result<String, TaskError> {
        base::init(device, spec, &self.script).await
    }

    /// Runs BASE-INIT, the script, and a listing of the notebook.
    pub(super) async fn run_and_list(
        mut self,
        device: &Device,
        spec: &TaskSpec,
        compat: Compat,
    ) -> Result<Vec<Note>, TaskError> {
        self.script.push_str(&metadata::listing(FOLDER, compat));
        let notes = metadata::files(device, &self.run(device, spec).await?)?;
        Ok(notes.unwrap_or_default())
    }
}

/// BASE-TEARDOWN, then an empty notebook; with `storage`, an empty shared storage.
pub(in crate::tasks) async fn teardown(
    device: &Device,
    spec: &TaskSpec,
    storage: bool,
) -> Result<(), TaskError> {
    base::teardown(device, spec, &clear(storage)).await
}

fn path(name: &str) -> String {
    match name {
        "" => FOLDER.to_owned(),
        name => format!("{FOLDER}/{name}"),
    }
}

/// What is in the notebook, and the text of one file of it.
#[derive(Debug)]
pub(super) struct Found {
    paths: Vec<String>,
    /// The file's text without carriage returns; `None` when there is no such file.
    pub text: Option<String>,
}

impl Found {
    /// Whether a file or folder of that name is there (PATH-EXISTS).
    pub fn has(&self, name: &str) -> bool {
        let wanted = path(name);
        self.paths.contains(&wanted)
    }

    /// Whether the file that was looked for is there and nearly holds a text (CREATE rule).
    pub fn holds(&self, name: &str, text: &str) -> bool {
        let held = self.text.as_deref().map(str::trim);
        self.has(name) && fuzzy(held, Some(text))
    }
}

/// Looks into the notebook and reads the file of that name.
pub(super) async fn find(device: &Device, name: &str) -> Result<Found, TaskError> {
    let file = quote(&path(name));
    let script = format!(
        "{}echo @@text@@; if [ -f {file} ]; then echo @@text@@; cat {file}; fi; true",
        paths::listing(FOLDER)
    );
    let answer = device.adb().query(&script).await?;
    let (listing, text) = answer.split_once(MARK).unwrap_or((&answer, ""));
    Ok(Found {
        paths: listing
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
        text: text.strip_prefix(MARK).map(|text| text.replace('\r', "")),
    })
}

/// A file of the notebook with what the benchmark compares of it.
pub(super) use super::super::metadata::FileMetadata as Note;

/// The notebook's files; `None` when the notebook itself is gone.
pub(super) async fn list(device: &Device, compat: Compat) -> Result<Option<Vec<Note>>, TaskError> {
    metadata::list(device, FOLDER, compat).await
}
