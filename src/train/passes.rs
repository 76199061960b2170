//! Forward passes of the states that may be augmented, made while other devices still run their
//! episodes.
//!
//! Which states are augmented is not known before the round is over: it hangs on the success rates
//! after it, and under `max_aug_states_per_round` on all of its steps. So do the draws, which one stream
//! deals out in the order of the chosen states. What the policy says of a state hangs on neither. It is
//! most of the work, and here it is done ahead, for steps of episodes that count and only as long as the
//! rate of their task can still end low enough. What is ready when the round is over is used, the rest
//! is done then: the draws are the same to the bit.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use super::TrainError;
use crate::domain::Outcome;
use crate::learn::{Recipe, RoundPlan, SuccessRecord, least_rate};
use crate::policy::{Acting, LogProbabilities, StepSample, View, recall};
use crate::rollout::EpisodeEnd;
use crate::store::{RoundKey, Store};

/// States in one batch: few, so that a device that asks for its next action waits for little.
const BATCH: usize = 8;
/// Most states that are kept; one takes some ten kilobytes.
const MOST: usize = 4096;

/// What the policy said of states, by slot and step.
#[derive(Debug, Default)]
pub(super) struct Passes(BTreeMap<(u64, u32), LogProbabilities>);

impl Passes {
    /// What it said of a state, where it was asked already.
    pub(super) fn of(&self, trajectory: u64, step: u32) -> Option<&LogProbabilities> {
        self.0.get(&(trajectory, step))
    }

    /// Asks it about the states that have waited longest.
    fn ask(
        &mut self,
        waiting: &mut VecDeque<Waiting>,
        temperature: f32,
        acting: &Acting,
    ) -> Result<(), TrainError> {
        let batch: Vec<Waiting> = waiting.drain(..BATCH.min(waiting.len())).collect();
        let views: Vec<&View> = batch.iter().map(|state| &state.view).collect();
        let said = acting.distributions(&views, &vec![temperature; views.len()])?;
        let places = batch.iter().map(|state| state.place);
        self.0.extend(places.zip(said));
        Ok(())
    }
}

/// The work ahead of one round's augmentation.
pub(super) struct Ahead {
    ended: UnboundedSender<EpisodeEnd>,
    work: JoinHandle<Result<Passes, TrainError>>,
}

/// Which episodes are looked at.
struct Wanted {
    /// Whether failed ones are.
    failed_runs: bool,
    low_rate: f64,
    group_size: u32,
    /// Rates before the round.
    before: SuccessRecord,
    /// Trajectories of each task in the plan.
    planned: BTreeMap<String, u32>,
    /// Successes so far.
    successes: BTreeMap<String, u32>,
}

/// A state that waits for its turn.
struct Waiting {
    task: String,
    place: (u64, u32),
    view: View,
}

impl Ahead {
    /// Starts the work for a round that is rolled out with the weights of `acting`; `None` where nothing
    /// is augmented. `before` has the rates before the round.
    pub(super) fn start(
        store: &Store,
        plan: &RoundPlan,
        recipe: &Recipe,
        before: &SuccessRecord,
        acting: Arc<Acting>,
    ) -> Result<Option<Ahead>, TrainError> {
        let (groups, failed_runs) = match (&recipe.augmentation, &recipe.judged_steps) {
            (Some(groups), _) => (groups, false),
            (None, Some(judged)) => (&judged.groups, judged.failed_runs),
            (None, None) => return Ok(None),
        };
        let copies = plan.copies().into_iter();
        let wanted = Wanted {
            failed_runs,
            low_rate: groups.low_rate,
            group_size: before.group_size(),
            before: before.clone(),
            planned: copies.map(|(task, n)| (task.to_owned(), n)).collect(),
            successes: BTreeMap::new(),
        };
        let (ended, episodes) = unbounded_channel();
        // Those of before the round was interrupted.
        for episode in store.episodes(RoundKey::train(plan.round))? {
            if episode.outcome.is_judged() {
                let _ = ended.send(EpisodeEnd {
                    id: episode.id,
                    slot: episode.slot,
                    task: episode.instance.task,
                    outcome: episode.outcome,
                });
            }
        }
        let (store, temperature) = (store.clone(), recipe.augmentation_temperature as f32);
        let work = tokio::task::spawn_blocking(move || {
            passes(&store, wanted, temperature, &acting, episodes)
        });
        Ok(Some(Ahead { ended, work }))
    }

    /// Where to tell of episodes.
    pub(super) fn listener(&self) -> UnboundedSender<EpisodeEnd> {
        self.ended.clone()
    }

    /// Ends the work once every listener is gone; what is not ready then is left.
    pub(super) async fn finish(self) -> Result<Passes, TrainError> {
        drop(self.ended);
        self.work.await.map_err(|_| TrainError::Panicked)?
    }
}

fn passes(
    store: &Store,
    mut wanted: Wanted,
    temperature: f32,
    acting: &Acting,
    mut episodes: UnboundedReceiver<EpisodeEnd>,
) -> Result<Passes, TrainError> {
    let mut found = Passes::default();
    let mut waiting: VecDeque<Waiting> = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Some(episode) = episodes.blocking_recv() else {
                break;
            };
            wanted.look_at(store, &episode, &mut waiting)?;
        }
        while let Ok(episode) = episodes.try_recv() {
            wanted.look_at(store, &episode, &mut waiting)?;
        }
        // The round is over, or there is enough.
        if episodes.is_closed() || found.0.len() >= MOST {
            break;
        }
        found.ask(&mut waiting, temperature, acting)?;
    }
    Ok(found)
}

impl Wanted {
    /// Counts an episode, and lets its states wait where they may be augmented; forgets those of a task
    /// that has become too good for it.
    fn look_at(
        &mut self,
        store: &Store,
        episode: &EpisodeEnd,
        waiting: &mut VecDeque<Waiting>,
    ) -> Result<(), TrainError> {
        if !self.counts(&episode.task, &episode.outcome) {
            waiting.retain(|state| state.task != episode.task);
            return Ok(());
        }
        if !self.failed_runs && !is_success(&episode.outcome) {
            return Ok(());
        }
        let mut samples = Vec::new();
        for (step, record) in store.steps(episode.id, true)?.into_iter().enumerate() {
            if let Some(bytes) = record.sample {
                samples.push((step, StepSample::from_bytes(&bytes)?));
            }
        }
        recall(&[], samples.iter_mut().map(|(_, sample)| sample));
        waiting.extend(samples.into_iter().map(|(step, sample)| Waiting {
            task: episode.task.clone(),
            place: (u64::from(episode.slot), step as u32),
            view: sample.view,
        }));
        Ok(())
    }

    /// Whether the task's rate can still end low enough.
    fn counts(&mut self, task: &str, outcome: &Outcome) -> bool {
        let successes = self.successes.entry(task.to_owned()).or_default();
        *successes += u32::from(is_success(outcome));
        let planned = self.planned.get(task).copied().unwrap_or(0);
        let rate = self.before.rate(task);
        least_rate(rate, *successes, planned, self.group_size) <= self.low_rate
    }
}

fn is_success(outcome: &Outcome) -> bool {
    outcome.reward().is_some_and(|reward| reward >= 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::domain::{Action, Instance, Slot, StepRecord, Trajectory};
    use crate::learn::SampleSource;
    use crate::policy::{Bundle, Choices, Kind, Shape};
    use crate::runtime::{Chosen, Library};
    use crate::store::{AfterLoss, EpisodeRecord, NewRun, StoreOptions};
    use crate::train::learning::{Drawn, RoundSamples};
    use crate::train::resampling::redraw;

    fn view(number: u32) -> View {
        View {
            goal: format!("Open page {number}."),
            past: Vec::new(),
            candidates: Vec::new(),
            package: "com.example".into(),
            title: format!("page {number}"),
            screen: (360, 800),
            step: number,
            budget: 10,
            picture: String::new(),
            earlier: Vec::new(),
        }
    }

    fn sample(number: u32) -> StepSample {
        StepSample {
            view: view(number),
            choices: Choices::of(Kind::Wait),
            temperature: 0.7,
            only_seen: None,
        }
    }

    fn step(number: u32) -> StepRecord {
        StepRecord {
            action: Action::complete(),
            executed: true,
            note: String::new(),
            sample: Some(sample(number).to_bytes()),
            log_probability: -0.5,
            touch: None,
            screenshot: None,
            anchor: None,
            progress: None,
        }
    }

    #[test]
    fn what_is_drawn_is_the_same_with_passes_and_without() {
        const STEPS: u32 = 11;
        let folder = tempfile::tempdir().unwrap();
        let run = NewRun::default();
        let store = Store::create(folder.path(), &run, &StoreOptions::default()).unwrap();
        let key = RoundKey::train(0);
        let slots = [Slot::plain(0, "A", 0, 1)];
        store.put_round(key, 1, "{}", &slots).unwrap();
        store.lease_slot(key, "phone").unwrap();
        let episode = EpisodeRecord {
            key,
            slot: 0,
            instance: Instance {
                task: "A".into(),
                params: Default::default(),
                seed: 1,
                goal: String::new(),
                budget: 10,
                compat: Default::default(),
                state: serde_json::Value::Null,
            },
            device: "phone".into(),
            policy_version: 1,
            trajectory: Trajectory {
                steps: (0..STEPS).map(step).collect(),
                outcome: Outcome::Success { score: 1.0 },
                answer: None,
            },
            started_at: 0,
            finished_at: 1,
        };
        let id = store.finish_slot(&episode, AfterLoss::Requeue).unwrap();
        let mut wanted = Wanted {
            failed_runs: false,
            low_rate: 1.0,
            group_size: 8,
            before: SuccessRecord::new(8),
            planned: BTreeMap::from([("A".to_owned(), 1)]),
            successes: BTreeMap::new(),
        };
        let end = EpisodeEnd {
            id,
            slot: 0,
            task: "A".into(),
            outcome: Outcome::Success { score: 1.0 },
        };
        let mut waiting = VecDeque::new();
        wanted.look_at(&store, &end, &mut waiting).unwrap();
        assert_eq!(waiting.len(), STEPS as usize);

        let library = Library::load(None).expect("ONNX Runtime is needed: run `make setup`");
        let shape = Shape {
            width: 16,
            layers: 1,
            heads: 2,
            hidden: 16,
        };
        let cpu = Chosen::Cpu {
            instead_of_cuda: None,
        };
        let forward = Bundle::new(shape, 3).unwrap().forward;
        let acting = Acting::new(&library, &cpu, &forward, 2).unwrap();
        let sets = ["train.aug_group=5".to_owned()];
        let recipe = Recipe::of(&config::load(None, &sets).unwrap().config.train);
        let temperature = recipe.augmentation_temperature as f32;
        let mut passes = Passes::default();
        passes.ask(&mut waiting, temperature, &acting).unwrap();
        // Not all of them: a round may be over before.
        assert_eq!((passes.0.len(), waiting.len()), (BATCH, 3));

        let source = |step| SampleSource::Step {
            trajectory: 0,
            step,
        };
        let drawn = (0..STEPS).map(|number| {
            let drawn = Drawn {
                sample: sample(number),
                log_probability: -0.5,
            };
            (source(number), drawn)
        });
        let found = RoundSamples {
            drawn: drawn.collect(),
            ..RoundSamples::default()
        };
        // Some of the states only, as where there is a limit.
        let sources: Vec<SampleSource> = [1, 2, 5, 8, 10].map(source).into();
        let draw = |passes: &Passes| redraw(&found, &sources, (0, 7), &recipe, &acting, passes);
        let ahead = draw(&passes).unwrap();
        let afterwards = draw(&Passes::default()).unwrap();
        assert_eq!(ahead.len(), 5 * 4);
        assert_eq!(ahead, afterwards);
        let bits = |drawn: &Drawn| drawn.log_probability.to_bits();
        assert!(ahead.values().map(bits).eq(afterwards.values().map(bits)));
    }

    #[test]
    fn a_task_that_has_become_too_good_is_left_alone() {
        let mut wanted = Wanted {
            failed_runs: false,
            low_rate: 0.25,
            group_size: 8,
            before: SuccessRecord::new(8),
            planned: BTreeMap::from([("A".to_owned(), 8), ("B".to_owned(), 2)]),
            successes: BTreeMap::new(),
        };
        let success = Outcome::Success { score: 1.0 };
        let found: Vec<bool> = (0..4).map(|_| wanted.counts("A", &success)).collect();
        assert_eq!(found, [true, true, false, false]);
        assert!(!wanted.counts("A", &Outcome::Failure));
        assert!(wanted.counts("B", &Outcome::Failure));
        assert!(!wanted.counts("B", &success));
    }
}
