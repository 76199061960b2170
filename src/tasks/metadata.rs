//! Files of a folder with what the benchmark compares of them (catalogue section 0: LS-META).

use serde::{Deserialize, Serialize};

use super::TaskError;
use crate::device::Device;
use crate::domain::Compat;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileMetadata {
    /// Name.
    pub name: String,
    /// Bytes.
    pub size: String,
    /// Date and time of the last access, or mended of the last change, to the microsecond.
    pub time: String,
}

/// What is printed instead of a listing where there is no such folder.
const NO_FOLDER: &str = "no folder";

/// A script that lists a folder. The benchmark means changes and looks at accesses: reading a file makes
/// it another one.
pub(super) fn listing(folder: &str, compat: Compat) -> String {
    let flags = match compat {
        Compat::AndroidWorld => "-au",
        Compat::Fixed => "-a",
    };
    format!("if [ -d {folder} ]; then ls {folder} -ll {flags}; else echo '{NO_FOLDER}'; fi; true\n")
}

/// The files of what [`listing`] printed; `None` when there is no such folder. An agent can rename or
/// delete it: that is its failure, and must not pass for one of the device.
pub(super) fn files(
    device: &Device,
    printed: &str,
) -> Result<Option<Vec<FileMetadata>>, TaskError> {
    if printed.trim() == NO_FOLDER {
        return Ok(None);
    }
    let lines = printed.lines().filter(|line| line.starts_with('-'));
    let files = lines.map(|line| {
        parse(line).ok_or_else(|| {
            TaskError::setup(device, format!("a listing that can't be read: {line:?}"))
        })
    });
    files.collect::<Result<_, _>>().map(Some)
}

/// The files of a folder, as [`files`].
pub(super) async fn list(
    device: &Device,
    folder: &str,
    compat: Compat,
) -> Result<Option<Vec<FileMetadata>>, TaskError> {
    let printed = device.adb().query(&listing(folder, compat)).await?;
    files(device, &printed)
}

/// One line: permissions, links, owner, group, size, date, time, zone, name.
fn parse(line: &str) -> Option<FileMetadata> {
    let mut rest = line.trim_end();
    let mut fields = [""; 8];
    for field in &mut fields {
        let end = rest.find(char::is_whitespace)?;
        *field = &rest[..end];
        rest = rest[end..].trim_start();
    }
    let [_, _, _, _, size, date, time, _] = fields;
    // Nanoseconds, of which the benchmark cuts the last three digits.
    let time = time.get(..time.len().checked_sub(3)?)?;
    (!rest.is_empty()).then(|| FileMetadata {
        name: rest.to_owned(),
        size: size.to_owned(),
        time: format!("{date} {time}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_are_read_with_blanks_in_names() {
        let line =
            "-rw-rw---- 1 u0_a158 media_rw  17 2023-11-28 23:17:43.176000123 +0000 my note.txt";
        let note = parse(line).unwrap();
        assert_eq!(note.name, "my note.txt");
        assert_eq!(note.size, "17");
        assert_eq!(note.time, "2023-11-28 23:17:43.176000");
        assert_eq!(parse("-rw-rw---- 1 u0_a158"), None);
    }

    #[test]
    fn accesses_are_looked_at_only_for_the_benchmark() {
        assert!(listing("/f", Compat::AndroidWorld).contains("; then ls /f -ll -au;"));
        assert!(listing("/f", Compat::Fixed).contains("; then ls /f -ll -a;"));
    }
}
