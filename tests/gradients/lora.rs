//! Low-rank adapters: what is trained, what is computed, and merging.

use stepdroid::onnx::lora::{self, LoraOptions, PREFIX};
use stepdroid::onnx::proto::AttributeProto;
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, TensorData, Value,
    build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::decoder::{decoder, inputs};
use crate::harness::{CPU, library, random};
use crate::networks::{SMALL, run};

fn options(targets: &[&str]) -> LoraOptions {
    LoraOptions {
        targets: targets.iter().map(ToString::to_string).collect(),
        rank: 2,
        alpha: 4.0,
        seed: 3,
    }
}

/// Gives the second factors, which are zero at first, some values.
fn learnt(model: &mut Model) {
    for (seed, tensor) in model.graph_mut().initializer.iter_mut().enumerate() {
        let name = tensor.name.clone().unwrap_or_default();
        if name.starts_with(PREFIX) && name.ends_with(".b") {
            let shape: Vec<usize> = tensor.dims.iter().map(|length| *length as usize).collect();
            *tensor = random(&shape, seed as u64, -0.5, 0.5, ElementType::F32).to_proto(&name);
        }
    }
}

fn outputs(model: &Model, given: &[(&str, &Tensor)], name: &str) -> Vec<f64> {
    let session = Session::new(&library(), &CPU, "lora", model, SessionOptions::default()).unwrap();
    session.run(given, &[name]).unwrap()[0].to_f64().unwrap()
}

fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= tolerance,
            "{found} instead of {expected}"
        );
    }
}

#[test]
fn a_decoder_with_adapters_learns_only_these_and_merges() {
    let base = decoder(SMALL);
    let (mut adapted, adapters) = lora::add(&base, &options(&["query", "value"])).unwrap();
    assert_eq!(adapters.len(), 2 * SMALL.layers);
    let given = inputs(SMALL);
    let given: Vec<(&str, &Tensor)> = given.iter().map(|(name, tensor)| (*name, tensor)).collect();
    // The second factors are zero: nothing changes at first.
    assert_close(
        &outputs(&adapted, &given, "logits"),
        &outputs(&base, &given, "logits"),
        0.0,
    );
    learnt(&mut adapted);
    let changed = outputs(&adapted, &given, "logits");
    let before = outputs(&base, &given, "logits");
    assert!(
        changed
            .iter()
            .zip(&before)
            .any(|(a, b)| (a - b).abs() > 1e-2)
    );
    // What is written is read again with its adapters.
    let adapted = Model::from_bytes(&adapted.to_bytes()).unwrap();
    assert_eq!(lora::adapters(&adapted).unwrap(), adapters);
    let merged = lora::merge(&adapted).unwrap();
    assert!(lora::adapters(&merged).unwrap().is_empty());
    assert_eq!(merged.graph().node.len(), base.graph().node.len());
    assert_eq!(
        merged.graph().initializer.len(),
        base.graph().initializer.len()
    );
    assert_close(&outputs(&merged, &given, "logits"), &changed, 1e-4);

    let trainable: Vec<String> = adapters
        .iter()
        .flat_map(|adapter| [adapter.a.clone(), adapter.b.clone()])
        .collect();
    let wanted = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.clone(),
        ..Default::default()
    };
    let built = build_gradient(&adapted, &wanted, &SessionOracle::new(&library())).unwrap();
    let expected: Vec<String> = std::iter::once("loss".to_owned())
        .chain(trainable.iter().map(|name| format!("grad.{name}")))
        .collect();
    assert_eq!(built.model.output_names(), expected);
    // A weight gradient is a product with the transposed input. Of the frozen matrices there is
    // none: only the two factors of each adapter have one.
    let weight_gradients = built
        .model
        .graph()
        .node
        .iter()
        .filter(|node| node.op() == "Gemm" && node.int("transA", 0) == 1)
        .count();
    assert_eq!(weight_gradients, trainable.len());
    // Nothing flows into the first layer's input: no gradient of the embedding, no scatter.
    assert!(
        !built
            .model
            .graph()
            .node
            .iter()
            .any(|node| node.op() == "ScatterND")
    );
    let all = run(&built, SMALL);
    for (name, gradient) in trainable.iter().zip(&all[1..]) {
        let largest = gradient
            .to_f64()
            .unwrap()
            .iter()
            .fold(0.0f64, |m, v| m.max(v.abs()));
        assert!(largest > 1e-6, "the gradient of {name} is zero");
    }
}

/// `x W` in its forms: transposed, scaled, shared, and made of 8-bit numbers.
fn forms() -> Model {
    let mut b = GraphBuilder::new("forms");
    let x = b.input(
        "x",
        ElementType::F32,
        &[Dimension::Symbol("rows".into()), Dimension::Fixed(6)],
    );
    let turned = b.initializer("turned", &random(&[5, 6], 1, -1.0, 1.0, ElementType::F32));
    let attributes = vec![
        AttributeProto::int("transB", 1),
        AttributeProto::float("alpha", 0.5),
    ];
    let first = b.node("Gemm", &[&x, &turned], attributes);
    let shared = b.initializer("shared", &random(&[6, 5], 2, -1.0, 1.0, ElementType::F32));
    let second = b.matmul(&x, &shared);
    let both = b.add(&first, &second);
    let back = b.initializer("back", &random(&[5, 6], 3, -1.0, 1.0, ElementType::F32));
    let hidden = b.matmul(&both, &back);
    let third = b.matmul(&hidden, &shared);
    let whole = b.initializer(
        "eight",
        &Tensor {
            shape: vec![5, 4],
            data: TensorData::I32((0..20).map(|value| value - 10).collect()),
        },
    );
    let float = b.cast(&whole, ElementType::F32);
    let scale = b.initializer("eight.scale", &Tensor::f32(&[4], [0.1, 0.2, 0.05, 0.1]));
    let dequantised = b.mul(&float, &scale);
    let fourth = b.matmul(&third, &dequantised);
    b.alias(&fourth, "y");
    b.untyped_output("y");
    b.finish().unwrap()
}

#[test]
fn every_form_of_a_matrix_merges() {
    let base = forms();
    let (mut adapted, adapters) = lora::add(&base, &options(&[".*"])).unwrap();
    assert_eq!(adapters.len(), 5);
    learnt(&mut adapted);
    let x = random(&[3, 6], 9, -1.0, 1.0, ElementType::F32);
    let changed = outputs(&adapted, &[("x", &x)], "y");
    let merged = lora::merge(&adapted).unwrap();
    assert_close(&outputs(&merged, &[("x", &x)], "y"), &changed, 1e-4);
    // What is shared stays what it was for the others.
    assert_eq!(
        merged.initializer("shared").unwrap(),
        base.initializer("shared").unwrap()
    );
    // The quantised matrix is still quantised.
    assert_eq!(
        merged.initializer("eight").unwrap(),
        base.initializer("eight").unwrap()
    );
}

/// Products with matrices of 4 and 8 bits: with and without zero points and bias, and with a depth
/// that is no multiple of the block.
fn packed() -> Model {
    let mut b = GraphBuilder::new("packed");
    b.set_opset("com.microsoft", 1);
    let rows = Dimension::Symbol("rows".into());
    let x = b.input("x", ElementType::F32, &[rows, Dimension::Fixed(40)]);
    let bytes = |count: usize, seed: usize| -> Vec<u8> {
        (0..count)
            .map(|at| ((at * 37 + seed * 11) % 251) as u8)
            .collect()
    };
    let mut y = x;
    for (number, (depth, columns, bits, zeros)) in
        [(40, 6, 4, true), (6, 5, 8, false), (5, 3, 4, false)]
            .into_iter()
            .enumerate()
    {
        let blocks = 40usize.min(depth).div_ceil(16);
        let mut constant = |name: &str, shape: &[usize], data: TensorData| {
            let tensor = Tensor {
                shape: shape.to_vec(),
                data,
            };
            b.initializer(&format!("{name}{number}"), &tensor)
        };
        let blob = 16 * bits / 8;
        let matrix = bytes(columns * blocks * blob, number);
        let matrix = constant("matrix", &[columns, blocks, blob], TensorData::U8(matrix));
        let scales = (0..columns * blocks)
            .map(|at| 0.01 + 0.003 * at as f32)
            .collect();
        let scales = constant("scales", &[columns * blocks], TensorData::F32(scales));
        let row = (blocks * bits).div_ceil(8);
        let points = constant(
            "points",
            &[columns * row],
            TensorData::U8(bytes(columns * row, 7)),
        );
        let bias = (0..columns).map(|at| at as f32).collect();
        let bias = constant("bias", &[columns], TensorData::F32(bias));
        let none = Value::named("");
        let points = if zeros { &points } else { &none };
        let attributes = vec![
            AttributeProto::int("K", depth as i64),
            AttributeProto::int("N", columns as i64),
            AttributeProto::int("bits", bits as i64),
            AttributeProto::int("block_size", 16),
            AttributeProto::int("accuracy_level", 1),
        ];
        y = b.node(
            "MatMulNBits",
            &[&y, &matrix, &scales, points, &none, &bias],
            attributes,
        );
        if let Some(node) = b.graph().node.last_mut() {
            node.domain = Some("com.microsoft".into());
        }
    }
    b.alias(&y, "y");
    b.untyped_output("y");
    b.finish().unwrap()
}

#[test]
fn packed_matrices_merge_into_floats() {
    let (mut adapted, adapters) = lora::add(&packed(), &options(&[".*"])).unwrap();
    assert_eq!(adapters.len(), 3);
    learnt(&mut adapted);
    let x = random(&[3, 40], 9, -1.0, 1.0, ElementType::F32);
    let changed = outputs(&adapted, &[("x", &x)], "y");
    let merged = lora::merge(&adapted).unwrap();
    let largest = changed.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    assert_close(
        &outputs(&merged, &[("x", &x)], "y"),
        &changed,
        1e-5 * largest,
    );
    let left = merged
        .graph()
        .initializer
        .iter()
        .filter_map(|t| t.name.as_deref());
    assert!(
        !left.clone().any(|name| name.starts_with("scales")),
        "{:?}",
        left.collect::<Vec<_>>()
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    let base = decoder(SMALL);
    let wrong = |options: &LoraOptions| lora::add(&base, options).unwrap_err().to_string();
    assert!(wrong(&options(&["nothing"])).contains("nothing"));
    assert!(wrong(&options(&["("])).contains('('));
    for rank in [0, 17] {
        let options = LoraOptions {
            rank,
            ..options(&["query"])
        };
        assert!(wrong(&options).contains("rank"));
    }
    assert!(
        lora::merge(&base)
            .unwrap_err()
            .to_string()
            .contains("no adapters")
    );
    let (adapted, adapters) = lora::add(&base, &options(&["query"])).unwrap();
    let again = lora::add(&adapted, &options(&["value"])).unwrap_err();
    assert!(again.to_string().contains("already"));
    // A note that does not fit its graph.
    let mut broken = adapted.clone();
    broken
        .graph_mut()
        .initializer
        .retain(|t| t.name.as_ref() != Some(&adapters[0].a));
    assert!(lora::merge(&broken).is_err());
    for note in &mut broken.proto.metadata_props {
        note.value = Some("[{]".into());
    }
    assert!(
        lora::merge(&broken)
            .unwrap_err()
            .to_string()
            .contains("note")
    );
}
