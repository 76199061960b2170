//! Android's binary XML (`ResXMLTree`) as a sequence of elements. Pure.

use super::ApkError;
use super::fields::{Chunk, rest, short, word};
use super::strings::{POOL, Pool};

const DOCUMENT: u16 = 0x0003;
const IDENTIFIERS: u16 = 0x0180;
const START: u16 = 0x0102;
const END: u16 = 0x0103;
/// Types of a value: a reference to a resource, a string.
const REFERENCE: u8 = 0x01;
const STRING: u8 = 0x03;
/// Most attributes of an element.
const ATTRIBUTES: u16 = 256;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// The number of a resource.
    Resource(u32),
    /// A number or something else that is one word.
    Number(u32),
}

/// An attribute: its name, the number of its name among Android's (0 if it is none of those), its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name without its namespace.
    pub name: String,
    /// Android's number of the name.
    pub id: u32,
    /// Value.
    pub value: Value,
}

/// What a document is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An element begins.
    Start(String, Vec<Attribute>),
    /// The element ends.
    End,
}

/// Tells the elements of a document one after the other, until `see` fails.
pub fn read(
    bytes: &[u8],
    mut see: impl FnMut(Event) -> Result<(), ApkError>,
) -> Result<(), ApkError> {
    let document = Chunk::first(bytes)?;
    if document.kind != DOCUMENT {
        return Err(ApkError::Table("it is no binary XML"));
    }
    let mut pool = None;
    let mut identifiers: &[u8] = &[];
    for chunk in document.inside() {
        let chunk = chunk?;
        match chunk.kind {
            POOL => pool = Some(Pool::open(chunk)?),
            IDENTIFIERS => identifiers = rest(chunk.bytes, chunk.header)?,
            START => {
                let pool = pool.ok_or(ApkError::Table("an element comes before the strings"))?;
                see(element(chunk, &pool, identifiers)?)?;
            }
            END => see(Event::End)?,
            _ => {}
        }
    }
    Ok(())
}

fn element(chunk: Chunk, pool: &Pool, identifiers: &[u8]) -> Result<Event, ApkError> {
    let body = rest(chunk.bytes, chunk.header)?;
    let name = pool.get(word(body, 4)?)?.unwrap_or_default();
    let (start, size, count) = (short(body, 8)?, short(body, 10)?, short(body, 12)?);
    if count > ATTRIBUTES || (count > 0 && size < 20) {
        return Err(ApkError::Table("an element's attributes make no sense"));
    }
    let mut attributes = Vec::with_capacity(usize::from(count));
    for number in 0..usize::from(count) {
        let at = usize::from(start) + number * usize::from(size);
        let one = rest(body, at)?;
        let name = word(one, 4)?;
        let data = word(one, 16)?;
        let kind = (short(one, 14)? >> 8) as u8;
        let value = match kind {
            STRING => Value::Text(pool.get(data)?.unwrap_or_default()),
            REFERENCE => Value::Resource(data),
            _ => Value::Number(data),
        };
        // Numbers are kept for the first names of the pool only.
        let id = (name as usize).checked_mul(4);
        attributes.push(Attribute {
            name: pool.get(name)?.unwrap_or_default(),
            id: id.map_or(0, |at| word(identifiers, at).unwrap_or(0)),
            value,
        });
    }
    Ok(Event::Start(name, attributes))
}
