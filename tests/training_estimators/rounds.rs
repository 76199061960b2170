//! One small round of training with each estimator beside STEP's own, on real virtual phones: it
//! runs, what it needs is recorded, and the rows that it learns from are what the formulas say.

use std::collections::BTreeMap;

use super::small_run::small_run;
use super::stand_in::{Reply, StandIn};
use super::trainer::{CPU, farm, library, parsed, trainer};
use stepdroid::domain::{Observer, Phase};
use stepdroid::farm::Patience;
use stepdroid::judge;
use stepdroid::learn::anchors::anchor_repeats;
use stepdroid::learn::{Recipe, SampleSource, StepSample, SuccessRecord};
use stepdroid::policy::{Acting, Learner};
use stepdroid::store::{EpisodeEvidence, EpisodeRow, RoundKey, Store};
use stepdroid::train::{RunDirectory, load_checkpoint, round_samples};

/// What these runs have otherwise.
const OWN: &str = r#"
[suite]
tasks = ["SystemWifiTurnOn", "TurnOffWifiAndTurnOnBluetooth"]

[pretrain]
demonstrations = 3
steps = 100

[train]
rounds = 1
temperature = 1.4
max_steps = 14
keep_samples = 0
"#;

/// A round that was trained, and what it learnt from.
struct Trained {
    _folder: tempfile::TempDir,
    store: Store,
    episodes: BTreeMap<u64, EpisodeRow>,
    evidence: BTreeMap<u64, EpisodeEvidence>,
    record: SuccessRecord,
    metrics: BTreeMap<String, f64>,
    rows: Vec<StepSample>,
}

impl Trained {
    fn reward(&self, slot: u64) -> f64 {
        self.episodes[&slot].outcome.reward().unwrap()
    }

    /// `(R - mean) / (std + 1e-6)` of an episode over its task's episodes.
    fn relative(&self, slot: u64) -> f64 {
        let task = &self.episodes[&slot].instance.task;
        let same = self
            .episodes
            .iter()
            .filter(|(_, one)| one.instance.task == *task);
        relative(
            self.reward(slot),
            &same.map(|(slot, _)| self.reward(*slot)).collect::<Vec<_>>(),
        )
    }
}

fn relative(value: f64, all: &[f64]) -> f64 {
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let variance = all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / all.len() as f64;
    if variance < 1e-12 {
        return 0.0;
    }
    (value - mean) / (variance.sqrt() + 1e-6)
}

async fn train(sets: &[&str]) -> Trained {
    let config = parsed(&small_run(&[OWN]), sets);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = RunDirectory::create(&path, &config).unwrap();
    let store = run.store.clone();
    let farm = farm(&config, Patience::default(), &Observer::default()).await;
    let trainer = trainer(run, Observer::default());
    trainer.run(&farm).await.unwrap();

    // The rows again, from what is stored and the weights of then.
    let checkpoints = store.checkpoints().unwrap();
    let bundle = load_checkpoint(&path, &checkpoints[0]).unwrap();
    let learner = Learner::new(&library(), &CPU, bundle.shape, bundle.forward, 1).unwrap();
    let acting = Acting::new(&library(), &CPU, &learner.forward(), 1).unwrap();
    let rates = store.success_rates().unwrap();
    let record = SuccessRecord::from_entries(config.train.group_size, rates).unwrap();
    let recipe = Recipe {
        judge: judge::of(&config.judge).unwrap(),
        ..Recipe::of(&config.train)
    };
    let samples = round_samples(&store, 0, &config, &recipe, &record, &acting).unwrap();
    let key = RoundKey::train(0);
    let episodes = store.episodes(key).unwrap().into_iter();
    let evidence = store.evidence(key).unwrap().into_iter();
    let metrics = store.metrics(Phase::Train).unwrap().into_iter();
    let trained = Trained {
        _folder: folder,
        episodes: episodes.map(|one| (u64::from(one.slot), one)).collect(),
        evidence: evidence.map(|one| (u64::from(one.slot), one)).collect(),
        record,
        metrics: metrics
            .filter_map(|row| Some((row.name, row.value?)))
            .collect(),
        rows: samples.rows,
        store,
    };
    assert_eq!(trained.episodes.len(), 12);
    assert_eq!(trained.rows.len() as f64, trained.metrics["rows"]);
    // Every state has its anchor, and the metric is what the anchors say.
    let states: Vec<(&str, &[Option<String>])> = trained
        .evidence
        .values()
        .map(|one| (one.task.as_str(), one.anchors.as_slice()))
        .collect();
    assert!(
        states
            .iter()
            .all(|(_, anchors)| anchors.iter().all(Option::is_some))
    );
    assert_eq!(anchor_repeats(&states), trained.metrics["anchor_repeats"]);
    // Without both, most formulas would have nothing to say.
    let successes = trained.metrics["successes"];
    assert!(successes > 0.0 && successes < 12.0, "{successes}");
    assert!(!trained.rows.is_empty());
    // All trajectories of a task begin on the home screen.
    assert!(trained.metrics["anchor_repeats"] > 0.0);
    trained
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_activity_comes_with_the_tree() {
    let config = parsed(&small_run(&[OWN]), &["run.seed=1"]);
    let farm = farm(&config, Patience::default(), &Observer::default()).await;
    let device = farm.members()[0].open().await.unwrap();
    let start = "am start -W -n com.android.settings/.Settings";
    device.adb().shell_ok(start).await.unwrap();
    let top = device.adb().top_activity().await.unwrap();
    assert!(top.as_deref().is_some_and(|top| top.contains("settings")));
    let before = device.adb().round_trips();
    let alone = device.observe(false).await.unwrap();
    let between = device.adb().round_trips();
    let with_activity = device.observe_with_activity(false).await.unwrap();
    assert_eq!(with_activity, (alone, top));
    assert_eq!(device.adb().round_trips() - between, between - before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gigpo_learns_from_steps_in_the_same_state() {
    let trained = train(&[
        "train.preset=gigpo",
        "train.gigpo_gamma=0.9",
        "train.gigpo_weight=0.5",
    ])
    .await;
    let discounted = |slot: u64, step: usize| {
        let to_go = trained.evidence[&slot].anchors.len() - 1 - step;
        0.9f64.powi(to_go as i32) * trained.reward(slot)
    };
    let mut groups: BTreeMap<(&str, &str, &str), Vec<f64>> = BTreeMap::new();
    for (slot, evidence) in &trained.evidence {
        for (step, anchor) in evidence.anchors.iter().enumerate() {
            let goal = trained.episodes[slot].instance.goal.as_str();
            groups
                .entry((&evidence.task, goal, anchor.as_ref().unwrap()))
                .or_default()
                .push(discounted(*slot, step));
        }
    }
    let mut expected = BTreeMap::new();
    let mut compared = 0;
    for (slot, evidence) in &trained.evidence {
        for (step, anchor) in evidence.anchors.iter().enumerate() {
            let goal = trained.episodes[slot].instance.goal.as_str();
            let group = &groups[&(evidence.task.as_str(), goal, anchor.as_deref().unwrap())];
            let mean = group.iter().sum::<f64>() / group.len() as f64;
            compared += usize::from(discounted(*slot, step) != mean);
            let advantage = trained.relative(*slot) + 0.5 * (discounted(*slot, step) - mean);
            expected.insert((*slot, step as u32), advantage);
        }
    }
    assert!(compared > 0);
    check_rows(&trained, expected);
}

/// Every row has the advantage expected of it, and every step that is not 0 has its row.
fn check_rows(trained: &Trained, mut expected: BTreeMap<(u64, u32), f64>) {
    for row in &trained.rows {
        let place = (row.source.trajectory(), row.source.step());
        let advantage = expected.remove(&place).unwrap();
        assert!(
            (row.advantage - advantage).abs() < 1e-9,
            "{row:?}: {advantage}"
        );
    }
    assert!(
        expected.values().all(|value| value.abs() < 1e-9),
        "{expected:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tgrpo_learns_from_measured_progress() {
    let trained = train(&[
        "train.preset=tgrpo",
        "train.tgrpo_c1=0.5",
        "train.tgrpo_c2=2.0",
    ])
    .await;
    let mut times: BTreeMap<(&str, usize), Vec<f64>> = BTreeMap::new();
    for (slot, evidence) in &trained.evidence {
        for (step, progress) in evidence.progress.iter().enumerate() {
            let progress = progress.unwrap();
            assert!([0.0, 0.5, 1.0].contains(&progress), "{progress}");
            let group = times.entry((&evidence.task, step)).or_default();
            group.push(progress);
        }
        // Whoever succeeded had all of it in the end.
        if trained.reward(*slot) == 1.0 {
            assert_eq!(evidence.progress.last(), Some(&Some(1.0)));
        }
    }
    let mut expected = BTreeMap::new();
    for (slot, evidence) in &trained.evidence {
        for (step, progress) in evidence.progress.iter().enumerate() {
            let group = &times[&(evidence.task.as_str(), step)];
            let advantage =
                0.5 * relative(progress.unwrap(), group) + 2.0 * trained.relative(*slot);
            expected.insert((*slot, step as u32), advantage);
        }
    }
    check_rows(&trained, expected);
    assert_eq!(trained.metrics["judge_questions"], 12.0);
    assert_eq!(trained.metrics["judge_unanswered"], 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn measured_progress_labels_actions_of_failed_runs() {
    let trained = train(&[
        "train.preset=slate",
        "train.low_sr=1.0",
        "train.aug_group=4",
    ])
    .await;
    let measured = |slot: u64, step: u32| trained.evidence[&slot].progress[step as usize].unwrap();
    let mut groups: BTreeMap<u32, Vec<&StepSample>> = BTreeMap::new();
    let mut of_failures = 0;
    for row in &trained.rows {
        let (slot, step) = (row.source.trajectory(), row.source.step());
        match row.group {
            Some(group) => groups.entry(group).or_default().push(row),
            // Unjudged, it can only be a step of a success.
            None => assert_eq!(trained.reward(slot), 1.0),
        }
        if trained.reward(slot) < 1.0 {
            of_failures += 1;
            // A failed run teaches only where its step changed the progress.
            assert_ne!(measured(slot, step), measured(slot, step - 1));
        }
    }
    assert!(of_failures > 0 && !groups.is_empty());
    for rows in groups.values() {
        let sum: f64 = rows.iter().map(|row| row.advantage).sum();
        assert!(sum.abs() < 1e-9, "{rows:?}");
        let rate = trained.record.rate(&rows[0].task).unwrap();
        let squares: f64 = rows
            .iter()
            .map(|row| (row.advantage / (1.0 - rate)).powi(2))
            .sum();
        assert!((squares / rows.len() as f64 - 1.0).abs() < 1e-9, "{rows:?}");
    }
    assert!(trained.metrics["judge_questions"] > 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_judge_at_an_endpoint_scores_actions_and_is_asked_once() {
    // The action taken harms, the first drawn again helps, the others do neither; every fifth
    // answer is broken for ever.
    let server = StandIn::start(|_, request| {
        let question = request.question();
        if question["screen"].as_str().unwrap().len().is_multiple_of(5) {
            return Reply::Says("no idea".into());
        }
        let count = question["actions"].as_array().unwrap().len();
        let mut scores = vec![0; count];
        (scores[0], scores[1]) = (-1, 1);
        Reply::Says(serde_json::json!({"scores": scores}).to_string())
    });
    let endpoint = format!("judge.endpoint={}", server.endpoint);
    let trained = train(&[
        "train.preset=slate",
        "train.low_sr=1.0",
        "train.aug_group=4",
        "judge.kind=http",
        "judge.model=stand-in",
        "judge.retries=0",
        &endpoint,
    ])
    .await;
    // -1, 1, 0, 0: mean 0, variance 1/2.
    let mut judged = 0;
    for row in &trained.rows {
        let rate = trained.record.rate(&row.task).unwrap();
        let value = match (row.group, row.source) {
            (None, _) => 1.0,
            (Some(_), SampleSource::Step { .. }) => -(2f64.sqrt()),
            (Some(_), SampleSource::Resampled { alternative: 0, .. }) => 2f64.sqrt(),
            (Some(_), SampleSource::Resampled { .. }) => 0.0,
            (Some(_), other) => panic!("{other:?} is of no group"),
        };
        judged += u32::from(row.group.is_some());
        assert!(
            (row.advantage - (1.0 - rate) * value).abs() < 1e-9,
            "{row:?}"
        );
    }
    assert!(judged > 0);
    assert_eq!(trained.metrics["augmented_states"], f64::from(judged) / 4.0);
    // The rows were made a second time above, and nothing was asked twice.
    let mut questions: Vec<String> = server
        .requests
        .lock()
        .unwrap()
        .iter()
        .map(|request| request.question().to_string())
        .collect();
    let asked = questions.len();
    questions.sort();
    questions.dedup();
    assert_eq!(questions.len(), asked);
    assert!(asked as f64 <= trained.metrics["judge_questions"]);
    assert_eq!(server.count(), asked);
    // Nobody measured on the device for it.
    let measured = trained.evidence.values().flat_map(|one| &one.progress);
    assert!(measured.flatten().next().is_none());
    assert!(
        trained
            .store
            .judgement(0, "no such question")
            .unwrap()
            .is_none()
    );
}
