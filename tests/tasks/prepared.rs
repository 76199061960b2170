//! The set-up of a device for tasks.

use stepdroid::tasks;

use super::harness::Bench;

#[tokio::test(flavor = "multi_thread")]
async fn preparing_twice_is_fast_and_changes_nothing() {
    let bench = Bench::new(7).await;
    let list = "cat /data/data/android_world/stepdroid_ready; find /data/data/android_world/snapshots -type f | sort";
    let before = bench.shell(list).await;
    assert!(before.contains("ready 1 com.arduia.expense"), "{before}");
    assert!(
        before.contains("com.arduia.expense/databases/accounting.db"),
        "{before}"
    );
    let started = bench.device.adb().round_trips();
    tasks::prepare(&bench.device).await.unwrap();
    // A device that is ready is only asked whether it is.
    assert_eq!(bench.device.adb().round_trips() - started, 1);
    assert_eq!(bench.shell(list).await, before);
}
