//! Shapes in the backward pass: lengths as constants where they are known, values of zeros, and the
//! undoing of broadcasts.
//!
//! What reads the shape of a forward value at run time makes the engine keep that value. So a length
//! comes from an input of the graph where one has the same symbol, and nothing is asked for that a
//! Reshape finds out by itself.

use std::collections::HashMap;

use super::context::Context;
use crate::onnx::proto::{AttributeProto, TensorProto};
use crate::onnx::{Dimension, ElementType, OnnxError, Value};

/// Shapes and lengths that the backward pass has asked for already.
#[derive(Debug, Default)]
pub(super) struct KnownShapes {
    /// Of which every length is known or is one of an input.
    shapes: HashMap<Vec<Dimension>, Value>,
    /// Shapes of single values.
    named: HashMap<String, Value>,
    lengths: HashMap<(String, usize), Value>,
    /// Values as matrices of so many columns.
    rows: HashMap<(String, usize), Value>,
}

impl Context<'_> {
    /// Whether the shape of a forward value is known without a look at the value.
    pub fn has_shape(&self, name: &str) -> Result<bool, OnnxError> {
        let elsewhere = |dimension: &Dimension| match dimension {
            Dimension::Fixed(_) => true,
            Dimension::Symbol(symbol) => self.symbols.contains_key(symbol),
            Dimension::Unknown => false,
        };
        // No dimensions may also mean that nothing is known of them.
        let dimensions = &self.value_type(name)?.dimensions;
        Ok(!dimensions.is_empty() && dimensions.iter().all(elsewhere))
    }

    /// The shape of a forward value as a list: a constant where it is known.
    pub fn shape_of(&mut self, name: &str) -> Result<Value, OnnxError> {
        let kind = self.value_type(name)?;
        if let Some(lengths) = kind.fixed().filter(|lengths| !lengths.is_empty()) {
            let lengths: Vec<i64> = lengths.iter().map(|length| *length as i64).collect();
            return Ok(self.builder.integers(&lengths));
        }
        let dimensions = kind.dimensions.clone();
        if !self.has_shape(name)? {
            if let Some(shape) = self.known_shapes.named.get(name) {
                return Ok(shape.clone());
            }
            let shape = self.builder.shape(&Value::named(name));
            let named = &mut self.known_shapes.named;
            named.insert(name.to_owned(), shape.clone());
            return Ok(shape);
        }
        if let Some(shape) = self.known_shapes.shapes.get(&dimensions) {
            return Ok(shape.clone());
        }
        let lengths: Vec<Value> = (0..dimensions.len())
            .map(|axis| self.length_of(name, axis))
            .collect::<Result<_, _>>()?;
        let lengths: Vec<&Value> = lengths.iter().collect();
        let shape = self.builder.concat(&lengths, 0);
        let shapes = &mut self.known_shapes.shapes;
        shapes.insert(dimensions, shape.clone());
        Ok(shape)
    }

    /// One length of a forward value as a list of one number: a constant where it is known.
    pub fn length_of(&mut self, name: &str, axis: usize) -> Result<Value, OnnxError> {
        let (source, axis) = match self.value_type(name)?.dimensions.get(axis) {
            Some(Dimension::Fixed(length)) => {
                let length = *length as i64;
                return Ok(self.builder.integers(&[length]));
            }
            Some(Dimension::Symbol(symbol)) => match self.symbols.get(symbol) {
                Some((input, axis)) => (Value::named(input), *axis),
                None => (Value::named(name), axis),
            },
            _ => (Value::named(name), axis),
        };
        let key = (source.name().to_owned(), axis);
        if let Some(length) = self.known_shapes.lengths.get(&key) {
            return Ok(length.clone());
        }
        let attributes = vec![
            AttributeProto::int("start", axis as i64),
            AttributeProto::int("end", axis as i64 + 1),
        ];
        let length = self.builder.node("Shape", &[&source], attributes);
        self.known_shapes.lengths.insert(key, length.clone());
        Ok(length)
    }

    /// A value as a matrix of all its rows. Products with several matrices share one.
    pub fn as_rows(&mut self, value: &Value, columns: usize) -> Value {
        let key = (value.name().to_owned(), columns);
        if let Some(rows) = self.known_shapes.rows.get(&key) {
            return rows.clone();
        }
        let rows = self.builder.reshape(value, &[-1, columns as i64]);
        self.known_shapes.rows.insert(key, rows.clone());
        rows
    }

    /// Zeros of a shape (a list of whole numbers), of the element type of a forward value.
    pub fn zeros(&mut self, shape: &Value, like: &str) -> Result<Value, OnnxError> {
        let element = self.value_type(like)?.element;
        Ok(self.zeros_of(shape, element))
    }

    /// Zeros of a shape and element type.
    pub fn zeros_of(&mut self, shape: &Value, element: ElementType) -> Value {
        let value = TensorProto {
            dims: vec![1],
            data_type: Some(element.code()),
            raw_data: Some(vec![0; element.size().unwrap_or(8)].into()),
            ..Default::default()
        };
        let attributes = vec![AttributeProto::tensor("value", value)];
        self.builder.node("ConstantOfShape", &[shape], attributes)
    }

    /// A value in the shape of a forward value with as many elements.
    pub fn reshape_like(&mut self, value: &Value, like: &str) -> Result<Value, OnnxError> {
        self.reshape_between(value, &[], like)
    }

    /// As [`Context::reshape_like`], for a value of which dimensions are known too: those that stay in
    /// their place need no look at the shape.
    pub fn reshape_between(
        &mut self,
        value: &Value,
        from: &[Dimension],
        like: &str,
    ) -> Result<Value, OnnxError> {
        let dimensions = &self.value_type(like)?.dimensions;
        let mut open = 0;
        let mut shape = Vec::with_capacity(dimensions.len());
        for (position, dimension) in dimensions.iter().enumerate() {
            shape.push(match dimension {
                Dimension::Fixed(length) => *length as i64,
                same if from.get(position).is_some_and(|from| from.same(same)) => 0,
                _ => {
                    open += 1;
                    -1
                }
            });
        }
        // No dimensions may also mean that nothing is known of them. A length of 0 must not stand for
        // a length of the value.
        if !dimensions.is_empty() && open <= 1 && !dimensions.contains(&Dimension::Fixed(0)) {
            return Ok(self.builder.reshape(value, &shape));
        }
        let shape = self.shape_of(like)?;
        let zero = vec![AttributeProto::int("allowzero", 1)];
        Ok(self.builder.node("Reshape", &[value, &shape], zero))
    }

    /// Undoes a broadcast: sums a gradient of the shape of `from` to the shape of `to`.
    pub fn sum_to(&mut self, gradient: &Value, from: &str, to: &str) -> Result<Value, OnnxError> {
        let from_dimensions = self.value_type(from)?.dimensions.clone();
        let to_dimensions = self.value_type(to)?.dimensions.clone();
        self.sum_dimensions(gradient, &from_dimensions, &to_dimensions, to)
    }

    /// As [`Context::sum_to`], with the gradient's dimensions given.
    pub fn sum_dimensions(
        &mut self,
        gradient: &Value,
        from: &[Dimension],
        to_dimensions: &[Dimension],
        to: &str,
    ) -> Result<Value, OnnxError> {
        let Some(extra) = from.len().checked_sub(to_dimensions.len()) else {
            return Err(OnnxError::Invalid(format!(
                "{to:?} has more dimensions than what it was broadcast to"
            )));
        };
        let mut axes: Vec<i64> = (0..extra as i64).collect();
        for (position, (large, small)) in from[extra..].iter().zip(to_dimensions).enumerate() {
            let one = Dimension::Fixed(1);
            // A fixed length other than 1 was not broadcast, and what is 1 now was 1 before.
            if large.same(small) || *large == one {
                continue;
            }
            match small {
                Dimension::Fixed(1) => axes.push((extra + position) as i64),
                Dimension::Fixed(_) => {}
                _ => return Ok(self.sum_at_run_time(gradient, extra, to)),
            }
        }
        if axes.is_empty() {
            return Ok(gradient.clone());
        }
        // The common case, e.g. a bias. Other forms (a flat matrix, a product with ones) need more nodes
        // and save at most a third of a small time.
        if axes.len() == extra {
            return Ok(self.builder.reduce_sum(gradient, &axes, false));
        }
        let summed = self.builder.reduce_sum(gradient, &axes, true);
        if extra == 0 {
            return Ok(summed);
        }
        let leading: Vec<i64> = (0..extra as i64).collect();
        Ok(self.builder.squeeze(&summed, &leading))
    }

    /// The same with lengths that are known at run time only: sums the axes whose length differs.
    fn sum_at_run_time(&mut self, gradient: &Value, extra: usize, to: &str) -> Value {
        let builder = &mut self.builder;
        let target = builder.shape(&Value::named(to));
        let aligned = if extra == 0 {
            target.clone()
        } else {
            let ones = builder.integers(&vec![1; extra]);
            builder.concat(&[&ones, &target], 0)
        };
        let actual = builder.shape(gradient);
        let difference = builder.sub(&actual, &aligned);
        let positions = builder.node("NonZero", &[&difference], Vec::new());
        let axes = builder.squeeze(&positions, &[0]);
        let attributes = vec![
            AttributeProto::int("keepdims", 1),
            AttributeProto::int("noop_with_empty_axes", 1),
        ];
        let summed = builder.node("ReduceSum", &[gradient, &axes], attributes);
        if extra == 0 {
            return summed;
        }
        let leading: Vec<i64> = (0..extra as i64).collect();
        builder.squeeze(&summed, &leading)
    }
}
