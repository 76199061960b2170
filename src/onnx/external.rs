//! Tensors whose data lies in a file beside the model: reading them in, and writing models that are
//! too large for one file.
//!
//! A file names its data files itself, so a name is only followed when it stays within the model's
//! own folder, links included, and only as far as the tensor needs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use prost::Message;

use super::check::quoted;
use super::proto::{ModelProto, StringStringEntryProto, TensorProto};
use super::visit::{self, Role};
use super::{OnnxError, model::MAX_BYTES};

/// Where tensors begin in a data file: whole pages, so that an engine may map them.
const ALIGNMENT: u64 = 4096;
/// A location that ONNX Runtime takes for an address in its own memory.
const MEMORY_ADDRESS: &str = "_ORT_MEM_ADDR_";

/// Where the data of a tensor lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// File, relative to the model's folder.
    pub location: String,
    /// First byte.
    pub offset: u64,
    /// Bytes; as many as the shape needs.
    pub length: u64,
}

fn error(tensor: &TensorProto, file: impl Into<PathBuf>, reason: impl Into<String>) -> OnnxError {
    OnnxError::External {
        tensor: quoted(tensor.name.as_deref().unwrap_or("")),
        file: file.into(),
        reason: reason.into(),
    }
}

impl Reference {
    /// Reads where the data of a tensor lies.
    ///
    /// # Errors
    /// [`OnnxError::External`] for a file outside of the model's folder, for numbers that are none,
    /// and for a length that the shape does not have.
    pub fn of(tensor: &TensorProto) -> Result<Reference, OnnxError> {
        let find = |key: &str| -> Result<Option<&str>, OnnxError> {
            let mut entries = tensor
                .external_data
                .iter()
                .filter(|entry| entry.key.as_deref() == Some(key));
            let first = entries.next();
            if entries.next().is_some() {
                return Err(error(tensor, "", format!("two entries for its {key}")));
            }
            Ok(first.map(|entry| entry.value.as_deref().unwrap_or("")))
        };
        let location = find("location")?.unwrap_or("");
        let file = quoted(location);
        let refuse = |reason: &str| error(tensor, &file, reason);
        let number = |key: &str| -> Result<Option<u64>, OnnxError> {
            match find(key)? {
                None => Ok(None),
                Some(text) => match text.trim().parse() {
                    Ok(number) => Ok(Some(number)),
                    Err(_) => Err(refuse(&format!("its {key} is no number"))),
                },
            }
        };
        if location.is_empty() {
            return Err(refuse("no file is named"));
        }
        let inside = Path::new(location)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside || location.split(['/', '\\']).any(|part| part == "..") {
            return Err(refuse("the file is not in the model's folder"));
        }
        if location.contains('\0') || location.contains(MEMORY_ADDRESS) {
            return Err(refuse("this is no file"));
        }
        let offset = number("offset")?.unwrap_or(0);
        let given = number("length")?;
        let needed = tensor.packed_size()?;
        let length = match (given, needed) {
            (Some(given), Some(needed)) if given != needed => {
                return Err(refuse(&format!(
                    "its length is {given}, but its shape needs {needed} bytes"
                )));
            }
            (_, Some(needed)) => needed,
            (Some(given), None) if tensor.data_type != Some(8) => given,
            _ => return Err(refuse("elements of this type have no fixed length")),
        };
        if offset.checked_add(length).is_none() {
            return Err(refuse("its end is out of range"));
        }
        Ok(Reference {
            location: location.to_owned(),
            offset,
            length,
        })
    }
}

/// A data file and the parts of it that are needed.
struct Source {
    file: File,
    /// Start and end, and later the bytes; in order and not overlapping once they are read.
    parts: Vec<(u64, u64, Bytes)>,
    /// A tensor that lies in it, for messages.
    tensor: String,
}

/// Reads all data from other files into the model.
///
/// Parts that several tensors share are read once, so no more is allocated than the files have.
///
/// # Errors
/// [`OnnxError::External`], naming tensor and file.
pub(super) fn resolve(model: &mut ModelProto, path: &Path) -> Result<(), OnnxError> {
    let mut sources: BTreeMap<PathBuf, Source> = BTreeMap::new();
    // Most tensors lie in the same file.
    let mut known: BTreeMap<String, PathBuf> = BTreeMap::new();
    visit::tensors(model, &mut |_, tensor| {
        if !tensor.is_external() {
            return Ok(());
        }
        let reference = Reference::of(tensor)?;
        let place = match known.get(&reference.location) {
            Some(place) => place.clone(),
            None => {
                let place = locate(path, tensor, &reference.location)?;
                known.insert(reference.location.clone(), place.clone());
                place
            }
        };
        let source = match sources.entry(place) {
            std::collections::btree_map::Entry::Occupied(source) => source.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                let file = File::open(free.key())
                    .map_err(|cause| error(tensor, &reference.location, cause.to_string()))?;
                free.insert(Source {
                    file,
                    parts: Vec::new(),
                    tensor: quoted(tensor.name.as_deref().unwrap_or("")),
                })
            }
        };
        let about = source
            .file
            .metadata()
            .map_err(|cause| error(tensor, &reference.location, cause.to_string()))?;
        if !about.is_file() {
            return Err(error(
                tensor,
                &reference.location,
                "this is no regular file",
            ));
        }
        let end = reference.offset + reference.length;
        if end > about.len() {
            return Err(error(
                tensor,
                &reference.location,
                format!("it ends at byte {end}, but the file has {}", about.len()),
            ));
        }
        source.parts.push((reference.offset, end, Bytes::new()));
        Ok(())
    })?;
    for (place, source) in &mut sources {
        source.read().map_err(|cause| OnnxError::External {
            tensor: source.tensor.clone(),
            file: place.clone(),
            reason: cause.to_string(),
        })?;
    }
    visit::tensors(model, &mut |_, tensor| {
        if !tensor.is_external() {
            return Ok(());
        }
        let reference = Reference::of(tensor)?;
        let bytes = known
            .get(&reference.location)
            .and_then(|place| sources.get(place))
            .and_then(|source| source.part(&reference));
        tensor.raw_data =
            Some(bytes.ok_or_else(|| error(tensor, &reference.location, "it was not read"))?);
        tensor.external_data.clear();
        tensor.data_location = None;
        Ok(())
    })
}

impl Source {
    fn read(&mut self) -> std::io::Result<()> {
        self.parts
            .sort_unstable_by_key(|(start, end, _)| (*start, *end));
        self.parts.dedup_by(|(start, end, _), (_, last, _)| {
            let overlaps = *start < *last;
            if overlaps {
                *last = (*last).max(*end);
            }
            overlaps
        });
        for (start, end, bytes) in &mut self.parts {
            let length = usize::try_from(*end - *start).map_err(std::io::Error::other)?;
            let mut buffer = Vec::new();
            buffer
                .try_reserve_exact(length)
                .map_err(std::io::Error::other)?;
            buffer.resize(length, 0);
            self.file.seek(SeekFrom::Start(*start))?;
            self.file.read_exact(&mut buffer)?;
            *bytes = Bytes::from(buffer);
        }
        Ok(())
    }

    fn part(&self, reference: &Reference) -> Option<Bytes> {
        if reference.length == 0 {
            return Some(Bytes::new());
        }
        let after = self
            .parts
            .partition_point(|(start, _, _)| *start <= reference.offset);
        let (start, _, bytes) = self.parts.get(after.checked_sub(1)?)?;
        let from = usize::try_from(reference.offset - start).ok()?;
        let to = from.checked_add(usize::try_from(reference.length).ok()?)?;
        (to <= bytes.len()).then(|| bytes.slice(from..to))
    }
}

/// The file of a location, with all links followed; it must lie in the folder in which the model
/// was named, or in the one in which the model's file really lies (caches keep models as links to a
/// folder of contents).
fn locate(model: &Path, tensor: &TensorProto, location: &str) -> Result<PathBuf, OnnxError> {
    let failed = |cause: std::io::Error| error(tensor, location, cause.to_string());
    let folder = match model.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let file = folder.join(location).canonicalize().map_err(failed)?;
    let named = folder.canonicalize().map_err(failed)?;
    let real = model.canonicalize().map_err(failed)?;
    let inside =
        file.starts_with(&named) || real.parent().is_some_and(|real| file.starts_with(real));
    if !inside {
        return Err(error(
            tensor,
            location,
            "the file is not in the model's folder",
        ));
    }
    // Opening a pipe or a device could wait for ever.
    if !fs::metadata(&file).map_err(failed)?.is_file() {
        return Err(error(tensor, location, "this is no regular file"));
    }
    Ok(file)
}

/// How a model is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// A model of at most so many bytes is one file; a larger one gets a data file beside it.
    pub largest_file: u64,
    /// Constants of at least so many bytes go into the data file, when there is one.
    pub smallest_external: u64,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions {
            largest_file: MAX_BYTES,
            smallest_external: 1024,
        }
    }
}

/// Writes a model, and its data file where it needs one. Each file appears whole or not at all.
///
/// # Errors
/// [`OnnxError::File`]; [`OnnxError::Invalid`] when even without its constants it is too large.
pub(super) fn write(
    model: &ModelProto,
    path: &Path,
    options: &WriteOptions,
) -> Result<(), OnnxError> {
    if model.encoded_len() as u64 <= options.largest_file {
        return put(path, |file| file.write_all(&model.encode_to_vec()));
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let location = format!("{stem}.onnx.data");
    let mut outer = model.clone();
    let mut data: Vec<(u64, Bytes)> = Vec::new();
    let mut end = 0u64;
    visit::tensors(&mut outer, &mut |role, tensor| {
        if tensor.is_external() {
            return match Reference::of(tensor)?.location == location {
                true => Err(error(tensor, &location, "the file would be written over")),
                false => Ok(()),
            };
        }
        let size = tensor.packed_size()?.unwrap_or(0);
        // ONNX Runtime reads the constants of graphs from other files, but not those of attributes.
        if role != Role::Initializer || size < options.smallest_external.max(1) {
            return Ok(());
        }
        let bytes = tensor.packed()?;
        let offset = end.next_multiple_of(ALIGNMENT);
        end = offset + size;
        data.push((offset, bytes));
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        *tensor = TensorProto {
            dims: std::mem::take(&mut tensor.dims),
            data_type: tensor.data_type,
            name: tensor.name.take(),
            doc_string: tensor.doc_string.take(),
            metadata_props: std::mem::take(&mut tensor.metadata_props),
            external_data: vec![
                entry("location", location.clone()),
                entry("offset", offset.to_string()),
                entry("length", size.to_string()),
            ],
            data_location: Some(1),
            ..Default::default()
        };
        Ok(())
    })?;
    let size = outer.encoded_len() as u64;
    if size > options.largest_file {
        return Err(OnnxError::Invalid(format!(
            "without its constants the model still has {size} bytes, over the limit of {}",
            options.largest_file
        )));
    }
    put(&path.with_file_name(&location), |file| {
        let mut written = 0u64;
        for (offset, bytes) in &data {
            std::io::copy(&mut std::io::repeat(0).take(offset - written), file)?;
            file.write_all(bytes)?;
            written = offset + bytes.len() as u64;
        }
        Ok(())
    })?;
    put(path, |file| file.write_all(&outer.encode_to_vec()))
}

/// Writes a file under another name, and gives it its own once it is whole.
fn put(path: &Path, fill: impl FnOnce(&mut File) -> std::io::Result<()>) -> Result<(), OnnxError> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let partial = path.with_file_name(format!(".{name}.{}-{number}.partial", std::process::id()));
    let write = || {
        let mut file = File::create_new(&partial)?;
        fill(&mut file)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|source| {
        // What went wrong first is what counts.
        let _ = fs::remove_file(&partial);
        OnnxError::File {
            path: path.to_owned(),
            source,
        }
    })
}
