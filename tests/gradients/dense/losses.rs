//! Losses over classes, and operators that fill a value from a few numbers.

use stepdroid::onnx::proto::AttributeProto as Attribute;
use stepdroid::onnx::{ElementType, Tensor};

use super::number;
use crate::harness::{case, check_all};

#[test]
fn generators() {
    check_all(&[
        case("range", &[&[1], &[1]], |b, v| {
            let none = b.integers(&[]);
            let (start, step) = (b.reshape_to(&v[0], &none), b.exp(&v[1]));
            let step = b.reshape_to(&step, &none);
            // The number of elements must not depend on the weights.
            let four = number(b, 3.5);
            let length = b.mul(&step, &four);
            let end = b.add(&start, &length);
            b.node("Range", &[&start, &end, &step], Vec::new())
        }),
        case("one hot", &[&[2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3], [0, 2, 1]));
            let depth = b.integers(&[4]);
            b.node("OneHot", &[&indices, &depth, &v[0]], Vec::new())
        })
        .single(),
        case("one hot in front", &[&[2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3], [0, 2, 1]));
            let depth = b.integers(&[4]);
            let attributes = vec![Attribute::int("axis", 0)];
            b.node("OneHot", &[&indices, &depth, &v[0]], attributes)
        })
        .single(),
    ]);
}

macro_rules! class_loss {
    ($operator:literal, $list:ident) => {
        $list.extend([
            case(concat!($operator, ", mean"), &[&[3, 4]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
                b.node($operator, &[&v[0], &targets], Vec::new())
            }),
            case(
                concat!($operator, ", sum over positions"),
                &[&[2, 4, 3]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[2, 3], [1, 3, 0, 2, 2, 1]));
                    b.node(
                        $operator,
                        &[&v[0], &targets],
                        vec![Attribute::text("reduction", "sum")],
                    )
                },
            ),
            case(concat!($operator, ", none"), &[&[2, 4, 3]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[2, 3], [1, 3, 0, 2, 2, 1]));
                b.node(
                    $operator,
                    &[&v[0], &targets],
                    vec![Attribute::text("reduction", "none")],
                )
            }),
            case(
                concat!($operator, ", mean without the ignored"),
                &[&[4, 3]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[4], [1, -100, 0, 2]));
                    b.node(
                        $operator,
                        &[&v[0], &targets],
                        vec![Attribute::int("ignore_index", -100)],
                    )
                },
            ),
            case(concat!($operator, ", weighted mean"), &[&[4, 3]], |b, v| {
                let targets = b.constant(&Tensor::i64(&[4], [1, 1, 0, 2]));
                let weights = b.constant(&Tensor::f64(&[3], [0.5, 2.0, 1.3]));
                let attributes = vec![Attribute::int("ignore_index", 2)];
                b.node($operator, &[&v[0], &targets, &weights], attributes)
            }),
            case(
                concat!($operator, ", weighted, each"),
                &[&[2, 3, 2]],
                |b, v| {
                    let targets = b.constant(&Tensor::i64(&[2, 2], [1, 1, 0, 2]));
                    let targets = b.cast(&targets, ElementType::I32);
                    let weights = b.constant(&Tensor::f64(&[3], [0.5, 2.0, 1.3]));
                    let attributes = vec![
                        Attribute::int("ignore_index", 0),
                        Attribute::text("reduction", "none"),
                    ];
                    b.node($operator, &[&v[0], &targets, &weights], attributes)
                },
            ),
        ]);
    };
}

#[test]
fn losses_over_classes() {
    let mut list = Vec::new();
    class_loss!("NegativeLogLikelihoodLoss", list);
    class_loss!("SoftmaxCrossEntropyLoss", list);
    list.extend([
        case(
            "cross entropy with log-probabilities",
            &[&[3, 4]],
            |b, v| {
                let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
                let both = b.nodes("SoftmaxCrossEntropyLoss", &[&v[0], &targets], vec![], 2);
                b.mul(&both[0], &both[1])
            },
        ),
        case("only the log-probabilities", &[&[3, 4]], |b, v| {
            let targets = b.constant(&Tensor::i64(&[3], [1, 3, 0]));
            b.nodes("SoftmaxCrossEntropyLoss", &[&v[0], &targets], vec![], 2)
                .remove(1)
        }),
    ]);
    check_all(&list);
}
