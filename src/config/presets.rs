//! Presets: names for sets of `[train]` and `[judge]` keys (STEP section 7 and the baselines beside it). A preset
//! lies between the defaults and what the file and `--set` say.

/// One preset: its name, what it is, and the keys it sets.
pub struct Preset {
    /// The value of `train.preset`.
    pub name: &'static str,
    /// For people.
    pub about: &'static str,
    /// Keys with their values as TOML.
    pub keys: &'static [(&'static str, &'static str)],
}

/// All presets.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "step",
        about: "STEP as published",
        keys: &[
            ("train.sampler", "\"step\""),
            ("train.advantage", "\"sr_weighted\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"step_grpo\""),
        ],
    },
    Preset {
        name: "t-grpo",
        about: "trajectory-level GRPO",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.advantage", "\"grpo\""),
            ("train.granularity", "\"trajectory\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "gigrpo",
        about: "GRPO's advantage on step samples, without state clustering",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.advantage", "\"grpo\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "gigpo",
        about: "GRPO's advantage, and steps compared with others in the same state",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.instances", "\"per_group\""),
            ("train.advantage", "\"gigpo\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "tgrpo",
        about: "GRPO's advantage, and progress compared at equal times",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.advantage", "\"tgrpo\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
            ("judge.kind", "\"rules\""),
        ],
    },
    Preset {
        name: "slate",
        about: "STEP with a judge's scores for the actions drawn again, also of failed runs",
        keys: &[
            ("train.sampler", "\"step\""),
            ("train.advantage", "\"sr_weighted\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"judge\""),
            ("train.aug_failed_runs", "true"),
            ("judge.kind", "\"rules\""),
        ],
    },
    Preset {
        name: "step-no-sampler",
        about: "STEP without adaptive sampling",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.advantage", "\"sr_weighted\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"step_grpo\""),
        ],
    },
    Preset {
        name: "step-no-augmentation",
        about: "STEP without augmentation",
        keys: &[
            ("train.sampler", "\"step\""),
            ("train.advantage", "\"sr_weighted\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "step-no-both",
        about: "STEP without adaptive sampling and without augmentation",
        keys: &[
            ("train.sampler", "\"uniform\""),
            ("train.advantage", "\"sr_weighted\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "bots",
        about: "Bayesian online task selection, with GRPO's advantage on step samples",
        keys: &[
            ("train.sampler", "\"bots\""),
            ("train.advantage", "\"grpo\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
    Preset {
        name: "sr-softmax",
        about: "tasks by a softmax over success rates, with GRPO's advantage on step samples",
        keys: &[
            ("train.sampler", "\"sr_softmax\""),
            ("train.advantage", "\"grpo\""),
            ("train.granularity", "\"step\""),
            ("train.augmentation", "\"none\""),
        ],
    },
];
