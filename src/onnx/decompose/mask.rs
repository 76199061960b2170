//! What is added to the scores of an attention: 0 where a key is seen, a very low number where it is
//! not. Masks depend on no weight; they are made once and shared by all layers of the same masks.

use super::scope::{Length, Scope};
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, ElementType, Value};

/// The lowest number of a type: infinity would turn rows that see nothing into NaN.
pub fn lowest(element: ElementType) -> f64 {
    match element {
        ElementType::F16 => half::f16::MIN.to_f64(),
        ElementType::Bf16 => half::bf16::MIN.to_f64(),
        ElementType::F64 => f64::MIN,
        _ => f64::from(f32::MIN),
    }
}

/// Something that is added to the scores, [batch, heads, rows, columns] or less of it from the back.
#[derive(Clone)]
pub struct Bias {
    /// The numbers.
    pub value: Value,
    /// Dimensions.
    pub shape: Vec<Dimension>,
}

/// How heads of the query share those of the keys: `keys` heads, each for `group` of the query, whose
/// rows lie one after the other.
#[derive(Clone, Copy)]
pub struct Groups {
    /// Heads of keys and values.
    pub keys: i64,
    /// Heads of the query for each of them.
    pub group: i64,
}

impl Bias {
    /// A value of the graph as it is.
    pub fn of(scope: &Scope, value: &Value) -> Result<Bias, String> {
        Ok(Bias {
            value: value.clone(),
            shape: scope.dimensions(value)?.to_vec(),
        })
    }

    /// The sum of two.
    pub fn plus(self, scope: &mut Scope, other: Option<Bias>) -> Result<Bias, String> {
        let Some(other) = other else {
            return Ok(self);
        };
        let (a, b) = (&self.value, &other.value);
        let key = format!("bias {:?} {:?}", a.name(), b.name());
        let value = scope.shared(&key, |scope| Ok(scope.builder.add(a, b)))?;
        Ok(Bias {
            value,
            shape: broadcast(&self.shape, &other.shape),
        })
    }

    fn back(&self, position: usize) -> Option<&Dimension> {
        self.shape.iter().rev().nth(position)
    }

    /// The same for grouped heads, [batch, key heads, group * rows, columns].
    pub fn grouped(
        &self,
        scope: &mut Scope,
        groups: Groups,
        rows: &Length,
    ) -> Result<Value, String> {
        let one = |dimension: Option<&Dimension>| dimension.is_none_or(Dimension::is_one);
        let (single_row, single_head) = (one(self.back(1)), one(self.back(2)));
        if groups.group == 1 || (single_row && single_head) {
            return Ok(self.value.clone());
        }
        let value = &self.value;
        let key = format!(
            "grouped {:?} {} {}",
            value.name(),
            groups.keys,
            groups.group
        );
        scope.shared(&key, |scope| {
            if single_head {
                let copies = vec![value; usize::try_from(groups.group).unwrap_or(1)];
                return Ok(scope.builder.concat(&copies, -2));
            }
            let heads = groups.keys * groups.group;
            let whole = self.back(2) == Some(&Dimension::Fixed(heads as usize)) && !single_row;
            let expanded = if whole {
                value.clone()
            } else {
                let mut leading = vec![1; self.shape.len() - 3];
                leading.push(heads);
                let leading = scope.integers(&leading);
                let columns = scope.integers(&[1]);
                let shape = scope.builder.concat(&[&leading, &rows.value, &columns], 0);
                scope.builder.expand_to(value, &shape)
            };
            let mut shape = vec![0; self.shape.len() - 3];
            shape.extend([groups.keys, -1, 0]);
            Ok(scope.reshape(&expanded, &shape))
        })
    }
}

/// The shape of what two shapes broadcast to.
pub fn broadcast(a: &[Dimension], b: &[Dimension]) -> Vec<Dimension> {
    let rank = a.len().max(b.len());
    let at = |shape: &[Dimension], position: usize| {
        let missing = rank - shape.len();
        position
            .checked_sub(missing)
            .map_or(Dimension::Fixed(1), |position| shape[position].clone())
    };
    (0..rank)
        .map(|position| match (at(a, position), at(b, position)) {
            (Dimension::Fixed(1), other) | (other, Dimension::Fixed(1)) => other,
            (Dimension::Fixed(length), _) | (_, Dimension::Fixed(length)) => {
                Dimension::Fixed(length)
            }
            (Dimension::Unknown, other) | (other, _) => other,
        })
        .collect()
}

/// Additive form of a boolean value: 0 where it holds.
pub fn additive(
    scope: &mut Scope,
    seen: &Value,
    filter: f64,
    element: ElementType,
) -> Result<Value, String> {
    let key = format!("additive {:?} {filter:e} {}", seen.name(), element.code());
    scope.shared(&key, |scope| {
        let zero = scope.number(0.0, element)?;
        let filter = scope.number(filter, element)?;
        Ok(scope.builder.choose(seen, &zero, &filter))
    })
}

/// The whole numbers below a length.
pub fn positions(scope: &mut Scope, length: &Length) -> Result<Value, String> {
    const LARGEST: usize = 1 << 16;
    if let Some(known) = length.known().filter(|known| *known <= LARGEST) {
        let numbers: Vec<i64> = (0..known as i64).collect();
        return Ok(scope.integers(&numbers));
    }
    let key = format!("positions {:?}", length.value.name());
    scope.shared(&key, |scope| {
        let (zero, one) = (
            scope.number(0.0, ElementType::I64)?,
            scope.number(1.0, ElementType::I64)?,
        );
        let axes = scope.integers(&[0]);
        let end = scope
            .builder
            .node("Squeeze", &[&length.value, &axes], Vec::new());
        Ok(scope
            .builder
            .node("Range", &[&zero, &end, &one], Vec::new()))
    })
}

/// What of the keys a row may see.
pub struct Causal<'v> {
    /// Number of rows.
    pub rows: &'v Length,
    /// Number of keys.
    pub columns: &'v Length,
    /// Added to a row's number before it is compared with a key's: [1], or [batch, 1, 1, 1].
    pub offset: Option<(Value, Vec<Dimension>)>,
    /// How many keys a row sees at most, its own among them.
    pub window: Option<i64>,
}

impl Causal<'_> {
    /// Whether a row sees a key, [rows, columns] or [batch, 1, rows, columns].
    pub fn seen(&self, scope: &mut Scope) -> Result<Bias, String> {
        let offset = self.offset.as_ref().map(|(value, _)| value);
        let key = format!(
            "causal {:?} {:?} {:?} {:?}",
            self.rows.value.name(),
            self.columns.value.name(),
            offset.map(Value::name),
            self.window
        );
        let value = scope.shared(&key, |scope| {
            let rows = positions(scope, self.rows)?;
            let mut rows = scope.unsqueeze(&rows, &[1]);
            if let Some(offset) = offset {
                rows = scope.builder.add(&rows, offset);
            }
            let columns = positions(scope, self.columns)?;
            let mut seen = scope.builder.less_or_equal(&columns, &rows);
            if let Some(window) = self.window {
                let window = scope.number(window as f64, ElementType::I64)?;
                let before = scope.builder.sub(&rows, &window);
                let near = scope.builder.greater(&columns, &before);
                seen = scope.builder.and(&seen, &near);
            }
            Ok(seen)
        })?;
        let shape = vec![self.rows.dimension.clone(), self.columns.dimension.clone()];
        let shape = match &self.offset {
            Some((_, offset)) => broadcast(&shape, offset),
            None => shape,
        };
        Ok(Bias { value, shape })
    }

    /// The additive form.
    pub fn bias(&self, scope: &mut Scope, element: ElementType) -> Result<Bias, String> {
        let seen = self.seen(scope)?;
        let value = additive(scope, &seen.value, lowest(element), element)?;
        Ok(Bias {
            value,
            shape: seen.shape,
        })
    }
}

/// Whether keys lie before the end of their text: `ends` has one number for each text, and is
/// exclusive. [batch, 1, 1, columns]
pub fn before_ends(scope: &mut Scope, ends: &Value, columns: &Length) -> Result<Bias, String> {
    let batch = scope.dimensions(ends)?.first().cloned();
    let key = format!("ends {:?} {:?}", ends.name(), columns.value.name());
    let value = scope.shared(&key, |scope| {
        let ends = long_column(scope, ends)?;
        let columns = positions(scope, columns)?;
        Ok(scope.builder.less(&columns, &ends))
    })?;
    Ok(key_mask(value, batch, columns))
}

/// Whether keys lie between a start and an end: `ends` has the exclusive ends of all texts, then
/// their starts.
pub fn between(scope: &mut Scope, ends: &Value, columns: &Length) -> Result<Bias, String> {
    let key = format!("between {:?} {:?}", ends.name(), columns.value.name());
    let value = scope.shared(&key, |scope| {
        let halves = scope.split_evenly(ends, 0, 2);
        let (ends, starts) = (
            long_column(scope, &halves[0])?,
            long_column(scope, &halves[1])?,
        );
        let columns = positions(scope, columns)?;
        let before = scope.builder.less(&columns, &ends);
        let after = scope.builder.greater_or_equal(&columns, &starts);
        Ok(scope.builder.and(&before, &after))
    })?;
    Ok(key_mask(value, None, columns))
}

/// One number for each text as [batch, 1, 1, 1], in 64 bits.
pub fn long_column(scope: &mut Scope, numbers: &Value) -> Result<Value, String> {
    let long = scope.builder.cast(numbers, ElementType::I64);
    Ok(scope.reshape(&long, &[-1, 1, 1, 1]))
}

fn key_mask(value: Value, batch: Option<Dimension>, columns: &Length) -> Bias {
    let one = || Dimension::Fixed(1);
    Bias {
        value,
        shape: vec![
            batch.unwrap_or(Dimension::Unknown),
            one(),
            one(),
            columns.dimension.clone(),
        ],
    }
}

/// The padding masks of `com.microsoft` operators: lengths of texts, ends and starts, or 0 and 1 for
/// each key or each pair of row and key. None for a mask that hides nothing.
pub fn padding(
    scope: &mut Scope,
    mask: &Value,
    batch: &Dimension,
    columns: &Length,
    filter: f64,
    element: ElementType,
) -> Result<Option<Bias>, String> {
    let shape = scope.dimensions(mask)?.to_vec();
    let seen = match shape.as_slice() {
        [count] if count.same(batch) => before_ends(scope, mask, columns)?,
        [Dimension::Fixed(count)] if matches!(batch, Dimension::Fixed(batch) if batch.checked_mul(2) == Some(*count)) => {
            between(scope, mask, columns)?
        }
        [_] => {
            return Err("its mask is a list that is not certainly one length for each text".into());
        }
        // A mask of one column hides nothing: it stands for none.
        [_, Dimension::Fixed(1)] if columns.known() != Some(1) => return Ok(None),
        [rows, keys] => {
            let seen = positive(scope, mask, &[1, 2])?;
            let one = || Dimension::Fixed(1);
            Bias {
                value: seen,
                shape: vec![rows.clone(), one(), one(), keys.clone()],
            }
        }
        [first, rows, keys] => Bias {
            value: positive(scope, mask, &[1])?,
            shape: vec![
                first.clone(),
                Dimension::Fixed(1),
                rows.clone(),
                keys.clone(),
            ],
        },
        _ => return Err(format!("its mask has {} dimensions", shape.len())),
    };
    let value = additive(scope, &seen.value, filter, element)?;
    Ok(Some(Bias {
        value,
        shape: seen.shape,
    }))
}

/// Where a mask of whole numbers is above 0, with new axes.
fn positive(scope: &mut Scope, mask: &Value, axes: &[i64]) -> Result<Value, String> {
    let element = scope.element(mask)?;
    let key = format!("positive {:?}", mask.name());
    scope.shared(&key, |scope| {
        let zero = scope.number(0.0, element)?;
        let seen = scope.builder.greater(mask, &zero);
        Ok(scope.unsqueeze(&seen, axes))
    })
}

/// 1 for rows that see a key at all, else 0: such rows give 0 instead of a mean of all values.
pub fn alive(scope: &mut Scope, bias: &Bias, element: ElementType) -> Result<Bias, String> {
    let key = format!("alive {:?}", bias.value.name());
    let value = scope.shared(&key, |scope| {
        let highest = scope.reduce("ReduceMax", &bias.value, &[-1]);
        let bound = scope.number(lowest(element), element)?;
        let some = scope.builder.greater(&highest, &bound);
        Ok(scope.builder.cast(&some, element))
    })?;
    let mut shape = bias.shape.clone();
    if let Some(last) = shape.last_mut() {
        *last = Dimension::Fixed(1);
    }
    Ok(Bias { value, shape })
}

/// A mask whose rows are shorter than the keys, continued with the lowest number.
pub fn padded(
    scope: &mut Scope,
    bias: Bias,
    columns: &Length,
    element: ElementType,
) -> Result<Bias, String> {
    let (Some(Dimension::Fixed(given)), Some(wanted)) = (bias.shape.last(), columns.known()) else {
        return Ok(bias);
    };
    if *given == 1 || *given >= wanted {
        return Ok(bias);
    }
    let missing = wanted - given;
    let key = format!("padded {:?} {missing}", bias.value.name());
    let value = scope.shared(&key, |scope| {
        let mut pads = vec![0; 2 * bias.shape.len()];
        if let Some(last) = pads.last_mut() {
            *last = missing as i64;
        }
        let pads = scope.integers(&pads);
        let fill = scope.number(lowest(element), element)?;
        let attributes = vec![AttributeProto::text("mode", "constant")];
        Ok(scope
            .builder
            .node("Pad", &[&bias.value, &pads, &fill], attributes))
    })?;
    let mut shape = bias.shape;
    if let Some(last) = shape.last_mut() {
        *last = Dimension::Fixed(wanted);
    }
    Ok(Bias { value, shape })
}
