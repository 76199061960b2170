//! Right and wrong gradients of small models, in 64 and in 32 bits.

use rand::RngExt;

use super::*;
use crate::onnx::loss::{LossKind, LossOptions, attach};
use crate::onnx::{Dimension, GraphBuilder};

/// Two layers with a loss; the first weight is made of `element`.
fn classifier(operator: &str) -> Model {
    let mut builder = GraphBuilder::new("classifier");
    let symbol = |name: &str| Dimension::Symbol(name.into());
    let ids = builder.input("ids", ElementType::I64, &[symbol("batch"), symbol("seq")]);
    let weight = |shape: &[usize], seed: u64| {
        let mut random = ChaCha12Rng::seed_from_u64(seed);
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| random.random_range(-0.6..0.6)).collect();
        Tensor::f32(shape, values)
    };
    let table = builder.initializer("table", &weight(&[7, 6], 1));
    let first = builder.initializer("first", &weight(&[6, 5], 2));
    let bias = builder.initializer("bias", &weight(&[5], 3));
    let last = builder.initializer("last", &weight(&[5, 4], 4));
    let rows = builder.gather(&table, &ids, 0);
    let hidden = builder.matmul(&rows, &first);
    let hidden = builder.add(&hidden, &bias);
    let hidden = builder.node(operator, &[&hidden], Vec::new());
    let logits = builder.matmul(&hidden, &last);
    let logits = builder.alias(&logits, "logits");
    let shape = [symbol("batch"), symbol("seq"), Dimension::Fixed(4)];
    builder.output(&logits, ElementType::F32, Some(&shape));
    let model = builder.finish().unwrap();
    let options = LossOptions {
        logits: "logits".into(),
        ..LossOptions::default()
    };
    attach(&model, LossKind::PpoToken, &options).unwrap()
}

fn options() -> DifferenceOptions {
    DifferenceOptions {
        gradient: GradientOptions {
            loss: "loss".into(),
            trainable: ["table", "first", "bias", "last"]
                .map(str::to_owned)
                .to_vec(),
            ..GradientOptions::default()
        },
        loss_inputs: Some(String::new()),
        weights: 8,
        ..DifferenceOptions::default()
    }
}

#[test]
fn right_gradients_agree_in_64_bits() {
    let library = Library::load(None).unwrap();
    let mut calls = 0;
    let found = differences(
        &library,
        &classifier("Tanh"),
        &options(),
        &mut |_, total| {
            calls += 1;
            total == 5
        },
    )
    .unwrap();
    assert_eq!(
        found.element,
        ElementType::F64,
        "{:?}",
        found.why_not_double
    );
    assert_eq!((found.directions.len(), calls), (5, 5));
    assert!(found.ok(), "{found:?}");
    for one in &found.directions {
        assert!(one.error < 1e-8 && one.gradient > 0.0, "{one:?}");
    }
}

/// The engine has no kernel of 64 bits for this one.
#[test]
fn the_check_falls_back_to_32_bits_and_says_why() {
    let library = Library::load(None).unwrap();
    let model = classifier("Asinh");
    let found = differences(&library, &model, &options(), &mut |_, _| true).unwrap();
    assert_eq!(found.element, ElementType::F32);
    assert!(
        found
            .why_not_double
            .as_ref()
            .is_some_and(|why| why.contains("Asinh"))
    );
    assert!(found.ok(), "{found:?}");
}

/// A right gradient of a loss that is straight over a short way only:
/// `1 + height tanh(steep (w - 0.5))`, of one element among many.
#[test]
fn a_loss_that_bends_is_followed_as_far_as_the_rounding_allows() {
    let library = Library::load(None).unwrap();
    for (height, steep, elements, verdict) in [
        (2e-3, 50.0, 64, Verdict::Agrees),
        (5e-5, 50.0, 64, Verdict::TooBent),
        // It would have to be moved to where the loss is level.
        (1e-5, 10.0, 4096, Verdict::TooFlat),
    ] {
        let mut builder = GraphBuilder::new("bent");
        let w = builder.initializer("w", &Tensor::f32(&[elements], vec![0.5; elements]));
        let first = builder.slice(&w, 0, 0, 1);
        let number =
            |builder: &mut GraphBuilder, value: f32| builder.constant(&Tensor::f32(&[1], [value]));
        let (half, steep) = (number(&mut builder, 0.5), number(&mut builder, steep));
        let (height, one) = (number(&mut builder, height), number(&mut builder, 1.0));
        let moved = builder.sub(&first, &half);
        let moved = builder.mul(&moved, &steep);
        let bent = builder.tanh(&moved);
        let bent = builder.mul(&bent, &height);
        // Without a kernel of 64 bits.
        let nothing = builder.node("Asinh", &[&moved], Vec::new());
        let zero = number(&mut builder, 0.0);
        let nothing = builder.mul(&nothing, &zero);
        let sum = builder.add(&bent, &one);
        let sum = builder.add(&sum, &nothing);
        let loss = builder.reduce_sum(&sum, &[], false);
        builder.alias(&loss, "loss");
        builder.untyped_output("loss");
        let options = DifferenceOptions {
            gradient: GradientOptions {
                loss: "loss".into(),
                trainable: vec!["w".into()],
                ..GradientOptions::default()
            },
            ..DifferenceOptions::default()
        };
        let model = builder.finish().unwrap();
        let found = differences(&library, &model, &options, &mut |_, _| true).unwrap();
        assert_eq!(found.directions[0].verdict, verdict, "{found:?}");
    }
}

/// A gradient graph in which one gradient has the wrong sign, or is a little too long.
#[test]
fn wrong_gradients_are_found_in_either_precision() {
    let library = Library::load(None).unwrap();
    let provider = Chosen::Cpu {
        instead_of_cuda: None,
    };
    for (operator, factor) in [
        ("Tanh", -1.0),
        ("Tanh", 1.01),
        ("Asinh", -1.0),
        ("Asinh", 1.1),
    ] {
        let double = operator == "Tanh";
        let model = classifier(operator);
        let model = if double {
            precision::doubled(&model).unwrap()
        } else {
            model
        };
        let mut check = Check::single(&library, &model, &options()).unwrap();
        let oracle = SessionOracle::new(&library);
        let mut built = build_gradient(&model, &options().gradient, &oracle).unwrap();
        for node in &mut built.model.graph_mut().node {
            for name in &mut node.output {
                if name == "grad.first" {
                    *name = "right".into();
                }
            }
        }
        let mut builder = GraphBuilder::extend(built.model, "wrong/");
        let factor = if double {
            builder.constant(&Tensor::f64(&[1], [factor]))
        } else {
            builder.constant(&Tensor::f32(&[1], [factor as f32]))
        };
        let inputs = [&crate::onnx::Value::named("right"), &factor];
        builder.named_node("Mul", &inputs, Vec::new(), "grad.first");
        let wrong = builder.finish().unwrap();
        check.gradient = Session::new(
            &library,
            &provider,
            "wrong",
            &wrong,
            SessionOptions::default(),
        )
        .unwrap();
        let why = (!double).then(|| "for the test".to_owned());
        let found = check.run(&options(), why, &mut |_, _| true).unwrap();
        assert!(!found.ok(), "{operator} {factor:?}");
        let mut verdicts = found.directions.iter();
        let first = verdicts
            .find(|one| one.weight.as_deref() == Some("first"))
            .unwrap();
        assert_eq!(
            first.verdict,
            Verdict::Differs,
            "{operator} {factor:?}: {first:?}"
        );
        let last = found.directions.last().unwrap();
        assert_eq!(
            last.verdict,
            Verdict::Agrees,
            "{operator} {factor:?}: {last:?}"
        );
    }
}
