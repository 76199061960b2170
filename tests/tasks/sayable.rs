//! Whether the compact policy could say what the solutions do.

use stepdroid::domain::{Action, Observation};
use stepdroid::policy::{Choices, GOAL, View, goal_tokens};
use stepdroid::tasks;

use super::harness::on_phones;

/// Tasks with actions that the compact policy has no words for: a text is typed that the goal does not
/// hold, a row of cards is moved sideways that is no candidate of its own, a button is tapped that is in no
/// tree, a day of a month lies behind the elements that the policy sees, the goal is longer than what it
/// reads, an app is opened that it does not know.
const NOT_EXPRESSIBLE: &[&str] = &[
    "BrowserDraw",
    "BrowserMultiply",
    "ExpenseAddMultiple",
    "ExpenseAddMultipleFromGallery",
    "ExpenseAddMultipleFromMarkor",
    "ExpenseAddSingle",
    "MarkorCreateNoteFromClipboard",
    "MarkorEditNote",
    "MarkorMergeNotes",
    "MarkorTranscribeReceipt",
    "MarkorTranscribeVideo",
    "RecipeAddMultipleRecipes",
    "RecipeAddMultipleRecipesFromImage",
    "RecipeAddMultipleRecipesFromMarkor",
    "RecipeAddMultipleRecipesFromMarkor2",
    "RecipeAddSingleRecipe",
    "SimpleCalendarAddOneEvent",
    "SimpleCalendarAddOneEventInTwoWeeks",
    "SimpleCalendarAddRepeatingEvent",
    "SimpleCalendarDeleteEvents",
    "SimpleCalendarDeleteOneEvent",
    "SimpleSmsSendClipboardContent",
    "SystemCopyToClipboard",
];

/// Instances of each task.
const SEEDS: u64 = 2;

/// The compact policy's way to say an action, if it comes out as the same action.
fn said(action: &Action, view: &View, observation: &Observation) -> Option<Choices> {
    let choices = Choices::encode(action, view, observation)?;
    let again = choices.action(view);
    let plain = |action: &Action| {
        let mut action = action.clone();
        action.text = action
            .text
            .map(|text| text.trim_end_matches(['.', '!', '?']).to_owned());
        action
    };
    (plain(&again) == plain(action)).then_some(choices)
}

#[test]
fn what_the_compact_policy_cannot_say_is_known() {
    let results = on_phones(async |bench, task| {
        let mut unsaid = Vec::new();
        for seed in 0..SEEDS {
            let mut instance = tasks::instance(task, seed).unwrap();
            let tokens = goal_tokens(&instance.goal).len();
            if tokens >= GOAL {
                unsaid.push(format!("a goal of {tokens} tokens: {}", instance.goal));
            }
            task.init(&bench.device, &mut instance).await.unwrap();
            let mut past = Vec::new();
            let (goal, budget) = (&instance.goal, instance.budget);
            let watch = |action: &Action, observation: &Observation, step| {
                let view = View::new(goal, &past, observation, step, budget);
                match said(action, &view, observation) {
                    Some(choices) => {
                        past.push(view.past_of(action, choices.kind as usize, choices.candidate));
                    }
                    None => unsaid.push(action.to_json()),
                }
            };
            bench.solve_watched(task, &instance, watch).await;
            task.teardown(&bench.device, &instance).await.unwrap();
        }
        unsaid
    });
    let mut wrong = Vec::new();
    for (name, unsaid) in results {
        // It has no words of its own for an answer either.
        let asks = unsaid.iter().any(|action| action.contains("\"answer\""));
        if unsaid.is_empty() == (asks || NOT_EXPRESSIBLE.contains(&name)) {
            wrong.push(format!("{name}: the policy cannot say {unsaid:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
