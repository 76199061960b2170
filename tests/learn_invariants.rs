//! The invariants of STEP's section 8, over random suites, rates and rounds.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::domain::{Outcome, RateEntry};
use stepdroid::learn::augmentation::{Alternative, Resampled, group_advantages};
use stepdroid::learn::{
    Advantage, Augmentation, CacheDraw, Credit, Granularity, GroupRelative, JudgedTrajectory,
    LossAggregation, Negatives, SampleSource, Sampler, Schedule, StepSample, StepSampler,
    SuccessRecord, SuccessWeighted, Tally, UniformSampler, UpdateMode, smoothed_rate, step_samples,
};

fn suite(tasks: usize) -> Vec<String> {
    (0..tasks).map(|task| format!("Task{task:03}")).collect()
}

/// A record over a suite; `None` leaves the task unknown.
fn record(rates: &[Option<u32>]) -> (SuccessRecord, Vec<String>) {
    let suite = suite(rates.len());
    let entries = suite.iter().zip(rates).filter_map(|(task, rate)| {
        let successes = (*rate)?;
        Some(RateEntry {
            round: 0,
            task: task.clone(),
            judged: 100,
            successes,
            smoothed: f64::from(successes) / 100.0,
        })
    });
    (SuccessRecord::from_entries(16, entries).unwrap(), suite)
}

fn sampler() -> impl Strategy<Value = StepSampler> {
    (1u32..20, 1u32..20, 1u32..5, any::<bool>(), 0u32..3, 1u32..4).prop_map(
        |(tasks_per_round, group_size, keep_copies, weighted, dead_task_after, monitor_copies)| {
            StepSampler {
                tasks_per_round,
                group_size,
                keep_copies,
                cache_draw: if weighted {
                    CacheDraw::Weighted
                } else {
                    CacheDraw::Uniform
                },
                dead_task_after,
                monitor_copies,
                ..StepSampler::default()
            }
        },
    )
}

fn trajectories() -> impl Strategy<Value = Vec<JudgedTrajectory>> {
    prop::collection::vec((0usize..5, any::<bool>(), 1usize..9), 1..60).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(trajectory, (task, success, steps))| JudgedTrajectory {
                trajectory: trajectory as u64,
                task: format!("Task{task:03}"),
                reward: f64::from(u8::from(success)),
                step_tokens: (0..steps).map(|step| 1 + step as u32 % 3).collect(),
                ..JudgedTrajectory::default()
            })
            .collect()
    })
}

fn count(record: &mut SuccessRecord, round: u64, trajectories: &[JudgedTrajectory]) {
    let outcomes: Vec<(String, Outcome)> = trajectories
        .iter()
        .map(|t| (t.task.clone(), Outcome::judged(t.reward, true)))
        .collect();
    let tallies = Tally::by_task(outcomes.iter().map(|(task, o)| (task.as_str(), o)));
    record.count_round(round, &tallies).unwrap();
}

proptest! {
    #[test]
    fn copies_add_up_and_every_batch_task_keeps_some(
        sampler in sampler(),
        rates in prop::collection::vec(prop::option::of(0u32..=100), 1..40),
        seed in any::<u64>(),
    ) {
        let (record, suite) = record(&rates);
        let plan = sampler.plan(&record, &suite, 3, &mut stream(seed, "plan", 3)).unwrap();
        let group = sampler.group_size;
        prop_assert_eq!(plan.slots.len() as u32, sampler.tasks_per_round * group);
        prop_assert_eq!(plan.batch.len() as u32, sampler.tasks_per_round);
        for (batch_task, slots) in plan.batch.iter().zip(plan.slots.chunks(group as usize)) {
            prop_assert!(slots.iter().all(|slot| &slot.batch_task == batch_task));
            let own = slots.iter().filter(|slot| !slot.replaced).count() as u32;
            prop_assert!(own >= sampler.keep_copies.min(group), "{} own copies", own);
            for slot in slots {
                let rate = record.rate(&slot.task);
                if slot.replaced {
                    prop_assert!(rate.is_some_and(|s| s > 0.0 && s < sampler.sr_threshold));
                    prop_assert!(record.rate(batch_task).is_some(), "an unknown rate was replaced");
                } else {
                    prop_assert_eq!(&slot.task, batch_task);
                }
            }
        }
        // Slots are numbered through, copies per task without gaps.
        let mut copies: BTreeMap<&str, u32> = BTreeMap::new();
        for (index, slot) in plan.slots.iter().enumerate() {
            prop_assert_eq!(slot.index as usize, index);
            let next = copies.entry(&slot.task).or_insert(0);
            prop_assert_eq!(slot.copy, *next);
            *next += 1;
        }
        // No task of the suite is drawn twice before all were drawn once.
        let mut drawn: BTreeMap<&str, u32> = BTreeMap::new();
        plan.batch.iter().for_each(|task| *drawn.entry(task).or_insert(0) += 1);
        let most = drawn.values().max().copied().unwrap_or(0);
        let least = suite.iter().map(|task| drawn.get(task.as_str()).copied().unwrap_or(0)).min();
        prop_assert!(most - least.unwrap_or(0) <= 1);
    }

    #[test]
    fn a_plan_depends_on_its_stream_and_the_record_alone(
        sampler in sampler(),
        rates in prop::collection::vec(prop::option::of(0u32..=100), 1..20),
        seed in any::<u64>(),
    ) {
        let (record, suite) = record(&rates);
        let draw = || sampler.plan(&record, &suite, 5, &mut stream(seed, "plan", 5)).unwrap();
        prop_assert_eq!(draw(), draw());
        // A round that is resumed reads its plan back instead of drawing it.
        let stored = serde_json::to_string(&draw()).unwrap();
        prop_assert_eq!(serde_json::from_str::<stepdroid::learn::RoundPlan>(&stored).unwrap(), draw());
    }

    #[test]
    fn uniform_gives_every_batch_task_all_copies(
        tasks in 1usize..30, tasks_per_round in 1u32..20, group_size in 1u32..20, seed in any::<u64>(),
    ) {
        let plan = UniformSampler { tasks_per_round, group_size }
            .plan(&SuccessRecord::new(group_size), &suite(tasks), 0, &mut stream(seed, "plan", 0))
            .unwrap();
        prop_assert_eq!(plan.slots.len() as u32, tasks_per_round * group_size);
        let batch = plan.batch.iter().collect::<std::collections::BTreeSet<_>>();
        prop_assert_eq!(plan.copies().len(), batch.len());
        prop_assert!(plan.slots.iter().all(|slot| !slot.replaced && slot.task == slot.batch_task));
    }

    #[test]
    fn smoothed_rates_are_rates_and_equal_the_closed_form(
        old in prop::option::of(0.0f64..=1.0), judged in 0u32..40, share in 0.0f64..=1.0, group in 1u32..33,
    ) {
        let successes = (f64::from(judged) * share) as u32;
        let rate = smoothed_rate(old, successes, judged, group);
        let (u, n, g) = (f64::from(successes), f64::from(judged), f64::from(group));
        match (old, judged) {
            (_, 0) => prop_assert_eq!(rate, old),
            (None, _) => prop_assert!((rate.unwrap() - u / n).abs() < 1e-12),
            (Some(old), _) => {
                let closed = if judged < group { (u + (g - n) * old) / g } else { u / n };
                let rate = rate.unwrap();
                prop_assert!((rate - closed).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&rate));
            }
        }
    }

    #[test]
    fn replacement_is_even_at_the_threshold_and_rises(
        threshold in 0.05f64..0.95, sharpness in 0.1f64..50.0, low in 0.0f64..1.0, more in 0.0f64..1.0,
    ) {
        let sampler = StepSampler { sr_threshold: threshold, sr_sharpness: sharpness, ..StepSampler::default() };
        prop_assert_eq!(sampler.replacement_probability(threshold), 0.5);
        let high = low + (1.0 - low) * more;
        let (below, above) = (sampler.replacement_probability(low), sampler.replacement_probability(high));
        prop_assert!(0.0 <= below && below <= above && above <= 1.0);
    }

    #[test]
    fn group_advantages_are_standard_scores(size in 2u32..33, share in 0.0f64..=1.0) {
        let matches = (f64::from(size) * share) as u32;
        match group_advantages(matches, size) {
            None => prop_assert!(matches == 0 || matches == size),
            Some((hit, miss)) => {
                let (m, rest) = (f64::from(matches), f64::from(size - matches));
                prop_assert!((m * hit + rest * miss).abs() < 1e-9);
                prop_assert!((m * hit * hit + rest * miss * miss - f64::from(size)).abs() < 1e-9);
                // (R - mean) / std, written out.
                let mean = m / f64::from(size);
                let deviation = (mean * (1.0 - mean)).sqrt();
                prop_assert!((hit - (1.0 - mean) / deviation).abs() < 1e-9);
                prop_assert!((miss + mean / deviation).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn augmented_groups_sum_to_zero(
        steps in 1u32..12, group in 2u32..17, advantage in 0.01f64..1.0, seed in any::<u64>(), zero in any::<bool>(),
    ) {
        let samples: Vec<StepSample> = (0..steps).map(|step| StepSample {
            source: SampleSource::Step { trajectory: 3, step },
            task: "Task000".into(),
            advantage,
            weight: 1.0,
            tokens: 1,
            group: None,
        }).collect();
        let mut rng = stream(seed, "alternatives", 0);
        let chosen: Vec<usize> = (0..steps as usize).step_by(2).collect();
        let resampled: Vec<Resampled> = chosen.iter().map(|_| Resampled {
            reference_matches: true,
            alternatives: (1..group).map(|_| Alternative { matches: rng.random(), tokens: 1 }).collect(),
        }).collect();
        let negatives = if zero { Negatives::Zero } else { Negatives::Keep };
        let augmentation = Augmentation { group, negatives, ..Augmentation::default() };
        let augmented = augmentation.augment(samples.clone(), &chosen, &resampled).unwrap();
        prop_assert_eq!(augmented.groups.len(), chosen.len());
        for (number, found) in augmented.groups.iter().enumerate() {
            let rows = augmented.samples.iter().filter(|row| row.group == Some(number as u32));
            let advantages: Vec<f64> = rows.map(|row| row.advantage).collect();
            if !found.kept {
                prop_assert!(advantages.is_empty() && found.matches == found.size);
            } else if zero {
                prop_assert_eq!(advantages.len() as u32, found.matches);
                prop_assert!(advantages.iter().all(|advantage| *advantage > 0.0));
            } else {
                prop_assert_eq!(advantages.len() as u32, found.size);
                prop_assert!(advantages.iter().sum::<f64>().abs() < 1e-9);
            }
        }
        // Steps that were not chosen stay as they were.
        let plain = augmented.samples.iter().filter(|row| row.group.is_none()).count();
        prop_assert_eq!(plain, steps as usize - chosen.len());
    }

    #[test]
    fn only_successes_teach_and_mastered_tasks_do_not(trajectories in trajectories()) {
        let mut record = SuccessRecord::new(16);
        count(&mut record, 0, &trajectories);
        let credits = SuccessWeighted::default().credits(&trajectories, &record);
        for (trajectory, credit) in trajectories.iter().zip(&credits) {
            let rate = record.rate(&trajectory.task).unwrap();
            match credit {
                Credit::Whole(advantage) => {
                    prop_assert_eq!(trajectory.reward, 1.0);
                    prop_assert!(rate < 1.0);
                    prop_assert!((advantage - (1.0 - rate)).abs() < 1e-12);
                }
                Credit::None => prop_assert!(trajectory.reward == 0.0 || rate == 1.0),
                Credit::PerStep(_) => prop_assert!(false, "one advantage for the whole trajectory"),
            }
        }
        let samples = step_samples(&trajectories, &credits, Granularity::Step);
        let expected: usize = trajectories.iter().zip(&credits)
            .filter(|(_, credit)| **credit != Credit::None)
            .map(|(trajectory, _)| trajectory.step_tokens.len()).sum();
        prop_assert_eq!(samples.len(), expected);
    }

    #[test]
    fn group_relative_advantages_sum_to_zero(trajectories in trajectories()) {
        let credits = GroupRelative::default().credits(&trajectories, &SuccessRecord::new(16));
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for (trajectory, credit) in trajectories.iter().zip(&credits) {
            if let Credit::Whole(advantage) = credit {
                *sums.entry(&trajectory.task).or_insert(0.0) += advantage;
            }
        }
        for (task, sum) in sums {
            prop_assert!(sum.abs() < 1e-9, "{}: {}", task, sum);
        }
    }

    #[test]
    fn the_order_in_which_devices_finish_changes_nothing(trajectories in trajectories(), seed in any::<u64>()) {
        let mut shuffled = trajectories.clone();
        let mut rng = stream(seed, "shuffle", 0);
        for position in (1..shuffled.len()).rev() {
            shuffled.swap(position, rng.random_range(0..=position));
        }
        let (mut first, mut second) = (SuccessRecord::new(8), SuccessRecord::new(8));
        count(&mut first, 0, &trajectories);
        count(&mut second, 0, &shuffled);
        prop_assert_eq!(&first, &second);

        let suite = suite(5);
        let sampler = StepSampler { tasks_per_round: 3, group_size: 8, ..StepSampler::default() };
        prop_assert_eq!(
            sampler.plan(&first, &suite, 1, &mut stream(seed, "plan", 1)).unwrap(),
            sampler.plan(&second, &suite, 1, &mut stream(seed, "plan", 1)).unwrap()
        );
        let estimators: [&dyn Advantage; 2] = [&SuccessWeighted::default(), &GroupRelative::default()];
        for estimator in estimators {
            prop_assert_eq!(
                step_samples(&trajectories, &estimator.credits(&trajectories, &first), Granularity::Step),
                step_samples(&shuffled, &estimator.credits(&shuffled, &second), Granularity::Step)
            );
        }
    }

    #[test]
    fn a_record_resumed_between_rounds_equals_an_uninterrupted_one(
        rounds in prop::collection::vec(trajectories(), 1..5), cut in 0usize..5,
    ) {
        let mut whole = SuccessRecord::new(8);
        let mut stored: Vec<RateEntry> = Vec::new();
        for (round, trajectories) in rounds.iter().enumerate() {
            count(&mut whole, round as u64, trajectories);
        }
        let mut first = SuccessRecord::new(8);
        let cut = cut.min(rounds.len());
        for (round, trajectories) in rounds[..cut].iter().enumerate() {
            count(&mut first, round as u64, trajectories);
        }
        for task in suite(5) {
            stored.extend(first.history(&task).iter().rev().cloned());
        }
        let mut resumed = SuccessRecord::from_entries(8, stored).unwrap();
        for (round, trajectories) in rounds.iter().enumerate().skip(cut) {
            count(&mut resumed, round as u64, trajectories);
        }
        prop_assert_eq!(resumed, whole);
    }

    #[test]
    fn a_schedule_uses_every_row_once_an_epoch_with_weights_that_add_up(
        trajectories in trajectories(), epochs in 1usize..4, micro_batch in 1usize..40,
        mode in prop_oneof![
            Just(UpdateMode::WholeRound),
            (1usize..100).prop_map(|minibatch| UpdateMode::Chunked { minibatch }),
            (1usize..9).prop_map(|parts| UpdateMode::Parts { parts }),
        ],
        by_step in any::<bool>(), token_mean in any::<bool>(), seed in any::<u64>(),
    ) {
        let granularity = if by_step { Granularity::Step } else { Granularity::Trajectory };
        let credits: Vec<Credit> = trajectories.iter().map(|_| Credit::Whole(1.0)).collect();
        let samples = step_samples(&trajectories, &credits, granularity);
        let schedule = Schedule {
            mode, epochs, micro_batch, granularity,
            aggregation: if token_mean { LossAggregation::TokenMean } else { LossAggregation::SequenceMean },
        };
        let steps = schedule.steps(&samples, &mut stream(seed, "update", 0));
        prop_assert_eq!(&steps, &schedule.steps(&samples, &mut stream(seed, "update", 0)));
        let mut seen = vec![vec![0u32; samples.len()]; epochs];
        for (index, step) in steps.iter().enumerate() {
            prop_assert_eq!(step.index, index);
            prop_assert!(step.rows() > 0);
            let mut total = 0.0;
            for batch in &step.micro_batches {
                prop_assert!(!batch.is_empty() && batch.len() <= micro_batch);
                for row in batch {
                    seen[step.epoch][row.sample] += 1;
                    total += row.weight * f64::from(samples[row.sample].tokens);
                }
            }
            prop_assert!((total - 1.0).abs() < 1e-9);
        }
        prop_assert!(seen.iter().flatten().all(|times| *times == 1));
        let per_epoch = steps.len() / epochs;
        prop_assert_eq!(per_epoch * epochs, steps.len());
        match mode {
            UpdateMode::WholeRound => prop_assert_eq!(per_epoch, 1),
            UpdateMode::Chunked { minibatch } => prop_assert!(per_epoch <= samples.len().div_ceil(minibatch)),
            UpdateMode::Parts { parts } => prop_assert!(per_epoch <= parts),
        }
    }
}
