//! The tensors of one weight that is trained.

use ort::value::DynTensor;

use super::device_memory::DeviceMemory;
use crate::onnx::optimizer::WeightSettings;
use crate::onnx::{ElementType, Tensor};

/// One weight with all that belongs to it.
#[derive(Debug)]
pub(super) struct TrainedWeight {
    pub name: String,
    pub shape: Vec<usize>,
    pub element: ElementType,
    pub settings: WeightSettings,
    /// What the gradient graph reads.
    pub value: DynTensor,
    /// The weight in 32 bits, where the graph reads a rounded copy.
    pub master: Option<DynTensor>,
    /// Sum of the gradients so far, in 32 bits.
    pub sum: DynTensor,
    /// Gradients of one run, where they can't be written into the sum at once.
    pub gradient: Option<DynTensor>,
    /// Moments of the optimizer.
    pub moments: Vec<DynTensor>,
}

impl TrainedWeight {
    /// Tensors for a weight with its first values.
    pub fn new(
        memory: &DeviceMemory,
        name: String,
        tensor: &Tensor,
        settings: WeightSettings,
        moments: usize,
    ) -> Result<TrainedWeight, String> {
        let (element, shape) = (tensor.element(), tensor.shape.clone());
        let master = match element {
            ElementType::F32 => None,
            half if half.is_half() => Some(memory.zeros(ElementType::F32, &shape)?),
            other => return Err(format!("its weight {name:?} of {other} can't be trained")),
        };
        let zeros = |_| memory.zeros(ElementType::F32, &shape);
        let mut weight = TrainedWeight {
            value: memory.zeros(element, &shape)?,
            sum: memory.zeros(ElementType::F32, &shape)?,
            moments: (0..moments).map(zeros).collect::<Result<_, _>>()?,
            gradient: None,
            master,
            name,
            shape,
            element,
            settings,
        };
        weight.write(memory, tensor)?;
        Ok(weight)
    }

    /// Whether gradients can be written into the sum as they are.
    pub fn is_wide(&self) -> bool {
        self.element == ElementType::F32
    }

    /// The tensor for the gradients of one run, made when it is first needed.
    pub fn keep_gradient(&mut self, memory: &DeviceMemory) -> Result<&mut DynTensor, String> {
        if self.gradient.is_none() {
            self.gradient = Some(memory.zeros(self.element, &self.shape)?);
        }
        self.gradient.as_mut().ok_or_else(String::new)
    }

    /// Overwrites the weight by any kind of float.
    pub fn write(&mut self, memory: &DeviceMemory, tensor: &Tensor) -> Result<(), String> {
        let name = &self.name;
        if tensor.shape != self.shape {
            return Err(format!(
                "the weight {name:?} has the shape {:?}, not {:?}",
                self.shape, tensor.shape
            ));
        }
        let as_float = |element: ElementType| {
            tensor
                .converted(element)
                .ok_or_else(|| format!("the weight {name:?} can't be made of {}", tensor.element()))
        };
        if let Some(master) = &mut self.master {
            memory.write(master, &as_float(ElementType::F32)?)?;
        }
        memory.write(&mut self.value, &as_float(self.element)?)
    }
}
