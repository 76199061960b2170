//! Losses over classes: NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss on `[batch, classes, ...]`
//! with targets `[batch, ...]`.

use super::{input, optional, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{ElementType, OnnxError, Tensor, Value};

type Result<T> = std::result::Result<T, OnnxError>;

/// What each target weighs in the gradient.
struct Targets {
    /// The class of each target, 0 for those that are ignored.
    classes: Value,
    /// Minus the gradient of each target's log-probability.
    shares: Value,
}

/// A constant without dimensions of the element type of the targets.
fn whole(context: &mut Context, value: i64, like: &str) -> Result<Value> {
    let number = context.builder.constant(&Tensor {
        shape: vec![],
        ..Tensor::i64(&[1], [value])
    });
    let element = context.value_type(like)?.element;
    Ok(match element {
        ElementType::I64 => number,
        other => context.builder.cast(&number, other),
    })
}

/// The weight of every target's class, nothing for those that are ignored, times the gradient, and for
/// a mean over the sum of these weights.
fn targets(context: &mut Context, node: &NodeProto, gradient: &Value) -> Result<Targets> {
    let (scores, target) = (input(node, 0)?, input(node, 1)?);
    let element = context.value_type(scores)?.element;
    let mut classes = Value::named(target);
    let ignored = node.find("ignore_index").and_then(|attribute| attribute.i);
    let mut counts = None;
    if let Some(ignored) = ignored {
        let ignored = whole(context, ignored, target)?;
        let zero = whole(context, 0, target)?;
        let skip = context.builder.equal(&classes, &ignored);
        classes = context.builder.choose(&skip, &zero, &classes);
        let keep = context.builder.not(&skip);
        counts = Some(context.builder.cast(&keep, element));
    }
    let mut weights = counts;
    if let Some(weight) = optional(node, 2) {
        if context.wants(weight) {
            return Err(refused(node, "with class weights that are trained"));
        }
        let each = context.builder.gather(&Value::named(weight), &classes, 0);
        weights = Some(match weights {
            Some(counts) => context.builder.mul(&each, &counts),
            None => each,
        });
    }
    let shape = context.shape_of(target)?;
    let weights = match weights {
        Some(weights) => weights,
        None => {
            let one = context.number(1.0, scores)?;
            context.builder.expand_to(&one, &shape)
        }
    };
    let factor = if node.text("reduction", "mean") == "mean" {
        let total = context.builder.reduce_sum(&weights, &[], false);
        context.builder.div(gradient, &total)
    } else {
        gradient.clone()
    };
    let shares = context.builder.mul(&weights, &factor);
    Ok(Targets { classes, shares })
}

/// Minus the shares at the places of the targets, zeros elsewhere, in the shape of the scores.
fn scattered(context: &mut Context, node: &NodeProto, targets: &Targets) -> Result<Value> {
    let scores = input(node, 0)?;
    let shape = context.shape_of(scores)?;
    let zeros = context.zeros(&shape, scores)?;
    let negative = context.builder.neg(&targets.shares);
    let places = context.builder.unsqueeze(&targets.classes, &[1]);
    let updates = context.builder.unsqueeze(&negative, &[1]);
    let attributes = vec![AttributeProto::int("axis", 1)];
    Ok(context
        .builder
        .node("ScatterElements", &[&zeros, &places, &updates], attributes))
}

/// NegativeLogLikelihoodLoss: only the log-probabilities of the targets have a gradient.
pub fn negative_log_likelihood(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let gradient = super::only(outputs)?;
    let targets = targets(context, node, &gradient)?;
    let result = scattered(context, node, &targets)?;
    context.give(input(node, 0)?, result);
    Ok(())
}

/// SoftmaxCrossEntropyLoss: with `l` the gradient of the log-probabilities `dx = l - p sum(l)`. The second
/// output, the log-probabilities themselves, may have a gradient too.
pub fn softmax_cross_entropy(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<()> {
    let scores = input(node, 0)?;
    let mut given = None;
    let mut total = None;
    if let Some(gradient) = outputs.first().cloned().flatten() {
        let targets = targets(context, node, &gradient)?;
        given = Some(scattered(context, node, &targets)?);
        total = Some(context.builder.unsqueeze(&targets.shares, &[1]));
    }
    if let Some(gradient) = outputs.get(1).cloned().flatten() {
        let sum = context.builder.reduce_sum(&gradient, &[1], true);
        let sum = context.builder.neg(&sum);
        total = Some(match total {
            Some(total) => context.builder.add(&total, &sum),
            None => sum,
        });
        given = Some(match given {
            Some(given) => context.builder.add(&given, &gradient),
            None => gradient,
        });
    }
    let (Some(given), Some(total)) = (given, total) else {
        return Ok(());
    };
    let probability = match output(node, 1) {
        Ok(logarithm) => context.builder.exp(&Value::named(logarithm)),
        Err(_) => context.builder.softmax(&Value::named(scores), 1),
    };
    let product = context.builder.mul(&probability, &total);
    let result = context.builder.add(&given, &product);
    context.give(scores, result);
    Ok(())
}
