//! Tensors where a session computes: made, filled and read back.

use ort::memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType};
use ort::session::Session as OrtSession;
use ort::value::{
    DynTensor, PrimitiveTensorElementType, TensorElementType, TensorValueTypeMarker, Value,
    ValueType as OrtValueType,
};

use super::Chosen;
use crate::onnx::{ElementType, Tensor, TensorData};

/// Memory of the device that a session computes on. On CUDA not yet run on hardware.
#[derive(Debug)]
pub(super) struct DeviceMemory {
    allocator: Allocator,
    on_host: bool,
}

impl DeviceMemory {
    /// The memory that a session of a provider computes in.
    pub fn new(session: &OrtSession, provider: &Chosen) -> Result<DeviceMemory, String> {
        let allocator = match provider {
            Chosen::Cpu { .. } => Allocator::default(),
            Chosen::Cuda => {
                let info = MemoryInfo::new(
                    AllocationDevice::CUDA,
                    0,
                    AllocatorType::Device,
                    MemoryType::Default,
                );
                let info = info.map_err(|error| error.to_string())?;
                Allocator::new(session, info).map_err(|error| error.to_string())?
            }
        };
        Ok(DeviceMemory {
            allocator,
            on_host: matches!(provider, Chosen::Cpu { .. }),
        })
    }

    /// A tensor of zeros; it may be bound as an output.
    pub fn zeros(&self, element: ElementType, shape: &[usize]) -> Result<DynTensor, String> {
        let tensor = self.uninitialised(element, shape)?;
        if self.on_host {
            // The engine clears what the host can reach.
            return Ok(tensor);
        }
        let mut tensor = tensor;
        let zeros = DeviceMemory::host(element, shape)?;
        zeros
            .copy_into(&mut tensor)
            .map_err(|error| error.to_string())?;
        Ok(tensor)
    }

    fn uninitialised(&self, element: ElementType, shape: &[usize]) -> Result<DynTensor, String> {
        let kind = ort_element(element)?;
        DynTensor::new(&self.allocator, kind, shape_of(shape)).map_err(|error| error.to_string())
    }

    fn host(element: ElementType, shape: &[usize]) -> Result<DynTensor, String> {
        let kind = ort_element(element)?;
        DynTensor::new(&Allocator::default(), kind, shape_of(shape))
            .map_err(|error| error.to_string())
    }

    /// A tensor on the device with the numbers of one on the host.
    pub fn filled(&self, tensor: &Tensor) -> Result<DynTensor, String> {
        let mut value = self.uninitialised(tensor.element(), &tensor.shape)?;
        self.write(&mut value, tensor)?;
        Ok(value)
    }

    /// Overwrites a tensor on the device by one of the same shape and element type.
    pub fn write(&self, target: &mut DynTensor, tensor: &Tensor) -> Result<(), String> {
        if self.on_host {
            return fill(target, tensor);
        }
        let mut host = DeviceMemory::host(tensor.element(), &tensor.shape)?;
        fill(&mut host, tensor)?;
        host.copy_into(target).map_err(|error| error.to_string())
    }

    /// A copy on the host.
    pub fn read(&self, value: &DynTensor) -> Result<Tensor, String> {
        if self.on_host {
            return extract(value);
        }
        let host = value.to(AllocationDevice::CPU, 0);
        extract(&host.map_err(|error| error.to_string())?)
    }
}

fn shape_of(shape: &[usize]) -> Vec<i64> {
    shape.iter().map(|length| *length as i64).collect()
}

fn fill(target: &mut DynTensor, tensor: &Tensor) -> Result<(), String> {
    fn copy<T: PrimitiveTensorElementType + Copy>(
        target: &mut DynTensor,
        values: &[T],
    ) -> Result<(), String> {
        let (_, elements) = target
            .try_extract_tensor_mut::<T>()
            .map_err(|error| error.to_string())?;
        if elements.len() != values.len() {
            return Err(format!(
                "{} elements for a tensor of {}",
                values.len(),
                elements.len()
            ));
        }
        elements.copy_from_slice(values);
        Ok(())
    }
    match &tensor.data {
        TensorData::F32(values) => copy(target, values),
        TensorData::F64(values) => copy(target, values),
        TensorData::F16(values) => copy(target, values),
        TensorData::Bf16(values) => copy(target, values),
        TensorData::I64(values) => copy(target, values),
        TensorData::I32(values) => copy(target, values),
        TensorData::U8(values) => copy(target, values),
        TensorData::I8(values) => copy(target, values),
        TensorData::Bool(values) => copy(target, values),
    }
}

/// A copy of a tensor that the host can reach.
pub(super) fn extract<K: TensorValueTypeMarker + ?Sized>(
    value: &Value<K>,
) -> Result<Tensor, String> {
    let OrtValueType::Tensor { ty, .. } = value.dtype() else {
        return Err("not a tensor".into());
    };
    macro_rules! take {
        ($kind:ty, $data:ident) => {{
            let (shape, values) = value
                .try_extract_tensor::<$kind>()
                .map_err(|error| error.to_string())?;
            (
                shape.iter().map(|length| *length as usize).collect(),
                TensorData::$data(values.to_vec()),
            )
        }};
    }
    let (shape, data) = match ty {
        TensorElementType::Float32 => take!(f32, F32),
        TensorElementType::Float64 => take!(f64, F64),
        TensorElementType::Float16 => take!(half::f16, F16),
        TensorElementType::Bfloat16 => take!(half::bf16, Bf16),
        TensorElementType::Int64 => take!(i64, I64),
        TensorElementType::Int32 => take!(i32, I32),
        TensorElementType::Uint8 => take!(u8, U8),
        TensorElementType::Int8 => take!(i8, I8),
        TensorElementType::Bool => take!(bool, Bool),
        other => return Err(format!("element type {other:?} is not read here")),
    };
    Ok(Tensor { shape, data })
}

/// The engine's name of an element type.
pub(super) fn ort_element(element: ElementType) -> Result<TensorElementType, String> {
    Ok(match element {
        ElementType::F32 => TensorElementType::Float32,
        ElementType::F64 => TensorElementType::Float64,
        ElementType::F16 => TensorElementType::Float16,
        ElementType::Bf16 => TensorElementType::Bfloat16,
        ElementType::I64 => TensorElementType::Int64,
        ElementType::I32 => TensorElementType::Int32,
        ElementType::U8 => TensorElementType::Uint8,
        ElementType::I8 => TensorElementType::Int8,
        ElementType::Bool => TensorElementType::Bool,
        ElementType::Other(code) => return Err(format!("element type {code} is not held here")),
    })
}

/// The number of an element type in the ONNX schema.
pub(super) fn element_code(element: TensorElementType) -> i32 {
    match element {
        TensorElementType::Float32 => 1,
        TensorElementType::Uint8 => 2,
        TensorElementType::Int8 => 3,
        TensorElementType::Uint16 => 4,
        TensorElementType::Int16 => 5,
        TensorElementType::Int32 => 6,
        TensorElementType::Int64 => 7,
        TensorElementType::String => 8,
        TensorElementType::Bool => 9,
        TensorElementType::Float16 => 10,
        TensorElementType::Float64 => 11,
        TensorElementType::Uint32 => 12,
        TensorElementType::Uint64 => 13,
        TensorElementType::Bfloat16 => 16,
        _ => 0,
    }
}
