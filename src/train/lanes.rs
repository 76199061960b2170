//! The two lanes of training. One has the devices: plans, episodes, branches, evaluations. The other has
//! the learner: updates. Both go through the rounds in order. The devices may be
//! `train.off_policy_rounds` rounds ahead of the updates; where that is 0, the lanes take turns.
//!
//! Which weights act in a round hangs on its number alone: those of the update
//! `off_policy_rounds + 1` rounds before it. Whoever could be earlier waits, so that how quick devices
//! and updates are decides nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::checkpoint::load_checkpoint;
use super::passes::Passes;
use super::trainer::{Pupil, Trainer};
use super::{TrainError, newest_checkpoint};
use crate::farm::Farm;
use crate::onnx::Tensor;
use crate::policy::Service;
use crate::rollout::{Disk, RolloutError, Stop};
use crate::store::{RoundKey, RoundState};

/// Who acts in the episodes of now.
pub(super) struct Cast {
    /// Where decisions are made.
    pub service: Service,
    /// Version of the weights that make them.
    pub version: u64,
    /// Asked when the episodes of training are to stop.
    pub stop: Stop,
    /// What their writes go through.
    pub disk: Disk,
}

/// Weights on their way from the updates to the devices, by version. They are on the disk as well; this
/// saves reading them.
#[derive(Default)]
pub(super) struct Handover(Mutex<BTreeMap<u64, Vec<(String, Tensor)>>>);

impl Handover {
    /// Leaves the weights of a version.
    pub(super) fn leave(&self, version: u64, weights: Vec<(String, Tensor)>) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.insert(version, weights);
    }

    /// Takes the weights of a version and forgets older ones, which nobody comes for any more.
    fn take(&self, version: u64) -> Option<Vec<(String, Tensor)>> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = left.split_off(&version.saturating_add(1));
        std::mem::replace(&mut *left, newer).remove(&version)
    }
}

impl Trainer {
    /// Leads every round to its end. `cast` then acts with the newest weights.
    pub(super) async fn rounds(
        &self,
        farm: &Farm,
        cast: &mut Cast,
        pupil: Pupil,
    ) -> Result<(), TrainError> {
        let handover = Handover::default();
        let (acted, rounds_acted) = watch::channel(0);
        let (learnt, rounds_learnt) = watch::channel(0);
        let stop = cast.stop.clone();
        let updates = async {
            let result = self.updates(pupil, rounds_acted, learnt, &handover).await;
            if result.is_err() {
                stop.at_once();
            }
            result
        };
        let devices = self.devices(farm, cast, acted, rounds_learnt, &handover);
        let (devices, updates) = tokio::join!(devices, updates);
        // Where updates fail, the devices are only stopped.
        updates.and(devices)?;
        let newest = newest_checkpoint(self.directory(), self.store())?;
        self.act_with(cast, newest.policy_version, &handover)
    }

    /// The devices' lane. Tells how many rounds have all of their actions.
    async fn devices(
        &self,
        farm: &Farm,
        cast: &mut Cast,
        acted: watch::Sender<u64>,
        mut learnt: watch::Receiver<u64>,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        let train = &self.config().train;
        for place in 0..=train.rounds + train.off_policy_rounds {
            if let Some(past) = place.checked_sub(train.off_policy_rounds + 1) {
                // Ended before that, the updates say why.
                let ended = learnt.wait_for(|rounds| *rounds > past).await.is_err();
                if ended {
                    return Err(RolloutError::Interrupted.into());
                }
                self.evaluation_after(farm, cast, past, place, handover)
                    .await?;
            }
            if place < train.rounds {
                self.act(farm, cast, place, handover).await?;
                acted.send_replace(place + 1);
            }
        }
        Ok(())
    }

    /// The updates' lane. Tells how many rounds are done.
    async fn updates(
        &self,
        mut pupil: Pupil,
        mut acted: watch::Receiver<u64>,
        learnt: watch::Sender<u64>,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        for round in 0..self.config().train.rounds {
            let ended = acted.wait_for(|rounds| *rounds > round).await.is_err();
            // The devices say why.
            if ended || self.stop().is_asked() {
                break;
            }
            self.learn_round(&mut pupil, round, handover).await?;
            learnt.send_replace(round + 1);
        }
        Ok(())
    }

    /// The evaluation on the schedule after the round `past`, before the round `place` begins: the first
    /// one that acts with the same weights.
    async fn evaluation_after(
        &self,
        farm: &Farm,
        cast: &mut Cast,
        past: u64,
        place: u64,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        let (every, number) = (self.config().eval.every, past + 1);
        let due = every > 0 && number.is_multiple_of(every) && number < self.config().train.rounds;
        // What nobody asked for at the time is not made up for later.
        if !due || self.store().round(RoundKey::train(place))?.is_some() {
            return Ok(());
        }
        self.act_with(cast, self.version_after(past)?, handover)?;
        let label = format!("round {number}");
        self.evaluation(farm, cast, &label, Some(past)).await?;
        Ok(())
    }

    /// Everything of a round that needs its acting weights: the plan, the episodes, the branches, the
    /// actions drawn again.
    async fn act(
        &self,
        farm: &Farm,
        cast: &mut Cast,
        round: u64,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        let key = RoundKey::train(round);
        let known = self.store().round(key)?;
        if known
            .as_ref()
            .is_none_or(|row| row.state == RoundState::Planned)
        {
            self.make_room().await?;
        }
        if known.is_none() {
            self.plan(cast, round).await?;
        }
        let row = self.store().round(key)?;
        let Some(row) = row.filter(|row| row.state < RoundState::Augmented) else {
            return Ok(());
        };
        self.act_with(cast, row.policy_version, handover)?;
        let passes = match row.state {
            RoundState::Planned => self.roll_out(farm, cast, round).await?,
            _ => Passes::default(),
        };
        self.branch(farm, cast, round).await?;
        self.draw_again(cast, round, passes).await
    }

    /// Version of the weights that act in a round.
    pub(super) fn acting_version(&self, round: u64) -> Result<u64, TrainError> {
        let ahead = self.config().train.off_policy_rounds;
        if let Some(past) = round.checked_sub(ahead + 1) {
            return self.version_after(past);
        }
        let first = self.store().checkpoints()?.into_iter().next();
        Ok(first.map_or(0, |first| first.policy_version))
    }

    /// Version of the weights that a round's update made.
    fn version_after(&self, round: u64) -> Result<u64, TrainError> {
        let checkpoints = self.store().checkpoints()?;
        checkpoints
            .iter()
            .find(|checkpoint| checkpoint.round == Some(round))
            .map(|checkpoint| checkpoint.policy_version)
            .ok_or_else(|| TrainError::NoCheckpoint(self.directory().to_path_buf()))
    }

    /// Acts with the weights of a version from here on.
    fn act_with(
        &self,
        cast: &mut Cast,
        version: u64,
        handover: &Handover,
    ) -> Result<(), TrainError> {
        if cast.version == version {
            return Ok(());
        }
        let weights = match handover.take(version) {
            Some(weights) => weights,
            None => {
                let checkpoints = self.store().checkpoints()?;
                let checkpoint = checkpoints
                    .iter()
                    .find(|checkpoint| checkpoint.policy_version == version)
                    .ok_or_else(|| TrainError::NoCheckpoint(self.directory().to_path_buf()))?;
                load_checkpoint(self.directory(), checkpoint)?.weights()?
            }
        };
        cast.service.current().update(&weights)?;
        cast.version = version;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_handed_over_once_and_old_ones_go() {
        let handover = Handover::default();
        for version in 1..=4 {
            handover.leave(version, Vec::new());
        }
        assert!(handover.take(3).is_some());
        assert!(handover.take(3).is_none());
        assert!(handover.take(2).is_none());
        assert!(handover.take(4).is_some());
    }
}
