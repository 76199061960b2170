//! A text of the table of resources (`resources.arsc`), in the language that is nobody's in particular. Pure.

use super::ApkError;
use super::fields::{Chunk, place, rest, short, word};
use super::manifest::fits;
use super::strings::{POOL, Pool};

const TABLE: u16 = 0x0002;
const PACKAGE: u16 = 0x0200;
const TYPE: u16 = 0x0201;
/// Types of a value: a reference, a string.
const REFERENCE: u8 = 0x01;
const STRING: u8 = 0x03;
/// Most references from one to the next.
const LINKS: usize = 8;

/// The text of a resource.
///
/// # Errors
/// [`ApkError`] when the table is broken or has no such text.
pub fn text(bytes: &[u8], id: u32) -> Result<String, ApkError> {
    let table = Chunk::first(bytes)?;
    if table.kind != TABLE {
        return Err(ApkError::Table("it is no table of resources"));
    }
    let mut id = id;
    for _ in 0..LINKS {
        match value(table, id)? {
            (REFERENCE, next) => id = next,
            (STRING, number) => {
                let first = table.inside().next();
                let chunk = first.ok_or(ApkError::Table("it has no strings"))??;
                if chunk.kind != POOL {
                    break;
                }
                let text = Pool::open(chunk)?.get(number)?;
                return text
                    .filter(|text| fits(text))
                    .ok_or(ApkError::Table("a label is empty"));
            }
            _ => break,
        }
    }
    Err(ApkError::Table("a label is no text"))
}

/// Type and word of a resource's value; that without a language, else the first.
fn value(table: Chunk, id: u32) -> Result<(u8, u32), ApkError> {
    let mut found = None;
    for chunk in table.inside() {
        let package = chunk?;
        if package.kind != PACKAGE || word(package.bytes, 8)? != id >> 24 {
            continue;
        }
        for chunk in package.inside() {
            let chunk = chunk?;
            if chunk.kind != TYPE || chunk.bytes.get(8).copied() != Some((id >> 16) as u8) {
                continue;
            }
            let Some(value) = entry(chunk, id & 0xffff)? else {
                continue;
            };
            // Behind the size of the configuration and the network is the language.
            if word(chunk.bytes, 28)? == 0 {
                return Ok(value);
            }
            found.get_or_insert(value);
        }
    }
    found.ok_or(ApkError::Table("there is no such resource"))
}

/// The value of an entry of one type, if it is there and simple.
fn entry(chunk: Chunk, number: u32) -> Result<Option<(u8, u32)>, ApkError> {
    const SPARSE: u8 = 1;
    const SHORT: u8 = 2;
    let bytes = chunk.bytes;
    let flags = bytes.get(9).copied().unwrap_or(0);
    let (count, start) = (place(bytes, 12)?, place(bytes, 16)?);
    let index = rest(bytes, chunk.header)?;
    let wanted = number as usize;
    let offset = if flags & SPARSE != 0 {
        let is = |pair: &&[u8]| short(pair, 0).is_ok_and(|entry| u32::from(entry) == number);
        let found = index.chunks_exact(4).take(count).find(is);
        match found {
            Some(pair) => usize::from(short(pair, 2)?) * 4,
            None => return Ok(None),
        }
    } else if wanted >= count {
        return Ok(None);
    } else if flags & SHORT != 0 {
        match short(index, wanted * 2)? {
            u16::MAX => return Ok(None),
            offset => usize::from(offset) * 4,
        }
    } else {
        match word(index, wanted * 4)? {
            u32::MAX => return Ok(None),
            offset => offset as usize,
        }
    };
    let entry = rest(bytes, start.saturating_add(offset))?;
    let flags = short(entry, 2)?;
    const COMPLEX: u16 = 1;
    const COMPACT: u16 = 8;
    if flags & COMPACT != 0 {
        return Ok(Some(((flags >> 8) as u8, word(entry, 4)?)));
    }
    if flags & COMPLEX != 0 {
        return Ok(None);
    }
    let value = rest(entry, usize::from(short(entry, 0)?))?;
    Ok(Some(((short(value, 2)? >> 8) as u8, word(value, 4)?)))
}
