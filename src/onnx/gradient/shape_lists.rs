//! What is known of lists of lengths that a model computes: exporters write the target of a Reshape as
//! a Concat of constants and of lengths taken from the shapes of other values.

use std::collections::HashMap;

use super::standard::Types;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::{Dimension, Model, Tensor, TensorData};

/// An element of a list of lengths.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Element {
    /// A number; 0 and -1 may have a meaning of their own.
    Number(i64),
    /// A length of some value.
    Length(Dimension),
}

impl Element {
    /// The length that it asks for, of a value that is made anew.
    pub fn dimension(self) -> Option<Dimension> {
        match self {
            Element::Number(length) => usize::try_from(length).ok().map(Dimension::Fixed),
            Element::Length(length) => Some(length),
        }
    }

    /// The length that it asks for when it broadcasts a length that was there.
    pub fn broadcast(self, from: &Dimension) -> Option<Dimension> {
        match self.dimension()? {
            Dimension::Fixed(1) => Some(from.clone()),
            asked if *from == Dimension::Fixed(1) || asked.same(from) => Some(asked),
            Dimension::Fixed(length) => Some(Dimension::Fixed(length)),
            // One of the two may be one at run time.
            _ => None,
        }
    }
}

/// Deepest chain of nodes that is followed.
const DEEPEST: usize = 16;

/// The nodes of a model by what they make.
pub(super) struct ShapeLists<'a> {
    producers: HashMap<&'a str, &'a NodeProto>,
}

impl<'a> ShapeLists<'a> {
    /// Of a model.
    pub fn new(model: &'a Model) -> ShapeLists<'a> {
        let nodes = model.graph().node.iter();
        let producers = nodes.flat_map(|node| {
            let outputs = node.output.iter().filter(|name| !name.is_empty());
            outputs.map(move |name| (name.as_str(), node))
        });
        ShapeLists {
            producers: producers.collect(),
        }
    }

    /// The elements of a list, or of a single number.
    pub fn elements(
        &self,
        name: &str,
        constants: &HashMap<String, TensorProto>,
        types: &Types,
    ) -> Option<Vec<Element>> {
        self.follow(name, constants, types, DEEPEST)
    }

    fn follow(
        &self,
        name: &str,
        constants: &HashMap<String, TensorProto>,
        types: &Types,
        depth: usize,
    ) -> Option<Vec<Element>> {
        if let Some(constant) = constants.get(name) {
            return match Tensor::from_proto(constant).ok()?.data {
                TensorData::I64(values) => Some(values.into_iter().map(Element::Number).collect()),
                _ => None,
            };
        }
        let depth = depth.checked_sub(1)?;
        let node = *self.producers.get(name)?;
        if !matches!(node.domain.as_deref(), None | Some("" | "ai.onnx")) {
            return None;
        }
        let list = |position: usize| {
            let name = node.input.get(position)?;
            self.follow(name, constants, types, depth)
        };
        let numbers = |position: usize| -> Option<Vec<i64>> {
            let elements = list(position)?.into_iter();
            elements
                .map(|element| match element {
                    Element::Number(number) => Some(number),
                    Element::Length(_) => None,
                })
                .collect()
        };
        match node.op() {
            "Shape" => {
                let dimensions = &types.get(node.input.first()?)?.dimensions;
                // No dimensions may also mean that nothing is known.
                let rank = Some(dimensions.len() as i64).filter(|rank| *rank > 0)?;
                let place = |at: i64| if at < 0 { at + rank } else { at }.clamp(0, rank) as usize;
                let (start, end) = (place(node.int("start", 0)), place(node.int("end", rank)));
                let lengths = dimensions.get(start..end)?.iter();
                Some(
                    lengths
                        .map(|length| match length {
                            Dimension::Fixed(length) => Element::Number(*length as i64),
                            other => Element::Length(other.clone()),
                        })
                        .collect(),
                )
            }
            "Concat" => {
                let parts = (0..node.input.len()).map(list);
                Some(parts.collect::<Option<Vec<_>>>()?.concat())
            }
            "Gather" => {
                let from = list(0)?;
                let places = numbers(1)?.into_iter();
                places
                    .map(|at| {
                        let at = if at < 0 { at + from.len() as i64 } else { at };
                        from.get(usize::try_from(at).ok()?).cloned()
                    })
                    .collect()
            }
            "Slice" => {
                let from = list(0)?;
                let one = |position: usize, default: i64| match node.input.get(position) {
                    Some(name) if !name.is_empty() => numbers(position)?.first().copied(),
                    _ => Some(default),
                };
                if one(4, 1)? != 1 {
                    return None;
                }
                let length = from.len() as i64;
                let place =
                    |at: i64| if at < 0 { at + length } else { at }.clamp(0, length) as usize;
                let (start, end) = (place(one(1, 0)?), place(one(2, length)?));
                Some(from.get(start..end)?.to_vec())
            }
            "Squeeze" | "Unsqueeze" | "Identity" | "Reshape" => list(0),
            "Cast" if node.int("to", 0) == 7 => list(0),
            _ => None,
        }
    }
}
