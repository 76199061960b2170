//! Which tasks a device can do, and why not the others. Pure.

use serde::Serialize;

use super::{Kind, Look};
use crate::farm::emulators::ApkList;
use crate::farm::kind_of;
use crate::tasks::{catalogue, requirements};

/// A task on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Runnable {
    /// Its name.
    pub task: &'static str,
    /// Why it can't be run; nothing where it can.
    pub reasons: Vec<String>,
    /// What may make it another task than the benchmark's.
    pub remarks: Vec<String>,
}

/// Every task, with what speaks against it on a device. `apks` knows the benchmark's versions.
pub fn runnable(look: &Look, apks: &ApkList) -> Vec<Runnable> {
    let tasks = catalogue().iter().map(|task| {
        let needs = requirements(task.spec());
        let mut reasons = Vec::new();
        let mut remarks = Vec::new();
        if let Some(why) = needs.root.filter(|_| !look.root) {
            reasons.push(format!("no root: {why}; {}", look.way_to_root()));
        }
        for package in needs.packages {
            let wanted = apks.apps.iter().find(|apk| apk.package == package);
            let wanted = wanted.and_then(|apk| apk.version);
            match (look.packages.get(package), wanted) {
                (None, _) => {
                    reasons.push(format!(
                        "{package} is not installed; --apks DIR installs it"
                    ));
                }
                (Some(Some(there)), Some(wanted)) if *there != wanted => remarks.push(format!(
                    "{package} has version {there}, the benchmark version {wanted}"
                )),
                _ => {}
            }
        }
        if needs.wifi && look.kind == Kind::Physical && kind_of(&look.serial) == "network" {
            remarks.push(
                "it switches Wi-Fi off, and the device is reached over a network; a cable holds"
                    .to_owned(),
            );
        }
        Runnable {
            task: task.spec().name,
            reasons,
            remarks,
        }
    });
    tasks.collect()
}
