//! Reductions with axes of every kind, cumulative sums, softmax.

use stepdroid::onnx::Tensor;
use stepdroid::onnx::proto::AttributeProto as Attribute;

use super::computed;
use crate::harness::{case, check_all};

macro_rules! reduction {
    ($operator:literal, $list:ident, $($adjust:ident),*) => {
        $list.extend([
            case(concat!($operator, ", one axis"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[1]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", two axes from the end"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[-1, 0]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", two axes out of order, taken away"), &[&[2, 3, 4]], |b, v| {
                let axes = b.integers(&[2, 0]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", all axes"), &[&[2, 3]], |b, v| {
                b.node($operator, &[&v[0]], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
            case(concat!($operator, ", all axes kept"), &[&[2, 3]], |b, v| {
                b.node($operator, &[&v[0]], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", an empty list means all"), &[&[2, 3]], |b, v| {
                let axes = b.integers(&[]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", an empty list means none"), &[&[2, 3]], |b, v| {
                let axes = b.integers(&[]);
                let attributes = vec![Attribute::int("noop_with_empty_axes", 1)];
                b.node($operator, &[&v[0], &axes], attributes)
            })$(.$adjust())*,
            case(concat!($operator, ", no list means none"), &[&[2, 3]], |b, v| {
                let attributes = vec![
                    Attribute::int("noop_with_empty_axes", 1),
                    Attribute::int("keepdims", 0),
                ];
                b.node($operator, &[&v[0]], attributes)
            })$(.$adjust())*,
            case(concat!($operator, ", axes computed at run time"), &[&[2, 3, 4]], |b, v| {
                let axes = computed(b, &[0, -1]);
                b.node($operator, &[&v[0], &axes], Vec::new())
            })$(.$adjust())*,
            case(concat!($operator, ", axes computed at run time, taken away"), &[&[2, 3, 4]], |b, v| {
                let axes = computed(b, &[1, -1]);
                b.node($operator, &[&v[0], &axes], vec![Attribute::int("keepdims", 0)])
            })$(.$adjust())*,
        ]);
    };
}

#[test]
fn reductions() {
    let mut list = Vec::new();
    reduction!("ReduceSum", list,);
    reduction!("ReduceMean", list,);
    reduction!("ReduceMax", list, apart);
    reduction!("ReduceMin", list, apart);
    reduction!("ReduceL1", list, apart);
    reduction!("ReduceL2", list,);
    reduction!("ReduceLogSum", list, positive);
    reduction!("ReduceLogSumExp", list,);
    reduction!("ReduceSumSquare", list,);
    reduction!("ReduceProd", list,);
    check_all(&list);
}

#[test]
fn cumulative_sums() {
    check_all(&[
        case("cumsum", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [1]));
            b.node("CumSum", &[&v[0], &axis], Vec::new())
        }),
        case("cumsum exclusive", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [-2]));
            let attributes = vec![Attribute::int("exclusive", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
        case("cumsum reverse", &[&[3, 4]], |b, v| {
            let axis = b.constant(&Tensor::i64(&[1], [0]));
            let attributes = vec![Attribute::int("reverse", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
        case("cumsum along a computed axis", &[&[3, 4]], |b, v| {
            let axis = computed(b, &[-1]);
            let attributes = vec![Attribute::int("reverse", 1), Attribute::int("exclusive", 1)];
            b.node("CumSum", &[&v[0], &axis], attributes)
        }),
    ]);
}

#[test]
fn softmaxes() {
    macro_rules! along {
        ($operator:literal, $axis:literal) => {
            case(
                concat!($operator, " along ", $axis),
                &[&[2, 3, 4]],
                |b, v| b.node($operator, &[&v[0]], vec![Attribute::int("axis", $axis)]),
            )
        };
    }
    check_all(&[
        along!("Softmax", 0),
        along!("Softmax", 1),
        along!("Softmax", -1),
        along!("Softmax", -2),
        along!("LogSoftmax", 0),
        along!("LogSoftmax", 1),
        along!("LogSoftmax", -1),
        along!("LogSoftmax", -3),
    ]);
}
