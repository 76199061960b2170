//! LayerNormalization and RMSNormalization over the trailing dimensions, and what all normalisations
//! share. With `c` the centred input, `i` the inverse deviation and `h` the gradient times the scale,
//! the input's gradient is `(h - c i^2 mean(h c) - mean(h)) i`: two passes over the data fewer than the
//! form with the normalised input, which is never computed.

use super::{axis_of, input, only, optional, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// What a normalisation made of its input: the centred input and the inverse deviation, of which the
/// second broadcasts to the first over the axes.
pub(super) struct Normalised {
    /// The input without its mean.
    pub centred: Value,
    /// One over the deviation.
    pub inverse: Value,
    /// The axes that were averaged over.
    pub axes: Vec<i64>,
}

impl Normalised {
    /// Computes both from the input; without the mean when it is not taken away.
    pub fn compute(
        context: &mut Context,
        x: &Value,
        like: &str,
        axes: Vec<i64>,
        epsilon: f64,
        centre: bool,
    ) -> Result<Normalised> {
        let epsilon = context.number(epsilon, like)?;
        let builder = &mut context.builder;
        let centred = if centre {
            let mean = builder.reduce_mean(x, &axes, true);
            builder.sub(x, &mean)
        } else {
            x.clone()
        };
        let square = builder.mul(&centred, &centred);
        let variance = builder.reduce_mean(&square, &axes, true);
        let variance = builder.add(&variance, &epsilon);
        let deviation = builder.sqrt(&variance);
        let inverse = builder.reciprocal(&deviation);
        Ok(Normalised {
            centred,
            inverse,
            axes,
        })
    }

    /// The gradient of the input from that of the normalised input; `centre` as in the forward pass.
    pub fn input_gradient(&self, context: &mut Context, scaled: &Value, centre: bool) -> Value {
        let builder = &mut context.builder;
        let product = builder.mul(scaled, &self.centred);
        let along = builder.reduce_mean(&product, &self.axes, true);
        let along = builder.mul(&along, &self.inverse);
        let along = builder.mul(&along, &self.inverse);
        let along = builder.mul(&self.centred, &along);
        let mut rest = builder.sub(scaled, &along);
        if centre {
            let mean = builder.reduce_mean(scaled, &self.axes, true);
            rest = builder.sub(&rest, &mean);
        }
        builder.mul(&rest, &self.inverse)
    }

    /// The gradient times the normalised input.
    pub fn times(&self, context: &mut Context, gradient: &Value) -> Value {
        let product = context.builder.mul(gradient, &self.centred);
        context.builder.mul(&product, &self.inverse)
    }

    /// Gives a scale over the trailing dimensions its gradient.
    fn give_scale(
        &self,
        context: &mut Context,
        (x, scale): (&str, &str),
        gradient: &Value,
    ) -> Result<()> {
        if !context.wants(scale) {
            return Ok(());
        }
        let length = match context.value_type(scale)?.dimensions.as_slice() {
            [Dimension::Fixed(length)] if *length > 1 && self.axes.len() == 1 => *length as i64,
            _ => {
                let product = self.times(context, gradient);
                return context.give_broadcast(scale, x, product);
            }
        };
        // A row times a matrix: the sum over all positions, weighted with the inverse deviations.
        let product = context.builder.mul(gradient, &self.centred);
        let rows = context.builder.reshape(&product, &[-1, length]);
        let weights = context.builder.reshape(&self.inverse, &[1, -1]);
        let total = context.builder.gemm(&weights, &rows, false, false);
        let total = context.builder.reshape(&total, &[length]);
        context.give(scale, total);
        Ok(())
    }
}

/// A value of another element type in that of a forward value.
pub(super) fn in_type_of(
    context: &mut Context,
    value: Value,
    from: &str,
    to: &str,
) -> Result<Value> {
    let (from, to) = (
        context.value_type(from)?.element,
        context.value_type(to)?.element,
    );
    Ok(if from == to {
        value
    } else {
        context.builder.cast(&value, to)
    })
}

/// The trailing axes from a node's attribute on.
fn trailing(context: &Context, node: &NodeProto) -> Result<Vec<i64>> {
    let rank = context.rank(input(node, 0)?)?;
    let axis = axis_of(node.int("axis", -1), rank)?;
    Ok((axis as i64..rank as i64).collect())
}

/// LayerNormalization, with the mean and the inverse deviation that the forward node computed. Both may
/// be used by others too, and have gradients then.
pub fn layer_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let (x, scale) = (input(node, 0)?, input(node, 1)?);
    let (Some(mean), Some(inverse)) = (node.output.get(1), node.output.get(2)) else {
        return Err(refused(node, "without the outputs for mean and deviation"));
    };
    let axes = trailing(context, node)?;
    let element = context.value_type(x)?.element;
    // Both are 32-bit whatever the input is.
    let mut statistic = |name: &str| context.builder.cast(&Value::named(name), element);
    let (mean, inverse) = (statistic(mean), statistic(inverse));
    let normalised = Normalised {
        centred: context.builder.sub(&Value::named(x), &mean),
        inverse,
        axes,
    };
    if let Some(gradient) = outputs.first().cloned().flatten() {
        normalised.give_scale(context, (x, scale), &gradient)?;
        if let Some(bias) = optional(node, 2) {
            context.give_broadcast(bias, x, gradient.clone())?;
        }
        if context.wants(x) {
            let scaled = context.builder.mul(&gradient, &Value::named(scale));
            let result = normalised.input_gradient(context, &scaled, true);
            context.give(x, result);
        }
    }
    if context.wants(x) {
        let of_mean = outputs.get(1).cloned().flatten();
        let of_inverse = outputs.get(2).cloned().flatten();
        statistics(context, node, &normalised, of_mean, of_inverse)?;
    }
    Ok(())
}

/// What the mean and the inverse deviation themselves give to the input: `1/n` and `-i^3 c / n` each.
fn statistics(
    context: &mut Context,
    node: &NodeProto,
    normalised: &Normalised,
    of_mean: Option<Value>,
    of_inverse: Option<Value>,
) -> Result<()> {
    let x = input(node, 0)?;
    let element = context.value_type(x)?.element;
    let share = |context: &mut Context, gradient: &Value| {
        let gradient = context.builder.cast(gradient, element);
        let mut size = |value: &Value| {
            let size = context.builder.node("Size", &[value], Vec::new());
            context.builder.cast(&size, element)
        };
        let (all, kept) = (size(&Value::named(x)), size(&normalised.inverse));
        let count = context.builder.div(&all, &kept);
        context.builder.div(&gradient, &count)
    };
    if let Some(gradient) = of_mean {
        let share = share(context, &gradient);
        let shape = context.shape_of(x)?;
        let spread = context.builder.expand_to(&share, &shape);
        context.give(x, spread);
    }
    if let Some(gradient) = of_inverse {
        let share = share(context, &gradient);
        let inverse = &normalised.inverse;
        let square = context.builder.mul(inverse, inverse);
        let cube = context.builder.mul(&square, inverse);
        let share = context.builder.mul(&share, &cube);
        let negative = context.builder.neg(&share);
        let product = context.builder.mul(&normalised.centred, &negative);
        context.give(x, product);
    }
    Ok(())
}

/// RMSNormalization: the mean is not taken away.
pub fn rms_normalization(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = only(outputs)?;
    let (x, scale) = (input(node, 0)?, input(node, 1)?);
    let axes = trailing(context, node)?;
    let epsilon = f64::from(node.float("epsilon", 1e-5));
    let normalised = Normalised::compute(context, &Value::named(x), x, axes, epsilon, false)?;
    // The scale may have another element type, which is also that of the output.
    let y = output(node, 0)?;
    let gradient = in_type_of(context, gradient, y, x)?;
    if context.value_type(scale)?.element == context.value_type(x)?.element {
        normalised.give_scale(context, (x, scale), &gradient)?;
    } else if context.wants(scale) {
        let product = normalised.times(context, &gradient);
        let summed = context.sum_to(&product, x, scale)?;
        let converted = in_type_of(context, summed, x, scale)?;
        context.give(scale, converted);
    }
    if context.wants(x) {
        let factor = in_type_of(context, Value::named(scale), scale, x)?;
        let scaled = context.builder.mul(&gradient, &factor);
        let result = normalised.input_gradient(context, &scaled, false);
        context.give(x, result);
    }
    Ok(())
}
