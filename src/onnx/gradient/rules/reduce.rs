//! Reductions over axes. Axes may be constants, computed at run time, absent (all of them), or empty with
//! the wish to reduce nothing.

use super::{axis_of, input, only, optional, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// What a reduction reduces.
enum Axes {
    /// These, counted from the front.
    Known(Vec<i64>),
    /// What this list holds at run time.
    Computed(Value),
}

/// The axes of a node: an input since version 13 or 18 of the operators, before an attribute.
fn axes(context: &Context, node: &NodeProto) -> Result<Axes> {
    let rank = context.rank(input(node, 0)?)?;
    let listed = match optional(node, 1) {
        Some(name) => match context.known_integers(name) {
            Some(axes) => axes,
            None => return Ok(Axes::Computed(Value::named(name))),
        },
        None => node.ints("axes").map(<[i64]>::to_vec).unwrap_or_default(),
    };
    if listed.is_empty() {
        let nothing = node.int("noop_with_empty_axes", 0) != 0;
        let all = if nothing { 0 } else { rank as i64 };
        return Ok(Axes::Known((0..all).collect()));
    }
    let counted = listed.iter().map(|axis| Ok(axis_of(*axis, rank)? as i64));
    counted.collect::<Result<_>>().map(Axes::Known)
}

/// Brings a reduced value back to a shape that broadcasts against the input: dimensions that were
/// taken away return with length 1.
fn restore(context: &mut Context, node: &NodeProto, value: &Value) -> Result<Value> {
    if node.int("keepdims", 1) != 0 {
        return Ok(value.clone());
    }
    Ok(match axes(context, node)? {
        Axes::Known(axes) if axes.is_empty() => value.clone(),
        Axes::Known(axes) => context.builder.unsqueeze(value, &axes),
        // An empty list leaves a single number as it is, which broadcasts as well.
        Axes::Computed(axes) => context
            .builder
            .node("Unsqueeze", &[value, &axes], Vec::new()),
    })
}

/// The gradient and the output, both restored.
fn restored(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(Value, Value)> {
    let gradient = restore(context, node, &only(outputs)?)?;
    let result = restore(context, node, &Value::named(output(node, 0)?))?;
    Ok((gradient, result))
}

/// Gives the input a reduced value, repeated to the input's shape.
fn give_spread(context: &mut Context, node: &NodeProto, value: &Value) -> Result<()> {
    let x = input(node, 0)?;
    let restored = restore(context, node, value)?;
    let shape = context.shape_of(x)?;
    let spread = context.builder.expand_to(&restored, &shape);
    context.give(x, spread);
    Ok(())
}

/// The same reduction by another operator, with dimensions kept.
fn again(context: &mut Context, node: &NodeProto, operator: &str, value: &Value) -> Result<Value> {
    let keep = AttributeProto::int("keepdims", 1);
    let noop = AttributeProto::int("noop_with_empty_axes", node.int("noop_with_empty_axes", 0));
    let axes = match axes(context, node)? {
        Axes::Known(axes) if axes.is_empty() => return Ok(value.clone()),
        Axes::Known(axes) if operator != "ReduceSum" && context.builder.opset() < 18 => {
            let attributes = vec![keep, AttributeProto::ints("axes", &axes)];
            return Ok(context.builder.node(operator, &[value], attributes));
        }
        Axes::Known(axes) => context.builder.integers(&axes),
        Axes::Computed(axes) => axes,
    };
    Ok(context
        .builder
        .node(operator, &[value, &axes], vec![keep, noop]))
}

/// How many elements of the input went into one element of the output, in the input's element type.
fn count(context: &mut Context, node: &NodeProto) -> Result<Value> {
    let (x, y) = (input(node, 0)?, output(node, 0)?);
    let dimensions = &context.value_type(x)?.dimensions;
    if let Axes::Known(axes) = axes(context, node)? {
        let lengths = axes
            .iter()
            .map(|axis| match dimensions.get(*axis as usize) {
                Some(Dimension::Fixed(length)) => Some(*length as f64),
                _ => None,
            });
        if let Some(count) = lengths.product::<Option<f64>>() {
            return context.number(count, x);
        }
    }
    let element = context.value_type(x)?.element;
    let mut size = |name: &str| {
        let size = context
            .builder
            .node("Size", &[&Value::named(name)], Vec::new());
        context.builder.cast(&size, element)
    };
    let (all, kept) = (size(x), size(y));
    Ok(context.builder.div(&all, &kept))
}

/// Every element of a sum gets the sum's gradient.
pub fn sum(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    give_spread(context, node, &only(outputs)?)
}

/// As a sum, divided by the number of elements that were averaged.
pub fn mean(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let count = count(context, node)?;
    let share = context.builder.div(&only(outputs)?, &count);
    give_spread(context, node, &share)
}

/// ReduceMax and ReduceMin: the elements that are the result share its gradient.
pub fn extreme(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = input(node, 0)?;
    let (gradient, result) = restored(context, node, outputs)?;
    let element = context.value_type(x)?.element;
    let hit = context.builder.equal(&Value::named(x), &result);
    let mask = context.builder.cast(&hit, element);
    let hits = again(context, node, "ReduceSum", &mask)?;
    let share = context.builder.div(&gradient, &hits);
    let product = context.builder.mul(&mask, &share);
    context.give(x, product);
    Ok(())
}

/// ReduceL1: `sign(x)` times the gradient.
pub fn l1(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = input(node, 0)?;
    let gradient = restore(context, node, &only(outputs)?)?;
    let sign = context.builder.sign(&Value::named(x));
    let product = context.builder.mul(&sign, &gradient);
    context.give(x, product);
    Ok(())
}

/// ReduceL2: `x / y` times the gradient; zeros where everything is zero.
pub fn l2(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = input(node, 0)?;
    let (gradient, length) = restored(context, node, outputs)?;
    let (zero, one) = (context.number(0.0, x)?, context.number(1.0, x)?);
    let nothing = context.builder.equal(&length, &zero);
    let divisor = context.builder.choose(&nothing, &one, &length);
    let share = context.builder.div(&gradient, &divisor);
    let product = context.builder.mul(&Value::named(x), &share);
    context.give(x, product);
    Ok(())
}

/// ReduceLogSum: the gradient over the sum, which is `e^y`.
pub fn log_sum(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let sum = context.builder.exp(&Value::named(output(node, 0)?));
    let share = context.builder.div(&only(outputs)?, &sum);
    give_spread(context, node, &share)
}

/// ReduceLogSumExp: `e^(x - y)` times the gradient.
pub fn log_sum_exp(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let x = input(node, 0)?;
    let (gradient, result) = restored(context, node, outputs)?;
    let difference = context.builder.sub(&Value::named(x), &result);
    let share = context.builder.exp(&difference);
    let product = context.builder.mul(&share, &gradient);
    context.give(x, product);
    Ok(())
}

/// ReduceSumSquare: `2 x` times the gradient.
pub fn sum_square(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let x = input(node, 0)?;
    let two = context.number(2.0, x)?;
    let doubled = context.builder.mul(&only(outputs)?, &two);
    let doubled = restore(context, node, &doubled)?;
    let product = context.builder.mul(&Value::named(x), &doubled);
    context.give(x, product);
    Ok(())
}

/// ReduceProd: the product of the other elements times the gradient. With one zero among the elements
/// only that zero gets a gradient, with more of them none does.
pub fn product(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let x = input(node, 0)?;
    let value = Value::named(x);
    let element = context.value_type(x)?.element;
    let gradient = restore(context, node, &only(outputs)?)?;
    let (zero, one) = (context.number(0.0, x)?, context.number(1.0, x)?);
    let is_zero = context.builder.equal(&value, &zero);
    let safe = context.builder.choose(&is_zero, &one, &value);
    let zeros = context.builder.cast(&is_zero, element);
    let count = again(context, node, "ReduceSum", &zeros)?;
    let rest = again(context, node, "ReduceProd", &safe)?;
    // The number of zeros equals "this is one" for all elements, for the only zero, or for none.
    let counts = context.builder.equal(&count, &zeros);
    let mask = context.builder.cast(&counts, element);
    let scaled = context.builder.mul(&gradient, &rest);
    let share = context.builder.div(&scaled, &safe);
    let masked = context.builder.mul(&share, &mask);
    context.give(x, masked);
    Ok(())
}

/// CumSum: the gradient summed up from the other end.
pub fn cumulative(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let axis = Value::named(input(node, 1)?);
    let attributes = vec![
        AttributeProto::int("exclusive", node.int("exclusive", 0)),
        AttributeProto::int("reverse", i64::from(node.int("reverse", 0) == 0)),
    ];
    let summed = context
        .builder
        .node("CumSum", &[&only(outputs)?, &axis], attributes);
    context.give(input(node, 0)?, summed);
    Ok(())
}
