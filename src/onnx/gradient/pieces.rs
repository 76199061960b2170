//! Gradients that are zero but for a part of one axis, as slices give them. They wait until the value's
//! gradient is needed: parts that do not overlap are put side by side, in one pass over the data, where
//! each of them alone would have to be filled up with zeros and added.

use super::context::Context;
use super::rules::place::{self, Amount, Margin};
use crate::onnx::{OnnxError, Value};

/// A gradient for the elements from `start` to before `end` of an axis, and zero for all others.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// The gradient of the elements.
    pub value: Value,
    /// The axis, counted from the front.
    pub axis: usize,
    /// The first element.
    pub start: i64,
    /// The element behind the last one.
    pub end: i64,
    /// The length of the whole axis.
    pub whole: i64,
    /// Number of axes.
    pub rank: usize,
}

impl Context<'_> {
    /// Adds a contribution to the gradient of a value: `piece` between margins along one axis.
    ///
    /// # Errors
    /// When the value's type is not known.
    pub fn give_between(
        &mut self,
        name: &str,
        piece: Value,
        whole: &Amount,
        margin: &Margin,
    ) -> Result<(), OnnxError> {
        if !self.wants(name) {
            return Ok(());
        }
        let rank = self.rank(name)?;
        if let (Amount::Known(whole), Amount::Known(start), Amount::Known(after)) =
            (whole, &margin.before, &margin.after)
            && let (start, end) = (*start, *whole - *after)
            && (0..end).contains(&start)
            && end <= *whole
        {
            let name = self.original(name).to_owned();
            self.pieces.entry(name).or_default().push(Piece {
                value: piece,
                axis: margin.axis,
                start,
                end,
                whole: *whole,
                rank,
            });
        } else {
            let filled = place::pad(self, &piece, rank, std::slice::from_ref(margin));
            self.give(name, filled);
        }
        Ok(())
    }

    /// The pieces that were given to a value, put together as far as that goes.
    pub fn join_pieces(&mut self, name: &str) -> Vec<Value> {
        let mut pieces = self.pieces.remove(name).unwrap_or_default();
        pieces.sort_by_key(|piece| (piece.axis, piece.start));
        let mut joined = Vec::new();
        while !pieces.is_empty() {
            let mut row: Vec<Piece> = Vec::new();
            let mut rest = Vec::new();
            for piece in pieces {
                match row.last() {
                    Some(last) if last.axis != piece.axis || last.end > piece.start => {
                        rest.push(piece);
                    }
                    _ => row.push(piece),
                }
            }
            joined.extend(side_by_side(self, &row));
            pieces = rest;
        }
        joined
    }
}

/// Pieces of one axis that do not overlap, with zeros in the gaps.
fn side_by_side(context: &mut Context, row: &[Piece]) -> Option<Value> {
    let axis = row.first()?.axis;
    let mut filled = Vec::with_capacity(row.len());
    let mut covered = 0;
    for (number, piece) in row.iter().enumerate() {
        // The gap before a piece is filled behind the one in front of it.
        let next = row.get(number + 1).map_or(piece.whole, |next| next.start);
        let margin = Margin {
            axis,
            before: Amount::Known(piece.start - covered),
            after: Amount::Known(next - piece.end),
        };
        filled.push(place::pad(context, &piece.value, piece.rank, &[margin]));
        covered = next;
    }
    match filled.as_slice() {
        [one] => Some(one.clone()),
        several => {
            let several: Vec<&Value> = several.iter().collect();
            Some(context.builder.concat(&several, axis as i64))
        }
    }
}
