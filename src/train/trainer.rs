//! The trainer: looks at the store, does what is not done yet.

use std::future::ready;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::bundle::first_bundle;
use super::demonstrations::{Demonstration, demonstrations_of, split};
use super::lanes::Cast;
use super::optimizer::{cloning_optimizer, training_optimizer};
use super::{RunDirectory, TrainError, clone_policy, load_checkpoint, newest_checkpoint};
use crate::config::{OptimizerKind, TrainConfig};
use crate::domain::streams::stream;
use crate::domain::{Event, Observer, Slot};
use crate::eval::{self, Score};
use crate::farm::Farm;
use crate::judge;
use crate::learn::{Judge, Recipe};
use crate::onnx::Tensor;
use crate::policy::{Acting, Bundle, Learner, Service, Shape};
use crate::rollout::{Actor, Disk, RolloutError, RolloutOptions, Stop, run_slots};
use crate::runtime::{Chosen, Library};
use crate::store::{
    Checkpoint, DeviceRow, Evaluation, RoundKey, RoundProgress, RoundState, SlotState, Store,
};
use crate::tasks;

/// Trains one run.
pub struct Trainer {
    run: RunDirectory,
    library: Library,
    provider: Chosen,
    training_suite: Vec<String>,
    suite: Vec<String>,
    judge: Option<Arc<dyn Judge>>,
    observer: Observer,
    stop: Stop,
    disk: Disk,
}

/// The policy while it learns.
pub(super) struct Pupil {
    /// Weights, gradients, optimizer; away while a thread works on it.
    pub learner: Option<Learner>,
    /// Version of the weights.
    pub version: u64,
    /// The weights that training started from, for the KL penalty.
    pub reference: Vec<(String, Tensor)>,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// Rounds that are done.
    pub rounds: u64,
    /// The evaluation before training, where there is one.
    pub before: Option<Score>,
    /// The evaluation after it.
    pub after: Score,
}

impl Trainer {
    /// A trainer for a run; `stop` is a token that ends everything at once, or a [`Stop`].
    ///
    /// # Errors
    /// A task of the suite is not in the catalogue, the judge has no key, or the optimizer does not
    /// work on the provider.
    pub fn new(
        run: RunDirectory,
        library: Library,
        provider: Chosen,
        observer: Observer,
        stop: impl Into<Stop>,
    ) -> Result<Trainer, TrainError> {
        if provider == Chosen::Cuda && run.config.train.optimizer == OptimizerKind::Extrap {
            return Err(TrainError::ExtrapolationOnCuda);
        }
        let training_suite = eval::training_suite(&run.config)?;
        let suite = eval::suite(&run.config)?;
        let judge = judge::of(&run.config.judge)?;
        let stop = stop.into();
        let wait = Duration::from_secs(run.config.retention.wait_for_room_s);
        let disk = super::disk(&run, Some(wait), &stop, &observer);
        Ok(Trainer {
            run,
            library,
            provider,
            training_suite,
            suite,
            judge,
            observer,
            stop,
            disk,
        })
    }

    /// The same trainer, whose writes wait for room as another disk's do.
    pub fn on(self, disk: Disk) -> Trainer {
        Trainer { disk, ..self }
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.run.store
    }

    /// The configuration.
    pub fn config(&self) -> &TrainConfig {
        &self.run.config
    }

    /// The run directory.
    pub fn directory(&self) -> &Path {
        &self.run.path
    }

    /// The algorithm that the configuration names, with its judge.
    pub(super) fn recipe(&self) -> Recipe {
        Recipe {
            judge: self.judge.clone(),
            ..Recipe::of(&self.config().train)
        }
    }

    pub(super) fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// What every write of the run goes through.
    pub(super) fn disk(&self) -> &Disk {
        &self.disk
    }

    pub(super) fn training_suite(&self) -> &[String] {
        &self.training_suite
    }

    /// Does everything that is not done yet: pretraining, the evaluation before, the rounds with
    /// their evaluations, the evaluation after.
    ///
    /// # Errors
    /// See [`TrainError`]; what was finished is stored.
    pub async fn run(&self, farm: &Farm) -> Result<Outline, TrainError> {
        self.disk.keep(|| ready(self.introduce(farm))).await?;
        if self.store().checkpoints()?.is_empty() {
            self.pretrain(farm).await?;
        }
        let (mut cast, pupil) = self.cast().await?;
        let before = match self.config().eval.before {
            true => Some(self.evaluation(farm, &cast, "before", None).await?),
            false => None,
        };
        self.rounds(farm, &mut cast, pupil).await?;
        let rounds = self.config().train.rounds;
        let after = match (rounds.checked_sub(1), before) {
            // Nothing was learnt in between.
            (None, Some(before)) => before,
            (last, _) => self.evaluation(farm, &cast, "after", last).await?,
        };
        Ok(Outline {
            rounds,
            before,
            after,
        })
    }

    /// Stores which tasks and devices take part.
    fn introduce(&self, farm: &Farm) -> Result<(), TrainError> {
        let specs = self
            .suite
            .iter()
            .map(|name| Ok(tasks::find(name)?.spec()))
            .collect::<Result<Vec<_>, TrainError>>()?;
        self.store().put_tasks(specs)?;
        for member in farm.members() {
            self.store().put_device(&DeviceRow {
                serial: member.serial().to_owned(),
                kind: member.kind().to_owned(),
                info: "{}".into(),
            })?;
        }
        Ok(())
    }

    /// The policy of the newest checkpoint, ready to act and to learn.
    async fn cast(&self) -> Result<(Cast, Pupil), TrainError> {
        let store = self.store();
        let newest = newest_checkpoint(self.directory(), store)?;
        let bundle = load_checkpoint(self.directory(), &newest)?;
        let reference = if self.config().train.kl_coef > 0.0 {
            let first = store.checkpoints()?.into_iter().next().unwrap_or(newest);
            load_checkpoint(self.directory(), &first)?.weights()?
        } else {
            Vec::new()
        };
        let version = bundle.version;
        let mut learner = self.learner(bundle.shape, &bundle).await?;
        if let Some(optimizer) = bundle.optimizer {
            learner.optimizer = optimizer;
        }
        let stop = self.stop.child();
        let cast = Cast {
            service: Service::start(self.acting(&learner)?),
            version,
            disk: self.disk.heeding(&stop),
            stop,
        };
        let pupil = Pupil {
            learner: Some(learner),
            version,
            reference,
        };
        Ok((cast, pupil))
    }

    async fn learner(&self, shape: Shape, bundle: &Bundle) -> Result<Learner, TrainError> {
        let (library, provider) = (self.library.clone(), self.provider.clone());
        let forward = bundle.forward.clone();
        let threads = self.threads();
        let built = tokio::task::spawn_blocking(move || {
            Learner::new(&library, &provider, shape, forward, threads)
        });
        let mut learner = built.await.map_err(|_| TrainError::Panicked)??;
        learner.options = training_optimizer(&self.config().train);
        Ok(learner)
    }

    /// Threads of a session: devices are idle while gradients are computed and while a batch of their
    /// requests is, so it may have them all.
    fn threads(&self) -> usize {
        match self.config().policy.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads as usize,
        }
    }

    /// A session that acts with the learner's weights of now.
    pub(super) fn acting(&self, learner: &Learner) -> Result<Acting, TrainError> {
        Ok(Acting::new(
            &self.library,
            &self.provider,
            &learner.forward(),
            self.threads(),
        )?)
    }

    /// Options of a plan of this run.
    pub(super) fn rollout_options(&self, actor: Actor, version: u64) -> RolloutOptions {
        RolloutOptions {
            compat: eval::compat(self.config()),
            observer: self.observer.clone(),
            stop: self.stop.clone(),
            disk: self.disk.clone(),
            ..RolloutOptions::new(actor, self.config().run.seed, version)
        }
    }

    /// Collects demonstrations and clones them; or takes the bundle that is named. Ends with the
    /// first checkpoint.
    async fn pretrain(&self, farm: &Farm) -> Result<(), TrainError> {
        let config = self.config();
        let bundle = first_bundle(&config.policy, config.run.seed)?;
        let wanted: u32 = self
            .training_suite
            .iter()
            .map(|task| config.pretrain.demonstrations_of(task))
            .sum();
        let shown = wanted > 0 || !config.pretrain.from.is_empty();
        if !shown || config.pretrain.steps == 0 {
            let checkpoint = self.save(bundle, None).await?;
            let put = || ready(self.store().put_checkpoint(&checkpoint));
            return Ok(self.disk.keep(put).await?);
        }
        let key = RoundKey::demonstrate(0);
        if self.store().round(key)?.is_none() {
            let slots = self.demonstrations();
            let plan = || ready(self.store().put_round(key, bundle.version, "{}", &slots));
            self.disk.keep(plan).await?;
        }
        self.make_room().await?;
        let options = self.rollout_options(
            Actor::Solution {
                noise: config.pretrain.noise,
            },
            bundle.version,
        );
        run_slots(self.store(), farm, key, "demonstrations", &options).await?;
        let demonstrations = self.demonstrated(key)?;
        let (checkpoint, metrics) = self.clone_into(bundle, demonstrations).await?;
        let progress = RoundProgress {
            metrics: &metrics,
            checkpoint: Some(&checkpoint),
            ..RoundProgress::default()
        };
        self.advance(&self.disk, key, RoundState::Done, &progress)
            .await
    }

    /// The plan of the demonstrations: training seeds only.
    fn demonstrations(&self) -> Vec<Slot> {
        use rand::RngExt;
        let config = self.config();
        let mut random = stream(config.run.seed, "demonstrations", 0);
        let mut slots = Vec::new();
        for task in &self.training_suite {
            for copy in 0..config.pretrain.demonstrations_of(task) {
                let seed = random.random_range(config.suite.train_seeds.range());
                slots.push(Slot::plain(slots.len() as u32, task, copy, seed));
            }
        }
        slots
    }

    /// The demonstrations that the checker found successful: those of this run, and those that other
    /// runs have.
    fn demonstrated(&self, key: RoundKey) -> Result<Vec<Demonstration>, TrainError> {
        let mut demonstrations = Vec::new();
        let episodes = self.store().episodes(key)?;
        for episode in &episodes {
            if episode.outcome.reward() != Some(1.0) {
                let task = &episode.instance.task;
                self.observer.tell(&Event::Note(format!(
                    "the demonstration of {task} (seed {}) did not succeed and is left out",
                    episode.instance.seed
                )));
                continue;
            }
            demonstrations.push(Demonstration::read(self.store(), episode)?);
        }
        for run in &self.config().pretrain.from {
            let found = demonstrations_of(Path::new(run), self.config(), &self.training_suite)?;
            self.observer.tell(&Event::Note(format!(
                "{} demonstrations from {run}",
                found.len()
            )));
            demonstrations.extend(found);
        }
        if demonstrations.iter().all(|shown| shown.samples.is_empty()) {
            return Err(TrainError::NoDemonstrations {
                episodes: episodes.len(),
            });
        }
        Ok(demonstrations)
    }

    async fn clone_into(
        &self,
        bundle: Bundle,
        demonstrations: Vec<Demonstration>,
    ) -> Result<(Checkpoint, Vec<(String, f64)>), TrainError> {
        let mut learner = self.learner(bundle.shape, &bundle).await?;
        learner.options = cloning_optimizer(&self.config().train);
        let settings = self.config().pretrain.clone();
        let mut random = stream(self.config().run.seed, "cloning", 0);
        let mut choice = stream(self.config().run.seed, "validation", 0);
        let (samples, validation) = split(demonstrations, settings.validation, &mut choice);
        let (observer, stop) = (self.observer.clone(), self.stop.clone());
        observer.tell(&Event::Began {
            what: format!("cloning {} step samples", samples.len()),
            unit: "steps",
            total: u64::from(settings.steps),
            done: 0,
        });
        let count = samples.len();
        let work = tokio::task::spawn_blocking(move || {
            let mut progress = |step: u32, loss: f64| {
                observer.tell(&Event::Advanced {
                    done: u64::from(step),
                    detail: format!("loss {loss:.3}"),
                });
                !stop.is_at_once()
            };
            let report = clone_policy(
                &mut learner,
                &samples,
                &validation,
                &settings,
                &mut random,
                &mut progress,
            )?;
            if stop.is_at_once() {
                return Err(RolloutError::Interrupted.into());
            }
            // Training begins with moments of its own.
            learner.reset_optimizer();
            Ok::<_, TrainError>((learner, report))
        });
        let (learner, report) = work.await.map_err(|_| TrainError::Panicked)??;
        self.observer.tell(&Event::Ended {
            summary: format!(
                "cloned {count} step samples in {} steps: loss {:.2} to {:.2}",
                report.steps, report.first_loss, report.last_loss
            ),
        });
        let mut cloned = Bundle::of(&learner, bundle.version + 1);
        cloned.optimizer = None;
        let checkpoint = self.save(cloned, None).await?;
        let metrics = [
            ("samples", count as f64),
            ("best_step", f64::from(report.best_step)),
            ("first_loss", report.first_loss),
            ("last_loss", report.last_loss),
            ("entropy", report.entropy),
            ("optimizer_steps", f64::from(report.steps)),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        let validation = report
            .validation_loss
            .map(|loss| ("validation_loss".to_owned(), loss));
        Ok((checkpoint, metrics.into_iter().chain(validation).collect()))
    }

    /// An evaluation of a label, begun, gone on with, or looked up where it is done.
    pub(super) async fn evaluation(
        &self,
        farm: &Farm,
        cast: &Cast,
        label: &str,
        after_round: Option<u64>,
    ) -> Result<Score, TrainError> {
        let config = self.config();
        let known = self
            .store()
            .evaluations()?
            .into_iter()
            .rev()
            .find(|known| known.label == label && known.after_round == after_round);
        let evaluation = match known {
            Some(known) => known,
            None => Evaluation {
                number: self.store().next_evaluation()?,
                label: label.to_owned(),
                suite: config.suite.name.clone(),
                policy_version: cast.version,
                temperature: config.eval.temperature,
                after_round,
            },
        };
        if self.is_finished(RoundKey::evaluate(evaluation.number))? {
            return Ok(eval::score(self.store(), evaluation.number)?);
        }
        self.make_room().await?;
        let mut options = self.rollout_options(
            Actor::Policy {
                service: cast.service.clone(),
                temperature: config.eval.temperature,
            },
            cast.version,
        );
        options.screenshots = config.eval.screenshots;
        options.samples = false;
        let slots = eval::plan(config, &self.suite, config.eval.episodes);
        let score = eval::evaluate(self.store(), farm, &evaluation, &slots, &options).await?;
        self.observer.tell(&Event::Note(format!(
            "evaluation {label:?}: {} of {} episodes succeeded",
            score.successes, score.judged
        )));
        Ok(score)
    }

    fn is_finished(&self, key: RoundKey) -> Result<bool, TrainError> {
        let Some(row) = self.store().round(key)? else {
            return Ok(false);
        };
        let open = self
            .store()
            .slots(key)?
            .iter()
            .any(|slot| matches!(slot.state, SlotState::Open | SlotState::Leased));
        Ok(row.state == RoundState::Done && !open)
    }
}
