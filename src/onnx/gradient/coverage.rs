//! What the builder could differentiate of a model, without an engine: for a look ahead, before
//! anything is built.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{layout, rules};
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, Model, OnnxError, decompose, inspect};

/// A node that has no gradient rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithoutRule {
    /// Its operator, with the domain where it is not the standard one.
    pub operator: String,
    /// Its name; that of its output when it has none.
    pub node: String,
}

/// What lies between weights and outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Number of nodes that gradients pass.
    pub differentiated: usize,
    /// Those of them without a rule: while there is one, no graph can be built.
    pub without_rule: Vec<WithoutRule>,
    /// Weights that no output depends on in a way that a gradient takes.
    pub unreached: Vec<String>,
}

/// Looks at what lies between weights and outputs: the named output, or all of them together.
/// Types that only an engine knows are taken for floats, so that a few nodes too many may be listed.
///
/// # Errors
/// [`OnnxError::Missing`] for an output that is not there.
pub fn coverage(
    model: &Model,
    output: Option<&str>,
    trainable: &[String],
) -> Result<Coverage, OnnxError> {
    let outputs = model.output_names();
    if let Some(name) = output.filter(|name| !outputs.iter().any(|output| output == name)) {
        return Err(OnnxError::Missing {
            what: "output",
            name: name.to_owned(),
        });
    }
    let graph = model.graph();
    let whole = whole_numbers(model);
    let mut reached: HashSet<&str> = trainable.iter().map(String::as_str).collect();
    for node in &graph.node {
        let reads = carriers(node);
        if !rules::stops_gradient(node.op()) && reads.iter().any(|name| reached.contains(name)) {
            let outputs = node.output.iter().map(String::as_str);
            reached.extend(outputs.filter(|name| !name.is_empty() && !whole.contains(*name)));
        }
    }
    let mut needed: HashSet<&str> = match output {
        Some(name) => HashSet::from([name]),
        None => outputs.iter().map(String::as_str).collect(),
    };
    let mut differentiated = Vec::new();
    let mut passed: HashSet<&str> = HashSet::new();
    for node in graph.node.iter().rev() {
        let wanted: Vec<&str> = node
            .output
            .iter()
            .map(String::as_str)
            .filter(|name| needed.contains(name))
            .collect();
        if !wanted.iter().any(|name| reached.contains(name)) {
            continue;
        }
        differentiated.push(node);
        for name in carriers(node) {
            needed.insert(name);
            passed.insert(name);
        }
    }
    let mut without_rule: Vec<WithoutRule> = differentiated
        .iter()
        .filter(|node| !passes(node))
        .map(|node| described(node))
        .collect();
    without_rule.reverse();
    let unreached = trainable
        .iter()
        .filter(|name| !passed.contains(name.as_str()))
        .cloned()
        .collect();
    Ok(Coverage {
        differentiated: differentiated.len(),
        without_rule,
        unreached,
    })
}

/// What a node reads, without what only sets it up.
fn carriers(node: &NodeProto) -> Vec<&str> {
    let settings = rules::settings(node.op());
    if settings.is_empty() {
        return layout::reads(node);
    }
    let inputs = node.input.iter().enumerate();
    inputs
        .filter(|(position, _)| !settings.contains(position))
        .map(|(_, name)| name.as_str())
        .collect()
}

/// Whether gradients pass an operator: there is a rule for it or for what it stands for.
pub fn has_rule(domain: &str, operator: &str) -> bool {
    passes(&NodeProto {
        op_type: Some(operator.to_owned()),
        domain: Some(domain.to_owned()),
        ..Default::default()
    })
}

/// Whether there is a rule, or a standard form that has rules.
fn passes(node: &NodeProto) -> bool {
    rules::find(node).is_some() || decompose::is_fused(node)
}

/// Whether an operator is one that no gradient passes, such as comparisons: nothing flows back, and
/// that is right.
pub fn stops_gradient(operator: &str) -> bool {
    rules::stops_gradient(operator)
}

/// Values that are known to hold no floats.
fn whole_numbers(model: &Model) -> HashSet<&str> {
    let types: HashMap<String, _> = model.declared_types();
    let graph = model.graph();
    let is_whole = |name: &&str| {
        types
            .get(*name)
            .is_some_and(|known| !known.element.is_float())
    };
    let declared = graph
        .input
        .iter()
        .filter_map(|value| value.name.as_deref())
        .filter(is_whole);
    let noted = graph.value_info.iter().filter_map(|value| {
        let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
        let element = ElementType::from_code(tensor.elem_type?);
        (!element.is_float()).then_some(value.name.as_deref()?)
    });
    let casts = graph.node.iter().filter_map(|node| {
        let code = i32::try_from(node.int("to", 1)).ok()?;
        let whole = node.op() == "Cast" && !ElementType::from_code(code).is_float();
        whole.then_some(node.output.first()?.as_str())
    });
    declared.chain(noted).chain(casts).collect()
}

fn described(node: &NodeProto) -> WithoutRule {
    let name = node.name.as_deref().filter(|name| !name.is_empty());
    WithoutRule {
        operator: inspect::operator(node),
        node: name
            .or(node.output.first().map(String::as_str))
            .unwrap_or_default()
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Dimension, GraphBuilder, Tensor, Value};

    #[test]
    fn fused_operators_are_passed_in_their_standard_form() {
        assert!(has_rule("", "MatMul") && has_rule("com.microsoft", "GroupQueryAttention"));
        assert!(has_rule("", "Attention") && !has_rule("com.microsoft", "MatMul"));
        assert!(!has_rule("com.microsoft", "SampleOp"));
    }

    #[test]
    fn what_has_no_rule_is_named_and_what_is_not_reached_too() {
        let mut builder = GraphBuilder::new("coverage");
        let x = builder.input("x", ElementType::F32, &[Dimension::Fixed(2)]);
        let weights: Vec<_> = ["a", "b", "c", "unused"]
            .iter()
            .map(|name| builder.initializer(name, &Tensor::f32(&[2], [1.0, 2.0])))
            .collect();
        let sum = builder.add(&x, &weights[0]);
        let odd = builder.named_node("Det", &[&sum], Vec::new(), "odd");
        // Rounding stops the gradient of this one.
        let rounded = builder.node("Round", &[&weights[1]], Vec::new());
        let whole = builder.cast(&weights[2], ElementType::I64);
        let back = builder.cast(&whole, ElementType::F32);
        let y = builder.add(&odd, &rounded);
        let y = builder.mul(&y, &back);
        builder.untyped_output(y.name());
        builder.untyped_output(sum.name());
        let model = builder.finish().unwrap();
        let names = ["a", "b", "c", "unused"].map(str::to_owned);
        let found = coverage(&model, None, &names).unwrap();
        assert_eq!(found.differentiated, 4);
        assert_eq!(found.without_rule.len(), 1);
        assert_eq!(found.without_rule[0].operator, "Det");
        assert_eq!(found.without_rule[0].node, "node.odd");
        assert_eq!(found.unreached, ["b", "c", "unused"]);
        let found = coverage(&model, Some(sum.name()), &names[..1]).unwrap();
        assert_eq!((found.differentiated, found.without_rule.len()), (1, 0));
        assert!(coverage(&model, Some("nothing"), &names).is_err());
        assert!(has_rule("", "MatMul") && !has_rule("", "Det") && !has_rule("other", "MatMul"));
    }

    #[test]
    fn what_only_sets_a_node_up_is_no_weight() {
        let mut builder = GraphBuilder::new("coverage");
        let lengths = [1, 1, 2].map(Dimension::Fixed);
        let x = builder.input("x", ElementType::F32, &lengths);
        let scale = builder.initializer("scale", &Tensor::f32(&[3], [1.0, 1.0, 2.0]));
        let factor = builder.initializer("factor", &Tensor::f32(&[3], [1.0, 2.0, 3.0]));
        // One that is a factor elsewhere is a weight.
        let x = builder.mul(&x, &factor);
        let region = Value::named("");
        let wide = builder.node("Resize", &[&x, &region, &scale], Vec::new());
        let again = builder.node("Resize", &[&wide, &region, &factor], Vec::new());
        builder.untyped_output(again.name());
        let model = builder.finish().unwrap();
        let names = ["scale", "factor"].map(str::to_owned);
        let found = coverage(&model, Some(again.name()), &names).unwrap();
        assert_eq!(found.unreached, ["scale"]);
    }
}
