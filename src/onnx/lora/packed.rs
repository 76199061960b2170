//! The numbers behind a matrix of 4 or 8 bits (`com.microsoft.MatMulNBits`), to add to them.

use crate::onnx::proto::NodeProto;
use crate::onnx::{Model, OnnxError, Tensor, TensorData};

/// The matrix `[N, K]` that a node reads: `(number - zero point) * scale`, in blocks along K.
///
/// # Errors
/// [`OnnxError::Invalid`] when the node or its constants are not what the operator wants.
pub(super) fn dequantised(model: &Model, node: &NodeProto) -> Result<Vec<f64>, OnnxError> {
    let odd = |what: &str| {
        OnnxError::Invalid(format!(
            "MatMulNBits (node {:?}): {what}",
            node.name.as_deref().unwrap_or("")
        ))
    };
    let size = |name: &str, default: i64| {
        usize::try_from(node.int(name, default))
            .ok()
            .filter(|size| (1..1 << 30).contains(size))
            .ok_or_else(|| odd(&format!("{name} is not a size")))
    };
    let (columns, depth) = (size("N", 0)?, size("K", 0)?);
    let (bits, block) = (size("bits", 4)?, size("block_size", 0)?);
    if !matches!(bits, 4 | 8) || !block.is_multiple_of(2) {
        return Err(odd("only 4 and 8 bits in even blocks are read"));
    }
    let given = |position: usize| node.input.get(position).filter(|name| !name.is_empty());
    if given(4).is_some() {
        return Err(odd("its groups are in an order of their own (g_idx)"));
    }
    let tensor = |position: usize| {
        let name = given(position).ok_or_else(|| odd(&format!("input {position} is missing")))?;
        model.initializer(name)
    };
    let blocks = depth.div_ceil(block);
    let TensorData::U8(bytes) = tensor(1)?.data else {
        return Err(odd("its matrix is not of bytes"));
    };
    let scales = tensor(2)?.to_f64().unwrap_or_default();
    let fits = |length: usize, each: usize| columns.checked_mul(each) == Some(length);
    if !fits(bytes.len(), blocks * block * bits / 8) || !fits(scales.len(), blocks) {
        return Err(odd("its matrix or scales do not fit K, N and the block"));
    }
    let zeros: Vec<f64> = match given(3) {
        None => vec![f64::from(1 << (bits - 1)); columns * blocks],
        Some(_) => match tensor(3)? {
            Tensor {
                data: TensorData::U8(packed),
                ..
            } => {
                let row = (blocks * bits).div_ceil(8);
                if !fits(packed.len(), row) {
                    return Err(odd("its zero points do not fit K, N and the block"));
                }
                let rows = packed.chunks_exact(row);
                rows.flat_map(|row| numbers(row, bits).take(blocks))
                    .collect()
            }
            floats => floats.to_f64().unwrap_or_default(),
        },
    };
    if !fits(zeros.len(), blocks) {
        return Err(odd("its zero points do not fit K, N and the block"));
    }
    let mut values = Vec::with_capacity(columns * depth);
    for (column, row) in bytes.chunks_exact(blocks * block * bits / 8).enumerate() {
        for (position, number) in numbers(row, bits).take(depth).enumerate() {
            let group = column * blocks + position / block;
            values.push((number - zeros[group]) * scales[group]);
        }
    }
    Ok(values)
}

/// Numbers of 4 bits, the lower half of a byte first, or of 8.
fn numbers(bytes: &[u8], bits: usize) -> impl Iterator<Item = f64> {
    bytes.iter().flat_map(move |byte| {
        let halves = [byte & 15, byte >> 4];
        let whole = [*byte, 0];
        let (all, count) = if bits == 4 { (halves, 2) } else { (whole, 1) };
        all.into_iter().take(count).map(f64::from)
    })
}
