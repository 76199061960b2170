//! `stepdroid rates`: what a run believes of each task, with the whole history behind it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};
use serde::Serialize;

use super::{Context, Failure};
use crate::domain::{Phase, RateEntry};
use crate::learn::{Recipe, SuccessRecord, TaskState};
use crate::train::RunDirectory;

/// Rounds of a history that a line shows.
const SHOWN: usize = 24;

/// Shown below the help.
pub(super) const EXAMPLES: &str = "\
States: unknown (never judged), dead (no success), cache (below the threshold of the sampler: solved
tasks give it their copies), solved, mastered (above 80 %). `own copies` is how many of its N copies the
run's sampler expects a task to keep when it is in the batch.

Examples:
  stepdroid rates runs/first
  stepdroid rates runs/first --task MarkorCreateNote      every round of one task
  stepdroid rates runs/first --json | jq '.tasks[] | select(.state == \"dead\") | .task'
";

/// Arguments of `rates`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory of the run.
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// Only this task, round by round.
    #[arg(long, value_name = "TASK")]
    task: Option<String>,
}

/// What a run believes.
#[derive(Debug, Serialize)]
struct Rates {
    run: String,
    sampler: String,
    group_size: u32,
    /// The round that the sampler would plan next.
    next_round: u64,
    /// Tasks in each state.
    states: BTreeMap<&'static str, u32>,
    tasks: Vec<TaskRates>,
}

/// One task.
#[derive(Debug, Serialize)]
struct TaskRates {
    task: String,
    state: TaskState,
    smoothed_rate: Option<f64>,
    judged: u64,
    successes: u64,
    own_copies: f64,
    /// The sampler's own numbers.
    belief: BTreeMap<&'static str, f64>,
    history: Vec<RateEntry>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let run = RunDirectory::read(&args.run)?;
    let train = &run.config.train;
    let record = SuccessRecord::from_entries(train.group_size, run.store.success_rates()?)
        .map_err(Failure::usage)?;
    let sampler = Recipe::of(train).sampler;
    // Tasks that left the suite keep their history.
    let mut suite = crate::eval::training_suite(&run.config)?;
    let left: Vec<String> = record
        .rates()
        .map(|(task, _)| task.to_owned())
        .filter(|task| !suite.contains(task))
        .collect();
    suite.extend(left);
    if let Some(wanted) = &args.task {
        if !suite.contains(wanted) {
            return Err(unknown_task(args, wanted, &suite));
        }
        suite.retain(|task| task == wanted);
    }
    let next_round = run
        .store
        .rounds(Phase::Train)?
        .last()
        .map_or(0, |row| row.key.number + 1);
    let mut rates = Rates {
        run: run.config.run.name.clone(),
        sampler: sampler.name().to_owned(),
        group_size: train.group_size,
        next_round,
        states: BTreeMap::new(),
        tasks: Vec::new(),
    };
    for task in suite {
        let rate = record.rate(&task);
        let history = record.history(&task).to_vec();
        let belief = sampler.belief(&record, &task, next_round);
        let state = TaskState::of(rate, train.sr_threshold);
        *rates.states.entry(state.name()).or_default() += 1;
        rates.tasks.push(TaskRates {
            task,
            state,
            smoothed_rate: rate,
            judged: history.iter().map(|entry| u64::from(entry.judged)).sum(),
            successes: history.iter().map(|entry| u64::from(entry.successes)).sum(),
            own_copies: belief.own_copies,
            belief: belief.values,
            history,
        });
    }
    let one = args.task.is_some();
    context.output.result(&rates, |rates| {
        if one {
            round_by_round(rates)
        } else {
            table(rates)
        }
    })
}

fn unknown_task(args: &Args, wanted: &str, suite: &[String]) -> Failure {
    let nearest = suite
        .iter()
        .max_by(|a, b| {
            let near = |task: &str| strsim::normalized_damerau_levenshtein(wanted, task);
            near(a).total_cmp(&near(b))
        })
        .map(|task| format!("; did you mean {task}?"))
        .unwrap_or_default();
    Failure::usage(format!(
        "{}: this run does not train on a task {wanted}{nearest}",
        args.run.display()
    ))
}

fn table(rates: &Rates) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "task",
        "state",
        "rate",
        "history",
        "judged",
        "succeeded",
        "own copies",
    ]);
    for task in &rates.tasks {
        table.add_row([
            task.task.clone(),
            task.state.name().to_owned(),
            percent(task.smoothed_rate),
            sparkline(&task.history),
            task.judged.to_string(),
            task.successes.to_string(),
            format!("{:.1}", task.own_copies),
        ]);
    }
    for column in [2, 4, 5, 6] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let states: Vec<String> = rates
        .states
        .iter()
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    format!(
        "{table}\n{}. Before round {} of sampler {}, {} copies to a task.",
        states.join(", "),
        rates.next_round + 1,
        rates.sampler,
        rates.group_size
    )
}

fn round_by_round(rates: &Rates) -> String {
    let mut out = String::new();
    for task in &rates.tasks {
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header([
            "round",
            "judged",
            "succeeded",
            "smoothed rate",
        ]);
        for entry in &task.history {
            table.add_row([
                (entry.round + 1).to_string(),
                entry.judged.to_string(),
                entry.successes.to_string(),
                percent(Some(entry.smoothed)),
            ]);
        }
        for column in 0..4 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let belief: Vec<String> = task
            .belief
            .iter()
            .map(|(name, value)| format!(", {} {value:.3}", name.replace('_', " ")))
            .collect();
        out.push_str(&format!(
            "{table}\n{}, state {}: {} of {} succeeded, own copies {:.1}{}",
            task.task,
            task.state.name(),
            task.successes,
            task.judged,
            task.own_copies,
            belief.concat()
        ));
    }
    out
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", 100.0 * rate))
}

/// The latest smoothed rates as bars of eight heights.
fn sparkline(history: &[RateEntry]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    history[history.len().saturating_sub(SHOWN)..]
        .iter()
        .map(|entry| BARS[(entry.smoothed.clamp(0.0, 1.0) * 7.0).round() as usize])
        .collect()
}
