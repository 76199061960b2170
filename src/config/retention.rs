//! `[retention]` as data: what is kept of a run on the disk. Its values and their meaning: `defaults.toml`.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `[retention]`: what is kept of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Retention {
    /// Free space in bytes below which room is made; 0 is never.
    pub min_free_bytes: u64,
    /// Size of the run's directory in bytes above which room is made; 0 is no limit.
    pub max_bytes: u64,
    /// Checkpoints that stay beside those that are needed; 0 is all.
    pub keep_checkpoints: u32,
    /// How long screenshots stay.
    pub keep_screenshots: ScreenshotAge,
    /// Longest wait in seconds for room on a full disk; 0 is no wait.
    pub wait_for_room_s: u64,
    /// Size in bytes at which a log file is put aside.
    pub log_bytes: u64,
    /// Older log files that stay.
    pub log_files: u32,
}

/// How long screenshots stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenshotAge {
    /// For good.
    All,
    /// Until room is made next.
    None,
    /// So many days.
    Days(u32),
}

impl ScreenshotAge {
    /// Parses `all`, `none`, `30`, `30 days`.
    pub fn parse(text: &str) -> Option<ScreenshotAge> {
        match text.trim() {
            "all" => Some(ScreenshotAge::All),
            "none" => Some(ScreenshotAge::None),
            days => {
                let days = days.trim_end_matches('s').trim_end_matches("day").trim();
                days.parse().ok().map(ScreenshotAge::Days)
            }
        }
    }
}

impl std::fmt::Display for ScreenshotAge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ScreenshotAge::All => f.write_str("all"),
            ScreenshotAge::None => f.write_str("none"),
            ScreenshotAge::Days(days) => write!(f, "{days} days"),
        }
    }
}

impl Serialize for ScreenshotAge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScreenshotAge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ScreenshotAge, D::Error> {
        let text = String::deserialize(deserializer)?;
        ScreenshotAge::parse(&text).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} says not how long; write \"all\", \"none\" or a number of days, as in \"30 days\""
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read() {
        for (text, age) in [
            ("all", ScreenshotAge::All),
            ("none", ScreenshotAge::None),
            ("30 days", ScreenshotAge::Days(30)),
            ("1 day", ScreenshotAge::Days(1)),
            ("7", ScreenshotAge::Days(7)),
        ] {
            assert_eq!(ScreenshotAge::parse(text), Some(age), "{text}");
        }
        for bad in ["", "days", "-3", "some", "2 weeks"] {
            assert_eq!(ScreenshotAge::parse(bad), None, "{bad}");
        }
        let days = ScreenshotAge::Days(12);
        assert_eq!(ScreenshotAge::parse(&days.to_string()), Some(days));
    }
}
