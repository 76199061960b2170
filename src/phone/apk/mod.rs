//! What an APK says of itself: package, label, version, activities, permissions. Nothing in it runs on this
//! phone; the package is only known. Uses the manifests of `system`.
//!
//! An APK comes from outside: sizes are checked before anything is allocated, and whatever is out of its bounds
//! is an error.

mod fields;
mod inflate;
mod manifest;
mod resources;
mod strings;
mod xml;
mod zip;

use std::io::{Read, Seek};

use crate::phone::system::Manifest;
use manifest::Label;

/// Why an APK cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ApkError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// It is no archive, or a broken one.
    #[error("the archive is broken: {0}")]
    Archive(&'static str),
    /// The archive has no such entry.
    #[error("the archive has no {0}")]
    Missing(&'static str),
    /// An entry is longer than any that is read.
    #[error("{name} has {size} bytes, more than the {most} that are read")]
    TooLong {
        /// The entry.
        name: &'static str,
        /// Its bytes.
        size: u64,
        /// The most that are read.
        most: u64,
    },
    /// Compressed data is broken.
    #[error("compressed data is broken: {0}")]
    Deflate(&'static str),
    /// The manifest or the resources are broken.
    #[error("a table is broken: {0}")]
    Table(&'static str),
    /// It belongs to the package of another APK.
    #[error("it is a split of {0}, not a package of its own")]
    Split(String),
}

/// Longest manifest that is read.
const MANIFEST: u64 = 4 << 20;
/// Longest table of resources that is read for a label.
const RESOURCES: u64 = 32 << 20;

/// Reads the manifest of an APK (zip archive, `AndroidManifest.xml` in Android's binary XML).
///
/// # Errors
/// [`ApkError`] when it is no APK or not one that can be read.
pub fn read(input: &mut (impl Read + Seek)) -> Result<Manifest, ApkError> {
    let entries = zip::Archive::open(input)?;
    let bytes = entries.entry(input, "AndroidManifest.xml", MANIFEST)?;
    let (mut found, label) = manifest::read(&bytes)?;
    found.label = match label {
        Label::Text(text) => text,
        // A label that is not found does not make the package unknown.
        Label::Resource(id) => entries
            .entry(input, "resources.arsc", RESOURCES)
            .and_then(|table| resources::text(&table, id))
            .unwrap_or_else(|_| last_part(&found.package)),
        Label::None => last_part(&found.package),
    };
    Ok(found)
}

/// Whether a file is an archive with such an entry.
pub fn has_entry(input: &mut (impl Read + Seek), name: &'static str) -> bool {
    zip::Archive::open(input).is_ok_and(|entries| entries.has(name))
}

fn last_part(package: &str) -> String {
    package.rsplit('.').next().unwrap_or(package).to_owned()
}
