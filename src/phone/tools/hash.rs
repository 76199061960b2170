//! `md5sum`, `sha256sum` and their likes, and checking what they wrote. Uses the phone's files.

use sha2::digest::Digest;

use super::flags::Flags;
use super::lines::open;
use crate::phone::shell::{Input, Shell, Streams};

/// `sha256sum [-bcs] [FILE...]`
pub fn sha256sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<sha2::Sha256>(shell, "sha256sum", arguments, streams)
}

/// `sha512sum [-bcs] [FILE...]`
pub fn sha512sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<sha2::Sha512>(shell, "sha512sum", arguments, streams)
}

/// `sha224sum [-bcs] [FILE...]`
pub fn sha224sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<sha2::Sha224>(shell, "sha224sum", arguments, streams)
}

/// `sha384sum [-bcs] [FILE...]`
pub fn sha384sum(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    sums::<sha2::Sha384>(shell, "sha384sum", arguments, streams)
}

/// `md5sum [-bcs] [FILE...]`
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
    for name in &flags.operands {
        let input = match open(shell, name, streams) {
            Ok(input) => input,
            Err(error) => {
                status = streams.fail(tool, format!("{name}: {error}"));
                continue;
            }
        };
        if flags.has('c') {
            let list = String::from_utf8_lossy(&input.read_all()).into_owned();
            status |= check::<D>(shell, tool, &list, flags.has('s'), streams);
            continue;
        }
        let sum = sum::<D>(&input);
        match flags.has('b') {
            true => streams.line(sum),
            false => streams.line(format!("{sum}  {name}")),
        }
    }
    status
}

fn sum<D: Digest>(input: &Input) -> String {
    let mut digest = D::new();
    let mut chunk = vec![0; 64 << 10];
    while let Ok(count @ 1..) = input.read(&mut chunk) {
        digest.update(&chunk[..count]);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Checks the files of a list that the tool wrote.
fn check<D: Digest>(shell: &Shell, tool: &str, list: &str, quiet: bool, streams: &Streams) -> i32 {
    let mut status = 0;
    for line in list.lines() {
        let Some((wanted, name)) = line.split_once("  ") else {
            continue;
        };
        let same = match open(shell, name, streams) {
            Ok(input) => sum::<D>(&input).eq_ignore_ascii_case(wanted),
            Err(error) => {
                streams.fail(tool, format!("{name}: {error}"));
                false
            }
        };
        if !same {
            status = 1;
        }
        if !quiet {
            streams.line(format!("{name}: {}", if same { "OK" } else { "FAILED" }));
        }
    }
    status
}
