//! Keeps `docs/tasks.md` honest: its table is the catalogue's. `UPDATE_DOCS=1` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

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
