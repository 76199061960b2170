//! The smoothed success rate of every task and its whole history (STEP section 2).

use std::collections::BTreeMap;

use super::LearnError;
use crate::domain::{Outcome, RateEntry};

/// The smoothed success rate after a round (section 2 [P]):
/// `s <- (U + a s_old N) / (n + a N)` with `a = 1 - n/N` where `n < N`, else 0.
///
/// `successes` is U, `judged` n, `group_size` N. `n = 0` leaves the rate as it was [D]; first
/// contact is `U/n` [R].
pub fn smoothed_rate(
    previous: Option<f64>,
    successes: u32,
    judged: u32,
    group_size: u32,
) -> Option<f64> {
    if judged == 0 {
        return previous;
    }
    let (u, n, group) = (
        f64::from(successes),
        f64::from(judged),
        f64::from(group_size),
    );
    let rate = match previous {
        None => u / n,
        Some(old) => {
            let a = if n < group { 1.0 - n / group } else { 0.0 };
            (u + a * old * group) / (n + a * group)
        }
    };
    Some(rate.clamp(0.0, 1.0))
}

/// The lowest rate that a task can come to in a round that is under way, after `successes` of at most
/// `planned` trajectories [D]: whatever else is judged, and however it ends, the rate after the round is
/// not below it.
pub fn least_rate(previous: Option<f64>, successes: u32, planned: u32, group_size: u32) -> f64 {
    let (u, n, group) = (
        f64::from(successes),
        f64::from(planned.max(successes).max(1)),
        f64::from(group_size.max(1)),
    );
    let whole = u / n;
    let least = match previous {
        Some(old) if n < group => (u + (group - n) * old) / group,
        // Fewer may be judged than are planned.
        Some(old) => whole.min((u + old) / group),
        None => whole,
    };
    least.clamp(0.0, 1.0)
}

/// Judged trajectories of one task in one round. Infrastructure failures count in neither field
/// (section 2 [R]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Trajectories that the task's checker really judged.
    pub judged: u32,
    /// Full successes among them.
    pub successes: u32,
}

impl Tally {
    /// Counts outcomes by task. The order of the outcomes does not matter.
    pub fn by_task<'a>(
        outcomes: impl IntoIterator<Item = (&'a str, &'a Outcome)>,
    ) -> BTreeMap<String, Tally> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for (task, outcome) in outcomes {
            if let Some(reward) = outcome.reward() {
                let tally = tallies.entry(task.to_string()).or_default();
                tally.judged += 1;
                tally.successes += u32::from(reward >= 1.0);
            }
        }
        tallies
    }
}

/// The success rates of a run's tasks: every value over time, the last one being the task's rate.
#[derive(Debug, Clone, PartialEq)]
pub struct SuccessRecord {
    group_size: u32,
    tasks: BTreeMap<String, Vec<RateEntry>>,
}

impl SuccessRecord {
    /// An empty record for groups of `group_size` (N).
    pub fn new(group_size: u32) -> SuccessRecord {
        SuccessRecord {
            group_size: group_size.max(1),
            tasks: BTreeMap::new(),
        }
    }

    /// The record that stored entries make, in any order.
    ///
    /// # Errors
    /// A rate outside [0, 1], an impossible tally, or a round that is there twice.
    pub fn from_entries(
        group_size: u32,
        entries: impl IntoIterator<Item = RateEntry>,
    ) -> Result<SuccessRecord, LearnError> {
        let mut record = SuccessRecord::new(group_size);
        for entry in entries {
            if !(0.0..=1.0).contains(&entry.smoothed) {
                return Err(LearnError::RateOutOfRange {
                    task: entry.task,
                    round: entry.round,
                    rate: entry.smoothed,
                });
            }
            check_tally(&entry.task, entry.successes, entry.judged)?;
            record
                .tasks
                .entry(entry.task.clone())
                .or_default()
                .push(entry);
        }
        for history in record.tasks.values_mut() {
            history.sort_by_key(|entry| entry.round);
            if let Some(pair) = history
                .windows(2)
                .find(|pair| pair[0].round == pair[1].round)
            {
                return Err(LearnError::RoundAlreadyCounted {
                    task: pair[0].task.clone(),
                    round: pair[1].round,
                    last: pair[0].round,
                });
            }
        }
        Ok(record)
    }

    /// The record as it was before `round` was counted.
    pub fn before(&self, round: u64) -> SuccessRecord {
        let mut before = SuccessRecord::new(self.group_size);
        before.advance(self, round);
        before
    }

    /// Makes a record as it was before some round the one before a later `round`; `whole` is what came of it.
    /// Copies only what was counted in between, where [`SuccessRecord::before`] copies everything.
    pub fn advance(&mut self, whole: &SuccessRecord, round: u64) {
        for (task, history) in &whole.tasks {
            let (known, until) = (
                self.history(task).len(),
                history.partition_point(|entry| entry.round < round),
            );
            if known < until {
                let own = self.tasks.entry(task.clone()).or_default();
                own.extend_from_slice(&history[known..until]);
            }
        }
    }

    /// N, the copies of a task in a round.
    pub fn group_size(&self) -> u32 {
        self.group_size
    }

    /// The smoothed success rate of a task; `None` before its first judged trajectory.
    pub fn rate(&self, task: &str) -> Option<f64> {
        self.history(task).last().map(|entry| entry.smoothed)
    }

    /// Every value of a task's rate, oldest first.
    pub fn history(&self, task: &str) -> &[RateEntry] {
        self.tasks.get(task).map_or(&[], Vec::as_slice)
    }

    /// Tasks with a rate, by name.
    pub fn rates(&self) -> impl Iterator<Item = (&str, f64)> {
        self.tasks
            .iter()
            .filter_map(|(task, history)| Some((task.as_str(), history.last()?.smoothed)))
    }

    /// For how many of its latest counted rounds the task's rate has been exactly 0.
    pub fn rounds_at_zero(&self, task: &str) -> u32 {
        let zeros = self
            .history(task)
            .iter()
            .rev()
            .take_while(|entry| entry.smoothed == 0.0);
        zeros.count() as u32
    }

    /// Counts a finished round and returns what changed, by task name. Tasks without a judged
    /// trajectory keep their rate and get no entry. Nothing changes on an error.
    ///
    /// # Errors
    /// The round was counted before, or a tally has more successes than trajectories.
    pub fn count_round(
        &mut self,
        round: u64,
        tallies: &BTreeMap<String, Tally>,
    ) -> Result<Vec<RateEntry>, LearnError> {
        let mut entries = Vec::new();
        for (task, tally) in tallies {
            check_tally(task, tally.successes, tally.judged)?;
            if let Some(last) = self.history(task).last()
                && last.round >= round
            {
                return Err(LearnError::RoundAlreadyCounted {
                    task: task.clone(),
                    round,
                    last: last.round,
                });
            }
            if tally.judged == 0 {
                continue;
            }
            let previous = self.rate(task);
            if let Some(smoothed) =
                smoothed_rate(previous, tally.successes, tally.judged, self.group_size)
            {
                entries.push(RateEntry {
                    round,
                    task: task.clone(),
                    judged: tally.judged,
                    successes: tally.successes,
                    smoothed,
                });
            }
        }
        for entry in &entries {
            self.tasks
                .entry(entry.task.clone())
                .or_default()
                .push(entry.clone());
        }
        Ok(entries)
    }
}

fn check_tally(task: &str, successes: u32, judged: u32) -> Result<(), LearnError> {
    if successes > judged {
        return Err(LearnError::ImpossibleTally {
            task: task.to_string(),
            successes,
            judged,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_contact_and_smoothing() {
        assert_eq!(smoothed_rate(None, 3, 4, 16), Some(0.75));
        // (2 + (16 - 4) * 0.5) / 16
        assert_eq!(smoothed_rate(Some(0.5), 2, 4, 16), Some(0.5));
        assert_eq!(smoothed_rate(Some(0.5), 4, 4, 16), Some(0.625));
        assert_eq!(smoothed_rate(Some(0.5), 20, 20, 16), Some(1.0));
        assert_eq!(smoothed_rate(Some(0.3), 0, 0, 16), Some(0.3));
        assert_eq!(smoothed_rate(None, 0, 0, 16), None);
    }

    #[test]
    fn no_end_of_a_round_is_below_the_least_rate() {
        for (group, planned) in [(4, 1), (4, 3), (4, 4), (4, 9)] {
            for previous in [None, Some(0.0), Some(0.4), Some(1.0)] {
                for so_far in 0..=planned {
                    let ends = (so_far.max(1)..=planned)
                        .flat_map(|judged| (so_far..=judged).map(move |wins| (wins, judged)))
                        .filter_map(|(wins, judged)| smoothed_rate(previous, wins, judged, group));
                    let least = least_rate(previous, so_far, planned, group);
                    for end in ends {
                        assert!(
                            end >= least - 1e-12,
                            "{previous:?} {so_far} {planned}: {end}"
                        );
                    }
                }
            }
        }
        // Five of at most twenty, whatever comes.
        assert_eq!(least_rate(None, 5, 20, 16), 0.25);
        assert_eq!(least_rate(Some(0.5), 1, 4, 16), 0.4375);
    }

    #[test]
    fn infrastructure_counts_nowhere() {
        let success = Outcome::Success { score: 1.0 };
        let half = Outcome::Success { score: 0.5 };
        let lost = Outcome::Truncated {
            cause: "device_lost".into(),
        };
        let broken = Outcome::Invalid {
            cause: "init".into(),
        };
        let tallies = Tally::by_task([
            ("A", &success),
            ("A", &lost),
            ("A", &half),
            ("B", &broken),
            ("A", &Outcome::Failure),
        ]);
        assert_eq!(
            tallies.get("A"),
            Some(&Tally {
                judged: 3,
                successes: 1
            })
        );
        assert_eq!(tallies.get("B"), None);
    }

    #[test]
    fn a_round_is_counted_once() {
        let mut record = SuccessRecord::new(4);
        let tally =
            |judged, successes| BTreeMap::from([("A".to_string(), Tally { judged, successes })]);
        assert_eq!(record.count_round(0, &tally(4, 0)).unwrap().len(), 1);
        assert_eq!(record.rounds_at_zero("A"), 1);
        assert!(matches!(
            record.count_round(0, &tally(4, 1)),
            Err(LearnError::RoundAlreadyCounted { .. })
        ));
        assert!(matches!(
            record.count_round(1, &tally(1, 2)),
            Err(LearnError::ImpossibleTally { .. })
        ));
        record.count_round(1, &tally(4, 1)).unwrap();
        assert_eq!(record.rate("A"), Some(0.25));
        assert_eq!(record.rounds_at_zero("A"), 0);
        let again = SuccessRecord::from_entries(4, record.history("A").iter().rev().cloned());
        assert_eq!(again.unwrap(), record);
        let twice = record
            .history("A")
            .iter()
            .chain(record.history("A"))
            .cloned();
        assert!(SuccessRecord::from_entries(4, twice).is_err());
    }
}
