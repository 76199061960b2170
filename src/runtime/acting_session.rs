//! A forward model whose weights change now and then: between two updates it only acts.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Chosen, Library, RuntimeError, Session, SessionOptions, SharedWeights};
use crate::onnx::{Model, Tensor, ValueType};

/// Where the weights that change are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActingWeights {
    /// In the model: an update makes a new session, and runs are as fast as they can be, since the
    /// engine arranges constant weights for its kernels.
    Baked,
    /// Beside the model, as inputs that are bound once: an update only overwrites them.
    Inputs,
}

impl ActingWeights {
    /// What suits a share of changing weights, in bytes. Arranging weights pays off where they are
    /// most of the model; low-rank additions are a few percent.
    pub fn choose(trainable: u64, total: u64) -> ActingWeights {
        if trainable.saturating_mul(10) <= total {
            ActingWeights::Inputs
        } else {
            ActingWeights::Baked
        }
    }
}

/// A model to act with.
#[derive(Debug)]
pub struct ActingSession {
    library: Library,
    provider: Chosen,
    name: String,
    options: SessionOptions,
    shared: Option<Arc<SharedWeights>>,
    kept: ActingWeights,
    trainable: Vec<(String, ValueType)>,
    /// The model to make sessions of, when the weights are in it.
    model: Mutex<Option<Model>>,
    session: Mutex<Arc<Session>>,
}

impl ActingSession {
    /// Makes a session of a forward model, some of whose initializers will change. Without a wish,
    /// [`ActingWeights::choose`] decides by their share.
    ///
    /// # Errors
    /// [`RuntimeError::Model`], also for a name that is no initializer.
    #[expect(clippy::too_many_arguments, reason = "each says something of its own")]
    pub fn new(
        library: &Library,
        provider: &Chosen,
        name: &str,
        model: Model,
        trainable: &[String],
        wish: Option<ActingWeights>,
        options: SessionOptions,
        shared: Option<Arc<SharedWeights>>,
    ) -> Result<ActingSession, RuntimeError> {
        let refused = |reason: String| RuntimeError::Model {
            name: name.to_owned(),
            reason,
        };
        let mut weights = Vec::with_capacity(trainable.len());
        for weight in trainable {
            let tensor = model.initializer(weight);
            weights.push((
                weight.clone(),
                tensor.map_err(|error| refused(error.to_string()))?,
            ));
        }
        let kept = wish.unwrap_or_else(|| {
            let graph = model.graph();
            let total = graph.initializer.iter().map(|tensor| {
                let raw = tensor.raw_data.as_ref().map_or(0, |raw| raw.len());
                raw as u64 + 4 * (tensor.float_data.len() + tensor.int32_data.len()) as u64
            });
            let bytes = |tensor: &Tensor| tensor.data.len() * tensor.element().size().unwrap_or(1);
            let trainable = weights.iter().map(|(_, tensor)| bytes(tensor) as u64);
            ActingWeights::choose(trainable.sum(), total.sum())
        });
        let make = |model: Model| match &shared {
            Some(shared) => Session::sharing(library, provider, name, model, options, shared),
            None => Session::new(library, provider, name, &model, options),
        };
        let changing = weights
            .iter()
            .map(|(name, tensor)| (name.clone(), tensor.value_type()))
            .collect();
        let (session, model) = match kept {
            ActingWeights::Baked => (make(model.clone())?, Some(model)),
            ActingWeights::Inputs => {
                let mut model = model;
                model.weights_to_inputs(trainable);
                let session = make(model)?;
                session.hold(&weights)?;
                (session, None)
            }
        };
        Ok(ActingSession {
            library: library.clone(),
            provider: provider.clone(),
            name: name.to_owned(),
            options,
            shared,
            kept,
            trainable: changing,
            model: Mutex::new(model),
            session: Mutex::new(Arc::new(session)),
        })
    }

    /// Where the weights are kept.
    pub fn kept(&self) -> ActingWeights {
        self.kept
    }

    /// Acts with other weights from now on; runs that are under way end with the old ones.
    ///
    /// # Errors
    /// [`RuntimeError::Run`] for a weight that is not one of those that change or does not fit,
    /// [`RuntimeError::Model`] when the engine refuses the model.
    pub fn update(&self, weights: &[(String, Tensor)]) -> Result<(), RuntimeError> {
        for (name, tensor) in weights {
            let Some((_, kind)) = self.trainable.iter().find(|(known, _)| known == name) else {
                return Err(self.failed(format!("the weight {name:?} does not change")));
            };
            if *kind != tensor.value_type() {
                return Err(self.failed(format!(
                    "the weight {name:?} is of {} and the shape {:?}, which does not fit",
                    tensor.element(),
                    tensor.shape
                )));
            }
        }
        let mut model = self.model.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(model) = &mut *model else {
            return self.session().hold(weights);
        };
        for proto in &mut model.graph_mut().initializer {
            let name = proto.name.clone().unwrap_or_default();
            if let Some((_, tensor)) = weights.iter().find(|(known, _)| *known == name) {
                *proto = tensor.to_proto(&name);
            }
        }
        let (library, provider) = (&self.library, &self.provider);
        let session = match &self.shared {
            Some(shared) => Session::sharing(
                library,
                provider,
                &self.name,
                model.clone(),
                self.options,
                shared,
            ),
            None => Session::new(library, provider, &self.name, model, self.options),
        }?;
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(session);
        Ok(())
    }

    /// Runs the model, as [`Session::run`] does.
    ///
    /// # Errors
    /// [`RuntimeError::Run`].
    pub fn run(
        &self,
        inputs: &[(&str, &Tensor)],
        outputs: &[&str],
    ) -> Result<Vec<Tensor>, RuntimeError> {
        self.session().run(inputs, outputs)
    }

    fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn failed(&self, reason: String) -> RuntimeError {
        RuntimeError::Run {
            name: self.name.clone(),
            reason,
        }
    }
}
