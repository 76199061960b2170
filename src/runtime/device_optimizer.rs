//! Adding up gradients and moving weights without leaving the device: the accumulation graph and the
//! optimizer's graph, bound once to the tensors they work on, in place. On CUDA not yet run on
//! hardware.

use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::{IoBinding, Session as OrtSession};

use super::device_memory::{DeviceMemory, extract};
use super::trained_weight::TrainedWeight;
use super::{Chosen, Library, SessionOptions};
use crate::onnx::optimizer::{
    OptimizedWeight, OptimizerError, OptimizerOptions, StepNumbers, accumulation_graph, graph,
    optimizer_graph,
};
use crate::onnx::{ElementType, Model, Tensor, TensorData};

/// A graph with its tensors bound.
#[derive(Debug)]
struct Bound {
    session: OrtSession,
    binding: IoBinding,
    memory: DeviceMemory,
}

/// Both graphs.
#[derive(Debug)]
pub(super) struct DeviceOptimizer {
    accumulation: Bound,
    optimizer: Bound,
    corrected: bool,
}

/// Why the graphs can't be made or bound.
pub(super) enum DeviceOptimizerError {
    /// The settings.
    Optimizer(OptimizerError),
    /// The engine.
    Engine(String),
}

impl From<OptimizerError> for DeviceOptimizerError {
    fn from(error: OptimizerError) -> DeviceOptimizerError {
        DeviceOptimizerError::Optimizer(error)
    }
}

impl From<String> for DeviceOptimizerError {
    fn from(reason: String) -> DeviceOptimizerError {
        DeviceOptimizerError::Engine(reason)
    }
}

impl Bound {
    fn new(library: &Library, provider: &Chosen, model: &Model) -> Result<Bound, String> {
        let options = SessionOptions {
            memory_pattern: false,
            ..SessionOptions::default()
        };
        let session = options
            .builder(library, provider)?
            .commit_from_memory(&model.to_bytes())
            .map_err(text)?;
        let binding = session.create_binding().map_err(text)?;
        let memory = DeviceMemory::new(&session, provider)?;
        Ok(Bound {
            session,
            binding,
            memory,
        })
    }

    fn scalar(&mut self, name: &str, value: Tensor) -> Result<(), String> {
        let value = self.memory.filled(&value)?;
        self.binding.bind_input(name, &value).map_err(text)
    }

    /// Binds a tensor as the input `kind.name` and the output `new.kind.name`.
    fn in_place(
        &mut self,
        kind: &str,
        name: &str,
        tensor: &mut ort::value::DynTensor,
    ) -> Result<(), String> {
        let name = format!("{kind}.{name}");
        self.binding.bind_input(&name, tensor).map_err(text)?;
        self.binding
            .bind_output(format!("new.{name}"), tensor)
            .map_err(text)
    }
}

impl DeviceOptimizer {
    /// Makes both graphs and binds the weights' tensors.
    pub fn new(
        library: &Library,
        provider: &Chosen,
        weights: &mut [TrainedWeight],
        options: &OptimizerOptions,
    ) -> Result<DeviceOptimizer, DeviceOptimizerError> {
        let described = |gradient: bool| -> Vec<OptimizedWeight> {
            let describe = |weight: &TrainedWeight| OptimizedWeight {
                name: weight.name.clone(),
                shape: weight.shape.clone(),
                gradient: match gradient {
                    true => weight.element,
                    false => ElementType::F32,
                },
                rounded: weight.master.is_some().then_some(weight.element),
            };
            weights.iter().map(describe).collect()
        };
        let mut accumulation =
            Bound::new(library, provider, &accumulation_graph(&described(true))?)?;
        let optimizer_model = optimizer_graph(&described(false), options)?;
        let mut optimizer = Bound::new(library, provider, &optimizer_model)?;
        for weight in weights {
            let gradient = weight.gradient.as_ref().unwrap_or(&weight.sum);
            accumulation
                .binding
                .bind_input(format!("gradient.{}", weight.name), gradient)
                .map_err(text)?;
            accumulation.in_place("sum", &weight.name, &mut weight.sum)?;
            optimizer
                .binding
                .bind_input(format!("gradient.{}", weight.name), &weight.sum)
                .map_err(text)?;
            match &mut weight.master {
                None => optimizer.in_place("weight", &weight.name, &mut weight.value)?,
                Some(master) => {
                    optimizer.in_place("weight", &weight.name, master)?;
                    optimizer
                        .binding
                        .bind_output(format!("rounded.{}", weight.name), &mut weight.value)
                        .map_err(text)?;
                }
            }
            for (kind, moment) in options.algorithm.moments().iter().zip(&mut weight.moments) {
                optimizer.in_place(kind, &weight.name, moment)?;
            }
        }
        let corrected = optimizer_model
            .input_names()
            .iter()
            .any(|name| name == graph::CORRECTIONS[0]);
        Ok(DeviceOptimizer {
            accumulation,
            optimizer,
            corrected,
        })
    }

    /// Adds the gradients to the sums, which begin anew when asked for.
    pub fn accumulate(&mut self, fresh: bool, share: f32) -> Result<(), String> {
        let flag = Tensor {
            shape: Vec::new(),
            data: TensorData::Bool(vec![fresh]),
        };
        let bound = &mut self.accumulation;
        bound.scalar(graph::FRESH, flag)?;
        bound.scalar(graph::SHARE, Tensor::scalar(share))?;
        let outputs = bound.session.run_binding(&bound.binding).map_err(text)?;
        drop(outputs);
        Ok(())
    }

    /// Moves the weights against the sums; the norm and whether it was finite.
    pub fn step(&mut self, numbers: &StepNumbers) -> Result<(f64, bool), String> {
        let bound = &mut self.optimizer;
        bound.scalar(graph::LEARNING_RATE, Tensor::scalar(numbers.learning_rate))?;
        bound.scalar(
            graph::GRADIENT_SCALE,
            Tensor::scalar(numbers.gradient_scale),
        )?;
        bound.scalar(graph::MAX_NORM, Tensor::scalar(numbers.max_norm))?;
        if self.corrected {
            for (name, correction) in graph::CORRECTIONS.iter().zip(numbers.corrections) {
                bound.scalar(name, Tensor::scalar(correction))?;
            }
        }
        let host = host_memory()?;
        for name in [graph::NORM, graph::FINITE] {
            bound
                .binding
                .bind_output_to_device(name, &host)
                .map_err(text)?;
        }
        let outputs = bound.session.run_binding(&bound.binding).map_err(text)?;
        let read = |name: &str| {
            let value = outputs
                .get(name)
                .ok_or_else(|| format!("the optimizer gave no {name}"))?;
            extract(value)
        };
        let norm = read(graph::NORM)?.to_f64().unwrap_or_default();
        let norm = norm.first().copied().unwrap_or(f64::NAN);
        let finite = read(graph::FINITE)?.data == TensorData::Bool(vec![true]);
        Ok((norm, finite))
    }
}

/// Where results go that are looked at on the host.
pub(super) fn host_memory() -> Result<MemoryInfo<'static>, String> {
    MemoryInfo::new(
        AllocationDevice::CPU,
        0,
        AllocatorType::Device,
        MemoryType::CPUOutput,
    )
    .map_err(text)
}

fn text(error: ort::Error) -> String {
    error.to_string()
}
