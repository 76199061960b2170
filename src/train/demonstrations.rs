//! Demonstrations: episodes that reached the full score, of a scripted solution, of a person, or of
//! another run; and the share of them that cloning is judged on.

use std::collections::BTreeMap;
use std::path::Path;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{RunDirectory, TrainError};
use crate::config::TrainConfig;
use crate::domain::Phase;
use crate::eval;
use crate::policy::{StepSample, recall};
use crate::store::{EpisodeRow, Store};

/// One episode to learn from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demonstration {
    /// Task name.
    pub task: String,
    /// Its steps, where the policy has words for what was done.
    pub samples: Vec<StepSample>,
}

impl Demonstration {
    /// Reads an episode's step samples, each with the screens before it.
    pub(super) fn read(store: &Store, episode: &EpisodeRow) -> Result<Demonstration, TrainError> {
        let mut samples: Vec<StepSample> = store
            .steps(episode.id, true)?
            .into_iter()
            .filter_map(|step| step.sample)
            .map(|bytes| StepSample::from_bytes(&bytes))
            .collect::<Result<_, _>>()?;
        recall(&[], &mut samples);
        samples.retain(|sample| sample.only_seen.is_none());
        Ok(Demonstration {
            task: episode.instance.task.clone(),
            samples,
        })
    }
}

/// The successful episodes of another run on tasks that are trained on, without the instances that
/// evaluations of this run use.
///
/// # Errors
/// There is no such run, or it has nothing to learn from.
pub(super) fn demonstrations_of(
    path: &Path,
    config: &TrainConfig,
    training_suite: &[String],
) -> Result<Vec<Demonstration>, TrainError> {
    let run = RunDirectory::read(path)?;
    let evaluated: Vec<(String, u64)> =
        eval::plan(config, &eval::suite(config)?, config.eval.episodes)
            .into_iter()
            .map(|slot| (slot.task, slot.instance_seed))
            .collect();
    let range = config.suite.eval_seeds.range();
    let mut found = Vec::new();
    for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
        for round in run.store.rounds(phase)? {
            for episode in run.store.episodes(round.key)? {
                let instance = &episode.instance;
                let kept_apart = range.contains(&instance.seed)
                    || evaluated
                        .iter()
                        .any(|(task, seed)| *task == instance.task && *seed == instance.seed);
                let wanted = training_suite.contains(&instance.task) && !kept_apart;
                if !wanted || episode.outcome.reward() != Some(1.0) {
                    continue;
                }
                let shown = Demonstration::read(&run.store, &episode)?;
                if !shown.samples.is_empty() {
                    found.push(shown);
                }
            }
        }
    }
    if found.is_empty() {
        return Err(TrainError::NothingToImport(path.to_path_buf()));
    }
    Ok(found)
}

/// Splits demonstrations into what is learnt from and what cloning is judged on: whole episodes, drawn at
/// random, and never a task's last one.
pub(super) fn split(
    demonstrations: Vec<Demonstration>,
    share: f64,
    random: &mut ChaCha8Rng,
) -> (Vec<StepSample>, Vec<StepSample>) {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for shown in &demonstrations {
        *left.entry(shown.task.clone()).or_default() += 1;
    }
    let wanted = (share * demonstrations.len() as f64).round() as usize;
    let mut order: Vec<usize> = (0..demonstrations.len()).collect();
    for position in (1..order.len()).rev() {
        order.swap(position, random.random_range(0..=position));
    }
    let mut apart = vec![false; demonstrations.len()];
    let mut taken = 0;
    for place in order {
        let of_task = left.entry(demonstrations[place].task.clone()).or_default();
        if taken < wanted && *of_task > 1 {
            *of_task -= 1;
            apart[place] = true;
            taken += 1;
        }
    }
    let (mut learnt, mut judged) = (Vec::new(), Vec::new());
    for (shown, apart) in demonstrations.into_iter().zip(apart) {
        let side = if apart { &mut judged } else { &mut learnt };
        side.extend(shown.samples);
    }
    (learnt, judged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;
    use crate::policy::{Choices, Kind, View};

    fn shown(task: &str, steps: usize) -> Demonstration {
        let sample = StepSample {
            view: View {
                goal: "Wait".into(),
                past: Vec::new(),
                candidates: Vec::new(),
                package: String::new(),
                title: String::new(),
                screen: (360, 800),
                step: 0,
                budget: 10,
                picture: String::new(),
                earlier: Vec::new(),
            },
            choices: Choices::of(Kind::Wait),
            temperature: steps as f32,
            only_seen: None,
        };
        Demonstration {
            task: task.into(),
            samples: vec![sample; steps],
        }
    }

    #[test]
    fn whole_episodes_are_kept_apart_and_never_a_tasks_last_one() {
        let all = || {
            let mut all: Vec<Demonstration> = (1..=6).map(|steps| shown("A", steps)).collect();
            all.push(shown("B", 7));
            all
        };
        let (learnt, judged) = split(all(), 0.5, &mut stream(1, "validation", 0));
        assert_eq!(learnt.len() + judged.len(), 28);
        assert_eq!(
            learnt
                .iter()
                .filter(|sample| sample.temperature == 7.0)
                .count(),
            7
        );
        for steps in 1..=6 {
            let on = |side: &[StepSample]| {
                side.iter()
                    .filter(|sample| sample.temperature == steps as f32)
                    .count()
            };
            assert!([0, steps].contains(&on(&judged)) && on(&judged) + on(&learnt) == steps);
        }
        assert_eq!(
            split(all(), 0.5, &mut stream(1, "validation", 0)),
            (learnt, judged)
        );
        let (_, most) = split(all(), 0.9, &mut stream(2, "validation", 0));
        let kinds: std::collections::BTreeSet<u32> = most
            .iter()
            .map(|sample| sample.temperature as u32)
            .collect();
        assert_eq!(kinds.len(), 5);
        assert!(
            split(all(), 0.0, &mut stream(1, "validation", 0))
                .1
                .is_empty()
        );
    }
}
