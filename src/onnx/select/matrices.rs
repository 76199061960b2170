//! The matrix products whose weight is a constant: what low-rank adapters are put beside.

use std::collections::{HashMap, HashSet};

use super::names::{self, Surroundings};
use super::{Place, Why, shape};
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::{ElementType, Model, OnnxError, Tensor, TensorData};

/// A matrix product with a constant weight: `[.., rows]` times `[rows, columns]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Position of the node in the graph.
    pub node: usize,
    /// Name of the node; of its output when it has none.
    pub name: String,
    /// `MatMul`, `Gemm` or `MatMulNBits`.
    pub operator: String,
    /// What a person would call the layer: the weight's name without `.weight`, the bias's name
    /// without `.bias`, the module that the exporter noted, or the node. No two are the same.
    pub label: String,
    /// The value that is multiplied with the weight.
    pub input: String,
    /// What the node makes.
    pub output: String,
    /// The constant that holds the weight's elements, before any node changed its form: an
    /// initializer, or the output of a `Constant` node.
    pub weight: String,
    /// The value that the node reads as its weight.
    pub operand: String,
    /// Length of what is multiplied.
    pub rows: usize,
    /// Length of the result.
    pub columns: usize,
    /// Whether the node reads its weight as `[columns, rows]` (`Gemm` with `transB`, and
    /// `MatMulNBits`).
    pub transposed: bool,
    /// Element type of the input and the output.
    pub element: ElementType,
    /// The bias, of the node itself or of the next one.
    pub bias: Option<String>,
    /// Why it was chosen.
    pub why: Why,
}

/// Form and origin of a constant value.
#[derive(Debug, Clone)]
struct Constant<'a> {
    origin: &'a str,
    shape: Vec<usize>,
    element: ElementType,
    tensor: Option<&'a TensorProto>,
}

/// The `MatMul`, `Gemm` and `MatMulNBits` nodes that patterns choose, in the order of the file, of
/// those whose weight is a constant matrix: an initializer, or one behind nodes of constants only
/// (`Cast`, `DequantizeLinear`, `Mul`, `Transpose`, ...), as weight-only quantisation leaves it.
/// Patterns are matched as in [`super::weights`].
///
/// # Errors
/// [`OnnxError::Pattern`] as there.
pub fn matrices(model: &Model, patterns: &[&str]) -> Result<Vec<Matrix>, OnnxError> {
    let expressions = names::compile(patterns)?;
    let graph = model.graph();
    let surroundings = Surroundings::of(graph);
    let constants = constants(model);
    let mut used = vec![false; patterns.len()];
    let mut labels = HashSet::new();
    let mut all = Vec::new();
    let mut selected = Vec::new();
    for (position, node) in graph.node.iter().enumerate() {
        let Some(product) = product(node, &constants) else {
            continue;
        };
        let places: Vec<(Place, &str)> = std::iter::once((Place::Weight, product.origin))
            .chain(surroundings.of_node(node))
            .collect();
        let bias = surroundings.bias(node);
        let label = distinct(&mut labels, label(node, product.origin, bias));
        let mut first = None;
        for (position, expression) in expressions.iter().enumerate() {
            if let Some(why) = names::find(expression, places.iter().cloned()) {
                used[position] = true;
                first.get_or_insert(why);
            }
        }
        all.push(label.clone());
        let (Some(why), Some(output)) = (first, node.output.first()) else {
            continue;
        };
        selected.push(Matrix {
            node: position,
            name: named(node).to_owned(),
            operator: node.op().to_owned(),
            label,
            input: product.input.to_owned(),
            output: output.clone(),
            weight: product.origin.to_owned(),
            operand: product.operand.to_owned(),
            rows: product.rows,
            columns: product.columns,
            transposed: product.transposed,
            element: product.element,
            bias: bias.map(str::to_owned),
            why,
        });
    }
    names::all_used(
        patterns,
        &used,
        "matrix product with a constant weight",
        || all,
    )?;
    Ok(selected)
}

struct Product<'a> {
    input: &'a str,
    operand: &'a str,
    origin: &'a str,
    rows: usize,
    columns: usize,
    transposed: bool,
    element: ElementType,
}

/// Reads a node as a product of a value with a constant matrix.
fn product<'a>(
    node: &'a NodeProto,
    constants: &HashMap<&'a str, Constant<'a>>,
) -> Option<Product<'a>> {
    let (input, operand) = (node.input.first()?.as_str(), node.input.get(1)?.as_str());
    if constants.contains_key(input) {
        return None;
    }
    let weight = constants.get(operand)?;
    let (rows, columns, transposed, element) = match node.op() {
        "MatMulNBits" => {
            let length = |name| usize::try_from(node.int(name, 0)).ok().filter(|n| *n > 0);
            let scales = constants.get(node.input.get(2)?.as_str())?;
            (length("K")?, length("N")?, true, scales.element)
        }
        "MatMul" if standard(node) => {
            let [rows, columns] = weight.shape[..] else {
                return None;
            };
            (rows, columns, false, weight.element)
        }
        // An input that is read transposed has no rows to put an adapter beside.
        "Gemm" if standard(node) && node.int("transA", 0) == 0 => {
            let [first, second] = weight.shape[..] else {
                return None;
            };
            match node.int("transB", 0) {
                0 => (first, second, false, weight.element),
                _ => (second, first, true, weight.element),
            }
        }
        _ => return None,
    };
    element.is_float().then_some(Product {
        input,
        operand,
        origin: weight.origin,
        rows,
        columns,
        transposed,
        element,
    })
}

fn standard(node: &NodeProto) -> bool {
    matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"))
}

/// Values that are made of constants only, as far as their form is known.
fn constants(model: &Model) -> HashMap<&str, Constant<'_>> {
    let graph = model.graph();
    fn constant<'a>(name: &'a str, tensor: &'a TensorProto) -> Constant<'a> {
        Constant {
            origin: name,
            shape: shape(tensor),
            element: ElementType::from_code(tensor.data_type.unwrap_or(0)),
            tensor: Some(tensor),
        }
    }
    let initializers = graph.initializer.iter();
    let mut known: HashMap<&str, Constant> = initializers
        .filter_map(|tensor| {
            let name = tensor.name.as_deref()?;
            Some((name, constant(name, tensor)))
        })
        .collect();
    // An initializer that is also an input may be replaced at run time, but is there to be read.
    for node in &graph.node {
        let Some(output) = node.output.first().filter(|output| !output.is_empty()) else {
            continue;
        };
        let made = if node.op() == "Constant" {
            let tensor = node
                .find("value")
                .and_then(|attribute| attribute.t.as_deref());
            tensor.map(|tensor| constant(output, tensor))
        } else {
            changed(node, &known)
        };
        if let Some(made) = made {
            known.insert(output, made);
        }
    }
    known
}

/// What a node makes of constants.
fn changed<'a>(node: &NodeProto, known: &HashMap<&'a str, Constant<'a>>) -> Option<Constant<'a>> {
    let given = |position: usize| {
        let name = node.input.get(position)?;
        known.get(name.as_str()).cloned()
    };
    let is_constant = |name: &String| name.is_empty() || known.contains_key(name.as_str());
    if node.input.is_empty() || !node.input.iter().all(is_constant) {
        return None;
    }
    let first = Constant {
        tensor: None,
        ..given(0)?
    };
    match node.op() {
        "Cast" => {
            let element = ElementType::from_code(i32::try_from(node.int("to", 0)).ok()?);
            Some(Constant { element, ..first })
        }
        "Transpose" => {
            let order: Vec<usize> = match node.find("perm").map(|perm: &AttributeProto| &perm.ints)
            {
                Some(order) => order
                    .iter()
                    .map(|axis| usize::try_from(*axis).ok())
                    .collect::<Option<_>>()?,
                None => (0..first.shape.len()).rev().collect(),
            };
            let shape = order.iter().map(|axis| first.shape.get(*axis).copied());
            let shape: Option<Vec<usize>> = shape.collect();
            Some(Constant {
                shape: shape.filter(|shape| shape.len() == first.shape.len())?,
                ..first
            })
        }
        "DequantizeLinear" => Some(Constant {
            element: given(1)?.element,
            ..first
        }),
        "Add" | "Sub" | "Mul" | "Div" => {
            let second = Constant {
                tensor: None,
                ..given(1)?
            };
            let elements = |of: &Constant| product_of(&of.shape);
            // Scales and zero points are broadcast to the weight, which is the larger one.
            if elements(&second) > elements(&first) {
                Some(second)
            } else {
                Some(first)
            }
        }
        "Reshape" => Some(Constant {
            shape: reshaped(&first.shape, given(1)?.tensor?)?,
            ..first
        }),
        "Identity" => Some(first),
        _ => None,
    }
}

/// The shape that a constant asks for, whose -1 stands for what is left and 0 for what was there.
fn reshaped(from: &[usize], wanted: &TensorProto) -> Option<Vec<usize>> {
    let TensorData::I64(wanted) = Tensor::from_proto(wanted).ok()?.data else {
        return None;
    };
    let mut shape = Vec::with_capacity(wanted.len());
    for (position, length) in wanted.iter().enumerate() {
        shape.push(match length {
            0 => *from.get(position)?,
            -1 => 1,
            length => usize::try_from(*length).ok()?,
        });
    }
    if let Some(open) = wanted.iter().position(|length| *length == -1) {
        let rest = product_of(&shape)?.max(1);
        shape[open] = product_of(from)? / rest;
    }
    (product_of(&shape) == product_of(from)).then_some(shape)
}

fn product_of(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |product, length| product.checked_mul(*length))
}

fn named(node: &NodeProto) -> &str {
    node.name
        .as_deref()
        .filter(|name| !name.is_empty())
        .or(node.output.first().map(String::as_str))
        .unwrap_or("")
}

fn label(node: &NodeProto, weight: &str, bias: Option<&str>) -> String {
    for suffix in [".weight", "/kernel", ".kernel", ":weight"] {
        if let Some(stem) = weight.strip_suffix(suffix) {
            return stem.to_owned();
        }
    }
    if let Some(stem) = bias.and_then(|bias| bias.strip_suffix(".bias")) {
        return stem.to_owned();
    }
    module(node).unwrap_or_else(|| named(node).to_owned())
}

/// The innermost module that the exporter noted on a node: the last but one of a list such as
/// `['', 'encoder', 'encoder.layer.0.query', 'linear_3']`, whose last is the operation itself.
fn module(node: &NodeProto) -> Option<String> {
    let notes = node.metadata_props.iter();
    let mut scopes = notes.filter(|note| note.key.as_deref() == Some("pkg.torch.onnx.name_scopes"));
    let list = scopes.next()?.value.as_deref()?;
    let mut names = list
        .trim_matches(['[', ']'])
        .split(',')
        .map(|name| name.trim().trim_matches(['\'', '"']));
    names
        .nth_back(1)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

fn distinct(taken: &mut HashSet<String>, label: String) -> String {
    let mut candidate = label.clone();
    let mut number = 1;
    while !taken.insert(candidate.clone()) {
        number += 1;
        candidate = format!("{label}.{number}");
    }
    candidate
}
