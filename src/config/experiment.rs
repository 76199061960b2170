//! Experiments: one configuration, arms that differ in how they learn and in nothing else, several
//! seeds, and one search of the optimizer's settings that every arm gets alike.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::experiment_arm::key_of;
use super::{Arm, ConfigError, SeedRange, TrainConfig, parse};

/// Tables that an arm may change. Whatever else differed would not compare algorithms.
const ARM_TABLES: [&str; 2] = ["train.", "policy."];
/// Keys of `[train]` that make the budget: equal for all arms.
const BUDGET_KEYS: [&str; 3] = ["train.rounds", "train.tasks_per_round", "train.group_size"];
/// Tables that a candidate of the search may change.
const CANDIDATE_TABLES: [&str; 1] = ["train."];

/// An experiment as its file says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExperimentFile {
    /// Name of its directory.
    pub name: String,
    /// What it is for, for people.
    #[serde(default)]
    pub about: String,
    /// Configuration that all arms share; relative to this file.
    pub base: PathBuf,
    /// Changes to it, as `--set` takes them.
    #[serde(default)]
    pub sets: Vec<String>,
    /// Seeds of the runs: each has a warm start of its own that all arms begin with.
    pub seeds: Vec<u64>,
    /// The arm that the others are compared with.
    pub reference: String,
    /// The search; without one, the base's settings hold for every arm.
    #[serde(default)]
    pub search: Option<Search>,
    /// What is compared.
    pub arms: Vec<Arm>,
}

/// A search of the optimizer's settings, with equal means for every arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Seed of the search's runs; none of the experiment's.
    pub seed: u64,
    /// Instance seeds that the search is judged on, apart from those of the results.
    pub eval_seeds: SeedRange,
    /// Settings to try, each a list of `train.key=value`.
    pub candidates: Vec<Vec<String>>,
}

/// An experiment that was read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Experiment {
    /// What its file says.
    pub file: ExperimentFile,
    path: PathBuf,
    base_path: PathBuf,
    base_text: String,
}

impl Experiment {
    /// Reads an experiment and checks all that it would run. `sets` are added to its own.
    ///
    /// # Errors
    /// [`ConfigError`]: what a file or a value is wrong with, and arms that would not be a fair
    /// comparison.
    pub fn load(path: &Path, sets: &[String]) -> Result<Experiment, ConfigError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
                path: path.to_path_buf(),
                source,
            })
        };
        let text = read(path)?;
        let mut file: ExperimentFile =
            toml::from_str(&text).map_err(|error| ConfigError::Syntax {
                at: place(path, &text, error.span()),
                problem: error.message().to_owned(),
            })?;
        file.sets.extend(sets.iter().cloned());
        let base_path = path.parent().unwrap_or(Path::new("")).join(&file.base);
        let experiment = Experiment {
            base_text: read(&base_path)?,
            path: path.to_path_buf(),
            base_path,
            file,
        };
        experiment.check()?;
        Ok(experiment)
    }

    /// The same experiment on other seeds.
    ///
    /// # Errors
    /// As [`Experiment::load`].
    pub fn on_seeds(mut self, seeds: Vec<u64>) -> Result<Experiment, ConfigError> {
        self.file.seeds = seeds;
        self.check()?;
        Ok(self)
    }

    /// The seeds of an experiment's text, where it differs from this one in nothing else.
    ///
    /// # Errors
    /// As [`Experiment::text`].
    pub fn seeds_of_the_same(&self, text: &str) -> Result<Option<Vec<u64>>, ConfigError> {
        let Ok(known) = toml::from_str::<ExperimentFile>(text) else {
            return Ok(None);
        };
        let mut other = self.clone();
        other.file.seeds.clone_from(&known.seeds);
        Ok((other.text()? == text).then_some(known.seeds))
    }

    /// The experiment with its base in one text, to tell whether a directory holds the same one.
    ///
    /// # Errors
    /// [`ConfigError::Write`].
    pub fn text(&self) -> Result<String, ConfigError> {
        let file = toml::to_string_pretty(&self.file)
            .map_err(|error| ConfigError::Write(error.to_string()))?;
        let base: String = self
            .base_text
            .lines()
            .map(|line| format!("# {line}\n"))
            .collect();
        Ok(format!("{file}\n# The base:\n{base}"))
    }

    /// The configuration of the warm start of a seed: demonstrations and cloning, no training.
    ///
    /// # Errors
    /// As [`Experiment::load`].
    pub fn warm(&self, seed: u64) -> Result<TrainConfig, ConfigError> {
        self.warm_as("warm", &[], seed)
    }

    /// The configuration of the warm start of an arm with a network of its own ([`Arm::network`]).
    ///
    /// # Errors
    /// As [`Experiment::load`].
    pub fn own_warm(&self, arm: &Arm, seed: u64) -> Result<TrainConfig, ConfigError> {
        let name = format!("warm-{}", slug(&arm.name));
        self.warm_as(&name, &arm.network(), seed)
    }

    fn warm_as(
        &self,
        name: &str,
        network: &[String],
        seed: u64,
    ) -> Result<TrainConfig, ConfigError> {
        let mut sets = vec![
            format!("run.seed={seed}"),
            format!("run.name={name}-{seed}"),
            "train.rounds=0".into(),
        ];
        sets.extend(network.iter().cloned());
        self.configuration(&sets)
    }

    /// The configuration of an arm's run on a seed, from the bundle of the warm start.
    ///
    /// # Errors
    /// As [`Experiment::load`].
    pub fn arm(
        &self,
        arm: &Arm,
        chosen: &[String],
        seed: u64,
        bundle: &Path,
    ) -> Result<TrainConfig, ConfigError> {
        let mut sets = vec![
            format!("run.seed={seed}"),
            format!("run.name={}-{seed}", slug(&arm.name)),
            format!(
                "policy.bundle={}",
                toml::Value::String(bundle.display().to_string())
            ),
            "pretrain.steps=0".into(),
            "eval.before=false".into(),
        ];
        // What is searched comes before what makes the arm: an arm is never searched away.
        sets.extend(chosen.iter().cloned());
        sets.extend(arm.sets.iter().cloned());
        self.configuration(&sets)
    }

    /// As [`Experiment::arm`], judged on the instances of the search.
    ///
    /// # Errors
    /// As [`Experiment::load`].
    pub fn candidate(
        &self,
        search: &Search,
        arm: &Arm,
        candidate: &[String],
        bundle: &Path,
    ) -> Result<TrainConfig, ConfigError> {
        let mut arm = arm.clone();
        arm.sets
            .push(format!("suite.eval_seeds=\"{}\"", search.eval_seeds));
        self.arm(&arm, candidate, search.seed, bundle)
    }

    fn configuration(&self, more: &[String]) -> Result<TrainConfig, ConfigError> {
        let sets: Vec<String> = self.file.sets.iter().chain(more).cloned().collect();
        Ok(parse(&self.base_text, &self.base_path, &sets)?.config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |problem: String| {
            Err(ConfigError::Experiment {
                path: self.path.clone(),
                problem,
            })
        };
        let file = &self.file;
        if file.seeds.is_empty() {
            return refuse("`seeds` is empty; name at least one, three or more for errors".into());
        }
        if file.seeds.iter().collect::<BTreeSet<_>>().len() < file.seeds.len() {
            return refuse("`seeds` names one twice: it would be counted twice".into());
        }
        let names: BTreeSet<String> = file.arms.iter().map(|arm| slug(&arm.name)).collect();
        if names.len() < file.arms.len() || names.contains("") {
            return refuse("`arms`: every arm needs a name of its own".into());
        }
        if !file.arms.iter().any(|arm| arm.name == file.reference) {
            let known: Vec<&str> = file.arms.iter().map(|arm| arm.name.as_str()).collect();
            return refuse(format!(
                "`reference` = {:?} is none of the arms: {}",
                file.reference,
                known.join(", ")
            ));
        }
        for arm in &file.arms {
            for set in &arm.sets {
                let key = key_of(set);
                if !ARM_TABLES.iter().any(|table| key.starts_with(table)) {
                    return refuse(format!(
                        "arm {:?} sets {key}: arms may differ in [train] and [policy] alone, or \
                         they would not run the same experiment; set it for all under `sets`",
                        arm.name
                    ));
                }
                if BUDGET_KEYS.contains(&key) {
                    return refuse(format!(
                        "arm {:?} sets {key}: every arm gets the same trajectories; set it for \
                         all under `sets`",
                        arm.name
                    ));
                }
            }
        }
        if let Some(problem) = file.arms.iter().find_map(|arm| arm.misfit(file)) {
            return refuse(problem);
        }
        let anywhere = Path::new("warm");
        if let Some(search) = &file.search {
            if search.candidates.is_empty() {
                return refuse(
                    "`search.candidates` is empty; name settings or leave [search] out".into(),
                );
            }
            if file.seeds.contains(&search.seed) {
                return refuse(format!(
                    "`search.seed` = {} is one of `seeds`: settings must not be chosen on the runs \
                     that are reported",
                    search.seed
                ));
            }
            if search
                .eval_seeds
                .overlaps(self.warm(search.seed)?.suite.eval_seeds)
            {
                return refuse(format!(
                    "`search.eval_seeds` = \"{}\" overlaps suite.eval_seeds: settings must not be \
                     chosen on the instances that are reported",
                    search.eval_seeds
                ));
            }
            for key in search.candidates.iter().flatten() {
                if !CANDIDATE_TABLES.iter().any(|table| key.starts_with(table)) {
                    return refuse(format!(
                        "`search.candidates`: {key:?} is no setting of [train]"
                    ));
                }
            }
            let own = file.arms.iter().filter(|arm| arm.settings_of.is_none());
            for (arm, candidate) in own.flat_map(|arm| {
                search
                    .candidates
                    .iter()
                    .map(move |candidate| (arm, candidate))
            }) {
                self.candidate(search, arm, candidate, anywhere)?;
            }
        }
        for seed in &file.seeds {
            self.warm(*seed)?;
            for arm in &file.arms {
                self.own_warm(arm, *seed)?;
                self.arm(arm, &[], *seed, anywhere)?;
            }
        }
        Ok(())
    }
}

/// A name as part of a path: letters and digits in lower case, one dash between words.
pub fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    words.join("-")
}

fn place(path: &Path, text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let line = span
        .and_then(|span| text.get(..span.start))
        .map(|before| before.matches('\n').count() + 1);
    match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
name = "tiny"
base = "base.toml"
seeds = [1, 2]
reference = "STEP"
arms = [
  { name = "STEP", sets = ["train.preset=step"] },
  { name = "T-GRPO", sets = ["train.preset=t-grpo"] },
]
[search]
seed = 9
eval_seeds = "3000000..3001000"
candidates = [["train.lr=1e-3"], ["train.lr=3e-4"]]
"#;

    fn load(text: &str) -> Result<Experiment, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.toml");
        std::fs::write(base, "[train]\nrounds = 3\n").unwrap();
        let path = folder.path().join("tiny.toml");
        std::fs::write(&path, text).unwrap();
        Experiment::load(&path, &[])
    }

    #[test]
    fn arms_share_all_but_what_they_are() {
        let experiment = load(SOUND).unwrap();
        let arms = &experiment.file.arms;
        let chosen = ["train.lr=1e-3".to_owned()];
        let step = experiment
            .arm(&arms[0], &chosen, 1, Path::new("w"))
            .unwrap();
        let grpo = experiment
            .arm(&arms[1], &chosen, 1, Path::new("w"))
            .unwrap();
        assert_eq!((step.train.lr, grpo.train.lr), (1e-3, 1e-3));
        assert_eq!(step.train.rounds, 3);
        assert_ne!(step.train.sampler, grpo.train.sampler);
        assert_eq!(step.suite, grpo.suite);
        assert_eq!(step.eval, grpo.eval);
        assert_eq!(step.run.seed, grpo.run.seed);
        assert!(!step.eval.before);
        let search = experiment.file.search.as_ref().unwrap();
        let tried = experiment
            .candidate(search, &arms[0], &search.candidates[1], Path::new("w"))
            .unwrap();
        assert_eq!((tried.train.lr, tried.run.seed), (3e-4, 9));
        assert_eq!(tried.suite.eval_seeds, search.eval_seeds);
        assert_eq!(experiment.warm(2).unwrap().train.rounds, 0);
    }

    #[test]
    fn seeds_alone_may_differ() {
        let experiment = load(SOUND).unwrap();
        let text = experiment.text().unwrap();
        let more = experiment.clone().on_seeds(vec![1, 2, 3]).unwrap();
        assert_eq!(more.file.seeds, [1, 2, 3]);
        assert_eq!(more.seeds_of_the_same(&text).unwrap(), Some(vec![1, 2]));
        let other = load(&SOUND.replace("train.lr=3e-4", "train.lr=2e-4")).unwrap();
        assert_eq!(other.seeds_of_the_same(&text).unwrap(), None);
        assert_eq!(other.seeds_of_the_same("seeds = [").unwrap(), None);
        for (seeds, said) in [(vec![1, 9], "`search.seed` = 9"), (vec![], "is empty")] {
            let error = experiment.clone().on_seeds(seeds).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn an_arm_with_another_network_has_a_start_of_its_own() {
        let text = SOUND.replace(
            "sets = [\"train.preset=t-grpo\"]",
            "sets = [\"train.preset=t-grpo\", \"policy.context=episode\", \"policy.threads=1\"], \
             seeds = [2], settings_of = \"STEP\"",
        );
        let experiment = load(&text).unwrap();
        let [step, long] = &experiment.file.arms[..] else {
            panic!("{:?}", experiment.file.arms);
        };
        assert!(step.network().is_empty() && step.runs_on(1) && step.runs_on(2));
        assert_eq!(long.network(), ["policy.context=episode"]);
        assert!(!long.runs_on(1) && long.runs_on(2));
        let (shared, own) = (
            experiment.warm(2).unwrap(),
            experiment.own_warm(long, 2).unwrap(),
        );
        assert_ne!(shared.policy.context, own.policy.context);
        // But for that it is shown the same.
        assert_eq!((shared.pretrain, shared.suite), (own.pretrain, own.suite));
        assert_eq!(shared.run.seed, own.run.seed);
        assert_eq!(own.run.name, "warm-t-grpo-2");
    }

    #[test]
    fn unfair_experiments_are_refused() {
        for (from, to, said) in [
            ("seeds = [1, 2]", "seeds = []", "`seeds` is empty"),
            ("seeds = [1, 2]", "seeds = [1, 1]", "twice"),
            ("seeds = [1, 2]", "seeds = [1, 9]", "`search.seed` = 9"),
            (
                "reference = \"STEP\"",
                "reference = \"PPO\"",
                "none of the arms: STEP, T-GRPO",
            ),
            (
                "train.preset=t-grpo",
                "suite.eval_seeds=1..2",
                "sets suite.eval_seeds",
            ),
            ("train.preset=t-grpo", "train.rounds=9", "same trajectories"),
            ("train.preset=t-grpo", "train.preset=t-grop", "t-grpo"),
            ("name = \"T-GRPO\"", "name = \"step\"", "name of its own"),
            (
                "3000000..3001000",
                "1500000..1600000",
                "overlaps suite.eval_seeds",
            ),
            (
                "\"train.lr=1e-3\"",
                "\"eval.episodes=3\"",
                "no setting of [train]",
            ),
            (
                "[[\"train.lr=1e-3\"], [\"train.lr=3e-4\"]]",
                "[]",
                "`search.candidates` is empty",
            ),
            ("[search]", "[serach]", "unknown field"),
            (
                "sets = [\"train.preset=t-grpo\"]",
                "sets = [], seeds = [3]",
                "must be some of the experiment's ([1, 2])",
            ),
            (
                "sets = [\"train.preset=step\"]",
                "sets = [], seeds = [1]",
                "is the reference and needs every seed",
            ),
            (
                "sets = [\"train.preset=t-grpo\"]",
                "sets = [], settings_of = \"T-GRPO\"",
                "is no arm with a search of its own",
            ),
            (
                "sets = [\"train.preset=t-grpo\"]",
                "sets = [\"policy.context=all\"]",
                "policy.context",
            ),
        ] {
            let text = SOUND.replace(from, to);
            assert_ne!(text, SOUND, "{from}");
            let error = load(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{to}: {error}");
        }
    }
}
