//! A decoder with causal attention, built node by node. The bench of gradient graphs uses it too.

use rand::RngExt;
use stepdroid::domain::streams::stream;
use stepdroid::onnx::{Dimension, ElementType, GraphBuilder, Model, Tensor, Value};

/// Size of a decoder.
#[derive(Clone, Copy)]
pub struct Decoder {
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub vocabulary: usize,
    pub batch: usize,
    pub tokens: usize,
    /// Whether batch and tokens are symbols.
    pub symbolic: bool,
}

/// A decoder with pre-normalised layers whose loss is the cross-entropy of `labels`, a one-hot input.
/// Nodes are named after their layer.
pub fn decoder(size: Decoder) -> Model {
    let Decoder { width, heads, .. } = size;
    let length = |symbol: &str, length: usize| {
        if size.symbolic {
            Dimension::Symbol(symbol.into())
        } else {
            Dimension::Fixed(length)
        }
    };
    let (batch, tokens) = (length("batch", size.batch), length("tokens", size.tokens));
    let mut b = GraphBuilder::new("decoder");
    let mut seed = 0;
    let mut weight = |b: &mut GraphBuilder, name: String, shape: &[usize]| {
        seed += 1;
        let bound = 1.0 / (shape[0] as f32).sqrt();
        let mut draws = stream(seed, "weight", 0);
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| draws.random_range(-bound..bound))
            .collect();
        b.initializer(&name, &Tensor::f32(shape, values))
    };
    let ids = b.input("ids", ElementType::I64, &[batch.clone(), tokens.clone()]);
    let mask = b.input("mask", ElementType::F32, &[tokens.clone(), tokens.clone()]);
    let labels = b.input(
        "labels",
        ElementType::F32,
        &[batch, tokens, Dimension::Fixed(size.vocabulary)],
    );
    let table = weight(&mut b, "embedding".into(), &[size.vocabulary, width]);
    let mut x = b.gather(&table, &ids, 0);
    for layer in 0..size.layers {
        let start = b.graph().node.len();
        let norm = |b: &mut GraphBuilder, x: &Value, name: &str| {
            let scale = b.initializer(
                &format!("layer.{layer}.{name}.scale"),
                &Tensor::f32(&[width], vec![1.0; width]),
            );
            let bias = b.initializer(
                &format!("layer.{layer}.{name}.bias"),
                &Tensor::f32(&[width], vec![0.01; width]),
            );
            b.layer_norm(x, &scale, &bias, 1e-5)
        };
        let normed = norm(&mut b, &x, "before");
        let mut project = |b: &mut GraphBuilder, x: &Value, name: &str, from: usize, to: usize| {
            let matrix = weight(b, format!("layer.{layer}.{name}"), &[from, to]);
            b.matmul(x, &matrix)
        };
        let split = |b: &mut GraphBuilder, x: &Value, order: &[i64]| {
            let shaped = b.reshape(x, &[0, 0, heads as i64, (width / heads) as i64]);
            b.transpose(&shaped, order)
        };
        let q = project(&mut b, &normed, "query", width, width);
        let k = project(&mut b, &normed, "key", width, width);
        let v = project(&mut b, &normed, "value", width, width);
        let q = split(&mut b, &q, &[0, 2, 1, 3]);
        let k = split(&mut b, &k, &[0, 2, 3, 1]);
        let v = split(&mut b, &v, &[0, 2, 1, 3]);
        let factor = b.scalar(1.0 / ((width / heads) as f32).sqrt());
        let q = b.mul(&q, &factor);
        let scores = b.matmul(&q, &k);
        let scores = b.add(&scores, &mask);
        let attention = b.softmax(&scores, -1);
        let mixed = b.matmul(&attention, &v);
        let mixed = b.transpose(&mixed, &[0, 2, 1, 3]);
        let mixed = b.reshape(&mixed, &[0, 0, width as i64]);
        let out = project(&mut b, &mixed, "out", width, width);
        x = b.add(&x, &out);
        let normed = norm(&mut b, &x, "after");
        let up = project(&mut b, &normed, "up", width, 4 * width);
        let bent = b.gelu(&up);
        let down = project(&mut b, &bent, "down", 4 * width, width);
        x = b.add(&x, &down);
        for node in &mut b.graph().node[start..] {
            let name = node.name.take().unwrap_or_default();
            node.name = Some(format!("/layer.{layer}/{name}"));
        }
    }
    let head = weight(&mut b, "head".into(), &[width, size.vocabulary]);
    let logits = b.matmul(&x, &head);
    b.alias(&logits, "logits");
    let scores = b.log_softmax(&logits, -1);
    let chosen = b.mul(&scores, &labels);
    let chosen = b.reduce_sum(&chosen, &[-1], false);
    let mean = b.reduce_mean(&chosen, &[], false);
    let loss = b.neg(&mean);
    b.alias(&loss, "loss");
    b.untyped_output("loss");
    b.untyped_output("logits");
    b.finish().unwrap()
}

/// Inputs for a decoder.
pub fn inputs(size: Decoder) -> Vec<(&'static str, Tensor)> {
    let Decoder { batch, tokens, .. } = size;
    let ids: Vec<i64> = (0..batch * tokens)
        .map(|position| (position * 7 % size.vocabulary) as i64)
        .collect();
    let mask: Vec<f32> = (0..tokens * tokens)
        .map(|cell| {
            if cell % tokens > cell / tokens {
                -1e9
            } else {
                0.0
            }
        })
        .collect();
    let labels: Vec<f32> = (0..batch * tokens * size.vocabulary)
        .map(|cell| f32::from(cell % size.vocabulary == cell / size.vocabulary % 5))
        .collect();
    vec![
        ("ids", Tensor::i64(&[batch, tokens], ids)),
        ("mask", Tensor::f32(&[tokens, tokens], mask)),
        (
            "labels",
            Tensor::f32(&[batch, tokens, size.vocabulary], labels),
        ),
    ]
}

/// Names of the weights.
pub fn weights(model: &Model) -> Vec<String> {
    let names = model
        .graph()
        .initializer
        .iter()
        .filter_map(|t| t.name.clone());
    names.filter(|name| !name.starts_with("const")).collect()
}
