//! What the control service does when it is asked well, or badly.

use std::time::{Duration, Instant};

use stepdroid::phone::{Fault, PlannedFault};
use tonic::Code;

use crate::client::Client;
use crate::wire::{
    Clip, Format, Key, Nothing, Number, Picture, Sms, State, Touch, Touches, Transport,
};
use crate::{PATIENCE, dump, phone, shell};

#[tokio::test(flavor = "multi_thread")]
async fn the_state_and_the_screen_are_given() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let state: State = client.call("getStatus", Nothing {}).await.unwrap();
    assert!(
        state.booted && state.version.starts_with("stepdroid"),
        "{state:?}"
    );

    let machine = phone.machine().clone();
    let screencap = move || stepdroid::phone::run_shell(&machine, "screencap", b"").stdout;
    let raw = tokio::task::spawn_blocking(screencap).await.unwrap();
    let whole = client.picture(1, 0, 0).await.unwrap();
    let format = whole.format.clone().unwrap();
    assert_eq!((format.width, format.height, format.format), (540, 1200, 1));
    assert!(whole.image[..] == raw[16..], "the pixels differ");

    let png = client.picture(0, 0, 0).await.unwrap();
    let decoded = stepdroid::pixels::decode_png(&png.image).unwrap();
    assert!(decoded.rgba[..] == raw[16..], "the PNG's pixels differ");
    let small = client.picture(0, 100, 120).await.unwrap();
    let decoded = stepdroid::pixels::decode_png(&small.image).unwrap();
    assert_eq!((decoded.width, decoded.height), (54, 120));
    let opaque = client.picture(2, 270, 0).await.unwrap();
    let format = opaque.format.unwrap();
    assert_eq!((format.width, format.height), (270, 600));
    assert_eq!(opaque.image.len(), 270 * 600 * 3);
    // More than the screen has is not to be had.
    let vast = client
        .picture(1, 1_000_000_000, 1_000_000_000)
        .await
        .unwrap();
    assert_eq!(vast.image.len(), raw.len() - 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_that_cannot_be_met_are_refused() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let refused = client.picture(7, 0, 0).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("format 7"), "{refused}");
    for (display, channel) in [(9, 0), (0, 1), (0, 7)] {
        let wanted = Format {
            display,
            transport: Some(Transport {
                channel,
                ..Transport::default()
            }),
            ..Format::default()
        };
        let refused = client.call::<_, Picture>("getScreenshot", wanted).await;
        assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    }
    let unknown = client.call::<_, Nothing>("streamAudio", Nothing {}).await;
    assert_eq!(unknown.unwrap_err().code(), Code::Unimplemented);
    let many = Touches {
        touches: vec![Touch::default(); 1_000],
    };
    let refused = client.call::<_, Nothing>("sendTouch", many).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    let long = Key {
        text: "x".repeat(10_000_000),
        ..Key::default()
    };
    let refused = client.call::<_, Nothing>("sendKey", long).await;
    assert_eq!(refused.unwrap_err().code(), Code::OutOfRange);
    let mac = Key {
        code_type: 4,
        key_code: 12,
        ..Key::default()
    };
    let refused = client.call::<_, Nothing>("sendKey", mac).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    // A text where fingers should be.
    let text = Clip {
        text: "\u{1}".into(),
    };
    let wrong = client.call::<_, Nothing>("sendTouch", text).await;
    assert_eq!(wrong.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_go_to_a_file_that_the_client_made() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("screen");
    let length = 540 * 1200 * 4;
    let ask = async |handle: String| {
        let wanted = Format {
            format: 1,
            transport: Some(Transport { channel: 1, handle }),
            ..Format::default()
        };
        client.call::<_, Picture>("getScreenshot", wanted).await
    };
    let handle = format!("file://{}", path.display());
    // Nobody makes the file for a client, and a file of other people is none for pictures.
    let missing = ask(handle.clone()).await.unwrap_err();
    assert_eq!(missing.code(), Code::InvalidArgument);
    assert!(!path.exists());
    for other in [
        "file:///etc/hostname",
        "/dev/shm",
        "file:///dev/shm",
        "shm",
        "",
    ] {
        let refused = ask(other.to_owned()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{other}");
    }
    std::fs::write(&path, vec![7; length - 1]).unwrap();
    let small = ask(handle.clone()).await.unwrap_err();
    assert_eq!(small.code(), Code::FailedPrecondition);
    assert!(small.message().contains(&length.to_string()), "{small}");
    std::fs::write(&path, vec![7; length + 3]).unwrap();
    let inside = ask(handle.clone()).await.unwrap();
    let format = inside.format.unwrap();
    let transport = format.transport.unwrap();
    assert_eq!((transport.channel, transport.handle), (1, handle.clone()));
    assert_eq!((format.width, format.height), (540, 1200));
    assert!(inside.image.is_empty());
    let whole = client.picture(1, 0, 0).await.unwrap().image;
    let written = std::fs::read(&path).unwrap();
    assert!(written[..length] == whole[..], "the pixels differ");
    assert_eq!(written[length..], [7; 3]);
    // Half a picture leaves the rest as it was.
    std::fs::write(&path, vec![7; length]).unwrap();
    phone.plan_fault(PlannedFault {
        service: "grpc:getScreenshot".into(),
        ..PlannedFault::now(Fault::HalfScreenshot(Duration::ZERO))
    });
    ask(handle).await.unwrap();
    let written = std::fs::read(&path).unwrap();
    assert!(written[..length / 2] == whole[..length / 2]);
    assert!(written[length / 2..].iter().all(|byte| *byte == 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn touches_do_what_those_of_adb_do() {
    let (by_grpc, by_adb) = (phone().await, phone().await);
    let client = Client::new(&by_grpc).await;
    for phone in [&by_grpc, &by_adb] {
        shell(phone, "am start -W -a android.settings.SETTINGS").await;
    }
    let before = dump(&by_grpc).await;
    // A finger that is moved up scrolls.
    client.touch(270, 900, 1).await;
    client.touch(270, 700, 1).await;
    client.touch(270, 400, 1).await;
    client.touch(270, 400, 0).await;
    shell(&by_adb, "input swipe 270 900 270 400 300").await;
    let scrolled = dump(&by_grpc).await;
    assert_ne!(scrolled, before);
    assert_eq!(scrolled, dump(&by_adb).await);
    // One that stays taps.
    client.tap(200, 600).await;
    shell(&by_adb, "input tap 200 600").await;
    let tapped = dump(&by_grpc).await;
    assert_ne!(tapped, scrolled);
    assert_eq!(tapped, dump(&by_adb).await);
    // One that was never put down does nothing.
    client.touch(200, 600, 0).await;
    assert_eq!(tapped, dump(&by_grpc).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_type_and_navigate() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    shell(
        &phone,
        "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact",
    )
    .await;
    let form = dump(&phone).await;
    let form = roxmltree::Document::parse(&form).unwrap();
    let field = form
        .descendants()
        .find(|node| node.attribute("class") == Some("android.widget.EditText"));
    let (x, y) = centre(field.unwrap().attribute("bounds").unwrap());
    client.tap(x, y).await;
    let press = |code_type, event_type, key_code, key: &str, text: &str| Key {
        code_type,
        event_type,
        key_code,
        key: key.into(),
        text: text.into(),
    };
    for key in [
        press(0, 0, 0, "", "Ann"),
        // Shift with Linux's B, then X11's E, and names.
        press(1, 0, 42, "", ""),
        press(1, 2, 48, "", ""),
        press(1, 1, 42, "", ""),
        press(2, 2, 26, "", ""),
        press(0, 2, 0, "l", ""),
        press(0, 2, 0, "x", ""),
        press(0, 2, 0, "Backspace", ""),
    ] {
        let _: Nothing = client.call("sendKey", key).await.unwrap();
    }
    let typed = dump(&phone).await;
    assert!(typed.contains("text=\"AnnBel\""), "{typed}");
    let home = press(0, 2, 0, "GoHome", "");
    let _: Nothing = client.call("sendKey", home).await.unwrap();
    let window = shell(&phone, "dumpsys window | grep mCurrentFocus").await;
    assert!(window.contains("launcher"), "{window}");
}

/// The middle of `[1,2][3,4]`.
fn centre(bounds: &str) -> (i32, i32) {
    let numbers: Vec<i32> = bounds
        .split(|sign: char| !sign.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    ((numbers[0] + numbers[2]) / 2, (numbers[1] + numbers[3]) / 2)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_in_and_the_clipboard_is_shared() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    for (source, expected) in [("+15550107788", 0), ("nobody", 2)] {
        let sms = Sms {
            source: source.into(),
            text: "Hello\nthere".into(),
        };
        let answer: Number = client.call("sendSms", sms).await.unwrap();
        assert_eq!(answer.response, expected);
    }
    let inbox = "content query --uri content://sms/inbox --projection address:body";
    assert_eq!(
        shell(&phone, inbox).await.trim_end(),
        "Row: 0 address=+15550107788, body=Hello\nthere"
    );
    let words = Clip {
        text: "words".into(),
    };
    let _: Nothing = client.call("setClipboard", words.clone()).await.unwrap();
    let read: Clip = client.call("getClipboard", Nothing {}).await.unwrap();
    assert_eq!(read, words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_can_be_told_to_misbehave_here_too() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    phone.plan_fault(PlannedFault {
        service: "grpc:getScreenshot".into(),
        ..PlannedFault::now(Fault::Drop)
    });
    let dropped = client.picture(1, 0, 0).await.unwrap_err();
    assert_eq!(dropped.code(), Code::Unavailable);
    let whole = client.picture(1, 0, 0).await.unwrap();
    phone.plan_fault(PlannedFault {
        service: "grpc:getScreenshot".into(),
        ..PlannedFault::now(Fault::HalfScreenshot(Duration::ZERO))
    });
    let half = client.picture(1, 0, 0).await.unwrap();
    assert_eq!(half.image, whole.image[..whole.image.len() / 2]);
    assert_eq!(half.format, whole.format);
    phone.go_offline(Duration::from_secs(3_600));
    let begin = Instant::now();
    while client
        .call::<_, State>("getStatus", Nothing {})
        .await
        .unwrap()
        .booted
    {
        assert!(begin.elapsed() < PATIENCE);
    }
    let refused = client.picture(1, 0, 0).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    phone.clear_faults();
    client.picture(1, 0, 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_stays_when_the_screen_is_turned() {
    let phone = phone().await;
    let client = Client::new(&phone).await;
    shell(&phone, "settings put system accelerometer_rotation 0; settings put system user_rotation 1; am start -n com.android.settings/.Settings").await;
    let picture = client.picture(1, 0, 0).await.unwrap();
    let format = picture.format.unwrap();
    assert_eq!((format.width, format.height), (540, 1200));
    assert_eq!(picture.image.len(), 540 * 1200 * 4);
    let xml = dump(&phone).await;
    let document = roxmltree::Document::parse(&xml).unwrap();
    let mut nodes = document.descendants();
    let node = nodes.find(|node| node.attribute("text") == Some("Network & internet"));
    let bounds = node.unwrap().attribute("bounds").unwrap();
    let bounds = stepdroid::domain::BoundingBox::parse_bounds(bounds).unwrap();
    let (x, y) = (bounds.center().x, bounds.center().y);
    // The screen's upper left corner is the panel's upper right one.
    client.tap(539 - y, x).await;
    assert!(dump(&phone).await.contains("text=\"Internet\""));
}
