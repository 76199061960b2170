//! Pools, small ones and those over whole images.

use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, Value};

use crate::harness::{Case, case, check_all};
use crate::images::{gradient_nodes, int, ints, of, slope, summed, text};

fn pools() -> Vec<Case> {
    let mut cases = vec![
        of!(
            "average dense",
            "AveragePool",
            &[&[2, 2, 5, 6]],
            [ints("kernel_shape", &[3, 2])]
        ),
        of!(
            "average dense, padding counts",
            "AveragePool",
            &[&[2, 2, 5, 6]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("pads", &[1, 0, 2, 1]),
                int("count_include_pad", 1)
            ]
        ),
        of!(
            "average side by side",
            "AveragePool",
            &[&[2, 2, 4, 6]],
            [ints("kernel_shape", &[2, 3]), ints("strides", &[2, 3])]
        ),
        of!(
            "average side by side with a rest",
            "AveragePool",
            &[&[2, 2, 5, 7]],
            [ints("kernel_shape", &[2, 3]), ints("strides", &[2, 3])]
        ),
        of!(
            "average overlapping",
            "AveragePool",
            &[&[2, 2, 7, 6]],
            [
                ints("kernel_shape", &[3, 3]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 1, 1, 1])
            ]
        ),
        of!(
            "average overlapping, padding counts",
            "AveragePool",
            &[&[2, 2, 7, 6]],
            [
                ints("kernel_shape", &[3, 3]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 1, 1, 1]),
                int("count_include_pad", 1)
            ]
        ),
        of!(
            "average ceil",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                int("ceil_mode", 1)
            ]
        ),
        of!(
            "average ceil, padding counts",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 3]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 0, 0, 1]),
                int("ceil_mode", 1),
                int("count_include_pad", 1)
            ]
        ),
        of!(
            "average ceil, padding counts, new",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 3]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 0, 0, 1]),
                int("ceil_mode", 1),
                int("count_include_pad", 1)
            ]
        )
        .opset(22),
        of!(
            "average same upper",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                text("auto_pad", "SAME_UPPER")
            ]
        ),
        of!(
            "average same lower",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                text("auto_pad", "SAME_LOWER")
            ]
        ),
        of!(
            "average same, dense",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 2]),
                text("auto_pad", "SAME_UPPER"),
                int("count_include_pad", 1)
            ]
        ),
        of!(
            "average dilations",
            "AveragePool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[2, 3]),
                ints("dilations", &[2, 2]),
                ints("pads", &[1, 1, 0, 0])
            ]
        )
        .opset(19),
        of!(
            "average 1d",
            "AveragePool",
            &[&[2, 2, 7]],
            [ints("kernel_shape", &[3]), ints("strides", &[2])]
        ),
        of!(
            "average 1d side by side",
            "AveragePool",
            &[&[2, 2, 6]],
            [ints("kernel_shape", &[2]), ints("strides", &[2])]
        ),
        of!(
            "average 3d",
            "AveragePool",
            &[&[1, 2, 4, 5, 3]],
            [
                ints("kernel_shape", &[2, 3, 2]),
                ints("strides", &[2, 1, 1]),
                ints("pads", &[0, 1, 0, 0, 1, 1])
            ]
        ),
        of!(
            "average 3d side by side",
            "AveragePool",
            &[&[1, 2, 4, 4, 2]],
            [
                ints("kernel_shape", &[2, 2, 2]),
                ints("strides", &[2, 2, 2])
            ]
        ),
        of!(
            "lp 2",
            "LpPool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 0, 0, 1])
            ]
        ),
        of!(
            "lp 1",
            "LpPool",
            &[&[1, 2, 6, 7]],
            [ints("kernel_shape", &[3, 2]), int("p", 1)]
        )
        .apart()
        .range(-6.0, 6.0),
        of!(
            "lp 3",
            "LpPool",
            &[&[1, 2, 5, 5]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                int("p", 3)
            ]
        )
        .range(0.5, 1.5),
        of!("global average", "GlobalAveragePool", &[&[2, 3, 4, 5]], []),
        of!("global average 1d", "GlobalAveragePool", &[&[2, 3, 4]], []),
        of!("global max", "GlobalMaxPool", &[&[2, 3, 4, 2]], [])
            .apart()
            .range(-6.0, 6.0),
        of!("global lp", "GlobalLpPool", &[&[2, 3, 4, 2]], []),
        of!(
            "global lp 3",
            "GlobalLpPool",
            &[&[2, 3, 4, 2]],
            [int("p", 3)]
        ),
    ];
    let largest: Vec<Case> = vec![
        of!(
            "max overlapping",
            "MaxPool",
            &[&[2, 2, 5, 6]],
            [
                ints("kernel_shape", &[3, 3]),
                ints("strides", &[2, 2]),
                ints("pads", &[1, 1, 1, 1])
            ]
        ),
        of!(
            "max side by side",
            "MaxPool",
            &[&[2, 2, 5, 6]],
            [ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])]
        ),
        of!(
            "max side by side without a rest",
            "MaxPool",
            &[&[2, 2, 4, 6]],
            [ints("kernel_shape", &[2, 3]), ints("strides", &[2, 3])]
        ),
        of!(
            "max 1d side by side",
            "MaxPool",
            &[&[2, 2, 7]],
            [ints("kernel_shape", &[3]), ints("strides", &[3])]
        ),
        of!(
            "max 3d side by side",
            "MaxPool",
            &[&[1, 2, 2, 5, 4]],
            [
                ints("kernel_shape", &[2, 2, 2]),
                ints("strides", &[2, 2, 2])
            ]
        ),
        of!(
            "max dense",
            "MaxPool",
            &[&[1, 2, 5, 6]],
            [ints("kernel_shape", &[2, 3])]
        ),
        of!(
            "max ceil",
            "MaxPool",
            &[&[1, 2, 5, 6]],
            [
                ints("kernel_shape", &[2, 3]),
                ints("strides", &[2, 2]),
                int("ceil_mode", 1)
            ]
        ),
        of!(
            "max dilations",
            "MaxPool",
            &[&[1, 2, 6, 7]],
            [
                ints("kernel_shape", &[2, 3]),
                ints("dilations", &[2, 2]),
                ints("strides", &[2, 1])
            ]
        ),
        of!(
            "max same",
            "MaxPool",
            &[&[1, 2, 5, 6]],
            [
                ints("kernel_shape", &[3, 2]),
                ints("strides", &[2, 2]),
                text("auto_pad", "SAME_LOWER")
            ]
        ),
        of!(
            "max columns first",
            "MaxPool",
            &[&[1, 2, 5, 6]],
            [ints("kernel_shape", &[3, 2]), int("storage_order", 1)]
        ),
        of!(
            "max 1d",
            "MaxPool",
            &[&[2, 2, 7]],
            [
                ints("kernel_shape", &[3]),
                ints("strides", &[2]),
                ints("pads", &[1, 1])
            ]
        ),
        of!(
            "max 3d",
            "MaxPool",
            &[&[1, 2, 4, 4, 3]],
            [
                ints("kernel_shape", &[2, 2, 2]),
                ints("strides", &[2, 1, 1])
            ]
        ),
        case("max with positions in use", &[&[1, 2, 5, 6]], |b, v| {
            let attributes = vec![ints("kernel_shape", &[2, 3]), int("storage_order", 1)];
            let both = b.nodes("MaxPool", &[&v[0]], attributes, 2);
            let places = b.cast(&both[1], ElementType::F32);
            let zero = b.scalar(0.0);
            let nothing = b.mul(&places, &zero);
            b.add(&both[0], &nothing)
        })
        .single(),
    ];
    cases.extend(
        largest
            .into_iter()
            .map(|case| case.apart().range(-6.0, 6.0)),
    );
    cases.push(
        case("max in 64 bits", &[&[2, 2, 5, 6]], |b, v| {
            b.node(
                "MaxPool",
                &[&v[0]],
                vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 1])],
            )
        })
        .apart(),
    );
    cases
}

#[test]
fn pools_agree_with_finite_differences() {
    check_all(&pools());
}

#[test]
fn a_maximum_is_searched_once_and_its_place_only_where_it_is_asked_for() {
    let build = |b: &mut GraphBuilder, v: &[Value]| {
        let pooled = b.node("MaxPool", &[&v[0]], vec![ints("kernel_shape", &[2, 2])]);
        b.mul(&pooled, &v[1])
    };
    let model = summed(&[("x", &[1, 2, 6, 6]), ("s", &[1])], build);
    let pools = |trainable: &str| -> Vec<usize> {
        let nodes = gradient_nodes(&model, &[trainable]);
        let pools = nodes.iter().filter(|node| node.op() == "MaxPool");
        pools.map(|node| node.output.len()).collect()
    };
    assert_eq!(pools("x"), [2]);
    assert_eq!(pools("s"), [1]);
}

#[test]
fn equal_maxima_share_one_gradient() {
    for strides in [[2, 2], [1, 1]] {
        let mut builder = GraphBuilder::new("equal");
        let x = builder.initializer("x", &Tensor::f32(&[1, 1, 2, 4], [1.0; 8]));
        let attributes = vec![ints("kernel_shape", &[2, 2]), ints("strides", &strides)];
        let pooled = builder.node("MaxPool", &[&x], attributes);
        let total = builder.reduce_sum(&pooled, &[], false);
        builder.alias(&total, "loss");
        builder.untyped_output("loss");
        let gradient = slope(&builder.finish().unwrap(), &["x"]).remove(0);
        let sum: f64 = gradient.to_f64().unwrap().iter().sum();
        let windows = if strides[0] == 2 { 2.0 } else { 3.0 };
        assert!((sum - windows).abs() < 1e-6, "{sum} for {windows} windows");
    }
}
