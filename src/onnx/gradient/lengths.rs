//! Names for lengths that the engine gives none: two values with the same name along an axis are of the
//! same length, so nothing was broadcast between them and no sum has to find that out at run time.
//!
//! A length that is unknown gets a name of its own, and operators hand names on: what is element by
//! element keeps them, a transposition moves them, a Reshape keeps, multiplies or divides them.

use std::collections::HashMap;

use super::constants::constants;
use super::shape_lists::{Element, ShapeLists};
use super::standard::Types;
use crate::onnx::proto::{NodeProto, TensorProto};
use crate::onnx::{Dimension, Model, Tensor, TensorData, ValueType};

/// A length that may be a multiple of a named one.
type Multiple = (usize, String);

/// Names the unknown lengths of all values of a model.
pub(super) fn name_all(model: &Model, types: &mut Types) {
    let open = |kind: &ValueType| kind.dimensions.contains(&Dimension::Unknown);
    if !types.values().any(open) {
        return;
    }
    let mut lengths = Lengths {
        constants: constants(model.graph()),
        lists: ShapeLists::new(model),
        types,
        multiples: HashMap::new(),
    };
    for value in &model.graph().input {
        if let Some(name) = value.name.as_deref() {
            lengths.fill(name, None);
        }
    }
    for node in &model.graph().node {
        for (index, name) in node.output.iter().enumerate() {
            if lengths.is_open(name) {
                let found = lengths.of_output(node, index, name);
                lengths.fill(name, found);
            }
        }
    }
}

/// Fills unknown lengths of a value with what is known of them from elsewhere.
pub(super) fn learn(types: &mut Types, name: &str, shape: &[Dimension]) {
    let Some(kind) = types.get_mut(name) else {
        return;
    };
    if kind.rank() == shape.len() {
        for (open, known) in kind.dimensions.iter_mut().zip(shape) {
            if *open == Dimension::Unknown {
                open.clone_from(known);
            }
        }
    }
}

struct Lengths<'a> {
    constants: HashMap<String, TensorProto>,
    lists: ShapeLists<'a>,
    types: &'a mut Types,
    /// Names that stand for multiples of others.
    multiples: HashMap<String, Multiple>,
}

/// A product of lengths: a number times named ones.
#[derive(Debug)]
struct Product {
    factor: usize,
    names: Vec<String>,
}

impl Default for Product {
    fn default() -> Product {
        Product {
            factor: 1,
            names: Vec::new(),
        }
    }
}

impl Product {
    fn multiply(&mut self, lengths: &Lengths, length: &Dimension) -> Option<()> {
        let factor = match length {
            Dimension::Fixed(length) => *length,
            Dimension::Symbol(name) => {
                let (factor, name) = lengths.multiple(name);
                self.names.push(name);
                factor
            }
            Dimension::Unknown => return None,
        };
        self.factor = self.factor.checked_mul(factor)?;
        Some(())
    }

    /// Divided by another one, where that goes: what is left.
    fn over(mut self, other: Product) -> Option<(usize, Vec<String>)> {
        for name in other.names {
            let at = self.names.iter().position(|known| *known == name)?;
            self.names.swap_remove(at);
        }
        let divides = other.factor > 0 && self.factor > 0;
        let divides = divides && self.factor.is_multiple_of(other.factor);
        divides.then(|| (self.factor / other.factor, self.names))
    }
}

/// Lengths of an output, as far as they follow from the inputs.
type Found = Option<Vec<Option<Dimension>>>;

impl Lengths<'_> {
    fn is_open(&self, name: &str) -> bool {
        let dimensions = self.dimensions(name);
        dimensions.is_some_and(|dimensions| dimensions.contains(&Dimension::Unknown))
    }

    /// Gives the unknown lengths of a value the names that were found, or names of their own.
    fn fill(&mut self, name: &str, found: Found) {
        let Some(kind) = self.types.get_mut(name) else {
            return;
        };
        let found = found.filter(|found| found.len() == kind.rank());
        for (axis, dimension) in kind.dimensions.iter_mut().enumerate() {
            if *dimension == Dimension::Unknown {
                let follows = found.as_ref().and_then(|found| found[axis].clone());
                *dimension = follows.unwrap_or_else(|| Dimension::Symbol(format!("{name} {axis}")));
            }
        }
    }

    fn dimensions(&self, name: &str) -> Option<&[Dimension]> {
        let kind = self.types.get(name).filter(|_| !name.is_empty())?;
        Some(kind.dimensions.as_slice())
    }

    /// Dimensions of an input, of which there must be some: none may also mean that nothing is known.
    fn input(&self, node: &NodeProto, index: usize) -> Option<&[Dimension]> {
        self.dimensions(node.input.get(index)?)
            .filter(|dimensions| !dimensions.is_empty())
    }

    fn integers(&self, node: &NodeProto, index: usize) -> Option<Vec<i64>> {
        let tensor = self.constants.get(node.input.get(index)?)?;
        match Tensor::from_proto(tensor).ok()?.data {
            TensorData::I64(values) => Some(values),
            _ => None,
        }
    }

    fn of_output(&mut self, node: &NodeProto, index: usize, name: &str) -> Found {
        if !matches!(node.domain.as_deref(), None | Some("" | "ai.onnx")) {
            return None;
        }
        let rank = self.dimensions(name)?.len();
        match node.op() {
            "Abs" | "Cast" | "CastLike" | "Ceil" | "Clip" | "Cos" | "CumSum" | "Dropout"
            | "Elu" | "Erf" | "Exp" | "Floor" | "Gelu" | "HardSigmoid" | "HardSwish"
            | "Identity" | "IsInf" | "IsNaN" | "LeakyRelu" | "Log" | "LogSoftmax" | "Mish"
            | "Neg" | "Not" | "RMSNormalization" | "Reciprocal" | "Relu" | "RotaryEmbedding"
            | "Round" | "ScatterElements" | "ScatterND" | "Selu" | "Sigmoid" | "Sign" | "Sin"
            | "Softmax" | "Softplus" | "Softsign" | "Sqrt" | "Swish" | "Tanh" | "Trilu" => {
                same(self.input(node, 0)?)
            }
            "LayerNormalization" if index == 0 => same(self.input(node, 0)?),
            "Add" | "And" | "Div" | "Equal" | "Greater" | "GreaterOrEqual" | "Less"
            | "LessOrEqual" | "Max" | "Mean" | "Min" | "Mod" | "Mul" | "Or" | "PRelu" | "Pow"
            | "Sub" | "Sum" | "Where" | "Xor" => self.broadcast(&node.input, rank),
            "Transpose" => {
                let from = self.input(node, 0)?;
                let order: Vec<i64> = match node.ints("perm") {
                    Some(order) if !order.is_empty() => order.to_vec(),
                    _ => (0..rank as i64).rev().collect(),
                };
                let moved = order.iter().map(|axis| from.get(*axis as usize).cloned());
                Some(moved.collect())
            }
            "MatMul" => self.product(node, rank),
            "Concat" => {
                let mut found = self.besides(node)?;
                let axis = position(node.int("axis", 0), rank)?;
                let mut total = Dimension::Fixed(0);
                for index in 0..node.input.len() {
                    let length = self.input(node, index)?.get(axis)?;
                    total = if index == 0 {
                        length.clone()
                    } else {
                        total.plus(length)
                    };
                }
                *found.get_mut(axis)? = Some(total).filter(|total| *total != Dimension::Unknown);
                Some(found)
            }
            "Slice" => self.besides(node),
            "Split" => {
                let mut found = self.besides(node)?;
                let size = self.list(node, 1).and_then(|sizes| {
                    let size = sizes.into_iter().nth(index)?;
                    size.dimension()
                });
                if let Some(size) = size {
                    let axis = position(node.int("axis", 0), rank)?;
                    *found.get_mut(axis)? = Some(size);
                }
                Some(found)
            }
            "Gather" => {
                let (data, indices) = (self.input(node, 0)?, self.dimensions(node.input.get(1)?)?);
                let axis = position(node.int("axis", 0), data.len())?;
                let after = &data[axis + 1..];
                same(&[&data[..axis], indices, after].concat())
            }
            "Unsqueeze" => {
                let axes = self.integers(node, 1)?;
                let axes: Vec<usize> = axes
                    .iter()
                    .map(|axis| position(*axis, rank))
                    .collect::<Option<_>>()?;
                let mut rest = self.input(node, 0)?.iter();
                Some(
                    (0..rank)
                        .map(|axis| match axes.contains(&axis) {
                            true => Some(Dimension::Fixed(1)),
                            false => rest.next().cloned(),
                        })
                        .collect(),
                )
            }
            "Squeeze" => {
                let from = self.input(node, 0)?;
                let axes = self.integers(node, 1)?;
                let axes: Vec<usize> = axes
                    .iter()
                    .map(|axis| position(*axis, from.len()))
                    .collect::<Option<_>>()?;
                let kept = from
                    .iter()
                    .enumerate()
                    .filter(|(axis, _)| !axes.contains(axis));
                Some(kept.map(|(_, length)| Some(length.clone())).collect())
            }
            "Reshape" => self.reshaped(node),
            "ConstantOfShape" => {
                let lengths = self.list(node, 0)?.into_iter();
                Some(lengths.map(Element::dimension).collect())
            }
            "Range" => {
                let number = |index| match self.list(node, index)?.as_slice() {
                    [element] => Some(element.clone()),
                    _ => None,
                };
                let counts = number(0)? == Element::Number(0) && number(2)? == Element::Number(1);
                let end = number(1)?.dimension().filter(|_| counts)?;
                Some(vec![Some(end)])
            }
            "Expand" => {
                let target = self.list(node, 1)?;
                let from = self.input(node, 0)?;
                let missing = rank.checked_sub(target.len())?;
                let ahead = rank.checked_sub(from.len())?;
                Some(
                    (0..rank)
                        .map(|axis| {
                            let there = axis.checked_sub(ahead).and_then(|axis| from.get(axis));
                            let there = there.unwrap_or(&Dimension::Fixed(1));
                            match axis.checked_sub(missing).and_then(|axis| target.get(axis)) {
                                Some(asked) => asked.clone().broadcast(there),
                                None => Some(there.clone()),
                            }
                        })
                        .collect(),
                )
            }
            operator if operator.starts_with("Reduce") && node.int("keepdims", 1) != 0 => {
                self.reduced(node)
            }
            _ => None,
        }
    }

    /// What values broadcast to.
    fn broadcast(&self, names: &[String], rank: usize) -> Found {
        let inputs: Vec<&[Dimension]> = names
            .iter()
            .map(|name| self.dimensions(name))
            .collect::<Option<_>>()?;
        let lengths = (0..rank).map(|axis| {
            let mut result = Dimension::Fixed(1);
            for input in &inputs {
                let missing = rank.checked_sub(input.len())?;
                match axis.checked_sub(missing).map(|axis| &input[axis]) {
                    None | Some(Dimension::Fixed(1)) => {}
                    Some(Dimension::Fixed(length)) => return Some(Dimension::Fixed(*length)),
                    Some(named) if result == Dimension::Fixed(1) => result = named.clone(),
                    Some(named) if named.same(&result) => {}
                    // One of them may be 1.
                    Some(_) => result = Dimension::Unknown,
                }
            }
            Some(result).filter(|result| *result != Dimension::Unknown)
        });
        Some(lengths.collect())
    }

    fn product(&self, node: &NodeProto, rank: usize) -> Found {
        let (a, b) = (self.input(node, 0)?, self.input(node, 1)?);
        if a.len() < 2 || b.len() < 2 || rank < 2 {
            return None;
        }
        let (batch_a, matrix_a) = a.split_at(a.len() - 2);
        let (batch_b, matrix_b) = b.split_at(b.len() - 2);
        let one = Dimension::Fixed(1);
        let batch = (0..rank - 2).map(|axis| {
            let at = |batch: &[Dimension]| {
                let missing = (rank - 2).checked_sub(batch.len())?;
                Some(
                    axis.checked_sub(missing)
                        .map_or(one.clone(), |axis| batch[axis].clone()),
                )
            };
            match (at(batch_a)?, at(batch_b)?) {
                (length, other) if other == one || length.same(&other) => Some(length),
                (first, length) if first == one => Some(length),
                (fixed @ Dimension::Fixed(_), _) | (_, fixed @ Dimension::Fixed(_)) => Some(fixed),
                _ => None,
            }
        });
        let ends = [Some(matrix_a[0].clone()), Some(matrix_b[1].clone())];
        Some(batch.chain(ends).collect())
    }

    /// Operators that change the lengths of some axes only.
    fn besides(&self, node: &NodeProto) -> Found {
        let from = self.input(node, 0)?;
        let axes = match node.op() {
            "Slice" => self.integers(node, 3)?,
            _ => vec![node.int("axis", 0)],
        };
        let axes: Vec<usize> = axes
            .iter()
            .map(|axis| position(*axis, from.len()))
            .collect::<Option<_>>()?;
        let kept = from.iter().enumerate();
        let kept = kept.map(|(axis, length)| (!axes.contains(&axis)).then(|| length.clone()));
        Some(kept.collect())
    }

    /// A reduction over axes that are constants, which stay with length 1.
    fn reduced(&self, node: &NodeProto) -> Found {
        let from = self.input(node, 0)?;
        let axes = match node.input.get(1).filter(|name| !name.is_empty()) {
            Some(_) => self.integers(node, 1)?,
            None => node.ints("axes")?.to_vec(),
        };
        let axes: Vec<usize> = axes
            .iter()
            .map(|axis| position(*axis, from.len()))
            .collect::<Option<_>>()?;
        let lengths = from.iter().enumerate();
        let lengths = lengths.map(|(axis, length)| match axes.contains(&axis) {
            true => Dimension::Fixed(1),
            false => length.clone(),
        });
        Some(lengths.map(Some).collect())
    }

    /// The elements of the list of lengths that a node reads.
    fn list(&self, node: &NodeProto, index: usize) -> Option<Vec<Element>> {
        let name = node.input.get(index)?;
        self.lists.elements(name, &self.constants, self.types)
    }

    /// A Reshape to a shape of which something is known.
    fn reshaped(&mut self, node: &NodeProto) -> Found {
        let shape = self.list(node, 1)?;
        let from = self.input(node, 0)?.to_vec();
        let copies = node.int("allowzero", 0) == 0;
        let mut found = Vec::with_capacity(shape.len());
        let mut open = None;
        // What the lengths of input and output multiply to, apart from those that are the same.
        let (mut above, mut below) = (Product::default(), Product::default());
        for (axis, length) in from.iter().enumerate() {
            if !copies || shape.get(axis) != Some(&Element::Number(0)) {
                above.multiply(self, length)?;
            }
        }
        for (axis, length) in shape.into_iter().enumerate() {
            found.push(match length {
                Element::Number(0) if copies => from.get(axis).cloned(),
                Element::Number(-1) => {
                    open = Some(axis);
                    None
                }
                Element::Number(length) => {
                    let length = Dimension::Fixed(usize::try_from(length).ok()?);
                    below.multiply(self, &length)?;
                    Some(length)
                }
                Element::Length(length) => {
                    below.multiply(self, &length)?;
                    Some(length)
                }
            });
        }
        if let Some(axis) = open
            && let Some((factor, names)) = above.over(below)
        {
            found[axis] = match names.as_slice() {
                [] => Some(Dimension::Fixed(factor)),
                [name] => Some(self.times(factor, name)),
                _ => None,
            };
        }
        Some(found)
    }

    fn multiple(&self, name: &str) -> Multiple {
        let known = self.multiples.get(name).cloned();
        known.unwrap_or_else(|| (1, name.to_owned()))
    }

    /// A multiple of a named length.
    fn times(&mut self, factor: usize, name: &str) -> Dimension {
        let dimension = Dimension::Symbol(name.to_owned()).times(factor);
        if let Dimension::Symbol(label) = &dimension
            && factor != 1
        {
            let multiple = (factor, name.to_owned());
            self.multiples.insert(label.clone(), multiple);
        }
        dimension
    }
}

fn same(dimensions: &[Dimension]) -> Found {
    Some(dimensions.iter().cloned().map(Some).collect())
}

/// An axis counted from the front.
fn position(axis: i64, rank: usize) -> Option<usize> {
    let counted = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(counted).ok().filter(|axis| *axis < rank)
}

#[cfg(test)]
mod tests;
