//! What estimators and augmentation ask a judge, and what becomes of its answers: step samples into
//! words, answers that are kept so that a round that is gone on with asks nothing twice.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::TrainError;
use super::learning::{Drawn, RoundSamples};
use super::resampling::{chosen, of_state, others, scene};
use crate::config::{AdvantageKind, AugmentationKind, JudgeKind, TrainConfig};
use crate::domain::{Action, ActionType};
use crate::env::Measure;
use crate::learn::judge::{CandidateAction, RunQuestion, SeenStep, StateQuestion, Taken};
use crate::learn::{Judge, JudgedTrajectory, Recipe, SampleSource, ScoredState, SuccessRecord};
use crate::policy::{Kind, StepSample, View};
use crate::store::{EpisodeRow, Store};

/// Questions that are asked and kept together.
const BATCH: usize = 32;
/// Longest screen in a question about one state, in characters.
const SCREEN: usize = 4_000;
/// Longest screen in a question about a whole trajectory.
const GLIMPSE: usize = 400;

/// How often a judge was asked in a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Questions.
    pub questions: u32,
    /// Those without a judgement, whether it failed or knew nothing.
    pub unanswered: u32,
}

impl Asked {
    fn count<T>(&mut self, answers: &[Option<T>]) {
        self.questions += answers.len() as u32;
        self.unanswered += answers.iter().filter(|answer| answer.is_none()).count() as u32;
    }
}

/// When a run's training episodes have their progress measured: after every step only where an
/// option needs it, for that costs a check's round trips each time.
pub(super) fn measure(config: &TrainConfig) -> Measure {
    let train = &config.train;
    let every_step = train.advantage == AdvantageKind::Tgrpo
        || (train.augmentation == AugmentationKind::Judge && train.aug_failed_runs);
    match config.judge.kind {
        JudgeKind::Rules if every_step => Measure::EveryStep,
        JudgeKind::Rules => Measure::AtTheEnd,
        JudgeKind::None | JudgeKind::Http => Measure::Never,
    }
}

/// Puts what is stored of states and progress into the trajectories, which are those of `episodes`,
/// and a judge's opinion of the progress where the advantage wants it.
pub(super) fn complete(
    trajectories: &mut [JudgedTrajectory],
    episodes: &[EpisodeRow],
    store: &Store,
    round: u64,
    recipe: &Recipe,
) -> Result<Asked, TrainError> {
    let mut asked = Asked::default();
    let Some(first) = episodes.first() else {
        return Ok(asked);
    };
    let found = store.evidence(first.key)?.into_iter();
    let mut evidence: BTreeMap<u64, _> = found.map(|one| (u64::from(one.slot), one)).collect();
    for trajectory in trajectories.iter_mut() {
        if let Some(found) = evidence.remove(&trajectory.trajectory) {
            trajectory.anchors = found.anchors;
            trajectory.progress = found.progress;
        }
    }
    let Some(judge) = recipe
        .judge
        .as_deref()
        .filter(|_| recipe.advantage.wants_progress())
    else {
        return Ok(asked);
    };
    let mut questions = Vec::with_capacity(episodes.len());
    for (episode, trajectory) in episodes.iter().zip(trajectories.iter()) {
        questions.push(RunQuestion {
            goal: episode.instance.goal.clone(),
            steps: seen_steps(store, episode, judge)?,
            measured: trajectory.progress.clone(),
        });
    }
    let answers = kept(store, round, judge, &questions, |questions| {
        judge.progress(questions)
    })?;
    asked.count(&answers);
    for (trajectory, answer) in trajectories.iter_mut().zip(answers) {
        trajectory.progress = answer.unwrap_or_default();
    }
    Ok(asked)
}

/// The steps of an episode in words, as far as the judge reads them.
fn seen_steps(
    store: &Store,
    episode: &EpisodeRow,
    judge: &dyn Judge,
) -> Result<Vec<SeenStep>, TrainError> {
    let reads = !judge.is_repeatable();
    let mut seen = Vec::with_capacity(episode.steps as usize);
    for step in store.steps(episode.id, reads)? {
        let screen = match step.sample.filter(|_| reads) {
            Some(bytes) => screen_words(&StepSample::from_bytes(&bytes)?.view, GLIMPSE),
            None => String::new(),
        };
        seen.push(SeenStep {
            screen,
            action: step.action.to_json(),
        });
    }
    Ok(seen)
}

/// Replaces the steps of rare tasks by groups of actions that the judge told apart (SLATE). `drawn_again`
/// are the actions that were drawn.
pub(super) fn augment(
    found: &mut RoundSamples,
    trajectories: &[JudgedTrajectory],
    store: &Store,
    (round, seed): (u64, u64),
    recipe: &Recipe,
    record: &SuccessRecord,
    drawn_again: BTreeMap<SampleSource, Drawn>,
) -> Result<(), TrainError> {
    let (Some(augmentation), Some(judge)) = (&recipe.judged_steps, recipe.judge.as_deref()) else {
        return Ok(());
    };
    let by_number: BTreeMap<u64, &JudgedTrajectory> = trajectories
        .iter()
        .map(|trajectory| (trajectory.trajectory, trajectory))
        .collect();
    let failed: BTreeSet<u64> = by_number
        .values()
        .filter(|trajectory| trajectory.reward <= 0.0)
        .map(|trajectory| trajectory.trajectory)
        .collect();
    let chosen = chosen(found, (round, seed), recipe, record);
    let sources: Vec<SampleSource> = chosen
        .iter()
        .map(|position| found.rows[*position].source)
        .collect();
    let others = others(recipe);

    let mut questions = Vec::with_capacity(sources.len());
    for source in &sources {
        if let Some(reference) = found.drawn.get(source) {
            let view = &reference.sample.view;
            let scene = scene(view);
            let action = reference.sample.choices.action(view);
            let again: Vec<Action> = of_state(&drawn_again, *source, others, round)?
                .into_iter()
                .map(|drawn| drawn.sample.choices.action(view))
                .collect();
            let candidate = |other: &Action| CandidateAction {
                text: other.to_json(),
                parsed: other.action_type != ActionType::Unknown,
                matches: recipe.matcher.matches(&action, other, &scene),
            };
            questions.push(StateQuestion {
                goal: view.goal.clone(),
                past: past_words(view),
                screen: screen_words(view, SCREEN),
                actions: std::iter::once(&action)
                    .chain(&again)
                    .map(candidate)
                    .collect(),
                taken: by_number
                    .get(&source.trajectory())
                    .map_or(Taken::default(), |one| taken(one, source.step() as usize)),
            });
        }
    }
    let answers = kept(store, round, judge, &questions, |questions| {
        judge.scores(questions)
    })?;
    found.asked.count(&answers);

    let size = augmentation.groups.group as usize;
    let scored: Vec<ScoredState> = answers
        .into_iter()
        .map(|answer| ScoredState {
            scores: answer.unwrap_or_else(|| vec![None; size]),
            tokens: vec![1; others as usize],
        })
        .collect();
    let rows = std::mem::take(&mut found.rows);
    let augmented = augmentation.augment(rows, &failed, &chosen, &scored)?;
    found.augmented_states = augmented.groups.len() as u32;
    found.groups_dropped = augmented.groups.iter().filter(|group| !group.kept).count() as u32;
    found.rows = augmented.samples;
    found.drawn.extend(drawn_again);
    Ok(())
}

/// What is known of a step that was taken. Before the first one nobody measured.
fn taken(trajectory: &JudgedTrajectory, step: usize) -> Taken {
    let progress = |step: usize| trajectory.progress.get(step).copied().flatten();
    let before = step.checked_sub(1).and_then(progress);
    Taken {
        succeeded: trajectory.reward >= 1.0,
        gain: progress(step).zip(before).map(|(now, then)| now - then),
    }
}

/// Answers to questions in their order. Those of a judge that may answer otherwise the next time are
/// looked up and kept; an answer that is not readable any more counts as none.
fn kept<Q: Serialize + Clone, A: Serialize + DeserializeOwned + Clone>(
    store: &Store,
    round: u64,
    judge: &dyn Judge,
    questions: &[Q],
    ask: impl Fn(&[Q]) -> Vec<Option<A>>,
) -> Result<Vec<Option<A>>, TrainError> {
    if judge.is_repeatable() {
        return Ok(ask(questions));
    }
    let identity = judge.identity();
    let keys: Vec<String> = questions
        .iter()
        .map(|question| {
            let text = serde_json::to_string(question).unwrap_or_default();
            let hash = blake3::hash(format!("{identity}\n{text}").as_bytes());
            hash.to_hex().to_string()
        })
        .collect();
    let mut known: BTreeMap<&str, Option<A>> = BTreeMap::new();
    let mut open: Vec<(&str, &Q)> = Vec::new();
    let mut waiting = BTreeSet::new();
    for (key, question) in keys.iter().zip(questions) {
        match store.judgement(round, key)? {
            Some(answer) => {
                let read = answer.and_then(|text| serde_json::from_str(&text).ok());
                known.insert(key, read);
            }
            None if waiting.insert(key) => open.push((key, question)),
            None => {}
        }
    }
    for batch in open.chunks(BATCH) {
        let asked: Vec<Q> = batch
            .iter()
            .map(|(_, question)| (*question).clone())
            .collect();
        let mut answers = ask(&asked);
        answers.resize(batch.len(), None);
        let stored: Vec<(String, Option<String>)> = batch
            .iter()
            .zip(&answers)
            .map(|((key, _), answer)| {
                let text = answer
                    .as_ref()
                    .and_then(|it| serde_json::to_string(it).ok());
                ((*key).to_owned(), text)
            })
            .collect();
        store.put_judgements(round, &stored)?;
        known.extend(batch.iter().map(|(key, _)| *key).zip(answers));
    }
    Ok(keys
        .iter()
        .map(|key| known.get(key.as_str()).cloned().flatten())
        .collect())
}

/// The last actions in words, the oldest first.
fn past_words(view: &View) -> Vec<String> {
    let past = view.past.iter().rev();
    past.map(|past| {
        let kind = Kind::ALL.get(past.kind);
        let kind = kind.map_or_else(|| "?".into(), |kind| format!("{kind:?}"));
        format!("{kind} {}", past.label).trim_end().to_owned()
    })
    .collect()
}

/// A screen in words: its package, then the elements with the numbers that actions count in.
fn screen_words(view: &View, longest: usize) -> String {
    let mut words = format!("{} {}", view.package, view.title);
    for candidate in &view.candidates {
        words.push_str(&format!(
            "\n{}: {} {:?}",
            candidate.index, candidate.class, candidate.label
        ));
        if !candidate.field.is_empty() {
            words.push_str(&format!(" holds {:?}", candidate.field));
        }
        for (flag, word) in [
            (3, "checkable"),
            (4, "checked"),
            (6, "selected"),
            (7, "focused"),
        ] {
            if candidate.flag(flag) {
                words.push_str(&format!(" {word}"));
            }
        }
    }
    words.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::learn::Score;
    use crate::store::{NewRun, StoreOptions};

    /// Answers 1 for the first question, then 2, and so on; nothing for every third.
    #[derive(Default)]
    struct Counting(Mutex<u32>);

    impl Judge for Counting {
        fn identity(&self) -> String {
            "counting".into()
        }

        fn is_repeatable(&self) -> bool {
            false
        }

        fn progress(&self, runs: &[RunQuestion]) -> Vec<Option<Vec<Option<f64>>>> {
            let mut count = self.0.lock().unwrap();
            let mut next = || {
                *count += 1;
                (!count.is_multiple_of(3)).then(|| vec![Some(f64::from(*count))])
            };
            runs.iter().map(|_| next()).collect()
        }

        fn scores(&self, states: &[StateQuestion]) -> Vec<Option<Vec<Option<Score>>>> {
            vec![None; states.len()]
        }
    }

    fn question(goal: &str) -> RunQuestion {
        RunQuestion {
            goal: goal.into(),
            steps: Vec::new(),
            measured: Vec::new(),
        }
    }

    #[test]
    fn nothing_is_asked_twice_in_a_round() {
        let folder = tempfile::tempdir().unwrap();
        let run = NewRun::default();
        let store = Store::create(folder.path(), &run, &StoreOptions::default()).unwrap();
        let judge = Counting::default();
        let questions = ["a", "b", "c", "a"].map(question);
        let ask = |round| {
            let found = kept(&store, round, &judge, &questions, |asked| {
                judge.progress(asked)
            });
            found.unwrap()
        };
        let answer = |number| Some(vec![Some(f64::from(number))]);
        let first = ask(0);
        assert_eq!(first, [answer(1), answer(2), None, answer(1)]);
        // Again, as after a kill: also the answer that never came stays one that never came.
        assert_eq!(ask(0), first);
        assert_eq!(*judge.0.lock().unwrap(), 3);
        // Another round asks anew.
        assert_eq!(ask(1), [answer(4), answer(5), None, answer(4)]);
    }

    #[test]
    fn progress_is_measured_no_more_than_needed() {
        let of = |sets: &[&str]| {
            let sets: Vec<String> = sets.iter().map(|set| set.to_string()).collect();
            measure(&crate::config::load(None, &sets).unwrap().config)
        };
        assert_eq!(of(&[]), Measure::Never);
        assert_eq!(of(&["judge.kind=rules"]), Measure::AtTheEnd);
        assert_eq!(of(&["train.preset=tgrpo"]), Measure::EveryStep);
        assert_eq!(of(&["train.preset=slate"]), Measure::EveryStep);
        let successes = ["train.preset=slate", "train.aug_failed_runs=false"];
        assert_eq!(of(&successes), Measure::AtTheEnd);
        let http = [
            "train.preset=tgrpo",
            "judge.kind=http",
            "judge.endpoint=http://localhost:1",
            "judge.model=m",
        ];
        assert_eq!(of(&http), Measure::Never);
    }

    #[test]
    fn a_gain_needs_two_measurements() {
        let trajectory = JudgedTrajectory {
            reward: 1.0,
            progress: vec![Some(0.25), Some(0.75), None, Some(1.0)],
            ..JudgedTrajectory::default()
        };
        let gains: Vec<Option<f64>> = (0..5).map(|step| taken(&trajectory, step).gain).collect();
        assert_eq!(gains, [None, Some(0.5), None, None, None]);
        assert!(taken(&trajectory, 0).succeeded);
    }
}
