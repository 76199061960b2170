//! GroupQueryAttention.

use stepdroid::onnx::decompose::CONTRIB;
use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, Value, build_gradient,
};
use stepdroid::runtime::SessionOracle;

use super::{
    caches, check_fused, compare_all, constant, float, int, leave_out, list, none, of_any_length,
    project,
};
use crate::harness::{case, library};

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

#[test]
fn halves_keep_their_numbers() {
    compare_all(&[case("halves", DECODER, |b, v| {
        let mut inputs = turned(b, v, 8);
        for index in [0, 1, 2, 7, 8] {
            inputs[index] = b.cast(&inputs[index], ElementType::F16);
        }
        group_query(b, &inputs, vec![int("do_rotary", 1)])
    })
    .single()]);
}

/// A decoder of two layers whose batch and length are open.
fn layers() -> Model {
    let mut builder = GraphBuilder::new("decoder");
    let open = |name: &str| Dimension::Symbol(name.into());
    let ids = [open("batch"), open("length"), Dimension::Fixed(96)];
    let mut x = builder.input("x", ElementType::F32, &ids);
    let scale = builder.initializer("scale", &Tensor::f32(&[96], [1.0; 96]));
    let last = builder.input("last", ElementType::I32, &[open("batch")]);
    let total = builder.input("total", ElementType::I32, &[]);
    let (cos, sin) = caches(&mut builder, 64, 8);
    for layer in 0..2 {
        let normed = builder.nodes_in(
            CONTRIB,
            "SkipSimplifiedLayerNormalization",
            &[&x, &x, &scale],
            vec![],
            4,
        );
        leave_out(&mut builder, &[1, 2]);
        let parts: Vec<Value> = [96, 32, 32]
            .iter()
            .enumerate()
            .map(|(index, width)| project(&mut builder, &normed[0], 96, *width, index as u64))
            .collect();
        let mut inputs = parts;
        inputs.extend([none(), none(), last.clone(), total.clone()]);
        inputs.extend([cos.clone(), sin.clone()]);
        let mixed = group_query(&mut builder, &inputs, vec![int("do_rotary", 1)]);
        let mixed = project(&mut builder, &mixed, 96, 96, 10 + layer);
        x = builder.add(&mixed, &normed[3]);
    }
    let total = builder.reduce_sum(&x, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    builder.finish().unwrap()
}

#[test]
fn layers_share_their_masks_and_look_at_no_shapes_of_gradients() {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["scale".into()],
        ..Default::default()
    };
    let oracle = SessionOracle::new(&library());
    let gradient = build_gradient(&layers(), &options, &oracle).unwrap();
    let count = |operator: &str| {
        let nodes = &gradient.model.graph().node;
        nodes.iter().filter(|node| node.op() == operator).count()
    };
    assert_eq!(count("Softmax"), 2);
    // One mask and one pair of tables for both layers.
    assert_eq!(
        (count("LessOrEqual"), count("Where"), count("Range")),
        (1, 1, 1)
    );
    assert_eq!(count("Slice"), 2);
    // No sum has to find out at run time what was broadcast.
    assert_eq!(count("NonZero"), 0);
    assert!(gradient.model.graph().node.len() < 400);
}
