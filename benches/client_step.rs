//! What a step of an episode costs this program: a touch, the looks that settling takes (without its waiting), their
//! trees parsed, and a PNG screenshot decoded. Phones run in another process, so that what is measured is the
//! client alone: its processor time, in user and kernel, and the time on the clock.
//!
//!     cargo bench --bench client_step -- [--serial SERIAL [--server]] [--steps N] [--farm PHONES] [--seconds S]
//!                                        [--phone PROGRAM] [--json]
//!
//! Without --serial phones of its own are started; with --server the phone is reached through the adb server of the
//! environment instead of by its address; --farm 0 leaves out the farm. Prints each figure with its limit; ends with 1
//! when one is missed.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use stepdroid::adb::{self, Adb, ServerAddress, ServerConnector, Services};
use stepdroid::device::{
    Channels, Device, DeviceOptions, InputTool, Screencap, Settle, Uiautomator,
};
use stepdroid::domain::{Action, Observation};

/// Most processor time of a step, in ms.
const STEP: f64 = 10.0;
/// Most processors that the farm takes at a step a second on each phone.
const CORES: f64 = 1.0;
/// Steps before the measured ones.
const WARM: usize = 4;
/// The benchmark's rule without its waiting: three equal looks.
const SETTLED: Settle = Settle::Stable {
    equal: 3,
    interval: Duration::ZERO,
    deadline: Duration::from_secs(6),
};

struct Arguments {
    serial: Option<String>,
    server: bool,
    steps: usize,
    farm: usize,
    seconds: u64,
    phone: Option<String>,
    json: bool,
}

impl Arguments {
    fn read() -> Arguments {
        let mut arguments = Arguments {
            serial: None,
            server: false,
            steps: 200,
            farm: 64,
            seconds: 30,
            phone: option_env!("CARGO_BIN_EXE_stepdroid").map(str::to_owned),
            json: false,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .unwrap_or_else(|| panic!("{word} needs a value"))
            };
            match word.as_str() {
                "--serial" => arguments.serial = Some(value()),
                "--server" => arguments.server = true,
                "--steps" => arguments.steps = value().parse().unwrap(),
                "--farm" => arguments.farm = value().parse().unwrap(),
                "--seconds" => arguments.seconds = value().parse().unwrap(),
                "--phone" => arguments.phone = Some(value()),
                "--json" => arguments.json = true,
                // Cargo says it to every bench.
                "--bench" => {}
                _ => panic!("unknown argument {word}"),
            }
        }
        arguments
    }
}

/// Phones in a process of their own, which ends when it is dropped.
struct Phones {
    program: Child,
    serials: Vec<String>,
}

impl Phones {
    fn start(arguments: &Arguments, count: usize) -> Phones {
        let program = arguments.phone.as_deref().expect("--phone PROGRAM");
        let mut program = Command::new(program)
            .args(["phone", "--json", "--count", &count.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let serials = lines
            .take(count)
            .map(|line| {
                let announced: Value = serde_json::from_str(&line.unwrap()).unwrap();
                announced["serial"].as_str().unwrap().to_owned()
            })
            .collect();
        Phones { program, serials }
    }
}

impl Drop for Phones {
    fn drop(&mut self) {
        // Told to end, it clears its files away.
        if let Some(id) = Pid::from_raw(self.program.id() as i32) {
            let _ = kill_process(id, Signal::TERM);
        }
        let _ = self.program.wait();
    }
}

/// A phone that goes back and forth between two screens of its settings.
struct Walk {
    device: Device,
    seen: Observation,
}

impl Walk {
    async fn begin(serial: &str, server: bool, settle: Settle) -> Walk {
        let adb = match server {
            true => {
                let address = ServerAddress::from_environment().unwrap();
                Adb::new(Arc::new(Services::new(ServerConnector::new(
                    address, serial,
                ))))
            }
            false => adb::connect(serial).await.unwrap(),
        };
        adb.force_stop("com.android.settings").await.unwrap();
        adb.start_activity("com.android.settings/.Settings")
            .await
            .unwrap();
        let options = DeviceOptions {
            settle,
            ..DeviceOptions::default()
        };
        let channels = Channels::ranked(
            vec![Arc::new(Screencap::png(adb.clone()))],
            vec![Arc::new(Uiautomator::new(adb.clone()))],
            vec![Arc::new(InputTool::new(adb.clone()))],
        );
        let device = Device::open(adb, options)
            .await
            .unwrap()
            .with_channels(channels);
        let seen = device.observe(true).await.unwrap();
        let mut walk = Walk { device, seen };
        for _ in 0..WARM {
            walk.step().await;
        }
        walk
    }

    async fn step(&mut self) {
        let way = self.seen.elements.iter().position(|element| {
            element.content_description.as_deref() == Some("Navigate up")
                || element.text.as_deref() == Some("Display")
        });
        let action = Action::click(way.expect("a way to the other screen"));
        let performed = self.device.perform(&action, &self.seen).await.unwrap();
        assert!(performed.executed, "{}", performed.note);
        self.seen = self.device.observe(true).await.unwrap();
        assert!(self.seen.settled && self.seen.frame.is_some());
    }
}

/// Steps one after the other on one phone.
async fn steps(serial: &str, server: bool, count: usize, settle: Settle) -> Value {
    let mut walk = Walk::begin(serial, server, settle).await;
    let (mut processor, mut wall) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (before, started) = (processor_millis(), Instant::now());
        walk.step().await;
        wall.push(started.elapsed().as_secs_f64() * 1e3);
        processor.push(processor_millis() - before);
    }
    let screen = walk.device.screen();
    json!({
        "screen": screen.to_string(),
        "elements": walk.seen.elements.len(),
        "steps": count,
        "processor_ms": summary(&mut processor),
        "wall_ms": summary(&mut wall),
    })
}

/// A step a second on each of many phones.
async fn farm(phones: &Phones, seconds: u64) -> Value {
    let mut walks = Vec::new();
    for serial in &phones.serials {
        walks.push(Walk::begin(serial, false, SETTLED).await);
    }
    let count = walks.len();
    let (before, started) = (processor_millis(), Instant::now());
    let mut tasks = tokio::task::JoinSet::new();
    for (position, mut walk) in walks.into_iter().enumerate() {
        tasks.spawn(async move {
            // Phones of a farm are not in step with each other.
            tokio::time::sleep(Duration::from_secs(1) * position as u32 / count as u32).await;
            let mut second = interval(Duration::from_secs(1));
            second.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut done = 0u64;
            while started.elapsed() < Duration::from_secs(seconds) {
                second.tick().await;
                walk.step().await;
                done += 1;
            }
            done
        });
    }
    let done: u64 = tasks.join_all().await.into_iter().sum();
    let processor = processor_millis() - before;
    let wall = started.elapsed().as_secs_f64() * 1e3;
    json!({
        "phones": count,
        "steps": done,
        "steps_a_second": done as f64 / wall * 1e3,
        "processor_ms": processor / done as f64,
        "cores": processor / wall,
        // What the phones' own machine kept from being done in time is counted as if it had been.
        "cores_at_a_step_a_second": processor / done as f64 * count as f64 / 1e3,
    })
}

fn summary(values: &mut [f64]) -> Value {
    values.sort_by(f64::total_cmp);
    json!({
        "median": values[values.len() / 2],
        "mean": values.iter().sum::<f64>() / values.len() as f64,
    })
}

/// Processor time of this process so far, in ms.
fn processor_millis() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 * 1e3 + spent.tv_nsec as f64 * 1e-6
}

async fn measure(arguments: &Arguments) -> Value {
    let mut own = None;
    let serial = match &arguments.serial {
        Some(serial) => serial.clone(),
        None => {
            let phones = own.insert(Phones::start(arguments, 1));
            phones.serials[0].clone()
        }
    };
    // As a worker's, on one of the runtime's own threads.
    let one = async |settle| {
        let (serial, server, count) = (serial.clone(), arguments.server, arguments.steps);
        tokio::spawn(async move { steps(&serial, server, count, settle).await })
            .await
            .unwrap()
    };
    let settled = one(SETTLED).await;
    let look = one(Settle::Idle).await;
    drop(own);
    let farm = match arguments.farm {
        0 => Value::Null,
        count => farm(&Phones::start(arguments, count), arguments.seconds).await,
    };
    json!({ "settled": settled, "one_look": look, "farm": farm })
}

/// Prints a figure; whether it is within its limit.
fn show(what: &str, value: &Value, unit: &str, limit: Option<f64>) -> bool {
    let value = value.as_f64().unwrap();
    let met = limit.is_none_or(|limit| value <= limit);
    let limit = limit.map_or(String::new(), |limit| format!("  (at most {limit} {unit})"));
    let verdict = if met { "" } else { "  MISSED" };
    println!("{what:62} {value:>7.2} {unit}{limit}{verdict}");
    met
}

fn table(figures: &Value) -> bool {
    let mut met = true;
    for (key, name) in [
        ("settled", "step, settled"),
        ("one_look", "step, looked at once"),
    ] {
        let step = &figures[key];
        for (kind, kind_name, limit) in [
            ("processor_ms", "processor", Some(STEP)),
            ("wall_ms", "clock", None),
        ] {
            for statistic in ["median", "mean"] {
                let what = format!("{name}: {kind_name}, {statistic}");
                met &= show(&what, &step[kind][statistic], "ms", limit);
            }
        }
    }
    let farm = &figures["farm"];
    if !farm.is_null() {
        let name = format!("{} phones", farm["phones"]);
        show(
            &format!("{name}: steps a second"),
            &farm["steps_a_second"],
            "",
            None,
        );
        show(
            &format!("{name}: processor time of a step, mean"),
            &farm["processor_ms"],
            "ms",
            None,
        );
        let what = format!("{name} at a step a second: processors");
        met &= show(&what, &farm["cores_at_a_step_a_second"], "", Some(CORES));
    }
    met
}

fn main() -> ExitCode {
    let arguments = Arguments::read();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let figures = runtime.block_on(measure(&arguments));
    if arguments.json {
        println!("{figures}");
        return ExitCode::SUCCESS;
    }
    match table(&figures) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}
