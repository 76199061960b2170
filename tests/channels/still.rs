//! A channel whose pictures stand still, as the steps of an episode see it: noticed, replaced and given way to; and
//! `screencap` is not asked for anything where all is well.

use std::sync::Arc;
use std::time::Duration;

use stepdroid::adb::Adb;
use stepdroid::device::{Channel, Channels, Device, DeviceOptions, InputTool, Screencap, Settle};
use stepdroid::domain::Frame;
use stepdroid::phone::{Fault, Phone, PlannedFault};

const HOME: &str = "input keyevent KEYCODE_HOME";
const SETTINGS: &str = "am start -W -a android.settings.SETTINGS";
const DIALER: &str = "am start -W -a android.intent.action.DIAL";
const FORM: &str = "am start -W -a android.intent.action.INSERT -t vnd.android.cursor.dir/contact";
const LONG: Duration = Duration::from_secs(3_600);
/// Most levels by which a lossy picture of the screen differs on average.
const EXACT: f64 = 4.0;

fn with(service: &str, fault: Fault) -> PlannedFault {
    PlannedFault {
        service: service.to_owned(),
        ..PlannedFault::now(fault)
    }
}

/// Counts each `screencap` from now on.
fn count(phone: &Phone) {
    phone.clear_faults();
    phone.plan_fault(PlannedFault {
        repeated: true,
        ..with("screencap", Fault::Slow(Duration::ZERO))
    });
}

fn difference(one: &Frame, other: &Frame) -> f64 {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let pairs = one.rgba.iter().zip(&other.rgba);
    let sum: u64 = pairs
        .map(|(one, other)| u64::from(one.abs_diff(*other)))
        .sum();
    sum as f64 / one.rgba.len() as f64
}

/// Goes through screens on a phone that is well, on one whose pictures are the same whatever is asked, and on one where
/// the channel's alone stand still. Trees come through `tree`.
pub async fn is_noticed(
    phone: &Phone,
    adb: &Adb,
    channel: Arc<dyn Channel>,
    tree: Arc<dyn Channel>,
) {
    let name = channel.name();
    let channels = Channels::ranked(
        vec![channel, Arc::new(Screencap::raw(adb.clone()))],
        vec![tree],
        vec![Arc::new(InputTool::new(adb.clone()))],
    );
    let options = DeviceOptions {
        settle: Settle::Idle,
        ..DeviceOptions::default()
    };
    let device = Device::open(adb.clone(), options).await.unwrap();
    let device = device.with_channels(channels);
    let step = async |change: &str| {
        adb.shell_ok(change).await.unwrap();
        let (seen, activity) = device.observe_with_activity(true).await.unwrap();
        assert!(activity.is_some());
        let off = difference(&seen.frame.unwrap(), &phone.frame());
        assert!(off < EXACT, "{name}: {off} after {change}");
    };
    let asked = || phone.machine().faults.happened();

    count(phone);
    for change in [
        HOME,
        SETTINGS,
        "input swipe 270 900 270 300",
        FORM,
        HOME,
        HOME,
        DIALER,
    ] {
        step(change).await;
    }
    assert_eq!(asked(), 0, "{name}");

    // What nobody can see costs one question in each activity.
    phone.plan_fault(with("am start", Fault::FrozenScreen(LONG)));
    for _ in 0..3 {
        for change in [SETTINGS, FORM, "input keyevent 61", HOME] {
            step(change).await;
        }
    }
    assert_eq!(asked() - 1, 3, "{name}");
    assert_eq!(device.channels().names()[0], name);

    count(phone);
    for change in [FORM, HOME, HOME] {
        step(change).await;
    }
    assert_eq!(asked(), 0, "{name}");
    phone.plan_fault(with("am start", Fault::FrozenChannels(LONG)));
    for (number, change) in [(1, SETTINGS), (2, "input keyevent 61"), (3, FORM)] {
        assert_eq!(device.channels().names()[0], name);
        step(change).await;
        assert_eq!(asked() - 1, number, "{name} after {change}");
    }
    assert_eq!(device.channels().names()[0], "screencap");
    step(DIALER).await;
    assert_eq!(asked() - 1, 4, "{name}");
    device.channels().close().await;
    phone.clear_faults();
}
