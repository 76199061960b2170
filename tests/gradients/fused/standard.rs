//! The standard Attention.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::{
    SEPARATE, booleans, check_fused, constant, float, heads, int, none, of_any_length, project,
    separate,
};
use crate::harness::{Case, case};

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
