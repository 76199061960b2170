//! Samplers compared on a recorded run: for the run's own sampler the replay is the stored plan, slot by
//! slot; and a plan that was changed is found out.
#![allow(clippy::unwrap_used)]

#[path = "recorded/mod.rs"]
mod recorded;

use recorded::{ROUNDS, put, record_run};
use stepdroid::config::SamplerKind;
use stepdroid::learn::RoundPlan;
use stepdroid::store::RoundKey;
use stepdroid::train::compare_samplers;

#[test]
fn the_replay_of_the_own_sampler_is_the_stored_plan() {
    for own in SamplerKind::ALL {
        let folder = tempfile::tempdir().unwrap();
        let set = format!("train.sampler={}", own.name());
        let run = record_run(folder.path(), &[&set]);
        let comparison = compare_samplers(&run).unwrap();
        assert_eq!(comparison.first_difference, None, "{}", own.name());
        assert!(comparison.matches_stored_plan);
        assert_eq!(comparison.sampler, own.name());
        assert_eq!(comparison.samplers.len(), 4);
        for sampler in &comparison.samplers {
            assert_eq!(sampler.own, sampler.sampler == own.name());
            assert_eq!(sampler.rounds.len() as u64, ROUNDS);
            for round in &sampler.rounds {
                let copies: u32 = round.copies.values().sum();
                assert_eq!(copies, 48);
                assert_eq!(round.distinct_tasks as usize, round.copies.len());
                let slots = run.store.slots(RoundKey::train(round.round)).unwrap();
                if sampler.own {
                    for (task, copies) in &round.copies {
                        let stored = slots.iter().filter(|row| row.slot.task == *task).count();
                        assert_eq!(stored as u32, *copies);
                    }
                    let replaced = slots.iter().filter(|row| row.slot.replaced).count();
                    assert_eq!(replaced as u32, round.replaced_copies);
                }
            }
        }
        // The samplers do differ, or the comparison would prove nothing.
        let allocations: std::collections::BTreeSet<_> = comparison
            .samplers
            .iter()
            .map(|sampler| format!("{:?}", sampler.copies))
            .collect();
        assert!(allocations.len() >= 4, "{allocations:?}");
        let share = |name: &str| {
            let found = comparison.samplers.iter().find(|s| s.sampler == name);
            found.unwrap().mastered_share
        };
        assert!(share("step") < share("uniform"));
        assert!(comparison.samplers[0].rounds[3].expected_successes > 0.0);
    }
}

#[test]
fn a_changed_plan_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let run = record_run(folder.path(), &[]);
    // A round that the sampler did not draw.
    let mut plan: RoundPlan =
        serde_json::from_str(&run.store.round(RoundKey::train(5)).unwrap().unwrap().plan).unwrap();
    plan.round = ROUNDS;
    put(&run, ROUNDS, &plan);
    let comparison = compare_samplers(&run).unwrap();
    assert!(!comparison.matches_stored_plan);
    let difference = comparison.first_difference.unwrap();
    assert!(
        difference.starts_with("round 12, slot 0: stored copy 0 of "),
        "{difference}"
    );

    // Settings that were changed in the middle of a run.
    let folder = tempfile::tempdir().unwrap();
    let mut run = record_run(folder.path(), &[]);
    run.config.train.sr_threshold = 0.3;
    assert!(!compare_samplers(&run).unwrap().matches_stored_plan);
}
