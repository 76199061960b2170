//! An emulator's channels and the accessibility forwarder's against virtual phones: the same as the stock channels
//! give, and what comes of faults.
#![allow(clippy::unwrap_used)]

#[path = "channels/still.rs"]
mod still;

use std::sync::Arc;
use std::time::{Duration, Instant};

use stepdroid::adb::{Adb, Deadlines, DirectConnector, Services};
use stepdroid::channels::{self, ChannelOptions, Choice, Emulator};
use stepdroid::device::measure::Purpose;
use stepdroid::device::{
    Channel, Channels, DeviceError, Gesture, InputTool, Screencap, Uiautomator,
};
use stepdroid::domain::{Frame, Point, ScreenSize, UiElement};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault};

/// How long anything may take here; reached only when it fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// A deadline that passes in a test.
const SHORT: Duration = Duration::from_millis(700);

async fn phone() -> Phone {
    phone_with(ClockMode::Steps).await
}

async fn phone_with(clock: ClockMode) -> Phone {
    let options = PhoneOptions {
        control: Some(0),
        clock,
        size: ScreenSize {
            width: 540,
            height: 1200,
        },
        ..PhoneOptions::default()
    };
    Phone::start(options).await.unwrap()
}

fn adb(phone: &Phone) -> Adb {
    let connector = DirectConnector::new(&phone.serial());
    Adb::new(Arc::new(Services::new(connector))).with_deadlines(Deadlines {
        capture: PATIENCE,
        ..Deadlines::default()
    })
}

fn both(phone: &Phone) -> [Emulator; 2] {
    let port = phone.control_port().unwrap();
    [
        Emulator::grpc(adb(phone), port).with_patience(PATIENCE),
        Emulator::memory(adb(phone), port).with_patience(PATIENCE),
    ]
}

fn fault(service: &str, fault: Fault) -> PlannedFault {
    PlannedFault {
        service: service.to_owned(),
        ..PlannedFault::now(fault)
    }
}

/// The reason of an error that is the channel's own and not the device's.
fn own(error: &DeviceError) -> &str {
    assert!(!error.is_lost(), "{error}");
    match error {
        DeviceError::Channel { reason, .. } => reason,
        error => panic!("{error}"),
    }
}

async fn run(adb: &Adb, command: &str) {
    adb.shell_ok(command).await.unwrap();
}

async fn elements(adb: &Adb) -> Vec<UiElement> {
    adb.dump_hierarchy().await.unwrap()
}

fn same(one: &Frame, other: &Frame, what: &str) {
    assert_eq!(
        (one.width, one.height),
        (other.width, other.height),
        "{what}"
    );
    assert!(one.rgba == other.rgba, "the pixels differ: {what}");
}

fn files_in_memory() -> usize {
    let prefix = format!("stepdroid-screen-{}-", std::process::id());
    let entries = std::fs::read_dir("/dev/shm").unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(&prefix)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_those_of_screencap_however_the_screen_is_turned() {
    let phone = phone().await;
    let adb = adb(&phone);
    let stock = Screencap::raw(adb.clone());
    for channel in &both(&phone) {
        for start in ["android.settings.SETTINGS", "android.intent.action.DIAL"] {
            run(&adb, &format!("am start -W -a {start}")).await;
            let expected = stock.frame().await.unwrap();
            same(&channel.frame().await.unwrap(), &expected, channel.name());
        }
        // The screen turns and the device is held as before; then the device is turned too.
        for turns in [1, 2, 3, 0] {
            run(&adb, &format!("settings put system user_rotation {turns}")).await;
            let expected = stock.frame().await.unwrap();
            assert_eq!(expected.width > expected.height, turns % 2 == 1);
            same(&channel.frame().await.unwrap(), &expected, channel.name());
        }
        for held in [1, 2, 3, 0] {
            phone.machine().lock().system.held = held;
            for own in [1, 0] {
                run(
                    &adb,
                    &format!("settings put system accelerometer_rotation {own}"),
                )
                .await;
                let expected = stock.frame().await.unwrap();
                same(&channel.frame().await.unwrap(), &expected, channel.name());
            }
        }
        channel.close().await;
        let again = channel.frame().await.unwrap();
        same(&again, &stock.frame().await.unwrap(), "after closing");
        channel.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn input_does_what_the_tool_does() {
    let (ours, stocks) = (phone().await, phone().await);
    let (by_grpc, by_adb) = (adb(&ours), adb(&stocks));
    let [channel, _] = both(&ours);
    let tool = InputTool::new(by_adb.clone());
    let at = |x, y| Point { x, y };
    let up = |duration| Gesture::Swipe {
        from: at(270, 900),
        to: at(270, 400),
        duration,
    };
    for adb in [&by_grpc, &by_adb] {
        run(adb, "am start -W -a android.settings.SETTINGS").await;
    }
    let mut before = elements(&by_adb).await;
    let mut step = async |gestures: &[Gesture], changes: bool, what: &str| {
        channel.input(gestures).await.unwrap();
        tool.input(gestures).await.unwrap();
        let (one, other) = (elements(&by_grpc).await, elements(&by_adb).await);
        assert_eq!(one, other, "{what}");
        assert_eq!(one != before, changes, "{what}");
        before = one;
    };
    step(&[Gesture::Key("KEYCODE_UNKNOWN")], false, "nothing").await;
    step(&[up(None)], true, "a swipe").await;
    step(&[Gesture::Tap(at(200, 600))], true, "a tap").await;
    step(&[Gesture::Key("KEYCODE_BACK")], true, "back").await;
    step(&[Gesture::Key("KEYCODE_HOME")], true, "home").await;

    // Typing, with a sign that no keyboard has, and clearing what was typed.
    for adb in [&by_grpc, &by_adb] {
        let insert =
            "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";
        run(adb, insert).await;
    }
    let form = elements(&by_adb).await;
    let field = form.iter().find(|element| element.is_editable).unwrap();
    let field = field.bbox_pixels.unwrap().center();
    let text = |text: &str| Gesture::Text(text.to_owned());
    step(
        &[Gesture::Tap(field), text("Ada Lovelace, 12% & more")],
        true,
        "typing",
    )
    .await;
    step(&[Gesture::Clear, text("short")], true, "clearing").await;
    // The same where the screen is turned.
    for adb in [&by_grpc, &by_adb] {
        run(adb, "settings put system user_rotation 1").await;
        run(adb, "am start -W -a android.settings.SETTINGS").await;
    }
    before = elements(&by_adb).await;
    let row = before
        .iter()
        .filter(|element| element.is_clickable)
        .nth(2)
        .unwrap();
    let row = row.bbox_pixels.unwrap().center();
    let mut step = async |gestures: &[Gesture], what: &str| {
        channel.input(gestures).await.unwrap();
        tool.input(gestures).await.unwrap();
        let (one, other) = (elements(&by_grpc).await, elements(&by_adb).await);
        assert_eq!(one, other, "{what}");
        assert_ne!(one, before, "{what}");
        before = one;
    };
    step(&[Gesture::Tap(row)], "a tap on a turned screen").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_that_stays_presses_long() {
    let phone = phone_with(ClockMode::Real).await;
    let adb = adb(&phone);
    let [channel, _] = both(&phone);
    run(
        &adb,
        "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact",
    )
    .await;
    let before = elements(&adb).await;
    let pressed = before.iter().find(|element| element.is_long_clickable);
    let at = pressed.unwrap().bbox_pixels.unwrap().center();
    let press = [Gesture::Press(at, Duration::from_millis(900))];
    channel.input(&press).await.unwrap();
    let by_grpc = elements(&adb).await;
    run(&adb, "input keyevent BACK").await;
    assert_ne!(by_grpc, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_picture_is_an_error_and_the_next_one_is_whole() {
    let phone = phone().await;
    let stock = Screencap::raw(adb(&phone));
    for channel in both(&phone) {
        channel.frame().await.unwrap();
        // Another picture, so that the other half is not the same.
        run(&adb(&phone), "am start -W -a android.settings.SETTINGS").await;
        phone.plan_fault(fault(
            "grpc:getScreenshot",
            Fault::HalfScreenshot(Duration::ZERO),
        ));
        let error = channel.frame().await.unwrap_err();
        let said = own(&error);
        assert!(said.contains(&phone.serial()), "{said}");
        assert!(
            said.contains("torn") || said.contains("bytes for a picture"),
            "{said}"
        );
        let whole = channel.frame().await.unwrap();
        same(&whole, &stock.frame().await.unwrap(), channel.name());
        // Asked again, nobody notices.
        phone.plan_fault(fault(
            "grpc:getScreenshot",
            Fault::HalfScreenshot(Duration::ZERO),
        ));
        let name = channel.name();
        let channels = Channels::ranked(vec![Arc::new(channel)], Vec::new(), Vec::new());
        same(&channels.frame().await.unwrap(), &whole, name);
        channels.close().await;
    }
    assert_eq!(files_in_memory(), 0, "files are left in memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_or_is_gone_is_not_a_lost_device() {
    let phone = phone().await;
    let port = phone.control_port().unwrap();
    let stock = Screencap::raw(adb(&phone));
    for (service, broken) in [
        ("grpc:getScreenshot", Fault::Hang),
        ("grpc:getScreenshot", Fault::Drop),
    ] {
        for channel in [
            Emulator::grpc(adb(&phone), port).with_patience(SHORT),
            Emulator::memory(adb(&phone), port).with_patience(SHORT),
        ] {
            phone.plan_fault(PlannedFault {
                repeated: true,
                ..fault(service, broken)
            });
            let error = channel.frame().await.unwrap_err();
            assert!(own(&error).contains(&format!("-grpc {port}")), "{error}");
            let channels = Channels::ranked(
                vec![Arc::new(channel), Arc::new(stock.clone())],
                Vec::new(),
                Vec::new(),
            );
            let frame = channels.frame().await.unwrap();
            same(&frame, &stock.frame().await.unwrap(), "the fallback");
            phone.clear_faults();
            let frame = channels.frame().await.unwrap();
            same(&frame, &stock.frame().await.unwrap(), "after the fault");
            channels.close().await;
        }
    }
    phone.plan_fault(fault("grpc:sendTouch", Fault::Hang));
    let channel = Emulator::grpc(adb(&phone), port).with_patience(SHORT);
    let tap = [Gesture::Tap(Point { x: 1, y: 1 })];
    own(&channel.input(&tap).await.unwrap_err());
    // Nobody listens there, or somebody who speaks another language.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = closed.local_addr().unwrap().port();
    drop(closed);
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    for port in [nobody, silent.local_addr().unwrap().port(), phone.port()] {
        let channel = Emulator::grpc(adb(&phone), port).with_patience(SHORT);
        own(&channel.frame().await.unwrap_err());
    }
    // A device that is gone is lost, whatever its emulator says.
    let channel = Emulator::grpc(adb(&phone), port).with_patience(SHORT);
    phone.stop().await;
    let begin = Instant::now();
    let error = channel.frame().await.unwrap_err();
    assert!(error.is_lost(), "{error}");
    assert!(begin.elapsed() < PATIENCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_screen_is_seen_as_screencap_sees_it() {
    let phone = phone().await;
    let adb = adb(&phone);
    run(&adb, "am start -W -a android.settings.SETTINGS").await;
    phone.plan_fault(fault(
        "screencap",
        Fault::FrozenScreen(Duration::from_secs(3_600)),
    ));
    let stock = Screencap::raw(adb.clone());
    let frozen = stock.frame().await.unwrap();
    run(&adb, "input keyevent HOME").await;
    for channel in both(&phone) {
        same(&channel.frame().await.unwrap(), &frozen, "a frozen screen");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_stand_still_are_noticed() {
    let phone = phone().await;
    let adb = adb(&phone);
    let tree = Arc::new(Uiautomator::new(adb.clone()));
    for channel in both(&phone) {
        still::is_noticed(&phone, &adb, Arc::new(channel), tree.clone()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn candidates_are_what_is_set_up_and_are_ranked_by_what_they_do() {
    let phone = phone().await;
    let adb = adb(&phone);
    let plain = channels::open(&adb, &ChannelOptions::default()).unwrap();
    assert_eq!(
        plain.names(),
        [
            vec!["screencap", "screencap-png"],
            vec!["uiautomator"],
            vec!["input"]
        ]
    );
    let emulator = ChannelOptions {
        grpc_port: phone.control_port(),
        tree: Choice::parse("uiautomator"),
        input: Choice::parse("emulator-grpc, input"),
        ..ChannelOptions::default()
    };
    let candidates = channels::open(&adb, &emulator).unwrap();
    assert_eq!(candidates.of(Purpose::Picture).len(), 4);
    assert_eq!(candidates.names()[2], ["emulator-grpc", "input"]);
    phone.plan_fault(PlannedFault {
        repeated: true,
        ..fault("screencap -p", Fault::NoExit)
    });
    let (channels, rows) = candidates.measured().await;
    // Chosen ones are not measured.
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.what == Purpose::Picture));
    let [picture, tree, input] = channels.names();
    let fastest = rows.iter().filter(|row| row.failures == 0);
    let fastest = fastest.min_by_key(|row| row.median.unwrap()).unwrap();
    assert_eq!(
        (picture, tree, input),
        (fastest.channel, "uiautomator", "emulator-grpc")
    );
    channels.frame().await.unwrap();
    channels.close().await;
    for (what, name) in [
        ("picture", "emulator-grpc"),
        ("tree", "screencap"),
        ("input", "scrcpy"),
    ] {
        let choice = Choice::Fixed(vec![name.to_owned()]);
        let mut wrong = ChannelOptions::default();
        match what {
            "picture" => wrong.picture = choice,
            "tree" => wrong.tree = choice,
            _ => wrong.input = choice,
        }
        let error = channels::open(&adb, &wrong).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
}
