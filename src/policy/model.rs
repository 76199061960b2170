//! The compact policy's forward graph: a pre-norm transformer whose heads give every conditional
//! distribution in one pass.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::features::{
    CONTEXT_WIDTH, ELEMENT_WIDTH, ELEMENTS, GOAL, GOAL_WIDTH, HISTORY, HISTORY_WIDTH, PATCH_PIXELS,
    PATCHES, TOKENS,
};
use super::{APPS, Context, Kind, past_screens};
use crate::domain::Direction;
use crate::domain::streams::stream;
use crate::onnx::{Dimension, ElementType, GraphBuilder, OnnxError, Tensor, Value};

/// Most bytes of the attention scores of one layer for one decision.
const MOST_SCORE_BYTES: usize = 512 << 20;

/// Size of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Width of a token.
    pub width: usize,
    /// Transformer layers.
    pub layers: usize,
    /// Attention heads; must divide the width.
    pub heads: usize,
    /// Width inside the feed-forward part.
    pub hidden: usize,
}

impl Shape {
    /// A size by its name: `small` (0.15 M weights), `medium` (0.4 M), `large` (2 M).
    pub fn named(name: &str) -> Option<Shape> {
        Some(match name {
            "small" => Shape {
                width: 64,
                layers: 2,
                heads: 4,
                hidden: 128,
            },
            "medium" => Shape {
                width: 96,
                layers: 3,
                heads: 4,
                hidden: 192,
            },
            "large" => Shape {
                width: 192,
                layers: 4,
                heads: 4,
                hidden: 768,
            },
            _ => return None,
        })
    }
}

/// The heads' scores before masks and temperature are applied to them by whoever reads them.
#[derive(Debug, Clone)]
pub struct Heads {
    /// `[batch, kinds]`
    pub kind: Value,
    /// `[batch, 4, elements]`: for each kind that points.
    pub pointer: Value,
    /// `[batch, elements, goal]`: first token of the text, given the field.
    pub start: Value,
    /// `[batch, goal, goal]`: last token, given the first.
    pub end: Value,
    /// `[batch, 4]`
    pub direction: Value,
    /// `[batch, apps]`
    pub app: Value,
}

impl Heads {
    /// Names of the acting graph's outputs, in this order.
    pub const NAMES: [&'static str; 6] = ["kind", "pointer", "start", "end", "direction", "app"];

    /// The values in the order of the names.
    pub fn values(&self) -> [&Value; 6] {
        [
            &self.kind,
            &self.pointer,
            &self.start,
            &self.end,
            &self.direction,
            &self.app,
        ]
    }
}

/// A graph while it is built.
pub(super) struct Network<'a> {
    pub builder: &'a mut GraphBuilder,
    random: ChaCha8Rng,
    pub shape: Shape,
}

/// The weights of a linear map, which may be applied more than once.
pub(super) struct Dense {
    weight: Value,
    bias: Value,
}

impl Network<'_> {
    pub fn weight(&mut self, name: &str, rows: usize, columns: usize, scale: f32) -> Value {
        // Uniform with the variance 1 / rows.
        let bound = scale * (3.0 / rows as f32).sqrt();
        let values: Vec<f32> = (0..rows * columns)
            .map(|_| self.random.random_range(-bound..bound))
            .collect();
        self.builder
            .initializer(name, &Tensor::f32(&[rows, columns], values))
    }

    fn constant_weight(&mut self, name: &str, length: usize, value: f32) -> Value {
        self.builder
            .initializer(name, &Tensor::f32(&[length], vec![value; length]))
    }

    pub fn linear(&mut self, name: &str, x: &Value, from: usize, to: usize, scale: f32) -> Value {
        let dense = self.dense(name, from, to, scale);
        self.apply(&dense, x)
    }

    fn dense(&mut self, name: &str, from: usize, to: usize, scale: f32) -> Dense {
        Dense {
            weight: self.weight(&format!("{name}.weight"), from, to, scale),
            bias: self.constant_weight(&format!("{name}.bias"), to, 0.0),
        }
    }

    pub fn apply(&mut self, dense: &Dense, x: &Value) -> Value {
        let product = self.builder.matmul(x, &dense.weight);
        self.builder.add(&product, &dense.bias)
    }

    fn norm(&mut self, name: &str, x: &Value) -> Value {
        let scale = self.constant_weight(&format!("{name}.scale"), self.shape.width, 1.0);
        let bias = self.constant_weight(&format!("{name}.bias"), self.shape.width, 0.0);
        self.builder.layer_norm(x, &scale, &bias, 1e-5)
    }

    /// One layer over `length` tokens (0: as many as there are). Of the last one only the first `kept`
    /// tokens are wanted.
    fn block(
        &mut self,
        name: &str,
        x: &Value,
        token_bias: &Value,
        length: i64,
        kept: Option<i64>,
    ) -> Value {
        let Shape {
            width,
            heads,
            hidden,
            layers,
        } = self.shape;
        let (head, residual) = (width / heads, 1.0 / (2.0 * layers as f32).sqrt());
        let normed = self.norm(&format!("{name}.attention.norm"), x);
        let (asking, x) = match kept {
            Some(kept) => (
                self.builder.slice(&normed, 1, 0, kept),
                self.builder.slice(x, 1, 0, kept),
            ),
            None => (normed.clone(), x.clone()),
        };
        let asked = kept.unwrap_or(length);
        let split = |network: &mut Self, part: &str, from: &Value, length: i64, order: &[i64]| {
            let name = format!("{name}.attention.{part}");
            let all = network.linear(&name, from, width, width, 1.0);
            let shaped = network
                .builder
                .reshape(&all, &[0, length, heads as i64, head as i64]);
            network.builder.transpose(&shaped, order)
        };
        let query = split(self, "query", &asking, asked, &[0, 2, 1, 3]);
        let key = split(self, "key", &normed, length, &[0, 2, 3, 1]);
        let value = split(self, "value", &normed, length, &[0, 2, 1, 3]);
        let scores = self.builder.matmul(&query, &key);
        let scale = self.builder.scalar(1.0 / (head as f32).sqrt());
        let scores = self.builder.mul(&scores, &scale);
        let scores = self.builder.add(&scores, token_bias);
        let weights = self.builder.softmax(&scores, -1);
        let mixed = self.builder.matmul(&weights, &value);
        let mixed = self.builder.transpose(&mixed, &[0, 2, 1, 3]);
        let mixed = self.builder.reshape(&mixed, &[0, asked, width as i64]);
        let mixed = self.linear(
            &format!("{name}.attention.output"),
            &mixed,
            width,
            width,
            residual,
        );
        let x = self.builder.add(&x, &mixed);
        let normed = self.norm(&format!("{name}.feed.norm"), &x);
        let inner = self.linear(&format!("{name}.feed.inner"), &normed, width, hidden, 1.0);
        let inner = self.builder.gelu(&inner);
        let outer = self.linear(
            &format!("{name}.feed.outer"),
            &inner,
            hidden,
            width,
            residual,
        );
        self.builder.add(&x, &outer)
    }
}

/// Appends the forward graph with fresh weights and returns its heads' scores, masks applied.
///
/// # Errors
/// [`OnnxError::Invalid`] when the heads do not divide the width.
pub fn build_forward(
    builder: &mut GraphBuilder,
    shape: Shape,
    context: Context,
    seed: u64,
) -> Result<Heads, OnnxError> {
    if shape.heads == 0 || shape.layers == 0 || !shape.width.is_multiple_of(shape.heads) {
        return Err(OnnxError::Invalid(format!(
            "{} heads do not divide a width of {}",
            shape.heads, shape.width
        )));
    }
    let scores = context.score_bytes(shape.heads);
    if scores > MOST_SCORE_BYTES {
        return Err(OnnxError::Invalid(format!(
            "a context of {context} with {} heads takes {scores} bytes of attention scores for one \
             decision, more than {MOST_SCORE_BYTES}; set policy.past_screens or policy.heads lower",
            shape.heads
        )));
    }
    let width = shape.width;
    let batch = || Dimension::Symbol("batch".into());
    let mut input = |name: &str, lengths: &[usize]| {
        let dimensions: Vec<Dimension> = std::iter::once(batch())
            .chain(lengths.iter().map(|length| Dimension::Fixed(*length)))
            .collect();
        builder.input(name, ElementType::F32, &dimensions)
    };
    let now = input("context", &[1, CONTEXT_WIDTH]);
    let history = input("history", &[HISTORY, HISTORY_WIDTH]);
    let goal = input("goal", &[GOAL, GOAL_WIDTH]);
    let elements = input("elements", &[ELEMENTS, ELEMENT_WIDTH]);
    let links = input("links", &[ELEMENTS, GOAL]);
    let patches = input("patches", &[PATCHES, PATCH_PIXELS]);
    let element_bias = input("element_bias", &[1, ELEMENTS]);
    let goal_bias = input("goal_bias", &[1, GOAL]);
    let past = past_screens::inputs(builder, context);
    let tokens = match past {
        Some(_) => Dimension::Symbol("tokens".into()),
        None => Dimension::Fixed(TOKENS),
    };
    let one = || Dimension::Fixed(1);
    let token_bias = [batch(), one(), one(), tokens];
    let token_bias = builder.input("token_bias", ElementType::F32, &token_bias);

    let mut network = Network {
        builder,
        random: stream(seed, "weights", 0),
        shape,
    };
    let now = network.linear("embed.context", &now, CONTEXT_WIDTH, width, 1.0);
    let history = network.linear("embed.history", &history, HISTORY_WIDTH, width, 1.0);
    let goal = network.linear("embed.goal", &goal, GOAL_WIDTH, width, 1.0);
    let element = network.dense("embed.element", ELEMENT_WIDTH, width, 1.0);
    let elements = network.apply(&element, &elements);
    let patch = network.dense("embed.patch", PATCH_PIXELS, width, 1.0);
    let patches = network.apply(&patch, &patches);
    // An element takes on something of the goal's words that it shows.
    let link = network.weight("embed.link.weight", width, width, 1.0);
    let linked = network.builder.matmul(&goal, &link);
    let linked = network.builder.matmul(&links, &linked);
    let half = network.builder.scalar(0.5);
    let linked = network.builder.mul(&linked, &half);
    let elements = network.builder.add(&elements, &linked);
    let mut x = network
        .builder
        .concat(&[&now, &history, &goal, &elements, &patches], 1);
    if let Some(past) = &past {
        let past = past_screens::tokens(&mut network, past, &element, &patch);
        x = network.builder.concat(&[&x, &past], 1);
    }
    for layer in 0..shape.layers {
        // No head looks at a past token.
        let kept = (past.is_some() && layer + 1 == shape.layers).then_some(TOKENS as i64);
        let length = if past.is_some() { 0 } else { TOKENS as i64 };
        x = network.block(&format!("layer.{layer}"), &x, &token_bias, length, kept);
    }
    let x = network.norm("final", &x);
    let goal_first = 1 + HISTORY as i64;
    let element_first = goal_first + GOAL as i64;
    let summary = network.builder.slice(&x, 1, 0, 1);
    let summary = network.builder.squeeze(&summary, &[1]);
    let goal = network.builder.slice(&x, 1, goal_first, element_first);
    let elements = network
        .builder
        .slice(&x, 1, element_first, element_first + ELEMENTS as i64);

    let kind = network.linear("head.kind", &summary, width, Kind::ALL.len(), 0.5);
    let direction = network.linear("head.direction", &summary, width, Direction::ALL.len(), 0.5);
    let app = network.linear("head.app", &summary, width, APPS.len(), 0.5);
    let queries = network.linear(
        "head.pointer.query",
        &summary,
        width,
        Kind::POINTING * width,
        1.0,
    );
    let queries = network
        .builder
        .reshape(&queries, &[0, Kind::POINTING as i64, width as i64]);
    let pointer = bilinear(
        &mut network,
        "head.pointer.key",
        &queries,
        &elements,
        &element_bias,
    );
    let fields = network.linear("head.start.query", &elements, width, width, 1.0);
    let start = bilinear(&mut network, "head.start.key", &fields, &goal, &goal_bias);
    let firsts = network.linear("head.end.query", &goal, width, width, 1.0);
    let end = bilinear(&mut network, "head.end.key", &firsts, &goal, &goal_bias);
    // A text does not end before it begins.
    let order: Vec<f32> = (0..GOAL * GOAL)
        .map(|place| {
            if place % GOAL >= place / GOAL {
                0.0
            } else {
                -1e4
            }
        })
        .collect();
    let order = network
        .builder
        .constant(&Tensor::f32(&[1, GOAL, GOAL], order));
    let end = network.builder.add(&end, &order);
    Ok(Heads {
        kind,
        pointer,
        start,
        end,
        direction,
        app,
    })
}

/// Scores of every query against every key, `[batch, queries, keys]`, with what is not there masked.
fn bilinear(
    network: &mut Network,
    name: &str,
    queries: &Value,
    tokens: &Value,
    bias: &Value,
) -> Value {
    let width = network.shape.width;
    let keys = network.linear(name, tokens, width, width, 1.0);
    let keys = network.builder.transpose(&keys, &[0, 2, 1]);
    let scores = network.builder.matmul(queries, &keys);
    let scale = network.builder.scalar(1.0 / (width as f32).sqrt());
    let scores = network.builder.mul(&scores, &scale);
    network.builder.add(&scores, bias)
}
