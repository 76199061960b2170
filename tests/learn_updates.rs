//! Properties of what shapes an update beside the advantages: replay and weights of rows.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use stepdroid::domain::streams::stream;
use stepdroid::learn::preference::{pair_factor, pair_loss};
use stepdroid::learn::replay::{gradient_proxy, selection_probabilities};
use stepdroid::learn::reweight::{ir_dro, row_loss};
use stepdroid::learn::{Replay, ReplayRule};

fn norms() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), 0.0f64..5.0], 1..40)
}

proptest! {
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
