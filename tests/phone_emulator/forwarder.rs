//! Forests and events that the forwarder sends, and what switches it on and off.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use stepdroid::phone::{Fault, Phone, PlannedFault};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::client::Client;
use crate::server::{A11y, listen};
use crate::wire::{Forest, Node, Nothing, State, Window};
use crate::{PATIENCE, dump, phone, shell};

const APP: &str = "com.google.androidenv.accessibilityforwarder";
const NEW_CONTACT: &str =
    "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";

async fn broadcast(phone: &Phone, action: &str) -> String {
    let receiver = format!("{APP}/{APP}.FlagsBroadcastReceiver");
    let action = format!("accessibility_forwarder.intent.action.{action}");
    shell(phone, &format!("am broadcast -a {action} -n {receiver}")).await
}

/// The settings and broadcasts with which `android-env` begins.
async fn forward(phone: &Phone, port: u16) {
    let service = format!("{APP}/{APP}.AccessibilityForwarder");
    let put = format!("settings put secure enabled_accessibility_services {service}");
    shell(phone, &put).await;
    broadcast(phone, "ENABLE_ACCESSIBILITY_TREE_LOGS").await;
    let set = format!("SET_GRPC --ei \"port\" {port} --es \"host\" 10.0.2.2");
    let said = broadcast(phone, &set).await;
    assert!(said.ends_with("Broadcast completed: result=0\n"), "{said}");
}

fn active(forest: &Forest) -> &Window {
    let mut windows = forest.windows.iter();
    windows.find(|window| window.is_active).unwrap()
}

fn nodes(window: &Window) -> &[Node] {
    &window.tree.as_ref().unwrap().nodes
}

/// How often each visible node is there: class, text, description, resource and box.
fn visible(forest: &Forest) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let all = nodes(active(forest)).iter();
    for node in all.filter(|node| node.is_visible_to_user) {
        let rect = node.bounds.unwrap();
        let line = format!(
            "{} {:?} {:?} {} [{},{}][{},{}]",
            node.class_name,
            node.text,
            node.content_description,
            node.resource,
            rect.left,
            rect.top,
            rect.right,
            rect.bottom
        );
        *found.entry(line).or_default() += 1;
    }
    found
}

/// The same of a dump.
fn dumped(xml: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let document = roxmltree::Document::parse(xml).unwrap();
    let all = document.descendants();
    for node in all.filter(|node| node.has_tag_name("node")) {
        let value = |name| node.attribute(name).unwrap();
        let line = format!(
            "{} {:?} {:?} {} {}",
            value("class"),
            value("text"),
            value("content-desc"),
            value("resource-id"),
            value("bounds")
        );
        *found.entry(line).or_default() += 1;
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn forests_come_at_once_and_are_never_stale() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let server = A11y::slow(Duration::from_millis(60));
    let (port, _task) = listen(server.clone(), 0).await;
    shell(&phone, "am start -W -a android.settings.SETTINGS").await;
    forward(&phone, port).await;
    server
        .until("a first forest", |all| !all.forests.is_empty())
        .await;
    let first = server.latest();
    assert_eq!(visible(&first), dumped(&dump(&phone).await));

    // Each tree is whole: breadth first from its root, every node once.
    for window in &first.windows {
        let nodes = nodes(window);
        let ids: Vec<i32> = nodes.iter().map(|node| node.unique_id).collect();
        assert!(ids.iter().copied().eq(0..nodes.len() as i32));
        let children = nodes.iter().flat_map(|node| node.child_ids.clone());
        assert_eq!(children.collect::<Vec<_>>(), ids[1..]);
        assert!(nodes.is_sorted_by_key(|node| node.depth));
    }
    let bar = first.windows.last().unwrap();
    assert_eq!((bar.window_type, bar.is_active), (3, false));
    let clock = "com.android.systemui:id/clock";
    assert!(nodes(bar).iter().any(|node| node.resource == clock));

    // After each answer the last forest is that of the screen now, however slow the server is.
    for step in 0..12 {
        match step % 3 {
            0 => client.tap(200, 600).await,
            1 => drop(shell(&phone, "input keyevent BACK").await),
            _ => {
                client.touch(270, 900, 1).await;
                client.touch(270, 600, 1).await;
                client.touch(270, 600, 0).await;
            }
        }
        client.picture(1, 54, 0).await.unwrap();
        let latest = server.latest();
        assert_eq!(visible(&latest), dumped(&dump(&phone).await), "step {step}");
    }
    server
        .until("an event", |all| {
            let mut kinds = all.events.iter().map(|event| &*event["event_type"]);
            kinds.any(|kind| kind.starts_with("TYPE_WINDOW_"))
        })
        .await;
    // What does not change is sent again, for whoever did not listen.
    server.another("the same forest again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_can_be_told_to_send_stale_forests() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let server = A11y::default();
    let (port, _task) = listen(server.clone(), 0).await;
    shell(&phone, "am start -W -a android.settings.SETTINGS").await;
    forward(&phone, port).await;
    server.another("a first forest").await;
    phone.plan_fault(PlannedFault {
        service: "grpc:getStatus".into(),
        ..PlannedFault::now(Fault::StaleTree(Duration::from_secs(3_600)))
    });
    client
        .call::<_, State>("getStatus", Nothing {})
        .await
        .unwrap();
    let before = dumped(&dump(&phone).await);
    shell(&phone, "input keyevent HOME").await;
    for _ in 0..3 {
        server.another("a stale forest").await;
        assert_eq!(visible(&server.latest()), before);
    }
    phone.clear_faults();
    let after = dumped(&dump(&phone).await);
    assert_ne!(after, before);
    server
        .until("a fresh forest", |all| {
            all.forests.last().map(visible).as_ref() == Some(&after)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_is_a_window_and_typing_is_told() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let server = A11y::default();
    let (port, _task) = listen(server.clone(), 0).await;
    shell(&phone, NEW_CONTACT).await;
    forward(&phone, port).await;
    server
        .until("a first forest", |all| !all.forests.is_empty())
        .await;
    let form = server.latest();
    let mut all = nodes(active(&form)).iter();
    let field = all.find(|node| node.is_editable).unwrap();
    let rect = field.bounds.unwrap();
    let (x, y) = ((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2);
    client.tap(x, y).await;
    server
        .until("the keyboard's window", |all| {
            all.forests.last().is_some_and(|forest| {
                let types = forest.windows.iter().map(|window| window.window_type);
                types.eq([1, 2, 3])
            })
        })
        .await;
    shell(&phone, "input text Ada").await;
    server
        .until("a forest with what was typed", |all| {
            let last = all.forests.last();
            last.is_some_and(|forest| nodes(active(forest)).iter().any(|node| node.text == "Ada"))
        })
        .await;
    server
        .until("the text that was typed", |all| {
            all.events.iter().any(|event| {
                event["event_type"] == "TYPE_VIEW_TEXT_CHANGED"
                    && event.get("source_text").is_some_and(|text| text == "Ada")
            })
        })
        .await;
}

/// Whether no forest comes for a while.
async fn is_quiet(client: &Client, server: &A11y) -> bool {
    // What was under way arrives before the answer.
    client.picture(1, 54, 0).await.unwrap();
    let before = server.count();
    tokio::time::sleep(Duration::from_millis(350)).await;
    server.count() == before
}

#[tokio::test(flavor = "multi_thread")]
async fn flags_and_the_service_switch_it_off() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let server = A11y::default();
    let (port, _task) = listen(server.clone(), 0).await;
    forward(&phone, port).await;
    server.another("a forest").await;
    for (off, on) in [
        (
            "DISABLE_ACCESSIBILITY_TREE_LOGS",
            "ENABLE_ACCESSIBILITY_TREE_LOGS",
        ),
        ("DISABLE_GRPC", "ENABLE_GRPC"),
    ] {
        broadcast(&phone, off).await;
        assert!(is_quiet(&client, &server).await, "{off}");
        broadcast(&phone, on).await;
        server.another(on).await;
    }
    let none = "settings put secure enabled_accessibility_services none/none";
    shell(&phone, none).await;
    assert!(is_quiet(&client, &server).await, "the service is off");
    forward(&phone, port).await;
    server.another("the service is on").await;
    // A broadcast for another app is none of its business.
    shell(
        &phone,
        "am broadcast -a accessibility_forwarder.intent.action.DISABLE_GRPC -n a.b/.C",
    )
    .await;
    server.another("still sending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_come_and_go() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    // Nobody is there yet: the phone works on, says so in its log, and tries again.
    let port = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    forward(&phone, port).await;
    let begin = Instant::now();
    loop {
        client.picture(1, 54, 0).await.unwrap();
        let log = shell(&phone, "logcat -d -s AccessibilityForwarder").await;
        if log.contains(&format!("10.0.2.2:{port}")) {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "{log}");
    }
    let server = A11y::default();
    let (_, _task) = listen(server.clone(), port).await;
    server.another("a forest for the late server").await;
    // Another server takes its place.
    let other = A11y::default();
    let (port, _task) = listen(other.clone(), 0).await;
    forward(&phone, port).await;
    other.another("a forest at the new place").await;
    assert!(is_quiet(&client, &server).await, "the old server was left");
    // A reboot forgets it.
    shell(&phone, "reboot").await;
    let begin = Instant::now();
    let booted = async || {
        // In this order: the count changes after the phone has gone.
        let boots = shell(&phone, "settings get global boot_count").await;
        let state = client.call::<_, State>("getStatus", Nothing {}).await;
        boots != "1\n" && state.unwrap().booted
    };
    while !booted().await {
        assert!(begin.elapsed() < PATIENCE);
    }
    assert!(is_quiet(&client, &other).await, "the server was forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_dialled_and_strange_servers_do_no_harm() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    broadcast(&phone, "SET_GRPC --ei port 80 --es host 192.0.2.1").await;
    let log = shell(&phone, "logcat -d -s AccessibilityForwarder").await;
    assert!(log.contains("192.0.2.1 is not dialled"), "{log}");
    // A server that says nothing holds nobody up, and one that speaks another language is left.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    forward(&phone, silent.local_addr().unwrap().port()).await;
    let accepted = tokio::time::timeout(PATIENCE, silent.accept()).await;
    let (mut socket, _) = accepted.unwrap().unwrap();
    client.picture(1, 54, 0).await.unwrap();
    socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    drop(socket);
    client.picture(1, 54, 0).await.unwrap();
    // It is tried again.
    let accepted = tokio::time::timeout(PATIENCE, silent.accept()).await;
    accepted.unwrap().unwrap();
}
