//! Execution providers: CUDA where it really works, else the CPU.

use ort::ep::CUDA;
use ort::session::Session as OrtSession;
use ort::session::builder::SessionBuilder;

use super::{Library, RuntimeError, Session, SessionOptions};
use crate::onnx::{Dimension, ElementType, GraphBuilder, Tensor};

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

    /// Finds out whether this provider computes in a kind of float: a small network and its gradient
    /// are really run. Models may use other operators that it has no kernels for.
    ///
    /// # Errors
    /// [`RuntimeError::ElementType`] with the engine's reason.
    pub fn computes_in(&self, library: &Library, element: ElementType) -> Result<(), RuntimeError> {
        try_element(self, library, element).map_err(|reason| RuntimeError::ElementType {
            provider: self.name(),
            element,
            reason,
        })
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

fn try_element(provider: &Chosen, library: &Library, element: ElementType) -> Result<(), String> {
    let mut builder = GraphBuilder::new("probe");
    let fixed = |lengths: &[usize]| -> Vec<Dimension> {
        lengths.iter().copied().map(Dimension::Fixed).collect()
    };
    let x = builder.input("x", element, &fixed(&[2, 4]));
    let w = builder.input("w", element, &fixed(&[4, 3]));
    let product = builder.matmul(&x, &w);
    let y = builder.softmax(&product, -1);
    // What a gradient is made of: products with a transposed factor, sums, roots.
    let back = builder.gemm(&x, &y, true, false);
    let total = builder.reduce_sum(&back, &[-1], true);
    let root = builder.sqrt(&total);
    let scaled = builder.div(&back, &root);
    let sum = builder.add(&scaled, &w);
    builder.alias(&sum, "y");
    builder.output(&crate::onnx::Value::named("y"), element, None);
    let model = builder.finish().map_err(|error| error.to_string())?;
    let options = SessionOptions::default();
    let session = Session::new(library, provider, "probe", &model, options)
        .map_err(|error| error.to_string())?;
    let input = |shape: &[usize]| {
        Tensor::f32(shape, vec![0.5; shape.iter().product()])
            .converted(element)
            .ok_or_else(|| format!("{element} is no float"))
    };
    let (x, w) = (input(&[2, 4])?, input(&[4, 3])?);
    let result = session
        .run(&[("x", &x), ("w", &w)], &["y"])
        .map_err(|error| error.to_string())?;
    // A column of thirds, each 2 * 0.5 / 3; their sum is 1, and so is its root.
    let right = |value: &f64| (value - (0.5 + 1.0 / 3.0)).abs() < 1e-2;
    let values = result.first().and_then(Tensor::to_f64).unwrap_or_default();
    if values.len() == 12 && values.iter().all(right) {
        return Ok(());
    }
    Err(format!("it computes wrongly in {element}: {values:?}"))
}
