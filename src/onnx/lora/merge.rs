//! Adding what adapters learnt to the matrices beside which they stand.

use std::collections::HashSet;

use super::{Adapter, PREFIX, adapters, note, packed};
use crate::onnx::proto::NodeProto;
use crate::onnx::{ElementType, Model, OnnxError, Tensor, TensorData};

/// A model without its adapters that computes the same: each matrix becomes `W + scale A B`. Where the
/// matrix is a float constant of its own, its elements change; where it is made by nodes or shared, a
/// node adds the difference to what the product read before; where it is packed into a few bits, it
/// becomes one of floats.
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
    drop_unused(&mut merged, &adapters, model);
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
        return unpack(model, adapter, position, &delta);
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

/// Few bits can't hold what the adapter learnt: the packed matrix becomes one of floats.
fn unpack(
    model: &mut Model,
    adapter: &Adapter,
    position: usize,
    delta: &[f64],
) -> Result<(), OnnxError> {
    let (rows, columns) = (adapter.rows, adapter.columns);
    let node = &model.graph().node[position];
    let matrix = packed::dequantised(model, node)?;
    if matrix.len() != delta.len() {
        return Err(OnnxError::Invalid(format!(
            "the adapter of {:?} does not fit its matrix",
            adapter.label
        )));
    }
    let mut values = vec![0.0f32; matrix.len()];
    for (at, (value, delta)) in matrix.iter().zip(delta).enumerate() {
        values[at % rows * columns + at / rows] = (value + delta) as f32;
    }
    let scales = node.input.get(2).cloned().unwrap_or_default();
    let element = model.initializer(&scales)?.element();
    let bias = node.input.get(5).filter(|name| !name.is_empty()).cloned();
    let name = format!("{}.merged.{}", adapter.operand, adapter.label);
    let whole = Tensor::f32(&[rows, columns], values);
    let whole = whole.converted(element).unwrap_or(whole);
    let graph = model.graph_mut();
    graph.initializer.push(whole.to_proto(&name));
    let node = &mut graph.node[position];
    node.input.truncate(1);
    node.input.push(name.clone());
    node.op_type = Some("MatMul".into());
    node.domain = None;
    node.attribute.clear();
    if let Some(bias) = bias {
        let product = format!("{name}.product");
        node.output = vec![product.clone()];
        graph.node.insert(
            position + 1,
            NodeProto {
                input: vec![product, bias],
                output: vec![adapter.output.clone()],
                name: Some(format!("{name}.bias")),
                op_type: Some("Add".into()),
                ..Default::default()
            },
        );
    }
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

/// Takes away the weights of adapters, and packed matrices, that nothing reads any more.
fn drop_unused(model: &mut Model, adapters: &[Adapter], before: &Model) {
    let mut candidates: HashSet<&str> = adapters.iter().map(|one| one.operand.as_str()).collect();
    for node in &before.graph().node {
        if node.op() == "MatMulNBits"
            && node
                .input
                .get(1)
                .is_some_and(|b| candidates.contains(b.as_str()))
        {
            candidates.extend(node.input.iter().skip(1).map(String::as_str));
        }
    }
    let graph = model.graph_mut();
    let read: HashSet<&str> = graph
        .node
        .iter()
        .flat_map(|node| node.input.iter().map(String::as_str))
        .collect();
    graph.initializer.retain(|tensor| {
        let name = tensor.name.as_deref().unwrap_or("");
        let ours = name.starts_with(PREFIX) || candidates.contains(name);
        !ours || read.contains(name)
    });
}
