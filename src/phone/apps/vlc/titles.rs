//! How VLC calls what it finds: titles of files, groups of titles that begin alike, lengths in words.

use super::database::Video;
use crate::phone::apps::lengths;

/// Letters that the titles of a group have in common at least.
const ALIKE: usize = 6;

/// A file's title: its name without the ending, with blanks for the signs between words.
pub fn title_of(filename: &str) -> String {
    let stem = match filename.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && (2..=4).contains(&ending.len()) => stem,
        _ => filename,
    };
    let words: String = stem
        .chars()
        .map(|sign| {
            if matches!(sign, '.' | '-' | '+') {
                ' '
            } else {
                sign
            }
        })
        .collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    match words.is_empty() {
        true => stem.to_owned(),
        false => words.join(" "),
    }
}

/// What is shown as one card.
#[derive(Debug, Clone, PartialEq)]
pub enum Card {
    /// One video.
    One(Video),
    /// Several that are called alike.
    Group(String, Vec<Video>),
}

/// What titles are grouped by; short ones are not.
fn beginning(title: &str) -> Option<String> {
    let lower = title.to_lowercase();
    let rest = lower.strip_prefix("the ").unwrap_or(&lower);
    let start: String = rest.chars().take(ALIKE).collect();
    (start.chars().count() == ALIKE).then_some(start)
}

fn common(titles: &[&str]) -> String {
    let Some((first, others)) = titles.split_first() else {
        return String::new();
    };
    let lower = |sign: char| sign.to_lowercase().next();
    let shared = others.iter().fold(first.chars().count(), |most, other| {
        let same = first.chars().zip(other.chars());
        most.min(same.take_while(|(a, b)| lower(*a) == lower(*b)).count())
    });
    first.chars().take(shared).collect()
}

/// The videos as cards, sorted by title; those that begin alike together.
pub fn cards(videos: &[Video], grouped: bool) -> Vec<Card> {
    let mut groups: Vec<(Option<String>, Vec<Video>)> = Vec::new();
    for video in videos {
        let start = beginning(&video.title).filter(|_| grouped);
        let known = groups
            .iter_mut()
            .find(|(known, _)| start.is_some() && *known == start);
        match known {
            Some((_, members)) => members.push(video.clone()),
            None => groups.push((start, vec![video.clone()])),
        }
    }
    let mut cards: Vec<Card> = groups
        .into_iter()
        .filter_map(|(_, mut members)| {
            if members.len() == 1 {
                return members.pop().map(Card::One);
            }
            let titles: Vec<&str> = members.iter().map(|one| one.title.as_str()).collect();
            Some(Card::Group(common(&titles), members))
        })
        .collect();
    cards.sort_by_key(|card| match card {
        Card::One(video) => video.title.to_lowercase(),
        Card::Group(title, _) => title.to_lowercase(),
    });
    cards
}

/// A length as `1:02:03` or `2:03`.
pub fn clock_text(millis: i64) -> String {
    match lengths::parts(millis) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// A length as it is spoken.
pub fn spoken_length(millis: i64) -> String {
    let (hours, minutes, seconds) = lengths::parts(millis);
    let parts = [(hours, "hours"), (minutes, "minutes"), (seconds, "seconds")];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    words.join(" ")
}

/// A number of things, in the words of subtitles.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn video(title: &str) -> Video {
        Video {
            id: 1,
            title: title.to_owned(),
            filename: format!("{title}.mp4"),
            path: format!("/v/{title}.mp4"),
            duration: 20_000,
            audio: false,
        }
    }

    #[test]
    fn titles_lose_their_ending_and_keep_underscores() {
        assert_eq!(title_of("clip_23_HD.mp4"), "clip_23_HD");
        assert_eq!(title_of("my.trip-to+sea.mkv"), "my trip to sea");
        assert_eq!(title_of("noending"), "noending");
        assert_eq!(title_of("-.mp4"), "-");
    }

    #[test]
    fn titles_that_begin_alike_are_one_card() {
        let videos = ["record_1", "Record_22", "short", "shortened", "take_1"].map(video);
        let names: Vec<String> = cards(&videos, true)
            .into_iter()
            .map(|card| match card {
                Card::One(video) => video.title,
                Card::Group(title, members) => format!("{title} x{}", members.len()),
            })
            .collect();
        assert_eq!(names, ["record_ x2", "short", "shortened", "take_1"]);
        assert_eq!(cards(&videos, false).len(), 5);
    }

    #[test]
    fn lengths_are_written_and_spoken() {
        assert_eq!(clock_text(123_000), "2:03");
        assert_eq!(clock_text(3_723_000), "1:02:03");
        assert_eq!(spoken_length(123_000), "2 minutes 3 seconds");
        assert_eq!(spoken_length(3_600_000), "1 hours");
    }
}
