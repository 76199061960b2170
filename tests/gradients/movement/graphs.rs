//! What the gradient graphs hold, 16 bits, large tables, refusals.

use stepdroid::onnx::proto::{AttributeProto, NodeProto};
use stepdroid::onnx::{
    Dimension, ElementType, GradientGraph, GradientOptions, GraphBuilder, OnnxError, Tensor,
    TensorData, Value, build_gradient,
};
use stepdroid::runtime::{Session, SessionOptions, SessionOracle};

use super::contractions::einsum;
use super::cuts::cut;
use super::cuts::pad;
use super::picks::with_reduction;
use super::{gemm, int, scalar_integer};
use crate::harness::{CPU, library, random};

/// The gradient graph of a value's sum with respect to `w`.
fn gradient_of(
    weight: &Tensor,
    build: impl FnOnce(&mut GraphBuilder, &Value) -> Value,
) -> Result<GradientGraph, OnnxError> {
    let mut b = GraphBuilder::new("movement");
    let w = b.initializer("w", weight);
    let result = build(&mut b, &w);
    let result = b.cast(&result, ElementType::F32);
    let total = b.reduce_sum(&result, &[], false);
    b.alias(&total, "loss");
    b.untyped_output("loss");
    let options = GradientOptions {
        loss: "loss".into(),
        trainable: vec!["w".into()],
        ..Default::default()
    };
    build_gradient(&b.finish()?, &options, &SessionOracle::new(&library()))
}

fn operators(graph: &GradientGraph) -> Vec<&str> {
    let nodes = graph.model.graph().node.iter();
    let backward = nodes.filter(|node| {
        let mut outputs = node.output.iter();
        outputs.any(|name| name.starts_with("g/") || name.starts_with("grad."))
    });
    backward.map(|node| node.op()).collect()
}

fn run(graph: &GradientGraph, inputs: &[(&str, &Tensor)]) -> Vec<f64> {
    let options = SessionOptions::default();
    let session = Session::new(&library(), &CPU, "movement", &graph.model, options).unwrap();
    let mut all = vec![("w", &graph.weights[0].1)];
    all.extend_from_slice(inputs);
    session.run(&all, &["grad.w"]).unwrap()[0].to_f64().unwrap()
}

#[test]
fn the_gradient_of_a_large_table_needs_no_table_of_zeros() {
    const ROWS: usize = 2048;
    const WIDTH: usize = 512;
    let table = random(&[ROWS, WIDTH], 1, -1.0, 1.0, ElementType::F32);
    for element in [ElementType::F32, ElementType::F16] {
        let built = gradient_of(&table, |b, w| {
            let symbol = |name: &str| Dimension::Symbol(name.into());
            let shape = [symbol("batch"), symbol("tokens")];
            let ids = b.input("ids", ElementType::I32, &shape);
            let w = if element == ElementType::F32 {
                w.clone()
            } else {
                b.cast(w, element)
            };
            let rows = b.gather(&w, &ids, 0);
            let scale = b.input("scale", ElementType::F32, &[]);
            let scale = b.cast(&scale, element);
            b.mul(&rows, &scale)
        })
        .unwrap();
        let rows = built
            .model
            .graph()
            .node
            .iter()
            .filter(|node| node.op() == "Gather");
        assert!(rows.count() >= 2, "{:?}", operators(&built));
        let scale = Tensor::scalar(0.5);
        for indices in [vec![3, 2047, 3, -1, 0, 3], vec![]] {
            let ids = Tensor {
                shape: vec![2, indices.len() / 2],
                data: TensorData::I32(indices.clone()),
            };
            let mut expected = vec![0.0; ROWS * WIDTH];
            for index in &indices {
                let row = index.rem_euclid(ROWS as i32) as usize;
                for value in &mut expected[row * WIDTH..][..WIDTH] {
                    *value += 0.5;
                }
            }
            let found = run(&built, &[("ids", &ids), ("scale", &scale)]);
            assert!(found == expected, "{element:?} {indices:?}");
        }
    }
}

#[test]
fn sixteen_bits_are_added_up_in_thirty_two() {
    // 2048 + 1 is 2048 in 16 bits.
    let weight = Tensor::f32(&[3, 1], [1.0, 2.0, 3.0]);
    let built = gradient_of(&weight, |b, w| {
        let w = b.cast(w, ElementType::F16);
        let indices = b.integers(&[1; 2050]);
        let rows = b.gather(&w, &indices, 0);
        let first = b.slice(&rows, 0, 0, 1);
        let many = b.scalar(2.0);
        let many = b.cast(&many, ElementType::F16);
        let more = b.mul(&first, &many);
        b.concat(&[&rows, &more], 0)
    })
    .unwrap();
    assert_eq!(run(&built, &[]), [0.0, 2052.0, 0.0]);
}

#[test]
fn halves_agree_with_singles() {
    type Forward = fn(&mut GraphBuilder, &Value) -> Value;
    let forms: [(&str, Forward); 12] = [
        ("matmul", |b, w| b.matmul(w, w)),
        ("matmul of a stack", |b, w| {
            let stack = b.unsqueeze(w, &[0]);
            let stack = b.concat(&[&stack, &stack], 0);
            b.matmul(&stack, w)
        }),
        ("gemm", |b, w| {
            let row = b.slice(w, 0, 0, 1);
            gemm(b, &[w, w, &row], 0.5, 0.25, (0, 1))
        }),
        ("einsum", |b, w| {
            einsum(b, &[w.clone(), w.clone()], "ii,ij->j")
        }),
        ("gather", |b, w| {
            let indices = b.integers(&[1, 1, 3]);
            b.gather(w, &indices, 1)
        }),
        ("gather elements", |b, w| {
            let indices = b.constant(&Tensor::i64(&[1, 4], [0, 1, 3, 3]));
            b.node("GatherElements", &[w, &indices], vec![])
        }),
        ("scatter", |b, w| {
            let indices = b.integers(&[0, 2]);
            let indices = b.reshape(&indices, &[2, 1]);
            let updates = b.slice(w, 0, 1, 3);
            with_reduction(b, &[w, &indices, &updates], None, "none")
        }),
        ("slice", |b, w| {
            cut(b, w, &[-1, 1], &[i64::MIN, 4], &[0, 1], &[-2, 1])
        }),
        ("pad", |b, w| pad(b, w, &[1, 0, -1, 2], "constant")),
        ("reflected", |b, w| pad(b, w, &[1, 0, 2, 2], "reflect")),
        ("tile", |b, w| {
            let repeats = b.integers(&[2, 1]);
            b.node("Tile", &[w, &repeats], vec![])
        }),
        ("split", |b, w| {
            let parts = b.nodes("Split", &[w], int("num_outputs", 2), 2);
            b.mul(&parts[0], &parts[0])
        }),
    ];
    let weight = random(&[4, 4], 1, -1.0, 1.0, ElementType::F32);
    for (name, form) in forms {
        let gradient = |element: ElementType| {
            let built = gradient_of(&weight, |b, w| {
                let w = b.cast(w, element);
                let squares = b.mul(&w, &w);
                form(b, &squares)
            });
            run(&built.unwrap(), &[])
        };
        let (single, half) = (gradient(ElementType::F32), gradient(ElementType::F16));
        for (single, half) in single.iter().zip(&half) {
            let off = (single - half).abs();
            assert!(
                off <= 0.02 * single.abs().max(0.5),
                "{name}: {half}, not {single}"
            );
        }
    }
}

#[test]
fn what_is_frozen_costs_nothing() {
    let weight = random(&[4, 4], 1, -1.0, 1.0, ElementType::F32);
    let frozen = random(&[4, 4], 2, -1.0, 1.0, ElementType::F32);
    let stack = random(&[2, 4, 4], 3, -1.0, 1.0, ElementType::F32);
    let built = gradient_of(&weight, |b, w| {
        let frozen = b.initializer("frozen", &frozen);
        let stack = b.initializer("stack", &stack);
        let rows = b.matmul(&stack, w);
        let rows = b.matmul(&rows, &frozen);
        let rows = b.matmul(&rows, &stack);
        let rows = b.matmul(&frozen, &rows);
        b.concat(&[&stack, &rows, &stack], 0)
    })
    .unwrap();
    let kinds = operators(&built);
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind).count();
    // One product per step back and one for the weight, nothing for the frozen sides.
    assert_eq!(count("MatMul") + count("Gemm"), 4, "{kinds:?}");
    assert_eq!((count("Slice"), count("Split")), (1, 0), "{kinds:?}");
    for node in &built.model.graph().node {
        let transposed = node.op() == "Transpose";
        let constant = node
            .input
            .iter()
            .any(|name| name == "frozen" || name == "stack");
        assert!(!(transposed && constant), "a frozen weight is transposed");
    }
}

#[test]
fn plain_slices_and_rows_are_padded() {
    let weight = random(&[2, 6, 3], 1, -1.0, 1.0, ElementType::F32);
    let slice = |b: &mut GraphBuilder, w: &Value| b.slice(w, 1, 1, 4);
    let first = |b: &mut GraphBuilder, w: &Value| {
        let index = scalar_integer(b, 0);
        b.gather(w, &index, 1)
    };
    for build in [
        &slice as &dyn Fn(&mut GraphBuilder, &Value) -> Value,
        &first,
    ] {
        let built = gradient_of(&weight, build).unwrap();
        let kinds = operators(&built);
        assert!(kinds.contains(&"Pad"), "{kinds:?}");
        let dear = ["ScatterND", "ScatterElements", "Transpose", "Concat"];
        assert!(!kinds.iter().any(|kind| dear.contains(kind)), "{kinds:?}");
    }
}

#[test]
fn what_has_no_rule_is_refused_by_name() {
    let weight = random(&[4], 1, -1.0, 1.0, ElementType::F32);
    let refusal = |build: &dyn Fn(&mut GraphBuilder, &Value) -> Value| {
        gradient_of(&weight, build).unwrap_err().to_string()
    };
    let unique = refusal(&|b, w| {
        let found = b.node("Unique", &[w], vec![]);
        b.graph().node.last_mut().unwrap().name = Some("the unique one".into());
        found
    });
    assert!(
        unique.contains("Unique") && unique.contains("the unique one"),
        "{unique}"
    );

    // A branch reads the weight from around it.
    let branch = |name: &str| {
        let mut inner = GraphBuilder::new(name);
        inner.graph().node.push(NodeProto {
            op_type: Some("Neg".into()),
            input: vec!["w".into()],
            output: vec![format!("{name} result")],
            ..Default::default()
        });
        inner.untyped_output(&format!("{name} result"));
        AttributeProto {
            name: Some(name.into()),
            g: Some(Box::new(inner.graph().clone())),
            r#type: Some(5),
            ..Default::default()
        }
    };
    let conditional = refusal(&|b, w| {
        let condition = b.input("condition", ElementType::Bool, &[]);
        let branches = vec![branch("then_branch"), branch("else_branch")];
        let chosen = b.node("If", &[&condition], branches);
        b.add(&chosen, w)
    });
    assert!(conditional.contains("If"), "{conditional}");
}
