//! Names of lengths, as operators hand them on.

use super::*;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{ElementType, GraphBuilder, Tensor, Value};

/// Names the lengths of a graph whose input `x` is [batch, 6, open, 4], the other values open.
fn named(build: impl Fn(&mut GraphBuilder, &Value) -> Vec<(Value, usize)>) -> Vec<Vec<String>> {
    let open = Dimension::Unknown;
    let x = [
        Dimension::Symbol("batch".into()),
        Dimension::Fixed(6),
        open.clone(),
        Dimension::Fixed(4),
    ];
    let mut builder = GraphBuilder::new("lengths");
    let value = builder.input("x", ElementType::F32, &x);
    let made = build(&mut builder, &value);
    let kind = |dimensions| ValueType {
        element: ElementType::F32,
        dimensions,
    };
    let mut types = HashMap::from([("x".to_owned(), kind(x.to_vec()))]);
    let model = builder.finish().unwrap();
    for (value, rank) in &made {
        types.insert(value.name().to_owned(), kind(vec![open.clone(); *rank]));
    }
    name_all(&model, &mut types);
    let text = |(value, _): &(Value, usize)| {
        let dimensions = &types[value.name()].dimensions;
        dimensions.iter().map(ToString::to_string).collect()
    };
    made.iter().map(text).collect()
}

#[test]
fn lengths_are_multiplied_and_divided_by_a_reshape() {
    let found = named(|b, x| {
        let grouped = b.reshape(x, &[0, 2, -1, 0]);
        let scaled = b.exp(&grouped);
        let apart = b.reshape(&scaled, &[0, 6, -1, 0]);
        let moved = b.transpose(&apart, &[0, 2, 1, 3]);
        let merged = b.reshape(&moved, &[0, 0, -1]);
        vec![
            (grouped, 4),
            (scaled, 4),
            (apart, 4),
            (moved, 4),
            (merged, 3),
        ]
    });
    assert_eq!(found[0], ["batch", "2", "3 * x 2", "4"]);
    assert_eq!(found[1], found[0]);
    assert_eq!(found[2], ["batch", "6", "x 2", "4"]);
    assert_eq!(found[3], ["batch", "x 2", "6", "4"]);
    // What a product of known lengths is, the engine says itself.
    assert_eq!(found[4][..2], ["batch", "x 2"]);
}

#[test]
fn what_may_have_been_broadcast_has_a_name_of_its_own() {
    let found = named(|b, x| {
        let axes = b.integers(&[2]);
        let shorter = b.node("Shrink", &[x, &axes], vec![]);
        let sum = b.add(x, &shorter);
        let own = b.add(x, x);
        let reduced = b.reduce_sum(x, &[2], true);
        let spread = b.add(&own, &reduced);
        vec![(shorter, 4), (sum, 4), (own, 4), (reduced, 4), (spread, 4)]
    });
    assert_ne!(found[0][2], "x 2");
    assert!(found[1][2] != "x 2" && found[1][2] != found[0][2]);
    assert_eq!(found[2], ["batch", "6", "x 2", "4"]);
    assert_eq!(found[3], ["batch", "6", "1", "4"]);
    assert_eq!(found[4], found[2]);
}

#[test]
fn lists_and_pieces_of_known_length_are_known() {
    let found = named(|b, x| {
        let attributes = vec![
            AttributeProto::int("start", 2),
            AttributeProto::int("end", 3),
        ];
        let length = b.node("Shape", &[x], attributes);
        let end = b.squeeze(&length, &[0]);
        let scalar = |value| Tensor {
            shape: vec![],
            ..Tensor::i64(&[1], [value])
        };
        let (zero, one) = (b.constant(&scalar(0)), b.constant(&scalar(1)));
        let range = b.node("Range", &[&zero, &end, &one], vec![]);
        let shifted = b.node("Range", &[&one, &end, &one], vec![]);
        let sizes = b.integers(&[1, 5]);
        let axis = vec![AttributeProto::int("axis", 1)];
        let pieces = b.nodes("Split", &[x, &sizes], axis, 2);
        let joined = b.concat(&[x, x], 2);
        let sizes = b.concat(&[&length, &length], 0);
        let axis = vec![AttributeProto::int("axis", 2)];
        let halves = b.nodes("Split", &[&joined, &sizes], axis, 2);
        vec![
            (range, 1),
            (shifted, 1),
            (pieces[1].clone(), 4),
            (joined, 4),
            (halves[1].clone(), 4),
        ]
    });
    assert_eq!(found[0], ["x 2"]);
    assert_ne!(found[1], ["x 2"]);
    assert_eq!(found[2], ["batch", "5", "x 2", "4"]);
    assert_eq!(found[3], ["batch", "6", "x 2 + x 2", "4"]);
    assert_eq!(found[4], ["batch", "6", "x 2", "4"]);
}
