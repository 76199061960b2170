//! Losses against plain references, their gradients against finite differences, and what the gradient
//! of a large vocabulary costs.

use half::f16;
use stepdroid::onnx::loss::{self, LossKind, LossOptions, attach};
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, OnnxError, ShapeOracle, Tensor,
    TensorData, Value, ValueType, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

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

const TEMPERATURE: f64 = 0.8;
const LOW: f64 = 0.2;
const HIGH: f64 = 0.3;
const ENTROPY: f64 = 0.1;
const KL: f64 = 0.4;
const BETA: f64 = 0.6;

/// Inputs of a loss for logits of a shape.
fn inputs_of(kind: LossKind, shape: &[usize]) -> Vec<(&'static str, Tensor)> {
    let positions = &shape[..shape.len() - 1];
    let batch = &shape[..1];
    let count: usize = positions.iter().product();
    let number = |value: f64| Tensor {
        shape: vec![],
        ..Tensor::f64(&[1], [value])
    };
    let mut mask = vec![1.0; count];
    mask[count - 1] = 0.0;
    let per_weight = match kind {
        LossKind::CrossEntropy | LossKind::PpoStep => positions.to_vec(),
        LossKind::PpoToken | LossKind::PpoSequence => batch.to_vec(),
        LossKind::Dpo => vec![shape[0] / 2],
        LossKind::SquaredError => shape.to_vec(),
    };
    let advantages = if kind == LossKind::PpoStep {
        positions
    } else {
        batch
    };
    let references = if kind == LossKind::Dpo {
        batch
    } else {
        positions
    };
    let labels: Vec<i64> = LABELS.iter().cycle().take(count).copied().collect();
    vec![
        (
            "zeros",
            Tensor::f64(shape, vec![0.0; shape.iter().product()]),
        ),
        ("labels", Tensor::i64(positions, labels)),
        ("mask", Tensor::f64(positions, mask)),
        ("weight", random(&per_weight, 11, 0.2, 1.0, F64)),
        ("advantage", random(advantages, 12, -1.0, 1.0, F64)),
        (
            "old_log_probability",
            random(positions, 13, -2.5, -0.5, F64),
        ),
        (
            "reference_log_probability",
            random(references, 14, -2.5, -0.5, F64),
        ),
        ("target", random(shape, 15, -1.0, 1.0, F64)),
        ("temperature", number(TEMPERATURE)),
        ("clip_low", number(LOW)),
        ("clip_high", number(HIGH)),
        ("entropy_coefficient", number(ENTROPY)),
        ("kl_coefficient", number(KL)),
        ("beta", number(BETA)),
    ]
}

/// The same loss, written down plainly. Rows are positions.
fn plain(kind: LossKind, logits: &[f64], shape: &[usize], inputs: &[(&str, Tensor)]) -> f64 {
    let find = |name: &str| &inputs.iter().find(|(known, _)| *known == name).unwrap().1;
    let floats = |name: &str| find(name).to_f64().unwrap();
    let TensorData::I64(labels) = &find("labels").data else {
        panic!("labels are whole numbers")
    };
    let (mask, weight, advantage) = (floats("mask"), floats("weight"), floats("advantage"));
    let (old, reference, target) = (
        floats("old_log_probability"),
        floats("reference_log_probability"),
        floats("target"),
    );
    if kind == LossKind::SquaredError {
        let squares = logits.iter().zip(&target).map(|(x, t)| (x - t) * (x - t));
        let total: f64 = squares.zip(&weight).map(|(square, w)| square * w).sum();
        return total / weight.iter().sum::<f64>();
    }
    let classes = shape[shape.len() - 1];
    let count = labels.len();
    let tokens = count / shape[0];
    let (mut logp, mut entropies) = (vec![0.0; count], vec![0.0; count]);
    for row in 0..count {
        let row_logits: Vec<f64> = logits[row * classes..(row + 1) * classes]
            .iter()
            .map(|x| x / TEMPERATURE)
            .collect();
        let normaliser = row_logits.iter().map(|x| x.exp()).sum::<f64>().ln();
        if let Ok(label) = usize::try_from(labels[row]) {
            logp[row] = row_logits[label] - normaliser;
        }
        entropies[row] = -row_logits
            .iter()
            .map(|x| (x - normaliser).exp() * (x - normaliser))
            .sum::<f64>();
    }
    let counts = |row: usize| f64::from(u8::from(labels[row] >= 0));
    // A weight of every position, so that the mean of everything is one weighted sum.
    let weights: Vec<f64> = (0..count)
        .map(|row| match kind {
            LossKind::CrossEntropy | LossKind::PpoStep => counts(row) * weight[row],
            LossKind::PpoToken => counts(row) * mask[row] * weight[row / tokens],
            LossKind::PpoSequence => {
                let sequence = row / tokens;
                let own = (0..tokens).map(|token| sequence * tokens + token);
                let length: f64 = own.map(|other| counts(other) * mask[other]).sum();
                let part = counts(row) * mask[row] / length.max(1e-8);
                part * weight[sequence]
            }
            LossKind::Dpo | LossKind::SquaredError => counts(row) * mask[row],
        })
        .collect();
    let mean = |value: &dyn Fn(usize) -> f64| {
        let total: f64 = (0..count)
            .filter(|row| weights[*row] > 0.0)
            .map(|row| weights[row] * value(row))
            .sum();
        total / weights.iter().sum::<f64>()
    };
    let clipped = |row: usize| {
        let ratio = (logp[row] - old[row]).exp();
        let advantage = advantage[if kind == LossKind::PpoStep {
            row
        } else {
            row / tokens
        }];
        -(ratio * advantage).min(ratio.clamp(1.0 - LOW, 1.0 + HIGH) * advantage)
    };
    let k3 = |row: usize| {
        let difference = reference[row] - logp[row];
        difference.exp() - difference - 1.0
    };
    let main = match kind {
        LossKind::CrossEntropy => mean(&|row| -logp[row]),
        LossKind::Dpo => {
            let answer = |which: usize| -> f64 {
                let own = (0..tokens).map(|token| which * tokens + token);
                own.map(|row| logp[row] * mask[row]).sum::<f64>() - reference[which]
            };
            let pairs = 0..shape[0] / 2;
            let losses = pairs.map(|pair| {
                let margin = BETA * (answer(2 * pair) - answer(2 * pair + 1));
                weight[pair] * (1.0 + (-margin).exp()).ln()
            });
            losses.sum::<f64>() / weight.iter().sum::<f64>()
        }
        _ => mean(&clipped),
    };
    let penalty = if kind == LossKind::Dpo {
        0.0
    } else {
        KL * mean(&k3)
    };
    main - ENTROPY * mean(&|row| entropies[row]) + penalty
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

/// Cross-entropy of one weight, with or without a node between log-softmax and gathering.
fn of_vocabulary(rows: usize, classes: usize, apart: bool) -> Model {
    let mut builder = GraphBuilder::new("vocabulary");
    let logits = random(&[rows, classes], 1, -4.0, 4.0, ElementType::F32);
    let logits = builder.initializer("w", &logits);
    let labels = builder.input("labels", ElementType::I64, &[Dimension::Fixed(rows)]);
    let found = loss::of_labels(&mut builder, &logits, &labels, None, ElementType::F32);
    let counts = builder.cast(&found.counts, ElementType::F32);
    let value = loss::cross_entropy(&mut builder, &found.of_label, &counts, ElementType::F32);
    builder.alias(&value, "loss");
    builder.untyped_output("loss");
    let mut model = builder.finish().unwrap();
    if apart {
        let nodes = &mut model.graph_mut().node;
        let softmax = nodes
            .iter()
            .position(|node| node.op() == "LogSoftmax")
            .unwrap();
        let mut between = nodes[softmax].clone();
        nodes[softmax].output[0] = "softmax".into();
        between.op_type = Some("Identity".into());
        between.name = Some("between".into());
        between.input[0] = "softmax".into();
        between.attribute.clear();
        nodes.insert(softmax + 1, between);
    }
    model
}

#[test]
fn the_gradient_of_a_vocabulary_is_one_scatter_into_the_softmax() {
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..GradientOptions::default()
    };
    let oracle = SessionOracle::new(&library());
    let operators = |apart: bool| -> Vec<String> {
        let model = of_vocabulary(3, 5, apart);
        let built = build_gradient(&model, &options, &oracle).unwrap();
        let nodes = built.model.graph().node.iter();
        nodes.map(|node| node.op().to_owned()).collect()
    };
    let has = |operators: &[String], name: &str| operators.iter().any(|operator| operator == name);
    let fused = operators(false);
    assert!(
        has(&fused, "ScatterElements") && !has(&fused, "ConstantOfShape"),
        "{fused:?}"
    );
    assert!(has(&operators(true), "ConstantOfShape"));
    let labels = Tensor::i64(&[3], [4, -100, 0]);
    let run = |apart: bool| {
        let result = gradients(&of_vocabulary(3, 5, apart), &["w"], &[("labels", &labels)]);
        result[1].to_f64().unwrap()
    };
    for (fused, apart) in run(false).iter().zip(run(true)) {
        assert!((fused - apart).abs() < 1e-7, "{fused} and {apart}");
    }
}

/// Prints what loss and gradient of a language model's vocabulary cost:
/// `cargo test --release --test gradients vocabulary -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn the_time_of_a_large_vocabulary() {
    let (rows, classes) = (512, 49152);
    let library = library();
    let labels = Tensor::i64(
        &[rows],
        (0..rows as i64).map(|row| row * 96).collect::<Vec<_>>(),
    );
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..GradientOptions::default()
    };
    let settings = SessionOptions {
        memory_pattern: false,
        ..SessionOptions::default()
    };
    let mut sessions = Vec::new();
    for (label, apart) in [("as a pair", false), ("one by one", true)] {
        let model = of_vocabulary(rows, classes, apart);
        let built = build_gradient(&model, &options, &SessionOracle::new(&library)).unwrap();
        let session =
            |model: &Model| Session::new(&library, &CPU, "vocabulary", model, settings).unwrap();
        sessions.push(("the loss", session(&with_input(model))));
        sessions.push((label, session(&built.model)));
    }
    let weight = of_vocabulary(rows, classes, false)
        .initializer("w")
        .unwrap();
    let mut best = vec![f64::INFINITY; sessions.len()];
    for _ in 0..7 {
        for ((_, session), best) in sessions.iter().zip(&mut best) {
            let start = std::time::Instant::now();
            // The engine computes every output, and only the loss is copied.
            let inputs = [("labels", &labels), ("w", &weight)];
            session.run(&inputs, &["loss"]).unwrap();
            *best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    for ((label, _), best) in sessions.iter().zip(&best) {
        println!("{label}: {best:.1} ms");
    }
}

/// The weight as an input, so that nothing is computed ahead.
fn with_input(mut model: Model) -> Model {
    let kind = model.declared_types()["w"].clone();
    let constant = |name: &Option<String>| name.as_deref() != Some("w");
    model
        .graph_mut()
        .initializer
        .retain(|tensor| constant(&tensor.name));
    let mut builder = GraphBuilder::extend(model, "x/");
    builder.input("w", kind.element, &kind.dimensions);
    builder.finish().unwrap()
}
