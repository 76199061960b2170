//! What the tests of images and of quantised weights share.

use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{
    ElementType, GradientOptions, GraphBuilder, Model, Tensor, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, case, library, random};

pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto::ints(name, values)
}

pub fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto::text(name, value)
}

pub fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto::int(name, value)
}

/// A constant that the shapes of a case do not touch.
pub fn frozen(b: &mut GraphBuilder, shape: &[usize]) -> Value {
    let tensor = random(shape, 77, -1.0, 1.0, ElementType::F32);
    b.constant(&tensor)
}

/// A model with the weights as initializers and the sum of the result as `loss`.
pub fn summed(
    weights: &[(&str, &[usize])],
    build: fn(&mut GraphBuilder, &[Value]) -> Value,
) -> Model {
    let mut builder = GraphBuilder::new("summed");
    let values: Vec<Value> = weights
        .iter()
        .zip(1..)
        .map(|((name, shape), seed)| {
            let tensor = random(shape, seed, -1.0, 1.0, ElementType::F32);
            builder.initializer(name, &tensor)
        })
        .collect();
    let result = build(&mut builder, &values);
    let total = builder.reduce_sum(&result, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    builder.finish().unwrap()
}

pub fn gradient_nodes(model: &Model, trainable: &[&str]) -> Vec<NodeProto> {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.iter().map(|name| (*name).to_owned()).collect(),
        keep: Vec::new(),
        ..Default::default()
    };
    let gradient = build_gradient(model, &options, &SessionOracle::new(&library())).unwrap();
    gradient.model.graph().node.clone()
}

pub fn count(nodes: &[NodeProto], operator: &str) -> usize {
    nodes.iter().filter(|node| node.op() == operator).count()
}

/// The gradients of the weights of a model without inputs.
pub fn slope(model: &Model, trainable: &[&str]) -> Vec<Tensor> {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.iter().map(|name| (*name).to_owned()).collect(),
        keep: Vec::new(),
        ..Default::default()
    };
    let library = library();
    let gradient = build_gradient(model, &options, &SessionOracle::new(&library)).unwrap();
    let options = SessionOptions::default();
    let session = Session::new(&library, &CPU, "slope", &gradient.model, options).unwrap();
    let inputs: Vec<(&str, &Tensor)> = gradient
        .weights
        .iter()
        .map(|(name, tensor)| (name.as_str(), tensor))
        .collect();
    let names: Vec<String> = trainable
        .iter()
        .map(|name| format!("grad.{name}"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    session.run(&inputs, &names).unwrap()
}

/// A case of one operator on the weights as they are.
pub fn of(
    name: &'static str,
    operator: &'static str,
    shapes: &[&[usize]],
    attributes: Vec<AttributeProto>,
) -> Case {
    case(name, shapes, move |b, v| {
        let inputs: Vec<&Value> = v.iter().collect();
        b.node(operator, &inputs, attributes.clone())
    })
    .single()
}
