//! What estimators look at beside actions and outcomes: the anchors of a round's states, the
//! progress after its steps, and the answers of a judge.

use rusqlite::OptionalExtension;

use super::{RoundKey, Store, StoreError};

/// The states that one judged episode went through, and how far it got.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeEvidence {
    /// Task name.
    pub task: String,
    /// Slot in the round's plan.
    pub slot: u32,
    /// The anchor of each step, `[steps]`, where there is one.
    pub anchors: Vec<Option<String>>,
    /// The progress measured after each step, `[steps]`, where it was.
    pub progress: Vec<Option<f64>>,
}

impl Store {
    /// Anchors and progress of a round's judged episodes, by slot.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn evidence(&self, key: RoundKey) -> Result<Vec<EpisodeEvidence>, StoreError> {
        let rows: Vec<(String, u32, Option<String>, Option<f64>)> = self.rows(
            "reading anchors and progress",
            "SELECT i.task, e.slot, s.anchor, s.progress FROM episodes e \
             JOIN instances i ON i.id = e.instance JOIN steps s ON s.episode = e.id \
             WHERE e.phase = ?1 AND e.number = ?2 AND e.outcome IN ('success', 'failure') \
             ORDER BY e.slot, s.step",
            (key.phase.name(), key.number as i64),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        let mut episodes: Vec<EpisodeEvidence> = Vec::new();
        for (task, slot, anchor, progress) in rows {
            // A slot is judged at most once.
            match episodes.last_mut().filter(|last| last.slot == slot) {
                Some(last) => {
                    last.anchors.push(anchor);
                    last.progress.push(progress);
                }
                None => episodes.push(EpisodeEvidence {
                    task,
                    slot,
                    anchors: vec![anchor],
                    progress: vec![progress],
                }),
            }
        }
        Ok(episodes)
    }

    /// What a judge answered to a question in a training round; `Some(None)` where it failed to,
    /// `None` where it was not asked.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn judgement(
        &self,
        round: u64,
        question: &str,
    ) -> Result<Option<Option<String>>, StoreError> {
        let connection = self.connection();
        connection
            .query_row(
                "SELECT answer FROM judgements WHERE round = ?1 AND question = ?2",
                (round as i64, question),
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.sql("reading a judgement", error))
    }

    /// Keeps what a judge answered in a training round: questions with their answers, all or none.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn put_judgements(
        &self,
        round: u64,
        answers: &[(String, Option<String>)],
    ) -> Result<(), StoreError> {
        self.write("storing judgements", |transaction| {
            let mut insert = transaction
                .prepare_cached("INSERT OR REPLACE INTO judgements VALUES (?1, ?2, ?3)")?;
            for (question, answer) in answers {
                insert.execute((round as i64, question, answer))?;
            }
            Ok(())
        })
    }
}
