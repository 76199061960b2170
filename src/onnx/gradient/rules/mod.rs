//! Gradient rules, one small file per operator or tight family. A rule gets the node and the
//! gradients of its outputs (none for outputs that nobody used) and gives gradients to its inputs.

mod arithmetic;
mod arrange;
mod channel_normalization;
mod concat;
mod dropout;
mod einsum;
mod elementwise;
mod gate;
mod gather;
mod gemm;
mod generate;
mod layer_normalization;
mod log_probability;
mod loss;
mod matmul;
mod pad;
mod pick;
mod place;
mod power;
mod rectifier;
mod reduce;
mod scatter;
mod select;
mod shape;
mod slice;
mod softmax;
mod stops;
mod trigonometric;
mod unit_normalization;

pub(super) use stops::stops_gradient;

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
