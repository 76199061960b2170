//! Brings the standard operators of a model from version 11 or newer to version 18, where a few
//! attributes have become inputs and some defaults have changed. Newer versions stay as they are.
//!
//! What changed, by version:
//! * 12: `Dropout` takes its ratio as an input.
//! * 13: `Squeeze`, `Unsqueeze`, `ReduceSum` and `Split` take axes and sizes as inputs; `Softmax`,
//!   `LogSoftmax` and `Hardmax` work along one axis instead of all from that axis on; `Resize` has
//!   lost one of its modes and takes names that are left out instead of empty lists.
//! * 14: `BatchNormalization` says in an attribute whether it trains.
//! * 16: `RoiAlign` has another default for how it maps coordinates.
//! * 18: the other reductions take axes as inputs; `Split` without sizes says how many parts it makes.
//!
//! All other changes up to 18 add element types, or attributes and inputs whose defaults keep the
//! meaning. `Upsample` and `Scatter`, which ended with version 10, still occur in files and have
//! exact successors.

use std::collections::{HashMap, HashSet};

use super::check::{domain, quoted};
use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    attribute_type,
};
use super::{OnnxError, Tensor, visit};

/// Version that models are brought to.
const TARGET: i64 = 18;
/// Oldest version that can be brought there.
const OLDEST: i64 = 11;
/// Version of the file format that goes with the target.
const IR_VERSION: i64 = 8;

/// A model with standard operators of at least version 18.
///
/// # Errors
/// [`OnnxError::Upgrade`].
pub(super) fn upgrade(model: &ModelProto) -> Result<ModelProto, OnnxError> {
    let mut made = model.clone();
    let prefix = visit::fresh_prefix(model, "upgraded");
    let mut counter = 0;
    if let (Some(version), Some(graph)) = (version(&model.opset_import)?, &mut made.graph) {
        Upgrade::new(version, &prefix, &mut counter).graph(graph)?;
        set_version(&mut made.opset_import);
        // Before version 4 of the format every constant had to be an input as well; now that would
        // say that callers may replace it.
        if made.ir_version.unwrap_or(0) < 4 {
            let constants: HashSet<&str> = graph
                .initializer
                .iter()
                .filter_map(|tensor| tensor.name.as_deref())
                .collect();
            graph.input.retain(|value| {
                !value
                    .name
                    .as_deref()
                    .is_some_and(|name| constants.contains(name))
            });
        }
        made.ir_version = Some(made.ir_version.unwrap_or(0).max(IR_VERSION));
    }
    for function in &mut made.functions {
        if let Some(version) = version(&function.opset_import)? {
            let mut upgrade = Upgrade::new(version, &prefix, &mut counter);
            let nodes = std::mem::take(&mut function.node);
            let (constants, nodes) = upgrade.nodes(nodes)?;
            // A function has no initializers.
            function.node = constants
                .into_iter()
                .map(constant_node)
                .chain(nodes)
                .collect();
            set_version(&mut function.opset_import);
        }
    }
    Ok(made)
}

/// The version of the standard operators, when it has to be raised.
fn version(imports: &[OperatorSetIdProto]) -> Result<Option<i64>, OnnxError> {
    let standard = |set: &&OperatorSetIdProto| domain(set.domain.as_deref()).is_empty();
    let Some(version) = imports.iter().find(standard).and_then(|set| set.version) else {
        return Ok(None);
    };
    if version < OLDEST {
        return Err(OnnxError::Upgrade {
            version,
            reason: format!(
                "only versions from {OLDEST} on can be brought to {TARGET}; export it again"
            ),
        });
    }
    Ok((version < TARGET).then_some(version))
}

fn set_version(imports: &mut [OperatorSetIdProto]) {
    for set in imports {
        if domain(set.domain.as_deref()).is_empty() {
            set.version = Some(TARGET);
        }
    }
}

fn constant_node(tensor: TensorProto) -> NodeProto {
    let name = tensor.name.clone().unwrap_or_default();
    NodeProto {
        output: vec![name.clone()],
        name: Some(format!("node.{name}")),
        op_type: Some("Constant".into()),
        attribute: vec![AttributeProto::tensor("value", tensor)],
        ..Default::default()
    }
}

struct Upgrade<'a> {
    version: i64,
    prefix: &'a str,
    counter: &'a mut usize,
    /// Constants of the graph at hand, lists of integers by what they hold.
    constants: Vec<TensorProto>,
    lists: HashMap<Vec<i64>, String>,
    /// Names of constants without elements.
    empty: HashSet<String>,
    /// Ranks that the graph at hand declares.
    ranks: HashMap<String, usize>,
}

impl<'a> Upgrade<'a> {
    fn new(version: i64, prefix: &'a str, counter: &'a mut usize) -> Upgrade<'a> {
        Upgrade {
            version,
            prefix,
            counter,
            constants: Vec::new(),
            lists: HashMap::new(),
            empty: HashSet::new(),
            ranks: HashMap::new(),
        }
    }

    fn graph(&mut self, graph: &mut GraphProto) -> Result<(), OnnxError> {
        let has_no_elements = |tensor: &&TensorProto| tensor.dims.contains(&0);
        for tensor in graph.initializer.iter().filter(has_no_elements) {
            self.empty.extend(tensor.name.clone());
        }
        let outer = std::mem::replace(&mut self.ranks, ranks(graph));
        let nodes = std::mem::take(&mut graph.node);
        let (constants, nodes) = self.nodes(nodes)?;
        graph.node = nodes;
        graph.initializer.extend(constants);
        self.ranks = outer;
        Ok(())
    }

    /// The nodes that take the place of a list of nodes, and their new constants.
    fn nodes(
        &mut self,
        nodes: Vec<NodeProto>,
    ) -> Result<(Vec<TensorProto>, Vec<NodeProto>), OnnxError> {
        let constants = std::mem::take(&mut self.constants);
        let lists = std::mem::take(&mut self.lists);
        let mut made = Vec::with_capacity(nodes.len());
        for mut node in nodes {
            for attribute in &mut node.attribute {
                for graph in attribute.all_graphs_mut() {
                    self.graph(graph)?;
                }
            }
            if domain(node.domain.as_deref()).is_empty() {
                self.node(node, &mut made)?;
            } else {
                made.push(node);
            }
        }
        self.lists = lists;
        Ok((std::mem::replace(&mut self.constants, constants), made))
    }

    fn node(&mut self, mut node: NodeProto, made: &mut Vec<NodeProto>) -> Result<(), OnnxError> {
        let version = self.version;
        match node.op() {
            "Constant" => {
                let value = node
                    .find("value")
                    .and_then(|attribute| attribute.t.as_ref());
                if value.is_some_and(|tensor| tensor.dims.contains(&0)) {
                    self.empty.extend(node.output.first().cloned());
                }
            }
            "Dropout" if version < 12 => {
                let ratio = take(&mut node, "ratio").and_then(|attribute| attribute.f);
                if let Some(ratio) = ratio {
                    let ratio = self.constant(&Tensor::scalar(ratio));
                    set_input(&mut node, 1, ratio);
                }
            }
            "Squeeze" | "Unsqueeze" | "ReduceSum" if version < 13 => {
                self.list_to_input(&mut node, "axes", made);
            }
            "ReduceL1" | "ReduceL2" | "ReduceLogSum" | "ReduceLogSumExp" | "ReduceMax"
            | "ReduceMean" | "ReduceMin" | "ReduceProd" | "ReduceSumSquare" => {
                self.list_to_input(&mut node, "axes", made);
            }
            "Split" => {
                if version < 13 {
                    self.list_to_input(&mut node, "split", made);
                }
                if node.input.get(1).is_none_or(String::is_empty) {
                    node.input.truncate(1);
                    let parts = node.output.len() as i64;
                    node.attribute
                        .push(AttributeProto::int("num_outputs", parts));
                }
            }
            "Softmax" | "LogSoftmax" | "Hardmax" if version < 13 => {
                return self.softmax(node, made);
            }
            "BatchNormalization" if version < 14 => batch_normalization(&mut node, version)?,
            "RoiAlign" if version < 16 => node.attribute.push(AttributeProto::text(
                "coordinate_transformation_mode",
                "output_half_pixel",
            )),
            "Resize" => self.resize(&mut node)?,
            "Upsample" => upsample(&mut node, version)?,
            "Scatter" => node.op_type = Some("ScatterElements".into()),
            _ => {}
        }
        made.push(node);
        Ok(())
    }

    fn fresh(&mut self) -> String {
        *self.counter += 1;
        format!("{}{}", self.prefix, self.counter)
    }

    fn constant(&mut self, tensor: &Tensor) -> String {
        let name = self.fresh();
        self.constants.push(tensor.to_proto(&name));
        name
    }

    /// Turns a list attribute into the second input.
    fn list_to_input(&mut self, node: &mut NodeProto, name: &str, made: &mut Vec<NodeProto>) {
        let Some(attribute) = take(node, name) else {
            return;
        };
        if attribute
            .ref_attr_name
            .as_deref()
            .is_some_and(|name| !name.is_empty())
        {
            // The list is only known where the function is called.
            let list = self.fresh();
            made.push(NodeProto {
                output: vec![list.clone()],
                name: Some(format!("node.{list}")),
                op_type: Some("Constant".into()),
                attribute: vec![AttributeProto {
                    name: Some("value_ints".into()),
                    r#type: Some(attribute_type::INTS),
                    ref_attr_name: attribute.ref_attr_name,
                    ..Default::default()
                }],
                ..Default::default()
            });
            set_input(node, 1, list);
            return;
        }
        // Without any axis they all are meant, as without the input.
        if attribute.ints.is_empty() {
            return;
        }
        let list = match self.lists.get(&attribute.ints) {
            Some(list) => list.clone(),
            None => {
                let list = self.constant(&Tensor::i64(
                    &[attribute.ints.len()],
                    attribute.ints.as_slice(),
                ));
                self.lists.insert(attribute.ints, list.clone());
                list
            }
        };
        set_input(node, 1, list);
    }

    /// Up to version 12, all axes from the given one on are one long axis.
    fn softmax(&mut self, mut node: NodeProto, made: &mut Vec<NodeProto>) -> Result<(), OnnxError> {
        let axis = node.int("axis", 1);
        let (Some(x), Some(y)) = (node.input.first().cloned(), node.output.first().cloned()) else {
            return Err(self.failed(&node, "no input or no output"));
        };
        let rank = self.ranks.get(&x).map(|rank| *rank as i64);
        take(&mut node, "axis");
        node.attribute.push(AttributeProto::int("axis", -1));
        if axis == -1 || rank.is_some_and(|rank| axis == rank - 1) {
            made.push(node);
            return Ok(());
        }
        let (shape, flat, result) = (self.fresh(), self.fresh(), self.fresh());
        made.push(plain("Shape", &[&x], &shape, Vec::new()));
        made.push(plain(
            "Flatten",
            &[&x],
            &flat,
            vec![AttributeProto::int("axis", axis)],
        ));
        node.input = vec![flat];
        node.output = vec![result.clone()];
        made.push(node);
        // A length of 0 is one, not a sign to keep what is there.
        let attributes = vec![AttributeProto::int("allowzero", 1)];
        made.push(plain("Reshape", &[&result, &shape], &y, attributes));
        Ok(())
    }

    fn resize(&mut self, node: &mut NodeProto) -> Result<(), OnnxError> {
        for name in node.input.iter_mut().skip(1) {
            if self.empty.contains(name.as_str()) {
                name.clear();
            }
        }
        while node.input.last().is_some_and(String::is_empty) {
            node.input.pop();
        }
        if node.text("coordinate_transformation_mode", "") != "tf_half_pixel_for_nn" {
            return Ok(());
        }
        // `floor(a)` is the nearest to `a - 0.5` when the higher of two is taken.
        let nearest = node.text("mode", "nearest") == "nearest";
        if !nearest || node.text("nearest_mode", "round_prefer_floor") != "floor" {
            return Err(self.failed(node, "its mode tf_half_pixel_for_nn has no successor"));
        }
        for (name, value) in [
            ("coordinate_transformation_mode", "half_pixel"),
            ("nearest_mode", "round_prefer_ceil"),
        ] {
            take(node, name);
            node.attribute.push(AttributeProto::text(name, value));
        }
        Ok(())
    }

    fn failed(&self, node: &NodeProto, reason: &str) -> OnnxError {
        failed(self.version, node, reason)
    }
}

fn failed(version: i64, node: &NodeProto, reason: &str) -> OnnxError {
    OnnxError::Upgrade {
        version,
        reason: format!(
            "{} (node {:?}): {reason}",
            quoted(node.op()),
            quoted(node.name.as_deref().unwrap_or(""))
        ),
    }
}

/// Before version 14, a node trains when it has more than one output.
fn batch_normalization(node: &mut NodeProto, version: i64) -> Result<(), OnnxError> {
    while node.output.last().is_some_and(String::is_empty) {
        node.output.pop();
    }
    if node.output.len() > 3 {
        return Err(failed(
            version,
            node,
            "the mean and variance of the batch have no successor",
        ));
    }
    if node.output.len() > 1 {
        node.attribute.push(AttributeProto::int("training_mode", 1));
    }
    Ok(())
}

fn upsample(node: &mut NodeProto, version: i64) -> Result<(), OnnxError> {
    if node.input.len() != 2 {
        return Err(failed(version, node, "no scales as an input"));
    }
    node.op_type = Some("Resize".into());
    node.input.insert(1, String::new());
    let attributes = [
        ("coordinate_transformation_mode", "asymmetric"),
        ("nearest_mode", "floor"),
    ];
    for (name, value) in attributes {
        node.attribute.push(AttributeProto::text(name, value));
    }
    Ok(())
}

/// Ranks of values that a graph declares.
fn ranks(graph: &GraphProto) -> HashMap<String, usize> {
    let values = graph.input.iter().chain(&graph.value_info);
    let values = values.filter_map(|value| {
        let shape = value
            .r#type
            .as_ref()?
            .tensor_type
            .as_ref()?
            .shape
            .as_ref()?;
        Some((value.name.clone()?, shape.dim.len()))
    });
    let constants = graph.initializer.iter();
    let constants = constants.filter_map(|tensor| Some((tensor.name.clone()?, tensor.dims.len())));
    values.chain(constants).collect()
}

fn take(node: &mut NodeProto, name: &str) -> Option<AttributeProto> {
    let place = node
        .attribute
        .iter()
        .position(|attribute| attribute.name.as_deref() == Some(name))?;
    Some(node.attribute.remove(place))
}

fn set_input(node: &mut NodeProto, place: usize, name: String) {
    node.input.truncate(place);
    node.input.resize(place, String::new());
    node.input.push(name);
}

fn plain(
    operator: &str,
    inputs: &[&String],
    output: &str,
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        input: inputs.iter().map(|name| (*name).clone()).collect(),
        output: vec![output.to_owned()],
        name: Some(format!("node.{output}")),
        op_type: Some(operator.to_owned()),
        attribute,
        ..Default::default()
    }
}
