//! What a run came to, to the bit, without what may differ between two equal runs: times, devices,
//! attempts that were lost.

use std::collections::BTreeMap;
use std::path::Path;

use stepdroid::domain::Phase;
use stepdroid::store::{RoundKey, Store, StoreOptions};

/// Everything of a run that must be equal, as lines that say where they are from.
pub fn state(directory: &Path) -> Vec<String> {
    let store = Store::read(directory, &StoreOptions::default()).unwrap();
    let mut lines = Vec::new();
    for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
        for round in store.rounds(phase).unwrap() {
            let key = round.key;
            lines.push(format!(
                "{key} is {} with version {} and the plan {}",
                round.state.name(),
                round.policy_version,
                round.plan
            ));
            for slot in store.slots(key).unwrap() {
                lines.push(format!("{key}: {} {:?}", slot.state.name(), slot.slot));
            }
            lines.extend(episodes(&store, key));
            for update in store.updates(key).unwrap() {
                let metrics: BTreeMap<_, _> = update.metrics.iter().collect();
                lines.push(format!(
                    "{key}, update {}: {metrics:?}",
                    update.optimizer_step
                ));
            }
        }
        for row in store.metrics(phase).unwrap() {
            let differs = ["lost.", "infrastructure_losses", "environment_steps"];
            let differs = differs.iter().any(|name| row.name.starts_with(name));
            if !row.name.ends_with("_seconds") && !differs {
                let bits = row.value.map(f64::to_bits);
                lines.push(format!(
                    "{phase:?} {}: {} is {bits:x?}",
                    row.number, row.name
                ));
            }
        }
    }
    for rate in store.success_rates().unwrap() {
        lines.push(format!(
            "{rate:?}, to the bit {:x}",
            rate.smoothed.to_bits()
        ));
    }
    for checkpoint in store.checkpoints().unwrap() {
        lines.push(format!("{checkpoint:?}"));
    }
    let newest = store.checkpoints().unwrap().pop().unwrap();
    for file in [
        "policy.onnx",
        "weights.safetensors",
        "optimizer.safetensors",
    ] {
        // Before the first update there is no optimizer.
        if let Ok(bytes) = std::fs::read(directory.join(&newest.path).join(file)) {
            lines.push(format!("{file}: {}", blake3::hash(&bytes).to_hex()));
        }
    }
    for round in store.rounds(Phase::Train).unwrap() {
        lines.extend(drawn_and_branched(&store, round.key.number));
    }
    for evaluation in store.evaluations().unwrap() {
        lines.push(format!("{evaluation:?}"));
    }
    lines
}

/// What is stored of the actions drawn again and of the branches of a round of training.
fn drawn_and_branched(store: &Store, round: u64) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut lines = Vec::new();
    for row in store.resampled(round).unwrap() {
        lines.push(format!(
            "round {round}, slot {}, step {}, drawn again {}: {:x} {}",
            row.slot,
            row.step,
            row.alternative,
            row.log_probability.to_bits(),
            text(&row.sample)
        ));
    }
    for row in store.branches(round).unwrap() {
        let (branch, outcome) = (&row.branch, &row.outcome);
        let place = format!("round {round}, branch {}", branch.number);
        let choice = branch.choice.as_deref().map(text);
        lines.push(format!(
            "{place}: {:?} at slot {}, step {}: {choice:?} ended as {outcome:?}",
            branch.purpose, branch.slot, branch.step
        ));
        for (step, sample) in store.branch_samples(round, branch.number).unwrap() {
            lines.push(format!("{place}, step {step}: {}", text(&sample)));
        }
    }
    lines
}

/// The judged episodes of a round with their steps.
pub fn episodes(store: &Store, key: RoundKey) -> Vec<String> {
    let mut lines = Vec::new();
    for episode in store.episodes(key).unwrap() {
        if !episode.outcome.is_judged() {
            continue;
        }
        let place = format!("{key}, slot {}", episode.slot);
        lines.push(format!(
            "{place}: {:?} of {:?}, answer {:?}",
            episode.outcome, episode.instance, episode.answer
        ));
        for (number, step) in store.steps(episode.id, true).unwrap().iter().enumerate() {
            let sample = step
                .sample
                .as_ref()
                .map(|bytes| String::from_utf8_lossy(bytes));
            lines.push(format!(
                "{place}, step {number}: {} {} {:?} {:x} {:?} {:?} {sample:?}",
                step.action.to_json(),
                step.executed,
                step.note,
                step.log_probability.to_bits(),
                step.touch,
                step.screenshot,
            ));
        }
    }
    lines
}

/// Says where two states differ first.
pub fn assert_same(found: &[String], wanted: &[String], what: &str) {
    for (found, wanted) in found.iter().zip(wanted) {
        assert_eq!(found, wanted, "{what}");
    }
    assert_eq!(found.len(), wanted.len(), "{what}");
}
