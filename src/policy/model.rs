//! The compact policy's forward graph: a pre-norm transformer whose heads give every conditional
//! distribution in one pass.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::features::{
    CONTEXT_WIDTH, ELEMENT_WIDTH, GOAL, GOAL_WIDTH, HISTORY, HISTORY_WIDTH, PATCH_PIXELS, PATCHES,
};
use super::{APPS, Context, Kind, past_screens};
use crate::domain::Direction;
use crate::domain::streams::stream;
use crate::onnx::proto::AttributeProto;
use crate::onnx::{Dimension, ElementType, GraphBuilder, OnnxError, Tensor, Value};

/// Parts of the tokens of the screen of now: context, history, goal, elements, patches.
const PARTS: usize = 5;
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

    /// The tokens of the screen of now among all: every part but the last.
    fn now_of(&mut self, x: &Value, parts: &Value) -> Value {
        let axis = vec![AttributeProto::int("axis", 1)];
        let parts = self.builder.nodes("Split", &[x, parts], axis, PARTS + 1);
        let now: Vec<&Value> = parts.iter().take(PARTS).collect();
        self.builder.concat(&now, 1)
    }

    /// One layer. `now` are the parts of the tokens, in their order, where only those of the screen of
    /// now are wanted of it.
    fn block(&mut self, name: &str, x: &Value, token_bias: &Value, now: Option<&Value>) -> Value {
        let Shape {
            width,
            heads,
            hidden,
            layers,
        } = self.shape;
        let (head, residual) = (width / heads, 1.0 / (2.0 * layers as f32).sqrt());
        let normed = self.norm(&format!("{name}.attention.norm"), x);
        let (asking, x) = match now {
            Some(parts) => (self.now_of(&normed, parts), self.now_of(x, parts)),
            None => (normed.clone(), x.clone()),
        };
        let split = |network: &mut Self, part: &str, from: &Value, order: &[i64]| {
            let name = format!("{name}.attention.{part}");
            let all = network.linear(&name, from, width, width, 1.0);
            let shaped = network
                .builder
                .reshape(&all, &[0, 0, heads as i64, head as i64]);
            network.builder.transpose(&shaped, order)
        };
        let query = split(self, "query", &asking, &[0, 2, 1, 3]);
        let key = split(self, "key", &normed, &[0, 2, 3, 1]);
        let value = split(self, "value", &normed, &[0, 2, 1, 3]);
        let scores = self.builder.matmul(&query, &key);
        let scale = self.builder.scalar(1.0 / (head as f32).sqrt());
        let scores = self.builder.mul(&scores, &scale);
        let scores = self.builder.add(&scores, token_bias);
        let weights = self.builder.softmax(&scores, -1);
        let mixed = self.builder.matmul(&weights, &value);
        let mixed = self.builder.transpose(&mixed, &[0, 2, 1, 3]);
        let mixed = self.builder.reshape(&mixed, &[0, 0, width as i64]);
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

/// Appends the forward graph with fresh weights and returns its heads' scores, masks applied. How many
/// goal tokens and elements there are is known only when it runs.
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
    let mut input = |name: &str, lengths: &[Dimension]| {
        let batch = Dimension::Symbol("batch".into());
        let dimensions = [std::slice::from_ref(&batch), lengths].concat();
        builder.input(name, ElementType::F32, &dimensions)
    };
    let fixed = Dimension::Fixed;
    let goal_length = || Dimension::Symbol("goal".into());
    let element_length = || Dimension::Symbol("element".into());
    // Named as the sum that it is, so that a gradient graph sees what is as long.
    let mut token_length = fixed(1 + HISTORY)
        .plus(&goal_length())
        .plus(&element_length())
        .plus(&fixed(PATCHES));
    let now = input("context", &[fixed(1), fixed(CONTEXT_WIDTH)]);
    let history = input("history", &[fixed(HISTORY), fixed(HISTORY_WIDTH)]);
    let goal = input("goal", &[goal_length(), fixed(GOAL_WIDTH)]);
    let elements = input("elements", &[element_length(), fixed(ELEMENT_WIDTH)]);
    let links = input("links", &[element_length(), goal_length()]);
    let patches = input("patches", &[fixed(PATCHES), fixed(PATCH_PIXELS)]);
    let element_bias = input("element_bias", &[fixed(1), element_length()]);
    let goal_bias = input("goal_bias", &[fixed(1), goal_length()]);
    let past = past_screens::inputs(builder, context);
    if let Some(past) = &past {
        token_length = token_length.plus(&past.length);
    }
    let token_bias = [
        Dimension::Symbol("batch".into()),
        fixed(1),
        fixed(1),
        token_length,
    ];
    let token_bias = builder.input("token_bias", ElementType::F32, &token_bias);
    let goal_count = length(builder, &goal, 1);
    let element_count = length(builder, &elements, 1);

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
    let (front, back) = (
        network.builder.integers(&[1, HISTORY as i64]),
        network.builder.integers(&[PATCHES as i64]),
    );
    let counts = [&front, &goal_count, &element_count, &back];
    let counts = network.builder.concat(&counts, 0);
    let mut with_past = None;
    if let Some(past) = &past {
        let past = past_screens::tokens(&mut network, past, &element, &patch);
        x = network.builder.concat(&[&x, &past], 1);
        let past_count = length(network.builder, &past, 1);
        with_past = Some(network.builder.concat(&[&counts, &past_count], 0));
    }
    for layer in 0..shape.layers {
        // No head looks at a past token.
        let is_last = layer + 1 == shape.layers;
        let now = with_past.as_ref().filter(|_| is_last);
        x = network.block(&format!("layer.{layer}"), &x, &token_bias, now);
    }
    let x = network.norm("final", &x);
    let axis = vec![AttributeProto::int("axis", 1)];
    let parts = network.builder.nodes("Split", &[&x, &counts], axis, PARTS);
    let [summary, _, goal, elements, _] = parts.as_slice() else {
        return Err(OnnxError::Invalid("a Split lacks parts".into()));
    };
    let summary = network.builder.squeeze(summary, &[1]);

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
        elements,
        &element_bias,
    );
    let fields = network.linear("head.start.query", elements, width, width, 1.0);
    let start = bilinear(&mut network, "head.start.key", &fields, goal, &goal_bias);
    let firsts = network.linear("head.end.query", goal, width, width, 1.0);
    let end = bilinear(&mut network, "head.end.key", &firsts, goal, &goal_bias);
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
    let (zeros, axes) = (
        network.builder.integers(&[0, 0]),
        network.builder.integers(&[1, 2]),
    );
    let square = network.builder.concat(&[&goal_count, &goal_count], 0);
    let cut = [&order, &zeros, &square, &axes];
    let order = network.builder.node("Slice", &cut, Vec::new());
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

/// A value's length along an axis, as a list of one number.
fn length(builder: &mut GraphBuilder, value: &Value, axis: i64) -> Value {
    let attributes = vec![
        AttributeProto::int("start", axis),
        AttributeProto::int("end", axis + 1),
    ];
    builder.node("Shape", &[value], attributes)
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
