//! The channel `uiautomator2` against a virtual phone that plays its server, over TCP as with a real phone: the same as
//! the stock channels see and do, one owner of the accessibility at a time, and what comes when the server dies. What
//! comes when it hangs or talks nonsense is in `channels_u2_hostile`.
#![allow(clippy::unwrap_used)]

#[path = "channels/still.rs"]
mod still;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use stepdroid::adb::{self, Adb, AdbError, ServerAddress, ServerConnector, Services};
use stepdroid::channels::uiautomator2::Uiautomator2;
use stepdroid::device::{
    Channel, Channels, DeviceError, Gesture, InputTool, Screencap, Tree, Uiautomator,
};
use stepdroid::domain::{Frame, Point, ScreenSize, UiElement};
use stepdroid::phone::{ClockMode, Phone, PhoneOptions};

const SETTINGS: &str = "am start -W -a android.settings.SETTINGS";
const NEW_CONTACT: &str =
    "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";
const KILL: &str = "pkill -9 -f '[c]om.wetest.uia2.Main'";
const JAR: &str = "/data/local/tmp/u2.jar";

/// An archive with one entry: what a phone of ours looks for in a jar.
fn archive(entry: &str) -> Vec<u8> {
    let (name, data) = (entry.as_bytes(), b"dex\n035\0");
    let mut fields = vec![0_u8; 22];
    fields[0..2].copy_from_slice(&[20, 0]);
    fields[14..18].copy_from_slice(&(data.len() as u32).to_le_bytes());
    fields[18..22].copy_from_slice(&(data.len() as u32).to_le_bytes());
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend_from_slice(&fields);
    bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes.extend_from_slice(name);
    bytes.extend_from_slice(data);
    let start = bytes.len() as u32;
    bytes.extend_from_slice(b"PK\x01\x02\x14\0");
    bytes.extend_from_slice(&fields);
    bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
    bytes.extend_from_slice(&[0; 16]);
    bytes.extend_from_slice(name);
    let length = bytes.len() as u32 - start;
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&start.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

struct Jar {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn jar(entry: &str) -> Jar {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("u2.jar");
    std::fs::write(&path, archive(entry)).unwrap();
    Jar {
        _folder: folder,
        path,
    }
}

fn good_jar() -> Jar {
    jar("classes.dex")
}

async fn phone() -> Phone {
    let options = PhoneOptions {
        size: ScreenSize::parse("540x1200").unwrap(),
        clock: ClockMode::Steps,
        seed: 3,
        ..PhoneOptions::default()
    };
    Phone::start(options).await.unwrap()
}

async fn wire(phone: &Phone) -> Adb {
    adb::connect(&phone.serial()).await.unwrap()
}

fn channel(adb: &Adb, jar: &Jar) -> Uiautomator2 {
    Uiautomator2::new(adb.clone(), &jar.path)
}

async fn tree(channel: &impl Channel) -> Vec<UiElement> {
    channel.tree(false).await.unwrap().elements
}

fn center_of(elements: &[UiElement], text: &str) -> Point {
    let found = elements
        .iter()
        .find(|one| one.text.as_deref() == Some(text));
    found.unwrap().bbox_pixels.unwrap().center()
}

fn first_field(elements: &[UiElement]) -> &UiElement {
    elements.iter().find(|one| one.is_editable).unwrap()
}

/// Mean and largest difference of two pictures in levels of 255, without their alpha.
fn difference(one: &Frame, other: &Frame) -> (f64, u8) {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let pairs = one.rgba.chunks_exact(4).zip(other.rgba.chunks_exact(4));
    let mut all = pairs.flat_map(|(one, other)| {
        let levels = one[..3].iter().zip(&other[..3]);
        levels
            .map(|(one, other)| one.abs_diff(*other))
            .collect::<Vec<u8>>()
    });
    let (sum, most) = all.by_ref().fold((0_u64, 0), |(sum, most), one| {
        (sum + u64::from(one), one.max(most))
    });
    (sum as f64 / (one.rgba.len() as f64 * 0.75), most)
}

fn is_channel(error: &DeviceError) -> bool {
    matches!(error, DeviceError::Channel { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_stand_still_are_noticed() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2 = Arc::new(channel(&adb, &jar));
    still::is_noticed(&phone, &adb, u2.clone(), u2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_sees_what_the_stock_channels_see() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2 = channel(&adb, &jar);
    let (stock, pictures) = (Uiautomator::new(adb.clone()), Screencap::raw(adb.clone()));
    for screen in ["input keyevent 3", SETTINGS, NEW_CONTACT] {
        adb.shell_ok(screen).await.unwrap();
        let seen = u2.tree(true).await.unwrap();
        let picture = u2.frame().await.unwrap();
        u2.close().await;
        assert_eq!(seen, stock.tree(true).await.unwrap(), "{screen}");
        assert!(seen.elements.len() > 5 && seen.activity.is_some());
        let (mean, most) = difference(&picture, &pictures.frame().await.unwrap());
        assert!(mean < 2.0, "{screen}: {mean} on average, {most} at most");
    }
    // What changes on the screen is in the next tree.
    let before = tree(&u2).await;
    adb.shell_ok("input keyevent 3").await.unwrap();
    assert_ne!(before, tree(&u2).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_input_does_what_the_stock_tool_does() {
    let jar = good_jar();
    let (first, second) = (phone().await, phone().await);
    let (stock, other) = (wire(&first).await, wire(&second).await);
    let (tool, u2) = (InputTool::new(stock.clone()), channel(&other, &jar));
    let eyes = Uiautomator::new(stock.clone());
    let at = |x, y| Point { x, y };
    let swipe = |duration| Gesture::Swipe {
        from: at(270, 900),
        to: at(270, 300),
        duration,
    };
    let start = |screen: &'static str| (screen, Vec::new());
    // Both phones have seen the same before it begins.
    let open = async |screen: &str| {
        stock.shell_ok(screen).await.unwrap();
        other.shell_ok(screen).await.unwrap();
        tree(&eyes).await
    };
    let settings = center_of(&open(SETTINGS).await, "Network & internet");
    let editor = open(NEW_CONTACT).await;
    let field = first_field(&editor).bbox_pixels.unwrap().center();
    for (script, gestures) in [
        start(SETTINGS),
        ("true", vec![swipe(None)]),
        ("true", vec![swipe(Some(Duration::from_millis(700)))]),
        ("true", vec![Gesture::Key("KEYCODE_BACK")]),
        (SETTINGS, vec![Gesture::Tap(settings)]),
        ("true", vec![Gesture::Key("KEYCODE_HOME")]),
        (
            "true",
            vec![Gesture::Press(at(270, 600), Duration::from_millis(1_000))],
        ),
        (
            NEW_CONTACT,
            vec![
                Gesture::Tap(field),
                Gesture::Text("Ann O'Lee #1 (a_b)~?".to_owned()),
            ],
        ),
        (
            "true",
            vec![
                Gesture::Key("KEYCODE_DEL"),
                Gesture::Text("two\nlines".to_owned()),
            ],
        ),
        (
            "true",
            vec![
                Gesture::Tap(field),
                Gesture::Clear,
                Gesture::Text("Z".to_owned()),
            ],
        ),
        (
            "true",
            vec![Gesture::Text(String::new()), Gesture::Key("KEYCODE_ENTER")],
        ),
    ] {
        stock.shell_ok(script).await.unwrap();
        other.shell_ok(script).await.unwrap();
        tool.input(&gestures).await.unwrap();
        u2.input(&gestures).await.unwrap();
        let (wanted, got) = (tree(&eyes).await, tree(&u2).await);
        assert_eq!(got, wanted, "after {script}, {gestures:?}");
    }
    let odd = u2
        .input(&[Gesture::Key("KEYCODE_NONE"), Gesture::Key("KEYCODE_HOME")])
        .await;
    assert!(is_channel(&odd.unwrap_err()));
    tool.input(&[Gesture::Key("KEYCODE_HOME")]).await.unwrap();
    assert_eq!(
        tree(&u2).await,
        tree(&eyes).await,
        "what fails keeps nothing else from being done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_types_what_no_key_types() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2 = channel(&adb, &jar);
    let type_text = async |text: &str| {
        u2.input(&[Gesture::Text(text.to_owned())]).await.unwrap();
        let elements = tree(&u2).await;
        first_field(&elements).text.clone().unwrap()
    };
    adb.shell_ok(NEW_CONTACT).await.unwrap();
    let field = first_field(&tree(&u2).await).bbox_pixels.unwrap().center();
    u2.input(&[Gesture::Tap(field)]).await.unwrap();
    assert_eq!(type_text("Zoë 日本 😀").await, "Zoë 日本 😀");
    assert_eq!(type_text(" and ").await, "Zoë 日本 😀 and ");
    assert_eq!(type_text("ß").await, "Zoë 日本 😀 and ß");
    u2.input(&[Gesture::Clear]).await.unwrap();
    assert_eq!(type_text("Ü").await, "Ü");
    // Without a focus it goes nowhere, as with the stock tool.
    u2.input(&[Gesture::Key("KEYCODE_HOME")]).await.unwrap();
    u2.input(&[Gesture::Text("é".to_owned())]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_owner_holds_the_accessibility() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let (u2, stock) = (channel(&adb, &jar), Uiautomator::new(adb.clone()));
    u2.close().await;
    tree(&u2).await;
    adb.shell_ok(&format!("touch -d @1000000000 {JAR}"))
        .await
        .unwrap();
    let pushed = adb.stat(JAR).await.unwrap();
    let error = stock.tree(false).await.unwrap_err().to_string();
    assert!(error.contains("no hierarchy"), "{error}");
    // Another one finds a server that is not its own, ends it and takes its place.
    let other = channel(&adb, &jar);
    tree(&other).await;
    other.close().await;
    tree(&stock).await;
    assert_eq!(
        adb.stat(JAR).await.unwrap(),
        pushed,
        "the jar was pushed once"
    );
    for _ in 0..2 {
        tree(&u2).await;
        u2.close().await;
        tree(&stock).await;
    }
    // A channel that is forgotten takes its server along.
    tree(&u2).await;
    drop(u2);
    let end = Instant::now() + Duration::from_secs(30);
    while stock.tree(false).await.is_err() {
        assert!(Instant::now() < end, "the server outlives its channel");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_killed_is_started_again() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2 = channel(&adb, &jar);
    let before = tree(&u2).await;
    for _ in 0..3 {
        adb.shell_ok(KILL).await.unwrap();
        let mut answer = u2.tree(false).await;
        if let Err(error) = &answer {
            assert!(is_channel(error), "{error}");
            answer = u2.tree(false).await;
        }
        assert_eq!(answer.unwrap().elements, before);
    }
    // A state is kept and put back without waiting for a server that would never end.
    let channels = Channels::ranked(Vec::new(), vec![Arc::new(u2)], Vec::new());
    let kept = Arc::new(phone.snapshot().await.unwrap());
    adb.shell_ok(SETTINGS).await.unwrap();
    assert_ne!(channels.tree(false).await.unwrap().elements, before);
    phone.restore(&kept).await.unwrap();
    assert_eq!(channels.tree(false).await.unwrap().elements, before);
    phone.reboot();
    let end = Instant::now() + Duration::from_secs(60);
    while let Err(error) = channels.tree(false).await {
        assert!(Instant::now() < end, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_channels_step_in() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2: Arc<dyn Channel> = Arc::new(channel(&adb, &jar));
    let channels = Channels::ranked(
        vec![u2.clone(), Arc::new(Screencap::raw(adb.clone()))],
        vec![u2.clone(), Arc::new(Uiautomator::new(adb.clone()))],
        vec![u2.clone(), Arc::new(InputTool::new(adb.clone()))],
    );
    let whole: Tree = channels.tree(false).await.unwrap();
    assert_eq!(channels.names(), ["uiautomator2"; 3]);
    // The server is killed, and another program takes its port.
    adb.shell_ok(KILL).await.unwrap();
    let network = &phone.machine().loopback;
    let end = Instant::now() + Duration::from_secs(30);
    while network.listen("tcp:9008", None, false, drop).is_err() {
        assert!(Instant::now() < end, "the port was not let go of");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..3 {
        assert_eq!(channels.tree(false).await.unwrap(), whole);
        channels.frame().await.unwrap();
    }
    assert_eq!(
        channels.names(),
        ["screencap", "uiautomator", "uiautomator2"]
    );
    for _ in 0..3 {
        let failed = channels.input(&[Gesture::Key("KEYCODE_HOME")]).await;
        assert!(is_channel(&failed.unwrap_err()));
    }
    channels
        .input(&[Gesture::Key("KEYCODE_HOME")])
        .await
        .unwrap();
    assert_eq!(channels.names(), ["screencap", "uiautomator", "input"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jar_of_no_use_is_named() {
    let phone = phone().await;
    let adb = wire(&phone).await;
    let (empty, text) = (jar("nothing.dex"), good_jar());
    std::fs::write(&text.path, "no archive").unwrap();
    let none = Path::new("/nowhere/u2.jar");
    for (path, expected) in [
        (none, "/nowhere/u2.jar can't be used"),
        (text.path.as_path(), "it is no jar"),
        (empty.path.as_path(), "Aborted"),
    ] {
        let u2 = Uiautomator2::new(adb.clone(), path);
        let error = u2.tree(false).await.unwrap_err();
        assert!(is_channel(&error), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_no_fault_of_the_channel() {
    let (phone, jar) = (phone().await, good_jar());
    let adb = wire(&phone).await;
    let u2 = channel(&adb, &jar);
    tree(&u2).await;
    phone.stop().await;
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        match u2.tree(false).await {
            Err(error) if error.is_lost() => break,
            // The phone ends at its own pace.
            answer => assert!(Instant::now() < end, "{answer:?}"),
        }
    }
    u2.close().await;
}

/// A private adb server, which is ended with this.
struct AdbServer {
    port: u16,
    home: tempfile::TempDir,
}

impl AdbServer {
    fn run(&self, arguments: &[&str]) -> bool {
        let status = Command::new("adb")
            .args(["-P", &self.port.to_string()])
            .args(arguments)
            .env("HOME", self.home.path())
            .env("ADB_MDNS_AUTO_CONNECT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }
}

impl Drop for AdbServer {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_through_an_adb_server() {
    let (phone, jar) = (phone().await, good_jar());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = AdbServer {
        port: port.local_addr().unwrap().port(),
        home: tempfile::tempdir().unwrap(),
    };
    drop(port);
    assert!(
        server.run(&["connect", &phone.serial()]),
        "this test needs Debian's adb on the PATH: apt-get install adb, or make setup"
    );
    let address = ServerAddress {
        host: "127.0.0.1".to_owned(),
        port: server.port,
    };
    let connector = ServerConnector::new(address, &phone.serial());
    let adb = Adb::new(Arc::new(Services::new(connector)));
    let u2 = channel(&adb, &jar);
    adb.shell_ok(SETTINGS).await.unwrap();
    let elements = tree(&u2).await;
    let at = center_of(&elements, "Network & internet");
    u2.input(&[Gesture::Tap(at)]).await.unwrap();
    assert_ne!(tree(&u2).await, elements);
    u2.frame().await.unwrap();
    u2.close().await;
    tree(&Uiautomator::new(adb.clone())).await;
    let refused = adb.open("tcp:9008").await.err().unwrap();
    assert!(matches!(refused, AdbError::Refused { .. }), "{refused}");
}
