//! Writes that are refused as a full disk refuses them: a plan for tests of what a run does then.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::StoreError;

/// Which of the next writes are refused; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Arc<Mutex<BTreeMap<&'static str, u32>>>);

impl Refusals {
    /// Refuses the next `count` writes that do this, in the words of [`StoreError::Full`].
    pub fn plan(&self, doing: &'static str, count: u32) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.insert(doing, count);
    }

    /// Writes that do this and are still to be refused.
    pub fn left(&self, doing: &str) -> u32 {
        let left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.get(doing).copied().unwrap_or(0)
    }

    /// Refuses a write where that is planned.
    pub(super) fn meet(&self, path: &Path, doing: &'static str) -> Result<(), StoreError> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match left.get_mut(doing) {
            Some(count) if *count > 0 => {
                *count -= 1;
                Err(StoreError::Full {
                    path: path.to_path_buf(),
                    doing,
                })
            }
            _ => Ok(()),
        }
    }
}
