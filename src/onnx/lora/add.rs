//! Putting low-rank branches beside matrix products.

use std::collections::HashSet;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::{Adapter, PREFIX, adapters, note};
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::{ElementType, Model, OnnxError, Tensor, select};

/// Where adapters stand and how large they are.
#[derive(Debug, Clone)]
pub struct LoraOptions {
    /// Patterns of the products, matched as in [`select::matrices`].
    pub targets: Vec<String>,
    /// Columns of the first factor, rows of the second.
    pub rank: usize,
    /// The branch is multiplied by this over the rank.
    pub alpha: f32,
    /// Seed of the first factor; the second is zero, so that nothing changes at first.
    pub seed: u64,
}

/// Adds a branch beside every product that the patterns choose, and returns the adapters in the order
/// of the graph.
///
/// # Errors
/// [`OnnxError::Pattern`] for a pattern that chooses nothing, [`OnnxError::Invalid`] for a rank that
/// makes no sense or a model that has adapters.
pub fn add(model: &Model, options: &LoraOptions) -> Result<(Model, Vec<Adapter>), OnnxError> {
    if !adapters(model)?.is_empty() {
        return Err(OnnxError::Invalid(
            "it has adapters already; merge them first".into(),
        ));
    }
    let patterns: Vec<&str> = options.targets.iter().map(String::as_str).collect();
    let chosen = select::matrices(model, &patterns)?;
    if let Some(small) = chosen
        .iter()
        .find(|matrix| options.rank == 0 || options.rank > matrix.rows.min(matrix.columns))
    {
        return Err(OnnxError::Invalid(format!(
            "rank {} for {:?}, a matrix of {} by {}: it must lie between 1 and the smaller length",
            options.rank, small.label, small.rows, small.columns
        )));
    }
    let mut model = model.clone();
    let taken = names(&model);
    let scale = options.alpha / options.rank as f32;
    let mut random = ChaCha12Rng::seed_from_u64(options.seed);
    let mut added = Vec::with_capacity(chosen.len());
    let mut branches: Vec<(usize, Vec<NodeProto>)> = Vec::new();
    for matrix in chosen {
        let name = |part: &str| format!("{PREFIX}{}.{part}", matrix.label);
        let adapter = Adapter {
            a: name("a"),
            b: name("b"),
            scale,
            weight: matrix.weight,
            operand: matrix.operand,
            base: name("base"),
            output: matrix.output,
            rows: matrix.rows,
            columns: matrix.columns,
            transposed: matrix.transposed,
            label: matrix.label.clone(),
        };
        let scale_name = name("scale");
        for new in [&adapter.a, &adapter.b, &adapter.base, &scale_name] {
            if taken.contains(new) {
                return Err(OnnxError::Invalid(format!("the name {new:?} is taken")));
            }
        }
        // As the usual implementations: the first factor is uniform within 1/sqrt(rows).
        let bound = 1.0 / (matrix.rows as f64).sqrt();
        let mut draw = |count: usize| -> Vec<f64> {
            (0..count)
                .map(|_| random.random_range(-bound..bound))
                .collect()
        };
        let (rows, columns, rank) = (matrix.rows, matrix.columns, options.rank);
        let double = matrix.element == ElementType::F64;
        let tensor = |shape: &[usize], values: Vec<f64>| match double {
            true => Tensor::f64(shape, values),
            false => Tensor::f32(shape, values.iter().map(|v| *v as f32).collect::<Vec<_>>()),
        };
        let first = tensor(&[rows, rank], draw(rows * rank));
        let second = tensor(&[rank, columns], vec![0.0; rank * columns]);
        let factor = Tensor {
            shape: Vec::new(),
            ..tensor(&[1], vec![f64::from(scale)])
        };
        let initializers: [TensorProto; 3] = [
            first.to_proto(&adapter.a),
            second.to_proto(&adapter.b),
            factor.to_proto(&scale_name),
        ];
        model.graph_mut().initializer.extend(initializers);
        if let Some(node) = model.graph_mut().node.get_mut(matrix.node) {
            for output in node.output.iter_mut().filter(|o| **o == adapter.output) {
                output.clone_from(&adapter.base);
            }
        }
        let nodes = branch(&adapter, &matrix.input, matrix.element, &scale_name, name);
        branches.push((matrix.node, nodes));
        added.push(adapter);
    }
    insert(&mut model, branches);
    note(&mut model, &added)?;
    model.check()?;
    Ok((model, added))
}

/// `output = base + (x A scale) B`, in 32 bits where the base computes in fewer. The scale stands
/// where the values are fewest.
fn branch(
    adapter: &Adapter,
    input: &str,
    element: ElementType,
    scale: &str,
    name: impl Fn(&str) -> String,
) -> Vec<NodeProto> {
    let node = |operator: &str, inputs: &[&str], output: &str, attributes| NodeProto {
        input: inputs.iter().map(ToString::to_string).collect(),
        output: vec![output.to_owned()],
        name: Some(format!("{PREFIX}{}.{operator}.{output}", adapter.label)),
        op_type: Some(operator.to_owned()),
        attribute: attributes,
        ..Default::default()
    };
    let narrow = !matches!(element, ElementType::F32 | ElementType::F64);
    let cast = |to: ElementType| vec![AttributeProto::int("to", i64::from(to.code()))];
    let mut nodes = Vec::new();
    let mut x = input.to_owned();
    if narrow {
        x = name("wide");
        nodes.push(node("Cast", &[input], &x, cast(ElementType::F32)));
    }
    let (down, scaled) = (name("down"), name("scaled"));
    let mut up = name("up");
    nodes.push(node("MatMul", &[&x, &adapter.a], &down, Vec::new()));
    nodes.push(node("Mul", &[&down, scale], &scaled, Vec::new()));
    nodes.push(node("MatMul", &[&scaled, &adapter.b], &up, Vec::new()));
    if narrow {
        let narrowed = name("narrow");
        nodes.push(node("Cast", &[&up], &narrowed, cast(element)));
        up = narrowed;
    }
    nodes.push(node(
        "Add",
        &[&adapter.base, &up],
        &adapter.output,
        Vec::new(),
    ));
    nodes
}

/// Puts each branch behind its product.
fn insert(model: &mut Model, branches: Vec<(usize, Vec<NodeProto>)>) {
    let graph = model.graph_mut();
    let mut branches = branches.into_iter().peekable();
    let mut nodes = Vec::with_capacity(graph.node.len());
    for (position, node) in graph.node.drain(..).enumerate() {
        nodes.push(node);
        while let Some((_, branch)) = branches.next_if(|(at, _)| *at == position) {
            nodes.extend(branch);
        }
    }
    graph.node = nodes;
}

/// All names of values.
fn names(model: &Model) -> HashSet<String> {
    let graph = model.graph();
    let initializers = graph.initializer.iter().filter_map(|t| t.name.clone());
    let inputs = graph.input.iter().filter_map(|value| value.name.clone());
    let outputs = graph.node.iter().flat_map(|node| node.output.clone());
    initializers.chain(inputs).chain(outputs).collect()
}
