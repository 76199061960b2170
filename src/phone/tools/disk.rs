//! `df`, `du`, `mount`. Uses the phone's files.

use super::flags::Flags;
use super::list::human;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::Metadata;

/// `df [-h] [-k] [PATH...]`
pub fn df(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("df", arguments, "HPhkiat:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let (size, used) = shell.machine.files.usage();
    let free = size.saturating_sub(used);
    let show = |bytes: u64| match flags.has('h') || flags.has('H') {
        true => human(bytes),
        false => bytes.div_ceil(1024).to_string(),
    };
    let title = match flags.has('h') || flags.has('H') {
        true => "Filesystem       Size Used Avail Use% Mounted on",
        false => "Filesystem     1K-blocks    Used Available Use% Mounted on",
    };
    streams.line(title);
    let percent = (used * 100).div_ceil(size.max(1));
    let row = |device: &str, mount: &str| {
        streams.line(format!(
            "{device:<15} {:>8} {:>7} {:>9} {percent:>3}% {mount}",
            show(size),
            show(used),
            show(free)
        ));
    };
    if flags.operands.is_empty() {
        row("/dev/block/dm-5", "/data");
        row("/dev/fuse", "/storage/emulated");
        return 0;
    }
    let mut status = 0;
    for name in &flags.operands {
        let found = shell.path(name).and_then(|path| {
            shell.machine.files.metadata(&path)?;
            Ok(path)
        });
        match found {
            Ok(path) if path.starts_with("/storage") || path.starts_with("/sdcard") => {
                row("/dev/fuse", "/storage/emulated");
            }
            Ok(_) => row("/dev/block/dm-5", "/data"),
            Err(error) => status = streams.fail("df", format!("'{name}': {error}")),
        }
    }
    status
}

/// `du [-abchkms] [-d DEPTH] [PATH...]`
pub fn du(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse("du", arguments, "abchkLlmsxHKd:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.is_empty() {
        flags.operands.push(".".to_owned());
    }
    let depth = match flags.has('s') {
        true => 0,
        false => flags
            .value('d')
            .and_then(|text| text.parse().ok())
            .unwrap_or(usize::MAX),
    };
    let bytes_of = |found: &Metadata| match flags.has('b') {
        true => found.size,
        false => found.blocks * 512,
    };
    let show = |bytes: u64| {
        if flags.has('h') {
            human(bytes)
        } else if flags.has('b') {
            bytes.to_string()
        } else if flags.has('m') {
            bytes.div_ceil(1 << 20).to_string()
        } else {
            bytes.div_ceil(1024).to_string()
        }
    };
    let (mut status, mut all) = (0, 0);
    for name in &flags.operands {
        let found = shell.path(name).and_then(|path| {
            let files = &shell.machine.files;
            let own = files.metadata(&path)?;
            let below = if own.is_directory() {
                shell.walk(&path)?
            } else {
                Vec::new()
            };
            Ok((path, own, below))
        });
        let (path, own, below) = match found {
            Ok(found) => found,
            Err(error) => {
                status = streams.fail("du", format!("{name}: {error}"));
                continue;
            }
        };
        let base = path.trim_end_matches('/');
        // Deepest first, as each directory is printed when it is done.
        for (entry, metadata) in below.iter().rev() {
            let short = &entry[base.len().min(entry.len())..];
            let level = short.matches('/').count();
            if level > depth || !(metadata.is_directory() || flags.has('a')) {
                continue;
            }
            let total: u64 = bytes_of(metadata)
                + below
                    .iter()
                    .filter(|(other, _)| other.starts_with(&format!("{entry}/")))
                    .map(|(_, found)| bytes_of(found))
                    .sum::<u64>();
            streams.line(format!(
                "{}\t{}{short}",
                show(total),
                name.trim_end_matches('/')
            ));
        }
        let total = bytes_of(&own) + below.iter().map(|(_, found)| bytes_of(found)).sum::<u64>();
        streams.line(format!("{}\t{name}", show(total)));
        all += total;
    }
    if flags.has('c') {
        streams.line(format!("{}\ttotal", show(all)));
    }
    status
}

/// `mount`: what a stock image has mounted; changing it has no effect.
pub fn mount(_: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    if arguments.is_empty() {
        for line in [
            "/dev/block/dm-0 on / type ext4 (ro,seclabel,relatime)",
            "/dev/block/dm-5 on /data type ext4 (rw,seclabel,nosuid,nodev,noatime)",
            "/dev/fuse on /storage/emulated type fuse (rw,lazytime,nosuid,nodev,noexec,noatime)",
        ] {
            streams.line(line);
        }
    }
    0
}
