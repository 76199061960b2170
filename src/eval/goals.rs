//! The benchmark's own wording of goals, read from a user's checkout of it: `task_metadata.json` holds a
//! template per task, with parameters in braces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::{Instance, Slot, TaskSpec};
use crate::rollout::InstanceSource;
use crate::tasks::{self, Task, TaskError};

/// Where the file may lie below a checkout.
const PLACES: [&str; 3] = [
    "android_world/task_metadata.json",
    "task_metadata.json",
    "src/android_world/task_metadata.json",
];
/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// Why goals can't be imported.
#[derive(Debug, thiserror::Error)]
pub enum GoalsError {
    /// There is no such file.
    #[error(
        "{directory}: there is no task_metadata.json here or in android_world; name a checkout of the benchmark"
    )]
    Missing {
        /// The directory.
        directory: PathBuf,
    },
    /// The file can't be used.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// A task of the benchmark's file.
#[derive(Debug, Deserialize)]
struct Metadata {
    task_name: String,
    task_template: String,
    #[serde(default)]
    difficulty: String,
    #[serde(default)]
    tags: Vec<String>,
}

impl Metadata {
    /// Whether it says of a task what the catalogue says.
    fn agrees(&self, spec: &TaskSpec) -> bool {
        // A task without tags has one empty one there.
        let tags = self.tags.iter().filter(|tag| !tag.is_empty());
        self.difficulty == spec.difficulty && tags.eq(spec.tags)
    }
}

/// Templates by task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goals {
    /// Templates, with parameters as `{name}`.
    pub templates: BTreeMap<String, String>,
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Imported {
    /// The goals of tasks that are in the catalogue.
    #[serde(skip)]
    pub goals: Goals,
    /// Tasks of the catalogue that have a template now.
    pub tasks: usize,
    /// Tasks of the file that the catalogue does not have.
    pub unknown: Vec<String>,
    /// Tasks of the catalogue that the file does not have.
    pub missing: Vec<String>,
    /// Tasks whose difficulty or tags are others there: it is another version of the benchmark.
    pub changed: Vec<String>,
    /// Tasks whose template can't be filled from their parameters; they keep this program's wording.
    pub kept: Vec<String>,
}

impl Goals {
    /// Reads the templates of a checkout.
    ///
    /// # Errors
    /// When the file is missing, too large, or not the benchmark's.
    pub fn import(directory: &Path) -> Result<Imported, GoalsError> {
        let places = PLACES.iter().map(|place| directory.join(place));
        let path = places.into_iter().find(|path| path.is_file());
        let path = path.ok_or_else(|| GoalsError::Missing {
            directory: directory.to_owned(),
        })?;
        let known: Vec<Metadata> = json(&path)?;
        let mut goals = Goals {
            templates: BTreeMap::new(),
        };
        let (mut unknown, mut kept, mut changed) = (Vec::new(), Vec::new(), Vec::new());
        for metadata in known {
            match tasks::find(&metadata.task_name) {
                Ok(task) => {
                    if !metadata.agrees(task.spec()) {
                        changed.push(metadata.task_name.clone());
                    }
                    goals
                        .templates
                        .insert(metadata.task_name, metadata.task_template);
                }
                Err(_) => unknown.push(metadata.task_name),
            }
        }
        let mut missing = Vec::new();
        for task in tasks::catalogue() {
            let name = task.spec().name;
            match goals.templates.get(name) {
                None => missing.push(name.to_owned()),
                Some(template) => {
                    let example = tasks::instance(*task, 0);
                    let filled = example.is_ok_and(|one| fill(template, &one).is_some());
                    if !filled {
                        kept.push(name.to_owned());
                    }
                }
            }
        }
        goals.templates.retain(|name, _| !kept.contains(name));
        Ok(Imported {
            tasks: goals.templates.len(),
            goals,
            unknown,
            missing,
            changed,
            kept,
        })
    }

    /// Reads what [`Goals::import`] gave, from a file.
    ///
    /// # Errors
    /// When the file is too large or something else.
    pub fn read(path: &Path) -> Result<Goals, GoalsError> {
        json(path)
    }

    /// The goal of an instance in the benchmark's words, where they are known and can be filled.
    pub fn goal(&self, instance: &Instance) -> Option<String> {
        fill(self.templates.get(&instance.task)?, instance)
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, GoalsError> {
    let wrong = |reason: String| GoalsError::File {
        path: path.to_owned(),
        reason,
    };
    let length = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if length.len() > MAX_BYTES {
        return Err(wrong(format!("longer than {MAX_BYTES} bytes")));
    }
    let text = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))
}

/// A template with its parameters, as Python's `str.format` fills it; `None` when one is no plain value.
fn fill(template: &str, instance: &Instance) -> Option<String> {
    let mut goal = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(position) = rest.find(['{', '}']) {
        goal.push_str(&rest[..position]);
        let brace = &rest[position..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            goal.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let end = brace.find('}').filter(|_| brace.starts_with('{'))?;
        match instance.params.get(&brace[1..end])? {
            Value::String(text) => goal.push_str(text),
            Value::Number(number) => goal.push_str(&number.to_string()),
            _ => return None,
        }
        rest = &brace[end + 1..];
    }
    goal.push_str(rest);
    Some(goal)
}

/// Another source's instances with the benchmark's wording.
pub struct Worded<S> {
    /// Where the instances come from.
    pub source: S,
    /// The wording.
    pub goals: Goals,
}

impl<S: InstanceSource> InstanceSource for Worded<S> {
    fn instance(&self, slot: &Slot) -> Result<(&dyn Task, Instance), TaskError> {
        let (task, mut instance) = self.source.instance(slot)?;
        if let Some(goal) = self.goals.goal(&instance) {
            instance.goal = goal;
        }
        Ok((task, instance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rollout::Drawn;

    #[test]
    fn templates_are_filled_from_the_parameters() {
        let directory = tempfile::tempdir().unwrap();
        let text = r#"[
            {"task_name": "ClockTimerEntry", "task_template": "Timer {{set}} to {hours}:{minutes}:{seconds}.", "difficulty": "easy", "tags": ["data_entry", "parameterized"]},
            {"task_name": "ExpenseAddSingle", "task_template": "Add {row_objects}", "difficulty": "easy", "tags": [""]},
            {"task_name": "NoSuchTask", "task_template": "x", "difficulty": "easy"}
        ]"#;
        std::fs::create_dir(directory.path().join("android_world")).unwrap();
        std::fs::write(directory.path().join(PLACES[0]), text).unwrap();
        let imported = Goals::import(directory.path()).unwrap();
        assert_eq!(imported.tasks, 1);
        assert_eq!(imported.unknown, ["NoSuchTask"]);
        assert_eq!(imported.kept, ["ExpenseAddSingle"]);
        assert_eq!(imported.changed, ["ExpenseAddSingle"]);
        assert!(
            imported
                .missing
                .contains(&"ClockStopWatchRunning".to_owned())
        );

        let source = Worded {
            source: Drawn,
            goals: imported.goals,
        };
        let slot = Slot::plain(0, "ClockTimerEntry", 0, 3);
        let (_, instance) = source.instance(&slot).unwrap();
        let number = |name: &str| instance.params[name].as_u64().unwrap();
        assert_eq!(
            instance.goal,
            format!(
                "Timer {{set}} to {}:{}:{}.",
                number("hours"),
                number("minutes"),
                number("seconds")
            )
        );
    }

    #[test]
    fn what_is_no_checkout_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let error = Goals::import(directory.path()).unwrap_err();
        assert!(matches!(error, GoalsError::Missing { .. }));
        std::fs::write(directory.path().join(PLACES[1]), "{").unwrap();
        assert!(Goals::import(directory.path()).is_err());
        std::fs::write(directory.path().join(PLACES[1]), "[{\"task_name\": 1}]").unwrap();
        assert!(Goals::import(directory.path()).is_err());
    }
}
