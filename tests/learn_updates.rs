//! Properties of what shapes an update beside the advantages: replay, weights of rows, forks and
//! falls of failed runs, pairs; and the configurations that do not fit.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use stepdroid::config;
use stepdroid::domain::streams::stream;
use stepdroid::learn::critical::{At, Run, falls, forks, values};
use stepdroid::learn::preference::{pair_factor, pair_loss};
use stepdroid::learn::replay::{gradient_proxy, selection_probabilities};
use stepdroid::learn::reweight::{ir_dro, row_loss};
use stepdroid::learn::{
    Granularity, LossAggregation, Replay, ReplayRule, SampleSource, Schedule, StepSample,
    UpdateMode,
};

fn norms() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), 0.0f64..5.0], 1..40)
}

/// Runs over a few states, whose actions are letters: `(task, succeeded, [(state, action)])`.
type One = (u8, bool, Vec<(u8, u8)>);
type Recorded = Vec<One>;

fn recorded() -> impl Strategy<Value = Recorded> {
    let steps = prop::collection::vec((0u8..5, 0u8..3), 1..8);
    prop::collection::vec((0u8..2, any::<bool>(), steps), 1..14)
}

fn runs(recorded: &Recorded) -> Vec<Run> {
    let run = |(number, (task, succeeded, steps)): (usize, &One)| Run {
        trajectory: number as u64,
        task: format!("Task{task}"),
        goal: "the goal".into(),
        succeeded: *succeeded,
        anchors: steps.iter().map(|(state, _)| state.to_string()).collect(),
    };
    recorded.iter().enumerate().map(run).collect()
}

proptest! {
    #[test]
    fn a_fork_is_the_last_state_on_a_way_to_success_that_was_left(recorded in recorded()) {
        let runs = runs(&recorded);
        let step = |at: At| recorded[at.run].2[at.step];
        let found = forks(&runs, |one, other| step(one).1 == step(other).1);
        let mut forked = vec![false; runs.len()];
        for fork in &found {
            let (failed, right) = (&runs[fork.failed.run], &runs[fork.right.run]);
            prop_assert!(!failed.succeeded && right.succeeded && failed.task == right.task);
            prop_assert!(!std::mem::replace(&mut forked[fork.failed.run], true));
            prop_assert_eq!(step(fork.failed).0, step(fork.right).0);
            prop_assert!(step(fork.failed).1 != step(fork.right).1);
        }
        // Every later state, and every state of a run without a fork, is one that no success was in,
        // or that some success left by the same action the last time it was there.
        for (number, run) in runs.iter().enumerate().filter(|(_, run)| !run.succeeded) {
            let fork = found.iter().find(|fork| fork.failed.run == number);
            let first = fork.map_or(0, |fork| fork.failed.step + 1);
            for place in first..run.anchors.len() {
                let (state, action) = recorded[number].2[place];
                let last_actions: Vec<u8> = recorded
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| runs[*other].succeeded && runs[*other].task == run.task)
                    .filter_map(|(_, (_, _, steps))| {
                        steps.iter().rev().find(|step| step.0 == state).map(|step| step.1)
                    })
                    .collect();
                prop_assert!(last_actions.is_empty() || last_actions.contains(&action));
            }
        }
        // Another goal is another matter.
        let mut apart = runs.clone();
        for run in apart.iter_mut().filter(|run| run.succeeded) {
            run.goal = "another goal".into();
        }
        prop_assert!(forks(&apart, |_, _| false).is_empty());
    }

    #[test]
    fn values_are_shares_and_falls_are_where_they_say(
        recorded in recorded(),
        least in 0.0f64..0.5,
    ) {
        let runs = runs(&recorded);
        let values = values(&runs);
        for ((task, state), value) in &values {
            let through: Vec<&Run> = runs
                .iter()
                .filter(|run| run.task == *task && run.anchors.iter().any(|a| a == state))
                .collect();
            let successes = through.iter().filter(|run| run.succeeded).count();
            prop_assert!((value - successes as f64 / through.len() as f64).abs() < 1e-12);
        }
        let found = falls(&runs, least);
        prop_assert!(found.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        for (number, run) in runs.iter().enumerate() {
            let value = |step: usize| run.anchors.get(step).map_or(0.0, |anchor| {
                values[&(run.task.as_str(), anchor.as_str())]
            });
            let most = (0..run.anchors.len())
                .map(|step| value(step) - value(step + 1))
                .fold(f64::NEG_INFINITY, f64::max);
            let own: Vec<&(At, f64)> = found.iter().filter(|(at, _)| at.run == number).collect();
            prop_assert_eq!(own.len(), usize::from(!run.succeeded && most > least));
            for (at, fall) in own {
                prop_assert!((fall - most).abs() < 1e-12);
                prop_assert!((value(at.step) - value(at.step + 1) - fall).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn pairs_stay_together_and_every_row_is_learnt_once_an_epoch(
        singles in 0usize..30,
        pairs in 0u32..12,
        parts in 1usize..6,
        seed in any::<u64>(),
    ) {
        let row = |source| StepSample {
            source,
            task: "A".into(),
            advantage: 1.0,
            weight: 1.0,
            tokens: 1,
            group: None,
        };
        let mut rows: Vec<StepSample> = (0..singles)
            .map(|step| row(SampleSource::Step { trajectory: 1, step: step as u32 }))
            .collect();
        for branch in 0..pairs {
            for preferred in [true, false] {
                rows.push(row(SampleSource::Pair { branch, preferred, trajectory: 1, step: 0 }));
            }
        }
        let schedule = Schedule {
            mode: UpdateMode::Parts { parts },
            epochs: 2,
            micro_batch: 3,
            aggregation: LossAggregation::TokenMean,
            granularity: Granularity::Step,
        };
        let mut seen = vec![0u32; rows.len()];
        for step in schedule.steps(&rows, &mut stream(seed, "update", 0)) {
            let mut of_pair = BTreeMap::new();
            for weighted in step.micro_batches.iter().flatten() {
                seen[weighted.sample] += 1;
                if let Some((pair, _)) = rows[weighted.sample].source.pair() {
                    *of_pair.entry(pair).or_insert(0u32) += 1;
                }
            }
            prop_assert!(of_pair.values().all(|count| *count == 2));
        }
        prop_assert!(seen.iter().all(|count| *count == 2));
    }

    #[test]
    fn selection_is_a_distribution_that_follows_the_gradients(
        norms in norms(),
        exploration in 0.01f64..1.0,
    ) {
        let chances = selection_probabilities(&norms, exploration);
        prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let floor = exploration / norms.len() as f64;
        for (chance, norm) in chances.iter().zip(&norms) {
            prop_assert!(*chance >= floor - 1e-12);
            for (other, larger) in chances.iter().zip(&norms) {
                prop_assert!(norm > larger || chance <= other);
            }
        }
        // Chances times importance weights are those of a uniform draw.
        for chance in &chances {
            let weight = 1.0 / (norms.len() as f64 * chance);
            prop_assert!((chance * weight * norms.len() as f64 - 1.0).abs() < 1e-9);
            prop_assert!(weight <= 1.0 / exploration + 1e-9);
        }
    }

    #[test]
    fn draws_stay_in_the_buffer_and_repeat_with_their_stream(
        norms in norms(),
        rows in 1usize..60,
        seed in any::<u64>(),
        adaptive in any::<bool>(),
    ) {
        let rule = if adaptive {
            ReplayRule::Adaptive { exploration: 0.1 }
        } else {
            ReplayRule::Success
        };
        let replay = Replay { rule, rounds: 1, rows };
        let drawn = replay.draw(&norms, &mut stream(seed, "replay", 0));
        prop_assert_eq!(&drawn, &replay.draw(&norms, &mut stream(seed, "replay", 0)));
        prop_assert!(drawn.iter().all(|row| row.position < norms.len() && row.weight > 0.0));
        if adaptive {
            prop_assert_eq!(drawn.len(), rows);
        } else {
            prop_assert_eq!(drawn.len(), rows.min(norms.len()));
            prop_assert!(drawn.windows(2).all(|pair| pair[0].position < pair[1].position));
            prop_assert!(drawn.iter().all(|row| row.weight == 1.0));
        }
    }

    #[test]
    fn the_proxy_is_the_gradient_at_the_scores_of_the_choices(
        advantage in -3.0f64..3.0,
        log_probabilities in prop::collection::vec(-6.0f64..0.0, 1..6),
    ) {
        // d log pi / d score of the choice taken, by differences: 1 - pi.
        let step = 1e-6;
        let slope = |log_probability: f64| {
            // With the other scores' total at 1, the choice's score is the log-odds.
            let score = (log_probability.exp() / (1.0 - log_probability.exp())).ln();
            let at = |score: f64| score - (1.0 + score.exp()).ln();
            (at(score + step) - at(score - step)) / (2.0 * step)
        };
        let squares: f64 = log_probabilities.iter().map(|p| slope(*p).powi(2)).sum();
        let expected = advantage.abs() * squares.sqrt();
        prop_assert!((gradient_proxy(advantage, &log_probabilities) - expected).abs() < 1e-4);
    }

    #[test]
    fn hard_rows_weigh_more_and_the_scale_stays(
        losses in prop::collection::vec(-20.0f64..20.0, 1..50),
        lambda in 0.05f64..50.0,
    ) {
        let weights = ir_dro(&losses, lambda);
        let sum: f64 = weights.iter().sum();
        prop_assert!((sum - losses.len() as f64).abs() < 1e-6 * losses.len() as f64);
        for (weight, loss) in weights.iter().zip(&losses) {
            prop_assert!(weight.is_finite() && *weight >= 0.0);
            for (other, harder) in weights.iter().zip(&losses) {
                prop_assert!(loss > harder || weight <= other);
            }
        }
        // Where the weights matter they are those of the formula, whatever is added to all losses.
        let shifted: Vec<f64> = losses.iter().map(|loss| loss + 1000.0).collect();
        for (one, other) in weights.iter().zip(ir_dro(&shifted, lambda)) {
            prop_assert!((one - other).abs() < 1e-6 * one.max(1.0));
        }
        let flat = ir_dro(&losses, 1e12);
        prop_assert!(flat.iter().all(|weight| (weight - 1.0).abs() < 1e-6));
    }

    #[test]
    fn unlikely_good_actions_and_likely_bad_ones_are_hard(
        advantage in 0.01f64..5.0,
        likely in -1.0f64..-0.01,
        less in 0.01f64..5.0,
    ) {
        prop_assert!(row_loss(advantage, likely - less) > row_loss(advantage, likely));
        prop_assert!(row_loss(-advantage, likely) > row_loss(-advantage, likely - less));
    }

    #[test]
    fn the_factor_of_a_pair_is_the_slope_of_its_loss(
        beta in 0.01f64..3.0,
        margin in -20.0f64..20.0,
    ) {
        let step = 1e-5;
        let slope = (pair_loss(beta, margin + step) - pair_loss(beta, margin - step)) / (2.0 * step);
        prop_assert!((pair_factor(beta, margin) + slope).abs() < 1e-6);
        prop_assert!(pair_loss(beta, margin) >= 0.0);
        let factor = pair_factor(beta, margin);
        prop_assert!(factor > 0.0 && factor < beta + 1e-12);
    }
}

#[test]
fn adaptive_draws_have_the_frequencies_of_their_chances() {
    let norms = [0.0, 1.0, 3.0, 0.5];
    let replay = Replay {
        rule: ReplayRule::Adaptive { exploration: 0.2 },
        rounds: 1,
        rows: 40_000,
    };
    let mut counts = BTreeMap::new();
    let mut weight_sum = 0.0;
    for row in replay.draw(&norms, &mut stream(7, "replay", 0)) {
        *counts.entry(row.position).or_insert(0u32) += 1;
        weight_sum += row.weight;
    }
    for (position, chance) in selection_probabilities(&norms, 0.2).iter().enumerate() {
        let share = f64::from(counts[&position]) / 40_000.0;
        assert!(
            (share - chance).abs() < 0.01,
            "{position}: {share} {chance}"
        );
    }
    // The importance weights keep the total of a uniform draw.
    assert!((weight_sum / 40_000.0 - 1.0).abs() < 0.05);
    assert!(replay.draw(&[], &mut stream(7, "replay", 0)).is_empty());
}

#[test]
fn keys_that_do_not_fit_are_told_with_the_way_out() {
    let load = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        config::load(None, &sets)
    };
    for (sets, key, way_out) in [
        (
            &["train.replay=aes", "train.replay_rounds=5"][..],
            "train.keep_samples",
            "0 for all",
        ),
        (
            &["train.replay=aes", "train.replay_exploration=0"],
            "train.replay_exploration",
            "above 0",
        ),
        (
            &["train.loss_reweight=ir_dro", "train.reweight_lambda=0"],
            "train.reweight_lambda",
            "above 0",
        ),
        (
            &["train.optimizer=extrap", "policy.provider=cuda"],
            "train.optimizer",
            "policy.provider",
        ),
        (
            &["train.preset=t-grpo", "train.critical_steps=fork"],
            "train.critical_steps",
            "granularity",
        ),
        (
            &["train.preset=t-grpo", "train.calibration=steca"],
            "train.calibration",
            "granularity",
        ),
        (&["train.cso_beta=0"], "train.cso_beta", "above 0"),
    ] {
        let error = load(sets).unwrap_err().to_string();
        assert!(error.contains(key), "{error}");
        assert!(error.contains(way_out), "{error}");
    }
    for sets in [
        &["train.replay=success"][..],
        &[
            "train.replay=aes",
            "train.replay_rounds=9",
            "train.keep_samples=0",
        ],
        &["train.optimizer=sgd", "train.lr=0.1", "train.nesterov=true"],
        &["train.critical_steps=cso", "train.calibration=steca"],
        &["train.preset=gigrpo", "train.critical_steps=fork"],
    ] {
        load(sets).unwrap();
    }
    // A value that does not exist names those that do.
    let error = load(&["train.replay=all"]).unwrap_err().to_string();
    assert!(error.contains("success"), "{error}");
}
