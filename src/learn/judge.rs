//! Judges: whoever says how far a trajectory got, and whether an action helps. What a judge does not
//! say is no judgement, never a bad score.
//!
//! The judge of this file is [`SubChecks`], which knows only what was measured on the device. One
//! that asks a model over the network lives in a room of its own.

use serde::{Deserialize, Serialize};

/// What is asked about a trajectory: how much of the goal is done after each step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunQuestion {
    /// Goal text.
    pub goal: String,
    /// Its steps.
    pub steps: Vec<SeenStep>,
    /// What was measured on the device after each step, `[steps]`: the share of the task's
    /// sub-checks that held, where somebody looked.
    #[serde(skip)]
    pub measured: Vec<Option<f64>>,
}

/// A step in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenStep {
    /// What was on the screen before it.
    pub screen: String,
    /// What was done.
    pub action: String,
}

/// What is asked about one state: which of some actions help.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateQuestion {
    /// Goal text.
    pub goal: String,
    /// What was done before, the oldest first.
    pub past: Vec<String>,
    /// What is on the screen.
    pub screen: String,
    /// The actions, `[G]`: the one that was taken, then those drawn again and never executed.
    pub actions: Vec<CandidateAction>,
    /// What is known of the action that was taken.
    #[serde(skip)]
    pub taken: Taken,
}

/// An action that is to be scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CandidateAction {
    /// In words.
    pub text: String,
    /// Whether it can be carried out at all.
    #[serde(skip)]
    pub parsed: bool,
    /// Whether it means the same as the action that was taken ([`super::Matcher`]).
    #[serde(skip)]
    pub matches: bool,
}

/// What came of the action that was taken.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Taken {
    /// Whether its trajectory reached the goal in the end.
    pub succeeded: bool,
    /// By how much the measured progress changed over it; `None` where it was not measured.
    pub gain: Option<f64>,
}

/// A ternary score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "i8", try_from = "i64")]
pub enum Score {
    /// It harms: -1.
    Harmful,
    /// Neither: 0.
    Neutral,
    /// It helps: +1.
    Helpful,
}

impl Score {
    /// -1, 0 or 1.
    pub fn value(self) -> f64 {
        f64::from(i8::from(self))
    }
}

impl From<Score> for i8 {
    fn from(score: Score) -> i8 {
        match score {
            Score::Harmful => -1,
            Score::Neutral => 0,
            Score::Helpful => 1,
        }
    }
}

impl TryFrom<i64> for Score {
    type Error = String;

    fn try_from(value: i64) -> Result<Score, String> {
        match value {
            -1 => Ok(Score::Harmful),
            0 => Ok(Score::Neutral),
            1 => Ok(Score::Helpful),
            _ => Err(format!("{value} is no score; a score is -1, 0 or 1")),
        }
    }
}

/// Judges trajectories and actions.
pub trait Judge: Send + Sync {
    /// What tells its answers from another judge's: the name in the configuration, and what else
    /// they depend on.
    fn identity(&self) -> String;

    /// Whether a question asked again has the same answer and costs nothing, so that answers need
    /// not be kept.
    fn is_repeatable(&self) -> bool;

    /// Progress after each step, in [0, 1]: one list for each run, in their order, `[steps]`. `None`
    /// for a run that it failed to judge.
    fn progress(&self, runs: &[RunQuestion]) -> Vec<Option<Vec<Option<f64>>>>;

    /// Scores of the actions: one list for each state, in their order, `[G]`. `None` for a state
    /// that it failed to judge.
    fn scores(&self, states: &[StateQuestion]) -> Vec<Option<Vec<Option<Score>>>>;
}

/// `judge.kind = "rules"`: says what was measured and no more.
///
/// Progress is the share of the task's sub-checks, as measured on the device. Actions that were
/// drawn again were never executed, so that nothing is known of what they would do. What is known is
/// what the action that was taken did, and it is a label for its state only where there is evidence:
/// - its step raised the measured progress: it helps; lowered it: it harms;
/// - else, its trajectory reached the goal: it helps, as the match of STEP section 4 has it;
/// - else nothing is known, and the state is not judged.
///
/// Actions that mean the same as the labelled one have its score; other actions that can be carried
/// out have 0, which is neither praise nor blame; what can't be carried out has -1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SubChecks;

/// Changes of the progress below this are none.
const NO_CHANGE: f64 = 1e-9;

impl SubChecks {
    fn label(taken: Taken) -> Option<Score> {
        match taken.gain {
            Some(gain) if gain > NO_CHANGE => Some(Score::Helpful),
            Some(gain) if gain < -NO_CHANGE => Some(Score::Harmful),
            _ if taken.succeeded => Some(Score::Helpful),
            _ => None,
        }
    }
}

impl Judge for SubChecks {
    fn identity(&self) -> String {
        "rules".into()
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    fn progress(&self, runs: &[RunQuestion]) -> Vec<Option<Vec<Option<f64>>>> {
        let measured = runs.iter().map(|run| {
            let mut measured = run.measured.clone();
            measured.resize(run.steps.len(), None);
            Some(measured)
        });
        measured.collect()
    }

    fn scores(&self, states: &[StateQuestion]) -> Vec<Option<Vec<Option<Score>>>> {
        let judge = |state: &StateQuestion| {
            let label = SubChecks::label(state.taken)?;
            let score = |action: &CandidateAction| match (action.parsed, action.matches) {
                (false, _) => Score::Harmful,
                (true, true) => label,
                (true, false) => Score::Neutral,
            };
            Some(
                state
                    .actions
                    .iter()
                    .map(|action| Some(score(action)))
                    .collect(),
            )
        };
        states.iter().map(judge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(succeeded: bool, gain: Option<f64>) -> StateQuestion {
        let action = |parsed, matches| CandidateAction {
            text: "click".into(),
            parsed,
            matches,
        };
        StateQuestion {
            goal: "goal".into(),
            past: Vec::new(),
            screen: String::new(),
            actions: vec![
                action(true, true),
                action(true, true),
                action(true, false),
                action(false, false),
            ],
            taken: Taken { succeeded, gain },
        }
    }

    #[test]
    fn only_evidence_labels_an_action() {
        use Score::{Harmful, Helpful, Neutral};
        let scores = SubChecks.scores(&[
            state(true, None),
            state(true, Some(0.0)),
            state(false, Some(0.25)),
            state(true, Some(-0.5)),
            state(false, Some(0.0)),
            state(false, None),
        ]);
        let known = |label| Some([label, label, Neutral, Harmful].map(Some).to_vec());
        assert_eq!(
            scores,
            [
                known(Helpful),
                known(Helpful),
                known(Helpful),
                known(Harmful),
                None,
                None
            ]
        );
    }

    #[test]
    fn progress_is_what_was_measured() {
        let step = SeenStep {
            screen: String::new(),
            action: "wait".into(),
        };
        let run = RunQuestion {
            goal: "goal".into(),
            steps: vec![step; 3],
            measured: vec![Some(0.5), None],
        };
        assert_eq!(
            SubChecks.progress(&[run]),
            [Some(vec![Some(0.5), None, None])]
        );
    }

    #[test]
    fn scores_are_three_numbers() {
        let read = |text: &str| serde_json::from_str::<Score>(text).ok();
        assert_eq!(read("-1"), Some(Score::Harmful));
        assert_eq!(read("1"), Some(Score::Helpful));
        for wrong in ["2", "0.5", "\"1\"", "null", "-9223372036854775809"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(serde_json::to_string(&Score::Harmful).unwrap(), "-1");
    }
}
