//! Episodes and their steps: one transaction per finished episode.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{RoundKey, Store, StoreError};
use crate::domain::{Action, Instance, Outcome, StepRecord, Trajectory};

/// Step samples above this size lie in the blob store, in bytes.
const INLINE_SAMPLE: usize = 64 << 10;

/// Steps that still have a sample and are of a training round before `?1`. Asked of the steps, not of the episodes,
/// of which nearly all have none any more.
pub(super) const WITH_OLD_SAMPLE: &str = "(sample IS NOT NULL OR sample_hash IS NOT NULL) AND \
    (SELECT phase = 'train' AND number < ?1 FROM episodes WHERE id = episode)";

/// What becomes of a slot whose episode was lost to infrastructure (STEP section 2 [R]: it is
/// re-queued).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLoss {
    /// It runs again.
    Requeue,
    /// It is given up; the round goes on without it.
    Abandon,
}

/// A finished episode.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeRecord {
    /// Round.
    pub key: RoundKey,
    /// Slot in the round's plan.
    pub slot: u32,
    /// What was run, with the state that its set-up saw.
    pub instance: Instance,
    /// Serial of the device.
    pub device: String,
    /// Version of the weights that acted.
    pub policy_version: u64,
    /// Steps, outcome and answer.
    pub trajectory: Trajectory,
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// When it ended, in milliseconds since 1970.
    pub finished_at: i64,
}

/// An episode as stored, without its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeRow {
    /// Row id.
    pub id: i64,
    /// Round.
    pub key: RoundKey,
    /// Slot in the round's plan.
    pub slot: u32,
    /// Which attempt at the slot, from 0.
    pub attempt: u32,
    /// What was run.
    pub instance: Instance,
    /// Serial of the device.
    pub device: String,
    /// Version of the weights that acted.
    pub policy_version: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Last answer given.
    pub answer: Option<String>,
    /// Number of steps.
    pub steps: u32,
    /// When it began.
    pub started_at: i64,
    /// When it ended.
    pub finished_at: i64,
}

impl Store {
    /// Stores a finished episode with its steps and ends its slot, all or nothing. Returns the
    /// episode's id.
    ///
    /// An episode that was not judged opens its slot again or gives it up, as `after_loss` says.
    ///
    /// # Errors
    /// [`StoreError::AlreadyFinished`] where the slot has its result, and what a full or missing
    /// disk brings; then nothing is stored.
    pub fn finish_slot(
        &self,
        record: &EpisodeRecord,
        after_loss: AfterLoss,
    ) -> Result<i64, StoreError> {
        const DOING: &str = "storing an episode";
        // Large samples go to their files first: a file without a row is harmless.
        let mut outside: Vec<Option<String>> = Vec::with_capacity(record.trajectory.steps.len());
        for step in &record.trajectory.steps {
            outside.push(match &step.sample {
                Some(sample) if sample.len() > INLINE_SAMPLE => Some(self.blobs().put(sample)?),
                _ => None,
            });
        }
        let key = record.key;
        self.write_checked(DOING, |transaction| {
            let sql = |error| self.sql(DOING, error);
            let place = || format!("{key}, slot {}", record.slot);
            let found: Option<(String, u32)> = transaction
                .query_row(
                    "SELECT state, attempts FROM slots \
                     WHERE phase = ?1 AND number = ?2 AND slot = ?3",
                    (key.phase.name(), key.number as i64, record.slot),
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .optional()
                .map_err(sql)?;
            let Some((state, attempt)) = found else {
                return Err(StoreError::NotFound {
                    path: self.path().to_path_buf(),
                    what: place(),
                });
            };
            if state == "done" || state == "abandoned" {
                return Err(StoreError::AlreadyFinished { place: place() });
            }
            let id = insert_episode(transaction, record, attempt).map_err(sql)?;
            insert_steps(transaction, id, &record.trajectory.steps, &outside).map_err(sql)?;
            let state = match (record.trajectory.outcome.is_judged(), after_loss) {
                (true, _) => "done",
                (false, AfterLoss::Requeue) => "open",
                (false, AfterLoss::Abandon) => "abandoned",
            };
            transaction
                .execute(
                    "UPDATE slots SET state = ?4, attempts = attempts + 1, device = ?5 \
                     WHERE phase = ?1 AND number = ?2 AND slot = ?3",
                    (
                        key.phase.name(),
                        key.number as i64,
                        record.slot,
                        state,
                        &record.device,
                    ),
                )
                .map_err(sql)?;
            Ok(id)
        })
    }

    /// The episodes of a round, lost ones included, by slot and attempt: the order in which devices
    /// finished does not show.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn episodes(&self, key: RoundKey) -> Result<Vec<EpisodeRow>, StoreError> {
        let rows = self.rows(
            "reading episodes",
            "SELECT e.id, e.slot, e.attempt, i.task, i.seed, i.params, i.goal, i.budget, e.device, \
               e.policy_version, e.outcome, e.score, e.cause, e.answer, e.state, e.started_at, \
               e.finished_at, (SELECT count(*) FROM steps s WHERE s.episode = e.id) \
             FROM episodes e JOIN instances i ON i.id = e.instance \
             WHERE e.phase = ?1 AND e.number = ?2 ORDER BY e.slot, e.attempt",
            (key.phase.name(), key.number as i64),
            |row| {
                let outcome: (String, Option<f64>, Option<String>) =
                    (row.get(10)?, row.get(11)?, row.get(12)?);
                let json: (String, String) = (row.get(5)?, row.get(14)?);
                let episode = EpisodeRow {
                    id: row.get(0)?,
                    key,
                    slot: row.get(1)?,
                    attempt: row.get(2)?,
                    instance: Instance {
                        task: row.get(3)?,
                        params: Default::default(),
                        seed: row.get::<_, i64>(4)? as u64,
                        goal: row.get(6)?,
                        budget: row.get(7)?,
                        compat: Default::default(),
                        state: serde_json::Value::Null,
                    },
                    device: row.get(8)?,
                    policy_version: row.get::<_, i64>(9)? as u64,
                    outcome: Outcome::Failure,
                    answer: row.get(13)?,
                    steps: row.get(17)?,
                    started_at: row.get(15)?,
                    finished_at: row.get(16)?,
                };
                Ok((episode, outcome, json))
            },
        )?;
        rows.into_iter()
            .map(|(mut episode, outcome, (params, state))| {
                let place = format!("episode {}", episode.id);
                let bad = |error: serde_json::Error| self.value(place.clone(), error.to_string());
                episode.instance.params = serde_json::from_str(&params).map_err(bad)?;
                episode.instance.state = serde_json::from_str(&state).map_err(bad)?;
                episode.outcome = outcome_of(outcome)
                    .ok_or_else(|| self.value(place.clone(), "an unknown outcome"))?;
                Ok(episode)
            })
            .collect()
    }

    /// The steps of an episode in order, with their samples where `with_samples` is set.
    ///
    /// # Errors
    /// The database or a blob can't be read.
    pub fn steps(&self, episode: i64, with_samples: bool) -> Result<Vec<StepRecord>, StoreError> {
        let columns = if with_samples {
            "sample_hash, sample"
        } else {
            "NULL, NULL"
        };
        let rows = self.rows(
            "reading steps",
            &format!(
                "SELECT step, action, executed, note, log_probability, touch_x, touch_y, \
                 screenshot, {columns}, anchor, progress FROM steps WHERE episode = ?1 ORDER BY step"
            ),
            [episode],
            |row| {
                let touch: (Option<i32>, Option<i32>) = (row.get(5)?, row.get(6)?);
                let step = StepRecord {
                    action: Action::new(crate::domain::ActionType::Unknown),
                    executed: row.get(2)?,
                    note: row.get(3)?,
                    sample: row.get(9)?,
                    log_probability: row.get(4)?,
                    touch: touch.0.zip(touch.1),
                    screenshot: row.get(7)?,
                    anchor: row.get(10)?,
                    progress: row.get(11)?,
                };
                let number: u32 = row.get(0)?;
                let action: String = row.get(1)?;
                let outside: Option<String> = row.get(8)?;
                Ok((number, action, outside, step))
            },
        )?;
        rows.into_iter()
            .map(|(number, action, outside, mut step)| {
                step.action = Action::from_json(&action).map_err(|error| {
                    self.value(
                        format!("episode {episode}, step {number}"),
                        error.to_string(),
                    )
                })?;
                if let Some(hash) = outside {
                    step.sample = Some(self.blobs().get(&hash)?);
                }
                Ok(step)
            })
            .collect()
    }

    /// Forgets the step samples of training rounds before `round`: they have been learnt from and
    /// are most of the database. Returns how many steps lost theirs. Blobs stay.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn forget_samples(&self, round: u64) -> Result<usize, StoreError> {
        self.write("forgetting old samples", |transaction| {
            transaction.execute("DELETE FROM resampled WHERE number < ?1", [round as i64])?;
            transaction.execute(
                &format!(
                    "UPDATE steps SET sample = NULL, sample_hash = NULL WHERE {WITH_OLD_SAMPLE}"
                ),
                [round as i64],
            )
        })
    }
}

fn outcome_of((name, score, cause): (String, Option<f64>, Option<String>)) -> Option<Outcome> {
    let cause = || cause.clone().unwrap_or_default();
    match name.as_str() {
        "success" => Some(Outcome::Success { score: score? }),
        "failure" => Some(Outcome::Failure),
        "truncated" => Some(Outcome::Truncated { cause: cause() }),
        "invalid" => Some(Outcome::Invalid { cause: cause() }),
        _ => None,
    }
}

fn insert_episode(
    transaction: &Transaction<'_>,
    record: &EpisodeRecord,
    attempt: u32,
) -> rusqlite::Result<i64> {
    let instance = instance_id(transaction, &record.instance)?;
    let outcome = &record.trajectory.outcome;
    transaction.execute(
        "INSERT INTO episodes (phase, number, slot, attempt, instance, device, policy_version, \
           outcome, score, cause, answer, state, started_at, finished_at) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        rusqlite::params![
            record.key.phase.name(),
            record.key.number as i64,
            record.slot,
            attempt,
            instance,
            record.device,
            record.policy_version as i64,
            outcome.name(),
            outcome.score(),
            outcome.cause(),
            record.trajectory.answer,
            record.instance.state.to_string(),
            record.started_at,
            record.finished_at,
        ],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// The row of an instance, made where it does not exist.
fn instance_id(connection: &Connection, instance: &Instance) -> rusqlite::Result<i64> {
    let params = serde_json::Value::Object(instance.params.clone()).to_string();
    let values = (&instance.task, instance.seed as i64, &params);
    let known = connection
        .query_row(
            "SELECT id FROM instances WHERE task = ?1 AND seed = ?2 AND params = ?3",
            values,
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection.execute(
        "INSERT INTO instances (task, seed, params, goal, budget) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            &instance.task,
            instance.seed as i64,
            &params,
            &instance.goal,
            instance.budget,
        ),
    )?;
    Ok(connection.last_insert_rowid())
}

fn insert_steps(
    transaction: &Transaction<'_>,
    episode: i64,
    steps: &[StepRecord],
    outside: &[Option<String>],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO steps (episode, step, action, executed, note, log_probability, touch_x, \
           touch_y, screenshot, sample_hash, sample, anchor, progress) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for (number, (step, hash)) in steps.iter().zip(outside).enumerate() {
        let inline = if hash.is_some() {
            None
        } else {
            step.sample.as_deref()
        };
        insert.execute(rusqlite::params![
            episode,
            number as i64,
            step.action.to_json(),
            step.executed,
            step.note,
            step.log_probability,
            step.touch.map(|(x, _)| x),
            step.touch.map(|(_, y)| y),
            step.screenshot,
            hash,
            inline,
            step.anchor,
            step.progress,
        ])?;
    }
    Ok(())
}
