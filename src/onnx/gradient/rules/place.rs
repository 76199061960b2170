//! Putting a gradient to where it came from in a value of zeros: with a Pad where it came from one
//! piece, with a scatter otherwise.

use crate::onnx::gradient::context::Context;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, ElementType, OnnxError, Value};

/// A number of elements: known now, or a list of one number at run time.
#[derive(Debug, Clone)]
pub enum Amount {
    /// Known.
    Known(i64),
    /// Known at run time.
    Later(Value),
}

impl Amount {
    /// As a list of one number.
    pub fn value(&self, context: &mut Context) -> Value {
        match self {
            Amount::Known(number) => context.builder.integers(&[*number]),
            Amount::Later(value) => value.clone(),
        }
    }

    /// The difference.
    pub fn minus(&self, other: &Amount, context: &mut Context) -> Amount {
        match (self, other) {
            (Amount::Known(a), Amount::Known(b)) => Amount::Known(a.saturating_sub(*b)),
            (_, Amount::Known(0)) => self.clone(),
            _ => {
                let (a, b) = (self.value(context), other.value(context));
                Amount::Later(context.builder.sub(&a, &b))
            }
        }
    }

    /// The sum.
    pub fn plus(&self, other: &Amount, context: &mut Context) -> Amount {
        match (self, other) {
            (Amount::Known(a), Amount::Known(b)) => Amount::Known(a.saturating_add(*b)),
            (_, Amount::Known(0)) => self.clone(),
            (Amount::Known(0), _) => other.clone(),
            _ => {
                let (a, b) = (self.value(context), other.value(context));
                Amount::Later(context.builder.add(&a, &b))
            }
        }
    }

    /// Times a number.
    pub fn times(&self, factor: i64, context: &mut Context) -> Amount {
        match self {
            Amount::Known(number) => Amount::Known(number.saturating_mul(factor)),
            Amount::Later(value) if factor == 1 => Amount::Later(value.clone()),
            Amount::Later(value) => {
                let factor = context.builder.integers(&[factor]);
                Amount::Later(context.builder.mul(value, &factor))
            }
        }
    }
}

/// Amounts as one list, a constant when all are known.
pub fn list(context: &mut Context, amounts: &[&Amount]) -> Value {
    let known: Option<Vec<i64>> = amounts
        .iter()
        .map(|amount| match amount {
            Amount::Known(number) => Some(*number),
            Amount::Later(_) => None,
        })
        .collect();
    if let Some(known) = known {
        return context.builder.integers(&known);
    }
    // What is known and stands side by side is one constant.
    let (mut values, mut run) = (Vec::new(), Vec::new());
    for amount in amounts {
        match amount {
            Amount::Known(number) => run.push(*number),
            Amount::Later(value) => {
                if !run.is_empty() {
                    values.push(context.builder.integers(&run));
                    run.clear();
                }
                values.push(value.clone());
            }
        }
    }
    if !run.is_empty() {
        values.push(context.builder.integers(&run));
    }
    let values: Vec<&Value> = values.iter().collect();
    match values.as_slice() {
        [value] => (*value).clone(),
        values => context.builder.concat(values, 0),
    }
}

/// One length of a forward value.
pub fn length(context: &mut Context, name: &str, axis: usize) -> Result<Amount, OnnxError> {
    Ok(match context.value_type(name)?.dimensions.get(axis) {
        Some(Dimension::Fixed(length)) => Amount::Known(*length as i64),
        _ => Amount::Later(context.length_of(name, axis)?),
    })
}

/// What stands around a piece along one axis. Less than nothing cuts the piece.
#[derive(Debug, Clone)]
pub struct Margin {
    /// The axis, counted from the front.
    pub axis: usize,
    /// Zeros in front of the piece.
    pub before: Amount,
    /// Zeros behind it.
    pub after: Amount,
}

/// Surrounds a piece of a rank with zeros. Every axis is named: ONNX Runtime's optimizer moves a
/// Transpose past a Pad without looking at the Pad's axes.
pub fn pad(context: &mut Context, piece: &Value, rank: usize, margins: &[Margin]) -> Value {
    let nothing = |margin: &Margin| {
        matches!(
            (&margin.before, &margin.after),
            (Amount::Known(0), Amount::Known(0))
        )
    };
    if margins.iter().all(nothing) {
        return piece.clone();
    }
    let zero = Amount::Known(0);
    let of = |axis: usize| margins.iter().find(|margin| margin.axis == axis);
    let before = (0..rank).map(|axis| of(axis).map_or(&zero, |margin| &margin.before));
    let after = (0..rank).map(|axis| of(axis).map_or(&zero, |margin| &margin.after));
    let amounts: Vec<&Amount> = before.chain(after).collect();
    let pads = list(context, &amounts);
    context.builder.node("Pad", &[piece, &pads], Vec::new())
}

/// Whether sums over elements of this type are done in 32 bits: ONNX Runtime's scatters have no
/// addition in 16 bits.
fn is_half(element: ElementType) -> bool {
    matches!(element.code(), 10 | 16)
}

/// Adds up in a wider type where that is needed: `add` gets the updates and the element type of the
/// sum, and the result goes back to the type of the forward value `like`.
pub fn in_wide_type(
    context: &mut Context,
    like: &str,
    updates: &Value,
    add: impl FnOnce(&mut Context, &Value, ElementType) -> Result<Value, OnnxError>,
) -> Result<Value, OnnxError> {
    let element = context.value_type(like)?.element;
    if !is_half(element) {
        return add(context, updates, element);
    }
    let wide = context.builder.cast(updates, ElementType::F32);
    let sum = add(context, &wide, ElementType::F32)?;
    Ok(context.builder.cast(&sum, element))
}

/// `ScatterND` with addition into zeros of a shape.
pub fn scatter_add(
    context: &mut Context,
    like: &str,
    shape: &Value,
    indices: &Value,
    updates: &Value,
) -> Result<Value, OnnxError> {
    in_wide_type(context, like, updates, |context, updates, element| {
        let zeros = context.zeros_of(shape, element);
        let add = vec![AttributeProto::text("reduction", "add")];
        Ok(context
            .builder
            .node("ScatterND", &[&zeros, indices, updates], add))
    })
}

/// `ScatterElements` with addition into zeros of the shape of `like`.
pub fn scatter_add_elements(
    context: &mut Context,
    like: &str,
    indices: &Value,
    updates: &Value,
    axis: i64,
) -> Result<Value, OnnxError> {
    let shape = context.shape_of(like)?;
    in_wide_type(context, like, updates, |context, updates, element| {
        let zeros = context.zeros_of(&shape, element);
        let attributes = vec![
            AttributeProto::int("axis", axis),
            AttributeProto::text("reduction", "add"),
        ];
        Ok(context
            .builder
            .node("ScatterElements", &[&zeros, indices, updates], attributes))
    })
}

/// The positions `0..n` of the elements of a forward value, in its shape. What an operator that only
/// moves elements makes of them says where each element came from.
pub fn positions(context: &mut Context, name: &str) -> Result<Value, OnnxError> {
    let (zero, one) = (scalar(context, 0), scalar(context, 1));
    let builder = &mut context.builder;
    let size = builder.node("Size", &[&Value::named(name)], Vec::new());
    let flat = builder.node("Range", &[&zero, &size, &one], Vec::new());
    context.reshape_like(&flat, name)
}

/// Adds each element of a gradient to the element of `name` that the position says.
pub fn scatter_positions(
    context: &mut Context,
    name: &str,
    positions: &Value,
    gradient: &Value,
) -> Result<Value, OnnxError> {
    let indices = context.builder.reshape(positions, &[-1, 1]);
    let updates = context.builder.reshape(gradient, &[-1]);
    let size = context
        .builder
        .node("Size", &[&Value::named(name)], Vec::new());
    let shape = context.builder.reshape(&size, &[1]);
    let flat = scatter_add(context, name, &shape, &indices, &updates)?;
    context.reshape_like(&flat, name)
}

/// A whole number as a scalar.
pub fn scalar(context: &mut Context, number: i64) -> Value {
    context.builder.constant(&crate::onnx::Tensor {
        shape: Vec::new(),
        ..crate::onnx::Tensor::i64(&[1], [number])
    })
}

/// A forward value of whole numbers in 64 bits, as some operators want their indices.
pub fn wide_integers(context: &mut Context, name: &str) -> Result<Value, OnnxError> {
    let value = Value::named(name);
    Ok(match context.value_type(name)?.element {
        ElementType::I64 => value,
        _ => context.builder.cast(&value, ElementType::I64),
    })
}
