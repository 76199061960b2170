//! Cross-entropy: for cloning demonstrations, for classifiers and for language models.

use super::weighted_mean;
use crate::onnx::{ElementType, GraphBuilder, Value};

/// Cross-entropy of the choices taken: minus the weighted mean log-probability. Both have one number
/// for each choice; what weighs 0 does not count.
pub fn cross_entropy(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    weight: &Value,
    element: ElementType,
) -> Value {
    let mean = weighted_mean(builder, log_probability, weight, element);
    builder.neg(&mean)
}
