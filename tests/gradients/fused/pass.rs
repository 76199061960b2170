//! What is rewritten, what is not, and what is shared.

use std::collections::HashMap;

use stepdroid::onnx::decompose::decompose;
use stepdroid::onnx::proto::NodeProto;
use stepdroid::onnx::{ElementType, GradientOptions, GraphBuilder, Model, Tensor, build_gradient};
use stepdroid::runtime::SessionOracle;

use super::{constant, contrib, float, is_fused, model_of, none};
use crate::harness::{library, random};

fn gradient_error(model: &Model, weight: &str) -> String {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec![weight.into()],
        ..Default::default()
    };
    build_gradient(model, &options, &SessionOracle::new(&library()))
        .unwrap_err()
        .to_string()
}

#[test]
fn all_that_is_not_supported_is_named_at_once() {
    let weight = random(&[2, 3, 8], 1, -1.0, 1.0, ElementType::F32);
    let model = model_of(&[("w", weight)], |b, v| {
        let positions = b.constant(&Tensor::i64(&[1], [0]));
        let (cos, sin) = (constant(b, &[4, 4], 1), constant(b, &[4, 4], 2));
        let inputs = [&v[0], &positions, &cos, &sin];
        let turned = contrib(b, "RotaryEmbedding", &inputs, vec![float("scale", 0.5)]);
        b.graph().node.last_mut().unwrap().name = Some("turn".into());
        let unknown = contrib(b, "SampleOp", &[&turned], vec![]);
        contrib(b, "Gelu", &[&unknown], vec![])
    });
    let error = gradient_error(&model, "w");
    let expected = [
        "RotaryEmbedding",
        "\"turn\"",
        "its scale is not 1",
        "SampleOp",
    ];
    for part in expected {
        assert!(error.contains(part), "{part} in {error}");
    }
    assert!(!error.contains("Gelu"), "{error}");
}

#[test]
fn frozen_parts_keep_their_fused_operators() {
    let weights = [
        ("frozen", random(&[2, 4], 1, -1.0, 1.0, ElementType::F32)),
        ("w", random(&[4], 2, -1.0, 1.0, ElementType::F32)),
    ];
    let model = model_of(&weights, |b, v| {
        let before = contrib(b, "Gelu", &[&v[0]], vec![]);
        contrib(b, "BiasGelu", &[&before, &v[1]], vec![])
    });
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..Default::default()
    };
    let gradient = build_gradient(&model, &options, &SessionOracle::new(&library())).unwrap();
    let fused: Vec<&str> = gradient
        .model
        .graph()
        .node
        .iter()
        .filter(|node| is_fused(node))
        .map(NodeProto::op)
        .collect();
    assert_eq!(fused, ["Gelu"]);
}

#[test]
fn malformed_nodes_are_refused() {
    for operator in [
        "Attention",
        "BiasAdd",
        "BiasGelu",
        "BiasSoftmax",
        "BiasSplitGelu",
        "EmbedLayerNormalization",
        "FastGelu",
        "FusedConv",
        "FusedGemm",
        "FusedMatMul",
        "Gelu",
        "GemmFastGelu",
        "GroupNorm",
        "GroupQueryAttention",
        "MultiHeadAttention",
        "NhwcConv",
        "QuickGelu",
        "RotaryEmbedding",
        "SkipGroupNorm",
        "SkipLayerNormalization",
        "SkipSimplifiedLayerNormalization",
    ] {
        let mut builder = GraphBuilder::new("malformed");
        let empty = none();
        let made = contrib(&mut builder, operator, &[&empty], vec![]);
        builder.untyped_output(made.name());
        let model = builder.finish().unwrap();
        let decomposed = decompose(&model, &HashMap::new(), &|_| true)
            .unwrap()
            .unwrap();
        assert!(decomposed.refused.contains_key(made.name()), "{operator}");
        assert_eq!(decomposed.model.graph().node, model.graph().node);
    }
}
