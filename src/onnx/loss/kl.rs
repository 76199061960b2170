//! The k3 estimate of the KL divergence from a reference policy (STEP section 5).

use super::{number, weighted_mean};
use crate::onnx::{ElementType, GraphBuilder, Value};

/// The estimate for each choice, at least 0: `exp(ref - logp) - (ref - logp) - 1`, from the difference
/// `ref - logp`.
pub fn k3_each(builder: &mut GraphBuilder, difference: &Value, element: ElementType) -> Value {
    let raised = builder.exp(difference);
    let rest = builder.sub(&raised, difference);
    let one = number(builder, 1.0, element);
    builder.sub(&rest, &one)
}

/// The weighted mean of the estimate; one number a choice each.
pub fn k3(
    builder: &mut GraphBuilder,
    log_probability: &Value,
    reference: &Value,
    weight: &Value,
    element: ElementType,
) -> Value {
    let difference = builder.sub(reference, log_probability);
    let each = k3_each(builder, &difference, element);
    weighted_mean(builder, &each, weight, element)
}
