//! Slice: the gradient with zeros around it, and between its elements where the slice left some out.

use super::place::{self, Amount, Margin};
use super::{axis_of, input, only, optional, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Up to this step the gradient is spread with zeros; beyond it, it is scattered.
const LARGEST_STEP: u64 = 16;

/// One sliced axis.
struct Cut {
    axis: usize,
    /// Which entry of the lists of starts and ends this is.
    entry: i64,
    start: Option<i64>,
    step: i64,
}

/// Slice with any starts, ends, axes and steps.
pub fn slice(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let input = input(node, 0)?;
    if !context.wants(input) {
        return Ok(());
    }
    match cuts(context, node)? {
        Some(cuts) => undo(context, node, gradient, &cuts),
        None => {
            let result = scatter(context, node, &gradient)?;
            context.give(input, result);
            Ok(())
        }
    }
}

/// The sliced axes, unless axes or steps are only known at run time.
fn cuts(context: &Context, node: &NodeProto) -> Result<Option<Vec<Cut>>, OnnxError> {
    let rank = context.rank(input(node, 0)?)?;
    let starts = context.known_integers(input(node, 1)?);
    let count = match (
        &starts,
        context.value_type(input(node, 1)?)?.dimensions.first(),
    ) {
        (Some(starts), _) => starts.len(),
        (None, Some(Dimension::Fixed(count))) => *count,
        _ => return Ok(None),
    };
    let axes = match optional(node, 3) {
        Some(name) => context.known_integers(name),
        None => Some((0..count as i64).collect()),
    };
    let steps = match optional(node, 4) {
        Some(name) => context.known_integers(name),
        None => Some(vec![1; count]),
    };
    let (Some(axes), Some(steps)) = (axes, steps) else {
        return Ok(None);
    };
    if axes.len() != count || steps.len() != count {
        return Err(refused(node, "with lists of different lengths"));
    }
    // Zeros between elements far apart would be many.
    if steps
        .iter()
        .any(|step| !(1..=LARGEST_STEP).contains(&step.unsigned_abs()))
    {
        return Ok(None);
    }
    let pairs = axes.iter().zip(&steps).enumerate();
    let cuts = pairs.map(|(entry, (axis, step))| {
        Ok(Cut {
            axis: axis_of(*axis, rank)?,
            entry: entry as i64,
            start: starts.as_ref().map(|starts| starts[entry]),
            step: *step,
        })
    });
    cuts.collect::<Result<_, OnnxError>>().map(Some)
}

/// Turns what was taken backwards, spreads what was taken in steps, and fills up with zeros.
fn undo(
    context: &mut Context,
    node: &NodeProto,
    gradient: Value,
    cuts: &[Cut],
) -> Result<(), OnnxError> {
    let (input, output) = (input(node, 0)?, output(node, 0)?);
    let backwards: Vec<i64> = cuts
        .iter()
        .filter(|cut| cut.step < 0)
        .map(|cut| cut.axis as i64)
        .collect();
    let mut piece = if backwards.is_empty() {
        gradient
    } else {
        turn(context, &gradient, &backwards)
    };
    if cuts.iter().any(|cut| cut.step.abs() != 1) {
        piece = spread(context, output, &piece, cuts)?;
    }
    let mut margins = Vec::with_capacity(cuts.len());
    for cut in cuts {
        margins.push(margin(context, node, input, output, cut)?);
    }
    if let [margin] = margins.as_slice() {
        let whole = place::length(context, input, margin.axis)?;
        context.give_between(input, piece, &whole, margin)?;
    } else {
        let rank = context.rank(input)?;
        let filled = place::pad(context, &piece, rank, &margins);
        context.give(input, filled);
    }
    Ok(())
}

fn turn(context: &mut Context, value: &Value, axes: &[i64]) -> Value {
    let count = axes.len();
    let builder = &mut context.builder;
    let (starts, ends) = (
        builder.integers(&vec![-1; count]),
        builder.integers(&vec![i64::MIN; count]),
    );
    let (axes, steps) = (builder.integers(axes), builder.integers(&vec![-1; count]));
    builder.node("Slice", &[value, &starts, &ends, &axes, &steps], Vec::new())
}

/// Puts `step - 1` zeros behind each element along each axis that was taken in steps.
fn spread(
    context: &mut Context,
    output: &str,
    piece: &Value,
    cuts: &[Cut],
) -> Result<Value, OnnxError> {
    let (mut columns, mut margins, mut lengths) = (Vec::new(), Vec::new(), Vec::new());
    let rank = context.rank(output)?;
    for axis in 0..rank {
        let length = place::length(context, output, axis)?;
        let gap = cuts
            .iter()
            .find(|cut| cut.axis == axis)
            .map_or(1, |cut| cut.step.abs());
        lengths.push(length.times(gap, context));
        if gap > 1 {
            // Behind the axis, which has moved by what was put in before it.
            let column = axis + 1 + columns.len();
            columns.push(column as i64);
            margins.push(Margin {
                axis: column,
                before: Amount::Known(0),
                after: Amount::Known(gap - 1),
            });
        }
    }
    let apart = context.builder.unsqueeze(piece, &columns);
    let filled = place::pad(context, &apart, rank + columns.len(), &margins);
    let lengths: Vec<&Amount> = lengths.iter().collect();
    let shape = place::list(context, &lengths);
    let honest = vec![AttributeProto::int("allowzero", 1)];
    Ok(context.builder.node("Reshape", &[&filled, &shape], honest))
}

/// What is missing before and after the piece.
fn margin(
    context: &mut Context,
    node: &NodeProto,
    input: &str,
    output: &str,
    cut: &Cut,
) -> Result<Margin, OnnxError> {
    let whole = place::length(context, input, cut.axis)?;
    let taken = place::length(context, output, cut.axis)?;
    let first = first(context, node, &whole, &taken, cut)?;
    let gap = cut.step.abs();
    let before = if cut.step > 0 {
        first
    } else {
        // The last one taken comes first; when none was, nothing may reach over the end.
        let one = Amount::Known(1);
        let back = taken.minus(&one, context).times(gap, context);
        let lowest = first.minus(&back, context);
        at_most(context, &lowest, &whole)
    };
    let covered = taken.times(gap, context);
    let after = whole.minus(&before, context).minus(&covered, context);
    Ok(Margin {
        axis: cut.axis,
        before,
        after,
    })
}

/// The position of the first element that was taken, as Slice understands its starts: counted from
/// the end when negative, never outside.
fn first(
    context: &mut Context,
    node: &NodeProto,
    whole: &Amount,
    taken: &Amount,
    cut: &Cut,
) -> Result<Amount, OnnxError> {
    let largest = if cut.step > 0 {
        whole.clone()
    } else {
        whole.minus(&Amount::Known(1), context)
    };
    match cut.start {
        Some(0) => Ok(Amount::Known(0)),
        Some(start) if start > 0 => {
            // A piece that certainly has elements begins inside.
            let inside = matches!(taken, Amount::Known(1..)) && cut.step > 0;
            let start = Amount::Known(start);
            Ok(if inside {
                start
            } else {
                at_most(context, &start, &largest)
            })
        }
        Some(start) => {
            // The smallest integers stand for "from the very beginning".
            let distance = Amount::Known(start.checked_neg().unwrap_or(i64::MAX));
            let from_end = whole.minus(&distance, context);
            Ok(at_least_zero(context, &from_end))
        }
        None => {
            let starts = place::wide_integers(context, input(node, 1)?)?;
            let length = whole.value(context);
            let builder = &mut context.builder;
            let start = builder.slice(&starts, 0, cut.entry, cut.entry + 1);
            let zero = builder.integers(&[0]);
            let negative = builder.less(&start, &zero);
            let from_end = builder.add(&start, &length);
            let counted = builder.choose(&negative, &from_end, &start);
            let counted = at_least_zero(context, &Amount::Later(counted));
            Ok(at_most(context, &counted, &largest))
        }
    }
}

fn at_most(context: &mut Context, amount: &Amount, limit: &Amount) -> Amount {
    if let (Amount::Known(amount), Amount::Known(limit)) = (amount, limit) {
        return Amount::Known(*amount.min(limit));
    }
    let (amount, limit) = (amount.value(context), limit.value(context));
    Amount::Later(context.builder.min(&amount, &limit))
}

fn at_least_zero(context: &mut Context, amount: &Amount) -> Amount {
    match amount {
        Amount::Known(amount) => Amount::Known(*amount.max(&0)),
        Amount::Later(value) => {
            let zero = context.builder.integers(&[0]);
            Amount::Later(context.builder.max(value, &zero))
        }
    }
}

/// Slices the positions of the input's elements the way the node sliced the input, and scatters the
/// gradient there: for axes or steps that are only known at run time.
fn scatter(context: &mut Context, node: &NodeProto, gradient: &Value) -> Result<Value, OnnxError> {
    let input = input(node, 0)?;
    let mut inputs = vec![place::positions(context, input)?];
    inputs.extend(node.input[1..].iter().map(|name| Value::named(name)));
    let inputs: Vec<&Value> = inputs.iter().collect();
    let taken = context.builder.node("Slice", &inputs, Vec::new());
    place::scatter_positions(context, input, &taken, gradient)
}
