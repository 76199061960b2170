//! Gradient rules against central finite differences of fourth order.

use rand::RngExt;
use rand::seq::SliceRandom;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::{
    Dimension, ElementType, GradientOptions, GraphBuilder, Model, Tensor, TensorData, Value,
    build_gradient,
};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions, SessionOracle};

/// The provider of all tests.
pub const CPU: Chosen = Chosen::Cpu {
    instead_of_cuda: None,
};

/// ONNX Runtime.
pub fn library() -> Library {
    Library::load(None).expect("ONNX Runtime is needed: run `make setup`")
}

/// A tensor of random numbers between two bounds.
pub fn random(shape: &[usize], seed: u64, low: f64, high: f64, element: ElementType) -> Tensor {
    let mut rng = stream(seed, "test tensor", 0);
    let count = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|_| rng.random_range(low..high)).collect();
    floats(shape, values, element)
}

/// Numbers that lie on a grid in random order, so that no two are close to each other, nor to zero.
fn grid(shape: &[usize], seed: u64, low: f64, high: f64, element: ElementType) -> Tensor {
    let count: usize = shape.iter().product();
    let step = (high - low) / count.max(1) as f64;
    let mut values: Vec<f64> = (0..count)
        .map(|position| low + (position as f64 + 0.5) * step + 0.1 * step * seed as f64 / 7.0)
        .collect();
    values.shuffle(&mut stream(seed, "test grid", 0));
    floats(shape, values, element)
}

fn floats(shape: &[usize], values: Vec<f64>, element: ElementType) -> Tensor {
    match element {
        ElementType::F64 => Tensor::f64(shape, values),
        _ => Tensor::f32(
            shape,
            values.iter().map(|value| *value as f32).collect::<Vec<_>>(),
        ),
    }
}

/// Combines the weights of a case into a value.
pub type Build = fn(&mut GraphBuilder, &[Value]) -> Value;

type Combine = dyn Fn(&mut GraphBuilder, &[Value]) -> Value;

/// One case: weights with their shapes, and how they are combined into a value whose weighted sum is
/// the loss.
pub struct Case {
    name: &'static str,
    weights: Vec<Vec<usize>>,
    range: (f64, f64),
    element: ElementType,
    apart: bool,
    opset: Option<i64>,
    fixed_only: bool,
    build: Box<Combine>,
}

/// A case in 64 bits, with weights between -1.5 and 1.5, at fixed and at symbolic shapes.
pub fn case(
    name: &'static str,
    weights: &[&[usize]],
    build: impl Fn(&mut GraphBuilder, &[Value]) -> Value + 'static,
) -> Case {
    Case {
        name,
        weights: weights.iter().map(|shape| shape.to_vec()).collect(),
        range: (-1.5, 1.5),
        element: ElementType::F64,
        apart: false,
        opset: None,
        fixed_only: false,
        build: Box::new(build),
    }
}

impl Case {
    /// What messages call it.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Whether it is for fixed shapes only.
    pub fn is_fixed_only(&self) -> bool {
        self.fixed_only
    }

    /// Weights between 0.3 and 2.
    pub fn positive(self) -> Case {
        self.range(0.3, 2.0)
    }

    /// Weights between two bounds.
    pub fn range(self, low: f64, high: f64) -> Case {
        Case {
            range: (low, high),
            ..self
        }
    }

    /// In 32 bits: ONNX Runtime has no 64-bit kernel for some operators.
    pub fn single(self) -> Case {
        Case {
            element: ElementType::F32,
            ..self
        }
    }

    /// Weights that differ clearly from each other, for operators with corners.
    pub fn apart(self) -> Case {
        Case {
            apart: true,
            ..self
        }
    }

    /// In a version of the standard operators.
    pub fn opset(self, version: i64) -> Case {
        Case {
            opset: Some(version),
            ..self
        }
    }

    /// At fixed shapes only: the operator itself can't do without them.
    pub fn fixed_only(self) -> Case {
        Case {
            fixed_only: true,
            ..self
        }
    }
}

/// The graph of a case, with the output `loss` and the weights `w0`, `w1`, ... With symbolic shapes
/// the weights pass through a reshape to a shape that is only known at run time, so that nothing
/// about their dimensions is known while the gradient is built.
pub fn forward(case: &Case, symbolic: bool) -> Model {
    let mut builder = GraphBuilder::new(case.name);
    if let Some(version) = case.opset {
        builder.set_opset("", version);
    }
    let mut values = Vec::new();
    for (number, shape) in case.weights.iter().enumerate() {
        let make = if case.apart { grid } else { random };
        let (low, high) = case.range;
        let tensor = make(shape, number as u64 + 1, low, high, case.element);
        let weight = builder.initializer(&format!("w{number}"), &tensor);
        if symbolic {
            let target = builder.input(
                &format!("shape{number}"),
                ElementType::I64,
                &[Dimension::Fixed(shape.len())],
            );
            values.push(builder.reshape_to(&weight, &target));
        } else {
            values.push(weight);
        }
    }
    let result = (case.build)(&mut builder, &values);
    // Summed up in 64 bits, so that only the operator itself rounds.
    let result = builder.cast(&result, ElementType::F64);
    // A weighted sum whose weights differ: a plain sum would hide transposed gradients.
    let flat = builder.reshape(&result, &[-1]);
    let size = builder.node("Size", &[&flat], Vec::new());
    let scalar = |value: i64| Tensor {
        shape: vec![],
        ..Tensor::i64(&[1], [value])
    };
    let (zero, one) = (builder.constant(&scalar(0)), builder.constant(&scalar(1)));
    let range = builder.node("Range", &[&zero, &size, &one], Vec::new());
    let range = builder.cast(&range, ElementType::F32);
    let frequency = builder.scalar(0.7);
    let angles = builder.mul(&range, &frequency);
    let weights = builder.node("Cos", &[&angles], Vec::new());
    let weights = builder.cast(&weights, ElementType::F64);
    let weighted = builder.mul(&flat, &weights);
    let total = builder.reduce_sum(&weighted, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    let model = builder.finish().unwrap();
    if let Ok(path) = std::env::var("DUMPCASES") {
        use std::hash::{Hash, Hasher};
        use std::io::Write;
        let mut hasher = std::hash::DefaultHasher::new();
        model.to_bytes().hash(&mut hasher);
        let line = format!(
            "{}|{symbolic}|{:?}|{:x}\n",
            case.name,
            case.range,
            hasher.finish()
        );
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    model
}

fn nudged(tensor: &Tensor, position: usize, step: f64) -> Tensor {
    let mut changed = tensor.clone();
    match &mut changed.data {
        TensorData::F64(values) => values[position] += step,
        TensorData::F32(values) => values[position] += step as f32,
        _ => unreachable!("weights are floats"),
    }
    changed
}

/// Compares every element of every gradient with the difference quotient.
pub fn check(case: &Case, symbolic: bool) -> Result<(), String> {
    let library = library();
    let model = forward(case, symbolic);
    let trainable: Vec<String> = (0..case.weights.len())
        .map(|number| format!("w{number}"))
        .collect();
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: trainable.clone(),
        keep: Vec::new(),
        ..Default::default()
    };
    let gradient = build_gradient(&model, &options, &SessionOracle::new(&library))
        .map_err(|error| format!("build: {error}"))?;
    let options = SessionOptions {
        memory_pattern: false,
        ..SessionOptions::default()
    };
    let session = Session::new(&library, &CPU, case.name, &gradient.model, options)
        .map_err(|e| e.to_string())?;
    let shapes: Vec<(String, Tensor)> = case
        .weights
        .iter()
        .enumerate()
        .map(|(number, shape)| {
            let lengths: Vec<i64> = shape.iter().map(|length| *length as i64).collect();
            (
                format!("shape{number}"),
                Tensor::i64(&[shape.len()], lengths),
            )
        })
        .collect();
    let run = |weights: &[Tensor], outputs: &[&str]| {
        let mut inputs: Vec<(&str, &Tensor)> = trainable
            .iter()
            .map(String::as_str)
            .zip(weights.iter())
            .collect();
        inputs.extend(shapes.iter().map(|(name, tensor)| (name.as_str(), tensor)));
        session
            .run(&inputs, outputs)
            .map_err(|error| error.to_string())
    };
    let weights: Vec<Tensor> = gradient
        .weights
        .iter()
        .map(|(_, tensor)| tensor.clone())
        .collect();
    let single = case.element == ElementType::F32;
    let (step, tolerance) = if single { (2e-2, 1e-3) } else { (1e-3, 1e-6) };
    for (number, weight) in weights.iter().enumerate() {
        let name = format!("grad.w{number}");
        let analytic = run(&weights, &[&name])?.remove(0);
        if analytic.shape != weight.shape {
            return Err(format!(
                "{name} has the shape {:?}, not {:?}",
                analytic.shape, weight.shape
            ));
        }
        let analytic = analytic.to_f64().unwrap();
        let scale = analytic
            .iter()
            .fold(0.1_f64, |largest, value| largest.max(value.abs()));
        for (position, value) in analytic.iter().enumerate() {
            // The difference between two points is what 32 bits make of it.
            let at = |direction: f64| -> Result<(f64, f64), String> {
                let mut changed = weights.clone();
                changed[number] = nudged(weight, position, direction * step);
                let place = changed[number].to_f64().unwrap()[position];
                Ok((place, run(&changed, &["loss"])?[0].to_f64().unwrap()[0]))
            };
            let quotient = |direction: f64| -> Result<f64, String> {
                let ((right, high), (left, low)) = (at(direction)?, at(-direction)?);
                Ok((high - low) / (right - left))
            };
            let numeric = (4.0 * quotient(0.5)? - quotient(1.0)?) / 3.0;
            let off = (numeric - value).abs();
            if off.is_nan() || off > tolerance * scale {
                return Err(format!(
                    "{name}[{position}]: rule {value}, finite difference {numeric}"
                ));
            }
        }
    }
    Ok(())
}

/// Checks all cases with fixed and with symbolic shapes, and lists every one that is wrong.
pub fn check_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        for symbolic in [false, true] {
            if symbolic && case.fixed_only {
                continue;
            }
            if let Err(reason) = check(case, symbolic) {
                wrong.push(format!(
                    "{} (symbolic shapes: {symbolic}): {reason}",
                    case.name
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases are wrong:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
