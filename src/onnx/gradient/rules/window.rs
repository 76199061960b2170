//! The moving window of convolutions and pools: kernel, strides, dilations and padding, as far as
//! they are known while the graph is built.

use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// Longest kernel, stride, dilation and padding.
const LARGEST: i64 = i32::MAX as i64;

/// How the spatial dimensions of an image are padded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Padding {
    /// Elements before and after, per axis.
    Known { begin: Vec<i64>, end: Vec<i64> },
    /// As many as it takes for an output of `ceil(input / stride)`; an odd one comes at the end
    /// (upper) or at the begin. It depends on lengths that are known at run time only.
    Same { upper: bool },
}

/// A window over `n` spatial axes.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// Lengths of the kernel, where they are known.
    pub kernel: Option<Vec<i64>>,
    /// Steps.
    pub strides: Vec<i64>,
    /// Distances between the kernel's elements.
    pub dilations: Vec<i64>,
    /// Padding.
    pub padding: Padding,
}

impl Window {
    /// Reads the attributes of a node over an image with these spatial dimensions. The kernel is
    /// what is given here, else the attribute.
    pub fn of(
        node: &NodeProto,
        input: &[Dimension],
        kernel: Option<Vec<i64>>,
    ) -> Result<Window, OnnxError> {
        let axes = input.len();
        let kernel = match (kernel, node.ints("kernel_shape")) {
            (Some(kernel), _) => Some(kernel),
            (None, Some(kernel)) if !kernel.is_empty() => Some(kernel.to_vec()),
            _ => None,
        };
        let strides = list(node, "strides", axes, 1)?;
        let dilations = list(node, "dilations", axes, 1)?;
        if node.int("group", 1) < 1 {
            return Err(broken(node, "group"));
        }
        // So that no product of two of them overflows.
        let sizes = |values: &[i64]| {
            values.len() == axes && values.iter().all(|value| (1..=LARGEST).contains(value))
        };
        if !sizes(&strides) || !sizes(&dilations) || !kernel.as_deref().is_none_or(sizes) {
            return Err(broken(node, "the kernel, strides or dilations"));
        }
        let mut window = Window {
            kernel,
            strides,
            dilations,
            padding: Padding::none(axes),
        };
        window.padding = match node.text("auto_pad", "NOTSET") {
            "VALID" => Padding::none(axes),
            "SAME_UPPER" => window.same(input, true),
            "SAME_LOWER" => window.same(input, false),
            _ => {
                let mut begin = list(node, "pads", 2 * axes, 0)?;
                if !begin.iter().all(|length| (0..=LARGEST).contains(length)) {
                    return Err(broken(node, "pads"));
                }
                let end = begin.split_off(axes);
                Padding::Known { begin, end }
            }
        };
        Ok(window)
    }

    /// Lengths that the kernel covers.
    pub fn extents(&self) -> Option<Vec<i64>> {
        let kernel = self.kernel.as_ref()?;
        let pairs = kernel.iter().zip(&self.dilations);
        Some(
            pairs
                .map(|(kernel, step)| (kernel - 1) * step + 1)
                .collect(),
        )
    }

    /// Number of elements of the kernel.
    pub fn taps(&self) -> Option<i64> {
        let mut lengths = self.kernel.as_ref()?.iter();
        lengths.try_fold(1i64, |product, length| product.checked_mul(*length))
    }

    /// Whether every step is one element.
    pub fn dense(&self) -> bool {
        self.strides.iter().all(|stride| *stride == 1)
    }

    fn same(&self, input: &[Dimension], upper: bool) -> Padding {
        let Some(extents) = self.extents() else {
            return Padding::Same { upper };
        };
        let (mut begin, mut end) = (Vec::new(), Vec::new());
        for ((extent, stride), length) in extents.iter().zip(&self.strides).zip(input) {
            let total = match (length, stride) {
                (_, 1) => extent - 1,
                (Dimension::Fixed(length), stride) => {
                    let length = *length as i64;
                    let output = (length + stride - 1) / stride;
                    ((output - 1) * stride + extent - length).max(0)
                }
                _ => return Padding::Same { upper },
            };
            let small = total / 2;
            let (first, last) = if upper {
                (small, total - small)
            } else {
                (total - small, small)
            };
            begin.push(first);
            end.push(last);
        }
        Padding::Known { begin, end }
    }

    /// The padding of an image as two lists of whole numbers: constants where it is known.
    pub fn padding_values(
        &self,
        context: &mut Context,
        image: &Value,
    ) -> Result<(Value, Value), OnnxError> {
        let upper = match &self.padding {
            Padding::Known { begin, end } => {
                return Ok((
                    context.builder.integers(begin),
                    context.builder.integers(end),
                ));
            }
            Padding::Same { upper } => *upper,
        };
        let extents = self.extents().ok_or_else(|| {
            OnnxError::Unsupported(vec![
                "a convolution with SAME padding and a kernel of unknown size".into(),
            ])
        })?;
        let rest: Vec<i64> = (0..self.strides.len())
            .map(|axis| extents[axis] - self.strides[axis])
            .collect();
        let less: Vec<i64> = self.strides.iter().map(|stride| stride - 1).collect();
        let builder = &mut context.builder;
        let length = builder.node("Shape", &[image], vec![AttributeProto::int("start", 2)]);
        let stride = builder.integers(&self.strides);
        let (rest, less) = (builder.integers(&rest), builder.integers(&less));
        let (zero, two) = (builder.integers(&[0]), builder.integers(&[2]));
        let raised = builder.add(&length, &less);
        let output = builder.div(&raised, &stride);
        let stepped = builder.mul(&output, &stride);
        let covered = builder.add(&stepped, &rest);
        let missing = builder.sub(&covered, &length);
        let total = builder.max(&missing, &zero);
        let small = builder.div(&total, &two);
        let large = builder.sub(&total, &small);
        Ok(if upper {
            (small, large)
        } else {
            (large, small)
        })
    }
}

impl Padding {
    /// No padding.
    pub fn none(axes: usize) -> Padding {
        Padding::Known {
            begin: vec![0; axes],
            end: vec![0; axes],
        }
    }

    /// Whether there is certainly none.
    pub fn is_none(&self) -> bool {
        match self {
            Padding::Known { begin, end } => begin.iter().chain(end).all(|length| *length == 0),
            Padding::Same { .. } => false,
        }
    }
}

/// A list attribute of a known length, or its default.
pub(super) fn list(
    node: &NodeProto,
    name: &str,
    length: usize,
    default: i64,
) -> Result<Vec<i64>, OnnxError> {
    match node.ints(name) {
        Some(values) if values.len() == length => Ok(values.to_vec()),
        None | Some([]) => Ok(vec![default; length]),
        Some(_) => Err(broken(node, name)),
    }
}

/// The lengths of dimensions, when all are known.
pub(super) fn lengths(dimensions: &[Dimension]) -> Option<Vec<i64>> {
    let length = |dimension: &Dimension| match dimension {
        Dimension::Fixed(length) => Some(*length as i64),
        _ => None,
    };
    dimensions.iter().map(length).collect()
}

/// The number of elements of a window.
pub(super) fn product(lengths: &[i64]) -> f64 {
    lengths.iter().map(|length| *length as f64).product()
}

/// The spatial dimensions of an image: all behind batch and channels.
pub(super) fn spatial(dimensions: &[Dimension]) -> Result<Vec<Dimension>, OnnxError> {
    match dimensions.get(2..) {
        Some(spatial) if !spatial.is_empty() => Ok(spatial.to_vec()),
        _ => Err(OnnxError::Invalid(
            "an image without spatial dimensions".into(),
        )),
    }
}

fn broken(node: &NodeProto, what: &str) -> OnnxError {
    OnnxError::Invalid(format!(
        "{what} of {} (node {:?}) does not fit its input",
        node.op(),
        node.name.as_deref().unwrap_or("")
    ))
}
