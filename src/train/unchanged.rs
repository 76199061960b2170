//! Whether a run is gone on with under what it was begun with: configuration, suite, bundle, program.
//! Looks only, so that a run that can't be gone on with stays as it is.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::TrainError;
use crate::config::{self, TrainConfig};
use crate::eval;
use crate::policy::{Bundle, PolicyError};
use crate::store::Inspected;

/// Keys that may change in the middle of a run: how far it goes, what is kept and shown of it, and
/// where it is computed. What is learnt in a round does not depend on them.
const MAY_CHANGE: [&str; 26] = [
    "run.name",
    "run.out",
    "run.max_database_bytes",
    "policy.provider",
    "policy.threads",
    "devices.serials",
    "devices.settle",
    "devices.settle_equal",
    "devices.settle_interval_ms",
    "devices.settle_pause_ms",
    "devices.settle_deadline_ms",
    "devices.focus_pause_ms",
    "devices.wait_ms",
    "devices.deadline_ms",
    "devices.virtual.count",
    "train.rounds",
    "train.checkpoint_every",
    "eval.every",
    "eval.screenshots",
    "retention.min_free_bytes",
    "retention.max_bytes",
    "retention.keep_checkpoints",
    "retention.keep_screenshots",
    "retention.wait_for_room_s",
    "retention.log_bytes",
    "retention.log_files",
];
/// A table of keys that may all change: which emulators there are.
const MAY_CHANGE_BELOW: &str = "devices.emulators.";
/// What identifies the bundle that a run starts from.
const BUNDLE: &str = "bundle";
/// What identifies a task, before its name.
const TASK: &str = "task ";

fn may_change(key: &str) -> bool {
    MAY_CHANGE.contains(&key) || key.starts_with(MAY_CHANGE_BELOW)
}

/// What a run is begun with, by name: a hash of each task of the suite, and of the bundle.
pub(super) fn identities(config: &TrainConfig) -> Result<BTreeMap<String, String>, TrainError> {
    let mut identities = BTreeMap::new();
    for (task, identity) in eval::identities(config)? {
        identities.insert(format!("{TASK}{task}"), identity);
    }
    if !config.policy.bundle.is_empty() {
        let folder = Path::new(&config.policy.bundle);
        let identity = Bundle::description_hash(folder).map_err(PolicyError::from)?;
        identities.insert(BUNDLE.to_owned(), identity);
    }
    Ok(identities)
}

/// Refuses to go on with a run under something else. `wanted` is the configuration to go on with.
///
/// # Errors
/// [`TrainError::Changed`] names what changed and the way out.
pub(super) fn check(
    directory: &Path,
    run: &Inspected,
    wanted: &TrainConfig,
) -> Result<(), TrainError> {
    let anew = match run.checkpoints.last() {
        Some(newest) => format!(
            "begin a new run from its weights with --set policy.bundle={}",
            directory.join(&newest.path).display()
        ),
        None => "begin a new run".to_owned(),
    };
    let begun = &run.run.run;
    let now = env!("CARGO_PKG_VERSION");
    if begun.program_version != now {
        return Err(TrainError::Changed {
            field: "program_version".into(),
            before: format!("stepdroid {}", begun.program_version),
            now: format!("stepdroid {now}"),
            way_out: format!("use stepdroid {}, or {anew}", begun.program_version),
        });
    }
    let file = directory.join(super::run_directory::CONFIG);
    let stored = config::parse(&begun.config, &file, &[])?.config;
    if let Ok(text) = std::fs::read_to_string(&file)
        && text != begun.config
        && let Some((key, before, now)) =
            differences(&stored, &config::parse(&text, &file, &[])?.config)?.next()
    {
        let way_out = match may_change(&key) {
            true => format!("put run.toml back and say --set {key}={now}"),
            false => format!("put run.toml back, or {anew}"),
        };
        return Err(TrainError::Changed {
            field: format!("{}: {key}", file.display()),
            before,
            now,
            way_out,
        });
    }
    let mut changes = differences(&stored, wanted)?;
    if let Some((field, before, now)) = changes.find(|(key, ..)| !may_change(key)) {
        return Err(TrainError::Changed {
            way_out: format!("leave {field} as it was, or {anew}"),
            field,
            before,
            now,
        });
    }
    check_suite(run, &stored, &anew)?;
    check_bundle(run, &stored, &anew)
}

fn check_suite(run: &Inspected, config: &TrainConfig, anew: &str) -> Result<(), TrainError> {
    let known: BTreeMap<&str, &str> = run
        .identities
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(TASK)?, value.as_str())))
        .collect();
    // A run of before identities were kept.
    if known.is_empty() {
        return Ok(());
    }
    let found = eval::identities(config)?;
    let names = known
        .keys()
        .copied()
        .chain(found.keys().map(String::as_str));
    for name in names {
        let (before, now) = (
            known.get(name).copied(),
            found.get(name).map(String::as_str),
        );
        if before != now {
            let of = |identity: Option<&str>| match identity {
                Some(identity) => format!("{name} {}", identity.get(..8).unwrap_or(identity)),
                None => format!("no {name}"),
            };
            return Err(TrainError::Changed {
                field: "suite.tasks".into(),
                before: of(before),
                now: of(now),
                way_out: format!("use the program that the run was begun with, or {anew}"),
            });
        }
    }
    Ok(())
}

fn check_bundle(run: &Inspected, config: &TrainConfig, anew: &str) -> Result<(), TrainError> {
    let Some(before) = run.identities.get(BUNDLE) else {
        return Ok(());
    };
    let folder = Path::new(&config.policy.bundle);
    // Once the run has weights of its own, the bundle is only looked at, not needed.
    if !run.checkpoints.is_empty() && !folder.exists() {
        return Ok(());
    }
    let now = Bundle::description_hash(folder).map_err(PolicyError::from)?;
    if now == *before {
        return Ok(());
    }
    let short = |hash: &str| format!("{} {}", folder.display(), hash.get(..8).unwrap_or(hash));
    Err(TrainError::Changed {
        field: "policy.bundle".into(),
        before: short(before),
        now: short(&now),
        way_out: format!("put the bundle back, or {anew}"),
    })
}

/// Keys whose values differ, with both values as TOML, in the order of the keys.
fn differences(
    before: &TrainConfig,
    now: &TrainConfig,
) -> Result<impl Iterator<Item = (String, String, String)>, TrainError> {
    let (before, now) = (leaves(before)?, leaves(now)?);
    let keys: std::collections::BTreeSet<String> =
        before.keys().chain(now.keys()).cloned().collect();
    let text = |value: Option<&Value>| value.map_or("not set".to_owned(), ToString::to_string);
    Ok(keys.into_iter().filter_map(move |key| {
        let (before, now) = (before.get(&key), now.get(&key));
        (before != now).then(|| (key, text(before), text(now)))
    }))
}

fn leaves(config: &TrainConfig) -> Result<BTreeMap<String, Value>, TrainError> {
    let table =
        Table::try_from(config).map_err(|error| config::ConfigError::Write(error.to_string()))?;
    let mut leaves = BTreeMap::new();
    flatten("", table, &mut leaves);
    Ok(leaves)
}

fn flatten(prefix: &str, table: Table, leaves: &mut BTreeMap<String, Value>) {
    for (key, value) in table {
        let full = match prefix {
            "" => key,
            prefix => format!("{prefix}.{key}"),
        };
        match value {
            Value::Table(below) => flatten(&full, below, leaves),
            value => {
                leaves.insert(full, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_may_change_exist() {
        let config = TrainConfig::defaults().unwrap();
        let leaves = leaves(&config).unwrap();
        for key in MAY_CHANGE {
            assert!(leaves.contains_key(key), "{key}");
        }
    }

    #[test]
    fn a_difference_is_told_by_key() {
        let before = TrainConfig::defaults().unwrap();
        let now = config::parse("", Path::new("a"), &["train.lr=0.5".into()]).unwrap();
        let found: Vec<_> = differences(&before, &now.config).unwrap().collect();
        assert_eq!(found, [("train.lr".into(), "0.0003".into(), "0.5".into())]);
    }
}
