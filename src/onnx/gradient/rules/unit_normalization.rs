//! Normalisations without weights: MeanVarianceNormalization and LpNormalization.

use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// What MeanVarianceNormalization adds to the deviation.
const FLOOR: f64 = 1e-9;

/// MeanVarianceNormalization: `y = c / (s + 1e-9)` with the centred input `c` and the deviation `s`, so
/// that `dx = (g - mean(g) - y mean(g c) / s) / (s + 1e-9)`.
pub fn mean_variance(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let name = input(node, 0)?;
    let axes = node.ints("axes").unwrap_or(&[0, 2, 3]).to_vec();
    let floor = context.number(FLOOR, name)?;
    let (x, y) = (Value::named(name), Value::named(output(node, 0)?));
    let builder = &mut context.builder;
    let mean = builder.reduce_mean(&x, &axes, true);
    let centred = builder.sub(&x, &mean);
    let square = builder.mul(&centred, &centred);
    let variance = builder.reduce_mean(&square, &axes, true);
    let deviation = builder.sqrt(&variance);
    let divisor = builder.add(&deviation, &floor);
    let product = builder.mul(&gradient, &centred);
    let along = builder.reduce_mean(&product, &axes, true);
    // Where the deviation is zero so is the product: any divisor will do.
    let safe = builder.max(&deviation, &floor);
    let along = builder.div(&along, &safe);
    let along = builder.mul(&y, &along);
    let mean = builder.reduce_mean(&gradient, &axes, true);
    let rest = builder.sub(&gradient, &mean);
    let rest = builder.sub(&rest, &along);
    let result = builder.div(&rest, &divisor);
    context.give(name, result);
    Ok(())
}

/// LpNormalization: `y = x / |x|` along an axis, with the sum of absolute values or the Euclidean length:
/// `dx = (g - d|x| sum(g y)) / |x|`, where `d|x|` is `sign(x)` or `y`.
pub fn lp(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let name = input(node, 0)?;
    let axis = node.int("axis", -1);
    let (zero, one) = (context.number(0.0, name)?, context.number(1.0, name)?);
    let (x, y) = (Value::named(name), Value::named(output(node, 0)?));
    let builder = &mut context.builder;
    let (length, slope) = if node.int("p", 2) == 1 {
        let size = builder.abs(&x);
        (builder.reduce_sum(&size, &[axis], true), builder.sign(&x))
    } else {
        let square = builder.mul(&x, &x);
        let sum = builder.reduce_sum(&square, &[axis], true);
        (builder.sqrt(&sum), y.clone())
    };
    let nothing = builder.equal(&length, &zero);
    let divisor = builder.choose(&nothing, &one, &length);
    let product = builder.mul(&gradient, &y);
    let along = builder.reduce_sum(&product, &[axis], true);
    let along = builder.mul(&slope, &along);
    let rest = builder.sub(&gradient, &along);
    let result = builder.div(&rest, &divisor);
    context.give(name, result);
    Ok(())
}
