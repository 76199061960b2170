//! The standard Attention of versions 23 and 24.

use super::attention::{
    Inputs, Options, Outputs, attend, default_scale, groups, head_size, merge_heads, positive,
    split_heads, ungroup,
};
use super::mask::{self, Bias, Causal};
use super::scope::{Length, Scope};
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, ElementType, Value};

/// Standard `Attention`, of [batch, length, hidden] or [batch, heads, length, head].
pub fn attention(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (query, key) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let value = scope.needed(node, 2)?;
    let element = scope.element(&query)?;
    let flat = match scope.rank(&query)? {
        3 => true,
        4 => false,
        rank => return Err(format!("its query has {rank} dimensions")),
    };
    let heads = heads_of(scope, node, &query, "q_num_heads", flat)?;
    let key_heads = heads_of(scope, node, &key, "kv_num_heads", flat)?;
    let groups = groups(heads, key_heads)?;
    let size = |scope: &Scope, x: &Value, heads: usize| {
        if flat {
            return head_size(scope.known(x, 2), heads);
        }
        Ok(scope.known(x, 3))
    };
    let (head, value_head) = (size(scope, &query, heads)?, size(scope, &value, key_heads)?);
    let scale = match node.find("scale").and_then(|attribute| attribute.f) {
        Some(scale) => f64::from(scale),
        None => default_scale(head.ok_or("its head size is not known")?),
    };
    let batch = scope.dimensions(&query)?[0].clone();
    let axis = if flat { 1 } else { 2 };
    let rows = scope.length(&query, axis)?;
    let mut columns = scope.length(&key, axis)?;
    let mut arrange = |x: &Value, heads: usize, size: Option<usize>| {
        if flat {
            split_heads(scope, x, heads as i64, size)
        } else {
            x.clone()
        }
    };
    let query = arrange(&query, heads, head);
    let mut keys = arrange(&key, key_heads, head);
    let mut values = arrange(&value, key_heads, value_head);
    let past = match (scope.input(node, 4), scope.input(node, 5)) {
        (Some(past_key), Some(past_value)) => {
            keys = scope.builder.concat(&[&past_key, &keys], 2);
            values = scope.builder.concat(&[&past_value, &values], 2);
            let past = scope.length(&past_key, 2)?;
            columns = scope.sum_of_lengths(&past, &columns)?;
            Some(past)
        }
        (None, None) => None,
        _ => return Err("it has past keys or past values but not both".into()),
    };
    let bias = bias(scope, node, &rows, &columns, past.as_ref(), element)?;
    // Only what comes from outside can hide a whole row.
    let outside = scope.input(node, 3).is_some() || scope.input(node, 6).is_some();
    let alive = match &bias {
        Some(bias) if outside => Some(mask::alive(scope, bias, element)?),
        _ => None,
    };
    let inputs = Inputs {
        query,
        key: keys.clone(),
        value: values.clone(),
        groups,
        batch,
        rows,
        columns,
        value_head,
        element,
    };
    let options = Options {
        scale,
        softcap: f64::from(node.float("softcap", 0.0)),
        bias,
        softmax: match node.int("softmax_precision", 0) {
            0 => element,
            code => match ElementType::from_code(i32::try_from(code).unwrap_or(0)) {
                precise if precise.is_float() => precise,
                _ => return Err(format!("its softmax_precision is {code}")),
            },
        },
        sink: None,
        alive,
    };
    let made = attend(scope, &inputs, &options)?;
    if scope.is_used(node, 3) {
        let scores = scores(scope, node, &inputs, &options, &made)?;
        scope.give(node, 3, scores);
    }
    let output = if flat {
        let hidden = value_head.and_then(|size| size.checked_mul(heads));
        merge_heads(scope, &made.output, hidden)
    } else {
        made.output
    };
    scope.give(node, 0, output);
    scope.give(node, 1, keys);
    scope.give(node, 2, values);
    Ok(())
}

fn heads_of(
    scope: &Scope,
    node: &NodeProto,
    x: &Value,
    attribute: &str,
    flat: bool,
) -> Result<usize, String> {
    match node.int(attribute, 0) {
        0 if !flat => scope.fixed(x, 1, "its number of heads"),
        heads => positive(heads, attribute),
    }
}

/// The mask, the causal mask and the lengths of texts together.
fn bias(
    scope: &mut Scope,
    node: &NodeProto,
    rows: &Length,
    columns: &Length,
    past: Option<&Length>,
    element: ElementType,
) -> Result<Option<Bias>, String> {
    let lengths = scope.input(node, 6);
    let offset = match (&lengths, past) {
        // The last row of a text is at the end of its keys.
        (Some(lengths), _) => {
            let key = format!("offset {:?} {:?}", lengths.name(), rows.value.name());
            let value = scope.shared(&key, |scope| {
                let ends = mask::long_column(scope, lengths)?;
                Ok(scope.builder.sub(&ends, &rows.value))
            })?;
            let mut shape = vec![Dimension::Fixed(1); 4];
            shape[0] = scope.dimensions(lengths)?[0].clone();
            Some((value, shape))
        }
        (None, Some(past)) => Some((past.value.clone(), vec![Dimension::Fixed(1)])),
        (None, None) => None,
    };
    let mut seen: Option<Bias> = None;
    if node.int("is_causal", 0) != 0 {
        let causal = Causal {
            rows,
            columns,
            offset,
            window: None,
        };
        seen = Some(causal.seen(scope)?);
    }
    if let Some(lengths) = &lengths {
        let inside = mask::before_ends(scope, lengths, columns)?;
        seen = Some(both(scope, inside, seen)?);
    }
    let Some(given) = scope.input(node, 3) else {
        return seen.map(|seen| additive(scope, seen, element)).transpose();
    };
    let given = Bias::of(scope, &given)?;
    if scope.element(&given.value)? == ElementType::Bool {
        let mut all = given;
        let short = all.shape.last() != Some(&Dimension::Fixed(1))
            && matches!((all.shape.last(), columns.known()), (Some(Dimension::Fixed(a)), Some(b)) if *a < b);
        if short {
            all = additive(scope, all, element)?;
            all = mask::padded(scope, all, columns, element)?;
            return lower(scope, all, seen, element).map(Some);
        }
        all = both(scope, all, seen)?;
        return additive(scope, all, element).map(Some);
    }
    let given = mask::padded(scope, given, columns, element)?;
    lower(scope, given, seen, element).map(Some)
}

fn both(scope: &mut Scope, a: Bias, b: Option<Bias>) -> Result<Bias, String> {
    let Some(b) = b else {
        return Ok(a);
    };
    let key = format!("both {:?} {:?}", a.value.name(), b.value.name());
    let value = scope.shared(&key, |scope| Ok(scope.builder.and(&a.value, &b.value)))?;
    let shape = mask::broadcast(&a.shape, &b.shape);
    Ok(Bias { value, shape })
}

fn additive(scope: &mut Scope, seen: Bias, element: ElementType) -> Result<Bias, String> {
    let value = mask::additive(scope, &seen.value, mask::lowest(element), element)?;
    Ok(Bias { value, ..seen })
}

/// Numbers to add, of which none is infinite, and the lowest one where a key is not seen.
fn lower(
    scope: &mut Scope,
    given: Bias,
    seen: Option<Bias>,
    element: ElementType,
) -> Result<Bias, String> {
    let label = seen.as_ref().map_or("", |seen| seen.value.name());
    let key = format!("lower {:?} {label:?}", given.value.name());
    let value = scope.shared(&key, |scope| {
        let bound = scope.number(mask::lowest(element), element)?;
        let finite = scope.builder.max(&given.value, &bound);
        Ok(match &seen {
            Some(seen) => scope.builder.choose(&seen.value, &finite, &bound),
            None => finite,
        })
    })?;
    let shape = match seen {
        Some(seen) => mask::broadcast(&given.shape, &seen.shape),
        None => given.shape,
    };
    Ok(Bias { value, shape })
}

/// The scores as they are at the step that is asked for.
fn scores(
    scope: &mut Scope,
    node: &NodeProto,
    inputs: &Inputs,
    options: &Options,
    made: &Outputs,
) -> Result<Value, String> {
    let element = inputs.element;
    let scores = match node.int("qk_matmul_output_mode", 0) {
        0 => {
            let (products, scale) = &made.products;
            scope.scale(products, *scale, element)?
        }
        1 => made.capped.clone(),
        2 => made.biased.clone(),
        3 => match &options.alive {
            Some(alive) => {
                let alive = alive.grouped(scope, inputs.groups, &inputs.rows)?;
                scope.builder.mul(&made.weights, &alive)
            }
            None => made.weights.clone(),
        },
        mode => return Err(format!("its qk_matmul_output_mode is {mode}")),
    };
    Ok(ungroup(scope, &scores, inputs.groups))
}
