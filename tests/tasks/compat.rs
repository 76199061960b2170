//! Known defects of the benchmark on a phone: kept by default, mended where the instance says so. What
//! needs no phone is tested beside the rules themselves.

use stepdroid::domain::{Action, ActionType, Compat, Direction, Instance, Point};
use stepdroid::tasks;

use super::harness::{Bench, on_phones};

/// An instance of a task, the way it is asked for.
fn instance(name: &str, compat: Compat) -> Instance {
    let mut instance = tasks::instance(tasks::find(name).unwrap(), 3).unwrap();
    instance.compat = compat;
    instance
}

/// The score after a script, kept and mended.
async fn scores_after(bench: &Bench, name: &str, script: &str) -> [f64; 2] {
    let task = tasks::find(name).unwrap();
    let mut scores = Vec::new();
    for compat in [Compat::AndroidWorld, Compat::Fixed] {
        let mut started = instance(name, compat);
        task.init(&bench.device, &mut started).await.unwrap();
        bench.device.adb().shell_ok(script).await.unwrap();
        scores.push(bench.score(task, &started, None).await);
        task.teardown(&bench.device, &started).await.unwrap();
    }
    scores.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn defects_are_kept_or_mended() {
    let bench = Bench::new(11).await;
    let scores = scores_after(&bench, "TurnOffWifiAndTurnOnBluetooth", "svc wifi disable").await;
    assert_eq!(scores, [0.5, 0.0]);
    let off = "settings put global wifi_on 3";
    let scores = scores_after(&bench, "SystemWifiTurnOff", off).await;
    assert_eq!(scores, [0.0, 1.0]);

    // The virtual phone keeps one time of each file: both ways of listing them must agree.
    let newest = "cd /storage/emulated/0/Documents/Markor && rm \"$(ls -t | head -1)\"";
    let scores = scores_after(&bench, "MarkorDeleteNewestNote", newest).await;
    assert_eq!(scores, [1.0, 1.0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_task_left_is_gone_where_the_start_is_mended() {
    let bench = Bench::new(12).await;
    let task = tasks::find("RetroPlaylistDuration").unwrap();
    let left = "/storage/emulated/0/Music/left.mp3";
    for (compat, stays) in [(Compat::AndroidWorld, true), (Compat::Fixed, false)] {
        bench
            .shell(&format!(
                "mkdir -p /storage/emulated/0/Music; echo x > {left}"
            ))
            .await;
        let mut started = instance("RetroPlaylistDuration", compat);
        task.init(&bench.device, &mut started).await.unwrap();
        let there = bench.shell(&format!("ls {left}")).await.trim() == left;
        assert_eq!(there, stays, "{compat:?}");
        task.teardown(&bench.device, &started).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_follow_the_instance() {
    let bench = Bench::new(13).await;
    let note = "/storage/emulated/0/Download/quirk.txt";
    for (compat, typed) in [(Compat::AndroidWorld, "one\n"), (Compat::Fixed, "one")] {
        let device = bench.device.with_compat(compat);
        let view = format!(
            "am force-stop net.gsantner.markor; echo -n > {note}; am start -a android.intent.action.EDIT \
             -t text/plain -d file://{note} -p net.gsantner.markor"
        );
        let said = bench.shell(&view).await;
        let seen = device.observe(false).await.unwrap();
        let mut elements = seen.elements.iter();
        let field = elements.position(|element| element.is_editable);
        let field = field.unwrap_or_else(|| panic!("{said}: {seen:#?}"));
        let mut write = Action::new(ActionType::InputText);
        (write.index, write.text) = (Some(field as i64), Some("one".to_owned()));
        assert!(device.perform(&write, &seen).await.unwrap().executed);
        let after = device.observe(false).await.unwrap();
        let text = after.elements.iter().find(|element| element.is_editable);
        assert_eq!(text.unwrap().text.as_deref(), Some(typed), "{compat:?}");

        // The first element is the whole of a window or a part of it; a lower one makes the difference.
        let mut moved = after.clone();
        moved.elements.rotate_left(field);
        let mut scroll = Action::scroll(Direction::Down);
        scroll.index = Some(0);
        let from = device.perform(&scroll, &moved).await.unwrap().touch;
        let screen = device.screen().bounds().center();
        let element = moved.elements[0].bbox_pixels.unwrap().center();
        assert_ne!(screen, element);
        let wanted: Point = if compat.is_fixed() { element } else { screen };
        assert_eq!(from, Some(wanted), "{compat:?}");
    }
}

#[test]
fn every_task_is_solved_where_the_defects_are_mended() {
    let results = on_phones(async |bench, task| {
        let mut mended = instance(task.spec().name, Compat::Fixed);
        task.init(&bench.device, &mut mended).await.unwrap();
        let run = bench.solve(task, &mended).await;
        let score = bench.score(task, &mended, run.answer.as_deref()).await;
        task.teardown(&bench.device, &mended).await.unwrap();
        let trail = run.trail.join("\n  ");
        (!run.done || score != 1.0).then(|| format!("{score}: {}\n  {trail}", mended.goal))
    });
    let wrong: Vec<String> = results.into_values().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn stored_instances_stay_readable() {
    let old = r#"{"task": "SystemWifiTurnOn", "params": {"on_or_off": "on"}, "seed": 1, "goal": "g", "budget": 10}"#;
    let read: Instance = serde_json::from_str(old).unwrap();
    assert_eq!(read.compat, Compat::AndroidWorld);
    let kept = serde_json::to_string(&read).unwrap();
    assert!(!kept.contains("compat"), "{kept}");
    let mended = serde_json::to_value(instance("SystemWifiTurnOn", Compat::Fixed)).unwrap();
    assert_eq!(mended["compat"], "fixed");
    let again: Instance = serde_json::from_value(mended).unwrap();
    assert_eq!(again.compat, Compat::Fixed);
}
