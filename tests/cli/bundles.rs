//! Policy bundles as a user makes, inspects and checks them, and what is said of broken ones.

use super::program::{run, run_with, text};

#[test]
fn models_are_made_inspected_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("policy");
    run(&["model", "new", text(&bundle), "--seed", "4"]).works();
    run(&["model", "new", text(&bundle)]).fails(2, &["--force"]);
    run(&["model", "new", text(folder.path()), "--force"]).fails(2, &["no policy bundle"]);
    run(&["model", "new", text(&bundle), "--force", "--json"]).works();

    let summary = run(&["model", "inspect", text(&bundle), "--json"])
        .works()
        .json();
    assert!(summary["parameters"].as_u64().unwrap() > 100_000);
    assert!(summary["forward"]["outputs"].as_array().unwrap().len() == 6);

    let checked = run(&[
        "model",
        "check",
        text(&bundle),
        "--provider",
        "cpu",
        "--json",
    ]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);
    assert_eq!(checked.json()["checks"].as_array().unwrap().len(), 5);

    let graph = folder.path().join("gradient.onnx");
    run(&["model", "gradient", text(&bundle), "-o", text(&graph)]).works();
    let inspected = run(&["model", "inspect", text(&graph), "--json"])
        .works()
        .json();
    let outputs = inspected["outputs"].as_array().unwrap();
    let gradients = outputs
        .iter()
        .filter(|output| output["name"].as_str().unwrap().starts_with("grad."));
    assert_eq!(
        gradients.count(),
        summary["weights"].as_array().unwrap().len()
    );
    run(&[
        "model",
        "gradient",
        text(&graph),
        "--loss",
        "lose",
        "-o",
        "never.onnx",
    ])
    .fails(2, &["gradient.onnx", "lose", "loss"]);
}

#[test]
fn a_missing_engine_is_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("policy");
    run(&["model", "new", text(&bundle)]).works();
    let missing = [("ORT_DYLIB_PATH", "/nonexistent")];
    run_with(&["model", "check", text(&bundle)], &missing)
        .fails(3, &["ONNX Runtime", "/nonexistent", "make setup"]);
    let fake = folder.path().join("libonnxruntime.so");
    std::fs::write(&fake, "no library").unwrap();
    run(&[
        "model",
        "check",
        text(&bundle),
        "--onnxruntime",
        text(&fake),
    ])
    .fails(3, &[text(&fake)]);
}

#[test]
fn broken_bundles_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("policy");
    run(&["model", "new", text(&bundle)]).works();
    let forward = bundle.join("policy.onnx");
    let whole = std::fs::read(&forward).unwrap();
    for length in [0, 7, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&forward, &whole[..length]).unwrap();
        run(&["model", "inspect", text(&bundle)]).fails(2, &[text(&forward)]);
        run(&["model", "check", text(&bundle)]).fails(2, &[text(&forward)]);
        run(&["model", "inspect", text(&forward)]).fails(2, &["policy.onnx"]);
    }
    run(&["model", "inspect", "/nonexistent"]).fails(2, &["/nonexistent"]);
}

#[test]
fn weights_that_are_no_numbers_fail_the_check() {
    let shape = stepdroid::policy::Shape::named("small").unwrap();
    let mut bundle = stepdroid::policy::Bundle::new(shape, 1).unwrap();
    let (name, mut tensor) = bundle.weights().unwrap().remove(5);
    if let stepdroid::onnx::TensorData::F32(values) = &mut tensor.data {
        values[0] = f32::NAN;
    }
    for initializer in &mut bundle.forward.graph_mut().initializer {
        if initializer.name.as_deref() == Some(&name) {
            *initializer = tensor.to_proto(&name);
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy");
    bundle.save(&path).unwrap();
    let ran = run(&["model", "check", text(&path)]).fails(1, &[text(&path), "weights", "gradient"]);
    assert!(ran.stdout.contains(&name), "{}", ran.stdout);
}
