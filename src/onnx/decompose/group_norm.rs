//! GroupNorm and SkipGroupNorm of `com.microsoft`: images normalised over groups of channels.

use super::scope::Scope;
use crate::onnx::Value;
use crate::onnx::proto::NodeProto;

/// `com.microsoft.GroupNorm`
pub fn group_norm(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let x = scope.needed(node, 0)?;
    let result = normalise(scope, node, &x, &x)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.SkipGroupNorm`: of the sum of input, residual and an optional bias.
pub fn skip_group_norm(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, mut skip) = (scope.needed(node, 0)?, scope.needed(node, 3)?);
    let last = node.int("channels_last", 1) != 0;
    match scope.rank(&skip) {
        // One number for a channel of an image.
        Ok(2) if last => skip = scope.unsqueeze(&skip, &[1, 2]),
        Ok(2) => skip = scope.unsqueeze(&skip, &[2, 3]),
        Ok(4) if last => {}
        Ok(4) => return Err("its residual has the channels last, the input does not".into()),
        _ => return Err("the rank of its residual is not known to be 2 or 4".into()),
    }
    let mut sum = scope.builder.add(&x, &skip);
    if let Some(bias) = scope.input(node, 4) {
        let bias = along_channels(scope, &bias, last);
        sum = scope.builder.add(&sum, &bias);
    }
    let result = normalise(scope, node, &sum, &x)?;
    scope.give(node, 0, result);
    scope.give(node, 1, sum);
    Ok(())
}

fn along_channels(scope: &mut Scope, list: &Value, last: bool) -> Value {
    if last {
        list.clone()
    } else {
        scope.reshape(list, &[-1, 1, 1])
    }
}

/// `gamma (x - mean) / deviation + beta`, in the element type of gamma, and SiLU when asked for.
fn normalise(
    scope: &mut Scope,
    node: &NodeProto,
    x: &Value,
    like: &Value,
) -> Result<Value, String> {
    let (gamma, beta) = (scope.needed(node, 1)?, scope.needed(node, 2)?);
    let element = scope.element(&gamma)?;
    let channels = scope.fixed(&gamma, 0, "its number of channels")? as i64;
    let groups = node.int("groups", 0);
    if groups <= 0 || channels % groups != 0 {
        return Err(format!("{groups} groups of {channels} channels"));
    }
    let activation = node.int("activation", 0);
    if !matches!(activation, 0 | 1) {
        return Err(format!("its activation is {activation}"));
    }
    let own = scope.element(like).ok();
    let input = if own == Some(element) {
        x.clone()
    } else {
        scope.builder.cast(x, element)
    };
    let last = node.int("channels_last", 1) != 0;
    let (grouped, axes): (Value, &[i64]) = if last {
        let shape = [0, -1, groups, channels / groups];
        (scope.reshape(&input, &shape), &[1, 3])
    } else {
        (scope.reshape(&input, &[0, groups, -1]), &[2])
    };
    let mean = scope.reduce("ReduceMean", &grouped, axes);
    let centered = scope.builder.sub(&grouped, &mean);
    let square = scope.builder.mul(&centered, &centered);
    let variance = scope.reduce("ReduceMean", &square, axes);
    let epsilon = scope.number(f64::from(node.float("epsilon", 1e-5)), element)?;
    let sum = scope.builder.add(&variance, &epsilon);
    let deviation = scope.builder.sqrt(&sum);
    let normalised = scope.builder.div(&centered, &deviation);
    let shape = scope.builder.shape(x);
    let normalised = scope.builder.reshape_to(&normalised, &shape);
    let (gamma, beta) = (
        along_channels(scope, &gamma, last),
        along_channels(scope, &beta, last),
    );
    let scaled = scope.builder.mul(&normalised, &gamma);
    let mut result = scope.builder.add(&scaled, &beta);
    if activation == 1 {
        let gate = scope.builder.sigmoid(&result);
        result = scope.builder.mul(&result, &gate);
    }
    Ok(match own {
        Some(own) if own == element => result,
        Some(own) => scope.builder.cast(&result, own),
        None => scope.builder.node("CastLike", &[&result, like], Vec::new()),
    })
}
