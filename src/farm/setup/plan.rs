//! What a set-up would change, as data: the user's wishes, the steps, and how they are told. Pure.

use std::path::PathBuf;

use serde::Serialize;

use super::record::Change;
use super::{Kind, Look};
use crate::farm::emulators::{Apk, ApkList};

/// What the user wants.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Leave the apps as they are.
    pub no_apps: bool,
    /// APKs for apps that are missing, and the folder that they lie in.
    pub apks: Option<(ApkList, PathBuf)>,
    /// The keyboard to choose.
    pub input_method: Option<String>,
    /// An accessibility service to switch on.
    pub accessibility: Option<String>,
    /// Files for the device, and where they go.
    pub files: Vec<(PathBuf, String)>,
    /// Most data of one app that is kept, in kB.
    pub largest_app: u64,
}

/// A change that would be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The change.
    pub change: Change,
    /// What for.
    pub why: String,
    /// More of it for people, where the change does not say all.
    pub detail: String,
    /// The file of this machine that it takes.
    pub source: Option<PathBuf>,
    /// The APK, of a package.
    pub apk: Option<Apk>,
}

/// Something that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// What.
    pub what: String,
    /// Why not, and what would help.
    pub why: String,
}

/// What a set-up would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The device.
    pub look: Look,
    /// The changes, in the order in which they are made.
    pub steps: Vec<Step>,
    /// What is left out.
    pub skipped: Vec<Skipped>,
}

/// A change for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// What is changed.
    pub what: String,
    /// How it is.
    pub from: String,
    /// How it will be.
    pub to: String,
    /// What for.
    pub why: String,
    /// Whether the device's shell must be root.
    pub needs_root: bool,
}

impl Step {
    pub(super) fn new(change: Change, why: impl Into<String>) -> Step {
        Step {
            change,
            why: why.into(),
            detail: String::new(),
            source: None,
            apk: None,
        }
    }

    /// The change for people.
    pub fn row(&self) -> Row {
        let unset = || "not set".to_owned();
        let nothing = || "not there".to_owned();
        let (from, to) = match &self.change {
            Change::Setting { from, to, .. } => (from.clone().unwrap_or_else(unset), to.clone()),
            Change::TimeZone { from, to } | Change::InputMethod { from, to, .. } => {
                (from.clone(), to.clone())
            }
            Change::Clock { ahead } => (
                format!("{ahead:+} s to this machine's"),
                "15 October 2023, 15:34".to_owned(),
            ),
            Change::Role { from, .. } => (from.clone(), "chosen in the app".to_owned()),
            Change::Package { file, .. } => (nothing(), file.clone()),
            Change::File { before, .. } => (
                before
                    .as_ref()
                    .map_or_else(nothing, |_| "another file, which is kept".to_owned()),
                self.detail.clone(),
            ),
            Change::Text { from, .. } => (
                from.as_ref().map_or_else(nothing, |_| "there".to_owned()),
                "written".to_owned(),
            ),
            Change::Folder { .. } => (nothing(), "made".to_owned()),
            Change::App { .. } => (self.detail.clone(), "cleared and set up".to_owned()),
        };
        Row {
            what: self.change.target(),
            from,
            to,
            why: self.why.clone(),
            needs_root: needs_root(&self.change),
        }
    }
}

/// Whether a change, and its way back, are only for root.
pub(super) fn needs_root(change: &Change) -> bool {
    match change {
        Change::TimeZone { .. }
        | Change::Clock { .. }
        | Change::Text { .. }
        | Change::App { .. } => true,
        Change::Folder { path } => path.starts_with("/data/data/"),
        _ => false,
    }
}

impl Plan {
    /// Whether there is something to ask the owner about.
    pub fn asks(&self) -> bool {
        self.look.kind == Kind::Physical && !self.steps.is_empty()
    }
}
