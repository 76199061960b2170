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

/// Whole numbers that are not known while the gradient is built: they hang on the size of a value.
fn late(b: &mut GraphBuilder, like: &Value, values: &[i64]) -> Value {
    let (known, zero) = (b.integers(values), scalar_integer(b, 0));
    let size = b.node("Size", &[like], vec![]);
    let nothing = b.mul(&size, &zero);
    b.add(&known, &nothing)
}
