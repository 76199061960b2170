//! Two processes that name the same devices: what one holds the other never drives. Seen from the phones' side: a relay
//! before each of them writes down which process speaks to it.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use stepdroid::farm::Register;
use stepdroid::store::{RoundKey, Store, StoreOptions};

/// What does not happen in this time does not happen.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK: Duration = Duration::from_millis(50);

/// A process of the test's own, ended with it.
struct Process(Child);

impl Process {
    fn start(state: &Path, words: &[&str]) -> Process {
        let child = Command::new(env!("CARGO_BIN_EXE_stepdroid"))
            .args(words)
            .env("XDG_STATE_HOME", state)
            // No adb server is wanted, nor started: none is found here.
            .env("ANDROID_ADB_SERVER_PORT", "1")
            .env("PATH", state)
            .current_dir(state)
            .env_remove("ANDROID_SERIAL")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Process(child.unwrap())
    }

    fn id(&self) -> u32 {
        self.0.id()
    }

    /// `kill -9`, and the end of it.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn interrupt(mut self) -> Option<i32> {
        let id = self.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Passes a phone's connections on, and writes down who sent what comes, in the order in which it came.
struct Relay {
    serial: String,
    speakers: Arc<Mutex<Vec<u32>>>,
}

impl Relay {
    fn before(phone: &str) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let serial = listener.local_addr().unwrap().to_string();
        let speakers = Arc::new(Mutex::new(Vec::new()));
        let (to, heard) = (phone.to_owned(), speakers.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (to, heard) = (to.clone(), heard.clone());
                thread::spawn(move || pass(&client, &to, &heard));
            }
        });
        Relay { serial, speakers }
    }

    /// The processes that spoke to the phone, without repetitions.
    fn speakers(&self) -> Vec<u32> {
        let mut speakers = self.speakers.lock().unwrap().clone();
        speakers.dedup();
        speakers
    }
}

fn pass(client: &TcpStream, to: &str, heard: &Mutex<Vec<u32>>) {
    // The table of sockets changes while it is read: one that is missing may be there at the next look.
    let who = (0..10).find_map(|_| {
        let who = speaker(client.peer_addr().ok()?);
        if who.is_none() {
            thread::sleep(LOOK / 5);
        }
        who
    });
    let Ok(phone) = TcpStream::connect(to) else {
        return;
    };
    let (mut up, mut down) = (client.try_clone().unwrap(), phone.try_clone().unwrap());
    let back = (client.try_clone().unwrap(), phone.try_clone().unwrap());
    thread::spawn(move || {
        let (mut client, mut phone) = back;
        let _ = std::io::copy(&mut phone, &mut client);
        let _ = client.shutdown(Shutdown::Both);
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(count @ 1..) = up.read(&mut buffer) {
        // Who only asks how a device is does not drive it; it is known too late to be told apart.
        if let Some(who) = who {
            heard.lock().unwrap().push(who);
        }
        if down.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = phone.shutdown(Shutdown::Both);
}

/// The process whose socket has an address of this machine, where it still lives (proc(5)).
fn speaker(address: SocketAddr) -> Option<u32> {
    let local = format!("0100007F:{:04X}", address.port());
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let inode = table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        (fields.get(1) == Some(&local.as_str())).then(|| (*fields.get(9).unwrap()).to_owned())
    })?;
    let socket = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let open = fs::read_dir(entry.path().join("fd")).ok()?;
        let is_its = open.flatten().any(|file| {
            fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == socket.as_str())
        });
        is_its.then_some(pid)
    })
}

fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < end, "not in time: {what}");
        thread::sleep(LOOK);
    }
}

/// `stepdroid phone` with so many phones, and their serials.
fn phones(state: &Path, count: usize) -> (Process, Vec<String>) {
    let number = count.to_string();
    let words = ["phone", "--count", &number, "--size", "360x800", "--json"];
    let mut process = Process::start(state, &words);
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
    let serial = |line: String| {
        let phone: Value = serde_json::from_str(&line).unwrap();
        phone["serial"].as_str().unwrap().to_owned()
    };
    let serials = (0..count)
        .map(|_| serial(lines.next().unwrap().unwrap()))
        .collect();
    (process, serials)
}

/// A long evaluation of the scripted solutions on devices.
fn evaluation(state: &Path, out: &Path, devices: &[&Relay]) -> Process {
    let mut words = vec!["eval", "--solutions", "--out", out.to_str().unwrap()];
    words.extend(["--tasks", "SystemWifiTurnOn,OpenAppTaskEval"]);
    words.extend(["--episodes", "400"]);
    for set in [
        "devices.settle=idle",
        "devices.focus_pause_ms=0",
        "devices.wait_ms=0",
    ] {
        words.extend(["--set", set]);
    }
    for device in devices {
        words.extend(["--device", device.serial.as_str()]);
    }
    Process::start(state, &words)
}

/// What `stepdroid devices` says of devices, by serial.
fn listed(state: &Path, relays: &[Relay]) -> Vec<Value> {
    let config = state.join("devices.toml");
    let serials: Vec<&str> = relays.iter().map(|relay| relay.serial.as_str()).collect();
    fs::write(
        &config,
        format!("[run]\nname = \"x\"\n[devices]\nserials = {serials:?}\n"),
    )
    .unwrap();
    let words = ["devices", "--json", "list", "--config"];
    let mut process = Process::start(state, &[&words[..], &[config.to_str().unwrap()]].concat());
    let mut text = String::new();
    let mut stdout = process.0.stdout.take().unwrap();
    stdout.read_to_string(&mut text).unwrap();
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let one = |serial: &&str| {
        let found = all.iter().find(|device| device["serial"] == **serial);
        found
            .unwrap_or_else(|| panic!("no {serial} in {text}"))
            .clone()
    };
    serials.iter().map(one).collect()
}

/// Devices of the judged episodes of an evaluation.
fn used(out: &Path) -> BTreeSet<String> {
    let store = Store::read(out, &StoreOptions::default()).unwrap();
    let episodes = store.episodes(RoundKey::evaluate(0)).unwrap();
    let judged = episodes.into_iter().filter(|it| it.outcome.is_judged());
    judged.map(|episode| episode.device).collect()
}

#[test]
fn two_processes_never_drive_one_device() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    fs::create_dir_all(&state).unwrap();
    let register = Register::at(&state.join("stepdroid/register"));
    let (_phones, serials) = phones(&state, 3);
    let relays: Vec<Relay> = serials.iter().map(|serial| Relay::before(serial)).collect();
    let [a, b, c] = &relays[..] else {
        panic!("three phones");
    };
    let holder = |relay: &Relay| {
        let entry = register.entry(&relay.serial)?;
        (entry.held && entry.record.lease.is_some()).then_some(entry.record.pid)
    };
    let (outs, began) = (
        [folder.path().join("first"), folder.path().join("second")],
        std::time::SystemTime::now(),
    );

    let mut first = evaluation(&state, &outs[0], &[a, b]);
    wait_until("the first has both", || {
        [a, b].iter().all(|relay| holder(relay) == Some(first.id()))
    });
    let second = evaluation(&state, &outs[1], &[a, b, c]);
    wait_until("the second has the free one", || {
        holder(c) == Some(second.id())
    });

    // Whoever finds none free is told who has them.
    let mut third = evaluation(&state, &folder.path().join("third"), &[a, b]);
    assert_eq!(third.0.wait().unwrap().code(), Some(3));

    let began = began.duration_since(std::time::UNIX_EPOCH).unwrap();
    for (found, pid) in listed(&state, &relays)
        .iter()
        .zip([&first, &first, &second])
    {
        assert_eq!(found["holder"]["pid"], pid.id(), "{found}");
        let purpose = found["holder"]["purpose"].as_str().unwrap();
        assert!(purpose.starts_with("eval"), "{found}");
        // Between two episodes it is ready for a moment.
        if found["state"] == "busy" {
            let task = found["holder"]["lease"]["what"].as_str().unwrap();
            assert!(task.contains("SystemWifiTurnOn") || task.contains("OpenApp"));
            assert_eq!(found["reason"], task);
        }
        let since = found["since"].as_u64().unwrap();
        assert!(u128::from(since) >= began.as_millis(), "{found}");
    }
    assert_eq!([a.speakers(), b.speakers()], [[first.id()], [first.id()]]);
    assert_eq!(c.speakers(), [second.id()]);

    // A holder that dies holds nothing: the operating system has taken its locks back with it.
    let died = first.id();
    first.kill();
    for relay in [a, b] {
        let entry = register.entry(&relay.serial).unwrap();
        assert!(!entry.held || entry.record.pid == second.id(), "{entry:?}");
    }
    wait_until("the second has all", || {
        [a, b]
            .iter()
            .all(|relay| holder(relay) == Some(second.id()))
    });
    wait_until("the second has used all", || used(&outs[1]).len() == 3);
    let id = second.id();
    assert_eq!(second.interrupt(), Some(130));

    for found in listed(&state, &relays) {
        assert_eq!(
            (&found["state"], &found["holder"]),
            (&"ready".into(), &Value::Null),
            "{found}"
        );
    }
    // Each phone was spoken to by one and then by the other.
    assert_eq!(
        used(&outs[0]),
        BTreeSet::from([a.serial.clone(), b.serial.clone()])
    );
    for relay in [a, b] {
        let mut speakers = relay.speakers();
        speakers.retain(|pid| [died, id].contains(pid));
        assert_eq!(speakers, [died, id]);
    }
    let speakers = c.speakers();
    assert!(!speakers.contains(&died), "{speakers:?}");
}
