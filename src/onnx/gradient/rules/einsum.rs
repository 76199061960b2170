//! Einsum: the gradient of one operand is an Einsum of the output's gradient and the other operands,
//! where the operand's subscripts take the place of the output's.

use std::collections::HashSet;

use super::{only, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{Dimension, ElementType, OnnxError, Value};

/// An equation whose ellipses are written out: a letter per dimension of each operand and of the
/// output.
#[derive(Debug, PartialEq)]
struct Equation {
    operands: Vec<Vec<char>>,
    output: Vec<char>,
}

impl Equation {
    /// Reads an equation for operands of these ranks; nothing for one that does not fit them.
    fn read(text: &str, ranks: &[usize]) -> Option<Equation> {
        let text: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect();
        let (left, right) = match text.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (text.as_str(), None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != ranks.len() {
            return None;
        }
        let letters = |term: &str| {
            let plain = term.replacen("...", "", 1);
            plain
                .chars()
                .all(|letter| letter.is_ascii_alphabetic())
                .then(|| plain.chars().count())
        };
        // The dimensions under the ellipses end together.
        let mut widest = 0;
        let mut widths = Vec::with_capacity(terms.len());
        for (term, rank) in terms.iter().zip(ranks) {
            let width = rank.checked_sub(letters(term)?)?;
            if width > 0 && !term.contains("...") {
                return None;
            }
            widths.push(width);
            widest = widest.max(width);
        }
        let hidden = unused(&text, widest)?;
        let write_out = |term: &str, width: usize| -> Vec<char> {
            let dots: String = hidden[widest - width..].iter().collect();
            term.replacen("...", &dots, 1).chars().collect()
        };
        let operands: Vec<Vec<char>> = terms
            .iter()
            .zip(&widths)
            .map(|(term, width)| write_out(term, *width))
            .collect();
        let output = match right {
            Some(term) => {
                letters(term)?;
                write_out(term, widest)
            }
            None => {
                // What stands once, in the order of the alphabet, behind the ellipsis.
                let all: Vec<char> = left.chars().filter(char::is_ascii_alphabetic).collect();
                let once = |letter: &&char| all.iter().filter(|other| other == letter).count() == 1;
                let mut output: Vec<char> = all.iter().filter(once).copied().collect();
                output.sort_unstable();
                hidden.into_iter().chain(output).collect()
            }
        };
        let known: HashSet<&char> = operands.iter().flatten().collect();
        let distinct: HashSet<&char> = output.iter().collect();
        (distinct.len() == output.len() && distinct.is_subset(&known))
            .then_some(Equation { operands, output })
    }
}

/// Letters that do not occur in an equation.
fn unused(text: &str, count: usize) -> Option<Vec<char>> {
    let letters = ('A'..='Z').chain('a'..='z');
    let free: Vec<char> = letters
        .filter(|letter| !text.contains(*letter))
        .take(count)
        .collect();
    (free.len() == count).then_some(free)
}

/// Einsum with any equation.
pub fn einsum(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let text = node.text("equation", "");
    let ranks = node.input.iter().map(|name| context.rank(name));
    let ranks: Vec<usize> = ranks.collect::<Result<_, _>>()?;
    let refused = || refused(node, &format!("with the equation {text:?}"));
    let equation = Equation::read(text, &ranks).ok_or_else(refused)?;
    for operand in 0..node.input.len() {
        if context.wants(&node.input[operand]) {
            give(context, node, &equation, operand, &gradient)?.ok_or_else(refused)?;
        }
    }
    Ok(())
}

/// The gradient of one operand; nothing when the alphabet does not suffice.
fn give(
    context: &mut Context,
    node: &NodeProto,
    equation: &Equation,
    operand: usize,
    gradient: &Value,
) -> Result<Option<()>, OnnxError> {
    let name = &node.input[operand];
    let own = &equation.operands[operand];
    let mut factors = vec![(gradient.clone(), equation.output.clone())];
    // Dimensions by letter, as far as they come from elsewhere.
    let output = context.value_type(output(node, 0)?)?;
    let mut lengths: Vec<(char, Dimension)> = pairs(&equation.output, &output.dimensions);
    for (position, (other, letters)) in node.input.iter().zip(&equation.operands).enumerate() {
        if position != operand {
            factors.push((Value::named(other), letters.clone()));
            lengths.extend(pairs(letters, &context.value_type(other)?.dimensions));
        }
    }
    // A letter that the operand has twice reads a diagonal: the gradient is zero beside it.
    let repeats: Vec<usize> = (0..own.len())
        .filter(|p| own[..*p].contains(&own[*p]))
        .collect();
    let mut target = own.clone();
    let all: String = equation.operands.iter().flatten().collect();
    let Some(fresh) = unused(&all, repeats.len()) else {
        return Ok(None);
    };
    for (position, letter) in repeats.iter().zip(fresh) {
        let identity = identity(context, name, *position)?;
        factors.push((identity, vec![own[*position], letter]));
        target[*position] = letter;
    }
    // What is summed away in this operand alone has the same gradient all along.
    let there: HashSet<char> = factors.iter().flat_map(|factor| factor.1.clone()).collect();
    let kept: Vec<char> = target
        .iter()
        .filter(|l| there.contains(l))
        .copied()
        .collect();
    let missing: Vec<i64> = (0..target.len())
        .filter(|position| !there.contains(&target[*position]))
        .map(|position| position as i64)
        .collect();
    let mut result = product(context, &factors, &kept);
    if !missing.is_empty() {
        result = context.builder.unsqueeze(&result, &missing);
    }
    // Lengths of 1 are broadcast, between operands and against the sum.
    let dimensions = context.value_type(name)?.dimensions.clone();
    let mut from = Vec::with_capacity(own.len());
    let mut grow = !missing.is_empty();
    for (letter, length) in own.iter().zip(&dimensions) {
        let elsewhere: Vec<&Dimension> = lengths
            .iter()
            .filter(|(other, _)| other == letter)
            .map(|(_, length)| length)
            .collect();
        let one = Dimension::Fixed(1);
        let certain = |other: &&Dimension| {
            other.same(length) || matches!(other, Dimension::Fixed(n) if *n != 1) || *length == one
        };
        let in_output = equation.output.contains(letter);
        let is_repeated = own.iter().filter(|other| *other == letter).count() > 1;
        // The output has the full length; elsewhere something may be shorter than the operand.
        grow |= !in_output && !is_repeated && !elsewhere.iter().any(certain);
        let longer = elsewhere
            .iter()
            .find(|other| !other.same(length) && ***other != one);
        from.push(match longer {
            Some(other) if !matches!(length, Dimension::Fixed(n) if *n != 1) => (*other).clone(),
            _ => length.clone(),
        });
    }
    if grow {
        let shape = context.shape_of(name)?;
        result = context.builder.expand_to(&result, &shape);
    }
    let reduced = context.sum_dimensions(&result, &from, &dimensions, name)?;
    context.give(name, reduced);
    Ok(Some(()))
}

fn pairs(letters: &[char], dimensions: &[Dimension]) -> Vec<(char, Dimension)> {
    letters
        .iter()
        .copied()
        .zip(dimensions.iter().cloned())
        .collect()
}

/// The sum of products in the order of `target`: just the gradient in another order where that is
/// all.
fn product(context: &mut Context, factors: &[(Value, Vec<char>)], target: &[char]) -> Value {
    if let [(value, letters)] = factors
        && letters.len() == target.len()
    {
        let order: Vec<i64> = target
            .iter()
            .filter_map(|letter| letters.iter().position(|other| other == letter))
            .map(|position| position as i64)
            .collect();
        if order.windows(2).all(|pair| pair[0] < pair[1]) {
            return value.clone();
        }
        return context.builder.transpose(value, &order);
    }
    let terms: Vec<String> = factors
        .iter()
        .map(|(_, letters)| letters.iter().collect())
        .collect();
    let target: String = target.iter().collect();
    let equation = format!("{}->{target}", terms.join(","));
    let values: Vec<&Value> = factors.iter().map(|(value, _)| value).collect();
    let attributes = vec![AttributeProto::text("equation", &equation)];
    context.builder.node("Einsum", &values, attributes)
}

/// The identity matrix of the length of one dimension.
fn identity(context: &mut Context, name: &str, axis: usize) -> Result<Value, OnnxError> {
    let element = context.value_type(name)?.element;
    let length = context.length_of(name, axis)?;
    let shape = context.builder.concat(&[&length, &length], 0);
    let square = context.zeros_of(&shape, ElementType::F32);
    let identity = context.builder.node("EyeLike", &[&square], Vec::new());
    Ok(match element {
        ElementType::F32 => identity,
        _ => context.builder.cast(&identity, element),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, ranks: &[usize]) -> Option<String> {
        let equation = Equation::read(text, ranks)?;
        let terms: Vec<String> = equation
            .operands
            .iter()
            .map(|t| t.iter().collect())
            .collect();
        let output: String = equation.output.iter().collect();
        Some(format!("{}->{output}", terms.join(",")))
    }

    #[test]
    fn equations_are_written_out() {
        let cases: [(&str, &[usize], Option<&str>); 12] = [
            ("ij,jk->ik", &[2, 2], Some("ij,jk->ik")),
            (" i j , jk -> ik ", &[2, 2], Some("ij,jk->ik")),
            ("ij,jk", &[2, 2], Some("ij,jk->ik")),
            ("ba", &[2], Some("ba->ab")),
            ("ii", &[2], Some("ii->")),
            ("...ij,...jk->...ik", &[4, 3], Some("ABij,Bjk->ABik")),
            ("...i,i...", &[2, 1], Some("Ai,i->A")),
            ("A...->...", &[3], Some("ABC->BC")),
            (",->", &[0, 0], Some(",->")),
            ("ij->k", &[2], None),
            ("ij->ii", &[2], None),
            ("ij,jk->ik", &[2, 3], None),
        ];
        for (text, ranks, expected) in cases {
            assert_eq!(read(text, ranks).as_deref(), expected, "{text}");
        }
    }
}
