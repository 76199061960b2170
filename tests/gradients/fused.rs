//! Fused operators: their standard form gives the same numbers as the engine's own kernel, and its
//! gradients agree with finite differences.

mod foreign;
mod group_query;
mod multi_head;
mod pass;
mod rotary;
mod small;
mod standard;

use stepdroid::onnx::decompose::{CONTRIB, decompose};
use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{ElementType, GraphBuilder, Model, ShapeOracle, Tensor, TensorData, Value};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use crate::harness::{CPU, Case, check_all, forward, library, random};

/// An attribute that is a whole number.
fn int(name: &str, value: i64) -> AttributeProto {
    AttributeProto::int(name, value)
}

/// An attribute that is a number.
fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto::float(name, value)
}

/// An input that is left out.
fn none() -> Value {
    Value::named("")
}

/// A node of ONNX Runtime's own operators, with one output.
fn contrib(
    builder: &mut GraphBuilder,
    operator: &str,
    inputs: &[&Value],
    attributes: Vec<AttributeProto>,
) -> Value {
    builder.set_opset(CONTRIB, 1);
    builder.node_in(CONTRIB, operator, inputs, attributes)
}

/// Random numbers that are constants of a case.
fn constant(builder: &mut GraphBuilder, shape: &[usize], seed: u64) -> Value {
    let tensor = random(shape, 100 + seed, -1.0, 1.0, ElementType::F32);
    builder.constant(&tensor)
}

/// Rows times a constant matrix: afterwards the last dimension is known, as it is in real models, and
/// only batch and length may be open.
fn project(builder: &mut GraphBuilder, x: &Value, from: usize, to: usize, seed: u64) -> Value {
    let matrix = constant(builder, &[from, to], seed);
    builder.matmul(x, &matrix)
}

fn is_fused(node: &NodeProto) -> bool {
    let standard = [
        "Attention",
        "RotaryEmbedding",
        "SimplifiedLayerNormalization",
    ];
    node.domain.as_deref() == Some(CONTRIB) || standard.contains(&node.op())
}

/// Runs a model, whose only inputs are the shapes of its weights, and returns some of its values.
fn values(model: &Model, names: &[String]) -> Result<Vec<Tensor>, String> {
    let mut model = model.clone();
    model.graph_mut().output.clear();
    let mut builder = GraphBuilder::extend(model, "run/");
    let unique: std::collections::BTreeSet<&String> = names.iter().collect();
    for name in unique {
        builder.untyped_output(name);
    }
    let model = builder.finish().map_err(|error| error.to_string())?;
    // As they are: the engine's own rewriting would make both models alike.
    let options = SessionOptions {
        optimise: false,
        ..SessionOptions::default()
    };
    let session = Session::new(&library(), &CPU, "equal", &model, options)
        .map_err(|error| error.to_string())?;
    let shapes: Vec<(String, Tensor)> = model
        .graph()
        .initializer
        .iter()
        .filter_map(|weight| {
            let number = weight.name.as_deref()?.strip_prefix('w')?;
            let shape = Tensor::i64(&[weight.dims.len()], weight.dims.as_slice());
            Some((format!("shape{number}"), shape))
        })
        .collect();
    let inputs: Vec<(&str, &Tensor)> = shapes
        .iter()
        .map(|(name, shape)| (name.as_str(), shape))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    session
        .run(&inputs, &names)
        .map_err(|error| error.to_string())
}

/// Runs a case with its fused nodes and with their standard form, and compares all that they make.
fn compare(case: &Case, symbolic: bool) -> Result<(), String> {
    let mut model = forward(case, symbolic);
    let outputs: Vec<String> = model
        .graph()
        .node
        .iter()
        .filter(|node| is_fused(node))
        .flat_map(|node| node.output.iter().filter(|name| !name.is_empty()).cloned())
        .collect();
    if outputs.is_empty() {
        return Err("there is no fused node".into());
    }
    let mut builder = GraphBuilder::extend(model, "all/");
    for name in &outputs {
        builder.untyped_output(name);
    }
    model = builder.finish().map_err(|error| error.to_string())?;
    let types = SessionOracle::new(&library())
        .value_types(&model)
        .map_err(|error| error.to_string())?;
    let decomposed = decompose(&model, &types, &|_| true)
        .map_err(|error| error.to_string())?
        .ok_or("nothing was rewritten")?;
    if let Some(reason) = decomposed.refused.values().next() {
        return Err(format!("refused: {reason}"));
    }
    if let Some(node) = decomposed.model.graph().node.iter().find(|n| is_fused(n)) {
        return Err(format!("{} is left", node.op()));
    }
    let fused = values(&model, &outputs)?;
    let standard = values(&decomposed.model, &outputs)?;
    for ((name, a), b) in outputs.iter().zip(&fused).zip(&standard) {
        if a.shape != b.shape {
            return Err(format!("{name}: {:?} became {:?}", a.shape, b.shape));
        }
        let tolerance = match a.element() {
            ElementType::F16 => 4e-3,
            _ => 1e-5,
        };
        let (Some(a), Some(b)) = (a.to_f64(), b.to_f64()) else {
            if a == b {
                continue;
            }
            return Err(format!("{name}: {a:?} became {b:?}"));
        };
        let scale = a.iter().fold(1e-3_f64, |most, value| most.max(value.abs()));
        for (position, (a, b)) in a.iter().zip(&b).enumerate() {
            let off = (a - b).abs();
            if off.is_nan() || off > tolerance * scale {
                return Err(format!("{name}[{position}]: {a} became {b}"));
            }
        }
    }
    Ok(())
}

/// Checks numbers and gradients of all cases.
fn check_fused(cases: &[Case]) {
    compare_all(cases);
    check_all(cases);
}

/// Checks the numbers of all cases.
fn compare_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        for symbolic in [false, true] {
            if symbolic && case.is_fixed_only() {
                continue;
            }
            if let Err(reason) = compare(case, symbolic) {
                wrong.push(format!("{} (symbolic {symbolic}): {reason}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Leaves out outputs of the last node.
fn leave_out(builder: &mut GraphBuilder, outputs: &[usize]) {
    let node = builder.graph().node.last_mut().unwrap();
    for output in outputs {
        node.output[*output].clear();
    }
}

/// A value one of whose lengths is not known before it runs.
fn of_any_length(builder: &mut GraphBuilder, x: &Value, length: usize, axis: i64) -> Value {
    let ones = builder.constant(&Tensor::i64(&[length], vec![1; length]));
    let places = builder.node("NonZero", &[&ones], vec![]);
    let places = builder.reshape(&places, &[-1]);
    builder.gather(x, &places, axis)
}

/// A constant of 32-bit whole numbers.
fn list(builder: &mut GraphBuilder, shape: &[usize], values: &[i32]) -> Value {
    builder.constant(&Tensor {
        shape: shape.to_vec(),
        data: TensorData::I32(values.to_vec()),
    })
}

/// A model whose outputs `loss` is the sum of what `build` makes of a weight, and `y` is that itself.
fn model_of(
    weights: &[(&str, Tensor)],
    build: impl Fn(&mut GraphBuilder, &[Value]) -> Value,
) -> Model {
    let mut builder = GraphBuilder::new("fused");
    builder.set_opset(CONTRIB, 1);
    let values: Vec<Value> = weights
        .iter()
        .map(|(name, tensor)| builder.initializer(name, tensor))
        .collect();
    let made = build(&mut builder, &values);
    builder.alias(&made, "y");
    let total = builder.reduce_sum(&made, &[], false);
    builder.alias(&total, "loss");
    builder.untyped_output("loss");
    builder.untyped_output("y");
    builder.finish().unwrap()
}

/// Tables of cosines and sines for some positions.
fn caches(builder: &mut GraphBuilder, positions: usize, pairs: usize) -> (Value, Value) {
    let table = |function: fn(f64) -> f64| {
        let values: Vec<f32> = (0..positions * pairs)
            .map(|at| function((at / pairs) as f64 / 3f64.powi((at % pairs) as i32)) as f32)
            .collect();
        Tensor::f32(&[positions, pairs], values)
    };
    (
        builder.constant(&table(f64::cos)),
        builder.constant(&table(f64::sin)),
    )
}

fn places(builder: &mut GraphBuilder) -> Value {
    builder.constant(&Tensor::i64(&[2, 3], [2, 0, 4, 1, 3, 5]))
}

/// [batch, length, heads * head] as [batch, heads, length, head].
fn heads(builder: &mut GraphBuilder, x: &Value, count: i64, head: i64) -> Value {
    let split = builder.reshape(x, &[0, 0, count, head]);
    builder.transpose(&split, &[0, 2, 1, 3])
}

fn booleans(builder: &mut GraphBuilder, shape: &[usize], values: &[i32]) -> Value {
    builder.constant(&Tensor {
        shape: shape.to_vec(),
        data: TensorData::Bool(values.iter().map(|value| *value != 0).collect()),
    })
}

/// A query of 3 rows, keys and values of 4, with two heads of 4.
fn separate(b: &mut GraphBuilder, v: &[Value]) -> [Value; 3] {
    [
        project(b, &v[0], 8, 8, 1),
        project(b, &v[1], 8, 8, 2),
        project(b, &v[2], 8, 6, 3),
    ]
}

const SEPARATE: &[&[usize]] = &[&[2, 3, 8], &[2, 4, 8], &[2, 4, 8]];
