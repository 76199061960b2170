//! Gather, Compress, TopK, OneHot and the scatters.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, TensorData, Value};

use super::{int, late, narrow, scalar_integer};
use crate::harness::{Case, case, check_all, random};

fn gathers() -> Vec<Case> {
    vec![
        case("gather negative and 32-bit", &[&[4, 3]], |b, v| {
            let indices = narrow(b, &[2, 2], &[-1, 0, 3, -4]);
            b.gather(&v[0], &indices, 0)
        }),
        case("gather last axis", &[&[2, 3, 4]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2], [3, 0, 0, -2]));
            b.gather(&v[0], &indices, -1)
        }),
        case("gather one", &[&[2, 3, 4]], |b, v| {
            let index = scalar_integer(b, 0);
            b.gather(&v[0], &index, 1)
        }),
        case("gather the last one", &[&[2, 3, 4]], |b, v| {
            let index = scalar_integer(b, -1);
            b.gather(&v[0], &index, 1)
        }),
        case("gather neighbours", &[&[5, 2]], |b, v| {
            let indices = b.integers(&[1, 2, 3]);
            b.gather(&v[0], &indices, 0)
        }),
        case("gather neighbours from the end", &[&[2, 5]], |b, v| {
            let indices = b.integers(&[-4, -3]);
            b.gather(&v[0], &indices, 1)
        }),
        case("gather one, late", &[&[2, 3, 4]], |b, v| {
            let index = late(b, &v[0], &[1]);
            let index = b.squeeze(&index, &[0]);
            b.gather(&v[0], &index, 1)
        }),
        case("gather one row, late", &[&[3, 2]], |b, v| {
            let index = late(b, &v[0], &[-2]);
            let index = b.squeeze(&index, &[0]);
            b.gather(&v[0], &index, 0)
        }),
        case("gather from a vector", &[&[5]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2], [4, 1, 1, 0]));
            b.gather(&v[0], &indices, 0)
        }),
        case("gather nothing", &[&[3, 2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[0], []));
            let none = b.gather(&v[0], &indices, 0);
            b.concat(&[&none, &v[0]], 0)
        }),
        case("gather elements", &[&[3, 4]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 3], [0, -1, 2, 2, 2, 0]));
            b.node("GatherElements", &[&v[0], &indices], vec![])
        }),
        case("gather elements last axis", &[&[2, 4]], |b, v| {
            let indices = narrow(b, &[2, 3], &[0, -1, 3, 2, 2, 2]);
            b.node("GatherElements", &[&v[0], &indices], int("axis", -1))
        }),
        case("gather nd", &[&[3, 2, 4]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[3, 2], [0, 1, -1, 0, 0, 1]));
            b.node("GatherND", &[&v[0], &indices], vec![])
        }),
        case("gather nd elements", &[&[3, 2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2, 2], [0, 1, 2, 0, 0, 1, 1, -1]));
            b.node("GatherND", &[&v[0], &indices], vec![])
        }),
        case("gather nd one batch", &[&[2, 3, 2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2, 1], [2, 0, 1, 1]));
            b.node("GatherND", &[&v[0], &indices], int("batch_dims", 1))
        }),
        case("gather nd two batches", &[&[2, 2, 3]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2, 1], [2, 0, 1, -1]));
            b.node("GatherND", &[&v[0], &indices], int("batch_dims", 2))
        }),
        case("compress axis", &[&[2, 4]], |b, v| {
            let condition = b.constant(&Tensor {
                shape: vec![3],
                data: TensorData::Bool(vec![true, false, true]),
            });
            b.node("Compress", &[&v[0], &condition], int("axis", -1))
        }),
        case("compress rows", &[&[3, 2]], |b, v| {
            let condition = b.constant(&Tensor {
                shape: vec![3],
                data: TensorData::Bool(vec![false, true, true]),
            });
            b.node("Compress", &[&v[0], &condition], int("axis", 0))
        }),
        case("compress flat", &[&[2, 3]], |b, v| {
            let condition = b.constant(&Tensor {
                shape: vec![5],
                data: TensorData::Bool(vec![false, true, true, false, true]),
            });
            b.node("Compress", &[&v[0], &condition], vec![])
        }),
        case("top k", &[&[3, 5]], |b, v| {
            let k = b.integers(&[2]);
            b.nodes("TopK", &[&v[0], &k], vec![], 2).remove(0)
        })
        .apart(),
        case(
            "top k smallest of an axis, unsorted",
            &[&[4, 2, 3]],
            |b, v| {
                let k = b.integers(&[3]);
                let attributes = vec![
                    AttributeProto::int("axis", 0),
                    AttributeProto::int("largest", 0),
                    AttributeProto::int("sorted", 0),
                ];
                let values = b.nodes("TopK", &[&v[0], &k], attributes, 2).remove(0);
                // The order of what is not sorted is free.
                let squares = b.mul(&values, &values);
                b.reduce_sum(&squares, &[0], false)
            },
        )
        .apart(),
        case("one hot", &[&[2]], |b, v| {
            let indices = b.constant(&Tensor::i64(&[2, 2], [1, -1, 0, 7]));
            let depth = scalar_integer(b, 4);
            b.node("OneHot", &[&indices, &depth, &v[0]], int("axis", 1))
        })
        .single(),
    ]
}

pub fn with_reduction(
    b: &mut GraphBuilder,
    values: &[&Value],
    axis: Option<i64>,
    how: &str,
) -> Value {
    let mut attributes = vec![AttributeProto::text("reduction", how)];
    attributes.extend(axis.map(|axis| AttributeProto::int("axis", axis)));
    let operator = if axis.is_some() {
        "ScatterElements"
    } else {
        "ScatterND"
    };
    b.node(operator, values, attributes)
}

/// ScatterElements along the last axis; with a reduction some places are hit twice.
fn elements(b: &mut GraphBuilder, v: &[Value], how: &str) -> Value {
    let indices = match how {
        "none" => [0, -1, 2, 1],
        _ => [0, -4, 2, 2],
    };
    let indices = b.constant(&Tensor::i64(&[2, 2], indices));
    with_reduction(b, &[&v[0], &indices, &v[1]], Some(-1), how)
}

fn pieces(b: &mut GraphBuilder, v: &[Value], how: &str) -> Value {
    let indices = match how {
        "none" => [2, -4],
        _ => [2, 2],
    };
    let indices = b.constant(&Tensor::i64(&[2, 1], indices));
    with_reduction(b, &[&v[0], &indices, &v[1]], None, how)
}

fn scatters() -> Vec<Case> {
    vec![
        case("scatter elements", &[&[2, 4], &[2, 2]], |b, v| {
            elements(b, v, "none")
        }),
        case("scatter elements add", &[&[2, 4], &[2, 2]], |b, v| {
            elements(b, v, "add")
        }),
        case("scatter elements mul", &[&[2, 4], &[2, 2]], |b, v| {
            elements(b, v, "mul")
        }),
        case("scatter elements max", &[&[2, 4], &[2, 2]], |b, v| {
            elements(b, v, "max")
        })
        .apart(),
        case("scatter elements min", &[&[2, 4], &[2, 2]], |b, v| {
            elements(b, v, "min")
        })
        .apart(),
        case("scatter nd", &[&[4, 2], &[2, 2]], |b, v| {
            pieces(b, v, "none")
        }),
        case("scatter nd add", &[&[4, 2], &[2, 2]], |b, v| {
            pieces(b, v, "add")
        }),
        case("scatter nd mul", &[&[4, 2], &[2, 2]], |b, v| {
            pieces(b, v, "mul")
        }),
        case("scatter nd max", &[&[4, 2], &[2, 2]], |b, v| {
            pieces(b, v, "max")
        })
        .apart(),
        case("scatter nd min", &[&[4, 2], &[2, 2]], |b, v| {
            pieces(b, v, "min")
        })
        .apart(),
        case("scatter 32-bit indices", &[&[3, 2], &[1, 2]], |b, v| {
            let indices = narrow(b, &[1, 2], &[2, 0]);
            b.node("ScatterElements", &[&v[0], &indices, &v[1]], vec![])
        }),
        case("scatter mul with zeros", &[&[4], &[5]], |b, v| {
            // One update of three is zero at the first place, both are at the second.
            let TensorData::F64(mut values) = random(&[5], 2, -1.5, 1.5, ElementType::F64).data
            else {
                unreachable!("64-bit numbers")
            };
            (values[0], values[2]) = (0.0, 0.0);
            let offset = b.constant(&Tensor::f64(&[5], values));
            let updates = b.sub(&v[1], &offset);
            let indices = b.integers(&[1, 1, 1, 3, 3]);
            with_reduction(b, &[&v[0], &indices, &updates], Some(0), "mul")
        }),
    ]
}

#[test]
fn gathers_agree_with_finite_differences() {
    check_all(&gathers());
}

#[test]
fn scatters_agree_with_finite_differences() {
    check_all(&scatters());
}
