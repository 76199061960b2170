//! Rounds and their slots: the plan, who runs what, and how far a round is.

use rusqlite::{OptionalExtension, Transaction};

use super::database::now;
use super::{Checkpoint, ResampledRow, Store, StoreError};
use crate::domain::{Phase, RateEntry, Slot};

/// Names a round, an evaluation or a collection of demonstrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoundKey {
    /// What it is for.
    pub phase: Phase,
    /// Which one, from 0 in each phase.
    pub number: u64,
}

impl RoundKey {
    /// A round of training.
    pub fn train(number: u64) -> RoundKey {
        RoundKey {
            phase: Phase::Train,
            number,
        }
    }

    /// An evaluation.
    pub fn evaluate(number: u64) -> RoundKey {
        RoundKey {
            phase: Phase::Evaluate,
            number,
        }
    }

    /// A collection of demonstrations.
    pub fn demonstrate(number: u64) -> RoundKey {
        RoundKey {
            phase: Phase::Demonstrate,
            number,
        }
    }
}

impl std::fmt::Display for RoundKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self.phase {
            Phase::Demonstrate => "demonstration",
            Phase::Train => "round",
            Phase::Evaluate => "evaluation",
        };
        write!(f, "{word} {}", self.number)
    }
}

/// How far a round is. States go forward only; some may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoundState {
    /// The plan is stored; slots run.
    Planned,
    /// Every slot has its result, and success rates count it.
    RolledOut,
    /// Actions are drawn again on the states that ask for it, and stored.
    Augmented,
    /// The weights are updated, and on disk.
    Updated,
    /// What is not needed any more is gone. Nothing is left to do.
    Done,
}

impl RoundState {
    const ALL: [RoundState; 5] = [
        RoundState::Planned,
        RoundState::RolledOut,
        RoundState::Augmented,
        RoundState::Updated,
        RoundState::Done,
    ];

    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            RoundState::Planned => "planned",
            RoundState::RolledOut => "rolled_out",
            RoundState::Augmented => "augmented",
            RoundState::Updated => "updated",
            RoundState::Done => "done",
        }
    }
}

/// A round as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct RoundRow {
    /// Which one.
    pub key: RoundKey,
    /// How far it is.
    pub state: RoundState,
    /// Version of the weights that it runs with.
    pub policy_version: u64,
    /// The plan as JSON, as given.
    pub plan: String,
    /// When it was planned.
    pub created_at: i64,
    /// When it was done.
    pub finished_at: Option<i64>,
}

/// How far a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotState {
    /// Nobody runs it.
    Open,
    /// A device runs it.
    Leased,
    /// It has a judged episode.
    Done,
    /// It was given up after infrastructure failures.
    Abandoned,
}

impl SlotState {
    const ALL: [SlotState; 4] = [
        SlotState::Open,
        SlotState::Leased,
        SlotState::Done,
        SlotState::Abandoned,
    ];

    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            SlotState::Open => "open",
            SlotState::Leased => "leased",
            SlotState::Done => "done",
            SlotState::Abandoned => "abandoned",
        }
    }
}

/// A slot as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotRow {
    /// What is to run.
    pub slot: Slot,
    /// How far it is.
    pub state: SlotState,
    /// Episodes that ended, lost ones included.
    pub attempts: u32,
    /// Device that runs it, or ran it last; `None` where none has begun.
    pub device: Option<String>,
}

/// One optimizer step's diagnostics.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateRow {
    /// Position in the round's update, from 0.
    pub optimizer_step: u64,
    /// Diagnostics by name.
    pub metrics: serde_json::Map<String, serde_json::Value>,
}

/// What leads a round to its next state, stored with it in one transaction.
#[derive(Debug, Clone, Default)]
pub struct RoundProgress<'a> {
    /// Success rates after the round.
    pub rates: &'a [RateEntry],
    /// Named values of the round.
    pub metrics: &'a [(String, f64)],
    /// Optimizer steps.
    pub updates: &'a [UpdateRow],
    /// Weights written to disk.
    pub checkpoint: Option<&'a Checkpoint>,
    /// Actions drawn again.
    pub resampled: &'a [ResampledRow],
}

impl Store {
    /// Stores the plan of a round with all its slots, before any of them runs.
    ///
    /// # Errors
    /// The round exists already, or the database can't be written.
    pub fn put_round(
        &self,
        key: RoundKey,
        policy_version: u64,
        plan: &str,
        slots: &[Slot],
    ) -> Result<(), StoreError> {
        self.write("storing a plan", |transaction| {
            insert_round(transaction, key, policy_version, plan, slots)
        })
    }

    /// The rounds of a phase, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn rounds(&self, phase: Phase) -> Result<Vec<RoundRow>, StoreError> {
        self.rounds_where(phase, None)
    }

    /// One round, where it was planned.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn round(&self, key: RoundKey) -> Result<Option<RoundRow>, StoreError> {
        Ok(self.rounds_where(key.phase, Some(key.number))?.pop())
    }

    fn rounds_where(&self, phase: Phase, number: Option<u64>) -> Result<Vec<RoundRow>, StoreError> {
        let rows = self.rows(
            "reading rounds",
            "SELECT number, state, policy_version, plan, created_at, finished_at FROM rounds \
             WHERE phase = ?1 AND number BETWEEN ?2 AND ?3 ORDER BY number",
            (
                phase.name(),
                number.map_or(i64::MIN, |number| number as i64),
                number.map_or(i64::MAX, |number| number as i64),
            ),
            |row| {
                let state: String = row.get(1)?;
                let key = RoundKey {
                    phase,
                    number: row.get::<_, i64>(0)? as u64,
                };
                Ok((
                    key,
                    state,
                    row.get::<_, i64>(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            },
        )?;
        rows.into_iter()
            .map(|(key, state, version, plan, created_at, finished_at)| {
                let state = RoundState::ALL
                    .into_iter()
                    .find(|known| known.name() == state)
                    .ok_or_else(|| self.value(key.to_string(), format!("state {state:?}")))?;
                Ok(RoundRow {
                    key,
                    state,
                    policy_version: version as u64,
                    plan,
                    created_at,
                    finished_at,
                })
            })
            .collect()
    }

    /// All slots of a round, in plan order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn slots(&self, key: RoundKey) -> Result<Vec<SlotRow>, StoreError> {
        let rows = self.rows(
            "reading slots",
            "SELECT slot, task, copy, batch_task, replaced, instance_seed, state, attempts, device \
             FROM slots WHERE phase = ?1 AND number = ?2 ORDER BY slot",
            (key.phase.name(), key.number as i64),
            |row| {
                let slot = Slot {
                    index: row.get(0)?,
                    task: row.get(1)?,
                    copy: row.get(2)?,
                    batch_task: row.get(3)?,
                    replaced: row.get(4)?,
                    instance_seed: row.get::<_, i64>(5)? as u64,
                };
                Ok((slot, row.get::<_, String>(6)?, row.get(7)?, row.get(8)?))
            },
        )?;
        rows.into_iter()
            .map(|(slot, state, attempts, device)| {
                let state = SlotState::ALL
                    .into_iter()
                    .find(|known| known.name() == state)
                    .ok_or_else(|| {
                        self.value(
                            format!("{key}, slot {}", slot.index),
                            format!("state {state:?}"),
                        )
                    })?;
                Ok(SlotRow {
                    slot,
                    state,
                    attempts,
                    device,
                })
            })
            .collect()
    }

    /// What is still to run of a round: slots that are open or leased, in plan order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn unfinished_slots(&self, key: RoundKey) -> Result<Vec<SlotRow>, StoreError> {
        let mut slots = self.slots(key)?;
        slots.retain(|slot| matches!(slot.state, SlotState::Open | SlotState::Leased));
        Ok(slots)
    }

    /// Leases the next open slot of a round to a device; `None` when all are taken.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn lease_slot(&self, key: RoundKey, device: &str) -> Result<Option<SlotRow>, StoreError> {
        let leased: Option<u32> = self.write("leasing a slot", |transaction| {
            transaction
                .query_row(
                    "UPDATE slots SET state = 'leased', device = ?3, leased_at = ?4 \
                     WHERE phase = ?1 AND number = ?2 AND slot = (SELECT min(slot) FROM slots \
                       WHERE phase = ?1 AND number = ?2 AND state = 'open') RETURNING slot",
                    (key.phase.name(), key.number as i64, device, now()),
                    |row| row.get(0),
                )
                .optional()
        })?;
        let Some(index) = leased else {
            return Ok(None);
        };
        Ok(self
            .slots(key)?
            .into_iter()
            .find(|slot| slot.slot.index == index))
    }

    /// Gives one leased slot back in which nothing has begun, as when its device can't be had: it names the device of
    /// its last episode again, if there was one.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn release_slot(&self, key: RoundKey, slot: u32) -> Result<(), StoreError> {
        self.write("giving a slot back", |transaction| {
            transaction
                .execute(
                    "UPDATE slots SET state = 'open', device = (SELECT e.device FROM episodes e \
                       WHERE e.phase = ?1 AND e.number = ?2 AND e.slot = ?3 \
                       ORDER BY e.attempt DESC LIMIT 1) \
                     WHERE phase = ?1 AND number = ?2 AND slot = ?3 AND state = 'leased'",
                    (key.phase.name(), key.number as i64, slot),
                )
                .map(|_| ())
        })
    }

    /// Opens every leased slot again: the first thing after a crash. Returns how many there were.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn release_leases(&self) -> Result<usize, StoreError> {
        self.write("giving leases back", |transaction| {
            transaction.execute("UPDATE slots SET state = 'open' WHERE state = 'leased'", [])
        })
    }

    /// Leads a round to a later state and stores what led there, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::WrongState`] where the round is there already or further, also for a round
    /// with unfinished slots that should leave `planned`.
    pub fn advance_round(
        &self,
        key: RoundKey,
        to: RoundState,
        progress: &RoundProgress<'_>,
    ) -> Result<(), StoreError> {
        const DOING: &str = "storing a round's progress";
        let row = self.round(key)?.ok_or_else(|| StoreError::NotFound {
            path: self.path().to_path_buf(),
            what: key.to_string(),
        })?;
        self.write_checked(DOING, |transaction| {
            if row.state >= to {
                return Err(StoreError::WrongState {
                    place: key.to_string(),
                    found: row.state.name(),
                    wanted: to.name(),
                });
            }
            let sql = |error| self.sql(DOING, error);
            if row.state == RoundState::Planned {
                let unfinished: i64 = transaction
                    .query_row(
                        "SELECT count(*) FROM slots \
                         WHERE phase = ?1 AND number = ?2 AND state IN ('open', 'leased')",
                        (key.phase.name(), key.number as i64),
                        |row| row.get(0),
                    )
                    .map_err(sql)?;
                if unfinished > 0 {
                    return Err(StoreError::WrongState {
                        place: format!("{key}, with {unfinished} unfinished slots,"),
                        found: row.state.name(),
                        wanted: to.name(),
                    });
                }
            }
            write_progress(transaction, key, progress).map_err(sql)?;
            let finished_at = (to == RoundState::Done).then(now);
            transaction
                .execute(
                    "UPDATE rounds SET state = ?3, finished_at = ?4 \
                     WHERE phase = ?1 AND number = ?2",
                    (key.phase.name(), key.number as i64, to.name(), finished_at),
                )
                .map_err(sql)?;
            Ok(())
        })
    }

    /// Stores named values and optimizer steps beside a round's state, replacing earlier ones.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_progress(
        &self,
        key: RoundKey,
        progress: &RoundProgress<'_>,
    ) -> Result<(), StoreError> {
        self.write("storing a round's values", |transaction| {
            write_progress(transaction, key, progress)
        })
    }
}

/// A round and its slots, none of which has run.
pub(super) fn insert_round(
    transaction: &Transaction<'_>,
    key: RoundKey,
    policy_version: u64,
    plan: &str,
    slots: &[Slot],
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO rounds VALUES (?1, ?2, 'planned', ?3, ?4, ?5, NULL)",
        (
            key.phase.name(),
            key.number as i64,
            policy_version as i64,
            plan,
            now(),
        ),
    )?;
    let mut insert = transaction.prepare(
        "INSERT INTO slots (phase, number, slot, task, copy, batch_task, replaced, instance_seed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for slot in slots {
        insert.execute((
            key.phase.name(),
            key.number as i64,
            slot.index,
            &slot.task,
            slot.copy,
            &slot.batch_task,
            slot.replaced,
            slot.instance_seed as i64,
        ))?;
    }
    Ok(())
}

fn write_progress(
    transaction: &Transaction<'_>,
    key: RoundKey,
    progress: &RoundProgress<'_>,
) -> rusqlite::Result<()> {
    let mut rate =
        transaction.prepare_cached("INSERT INTO success_rates VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for entry in progress.rates {
        rate.execute((
            entry.round as i64,
            &entry.task,
            entry.judged,
            entry.successes,
            entry.smoothed,
        ))?;
    }
    let mut metric =
        transaction.prepare_cached("INSERT OR REPLACE INTO metrics VALUES (?1, ?2, ?3, ?4)")?;
    for (name, value) in progress.metrics {
        metric.execute((key.phase.name(), key.number as i64, name, value))?;
    }
    let mut update =
        transaction.prepare_cached("INSERT OR REPLACE INTO updates VALUES (?1, ?2, ?3, ?4)")?;
    for row in progress.updates {
        let metrics = serde_json::Value::Object(row.metrics.clone()).to_string();
        update.execute((
            key.phase.name(),
            key.number as i64,
            row.optimizer_step as i64,
            metrics,
        ))?;
    }
    super::resampled::insert_resampled(transaction, key.number, progress.resampled)?;
    if let Some(checkpoint) = progress.checkpoint {
        super::evaluations::insert_checkpoint(transaction, checkpoint)?;
    }
    Ok(())
}
