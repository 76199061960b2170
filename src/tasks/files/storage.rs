//! Files on the shared storage: making them, and whether they are there.

use rand_chacha::ChaCha8Rng;

use super::super::base::{self, CLEAR_DOWNLOADS, CLEAR_INTERNAL, make_file};
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
    let mut script = format!("{CLEAR_INTERNAL}{CLEAR_DOWNLOADS}");
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
    base::teardown(device, spec, &format!("{CLEAR_INTERNAL}{CLEAR_DOWNLOADS}")).await
}

/// Which of the folders hold a file or folder of that name (PATH-EXISTS).
pub(super) async fn holders<const COUNT: usize>(
    device: &Device,
    name: &str,
    folders: [&str; COUNT],
) -> Result<[bool; COUNT], TaskError> {
    let mut script = String::new();
    for folder in folders {
        let place = quote(&path(folder));
        script.push_str(&format!("find {place} -type f -o -type d 2>/dev/null\n"));
    }
    let answer = device.adb().query(&format!("{script}true")).await?;
    let found: Vec<&str> = answer.lines().map(str::trim_end).collect();
    Ok(folders.map(|folder| found.contains(&&*format!("{}/{name}", path(folder)))))
}
