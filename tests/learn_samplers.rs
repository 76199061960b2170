//! What holds of every sampler, and what STEP's is expected to allocate (sections 1, 2 and 8).
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::domain::{Outcome, RateEntry};
use stepdroid::learn::sampler::{Instances, Posterior, ReferenceRates};
use stepdroid::learn::{
    BotsSampler, RoundPlan, Sampler, Simulation, SrSoftmaxSampler, StepSampler, SuccessRecord,
    SuiteDraw, Tally, UniformSampler, draw_plan,
};

fn suite(tasks: usize) -> Vec<String> {
    (0..tasks).map(|task| format!("Task{task:03}")).collect()
}

/// The four samplers for B tasks and N copies.
fn samplers(tasks_per_round: u32, group_size: u32) -> Vec<Box<dyn Sampler>> {
    let reference = |task: usize| {
        let weak = (task % 5) as f64 / 10.0;
        let rates = ReferenceRates {
            weak,
            strong: weak + 0.4,
        };
        (format!("Task{task:03}"), rates)
    };
    vec![
        Box::new(UniformSampler {
            tasks_per_round,
            group_size,
        }),
        Box::new(StepSampler {
            tasks_per_round,
            group_size,
            ..StepSampler::default()
        }),
        Box::new(SrSoftmaxSampler {
            tasks_per_round,
            group_size,
            ..SrSoftmaxSampler::default()
        }),
        Box::new(BotsSampler {
            tasks_per_round,
            group_size,
            implicit: 0.1,
            references: (0..8).map(reference).collect(),
            prior: Posterior {
                successes: 0.5,
                failures: 2.0,
            },
            ..BotsSampler::default()
        }),
    ]
}

/// A plan of a run with the seed 3.
fn planned(
    sampler: &dyn Sampler,
    record: &SuccessRecord,
    suite: &[String],
    round: u64,
) -> RoundPlan {
    draw_plan(sampler, Instances::PerCopy, 5..900, record, suite, 3, round).unwrap()
}

/// Judged trajectories and successes of some tasks, for some rounds.
fn rounds() -> impl Strategy<Value = Vec<BTreeMap<String, Tally>>> {
    let tally = (1u32..40, 0.0f64..=1.0).prop_map(|(judged, share)| Tally {
        judged,
        successes: (f64::from(judged) * share).round() as u32,
    });
    let task = (0usize..12).prop_map(|task| format!("Task{task:03}"));
    prop::collection::vec(prop::collection::btree_map(task, tally, 0..9), 0..7)
}

fn counted(rounds: &[BTreeMap<String, Tally>], group_size: u32) -> SuccessRecord {
    let mut record = SuccessRecord::new(group_size);
    for (round, tallies) in rounds.iter().enumerate() {
        record.count_round(round as u64, tallies).unwrap();
    }
    record
}

/// Every entry of a record.
fn entries(record: &SuccessRecord) -> Vec<RateEntry> {
    let tasks: Vec<&str> = record.rates().map(|(task, _)| task).collect();
    tasks
        .into_iter()
        .flat_map(|task| record.history(task).to_vec())
        .collect()
}

proptest! {
    #[test]
    fn every_plan_is_whole_and_fair(
        rounds in rounds(), tasks in 1usize..20, tasks_per_round in 1u32..20, group_size in 1u32..10,
    ) {
        let (record, suite) = (counted(&rounds, group_size), suite(tasks));
        for sampler in samplers(tasks_per_round, group_size) {
            let plan = planned(sampler.as_ref(), &record, &suite, rounds.len() as u64);
            prop_assert_eq!(plan.slots.len() as u32, tasks_per_round * group_size);
            prop_assert_eq!(&plan.sampler, sampler.name());
            let mut drawn: BTreeMap<&str, u32> = BTreeMap::new();
            plan.batch.iter().for_each(|task| *drawn.entry(task).or_insert(0) += 1);
            let counts = suite.iter().map(|task| drawn.get(task.as_str()).copied().unwrap_or(0));
            prop_assert!(counts.clone().max().unwrap() - counts.min().unwrap() <= 1);
            for (task, slots) in plan.batch.iter().zip(plan.slots.chunks(group_size as usize)) {
                prop_assert!(slots.iter().all(|slot| &slot.batch_task == task));
                prop_assert!(slots.iter().any(|slot| !slot.replaced && &slot.task == task));
                let belief = sampler.belief(&record, task, plan.round);
                prop_assert!((1.0..=f64::from(group_size)).contains(&belief.own_copies));
                prop_assert!(belief.values.values().all(|value| value.is_finite()));
            }
            prop_assert!(plan.slots.iter().all(|slot| suite.contains(&slot.task)));
            prop_assert!(plan.slots.iter().all(|slot| (5..900).contains(&slot.instance_seed)));
        }
    }

    #[test]
    fn a_plan_is_a_function_of_the_history_before_its_round(
        rounds in rounds(), cut in 0usize..7, seed in any::<u64>(),
    ) {
        let cut = cut.min(rounds.len());
        let (then, now) = (counted(&rounds[..cut], 8), counted(&rounds, 8));
        prop_assert_eq!(&now.before(cut as u64), &then);
        prop_assert_eq!(&now.before(rounds.len() as u64), &now);
        let mut later = now.before(cut as u64 / 2);
        later.advance(&now, cut as u64);
        prop_assert_eq!(&later, &then);
        later.advance(&now, cut as u64 / 2);
        prop_assert_eq!(&later, &then);
        // Entries come back from the store in any order.
        let mut shuffled = entries(&now);
        let mut rng = stream(seed, "shuffle", 0);
        for position in (1..shuffled.len()).rev() {
            shuffled.swap(position, rng.random_range(0..=position));
        }
        let stored = SuccessRecord::from_entries(8, shuffled).unwrap();
        let suite = suite(12);
        for sampler in samplers(5, 8) {
            let plan = planned(sampler.as_ref(), &then, &suite, cut as u64);
            prop_assert_eq!(&planned(sampler.as_ref(), &stored.before(cut as u64), &suite, cut as u64), &plan);
            let text = serde_json::to_string(&plan).unwrap();
            prop_assert_eq!(serde_json::from_str::<RoundPlan>(&text).unwrap(), plan);
        }
    }

    /// A killed round goes on with what is stored: whatever was finished before, in whatever order the
    /// devices finish, and whatever infrastructure took away in between, the rates and the next plan
    /// are those of a round that was not interrupted.
    #[test]
    fn a_round_resumed_in_its_middle_equals_an_uninterrupted_one(
        rounds in rounds(), successes in prop::collection::vec(any::<bool>(), 40),
        lost in prop::collection::vec(any::<bool>(), 40), cut in 0usize..40, seed in any::<u64>(),
    ) {
        let round = rounds.len() as u64;
        let (record, suite) = (counted(&rounds, 8), suite(12));
        for sampler in samplers(5, 8) {
            let plan = planned(sampler.as_ref(), &record, &suite, round);
            let outcome = |index: usize| Outcome::judged(f64::from(u8::from(successes[index])), true);
            let whole: Vec<(&str, Outcome)> = plan.slots.iter().enumerate()
                .map(|(index, slot)| (slot.task.as_str(), outcome(index))).collect();
            let mut uninterrupted = record.clone();
            uninterrupted.count_round(round, &Tally::by_task(whole.iter().map(|(t, o)| (*t, o)))).unwrap();

            // The stored plan, its slots in the order in which devices happened to finish.
            let stored: RoundPlan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
            let mut order: Vec<usize> = (0..stored.slots.len()).collect();
            let mut rng = stream(seed, "devices", 0);
            for position in (1..order.len()).rev() {
                order.swap(position, rng.random_range(0..=position));
            }
            let (before, after) = order.split_at(cut);
            let device_lost = Outcome::Truncated { cause: "device_lost".into() };
            let mut episodes: Vec<(&str, Outcome)> = Vec::new();
            for index in before.iter().chain(after) {
                let task = stored.slots[*index].task.as_str();
                if lost[*index] {
                    episodes.push((task, device_lost.clone()));
                }
                episodes.push((task, outcome(*index)));
            }
            let mut resumed = SuccessRecord::from_entries(8, entries(&record)).unwrap();
            resumed.count_round(round, &Tally::by_task(episodes.iter().map(|(t, o)| (*t, o)))).unwrap();
            prop_assert_eq!(&resumed, &uninterrupted);
            prop_assert_eq!(
                planned(sampler.as_ref(), &resumed, &suite, round + 1),
                planned(sampler.as_ref(), &uninterrupted, &suite, round + 1)
            );
        }
    }

    #[test]
    fn beliefs_of_bots_stay_between_prior_and_evidence(
        rounds in rounds(), forgetting in 0.0f64..=1.0, implicit in 0.0f64..=1.0,
    ) {
        let record = counted(&rounds, 8);
        let sampler = BotsSampler {
            forgetting,
            implicit,
            group_size: 8,
            references: [("Task001".to_string(), ReferenceRates { weak: 0.1, strong: 0.9 })].into(),
            ..BotsSampler::default()
        };
        let progress = sampler.progress(&record);
        prop_assert!(progress.values().all(|way| (0.0..=1.0).contains(way)));
        for task in suite(12) {
            let belief = sampler.posterior(&record, &progress, &task, rounds.len() as u64);
            let judged: u32 = record.history(&task).iter().map(|entry| entry.judged).sum();
            let most = 2.0 + f64::from(judged) + 8.0 * progress.len() as f64;
            prop_assert!(belief.successes >= 1.0 && belief.failures >= 1.0);
            prop_assert!(belief.successes + belief.failures <= most + 1e-9);
        }
    }
}

/// Section 1's table: what the sampler says it expects, and what it then draws.
#[test]
fn own_copies_per_smoothed_rate_are_as_published() {
    let table = [
        (0.0, 15.96),
        (0.2, 15.73),
        (0.4, 14.2),
        (0.5, 12.0),
        (0.6, 8.5),
        (0.7, 5.0),
        (0.8, 2.8),
        (1.0, 1.27),
    ];
    let sampler = StepSampler {
        tasks_per_round: 9,
        ..StepSampler::default()
    };
    // One task for each rate of the table, and one more that keeps the cache from being empty.
    let suite = suite(table.len() + 1);
    let entry = |(task, rate): (&String, f64)| RateEntry {
        round: 0,
        task: task.clone(),
        judged: 10,
        successes: (10.0 * rate) as u32,
        smoothed: rate,
    };
    let rates = table.iter().map(|(rate, _)| *rate).chain([0.3]);
    let record = SuccessRecord::from_entries(16, suite.iter().zip(rates).map(entry)).unwrap();
    let mut own: BTreeMap<String, u32> = BTreeMap::new();
    const ROUNDS: u64 = 3000;
    for round in 1..=ROUNDS {
        let plan = planned(&sampler, &record, &suite, round);
        assert_eq!(plan.batch.len(), suite.len());
        for slot in plan.slots.iter().filter(|slot| !slot.replaced) {
            *own.entry(slot.task.clone()).or_default() += 1;
        }
    }
    for (task, (rate, published)) in suite.iter().zip(table) {
        let expected = sampler.belief(&record, task, 1).own_copies;
        // As printed, in two or three digits.
        assert!((expected - published).abs() < 0.06, "s={rate}: {expected}");
        let p = (expected - 1.0) / 15.0;
        let error = (15.0 * p * (1.0 - p) / ROUNDS as f64).sqrt();
        let mean = f64::from(own[task]) / ROUNDS as f64;
        assert!(
            (mean - expected).abs() < 5.0 * error + 1e-9,
            "s={rate}: {mean}"
        );
    }
}

fn simulation(seed: u64) -> Simulation {
    Simulation {
        tasks: 128,
        seed,
        rounds: 40,
        warm_up: 8,
        repeats: 16,
        draw: SuiteDraw::Balanced,
    }
}

#[test]
fn step_takes_trajectories_from_mastered_tasks() {
    let uniform = UniformSampler {
        tasks_per_round: 16,
        group_size: 16,
    };
    for seed in 0..6 {
        let simulation = simulation(seed);
        let even = simulation.run(&uniform, 16).unwrap();
        let share = even.mastered_share;
        assert!(
            (0.45..=0.55).contains(&share),
            "uniform, seed {seed}: {share}"
        );
        assert_eq!(even.distinct_tasks, 16.0);
        let step = simulation.run(&StepSampler::default(), 16).unwrap();
        let share = step.mastered_share;
        assert!(share < 0.2, "step, seed {seed}: {share}");
        assert!(share < even.mastered_share / 2.0);
        let distinct = step.distinct_tasks;
        assert!(
            (39.0..=50.0).contains(&distinct),
            "step, seed {seed}: {distinct}"
        );
        // Both spend all of their trajectories.
        for found in [&even, &step] {
            let copies: f64 = found.allocation.iter().map(|task| task.copies).sum();
            assert!((copies - 256.0).abs() < 1e-6);
            assert_eq!(found.counted_rounds, 32 * 16);
        }
    }
}

#[test]
fn a_simulation_is_its_seed() {
    let small = |seed| Simulation {
        tasks: 20,
        repeats: 2,
        ..simulation(seed)
    };
    for sampler in samplers(4, 8) {
        let run = |seed| small(seed).run(sampler.as_ref(), 8).unwrap();
        assert_eq!(run(1), run(1));
        assert_ne!(run(1).allocation, run(2).allocation);
    }
}

#[test]
fn simulated_suites_follow_their_distribution() {
    // Of Beta(.35, .5): mean .4118, 23.2 % above .8.
    let far = |rates: &[f64]| {
        let count = rates.len() as f64;
        let mean = rates.iter().sum::<f64>() / count;
        let mastered = rates.iter().filter(|rate| **rate > 0.8).count() as f64 / count;
        ((mean - 0.4118).abs(), (mastered - 0.232).abs())
    };
    for seed in 0..5 {
        let balanced = Simulation {
            tasks: 512,
            ..simulation(seed)
        };
        let (mean, mastered) = far(&balanced.rates());
        assert!(mean < 0.01 && mastered < 0.01, "{mean} {mastered}");
        let independent = Simulation {
            tasks: 20_000,
            draw: SuiteDraw::Independent,
            ..simulation(seed)
        };
        let (mean, mastered) = far(&independent.rates());
        assert!(mean < 0.014 && mastered < 0.016, "{mean} {mastered}");
    }
}
