//! `stepdroid reproduce`: an experiment from its file. Every run is a run directory like any other;
//! what is done already is not done again, so that an experiment goes on where it was stopped.

use std::path::{Path, PathBuf};

use comfy_table::{Table, presets::UTF8_FULL_CONDENSED};

use super::report::p_text;
use super::train::{create, train};
use super::{Context, Failure};
use crate::config::{Arm, Experiment, ExperimentFile, Search, TrainConfig, slug};
use crate::report::{
    ArmResult, ExperimentReport, RunResult, SearchRow, compare, read_run, write_experiment,
};
use crate::train::{RunDirectory, newest_checkpoint};

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
An experiment names a base configuration, arms that differ in how they learn and in nothing
else, seeds, and a search of the optimizer's settings that every arm gets alike. For each seed
one policy is cloned from demonstrations, and every arm begins with it. DIR gets warm/, search/,
arms/ (one run directory each, which `stepdroid report` takes too), results.json and
report/index.html. Stopped or killed, the same command goes on; with more seeds, the new ones
are run, and those that were begun stay in the results.

Examples:
  stepdroid reproduce models/experiments/small.toml
  stepdroid reproduce models/experiments/small.toml --out runs/small --json
  stepdroid reproduce models/experiments/small.toml --seeds 1,2,3,4,5
  stepdroid reproduce models/experiments/small.toml --report-only
";

/// Arguments of `reproduce`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The experiment.
    #[arg(value_name = "EXPERIMENT")]
    experiment: PathBuf,
    /// Directory of the experiment; runs/NAME when it is not given.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Change a value of the base for all arms; may be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Seeds of the runs instead of the experiment's own, with commas.
    #[arg(long, value_name = "SEEDS", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Run nothing: report on what is there.
    #[arg(long)]
    report_only: bool,
}

/// A warm start: its bundle, and its success where that is known.
type Start = (PathBuf, Option<f64>);

/// An experiment and where it lives.
struct Place<'a> {
    experiment: &'a Experiment,
    out: &'a Path,
    context: &'a Context,
    /// Nothing is run.
    look: bool,
    runs: u32,
    begun: std::cell::Cell<u32>,
}

pub(super) async fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let experiment = Experiment::load(&args.experiment, &args.sets)?;
    let out = args
        .out
        .unwrap_or_else(|| Path::new("runs").join(slug(&experiment.file.name)));
    let experiment = keep(experiment, args.seeds, &out, args.report_only)?;
    let file = &experiment.file;
    let place = Place {
        experiment: &experiment,
        out: &out,
        context,
        look: args.report_only,
        runs: count(file),
        begun: std::cell::Cell::new(0),
    };
    let report = place.all().await?;
    let text = serde_json::to_string_pretty(&report)
        .map_err(|error| Failure::usage(format!("the results can't be written: {error}")))?;
    let results = out.join("results.json");
    std::fs::write(&results, text).map_err(|error| {
        Failure::usage(format!(
            "{}: can't write the results: {error}",
            results.display()
        ))
    })?;
    let page = write_experiment(&out.join("report"), &report, env!("CARGO_PKG_VERSION"))?;
    context.output.note(&format!("report: {}", page.display()));
    context.output.result(&report, terminal)
}

/// Writes the experiment into its directory, or refuses a directory of another one. Seeds that were begun there stay
/// part of it: results over some of the seeds would be a choice of seeds.
fn keep(
    mut experiment: Experiment,
    asked: Vec<u64>,
    out: &Path,
    look: bool,
) -> Result<Experiment, Failure> {
    let path = out.join("experiment.toml");
    let asked = if asked.is_empty() {
        experiment.file.seeds.clone()
    } else {
        asked
    };
    match std::fs::read_to_string(&path) {
        Ok(known) => {
            let Some(mut seeds) = experiment.seeds_of_the_same(&known)? else {
                return Err(Failure::usage(format!(
                    "{}: this directory holds another experiment, or the file has changed since; choose \
                     another --out, or remove the directory",
                    path.display()
                )));
            };
            let begun = seeds.clone();
            seeds.extend(asked.into_iter().filter(|seed| !begun.contains(seed)));
            experiment = experiment.on_seeds(seeds)?;
            if look || experiment.text()? == known {
                return Ok(experiment);
            }
        }
        Err(_) if look => {
            return Err(Failure::usage(format!(
                "{}: no experiment was begun here; run it without --report-only",
                out.display()
            )));
        }
        Err(_) => experiment = experiment.on_seeds(asked)?,
    }
    let text = experiment.text()?;
    std::fs::create_dir_all(out)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| {
            Failure::usage(format!("{}: can't begin here: {error}", path.display()))
        })?;
    Ok(experiment)
}

/// How many runs an experiment has.
fn count(file: &ExperimentFile) -> u32 {
    // An arm with a network of its own has a warm start before its runs.
    let starts = |arm: &Arm| u32::from(!arm.network().is_empty());
    let searched = file.search.as_ref().map_or(0, |search| {
        let own = file.arms.iter().filter(|arm| arm.settings_of.is_none());
        1 + own
            .map(|arm| search.candidates.len() as u32 + starts(arm))
            .sum::<u32>()
    });
    let of_seed = |seed: &u64| {
        let arms = file.arms.iter().filter(|arm| arm.runs_on(*seed));
        1 + arms.map(|arm| 1 + starts(arm)).sum::<u32>()
    };
    searched + file.seeds.iter().map(of_seed).sum::<u32>()
}

impl Place<'_> {
    async fn all(&self) -> Result<ExperimentReport, Failure> {
        let file = &self.experiment.file;
        let mut missing = Vec::new();
        let mut search_rows = Vec::new();
        let mut chosen: Vec<Vec<String>> = vec![Vec::new(); file.arms.len()];
        if let Some(search) = &file.search {
            let rows = self.search(search).await?;
            for (choice, arm) in chosen.iter_mut().zip(&file.arms) {
                let searched = arm.settings_of.as_ref().unwrap_or(&arm.name);
                *choice = rows
                    .iter()
                    .find(|row| row.arm == *searched && row.chosen)
                    .map(|row| row.settings.clone())
                    .unwrap_or_default();
            }
            search_rows = rows;
        }
        let mut warm = Vec::new();
        let mut runs: Vec<Vec<RunResult>> = vec![Vec::new(); file.arms.len()];
        let mut trajectories = 0;
        for seed in &file.seeds {
            let shared = self.warm(*seed).await?;
            warm.push(shared.1);
            for ((arm, chosen), runs) in file.arms.iter().zip(&chosen).zip(&mut runs) {
                if !arm.runs_on(*seed) {
                    continue;
                }
                let (bundle, start) = self.start(arm, *seed, &shared).await?;
                let config = self.experiment.arm(arm, chosen, *seed, &bundle)?;
                let budget = &config.train;
                trajectories = budget.rounds
                    * u64::from(budget.tasks_per_round)
                    * u64::from(budget.group_size);
                let folder = self.out.join("arms").join(slug(&arm.name));
                let directory = folder.join(format!("seed-{seed}"));
                let what = format!("{}, seed {seed}", arm.name);
                match self.one(&directory, &config, &what, start).await? {
                    Some(run) => runs.push(run),
                    None => missing.push(what),
                }
            }
        }
        let arms: Vec<ArmResult> = file
            .arms
            .iter()
            .zip(chosen)
            .zip(runs)
            .map(|((arm, chosen), runs)| {
                ArmResult::of(arm.name.clone(), arm.sets.clone(), chosen, runs)
            })
            .collect();
        let comparisons = arms
            .iter()
            .find(|arm| arm.name == file.reference)
            .map(|reference| {
                arms.iter()
                    .filter(|arm| arm.name != file.reference)
                    .map(|arm| compare(reference, arm))
                    .collect()
            })
            .unwrap_or_default();
        Ok(ExperimentReport {
            name: file.name.clone(),
            about: file.about.clone(),
            seeds: file.seeds.clone(),
            trajectories,
            warm,
            reference: file.reference.clone(),
            arms,
            comparisons,
            search: search_rows,
            missing,
        })
    }

    /// Tries every setting for every arm and chooses each arm's best; of equals, the first.
    async fn search(&self, search: &Search) -> Result<Vec<SearchRow>, Failure> {
        let shared = self.warm(search.seed).await?;
        let mut rows = Vec::new();
        let own = |arm: &&Arm| arm.settings_of.is_none();
        for arm in self.experiment.file.arms.iter().filter(own) {
            let (bundle, _) = self.start(arm, search.seed, &shared).await?;
            let mut best: Option<(usize, f64)> = None;
            let first = rows.len();
            for (number, candidate) in search.candidates.iter().enumerate() {
                let config = self.experiment.candidate(search, arm, candidate, &bundle)?;
                let folder = self.out.join("search").join(slug(&arm.name));
                let what = format!("search, {}, {}", arm.name, candidate.join(" "));
                let run = self
                    .one(
                        &folder.join(format!("{}", number + 1)),
                        &config,
                        &what,
                        None,
                    )
                    .await?;
                let success = run.as_ref().and_then(late_success);
                if let Some(success) = success
                    && best.is_none_or(|(_, most)| success > most)
                {
                    best = Some((rows.len(), success));
                }
                rows.push(SearchRow {
                    arm: arm.name.clone(),
                    settings: candidate.clone(),
                    success,
                    chosen: false,
                });
            }
            let whole = rows[first..].iter().all(|row| row.success.is_some());
            // A choice among some of the candidates would not be the same search for every arm.
            if let Some((row, _)) = best.filter(|_| whole) {
                rows[row].chosen = true;
            }
        }
        Ok(rows)
    }

    /// The warm start of a seed.
    async fn warm(&self, seed: u64) -> Result<Start, Failure> {
        let directory = self.out.join("warm").join(format!("seed-{seed}"));
        let what = format!("warm start, seed {seed}");
        self.begin(&directory, &self.experiment.warm(seed)?, &what)
            .await
    }

    /// What an arm begins with on a seed: the `shared` start, or one of its own.
    async fn start(&self, arm: &Arm, seed: u64, shared: &Start) -> Result<Start, Failure> {
        if arm.network().is_empty() {
            return Ok(shared.clone());
        }
        let folder = self.out.join("warm").join(slug(&arm.name));
        let what = format!("warm start of {}, seed {seed}", arm.name);
        let config = self.experiment.own_warm(arm, seed)?;
        self.begin(&folder.join(format!("seed-{seed}")), &config, &what)
            .await
    }

    async fn begin(
        &self,
        directory: &Path,
        config: &TrainConfig,
        what: &str,
    ) -> Result<Start, Failure> {
        self.one(directory, config, what, None).await?;
        if !directory.exists() {
            return Ok((directory.to_path_buf(), None));
        }
        let run = RunDirectory::read(directory)?;
        let Ok(checkpoint) = newest_checkpoint(directory, &run.store) else {
            return Ok((directory.to_path_buf(), None));
        };
        let start = read_run(&run.store, config.run.seed, None)?;
        Ok((directory.join(checkpoint.path), start.success()))
    }

    /// Does what is left of one run. `None` where it is not finished, which happens only when
    /// nothing is run.
    async fn one(
        &self,
        directory: &Path,
        config: &TrainConfig,
        what: &str,
        start: Option<f64>,
    ) -> Result<Option<RunResult>, Failure> {
        self.begun.set(self.begun.get() + 1);
        let exists = directory.join("run.sqlite").exists();
        if !exists && self.look {
            return Ok(None);
        }
        let label = format!("run {} of {}: {what}", self.begun.get(), self.runs);
        if exists {
            let known = RunDirectory::read(directory)?;
            same(&known, config)?;
            let result = read_run(&known.store, config.run.seed, start)?;
            if is_done(&result, config) {
                return Ok(Some(result));
            }
            if self.look {
                return Ok(None);
            }
            self.context.output.note(&format!("{label} (goes on)"));
            drop(known);
            train(RunDirectory::resume(directory, &[])?, self.context).await?;
        } else {
            self.context.output.note(&label);
            train(create(directory, config, self.context)?, self.context).await?;
        }
        let run = RunDirectory::read(directory)?;
        Ok(Some(read_run(&run.store, config.run.seed, start)?))
    }
}

/// A run without rounds ends with the evaluation before training.
fn is_done(result: &RunResult, config: &TrainConfig) -> bool {
    result.finished || config.train.rounds == 0 && !result.curve.is_empty()
}

/// Refuses a run of another configuration; where the warm start lies is no part of it.
fn same(run: &RunDirectory, wanted: &TrainConfig) -> Result<(), Failure> {
    let mut known = run.config.clone();
    known.policy.bundle.clone_from(&wanted.policy.bundle);
    if known == *wanted {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{}: this run has another configuration than the experiment gives it (the search chose \
         other settings, or the file has changed); remove the directory, or choose another --out",
        run.path.display()
    )))
}

/// Mean success of the last two evaluations: less noisy than the last alone.
fn late_success(run: &RunResult) -> Option<f64> {
    let last: Vec<f64> = run
        .curve
        .iter()
        .rev()
        .take(2)
        .map(|point| point.success)
        .collect();
    (!last.is_empty()).then(|| last.iter().sum::<f64>() / last.len() as f64)
}

/// The table of the arms, for a terminal.
fn terminal(report: &ExperimentReport) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "arm",
        "success",
        "mastered",
        "> 60 %",
        "s a round",
        "rollouts",
        "update",
        &format!("{} - arm", report.reference),
        "t test",
        "reached after",
    ]);
    let share = |value: Option<f64>| {
        value.map_or_else(|| "-".into(), |value| format!("{:.1} %", 100.0 * value))
    };
    for arm in &report.arms {
        let comparison = report.comparisons.iter().find(|row| row.arm == arm.name);
        let test = comparison.and_then(|row| row.test);
        let of = |name: &str| arm.means.get(name).copied().unwrap_or(0.0);
        let error = arm
            .error
            .map_or_else(String::new, |error| format!(" +- {:.1}", 100.0 * error));
        table.add_row([
            arm.name.clone(),
            format!("{}{error}", share(arm.success)),
            share(arm.success.map(|_| arm.mastered_share)),
            format!("{:.1}", arm.tasks_above_60),
            format!("{:.1}", of("rollout_seconds") + of("learn_seconds")),
            format!("{:.1}", of("rollout_seconds")),
            format!("{:.1}", of("learn_seconds")),
            test.map_or_else(
                || "-".into(),
                |test| format!("{:+.1} +- {:.1}", 100.0 * test.mean, 100.0 * test.error),
            ),
            test.map_or_else(|| "-".into(), |test| format!("p {}", p_text(test.p_value))),
            comparison.map_or_else(
                || "-".into(),
                |row| {
                    row.reached_share
                        .map_or_else(|| "never".into(), |share| format!("{:.0} %", 100.0 * share))
                },
            ),
        ]);
    }
    let mut text = format!(
        "{table}\n{} seeds, {} trajectories a run; success of the last evaluation, +- standard error \
         over seeds.",
        report.seeds.len(),
        report.trajectories
    );
    if !report.missing.is_empty() {
        text.push_str(&format!("\nNot finished: {}.", report.missing.join(", ")));
    }
    text
}
