//! Rewrites fused operators into standard ones that have gradient rules, one small file per family.
//! A fused operator is one node for what is many: an attention, a normalisation with its residual
//! sum, a product with its activation. Only nodes that gradients pass are rewritten, so that frozen
//! parts keep the engine's fused kernels.

mod activation;
mod attention;
mod convolution;
mod embedding;
mod group_norm;
mod group_query;
mod mask;
mod matmul;
mod multi_head;
mod normalization;
mod rotary;
mod scope;
mod standard_attention;
mod sum;

use std::collections::{HashMap, HashSet};

use self::scope::Scope;
use super::proto::{GraphProto, NodeProto};
use super::{Dimension, GraphBuilder, Model, OnnxError, ValueType};

/// Domain of ONNX Runtime's own operators.
pub const CONTRIB: &str = "com.microsoft";

/// Emits a node's standard form; what it does not cover is a reason in words.
type Rewrite = fn(&mut Scope, &NodeProto) -> Result<(), String>;

/// A model whose fused nodes were rewritten.
#[derive(Debug)]
pub struct Decomposed {
    /// The model, of the same inputs and outputs.
    pub model: Model,
    /// Nodes that stayed because of an attribute or an input, by their first output, with the reason.
    pub refused: HashMap<String, String>,
    /// Shapes of new values, as far as they are known better than they could be inferred.
    pub shapes: HashMap<String, Vec<Dimension>>,
}

/// Rewrites the fused nodes that are wanted. Nothing when there is none among them.
///
/// # Errors
/// [`OnnxError::Invalid`] when what comes out breaks a rule of the format.
pub fn decompose(
    model: &Model,
    types: &HashMap<String, ValueType>,
    wanted: &dyn Fn(&NodeProto) -> bool,
) -> Result<Option<Decomposed>, OnnxError> {
    let chosen = |node: &NodeProto| find(node).filter(|_| wanted(node));
    if !model.graph().node.iter().any(|node| chosen(node).is_some()) {
        return Ok(None);
    }
    let prefix = fresh_prefix(model.graph());
    let used = used_names(model.graph());
    let mut model = model.clone();
    let nodes = std::mem::take(&mut model.graph_mut().node);
    let mut scope = Scope::new(GraphBuilder::extend(model, &prefix), types, used);
    let mut refused = HashMap::new();
    for node in nodes {
        let Some(rewrite) = chosen(&node) else {
            scope.builder.graph().node.push(node);
            continue;
        };
        let start = scope.begin();
        match rewrite(&mut scope, &node) {
            Ok(()) => scope.finish(start, &node),
            Err(reason) => {
                scope.undo(start);
                let output = node.output.first().cloned().unwrap_or_default();
                refused.insert(output, reason);
                scope.builder.graph().node.push(node);
            }
        }
    }
    let (builder, shapes) = scope.end();
    let model = builder.finish()?;
    Ok(Some(Decomposed {
        model,
        refused,
        shapes,
    }))
}

/// Rewrites fused nodes that ONNX Runtime runs on some other device but not on the CPU, where types
/// are asked for: a model with one of them could not even be loaded.
///
/// # Errors
/// [`OnnxError::Unsupported`] with every such node that can't be rewritten.
pub fn decompose_foreign(model: &Model) -> Result<Option<Model>, OnnxError> {
    let Some(decomposed) = decompose(model, &model.declared_types(), &is_foreign)? else {
        return Ok(None);
    };
    let refused: Vec<String> = decomposed
        .model
        .graph()
        .node
        .iter()
        .filter_map(|node| {
            let reason = decomposed.refused.get(node.output.first()?)?;
            Some(describe(node, Some(reason)))
        })
        .collect();
    if refused.is_empty() {
        Ok(Some(decomposed.model))
    } else {
        Err(OnnxError::Unsupported(refused))
    }
}

/// Whether a node's operator is a fused one that can be rewritten, as far as its name tells.
pub fn is_fused(node: &NodeProto) -> bool {
    find(node).is_some()
}

/// A node in words, for errors: operator, name, and why it can't be used.
pub fn describe(node: &NodeProto, reason: Option<&String>) -> String {
    let name = node.name.as_deref().unwrap_or("");
    match reason {
        Some(reason) => format!("{} (node {name:?}: {reason})", node.op()),
        None => format!("{} (node {name:?})", node.op()),
    }
}

fn is_foreign(node: &NodeProto) -> bool {
    node.domain.as_deref() == Some(CONTRIB)
        && matches!(
            node.op(),
            "BiasAdd"
                | "BiasSoftmax"
                | "BiasSplitGelu"
                | "FusedMatMulActivation"
                | "GemmFastGelu"
                | "GroupNorm"
                | "NhwcConv"
                | "SkipGroupNorm"
        )
}

/// The standard form of a node's operator, if it is a fused one.
fn find(node: &NodeProto) -> Option<Rewrite> {
    let rewrite: Rewrite = match (node.domain.as_deref().unwrap_or(""), node.op()) {
        ("" | "ai.onnx", operator) => match operator {
            "Attention" => standard_attention::attention,
            "RotaryEmbedding" => rotary::standard,
            "SimplifiedLayerNormalization" => normalization::simplified,
            _ => return None,
        },
        (CONTRIB, operator) => match operator {
            "Attention" => multi_head::packed_weights,
            "BiasAdd" => sum::bias_add,
            "BiasGelu" => activation::bias_gelu,
            "BiasSoftmax" => sum::bias_softmax,
            "BiasSplitGelu" => activation::bias_split_gelu,
            "EmbedLayerNormalization" => embedding::embed_layer_normalization,
            "FastGelu" => activation::fast_gelu,
            "FusedConv" => convolution::fused,
            "FusedGemm" => matmul::fused_gemm,
            "FusedMatMul" | "FusedMatMulActivation" | "TransposeMatMul" => matmul::fused_matmul,
            "Gelu" => activation::gelu,
            "GemmFastGelu" => matmul::gemm_fast_gelu,
            "GroupNorm" => group_norm::group_norm,
            "GroupQueryAttention" => group_query::group_query_attention,
            "MultiHeadAttention" => multi_head::multi_head_attention,
            "NhwcConv" => convolution::channels_last,
            "QuickGelu" => activation::quick_gelu,
            "RotaryEmbedding" => rotary::contrib,
            "SkipGroupNorm" => group_norm::skip_group_norm,
            "SkipLayerNormalization" => normalization::skip_layer_normalization,
            "SkipSimplifiedLayerNormalization" => normalization::skip_simplified,
            _ => return None,
        },
        _ => return None,
    };
    Some(rewrite)
}

/// A beginning for new names that no name of the graph has.
fn fresh_prefix(graph: &GraphProto) -> String {
    let names: Vec<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.output.iter().map(String::as_str))
        .chain(graph.input.iter().filter_map(|value| value.name.as_deref()))
        .chain(
            graph
                .initializer
                .iter()
                .filter_map(|tensor| tensor.name.as_deref()),
        )
        .collect();
    (1..)
        .map(|number| format!("d{number}/"))
        .find(|prefix| !names.iter().any(|name| name.starts_with(prefix.as_str())))
        .unwrap_or_default()
}

/// Names that something reads: nodes, those of inner graphs too, and the graph's outputs.
fn used_names(graph: &GraphProto) -> HashSet<String> {
    let mut used: HashSet<String> = graph
        .output
        .iter()
        .filter_map(|value| value.name.clone())
        .collect();
    for node in &graph.node {
        used.extend(node.input.iter().cloned());
        for attribute in &node.attribute {
            for inner in attribute.all_graphs() {
                used.extend(used_names(inner));
            }
        }
    }
    used
}
