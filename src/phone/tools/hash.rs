//! `sha256sum`, `sha1sum`, `md5sum`. Uses the phone's files.

use sha2::digest::Digest;

use super::flags::Flags;
use super::lines::open;
use crate::phone::shell::{Shell, Streams};

/// `sha256sum [-b] [FILE...]`
pub fn sha256sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<sha2::Sha256>(shell, "sha256sum", arguments, streams)
}

/// `md5sum [-b] [FILE...]`
pub fn md5sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<md5::Md5>(shell, "md5sum", arguments, streams)
}

fn sums<D: Digest>(shell: &mut Shell, tool: &str, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse(tool, arguments, "bcs", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.is_empty() {
        flags.operands.push("-".to_owned());
    }
    let mut status = 0;
    let mut chunk = vec![0; 64 << 10];
    for name in &flags.operands {
        let input = match open(shell, name, streams) {
            Ok(input) => input,
            Err(error) => {
                status = streams.fail(tool, format!("{name}: {error}"));
                continue;
            }
        };
        let mut digest = D::new();
        while let Ok(count @ 1..) = input.read(&mut chunk) {
            digest.update(&chunk[..count]);
        }
        let sum: String = digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        match flags.has('b') {
            true => streams.line(sum),
            false => streams.line(format!("{sum}  {name}")),
        }
    }
    status
}
