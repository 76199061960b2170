//! Losses against plain references, and their gradients against finite differences.

mod reference;
mod vocabulary;

use half::f16;
use stepdroid::onnx::loss::{self, LossKind, LossOptions, attach};
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, OnnxError, ShapeOracle, Tensor,
    TensorData, Value, ValueType, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use self::reference::{HIGH, LOW, inputs_of, plain};
use crate::harness::{CPU, Case, case, check_all, library, random};

const LABELS: [i64; 6] = [2, 0, -100, 3, 1, -1];
const CLASSES: usize = 4;
const F64: ElementType = ElementType::F64;

fn labels(builder: &mut GraphBuilder, shape: &[usize]) -> Value {
    builder.constant(&Tensor::i64(shape, LABELS.as_slice()))
}

fn scalar(builder: &mut GraphBuilder, value: f64) -> Value {
    builder.constant(&Tensor {
        shape: vec![],
        ..Tensor::f64(&[1], [value])
    })
}

fn row(builder: &mut GraphBuilder, shape: &[usize], seed: u64, low: f64, high: f64) -> Value {
    builder.constant(&random(shape, seed, low, high, F64))
}

/// Losses whose weights are the logits.
fn cases() -> Vec<Case> {
    vec![
        case("log-probability of rows", &[&[6, CLASSES]], |b, v| {
            let labels = labels(b, &[6]);
            loss::of_labels(b, &v[0], &labels, None, F64).of_label
        }),
        case(
            "log-probability of tokens",
            &[&[2, 3, CLASSES], &[]],
            |b, v| {
                let labels = labels(b, &[2, 3]);
                loss::of_labels(b, &v[0], &labels, Some(&v[1]), F64).of_label
            },
        )
        .positive(),
        case("cross-entropy", &[&[6, CLASSES]], |b, v| {
            let labels = labels(b, &[6]);
            let found = loss::of_labels(b, &v[0], &labels, None, F64);
            let counts = b.cast(&found.counts, F64);
            loss::cross_entropy(b, &found.of_label, &counts, F64)
        }),
        case("entropy", &[&[2, 3, CLASSES]], |b, v| {
            let all = b.log_softmax(&v[0], -1);
            loss::entropy(b, &all)
        }),
        case("k3", &[&[6]], |b, v| {
            let reference = row(b, &[6], 1, -1.0, 0.0);
            let weight = row(b, &[6], 2, 0.2, 1.0);
            loss::k3(b, &v[0], &reference, &weight, F64)
        }),
        // Far from the corners at the clip bounds: inside, or well outside.
        case("ppo of steps", &[&[6]], |b, v| {
            let offsets = [0.05, -0.05, 0.6, -0.6, 0.7, -0.7];
            let offsets = b.constant(&Tensor::f64(&[6], offsets));
            let small = scalar(b, 1e-2);
            let close = b.mul(&v[0], &small);
            let log_probability = b.add(&close, &offsets);
            let old = b.constant(&Tensor::f64(&[6], [0.0; 6]));
            let advantage = b.constant(&Tensor::f64(&[6], [1.0, -1.0, 0.5, 0.5, -2.0, -2.0]));
            let weight = row(b, &[6], 3, 0.2, 1.0);
            let (low, high) = (scalar(b, 0.2), scalar(b, 0.3));
            loss::ppo_clip(
                b,
                &log_probability,
                &old,
                &advantage,
                &weight,
                &low,
                &high,
                F64,
            )
            .loss
        }),
        case("mean of tokens", &[&[2, 3]], |b, v| {
            masked(b, &v[0], loss::Average::Tokens)
        }),
        case("mean of sequences", &[&[2, 3]], |b, v| {
            masked(b, &v[0], loss::Average::Sequences)
        }),
        case("dpo", &[&[4]], |b, v| {
            let reference = row(b, &[4], 4, -1.0, 1.0);
            let weight = row(b, &[2], 5, 0.2, 1.0);
            let beta = scalar(b, 0.7);
            loss::preference(b, &v[0], &reference, Some(&weight), &beta, F64).loss
        }),
        case("squared error", &[&[2, 3]], |b, v| {
            let target = row(b, &[2, 3], 6, -1.0, 1.0);
            loss::squared_error(b, &v[0], &target, None, F64)
        }),
    ]
}

fn masked(b: &mut GraphBuilder, values: &Value, average: loss::Average) -> Value {
    let mask = b.constant(&Tensor::f64(&[2, 3], [1.0, 1.0, 0.0, 1.0, 0.0, 0.0]));
    let weight = b.constant(&Tensor::f64(&[2], [0.5, 2.0]));
    loss::masked_mean(b, values, &mask, Some(&weight), average, F64)
}

#[test]
fn losses_have_the_right_gradients() {
    check_all(&cases());
}

/// The gradient is not zero where policy and reference agree, which is where training begins.
#[test]
fn a_preference_has_a_slope_where_nothing_is_preferred_yet() {
    let zeros = Tensor::f64(&[2], [0.0; 2]);
    let mut builder = GraphBuilder::new("dpo");
    let weights = builder.initializer("w", &zeros);
    let reference = builder.constant(&zeros);
    let beta = scalar(&mut builder, 0.5);
    let found = loss::preference(&mut builder, &weights, &reference, None, &beta, F64);
    builder.alias(&found.loss, "loss");
    builder.untyped_output("loss");
    let model = builder.finish().unwrap();
    let result = gradients(&model, &["w"], &[]);
    assert_eq!(result[0].to_f64().unwrap(), [2.0f64.ln()]);
    assert_eq!(result[1].to_f64().unwrap(), [-0.25, 0.25]);
}

/// Loss and gradients of a model.
fn gradients(model: &Model, trainable: &[&str], inputs: &[(&str, &Tensor)]) -> Vec<Tensor> {
    let library = library();
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.iter().map(|name| (*name).to_owned()).collect(),
        ..GradientOptions::default()
    };
    let built = build_gradient(model, &options, &SessionOracle::new(&library)).unwrap();
    let session = Session::new(
        &library,
        &CPU,
        "loss",
        &built.model,
        SessionOptions::default(),
    );
    let mut all: Vec<(&str, &Tensor)> = inputs.to_vec();
    all.extend(
        built
            .weights
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor)),
    );
    let names: Vec<String> = trainable
        .iter()
        .map(|name| format!("grad.{name}"))
        .collect();
    let mut outputs = vec!["loss"];
    outputs.extend(names.iter().map(String::as_str));
    session.unwrap().run(&all, &outputs).unwrap()
}

/// A forward model whose logits are its one weight, so that a test chooses them. The symbols pass
/// through an input of zeros.
fn model_of(logits: &Tensor, symbols: &[&str]) -> Model {
    let mut builder = GraphBuilder::new("forward");
    let weight = builder.initializer("w", logits);
    let dimension = |(axis, length): (usize, &usize)| match symbols.get(axis) {
        Some(symbol) => Dimension::Symbol((*symbol).to_owned()),
        None => Dimension::Fixed(*length),
    };
    let dimensions: Vec<Dimension> = logits.shape.iter().enumerate().map(dimension).collect();
    let zeros = builder.input("zeros", logits.element(), &dimensions);
    let sum = builder.add(&weight, &zeros);
    let sum = builder.alias(&sum, "logits");
    builder.output(&sum, logits.element(), Some(&dimensions));
    builder.finish().unwrap()
}

/// All options of a loss.
fn everything(kind: LossKind) -> LossOptions {
    LossOptions {
        logits: "logits".into(),
        weight: true,
        temperature: kind != LossKind::SquaredError,
        entropy: kind != LossKind::SquaredError,
        kl: !matches!(kind, LossKind::SquaredError | LossKind::Dpo),
        ..LossOptions::default()
    }
}

#[test]
fn attached_losses_equal_plain_references_and_their_slopes() {
    for kind in LossKind::ALL {
        let shape: &[usize] = match kind {
            LossKind::PpoStep => &[6, CLASSES],
            LossKind::Dpo => &[4, 3, CLASSES],
            _ => &[2, 3, CLASSES],
        };
        let symbols: &[&[&str]] = &[&[], &["batch", "tokens"][..(shape.len() - 1).min(2)]];
        for symbols in symbols {
            let logits = random(shape, 7, -1.5, 1.5, F64);
            let model = model_of(&logits, symbols);
            let attached = attach(&model, kind, &everything(kind)).unwrap();
            let inputs = inputs_of(kind, shape);
            let given: Vec<(&str, &Tensor)> = inputs
                .iter()
                .map(|(name, tensor)| (*name, tensor))
                .collect();
            let result = gradients(&attached, &["w"], &given);
            let values = logits.to_f64().unwrap();
            let expected = plain(kind, &values, shape, &inputs);
            let found = result[0].to_f64().unwrap()[0];
            let label = format!("{} with symbols {symbols:?}", kind.name());
            assert!(
                (found - expected).abs() < 1e-10,
                "{label}: {found}, not {expected}"
            );
            for (position, slope) in result[1].to_f64().unwrap().iter().enumerate() {
                let at = |step: f64| {
                    let mut moved = values.clone();
                    moved[position] += step;
                    plain(kind, &moved, shape, &inputs)
                };
                let quotient = |step: f64| (at(step) - at(-step)) / (2.0 * step);
                let numeric = (4.0 * quotient(5e-4) - quotient(1e-3)) / 3.0;
                assert!(
                    (numeric - slope).abs() < 1e-8,
                    "{label}[{position}]: {slope}, not {numeric}"
                );
            }
        }
    }
}

#[test]
fn diagnostics_say_what_they_are_named_for() {
    let shape = [2, 3, CLASSES];
    let model = model_of(&random(&shape, 7, -1.5, 1.5, F64), &["batch", "tokens"]);
    let attached = attach(&model, LossKind::PpoToken, &everything(LossKind::PpoToken)).unwrap();
    let outputs = [
        "log_probability",
        "ratio",
        "clip_fraction",
        "approximate_kl",
        "entropy",
        "kl",
        "logits",
    ];
    for name in outputs {
        assert!(attached.output_names().contains(&name.to_owned()), "{name}");
    }
    let session = Session::new(
        &library(),
        &CPU,
        "ppo",
        &attached,
        SessionOptions::default(),
    )
    .unwrap();
    let inputs = inputs_of(LossKind::PpoToken, &shape);
    let given: Vec<(&str, &Tensor)> = inputs
        .iter()
        .map(|(name, tensor)| (*name, tensor))
        .collect();
    let found = session.run(&given, &outputs).unwrap();
    let values = |position: usize| found[position].to_f64().unwrap();
    let (logp, old) = (values(0), inputs[5].1.to_f64().unwrap());
    // The third label and the last are ignored, and the last is masked too.
    let counted = [0, 1, 3, 4];
    let weight = inputs[3].1.to_f64().unwrap();
    let mean = |value: &dyn Fn(f64) -> f64| {
        let total: f64 = counted
            .iter()
            .map(|row| weight[row / 3] * value(logp[*row] - old[*row]))
            .sum();
        total / counted.iter().map(|row| weight[row / 3]).sum::<f64>()
    };
    let close = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-10, "{found}, not {expected}")
    };
    close(values(1)[0], (logp[0] - old[0]).exp());
    close(values(1)[2], 1.0);
    close(
        values(2)[0],
        mean(&|d| f64::from(u8::from(!(1.0 - LOW..=1.0 + HIGH).contains(&d.exp())))),
    );
    close(values(3)[0], mean(&|d| d.exp() - 1.0 - d));
}

/// Padding may hold anything: impossible classes, and old log-probabilities that no exponential takes.
#[test]
fn padding_reaches_neither_loss_nor_gradient() {
    let mut logits = random(&[2, 3, CLASSES], 7, -1.5, 1.5, F64);
    if let TensorData::F64(values) = &mut logits.data {
        // Class 0 of the third token, whose label is ignored.
        values[2 * CLASSES] = f64::NEG_INFINITY;
    }
    let model = model_of(&logits, &["batch", "tokens"]);
    let options = LossOptions {
        entropy: false,
        ..everything(LossKind::PpoToken)
    };
    let attached = attach(&model, LossKind::PpoToken, &options).unwrap();
    let mut inputs = inputs_of(LossKind::PpoToken, &[2, 3, CLASSES]);
    for (name, tensor) in &mut inputs {
        if name.ends_with("log_probability")
            && let TensorData::F64(values) = &mut tensor.data
        {
            values[2] = -1e300;
            values[5] = f64::NAN;
        }
    }
    let given: Vec<(&str, &Tensor)> = inputs
        .iter()
        .map(|(name, tensor)| (*name, tensor))
        .collect();
    let result = gradients(&attached, &["w"], &given);
    for tensor in &result {
        let values = tensor.to_f64().unwrap();
        assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
    }
}

/// Halves are computed with as 32-bit floats.
#[test]
fn logits_of_16_bits_are_cast() {
    let shape = [2, 3, CLASSES];
    let logits = random(&shape, 7, -1.5, 1.5, ElementType::F32);
    let half = ElementType::F16;
    let mut builder = GraphBuilder::new("half");
    let weight = builder.initializer("w", &logits);
    let rounded = builder.cast(&weight, half);
    let rounded = builder.alias(&rounded, "logits");
    builder.output(&rounded, half, Some(&shape.map(Dimension::Fixed)));
    let model = builder.finish().unwrap();
    let kind = LossKind::CrossEntropy;
    let options = LossOptions {
        logits: "logits".into(),
        ..LossOptions::default()
    };
    let attached = attach(&model, kind, &options).unwrap();
    let labels = Tensor::i64(&[2, 3], LABELS.as_slice());
    let result = gradients(&attached, &["w"], &[("labels", &labels)]);
    assert_eq!(result[0].element(), ElementType::F32);
    let values = logits.as_f32().unwrap().iter();
    let values: Vec<f64> = values.map(|value| f16::from_f32(*value).to_f64()).collect();
    let mut expected = 0.0;
    for (row, label) in LABELS.iter().enumerate() {
        if let Ok(label) = usize::try_from(*label) {
            let row = &values[row * CLASSES..(row + 1) * CLASSES];
            expected -= (row[label] - row.iter().map(|x| x.exp()).sum::<f64>().ln()) / 4.0;
        }
    }
    assert!((result[0].to_f64().unwrap()[0] - expected).abs() < 1e-6);
}

#[test]
fn what_does_not_fit_is_a_typed_error() {
    let model = model_of(&random(&[2, 3, CLASSES], 7, -1.0, 1.0, F64), &[]);
    let options = everything(LossKind::CrossEntropy);
    let wrong = |kind, options: &LossOptions| attach(&model, kind, options).unwrap_err();
    assert!(matches!(
        wrong(LossKind::PpoStep, &options),
        OnnxError::Invalid(_)
    ));
    let other = LossOptions {
        logits: "nothing".into(),
        ..options.clone()
    };
    assert!(matches!(
        wrong(LossKind::CrossEntropy, &other),
        OnnxError::Missing { .. }
    ));
    let attached = attach(&model, LossKind::CrossEntropy, &options).unwrap();
    let again = attach(&attached, LossKind::CrossEntropy, &options).unwrap_err();
    assert!(matches!(again, OnnxError::Taken { .. }), "{again}");
    let prefixed = LossOptions {
        prefix: "second.".into(),
        ..options
    };
    let twice = attach(&attached, LossKind::CrossEntropy, &prefixed).unwrap();
    assert!(twice.output_names().contains(&"second.loss".to_owned()));
    SessionOracle::new(&library()).value_types(&twice).unwrap();
    let mut untyped = model.clone();
    untyped.graph_mut().output[0].r#type = None;
    let options = everything(LossKind::CrossEntropy);
    let error = attach(&untyped, LossKind::CrossEntropy, &options).unwrap_err();
    assert!(matches!(error, OnnxError::Missing { .. }), "{error}");
    let told = LossOptions {
        value_type: Some(ValueType {
            element: F64,
            dimensions: vec![Dimension::Unknown; 3],
        }),
        ..options
    };
    let attached = attach(&untyped, LossKind::CrossEntropy, &told).unwrap();
    let types = SessionOracle::new(&library())
        .value_types(&attached)
        .unwrap();
    assert_eq!(types["loss"].element, F64);
}
