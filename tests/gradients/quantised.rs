//! Quantised bases: frozen weights of few bits, and activations that are rounded on their way.

mod packed;

use packed::LAYOUTS;
use stepdroid::onnx::proto::{NodeProto, TensorProto};
use stepdroid::onnx::{
    ElementType, GradientOptions, GraphBuilder, Model, Tensor, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, case, check_all, library, random};
use crate::images::{count, frozen, gradient_nodes, int, ints, slope, summed};

/// Codes of element types in the schema.
const UINT8: i32 = 2;
const INT8: i32 = 3;
const UINT4: i32 = 21;
const INT4: i32 = 22;

/// Bytes that look random.
fn bytes(count: usize, seed: u64) -> Vec<u8> {
    let values = random(&[count], seed, 0.0, 255.99, ElementType::F32);
    let values = values.to_f64().unwrap();
    values.iter().map(|value| *value as u8).collect()
}

fn raw(b: &mut GraphBuilder, element: i32, dims: &[i64], bytes: Vec<u8>) -> Value {
    b.raw_constant(TensorProto {
        dims: dims.to_vec(),
        data_type: Some(element),
        raw_data: Some(bytes.into()),
        ..Default::default()
    })
}

fn scalar(b: &mut GraphBuilder, element: i32, byte: u8) -> Value {
    raw(b, element, &[], vec![byte])
}

/// A model of one weight `x`, with the loss `sum(y m)` for a constant `m` of the shape of `y`.
fn weighted(
    x: &Tensor,
    shape: &[usize],
    opset: i64,
    build: impl FnOnce(&mut GraphBuilder, &Value) -> Value,
) -> (Model, Vec<f64>) {
    let mut b = GraphBuilder::new("weighted");
    b.set_opset("", opset);
    let weight = b.initializer("x", x);
    let y = build(&mut b, &weight);
    let m = random(shape, 99, -1.0, 1.0, ElementType::F32);
    let constant = b.constant(&m);
    let product = b.mul(&y, &constant);
    let total = b.reduce_sum(&product, &[], false);
    b.alias(&total, "loss");
    b.untyped_output("loss");
    (b.finish().unwrap(), m.to_f64().unwrap())
}

fn close(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected
        .iter()
        .fold(1e-3_f64, |max, value| max.max(value.abs()));
    for (position, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest,
            "{what}: element {position} is {found} instead of {expected}"
        );
    }
}

#[test]
fn weights_of_few_bits_equal_a_plain_dequantisation() {
    let rows = 3;
    for layout in LAYOUTS {
        for opset in [18, 21, 23] {
            let what = format!(
                "{} bits, K {}, block {}, opset {opset}",
                layout.bits, layout.depth, layout.block
            );
            let x = random(&[rows, layout.depth], 1, -1.0, 1.0, ElementType::F32);
            let shape = [rows, layout.columns];
            let (model, m) = weighted(&x, &shape, opset, |b, x| layout.node(b, x, None));
            let found = slope(&model, &["x"]).remove(0);
            assert_eq!(found.shape, x.shape, "{what}");
            let mut expected = Vec::new();
            for row in 0..rows {
                for depth in 0..layout.depth {
                    let term =
                        |column| m[row * layout.columns + column] * layout.weight(column, depth);
                    expected.push((0..layout.columns).map(term).sum());
                }
            }
            close(&found.to_f64().unwrap(), &expected, 1e-5, &what);
            // The engine reads the forward weights the same way.
            let input = x.to_f64().unwrap();
            let loss: f64 = input
                .iter()
                .zip(&expected)
                .map(|(x, slope)| x * slope)
                .sum();
            let library = library();
            let options = SessionOptions::default();
            let session = Session::new(&library, &CPU, "forward", &model, options).unwrap();
            let found = session.run(&[], &["loss"]).unwrap().remove(0);
            close(&found.to_f64().unwrap(), &[loss], 1e-4, &what);
        }
    }
}

fn cases() -> Vec<Case> {
    vec![
        case("4 bits", &[&[2, 33]], |b, v| {
            LAYOUTS[2].node(b, &v[0], None)
        })
        .single(),
        case("4 bits, rows in a stack", &[&[2, 3, 32]], |b, v| {
            LAYOUTS[0].node(b, &v[0], None)
        })
        .single(),
        case("8 bits with a bias", &[&[2, 33], &[3]], |b, v| {
            LAYOUTS[8].node(b, &v[0], Some(&v[1]))
        })
        .single()
        .fixed_only(),
        case("a bias alone", &[&[4]], |b, v| {
            let x = frozen(b, &[2, 20]);
            LAYOUTS[4].node(b, &x, Some(&v[0]))
        })
        .single()
        .fixed_only(),
        case("8 bits as a product with scales", &[&[2, 3, 4]], |b, v| {
            let weight = raw(b, INT8, &[4, 5], bytes(20, 4));
            let weight = b.cast(&weight, ElementType::F32);
            let scale = frozen(b, &[5]);
            let weight = b.mul(&weight, &scale);
            let product = b.matmul(&v[0], &weight);
            let small = b.scalar(0.01);
            b.mul(&product, &small)
        })
        .single(),
        case("8 bits per axis", &[&[3, 4]], |b, v| {
            let weight = raw(b, UINT8, &[4, 5], bytes(20, 4));
            let scale = frozen(b, &[5]);
            let zeros = raw(b, UINT8, &[5], bytes(5, 5));
            let attributes = vec![int("axis", 1)];
            let weight = b.node("DequantizeLinear", &[&weight, &scale, &zeros], attributes);
            let product = b.matmul(&v[0], &weight);
            let small = b.scalar(0.01);
            b.mul(&product, &small)
        })
        .single(),
        case("4 bits in blocks", &[&[3, 6]], |b, v| {
            b.set_opset("", 21);
            let weight = raw(b, INT4, &[6, 4], bytes(12, 4));
            let scale = frozen(b, &[3, 4]);
            let attributes = vec![int("axis", 0), int("block_size", 2)];
            let weight = b.node("DequantizeLinear", &[&weight, &scale], attributes);
            b.matmul(&v[0], &weight)
        })
        .single(),
        case("unsigned 4 bits per tensor", &[&[3, 6]], |b, v| {
            b.set_opset("", 21);
            let weight = raw(b, UINT4, &[6, 4], bytes(12, 4));
            let scale = b.scalar(0.1);
            let zero = raw(b, UINT4, &[], vec![7]);
            let weight = b.node("DequantizeLinear", &[&weight, &scale, &zero], Vec::new());
            b.matmul(&v[0], &weight)
        })
        .single(),
        case("a trained scale per tensor", &[&[]], |b, v| {
            let weight = raw(b, INT8, &[4, 3], bytes(12, 4));
            let weight = b.node("DequantizeLinear", &[&weight, &v[0]], Vec::new());
            let small = b.scalar(0.01);
            b.mul(&weight, &small)
        })
        .single()
        .range(0.5, 1.5),
        case("trained scales per axis", &[&[4]], |b, v| {
            let weight = raw(b, INT8, &[2, 4, 3], bytes(24, 4));
            let zeros = raw(b, INT8, &[4], bytes(4, 5));
            let attributes = vec![int("axis", -2)];
            let weight = b.node("DequantizeLinear", &[&weight, &v[0], &zeros], attributes);
            let small = b.scalar(0.01);
            b.mul(&weight, &small)
        })
        .single()
        .range(0.5, 1.5)
        .fixed_only(),
    ]
}

#[test]
fn frozen_quantised_weights_agree_with_finite_differences() {
    check_all(&cases());
}

#[test]
fn a_frozen_quantised_weight_gets_no_gradient_node() {
    let model = summed(&[("x", &[2, 4])], |b, v| {
        let weight = raw(b, INT8, &[4, 5], bytes(20, 4));
        let weight = b.cast(&weight, ElementType::F32);
        let scale = frozen(b, &[5]);
        let weight = b.mul(&weight, &scale);
        b.matmul(&v[0], &weight)
    });
    let nodes = gradient_nodes(&model, &["x"]);
    for (operator, expected) in [
        ("Cast", 1),
        ("Mul", 1),
        ("MatMul", 1),
        ("Gemm", 1),
        ("Transpose", 0),
    ] {
        assert_eq!(count(&nodes, operator), expected, "{operator}");
    }
    let model = summed(&[("x", &[2, 33])], |b, v| LAYOUTS[2].node(b, &v[0], None));
    let nodes = gradient_nodes(&model, &["x"]);
    for (operator, expected) in [
        ("MatMulNBits", 1),
        ("MatMul", 1),
        ("DequantizeLinear", 1),
        ("Transpose", 0),
    ] {
        assert_eq!(count(&nodes, operator), expected, "{operator}");
    }
}

#[test]
fn rounded_activations_pass_the_gradient_inside_the_range() {
    let values = [
        -3.0, -1.287, -1.283, -0.4, -0.003, 0.333, 0.993, 1.273, 1.277, 2.6,
    ];
    for (element, zero, low, high) in [
        (INT8, 0u8, -1.285, 1.275),
        (INT8, 28, -1.565, 0.995),
        (UINT8, 128, -1.285, 1.275),
        (UINT8, 0, -0.005, 2.555),
    ] {
        let x = Tensor::f32(&[2, 5], values);
        let (model, m) = weighted(&x, &[2, 5], 18, |b, x| {
            let scale = b.scalar(0.01);
            let zero = scalar(b, element, zero);
            let whole = b.node("QuantizeLinear", &[x, &scale, &zero], Vec::new());
            // Moved while it is whole.
            let turned = b.transpose(&whole, &[1, 0]);
            let back = b.reshape(&turned, &[5, 2]);
            let real = b.node("DequantizeLinear", &[&back, &scale, &zero], Vec::new());
            b.transpose(&real, &[1, 0])
        });
        let inside = |value: &f64| (low..=high).contains(value);
        let expected: Vec<f64> = x
            .to_f64()
            .unwrap()
            .iter()
            .zip(&m)
            .map(|(value, m)| if inside(value) { *m } else { 0.0 })
            .collect();
        let found = slope(&model, &["x"]).remove(0).to_f64().unwrap();
        close(
            &found,
            &expected,
            1e-5,
            &format!("element {element}, zero {zero}"),
        );
    }
}

#[test]
fn scales_may_differ_per_axis_and_between_the_two() {
    let x = random(&[2, 3, 2], 5, -1.0, 1.0, ElementType::F32);
    let (model, m) = weighted(&x, &[2, 3, 2], 18, |b, x| {
        let fine = b.constant(&Tensor::f32(&[3], [0.01, 0.002, 0.05]));
        let coarse = b.constant(&Tensor::f32(&[3], [0.02, 0.002, 0.025]));
        let axis = || vec![int("axis", 1)];
        let whole = b.node("QuantizeLinear", &[x, &fine], axis());
        let zero = raw(b, UINT8, &[3], vec![0; 3]);
        b.node("DequantizeLinear", &[&whole, &coarse, &zero], axis())
    });
    let expected: Vec<f64> = x
        .to_f64()
        .unwrap()
        .iter()
        .zip(&m)
        .enumerate()
        .map(|(position, (value, m))| {
            let channel = position / 2 % 3;
            let (step, factor) = [(0.01, 2.0), (0.002, 1.0), (0.05, 0.5)][channel];
            // Without a zero point it is unsigned.
            let inside = (-0.5 * step..=255.5 * step).contains(value);
            if inside { m * factor } else { 0.0 }
        })
        .collect();
    let found = slope(&model, &["x"]).remove(0).to_f64().unwrap();
    close(&found, &expected, 1e-5, "per axis");
}

#[test]
fn products_of_whole_numbers_are_differentiated_straight_through() {
    for (rows, zeros) in [(&[6usize, 4][..], 0), (&[2, 3, 4], 1), (&[2, 3, 4], 5)] {
        let x = random(rows, 6, -1.0, 1.0, ElementType::F32);
        let weight = bytes(20, 7);
        let zero_points = bytes(zeros, 8);
        let shape = [&rows[..rows.len() - 1], &[5]].concat();
        let (model, m) = weighted(&x, &shape, 18, |b, x| {
            let parts = b.nodes("DynamicQuantizeLinear", &[x], Vec::new(), 3);
            let matrix = raw(b, INT8, &[4, 5], weight.clone());
            let zero = match zeros {
                0 => Value::named(""),
                1 => scalar(b, INT8, zero_points[0]),
                _ => raw(b, INT8, &[5], zero_points.clone()),
            };
            let inputs = [&parts[0], &matrix, &parts[2], &zero];
            let product = b.node("MatMulInteger", &inputs, Vec::new());
            let product = b.cast(&product, ElementType::F32);
            let scale = b.scalar(0.01);
            let scale = b.mul(&parts[1], &scale);
            b.mul(&product, &scale)
        });
        let found = slope(&model, &["x"]).remove(0);
        assert_eq!(found.shape, x.shape);
        let zero = |column: usize| match zeros {
            0 => 0.0,
            1 => f64::from(zero_points[0] as i8),
            _ => f64::from(zero_points[column] as i8),
        };
        let mut expected = Vec::new();
        for row in 0..6 {
            for depth in 0..4 {
                let term = |column: usize| {
                    let weight = f64::from(weight[depth * 5 + column] as i8) - zero(column);
                    m[row * 5 + column] * weight * 0.01
                };
                expected.push((0..5).map(term).sum());
            }
        }
        close(
            &found.to_f64().unwrap(),
            &expected,
            1e-5,
            &format!("{zeros} zero points"),
        );
    }
}

#[test]
fn convolutions_of_whole_numbers_equal_those_of_floats() {
    let x = random(&[2, 4, 5, 6], 6, -1.0, 1.0, ElementType::F32);
    let kernel = bytes(6 * 2 * 3 * 3, 7);
    let zero = 3u8;
    let attributes = || {
        vec![
            int("group", 2),
            ints("strides", &[2, 1]),
            ints("pads", &[1, 0, 1, 2]),
        ]
    };
    let shape = [2, 6, 3, 6];
    let (whole, _) = weighted(&x, &shape, 18, |b, x| {
        let parts = b.nodes("DynamicQuantizeLinear", &[x], Vec::new(), 3);
        let kernel = raw(b, INT8, &[6, 2, 3, 3], kernel.clone());
        let zero = scalar(b, INT8, zero);
        let inputs = [&parts[0], &kernel, &parts[2], &zero];
        let result = b.node("ConvInteger", &inputs, attributes());
        let result = b.cast(&result, ElementType::F32);
        b.mul(&result, &parts[1])
    });
    let (real, _) = weighted(&x, &shape, 18, |b, x| {
        let values: Vec<f32> = kernel
            .iter()
            .map(|byte| f32::from(*byte as i8) - f32::from(zero))
            .collect();
        let kernel = b.constant(&Tensor::f32(&[6, 2, 3, 3], values));
        b.node("Conv", &[x, &kernel], attributes())
    });
    let gradient = |model: &Model| slope(model, &["x"]).remove(0).to_f64().unwrap();
    close(&gradient(&whole), &gradient(&real), 1e-5, "ConvInteger");
}

/// Builds the gradient of `x` and expects a refusal with all these words.
fn refused(model: &Model, words: &[&str]) {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["x".into()],
        keep: Vec::new(),
        ..Default::default()
    };
    let error = build_gradient(model, &options, &SessionOracle::new(&library()))
        .unwrap_err()
        .to_string();
    for word in words {
        assert!(error.contains(word), "{error:?} does not say {word:?}");
    }
}

#[test]
fn what_is_not_differentiated_is_named() {
    let x = random(&[2, 4], 6, -1.0, 1.0, ElementType::F32);
    let step = |b: &mut GraphBuilder| (b.scalar(0.01), scalar(b, UINT8, 100));
    let (model, _) = weighted(&x, &[2, 4], 18, |b, x| {
        let (scale, zero) = step(b);
        let whole = b.node("QuantizeLinear", &[x, &scale, &zero], Vec::new());
        let weight = raw(b, UINT8, &[4, 4], bytes(16, 2));
        let inputs = [&whole, &scale, &zero, &weight, &scale, &zero, &scale, &zero];
        let product = b.node("QLinearMatMul", &inputs, Vec::new());
        b.node("DequantizeLinear", &[&product, &scale, &zero], Vec::new())
    });
    refused(&model, &["QLinearMatMul", "only the weights"]);
    let (model, _) = weighted(&x, &[2, 4], 18, |b, x| {
        b.set_opset("com.microsoft", 1);
        let (scale, zero) = step(b);
        let mut of_microsoft = |operator: &str, x: &Value| {
            let result = b.node(operator, &[x, &scale, &zero], vec![int("axis", 0)]);
            if let Some(node) = b.graph().node.last_mut() {
                node.domain = Some("com.microsoft".into());
            }
            result
        };
        let whole = of_microsoft("QuantizeLinear", x);
        of_microsoft("DequantizeLinear", &whole)
    });
    refused(&model, &["QuantizeLinear", "only the weights"]);
    let x = random(&[2, 32], 6, -1.0, 1.0, ElementType::F32);
    let (mut model, _) = weighted(&x, &[2, 5], 18, |b, x| LAYOUTS[0].node(b, x, None));
    let graph = model.graph_mut();
    graph.node[0].input.resize(4, String::new());
    graph.node[0].input.push("order".into());
    let order: Vec<u8> = (0..32i32).flat_map(|k| (k / 16).to_le_bytes()).collect();
    graph.initializer.push(TensorProto {
        name: Some("order".into()),
        dims: vec![32],
        data_type: Some(ElementType::I32.code()),
        raw_data: Some(order.into()),
        ..Default::default()
    });
    refused(&model, &["MatMulNBits", "g_idx"]);
    // Weights that are only known when the graph runs.
    let x = random(&[2, 32], 6, -1.0, 1.0, ElementType::F32);
    let (mut model, _) = weighted(&x, &[2, 5], 18, |b, x| LAYOUTS[0].node(b, x, None));
    let graph = model.graph_mut();
    let weights = graph.node[0].input[1].clone();
    graph.node[0].input[1] = "computed".into();
    let computed = NodeProto {
        input: vec![weights],
        output: vec!["computed".into()],
        op_type: Some("Identity".into()),
        ..Default::default()
    };
    graph.node.insert(0, computed);
    refused(&model, &["MatMulNBits", "constant"]);
}

#[test]
fn a_newer_version_is_asked_for_only_where_nothing_changes() {
    let x = random(&[2, 32], 6, -1.0, 1.0, ElementType::F32);
    let (model, _) = weighted(&x, &[2, 5], 18, |b, x| LAYOUTS[0].node(b, x, None));
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["x".into()],
        keep: Vec::new(),
        ..Default::default()
    };
    let oracle = SessionOracle::new(&library());
    let gradient = build_gradient(&model, &options, &oracle).unwrap();
    assert_eq!(gradient.model.opset(), 21);
    assert_eq!(model.opset(), 18);
    let (model, _) = weighted(&x, &[2, 5], 18, |b, x| {
        let y = LAYOUTS[0].node(b, x, None);
        let stacked = b.reshape(&y, &[1, 2, 5]);
        let attributes = vec![ints("kernel_shape", &[2]), int("ceil_mode", 1)];
        let pooled = b.node("AveragePool", &[&stacked], attributes);
        let mean = b.reduce_mean(&pooled, &[], false);
        b.add(&y, &mean)
    });
    refused(&model, &["MatMulNBits", "AveragePool"]);
}
