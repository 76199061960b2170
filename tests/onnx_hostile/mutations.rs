//! Ways in which a model file can be wrong: on the level of bytes and of protobuf fields here, and in
//! what the graph says.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use stepdroid::onnx::Model;

use crate::graphs::graph_lie;

/// A mutated file and the name of what it was.
pub fn mutate(bases: &[(&'static str, Model)], rng: &mut impl Rng) -> (&'static str, Vec<u8>) {
    let (name, base) = bases.choose(rng).unwrap();
    if rng.random_bool(0.5) {
        let mut proto = base.proto.clone();
        for _ in 0..rng.random_range(1..4) {
            graph_lie(&mut proto, rng);
        }
        return (name, Model { proto }.to_bytes());
    }
    let mut bytes = base.to_bytes();
    for _ in 0..rng.random_range(1..4) {
        let other = bases.choose(rng).unwrap().1.to_bytes();
        bytes_lie(&mut bytes, &other, rng);
    }
    (name, bytes)
}

fn bytes_lie(bytes: &mut Vec<u8>, other: &[u8], rng: &mut impl Rng) {
    if bytes.is_empty() {
        bytes.push(rng.random());
    }
    let length = bytes.len();
    let at = rng.random_range(0..length);
    let end = (at + rng.random_range(1..64)).min(length);
    match rng.random_range(0..9) {
        0 => {
            for _ in 0..rng.random_range(1..9) {
                let at = rng.random_range(0..length);
                bytes[at] ^= 1 << rng.random_range(0..8);
            }
        }
        1 => bytes.truncate(at),
        2 => {
            bytes.drain(at..end);
        }
        3 => {
            let copy = bytes[at..end].to_vec();
            let count = rng.random_range(1..20);
            bytes.splice(at..at, copy.repeat(count));
        }
        4 => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].choose(rng).unwrap(),
        5 => {
            // A part of another file.
            let from = rng.random_range(0..other.len());
            let to = (from + rng.random_range(1..256)).min(other.len());
            bytes.splice(at..end, other[from..to].iter().copied());
        }
        _ => field_lie(bytes, rng),
    }
}

/// Fields of a message: where they start, where their content starts, and where they end.
fn fields(bytes: &[u8]) -> Vec<(usize, usize, usize, u8)> {
    let mut found = Vec::new();
    let mut at = 0;
    let number = |at: &mut usize| -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = *bytes.get(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    };
    while at < bytes.len() {
        let start = at;
        let Some(key) = number(&mut at) else { break };
        let content = match key & 7 {
            0 => number(&mut at).map(|_| at),
            1 => Some(at + 8),
            2 => {
                let Some(length) = number(&mut at) else { break };
                let content = at;
                at = at.saturating_add(length as usize);
                Some(content)
            }
            5 => Some(at + 4),
            _ => None,
        };
        match (content, key & 7) {
            (Some(content), 2) if at <= bytes.len() => found.push((start, content, at, 2)),
            (Some(end), kind) if kind != 2 && end <= bytes.len() => {
                at = end;
                found.push((start, end, end, kind as u8));
            }
            _ => break,
        }
    }
    found
}

/// Goes down into a random field and repeats it, drops it, or gives it another length or number.
/// The lengths of what holds it are mostly put right again.
fn field_lie(bytes: &mut Vec<u8>, rng: &mut impl Rng) {
    let all = fields(bytes);
    let Some(&(start, content, end, kind)) = all.choose(rng) else {
        return;
    };
    if kind == 2 && end > content && rng.random_bool(0.8) {
        let mut inner = bytes[content..end].to_vec();
        field_lie(&mut inner, rng);
        let mut made = key_of(&bytes[start..content]);
        varint(&mut made, inner.len() as u64);
        made.extend(inner);
        bytes.splice(start..end, made);
        return;
    }
    let whole = bytes[start..end].to_vec();
    match rng.random_range(0..5) {
        0 => {
            bytes.drain(start..end);
        }
        1 => {
            let count = *[1, 2, 10, 300].choose(rng).unwrap();
            bytes.splice(end..end, whole.repeat(count));
        }
        2 => bytes[start] = bytes[start].wrapping_add(*[1, 7, 8, 16, 0xf8].choose(rng).unwrap()),
        3 if kind == 2 => {
            let mut made = key_of(&whole);
            let length = (end - content) as u64;
            let lies = [0, length + 1, length * 2, u64::from(u32::MAX), u64::MAX];
            varint(&mut made, *lies.choose(rng).unwrap());
            bytes.splice(start..content, made);
        }
        _ => {
            // An empty field, of any number.
            let key = (rng.random_range(1u64..30) << 3) | *[0, 2].choose(rng).unwrap();
            let mut made = Vec::new();
            varint(&mut made, key);
            made.push(0);
            bytes.splice(start..start, made.repeat(rng.random_range(1..400)));
        }
    }
}

fn key_of(field: &[u8]) -> Vec<u8> {
    let length = field.iter().position(|byte| *byte < 0x80).unwrap_or(0) + 1;
    field[..length].to_vec()
}

/// Writes a number as protobuf does.
pub fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
