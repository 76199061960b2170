//! Commands that look at samplers and at what a run believes of its tasks, none of which needs a device.

use serde_json::Value;

use super::program::{run, text};
use super::recorded::{ROUNDS, put, record_run};

fn simulated(arguments: &[&str]) -> Value {
    let mut all = vec!["simulate-allocation", "--json"];
    all.extend(arguments);
    run(&all).works().json()
}

#[test]
fn allocations_are_simulated() {
    let found = simulated(&["--tasks", "128", "--sampler", "step", "--seed", "3"]);
    assert!(found["mastered_share"].as_f64().unwrap() < 0.2, "{found}");
    let distinct = found["distinct_tasks"].as_f64().unwrap();
    assert!((39.0..=50.0).contains(&distinct), "{found}");
    assert_eq!(found["trajectories"], 256.0);
    let tasks = found["allocation"].as_array().unwrap();
    assert_eq!(tasks.len(), 128);
    for task in tasks {
        let p = task["p"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&p) && task["copies"].as_f64().is_some());
    }
    let even = simulated(&["--tasks", "128", "--sampler", "uniform", "--seed", "3"]);
    let share = even["mastered_share"].as_f64().unwrap();
    assert!((0.45..=0.55).contains(&share), "{share}");
    // The suite is the seed's, whatever the sampler.
    let rates = |found: &Value| -> Vec<Value> {
        let tasks = found["allocation"].as_array().unwrap().iter();
        tasks.map(|task| task["p"].clone()).collect()
    };
    assert_eq!(rates(&even), rates(&found));

    let small = |sampler: &str| {
        let sampler = ["--tasks", "9", "--sampler", sampler, "--seed", "1"];
        let size = [
            "--rounds",
            "6",
            "--tasks-per-round",
            "3",
            "--group-size",
            "5",
        ];
        simulated(&[&sampler[..], &size].concat())
    };
    for sampler in ["uniform", "step", "sr_softmax", "bots"] {
        let found = small(sampler);
        assert_eq!(found["trajectories"], 15.0);
        assert_eq!(found["sampler"], sampler);
        assert_eq!(found, small(sampler));
    }
    let shown = run(&["simulate-allocation", "--tasks", "9", "--repeats", "1"]).works();
    assert!(shown.stdout.contains("80 to 100 %"), "{}", shown.stdout);
}

#[test]
fn simulations_that_cannot_be_are_refused() {
    let simulate = |arguments: &[&str]| run(&[&["simulate-allocation"], arguments].concat());
    simulate(&["--sampler", "stpe"]).fails(2, &["`train.sampler`", "sr_softmax", "bots"]);
    simulate(&["--tasks", "0"]).fails(2, &["--tasks"]);
    simulate(&["--rounds", "5", "--warm-up", "5"]).fails(2, &["--warm-up", "--rounds"]);
    simulate(&["--group-size", "2", "--set", "train.keep_copies=3"])
        .fails(2, &["`train.keep_copies`", "train.group_size"]);
    simulate(&["--sampler", "bots", "--set", "train.bots.implicit=0.1"])
        .fails(2, &["`train.bots.implicit`", "train.bots.weak_rates"]);
    simulate(&["--tasks", "100000", "--rounds", "100000"]).fails(2, &["--repeats"]);
}

#[test]
fn samplers_are_compared_on_a_recorded_run() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = record_run(folder.path(), &["train.sampler=bots"]);
    let found = run(&["compare-samplers", text(folder.path()), "--json"])
        .works()
        .json();
    assert_eq!(found["matches_stored_plan"], true);
    assert_eq!(found["sampler"], "bots");
    let samplers = found["samplers"].as_array().unwrap();
    let names: Vec<&str> = samplers
        .iter()
        .map(|sampler| sampler["sampler"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["uniform", "step", "sr_softmax", "bots"]);
    for sampler in samplers {
        let rounds = sampler["rounds"].as_array().unwrap();
        assert_eq!(rounds.len() as u64, ROUNDS);
        let copies = rounds[4]["copies"].as_object().unwrap();
        let sum: u64 = copies.values().map(|copies| copies.as_u64().unwrap()).sum();
        assert_eq!(sum, 48);
    }
    let shown = run(&["compare-samplers", text(folder.path())]).works();
    assert!(
        shown.stdout.contains("exactly the plan"),
        "{}",
        shown.stdout
    );

    // A plan that the sampler did not draw is told of.
    let row = recorded
        .store
        .round(stepdroid::store::RoundKey::train(2))
        .unwrap()
        .unwrap();
    let mut plan: stepdroid::learn::RoundPlan = serde_json::from_str(&row.plan).unwrap();
    plan.round = ROUNDS;
    put(&recorded, ROUNDS, &plan);
    let found = run(&["compare-samplers", text(folder.path()), "--json"])
        .works()
        .json();
    assert_eq!(found["matches_stored_plan"], false);
    assert!(
        found["first_difference"]
            .as_str()
            .unwrap()
            .contains("round 12")
    );

    run(&["compare-samplers", "/nowhere"]).fails(2, &["/nowhere"]);
}

#[test]
fn a_run_shows_what_it_believes_of_its_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let recorded = record_run(folder.path(), &[]);
    let entries = recorded.store.success_rates().unwrap();
    let path = text(folder.path());
    let found = run(&["rates", path, "--json"]).works().json();
    assert_eq!(found["next_round"], ROUNDS);
    let tasks = found["tasks"].as_array().unwrap();
    let mut seen = 0;
    for task in tasks {
        let name = task["task"].as_str().unwrap();
        let history: Vec<_> = entries.iter().filter(|entry| entry.task == name).collect();
        assert_eq!(task["history"].as_array().unwrap().len(), history.len());
        let judged: u32 = history.iter().map(|entry| entry.judged).sum();
        assert_eq!(task["judged"], judged);
        let rate = history.last().map(|entry| entry.smoothed);
        assert_eq!(task["smoothed_rate"].as_f64(), rate);
        let state = match rate {
            None => "unknown",
            Some(0.0) => "dead",
            Some(rate) if rate > 0.8 => "mastered",
            Some(rate) if rate < 0.6 => "cache",
            Some(_) => "solved",
        };
        assert_eq!(task["state"], state);
        let own = task["own_copies"].as_f64().unwrap();
        assert!((1.0..=6.0).contains(&own));
        if state == "mastered" {
            assert!(own < 2.0, "{task}");
        }
        seen += history.len();
    }
    assert_eq!(seen, entries.len());
    let shown = run(&["rates", path]).works().stdout;
    assert!(shown.contains("mastered") && shown.contains('█'), "{shown}");

    let name = entries[0].task.as_str();
    let one = run(&["rates", path, "--task", name, "--json"])
        .works()
        .json();
    assert_eq!(one["tasks"].as_array().unwrap().len(), 1);
    let shown = run(&["rates", path, "--task", name]).works().stdout;
    assert!(shown.contains("replacement probability"), "{shown}");
    let wrong = format!("{name}s");
    run(&["rates", path, "--task", &wrong]).fails(2, &["did you mean", name]);
}
