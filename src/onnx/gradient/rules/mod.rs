//! Gradient rules, one small file per operator or tight family. A rule gets the node and the
//! gradients of its outputs (none for outputs that nobody used) and gives gradients to its inputs.

mod arithmetic;
mod elementwise;
mod gather;
mod layer_normalization;
mod log_probability;
mod matmul;
mod reduce;
mod select;
mod shape;
mod slice;
mod softmax;

use super::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// A gradient rule.
pub(super) type Rule = fn(&mut Context, &NodeProto, &[Option<Value>]) -> Result<(), OnnxError>;

/// The rule for a node's operator.
pub(super) fn find(node: &NodeProto) -> Option<Rule> {
    if !matches!(node.domain.as_deref(), None | Some("" | "ai.onnx")) {
        return None;
    }
    let rule: Rule = match node.op() {
        "Add" => arithmetic::add,
        "Sub" => arithmetic::sub,
        "Mul" => arithmetic::mul,
        "Div" => arithmetic::div,
        "Pow" => arithmetic::pow,
        "Neg" => elementwise::neg,
        "Exp" => elementwise::exp,
        "Log" => elementwise::log,
        "Sqrt" => elementwise::sqrt,
        "Erf" => elementwise::erf,
        "Tanh" => elementwise::tanh,
        "Sigmoid" => elementwise::sigmoid,
        "Relu" => elementwise::relu,
        "Abs" => elementwise::abs,
        "Reciprocal" => elementwise::reciprocal,
        "Identity" => elementwise::identity,
        "Cast" => elementwise::cast,
        "Gather" => gather::gather,
        "GatherElements" => log_probability::gather_elements,
        "LayerNormalization" => layer_normalization::layer_normalization,
        "MatMul" => matmul::matmul,
        "Gemm" => matmul::gemm,
        "ReduceSum" => reduce::sum,
        "ReduceMean" => reduce::mean,
        "ReduceMax" => reduce::max,
        "Where" => select::choose,
        "Min" => select::min,
        "Max" => select::max,
        "Clip" => select::clip,
        "Reshape" | "Squeeze" | "Unsqueeze" | "Flatten" => shape::reshape,
        "Transpose" => shape::transpose,
        "Expand" => shape::expand,
        "Concat" => shape::concat,
        "Split" => shape::split,
        "Slice" => slice::slice,
        "Softmax" => softmax::softmax,
        "LogSoftmax" => softmax::log_softmax,
        _ => return None,
    };
    Some(rule)
}

/// Operators whose outputs do not change smoothly with their inputs: no gradient goes through them.
pub(super) fn stops_gradient(operator: &str) -> bool {
    matches!(
        operator,
        "Shape"
            | "Size"
            | "Range"
            | "Constant"
            | "ConstantOfShape"
            | "Equal"
            | "Greater"
            | "GreaterOrEqual"
            | "Less"
            | "LessOrEqual"
            | "And"
            | "Or"
            | "Xor"
            | "Not"
            | "NonZero"
            | "ArgMax"
            | "ArgMin"
            | "OneHot"
            | "Sign"
            | "Floor"
            | "Ceil"
            | "Round"
            | "IsNaN"
            | "IsInf"
            | "TopK"
            | "RandomNormalLike"
            | "RandomUniformLike"
            | "EyeLike"
    )
}

/// The one output gradient of operators with a single output.
fn only(outputs: &[Option<Value>]) -> Result<Value, OnnxError> {
    outputs
        .first()
        .cloned()
        .flatten()
        .ok_or_else(|| OnnxError::Invalid("a gradient for an unused output".into()))
}

/// An axis counted from the front.
fn axis_of(axis: i64, rank: usize) -> Result<usize, OnnxError> {
    let counted = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(counted)
        .ok()
        .filter(|axis| *axis < rank)
        .ok_or_else(|| OnnxError::Invalid(format!("axis {axis} of a value with {rank} dimensions")))
}
