//! STEP's success-rate-aware sampler (section 1 [P]): copies of tasks that already succeed are
//! given to tasks that sometimes do.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{Belief, RoundPlan, Sampler, SlotWriter, draw_batch};
use crate::learn::{LearnError, SuccessRecord};

/// How a replacement is drawn from the cache (section 1 [R]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheDraw {
    /// Every task of the cache alike.
    Uniform,
    /// In proportion to 1 - s.
    Weighted,
}

/// `sampler = "step"`.
#[derive(Debug, Clone, PartialEq)]
pub struct StepSampler {
    /// B, tasks in a round.
    pub tasks_per_round: u32,
    /// N, copies of each before replacement.
    pub group_size: u32,
    /// s0: the rate at which a copy is replaced half of the time; also the cache's upper bound.
    pub sr_threshold: f64,
    /// k: how sharply the replacement probability rises around s0.
    pub sr_sharpness: f64,
    /// Copies of each batch task that are never replaced; at least 1.
    pub keep_copies: u32,
    /// How a replacement is drawn.
    pub cache_draw: CacheDraw,
    /// Rounds at s = 0 after which a task drops to `monitor_copies`; 0 is off.
    pub dead_task_after: u32,
    /// Copies of a dead task.
    pub monitor_copies: u32,
}

impl Default for StepSampler {
    /// The paper's values (section 1).
    fn default() -> StepSampler {
        StepSampler {
            tasks_per_round: 16,
            group_size: 16,
            sr_threshold: 0.6,
            sr_sharpness: 10.0,
            keep_copies: 1,
            cache_draw: CacheDraw::Uniform,
            dead_task_after: 0,
            monitor_copies: 1,
        }
    }
}

impl StepSampler {
    /// `p_rep = 1 / (1 + exp(-k (s - s0)))` (section 1 [P]).
    pub fn replacement_probability(&self, rate: f64) -> f64 {
        1.0 / (1.0 + (-self.sr_sharpness * (rate - self.sr_threshold)).exp())
    }

    /// The cache C: tasks of the whole suite with `0 < s < s0`, in suite order (section 1 [P]).
    pub fn cache<'a>(&self, record: &SuccessRecord, suite: &'a [String]) -> Vec<(&'a str, f64)> {
        suite
            .iter()
            .filter_map(|task| Some((task.as_str(), record.rate(task)?)))
            .filter(|(_, rate)| *rate > 0.0 && *rate < self.sr_threshold)
            .collect()
    }

    /// Whether the task had no success for `dead_task_after` counted rounds (section 1 [R]). Its
    /// first success makes its rate positive, which ends this.
    pub fn is_dead(&self, record: &SuccessRecord, task: &str) -> bool {
        self.dead_task_after > 0 && record.rounds_at_zero(task) >= self.dead_task_after
    }

    /// How many copies of a task are never replaced, and how likely each of the others is.
    fn replacement(&self, record: &SuccessRecord, task: &str) -> (u32, f64) {
        let kept = self.keep_copies.max(1);
        match record.rate(task) {
            _ if self.is_dead(record, task) => (kept.max(self.monitor_copies), 1.0),
            Some(rate) => (kept, self.replacement_probability(rate)),
            // An unknown rate replaces nothing [R].
            None => (kept, 0.0),
        }
    }

    fn draw<'a>(&self, cache: &[(&'a str, f64)], rng: &mut ChaCha8Rng) -> Option<&'a str> {
        let (last, _) = cache.last()?;
        match self.cache_draw {
            CacheDraw::Uniform => Some(cache[rng.random_range(0..cache.len())].0),
            CacheDraw::Weighted => {
                let total: f64 = cache.iter().map(|(_, rate)| 1.0 - rate).sum();
                let mut left = rng.random::<f64>() * total;
                for (task, rate) in cache {
                    left -= 1.0 - rate;
                    if left < 0.0 {
                        return Some(task);
                    }
                }
                Some(last)
            }
        }
    }
}

impl Sampler for StepSampler {
    fn name(&self) -> &'static str {
        "step"
    }

    fn plan(
        &self,
        record: &SuccessRecord,
        suite: &[String],
        round: u64,
        rng: &mut ChaCha8Rng,
    ) -> Result<RoundPlan, LearnError> {
        let batch = draw_batch(suite, self.tasks_per_round as usize, round, rng)?;
        let cache = self.cache(record, suite);
        let mut writer = SlotWriter::default();
        let mut dead = Vec::new();
        for task in &batch {
            if self.is_dead(record, task) && !dead.contains(task) {
                dead.push(task.clone());
            }
            let (first_replaceable, probability) = self.replacement(record, task);
            for copy in 0..self.group_size {
                let replacement = if copy >= first_replaceable && rng.random::<f64>() < probability
                {
                    // An empty cache replaces nothing [R].
                    self.draw(&cache, rng)
                } else {
                    None
                };
                writer.push(task, replacement);
            }
        }
        Ok(RoundPlan {
            round,
            sampler: self.name().into(),
            batch,
            cache: cache.iter().map(|(task, _)| task.to_string()).collect(),
            dead,
            slots: writer.slots,
        })
    }

    fn belief(&self, record: &SuccessRecord, task: &str, _round: u64) -> Belief {
        let (kept, probability) = self.replacement(record, task);
        let kept = kept.min(self.group_size);
        let others = f64::from(self.group_size - kept);
        Belief {
            own_copies: f64::from(kept) + others * (1.0 - probability),
            values: [("replacement_probability", probability)].into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use crate::learn::Tally;
    use std::collections::BTreeMap;

    /// A record in which task `T<i>` has `rates[i]` hundredths.
    fn record(rates: &[u32]) -> (SuccessRecord, Vec<String>) {
        let mut record = SuccessRecord::new(16);
        let suite: Vec<String> = (0..rates.len()).map(|i| format!("T{i}")).collect();
        let tallies = suite.iter().zip(rates).map(|(task, rate)| {
            let tally = Tally {
                judged: 100,
                successes: *rate,
            };
            (task.clone(), tally)
        });
        record
            .count_round(0, &tallies.collect::<BTreeMap<_, _>>())
            .unwrap();
        (record, suite)
    }

    #[test]
    fn own_copies_are_as_expected() {
        // Section 1's check, for B = 1 and a cache that is another task.
        for (rate, expected) in [
            (0, 15.96),
            (20, 15.73),
            (40, 14.2),
            (50, 12.0),
            (60, 8.5),
            (70, 5.0),
            (80, 2.8),
            (100, 1.27),
        ] {
            let (record, suite) = record(&[rate, 30]);
            let sampler = StepSampler {
                tasks_per_round: 1,
                ..StepSampler::default()
            };
            let (mut own, mut rounds) = (0u32, 0u32);
            for round in 0..4000 {
                let plan = sampler
                    .plan(&record, &suite, round, &mut stream(7, "plan", round))
                    .unwrap();
                if plan.batch[0] == "T0" {
                    own += plan.slots.iter().filter(|slot| !slot.replaced).count() as u32;
                    rounds += 1;
                }
            }
            let mean = f64::from(own) / f64::from(rounds);
            // Standard error below 2 / sqrt(2000) = 0.045.
            assert!((mean - expected).abs() < 0.18, "s={rate}%: {mean}");
        }
    }

    #[test]
    fn the_cache_is_what_sometimes_succeeds() {
        let (record, mut suite) = record(&[0, 1, 59, 60, 100]);
        suite.push("Unknown".into());
        let sampler = StepSampler::default();
        let names: Vec<&str> = sampler
            .cache(&record, &suite)
            .iter()
            .map(|(task, _)| *task)
            .collect();
        assert_eq!(names, ["T1", "T2"]);
    }

    #[test]
    fn nothing_is_replaced_from_an_empty_cache() {
        let (record, suite) = record(&[0, 100, 80]);
        let plan = StepSampler {
            dead_task_after: 1,
            ..StepSampler::default()
        }
        .plan(&record, &suite, 1, &mut stream(1, "plan", 1))
        .unwrap();
        assert!(plan.slots.iter().all(|slot| !slot.replaced));
        assert_eq!(plan.dead, ["T0"]);
    }

    #[test]
    fn a_dead_task_is_only_watched_until_it_succeeds() {
        let (mut record, suite) = record(&[0, 30]);
        let sampler = StepSampler {
            tasks_per_round: 2,
            dead_task_after: 2,
            monitor_copies: 3,
            ..StepSampler::default()
        };
        let own = |record: &SuccessRecord| {
            let plan = sampler
                .plan(record, &suite, 9, &mut stream(1, "plan", 9))
                .unwrap();
            let own = plan
                .slots
                .iter()
                .filter(|slot| slot.batch_task == "T0" && !slot.replaced);
            own.count()
        };
        let failed = |successes| {
            BTreeMap::from([(
                "T0".to_string(),
                Tally {
                    judged: 16,
                    successes,
                },
            )])
        };
        assert!(own(&record) > 12);
        record.count_round(1, &failed(0)).unwrap();
        assert_eq!(own(&record), 3);
        record.count_round(2, &failed(1)).unwrap();
        assert!(own(&record) > 12);
    }

    #[test]
    fn weighted_draws_prefer_rare_successes() {
        let (record, suite) = record(&[5, 55, 100]);
        let sampler = StepSampler {
            tasks_per_round: 3,
            cache_draw: CacheDraw::Weighted,
            ..StepSampler::default()
        };
        let mut drawn = [0u32; 2];
        for round in 0..300 {
            let plan = sampler
                .plan(&record, &suite, round, &mut stream(3, "plan", round))
                .unwrap();
            for slot in plan.slots.iter().filter(|slot| slot.replaced) {
                drawn[usize::from(slot.task == "T1")] += 1;
            }
        }
        let share = f64::from(drawn[0]) / f64::from(drawn[0] + drawn[1]);
        // 0.95 / (0.95 + 0.45), more than 4000 draws.
        assert!((share - 0.679).abs() < 0.03, "{share}");
    }
}
