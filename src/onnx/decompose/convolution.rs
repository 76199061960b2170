//! FusedConv and NhwcConv of `com.microsoft`.

use super::activation;
use super::scope::Scope;
use crate::onnx::Value;
use crate::onnx::proto::{AttributeProto, NodeProto};

/// Attributes of the plain convolution.
fn attributes_of(node: &NodeProto) -> Vec<AttributeProto> {
    let own = |attribute: &&AttributeProto| {
        let name = attribute.name.as_deref();
        !matches!(name, Some("activation" | "activation_params"))
    };
    node.attribute.iter().filter(own).cloned().collect()
}

/// `com.microsoft.FusedConv`: a convolution, an optional residual sum, and an activation.
pub fn fused(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, weight) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&weight).or_else(|_| scope.element(&x))?;
    let mut inputs = vec![x, weight];
    inputs.extend(scope.input(node, 2));
    let inputs: Vec<&Value> = inputs.iter().collect();
    let mut result = scope.builder.node("Conv", &inputs, attributes_of(node));
    if let Some(residual) = scope.input(node, 3) {
        result = scope.builder.add(&result, &residual);
    }
    let numbers = node
        .find("activation_params")
        .map(|attribute| attribute.floats.clone())
        .unwrap_or_default();
    let activation = node.text("activation", "");
    let result = activation::by_name(scope, &result, activation, &numbers, element)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.NhwcConv`: a convolution of images whose channels are the last axis.
pub fn channels_last(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, weight) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let rank = scope.rank(&weight).or_else(|_| scope.rank(&x))? as i64;
    if rank < 3 {
        return Err(format!("its weight has {rank} dimensions"));
    }
    let to_front: Vec<i64> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
    let to_back: Vec<i64> = [0].into_iter().chain(2..rank).chain([1]).collect();
    let moved = scope.builder.transpose(&x, &to_front);
    let mut inputs = vec![moved, weight];
    inputs.extend(scope.input(node, 2));
    let inputs: Vec<&Value> = inputs.iter().collect();
    let made = scope.builder.node("Conv", &inputs, attributes_of(node));
    let result = scope.builder.transpose(&made, &to_back);
    scope.give(node, 0, result);
    Ok(())
}
