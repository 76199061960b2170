//! Adding what adapters learnt to the matrices beside which they stand.

use std::collections::HashSet;

use super::{Adapter, PREFIX, adapters, note};
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, Model, OnnxError, Tensor, TensorData};

/// A model without its adapters that computes the same: each matrix becomes `W + scale A B`. Where the
/// matrix is a float constant of its own, its elements change; where it is quantised or shared, a node
/// adds the difference to what the product read before.
///
/// # Errors
/// [`OnnxError::Invalid`] when the model has no adapters or they are not what the note says.
pub fn merge(model: &Model) -> Result<Model, OnnxError> {
    let adapters = adapters(model)?;
    if adapters.is_empty() {
        return Err(OnnxError::Invalid("it has no adapters to merge".into()));
    }
    let mut merged = model.clone();
    for adapter in &adapters {
        let delta = delta(&merged, adapter)?;
        take_away(&mut merged, adapter)?;
        apply(&mut merged, adapter, delta)?;
    }
    note(&mut merged, &[])?;
    drop_unused(&mut merged);
    merged.check()?;
    Ok(merged)
}

/// `scale A B`, `[rows, columns]`, computed in 64 bits.
fn delta(model: &Model, adapter: &Adapter) -> Result<Vec<f64>, OnnxError> {
    let factor = |name: &str| -> Result<(Vec<usize>, Vec<f64>), OnnxError> {
        let tensor = model.initializer(name)?;
        let values = tensor.to_f64().ok_or_else(|| OnnxError::Tensor {
            name: name.to_owned(),
            reason: "it must hold floats".into(),
        })?;
        Ok((tensor.shape, values))
    };
    let ((shape_a, a), (shape_b, b)) = (factor(&adapter.a)?, factor(&adapter.b)?);
    let (rows, columns) = (adapter.rows, adapter.columns);
    let rank = shape_a.get(1).copied().unwrap_or(0);
    if shape_a != [rows, rank] || shape_b != [rank, columns] {
        return Err(OnnxError::Invalid(format!(
            "the adapter of {:?} has factors of {shape_a:?} and {shape_b:?} for a matrix of {rows} by {columns}",
            adapter.label
        )));
    }
    let mut delta = vec![0.0; rows.checked_mul(columns).unwrap_or(0)];
    for (row, out) in delta.chunks_mut(columns.max(1)).enumerate() {
        for (inner, b) in b.chunks(columns.max(1)).enumerate() {
            let a = f64::from(adapter.scale) * a[row * rank + inner];
            for (out, b) in out.iter_mut().zip(b) {
                *out += a * b;
            }
        }
    }
    Ok(delta)
}

/// Takes the branch's nodes away; the product makes the output again.
fn take_away(model: &mut Model, adapter: &Adapter) -> Result<(), OnnxError> {
    let graph = model.graph_mut();
    let inner = ["wide", "down", "scaled", "up", "narrow"];
    let inner = inner.map(|part| format!("{PREFIX}{}.{part}", adapter.label));
    let of_branch = |node: &NodeProto| {
        let made = node.output.first().map_or("", String::as_str);
        let added = made == adapter.output && node.input.contains(&adapter.base);
        added || inner.iter().any(|name| name == made)
    };
    graph.node.retain(|node| !of_branch(node));
    let mut products = graph
        .node
        .iter_mut()
        .filter(|node| node.output.contains(&adapter.base));
    let product = products.next().ok_or_else(|| OnnxError::Missing {
        what: "product with an adapter",
        name: adapter.label.clone(),
    })?;
    for output in product.output.iter_mut().filter(|o| **o == adapter.base) {
        output.clone_from(&adapter.output);
    }
    Ok(())
}

fn apply(model: &mut Model, adapter: &Adapter, delta: Vec<f64>) -> Result<(), OnnxError> {
    let (rows, columns) = (adapter.rows, adapter.columns);
    // As the product reads its matrix.
    let (shape, delta) = if adapter.transposed {
        let mut turned = vec![0.0; delta.len()];
        for (position, value) in delta.into_iter().enumerate() {
            turned[position % columns * rows + position / columns] = value;
        }
        (vec![columns, rows], turned)
    } else {
        (vec![rows, columns], delta)
    };
    let graph = model.graph_mut();
    let reads = |node: &NodeProto| node.input.contains(&adapter.operand);
    let product = graph
        .node
        .iter()
        .position(|node| reads(node) && node.output.contains(&adapter.output));
    let Some(position) = product else {
        return Err(OnnxError::Missing {
            what: "product that reads the matrix",
            name: adapter.operand.clone(),
        });
    };
    let alpha = match graph.node[position].op() {
        "Gemm" => f64::from(graph.node[position].float("alpha", 1.0)),
        _ => 1.0,
    };
    let delta: Vec<f64> = delta.iter().map(|value| value / alpha).collect();
    let alone = graph.node.iter().filter(|node| reads(node)).count() == 1;
    let initializer = graph
        .initializer
        .iter_mut()
        .find(|tensor| tensor.name.as_deref() == Some(adapter.operand.as_str()));
    if let Some(proto) = initializer
        && alone
        && let Ok(tensor) = Tensor::from_proto(proto)
        && tensor.shape == shape
        && let Some(sum) = sum(&tensor, &delta)
    {
        *proto = sum.to_proto(&adapter.operand);
        return Ok(());
    }
    if graph.node[position].op() == "MatMulNBits" {
        return Err(OnnxError::Invalid(format!(
            "the matrix of {:?} is packed into 4 bits, which can't hold what the adapter learnt; keep \
             the adapter",
            adapter.label
        )));
    }
    let (difference, whole) = (
        format!("{}.difference.{}", adapter.operand, adapter.label),
        format!("{}.merged.{}", adapter.operand, adapter.label),
    );
    let values: Vec<f32> = delta.iter().map(|value| *value as f32).collect();
    graph
        .initializer
        .push(Tensor::f32(&shape, values).to_proto(&difference));
    for name in graph.node[position].input.iter_mut() {
        if *name == adapter.operand {
            name.clone_from(&whole);
        }
    }
    graph.node.insert(
        position,
        NodeProto {
            input: vec![adapter.operand.clone(), difference],
            output: vec![whole.clone()],
            name: Some(format!("{whole}.add")),
            op_type: Some("Add".into()),
            ..Default::default()
        },
    );
    Ok(())
}

fn sum(tensor: &Tensor, delta: &[f64]) -> Option<Tensor> {
    let values = tensor.to_f64()?;
    let values = values.iter().zip(delta).map(|(value, delta)| value + delta);
    Some(match tensor.data {
        TensorData::F64(_) => Tensor::f64(&tensor.shape, values.collect::<Vec<_>>()),
        _ if tensor.element() == ElementType::F32 => Tensor::f32(
            &tensor.shape,
            values.map(|value| value as f32).collect::<Vec<_>>(),
        ),
        _ => return None,
    })
}

/// Takes away the weights of adapters that nothing reads any more.
fn drop_unused(model: &mut Model) {
    let graph = model.graph_mut();
    let read: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.input.iter().map(String::as_str))
        .collect();
    graph.initializer.retain(|tensor| {
        let name = tensor.name.as_deref().unwrap_or("");
        !name.starts_with(PREFIX) || read.contains(name)
    });
}
