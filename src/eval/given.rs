//! Instances that somebody else made, one JSON object per line: what AndroidWorld's own package generated,
//! exported by `android/export_suite.py`, or the lines of an earlier evaluation.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{Instance, Params, Slot};
use crate::rollout::InstanceSource;
use crate::tasks::{self, Task, TaskError};

/// Longest line that is read, in bytes: a suite's largest parameters are some tens of kilobytes.
const MAX_LINE: u64 = 4 << 20;
/// Most instances of a file.
const MAX_INSTANCES: usize = 100_000;

/// Why a file of instances can't be run. Nothing was done on a device.
#[derive(Debug, thiserror::Error)]
pub enum GivenError {
    /// The file can't be read.
    #[error("{path}: the instances can't be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line is no instance.
    #[error("{path}, line {line}: {reason}")]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// No line holds an instance.
    #[error("{path}: there is no instance in it")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// One line. Other fields, such as the results of an earlier evaluation, are left alone.
#[derive(Debug, Deserialize)]
struct Line {
    task: String,
    #[serde(default)]
    params: Params,
    #[serde(default)]
    seed: Option<u64>,
    #[serde(default)]
    goal: Option<String>,
}

/// Instances in the order of their slots.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    instances: Vec<Instance>,
}

impl Given {
    /// Reads a file and checks every line: that its task is known, and that its parameters make an
    /// instance of it.
    ///
    /// # Errors
    /// [`GivenError`] names the line and what is wrong with it.
    pub fn read(path: &Path) -> Result<Given, GivenError> {
        let unreadable = |source| GivenError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut file = std::io::BufReader::new(std::fs::File::open(path).map_err(unreadable)?);
        let mut instances = Vec::new();
        for line in 1.. {
            let wrong = |reason: String| GivenError::Line {
                path: path.to_owned(),
                line,
                reason,
            };
            let mut text = Vec::new();
            let read = std::io::Read::take(&mut file, MAX_LINE)
                .read_until(b'\n', &mut text)
                .map_err(unreadable)?;
            if read == 0 {
                break;
            }
            if read as u64 == MAX_LINE {
                return Err(wrong(format!("longer than {MAX_LINE} bytes")));
            }
            if text.trim_ascii().is_empty() {
                continue;
            }
            if instances.len() == MAX_INSTANCES {
                return Err(wrong(format!("more than {MAX_INSTANCES} instances")));
            }
            instances.push(instance(&text).map_err(wrong)?);
        }
        if instances.is_empty() {
            return Err(GivenError::Empty {
                path: path.to_owned(),
            });
        }
        Ok(Given { instances })
    }

    /// One slot for each instance.
    pub fn plan(&self) -> Vec<Slot> {
        let mut copies = std::collections::BTreeMap::new();
        let instances = self.instances.iter().enumerate();
        instances
            .map(|(index, instance)| {
                let copy = copies.entry(&instance.task).or_insert(0);
                *copy += 1;
                Slot::plain(index as u32, &instance.task, *copy - 1, instance.seed)
            })
            .collect()
    }
}

fn instance(text: &[u8]) -> Result<Instance, String> {
    let line: Line =
        serde_json::from_slice(text).map_err(|error| format!("not an instance: {error}"))?;
    let task = tasks::find(&line.task).map_err(|error| error.to_string())?;
    let mut params = line.params;
    // The benchmark keeps the seed among the parameters; without one it writes none.
    let kept = match params.remove("seed") {
        None | Some(Value::Null) => None,
        Some(seed) => match seed.as_u64() {
            Some(seed) => Some(seed),
            None => return Err(format!("seed: {seed} is no whole number from 0 on")),
        },
    };
    let seed = line.seed.or(kept).unwrap_or(0);
    let mut instance =
        tasks::instance_with(task, params, seed).map_err(|error| error.to_string())?;
    if let Some(goal) = line.goal.filter(|goal| !goal.trim().is_empty()) {
        instance.goal = goal;
    }
    Ok(instance)
}

impl InstanceSource for Given {
    fn instance(&self, slot: &Slot) -> Result<(&dyn Task, Instance), TaskError> {
        let task = tasks::find(&slot.task)?;
        let instance = self.instances.get(slot.index as usize);
        match instance.filter(|known| known.task == slot.task && known.seed == slot.instance_seed) {
            Some(instance) => Ok((task, instance.clone())),
            None => Err(TaskError::Params {
                task: task.spec().name,
                reason: format!(
                    "instance {} of the file is another one than when this evaluation began",
                    slot.index + 1
                ),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Given, GivenError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("instances.jsonl");
        std::fs::write(&path, text).unwrap();
        Given::read(&path)
    }

    #[test]
    fn lines_are_instances_with_their_own_wording() {
        let given = read(
            "{\"task\": \"ClockTimerEntry\", \"params\": {\"hours\": 0, \"minutes\": 16, \"seconds\": 35, \"seed\": 9}, \"goal\": \"As they say it\"}\n\n\
             {\"task\": \"ClockStopWatchRunning\", \"seed\": 4, \"params\": {}}\n",
        )
        .unwrap();
        let slots = given.plan();
        assert_eq!(
            (slots.len(), slots[0].instance_seed, slots[1].instance_seed),
            (2, 9, 4)
        );
        let (_, first) = given.instance(&slots[0]).unwrap();
        assert_eq!(first.goal, "As they say it");
        assert_eq!(first.params["minutes"], 16);
        let (_, second) = given.instance(&slots[1]).unwrap();
        assert!(!second.goal.is_empty());
        let moved = Slot {
            index: 1,
            ..slots[0].clone()
        };
        assert!(given.instance(&moved).is_err());
    }

    #[test]
    fn a_wrong_line_is_named_with_what_is_wrong() {
        let good = "{\"task\": \"ClockStopWatchRunning\", \"params\": {}}\n";
        for (line, part) in [
            (
                "{\"task\": \"ClockStopwatchRuning\"}",
                "ClockStopWatchRunning",
            ),
            (
                "{\"task\": \"ClockTimerEntry\", \"params\": {\"hours\": 0, \"minutes\": 1}}",
                "seconds",
            ),
            (
                "{\"task\": \"ClockTimerEntry\", \"params\": {\"hours\": 0, \"minutes\": 1, \"seconds\": 1, \"weeks\": 2}}",
                "weeks",
            ),
            (
                "{\"task\": \"ClockTimerEntry\", \"params\": {\"hours\": \"x\", \"minutes\": 1, \"seconds\": 1}}",
                "ClockTimerEntry",
            ),
            (
                "{\"task\": \"ClockStopWatchRunning\", \"params\": {\"seed\": \"x\"}}",
                "seed",
            ),
            (
                "{\"task\": \"ClockStopWatchRunning\", \"seed\": -1}",
                "not an instance",
            ),
            (
                "{\"task\": \"ClockStopWatchRunning\", \"params\": []}",
                "not an instance",
            ),
            ("{\"task\": 7}", "not an instance"),
            ("null", "not an instance"),
            ("{\"task\": ", "not an instance"),
            ("nonsense", "not an instance"),
        ] {
            let error = read(&format!("{good}{line}\n")).unwrap_err().to_string();
            assert!(error.contains("line 2") && error.contains(part), "{error}");
        }
        assert!(matches!(read("\n"), Err(GivenError::Empty { .. })));
    }
}
