//! Values for the inputs of a loss that make sense together, for checks on made-up data.

use crate::onnx::{Tensor, TensorData};

/// Replaces random numbers by values that a loss is meant for: positive weights, a mask that leaves
/// something over, clip bounds, old log-probabilities a little off the present ones. `log_probability`
/// is what the model says now, where it is known. Other inputs stay.
pub fn make_sensible(
    inputs: &mut [(String, Tensor)],
    prefix: &str,
    log_probability: Option<&[f64]>,
) {
    for (name, tensor) in inputs {
        let Some(name) = name.strip_prefix(prefix) else {
            continue;
        };
        let near = |position: usize, offset: f64| {
            let now = log_probability.and_then(|values| values.get(position));
            // Further off for one than for the next, but within the clip bounds: the loss has a corner
            // there.
            now.copied().unwrap_or(-1.0) + offset * (1.0 + position as f64 % 3.0) / 3.0
        };
        let length = tensor.data.len();
        let value: Box<dyn Fn(usize, f64) -> f64> = match name {
            "temperature" => Box::new(|_, _| 0.9),
            "clip_low" => Box::new(|_, _| 0.2),
            "clip_high" => Box::new(|_, _| 0.3),
            "entropy_coefficient" | "kl_coefficient" => Box::new(|_, _| 0.1),
            "beta" => Box::new(|_, _| 0.5),
            "weight" => Box::new(|_, drawn| drawn.abs() + 0.5),
            "mask" => {
                Box::new(move |position, _| f64::from(u8::from(position + 1 < length.max(2))))
            }
            "old_log_probability" => Box::new(move |position, _| near(position, 0.1)),
            "reference_log_probability" if log_probability.is_some_and(|v| v.len() == length) => {
                Box::new(move |position, _| near(position, -0.2))
            }
            _ => continue,
        };
        change(&mut tensor.data, &*value);
    }
}

fn change(data: &mut TensorData, value: &dyn Fn(usize, f64) -> f64) {
    match data {
        TensorData::F32(values) => {
            for (position, number) in values.iter_mut().enumerate() {
                *number = value(position, f64::from(*number)) as f32;
            }
        }
        TensorData::F64(values) => {
            for (position, number) in values.iter_mut().enumerate() {
                *number = value(position, *number);
            }
        }
        _ => {}
    }
}
