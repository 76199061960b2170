//! Log-probabilities of labels under logits.

use super::number;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{ElementType, GraphBuilder, Value};

/// What logits say about labels.
#[derive(Debug, Clone)]
pub struct LogProbability {
    /// Log-probability of each label, `[..]`; 0 where a label is ignored.
    pub of_label: Value,
    /// Whether each label counts, `[..]` of booleans.
    pub counts: Value,
    /// Log-probabilities of all classes, `[.., classes]`.
    pub all: Value,
}

/// The log-probability of each label `[..]` (64-bit integers) under logits `[.., classes]`, which are
/// divided by the temperature (a scalar) where there is one. A negative label, such as the usual -100,
/// is ignored.
///
/// The label's number is gathered from the log-softmax, and nothing else of that size is made: the
/// gradient builder turns the pair into one scatter into the negated softmax.
pub fn of_labels(
    builder: &mut GraphBuilder,
    logits: &Value,
    labels: &Value,
    temperature: Option<&Value>,
    element: ElementType,
) -> LogProbability {
    let scaled = match temperature {
        Some(temperature) => builder.div(logits, temperature),
        None => logits.clone(),
    };
    let all = builder.log_softmax(&scaled, -1);
    let zero = builder.constant(&integer(0));
    let counts = builder.greater_or_equal(labels, &zero);
    // An ignored label still needs a class to point at.
    let classes = builder.max(labels, &zero);
    let classes = builder.unsqueeze(&classes, &[-1]);
    let axis = vec![AttributeProto::int("axis", -1)];
    let gathered = builder.node("GatherElements", &[&all, &classes], axis);
    let gathered = builder.squeeze(&gathered, &[-1]);
    let nothing = number(builder, 0.0, element);
    // Chosen, not multiplied: the class that an ignored label points at may be impossible.
    let of_label = builder.choose(&counts, &gathered, &nothing);
    LogProbability {
        of_label,
        counts,
        all,
    }
}

fn integer(value: i64) -> crate::onnx::Tensor {
    crate::onnx::Tensor {
        shape: Vec::new(),
        ..crate::onnx::Tensor::i64(&[1], [value])
    }
}
