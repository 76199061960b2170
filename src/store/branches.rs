//! Branches: episodes that go through a failed run of a training round again and then leave it. They
//! have a plan of their own, so that nothing that counts episodes counts them.

use super::database::now;
use super::{Store, StoreError};
use crate::domain::Outcome;

/// What a branch is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchPurpose {
    /// To see whether another action leads to success.
    Preference,
    /// To be shown the way back from a mistake.
    Recovery,
}

impl BranchPurpose {
    /// The name in the store.
    pub fn name(self) -> &'static str {
        match self {
            BranchPurpose::Preference => "preference",
            BranchPurpose::Recovery => "recovery",
        }
    }
}

/// A branch as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Which one of its round, from 0.
    pub number: u32,
    /// What it is run for.
    pub purpose: BranchPurpose,
    /// Slot of the failed run.
    pub slot: u32,
    /// The step of the failed run that matters.
    pub step: u32,
    /// Step sample of the action to take there instead; `None` takes the recorded one.
    pub choice: Option<Vec<u8>>,
}

/// A branch as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct BranchRow {
    /// The plan.
    pub branch: Branch,
    /// Episodes that were lost to infrastructure.
    pub attempts: u32,
    /// How it ended; `None` where it is still to run.
    pub outcome: Option<Outcome>,
}

impl Store {
    /// Stores the plan of a round's branches, before any of them runs.
    ///
    /// # Errors
    /// The round has branches already, or the database can't be written.
    pub fn put_branches(&self, round: u64, branches: &[Branch]) -> Result<(), StoreError> {
        self.write("storing a plan of branches", |transaction| {
            let mut insert = transaction.prepare(
                "INSERT INTO branches (round, branch, purpose, slot, step, choice) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?;
            for branch in branches {
                insert.execute((
                    round as i64,
                    branch.number,
                    branch.purpose.name(),
                    branch.slot,
                    branch.step,
                    &branch.choice,
                ))?;
            }
            Ok(())
        })
    }

    /// The branches of a round, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn branches(&self, round: u64) -> Result<Vec<BranchRow>, StoreError> {
        let rows = self.rows(
            "reading branches",
            "SELECT branch, purpose, slot, step, choice, attempts, outcome FROM branches \
             WHERE round = ?1 ORDER BY branch",
            [round as i64],
            |row| {
                let purpose: String = row.get(1)?;
                let outcome: Option<String> = row.get(6)?;
                let branch = Branch {
                    number: row.get(0)?,
                    purpose: BranchPurpose::Preference,
                    slot: row.get(2)?,
                    step: row.get(3)?,
                    choice: row.get(4)?,
                };
                Ok((branch, purpose, row.get(5)?, outcome))
            },
        )?;
        rows.into_iter()
            .map(|(mut branch, purpose, attempts, outcome)| {
                let place = format!("round {round}, branch {}", branch.number);
                let known = [BranchPurpose::Preference, BranchPurpose::Recovery];
                branch.purpose = known
                    .into_iter()
                    .find(|known| known.name() == purpose)
                    .ok_or_else(|| self.value(place.clone(), format!("purpose {purpose:?}")))?;
                let outcome = outcome
                    .map(|text| serde_json::from_str(&text))
                    .transpose()
                    .map_err(|error| self.value(place, error.to_string()))?;
                Ok(BranchRow {
                    branch,
                    attempts,
                    outcome,
                })
            })
            .collect()
    }

    /// Ends a branch with its outcome and what can be learnt of it: steps, from 0, with their
    /// samples. All or nothing.
    ///
    /// # Errors
    /// [`StoreError::AlreadyFinished`], or the database can't be written.
    pub fn finish_branch(
        &self,
        round: u64,
        number: u32,
        device: &str,
        outcome: &Outcome,
        samples: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        const DOING: &str = "storing a branch";
        let outcome = serde_json::to_string(outcome)
            .map_err(|error| self.value(DOING.to_owned(), error.to_string()))?;
        self.write_checked(DOING, |transaction| {
            let sql = |error| self.sql(DOING, error);
            let changed = transaction
                .execute(
                    "UPDATE branches SET outcome = ?3, device = ?4, finished_at = ?5 \
                     WHERE round = ?1 AND branch = ?2 AND outcome IS NULL",
                    (round as i64, number, &outcome, device, now()),
                )
                .map_err(sql)?;
            if changed == 0 {
                return Err(StoreError::AlreadyFinished {
                    place: format!("round {round}, branch {number}"),
                });
            }
            for (step, sample) in samples {
                transaction
                    .execute(
                        "INSERT INTO branch_steps VALUES (?1, ?2, ?3, ?4)",
                        (round as i64, number, step, sample),
                    )
                    .map_err(sql)?;
            }
            Ok(())
        })
    }

    /// Counts an episode of a branch that was lost to infrastructure; the branch stays open.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn count_lost_branch(&self, round: u64, number: u32) -> Result<(), StoreError> {
        self.write("counting a lost branch", |transaction| {
            transaction
                .execute(
                    "UPDATE branches SET attempts = attempts + 1 WHERE round = ?1 AND branch = ?2",
                    (round as i64, number),
                )
                .map(|_| ())
        })
    }

    /// What can be learnt of a branch: steps with their samples, in order.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn branch_samples(
        &self,
        round: u64,
        number: u32,
    ) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        self.rows(
            "reading a branch",
            "SELECT step, sample FROM branch_steps WHERE round = ?1 AND branch = ?2 ORDER BY step",
            (round as i64, number),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Forgets what could be learnt of the branches of rounds before `round`, as
    /// [`Store::forget_samples`] does of episodes. How they ended stays.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn forget_branch_samples(&self, round: u64) -> Result<(), StoreError> {
        self.write("forgetting old branches", |transaction| {
            transaction.execute("DELETE FROM branch_steps WHERE round < ?1", [round as i64])?;
            transaction
                .execute(
                    "UPDATE branches SET choice = NULL WHERE round < ?1 AND choice IS NOT NULL",
                    [round as i64],
                )
                .map(|_| ())
        })
    }
}
