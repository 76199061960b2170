//! ONNX files: protobuf, reading and writing, graph building, the gradient builder, losses,
//! inspection. Pure: what needs an engine (shapes of values) is asked through [`ShapeOracle`].

pub mod builder;
pub mod decompose;
pub mod gradient;
pub mod inspect;
pub mod loss;
pub mod model;
pub mod proto;
pub mod select;
pub mod tensor;
pub mod types;

pub use builder::{GraphBuilder, Value};
pub use gradient::{GradientGraph, GradientOptions, Recompute, build_gradient};
pub use model::{Model, OnnxError};
pub use tensor::{ElementType, Tensor, TensorData};
pub use types::{Dimension, ShapeOracle, ValueType};
