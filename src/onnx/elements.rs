//! Elements of tensors in files: how many bytes they take, whether the data fits the shape, and
//! their values from whichever of the schema's fields holds them.

use bytes::Bytes;
use half::{bf16, f16};

use super::OnnxError;
use super::check::quoted;
use super::external::Reference;
use super::proto::TensorProto;

/// Element types by their numbers in the schema, where they are treated apart.
mod code {
    pub const FLOAT: i32 = 1;
    pub const STRING: i32 = 8;
    pub const COMPLEX64: i32 = 14;
    pub const COMPLEX128: i32 = 15;
}

/// Bits of one element; none for texts and for types that are newer than this table.
pub(super) fn bits(code: i32) -> Option<u64> {
    Some(match code {
        25 | 26 => 2,
        21..=23 => 4,
        27 | 28 => 6,
        2 | 3 | 9 | 17..=20 | 24 => 8,
        4 | 5 | 10 | 16 => 16,
        1 | 6 | 12 => 32,
        7 | 11 | 13 | 14 => 64,
        15 => 128,
        _ => return None,
    })
}

impl TensorProto {
    fn broken(&self, reason: impl Into<String>) -> OnnxError {
        OnnxError::Tensor {
            name: quoted(self.name.as_deref().unwrap_or("")),
            reason: reason.into(),
        }
    }

    /// Number of elements.
    ///
    /// # Errors
    /// [`OnnxError::Tensor`] for a negative dimension and for a product beyond 64 bits.
    pub fn elements(&self) -> Result<u64, OnnxError> {
        let mut product = 1u64;
        for length in &self.dims {
            let length = u64::try_from(*length).map_err(|_| self.broken("a negative dimension"))?;
            product = product
                .checked_mul(length)
                .filter(|product| *product <= i64::MAX as u64)
                .ok_or_else(|| self.broken("too many elements"))?;
        }
        Ok(product)
    }

    /// Bytes that the elements take when they are packed; none where that is not fixed.
    ///
    /// # Errors
    /// As [`TensorProto::elements`].
    pub fn packed_size(&self) -> Result<Option<u64>, OnnxError> {
        let count = self.elements()?;
        match bits(self.data_type.unwrap_or(0)) {
            None => Ok(None),
            Some(bits) => count
                .checked_mul(bits)
                .map(|bits| Some(bits.div_ceil(8)))
                .ok_or_else(|| self.broken("too many elements")),
        }
    }

    /// Whether the data lies in another file.
    pub fn is_external(&self) -> bool {
        self.data_location == Some(1)
    }

    /// Checks that the shape is one and that the data fits it. Data in other files is not looked at,
    /// only how they are named.
    ///
    /// # Errors
    /// [`OnnxError::Tensor`] and [`OnnxError::External`].
    pub fn check(&self) -> Result<(), OnnxError> {
        let count = self.elements()?;
        let kind = self.data_type.unwrap_or(0);
        if kind <= 0 {
            return Err(self.broken("no element type"));
        }
        let size = self.packed_size()?;
        if self.segment.is_some() {
            return Err(self.broken("only a part of a tensor"));
        }
        if self.is_external() {
            return Reference::of(self).map(|_| ());
        }
        let raw = self.raw_data.as_ref().map_or(0, Bytes::len) as u64;
        if kind == code::STRING {
            if raw > 0 {
                return Err(self.broken("texts as raw bytes"));
            }
            return self.fits(self.string_data.len(), count);
        }
        let Some(size) = size else {
            return Ok(());
        };
        if raw > 0 {
            return if raw == size {
                Ok(())
            } else {
                Err(self.broken(format!("its {raw} bytes do not fit its shape ({size})")))
            };
        }
        match kind {
            code::FLOAT => self.fits(self.float_data.len(), count),
            code::COMPLEX64 => self.fits(self.float_data.len(), count.saturating_mul(2)),
            code::COMPLEX128 => self.fits(self.double_data.len(), count.saturating_mul(2)),
            11 => self.fits(self.double_data.len(), count),
            7 => self.fits(self.int64_data.len(), count),
            12 | 13 => self.fits(self.uint64_data.len(), count),
            21..=23 => self.fits(self.int32_data.len(), count.div_ceil(2)),
            25 | 26 => self.fits(self.int32_data.len(), count.div_ceil(4)),
            _ => self.fits(self.int32_data.len(), count),
        }
    }

    fn fits(&self, found: usize, wanted: u64) -> Result<(), OnnxError> {
        if found as u64 == wanted {
            return Ok(());
        }
        Err(self.broken(format!(
            "its data does not fit its shape: {found} numbers, not {wanted}"
        )))
    }

    /// The elements as little-endian bytes, as they would stand in `raw_data`; shared where they do.
    ///
    /// # Errors
    /// [`OnnxError::Tensor`] for texts, for data in another file and for data that does not fit.
    pub fn packed(&self) -> Result<Bytes, OnnxError> {
        self.check()?;
        if self.is_external() {
            return Err(self.broken("its data is in another file"));
        }
        if let Some(raw) = self.raw_data.as_ref().filter(|raw| !raw.is_empty()) {
            return Ok(raw.clone());
        }
        let kind = self.data_type.unwrap_or(0);
        let size = bits(kind).ok_or_else(|| self.broken(format!("element type {kind}")))?;
        let whole = usize::try_from(self.packed_size()?.unwrap_or(0))
            .map_err(|_| self.broken("too many elements"))?;
        let mut packed = Vec::with_capacity(whole);
        let low = |value: &i32, bytes: usize, packed: &mut Vec<u8>| {
            packed.extend_from_slice(value.to_le_bytes().get(..bytes).unwrap_or(&[]));
        };
        match kind {
            code::FLOAT | code::COMPLEX64 => {
                for value in &self.float_data {
                    packed.extend_from_slice(&value.to_le_bytes());
                }
            }
            11 | code::COMPLEX128 => {
                for value in &self.double_data {
                    packed.extend_from_slice(&value.to_le_bytes());
                }
            }
            7 => {
                for value in &self.int64_data {
                    packed.extend_from_slice(&value.to_le_bytes());
                }
            }
            12 => {
                for value in &self.uint64_data {
                    packed.extend_from_slice(&(*value as u32).to_le_bytes());
                }
            }
            13 => {
                for value in &self.uint64_data {
                    packed.extend_from_slice(&value.to_le_bytes());
                }
            }
            // Six bits each, one element per number in the list: packed four to three bytes.
            27 | 28 => {
                packed.resize(whole, 0);
                for (place, value) in self.int32_data.iter().enumerate() {
                    let wide = ((*value as u16) & 0x3f) << (place * 6 % 8);
                    for (byte, part) in packed
                        .iter_mut()
                        .skip(place * 6 / 8)
                        .zip(wide.to_le_bytes())
                    {
                        *byte |= part;
                    }
                }
            }
            _ => {
                let bytes = usize::try_from(size.div_ceil(8)).unwrap_or(1);
                for value in &self.int32_data {
                    low(value, bytes, &mut packed);
                }
            }
        }
        Ok(Bytes::from(packed))
    }

    /// The elements as 64-bit floats, whatever kind of number they are; none for data that is no
    /// number here (texts, complex numbers, eight bits and less of float) or is not at hand.
    pub fn to_f64(&self) -> Option<Vec<f64>> {
        macro_rules! read {
            ($bytes:expr, $kind:ty) => {
                $bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| f64::from(<$kind>::from_le_bytes(*word)))
                    .collect()
            };
        }
        let kind = self.data_type.unwrap_or(0);
        let bytes = match kind {
            1..=7 | 9..=13 | 16 => self.packed().ok()?,
            _ => return None,
        };
        Some(match kind {
            1 => read!(bytes, f32),
            10 => read!(bytes, f16),
            11 => read!(bytes, f64),
            16 => read!(bytes, bf16),
            _ => self
                .to_i64()?
                .into_iter()
                .map(|value| value as f64)
                .collect(),
        })
    }

    /// The elements as 64-bit integers, when they are integers or booleans and at hand.
    pub fn to_i64(&self) -> Option<Vec<i64>> {
        macro_rules! read {
            ($bytes:expr, $kind:ty) => {
                $bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|word| <$kind>::from_le_bytes(*word) as i64)
                    .collect()
            };
        }
        let kind = self.data_type.unwrap_or(0);
        let bytes = match kind {
            2..=7 | 9 | 12 | 13 => self.packed().ok()?,
            _ => return None,
        };
        Some(match kind {
            3 => read!(bytes, i8),
            4 => read!(bytes, u16),
            5 => read!(bytes, i16),
            6 => read!(bytes, i32),
            7 => read!(bytes, i64),
            9 => bytes.iter().map(|byte| i64::from(*byte != 0)).collect(),
            12 => read!(bytes, u32),
            13 => read!(bytes, u64),
            _ => bytes.iter().map(|byte| i64::from(*byte)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(kind: i32, dims: &[i64]) -> TensorProto {
        TensorProto {
            dims: dims.to_vec(),
            data_type: Some(kind),
            ..Default::default()
        }
    }

    #[test]
    fn numbers_are_read_from_whichever_field_holds_them() {
        let halves = TensorProto {
            int32_data: vec![0x3c00, 0xc000],
            ..tensor(10, &[2])
        };
        assert_eq!(halves.to_f64(), Some(vec![1.0, -2.0]));
        assert_eq!(halves.packed().unwrap().as_ref(), [0x00, 0x3c, 0x00, 0xc0]);
        let brain = TensorProto {
            int32_data: vec![0x3f80],
            ..tensor(16, &[])
        };
        assert_eq!(brain.to_f64(), Some(vec![1.0]));
        let small = TensorProto {
            int32_data: vec![-1, 127],
            ..tensor(3, &[2])
        };
        assert_eq!(small.to_i64(), Some(vec![-1, 127]));
        let flags = TensorProto {
            int32_data: vec![1, 0, 1],
            ..tensor(9, &[3])
        };
        assert_eq!(flags.to_i64(), Some(vec![1, 0, 1]));
        let nibbles = TensorProto {
            int32_data: vec![0x21, 0x03],
            ..tensor(22, &[3])
        };
        assert_eq!(nibbles.packed().unwrap().as_ref(), [0x21, 0x03]);
        let sixes = TensorProto {
            int32_data: vec![1, 2, 3, 4, 5],
            ..tensor(27, &[5])
        };
        // 1, 2, 3 and 4 in six bits each, from the lowest bit on; then 5.
        let packed = [0b1000_0001, 0b0011_0000, 0b0001_0000, 0b0000_0101];
        assert_eq!(sixes.packed().unwrap().as_ref(), packed);
        let unsigned = TensorProto {
            uint64_data: vec![u64::from(u32::MAX)],
            ..tensor(12, &[1])
        };
        assert_eq!(unsigned.to_i64(), Some(vec![i64::from(u32::MAX)]));
    }

    #[test]
    fn data_must_fit_the_shape() {
        let cases = [
            (
                TensorProto {
                    float_data: vec![1.0],
                    ..tensor(1, &[2])
                },
                "fit",
            ),
            (
                TensorProto {
                    raw_data: Some(vec![0; 7].into()),
                    ..tensor(1, &[2])
                },
                "fit",
            ),
            (tensor(1, &[-1]), "negative"),
            (tensor(1, &[i64::MAX, 3]), "too many"),
            (tensor(0, &[]), "no element type"),
            (
                TensorProto {
                    raw_data: Some(vec![0; 2].into()),
                    ..tensor(8, &[2])
                },
                "texts",
            ),
            (
                TensorProto {
                    int32_data: vec![0],
                    ..tensor(22, &[3])
                },
                "fit",
            ),
        ];
        for (tensor, reason) in cases {
            let error = tensor.check().unwrap_err().to_string();
            assert!(error.contains(reason), "{error} instead of {reason}");
        }
        assert!(tensor(1, &[0]).check().is_ok());
        // A type that is newer than the table passes.
        assert!(tensor(99, &[4]).check().is_ok());
    }
}
