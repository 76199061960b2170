//! Operators that are written in a slower form than they need to be.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::gradient;
use crate::harness::{Case, case, check_all, forward};

/// Checks the gradients of cases, and how many nodes of two operators their forward passes have.
fn check(cases: Vec<(Case, [usize; 2])>, operators: [&str; 2]) {
    for (case, expected) in &cases {
        let model = gradient(&forward(case, false), 1);
        let forward = |name: &String| !name.starts_with("g/") && !name.starts_with("grad.");
        let found = operators.map(|operator| {
            let nodes = model.graph().node.iter();
            let made = nodes.filter(|node| node.op() == operator);
            made.filter(|node| node.output.iter().all(forward)).count()
        });
        assert_eq!(found, *expected, "{operators:?} in {:?}", case.name());
    }
    let cases: Vec<Case> = cases.into_iter().map(|(case, _)| case).collect();
    check_all(&cases);
}

fn power(b: &mut GraphBuilder, x: &Value, shape: &[usize], exponent: f64) -> Value {
    let exponent = b.constant(&Tensor::f64(shape, [exponent]));
    b.pow(x, &exponent)
}

#[test]
fn a_power_of_two_is_a_product() {
    // Two products belong to the loss.
    check(
        vec![
            (
                case("a square", &[&[2, 3]], |b, v| power(b, &v[0], &[1], 2.0)),
                [0, 3],
            ),
            (
                case("a whole exponent", &[&[2, 3]], |b, v| {
                    let two = b.integers(&[2]);
                    b.pow(&v[0], &two)
                }),
                [0, 3],
            ),
            (
                case("a cube", &[&[2, 3]], |b, v| power(b, &v[0], &[1], 3.0)),
                [1, 2],
            ),
            (
                case("an exponent of more dimensions", &[&[3]], |b, v| {
                    power(b, &v[0], &[1, 1], 2.0)
                }),
                [1, 2],
            ),
        ],
        ["Pow", "Mul"],
    );
}

/// Reshapes, transposes the last two of three axes, reshapes and multiplies with another matrix.
fn turned(b: &mut GraphBuilder, x: &Value, middle: &[i64], end: &[i64]) -> Value {
    let rows = b.reshape(x, middle);
    let order = vec![Attribute::ints("perm", &[0, 2, 1])];
    let swapped = b.node("Transpose", &[&rows], order);
    let back = b.reshape(&swapped, end);
    let factors: Vec<f64> = (0..4).map(|step| f64::from(step) - 1.3).collect();
    let matrix = b.constant(&Tensor::f64(&[1, 1, 1, 4], factors));
    b.mul(&back, &matrix)
}

#[test]
fn two_swapped_axes_are_one_transposition() {
    let shape: &[&[usize]] = &[&[2, 3, 4, 5]];
    check(
        vec![
            (
                case("by a stack of matrices", shape, |b, v| {
                    turned(b, &v[0], &[-1, 4, 5], &[2, 3, 5, 4])
                }),
                [1, 1],
            ),
            (
                case("other matrices", shape, |b, v| {
                    turned(b, &v[0], &[-1, 5, 4], &[2, 3, 5, 4])
                }),
                [1, 3],
            ),
            (
                case("other leading axes behind", shape, |b, v| {
                    turned(b, &v[0], &[-1, 4, 5], &[3, 2, 5, 4])
                }),
                [1, 3],
            ),
            (
                case("another form behind", shape, |b, v| {
                    turned(b, &v[0], &[-1, 4, 5], &[2, 15, 1, 4])
                }),
                [1, 3],
            ),
        ],
        ["Transpose", "Reshape"],
    );
}
