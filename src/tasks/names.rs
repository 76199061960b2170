//! How files are called (catalogue section 0: VARIANT-NAME, RANDOM-NAME, NOTE-NAME, NOISE-FILES).

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::{TaskError, params, pools};
use crate::domain::TaskSpec;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Random letters and digits.
pub fn characters(count: usize, rng: &mut ChaCha8Rng) -> String {
    (0..count)
        .filter_map(|_| LETTERS.choose(rng).copied().map(char::from))
        .collect()
}

/// A name and its ending with the dot, which may be missing.
pub fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    }
}

/// Refuses what is no plain name of a file or folder.
pub fn check(spec: &TaskSpec, name: &str) -> Result<(), TaskError> {
    let bad = name.trim().is_empty() || name.starts_with('.') || name.contains(['/', '\n', '\0']);
    match bad {
        true => Err(params::wrong(
            spec,
            format!("{name:?} is no name of a file"),
        )),
        false => Ok(()),
    }
}

/// A name with a date, four characters or a word before or behind its stem.
pub fn variant(name: &str, rng: &mut ChaCha8Rng) -> String {
    let addition = match rng.random_range(0..3) {
        0 => {
            // Days from 2023-01-01 to 2023-10-14.
            let first = jiff::civil::date(2023, 1, 1);
            let day = first.saturating_add(jiff::Span::new().days(rng.random_range(0..287)));
            day.strftime("%Y_%m_%d").to_string()
        }
        1 => characters(4, rng),
        _ => pools::pick(&["backup", "copy", "final", "edited"], rng),
    };
    let (stem, ending) = split(name);
    match rng.random() {
        true => format!("{addition}_{stem}{ending}"),
        false => format!("{stem}_{addition}{ending}"),
    }
}

/// A random name without an ending.
pub fn random(rng: &mut ChaCha8Rng) -> String {
    let name = format!(
        "{}_{}",
        pools::pick(&pools::ADJECTIVES, rng),
        pools::pick(&pools::NOUNS, rng)
    );
    variant(&name, rng)
}

/// A random name of a note.
pub fn note(rng: &mut ChaCha8Rng) -> String {
    let ending = pools::pick(&[".md", ".txt"], rng);
    random(rng) + &ending
}

/// A sentence.
pub fn sentence(rng: &mut ChaCha8Rng) -> String {
    pools::pick(&pools::SENTENCES, rng)
}

/// From 1 to `most` different names that could be mistaken for `base`, or are just other notes.
pub fn noise(
    base: &str,
    variants: &[String],
    most: usize,
    rng: &mut ChaCha8Rng,
) -> Vec<String> {
    let count = rng.random_range(1..=most.max(1));
    let mut names: Vec<String> = Vec::new();
    while names.len() < count {
        let title = variants.choose(rng).map_or(base, String::as_str);
        let source = if rng.random_bool(0.85) { title } else { base };
        let mut name = variant(source, rng);
        if !name.contains('.') {
            let other = variants.choose(rng).map_or(".md", |other| split(other).1);
            name.push_str(other);
        }
        // The volume does not tell capitals from small letters.
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) && name != base {
            names.push(name);
        }
    }
    names
}

/// The titles that noise is made of.
pub fn titles() -> Vec<String> {
    pools::NOTE_TITLES.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::streams::stream;

    #[test]
    fn variants_keep_the_ending() {
        let mut rng = stream(1, "test", 0);
        for _ in 0..200 {
            let name = variant("calm_river.md", &mut rng);
            assert!(name.ends_with(".md") && name.contains("calm_river") && name.len() > 13);
            assert!(
                name.chars()
                    .all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
            );
            assert!(!variant("calm_river", &mut rng).contains('.'));
        }
    }

    #[test]
    fn noise_is_distinct_and_never_the_note_itself() {
        for seed in 0..50 {
            let names = noise("calm_river", &titles(), 20, &mut stream(seed, "test", 0));
            assert!((1..=20).contains(&names.len()));
            for (position, name) in names.iter().enumerate() {
                assert!(name.contains('.') && name != "calm_river");
                assert!(!names[..position].contains(name));
            }
        }
    }
}
