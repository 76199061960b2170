//! Replay: rows of past successes beside those of the round. What is replayed was drawn by older
//! weights; its recorded log-probability stays the old one of the loss, so that the probability
//! ratio (STEP section 5) is the importance ratio.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How rows are drawn from the buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplayRule {
    /// Every row alike, each at most once.
    Success,
    /// Adaptive Experience Selection (arXiv 2002.06946): by how much each would move the weights.
    Adaptive {
        /// e, the share that is drawn uniformly, in (0, 1].
        exploration: f64,
    },
}

/// A buffer of past successes and how it is drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replay {
    /// How rows are drawn.
    pub rule: ReplayRule,
    /// Rounds back that the buffer reaches.
    pub rounds: u64,
    /// Rows drawn for a round.
    pub rows: usize,
}

/// One row drawn from the buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Replayed {
    /// Position in the buffer.
    pub position: usize,
    /// Factor on its term in the loss, which makes the expected sum that of a uniform draw.
    pub weight: f64,
}

/// `|A| sqrt(sum_u (1 - pi_u)^2)`: what stands in for the norm of a row's gradient. It is the norm
/// of the gradient with respect to the score of each choice taken, and needs no backward pass [R].
/// `log_probabilities` are those of the row's choices under the weights of now.
pub fn gradient_proxy(advantage: f64, log_probabilities: &[f64]) -> f64 {
    let missing = |log_probability: &f64| (1.0 - log_probability.exp().min(1.0)).powi(2);
    advantage.abs() * log_probabilities.iter().map(missing).sum::<f64>().sqrt()
}

/// `p_i = (1 - e) |g_i| / sum + e / M` (arXiv 2002.06946). Uniform where no gradient is left. The
/// probabilities sum to 1; norms that are not finite count as 0.
pub fn selection_probabilities(norms: &[f64], exploration: f64) -> Vec<f64> {
    let uniform = 1.0 / norms.len().max(1) as f64;
    let sound = |norm: &f64| if norm.is_finite() { norm.max(0.0) } else { 0.0 };
    let total: f64 = norms.iter().map(sound).sum();
    let share = |norm: &f64| {
        if total > 0.0 {
            (1.0 - exploration) * sound(norm) / total + exploration * uniform
        } else {
            uniform
        }
    };
    norms.iter().map(share).collect()
}

impl Replay {
    /// Draws rows from a buffer whose rows have these gradient norms ([`gradient_proxy`]; their
    /// number alone matters to [`ReplayRule::Success`]). Ordered by position. Adaptive draws are
    /// independent, so that a row may come more than once, each time with the weight `1 / (M p_i)`.
    pub fn draw(&self, norms: &[f64], rng: &mut ChaCha8Rng) -> Vec<Replayed> {
        let buffer = norms.len();
        let mut drawn: Vec<Replayed> = match self.rule {
            ReplayRule::Success => {
                let mut positions: Vec<usize> = (0..buffer).collect();
                let wanted = self.rows.min(buffer);
                for place in 0..wanted {
                    let other = rng.random_range(place..buffer);
                    positions.swap(place, other);
                }
                positions.truncate(wanted);
                let once = |position| Replayed {
                    position,
                    weight: 1.0,
                };
                positions.into_iter().map(once).collect()
            }
            ReplayRule::Adaptive { .. } if buffer == 0 => Vec::new(),
            ReplayRule::Adaptive { exploration } => {
                let probabilities = selection_probabilities(norms, exploration);
                let mut sum = 0.0;
                let sums: Vec<f64> = probabilities
                    .iter()
                    .map(|probability| {
                        sum += probability;
                        sum
                    })
                    .collect();
                (0..self.rows)
                    .map(|_| {
                        let draw = rng.random::<f64>() * sum;
                        let position = sums.partition_point(|until| *until <= draw);
                        let position = position.min(buffer - 1);
                        Replayed {
                            position,
                            weight: 1.0 / (buffer as f64 * probabilities[position]),
                        }
                    })
                    .collect()
            }
        };
        drawn.sort_by_key(|row| row.position);
        drawn
    }
}
