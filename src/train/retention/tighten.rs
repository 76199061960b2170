//! Where a run is to be smaller than what is kept of it: what goes next, the least missed first.

use std::collections::HashMap;

use super::{Moment, Part, Plan, Run};
use crate::store::{StoreError, size_of};
use crate::train::TrainError;

impl Run<'_> {
    /// Adds to a plan until the run is small enough, or nothing is left that may go: old logs, step samples
    /// that were learnt from, screenshots from the oldest on, then checkpoints.
    pub(super) fn tighten(
        &self,
        plan: &mut Plan,
        weighed: &mut Vec<Part>,
        before: u64,
        wanted: u64,
    ) -> Result<(), TrainError> {
        let over = |weighed: &[Part]| {
            let goes: u64 = weighed.iter().map(|part| part.goes).sum();
            before.saturating_sub(goes).saturating_sub(wanted)
        };
        if over(weighed) > 0 {
            plan.logs = self.old_logs();
            *weighed = self.weigh(plan)?;
        }
        if over(weighed) > 0 {
            plan.samples_before = self.need.samples_from;
            *weighed = self.weigh(plan)?;
        }
        let left = over(weighed);
        if left > 0 && self.moment == Moment::Between {
            plan.screenshots_before = plan.screenshots_before.max(self.screenshots_of(left)?);
            *weighed = self.weigh(plan)?;
        }
        // From many to few.
        for count in [8, 4, 2, 1, 0] {
            if over(weighed) == 0 {
                break;
            }
            let spare = self.spare_checkpoints(count)?;
            if spare.len() > plan.checkpoints.len() {
                plan.checkpoints = spare;
                *weighed = self.weigh(plan)?;
            }
        }
        Ok(())
    }

    /// The moment before which the screenshots of all episodes take so many bytes.
    fn screenshots_of(&self, bytes: u64) -> Result<i64, StoreError> {
        let episodes = self.store.screenshots()?;
        let mut uses: HashMap<&str, u32> = HashMap::new();
        for hash in episodes.iter().flat_map(|episode| &episode.hashes) {
            *uses.entry(hash).or_default() += 1;
        }
        let mut freed = 0;
        let mut until = i64::MIN;
        for episode in &episodes {
            if freed >= bytes {
                break;
            }
            for hash in &episode.hashes {
                let Some(left) = uses.get_mut(hash.as_str()) else {
                    continue;
                };
                *left -= 1;
                // Equal screens are one file.
                if *left == 0 {
                    freed += size_of(&self.store.blobs().path(hash)?);
                }
            }
            until = episode.finished_at + 1;
        }
        Ok(until)
    }
}
