//! EmbedLayerNormalization of `com.microsoft`: the input layer of BERT models.

use super::normalization::layer_normalization;
use super::scope::Scope;
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, Value};

/// `com.microsoft.EmbedLayerNormalization`: rows of a table of words, one of positions and an
/// optional one of segments, summed up and normalised.
pub fn embed_layer_normalization(scope: &mut Scope, node: &NodeProto) -> Result<(), String> {
    let ids = scope.needed(node, 0)?;
    let (words, positions) = (scope.needed(node, 2)?, scope.needed(node, 3)?);
    let (scale, bias) = (scope.needed(node, 5)?, scope.needed(node, 6)?);
    let rows = rows_of(scope, &words, &ids)?;
    let places = match scope.input(node, 8) {
        Some(places) => rows_of(scope, &positions, &places)?,
        None => {
            let length = scope.length(&ids, 1)?.value;
            first_rows(scope, &positions, &length)
        }
    };
    let mut sum = scope.builder.add(&rows, &places);
    match (scope.input(node, 1), scope.input(node, 4)) {
        (Some(segments), Some(table)) => {
            let rows = rows_of(scope, &table, &segments)?;
            sum = scope.builder.add(&sum, &rows);
        }
        (None, None) => {}
        _ => return Err("it has segments or their table but not both".into()),
    }
    let epsilon = node.float("epsilon", 1e-12);
    let result = layer_normalization(scope, &sum, &scale, Some(&bias), epsilon);
    scope.give(node, 0, result);
    scope.give(node, 2, sum);
    if scope.is_used(node, 1) {
        let count = count_of_words(scope, node, &ids)?;
        scope.give(node, 1, count);
    }
    Ok(())
}

/// Rows of a table by number; gradients of rows go by 64-bit numbers.
fn rows_of(scope: &mut Scope, table: &Value, numbers: &Value) -> Result<Value, String> {
    let long = if scope.element(numbers)? == ElementType::I64 {
        numbers.clone()
    } else {
        scope.builder.cast(numbers, ElementType::I64)
    };
    Ok(scope.builder.gather(table, &long, 0))
}

/// The first rows of a table.
fn first_rows(scope: &mut Scope, table: &Value, count: &Value) -> Value {
    let zero = scope.integers(&[0]);
    scope
        .builder
        .node("Slice", &[table, &zero, count, &zero], Vec::new())
}

/// How many words the mask keeps in each text; 0 without a mask.
fn count_of_words(scope: &mut Scope, node: &NodeProto, ids: &Value) -> Result<Value, String> {
    let axes = scope.integers(&[1]);
    let kept = match scope.input(node, 7) {
        Some(mask) => {
            let one = scope.number(1.0, ElementType::I32)?;
            scope.builder.equal(&mask, &one)
        }
        None => {
            let different = scope.builder.equal(ids, ids);
            scope.builder.not(&different)
        }
    };
    let kept = scope.builder.cast(&kept, ElementType::I32);
    let attributes = vec![crate::onnx::proto::AttributeProto::int("keepdims", 0)];
    Ok(scope.builder.node("ReduceSum", &[&kept, &axes], attributes))
}
