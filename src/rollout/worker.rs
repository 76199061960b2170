//! One device's loop: lease a slot, run its episode, store it, until the plan is done.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::{EpisodeEnd, MayBeFull, RolloutError, RolloutOptions};
use crate::device::Device;
use crate::domain::{Event, Outcome, Trajectory};
use crate::env::{Episode, EpisodeOptions, run_episode};
use crate::farm::{FarmError, Member};
use crate::store::{AfterLoss, EpisodeRecord, RoundKey, SlotRow, Store, StoreError, now};

/// Longest an episode may take: this much for set-up and check, and as much again for every so many
/// steps. Single calls have far shorter deadlines; this ends what answers slowly for ever.
const EPISODE_BASE: Duration = Duration::from_secs(300);
const PER_STEP: Duration = Duration::from_secs(60);
/// How often a worker without work looks whether a slot was given back.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Longest that an episode of a number of steps may take.
pub fn longest_episode(budget: u32) -> Duration {
    EPISODE_BASE + PER_STEP * budget
}

/// How a worker ended without an error.
pub enum WorkerEnd {
    /// Every slot has its result.
    NothingLeft,
    /// Somebody asked that nothing new begins.
    Stopped,
    /// No device of the plan is hoped for any more; this is the worker's.
    GivenUp(FarmError),
}

/// One device at work.
pub struct Worker {
    /// Where plans and results are.
    pub store: Store,
    /// The device.
    pub member: Arc<Member>,
    /// The plan.
    pub key: RoundKey,
    /// How it is run.
    pub options: RolloutOptions,
    /// Slots with a result, shared by all workers.
    pub done: Arc<AtomicU64>,
    /// Slots of the plan.
    pub total: u64,
    /// Woken when a slot got its result or was given back.
    pub freed: Arc<Notify>,
    /// All devices of the plan.
    pub members: Arc<[Arc<Member>]>,
}

impl Worker {
    /// Works until nothing is left to do.
    pub async fn run(self) -> Result<WorkerEnd, RolloutError> {
        match self.work().await {
            // It waited for room until somebody asked to stop; the others may end what they run.
            Err(error) if error.full_while().is_some() && self.options.stop.is_asked() => {
                Ok(WorkerEnd::Stopped)
            }
            ended => ended,
        }
    }

    async fn work(&self) -> Result<WorkerEnd, RolloutError> {
        let disk = &self.options.disk;
        loop {
            let device = tokio::select! {
                // No more is leased then, also where the device is ready.
                biased;
                () = self.options.stop.asked() => return Ok(WorkerEnd::Stopped),
                // Others do the work meanwhile: a device that can't be had keeps no plan from its end.
                end = self.others() => return Ok(end),
                device = self.member.ready() => device,
            };
            let lease = || ready(self.store.lease_slot(self.key, self.member.serial()));
            let Some(slot) = disk.keep(lease).await? else {
                if self.done.load(Ordering::SeqCst) >= self.total {
                    return Ok(WorkerEnd::NothingLeft);
                }
                // Another worker may yet lose its device and give its slot back.
                tokio::select! {
                    () = self.options.stop.asked() => return Ok(WorkerEnd::Stopped),
                    () = self.freed.notified() => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                }
                continue;
            };
            if !self.may_begin().await {
                self.give_back(&slot).await?;
                return Ok(WorkerEnd::Stopped);
            }
            let put_back = tokio::select! {
                () = self.options.stop.asked_at_once() => return Err(RolloutError::Interrupted),
                put_back = self.member.put_back(device) => put_back,
            };
            let Ok(device) = put_back else {
                self.give_back(&slot).await?;
                continue;
            };
            // That may have taken long.
            if !self.may_begin().await {
                self.give_back(&slot).await?;
                return Ok(WorkerEnd::Stopped);
            }
            let result = tokio::select! {
                () = self.options.stop.asked_at_once() => Err(RolloutError::Interrupted),
                result = self.one(&device, &slot) => result,
            };
            self.member.returned();
            result?;
            self.freed.notify_waiters();
        }
    }

    /// Waits for room on the disk; `false` once somebody asked that nothing new begins.
    async fn may_begin(&self) -> bool {
        tokio::select! {
            biased;
            () = self.options.stop.asked() => false,
            () = self.options.disk.has_room() => true,
        }
    }

    /// Another worker may have the slot, in which nothing has begun.
    async fn give_back(&self, slot: &SlotRow) -> Result<(), RolloutError> {
        let release = || ready(self.store.release_slot(self.key, slot.slot.index));
        self.options.disk.keep(release).await?;
        self.freed.notify_waiters();
        Ok(())
    }

    /// Waits until the others have done the plan, or no device is hoped for.
    async fn others(&self) -> WorkerEnd {
        loop {
            if self.done.load(Ordering::SeqCst) >= self.total {
                return WorkerEnd::NothingLeft;
            }
            if self.members.iter().all(|member| member.is_given_up()) {
                return WorkerEnd::GivenUp(self.member.given_up());
            }
            tokio::select! {
                () = self.freed.notified() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }

    /// One episode and its record.
    async fn one(&self, device: &Device, slot: &SlotRow) -> Result<(), RolloutError> {
        let started_at = now();
        let (task, mut instance) = self.options.source.instance(&slot.slot)?;
        instance.compat = self.options.compat;
        let mut agent =
            self.options
                .actor
                .agent(self.options.seed, self.key, &slot.slot, task, &instance)?;
        let keep = slot.slot.copy < self.options.screenshots;
        let episode_options = EpisodeOptions {
            screenshots: keep.then(|| self.store.blobs().clone()),
            max_steps: self.options.max_steps,
            anchors: self.options.anchors,
            measure: self.options.measure,
        };
        let limit = longest_episode(instance.budget);
        self.member.leased(&slot.slot.task, limit);
        let running = run_episode(
            device,
            task,
            instance.clone(),
            agent.as_mut(),
            &episode_options,
        );
        let episode = match tokio::time::timeout(limit, running).await {
            Ok(episode) => episode?,
            Err(_) => Episode {
                instance,
                trajectory: Trajectory {
                    steps: Vec::new(),
                    outcome: Outcome::Truncated {
                        cause: "episode_deadline".into(),
                    },
                    answer: None,
                },
                device_lost: Some(format!("no end of the episode in {} s", limit.as_secs())),
                unwritten: Vec::new(),
                remarks: Vec::new(),
            },
        };
        self.finish(slot, episode, started_at).await
    }

    /// Writes something, once there is room for it.
    async fn kept<W: Send + Sync + 'static, T: Send + 'static>(
        &self,
        what: W,
        write: impl Fn(&Store, &W) -> Result<T, StoreError> + Send + Copy + 'static,
    ) -> Result<T, RolloutError> {
        let what = Arc::new(what);
        // A write waits for the disk; the other devices must not.
        let written = || {
            let (store, what) = (self.store.clone(), what.clone());
            let written = tokio::task::spawn_blocking(move || write(&store, &what));
            async { Ok(written.await.map_err(|_| RolloutError::WorkerPanicked)??) }
        };
        self.options.disk.keep(written).await
    }

    async fn finish(
        &self,
        slot: &SlotRow,
        episode: Episode,
        started_at: i64,
    ) -> Result<(), RolloutError> {
        let serial = self.member.serial();
        for remark in &episode.remarks {
            tracing::warn!(serial, task = slot.slot.task, "{remark}");
        }
        let after_loss = if slot.attempts + 1 < self.options.attempts {
            AfterLoss::Requeue
        } else {
            AfterLoss::Abandon
        };
        let mut trajectory = episode.trajectory;
        let outcome = trajectory.outcome.clone();
        let steps = trajectory.steps.len() as u32;
        if !self.options.samples {
            for step in &mut trajectory.steps {
                step.sample = None;
            }
        }
        let record = EpisodeRecord {
            key: self.key,
            slot: slot.slot.index,
            instance: episode.instance,
            device: serial.to_owned(),
            policy_version: self.options.policy_version,
            trajectory,
            started_at,
            finished_at: now(),
        };
        for picture in episode.unwritten {
            self.kept(picture, |store, picture| {
                store.blobs().put(picture).map(|_| ())
            })
            .await?;
        }
        let id = self
            .kept(record, move |store, record| {
                store.finish_slot(record, after_loss)
            })
            .await?;
        match &episode.device_lost {
            Some(reason) => self.member.lost(reason),
            None => self.member.worked(),
        }
        if let Some(ended) = self.options.ended.as_ref().filter(|_| outcome.is_judged()) {
            // Whoever wanted to know may have gone.
            let _ = ended.send(EpisodeEnd {
                id,
                slot: slot.slot.index,
                task: slot.slot.task.clone(),
                outcome: outcome.clone(),
            });
        }
        let finished = outcome.is_judged() || after_loss == AfterLoss::Abandon;
        let done = if finished {
            self.done.fetch_add(1, Ordering::SeqCst) + 1
        } else {
            self.done.load(Ordering::SeqCst)
        };
        self.options.observer.tell(&Event::Episode {
            phase: self.key.phase,
            number: self.key.number,
            task: slot.slot.task.clone(),
            device: serial.to_owned(),
            outcome: outcome.clone(),
            steps,
        });
        self.options.observer.tell(&Event::Advanced {
            done,
            detail: slot.slot.task.clone(),
        });
        Ok(())
    }
}
