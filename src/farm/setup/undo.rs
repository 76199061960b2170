//! Takes a set-up back: the last change first, and only what is still as the set-up left it, unless told otherwise.

use serde::Serialize;

use super::app_data::{self, LeftAlone};
use super::apply::{FILES, copy_of_file, run, set_clock, set_zone};
use super::plan::needs_root;
use super::record::{Change, Record, RecordFile};
use super::{Look, SetupError, look};
use crate::adb::{Adb, quote};

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// It is as before.
    Restored,
    /// It was as before already.
    AsBefore,
    /// It was not touched: why, and what would help.
    LeftAlone(String),
}

/// A change, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// What was changed.
    pub what: String,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Undoes what a record holds; `tell` hears of each change before its turn. The record keeps what was left alone, and
/// is removed when nothing is left.
///
/// # Errors
/// When the device fails or refuses. What was not undone until then stays in the record.
pub async fn undo(
    adb: &Adb,
    look: &Look,
    record: &mut Record,
    file: &RecordFile,
    force: bool,
    mut tell: impl FnMut(&Change),
) -> Result<Vec<Undone>, SetupError> {
    let mut all = Vec::new();
    for position in (0..record.changes.len()).rev() {
        let change = record.changes[position].clone();
        tell(&change);
        look::same(adb, &record.device).await?;
        let outcome = match needs_root(&change) && !look.root {
            true => Outcome::LeftAlone(
                "its shell is not root now; run `adb root`, and restore again".to_owned(),
            ),
            false => one(adb, look, &change, force).await?,
        };
        let done = !matches!(outcome, Outcome::LeftAlone(_));
        all.push(Undone {
            what: change.target(),
            outcome,
        });
        if done {
            record.changes.remove(position);
            file.write(record)?;
            if let Change::App { package, .. } = &change {
                app_data::drop_copy(adb, package).await?;
            }
        }
    }
    if record.changes.is_empty() {
        // Folders of copies are empty by now; one that was never made is none.
        adb.shell(&format!(
            "rmdir {} {FILES} 2>/dev/null; true",
            app_data::PLACE
        ))
        .await?;
        file.remove()?;
    }
    Ok(all)
}

async fn one(adb: &Adb, look: &Look, change: &Change, force: bool) -> Result<Outcome, SetupError> {
    let left = |reason: String| Ok(Outcome::LeftAlone(reason));
    match change {
        Change::Setting {
            namespace,
            key,
            from,
            to,
        } => {
            let name = [(namespace.clone(), key.clone())];
            let now = look::settings(adb, &name).await?.pop().flatten();
            if now == *from {
                return Ok(Outcome::AsBefore);
            }
            if now.as_ref() != Some(to) && !force {
                let now = now.unwrap_or_else(|| "not set".to_owned());
                return left(format!(
                    "it was changed since, to {now}; --force overwrites it"
                ));
            }
            let (namespace, key) = (quote(namespace), quote(key));
            let script = match from {
                Some(from) => format!("settings put {namespace} {key} {}", quote(from)),
                None => format!("settings delete {namespace} {key}"),
            };
            run(adb, change, &script).await?;
        }
        Change::TimeZone { from, to } => {
            if look.zone == *from {
                return Ok(Outcome::AsBefore);
            }
            if look.zone != *to && !force {
                return left(format!(
                    "it was changed since, to {}; --force overwrites it",
                    look.zone
                ));
            }
            set_zone(adb, change, from).await?;
        }
        Change::Clock { ahead } => set_clock(adb, change, look::host_seconds() + ahead).await?,
        Change::InputMethod {
            from,
            to,
            was_enabled,
        } => {
            let name = [("secure".to_owned(), "default_input_method".to_owned())];
            let now = look::settings(adb, &name)
                .await?
                .pop()
                .flatten()
                .unwrap_or_default();
            if now != *to && now != *from && !force {
                return left(format!(
                    "another one was chosen since, {now}; --force overwrites it"
                ));
            }
            let mut script = format!("ime set {}", quote(from));
            if !was_enabled {
                script.push_str(&format!(" && ime disable {}", quote(to)));
            }
            run(adb, change, &script).await?;
        }
        Change::Role { role, from } => {
            let add = format!("cmd role add-role-holder {} {}", quote(role), quote(from));
            run(adb, change, &add).await?;
        }
        Change::Package {
            package, version, ..
        } => {
            let Some(there) = look.packages.get(package) else {
                return Ok(Outcome::AsBefore);
            };
            if version.is_some() && there != version && !force {
                let now =
                    there.map_or("another version".to_owned(), |now| format!("version {now}"));
                return left(format!(
                    "it was updated since, to {now}; --force uninstalls it"
                ));
            }
            let name = quote(package);
            run(
                adb,
                change,
                &format!("am force-stop {name}; pm uninstall {name}"),
            )
            .await?;
        }
        Change::File {
            path,
            sha256,
            before,
        } => return file(adb, change, path, sha256, before.as_ref(), force).await,
        Change::Text { path, from } => match from {
            Some(from) => adb.write_file(path, from.as_bytes(), 0o644).await?,
            None => run(adb, change, &format!("rm -f {}", quote(path))).await?,
        },
        Change::Folder { path } => {
            let name = quote(path);
            let remove = match force {
                true => format!("rm -rf {name}"),
                false => format!("[ -d {name} ] || exit 0; rmdir {name} 2>/dev/null"),
            };
            if adb.shell(&remove).await?.exit_code != 0 {
                return left(format!(
                    "there is something in it, which --force removes: {path}"
                ));
            }
        }
        Change::App { kept: None, .. } => return Ok(Outcome::AsBefore),
        Change::App {
            package,
            kept: Some(kept),
        } => {
            let done: Result<(), LeftAlone> = app_data::put_back(adb, package, kept, force).await?;
            if let Err(reason) = done {
                return left(reason);
            }
        }
    }
    Ok(Outcome::Restored)
}

/// Puts an original back, or removes a file that was not there, unless somebody changed it since.
async fn file(
    adb: &Adb,
    change: &Change,
    path: &str,
    written: &str,
    before: Option<&String>,
    force: bool,
) -> Result<Outcome, SetupError> {
    let now = app_data::hash_of(adb, path).await?;
    let (name, copy) = (quote(path), copy_of_file(path));
    if now.as_ref() == before {
        run(adb, change, &format!("rm -f {}", quote(&copy))).await?;
        return Ok(Outcome::AsBefore);
    }
    if now.as_deref() != Some(written) && !force {
        return Ok(Outcome::LeftAlone(match now {
            Some(_) => "it was changed since; --force overwrites it".to_owned(),
            None => "it was removed since; --force puts the original back".to_owned(),
        }));
    }
    let Some(before) = before else {
        run(adb, change, &format!("rm -f {name}")).await?;
        return Ok(Outcome::Restored);
    };
    match app_data::hash_of(adb, &copy).await? {
        Some(hash) if hash == *before => {}
        _ => {
            return Ok(Outcome::LeftAlone(format!(
                "its original is no longer at {copy} as it was; put the file back by hand, and restore again"
            )));
        }
    }
    let copy = quote(&copy);
    run(adb, change, &format!("cp -a {copy} {name} && rm -f {copy}")).await?;
    Ok(Outcome::Restored)
}
