//! An executable that behaves as Android's emulator does: its command line, AVD directories, locks, console, control
//! service and ADB daemon, backed by a virtual phone. It is this test executable itself, run with its arguments in
//! `STANDIN_ARGUMENTS`; a file `standin-fault` in the AVD's directory tells it to misbehave.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use stepdroid::domain::ScreenSize;
use stepdroid::phone::emulator::console;
use stepdroid::phone::{Fault, Phone, PhoneOptions, PlannedFault, Snapshot};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// The file in an AVD's directory that names a fault.
pub const FAULT_FILE: &str = "standin-fault";

#[test]
#[ignore = "the other tests run it as the emulator"]
fn emulator() {
    let Ok(arguments) = std::env::var("STANDIN_ARGUMENTS") else {
        return;
    };
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    let code = match runtime.block_on(run(&words)) {
        Ok(()) => 0,
        Err(words) => {
            println!("\n{words}");
            1
        }
    };
    std::process::exit(code);
}

const WITH_VALUE: [&str; 6] = ["-avd", "-ports", "-grpc", "-snapshot", "-gpu", "-memory"];
const ALONE: [&str; 8] = [
    "-read-only",
    "-no-window",
    "-no-audio",
    "-no-boot-anim",
    "-no-snapshot",
    "-no-snapshot-save",
    "-force-snapshot-load",
    "-accel-check",
];

/// The options; an unknown one is refused in the emulator's words.
fn options<'a>(words: &[&'a str]) -> Result<HashMap<&'a str, &'a str>, String> {
    let mut found = HashMap::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(word) {
            found.insert(
                *word,
                *words
                    .next()
                    .ok_or(format!("ERROR   | {word} needs a value"))?,
            );
        } else if ALONE.contains(word) {
            found.insert(*word, "");
        } else {
            return Err(format!(
                "ERROR   | unknown option: {word}\nplease use -help for a list of valid options"
            ));
        }
    }
    Ok(found)
}

struct Avd {
    name: String,
    directory: PathBuf,
    config: HashMap<String, String>,
}

fn avd(name: &str) -> Result<Avd, String> {
    let unknown =
        || format!("ERROR   | Unknown AVD name [{name}], use -list-avds to see valid list.");
    let home = PathBuf::from(std::env::var_os("ANDROID_AVD_HOME").ok_or_else(unknown)?);
    let pointer = fs::read_to_string(home.join(format!("{name}.ini"))).map_err(|_| unknown())?;
    let directory = pointer
        .lines()
        .find_map(|line| line.strip_prefix("path="))
        .ok_or_else(unknown)?;
    let directory = PathBuf::from(directory);
    let text = fs::read_to_string(directory.join("config.ini")).map_err(|_| unknown())?;
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let config: HashMap<String, String> = pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let sdk = std::env::var("ANDROID_SDK_ROOT").unwrap_or_default();
    let image = Path::new(&sdk).join(config.get("image.sysdir.1").map_or("none", String::as_str));
    match image.join("system.img").is_file() {
        true => Ok(Avd {
            name: name.to_owned(),
            directory,
            config,
        }),
        false => {
            Err("FATAL   | Broken AVD system path. Check your ANDROID_SDK_ROOT value!".to_owned())
        }
    }
}

async fn run(words: &[&str]) -> Result<(), String> {
    let options = options(words)?;
    if options.contains_key("-accel-check") {
        println!("accel:\n0\nKVM (version 12) is installed and usable.\naccel");
        return Ok(());
    }
    let avd = avd(options.get("-avd").copied().unwrap_or_default())?;
    let fault_file = avd.directory.join(FAULT_FILE);
    let fault = fs::read_to_string(&fault_file).unwrap_or_default();
    match fault.trim() {
        "no-acceleration" => {
            return Err(
                "ERROR   | x86_64 emulation currently requires hardware acceleration!".into(),
            );
        }
        "disk-full" => {
            return Err("FATAL   | Not enough space to create userdata partition.".into());
        }
        "port-stolen" => {
            fs::remove_file(&fault_file).unwrap();
            return Err("ERROR   | It seems too many emulator instances are running on this machine. Aborting.".into());
        }
        _ => {}
    }
    let writable = !options.contains_key("-read-only");
    let _lock = lock(&avd, writable)?;
    let ports = options
        .get("-ports")
        .and_then(|ports| ports.split_once(','))
        .unwrap();
    let (port, adb): (u16, u16) = (ports.0.parse().unwrap(), ports.1.parse().unwrap());
    let listener = TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|error| format!("ERROR   | {error}"))?;
    // As the real one has a crash handler, which outlives it when it is killed.
    let mut helper = Command::new("sleep")
        .arg("600")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let result = live(&avd, &options, fault.trim(), writable, (listener, adb)).await;
    end(&mut helper);
    if writable {
        let _ = fs::remove_file(avd.directory.join("hardware-qemu.ini.lock"));
    }
    result
}

fn end(helper: &mut Child) {
    let _ = helper.kill();
    let _ = helper.wait();
}

/// One emulator may write to an AVD, or several may read it.
fn lock(avd: &Avd, writable: bool) -> Result<File, String> {
    let path = avd.directory.join("multiinstance");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .unwrap();
    let locked = match writable {
        true => file.try_lock().is_ok(),
        false => file.try_lock_shared().is_ok(),
    };
    if !locked {
        return Err("ERROR   | Running multiple emulators with the same AVD \n\
                    ERROR   | is an experimental feature.\n\
                    ERROR   | Please use -read-only flag to enable this feature."
            .to_owned());
    }
    if writable {
        let path = avd.directory.join("hardware-qemu.ini.lock");
        fs::write(path, std::process::id().to_string()).unwrap();
    }
    Ok(file)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let status = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status();
    assert!(status.unwrap().success());
}

/// The files of the phone: the AVD's own where it may write, else a copy; from a snapshot where one is asked for.
fn root(avd: &Avd, snapshot: Option<&str>, writable: bool) -> Result<PathBuf, String> {
    let own = avd.directory.join("userdata");
    let source = match snapshot {
        None => own.clone(),
        Some(name) => {
            let kept = avd.directory.join("snapshots").join(name).join("data");
            if !kept.is_dir() {
                return Err(format!(
                    "WARNING | Failed to load snapshot '{name}'\nERROR   | exiting"
                ));
            }
            kept
        }
    };
    let root = match writable {
        true => own.clone(),
        false => PathBuf::from(std::env::var_os("ANDROID_TMP").unwrap()).join("userdata"),
    };
    if source != root {
        let _ = fs::remove_dir_all(&root);
        if source.is_dir() {
            copy(&source, &root);
        }
    }
    fs::create_dir_all(&root).unwrap();
    Ok(root)
}

struct Shared {
    avd: Avd,
    phone: Mutex<Option<Phone>>,
    root: PathBuf,
    saved: Mutex<HashMap<String, Arc<Snapshot>>>,
    token: String,
    writable: bool,
    stubborn: bool,
    /// Whether a save finds no room, which an emulator does not say.
    no_room: bool,
    quit: CancellationToken,
}

async fn live(
    avd: &Avd,
    options: &HashMap<&str, &str>,
    fault: &str,
    writable: bool,
    (listener, adb): (TcpListener, u16),
) -> Result<(), String> {
    let snapshot = options.get("-snapshot").copied();
    let home = std::env::home_dir().unwrap();
    let shared = Arc::new(Shared {
        avd: Avd {
            name: avd.name.clone(),
            directory: avd.directory.clone(),
            config: HashMap::new(),
        },
        phone: Mutex::new(None),
        root: root(avd, snapshot, writable)?,
        saved: Mutex::default(),
        token: console::token(&home.join(".emulator_console_auth_token")).unwrap(),
        writable,
        stubborn: fault == "stubborn",
        no_room: fault == "no-room-to-save",
        quit: CancellationToken::new(),
    });
    tokio::spawn(serve(shared.clone(), listener));
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
    if fault == "slow" {
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    if fault != "never-boots" {
        let side = |key: &str| avd.config[key].parse().unwrap();
        let forever = |service: &str| PlannedFault {
            service: service.to_owned(),
            repeated: true,
            ..PlannedFault::now(Fault::Drop)
        };
        let phone = Phone::start(PhoneOptions {
            port: adb,
            size: ScreenSize {
                width: side("hw.lcd.width"),
                height: side("hw.lcd.height"),
            },
            root: Some(shared.root.clone()),
            // As the images of emulators begin, here also from a state that was kept.
            adb_root: false,
            control: options.get("-grpc").map(|port| port.parse().unwrap()),
            faults: match fault {
                "no-screen" => vec![forever("getScreenshot"), forever("screencap")],
                "no-grpc-screen" => vec![forever("getScreenshot")],
                // In the middle of an episode its display stands still, as after the load of a snapshot.
                "frozen-channels" => vec![PlannedFault {
                    after: 6,
                    service: "getScreenshot".to_owned(),
                    ..PlannedFault::now(Fault::FrozenChannels(Duration::from_secs(3_600)))
                }],
                _ => Vec::new(),
            },
            ..PhoneOptions::default()
        });
        let phone = phone.await.map_err(|error| format!("ERROR   | {error}"))?;
        if let Some(name) = snapshot {
            let state = Arc::new(phone.snapshot().await.unwrap());
            shared.saved.lock().await.insert(name.to_owned(), state);
        }
        *shared.phone.lock().await = Some(phone);
        register(adb).await;
        println!("INFO    | Boot completed in 1 ms");
        if fault == "frozen" {
            Command::new("kill")
                .args(["-STOP", &std::process::id().to_string()])
                .status()
                .unwrap();
        }
    }
    loop {
        tokio::select! {
            () = shared.quit.cancelled() => break,
            _ = terminate.recv() => if !shared.stubborn { break },
        }
    }
    if let Some(phone) = shared.phone.lock().await.take() {
        phone.stop().await;
    }
    Ok(())
}

/// Tells the adb server that the environment names where the daemon is, as the real one does; no other server.
async fn register(adb: u16) {
    let Some(port) = std::env::var("ANDROID_ADB_SERVER_PORT").ok() else {
        return;
    };
    let server = TcpStream::connect(format!("127.0.0.1:{port}")).await;
    let words = format!("host:emulator:{adb}");
    let message = format!("{:04x}{words}", words.len());
    server.unwrap().write_all(message.as_bytes()).await.unwrap();
}

async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let shared = shared.clone();
        // A client that hangs up needs no answer.
        tokio::spawn(async move {
            let _ = talk(&shared, socket).await;
        });
    }
}

async fn talk(shared: &Shared, socket: TcpStream) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let mut known = shared.token.is_empty();
    let greeting = match known {
        true => "Android Console: type 'help' for a list of commands\r\nOK\r\n",
        false => "Android Console: Authentication required\r\nOK\r\n",
    };
    socket.write_all(greeting.as_bytes()).await?;
    loop {
        let mut line = String::new();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match &words[..] {
            ["auth", token] if *token == shared.token => {
                known = true;
                "OK\r\n".to_owned()
            }
            ["auth", ..] => "KO: authentication token does not match\r\n".to_owned(),
            _ if !known => "KO: unknown command, try 'help'\r\n".to_owned(),
            ["avd", "name"] => format!("{}\r\nOK\r\n", shared.avd.name),
            ["avd", "snapshot", rest @ ..] => match snapshot(shared, rest).await {
                Ok(text) => format!("{text}OK\r\n"),
                Err(reason) => format!("KO: {reason}\r\n"),
            },
            ["kill"] => {
                if !shared.stubborn {
                    socket
                        .write_all(b"OK: killing emulator, bye bye\r\n")
                        .await?;
                    shared.quit.cancel();
                    return Ok(());
                }
                "OK: killing emulator, bye bye\r\n".to_owned()
            }
            _ => "KO: unknown command, try 'help'\r\n".to_owned(),
        };
        socket.write_all(answer.as_bytes()).await?;
    }
}

async fn snapshot(shared: &Shared, words: &[&str]) -> Result<String, String> {
    let phone = shared.phone.lock().await;
    let folder = shared.avd.directory.join("snapshots");
    match (words, phone.as_ref()) {
        (["list"], _) => {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            let rows: Vec<String> = entries
                .map(|entry| {
                    let name = entry.file_name().into_string().unwrap();
                    format!("--        {name}    8.2M 2024-01-01 12:00:00   00:01:02.003\r\n")
                })
                .collect();
            Ok(match rows.is_empty() {
                true => "There is no snapshot available.\r\n".to_owned(),
                false => format!(
                    "List of snapshots present on all disks:\r\nID        TAG    VM SIZE    DATE       VM CLOCK\r\n{}",
                    rows.concat()
                ),
            })
        }
        (["save" | "delete", _], _) if !shared.writable => {
            Err("the emulator is running in read-only mode".to_owned())
        }
        (["save", _], _) if shared.no_room => Ok(String::new()),
        (["save", name], Some(phone)) => {
            let state = phone.snapshot().await.map_err(|error| error.to_string())?;
            copy(&shared.root, &folder.join(name).join("data"));
            shared
                .saved
                .lock()
                .await
                .insert((*name).to_owned(), Arc::new(state));
            Ok(String::new())
        }
        (["load", name], Some(phone)) => match shared.saved.lock().await.get(*name) {
            Some(state) => phone
                .restore(state)
                .await
                .map(|()| String::new())
                .map_err(|error| error.to_string()),
            None => Err(format!("Failed to load snapshot '{name}'")),
        },
        (["delete", name], _) => fs::remove_dir_all(folder.join(name))
            .map(|()| String::new())
            .map_err(|_| format!("there is no snapshot '{name}'")),
        _ => Err("bad sub-command".to_owned()),
    }
}
