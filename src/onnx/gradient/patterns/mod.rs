//! Groups of small operators that stand for one larger operator, as exporters write them. The larger one
//! has a gradient with far fewer passes over the data, and keeps fewer values for the way back.
//!
//! A pattern replaces only the node that makes the result. Nodes that nobody reads then are dropped with
//! everything else that no output needs; a value that someone else reads stays.
//!
//! Where there is no larger operator, or it would hide what the way back needs, the group stays as it is
//! and only its gradient is that of one operator: the rule of the group stands in for that of its last
//! node, and hands nothing to the values in between. What others read of those still has a gradient of
//! its own.

mod gated;
mod gelu;
mod guarded_softmax;
mod layer_normalization;
mod rms_normalization;
mod square;
mod swapped_axes;

use std::collections::{HashMap, HashSet};

use super::constants::constants;
use super::rules::Rule;
use crate::onnx::proto::{GraphProto, NodeProto, TensorProto};
use crate::onnx::{ElementType, Model, Tensor, TensorData, ValueType};

/// Puts larger operators in the place of the groups that are found. What is trained is no constant.
pub(super) fn simplify(
    mut model: Model,
    types: &HashMap<String, ValueType>,
    trainable: &[String],
) -> Model {
    let graph = Finder::new(model.graph(), types, trainable);
    let mut replacements = layer_normalization::find(&graph);
    replacements.extend(square::find(&graph));
    replacements.extend(swapped_axes::find(&graph));
    let gelus = gelu::find(&graph);
    if !gelus.is_empty() && can_have_gelu(&model) {
        replacements.extend(gelus);
        raise(&mut model);
    }
    replace(model, replacements)
}

/// The node that makes a value, to be put in the place of the one that did.
type Replacement = (String, NodeProto);

fn replace(mut model: Model, replacements: Vec<Replacement>) -> Model {
    let mut replacements: HashMap<String, NodeProto> = replacements.into_iter().collect();
    if replacements.is_empty() {
        return model;
    }
    for node in &mut model.graph_mut().node {
        let [output] = node.output.as_slice() else {
            continue;
        };
        if let Some(found) = replacements.remove(output) {
            node.op_type = found.op_type;
            node.input = found.input;
            node.attribute = found.attribute;
            node.domain = None;
        }
    }
    model
}

/// A group that stays in the forward graph and is differentiated as one operator.
pub(super) struct Group {
    /// What the rule gets in the place of the group's last node: it reads values of the forward graph by
    /// their names, and has that node's outputs.
    pub node: NodeProto,
    /// The rule of the whole group.
    pub rule: Rule,
}

/// The groups by their results. What is trained is no constant.
pub(super) fn groups(
    model: &Model,
    types: &HashMap<String, ValueType>,
    trainable: &[String],
) -> HashMap<String, Group> {
    let graph = Finder::new(model.graph(), types, trainable);
    let ends = graph.producers.iter();
    let found = ends.filter_map(|(name, node)| {
        let group = match node.op() {
            "Where" => guarded_softmax::find(&graph, node),
            "Mul" | "Div" => {
                gated::find(&graph, node).or_else(|| rms_normalization::find(&graph, node))
            }
            _ => None,
        };
        Some(((*name).to_owned(), group?))
    });
    found.collect()
}

/// The version of the standard operators that brought Gelu, and the version of the format for it.
const WITH_GELU: (i64, i64) = (20, 9);

/// Whether a model has Gelu, or its operators mean the same in the version that does.
fn can_have_gelu(model: &Model) -> bool {
    let changed = |node: &NodeProto| {
        let nested = node.attribute.iter().any(|one| one.g.is_some());
        nested || matches!(node.op(), "DFT" | "GridSample")
    };
    let old = model.opset() < WITH_GELU.0;
    !old || model.opset() >= 18 && !model.graph().node.iter().any(changed)
}

/// Asks for the version of the standard operators that has Gelu.
fn raise(model: &mut Model) {
    let (operators, format) = WITH_GELU;
    for set in &mut model.proto.opset_import {
        if matches!(set.domain.as_deref(), None | Some("" | "ai.onnx")) {
            set.version = set.version.max(Some(operators));
        }
    }
    model.proto.ir_version = model.proto.ir_version.max(Some(format));
}

/// Looks for what makes and what reads a value.
struct Finder<'a> {
    graph: &'a GraphProto,
    types: &'a HashMap<String, ValueType>,
    producers: HashMap<&'a str, &'a NodeProto>,
    consumers: HashMap<&'a str, Vec<&'a NodeProto>>,
    constants: HashMap<String, TensorProto>,
}

impl<'a> Finder<'a> {
    fn new(
        graph: &'a GraphProto,
        types: &'a HashMap<String, ValueType>,
        trainable: &[String],
    ) -> Finder<'a> {
        let trainable: HashSet<&str> = trainable.iter().map(String::as_str).collect();
        let mut constants = constants(graph);
        constants.retain(|name, _| !trainable.contains(name.as_str()));
        let standard =
            |node: &&NodeProto| matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"));
        let mut producers = HashMap::new();
        let mut consumers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in graph.node.iter().filter(standard) {
            if let [output] = node.output.as_slice() {
                producers.insert(output.as_str(), node);
            }
            for input in &node.input {
                consumers.entry(input).or_default().push(node);
            }
        }
        Finder {
            graph,
            types,
            producers,
            consumers,
            constants,
        }
    }

    /// The node that makes a value, when it is of this operator.
    fn made_by(&self, name: &str, operator: &str) -> Option<&'a NodeProto> {
        let node = self.producers.get(name)?;
        (node.op() == operator).then_some(*node)
    }

    /// A constant of one element.
    fn number(&self, name: &str) -> Option<f64> {
        let tensor = Tensor::from_proto(self.constants.get(name)?).ok()?;
        match (&tensor.data, tensor.to_f64().as_deref()) {
            (_, Some([value])) => Some(*value),
            (TensorData::I64(values), _) if values.len() == 1 => Some(values[0] as f64),
            _ => None,
        }
    }

    /// A constant list of whole numbers.
    fn integers(&self, name: &str) -> Option<Vec<i64>> {
        match Tensor::from_proto(self.constants.get(name)?).ok()?.data {
            TensorData::I64(values) => Some(values),
            _ => None,
        }
    }

    /// Whether two values are certainly of the same shape.
    fn same_shape(&self, a: &str, b: &str) -> bool {
        match (self.types.get(a), self.types.get(b)) {
            (Some(a), Some(b)) => {
                let mut pairs = a.dimensions.iter().zip(&b.dimensions);
                a.rank() > 0 && a.rank() == b.rank() && pairs.all(|(a, b)| a.same(b))
            }
            _ => false,
        }
    }

    /// Whether two values are of 32-bit floats and have as many dimensions: what the larger operators
    /// have kernels for everywhere, and no constant that broadcasts to more dimensions.
    fn alike(&self, a: &str, b: &str) -> bool {
        match (self.types.get(a), self.types.get(b)) {
            (Some(a), Some(b)) => {
                a.element == ElementType::F32
                    && b.element == ElementType::F32
                    && a.rank() == b.rank()
            }
            _ => false,
        }
    }
}
