//! What estimators look at, in the store: anchors and progress of steps, answers of a judge; and runs
//! from before there were any.
#![allow(clippy::unwrap_used)]

use stepdroid::domain::{Action, Instance, Outcome, Slot, StepRecord, Trajectory};
use stepdroid::store::{AfterLoss, EpisodeRecord, NewRun, RoundKey, Store, StoreOptions};

fn step(anchor: Option<&str>, progress: Option<f64>) -> StepRecord {
    StepRecord {
        action: Action::click(1),
        executed: true,
        note: String::new(),
        sample: None,
        log_probability: -1.0,
        touch: None,
        screenshot: None,
        anchor: anchor.map(str::to_owned),
        progress,
    }
}

fn episode(slot: u32, outcome: Outcome, steps: Vec<StepRecord>) -> EpisodeRecord {
    EpisodeRecord {
        key: RoundKey::train(0),
        slot,
        instance: Instance {
            task: format!("Task{slot}"),
            params: Default::default(),
            seed: 0,
            goal: "goal".into(),
            budget: 10,
            compat: Default::default(),
            state: serde_json::Value::Null,
        },
        device: "phone".into(),
        policy_version: 1,
        trajectory: Trajectory {
            steps,
            outcome,
            answer: None,
        },
        started_at: 1,
        finished_at: 2,
    }
}

#[test]
fn evidence_of_judged_episodes_is_kept_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let run = NewRun::default();
    let store = Store::create(folder.path(), &run, &StoreOptions::default()).unwrap();
    let key = RoundKey::train(0);
    let slots: Vec<Slot> = (0..3)
        .map(|slot| Slot::plain(slot, &format!("Task{slot}"), 0, 0))
        .collect();
    store.put_round(key, 1, "{}", &slots).unwrap();
    let lost = Outcome::Truncated {
        cause: "device_lost".into(),
    };
    let steps = vec![
        step(Some("a"), Some(0.5)),
        step(None, None),
        step(Some("b"), Some(1.0)),
    ];
    for (slot, outcome, steps) in [
        (2, Outcome::Failure, vec![step(Some("c"), Some(0.0))]),
        (0, lost, vec![step(Some("lost"), None)]),
        (0, Outcome::Success { score: 1.0 }, steps.clone()),
        (1, Outcome::Failure, Vec::new()),
    ] {
        let record = episode(slot, outcome, steps);
        store.finish_slot(&record, AfterLoss::Requeue).unwrap();
    }
    let found = store.evidence(key).unwrap();
    let slots: Vec<u32> = found.iter().map(|one| one.slot).collect();
    assert_eq!(slots, [0, 2], "without steps there is no evidence");
    assert_eq!(found[0].task, "Task0");
    assert_eq!(
        found[0].anchors,
        [Some("a".to_owned()), None, Some("b".to_owned())]
    );
    assert_eq!(found[0].progress, [Some(0.5), None, Some(1.0)]);
    let episodes = store.episodes(key).unwrap();
    let judged = episodes
        .iter()
        .find(|one| one.slot == 0 && one.outcome.is_judged());
    assert_eq!(store.steps(judged.unwrap().id, true).unwrap(), steps);

    // Progress is a share; anything else is refused and nothing is stored.
    let key = RoundKey::train(1);
    store
        .put_round(key, 1, "{}", &[Slot::plain(0, "Task0", 0, 0)])
        .unwrap();
    let wrong = EpisodeRecord {
        key,
        ..episode(0, Outcome::Failure, vec![step(None, Some(1.5))])
    };
    assert!(store.finish_slot(&wrong, AfterLoss::Requeue).is_err());
    assert!(store.episodes(key).unwrap().is_empty());
}

#[test]
fn runs_from_before_have_no_evidence_and_can_get_some() {
    let folder = tempfile::tempdir().unwrap();
    let direct = rusqlite::Connection::open(folder.path().join("run.sqlite")).unwrap();
    direct
        .execute_batch(include_str!("../src/store/migrations/0001_first.sql"))
        .unwrap();
    direct
        .execute_batch(include_str!("fixtures/store_version_1.sql"))
        .unwrap();
    direct.pragma_update(None, "user_version", 1).unwrap();
    direct
        .pragma_update(None, "application_id", 0x7364_7264)
        .unwrap();
    drop(direct);
    let store = Store::open(folder.path(), &StoreOptions::default()).unwrap();
    let found = store.evidence(RoundKey::train(0)).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].anchors, [None, None]);
    assert_eq!(found[0].progress, [None, None]);

    assert_eq!(store.judgement(0, "q").unwrap(), None);
    let answers = [
        ("q".to_owned(), Some("[1]".to_owned())),
        ("silent".to_owned(), None),
    ];
    store.put_judgements(0, &answers).unwrap();
    drop(store);
    let store = Store::open(folder.path(), &StoreOptions::default()).unwrap();
    assert_eq!(store.judgement(0, "q").unwrap(), Some(Some("[1]".into())));
    assert_eq!(store.judgement(0, "silent").unwrap(), Some(None));
    assert_eq!(store.judgement(1, "q").unwrap(), None);
}
