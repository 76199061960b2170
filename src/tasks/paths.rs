//! Files and folders of the device: scripts that make and clear them, what is there, many written at once.

use super::TaskError;
use crate::adb::{Upload, quote};
use crate::device::Device;

/// Deletes every file of the shared storage; folders stay (CLEAR-INTERNAL). toybox
/// prints what it deletes.
pub(super) const CLEAR_INTERNAL: &str =
    "find /storage/emulated/0/ -mindepth 1 -type f -delete >/dev/null\n";

/// Deletes every file of the shared storage, and what the media provider still knows (CLEAR-STORAGE).
pub(super) const CLEAR_STORAGE: &str =
    "find /storage/emulated/0/ -mindepth 1 -type f -delete >/dev/null
content delete --uri content://media/external/downloads >/dev/null 2>&1
";

/// Empties a folder, if it is there; what begins with a dot survives (CLEAR-DIR).
pub(super) fn clear(folder: &str) -> String {
    format!("if [ -d {folder} ]; then rm -rf {folder}/*; fi\n")
}

/// Makes a file with a text and a line break after it, and its folder (MKFILE).
pub(super) fn make_file(folder: &str, name: &str, text: &str) -> String {
    let file = quote(&format!("{folder}/{name}"));
    let (folder, text) = (quote(folder), quote(text));
    format!("mkdir -p {folder} && printf '%s\\n' {text} > {file} || exit 1\n")
}

/// Prints the paths of all files and folders in a folder; nothing where there is none.
pub(super) fn listing(folder: &str) -> String {
    format!("find {folder} -type f -o -type d 2>/dev/null\n")
}

/// Whether a file or folder is in a folder, however deep its name leads (PATH-EXISTS).
pub(super) async fn holds(device: &Device, folder: &str, name: &str) -> Result<bool, TaskError> {
    let printed = device.adb().query(&(listing(folder) + "true")).await?;
    Ok(is_listed(&printed, &format!("{folder}/{name}")))
}

/// Whether a path stands in what [`listing`] printed.
pub(super) fn is_listed(printed: &str, path: &str) -> bool {
    printed.lines().any(|line| line.trim_end() == path)
}

/// Writes files to the device, all at once.
pub(super) async fn write(
    device: &Device,
    files: &[(impl AsRef<str>, impl AsRef<[u8]>)],
) -> Result<(), TaskError> {
    let uploads: Vec<Upload> = files
        .iter()
        .map(|(path, data)| Upload {
            path: path.as_ref(),
            data: data.as_ref(),
        })
        .collect();
    device.adb().write_files(&uploads, 0o777).await?;
    Ok(())
}
