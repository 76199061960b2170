//! Weights of rows by how hard they are.

/// Instance-reweighted distributionally robust optimisation, IR-DRO (arXiv 2402.14270):
/// `w_i = M exp((l_i - max l) / lambda) / sum_j exp((l_j - max l) / lambda)` over the M rows of an
/// optimizer step. They sum to M, so that the loss keeps its scale; they are numbers, not part of
/// the gradient. A large lambda gives all rows the weight 1, a small one looks at the hardest only.
/// Losses that are not finite count as the smallest.
pub fn ir_dro(losses: &[f64], lambda: f64) -> Vec<f64> {
    let finite = losses.iter().copied().filter(|loss| loss.is_finite());
    let largest = finite.fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return vec![1.0; losses.len()];
    }
    let share = |loss: &f64| {
        if loss.is_finite() {
            ((loss - largest) / lambda).exp()
        } else {
            0.0
        }
    };
    let shares: Vec<f64> = losses.iter().map(share).collect();
    let total: f64 = shares.iter().sum();
    let rows = losses.len() as f64;
    shares.iter().map(|share| rows * share / total).collect()
}

/// How hard a row is: `-A log pi` at the weights before the step [R]. The clipped surrogate itself
/// is `-A` at a ratio of 1, whatever the policy makes of the row; this has the same gradient there
/// and is large where a good action is unlikely, or a bad one likely.
pub fn row_loss(advantage: f64, log_probability: f64) -> f64 {
    -advantage * log_probability
}
