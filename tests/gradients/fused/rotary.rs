//! Rotary position embeddings.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::{caches, check_fused, constant, contrib, heads, int, none, places, project};
use crate::harness::case;

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
        case("heads of unknown size", &[&[2, 2, 3, 4]], |b, v| {
            let ((cos, sin), places) = (caches(b, 6, 2), places(b));
            standard_rotary(b, &v[0], [&cos, &sin], &places, vec![])
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
