//! The optimizer of a learner: how it moves the weights, and what it keeps between steps and in
//! checkpoints.

use crate::onnx::Tensor;
use crate::onnx::optimizer::{Algorithm, OptimizerOptions};
use crate::runtime::OptimizerState;

/// Kind of the moment that holds the gradient of the step before.
const PREVIOUS: &str = "previous";
/// Kinds of moments that checkpoints may hold, by the names in [`Algorithm::moments`].
const KINDS: [&str; 4] = ["first", "second", "velocity", PREVIOUS];

/// How an optimizer moves weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizerSettings {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// Weight decay per step, times the learning rate. Vectors (biases, scales) are not decayed.
    pub weight_decay: f32,
    /// Largest global gradient norm; longer gradients are scaled down.
    pub max_norm: f32,
    /// Share of the learning rate by which the weights are moved along the previous step's gradient
    /// before a gradient is taken (arXiv 2006.05720); 0 takes it where the weights are.
    pub extrapolation: f32,
}

impl Default for OptimizerSettings {
    fn default() -> OptimizerSettings {
        OptimizerSettings {
            algorithm: Algorithm::default(),
            weight_decay: 0.01,
            max_norm: 1.0,
            extrapolation: 0.0,
        }
    }
}

impl OptimizerSettings {
    /// Whether gradients are taken elsewhere than at the weights.
    pub fn extrapolates(&self) -> bool {
        self.extrapolation != 0.0
    }

    pub(super) fn options(&self) -> OptimizerOptions {
        OptimizerOptions {
            algorithm: self.algorithm,
            weight_decay: self.weight_decay,
            max_norm: Some(self.max_norm),
            groups: Vec::new(),
        }
    }

    /// Kinds of moments that are kept.
    fn kinds(&self) -> Vec<&'static str> {
        let previous = self.extrapolates().then_some(PREVIOUS);
        let kinds = self.algorithm.moments().iter().copied();
        kinds.chain(previous).collect()
    }
}

/// What an optimizer keeps between steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moments {
    /// Steps taken.
    pub steps: u64,
    /// Moments by kind, each `[weights][elements]` in the order of the weights.
    pub kinds: Vec<(String, Vec<Vec<f32>>)>,
}

impl Moments {
    /// Fresh moments for weights.
    pub fn new(settings: &OptimizerSettings, weights: &[(String, Tensor)]) -> Moments {
        let zeros = || {
            weights
                .iter()
                .map(|(_, tensor)| vec![0.0; tensor.data.len()])
        };
        let kinds = settings.kinds().into_iter();
        Moments {
            steps: 0,
            kinds: kinds
                .map(|kind| (kind.to_owned(), zeros().collect()))
                .collect(),
        }
    }

    /// These moments where they are those of the settings, else fresh ones: what one algorithm knew
    /// means nothing to another.
    pub(super) fn fitting(
        &self,
        settings: &OptimizerSettings,
        weights: &[(String, Tensor)],
    ) -> Moments {
        let known = self.kinds.iter().map(|(kind, _)| kind.as_str());
        if known.eq(settings.kinds()) {
            self.clone()
        } else {
            Moments::new(settings, weights)
        }
    }

    /// Reads moments by `kind.weight`; `values` finds a tensor by its name, `lengths` are those of
    /// the weights.
    pub(super) fn read(
        steps: u64,
        lengths: &[(String, usize)],
        values: impl Fn(&str) -> Option<Vec<f32>>,
    ) -> Result<Moments, String> {
        let mut kinds = Vec::new();
        for kind in KINDS {
            let found: Vec<Option<Vec<f32>>> = lengths
                .iter()
                .map(|(name, _)| values(&format!("{kind}.{name}")))
                .collect();
            if found.iter().all(Option::is_none) {
                continue;
            }
            let mut moments = Vec::with_capacity(lengths.len());
            for ((name, length), found) in lengths.iter().zip(found) {
                match found {
                    Some(values) if values.len() == *length => moments.push(values),
                    Some(_) => return Err(format!("the moments of {name} do not fit its weights")),
                    None => return Err(format!("the moment {kind}.{name} is missing")),
                }
            }
            kinds.push((kind.to_owned(), moments));
        }
        Ok(Moments { steps, kinds })
    }

    /// What the session's algorithm knows, by the names of the weights.
    pub(super) fn state(
        &self,
        algorithm: &Algorithm,
        weights: &[(String, Tensor)],
    ) -> OptimizerState {
        let mut moments = Vec::new();
        for (kind, values) in &self.kinds {
            if !algorithm.moments().contains(&kind.as_str()) {
                continue;
            }
            for ((name, tensor), values) in weights.iter().zip(values) {
                let tensor = Tensor::f32(&tensor.shape, values.as_slice());
                moments.push((format!("{kind}.{name}"), tensor));
            }
        }
        OptimizerState {
            steps: self.steps,
            moments,
            loss_scale: None,
        }
    }

    /// What a session's algorithm knew, and the gradient of the step before.
    pub(super) fn of(
        state: &OptimizerState,
        settings: &OptimizerSettings,
        previous: Option<Vec<Vec<f32>>>,
    ) -> Moments {
        let of_kind = |kind: &str| -> Vec<Vec<f32>> {
            let moments = state.moments.iter();
            let found = moments.filter(|(name, _)| name.split('.').next() == Some(kind));
            found
                .map(|(_, tensor)| tensor.as_f32().unwrap_or(&[]).to_vec())
                .collect()
        };
        let mut kinds: Vec<(String, Vec<Vec<f32>>)> = settings
            .algorithm
            .moments()
            .iter()
            .map(|kind| ((*kind).to_owned(), of_kind(kind)))
            .collect();
        if let Some(previous) = previous {
            kinds.push((PREVIOUS.to_owned(), previous));
        }
        Moments {
            steps: state.steps,
            kinds,
        }
    }

    /// The gradient of the step before, where it is kept.
    pub(super) fn previous(&self) -> Option<Vec<Vec<f32>>> {
        let found = self.kinds.iter().find(|(kind, _)| kind == PREVIOUS);
        found.map(|(_, values)| values.clone())
    }
}

/// Weights moved by `-length` times the gradient of the step before: where an extrapolating
/// optimizer takes its gradient (arXiv 2006.05720).
pub(super) fn ahead(
    weights: &[(String, Tensor)],
    previous: &[Vec<f32>],
    length: f32,
) -> Vec<(String, Tensor)> {
    let moved = |(name, tensor): &(String, Tensor), previous: &Vec<f32>| {
        let values = tensor.as_f32().unwrap_or(&[]).iter().zip(previous);
        let values: Vec<f32> = values
            .map(|(weight, step)| weight - length * step)
            .collect();
        (name.clone(), Tensor::f32(&tensor.shape, values))
    };
    let weights = weights.iter().zip(previous);
    weights
        .map(|(weight, previous)| moved(weight, previous))
        .collect()
}
