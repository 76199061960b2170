//! Local web pages that somebody else wrote, in the form of the benchmark's: known by a title and by the seed
//! in their script, with colours of their own. Our solutions win them.

use serde_json::{Map, json};
use stepdroid::tasks;

use super::harness::{chosen, on_phones};

/// Seeds of pages.
const SEEDS: [u32; 4] = [0, 30, 3_225_136_173, u32::MAX];
/// Where tasks put their page.
const PLACE: &str = "/storage/emulated/0/Download/task.html";

/// What makes each task's page.
const PAGES: [(&str, &str); 3] = [
    ("BrowserDraw", "Color Challenge"),
    ("BrowserMaze", "Maze Puzzle"),
    ("BrowserMultiply", "Memory Task"),
];

fn page(title: &str, seed: u32) -> String {
    let colours: String = (1..=24)
        .map(|place| format!("'#{:06x}', ", 0x09_0307 * place))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  <p>Pick from these.</p>\n  \
         <button>Clear</button>\n  <script>\n    class SeededRNG {{\n    }}\n\n    const rng = new SeededRNG({seed});\n    \
         let picked = [];\n    const all = [\n      {colours}\n    ];\n  </script>\n</body>\n</html>\n"
    )
}

#[test]
fn pages_of_others_are_won() {
    let results = on_phones(async |bench, task| {
        let name = task.spec().name;
        let (_, title) = PAGES.into_iter().find(|(task, _)| *task == name)?;
        let mut wrong = Vec::new();
        for seed in SEEDS {
            let params = Map::from_iter([("browser_task_seed".to_owned(), json!(seed))]);
            let mut instance = tasks::instance_with(task, params, 0).unwrap();
            task.init(&bench.device, &mut instance).await.unwrap();
            let html = page(title, seed);
            let adb = bench.device.adb();
            adb.write_file(PLACE, html.as_bytes(), 0o660).await.unwrap();
            let run = bench.solve(task, &instance).await;
            let score = bench.score(task, &instance, None).await;
            task.teardown(&bench.device, &instance).await.unwrap();
            if score != 1.0 || !run.done {
                wrong.push(format!(
                    "{name} of {seed}: {score}\n{}",
                    run.trail.join("\n")
                ));
            }
        }
        Some(wrong)
    });
    let played: Vec<Vec<String>> = results.into_values().flatten().collect();
    let asked = chosen().filter(|task| PAGES.iter().any(|(name, _)| *name == task.spec().name));
    assert_eq!(played.len(), asked.count());
    let wrong = played.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
