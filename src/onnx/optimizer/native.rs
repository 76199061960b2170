//! The optimizer as loops over slices: one pass for the global norm, one for the update. Results do
//! not depend on the number of threads.

use super::kernels::{AdamWNumbers, SgdNumbers, adamw, sgd, sgd_with_momentum, sum_of_squares};
use super::{Algorithm, OptimizerOptions, StepNumbers, WeightSettings};

/// Elements that are worth a thread.
const PIECE: usize = 1 << 18;

/// One weight with what moves it. All slices have the same length, except for moments that the
/// algorithm does not keep.
#[derive(Debug)]
pub struct Part<'a> {
    /// The weight, or its copy of full precision.
    pub weight: &'a mut [f32],
    /// Its gradient.
    pub gradient: &'a [f32],
    /// Its moments, in the order of [`Algorithm::moments`]; empty where there is none.
    pub moments: [&'a mut [f32]; 2],
    /// Its settings.
    pub settings: WeightSettings,
}

impl<'a> Part<'a> {
    fn split(self, at: usize) -> (Part<'a>, Part<'a>) {
        let (weight, weight_rest) = self.weight.split_at_mut(at);
        let (gradient, gradient_rest) = self.gradient.split_at(at.min(self.gradient.len()));
        let [first, second] = self.moments;
        let (first, first_rest) = first.split_at_mut(at.min(first.len()));
        let (second, second_rest) = second.split_at_mut(at.min(second.len()));
        let settings = self.settings;
        let front = Part {
            weight,
            gradient,
            moments: [first, second],
            settings,
        };
        let back = Part {
            weight: weight_rest,
            gradient: gradient_rest,
            moments: [first_rest, second_rest],
            settings,
        };
        (front, back)
    }
}

/// Moves all weights one step against their gradients and returns the gradients' global norm (after
/// the gradient scale, before clipping). When it is not finite, nothing is changed.
pub fn apply(
    parts: Vec<Part>,
    options: &OptimizerOptions,
    numbers: &StepNumbers,
    threads: usize,
) -> f64 {
    let gradients: Vec<&[f32]> = parts.iter().map(|part| part.gradient).collect();
    let norm = global_norm(&gradients, threads) * f64::from(numbers.gradient_scale);
    if !norm.is_finite() {
        return norm;
    }
    let factor = numbers.gradient_scale * numbers.clip(norm);
    let mut pieces = Vec::new();
    for mut part in parts {
        while part.weight.len() > PIECE && threads > 1 {
            let (front, back) = part.split(PIECE);
            pieces.push(front);
            part = back;
        }
        pieces.push(part);
    }
    in_threads(
        pieces,
        |piece| piece.weight.len(),
        threads,
        |piece| update(piece, factor, options, numbers),
    );
    norm
}

fn update(part: Part, gradient_factor: f32, options: &OptimizerOptions, numbers: &StepNumbers) {
    let learning_rate = numbers.learning_rate * part.settings.learning_rate_scale;
    let decay = learning_rate * part.settings.weight_decay;
    let [first, second] = part.moments;
    match options.algorithm {
        Algorithm::AdamW {
            beta1,
            beta2,
            epsilon,
        } => {
            let [correction1, correction2] = numbers.corrections;
            let numbers = AdamWNumbers {
                gradient_factor,
                beta1,
                beta2,
                correction1,
                correction2,
                epsilon,
                learning_rate,
                decay,
            };
            adamw(part.weight, part.gradient, first, second, numbers);
        }
        Algorithm::Sgd { momentum, nesterov } => {
            let numbers = SgdNumbers {
                gradient_factor,
                momentum,
                nesterov,
                learning_rate,
                decay,
            };
            if momentum == 0.0 {
                sgd(part.weight, part.gradient, numbers);
            } else {
                sgd_with_momentum(part.weight, part.gradient, first, numbers);
            }
        }
    }
}

/// Square root of the sum of all squares, in 64 bits.
pub fn global_norm(gradients: &[&[f32]], threads: usize) -> f64 {
    // Always the same pieces, so that the sum does not depend on who adds them.
    let pieces: Vec<&[f32]> = gradients
        .iter()
        .flat_map(|gradient| gradient.chunks(PIECE))
        .collect();
    let sums = in_threads(pieces, |piece| piece.len(), threads, sum_of_squares);
    sums.into_iter().sum::<f64>().sqrt()
}

/// Does some work on all pieces, in runs of about equal length, one for each thread. The results are
/// in the order of the pieces.
pub(crate) fn in_threads<P: Send, R: Send>(
    pieces: Vec<P>,
    length: impl Fn(&P) -> usize,
    threads: usize,
    work: impl Fn(P) -> R + Sync,
) -> Vec<R> {
    let total: usize = pieces.iter().map(&length).sum();
    let runs = threads.min(total / PIECE).max(1);
    if runs == 1 {
        return pieces.into_iter().map(work).collect();
    }
    let mut shares: Vec<Vec<P>> = (0..runs).map(|_| Vec::new()).collect();
    let mut before = 0;
    for piece in pieces {
        let run = (before * runs / total).min(runs - 1);
        before += length(&piece);
        shares[run].push(piece);
    }
    let work = &work;
    let run = |share: Vec<P>| share.into_iter().map(work).collect::<Vec<R>>();
    std::thread::scope(|scope| {
        let own = shares.remove(0);
        let others: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(move || run(share)))
            .collect();
        let mut results = run(own);
        for other in others {
            match other.join() {
                Ok(part) => results.extend(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results
    })
}
