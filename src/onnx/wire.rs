//! Walks over the wire format of protobuf, field by field, without decoding anything.

use std::ops::Range;

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Payload {
    /// A number of variable length.
    Varint,
    /// Four bytes.
    Four,
    /// Eight bytes.
    Eight,
    /// A text, a message or a packed list: where its bytes lie.
    Delimited(Range<usize>),
}

/// A field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its number in the schema.
    pub number: u32,
    /// Key and payload together.
    pub whole: Range<usize>,
    /// The payload.
    pub payload: Payload,
}

/// The fields of a message in the order in which they stand.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Fields<'a> {
    /// The fields of a message.
    pub fn of(bytes: &'a [u8]) -> Fields<'a> {
        Fields { bytes, position: 0 }
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.position).ok_or("cut in a number")?;
            self.position += 1;
            if shift == 63 && byte > 1 {
                return Err("a number of more than 64 bits");
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number of more than 64 bits")
    }

    fn skip(&mut self, length: u64) -> Result<Range<usize>, &'static str> {
        let start = self.position;
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| start.checked_add(length))
            .filter(|end| *end <= self.bytes.len())
            .ok_or("a field that is longer than what holds it")?;
        self.position = end;
        Ok(start..end)
    }

    fn field(&mut self) -> Result<Field, &'static str> {
        let start = self.position;
        let key = u32::try_from(self.varint()?).map_err(|_| "a field number out of range")?;
        if key >> 3 == 0 {
            return Err("a field number out of range");
        }
        let payload = match key & 7 {
            0 => {
                self.varint()?;
                Payload::Varint
            }
            1 => {
                self.skip(8)?;
                Payload::Eight
            }
            2 => {
                let length = self.varint()?;
                Payload::Delimited(self.skip(length)?)
            }
            5 => {
                self.skip(4)?;
                Payload::Four
            }
            _ => return Err("a kind of field that ONNX does not use"),
        };
        Ok(Field {
            number: key >> 3,
            whole: start..self.position,
            payload,
        })
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.position = self.bytes.len();
        }
        Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_and_broken_ones_end_the_walk() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1d, 1, 2, 3, 4];
        let fields: Result<Vec<Field>, _> = Fields::of(&bytes).collect();
        let fields = fields.unwrap();
        let numbers: Vec<u32> = fields.iter().map(|field| field.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert_eq!(fields[1].payload, Payload::Delimited(5..7));
        assert_eq!(fields[1].whole, 3..7);
        for length in [1, 2, 4, 5, 6, 8, 11] {
            let end = Fields::of(&bytes[..length]).last();
            assert!(end.unwrap().is_err(), "cut to {length} bytes");
        }
        let too_long = [
            0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
        ];
        assert!(Fields::of(&too_long).next().unwrap().is_err());
        assert!(Fields::of(&[0xff; 12]).next().unwrap().is_err());
        assert!(Fields::of(&[0x00, 0x00]).next().unwrap().is_err());
        assert!(Fields::of(&[0x0b]).next().unwrap().is_err());
    }
}
