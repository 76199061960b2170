use super::*;
use crate::onnx::proto::{AttributeProto, StringStringEntryProto};
use crate::onnx::{Dimension, GraphBuilder, Model, Tensor, TensorData, Value};

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::f32(shape, vec![0.0; shape.iter().product()])
}

/// Two layers as exporters write them: the first with a folded weight and a note, the second with a
/// quantised weight in the form that weight-only quantisation gives it.
fn exported() -> Model {
    let mut builder = GraphBuilder::new("exported");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Symbol("batch".into()), Dimension::Fixed(4)],
    );
    let folded = builder.initializer("val_65", &zeros(&[4, 6]));
    let bias = builder.initializer("layer.0.query.bias", &zeros(&[6]));
    let y = builder.matmul(&x, &folded);
    let y = builder.add(&y, &bias);
    let integers = Tensor {
        shape: vec![8, 6],
        data: TensorData::I32(vec![1; 48]),
    };
    let quantised = builder.initializer("layer.1.quantised", &integers);
    let scale = builder.initializer("layer.1.scale", &zeros(&[8, 1]));
    let floats = builder.cast(&quantised, ElementType::F32);
    let floats = builder.mul(&floats, &scale);
    let turned = builder.transpose(&floats, &[1, 0]);
    let y = builder.named_node("MatMul", &[&y, &turned], Vec::new(), "second");
    let head = builder.initializer("head.weight", &zeros(&[3, 8]));
    let head_bias = builder.initializer("head.bias", &zeros(&[3]));
    let attributes = vec![AttributeProto::int("transB", 1)];
    let y = builder.named_node("Gemm", &[&y, &head, &head_bias], attributes, "logits");
    let half = builder.initializer("half", &Tensor::scalar(0.5));
    let y = builder.mul(&y, &half);
    let scores = builder.matmul(&y, &Value::named("logits"));
    builder.untyped_output(scores.name());
    let mut model = builder.finish().unwrap();
    model.graph_mut().node[0].metadata_props = vec![StringStringEntryProto {
        key: Some("pkg.torch.onnx.name_scopes".into()),
        value: Some("['', 'encoder', 'encoder.attention.query', 'linear']".into()),
    }];
    model
}

fn names(patterns: &[&str]) -> Vec<String> {
    let selected = weights(&exported(), patterns).unwrap();
    selected.into_iter().map(|weight| weight.name).collect()
}

#[test]
fn weights_are_found_by_every_name_around_them() {
    assert_eq!(names(&["^val_65$"]), ["val_65"]);
    assert_eq!(names(&["layer.0.query"]), ["val_65", "layer.0.query.bias"]);
    assert_eq!(names(&["attention.query"]), ["val_65"]);
    assert_eq!(names(&["head"]), ["head.weight", "head.bias"]);
    assert_eq!(names(&["node.logits"]), ["head.weight", "head.bias"]);
    let selected = weights(&exported(), &["attention"]).unwrap();
    assert_eq!(selected[0].shape, [4, 6]);
    assert_eq!(
        selected[0].why.place,
        Place::Metadata("pkg.torch.onnx.name_scopes".into())
    );
}

#[test]
fn scalars_are_chosen_by_their_whole_name_only() {
    assert!(!names(&["."]).contains(&"half".to_owned()));
    assert_eq!(names(&["half"]), ["half"]);
    assert!(weights(&exported(), &["hal"]).is_err());
}

#[test]
fn integers_and_the_scales_of_integers_are_no_weights_of_a_node() {
    for node in ["node.second", "node.Mul_3", "node.Mul_4"] {
        let chosen = weights(&exported(), &[node]).unwrap_or_default();
        assert!(chosen.is_empty(), "{node} chose {chosen:?}");
    }
    assert_eq!(names(&["layer.1.scale"]), ["layer.1.scale"]);
}

#[test]
fn a_pattern_that_matches_nothing_names_what_is_near() {
    let message = |pattern: &str| {
        weights(&exported(), &["head", pattern])
            .unwrap_err()
            .to_string()
    };
    let text = message("layer.0.qeury");
    assert!(
        text.contains("layer.0.qeury") && text.contains("layer.0.query.bias"),
        "{text}"
    );
    assert!(message("(").contains("not a regular expression"));
    assert!(matches!(
        matrices(&exported(), &["nothing like it"]),
        Err(OnnxError::Pattern { .. })
    ));
}

#[test]
fn matrices_are_found_through_changes_of_form() {
    let found = matrices(&exported(), &["."]).unwrap();
    let facts: Vec<_> = found
        .iter()
        .map(|matrix| {
            (
                matrix.label.as_str(),
                matrix.rows,
                matrix.columns,
                matrix.transposed,
            )
        })
        .collect();
    // The last product has no constant weight.
    assert_eq!(
        facts,
        [
            ("layer.0.query", 4, 6, false),
            ("node.second", 6, 8, false),
            ("head", 8, 3, true)
        ]
    );
    assert_eq!(found[1].weight, "layer.1.quantised");
    assert_eq!(found[1].element, ElementType::F32);
    assert_eq!(found[0].bias.as_deref(), Some("layer.0.query.bias"));
    assert_eq!(found[2].bias.as_deref(), Some("head.bias"));
    let found = matrices(&exported(), &["encoder.attention"]).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].why.pattern, "encoder.attention");
}

#[test]
fn quantised_products_have_their_sizes_in_attributes() {
    let mut builder = GraphBuilder::new("quantised");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Fixed(2), Dimension::Fixed(32)],
    );
    let weight = builder.initializer("q.weight", &Tensor::i64(&[5, 1, 2], vec![0; 10]));
    let scales = builder.initializer("q.scales", &zeros(&[5]));
    let attributes = vec![AttributeProto::int("K", 32), AttributeProto::int("N", 5)];
    let y = builder.node("MatMulNBits", &[&x, &weight, &scales], attributes);
    builder.untyped_output(y.name());
    let mut model = builder.finish().unwrap();
    model.graph_mut().node[0].domain = Some("com.microsoft".into());
    let found = matrices(&model, &["q"]).unwrap();
    assert_eq!((found[0].rows, found[0].columns), (32, 5));
    assert!(found[0].transposed);
    model.graph_mut().node[0].attribute.clear();
    assert!(matrices(&model, &["q"]).is_err());
}

#[test]
fn constants_keep_their_form_through_a_reshape() {
    let mut builder = GraphBuilder::new("reshaped");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Fixed(2), Dimension::Fixed(8)],
    );
    let blocks = builder.initializer("blocks", &zeros(&[2, 4, 3]));
    let weight = builder.reshape(&blocks, &[-1, 3]);
    let y = builder.matmul(&x, &weight);
    builder.untyped_output(y.name());
    let found = matrices(&builder.finish().unwrap(), &["blocks"]).unwrap();
    assert_eq!((found[0].rows, found[0].columns), (8, 3));
}

#[test]
fn long_notes_are_shown_around_the_match() {
    let mut model = exported();
    let note = &mut model.graph_mut().node[0].metadata_props[0];
    note.value = Some(format!("{} → query → {}", "é".repeat(40), "ü".repeat(40)));
    let chosen = weights(&model, &["query →"]).unwrap();
    let shown = chosen[0].why.to_string();
    assert!(shown.contains("query") && shown.len() < 130, "{shown}");
    assert!(
        shown.contains("..") && !shown.contains(&"é".repeat(30)),
        "{shown}"
    );
}

#[test]
fn running_statistics_are_trained_only_when_they_are_asked_for() {
    let mut builder = GraphBuilder::new("normalised");
    let x = builder.input(
        "x",
        ElementType::F32,
        &[Dimension::Fixed(2), Dimension::Fixed(3)],
    );
    let parts = ["scale", "offset", "mean", "variance"].map(|name| {
        let name = format!("bn.{name}");
        builder.initializer(&name, &zeros(&[3]))
    });
    let [scale, offset, mean, variance] = &parts;
    let inputs = [&x, scale, offset, mean, variance];
    let y = builder.node("BatchNormalization", &inputs, Vec::new());
    builder.untyped_output(y.name());
    let model = builder.finish().unwrap();
    let names = |found: Vec<Selected>| -> Vec<String> {
        found.into_iter().map(|weight| weight.name).collect()
    };
    assert_eq!(
        names(all_weights(&model).unwrap()),
        ["bn.scale", "bn.offset"]
    );
    assert_eq!(names(weights(&model, &["mean"]).unwrap()), ["bn.mean"]);
}
