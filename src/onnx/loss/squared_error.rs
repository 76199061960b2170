//! Mean squared error, for models that give numbers.

use super::weighted_mean;
use crate::onnx::{ElementType, GraphBuilder, Value};

/// The mean of `(output - target)^2` over all elements, weighted where there is a weight of the same
/// shape.
pub fn squared_error(
    builder: &mut GraphBuilder,
    output: &Value,
    target: &Value,
    weight: Option<&Value>,
    element: ElementType,
) -> Value {
    let difference = builder.sub(output, target);
    let squares = builder.mul(&difference, &difference);
    match weight {
        Some(weight) => weighted_mean(builder, &squares, weight, element),
        None => builder.reduce_mean(&squares, &[], false),
    }
}
