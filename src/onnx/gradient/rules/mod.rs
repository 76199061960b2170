//! Gradient rules, one small file per operator or tight family. A rule gets the node and the
//! gradients of its outputs (none for outputs that nobody used) and gives gradients to its inputs.

mod arithmetic;
mod arrange;
mod channel_normalization;
mod concat;
mod convolution;
mod convolution_weight;
mod dropout;
mod einsum;
mod elementwise;
mod gate;
mod gather;
mod gemm;
mod generate;
pub(super) mod group;
mod layer_normalization;
mod log_probability;
mod loss;
mod matmul;
mod matmul_nbits;
mod max_pool;
mod pad;
mod pick;
pub(super) mod place;
mod pooling;
mod power;
mod quantise;
mod rectifier;
mod reduce;
mod resize;
mod scatter;
mod select;
mod separable;
mod shape;
mod slice;
mod softmax;
mod stops;
mod trigonometric;
mod unit_normalization;
mod window;

pub(super) use stops::{settings, stops_gradient};

use super::context::Context;
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
        "Add" | "Sum" => arithmetic::add,
        "Sub" => arithmetic::sub,
        "Mul" => arithmetic::mul,
        "Div" => arithmetic::div,
        "Mod" => arithmetic::modulo,
        "Mean" => arithmetic::mean,
        "Pow" => power::pow,
        "Neg" => elementwise::neg,
        "Exp" => elementwise::exp,
        "Log" => elementwise::log,
        "Sqrt" => elementwise::sqrt,
        "Erf" => elementwise::erf,
        "Tanh" => elementwise::tanh,
        "Sigmoid" => elementwise::sigmoid,
        "Abs" => elementwise::abs,
        "Reciprocal" => elementwise::reciprocal,
        "Softplus" => elementwise::softplus,
        "Softsign" => elementwise::softsign,
        "Identity" => elementwise::identity,
        "Cast" | "CastLike" => elementwise::cast,
        "Dropout" => dropout::dropout,
        "Sin" => trigonometric::sin,
        "Cos" => trigonometric::cos,
        "Tan" => trigonometric::tan,
        "Asin" => trigonometric::asin,
        "Acos" => trigonometric::acos,
        "Atan" => trigonometric::atan,
        "Sinh" => trigonometric::sinh,
        "Cosh" => trigonometric::cosh,
        "Asinh" => trigonometric::asinh,
        "Acosh" => trigonometric::acosh,
        "Atanh" => trigonometric::atanh,
        "Relu" => rectifier::relu,
        "LeakyRelu" => rectifier::leaky_relu,
        "PRelu" => rectifier::parametric_relu,
        "ThresholdedRelu" => rectifier::thresholded_relu,
        "Elu" => rectifier::elu,
        "Celu" => rectifier::celu,
        "Selu" => rectifier::selu,
        "HardSigmoid" => rectifier::hard_sigmoid,
        "HardSwish" => rectifier::hard_swish,
        "Shrink" => rectifier::shrink,
        "Gelu" => gate::gelu,
        "Swish" => gate::swish,
        "Mish" => gate::mish,
        "Softmax" => softmax::softmax,
        "LogSoftmax" => softmax::log_softmax,
        "Where" => select::choose,
        "Min" => select::min,
        "Max" => select::max,
        "Clip" => select::clip,
        "GatherElements" => log_probability::gather_elements,
        "LayerNormalization" => layer_normalization::layer_normalization,
        "RMSNormalization" => layer_normalization::rms_normalization,
        "GroupNormalization" => channel_normalization::group_normalization,
        "InstanceNormalization" => channel_normalization::instance_normalization,
        "BatchNormalization" => channel_normalization::batch_normalization,
        "MeanVarianceNormalization" => unit_normalization::mean_variance,
        "LpNormalization" => unit_normalization::lp,
        "ReduceSum" => reduce::sum,
        "ReduceMean" => reduce::mean,
        "ReduceMax" | "ReduceMin" => reduce::extreme,
        "ReduceL1" => reduce::l1,
        "ReduceL2" => reduce::l2,
        "ReduceLogSum" => reduce::log_sum,
        "ReduceLogSumExp" => reduce::log_sum_exp,
        "ReduceSumSquare" => reduce::sum_square,
        "ReduceProd" => reduce::product,
        "CumSum" => reduce::cumulative,
        "Range" => generate::range,
        "OneHot" => generate::one_hot,
        "NegativeLogLikelihoodLoss" => loss::negative_log_likelihood,
        "SoftmaxCrossEntropyLoss" => loss::softmax_cross_entropy,

        // Operators that contract, move, index or pick.
        "MatMul" => matmul::matmul,
        "Gemm" => gemm::gemm,
        "Einsum" => einsum::einsum,
        "Reshape" | "Flatten" => shape::reshape,
        "Squeeze" | "Unsqueeze" => shape::squeeze,
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
        "GatherND" => pick::gather_nd,
        "TopK" => pick::top_k,
        "ScatterElements" | "ScatterND" => scatter::scatter,

        // Windows over space, and quantised forms.
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
        _ => return None,
    };
    Some(rule)
}

/// The name of an input that must be there.
fn input(node: &NodeProto, position: usize) -> Result<&str, OnnxError> {
    optional(node, position).ok_or_else(|| incomplete(node, "input", position))
}

/// The name of an input that may be left out.
fn optional(node: &NodeProto, position: usize) -> Option<&str> {
    let name = node.input.get(position)?;
    (!name.is_empty()).then_some(name)
}

/// The name of an output that must be there.
fn output(node: &NodeProto, position: usize) -> Result<&str, OnnxError> {
    let name = node.output.get(position).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| incomplete(node, "output", position))?;
    Ok(name)
}

fn incomplete(node: &NodeProto, what: &str, position: usize) -> OnnxError {
    OnnxError::Invalid(format!(
        "{} (node {:?}) has no {what} {position}",
        node.op(),
        node.name.as_deref().unwrap_or("")
    ))
}

/// An operator that has a rule, but not in this form.
fn refused(node: &NodeProto, form: &str) -> OnnxError {
    OnnxError::Unsupported(vec![format!(
        "{} {form} (node {:?})",
        node.op(),
        node.name.as_deref().unwrap_or("")
    )])
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
