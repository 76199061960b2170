//! Properties of the estimators beside STEP's own (GiGPO, TGRPO) and of augmentation with a judge:
//! what sums to zero does, the order of trajectories does not matter, and weights of 0 lead back to
//! plain GRPO.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use stepdroid::learn::anchors::anchor_repeats;
use stepdroid::learn::judge::{CandidateAction, StateQuestion, Taken};
use stepdroid::learn::judged_steps::score_advantages;
use stepdroid::learn::{
    Advantage, Augmentation, Credit, Granularity, GroupInGroup, GroupRelative, Judge, JudgedSteps,
    JudgedTrajectory, SampleSource, Score, ScoredState, StepAndTrajectory, StepSample, SubChecks,
    SuccessRecord, step_samples,
};

/// Task, instance and anchor.
type SubGroup<'a> = (&'a str, &'a str, &'a str);

/// Few tasks, instances and anchors, so that they meet; some steps without an anchor or progress.
fn trajectories() -> impl Strategy<Value = Vec<JudgedTrajectory>> {
    let step = (
        prop::option::weighted(0.8, 0usize..6),
        prop::option::weighted(0.8, 0usize..5),
    );
    let one = (
        0usize..3,
        0usize..2,
        any::<bool>(),
        prop::collection::vec(step, 0..9),
    );
    prop::collection::vec(one, 1..40).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(
                |(number, (task, instance, success, steps))| JudgedTrajectory {
                    trajectory: number as u64,
                    task: format!("Task{task}"),
                    reward: f64::from(u8::from(success)),
                    step_tokens: vec![1; steps.len()],
                    instance: format!("{{\"n\":{instance}}}"),
                    anchors: steps
                        .iter()
                        .map(|(anchor, _)| anchor.map(|number| format!("state{number}")))
                        .collect(),
                    progress: steps
                        .iter()
                        .map(|(_, progress)| progress.map(|quarters| quarters as f64 / 4.0))
                        .collect(),
                },
            )
            .collect()
    })
}

fn per_step(credits: &[Credit]) -> Vec<Vec<f64>> {
    credits
        .iter()
        .map(|credit| match credit {
            Credit::PerStep(values) => values.clone(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn rows(estimator: &dyn Advantage, trajectories: &[JudgedTrajectory]) -> Vec<StepSample> {
    let credits = estimator.credits(trajectories, &SuccessRecord::new(8));
    step_samples(trajectories, &credits, Granularity::Step)
}

fn scores() -> impl Strategy<Value = Vec<Option<Score>>> {
    let score = prop::option::weighted(
        0.8,
        prop_oneof![
            Just(Score::Harmful),
            Just(Score::Neutral),
            Just(Score::Helpful)
        ],
    );
    prop::collection::vec(score, 2..12)
}

proptest! {
    /// A_S sums to zero over every sub-group (task, instance, anchor), is 0 where a step is alone,
    /// and is the return less the sub-group's mean.
    #[test]
    fn gigpo_step_parts_are_relative_to_their_sub_group(
        trajectories in trajectories(),
        discount in 0.0f64..=1.0,
    ) {
        let estimator = GroupInGroup { discount, ..GroupInGroup::default() };
        let parts = estimator.step_parts(&trajectories);
        let mut groups: BTreeMap<SubGroup, Vec<(f64, f64)>> = BTreeMap::new();
        for (trajectory, parts) in trajectories.iter().zip(&parts) {
            prop_assert_eq!(parts.len(), trajectory.step_tokens.len());
            for (step, part) in parts.iter().enumerate() {
                let to_go = (parts.len() - step - 1) as i32;
                let discounted = trajectory.reward * discount.powi(to_go);
                match &trajectory.anchors[step] {
                    Some(anchor) => groups
                        .entry((&trajectory.task, &trajectory.instance, anchor))
                        .or_default()
                        .push((discounted, *part)),
                    None => prop_assert_eq!(*part, 0.0),
                }
            }
        }
        for members in groups.values() {
            let sum: f64 = members.iter().map(|(_, part)| part).sum();
            prop_assert!(sum.abs() < 1e-9, "{}", sum);
            let mean = members.iter().map(|(value, _)| value).sum::<f64>() / members.len() as f64;
            for (value, part) in members {
                prop_assert!((value - mean - part).abs() < 1e-9);
            }
            if members.len() == 1 {
                prop_assert_eq!(members[0].1, 0.0);
            }
        }
    }

    /// A_E is normalised over episodes: it sums to zero over a task's episodes, however long they are.
    #[test]
    fn gigpo_without_its_step_part_is_grpo_over_episodes(trajectories in trajectories()) {
        let estimator = GroupInGroup { step_weight: 0.0, ..GroupInGroup::default() };
        prop_assert_eq!(
            rows(&estimator, &trajectories),
            rows(&GroupRelative::default(), &trajectories)
        );
        let credits = GroupRelative::default().credits(&trajectories, &SuccessRecord::new(8));
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for (trajectory, credit) in trajectories.iter().zip(&credits) {
            if let Credit::Whole(value) = credit {
                *sums.entry(&trajectory.task).or_default() += value;
            }
        }
        prop_assert!(sums.values().all(|sum| sum.abs() < 1e-9));
    }

    /// TGRPO without its step part is GRPO; without its trajectory part it sums to zero at each time.
    #[test]
    fn tgrpo_parts_are_relative_to_their_time(trajectories in trajectories()) {
        let only_whole = StepAndTrajectory { step_weight: 0.0, ..StepAndTrajectory::default() };
        prop_assert_eq!(
            rows(&only_whole, &trajectories),
            rows(&GroupRelative::default(), &trajectories)
        );
        let only_steps = StepAndTrajectory { trajectory_weight: 0.0, ..StepAndTrajectory::default() };
        let parts = per_step(&only_steps.credits(&trajectories, &SuccessRecord::new(8)));
        let mut groups: BTreeMap<(&str, usize), Vec<(f64, f64)>> = BTreeMap::new();
        for (trajectory, parts) in trajectories.iter().zip(&parts) {
            for (step, part) in parts.iter().enumerate() {
                match trajectory.progress[step] {
                    Some(progress) => groups
                        .entry((&trajectory.task, step))
                        .or_default()
                        .push((progress, *part)),
                    None => prop_assert_eq!(*part, 0.0),
                }
            }
        }
        for members in groups.values() {
            let count = members.len() as f64;
            let mean = members.iter().map(|(value, _)| value).sum::<f64>() / count;
            let variance = members.iter().map(|(value, _)| (value - mean).powi(2)).sum::<f64>() / count;
            for (value, part) in members {
                let expected = if variance < 1e-12 { 0.0 } else { (value - mean) / variance.sqrt() };
                prop_assert!((expected - part).abs() < 1e-4, "{} {}", expected, part);
            }
            let sum: f64 = members.iter().map(|(_, part)| part).sum();
            prop_assert!(sum.abs() < 1e-9, "{}", sum);
        }
    }

    /// The order in which trajectories come changes no bit of a row.
    #[test]
    fn the_order_of_trajectories_does_not_matter(
        (given, shuffled) in trajectories()
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let estimators: [&dyn Advantage; 3] = [
            &GroupInGroup::default(),
            &StepAndTrajectory::default(),
            &GroupRelative::default(),
        ];
        for estimator in estimators {
            prop_assert_eq!(rows(estimator, &given), rows(estimator, &shuffled));
        }
        let repeats = |all: &[JudgedTrajectory]| {
            let states: Vec<(&str, &[Option<String>])> = all
                .iter()
                .map(|one| (one.task.as_str(), one.anchors.as_slice()))
                .collect();
            anchor_repeats(&states)
        };
        prop_assert_eq!(repeats(&given), repeats(&shuffled));
        prop_assert!((0.0..=1.0).contains(&repeats(&given)));
    }

    /// Values of a judged group sum to zero, have variance 1, and keep the order of the scores.
    #[test]
    fn judged_groups_are_normalised(scores in scores()) {
        let known: BTreeSet<Score> = scores.iter().flatten().copied().collect();
        let Some(values) = score_advantages(&scores) else {
            prop_assert!(known.len() < 2);
            return Ok(());
        };
        prop_assert!(known.len() >= 2);
        let there: Vec<(Score, f64)> = scores
            .iter()
            .zip(&values)
            .filter_map(|(score, value)| Some(((*score)?, (*value)?)))
            .collect();
        prop_assert_eq!(there.len(), scores.iter().flatten().count());
        let count = there.len() as f64;
        prop_assert!(there.iter().map(|(_, value)| value).sum::<f64>().abs() < 1e-9);
        let variance = there.iter().map(|(_, value)| value.powi(2)).sum::<f64>() / count;
        prop_assert!((variance - 1.0).abs() < 1e-9);
        for (score, value) in &there {
            for (other_score, other) in &there {
                prop_assert_eq!(score.cmp(other_score), value.total_cmp(other));
            }
        }
    }

    /// Where every action can be carried out and the taken one succeeded, the rules give what the
    /// matches of STEP section 4 give: +sqrt((G-m)/m) for a match, -sqrt(m/(G-m)) for a miss.
    #[test]
    fn the_rules_on_successes_are_the_matches_of_section_4(matches in prop::collection::vec(any::<bool>(), 1..12)) {
        let action = |matches: &bool| CandidateAction {
            text: String::new(),
            parsed: true,
            matches: *matches,
        };
        let state = StateQuestion {
            goal: String::new(),
            past: Vec::new(),
            screen: String::new(),
            actions: std::iter::once(&true).chain(&matches).map(action).collect(),
            taken: Taken { succeeded: true, gain: None },
        };
        let scores = SubChecks.scores(&[state]).remove(0).unwrap();
        let size = scores.len() as f64;
        let hits = 1.0 + matches.iter().filter(|hit| **hit).count() as f64;
        match score_advantages(&scores) {
            None => prop_assert_eq!(hits, size),
            Some(values) => {
                for (value, hit) in values.iter().zip(std::iter::once(&true).chain(&matches)) {
                    let expected = if *hit {
                        ((size - hits) / hits).sqrt()
                    } else {
                        -(hits / (size - hits)).sqrt()
                    };
                    prop_assert!((value.unwrap() - expected).abs() < 1e-9);
                }
            }
        }
    }

    /// A judge that says nothing changes nothing: successes stay their rows, failures have none.
    #[test]
    fn silence_is_no_bad_score(successes in 0u64..6, failures in 0u64..6) {
        let row = |trajectory| StepSample {
            source: SampleSource::Step { trajectory, step: 0 },
            task: "Rare".into(),
            advantage: 0.9,
            weight: 1.0,
            tokens: 1,
            group: None,
        };
        let samples: Vec<StepSample> = (0..successes + failures).map(row).collect();
        let failed: BTreeSet<u64> = (successes..successes + failures).collect();
        let judged = JudgedSteps {
            groups: Augmentation { group: 4, ..Augmentation::default() },
            failed_runs: true,
        };
        let silent = ScoredState { scores: vec![None; 4], tokens: vec![1; 3] };
        let chosen: Vec<usize> = (0..samples.len()).collect();
        let found = vec![silent; samples.len()];
        let made = judged.augment(samples.clone(), &failed, &chosen, &found).unwrap();
        prop_assert_eq!(made.samples, samples[..successes as usize].to_vec());
        prop_assert!(made.groups.is_empty());
    }
}
