//! Made-up inputs for a model, from what its graph says about them: sizes for symbols, indices that
//! lie within the table they point into, masks that leave something over.

use std::collections::HashMap;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha12Rng;

use super::proto::NodeProto;
use super::{Dimension, ElementType, Model, OnnxError, Tensor, TensorData, ValueType};

/// Nodes through which an index is still the same index.
const KEEPS_INDEX: [&str; 10] = [
    "Identity",
    "Cast",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Flatten",
    "Expand",
    "Transpose",
    "Max",
    "Concat",
];

/// How inputs are made.
#[derive(Debug, Clone, Default)]
pub struct InputOptions {
    /// Sizes of symbols that were chosen.
    pub sizes: HashMap<String, usize>,
    /// Seed of the numbers.
    pub seed: u64,
}

/// A tensor for every input that is no initializer. `types` are those of all values, as an oracle
/// knows them; an input whose shape is not declared is taken to be a scalar.
///
/// Floats are drawn between -1 and 1. Whole numbers are indices where they point into a table whose
/// length is known, else 0 or 1, of which the first is 1: a mask of zeros alone makes no sense.
///
/// # Errors
/// [`OnnxError::Invalid`] for an element type that is not made here.
pub fn make(
    model: &Model,
    types: &HashMap<String, ValueType>,
    options: &InputOptions,
) -> Result<Vec<(String, Tensor)>, OnnxError> {
    let mut random = ChaCha12Rng::seed_from_u64(options.seed);
    let rows = Rows::of(model, types, options);
    let declared = model.declared_types();
    let mut made = Vec::new();
    for name in model.input_names() {
        let Some(kind) = declared.get(&name).or_else(|| types.get(&name)) else {
            continue;
        };
        let shape = shape(kind, options);
        let count = shape.iter().product();
        let limit = rows.below(&name);
        let data = match kind.element {
            ElementType::Bool => TensorData::Bool(
                (0..count)
                    .map(|position| position == 0 || random.random::<bool>())
                    .collect(),
            ),
            ElementType::I64 => TensorData::I64(
                whole(&mut random, count, &shape, limit)
                    .into_iter()
                    .map(|number| number as i64)
                    .collect(),
            ),
            ElementType::I32 => TensorData::I32(
                whole(&mut random, count, &shape, limit)
                    .into_iter()
                    .map(|number| i32::try_from(number).unwrap_or(0))
                    .collect(),
            ),
            element if element.is_float() => {
                let values: Vec<f64> = (0..count).map(|_| random.random_range(-1.0..1.0)).collect();
                let tensor = Tensor::f64(&shape, values).converted(element);
                made.extend(tensor.map(|tensor| (name, tensor)));
                continue;
            }
            ElementType::U8 => TensorData::U8((0..count).map(|_| random.random()).collect()),
            other => {
                return Err(OnnxError::Invalid(format!(
                    "the input {name:?} has the element type {}, for which no numbers are made",
                    super::inspect::element_name(other)
                )));
            }
        };
        made.push((name, Tensor { shape, data }));
    }
    Ok(made)
}

/// Symbols of the inputs, in their order, with the sizes that they get.
pub fn sizes(model: &Model, options: &InputOptions) -> Vec<(String, usize)> {
    let declared = model.declared_types();
    let mut sizes: Vec<(String, usize)> = Vec::new();
    for name in model.input_names() {
        let dimensions = declared.get(&name).map(|kind| kind.dimensions.as_slice());
        for (axis, dimension) in dimensions.unwrap_or_default().iter().enumerate() {
            if let Dimension::Symbol(symbol) = dimension
                && !sizes.iter().any(|(known, _)| known == symbol)
            {
                sizes.push((symbol.clone(), length(dimension, axis, options)));
            }
        }
    }
    sizes
}

fn shape(kind: &ValueType, options: &InputOptions) -> Vec<usize> {
    let dimensions = kind.dimensions.iter().enumerate();
    dimensions
        .map(|(axis, dimension)| length(dimension, axis, options))
        .collect()
}

/// The length of a dimension. A symbol may be a sum of others, such as `past + sequence`.
fn length(dimension: &Dimension, axis: usize, options: &InputOptions) -> usize {
    let symbol = match dimension {
        Dimension::Fixed(length) => return *length,
        Dimension::Unknown => return if axis == 0 { 2 } else { 4 },
        Dimension::Symbol(symbol) => symbol,
    };
    if let Some(chosen) = options.sizes.get(symbol) {
        return *chosen;
    }
    if symbol.contains('+') {
        let parts = symbol.split('+').map(str::trim);
        return parts
            .map(|part| {
                part.parse().unwrap_or_else(|_| {
                    length(&Dimension::Symbol(part.to_owned()), axis.max(1), options)
                })
            })
            .sum();
    }
    let name = symbol.to_lowercase();
    if name.contains("height") || name.contains("width") {
        32
    } else if name.contains("batch") || (axis == 0 && !name.contains("seq")) {
        2
    } else {
        4
    }
}

fn whole(random: &mut impl Rng, count: usize, shape: &[usize], limit: Option<usize>) -> Vec<usize> {
    let last = shape.last().copied().unwrap_or(1).max(1);
    let draw = |position: usize| match limit {
        Some(limit) => random.random_range(0..limit.max(1)),
        None if position.is_multiple_of(last) => 1,
        None => random.random_range(0..2),
    };
    (0..count).map(draw).collect()
}

/// How many rows the tables have that inputs point into.
struct Rows<'a> {
    readers: HashMap<&'a str, Vec<&'a NodeProto>>,
    types: &'a HashMap<String, ValueType>,
    options: &'a InputOptions,
}

impl<'a> Rows<'a> {
    fn of(
        model: &'a Model,
        types: &'a HashMap<String, ValueType>,
        options: &'a InputOptions,
    ) -> Rows<'a> {
        let mut readers: HashMap<&str, Vec<&NodeProto>> = HashMap::new();
        for node in &model.graph().node {
            for name in node.input.iter().filter(|name| !name.is_empty()) {
                readers.entry(name).or_default().push(node);
            }
        }
        Rows {
            readers,
            types,
            options,
        }
    }

    /// Below which number an input must stay, when it is an index.
    fn below(&self, name: &str) -> Option<usize> {
        self.follow(name, 0)
    }

    fn follow(&self, name: &str, depth: usize) -> Option<usize> {
        if depth > 16 {
            return None;
        }
        let readers = self.readers.get(name).into_iter().flatten();
        let limits = readers.filter_map(|node| {
            let indexes = matches!(node.op(), "Gather" | "GatherElements" | "GatherND")
                && node.input.get(1).is_some_and(|input| input == name);
            if indexes {
                return self.table(node);
            }
            if node.op() == "SoftmaxCrossEntropyLoss" && node.input.get(1)? == name {
                return self.dimension(node.input.first()?, 1);
            }
            if KEEPS_INDEX.contains(&node.op()) {
                return self.follow(node.output.first()?, depth + 1);
            }
            None
        });
        limits.min()
    }

    fn table(&self, node: &NodeProto) -> Option<usize> {
        let data = node.input.first()?;
        let axis = node.int("axis", 0);
        let rank = self.types.get(data)?.rank();
        let counted = if axis < 0 { axis + rank as i64 } else { axis };
        self.dimension(data, usize::try_from(counted).ok()?)
    }

    fn dimension(&self, name: &str, axis: usize) -> Option<usize> {
        match self.types.get(name)?.dimensions.get(axis)? {
            Dimension::Unknown => None,
            known => Some(length(known, axis, self.options)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::GraphBuilder;

    #[test]
    fn inputs_follow_the_graph() {
        let mut builder = GraphBuilder::new("inputs");
        let symbol = |name: &str| Dimension::Symbol(name.into());
        let shape = [symbol("batch"), symbol("seq")];
        let ids = builder.input("ids", ElementType::I64, &shape);
        let past = [symbol("batch"), symbol("past + seq")];
        let mask = builder.input("mask", ElementType::I64, &past);
        let x = builder.input(
            "x",
            ElementType::F32,
            &[symbol("batch"), Dimension::Fixed(3)],
        );
        let table = builder.initializer("table", &Tensor::f32(&[7, 3], vec![0.0; 21]));
        let cast = builder.cast(&ids, ElementType::I64);
        let rows = builder.gather(&table, &cast, 0);
        for value in [rows, mask, x] {
            builder.untyped_output(value.name());
        }
        let model = builder.finish().unwrap();
        let options = InputOptions {
            sizes: HashMap::from([("seq".to_owned(), 50)]),
            seed: 1,
        };
        let made = make(&model, &model.declared_types(), &options).unwrap();
        assert_eq!(made[0].1.shape, [2, 50]);
        let TensorData::I64(ids) = &made[0].1.data else {
            panic!("ids are whole numbers")
        };
        assert!(ids.iter().all(|id| (0..7).contains(id)) && ids.contains(&6));
        assert_eq!(made[1].1.shape, [2, 54]);
        let TensorData::I64(mask) = &made[1].1.data else {
            panic!("masks are whole numbers")
        };
        assert!(mask[0] == 1 && mask[54] == 1 && mask.contains(&0));
        assert_eq!(made[2].1.shape, [2, 3]);
        assert_eq!(
            sizes(&model, &options)[..2],
            [("batch".to_owned(), 2), ("seq".to_owned(), 50)]
        );
        assert_eq!(
            made,
            make(&model, &model.declared_types(), &options).unwrap()
        );
    }
}
