//! What an evaluation came to: success by task, app, tag and difficulty, each with its 95 % interval, and one
//! line per episode. Episodes that were not judged are counted apart and are in no rate.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use crate::domain::Params;
use crate::domain::statistics::wilson;
use crate::store::EpisodeRow;
use crate::tasks;

/// Successes among judged episodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Rate {
    /// Share of full successes in [0, 1].
    pub success: f64,
    /// Lower end of the 95 % interval (Wilson).
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Full successes.
    pub successes: u64,
    /// Judged episodes.
    pub episodes: u64,
    /// Mean score of the judged episodes; half scores count here.
    pub mean_score: f64,
    /// Episodes that infrastructure ended: set-up, device or check. In no rate.
    pub not_judged: u64,
}

/// A rate of something with a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    /// Task, app, tag or difficulty.
    pub name: String,
    /// Its rate.
    #[serde(flatten)]
    pub rate: Rate,
}

/// Everything that is counted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// All episodes.
    #[serde(flatten)]
    pub all: Rate,
    /// Mean over the tasks' rates, as the benchmark reports it; tasks without a judged episode are left out.
    pub mean_over_tasks: f64,
    /// By task.
    pub by_task: Vec<Named>,
    /// By app; a task of two apps counts in both.
    pub by_app: Vec<Named>,
    /// By AndroidWorld's tags.
    pub by_tag: Vec<Named>,
    /// By difficulty.
    pub by_difficulty: Vec<Named>,
    /// What ended the episodes that were not judged, and how often.
    pub not_judged_because: BTreeMap<String, u64>,
}

/// Counts of one name.
#[derive(Default, Clone)]
struct Tally {
    successes: u64,
    judged: u64,
    score: f64,
    not_judged: u64,
}

impl Tally {
    fn add(&mut self, row: &EpisodeRow) {
        match (row.outcome.reward(), row.outcome.score()) {
            (Some(reward), score) => {
                self.judged += 1;
                self.successes += u64::from(reward >= 1.0);
                self.score += score.unwrap_or(0.0);
            }
            _ => self.not_judged += 1,
        }
    }

    fn rate(&self) -> Rate {
        let interval = wilson(self.successes, self.judged);
        let judged = self.judged.max(1) as f64;
        Rate {
            success: self.successes as f64 / judged,
            low: interval.low,
            high: interval.high,
            successes: self.successes,
            episodes: self.judged,
            mean_score: self.score / judged,
            not_judged: self.not_judged,
        }
    }
}

/// Names in the order of their first appearance.
#[derive(Default)]
struct Tallies(Vec<(String, Tally)>);

impl Tallies {
    fn of(&mut self, name: &str) -> &mut Tally {
        let position = self.0.iter().position(|(known, _)| known == name);
        let position = position.unwrap_or_else(|| {
            self.0.push((name.to_owned(), Tally::default()));
            self.0.len() - 1
        });
        &mut self.0[position].1
    }

    fn named(self) -> Vec<Named> {
        let named = self.0.into_iter().map(|(name, tally)| Named {
            name,
            rate: tally.rate(),
        });
        named.collect()
    }

    fn sorted(mut self) -> Vec<Named> {
        self.0.sort_by(|a, b| a.0.cmp(&b.0));
        self.named()
    }
}

/// Counts the episodes of an evaluation; `tasks` are listed even without one.
pub fn summarise(suite: &[String], episodes: &[EpisodeRow]) -> Summary {
    let mut all = Tally::default();
    let [mut by_task, mut by_app, mut by_tag, mut by_difficulty] =
        std::array::from_fn(|_| Tallies::default());
    for level in ["easy", "medium", "hard"] {
        by_difficulty.of(level);
    }
    for task in suite {
        by_task.of(task);
    }
    let mut because = BTreeMap::new();
    for row in episodes {
        all.add(row);
        by_task.of(&row.instance.task).add(row);
        if let Some(cause) = row.outcome.cause() {
            *because.entry(cause.to_owned()).or_insert(0) += 1;
        }
        // A row of a newer catalogue still counts in the total.
        let Ok(task) = tasks::find(&row.instance.task) else {
            continue;
        };
        let spec = task.spec();
        spec.apps.iter().for_each(|app| by_app.of(app).add(row));
        match spec.tags {
            [] => by_tag.of("untagged").add(row),
            tags => tags.iter().for_each(|tag| by_tag.of(tag).add(row)),
        }
        by_difficulty.of(spec.difficulty).add(row);
    }
    let by_task = by_task.named();
    let rates: Vec<f64> = by_task
        .iter()
        .filter(|task| task.rate.episodes > 0)
        .map(|task| task.rate.mean_score)
        .collect();
    Summary {
        all: all.rate(),
        mean_over_tasks: rates.iter().sum::<f64>() / rates.len().max(1) as f64,
        by_task,
        by_app: by_app.sorted(),
        by_tag: by_tag.sorted(),
        by_difficulty: by_difficulty.named(),
        not_judged_because: because,
    }
}

/// One episode as a line for other programs; also a line that can be evaluated again.
#[derive(Debug, Serialize)]
struct EpisodeLine<'a> {
    task: &'a str,
    seed: u64,
    params: &'a Params,
    goal: &'a str,
    slot: u32,
    attempt: u32,
    outcome: &'a str,
    cause: Option<&'a str>,
    score: Option<f64>,
    answer: Option<&'a str>,
    steps: u32,
    budget: u32,
    device: &'a str,
    policy_version: u64,
    milliseconds: i64,
}

/// Writes one JSON object per episode.
///
/// # Errors
/// When nothing can be written.
pub fn write_lines(out: &mut dyn Write, episodes: &[EpisodeRow]) -> std::io::Result<()> {
    for row in episodes {
        let line = EpisodeLine {
            task: &row.instance.task,
            seed: row.instance.seed,
            params: &row.instance.params,
            goal: &row.instance.goal,
            slot: row.slot,
            attempt: row.attempt,
            outcome: row.outcome.name(),
            cause: row.outcome.cause(),
            score: row.outcome.score(),
            answer: row.answer.as_deref(),
            steps: row.steps,
            budget: row.instance.budget,
            device: &row.device,
            policy_version: row.policy_version,
            milliseconds: row.finished_at - row.started_at,
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Outcome;
    use crate::store::RoundKey;
    use crate::tasks::{find, instance};

    fn row(task: &str, outcome: Outcome) -> EpisodeRow {
        EpisodeRow {
            id: 1,
            key: RoundKey::evaluate(0),
            slot: 0,
            attempt: 0,
            instance: instance(find(task).unwrap(), 1).unwrap(),
            device: "d".into(),
            policy_version: 0,
            outcome,
            answer: None,
            steps: 3,
            started_at: 5,
            finished_at: 12,
        }
    }

    #[test]
    fn what_was_not_judged_is_in_no_rate() {
        let won = || Outcome::Success { score: 1.0 };
        let half = Outcome::Success { score: 0.5 };
        let broken = Outcome::Invalid {
            cause: "init".into(),
        };
        let rows = [
            row("ClockStopWatchRunning", won()),
            row("ClockStopWatchRunning", Outcome::Failure),
            row("ClockStopWatchRunning", broken.clone()),
            row("MarkorCreateNoteAndSms", half),
            row("ClockTimerEntry", broken),
        ];
        let suite = ["ClockTimerEntry", "SystemWifiTurnOn"].map(str::to_owned);
        let summary = summarise(&suite, &rows);
        assert_eq!(
            (
                summary.all.successes,
                summary.all.episodes,
                summary.all.not_judged
            ),
            (1, 3, 2)
        );
        assert_eq!(summary.all.mean_score, 0.5);
        // One of two, one half of one; the tasks without a judgement are left out.
        assert_eq!(summary.mean_over_tasks, 0.5);
        assert_eq!(summary.not_judged_because["init"], 2);
        let names: Vec<&str> = summary
            .by_task
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(
            names,
            [
                "ClockTimerEntry",
                "SystemWifiTurnOn",
                "ClockStopWatchRunning",
                "MarkorCreateNoteAndSms"
            ]
        );
        let clock = summary
            .by_app
            .iter()
            .find(|one| one.name == "clock")
            .unwrap();
        assert_eq!((clock.rate.episodes, clock.rate.not_judged), (2, 2));
        assert!(summary.by_app.iter().any(|one| one.name == "markor"));
        assert_eq!(summary.by_difficulty.len(), 3);

        let mut lines = Vec::new();
        write_lines(&mut lines, &rows).unwrap();
        let first: serde_json::Value =
            serde_json::from_slice(lines.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        assert_eq!(
            (&first["score"], &first["milliseconds"]),
            (&1.0.into(), &7.into())
        );
    }
}
