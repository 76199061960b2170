//! Holds the floors of the house: a room imports only from floors below its own, and every
//! third-party crate with an outside behind it is named in the rooms that own it.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Room and floor, as in the crate's documentation.
const FLOORS: [(&str, u8); 24] = [
    ("domain", 0),
    ("wire", 0),
    ("adb", 1),
    ("emulator", 1),
    ("phone", 1),
    ("faultline", 1),
    ("pixels", 1),
    ("onnx", 1),
    ("runtime", 1),
    ("store", 1),
    ("config", 1),
    ("telemetry", 1),
    ("device", 2),
    ("channels", 2),
    ("tasks", 2),
    ("policy", 2),
    ("learn", 2),
    ("env", 3),
    ("rollout", 3),
    ("farm", 3),
    ("train", 3),
    ("eval", 3),
    ("judge", 3),
    ("report", 4),
];

/// Same-floor imports that are part of the design. `farm` starts virtual phones; nobody else may.
const ALLOWED: [(&str, &str); 13] = [
    ("channels", "device"),
    ("phone", "pixels"),
    ("runtime", "onnx"),
    ("tasks", "device"),
    ("rollout", "env"),
    ("rollout", "farm"),
    ("train", "env"),
    ("train", "rollout"),
    ("train", "farm"),
    ("train", "eval"),
    ("train", "judge"),
    ("eval", "rollout"),
    ("eval", "farm"),
];
const STARTS_PHONES: [&str; 3] = ["phone", "farm", "cli"];

/// Crates with an outside behind them, and the rooms that may name them.
const OWNED_CRATES: [(&str, &[&str]); 11] = [
    ("adb_client", &["adb"]),
    ("ort", &["runtime"]),
    ("prost", &["onnx", "phone", "wire", "emulator", "channels"]),
    // An emulator's gRPC, and the accessibility forwarder's, whose server `channels` is.
    ("tonic", &["phone", "wire", "emulator", "channels"]),
    // The phone's apps keep real databases, and a checker opens the copies it pulled.
    ("rusqlite", &["store", "phone", "tasks"]),
    ("image", &["pixels", "phone"]),
    ("png", &["pixels"]),
    ("openh264", &["pixels"]),
    ("clap", &["cli"]),
    ("rustix", &["emulator", "adb", "store"]),
    // HTTP: the benchmark's server, and judges.
    ("ureq", &["eval", "judge"]),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The code of a file without comments and without its test module, which may reach anywhere.
fn code_lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .take_while(|line| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
}

fn room_name(path: &Path, source: &Path) -> String {
    let first = path
        .strip_prefix(source)
        .unwrap()
        .components()
        .next()
        .unwrap();
    first.as_os_str().to_string_lossy().replace(".rs", "")
}

fn sources() -> (PathBuf, Vec<PathBuf>) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    assert!(files.len() > 40, "the source tree was not found");
    (source, files)
}

#[test]
fn imports_only_go_down() {
    let (source, files) = sources();
    let mut wrong = Vec::new();
    for path in &files {
        let name = room_name(path, &source);
        let text = fs::read_to_string(path).unwrap();
        if code_lines(&text).any(|line| line.contains("crate::phone"))
            && !STARTS_PHONES.contains(&name.as_str())
        {
            wrong.push(format!(
                "{}: {name} knows the virtual phone",
                path.display()
            ));
        }
        let Some((room, floor)) = FLOORS.iter().copied().find(|(room, _)| *room == name) else {
            continue;
        };
        for line in code_lines(&text) {
            for (other, other_floor) in FLOORS {
                let named = line.contains(&format!("crate::{other}::"))
                    || line.contains(&format!("crate::{other};"));
                if named
                    && other != room
                    && other_floor >= floor
                    && !ALLOWED.contains(&(room, other))
                {
                    wrong.push(format!(
                        "{}: {room} (floor {floor}) uses {other} (floor {other_floor})",
                        path.display()
                    ));
                }
            }
        }
    }
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "imports that go up or sideways:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let (source, files) = sources();
    let mut wrong = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        let room = room_name(path, &source);
        for (name, rooms) in OWNED_CRATES {
            let forms = [
                format!("use {name}::"),
                format!(" {name}::"),
                format!("({name}::"),
                format!("<{name}::"),
            ];
            let named = code_lines(&text).any(|line| forms.iter().any(|form| line.contains(form)));
            if named && !rooms.contains(&room.as_str()) {
                wrong.push(format!("{}: names the crate {name}", path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "crates named outside their rooms:\n{}",
        wrong.join("\n")
    );
}
