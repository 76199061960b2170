//! ONNX files: protobuf, reading and writing, graph building, the gradient builder, losses,
//! optimizers, inspection. Pure: what needs an engine (shapes of values) is asked through [`ShapeOracle`].

mod attributes;
mod budget;
pub mod builder;
mod check;
mod constants;
mod decode;
pub mod decompose;
pub mod diff;
mod elements;
mod external;
mod functions;
pub mod gradient;
pub mod inputs;
pub mod inspect;
pub mod lora;
pub mod loss;
pub mod model;
mod operators;
pub mod optimizer;
pub mod precision;
pub mod proto;
pub mod select;
mod sizes;
pub mod tensor;
pub mod types;
mod upgrade;
mod visit;
mod wire;

pub use builder::{GraphBuilder, Value};
pub use external::WriteOptions;
pub use gradient::{GradientGraph, GradientOptions, LOSS_SCALE, Recompute, build_gradient};
pub use model::{Model, OnnxError};
pub use tensor::{ElementType, Tensor, TensorData};
pub use types::{Dimension, ShapeOracle, ValueType};
