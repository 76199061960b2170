//! One small training run for each way of updating, on virtual phones: what each adds to the rows of
//! a round, and that it leaves the record of the rounds alone.
#![allow(clippy::unwrap_used)]

mod small_run;
#[path = "small_run/trainer.rs"]
mod trainer;

use small_run::small_run;
use stepdroid::domain::{Observer, Outcome, Phase};
use stepdroid::farm::Patience;
use stepdroid::runtime::Chosen;
use stepdroid::store::{BranchPurpose, BranchRow, RoundKey, Store};
use stepdroid::train::{RunDirectory, Trainer, load_checkpoint, newest_checkpoint};
use tokio_util::sync::CancellationToken;
use trainer::{farm, library, parsed, trainer};

/// What these runs have otherwise.
const OWN: &str = "train.augmentation = \"none\"";

struct Trained {
    path: std::path::PathBuf,
    store: Store,
    // Goes with the run.
    _folder: tempfile::TempDir,
}

impl Trained {
    fn value(&self, round: u64, name: &str) -> f64 {
        let metrics = self.store.metrics(Phase::Train).unwrap();
        let found = metrics
            .iter()
            .find(|row| row.number == round && row.name == name);
        found
            .and_then(|row| row.value)
            .unwrap_or_else(|| panic!("round {round} has no {name}"))
    }

    fn sum(&self, name: &str) -> f64 {
        self.value(0, name) + self.value(1, name)
    }

    fn branches(&self) -> Vec<BranchRow> {
        let mut rows = self.store.branches(0).unwrap();
        rows.extend(self.store.branches(1).unwrap());
        rows
    }

    /// What must hold however a round is learnt from.
    fn check(&self) {
        for round in 0..2 {
            assert_eq!(self.value(round, "judged"), 12.0);
            let episodes = self.store.episodes(RoundKey::train(round)).unwrap();
            assert_eq!(episodes.len(), 12);
            assert!(self.value(round, "log_probability_gap") < 1e-4);
            if self.value(round, "rows") == 0.0 {
                continue;
            }
            assert!((self.value(round, "first_ratio") - 1.0).abs() < 1e-3);
            assert!(self.value(round, "loss").is_finite());
        }
        // Each judged trajectory of the plans counts once, and nothing else does.
        let rates = self.store.success_rates().unwrap();
        let judged: u32 = rates.iter().map(|rate| rate.judged).sum();
        assert_eq!(judged, 24, "{rates:?}");
    }
}

async fn train(sets: &[&str]) -> Trained {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let config = parsed(&small_run(&[OWN]), sets);
    let run = RunDirectory::create(&path, &config).unwrap();
    let store = run.store.clone();
    let farm = farm(&config, Patience::default(), &Observer::default()).await;
    let trainer = trainer(run, Observer::default());
    trainer.run(&farm).await.unwrap();
    let trained = Trained {
        path,
        store,
        _folder: folder,
    };
    trained.check();
    trained
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_successes_are_replayed() {
    for rule in ["success", "aes"] {
        let rule = format!("train.replay={rule:?}");
        // The policy stays about as good as it is, so that neither task is mastered.
        let run = train(&[
            &rule,
            "train.replay_rows=4",
            "train.loss_reweight=ir_dro",
            "train.lr=1e-6",
            "train.temperature=1.2",
        ])
        .await;
        // What succeeded in the first round, of tasks that do not succeed always by now.
        let rates = run.store.success_rates().unwrap();
        let mastered = |task: &str| {
            let last = rates.iter().rfind(|rate| rate.task == task);
            last.is_some_and(|rate| rate.smoothed >= 1.0)
        };
        let episodes = run.store.episodes(RoundKey::train(0)).unwrap();
        let of_use = episodes.iter().filter(|episode| {
            episode.outcome.reward() == Some(1.0) && !mastered(&episode.instance.task)
        });
        let steps: u32 = of_use.map(|episode| episode.steps).sum();
        assert!(steps >= 4, "there is too little to replay: {rates:?}");
        assert_eq!(run.value(0, "replayed_rows"), 0.0);
        assert_eq!(run.value(1, "replayed_rows"), 4.0);
        assert!(run.value(1, "rows") >= 4.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_optimizers_train_and_are_kept() {
    for (name, kinds) in [
        ("sgd", &["velocity"][..]),
        ("extrap", &["velocity", "previous"]),
    ] {
        let optimizer = format!("train.optimizer={name:?}");
        let run = train(&[&optimizer, "train.lr=0.01"]).await;
        let newest = newest_checkpoint(&run.path, &run.store).unwrap();
        let bundle = load_checkpoint(&run.path, &newest).unwrap();
        let moments = bundle.optimizer.unwrap();
        let found: Vec<&str> = moments
            .kinds
            .iter()
            .map(|(kind, _)| kind.as_str())
            .collect();
        assert_eq!(found, kinds);
        assert_eq!(moments.steps as f64, run.sum("optimizer_steps"));
        let first = &run.store.checkpoints().unwrap()[0];
        let first = load_checkpoint(&run.path, first).unwrap();
        assert_ne!(bundle.forward, first.forward);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failed_runs_learn_the_right_action_at_their_forks() {
    let run = train(&["train.critical_steps=fork"]).await;
    let failed = 24.0 - run.sum("successes");
    let forks = run.sum("fork_rows");
    assert!(forks > 0.0 && forks <= failed, "{forks} of {failed}");
    assert!(run.branches().is_empty());
}

/// Every branch reached the state of its step: the states on the way were those of the record.
fn reached(rows: &[BranchRow], purpose: BranchPurpose) {
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row.branch.purpose, purpose);
        let outcome = row.outcome.as_ref().unwrap();
        assert!(outcome.is_judged(), "{row:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_actions_are_tried_at_critical_steps() {
    let run = train(&["train.critical_steps=cso", "train.cso_branches=6"]).await;
    let rows = run.branches();
    reached(&rows, BranchPurpose::Preference);
    assert!(rows.len() <= 12);
    assert!(rows.iter().all(|row| row.branch.choice.is_some()));
    let won = rows
        .iter()
        .filter(|row| row.outcome == Some(Outcome::Success { score: 1.0 }));
    let won = won.count() as f64;
    assert_eq!(run.sum("pair_rows"), 2.0 * won);
    assert_eq!(run.sum("branches_succeeded"), won);
    assert_eq!(run.sum("branches_strayed"), 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recoveries_are_shown_and_learnt() {
    let run = train(&["train.calibration=steca", "train.calibration_branches=3"]).await;
    let rows = run.branches();
    reached(&rows, BranchPurpose::Recovery);
    assert!(rows.len() <= 6);
    // The solution finds its way back from most mistakes.
    let won = run.sum("branches_succeeded");
    assert!(won > 0.0);
    assert!(run.sum("recovery_rows") >= won);
    for round in 0..2 {
        for row in run.store.branches(round).unwrap() {
            let samples = run.store.branch_samples(round, row.branch.number).unwrap();
            assert!(samples.iter().all(|(step, _)| *step > row.branch.step));
        }
    }
}

#[test]
fn extrapolation_is_refused_on_a_graphics_card() {
    let folder = tempfile::tempdir().unwrap();
    let config = parsed(&small_run(&[OWN]), &["train.optimizer=extrap"]);
    let run = RunDirectory::create(&folder.path().join("run"), &config).unwrap();
    let stop = CancellationToken::new();
    let made = Trainer::new(run, library(), Chosen::Cuda, Observer::default(), stop);
    let error = made.err().unwrap().to_string();
    assert!(error.contains("train.optimizer"), "{error}");
    assert!(error.contains("policy.provider"), "{error}");
}
