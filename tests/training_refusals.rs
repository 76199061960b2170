//! Runs that can't be gone on with: something changed since they were begun, or something is damaged.
//! Each is told by name with a way out, before a device is touched, and nothing on disk changes.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::Connection;
use stepdroid::config;
use stepdroid::policy::{Bundle, Shape};
use stepdroid::store::Checkpoint;
use stepdroid::train::RunDirectory;

/// Nobody listens at this serial: whoever gets so far as to touch a device fails otherwise.
const SMALL: &str = r#"
[run]
name = "small"
seed = 5

[policy]
width = 16
layers = 1
heads = 2
feed_forward = 16
provider = "cpu"

[devices]
serials = ["127.0.0.1:1"]

[suite]
tasks = ["SystemWifiTurnOn", "ClockStopWatchRunning"]
"#;

fn bundle(seed: u64) -> Bundle {
    let shape = Shape {
        width: 16,
        layers: 1,
        heads: 2,
        hidden: 16,
    };
    Bundle::new(shape, seed).unwrap()
}

/// A run with weights of its own that started from a bundle.
fn begin(folder: &Path) -> PathBuf {
    let start = folder.join("start");
    bundle(1).save(&start).unwrap();
    let sets = [format!("policy.bundle={}", start.display())];
    let config = config::parse(SMALL, Path::new("small.toml"), &sets)
        .unwrap()
        .config;
    let path = folder.join("run");
    let run = RunDirectory::create(&path, &config).unwrap();
    for version in 0..2 {
        let relative = format!("checkpoints/{version:06}");
        let saved = Bundle {
            version,
            ..bundle(2 + version)
        };
        saved.save(&path.join(&relative)).unwrap();
        let weights = std::fs::read(path.join(&relative).join("weights.safetensors")).unwrap();
        let checkpoint = Checkpoint {
            policy_version: version,
            round: version.checked_sub(1),
            description_hash: Bundle::description_hash(&path.join(&relative)).unwrap(),
            path: relative,
            hash: blake3::hash(&weights).to_hex().to_string(),
            bytes: weights.len() as u64,
        };
        run.store.put_checkpoint(&checkpoint).unwrap();
    }
    path
}

/// Every file below a directory with its hash.
fn hashes(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let hash = blake3::hash(&std::fs::read(&path).unwrap());
                found.insert(path, hash.to_hex().to_string());
            }
        }
    }
    found
}

fn resume(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_stepdroid"))
        .args(["train", "--resume"])
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    (output.status.code().unwrap(), text)
}

/// Resumes with more arguments after something was changed; all words must be in the message.
fn refused(change: impl FnOnce(&Path, &Path), more: &[&str], words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let run = begin(folder.path());
    change(&run, folder.path());
    let before = hashes(folder.path());
    let mut arguments = vec![run.to_str().unwrap()];
    arguments.extend(more);
    let (code, text) = resume(&arguments);
    assert_eq!(code, 2, "{words:?}: {text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(
        !text.contains("127.0.0.1:1"),
        "a device was touched: {text}"
    );
    assert_eq!(hashes(folder.path()), before, "{words:?}");
}

fn sql(run: &Path, statement: &str) {
    let connection = Connection::open(run.join("run.sqlite")).unwrap();
    connection.execute_batch(statement).unwrap();
}

const NOTHING: fn(&Path, &Path) = |_, _| {};

#[test]
fn a_run_that_is_as_it_was_gets_to_its_devices() {
    let folder = tempfile::tempdir().unwrap();
    let run = begin(folder.path());
    let sets = ["--set", "train.rounds=3", "--set", "eval.every=2"];
    let (code, text) = resume(&[&[run.to_str().unwrap()], &sets[..]].concat());
    assert_ne!(code, 2, "{text}");
    assert!(text.contains("127.0.0.1:1"), "{text}");
}

#[test]
fn a_changed_configuration_is_refused() {
    let anew = "--set policy.bundle=";
    refused(
        NOTHING,
        &["--set", "train.lr=0.5"],
        &[
            "`train.lr`",
            "0.0003",
            "0.5",
            "leave train.lr as it was",
            anew,
            "000001",
        ],
    );
    refused(
        NOTHING,
        &["--set", "train.preset=t-grpo"],
        &["`train.", anew],
    );
    refused(
        NOTHING,
        &["--set", "policy.context=episode"],
        &["`policy.context`", "\"screen\"", "\"episode\"", anew],
    );
    refused(
        NOTHING,
        &["--set", "run.seed=6"],
        &["`run.seed`", "was begun with 5"],
    );
    refused(
        |run, _| {
            let path = run.join("run.toml");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, text.replace("epochs = 4", "epochs = 5")).unwrap();
        },
        &[],
        &["run.toml: train.epochs", "put run.toml back", anew],
    );
    refused(
        |run, _| {
            let path = run.join("run.toml");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, text.replace("rounds = 30", "rounds = 31")).unwrap();
        },
        &[],
        &["run.toml: train.rounds", "--set train.rounds=31"],
    );
}

#[test]
fn a_changed_configuration_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = begin(folder.path());
    let file = folder.path().join("small.toml");
    let text = SMALL.replace("seed = 5", &format!("seed = 5\nout = {:?}", folder.path()));
    let text = text.replace("name = \"small\"", "name = \"run\"");
    let text = text.replace(
        "width = 16",
        &format!("width = 16\nbundle = {:?}", folder.path().join("start")),
    );
    std::fs::write(&file, format!("{text}\n[eval]\nepisodes = 3\n")).unwrap();
    let before = hashes(&run);
    let (code, message) = resume(&[file.to_str().unwrap()]);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("`eval.episodes`"), "{message}");
    assert_eq!(hashes(&run), before);
}

#[test]
fn another_suite_bundle_or_program_is_refused() {
    refused(
        |run, _| {
            sql(
                run,
                "UPDATE identities SET value = 'feedfacefeed' WHERE name = 'task SystemWifiTurnOn'",
            )
        },
        &[],
        &[
            "`suite.tasks`",
            "SystemWifiTurnOn feedface",
            "use the program that",
        ],
    );
    refused(
        |run, _| {
            sql(
                run,
                "UPDATE identities SET name = 'task NoSuchTask' WHERE name = 'task SystemWifiTurnOn'",
            )
        },
        &[],
        &["`suite.tasks`", "NoSuchTask"],
    );
    refused(
        |_, folder| bundle(9).save(&folder.join("start")).unwrap(),
        &[],
        &["`policy.bundle`", "start", "put the bundle back"],
    );
    refused(
        |run, _| sql(run, "UPDATE runs SET program_version = '0.0.9'"),
        &[],
        &[
            "`program_version`",
            "stepdroid 0.0.9",
            "use stepdroid 0.0.9",
        ],
    );
    refused(
        |run, _| sql(run, "PRAGMA user_version = 99"),
        &[],
        &["run.sqlite", "newer stepdroid", "Use that version"],
    );
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let flip = |file: &'static str| {
        move |run: &Path, _: &Path| {
            let path = run.join("checkpoints/000001").join(file);
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }
    };
    let way_out = [
        "checkpoints/000001",
        "put it back from a copy",
        "policy.bundle=",
        "000000",
    ];
    let with = |file: &'static str| [&way_out[..], &[file]].concat();
    refused(
        flip("weights.safetensors"),
        &[],
        &with("weights.safetensors"),
    );
    refused(flip("policy.onnx"), &[], &with("policy.onnx"));
    refused(flip("policy.toml"), &[], &with("policy.toml"));
    refused(
        |run, _| {
            let path = run.join("checkpoints/000001/policy.onnx");
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
        },
        &[],
        &with("policy.onnx"),
    );
    refused(
        |run, _| std::fs::remove_dir_all(run.join("checkpoints/000001")).unwrap(),
        &[],
        &with("policy.toml"),
    );
    // Whole, but not what the run wrote.
    refused(
        |run, _| {
            let other = Bundle {
                version: 1,
                ..bundle(77)
            };
            other.save(&run.join("checkpoints/000001")).unwrap();
        },
        &[],
        &with("is not the one that the run wrote"),
    );
}
