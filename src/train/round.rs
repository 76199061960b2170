//! One round of training through its stored states: planned, rolled out, learnt from.

use std::time::Instant;

use super::branches::add_branches;
use super::checkpoint::{prune, save_checkpoint};
use super::critical::add_forks;
use super::replay::add_replayed;
use super::trainer::{Pupil, Trainer};
use super::{TrainError, round_samples, update_policy};
use crate::domain::streams::stream;
use crate::domain::{Event, Outcome};
use crate::farm::Farm;
use crate::learn::{Recipe, RoundMetrics, RoundPlan, SuccessRecord, Tally};
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
        if state(self)? < RoundState::Done {
            self.branch(farm, pupil, round).await?;
            self.learn(pupil, round).await?;
        }
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
        let recipe = Recipe::of(&config.train);
        let seed = config.run.seed;
        let suite = self.training_suite();
        let mut draws = stream(seed, "plan", round);
        let mut plan = recipe
            .sampler
            .plan(&self.record()?, suite, round, &mut draws)?;
        let mut instances = stream(seed, "instances", round);
        plan.draw_instances(
            recipe.instances,
            config.suite.train_seeds.range(),
            &mut instances,
        );
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

    fn stored_plan(&self, round: u64) -> Result<RoundPlan, TrainError> {
        let key = RoundKey::train(round);
        let store = self.store();
        let row = store
            .round(key)?
            .ok_or_else(|| crate::store::StoreError::NotFound {
                path: store.path().to_path_buf(),
                what: key.to_string(),
            })?;
        serde_json::from_str(&row.plan).map_err(|error| {
            crate::store::StoreError::Value {
                path: store.path().to_path_buf(),
                place: format!("the plan of {key}"),
                problem: error.to_string(),
            }
            .into()
        })
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
        let acting = pupil.service.current();
        let reference = pupil.reference.clone();
        let directory = self.directory().to_path_buf();
        let version = pupil.version + 1;
        let stale = || TrainError::Panicked;
        let mut learner = pupil.learner.take().ok_or_else(stale)?;
        // The mathematics is synchronous and takes seconds: not for the reactor.
        let work = tokio::task::spawn_blocking(move || {
            let recipe = Recipe::of(&config.train);
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
            .advance_round(RoundKey::train(round), RoundState::Done, &progress)?;
        self.observer().tell(&Event::Ended {
            summary: self.round_summary(round)?,
        });
        pupil.service.current().update(learner.weights())?;
        pupil.learner = Some(learner);
        pupil.version = version;

        let train = &self.config().train;
        prune(self.directory(), self.store(), train.checkpoint_every)?;
        if train.keep_samples > 0 && round + 1 >= train.keep_samples {
            let before = round + 1 - train.keep_samples;
            self.store().forget_samples(before)?;
            self.store().forget_branch_samples(before)?;
        }
        Ok(())
    }

    /// One line on a finished round.
    fn round_summary(&self, round: u64) -> Result<String, TrainError> {
        let rows = self.store().metrics(crate::domain::Phase::Train)?;
        let value = |name: &str| {
            rows.iter()
                .find(|row| row.number == round && row.name == name)
                .and_then(|row| row.value)
                .unwrap_or(0.0)
        };
        Ok(format!(
            "round {}: {:.0} % of {:.0} succeeded, {:.0} of {:.0} tasks above 60 %, {:.0} rows, {:.0} steps",
            round + 1,
            100.0 * value("success_rate"),
            value("judged"),
            value("tasks_above_60"),
            value("tasks_known"),
            value("rows"),
            value("optimizer_steps"),
        ))
    }
}
