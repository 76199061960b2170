//! Adding up gradients and moving weights on the host, in the tensors that are bound to the session.

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use ort::value::{DynTensor, PrimitiveTensorElementType};

use super::trained_weight::TrainedWeight;
use crate::onnx::ElementType;
use crate::onnx::optimizer::{OptimizerOptions, Part, StepNumbers, add_scaled, apply, in_threads};

/// Elements that are converted at a time.
const BLOCK: usize = 4096;

/// Adds the gradients of a run to the sums; a first run wrote gradients of 32 bits there itself.
pub(super) fn add(
    weights: &mut [TrainedWeight],
    fresh: bool,
    share: f32,
    threads: usize,
) -> Result<(), String> {
    let mut wide: Vec<(&mut [f32], Option<&[f32]>)> = Vec::new();
    for weight in weights {
        let sum = slice_mut::<f32>(&mut weight.sum)?;
        let gradient = weight.gradient.as_ref();
        match (weight.element, gradient) {
            (ElementType::F32, _) if fresh => wide.push((sum, None)),
            (ElementType::F32, Some(gradient)) => wide.push((sum, Some(slice(gradient)?))),
            (ElementType::F16, Some(gradient)) => {
                add_rounded(sum, slice::<f16>(gradient)?, fresh, share);
            }
            (ElementType::Bf16, Some(gradient)) => {
                add_rounded(sum, slice::<bf16>(gradient)?, fresh, share);
            }
            _ => return Err(format!("the gradient of {:?} was not kept", weight.name)),
        }
    }
    if fresh && share == 1.0 {
        return Ok(());
    }
    in_threads(
        wide,
        |(sum, _)| sum.len(),
        threads,
        |(sum, gradient)| match gradient {
            Some(gradient) => add_scaled(sum, gradient, share),
            None => sum.iter_mut().for_each(|value| *value *= share),
        },
    );
    Ok(())
}

fn add_rounded<T>(sum: &mut [f32], gradient: &[T], fresh: bool, share: f32)
where
    [T]: HalfFloatSliceExt,
{
    let mut block = [0.0f32; BLOCK];
    for (sum, gradient) in sum.chunks_mut(BLOCK).zip(gradient.chunks(BLOCK)) {
        let block = &mut block[..gradient.len()];
        gradient.convert_to_f32_slice(block);
        if fresh {
            sum.fill(0.0);
        }
        add_scaled(sum, block, share);
    }
}

/// Moves the weights; the norm and whether it was finite.
pub(super) fn step(
    weights: &mut [TrainedWeight],
    options: &OptimizerOptions,
    numbers: &StepNumbers,
    threads: usize,
) -> Result<(f64, bool), String> {
    let mut parts = Vec::with_capacity(weights.len());
    for weight in weights.iter_mut() {
        let mut moments = weight.moments.iter_mut();
        let mut moment = || match moments.next() {
            Some(moment) => slice_mut::<f32>(moment),
            None => Ok(&mut [][..]),
        };
        parts.push(Part {
            moments: [moment()?, moment()?],
            weight: slice_mut(weight.master.as_mut().unwrap_or(&mut weight.value))?,
            gradient: slice(&weight.sum)?,
            settings: weight.settings,
        });
    }
    let norm = apply(parts, options, numbers, threads);
    if !norm.is_finite() {
        return Ok((norm, false));
    }
    for weight in weights {
        let Some(master) = &weight.master else {
            continue;
        };
        let master = slice::<f32>(master)?;
        match weight.element {
            ElementType::F16 => slice_mut::<f16>(&mut weight.value)?.convert_from_f32_slice(master),
            _ => slice_mut::<bf16>(&mut weight.value)?.convert_from_f32_slice(master),
        }
    }
    Ok((norm, true))
}

fn slice<T: PrimitiveTensorElementType>(tensor: &DynTensor) -> Result<&[T], String> {
    let (_, values) = tensor
        .try_extract_tensor::<T>()
        .map_err(|error| error.to_string())?;
    Ok(values)
}

fn slice_mut<T: PrimitiveTensorElementType>(tensor: &mut DynTensor) -> Result<&mut [T], String> {
    let (_, values) = tensor
        .try_extract_tensor_mut::<T>()
        .map_err(|error| error.to_string())?;
    Ok(values)
}
