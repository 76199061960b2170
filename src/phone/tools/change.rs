//! Tools that change the tree: `mkdir`, `rmdir`, `rm`, `cp`, `mv`, `touch`, `mktemp`, `truncate`,
//! `install`, `ln`. Uses the phone's files.

use rand::RngExt;

use super::flags::Flags;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::{FileError, FileKind, Metadata, paths};

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
            match flags.has('p') {
                true => files.make_dirs(path)?,
                false => files.make_dir(path)?,
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
        } else if flags.has('v') {
            streams.complain(format!("mkdir: created directory '{name}'"));
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
                .path(&name)
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
            match directory {
                true if recursive => files.remove_tree(&path),
                true => Err(FileError::IsADirectory),
                false => files.remove_file(&path),
            }
        });
        match removed {
            Ok(()) | Err(FileError::NotFound) if flags.has('f') => {}
            Ok(()) => {}
            Err(FileError::IsADirectory) => {
                status = streams.fail("rm", format!("{name}: is directory"))
            }
            Err(error) => status = streams.fail("rm", format!("{name}: {error}")),
        }
    }
    status
}

/// What a copy keeps and replaces.
struct CopyOptions {
    recursive: bool,
    keep: bool,
    no_replace: bool,
    verbose: bool,
}

/// `cp [-aRrpfnvT] SOURCE... TARGET`, `-t TARGET`
pub fn cp(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("cp", arguments, "aDdFfHLlinPpRrsTt:uv", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let options = CopyOptions {
        recursive: flags.has('a') || flags.has('R') || flags.has('r'),
        keep: flags.has('a') || flags.has('p'),
        no_replace: flags.has('n'),
        verbose: flags.has('v'),
    };
    transfer(
        shell,
        "cp",
        &flags,
        streams,
        |shell, source, target, status| {
            *status |= copy(shell, source, target, &options, streams);
        },
    )
}

/// `mv [-fnv] SOURCE... TARGET`
pub fn mv(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("mv", arguments, "finTt:v", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let no_replace = flags.has('n');
    transfer(
        shell,
        "mv",
        &flags,
        streams,
        |shell, source, target, status| {
            let moved = (|| {
                let from = shell.path(source)?;
                let to = shell.path(target)?;
                if no_replace && shell.machine.files.exists(&to) {
                    return Ok(());
                }
                shell.machine.files.rename(trimmed(&from), trimmed(&to))
            })();
            if let Err(error) = moved {
                *status = streams.fail("mv", format!("bad '{source}': {error}"));
            }
        },
    )
}

/// Pairs sources with targets: a directory takes every source under its own name.
fn transfer(
    shell: &mut Shell,
    tool: &str,
    flags: &Flags,
    streams: &Streams,
    mut work: impl FnMut(&mut Shell, &str, &str, &mut i32),
) -> i32 {
    let mut sources = flags.operands.clone();
    let target = match flags.value('t') {
        Some(target) => target.to_owned(),
        None => {
            if let Err(status) = flags.need(tool, 1, streams) {
                return status;
            }
            if sources.len() < 2 {
                return streams.fail(tool, "Needs 2 arguments");
            }
            sources.pop().unwrap_or_default()
        }
    };
    let into = !flags.has('T')
        && shell
            .path(&target)
            .is_ok_and(|path| shell.machine.files.is_dir(&path));
    if sources.len() > 1 && !into {
        return streams.fail(tool, format!("'{target}' not directory"));
    }
    let mut status = 0;
    for source in sources {
        let known = shell
            .path(&source)
            .and_then(|path| shell.machine.files.metadata(&path));
        if let Err(error) = known {
            status = streams.fail(tool, format!("bad '{source}': {error}"));
            continue;
        }
        let target = match (into, base_name(&source)) {
            // `cp -a dir/. target` copies what is in the directory.
            (true, "." | "..") | (false, _) => target.clone(),
            (true, name) => paths::child(&target, name),
        };
        work(shell, &source, &target, &mut status);
    }
    status
}

fn copy(
    shell: &mut Shell,
    source: &str,
    target: &str,
    options: &CopyOptions,
    streams: &Streams,
) -> i32 {
    let bad = |name: &str, error: FileError| streams.fail("cp", format!("bad '{name}': {error}"));
    let (from, to) = match (shell.path(source), shell.path(target)) {
        (Ok(from), Ok(to)) => (trimmed(&from).to_owned(), trimmed(&to).to_owned()),
        (Err(error), _) => return bad(source, error),
        (_, Err(error)) => return bad(target, error),
    };
    let files = shell.machine.files.clone();
    let metadata = match files.metadata(&from) {
        Ok(metadata) => metadata,
        Err(error) => return bad(source, error),
    };
    if !metadata.is_directory() {
        if options.no_replace && files.exists(&to) {
            return 0;
        }
        if options.verbose {
            streams.line(format!("cp '{source}'"));
        }
        return match files
            .copy_file(&from, &to)
            .and_then(|()| keep(shell, &to, &metadata, options))
        {
            Ok(()) => 0,
            Err(FileError::SameFile) => streams.fail("cp", format!("'{target}' is '{source}'")),
            Err(error) => streams.fail("cp", format!("{target}: {error}")),
        };
    }
    if !options.recursive {
        return streams.fail("cp", format!("Skipped dir '{source}'"));
    }
    if paths::is_within(&to, &from) {
        return streams.fail("cp", format!("'{target}' is in '{source}'"));
    }
    match files.make_dir(&to) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return streams.fail("cp", format!("'{target}': {error}")),
    }
    let entries = match files.list(&from) {
        Ok(entries) => entries,
        Err(error) => return bad(source, error),
    };
    let mut status = 0;
    for entry in entries
        .into_iter()
        .filter(|entry| entry.metadata.kind != FileKind::Link)
    {
        let (source, target) = (
            paths::child(source, &entry.name),
            paths::child(target, &entry.name),
        );
        status |= copy(shell, &source, &target, options, streams);
    }
    if let Err(error) = keep(shell, &to, &metadata, options) {
        status = streams.fail("cp", format!("{target}: {error}"));
    }
    status
}

fn keep(
    shell: &Shell,
    path: &str,
    metadata: &Metadata,
    options: &CopyOptions,
) -> Result<(), FileError> {
    let files = &shell.machine.files;
    files.set_mode(path, metadata.mode)?;
    if options.keep {
        files.set_owner(path, metadata.user, metadata.group)?;
        files.set_times(path, metadata.modified_micros)?;
    }
    Ok(())
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
            None => return streams.fail("touch", format!("bad '{text}'")),
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
        let touched = shell.path(name).and_then(|path| {
            let files = &shell.machine.files;
            if !files.exists(&path) {
                if flags.has('c') {
                    return Ok(());
                }
                files.append(&path, b"")?;
            }
            files.set_times(&path, micros)
        });
        if let Err(error) = touched {
            status = streams.fail("touch", format!("'{name}': {error}"));
        }
    }
    status
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
    let made = shell.path(&name).and_then(|path| match flags.has('d') {
        true => shell.machine.files.make_dir(&path),
        false => shell.machine.files.write(&path, b""),
    });
    match made {
        Ok(()) => {
            streams.line(name);
            0
        }
        Err(error) => streams.fail("mktemp", format!("{name}: {error}")),
    }
}

/// `truncate -s SIZE FILE...`
pub fn truncate(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("truncate", arguments, "cs:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let size = flags.value('s').and_then(|size| size.parse::<usize>().ok());
    let Some(size) = size.filter(|size| *size <= 64 << 20) else {
        return streams.fail("truncate", "need -s SIZE");
    };
    let mut status = 0;
    for name in &flags.operands {
        let cut = shell.path(name).and_then(|path| {
            let mut bytes = shell.machine.files.read(&path).unwrap_or_default();
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

fn trimmed(path: &str) -> &str {
    let short = path.trim_end_matches('/');
    if short.is_empty() && !path.is_empty() {
        "/"
    } else {
        short
    }
}
