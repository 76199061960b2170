//! Each task from its start to its teardown: 0 at the start, 1 after the solution within the budget, less
//! after each near miss, 0 after another instance's solution, and nothing left behind. `make test-tasks`
//! prints what came out as a table.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use stepdroid::domain::TaskSpec;
use stepdroid::tasks::{self, Task};

use super::harness::{Bench, Run, chosen, compat, number, on_phones};
use super::leftovers;
use super::near_misses::{self, Deed, Solved};

/// Instances of each task, unless the environment says how many.
const SEEDS: u64 = 5;

/// Different near misses that each task must have been judged after.
const NEAR_MISSES: usize = 2;

/// Tasks whose goal, or half of it, may be reached from the start, as in the benchmark.
pub const TRUE_AT_THE_START: [&str; 7] = [
    "SystemBluetoothTurnOffVerify",
    "SystemBluetoothTurnOnVerify",
    "SystemBrightnessMaxVerify",
    "SystemBrightnessMinVerify",
    "SystemWifiTurnOffVerify",
    "SystemWifiTurnOnVerify",
    "TurnOffWifiAndTurnOnBluetooth",
];

/// What came of one instance.
struct Examined {
    /// The solution's run.
    run: Run,
    /// The score before it and after it.
    start: f64,
    solved: f64,
    /// Which near misses were tried, by their place in the task's list, with the score after each.
    near_misses: Vec<(usize, f64)>,
}

/// What came of a task.
struct Row {
    instances: Vec<Examined>,
    /// The score after the solution of another instance, where that says something.
    other: Option<f64>,
    elapsed: Duration,
}

/// Scores that occurred, each once.
fn scores(all: impl Iterator<Item = f64>) -> String {
    let mut all: Vec<f64> = all.collect();
    all.sort_unstable_by(f64::total_cmp);
    all.dedup();
    let words: Vec<String> = all.iter().map(f64::to_string).collect();
    words.join(" or ")
}

impl Row {
    /// How many different near misses were tried.
    fn kinds(&self) -> usize {
        let tried = self.instances.iter().flat_map(|one| &one.near_misses);
        tried.map(|(place, _)| place).collect::<BTreeSet<_>>().len()
    }

    fn tried(&self) -> usize {
        self.instances.iter().map(|one| one.near_misses.len()).sum()
    }

    /// A line of the table, under [`head`].
    fn line(&self, spec: &TaskSpec) -> String {
        let instances = || self.instances.iter();
        let lengths = || instances().map(|one| one.run.trail.len());
        let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
        let steps = match least == most {
            true => format!("{most}/{}", spec.budget()),
            false => format!("{least}-{most}/{}", spec.budget()),
        };
        let near = format!(
            "{} of {} kinds: {}",
            self.tried(),
            self.kinds(),
            scores(instances().flat_map(|one| one.near_misses.iter().map(|near| near.1)))
        );
        let other = self.other.map_or("-".to_owned(), |score| score.to_string());
        format!(
            "{:46} {:>5}  {:6} {:6} {steps:>9}  {near:24} {other:>10}  {:7} {:>6.1} s",
            spec.name,
            self.instances.len(),
            scores(instances().map(|one| one.start)),
            scores(instances().map(|one| one.solved)),
            "nothing",
            self.elapsed.as_secs_f64(),
        )
    }
}

/// The names of the columns.
fn head() -> String {
    format!(
        "{:46} seeds  {:6} {:6} {:>9}  {:24} other goal  {:7}     time",
        "task", "start", "solved", "steps", "near misses", "left"
    )
}

/// Runs of the solution for some seeds, then one for another instance's goal.
async fn examine(bench: &Bench, task: &dyn Task) -> Result<Row, String> {
    let started = Instant::now();
    let name = task.spec().name;
    let seeds = number("SEEDS").unwrap_or(SEEDS);
    let mut instances = Vec::new();
    for seed in 0..seeds {
        let examined = bench.solved_and_spoiled(task, seed).await;
        instances.push(examined.map_err(|reason| format!("{name} seed {seed}: {reason}"))?);
    }
    let mut row = Row {
        instances,
        other: None,
        elapsed: Duration::ZERO,
    };
    let kinds = row.kinds();
    if kinds < NEAR_MISSES.min(seeds as usize) {
        return Err(format!("{name}: only {kinds} near misses"));
    }
    // Somebody else's goal reached is not this one; answers may well be the same.
    let mut instance = tasks::instance(task, 0).unwrap();
    let mut other = tasks::instance(task, 1_000).unwrap();
    (instance.compat, other.compat) = (compat(), compat());
    let asks = row.instances.iter().any(|one| one.run.answer.is_some());
    if other.goal != instance.goal && !asks {
        task.init(&bench.device, &mut instance).await.unwrap();
        let run = bench.solve(task, &other).await;
        let score = bench.score(task, &instance, run.answer.as_deref()).await;
        // What two goals have in common counts.
        let half = name == "TurnOnWifiAndOpenApp" && !compat().is_fixed();
        let shared = f64::from(half) / 2.0;
        if score != shared {
            let trail = run.trail.join("\n  ");
            return Err(format!("{name}: score {score} for another goal\n  {trail}"));
        }
        task.teardown(&bench.device, &instance).await.unwrap();
        row.other = Some(score);
    }
    row.elapsed = started.elapsed();
    Ok(row)
}

impl Bench {
    async fn solved_and_spoiled(&self, task: &dyn Task, seed: u64) -> Result<Examined, String> {
        let name = task.spec().name;
        let mut instance = tasks::instance(task, seed).unwrap();
        instance.compat = compat();
        let init = task.init(&self.device, &mut instance).await;
        init.map_err(|error| format!("{}: {error}", instance.goal))?;
        let start = self.score(task, &instance, None).await;
        if start != 0.0 && !TRUE_AT_THE_START.contains(&name) {
            return Err(format!("score {start} at the start: {}", instance.goal));
        }

        let run = self.solve(task, &instance).await;
        let solved_score = self.score(task, &instance, run.answer.as_deref()).await;
        if !run.done || solved_score != 1.0 {
            return Err(format!(
                "score {solved_score}, done {} after {} steps of {}: {}\n  {}",
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
            .enumerate()
            .partition(|(_, near)| matches!(near.deed, Deed::Answer(_)));
        // A wrong answer changes nothing; a script does, and the next one has its turn with the next seed.
        let script = (!scripts.is_empty()).then(|| &scripts[seed as usize % scripts.len()]);
        let mut tried = Vec::new();
        for (place, near) in answers.iter().chain(script) {
            let (answer, deed) = match &near.deed {
                Deed::Answer(wrong) => (Some(wrong.as_str()), wrong),
                Deed::Script(script) => {
                    self.device.adb().shell_ok(script).await.unwrap();
                    (run.answer.as_deref(), script)
                }
            };
            let score = self.score(task, &instance, answer).await;
            // Half of a goal counts only for the benchmark.
            let wanted = match near.score < 1.0 && compat().is_fixed() {
                true => 0.0,
                false => near.score,
            };
            if score != wanted {
                return Err(format!(
                    "score {score} and not {wanted} after {deed}: {}",
                    instance.goal
                ));
            }
            tried.push((*place, score));
        }

        let teardown = task.teardown(&self.device, &instance).await;
        teardown.map_err(|error| error.to_string())?;
        let left = self.shell(&leftovers::script(task.spec().apps)).await;
        if !left.is_empty() {
            return Err(format!("left behind: {left}"));
        }
        Ok(Examined {
            run,
            start,
            solved: solved_score,
            near_misses: tried,
        })
    }
}

#[test]
fn every_task_is_solved_through_the_screen_and_judged() {
    let started = Instant::now();
    let results = on_phones(examine);
    println!("{}", head());
    let mut wrong = Vec::new();
    let (mut instances, mut near_misses) = (0, 0);
    for task in chosen() {
        let spec = task.spec();
        match &results[spec.name] {
            Err(reason) => {
                println!("{:46} WRONG, see below", spec.name);
                wrong.push(reason.clone());
            }
            Ok(row) => {
                println!("{}", row.line(spec));
                instances += row.instances.len();
                near_misses += row.tried();
                if std::env::var("TRAIL").is_ok() {
                    let trails = row.instances.iter();
                    let trails = trails.map(|one| one.run.trail.join("\n    "));
                    println!("    {}", trails.collect::<Vec<_>>().join("\n\n    "));
                }
            }
        }
    }
    println!(
        "{} of {} tasks as they must be: {instances} instances solved, {near_misses} near misses told from \
         success, in {:.0} s",
        results.len() - wrong.len(),
        results.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
