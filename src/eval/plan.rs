//! Which instances an evaluation runs.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::config::{CompatKind, InstanceSeeds, TrainConfig};
use crate::domain::{Compat, Slot};
use crate::tasks::{self, TaskError};

/// The tasks of a configuration's suite, in the catalogue's order.
///
/// # Errors
/// A task that is not in the catalogue; the message names the nearest.
pub fn suite(config: &TrainConfig) -> Result<Vec<String>, TaskError> {
    let known = tasks::catalogue().iter().map(|task| task.spec().name);
    if config.suite.tasks.is_empty() {
        return Ok(known.map(str::to_owned).collect());
    }
    for task in config.suite.tasks.iter().chain(&config.suite.held_out) {
        tasks::find(task)?;
    }
    Ok(known
        .filter(|name| config.suite.tasks.iter().any(|task| task == name))
        .map(str::to_owned)
        .collect())
}

/// The tasks that may be trained on: the suite without what is held out.
///
/// # Errors
/// As [`suite`].
pub fn training_suite(config: &TrainConfig) -> Result<Vec<String>, TaskError> {
    let mut suite = suite(config)?;
    let mut apps = BTreeSet::new();
    for spec in tasks::catalogue().iter().map(|task| task.spec()) {
        apps.extend(spec.apps.iter().copied());
    }
    for app in &config.suite.held_out_apps {
        if !apps.contains(app.as_str()) {
            return Err(TaskError::UnknownApp {
                app: app.clone(),
                known: apps.into_iter().collect::<Vec<_>>().join(", "),
            });
        }
    }
    let held_out = |name: &String| -> Result<bool, TaskError> {
        let spec = tasks::find(name)?.spec();
        let by_app = spec
            .apps
            .iter()
            .any(|app| config.suite.held_out_apps.iter().any(|held| held == app));
        Ok(by_app || config.suite.held_out.contains(name))
    };
    let mut trained = Vec::new();
    for name in suite.drain(..) {
        if !held_out(&name)? {
            trained.push(name);
        }
    }
    if trained.is_empty() {
        return Err(TaskError::NothingToTrain);
    }
    Ok(trained)
}

/// Refuses a configuration whose evaluations run an instance that training may draw.
///
/// # Errors
/// [`TaskError::SharedSeed`], or as [`suite`].
pub fn seeds_are_apart(config: &TrainConfig) -> Result<(), TaskError> {
    let trained = config.suite.train_seeds.range();
    let evaluated = plan(config, &suite(config)?, config.eval.episodes);
    match evaluated
        .into_iter()
        .find(|slot| trained.contains(&slot.instance_seed))
    {
        Some(slot) => Err(TaskError::SharedSeed {
            task: slot.task,
            seed: slot.instance_seed,
        }),
        None => Ok(()),
    }
}

/// What identifies each task of a configuration's suite: a hash of its specification and of two of its
/// instances, in which its word pools and its wording show.
///
/// # Errors
/// As [`suite`].
pub fn identities(config: &TrainConfig) -> Result<BTreeMap<String, String>, TaskError> {
    let mut identities = BTreeMap::new();
    for name in suite(config)? {
        let task = tasks::find(&name)?;
        let mut digest = Sha256::new();
        digest.update(serde_json::to_vec(task.spec()).unwrap_or_default());
        for seed in 0..2 {
            let instance = tasks::instance(task, seed)?;
            digest.update(serde_json::to_vec(&instance).unwrap_or_default());
        }
        let hex = digest
            .finalize()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        identities.insert(name, hex);
    }
    Ok(identities)
}

/// What a configuration makes of the benchmark's known defects.
pub fn compat(config: &TrainConfig) -> Compat {
    match config.suite.compat {
        CompatKind::AndroidWorld => Compat::AndroidWorld,
        CompatKind::Fixed => Compat::Fixed,
    }
}

/// The slots of an evaluation: every task on `episodes` seeds. Every evaluation of a suite runs the same
/// instances, so that two of them can be compared pair by pair.
pub fn plan(config: &TrainConfig, suite: &[String], episodes: u32) -> Vec<Slot> {
    let mut slots = Vec::new();
    // Task by task within a seed: an interrupted evaluation has then seen every task.
    for copy in 0..episodes {
        for task in suite {
            let seed = match config.suite.instance_seeds {
                InstanceSeeds::Range => config.suite.eval_seeds.first + u64::from(copy),
                InstanceSeeds::AndroidWorld => androidworld_seed(config.suite.seed, task, copy),
            };
            slots.push(Slot::plain(slots.len() as u32, task, copy, seed));
        }
    }
    slots
}

/// The seed of an instance by AndroidWorld's rule (catalogue section 6.1): the SHA-256 of
/// `<seed>_<task>_<combination>` as one big number, modulo 2^32.
pub fn androidworld_seed(seed: u64, task: &str, combination: u32) -> u64 {
    let digest = Sha256::digest(format!("{seed}_{task}_{combination}"));
    // The last four bytes are what is left of a big-endian number.
    digest[28..]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_runs_on_the_same_unseen_seeds() {
        let config = crate::config::load(None, &[]).unwrap().config;
        let suite = ["A".to_owned(), "B".to_owned()];
        let slots = plan(&config, &suite, 3);
        assert_eq!(slots.len(), 6);
        assert_eq!(slots, plan(&config, &suite, 3));
        for slot in &slots {
            let range = config.suite.eval_seeds.range();
            assert!(range.contains(&slot.instance_seed));
            assert!(
                !config
                    .suite
                    .train_seeds
                    .range()
                    .contains(&slot.instance_seed)
            );
        }
        assert_eq!(slots[0].instance_seed, slots[1].instance_seed);
        assert_ne!(slots[0].instance_seed, slots[2].instance_seed);
    }

    fn config(sets: &[&str]) -> TrainConfig {
        let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        crate::config::load(None, &sets).unwrap().config
    }

    #[test]
    fn apps_are_held_out_with_all_their_tasks() {
        let tasks =
            "suite.tasks=[\"MarkorCreateNote\", \"SystemWifiTurnOn\", \"ExpenseDeleteSingle\"]";
        let apart = config(&[tasks, "suite.held_out_apps=[\"markor\"]"]);
        assert_eq!(
            training_suite(&apart).unwrap(),
            ["SystemWifiTurnOn", "ExpenseDeleteSingle"]
        );
        assert_eq!(suite(&apart).unwrap().len(), 3);
        let unknown = training_suite(&config(&[tasks, "suite.held_out_apps=[\"makor\"]"]));
        let said = unknown.unwrap_err().to_string();
        assert!(
            said.contains("\"makor\"") && said.contains("markor"),
            "{said}"
        );
        let all = config(&[
            "suite.tasks=[\"MarkorCreateNote\"]",
            "suite.held_out_apps=[\"markor\"]",
        ]);
        assert!(matches!(
            training_suite(&all),
            Err(TaskError::NothingToTrain)
        ));
    }

    #[test]
    fn the_benchmarks_seeds_are_not_trained_on() {
        let benchmark = [
            "suite.tasks=[\"ContactsAddContact\"]",
            "suite.instance_seeds=androidworld",
            "eval.episodes=2",
        ];
        assert!(seeds_are_apart(&config(&benchmark)).is_ok());
        // 1155463587 is its first instance with the suite's seed 30.
        let shared = [
            &benchmark[..],
            &[
                "suite.train_seeds=1155463000..1155464000",
                "suite.eval_seeds=0..100",
            ],
        ]
        .concat();
        let error = seeds_are_apart(&config(&shared)).unwrap_err();
        assert!(
            matches!(
                error,
                TaskError::SharedSeed {
                    seed: 1_155_463_587,
                    ..
                }
            ),
            "{error}"
        );
    }

    /// The catalogue's test vectors.
    #[test]
    fn seeds_are_those_of_the_benchmark() {
        for (seed, task, combination, expected) in [
            (30, "ContactsAddContact", 0, 1_155_463_587),
            (30, "ContactsAddContact", 1, 1_324_763_856),
            (30, "ClockTimerEntry", 0, 1_172_248_264),
            (30, "TasksDueOnDate", 0, 96_649_108),
            (42, "OsmAndTrack", 0, 645_002_890),
            (42, "SimpleCalendarAddOneEvent", 1, 1_459_429_532),
        ] {
            assert_eq!(androidworld_seed(seed, task, combination), expected);
        }
    }
}
