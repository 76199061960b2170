//! MultiHeadAttention and Attention of `com.microsoft`.

use stepdroid::onnx::decompose::{CONTRIB, decompose};
use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{GraphBuilder, ShapeOracle, Tensor, Value};
use stepdroid::runtime::SessionOracle;

use super::{
    SEPARATE, check_fused, constant, contrib, float, heads, int, list, none, of_any_length,
    project, separate, values,
};
use crate::harness::{case, library};

const SQUARE: &[&[usize]] = &[&[2, 4, 8], &[2, 4, 8], &[2, 4, 8]];

fn multi_head(b: &mut GraphBuilder, inputs: &[&Value], attributes: Vec<AttributeProto>) -> Value {
    let attributes = [attributes, vec![int("num_heads", 2)]].concat();
    contrib(b, "MultiHeadAttention", inputs, attributes)
}

#[test]
fn multi_head_attention_keeps_its_numbers() {
    check_fused(&[
        case("plain", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            multi_head(b, &[&q, &k, &v], vec![])
        })
        .single(),
        case(
            "bias and scale",
            &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8], &[22]],
            |b, v| {
                let [q, k, value] = separate(b, v);
                let bias = b.slice(&v[3], 0, 0, 22);
                multi_head(b, &[&q, &k, &value, &bias], vec![float("scale", 0.3)])
            },
        )
        .single()
        .fixed_only(),
        case("causal", SQUARE, |b, v| {
            let [q, k, v] = separate(b, v);
            multi_head(b, &[&q, &k, &v], vec![int("unidirectional", 1)])
        })
        .single(),
        case("causal and padded", SQUARE, |b, v| {
            let [q, k, v] = separate(b, v);
            let mask = list(b, &[2, 4], &[0, 1, 1, 1, 1, 1, 0, 0]);
            let inputs = [&q, &k, &v, &none(), &mask];
            multi_head(b, &inputs, vec![int("unidirectional", 1)])
        })
        .single(),
        case("lengths", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let lengths = list(b, &[2], &[4, 2]);
            multi_head(b, &[&q, &k, &v, &none(), &lengths], vec![])
        })
        .single()
        .fixed_only(),
        case("mask of pairs", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let hidden = [
                1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 1,
            ];
            let mask = list(b, &[2, 3, 4], &hidden);
            let attributes = vec![float("mask_filter_value", -3.0)];
            multi_head(b, &[&q, &k, &v, &none(), &mask], attributes)
        })
        .single(),
        case(
            "trained bias of scores",
            &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8], &[1, 2, 3, 4]],
            |b, v| {
                let [q, k, value] = separate(b, v);
                let mask = list(b, &[2, 4], &[0, 1, 1, 1, 1, 1, 0, 0]);
                multi_head(b, &[&q, &k, &value, &none(), &mask, &v[3]], vec![])
            },
        )
        .single(),
        case("heads of keys apart", SEPARATE, |b, v| {
            let [q, k, _] = separate(b, v);
            let value = project(b, &v[2], 8, 8, 3);
            let (k, value) = (heads(b, &k, 2, 4), heads(b, &value, 2, 4));
            multi_head(b, &[&q, &k, &value], vec![])
        })
        .single(),
        case("past", SQUARE, |b, v| {
            let [q, k, _] = separate(b, v);
            let value = project(b, &v[2], 8, 8, 3);
            let (past_key, past_value) =
                (constant(b, &[2, 2, 3, 4], 5), constant(b, &[2, 2, 3, 4], 6));
            let past_key = of_any_length(b, &past_key, 3, 2);
            let past_value = of_any_length(b, &past_value, 3, 2);
            let gap = none();
            let inputs = [&q, &k, &value, &gap, &gap, &gap, &past_key, &past_value];
            b.set_opset(CONTRIB, 1);
            let attributes = vec![int("num_heads", 2), int("unidirectional", 1)];
            let made = b.nodes_in(CONTRIB, "MultiHeadAttention", &inputs, attributes, 3);
            made[0].clone()
        })
        .single(),
    ]);
}

fn packed(b: &mut GraphBuilder, inputs: &[&Value], attributes: Vec<AttributeProto>) -> Value {
    let attributes = [attributes, vec![int("num_heads", 2)]].concat();
    contrib(b, "Attention", inputs, attributes)
}

/// Input, weights and bias of two heads of 4; the values' heads are 4 as well.
const PACKED: &[&[usize]] = &[&[2, 4, 5], &[5, 24], &[24]];

#[test]
fn attention_with_packed_weights_keeps_its_numbers() {
    check_fused(&[
        case("plain", PACKED, |b, v| {
            packed(b, &[&v[0], &v[1], &v[2]], vec![])
        })
        .single()
        .fixed_only(),
        case("frozen weights, any length", &[&[2, 4, 5]], |b, v| {
            let (weights, bias) = (constant(b, &[5, 24], 1), constant(b, &[24], 2));
            let x = project(b, &v[0], 5, 5, 3);
            packed(b, &[&x, &weights, &bias], vec![int("unidirectional", 1)])
        })
        .single(),
        case("small values", &[&[2, 4, 5], &[5, 20], &[20]], |b, v| {
            let attributes = vec![
                AttributeProto::ints("qkv_hidden_sizes", &[8, 8, 4]),
                float("scale", 0.7),
            ];
            packed(b, &[&v[0], &v[1], &v[2]], attributes)
        })
        .single()
        .fixed_only(),
        case("padded and causal", PACKED, |b, v| {
            let mask = list(b, &[2, 4], &[0, 1, 1, 1, 1, 1, 1, 0]);
            let attributes = vec![int("unidirectional", 1)];
            packed(b, &[&v[0], &v[1], &v[2], &mask], attributes)
        })
        .single()
        .fixed_only(),
        case("lengths", PACKED, |b, v| {
            let lengths = list(b, &[2], &[3, 4]);
            packed(b, &[&v[0], &v[1], &v[2], &lengths], vec![])
        })
        .single()
        .fixed_only(),
        case("ends and starts", PACKED, |b, v| {
            let ends = list(b, &[4], &[4, 3, 0, 1]);
            packed(b, &[&v[0], &v[1], &v[2], &ends], vec![])
        })
        .single()
        .fixed_only(),
        case("mask of one column", PACKED, |b, v| {
            let mask = list(b, &[2, 1], &[0, 1]);
            packed(b, &[&v[0], &v[1], &v[2], &mask], vec![])
        })
        .single()
        .fixed_only(),
        case("bias of scores", PACKED, |b, v| {
            let added = constant(b, &[1, 2, 4, 4], 6);
            let gap = none();
            packed(b, &[&v[0], &v[1], &v[2], &gap, &gap, &added], vec![])
        })
        .single()
        .fixed_only(),
        case("past", PACKED, |b, v| {
            let past = constant(b, &[2, 2, 2, 3, 4], 5);
            b.set_opset(CONTRIB, 1);
            let inputs = [&v[0], &v[1], &v[2], &none(), &past];
            let attributes = vec![int("num_heads", 2), int("unidirectional", 1)];
            let made = b.nodes_in(CONTRIB, "Attention", &inputs, attributes, 2);
            made[0].clone()
        })
        .single()
        .fixed_only(),
    ]);
}

#[test]
fn forms_that_the_engine_does_not_run_here_equal_those_that_it_runs() {
    let mut builder = GraphBuilder::new("packed");
    let b = &mut builder;
    let parts: Vec<Value> = (0..3).map(|seed| constant(b, &[2, 4, 8], seed)).collect();
    let apart: Vec<Value> = parts
        .iter()
        .map(|x| b.reshape(x, &[2, 4, 2, 1, 4]))
        .collect();
    let all = b.concat(&[&apart[0], &apart[1], &apart[2]], 3);
    let two = b.concat(&[&apart[1], &apart[2]], 3);
    let separate = multi_head(b, &[&parts[0], &parts[1], &parts[2]], vec![]);
    let packed_all = multi_head(b, &[&all], vec![]);
    let packed_two = multi_head(b, &[&parts[0], &two], vec![]);
    // No bias at all, and one of zeros.
    let weights = constant(b, &[8, 24], 7);
    let zeros = b.constant(&Tensor::f32(&[24], [0.0; 24]));
    let with_bias = packed(b, &[&parts[0], &weights, &zeros], vec![]);
    let without_bias = packed(b, &[&parts[0], &weights], vec![]);
    let pairs = [
        (separate.clone(), packed_all),
        (separate, packed_two),
        (with_bias, without_bias),
    ];
    let names: Vec<String> = pairs
        .iter()
        .flat_map(|(a, b)| [a.name().to_owned(), b.name().to_owned()])
        .collect();
    builder.untyped_output(&names[0]);
    let model = builder.finish().unwrap();
    let types = SessionOracle::new(&library()).value_types(&model).unwrap();
    // The second of each pair is rewritten, the first is left to the engine.
    let rewritten = |node: &NodeProto| {
        names
            .iter()
            .skip(1)
            .step_by(2)
            .any(|name| *name == node.output[0])
    };
    let decomposed = decompose(&model, &types, &rewritten).unwrap().unwrap();
    assert!(decomposed.refused.is_empty(), "{:?}", decomposed.refused);
    let made = values(&decomposed.model, &names).unwrap();
    for pair in made.chunks(2) {
        let numbers = |tensor: &Tensor| tensor.to_f64().unwrap();
        for (a, b) in numbers(&pair[0]).iter().zip(&numbers(&pair[1])) {
            assert!((a - b).abs() < 1e-5, "{a} became {b}");
        }
    }
}
