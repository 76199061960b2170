//! Decompression of DEFLATE (RFC 1951), one bit of a code at a time: entries of APKs are small. Pure.

use super::ApkError;

/// Longest code.
const LONGEST: usize = 15;
/// The order in which the lengths of the code for lengths come.
const ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Unpacks to exactly `size` bytes.
///
/// # Errors
/// When the data is broken, or more or less than that.
pub fn inflate(packed: &[u8], size: usize) -> Result<Vec<u8>, ApkError> {
    let mut bits = Bits {
        bytes: packed,
        at: 0,
    };
    let mut out = Vec::new();
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out, size)?,
            1 => {
                let lengths = fixed();
                let distances = Code::new(&[5; 30])?;
                coded(&mut bits, &mut out, size, &Code::new(&lengths)?, &distances)?;
            }
            2 => {
                let (lengths, distances) = codes(&mut bits)?;
                coded(&mut bits, &mut out, size, &lengths, &distances)?;
            }
            _ => return Err(ApkError::Deflate("a block is of an unknown kind")),
        }
        if last {
            break;
        }
    }
    match out.len() == size {
        true => Ok(out),
        false => Err(ApkError::Deflate("it is shorter than its size")),
    }
}

/// Bits, the lowest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<usize, ApkError> {
        let byte = self.bytes.get(self.at / 8);
        let byte = byte.ok_or(ApkError::Deflate("it ends too early"))?;
        let bit = (byte >> (self.at % 8)) & 1;
        self.at += 1;
        Ok(usize::from(bit))
    }

    /// A number, its lowest bit first.
    fn take(&mut self, count: usize) -> Result<usize, ApkError> {
        (0..count).try_fold(0, |number, place| Ok(number | (self.bit()? << place)))
    }
}

/// A canonical Huffman code: how many codes there are of each length, and what they stand for in order.
struct Code {
    counts: [usize; LONGEST + 1],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Result<Code, ApkError> {
        let mut counts = [0; LONGEST + 1];
        for &length in lengths.iter().filter(|&&length| length > 0) {
            counts[length] += 1;
        }
        let mut free = 1_usize;
        for &count in &counts[1..] {
            free = (free * 2)
                .checked_sub(count)
                .ok_or(ApkError::Deflate("a code has more words than there can be"))?;
        }
        let mut symbols: Vec<usize> = (0..lengths.len())
            .filter(|&symbol| lengths[symbol] > 0)
            .collect();
        // Stable: words of one length stay in the order of what they stand for.
        symbols.sort_by_key(|&symbol| lengths[symbol]);
        Ok(Code { counts, symbols })
    }

    fn next(&self, bits: &mut Bits) -> Result<usize, ApkError> {
        let (mut word, mut first, mut before) = (0, 0, 0);
        for &count in &self.counts[1..] {
            word = (word << 1) | bits.bit()?;
            first <<= 1;
            if word < first + count {
                let symbol = self.symbols.get(before + word - first);
                return symbol.copied().ok_or(UNKNOWN);
            }
            before += count;
            first += count;
        }
        Err(UNKNOWN)
    }
}

const UNKNOWN: ApkError = ApkError::Deflate("a word stands for nothing");
const LONG: ApkError = ApkError::Deflate("it is longer than its size");

fn fixed() -> Vec<usize> {
    let runs = [(144, 8), (112, 9), (24, 7), (8, 8)];
    let runs = runs
        .iter()
        .flat_map(|&(count, length)| std::iter::repeat_n(length, count));
    runs.collect()
}

fn stored(bits: &mut Bits, out: &mut Vec<u8>, size: usize) -> Result<(), ApkError> {
    bits.at = bits.at.next_multiple_of(8);
    let length = bits.take(16)?;
    if bits.take(16)? != length ^ 0xffff {
        return Err(ApkError::Deflate("a length is not what its check says"));
    }
    let start = bits.at / 8;
    let bytes = bits.bytes.get(start..start + length);
    let bytes = bytes.ok_or(ApkError::Deflate("it ends too early"))?;
    if out.len() + length > size {
        return Err(LONG);
    }
    out.extend_from_slice(bytes);
    bits.at += length * 8;
    Ok(())
}

/// The codes at the beginning of a block that has its own.
fn codes(bits: &mut Bits) -> Result<(Code, Code), ApkError> {
    let (literals, distances) = (bits.take(5)? + 257, bits.take(5)? + 1);
    let count = bits.take(4)? + 4;
    let mut lengths = [0; 19];
    for &place in &ORDER[..count] {
        lengths[place] = bits.take(3)?;
    }
    let code = Code::new(&lengths)?;
    let mut lengths: Vec<usize> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (length, count) = match code.next(bits)? {
            16 => {
                let last = lengths.last().copied();
                let last = last.ok_or(ApkError::Deflate("a repetition has nothing to repeat"))?;
                (last, 3 + bits.take(2)?)
            }
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length, 1),
        };
        lengths.extend(std::iter::repeat_n(length, count));
    }
    if lengths.len() > literals + distances {
        return Err(ApkError::Deflate("a repetition is too long"));
    }
    let (literals, distances) = lengths.split_at(literals);
    Ok((Code::new(literals)?, Code::new(distances)?))
}

fn coded(
    bits: &mut Bits,
    out: &mut Vec<u8>,
    size: usize,
    literals: &Code,
    distances: &Code,
) -> Result<(), ApkError> {
    loop {
        let symbol = literals.next(bits)?;
        let length = match symbol {
            256 => return Ok(()),
            0..256 if out.len() < size => {
                out.push(symbol as u8);
                continue;
            }
            0..256 => return Err(LONG),
            257..=264 => symbol - 254,
            265..=284 => {
                let more = (symbol - 261) / 4;
                (((symbol - 261) % 4 + 4) << more) + 3 + bits.take(more)?
            }
            285 => 258,
            _ => return Err(UNKNOWN),
        };
        let distance = match distances.next(bits)? {
            near @ 0..=3 => near + 1,
            far @ 4..=29 => {
                let more = far / 2 - 1;
                ((far % 2 + 2) << more) + 1 + bits.take(more)?
            }
            _ => return Err(UNKNOWN),
        };
        if out.len() + length > size {
            return Err(LONG);
        }
        let start = out.len().checked_sub(distance).ok_or(ApkError::Deflate(
            "something is repeated from before the start",
        ))?;
        for at in start..start + length {
            out.push(out[at]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What zlib makes of [`text`], with a code of its own, and of a greeting, with the fixed one.
    const DYNAMIC: &[u8] = &[
        237, 212, 199, 106, 196, 48, 20, 133, 225, 244, 222, 123, 207, 77, 223, 12, 193, 42, 87,
        178, 30, 199, 67, 52, 4, 98, 198, 144, 24, 230, 245, 179, 137, 225, 204, 78, 103, 159, 187,
        214, 191, 250, 14, 74, 73, 198, 93, 223, 183, 249, 71, 186, 137, 140, 115, 254, 150, 110,
        42, 253, 103, 150, 89, 211, 182, 35, 233, 155, 175, 44, 70, 62, 186, 217, 116, 36, 169,
        150, 230, 59, 75, 155, 39, 253, 187, 164, 80, 80, 234, 80, 42, 150, 174, 160, 180, 67, 105,
        177, 172, 10, 202, 240, 87, 214, 9, 202, 58, 22, 148, 110, 40, 3, 150, 190, 160, 172, 134,
        210, 97, 105, 10, 74, 63, 148, 21, 148, 177, 38, 84, 98, 196, 82, 9, 149, 232, 177, 180,
        132, 74, 52, 80, 134, 68, 168, 4, 220, 80, 8, 132, 74, 192, 13, 5, 71, 168, 4, 220, 80,
        168, 8, 21, 197, 13, 105, 36, 84, 20, 55, 164, 158, 80, 81, 220, 144, 26, 66, 69, 113, 67,
        190, 38, 84, 60, 110, 200, 43, 161, 226, 113, 67, 222, 18, 42, 30, 55, 228, 18, 161, 226,
        112, 67, 46, 16, 42, 14, 55, 228, 28, 161, 226, 112, 67, 174, 34, 84, 44, 110, 200, 70, 66,
        197, 226, 134, 172, 39, 84, 44, 110, 200, 26, 66, 197, 226, 134, 76, 77, 168, 24, 220, 144,
        81, 66, 197, 224, 134, 140, 37, 84, 12, 110, 40, 17, 40, 115, 191, 16, 65, 50, 183, 31, 6,
        4, 186, 133, 197, 165, 229, 149, 213, 181, 245, 141, 205, 173, 237, 157, 221, 189, 253,
        131, 195, 163, 227, 147, 211, 179, 243, 139, 203, 171, 235, 155, 219, 187, 123, 121, 120,
        124, 122, 126, 121, 125, 43, 125, 215, 252, 95, 241, 253, 2,
    ];
    const FIXED: &[u8] = &[203, 72, 205, 201, 201, 87, 200, 64, 39, 1];
    const GREETING: &[u8] = b"hello hello hello hello";

    fn text() -> Vec<u8> {
        let song = (1..=33).rev().map(|third| {
            let (count, taken) = (third * 3, third * 3 % 7);
            let left = count - 1;
            format!("{count} bottles of beer on the wall, take {taken} down, {left} are left. ")
        });
        let mut text = song.collect::<String>().into_bytes();
        for _ in 0..2 {
            text.extend(0..40);
        }
        text.extend([b'a'; 300]);
        text
    }

    #[test]
    fn what_another_program_packed_is_unpacked() {
        for (packed, text) in [(DYNAMIC, text()), (FIXED, GREETING.to_vec())] {
            assert_eq!(inflate(packed, text.len()).unwrap(), text);
            assert!(inflate(packed, text.len() - 1).is_err());
            assert!(inflate(packed, text.len() + 1).is_err());
        }
        let plain = [&[1, 3, 0, 0xfc, 0xff][..], b"abc"].concat();
        assert_eq!(inflate(&plain, 3).unwrap(), b"abc");
        assert!(inflate(&[1, 3, 0, 0xfd, 0xff, 1, 2, 3], 3).is_err());
    }

    #[test]
    fn broken_data_is_an_error_and_never_longer_than_its_size() {
        for (packed, size) in [(DYNAMIC, text().len()), (FIXED, GREETING.len())] {
            for end in 0..packed.len() {
                assert!(inflate(&packed[..end], size).is_err(), "{end}");
            }
            for bit in 0..packed.len() * 8 {
                let mut bytes = packed.to_vec();
                bytes[bit / 8] ^= 1 << (bit % 8);
                if let Ok(out) = inflate(&bytes, size) {
                    assert_eq!(out.len(), size);
                }
            }
        }
        assert!(inflate(&[], 0).is_err());
        assert!(inflate(&[7], 0).is_err());
    }
}
