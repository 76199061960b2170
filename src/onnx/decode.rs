//! Decodes a model with every list reserved at its full length, so that decoding allocates what
//! `budget` has foreseen and not a byte more. What `prost` decodes by itself here are runs of fields
//! without lists of messages inside.

use bytes::Bytes;
use prost::{DecodeError, Message};

use super::OnnxError;
use super::budget::{self, Schema};
use super::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, SparseTensorProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use super::wire::{Fields, Payload};

/// Decodes a model; its large byte fields share the buffer.
///
/// # Errors
/// [`OnnxError::Decode`] for bytes that are no model, [`OnnxError::Memory`] for a file that would
/// take far more memory than its size.
pub(super) fn decode(bytes: Bytes) -> Result<ModelProto, OnnxError> {
    budget::check(&bytes)?;
    message(bytes).map_err(|error| OnnxError::Decode(error.to_string()))
}

/// A message with lists inside.
trait Container: Message + Default {
    /// Its fields.
    const SCHEMA: &'static Schema;

    /// Makes room for the elements of a list.
    fn reserve(&mut self, number: u32, count: usize);

    /// Decodes a field that is a container again; false for any other.
    fn child(&mut self, number: u32, bytes: &mut dyn FnMut() -> Bytes)
    -> Result<bool, DecodeError>;
}

fn message<T: Container>(bytes: Bytes) -> Result<T, DecodeError> {
    let mut message = T::default();
    // No message has more fields that take memory.
    let mut counts = [0usize; 24];
    for field in Fields::of(&bytes).flatten() {
        if let Some((place, entry)) = T::SCHEMA.entry(field.number)
            && entry.repeated
            && let Some(count) = counts.get_mut(place)
        {
            *count += entry.elements(&bytes, &field.payload);
        }
    }
    for (entry, count) in T::SCHEMA.entries.iter().zip(counts) {
        if count > 0 {
            message.reserve(entry.number, count);
        }
    }
    // Fields that are no containers are decoded in runs.
    let mut run = 0;
    let mut end = 0;
    for field in Fields::of(&bytes).flatten() {
        end = field.whole.end;
        let Payload::Delimited(range) = &field.payload else {
            continue;
        };
        if message.child(field.number, &mut || bytes.slice(range.clone()))? {
            merge(&mut message, &bytes, run..field.whole.start)?;
            run = end;
        }
    }
    merge(&mut message, &bytes, run..end)?;
    Ok(message)
}

fn merge<T: Container>(
    message: &mut T,
    bytes: &Bytes,
    range: std::ops::Range<usize>,
) -> Result<(), DecodeError> {
    if range.is_empty() {
        return Ok(());
    }
    message.merge(bytes.slice(range))
}

macro_rules! containers {
    ($($kind:ident $schema:ident {
        lists { $($list_number:literal $list:ident),* $(,)? }
        many { $($many_number:literal $many:ident),* $(,)? }
        one { $($one_number:literal $one:ident),* $(,)? }
        boxed { $($boxed_number:literal $boxed:ident),* $(,)? }
    })*) => {
        $(impl Container for $kind {
            const SCHEMA: &'static Schema = &budget::$schema;

            fn reserve(&mut self, number: u32, count: usize) {
                match number {
                    $($list_number => self.$list.reserve_exact(count),)*
                    $($many_number => self.$many.reserve_exact(count),)*
                    _ => {
                        let _ = count;
                    }
                }
            }

            fn child(
                &mut self,
                number: u32,
                bytes: &mut dyn FnMut() -> Bytes,
            ) -> Result<bool, DecodeError> {
                match number {
                    $($many_number => self.$many.push(message(bytes())?),)*
                    $($one_number => self.$one = Some(message(bytes())?),)*
                    $($boxed_number => self.$boxed = Some(Box::new(message(bytes())?)),)*
                    _ => {
                        let _ = bytes;
                        return Ok(false);
                    }
                }
                #[allow(unreachable_code)]
                Ok(true)
            }
        })*
    };
}

containers! {
    ModelProto MODEL {
        lists { 8 opset_import, 14 metadata_props, 20 training_info, 26 configuration }
        many { 25 functions }
        one { 7 graph }
        boxed {}
    }
    GraphProto GRAPH {
        lists { 14 quantization_annotation, 16 metadata_props }
        many { 1 node, 5 initializer, 11 input, 12 output, 13 value_info, 15 sparse_initializer }
        one {}
        boxed {}
    }
    NodeProto NODE {
        lists { 1 input, 2 output, 9 metadata_props, 10 device_configurations }
        many { 5 attribute }
        one {}
        boxed {}
    }
    AttributeProto ATTRIBUTE {
        lists { 7 floats, 8 ints, 9 strings, 15 type_protos }
        many { 10 tensors, 11 graphs, 23 sparse_tensors }
        one {}
        boxed { 5 t, 6 g, 22 sparse_tensor }
    }
    TensorProto TENSOR {
        lists {
            1 dims, 4 float_data, 5 int32_data, 6 string_data, 7 int64_data, 10 double_data,
            11 uint64_data, 13 external_data, 16 metadata_props,
        }
        many {}
        one {}
        boxed {}
    }
    SparseTensorProto SPARSE {
        lists { 3 dims }
        many {}
        one {}
        boxed { 1 values, 2 indices }
    }
    ValueInfoProto VALUE {
        lists { 4 metadata_props }
        many {}
        one { 2 r#type }
        boxed {}
    }
    TypeProto TYPE {
        lists {}
        many {}
        one { 1 tensor_type }
        boxed {}
    }
    TensorTypeProto TENSOR_TYPE {
        lists {}
        many {}
        one { 2 shape }
        boxed {}
    }
    TensorShapeProto SHAPE {
        lists { 1 dim }
        many {}
        one {}
        boxed {}
    }
    FunctionProto FUNCTION {
        lists { 4 input, 5 output, 6 attribute, 9 opset_import, 14 metadata_props }
        many { 7 node, 11 attribute_proto, 12 value_info }
        one {}
        boxed {}
    }
}
