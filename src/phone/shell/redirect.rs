//! Redirections: files of the phone, `/dev/null`, `/dev/tty`, other streams, here-documents.

use brush_parser::ast::{IoFileRedirectKind, IoFileRedirectTarget, IoRedirect};

use super::expand;
use super::interpreter::{Fault, Shell};
use super::streams::{Descriptor, FileSink, Input, Output, Streams};
use crate::phone::system::files::WriteMode;
use crate::phone::system::paths;

/// Applies one redirection to the streams. The inner error is what mksh prints behind its name.
pub fn apply(
    shell: &mut Shell,
    redirect: &IoRedirect,
    streams: &mut Streams,
) -> Result<Result<(), String>, Fault> {
    match redirect {
        IoRedirect::File(number, kind, target) => file(shell, *number, kind, target, streams),
        IoRedirect::OutputAndError(word, append) => {
            let name = expand::text(shell, &word.value, streams)?;
            let mode = match append {
                true => WriteMode::Append,
                false => WriteMode::Truncate,
            };
            Ok(open_write(shell, &name, mode, streams).map(|output| {
                streams.output = output.clone();
                streams.error = output;
            }))
        }
        IoRedirect::HereDocument(number, document) => {
            let body = match document.requires_expansion {
                true => expand::document(shell, &document.doc.value, streams)?,
                false => document.doc.value.clone(),
            };
            let body = match document.remove_tabs {
                true => body
                    .split_inclusive('\n')
                    .map(|line| line.trim_start_matches('\t'))
                    .collect(),
                false => body,
            };
            streams.set_descriptor(
                number.unwrap_or(0),
                reading(Input::bytes(body.into_bytes())),
            );
            Ok(Ok(()))
        }
        IoRedirect::HereString(number, word) => {
            let mut body = expand::text(shell, &word.value, streams)?;
            body.push('\n');
            streams.set_descriptor(
                number.unwrap_or(0),
                reading(Input::bytes(body.into_bytes())),
            );
            Ok(Ok(()))
        }
    }
}

fn file(
    shell: &mut Shell,
    number: Option<i32>,
    kind: &IoFileRedirectKind,
    target: &IoFileRedirectTarget,
    streams: &mut Streams,
) -> Result<Result<(), String>, Fault> {
    let reads = matches!(
        kind,
        IoFileRedirectKind::Read
            | IoFileRedirectKind::DuplicateInput
            | IoFileRedirectKind::ReadAndWrite
    );
    let number = number.unwrap_or(if reads { 0 } else { 1 });
    let sign = if reads { "<&" } else { ">&" };
    let name = match target {
        IoFileRedirectTarget::Fd(source) => {
            return Ok(duplicate(number, sign, *source, streams));
        }
        IoFileRedirectTarget::Duplicate(word) => {
            let name = expand::text(shell, &word.value, streams)?;
            match name.trim_end_matches('-').parse::<i32>() {
                Ok(source) => {
                    let done = duplicate(number, sign, source, streams);
                    if name.ends_with('-') && done.is_ok() {
                        streams.set_descriptor(source, Descriptor::default());
                    }
                    return Ok(done);
                }
                Err(_) if name == "-" => {
                    streams.set_descriptor(number, Descriptor::default());
                    return Ok(Ok(()));
                }
                Err(_) => name,
            }
        }
        IoFileRedirectTarget::Filename(word) => expand::text(shell, &word.value, streams)?,
        IoFileRedirectTarget::ProcessSubstitution(..) => {
            return Err(Fault::syntax("syntax error: unexpected '('".to_owned()));
        }
    };
    if !(0..=9).contains(&number) {
        return Ok(Err(format!("{number}: bad file descriptor")));
    }
    let mode = match kind {
        IoFileRedirectKind::Read | IoFileRedirectKind::DuplicateInput => {
            let opened = open_read(shell, &name);
            return Ok(opened.map(|input| streams.set_descriptor(number, reading(input))));
        }
        IoFileRedirectKind::Append | IoFileRedirectKind::ReadAndWrite => WriteMode::Append,
        _ => WriteMode::Truncate,
    };
    let taken = matches!(kind, IoFileRedirectKind::Write)
        && shell.options.no_clobber
        && shell
            .path(&name)
            .is_ok_and(|path| shell.machine.files.is_file(&path));
    if taken {
        return Ok(Err(format!("can't create {name}: File exists")));
    }
    let opened = open_write(shell, &name, mode, streams).and_then(|output| {
        let input = match kind {
            IoFileRedirectKind::ReadAndWrite => Some(open_read(shell, &name)?),
            _ => None,
        };
        Ok(Descriptor {
            input,
            output: Some(output),
        })
    });
    Ok(opened.map(|descriptor| streams.set_descriptor(number, descriptor)))
}

fn reading(input: Input) -> Descriptor {
    Descriptor {
        input: Some(input),
        output: None,
    }
}

fn duplicate(number: i32, sign: &str, source: i32, streams: &mut Streams) -> Result<(), String> {
    if !(0..=9).contains(&number) {
        return Err(format!("{number}: bad file descriptor"));
    }
    let usable = |found: &Descriptor| match sign {
        "<&" => found.input.is_some(),
        _ => found.output.is_some(),
    };
    match streams.descriptor(source).filter(usable) {
        Some(descriptor) => {
            streams.set_descriptor(number, descriptor);
            Ok(())
        }
        None => Err(format!("{sign}{source} : bad file descriptor")),
    }
}

fn open_read(shell: &Shell, name: &str) -> Result<Input, String> {
    match name {
        "/dev/null" => return Ok(Input::empty()),
        "/dev/tty" | "/dev/stdin" => return Ok(shell.terminal.input.clone()),
        "/dev/zero" | "/dev/urandom" | "/dev/random" => {
            return Ok(Input::reader(shell.machine.noise(name == "/dev/zero")));
        }
        _ => {}
    }
    let opened = shell
        .path(name)
        .and_then(|path| shell.machine.files.open_read(&path));
    match opened {
        Ok(file) => Ok(Input::reader(std::io::BufReader::new(file))),
        Err(error) => Err(format!("can't open {name}: {error}")),
    }
}

/// Opens a file of the phone, or one of the devices that a shell may write to.
pub fn open_write(
    shell: &Shell,
    name: &str,
    mode: WriteMode,
    streams: &Streams,
) -> Result<Output, String> {
    match name {
        "/dev/null" => return Ok(Output::null()),
        "/dev/tty" => return Ok(shell.terminal.output.clone()),
        "/dev/stdout" => return Ok(streams.output.clone()),
        "/dev/stderr" => return Ok(streams.error.clone()),
        _ => {}
    }
    let opened = shell.path_to_change(name).and_then(|path| {
        let path = paths::normalize("/", &path).unwrap_or(path);
        let files = &shell.machine.files;
        let masked = shell.mask.filter(|_| !files.exists(&path));
        let writer = files.open_write(&path, mode)?;
        if let Some(mask) = masked {
            files.set_mode(&path, 0o666 & !mask)?;
        }
        Ok(writer)
    });
    match opened {
        Ok(writer) => Ok(Output::new(FileSink(Some(writer)))),
        Err(error) => Err(format!("can't create {name}: {error}")),
    }
}
