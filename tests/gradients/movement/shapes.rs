//! Operators that change the shape or the order of elements.

use stepdroid::onnx::Value;
use stepdroid::onnx::proto::AttributeProto;

use super::{int, late, scalar_integer};
use crate::harness::{Case, case, check_all};

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

#[test]
fn shapes_agree_with_finite_differences() {
    check_all(&shapes());
}
