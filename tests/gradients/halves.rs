//! Image operators in 16 bits: the gradient graph has consistent types and gives what 32 bits give.

use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, Value};

use crate::harness::random;
use crate::images::{frozen, int, ints, slope, text};

type Build = fn(&mut GraphBuilder, &Value, ElementType) -> Value;

/// The gradient of `x`, an image `[2,2,6,6]`, with everything between two casts in a type.
fn gradient(element: ElementType, build: Build) -> Vec<f64> {
    let mut b = GraphBuilder::new("halves");
    b.set_opset("", 19);
    let x = random(&[2, 2, 6, 6], 1, -1.0, 1.0, ElementType::F32);
    let x = b.initializer("x", &x);
    let cast = b.cast(&x, element);
    let y = build(&mut b, &cast, element);
    let y = b.cast(&y, ElementType::F32);
    // A plain sum would hide what is mixed up.
    let squares = b.mul(&y, &y);
    let total = b.reduce_sum(&squares, &[], false);
    b.alias(&total, "loss");
    b.untyped_output("loss");
    let gradient = slope(&b.finish().unwrap(), &["x"]).remove(0);
    assert_eq!(gradient.shape, [2, 2, 6, 6]);
    gradient.to_f64().unwrap()
}

/// A frozen value of an element type.
fn constant(b: &mut GraphBuilder, element: ElementType, shape: &[usize]) -> Value {
    let value = frozen(b, shape);
    b.cast(&value, element)
}

#[test]
fn sixteen_bits_give_the_gradients_of_thirty_two() {
    let builds: [(&str, Build); 11] = [
        ("convolution", |b, x, element| {
            let kernel = constant(b, element, &[3, 2, 3, 3]);
            b.node("Conv", &[x, &kernel], vec![ints("pads", &[1, 1, 1, 1])])
        }),
        ("kernel of taps", |b, x, element| {
            let image = constant(b, element, &[1, 2, 7, 7]);
            let attributes = vec![ints("kernel_shape", &[6, 6])];
            let large = b.node("Conv", &[&image, x], attributes);
            let kernel = b.slice(x, 2, 0, 3);
            let kernel = b.slice(&kernel, 3, 0, 3);
            let image = b.slice(&image, 2, 0, 4);
            let image = b.slice(&image, 3, 0, 4);
            let attributes = vec![ints("kernel_shape", &[3, 3])];
            let small = b.node("Conv", &[&image, &kernel], attributes);
            b.mul(&large, &small)
        }),
        ("transposed convolution", |b, x, element| {
            let kernel = constant(b, element, &[2, 3, 3, 3]);
            b.node(
                "ConvTranspose",
                &[x, &kernel],
                vec![ints("strides", &[2, 2])],
            )
        }),
        ("average side by side", |b, x, _| {
            let attributes = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
            b.node("AveragePool", &[x], attributes)
        }),
        ("average overlapping", |b, x, _| {
            let attributes = vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 2])];
            b.node("AveragePool", &[x], attributes)
        }),
        ("maxima side by side", |b, x, _| {
            let attributes = vec![ints("kernel_shape", &[4, 3]), ints("strides", &[4, 3])];
            b.node("MaxPool", &[x], attributes)
        }),
        ("maxima overlapping", |b, x, _| {
            let attributes = vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 2])];
            b.node("MaxPool", &[x], attributes)
        }),
        ("whole images", |b, x, _| {
            let mean = b.node("GlobalAveragePool", &[x], Vec::new());
            let largest = b.node("GlobalMaxPool", &[x], Vec::new());
            let size = b.node("GlobalLpPool", &[x], vec![int("p", 3)]);
            let sum = b.add(&mean, &largest);
            b.add(&sum, &size)
        }),
        ("resize", |b, x, _| {
            let scales = b.constant(&Tensor::f32(&[4], [1.0, 1.0, 2.0, 1.5]));
            let none = Value::named("");
            b.node("Resize", &[x, &none, &scales], vec![text("mode", "linear")])
        }),
        ("repeat", |b, x, _| {
            let scales = b.constant(&Tensor::f32(&[4], [1.0, 1.0, 2.0, 3.0]));
            b.node("Resize", &[x, &Value::named(""), &scales], Vec::new())
        }),
        ("rounded", |b, x, element| {
            let scale = b.scalar(0.03125);
            let scale = b.cast(&scale, element);
            let whole = b.node("QuantizeLinear", &[x, &scale], Vec::new());
            b.node("DequantizeLinear", &[&whole, &scale], Vec::new())
        }),
    ];
    for (name, build) in builds {
        let single = gradient(ElementType::F32, build);
        let half = gradient(ElementType::Other(10), build);
        let largest = single
            .iter()
            .fold(0.0_f64, |max, value| max.max(value.abs()));
        assert!(largest > 0.0, "{name}");
        for (half, single) in half.iter().zip(&single) {
            assert!(
                (half - single).abs() <= 1e-2 * largest,
                "{name}: {half} instead of {single}"
            );
        }
    }
}
