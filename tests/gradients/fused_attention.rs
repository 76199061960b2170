//! Rotary embeddings and attention of `com.microsoft` and of the standard.

use stepdroid::onnx::decompose::CONTRIB;
use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, TensorData, Value};

use crate::fused::{
    check_fused, constant, contrib, float, int, leave_out, list, none, of_any_length, project,
};
use crate::harness::{Case, case};

/// Tables of cosines and sines for some positions.
fn caches(builder: &mut GraphBuilder, positions: usize, pairs: usize) -> (Value, Value) {
    let table = |function: fn(f64) -> f64| {
        let values: Vec<f32> = (0..positions * pairs)
            .map(|at| function((at / pairs) as f64 / 3f64.powi((at % pairs) as i32)) as f32)
            .collect();
        Tensor::f32(&[positions, pairs], values)
    };
    (
        builder.constant(&table(f64::cos)),
        builder.constant(&table(f64::sin)),
    )
}

fn places(builder: &mut GraphBuilder) -> Value {
    builder.constant(&Tensor::i64(&[2, 3], [2, 0, 4, 1, 3, 5]))
}

/// [batch, length, heads * head] as [batch, heads, length, head].
fn heads(builder: &mut GraphBuilder, x: &Value, count: i64, head: i64) -> Value {
    let split = builder.reshape(x, &[0, 0, count, head]);
    builder.transpose(&split, &[0, 2, 1, 3])
}

fn booleans(builder: &mut GraphBuilder, shape: &[usize], values: &[i32]) -> Value {
    builder.constant(&Tensor {
        shape: shape.to_vec(),
        data: TensorData::Bool(values.iter().map(|value| *value != 0).collect()),
    })
}

#[test]
fn rotary_embeddings_keep_their_numbers() {
    check_fused(&[
        case("from a position", &[&[2, 3, 8]], |b, v| {
            let x = project(b, &v[0], 8, 8, 1);
            let (cos, sin) = caches(b, 6, 2);
            let position = b.constant(&Tensor::i64(&[1], [2]));
            contrib(b, "RotaryEmbedding", &[&x, &position, &cos, &sin], vec![])
        })
        .single(),
        case("at positions", &[&[2, 3, 8]], |b, v| {
            let x = project(b, &v[0], 8, 8, 1);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            let attributes = vec![int("interleaved", 1)];
            contrib(b, "RotaryEmbedding", &[&x, &places, &cos, &sin], attributes)
        })
        .single(),
        case("part of a head", &[&[2, 3, 12]], |b, v| {
            let x = project(b, &v[0], 12, 12, 1);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            let attributes = vec![int("num_heads", 2), int("rotary_embedding_dim", 4)];
            contrib(b, "RotaryEmbedding", &[&x, &places, &cos, &sin], attributes)
        })
        .single(),
        case("heads apart", &[&[2, 3, 8]], |b, v| {
            let x = project(b, &v[0], 8, 8, 1);
            let x = heads(b, &x, 2, 4);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            let first = contrib(b, "RotaryEmbedding", &[&x, &places, &cos, &sin], vec![]);
            let position = b.constant(&Tensor::i64(&[1], [1]));
            contrib(
                b,
                "RotaryEmbedding",
                &[&first, &position, &cos, &sin],
                vec![],
            )
        })
        .single(),
    ]);
}

fn standard_rotary(
    b: &mut GraphBuilder,
    x: &Value,
    tables: [&Value; 2],
    places: &Value,
    attributes: Vec<AttributeProto>,
) -> Value {
    b.set_opset("", 23);
    let inputs = [x, tables[0], tables[1], places];
    let inputs = if places.name().is_empty() {
        &inputs[..3]
    } else {
        &inputs
    };
    b.node("RotaryEmbedding", inputs, attributes)
}

#[test]
fn standard_rotary_embeddings_keep_their_numbers() {
    check_fused(&[
        case("rows", &[&[2, 3, 8]], |b, v| {
            let x = project(b, &v[0], 8, 8, 1);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            standard_rotary(b, &x, [&cos, &sin], &places, vec![int("num_heads", 2)])
        })
        .single(),
        case("rows interleaved in part", &[&[2, 3, 12]], |b, v| {
            let x = project(b, &v[0], 12, 12, 1);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            let attributes = vec![
                int("num_heads", 2),
                int("interleaved", 1),
                int("rotary_embedding_dim", 4),
            ];
            standard_rotary(b, &x, [&cos, &sin], &places, attributes)
        })
        .single(),
        case("heads", &[&[2, 3, 8]], |b, v| {
            let x = project(b, &v[0], 8, 8, 1);
            let x = heads(b, &x, 2, 4);
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            standard_rotary(b, &x, [&cos, &sin], &places, vec![])
        })
        .single(),
        case("heads with their own tables", &[&[2, 3, 12]], |b, v| {
            let x = project(b, &v[0], 12, 12, 1);
            let x = heads(b, &x, 2, 6);
            let (cos, sin) = (constant(b, &[2, 3, 2], 1), constant(b, &[2, 3, 2], 2));
            let attributes = vec![int("interleaved", 1), int("rotary_embedding_dim", 4)];
            standard_rotary(b, &x, [&cos, &sin], &none(), attributes)
        })
        .single(),
        case(
            "tables that are trained",
            &[&[2, 3, 8], &[2, 3, 2], &[2, 3, 2]],
            |b, v| {
                let x = project(b, &v[0], 8, 8, 1);
                let attributes = vec![int("num_heads", 2)];
                standard_rotary(b, &x, [&v[1], &v[2]], &none(), attributes)
            },
        )
        .single(),
    ]);
}

/// A query of 3 rows, keys and values of 4, with two heads of 4.
fn separate(b: &mut GraphBuilder, v: &[Value]) -> [Value; 3] {
    [
        project(b, &v[0], 8, 8, 1),
        project(b, &v[1], 8, 8, 2),
        project(b, &v[2], 8, 6, 3),
    ]
}

const SEPARATE: &[&[usize]] = &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8]];
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

/// Query, key and value, lengths and total length of a decoder's attention: 6 heads in 2 groups.
fn decoder(b: &mut GraphBuilder, v: &[Value]) -> Vec<Value> {
    let mut inputs = vec![
        project(b, &v[0], 6, 48, 1),
        project(b, &v[1], 6, 16, 2),
        project(b, &v[2], 6, 16, 3),
    ];
    inputs.extend([none(), none()]);
    inputs.push(list(b, &[2], &[2, 2]));
    inputs.push(list(b, &[], &[3]));
    inputs
}

const DECODER: &[&[usize]] = &[&[2, 3, 6], &[2, 3, 6], &[2, 3, 6]];

fn group_query(b: &mut GraphBuilder, inputs: &[Value], attributes: Vec<AttributeProto>) -> Value {
    let attributes = [
        attributes,
        vec![int("num_heads", 6), int("kv_num_heads", 2)],
    ]
    .concat();
    b.set_opset(CONTRIB, 1);
    let inputs: Vec<&Value> = inputs.iter().collect();
    let made = b.nodes_in(CONTRIB, "GroupQueryAttention", &inputs, attributes, 3);
    made[0].clone()
}

#[test]
fn group_query_attention_keeps_its_numbers() {
    check_fused(&[
        case("plain", DECODER, |b, v| {
            let inputs = decoder(b, v);
            group_query(b, &inputs, vec![])
        })
        .single(),
        case("window, softcap and scale", DECODER, |b, v| {
            let inputs = decoder(b, v);
            let attributes = vec![
                int("local_window_size", 2),
                float("softcap", 1.5),
                float("scale", 0.4),
            ];
            group_query(b, &inputs, attributes)
        })
        .single(),
        case("packed", &[&[2, 3, 6]], |b, v| {
            let mut inputs = decoder(b, &[v[0].clone(), v[0].clone(), v[0].clone()]);
            inputs[0] = project(b, &v[0], 6, 80, 1);
            inputs[1] = none();
            inputs[2] = none();
            group_query(b, &inputs, vec![])
        })
        .single(),
        case("every row sees its text", DECODER, |b, v| {
            let mut inputs = decoder(b, v);
            inputs[5] = list(b, &[2], &[2, 0]);
            group_query(b, &inputs, vec![int("causal", 0)])
        })
        .single(),
        case("empty past", DECODER, |b, v| {
            let mut inputs = decoder(b, v);
            inputs[3] = b.constant(&Tensor::f32(&[2, 2, 0, 8], []));
            inputs[4] = b.constant(&Tensor::f32(&[2, 2, 0, 8], []));
            group_query(b, &inputs, vec![])
        })
        .single(),
        case("empty past of any length", DECODER, |b, v| {
            let mut inputs = decoder(b, v);
            for (index, seed) in [(3, 1), (4, 2)] {
                let past = constant(b, &[2, 2, 1, 8], seed);
                let zero = b.constant(&Tensor::i64(&[1], [0]));
                let places = b.node("NonZero", &[&zero], vec![]);
                let places = b.reshape(&places, &[-1]);
                inputs[index] = b.gather(&past, &places, 2);
            }
            group_query(b, &inputs, vec![])
        })
        .single(),
        case(
            "bias for each head",
            &[&[2, 3, 6], &[2, 3, 6], &[2, 3, 6], &[1, 6, 3, 3]],
            |b, v| {
                let mut inputs = decoder(b, v);
                inputs.extend([none(), none(), none(), v[3].clone()]);
                group_query(b, &inputs, vec![])
            },
        )
        .single(),
    ]);
}

/// With heads of 16, which the engine's rotary kernel asks for.
fn turned(b: &mut GraphBuilder, v: &[Value], pairs: usize) -> Vec<Value> {
    let mut inputs = decoder(b, v);
    inputs[0] = project(b, &v[0], 6, 96, 1);
    inputs[1] = project(b, &v[1], 6, 32, 2);
    inputs[2] = project(b, &v[2], 6, 32, 3);
    let (cos, sin) = caches(b, 9, pairs);
    inputs.extend([cos, sin]);
    inputs
}

#[test]
fn group_query_attention_turns_its_heads() {
    check_fused(&[
        case("halves", DECODER, |b, v| {
            let inputs = turned(b, v, 8);
            group_query(b, &inputs, vec![int("do_rotary", 1)])
        })
        .single(),
        case("neighbours", DECODER, |b, v| {
            let inputs = turned(b, v, 8);
            let attributes = vec![int("do_rotary", 1), int("rotary_interleaved", 1)];
            group_query(b, &inputs, attributes)
        })
        .single(),
        case("from a position", DECODER, |b, v| {
            let mut inputs = turned(b, v, 8);
            inputs.push(b.constant(&Tensor::i64(&[2, 3], [2, 3, 4, 2, 3, 4])));
            group_query(b, &inputs, vec![int("do_rotary", 1)])
        })
        .single(),
        case(
            "after a past",
            &[&[1, 3, 6], &[1, 3, 6], &[1, 3, 6]],
            |b, v| {
                let mut inputs = turned(b, v, 8);
                for (index, seed) in [(3, 5), (4, 6)] {
                    let past = constant(b, &[1, 2, 4, 16], seed);
                    inputs[index] = of_any_length(b, &past, 4, 2);
                }
                inputs[5] = list(b, &[1], &[6]);
                inputs[6] = list(b, &[], &[7]);
                group_query(b, &inputs, vec![int("do_rotary", 1)])
            },
        )
        .single(),
    ]);
}

fn standard(b: &mut GraphBuilder, inputs: &[&Value], attributes: Vec<AttributeProto>) -> Value {
    let attributes = [
        attributes,
        vec![int("q_num_heads", 2), int("kv_num_heads", 2)],
    ]
    .concat();
    b.set_opset("", 23);
    b.node("Attention", inputs, attributes)
}

/// Six heads of 4 that share two of the keys, heads apart.
fn grouped(
    b: &mut GraphBuilder,
    v: &[Value],
    inputs: &[&Value],
    attributes: Vec<AttributeProto>,
) -> Value {
    let (q, k) = (project(b, &v[0], 8, 24, 1), project(b, &v[1], 8, 8, 2));
    let value = project(b, &v[2], 8, 6, 3);
    let (q, k) = (heads(b, &q, 6, 4), heads(b, &k, 2, 4));
    let value = heads(b, &value, 2, 3);
    b.set_opset("", 23);
    let inputs: Vec<&Value> = [&q, &k, &value]
        .into_iter()
        .chain(inputs.iter().copied())
        .collect();
    b.node("Attention", &inputs, attributes)
}

const HIDDEN: [i32; 12] = [0, 0, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1];

#[test]
fn standard_attention_keeps_its_numbers() {
    check_fused(&[
        case("plain", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            standard(b, &[&q, &k, &v], vec![])
        })
        .single(),
        case("causal with softcap and scale", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let attributes = vec![
                int("is_causal", 1),
                float("softcap", 1.5),
                float("scale", 0.3),
            ];
            standard(b, &[&q, &k, &v], attributes)
        })
        .single(),
        case("mask with a row that sees nothing", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let mask = booleans(b, &[3, 4], &HIDDEN);
            standard(b, &[&q, &k, &v, &mask], vec![])
        })
        .single(),
        case("mask and causal", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let mask = booleans(b, &[1, 1, 3, 4], &HIDDEN);
            standard(b, &[&q, &k, &v, &mask], vec![int("is_causal", 1)])
        })
        .single(),
        case(
            "trained mask and causal",
            &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8], &[2, 2, 3, 4]],
            |b, v| {
                let [q, k, value] = separate(b, v);
                standard(b, &[&q, &k, &value, &v[3]], vec![int("is_causal", 1)])
            },
        )
        .single(),
        case("mask of infinities", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let low = |hidden: &i32| {
                if *hidden == 0 { f32::NEG_INFINITY } else { 0.5 }
            };
            let mask: Vec<f32> = HIDDEN.iter().map(low).collect();
            let mask = b.constant(&Tensor::f32(&[3, 4], mask));
            standard(b, &[&q, &k, &v, &mask], vec![])
        })
        .single(),
        case("past", SEPARATE, |b, v| {
            let [q, k, v] = separate(b, v);
            let (past_key, past_value) =
                (constant(b, &[2, 2, 2, 4], 5), constant(b, &[2, 2, 2, 3], 6));
            let past_key = of_any_length(b, &past_key, 2, 2);
            let past_value = of_any_length(b, &past_value, 2, 2);
            b.set_opset("", 23);
            let inputs = [&q, &k, &v, &none(), &past_key, &past_value];
            let attributes = vec![
                int("q_num_heads", 2),
                int("kv_num_heads", 2),
                int("is_causal", 1),
            ];
            let made = b.nodes("Attention", &inputs, attributes, 3);
            made[0].clone()
        })
        .single(),
        case("grouped", SEPARATE, |b, v| grouped(b, v, &[], vec![])).single(),
        case("grouped with a mask", SEPARATE, |b, v| {
            let mask = booleans(b, &[3, 4], &HIDDEN);
            grouped(b, v, &[&mask], vec![int("is_causal", 1)])
        })
        .single(),
        case("grouped with a mask for each text", SEPARATE, |b, v| {
            let mask = booleans(b, &[2, 1, 3, 4], &[HIDDEN, HIDDEN].concat());
            grouped(b, v, &[&mask], vec![])
        })
        .single(),
        case(
            "grouped with a mask for each head",
            &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8], &[6, 3, 4]],
            |b, v| grouped(b, v, &[&v[3].clone()], vec![]),
        )
        .single(),
        case(
            "grouped with a mask for each text and head",
            &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8], &[2, 6, 3, 4]],
            |b, v| grouped(b, v, &[&v[3].clone()], vec![int("is_causal", 1)]),
        )
        .single(),
    ]);
}

#[test]
fn the_newest_attention_keeps_its_numbers() {
    let padded = |causal: bool| -> Case {
        let build: crate::harness::Build = if causal {
            |b, v| lengths(b, v, 1)
        } else {
            |b, v| lengths(b, v, 0)
        };
        let name = if causal { "lengths, causal" } else { "lengths" };
        case(name, SEPARATE, build).single()
    };
    check_fused(&[padded(false), padded(true)]);
}

fn lengths(b: &mut GraphBuilder, v: &[Value], causal: i64) -> Value {
    let [q, k, v] = separate(b, v);
    let lengths = b.constant(&Tensor::i64(&[2], [4, 2]));
    b.set_opset("", 24);
    let gap = none();
    let inputs = [&q, &k, &v, &gap, &gap, &gap, &lengths];
    let attributes = vec![
        int("q_num_heads", 2),
        int("kv_num_heads", 2),
        int("is_causal", causal),
    ];
    b.node("Attention", &inputs, attributes)
}

/// The scores at a step, of a grouped attention with a mask and a bound.
fn scores(b: &mut GraphBuilder, v: &[Value], step: i64) -> Value {
    let mask = booleans(b, &[3, 4], &HIDDEN);
    let attributes = vec![float("softcap", 1.5), int("qk_matmul_output_mode", step)];
    grouped(b, v, &[&mask], attributes);
    let scores = b.fresh("scores");
    let node = b.graph().node.last_mut().unwrap();
    node.output
        .extend([String::new(), String::new(), scores.clone()]);
    let output = Value::named(&node.output[0]);
    // Masked scores are too low to sum up.
    let scores = b.node("Clip", &[&Value::named(&scores)], vec![]);
    let low = b.scalar(-10.0);
    let seen = b.max(&scores, &low);
    let sum = b.reduce_sum(&seen, &[-1], true);
    b.mul(&output, &sum)
}

#[test]
fn scores_are_given_at_every_step() {
    check_fused(&[
        case("products", SEPARATE, |b, v| scores(b, v, 0)).single(),
        case("bounded", SEPARATE, |b, v| scores(b, v, 1)).single(),
        case("masked", SEPARATE, |b, v| scores(b, v, 2)).single(),
        case("shares", SEPARATE, |b, v| scores(b, v, 3)).single(),
    ]);
}

#[test]
fn sinks_take_their_share() {
    check_fused(&[
        case("smooth", DECODER, |b, v| {
            let inputs = decoder(b, v);
            group_query(b, &inputs, vec![int("smooth_softmax", 1)])
        })
        .single(),
        case(
            "sink",
            &[&[2, 3, 6], &[2, 3, 6], &[2, 3, 6], &[6]],
            |b, v| {
                let mut inputs = decoder(b, v);
                inputs.extend([none(), none(), none(), none(), v[3].clone()]);
                group_query(b, &inputs, vec![])
            },
        )
        .single(),
    ]);
}

#[test]
fn outputs_that_nothing_reads_cost_nothing() {
    check_fused(&[case("no present keys", DECODER, |b, v| {
        let inputs = decoder(b, v);
        let made = group_query(b, &inputs, vec![]);
        leave_out(b, &[1, 2]);
        b.cast(&made, ElementType::F32)
    })
    .single()]);
}
