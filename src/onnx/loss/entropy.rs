//! Entropy of a distribution over classes, as a bonus that keeps a policy from narrowing too soon.

use crate::onnx::{GraphBuilder, Value};

/// Entropy of log-probabilities `[.., classes]`, for each position `[..]`. They must be finite.
pub fn entropy(builder: &mut GraphBuilder, log_probabilities: &Value) -> Value {
    let probabilities = builder.exp(log_probabilities);
    let product = builder.mul(&probabilities, log_probabilities);
    let sum = builder.reduce_sum(&product, &[-1], false);
    builder.neg(&sum)
}
