//! Execution providers: CUDA where it really works, else the CPU.

use ort::ep::CUDA;
use ort::session::Session as OrtSession;
use ort::session::builder::SessionBuilder;

use super::{Library, RuntimeError};
use crate::onnx::{Dimension, ElementType, GraphBuilder};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// CUDA where it works, else the CPU.
    Auto,
    /// The CPU.
    Cpu,
    /// CUDA or an error.
    Cuda,
}

/// What is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// The CPU; with the reason when CUDA was wished for.
    Cpu {
        /// Why not CUDA.
        instead_of_cuda: Option<String>,
    },
    /// CUDA.
    Cuda,
}

impl Provider {
    /// Finds out what works. A library can register CUDA and still fail at the first session, so a
    /// small model is really run.
    ///
    /// # Errors
    /// [`RuntimeError::Provider`] when CUDA was demanded and does not work.
    pub fn choose(self, library: &Library) -> Result<Chosen, RuntimeError> {
        if self == Provider::Cpu {
            return Ok(Chosen::Cpu {
                instead_of_cuda: None,
            });
        }
        match try_cuda(library) {
            Ok(()) => Ok(Chosen::Cuda),
            Err(reason) if self == Provider::Cuda => Err(RuntimeError::Provider {
                name: "CUDA",
                reason: reason.trim_end_matches('.').to_owned(),
            }),
            Err(reason) => Ok(Chosen::Cpu {
                instead_of_cuda: Some(reason),
            }),
        }
    }
}

impl Chosen {
    /// `cpu` or `cuda`.
    pub fn name(&self) -> &'static str {
        match self {
            Chosen::Cpu { .. } => "cpu",
            Chosen::Cuda => "cuda",
        }
    }

    pub(super) fn apply(&self, builder: SessionBuilder) -> Result<SessionBuilder, String> {
        match self {
            Chosen::Cpu { .. } => Ok(builder),
            Chosen::Cuda => builder
                .with_execution_providers([CUDA::default().build().error_on_failure()])
                .map_err(|error| error.to_string()),
        }
    }
}

fn try_cuda(library: &Library) -> Result<(), String> {
    let mut builder = GraphBuilder::new("probe");
    let x = builder.input("x", ElementType::F32, &[Dimension::Fixed(1)]);
    let y = builder.add(&x, &x);
    builder.output(&y, ElementType::F32, Some(&[Dimension::Fixed(1)]));
    let model = builder.finish().map_err(|error| error.to_string())?;
    let session = OrtSession::builder(&library.environment).map_err(|error| error.to_string())?;
    let mut session = Chosen::Cuda.apply(session)?;
    session
        .commit_from_memory(&model.to_bytes())
        .map(|_| ())
        .map_err(|error| error.to_string())
}
