//! ScatterElements and ScatterND: data with some places overwritten by updates or reduced with them.

use super::place;
use super::{input, only, output, refused};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto};
use crate::onnx::{OnnxError, Value};

/// How a node scatters: the same operator serves the gradient.
struct Scatter<'a> {
    node: &'a NodeProto,
    /// ScatterND: indices are coordinates.
    by_coordinates: bool,
    data: &'a str,
    indices: Value,
    updates: &'a str,
}

impl Scatter<'_> {
    fn axis(&self) -> i64 {
        self.node.int("axis", 0)
    }

    /// The same scatter of other updates into other data.
    fn scatter(
        &self,
        context: &mut Context,
        data: &Value,
        updates: &Value,
        reduction: &str,
    ) -> Value {
        let mut attributes = vec![AttributeProto::text("reduction", reduction)];
        let operator = if self.by_coordinates {
            "ScatterND"
        } else {
            attributes.push(AttributeProto::int("axis", self.axis()));
            "ScatterElements"
        };
        context
            .builder
            .node(operator, &[data, &self.indices, updates], attributes)
    }

    /// What the updates' places hold.
    fn gather(&self, context: &mut Context, from: &Value) -> Value {
        if self.by_coordinates {
            return context
                .builder
                .node("GatherND", &[from, &self.indices], Vec::new());
        }
        let axis = vec![AttributeProto::int("axis", self.axis())];
        context
            .builder
            .node("GatherElements", &[from, &self.indices], axis)
    }

    /// The sum of updates at each place, in the shape and type of the data.
    fn total(&self, context: &mut Context, updates: &Value) -> Result<Value, OnnxError> {
        if self.by_coordinates {
            let shape = context.shape_of(self.data)?;
            return place::scatter_add(context, self.data, &shape, &self.indices, updates);
        }
        place::scatter_add_elements(context, self.data, &self.indices, updates, self.axis())
    }

    /// Overwritten places get nothing; updates get what arrives at their place.
    fn overwrite(&self, context: &mut Context, gradient: &Value) -> Result<(), OnnxError> {
        if context.wants(self.data) {
            let shape = context.shape_of(self.updates)?;
            let zeros = context.zeros(&shape, self.updates)?;
            let kept = self.scatter(context, gradient, &zeros, "none");
            context.give(self.data, kept);
        }
        self.give_updates(context, gradient);
        Ok(())
    }

    fn add(&self, context: &mut Context, gradient: &Value) {
        context.give(self.data, gradient.clone());
        self.give_updates(context, gradient);
    }

    fn give_updates(&self, context: &mut Context, gradient: &Value) {
        if context.wants(self.updates) {
            let arrived = self.gather(context, gradient);
            context.give(self.updates, arrived);
        }
    }

    /// The product of everything else, which is more than dividing where an update is zero.
    fn multiply(&self, context: &mut Context, gradient: &Value) -> Result<(), OnnxError> {
        let updates = Value::named(self.updates);
        let element = context.value_type(self.data)?.element;
        let one = context.number(1.0, self.data)?;
        if context.wants(self.data) {
            let shape = context.shape_of(self.data)?;
            let ones = context.builder.expand_to(&one, &shape);
            let factors = self.scatter(context, &ones, &updates, "mul");
            let product = context.builder.mul(gradient, &factors);
            context.give(self.data, product);
        }
        if context.wants(self.updates) {
            let zero = context.number(0.0, self.data)?;
            let is_zero = context.builder.equal(&updates, &zero);
            let without_zeros = context.builder.choose(&is_zero, &one, &updates);
            let data = Value::named(self.data);
            let product = self.scatter(context, &data, &without_zeros, "mul");
            let weighted = context.builder.mul(gradient, &product);
            let weighted = self.gather(context, &weighted);
            let quotient = context.builder.div(&weighted, &without_zeros);
            // Another zero at the same place leaves nothing of it.
            let own = context.builder.cast(&is_zero, element);
            let zeros = self.total(context, &own)?;
            let zeros = self.gather(context, &zeros);
            let alone = context.builder.equal(&zeros, &own);
            let kept = context.builder.choose(&alone, &quotient, &zero);
            context.give(self.updates, kept);
        }
        Ok(())
    }

    /// Max and min: those that are the result share the gradient.
    fn extreme(&self, context: &mut Context, gradient: &Value) -> Result<(), OnnxError> {
        let result = Value::named(output(self.node, 0)?);
        let element = context.value_type(self.data)?.element;
        let hit = |context: &mut Context, value: &Value, result: &Value| {
            let equal = context.builder.equal(value, result);
            context.builder.cast(&equal, element)
        };
        let data_hits = hit(context, &Value::named(self.data), &result);
        let at_updates = self.gather(context, &result);
        let update_hits = hit(context, &Value::named(self.updates), &at_updates);
        let others = self.total(context, &update_hits)?;
        let hits = context.builder.add(&data_hits, &others);
        let share = context.builder.div(gradient, &hits);
        if context.wants(self.data) {
            let own = context.builder.mul(&share, &data_hits);
            context.give(self.data, own);
        }
        if context.wants(self.updates) {
            let arrived = self.gather(context, &share);
            let own = context.builder.mul(&arrived, &update_hits);
            context.give(self.updates, own);
        }
        Ok(())
    }
}

/// ScatterElements and ScatterND with every reduction.
pub fn scatter(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    let indices = input(node, 1)?;
    let by_coordinates = node.op() == "ScatterND";
    let indices = place::wide_integers(context, indices)?;
    let scatter = Scatter {
        node,
        by_coordinates,
        data: input(node, 0)?,
        indices,
        updates: input(node, 2)?,
    };
    match node.text("reduction", "none") {
        "none" => scatter.overwrite(context, &gradient),
        "add" => {
            scatter.add(context, &gradient);
            Ok(())
        }
        "mul" => scatter.multiply(context, &gradient),
        "max" | "min" => scatter.extreme(context, &gradient),
        other => Err(refused(node, &format!("with the reduction {other:?}"))),
    }
}
