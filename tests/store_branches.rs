//! Branches in the store: planned once, ended once, kept, and counted nowhere else.
#![allow(clippy::unwrap_used)]

use stepdroid::domain::{Outcome, Phase};
use stepdroid::store::{Branch, BranchPurpose, NewRun, Store, StoreError, StoreOptions};

fn branch(number: u32, purpose: BranchPurpose, choice: Option<Vec<u8>>) -> Branch {
    Branch {
        number,
        purpose,
        slot: 3,
        step: 2,
        choice,
    }
}

#[test]
fn branches_end_once_and_survive() {
    let folder = tempfile::tempdir().unwrap();
    let run = NewRun {
        name: "small".into(),
        seed: 1,
        config: String::new(),
        program_version: "0".into(),
        suite_version: "virtual".into(),
    };
    let options = StoreOptions::default();
    let store = Store::create(folder.path(), &run, &options).unwrap();
    let planned = [
        branch(0, BranchPurpose::Preference, Some(vec![1, 2])),
        branch(1, BranchPurpose::Recovery, None),
    ];
    store.put_branches(4, &planned).unwrap();
    // A plan is drawn once.
    assert!(store.put_branches(4, &planned).is_err());
    store.count_lost_branch(4, 1).unwrap();
    let won = Outcome::Success { score: 1.0 };
    let samples = [(3, vec![7]), (4, vec![8, 9])];
    store.finish_branch(4, 1, "device", &won, &samples).unwrap();
    let again = store.finish_branch(4, 1, "device", &Outcome::Failure, &[]);
    assert!(
        matches!(again, Err(StoreError::AlreadyFinished { .. })),
        "{again:?}"
    );
    drop(store);

    let store = Store::open(folder.path(), &options).unwrap();
    let rows = store.branches(4).unwrap();
    assert!(rows.iter().map(|row| &row.branch).eq(&planned));
    assert_eq!(rows[0].outcome, None);
    assert_eq!((&rows[1].outcome, rows[1].attempts), (&Some(won), 1));
    assert_eq!(store.branch_samples(4, 1).unwrap(), samples);
    assert!(store.branch_samples(4, 0).unwrap().is_empty());
    assert!(store.branches(3).unwrap().is_empty());
    // What has been learnt from is forgotten; how it ended is not.
    store.forget_branch_samples(4).unwrap();
    assert_eq!(store.branches(4).unwrap(), rows);
    store.forget_branch_samples(5).unwrap();
    assert!(store.branch_samples(4, 1).unwrap().is_empty());
    let kept = store.branches(4).unwrap();
    assert!(kept.iter().all(|row| row.branch.choice.is_none()));
    assert_eq!(kept[1].outcome, rows[1].outcome);
    assert!(store.rounds(Phase::Train).unwrap().is_empty());
    assert!(store.success_rates().unwrap().is_empty());
}
