//! scrcpy as a channel, on a virtual phone over TCP: what it shows and does is what the stock channels show and do.
#![allow(clippy::unwrap_used)]

#[path = "channels/still.rs"]
mod still;

use std::sync::Arc;
use std::time::Duration;

use stepdroid::adb::{self, Adb};
use stepdroid::channels::scrcpy::{Scrcpy, ScrcpyOptions};
use stepdroid::device::{
    Channel, Channels, DeviceError, Gesture, InputTool, Screencap, Uiautomator,
};
use stepdroid::domain::{Frame, Point, ScreenSize, UiElement};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault};

/// How long anything may take here; reached only when it fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most levels that a channel of a pixel differs on average: the video is not exact.
const EXACT: f64 = 4.0;
/// Opens the form of a new contact.
const FORM: &str = "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";
/// Opens the settings.
const SETTINGS: &str = "am start -W -a android.settings.SETTINGS";

async fn phone(width: i32, height: i32) -> Phone {
    let options = PhoneOptions {
        clock: ClockMode::Steps,
        size: ScreenSize { width, height },
        ..PhoneOptions::default()
    };
    Phone::start(options).await.unwrap()
}

/// A jar as good as the real one, which the phone does not run.
struct Jar(tempfile::TempDir);

impl Jar {
    fn new() -> Jar {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("scrcpy-server.jar"), b"PK of a server").unwrap();
        Jar(folder)
    }

    fn options(&self) -> ScrcpyOptions {
        ScrcpyOptions {
            start: PATIENCE,
            answer: PATIENCE,
            ..ScrcpyOptions::new(self.0.path().join("scrcpy-server.jar"))
        }
    }
}

async fn connect(phone: &Phone) -> Adb {
    adb::connect(&phone.serial()).await.unwrap()
}

async fn elements(adb: &Adb) -> Vec<UiElement> {
    let tree = Uiautomator::new(adb.clone()).tree(false).await;
    tree.unwrap().elements
}

async fn screencap(adb: &Adb) -> Frame {
    Screencap::raw(adb.clone()).frame().await.unwrap()
}

/// The mean difference of a channel of a pixel, in levels.
fn difference(left: &Frame, right: &Frame) -> f64 {
    if (left.width, left.height) != (right.width, right.height) {
        return f64::INFINITY;
    }
    let pairs = left.rgba.iter().zip(right.rgba.iter());
    let sum: u64 = pairs
        .map(|(left, right)| u64::from(left.abs_diff(*right)))
        .sum();
    sum as f64 / left.rgba.len() as f64
}

/// The middle of the first element with this text or description.
fn place(elements: &[UiElement], label: &str) -> Point {
    let is_it = |element: &&UiElement| {
        [
            &element.text,
            &element.content_description,
            &element.hint_text,
        ]
        .into_iter()
        .any(|text| text.as_deref() == Some(label))
    };
    let element = elements.iter().find(is_it);
    let element = element.unwrap_or_else(|| panic!("{label} is not on the screen: {elements:?}"));
    element.bbox_pixels.unwrap().center()
}

/// Waits until so many servers run on a phone.
async fn until_servers(phone: &Phone, count: usize) {
    let so = async {
        while phone.machine().servers() != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, so).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_those_of_screencap_and_of_now() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let channel = Scrcpy::new(adb.clone(), jar.options());
    for change in [
        "input keyevent KEYCODE_HOME",
        SETTINGS,
        "input swipe 270 900 270 300",
        FORM,
        "input keyevent KEYCODE_BACK",
        SETTINGS,
        "input keyevent KEYCODE_HOME",
    ] {
        adb.shell(change).await.unwrap();
        // The second one is of a screen that stands still.
        for _ in 0..2 {
            let (seen, shown) = (channel.frame().await.unwrap(), screencap(&adb).await);
            let difference = difference(&seen, &shown);
            assert!(difference < EXACT, "after {change}: {difference}");
        }
    }
    channel.close().await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gestures_do_what_the_input_tool_does() {
    let (ours, theirs, jar) = (phone(540, 1200).await, phone(540, 1200).await, Jar::new());
    let (adb, other) = (connect(&ours).await, connect(&theirs).await);
    let channel = Scrcpy::new(adb.clone(), jar.options());
    let tool = InputTool::new(other.clone());
    let both = async |gestures: &[Gesture]| {
        channel.input(gestures).await.unwrap();
        tool.input(gestures).await.unwrap();
        let (seen, expected) = (elements(&adb).await, elements(&other).await);
        assert_eq!(seen, expected, "after {gestures:?}");
        seen
    };
    for adb in [&adb, &other] {
        adb.shell(SETTINGS).await.unwrap();
    }
    let swipe = |from, to| Gesture::Swipe {
        from: Point { x: 270, y: from },
        to: Point { x: 270, y: to },
        duration: None,
    };
    let before = elements(&adb).await;
    let after = both(&[swipe(1000, 300)]).await;
    assert_ne!(before, after);
    let back = both(&[swipe(300, 1100), swipe(300, 1100)]).await;
    assert_eq!(before, back);
    for adb in [&adb, &other] {
        adb.shell(FORM).await.unwrap();
    }
    let name = place(&elements(&adb).await, "First name");
    both(&[Gesture::Tap(name)]).await;
    let typed = both(&[Gesture::Text("Ana \"Lu\" $5".to_owned())]).await;
    place(&typed, "Ana \"Lu\" $5");
    both(&[Gesture::Key("KEYCODE_DEL")]).await;
    let typed = both(&[Gesture::Clear, Gesture::Text("Eva".to_owned())]).await;
    place(&typed, "Eva");
    both(&[Gesture::Text("a\nb".to_owned())]).await;
    // A long press selects the word.
    both(&[Gesture::Press(name, Duration::from_secs(1))]).await;
    both(&[Gesture::Key("KEYCODE_BACK"), Gesture::Key("KEYCODE_HOME")]).await;
    for phone in [ours, theirs] {
        phone.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_without_keys_is_pasted() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let channel = Scrcpy::new(adb.clone(), jar.options());
    adb.shell(FORM).await.unwrap();
    let name = place(&elements(&adb).await, "First name");
    let text = "Zoë 李 \u{1f600}";
    let gestures = [Gesture::Tap(name), Gesture::Text(text.to_owned())];
    channel.input(&gestures).await.unwrap();
    place(&elements(&adb).await, text);
    // What there is no key for does not keep the rest from being done.
    let gestures = [
        Gesture::Key("KEYCODE_NOWHERE"),
        Gesture::Text("!".to_owned()),
    ];
    let error = channel.input(&gestures).await.unwrap_err();
    assert!(error.to_string().contains("KEYCODE_NOWHERE"), "{error}");
    place(&elements(&adb).await, &format!("{text}!"));
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_turns_is_seen_and_touched_as_it_is() {
    // The height is no multiple of 8.
    let (phone, jar) = (phone(540, 1170).await, Jar::new());
    let adb = connect(&phone).await;
    let channel = Scrcpy::new(adb.clone(), jar.options());
    adb.shell(SETTINGS).await.unwrap();
    for (turns, size) in [
        (0, (540, 1170)),
        (1, (1170, 540)),
        (0, (540, 1170)),
        (3, (1170, 540)),
    ] {
        let turn = format!(
            "settings put system accelerometer_rotation 0; settings put system user_rotation {turns}"
        );
        adb.shell(&turn).await.unwrap();
        let seen = channel.frame().await.unwrap();
        assert_eq!((seen.width, seen.height), size, "{turns}");
        let away = difference(&seen, &screencap(&adb).await);
        assert!(away < EXACT, "{turns}: {away}");
        let before = elements(&adb).await;
        // The lowest row that is all on the screen.
        let whole = |element: &&UiElement| {
            let lowest = element.bbox_pixels.map_or(i32::MAX, |bounds| bounds.y_max);
            element.is_clickable && lowest < i32::try_from(seen.height).unwrap() - 60
        };
        let row = before.iter().rev().find(whole).unwrap();
        let row = row.bbox_pixels.unwrap().center();
        channel.input(&[Gesture::Tap(row)]).await.unwrap();
        assert_ne!(elements(&adb).await, before, "{turns}");
        let back = Gesture::Key("KEYCODE_BACK");
        channel.input(&[back]).await.unwrap();
        assert_eq!(elements(&adb).await, before, "{turns}");
    }
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_of_another_size_is_seen_and_touched_as_it_is() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let channel = Scrcpy::new(adb.clone(), jar.options());
    adb.shell(SETTINGS).await.unwrap();
    for (width, height) in [(540, 1200), (500, 1004), (540, 1200)] {
        phone.machine().lock().system.screen = ScreenSize { width, height };
        let seen = channel.frame().await.unwrap();
        let away = difference(&seen, &screencap(&adb).await);
        assert!(away < EXACT, "{width}x{height}: {away}");
        let before = elements(&adb).await;
        let row = place(&before, "Connected devices");
        channel.input(&[Gesture::Tap(row)]).await.unwrap();
        assert_ne!(elements(&adb).await, before, "{width}x{height}");
        let back = Gesture::Key("KEYCODE_BACK");
        channel.input(&[back]).await.unwrap();
    }
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pictures_are_touched_in_pixels_of_the_screen() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let options = ScrcpyOptions {
        max_size: 600,
        ..jar.options()
    };
    let channel = Scrcpy::new(adb.clone(), options);
    adb.shell(SETTINGS).await.unwrap();
    let seen = channel.frame().await.unwrap();
    assert_eq!((seen.width, seen.height), (272, 600));
    let before = elements(&adb).await;
    let row = place(&before, "Display");
    channel.input(&[Gesture::Tap(row)]).await.unwrap();
    let after = elements(&adb).await;
    assert_ne!(before, after);
    place(&after, "Brightness level");
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_ends_with_its_channel_and_starts_again() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let channel = Scrcpy::new(adb.clone(), jar.options());
    assert_eq!(phone.machine().servers(), 0);
    channel.frame().await.unwrap();
    assert_eq!(phone.machine().servers(), 1);
    // A server that waits is not in the way of those who keep the phone's state.
    let state = Arc::new(phone.snapshot().await.unwrap());
    phone.restore(&state).await.unwrap();
    channel.frame().await.unwrap();
    channel.close().await;
    until_servers(&phone, 0).await;
    channel.close().await;
    let before = adb.round_trips();
    channel.frame().await.unwrap();
    // The jar's hash, the screen's size, and three streams: it is not pushed again.
    let trips = adb.round_trips() - before;
    assert!(trips <= 8, "{trips}");
    drop(channel);
    until_servers(&phone, 0).await;
    phone.stop().await;
}

fn with(service: &str, fault: Fault) -> PlannedFault {
    PlannedFault {
        service: service.to_owned(),
        ..PlannedFault::now(fault)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_or_breaks_is_an_error_and_the_next_call_starts_anew() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let hasty = ScrcpyOptions {
        start: Duration::from_secs(2),
        ..jar.options()
    };
    for service in ["localabstract:scrcpy", "app_process"] {
        let channel = Scrcpy::new(adb.clone(), hasty.clone());
        phone.plan_fault(with(service, Fault::Hang));
        let error = channel.frame().await.unwrap_err();
        assert!(matches!(error, DeviceError::Channel { .. }), "{error}");
        assert!(!error.is_lost());
        let channel = Scrcpy::new(adb.clone(), jar.options());
        channel.frame().await.unwrap();
    }
    // The phone goes away under the channel.
    let channel = Scrcpy::new(adb.clone(), jar.options());
    channel.frame().await.unwrap();
    phone.reboot();
    let gone = async {
        loop {
            if let Err(error) = channel.frame().await {
                return error;
            }
        }
    };
    let error = tokio::time::timeout(PATIENCE, gone).await.unwrap();
    assert!(error.is_lost(), "{error}");
    let back = async {
        while channel.frame().await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_stands_still_is_noticed() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let tree = Arc::new(Uiautomator::new(adb.clone()));
    let channel = Arc::new(Scrcpy::new(adb.clone(), jar.options()));
    still::is_noticed(&phone, &adb, channel, tree).await;
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_jar_the_stock_channels_do() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let missing = ScrcpyOptions::new("/nowhere/scrcpy-server.jar");
    let wrong = ScrcpyOptions {
        sha256: Some("00".repeat(32)),
        ..jar.options()
    };
    for (options, words) in [(missing, "/nowhere/scrcpy-server.jar"), (wrong, "SHA-256")] {
        let scrcpy = Arc::new(Scrcpy::new(adb.clone(), options));
        let error = scrcpy.frame().await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        let channels = Channels::ranked(
            vec![scrcpy.clone(), Arc::new(Screencap::raw(adb.clone()))],
            vec![scrcpy.clone(), Arc::new(Uiautomator::new(adb.clone()))],
            vec![scrcpy, Arc::new(InputTool::new(adb.clone()))],
        );
        assert_eq!(channels.names(), ["scrcpy", "uiautomator", "scrcpy"]);
        let home = [Gesture::Key("KEYCODE_HOME")];
        for _ in 0..3 {
            let seen = channels.frame().await.unwrap();
            assert_eq!(seen, screencap(&adb).await);
            assert!(channels.input(&home).await.is_err());
        }
        assert_eq!(channels.names(), ["screencap", "uiautomator", "input"]);
        channels.input(&home).await.unwrap();
    }
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phones_server_ends_with_whatever_ends_it() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let remote = "/data/local/tmp/s.jar";
    let local = jar.options().jar;
    adb.push_file(&local, remote, 0o644).await.unwrap();
    let command = format!(
        "shell,v2,raw:CLASSPATH={remote} app_process / com.genymobile.scrcpy.Server 3.3.4 scid=5 \
         audio=false tunnel_forward=true cleanup=false"
    );
    let dial = async || {
        let opened = async {
            loop {
                if let Ok(stream) = adb.open("localabstract:scrcpy_00000005").await {
                    return stream;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, opened).await.unwrap()
    };
    for end in ["nonsense", "control", "video", "shell", "before"] {
        let shell = adb.open(&command).await.unwrap();
        until_servers(&phone, 1).await;
        if end == "before" {
            drop(shell);
            until_servers(&phone, 0).await;
            continue;
        }
        // Nobody reads the video, however much the screen changes.
        let (video, mut control) = (dial().await, dial().await);
        for _ in 0..3 {
            adb.shell(SETTINGS).await.unwrap();
            adb.shell("input keyevent KEYCODE_HOME").await.unwrap();
        }
        assert_eq!(phone.machine().servers(), 1, "{end}");
        match end {
            "nonsense" => control.write_all(&[99]).await.unwrap(),
            "control" => drop(control),
            "video" => {
                drop(video);
                // It notices when it has something to show.
                adb.shell(SETTINGS).await.unwrap();
            }
            _ => drop(shell),
        }
        until_servers(&phone, 0).await;
    }
    phone.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phones_server_refuses_what_the_real_one_refuses() {
    let (phone, jar) = (phone(540, 1200).await, Jar::new());
    let adb = connect(&phone).await;
    let remote = "/data/local/tmp/s.jar";
    let local = jar.options().jar;
    adb.push_file(&local, remote, 0o644).await.unwrap();
    adb.shell("touch /data/local/tmp/empty.jar").await.unwrap();
    let run =
        |jar: &str, words: &str| format!("CLASSPATH=/data/local/tmp/{jar} app_process / {words}");
    let server = "com.genymobile.scrcpy.Server";
    for (command, status, words) in [
        (
            run("s.jar", &format!("{server} 3.3.3 scid=1")),
            1,
            "[server] ERROR: The server version (3.3.4) does not match the client (3.3.3)",
        ),
        (
            run("s.jar", &format!("{server} 3.3.4 audio")),
            1,
            "Invalid key=value pair: \"audio\"",
        ),
        (run("none.jar", &format!("{server} 3.3.4")), 134, "Aborted"),
        (run("empty.jar", &format!("{server} 3.3.4")), 134, "Aborted"),
        (run("s.jar", "com.example.Main"), 134, "Aborted"),
        ("app_process".to_owned(), 134, "no class name"),
        (
            // Nobody listens where it should go.
            run("s.jar", &format!("{server} 3.3.4 scid=7")),
            1,
            "Connection refused",
        ),
    ] {
        let answer = adb.shell(&command).await.unwrap();
        let error = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(i32::from(answer.exit_code), status, "{command}: {error}");
        assert!(error.contains(words), "{command}: {error}");
    }
    // The real one takes its jar away when it starts, unless it is told not to.
    assert!(!adb.exists(remote).await.unwrap());
    phone.stop().await;
}
