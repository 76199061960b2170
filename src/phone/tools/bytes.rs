//! Tools on bytes: `dd` and `xxd`. Uses the phone's files.

use super::flags::Flags;
use super::lines::{each_file, open};
use crate::phone::shell::{Shell, Streams};

/// The most that `dd` copies at once, and in all.
const MAX_COPIED: usize = 256 << 20;

/// What `dd` was told.
struct Copy<'a> {
    input: &'a str,
    output: Option<&'a str>,
    read: usize,
    write: usize,
    count: Option<usize>,
    skip: usize,
    seek: usize,
    keep: bool,
    quiet: bool,
}

/// `dd [if=FILE] [of=FILE] [bs=N] [ibs=N] [obs=N] [count=N] [skip=N] [seek=N] [conv=notrunc]
/// [status=none]`
pub fn dd(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut copy = Copy {
        input: "-",
        output: None,
        read: 512,
        write: 512,
        count: None,
        skip: 0,
        seek: 0,
        keep: false,
        quiet: false,
    };
    for word in arguments {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        let number =
            || size(value).ok_or_else(|| streams.fail("dd", format!("bad number {value}")));
        let taken = match name {
            "if" => {
                copy.input = value;
                Ok(())
            }
            "of" => {
                copy.output = Some(value);
                Ok(())
            }
            "bs" => number().map(|number| (copy.read, copy.write) = (number, number)),
            "ibs" => number().map(|number| copy.read = number),
            "obs" => number().map(|number| copy.write = number),
            "count" => number().map(|number| copy.count = Some(number)),
            "skip" | "iseek" => number().map(|number| copy.skip = number),
            "seek" | "oseek" => number().map(|number| copy.seek = number),
            "conv" => {
                copy.keep = value.split(',').any(|one| one == "notrunc");
                Ok(())
            }
            "status" => {
                copy.quiet = value == "none";
                Ok(())
            }
            "iflag" | "oflag" => Ok(()),
            _ => Err(streams.fail("dd", format!("bad arg {word}"))),
        };
        if let Err(status) = taken {
            return status;
        }
    }
    if !(1..=MAX_COPIED).contains(&copy.read) || !(1..=MAX_COPIED).contains(&copy.write) {
        return streams.fail("dd", "bad block size");
    }
    match copied(shell, &copy, streams) {
        Ok(()) => 0,
        Err(message) => streams.fail("dd", message),
    }
}

/// A number with `k`, `M` or `G` behind it.
fn size(text: &str) -> Option<usize> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let unit = match &text[end..] {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" => 1 << 10,
        "m" | "M" => 1 << 20,
        "g" | "G" => 1 << 30,
        _ => return None,
    };
    text[..end].parse::<usize>().ok()?.checked_mul(unit)
}

fn copied(shell: &Shell, copy: &Copy, streams: &Streams) -> Result<(), String> {
    let failed = |name: &str, error| format!("{name}: {error}");
    let input = open(shell, copy.input, streams).map_err(|error| failed(copy.input, error))?;
    let most = match copy.count {
        Some(count) => count.saturating_mul(copy.read),
        None => MAX_COPIED,
    };
    if most > MAX_COPIED || copy.skip.saturating_mul(copy.read) > MAX_COPIED {
        return Err("too much to copy at once".to_owned());
    }
    let skipped = copy.skip * copy.read;
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while bytes.len() < skipped + most {
        let want = chunk.len().min(skipped + most - bytes.len());
        match input.read(&mut chunk[..want]) {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
    bytes.drain(..skipped.min(bytes.len()));
    let length = bytes.len();
    match copy.output {
        None => streams.print(&bytes),
        Some(name) => {
            let files = &shell.machine.files;
            let path = shell
                .path_to_change(name)
                .map_err(|error| failed(name, error))?;
            let start = copy.seek.saturating_mul(copy.write);
            if start > MAX_COPIED {
                return Err("too much to copy at once".to_owned());
            }
            let mut held = match copy.keep || start > 0 {
                true => files.read(&path).unwrap_or_default(),
                false => Vec::new(),
            };
            if !copy.keep {
                held.truncate(start);
            }
            held.resize(held.len().max(start + length), 0);
            held[start..start + length].copy_from_slice(&bytes);
            files
                .write(&path, held)
                .map_err(|error| failed(name, error))?;
        }
    }
    if !copy.quiet {
        let records =
            |block: usize| format!("{}+{}", length / block, usize::from(length % block > 0));
        streams.complain(format!("{} records in", records(copy.read)));
        streams.complain(format!("{} records out", records(copy.write)));
        let short = match super::list::human(length as u64) {
            plain if length < 1000 => format!("{plain} "),
            plain => plain,
        };
        streams.complain(format!(
            "{length} bytes ({short}B) copied, 0.001 s, {short}B/s"
        ));
    }
    Ok(())
}

/// `xxd [-c COLUMNS] [-g BYTES] [-l LENGTH] [-s START] [-pr] [FILE]`
pub fn xxd(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("xxd", arguments, "prc:g:l:o:s:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    let number = |letter, otherwise: usize| {
        let value = flags.value(letter).and_then(|text| text.parse().ok());
        value.unwrap_or(otherwise)
    };
    let plain = flags.has('p');
    let columns = number('c', if plain { 30 } else { 16 }).clamp(1, 256);
    let group = number('g', 2).clamp(1, 256);
    let (start, length) = (number('s', 0), number('l', usize::MAX));
    each_file(shell, "xxd", &flags.operands, streams, |_, content| {
        if flags.has('r') {
            streams.print(undumped(&content, plain));
            return;
        }
        let content = &content[start.min(content.len())..];
        let content = &content[..length.min(content.len())];
        for (row, bytes) in content.chunks(columns).enumerate() {
            let mut text = String::new();
            for (at, byte) in bytes.iter().enumerate() {
                if !plain && at > 0 && at % group == 0 {
                    text.push(' ');
                }
                text.push_str(&format!("{byte:02x}"));
            }
            if plain {
                streams.line(text);
                continue;
            }
            let width = columns * 2 + (columns - 1) / group;
            let letters: String = bytes
                .iter()
                .map(|byte| match byte {
                    32..127 => char::from(*byte),
                    _ => '.',
                })
                .collect();
            streams.line(format!(
                "{:08x}: {text:<width$}  {letters}",
                start + row * columns
            ));
        }
    })
}

/// The bytes behind what `xxd` printed.
fn undumped(content: &[u8], plain: bool) -> Vec<u8> {
    let text = String::from_utf8_lossy(content);
    let mut bytes = Vec::new();
    for line in text.lines() {
        let line = match plain {
            true => line,
            false => {
                let dump = line.split_once(": ").map_or("", |(_, dump)| dump);
                dump.split("  ").next().unwrap_or("")
            }
        };
        let digits: Vec<u32> = line.chars().filter_map(|c| c.to_digit(16)).collect();
        bytes.extend(
            digits
                .chunks_exact(2)
                .map(|pair| (pair[0] << 4 | pair[1]) as u8),
        );
    }
    bytes
}
