//! What virtual phones may cost: the time to start one, the memory of a farm of them with every app opened,
//! the processor time of one observation. Prints each figure with its limit; ends with 1 when one is missed.
//!
//! Phones are reached over their ADB ports, so the figures hold what the wire costs, on both of its ends.
#![allow(clippy::unwrap_used)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use stepdroid::adb::{self, Adb};
use stepdroid::domain::ScreenSize;
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};

/// Phones of the farm.
const PHONES: u64 = 64;
/// Most memory of the farm, in MB.
const MEMORY: f64 = 2_000.0;
/// Most time from nothing to the first answer, in ms.
const START: f64 = 100.0;
/// Screens of one measured observation, with the most processor time in ms.
const OBSERVATIONS: [(&str, f64); 2] = [("1080x2400", 40.0), ("540x1200", 12.0)];
/// Looks at each screen.
const LOOKS: u32 = 4;

/// Opens every app that can be opened, takes a picture of each and reads its tree; says their number.
const TOUR: &str = "for package in $(pm list packages | cut -d: -f2); do
monkey -p $package -c android.intent.category.LAUNCHER 1 >/dev/null 2>&1 || continue
echo $package
screencap -p >/dev/null
uiautomator dump /dev/null >/dev/null 2>&1
done
true";

/// Whether everything was within its limit so far.
struct Figures {
    met: bool,
}

impl Figures {
    fn show(&mut self, what: &str, value: f64, limit: f64, unit: &str) {
        let met = value <= limit;
        self.met &= met;
        let verdict = if met { "" } else { "  MISSED" };
        println!("{what:58} {value:>8.1} {unit}  (at most {limit} {unit}){verdict}");
    }
}

async fn phone(screen: &str, seed: u64) -> (Phone, Adb) {
    let options = PhoneOptions {
        size: ScreenSize::parse(screen).unwrap(),
        clock: ClockMode::Steps,
        seed,
        ..PhoneOptions::default()
    };
    let phone = Phone::start(options).await.unwrap();
    let adb = adb::connect(&phone.serial()).await.unwrap();
    adb.probe().await.unwrap();
    (phone, adb)
}

/// Processor time of a picture and a tree, in ms: in the mean, and at the worst screen.
async fn observation(screen: &str) -> (f64, f64) {
    let (_phone, adb) = phone(screen, 0).await;
    let packages = adb.shell_ok(TOUR).await.unwrap();
    let (mut sum, mut worst) = (0.0, (0.0, ""));
    for package in packages.lines() {
        // By way of the home screen, so that no look finds the picture of the one before.
        let open = format!(
            "input keyevent KEYCODE_HOME; screencap -p >/dev/null; monkey -p {package} -c android.intent.category.LAUNCHER 1 >/dev/null"
        );
        let mut spent = 0.0;
        for _ in 0..LOOKS {
            adb.shell_ok(&open).await.unwrap();
            let before = processor_millis();
            assert!(
                adb.exec_out("screencap -p")
                    .await
                    .unwrap()
                    .starts_with(b"\x89PNG")
            );
            let tree = adb.exec_out("uiautomator dump /dev/tty").await.unwrap();
            assert!(tree.starts_with(b"<?xml"));
            spent += processor_millis() - before;
        }
        let mean = spent / f64::from(LOOKS);
        sum += mean;
        if mean > worst.0 {
            worst = (mean, package);
        }
    }
    println!("{screen}: the worst app is {}", worst.1);
    (sum / packages.lines().count() as f64, worst.0)
}

async fn measure() -> bool {
    let mut figures = Figures { met: true };
    for (screen, limit) in OBSERVATIONS {
        let (mean, worst) = observation(screen).await;
        let what = format!("processor time of an observation at {screen}");
        figures.show(&format!("{what}, mean"), mean, limit, "ms");
        figures.show(&format!("{what}, worst app"), worst, limit, "ms");
    }

    let (mut farm, mut starts) = (Vec::new(), Vec::new());
    for seed in 0..PHONES {
        let started = Instant::now();
        farm.push(phone("1080x2400", seed).await);
        starts.push(started.elapsed().as_secs_f64() * 1e3);
    }
    starts.sort_by(f64::total_cmp);
    figures.show(
        "start of a phone, median",
        starts[starts.len() / 2],
        START,
        "ms",
    );
    figures.show(
        "start of a phone, slowest",
        starts[starts.len() - 1],
        START,
        "ms",
    );
    let mut apps = 0;
    for (_, adb) in &farm {
        apps = adb.shell_ok(TOUR).await.unwrap().lines().count();
    }
    let what = format!("memory of {PHONES} phones with {apps} apps opened each");
    figures.show(&what, memory("VmRSS"), MEMORY, "MB");
    figures.show("the most it ever was", memory("VmHWM"), MEMORY, "MB");
    figures.met
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // A thread that ended would take its processor time with it.
        .thread_keep_alive(Duration::from_secs(3_600))
        .build();
    match runtime.unwrap().block_on(measure()) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Processor time of all threads of this process so far, in ms.
fn processor_millis() -> f64 {
    // The kernel brings a thread's time up to date when the thread gives way, else at the next tick.
    std::thread::sleep(Duration::from_micros(50));
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds: u64 = tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| text.split(' ').next()?.parse::<u64>().ok())
        .sum();
    nanoseconds as f64 * 1e-6
}

/// A field of the process's status, in MB.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    kilobytes.unwrap().parse::<f64>().unwrap() / 1e3
}
