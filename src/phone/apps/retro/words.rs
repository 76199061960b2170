//! How Retro Music writes lengths and numbers of songs.

use crate::phone::providers::songs::Song;

/// `03:41`, from an hour on `01:03:41`.
pub fn length(millis: i64) -> String {
    let seconds = millis.max(0) / 1_000;
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes {
        0..60 => format!("{minutes:02}:{seconds:02}"),
        _ => format!("{:02}:{:02}:{seconds:02}", minutes / 60, minutes % 60),
    }
}

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
    joined(&count(count_of), &length(millis))
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
    fn lengths_have_hours_only_when_there_are_some() {
        assert_eq!(length(59_999), "00:59");
        assert_eq!(length(3_599_000), "59:59");
        assert_eq!(length(3_661_000), "01:01:01");
        assert_eq!(summary(1, 221_000), "1 Song  •  03:41");
    }
}
