//! Gather and Compress: the gradient of each row goes back to where it came from, rows that were
//! read twice get the sum.

use super::place::{self, Amount, Margin};
use super::{axis_of, input, only};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Gather along any axis.
pub fn gather(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, indices) = (input(node, 0)?, input(node, 1)?);
    if !context.wants(data) {
        return Ok(());
    }
    let axis = axis_of(node.int("axis", 0), context.rank(data)?)?;
    let index_rank = context.rank(indices)?;
    let known = context.known_integers(indices).filter(|_| index_rank <= 1);
    let result = match known.and_then(|known| Piece::of(&known)) {
        Some(piece) => {
            let row = if index_rank == 0 {
                context.builder.unsqueeze(&gradient, &[axis as i64])
            } else {
                gradient
            };
            return piece.give(context, data, axis, row);
        }
        None => {
            let wide = place::wide_integers(context, indices)?;
            let count = context.value_type(indices)?.fixed();
            let count = count.map(|lengths| lengths.iter().product());
            scatter_rows(context, data, axis, (&wide, index_rank, count), &gradient)?
        }
    };
    context.give(data, result);
    Ok(())
}

/// Compress: the rows for which a condition holds.
pub fn compress(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (data, condition) = (input(node, 0)?, input(node, 1)?);
    let kept = context
        .builder
        .node("NonZero", &[&Value::named(condition)], Vec::new());
    let result = match node.find("axis").and_then(|axis| axis.i) {
        Some(axis) => {
            let axis = axis_of(axis, context.rank(data)?)?;
            let rows = context.builder.squeeze(&kept, &[0]);
            scatter_rows(context, data, axis, (&rows, 1, None), &gradient)?
        }
        None => place::scatter_positions(context, data, &kept, &gradient)?,
    };
    context.give(data, result);
    Ok(())
}

/// Consecutive rows: a slice in all but name, such as the first token of each sequence.
#[derive(Debug, PartialEq)]
struct Piece {
    start: i64,
    count: i64,
}

impl Piece {
    fn of(indices: &[i64]) -> Option<Piece> {
        let (first, last) = (*indices.first()?, *indices.last()?);
        let ascending = indices
            .windows(2)
            .all(|pair| pair[0].checked_add(1) == Some(pair[1]));
        (ascending && (first < 0) == (last < 0)).then_some(Piece {
            start: first,
            count: indices.len() as i64,
        })
    }

    fn give(
        &self,
        context: &mut Context,
        data: &str,
        axis: usize,
        rows: Value,
    ) -> Result<(), OnnxError> {
        let length = place::length(context, data, axis)?;
        let margin = if self.start < 0 {
            let from_end = self.start.saturating_neg();
            let after = Amount::Known(from_end.saturating_sub(self.count));
            let before = length.minus(&Amount::Known(from_end), context);
            Margin {
                axis,
                before,
                after,
            }
        } else {
            let before = Amount::Known(self.start);
            let after = length.minus(
                &Amount::Known(self.start.saturating_add(self.count)),
                context,
            );
            Margin {
                axis,
                before,
                after,
            }
        };
        context.give_between(data, rows, &length, &margin)
    }
}

/// Adds rows to zeros of the shape of `data`. The indices come with their rank and, where that is
/// known, their number; they stand in the gradient's shape in the place of the axis.
fn scatter_rows(
    context: &mut Context,
    data: &str,
    axis: usize,
    (indices, index_rank, count): (&Value, usize, Option<usize>),
    gradient: &Value,
) -> Result<Value, OnnxError> {
    let targets = context.builder.unsqueeze(indices, &[-1]);
    if axis == 0 {
        if is_table(context, data, count)? {
            return fill_table(context, data, indices, &targets, gradient);
        }
        let shape = context.shape_of(data)?;
        return place::scatter_add(context, data, &shape, &targets, gradient);
    }
    // The index dimensions, and the axis in the result, go to the front and back.
    let rank = context.rank(data)?;
    let order: Vec<i64> = (axis..axis + index_rank)
        .chain(0..axis)
        .chain(axis + index_rank..rank - 1 + index_rank)
        .map(|position| position as i64)
        .collect();
    let rows = if index_rank == 0 {
        gradient.clone()
    } else {
        context.builder.transpose(gradient, &order)
    };
    let order: Vec<i64> = std::iter::once(axis)
        .chain((0..rank).filter(|position| *position != axis))
        .map(|position| position as i64)
        .collect();
    let shape = match context.value_type(data)?.fixed() {
        Some(lengths) => {
            let moved: Vec<i64> = order
                .iter()
                .map(|from| lengths[*from as usize] as i64)
                .collect();
            context.builder.integers(&moved)
        }
        None => {
            let shape = context.builder.shape(&Value::named(data));
            let order = context.builder.integers(&order);
            context.builder.gather(&shape, &order, 0)
        }
    };
    let scattered = place::scatter_add(context, data, &shape, &targets, &rows)?;
    let back: Vec<i64> = (1..=axis as i64)
        .chain([0])
        .chain(axis as i64 + 1..rank as i64)
        .collect();
    Ok(context.builder.transpose(&scattered, &back))
}

/// Whether `data` is a table of many rows of which few are read.
fn is_table(context: &Context, data: &str, count: Option<usize>) -> Result<bool, OnnxError> {
    const ROWS: usize = 2048;
    const ELEMENTS: usize = 1 << 20;
    Ok(context.value_type(data)?.fixed().is_some_and(|lengths| {
        let rows = lengths.first().copied().unwrap_or(0);
        let elements = lengths.iter().fold(1usize, |all, n| all.saturating_mul(*n));
        rows >= ROWS && elements >= ELEMENTS && count.is_none_or(|count| count <= rows / 2)
    }))
}

/// The gradient of a large table without a table of zeros: a scatter would copy the zeros, since ONNX
/// Runtime does not do it in place, and constant folding would keep them for good. The rows that
/// were read are summed in a small table whose first row is zero, and a list that says for each row of
/// the large table which row of the small one it is, picks from it. With 512 rows read of 30522 this
/// takes about half of the scatter's time.
fn fill_table(
    context: &mut Context,
    data: &str,
    indices: &Value,
    targets: &Value,
    gradient: &Value,
) -> Result<Value, OnnxError> {
    let lengths = context.value_type(data)?.dimensions.clone();
    let rest: Vec<i64> = lengths[1..]
        .iter()
        .filter_map(|dimension| match dimension {
            Dimension::Fixed(length) => Some(*length as i64),
            _ => None,
        })
        .collect();
    let rows = context.length_of(data, 0)?;
    let one = place::scalar(context, 1);
    let builder = &mut context.builder;
    // Each index gets a number from 1 on; a row that was read several times keeps the largest.
    let count = builder.node("Size", &[indices], Vec::new());
    let end = builder.add(&count, &one);
    let numbers = builder.node("Range", &[&one, &end, &one], Vec::new());
    let shape = builder.shape(indices);
    // There may be no index at all.
    let honest = vec![AttributeProto::int("allowzero", 1)];
    let numbers = builder.node("Reshape", &[&numbers, &shape], honest);
    let unread = context.zeros_of(&rows, crate::onnx::ElementType::I64);
    let builder = &mut context.builder;
    let largest = vec![AttributeProto::text("reduction", "max")];
    let number_of_row = builder.node("ScatterND", &[&unread, targets, &numbers], largest);
    let number_of_index = builder.gather(&number_of_row, targets, 0);
    let height = builder.reshape(&end, &[1]);
    let width = builder.integers(&rest);
    let shape = builder.concat(&[&height, &width], 0);
    let small = place::scatter_add(context, data, &shape, &number_of_index, gradient)?;
    Ok(context.builder.gather(&small, &number_of_row, 0))
}
