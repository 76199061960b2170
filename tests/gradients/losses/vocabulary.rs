//! What the gradient of a large vocabulary is made of.

use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, build_gradient, loss,
};
use stepdroid::runtime::SessionOracle;

use super::gradients;
use crate::harness::{library, random};

/// Cross-entropy of one weight, with or without a node between log-softmax and gathering.
fn of_vocabulary(rows: usize, classes: usize, apart: bool) -> Model {
    let mut builder = GraphBuilder::new("vocabulary");
    let logits = random(&[rows, classes], 1, -4.0, 4.0, ElementType::F32);
    let logits = builder.initializer("w", &logits);
    let labels = builder.input("labels", ElementType::I64, &[Dimension::Fixed(rows)]);
    let found = loss::of_labels(&mut builder, &logits, &labels, None, ElementType::F32);
    let counts = builder.cast(&found.counts, ElementType::F32);
    let value = loss::cross_entropy(&mut builder, &found.of_label, &counts, ElementType::F32);
    builder.alias(&value, "loss");
    builder.untyped_output("loss");
    let mut model = builder.finish().unwrap();
    if apart {
        let nodes = &mut model.graph_mut().node;
        let softmax = nodes
            .iter()
            .position(|node| node.op() == "LogSoftmax")
            .unwrap();
        let mut between = nodes[softmax].clone();
        nodes[softmax].output[0] = "softmax".into();
        between.op_type = Some("Identity".into());
        between.name = Some("between".into());
        between.input[0] = "softmax".into();
        between.attribute.clear();
        nodes.insert(softmax + 1, between);
    }
    model
}

#[test]
fn the_gradient_of_a_vocabulary_is_one_scatter_into_the_softmax() {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..GradientOptions::default()
    };
    let oracle = SessionOracle::new(&library());
    let operators = |apart: bool| -> Vec<String> {
        let model = of_vocabulary(3, 5, apart);
        let built = build_gradient(&model, &options, &oracle).unwrap();
        let nodes = built.model.graph().node.iter();
        nodes.map(|node| node.op().to_owned()).collect()
    };
    let has = |operators: &[String], name: &str| operators.iter().any(|operator| operator == name);
    let fused = operators(false);
    assert!(
        has(&fused, "ScatterElements") && !has(&fused, "ConstantOfShape"),
        "{fused:?}"
    );
    assert!(has(&operators(true), "ConstantOfShape"));
    let labels = Tensor::i64(&[3], [4, -100, 0]);
    let run = |apart: bool| {
        let result = gradients(&of_vocabulary(3, 5, apart), &["w"], &[("labels", &labels)]);
        result[1].to_f64().unwrap()
    };
    for (fused, apart) in run(false).iter().zip(run(true)) {
        assert!((fused - apart).abs() < 1e-7, "{fused} and {apart}");
    }
}
