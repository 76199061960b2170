//! Instances whose parameters somebody else wrote: one of every task, in the form in which
//! `android/export_suite.py` writes those of the benchmark. `UPDATE_FIXTURES=1` writes them anew; `INSTANCES` names another file to
//! solve.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Once;

use serde_json::{Map, Value, json};
use stepdroid::domain::Instance;
use stepdroid::tasks;

use super::harness::on_phones;

/// Seed of the instances in the file.
const SEED: u64 = 30;

fn path() -> PathBuf {
    // What somebody's installation of the benchmark exported.
    if let Some(other) = std::env::var_os("INSTANCES") {
        return other.into();
    }
    // Of this file and not of the package, whichever package compiles it.
    PathBuf::from(file!()).with_file_name("../fixtures/instances.jsonl")
}

/// The instances by task.
fn read() -> BTreeMap<String, Instance> {
    static UPDATE: Once = Once::new();
    UPDATE.call_once(|| {
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(path(), written()).unwrap();
        }
    });
    let text = std::fs::read_to_string(path()).unwrap();
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let name = line["task"].as_str().unwrap();
        let params = line["params"].as_object().unwrap().clone();
        let seed = line["seed"].as_u64().unwrap();
        let task = tasks::find(name).unwrap();
        let known = task.spec().params;
        let strange = params.keys().find(|key| !known.contains(&key.as_str()));
        assert_eq!(strange, None, "a parameter that {name} does not have");
        let mut instance = tasks::instance_with(task, params, seed).unwrap();
        line["goal"]
            .as_str()
            .unwrap()
            .clone_into(&mut instance.goal);
        (name.to_owned(), instance)
    });
    lines.collect()
}

/// The file as our own generator fills it.
fn written() -> String {
    let mut names: Vec<&str> = tasks::catalogue()
        .iter()
        .map(|task| task.spec().name)
        .collect();
    names.sort_unstable();
    let lines = names.into_iter().map(|name| {
        let instance = tasks::instance(tasks::find(name).unwrap(), SEED).unwrap();
        let mut params = instance.params;
        let is_written_down = params.contains_key("text");
        for value in params.values_mut() {
            rows_as_the_benchmark_has_them(value);
            if let Some(receipt) = value.as_object_mut() {
                // Of a bitmap no more is known than what must be written down about it.
                receipt.insert("company".to_owned(), json!(""));
                receipt.insert("slogan".to_owned(), json!(""));
                if !is_written_down {
                    receipt.insert("transactions".to_owned(), json!([]));
                }
            }
        }
        let line = json!({
            "task": name, "params": params, "seed": instance.seed, "goal": instance.goal,
        });
        format!("{line}\n")
    });
    lines.collect()
}

/// The benchmark writes rows with all their columns; the key is -1 before they are stored.
fn rows_as_the_benchmark_has_them(value: &mut Value) {
    let Value::Array(rows) = value else { return };
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        for key in ["id", "expense_id", "recipeId"] {
            if row.contains_key(key) {
                row.insert(key.to_owned(), json!(-1));
            }
        }
    }
}

#[test]
fn there_is_one_of_every_task() {
    let instances = read();
    assert_eq!(instances.len(), tasks::catalogue().len());
    let row = |task: &str| -> Map<String, Value> {
        let rows = instances[task].params["row_objects"].as_array().unwrap();
        rows[0].as_object().unwrap().clone()
    };
    // Seconds, milliseconds, hundredths: the units of the apps' own tables.
    let event = row("SimpleCalendarAddOneEvent");
    assert!((1_696_118_400..1_698_796_800).contains(&event["start_ts"].as_i64().unwrap()));
    let expense = row("ExpenseAddSingle");
    assert!(expense["created_date"].as_i64().unwrap() > 1_696_118_400_000 - 1);
    assert!((1_000..=50_000).contains(&expense["amount"].as_i64().unwrap()));
}

#[test]
fn instances_of_others_are_solved_and_judged() {
    let instances = read();
    let results = on_phones(async |bench, task| {
        let name = task.spec().name;
        let mut instance = instances[name].clone();
        if let Err(error) = task.init(&bench.device, &mut instance).await {
            return Some(format!("{name}: {error}"));
        }
        let run = bench.solve(task, &instance).await;
        let score = bench.score(task, &instance, run.answer.as_deref()).await;
        task.teardown(&bench.device, &instance).await.unwrap();
        (score != 1.0).then(|| {
            format!(
                "{name}: score {score}: {}\n  {}",
                instance.goal,
                run.trail.join("\n  ")
            )
        })
    });
    let wrong: Vec<String> = results.into_values().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
