//! Ways in which what a graph says can be wrong.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use stepdroid::onnx::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};

use crate::models::parts::{DOMAIN, function, in_domain, named, node, pair, refers, set};

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

/// Makes something in a graph wrong.
pub fn graph_lie(proto: &mut ModelProto, rng: &mut impl Rng) {
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
        9 => graph.output.push(named(&name)),
        10 => graph.input.push(named(&name)),
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
                node.attribute.push(refers("alpha", "slope", 1));
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
            in_domain(node(name, &["x"], &[&output], vec![]), DOMAIN)
        });
        calls.collect()
    };
    match rng.random_range(0..5) {
        // A function that calls itself, and two that call each other.
        0 => proto
            .functions
            .push(function("Self", &["x"], &["y0"], call("Self", 1))),
        1 => {
            proto
                .functions
                .push(function("Ping", &["x"], &["y0"], call("Pong", 1)));
            proto
                .functions
                .push(function("Pong", &["x"], &["y0"], call("Ping", 1)));
        }
        // Functions that call the next one ten times each.
        2 if rng.random_bool(0.1) => {
            for level in 0..12 {
                let calls = call(&format!("Level{}", level + 1), 10);
                proto
                    .functions
                    .push(function(&format!("Level{level}"), &["x"], &["y0"], calls));
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
        graph.node.push(in_domain(
            node(target, &[&input], &["called"], vec![]),
            DOMAIN,
        ));
    }
}
