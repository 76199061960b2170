//! Branches of a round: which steps of failed runs are gone back to, the episodes that do it, and
//! the step samples that come of them.
//!
//! The plan with all of its draws is stored first; then every branch ends in one transaction. A
//! round that is gone on with runs what has not ended.

use std::collections::VecDeque;
use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::TrainError;
use super::critical::Runs;
use super::lanes::Cast;
use super::learning::RoundSamples;
use super::resampling::scene;
use super::trainer::Trainer;
use crate::config::TrainConfig;
use crate::domain::streams::stream;
use crate::domain::{Event, Outcome};
use crate::env::{
    Agent, BranchAgent, Demonstrator, EpisodeOptions, PolicyAgent, Recorded, run_episode,
};
use crate::eval;
use crate::farm::{Farm, Member};
use crate::learn::critical::{At, falls};
use crate::learn::{CriticalSteps, Recipe, SampleSource, SuccessRecord};
use crate::policy::{Acting, Kind, Service, StepSample, View, recall};
use crate::rollout::{Disk, MayBeFull, RolloutError, Stop, longest_episode};
use crate::store::{Branch, BranchPurpose, BranchRow, RoundKey, RoundProgress, Store};
use crate::tasks;

/// Actions drawn at a critical step, among which the likeliest other one is tried.
const TRIES: usize = 8;
/// Episodes of one branch that may be lost to infrastructure before it is given up.
const ATTEMPTS: u32 = 3;
/// Cause of the outcome of a branch whose states were not those of the record.
const STRAYED: &str = "strayed";

/// A branch with what it needs to run.
struct Job {
    row: BranchRow,
    task: String,
    seed: u64,
    way: Vec<Recorded>,
}

/// What the workers of a round's branches share.
#[derive(Clone)]
struct Work {
    store: Store,
    config: Arc<TrainConfig>,
    service: Service,
    round: u64,
    jobs: Arc<Mutex<VecDeque<Job>>>,
    /// Branches without an end, those at work included.
    unfinished: Arc<AtomicUsize>,
    stop: Stop,
    disk: Disk,
}

/// How often a worker without a device or a branch looks whether the others are done.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

impl Trainer {
    /// Plans and runs the branches of a round that was rolled out.
    pub(super) async fn branch(
        &self,
        farm: &Farm,
        cast: &Cast,
        round: u64,
    ) -> Result<(), TrainError> {
        let started = Instant::now();
        let (store, config) = (self.store().clone(), self.config().clone());
        let recipe = self.recipe();
        let verified = matches!(recipe.critical_steps, CriticalSteps::Verified { .. });
        if !verified && recipe.calibration.is_none() {
            return Ok(());
        }
        let acting = cast.service.current();
        let planned = tokio::task::spawn_blocking(move || {
            let runs = Runs::of(&store, round)?;
            let branches = match store.branches(round)?.is_empty() {
                true => plan(&runs, round, &config, &recipe, &acting)?,
                false => Vec::new(),
            };
            Ok::<_, TrainError>((runs, branches))
        });
        let (runs, branches) = planned.await.map_err(|_| TrainError::Panicked)??;
        if !branches.is_empty() {
            let put = || ready(self.store().put_branches(round, &branches));
            cast.disk.keep(put).await?;
        }
        let store = self.store().clone();
        let jobs = tokio::task::spawn_blocking(move || jobs(&store, round, &runs));
        let jobs = jobs.await.map_err(|_| TrainError::Panicked)??;
        let total = jobs.len() as u64;
        self.observer().tell(&Event::Began {
            what: format!("branches of round {}", round + 1),
            unit: "episodes",
            total,
            done: 0,
        });
        let work = Work {
            store: self.store().clone(),
            config: Arc::new(self.config().clone()),
            service: cast.service.clone(),
            round,
            unfinished: Arc::new(AtomicUsize::new(jobs.len())),
            jobs: Arc::new(Mutex::new(jobs.into())),
            stop: cast.stop.clone(),
            disk: cast.disk.clone(),
        };
        let mut workers = JoinSet::new();
        for member in farm.members() {
            workers.spawn(work.clone().run(member.clone()));
        }
        while let Some(end) = tokio::select! {
            () = cast.stop.asked_at_once() => return Err(RolloutError::Interrupted.into()),
            end = workers.join_next() => end,
        } {
            end.map_err(|_| TrainError::Panicked)??;
        }
        let rows = self.store().branches(round)?;
        if cast.stop.is_asked() && rows.iter().any(|row| row.outcome.is_none()) {
            return Err(RolloutError::Interrupted.into());
        }
        let count = |of: fn(&Outcome) -> bool| {
            let outcomes = rows.iter().filter_map(|row| row.outcome.as_ref());
            outcomes.filter(|outcome| of(outcome)).count() as f64
        };
        let metrics = [
            ("branches", rows.len() as f64),
            ("branches_succeeded", count(|o| o.reward() == Some(1.0))),
            ("branches_strayed", count(|o| o.cause() == Some(STRAYED))),
            ("branch_seconds", started.elapsed().as_secs_f64()),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let progress = RoundProgress {
            metrics: &metrics,
            ..RoundProgress::default()
        };
        let put = || ready(self.store().put_progress(RoundKey::train(round), &progress));
        cast.disk.keep(put).await?;
        self.observer().tell(&Event::Ended {
            summary: String::new(),
        });
        Ok(())
    }
}

/// Draws the branches of a round: those that verify other actions first, then the recoveries.
fn plan(
    runs: &Runs,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    acting: &Acting,
) -> Result<Vec<Branch>, TrainError> {
    let mut branches = Vec::new();
    let mut add = |at: At, purpose, choice| {
        branches.push(Branch {
            number: branches.len() as u32,
            purpose,
            slot: runs.runs[at.run].trajectory as u32,
            step: at.step as u32,
            choice,
        });
    };
    if let CriticalSteps::Verified { branches, .. } = recipe.critical_steps {
        let mut random = stream(config.run.seed, "branch actions", round);
        let mut left = branches;
        for (at, _) in falls(&runs.runs, 0.0) {
            if left == 0 {
                break;
            }
            if let Some(other) = other_action(runs, at, config, recipe, acting, &mut random)? {
                add(at, BranchPurpose::Preference, Some(other.to_bytes()));
                left -= 1;
            }
        }
    }
    if let Some(calibration) = &recipe.calibration {
        // A declared end can't be come back from.
        let ended = |at: &At| runs.sample(*at).choices.kind == Kind::Complete;
        falls(&runs.runs, calibration.least_fall)
            .into_iter()
            .map(|(at, _)| at)
            .filter(|at| !ended(at))
            .take(calibration.branches as usize)
            .for_each(|at| add(at, BranchPurpose::Recovery, None));
    }
    Ok(branches)
}

/// The likeliest of some actions drawn in a step's state that is another than the one taken.
fn other_action(
    runs: &Runs,
    at: At,
    config: &TrainConfig,
    recipe: &Recipe,
    acting: &Acting,
    random: &mut impl RngExt,
) -> Result<Option<StepSample>, TrainError> {
    let taken = runs.sample(at);
    let temperature = config.train.temperature as f32;
    let requests: Vec<(&View, f32, [f64; 4])> = (0..TRIES)
        .map(|_| {
            let draws = std::array::from_fn(|_| random.random::<f64>());
            (&taken.view, temperature, draws)
        })
        .collect();
    let scene = scene(&taken.view);
    let reference = taken.choices.action(&taken.view);
    let decisions = acting.decide(&requests)?.into_iter();
    Ok(decisions
        .filter(|other| !recipe.matcher.matches(&reference, &other.action, &scene))
        .max_by(|one, other| one.log_probability.total_cmp(&other.log_probability))
        .map(|decision| decision.sample))
}

/// What is still to run.
fn jobs(store: &Store, round: u64, runs: &Runs) -> Result<Vec<Job>, TrainError> {
    let mut jobs = Vec::new();
    for row in store.branches(round)? {
        if row.outcome.is_some() {
            continue;
        }
        let slot = u64::from(row.branch.slot);
        let found = runs.runs.iter().position(|run| run.trajectory == slot);
        let step = row.branch.step as usize;
        let (Some(run), no_sample) = (
            found,
            TrainError::NoSample {
                round,
                slot: row.branch.slot,
                step,
            },
        ) else {
            continue;
        };
        let samples = runs.samples[run].get(..=step).ok_or(no_sample)?;
        let recorded = samples.iter().zip(&runs.runs[run].anchors);
        let mut way: Vec<Recorded> = recorded
            .map(|(sample, anchor)| Recorded {
                anchor: anchor.clone(),
                sample: sample.clone(),
            })
            .collect();
        if let (Some(choice), Some(last)) = (&row.branch.choice, way.last_mut()) {
            last.sample = StepSample::from_bytes(choice)?;
        }
        jobs.push(Job {
            task: runs.runs[run].task.clone(),
            seed: runs.seeds[run],
            way,
            row,
        });
    }
    Ok(jobs)
}

impl Work {
    fn next(&self) -> Option<Job> {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.pop_front()
    }

    fn put_back(&self, job: Job) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.push_back(job);
    }

    /// One device's loop, until nothing is left or the device is given up. What no device is left for
    /// stays open; the round learns without it.
    async fn run(self, member: Arc<Member>) -> Result<(), TrainError> {
        match self.work(&member).await {
            // It waited for room until somebody asked to stop; the branch stays open.
            Err(error) if error.full_while().is_some() && self.stop.is_asked() => Ok(()),
            ended => ended,
        }
    }

    async fn work(&self, member: &Arc<Member>) -> Result<(), TrainError> {
        loop {
            let device = tokio::select! {
                biased;
                () = self.stop.asked() => return Ok(()),
                () = self.all_done(member) => return Ok(()),
                device = member.ready() => device,
            };
            let Some(mut job) = self.next() else {
                // One at work elsewhere may come back.
                tokio::select! {
                    () = self.all_done(member) => return Ok(()),
                    () = sleep(LOOK_AGAIN) => continue,
                }
            };
            tokio::select! {
                () = self.stop.asked() => return Ok(()),
                () = self.disk.has_room() => {}
            }
            // As episodes of a plan do, so that the way is the one that was recorded.
            let Ok(device) = member.put_back(device).await else {
                self.put_back(job);
                continue;
            };
            let task = tasks::find(&job.task)?;
            let mut instance = tasks::instance(task, job.seed)?;
            member.leased(&job.task, longest_episode(instance.budget));
            instance.compat = eval::compat(&self.config);
            let budget = instance.budget;
            let mut agent = BranchAgent::new(job.way.clone(), self.then(&job, task, &instance)?);
            let train = &self.config.train;
            let options = EpisodeOptions {
                max_steps: (train.max_steps > 0).then_some(train.max_steps),
                anchors: true,
                ..EpisodeOptions::default()
            };
            let running = run_episode(&device, task, instance, &mut agent, &options);
            let running = tokio::time::timeout(longest_episode(budget), running);
            let (mut outcome, lost, steps) = match running.await {
                Ok(episode) => {
                    let episode = episode.map_err(RolloutError::from)?;
                    let trajectory = episode.trajectory;
                    (trajectory.outcome, episode.device_lost, trajectory.steps)
                }
                Err(_) => (
                    Outcome::Truncated {
                        cause: "episode_deadline".into(),
                    },
                    Some("no end of a branch".to_owned()),
                    Vec::new(),
                ),
            };
            match &lost {
                Some(reason) => member.lost(reason),
                None => member.worked(),
            }
            if !outcome.is_judged() && job.row.attempts + 1 < ATTEMPTS {
                let number = job.row.branch.number;
                let count = || ready(self.store.count_lost_branch(self.round, number));
                self.disk.keep(count).await?;
                job.row.attempts += 1;
                self.put_back(job);
                continue;
            }
            if agent.strayed() {
                outcome = Outcome::Invalid {
                    cause: STRAYED.into(),
                };
            }
            let learnable = steps.into_iter().enumerate().skip(job.way.len());
            let samples: Vec<(u32, Vec<u8>)> = learnable
                .filter_map(|(step, record)| Some((step as u32, record.sample?)))
                .collect();
            let number = job.row.branch.number;
            let serial = member.serial();
            let finish = || {
                let finished = self
                    .store
                    .finish_branch(self.round, number, serial, &outcome, &samples);
                ready(finished)
            };
            self.disk.keep(finish).await?;
            self.unfinished.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Waits until no branch is left, or this device is given up.
    async fn all_done(&self, member: &Member) {
        while self.unfinished.load(Ordering::SeqCst) > 0 && !member.is_given_up() {
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Who acts once the way is gone.
    fn then(
        &self,
        job: &Job,
        task: &dyn tasks::Task,
        instance: &crate::domain::Instance,
    ) -> Result<Box<dyn Agent>, TrainError> {
        let purpose = format!("act branch of round {}", self.round);
        let number = u64::from(job.row.branch.number);
        let draws = stream(self.config.run.seed, &purpose, number);
        let memory = BranchAgent::memory(&job.way);
        Ok(match job.row.branch.purpose {
            BranchPurpose::Preference => {
                let temperature = self.config.train.temperature;
                let agent = PolicyAgent::new(self.service.clone(), temperature, draws);
                Box::new(agent.remembering(memory).having_seen(&job.way))
            }
            BranchPurpose::Recovery => {
                let agent = Demonstrator::new(task.solution(instance)?, 0.0, draws);
                Box::new(agent.remembering(memory))
            }
        })
    }
}

/// Adds what the round's branches taught: pairs of which the other action succeeded (arXiv
/// 2602.03412), and the steps of recoveries that succeeded (arXiv 2502.14276), with the advantage of
/// a success of the task (STEP section 3).
///
/// # Errors
/// When the store fails.
pub(super) fn add_branches(
    found: &mut RoundSamples,
    store: &Store,
    round: u64,
    config: &TrainConfig,
    recipe: &Recipe,
    record: &SuccessRecord,
) -> Result<(), TrainError> {
    let rows = store.branches(round)?;
    if rows.is_empty() {
        return Ok(());
    }
    let runs = Runs::of(store, round)?;
    for row in rows {
        let succeeded = row.outcome.as_ref().and_then(Outcome::reward) == Some(1.0);
        let slot = u64::from(row.branch.slot);
        let run = runs.runs.iter().position(|run| run.trajectory == slot);
        let (true, Some(run)) = (succeeded, run) else {
            continue;
        };
        let task = &runs.runs[run].task;
        match (
            row.branch.purpose,
            recipe.critical_steps,
            recipe.calibration,
        ) {
            (BranchPurpose::Preference, CriticalSteps::Verified { coefficient, .. }, _) => {
                let taken = runs.samples[run].get(row.branch.step as usize);
                let (Some(taken), Some(choice)) = (taken, &row.branch.choice) else {
                    continue;
                };
                let mut choice = StepSample::from_bytes(choice)?;
                choice.view.earlier.clone_from(&taken.view.earlier);
                for (preferred, sample) in [(true, choice), (false, taken.clone())] {
                    let source = SampleSource::Pair {
                        branch: row.branch.number,
                        preferred,
                        trajectory: slot,
                        step: row.branch.step,
                    };
                    found.keep(source, sample);
                    let sign = if preferred { 1.0 } else { -1.0 };
                    found.add_row(source, task, sign * coefficient);
                }
            }
            (BranchPurpose::Recovery, _, Some(calibration)) => {
                let rate = record.rate(task).unwrap_or(0.0);
                let mut shown = Vec::new();
                for (step, bytes) in store.branch_samples(round, row.branch.number)? {
                    shown.push((step, StepSample::from_bytes(&bytes)?));
                }
                let way = runs.samples[run].get(..=row.branch.step as usize);
                let before = recall(&[], &mut way.unwrap_or(&[]).to_vec());
                recall(&before, shown.iter_mut().map(|(_, sample)| sample));
                for (step, sample) in shown {
                    if sample.only_seen.is_some() {
                        continue;
                    }
                    let source = SampleSource::Recovery {
                        branch: row.branch.number,
                        trajectory: slot,
                        step,
                    };
                    // As likely as it is when the policy acts.
                    let sample = StepSample {
                        temperature: config.train.temperature as f32,
                        ..sample
                    };
                    found.keep(source, sample);
                    found.add_row(source, task, (1.0 - rate) * calibration.coefficient);
                }
            }
            // The configuration was changed since the branches ran.
            _ => {}
        }
    }
    Ok(())
}
