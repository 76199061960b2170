//! Convolutions, alone and between pools and resizes.

use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Tensor, Value, build_gradient,
};
use stepdroid::runtime::SessionOracle;

use crate::attributes::attributes;
use crate::harness::{Case, case, check_all, library, random};
use crate::images::{count, frozen, gradient_nodes, int, ints, of, summed};

/// A case of an operator whose second weight is a kernel, with the kernel's lengths as an attribute:
/// without them the engine does not even know the rank of the output when the weight's shape is not
/// known.
fn with_kernel(
    name: &'static str,
    operator: &'static str,
    shapes: &[&[usize]],
    text: &str,
) -> Case {
    let kernel: Vec<i64> = shapes[1][2..].iter().map(|length| *length as i64).collect();
    let mut attributes = attributes(text);
    attributes.push(ints("kernel_shape", &kernel));
    of(name, operator, shapes, attributes)
}

fn conv(name: &'static str, shapes: &[&[usize]], text: &str) -> Case {
    with_kernel(name, "Conv", shapes, text)
}

fn transposed(name: &'static str, shapes: &[&[usize]], text: &str) -> Case {
    with_kernel(name, "ConvTranspose", shapes, text)
}

/// A convolution of a frozen kernel of a known size that depends on the image, so that the size of the
/// image is not known.
fn unknown(name: &'static str, image: &[usize], kernel: [usize; 4], text: &'static str) -> Case {
    case(name, &[image], move |b, v| {
        let kernel = frozen(b, &kernel);
        let scale = b.reduce_mean(&v[0], &[], false);
        let kernel = b.mul(&kernel, &scale);
        b.node("Conv", &[&v[0], &kernel], attributes(text))
    })
    .single()
}

fn convolutions() -> Vec<Case> {
    vec![
        conv(
            "conv 3x3",
            &[&[2, 3, 5, 6], &[4, 3, 3, 3], &[4]],
            "pads=[1,1,1,1]",
        ),
        conv("conv without bias", &[&[2, 3, 5, 6], &[4, 3, 3, 2]], ""),
        of(
            "conv of a kernel that says its size",
            "Conv",
            &[&[2, 3, 5, 6], &[4, 3, 3, 2]],
            attributes("strides=[2,2]"),
        )
        .fixed_only(),
        conv(
            "conv 1d",
            &[&[2, 3, 9], &[4, 3, 3], &[4]],
            "strides=[2] pads=[1,0]",
        ),
        conv("conv 1d dense", &[&[2, 3, 9], &[4, 3, 4]], "pads=[2,1]"),
        conv(
            "conv 3d",
            &[&[1, 2, 4, 5, 4], &[3, 2, 2, 3, 2], &[3]],
            "pads=[0,1,1,1,0,1] strides=[1,2,1]",
        ),
        conv("conv 3d dense", &[&[1, 2, 3, 4, 3], &[2, 2, 2, 2, 2]], ""),
        conv(
            "conv strides, uneven pads",
            &[&[2, 2, 7, 8], &[3, 2, 3, 2], &[3]],
            "strides=[2,3] pads=[1,0,2,1]",
        ),
        conv(
            "conv strides that leave a rest",
            &[&[1, 2, 8, 9], &[3, 2, 3, 3]],
            "strides=[3,4]",
        ),
        conv(
            "conv dilations",
            &[&[2, 2, 7, 8], &[3, 2, 3, 2]],
            "dilations=[2,3] pads=[2,1,2,2]",
        ),
        conv(
            "conv strides and dilations",
            &[&[1, 2, 9, 9], &[2, 2, 3, 3]],
            "dilations=[2,1] strides=[2,2] pads=[1,1,1,1]",
        ),
        conv(
            "conv groups",
            &[&[2, 4, 5, 5], &[6, 2, 3, 3], &[6]],
            "group=2 pads=[1,1,1,1]",
        ),
        conv(
            "conv groups and strides",
            &[&[2, 4, 6, 7], &[6, 2, 3, 3], &[6]],
            "group=2 strides=[2,2] pads=[1,1,0,1]",
        ),
        conv(
            "conv depthwise",
            &[&[2, 4, 6, 5], &[4, 1, 3, 3], &[4]],
            "group=4 pads=[1,1,1,1]",
        ),
        conv(
            "conv depthwise, strides",
            &[&[2, 3, 6, 7], &[3, 1, 3, 3]],
            "group=3 strides=[2,2] pads=[1,1,1,1]",
        ),
        conv(
            "conv depthwise, two for each",
            &[&[2, 3, 5, 5], &[6, 1, 5, 5]],
            "group=3 pads=[2,2,2,2]",
        ),
        conv("conv 1x1", &[&[2, 3, 4, 5], &[4, 3, 1, 1], &[4]], ""),
        conv(
            "conv 1x1, strides",
            &[&[2, 3, 4, 5], &[4, 3, 1, 1]],
            "strides=[2,3]",
        ),
        conv(
            "conv 1x1, groups",
            &[&[2, 4, 4, 5], &[6, 2, 1, 1]],
            "group=2",
        ),
        conv(
            "conv 1x1, padded",
            &[&[1, 2, 3, 3], &[2, 2, 1, 1]],
            "pads=[1,0,0,1]",
        ),
        conv(
            "conv patches",
            &[&[2, 3, 8, 8], &[5, 3, 4, 4], &[5]],
            "strides=[4,4]",
        ),
        conv(
            "conv large kernel",
            &[&[1, 2, 7, 7], &[2, 2, 5, 5]],
            "pads=[2,2,2,2]",
        ),
        conv(
            "conv pads beyond the kernel",
            &[&[1, 2, 4, 4], &[2, 2, 2, 2]],
            "pads=[2,3,3,2]",
        ),
        conv(
            "conv valid",
            &[&[1, 2, 5, 5], &[2, 2, 3, 3]],
            "auto_pad=VALID",
        ),
        conv(
            "conv same upper",
            &[&[1, 2, 5, 6], &[2, 2, 4, 3]],
            "auto_pad=SAME_UPPER",
        ),
        conv(
            "conv same lower",
            &[&[1, 2, 5, 6], &[2, 2, 4, 3]],
            "auto_pad=SAME_LOWER",
        ),
        conv(
            "conv same upper, strides",
            &[&[2, 2, 7, 6], &[2, 2, 4, 3]],
            "auto_pad=SAME_UPPER strides=[2,2]",
        ),
        conv(
            "conv same lower, strides",
            &[&[2, 2, 7, 6], &[2, 2, 4, 3]],
            "auto_pad=SAME_LOWER strides=[2,2]",
        ),
        conv(
            "conv same, strides beyond the kernel",
            &[&[1, 2, 8, 7], &[2, 2, 2, 1]],
            "auto_pad=SAME_UPPER strides=[3,3]",
        ),
        conv(
            "conv same, groups and strides",
            &[&[2, 4, 7, 6], &[4, 2, 3, 3], &[4]],
            "group=2 auto_pad=SAME_LOWER strides=[2,2]",
        ),
        case("conv of an image alone", &[&[2, 3, 7, 6]], |b, v| {
            let kernel = frozen(b, &[4, 3, 3, 3]);
            b.node("Conv", &[&v[0], &kernel], attributes("strides=[2,2]"))
        })
        .single(),
        case("conv of an image alone, same", &[&[2, 3, 7, 6]], |b, v| {
            let kernel = frozen(b, &[4, 3, 3, 3]);
            b.node(
                "Conv",
                &[&v[0], &kernel],
                attributes("strides=[2,2] auto_pad=SAME_LOWER"),
            )
        })
        .single(),
        case("conv of a kernel alone", &[&[4, 3, 3, 3]], |b, v| {
            let image = frozen(b, &[2, 3, 7, 6]);
            b.node(
                "Conv",
                &[&image, &v[0]],
                attributes("strides=[2,1] kernel_shape=[3,3]"),
            )
        })
        .single(),
        case("conv of a bias alone", &[&[4]], |b, v| {
            let (image, kernel) = (frozen(b, &[2, 3, 5, 5]), frozen(b, &[4, 3, 3, 3]));
            b.node("Conv", &[&image, &kernel, &v[0]], Vec::new())
        })
        .single(),
        case(
            "conv with an empty bias",
            &[&[1, 2, 4, 4], &[2, 2, 3, 3]],
            |b, v| {
                b.node(
                    "Conv",
                    &[&v[0], &v[1], &Value::named("")],
                    attributes("kernel_shape=[3,3]"),
                )
            },
        )
        .single(),
        unknown(
            "conv of an image of unknown size",
            &[2, 3, 6, 5],
            [2, 3, 3, 3],
            "pads=[1,1,1,1]",
        ),
        unknown(
            "conv of an image of unknown size, grouped",
            &[2, 4, 6, 5],
            [4, 2, 2, 3],
            "group=2 dilations=[2,1]",
        ),
        unknown(
            "conv 1x1 of an image of unknown size",
            &[2, 4, 6, 5],
            [6, 2, 1, 1],
            "group=2 strides=[2,2]",
        ),
    ]
}

fn transposed_convolutions() -> Vec<Case> {
    vec![
        transposed(
            "transposed 3x3",
            &[&[2, 3, 4, 5], &[3, 2, 3, 3], &[2]],
            "pads=[1,1,1,1]",
        ),
        transposed(
            "transposed 1d",
            &[&[2, 3, 5], &[3, 2, 4]],
            "strides=[2] pads=[1,1]",
        ),
        transposed(
            "transposed 3d",
            &[&[1, 2, 2, 3, 2], &[2, 2, 2, 2, 3]],
            "strides=[1,2,1]",
        ),
        transposed(
            "transposed side by side",
            &[&[2, 3, 4, 3], &[3, 2, 2, 2], &[2]],
            "strides=[2,2]",
        ),
        transposed(
            "transposed output_padding",
            &[&[2, 3, 3, 4], &[3, 2, 3, 3]],
            "strides=[2,3] pads=[1,0,1,2] output_padding=[1,2]",
        ),
        transposed(
            "transposed dilations",
            &[&[1, 2, 4, 3], &[2, 2, 3, 2]],
            "dilations=[2,3] strides=[2,1]",
        ),
        transposed(
            "transposed groups",
            &[&[2, 4, 3, 4], &[4, 3, 3, 3], &[6]],
            "group=2 strides=[2,2] pads=[1,1,1,1]",
        ),
        transposed(
            "transposed groups, dense",
            &[&[2, 4, 3, 4], &[4, 3, 2, 3]],
            "group=2",
        ),
        transposed(
            "transposed depthwise",
            &[&[2, 3, 4, 4], &[3, 1, 4, 4]],
            "group=3 strides=[2,2] pads=[1,1,1,1]",
        ),
        transposed(
            "transposed output_shape",
            &[&[1, 2, 4, 3], &[2, 2, 3, 3]],
            "strides=[2,2] output_shape=[8,6]",
        )
        .fixed_only(),
        transposed(
            "transposed output_shape, upper",
            &[&[1, 2, 4, 3], &[2, 2, 4, 3]],
            "strides=[2,2] output_shape=[7,6] auto_pad=SAME_UPPER",
        )
        .fixed_only(),
        transposed(
            "transposed output_shape, lower",
            &[&[1, 2, 4, 3], &[2, 2, 4, 3]],
            "strides=[2,2] output_shape=[7,6] auto_pad=SAME_LOWER",
        )
        .fixed_only(),
        transposed("transposed 1x1", &[&[2, 3, 4, 5], &[3, 2, 1, 1]], ""),
        transposed(
            "transposed same upper",
            &[&[1, 2, 3, 4], &[2, 2, 4, 3]],
            "auto_pad=SAME_UPPER strides=[2,2]",
        ),
        transposed(
            "transposed same lower",
            &[&[1, 2, 3, 4], &[2, 2, 4, 3]],
            "auto_pad=SAME_LOWER strides=[2,2]",
        ),
        transposed(
            "transposed same, strides beyond",
            &[&[1, 2, 3, 4], &[2, 2, 2, 1]],
            "auto_pad=SAME_LOWER strides=[3,2]",
        ),
        transposed(
            "transposed valid",
            &[&[1, 2, 3, 4], &[2, 2, 3, 3]],
            "auto_pad=VALID strides=[2,1]",
        ),
    ]
}

#[test]
fn convolutions_agree_with_finite_differences() {
    check_all(&convolutions());
}

#[test]
fn transposed_convolutions_agree_with_finite_differences() {
    check_all(&transposed_convolutions());
}

#[test]
fn frozen_weights_cost_no_node() {
    let model = summed(
        &[
            ("x", &[1, 2, 6, 6]),
            ("w", &[3, 2, 3, 3]),
            ("m", &[4, 5]),
            ("g", &[3, 5]),
        ],
        |b, v| {
            let image = b.node("Conv", &[&v[0], &v[1]], Vec::new());
            let product = b.matmul(&image, &v[2]);
            let rows = b.reshape(&product, &[12, 5]);
            b.gemm(&rows, &v[3], false, true)
        },
    );
    let before = model.graph().node.len();
    let nodes = gradient_nodes(&model, &["x"]);
    // Backward: one node each for the convolution and the Gemm, two for the product and its shape.
    assert_eq!(count(&nodes, "Conv"), 1, "only the forward one");
    assert_eq!(count(&nodes, "ConvTranspose"), 1);
    assert_eq!(count(&nodes, "MatMul") + count(&nodes, "Gemm"), 2 + 2);
    assert_eq!(count(&nodes, "Transpose"), 0, "no frozen weight is turned");
    assert_eq!(count(&nodes, "Pad") + count(&nodes, "Slice"), 0);
    assert!(nodes.len() <= before + 14, "{} nodes", nodes.len());
    let all = gradient_nodes(&model, &["x", "w", "m", "g"]);
    assert!(all.len() > nodes.len() + 20, "the kernel alone takes more");
    // Nothing flows back to an image that nobody trains.
    let last = gradient_nodes(&model, &["g"]);
    assert_eq!(count(&last, "ConvTranspose") + count(&last, "Transpose"), 0);
    assert_eq!(count(&last, "MatMul") + count(&last, "Gemm"), 2 + 1);
}

#[test]
fn sizes_of_a_batch_are_left_open() {
    let mut builder = GraphBuilder::new("open");
    let dimensions = [
        Dimension::Symbol("batch".into()),
        Dimension::Fixed(2),
        Dimension::Symbol("height".into()),
        Dimension::Symbol("width".into()),
    ];
    let image = builder.input("image", ElementType::F32, &dimensions);
    let kernel = random(&[3, 2, 3, 3], 1, -1.0, 1.0, ElementType::F32);
    let kernel = builder.initializer("w", &kernel);
    let pads = attributes("pads=[1,1,1,1]");
    let first = builder.node("Conv", &[&image, &kernel], pads);
    let scales = builder.constant(&Tensor::f32(&[4], [1.0, 1.0, 2.0, 2.0]));
    let linear = attributes("mode=linear");
    let large = builder.node("Resize", &[&first, &Value::named(""), &scales], linear);
    let threes = attributes("kernel_shape=[3,3] strides=[2,2]");
    let small = builder.node("AveragePool", &[&large], threes);
    let total = builder.reduce_mean(&small, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    let model = builder.finish().unwrap();
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        keep: Vec::new(),
        ..Default::default()
    };
    let library = library();
    let gradient = build_gradient(&model, &options, &SessionOracle::new(&library)).unwrap();
    let session = stepdroid::runtime::Session::new(
        &library,
        &crate::harness::CPU,
        "open",
        &gradient.model,
        stepdroid::runtime::SessionOptions::default(),
    )
    .unwrap();
    for shape in [[1, 2, 6, 7], [3, 2, 9, 8]] {
        let image = random(&shape, 3, -1.0, 1.0, ElementType::F32);
        let weight = &gradient.weights[0].1;
        let inputs = [("image", &image), ("w", weight)];
        let outputs = session.run(&inputs, &["loss", "grad.w"]).unwrap();
        // The loss is linear in the kernel: the gradient alone gives it.
        let slope = outputs[1].to_f64().unwrap();
        let product: f64 = slope
            .iter()
            .zip(weight.to_f64().unwrap())
            .map(|(slope, weight)| slope * weight)
            .sum();
        let loss = outputs[0].to_f64().unwrap()[0];
        assert!((product - loss).abs() < 1e-5, "{product} instead of {loss}");
    }
}

#[test]
fn malformed_convolutions_are_typed_errors() {
    for attributes in [
        vec![ints("pads", &[1])],
        vec![ints("strides", &[0, 1])],
        vec![ints("dilations", &[1, 1, 1])],
        vec![ints("kernel_shape", &[3])],
        vec![ints("dilations", &[i64::MAX, 1])],
        vec![ints("strides", &[i64::MAX, i64::MIN])],
        vec![ints("pads", &[i64::MAX; 4])],
        vec![ints("pads", &[-1, 0, 0, 0])],
        vec![int("group", 0)],
    ] {
        let mut builder = GraphBuilder::new("malformed");
        let image = random(&[1, 2, 5, 5], 1, -1.0, 1.0, ElementType::F32);
        let image = builder.initializer("x", &image);
        let kernel = random(&[2, 2, 3, 3], 2, -1.0, 1.0, ElementType::F32);
        let kernel = builder.constant(&kernel);
        let result = builder.node("Conv", &[&image, &kernel], attributes);
        let total = builder.reduce_sum(&result, &[], false);
        builder.alias(&total, "loss");
        builder.untyped_output("loss");
        let model = builder.finish().unwrap();
        let options = GradientOptions {
            loss: "loss".into(),
            trainable: vec!["x".into()],
            keep: Vec::new(),
            ..Default::default()
        };
        assert!(build_gradient(&model, &options, &SessionOracle::new(&library())).is_err());
    }
}
