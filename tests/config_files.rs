//! Configuration files as people write them: what is filled in, what is refused, and what the
//! refusal says.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use stepdroid::config::{self, AdvantageKind, Origin, PRESETS, SamplerKind, TrainConfig};

fn load(text: &str, sets: &[&str]) -> Result<config::Loaded, String> {
    let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
    config::parse(text, Path::new("train.toml"), &sets).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(text: &str, sets: &[&str], parts: &[&str]) {
    let message = load(text, sets).expect_err("this should be refused");
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

#[test]
fn the_defaults_are_a_configuration() {
    let config = TrainConfig::defaults().unwrap();
    assert_eq!(config.train.sampler, SamplerKind::Step);
    assert_eq!(config.train.tasks_per_round, 16);
    assert_eq!(config.train.sr_threshold, 0.6);
    // The file that documents the defaults is one, too.
    assert_eq!(load(config::DEFAULTS, &[]).unwrap().config, config);
}

#[test]
fn the_effective_configuration_reads_back() {
    for preset in PRESETS {
        let text = format!("[train]\npreset = \"{}\"\nrounds = 7", preset.name);
        let loaded = load(
            &text,
            &[
                "pretrain.demonstrations_by_task.MarkorCreateNote=8",
                "suite.tasks=[\"A\", \"B\"]",
                "run.seed=9",
                "train.temperature=1",
            ],
        )
        .unwrap();
        let written = loaded.config.to_toml().unwrap();
        let again = load(&written, &[]).unwrap();
        assert_eq!(again.config, loaded.config, "{written}");
        assert_eq!(
            again.config.pretrain.demonstrations_of("MarkorCreateNote"),
            8
        );
        assert_eq!(again.config.pretrain.demonstrations_of("A"), 2);
    }
}

#[test]
fn later_layers_win_and_are_remembered() {
    let text = "[train]\npreset = \"t-grpo\"\n\nadvantage = \"sr_weighted\"\nrounds = 5\n";
    let loaded = load(text, &["train.rounds = 6"]).unwrap();
    let train = &loaded.config.train;
    assert_eq!(train.sampler, SamplerKind::Uniform);
    assert_eq!(train.advantage, AdvantageKind::SrWeighted);
    assert_eq!(train.rounds, 6);
    let file = |line| Origin::File(PathBuf::from("train.toml"), line);
    assert_eq!(
        loaded.origin("train.sampler"),
        &Origin::Preset("t-grpo".into())
    );
    assert_eq!(loaded.origin("train.advantage"), &file(4));
    assert_eq!(loaded.origin("train.rounds"), &Origin::Set);
    assert_eq!(loaded.origin("train.lr"), &Origin::Default);
    // A preset by --set lies below what the file says, too.
    let loaded = load("[train]\nsampler = \"step\"", &["train.preset=gigrpo"]).unwrap();
    assert_eq!(loaded.config.train.sampler, SamplerKind::Step);
    assert_eq!(loaded.config.train.advantage, AdvantageKind::Grpo);
}

#[test]
fn misspelled_keys_name_the_nearest() {
    refused(
        "[run]\nname = \"x\"\n[train]\nsampelr = \"step\"",
        &[],
        &[
            "train.toml:4",
            "`sampelr`",
            "[train]",
            "did you mean `sampler`?",
        ],
    );
    refused(
        "[trian]\nrounds = 3",
        &[],
        &["train.toml:1", "`trian`", "the top level", "[train]"],
    );
    refused(
        "[devices.virtual]\ncuont = 3",
        &[],
        &["[devices.virtual]", "did you mean `count`?"],
    );
    refused("rounds = 3", &[], &["the top level", "`train.rounds`"]);
    refused("", &["train.rouns=3"], &["--set", "`rouns`", "`rounds`"]);
    refused(
        "[eval]\nzzzzzz = 3",
        &[],
        &["known there: before, episodes, every, screenshots, temperature"],
    );
}

#[test]
fn wrong_values_list_what_is_allowed() {
    refused(
        "[train]\nrounds = 5\nsampler = \"stpe\"",
        &[],
        &[
            "train.toml:3",
            "`train.sampler`",
            "\"stpe\"",
            "step",
            "uniform",
        ],
    );
    refused(
        "[train]\nrounds = \"five\"",
        &[],
        &["train.toml:2", "`train.rounds`", "string"],
    );
    refused("", &["train.rounds=-1"], &["--set", "`train.rounds`", "-1"]);
    refused(
        "[train]\npreset = \"setp\"",
        &[],
        &["train.toml:2", "`train.preset`", "t-grpo", "gigrpo"],
    );
    refused(
        "[suite]\ntrain_seeds = \"9..3\"",
        &[],
        &["`suite.train_seeds`", "first..end"],
    );
    refused("train = 3", &[], &["`train`", "[train]"]);
    refused("", &["train=3"], &["`train`"]);
    refused("", &["train.rounds.more=3"], &["`train.rounds`"]);
    refused("", &["train.rounds"], &["key=value"]);
    refused("[train\nrounds = 3", &[], &["train.toml:1", "TOML"]);
    refused(
        "[train]\nrounds = 1\nrounds = 2",
        &[],
        &["train.toml:3", "TOML"],
    );
}

#[test]
fn values_that_do_not_fit_are_refused() {
    refused(
        "[train]\nlr = 0.0",
        &[],
        &["`train.lr`", "train.toml:2", "above 0"],
    );
    refused("", &["train.clip_low=1.5"], &["`train.clip_low`", "--set"]);
    refused(
        "[suite]\neval_seeds = \"5..50\"",
        &[],
        &["`suite.eval_seeds`", "overlaps"],
    );
    refused(
        "[train]\nadvantage = \"grpo\"",
        &[],
        &["`train.augmentation`", "augmentation = \"none\""],
    );
    refused(
        "",
        &["train.keep_copies=17"],
        &["`train.keep_copies`", "16"],
    );
    refused("", &["policy.heads=5"], &["`policy.heads`", "64"]);
    refused("", &["devices.virtual.size=big"], &["540x1200"]);
    refused("", &["run.name=../x"], &["`run.name`"]);
    refused("", &["train.temperature=nan"], &["`train.temperature`"]);
}

#[test]
fn samplers_have_their_keys() {
    let loaded = load("", &["train.preset=bots"]).unwrap();
    let train = &loaded.config.train;
    assert_eq!(train.sampler, SamplerKind::Bots);
    assert_eq!(train.advantage, AdvantageKind::Grpo);
    assert_eq!((train.bots.target, train.bots.forgetting), (0.5, 0.1));
    let loaded = load("", &["train.preset=sr-softmax", "train.rounds=50"]).unwrap();
    assert_eq!(loaded.config.train.sampler, SamplerKind::SrSoftmax);
    assert_eq!(loaded.config.train.effective_anneal_rounds(), 50);
    let text = "[train]\nsampler = \"bots\"\n[train.bots]\nimplicit = 0.1\n\
                [train.bots.weak_rates]\nMarkorCreateNote = 0.1\n\
                [train.bots.strong_rates]\nMarkorCreateNote = 0.9\n";
    let bots = load(text, &["train.bots.target=0.4"])
        .unwrap()
        .config
        .train
        .bots;
    assert_eq!(bots.weak_rates["MarkorCreateNote"], 0.1);
    assert_eq!(bots.target, 0.4);

    refused(
        "[train.bots]\ntraget = 0.5",
        &[],
        &["train.toml:2", "`traget`", "[train.bots]", "`target`"],
    );
    refused(
        "",
        &["train.sampler=bots", "train.bots.implicit=0.1"],
        &["`train.bots.implicit`", "weak_rates", "implicit = 0"],
    );
    let weak = "train.bots.weak_rates={ A = 0.5 }";
    refused(
        "",
        &[weak],
        &["`train.bots.weak_rates`", "task A", "strong_rates"],
    );
    refused(
        "",
        &[weak, "train.bots.strong_rates={ A = 1.5 }"],
        &["`train.bots.strong_rates`", "1.5", "0 to 1"],
    );
    for key in [
        "sr_softmax.ema_decay",
        "sr_softmax.success_power",
        "sr_softmax.success_power_final",
        "sr_softmax.failure_power",
        "sr_softmax.failure_power_final",
        "sr_softmax.temperature",
        "bots.target",
        "bots.forgetting",
        "bots.prior_successes",
        "bots.prior_failures",
        "bots.implicit",
    ] {
        let quoted = format!("`train.{key}`");
        refused("", &[&format!("train.{key}=-1.0")], &[&quoted, "allowed"]);
        refused("", &[&format!("train.{key}=nan")], &[&quoted]);
    }
}

#[test]
fn parts_that_do_not_fit_name_the_way_out() {
    // Augmentation grows from successes alone, GRPO learns from failures, too.
    refused(
        "",
        &["train.preset=t-grpo", "train.augmentation=step_grpo"],
        &[
            "`train.augmentation`",
            "sr_weighted",
            "augmentation = \"none\"",
        ],
    );
    refused(
        "",
        &["train.granularity=trajectory"],
        &["`train.augmentation`", "granularity \"step\""],
    );
    refused(
        "",
        &["train.aug_group=1"],
        &["`train.aug_group`", "2 or more"],
    );
    refused(
        "",
        &["train.preset=gigrpo", "train.group_size=1"],
        &["`train.group_size`", "at least 2"],
    );
    refused(
        "",
        &["train.monitor_copies=17"],
        &["`train.monitor_copies`", "train.group_size"],
    );
    refused(
        "",
        &["suite.tasks=[\"A\"]", "suite.held_out=[\"A\"]"],
        &["`suite.held_out`", "no task is left"],
    );
    refused(
        "",
        &[
            "pretrain.demonstrations_by_task={ A = 1 }",
            "train.tasks_per_round=0",
        ],
        &["`train.tasks_per_round`", "from 1"],
    );
}

#[test]
fn estimators_and_judges_that_do_not_fit_are_refused() {
    refused(
        "",
        &["train.preset=gigpo", "train.granularity=trajectory"],
        &["`train.granularity`", "--set", "\"gigpo\"", "\"step\""],
    );
    refused(
        "",
        &["train.preset=tgrpo", "train.group_size=1"],
        &["`train.group_size`", "\"tgrpo\"", "at least 2"],
    );
    refused(
        "[train]\nadvantage = \"tgrpo\"\naugmentation = \"none\"",
        &[],
        &["`judge.kind`", "\"rules\" or \"http\""],
    );
    refused(
        "[train]\naugmentation = \"judge\"",
        &[],
        &["`judge.kind`", "augmentation = \"step_grpo\""],
    );
    refused(
        "",
        &["train.preset=slate", "train.advantage=grpo"],
        &["`train.augmentation`", "\"sr_weighted\""],
    );
    refused(
        "",
        &["train.aug_failed_runs=true"],
        &["`train.aug_failed_runs`", "augmentation = \"judge\""],
    );
    refused(
        "[judge]\nkind = \"http\"",
        &["train.preset=tgrpo"],
        &["`judge.endpoint`", "http://localhost:8000/v1"],
    );
    let http = ["train.preset=tgrpo", "judge.kind=http"];
    let with = |more: &'static str| [http[0], http[1], more];
    refused(
        "",
        &with("judge.endpoint=https://judge.example"),
        &["`judge.endpoint`", "plain HTTP only"],
    );
    refused(
        "",
        &with("judge.endpoint=http://localhost:1"),
        &["`judge.model`", "name"],
    );
    // A key written where its variable's name belongs is not repeated on the screen.
    let error = load("", &["judge.api_key_env=sk-secret-1"]).unwrap_err();
    assert!(error.contains("`judge.api_key_env`"), "{error}");
    assert!(!error.contains("sk-secret"), "{error}");
    refused(
        "",
        &["train.gigpo_gamma=1.5"],
        &["`train.gigpo_gamma`", "0 to 1"],
    );
    refused("", &["judge.parallel=0"], &["`judge.parallel`"]);
    refused(
        "",
        &["judge.kind=oracle"],
        &["`judge.kind`", "rules", "http"],
    );
}

#[test]
fn a_missing_file_is_named() {
    let error = config::load(Some(Path::new("/nowhere/train.toml")), &[]).unwrap_err();
    assert!(error.to_string().contains("/nowhere/train.toml"), "{error}");
}
