//! Gradient checkpointing: blocks of the forward graph whose inner values are not kept for the
//! backward pass but computed again from the block's inputs, shortly before they are needed.
//!
//! A plan says which node belongs to which block; [`Recomputed`] emits a block's nodes a second time.
//! The second computation hangs on the gradient that arrives at the block, so that no engine can run
//! it early or merge it with the first one.

use std::collections::{HashMap, HashSet};

use regex::Regex;

use super::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, OnnxError, Value};

/// What is computed a second time to save memory.
#[derive(Debug, Clone, Default)]
pub enum Recompute {
    /// Nothing: every value that the backward pass reads is kept.
    #[default]
    None,
    /// Blocks between the places where a single activation carries everything on, such as the
    /// residual stream between the layers of a transformer.
    Auto,
    /// Blocks of nodes whose name or scope matches; nodes with the same text in the first group (or
    /// the same match, without a group) form a block: `layer\.(\d+)`.
    Blocks(Regex),
}

/// Operators that cost enough for a block of their own.
const HEAVY: [&str; 8] = [
    "MatMul",
    "Gemm",
    "Conv",
    "ConvTranspose",
    "Einsum",
    "MatMulNBits",
    "MatMulInteger",
    "Attention",
];

/// The block of each node, by its position in the graph.
#[derive(Debug, Default)]
pub(super) struct Plan {
    blocks: Vec<Option<usize>>,
    count: usize,
}

impl Plan {
    /// Number of blocks.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Divides the active nodes into blocks. `active` holds the values that gradients pass, weights
    /// included.
    ///
    /// # Errors
    /// When a pattern matches no node that is differentiated.
    pub fn new(
        recompute: &Recompute,
        nodes: &[NodeProto],
        active: &HashSet<String>,
        weights: &HashSet<&str>,
    ) -> Result<Plan, OnnxError> {
        let on_path = |node: &NodeProto| node.output.iter().any(|name| active.contains(name));
        match recompute {
            Recompute::None => Ok(Plan {
                blocks: vec![None; nodes.len()],
                count: 0,
            }),
            Recompute::Auto => Ok(between_cuts(nodes, active, weights)),
            Recompute::Blocks(pattern) => {
                let mut numbers: HashMap<String, usize> = HashMap::new();
                let blocks: Vec<Option<usize>> = nodes
                    .iter()
                    .map(|node| {
                        let key = on_path(node).then(|| block_key(pattern, node)).flatten()?;
                        let next = numbers.len();
                        Some(*numbers.entry(key).or_insert(next))
                    })
                    .collect();
                if numbers.is_empty() {
                    return Err(OnnxError::Missing {
                        what: "differentiated node that matches",
                        name: pattern.to_string(),
                    });
                }
                Ok(Plan {
                    blocks,
                    count: numbers.len(),
                })
            }
        }
    }

    fn block(&self, position: usize) -> Option<usize> {
        self.blocks.get(position).copied().flatten()
    }
}

/// The text that names a node's block: from its name, else from its metadata (exporters keep the
/// scopes of the source there).
fn block_key(pattern: &Regex, node: &NodeProto) -> Option<String> {
    let metadata = node
        .metadata_props
        .iter()
        .filter_map(|p| p.value.as_deref());
    node.name
        .as_deref()
        .into_iter()
        .chain(metadata)
        .find_map(|text| {
            let found = pattern.captures(text)?;
            let part = found.get(1).or_else(|| found.get(0))?;
            Some(part.as_str().to_owned())
        })
}

/// Cuts the graph where exactly one active value that is not a weight is still needed by later
/// nodes. The part after the last cut is used at once and stays as it is.
fn between_cuts(nodes: &[NodeProto], active: &HashSet<String>, weights: &HashSet<&str>) -> Plan {
    let carried = |name: &str| active.contains(name) && !weights.contains(name);
    let mut last_use: HashMap<&str, usize> = HashMap::new();
    for (position, node) in nodes.iter().enumerate() {
        if node.output.iter().any(|name| active.contains(name)) {
            for name in node.input.iter().filter(|name| carried(name)) {
                last_use.insert(name, position);
            }
        }
    }
    let mut live: HashSet<&str> = HashSet::new();
    let mut blocks = vec![None; nodes.len()];
    let (mut start, mut heavy, mut count) = (0, false, 0);
    for (position, node) in nodes.iter().enumerate() {
        if !node.output.iter().any(|name| active.contains(name)) {
            continue;
        }
        heavy |= HEAVY.contains(&node.op());
        for name in node.output.iter().filter(|name| carried(name)) {
            if last_use.contains_key(name.as_str()) {
                live.insert(name);
            }
        }
        for name in &node.input {
            if last_use.get(name.as_str()) == Some(&position) {
                live.remove(name.as_str());
            }
        }
        if live.len() == 1 && heavy {
            for block in &mut blocks[start..=position] {
                *block = Some(count);
            }
            (start, heavy, count) = (position + 1, false, count + 1);
        }
    }
    // The block that ends last is needed again right after it was computed.
    if count > 0 && start >= nodes.len() {
        count -= 1;
        for block in blocks.iter_mut().filter(|block| **block == Some(count)) {
            *block = None;
        }
    }
    Plan { blocks, count }
}

/// Blocks that were emitted a second time.
pub(super) struct Recomputed<'a> {
    plan: &'a Plan,
    nodes: &'a [NodeProto],
    weights: &'a HashSet<&'a str>,
    /// Values of a block that nodes outside read: they are kept anyway.
    kept: HashSet<&'a str>,
    producer: HashMap<&'a str, usize>,
    emitted: HashSet<usize>,
}

impl<'a> Recomputed<'a> {
    /// Nothing is emitted yet. `kept` are outputs of the graph.
    pub fn new(
        plan: &'a Plan,
        nodes: &'a [NodeProto],
        weights: &'a HashSet<&'a str>,
        outputs: impl Iterator<Item = &'a str>,
    ) -> Recomputed<'a> {
        let mut producer = HashMap::new();
        for (position, node) in nodes.iter().enumerate() {
            for name in node.output.iter().filter(|name| !name.is_empty()) {
                producer.insert(name.as_str(), position);
            }
        }
        let mut kept: HashSet<&str> = outputs.collect();
        for (position, node) in nodes.iter().enumerate() {
            for name in &node.input {
                let from = producer.get(name.as_str()).map(|from| plan.block(*from));
                if from.is_some_and(|block| block.is_some() && block != plan.block(position)) {
                    kept.insert(name);
                }
            }
        }
        Recomputed {
            plan,
            nodes,
            weights,
            kept,
            producer,
            emitted: HashSet::new(),
        }
    }

    /// The node as a rule shall see it: with the names of recomputed values where its block is
    /// recomputed. It stands at a position of the graph, but need not be the one that stands there.
    /// `gradient` is what arrived, of the type of `output`.
    ///
    /// # Errors
    /// When a type is not known.
    pub fn node(
        &mut self,
        context: &mut Context,
        (position, node): (usize, &NodeProto),
        gradient: &Value,
        output: &str,
    ) -> Result<NodeProto, OnnxError> {
        let Some(block) = self.plan.block(position) else {
            return Ok(node.clone());
        };
        if self.emitted.insert(block) {
            self.emit(context, block, gradient, output)?;
        }
        let mut renamed = node.clone();
        for name in renamed.input.iter_mut().chain(&mut renamed.output) {
            let inner = self
                .producer
                .get(name.as_str())
                .map(|from| self.plan.block(*from));
            let again = again(name);
            if inner == Some(Some(block))
                && !self.kept.contains(name.as_str())
                && context.is_alias(&again)
            {
                *name = again;
            }
        }
        Ok(renamed)
    }

    /// Emits the active nodes of a block again. Values from outside pass a barrier that waits for
    /// the gradient.
    fn emit(
        &self,
        context: &mut Context,
        block: usize,
        gradient: &Value,
        output: &str,
    ) -> Result<(), OnnxError> {
        let signal = signal(context, gradient, output)?;
        let mut barriers: HashMap<&str, String> = HashMap::new();
        for (position, node) in self.nodes.iter().enumerate() {
            let active = node.output.iter().any(|name| context.wants(name));
            if self.plan.block(position) != Some(block) || !active {
                continue;
            }
            let mut clone = node.clone();
            for (name, original) in clone.input.iter_mut().zip(&node.input) {
                let inner = self
                    .producer
                    .get(original.as_str())
                    .map(|from| self.plan.block(*from));
                if inner == Some(Some(block)) {
                    let again = again(original);
                    if context.is_alias(&again) {
                        *name = again;
                    }
                } else if context.wants(original) && !self.weights.contains(original.as_str()) {
                    if !barriers.contains_key(original.as_str()) {
                        let shape = context.shape_of(original)?;
                        let late = context.builder.add(&shape, &signal);
                        let value = Value::named(original);
                        let held = context.builder.reshape_to(&value, &late);
                        barriers.insert(original, held.name().to_owned());
                    }
                    if let Some(held) = barriers.get(original.as_str()) {
                        held.clone_into(name);
                    }
                }
            }
            for name in clone.output.iter_mut().filter(|name| !name.is_empty()) {
                let again = again(name);
                context.add_alias(&again, name);
                *name = again;
            }
            clone.name = clone.name.map(|name| again(&name));
            context.builder.graph().node.push(clone);
        }
        Ok(())
    }
}

fn again(name: &str) -> String {
    format!("g/again/{name}")
}

/// A zero, `[1]` of 64-bit integers, that is only known once the gradient is. Where a length of the
/// gradient is symbolic it comes from the shape alone; an engine would fold the shape of a value
/// whose lengths are all fixed, so there it comes from an element.
fn signal(context: &mut Context, gradient: &Value, output: &str) -> Result<Value, OnnxError> {
    let dimensions = &context.value_type(output)?.dimensions;
    let symbolic = dimensions
        .iter()
        .position(|dimension| !matches!(dimension, Dimension::Fixed(_)));
    let builder = &mut context.builder;
    let number = match symbolic {
        Some(axis) => {
            let attributes = vec![
                AttributeProto::int("start", axis as i64),
                AttributeProto::int("end", axis as i64 + 1),
            ];
            builder.node("Shape", &[gradient], attributes)
        }
        None => {
            let flat = builder.reshape(gradient, &[-1]);
            let first = builder.slice(&flat, 0, 0, 1);
            builder.cast(&first, crate::onnx::ElementType::I64)
        }
    };
    let zero = builder.integers(&[0]);
    Ok(builder.mul(&number, &zero))
}
