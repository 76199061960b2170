//! `cp`, `mv` and `ln`. Uses the phone's files.

use super::change::{base_name, trimmed};
use super::flags::Flags;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::{FileError, FileKind, Metadata, paths};

/// What a copy keeps and replaces.
struct CopyOptions {
    recursive: bool,
    keep: bool,
    no_replace: bool,
    only_newer: bool,
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
        only_newer: flags.has('u'),
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
                let to = shell.path_to_change(target)?;
                shell.may_change(&from)?;
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
    let (from, to) = match (shell.path(source), shell.path_to_change(target)) {
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
        let newer = |found: Metadata| found.modified_micros >= metadata.modified_micros;
        if options.only_newer && files.metadata(&to).is_ok_and(newer) {
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
        let error = files.metadata(&to).err().map(|error| format!(": {error}"));
        let error = error.unwrap_or_default();
        return streams.fail("cp", format!("Skipped dir '{target}'{error}"));
    }
    if paths::is_within(&to, &from) {
        return streams.fail("cp", format!("'{target}' is '{source}'"));
    }
    match files.make_dir(&to) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return streams.fail("cp", format!("'{target}': {error}")),
    }
    let entries = match shell.entries(&from) {
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

/// `ln [-sfnv] TARGET... PLACE`: the phone has its fixed links only, so that new ones are refused as
/// the shared storage refuses them.
pub fn ln(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("ln", arguments, "sfnrTt:v", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("ln", 1, streams) {
        return status;
    }
    let target = &flags.operands[0];
    let place = flags
        .operands
        .get(1)
        .map_or(base_name(target), String::as_str);
    let files = &shell.machine.files;
    let found = |name: &str| shell.path(name).and_then(|path| files.metadata(&path));
    let (kind, error) = match (flags.has('s'), found(target)) {
        (false, Err(error)) => ("hard", error),
        (symbolic, _) => {
            let taken = found(place).is_ok_and(|found| !found.is_directory());
            let error = match taken && !flags.has('f') {
                true => FileError::Exists,
                false => FileError::NotPermitted,
            };
            (if symbolic { "symbolic" } else { "hard" }, error)
        }
    };
    streams.fail(
        "ln",
        format!("cannot create {kind} link from '{target}' to '{place}': {error}"),
    )
}
