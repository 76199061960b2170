//! Configurations that can't be trained: refused with the key and the way out, before a device is touched
//! and before anything is on disk.

use std::path::Path;

use super::program::{run, text};

/// `train` with these settings must end with 2, say these texts, start no phone and leave nothing.
#[track_caller]
fn refused(sets: &[&str], texts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let mut arguments = vec!["train", "--out", text(&out)];
    for set in sets {
        arguments.extend(["--set", set]);
    }
    let ran = run(&arguments).fails(2, texts);
    assert!(!ran.stderr.contains("starting"), "{}", ran.stderr);
    assert!(!out.exists(), "a run was begun");
}

#[test]
fn what_cannot_be_trained_is_refused_at_once() {
    refused(
        &["train.preset=t-grpo", "train.augmentation=step_grpo"],
        &[
            "`train.augmentation`",
            "sr_weighted",
            "augmentation = \"none\"",
        ],
    );
    refused(
        &["train.keep_copies=17"],
        &["`train.keep_copies`", "train.group_size"],
    );
    refused(&["policy.bundle=/nowhere"], &["policy.bundle", "/nowhere"]);
    refused(
        &["suite.held_out=[\"SystemWifiTurnNo\"]"],
        &["suite.held_out", "SystemWifiTurnNo", "SystemWifiTurnO"],
    );
    refused(
        &["pretrain.demonstrations_by_task.SystemWifiTurnNo=3"],
        &["pretrain.demonstrations_by_task", "SystemWifiTurnNo"],
    );
    refused(
        &[
            "train.bots.weak_rates={ Nothing = 0.1 }",
            "train.bots.strong_rates={ Nothing = 0.9 }",
        ],
        &["train.bots.weak_rates", "Nothing"],
    );
}

#[test]
fn a_policy_that_cannot_sample_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle");
    run(&["model", "new", text(&bundle)]).works();
    let description = Path::new(&bundle).join("policy.toml");
    let told = std::fs::read_to_string(&description).unwrap();
    assert!(told.contains("kind = \"compact\""), "{told}");
    std::fs::write(&description, told.replace("\"compact\"", "\"scripted\"")).unwrap();
    let set = format!("policy.bundle={}", text(&bundle));
    refused(&[&set], &["policy.bundle", "scripted", "compact"]);
}
