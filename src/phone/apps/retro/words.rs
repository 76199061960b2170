//! How Retro Music writes numbers of songs and what is said of them.

use crate::phone::apps::lengths::padded;
use crate::phone::providers::songs::Song;

/// `1 Song`, `3 Songs`.
pub fn count(songs: usize) -> String {
    match songs {
        1 => "1 Song".to_owned(),
        songs => format!("{songs} Songs"),
    }
}

/// Two facts in one line.
pub fn joined(left: &str, right: &str) -> String {
    format!("{left}  •  {right}")
}

/// How many songs, and how long they are together.
pub fn summary(count_of: usize, millis: i64) -> String {
    joined(&count(count_of), &padded(millis))
}

/// Length of songs together.
pub fn total(songs: &[Song]) -> i64 {
    songs
        .iter()
        .fold(0, |sum, song| sum.saturating_add(song.duration_millis))
}

/// What is said after songs were put into the queue.
pub fn queued(songs: usize) -> String {
    match songs {
        1 => "Added 1 title to the playing queue.".to_owned(),
        songs => format!("Added {songs} titles to the playing queue."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn songs_are_summed_up_in_words() {
        assert_eq!(summary(1, 221_000), "1 Song  •  03:41");
    }
}
