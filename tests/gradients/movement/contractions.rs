//! MatMul, Gemm, Einsum, and what is summed over a broadcast.

use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{GraphBuilder, Tensor, Value};

use super::gemm;
use crate::harness::{Case, case, check_all};

pub fn einsum(b: &mut GraphBuilder, values: &[Value], equation: &str) -> Value {
    let values: Vec<&Value> = values.iter().collect();
    let attributes = vec![AttributeProto::text("equation", equation)];
    b.node("Einsum", &values, attributes)
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
fn broadcasts_agree_with_finite_differences() {
    check_all(&broadcasts());
}
