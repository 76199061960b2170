//! What a gradient rule may use: the graph so far, what is known of the forward values, and gradients to
//! hand out. Shapes and pieces have files of their own.

use std::collections::{HashMap, HashSet};

use super::constants::constants;
use super::pieces::Piece;
use super::shapes::KnownShapes;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::{
    ElementType, GraphBuilder, Model, OnnxError, Tensor, TensorData, Value, ValueType,
};

/// What the names of the backward pass begin with.
pub(super) const PREFIX: &str = "g/";

/// What a rule may use: the graph so far, types of values, and gradients to hand out.
pub(super) struct Context<'a> {
    /// Appends nodes.
    pub builder: GraphBuilder,
    types: &'a HashMap<String, ValueType>,
    constants: HashMap<String, TensorProto>,
    active: HashSet<String>,
    gradients: HashMap<String, Vec<Value>>,
    /// Contributions that are zero but for a part of an axis.
    pub(super) pieces: HashMap<String, Vec<Piece>>,
    /// The node of the forward graph that makes each value.
    producers: HashMap<&'a str, &'a NodeProto>,
    /// Values that were computed a second time, with the names of the first.
    aliases: HashMap<String, String>,
    /// Inputs and their axes whose lengths have a symbol.
    pub(super) symbols: HashMap<String, (String, usize)>,
    /// Shapes and lengths that were asked for before.
    pub(super) known_shapes: KnownShapes,
}

impl<'a> Context<'a> {
    /// A context in which nothing was given yet. `active` are the values that gradients pass, `nodes`
    /// those of the forward graph.
    pub fn new(
        forward: Model,
        types: &'a HashMap<String, ValueType>,
        active: HashSet<String>,
        nodes: &'a [NodeProto],
        symbols: HashMap<String, (String, usize)>,
    ) -> Context<'a> {
        Context {
            constants: constants(forward.graph()),
            builder: GraphBuilder::extend(forward, PREFIX),
            types,
            active,
            gradients: HashMap::new(),
            pieces: HashMap::new(),
            producers: producers(nodes),
            aliases: HashMap::new(),
            symbols,
            known_shapes: KnownShapes::default(),
        }
    }

    /// The values that gradients pass.
    pub fn active(&self) -> &HashSet<String> {
        &self.active
    }

    /// Takes the sum of all contributions to a value's gradient.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let mut contributions = self.gradients.remove(name).unwrap_or_default();
        contributions.extend(self.join_pieces(name));
        contributions
            .into_iter()
            .reduce(|total, next| self.builder.add(&total, &next))
    }

    /// The node of the forward graph that makes a value, for rules of pairs of operators. Its outputs
    /// may be read by their names in the rule's own node only.
    pub fn producer(&self, name: &str) -> Option<&'a NodeProto> {
        self.producers.get(self.original(name)).copied()
    }

    /// Whether a gradient for this value is of any use.
    pub fn wants(&self, name: &str) -> bool {
        self.active.contains(self.original(name))
    }

    pub(super) fn original<'n>(&'n self, name: &'n str) -> &'n str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    /// Says that a value is another one, computed a second time.
    pub fn add_alias(&mut self, name: &str, original: &str) {
        self.aliases.insert(name.to_owned(), original.to_owned());
    }

    /// Whether a value is another one, computed a second time.
    pub fn is_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name)
    }

    /// Type of a value of the forward graph.
    pub fn value_type(&self, name: &str) -> Result<&ValueType, OnnxError> {
        self.types
            .get(self.original(name))
            .ok_or_else(|| OnnxError::Missing {
                what: "type for the value",
                name: name.to_owned(),
            })
    }

    /// Number of dimensions of a value of the forward graph.
    pub fn rank(&self, name: &str) -> Result<usize, OnnxError> {
        Ok(self.value_type(name)?.rank())
    }

    /// Whole numbers that are constants of the graph, such as axes; none for what is only known at
    /// run time.
    pub fn known_integers(&self, name: &str) -> Option<Vec<i64>> {
        let tensor = Tensor::from_proto(self.constants.get(self.original(name))?).ok()?;
        match tensor.data {
            TensorData::I64(values) => Some(values),
            TensorData::I32(values) => Some(values.into_iter().map(i64::from).collect()),
            _ => None,
        }
    }

    /// Floats that are constants of the graph, such as bounds.
    pub fn known_floats(&self, name: &str) -> Option<Vec<f64>> {
        let tensor = self.constants.get(self.original(name))?;
        let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
        element.is_float().then(|| tensor.to_f64()).flatten()
    }

    /// A truth value that is a constant of the graph.
    pub fn known_flag(&self, name: &str) -> Option<bool> {
        match Tensor::from_proto(self.constants.get(self.original(name))?)
            .ok()?
            .data
        {
            TensorData::Bool(values) => values.first().copied(),
            _ => None,
        }
    }

    /// A constant of the graph with its data, however large.
    pub fn initializer(&self, name: &str) -> Option<&TensorProto> {
        let graph = self.builder.built()?;
        graph
            .initializer
            .iter()
            .find(|tensor| tensor.name.as_deref() == Some(name))
            .or_else(|| self.constants.get(name))
    }

    /// A number as a constant of the element type of a forward value.
    pub fn number(&mut self, value: f64, like: &str) -> Result<Value, OnnxError> {
        Ok(match self.value_type(like)?.element {
            ElementType::F64 => self.builder.constant(&Tensor {
                shape: vec![],
                ..Tensor::f64(&[1], [value])
            }),
            ElementType::F32 => self.builder.scalar(value as f32),
            other => {
                let number = self.builder.scalar(value as f32);
                self.builder.cast(&number, other)
            }
        })
    }

    /// Adds a contribution to the gradient of a value.
    pub fn give(&mut self, name: &str, gradient: Value) {
        if self.wants(name) {
            let name = self.original(name).to_owned();
            self.gradients.entry(name).or_default().push(gradient);
        }
    }

    /// Adds a contribution whose shape is that of `from` (a forward value), summed down to the shape
    /// of `to`, which was broadcast.
    pub fn give_broadcast(
        &mut self,
        to: &str,
        from: &str,
        gradient: Value,
    ) -> Result<(), OnnxError> {
        if self.wants(to) {
            let reduced = self.sum_to(&gradient, from, to)?;
            self.give(to, reduced);
        }
        Ok(())
    }
}

fn producers(nodes: &[NodeProto]) -> HashMap<&str, &NodeProto> {
    let named = nodes.iter().flat_map(|node| {
        let names = node.output.iter().map(String::as_str);
        names.map(move |name| (name, node))
    });
    named.filter(|(name, _)| !name.is_empty()).collect()
}
