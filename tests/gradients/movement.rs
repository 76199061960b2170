//! Operators that contract, move, index or pick: every form against finite differences, and the
//! shape of the graphs that they make.

mod contractions;
mod cuts;
mod graphs;
mod picks;
mod shapes;

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{GraphBuilder, Tensor, TensorData, Value};

fn int(name: &str, value: i64) -> Vec<AttributeProto> {
    vec![AttributeProto::int(name, value)]
}

fn gemm(
    b: &mut GraphBuilder,
    values: &[&Value],
    alpha: f32,
    beta: f32,
    across: (i64, i64),
) -> Value {
    let attributes = vec![
        AttributeProto::float("alpha", alpha),
        AttributeProto::float("beta", beta),
        AttributeProto::int("transA", across.0),
        AttributeProto::int("transB", across.1),
    ];
    b.node("Gemm", values, attributes)
}

fn scalar_integer(b: &mut GraphBuilder, value: i64) -> Value {
    b.constant(&Tensor {
        shape: vec![],
        ..Tensor::i64(&[1], [value])
    })
}

fn narrow(b: &mut GraphBuilder, shape: &[usize], values: &[i32]) -> Value {
    b.constant(&Tensor {
        shape: shape.to_vec(),
        data: TensorData::I32(values.to_vec()),
    })
}

/// Whole numbers that only the run time knows: they hang on the shape of a value.
fn late(b: &mut GraphBuilder, like: &Value, values: &[i64]) -> Value {
    let known = b.integers(values);
    let (zero, one) = (scalar_integer(b, 0), scalar_integer(b, 1));
    let size = b.node("Size", &[like], vec![]);
    // Unique stands in no one's way of constant folding: its output has no fixed length.
    let range = b.node("Range", &[&zero, &size, &one], vec![]);
    let range = b.node("Unique", &[&range], vec![]);
    let first = b.slice(&range, 0, 0, 1);
    b.add(&known, &first)
}
