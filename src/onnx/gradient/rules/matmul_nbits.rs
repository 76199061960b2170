//! `com.microsoft.MatMulNBits`: rows times a frozen matrix of 4 or 8 bits per weight. The forward node
//! stays; backward the same weights are read by a DequantizeLinear, in the layout they are stored in.

use super::{input, only, optional, unsupported};
use crate::onnx::gradient::context::Context;
use crate::onnx::proto::{AttributeProto, NodeProto, TensorProto};
use crate::onnx::{OnnxError, Tensor, Value};

/// Codes of element types in the schema.
const UINT8: i32 = 2;
const UINT4: i32 = 21;
const INT4: i32 = 22;
/// The first version of the standard operators with blocks in DequantizeLinear.
const BLOCKS_SINCE: i64 = 21;

/// `A[..,K] -> Y[..,N]` with `B[N, blocks, bytes of a block]`.
struct Layout {
    columns: usize,
    depth: usize,
    bits: usize,
    block: usize,
    blocks: usize,
}

impl Layout {
    fn of(node: &NodeProto) -> Result<Layout, OnnxError> {
        let number = |name: &str, default: i64| -> Result<usize, OnnxError> {
            usize::try_from(node.int(name, default))
                .ok()
                .filter(|value| (1..=1 << 30).contains(value))
                .ok_or_else(|| unsupported(node, &format!("{name} is not a size")))
        };
        let (columns, depth) = (number("N", 0)?, number("K", 0)?);
        let (bits, block) = (number("bits", 4)?, number("block_size", 0)?);
        if !matches!(bits, 4 | 8) {
            return Err(unsupported(node, &format!("{bits} bits; 4 and 8 are read")));
        }
        if block < 16 || !block.is_power_of_two() {
            return Err(unsupported(node, &format!("blocks of {block}")));
        }
        // What is more than a file can hold is not computed with.
        let elements = columns as u128 * depth as u128;
        if elements > 1 << 40 || block > 1 << 20 {
            return Err(unsupported(node, "K, N or block_size is too large"));
        }
        Ok(Layout {
            columns,
            depth,
            bits,
            block,
            blocks: depth.div_ceil(block),
        })
    }

    fn dims(&self) -> Vec<i64> {
        vec![self.columns as i64, self.blocks as i64, self.block as i64]
    }
}

/// `dA = dY W` with `W[N,K]`, `dbias = sum(dY)`.
pub fn matmul_nbits(
    context: &mut Context,
    node: &NodeProto,
    outputs: &[Option<Value>],
) -> Result<(), OnnxError> {
    let gradient = only(outputs)?;
    if let Some(bias) = optional(node, 5) {
        let output = node.output.first().map_or("", String::as_str);
        context.give_broadcast(bias, output, gradient.clone())?;
    }
    if optional(node, 2).is_some_and(|scales| context.wants(scales)) {
        return Err(unsupported(node, "its scales are frozen"));
    }
    let a = input(node, 0)?;
    if !context.wants(a) {
        return Ok(());
    }
    if optional(node, 4).is_some() {
        return Err(unsupported(node, "its columns are reordered (g_idx)"));
    }
    let layout = Layout::of(node)?;
    raise_version(context, node)?;
    let weight = weight(context, node, &layout)?;
    let mut product = context.builder.matmul(&gradient, &weight);
    if layout.blocks * layout.block != layout.depth {
        product = context.builder.slice(&product, -1, 0, layout.depth as i64);
    }
    context.give(a, product);
    Ok(())
}

/// The weights `[N, blocks * block]`, the last block with what fills it up.
fn weight(context: &mut Context, node: &NodeProto, layout: &Layout) -> Result<Value, OnnxError> {
    let (name, scales) = (input(node, 1)?, input(node, 2)?);
    let count = layout.columns * layout.blocks;
    let zeros = optional(node, 3);
    let packed = context
        .initializer(name)
        .ok_or_else(|| unsupported(node, "its weights are no constant of the file"))?;
    let bytes = small_bytes(packed)
        .filter(|bytes| bytes.len() == count * layout.block * layout.bits / 8)
        .ok_or_else(|| unsupported(node, "its weights do not fit K, N and the block"))?;
    let dims = layout.dims();
    let (weight, zeros) = match (layout.bits, zeros) {
        (8, zeros) => {
            // The very same bytes.
            let weight = if packed.dims == dims && packed.data_type == Some(UINT8) {
                Value::named(name)
            } else {
                constant(context, UINT8, &dims, bytes)
            };
            let zeros = match zeros {
                Some(zeros) => zero_points(context, node, layout, zeros)?,
                None => constant(context, UINT8, &per_block(layout), vec![128; count]),
            };
            (weight, Some(zeros))
        }
        (_, Some(zeros)) => {
            let weight = constant(context, UINT4, &dims, bytes);
            (weight, Some(zero_points(context, node, layout, zeros)?))
        }
        (_, None) => {
            // Zero is at 8: with the highest bit turned over these are signed numbers.
            let signed = bytes.iter().map(|byte| byte ^ 0x88).collect();
            (constant(context, INT4, &dims, signed), None)
        }
    };
    let scales = context
        .builder
        .reshape(&Value::named(scales), &per_block(layout));
    let mut inputs = vec![&weight, &scales];
    inputs.extend(&zeros);
    let attributes = vec![
        AttributeProto::int("axis", 2),
        AttributeProto::int("block_size", layout.block as i64),
    ];
    let whole = context
        .builder
        .node("DequantizeLinear", &inputs, attributes);
    let flat = [layout.columns as i64, (layout.blocks * layout.block) as i64];
    Ok(context.builder.reshape(&whole, &flat))
}

fn per_block(layout: &Layout) -> Vec<i64> {
    vec![layout.columns as i64, layout.blocks as i64, 1]
}

/// The zero points as one number per block: the file has them packed with a row's end on a whole
/// byte, or as floats.
fn zero_points(
    context: &mut Context,
    node: &NodeProto,
    layout: &Layout,
    name: &str,
) -> Result<Value, OnnxError> {
    let proto = context
        .initializer(name)
        .ok_or_else(|| unsupported(node, "its zero points are no constant of the file"))?;
    let count = layout.columns * layout.blocks;
    let largest = (1 << layout.bits) - 1;
    let odd = || unsupported(node, "its zero points do not fit K, N and the block");
    let points: Vec<u8> = if proto.data_type == Some(UINT8) {
        let bytes = small_bytes(proto).ok_or_else(odd)?;
        let row = (layout.blocks * layout.bits).div_ceil(8);
        if bytes.len() != layout.columns * row {
            return Err(odd());
        }
        let rows = bytes.chunks_exact(row);
        match layout.bits {
            8 => bytes,
            _ => rows
                .flat_map(|row| {
                    row.iter()
                        .flat_map(|byte| [byte & 15, byte >> 4])
                        .take(layout.blocks)
                })
                .collect(),
        }
    } else {
        let values = Tensor::from_proto(proto).ok().and_then(|t| t.to_f64());
        let values = values
            .filter(|values| values.len() == count)
            .ok_or_else(odd)?;
        let whole =
            |value: &f64| value.fract() == 0.0 && (0.0..=f64::from(largest)).contains(value);
        if !values.iter().all(whole) {
            return Err(unsupported(node, "its zero points are no whole numbers"));
        }
        values.iter().map(|value| *value as u8).collect()
    };
    let shape = per_block(layout);
    Ok(match layout.bits {
        8 => constant(context, UINT8, &shape, points),
        _ => {
            let pairs = points.chunks(2);
            let packed = pairs.map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 4);
            let packed = packed.collect();
            constant(context, UINT4, &shape, packed)
        }
    })
}

/// Elements of one byte.
fn small_bytes(proto: &TensorProto) -> Option<Vec<u8>> {
    if proto.data_location == Some(1) {
        return None;
    }
    match proto.raw_data.as_deref().filter(|raw| !raw.is_empty()) {
        Some(raw) => Some(raw.to_vec()),
        None => {
            let values = proto.int32_data.iter();
            values.map(|value| u8::try_from(*value).ok()).collect()
        }
    }
}

fn constant(context: &mut Context, element: i32, dims: &[i64], bytes: Vec<u8>) -> Value {
    context.builder.raw_constant(TensorProto {
        dims: dims.to_vec(),
        data_type: Some(element),
        raw_data: Some(bytes.into()),
        ..Default::default()
    })
}

/// Brings the graph to the version that knows blocks, when nothing in it changes its meaning on the
/// way from version 18.
fn raise_version(context: &mut Context, node: &NodeProto) -> Result<(), OnnxError> {
    if context.builder.opset() >= BLOCKS_SINCE {
        return Ok(());
    }
    let changed = |node: &&NodeProto| {
        let standard = matches!(node.domain.as_deref(), None | Some("" | "ai.onnx"));
        standard
            && match node.op() {
                "GroupNormalization" | "DFT" | "GridSample" => true,
                "AveragePool" => node.int("ceil_mode", 0) != 0,
                _ => false,
            }
    };
    if let Some(other) = context.builder.graph().node.iter().find(changed) {
        let reason = format!(
            "its backward pass needs version {BLOCKS_SINCE} of the standard operators, in which {} \
             means something else",
            other.op()
        );
        return Err(unsupported(node, &reason));
    }
    context.builder.set_opset("", BLOCKS_SINCE);
    Ok(())
}
