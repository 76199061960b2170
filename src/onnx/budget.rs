//! Foresees what decoding a model file will allocate, before anything is allocated.
//!
//! Protobuf can hide much memory in a small file: an empty node takes two bytes in the file and some
//! 250 in memory. The scan here walks over the wire format and adds up exactly what `decode` will
//! allocate: it reserves every list at its full length and shares large bytes with the buffer, so
//! the sum is an upper bound and not a guess. A file whose sum is over three times its size plus
//! [`SLACK`] is refused; with the file itself, and the last megabyte for small change, reading never
//! takes more than four times the file's size plus 64 MB.
//!
//! Real files stay far below: a node of a real graph takes some 150 bytes in the file and less than
//! 1 kB in memory, so even a file without any weights may have some hundred thousand nodes.

use std::mem::size_of;

use bytes::Bytes;

use super::OnnxError;
use super::proto::{
    AttributeProto, DimensionProto, FunctionProto, GraphProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto, StringStringEntryProto, TensorProto, ValueInfoProto,
};
use super::wire::{Fields, Payload};

/// What a file may take in memory beyond three times its size.
pub(super) const SLACK: u64 = 63 << 20;
/// Messages within messages; a graph within a graph takes three.
const DEEPEST: usize = 100;
/// Bytes that the later check keeps for a name: an entry of a hash set that is at least 7/16 full.
const NAME: usize = 40;

/// How numbers are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Variable length.
    Varint,
    /// Four bytes each.
    Four,
    /// Eight bytes each.
    Eight,
}

/// What a field holds, as far as memory goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Numbers, alone or packed.
    Numbers(Packing),
    /// Copied: texts and small parts that are kept as bytes.
    Copied,
    /// Shared with the buffer.
    Shared,
    /// A message.
    Message(&'static Schema),
}

/// A field of a message that takes memory of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Number in the schema.
    pub number: u32,
    /// Whether there may be many.
    pub repeated: bool,
    kind: Kind,
    /// Bytes of one element in its list or box.
    each: usize,
}

/// The fields of a message that take memory; others are numbers within the message itself.
#[derive(Debug)]
pub(super) struct Schema {
    /// Name of the message.
    pub name: &'static str,
    /// Fields.
    pub entries: &'static [Entry],
}

impl Schema {
    /// The entry for a field number.
    pub fn entry(&self, number: u32) -> Option<(usize, &Entry)> {
        self.entries
            .iter()
            .enumerate()
            .find(|(_, entry)| entry.number == number)
    }
}

const fn text(number: u32) -> Entry {
    Entry {
        number,
        repeated: false,
        kind: Kind::Copied,
        each: 0,
    }
}

const fn texts(number: u32, extra: usize) -> Entry {
    Entry {
        number,
        repeated: true,
        kind: Kind::Copied,
        each: size_of::<String>() + extra,
    }
}

const fn shared(number: u32, repeated: bool) -> Entry {
    Entry {
        number,
        repeated,
        kind: Kind::Shared,
        each: size_of::<Bytes>(),
    }
}

const fn numbers(number: u32, packing: Packing, each: usize) -> Entry {
    Entry {
        number,
        repeated: true,
        kind: Kind::Numbers(packing),
        each,
    }
}

const fn one(number: u32, schema: &'static Schema, each: usize) -> Entry {
    Entry {
        number,
        repeated: false,
        kind: Kind::Message(schema),
        each,
    }
}

const fn many(number: u32, schema: &'static Schema, each: usize) -> Entry {
    Entry {
        number,
        repeated: true,
        kind: Kind::Message(schema),
        each,
    }
}

macro_rules! schema {
    ($($(#[$doc:meta])* $constant:ident $name:literal [$($entry:expr),* $(,)?])*) => {
        $($(#[$doc])* pub(super) static $constant: Schema = Schema {
            name: $name,
            entries: &[$($entry),*],
        };)*
    };
}

const PAIR_SIZE: usize = size_of::<StringStringEntryProto>();
const TENSOR_SIZE: usize = size_of::<TensorProto>();

schema! {
    /// `ModelProto`
    MODEL "model" [
        text(2), text(3), text(4), text(6),
        one(7, &GRAPH, 0),
        many(8, &OPERATOR_SET, size_of::<OperatorSetIdProto>() + 3 * NAME),
        many(14, &PAIR, PAIR_SIZE),
        shared(20, true),
        many(25, &FUNCTION, size_of::<FunctionProto>() + 3 * NAME),
        shared(26, true),
    ]
    /// `OperatorSetIdProto`
    OPERATOR_SET "operator set" [text(1)]
    /// `StringStringEntryProto`
    PAIR "key and value" [text(1), text(2)]
    /// `GraphProto`
    GRAPH "graph" [
        many(1, &NODE, size_of::<NodeProto>()),
        text(2),
        many(5, &TENSOR, TENSOR_SIZE + NAME),
        text(10),
        many(11, &VALUE, size_of::<ValueInfoProto>() + 2 * NAME),
        many(12, &VALUE, size_of::<ValueInfoProto>()),
        many(13, &VALUE, size_of::<ValueInfoProto>()),
        shared(14, true),
        many(15, &SPARSE, size_of::<SparseTensorProto>() + NAME),
        many(16, &PAIR, PAIR_SIZE),
    ]
    /// `NodeProto`
    NODE "node" [
        texts(1, 0), texts(2, NAME), text(3), text(4),
        many(5, &ATTRIBUTE, size_of::<AttributeProto>() + NAME),
        text(6), text(7), text(8),
        many(9, &PAIR, PAIR_SIZE),
        shared(10, true),
    ]
    /// `AttributeProto`
    ATTRIBUTE "attribute" [
        text(1), shared(4, false),
        one(5, &TENSOR, TENSOR_SIZE),
        one(6, &GRAPH, size_of::<GraphProto>()),
        numbers(7, Packing::Four, 4),
        numbers(8, Packing::Varint, 8),
        shared(9, true),
        many(10, &TENSOR, TENSOR_SIZE),
        many(11, &GRAPH, size_of::<GraphProto>()),
        text(13), shared(14, false), shared(15, true), text(21),
        one(22, &SPARSE, size_of::<SparseTensorProto>()),
        many(23, &SPARSE, size_of::<SparseTensorProto>()),
    ]
    /// `TensorProto`
    TENSOR "tensor" [
        numbers(1, Packing::Varint, 8),
        one(3, &SEGMENT, 0),
        numbers(4, Packing::Four, 4),
        numbers(5, Packing::Varint, 4),
        shared(6, true),
        numbers(7, Packing::Varint, 8),
        text(8), shared(9, false),
        numbers(10, Packing::Eight, 8),
        numbers(11, Packing::Varint, 8),
        text(12),
        many(13, &PAIR, PAIR_SIZE + 4 * NAME),
        many(16, &PAIR, PAIR_SIZE),
    ]
    /// `TensorProto.Segment`
    SEGMENT "segment" []
    /// `SparseTensorProto`
    SPARSE "sparse tensor" [
        one(1, &TENSOR, TENSOR_SIZE),
        one(2, &TENSOR, TENSOR_SIZE),
        numbers(3, Packing::Varint, 8),
    ]
    /// `ValueInfoProto`
    VALUE "value" [text(1), one(2, &TYPE, 0), text(3), many(4, &PAIR, PAIR_SIZE)]
    /// `TypeProto`
    TYPE "type" [
        one(1, &TENSOR_TYPE, 0),
        text(4), text(5), text(6), text(7), text(8), text(9),
    ]
    /// `TypeProto.Tensor`
    TENSOR_TYPE "tensor type" [one(2, &SHAPE, 0)]
    /// `TensorShapeProto`
    SHAPE "shape" [many(1, &DIMENSION, size_of::<DimensionProto>())]
    /// `TensorShapeProto.Dimension`
    DIMENSION "dimension" [text(2), text(3)]
    /// `FunctionProto`
    FUNCTION "function" [
        text(1),
        texts(4, NAME), texts(5, 0), texts(6, NAME),
        many(7, &NODE, size_of::<NodeProto>()),
        text(8),
        many(9, &OPERATOR_SET, size_of::<OperatorSetIdProto>() + 3 * NAME),
        text(10),
        many(11, &ATTRIBUTE, size_of::<AttributeProto>()),
        many(12, &VALUE, size_of::<ValueInfoProto>()),
        text(13),
        many(14, &PAIR, PAIR_SIZE),
    ]
}

/// How many numbers a field holds.
pub(super) fn count(bytes: &[u8], payload: &Payload, kind: Kind) -> usize {
    match (payload, kind) {
        (Payload::Delimited(range), Kind::Numbers(packing)) => {
            let packed = bytes.get(range.clone()).unwrap_or(&[]);
            match packing {
                Packing::Varint => packed.iter().filter(|byte| **byte < 0x80).count(),
                Packing::Four => packed.len() / 4,
                Packing::Eight => packed.len() / 8,
            }
        }
        _ => 1,
    }
}

impl Entry {
    /// How many elements an occurrence of the field adds to its list.
    pub fn elements(&self, bytes: &[u8], payload: &Payload) -> usize {
        count(bytes, payload, self.kind)
    }
}

/// Checks the structure of a model file and foresees the memory that decoding takes.
///
/// # Errors
/// [`OnnxError::Decode`] for bytes that are no protobuf, for messages nested too deeply, and for
/// single fields that are there twice; [`OnnxError::Memory`] for what takes more than is allowed.
pub(super) fn check(bytes: &[u8]) -> Result<(), OnnxError> {
    let size = bytes.len() as u64;
    let mut scan = Scan {
        total: 0,
        allowed: size.saturating_mul(3).saturating_add(SLACK),
        size,
    };
    scan.message(bytes, &MODEL, 1)
}

struct Scan {
    total: u64,
    allowed: u64,
    size: u64,
}

impl Scan {
    fn message(
        &mut self,
        bytes: &[u8],
        schema: &'static Schema,
        depth: usize,
    ) -> Result<(), OnnxError> {
        if depth > DEEPEST {
            return Err(OnnxError::Decode(format!(
                "more than {DEEPEST} messages within each other"
            )));
        }
        let mut seen = 0u64;
        for field in Fields::of(bytes) {
            let field = field
                .map_err(|reason| OnnxError::Decode(format!("{reason}, in a {}", schema.name)))?;
            let Some((place, entry)) = schema.entry(field.number) else {
                continue;
            };
            if !entry.repeated {
                if seen & (1 << place) != 0 {
                    return Err(OnnxError::Decode(format!(
                        "field {} is twice in a {}",
                        entry.number, schema.name
                    )));
                }
                seen |= 1 << place;
            }
            self.add(entry.each as u64 * entry.elements(bytes, &field.payload) as u64)?;
            if let Payload::Delimited(range) = field.payload {
                let content = bytes.get(range).unwrap_or(&[]);
                match entry.kind {
                    // The smallest allocation that a growing text makes is 8 bytes.
                    Kind::Copied => self.add(content.len().max(8) as u64)?,
                    Kind::Message(inner) => self.message(content, inner, depth + 1)?,
                    Kind::Numbers(_) | Kind::Shared => {}
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, bytes: u64) -> Result<(), OnnxError> {
        self.total = self.total.saturating_add(bytes);
        if self.total > self.allowed {
            return Err(OnnxError::Memory {
                file: self.size,
                allowed: self.allowed,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_empty_nodes_is_refused_by_what_it_would_become() {
        let file = |nodes: usize| {
            let graph: Vec<u8> = [0x0a, 0x00].repeat(nodes);
            let mut bytes = vec![0x3a];
            let mut length = graph.len();
            while length >= 0x80 {
                bytes.push(length as u8 | 0x80);
                length >>= 7;
            }
            bytes.push(length as u8);
            bytes.extend(graph);
            bytes
        };
        assert!(check(&file(100_000)).is_ok());
        assert!(matches!(
            check(&file(2_000_000)),
            Err(OnnxError::Memory { .. })
        ));
    }

    #[test]
    fn messages_within_messages_end_somewhere() {
        let mut bytes = Vec::new();
        for level in 0..60 {
            // A graph in an attribute in a node.
            for key in [0x0a, 0x2a, 0x32] {
                if bytes.len() < 100 {
                    bytes.insert(0, bytes.len() as u8);
                    bytes.insert(0, if level == 59 { 0x3a } else { key });
                }
            }
        }
        assert!(check(&bytes).is_ok(), "{:?}", check(&bytes));
    }
}
