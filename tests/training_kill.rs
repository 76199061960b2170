//! `kill -9` at many moments of runs of the real program, in every stage: each run, gone on with until
//! it is done, ends as the run that nobody disturbed, to the bit.
#![allow(clippy::unwrap_used)]

#[path = "training_state/kills.rs"]
mod kills;
mod small_run;
mod training_state;

use std::time::Duration;

use kills::{Moment, end, kill_at, open_branches, spawn};
use rand::RngExt;
use small_run::small_run;
use stepdroid::domain::Phase;
use stepdroid::domain::streams::stream;
use stepdroid::store::{RoundKey, RoundState, Store, StoreOptions};
use training_state::{assert_same, state};

fn every_stage() -> String {
    let stages = include_str!("small_run/stages.toml");
    small_run(&[stages, "train.keep_samples = 1"])
}

fn demonstrations() -> RoundKey {
    RoundKey::demonstrate(0)
}

/// The moments of one run, in the order of its stages.
fn moments(run: usize) -> Vec<Moment> {
    let train = RoundKey::train;
    match run {
        0 => vec![
            Moment::File("run.lock"),
            Moment::Episodes(demonstrations(), 0),
            Moment::Episodes(demonstrations(), 2),
            Moment::File("checkpoints/000001.partial"),
            Moment::Episodes(RoundKey::evaluate(0), 1),
            Moment::Episodes(train(0), 0),
            Moment::State(0, RoundState::RolledOut),
            Moment::Updating(0),
            Moment::State(0, RoundState::Updated),
            Moment::Episodes(train(1), 3),
            Moment::Episodes(RoundKey::evaluate(1), 0),
        ],
        _ => vec![
            Moment::File("run.sqlite"),
            Moment::File("checkpoints/000001"),
            Moment::Episodes(train(0), 2),
            Moment::State(0, RoundState::Augmented),
            Moment::File("checkpoints/000002.partial"),
            Moment::Episodes(train(1), 0),
            Moment::After(900),
            Moment::State(1, RoundState::Augmented),
            Moment::File("checkpoints/000003"),
        ],
    }
}

#[test]
fn every_killed_run_ends_as_the_one_that_nobody_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("small.toml");
    std::fs::write(&file, every_stage()).unwrap();
    let undisturbed = folder.path().join("undisturbed");
    end(spawn(&file, &undisturbed, 2));
    let wanted = state(&undisturbed);
    let store = Store::read(&undisturbed, &StoreOptions::default()).unwrap();
    assert_eq!(store.rounds(Phase::Train).unwrap().len(), 2);
    // Something was learnt, and something was drawn again: else the stages would be empty.
    for round in 0..2 {
        let metrics = store.metrics(Phase::Train).unwrap();
        let value = |name: &str| {
            let row = metrics
                .iter()
                .find(|row| row.number == round && row.name == name);
            row.and_then(|row| row.value).unwrap()
        };
        assert!(value("optimizer_steps") > 0.0, "round {round}");
        assert!(value("augmented_states") > 0.0, "round {round}");
    }

    let mut random = stream(3, "kills", 0);
    let mut kills = 0;
    for number in 0..2 {
        let run = folder.path().join(format!("killed-{number}"));
        for moment in moments(number) {
            // Also a little later than what was seen, and with other numbers of phones.
            let delay = Duration::from_micros(random.random_range(0..15_000));
            let phones = random.random_range(1..=3);
            let over = kill_at(moment, delay, &file, &run, phones);
            assert!(!over, "run {number} was over before {moment:?}");
            kills += 1;
        }
        end(spawn(&file, &run, 2));
        assert_same(&state(&run), &wanted, &format!("run {number}"));
    }
    assert_eq!(kills, 20);
}

/// What a run whose rounds have branches of both kinds has otherwise.
const BRANCHING: &str = r#"
[train]
augmentation = "none"
critical_steps = "cso"
cso_branches = 3
calibration = "steca"
calibration_branches = 3
keep_samples = 0

[eval]
before = false
"#;

#[test]
fn a_run_that_is_killed_while_branches_are_open_ends_as_the_one_that_nobody_disturbed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("branching.toml");
    std::fs::write(&file, small_run(&[BRANCHING])).unwrap();
    let undisturbed = folder.path().join("undisturbed");
    end(spawn(&file, &undisturbed, 2));
    let wanted = state(&undisturbed);
    // As many moments as there are branches: one before each end.
    let moments: Vec<Moment> = (0..2)
        .flat_map(|round| {
            let (branches, _) = open_branches(&undisturbed, round).unwrap();
            (0..branches.min(3)).map(move |ended| Moment::Branches(round, ended))
        })
        .collect();
    assert!(!moments.is_empty(), "there are no branches");
    let run = folder.path().join("killed");
    let mut open = 0;
    for (number, moment) in (1..).zip(moments) {
        // One phone after another, so that no two branches end in one look.
        let phones = match moment {
            Moment::Branches(_, 0) => number % 3 + 1,
            _ => 1,
        };
        let over = kill_at(moment, Duration::ZERO, &file, &run, phones);
        assert!(!over, "the run was over before {moment:?}");
        if let Moment::Branches(round, _) = moment {
            open += usize::from(open_branches(&run, round).unwrap().1 > 0);
        }
    }
    // Between the look and the kill the last one may have ended.
    assert!(open > 0, "no kill met an open branch");
    end(spawn(&file, &run, 2));
    assert_same(&state(&run), &wanted, "the killed run");
}
