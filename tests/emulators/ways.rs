//! The ways to a device that is not a virtual phone of ours: an adb server that knows an emulator, and the address of
//! a container.

use std::time::Duration;

use stepdroid::phone::{Fault, Phone, PhoneOptions, PlannedFault};

use crate::plan::Run;

/// Runs in a process of its own, whose adb server is not the user's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test below, with an adb server of its own"]
async fn behind_an_adb_server() {
    if std::env::var_os("ANDROID_ADB_SERVER_PORT").is_none() {
        return;
    }
    let run = Run::new();
    let sets = [
        "devices.emulators.count=1",
        "devices.emulators.reach='server'",
        "devices.virtual.beside=false",
    ];
    let ended = run
        .plan(&sets, |run, number| {
            if number == 2 {
                run.signal("-9", 1);
            }
        })
        .await;
    ended.assert_whole("behind a server", 1);
    assert!(ended.told.contains("it is emulator-56"), "{}", ended.told);
    run.place.assert_empty();
}

#[test]
fn emulators_are_reached_through_a_real_adb_server() {
    use std::process::{Command, Stdio};
    let adb = stepdroid::adb::program();
    let version = Command::new(&adb).arg("version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("no adb at {}: this needs it", adb.display());
        return;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port().to_string();
    drop(free);
    let home = tempfile::tempdir().unwrap();
    let mut server = Command::new(&adb)
        .args(["-P", &port, "nodaemon", "server"])
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let listens = || std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok();
    while !listens() {
        assert!(server.try_wait().unwrap().is_none(), "the adb server ended");
        std::thread::sleep(Duration::from_millis(20));
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "ways::behind_an_adb_server",
            "--ignored",
            "--nocapture",
        ])
        .env("ANDROID_ADB_SERVER_PORT", &port)
        .env("XDG_STATE_HOME", home.path())
        .output()
        .unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{errors}"
    );
}

/// A container with Android is an address. What is known of them: while a second one starts, the first does not answer
/// for a while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn containers_need_an_address_and_may_be_away_for_a_while() {
    let first = Phone::start(PhoneOptions::default()).await.unwrap();
    let second = Phone::start(PhoneOptions::default()).await.unwrap();
    let run = Run::new();
    let serials = format!(
        "devices.serials=['{}', '{}']",
        first.serial(),
        second.serial()
    );
    let sets = [
        &*serials,
        "devices.virtual.beside=false",
        "devices.emulators.count=0",
    ];
    let phone = first.serial();
    let ended = run
        .plan(&sets, move |_, number| {
            if number == 1 {
                first.plan_fault(PlannedFault {
                    service: "shell".into(),
                    ..PlannedFault::now(Fault::Offline(Duration::from_secs(3)))
                });
            }
        })
        .await;
    ended.assert_whole("a container away", 1);
    assert!(
        ended.told.contains(&format!("{phone} ready")),
        "{}",
        ended.told
    );
    second.stop().await;
}
