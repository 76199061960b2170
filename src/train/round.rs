//! One round of training through its stored states: planned, rolled out, augmented, updated, done.

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::branches::add_branches;
use super::checkpoint::prune;
use super::comparison::stored_plan;
use super::critical::add_forks;
use super::lanes::{Cast, Handover};
use super::learning::{RoundSamples, augmented_samples};
use super::passes::{Ahead, Passes};
use super::replay::add_replayed;
use super::resampling::draw_again;
use super::round_line::RoundLine;
use super::trainer::{Pupil, Trainer};
use super::{TrainError, judging, update_policy};
use crate::config::TrainConfig;
use crate::domain::{Event, Observer, Outcome};
use crate::farm::Farm;
use crate::learn::anchors::anchor_repeats;
use crate::learn::{Recipe, RoundMetrics, RoundPlan, SuccessRecord, Tally, draw_plan};
use crate::policy::{Bundle, Learner};
use crate::rollout::{Actor, Disk, run_slots};
use crate::store::{RoundKey, RoundProgress, RoundState, Store};

impl Trainer {
    /// Learns from a round that has all of its actions, unless that is done, and ends it.
    pub(super) async fn learn_round(
        &self,
        pupil: &mut Pupil,
        round: u64,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        let state = || self.store().round(RoundKey::train(round));
        if state()?.is_some_and(|row| row.state < RoundState::Updated) {
            self.learn(pupil, round, handover).await?;
        }
        if state()?.is_some_and(|row| row.state < RoundState::Done) {
            self.tidy(round).await?;
        }
        Ok(())
    }

    /// Leads a round to a later state, once there is room for that.
    pub(super) async fn advance(
        &self,
        disk: &Disk,
        key: RoundKey,
        to: RoundState,
        progress: &RoundProgress<'_>,
    ) -> Result<(), TrainError> {
        let advanced = || ready(self.store().advance_round(key, to, progress));
        Ok(disk.keep(advanced).await?)
    }

    /// Draws actions again on the states that are augmented, while the weights that acted are at hand.
    /// `passes` is what they said of some of them already.
    pub(super) async fn draw_again(
        &self,
        cast: &Cast,
        round: u64,
        passes: Passes,
    ) -> Result<(), TrainError> {
        let (store, config) = (self.store().clone(), self.config().clone());
        let (record, recipe) = (self.record()?.before(round + 1), self.recipe());
        let acting = cast.service.current();
        let work = tokio::task::spawn_blocking(move || {
            draw_again(&store, round, &config, &recipe, &record, &acting, &passes)
        });
        let Some(rows) = work.await.map_err(|_| TrainError::Panicked)?? else {
            return Ok(());
        };
        let progress = RoundProgress {
            resampled: &rows,
            ..RoundProgress::default()
        };
        self.advance(
            &cast.disk,
            RoundKey::train(round),
            RoundState::Augmented,
            &progress,
        )
        .await
    }

    /// Ends the round, and says what came of it.
    async fn tidy(&self, round: u64) -> Result<(), TrainError> {
        self.disk().keep(|| ready(self.end(round))).await?;
        let line = RoundLine::read(self.store(), round)?;
        self.observer()
            .tell(&match self.config().train.off_policy_rounds {
                0 => Event::Ended {
                    summary: line.summary(),
                },
                // The piece of work that began last is the devices'.
                _ => Event::Note(line.summary()),
            });
        self.observer().tell(&Event::Note(line.guards()));
        Ok(())
    }

    /// Removes what is not needed any more and ends the round.
    fn end(&self, round: u64) -> Result<(), TrainError> {
        let train = &self.config().train;
        prune(
            self.directory(),
            self.store(),
            train.checkpoint_every,
            train.off_policy_rounds,
        )?;
        if train.keep_samples > 0 && round + 1 >= train.keep_samples {
            let before = round + 1 - train.keep_samples;
            self.store().forget_samples(before)?;
            self.store().forget_branch_samples(before)?;
        }
        self.store().advance_round(
            RoundKey::train(round),
            RoundState::Done,
            &RoundProgress::default(),
        )?;
        Ok(())
    }

    /// The success rates as stored.
    fn record(&self) -> Result<SuccessRecord, TrainError> {
        let group = self.config().train.group_size;
        let entries = self.store().success_rates()?;
        Ok(SuccessRecord::from_entries(group, entries)?)
    }

    /// Draws the whole plan and stores it before anything of it runs (STEP section 1 [R]).
    pub(super) async fn plan(&self, cast: &Cast, round: u64) -> Result<(), TrainError> {
        let version = self.acting_version(round)?;
        let config = self.config();
        let recipe = self.recipe();
        let plan = draw_plan(
            recipe.sampler.as_ref(),
            recipe.instances,
            config.suite.train_seeds.range(),
            &self.record()?,
            self.training_suite(),
            config.run.seed,
            round,
        )?;
        let text = serde_json::to_string(&plan).unwrap_or_default();
        let key = RoundKey::train(round);
        let put = || ready(self.store().put_round(key, version, &text, &plan.slots));
        Ok(cast.disk.keep(put).await?)
    }

    /// Runs the plan and counts it into the success rates. Returns what the policy said of states that
    /// may be augmented.
    pub(super) async fn roll_out(
        &self,
        farm: &Farm,
        cast: &Cast,
        round: u64,
    ) -> Result<Passes, TrainError> {
        let key = RoundKey::train(round);
        let config = self.config();
        let started = Instant::now();
        let mut options = self.rollout_options(
            Actor::Policy {
                service: cast.service.clone(),
                temperature: config.train.temperature,
            },
            cast.version,
        );
        if config.train.max_steps > 0 {
            options.max_steps = Some(config.train.max_steps);
        }
        options.measure = judging::measure(config);
        options.anchors = true;
        let what = format!("round {} of {}", round + 1, config.train.rounds);
        options.stop = cast.stop.clone();
        options.disk = cast.disk.clone();
        let (before, plan) = (self.record()?, self.stored_plan(round)?);
        let ahead = Ahead::start(
            self.store(),
            &plan,
            &self.recipe(),
            &before,
            cast.service.current(),
        )?;
        options.ended = ahead.as_ref().map(Ahead::listener);
        run_slots(self.store(), farm, key, &what, &options).await?;
        drop(options);
        let passes = match ahead {
            Some(ahead) => ahead.finish().await?,
            None => Passes::default(),
        };

        let mut after = before.clone();
        let episodes = self.store().episodes(key)?;
        let outcomes: Vec<(&str, &Outcome)> = episodes
            .iter()
            .map(|episode| (episode.instance.task.as_str(), &episode.outcome))
            .collect();
        let tallies = Tally::by_task(outcomes.iter().copied());
        let rates = after.count_round(round, &tallies)?;
        let metrics =
            RoundMetrics::of_round(&plan, outcomes, &before, &after, self.training_suite());
        let mut series = metrics.series();
        let steps: u32 = episodes.iter().map(|episode| episode.steps).sum();
        series.push(("environment_steps".into(), f64::from(steps)));
        series.push(("anchor_repeats".into(), self.anchor_repeats(key)?));
        series.push(("rollout_seconds".into(), started.elapsed().as_secs_f64()));
        let progress = RoundProgress {
            rates: &rates,
            metrics: &series,
            ..RoundProgress::default()
        };
        self.advance(&cast.disk, key, RoundState::RolledOut, &progress)
            .await?;
        Ok(passes)
    }

    /// How often the states of a round come back in other trajectories of their task.
    fn anchor_repeats(&self, key: RoundKey) -> Result<f64, TrainError> {
        let episodes = self.store().evidence(key)?;
        let states: Vec<(&str, &[Option<String>])> = episodes
            .iter()
            .map(|episode| (episode.task.as_str(), episode.anchors.as_slice()))
            .collect();
        Ok(anchor_repeats(&states))
    }

    fn stored_plan(&self, round: u64) -> Result<RoundPlan, TrainError> {
        let key = RoundKey::train(round);
        let store = self.store();
        let row = store
            .round(key)?
            .ok_or_else(|| crate::store::StoreError::NotFound {
                path: store.path().to_path_buf(),
                what: key.to_string(),
            })?;
        Ok(stored_plan(store, &row)?)
    }

    /// Learns from the round and stores the new weights.
    async fn learn(
        &self,
        pupil: &mut Pupil,
        round: u64,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        let started = Instant::now();
        let config = self.config().clone();
        let observer = match config.train.off_policy_rounds {
            0 => self.observer().clone(),
            // One piece of work is shown at a time: the devices'.
            _ => Observer::default(),
        };
        let acted = self.store().round(RoundKey::train(round))?;
        let age = acted.map_or(0, |row| pupil.version.saturating_sub(row.policy_version));
        let reference = pupil.reference.clone();
        let version = pupil.version + 1;
        let stale = || TrainError::Panicked;
        let lesson = Arc::new(Mutex::new(Lesson {
            learner: pupil.learner.take().ok_or_else(stale)?,
            store: self.store().clone(),
            round,
            config,
            recipe: self.recipe(),
            // Later rounds may have been counted meanwhile.
            record: self.record()?.before(round + 1),
            age,
        }));
        // A judge's answers are stored on the way. The mathematics is synchronous and takes seconds: not for the
        // reactor.
        let gathered = || {
            let lesson = lesson.clone();
            let work = tokio::task::spawn_blocking(move || {
                let lesson = lesson.lock().map_err(|_| TrainError::Panicked)?;
                lesson.samples()
            });
            async { work.await.map_err(|_| TrainError::Panicked)? }
        };
        let samples = self.disk().keep(gathered).await?;
        let lesson = Arc::into_inner(lesson).and_then(|lesson| lesson.into_inner().ok());
        let mut lesson = lesson.ok_or_else(stale)?;
        let work = tokio::task::spawn_blocking(move || {
            let what = format!("update {} of {}", round + 1, lesson.config.train.rounds);
            let mut progress = |done: usize, total: usize| match done {
                0 => observer.tell(&Event::Began {
                    what: what.clone(),
                    unit: "steps",
                    total: total as u64,
                    done: 0,
                }),
                done => observer.tell(&Event::Advanced {
                    done: done as u64,
                    detail: String::new(),
                }),
            };
            let report = update_policy(
                &mut lesson.learner,
                &samples,
                round,
                &lesson.config,
                &lesson.recipe,
                &reference,
                &mut progress,
            )?;
            Ok::<_, TrainError>((lesson.learner, report))
        });
        let (learner, mut report) = work.await.map_err(|_| TrainError::Panicked)??;
        let checkpoint = self
            .save(Bundle::of(&learner, version), Some(round))
            .await?;
        report
            .metrics
            .push(("learn_seconds".into(), started.elapsed().as_secs_f64()));
        let progress = RoundProgress {
            metrics: &report.metrics,
            updates: &report.updates,
            checkpoint: Some(&checkpoint),
            ..RoundProgress::default()
        };
        let key = RoundKey::train(round);
        self.advance(self.disk(), key, RoundState::Updated, &progress)
            .await?;
        handover.leave(version, learner.weights().to_vec());
        pupil.learner = Some(learner);
        pupil.version = version;
        Ok(())
    }
}

/// What an update needs to know.
struct Lesson {
    learner: Learner,
    store: Store,
    round: u64,
    config: TrainConfig,
    recipe: Recipe,
    record: SuccessRecord,
    /// Updates between the weights that acted and those that learn.
    age: u64,
}

impl Lesson {
    /// Everything that is learnt from.
    fn samples(&self) -> Result<RoundSamples, TrainError> {
        let Lesson {
            learner,
            store,
            round,
            config,
            recipe,
            record,
            age,
        } = self;
        let round = *round;
        let mut samples = augmented_samples(store, round, config, recipe, record)?;
        samples.age = *age;
        add_replayed(&mut samples, store, round, config, recipe, record, learner)?;
        add_forks(&mut samples, store, round, recipe, record)?;
        add_branches(&mut samples, store, round, config, recipe, record)?;
        Ok(samples)
    }
}
