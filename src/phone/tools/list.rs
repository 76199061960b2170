//! `ls`, as toybox prints it. Uses the phone's files.

use super::flags::Flags;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::attributes::{mode_text, user_name};
use crate::phone::system::{FileKind, Metadata, paths};

struct Item {
    shown: String,
    path: String,
    metadata: Metadata,
}

/// `ls [-1AFRSadhilnoprstux] [PATH...]`
pub fn ls(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let mut flags = match Flags::parse("ls", arguments, "1ACFHLRSZabcdfghiklmnopqrstux", streams) {
        Ok(flags) => flags,
        Err(status) => return status,
    };
    if flags.operands.is_empty() {
        flags.operands.push(".".to_owned());
    }
    let mut status = 0;
    let (mut files, mut directories) = (Vec::new(), Vec::new());
    for operand in &flags.operands {
        let long = is_long(&flags) || flags.has('d');
        let found = shell.path(operand).and_then(|path| {
            let files = &shell.machine.files;
            let metadata = match long {
                // A link given by name is shown itself, unless a slash follows.
                true => files.link_metadata(&path)?,
                false => files.metadata(&path)?,
            };
            Ok(Item {
                shown: operand.clone(),
                path,
                metadata,
            })
        });
        match found {
            Ok(item) if item.metadata.is_directory() && !flags.has('d') => directories.push(item),
            Ok(item) => files.push(item),
            Err(error) => {
                streams.complain(format!("ls: {operand}: {error}"));
                status = 1;
            }
        }
    }
    sort(&mut files, &flags);
    sort(&mut directories, &flags);
    let titles = files.len() + directories.len() > 1 || flags.has('R');
    let mut printed = !files.is_empty();
    print_items(shell, &files, &flags, streams);
    for directory in directories {
        status |= print_directory(shell, &directory, &flags, titles, &mut printed, streams);
    }
    status
}

fn print_directory(
    shell: &Shell,
    directory: &Item,
    flags: &Flags,
    title: bool,
    printed: &mut bool,
    streams: &Streams,
) -> i32 {
    if title {
        if std::mem::replace(printed, true) {
            streams.line("");
        }
        streams.line(format!("{}:", directory.shown));
    }
    let entries = match shell.entries(&directory.path) {
        Ok(entries) => entries,
        Err(error) => return streams.fail("ls", format!("{}: {error}", directory.shown)),
    };
    let real = paths::normalize("/", &directory.path).unwrap_or_default();
    let mut items: Vec<Item> = entries
        .into_iter()
        .filter(|entry| !entry.name.starts_with('.') || flags.has('a') || flags.has('A'))
        .map(|entry| Item {
            path: paths::child(&real, &entry.name),
            shown: entry.name,
            metadata: entry.metadata,
        })
        .collect();
    if flags.has('a') {
        let parent = paths::split(&real).map_or("/", |(parent, _)| parent);
        for (name, path) in [(".", real.as_str()), ("..", parent)] {
            if let Ok(metadata) = shell.machine.files.metadata(path) {
                items.push(Item {
                    shown: name.to_owned(),
                    path: path.to_owned(),
                    metadata,
                });
            }
        }
    }
    sort(&mut items, flags);
    if is_long(flags) || flags.has('s') {
        let blocks: u64 = items.iter().map(|item| item.metadata.blocks / 2).sum();
        streams.line(format!("total {blocks}"));
    }
    print_items(shell, &items, flags, streams);
    let mut status = 0;
    if flags.has('R') {
        for item in items {
            if item.metadata.is_directory() && item.shown != "." && item.shown != ".." {
                let below = Item {
                    shown: paths::child(&directory.shown, &item.shown),
                    ..item
                };
                status |= print_directory(shell, &below, flags, true, printed, streams);
            }
        }
    }
    status
}

fn is_long(flags: &Flags) -> bool {
    "lnog".chars().any(|letter| flags.has(letter)) || flags.long("full-time").next().is_some()
}

fn sort(items: &mut [Item], flags: &Flags) {
    if flags.has('f') {
        return;
    }
    items.sort_by(|left, right| left.shown.cmp(&right.shown));
    if flags.has('S') {
        items.sort_by_key(|item| std::cmp::Reverse(item.metadata.size));
    }
    if flags.has('t') {
        items.sort_by_key(|item| std::cmp::Reverse(item.metadata.modified_micros));
    }
    if flags.has('r') {
        items.reverse();
    }
}

fn print_items(shell: &Shell, items: &[Item], flags: &Flags, streams: &Streams) {
    let full = flags.count('l') > 1 || flags.long("full-time").next().is_some();
    let long = is_long(flags);
    if flags.has('C') && !long && !flags.has('m') {
        // One row, when it fits.
        let names: Vec<&str> = items.iter().map(|item| item.shown.as_str()).collect();
        let row = names.join("  ");
        if row.len() < 80 && !row.is_empty() {
            streams.line(row);
            return;
        }
    }
    let name_of = |id: u32| match flags.has('n') {
        true => id.to_string(),
        false => user_name(id),
    };
    let size_of = |metadata: &Metadata| match flags.has('h') {
        true => human(metadata.size),
        false => metadata.size.to_string(),
    };
    let rows: Vec<[String; 5]> = items
        .iter()
        .map(|item| {
            let metadata = &item.metadata;
            [
                metadata.links.to_string(),
                name_of(metadata.user),
                name_of(metadata.group),
                size_of(metadata),
                metadata.inode.to_string(),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (links, users, groups, sizes, inodes) = (width(0), width(1), width(2), width(3), width(4));
    let mut text = String::new();
    for (item, row) in items.iter().zip(&rows) {
        if flags.has('i') {
            text.push_str(&format!("{:>inodes$} ", row[4]));
        }
        if flags.has('s') {
            text.push_str(&match flags.has('h') {
                true => format!("{} ", human(item.metadata.blocks * 512)),
                false => format!("{} ", item.metadata.blocks / 2),
            });
        }
        if long {
            text.push_str(&format!(
                "{} {:>links$}",
                mode_text(item.metadata.mode),
                row[0]
            ));
            if !flags.has('g') {
                text.push_str(&format!(" {:<users$}", row[1]));
            }
            if !flags.has('o') {
                text.push_str(&format!(" {:<groups$}", row[2]));
            }
            if flags.has('Z') {
                text.push_str(" u:object_r:media_rw_data_file:s0");
            }
            text.push_str(&format!(" {:>sizes$} ", row[3]));
            text.push_str(&time_text(shell, &item.metadata, full));
            text.push(' ');
        }
        match flags.has('b') {
            true => text.push_str(&item.shown.replace('\\', "\\\\").replace(' ', "\\ ")),
            false => text.push_str(&item.shown),
        }
        if long
            && item.metadata.kind == FileKind::Link
            && let Some(target) = paths::link_target(item.path.trim_end_matches('/'))
        {
            text.push_str(&format!(" -> {target}"));
        }
        if (flags.has('F') || flags.has('p')) && item.metadata.is_directory() {
            text.push('/');
        } else if flags.has('F') && item.metadata.kind == FileKind::Link {
            text.push('@');
        } else if flags.has('F') && item.metadata.mode & 0o111 != 0 {
            text.push('*');
        }
        text.push(if flags.has('m') { ',' } else { '\n' });
    }
    if flags.has('m') && text.ends_with(',') {
        text.pop();
        text = text.replace(',', ", ") + "\n";
    }
    streams.print(text);
}

/// `2023-10-15 15:34`, or with nanoseconds and zone for `-ll`.
pub fn time_text(shell: &Shell, metadata: &Metadata, full: bool) -> String {
    let time = shell.machine.clock.at_micros(metadata.modified_micros);
    match full {
        true => time.strftime("%Y-%m-%d %H:%M:%S.%9f %z").to_string(),
        false => time.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// `1.5K` and the like, as toybox rounds it: at most three digits, a tenth behind a single one.
pub fn human(size: u64) -> String {
    const UNITS: [&str; 7] = ["", "K", "M", "G", "T", "P", "E"];
    let (mut value, mut before, mut unit) = (size, 0, 0);
    while value > 999 && unit + 1 < UNITS.len() {
        before = value;
        value = value / 1024 + u64::from(value % 1024 >= 512);
        unit += 1;
    }
    if unit == 0 || value > 9 {
        return format!("{value}{}", UNITS[unit]);
    }
    // Hundredths are rounded, and then cut to tenths.
    let hundredths = (before % 1024 * 100 + 50) / 1024;
    format!("{}.{}{}", before / 1024, hundredths / 10, UNITS[unit])
}
