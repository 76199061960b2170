//! What a rewrite may use: types of values, constants and helpers that nodes share, and the names
//! under which results go on.

use std::collections::{HashMap, HashSet};

use half::{bf16, f16};

use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::{Dimension, ElementType, GraphBuilder, Value, ValueType};

/// The graph that is being rewritten.
pub struct Scope<'a> {
    /// Appends nodes.
    pub builder: GraphBuilder,
    types: &'a HashMap<String, ValueType>,
    used: HashSet<String>,
    /// Values that several nodes use, by what they are: masks, tables of rotations, constants.
    shared: HashMap<String, Value>,
    shared_names: HashSet<String>,
    /// Keys that the present node added, to take them back if it is refused.
    added: Vec<String>,
    /// Results of the present node: output names and what they are.
    given: Vec<(String, Value)>,
    /// Shapes of new values that nobody could infer.
    shapes: HashMap<String, Vec<Dimension>>,
}

/// Where the present node's part of the graph begins.
#[derive(Clone, Copy)]
pub struct Start {
    nodes: usize,
    initializers: usize,
}

/// A number of elements: a list of one number in the graph, and what is known of it.
#[derive(Clone)]
pub struct Length {
    /// A list of one number.
    pub value: Value,
    /// The number or its name.
    pub dimension: Dimension,
}

impl Length {
    /// The number, when it is known.
    pub fn known(&self) -> Option<usize> {
        match self.dimension {
            Dimension::Fixed(length) => Some(length),
            _ => None,
        }
    }
}

impl<'a> Scope<'a> {
    /// A scope over a graph whose nodes are about to be added.
    pub fn new(
        builder: GraphBuilder,
        types: &'a HashMap<String, ValueType>,
        used: HashSet<String>,
    ) -> Scope<'a> {
        Scope {
            builder,
            types,
            used,
            shared: HashMap::new(),
            shared_names: HashSet::new(),
            added: Vec::new(),
            given: Vec::new(),
            shapes: HashMap::new(),
        }
    }

    /// The graph, and the shapes that were told.
    pub fn end(self) -> (GraphBuilder, HashMap<String, Vec<Dimension>>) {
        (self.builder, self.shapes)
    }

    /// Tells the shape of a new value.
    pub fn tell(&mut self, value: &Value, shape: &[Dimension]) {
        self.shapes.insert(value.name().to_owned(), shape.to_vec());
    }

    /// Begins with a node.
    pub fn begin(&mut self) -> Start {
        self.added.clear();
        self.given.clear();
        let graph = self.builder.graph();
        Start {
            nodes: graph.node.len(),
            initializers: graph.initializer.len(),
        }
    }

    /// Takes back all that was added for the present node.
    pub fn undo(&mut self, start: Start) {
        for key in self.added.drain(..) {
            if let Some(value) = self.shared.remove(&key) {
                self.shared_names.remove(value.name());
            }
        }
        let graph = self.builder.graph();
        graph.node.truncate(start.nodes);
        graph.initializer.truncate(start.initializers);
    }

    /// Ends a node: the results get the names of its outputs, the new nodes that of the node.
    pub fn finish(&mut self, start: Start, node: &NodeProto) {
        let mut renamed: HashMap<String, String> = HashMap::new();
        for (output, value) in std::mem::take(&mut self.given) {
            let name = value.name();
            let emitted = &mut self.builder.graph().node[start.nodes..];
            let made_here = emitted
                .iter()
                .any(|node| node.output.iter().any(|made| made == name));
            if made_here && !self.shared_names.contains(name) {
                for node in emitted {
                    for place in node.output.iter_mut().chain(&mut node.input) {
                        if place == name {
                            place.clone_from(&output);
                        }
                    }
                }
                if let Some(shape) = self.shapes.remove(name) {
                    self.shapes.insert(output.clone(), shape);
                }
                renamed.insert(name.to_owned(), output);
            } else {
                // An input, a shared value, or a result that has its name already.
                let source = renamed.get(name).cloned();
                let source = Value::named(source.as_deref().unwrap_or(name));
                self.builder.alias(&source, &output);
            }
        }
        if let Some(name) = node.name.as_deref().filter(|name| !name.is_empty()) {
            for emitted in &mut self.builder.graph().node[start.nodes..] {
                let part = emitted.name.take().unwrap_or_default();
                emitted.name = Some(format!("{name}/{part}"));
            }
        }
    }

    /// An input of a node, when it is there.
    pub fn input(&self, node: &NodeProto, index: usize) -> Option<Value> {
        let name = node.input.get(index).filter(|name| !name.is_empty())?;
        Some(Value::named(name))
    }

    /// An input of a node that must be there.
    pub fn needed(&self, node: &NodeProto, index: usize) -> Result<Value, String> {
        self.input(node, index)
            .ok_or_else(|| format!("its input {index} is missing"))
    }

    /// Whether something reads an output of a node.
    pub fn is_used(&self, node: &NodeProto, index: usize) -> bool {
        node.output
            .get(index)
            .is_some_and(|name| !name.is_empty() && self.used.contains(name))
    }

    /// Says what an output of the node is. An output that nothing reads is left away.
    pub fn give(&mut self, node: &NodeProto, index: usize, value: Value) {
        if self.is_used(node, index) || index == 0 {
            let name = node.output.get(index).filter(|name| !name.is_empty());
            self.given.extend(name.map(|name| (name.clone(), value)));
        }
    }

    /// Refuses a node for an output that something reads.
    pub fn forbid_output(&self, node: &NodeProto, index: usize, what: &str) -> Result<(), String> {
        if self.is_used(node, index) {
            return Err(format!("its output {index}, {what}, is used"));
        }
        Ok(())
    }

    /// Type of a value of the graph before it was rewritten.
    pub fn value_type(&self, value: &Value) -> Result<&ValueType, String> {
        self.types
            .get(value.name())
            .ok_or_else(|| format!("the type of {:?} is not known", value.name()))
    }

    /// Element type.
    pub fn element(&self, value: &Value) -> Result<ElementType, String> {
        Ok(self.value_type(value)?.element)
    }

    /// Dimensions; an error when not even their number is known.
    pub fn dimensions(&self, value: &Value) -> Result<&[Dimension], String> {
        let dimensions = &self.value_type(value)?.dimensions;
        if dimensions.is_empty() {
            return Err(format!(
                "the number of dimensions of {:?} is not known",
                value.name()
            ));
        }
        Ok(dimensions)
    }

    /// Number of dimensions.
    pub fn rank(&self, value: &Value) -> Result<usize, String> {
        Ok(self.dimensions(value)?.len())
    }

    /// A length, when it is known.
    pub fn known(&self, value: &Value, axis: usize) -> Option<usize> {
        match self.types.get(value.name())?.dimensions.get(axis) {
            Some(Dimension::Fixed(length)) => Some(*length),
            _ => None,
        }
    }

    /// A length that must be known.
    pub fn fixed(&self, value: &Value, axis: usize, what: &str) -> Result<usize, String> {
        self.known(value, axis)
            .ok_or_else(|| format!("{what} is not known"))
    }

    /// A length of a value of the graph: a constant where it is known, shared where it has a symbol.
    pub fn length(&mut self, value: &Value, axis: usize) -> Result<Length, String> {
        let dimension = self
            .dimensions(value)?
            .get(axis)
            .cloned()
            .ok_or_else(|| format!("{:?} has no dimension {axis}", value.name()))?;
        let key = match &dimension {
            Dimension::Fixed(length) => {
                return Ok(Length {
                    value: self.integers(&[*length as i64]),
                    dimension,
                });
            }
            Dimension::Symbol(symbol) => format!("length {symbol}"),
            Dimension::Unknown => format!("length of {:?} {axis}", value.name()),
        };
        let value = self.shared(&key, |scope| {
            let attributes = vec![
                AttributeProto::int("start", axis as i64),
                AttributeProto::int("end", axis as i64 + 1),
            ];
            Ok(scope.builder.node("Shape", &[value], attributes))
        })?;
        Ok(Length { value, dimension })
    }

    /// The sum of two lengths.
    pub fn sum_of_lengths(&mut self, a: &Length, b: &Length) -> Result<Length, String> {
        let dimension = a.dimension.plus(&b.dimension);
        if let Dimension::Fixed(length) = dimension {
            return Ok(Length {
                value: self.integers(&[length as i64]),
                dimension,
            });
        }
        let key = format!("sum {} {}", a.value.name(), b.value.name());
        let value = self.shared(&key, |scope| Ok(scope.builder.add(&a.value, &b.value)))?;
        Ok(Length { value, dimension })
    }

    /// A value that is made once and used by every node that asks for the same key. It must depend on
    /// nothing but values of the graph before it was rewritten and other shared values.
    pub fn shared(
        &mut self,
        key: &str,
        make: impl FnOnce(&mut Scope<'a>) -> Result<Value, String>,
    ) -> Result<Value, String> {
        if let Some(value) = self.shared.get(key) {
            return Ok(value.clone());
        }
        let value = make(self)?;
        self.shared.insert(key.to_owned(), value.clone());
        self.shared_names.insert(value.name().to_owned());
        self.added.push(key.to_owned());
        Ok(value)
    }

    /// A list of whole numbers, the same value for the same list.
    pub fn integers(&mut self, values: &[i64]) -> Value {
        let key = format!("integers {values:?}");
        if let Some(value) = self.shared.get(&key) {
            return value.clone();
        }
        let value = self.builder.integers(values);
        self.remember(key, &value);
        value
    }

    /// A scalar of an element type.
    pub fn number(&mut self, value: f64, element: ElementType) -> Result<Value, String> {
        let raw_data = match element {
            ElementType::F32 => (value as f32).to_le_bytes().to_vec(),
            ElementType::F64 => value.to_le_bytes().to_vec(),
            ElementType::F16 => f16::from_f64(value).to_le_bytes().to_vec(),
            ElementType::Bf16 => bf16::from_f64(value).to_le_bytes().to_vec(),
            ElementType::I64 => (value as i64).to_le_bytes().to_vec(),
            ElementType::I32 => (value as i32).to_le_bytes().to_vec(),
            other => return Err(format!("it computes with the element type {other:?}")),
        };
        let key = format!("number {} {value:e}", element.code());
        if let Some(value) = self.shared.get(&key) {
            return Ok(value.clone());
        }
        let name = self.builder.fresh("const");
        self.builder.graph().initializer.push(TensorProto {
            data_type: Some(element.code()),
            name: Some(name.clone()),
            raw_data: Some(raw_data.into()),
            ..Default::default()
        });
        let value = Value::named(&name);
        self.remember(key, &value);
        Ok(value)
    }

    fn remember(&mut self, key: String, value: &Value) {
        self.shared.insert(key.clone(), value.clone());
        self.shared_names.insert(value.name().to_owned());
        self.added.push(key);
    }

    /// `x` in a shape, with a shared constant; 0 stands for the dimension that was there.
    pub fn reshape(&mut self, x: &Value, shape: &[i64]) -> Value {
        let shape = self.integers(shape);
        self.builder.reshape_to(x, &shape)
    }

    /// New dimensions of length 1.
    pub fn unsqueeze(&mut self, x: &Value, axes: &[i64]) -> Value {
        let axes = self.integers(axes);
        self.builder.node("Unsqueeze", &[x, &axes], Vec::new())
    }

    /// `x` times a number, or `x` itself for 1.
    pub fn scale(&mut self, x: &Value, factor: f64, element: ElementType) -> Result<Value, String> {
        if (factor - 1.0).abs() < f64::EPSILON {
            return Ok(x.clone());
        }
        let factor = self.number(factor, element)?;
        Ok(self.builder.mul(x, &factor))
    }

    /// Pieces of known sizes along an axis.
    pub fn split(&mut self, x: &Value, axis: i64, sizes: &[i64]) -> Vec<Value> {
        let list = self.integers(sizes);
        let attributes = vec![AttributeProto::int("axis", axis)];
        self.builder
            .nodes("Split", &[x, &list], attributes, sizes.len())
    }

    /// Equal pieces along an axis.
    pub fn split_evenly(&mut self, x: &Value, axis: i64, pieces: usize) -> Vec<Value> {
        let attributes = vec![
            AttributeProto::int("axis", axis),
            AttributeProto::int("num_outputs", pieces as i64),
        ];
        self.builder.nodes("Split", &[x], attributes, pieces)
    }

    /// Reduces the given axes, which stay with length 1.
    pub fn reduce(&mut self, operator: &str, x: &Value, axes: &[i64]) -> Value {
        let axes = self.integers(axes);
        let attributes = vec![AttributeProto::int("keepdims", 1)];
        self.builder.node(operator, &[x, &axes], attributes)
    }
}

/// Whether a type is one of the 16-bit floats.
pub fn is_half(element: ElementType) -> bool {
    matches!(element, ElementType::F16 | ElementType::Bf16)
}
