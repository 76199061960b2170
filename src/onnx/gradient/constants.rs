//! The constants of a graph that rules and patterns look into, such as axes.

use std::collections::HashMap;

use crate::onnx::Tensor;
use crate::onnx::proto::{GraphProto, TensorProto};

/// Small constants, of initializers and of Constant nodes.
pub(super) fn constants(graph: &GraphProto) -> HashMap<String, TensorProto> {
    const LARGEST: i64 = 4096;
    let small = |tensor: &&TensorProto| {
        let count = tensor
            .dims
            .iter()
            .try_fold(1i64, |count, length| count.checked_mul(*length));
        count.is_some_and(|count| (0..=LARGEST).contains(&count))
    };
    let initializers = graph
        .initializer
        .iter()
        .filter(small)
        .filter_map(|tensor| Some((tensor.name.clone()?, tensor.clone())));
    let nodes = graph.node.iter().filter(|node| node.op() == "Constant");
    let nodes = nodes.filter_map(|node| {
        let tensor = match node.attribute.first()? {
            attribute if attribute.t.is_some() => attribute.t.as_deref()?.clone(),
            attribute => match attribute.name.as_deref()? {
                "value_int" => Tensor::i64(&[1], [attribute.i?]).to_proto(""),
                "value_ints" => {
                    Tensor::i64(&[attribute.ints.len()], attribute.ints.as_slice()).to_proto("")
                }
                "value_float" => Tensor::f32(&[1], [attribute.f?]).to_proto(""),
                "value_floats" => {
                    Tensor::f32(&[attribute.floats.len()], attribute.floats.as_slice()).to_proto("")
                }
                _ => return None,
            },
        };
        Some((node.output.first()?.clone(), tensor))
    });
    initializers.chain(nodes).collect()
}
