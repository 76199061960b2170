//! Conv and ConvTranspose: each is the other's gradient with respect to the image.

use super::convolution_weight::{Image, weight_gradient};
use super::window::{Padding, Window, lengths, list, spatial};
use super::{input, only, optional, unsupported};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// `Y[N,O,..] = W[O,C/group,..] * X[N,C,..] + B[O]`
pub fn conv(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, weight) = (input(node, 0)?, input(node, 1)?);
    let window = conv_window(context, node, x, weight)?;
    if context.wants(x) {
        let weight = Value::named(weight);
        let result = image_gradient(context, node, x, &weight, &gradient, &window)?;
        context.give(x, result);
    }
    if context.wants(weight) {
        let image = Image {
            value: Value::named(x),
            dimensions: context.value_type(x)?.dimensions.clone(),
        };
        let seen = Image {
            value: gradient.clone(),
            dimensions: output_dimensions(context, node, window.strides.len())?,
        };
        let grouping = (node.int("group", 1), true);
        let result = weight_gradient(context, &image, &seen, weight, &window, grouping)?;
        context.give(weight, result);
    }
    give_bias(context, node, &gradient)
}

/// The window of a Conv; the kernel's lengths are those of the weight.
pub(super) fn conv_window(
    context: &Context,
    node: &NodeProto,
    x: &str,
    weight: &str,
) -> Result<Window, OnnxError> {
    let input = spatial(&context.value_type(x)?.dimensions)?;
    let kernel = lengths(&spatial(&context.value_type(weight)?.dimensions)?);
    Window::of(node, &input, kernel)
}

/// The gradient of a Conv's image: the transposed convolution, cut or filled to the image's lengths.
pub(super) fn image_gradient(
    context: &mut Context,
    node: &NodeProto,
    x: &str,
    weight: &Value,
    gradient: &Value,
    window: &Window,
) -> Result<Value, OnnxError> {
    let input = spatial(&context.value_type(x)?.dimensions)?;
    let output = spatial(&output_dimensions(context, node, input.len())?)?;
    let mut attributes = vec![
        AttributeProto::ints("strides", &window.strides),
        AttributeProto::ints("dilations", &window.dilations),
        AttributeProto::int("group", node.int("group", 1)),
    ];
    if let Padding::Known { begin, end } = &window.padding {
        attributes.push(AttributeProto::ints("pads", &[&begin[..], end].concat()));
        if window.dense() {
            return Ok(context
                .builder
                .node("ConvTranspose", &[gradient, weight], attributes));
        }
        if let (Some(input), Some(output), Some(extents)) =
            (lengths(&input), lengths(&output), window.extents())
        {
            let rest: Vec<i64> = (0..input.len())
                .map(|axis| {
                    let reached = (output[axis] - 1) * window.strides[axis] + extents[axis];
                    input[axis] - (reached - begin[axis] - end[axis])
                })
                .collect();
            if rest.iter().any(|length| *length != 0) {
                attributes.push(AttributeProto::ints("output_padding", &rest));
            }
            return Ok(context
                .builder
                .node("ConvTranspose", &[gradient, weight], attributes));
        }
    }
    // The longest image that gives this output; what is too much is cut away.
    let rest: Vec<i64> = window.strides.iter().map(|stride| stride - 1).collect();
    attributes.push(AttributeProto::ints("output_padding", &rest));
    let whole = context
        .builder
        .node("ConvTranspose", &[gradient, weight], attributes);
    let image = Value::named(x);
    let builder = &mut context.builder;
    let length = builder.node("Shape", &[&image], vec![AttributeProto::int("start", 2)]);
    let (start, end) = match &window.padding {
        Padding::Known { .. } => (builder.integers(&vec![0; input.len()]), length),
        Padding::Same { .. } => {
            let (start, _) = window.padding_values(context, &image)?;
            let end = context.builder.add(&start, &length);
            (start, end)
        }
    };
    Ok(cut(context, &whole, &start, &end, input.len()))
}

/// `Y[N,O,..]` from `X[N,C,..]` and `W[C,O/group,..]`: every element of the image is spread over the
/// kernel.
pub fn conv_transpose(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let (x, weight) = (input(node, 0)?, input(node, 1)?);
    let window = transposed_window(context, node, x, weight)?;
    let Padding::Known { begin, end } = &window.padding else {
        return Err(unsupported(node, "its padding is not known"));
    };
    let more = list(node, "output_padding", window.strides.len(), 0)?;
    if more
        .iter()
        .zip(&window.strides)
        .any(|(more, stride)| more >= stride)
    {
        return Err(unsupported(node, "output_padding is not below the strides"));
    }
    if context.wants(x) {
        let attributes = vec![
            AttributeProto::ints("strides", &window.strides),
            AttributeProto::ints("dilations", &window.dilations),
            AttributeProto::ints("pads", &[&begin[..], end].concat()),
            AttributeProto::int("group", node.int("group", 1)),
        ];
        let result = context
            .builder
            .node("Conv", &[&gradient, &Value::named(weight)], attributes);
        context.give(x, result);
    }
    if context.wants(weight) {
        let image = Image {
            value: gradient.clone(),
            dimensions: output_dimensions(context, node, window.strides.len())?,
        };
        let seen = Image {
            value: Value::named(x),
            dimensions: context.value_type(x)?.dimensions.clone(),
        };
        let given = |name: &str| node.ints(name).is_some_and(|values| !values.is_empty());
        let exact = !given("output_shape") && more.iter().all(|length| *length == 0);
        let grouping = (node.int("group", 1), exact);
        let result = weight_gradient(context, &image, &seen, weight, &window, grouping)?;
        context.give(weight, result);
    }
    give_bias(context, node, &gradient)
}

/// The window of a ConvTranspose. With `auto_pad`, or a given `output_shape`, the padding is what is
/// too much.
fn transposed_window(
    context: &Context,
    node: &NodeProto,
    x: &str,
    weight: &str,
) -> Result<Window, OnnxError> {
    let input = spatial(&context.value_type(x)?.dimensions)?;
    let kernel = lengths(&spatial(&context.value_type(weight)?.dimensions)?);
    let axes = input.len();
    let mode = node.text("auto_pad", "NOTSET");
    let mut plain = node.clone();
    plain
        .attribute
        .retain(|attribute| attribute.name.as_deref() != Some("auto_pad"));
    let mut window = Window::of(&plain, &input, kernel)?;
    let wanted = node.ints("output_shape").filter(|shape| !shape.is_empty());
    if wanted.is_none() && mode == "VALID" {
        window.padding = Padding::none(axes);
    }
    if wanted.is_none() && !mode.starts_with("SAME") {
        return Ok(window);
    }
    let Some(extents) = window.extents() else {
        return Err(unsupported(node, "its kernel has an unknown size"));
    };
    let more = list(node, "output_padding", axes, 0)?;
    // The length without padding, less the wanted one.
    let excess: Vec<i64> = match wanted {
        // As many as the input has, times the stride: the input's length drops out.
        None => (0..axes)
            .map(|axis| more[axis] + extents[axis] - window.strides[axis])
            .collect(),
        Some(wanted) => {
            // Some writers list batch and channels too.
            let wanted = wanted.len().checked_sub(axes).map(|start| &wanted[start..]);
            let (Some(wanted), Some(input)) = (wanted, lengths(&input)) else {
                return Err(unsupported(node, "output_shape needs fixed sizes"));
            };
            let reached =
                |axis: usize| (input[axis] - 1) * window.strides[axis] + more[axis] + extents[axis];
            (0..axes).map(|axis| reached(axis) - wanted[axis]).collect()
        }
    };
    let (mut begin, mut end) = (Vec::new(), Vec::new());
    for total in excess {
        let total = total.max(0);
        let small = total / 2;
        let upper = mode == "SAME_UPPER";
        begin.push(if upper { small } else { total - small });
        end.push(if upper { total - small } else { small });
    }
    window.padding = Padding::Known { begin, end };
    Ok(window)
}

/// The bias is added everywhere: its gradient is the sum over all but the channels.
fn give_bias(context: &mut Context, node: &NodeProto, gradient: &Value) -> Result<(), OnnxError> {
    if let Some(bias) = optional(node, 2)
        && context.wants(bias)
    {
        let rank = context.rank(input(node, 0)?)?;
        let axes: Vec<i64> = std::iter::once(0).chain(2..rank as i64).collect();
        let sum = context.builder.reduce_sum(gradient, &axes, false);
        context.give(bias, sum);
    }
    Ok(())
}

/// The part of an image between two lists of positions.
fn cut(context: &mut Context, image: &Value, start: &Value, end: &Value, axes: usize) -> Value {
    let axes: Vec<i64> = (2..2 + axes as i64).collect();
    let axes = context.builder.integers(&axes);
    context
        .builder
        .node("Slice", &[image, start, end, &axes], Vec::new())
}

/// The dimensions of the output; unknown ones where even their number is not known.
fn output_dimensions(
    context: &Context,
    node: &NodeProto,
    axes: usize,
) -> Result<Vec<Dimension>, OnnxError> {
    let name = node.output.first().map_or("", String::as_str);
    let mut dimensions = context.value_type(name)?.dimensions.clone();
    if dimensions.len() != axes + 2 {
        dimensions = vec![Dimension::Unknown; axes + 2];
    }
    Ok(dimensions)
}
