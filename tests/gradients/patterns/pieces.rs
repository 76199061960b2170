//! Slices of one value whose gradients are put side by side.

use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::gradient;
use crate::harness::{Case, case, check_all, forward};

/// Checks the gradients of cases, and that their backward passes at fixed shapes fill up with zeros as
/// often as expected and put together as often as expected.
fn check(cases: Vec<(Case, usize, usize)>) {
    for (case, pads, joins) in &cases {
        let model = gradient(&forward(case, false), 1);
        let count = |operator: &str| {
            let nodes = model.graph().node.iter();
            let made = nodes.filter(|node| node.op() == operator);
            let backward = |name: &String| name.starts_with("g") && name != "grad";
            made.filter(|node| node.output.first().is_some_and(backward))
                .count()
        };
        let found = (count("Pad"), count("Concat"));
        assert_eq!(
            found,
            (*pads, *joins),
            "Pad and Concat in {:?}",
            case.name()
        );
    }
    let cases: Vec<Case> = cases.into_iter().map(|(case, _, _)| case).collect();
    check_all(&cases);
}

/// Sines of different frequencies of pieces: every piece has another gradient.
fn bent(b: &mut GraphBuilder, pieces: &[Value]) -> Value {
    let mut total: Option<Value> = None;
    for (number, piece) in pieces.iter().enumerate() {
        let factor = b.constant(&Tensor::f64(&[1], [1.0 + number as f64]));
        let scaled = b.mul(piece, &factor);
        let sine = b.node("Sin", &[&scaled], Vec::new());
        let sum = b.reduce_sum(&sine, &[-1], true);
        total = Some(match total {
            Some(total) => b.add(&total, &sum),
            None => sum,
        });
    }
    total.unwrap()
}

#[test]
fn slices_that_cover_an_axis_are_put_together() {
    check(vec![
        (
            case(
                "two halves turned, as in rotary embeddings",
                &[&[2, 3, 6]],
                |b, v| {
                    let (first, second) =
                        (b.slice(&v[0], -1, 0, 3), b.slice(&v[0], 2, 3, i64::MAX));
                    let negative = b.neg(&second);
                    let turned = b.concat(&[&negative, &first], -1);
                    let cosine = b.constant(&Tensor::f64(&[6], [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]));
                    let sine = b.constant(&Tensor::f64(&[6], [0.1, 0.3, 0.5, 0.7, 0.8, 0.9]));
                    let (a, b2) = (b.mul(&v[0], &cosine), b.mul(&turned, &sine));
                    b.add(&a, &b2)
                },
            ),
            0,
            1,
        ),
        (
            case(
                "three, the last one counted from the end",
                &[&[6, 2]],
                |b, v| {
                    let pieces = [
                        b.slice(&v[0], 0, 2, 4),
                        b.slice(&v[0], 0, -2, i64::MAX),
                        b.slice(&v[0], 0, 0, 2),
                    ];
                    bent(b, &pieces)
                },
            ),
            0,
            1,
        ),
        (
            case("rows that are picked one by one", &[&[3, 2, 4]], |b, v| {
                let pieces: Vec<Value> = (0..3)
                    .map(|row| {
                        let row = b.constant(&Tensor {
                            shape: vec![],
                            ..Tensor::i64(&[1], [row])
                        });
                        b.gather(&v[0], &row, 0)
                    })
                    .collect();
                bent(b, &pieces)
            }),
            0,
            1,
        ),
    ]);
}

#[test]
fn gaps_are_filled_and_overlaps_are_added() {
    check(vec![
        (
            case("gaps before, between and behind", &[&[3, 9]], |b, v| {
                let pieces = [b.slice(&v[0], 1, 1, 3), b.slice(&v[0], 1, 5, 8)];
                bent(b, &pieces)
            }),
            2,
            1,
        ),
        (
            case("one piece alone", &[&[3, 6]], |b, v| {
                let piece = b.slice(&v[0], 1, 1, 3);
                bent(b, &[piece])
            }),
            1,
            0,
        ),
        (
            case("overlapping pieces", &[&[3, 6]], |b, v| {
                let pieces = [
                    b.slice(&v[0], 1, 0, 4),
                    b.slice(&v[0], 1, 2, 6),
                    b.slice(&v[0], 1, 4, 6),
                ];
                bent(b, &pieces)
            }),
            1,
            1,
        ),
        (
            case("the same piece twice, and the whole", &[&[3, 4]], |b, v| {
                let pieces = [
                    b.slice(&v[0], 1, 0, 2),
                    b.slice(&v[0], 1, 0, 2),
                    v[0].clone(),
                ];
                bent(b, &pieces)
            }),
            2,
            0,
        ),
        (
            case("pieces of two axes", &[&[4, 4]], |b, v| {
                let (top, bottom) = (b.slice(&v[0], 0, 0, 2), b.slice(&v[0], 0, 2, 4));
                let (left, right) = (b.slice(&v[0], 1, 0, 1), b.slice(&v[0], 1, 1, 4));
                let (one, two) = (bent(b, &[top, bottom]), bent(b, &[left, right]));
                let two = b.reduce_sum(&two, &[0], true);
                b.add(&one, &two)
            }),
            0,
            2,
        ),
        (
            case("an empty piece", &[&[3, 4]], |b, v| {
                let pieces = [b.slice(&v[0], 1, 2, 2), b.slice(&v[0], 1, 0, 4)];
                let whole = b.concat(&[&pieces[0], &pieces[1]], 1);
                bent(b, &[whole])
            }),
            1,
            0,
        ),
    ]);
}
