//! Faults of what is seen: pictures, trees, dialogs, bars.

use std::time::Duration;

use roxmltree::Document;
use stepdroid::domain::BoundingBox;
use stepdroid::phone::{ClockMode, Fault};

use crate::client::{Client, phone, with};

const LONG: Duration = Duration::from_secs(3_600);
const ONCE: Duration = Duration::ZERO;

/// The middle of the node with an id in a dump, as `input tap` takes it.
fn place(tree: &str, id: &str) -> Option<String> {
    let xml = &tree[..tree.rfind('>')? + 1];
    let document = Document::parse(xml).unwrap();
    let node = document
        .descendants()
        .find(|node| node.attribute("resource-id") == Some(id))?;
    let bounds = BoundingBox::parse_bounds(node.attribute("bounds")?)?;
    let center = bounds.center();
    Some(format!("{} {}", center.x, center.y))
}

#[tokio::test]
async fn half_of_a_picture_comes_as_if_all_were_well() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    let whole = client.shell("screencap -p").await.unwrap();
    phone.plan_fault(with("screencap", Fault::HalfScreenshot(ONCE)));
    let half = client.shell("screencap -p").await.unwrap();
    assert_eq!(half.status, Some(0));
    assert_eq!(half.stdout, whole.stdout[..whole.stdout.len() / 2]);
    assert_eq!(client.shell("screencap -p").await.unwrap(), whole);
    phone.plan_fault(with("screencap", Fault::HalfScreenshot(ONCE)));
    let raw = client.ask("exec:screencap").await.unwrap();
    assert_eq!(raw.len(), 16 + 540 * 1200 * 4 / 2);
    phone.plan_fault(with("framebuffer", Fault::HalfScreenshot(ONCE)));
    let raw = client.ask("framebuffer:").await.unwrap();
    assert_eq!(raw.len(), 13 * 4 + 540 * 1200 * 4 / 2);
    phone.stop().await;
}

#[tokio::test]
async fn trees_are_missing_empty_or_old() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    client.run("uiautomator dump").await;
    let before = client.run("cat /sdcard/window_dump.xml").await;
    client.run("am start -a android.settings.SETTINGS").await;
    for (fault, words) in [
        (Fault::NoIdle(ONCE), "ERROR: could not get idle state.\n"),
        (
            Fault::NullRoot(ONCE),
            "ERROR: null root node returned by UiTestAutomationBridge.\n",
        ),
    ] {
        phone.plan_fault(with("uiautomator", fault));
        let answer = client.shell("uiautomator dump").await.unwrap();
        assert_eq!((answer.text().as_str(), answer.status), ("", Some(0)));
        assert_eq!(answer.stderr, words);
        // Whoever reads the file all the same reads the old one.
        assert_eq!(client.run("cat /sdcard/window_dump.xml").await, before);
    }
    phone.plan_fault(with("uiautomator", Fault::EmptyTree(ONCE)));
    let empty = client.tree().await;
    assert!(empty.contains("<hierarchy rotation=\"0\" />"), "{empty}");
    assert!(!empty.contains("<node"));
    phone.plan_fault(with("uiautomator", Fault::StaleTree(LONG)));
    let settings = client.tree().await;
    assert!(settings.contains("com.android.settings"));
    client.run("input keyevent HOME").await;
    assert_eq!(client.tree().await, settings);
    phone.clear_faults();
    assert!(client.tree().await.contains("nexuslauncher"));
    phone.stop().await;
}

#[tokio::test]
async fn a_frozen_screen_shows_what_was_there() {
    let phone = phone(ClockMode::Real, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    phone.plan_fault(with("am start", Fault::FrozenScreen(LONG)));
    let home = client.ask("exec:screencap").await.unwrap();
    client.run("am start -a android.settings.SETTINGS").await;
    assert!(client.tree().await.contains("com.android.settings"));
    let frozen = client.ask("exec:screencap").await.unwrap();
    // The clock in the status bar may have moved on between the two.
    let rest = 16 + 540 * 4 * 100;
    assert!(frozen[rest..] == home[rest..]);
    assert!(client.ask("exec:screencap").await.unwrap() == frozen);
    phone.clear_faults();
    let moved = client.ask("exec:screencap").await.unwrap();
    assert!(moved[rest..] != frozen[rest..]);
    phone.stop().await;
}

#[tokio::test]
async fn an_app_that_does_not_respond_is_asked_about() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    client.run("am start -a android.settings.SETTINGS").await;
    let still = client.tree().await;
    for (button, closed) in [
        ("android:id/aerr_wait", false),
        ("android:id/aerr_close", true),
    ] {
        phone.plan_fault(with("uiautomator", Fault::NotResponding));
        let tree = client.tree().await;
        assert!(
            tree.contains("text=\"Settings isn't responding\""),
            "{tree}"
        );
        assert!(tree.contains("package=\"android\""));
        assert!(tree.contains("text=\"Close app\"") && tree.contains("text=\"Wait\""));
        let window = client.run("dumpsys window").await;
        assert!(window.contains("u0 Application Not Responding: com.android.settings}"));
        // It is the app's, but in front of whatever comes.
        client.run("input keyevent BACK").await;
        client.run("input tap 5 600").await;
        client.run("input keyevent HOME").await;
        assert!(client.tree().await.contains("isn't responding"));
        client.run("am start -a android.settings.SETTINGS").await;
        let place = place(&tree, button).unwrap();
        client.run(&format!("input tap {place}")).await;
        let after = client.tree().await;
        assert!(!after.contains("isn't responding"));
        match closed {
            false => assert_eq!(after, still),
            true => assert!(after.contains("nexuslauncher"), "{after}"),
        }
    }
    phone.plan_fault(with("uiautomator", Fault::SystemUiNotResponding));
    let tree = client.tree().await;
    assert!(
        tree.contains("text=\"System UI isn't responding\""),
        "{tree}"
    );
    phone.stop().await;
}

#[tokio::test]
async fn a_crashed_system_ui_takes_its_bars_along() {
    let phone = phone(ClockMode::Steps, 1, Vec::new()).await;
    let mut client = Client::connect(&phone.serial()).await;
    let whole = client.ask("exec:screencap").await.unwrap();
    let shade = "cmd statusbar expand-notifications; input swipe 270 5 270 900";
    client.run(shade).await;
    assert!(
        client
            .run("dumpsys window")
            .await
            .contains("NotificationShade")
    );
    let crash = Fault::SystemUiCrash(Duration::from_secs(30));
    phone.plan_fault(with("dumpsys", crash));
    let window = client.run("dumpsys window").await;
    assert!(!window.contains("NotificationShade"), "{window}");
    let bare = client.ask("exec:screencap").await.unwrap();
    assert!(bare != whole);
    client.run(shade).await;
    assert!(
        !client
            .run("dumpsys window")
            .await
            .contains("NotificationShade")
    );
    assert!(
        client
            .run("logcat -d")
            .await
            .contains("Process: com.android.systemui")
    );
    client.run("sleep 31").await;
    let back = client.ask("exec:screencap").await.unwrap();
    let handle = back.len() - 540 * 4 * 60;
    assert!(back[handle..] == whole[handle..] && bare[handle..] != whole[handle..]);
    phone.stop().await;
}
