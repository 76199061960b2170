//! `stepdroid serve` and `stepdroid gc` as a user runs them: the real program, its signals, its words to systemd, phones
//! that go away, a disk that is full.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use super::program::{Service, free_port, gc, phone, program, status};
use super::small_run::small_run;
use super::training_state::{assert_same, state};
use stepdroid::domain::Phase;
use stepdroid::phone::{Phone, PhoneOptions};
use stepdroid::store::{RoundKey, RoundState, SlotState, Store, StoreOptions};
use tempfile::TempDir;

fn every_stage() -> String {
    let stages = include_str!("../small_run/stages.toml");
    small_run(&[stages, "train.keep_samples = 1"])
}

/// A folder with the configuration in it.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("small.toml"), every_stage()).unwrap();
    folder
}

/// A copy of a run that nobody disturbed, and what that came to. The run is made once.
pub fn undisturbed(to: &Path) -> Vec<String> {
    static RUN: OnceLock<(TempDir, Vec<String>)> = OnceLock::new();
    let (made, lines) = RUN.get_or_init(|| {
        let folder = folder();
        Service::start(folder.path(), &[]).ends(0);
        let lines = state(&folder.path().join("run"));
        (folder, lines)
    });
    if !to.exists() {
        let mut command = Command::new("cp");
        command.arg("-r").arg(made.path().join("run")).arg(to);
        assert!(command.status().unwrap().success());
    }
    lines.clone()
}

fn read(run: &Path) -> Option<Store> {
    Store::read(run, &StoreOptions::default()).ok()
}

pub fn episodes(run: &Path, key: RoundKey) -> usize {
    let found = read(run).and_then(|store| store.episodes(key).ok());
    found.map_or(0, |found| found.len())
}

pub fn is_there(run: &Path, round: u64, state: RoundState) -> bool {
    let row = read(run).and_then(|store| store.round(RoundKey::train(round)).ok().flatten());
    row.is_some_and(|row| row.state >= state)
}

pub fn is_in(run: &Path, state: &str) -> bool {
    status(run).is_some_and(|status| status["state"] == state)
}

pub fn reason(run: &Path) -> String {
    status(run).unwrap()["reason"].as_str().unwrap().to_owned()
}

/// What a run came to without its steps, whose samples and screenshots may be gone.
fn without_steps(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !line.contains(", step ") && !line.contains("drawn again"));
    lines
}

type Moment = fn(&Path) -> bool;

#[test]
fn a_run_that_is_terminated_again_and_again_ends_as_the_one_that_nobody_disturbed() {
    let folder = folder();
    let run = folder.path().join("run");
    let moments: [Moment; 6] = [
        |run| run.join("log").exists(),
        |run| episodes(run, RoundKey::demonstrate(0)) >= 1,
        |run| run.join("checkpoints/000001").exists(),
        |run| episodes(run, RoundKey::train(0)) >= 2,
        |run| is_there(run, 0, RoundState::Augmented),
        |run| episodes(run, RoundKey::train(1)) >= 1,
    ];
    for (number, moment) in moments.into_iter().enumerate() {
        let mut service = Service::start(folder.path(), &[]);
        service.until(|| moment(&run));
        service.signal("TERM");
        service.ends(0);
        assert!(is_in(&run, "stopped"), "moment {number}");
        let store = read(&run).unwrap();
        for phase in [Phase::Demonstrate, Phase::Train, Phase::Evaluate] {
            for round in store.rounds(phase).unwrap() {
                for slot in store.slots(round.key).unwrap() {
                    assert_ne!(slot.state, SlotState::Leased, "moment {number}");
                    // What had been leased could end.
                    let begun = slot.device.is_some();
                    assert!(!begun || slot.state == SlotState::Done, "moment {number}");
                }
            }
        }
    }
    Service::start(folder.path(), &[]).ends(0);
    assert!(is_in(&run, "done"));
    let wanted = undisturbed(&folder.path().join("undisturbed"));
    assert_same(&state(&run), &wanted, "the terminated run");
}

#[test]
fn the_second_signal_and_a_hard_end_lose_nothing_either() {
    let folder = folder();
    let run = folder.path().join("run");
    let mut service = Service::start(folder.path(), &[]);
    service.until(|| episodes(&run, RoundKey::train(0)) >= 1);
    service.signal("INT");
    service.signal("INT");
    service.ends(130);
    // Nothing may end softly. What ended at once may have been further already, so that something new is waited for:
    // a signal that comes before anybody listens ends the process by itself.
    let before = episodes(&run, RoundKey::train(0)) + episodes(&run, RoundKey::train(1));
    let mut service = Service::start(folder.path(), &["--stop-within", "0"]);
    service
        .until(|| episodes(&run, RoundKey::train(0)) + episodes(&run, RoundKey::train(1)) > before);
    service.signal("TERM");
    service.ends(0);
    Service::start(folder.path(), &["--resume"]).ends(0);
    let wanted = undisturbed(&folder.path().join("undisturbed"));
    assert_same(&state(&run), &wanted, "the interrupted run");
}

#[test]
fn systemd_hears_in_order_what_it_wants_to_know() {
    let folder = folder();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    let longest = Duration::from_secs(120);
    socket.set_read_timeout(Some(longest)).unwrap();
    let service = Service::start_with(folder.path(), &[], |command| {
        command
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "400000")
    });
    let receive = || {
        let mut bytes = [0; 4096];
        let length = socket.recv(&mut bytes).unwrap();
        String::from_utf8(bytes[..length].to_vec()).unwrap()
    };
    let mut heard = vec![receive()];
    assert_eq!(heard[0], "READY=1");
    let has = |heard: &[String], text: &str| heard.iter().any(|line| line.starts_with(text));
    while !has(&heard, "WATCHDOG=1") || !has(&heard, "STATUS=running: ") {
        heard.push(receive());
    }
    assert!(!has(&heard, "STOPPING=1"));
    service.signal("TERM");
    while heard.last().is_none_or(|last| last != "STATUS=stopped") {
        heard.push(receive());
    }
    let place = |text: &str| heard.iter().position(|line| line.starts_with(text));
    let stopping = place("STOPPING=1").unwrap();
    assert!(heard[stopping].contains("\nEXTEND_TIMEOUT_USEC="));
    assert!(place("STATUS=starting").unwrap() < place("STATUS=running").unwrap());
    assert!(place("STATUS=running").unwrap() < stopping);
    assert_eq!(heard.iter().filter(|line| *line == "READY=1").count(), 1);
    service.ends(0);
}

#[test]
fn a_phone_that_is_away_is_waited_for_and_one_that_goes_comes_back() {
    let folder = folder();
    let run = folder.path().join("run");
    let port = free_port();
    let devices = format!("devices.serials=[\"127.0.0.1:{port}\"]");
    let mut service = Service::start(
        folder.path(),
        &[
            "--set",
            &devices,
            "--set",
            "train.rounds=1",
            "--first-wait",
            "1",
        ],
    );
    service.until(|| is_in(&run, "waiting"));
    assert!(reason(&run).contains(&port.to_string()), "{}", reason(&run));
    let device = || status(&run).unwrap()["devices"][0].clone();
    // Each attempt begins with a device that nobody has asked.
    service.until(|| {
        let away = device();
        let reason = away["reason"].as_str().unwrap_or_default();
        (&away["state"], &away["failures"]) == (&"absent".into(), &1.into())
            && reason.contains(&port.to_string())
            && away["event"]["kind"] == "lost"
    });
    let mut first = phone(port);
    service.until(|| episodes(&run, RoundKey::demonstrate(0)) >= 1);
    first.kill().unwrap();
    first.wait().unwrap();
    let stands = |states: &[&str]| states.iter().any(|state| device()["state"] == *state);
    service.until(|| device()["failures"].as_u64() >= Some(1) && !stands(&["ready", "busy"]));
    let shown = || {
        program()
            .args(["serve", "--status"])
            .arg(&run)
            .output()
            .unwrap()
    };
    let output = shown();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("one failure") || text.contains("failures in a row"),
        "{text}"
    );
    let mut second = phone(port);
    service.until(|| stands(&["ready", "busy"]));
    service.ends(0);
    second.kill().unwrap();
    second.wait().unwrap();
    let events = read(&run).unwrap().device_events().unwrap();
    assert!(events.iter().any(|event| event.kind == "lost"));
    assert_eq!(status(&run).unwrap()["rounds_done"], 1);
    assert_eq!(
        (&device()["state"], &device()["failures"]),
        (&"ready".into(), &0.into())
    );
    let output = shown();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ready for"), "{text}");
}

#[test]
fn a_full_disk_is_waited_for_before_anything_is_begun() {
    let folder = folder();
    let run = folder.path().join("run");
    let wanted = ["--set", "retention.min_free_bytes=9000000000000000000"];
    let mut service = Service::start(folder.path(), &wanted);
    service.until(|| is_in(&run, "waiting"));
    let said = reason(&run);
    assert!(said.contains("retention.min_free_bytes"), "{said}");
    service.signal("TERM");
    service.ends(0);
    assert_eq!(episodes(&run, RoundKey::demonstrate(0)), 0);
    // The same without anybody who waits.
    let mut train = program();
    train.args(["train", "--resume"]).arg(&run).args(wanted);
    let output = train.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("stepdroid gc"), "{said}");
    // Room runs out in the middle: what was stored stays, and the run goes on once there is some.
    let small = ["--set", "run.max_database_bytes=260000"];
    let mut service = Service::start(folder.path(), &small);
    service.until(|| is_in(&run, "waiting"));
    assert!(
        reason(&run).contains("the disk is full"),
        "{}",
        reason(&run)
    );
    service.signal("TERM");
    service.ends(0);
    Service::start(folder.path(), &[]).ends(0);
    let wanted = undisturbed(&folder.path().join("undisturbed"));
    assert_same(&state(&run), &wanted, "the run without room");
}

#[test]
fn what_time_can_t_heal_ends_the_process_with_its_code() {
    let folder = folder();
    let run = folder.path().join("run");
    std::fs::write(folder.path().join("small.toml"), "[train]\nround = 3\n").unwrap();
    Service::start(folder.path(), &[]).ends(2);
    assert!(!run.exists());
    std::fs::write(folder.path().join("small.toml"), every_stage()).unwrap();
    Service::start(folder.path(), &["--resume"]).ends(2);
    let mut service = Service::start(folder.path(), &["--fresh"]);
    service.until(|| run.join("checkpoints/000001").exists());
    // Another process is refused while this one has the run.
    Service::start(folder.path(), &[]).ends(3);
    service.signal("TERM");
    service.ends(0);
    Service::start(folder.path(), &["--fresh"]).ends(2);
    let weights = run.join("checkpoints/000001/weights.safetensors");
    std::fs::write(weights, "not weights").unwrap();
    Service::start(folder.path(), &[]).ends(2);
}

#[test]
fn a_phone_of_somebodys_own_that_was_never_set_up_is_nothing_to_wait_for() {
    let folder = folder();
    let run = folder.path().join("run");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let own = ["ro.kernel.qemu", "ro.boot.qemu"].map(|name| (name.to_owned(), String::new()));
    let options = PhoneOptions {
        properties: own.into(),
        ..PhoneOptions::default()
    };
    let phone = runtime.block_on(Phone::start(options)).unwrap();
    let devices = format!("devices.serials=[\"{}\"]", phone.serial());
    let service = Service::start_with(folder.path(), &["--set", &devices], |command| {
        command.env("XDG_STATE_HOME", folder.path())
    });
    service.ends(3);
    assert!(is_in(&run, "failed"));
    assert!(reason(&run).contains("devices.without_record"));
    let device = &status(&run).unwrap()["devices"][0];
    assert_eq!(
        (&device["state"], &device["failures"]),
        (&"refused".into(), &0.into())
    );
}

#[test]
fn the_log_is_opened_anew_when_it_was_moved_away() {
    let folder = folder();
    let run = folder.path().join("run");
    let log = run.join("log/stepdroid.log");
    let mut service = Service::start(folder.path(), &[]);
    service.until(|| episodes(&run, RoundKey::demonstrate(0)) >= 1);
    std::fs::rename(&log, run.join("log/moved")).unwrap();
    service.signal("HUP");
    service.until(|| log.exists());
    service.signal("TERM");
    service.ends(0);
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("stopped"), "{text}");
    let moved = std::fs::read_to_string(run.join("log/moved")).unwrap();
    assert!(moved.contains("serving") && !moved.contains("stopped"));
}

#[test]
fn a_run_that_goes_on_after_gc_ends_as_one_without() {
    let folder = folder();
    let (run, whole) = (folder.path().join("run"), folder.path().join("whole"));
    let wanted = undisturbed(&run);
    undisturbed(&whole);
    let strict: Vec<&str> = "--keep-checkpoints 0 --keep-screenshots none --keep-samples 0 --json"
        .split(' ')
        .collect();
    let looked = gc(&run, &[&strict[..], &["--dry-run"]].concat());
    let looked: serde_json::Value = serde_json::from_slice(&looked.stdout).unwrap();
    assert_same(&state(&run), &wanted, "a run that was looked at");
    let blobs = |run: &Path| stepdroid::store::size_of(&run.join("blobs"));
    assert!(blobs(&run) > 0);

    let loose = run.join("blobs/ab").join("ab".repeat(32));
    std::fs::create_dir_all(loose.parent().unwrap()).unwrap();
    std::fs::write(&loose, "nobody's").unwrap();
    let gone = gc(&run, &strict);
    assert!(gone.status.success());
    let gone: serde_json::Value = serde_json::from_slice(&gone.stdout).unwrap();
    let size = |of: &serde_json::Value, what: &str| of[0][what].as_u64().unwrap();
    assert!(size(&gone, "after") < size(&looked, "before"));
    assert!(!loose.exists());
    assert_eq!(blobs(&run), 0);
    // The first, the best and the newest are there, with what says what the run came to.
    let checkpoints = read(&run).unwrap().checkpoints().unwrap();
    for kept in [checkpoints.first(), checkpoints.last()] {
        assert!(run.join(&kept.unwrap().path).join("policy.toml").exists());
    }
    let (left, wanted) = (without_steps(state(&run)), without_steps(wanted));
    assert_same(&left, &wanted, "a run that was cleared");
    for command in ["report", "compare-samplers"] {
        let output = program().arg(command).arg(&run).output().unwrap();
        assert!(output.status.success(), "{command}");
    }

    for run in [&run, &whole] {
        let mut command = program();
        command.args(["train", "--resume"]).arg(run);
        command.args(["--set", "train.rounds=3"]);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
    }
    let (one, other) = (without_steps(state(&run)), without_steps(state(&whole)));
    assert_same(&one, &other, "after gc");
}

#[test]
fn a_run_that_is_being_trained_is_only_looked_at() {
    let folder = folder();
    let run = folder.path().join("run");
    let mut service = Service::start(folder.path(), &[]);
    service.until(|| episodes(&run, RoundKey::demonstrate(0)) >= 1);
    let refused = gc(&run, &[]);
    assert_eq!(refused.status.code(), Some(3));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("--dry-run"), "{said}");
    assert!(gc(&run, &["--dry-run"]).status.success());
    let show = || {
        let output = program().args(["serve", "--status"]).arg(&run).output();
        output.unwrap()
    };
    let shown = show();
    assert!(shown.status.success());
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("episodes") && text.contains("up "), "{text}");
    service.signal("TERM");
    service.ends(0);
    assert_eq!(show().status.code(), Some(1));
}

#[test]
fn a_run_is_made_as_small_as_it_goes() {
    let folder = folder();
    let run = folder.path().join("run");
    undisturbed(&run);
    assert!(gc(&run, &["--max-bytes", "1000000000"]).status.success());
    let tight = gc(&run, &["--max-bytes", "1"]);
    assert_eq!(tight.status.code(), Some(1));
    let said = String::from_utf8_lossy(&tight.stderr).into_owned();
    assert!(said.contains("needed"), "{said}");
    assert!(read(&run).unwrap().screenshots().unwrap().is_empty());
    let (first, newest) = ("checkpoints/000001", "checkpoints/000003");
    assert!(run.join(first).exists() && run.join(newest).exists());
}
