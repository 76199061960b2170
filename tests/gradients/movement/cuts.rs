//! Concat, Split, Slice, Pad, CenterCropPad.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::{int, late, narrow};
use crate::harness::{Case, case, check_all};

fn joins() -> Vec<Case> {
    vec![
        case("concat first axis", &[&[2, 3], &[1, 3], &[3, 3]], |b, v| {
            b.concat(&[&v[0], &v[1], &v[2]], 0)
        }),
        case("concat one", &[&[2, 3]], |b, v| b.concat(&[&v[0]], 1)),
        case("concat with frozen ones", &[&[2, 3], &[2, 1]], |b, v| {
            let frozen = b.constant(&Tensor::f64(&[2, 2], [1.0, 2.0, 3.0, 4.0]));
            b.concat(&[&frozen, &v[0], &frozen, &v[1]], -1)
        }),
        case("concat with an empty one", &[&[2, 3]], |b, v| {
            let empty = b.constant(&Tensor::f64(&[0, 3], []));
            b.concat(&[&empty, &v[0], &empty], 0)
        }),
        case("concat trained empty", &[&[2, 3], &[0, 3]], |b, v| {
            b.concat(&[&v[1], &v[0]], 0)
        }),
        case("split equal", &[&[2, 6]], |b, v| {
            let attributes = vec![
                AttributeProto::int("axis", -1),
                AttributeProto::int("num_outputs", 3),
            ];
            let parts = b.nodes("Split", &[&v[0]], attributes, 3);
            let product = b.mul(&parts[0], &parts[1]);
            b.mul(&product, &parts[2])
        }),
        case("split uneven last", &[&[5, 2]], |b, v| {
            let parts = b.nodes("Split", &[&v[0]], int("num_outputs", 2), 2);
            let last = b.exp(&parts[1]);
            b.concat(&[&last, &parts[0]], 0)
        }),
        case("split middle used", &[&[2, 6]], |b, v| {
            let sizes = b.integers(&[1, 3, 2]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 1), 3);
            b.exp(&parts[1])
        }),
        case("split two of three used", &[&[2, 6]], |b, v| {
            let sizes = b.integers(&[1, 3, 2]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 1), 3);
            b.concat(&[&parts[2], &parts[0]], 1)
        }),
        case("split one", &[&[2, 3]], |b, v| {
            let parts = b.nodes("Split", &[&v[0]], int("num_outputs", 1), 1);
            b.exp(&parts[0])
        }),
        case("split empty part", &[&[3, 2]], |b, v| {
            let sizes = b.integers(&[0, 3]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 0), 2);
            b.concat(&[&parts[1], &parts[0]], 0)
        }),
    ]
}

pub fn cut(
    b: &mut GraphBuilder,
    x: &Value,
    starts: &[i64],
    ends: &[i64],
    axes: &[i64],
    steps: &[i64],
) -> Value {
    let (starts, ends) = (b.integers(starts), b.integers(ends));
    let (axes, steps) = (b.integers(axes), b.integers(steps));
    b.node("Slice", &[x, &starts, &ends, &axes, &steps], vec![])
}

fn slices() -> Vec<Case> {
    const FAR: i64 = i64::MAX;
    vec![
        case("slice without axes", &[&[4, 5]], |b, v| {
            let (starts, ends) = (b.integers(&[1, 0]), b.integers(&[3, -1]));
            b.node("Slice", &[&v[0], &starts, &ends], vec![])
        }),
        case("slice from the end", &[&[2, 5]], |b, v| {
            cut(b, &v[0], &[-2], &[FAR], &[-1], &[1])
        }),
        case("slice beyond the start", &[&[2, 5]], |b, v| {
            cut(b, &v[0], &[-9], &[2], &[1], &[1])
        }),
        case("slice first", &[&[2, 3, 4]], |b, v| {
            cut(b, &v[0], &[0], &[1], &[1], &[1])
        }),
        case("slice everything", &[&[2, 3]], |b, v| {
            cut(b, &v[0], &[0], &[FAR], &[0], &[1])
        }),
        case("slice nothing", &[&[2, 3]], |b, v| {
            let none = cut(b, &v[0], &[2], &[1], &[1], &[1]);
            b.concat(&[&none, &v[0]], 1)
        }),
        case("slice behind the end", &[&[2, 3]], |b, v| {
            let none = cut(b, &v[0], &[7], &[9], &[1], &[1]);
            b.concat(&[&none, &v[0]], 1)
        }),
        case("slice two axes", &[&[4, 5, 3]], |b, v| {
            cut(b, &v[0], &[1, -3], &[3, -1], &[0, 1], &[1, 1])
        }),
        case("slice steps", &[&[5, 4]], |b, v| {
            cut(b, &v[0], &[1], &[FAR], &[0], &[2])
        }),
        case("slice steps not to the end", &[&[9]], |b, v| {
            cut(b, &v[0], &[1], &[5], &[0], &[3])
        }),
        case("slice steps on two axes", &[&[2, 5, 6, 2]], |b, v| {
            cut(b, &v[0], &[1, 0], &[FAR, FAR], &[1, 2], &[2, 3])
        }),
        case("slice steps and a plain axis", &[&[5, 4, 3]], |b, v| {
            cut(b, &v[0], &[0, 1], &[FAR, 3], &[2, 1], &[2, 1])
        }),
        case("slice flip", &[&[2, 4]], |b, v| {
            cut(b, &v[0], &[-1], &[i64::MIN], &[1], &[-1])
        }),
        case("slice backwards part", &[&[6, 2]], |b, v| {
            cut(b, &v[0], &[4], &[1], &[0], &[-1])
        }),
        case("slice backwards from far", &[&[6, 2]], |b, v| {
            cut(b, &v[0], &[FAR], &[2], &[0], &[-1])
        }),
        case("slice backwards in steps", &[&[7, 2]], |b, v| {
            cut(b, &v[0], &[-2], &[-8], &[0], &[-2])
        }),
        case("slice backwards nothing", &[&[5]], |b, v| {
            let none = cut(b, &v[0], &[1], &[3], &[0], &[-2]);
            b.concat(&[&none, &v[0]], 0)
        }),
        case("slice backwards and forwards", &[&[5, 6]], |b, v| {
            cut(b, &v[0], &[-1, 1], &[0, FAR], &[0, 1], &[-3, 2])
        }),
        case("slice large steps", &[&[40]], |b, v| {
            cut(b, &v[0], &[1], &[FAR], &[0], &[17])
        }),
        case("slice 32-bit", &[&[4, 3]], |b, v| {
            let (starts, ends) = (narrow(b, &[1], &[-3]), narrow(b, &[1], &[i32::MAX]));
            let axes = narrow(b, &[1], &[0]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds", &[&[4, 5]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[1, -4]), late(b, &v[0], &[3, 4]));
            let axes = b.integers(&[0, 1]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds outside", &[&[4, 5]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[-9, 2]), late(b, &v[0], &[9, 9]));
            let axes = b.integers(&[1, 0]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds backwards", &[&[6]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[-2]), late(b, &v[0], &[0]));
            let (axes, steps) = (b.integers(&[0]), b.integers(&[-2]));
            b.node("Slice", &[&v[0], &starts, &ends, &axes, &steps], vec![])
        }),
        case("slice late steps", &[&[5, 4]], |b, v| {
            let (starts, ends) = (b.integers(&[3]), b.integers(&[-9]));
            let (axes, steps) = (late(b, &v[0], &[1]), late(b, &v[0], &[-2]));
            b.node("Slice", &[&v[0], &starts, &ends, &axes, &steps], vec![])
        }),
        case("slice between turns", &[&[2, 3, 4, 5]], |b, v| {
            // The engine moves the turns past what the slice's gradient is padded with.
            let turned = b.transpose(&v[0], &[0, 3, 1, 2]);
            let piece = b.slice(&turned, 1, 1, 3);
            let back = b.transpose(&piece, &[0, 2, 3, 1]);
            b.exp(&back)
        }),
        case("slice of two halves", &[&[2, 6]], |b, v| {
            let (first, second) = (b.slice(&v[0], 1, 0, 3), b.slice(&v[0], 1, 3, 6));
            let second = b.neg(&second);
            b.concat(&[&second, &first], 1)
        }),
    ]
}

pub fn pad(b: &mut GraphBuilder, x: &Value, pads: &[i64], mode: &str) -> Value {
    let pads = b.integers(pads);
    b.node("Pad", &[x, &pads], vec![AttributeProto::text("mode", mode)])
}

fn pads() -> Vec<Case> {
    vec![
        case("pad", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 2, 1], "constant")
        }),
        case("pad negative", &[&[4, 3]], |b, v| {
            pad(b, &v[0], &[-1, 2, 0, -1], "constant")
        }),
        case("pad with a value", &[&[2, 3], &[]], |b, v| {
            let pads = b.integers(&[1, 0, -1, 2]);
            b.node("Pad", &[&v[0], &pads, &v[1]], vec![])
        }),
        case("pad with a value only", &[&[1]], |b, v| {
            let data = b.constant(&Tensor::f64(&[2], [1.0, 2.0]));
            let pads = b.integers(&[1, 2]);
            b.node("Pad", &[&data, &pads, &v[0]], vec![])
        }),
        case("pad axes", &[&[2, 3, 2]], |b, v| {
            let (pads, axes) = (b.integers(&[1, 2]), b.integers(&[-2]));
            let none = Value::named("");
            b.node("Pad", &[&v[0], &pads, &none, &axes], vec![])
        }),
        case("pad late", &[&[2, 3]], |b, v| {
            let pads = late(b, &v[0], &[0, 2, 1, -1]);
            b.node("Pad", &[&v[0], &pads], vec![])
        }),
        case("pad reflect", &[&[3, 4]], |b, v| {
            pad(b, &v[0], &[2, 1, 0, 3], "reflect")
        }),
        case("pad edge", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 2, 3], "edge")
        }),
        case("pad edge, negative", &[&[3, 3]], |b, v| {
            pad(b, &v[0], &[-1, 1, 0, 2], "edge")
        }),
        case("pad wrap", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 0, 2], "wrap")
        })
        .opset(19),
        case("pad edge axes", &[&[2, 3, 2]], |b, v| {
            let (pads, axes) = (b.integers(&[1, 2]), b.integers(&[1]));
            let none = Value::named("");
            let mode = vec![AttributeProto::text("mode", "edge")];
            b.node("Pad", &[&v[0], &pads, &none, &axes], mode)
        }),
        case("center crop pad", &[&[5, 2, 4]], |b, v| {
            let shape = b.integers(&[2, 5, 3]);
            b.node("CenterCropPad", &[&v[0], &shape], vec![])
        }),
        case("center crop pad axes", &[&[4, 3, 2]], |b, v| {
            let shape = b.integers(&[6, 1]);
            let axes = vec![AttributeProto::ints("axes", &[1, -3])];
            b.node("CenterCropPad", &[&v[0], &shape], axes)
        }),
    ]
}

#[test]
fn joins_agree_with_finite_differences() {
    check_all(&joins());
}

#[test]
fn slices_agree_with_finite_differences() {
    check_all(&slices());
}

#[test]
fn pads_agree_with_finite_differences() {
    check_all(&pads());
}
