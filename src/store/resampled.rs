//! Actions drawn again on the states of a round: stored before anything is learnt from them, so that
//! a round that goes on after a kill learns from the same ones.

use rusqlite::Transaction;

use super::{Store, StoreError};

/// An action that was drawn again and never executed.
#[derive(Debug, Clone, PartialEq)]
pub struct ResampledRow {
    /// Slot of the trajectory whose state it was drawn on.
    pub slot: u32,
    /// Step of that trajectory, from 0.
    pub step: u32,
    /// Which of the actions drawn again on this state, from 0.
    pub alternative: u32,
    /// Log-probability of the draw.
    pub log_probability: f64,
    /// What was seen and chosen, as the policy's step sample.
    pub sample: Vec<u8>,
}

impl Store {
    /// The actions drawn again of a round of training, by slot, step and alternative.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn resampled(&self, round: u64) -> Result<Vec<ResampledRow>, StoreError> {
        self.rows(
            "reading actions drawn again",
            "SELECT slot, step, alternative, log_probability, sample FROM resampled \
             WHERE number = ?1 ORDER BY slot, step, alternative",
            [round as i64],
            |row| {
                Ok(ResampledRow {
                    slot: row.get(0)?,
                    step: row.get(1)?,
                    alternative: row.get(2)?,
                    log_probability: row.get(3)?,
                    sample: row.get(4)?,
                })
            },
        )
    }
}

pub(super) fn insert_resampled(
    transaction: &Transaction<'_>,
    round: u64,
    rows: &[ResampledRow],
) -> rusqlite::Result<()> {
    let mut insert = transaction
        .prepare_cached("INSERT OR REPLACE INTO resampled VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for row in rows {
        insert.execute((
            round as i64,
            row.slot,
            row.step,
            row.alternative,
            row.log_probability,
            &row.sample,
        ))?;
    }
    Ok(())
}
