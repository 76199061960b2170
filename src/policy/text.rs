//! Words as vectors without a trained table: a fixed random vector for each whole word plus those of
//! its character trigrams, so that a word never seen before has a vector, and similar words have
//! similar ones.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Length of a word's vector.
pub const WIDTH: usize = 48;
/// Words that are remembered before the memory is emptied.
const REMEMBERED: usize = 20_000;

type Vector = Arc<[f32; WIDTH]>;

static KNOWN: LazyLock<RwLock<HashMap<String, Vector>>> = LazyLock::new(RwLock::default);

/// The words of a text: runs of letters and digits, in lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The vector of one word in lower case, of about unit variance.
pub fn word_vector(word: &str) -> Vector {
    if let Some(vector) = KNOWN
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(word)
    {
        return vector.clone();
    }
    let mut total = [0.0; WIDTH];
    add_random(&mut total, word, 0.8);
    let marked: Vec<char> = std::iter::once('^')
        .chain(word.chars())
        .chain(std::iter::once('$'))
        .collect();
    let trigrams: Vec<String> = marked
        .windows(3)
        .map(|window| window.iter().collect())
        .collect();
    let share = 0.6 / (trigrams.len().max(1) as f32).sqrt();
    for trigram in &trigrams {
        add_random(&mut total, &format!("#{trigram}"), share);
    }
    let vector: Vector = Arc::new(total);
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(word.to_owned(), vector.clone());
    vector
}

/// The vector of a text: the sum of its words, scaled down with their number.
pub fn text_vector(words: &[String]) -> [f32; WIDTH] {
    let mut total = [0.0; WIDTH];
    let scale = 1.0 / (words.len().max(1) as f32).sqrt();
    for word in words {
        for (sum, value) in total.iter_mut().zip(word_vector(word).iter()) {
            *sum += value * scale;
        }
    }
    total
}

/// Adds the fixed random vector of a key. Uniform numbers of unit variance do as well as normal ones.
fn add_random(total: &mut [f32; WIDTH], key: &str, scale: f32) {
    let mut random = ChaCha8Rng::seed_from_u64(u64::from(crc32fast::hash(key.as_bytes())));
    let bound = 3f32.sqrt();
    for value in total.iter_mut() {
        *value += scale * random.random_range(-bound..bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn similarity(a: &str, b: &str) -> f32 {
        let (a, b) = (word_vector(a), word_vector(b));
        let dot: f32 = a.iter().zip(b.iter()).map(|(x, y)| x * y).sum();
        let norm = |v: &Vector| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        dot / (norm(&a) * norm(&b))
    }

    #[test]
    fn similar_words_have_similar_vectors() {
        assert!(similarity("bluetooth", "bluetooth") > 0.999);
        assert!(similarity("contact", "contacts") > similarity("contact", "bluetooth"));
    }

    #[test]
    fn words_are_split_at_everything_else() {
        assert_eq!(
            words("quiet_river-2.MD, +1 555"),
            ["quiet", "river", "2", "md", "1", "555"]
        );
    }
}
