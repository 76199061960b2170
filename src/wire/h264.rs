//! What an H.264 stream says of its pictures before one of them is decoded: its units (ITU-T H.264 annex B) and the
//! size and colours in its sequence parameter set (7.3.2.1.1, E.1.1). Pure; nothing is allocated for what a stream
//! announces.

use super::WireError;

/// Most pixels of a picture that is taken.
pub const MAX_PIXELS: u64 = 16 << 20;
/// A sequence parameter set.
pub const SEQUENCE: u8 = 7;
/// A picture parameter set.
pub const PICTURE: u8 = 8;
/// A slice of a picture that needs none before it.
pub const KEY_SLICE: u8 = 5;
/// Longest sequence parameter set that is read; the ones of encoders have some dozens of bytes.
const MAX_SEQUENCE: usize = 4096;

/// The units of a stream, without the start codes between them.
pub fn units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start(stream);
    std::iter::from_fn(move || {
        loop {
            let begin = rest?;
            let (unit, next) = match find_start(begin) {
                Some(at) => (&begin[..at], Some(&begin[at + 3..])),
                None => (begin, None),
            };
            rest = next;
            // Zeros behind a unit belong to the next start code.
            let end = unit.iter().rposition(|byte| *byte != 0);
            match end {
                Some(end) => return Some(&unit[..=end]),
                None => rest?,
            };
        }
    })
}

fn find_start(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| window == [0, 0, 1])
}

fn after_start(stream: &[u8]) -> Option<&[u8]> {
    find_start(stream).map(|at| &stream[at + 3..])
}

/// What kind of unit it is, e.g. [`SEQUENCE`].
pub fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |first| first & 0x1f)
}

/// How red, green and blue are mixed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Matrix {
    /// ITU-R BT.601, also where a stream says nothing.
    #[default]
    Bt601,
    /// ITU-R BT.709.
    Bt709,
}

/// What a sequence parameter set says of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequence {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether the values go from 0 to 255, and not from 16 to 235.
    pub full_range: bool,
    /// How colours are mixed.
    pub matrix: Matrix,
}

/// Reads the first sequence parameter set of a stream; `None` when it has none.
///
/// # Errors
/// [`WireError`] when it ends too early, says something impossible, or the pictures are not of 8 bits with a quarter
/// of the colours (4:2:0), as phones encode them, or have more than [`MAX_PIXELS`].
pub fn sequence(stream: &[u8]) -> Result<Option<Sequence>, WireError> {
    units(stream)
        .find(|unit| kind(unit) == SEQUENCE)
        .map(read_sequence)
        .transpose()
}

fn wrong(value: impl ToString) -> WireError {
    WireError::Unknown {
        what: "H.264 sequence:",
        value: value.to_string(),
    }
}

/// Bits from the front of a unit, without the bytes that keep start codes out of it.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn new(unit: &[u8]) -> Bits {
        let mut bytes = Vec::with_capacity(unit.len());
        let mut zeros = 0;
        for byte in unit {
            if zeros >= 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Bits { bytes, at: 0 }
    }

    fn bit(&mut self) -> Result<bool, WireError> {
        let byte = self
            .bytes
            .get(self.at / 8)
            .ok_or_else(|| wrong("its end is missing"))?;
        let bit = byte >> (7 - self.at % 8) & 1 == 1;
        self.at += 1;
        Ok(bit)
    }

    fn number(&mut self, bits: u32) -> Result<u32, WireError> {
        let mut number = 0;
        for _ in 0..bits {
            number = number << 1 | u32::from(self.bit()?);
        }
        Ok(number)
    }

    /// An Exp-Golomb number (9.1).
    fn golomb(&mut self) -> Result<u32, WireError> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return Err(wrong("a number is too large"));
            }
        }
        Ok((1 << zeros) - 1 + self.number(zeros)?)
    }

    fn signed_golomb(&mut self) -> Result<i64, WireError> {
        let number = i64::from(self.golomb()?);
        Ok(if number % 2 == 1 {
            (number + 1) / 2
        } else {
            -(number / 2)
        })
    }
}

/// Profiles whose sets say how colours are stored.
const HIGH_PROFILES: [u32; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

fn read_sequence(unit: &[u8]) -> Result<Sequence, WireError> {
    if unit.len() > MAX_SEQUENCE {
        return Err(WireError::TooLong {
            what: "H.264 sequence",
            length: unit.len() as u64,
            limit: MAX_SEQUENCE as u64,
        });
    }
    let mut bits = Bits::new(unit.get(1..).unwrap_or_default());
    let profile = bits.number(8)?;
    bits.number(16)?;
    bits.golomb()?;
    if HIGH_PROFILES.contains(&profile) {
        let chroma = bits.golomb()?;
        let depths = (bits.golomb()?, bits.golomb()?);
        if chroma != 1 || depths != (0, 0) {
            return Err(wrong(format!(
                "colours of kind {chroma}, {depths:?} more bits than 8"
            )));
        }
        bits.bit()?;
        if bits.bit()? {
            for list in 0..8 {
                if bits.bit()? {
                    skip_scaling_list(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.bit()?;
            bits.golomb()?;
            bits.golomb()?;
            let count = bits.golomb()?;
            if count > 255 {
                return Err(wrong(format!("{count} reference pictures")));
            }
            for _ in 0..count {
                bits.golomb()?;
            }
        }
        2 => {}
        other => return Err(wrong(format!("pictures in an order of kind {other}"))),
    }
    bits.golomb()?;
    bits.bit()?;
    let across = u64::from(bits.golomb()?) + 1;
    let down = u64::from(bits.golomb()?) + 1;
    let frames_only = bits.bit()?;
    if !frames_only {
        bits.bit()?;
    }
    bits.bit()?;
    let fields = if frames_only { 1 } else { 2 };
    let (mut width, mut height) = (across * 16, down * 16 * fields);
    if bits.bit()? {
        let cut = |bits: &mut Bits| Ok(u64::from(bits.golomb()?));
        let (left, right): (u64, u64) = (cut(&mut bits)?, cut(&mut bits)?);
        let (top, bottom): (u64, u64) = (cut(&mut bits)?, cut(&mut bits)?);
        width = width.saturating_sub(2 * (left + right));
        height = height.saturating_sub(2 * fields * (top + bottom));
    }
    // What is cut off is decoded all the same.
    let decoded = (across * 16).saturating_mul(down * 16 * fields);
    if width == 0 || height == 0 || decoded > MAX_PIXELS {
        return Err(wrong(format!("pictures of {width}x{height}")));
    }
    let (full_range, matrix) = match bits.bit()? {
        true => colours(&mut bits)?,
        false => (false, Matrix::default()),
    };
    Ok(Sequence {
        width: width as u32,
        height: height as u32,
        full_range,
        matrix,
    })
}

fn skip_scaling_list(bits: &mut Bits, size: u32) -> Result<(), WireError> {
    let (mut last, mut next) = (8, 8);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed_golomb()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Ok(())
}

fn colours(bits: &mut Bits) -> Result<(bool, Matrix), WireError> {
    const EXTENDED: u32 = 255;
    if bits.bit()? && bits.number(8)? == EXTENDED {
        bits.number(32)?;
    }
    if bits.bit()? {
        bits.bit()?;
    }
    if !bits.bit()? {
        return Ok((false, Matrix::default()));
    }
    bits.number(3)?;
    let full_range = bits.bit()?;
    let matrix = match bits.bit()? {
        true if bits.number(24)? & 0xff == 1 => Matrix::Bt709,
        _ => Matrix::Bt601,
    };
    Ok((full_range, matrix))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes bits, as an encoder of parameter sets.
    #[derive(Default)]
    struct Writer(Vec<bool>);

    impl Writer {
        fn number(&mut self, bits: u32, value: u32) -> &mut Writer {
            self.0
                .extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
            self
        }

        fn golomb(&mut self, value: u32) -> &mut Writer {
            let length = 32 - (value + 1).leading_zeros();
            self.number(length - 1, 0).number(length, value + 1)
        }

        fn unit(&self) -> Vec<u8> {
            let mut unit = vec![0, 0, 0, 1, 0x67];
            let mut zeros = 0;
            let bits: Vec<bool> = self.0.iter().copied().chain([true]).collect();
            for byte in bits.chunks(8) {
                let byte = (0..8).fold(0, |all, bit| {
                    all << 1 | u8::from(byte.get(bit).copied().unwrap_or(false))
                });
                if zeros >= 2 && byte <= 3 {
                    unit.push(3);
                    zeros = 0;
                }
                zeros = if byte == 0 { zeros + 1 } else { 0 };
                unit.push(byte);
            }
            unit
        }
    }

    /// A high profile's set with scaling lists, a picture order, cropping and colours.
    fn high(across: u32, down: u32, crop: u32, matrix: u32) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.number(8, 100).number(16, 0x32).golomb(0);
        writer
            .golomb(1)
            .golomb(0)
            .golomb(0)
            .number(1, 0)
            .number(1, 1);
        // The first list has 16 equal numbers, the others are absent.
        writer.number(1, 1);
        (0..16).for_each(|_| {
            writer.golomb(0);
        });
        writer.number(7, 0);
        writer
            .golomb(4)
            .golomb(1)
            .number(1, 0)
            .golomb(0)
            .golomb(0)
            .golomb(2);
        writer.golomb(3).golomb(3);
        writer
            .golomb(1)
            .number(1, 0)
            .golomb(across - 1)
            .golomb(down - 1);
        writer.number(1, 1).number(1, 1);
        writer
            .number(1, 1)
            .golomb(0)
            .golomb(0)
            .golomb(0)
            .golomb(crop);
        writer
            .number(1, 1)
            .number(1, 1)
            .number(8, 255)
            .number(32, 0);
        writer.number(1, 0).number(1, 1).number(3, 5).number(1, 1);
        writer
            .number(1, 1)
            .number(8, 1)
            .number(8, 1)
            .number(8, matrix);
        writer.unit()
    }

    #[test]
    fn sizes_and_colours_are_read() {
        let sequence_of = |stream: &[u8]| sequence(stream).unwrap().unwrap();
        let high_set = sequence_of(&high(68, 150, 3, 1));
        assert_eq!((high_set.width, high_set.height), (1088, 2394));
        assert_eq!(
            (high_set.full_range, high_set.matrix),
            (true, Matrix::Bt709)
        );
        assert_eq!(sequence_of(&high(1, 1, 0, 6)).matrix, Matrix::Bt601);
        assert!(sequence(b"\0\0\0\x01\x68abc").unwrap().is_none());
        assert!(sequence(b"nothing").unwrap().is_none());
    }

    #[test]
    fn impossible_sets_are_refused() {
        assert!(sequence(&high(70_000, 70_000, 0, 1)).is_err());
        assert!(sequence(&high(1025, 1024, 0, 1)).is_err());
        assert!(sequence(&high(1, 1, 8, 1)).is_err());
        let whole = high(68, 150, 0, 1);
        // The last two bytes hold the colours only.
        for length in 5..whole.len() - 4 {
            assert!(sequence(&whole[..length]).is_err(), "{length}");
        }
        assert!(sequence(&[&[0, 0, 1, 0x67][..], &[0; 60]].concat()).is_err());
        assert!(sequence(&[&[0, 0, 1, 0x67][..], &[0xaa; 5000]].concat()).is_err());
    }

    #[test]
    fn units_are_told_apart() {
        let stream = [
            9, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0, 0, 1, 0x65, 4,
        ];
        let found: Vec<&[u8]> = units(&stream).collect();
        assert_eq!(found, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 4]]);
        let kinds: Vec<u8> = found.iter().map(|unit| kind(unit)).collect();
        assert_eq!(kinds, [SEQUENCE, PICTURE, KEY_SLICE]);
        assert_eq!(units(b"").count(), 0);
        assert_eq!(units(&[0, 0, 1]).count(), 0);
        assert_eq!(units(&[0, 0, 1, 0, 0, 1]).count(), 0);
    }
}
