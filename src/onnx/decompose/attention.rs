//! Scaled dot-product attention of standard operators, which every fused attention comes down to.
//!
//! Heads of the query that share a head of the keys are laid out as more rows of one product, so that
//! keys and values are never repeated. The scores are scaled after the product, where the engine
//! makes the factor part of it, in the backward pass too.

use super::mask::{Bias, Groups};
use super::scope::{Length, Scope, is_half};
use crate::onnx::{Dimension, ElementType, Value};

/// What an attention computes with.
pub struct Inputs {
    /// [batch, heads, rows, head]
    pub query: Value,
    /// [batch, key heads, columns, head]
    pub key: Value,
    /// [batch, key heads, columns, value head]
    pub value: Value,
    /// Heads.
    pub groups: Groups,
    /// Number of texts.
    pub batch: Dimension,
    /// Number of rows.
    pub rows: Length,
    /// Number of keys.
    pub columns: Length,
    /// Numbers of a head of the values.
    pub value_head: Option<usize>,
    /// Element type.
    pub element: ElementType,
}

/// How it computes.
pub struct Options {
    /// Factor of the scores.
    pub scale: f64,
    /// Bound of the scores, 0 for none.
    pub softcap: f64,
    /// Added to the scores.
    pub bias: Option<Bias>,
    /// Element type of the softmax.
    pub softmax: ElementType,
    /// One more score for each head, [heads], that takes its share of the softmax and gives nothing.
    pub sink: Option<Value>,
    /// Factor of whole rows: [.., rows, 1].
    pub alive: Option<Bias>,
}

/// What came out, with the steps on the way in grouped layout.
pub struct Outputs {
    /// [batch, heads, rows, value head]
    pub output: Value,
    /// Products before they were scaled, and the factor that is missing.
    pub products: (Value, f64),
    /// Scores before the bias.
    pub capped: Value,
    /// Scores with the bias.
    pub biased: Value,
    /// Shares of the values.
    pub weights: Value,
}

/// Heads of a query, key or value: [batch, length, hidden] as [batch, heads, length, head].
pub fn split_heads(scope: &mut Scope, x: &Value, heads: i64, size: Option<usize>) -> Value {
    let size = size.map_or(-1, |size| size as i64);
    let split = scope.reshape(x, &[0, 0, heads, size]);
    scope.builder.transpose(&split, &[0, 2, 1, 3])
}

/// The way back.
pub fn merge_heads(scope: &mut Scope, x: &Value, hidden: Option<usize>) -> Value {
    let moved = scope.builder.transpose(x, &[0, 2, 1, 3]);
    let hidden = hidden.map_or(-1, |hidden| hidden as i64);
    scope.reshape(&moved, &[0, 0, hidden])
}

/// The default factor of the scores.
pub fn default_scale(head: usize) -> f64 {
    1.0 / (head as f64).sqrt()
}

/// How many heads of the query share one of the keys.
pub fn groups(heads: usize, key_heads: usize) -> Result<Groups, String> {
    const MOST: usize = 1 << 16;
    if heads > MOST || heads == 0 || key_heads == 0 || !heads.is_multiple_of(key_heads) {
        return Err(format!("{heads} heads and {key_heads} heads of keys"));
    }
    Ok(Groups {
        keys: key_heads as i64,
        group: (heads / key_heads) as i64,
    })
}

/// The size of one of several heads, when that of all is known.
pub fn head_size(hidden: Option<usize>, heads: usize) -> Result<Option<usize>, String> {
    match hidden {
        Some(hidden) if hidden == 0 || !hidden.is_multiple_of(heads) => {
            Err(format!("{heads} heads of {hidden} numbers"))
        }
        hidden => Ok(hidden.map(|hidden| hidden / heads)),
    }
}

/// A number of heads or another count from an attribute.
pub fn positive(number: i64, what: &str) -> Result<usize, String> {
    usize::try_from(number)
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("{what} is {number}"))
}

/// `softmax(query key^T scale + bias) value`
pub fn attend(scope: &mut Scope, inputs: &Inputs, options: &Options) -> Result<Outputs, String> {
    let (groups, element) = (inputs.groups, inputs.element);
    let mut query = inputs.query.clone();
    let mut scale = options.scale;
    // Sums of products of 16-bit floats leave their range sooner than scaled ones do.
    if is_half(element) {
        query = scope.scale(&query, scale, element)?;
        scale = 1.0;
    }
    if groups.group > 1 {
        query = scope.reshape(&query, &[0, groups.keys, -1, 0]);
    }
    let keys = scope.builder.transpose(&inputs.key, &[0, 1, 3, 2]);
    let products = scope.builder.matmul(&query, &keys);
    let shape = [
        inputs.batch.clone(),
        Dimension::Fixed(groups.keys as usize),
        inputs.rows.dimension.times(groups.group as usize),
        inputs.columns.dimension.clone(),
    ];
    scope.tell(&products, &shape);
    let capped = if options.softcap > 0.0 {
        let inner = scope.scale(&products, scale / options.softcap, element)?;
        let tanh = scope.builder.tanh(&inner);
        scope.scale(&tanh, options.softcap, element)?
    } else {
        scope.scale(&products, scale, element)?
    };
    let biased = match &options.bias {
        Some(bias) => {
            let bias = bias.grouped(scope, groups, &inputs.rows)?;
            let biased = scope.builder.add(&capped, &bias);
            // The bias broadcasts to the scores, never the other way round.
            scope.tell(&biased, &shape);
            biased
        }
        None => capped.clone(),
    };
    let weights = if options.softmax.code() == element.code() {
        shares(scope, inputs, &biased, options)?
    } else {
        let wide = scope.builder.cast(&biased, options.softmax);
        let shares = shares(scope, inputs, &wide, options)?;
        scope.builder.cast(&shares, element)
    };
    let mut output = scope.builder.matmul(&weights, &inputs.value);
    let [batch, heads, rows, _] = shape;
    let size = inputs
        .value_head
        .map_or(Dimension::Unknown, Dimension::Fixed);
    let shape = [batch, heads, rows, size];
    scope.tell(&output, &shape);
    if let Some(alive) = &options.alive {
        let alive = alive.grouped(scope, groups, &inputs.rows)?;
        output = scope.builder.mul(&output, &alive);
        scope.tell(&output, &shape);
    }
    Ok(Outputs {
        output: ungroup(scope, &output, groups),
        products: (products, scale),
        capped,
        biased,
        weights,
    })
}

/// Softmax, with the sink's part of the sum when there is one.
fn shares(
    scope: &mut Scope,
    inputs: &Inputs,
    scores: &Value,
    options: &Options,
) -> Result<Value, String> {
    let weights = scope.builder.softmax(scores, -1);
    let Some(sink) = &options.sink else {
        return Ok(weights);
    };
    // exp(s) / (sum exp(s) + exp(k)) is softmax(s) sigmoid(log sum exp(s) - k).
    let Groups { keys, group } = inputs.groups;
    let mut sink = scope.reshape(sink, &[1, keys, group, 1]);
    if group > 1 {
        let leading = scope.integers(&[1, keys, group]);
        let shape = scope.builder.concat(&[&leading, &inputs.rows.value], 0);
        sink = scope.builder.expand_to(&sink, &shape);
        sink = scope.reshape(&sink, &[1, keys, -1, 1]);
    }
    let total = scope.reduce("ReduceLogSumExp", scores, &[-1]);
    let above = scope.builder.sub(&total, &sink);
    let share = scope.builder.sigmoid(&above);
    Ok(scope.builder.mul(&weights, &share))
}

/// From grouped layout to [batch, heads, rows, ..].
pub fn ungroup(scope: &mut Scope, x: &Value, groups: Groups) -> Value {
    if groups.group == 1 {
        return x.clone();
    }
    scope.reshape(x, &[0, groups.keys * groups.group, -1, 0])
}
