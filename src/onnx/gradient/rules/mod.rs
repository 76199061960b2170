//! Gradient rules, one small file per operator or tight family. A rule gets the node and the
//! gradients of its outputs (none for outputs that nobody used) and gives gradients to its inputs.

mod arithmetic;
mod convolution;
mod convolution_weight;
mod elementwise;
mod gather;
mod layer_normalization;
mod matmul;
mod matmul_nbits;
mod max_pool;
mod pooling;
mod quantise;
mod reduce;
mod resize;
mod select;
mod separable;
mod shape;
mod slice;
mod softmax;
mod window;

use super::engine::Context;
use crate::onnx::proto::NodeProto;
use crate::onnx::{OnnxError, Value};

/// A gradient rule.
pub(super) type Rule = fn(&mut Context, &NodeProto, &[Option<Value>]) -> Result<(), OnnxError>;

/// The rule for a node's operator.
pub(super) fn find(node: &NodeProto) -> Option<Rule> {
    match node.domain.as_deref() {
        None | Some("" | "ai.onnx") => standard(node.op()),
        Some("com.microsoft") => contributed(node.op()),
        Some(_) => None,
    }
}

/// Rules of the operators that ONNX Runtime adds to the standard, those that stay in the forward graph.
fn contributed(operator: &str) -> Option<Rule> {
    let rule: Rule = match operator {
        "MatMulNBits" => matmul_nbits::matmul_nbits,
        _ => return None,
    };
    Some(rule)
}

/// Rules of the standard operators.
fn standard(operator: &str) -> Option<Rule> {
    let rule: Rule = match operator {
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
        "Conv" => convolution::conv,
        "ConvTranspose" => convolution::conv_transpose,
        "AveragePool" => pooling::average,
        "LpPool" => pooling::lp,
        "GlobalAveragePool" => pooling::global_average,
        "GlobalMaxPool" => pooling::global_max,
        "GlobalLpPool" => pooling::global_lp,
        "MaxPool" => max_pool::max_pool,
        "Resize" => resize::resize,
        "QuantizeLinear" => quantise::quantize_linear,
        "DequantizeLinear" => quantise::dequantize_linear,
        "DynamicQuantizeLinear" => quantise::dynamic_quantize_linear,
        "MatMulInteger" => quantise::matmul_integer,
        "ConvInteger" => quantise::conv_integer,
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

/// Whether an output holds whole numbers that stand for real ones, so that a gradient flows through
/// them: what quantising makes, and what is computed with it.
pub(super) fn carries_quantised(node: &NodeProto, output: usize) -> bool {
    output == 0
        && match node.op() {
            "QuantizeLinear" | "DynamicQuantizeLinear" | "MatMulInteger" | "ConvInteger" => true,
            "Reshape" | "Transpose" | "Squeeze" | "Unsqueeze" | "Flatten" | "Identity" => true,
            // No rule: to be named as such.
            operator => operator.starts_with("QLinear") || operator.starts_with("QGemm"),
        }
}

/// Whether an output of a node on the way counts as a constant.
pub(super) fn is_held(node: &NodeProto, output: usize) -> bool {
    node.op() == "DynamicQuantizeLinear" && output > 0
}

/// What to do about an operator without a rule.
pub(super) fn advice(node: &NodeProto) -> &'static str {
    let quantised = [
        "QLinear",
        "QAttention",
        "QGemm",
        "QEmbed",
        "DynamicQuantize",
        "MatMulIntegerToFloat",
        "QuantizeLinear",
        "DequantizeLinear",
    ];
    if quantised.iter().any(|start| node.op().starts_with(start)) {
        ": it computes with quantised activations; quantise only the weights"
    } else {
        ""
    }
}

/// An input that must be there.
fn operand(node: &NodeProto, position: usize) -> Result<&str, OnnxError> {
    optional(node, position).ok_or_else(|| {
        OnnxError::Invalid(format!(
            "{} (node {:?}) has no input {position}",
            node.op(),
            node.name.as_deref().unwrap_or("")
        ))
    })
}

/// An input that may be left out.
fn optional(node: &NodeProto, position: usize) -> Option<&str> {
    let name = node.input.get(position)?;
    (!name.is_empty()).then_some(name.as_str())
}

/// A node whose operator has a rule, but not for this.
fn unsupported(node: &NodeProto, reason: &str) -> OnnxError {
    OnnxError::Unsupported(vec![format!(
        "{} (node {:?}): {reason}",
        node.op(),
        node.name.as_deref().unwrap_or("")
    )])
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
