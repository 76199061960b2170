//! Named random streams: one master seed, one independent ChaCha8 stream per purpose, so that
//! drawing more in one place never shifts another, on any platform.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The stream for `(seed, purpose, index)`, e.g. `(run seed, "plan", round)`.
pub fn stream(seed: u64, purpose: &str, index: u64) -> ChaCha8Rng {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"stepdroid stream 1");
    hasher.update(&seed.to_le_bytes());
    hasher.update(&(purpose.len() as u64).to_le_bytes());
    hasher.update(purpose.as_bytes());
    hasher.update(&index.to_le_bytes());
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn streams_are_stable_and_apart() {
        let draw = |seed, purpose, index| stream(seed, purpose, index).random::<u64>();
        assert_eq!(draw(1, "plan", 0), draw(1, "plan", 0));
        assert_ne!(draw(1, "plan", 0), draw(1, "plan", 1));
        assert_ne!(draw(1, "plan", 0), draw(1, "act", 0));
        assert_ne!(draw(1, "plan", 0), draw(2, "plan", 0));
    }
}
