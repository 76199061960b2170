//! Gradient rules, one small file per operator or tight family. A rule gets the node and the
//! gradients of its outputs (none for outputs that nobody used) and gives gradients to its inputs.

mod arithmetic;
mod arrange;
mod concat;
mod einsum;
mod elementwise;
mod gather;
mod gemm;
mod layer_normalization;
mod matmul;
mod pad;
mod pick;
mod place;
mod reduce;
mod scatter;
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
        "LayerNormalization" => layer_normalization::layer_normalization,
        "ReduceSum" => reduce::sum,
        "ReduceMean" => reduce::mean,
        "ReduceMax" => reduce::max,
        "Where" => select::choose,
        "Min" => select::min,
        "Max" => select::max,
        "Clip" => select::clip,
        "Softmax" => softmax::softmax,
        "LogSoftmax" => softmax::log_softmax,
        // Operators that contract, move, index or pick.
        "MatMul" => matmul::matmul,
        "Gemm" => gemm::gemm,
        "Einsum" => einsum::einsum,
        "Reshape" | "Squeeze" | "Unsqueeze" | "Flatten" => shape::reshape,
        "Transpose" => shape::transpose,
        "Expand" => shape::expand,
        "Tile" => shape::tile,
        "Concat" => concat::concat,
        "Split" => concat::split,
        "Slice" => slice::slice,
        "Pad" => pad::pad,
        "CenterCropPad" => pad::center_crop_pad,
        "Trilu" | "ReverseSequence" => arrange::again,
        "DepthToSpace" => arrange::depth_to_space,
        "SpaceToDepth" => arrange::space_to_depth,
        "Gather" => gather::gather,
        "Compress" => gather::compress,
        "GatherElements" => pick::gather_elements,
        "GatherND" => pick::gather_nd,
        "TopK" => pick::top_k,
        "OneHot" => pick::one_hot,
        "ScatterElements" | "ScatterND" => scatter::scatter,
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
            | "Sign"
            | "Floor"
            | "Ceil"
            | "Round"
            | "IsNaN"
            | "IsInf"
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

/// The name of an input that the operator can't do without.
fn required(node: &NodeProto, position: usize) -> Result<&str, OnnxError> {
    optional(node, position).ok_or_else(|| {
        OnnxError::Invalid(format!(
            "{} (node {:?}) has no input {position}",
            node.op(),
            node.name.as_deref().unwrap_or("")
        ))
    })
}

/// The name of an input, unless it is left out.
fn optional(node: &NodeProto, position: usize) -> Option<&str> {
    let name = node.input.get(position).map(String::as_str);
    name.filter(|name| !name.is_empty())
}

/// The name of an output, which must be there.
fn output_name(node: &NodeProto, position: usize) -> Result<&str, OnnxError> {
    let name = node.output.get(position).map(String::as_str);
    name.filter(|name| !name.is_empty()).ok_or_else(|| {
        OnnxError::Invalid(format!(
            "{} (node {:?}) has no output {position}",
            node.op(),
            node.name.as_deref().unwrap_or("")
        ))
    })
}

/// What is said of a form of an operator that has no rule.
fn no_rule(node: &NodeProto, what: &str) -> OnnxError {
    OnnxError::Unsupported(vec![format!(
        "{} {what} (node {:?})",
        node.op(),
        node.name.as_deref().unwrap_or("")
    )])
}

/// An axis counted from the front.
fn axis_of(axis: i64, rank: usize) -> Result<usize, OnnxError> {
    let counted = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(counted)
        .ok()
        .filter(|axis| *axis < rank)
        .ok_or_else(|| OnnxError::Invalid(format!("axis {axis} of a value with {rank} dimensions")))
}
