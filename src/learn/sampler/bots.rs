//! Bayesian online task selection (BOTS, arXiv 2510.26374): the tasks whose success rate, drawn from
//! what is believed of it, is nearest to a target.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use super::{Belief, RoundPlan, Sampler, draw_beta, lowest_scores, whole_groups};
use crate::learn::{LearnError, SuccessRecord};

/// A Beta distribution over a task's success rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Posterior {
    /// a: successes, the prior's included.
    pub successes: f64,
    /// b: failures, the prior's included.
    pub failures: f64,
}

impl Posterior {
    /// The expected success rate.
    pub fn mean(self) -> f64 {
        self.successes / (self.successes + self.failures)
    }
}

/// Success rates of two policies on the same task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReferenceRates {
    /// Of the weaker one.
    pub weak: f64,
    /// Of the stronger one.
    pub strong: f64,
}

/// `sampler = "bots"`. Each of the B tasks runs all its N copies.
#[derive(Debug, Clone, PartialEq)]
pub struct BotsSampler {
    /// B, tasks in a round.
    pub tasks_per_round: u32,
    /// N, copies of each.
    pub group_size: u32,
    /// p*: the success rate that is looked for.
    pub target: f64,
    /// l: share of the evidence that a round forgets.
    pub forgetting: f64,
    /// a0 and b0.
    pub prior: Posterior,
    /// rho: share of the evidence that comes from the reference rates, for the tasks that have some.
    pub implicit: f64,
    /// Reference rates by task.
    pub references: BTreeMap<String, ReferenceRates>,
}

impl Default for BotsSampler {
    /// The published values, on explicit evidence alone.
    fn default() -> BotsSampler {
        BotsSampler {
            tasks_per_round: 16,
            group_size: 16,
            target: 0.5,
            forgetting: 0.1,
            prior: Posterior {
                successes: 1.0,
                failures: 1.0,
            },
            implicit: 0.0,
            references: BTreeMap::new(),
        }
    }
}

impl BotsSampler {
    /// How far the policy had come in each counted round between the reference policies, 0 being the
    /// weak one: from the tasks of the round that have reference rates, all trajectories weighing
    /// alike, in [0, 1] [R]. Rounds that can't tell are left out. Empty without implicit evidence.
    pub fn progress(&self, record: &SuccessRecord) -> BTreeMap<u64, f64> {
        let mut ways: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        if self.implicit > 0.0 {
            for (task, rates) in &self.references {
                for entry in record.history(task) {
                    let judged = f64::from(entry.judged);
                    let way = ways.entry(entry.round).or_default();
                    way.0 += f64::from(entry.successes) - judged * rates.weak;
                    way.1 += judged * (rates.strong - rates.weak);
                }
            }
        }
        ways.into_iter()
            .filter(|(_, (_, whole))| *whole > 0.0)
            .map(|(round, (gone, whole))| (round, (gone / whole).clamp(0.0, 1.0)))
            .collect()
    }

    /// What is believed of a task before `round`, from the rounds before it: in each of them
    /// `a <- (1 - l) a + l a0 + (1 - rho) s + rho s~`, and `b` likewise with failures. `s` is 0 in a
    /// round without the task; `s~ = N p~`, `p~` lying between the task's reference rates as far as
    /// the policy had come ([`BotsSampler::progress`]). Without reference rates, rho is 0.
    pub fn posterior(
        &self,
        record: &SuccessRecord,
        progress: &BTreeMap<u64, f64>,
        task: &str,
        round: u64,
    ) -> Posterior {
        let references = self.references.get(task).filter(|_| self.implicit > 0.0);
        let rho = if references.is_some() {
            self.implicit
        } else {
            0.0
        };
        // Successes and failures that each round adds.
        let mut added: BTreeMap<u64, (f64, f64)> = BTreeMap::new();
        for entry in record.history(task) {
            let failures = entry.judged.saturating_sub(entry.successes);
            let sums = added.entry(entry.round).or_default();
            sums.0 += (1.0 - rho) * f64::from(entry.successes);
            sums.1 += (1.0 - rho) * f64::from(failures);
        }
        if let Some(rates) = references {
            for (round, way) in progress {
                let rate = rates.weak + way * (rates.strong - rates.weak);
                let weight = rho * f64::from(self.group_size);
                let sums = added.entry(*round).or_default();
                sums.0 += weight * rate;
                sums.1 += weight * (1.0 - rate);
            }
        }
        // What is more than the prior fades, whatever the round; what a round adds is whole after it.
        let kept = 1.0 - self.forgetting;
        let mut belief = self.prior;
        for (at, (successes, failures)) in added.range(..round) {
            let fade = kept.powf((round - 1 - at) as f64);
            belief.successes += fade * successes;
            belief.failures += fade * failures;
        }
        belief
    }
}

impl Sampler for BotsSampler {
    fn name(&self) -> &'static str {
        "bots"
    }

    fn plan(
        &self,
        record: &SuccessRecord,
        suite: &[String],
        round: u64,
        rng: &mut ChaCha8Rng,
    ) -> Result<RoundPlan, LearnError> {
        let progress = self.progress(record);
        let beliefs: BTreeMap<&str, Posterior> = suite
            .iter()
            .map(|task| {
                (
                    task.as_str(),
                    self.posterior(record, &progress, task, round),
                )
            })
            .collect();
        let batch = lowest_scores(suite, self.tasks_per_round as usize, round, |task| {
            let belief = beliefs.get(task).copied().unwrap_or(self.prior);
            (draw_beta(belief.successes, belief.failures, rng) - self.target).abs()
        })?;
        Ok(whole_groups(self.name(), round, batch, self.group_size))
    }

    fn belief(&self, record: &SuccessRecord, task: &str, round: u64) -> Belief {
        let belief = self.posterior(record, &self.progress(record), task, round);
        Belief {
            own_copies: f64::from(self.group_size),
            values: [
                ("alpha", belief.successes),
                ("beta", belief.failures),
                ("mean", belief.mean()),
            ]
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RateEntry;
    use crate::domain::streams::stream;

    fn entry(round: u64, task: &str, judged: u32, successes: u32) -> RateEntry {
        RateEntry {
            round,
            task: task.into(),
            judged,
            successes,
            smoothed: 0.5,
        }
    }

    /// The published update, one round after the other.
    fn slowly(sampler: &BotsSampler, evidence: &[(f64, f64)]) -> Posterior {
        let (l, prior) = (sampler.forgetting, sampler.prior);
        let mut belief = prior;
        for (successes, failures) in evidence {
            belief.successes = (1.0 - l) * belief.successes + l * prior.successes + successes;
            belief.failures = (1.0 - l) * belief.failures + l * prior.failures + failures;
        }
        belief
    }

    fn assert_near(a: Posterior, b: Posterior) {
        let apart = (a.successes - b.successes).abs() + (a.failures - b.failures).abs();
        assert!(apart < 1e-9, "{a:?} {b:?}");
    }

    #[test]
    fn beliefs_are_those_of_the_update_round_by_round() {
        let entries = [
            entry(0, "A", 16, 4),
            entry(3, "A", 10, 9),
            entry(4, "B", 16, 0),
        ];
        let record = SuccessRecord::from_entries(16, entries).unwrap();
        let sampler = BotsSampler::default();
        let none = (0.0, 0.0);
        let evidence = [(4.0, 12.0), none, none, (9.0, 1.0), none, none];
        for round in 0..=6 {
            let belief = sampler.posterior(&record, &BTreeMap::new(), "A", round as u64);
            assert_near(belief, slowly(&sampler, &evidence[..round]));
        }
        let unmet = sampler.posterior(&record, &BTreeMap::new(), "C", 6);
        assert_eq!(unmet, sampler.prior);
    }

    #[test]
    fn reference_rates_speak_for_tasks_that_did_not_run() {
        let record = SuccessRecord::from_entries(16, [entry(0, "A", 16, 8)]).unwrap();
        let rates = |weak, strong| ReferenceRates { weak, strong };
        let sampler = BotsSampler {
            implicit: 0.1,
            references: [
                ("A".to_string(), rates(0.25, 0.75)),
                ("B".to_string(), rates(0.0, 0.8)),
            ]
            .into(),
            ..BotsSampler::default()
        };
        let progress = sampler.progress(&record);
        assert_eq!(progress, BTreeMap::from([(0, 0.5)]));
        // Half of the way: 0.4 of 16 trajectories at a tenth of their weight.
        let of_b = sampler.posterior(&record, &progress, "B", 1);
        assert_near(of_b, slowly(&sampler, &[(0.64, 0.96)]));
        let of_a = sampler.posterior(&record, &progress, "A", 1);
        assert_near(of_a, slowly(&sampler, &[(7.2 + 0.8, 7.2 + 0.8)]));
        // No reference, no implicit evidence.
        assert_eq!(sampler.posterior(&record, &progress, "C", 1), sampler.prior);
    }

    #[test]
    fn tasks_near_the_target_are_taken() {
        let entries = (0..6).flat_map(|round| {
            [
                entry(round, "low", 64, 2),
                entry(round, "even", 64, 32),
                entry(round, "high", 64, 62),
            ]
        });
        let record = SuccessRecord::from_entries(16, entries).unwrap();
        let suite = ["low", "even", "high"].map(String::from);
        let sampler = BotsSampler {
            tasks_per_round: 1,
            ..BotsSampler::default()
        };
        for seed in 0..50 {
            let plan = sampler
                .plan(&record, &suite, 6, &mut stream(seed, "plan", 6))
                .unwrap();
            assert_eq!(plan.batch, ["even"]);
            assert!(plan.slots.iter().all(|slot| !slot.replaced));
        }
        // What was learnt long ago is doubted again.
        let taken = |round| -> usize {
            let plans = (0..200).map(|seed| {
                sampler
                    .plan(&record, &suite, round, &mut stream(seed, "plan", round))
                    .unwrap()
            });
            plans.filter(|plan| plan.batch == ["high"]).count()
        };
        assert_eq!(taken(6), 0);
        assert!(taken(200) > 30);
    }
}
