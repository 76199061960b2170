//! What a run learnt: success rates, named values, optimizer steps, checkpoints, evaluations.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::database::now;
use super::rounds::insert_round;
use super::{RoundKey, Store, StoreError, UpdateRow};
use crate::domain::{Phase, RateEntry, Slot};

/// Weights on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Version of the weights.
    pub policy_version: u64,
    /// The round whose update made them; `None` before training.
    pub round: Option<u64>,
    /// Directory or file, relative to the run directory.
    pub path: String,
    /// Content hash of the weights.
    pub hash: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Content hash of the description that names the hashes of all files; empty in runs of older
    /// programs.
    pub description_hash: String,
}

/// An evaluation: its slots and episodes are those of [`RoundKey::evaluate`] with its number.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Which one, from 0.
    pub number: u64,
    /// What it is for: `before`, `after`, `round 10`.
    pub label: String,
    /// Name of the suite.
    pub suite: String,
    /// Version of the weights.
    pub policy_version: u64,
    /// Temperature; 0 is greedy.
    pub temperature: f64,
    /// The last round of training before it.
    pub after_round: Option<u64>,
}

/// One named value of a round or an evaluation.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricRow {
    /// Round or evaluation.
    pub number: u64,
    /// Name.
    pub name: String,
    /// Value; `None` where it was not a number.
    pub value: Option<f64>,
}

impl Store {
    /// Every success rate over time, by round and task.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn success_rates(&self) -> Result<Vec<RateEntry>, StoreError> {
        self.rows(
            "reading success rates",
            "SELECT round, task, judged, successes, smoothed FROM success_rates \
             ORDER BY round, task",
            [],
            |row| {
                Ok(RateEntry {
                    round: row.get::<_, i64>(0)? as u64,
                    task: row.get(1)?,
                    judged: row.get(2)?,
                    successes: row.get(3)?,
                    smoothed: row.get(4)?,
                })
            },
        )
    }

    /// Every named value of a phase, by number and name.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn metrics(&self, phase: Phase) -> Result<Vec<MetricRow>, StoreError> {
        self.metrics_between(phase, i64::MIN, i64::MAX)
    }

    /// The named values of one round, evaluation or collection, by name.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn metrics_of(&self, key: RoundKey) -> Result<Vec<MetricRow>, StoreError> {
        self.metrics_between(key.phase, key.number as i64, key.number as i64)
    }

    fn metrics_between(
        &self,
        phase: Phase,
        first: i64,
        last: i64,
    ) -> Result<Vec<MetricRow>, StoreError> {
        self.rows(
            "reading values",
            "SELECT number, name, value FROM metrics WHERE phase = ?1 AND number BETWEEN ?2 AND ?3 \
             ORDER BY number, name",
            (phase.name(), first, last),
            |row| {
                Ok(MetricRow {
                    number: row.get::<_, i64>(0)? as u64,
                    name: row.get(1)?,
                    value: row.get(2)?,
                })
            },
        )
    }

    /// The optimizer steps of a round, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn updates(&self, key: RoundKey) -> Result<Vec<UpdateRow>, StoreError> {
        let rows: Vec<(u64, String)> = self.rows(
            "reading optimizer steps",
            "SELECT optimizer_step, metrics FROM updates WHERE phase = ?1 AND number = ?2 \
             ORDER BY optimizer_step",
            (key.phase.name(), key.number as i64),
            |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)),
        )?;
        rows.into_iter()
            .map(|(optimizer_step, metrics)| {
                let metrics = serde_json::from_str(&metrics).map_err(|error| {
                    self.value(
                        format!("{key}, optimizer step {optimizer_step}"),
                        error.to_string(),
                    )
                })?;
                Ok(UpdateRow {
                    optimizer_step,
                    metrics,
                })
            })
            .collect()
    }

    /// Stores that weights are on disk.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        self.write("storing a checkpoint", |transaction| {
            insert_checkpoint(transaction, checkpoint)
        })
    }

    /// All checkpoints, oldest first.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn checkpoints(&self) -> Result<Vec<Checkpoint>, StoreError> {
        checkpoints_of(&self.connection()).map_err(|error| self.sql("reading checkpoints", error))
    }

    /// Stores an evaluation and its plan, before any of its episodes runs.
    ///
    /// # Errors
    /// The number is taken, or the database can't be written.
    pub fn put_evaluation(
        &self,
        evaluation: &Evaluation,
        slots: &[Slot],
    ) -> Result<(), StoreError> {
        self.write("storing an evaluation", |transaction| {
            transaction.execute(
                "INSERT INTO evaluations VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    evaluation.number as i64,
                    &evaluation.label,
                    &evaluation.suite,
                    evaluation.policy_version as i64,
                    evaluation.temperature,
                    evaluation.after_round.map(|round| round as i64),
                ),
            )?;
            let key = RoundKey::evaluate(evaluation.number);
            insert_round(transaction, key, evaluation.policy_version, "{}", slots)
        })
    }

    /// All evaluations, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn evaluations(&self) -> Result<Vec<Evaluation>, StoreError> {
        self.rows(
            "reading evaluations",
            "SELECT number, label, suite, policy_version, temperature, after_round \
             FROM evaluations ORDER BY number",
            [],
            |row| {
                Ok(Evaluation {
                    number: row.get::<_, i64>(0)? as u64,
                    label: row.get(1)?,
                    suite: row.get(2)?,
                    policy_version: row.get::<_, i64>(3)? as u64,
                    temperature: row.get(4)?,
                    after_round: row.get::<_, Option<i64>>(5)?.map(|round| round as u64),
                })
            },
        )
    }

    /// The evaluation of a label, where there is one.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn evaluation(&self, label: &str) -> Result<Option<Evaluation>, StoreError> {
        Ok(self
            .evaluations()?
            .into_iter()
            .rev()
            .find(|evaluation| evaluation.label == label))
    }

    /// The number for a new evaluation.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn next_evaluation(&self) -> Result<u64, StoreError> {
        let connection = self.connection();
        let last: Option<i64> = connection
            .query_row("SELECT max(number) FROM evaluations", [], |row| row.get(0))
            .optional()
            .map_err(|error| self.sql("reading evaluations", error))?
            .flatten();
        Ok(last.map_or(0, |last| last as u64 + 1))
    }
}

pub(super) fn checkpoints_of(connection: &Connection) -> rusqlite::Result<Vec<Checkpoint>> {
    let mut statement = connection.prepare_cached(
        "SELECT policy_version, round, path, hash, bytes, description_hash FROM checkpoints \
         ORDER BY policy_version",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Checkpoint {
            policy_version: row.get::<_, i64>(0)? as u64,
            round: row.get::<_, Option<i64>>(1)?.map(|round| round as u64),
            path: row.get(2)?,
            hash: row.get(3)?,
            bytes: row.get::<_, i64>(4)? as u64,
            description_hash: row.get(5)?,
        })
    })?;
    rows.collect()
}

pub(super) fn insert_checkpoint(
    transaction: &Transaction<'_>,
    checkpoint: &Checkpoint,
) -> rusqlite::Result<()> {
    transaction
        .execute(
            "INSERT OR REPLACE INTO checkpoints VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            (
                checkpoint.policy_version as i64,
                checkpoint.round.map(|round| round as i64),
                &checkpoint.path,
                &checkpoint.hash,
                checkpoint.bytes as i64,
                now(),
                &checkpoint.description_hash,
            ),
        )
        .map(|_| ())
}
