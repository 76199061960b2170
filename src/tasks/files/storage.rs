//! Files on the shared storage: making them, and whether they are there.

use rand_chacha::ChaCha8Rng;

use super::super::base;
use super::super::paths::{self, CLEAR_STORAGE, make_file};
use super::super::{TaskError, names};
use crate::adb::quote;
use crate::device::Device;
use crate::domain::TaskSpec;

/// A folder's path.
fn path(folder: &str) -> String {
    format!("/storage/emulated/0/{folder}")
}

/// Prepares a shared storage without files, but for one and its noise in a folder, and a further folder.
pub(super) async fn prepare(
    device: &Device,
    spec: &TaskSpec,
    folder: &str,
    name: &str,
    variants: &[String],
    further: Option<&str>,
    rng: &mut ChaCha8Rng,
) -> Result<(), TaskError> {
    let mut script = CLEAR_STORAGE.to_owned();
    let place = path(folder);
    let mut noise = names::noise(name, variants, 20, rng);
    noise.push(name.to_owned());
    for name in &noise {
        script.push_str(&make_file(&place, name, &names::characters(20, rng)));
    }
    if let Some(further) = further {
        script.push_str(&format!("mkdir -p {} || exit 1\n", quote(&path(further))));
    }
    script.push_str(&format!("[ -f {} ]", quote(&format!("{place}/{name}"))));
    base::init(device, spec, &script).await.map(drop)
}

/// BASE-TEARDOWN, then a shared storage without files.
pub(super) async fn teardown(device: &Device, spec: &TaskSpec) -> Result<(), TaskError> {
    base::teardown(device, spec, CLEAR_STORAGE).await
}

/// Which of the folders hold a file or folder of that name (PATH-EXISTS).
pub(super) async fn holders<const COUNT: usize>(
    device: &Device,
    name: &str,
    folders: [&str; COUNT],
) -> Result<[bool; COUNT], TaskError> {
    let listing = folders.map(|folder| paths::listing(&quote(&path(folder))));
    let printed = device.adb().query(&(listing.concat() + "true")).await?;
    Ok(folders.map(|folder| paths::is_listed(&printed, &format!("{}/{name}", path(folder)))))
}
