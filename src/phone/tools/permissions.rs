//! Modes, owners and labels: `chmod`, `chown`, `chgrp`, `chcon`, `restorecon`, `stat`, `readlink`,
//! `realpath`, `getenforce`. Uses the phone's files.

use super::flags::Flags;
use super::list::time_text;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::attributes::{ROOT, mode_text, user_id, user_name};
use crate::phone::system::{FileError, FileKind, Metadata, paths};

/// `chmod [-R] MODE PATH...`
pub fn chmod(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    // A mode may begin with a minus, so the options are taken out by hand.
    let is_option = |word: &&String| {
        word.strip_prefix('-').is_some_and(|flags| {
            !flags.is_empty() && flags.chars().all(|flag| "Rfv".contains(flag))
        })
    };
    let recursive = arguments
        .iter()
        .any(|word| is_option(&word) && word.contains('R'));
    let words: Vec<&String> = arguments.iter().filter(|word| !is_option(word)).collect();
    let Some((mode, names)) = words.split_first().filter(|(_, names)| !names.is_empty()) else {
        streams.complain("chmod: Need 2 arguments (see \"chmod --help\")");
        return 1;
    };
    if change_mode(0o644, mode, false).is_none() {
        return streams.fail("chmod", format!("bad mode '{mode}'"));
    }
    each(
        shell,
        "chmod",
        names,
        recursive,
        streams,
        |shell, path, found| {
            let new = change_mode(found.mode, mode, found.is_directory()).unwrap_or(found.mode);
            shell.machine.files.set_mode(path, new)
        },
    )
}

/// Applies `755` or `u+x,go-w` to permission bits; `None` when it is neither.
pub fn change_mode(mode: u32, text: &str, directory: bool) -> Option<u32> {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return u32::from_str_radix(text, 8)
            .ok()
            .filter(|mode| *mode <= 0o7777);
    }
    let mut bits = mode & 0o7777;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, rest) = clause.split_at(at);
        let mut mask = 0;
        for letter in who.chars() {
            mask |= match letter {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o0007,
                'a' => 0o6777,
                _ => return None,
            };
        }
        if who.is_empty() {
            mask = 0o6777;
        }
        let mut set = 0;
        for letter in rest[1..].chars() {
            set |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                'X' if directory || mode & 0o111 != 0 => 0o111,
                'X' => 0,
                's' => 0o6000,
                't' => 0o1000,
                // What one of them may, the others get.
                'u' | 'g' | 'o' => {
                    let shift = match letter {
                        'u' => 6,
                        'g' => 3,
                        _ => 0,
                    };
                    (bits >> shift & 7) * 0o111
                }
                _ => return None,
            };
        }
        let set = set & (mask | 0o1000);
        match &rest[..1] {
            "+" => bits |= set,
            "-" => bits &= !set,
            _ => bits = (bits & !mask) | set,
        }
    }
    Some(bits)
}

/// `chown [-R] USER[:GROUP] PATH...`
pub fn chown(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    change_owner(shell, "chown", arguments, streams)
}

/// `chgrp [-R] GROUP PATH...`
pub fn chgrp(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    change_owner(shell, "chgrp", arguments, streams)
}

fn change_owner(shell: &mut Shell, tool: &str, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse(tool, arguments, "RhfvHLP", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.len() < 2 {
        return streams.fail(tool, format!("Need 2 arguments (see \"{tool} --help\")"));
    }
    let names: Vec<&String> = flags.operands[1..].iter().collect();
    let text = &flags.operands[0];
    let (user, group) = match (tool, text.split_once([':', '.'])) {
        ("chgrp", _) => ("", text.as_str()),
        (_, Some((user, group))) => (user, group),
        (_, None) => (text.as_str(), ""),
    };
    let id = |name: &str| match name {
        "" => Some(None),
        name => user_id(name).map(Some),
    };
    let Some(user) = id(user) else {
        return streams.fail(tool, format!("bad user '{user}'"));
    };
    let Some(group) = id(group) else {
        return streams.fail(tool, format!("bad group '{group}'"));
    };
    each(
        shell,
        tool,
        &names,
        flags.has('R'),
        streams,
        |shell, path, found| {
            let (user, group) = (user.unwrap_or(found.user), group.unwrap_or(found.group));
            // Files are given away by root alone.
            if shell.user != ROOT && (user, group) != (found.user, found.group) {
                return Err(FileError::NotPermitted);
            }
            shell.machine.files.set_owner(path, user, group)
        },
    )
}

/// `chcon LABEL PATH...`: labels are not kept, missing files are told.
pub fn chcon(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("chcon", arguments, "hRv", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("chcon", 2, streams) {
        return status;
    }
    let names: Vec<&String> = flags.operands[1..].iter().collect();
    each(shell, "chcon", &names, false, streams, |_, _, _| Ok(()))
}

/// `restorecon [-DFnrRv] PATH...`
pub fn restorecon(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("restorecon", arguments, "DFnrRv", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("restorecon", 1, streams) {
        return status;
    }
    let mut status = 0;
    for name in &flags.operands {
        let found = shell
            .path(name)
            .and_then(|path| shell.machine.files.metadata(&path));
        if let Err(error) = found {
            streams.complain(format!("SELinux: Could not stat {name}: {error}."));
            status = streams.fail("restorecon", format!("restorecon failed: {name}: {error}"));
        }
    }
    status
}

/// `getenforce`
pub fn getenforce(_: &mut Shell, _: &[String], streams: &Streams) -> i32 {
    streams.line("Enforcing");
    0
}

fn each(
    shell: &mut Shell,
    tool: &str,
    names: &[&String],
    recursive: bool,
    streams: &Streams,
    work: impl Fn(&Shell, &str, &Metadata) -> Result<(), FileError>,
) -> i32 {
    let mut status = 0;
    for name in names {
        let changed = shell.path(name).and_then(|path| {
            let files = &shell.machine.files;
            let found = files.metadata(&path)?;
            shell.may_change(&path)?;
            work(shell, &path, &found)?;
            if recursive && found.is_directory() {
                for (path, found) in shell.walk(&path)? {
                    work(shell, &path, &found)?;
                }
            }
            Ok(())
        });
        if let Err(error) = changed {
            status = streams.fail(tool, format!("{name}: {error}"));
        }
    }
    status
}

/// `stat [-Lft] [-c FORMAT] FILE...`
pub fn stat(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("stat", arguments, "Lftc:", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("stat", 1, streams) {
        return status;
    }
    let mut status = 0;
    for name in &flags.operands {
        let files = &shell.machine.files;
        if flags.has('f') {
            let format = flags.value('c').unwrap_or("%n");
            let text = format
                .replace("%n", name)
                .replace("%l", "255")
                .replace("%%", "%");
            streams.line(text);
            continue;
        }
        let found = shell.path(name).and_then(|path| {
            let metadata = match flags.has('L') {
                true => files.metadata(&path)?,
                false => files.link_metadata(&path)?,
            };
            Ok((path, metadata))
        });
        match found {
            Ok((path, found)) => streams.print(match flags.value('c') {
                Some(format) => format_stat(shell, format, name, &path, &found) + "\n",
                None => describe(shell, name, &path, &found),
            }),
            Err(error) => status = streams.fail("stat", format!("'{name}': {error}")),
        }
    }
    status
}

fn kind_name(found: &Metadata) -> &'static str {
    match found.kind {
        FileKind::Directory => "directory",
        FileKind::Link => "symbolic link",
        FileKind::File if found.size == 0 => "regular empty file",
        FileKind::File => "regular file",
    }
}

fn describe(shell: &Shell, name: &str, path: &str, found: &Metadata) -> String {
    let time = time_text(shell, found, true);
    let arrow = paths::link_target(path)
        .filter(|_| found.kind == FileKind::Link)
        .map(|target| format!(" -> {target}"))
        .unwrap_or_default();
    format!(
        "  File: {name}{arrow}\n  Size: {}\t Blocks: {}\t IO Blocks: 512\t {}\nDevice: fd05h/64773d\t \
         Inode: {}\t Links: {}\nAccess: (0{:o}/{})\tUid: ({:5}/{:>8})\tGid: ({:5}/{:>8})\n\
         Access: {time}\nModify: {time}\nChange: {time}\n",
        found.size,
        found.blocks,
        kind_name(found),
        found.inode,
        found.links,
        found.mode & 0o7777,
        mode_text(found.mode),
        found.user,
        user_name(found.user),
        found.group,
        user_name(found.group),
    )
}

fn format_stat(shell: &Shell, format: &str, name: &str, path: &str, found: &Metadata) -> String {
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        // A width, as `%-8s` has it.
        let rest = characters.as_str();
        let length = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '-'))
            .unwrap_or(rest.len());
        let (width, rest) = rest.split_at(length);
        characters = rest.chars();
        let start = text.len();
        match characters.next() {
            Some('n') => text.push_str(name),
            Some('N') => match paths::link_target(path) {
                Some(target) if found.kind == FileKind::Link => {
                    text.push_str(&format!("{name} -> {target}"));
                }
                _ => text.push_str(name),
            },
            Some('s') => text.push_str(&found.size.to_string()),
            Some('b') => text.push_str(&found.blocks.to_string()),
            Some('B') => text.push_str("512"),
            Some('o') => text.push_str("4096"),
            Some('f') => text.push_str(&format!("{:x}", found.mode)),
            Some('a') => text.push_str(&format!("{:o}", found.mode & 0o7777)),
            Some('A') => text.push_str(&mode_text(found.mode)),
            Some('F') => text.push_str(kind_name(found)),
            Some('h') => text.push_str(&found.links.to_string()),
            Some('i') => text.push_str(&found.inode.to_string()),
            Some('u') => text.push_str(&found.user.to_string()),
            Some('U') => text.push_str(&user_name(found.user)),
            Some('g') => text.push_str(&found.group.to_string()),
            Some('G') => text.push_str(&user_name(found.group)),
            Some('X' | 'Y' | 'Z') => text.push_str(&found.modified_seconds().to_string()),
            Some('x' | 'y' | 'z') => text.push_str(&time_text(shell, found, true)),
            Some('%') => text.push('%'),
            Some(other) => {
                text.push('%');
                text.push(other);
            }
            None => text.push('%'),
        }
        let columns: usize = width.trim_start_matches('-').parse().unwrap_or(0);
        let shown = text.split_off(start);
        let padding = " ".repeat(columns.min(256).saturating_sub(shown.chars().count()));
        text += &match width.starts_with('-') {
            true => shown + &padding,
            false => padding + &shown,
        };
    }
    text
}

/// `readlink [-f] PATH...`
pub fn readlink(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let flags = match Flags::parse("readlink", arguments, "efmnq", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if let Err(status) = flags.need("readlink", 1, streams) {
        return status;
    }
    let mut status = 0;
    for name in &flags.operands {
        let path = shell.path(name).unwrap_or_default();
        let files = &shell.machine.files;
        let real = paths::normalize("/", &path);
        let there = |path: &str| match paths::split(path) {
            Some((parent, _)) if flags.has('f') => files.is_dir(parent),
            _ => files.exists(path),
        };
        let target = match flags.has('f') || flags.has('e') || flags.has('m') {
            true => real.filter(|real| flags.has('m') || there(real)),
            false => paths::link_target(&path).map(str::to_owned),
        };
        match target {
            Some(target) => streams.line(target),
            None => status = 1,
        }
    }
    status
}

/// `realpath PATH...`
pub fn realpath(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut status = 0;
    for name in arguments.iter().filter(|name| !name.starts_with('-')) {
        let found = shell.path(name).and_then(|path| {
            let real = paths::normalize("/", &path).ok_or(FileError::InvalidPath)?;
            if let Some((parent, _)) = paths::split(&real) {
                shell.machine.files.metadata(parent)?;
            }
            Ok(real)
        });
        match found {
            Ok(path) => streams.line(path),
            Err(error) => status = streams.fail("realpath", format!("{name}: {error}")),
        }
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_or_symbolic() {
        assert_eq!(change_mode(0o644, "777", false), Some(0o777));
        assert_eq!(change_mode(0o644, "u+x,go-r", false), Some(0o700));
        assert_eq!(change_mode(0o644, "a=r", false), Some(0o444));
        assert_eq!(change_mode(0o644, "+x", false), Some(0o755));
        assert_eq!(change_mode(0o644, "rwx", false), None);
        assert_eq!(change_mode(0o644, "99999", false), None);
    }
}
