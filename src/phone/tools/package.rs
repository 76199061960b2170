//! `pm` and `cmd package`. Uses the packages and the windows.

use std::io::Write;

use crate::phone::apk;
use crate::phone::apps;
use crate::phone::machine::manifest;
use crate::phone::shell::{Shell, Streams};
use crate::phone::system::files::WriteMode;
use crate::phone::system::{Manifest, attributes, paths};

/// `pm` with its subcommands.
pub fn pm(shell: &mut Shell, arguments: &[String], streams: &Streams) -> i32 {
    let Some((verb, rest)) = arguments.split_first() else {
        streams.line("Package manager (package) commands:");
        return 1;
    };
    let operands: Vec<&str> = operands(rest);
    match (verb.as_str(), &operands[..]) {
        ("list", ["packages" | "package", filter @ ..]) => {
            list(shell, rest, filter.first(), streams)
        }
        ("list", ["users"]) => {
            streams.line("Users:\n\tUserInfo{0:Owner:c13} running");
            0
        }
        (
            "list",
            [
                "features" | "libraries" | "permissions" | "instrumentation",
                ..,
            ],
        ) => 0,
        ("path", [name]) => match shell.machine.lock().system.packages.get(name) {
            Some(manifest) => {
                streams.line(format!(
                    "package:{}",
                    code_path(&manifest.package, manifest.system)
                ));
                0
            }
            None => 1,
        },
        ("clear", [name]) => clear(shell, name, streams),
        ("grant" | "revoke", [name, permission]) => {
            let mut state = shell.machine.lock();
            let packages = &mut state.system.packages;
            let known = match verb.as_str() {
                "grant" => packages.grant(name, permission),
                _ => packages.revoke(name, permission),
            };
            drop(state);
            match known {
                true => 0,
                false => exception(streams, verb, &format!("Unknown package: {name}")),
            }
        }
        ("enable" | "disable" | "disable-user" | "default-state", [name, ..]) => {
            let on = matches!(verb.as_str(), "enable" | "default-state");
            if verb == "disable" && shell.user != attributes::ROOT {
                streams.complain("");
                streams.complain("Exception occurred while executing 'disable':");
                streams.complain(format!(
                    "java.lang.SecurityException: Shell cannot change component state for null to 2: {name}"
                ));
                return 255;
            }
            let known = shell.machine.lock().system.packages.set_enabled(name, on);
            if !known {
                return exception(streams, verb, &format!("Unknown package: {name}"));
            }
            let state = match verb.as_str() {
                "enable" => "enabled",
                "default-state" => "default",
                "disable" => "disabled",
                _ => "disabled-user",
            };
            streams.line(format!("Package {name} new state: {state}"));
            0
        }
        ("uninstall", [name, ..]) => {
            let mut state = shell.machine.lock();
            let state = &mut *state;
            state.windows.force_stop(&mut state.system, name);
            match state.system.packages.uninstall(name) {
                Ok(true) => {
                    streams.line("Success");
                    0
                }
                _ => {
                    streams.line("Failure [DELETE_FAILED_INTERNAL_ERROR]");
                    1
                }
            }
        }
        ("install" | "install-streaming", _) => install(shell, rest, streams),
        ("install-create", _) => {
            streams.line("Success: created install session [1000]");
            0
        }
        ("install-write", _) => {
            let received = read_package(shell, rest, streams);
            let count = received.as_ref().map_or(0, |received| received.size);
            if let Some(manifest) = received.and_then(|received| received.manifest) {
                shell.machine.lock().system.packages.stage(manifest);
            }
            streams.line(format!("Success: streamed {count} bytes"));
            0
        }
        ("install-commit", _) => {
            let staged = shell.machine.lock().system.packages.take_staged();
            match staged {
                Some(manifest) => add(shell, manifest, rest, streams),
                None => {
                    streams.line("Success");
                    0
                }
            }
        }
        ("install-abandon", _) => {
            shell.machine.lock().system.packages.take_staged();
            streams.line("Success");
            0
        }
        ("resolve-activity", _) => {
            let package = operands.iter().rev().find(|word| word.contains('.'));
            let state = shell.machine.lock();
            let found = package
                .and_then(|package| state.system.packages.get(package))
                .and_then(|manifest| manifest.launcher_component());
            streams.line(match found {
                Some(component) => format!("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false\n{component}"),
                None => "No activity found".to_owned(),
            });
            0
        }
        ("dump", [name]) => {
            super::dumpsys::dumpsys(shell, &["package".to_owned(), (*name).to_owned()], streams)
        }
        (
            "trim-caches"
            | "compile"
            | "bg-dexopt-job"
            | "set-user-restriction"
            | "reset-permissions",
            _,
        ) => 0,
        (other, _) => {
            streams.complain(format!("Unknown command: {other}"));
            255
        }
    }
}

fn operands(words: &[String]) -> Vec<&str> {
    let mut operands = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--user" | "-i" | "-S" | "--install-location" | "--originating-uri" | "-c" | "-a"
            | "--abi" => {
                words.next();
            }
            flag if flag.starts_with('-') && flag != "-" => {}
            operand => operands.push(operand),
        }
    }
    operands
}

fn exception(streams: &Streams, verb: &str, message: &str) -> i32 {
    streams.complain("");
    streams.complain(format!("Exception occurred while executing '{verb}':"));
    streams.complain(format!("java.lang.IllegalArgumentException: {message}"));
    255
}

/// Where the package's APK would lie.
pub fn code_path(package: &str, system: bool) -> String {
    match system {
        true => format!(
            "/system/app/{0}/{0}.apk",
            package.rsplit('.').next().unwrap_or(package)
        ),
        false => format!("/data/app/~~c3RlcGRyb2lk==/{package}-AAAAAAAAAAAAAAAAAAAAAA==/base.apk"),
    }
}

fn list(shell: &Shell, words: &[String], filter: Option<&&str>, streams: &Streams) -> i32 {
    let flag = |letter: &str| words.iter().any(|word| word == letter);
    let state = shell.machine.lock();
    let packages = &state.system.packages;
    for manifest in packages.list() {
        let name = &manifest.package;
        let skipped = (flag("-3") && manifest.system)
            || (flag("-s") && !manifest.system)
            || (flag("-d") && packages.is_enabled(name))
            || (flag("-e") && !packages.is_enabled(name))
            || filter.is_some_and(|filter| !name.contains(*filter));
        if skipped {
            continue;
        }
        let mut line = match flag("-f") {
            true => format!("package:{}={name}", code_path(name, manifest.system)),
            false => format!("package:{name}"),
        };
        if flag("--show-versioncode") {
            line.push_str(&format!(" versionCode:{}", manifest.version_code));
        }
        if flag("-U") {
            line.push_str(&format!(" uid:{}", packages.user(name).unwrap_or(0)));
        }
        streams.line(line);
    }
    0
}

fn clear(shell: &mut Shell, name: &str, streams: &Streams) -> i32 {
    let mut state = shell.machine.lock();
    let state = &mut *state;
    if !state.system.packages.contains(name) {
        streams.line("Failed");
        return 1;
    }
    state.windows.force_stop(&mut state.system, name);
    match state.system.packages.clear(name) {
        Ok(()) => {
            streams.line("Success");
            0
        }
        Err(error) => {
            streams.line("Failed");
            streams.fail("pm", error)
        }
    }
}

/// An APK that arrived.
struct Received {
    /// Whether it begins as an archive does.
    archive: bool,
    /// Its bytes.
    size: u64,
    /// What it says of itself, if that can be read.
    manifest: Option<Manifest>,
}

/// Takes the bytes of an APK: from standard input (`-S BYTES`) or a file.
fn read_package(shell: &Shell, words: &[String], streams: &Streams) -> Option<Received> {
    const MAGIC: &[u8] = b"PK\x03\x04";
    let size = words
        .iter()
        .position(|word| word == "-S")
        .and_then(|at| words.get(at + 1)?.parse::<u64>().ok());
    let Some(size) = size else {
        let name = operands(words)
            .into_iter()
            .find(|word| word.contains('/'))?
            .to_owned();
        let path = shell.path(&name).ok()?;
        let found = shell.machine.files.metadata(&path).ok()?;
        let mut input = shell.machine.files.open_read(&path).ok()?;
        let mut first = [0; 4];
        let archive = std::io::Read::read_exact(&mut input, &mut first).is_ok() && first == MAGIC;
        return Some(Received {
            archive,
            size: found.size,
            manifest: apk::read(&mut input).ok(),
        });
    };
    streams.flush();
    let path = paths::child("/data/app", &format!("vmdl{}.tmp", shell.process));
    let mut writer = shell
        .machine
        .files
        .open_write(&path, WriteMode::Truncate)
        .ok()?;
    let mut chunk = vec![0; 64 << 10];
    let (mut count, mut archive) = (0_u64, false);
    while count < size {
        let most = chunk
            .len()
            .min(usize::try_from(size - count).unwrap_or(usize::MAX));
        match streams.input.read(&mut chunk[..most]) {
            Ok(read @ 1..) => {
                archive |= count == 0 && chunk[..read].starts_with(MAGIC);
                writer.write_all(&chunk[..read]).ok()?;
                count += read as u64;
            }
            _ => break,
        }
    }
    drop(writer);
    let input = shell.machine.files.open_read(&path);
    let manifest = input.ok().and_then(|mut input| apk::read(&mut input).ok());
    // What is inside cannot run here; only what it says of itself is kept.
    let _ = shell.machine.files.remove_file(&path);
    Some(Received {
        archive: archive && count == size,
        size: count,
        manifest,
    })
}

fn install(shell: &mut Shell, words: &[String], streams: &Streams) -> i32 {
    match read_package(shell, words, streams) {
        Some(Received {
            archive: true,
            manifest: Some(manifest),
            ..
        }) => add(shell, manifest, words, streams),
        // An archive without a readable manifest is taken for an app that the phone has already.
        Some(Received { archive: true, .. }) => {
            streams.line("Success");
            0
        }
        Some(_) => {
            streams.line("Failure [INSTALL_PARSE_FAILED_NOT_APK: Failed to parse base.apk]");
            1
        }
        None => {
            streams
                .line("Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to read the package]");
            1
        }
    }
}

/// Makes a package known. Of an app that this phone has, its own manifest is the one that counts.
fn add(shell: &Shell, read: Manifest, words: &[String], streams: &Streams) -> i32 {
    let mut state = shell.machine.lock();
    let packages = &mut state.system.packages;
    let (package, asked) = (read.package.clone(), read.permissions.clone());
    let known = match apps::find(&package) {
        Some(app) => Some(manifest(app)),
        // Of the system image's packages, the manifest stays.
        None => packages.get(&package).filter(|one| one.system).cloned(),
    };
    let full =
        known.is_none() && !packages.contains(&package) && packages.list().count() >= MOST_PACKAGES;
    let installed = match full {
        true => None,
        false => packages.install(known.unwrap_or(read)).ok(),
    };
    if installed.is_none() {
        streams.line(
            "Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE: Failed to extract native libraries]",
        );
        return 1;
    }
    if words.iter().any(|word| word == "-g") {
        for permission in &asked {
            packages.grant(&package, permission);
        }
    }
    streams.line("Success");
    0
}

/// Most packages of a phone; each has a directory and a manifest in memory.
const MOST_PACKAGES: usize = 256;
