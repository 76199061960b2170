//! The accessibility forwarder as a channel: trees that are of now whatever is done to the phone, and what comes of
//! faults and of strange guests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use stepdroid::adb::{Adb, AdbError, DirectConnector, ServerAddress, ServerConnector, Services};
use stepdroid::channels::Forwarder;
use stepdroid::device::{Channel, Channels, DeviceError, Uiautomator};
use stepdroid::domain::{ScreenSize, UiElement};
use stepdroid::phone::{ClockMode, Fault, Phone, PhoneOptions, PlannedFault};
use stepdroid::wire::emulator::Protobuf;
use stepdroid::wire::forwarder::{
    Answer, ClientToServer, EventRequest, Forest, Node, PACKAGE, Pushed, ServerToClient, Tree,
    Window,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::Request;
use tonic::client::Grpc;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;

/// How long anything may take here; reached only when it fails.
const PATIENCE: Duration = Duration::from_secs(60);
/// A deadline that passes in a test.
const SHORT: Duration = Duration::from_millis(1_500);
const SETTINGS: &str = "am start -W -a android.settings.SETTINGS";

async fn phone(control: Option<u16>) -> Phone {
    let options = PhoneOptions {
        control,
        clock: ClockMode::Steps,
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
    Adb::new(Arc::new(Services::new(connector)))
}

/// The port of the server, as the phone was told it.
async fn port(adb: &Adb) -> u16 {
    let told = adb.setting("global", "no_proxy").await.unwrap().unwrap();
    told.strip_prefix("10.0.2.2:").unwrap().parse().unwrap()
}

/// The reason of an error that is the channel's own and not the device's.
fn own(error: &DeviceError) -> &str {
    match error {
        DeviceError::Channel { channel, reason } => {
            assert_eq!(*channel, "forwarder");
            reason
        }
        error => panic!("{error}"),
    }
}

async fn flag(adb: &Adb, action: &str) {
    let command = format!(
        "am broadcast -a accessibility_forwarder.intent.action.{action} -n \
         {PACKAGE}/{PACKAGE}.FlagsBroadcastReceiver"
    );
    adb.shell_ok(&command).await.unwrap();
}

/// The words on a list of elements and where they are.
fn words(elements: &[UiElement]) -> Vec<String> {
    let mut words: Vec<String> = elements
        .iter()
        .filter(|element| element.package_name.as_deref() != Some("com.android.systemui"))
        .filter_map(|element| {
            let text = element.text.as_deref().filter(|text| !text.is_empty())?;
            Some(format!("{text} {}", element.bbox_pixels?))
        })
        .collect();
    words.sort();
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn trees_are_of_now_after_every_step() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    let channel = Forwarder::new(adb.clone()).with_patience(PATIENCE);
    let mut screens = std::collections::BTreeSet::new();
    for step in 0..12 {
        let command = match step % 4 {
            0 => SETTINGS,
            1 => "input swipe 270 900 270 400 300",
            2 => "input tap 200 600",
            _ => "input keyevent HOME",
        };
        adb.shell_ok(command).await.unwrap();
        let activity = step % 2 == 0;
        let tree = channel.tree(activity).await.unwrap();
        let seen = words(&tree.elements);
        assert_eq!(
            seen,
            words(&adb.dump_hierarchy().await.unwrap()),
            "step {step}"
        );
        assert_eq!(
            tree.activity,
            if activity {
                adb.top_activity().await.unwrap()
            } else {
                None
            }
        );
        screens.insert(seen);
    }
    assert!(screens.len() > 3, "{screens:?}");
    // The bar is there too, behind the app as the phone lists it, and each element as the benchmark has it.
    let tree = channel.tree(false).await.unwrap();
    let last = tree.elements.last().unwrap();
    assert_eq!(last.package_name.as_deref(), Some("com.android.systemui"));
    assert!(
        tree.elements
            .iter()
            .all(|element| element.is_visible && element.resource_id.is_none())
    );
    channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_has_its_hint() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    let insert = "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";
    adb.shell_ok(insert).await.unwrap();
    let channel = Forwarder::new(adb.clone()).with_patience(PATIENCE);
    let tree = channel.tree(true).await.unwrap();
    let fields: Vec<&UiElement> = tree.elements.iter().filter(|e| e.is_editable).collect();
    assert!(!fields.is_empty());
    assert!(fields.iter().any(|field| field.hint_text.is_some()));
    channel.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_puts_the_phone_back_and_frees_the_port() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    let enabled = "enabled_accessibility_services";
    let channel = Forwarder::new(adb.clone()).with_patience(PATIENCE);
    for before in [None, Some("com.example/.Reader")] {
        if let Some(before) = before {
            adb.set_setting("secure", enabled, before).await.unwrap();
        }
        channel.tree(false).await.unwrap();
        let on = adb.setting("secure", enabled).await.unwrap().unwrap();
        assert!(
            on.ends_with(&format!("{PACKAGE}/{PACKAGE}.AccessibilityForwarder")),
            "{on}"
        );
        assert!(on.starts_with(before.unwrap_or_default()), "{on}");
        let port = port(&adb).await;
        channel.close().await;
        TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        assert_eq!(
            adb.setting("secure", enabled).await.unwrap().as_deref(),
            before
        );
        assert_eq!(adb.setting("global", "no_proxy").await.unwrap(), None);
        channel.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_empty_stale_or_missing_is_an_error_and_others_take_over() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    adb.shell_ok(SETTINGS).await.unwrap();
    let channel = Arc::new(Forwarder::new(adb.clone()).with_patience(SHORT));
    let stock = Arc::new(Uiautomator::new(adb.clone()));
    let channels = Channels::ranked(Vec::new(), vec![channel.clone(), stock], Vec::new());
    let begin = |fault| PlannedFault {
        service: "shell".to_owned(),
        ..PlannedFault::now(fault)
    };
    let hour = Duration::from_secs(3_600);

    channel.tree(true).await.unwrap();
    phone.plan_fault(begin(Fault::EmptyTree(hour)));
    adb.probe().await.unwrap();
    let error = channel.tree(false).await.unwrap_err();
    assert!(
        own(&error).contains("empty") && own(&error).contains(&phone.serial()),
        "{error}"
    );
    phone.clear_faults();

    channel.tree(true).await.unwrap();
    phone.plan_fault(begin(Fault::StaleTree(hour)));
    adb.probe().await.unwrap();
    adb.shell_ok("input keyevent HOME").await.unwrap();
    let error = channel.tree(true).await.unwrap_err();
    assert!(own(&error).contains("stale"), "{error}");
    phone.clear_faults();
    let tree = channel.tree(true).await.unwrap();
    assert_eq!(
        words(&tree.elements),
        words(&adb.dump_hierarchy().await.unwrap())
    );

    // The app is told to be silent; what has come before is not used.
    flag(&adb, "DISABLE_GRPC").await;
    let error = channel.tree(false).await.unwrap_err();
    assert!(own(&error).contains("no new forests"), "{error}");
    let tree = channels.tree(true).await.unwrap();
    assert_eq!(tree.elements, adb.dump_hierarchy().await.unwrap());
    flag(&adb, "ENABLE_GRPC").await;
    channel.tree(false).await.unwrap();
    channels.close().await;
    let port = adb.setting("global", "no_proxy").await.unwrap();
    assert_eq!(port, None, "something is left on the phone");

    // A phone that is gone, or hangs, is lost.
    channel.tree(false).await.unwrap();
    phone.stop().await;
    assert!(channel.tree(false).await.unwrap_err().is_lost());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_the_app_says_so() {
    let phone = phone(None).await;
    let channel = Forwarder::new(adb(&phone));
    let error = channel.tree(false).await.unwrap_err();
    assert!(own(&error).contains("install"), "{error}");
}

fn shown(text: &str) -> Forest {
    let node = Node {
        text: text.to_owned(),
        is_visible_to_user: true,
        ..Node::default()
    };
    let tree = Tree { nodes: vec![node] };
    Forest {
        windows: vec![Window {
            tree: Some(tree),
            ..Window::default()
        }],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_keeps_a_stream_is_asked() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    let channel = Forwarder::new(adb.clone()).with_patience(PATIENCE);
    channel.tree(false).await.unwrap();
    let port = port(&adb).await;
    flag(&adb, "DISABLE_GRPC").await;
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
    let mut grpc = Grpc::new(endpoint.connect().await.unwrap());
    grpc.ready().await.unwrap();
    let (sender, receiver) = tokio::sync::mpsc::channel(4);
    let codec = Protobuf::<ClientToServer, ServerToClient>::default();
    let path = "/android_env.A11yService/Bidi".try_into().unwrap();
    let pushes = ReceiverStream::new(receiver);
    let stream = grpc
        .streaming(Request::new(pushes), path, codec)
        .await
        .unwrap();
    let mut questions = stream.into_inner();
    let hello = questions.message().await.unwrap().unwrap();
    assert_eq!(hello.get_forest, None);
    let push = |payload| ClientToServer {
        payload: Some(payload),
    };
    let answering = tokio::spawn(async move {
        let mut number = 0;
        while let Ok(Some(question)) = questions.message().await {
            if question.get_forest.is_some() {
                number += 1;
                let forest = Pushed::Forest(shown(&format!("answer {number}")));
                if sender.send(push(forest)).await.is_err() {
                    return;
                }
                let event = Pushed::Event(EventRequest::default());
                let _ = sender.send(push(event)).await;
            }
        }
    });
    let mut last = String::new();
    for _ in 0..3 {
        let tree = channel.tree(false).await.unwrap();
        let text = tree.elements[0].text.clone().unwrap();
        assert!(text.starts_with("answer ") && text != last, "{text}");
        last = text;
    }
    channel.close().await;
    tokio::time::timeout(PATIENCE, answering)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_guests_do_no_harm() {
    let phone = phone(Some(0)).await;
    let adb = adb(&phone);
    adb.shell_ok(SETTINGS).await.unwrap();
    let channel = Forwarder::new(adb.clone()).with_patience(PATIENCE);
    channel.tree(true).await.unwrap();
    let port = port(&adb).await;
    // Not HTTP, and a crowd that says nothing: those who are too many are sent away.
    let mut crowd = Vec::new();
    for _ in 0..8 {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let _ = socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
        crowd.push(socket);
    }
    for mut socket in crowd {
        let mut rest = Vec::new();
        let read = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut rest)).await;
        let _ = read.unwrap();
        assert!(rest.len() < 1_024);
    }
    // Forests of 20 MB, of a million nodes in two bytes each, and of other bytes.
    let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
    let mut grpc = Grpc::new(endpoint.connect().await.unwrap());
    let mut send = async |method: &str, forest: Forest| {
        grpc.ready().await.unwrap();
        let codec = Protobuf::<Forest, Answer>::default();
        let path = format!("/android_env.A11yService/{method}")
            .try_into()
            .unwrap();
        grpc.unary(Request::new(forest), path, codec).await
    };
    assert!(
        send("SendForest", shown(&"x".repeat(20_000_000)))
            .await
            .is_err()
    );
    assert!(send("Other", shown("x")).await.is_err());
    let mut many = shown("x");
    many.windows[0].tree = Some(Tree {
        nodes: vec![Node::default(); 1_000_000],
    });
    send("SendForest", many).await.unwrap();
    let tree = channel.tree(true).await.unwrap();
    assert_eq!(
        words(&tree.elements),
        words(&adb.dump_hierarchy().await.unwrap())
    );
    channel.close().await;
}

/// A private adb server, killed at the end.
struct AdbServer {
    port: u16,
    home: tempfile::TempDir,
}

impl AdbServer {
    fn run(&self, arguments: &[&str]) -> String {
        let output = std::process::Command::new("adb")
            .args(["-P", &self.port.to_string()])
            .args(arguments)
            .env("HOME", self.home.path())
            .env("ADB_MDNS_AUTO_CONNECT", "0")
            .output()
            .expect("this test needs Debian's adb on the PATH: apt-get install adb, or make setup");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for AdbServer {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adb_server_brings_the_port_here() {
    let phone = phone(Some(0)).await;
    let server = AdbServer {
        port: {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().port()
        },
        home: tempfile::tempdir().unwrap(),
    };
    let serial = phone.serial();
    let connect = ["connect", &serial];
    let said = tokio::task::block_in_place(|| server.run(&connect));
    assert!(said.contains("connected to"), "{said}");
    let address = ServerAddress {
        host: "127.0.0.1".to_owned(),
        port: server.port,
    };
    let connector = ServerConnector::new(address, &serial);
    let adb = Adb::new(Arc::new(Services::new(connector)));
    adb.shell_ok(SETTINGS).await.unwrap();
    // Without a network on the phone.
    adb.shell_ok("settings put global airplane_mode_on 1")
        .await
        .unwrap();
    let channel = Forwarder::new(adb.clone())
        .with_patience(PATIENCE)
        .brought_by_adb();
    for command in ["input keyevent HOME", SETTINGS] {
        adb.shell_ok(command).await.unwrap();
        let tree = channel.tree(true).await.unwrap();
        assert_eq!(
            words(&tree.elements),
            words(&adb.dump_hierarchy().await.unwrap())
        );
    }
    let list = ["-s", &serial, "reverse", "--list"];
    let reversed = tokio::task::block_in_place(|| server.run(&list));
    assert!(reversed.contains("tcp:"), "{reversed}");
    channel.close().await;
    let reversed = tokio::task::block_in_place(|| server.run(&list));
    assert!(!reversed.contains("tcp:"), "{reversed}");
    let refused = adb.stop_reverse(1).await.unwrap_err();
    assert!(matches!(refused, AdbError::Refused { .. }), "{refused}");
}
