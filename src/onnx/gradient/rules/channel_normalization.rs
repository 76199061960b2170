//! Normalisations of `[batch, channels, ...]`: GroupNormalization, InstanceNormalization, and
//! BatchNormalization with fixed statistics.

use super::layer_normalization::{Normalised, in_type_of};
use super::{input, only, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// A list with one number per channel, so that it broadcasts to a value of the given rank.
fn per_channel(context: &mut Context, value: &Value, rank: usize) -> Value {
    let mut shape = vec![1; rank.saturating_sub(1).max(1)];
    shape[0] = -1;
    if shape.len() == 1 {
        return value.clone();
    }
    context.builder.reshape(value, &shape)
}

/// Sums over everything but the channels.
fn sum_per_channel(context: &mut Context, value: &Value, rank: usize) -> Value {
    let axes: Vec<i64> = (0..rank as i64).filter(|axis| *axis != 1).collect();
    if axes.is_empty() {
        return value.clone();
    }
    context.builder.reduce_sum(value, &axes, false)
}

/// InstanceNormalization: every channel of every element of the batch by itself.
pub fn instance_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let (x, scale, bias) = (input(node, 0)?, input(node, 1)?, input(node, 2)?);
    let rank = context.rank(x)?;
    if context.wants(bias) {
        let total = sum_per_channel(context, &gradient, rank);
        context.give(bias, total);
    }
    if !context.wants(scale) && !context.wants(x) {
        return Ok(());
    }
    let axes = (2..rank as i64).collect();
    let epsilon = f64::from(node.float("epsilon", 1e-5));
    let normalised = Normalised::compute(context, &Value::named(x), x, axes, epsilon, true)?;
    if context.wants(scale) {
        let product = normalised.times(context, &gradient);
        let total = sum_per_channel(context, &product, rank);
        context.give(scale, total);
    }
    if context.wants(x) {
        let factor = per_channel(context, &Value::named(scale), rank);
        let scaled = context.builder.mul(&gradient, &factor);
        let result = normalised.input_gradient(context, &scaled, true);
        context.give(x, result);
    }
    Ok(())
}

/// GroupNormalization: every group of channels of every element of the batch by itself. Scale and bias
/// count groups up to version 20 of the operators and channels since version 21.
pub fn group_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let (x, scale, bias) = (input(node, 0)?, input(node, 1)?, input(node, 2)?);
    let rank = context.rank(x)?;
    let groups = node.int("num_groups", 0);
    if groups < 1 || rank < 2 {
        return Err(refused(node, "without groups"));
    }
    let by_group = context.builder.opset() < 21;
    let grouped = [0, groups, -1];
    let in_groups = |context: &mut Context, value: &Value| context.builder.reshape(value, &grouped);
    let shape = context.shape_of(x)?;
    let rows = in_groups(context, &Value::named(x));
    let epsilon = f64::from(node.float("epsilon", 1e-5));
    let normalised = Normalised::compute(context, &rows, x, vec![2], epsilon, true)?;
    // The value in whose dimensions scale and bias are the second.
    let (gradient, rank) = if by_group {
        (in_groups(context, &gradient), 3)
    } else {
        (gradient, rank)
    };
    if context.wants(bias) {
        let total = sum_per_channel(context, &gradient, rank);
        context.give(bias, total);
    }
    if context.wants(scale) {
        let unit = context
            .builder
            .mul(&normalised.centred, &normalised.inverse);
        let unit = if by_group {
            unit
        } else {
            context.builder.reshape_to(&unit, &shape)
        };
        let product = context.builder.mul(&gradient, &unit);
        let total = sum_per_channel(context, &product, rank);
        context.give(scale, total);
    }
    if context.wants(x) {
        let factor = per_channel(context, &Value::named(scale), rank);
        let mut scaled = context.builder.mul(&gradient, &factor);
        if !by_group {
            scaled = in_groups(context, &scaled);
        }
        let result = normalised.input_gradient(context, &scaled, true);
        let result = context.builder.reshape_to(&result, &shape);
        context.give(x, result);
    }
    Ok(())
}

/// BatchNormalization as it is outside of training: a factor and an offset per channel, made of the
/// stored statistics, which may be trained like any other weight.
pub fn batch_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    if node.int("training_mode", 0) != 0 {
        return Err(refused(node, "in training mode"));
    }
    let gradient = only(outputs)?;
    let (x, scale, bias) = (input(node, 0)?, input(node, 1)?, input(node, 2)?);
    let (mean, variance) = (input(node, 3)?, input(node, 4)?);
    let rank = context.rank(x)?;
    let epsilon = context.number(f64::from(node.float("epsilon", 1e-5)), variance)?;
    let shifted = context.builder.add(&Value::named(variance), &epsilon);
    let deviation = context.builder.sqrt(&shifted);
    // One over the deviation, and the factor that the input was multiplied with.
    let inverse = context.builder.reciprocal(&deviation);
    let inverse_like_scale = in_type_of(context, inverse, variance, scale)?;
    let factor = context
        .builder
        .mul(&Value::named(scale), &inverse_like_scale);
    if context.wants(x) {
        let factor = in_type_of(context, factor.clone(), scale, x)?;
        let factor = per_channel(context, &factor, rank);
        let product = context.builder.mul(&gradient, &factor);
        context.give(x, product);
    }
    if context.wants(bias) || context.wants(mean) {
        let total = sum_per_channel(context, &gradient, rank);
        let total = in_type_of(context, total, output(node, 0)?, bias)?;
        if context.wants(mean) {
            let product = context.builder.mul(&total, &factor);
            let negative = context.builder.neg(&product);
            let negative = in_type_of(context, negative, scale, mean)?;
            context.give(mean, negative);
        }
        context.give(bias, total);
    }
    if context.wants(scale) || context.wants(variance) {
        let centre = in_type_of(context, Value::named(mean), mean, x)?;
        let centre = per_channel(context, &centre, rank);
        let centred = context.builder.sub(&Value::named(x), &centre);
        let product = context.builder.mul(&gradient, &centred);
        let total = sum_per_channel(context, &product, rank);
        let total = in_type_of(context, total, x, scale)?;
        let of_scale = context.builder.mul(&total, &inverse_like_scale);
        if context.wants(variance) {
            let half = context.number(-0.5, scale)?;
            let slope = context.builder.mul(&factor, &inverse_like_scale);
            let product = context.builder.mul(&of_scale, &slope);
            let product = context.builder.mul(&product, &half);
            let product = in_type_of(context, product, scale, variance)?;
            context.give(variance, product);
        }
        context.give(scale, of_scale);
    }
    Ok(())
}
