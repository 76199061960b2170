//! Nothing is lost by reading and writing, data in other files is found and nothing else is, and what
//! breaks the rules is named.

use std::os::unix::fs::symlink;
use std::path::Path;

use stepdroid::onnx::proto::{AttributeProto, GraphProto, TensorProto};
use stepdroid::onnx::{Model, OnnxError, Tensor, WriteOptions};

use crate::engine::{flag, run};
use crate::models;
use crate::models::parts::{DATA_FILE, elsewhere, function, named, node, pair, refers, set};

#[test]
fn models_survive_reading_and_writing_to_the_byte() {
    for (name, model) in models::all() {
        let bytes = model.to_bytes();
        let again = Model::from_bytes(&bytes).unwrap();
        // Not compared as values: one of the numbers is no number.
        assert!(again.to_bytes() == bytes, "{name}");
    }
}

/// A file of the schema's own tool with every field set, made by `reference/every_field.py`.
#[test]
fn every_field_of_the_schema_survives() {
    let bytes = include_bytes!("../fixtures/onnx/every_field.onnx");
    let model = Model::from_bytes(bytes).unwrap();
    assert!(model.to_bytes() == bytes);
}

#[test]
fn large_bytes_are_shared_with_the_file() {
    let mut model = models::plain();
    model
        .graph_mut()
        .initializer
        .push(Tensor::f32(&[1 << 16], vec![1.5; 1 << 16]).to_proto("large"));
    let buffer = bytes::Bytes::from(model.to_bytes());
    let range = buffer.as_ptr_range();
    let model = Model::from_buffer(buffer.clone()).unwrap();
    let large = model.graph().initializer.last().unwrap();
    assert!(range.contains(&large.raw_data.as_ref().unwrap().as_ptr()));
}

/// A folder with the model of external data in it.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("weights")).unwrap();
    std::fs::write(folder.path().join(DATA_FILE), models::data()).unwrap();
    let path = folder.path().join("model.onnx");
    models::external().write(&path).unwrap();
    (folder, path)
}

#[test]
fn data_in_other_files_is_read() {
    let (_folder, path) = folder();
    let model = Model::read(&path).unwrap();
    assert_eq!(model.initializer("two").unwrap(), Tensor::scalar(4.0));
    let all = model.initializer("all").unwrap();
    assert_eq!(
        all.to_f64().unwrap(),
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    );
    let constant = model.graph().node.last().unwrap().attribute[0]
        .t
        .as_deref()
        .unwrap();
    assert_eq!(constant.to_f64().unwrap(), [5.0, 6.0, 7.0]);
    let inputs = [("x", &Tensor::f32(&[2], [1.0, 2.0])), ("flag", &flag(true))];
    run(&model, &inputs);
    // In memory alone it stays where it is.
    let outside = Model::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
    assert!(matches!(
        outside.initializer("two"),
        Err(OnnxError::Tensor { .. })
    ));
}

/// The model of external data with one tensor changed.
fn changed(path: &Path, change: impl Fn(&mut TensorProto)) -> Result<Model, OnnxError> {
    let mut model = models::external();
    let graph = model.graph_mut();
    let tensor = graph
        .initializer
        .iter_mut()
        .find(|tensor| tensor.name.as_deref() == Some("two"));
    change(tensor.unwrap());
    std::fs::write(path, model.to_bytes()).unwrap();
    Model::read(path)
}

#[test]
fn data_files_outside_of_the_folder_are_refused() {
    let (folder, path) = folder();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), models::data()).unwrap();
    symlink(outside.path().join("secret"), folder.path().join("link")).unwrap();
    symlink(outside.path(), folder.path().join("linked")).unwrap();
    symlink(DATA_FILE, folder.path().join("inner")).unwrap();
    let absolute = outside.path().join("secret").display().to_string();
    let beside = format!(
        "../{}/secret",
        outside.path().file_name().unwrap().display()
    );
    for location in [
        absolute.as_str(),
        &beside,
        "weights/../../x",
        "..",
        "link",
        "linked/secret",
        "weights",
        "",
        "nothing",
        "*/_ORT_MEM_ADDR_/*",
        "a\\..\\b",
        ".",
        "/",
        "\0",
    ] {
        let error = changed(&path, |tensor| {
            tensor.external_data = vec![pair("location", location), pair("length", "4")];
        });
        let error = error.expect_err(location);
        assert!(
            matches!(&error, OnnxError::External { tensor, .. } if tensor == "two"),
            "{location}: {error}"
        );
    }
    for location in ["weights/./data.bin", "./weights/data.bin", "inner"] {
        changed(&path, |tensor| {
            tensor.external_data = vec![pair("location", location)]
        })
        .unwrap();
    }
}

/// A cache keeps its files as links into a folder of contents.
#[test]
fn links_into_the_folder_of_the_real_file_are_followed() {
    let (folder, path) = folder();
    let cache = tempfile::tempdir().unwrap();
    let (blobs, snapshot) = (cache.path().join("blobs"), cache.path().join("snapshot"));
    std::fs::create_dir_all(&blobs).unwrap();
    std::fs::create_dir_all(snapshot.join("weights")).unwrap();
    std::fs::copy(&path, blobs.join("1")).unwrap();
    std::fs::copy(folder.path().join(DATA_FILE), blobs.join("2")).unwrap();
    symlink("../blobs/1", snapshot.join("model.onnx")).unwrap();
    symlink("../../blobs/2", snapshot.join(DATA_FILE)).unwrap();
    assert!(Model::read(&snapshot.join("model.onnx")).is_ok());
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let (folder, path) = folder();
    let cases: [(&str, &str, &str); 8] = [
        ("0", "8", "shape needs 4"),
        ("29", "4", "ends at byte 33"),
        ("32", "4", "ends at byte 36"),
        ("18446744073709551615", "4", "out of range"),
        ("-1", "4", "offset is no number"),
        ("0", "four", "length is no number"),
        ("0", "", "length is no number"),
        ("0x10", "4", "offset is no number"),
    ];
    for (offset, length, reason) in cases {
        let error = changed(&path, |tensor| {
            tensor.external_data = vec![
                pair("location", DATA_FILE),
                pair("offset", offset),
                pair("length", length),
            ];
        });
        let error = error.unwrap_err().to_string();
        assert!(error.contains(reason), "{error} instead of {reason}");
    }
    // A shape that no file can hold costs nothing.
    let error = changed(&path, |tensor| {
        tensor.dims = vec![1 << 40];
        tensor.external_data = vec![pair("location", DATA_FILE)];
    });
    assert!(error.unwrap_err().to_string().contains("ends at byte"));
    let twice = changed(&path, |tensor| {
        tensor.external_data.push(pair("location", "link"))
    });
    assert!(twice.unwrap_err().to_string().contains("two entries"));
    let text = changed(&path, |tensor| tensor.data_type = Some(8));
    assert!(matches!(text, Err(OnnxError::External { .. })));
    // A pipe is not waited for.
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("pipe"))
        .status();
    if made.is_ok_and(|status| status.success()) {
        let error = changed(&path, |tensor| {
            tensor.external_data = vec![pair("location", "pipe")]
        });
        assert!(error.unwrap_err().to_string().contains("no regular file"));
        assert!(matches!(
            Model::read(&folder.path().join("pipe")),
            Err(OnnxError::File { .. })
        ));
    }
}

/// Many tensors over the same bytes take them once.
#[test]
fn shared_parts_are_read_once() {
    let (folder, path) = folder();
    let size: i64 = 1 << 16;
    std::fs::write(folder.path().join("big"), vec![7u8; 4 * size as usize]).unwrap();
    let mut model = models::external();
    for number in 0..20 {
        let mut tensor = elsewhere(&format!("t{number}"), &[size - number], 4 * number as u64);
        tensor.external_data[0] = pair("location", if number % 2 == 0 { "big" } else { "./big" });
        model.graph_mut().initializer.push(tensor);
    }
    model.write(&path).unwrap();
    let model = Model::read(&path).unwrap();
    let ends: std::collections::HashSet<*const u8> = model
        .graph()
        .initializer
        .iter()
        .filter(|tensor| {
            tensor
                .name
                .as_deref()
                .is_some_and(|name| name.starts_with('t') && name != "two")
        })
        .map(|tensor| tensor.raw_data.as_ref().unwrap().as_ptr_range().end)
        .collect();
    assert_eq!(ends.len(), 1);
}

#[test]
fn large_models_get_a_data_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.onnx");
    let mut model = models::nested();
    let weights: Vec<f32> = (0..2000).map(|number| number as f32).collect();
    let graph = model.graph_mut();
    graph
        .initializer
        .push(Tensor::f32(&[2000], weights.as_slice()).to_proto("one"));
    // From a field of its own kind.
    graph.initializer.push(TensorProto {
        name: Some("halves".into()),
        dims: vec![600],
        data_type: Some(10),
        int32_data: vec![0x3c00; 600],
        ..Default::default()
    });
    graph
        .initializer
        .push(Tensor::f32(&[10], vec![1.0; 10]).to_proto("small"));
    let options = WriteOptions {
        largest_file: 4000,
        smallest_external: 1024,
    };
    model.write_with(&path, &options).unwrap();
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["net.onnx", "net.onnx.data"]);
    let outside = Model::from_bytes(&std::fs::read(&path).unwrap()).unwrap();
    let find = |name: &str| {
        let tensors = &outside.graph().initializer;
        tensors
            .iter()
            .find(|tensor| tensor.name.as_deref() == Some(name))
            .unwrap()
    };
    for name in ["one", "halves"] {
        assert!(find(name).is_external());
        let offset = find(name)
            .external_data
            .iter()
            .find(|entry| entry.key.as_deref() == Some("offset"));
        let offset: u64 = offset.unwrap().value.as_deref().unwrap().parse().unwrap();
        assert_eq!(offset % 4096, 0);
    }
    assert!(!find("small").is_external() && !find("two").is_external());
    let whole = Model::read(&path).unwrap();
    assert_eq!(
        whole.initializer("one").unwrap(),
        model.initializer("one").unwrap()
    );
    let halves = whole
        .graph()
        .initializer
        .iter()
        .find(|tensor| tensor.name.as_deref() == Some("halves"));
    assert_eq!(halves.unwrap().to_f64().unwrap(), vec![1.0; 600]);
    // Written over, in one file again.
    whole.write(&path).unwrap();
    assert_eq!(Model::read(&path).unwrap().to_bytes(), whole.to_bytes());
    // What can't be made small enough, and what can't be written, leaves everything as it was.
    let tiny = WriteOptions {
        largest_file: 100,
        smallest_external: 1,
    };
    assert!(matches!(
        whole.write_with(&path, &tiny),
        Err(OnnxError::Invalid(_))
    ));
    let nowhere = folder.path().join("none/net.onnx");
    assert!(matches!(whole.write(&nowhere), Err(OnnxError::File { .. })));
    assert_eq!(names(), ["net.onnx", "net.onnx.data"]);
    assert_eq!(Model::read(&path).unwrap().to_bytes(), whole.to_bytes());
}

#[test]
fn graphs_that_break_the_rules_are_named() {
    let broken = |change: &dyn Fn(&mut Model), reason: &str| {
        let mut model = models::nested();
        change(&mut model);
        let error = Model::from_bytes(&model.to_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error} instead of {reason}");
    };
    let body = |model: &mut Model, change: &dyn Fn(&mut GraphProto)| {
        let node = model.graph_mut().node.last_mut().unwrap();
        change(node.attribute[0].g.as_mut().unwrap());
    };
    broken(
        &|model| model.graph_mut().node.reverse(),
        "before it exists",
    );
    broken(
        &|model| model.graph_mut().initializer.clear(),
        "before it exists",
    );
    broken(
        &|model| model.graph_mut().output.push(named("nothing")),
        "nothing makes the output",
    );
    broken(&|model| model.graph_mut().input.push(named("x")), "twice");
    broken(
        &|model| {
            let tensor = model.graph().initializer[0].clone();
            model.graph_mut().initializer.push(tensor);
        },
        "taken",
    );
    broken(
        &|model| body(model, &|body| body.node[0].input[0] = "elsewhere".into()),
        "before it exists",
    );
    // The branches' own names can't be seen from outside of them.
    broken(
        &|model| body(model, &|body| body.node[0].input[0] = "scaled".into()),
        "before it exists",
    );
    broken(
        &|model| body(model, &|body| body.output.push(named("x"))),
        "nothing makes the output",
    );
    broken(
        &|model| body(model, &|body| body.node[1].output = vec!["again".into()]),
        "second time",
    );
    broken(
        &|model| model.proto.opset_import.clear(),
        "standard operators",
    );
    for version in [0, -3] {
        broken(
            &|model| model.proto.opset_import[0].version = Some(version),
            "version",
        );
    }
    broken(
        &|model| model.proto.opset_import.push(set("ai.onnx", 11)),
        "two versions",
    );
    broken(
        &|model| model.graph_mut().node[0].domain = Some("unknown".into()),
        "no version is named",
    );
    broken(
        &|model| model.graph_mut().node[0].op_type = None,
        "no operator",
    );
    broken(
        &|model| model.graph_mut().node[0].attribute = vec![refers("a", "b", 1)],
        "is in none",
    );
    broken(
        &|model| {
            let same = vec![AttributeProto::int("a", 1), AttributeProto::int("a", 2)];
            model.graph_mut().node[0].attribute = same;
        },
        "two attributes",
    );
    broken(
        &|model| {
            let function = function(
                "F",
                &["x"],
                &["y"],
                vec![node("Neg", &["z"], &["y"], vec![])],
            );
            model.proto.functions.push(function);
        },
        "function \"F\"",
    );
    // A name may hide one from outside.
    let mut hiding = models::nested();
    body(&mut hiding, &|body| {
        body.node
            .insert(0, node("Neg", &["state"], &["two"], vec![]));
    });
    Model::from_bytes(&hiding.to_bytes()).unwrap();
}
