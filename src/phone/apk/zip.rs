//! Entries of a zip archive (PKWARE's APPNOTE), stored or deflated. What is not needed for APKs, such as
//! encryption and Zip64, is not read.

use std::io::{Read, Seek, SeekFrom};

use super::ApkError;
use super::inflate::inflate;

/// The end of an archive: its length without the comment, and the longest comment.
const END: u64 = 22;
const COMMENT: u64 = 0xffff;
/// Longest table of contents that is read.
const CONTENTS: u64 = 16 << 20;
/// Lengths of an entry's headers in the contents and before its data.
const ENTRY: usize = 46;
const LOCAL: u64 = 30;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// The table of contents of an archive.
pub struct Archive {
    contents: Vec<u8>,
}

impl Archive {
    /// Finds the table of contents.
    ///
    /// # Errors
    /// When the file is no archive, or cannot be read.
    pub fn open(input: &mut (impl Read + Seek)) -> Result<Archive, ApkError> {
        let length = input.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(END + COMMENT);
        let tail = part(input, from, length - from)?;
        let end = tail
            .windows(END as usize)
            .rposition(|window| window.starts_with(b"PK\x05\x06"))
            .and_then(|at| tail.get(at..))
            .ok_or(ApkError::Archive("it has no end"))?;
        let (size, offset) = (u64::from(word(end, 12)?), u64::from(word(end, 16)?));
        if size > CONTENTS {
            return Err(ApkError::Archive("its table of contents is too long"));
        }
        let contents = part(input, offset, size)?;
        Ok(Archive { contents })
    }

    /// The content of an entry of at most `most` bytes.
    ///
    /// # Errors
    /// When there is none, it is too long, or broken.
    pub fn entry(
        &self,
        input: &mut (impl Read + Seek),
        name: &'static str,
        most: u64,
    ) -> Result<Vec<u8>, ApkError> {
        let header = self.find(name)?;
        let (packed, size) = (word(header, 20)?, word(header, 24)?);
        let (packed, size) = (u64::from(packed), u64::from(size));
        if size > most || packed > most {
            let size = size.max(packed);
            return Err(ApkError::TooLong { name, size, most });
        }
        let at = u64::from(word(header, 42)?);
        let local = part(input, at, LOCAL)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(ApkError::Archive("an entry is not where it should be"));
        }
        let before = LOCAL + u64::from(short(&local, 26)?) + u64::from(short(&local, 28)?);
        let data = part(input, at + before, packed)?;
        match short(header, 10)? {
            STORED => Ok(data),
            DEFLATED => inflate(&data, size as usize),
            _ => Err(ApkError::Archive("an entry is packed in an unknown way")),
        }
    }

    /// Whether there is such an entry.
    pub fn has(&self, name: &'static str) -> bool {
        self.find(name).is_ok()
    }

    fn find(&self, name: &'static str) -> Result<&[u8], ApkError> {
        let mut left = &self.contents[..];
        while left.starts_with(b"PK\x01\x02") {
            let mut length = ENTRY;
            let lengths = [short(left, 28)?, short(left, 30)?, short(left, 32)?];
            let end = ENTRY + usize::from(lengths[0]);
            if left.get(ENTRY..end) == Some(name.as_bytes()) {
                return Ok(left);
            }
            for more in lengths {
                length += usize::from(more);
            }
            left = left.get(length..).unwrap_or_default();
        }
        Err(ApkError::Missing(name))
    }
}

/// A part of the file; all of it must be there. The length was checked.
fn part(input: &mut (impl Read + Seek), at: u64, length: u64) -> Result<Vec<u8>, ApkError> {
    input.seek(SeekFrom::Start(at))?;
    // Not allocated before it is read: a length may be more than there is.
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    match bytes.len() as u64 == length {
        true => Ok(bytes),
        false => Err(ApkError::Archive("it ends too early")),
    }
}

fn short(bytes: &[u8], at: usize) -> Result<u16, ApkError> {
    super::fields::short(bytes, at).map_err(|_| ApkError::Archive("a header ends too early"))
}

fn word(bytes: &[u8], at: usize) -> Result<u32, ApkError> {
    super::fields::word(bytes, at).map_err(|_| ApkError::Archive("a header ends too early"))
}
