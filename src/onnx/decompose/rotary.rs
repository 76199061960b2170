//! Rotary position embeddings: the standard RotaryEmbedding, that of `com.microsoft`, and the part
//! of GroupQueryAttention.
//!
//! A head's first numbers are pairs that are turned by an angle. With full-width tables `C` (every
//! cosine twice) and `S` (every sine twice, negative for the first of a pair), and `swap` that
//! exchanges the two of each pair, that is `x C + swap(x) S`. The tables depend on no weight and are
//! shared by all nodes with the same positions.

use super::scope::Scope;
use crate::onnx::proto::NodeProto;
use crate::onnx::{Dimension, ElementType, Value};

/// Which numbers of a head are turned, and how they are paired.
#[derive(Clone, Copy)]
pub struct Pairs {
    /// Numbers of a head.
    pub head: usize,
    /// How many of them, from the first, are turned.
    pub turned: usize,
    /// Whether neighbours are a pair; else one of the first half and one of the second.
    pub interleaved: bool,
}

/// Full-width tables that broadcast against the heads.
#[derive(Clone)]
pub struct Tables {
    cos: Value,
    sin: Value,
}

/// Cosines and sines of the positions at hand, [length, pairs] or [batch, length, pairs].
pub struct Angles {
    /// Cosines.
    pub cos: Value,
    /// Sines.
    pub sin: Value,
    /// Number of dimensions.
    pub rank: usize,
    /// Element type.
    pub element: ElementType,
}

/// How heads lie in memory.
#[derive(Clone, Copy, PartialEq)]
pub enum Layout {
    /// [batch, heads, length, head]
    HeadsFirst,
    /// [batch, length, heads, head]
    LengthFirst,
}

/// Standard `RotaryEmbedding`.
pub fn standard(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let x = scope.needed(node, 0)?;
    let (cos, sin) = (scope.needed(node, 1)?, scope.needed(node, 2)?);
    let heads = node.int("num_heads", 0);
    let (layout, head) = match scope.rank(&x)? {
        4 => {
            let head = head_of(scope, node, &x, &cos)?;
            (Layout::HeadsFirst, head)
        }
        3 => {
            let heads = usize::try_from(heads).unwrap_or(0);
            let hidden = scope.fixed(&x, 2, "its hidden size")?;
            if heads == 0 || hidden % heads != 0 {
                return Err(format!("{heads} heads of {hidden} numbers"));
            }
            (Layout::LengthFirst, hidden / heads)
        }
        rank => return Err(format!("its input has {rank} dimensions")),
    };
    let turned = turned_of(node, head)?;
    let pairs = Pairs {
        head,
        turned,
        interleaved: node.int("interleaved", 0) != 0,
    };
    let angles = match scope.input(node, 3) {
        Some(positions) => at_positions(scope, &cos, &sin, &positions)?,
        None => Angles {
            rank: scope.rank(&cos)?,
            element: scope.element(&cos)?,
            cos,
            sin,
        },
    };
    let tables = tables(scope, &angles, pairs, layout)?;
    let result = embed(scope, &x, &tables, pairs, layout)?;
    scope.give(node, 0, result);
    Ok(())
}

/// `com.microsoft.RotaryEmbedding`, whose positions may be the first one alone.
pub fn contrib(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let (x, positions) = (scope.needed(node, 0)?, scope.needed(node, 1)?);
    let (cos, sin) = (scope.needed(node, 2)?, scope.needed(node, 3)?);
    if node.int("is_packed_batching", 0) != 0 {
        return Err("is_packed_batching is set".into());
    }
    // The engine's kernels do not apply it, though the operator has it.
    if (node.float("scale", 1.0) - 1.0).abs() > f32::EPSILON {
        return Err("its scale is not 1".into());
    }
    let partial = usize::try_from(node.int("rotary_embedding_dim", 0)).unwrap_or(0);
    let (layout, head, axis) = match scope.rank(&x)? {
        4 => {
            let head = head_of(scope, node, &x, &cos)?;
            (Layout::HeadsFirst, head, 2)
        }
        3 if partial > 0 => {
            let hidden = scope.fixed(&x, 2, "its hidden size")?;
            let heads = usize::try_from(node.int("num_heads", 0)).unwrap_or(0);
            if heads == 0 || hidden % heads != 0 {
                return Err(format!("{heads} heads of {hidden} numbers"));
            }
            (Layout::LengthFirst, hidden / heads, 1)
        }
        3 => {
            let pairs = scope.fixed(&cos, 1, "the width of its table")?;
            (Layout::LengthFirst, pairs.saturating_mul(2), 1)
        }
        rank => return Err(format!("its input has {rank} dimensions")),
    };
    let pairs = Pairs {
        head,
        turned: turned_of(node, head)?,
        interleaved: node.int("interleaved", 0) != 0,
    };
    let angles = if scope.rank(&positions)? == 1 {
        let length = scope.length(&x, axis)?.value;
        from_position(scope, &cos, &sin, Some(&positions), &length)?
    } else {
        at_positions(scope, &cos, &sin, &positions)?
    };
    let tables = tables(scope, &angles, pairs, layout)?;
    let result = embed(scope, &x, &tables, pairs, layout)?;
    scope.give(node, 0, result);
    Ok(())
}

/// The size of heads that are apart: where it is not known, twice the width of the table when all of
/// a head is turned.
fn head_of(scope: &Scope, node: &NodeProto, x: &Value, cos: &Value) -> Result<usize, String> {
    let whole = node.int("rotary_embedding_dim", 0) == 0;
    let width = scope
        .rank(cos)
        .ok()
        .and_then(|rank| scope.known(cos, rank - 1));
    scope
        .known(x, 3)
        .or_else(|| width.filter(|_| whole)?.checked_mul(2))
        .ok_or_else(|| "its head size is not known".into())
}

fn turned_of(node: &NodeProto, head: usize) -> Result<usize, String> {
    let turned = match node.int("rotary_embedding_dim", 0) {
        0 => head,
        turned => usize::try_from(turned).unwrap_or(0),
    };
    check_turned(turned, head)
}

/// A number of turned numbers that a head can have.
pub fn check_turned(turned: usize, head: usize) -> Result<usize, String> {
    if turned == 0 || turned > head || !turned.is_multiple_of(2) {
        return Err(format!("{turned} of {head} numbers of a head are turned"));
    }
    Ok(turned)
}

/// Rows of the caches by position, [batch, length].
fn at_positions(
    scope: &mut Scope,
    cos: &Value,
    sin: &Value,
    positions: &Value,
) -> Result<Angles, String> {
    let rank = scope.rank(positions)? + 1;
    let mut rows = |table: &Value| {
        let key = format!("rows {:?} {:?}", table.name(), positions.name());
        scope.shared(&key, |scope| Ok(scope.builder.gather(table, positions, 0)))
    };
    Ok(Angles {
        cos: rows(cos)?,
        sin: rows(sin)?,
        rank,
        element: scope.element(cos)?,
    })
}

/// Rows of the caches from a position on (a list of one number; the first row if there is none).
pub fn from_position(
    scope: &mut Scope,
    cos: &Value,
    sin: &Value,
    first: Option<&Value>,
    length: &Value,
) -> Result<Angles, String> {
    let element = scope.element(cos)?;
    let mut rows = |table: &Value| {
        let from = first.map_or("", Value::name);
        let key = format!("rows {:?} {from:?} {}", table.name(), length.name());
        scope.shared(&key, |scope| {
            let zero = scope.integers(&[0]);
            let (start, end) = match first {
                Some(first) => (first.clone(), scope.builder.add(first, length)),
                None => (zero.clone(), length.clone()),
            };
            let inputs = [table, &start, &end, &zero];
            Ok(scope.builder.node("Slice", &inputs, Vec::new()))
        })
    };
    Ok(Angles {
        cos: rows(cos)?,
        sin: rows(sin)?,
        rank: 2,
        element,
    })
}

/// Full-width tables for a layout.
pub fn tables(
    scope: &mut Scope,
    angles: &Angles,
    pairs: Pairs,
    layout: Layout,
) -> Result<Tables, String> {
    // Positions are the third axis from the back before heads come in between.
    let heads = match (layout, angles.rank) {
        (_, rank) if !matches!(rank, 2 | 3) => {
            return Err(format!("its cosines have {rank} dimensions"));
        }
        (Layout::HeadsFirst, 2) => None,
        (Layout::LengthFirst, 2) | (Layout::HeadsFirst, _) => Some(1),
        (Layout::LengthFirst, _) => Some(2),
    };
    let mut wide = |value: &Value, sine: bool| {
        let key = format!(
            "table {:?} {sine} {} {} {} {heads:?}",
            value.name(),
            pairs.head,
            pairs.turned,
            pairs.interleaved
        );
        scope.shared(&key, |scope| {
            let first = if sine {
                scope.builder.neg(value)
            } else {
                value.clone()
            };
            let rank = angles.rank as i64;
            let mut table = if pairs.interleaved {
                let first = scope.unsqueeze(&first, &[-1]);
                let second = scope.unsqueeze(value, &[-1]);
                let both = scope.builder.concat(&[&first, &second], -1);
                let shape: Vec<i64> = (0..rank)
                    .map(|axis| i64::from(axis < rank - 1) - 1)
                    .collect();
                scope.reshape(&both, &shape)
            } else {
                scope.builder.concat(&[&first, value], -1)
            };
            if pairs.turned < pairs.head {
                // The rest of a head stays: cosine 1, sine 0.
                let mut pads = vec![0; 2 * angles.rank];
                if let Some(last) = pads.last_mut() {
                    *last = (pairs.head - pairs.turned) as i64;
                }
                let pads = scope.integers(&pads);
                let fill = scope.number(if sine { 0.0 } else { 1.0 }, angles.element)?;
                table = scope
                    .builder
                    .node("Pad", &[&table, &pads, &fill], Vec::new());
            }
            Ok(match heads {
                Some(axis) => scope.unsqueeze(&table, &[axis]),
                None => table,
            })
        })
    };
    Ok(Tables {
        cos: wide(&angles.cos, false)?,
        sin: wide(&angles.sin, true)?,
    })
}

/// Turns heads; those of the length-first layout may come and go as [batch, length, hidden].
fn embed(
    scope: &mut Scope,
    x: &Value,
    tables: &Tables,
    pairs: Pairs,
    layout: Layout,
) -> Result<Value, String> {
    if layout == Layout::HeadsFirst {
        let shape = scope.dimensions(x)?.to_vec();
        return Ok(turn(scope, x, tables, pairs, &shape));
    }
    let hidden = scope.fixed(x, 2, "its hidden size")?;
    if hidden % pairs.head != 0 {
        return Err(format!("heads of {} among {hidden} numbers", pairs.head));
    }
    let heads = (hidden / pairs.head) as i64;
    let split = scope.reshape(x, &[0, 0, heads, pairs.head as i64]);
    let [heads, head] = [heads as usize, pairs.head].map(Dimension::Fixed);
    let outer = scope.dimensions(x)?[..2].to_vec();
    let shape = [outer, vec![heads, head]].concat();
    let turned = turn(scope, &split, tables, pairs, &shape);
    Ok(scope.reshape(&turned, &[0, 0, hidden as i64]))
}

/// `x C + swap(x) S` of heads with four dimensions.
pub fn turn(
    scope: &mut Scope,
    x: &Value,
    tables: &Tables,
    pairs: Pairs,
    shape: &[Dimension],
) -> Value {
    let swapped = swap(scope, x, pairs);
    let kept = scope.builder.mul(x, &tables.cos);
    let moved = scope.builder.mul(&swapped, &tables.sin);
    // The tables broadcast to the heads, never the other way round.
    for product in [&kept, &moved] {
        scope.tell(product, shape);
    }
    scope.builder.add(&kept, &moved)
}

/// The two of each pair exchanged.
fn swap(scope: &mut Scope, x: &Value, pairs: Pairs) -> Value {
    let (half, turned) = ((pairs.turned / 2) as i64, pairs.turned as i64);
    let rest = pairs.head as i64 - turned;
    if !pairs.interleaved {
        let mut sizes = vec![half, half];
        sizes.extend((rest > 0).then_some(rest));
        let pieces = scope.split(x, -1, &sizes);
        let order: Vec<&Value> = [1, 0, 2].iter().filter_map(|i| pieces.get(*i)).collect();
        return scope.builder.concat(&order, -1);
    }
    let parts = if rest > 0 {
        scope.split(x, -1, &[turned, rest])
    } else {
        vec![x.clone()]
    };
    let neighbours = scope.reshape(&parts[0], &[0, 0, 0, half, 2]);
    let sides = scope.split(&neighbours, -1, &[1, 1]);
    let order: Vec<&Value> = sides.iter().rev().collect();
    let exchanged = scope.builder.concat(&order, -1);
    let flat = scope.reshape(&exchanged, &[0, 0, 0, turned]);
    match parts.get(1) {
        Some(rest) => scope.builder.concat(&[&flat, rest], -1),
        None => flat,
    }
}
