//! Weights that stand in `Constant` nodes: some exporters write all of them so.

use std::collections::HashSet;

use super::ElementType;
use super::proto::{GraphProto, NodeProto, TensorProto};

/// Turns `Constant` nodes into initializers of the same name where they hold tensors of floats. Scalars
/// stay, which are constants of a formula, and what is an output of the graph.
pub(super) fn lift(graph: &mut GraphProto) {
    let outputs: HashSet<String> = graph
        .output
        .iter()
        .filter_map(|output| output.name.clone())
        .collect();
    let mut kept = Vec::with_capacity(graph.node.len());
    for node in std::mem::take(&mut graph.node) {
        match weight(&node) {
            Some((name, tensor)) if !outputs.contains(name) => {
                graph.initializer.push(TensorProto {
                    name: Some(name.to_owned()),
                    ..tensor.clone()
                });
            }
            _ => kept.push(node),
        }
    }
    graph.node = kept;
}

/// Name and tensor of a node that holds a weight.
fn weight(node: &NodeProto) -> Option<(&str, &TensorProto)> {
    let tensor = node.find("value")?.t.as_deref()?;
    let is_float = tensor
        .data_type
        .is_some_and(|code| ElementType::from_code(code).is_float());
    let standard = matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"));
    let holds = standard && node.op() == "Constant" && is_float && !tensor.dims.is_empty();
    let name = node.output.first().filter(|name| !name.is_empty())?;
    holds.then_some((name.as_str(), tensor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{AttributeProto, attribute_type};
    use crate::onnx::{Dimension, GraphBuilder, Model, Tensor, Value, select};

    fn constant(builder: &mut GraphBuilder, tensor: &Tensor) -> Value {
        let value = AttributeProto {
            name: Some("value".into()),
            r#type: Some(attribute_type::TENSOR),
            t: Some(Box::new(tensor.to_proto(""))),
            ..Default::default()
        };
        builder.node("Constant", &[], vec![value])
    }

    #[test]
    fn weights_become_initializers_and_nothing_else_does() {
        let mut builder = GraphBuilder::new("constants");
        let x = builder.input("x", ElementType::F32, &[Dimension::Fixed(2)]);
        let weight = constant(&mut builder, &Tensor::f32(&[2], [1.0, 2.0]));
        let factor = constant(&mut builder, &Tensor::f32(&[], [3.0]));
        let shape = constant(&mut builder, &Tensor::i64(&[1], [2]));
        let shown = constant(&mut builder, &Tensor::f32(&[2], [4.0, 5.0]));
        let product = builder.mul(&x, &weight);
        let product = builder.mul(&product, &factor);
        let result = builder.reshape_to(&product, &shape);
        builder.untyped_output(result.name());
        builder.untyped_output(shown.name());
        let model: Model = builder.finish().unwrap();
        assert!(select::weights(&model, &[""]).is_err());
        let lifted = model.normalised().unwrap();
        lifted.check().unwrap();
        let found = select::weights(&lifted, &[""]).unwrap();
        let names: Vec<&str> = found.iter().map(|weight| weight.name.as_str()).collect();
        assert_eq!(names, [weight.name()]);
        let constants = |model: &Model| {
            let nodes = model.graph().node.iter();
            nodes.filter(|node| node.op() == "Constant").count()
        };
        assert_eq!((constants(&model), constants(&lifted)), (4, 3));
    }
}
