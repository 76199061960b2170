//! Operators that contract, move, index or pick: every form against finite differences, and the
//! shape of the graphs that they make.

use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, OnnxError, Tensor,
    TensorData, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, case, check_all, library, random};

fn int(name: &str, value: i64) -> Vec<AttributeProto> {
    vec![AttributeProto::int(name, value)]
}

fn einsum(b: &mut GraphBuilder, values: &[Value], equation: &str) -> Value {
    let values: Vec<&Value> = values.iter().collect();
    let attributes = vec![AttributeProto::text("equation", equation)];
    b.node("Einsum", &values, attributes)
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

fn contractions() -> Vec<Case> {
    vec![
        case("matmul vector vector", &[&[4], &[4]], |b, v| {
            let product = b.matmul(&v[0], &v[1]);
            b.exp(&product)
        }),
        case("matmul vector matrix", &[&[4], &[4, 3]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul matrix vector", &[&[3, 4], &[4]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul vector batch", &[&[4], &[2, 3, 4, 2]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul batch vector", &[&[2, 3, 2, 4], &[4]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul matrix batch", &[&[3, 4], &[2, 4, 5]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul 4d matrix", &[&[2, 2, 3, 4], &[4, 5]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul batch of one", &[&[1, 3, 4], &[2, 4, 5]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case(
            "matmul batch of one right",
            &[&[2, 3, 4], &[1, 4, 5]],
            |b, v| b.matmul(&v[0], &v[1]),
        ),
        case(
            "matmul crossed batches",
            &[&[2, 1, 3, 4], &[3, 4, 2]],
            |b, v| b.matmul(&v[0], &v[1]),
        ),
        case("matmul matrices of one", &[&[2, 1, 1], &[1, 1]], |b, v| {
            b.matmul(&v[0], &v[1])
        }),
        case("matmul frozen batch right", &[&[2, 3, 4]], |b, v| {
            let right = b.constant(&Tensor::f64(
                &[2, 4, 2],
                (0..16).map(f64::from).collect::<Vec<_>>(),
            ));
            b.matmul(&v[0], &right)
        }),
        case("matmul frozen matrix right", &[&[2, 3, 4]], |b, v| {
            let right = b.constant(&Tensor::f64(
                &[4, 2],
                (0..8).map(f64::from).collect::<Vec<_>>(),
            ));
            b.matmul(&v[0], &right)
        }),
        case("matmul frozen left", &[&[2, 4, 3]], |b, v| {
            let left = b.constant(&Tensor::f64(
                &[2, 4],
                (0..8).map(f64::from).collect::<Vec<_>>(),
            ));
            b.matmul(&left, &v[0])
        }),
        case("matmul frozen left, broadcast", &[&[4, 3, 2]], |b, v| {
            let left = b.constant(&Tensor::f64(
                &[2, 1, 2, 3],
                (0..12).map(f64::from).collect::<Vec<_>>(),
            ));
            b.matmul(&left, &v[0])
        }),
        case("matmul with itself", &[&[3, 3]], |b, v| {
            b.matmul(&v[0], &v[0])
        }),
        case("matmul in 32 bits", &[&[2, 3, 4], &[4, 2]], |b, v| {
            b.matmul(&v[0], &v[1])
        })
        .single(),
        case("gemm scalar c", &[&[3, 4], &[4, 2], &[]], |b, v| {
            gemm(b, &[&v[0], &v[1], &v[2]], 0.5, 2.0, (0, 0))
        }),
        case("gemm column c", &[&[3, 4], &[4, 2], &[3, 1]], |b, v| {
            gemm(b, &[&v[0], &v[1], &v[2]], 1.0, -1.5, (0, 0))
        }),
        case("gemm one c", &[&[3, 4], &[2, 4], &[1]], |b, v| {
            gemm(b, &[&v[0], &v[1], &v[2]], 1.0, 1.0, (0, 1))
        }),
        case(
            "gemm full c, transposed",
            &[&[4, 3], &[2, 4], &[3, 2]],
            |b, v| gemm(b, &[&v[0], &v[1], &v[2]], -2.0, 0.3, (1, 1)),
        ),
        case(
            "gemm transposed a with alpha",
            &[&[4, 3], &[4, 2]],
            |b, v| gemm(b, &[&v[0], &v[1]], 0.25, 1.0, (1, 0)),
        ),
        case("gemm without beta", &[&[3, 4], &[4, 2], &[2]], |b, v| {
            gemm(b, &[&v[0], &v[1], &v[2]], 1.0, 0.0, (0, 0))
        }),
        case("gemm empty c", &[&[3, 4], &[4, 2]], |b, v| {
            gemm(b, &[&v[0], &v[1], &Value::named("")], 3.0, 2.0, (0, 0))
        }),
    ]
}

fn einsums() -> Vec<Case> {
    vec![
        case("einsum product", &[&[2, 3], &[3, 4]], |b, v| {
            einsum(b, v, "ij,jk->ik")
        }),
        case("einsum implicit", &[&[2, 3], &[3, 4]], |b, v| {
            einsum(b, v, "ij , jk")
        }),
        case("einsum implicit order", &[&[2, 3]], |b, v| {
            einsum(b, v, "ba")
        }),
        case(
            "einsum attention",
            &[&[2, 2, 3, 4], &[2, 2, 5, 4]],
            |b, v| einsum(b, v, "bhqd,bhkd->bhqk"),
        ),
        case("einsum transpose", &[&[2, 3, 4]], |b, v| {
            einsum(b, v, "ijk->kij")
        }),
        case("einsum identity", &[&[2, 3]], |b, v| einsum(b, v, "ij->ij")),
        case("einsum sum of one", &[&[2, 3, 4]], |b, v| {
            einsum(b, v, "ijk->ik")
        }),
        case("einsum sum of all", &[&[2, 3]], |b, v| {
            let total = einsum(b, v, "ij->");
            b.exp(&total)
        }),
        case("einsum sums apart", &[&[2], &[3]], |b, v| {
            let total = einsum(b, v, "i,j->");
            b.exp(&total)
        }),
        case("einsum summed in one", &[&[2, 3], &[2, 4]], |b, v| {
            einsum(b, v, "ij,ik->k")
        }),
        case("einsum diagonal", &[&[3, 3]], |b, v| einsum(b, v, "ii->i")),
        case("einsum trace", &[&[3, 3]], |b, v| {
            let trace = einsum(b, v, "ii");
            b.exp(&trace)
        }),
        case("einsum batch diagonal", &[&[3, 2, 3]], |b, v| {
            einsum(b, v, "iji->ji")
        }),
        case("einsum batch trace", &[&[3, 2, 3]], |b, v| {
            einsum(b, v, "iji->j")
        }),
        case("einsum threefold diagonal", &[&[2, 2, 2]], |b, v| {
            einsum(b, v, "iii->i")
        }),
        case(
            "einsum diagonal times vector",
            &[&[3, 3, 2], &[2]],
            |b, v| einsum(b, v, "iij,j->i"),
        ),
        case("einsum ellipsis", &[&[2, 3, 4], &[2, 4, 5]], |b, v| {
            einsum(b, v, "...ij,...jk->...ik")
        }),
        case(
            "einsum ellipsis of one",
            &[&[1, 3, 4], &[2, 4, 5]],
            |b, v| einsum(b, v, "...ij,...jk->...ik"),
        ),
        case(
            "einsum ellipsis implicit",
            &[&[2, 3, 4], &[2, 4]],
            |b, v| einsum(b, v, "...ij,...j"),
        ),
        case("einsum ellipsis moved", &[&[2, 3, 4]], |b, v| {
            einsum(b, v, "i...->...i")
        }),
        case("einsum ellipsis nothing", &[&[2, 3], &[3]], |b, v| {
            einsum(b, v, "ij...,j...->i...")
        }),
        case("einsum three", &[&[2, 3], &[3, 4], &[4, 2]], |b, v| {
            einsum(b, v, "ij,jk,kl->il")
        }),
        case("einsum four", &[&[2, 3], &[3], &[2, 2], &[2]], |b, v| {
            einsum(b, v, "ij,j,ik,k->ik")
        }),
        case("einsum element-wise", &[&[2, 3], &[2, 3]], |b, v| {
            einsum(b, v, "ij,ij->ij")
        }),
        case("einsum outer", &[&[2], &[3]], |b, v| {
            einsum(b, v, "i,j->ji")
        }),
        // ONNX Runtime takes a letter's length from the first operand that has it.
        case("einsum length one kept", &[&[2, 4], &[2, 1]], |b, v| {
            einsum(b, v, "ij,ij->ij")
        }),
        case("einsum length one summed", &[&[2, 1], &[4, 3]], |b, v| {
            einsum(b, v, "ij,kj->ik")
        }),
        case("einsum large letters", &[&[2, 3], &[3, 2]], |b, v| {
            einsum(b, v, "aB,Bc->ca")
        }),
        case("einsum the same twice", &[&[3, 3]], |b, v| {
            einsum(b, &[v[0].clone(), v[0].clone()], "ij,jk->ik")
        }),
        case("einsum frozen side", &[&[2, 3]], |b, v| {
            let frozen = b.constant(&Tensor::f64(&[3, 2], [1.0, 2.0, -1.0, 0.5, 3.0, 1.5]));
            einsum(b, &[v[0].clone(), frozen], "ij,jk->ik")
        }),
    ]
}

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

fn with_reduction(b: &mut GraphBuilder, values: &[&Value], axis: Option<i64>, how: &str) -> Value {
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

fn joins() -> Vec<Case> {
    vec![
        case("concat first axis", &[&[2, 3], &[1, 3], &[3, 3]], |b, v| {
            b.concat(&[&v[0], &v[1], &v[2]], 0)
        }),
        case("concat one", &[&[2, 3]], |b, v| b.concat(&[&v[0]], 1)),
        case("concat with frozen ones", &[&[2, 3], &[2, 1]], |b, v| {
            let frozen = b.constant(&Tensor::f64(&[2, 2], [1.0, 2.0, 3.0, 4.0]));
            b.concat(&[&frozen, &v[0], &frozen, &v[1]], -1)
        }),
        case("concat with an empty one", &[&[2, 3]], |b, v| {
            let empty = b.constant(&Tensor::f64(&[0, 3], []));
            b.concat(&[&empty, &v[0], &empty], 0)
        }),
        case("concat trained empty", &[&[2, 3], &[0, 3]], |b, v| {
            b.concat(&[&v[1], &v[0]], 0)
        }),
        case("split equal", &[&[2, 6]], |b, v| {
            let attributes = vec![
                AttributeProto::int("axis", -1),
                AttributeProto::int("num_outputs", 3),
            ];
            let parts = b.nodes("Split", &[&v[0]], attributes, 3);
            let product = b.mul(&parts[0], &parts[1]);
            b.mul(&product, &parts[2])
        }),
        case("split uneven last", &[&[5, 2]], |b, v| {
            let parts = b.nodes("Split", &[&v[0]], int("num_outputs", 2), 2);
            let last = b.exp(&parts[1]);
            b.concat(&[&last, &parts[0]], 0)
        }),
        case("split middle used", &[&[2, 6]], |b, v| {
            let sizes = b.integers(&[1, 3, 2]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 1), 3);
            b.exp(&parts[1])
        }),
        case("split two of three used", &[&[2, 6]], |b, v| {
            let sizes = b.integers(&[1, 3, 2]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 1), 3);
            b.concat(&[&parts[2], &parts[0]], 1)
        }),
        case("split one", &[&[2, 3]], |b, v| {
            let parts = b.nodes("Split", &[&v[0]], int("num_outputs", 1), 1);
            b.exp(&parts[0])
        }),
        case("split empty part", &[&[3, 2]], |b, v| {
            let sizes = b.integers(&[0, 3]);
            let parts = b.nodes("Split", &[&v[0], &sizes], int("axis", 0), 2);
            b.concat(&[&parts[1], &parts[0]], 0)
        }),
    ]
}

fn cut(
    b: &mut GraphBuilder,
    x: &Value,
    starts: &[i64],
    ends: &[i64],
    axes: &[i64],
    steps: &[i64],
) -> Value {
    let (starts, ends) = (b.integers(starts), b.integers(ends));
    let (axes, steps) = (b.integers(axes), b.integers(steps));
    b.node("Slice", &[x, &starts, &ends, &axes, &steps], vec![])
}

fn slices() -> Vec<Case> {
    const FAR: i64 = i64::MAX;
    vec![
        case("slice without axes", &[&[4, 5]], |b, v| {
            let (starts, ends) = (b.integers(&[1, 0]), b.integers(&[3, -1]));
            b.node("Slice", &[&v[0], &starts, &ends], vec![])
        }),
        case("slice from the end", &[&[2, 5]], |b, v| {
            cut(b, &v[0], &[-2], &[FAR], &[-1], &[1])
        }),
        case("slice beyond the start", &[&[2, 5]], |b, v| {
            cut(b, &v[0], &[-9], &[2], &[1], &[1])
        }),
        case("slice first", &[&[2, 3, 4]], |b, v| {
            cut(b, &v[0], &[0], &[1], &[1], &[1])
        }),
        case("slice everything", &[&[2, 3]], |b, v| {
            cut(b, &v[0], &[0], &[FAR], &[0], &[1])
        }),
        case("slice nothing", &[&[2, 3]], |b, v| {
            let none = cut(b, &v[0], &[2], &[1], &[1], &[1]);
            b.concat(&[&none, &v[0]], 1)
        }),
        case("slice behind the end", &[&[2, 3]], |b, v| {
            let none = cut(b, &v[0], &[7], &[9], &[1], &[1]);
            b.concat(&[&none, &v[0]], 1)
        }),
        case("slice two axes", &[&[4, 5, 3]], |b, v| {
            cut(b, &v[0], &[1, -3], &[3, -1], &[0, 1], &[1, 1])
        }),
        case("slice steps", &[&[5, 4]], |b, v| {
            cut(b, &v[0], &[1], &[FAR], &[0], &[2])
        }),
        case("slice steps not to the end", &[&[9]], |b, v| {
            cut(b, &v[0], &[1], &[5], &[0], &[3])
        }),
        case("slice steps on two axes", &[&[2, 5, 6, 2]], |b, v| {
            cut(b, &v[0], &[1, 0], &[FAR, FAR], &[1, 2], &[2, 3])
        }),
        case("slice steps and a plain axis", &[&[5, 4, 3]], |b, v| {
            cut(b, &v[0], &[0, 1], &[FAR, 3], &[2, 1], &[2, 1])
        }),
        case("slice flip", &[&[2, 4]], |b, v| {
            cut(b, &v[0], &[-1], &[i64::MIN], &[1], &[-1])
        }),
        case("slice backwards part", &[&[6, 2]], |b, v| {
            cut(b, &v[0], &[4], &[1], &[0], &[-1])
        }),
        case("slice backwards from far", &[&[6, 2]], |b, v| {
            cut(b, &v[0], &[FAR], &[2], &[0], &[-1])
        }),
        case("slice backwards in steps", &[&[7, 2]], |b, v| {
            cut(b, &v[0], &[-2], &[-8], &[0], &[-2])
        }),
        case("slice backwards nothing", &[&[5]], |b, v| {
            let none = cut(b, &v[0], &[1], &[3], &[0], &[-2]);
            b.concat(&[&none, &v[0]], 0)
        }),
        case("slice backwards and forwards", &[&[5, 6]], |b, v| {
            cut(b, &v[0], &[-1, 1], &[0, FAR], &[0, 1], &[-3, 2])
        }),
        case("slice large steps", &[&[40]], |b, v| {
            cut(b, &v[0], &[1], &[FAR], &[0], &[17])
        }),
        case("slice 32-bit", &[&[4, 3]], |b, v| {
            let (starts, ends) = (narrow(b, &[1], &[-3]), narrow(b, &[1], &[i32::MAX]));
            let axes = narrow(b, &[1], &[0]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds", &[&[4, 5]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[1, -4]), late(b, &v[0], &[3, 4]));
            let axes = b.integers(&[0, 1]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds outside", &[&[4, 5]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[-9, 2]), late(b, &v[0], &[9, 9]));
            let axes = b.integers(&[1, 0]);
            b.node("Slice", &[&v[0], &starts, &ends, &axes], vec![])
        }),
        case("slice late bounds backwards", &[&[6]], |b, v| {
            let (starts, ends) = (late(b, &v[0], &[-2]), late(b, &v[0], &[0]));
            let (axes, steps) = (b.integers(&[0]), b.integers(&[-2]));
            b.node("Slice", &[&v[0], &starts, &ends, &axes, &steps], vec![])
        }),
        case("slice late steps", &[&[5, 4]], |b, v| {
            let (starts, ends) = (b.integers(&[3]), b.integers(&[-9]));
            let (axes, steps) = (late(b, &v[0], &[1]), late(b, &v[0], &[-2]));
            b.node("Slice", &[&v[0], &starts, &ends, &axes, &steps], vec![])
        }),
        case("slice of two halves", &[&[2, 6]], |b, v| {
            let (first, second) = (b.slice(&v[0], 1, 0, 3), b.slice(&v[0], 1, 3, 6));
            let second = b.neg(&second);
            b.concat(&[&second, &first], 1)
        }),
    ]
}

fn pad(b: &mut GraphBuilder, x: &Value, pads: &[i64], mode: &str) -> Value {
    let pads = b.integers(pads);
    b.node("Pad", &[x, &pads], vec![AttributeProto::text("mode", mode)])
}

fn pads() -> Vec<Case> {
    vec![
        case("pad", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 2, 1], "constant")
        }),
        case("pad negative", &[&[4, 3]], |b, v| {
            pad(b, &v[0], &[-1, 2, 0, -1], "constant")
        }),
        case("pad with a value", &[&[2, 3], &[]], |b, v| {
            let pads = b.integers(&[1, 0, -1, 2]);
            b.node("Pad", &[&v[0], &pads, &v[1]], vec![])
        }),
        case("pad with a value only", &[&[1]], |b, v| {
            let data = b.constant(&Tensor::f64(&[2], [1.0, 2.0]));
            let pads = b.integers(&[1, 2]);
            b.node("Pad", &[&data, &pads, &v[0]], vec![])
        }),
        case("pad axes", &[&[2, 3, 2]], |b, v| {
            let (pads, axes) = (b.integers(&[1, 2]), b.integers(&[-2]));
            let none = Value::named("");
            b.node("Pad", &[&v[0], &pads, &none, &axes], vec![])
        }),
        case("pad late", &[&[2, 3]], |b, v| {
            let pads = late(b, &v[0], &[0, 2, 1, -1]);
            b.node("Pad", &[&v[0], &pads], vec![])
        }),
        case("pad reflect", &[&[3, 4]], |b, v| {
            pad(b, &v[0], &[2, 1, 0, 3], "reflect")
        }),
        case("pad edge", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 2, 3], "edge")
        }),
        case("pad edge, negative", &[&[3, 3]], |b, v| {
            pad(b, &v[0], &[-1, 1, 0, 2], "edge")
        }),
        case("pad wrap", &[&[2, 3]], |b, v| {
            pad(b, &v[0], &[1, 0, 0, 2], "wrap")
        })
        .opset(19),
        case("pad edge axes", &[&[2, 3, 2]], |b, v| {
            let (pads, axes) = (b.integers(&[1, 2]), b.integers(&[1]));
            let none = Value::named("");
            let mode = vec![AttributeProto::text("mode", "edge")];
            b.node("Pad", &[&v[0], &pads, &none, &axes], mode)
        }),
        case("center crop pad", &[&[5, 2, 4]], |b, v| {
            let shape = b.integers(&[2, 5, 3]);
            b.node("CenterCropPad", &[&v[0], &shape], vec![])
        }),
        case("center crop pad axes", &[&[4, 3, 2]], |b, v| {
            let shape = b.integers(&[6, 1]);
            let axes = vec![AttributeProto::ints("axes", &[1, -3])];
            b.node("CenterCropPad", &[&v[0], &shape], axes)
        }),
    ]
}

fn shapes() -> Vec<Case> {
    vec![
        case("reshape keeps and infers", &[&[2, 3, 4]], |b, v| {
            b.reshape(&v[0], &[0, -1, 2])
        }),
        case("reshape to a scalar", &[&[1, 1]], |b, v| {
            b.reshape(&v[0], &[])
        }),
        case("reshape late", &[&[2, 6]], |b, v| {
            let shape = late(b, &v[0], &[3, 4]);
            b.reshape_to(&v[0], &shape)
        }),
        case("reshape of nothing", &[&[0, 3], &[2]], |b, v| {
            let shape = b.integers(&[3, 0]);
            let empty = b.node("Reshape", &[&v[0], &shape], int("allowzero", 1));
            let sums = b.reduce_sum(&empty, &[0, 1], false);
            b.add(&sums, &v[1])
        }),
        case("flatten 0", &[&[2, 3]], |b, v| {
            b.node("Flatten", &[&v[0]], int("axis", 0))
        }),
        case("flatten negative", &[&[2, 3, 2]], |b, v| {
            b.node("Flatten", &[&v[0]], int("axis", -1))
        }),
        case("squeeze all", &[&[1, 3, 1]], |b, v| {
            b.node("Squeeze", &[&v[0]], vec![])
        })
        .fixed_only(),
        case("squeeze negative", &[&[2, 1, 3, 1]], |b, v| {
            b.squeeze(&v[0], &[-1, 1])
        }),
        case("unsqueeze negative", &[&[2, 3]], |b, v| {
            b.unsqueeze(&v[0], &[-1, 1])
        }),
        case("transpose plain", &[&[2, 3, 4]], |b, v| {
            b.node("Transpose", &[&v[0]], vec![])
        }),
        case("expand to less", &[&[2, 3]], |b, v| {
            let shape = b.integers(&[1, 1]);
            b.expand_to(&v[0], &shape)
        }),
        case("expand to fewer dimensions", &[&[2, 1, 3]], |b, v| {
            let shape = b.integers(&[4, 1]);
            b.expand_to(&v[0], &shape)
        }),
        case("expand scalar", &[&[]], |b, v| {
            let shape = b.integers(&[2, 3]);
            b.expand_to(&v[0], &shape)
        }),
        case("expand late", &[&[2, 1, 3]], |b, v| {
            let shape = late(b, &v[0], &[4, 2, 5, 3]);
            b.expand_to(&v[0], &shape)
        }),
        case("tile", &[&[2, 3]], |b, v| {
            let repeats = b.integers(&[2, 3]);
            b.node("Tile", &[&v[0], &repeats], vec![])
        }),
        case("tile one axis", &[&[2, 3, 2]], |b, v| {
            let repeats = b.integers(&[1, 3, 1]);
            b.node("Tile", &[&v[0], &repeats], vec![])
        }),
        case("tile nothing", &[&[2, 3]], |b, v| {
            let repeats = b.integers(&[1, 1]);
            b.node("Tile", &[&v[0], &repeats], vec![])
        }),
        case("tile late", &[&[2, 3]], |b, v| {
            let repeats = late(b, &v[0], &[2, 1]);
            b.node("Tile", &[&v[0], &repeats], vec![])
        }),
        case("identity", &[&[2, 3]], |b, v| b.identity(&v[0])),
        case("trilu upper", &[&[3, 4]], |b, v| {
            b.node("Trilu", &[&v[0]], vec![])
        }),
        case("trilu lower with k", &[&[2, 3, 4]], |b, v| {
            let k = scalar_integer(b, -1);
            b.node("Trilu", &[&v[0], &k], int("upper", 0))
        }),
        case("trilu k left out", &[&[3, 3]], |b, v| {
            b.node("Trilu", &[&v[0], &Value::named("")], int("upper", 0))
        }),
        case("depth to space", &[&[2, 8, 2, 3]], |b, v| {
            b.node("DepthToSpace", &[&v[0]], int("blocksize", 2))
        }),
        case("depth to space crd", &[&[2, 8, 2, 3]], |b, v| {
            let attributes = vec![
                AttributeProto::int("blocksize", 2),
                AttributeProto::text("mode", "CRD"),
            ];
            b.node("DepthToSpace", &[&v[0]], attributes)
        }),
        case("space to depth", &[&[2, 3, 4, 2]], |b, v| {
            b.node("SpaceToDepth", &[&v[0]], int("blocksize", 2))
        }),
        case("reverse sequence", &[&[4, 3, 2]], |b, v| {
            let lengths = b.integers(&[2, 4, 1]);
            b.node("ReverseSequence", &[&v[0], &lengths], vec![])
        }),
        case("reverse sequence, batch first", &[&[2, 4]], |b, v| {
            let lengths = b.integers(&[3, 2]);
            let attributes = vec![
                AttributeProto::int("batch_axis", 0),
                AttributeProto::int("time_axis", 1),
            ];
            b.node("ReverseSequence", &[&v[0], &lengths], attributes)
        }),
    ]
}

fn broadcasts() -> Vec<Case> {
    vec![
        case("bias over two leading axes", &[&[2, 3, 4], &[4]], |b, v| {
            b.add(&v[0], &v[1])
        }),
        case("bias scalar", &[&[2, 3], &[]], |b, v| b.add(&v[0], &v[1])),
        case("bias inner and leading", &[&[2, 3, 4], &[1, 4]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
        case("bias inner only", &[&[2, 1, 4], &[2, 3, 4]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
        case("bias all ones", &[&[1, 1], &[1]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
        case("bias each of the other", &[&[3, 1, 2], &[4, 1]], |b, v| {
            b.mul(&v[0], &v[1])
        }),
    ]
}

#[test]
fn contractions_agree_with_finite_differences() {
    check_all(&contractions());
}

#[test]
fn einsums_agree_with_finite_differences() {
    check_all(&einsums());
}

#[test]
fn gathers_agree_with_finite_differences() {
    check_all(&gathers());
}

#[test]
fn scatters_agree_with_finite_differences() {
    check_all(&scatters());
}

#[test]
fn joins_agree_with_finite_differences() {
    check_all(&joins());
}

#[test]
fn slices_agree_with_finite_differences() {
    check_all(&slices());
}

#[test]
fn pads_agree_with_finite_differences() {
    check_all(&pads());
}

#[test]
fn shapes_agree_with_finite_differences() {
    check_all(&shapes());
}

#[test]
fn broadcasts_agree_with_finite_differences() {
    check_all(&broadcasts());
}

/// The gradient graph of a value's sum with respect to `w`.
fn gradient_of(
    weight: &Tensor,
    build: impl FnOnce(&mut GraphBuilder, &Value) -> Value,
) -> Result<GradientGraph, OnnxError> {
    let mut b = GraphBuilder::new("movement");
    let w = b.initializer("w", weight);
    let result = build(&mut b, &w);
    let result = b.cast(&result, ElementType::F32);
    let total = b.reduce_sum(&result, &[], false);
    b.alias(&total, "loss");
    b.untyped_output("loss");
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..Default::default()
    };
    build_gradient(&b.finish()?, &options, &SessionOracle::new(&library()))
}

fn operators(graph: &GradientGraph) -> Vec<&str> {
    let nodes = graph.model.graph().node.iter();
    let backward = nodes.filter(|node| {
        let mut outputs = node.output.iter();
        outputs.any(|name| name.starts_with("g/") || name.starts_with("grad."))
    });
    backward.map(|node| node.op()).collect()
}

fn run(graph: &GradientGraph, inputs: &[(&str, &Tensor)]) -> Vec<f64> {
    let options = SessionOptions::default();
    let session = Session::new(&library(), &CPU, "movement", &graph.model, options).unwrap();
    let mut all = vec![("w", &graph.weights[0].1)];
    all.extend_from_slice(inputs);
    session.run(&all, &["grad.w"]).unwrap()[0].to_f64().unwrap()
}

#[test]
fn the_gradient_of_a_large_table_needs_no_table_of_zeros() {
    const ROWS: usize = 2048;
    const WIDTH: usize = 512;
    let table = random(&[ROWS, WIDTH], 1, -1.0, 1.0, ElementType::F32);
    for element in [ElementType::F32, ElementType::F16] {
        let built = gradient_of(&table, |b, w| {
            let symbol = |name: &str| Dimension::Symbol(name.into());
            let shape = [symbol("batch"), symbol("tokens")];
            let ids = b.input("ids", ElementType::I32, &shape);
            let w = if element == ElementType::F32 {
                w.clone()
            } else {
                b.cast(w, element)
            };
            let rows = b.gather(&w, &ids, 0);
            let scale = b.input("scale", ElementType::F32, &[]);
            let scale = b.cast(&scale, element);
            b.mul(&rows, &scale)
        })
        .unwrap();
        let rows = built
            .model
            .graph()
            .node
            .iter()
            .filter(|node| node.op() == "Gather");
        assert!(rows.count() >= 2, "{:?}", operators(&built));
        let scale = Tensor::scalar(0.5);
        for indices in [vec![3, 2047, 3, -1, 0, 3], vec![]] {
            let ids = Tensor {
                shape: vec![2, indices.len() / 2],
                data: TensorData::I32(indices.clone()),
            };
            let mut expected = vec![0.0; ROWS * WIDTH];
            for index in &indices {
                let row = index.rem_euclid(ROWS as i32) as usize;
                for value in &mut expected[row * WIDTH..][..WIDTH] {
                    *value += 0.5;
                }
            }
            let found = run(&built, &[("ids", &ids), ("scale", &scale)]);
            assert!(found == expected, "{element:?} {indices:?}");
        }
    }
}

#[test]
fn sixteen_bits_are_added_up_in_thirty_two() {
    // 2048 + 1 is 2048 in 16 bits.
    let weight = Tensor::f32(&[3, 1], [1.0, 2.0, 3.0]);
    let built = gradient_of(&weight, |b, w| {
        let w = b.cast(w, ElementType::F16);
        let indices = b.integers(&[1; 2050]);
        let rows = b.gather(&w, &indices, 0);
        let first = b.slice(&rows, 0, 0, 1);
        let many = b.scalar(2.0);
        let many = b.cast(&many, ElementType::F16);
        let more = b.mul(&first, &many);
        b.concat(&[&rows, &more], 0)
    })
    .unwrap();
    assert_eq!(run(&built, &[]), [0.0, 2052.0, 0.0]);
}

#[test]
fn what_is_frozen_costs_nothing() {
    let weight = random(&[4, 4], 1, -1.0, 1.0, ElementType::F32);
    let frozen = random(&[4, 4], 2, -1.0, 1.0, ElementType::F32);
    let stack = random(&[2, 4, 4], 3, -1.0, 1.0, ElementType::F32);
    let built = gradient_of(&weight, |b, w| {
        let frozen = b.initializer("frozen", &frozen);
        let stack = b.initializer("stack", &stack);
        let rows = b.matmul(&stack, w);
        let rows = b.matmul(&rows, &frozen);
        let rows = b.matmul(&rows, &stack);
        let rows = b.matmul(&frozen, &rows);
        b.concat(&[&stack, &rows, &stack], 0)
    })
    .unwrap();
    let kinds = operators(&built);
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind).count();
    // One product per step back and one for the weight, nothing for the frozen sides.
    assert_eq!(count("MatMul") + count("Gemm"), 4, "{kinds:?}");
    assert_eq!((count("Slice"), count("Split")), (1, 0), "{kinds:?}");
    for node in &built.model.graph().node {
        let transposed = node.op() == "Transpose";
        let constant = node
            .input
            .iter()
            .any(|name| name == "frozen" || name == "stack");
        assert!(!(transposed && constant), "a frozen weight is transposed");
    }
}

#[test]
fn plain_slices_and_rows_are_padded() {
    let weight = random(&[2, 6, 3], 1, -1.0, 1.0, ElementType::F32);
    let slice = |b: &mut GraphBuilder, w: &Value| b.slice(w, 1, 1, 4);
    let first = |b: &mut GraphBuilder, w: &Value| {
        let index = scalar_integer(b, 0);
        b.gather(w, &index, 1)
    };
    for build in [
        &slice as &dyn Fn(&mut GraphBuilder, &Value) -> Value,
        &first,
    ] {
        let built = gradient_of(&weight, build).unwrap();
        let kinds = operators(&built);
        assert!(kinds.contains(&"Pad"), "{kinds:?}");
        let dear = ["ScatterND", "ScatterElements", "Transpose", "Concat"];
        assert!(!kinds.iter().any(|kind| dear.contains(kind)), "{kinds:?}");
    }
}

#[test]
fn what_has_no_rule_is_refused_by_name() {
    let weight = random(&[4], 1, -1.0, 1.0, ElementType::F32);
    let refusal = |build: &dyn Fn(&mut GraphBuilder, &Value) -> Value| {
        gradient_of(&weight, build).unwrap_err().to_string()
    };
    let unique = refusal(&|b, w| {
        let found = b.node("Unique", &[w], vec![]);
        b.graph().node.last_mut().unwrap().name = Some("the unique one".into());
        found
    });
    assert!(
        unique.contains("Unique") && unique.contains("the unique one"),
        "{unique}"
    );

    // A branch reads the weight from around it.
    let branch = |name: &str| {
        let mut inner = GraphBuilder::new(name);
        inner.graph().node.push(NodeProto {
            op_type: Some("Neg".into()),
            input: vec!["w".into()],
            output: vec![format!("{name} result")],
            ..Default::default()
        });
        inner.untyped_output(&format!("{name} result"));
        AttributeProto {
            name: Some(name.into()),
            g: Some(Box::new(inner.graph().clone())),
            r#type: Some(5),
            ..Default::default()
        }
    };
    let conditional = refusal(&|b, w| {
        let condition = b.input("condition", ElementType::Bool, &[]);
        let branches = vec![branch("then_branch"), branch("else_branch")];
        let chosen = b.node("If", &[&condition], branches);
        b.add(&chosen, w)
    });
    assert!(conditional.contains("If"), "{conditional}");
}
