//! Ways in which a model file can be wrong: on the level of bytes, on the level of protobuf fields,
//! and in what the graph says.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use stepdroid::onnx::Model;
use stepdroid::onnx::proto::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto,
};

use crate::models::{self, DOMAIN, node, pair, set};

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

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A random graph: the outermost or one within it.
fn some_graph<'a>(graph: &'a mut GraphProto, rng: &mut impl Rng) -> &'a mut GraphProto {
    let holds = |node: &NodeProto| node.attribute.iter().any(|attribute| attribute.g.is_some());
    let inner = graph.node.iter().position(holds);
    match inner {
        Some(place) if rng.random_bool(0.4) => {
            let graphs = graph.node[place]
                .attribute
                .iter_mut()
                .filter_map(|attribute| attribute.g.as_mut());
            some_graph(graphs.last().unwrap(), rng)
        }
        _ => graph,
    }
}

fn name_of(graph: &GraphProto, rng: &mut impl Rng) -> String {
    let outputs = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().cloned());
    let inputs = graph.input.iter().filter_map(|value| value.name.clone());
    let names: Vec<String> = outputs
        .chain(inputs)
        .chain(["".into(), "nothing".into()])
        .collect();
    names.choose(rng).unwrap().clone()
}

fn some_tensor<'a>(graph: &'a mut GraphProto, rng: &mut impl Rng) -> Option<&'a mut TensorProto> {
    let place = rng.random_range(0..graph.initializer.len().max(1));
    graph.initializer.get_mut(place)
}

fn graph_lie(proto: &mut ModelProto, rng: &mut impl Rng) {
    let kind = rng.random_range(0..24);
    match kind {
        0 => {
            let version = *[0, -1, 1, 10, 11, 12, 13, 17, 19, 99, i64::MAX]
                .choose(rng)
                .unwrap();
            let domain = *["", "ai.onnx", DOMAIN, "other"].choose(rng).unwrap();
            if rng.random_bool(0.5) {
                proto.opset_import.push(set(domain, version));
            } else {
                proto.opset_import = vec![set(domain, version)];
            }
            return;
        }
        1 => {
            function_lie(proto, rng);
            return;
        }
        2 => {
            proto.graph = None;
            return;
        }
        _ => {}
    }
    let Some(graph) = &mut proto.graph else {
        return;
    };
    let graph = some_graph(graph, rng);
    let name = name_of(graph, rng);
    let place = rng.random_range(0..graph.node.len().max(1));
    match kind {
        3 => graph.node.reverse(),
        4 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.input.push(name);
            }
        }
        5 => {
            if let Some(input) = graph
                .node
                .get_mut(place)
                .and_then(|node| node.input.first_mut())
            {
                *input = name;
            }
        }
        6 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.output = vec![name];
            }
        }
        7 => {
            if let Some(node) = graph.node.get(place).cloned() {
                graph.node.push(node);
            }
        }
        8 => graph.node.truncate(place),
        9 => graph.output.push(models::named(&name)),
        10 => graph.input.push(models::named(&name)),
        11 => {
            // A long name, which must not fill messages.
            let long = ["long", "\u{1}", "\u{10ffff}"]
                .choose(rng)
                .unwrap()
                .repeat(5000);
            graph.node.push(node("Neg", &[&long], &[&name], vec![]));
        }
        12 => {
            let mut inner = GraphProto::default();
            let depth = *[5, 30, 31, 32, 33, 40, 98, 200].choose(rng).unwrap();
            for _ in 0..depth {
                let attribute = AttributeProto::graph("body", inner);
                inner = GraphProto {
                    node: vec![node("If", &[], &[], vec![attribute])],
                    ..Default::default()
                };
            }
            graph.node.push(node(
                "If",
                &[],
                &[],
                vec![AttributeProto::graph("body", inner)],
            ));
        }
        13 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.op_type = [
                    "",
                    "Softmax",
                    "Resize",
                    "Split",
                    "BatchNormalization",
                    "ReduceMax",
                ]
                .choose(rng)
                .map(|name| (*name).to_owned());
                node.domain = None;
                node.attribute
                    .push(AttributeProto::ints("axes", &[i64::MIN, 7]));
            }
        }
        14 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.input.clear();
                node.output.clear();
            }
        }
        15 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.attribute.push(models::refers("alpha", "slope", 1));
            }
        }
        16 => {
            if let Some(node) = graph.node.get_mut(place) {
                node.domain = Some(
                    ["other", "ai.onnx", DOMAIN]
                        .choose(rng)
                        .unwrap()
                        .to_string(),
                );
            }
        }
        17 => graph.initializer.clear(),
        18 => {
            if let Some(tensor) = some_tensor(graph, rng).cloned() {
                graph.initializer.push(tensor);
            }
        }
        _ => {
            if let Some(tensor) = some_tensor(graph, rng) {
                tensor_lie(tensor, rng);
            }
        }
    }
}

fn tensor_lie(tensor: &mut TensorProto, rng: &mut impl Rng) {
    let length = *[-1, 0, 1, 7, 1 << 31, 1 << 62, i64::MAX, i64::MIN]
        .choose(rng)
        .unwrap();
    match rng.random_range(0..8) {
        0 => tensor.dims = vec![length],
        1 => tensor.dims.push(length),
        2 => tensor.dims = vec![i64::MAX, i64::MAX, 0],
        3 => tensor.data_type = Some(rng.random_range(-1..40)),
        4 => tensor.raw_data = Some(vec![0; rng.random_range(0..40)].into()),
        5 => tensor.segment = Some(Default::default()),
        6 => tensor.name = None,
        _ => {
            let location = *[
                "../secret",
                "/etc/passwd",
                "a/../../b",
                "",
                "nothing",
                "weights",
                "C:\\x\\..\\y",
                "*/_ORT_MEM_ADDR_/*",
                "weights/data.bin",
                "./weights/data.bin",
                "\0",
            ]
            .choose(rng)
            .unwrap();
            let number = |rng: &mut dyn FnMut() -> usize| {
                [
                    "0",
                    "4",
                    "31",
                    "-1",
                    "18446744073709551615",
                    "9223372036854775807",
                    "x",
                    "",
                ][rng()]
            };
            let mut draw = || rng.random_range(0..8);
            tensor.external_data = vec![
                pair("location", location),
                pair("offset", number(&mut draw)),
                pair("length", number(&mut draw)),
            ];
            tensor.data_location = Some(1);
            if draw() < 4 {
                tensor.external_data.pop();
            }
        }
    }
}

fn function_lie(proto: &mut ModelProto, rng: &mut impl Rng) {
    let call = |name: &str, count: usize| -> Vec<NodeProto> {
        let calls = (0..count).map(|number| {
            let output = format!("y{number}");
            models::in_domain(node(name, &["x"], &[&output], vec![]), DOMAIN)
        });
        calls.collect()
    };
    match rng.random_range(0..5) {
        // A function that calls itself, and two that call each other.
        0 => proto
            .functions
            .push(models::function("Self", &["x"], &["y0"], call("Self", 1))),
        1 => {
            proto
                .functions
                .push(models::function("Ping", &["x"], &["y0"], call("Pong", 1)));
            proto
                .functions
                .push(models::function("Pong", &["x"], &["y0"], call("Ping", 1)));
        }
        // Functions that call the next one ten times each.
        2 if rng.random_bool(0.1) => {
            for level in 0..12 {
                let calls = call(&format!("Level{}", level + 1), 10);
                proto.functions.push(models::function(
                    &format!("Level{level}"),
                    &["x"],
                    &["y0"],
                    calls,
                ));
            }
        }
        3 => {
            if let Some(function) = proto.functions.choose(rng).cloned() {
                proto.functions.push(function);
            }
        }
        _ => {
            if let Some(function) = proto.functions.first_mut() {
                function.input.push("x".into());
                function.opset_import = vec![set("", *[1, 12, 17, 20].choose(rng).unwrap())];
            }
        }
    }
    let target = ["Self", "Ping", "Level0"].choose(rng).unwrap();
    if let Some(graph) = &mut proto.graph {
        proto.opset_import.push(set(DOMAIN, 1));
        let input = graph
            .input
            .first()
            .and_then(|value| value.name.clone())
            .unwrap_or_default();
        graph.node.push(models::in_domain(
            node(target, &[&input], &["called"], vec![]),
            DOMAIN,
        ));
    }
}

/// Places of the schema, by the numbers of the fields on the way there, and the fields that there
/// are.
pub const PLACES: &[(&[u64], &[u64])] = &[
    (&[], &[7, 8, 14, 20, 25, 26]),
    (&[8], &[1]),
    (&[14], &[1]),
    (&[7], &[1, 2, 5, 11, 12, 13, 14, 15, 16]),
    (&[7, 1], &[1, 2, 3, 5, 9, 10]),
    (&[7, 1, 5], &[4, 5, 6, 7, 8, 9, 10, 11, 15, 22, 23]),
    (&[7, 1, 5, 5], &[1, 4, 5, 6, 7, 9, 10, 11, 13, 16]),
    (&[7, 1, 5, 6], &[1, 5, 11, 12, 13, 14, 15, 16]),
    (&[7, 1, 5, 6, 1], &[1, 2, 5, 9, 10]),
    (&[7, 1, 5, 22], &[1, 2, 3]),
    (&[7, 1, 5, 23, 2], &[1, 5, 7, 13]),
    (&[7, 5], &[1, 3, 4, 5, 6, 7, 10, 11, 13, 16]),
    (&[7, 11], &[2, 4]),
    (&[7, 11, 2], &[1, 4]),
    (&[7, 11, 2, 1, 2], &[1]),
    (&[7, 11, 2, 1, 2, 1], &[2, 3]),
    (&[7, 15], &[1, 3]),
    (&[25], &[4, 5, 6, 7, 9, 11, 12, 14]),
    (&[25, 7], &[1, 2, 5]),
];

/// The smallest things that a field can hold: no bytes, the number 0, and ten packed numbers.
pub const SMALLEST: [&[u8]; 3] = [&[2, 0], &[0, 0], &[2, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];

/// A file with one field many times at a place of the schema.
pub fn flood(place: &[u64], field: u64, entry: &[u8], count: usize) -> Vec<u8> {
    let mut one = Vec::new();
    varint(&mut one, (field << 3) | u64::from(entry[0]));
    one.extend(&entry[1..]);
    let mut bytes = one.repeat(count);
    for number in place.iter().rev() {
        let mut outer = Vec::new();
        varint(&mut outer, (number << 3) | 2);
        varint(&mut outer, bytes.len() as u64);
        outer.extend(bytes);
        bytes = outer;
    }
    bytes
}

fn names(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| format!("{number:x}"))
}

fn crowd(fill: impl FnOnce(&mut ModelProto, &mut GraphProto)) -> Vec<u8> {
    let mut proto = ModelProto {
        opset_import: vec![set("", 18)],
        ..Default::default()
    };
    let mut graph = GraphProto::default();
    graph.node.push(node("Neg", &[], &[], vec![]));
    fill(&mut proto, &mut graph);
    proto.graph = Some(graph);
    Model { proto }.to_bytes()
}

/// A number of things, and a file with a number of them.
pub type Crowd = (usize, fn(usize) -> Vec<u8>);

/// Valid models of many things whose names differ, and a number of them that is refused.
pub const CROWDS: [Crowd; 6] = [
    (2_000_000, |count| {
        crowd(|_, graph| graph.node[0].output = names(count).collect())
    }),
    (300_000, |count| {
        crowd(|_, graph| graph.input = names(count).map(|name| models::named(&name)).collect())
    }),
    (250_000, |count| {
        crowd(|_, graph| {
            let tensors = names(count).map(|name| TensorProto {
                name: Some(name),
                dims: vec![0],
                data_type: Some(1),
                ..Default::default()
            });
            graph.initializer = tensors.collect();
        })
    }),
    (300_000, |count| {
        crowd(|_, graph| {
            let attributes = names(count).map(|name| AttributeProto::int(&name, 0));
            graph.node[0].attribute = attributes.collect();
        })
    }),
    (600_000, |count| {
        crowd(|proto, _| {
            proto
                .opset_import
                .extend(names(count).map(|name| set(&name, 1)))
        })
    }),
    (300_000, |count| {
        crowd(|proto, _| {
            let functions = names(count).map(|name| FunctionProto {
                name: Some(name),
                ..Default::default()
            });
            proto.functions = functions.collect();
        })
    }),
];
