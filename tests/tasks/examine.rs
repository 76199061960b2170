//! Each task from its start to its teardown: 0 at the start, 1 after the solution within the budget, less
//! after each near miss, 0 after another instance's solution, and nothing left behind.

use std::time::Instant;

use stepdroid::tasks::{self, Task};

use super::harness::{Bench, Run, chosen, number, on_phones};
use super::leftovers;
use super::near_misses::{self, Deed, Solved};

/// Instances of each task, unless the environment says how many.
const SEEDS: u64 = 5;

/// Tasks whose goal, or half of it, may be reached from the start, as in the benchmark.
const TRUE_AT_THE_START: [&str; 7] = [
    "SystemBluetoothTurnOffVerify",
    "SystemBluetoothTurnOnVerify",
    "SystemBrightnessMaxVerify",
    "SystemBrightnessMinVerify",
    "SystemWifiTurnOffVerify",
    "SystemWifiTurnOnVerify",
    "TurnOffWifiAndTurnOnBluetooth",
];

/// Runs of the solution for some seeds, then one for another instance's goal.
async fn examine(bench: &Bench, task: &dyn Task) -> Result<Vec<Run>, String> {
    let mut runs = Vec::new();
    for seed in 0..number("SEEDS").unwrap_or(SEEDS) {
        let run = bench.solved_and_spoiled(task, seed).await;
        runs.push(run.map_err(|reason| format!("{} seed {seed}: {reason}", task.spec().name))?);
    }
    // Somebody else's goal reached is not this one; answers may well be the same.
    let mut instance = tasks::instance(task, 0).unwrap();
    let other = tasks::instance(task, 1_000).unwrap();
    let asks = runs.iter().any(|run| run.answer.is_some());
    if other.goal != instance.goal && !asks {
        task.init(&bench.device, &mut instance).await.unwrap();
        let run = bench.solve(task, &other).await;
        let score = bench.score(task, &instance, run.answer.as_deref()).await;
        // What two goals have in common counts.
        let shared = f64::from(task.spec().name == "TurnOnWifiAndOpenApp") / 2.0;
        if score != shared {
            let trail = run.trail.join("\n  ");
            return Err(format!(
                "{}: score {score} for another goal\n  {trail}",
                task.spec().name
            ));
        }
        task.teardown(&bench.device, &instance).await.unwrap();
    }
    Ok(runs)
}

impl Bench {
    async fn solved_and_spoiled(&self, task: &dyn Task, seed: u64) -> Result<Run, String> {
        let name = task.spec().name;
        let mut instance = tasks::instance(task, seed).unwrap();
        let init = task.init(&self.device, &mut instance).await;
        init.map_err(|error| format!("{}: {error}", instance.goal))?;
        let score = self.score(task, &instance, None).await;
        if score != 0.0 && !TRUE_AT_THE_START.contains(&name) {
            return Err(format!("score {score} at the start: {}", instance.goal));
        }

        let run = self.solve(task, &instance).await;
        let score = self.score(task, &instance, run.answer.as_deref()).await;
        if !run.done || score != 1.0 {
            return Err(format!(
                "score {score}, done {} after {} steps of {}: {}\n  {}",
                run.done,
                run.trail.len(),
                instance.budget,
                instance.goal,
                run.trail.join("\n  ")
            ));
        }

        let solved = Solved {
            instance: &instance,
            answer: run.answer.as_deref(),
        };
        let (answers, scripts): (Vec<_>, Vec<_>) = near_misses::of(name, &solved)
            .into_iter()
            .partition(|near| matches!(near.deed, Deed::Answer(_)));
        // A wrong answer changes nothing; a script does, and the next one has its turn with the next seed.
        let script = (!scripts.is_empty()).then(|| &scripts[seed as usize % scripts.len()]);
        for near in answers.iter().chain(script) {
            let (answer, deed) = match &near.deed {
                Deed::Answer(wrong) => (Some(wrong.as_str()), wrong),
                Deed::Script(script) => {
                    self.device.adb().shell_ok(script).await.unwrap();
                    (run.answer.as_deref(), script)
                }
            };
            let score = self.score(task, &instance, answer).await;
            if score != near.score {
                return Err(format!(
                    "score {score} and not {} after {deed}: {}",
                    near.score, instance.goal
                ));
            }
        }

        let teardown = task.teardown(&self.device, &instance).await;
        teardown.map_err(|error| error.to_string())?;
        let left = self.shell(&leftovers::script(task.spec().apps)).await;
        if !left.is_empty() {
            return Err(format!("left behind: {left}"));
        }
        Ok(run)
    }
}

#[test]
fn every_task_is_solved_through_the_screen_and_judged() {
    let results = on_phones(async |bench, task| {
        let started = Instant::now();
        (examine(bench, task).await, started.elapsed())
    });
    println!("{:46} {:>6} {:>7}  steps", "task", "budget", "time");
    let mut wrong = Vec::new();
    for task in chosen() {
        let name = task.spec().name;
        let (result, elapsed) = &results[name];
        match result {
            Err(reason) => wrong.push(reason.clone()),
            Ok(runs) => {
                let steps: Vec<String> =
                    runs.iter().map(|run| run.trail.len().to_string()).collect();
                println!(
                    "{name:46} {:>6} {:>5.1} s  {}",
                    task.spec().budget(),
                    elapsed.as_secs_f64(),
                    steps.join(" ")
                );
                if std::env::var("TRAIL").is_ok() {
                    let trails = runs.iter().map(|run| run.trail.join("\n    "));
                    println!("    {}", trails.collect::<Vec<_>>().join("\n\n    "));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
