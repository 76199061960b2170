//! The phone's ADB daemon against Debian's real `adb`, on a private server port.
#![allow(clippy::unwrap_used)]

mod bench;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bench::{Bench, Device};
use stepdroid::phone::{ConsoleOptions, Fault, Phone, PhoneOptions, PlannedFault};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn adb_connects_and_runs_commands() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    let list = bench.ok(&["devices", "-l"]);
    assert!(
        list.contains(&format!(
            "{:<22} device product:sdk_gphone64_x86_64 model:sdk_gphone64_x86_64 device:emu64xa",
            phone.serial()
        )) || (list.contains(&phone.serial()) && list.contains("model:sdk_gphone64_x86_64")),
        "{list}"
    );
    assert_eq!(device.ok(&["get-state"]), "device\n");
    assert!(device.ok(&["features"]).contains("shell_v2"));
    assert_eq!(
        device.ok(&["shell", "settings", "get", "global", "bluetooth_on"]),
        "1\n"
    );
    // Streams and exit codes are kept apart.
    let output = device.adb(&["shell", "echo out; echo err >&2; exit 7"]);
    assert_eq!(
        (
            text(&output.stdout),
            text(&output.stderr),
            output.status.code()
        ),
        ("out\n".to_owned(), "err\n".to_owned(), Some(7))
    );
    let output = device.adb(&["shell", "foo"]);
    assert_eq!(output.status.code(), Some(127));
    assert_eq!(
        text(&output.stderr),
        "/system/bin/sh: foo: inaccessible or not found\n"
    );
    // Version 1 knows neither.
    let output = device.adb(&["shell", "-x", "echo out; echo err >&2; exit 7"]);
    assert_eq!(
        (text(&output.stdout), output.status.code()),
        ("out\nerr\n".to_owned(), Some(0))
    );
    // Arguments are joined with blanks; the phone's shell does the rest.
    assert_eq!(
        device.ok(&["shell", "echo", "a  b", "'c  d'"]),
        "a b c  d\n"
    );
    // Standard input reaches the command, and its end too.
    let output = device.feed(&["shell", "cat"], b"x\n");
    assert_eq!(
        (output.stdout.as_slice(), output.status.code()),
        (&b"x\n"[..], Some(0))
    );
    let many = vec![b'y'; 3 << 20];
    let output = device.feed(&["shell", "wc", "-c"], &many);
    assert_eq!(text(&output.stdout), format!("{}\n", many.len()));
    let output = device.feed(
        &["shell"],
        b"echo one\nif true; then\necho two\nfi\nexit 5\n",
    );
    assert_eq!(
        (text(&output.stdout), output.status.code()),
        ("one\ntwo\n".to_owned(), Some(5))
    );
    assert_eq!(
        device.adb(&["exec-out", "printf", "a\\0b\\n"]).stdout,
        b"a\0b\n"
    );
    // Much output, and a reader that does not want it all.
    assert_eq!(device.ok(&["shell", "seq 200000 | tail -n 1"]), "200000\n");
    let mut child = bench
        .command(&["-s", &device.serial, "shell", "yes"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(200));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(device.ok(&["shell", "echo still here"]), "still here\n");
    bench.runtime.block_on(phone.stop());
}

#[test]
fn the_screen_comes_over_every_channel() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    let png = device.adb(&["exec-out", "screencap", "-p"]).stdout;
    let decoded = image::load_from_memory(&png).unwrap().to_rgba8();
    assert_eq!(decoded.dimensions(), (1080, 2400));
    let raw = device.adb(&["exec-out", "screencap"]).stdout;
    assert_eq!(raw.len(), 16 + 1080 * 2400 * 4);
    let framed = device.adb(&["shell", "screencap"]).stdout;
    assert_eq!(framed.len(), raw.len());
    let dump = device.ok(&["shell", "uiautomator", "dump"]);
    assert_eq!(dump, "UI hierchary dumped to: /sdcard/window_dump.xml\n");
    let xml = device.ok(&["shell", "cat", "/sdcard/window_dump.xml"]);
    assert!(
        xml.contains("<hierarchy rotation=\"0\">") && xml.contains("bounds=\"[0,0][1080,2400]\""),
        "{xml}"
    );
    let direct = device.ok(&["exec-out", "uiautomator", "dump", "/dev/tty"]);
    assert!(direct.starts_with("<?xml") && direct.ends_with("UI hierchary dumped to: /dev/tty\n"));
    bench.runtime.block_on(phone.stop());
}

#[test]
fn files_travel_both_ways() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    let work = tempfile::tempdir().unwrap();
    let path = |name: &str| work.path().join(name).display().to_string();
    // 50 MB that do not repeat.
    let mut word = 1_u64;
    let bytes: Vec<u8> = (0..(50 << 20) / 8)
        .flat_map(|_| {
            word = word
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            word.to_le_bytes()
        })
        .collect();
    std::fs::write(path("big"), &bytes).unwrap();
    device.ok(&["push", &path("big"), "/sdcard/Download/big"]);
    let sum = device.ok(&["shell", "sha256sum", "/sdcard/Download/big"]);
    let local = Command::new("sha256sum").arg(path("big")).output().unwrap();
    assert_eq!(sum.split(' ').next(), text(&local.stdout).split(' ').next());
    device.ok(&["pull", "/sdcard/Download/big", &path("back")]);
    assert!(std::fs::read(path("back")).unwrap() == bytes);
    // A directory with an empty file, an odd name, and a mode.
    let tree = work.path().join("tree");
    std::fs::create_dir_all(tree.join("a b/deep")).unwrap();
    std::fs::write(tree.join("a b/deep/it's ü.txt"), "odd").unwrap();
    std::fs::write(tree.join("empty"), "").unwrap();
    device.ok(&["push", &tree.display().to_string(), "/data/local/tmp/"]);
    assert_eq!(
        device.ok(&["shell", "find", "/data/local/tmp/tree", "-type", "f"]),
        "/data/local/tmp/tree/a b/deep/it's ü.txt\n/data/local/tmp/tree/empty\n"
    );
    device.ok(&["pull", "/data/local/tmp/tree", &path("tree-back")]);
    let odd = Path::new(&path("tree-back")).join("a b/deep/it's ü.txt");
    assert_eq!(std::fs::read_to_string(odd).unwrap(), "odd");
    let listed = device.ok(&["ls", "/data/local/tmp/tree"]);
    assert!(
        listed.contains(" empty\n") && listed.contains(" a b\n"),
        "{listed}"
    );
    let missing = device.adb(&["pull", "/sdcard/nope", &path("nope")]);
    assert!(!missing.status.success());
    assert!((text(&missing.stdout) + &text(&missing.stderr)).contains("No such file or directory"));
    // Times survive.
    let old = filetime_of(&path("big"));
    assert_eq!(
        device
            .ok(&["shell", "stat", "-c", "%Y", "/sdcard/Download/big"])
            .trim(),
        old
    );
    bench.runtime.block_on(phone.stop());
}

fn filetime_of(path: &str) -> String {
    let modified = std::fs::metadata(path).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().to_string()
}

#[test]
fn a_full_disk_fails_a_push() {
    let bench = Bench::new();
    let phone = bench.phone(|options| options.capacity = 8 << 20);
    let device = bench.connect(&phone);
    let work = tempfile::tempdir().unwrap();
    let big = work.path().join("big");
    std::fs::write(&big, vec![7; 16 << 20]).unwrap();
    let output = device.adb(&["push", &big.display().to_string(), "/sdcard/big"]);
    assert!(!output.status.success());
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("No space left on device"), "{said}");
    assert_eq!(
        device.ok(&["shell", "ls /sdcard/big 2>/dev/null || echo gone"]),
        "gone\n"
    );
    bench.runtime.block_on(phone.stop());
}

#[test]
fn root_reboot_and_reconnection() {
    let bench = Bench::new();
    let phone = bench.phone(|options| options.adb_root = false);
    let device = bench.connect(&phone);
    assert_eq!(device.ok(&["shell", "whoami"]), "shell\n");
    let output = device.adb(&["shell", "ls", "/data/data"]);
    assert_eq!(output.status.code(), Some(1));
    let mut root = bench
        .command(&["-s", &device.serial, "root"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(400));
    device.comes_back();
    root.wait().unwrap();
    assert_eq!(device.ok(&["shell", "whoami"]), "root\n");
    assert_eq!(device.ok(&["root"]), "adbd is already running as root\n");
    device.ok(&["shell", "echo kept > /sdcard/kept.txt"]);
    let boots = device.ok(&["shell", "settings", "get", "global", "boot_count"]);
    device.ok(&["reboot"]);
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        device.comes_back();
        let now = device.ok(&["shell", "settings", "get", "global", "boot_count"]);
        if now != boots {
            assert_eq!(now, "2\n");
            break;
        }
        assert!(Instant::now() < end, "the phone did not reboot");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(device.ok(&["shell", "cat", "/sdcard/kept.txt"]), "kept\n");
    bench.runtime.block_on(phone.stop());
}

#[test]
fn ports_are_forwarded_both_ways() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    // From the phone to the host.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("tcp:{}", listener.local_addr().unwrap().port());
    device.ok(&["reverse", "tcp:7000", &host]);
    assert!(
        device
            .ok(&["reverse", "--list"])
            .contains(&format!("tcp:7000 {host}"))
    );
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut line = [0; 6];
        std::io::Read::read_exact(&mut socket, &mut line).unwrap();
        socket.write_all(b"pong\n").unwrap();
        line
    });
    let output = device.adb(&["shell", "echo ping! | nc 127.0.0.1 7000"]);
    assert_eq!(text(&output.stdout), "pong\n");
    assert_eq!(&server.join().unwrap(), b"ping!\n");
    let refused = device.adb(&["reverse", "--no-rebind", "tcp:7000", &host]);
    assert!(!refused.status.success());
    let chosen = device.ok(&["reverse", "tcp:0", &host]);
    assert!(chosen.trim().parse::<u16>().is_ok(), "{chosen}");
    device.ok(&["reverse", "--remove", "tcp:7000"]);
    assert_eq!(
        device
            .adb(&["shell", "nc 127.0.0.1 7000 </dev/null"])
            .status
            .code(),
        Some(1)
    );
    device.ok(&["reverse", "--remove-all"]);
    // From the host to the phone.
    let mut listening = bench
        .command(&[
            "-s",
            &device.serial,
            "shell",
            "echo from the phone | nc -l -p 7100",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let port = device.ok(&["forward", "tcp:0", "tcp:7100"]);
    let address = format!("127.0.0.1:{}", port.trim());
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let mut socket = std::net::TcpStream::connect(&address).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut std::io::Read::take(&mut socket, 15), &mut answer)
            .unwrap();
        if answer == "from the phone\n" {
            break;
        }
        assert!(Instant::now() < end, "nothing came: {answer}");
        std::thread::sleep(Duration::from_millis(50));
    }
    listening.wait().unwrap();
    bench.runtime.block_on(phone.stop());
}

#[test]
fn packages_are_installed_and_logs_followed() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    let work = tempfile::tempdir().unwrap();
    let apk = work.path().join("x.apk");
    std::fs::write(&apk, [&b"PK\x03\x04"[..], &[0; 100_000]].concat()).unwrap();
    let output = device.adb(&["install", "-r", "-t", "-g", &apk.display().to_string()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Success"));
    std::fs::write(&apk, b"no archive").unwrap();
    assert!(
        !device
            .adb(&["install", &apk.display().to_string()])
            .status
            .success()
    );
    std::fs::write(&apk, b"").unwrap();
    assert!(
        !device
            .adb(&["install", &apk.display().to_string()])
            .status
            .success()
    );
    device.ok(&["shell", "log -t mark hello"]);
    assert!(device.ok(&["logcat", "-d"]).contains("I mark: hello"));
    device.ok(&["logcat", "-b", "all", "-c"]);
    assert!(!device.ok(&["logcat", "-d"]).contains("hello"));
    bench.runtime.block_on(phone.stop());
}

#[test]
fn faults_are_what_they_say() {
    let bench = Bench::new();
    let phone = bench.phone(|_| {});
    let device = bench.connect(&phone);
    let plan = |fault: Fault| {
        phone.plan_fault(PlannedFault {
            service: "shell".to_owned(),
            ..PlannedFault::now(fault)
        });
    };
    assert_eq!(device.ok(&["shell", "echo a"]), "a\n");
    plan(Fault::Corrupt);
    let output = device.adb(&["shell", "-x", "echo aaaaaaaa"]);
    assert_ne!(text(&output.stdout), "aaaaaaaa\n");
    // Without an exit packet adb reports success: that is the trap, and why clients must look.
    plan(Fault::NoExit);
    assert_eq!(device.adb(&["shell", "exit 9"]).status.code(), Some(0));
    plan(Fault::Slow(Duration::from_millis(300)));
    let start = Instant::now();
    assert_eq!(device.ok(&["shell", "echo b"]), "b\n");
    assert!(start.elapsed() >= Duration::from_millis(300));
    plan(Fault::Hang);
    let mut hanging = bench
        .command(&["-s", &device.serial, "shell", "echo c"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(hanging.try_wait().unwrap().is_none());
    assert_eq!(device.ok(&["shell", "echo d"]), "d\n");
    hanging.kill().unwrap();
    hanging.wait().unwrap();
    plan(Fault::Drop);
    let output = device.adb(&["shell", "echo e"]);
    assert_eq!(text(&output.stdout), "");
    device.comes_back();
    phone.go_offline(Duration::from_millis(500));
    device.comes_back();
    assert_eq!(device.ok(&["shell", "echo f"]), "f\n");
    bench.runtime.block_on(phone.stop());
}

#[test]
fn a_phone_that_passes_for_an_emulator_takes_messages() {
    let bench = Bench::new();
    bench.ok(&["start-server"]);
    let token = bench.home.path().join(".emulator_console_auth_token");
    // Two free ports beside each other, the first one even.
    let phone = (0..100).find_map(|_| {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let console = free.local_addr().unwrap().port() & !1;
        drop(free);
        let options = PhoneOptions {
            port: console + 1,
            console: Some(ConsoleOptions {
                port: console,
                token: token.clone(),
                server: Some(bench.port),
            }),
            ..PhoneOptions::default()
        };
        bench.runtime.block_on(Phone::start(options)).ok()
    });
    let phone = phone.unwrap();
    let serial = format!("emulator-{}", phone.console_port().unwrap());
    let device = Device {
        bench: &bench,
        serial,
    };
    device.ok(&["wait-for-device"]);
    device.ok(&[
        "emu",
        "sms",
        "send",
        "5550107788",
        "See",
        "you",
        "at",
        "six",
    ]);
    let query = "content query --uri content://sms/inbox --projection address:body";
    assert_eq!(
        device.ok(&["shell", query]),
        "Row: 0 address=5550107788, body=See you at six\n"
    );
}
