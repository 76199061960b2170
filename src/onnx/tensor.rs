//! Dense tensors on the host, as they go into and come out of a model.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};

use super::check::quoted;
use super::proto::TensorProto;
use super::{Dimension, OnnxError, ValueType};

/// Element types that are computed with here. Others pass through files untouched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ElementType {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 16-bit float of IEEE 754.
    F16,
    /// 16-bit float with the exponent of a 32-bit one.
    Bf16,
    /// 64-bit integer.
    I64,
    /// 32-bit integer.
    I32,
    /// 8-bit integer without a sign.
    U8,
    /// 8-bit integer.
    I8,
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
            ElementType::U8 => 2,
            ElementType::I8 => 3,
            ElementType::I32 => 6,
            ElementType::I64 => 7,
            ElementType::Bool => 9,
            ElementType::F16 => 10,
            ElementType::F64 => 11,
            ElementType::Bf16 => 16,
            ElementType::Other(code) => code,
        }
    }

    /// The type for a number in the schema.
    pub fn from_code(code: i32) -> ElementType {
        match code {
            1 => ElementType::F32,
            2 => ElementType::U8,
            3 => ElementType::I8,
            6 => ElementType::I32,
            7 => ElementType::I64,
            9 => ElementType::Bool,
            10 => ElementType::F16,
            11 => ElementType::F64,
            16 => ElementType::Bf16,
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
        matches!(self, ElementType::F32 | ElementType::F64) || self.is_half()
    }

    /// Whether it is one of the 16-bit floats.
    pub fn is_half(self) -> bool {
        matches!(self, ElementType::F16 | ElementType::Bf16)
    }
}

impl std::fmt::Display for ElementType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        let name = match self {
            ElementType::F32 => "f32",
            ElementType::F64 => "f64",
            ElementType::F16 => "f16",
            ElementType::Bf16 => "bf16",
            ElementType::I64 => "i64",
            ElementType::I32 => "i32",
            ElementType::U8 => "u8",
            ElementType::I8 => "i8",
            ElementType::Bool => "bool",
            ElementType::Other(code) => return write!(formatter, "element type {code}"),
        };
        formatter.write_str(name)
    }
}

/// Elements in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub enum TensorData {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 16-bit floats of IEEE 754.
    F16(Vec<f16>),
    /// 16-bit floats with the exponent of 32-bit ones.
    Bf16(Vec<bf16>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 8-bit integers without a sign.
    U8(Vec<u8>),
    /// 8-bit integers.
    I8(Vec<i8>),
    /// Booleans.
    Bool(Vec<bool>),
}

impl TensorData {
    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            TensorData::F32(values) => values.len(),
            TensorData::F64(values) => values.len(),
            TensorData::F16(values) => values.len(),
            TensorData::Bf16(values) => values.len(),
            TensorData::I64(values) => values.len(),
            TensorData::I32(values) => values.len(),
            TensorData::U8(values) => values.len(),
            TensorData::I8(values) => values.len(),
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
            TensorData::F16(values) => Some(values.iter().map(|value| value.to_f64()).collect()),
            TensorData::Bf16(values) => Some(values.iter().map(|value| value.to_f64()).collect()),
            _ => None,
        }
    }

    /// The same numbers as another kind of float, by way of 32 bits where that is between; none
    /// unless both kinds are floats.
    pub fn converted(&self, element: ElementType) -> Option<Tensor> {
        let data = match (&self.data, element) {
            _ if !self.element().is_float() || !element.is_float() => return None,
            _ if self.element() == element => self.data.clone(),
            (_, ElementType::F64) => TensorData::F64(self.to_f64()?),
            _ => from_f32(self.to_f32()?, element)?,
        };
        Some(Tensor {
            shape: self.shape.clone(),
            data,
        })
    }

    /// The elements as 32-bit floats, whatever kind of float they are.
    pub fn to_f32(&self) -> Option<Vec<f32>> {
        Some(match &self.data {
            TensorData::F32(values) => values.clone(),
            TensorData::F64(values) => values.iter().map(|value| *value as f32).collect(),
            TensorData::F16(values) => values.as_slice().to_f32_vec(),
            TensorData::Bf16(values) => values.as_slice().to_f32_vec(),
            _ => return None,
        })
    }

    /// Element type.
    pub fn element(&self) -> ElementType {
        match self.data {
            TensorData::F32(_) => ElementType::F32,
            TensorData::F64(_) => ElementType::F64,
            TensorData::F16(_) => ElementType::F16,
            TensorData::Bf16(_) => ElementType::Bf16,
            TensorData::I64(_) => ElementType::I64,
            TensorData::I32(_) => ElementType::I32,
            TensorData::U8(_) => ElementType::U8,
            TensorData::I8(_) => ElementType::I8,
            TensorData::Bool(_) => ElementType::Bool,
        }
    }

    /// Element type and shape.
    pub fn value_type(&self) -> ValueType {
        ValueType {
            element: self.element(),
            dimensions: self.shape.iter().copied().map(Dimension::Fixed).collect(),
        }
    }

    /// As an initializer.
    pub fn to_proto(&self, name: &str) -> TensorProto {
        macro_rules! raw {
            ($values:expr) => {{
                let mut raw = Vec::with_capacity(std::mem::size_of_val($values.as_slice()));
                for value in $values {
                    raw.extend_from_slice(&value.to_le_bytes());
                }
                raw
            }};
        }
        let raw: Vec<u8> = match &self.data {
            TensorData::F32(values) => raw!(values),
            TensorData::F64(values) => raw!(values),
            TensorData::I64(values) => raw!(values),
            TensorData::I32(values) => raw!(values),
            TensorData::F16(values) => raw!(values),
            TensorData::Bf16(values) => raw!(values),
            TensorData::U8(values) => values.clone(),
            TensorData::I8(values) => values.iter().map(|value| value.cast_unsigned()).collect(),
            TensorData::Bool(values) => values.iter().map(|value| u8::from(*value)).collect(),
        };
        TensorProto {
            dims: self.shape.iter().map(|length| *length as i64).collect(),
            data_type: Some(self.element().code()),
            name: Some(name.to_owned()),
            raw_data: Some(raw.into()),
            ..Default::default()
        }
    }

    /// From an initializer that holds its data itself.
    ///
    /// # Errors
    /// [`OnnxError::Tensor`] for external data, other element types, or data that does not fit.
    pub fn from_proto(proto: &TensorProto) -> Result<Tensor, OnnxError> {
        macro_rules! read {
            ($bytes:expr, $kind:ty) => {
                $bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| <$kind>::from_le_bytes(*word))
                    .collect()
            };
        }
        let broken = |reason: String| OnnxError::Tensor {
            name: quoted(proto.name.as_deref().unwrap_or("")),
            reason,
        };
        let element = ElementType::from_code(proto.data_type.unwrap_or(0));
        if let ElementType::Other(code) = element {
            return Err(broken(format!("element type {code}")));
        }
        // Checks the sizes before anything is allocated.
        let bytes = proto.packed()?;
        let data = match element {
            ElementType::F32 => TensorData::F32(read!(bytes, f32)),
            ElementType::F64 => TensorData::F64(read!(bytes, f64)),
            ElementType::I64 => TensorData::I64(read!(bytes, i64)),
            ElementType::I32 => TensorData::I32(read!(bytes, i32)),
            ElementType::F16 => TensorData::F16(read!(bytes, f16)),
            ElementType::Bf16 => TensorData::Bf16(read!(bytes, bf16)),
            ElementType::U8 => TensorData::U8(bytes.to_vec()),
            ElementType::I8 => {
                TensorData::I8(bytes.iter().map(|byte| byte.cast_signed()).collect())
            }
            ElementType::Bool | ElementType::Other(_) => {
                TensorData::Bool(bytes.iter().map(|byte| *byte != 0).collect())
            }
        };
        let shape = proto
            .dims
            .iter()
            .map(|length| usize::try_from(*length).map_err(|_| broken("too large".into())))
            .collect::<Result<_, _>>()?;
        Ok(Tensor { shape, data })
    }
}

fn from_f32(values: Vec<f32>, element: ElementType) -> Option<TensorData> {
    Some(match element {
        ElementType::F32 => TensorData::F32(values),
        ElementType::F16 => {
            let mut rounded = vec![f16::ZERO; values.len()];
            rounded.convert_from_f32_slice(&values);
            TensorData::F16(rounded)
        }
        ElementType::Bf16 => {
            let mut rounded = vec![bf16::ZERO; values.len()];
            rounded.convert_from_f32_slice(&values);
            TensorData::Bf16(rounded)
        }
        _ => return None,
    })
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
            Tensor {
                shape: vec![3],
                data: TensorData::U8(vec![0, 1, 255]),
            },
            Tensor {
                shape: vec![3],
                data: TensorData::I8(vec![-128, 0, 127]),
            },
            Tensor::f32(&[2], [1.5, -65504.0])
                .converted(ElementType::F16)
                .unwrap(),
            Tensor::f32(&[2], [1.5, -1e38])
                .converted(ElementType::Bf16)
                .unwrap(),
        ] {
            assert_eq!(Tensor::from_proto(&tensor.to_proto("x")).unwrap(), tensor);
        }
    }

    #[test]
    fn floats_are_rounded_to_nearest_and_back() {
        let exact = Tensor::f32(&[3], [1.0, -0.5, 3.0]);
        for element in [ElementType::F16, ElementType::Bf16, ElementType::F64] {
            let there = exact.converted(element).unwrap();
            assert_eq!(there.element(), element);
            assert_eq!(there.to_f64(), exact.to_f64());
            assert_eq!(there.converted(ElementType::F32).unwrap(), exact);
        }
        let third = Tensor::f64(&[1], [1.0 / 3.0]);
        let half = third.converted(ElementType::F16).unwrap();
        assert!((half.to_f64().unwrap()[0] - 1.0 / 3.0).abs() < 1e-4);
        assert_ne!(half.to_f64(), third.to_f64());
        assert_eq!(exact.converted(ElementType::I64), None);
        assert_eq!(Tensor::i64(&[1], [1]).converted(ElementType::F32), None);
    }

    #[test]
    fn halves_and_bytes_are_read_from_the_field_of_integers() {
        let proto = |element: ElementType, values: &[i32]| TensorProto {
            dims: vec![values.len() as i64],
            data_type: Some(element.code()),
            int32_data: values.to_vec(),
            ..Default::default()
        };
        let halves = Tensor::from_proto(&proto(ElementType::F16, &[0x3c00, 0xc000])).unwrap();
        assert_eq!(halves.to_f64().unwrap(), [1.0, -2.0]);
        let halves = Tensor::from_proto(&proto(ElementType::Bf16, &[0x3f80, 0xc000])).unwrap();
        assert_eq!(halves.to_f64().unwrap(), [1.0, -2.0]);
        let bytes = Tensor::from_proto(&proto(ElementType::I8, &[-3, 4])).unwrap();
        assert_eq!(bytes.data, TensorData::I8(vec![-3, 4]));
        let mut short = proto(ElementType::U8, &[1]);
        short.dims = vec![2];
        assert!(Tensor::from_proto(&short).is_err());
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
