//! Dense tensors on the host, as they go into and come out of a model.

use super::OnnxError;
use super::proto::TensorProto;

/// Element types that are computed with here. Others pass through files untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 64-bit integer.
    I64,
    /// 32-bit integer.
    I32,
    /// Boolean.
    Bool,
    /// Anything else, by its number in the schema.
    Other(i32),
}

impl ElementType {
    /// The number in the schema.
    pub fn code(self) -> i32 {
        match self {
            ElementType::F32 => 1,
            ElementType::I32 => 6,
            ElementType::I64 => 7,
            ElementType::Bool => 9,
            ElementType::F64 => 11,
            ElementType::Other(code) => code,
        }
    }

    /// The type for a number in the schema.
    pub fn from_code(code: i32) -> ElementType {
        match code {
            1 => ElementType::F32,
            6 => ElementType::I32,
            7 => ElementType::I64,
            9 => ElementType::Bool,
            11 => ElementType::F64,
            other => ElementType::Other(other),
        }
    }

    /// Bytes of one element, where it takes whole ones.
    pub fn size(self) -> Option<usize> {
        Some(match self.code() {
            2 | 3 | 9 => 1,
            4 | 5 | 10 | 16 => 2,
            1 | 6 | 12 => 4,
            7 | 11 | 13 => 8,
            _ => return None,
        })
    }

    /// Whether gradients flow through values of this type.
    pub fn is_float(self) -> bool {
        // 10 is f16, 16 is bf16.
        matches!(
            self,
            ElementType::F32 | ElementType::F64 | ElementType::Other(10 | 16)
        )
    }
}

/// Elements in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub enum TensorData {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// Booleans.
    Bool(Vec<bool>),
}

impl TensorData {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            TensorData::F32(values) => values.len(),
            TensorData::F64(values) => values.len(),
            TensorData::I64(values) => values.len(),
            TensorData::I32(values) => values.len(),
            TensorData::Bool(values) => values.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A tensor: shape and elements.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Shape.
    pub shape: Vec<usize>,
    /// Elements; as many as the shape says.
    pub data: TensorData,
}

impl Tensor {
    /// A tensor of 32-bit floats.
    ///
    /// # Panics
    /// When the number of elements does not fit the shape: a mistake of the caller.
    pub fn f32(shape: &[usize], values: impl Into<Vec<f32>>) -> Tensor {
        let values = values.into();
        assert_eq!(
            values.len(),
            shape.iter().product::<usize>(),
            "elements for shape {shape:?}"
        );
        Tensor {
            shape: shape.to_vec(),
            data: TensorData::F32(values),
        }
    }

    /// A tensor of 64-bit floats, with the same rule.
    ///
    /// # Panics
    /// When the number of elements does not fit the shape.
    pub fn f64(shape: &[usize], values: impl Into<Vec<f64>>) -> Tensor {
        let values = values.into();
        assert_eq!(
            values.len(),
            shape.iter().product::<usize>(),
            "elements for shape {shape:?}"
        );
        Tensor {
            shape: shape.to_vec(),
            data: TensorData::F64(values),
        }
    }

    /// A tensor of 64-bit integers, with the same rule.
    ///
    /// # Panics
    /// When the number of elements does not fit the shape.
    pub fn i64(shape: &[usize], values: impl Into<Vec<i64>>) -> Tensor {
        let values = values.into();
        assert_eq!(
            values.len(),
            shape.iter().product::<usize>(),
            "elements for shape {shape:?}"
        );
        Tensor {
            shape: shape.to_vec(),
            data: TensorData::I64(values),
        }
    }

    /// A single number.
    pub fn scalar(value: f32) -> Tensor {
        Tensor {
            shape: Vec::new(),
            data: TensorData::F32(vec![value]),
        }
    }

    /// The elements as 32-bit floats, when they are.
    pub fn as_f32(&self) -> Option<&[f32]> {
        match &self.data {
            TensorData::F32(values) => Some(values),
            _ => None,
        }
    }

    /// The elements as 64-bit floats, whatever kind of float they are.
    pub fn to_f64(&self) -> Option<Vec<f64>> {
        match &self.data {
            TensorData::F32(values) => Some(values.iter().map(|value| f64::from(*value)).collect()),
            TensorData::F64(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// Element type.
    pub fn element(&self) -> ElementType {
        match self.data {
            TensorData::F32(_) => ElementType::F32,
            TensorData::F64(_) => ElementType::F64,
            TensorData::I64(_) => ElementType::I64,
            TensorData::I32(_) => ElementType::I32,
            TensorData::Bool(_) => ElementType::Bool,
        }
    }

    /// As an initializer.
    pub fn to_proto(&self, name: &str) -> TensorProto {
        let raw: Vec<u8> = match &self.data {
            TensorData::F32(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            TensorData::F64(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            TensorData::I64(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            TensorData::I32(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            TensorData::Bool(values) => values.iter().map(|value| u8::from(*value)).collect(),
        };
        TensorProto {
            dims: self.shape.iter().map(|length| *length as i64).collect(),
            data_type: Some(self.element().code()),
            name: Some(name.to_owned()),
            raw_data: Some(raw),
            ..Default::default()
        }
    }

    /// From an initializer that holds its data itself.
    ///
    /// # Errors
    /// [`OnnxError::Tensor`] for external data, other element types, or data that does not fit.
    pub fn from_proto(proto: &TensorProto) -> Result<Tensor, OnnxError> {
        let name = proto.name.clone().unwrap_or_default();
        let broken = |reason: &str| OnnxError::Tensor {
            name: name.clone(),
            reason: reason.to_owned(),
        };
        if proto.data_location == Some(1) {
            return Err(broken("its data is in another file"));
        }
        let shape: Vec<usize> = proto
            .dims
            .iter()
            .map(|length| usize::try_from(*length).map_err(|_| broken("a negative dimension")))
            .collect::<Result<_, _>>()?;
        let count = shape
            .iter()
            .try_fold(1usize, |product, length| product.checked_mul(*length))
            .ok_or_else(|| broken("too many elements"))?;
        let raw = proto.raw_data.as_deref().filter(|raw| !raw.is_empty());
        let words = |size: usize| -> Result<Option<Vec<&[u8]>>, OnnxError> {
            match raw {
                None => Ok(None),
                Some(raw) if raw.len() == count.saturating_mul(size) => {
                    Ok(Some(raw.chunks_exact(size).collect()))
                }
                Some(_) => Err(broken("its bytes do not fit its shape")),
            }
        };
        let data = match ElementType::from_code(proto.data_type.unwrap_or(0)) {
            ElementType::F32 => TensorData::F32(match words(4)? {
                Some(words) => words
                    .iter()
                    .map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]]))
                    .collect(),
                None => proto.float_data.clone(),
            }),
            ElementType::F64 => TensorData::F64(match words(8)? {
                Some(words) => words.iter().map(|w| f64::from_bits(word64(w))).collect(),
                None => proto.double_data.clone(),
            }),
            ElementType::I64 => TensorData::I64(match words(8)? {
                Some(words) => words.iter().map(|w| word64(w) as i64).collect(),
                None => proto.int64_data.clone(),
            }),
            ElementType::I32 => TensorData::I32(match words(4)? {
                Some(words) => words
                    .iter()
                    .map(|w| i32::from_le_bytes([w[0], w[1], w[2], w[3]]))
                    .collect(),
                None => proto.int32_data.clone(),
            }),
            ElementType::Bool => TensorData::Bool(match words(1)? {
                Some(words) => words.iter().map(|w| w[0] != 0).collect(),
                None => proto.int32_data.iter().map(|value| *value != 0).collect(),
            }),
            ElementType::Other(code) => return Err(broken(&format!("element type {code}"))),
        };
        if data.len() != count {
            return Err(broken("its data does not fit its shape"));
        }
        Ok(Tensor { shape, data })
    }
}

fn word64(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_round_trip_as_initializers() {
        for tensor in [
            Tensor::f32(&[2, 2], [1.0, -2.0, 3.5, 0.0]),
            Tensor::f64(&[2], [1.0, 1e300]),
            Tensor::i64(&[], [7]),
            Tensor {
                shape: vec![3],
                data: TensorData::Bool(vec![true, false, true]),
            },
        ] {
            assert_eq!(Tensor::from_proto(&tensor.to_proto("x")).unwrap(), tensor);
        }
    }

    #[test]
    fn data_that_does_not_fit_is_refused() {
        let mut proto = Tensor::f32(&[2], [1.0, 2.0]).to_proto("w");
        proto.dims = vec![i64::MAX, i64::MAX];
        assert!(
            Tensor::from_proto(&proto)
                .unwrap_err()
                .to_string()
                .contains("too many")
        );
        proto.dims = vec![-1];
        assert!(Tensor::from_proto(&proto).is_err());
        proto.dims = vec![3];
        assert!(Tensor::from_proto(&proto).is_err());
    }
}
