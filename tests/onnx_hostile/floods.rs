//! Files of very many small things.

use stepdroid::onnx::Model;
use stepdroid::onnx::proto::{AttributeProto, FunctionProto, GraphProto, ModelProto, TensorProto};

use crate::models::parts::{named, node, set};
use crate::mutations::varint;

/// Places of the schema, by the numbers of the fields on the way there, and the fields that there
/// are.
pub const PLACES: &[(&[u64], &[u64])] = &[
    (&[], &[7, 8, 14, 20, 25, 26]),
    (&[8], &[1]),
    (&[14], &[1]),
    (&[7], &[1, 2, 5, 11, 12, 13, 14, 15, 16]),
    (&[7, 1], &[1, 2, 3, 5, 9, 10]),
    (&[7, 1, 5], &[4, 5, 6, 7, 8, 9, 10, 11, 15, 22, 23]),
    (&[7, 1, 5, 5], &[1, 4, 5, 6, 7, 9, 10, 11, 13, 16]),
    (&[7, 1, 5, 6], &[1, 5, 11, 12, 13, 14, 15, 16]),
    (&[7, 1, 5, 6, 1], &[1, 2, 5, 9, 10]),
    (&[7, 1, 5, 22], &[1, 2, 3]),
    (&[7, 1, 5, 23, 2], &[1, 5, 7, 13]),
    (&[7, 5], &[1, 3, 4, 5, 6, 7, 10, 11, 13, 16]),
    (&[7, 11], &[2, 4]),
    (&[7, 11, 2], &[1, 4]),
    (&[7, 11, 2, 1, 2], &[1]),
    (&[7, 11, 2, 1, 2, 1], &[2, 3]),
    (&[7, 15], &[1, 3]),
    (&[25], &[4, 5, 6, 7, 9, 11, 12, 14]),
    (&[25, 7], &[1, 2, 5]),
];

/// The smallest things that a field can hold: no bytes, the number 0, and ten packed numbers.
pub const SMALLEST: [&[u8]; 3] = [&[2, 0], &[0, 0], &[2, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];

/// A file with one field many times at a place of the schema.
pub fn flood(place: &[u64], field: u64, entry: &[u8], count: usize) -> Vec<u8> {
    let mut one = Vec::new();
    varint(&mut one, (field << 3) | u64::from(entry[0]));
    one.extend(&entry[1..]);
    let mut bytes = one.repeat(count);
    for number in place.iter().rev() {
        let mut outer = Vec::new();
        varint(&mut outer, (number << 3) | 2);
        varint(&mut outer, bytes.len() as u64);
        outer.extend(bytes);
        bytes = outer;
    }
    bytes
}

fn names(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("{number:x}"))
}

fn crowd(fill: impl FnOnce(&mut ModelProto, &mut GraphProto)) -> Vec<u8> {
    let mut proto = ModelProto {
        opset_import: vec![set("", 18)],
        ..Default::default()
    };
    let mut graph = GraphProto::default();
    graph.node.push(node("Neg", &[], &[], vec![]));
    fill(&mut proto, &mut graph);
    proto.graph = Some(graph);
    Model { proto }.to_bytes()
}

/// A number of things, and a file with a number of them.
pub type Crowd = (usize, fn(usize) -> Vec<u8>);

/// Valid models of many things whose names differ, and a number of them that is refused.
pub const CROWDS: [Crowd; 6] = [
    (2_000_000, |count| {
        crowd(|_, graph| graph.node[0].output = names(count).collect())
    }),
    (300_000, |count| {
        crowd(|_, graph| graph.input = names(count).map(|name| named(&name)).collect())
    }),
    (250_000, |count| {
        crowd(|_, graph| {
            let tensors = names(count).map(|name| TensorProto {
                name: Some(name),
                dims: vec![0],
                data_type: Some(1),
                ..Default::default()
            });
            graph.initializer = tensors.collect();
        })
    }),
    (300_000, |count| {
        crowd(|_, graph| {
            let attributes = names(count).map(|name| AttributeProto::int(&name, 0));
            graph.node[0].attribute = attributes.collect();
        })
    }),
    (600_000, |count| {
        crowd(|proto, _| {
            proto
                .opset_import
                .extend(names(count).map(|name| set(&name, 1)))
        })
    }),
    (300_000, |count| {
        crowd(|proto, _| {
            let functions = names(count).map(|name| FunctionProto {
                name: Some(name),
                ..Default::default()
            });
            proto.functions = functions.collect();
        })
    }),
];
