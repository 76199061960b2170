//! MultiHeadAttention of `com.microsoft`, and its Attention, which projects the input itself.

use super::attention::{
    Inputs, Options, attend, default_scale, groups, head_size, merge_heads, positive, split_heads,
};
use super::mask::{self, Bias, Causal};
use super::scope::{Length, Scope};
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, ElementType, Value};

/// The parts of a node that both operators share.
struct Heads {
    /// [batch, heads, length, head]
    query: Value,
    key: Value,
    value: Value,
    rows: Length,
    /// Number of new keys.
    columns: Length,
    count: usize,
    /// Head sizes of keys and values.
    head: Option<usize>,
    value_head: Option<usize>,
    batch: Dimension,
    element: ElementType,
}

/// `com.microsoft.MultiHeadAttention`
pub fn multi_head_attention(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    if scope.input(node, 8).is_some() || scope.input(node, 9).is_some() {
        return Err("it shares a buffer for the past".into());
    }
    scope.forbid_output(node, 3, "the scores")?;
    let mut heads = separate(scope, node)?;
    let mut past_length = None;
    match (scope.input(node, 6), scope.input(node, 7)) {
        (Some(past_key), Some(past_value)) => {
            heads.key = scope.builder.concat(&[&past_key, &heads.key], 2);
            heads.value = scope.builder.concat(&[&past_value, &heads.value], 2);
            past_length = Some(scope.length(&past_key, 2)?);
        }
        (None, None) => {}
        _ => return Err("it has past keys or past values but not both".into()),
    }
    let (mask, added) = (scope.input(node, 4), scope.input(node, 5));
    let output = attend_with(scope, node, &heads, past_length, mask, added)?;
    scope.give(node, 0, output);
    scope.give(node, 1, heads.key);
    scope.give(node, 2, heads.value);
    Ok(())
}

/// `com.microsoft.Attention`: one weight matrix for query, key and value.
pub fn packed_weights(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    for name in ["do_rotary", "past_present_share_buffer"] {
        if node.int(name, 0) != 0 {
            return Err(format!("{name} is set"));
        }
    }
    let (x, weights) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let element = scope.element(&x)?;
    let count = positive(node.int("num_heads", 0), "num_heads")?;
    let width = scope.fixed(&weights, 1, "the width of its weights")?;
    let sizes: Vec<usize> = match node.ints("qkv_hidden_sizes") {
        Some(sizes) if !sizes.is_empty() => sizes
            .iter()
            .map(|size| usize::try_from(*size).unwrap_or(0))
            .collect(),
        _ => vec![width / 3; 3],
    };
    let total = sizes
        .iter()
        .try_fold(0usize, |total, size| total.checked_add(*size));
    let fits = total == Some(width) && sizes.iter().all(|size| size.is_multiple_of(count));
    let &[hidden, key_hidden, value_hidden] = sizes.as_slice() else {
        return Err(format!("its qkv_hidden_sizes are {sizes:?}"));
    };
    if !fits || hidden != key_hidden || hidden == 0 || value_hidden == 0 {
        return Err(format!("{sizes:?} of {width} numbers for {count} heads"));
    }
    let mut projected = scope.builder.matmul(&x, &weights);
    if let Some(bias) = scope.input(node, 2) {
        projected = scope.builder.add(&projected, &bias);
    }
    let sizes: Vec<i64> = sizes.iter().map(|size| *size as i64).collect();
    let pieces = scope.split(&projected, -1, &sizes);
    let (head, value_head) = (hidden / count, value_hidden / count);
    let length = scope.length(&x, 1)?;
    let batch = scope.dimensions(&x)?[0].clone();
    let mut part =
        |index: usize, size: usize| split_heads(scope, &pieces[index], count as i64, Some(size));
    let mut heads = Heads {
        query: part(0, head),
        key: part(1, head),
        value: part(2, value_head),
        rows: length.clone(),
        columns: length,
        count,
        head: Some(head),
        value_head: Some(value_head),
        batch,
        element,
    };
    let mut past_length = None;
    if let Some(past) = scope.input(node, 4) {
        let pieces = scope.split_evenly(&past, 0, 2);
        let axes = scope.integers(&[0]);
        let mut joined = |piece: &Value, new: &Value| {
            let squeezed = [piece, &axes];
            let old = scope.builder.node("Squeeze", &squeezed, Vec::new());
            scope.builder.concat(&[&old, new], 2)
        };
        heads.key = joined(&pieces[0], &heads.key);
        heads.value = joined(&pieces[1], &heads.value);
        past_length = Some(scope.length(&past, 3)?);
    }
    if scope.is_used(node, 1) {
        let key = scope.unsqueeze(&heads.key, &[0]);
        let value = scope.unsqueeze(&heads.value, &[0]);
        let present = scope.builder.concat(&[&key, &value], 0);
        scope.give(node, 1, present);
    }
    let (mask, added) = (scope.input(node, 3), scope.input(node, 5));
    let output = attend_with(scope, node, &heads, past_length, mask, added)?;
    scope.give(node, 0, output);
    Ok(())
}

/// Masks, attention, and heads merged again.
fn attend_with(
    scope: &mut Scope,
    node: &NodeProto,
    heads: &Heads,
    past: Option<Length>,
    mask: Option<Value>,
    added: Option<Value>,
) -> Result<Value, String> {
    let element = heads.element;
    let columns = match &past {
        Some(past) => scope.sum_of_lengths(past, &heads.columns)?,
        None => heads.columns.clone(),
    };
    let mut bias = None;
    if node.int("unidirectional", 0) != 0 {
        let causal = Causal {
            rows: &heads.rows,
            columns: &columns,
            offset: past.map(|past| (past.value, vec![Dimension::Fixed(1)])),
            window: None,
        };
        bias = Some(causal.bias(scope, element)?);
    }
    if let Some(mask) = mask {
        let filter = f64::from(node.float("mask_filter_value", -10000.0));
        if let Some(mask) = mask::padding(scope, &mask, &heads.batch, &columns, filter, element)? {
            bias = Some(mask.plus(scope, bias)?);
        }
    }
    if let Some(added) = added {
        bias = Some(Bias::of(scope, &added)?.plus(scope, bias)?);
    }
    let inputs = Inputs {
        query: heads.query.clone(),
        key: heads.key.clone(),
        value: heads.value.clone(),
        groups: groups(heads.count, heads.count)?,
        batch: heads.batch.clone(),
        rows: heads.rows.clone(),
        columns,
        value_head: heads.value_head,
        element,
    };
    let scale = match f64::from(node.float("scale", 0.0)) {
        scale if scale != 0.0 => scale,
        _ => default_scale(heads.head.ok_or("its head size is not known")?),
    };
    let options = Options {
        scale,
        softcap: 0.0,
        bias,
        softmax: element,
        sink: None,
        alive: None,
    };
    let made = attend(scope, &inputs, &options)?;
    let hidden = heads
        .value_head
        .and_then(|size| size.checked_mul(heads.count));
    Ok(merge_heads(scope, &made.output, hidden))
}

/// Query, key and value of MultiHeadAttention, with the biases of their projections.
fn separate(scope: &mut Scope, node: &NodeProto) -> Result<Heads, String> {
    let count = positive(node.int("num_heads", 0), "num_heads")?;
    let query = scope.needed(node, 0)?;
    let element = scope.element(&query)?;
    let batch = scope.dimensions(&query)?[0].clone();
    let rows = scope.length(&query, 1)?;
    let bias = scope.input(node, 3);
    let (key, value) = (scope.input(node, 1), scope.input(node, 2));
    let rank = scope.rank(&query)?;
    let packed = |bias: &Option<Value>| match bias {
        Some(_) => Err("it has a bias for a packed input".to_owned()),
        None => Ok(()),
    };
    let (Some(key), 3) = (key, rank) else {
        // [batch, length, heads, 3, head]
        if rank != 5 || value.is_some() {
            return Err(format!("its query has {rank} dimensions"));
        }
        packed(&bias)?;
        let head = scope.known(&query, 4);
        let mut parts = unpack(scope, &query, count, 3, head).into_iter();
        let mut next = || parts.next().ok_or("its input is not packed");
        return Ok(Heads {
            query: next()?,
            key: next()?,
            value: next()?,
            columns: rows.clone(),
            rows,
            count,
            head,
            value_head: head,
            batch,
            element,
        });
    };
    let hidden = scope.known(&query, 2);
    let head = head_size(hidden, count)?;
    let biases = match &bias {
        Some(bias) => split_bias(scope, bias, hidden, &key, value.as_ref())?,
        None => vec![None; 3],
    };
    let project = |scope: &mut Scope, x: &Value, index: usize, size: Option<usize>| {
        let sum = match biases.get(index).and_then(Option::as_ref) {
            Some(bias) => scope.builder.add(x, bias),
            None => x.clone(),
        };
        split_heads(scope, &sum, count as i64, size)
    };
    let projected = project(scope, &query, 0, head);
    let (keys, values, columns, value_head) = match (scope.rank(&key)?, &value) {
        (3, Some(value)) if scope.rank(value)? == 3 => {
            let value_head = head_size(scope.known(value, 2), count)?;
            (
                project(scope, &key, 1, head),
                project(scope, value, 2, value_head),
                scope.length(&key, 1)?,
                value_head,
            )
        }
        // Keys and values whose heads are apart already, of another part of the model.
        (4, Some(value)) if scope.rank(value)? == 4 => {
            let value_head = scope.known(value, 3);
            let columns = scope.length(&key, 2)?;
            (key, value.clone(), columns, value_head)
        }
        // [batch, length, heads, 2, head]
        (5, None) => {
            packed(&bias)?;
            let columns = scope.length(&key, 1)?;
            let mut parts = unpack(scope, &key, count, 2, head).into_iter();
            let mut next = || parts.next().ok_or("its input is not packed");
            (next()?, next()?, columns, head)
        }
        (rank, _) => return Err(format!("its keys have {rank} dimensions")),
    };
    Ok(Heads {
        query: projected,
        key: keys,
        value: values,
        rows,
        columns,
        count,
        head,
        value_head,
        batch,
        element,
    })
}

/// Parts that lie beside each other in [batch, length, heads, parts, head].
fn unpack(
    scope: &mut Scope,
    x: &Value,
    count: usize,
    parts: usize,
    head: Option<usize>,
) -> Vec<Value> {
    let pieces = scope.split_evenly(x, 3, parts);
    let head = head.map_or(-1, |head| head as i64);
    pieces
        .iter()
        .map(|piece| {
            let flat = scope.reshape(piece, &[0, 0, count as i64, head]);
            scope.builder.transpose(&flat, &[0, 2, 1, 3])
        })
        .collect()
}

/// The bias of query, key and value, one after the other in one list. Keys whose heads are apart have
/// theirs already.
fn split_bias(
    scope: &mut Scope,
    bias: &Value,
    hidden: Option<usize>,
    key: &Value,
    value: Option<&Value>,
) -> Result<Vec<Option<Value>>, String> {
    let hidden = hidden.ok_or("its hidden size is not known")?;
    let apart = scope.rank(key)? == 4;
    let value_hidden = match value {
        Some(value) if !apart => scope.known(value, 2),
        _ => scope
            .known(bias, 0)
            .and_then(|all| all.checked_sub(hidden)?.checked_sub(hidden)),
    };
    let value_hidden = value_hidden.ok_or("the size of its values is not known")?;
    let sizes = [hidden as i64, hidden as i64, value_hidden as i64];
    let pieces = scope.split(bias, 0, &sizes);
    Ok(pieces
        .into_iter()
        .enumerate()
        .map(|(index, piece)| (index == 0 || !apart).then_some(piece))
        .collect())
}
