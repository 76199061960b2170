//! A phone that is sold, whose shell is not root: what the program runs on it where that is allowed, and how it refuses
//! the rest, before an episode begins and without waiting for what time does not heal.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use stepdroid::device::{DeviceOptions, Settle};
use stepdroid::domain::ScreenSize;
use stepdroid::farm::{FarmError, Member, Patience};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};
use stepdroid::tasks;
use tokio::runtime::Runtime;

use super::program::{Ran, run, text};

/// A running phone; the runtime goes with it.
struct Sold {
    runtime: Runtime,
    phone: Phone,
}

impl Sold {
    fn start() -> Sold {
        Sold::with([("ro.debuggable", "0")])
    }

    /// A phone with other properties.
    fn with<const COUNT: usize>(properties: [(&str, &str); COUNT]) -> Sold {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let options = PhoneOptions {
            size: ScreenSize::parse("540x1200").unwrap(),
            clock: ClockMode::Steps,
            properties: properties
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..PhoneOptions::default()
        };
        let phone = runtime.block_on(Phone::start(options)).unwrap();
        Sold { runtime, phone }
    }

    fn serial(&self) -> String {
        self.phone.serial()
    }
}

const FAST: [&str; 6] = [
    "--set",
    "devices.settle=idle",
    "--set",
    "devices.focus_pause_ms=0",
    "--set",
    "devices.wait_ms=0",
];
const RUN: [&str; 2] = ["--set", "devices.without_root=run"];

fn eval(serial: &str, out: &Path, tasks: &str, more: &[&str]) -> Ran {
    let what = [
        "eval",
        "--json",
        "--device",
        serial,
        "--tasks",
        tasks,
        "--out",
        text(out),
        "--episodes",
        "1",
    ];
    run(&[&what, &FAST[..], more].concat())
}

/// The tasks that do without root.
fn without_root() -> Vec<&'static str> {
    let specs = tasks::catalogue().iter().map(|task| task.spec());
    specs
        .filter(|spec| tasks::requirements(spec).root.is_none())
        .map(|spec| spec.name)
        .collect()
}

#[test]
fn a_phone_without_root_runs_the_tasks_that_do_without() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Sold::start();
    let names = without_root();
    let out = folder.path().join("solutions");
    let tasks = names.join(",");
    let more = [&RUN[..], &["--solutions"]].concat();
    let scores = eval(&phone.serial(), &out, &tasks, &more).works().json();
    assert_eq!(scores["episodes"], names.len(), "{scores}");
    assert_eq!(scores["successes"], names.len(), "{scores}");
    let out = folder.path().join("chance");
    let more = [&RUN[..], &["--policy", "random"]].concat();
    let tasks = "ClockTimerEntry,SystemBrightnessMax";
    let scores = eval(&phone.serial(), &out, tasks, &more).works().json();
    assert_eq!(
        (&scores["episodes"], &scores["successes"]),
        (&2.into(), &0.into()),
        "{scores}"
    );
}

#[test]
fn without_permission_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Sold::start();
    let look = "for n in global system secure; do settings list $n; done; find /sdcard/";
    let before = phone.phone.shell(look).text();
    let serial = phone.serial();
    let out = folder.path().join("run");
    let more = ["--solutions"];
    eval(&serial, &out, "SystemWifiTurnOn,ClockTimerEntry", &more).fails(
        3,
        &[&serial, "has no root", "devices.without_root = \"run\""],
    );
    let instance = folder.path().join("instance.json");
    let init = |task: &str, more: &[&str]| {
        let device = ["--device", &serial, "--seed", "1", "--out", text(&instance)];
        run(&[&["tasks", "init", task], &device[..], more].concat())
    };
    init("SystemWifiTurnOn", &[]).fails(3, &[&serial, "--without-root"]);
    init("MarkorCreateNote", &["--without-root"]).fails(
        3,
        &["MarkorCreateNote needs it", "notes in Documents/Markor"],
    );
    assert!(!instance.exists());
    assert_eq!(phone.phone.shell(look).text(), before);

    init("SystemWifiTurnOn", &["--without-root"]).works();
    let on = |verb: &str, more: &[&str]| {
        let what = ["tasks", verb, "--device", &serial, "--instance"];
        run(&[&what, &[text(&instance)][..], more].concat())
    };
    on("check", &[]).ends(0, &["0.0"]);
    on("solve", &["--fast"]).works();
    on("check", &[]).ends(0, &["1.0"]);
    on("teardown", &[]).works();
}

#[test]
fn tasks_that_need_root_are_named_before_an_episode_begins() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Sold::start();
    let serial = phone.serial();
    let out = folder.path().join("run");
    let tasks =
        "SystemWifiTurnOn,MarkorCreateNote,ExpenseAddSingle,CameraTakePhoto,FilesDeleteFile";
    let more = [&RUN[..], &["--solutions"]].concat();
    let ran = eval(&serial, &out, tasks, &more).fails(
        3,
        &[
            &format!("device {serial} has no root: 4 of the 5 tasks need it"),
            "and 1 more",
            "suite.tasks",
            "--list-tasks",
        ],
    );
    assert!(!ran.stderr.contains("quarantined"), "{}", ran.stderr);
    let what = ["run", "MarkorCreateNote", "--solution", "--device", &serial];
    run(&[&what[..], &RUN].concat()).fails(3, &[&serial, "MarkorCreateNote needs it"]);
    let trained = folder.path().join("train");
    let what = ["train", "--out", text(&trained)];
    let serials = format!("devices.serials=[{serial:?}]");
    run(&[&what[..], &["--set", &serials], &RUN].concat())
        .fails(3, &[&serial, "98 of the 116 tasks need it", "and 95 more"]);
    let what = ["eval", "--solutions", "--androidworld-server"];
    let server = "http://127.0.0.1:1";
    let out = ["--out", text(&out), "--device", &serial];
    run(&[&what[..], &[server], &out[..], &RUN].concat()).fails(2, &["devices.without_root"]);
}

#[test]
fn beside_a_phone_with_root_only_the_one_without_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Sold::start();
    let serial = phone.serial();
    let beside = [
        "--solutions",
        "--set",
        "devices.virtual.beside=true",
        "--set",
        "devices.virtual.count=1",
    ];
    let tasks = "MarkorCreateNote,SystemWifiTurnOn";
    let refused = format!("device {serial} refused: it has no root");
    for (name, without) in [("refuse", &[][..]), ("run", &RUN[..])] {
        let out = folder.path().join(name);
        let more = [&beside[..], without].concat();
        let ran = eval(&serial, &out, tasks, &more).works();
        assert_eq!(ran.json()["successes"], 2, "{}", ran.stdout);
        assert!(ran.stderr.contains(&refused), "{}", ran.stderr);
        assert!(!ran.stderr.contains("quarantined"), "{}", ran.stderr);
    }
    // Where no task needs root, both work.
    let out = folder.path().join("both");
    let more = [&beside[..], &RUN].concat();
    let names = without_root().join(",");
    let ran = eval(&serial, &out, &names, &more).works();
    assert_eq!(ran.json()["successes"], 18, "{}", ran.stdout);
    assert!(!ran.stderr.contains("refused"), "{}", ran.stderr);
}

#[test]
fn an_image_that_may_be_root_becomes_it_and_a_phone_that_is_sold_never_does() {
    let options = DeviceOptions {
        settle: Settle::Idle,
        focus_pause: Duration::ZERO,
        ..DeviceOptions::default()
    };
    let member = |phone: &Sold| {
        let (serial, patience) = (phone.serial(), Patience::default());
        Arc::new(Member::new(serial, "network", options.clone(), patience))
    };
    let rebooted = Sold::with([]);
    let device = member(&rebooted);
    rebooted.runtime.block_on(async {
        // As after each boot of an emulator.
        for _ in 0..2 {
            rebooted.phone.machine().set_root(false);
            let opened = device.open().await.unwrap();
            assert_eq!(opened.adb().shell_ok("id -u").await.unwrap().trim(), "0");
            device.lost("it rebooted");
        }
    });
    let sold = Sold::start();
    let device = member(&sold);
    sold.runtime.block_on(async {
        for _ in 0..2 {
            let error = device.open().await.unwrap_err();
            assert!(matches!(error, FarmError::NoRoot { .. }), "{error}");
            assert!(device.is_given_up() && device.given_up().is_refusal());
            assert_eq!(device.standing().state.name(), "refused");
        }
    });
}
