//! What is played: the queue, the place in it, and how far the song is. Pure; the clock is told.

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::phone::providers::songs::Song;

/// What comes after the last song.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeat {
    /// Silence.
    #[default]
    Off,
    /// The first song.
    All,
    /// The same song.
    One,
}

impl Repeat {
    /// What its button turns it into.
    pub fn next(self) -> Repeat {
        match self {
            Repeat::Off => Repeat::All,
            Repeat::All => Repeat::One,
            Repeat::One => Repeat::Off,
        }
    }
}

/// The player.
#[derive(Debug, Clone, Default)]
pub struct Player {
    /// The queue as it is played.
    pub queue: Vec<Song>,
    /// The queue before it was shuffled.
    pub original: Vec<Song>,
    /// The place in the queue.
    pub position: usize,
    /// Whether the queue is shuffled.
    pub shuffle: bool,
    /// What comes after the last song.
    pub repeat: Repeat,
    /// How far the song was, in milliseconds, at `since`.
    reached: i64,
    /// The uptime in microseconds from which on it is played; `None` while it pauses.
    since: Option<i64>,
}

impl Player {
    /// A stored queue, paused.
    pub fn stored(queue: Vec<Song>, original: Vec<Song>, position: usize) -> Player {
        Player {
            position: position.min(queue.len().saturating_sub(1)),
            queue,
            original,
            ..Player::default()
        }
    }

    /// The song at the place.
    pub fn current(&self) -> Option<&Song> {
        self.queue.get(self.position)
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.since.is_some()
    }

    /// How far the song is, in milliseconds.
    pub fn progress(&self, now: i64) -> i64 {
        let since = self.since.unwrap_or(now);
        let length = self.current().map_or(0, |song| song.duration_millis);
        (self.reached + (now - since).max(0) / 1_000).clamp(0, length.max(0))
    }

    /// Takes a queue, from one of its songs on.
    pub fn open(&mut self, songs: Vec<Song>, position: usize, play: bool, now: i64) {
        self.original = songs.clone();
        self.queue = songs;
        self.position = position.min(self.queue.len().saturating_sub(1));
        self.shuffle = false;
        self.restart(play, now);
    }

    /// Takes a queue in a random order.
    pub fn open_shuffled(&mut self, songs: Vec<Song>, random: &mut ChaCha8Rng, now: i64) {
        self.open(songs, 0, true, now);
        self.queue.shuffle(random);
        self.shuffle = true;
    }

    fn restart(&mut self, play: bool, now: i64) {
        self.reached = 0;
        self.since = (play && !self.queue.is_empty()).then_some(now);
    }

    /// Adds songs at the end; they are all of a queue that was empty, which is not played then.
    pub fn enqueue(&mut self, songs: &[Song], now: i64) {
        if self.queue.is_empty() {
            return self.open(songs.to_vec(), 0, false, now);
        }
        self.queue.extend_from_slice(songs);
        self.original.extend_from_slice(songs);
    }

    /// Adds songs behind the one that is played.
    pub fn enqueue_next(&mut self, songs: &[Song], now: i64) {
        if self.queue.is_empty() {
            return self.open(songs.to_vec(), 0, false, now);
        }
        let place = self.position + 1;
        self.queue.splice(place..place, songs.iter().cloned());
        let place = place.min(self.original.len());
        self.original.splice(place..place, songs.iter().cloned());
    }

    /// Takes a song out of the queue.
    pub fn remove(&mut self, index: usize, now: i64) {
        if index >= self.queue.len() {
            return;
        }
        let song = self.queue.remove(index);
        if let Some(found) = self.original.iter().position(|one| one.id == song.id) {
            self.original.remove(found);
        }
        if index < self.position {
            self.position -= 1;
        } else if index == self.position {
            self.position = self.position.min(self.queue.len().saturating_sub(1));
            self.restart(self.is_playing(), now);
        }
    }

    /// Moves a song one place up or down.
    pub fn shift(&mut self, index: usize, down: bool) {
        let other = match down {
            true => index + 1,
            false => index.wrapping_sub(1),
        };
        if index >= self.queue.len() || other >= self.queue.len() {
            return;
        }
        self.queue.swap(index, other);
        if !self.shuffle {
            self.original = self.queue.clone();
        }
        if self.position == index {
            self.position = other;
        } else if self.position == other {
            self.position = index;
        }
    }

    /// Empties the queue.
    pub fn clear(&mut self) {
        *self = Player {
            repeat: self.repeat,
            ..Player::default()
        };
    }

    /// Plays from a place of the queue on.
    pub fn play_from(&mut self, index: usize, now: i64) {
        self.position = index.min(self.queue.len().saturating_sub(1));
        self.restart(true, now);
    }

    /// Goes on, or pauses.
    pub fn toggle(&mut self, now: i64) {
        self.reached = self.progress(now);
        self.since = match self.since {
            Some(_) => None,
            None => (!self.queue.is_empty()).then_some(now),
        };
    }

    /// To the next song; behind the last one comes the first.
    pub fn next(&mut self, now: i64) {
        let next = self.position + 1;
        self.position = if next < self.queue.len() { next } else { 0 };
        self.restart(self.is_playing(), now);
    }

    /// To the beginning of the song, or, there, to the song before.
    pub fn previous(&mut self, now: i64) {
        if self.progress(now) < 5_000 {
            self.position = self.position.saturating_sub(1);
        }
        self.restart(self.is_playing(), now);
    }

    /// To a part of the song from 0 to 1.
    pub fn seek(&mut self, part: f32, now: i64) {
        let length = self.current().map_or(0, |song| song.duration_millis);
        self.reached = (part.clamp(0.0, 1.0) * length as f32) as i64;
        self.since = self.since.map(|_| now);
    }

    /// Shuffles what is not played at the moment, or takes the old order again.
    pub fn toggle_shuffle(&mut self, random: &mut ChaCha8Rng) {
        let current = self.current().cloned();
        self.shuffle = !self.shuffle;
        self.queue = self.original.clone();
        if self.shuffle {
            self.queue.shuffle(random);
        }
        let place = current.and_then(|song| self.queue.iter().position(|one| one.id == song.id));
        self.position = place.unwrap_or(0);
        if self.shuffle {
            self.queue.swap(0, self.position);
            self.position = 0;
        }
    }

    /// Lets time pass: songs that are at their end give way to the next. Whether another song is played.
    pub fn tick(&mut self, now: i64) -> bool {
        let before = self.position;
        let mut changed = false;
        // Each turn ends a song; a queue of empty songs must not hold the phone up.
        for _ in 0..=self.queue.len() {
            let (Some(since), Some(song)) = (self.since, self.current()) else {
                break;
            };
            let left = song.duration_millis.max(0) - self.reached;
            if (now - since) / 1_000 < left {
                break;
            }
            changed = true;
            self.since = Some(since + left * 1_000);
            self.reached = 0;
            match self.repeat {
                Repeat::One => {}
                _ if self.position + 1 < self.queue.len() => self.position += 1,
                Repeat::All => self.position = 0,
                Repeat::Off => self.since = None,
            }
        }
        changed && self.position != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(id: u64, seconds: i64) -> Song {
        Song {
            id: id as i64,
            path: format!("/m/{id}.mp3"),
            title: format!("Song {id}"),
            artist: "Ana".to_owned(),
            artist_id: 1,
            album: "A".to_owned(),
            album_id: 1,
            album_artist: String::new(),
            composer: String::new(),
            year: 0,
            track: 0,
            duration_millis: seconds * 1_000,
            size: 1,
            mime: "audio/mpeg",
            modified: 0,
        }
    }

    fn ids(player: &Player) -> Vec<i64> {
        player.queue.iter().map(|song| song.id).collect()
    }

    #[test]
    fn songs_follow_each_other_with_time() {
        let mut player = Player::default();
        player.open(vec![song(1, 60), song(2, 60), song(3, 60)], 1, true, 0);
        assert!(!player.tick(59_000_000));
        assert_eq!(player.progress(59_000_000), 59_000);
        assert!(player.tick(61_000_000));
        assert_eq!((player.position, player.progress(61_000_000)), (2, 1_000));
        player.tick(1_000_000_000);
        assert!(!player.is_playing() && player.position == 2);
        player.repeat = Repeat::All;
        player.toggle(0);
        player.tick(i64::MAX / 2);
        assert!(player.is_playing());
    }

    #[test]
    fn the_queue_is_changed_around_the_current_song() {
        let mut player = Player::default();
        player.enqueue(&[song(1, 60), song(2, 60)], 0);
        assert!(!player.is_playing() && player.position == 0);
        player.enqueue(&[song(3, 60)], 0);
        player.enqueue_next(&[song(4, 60)], 0);
        assert_eq!(ids(&player), [1, 4, 2, 3]);
        player.shift(3, false);
        player.shift(0, false);
        player.shift(0, true);
        assert_eq!((ids(&player), player.position), (vec![4, 1, 3, 2], 1));
        player.remove(0, 0);
        assert_eq!((ids(&player), player.position), (vec![1, 3, 2], 0));
        player.remove(9, 0);
        for _ in 0..3 {
            player.remove(0, 0);
        }
        assert!(player.current().is_none() && player.original.is_empty());
    }

    #[test]
    fn a_shuffled_queue_can_be_put_in_order_again() {
        let mut random = crate::domain::streams::stream(1, "player", 0);
        let mut player = Player::default();
        player.open((1..20).map(|id| song(id, 60)).collect(), 4, true, 0);
        let before = ids(&player);
        player.toggle_shuffle(&mut random);
        assert_ne!(ids(&player), before);
        assert_eq!(player.current().unwrap().id, 5);
        player.toggle_shuffle(&mut random);
        assert_eq!((ids(&player), player.position), (before, 4));
    }
}
