//! Attributes of nodes: making one of each kind, and reading them by name.

use bytes::Bytes;

use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto, attribute_type};

impl AttributeProto {
    /// A whole number.
    pub fn int(name: &str, value: i64) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            i: Some(value),
            r#type: Some(attribute_type::INT),
            ..Default::default()
        }
    }

    /// Whole numbers.
    pub fn ints(name: &str, values: &[i64]) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            ints: values.to_vec(),
            r#type: Some(attribute_type::INTS),
            ..Default::default()
        }
    }

    /// A number.
    pub fn float(name: &str, value: f32) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            f: Some(value),
            r#type: Some(attribute_type::FLOAT),
            ..Default::default()
        }
    }

    /// A tensor.
    pub fn tensor(name: &str, value: TensorProto) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            t: Some(Box::new(value)),
            r#type: Some(attribute_type::TENSOR),
            ..Default::default()
        }
    }

    /// A graph, such as a branch or the body of a loop.
    pub fn graph(name: &str, value: GraphProto) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            g: Some(Box::new(value)),
            r#type: Some(attribute_type::GRAPH),
            ..Default::default()
        }
    }

    /// A text.
    pub fn text(name: &str, value: &str) -> AttributeProto {
        AttributeProto {
            name: Some(name.into()),
            s: Some(Bytes::copy_from_slice(value.as_bytes())),
            r#type: Some(attribute_type::STRING),
            ..Default::default()
        }
    }
}

impl NodeProto {
    /// The operator's name; empty when the file has none.
    pub fn op(&self) -> &str {
        self.op_type.as_deref().unwrap_or("")
    }

    /// An attribute by its name.
    pub fn find(&self, name: &str) -> Option<&AttributeProto> {
        self.attribute
            .iter()
            .find(|attribute| attribute.name.as_deref() == Some(name))
    }

    /// A whole-number attribute, or its default.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.find(name)
            .and_then(|attribute| attribute.i)
            .unwrap_or(default)
    }

    /// A number attribute, or its default.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.find(name)
            .and_then(|attribute| attribute.f)
            .unwrap_or(default)
    }

    /// A text attribute, or its default.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.find(name)
            .and_then(|attribute| std::str::from_utf8(attribute.s.as_deref()?).ok())
            .unwrap_or(default)
    }

    /// A list attribute.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.find(name).map(|attribute| attribute.ints.as_slice())
    }
}
