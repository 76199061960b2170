//! Pow. Exponents that are known give short forms: the general power is more than ten times the work
//! of a product.

use super::{input, only, output};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// `d(a^b) = b a^(b-1) da + a^b ln(a) db`. There is no gradient of the exponent where the base is not
/// positive: the function is defined at whole exponents only.
pub fn pow(context: &mut Context, node: &NodeProto, outputs: &[Option<Value>]) -> Result<()> {
    let gradient = only(outputs)?;
    let (base, exponent, y) = (input(node, 0)?, input(node, 1)?, output(node, 0)?);
    if context.wants(base) {
        let known = if context.wants(exponent) {
            None
        } else {
            known_exponents(context, exponent)
        };
        let product = match known.as_deref() {
            Some([exponent]) => fixed(context, node, &gradient, *exponent)?,
            known => {
                let has_zero = known.is_none_or(|exponents| exponents.contains(&0.0));
                general(context, node, &gradient, has_zero)?
            }
        };
        context.give_broadcast(base, y, product)?;
    }
    if context.wants(exponent) {
        let value = Value::named(base);
        let (zero, one) = (context.number(0.0, base)?, context.number(1.0, base)?);
        let positive = context.builder.greater(&value, &zero);
        let safe = context.builder.choose(&positive, &value, &one);
        let logarithm = context.builder.log(&safe);
        let product = context.builder.mul(&gradient, &Value::named(y));
        let scaled = context.builder.mul(&product, &logarithm);
        let summed = context.sum_to(&scaled, y, exponent)?;
        let converted = in_type_of(context, summed, base, exponent)?;
        context.give(exponent, converted);
    }
    Ok(())
}

fn known_exponents(context: &Context, name: &str) -> Option<Vec<f64>> {
    context.known_floats(name).or_else(|| {
        let whole = context.known_integers(name)?;
        Some(whole.into_iter().map(|number| number as f64).collect())
    })
}

/// A value of the element type of `from` in that of `to`.
fn in_type_of(context: &mut Context, value: Value, from: &str, to: &str) -> Result<Value> {
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

/// `g b a^(b-1)` for one number `b`.
fn fixed(
    context: &mut Context,
    node: &NodeProto,
    gradient: &Value,
    exponent: f64,
) -> Result<Value> {
    let (base, y) = (input(node, 0)?, output(node, 0)?);
    let is = |number: f64| (exponent - number).abs() < f64::EPSILON;
    let a = Value::named(base);
    if is(1.0) {
        return Ok(gradient.clone());
    }
    let factor = context.number(exponent, base)?;
    let scaled = context.builder.mul(gradient, &factor);
    let builder = &mut context.builder;
    if is(0.0) || is(2.0) {
        // For 0 the factor makes zeros of it.
        return Ok(builder.mul(&scaled, &a));
    }
    if is(3.0) {
        let product = builder.mul(&scaled, &a);
        return Ok(builder.mul(&product, &a));
    }
    if is(0.5) {
        return Ok(builder.div(&scaled, &Value::named(y)));
    }
    if is(1.5) {
        let root = builder.sqrt(&a);
        return Ok(builder.mul(&scaled, &root));
    }
    if exponent < 0.0 {
        // The base is not 0 where this has a value at all.
        let product = builder.mul(&scaled, &Value::named(y));
        return Ok(builder.div(&product, &a));
    }
    let lower = context.number(exponent - 1.0, base)?;
    let power = context.builder.pow(&a, &lower);
    Ok(context.builder.mul(&scaled, &power))
}

/// The same for exponents that may differ from element to element, or are known at run time only.
fn general(
    context: &mut Context,
    node: &NodeProto,
    gradient: &Value,
    has_zero: bool,
) -> Result<Value> {
    let (base, exponent) = (input(node, 0)?, input(node, 1)?);
    let exponent = in_type_of(context, Value::named(exponent), exponent, base)?;
    let one = context.number(1.0, base)?;
    let mut lower = context.builder.sub(&exponent, &one);
    if has_zero {
        // `0 * 0^-1` would not be a number; with the power 0 it is `0 * 1`.
        let zero = context.number(0.0, base)?;
        let nothing = context.builder.equal(&exponent, &zero);
        lower = context.builder.choose(&nothing, &zero, &lower);
    }
    let power = context.builder.pow(&Value::named(base), &lower);
    let product = context.builder.mul(gradient, &power);
    Ok(context.builder.mul(&product, &exponent))
}
