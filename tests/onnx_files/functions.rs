//! Local functions are put in the place of their calls, and those that never end are refused.

use stepdroid::onnx::{OnnxError, Tensor};

use crate::engine::{flag, run};
use crate::models;
use crate::models::parts::{DOMAIN, function, in_domain, named, node, refers, set};

/// ONNX Runtime knows functions itself: with them and without them the graph must give the same.
#[test]
fn functions_give_the_same_inlined() {
    let model = models::functions();
    let inlined = model.inlined().unwrap();
    assert!(inlined.proto.functions.is_empty());
    assert!(
        inlined
            .graph()
            .node
            .iter()
            .all(|node| node.domain.as_deref().unwrap_or("").is_empty())
    );
    assert_eq!(inlined.proto.opset_import.len(), 1);
    let x = Tensor::f32(&[2, 3], [1.0, -2.0, 3.0, -4.0, 5.0, -6.0]);
    // The second call has its bound as an optional input, which must be a single number.
    let mut model = model;
    model
        .graph_mut()
        .initializer
        .push(Tensor::scalar(1.5).to_proto("bound"));
    model.graph_mut().node[1].input[1] = "bound".into();
    let after = model.inlined().unwrap();
    // What ONNX Runtime can't do itself: outputs that are left out, and one that is an input.
    model.graph_mut().node[1].output.push("unused3".into());
    let outer = &mut model.proto.functions[1];
    outer.node[0].output[0] = "unused".into();
    outer.node.push(node("Identity", &["x"], &["copy"], vec![]));
    outer.output[1] = "copy".into();
    for attribute in &mut outer.node[1].attribute {
        attribute.g.as_mut().unwrap().node[0]
            .output
            .push("unused2".into());
    }
    for value in [true, false] {
        let inputs = [("x", &x), ("flag", &flag(value))];
        let before = run(&model, &inputs);
        let after = run(&after, &inputs);
        assert_eq!(before, after);
        let leak = |value: f32, slope: f32| if value < 0.0 { value * slope } else { value };
        let expected: Vec<f32> = x
            .as_f32()
            .unwrap()
            .chunks(3)
            .map(|row| {
                let terms = row.iter().map(|x| {
                    let t = leak(*x, 0.5);
                    (if value { t + x } else { t * x }) - leak(*x, 0.25)
                });
                terms.sum()
            })
            .collect();
        assert_eq!(after[0], Tensor::f32(&[2, 1], expected));
    }
}

#[test]
fn names_of_bodies_never_meet() {
    let twice = function(
        "Twice",
        &["a"],
        &["b"],
        vec![
            node("Add", &["a", "a"], &["t"], vec![]),
            node("Neg", &["t"], &["b"], vec![]),
        ],
    );
    let mut model = models::plain();
    let graph = model.graph_mut();
    let x = graph.output[0].name.clone().unwrap();
    // Names that look like those that inlining makes.
    graph
        .node
        .push(node("Neg", &[&x], &["function/1/t"], vec![]));
    graph
        .node
        .push(node("Neg", &[&x], &["function1/1/t"], vec![]));
    graph
        .node
        .push(in_domain(node("Twice", &[&x], &["t"], vec![]), DOMAIN));
    graph
        .node
        .push(in_domain(node("Twice", &["t"], &["b"], vec![]), DOMAIN));
    graph.output = vec![named("b")];
    model.proto.functions = vec![twice];
    model.proto.opset_import.push(set(DOMAIN, 1));
    model.check().unwrap();
    let x = Tensor::f32(&[1, 4], [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(
        run(&model, &[("x", &x)]),
        run(&model.inlined().unwrap(), &[("x", &x)])
    );
}

#[test]
fn functions_that_never_end_are_refused() {
    let call = |name: &str, outputs: usize| {
        (0..outputs)
            .map(|number| in_domain(node(name, &["x"], &[&format!("y{number}")], vec![]), DOMAIN))
            .collect::<Vec<_>>()
    };
    let with = |functions: Vec<_>, called: &str| {
        let mut model = models::plain();
        model
            .graph_mut()
            .node
            .push(in_domain(node(called, &["x"], &["called"], vec![]), DOMAIN));
        model.proto.functions = functions;
        model.proto.opset_import.push(set(DOMAIN, 1));
        model.check().unwrap();
        let error = model.inlined().unwrap_err();
        assert!(matches!(error, OnnxError::Function { .. }), "{error}");
        error.to_string()
    };
    let own = function("Self", &["x"], &["y0"], call("Self", 1));
    assert!(with(vec![own], "Self").contains("calls itself"));
    let (ping, pong) = (
        function("Ping", &["x"], &["y0"], call("Pong", 1)),
        function("Pong", &["x"], &["y0"], call("Ping", 1)),
    );
    assert!(with(vec![ping, pong], "Ping").contains("calls itself"));
    let level = |number: usize, calls: usize| {
        let mut nodes = call(&format!("Level{}", number + 1), calls);
        if number == 19 {
            nodes = vec![node("Neg", &["x"], &["y0"], vec![])];
        }
        function(&format!("Level{number}"), &["x"], &["y0"], nodes)
    };
    assert!(with((0..20).map(|number| level(number, 10)).collect(), "Level0").contains("MB"));
    // Deep, but not wide.
    let chain = (0..200).map(|number| {
        function(
            &format!("Deep{number}"),
            &["x"],
            &["y0"],
            call(&format!("Deep{}", number + 1), 1),
        )
    });
    assert!(with(chain.collect(), "Deep0").contains("within each other"));
    let newer = |mut function: stepdroid::onnx::proto::FunctionProto| {
        function.opset_import = vec![set("", 21)];
        function
    };
    let neg = || {
        function(
            "Neg2",
            &["x"],
            &["y0"],
            vec![node("Neg", &["x"], &["y0"], vec![])],
        )
    };
    assert!(with(vec![newer(neg())], "Neg2").contains("version 21"));
    let mut few = neg();
    few.input.clear();
    few.node[0] = node(
        "Constant",
        &[],
        &["y0"],
        vec![refers("value_float", "value", 1)],
    );
    assert!(with(vec![few], "Neg2").contains("more inputs"));
    let lost = function(
        "Lost",
        &["x"],
        &["y0"],
        vec![node(
            "Constant",
            &[],
            &["y0"],
            vec![refers("value_float", "value", 1)],
        )],
    );
    assert!(with(vec![lost], "Lost").contains("leaves out an attribute"));
}
