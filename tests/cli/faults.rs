//! Phones and lines that misbehave as a file says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use super::program::{program, run, text};

fn file(folder: &Path, content: &str) -> String {
    let path = folder.join("faults.toml");
    std::fs::write(&path, content).unwrap();
    text(&path).to_owned()
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let unknown = file(
        folder.path(),
        "seed = 1\n[[fault]]\nkind = \"explode\"\nafter_ms = 5\n",
    );
    run(&["phone", "--faults", &unknown]).fails(2, &[&unknown, "line 3", "explode", "no-idle"]);
    let proxy = ["fault-proxy", "--to", "127.0.0.1:1", "--faults"];
    let with = |path: &str| run(&[&proxy[..], &[path]].concat());
    with(&unknown).fails(2, &[&unknown, "line 3", "explode", "half-open"]);
    let missing = folder.path().join("missing.toml");
    with(text(&missing)).fails(2, &["missing.toml", "docs/faults.md"]);
    let empty = file(folder.path(), "");
    run(&["fault-proxy", "--to", "nowhere", "--faults", &empty]).fails(2, &["HOST:PORT"]);
}

#[test]
fn the_examples_are_read() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("android/faults");
    let (phone, line) = (examples.join("phone.toml"), examples.join("line.toml"));
    // Both stop at what comes after the file.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    let ran = run(&["phone", "--port", &port, "--faults", text(&phone)]);
    assert!(
        ran.code != 0 && ran.stderr.contains(&port),
        "{}",
        ran.stderr
    );
    let listen = address.to_string();
    let ran = run(&[
        "fault-proxy",
        "--listen",
        &listen,
        "--to",
        "127.0.0.1:1",
        "--faults",
        text(&line),
    ]);
    ran.fails(2, &[&listen, "take another port"]);
}

#[test]
fn a_line_is_cut_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let faults = file(
        folder.path(),
        "[[fault]]\nkind = \"cut\"\nafter_bytes = 4\n",
    );
    let endpoint = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = endpoint.local_addr().unwrap().to_string();
    let mut child = program()
        .args(["fault-proxy", "--to", &to, "--faults", &faults])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    let listen = first.strip_suffix(&format!(" to {to}")).unwrap();
    let mut client = TcpStream::connect(listen).unwrap();
    let (mut server, _) = endpoint.accept().unwrap();
    client.write_all(b"1234").unwrap();
    let mut passed = Vec::new();
    // It ends with a reset.
    assert!(server.read_to_end(&mut passed).is_err());
    assert!(client.read(&mut [0]).is_err());
    let line = lines.next().unwrap().unwrap();
    assert!(line.ends_with("cut, 1 connections"), "{line}");
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("1 faults on 1 connections; 4 bytes passed"),
        "{said}"
    );
}
