//! Somebody's own phone: its shell is not root, and it holds files, contacts, messages and alarms. The tasks that do
//! without root are judged there as elsewhere, and leave it as it was; all others are refused and delete nothing.

use stepdroid::domain::TaskSpec;
use stepdroid::tasks::{self, Task, TaskError};

use super::examine::TRUE_AT_THE_START;
use super::harness::{Bench, chosen, compat};

/// What somebody has on a phone, among it what tasks would delete, and switches that are not as a new phone has them.
const OWN: &str = "
am start -n com.google.android.deskclock/com.android.deskclock.DeskClock >/dev/null
input keyevent KEYCODE_HOME
mkdir -p /sdcard/Documents/Markor /sdcard/VLCVideos /sdcard/Pictures/trip
for at in Pictures/mine.png Pictures/trip/one.png Movies/film.mp4 DCIM/photo.jpg Download/letter.pdf Documents/Markor/diary.md \
    VLCVideos/child.mp4 Music/song.mp3; do echo mine > /sdcard/$at; done
content insert --uri content://com.android.contacts/raw_contacts --bind display_name:s:Grandmother
content insert --uri content://sms/inbox --bind address:s:555123 --bind body:s:dear
svc wifi enable; svc bluetooth disable; settings put system screen_brightness 77
";
const OWN_INSIDE: &str = "
sqlite3 /data/data/com.google.android.deskclock/databases/alarms.db \"INSERT INTO alarm_templates (hour, minutes, daysofweek,
 enabled, vibrate, label) VALUES (6, 5, 31, 1, 1, 'work')\"
mkdir -p /data/data/net.gsantner.markor/own; echo 1 > /data/data/net.gsantner.markor/own/x
";

/// All of it, and what else a task may change: settings, the day, the private data of apps that no task opens.
const LOOK: &str = "
for n in global system secure; do settings list $n; done
content query --uri content://com.android.contacts/raw_contacts; content query --uri content://sms
find /sdcard/ -type f | sort | xargs md5sum; ls -a /data/local/tmp; date +%Y; getprop persist.sys.timezone
sqlite3 /data/data/com.google.android.deskclock/databases/alarms.db 'SELECT * FROM alarm_templates'
find /data/data -type f | grep -vE '^/data/data/com.(android.(camera2|settings)|google.android.(deskclock|contacts|dialer))/' | sort | xargs md5sum
";

/// What is open, and what the stopwatch counts.
const LEFT: &str = "dumpsys activity recents | grep RecentTaskInfo
grep -r sw_state /data/data/com.google.android.deskclock";

async fn somebodys() -> Bench {
    let bench = Bench::without_root(4).await;
    let told = bench.shell(OWN).await;
    assert_eq!(told + &bench.as_root(OWN_INSIDE), "");
    bench
}

fn is_as_before(bench: &Bench, before: &str, what: &str) {
    let after = bench.as_root(LOOK);
    let lost = before
        .lines()
        .filter(|line| !after.lines().any(|one| one == *line));
    let new = after
        .lines()
        .filter(|line| !before.lines().any(|one| one == *line));
    let lost: Vec<&str> = lost.collect();
    let new: Vec<&str> = new.collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "{what}: lost {lost:?}, new {new:?}"
    );
}

fn needs_root(spec: &TaskSpec) -> bool {
    tasks::requirements(spec).root.is_some()
}

/// One instance from its start to its teardown.
async fn examine(bench: &Bench, task: &dyn Task, seed: u64) {
    let name = task.spec().name;
    let mut instance = tasks::instance(task, seed).unwrap();
    instance.compat = compat();
    task.init(&bench.device, &mut instance).await.unwrap();
    assert_eq!(bench.as_root(LEFT), "", "{name} at the start");
    let start = bench.score(task, &instance, None).await;
    assert!(
        start == 0.0 || TRUE_AT_THE_START.contains(&name),
        "{name}: {start} at the start"
    );
    let run = bench.solve(task, &instance).await;
    let score = bench.score(task, &instance, run.answer.as_deref()).await;
    let trail = run.trail.join("\n  ");
    assert!(
        run.done && score == 1.0,
        "{name} seed {seed}: {score}\n  {trail}"
    );
    task.teardown(&bench.device, &instance).await.unwrap();
    assert_eq!(bench.as_root(LEFT), "", "{name} leaves");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_do_without_root_are_judged_and_leave_somebodys_phone_as_it_was() {
    let bench = somebodys().await;
    let before = bench.as_root(LOOK);
    for words in [
        "Grandmother",
        "dear",
        "work",
        "diary.md",
        "screen_brightness=77",
        "own/x",
    ] {
        assert!(before.contains(words), "{words}: {before}");
    }
    let mut count = 0;
    for task in chosen().filter(|task| !needs_root(task.spec())) {
        // Which app is to be opened is drawn.
        let seeds = match task.spec().name.contains("OpenApp") {
            true => 6,
            false => 2,
        };
        for seed in 0..seeds {
            examine(&bench, task, seed).await;
            is_as_before(&bench, &before, task.spec().name);
        }
        count += 1;
    }
    println!("{count} tasks do without root");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_episode_that_was_cut_off_keeps_nothing_from_being_put_back() {
    let bench = somebodys().await;
    let before = bench.as_root(LOOK);
    for name in ["SystemWifiTurnOn", "SystemBrightnessMax"] {
        let task = tasks::find(name).unwrap();
        let mut instance = tasks::instance(task, 1).unwrap();
        task.init(&bench.device, &mut instance).await.unwrap();
    }
    assert_ne!(bench.as_root(LOOK), before);
    let task = tasks::find("ClockTimerEntry").unwrap();
    let mut instance = tasks::instance(task, 1).unwrap();
    task.init(&bench.device, &mut instance).await.unwrap();
    task.teardown(&bench.device, &instance).await.unwrap();
    is_as_before(&bench, &before, "after a teardown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_that_need_root_are_refused_and_delete_nothing() {
    let bench = somebodys().await;
    let before = bench.as_root(LOOK);
    for task in chosen().filter(|task| needs_root(task.spec())) {
        let name = task.spec().name;
        let mut instance = tasks::instance(task, 1).unwrap();
        let error = task.init(&bench.device, &mut instance).await.unwrap_err();
        assert!(matches!(error, TaskError::NoRoot { .. }), "{name}: {error}");
        let (said, why) = (error.to_string(), tasks::requirements(task.spec()).root);
        // A task of two says what the first of them needs.
        let whole = said.contains(name) && said.contains(why.unwrap());
        let part = name == "MarkorCreateNoteAndSms" && said.contains("MarkorCreateNote needs it");
        assert!(
            (whole || part) && said.contains("adb root"),
            "{name}: {said}"
        );
        assert!(instance.state.is_null(), "{name}");
        let torn = task.teardown(&bench.device, &instance).await;
        assert!(torn.is_err(), "{name}");
    }
    is_as_before(&bench, &before, "all of them");
}
