//! A gradient graph whose weights, sums of gradients and moments stay on the device.
//!
//! What must hold, and is seen to here: only element-wise graphs write over their own inputs; outputs
//! whose shapes vary are bound anew for every run; the memory plan is off, since it costs a gradient
//! graph more than it saves; a value that does not fit its input is told by name.

use ort::session::{IoBinding, Session as OrtSession};
use ort::value::DynTensor;

use super::device_memory::{DeviceMemory, extract};
use super::device_optimizer::{DeviceOptimizer, DeviceOptimizerError, host_memory};
use super::host_optimizer;
use super::input_check::InputCheck;
use super::trained_weight::TrainedWeight;
use super::{Chosen, Library, RuntimeError, SessionOptions, SharedWeights};
use crate::onnx::optimizer::{LossScale, LossScaleOptions, OptimizerOptions, StepNumbers};
use crate::onnx::{ElementType, GradientGraph, LOSS_SCALE, Tensor};

/// Where gradients are added up and weights are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyBy {
    /// Loops on a CPU, graphs elsewhere.
    Fastest,
    /// Graphs, also on a CPU.
    Graphs,
}

/// How a training session works.
#[derive(Debug, Clone)]
pub struct TrainingOptions {
    /// Threads inside one operator, and of the optimizer's loops.
    pub threads: usize,
    /// Settings of the optimizer.
    pub optimizer: OptimizerOptions,
    /// Scales the loss, for weights of 16 bits. The gradient graph must have the input
    /// [`LOSS_SCALE`].
    pub loss_scale: Option<LossScaleOptions>,
    /// Where gradients are applied.
    pub apply: ApplyBy,
}

impl Default for TrainingOptions {
    fn default() -> TrainingOptions {
        TrainingOptions {
            threads: 1,
            optimizer: OptimizerOptions::default(),
            loss_scale: None,
            apply: ApplyBy::Fastest,
        }
    }
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepReport {
    /// Global gradient norm before clipping.
    pub norm: f64,
    /// Whether the weights were moved; gradients that are not finite move nothing.
    pub applied: bool,
    /// The loss scale that the gradients were made with; 1 without.
    pub loss_scale: f32,
}

/// What must be kept beside the weights to go on later.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState {
    /// Steps taken.
    pub steps: u64,
    /// Moments by `moment.weight`, e.g. `first.head.bias`.
    pub moments: Vec<(String, Tensor)>,
    /// The loss scale.
    pub loss_scale: Option<LossScale>,
}

/// A gradient graph with its weights. Not yet run on CUDA hardware.
#[derive(Debug)]
pub struct TrainingSession {
    name: String,
    session: OrtSession,
    binding: IoBinding,
    memory: DeviceMemory,
    check: InputCheck,
    outputs: Vec<String>,
    weights: Vec<TrainedWeight>,
    options: OptimizerOptions,
    threads: usize,
    graphs: Option<DeviceOptimizer>,
    scaled: bool,
    loss_scale: Option<LossScale>,
    steps: u64,
    runs: usize,
    /// Whether the gradients are bound to the sums themselves; unknown before the first run.
    direct: Option<bool>,
}

impl TrainingSession {
    /// Makes a session of a gradient graph; `shared` holds frozen weights for several sessions.
    ///
    /// # Errors
    /// [`RuntimeError::Model`], [`RuntimeError::Optimizer`], and [`RuntimeError::ElementType`] when
    /// weights are of 16 bits and the provider does not compute in them.
    pub fn new(
        library: &Library,
        provider: &Chosen,
        name: &str,
        graph: GradientGraph,
        options: TrainingOptions,
        shared: Option<&SharedWeights>,
    ) -> Result<TrainingSession, RuntimeError> {
        let refused = |reason: String| RuntimeError::Model {
            name: name.to_owned(),
            reason,
        };
        let GradientGraph {
            mut model, weights, ..
        } = graph;
        for element in [ElementType::F16, ElementType::Bf16] {
            if weights
                .iter()
                .any(|(_, tensor)| tensor.element() == element)
            {
                provider.computes_in(library, element)?;
            }
        }
        let shapes: Vec<(&str, &[usize])> = weights
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor.shape.as_slice()))
            .collect();
        let settings = options.optimizer.for_weights(&shapes)?;
        let is_weight = |name: &str| weights.iter().any(|(weight, _)| weight == name);
        let check = InputCheck::new(&model, |name| is_weight(name) || name == LOSS_SCALE);
        let scaled = model.input_names().iter().any(|name| name == LOSS_SCALE);
        if options.loss_scale.is_some() && !scaled {
            return Err(refused(format!("its graph has no input {LOSS_SCALE:?}")));
        }
        let outputs: Vec<String> = model
            .output_names()
            .into_iter()
            .filter(|name| !name.strip_prefix("grad.").is_some_and(is_weight))
            .collect();
        let session_options = SessionOptions {
            threads: options.threads,
            memory_pattern: false,
            optimise: true,
        };
        let mut builder = session_options
            .builder(library, provider)
            .map_err(refused)?;
        if let Some(shared) = shared {
            let names = shared.strip(&mut model).map_err(refused)?;
            builder = shared.apply(builder, provider, &names).map_err(refused)?;
        }
        let bytes = model.to_bytes();
        drop(model);
        let session = builder
            .commit_from_memory(&bytes)
            .map_err(|error| refused(error.to_string()))?;
        drop(bytes);
        let memory = DeviceMemory::new(&session, provider).map_err(refused)?;
        let mut binding = session
            .create_binding()
            .map_err(|error| refused(error.to_string()))?;
        let by_graphs = options.apply == ApplyBy::Graphs || *provider == Chosen::Cuda;
        let moments = options.optimizer.algorithm.moments().len();
        let mut trained = Vec::with_capacity(weights.len());
        for ((weight_name, tensor), settings) in weights.into_iter().zip(settings) {
            let mut weight = TrainedWeight::new(&memory, weight_name, &tensor, settings, moments)
                .map_err(refused)?;
            if by_graphs {
                weight.keep_gradient(&memory).map_err(refused)?;
            }
            binding
                .bind_input(&weight.name, &weight.value)
                .map_err(|error| refused(error.to_string()))?;
            trained.push(weight);
        }
        let graphs = match by_graphs {
            false => None,
            true => Some(
                DeviceOptimizer::new(library, provider, &mut trained, &options.optimizer).map_err(
                    |error| match error {
                        DeviceOptimizerError::Optimizer(error) => error.into(),
                        DeviceOptimizerError::Engine(reason) => refused(reason),
                    },
                )?,
            ),
        };
        Ok(TrainingSession {
            name: name.to_owned(),
            session,
            binding,
            memory,
            check,
            outputs,
            weights: trained,
            options: options.optimizer,
            threads: options.threads.max(1),
            graphs,
            scaled,
            loss_scale: options.loss_scale.map(LossScale::new),
            steps: 0,
            runs: 0,
            direct: None,
        })
    }

    /// Runs the gradient graph on a batch, of whose tensors it takes those that it has inputs for, and adds `share` times the gradients to the sums. The
    /// other outputs, such as the loss and diagnostics, are returned.
    ///
    /// # Errors
    /// [`RuntimeError::Run`]; then the sums are lost, and the next call begins anew.
    pub fn accumulate(
        &mut self,
        inputs: &[(&str, &Tensor)],
        share: f32,
    ) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        let runs = std::mem::take(&mut self.runs);
        let results = self
            .add_gradients(inputs, share, runs == 0)
            .map_err(|reason| self.failed(reason))?;
        self.runs = runs + 1;
        Ok(results)
    }

    fn add_gradients(
        &mut self,
        inputs: &[(&str, &Tensor)],
        share: f32,
        fresh: bool,
    ) -> Result<Vec<(String, Tensor)>, String> {
        for (name, tensor) in self.check.sorted(inputs)? {
            let value = self.memory.filled(tensor)?;
            self.binding.bind_input(name, &value).map_err(text)?;
        }
        // A graph with a scaled loss multiplies by the share at no cost.
        let mut left = share;
        if self.scaled {
            let scale = self.loss_scale.map_or(1.0, |scale| scale.scale);
            let factor = self.memory.filled(&Tensor::scalar(scale * share))?;
            self.binding.bind_input(LOSS_SCALE, &factor).map_err(text)?;
            left = 1.0;
        }
        let direct = fresh && (left == 1.0 || self.graphs.is_none());
        self.bind_gradients(direct)?;
        // What an output was bound to last may have another shape than this run needs.
        let host = host_memory()?;
        for name in &self.outputs {
            self.binding
                .bind_output_to_device(name, &host)
                .map_err(text)?;
        }
        let results = {
            let results = self.session.run_binding(&self.binding).map_err(text)?;
            let read = |name: &String| -> Result<(String, Tensor), String> {
                let value = results
                    .get(name.as_str())
                    .ok_or_else(|| format!("there is no output {name:?}"))?;
                Ok((name.clone(), extract(value)?))
            };
            self.outputs.iter().map(read).collect::<Result<_, _>>()?
        };
        match &mut self.graphs {
            None => host_optimizer::add(&mut self.weights, fresh, left, self.threads)?,
            Some(_) if direct && self.weights.iter().all(TrainedWeight::is_wide) => {}
            Some(graphs) => graphs.accumulate(fresh, left)?,
        }
        Ok(results)
    }

    /// Binds the gradients to the sums, or to tensors of their own.
    fn bind_gradients(&mut self, direct: bool) -> Result<(), String> {
        let all_wide = self.weights.iter().all(TrainedWeight::is_wide);
        // With graphs it is all or none, since the accumulation graph runs over all weights.
        let direct = direct && (all_wide || self.graphs.is_none());
        if self.direct == Some(direct) {
            return Ok(());
        }
        self.direct = None;
        for weight in &mut self.weights {
            let name = format!("grad.{}", weight.name);
            let target = if direct && weight.is_wide() {
                &mut weight.sum
            } else {
                weight.keep_gradient(&self.memory)?
            };
            self.binding.bind_output(name, target).map_err(text)?;
        }
        self.direct = Some(direct);
        Ok(())
    }

    /// Moves the weights against the summed gradients; the sums begin anew.
    ///
    /// # Errors
    /// [`RuntimeError::Run`], also when no gradients were added up.
    pub fn step(&mut self, learning_rate: f32) -> Result<StepReport, RuntimeError> {
        if std::mem::take(&mut self.runs) == 0 {
            return Err(self.failed("there are no gradients to apply".into()));
        }
        let loss_scale = self.loss_scale.map_or(1.0, |scale| scale.scale);
        let numbers = StepNumbers::new(
            &self.options,
            self.steps + 1,
            learning_rate,
            loss_scale.recip(),
        );
        let done = match &mut self.graphs {
            Some(graphs) => graphs.step(&numbers),
            None => host_optimizer::step(&mut self.weights, &self.options, &numbers, self.threads),
        };
        let (norm, applied) = done.map_err(|reason| self.failed(reason))?;
        self.steps += u64::from(applied);
        if let Some(scale) = &mut self.loss_scale {
            scale.update(applied);
        }
        Ok(StepReport {
            norm,
            applied,
            loss_scale,
        })
    }

    /// The weights as the gradient graph reads them.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] when the device can't be read.
    pub fn weights(&self) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        self.read(|weight| &weight.value)
    }

    /// The weights in 32 bits, to go on from later.
    ///
    /// # Errors
    /// As [`TrainingSession::weights`].
    pub fn masters(&self) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        self.read(|weight| weight.master.as_ref().unwrap_or(&weight.value))
    }

    /// The sums of the gradients, to look at.
    ///
    /// # Errors
    /// As [`TrainingSession::weights`].
    pub fn gradients(&self) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        self.read(|weight| &weight.sum)
    }

    fn read(
        &self,
        of: impl Fn(&TrainedWeight) -> &DynTensor,
    ) -> Result<Vec<(String, Tensor)>, RuntimeError> {
        let read = |weight: &TrainedWeight| {
            let tensor = self.memory.read(of(weight));
            Ok((weight.name.clone(), tensor.map_err(|e| self.failed(e))?))
        };
        self.weights.iter().map(read).collect()
    }

    /// Overwrites weights by others of the same names and shapes, of any kind of float.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] for a name or shape that does not fit.
    pub fn load(&mut self, weights: &[(String, Tensor)]) -> Result<(), RuntimeError> {
        for (name, tensor) in weights {
            let memory = &self.memory;
            let found = self.weights.iter_mut().find(|weight| weight.name == *name);
            let loaded = match found {
                None => Err(format!("there is no weight {name:?}")),
                Some(weight) => weight.write(memory, tensor),
            };
            loaded.map_err(|reason| self.failed(reason))?;
        }
        Ok(())
    }

    /// What the optimizer knows.
    ///
    /// # Errors
    /// As [`TrainingSession::weights`].
    pub fn state(&self) -> Result<OptimizerState, RuntimeError> {
        let mut moments = Vec::new();
        for weight in &self.weights {
            for (kind, moment) in self.moment_names().iter().zip(&weight.moments) {
                let tensor = self.memory.read(moment).map_err(|e| self.failed(e))?;
                moments.push((format!("{kind}.{}", weight.name), tensor));
            }
        }
        Ok(OptimizerState {
            steps: self.steps,
            moments,
            loss_scale: self.loss_scale,
        })
    }

    /// Goes on with what an optimizer knew.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] when a moment is missing or does not fit.
    pub fn load_state(&mut self, state: &OptimizerState) -> Result<(), RuntimeError> {
        let kinds = self.moment_names();
        let memory = &self.memory;
        let mut load = || -> Result<(), String> {
            for weight in &mut self.weights {
                for (kind, moment) in kinds.iter().zip(&mut weight.moments) {
                    let name = format!("{kind}.{}", weight.name);
                    let found = state.moments.iter().find(|(known, _)| *known == name);
                    let (_, tensor) = found.ok_or_else(|| format!("no moment {name:?}"))?;
                    if tensor.shape != weight.shape || tensor.as_f32().is_none() {
                        return Err(format!("the moment {name:?} does not fit its weight"));
                    }
                    memory.write(moment, tensor)?;
                }
            }
            Ok(())
        };
        let loaded = load();
        loaded.map_err(|reason| self.failed(reason))?;
        self.steps = state.steps;
        if self.loss_scale.is_some() && state.loss_scale.is_some() {
            self.loss_scale = state.loss_scale;
        }
        Ok(())
    }

    fn moment_names(&self) -> &'static [&'static str] {
        self.options.algorithm.moments()
    }

    fn failed(&self, reason: String) -> RuntimeError {
        RuntimeError::Run {
            name: self.name.clone(),
            reason,
        }
    }
}

fn text(error: ort::Error) -> String {
    error.to_string()
}
