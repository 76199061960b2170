//! The losses written down plainly, and inputs for them.

use stepdroid::onnx::loss::LossKind;
use stepdroid::onnx::{Tensor, TensorData};

use super::{F64, LABELS};
use crate::harness::random;

const TEMPERATURE: f64 = 0.8;
pub const LOW: f64 = 0.2;
pub const HIGH: f64 = 0.3;
const ENTROPY: f64 = 0.1;
const KL: f64 = 0.4;
const BETA: f64 = 0.6;

/// Inputs of a loss for logits of a shape.
pub fn inputs_of(kind: LossKind, shape: &[usize]) -> Vec<(&'static str, Tensor)> {
    let positions = &shape[..shape.len() - 1];
    let batch = &shape[..1];
    let count: usize = positions.iter().product();
    let number = |value: f64| Tensor {
        shape: vec![],
        ..Tensor::f64(&[1], [value])
    };
    let mut mask = vec![1.0; count];
    mask[count - 1] = 0.0;
    let per_weight = match kind {
        LossKind::CrossEntropy | LossKind::PpoStep => positions.to_vec(),
        LossKind::PpoToken | LossKind::PpoSequence => batch.to_vec(),
        LossKind::Dpo => vec![shape[0] / 2],
        LossKind::SquaredError => shape.to_vec(),
    };
    let advantages = if kind == LossKind::PpoStep {
        positions
    } else {
        batch
    };
    let references = if kind == LossKind::Dpo {
        batch
    } else {
        positions
    };
    let labels: Vec<i64> = LABELS.iter().cycle().take(count).copied().collect();
    vec![
        (
            "zeros",
            Tensor::f64(shape, vec![0.0; shape.iter().product()]),
        ),
        ("labels", Tensor::i64(positions, labels)),
        ("mask", Tensor::f64(positions, mask)),
        ("weight", random(&per_weight, 11, 0.2, 1.0, F64)),
        ("advantage", random(advantages, 12, -1.0, 1.0, F64)),
        (
            "old_log_probability",
            random(positions, 13, -2.5, -0.5, F64),
        ),
        (
            "reference_log_probability",
            random(references, 14, -2.5, -0.5, F64),
        ),
        ("target", random(shape, 15, -1.0, 1.0, F64)),
        ("temperature", number(TEMPERATURE)),
        ("clip_low", number(LOW)),
        ("clip_high", number(HIGH)),
        ("entropy_coefficient", number(ENTROPY)),
        ("kl_coefficient", number(KL)),
        ("beta", number(BETA)),
    ]
}

/// The same loss, written down plainly. Rows are positions.
pub fn plain(kind: LossKind, logits: &[f64], shape: &[usize], inputs: &[(&str, Tensor)]) -> f64 {
    let find = |name: &str| &inputs.iter().find(|(known, _)| *known == name).unwrap().1;
    let floats = |name: &str| find(name).to_f64().unwrap();
    let TensorData::I64(labels) = &find("labels").data else {
        panic!("labels are whole numbers")
    };
    let (mask, weight, advantage) = (floats("mask"), floats("weight"), floats("advantage"));
    let (old, reference, target) = (
        floats("old_log_probability"),
        floats("reference_log_probability"),
        floats("target"),
    );
    if kind == LossKind::SquaredError {
        let squares = logits.iter().zip(&target).map(|(x, t)| (x - t) * (x - t));
        let total: f64 = squares.zip(&weight).map(|(square, w)| square * w).sum();
        return total / weight.iter().sum::<f64>();
    }
    let classes = shape[shape.len() - 1];
    let count = labels.len();
    let tokens = count / shape[0];
    let (mut logp, mut entropies) = (vec![0.0; count], vec![0.0; count]);
    for row in 0..count {
        let row_logits: Vec<f64> = logits[row * classes..(row + 1) * classes]
            .iter()
            .map(|x| x / TEMPERATURE)
            .collect();
        let normaliser = row_logits.iter().map(|x| x.exp()).sum::<f64>().ln();
        if let Ok(label) = usize::try_from(labels[row]) {
            logp[row] = row_logits[label] - normaliser;
        }
        entropies[row] = -row_logits
            .iter()
            .map(|x| (x - normaliser).exp() * (x - normaliser))
            .sum::<f64>();
    }
    let counts = |row: usize| f64::from(u8::from(labels[row] >= 0));
    // A weight of every position, so that the mean of everything is one weighted sum.
    let weights: Vec<f64> = (0..count)
        .map(|row| match kind {
            LossKind::CrossEntropy | LossKind::PpoStep => counts(row) * weight[row],
            LossKind::PpoToken => counts(row) * mask[row] * weight[row / tokens],
            LossKind::PpoSequence => {
                let sequence = row / tokens;
                let own = (0..tokens).map(|token| sequence * tokens + token);
                let length: f64 = own.map(|other| counts(other) * mask[other]).sum();
                let part = counts(row) * mask[row] / length.max(1e-8);
                part * weight[sequence]
            }
            LossKind::Dpo | LossKind::SquaredError => counts(row) * mask[row],
        })
        .collect();
    let mean = |value: &dyn Fn(usize) -> f64| {
        let total: f64 = (0..count)
            .filter(|row| weights[*row] > 0.0)
            .map(|row| weights[row] * value(row))
            .sum();
        total / weights.iter().sum::<f64>()
    };
    let clipped = |row: usize| {
        let ratio = (logp[row] - old[row]).exp();
        let advantage = advantage[if kind == LossKind::PpoStep {
            row
        } else {
            row / tokens
        }];
        -(ratio * advantage).min(ratio.clamp(1.0 - LOW, 1.0 + HIGH) * advantage)
    };
    let k3 = |row: usize| {
        let difference = reference[row] - logp[row];
        difference.exp() - difference - 1.0
    };
    let main = match kind {
        LossKind::CrossEntropy => mean(&|row| -logp[row]),
        LossKind::Dpo => {
            let answer = |which: usize| -> f64 {
                let own = (0..tokens).map(|token| which * tokens + token);
                own.map(|row| logp[row] * mask[row]).sum::<f64>() - reference[which]
            };
            let pairs = 0..shape[0] / 2;
            let losses = pairs.map(|pair| {
                let margin = BETA * (answer(2 * pair) - answer(2 * pair + 1));
                weight[pair] * (1.0 + (-margin).exp()).ln()
            });
            losses.sum::<f64>() / weight.iter().sum::<f64>()
        }
        _ => mean(&clipped),
    };
    let penalty = if kind == LossKind::Dpo {
        0.0
    } else {
        KL * mean(&k3)
    };
    main - ENTROPY * mean(&|row| entropies[row]) + penalty
}
