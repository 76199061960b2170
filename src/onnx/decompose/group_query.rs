//! GroupQueryAttention of `com.microsoft`: the causal attention of decoder models, with rotary
//! embeddings and a cache of past keys.
//!
//! All texts of a batch are as long as the cache and the new keys together: that is what training
//! and a first prompt have. A padded text on the right only differs in rows that are padding.

use super::attention::{
    Inputs, Options, attend, default_scale, groups, head_size, merge_heads, positive, split_heads,
};
use super::mask::{self, Bias, Causal};
use super::rotary::{self, Layout, Pairs};
use super::scope::{Length, Scope};
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, ElementType, Value};

/// `com.microsoft.GroupQueryAttention`
pub fn group_query_attention(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    check(scope, node)?;
    let heads = positive(node.int("num_heads", 0), "num_heads")?;
    let key_heads = positive(node.int("kv_num_heads", 0), "kv_num_heads")?;
    let groups = groups(heads, key_heads)?;
    let x = scope.needed(node, 0)?;
    let element = scope.element(&x)?;
    let hidden = scope.fixed(&x, 2, "its hidden size")?;
    let (head, parts) = match (scope.input(node, 1), scope.input(node, 2)) {
        (Some(key), Some(value)) => {
            let head = head_size(Some(hidden), heads)?.unwrap_or(0);
            (head, vec![x.clone(), key, value])
        }
        (None, None) => {
            let head = hidden / (heads + 2 * key_heads);
            let sizes = [heads, key_heads, key_heads].map(|heads| (heads * head) as i64);
            (head, scope.split(&x, -1, &sizes))
        }
        _ => return Err("it has keys or values but not both".into()),
    };
    if head == 0 {
        return Err(format!("{heads} heads of {hidden} numbers"));
    }
    let batch = scope.dimensions(&x)?[0].clone();
    let rows = scope.length(&x, 1)?;
    let mut columns = match scope.input(node, 1) {
        Some(key) => scope.length(&key, 1)?,
        None => rows.clone(),
    };
    let mut part =
        |index: usize, heads: usize| split_heads(scope, &parts[index], heads as i64, Some(head));
    let (mut query, mut key, mut value) = (part(0, heads), part(1, key_heads), part(2, key_heads));
    let past = match (scope.input(node, 3), scope.input(node, 4)) {
        // An empty cache.
        (Some(past), Some(_)) if scope.known(&past, 2) == Some(0) => None,
        (Some(past_key), Some(past_value)) => Some((past_key, past_value)),
        (None, None) => None,
        _ => return Err("it has past keys or past values but not both".into()),
    };
    let past_length = match &past {
        Some((past_key, _)) => Some(scope.length(past_key, 2)?),
        None => None,
    };
    if node.int("do_rotary", 0) != 0 {
        let pairs = pairs(scope, node, head)?;
        let tables = tables(scope, node, pairs, past_length.as_ref(), &rows)?;
        let shape = |heads: usize| {
            let [heads, head] = [heads, head].map(Dimension::Fixed);
            [batch.clone(), heads, rows.dimension.clone(), head]
        };
        query = rotary::turn(scope, &query, &tables, pairs, &shape(heads));
        key = rotary::turn(scope, &key, &tables, pairs, &shape(key_heads));
    }
    if let Some((past_key, past_value)) = &past {
        key = scope.builder.concat(&[past_key, &key], 2);
        value = scope.builder.concat(&[past_value, &value], 2);
    }
    if let Some(past) = &past_length {
        columns = scope.sum_of_lengths(past, &columns)?;
    }
    let bias = bias(scope, node, &rows, &columns, past_length, element)?;
    let sink = match scope.input(node, 11) {
        Some(sink) => Some(sink),
        None if node.int("smooth_softmax", 0) == 1 => Some(zeros(scope, heads, element)?),
        None => None,
    };
    let inputs = Inputs {
        query,
        key: key.clone(),
        value: value.clone(),
        groups,
        batch,
        rows,
        columns,
        value_head: Some(head),
        element,
    };
    let options = Options {
        scale: match f64::from(node.float("scale", 0.0)) {
            scale if scale != 0.0 => scale,
            _ => default_scale(head),
        },
        softcap: f64::from(node.float("softcap", 0.0)),
        bias,
        softmax: element,
        sink,
        alive: None,
    };
    let made = attend(scope, &inputs, &options)?;
    let output = merge_heads(scope, &made.output, Some(heads * head));
    scope.give(node, 0, output);
    scope.give(node, 1, key);
    scope.give(node, 2, value);
    Ok(())
}

/// Refuses what a rewrite would get wrong.
fn check(scope: &Scope, node: &NodeProto) -> Result<(), String> {
    scope.forbid_output(node, 3, "the scores")?;
    if node.int("sliding_window_cache", 0) != 0 {
        return Err("its cache is a sliding window".into());
    }
    for index in [12, 13] {
        if scope.input(node, index).is_some() {
            return Err("its cache is quantised".into());
        }
    }
    for index in [14, 15] {
        if scope.input(node, index).is_some() {
            return Err("it normalises queries and keys".into());
        }
    }
    Ok(())
}

fn pairs(scope: &Scope, node: &NodeProto, head: usize) -> Result<Pairs, String> {
    let cos = scope.needed(node, 7)?;
    let width = scope.fixed(&cos, 1, "the width of its table of cosines")?;
    Ok(Pairs {
        head,
        turned: rotary::check_turned(width.saturating_mul(2), head)?,
        interleaved: node.int("rotary_interleaved", 0) != 0,
    })
}

/// Angles from the first new position on, which the engine reads off the first one that is given.
fn tables(
    scope: &mut Scope,
    node: &NodeProto,
    pairs: Pairs,
    past: Option<&Length>,
    rows: &Length,
) -> Result<rotary::Tables, String> {
    let (cos, sin) = (scope.needed(node, 7)?, scope.needed(node, 8)?);
    let first = match (scope.input(node, 9), past) {
        (Some(positions), _) => {
            let key = format!("first {:?}", positions.name());
            Some(scope.shared(&key, |scope| {
                let list = scope.reshape(&positions, &[-1]);
                Ok(scope.builder.slice(&list, 0, 0, 1))
            })?)
        }
        (None, Some(past)) => Some(past.value.clone()),
        (None, None) => None,
    };
    let angles = rotary::from_position(scope, &cos, &sin, first.as_ref(), &rows.value)?;
    rotary::tables(scope, &angles, pairs, Layout::HeadsFirst)
}

/// The causal mask, or the lengths of texts where every row sees all of its text; and what is added.
fn bias(
    scope: &mut Scope,
    node: &NodeProto,
    rows: &Length,
    columns: &Length,
    past: Option<Length>,
    element: ElementType,
) -> Result<Option<Bias>, String> {
    let mut bias = if node.int("causal", 1) != 0 {
        let causal = Causal {
            rows,
            columns,
            offset: past.map(|past| (past.value, vec![Dimension::Fixed(1)])),
            window: Some(node.int("local_window_size", -1)).filter(|window| *window > 0),
        };
        causal.bias(scope, element)?
    } else {
        // The input holds the position of the last key of each text.
        let last = scope.needed(node, 5)?;
        let batch = scope.dimensions(&last)?.first().cloned();
        let key = format!("inside {:?} {:?}", last.name(), columns.value.name());
        let value = scope.shared(&key, |scope| {
            let last = mask::long_column(scope, &last)?;
            let columns = mask::positions(scope, columns)?;
            Ok(scope.builder.less_or_equal(&columns, &last))
        })?;
        let value = mask::additive(scope, &value, mask::lowest(element), element)?;
        let mut shape = vec![Dimension::Fixed(1); 4];
        shape[0] = batch.unwrap_or(Dimension::Unknown);
        shape[3] = columns.dimension.clone();
        Bias { value, shape }
    };
    if let Some(added) = scope.input(node, 10) {
        bias = Bias::of(scope, &added)?.plus(scope, Some(bias))?;
    }
    Ok(Some(bias))
}

/// A sink of 0 for every head.
fn zeros(scope: &mut Scope, heads: usize, element: ElementType) -> Result<Value, String> {
    let key = format!("zeros {heads} {}", element.code());
    scope.shared(&key, |scope| {
        let zero = scope.number(0.0, element)?;
        let shape = scope.integers(&[heads as i64]);
        Ok(scope.builder.expand_to(&zero, &shape))
    })
}
