//! Pools, small ones and those over whole images.

use stepdroid::onnx::{ElementType, GraphBuilder, Tensor, Value};

use crate::attributes::attributes;
use crate::harness::{Case, case, check_all};
use crate::images::{gradient_nodes, ints, of, slope, summed};

/// A pool of one image.
fn pool(name: &'static str, operator: &'static str, shape: &[usize], text: &str) -> Case {
    of(name, operator, &[shape], attributes(text))
}

fn average(name: &'static str, shape: &[usize], text: &str) -> Case {
    pool(name, "AveragePool", shape, text)
}

fn lp(name: &'static str, shape: &[usize], text: &str) -> Case {
    pool(name, "LpPool", shape, text)
}

fn max(name: &'static str, shape: &[usize], text: &str) -> Case {
    pool(name, "MaxPool", shape, text)
}

fn pools() -> Vec<Case> {
    let mut cases = vec![
        average("average dense", &[2, 2, 5, 6], "kernel_shape=[3,2]"),
        average(
            "average dense, padding counts",
            &[2, 2, 5, 6],
            "kernel_shape=[3,2] pads=[1,0,2,1] count_include_pad=1",
        ),
        average(
            "average side by side",
            &[2, 2, 4, 6],
            "kernel_shape=[2,3] strides=[2,3]",
        ),
        average(
            "average side by side with a rest",
            &[2, 2, 5, 7],
            "kernel_shape=[2,3] strides=[2,3]",
        ),
        average(
            "average overlapping",
            &[2, 2, 7, 6],
            "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]",
        ),
        average(
            "average overlapping, padding counts",
            &[2, 2, 7, 6],
            "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1] count_include_pad=1",
        ),
        average(
            "average ceil",
            &[1, 2, 6, 7],
            "kernel_shape=[3,2] strides=[2,2] ceil_mode=1",
        ),
        average(
            "average ceil, padding counts",
            &[1, 2, 6, 7],
            "kernel_shape=[3,3] strides=[2,2] pads=[1,0,0,1] ceil_mode=1 count_include_pad=1",
        ),
        average(
            "average ceil, padding counts, new",
            &[1, 2, 6, 7],
            "kernel_shape=[3,3] strides=[2,2] pads=[1,0,0,1] ceil_mode=1 count_include_pad=1",
        )
        .opset(22),
        average(
            "average same upper",
            &[1, 2, 6, 7],
            "kernel_shape=[3,2] strides=[2,2] auto_pad=SAME_UPPER",
        ),
        average(
            "average same lower",
            &[1, 2, 6, 7],
            "kernel_shape=[3,2] strides=[2,2] auto_pad=SAME_LOWER",
        ),
        average(
            "average same, dense",
            &[1, 2, 6, 7],
            "kernel_shape=[3,2] auto_pad=SAME_UPPER count_include_pad=1",
        ),
        average(
            "average dilations",
            &[1, 2, 6, 7],
            "kernel_shape=[2,3] dilations=[2,2] pads=[1,1,0,0]",
        )
        .opset(19),
        average("average 1d", &[2, 2, 7], "kernel_shape=[3] strides=[2]"),
        average(
            "average 1d side by side",
            &[2, 2, 6],
            "kernel_shape=[2] strides=[2]",
        ),
        average(
            "average 3d",
            &[1, 2, 4, 5, 3],
            "kernel_shape=[2,3,2] strides=[2,1,1] pads=[0,1,0,0,1,1]",
        ),
        average(
            "average 3d side by side",
            &[1, 2, 4, 4, 2],
            "kernel_shape=[2,2,2] strides=[2,2,2]",
        ),
        lp(
            "lp 2",
            &[1, 2, 6, 7],
            "kernel_shape=[3,2] strides=[2,2] pads=[1,0,0,1]",
        ),
        lp("lp 1", &[1, 2, 6, 7], "kernel_shape=[3,2] p=1")
            .apart()
            .range(-6.0, 6.0),
        lp(
            "lp 3",
            &[1, 2, 5, 5],
            "kernel_shape=[3,2] strides=[2,2] p=3",
        )
        .range(0.5, 1.5),
        pool("global average", "GlobalAveragePool", &[2, 3, 4, 5], ""),
        pool("global average 1d", "GlobalAveragePool", &[2, 3, 4], ""),
        pool("global max", "GlobalMaxPool", &[2, 3, 4, 2], "")
            .apart()
            .range(-6.0, 6.0),
        pool("global lp", "GlobalLpPool", &[2, 3, 4, 2], ""),
        pool("global lp 3", "GlobalLpPool", &[2, 3, 4, 2], "p=3"),
    ];
    let largest: Vec<Case> = vec![
        max(
            "max overlapping",
            &[2, 2, 5, 6],
            "kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]",
        ),
        max(
            "max side by side",
            &[2, 2, 5, 6],
            "kernel_shape=[2,2] strides=[2,2]",
        ),
        max(
            "max side by side without a rest",
            &[2, 2, 4, 6],
            "kernel_shape=[2,3] strides=[2,3]",
        ),
        max(
            "max 1d side by side",
            &[2, 2, 7],
            "kernel_shape=[3] strides=[3]",
        ),
        max(
            "max 3d side by side",
            &[1, 2, 2, 5, 4],
            "kernel_shape=[2,2,2] strides=[2,2,2]",
        ),
        max("max dense", &[1, 2, 5, 6], "kernel_shape=[2,3]"),
        max(
            "max ceil",
            &[1, 2, 5, 6],
            "kernel_shape=[2,3] strides=[2,2] ceil_mode=1",
        ),
        max(
            "max dilations",
            &[1, 2, 6, 7],
            "kernel_shape=[2,3] dilations=[2,2] strides=[2,1]",
        ),
        max(
            "max same",
            &[1, 2, 5, 6],
            "kernel_shape=[3,2] strides=[2,2] auto_pad=SAME_LOWER",
        ),
        max(
            "max columns first",
            &[1, 2, 5, 6],
            "kernel_shape=[3,2] storage_order=1",
        ),
        max(
            "max 1d",
            &[2, 2, 7],
            "kernel_shape=[3] strides=[2] pads=[1,1]",
        ),
        max(
            "max 3d",
            &[1, 2, 4, 4, 3],
            "kernel_shape=[2,2,2] strides=[2,1,1]",
        ),
        case("max with positions in use", &[&[1, 2, 5, 6]], |b, v| {
            let attributes = attributes("kernel_shape=[2,3] storage_order=1");
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
            let attributes = attributes("kernel_shape=[3,3] strides=[2,1]");
            b.node("MaxPool", &[&v[0]], attributes)
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
        let pooled = b.node("MaxPool", &[&v[0]], attributes("kernel_shape=[2,2]"));
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
