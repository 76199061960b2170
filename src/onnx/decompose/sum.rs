//! Fused sums of `com.microsoft`: BiasAdd and BiasSoftmax.

use super::scope::Scope;
use crate::onnx::proto::{AttributeProto, NodeProto};

/// `com.microsoft.BiasAdd`: input, bias and residual summed up.
pub fn bias_add(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, bias) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let skip = scope.needed(node, 2)?;
    let sum = scope.builder.add(&x, &bias);
    let result = scope.builder.add(&sum, &skip);
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.BiasSoftmax`: softmax of a sum, over all axes from one on together.
pub fn bias_softmax(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, bias) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let axis = node.int("axis", 1);
    let rank = scope.rank(&x).map(|rank| rank as i64);
    let sum = scope.builder.add(&x, &bias);
    let result = if axis == -1 || rank.is_ok_and(|rank| axis == rank - 1) {
        scope.builder.softmax(&sum, -1)
    } else {
        let attributes = vec![AttributeProto::int("axis", axis)];
        let rows = scope.builder.node("Flatten", &[&sum], attributes);
        let weights = scope.builder.softmax(&rows, -1);
        let shape = scope.builder.shape(&sum);
        scope.builder.reshape_to(&weights, &shape)
    };
    scope.give(node, 0, result);
    Ok(())
}
