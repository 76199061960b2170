//! The commands about ONNX files as a user runs them, on small models: what they write runs, what is
//! wrong has an exit code and a message that says what to do, and nothing panics.
use std::path::PathBuf;

use serde_json::Value as Json;
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Model, Tensor, TensorData, Value};
use stepdroid::runtime::{Chosen, Library, Session, SessionOptions};
use tempfile::TempDir;

use super::program::{Ran, run, text};

/// `stepdroid model` with these arguments.
fn model(arguments: &[&str]) -> Ran {
    run(&[&["model"], arguments].concat())
}

fn weight(shape: &[usize], seed: usize) -> Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f32> = (0..count)
        .map(|position| ((position * 37 + seed * 11) % 23) as f32 / 23.0 - 0.4)
        .collect();
    Tensor::f32(shape, values)
}

fn symbol(name: &str) -> Dimension {
    Dimension::Symbol(name.into())
}

const VOCABULARY: usize = 9;

/// A small language model: an embedding, a layer whose weight lost its name, and a head. `operator`
/// is what the layer ends with.
fn language_model(operator: &str) -> Model {
    let mut builder = GraphBuilder::new("language model");
    let ids = builder.input(
        "input_ids",
        ElementType::I64,
        &[symbol("batch"), symbol("seq")],
    );
    let table = builder.initializer("embedding.weight", &weight(&[VOCABULARY, 6], 1));
    let folded = builder.initializer("val_7", &weight(&[6, 6], 2));
    let bias = builder.initializer("layers.0.query.bias", &weight(&[6], 3));
    let head = builder.initializer("head.weight", &weight(&[6, VOCABULARY], 4));
    let half = builder.initializer("half", &Tensor::scalar(0.5));
    let rows = builder.gather(&table, &ids, 0);
    let hidden = builder.matmul(&rows, &folded);
    let hidden = builder.add(&hidden, &bias);
    let hidden = builder.named_node(operator, &[&hidden], Vec::new(), "layers.0.act");
    let hidden = builder.mul(&hidden, &half);
    let logits = builder.matmul(&hidden, &head);
    let logits = builder.alias(&logits, "logits");
    let shape = [symbol("batch"), symbol("seq"), Dimension::Fixed(VOCABULARY)];
    builder.output(&logits, ElementType::F32, Some(&shape));
    builder.finish().unwrap()
}

/// A model with a loss of its own, `loss = mean(f(x w))`, and another output.
fn own_loss(operator: &str) -> Model {
    let mut builder = GraphBuilder::new("own loss");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[symbol("batch"), Dimension::Fixed(3)],
    );
    let w = builder.initializer("w", &weight(&[3, 3], 5));
    let unused = builder.initializer("unused", &weight(&[2], 6));
    let y = builder.matmul(&x, &w);
    let y = builder.named_node(operator, &[&y], Vec::new(), "inner");
    let loss = builder.reduce_mean(&y, &[], false);
    builder.alias(&loss, "loss");
    let other = builder.alias(&unused, "other");
    builder.output(&Value::named("loss"), ElementType::F32, Some(&[]));
    builder.output(&other, ElementType::F32, None);
    builder.finish().unwrap()
}

fn written(folder: &TempDir, name: &str, model: &Model) -> PathBuf {
    let path = folder.path().join(name);
    model.write(&path).unwrap();
    path
}

fn names(list: &Json) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item.as_str().or(item["name"].as_str()).unwrap().to_owned())
        .collect()
}

#[test]
fn a_file_is_inspected() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "lm.onnx", &language_model("Tanh"));
    let found = model(&["inspect", text(&path), "--json"])
        .ends(0, &[])
        .json();
    assert_eq!(found["nodes"], 7);
    assert_eq!(found["operators"]["MatMul"], 2);
    assert_eq!(found["inputs"][0]["element"], "i64");
    assert_eq!(found["inputs"][0]["shape"][1], "seq");
    assert_eq!(found["weights"][0]["elements"], 54);
    assert_eq!(found["training"]["differentiated"], 7);
    assert_eq!(found["training"]["parameters"], 54 + 36 + 6 + 54);
    let shown = model(&["inspect", text(&path), "--trainable", "query"]);
    shown.ends(
        0,
        &[
            "val_7",
            "bias layers.0.query.bias",
            "2 weights",
            "embedding.weight",
        ],
    );
    let chosen = model(&["inspect", text(&path), "--trainable", "head", "--json"]).json();
    assert_eq!(names(&chosen["training"]["trainable"]), ["head.weight"]);
    assert_eq!(chosen["training"]["differentiated"], 2);
    model(&["inspect", text(&path), "--trainable", "qeury"])
        .ends(2, &["qeury", "query.bias", "inspect"]);
    model(&["inspect", text(&path), "--trainable", "("]).ends(2, &["not a regular expression"]);
    model(&["inspect", text(&path), "--loss", "lose"]).ends(2, &["lose", "logits"]);
    model(&["inspect", text(&path), "--loss", "dpo"]).ends(0, &["\"logits\""]);
}

#[test]
fn nodes_without_a_rule_are_named_before_and_while_building() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "odd.onnx", &own_loss("Det"));
    model(&["inspect", text(&path)]).ends(0, &["no gradient rule", "Det (node \"node.inner\")"]);
    let output = folder.path().join("never.onnx");
    model(&["gradient", text(&path), "-o", text(&output)])
        .ends(2, &["odd.onnx", "Det", "--trainable"]);
    assert!(!output.exists());
}

#[test]
fn gradient_graphs_are_written_for_every_loss() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "lm.onnx", &language_model("Tanh"));
    let output = folder.path().join("gradient.onnx");
    for (loss, input) in [
        ("cross-entropy", "labels"),
        ("ppo-token", "advantage"),
        ("ppo-sequence", "old_log_probability"),
        ("dpo", "beta"),
        ("squared-error", "target"),
    ] {
        let found = model(&[
            "gradient",
            text(&path),
            "--loss",
            loss,
            "--trainable",
            "query",
            "-o",
            text(&output),
            "--json",
        ])
        .ends(0, &[])
        .json();
        let inputs = names(&found["inputs"]);
        for wanted in ["val_7", "layers.0.query.bias", input] {
            assert!(inputs.contains(&wanted.to_owned()), "{loss}: {inputs:?}");
        }
        let outputs = names(&found["outputs"]);
        for wanted in ["loss", "grad.val_7", "grad.layers.0.query.bias"] {
            assert!(outputs.contains(&wanted.to_owned()), "{loss}: {outputs:?}");
        }
        assert!(!outputs.contains(&"logits".to_owned()), "{outputs:?}");
        assert_eq!(found["parameters"], 42);
    }
    // The file that was written last runs.
    let graph = Model::read(&output).unwrap();
    let library = Library::load(None).unwrap();
    let cpu = Chosen::Cpu {
        instead_of_cuda: None,
    };
    let session = Session::new(
        &library,
        &cpu,
        "gradient",
        &graph,
        SessionOptions::default(),
    )
    .unwrap();
    let source = language_model("Tanh");
    let folded = source.initializer("val_7").unwrap();
    let bias = source.initializer("layers.0.query.bias").unwrap();
    let ids = Tensor::i64(&[1, 2], [3, 8]);
    let target = Tensor::f32(&[1, 2, VOCABULARY], vec![0.0; 2 * VOCABULARY]);
    let inputs = [
        ("val_7", &folded),
        ("layers.0.query.bias", &bias),
        ("input_ids", &ids),
        ("target", &target),
    ];
    let result = session.run(&inputs, &["loss", "grad.val_7"]).unwrap();
    assert_eq!(result[1].shape, [6, 6]);
    let values = result[1].as_f32().unwrap();
    assert!(
        values.iter().any(|value| *value != 0.0) && values.iter().all(|value| value.is_finite())
    );
}

#[test]
fn the_options_of_gradient_graphs_are_heard() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "lm.onnx", &language_model("Tanh"));
    let base = ["gradient", text(&path), "--loss", "cross-entropy"];
    let with = |more: &[&str]| model(&[&base[..], more].concat());
    // Without -o the file lies beside the model.
    with(&[]).ends(0, &["lm.gradient.onnx"]);
    assert!(folder.path().join("lm.gradient.onnx").is_file());
    let all = [
        "--with",
        "weight",
        "--with",
        "temperature",
        "--with",
        "entropy",
        "--with",
        "kl",
        "--prefix",
        "l.",
        "--keep",
        "logits",
        "--recompute",
        "auto",
        "--loss-scale",
        "--json",
    ];
    let found = with(&all).ends(0, &[]).json();
    for wanted in [
        "l.labels",
        "l.weight",
        "l.temperature",
        "l.entropy_coefficient",
        "l.kl_coefficient",
        "loss_scale",
    ] {
        assert!(
            names(&found["inputs"]).contains(&wanted.to_owned()),
            "{found}"
        );
    }
    for wanted in ["l.loss", "l.entropy", "l.kl", "l.log_probability", "logits"] {
        assert!(
            names(&found["outputs"]).contains(&wanted.to_owned()),
            "{found}"
        );
    }
    with(&["--recompute", r"layers\.(\d+)"]).ends(0, &["1 blocks"]);
    with(&["--recompute", "("]).ends(2, &["--recompute", "regular expression", "auto"]);
    with(&["--recompute", "nothing"]).ends(2, &["nothing"]);
    with(&["--keep", "lgoits"]).ends(2, &["lgoits", "logits"]);
    with(&["--logits", "lgoits"]).ends(2, &["lgoits", "logits"]);
    with(&["--with", "everything"]).ends(2, &["temperature"]);
    with(&["-o", "/nonexistent/gradient.onnx"]).ends(3, &["/nonexistent", "-o"]);
    model(&["gradient", text(&path)]).ends(2, &["\"loss\"", "logits", "cross-entropy", "--loss"]);
    model(&["gradient", text(&path), "--loss", "ppo-step"]).ends(2, &["3 dimensions", "ppo-step"]);
    let taken = language_model("Tanh");
    let mut taken_builder = GraphBuilder::extend(taken, "t/");
    let labels = taken_builder.input("labels", ElementType::I64, &[symbol("batch")]);
    taken_builder.untyped_output(labels.name());
    let taken = written(&folder, "taken.onnx", &taken_builder.finish().unwrap());
    model(&["gradient", text(&taken), "--loss", "cross-entropy"]).ends(2, &["labels", "--prefix"]);
}

#[test]
fn a_loss_of_its_own_needs_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "own.onnx", &own_loss("Tanh"));
    let output = folder.path().join("gradient.onnx");
    let base = ["gradient", text(&path), "-o", text(&output), "--json"];
    let found = model(&base).ends(0, &[]).json();
    assert_eq!(names(&found["weights"]), ["w"]);
    assert_eq!(names(&found["outputs"]), ["loss", "grad.w"]);
    let found = model(&[&base[..], &["--trainable", "."]].concat());
    let found = found.ends(0, &["left out", "unused"]);
    assert_eq!(names(&found.json()["weights"]), ["w"]);
    model(&[&base[..], &["--trainable", "unused"]].concat())
        .ends(2, &["unused", "depends on none"]);
    model(&["check", text(&path)]).ends(0, &["w", "f64", "all together"]);
}

#[test]
fn gradients_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "lm.onnx", &language_model("Tanh"));
    for loss in [
        "cross-entropy",
        "ppo-token",
        "ppo-sequence",
        "dpo",
        "squared-error",
    ] {
        let found = model(&["check", text(&path), "--loss", loss, "--json"])
            .ends(0, &[])
            .json();
        assert_eq!(found["precision"], "f64", "{loss}: {found}");
        assert_eq!(found["ok"], true);
        let rows = found["weights"].as_array().unwrap();
        assert_eq!(rows.len(), 5, "{loss}: {found}");
        assert!(
            rows.iter().all(|row| row["error"].as_f64().unwrap() < 1e-6),
            "{loss}: {found}"
        );
    }
    let path = written(&folder, "single.onnx", &language_model("Asinh"));
    let found = model(&["check", text(&path), "--loss", "cross-entropy", "--json"])
        .ends(0, &[])
        .json();
    assert_eq!(found["precision"], "f32");
    assert!(found["why_not_double"].as_str().unwrap().contains("Asinh"));
    model(&["check", text(&path), "--loss", "cross-entropy"]).ends(0, &["not in f64", "ok"]);
    let base = ["check", text(&path), "--loss", "cross-entropy"];
    let sized = [&base[..], &["--dim", "seq=3", "--dim", "batch=5", "--json"]].concat();
    let found = model(&sized).ends(0, &[]).json();
    assert_eq!(found["inputs"][0]["shape"], serde_json::json!([5, 3]));
    model(&[&base[..], &["--dim", "sequence=3"]].concat()).ends(2, &["sequence", "batch, seq"]);
    model(&[&base[..], &["--dim", "seq=0"]].concat()).ends(2, &["seq=0", "batch=2"]);
}

/// Logarithms of negative numbers are no numbers, and neither are gradients of them.
#[test]
fn a_loss_that_is_no_number_fails_the_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, "nan.onnx", &own_loss("Log"));
    let ran = model(&["check", text(&path), "--json"]).ends(1, &["nothing to compare", "--seed"]);
    assert_eq!(ran.json()["ok"], false);
}

/// Sizes that a graph can't have are no crash.
#[test]
fn made_up_inputs_that_do_not_fit_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let mut builder = GraphBuilder::new("picky");
    let x = builder.input("x", ElementType::F32, &[symbol("length")]);
    let w = builder.initializer("w", &weight(&[7], 1));
    let y = builder.mul(&x, &w);
    let loss = builder.reduce_sum(&y, &[], false);
    builder.alias(&loss, "loss");
    builder.untyped_output("loss");
    let path = written(&folder, "picky.onnx", &builder.finish().unwrap());
    model(&["check", text(&path), "--dim", "length=3"])
        .ends(2, &["picky.onnx", "length=3", "--dim"]);
    model(&["check", text(&path), "--dim", "length=7"]).ends(0, &["ok"]);
}

#[test]
fn differences_have_an_exit_code_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let first = language_model("Tanh");
    let mut second = first.clone();
    let mut bias = second.initializer("layers.0.query.bias").unwrap();
    if let TensorData::F32(values) = &mut bias.data {
        values[2] += 0.5;
    }
    for tensor in &mut second.graph_mut().initializer {
        if tensor.name.as_deref() == Some("layers.0.query.bias") {
            *tensor = bias.to_proto("layers.0.query.bias");
        }
    }
    let (a, b) = (
        written(&folder, "a.onnx", &first),
        written(&folder, "b.onnx", &second),
    );
    let c = written(&folder, "c.onnx", &language_model("Sigmoid"));
    model(&["diff", text(&a), text(&a)]).ends(0, &["nothing differs"]);
    let ran =
        model(&["diff", text(&a), text(&b)]).ends(1, &["layers.0.query.bias", "1 weights changed"]);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let found = model(&["diff", text(&a), text(&b), "--json"])
        .ends(1, &[])
        .json();
    let change = &found["difference"]["changed"][0];
    assert_eq!(
        (&change["changed"], &change["elements"]),
        (&1.into(), &6.into())
    );
    assert!((change["largest"].as_f64().unwrap() - 0.5).abs() < 1e-6);
    model(&["diff", text(&a), text(&c)]).ends(1, &["operator Sigmoid", "operator Tanh"]);
    let bundle = folder.path().join("policy");
    model(&["new", text(&bundle)]).ends(0, &[]);
    model(&["diff", text(&bundle), text(&bundle)]).ends(0, &[]);
    model(&["diff", text(&bundle), text(&a)]).ends(1, &["only in"]);
}

#[test]
fn adapters_are_added_trained_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let base = written(&folder, "base.onnx", &language_model("Tanh"));
    let adapted = folder.path().join("adapted.onnx");
    let add = ["lora", text(&base), "--rank", "2", "-o", text(&adapted)];
    let found = model(
        &[
            &add[..],
            &["--target", "query", "--target", "head", "--json"],
        ]
        .concat(),
    );
    let found = found.ends(0, &[]).json();
    assert_eq!(found["adapters"].as_array().unwrap().len(), 2);
    assert_eq!(found["parameters"], 2 * (6 + 6) + 2 * (6 + VOCABULARY));
    model(&[&add[..], &["--target", "query"]].concat()).ends(0, &["layers.0.query", "lora"]);
    model(&[
        "check",
        text(&adapted),
        "--loss",
        "cross-entropy",
        "--trainable",
        r"^lora\.",
    ])
    .ends(0, &["lora.layers.0.query.a"]);
    let merged = folder.path().join("merged.onnx");
    model(&["merge", text(&adapted), "-o", text(&merged)]).ends(0, &["1 adapters"]);
    // At first an adapter changes nothing.
    model(&["diff", text(&base), text(&merged)]).ends(0, &["nothing differs"]);
    model(&["merge", text(&base)]).ends(2, &["base.onnx", "no adapters", "model lora"]);
    model(&[&add[..], &["--target", "qeury"]].concat()).ends(2, &["qeury", "query"]);
    model(&["lora", text(&base), "--target", "query", "--rank", "99"])
        .ends(2, &["rank 99", "6 by 6"]);
    model(&["lora", text(&base), "--target", "query", "--rank", "0"]).ends(2, &["rank 0"]);
    model(&["lora", text(&base), "--target", "query", "--alpha", "nan"]).ends(2, &["--alpha"]);
    model(&["lora", text(&adapted), "--target", "head"]).ends(2, &["merge"]);
    model(&["lora", text(folder.path()), "--target", "head"]).ends(2, &["bundle"]);
}

#[test]
fn bundles_take_adapters_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (base, adapted, merged) = (path("base"), path("adapted"), path("merged"));
    model(&["new", text(&base)]).ends(0, &[]);
    let add = ["lora", text(&base), "--target", "layer", "--rank", "2"];
    let line = model(&[&add[..], &["-o", text(&adapted), "--json"]].concat())
        .ends(0, &[])
        .json();
    let adapters = line["adapters"].as_array().unwrap().len();
    assert!(adapters > 0);
    model(&["check", text(&adapted)]).ends(0, &[]);
    let out = path("gradient.onnx");
    let line = model(&["gradient", text(&adapted), "-o", text(&out), "--json"])
        .ends(0, &[])
        .json();
    assert_eq!(names(&line["weights"]).len(), 2 * adapters);
    model(&["merge", text(&adapted), "-o", text(&merged)]).ends(0, &["merged"]);
    // The second factors are zero at first, so that merging gives the base back.
    model(&["diff", text(&base), text(&merged)]).ends(0, &[]);
    model(&["merge", text(&base), "-o", text(&path("none"))]).ends(2, &["no adapters"]);
    let file = folder.path().join("taken");
    std::fs::create_dir(&file).unwrap();
    model(&[&add[..], &["-o", text(&file)]].concat()).ends(2, &["no policy bundle"]);
}

#[test]
fn broken_files_end_every_command_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let whole = written(&folder, "whole.onnx", &language_model("Tanh"));
    let bytes = std::fs::read(&whole).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 3] ^= 0x55;
    let contents: [(&str, &[u8]); 5] = [
        ("empty.onnx", b""),
        ("text.onnx", b"this is no model"),
        ("half.onnx", &bytes[..bytes.len() / 2]),
        ("short.onnx", &bytes[..bytes.len() - 1]),
        ("flipped.onnx", &flipped),
    ];
    let commands: [&[&str]; 6] = [
        &["inspect"],
        &["gradient", "--loss", "cross-entropy"],
        &["check", "--loss", "cross-entropy"],
        &["lora", "--target", "query"],
        &["merge"],
        &["diff", text(&whole)],
    ];
    for (name, content) in contents {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        for command in commands {
            let ran = model(&[command, &[text(&path)]].concat());
            // A flipped bit may leave a model that can still be read.
            if name != "flipped.onnx" {
                ran.ends(2, &[name]);
            } else {
                assert!(ran.code <= 2, "{command:?}: {}", ran.stderr);
            }
        }
    }
    for command in commands {
        model(&[command, &["/nonexistent.onnx"]].concat()).ends(2, &["/nonexistent.onnx"]);
        model(&[command, &[text(folder.path())]].concat()).ends(2, &[text(folder.path())]);
    }
}
