//! Builds graphs node by node: inputs, outputs, constants, nodes, fresh names. The standard operators have calls of
//! their own in `operators`. Used for forward graphs, for losses, and by the gradient builder to append to a graph.

use std::sync::Arc;

use super::model::{OnnxError, value_info};
use super::proto::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    ValueInfoProto,
};
use super::{Dimension, ElementType, Model, Tensor, ValueType};

/// Version of the standard operators in graphs that are built here.
pub const OPSET: i64 = 18;
/// Version of the file format that goes with it.
const IR_VERSION: i64 = 8;

/// The name of a value in a graph; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Value(Arc<str>);

impl Value {
    /// A value by its name.
    pub fn named(name: &str) -> Value {
        Value(name.into())
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Builds one graph.
#[derive(Debug)]
pub struct GraphBuilder {
    proto: ModelProto,
    prefix: String,
    counter: usize,
}

impl GraphBuilder {
    /// An empty graph.
    pub fn new(name: &str) -> GraphBuilder {
        let proto = ModelProto {
            ir_version: Some(IR_VERSION),
            producer_name: Some("stepdroid".into()),
            producer_version: Some(env!("CARGO_PKG_VERSION").into()),
            opset_import: vec![OperatorSetIdProto {
                domain: Some(String::new()),
                version: Some(OPSET),
            }],
            graph: Some(GraphProto {
                name: Some(name.into()),
                ..Default::default()
            }),
            ..Default::default()
        };
        GraphBuilder {
            proto,
            prefix: String::new(),
            counter: 0,
        }
    }

    /// Goes on with a graph that exists; new names begin with `prefix`, which must not occur in it.
    pub fn extend(model: Model, prefix: &str) -> GraphBuilder {
        GraphBuilder {
            proto: model.proto,
            prefix: prefix.to_owned(),
            counter: 0,
        }
    }

    /// Version of the standard operators of this graph.
    pub fn opset(&self) -> i64 {
        Model {
            proto: self.proto_header(),
        }
        .opset()
    }

    /// Sets the version of a domain's operators; the standard ones have the empty domain.
    pub fn set_opset(&mut self, domain: &str, version: i64) {
        let imports = &mut self.proto.opset_import;
        let plain = |domain: &str| match domain {
            "ai.onnx" => String::new(),
            other => other.to_owned(),
        };
        let same = |set: &&mut OperatorSetIdProto| {
            plain(set.domain.as_deref().unwrap_or("")) == plain(domain)
        };
        match imports.iter_mut().find(same) {
            Some(set) => set.version = Some(version),
            None => imports.push(OperatorSetIdProto {
                domain: Some(domain.to_owned()),
                version: Some(version),
            }),
        }
        // Newer operators need a newer file format.
        let format = match version {
            _ if !domain.is_empty() => IR_VERSION,
            ..=18 => IR_VERSION,
            19..=20 => 9,
            21..=22 => 10,
            23 => 11,
            _ => 12,
        };
        let current = self.proto.ir_version.unwrap_or(IR_VERSION);
        self.proto.ir_version = Some(current.max(format));
    }

    fn proto_header(&self) -> ModelProto {
        ModelProto {
            opset_import: self.proto.opset_import.clone(),
            ..Default::default()
        }
    }

    /// The graph so far.
    pub fn graph(&mut self) -> &mut GraphProto {
        self.proto.graph.get_or_insert_default()
    }

    /// The graph so far, to look at; none before anything was added.
    pub fn built(&self) -> Option<&GraphProto> {
        self.proto.graph.as_ref()
    }

    /// A name that is not taken.
    pub fn fresh(&mut self, label: &str) -> String {
        self.counter += 1;
        format!("{}{label}_{}", self.prefix, self.counter)
    }

    /// Declares an input.
    pub fn input(&mut self, name: &str, element: ElementType, dimensions: &[Dimension]) -> Value {
        let value = ValueType {
            element,
            dimensions: dimensions.to_vec(),
        };
        self.graph().input.push(value_info(name, &value));
        Value::named(name)
    }

    /// Adds a weight or another named constant.
    pub fn initializer(&mut self, name: &str, tensor: &Tensor) -> Value {
        self.graph().initializer.push(tensor.to_proto(name));
        Value::named(name)
    }

    /// Adds a constant with a fresh name.
    pub fn constant(&mut self, tensor: &Tensor) -> Value {
        let name = self.fresh("const");
        self.initializer(&name, tensor)
    }

    /// Adds a constant of any element type with a fresh name.
    pub fn raw_constant(&mut self, tensor: TensorProto) -> Value {
        let name = self.fresh("const");
        let tensor = TensorProto {
            name: Some(name.clone()),
            ..tensor
        };
        self.graph().initializer.push(tensor);
        Value::named(&name)
    }

    /// A scalar constant.
    pub fn scalar(&mut self, value: f32) -> Value {
        self.constant(&Tensor::scalar(value))
    }

    /// A list of whole numbers, e.g. axes.
    pub fn integers(&mut self, values: &[i64]) -> Value {
        self.constant(&Tensor::i64(&[values.len()], values))
    }

    /// Makes a value an output, of any shape when no dimensions are given.
    pub fn output(
        &mut self,
        value: &Value,
        element: ElementType,
        dimensions: Option<&[Dimension]>,
    ) {
        let mut info = value_info(
            value.name(),
            &ValueType {
                element,
                dimensions: dimensions.map(<[Dimension]>::to_vec).unwrap_or_default(),
            },
        );
        if dimensions.is_none()
            && let Some(tensor) = info
                .r#type
                .as_mut()
                .and_then(|kind| kind.tensor_type.as_mut())
        {
            tensor.shape = None;
        }
        self.graph().output.push(info);
    }

    /// Makes a value an output of which nothing is declared but the name.
    pub fn untyped_output(&mut self, name: &str) {
        self.graph().output.push(ValueInfoProto {
            name: Some(name.to_owned()),
            ..Default::default()
        });
    }

    /// Appends a node with any number of outputs, which get fresh names.
    pub fn nodes(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
        outputs: usize,
    ) -> Vec<Value> {
        let names: Vec<String> = (0..outputs).map(|_| self.fresh(operator)).collect();
        self.graph().node.push(NodeProto {
            input: inputs.iter().map(|value| value.name().to_owned()).collect(),
            output: names.clone(),
            name: names.first().map(|name| format!("node.{name}")),
            op_type: Some(operator.to_owned()),
            attribute: attributes,
            ..Default::default()
        });
        names.iter().map(|name| Value::named(name)).collect()
    }

    /// Appends a node of another domain's operator with any number of outputs; an input that is left
    /// out has an empty name.
    pub fn nodes_in(
        &mut self,
        domain: &str,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
        outputs: usize,
    ) -> Vec<Value> {
        let values = self.nodes(operator, inputs, attributes, outputs);
        if let Some(node) = self.graph().node.last_mut() {
            node.domain = Some(domain.to_owned());
        }
        values
    }

    /// Appends a node of another domain's operator with one output.
    pub fn node_in(
        &mut self,
        domain: &str,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        let values = self.nodes_in(domain, operator, inputs, attributes, 1);
        values
            .into_iter()
            .next()
            .unwrap_or_else(|| Value::named(""))
    }

    /// Appends a node with one output.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
    ) -> Value {
        let name = self.fresh(operator);
        self.named_node(operator, inputs, attributes, &name)
    }

    /// Appends a node whose one output gets the given name.
    pub fn named_node(
        &mut self,
        operator: &str,
        inputs: &[&Value],
        attributes: Vec<AttributeProto>,
        output: &str,
    ) -> Value {
        self.graph().node.push(NodeProto {
            input: inputs.iter().map(|value| value.name().to_owned()).collect(),
            output: vec![output.to_owned()],
            name: Some(format!("node.{output}")),
            op_type: Some(operator.to_owned()),
            attribute: attributes,
            ..Default::default()
        });
        Value::named(output)
    }

    /// Gives a value a name of its own, e.g. to make it an output.
    pub fn alias(&mut self, value: &Value, name: &str) -> Value {
        self.named_node("Identity", &[value], Vec::new(), name)
    }

    /// Ends the graph.
    ///
    /// # Errors
    /// When it breaks a rule of the format.
    pub fn finish(self) -> Result<Model, OnnxError> {
        let model = Model { proto: self.proto };
        model.check()?;
        Ok(model)
    }
}
