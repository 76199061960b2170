//! What is rewritten, what is not, and what is shared.

use std::collections::HashMap;

use stepdroid::onnx::decompose::decompose;
use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, Value, ValueType,
    build_gradient,
};
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

const OPERATORS: [&str; 21] = [
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
];

#[test]
fn malformed_nodes_are_refused() {
    for operator in OPERATORS {
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

const NUMBERS: [i64; 9] = [-1, 0, 1, 2, 3, 4, 6, 1 << 40, i64::MAX];
const ATTRIBUTES: [&str; 14] = [
    "num_heads",
    "kv_num_heads",
    "q_num_heads",
    "rotary_embedding_dim",
    "interleaved",
    "do_rotary",
    "unidirectional",
    "is_causal",
    "causal",
    "axis",
    "groups",
    "softmax_precision",
    "local_window_size",
    "transB",
];

fn dimension(choice: u8) -> Dimension {
    match choice % 9 {
        0 => Dimension::Unknown,
        1 => Dimension::Symbol("s".into()),
        2 => Dimension::Fixed(usize::MAX),
        other => Dimension::Fixed(usize::from(other) - 3),
    }
}

proptest::proptest! {
    #[test]
    fn no_types_and_no_attributes_make_it_panic(
        operator in 0..OPERATORS.len() + 3,
        attributes in proptest::collection::vec(0..NUMBERS.len(), ATTRIBUTES.len()),
        shapes in proptest::collection::vec(proptest::collection::vec(proptest::num::u8::ANY, 0..6), 1..13),
        floats: bool,
        version in 18..25i64,
    ) {
        let mut builder = GraphBuilder::new("anything");
        builder.set_opset("", version);
        let mut types = HashMap::new();
        let mut inputs = Vec::new();
        for (number, shape) in shapes.iter().enumerate() {
            let element = if floats || number < 3 { ElementType::F32 } else { ElementType::I32 };
            let dimensions: Vec<Dimension> = shape.iter().copied().map(dimension).collect();
            let name = format!("x{number}");
            inputs.push(builder.input(&name, element, &dimensions));
            types.insert(name, ValueType { element, dimensions });
        }
        let attributes = ATTRIBUTES
            .iter()
            .zip(&attributes)
            .map(|(name, choice)| AttributeProto::int(name, NUMBERS[*choice]))
            .collect();
        let inputs: Vec<&Value> = inputs.iter().collect();
        let standard = ["Attention", "RotaryEmbedding", "SimplifiedLayerNormalization"];
        let made = match OPERATORS.get(operator) {
            Some(name) => contrib(&mut builder, name, &inputs, attributes),
            None => builder.node(standard[operator - OPERATORS.len()], &inputs, attributes),
        };
        builder.untyped_output(made.name());
        let model = builder.finish().unwrap();
        let decomposed = decompose(&model, &types, &|_| true).unwrap().unwrap();
        let left = decomposed.model.graph().node.iter().filter(|node| is_fused(node)).count();
        proptest::prop_assert_eq!(left, decomposed.refused.len());
    }
}
