//! A run whose episodes succeed by chance, as the store would have it after training.

use std::path::Path;

use rand::RngExt;
use stepdroid::config;
use stepdroid::domain::streams::stream;
use stepdroid::eval;
use stepdroid::learn::{Recipe, RoundPlan, SuccessRecord, Tally, draw_plan};
use stepdroid::store::{RoundKey, RoundProgress};
use stepdroid::train::RunDirectory;

pub const ROUNDS: u64 = 12;

/// A run whose episodes succeed by chance, each task at a rate of its own, and some of which are lost.
pub fn record_run(path: &Path, sets: &[&str]) -> RunDirectory {
    let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
    let text = "[run]\nseed = 11\n[train]\nrounds = 12\ntasks_per_round = 8\ngroup_size = 6\n";
    let config = config::parse(text, Path::new("train.toml"), &sets)
        .unwrap()
        .config;
    let run = RunDirectory::create(path, &config).unwrap();
    let suite = eval::training_suite(&config).unwrap();
    let recipe = Recipe::of(&config.train);
    let mut record = SuccessRecord::new(config.train.group_size);
    for round in 0..ROUNDS {
        let plan = draw_plan(
            recipe.sampler.as_ref(),
            recipe.instances,
            config.suite.train_seeds.range(),
            &record,
            &suite,
            config.run.seed,
            round,
        )
        .unwrap();
        put(&run, round, &plan);
        let mut luck = stream(1, "luck", round);
        let mut tallies: std::collections::BTreeMap<String, Tally> = Default::default();
        for slot in &plan.slots {
            let rate = slot.task.len() as f64 % 7.0 / 6.0;
            let (judged, success) = (luck.random::<f64>() < 0.9, luck.random::<f64>() < rate);
            if judged {
                let tally = tallies.entry(slot.task.clone()).or_default();
                tally.judged += 1;
                tally.successes += u32::from(success);
            }
        }
        let rates = record.count_round(round, &tallies).unwrap();
        let progress = RoundProgress {
            rates: &rates,
            ..RoundProgress::default()
        };
        run.store
            .put_progress(RoundKey::train(round), &progress)
            .unwrap();
    }
    run
}

pub fn put(run: &RunDirectory, round: u64, plan: &RoundPlan) {
    let text = serde_json::to_string(plan).unwrap();
    run.store
        .put_round(RoundKey::train(round), round, &text, &plan.slots)
        .unwrap();
}
