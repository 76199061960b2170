//! A model in 64 bits: every float of it, for checks that rounding must not disturb.

mod substitutes;

use std::collections::{HashMap, HashSet};

pub use substitutes::substituted;

use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};
use super::{ElementType, Model, OnnxError, ShapeOracle, Tensor, ValueType};

/// The same model with all floats in 64 bits: constants, inputs, outputs, and what nodes cast to or
/// fill in. Quantised constants stay; what is made of them is cast. Whether an engine has the kernels
/// for it is another question.
///
/// # Errors
/// [`OnnxError::Tensor`] for constants that can't be read.
pub fn doubled(model: &Model) -> Result<Model, OnnxError> {
    converted(model, ElementType::F64)
}

fn converted(model: &Model, to: ElementType) -> Result<Model, OnnxError> {
    let mut model = model.clone();
    for function in &mut model.proto.functions {
        let nodes = std::mem::take(&mut function.node);
        function.node = convert_nodes(nodes, to, &HashMap::new(), &mut Vec::new())?;
    }
    convert(model.graph_mut(), to)?;
    model.check()?;
    Ok(model)
}

/// Knows the types of a model in 64 bits from those of the same model in 32, for which an engine has
/// more kernels.
pub struct DoubledOracle<'a> {
    /// Knows the types of models in 32 bits.
    pub oracle: &'a dyn ShapeOracle,
}

impl ShapeOracle for DoubledOracle<'_> {
    fn value_types(&self, model: &Model) -> Result<HashMap<String, ValueType>, OnnxError> {
        let single = converted(model, ElementType::F32)?;
        let mut types = self.oracle.value_types(&single)?;
        for kind in types.values_mut() {
            if kind.element.is_float() {
                kind.element = ElementType::F64;
            }
        }
        // What stays in 32 bits in either.
        types.extend(model.declared_types());
        Ok(types)
    }
}

fn convert(graph: &mut GraphProto, to: ElementType) -> Result<(), OnnxError> {
    // Some inputs of operators are of 32 bits whatever the rest is.
    let constants: HashMap<String, TensorProto> = graph
        .initializer
        .iter()
        .filter(|tensor| tensor.data_type == Some(ElementType::F32.code()))
        .filter_map(|tensor| Some((tensor.name.clone()?, tensor.clone())))
        .collect();
    for tensor in &mut graph.initializer {
        *tensor = converted_tensor(tensor, to)?;
    }
    let mut kept = Vec::new();
    let nodes = std::mem::take(&mut graph.node);
    graph.node = convert_nodes(nodes, to, &constants, &mut kept)?;
    graph.initializer.extend(kept);
    // What no node reads in 64 bits any more only costs memory.
    graph.value_info.clear();
    for value in graph.input.iter_mut().chain(&mut graph.output) {
        convert_value(value, to);
    }
    Ok(())
}

fn convert_nodes(
    nodes: Vec<NodeProto>,
    to: ElementType,
    constants: &HashMap<String, TensorProto>,
    kept: &mut Vec<TensorProto>,
) -> Result<Vec<NodeProto>, OnnxError> {
    let mut names: HashSet<String> = HashSet::new();
    let mut result = Vec::with_capacity(nodes.len());
    for mut node in nodes {
        convert_attributes(&mut node, to)?;
        let (inputs, output) = match to {
            ElementType::F32 => (&[][..], false),
            _ => single(&node),
        };
        for position in inputs {
            let Some(name) = node
                .input
                .get_mut(*position)
                .filter(|name| !name.is_empty())
            else {
                continue;
            };
            let single = format!("{name}/f32");
            if names.insert(single.clone()) {
                match constants.get(name.as_str()) {
                    Some(tensor) => kept.push(TensorProto {
                        name: Some(single.clone()),
                        ..tensor.clone()
                    }),
                    None => result.push(cast(name, &single, ElementType::F32)),
                }
            }
            *name = single;
        }
        let made = node.output.first().cloned().unwrap_or_default();
        if output && !made.is_empty() {
            let single = format!("{made}/f32");
            node.output[0] = single.clone();
            result.push(node);
            result.push(cast(&single, &made, to));
        } else {
            result.push(node);
        }
    }
    Ok(result)
}

/// Inputs that are of 32 bits in every case, and whether the output then is too.
fn single(node: &NodeProto) -> (&'static [usize], bool) {
    match node.op() {
        "DequantizeLinear" => (&[1], true),
        "QuantizeLinear" => (&[0, 1], false),
        "DynamicQuantizeLinear" => (&[0], false),
        "Resize" => (&[2], false),
        "Upsample" => (&[1], false),
        _ => (&[], false),
    }
}

fn cast(from: &str, to: &str, element: ElementType) -> NodeProto {
    NodeProto {
        input: vec![from.to_owned()],
        output: vec![to.to_owned()],
        name: Some(format!("cast.{to}")),
        op_type: Some("Cast".into()),
        attribute: vec![AttributeProto::int("to", i64::from(element.code()))],
        ..Default::default()
    }
}

fn convert_attributes(node: &mut NodeProto, to: ElementType) -> Result<(), OnnxError> {
    let standard = matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"));
    if standard && node.op() == "ConstantOfShape" && node.find("value").is_none() {
        let zero = Tensor::f64(&[1], [0.0]).to_proto("");
        let zero = converted_tensor(&zero, to)?;
        node.attribute.push(AttributeProto::tensor("value", zero));
    }
    let constant = node.op() == "Constant";
    for attribute in &mut node.attribute {
        let name = attribute.name.clone().unwrap_or_default();
        if matches!(
            name.as_str(),
            "to" | "dtype" | "output_dtype" | "output_datatype"
        ) && let Some(code) = attribute.i
            && i32::try_from(code).is_ok_and(|code| ElementType::from_code(code).is_float())
        {
            attribute.i = Some(i64::from(to.code()));
        }
        if let Some(tensor) = &mut attribute.t {
            **tensor = converted_tensor(tensor, to)?;
        }
        if constant {
            let tensor = match name.as_str() {
                "value_float" => attribute.f.map(|value| Tensor {
                    shape: Vec::new(),
                    ..Tensor::f64(&[1], [f64::from(value)])
                }),
                "value_floats" => {
                    let values: Vec<f64> = attribute.floats.iter().map(|v| f64::from(*v)).collect();
                    Some(Tensor::f64(&[values.len()], values))
                }
                _ => None,
            };
            if let Some(tensor) = tensor {
                let tensor = converted_tensor(&tensor.to_proto(""), to)?;
                *attribute = AttributeProto::tensor("value", tensor);
            }
        }
        if let Some(graph) = &mut attribute.g {
            convert(graph, to)?;
        }
        for graph in &mut attribute.graphs {
            convert(graph, to)?;
        }
    }
    Ok(())
}

fn convert_value(value: &mut ValueInfoProto, to: ElementType) {
    let kind = value.r#type.as_mut();
    if let Some(tensor) = kind.and_then(|kind| kind.tensor_type.as_mut())
        && tensor
            .elem_type
            .is_some_and(|code| ElementType::from_code(code).is_float())
    {
        tensor.elem_type = Some(to.code());
    }
}

/// A tensor of floats as another kind of float; any other as it is.
fn converted_tensor(tensor: &TensorProto, to: ElementType) -> Result<TensorProto, OnnxError> {
    let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
    if !element.is_float() || element == to {
        return Ok(tensor.clone());
    }
    let name = tensor.name.as_deref().unwrap_or("");
    let read = Tensor::from_proto(tensor)?;
    Ok(match read.converted(to) {
        Some(converted) => converted.to_proto(name),
        None => tensor.clone(),
    })
}

/// The elements of a tensor of floats, as 64-bit ones; none for other tensors.
///
/// # Errors
/// [`OnnxError::Tensor`] when it can't be read.
pub fn floats(tensor: &TensorProto) -> Result<Option<Vec<f64>>, OnnxError> {
    let element = ElementType::from_code(tensor.data_type.unwrap_or(0));
    if !element.is_float() {
        return Ok(None);
    }
    Ok(Tensor::from_proto(tensor)?.to_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Dimension, GraphBuilder};

    #[test]
    fn every_float_is_doubled_and_nothing_else() {
        let mut builder = GraphBuilder::new("single");
        let x = builder.input("x", ElementType::F32, &[Dimension::Fixed(2)]);
        let ids = builder.input("ids", ElementType::I64, &[Dimension::Fixed(2)]);
        let half = builder.initializer("half", &Tensor::f32(&[2], [0.5, 1.5]));
        let quantised = builder.initializer("q", &Tensor::i64(&[2], [1, 2]));
        let floats = builder.cast(&quantised, ElementType::F32);
        let dequantised = builder.node("DequantizeLinear", &[&quantised, &half], Vec::new());
        let y = builder.add(&x, &half);
        let y = builder.add(&y, &floats);
        let y = builder.add(&y, &dequantised);
        let shape = builder.shape(&ids);
        let zeros = builder.node("ConstantOfShape", &[&shape], Vec::new());
        let y = builder.add(&y, &zeros);
        builder.output(&y, ElementType::F32, Some(&[Dimension::Fixed(2)]));
        let mut model = builder.finish().unwrap();
        model.graph_mut().initializer[0] = TensorProto {
            dims: vec![2],
            data_type: Some(10),
            name: Some("half".into()),
            int32_data: vec![0x3800, 0x3e00],
            ..Default::default()
        };
        let double = doubled(&model).unwrap();
        let types = double.declared_types();
        assert_eq!(types["x"].element, ElementType::F64);
        assert_eq!(types["ids"].element, ElementType::I64);
        assert_eq!(types["q"].element, ElementType::I64);
        let values = double.initializer("half").unwrap().to_f64();
        assert_eq!(values, Some(vec![0.5, 1.5]));
        let nodes = &double.graph().node;
        let casts = nodes.iter().filter(|node| node.op() == "Cast");
        let targets: Vec<i64> = casts.map(|node| node.int("to", 0)).collect();
        // The cast that was there, one for the scale, and one for what is made of it.
        assert_eq!(targets, [11, 1, 11]);
        let filled = nodes.iter().find(|node| node.op() == "ConstantOfShape");
        let value = filled.and_then(|node| node.find("value")?.t.clone());
        assert_eq!(value.and_then(|tensor| tensor.data_type), Some(11));
    }

    #[test]
    fn halves_that_do_not_fit_are_refused() {
        let mut model = {
            let mut builder = GraphBuilder::new("broken");
            let w = builder.initializer("w", &Tensor::f32(&[2], [1.0, 2.0]));
            let y = builder.neg(&w);
            builder.untyped_output(y.name());
            builder.finish().unwrap()
        };
        model.graph_mut().initializer[0].data_type = Some(16);
        model.graph_mut().initializer[0].dims = vec![3];
        assert!(matches!(doubled(&model), Err(OnnxError::Tensor { .. })));
    }
}
