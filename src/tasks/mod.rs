//! The task catalogue: parameters, goals, initialise, check, tear down, and a scripted solution of
//! every task. One file or folder per app. May use `device`, `adb` and `domain`.
//!
//! Names, parameters, budgets and checks are AndroidWorld's; wording and word pools are our own. A
//! task works on any phone that holds its apps: all it knows of a device is the wire.

mod adding;
mod answers;
mod apps;
mod base;
mod browser;
mod calendar;
mod camera;
mod clipboard;
mod clock;
mod columns;
mod comparison;
mod contacts;
mod copy_text;
mod database;
mod difflib;
mod draw;
mod error;
mod expense;
mod files;
mod film;
mod gallery;
mod listing;
mod markor;
mod messages;
mod metadata;
mod moving;
mod names;
mod note_and_text;
mod notes;
mod open_app;
mod osmand;
mod params;
mod paths;
mod pictures;
mod pools;
mod recipes;
mod recorder;
mod retro;
mod rights;
mod screen;
mod settings;
pub mod setup;
mod sub_checks;
mod table;
mod todo;
mod tracks;
mod vlc;
mod without_root;

use async_trait::async_trait;
use rand_chacha::ChaCha8Rng;

use crate::device::Device;
use crate::domain::streams::stream;
use crate::domain::{Action, Compat, Instance, Observation, Params, TaskSpec};

pub use error::TaskError;
pub use rights::Rights;
pub use setup::{prepare, prepare_for};

/// One task of the catalogue.
#[async_trait]
pub trait Task: Send + Sync {
    /// What is known of it without an instance.
    fn spec(&self) -> &TaskSpec;

    /// Draws parameters, with AndroidWorld's names and ranges.
    fn generate(&self, rng: &mut ChaCha8Rng) -> Params;

    /// The goal for an agent. It holds, letter by letter, every text that must be typed.
    ///
    /// # Errors
    /// [`TaskError::Params`] when the parameters, whoever generated them, make no instance.
    fn goal(&self, params: &Params) -> Result<String, TaskError>;

    /// Puts the device into the state that the task starts from, and writes into `instance.state`
    /// what `check` will compare with. Everything random comes from the instance's seed.
    ///
    /// # Errors
    /// When the device fails, or does not hold what the task needs.
    async fn init(&self, device: &Device, instance: &mut Instance) -> Result<(), TaskError>;

    /// Whether the device's state is the goal, all of it.
    ///
    /// # Errors
    /// When the device fails, or `init` left no evidence where the task needs it.
    async fn is_reached(&self, device: &Device, instance: &Instance) -> Result<bool, TaskError>;

    /// The score of the device's state, in [0, 1]. `answer` is what the agent answered, if anything.
    /// Most tasks know only all or nothing.
    ///
    /// # Errors
    /// As [`Task::is_reached`].
    async fn check(
        &self,
        device: &Device,
        instance: &Instance,
        _answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        let reached = self.is_reached(device, instance).await?;
        Ok(if reached { 1.0 } else { 0.0 })
    }

    /// How much of the goal the device's state shows, in [0, 1]: the share of the task's sub-checks
    /// that hold. 1 exactly where the score is 1; tasks of one part know only all or nothing. It
    /// asks the device as often as [`Task::check`] does, and changes nothing on it.
    ///
    /// # Errors
    /// As [`Task::is_reached`].
    async fn progress(
        &self,
        device: &Device,
        instance: &Instance,
        answer: Option<&str>,
    ) -> Result<f64, TaskError> {
        self.check(device, instance, answer).await
    }

    /// Puts the device back; that of its apps is all that most tasks need.
    ///
    /// # Errors
    /// When the device fails.
    async fn teardown(&self, device: &Device, _instance: &Instance) -> Result<(), TaskError> {
        base::teardown(device, self.spec(), "").await
    }

    /// A script that reaches the goal through the screen.
    ///
    /// # Errors
    /// [`TaskError::Params`] when the parameters make no instance.
    fn solution(&self, instance: &Instance) -> Result<Box<dyn Solution>, TaskError>;
}

/// Acts through the screen alone, with the actions that a policy has.
pub trait Solution: Send {
    /// The next action; [`Action::complete`] at the end.
    fn next(&mut self, observation: &Observation) -> Action;
}

impl<F: FnMut(&Observation) -> Action + Send> Solution for F {
    fn next(&mut self, observation: &Observation) -> Action {
        self(observation)
    }
}

/// Every task, in a fixed order.
pub fn catalogue() -> &'static [&'static dyn Task] {
    static CATALOGUE: std::sync::LazyLock<Vec<&'static dyn Task>> =
        std::sync::LazyLock::new(|| {
            [
                settings::TASKS,
                copy_text::TASKS,
                clock::TASKS,
                contacts::TASKS,
                markor::TASKS,
                expense::TASKS,
                recipes::TASKS,
                gallery::TASKS,
                vlc::TASKS,
                calendar::TASKS,
                messages::TASKS,
                tracks::TASKS,
                note_and_text::TASKS,
                recorder::TASKS,
                notes::TASKS,
                draw::TASKS,
                retro::TASKS,
                todo::TASKS,
                browser::TASKS,
                files::TASKS,
                camera::TASKS,
                open_app::TASKS,
                osmand::TASKS,
            ]
            .concat()
        });
    &CATALOGUE
}

/// The task of a name.
///
/// # Errors
/// [`TaskError::Unknown`], with the most similar name.
pub fn find(name: &str) -> Result<&'static dyn Task, TaskError> {
    if let Some(task) = catalogue().iter().find(|task| task.spec().name == name) {
        return Ok(*task);
    }
    let nearest = catalogue()
        .iter()
        .map(|task| task.spec().name)
        .max_by(|a, b| {
            let similarity =
                |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase());
            similarity(a).total_cmp(&similarity(b))
        })
        .unwrap_or("");
    Err(TaskError::Unknown {
        name: name.to_owned(),
        nearest,
    })
}

/// An instance with parameters drawn from a seed; the same seed gives the same instance.
///
/// # Errors
/// Never for the catalogue's own parameters; see [`instance_with`].
pub fn instance(task: &dyn Task, seed: u64) -> Result<Instance, TaskError> {
    let params = task.generate(&mut stream(seed, "task parameters", 0));
    instance_with(task, params, seed)
}

/// An instance with given parameters.
///
/// # Errors
/// [`TaskError::Params`] when they make no instance.
pub fn instance_with(task: &dyn Task, params: Params, seed: u64) -> Result<Instance, TaskError> {
    let spec = task.spec();
    // A task without parameters reads none.
    params::only_known(spec, &params)?;
    Ok(Instance {
        task: spec.name.to_owned(),
        goal: task.goal(&params)?,
        params,
        seed,
        budget: spec.budget(),
        compat: Compat::default(),
        state: serde_json::Value::Null,
    })
}

/// What a device must have for a task to be set up and judged on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirements {
    /// Why the device's shell must be root; nothing where it need not be.
    pub root: Option<&'static str>,
    /// Whether Wi-Fi is switched off in it, which ends the connection of a device that is reached by it.
    pub wifi: bool,
    /// Packages of the apps.
    pub packages: Vec<&'static str>,
}

/// What a device must have for a task.
pub fn requirements(spec: &TaskSpec) -> Requirements {
    let apps = spec.apps.iter().filter_map(|name| apps::App::named(name));
    Requirements {
        root: rights::why_root(spec),
        wifi: spec.name.contains("Wifi"),
        packages: apps.map(|app| app.package).collect(),
    }
}

/// Looks whether a task may be run on a device, where its shell is not root.
///
/// # Errors
/// [`TaskError::NoRoot`] where the task needs root and there is none, or where an app of it is missing, or when the
/// device fails.
pub async fn fits(device: &Device, task: &dyn Task) -> Result<(), TaskError> {
    base::can_set_up(device, task.spec()).await
}

/// The stream that everything random in `init` comes from.
fn init_stream(instance: &Instance) -> ChaCha8Rng {
    stream(instance.seed, "task init", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_instance() {
        for task in catalogue() {
            let name = task.spec().name;
            for seed in 0..50 {
                let first = instance(*task, seed).unwrap();
                assert_eq!(first, instance(*task, seed).unwrap(), "{name}");
                assert_eq!(first.budget, task.spec().budget(), "{name}");
                assert!(!first.goal.is_empty() && task.solution(&first).is_ok());
                let known = task.spec().params;
                assert!(first.params.keys().all(|key| known.contains(&key.as_str())));
            }
        }
    }

    #[test]
    fn names_are_found_and_typos_are_helped() {
        assert!(find("ClockTimerEntry").is_ok());
        let error = find("SystemWifiTurnon").map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("SystemWifiTurnOn"), "{error}");
        let mut names: Vec<&str> = catalogue().iter().map(|task| task.spec().name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn wrong_parameters_are_refused_with_a_reason() {
        for task in catalogue()
            .iter()
            .filter(|task| !task.spec().params.is_empty())
        {
            for name in task.spec().params {
                let mut params = instance(*task, 1).unwrap().params;
                params.insert(
                    (*name).to_owned(),
                    serde_json::json!({"no": ["such", "thing"]}),
                );
                let error = task.goal(&params).unwrap_err();
                assert!(matches!(error, TaskError::Params { .. }), "{error}");
            }
        }
    }
}
