//! When two views show the same state of a device.

use super::View;

/// The flag of focus, as in [`super::Candidate::flags`].
const FOCUSED: u16 = 1 << 7;

impl View {
    /// What makes the state in the view: 32 hexadecimal digits, equal where package and elements are.
    /// The picture, the goal, the history, the step and the focus do not count, and neither do times
    /// of day and shares of a battery, which change by themselves.
    pub fn anchor(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut put = |part: &str| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        put(&self.package);
        put(&lasting(&self.title));
        for candidate in &self.candidates {
            put(&lasting(&candidate.label));
            put(&candidate.field);
            put(&candidate.resource);
            put(&candidate.class);
            let bounds = candidate.bounds;
            let sides = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max];
            put(&format!("{sides:?} {}", candidate.flags & !FOCUSED));
        }
        let hash = hasher.finalize().to_hex();
        hash.as_str().chars().take(32).collect()
    }
}

/// Words without times of day (`15:34`) and percentages.
fn lasting(words: &str) -> String {
    let ticks = |word: &&str| {
        let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let time = word.contains(':') && word.split(':').all(digits);
        time || word.strip_suffix('%').is_some_and(digits)
    };
    let kept: Vec<&str> = words
        .split_whitespace()
        .filter(|word| !ticks(word))
        .collect();
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_do_not_make_a_state() {
        assert_eq!(lasting("Clock 15:34 Battery 80%"), "Clock Battery");
        assert_eq!(lasting("Note 15 a:b %"), "Note 15 a:b %");
    }
}
