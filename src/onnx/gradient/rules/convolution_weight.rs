//! The gradient of a convolution's kernel.
//!
//! Three forms, by measured speed: a pointwise kernel is one matrix product; a small kernel with
//! stride 1 is one product per element of the kernel, over the image shifted by that element;
//! anything else is a convolution of the image with the gradient as its kernel, where batch and
//! channels have changed places.

use super::window::{Padding, Window, lengths};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, OnnxError, Value};

/// Largest kernel that is taken element by element.
const MOST_TAPS: i64 = 9;

/// A value `[N,C,..]` and what is known of its dimensions.
pub(super) struct Image {
    pub value: Value,
    pub dimensions: Vec<Dimension>,
}

/// `dW[O,C/group,..]` of a convolution of `image [N,C,..]` whose output has the gradient
/// `seen [N,O,..]`; `exact` when the image is no longer than the output's length asks for.
pub(super) fn weight_gradient(
    context: &mut Context,
    image: &Image,
    seen: &Image,
    weight: &str,
    window: &Window,
    (group, exact): (i64, bool),
) -> Result<Value, OnnxError> {
    let shape = lengths(&context.value_type(weight)?.dimensions);
    if let (Some(shape), Some(taps), Padding::Known { begin, end }) =
        (shape, window.taps(), &window.padding)
        && exact
        && group > 0
        && let [outputs, inputs, ..] = shape[..]
    {
        let grouping = Grouping {
            group,
            outputs: outputs / group,
            inputs,
        };
        if taps == 1 && window.padding.is_none() {
            return Ok(pointwise(context, image, seen, &shape, window, &grouping));
        }
        if taps <= MOST_TAPS && window.dense() {
            let padding = [&begin[..], end];
            return Ok(by_taps(
                context, image, seen, &shape, window, &grouping, padding,
            ));
        }
    }
    by_convolution(context, image, seen, weight, window, group)
}

/// Groups and the channels per group.
struct Grouping {
    group: i64,
    outputs: i64,
    inputs: i64,
}

impl Grouping {
    /// `[N, channels, length]`, or `[N, group, channels of a group, length]`.
    fn flat(&self, channels: i64) -> Vec<i64> {
        match self.group {
            1 => vec![0, 0, -1],
            group => vec![0, group, channels, -1],
        }
    }

    /// The order of dimensions that swaps the last two.
    fn swapped(&self) -> &'static [i64] {
        match self.group {
            1 => &[0, 2, 1],
            _ => &[0, 1, 3, 2],
        }
    }
}

/// `dW = dY X^T`, summed over the batch.
fn pointwise(
    context: &mut Context,
    image: &Image,
    seen: &Image,
    shape: &[i64],
    window: &Window,
    grouping: &Grouping,
) -> Value {
    let builder = &mut context.builder;
    let axes = window.strides.len();
    let taken = if window.dense() {
        image.value.clone()
    } else {
        let starts = builder.integers(&vec![0; axes]);
        let ends = builder.integers(&vec![i64::MAX; axes]);
        let along: Vec<i64> = (2..2 + axes as i64).collect();
        let along = builder.integers(&along);
        let steps = builder.integers(&window.strides);
        let inputs = [&image.value, &starts, &ends, &along, &steps];
        builder.node("Slice", &inputs, Vec::new())
    };
    let rows = builder.reshape(&seen.value, &grouping.flat(grouping.outputs));
    let columns = builder.reshape(&taken, &grouping.flat(grouping.inputs));
    let columns = builder.transpose(&columns, grouping.swapped());
    let product = builder.matmul(&rows, &columns);
    let summed = builder.reduce_sum(&product, &[0], false);
    builder.reshape(&summed, shape)
}

/// One product per element of the kernel.
fn by_taps(
    context: &mut Context,
    image: &Image,
    seen: &Image,
    shape: &[i64],
    window: &Window,
    grouping: &Grouping,
    padding: [&[i64]; 2],
) -> Value {
    let axes = window.strides.len();
    let kernel = &shape[2..];
    let builder = &mut context.builder;
    let image = if window.padding.is_none() {
        image.value.clone()
    } else {
        let pads = [&[0, 0], padding[0], &[0, 0], padding[1]].concat();
        let pads = builder.integers(&pads);
        builder.node("Pad", &[&image.value, &pads], Vec::new())
    };
    let rows = builder.reshape(&seen.value, &grouping.flat(grouping.outputs));
    let rows = builder.transpose(&rows, grouping.swapped());
    let along: Vec<i64> = (2..2 + axes as i64).collect();
    let along = builder.integers(&along);
    let flat = builder.integers(&grouping.flat(grouping.inputs));
    let taps: i64 = kernel.iter().product();
    let mut products = Vec::new();
    for tap in 0..taps {
        let mut rest = tap;
        let (mut starts, mut ends) = (vec![0; axes], vec![0; axes]);
        for axis in (0..axes).rev() {
            let position = rest % kernel[axis];
            rest /= kernel[axis];
            starts[axis] = position * window.dilations[axis];
            // Counted from the end, so that the length need not be known.
            ends[axis] = match (position - (kernel[axis] - 1)) * window.dilations[axis] {
                0 => i64::MAX,
                end => end,
            };
        }
        let (starts, ends) = (builder.integers(&starts), builder.integers(&ends));
        let shifted = builder.node("Slice", &[&image, &starts, &ends, &along], Vec::new());
        let columns = builder.reshape_to(&shifted, &flat);
        products.push(builder.matmul(&columns, &rows));
    }
    let products: Vec<&Value> = products.iter().collect();
    let all = builder.concat(&products, -2);
    let summed = builder.reduce_sum(&all, &[0], false);
    let apart = [grouping.group, taps, grouping.inputs, grouping.outputs];
    let apart = builder.reshape(&summed, &apart);
    let ordered = builder.transpose(&apart, &[0, 3, 2, 1]);
    builder.reshape(&ordered, shape)
}

/// The kernel's gradient is itself a convolution: the image with batch and channels swapped, by the
/// gradient with batch and channels swapped; strides and dilations change places. With groups, the
/// channels of a group take the place of the batch.
fn by_convolution(
    context: &mut Context,
    image: &Image,
    seen: &Image,
    weight: &str,
    window: &Window,
    group: i64,
) -> Result<Value, OnnxError> {
    let axes = window.strides.len();
    let swapped: Vec<i64> = [1, 0].into_iter().chain(2..2 + axes as i64).collect();
    let (padded, pads) = match &window.padding {
        Padding::Known { begin, end } => (image.value.clone(), [&begin[..], end].concat()),
        Padding::Same { .. } => {
            let (begin, end) = window.padding_values(context, &image.value)?;
            let none = context.builder.integers(&[0, 0]);
            let pads = context.builder.concat(&[&none, &begin, &none, &end], 0);
            let padded = context
                .builder
                .node("Pad", &[&image.value, &pads], Vec::new());
            (padded, vec![0; 2 * axes])
        }
    };
    let kernel = context.builder.transpose(&seen.value, &swapped);
    let turned = if group == 1 {
        context.builder.transpose(&padded, &swapped)
    } else {
        let spatial = match window.padding {
            Padding::Known { .. } => image.dimensions.get(2..).and_then(lengths),
            Padding::Same { .. } => None,
        };
        let apart = with_spatial(context, &padded, &[0, group, -1], spatial.as_deref());
        let apart = context.builder.reshape_to(&padded, &apart);
        let order: Vec<i64> = [2, 1, 0].into_iter().chain(3..3 + axes as i64).collect();
        let turned = context.builder.transpose(&apart, &order);
        let together = with_spatial(context, &padded, &[0, -1], spatial.as_deref());
        context.builder.reshape_to(&turned, &together)
    };
    let attributes = vec![
        AttributeProto::ints("strides", &window.dilations),
        AttributeProto::ints("dilations", &window.strides),
        AttributeProto::ints("pads", &pads),
        AttributeProto::int("group", group),
    ];
    let whole = context
        .builder
        .node("Conv", &[&turned, &kernel], attributes);
    let cut = if fits(image, seen, window) {
        whole
    } else {
        let builder = &mut context.builder;
        let starts = builder.integers(&vec![0; axes]);
        let ends = match &window.kernel {
            Some(kernel) => builder.integers(kernel),
            None => {
                let attributes = vec![AttributeProto::int("start", 2)];
                builder.node("Shape", &[&Value::named(weight)], attributes)
            }
        };
        let along = builder.integers(&swapped[2..]);
        builder.node("Slice", &[&whole, &starts, &ends, &along], Vec::new())
    };
    Ok(context.builder.transpose(&cut, &swapped))
}

/// Whether the convolution that gives the kernel's gradient is certainly no longer than the kernel:
/// elements of the image that no window reached make it longer.
fn fits(image: &Image, seen: &Image, window: &Window) -> bool {
    let (Some(input), Some(output), Some(extents), Padding::Known { begin, end }) = (
        image.dimensions.get(2..).and_then(lengths),
        seen.dimensions.get(2..).and_then(lengths),
        window.extents(),
        &window.padding,
    ) else {
        return false;
    };
    (0..window.strides.len()).all(|axis| {
        let reached = (output[axis] - 1) * window.strides[axis] + extents[axis];
        input[axis] + begin[axis] + end[axis] - reached < window.dilations[axis]
    })
}

/// A shape: some numbers, then the spatial lengths of an image.
fn with_spatial(
    context: &mut Context,
    image: &Value,
    first: &[i64],
    spatial: Option<&[i64]>,
) -> Value {
    let builder = &mut context.builder;
    match spatial {
        Some(spatial) => builder.integers(&[first, spatial].concat()),
        None => {
            let first = builder.integers(first);
            let attributes = vec![AttributeProto::int("start", 2)];
            let lengths = builder.node("Shape", &[image], attributes);
            builder.concat(&[&first, &lengths], 0)
        }
    }
}
