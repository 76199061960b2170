//! Questions as the messages of a chat: what a judge is told, and the form of its answer.

use serde_json::{Value, json};

use crate::learn::judge::{RunQuestion, StateQuestion};

const PROGRESS: &str = "\
You watch an agent that operates an Android phone to reach a goal. You get the goal and the agent's \
steps: what was on the screen before each, and what was done. Estimate, after each step, how much of \
the goal is done: 0 is nothing, 1 is all of it. Count only what is lasting and visible from the steps; \
opening the right app is a small part, undoing something lowers the number. \
Answer with JSON alone: {\"progress\": [p1, p2, ...]}, one number from 0 to 1 for each step, in order.";

const SCORES: &str = "\
You watch an agent that operates an Android phone to reach a goal. You get the goal, what was done \
before, the screen (elements with their numbers) and some candidate actions for this screen; none of \
them has been carried out. Score each: 1 if it brings the goal nearer, 0 if it makes no difference or \
you can't tell, -1 if it leads away from the goal, harms, or can't be carried out on this screen. \
Equal actions get equal scores. \
Answer with JSON alone: {\"scores\": [s1, s2, ...]}, one of -1, 0 and 1 for each action, in order.";

/// The messages that ask for a trajectory's progress.
pub(super) fn of_run(run: &RunQuestion) -> Value {
    messages(PROGRESS, json!(run))
}

/// The messages that ask for the scores of a state's actions.
pub(super) fn of_state(state: &StateQuestion) -> Value {
    let actions: Vec<&str> = state.actions.iter().map(|one| one.text.as_str()).collect();
    let question = json!({
        "goal": state.goal,
        "past": state.past,
        "screen": state.screen,
        "actions": actions,
    });
    messages(SCORES, question)
}

fn messages(task: &str, question: Value) -> Value {
    json!([
        {"role": "system", "content": task},
        {"role": "user", "content": question.to_string()},
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::judge::{CandidateAction, SeenStep, Taken};

    #[test]
    fn questions_hold_no_hint_of_the_outcome() {
        let state = StateQuestion {
            goal: "Turn Wi-Fi on".into(),
            past: vec!["OpenApp settings".into()],
            screen: "0: Switch".into(),
            actions: vec![CandidateAction {
                text: "click 0".into(),
                parsed: true,
                matches: true,
            }],
            taken: Taken {
                succeeded: true,
                gain: Some(1.0),
            },
        };
        let text = of_state(&state).to_string();
        assert!(text.contains("Turn Wi-Fi on") && text.contains("click 0"));
        assert!(!text.contains("succeeded") && !text.contains("gain") && !text.contains("matches"));
        let run = RunQuestion {
            goal: "Turn Wi-Fi on".into(),
            steps: vec![SeenStep {
                screen: "0: Switch".into(),
                action: "click 0".into(),
            }],
            measured: vec![Some(0.875)],
        };
        let text = of_run(&run).to_string();
        assert!(
            text.contains("click 0") && !text.contains("0.875"),
            "{text}"
        );
    }
}
