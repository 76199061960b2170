//! How videos and playlists are called (catalogue section 3.14).

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::super::markor::names::{check, variant};
use super::super::{TaskError, params, pools};
use crate::domain::TaskSpec;

/// The name of a video.
fn video(rng: &mut ChaCha8Rng) -> String {
    let prefix = pools::pick(&pools::VIDEO_PREFIXES, rng);
    let suffix = pools::pick(&["", "HD", "4K", "raw", "export"], rng);
    let name = format!("{prefix}_{}_{suffix}.mp4", rng.random_range(1..100));
    variant(&name, rng)
}

/// So many names that are none of `others` and differ from each other.
pub fn videos(count: usize, others: &[String], rng: &mut ChaCha8Rng) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(count);
    while names.len() < count {
        let name = video(rng);
        // The volume does not tell capitals from small letters.
        let known = |other: &String| other.eq_ignore_ascii_case(&name);
        if !names.iter().any(known) && !others.iter().any(known) {
            names.push(name);
        }
    }
    names
}

/// The name of a playlist.
pub fn playlist(rng: &mut ChaCha8Rng) -> String {
    let theme = pools::pick(&pools::VIDEO_THEMES, rng);
    format!("{theme} {}", pools::pick(&pools::VIDEO_QUALIFIERS, rng))
}

/// Refuses what is no list of videos.
pub fn check_videos<'a>(
    spec: &TaskSpec,
    names: impl Iterator<Item = &'a String>,
) -> Result<(), TaskError> {
    for name in names {
        check(spec, name)?;
        if !name.ends_with(".mp4") {
            return Err(params::wrong(
                spec,
                format!("{name:?} does not end in .mp4"),
            ));
        }
    }
    Ok(())
}
