//! Finding and loading ONNX Runtime's shared library, once per process.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::Environment;

use super::RuntimeError;

/// Where the set-up puts the library, below a checkout.
const CHECKOUT_FOLDER: &str = ".deps/onnxruntime";
/// Environment variable that names the library.
const VARIABLE: &str = "ORT_DYLIB_PATH";
/// Oldest minor version that has what is used here.
const OLDEST_MINOR: u32 = 24;

/// The loaded library; clones share it.
#[derive(Debug, Clone)]
pub struct Library {
    pub(super) environment: Arc<Environment>,
    path: PathBuf,
    minor: u32,
}

static LOADED: Mutex<Option<Library>> = Mutex::new(None);

impl Library {
    /// Loads the library: the one that is named, else what [`candidates`] finds.
    ///
    /// # Errors
    /// [`RuntimeError::LibraryMissing`] and [`RuntimeError::LibraryUnusable`].
    pub fn load(named: Option<&Path>) -> Result<Library, RuntimeError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(library) = loaded.as_ref() {
            return Ok(library.clone());
        }
        let looked_at = match named {
            Some(path) => vec![path.to_owned()],
            None => candidates(),
        };
        let path = looked_at.iter().find(|path| path.is_file()).cloned();
        let path = path.ok_or(RuntimeError::LibraryMissing(looked_at))?;
        let path = path.canonicalize().unwrap_or(path);
        let unusable = |reason: String| RuntimeError::LibraryUnusable {
            path: path.clone(),
            reason,
        };
        // Loading a file that is no such library must end in an error here, not in a panic later.
        let minor = match ort::util::probe(&path) {
            None => return Err(unusable("it is not ONNX Runtime 1.x".into())),
            Some(minor) if minor < OLDEST_MINOR => {
                return Err(unusable(format!(
                    "version 1.{minor}, but 1.{OLDEST_MINOR} or newer is needed"
                )));
            }
            Some(minor) => minor,
        };
        let environment = ort::init_from(&path)
            .map_err(|error| unusable(error.to_string()))?
            .with_name("stepdroid")
            .with_telemetry(false)
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        let library = Library {
            environment: Arc::new(environment),
            path,
            minor,
        };
        *loaded = Some(library.clone());
        Ok(library)
    }

    /// Its version, e.g. `1.24`.
    pub fn version(&self) -> String {
        format!("1.{}", self.minor)
    }

    /// The file that was loaded.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Files that are tried in turn: `ORT_DYLIB_PATH`, beside the program, the set-up's folder in every
/// folder above the program and the current one, and the system's.
pub fn candidates() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
        return vec![PathBuf::from(named)];
    }
    let mut found = Vec::new();
    let program = std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_owned));
    if let Some(folder) = &program {
        found.push(folder.join("libonnxruntime.so"));
    }
    let starts = program.into_iter().chain(std::env::current_dir().ok());
    for start in starts {
        for folder in start.ancestors() {
            found.extend(libraries_in(&folder.join(CHECKOUT_FOLDER)));
        }
    }
    found.extend(
        [
            "/usr/local/lib/libonnxruntime.so",
            "/usr/lib/libonnxruntime.so",
        ]
        .map(PathBuf::from),
    );
    found.dedup();
    found
}

/// `libonnxruntime.so*` in a folder, newest name first.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut libraries: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("libonnxruntime.so") && !name.ends_with(".partial")
        })
        .collect();
    libraries.sort();
    libraries.reverse();
    libraries
}
