//! A pool of strings (`ResStringPool`): in UTF-8 or UTF-16, found by their number. Pure.

use super::ApkError;
use super::fields::{Chunk, place, rest, short, word};

/// Kind of the chunk.
pub const POOL: u16 = 0x0001;
/// Flag: the strings are in UTF-8.
const UTF8: u32 = 1 << 8;
/// Longest string that is read, in bytes.
const LONGEST: usize = 4 << 10;

/// A pool.
#[derive(Debug, Clone, Copy)]
pub struct Pool<'a> {
    chunk: Chunk<'a>,
    count: usize,
    utf8: bool,
    start: usize,
}

impl<'a> Pool<'a> {
    /// The pool of a chunk.
    pub fn open(chunk: Chunk<'a>) -> Result<Pool<'a>, ApkError> {
        Ok(Pool {
            chunk,
            count: place(chunk.bytes, 8)?,
            utf8: word(chunk.bytes, 16)? & UTF8 != 0,
            start: place(chunk.bytes, 20)?,
        })
    }

    /// One string; `None` for the number that stands for none.
    pub fn get(&self, number: u32) -> Result<Option<String>, ApkError> {
        if number == u32::MAX {
            return Ok(None);
        }
        let number = number as usize;
        if number >= self.count {
            return Err(ApkError::Table("there is no such string"));
        }
        let bytes = self.chunk.bytes;
        let offset = place(
            bytes,
            self.chunk.header.saturating_add(number.saturating_mul(4)),
        )?;
        let text = rest(bytes, self.start.saturating_add(offset))?;
        match self.utf8 {
            true => {
                // The length in characters is of no use here; behind it is that in bytes.
                let (_, text) = length8(text)?;
                let (length, text) = length8(text)?;
                let text = long_enough(text, length)?;
                Ok(Some(String::from_utf8_lossy(text).into_owned()))
            }
            false => {
                let first = usize::from(short(text, 0)?);
                let (length, text) = match first & 0x8000 {
                    0 => (first, rest(text, 2)?),
                    _ => (
                        ((first & 0x7fff) << 16) | usize::from(short(text, 2)?),
                        rest(text, 4)?,
                    ),
                };
                let units: Vec<u16> = long_enough(text, length.saturating_mul(2))?
                    .chunks_exact(2)
                    .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .collect();
                Ok(Some(String::from_utf16_lossy(&units)))
            }
        }
    }
}

fn long_enough(text: &[u8], length: usize) -> Result<&[u8], ApkError> {
    match text.get(..length) {
        Some(_) if length > LONGEST => Err(ApkError::Table("a string is too long")),
        Some(text) => Ok(text),
        None => Err(ApkError::Table("a string ends too late")),
    }
}

fn length8(text: &[u8]) -> Result<(usize, &[u8]), ApkError> {
    match text {
        [first, rest @ ..] if first & 0x80 == 0 => Ok((usize::from(*first), rest)),
        [first, second, rest @ ..] => Ok((
            (usize::from(first & 0x7f) << 8) | usize::from(*second),
            rest,
        )),
        _ => Err(ApkError::Table("a string has no length")),
    }
}
