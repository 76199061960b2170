//! Results, exit codes, and messages that say what to do, of every command but those about models and
//! evaluations.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use serde_json::Value;

use super::phone::RunningPhone;
use super::program::{Ran, end_of, program, run, run_with, text};

/// An adb server that gives one kind of answer to everything; returns its port.
fn adb_server(status: &'static str, text: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut length = [0; 4];
            if socket.read_exact(&mut length).is_err() {
                continue;
            }
            let length = usize::from_str_radix(std::str::from_utf8(&length).unwrap(), 16).unwrap();
            socket.read_exact(&mut vec![0; length]).unwrap();
            let answer = format!("{status}{:04x}{text}", text.len());
            socket.write_all(answer.as_bytes()).unwrap();
        }
    });
    port
}

fn with_server(port: u16, arguments: &[&str]) -> Ran {
    run_with(arguments, &[("ANDROID_ADB_SERVER_PORT", &port.to_string())])
}

/// Names of the commands in a help text.
fn commands_of(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

fn look_for_examples(path: &[String], seen: &mut usize) {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let ran = run_with(&arguments, &[("COLUMNS", "100")]);
    assert_eq!(ran.code, 0, "{path:?}");
    assert!(ran.stdout.contains("Example"), "{path:?}:\n{}", ran.stdout);
    assert!(
        ran.stdout
            .contains(&format!("  stepdroid {}", path.join(" "))),
        "the example of {path:?} shows something else:\n{}",
        ran.stdout
    );
    *seen += 1;
    for name in commands_of(&ran.stdout) {
        look_for_examples(&[path, &[name]].concat(), seen);
    }
}

#[test]
fn every_command_shows_an_example() {
    let mut seen = 0;
    look_for_examples(&[], &mut seen);
    assert!(seen >= 20, "only {seen} commands were found");
}

#[test]
fn misuse_ends_with_2() {
    run(&[]).fails(2, &["Usage"]);
    run(&["tarin"]).fails(2, &["tarin"]);
    run(&["phone", "--size", "big"]).fails(2, &["WIDTHxHEIGHT"]);
    run(&["phone", "--count", "0"]).fails(2, &["--count"]);
    run(&["phone", "--port", "65530", "--count", "9"]).fails(2, &["--port"]);
    run(&["phone", "--fault", "explode"]).fails(2, &["explode", "hang"]);
    run(&["phone", "--grpc", "8554"]).fails(2, &["--emulator"]);
    run(&["phone", "--port", "65001", "--emulator"]).fails(2, &["65001", "--grpc 0"]);
    assert_eq!(run(&["--version"]).code, 0);
}

#[test]
fn a_phone_answers_like_any_device() {
    let mut phone = RunningPhone::start(&["--seed", "3"], 1);
    let serial = phone.serial();
    let port = phone.lines[0]["port"].as_u64().unwrap();
    assert_eq!(serial, format!("127.0.0.1:{port}"));

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("screen.png");
    let shot = run(&[
        "devices",
        "screenshot",
        &serial,
        "--out",
        text(&picture),
        "--json",
    ])
    .works();
    assert_eq!(shot.json()["width"], 540);
    assert_eq!(&std::fs::read(&picture).unwrap()[1..4], b"PNG");
    let nowhere = folder.path().join("no/such/folder.png");
    run(&["devices", "screenshot", &serial, "--out", text(&nowhere)]).fails(3, &["folder.png"]);

    let tree = run(&["devices", "tree", &serial, "--json"]).works().json();
    let elements = tree.as_array().unwrap();
    assert!(elements.len() > 3, "{tree}");
    let words = run(&["devices", "tree", &serial]).works().stdout;
    assert_eq!(words.lines().count(), elements.len());

    run(&["devices", "tap", &serial, "540", "10"]).fails(2, &[&serial, "540x1200"]);
    let tapped = run(&["devices", "tap", &serial, "270", "600"]).works();
    assert!(tapped.stdout.contains("270,600") && tapped.stderr.is_empty());

    assert_eq!(phone.interrupt("-INT"), 130);
    run(&["devices", "tree", &serial]).fails(4, &[&serial, "stepdroid devices"]);
}

#[test]
fn phones_come_in_numbers_and_end_with_their_files() {
    let root = tempfile::tempdir().unwrap();
    let mut phones = RunningPhone::start(
        &[
            "--count",
            "3",
            "--clock",
            "steps",
            "--root",
            text(root.path()),
        ],
        3,
    );
    let mut ports: Vec<_> = phones
        .lines
        .iter()
        .map(|line| line["port"].as_u64())
        .collect();
    ports.dedup();
    assert_eq!(ports.len(), 3);
    assert!(root.path().join("phone-2").is_dir());
    assert_eq!(phones.interrupt("-TERM"), 130);
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    run(&["phone", "--port", &port]).fails(3, &[&port, "another port"]);
}

#[test]
fn dead_devices_are_named() {
    let tries: [&[&str]; 3] = [
        &["devices", "tree"],
        &["devices", "tap"],
        &["devices", "screenshot", "--out", "never.png"],
    ];
    for arguments in tries {
        let mut arguments = arguments.to_vec();
        arguments.insert(2, "127.0.0.1:1");
        if arguments[1] == "tap" {
            arguments.extend(["1", "1"]);
        }
        run(&arguments).fails(4, &["127.0.0.1:1"]);
    }
    let port = adb_server("FAIL", "device 'emulator-9998' not found");
    with_server(port, &["devices", "tree", "emulator-9998"]).fails(4, &["emulator-9998"]);
}

#[test]
fn a_device_that_says_nothing_is_lost_in_time() {
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let serial = silent.local_addr().unwrap().to_string();
    let keep: std::thread::JoinHandle<Vec<TcpStream>> =
        std::thread::spawn(move || silent.incoming().take(1).map(Result::unwrap).collect());
    run(&["devices", "tree", &serial]).fails(4, &[&serial]);
    assert_eq!(keep.join().unwrap().len(), 1);
}

#[test]
fn devices_are_listed_with_their_state() {
    let port = adb_server(
        "OKAY",
        "emulator-5554          device product:sdk model:sdk_gphone64 transport_id:1\n\
         R58M12ABCDE            unauthorized usb:1-2 transport_id:2\n",
    );
    let list = with_server(port, &["devices", "--json"]).works().json();
    assert_eq!(list[0]["serial"], "R58M12ABCDE");
    assert_eq!(list[0]["state"], "unauthorized");
    assert!(list[0]["reason"].as_str().unwrap().contains("accept"));
    // The server knows it, and it does not answer.
    assert_eq!(list[1]["serial"], "emulator-5554");
    assert_eq!(list[1]["model"], "sdk_gphone64");
    assert_ne!(list[1]["state"], "ready");
    let words = with_server(port, &["devices", "list"]).works().stdout;
    let mut lines = words.lines();
    let phone = lines.find(|line| line.contains("R58M12ABCDE")).unwrap();
    assert!(phone.contains("unauthorized"), "{words}");
}

#[test]
fn without_adb_there_are_simply_no_devices() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["devices", "list", "--json"])
        .env("PATH", folder.path())
        .current_dir(folder.path());
    let ran = end_of(command).works();
    assert_eq!(ran.json(), serde_json::json!([]));
    assert!(ran.stderr.contains("adb"), "{}", ran.stderr);
}

#[test]
fn connecting_tells_success_from_failure() {
    let port = adb_server("OKAY", "connected to 10.0.0.9:5555");
    with_server(port, &["devices", "connect", "10.0.0.9:5555"]).works();
    let port = adb_server(
        "OKAY",
        "failed to connect to '10.0.0.9:5555': Connection refused",
    );
    with_server(port, &["devices", "connect", "10.0.0.9:5555"])
        .fails(4, &["10.0.0.9:5555", "refused"]);
    with_server(port, &["devices", "connect", "phone"]).fails(2, &["HOST:PORT"]);
}

#[test]
fn the_doctor_says_what_is_missing() {
    let missing = [("ORT_DYLIB_PATH", "/nonexistent/libonnxruntime.so")];
    let ran = run_with(&["doctor", "--json"], &missing).fails(3, &["onnxruntime"]);
    let report = ran.json();
    assert_eq!(report["ready"], false);
    let check = |name: &str| {
        let checks = report["checks"].as_array().unwrap();
        checks
            .iter()
            .find(|check| check["name"] == name)
            .cloned()
            .unwrap()
    };
    assert_eq!(check("onnxruntime")["state"], "missing");
    assert!(
        check("onnxruntime")["found"]
            .as_str()
            .unwrap()
            .contains("/nonexistent/")
    );
    assert!(
        check("onnxruntime")["fix"]
            .as_str()
            .unwrap()
            .contains("make setup")
    );
    assert_eq!(check("virtual phone")["state"], "ok");
    assert_eq!(check("adb server")["state"], "remark");

    let ready = run(&["doctor"]).works();
    assert!(ready.stdout.contains("onnxruntime"), "{}", ready.stdout);
}

#[test]
fn a_configuration_with_a_typing_error_is_refused_with_the_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("train.toml");
    std::fs::write(&path, "[train]\n# more\nronds = 5\n").unwrap();
    run(&["config", "--config", text(&path)]).fails(2, &["train.toml:3", "ronds", "`rounds`"]);
    run(&["config", "--set", "train.ronds=5"]).fails(2, &["--set", "`rounds`"]);
    run(&["config", "--set", "train.rounds=many"]).fails(2, &["train.rounds"]);
    run(&["config", "--config", "/nonexistent.toml"]).fails(2, &["/nonexistent.toml"]);

    std::fs::write(&path, "[train]\nrounds = 5\n").unwrap();
    let file = ["config", "--config", text(&path)];
    let origins = run(&[&file[..], &["--origins", "--json", "--set", "train.lr=0.5"]].concat())
        .works()
        .json();
    let origin = |key: &str| {
        let rows = origins.as_array().unwrap();
        let row = rows.iter().find(|row| row["key"] == key).unwrap();
        row["origin"].as_str().unwrap().to_owned()
    };
    assert!(origin("train.rounds").ends_with("train.toml:2"));
    assert_eq!(origin("train.lr"), "--set");
    assert_eq!(origin("run.seed"), "default");
    let effective = run(&file).works().stdout;
    assert!(effective.contains("rounds = 5"), "{effective}");
    assert_eq!(
        run(&[&file[..], &["--json"]].concat()).json()["train"]["rounds"],
        5
    );
    // The defaults are a file that can be used.
    std::fs::write(&path, run(&["config"]).works().stdout).unwrap();
    run(&file).works();
}

#[test]
fn tasks_live_from_init_to_teardown() {
    let list = run(&["tasks", "list", "--json"]).works().json();
    let facts = include_str!("../fixtures/androidworld_tasks.jsonl");
    assert_eq!(list.as_array().unwrap().len(), facts.lines().count());
    for line in facts.lines() {
        let known: Value = serde_json::from_str(line).unwrap();
        let mut listed = list.as_array().unwrap().iter();
        let task = listed.find(|task| task["name"] == known["name"]).unwrap();
        for field in ["apps", "difficulty", "budget", "tags"] {
            assert_eq!(task[field], known[field], "{known}");
        }
    }
    run(&["tasks", "list", "--app", "abacus"]).fails(2, &["abacus", "settings"]);
    run(&["tasks", "show", "SystemWifiTurnOm", "--seed", "1"]).fails(2, &["SystemWifiTurnOn"]);
    run(&["tasks", "show", "SystemWifiTurnOn"]).fails(2, &["--seed"]);
    run(&["tasks", "show", "ClockTimerEntry", "--params", "[1]"]).fails(2, &["JSON object"]);
    run(&[
        "tasks",
        "show",
        "ClockTimerEntry",
        "--params",
        "{\"hours\": \"x\"}",
    ])
    .fails(2, &["ClockTimerEntry"]);
    let shown = run(&["tasks", "show", "ClockTimerEntry", "--seed", "5", "--json"]).works();
    assert_eq!(shown.json()["seed"], 5);

    let phone = RunningPhone::start(&["--seed", "9", "--clock", "steps"], 1);
    let serial = phone.serial();
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("instance.json");
    let device = ["--device", &serial];
    let file = ["--instance", text(&instance)];
    let tasks =
        |name: &str, more: &[&str]| run(&[&["tasks", name][..], &device, &file, more].concat());
    run(&[
        &[
            "tasks",
            "init",
            "SystemWifiTurnOn",
            "--seed",
            "2",
            "--out",
            text(&instance),
        ][..],
        &device,
    ]
    .concat())
    .works();
    assert_eq!(tasks("check", &[]).works().json()["score"], 0.0);
    let solved = tasks("solve", &["--fast", "--json"]).works().json();
    assert_eq!(solved["ended"], true);
    assert_eq!(
        tasks("check", &["--answer", "none"]).works().json()["score"],
        1.0
    );
    tasks("teardown", &[]).works();
    let show = ["tasks", "show", "SystemWifiTurnOn", "--seed", "2"];
    run(&[&show[..], &["--cost"]].concat()).fails(2, &["--device"]);
    let cost = run(&[&show[..], &["--cost", "--json"], &device].concat()).works();
    for part in ["init", "check", "teardown"] {
        let count = cost.json()["round_trips"][part].as_u64();
        assert!(count.is_some_and(|count| count > 0), "{}", cost.stdout);
    }

    let init = ["tasks", "init", "SystemWifiTurnOn", "--seed", "2", "--out"];
    let init = [&init[..], &[text(&instance)], &device].concat();
    run(&[&init[..], &["--compat", "mended"]].concat()).fails(2, &["fixed"]);
    run(&[&init[..], &["--compat", "fixed"]].concat()).works();
    let written = std::fs::read_to_string(&instance).unwrap();
    assert!(written.contains("\"compat\": \"fixed\""), "{written}");
    tasks("teardown", &[]).works();

    let dead = ["tasks", "check", "--device", "127.0.0.1:1"];
    run(&[&dead[..], &file].concat()).fails(4, &["127.0.0.1:1"]);
    std::fs::write(&instance, "{\"task\": \"SystemWifiTurnOn\"").unwrap();
    tasks("check", &[]).fails(2, &["instance.json", "tasks init"]);
    std::fs::remove_file(&instance).unwrap();
    tasks("check", &[]).fails(2, &["instance.json"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for arguments in [
        &["config"][..],
        &["completions", "bash"],
        &["tasks", "list"],
    ] {
        let mut child = program()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        Ran::of(child.wait_with_output().unwrap()).works();
    }
    let full = std::fs::File::options().write(true).open("/dev/full");
    if let Ok(full) = full {
        let mut child = program();
        child.arg("config").stdout(full).stderr(Stdio::piped());
        let child = child.spawn().unwrap();
        Ran::of(child.wait_with_output().unwrap()).fails(3, &["stdout"]);
    }
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]).works();
        assert!(ran.stdout.contains("screenshot"), "{shell}");
    }
}

#[test]
fn logs_follow_the_flag_and_the_variable() {
    let phone = RunningPhone::start(&["--clock", "steps"], 1);
    let serial = phone.serial();
    let arguments = [
        "tasks",
        "init",
        "SystemWifiTurnOn",
        "--seed",
        "1",
        "--device",
    ];
    let folder = tempfile::tempdir().unwrap();
    let instance = folder.path().join("instance.json");
    let init = [&arguments[..], &[&serial, "--out", text(&instance)]].concat();
    run(&init).works();
    let solve = [
        "tasks",
        "solve",
        "--fast",
        "--device",
        &serial,
        "--instance",
        text(&instance),
    ];
    assert_eq!(run(&solve).works().stderr, "");
    run(&init).works();
    let said = run(&[&solve[..], &["-v"]].concat()).works();
    assert!(
        said.stderr.contains("INFO") && said.stderr.contains("acting"),
        "{}",
        said.stderr
    );
    run(&init).works();
    let said = run_with(&solve, &[("RUST_LOG", "stepdroid=info")]).works();
    assert!(said.stderr.contains("acting"), "{}", said.stderr);
}
