//! Gelu out of basic operators: `x (1 + erf(x / sqrt(2))) / 2`, or with a hyperbolic tangent of a cubic
//! polynomial. Exporters order and group the factors in many ways; all of them are the same polynomials
//! in `x` and in the value of the error function or tangent, and that is how they are compared.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

use super::{Finder, Replacement};
use crate::onnx::proto::{AttributeProto, NodeProto};

/// Coefficients of 1, x, x^2, x^3.
type Polynomial = [f64; 4];

/// `plain(x) + gated(x) * gate`
#[derive(Clone, Copy, PartialEq)]
struct Expression {
    plain: Polynomial,
    gated: Polynomial,
}

const ZERO: Polynomial = [0.0; 4];
/// Nodes between the input and the gate, or between the gate and the result.
const DEPTH: usize = 6;

/// Every result that is a Gelu of another value.
pub(super) fn find(graph: &Finder) -> Vec<Replacement> {
    let gates = graph.graph.node.iter().filter_map(|node| {
        let tangent = FRAC_2_PI.sqrt();
        let (form, target) = match node.op() {
            "Erf" => ("none", [0.0, FRAC_1_SQRT_2, 0.0, 0.0]),
            "Tanh" => ("tanh", [0.0, tangent, 0.0, tangent * 0.044715]),
            _ => return None,
        };
        let argument = node.input.first()?;
        let mut candidates = Vec::new();
        leaves(graph, argument, DEPTH, &mut candidates);
        let x = candidates.into_iter().find(|x| {
            expression(graph, argument, x, None, DEPTH)
                .is_some_and(|found| close(&found.plain, &target))
        })?;
        let result = result(graph, node.output.first()?, x)?;
        let found = NodeProto {
            op_type: Some("Gelu".into()),
            input: vec![x.to_owned()],
            attribute: vec![AttributeProto::text("approximate", form)],
            ..Default::default()
        };
        graph.alike(x, result).then(|| (result.to_owned(), found))
    });
    gates.collect()
}

/// The values that a polynomial may be one of: all that are met on the way up.
fn leaves<'a>(graph: &Finder<'a>, name: &'a str, depth: usize, found: &mut Vec<&'a str>) {
    if depth == 0 || graph.constants.contains_key(name) {
        return;
    }
    if !found.contains(&name) {
        found.push(name);
    }
    if let Some(node) = graph.producers.get(name)
        && matches!(node.op(), "Add" | "Sub" | "Mul" | "Div" | "Pow")
    {
        for input in &node.input {
            leaves(graph, input, depth - 1, found);
        }
    }
}

/// The value below the gate that is `x (1 + gate) / 2`.
fn result<'a>(graph: &Finder<'a>, gate: &'a str, x: &str) -> Option<&'a str> {
    const HALF: Polynomial = [0.0, 0.5, 0.0, 0.0];
    let mut level = vec![gate];
    for _ in 0..DEPTH {
        let readers = level.iter().filter_map(|name| graph.consumers.get(name));
        let next: Vec<&str> = readers
            .flatten()
            .filter(|node| matches!(node.op(), "Add" | "Sub" | "Mul" | "Div"))
            .filter_map(|node| Some(node.output.first()?.as_str()))
            .collect();
        let whole = next.iter().find(|name| {
            expression(graph, name, x, Some(gate), DEPTH)
                .is_some_and(|found| close(&found.plain, &HALF) && close(&found.gated, &HALF))
        });
        if let Some(name) = whole {
            return Some(name);
        }
        level = next;
    }
    None
}

/// A value as polynomials in `x`, when it is made of `x`, the gate and constants only.
fn expression(
    graph: &Finder,
    name: &str,
    x: &str,
    gate: Option<&str>,
    depth: usize,
) -> Option<Expression> {
    let plain = |plain| Some(Expression { plain, gated: ZERO });
    if name == x {
        return plain([0.0, 1.0, 0.0, 0.0]);
    }
    if Some(name) == gate {
        return Some(Expression {
            plain: ZERO,
            gated: [1.0, 0.0, 0.0, 0.0],
        });
    }
    if let Some(value) = graph.number(name) {
        return plain([value, 0.0, 0.0, 0.0]);
    }
    let node = graph.producers.get(name).filter(|_| depth > 0)?;
    let (a, b) = match node.input.as_slice() {
        [a, b] => (a, b),
        _ => return None,
    };
    let part = |name: &str| expression(graph, name, x, gate, depth - 1);
    match node.op() {
        "Add" => Some(sum(part(a)?, part(b)?, 1.0)),
        "Sub" => Some(sum(part(a)?, part(b)?, -1.0)),
        "Mul" => product(part(a)?, part(b)?),
        "Div" => {
            let inverse = [1.0 / graph.number(b)?, 0.0, 0.0, 0.0];
            product(part(a)?, plain(inverse)?)
        }
        "Pow" => {
            let base = part(a)?;
            match graph.number(b)? {
                2.0 => product(base, base),
                3.0 => product(product(base, base)?, base),
                _ => None,
            }
        }
        _ => None,
    }
}

fn sum(a: Expression, b: Expression, sign: f64) -> Expression {
    let add = |a: Polynomial, b: Polynomial| std::array::from_fn(|n| a[n] + sign * b[n]);
    Expression {
        plain: add(a.plain, b.plain),
        gated: add(a.gated, b.gated),
    }
}

/// The product, when it has no more than a cube of `x` and no square of the gate.
fn product(a: Expression, b: Expression) -> Option<Expression> {
    if a.gated != ZERO && b.gated != ZERO {
        return None;
    }
    let (one, two) = (times(a.plain, b.gated)?, times(a.gated, b.plain)?);
    Some(Expression {
        plain: times(a.plain, b.plain)?,
        gated: std::array::from_fn(|n| one[n] + two[n]),
    })
}

fn times(a: Polynomial, b: Polynomial) -> Option<Polynomial> {
    let mut result = ZERO;
    for (m, left) in a.iter().enumerate() {
        for (n, right) in b.iter().enumerate() {
            let term = left * right;
            match result.get_mut(m + n) {
                Some(coefficient) => *coefficient += term,
                None if term == 0.0 => {}
                None => return None,
            }
        }
    }
    Some(result)
}

/// Equal up to how exporters round constants.
fn close(a: &Polynomial, b: &Polynomial) -> bool {
    a.iter()
        .zip(b)
        .all(|(a, b)| (a - b).abs() <= 1e-4 * b.abs().max(1e-3))
}
