//! What a run can do without: screenshots of old episodes, and blobs that nothing refers to.

use std::collections::HashSet;
use std::path::PathBuf;

use super::{Blobs, Store, StoreError};

/// The screenshots of one episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpisodeScreenshots {
    /// When the episode ended, in milliseconds since 1970.
    pub finished_at: i64,
    /// Hashes of its screenshots.
    pub hashes: Vec<String>,
}

/// A file among the blobs that nothing refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseBlob {
    /// The file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Store {
    /// The screenshots of all episodes, oldest first.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn screenshots(&self) -> Result<Vec<EpisodeScreenshots>, StoreError> {
        let rows: Vec<(i64, i64, String)> = self.rows(
            "reading screenshots",
            "SELECT e.id, e.finished_at, s.screenshot FROM episodes e JOIN steps s ON s.episode = e.id \
             WHERE s.screenshot IS NOT NULL ORDER BY e.finished_at, e.id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut found: Vec<EpisodeScreenshots> = Vec::new();
        let mut last = None;
        for (id, finished_at, hash) in rows {
            if last != Some(id) {
                last = Some(id);
                found.push(EpisodeScreenshots {
                    finished_at,
                    hashes: Vec::new(),
                });
            }
            if let Some(episode) = found.last_mut() {
                episode.hashes.push(hash);
            }
        }
        Ok(found)
    }

    /// Forgets the screenshots of episodes that ended before a time, in milliseconds since 1970; the
    /// episodes keep their record. Returns how many steps lost theirs. Blobs stay.
    ///
    /// # Errors
    /// The database can't be written.
    pub fn forget_screenshots(&self, before: i64) -> Result<usize, StoreError> {
        self.write("forgetting old screenshots", |transaction| {
            transaction.execute(
                "UPDATE steps SET screenshot = NULL WHERE screenshot IS NOT NULL AND \
                   (SELECT finished_at < ?1 FROM episodes WHERE id = episode)",
                [before],
            )
        })
    }

    /// Files among the blobs that no step refers to, leftovers of torn writes among them, besides those of
    /// screenshots of episodes that ended before `screenshots_before` and samples of training rounds before
    /// `samples_before`. Only sound while no episode runs: its blobs come before its record.
    ///
    /// # Errors
    /// The database can't be read.
    pub fn loose_blobs(
        &self,
        screenshots_before: i64,
        samples_before: u64,
    ) -> Result<Vec<LooseBlob>, StoreError> {
        let wanted: HashSet<String> = self
            .rows(
                "reading what refers to blobs",
                "SELECT s.screenshot FROM steps s JOIN episodes e ON e.id = s.episode \
                   WHERE s.screenshot IS NOT NULL AND e.finished_at >= ?1 \
                 UNION SELECT s.sample_hash FROM steps s JOIN episodes e ON e.id = s.episode \
                   WHERE s.sample_hash IS NOT NULL AND (e.phase <> 'train' OR e.number >= ?2)",
                (screenshots_before, samples_before as i64),
                |row| row.get(0),
            )?
            .into_iter()
            .collect();
        Ok(blob_files(self.blobs())
            .filter(|blob| {
                let name = blob.path.file_name().and_then(|name| name.to_str());
                name.is_some_and(|name| !wanted.contains(name))
            })
            .collect())
    }
}

/// Every file of a directory of blobs: blobs, and what torn writes left.
fn blob_files(blobs: &Blobs) -> impl Iterator<Item = LooseBlob> {
    let folders = std::fs::read_dir(blobs.directory()).into_iter().flatten();
    folders
        .flatten()
        .filter_map(|folder| std::fs::read_dir(folder.path()).ok())
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let found = entry.metadata().ok()?;
            let name = entry.file_name();
            let name = name.to_str()?;
            // What somebody else put there is not ours to judge.
            let ours = name.len() == 64 || (name.starts_with('.') && name.ends_with(".tmp"));
            (found.is_file() && ours).then(|| LooseBlob {
                path: entry.path(),
                bytes: found.len(),
            })
        })
}
