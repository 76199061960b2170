//! Experiments from end to end: the committed ones are sound, and a tiny one runs, goes on where it
//! was stopped, and reports what its runs' databases hold.
#![allow(clippy::unwrap_used)]

mod small_run;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use small_run::small_run;
use stepdroid::config::Experiment;

/// What the base of the runs has otherwise.
const OWN: &str = r#"
[suite]
tasks = ["SystemWifiTurnOn", "SystemBluetoothTurnOff", "ClockStopWatchRunning"]

[pretrain]
demonstrations = 3
validation = 0.3
check_every = 10
steps = 40

[train]
group_size = 3

[eval]
episodes = 2
screenshots = 0
"#;

const TINY: &str = r#"
name = "tiny"
about = "Two arms"
base = "base.toml"
sets = ["train.rounds=2", "eval.every=1"]
seeds = [1, 2]
reference = "STEP"
arms = [
  { name = "STEP", sets = ["train.preset=step"] },
  { name = "T-GRPO", sets = ["train.preset=t-grpo"] },
  { name = "Long", sets = ["train.preset=t-grpo", "policy.context=episode"], seeds = [1], settings_of = "T-GRPO" },
]

[search]
seed = 9
eval_seeds = "3000000..3001000"
candidates = [["train.lr=3e-4"], ["train.lr=1e-3"]]
"#;

fn reproduce(folder: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stepdroid"))
        .args(["reproduce", "tiny.toml", "--out", "out", "--json"])
        .args(more)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn the_committed_experiments_are_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/experiments");
    for (file, seeds, tasks) in [("small.toml", 3, 20), ("full.toml", 5, 67)] {
        let experiment = Experiment::load(&folder.join(file), &[]).unwrap();
        assert!(experiment.file.seeds.len() >= seeds, "{file}");
        assert_eq!(experiment.file.arms.len(), 7, "{file}");
        for arm in &experiment.file.arms {
            let config = experiment.arm(arm, &[], 1, Path::new("warm")).unwrap();
            let suite = stepdroid::eval::training_suite(&config).unwrap();
            assert_eq!(suite.len(), tasks, "{file}");
            stepdroid::eval::seeds_are_apart(&config).unwrap();
        }
    }
}

#[test]
fn a_tiny_experiment_runs_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("base.toml"), small_run(&[OWN])).unwrap();
    std::fs::write(at.join("tiny.toml"), TINY).unwrap();

    let nothing = reproduce(at, &["--report-only"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(!at.join("out").exists());

    let first = reproduce(at, &[]);
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    assert!(first.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&first.stdout).unwrap();
    assert_eq!(report["trajectories"], 12);
    assert_eq!(report["missing"].as_array().unwrap().len(), 0);
    let warm = report["warm"].as_array().unwrap();
    for arm in report["arms"].as_array().unwrap() {
        let runs = arm["runs"].as_array().unwrap();
        // One arm runs on one seed alone, and begins with another network.
        let is_long = arm["name"] == "Long";
        assert_eq!(runs.len(), if is_long { 1 } else { 2 });
        for (run, warm) in runs.iter().zip(warm) {
            let curve = run["curve"].as_array().unwrap();
            let at: Vec<u64> = curve
                .iter()
                .map(|point| point["trajectories"].as_u64().unwrap())
                .collect();
            assert_eq!(at, [0, 6, 12]);
            // All arms of a seed begin with the same weights.
            assert!(is_long || &curve[0]["success"] == warm);
        }
        let finals: Vec<f64> = runs
            .iter()
            .map(|run| run["curve"][2]["success"].as_f64().unwrap())
            .collect();
        let mean = finals.iter().sum::<f64>() / finals.len() as f64;
        assert!((arm["success"].as_f64().unwrap() - mean).abs() < 1e-12);
        assert_eq!(arm["chosen"].as_array().unwrap().len(), 1);
    }
    let search = report["search"].as_array().unwrap();
    assert_eq!(search.len(), 4);
    assert_eq!(report["arms"][1]["chosen"], report["arms"][2]["chosen"]);
    assert!(at.join("out/warm/long/seed-1").exists());
    assert!(!at.join("out/arms/long/seed-2").exists());
    assert_eq!(search.iter().filter(|row| row["chosen"] == true).count(), 2);
    assert_eq!(report["comparisons"][0]["arm"], "T-GRPO");
    assert_eq!(
        report["comparisons"][0]["differences"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let page = std::fs::read_to_string(at.join("out/report/index.html")).unwrap();
    assert!(page.contains("Time per training step") && page.contains("T-GRPO"));

    // One run is lost: only that one is run again, and with the same seed it is the same again.
    std::fs::remove_dir_all(at.join("out/arms/t-grpo/seed-2")).unwrap();
    let looked = reproduce(at, &["--report-only"]);
    let partial: Value = serde_json::from_slice(&looked.stdout).unwrap();
    assert_eq!(partial["missing"], serde_json::json!(["T-GRPO, seed 2"]));
    let again = reproduce(at, &[]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.success(), "{said}");
    assert!(
        said.contains("T-GRPO, seed 2") && !said.contains("T-GRPO, seed 1"),
        "{said}"
    );

    // A look with a new seed misses its runs and changes nothing.
    let known = std::fs::read_to_string(at.join("out/experiment.toml")).unwrap();
    let looked = reproduce(at, &["--report-only", "--seeds", "3"]);
    let partial: Value = serde_json::from_slice(&looked.stdout).unwrap();
    let missing = serde_json::json!(["STEP, seed 3", "T-GRPO, seed 3"]);
    assert_eq!(partial["missing"], missing);
    let kept = std::fs::read_to_string(at.join("out/experiment.toml")).unwrap();
    assert_eq!(kept, known);
    // With it, that one is run; it is part of the results from then on.
    let grown = reproduce(at, &["--seeds", "3"]);
    let said = String::from_utf8_lossy(&grown.stderr).into_owned();
    assert!(grown.status.success(), "{said}");
    assert!(
        said.contains("STEP, seed 3") && !said.contains("seed 2"),
        "{said}"
    );
    let same = reproduce(at, &[]);
    let said = String::from_utf8_lossy(&same.stderr).into_owned();
    assert!(same.status.success() && !said.contains("seed"), "{said}");
    assert_eq!(same.stdout, grown.stdout);
    let report: Value = serde_json::from_slice(&same.stdout).unwrap();
    assert_eq!(report["seeds"], serde_json::json!([1, 2, 3]));
    assert_eq!(report["arms"][1]["runs"].as_array().unwrap().len(), 3);

    // A directory holds one experiment.
    let other = reproduce(at, &["--set", "train.rounds=3"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("another experiment"));
}
