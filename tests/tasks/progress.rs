//! Progress by sub-checks: nothing at the start, all of it exactly where the score is 1, something in
//! between on the way of a goal that has parts, and never less on the way of a solution.

use stepdroid::tasks::{self, Task};

use super::harness::{Bench, chosen, on_phones};

/// Tasks whose goals have parts, with how many of them an instance of the seed must have at least.
const OF_PARTS: [&str; 24] = [
    "ExpenseAddMultiple",
    "ExpenseAddMultipleFromGallery",
    "ExpenseAddMultipleFromMarkor",
    "ExpenseDeleteMultiple",
    "ExpenseDeleteMultiple2",
    "FilesMoveFile",
    "MarkorCreateNote",
    "MarkorCreateNoteAndSms",
    "MarkorDeleteAllNotes",
    "MarkorMergeNotes",
    "MarkorMoveNote",
    "MarkorTranscribeReceipt",
    "RecipeAddMultipleRecipes",
    "RecipeAddMultipleRecipesFromImage",
    "RecipeAddMultipleRecipesFromMarkor",
    "RecipeAddMultipleRecipesFromMarkor2",
    "RecipeDeleteMultipleRecipes",
    "RecipeDeleteMultipleRecipesWithConstraint",
    "RecipeDeleteMultipleRecipesWithNoise",
    "RetroPlayingQueue",
    "RetroSavePlaylist",
    "TurnOffWifiAndTurnOnBluetooth",
    "TurnOnWifiAndOpenApp",
    "VlcCreateTwoPlaylists",
];

/// Of those, the ones whose parts a solution reaches all at once, as with a single press of Delete.
const ALL_AT_ONCE: [&str; 5] = [
    "FilesMoveFile",
    "MarkorDeleteAllNotes",
    "MarkorMoveNote",
    "RetroPlayingQueue",
    "VlcCreateTwoPlaylists",
];

/// The progress after each step of the solution.
async fn along(bench: &Bench, task: &dyn Task) -> Result<Vec<f64>, String> {
    let name = task.spec().name;
    let device = &bench.device;
    let mut instance = tasks::instance(task, 3).unwrap();
    task.init(device, &mut instance).await.unwrap();
    let mut solution = task.solution(&instance).unwrap();
    device.home().await.unwrap();
    let mut found = vec![task.progress(device, &instance, None).await.unwrap()];
    let mut answer: Option<String> = None;
    for _ in 0..instance.budget {
        let observation = device.observe(false).await.unwrap();
        let action = solution.next(&observation);
        if let Some(text) = action
            .text
            .as_ref()
            .filter(|_| action.to_json().contains("answer"))
        {
            answer = Some(text.clone());
        }
        let done = action.goal_status.is_some();
        device.perform(&action, &observation).await.unwrap();
        let progress = task.progress(device, &instance, answer.as_deref()).await;
        let progress = progress.map_err(|error| format!("{name}: {error}"))?;
        let score = task
            .check(device, &instance, answer.as_deref())
            .await
            .unwrap();
        if !(0.0..=1.0).contains(&progress) || (progress == 1.0) != (score == 1.0) {
            return Err(format!("{name}: progress {progress} with score {score}"));
        }
        found.push(progress);
        if done {
            break;
        }
    }
    task.teardown(device, &instance).await.unwrap();
    match found.last() {
        Some(last) if *last == 1.0 => Ok(found),
        _ => Err(format!("{name}: the solution ends at {found:?}")),
    }
}

#[test]
fn progress_rises_to_one_along_a_solution() {
    for name in OF_PARTS {
        assert!(tasks::find(name).is_ok(), "{name}");
    }
    let results = on_phones(
        async |bench, task| match OF_PARTS.contains(&task.spec().name) {
            true => along(bench, task).await.map(Some),
            false => Ok(None),
        },
    );
    let mut wrong = Vec::new();
    for task in chosen() {
        let name = task.spec().name;
        match &results[name] {
            Err(reason) => wrong.push(reason.clone()),
            Ok(None) => {}
            Ok(Some(found)) => {
                println!("{name:46} {found:.2?}");
                let between = found.iter().any(|share| *share > 0.0 && *share < 1.0);
                if !between && !ALL_AT_ONCE.contains(&name) {
                    wrong.push(format!("{name}: no progress on the way: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
