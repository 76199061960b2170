//! Policy bundles: a directory with `policy.toml`, `policy.onnx` (the forward graph, weights as named
//! initializers), `weights.safetensors` and, while training, `optimizer.safetensors`. Written so that
//! a crash, of the machine too, leaves the old bundle or the new one, never half of one.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};

use super::learner::forward_model;
use super::loss_graph::trainable;
use super::{APPS, Context, Kind, Learner, Moments, PolicyError, Shape};
use crate::onnx::{Model, Tensor};

const DESCRIPTION: &str = "policy.toml";
const FORWARD: &str = "policy.onnx";
const WEIGHTS: &str = "weights.safetensors";
const OPTIMIZER: &str = "optimizer.safetensors";
/// Version of the compact policy's features; a bundle of another version would act on noise.
const FEATURES: u32 = 1;

/// Why a bundle can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file can't be read or written.
    #[error("policy bundle file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file's content can't be used.
    #[error("policy bundle file {path}: {reason}")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file does not have the content that the description names.
    #[error(
        "policy bundle file {path} was changed or cut off: its hash is not the one in policy.toml"
    )]
    Hash {
        /// The file.
        path: PathBuf,
    },
}

/// What `policy.toml` says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Always `compact`.
    pub kind: String,
    /// Version of the features.
    pub features: u32,
    /// Weights' version: how many updates they have seen.
    pub version: u64,
    /// Licence of the weights.
    pub licence: String,
    /// Kinds of action, in the order of the head.
    pub actions: Vec<String>,
    /// Apps, in the order of the head.
    pub apps: Vec<String>,
    /// Size of the network.
    pub shape: Shape,
    /// How far it looks back; a bundle that does not say looks at one screen.
    #[serde(default)]
    pub context: Context,
    /// BLAKE3 of the files by name.
    pub hashes: BTreeMap<String, String>,
}

/// A bundle in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// Weights' version.
    pub version: u64,
    /// Size of the network.
    pub shape: Shape,
    /// How far it looks back.
    pub context: Context,
    /// The forward graph.
    pub forward: Model,
    /// The optimizer's moments by weight, when it is in the middle of training.
    pub optimizer: Option<Moments>,
}

impl Bundle {
    /// A compact policy with random weights.
    ///
    /// # Errors
    /// When the shape is not valid.
    pub fn new(shape: Shape, seed: u64) -> Result<Bundle, PolicyError> {
        Bundle::looking_back(shape, Context::Screen, seed)
    }

    /// A compact policy with random weights that looks so far back.
    ///
    /// # Errors
    /// When the shape is not valid.
    pub fn looking_back(shape: Shape, context: Context, seed: u64) -> Result<Bundle, PolicyError> {
        Ok(Bundle {
            version: 0,
            shape,
            context,
            forward: forward_model(shape, context, seed)?,
            optimizer: None,
        })
    }

    /// The bundle of a learner's weights of now.
    pub fn of(learner: &Learner, version: u64) -> Bundle {
        Bundle {
            version,
            shape: learner.shape(),
            context: learner.context(),
            forward: learner.forward(),
            optimizer: Some(learner.optimizer.clone()),
        }
    }

    /// The weights by name.
    ///
    /// # Errors
    /// When an initializer can't be read.
    pub fn weights(&self) -> Result<Vec<(String, Tensor)>, PolicyError> {
        weights_of(&self.forward)
    }

    /// Content hash of a bundle's description. Since that names the hashes of all other files, it
    /// stands for the bundle as a whole.
    ///
    /// # Errors
    /// [`BundleError::File`].
    pub fn description_hash(folder: &Path) -> Result<String, BundleError> {
        let bytes = read(&folder.join(DESCRIPTION))?;
        Ok(blake3::hash(&bytes).to_hex().to_string())
    }

    /// Reads a bundle and checks its hashes.
    ///
    /// # Errors
    /// [`BundleError`] names the file.
    pub fn load(folder: &Path) -> Result<Bundle, PolicyError> {
        let path = folder.join(DESCRIPTION);
        let text = read(&path)?;
        let broken = |path: &Path, reason: String| BundleError::Broken {
            path: path.to_owned(),
            reason,
        };
        let text = String::from_utf8(text).map_err(|error| broken(&path, error.to_string()))?;
        let description: Description =
            toml::from_str(&text).map_err(|error| broken(&path, error.to_string()))?;
        if description.kind != "compact" || description.features != FEATURES {
            let reason = format!(
                "a policy of kind {:?} with features of version {}; this program knows \"compact\" with version {FEATURES}",
                description.kind, description.features
            );
            return Err(broken(&path, reason).into());
        }
        let checked = |name: &str| -> Result<Vec<u8>, PolicyError> {
            let path = folder.join(name);
            let bytes = read(&path)?;
            let expected = description
                .hashes
                .get(name)
                .ok_or_else(|| broken(&path, "policy.toml has no hash for it".into()))?;
            // The reader's own message comes first: it says how the file is broken.
            if name == FORWARD {
                Model::from_bytes(&bytes).map_err(|error| broken(&path, error.to_string()))?;
            }
            if blake3::hash(&bytes).to_hex().as_str() != expected {
                return Err(BundleError::Hash { path }.into());
            }
            Ok(bytes)
        };
        let forward = Model::from_bytes(&checked(FORWARD)?)?;
        let context = Context::of(&forward);
        if context != description.context {
            let reason = format!(
                "context {} is not that of {FORWARD}, which is made for {context}",
                description.context
            );
            return Err(broken(&path, reason).into());
        }
        checked(WEIGHTS)?;
        let optimizer = if description.hashes.contains_key(OPTIMIZER) {
            let bytes = checked(OPTIMIZER)?;
            Some(
                read_optimizer(&bytes, &forward)
                    .map_err(|reason| broken(&folder.join(OPTIMIZER), reason))?,
            )
        } else {
            None
        };
        Ok(Bundle {
            version: description.version,
            shape: description.shape,
            context,
            forward,
            optimizer,
        })
    }

    /// Writes the bundle; a bundle that was there is replaced as a whole.
    ///
    /// # Errors
    /// [`BundleError::File`].
    pub fn save(&self, folder: &Path) -> Result<(), PolicyError> {
        let partial = sibling(folder, "partial");
        let old = sibling(folder, "old");
        let file = |path: &Path| {
            let path = path.to_owned();
            move |source| PolicyError::from(BundleError::File { path, source })
        };
        for leftover in [&partial, &old] {
            if leftover.exists() {
                std::fs::remove_dir_all(leftover).map_err(file(leftover))?;
            }
        }
        std::fs::create_dir_all(&partial).map_err(file(&partial))?;
        let mut hashes = BTreeMap::new();
        let mut put = |name: &str, bytes: &[u8]| -> Result<(), PolicyError> {
            let path = partial.join(name);
            hashes.insert(name.to_owned(), blake3::hash(bytes).to_hex().to_string());
            write_whole(&path, bytes).map_err(file(&path))
        };
        put(FORWARD, &self.forward.to_bytes())?;
        let weights = weights_of(&self.forward)?;
        let views: Vec<(String, Vec<usize>, &[f32])> = weights
            .iter()
            .map(|(name, tensor)| {
                (
                    name.clone(),
                    tensor.shape.clone(),
                    tensor.as_f32().unwrap_or(&[]),
                )
            })
            .collect();
        put(WEIGHTS, &safe_tensors(&views, &partial)?)?;
        if let Some(optimizer) = &self.optimizer {
            let steps = [optimizer.steps as f32];
            let mut views: Vec<(String, Vec<usize>, &[f32])> =
                vec![("steps".into(), vec![1], &steps)];
            for (position, name) in trainable(&self.forward)?.iter().enumerate() {
                for (label, moments) in &optimizer.kinds {
                    let values = moments.get(position).map(Vec::as_slice).unwrap_or(&[]);
                    views.push((format!("{label}.{name}"), vec![values.len()], values));
                }
            }
            put(OPTIMIZER, &safe_tensors(&views, &partial)?)?;
        }
        let description = Description {
            kind: "compact".into(),
            features: FEATURES,
            version: self.version,
            licence: "Apache-2.0".into(),
            actions: Kind::ALL.iter().map(|kind| format!("{kind:?}")).collect(),
            apps: APPS.iter().map(ToString::to_string).collect(),
            shape: self.shape,
            context: self.context,
            hashes,
        };
        let path = partial.join(DESCRIPTION);
        let text = toml::to_string_pretty(&description).map_err(|error| BundleError::Broken {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        write_whole(&path, text.as_bytes()).map_err(file(&path))?;
        sync(&partial).map_err(file(&partial))?;
        if folder.exists() {
            std::fs::rename(folder, &old).map_err(file(folder))?;
        }
        std::fs::rename(&partial, folder).map_err(file(&partial))?;
        // A name is on the disk when its directory is.
        if let Some(parent) = folder.parent().filter(|path| !path.as_os_str().is_empty()) {
            sync(parent).map_err(file(parent))?;
        }
        if old.exists() {
            std::fs::remove_dir_all(&old).map_err(file(&old))?;
        }
        Ok(())
    }
}

fn sibling(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{ending}"));
    folder.with_file_name(name)
}

/// Writes a file and waits until it is on the disk.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Waits until a directory's names are on the disk.
fn sync(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

fn read(path: &Path) -> Result<Vec<u8>, BundleError> {
    std::fs::read(path).map_err(|source| BundleError::File {
        path: path.to_owned(),
        source,
    })
}

/// The weights of a forward model, frozen ones too: its named initializers.
fn weights_of(model: &Model) -> Result<Vec<(String, Tensor)>, PolicyError> {
    let mut weights = Vec::new();
    for initializer in &model.graph().initializer {
        let name = initializer.name.clone().unwrap_or_default();
        if !name.starts_with("const") {
            weights.push((name, Tensor::from_proto(initializer)?));
        }
    }
    Ok(weights)
}

fn safe_tensors(
    views: &[(String, Vec<usize>, &[f32])],
    path: &Path,
) -> Result<Vec<u8>, BundleError> {
    let broken = |reason: String| BundleError::Broken {
        path: path.to_owned(),
        reason,
    };
    let tensors = views
        .iter()
        .map(|(name, shape, values)| {
            TensorView::new(Dtype::F32, shape.clone(), bytemuck::cast_slice(values))
                .map(|view| (name.as_str(), view))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| broken(error.to_string()))?;
    serialize(tensors, None).map_err(|error| broken(error.to_string()))
}

fn read_optimizer(bytes: &[u8], forward: &Model) -> Result<Moments, String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let values = |name: &str| -> Option<Vec<f32>> {
        let view = tensors.tensor(name).ok()?;
        let words = view.data().chunks_exact(4);
        Some(
            words
                .map(|w| f32::from_le_bytes([w[0], w[1], w[2], w[3]]))
                .collect(),
        )
    };
    let steps = values("steps").and_then(|steps| steps.first().copied());
    let steps = steps.ok_or("the number of steps is missing")? as u64;
    let mut lengths = Vec::new();
    for name in trainable(forward).map_err(|error| error.to_string())? {
        let tensor = forward
            .initializer(&name)
            .map_err(|error| error.to_string())?;
        let length = tensor.data.len();
        lengths.push((name, length));
    }
    Moments::read(steps, &lengths, values)
}
