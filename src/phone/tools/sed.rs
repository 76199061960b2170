//! `sed`: its options and files; `sed_script` reads scripts, `sed_editor` runs them. Uses the
//! phone's files.

use super::flags::Flags;
use super::grep::Grammar;
use super::lines::open;
use super::sed_editor::Editor;
use super::sed_script::parse;
use crate::phone::shell::{Shell, Streams};

/// `sed [-nErs] [-i[SUFFIX]] [-e SCRIPT] [-f FILE] [SCRIPT] [FILE...]`
pub fn sed(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    // `-i` has its value attached, or none.
    let mut suffix = None;
    let mut plain = Vec::new();
    for word in arguments {
        match word.strip_prefix("-i") {
            Some(rest) if rest.chars().all(|c| "nErsz".contains(c)) => {
                suffix = Some("");
                if !rest.is_empty() {
                    plain.push(format!("-{rest}"));
                }
            }
            Some(rest) => suffix = Some(rest),
            None => plain.push(word.clone()),
        }
    }
    let mut flags = match Flags::parse("sed", &plain, "Ernisze:f:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let mut script: Vec<String> = flags.values('e').map(str::to_owned).collect();
    for name in flags.values('f') {
        match open(shell, name, streams) {
            Ok(input) => script.push(String::from_utf8_lossy(&input.read_all()).into_owned()),
            Err(error) => return streams.fail("sed", format!("{name}: {error}")),
        }
    }
    if script.is_empty() {
        if flags.operands.is_empty() {
            return streams.fail("sed", "no pattern");
        }
        script.push(flags.operands.remove(0));
    }
    let grammar = match flags.has('E') || flags.has('r') {
        true => Grammar::Extended,
        false => Grammar::Basic,
    };
    let script = script.join("\n");
    if let Err(message) = parse(&script, grammar) {
        return streams.fail("sed", message);
    }
    let names = match flags.operands.is_empty() {
        true => vec!["-".to_owned()],
        false => flags.operands.clone(),
    };
    let in_place = suffix.is_some() || flags.has('i');
    let apart = in_place || flags.has('s');
    let mut status = 0;
    let mut together: Vec<u8> = Vec::new();
    for name in &names {
        let content = match open(shell, name, streams) {
            Ok(input) => input.read_all(),
            Err(error) => {
                status = streams.fail("sed", format!("{name}: {error}"));
                continue;
            }
        };
        if !apart {
            if together.last().is_some_and(|last| *last != b'\n') {
                together.push(b'\n');
            }
            together.extend_from_slice(&content);
            continue;
        }
        let text = run(shell, &content, &script, grammar, flags.has('n'), streams);
        if !in_place {
            streams.print(text);
            continue;
        }
        let written = shell.path_to_change(name).and_then(|path| {
            let files = &shell.machine.files;
            if let Some(suffix) = suffix.filter(|suffix| !suffix.is_empty()) {
                files.write(&format!("{path}{suffix}"), &content)?;
            }
            files.write(&path, text)
        });
        if let Err(error) = written {
            status = streams.fail("sed", format!("{name}: {error}"));
        }
    }
    if !apart {
        let text = run(shell, &together, &script, grammar, flags.has('n'), streams);
        streams.print(text);
    }
    status
}

/// Edits one text; also writes the files that the script names.
fn run(
    shell: &Shell,
    content: &[u8],
    script: &str,
    grammar: Grammar,
    silent: bool,
    streams: &Streams,
) -> Vec<u8> {
    let commands = parse(script, grammar).unwrap_or_default();
    let mut editor = Editor::new(content, silent);
    editor.edit(commands, &|name| {
        let read = shell
            .path(name)
            .and_then(|path| shell.machine.files.read(&path));
        read.unwrap_or_default()
    });
    for (name, text) in editor.files {
        let written = shell
            .path_to_change(&name)
            .and_then(|path| shell.machine.files.write(&path, text));
        if let Err(error) = written {
            streams.fail("sed", format!("{name}: {error}"));
        }
    }
    editor.output
}
