//! `stepdroid eval` and `stepdroid tasks import`: the benchmark's suite on virtual phones, instances of a file, a
//! person's lines, a stand-in of the benchmark's server, and what is refused before a device is touched.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use super::phone::RunningPhone;
use super::program::{Ran, end_of_typing, program, run, text};

const FAST: [&str; 2] = ["--set", "devices.virtual.count=2"];

fn eval(arguments: &[&str]) -> Ran {
    run(&[&["eval", "--json"], &FAST[..], arguments].concat())
}

#[test]
fn tasks_of_the_suite_run_on_the_benchmarks_seeds() {
    let folder = TempDir::new().unwrap();
    let (out, lines) = (folder.path().join("run"), folder.path().join("lines.jsonl"));
    let tasks = "ClockStopWatchRunning,SystemWifiTurnOn,SimpleCalendarLocationOfEvent";
    let arguments = [
        "--solutions",
        "--suite",
        "androidworld",
        "--tasks",
        tasks,
        "--combinations",
        "2",
        "--out",
        text(&out),
        "--lines",
        text(&lines),
    ];
    let scores = eval(&arguments).works().json();
    assert_eq!(
        (&scores["successes"], &scores["episodes"]),
        (&6.into(), &6.into()),
        "{scores}"
    );
    assert_eq!(scores["mean_over_tasks"], 1.0);
    let names = |list: &str| -> Vec<String> {
        let list = scores[list].as_array().unwrap().iter();
        list.map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names("by_app"),
        ["clock", "settings", "simple calendar pro"]
    );
    assert!(names("by_tag").contains(&"search".to_owned()), "{scores}");

    // The seeds are the benchmark's, and the lines can be run again.
    let text_of_lines = std::fs::read_to_string(&lines).unwrap();
    let first: Vec<Value> = text_of_lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(first.len(), 6);
    let seed =
        |task: &str, combination: u32| stepdroid::eval::androidworld_seed(30, task, combination);
    for combination in 0..2 {
        let wanted = seed("SystemWifiTurnOn", combination);
        assert!(
            first.iter().any(|line| line["seed"] == wanted),
            "{text_of_lines}"
        );
    }
    let again = folder.path().join("again");
    let arguments = [
        "--solutions",
        "--instances",
        text(&lines),
        "--out",
        text(&again),
    ];
    assert_eq!(eval(&arguments).works().json()["successes"], 6);
    run(&["eval", text(&again), "--resume", "--solutions"])
        .fails(2, &["no evaluation was interrupted"]);
}

#[test]
fn chance_is_judged_and_never_right() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("run");
    let arguments = [
        "--policy",
        "random",
        "--tasks",
        "ClockStopWatchRunning",
        "--episodes",
        "2",
        "--out",
        text(&out),
    ];
    let scores = eval(&arguments).works().json();
    assert_eq!(
        (&scores["successes"], &scores["episodes"]),
        (&0.into(), &2.into()),
        "{scores}"
    );
}

/// The number of the last element that is written with these words.
fn element(screen: &str, words: &str) -> Option<usize> {
    let mut lines = screen.lines().rev();
    lines.find_map(|line| {
        let (number, rest) = line.trim_start().split_once("  ")?;
        rest.contains(words).then(|| number.parse().ok()).flatten()
    })
}

#[test]
fn a_person_solves_a_task_by_typing() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("run");
    let mut command = program();
    command.args([
        "eval",
        "--json",
        "--policy",
        "human",
        "--tasks",
        "ClockStopWatchRunning",
    ]);
    command.args(["--episodes", "1", "--out", text(&out)]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    let mut shown = BufReader::new(child.stderr.take().unwrap());
    let mut say = |line: &str, wanted: &str| -> usize {
        writeln!(typed, "{line}").unwrap();
        let mut screen = String::new();
        // The goal, which is no element, may hold the word too.
        while element(&screen, wanted).is_none() {
            let mut line = String::new();
            assert_ne!(
                shown.read_line(&mut line).unwrap(),
                0,
                "{wanted:?} never came: {screen}"
            );
            screen.push_str(&line);
        }
        element(&screen, wanted).unwrap()
    };
    let tab = say("open clock", "Stopwatch");
    let start = say(&format!("click {tab}"), "Start");
    say(&format!("click {start}"), "Pause");
    writeln!(typed, "done").unwrap();
    let output = child.wait_with_output().unwrap();
    let scores: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&scores["successes"], &scores["episodes"]),
        (&1.into(), &1.into()),
        "{scores}"
    );
}

#[test]
fn what_can_not_be_run_is_told_before_anything_is_made() {
    let folder = TempDir::new().unwrap();
    let (out, file) = (
        folder.path().join("run"),
        folder.path().join("instances.jsonl"),
    );
    let good = r#"{"task": "ClockStopWatchRunning", "params": {}}"#;
    for (line, parts) in [
        ("{", ["line 2", "not an instance"]),
        (
            r#"{"task": "ClockStopwatchRuning"}"#,
            ["line 2", "ClockStopWatchRunning"],
        ),
        (
            r#"{"task": "ClockTimerEntry", "params": {"hours": 1}}"#,
            ["line 2", "minutes"],
        ),
    ] {
        std::fs::write(&file, format!("{good}\n{line}\n")).unwrap();
        let arguments = [
            "eval",
            "--solutions",
            "--instances",
            text(&file),
            "--out",
            text(&out),
        ];
        run(&arguments).fails(2, &parts);
    }
    let missing = folder.path().join("missing.jsonl");
    run(&[
        "eval",
        "--solutions",
        "--instances",
        text(&missing),
        "--out",
        text(&out),
    ])
    .fails(2, &["missing.jsonl"]);
    run(&[
        "eval",
        "--solutions",
        "--tasks",
        "ClockTimerEntri",
        "--out",
        text(&out),
    ])
    .fails(2, &["ClockTimerEntry"]);
    run(&["eval", "--out", text(&out)]).fails(2, &["--policy"]);
    assert!(!out.exists());
}

#[test]
fn the_benchmarks_wording_is_taken_over() {
    let folder = TempDir::new().unwrap();
    let goals = folder.path().join("goals.json");
    let import = [
        "tasks",
        "import",
        "--androidworld",
        text(folder.path()),
        "--out",
        text(&goals),
    ];
    run(&import).fails(2, &["task_metadata.json"]);
    std::fs::create_dir(folder.path().join("android_world")).unwrap();
    std::fs::write(
        folder.path().join("android_world/task_metadata.json"),
        r#"[{"task_name": "SystemWifiTurnOn", "task_template": "Have wifi on.", "difficulty": "easy", "tags": []}]"#,
    )
    .unwrap();
    run(&import).works();
    let (out, lines) = (folder.path().join("run"), folder.path().join("lines.jsonl"));
    let arguments = [
        "--solutions",
        "--tasks",
        "SystemWifiTurnOn",
        "--episodes",
        "1",
        "--goals",
        text(&goals),
        "--out",
        text(&out),
        "--lines",
        text(&lines),
    ];
    eval(&arguments).works();
    assert!(
        std::fs::read_to_string(&lines)
            .unwrap()
            .contains("\"goal\":\"Have wifi on.\"")
    );
}

/// `STEPDROID_ANDROIDWORLD` names a checkout of the benchmark, whose file is nobody's to commit here.
#[test]
fn the_benchmarks_own_file_is_imported_whole() {
    let Some(checkout) = std::env::var_os("STEPDROID_ANDROIDWORLD") else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let goals = folder.path().join("goals.json");
    let import = ["tasks", "import", "--json", "--androidworld"];
    let checkout = checkout.to_str().unwrap();
    let imported = run(&[&import[..], &[checkout, "--out", text(&goals)]].concat());
    let imported = imported.works().json();
    for list in ["unknown", "missing", "changed"] {
        assert_eq!(imported[list], serde_json::json!([]), "{list}: {imported}");
    }
    let kept = imported["kept"].as_array().unwrap().len() as u64;
    assert_eq!(imported["tasks"].as_u64().unwrap() + kept, 116);
}

/// Answers like the benchmark's server; keeps what it was asked.
fn stand_in(asked: Arc<Mutex<Vec<String>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &asked);
        }
    });
    address
}

fn answer(stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let path = request.split(' ').nth(1).unwrap().to_owned();
        asked
            .lock()
            .unwrap()
            .push(format!("{path} {}", String::from_utf8_lossy(&body)));
        let json = match path.split('?').next().unwrap() {
            "/suite/task_list" => r#"{"task_list": ["SystemWifiTurnOn", "TasksDueOnDate"]}"#,
            "/suite/task_length" => r#"{"length": 1}"#,
            "/task/goal" => r#"{"goal": "As the server words it."}"#,
            "/task/score" => r#"{"score": 1.0}"#,
            _ => r#"{"status": "success", "message": ""}"#,
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            json.len()
        );
        reader
            .get_mut()
            .write_all(format!("{head}{json}").as_bytes())
            .unwrap();
    }
}

#[test]
fn the_benchmarks_server_sets_up_and_judges() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let url = stand_in(asked.clone());
    let phone = RunningPhone::start(&[], 1);
    let folder = TempDir::new().unwrap();
    let (out, lines) = (folder.path().join("run"), folder.path().join("lines.jsonl"));
    let mut command = program();
    command.args([
        "eval",
        "--json",
        "--policy",
        "human",
        "--androidworld-server",
        &url,
        "--device",
        &phone.serial(),
    ]);
    command.args([
        "--tasks",
        "TasksDueOnDate",
        "--episodes",
        "1",
        "--out",
        text(&out),
        "--lines",
        text(&lines),
    ]);
    let scores = end_of_typing(command, "answer Buy milk\ndone\n")
        .works()
        .json();
    assert_eq!(
        (&scores["successes"], &scores["episodes"]),
        (&1.into(), &1.into()),
        "{scores}"
    );
    let asked = asked.lock().unwrap().join("\n");
    let parts = [
        "/suite/reinitialize?n_task_combinations=1&seed=30",
        "/reset?go_home=true",
        "/task/initialize?task_type=TasksDueOnDate&task_idx=0",
        "/execute_action {\"action_type\":\"answer\",\"text\":\"Buy milk\"}",
        "/task/score?task_type=TasksDueOnDate",
        "/task/tear_down?task_type=TasksDueOnDate",
    ];
    let mut from = 0;
    for part in parts {
        let place = asked[from..].find(part);
        from += place.unwrap_or_else(|| panic!("{part} is missing, or too early, in\n{asked}"));
    }
    assert!(
        std::fs::read_to_string(&lines)
            .unwrap()
            .contains("As the server words it.")
    );

    let arguments = [
        "eval",
        "--solutions",
        "--androidworld-server",
        "http://127.0.0.1:1",
        "--device",
        &phone.serial(),
        "--out",
    ];
    let other = folder.path().join("other");
    run(&[&arguments[..], &[text(&other)]].concat())
        .fails(3, &["http://127.0.0.1:1", "is it running"]);
    assert!(!other.exists());
}
