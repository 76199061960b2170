//! Little-endian numbers at places of a table, and its chunks. Pure.

use super::ApkError;

const SHORT: ApkError = ApkError::Table("it ends too early");

/// Two bytes.
pub fn short(bytes: &[u8], at: usize) -> Result<u16, ApkError> {
    let found = at
        .checked_add(2)
        .and_then(|end| bytes.get(at..end))
        .and_then(|two| two.try_into().ok());
    found.map(u16::from_le_bytes).ok_or(SHORT)
}

/// Four bytes.
pub fn word(bytes: &[u8], at: usize) -> Result<u32, ApkError> {
    let found = at
        .checked_add(4)
        .and_then(|end| bytes.get(at..end))
        .and_then(|four| four.try_into().ok());
    found.map(u32::from_le_bytes).ok_or(SHORT)
}

/// Four bytes that say a place or a count.
pub fn place(bytes: &[u8], at: usize) -> Result<usize, ApkError> {
    word(bytes, at).map(|word| word as usize)
}

/// What lies behind a place.
pub fn rest(bytes: &[u8], at: usize) -> Result<&[u8], ApkError> {
    bytes.get(at..).ok_or(SHORT)
}

/// One chunk (`ResChunk_header`).
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// What it is.
    pub kind: u16,
    /// Length of its header.
    pub header: usize,
    /// All of it, header included.
    pub bytes: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The chunk that the bytes begin with.
    pub fn first(bytes: &'a [u8]) -> Result<Chunk<'a>, ApkError> {
        let header = usize::from(short(bytes, 2)?);
        let size = place(bytes, 4)?;
        let found = bytes.get(..size).ok_or(SHORT)?;
        if header < 8 || header > size {
            return Err(ApkError::Table("a header is longer than its chunk"));
        }
        Ok(Chunk {
            kind: short(bytes, 0)?,
            header,
            bytes: found,
        })
    }

    /// The chunks behind its header, one after the other; ends after the first broken one.
    pub fn inside(self) -> impl Iterator<Item = Result<Chunk<'a>, ApkError>> {
        let mut left = self.bytes.get(self.header..).unwrap_or_default();
        std::iter::from_fn(move || {
            if left.is_empty() {
                return None;
            }
            let found = Chunk::first(left);
            left = match &found {
                Ok(chunk) => left.get(chunk.bytes.len()..).unwrap_or_default(),
                Err(_) => &[],
            };
            Some(found)
        })
    }
}
