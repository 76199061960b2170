//! One round of training through its stored states: planned, rolled out, augmented, updated, done.

use std::time::Instant;

use super::branches::add_branches;
use super::checkpoint::{prune, save_checkpoint};
use super::comparison::stored_plan;
use super::critical::add_forks;
use super::replay::add_replayed;
use super::round_line::RoundLine;
use super::trainer::{Pupil, Trainer};
use super::{TrainError, judging, round_samples, update_policy};
use crate::domain::{Event, Outcome};
use crate::farm::Farm;
use crate::learn::anchors::anchor_repeats;
use crate::learn::{RoundMetrics, RoundPlan, SuccessRecord, Tally, draw_plan};
use crate::policy::Bundle;
use crate::rollout::{Actor, run_slots};
use crate::store::{RoundKey, RoundProgress, RoundState};

impl Trainer {
    /// Leads a round from whatever state it is in to its end.
    pub(super) async fn round(
        &self,
        farm: &Farm,
        pupil: &mut Pupil,
        round: u64,
    ) -> Result<(), TrainError> {
        let key = RoundKey::train(round);
        if self.store().round(key)?.is_none() {
            self.plan(round, pupil.version)?;
        }
        let state = |trainer: &Trainer| -> Result<RoundState, TrainError> {
            Ok(trainer
                .store()
                .round(key)?
                .map_or(RoundState::Done, |row| row.state))
        };
        if state(self)? == RoundState::Planned {
            self.roll_out(farm, pupil, round).await?;
        }
        if state(self)? < RoundState::Updated {
            self.branch(farm, pupil, round).await?;
            self.learn(pupil, round).await?;
        }
        if state(self)? < RoundState::Done {
            self.tidy(round)?;
        }
        Ok(())
    }

    /// Removes what is not needed any more and ends the round.
    fn tidy(&self, round: u64) -> Result<(), TrainError> {
        let train = &self.config().train;
        prune(self.directory(), self.store(), train.checkpoint_every)?;
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
        let line = RoundLine::read(self.store(), round)?;
        self.observer().tell(&Event::Ended {
            summary: line.summary(),
        });
        self.observer().tell(&Event::Note(line.guards()));
        Ok(())
    }

    /// The success rates as stored.
    fn record(&self) -> Result<SuccessRecord, TrainError> {
        let group = self.config().train.group_size;
        let entries = self.store().success_rates()?;
        Ok(SuccessRecord::from_entries(group, entries)?)
    }

    /// Draws the whole plan and stores it before anything of it runs (STEP section 1 [R]).
    fn plan(&self, round: u64, version: u64) -> Result<(), TrainError> {
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
        self.store()
            .put_round(RoundKey::train(round), version, &text, &plan.slots)?;
        Ok(())
    }

    /// Runs the plan and counts it into the success rates.
    async fn roll_out(&self, farm: &Farm, pupil: &Pupil, round: u64) -> Result<(), TrainError> {
        let key = RoundKey::train(round);
        let config = self.config();
        let started = Instant::now();
        let mut options = self.rollout_options(
            Actor::Policy {
                service: pupil.service.clone(),
                temperature: config.train.temperature,
            },
            pupil.version,
        );
        if config.train.max_steps > 0 {
            options.max_steps = Some(config.train.max_steps);
        }
        options.measure = judging::measure(config);
        options.anchors = self.recipe().wants_anchors();
        let what = format!("round {} of {}", round + 1, config.train.rounds);
        run_slots(self.store(), farm, key, &what, &options).await?;

        let before = self.record()?;
        let mut after = before.clone();
        let episodes = self.store().episodes(key)?;
        let outcomes: Vec<(&str, &Outcome)> = episodes
            .iter()
            .map(|episode| (episode.instance.task.as_str(), &episode.outcome))
            .collect();
        let tallies = Tally::by_task(outcomes.iter().copied());
        let rates = after.count_round(round, &tallies)?;
        let plan = self.stored_plan(round)?;
        let metrics =
            RoundMetrics::of_round(&plan, outcomes, &before, &after, self.training_suite());
        let mut series = metrics.series();
        let steps: u32 = episodes.iter().map(|episode| episode.steps).sum();
        series.push(("environment_steps".into(), f64::from(steps)));
        if options.anchors {
            series.push(("anchor_repeats".into(), self.anchor_repeats(key)?));
        }
        series.push(("rollout_seconds".into(), started.elapsed().as_secs_f64()));
        let progress = RoundProgress {
            rates: &rates,
            metrics: &series,
            ..RoundProgress::default()
        };
        self.store()
            .advance_round(key, RoundState::RolledOut, &progress)?;
        Ok(())
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
    async fn learn(&self, pupil: &mut Pupil, round: u64) -> Result<(), TrainError> {
        let started = Instant::now();
        let (store, config, observer) = (
            self.store().clone(),
            self.config().clone(),
            self.observer().clone(),
        );
        let record = self.record()?;
        let recipe = self.recipe();
        let acting = pupil.service.current();
        let reference = pupil.reference.clone();
        let directory = self.directory().to_path_buf();
        let version = pupil.version + 1;
        let stale = || TrainError::Panicked;
        let mut learner = pupil.learner.take().ok_or_else(stale)?;
        // The mathematics is synchronous and takes seconds: not for the reactor.
        let work = tokio::task::spawn_blocking(move || {
            let mut samples = round_samples(&store, round, &config, &recipe, &record, &acting)?;
            add_replayed(
                &mut samples,
                &store,
                round,
                &config,
                &recipe,
                &record,
                &learner,
            )?;
            add_forks(&mut samples, &store, round, &recipe, &record)?;
            add_branches(&mut samples, &store, round, &config, &recipe, &record)?;
            let what = format!("update {} of {}", round + 1, config.train.rounds);
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
                &mut learner,
                &samples,
                round,
                &config,
                &recipe,
                &reference,
                &mut progress,
            )?;
            let checkpoint =
                save_checkpoint(&directory, &Bundle::of(&learner, version), Some(round))?;
            Ok::<_, TrainError>((learner, report, checkpoint))
        });
        let (learner, mut report, checkpoint) = work.await.map_err(|_| TrainError::Panicked)??;
        report
            .metrics
            .push(("learn_seconds".into(), started.elapsed().as_secs_f64()));
        let progress = RoundProgress {
            metrics: &report.metrics,
            updates: &report.updates,
            checkpoint: Some(&checkpoint),
            ..RoundProgress::default()
        };
        self.store()
            .advance_round(RoundKey::train(round), RoundState::Updated, &progress)?;
        pupil.service.current().update(learner.weights())?;
        pupil.learner = Some(learner);
        pupil.version = version;
        Ok(())
    }
}
