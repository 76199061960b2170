//! What is kept of a run on the disk: looks at what takes how much, and removes what nothing needs any
//! more. Nothing that `--resume`, the report's table or a look back at the sampler needs goes.
//!
//! What goes is first forgotten in the database and then removed from the disk: a kill in between leaves
//! files that nothing refers to, which go the next time.

mod need;
mod room;
mod tighten;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::TrainError;
use crate::config::{Retention, ScreenshotAge, TrainConfig};
use crate::store::{Checkpoint, LooseBlob, Store, StoreError, now, size_of};
use need::Need;

pub use room::disk;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is to be kept beside what is needed.
#[derive(Debug, Clone, PartialEq)]
pub struct Keep {
    /// Checkpoints beside those that are needed; `None` keeps all.
    pub checkpoints: Option<u32>,
    /// How long screenshots stay.
    pub screenshots: ScreenshotAge,
    /// Learnt rounds whose step samples stay; `None` keeps all.
    pub samples: Option<u64>,
    /// Size of the run's directory in bytes, to which more goes where that is needed; `None` is no limit.
    pub max_bytes: Option<u64>,
}

impl Keep {
    /// What a configuration says.
    pub fn of(config: &Retention) -> Keep {
        Keep {
            checkpoints: (config.keep_checkpoints > 0).then_some(config.keep_checkpoints),
            screenshots: config.keep_screenshots,
            // The training does that itself, by train.keep_samples.
            samples: None,
            max_bytes: (config.max_bytes > 0).then_some(config.max_bytes),
        }
    }
}

/// One part of a run's directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is.
    pub what: &'static str,
    /// Its size in bytes.
    pub bytes: u64,
    /// How much of it goes, in bytes.
    pub goes: u64,
    /// What that is, in words; empty where nothing goes.
    pub detail: String,
}

/// What was removed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// What takes how much.
    pub parts: Vec<Part>,
    /// Size before, in bytes.
    pub before: u64,
    /// Size after; without removal, as far as it can be told.
    pub after: u64,
    /// Whether the wanted size is kept to.
    pub fits: bool,
}

/// What goes.
#[derive(Debug, Default)]
struct Plan {
    /// Screenshots of episodes that ended before, in milliseconds since 1970.
    screenshots_before: i64,
    /// Samples of training rounds before.
    samples_before: u64,
    checkpoints: Vec<(PathBuf, u64)>,
    logs: Vec<(PathBuf, u64)>,
}

/// When a run is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// No episode is under way.
    Between,
    /// Episodes may be. Their blobs come before their records, and equal ones are one file, so that no blob is
    /// touched.
    Amid,
}

/// A run that is looked at.
struct Run<'a> {
    directory: &'a Path,
    store: &'a Store,
    need: Need,
    moment: Moment,
}

/// Looks at a run and removes what is not to be kept; with `remove` unset it only looks. Only sound while no
/// episode of the run is under way, which whoever holds the run's lock knows.
///
/// # Errors
/// The database can't be read or written, or a file can't be removed.
pub fn collect_garbage(
    directory: &Path,
    store: &Store,
    config: &TrainConfig,
    keep: &Keep,
    remove: bool,
) -> Result<Collected, TrainError> {
    let run = Run {
        directory,
        store,
        need: Need::of(store, config)?,
        moment: Moment::Between,
    };
    run.collect(keep, remove)
}

impl Run<'_> {
    fn collect(&self, keep: &Keep, remove: bool) -> Result<Collected, TrainError> {
        let before = size_of(self.directory);
        let mut plan = self.plan(keep)?;
        let mut weighed = self.weigh(&plan)?;
        if let Some(wanted) = keep.max_bytes {
            self.tighten(&mut plan, &mut weighed, before, wanted)?;
        }
        let after = if remove {
            self.remove(&plan)?;
            size_of(self.directory)
        } else {
            before.saturating_sub(weighed.iter().map(|part| part.goes).sum())
        };
        Ok(Collected {
            fits: keep.max_bytes.is_none_or(|wanted| after <= wanted),
            parts: weighed,
            before,
            after,
        })
    }

    fn plan(&self, keep: &Keep) -> Result<Plan, TrainError> {
        let screenshots_before = match keep.screenshots {
            _ if self.moment == Moment::Amid => i64::MIN,
            ScreenshotAge::All => i64::MIN,
            ScreenshotAge::None => i64::MAX,
            ScreenshotAge::Days(days) => now() - i64::from(days) * DAY,
        };
        let samples_before = keep.samples.map_or(0, |rounds| {
            self.need
                .samples_from
                .min(self.need.next_round.saturating_sub(rounds))
        });
        Ok(Plan {
            screenshots_before,
            samples_before,
            checkpoints: match keep.checkpoints {
                Some(count) => self.spare_checkpoints(count)?,
                None => Vec::new(),
            },
            logs: Vec::new(),
        })
    }

    /// Checkpoints that go where `count` stay beside those that are needed: the rest is thinned out to
    /// every 2nd, 4th, 8th round and so on, so that what stayed once stays as the run gets longer.
    fn spare_checkpoints(&self, count: u32) -> Result<Vec<(PathBuf, u64)>, TrainError> {
        let checkpoints = self.store.checkpoints()?;
        let path = |checkpoint: &Checkpoint| self.directory.join(&checkpoint.path);
        let spare: Vec<(&Checkpoint, u64)> = checkpoints
            .iter()
            .filter(|checkpoint| !self.need.versions.contains(&checkpoint.policy_version))
            .filter(|checkpoint| path(checkpoint).is_dir())
            .filter_map(|checkpoint| Some((checkpoint, checkpoint.round?)))
            .collect();
        let stays = |round: u64, every: u64| (round + 1).is_multiple_of(every);
        let mut every = 1;
        let count = u64::from(count);
        while count > 0 && every < 1 << 62 {
            let kept = spare.iter().filter(|(_, round)| stays(*round, every));
            if kept.count() as u64 <= count {
                break;
            }
            every *= 2;
        }
        Ok(spare
            .into_iter()
            .filter(|(_, round)| count == 0 || !stays(*round, every))
            .map(|(checkpoint, _)| (path(checkpoint), size_of(&path(checkpoint))))
            .collect())
    }

    /// Log files that were put aside.
    fn old_logs(&self) -> Vec<(PathBuf, u64)> {
        let entries = std::fs::read_dir(self.directory.join("log"));
        entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let number = path.extension().and_then(|extension| extension.to_str());
                number.is_some_and(|text| text.parse::<u32>().is_ok())
            })
            .map(|path| (path.clone(), size_of(&path)))
            .collect()
    }

    /// What takes how much, and how much of it goes.
    fn weigh(&self, plan: &Plan) -> Result<Vec<Part>, TrainError> {
        let sum = |files: &[(PathBuf, u64)]| files.iter().map(|(_, bytes)| bytes).sum::<u64>();
        let space = self.store.space(plan.samples_before)?;
        let loose = self.loose(plan)?;
        let below = |name: &str| size_of(&self.directory.join(name));
        let mut parts = vec![
            Part {
                what: "database",
                bytes: space.file,
                goes: (space.unused + space.old_samples).min(space.file),
                detail: match plan.samples_before {
                    0 => "pages that nothing uses".into(),
                    before => format!("step samples of rounds 1 to {before}, unused pages"),
                },
            },
            Part {
                what: "screenshots and large samples",
                bytes: below("blobs"),
                goes: loose.iter().map(|blob| blob.bytes).sum(),
                detail: format!("{} files", loose.len()),
            },
            Part {
                what: "checkpoints",
                bytes: below("checkpoints"),
                goes: sum(&plan.checkpoints),
                detail: format!("{} of them", plan.checkpoints.len()),
            },
            Part {
                what: "logs",
                bytes: below("log"),
                goes: sum(&plan.logs),
                detail: format!("{} old files", plan.logs.len()),
            },
            Part {
                what: "report",
                bytes: below("report"),
                goes: 0,
                detail: String::new(),
            },
        ];
        for part in &mut parts {
            if part.goes == 0 {
                part.detail.clear();
            }
        }
        Ok(parts)
    }

    fn loose(&self, plan: &Plan) -> Result<Vec<LooseBlob>, StoreError> {
        if self.moment == Moment::Amid {
            return Ok(Vec::new());
        }
        self.store
            .loose_blobs(plan.screenshots_before, plan.samples_before)
    }

    fn remove(&self, plan: &Plan) -> Result<(), TrainError> {
        // Files first where nothing refers to them: a full disk has no room for a word in the database.
        self.remove_blobs(&Plan {
            screenshots_before: i64::MIN,
            ..Plan::default()
        })?;
        for (path, _) in plan.logs.iter() {
            removed(path, std::fs::remove_file(path))?;
        }
        for (path, _) in &plan.checkpoints {
            removed(path, std::fs::remove_dir_all(path))?;
        }
        let mut forgotten = false;
        if plan.screenshots_before > i64::MIN {
            self.store.forget_screenshots(plan.screenshots_before)?;
            forgotten = true;
        }
        if plan.samples_before > 0 {
            self.store.forget_samples(plan.samples_before)?;
            self.store.forget_branch_samples(plan.samples_before)?;
            forgotten = true;
        }
        if forgotten {
            self.remove_blobs(plan)?;
        }
        self.store.shrink()?;
        Ok(())
    }

    fn remove_blobs(&self, plan: &Plan) -> Result<(), TrainError> {
        for blob in self.loose(plan)? {
            removed(&blob.path, std::fs::remove_file(&blob.path))?;
        }
        Ok(())
    }
}

fn removed(path: &Path, result: std::io::Result<()>) -> Result<(), TrainError> {
    match result {
        // Somebody else was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| TrainError::File {
            path: path.to_path_buf(),
            doing: "removing what is not needed any more",
            source,
        }),
    }
}
