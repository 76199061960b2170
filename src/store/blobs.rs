//! Blobs by content hash: `blobs/ab/abcd…`, written once, never changed.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Refusals, StoreError};

/// Largest blob that is read back, in bytes.
const MAX_BLOB: u64 = 256 << 20;

/// Distinguishes temporary files of one process.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// A directory of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: PathBuf,
    refusals: Option<Refusals>,
}

impl Blobs {
    /// The blobs in a directory, which need not exist yet.
    pub fn new(directory: impl Into<PathBuf>) -> Blobs {
        Blobs {
            directory: directory.into(),
            refusals: None,
        }
    }

    /// The same, with writes that are refused as by a full disk.
    pub(super) fn refusing(self, refusals: Option<Refusals>) -> Blobs {
        Blobs { refusals, ..self }
    }

    /// The hash that bytes are stored by (BLAKE3, 64 hexadecimal digits).
    pub fn name_of(bytes: &[u8]) -> String {
        blake3::hash(bytes).to_hex().to_string()
    }

    /// Stores bytes and returns their hash, [`Blobs::name_of`]. What is there already is not written
    /// again.
    ///
    /// # Errors
    /// The directory can't be written.
    pub fn put(&self, bytes: &[u8]) -> Result<String, StoreError> {
        const DOING: &str = "writing a blob";
        let hash = Blobs::name_of(bytes);
        let path = self.path(&hash)?;
        if fs::metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) {
            return Ok(hash);
        }
        if let Some(refusals) = &self.refusals {
            refusals.meet(&path, DOING)?;
        }
        let folder = path.parent().unwrap_or(&self.directory);
        fs::create_dir_all(folder)
            .map_err(|error| StoreError::io(folder, "making a blob's folder", error))?;
        let temporary = folder.join(format!(
            ".{}.{}.tmp",
            std::process::id(),
            COUNTER.fetch_add(1, Ordering::Relaxed)
        ));
        // A rename is atomic for whoever reads. There is no fsync: a blob that a power cut tore is
        // known by its hash, and a kill of the process tears nothing.
        let written = File::create(&temporary)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&temporary, &path));
        if let Err(error) = written {
            // The error of the write is what matters; a leftover is harmless.
            let _ = fs::remove_file(&temporary);
            return Err(StoreError::io(&path, DOING, error));
        }
        Ok(hash)
    }

    /// Reads a blob and checks its hash.
    ///
    /// # Errors
    /// It is missing, too large or damaged.
    pub fn get(&self, hash: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.path(hash)?;
        let fail = |error| StoreError::io(&path, "reading a blob", error);
        if fs::metadata(&path).map_err(fail)?.len() > MAX_BLOB {
            return Err(StoreError::BlobDamaged(path));
        }
        let bytes = fs::read(&path).map_err(fail)?;
        if blake3::hash(&bytes).to_hex().as_str() != hash {
            return Err(StoreError::BlobDamaged(path));
        }
        Ok(bytes)
    }

    /// Where a blob lies.
    ///
    /// # Errors
    /// [`StoreError::NotAHash`].
    pub fn path(&self, hash: &str) -> Result<PathBuf, StoreError> {
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(StoreError::NotAHash(hash.to_string()));
        }
        Ok(self.directory.join(&hash[..2]).join(hash))
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blobs_are_written_once_and_checked() {
        let directory = tempfile::tempdir().unwrap();
        let blobs = Blobs::new(directory.path().join("blobs"));
        let hash = blobs.put(b"one").unwrap();
        assert_eq!(blobs.put(b"one").unwrap(), hash);
        let other = blobs.put(b"two").unwrap();
        assert_ne!(hash, other);
        assert_eq!(blobs.get(&hash).unwrap(), b"one");
        let path = blobs.path(&hash).unwrap();
        let siblings = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(siblings, 1, "no temporary file is left");

        fs::write(&path, b"0ne").unwrap();
        assert!(matches!(
            blobs.get(&hash),
            Err(StoreError::BlobDamaged(found)) if found == path
        ));
        // A torn blob has another size, and is written anew.
        fs::write(&path, b"on").unwrap();
        blobs.put(b"one").unwrap();
        assert_eq!(blobs.get(&hash).unwrap(), b"one");
        assert!(matches!(
            blobs.get("../../etc/passwd"),
            Err(StoreError::NotAHash(_))
        ));
    }
}
