//! Redirections: files of the phone, `/dev/null`, `/dev/tty`, other streams, here-documents.

use brush_parser::ast::{IoFileRedirectKind, IoFileRedirectTarget, IoRedirect};

use super::expand;
use super::interpreter::{Fault, Shell};
use super::streams::{FileSink, Input, Output, Streams};
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
        IoRedirect::HereDocument(_, document) => {
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
            streams.input = Input::bytes(body.into_bytes());
            Ok(Ok(()))
        }
        IoRedirect::HereString(_, word) => {
            let mut body = expand::text(shell, &word.value, streams)?;
            body.push('\n');
            streams.input = Input::bytes(body.into_bytes());
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
    let name = match target {
        IoFileRedirectTarget::Fd(source) => return Ok(duplicate(number, kind, *source, streams)),
        IoFileRedirectTarget::Duplicate(word) => {
            let name = expand::text(shell, &word.value, streams)?;
            match name.parse::<i32>() {
                Ok(source) => return Ok(duplicate(number, kind, source, streams)),
                Err(_) if name == "-" => {
                    match number.unwrap_or(1) {
                        0 => streams.input = Input::empty(),
                        1 => streams.output = Output::null(),
                        _ => streams.error = Output::null(),
                    }
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
    let mode = match kind {
        IoFileRedirectKind::Read | IoFileRedirectKind::DuplicateInput => {
            return Ok(open_read(shell, &name).map(|input| streams.input = input));
        }
        IoFileRedirectKind::Append | IoFileRedirectKind::ReadAndWrite => WriteMode::Append,
        _ => WriteMode::Truncate,
    };
    let opened = open_write(shell, &name, mode, streams);
    Ok(opened.and_then(|output| match number.unwrap_or(1) {
        1 => {
            streams.output = output;
            Ok(())
        }
        2 => {
            streams.error = output;
            Ok(())
        }
        3..=9 => Ok(()),
        other => Err(format!("{other}: bad file descriptor")),
    }))
}

fn duplicate(
    number: Option<i32>,
    kind: &IoFileRedirectKind,
    source: i32,
    streams: &mut Streams,
) -> Result<(), String> {
    if matches!(kind, IoFileRedirectKind::DuplicateInput) {
        return match source {
            0 => Ok(()),
            _ => Err(format!("<&{source} : bad file descriptor")),
        };
    }
    let from = match source {
        1 => streams.output.clone(),
        2 => streams.error.clone(),
        _ => return Err(format!(">&{source} : bad file descriptor")),
    };
    match number.unwrap_or(1) {
        1 => streams.output = from,
        2 => streams.error = from,
        other => return Err(format!("{other}: bad file descriptor")),
    }
    Ok(())
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
    let opened = shell.path(name).and_then(|path| {
        let path = paths::normalize("/", &path).unwrap_or(path);
        shell.machine.files.open_write(&path, mode)
    });
    match opened {
        Ok(writer) => Ok(Output::new(FileSink(Some(writer)))),
        Err(error) => Err(format!("can't create {name}: {error}")),
    }
}
