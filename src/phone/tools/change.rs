//! Tools that change the tree: `mkdir`, `rmdir`, `rm`, `touch`, `mktemp`, `truncate`, `unlink`.
//! Uses the phone's files.

use rand::RngExt;

use super::flags::Flags;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::{FileError, paths};

/// `mkdir [-p] [-m MODE] DIRECTORY...`
pub fn mkdir(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("mkdir", arguments, "pvm:Z:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("mkdir", 1, streams) {
        return status;
    }
    let mut status = 0;
    for name in &flags.operands {
        let made = shell.path(name).and_then(|path| {
            let path = trimmed(&path);
            let files = &shell.machine.files;
            let mut made = Vec::new();
            match flags.has('p') {
                true => {
                    // Each directory by itself, so that new ones get their mode and are told.
                    let mut part = String::new();
                    for step in path.split('/').filter(|step| !step.is_empty()) {
                        part = format!("{part}/{step}");
                        match files.metadata(&part) {
                            Ok(found) if found.is_directory() => {}
                            Ok(_) if part == path => return Err(FileError::Exists),
                            Ok(_) => return Err(FileError::NotADirectory),
                            Err(_) => {
                                shell.may_change(&part)?;
                                files.make_dir(&part)?;
                                made.push(part.clone());
                            }
                        }
                    }
                }
                false => {
                    shell.may_change(path)?;
                    files.make_dir(path)?;
                    made.push(path.to_owned());
                }
            }
            for one in &made {
                if let Some(mask) = shell.mask {
                    files.set_mode(one, 0o777 & !mask)?;
                }
                if flags.has('v') {
                    let below = one
                        .strip_prefix(shell.directory.trim_end_matches('/'))
                        .filter(|_| !name.starts_with('/'));
                    let shown = below.map_or(one.as_str(), |below| below.trim_start_matches('/'));
                    streams.complain(format!("mkdir: created directory '{shown}'"));
                }
            }
            if let Some(mode) = flags
                .value('m')
                .and_then(|mode| u32::from_str_radix(mode, 8).ok())
            {
                files.set_mode(path, mode)?;
            }
            Ok(())
        });
        if let Err(error) = made {
            status = streams.fail("mkdir", format!("'{name}': {error}"));
        }
    }
    status
}

/// `rmdir [-p] DIRECTORY...`
pub fn rmdir(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("rmdir", arguments, "p", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("rmdir", 1, streams) {
        return status;
    }
    let mut status = 0;
    for name in &flags.operands {
        let mut name = trimmed(name).to_owned();
        loop {
            let removed = shell
                .path_to_change(&name)
                .and_then(|path| shell.machine.files.remove_dir(trimmed(&path)));
            if let Err(error) = removed {
                status = streams.fail("rmdir", format!("{name}: {error}"));
                break;
            }
            match name.rsplit_once('/') {
                Some((parent, _)) if flags.has('p') && !parent.is_empty() => {
                    name = parent.to_owned();
                }
                _ => break,
            }
        }
    }
    status
}

/// `rm [-rf] PATH...`
pub fn rm(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("rm", arguments, "fiRrv", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if !flags.has('f')
        && let Err(status) = flags.need("rm", 1, streams)
    {
        return status;
    }
    let recursive = flags.has('r') || flags.has('R');
    let mut status = 0;
    for name in &flags.operands {
        if matches!(
            name.rsplit('/').find(|part| !part.is_empty()),
            Some("." | "..")
        ) {
            status = streams.fail("rm", format!("bad path {name}"));
            continue;
        }
        let removed = shell.path(name).and_then(|path| {
            let files = &shell.machine.files;
            let directory = files.metadata(&path)?.is_directory();
            if flags.has('v') {
                let mut all = match directory && recursive {
                    true => shell.walk(&path)?,
                    false => Vec::new(),
                };
                all.reverse();
                let real = paths::normalize("/", &path).unwrap_or_default();
                for (below, found) in all {
                    let shown = format!("{name}{}", below.get(real.len()..).unwrap_or(""));
                    let tool = if found.is_directory() { "rmdir" } else { "rm" };
                    streams.line(format!("{tool} '{shown}'"));
                }
                let tool = if directory { "rmdir" } else { "rm" };
                streams.line(format!("{tool} '{name}'"));
            }
            shell.may_change(&path)?;
            match directory {
                true if recursive => files.remove_tree(&path),
                true => Err(FileError::IsADirectory),
                false => files.remove_file(&path),
            }
        });
        match removed {
            Ok(()) | Err(FileError::NotFound) if flags.has('f') => {}
            Ok(()) => {}
            Err(error) => status = streams.fail("rm", format!("{name}: {error}")),
        }
    }
    status
}

/// `touch [-acm] [-d DATE] [-t TIME] [-r FILE] FILE...`
pub fn touch(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("touch", arguments, "acmhd:t:r:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("touch", 1, streams) {
        return status;
    }
    let clock = shell.machine.clock.clone();
    let mut micros = clock.now_micros();
    // `-t` has the year in front, which `date` has behind.
    let stamp = flags.value('t').map(|text| {
        let (digits, seconds) = text.split_at(text.find('.').unwrap_or(text.len()));
        match digits.len() {
            10 | 12 if digits.is_ascii() => {
                let year = digits.len() - 8;
                format!("{}{}{seconds}", &digits[year..], &digits[..year])
            }
            _ => text.to_owned(),
        }
    });
    if let Some(text) = flags.value('d').or(stamp.as_deref()) {
        match super::date::parse(text, &clock) {
            Some(parsed) => micros = parsed,
            None => return streams.fail("touch", format!("bad date {text}")),
        }
    }
    if let Some(name) = flags.value('r') {
        match shell
            .path(name)
            .and_then(|path| shell.machine.files.metadata(&path))
        {
            Ok(found) => micros = found.modified_micros,
            Err(error) => return streams.fail("touch", format!("'{name}': {error}")),
        }
    }
    let mut status = 0;
    for name in &flags.operands {
        let touched = shell.path_to_change(name).and_then(|path| {
            let files = &shell.machine.files;
            if !files.exists(&path) {
                if flags.has('c') {
                    return Ok(());
                }
                files.append(&path, b"")?;
                if let Some(mask) = shell.mask {
                    files.set_mode(&path, 0o666 & !mask)?;
                }
            }
            files.set_times(&path, micros)
        });
        if let Err(error) = touched {
            status = streams.fail("touch", format!("'{name}': {error}"));
        }
    }
    status
}

/// `unlink FILE`
pub fn unlink(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let [name] = arguments else {
        return streams.fail("unlink", "Needs 1 argument (see \"unlink --help\")");
    };
    match shell
        .path_to_change(name)
        .and_then(|path| shell.machine.files.remove_file(&path))
    {
        Ok(()) => 0,
        Err(error) => streams.fail("unlink", format!("Couldn't unlink {name}: {error}")),
    }
}

/// `mktemp [-d] [-p DIRECTORY] [TEMPLATE]`
pub fn mktemp(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("mktemp", arguments, "dqutp:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let template = flags
        .operands
        .first()
        .map_or("tmp.XXXXXXXXXX", String::as_str);
    let stem = template.trim_end_matches('X');
    let letters: String = {
        let mut state = shell.machine.lock();
        (stem.len()..template.len())
            .map(|_| char::from(b'a' + state.system.random.random_range(0..26_u8)))
            .collect()
    };
    let mut name = format!("{stem}{letters}");
    if !name.contains('/') && (flags.value('p').is_some() || flags.operands.is_empty()) {
        name = paths::child(flags.value('p').unwrap_or("/data/local/tmp"), &name);
    }
    let made = shell.path_to_change(&name).and_then(|path| {
        let files = &shell.machine.files;
        match flags.has('d') {
            true => files.make_dir(&path)?,
            false => files.write(&path, b"")?,
        }
        files.set_mode(&path, if flags.has('d') { 0o700 } else { 0o600 })
    });
    match made {
        Ok(()) => {
            streams.line(name);
            0
        }
        Err(error) => streams.fail("mktemp", format!("{name}: {error}")),
    }
}

/// Largest file that `truncate` makes.
const MAX_TRUNCATED: usize = 64 << 20;

/// `truncate -s [+-]SIZE[kMG] FILE...`
pub fn truncate(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("truncate", arguments, "cs:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let text = flags.value('s').unwrap_or("");
    let relative = text.starts_with(['+', '-']);
    let digits = text.trim_start_matches(['+', '-']);
    let (digits, unit) = match digits.to_lowercase().chars().last() {
        Some('k') => (&digits[..digits.len() - 1], 1 << 10),
        Some('m') => (&digits[..digits.len() - 1], 1 << 20),
        Some('g') => (&digits[..digits.len() - 1], 1 << 30),
        _ => (digits, 1),
    };
    let size = digits
        .parse::<usize>()
        .ok()
        .and_then(|size| size.checked_mul(unit));
    let Some(size) = size.filter(|size| *size <= MAX_TRUNCATED) else {
        return streams.fail("truncate", "need -s SIZE");
    };
    let mut status = 0;
    for name in &flags.operands {
        let cut = shell.path_to_change(name).and_then(|path| {
            let mut bytes = shell.machine.files.read(&path).unwrap_or_default();
            let size = match (relative, text.starts_with('-')) {
                (false, _) => size,
                (true, false) => bytes.len().saturating_add(size).min(MAX_TRUNCATED),
                (true, true) => bytes.len().saturating_sub(size),
            };
            bytes.resize(size, 0);
            shell.machine.files.write(&path, bytes)
        });
        if let Err(error) = cut {
            status = streams.fail("truncate", format!("{name}: {error}"));
        }
    }
    status
}

/// The last name of a path, as `basename` has it.
pub fn base_name(path: &str) -> &str {
    let trimmed = trimmed(path);
    trimmed
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
        .unwrap_or(trimmed)
}

/// A path without slashes at its end.
pub fn trimmed(path: &str) -> &str {
    let short = path.trim_end_matches('/');
    if short.is_empty() && !path.is_empty() {
        "/"
    } else {
        short
    }
}
