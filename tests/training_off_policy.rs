//! Runs whose devices are rounds ahead of the updates: which weights act is a matter of the
//! configuration alone, and such a run equals itself, also after `kill -9` while an update and the
//! episodes of the next round are under way.
#![allow(clippy::unwrap_used)]

#[path = "training_state/kills.rs"]
mod kills;
mod small_run;
mod training_state;

use std::path::Path;
use std::time::Duration;

use kills::{Moment, end, kill_at, open_branches, spawn};
use rand::RngExt;
use small_run::small_run;
use stepdroid::config;
use stepdroid::domain::Phase;
use stepdroid::domain::streams::stream;
use stepdroid::store::{RoundKey, RoundState, Store, StoreOptions};
use stepdroid::train::{RunDirectory, compare_samplers};
use training_state::{assert_same, episodes, state};

/// What this run has otherwise.
const OWN: &str = r#"
[run]
seed = 6

[train]
rounds = 4
off_policy_rounds = 1
group_size = 4
max_steps = 5
temperature = 1.2
low_sr = 0.99
aug_group = 4
aug_temperature = 1.5
epochs = 2
critical_steps = "cso"
cso_branches = 2
calibration = "steca"
calibration_branches = 1
keep_samples = 1
checkpoint_every = 100

[eval]
every = 2
"#;

fn ahead() -> String {
    small_run(&[OWN])
}

fn read(run: &Path) -> Store {
    Store::read(run, &StoreOptions::default()).unwrap()
}

/// A metric of a round of training.
fn value(store: &Store, round: u64, name: &str) -> Option<f64> {
    let rows = store.metrics(Phase::Train).unwrap();
    let row = rows
        .into_iter()
        .find(|row| row.number == round && row.name == name);
    row.and_then(|row| row.value)
}

/// Versions of the weights that acted, by round; every episode says the same as its round.
fn acted(store: &Store) -> Vec<u64> {
    let rounds = store.rounds(Phase::Train).unwrap();
    for round in &rounds {
        for episode in store.episodes(round.key).unwrap() {
            assert_eq!(episode.policy_version, round.policy_version);
        }
    }
    rounds.iter().map(|round| round.policy_version).collect()
}

#[test]
fn devices_are_ahead_by_the_configuration_and_never_by_chance() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ahead.toml");
    std::fs::write(&file, ahead()).unwrap();
    let run = folder.path().join("once");
    end(spawn(&file, &run, 2));
    let store = read(&run);
    assert_eq!(acted(&store), [1, 1, 2, 3]);
    let evaluations = store.evaluations().unwrap();
    let versions: Vec<u64> = evaluations.iter().map(|one| one.policy_version).collect();
    assert_eq!(versions, [1, 3, 5]);
    let mut moved = 0;
    for round in 0..4 {
        let metric = |name: &str| value(&store, round, name);
        let age = if round == 0 { 0.0 } else { 1.0 };
        assert_eq!(metric("policy_age"), Some(age));
        let others = ["pair_rows", "recovery_rows", "replayed_rows", "fork_rows"];
        let others: f64 = others.into_iter().filter_map(&metric).sum();
        let drawn = metric("rows").unwrap() - others;
        let (gap, least) = (metric("log_probability_gap"), metric("acted_ratio_least"));
        if round == 0 {
            // What learns has acted: the guard stands.
            assert!(gap.unwrap() < 1e-4, "{gap:?}");
            assert!(drawn > 0.0, "nothing was learnt");
            assert!((metric("first_ratio").unwrap() - 1.0).abs() < 1e-3);
            assert_eq!((least, metric("effective_share")), (None, None));
        } else {
            assert_eq!(gap, None);
            assert_eq!(least.is_some(), drawn > 0.0, "round {round}");
        }
        if let (Some(least), Some(most)) = (least, metric("acted_ratio_most")) {
            assert!(least > 0.0 && least <= most, "{least} to {most}");
            moved += u32::from(most - least > 1e-4);
            let share = metric("effective_share").unwrap();
            assert!(share > 0.0 && share < 1.0 + 1e-9, "{share}");
        }
    }
    assert!(moved > 0, "no round met other weights than acted in it");
    // The sampler saw every round before its own.
    let compared = compare_samplers(&RunDirectory::read(&run).unwrap()).unwrap();
    assert!(
        compared.matches_stored_plan,
        "{:?}",
        compared.first_difference
    );

    // Once more, with another number of phones, so that everything takes other times.
    let again = folder.path().join("again");
    end(spawn(&file, &again, 3));
    assert_same(&state(&again), &state(&run), "the same run again");
}

#[test]
fn without_the_option_the_devices_wait_for_each_update() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("turns.toml");
    let otherwise = "[train]\noff_policy_rounds = 0\nrounds = 3";
    let turns = small_run(&[OWN, otherwise]);
    std::fs::write(&file, turns).unwrap();
    let run = folder.path().join("run");
    end(spawn(&file, &run, 2));
    let store = read(&run);
    assert_eq!(acted(&store), [1, 2, 3]);
    let rounds = store.rounds(Phase::Train).unwrap();
    for pair in rounds.windows(2) {
        let ended = pair[0].finished_at.unwrap();
        assert!(pair[1].created_at >= ended, "{pair:?}");
        assert!(!episodes(&store, pair[1].key).is_empty());
    }
    for round in 0..3 {
        let gap = value(&store, round, "log_probability_gap").unwrap();
        assert!(gap < 1e-4, "{gap}");
        for name in ["policy_age", "acted_ratio_least", "effective_share"] {
            assert_eq!(value(&store, round, name), None, "{name}");
        }
    }
}

#[test]
fn a_killed_run_that_is_ahead_ends_as_the_one_that_nobody_disturbed() {
    let train = RoundKey::train;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ahead.toml");
    std::fs::write(&file, ahead()).unwrap();
    let undisturbed = folder.path().join("undisturbed");
    end(spawn(&file, &undisturbed, 2));
    let wanted = state(&undisturbed);
    let mut moments = vec![
        Moment::File("checkpoints/000001"),
        Moment::Episodes(train(0), 3),
        Moment::Branches(0, 0),
        Moment::Updating(0),
        Moment::Episodes(train(1), 0),
        Moment::State(0, RoundState::Updated),
        Moment::Episodes(train(1), 3),
        Moment::State(1, RoundState::RolledOut),
        Moment::Branches(1, 0),
        Moment::File("checkpoints/000003.partial"),
        Moment::Episodes(train(2), 2),
        Moment::After(1200),
        Moment::Branches(2, 0),
        Moment::State(2, RoundState::Augmented),
        Moment::Episodes(train(3), 1),
        Moment::State(3, RoundState::Augmented),
        Moment::Episodes(RoundKey::evaluate(2), 0),
    ];
    // A round whose runs all ended alike has no branches to wait for.
    let branched = |round: u64| open_branches(&undisturbed, round).unwrap().0 > 0;
    assert!((0..3).any(branched));
    moments.retain(|moment| match moment {
        Moment::Branches(round, _) => branched(*round),
        _ => true,
    });
    let mut random = stream(4, "kills", 0);
    let run = folder.path().join("killed");
    for moment in moments {
        let delay = Duration::from_micros(random.random_range(0..15_000));
        let phones = random.random_range(1..=3);
        let over = kill_at(moment, delay, &file, &run, phones);
        assert!(!over, "the run was over before {moment:?}");
    }
    end(spawn(&file, &run, 2));
    assert_same(&state(&run), &wanted, "the killed run");
}

#[test]
fn further_ahead_than_there_are_rounds_is_refused() {
    let refused = |sets: &[&str]| {
        let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
        let parsed = config::parse(&ahead(), Path::new("ahead.toml"), &sets);
        parsed.err().unwrap().to_string()
    };
    let error = refused(&["train.off_policy_rounds=4"]);
    for part in ["train.off_policy_rounds", "train.rounds", "or 0"] {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
    let error = refused(&["train.off_policy_rounds=9", "train.rounds=100"]);
    assert!(error.contains("train.off_policy_rounds"), "{error}");
}
