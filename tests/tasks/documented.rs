//! Keeps the catalogue and `docs/tasks.md` honest: the catalogue has the benchmark's facts, and the page's
//! table is the catalogue's. `UPDATE_DOCS=1` writes it anew. `STEPDROID_ANDROIDWORLD` names a checkout of the
//! benchmark whose own data file is compared too.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stepdroid::domain::TaskSpec;
use stepdroid::tasks;

const BEGIN: &str = "<!-- tasks: begin -->\n";
const END: &str = "<!-- tasks: end -->";

/// The tasks by their first app.
fn table() -> String {
    let mut apps: BTreeMap<&str, Vec<&TaskSpec>> = BTreeMap::new();
    for task in tasks::catalogue() {
        let spec = task.spec();
        apps.entry(spec.apps.first().unwrap_or(&""))
            .or_default()
            .push(spec);
    }
    let mut text = String::from("\n");
    for (app, mut specs) in apps {
        specs.sort_unstable_by_key(|spec| spec.name);
        let _ = write!(
            text,
            "### {app} ({})\n\n| task | difficulty | budget | tags |\n|---|---|---|---|\n",
            specs.len()
        );
        for spec in specs {
            let tags = spec.tags.join(", ");
            let (name, difficulty, budget) = (spec.name, spec.difficulty, spec.budget());
            let _ = writeln!(text, "| {name} | {difficulty} | {budget} | {tags} |");
        }
        text.push('\n');
    }
    text
}

#[test]
fn the_page_lists_the_catalogue() {
    let path = PathBuf::from(file!()).with_file_name("../../docs/tasks.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let wanted = table();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    let help = "docs/tasks.md is not the catalogue's; UPDATE_DOCS=1 writes it anew";
    assert_eq!(found, wanted, "{help}");
    let count = format!("{} tasks", tasks::catalogue().len());
    assert!(before.contains(&count), "the page must say {count:?}");
}

#[test]
fn the_page_of_devices_counts_the_tasks_without_root() {
    let path = PathBuf::from(file!()).with_file_name("../../docs/devices.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let all = tasks::catalogue();
    let without = all
        .iter()
        .filter(|task| tasks::requirements(task.spec()).root.is_none());
    let count = format!(
        "{} of the {} tasks can be run without root",
        without.count(),
        all.len()
    );
    assert!(page.contains(&count), "the page must say {count:?}");
}

/// A file beside the tests, whichever package compiles this.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(file!()).with_file_name(format!("../fixtures/{name}"))
}

/// What `tasks list --json` prints of each task, by name.
fn listed() -> BTreeMap<String, Value> {
    let listed = tasks::catalogue().iter().map(|task| task.spec().listed());
    listed
        .map(|task| (task["name"].as_str().unwrap().to_owned(), task))
        .collect()
}

#[test]
fn the_list_has_the_benchmarks_names_budgets_tags_and_difficulties() {
    let text = std::fs::read_to_string(fixture("androidworld_tasks.jsonl")).unwrap();
    let mut listed = listed();
    assert_eq!(text.lines().count(), 116);
    for line in text.lines() {
        let known: Value = serde_json::from_str(line).unwrap();
        let name = known["name"].as_str().unwrap();
        let task = listed.remove(name);
        let task = task.unwrap_or_else(|| panic!("{name} is not listed"));
        for field in ["apps", "difficulty", "budget", "tags"] {
            assert_eq!(task[field], known[field], "{name}: {field}");
        }
    }
    assert!(
        listed.is_empty(),
        "not the benchmark's: {:?}",
        listed.keys()
    );
}

#[test]
fn a_checkout_of_the_benchmark_says_the_same() {
    let Some(checkout) = std::env::var_os("STEPDROID_ANDROIDWORLD") else {
        println!("STEPDROID_ANDROIDWORLD names no checkout of the benchmark; nothing is compared");
        return;
    };
    let places = ["android_world/task_metadata.json", "task_metadata.json"];
    let mut places = places.iter().map(|place| Path::new(&checkout).join(place));
    let path = places.find(|path| path.is_file());
    let path = path.unwrap_or_else(|| panic!("no task_metadata.json in {}", checkout.display()));
    let text = std::fs::read_to_string(path).unwrap();
    let theirs: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut listed = listed();
    for known in &theirs {
        let name = known["task_name"].as_str().unwrap();
        let task = listed.remove(name);
        let task = task.unwrap_or_else(|| panic!("{name} is not listed"));
        assert_eq!(task["difficulty"], known["difficulty"], "{name}");
        // A task without tags has one empty one there.
        let tags = known["tags"].as_array().unwrap().iter();
        let tags: Vec<&Value> = tags.filter(|tag| *tag != "").collect();
        let ours: Vec<&Value> = task["tags"].as_array().unwrap().iter().collect();
        assert_eq!(ours, tags, "{name}");
    }
    assert!(
        listed.is_empty(),
        "not in the checkout: {:?}",
        listed.keys()
    );
}
